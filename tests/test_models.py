"""Language models over a real server that lies: what is sent, what is shown, and what each failure is called."""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from asking import KEY, QUESTION, QUICK, ask, model
from lying_server import (
    Connection,
    LyingServer,
    Script,
    events,
    hangs,
    says,
    status,
)

from rag import MissingExtra, ModelError, Settings, SettingsError
from rag.model.connection import REASONED, Message, connect, probe
from rag.settings import ModelSettings

# -- what is sent and shown ------------------------------------------------------------------------------------------


def test_an_answer_arrives_in_pieces_and_only_what_was_configured_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "OPENAI_API_KEY": "sk-other", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1", "OPENAI_API_BASE": "http://127.0.0.1:9",
        "OPENAI_ORG_ID": "org", "OPENAI_CUSTOM_HEADERS": "X-Told: tale", "HTTP_PROXY": "http://127.0.0.1:9",
        "ALL_PROXY": "http://127.0.0.1:9",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    with LyingServer(says("Marta keeps the bees. [1]")) as server:
        pieces = list(model(server.url + "/").stream(QUESTION, threading.Event()))
        assert "".join(pieces) == "Marta keeps the bees. [1]"
        assert len(pieces) > 3
        [request] = server.requests
    assert request.path == "/v1/chat/completions"
    assert request.body == {
        "model": "fake", "stream": True, "temperature": 0.0, "max_tokens": 20,
        "messages": [{"role": role, "content": content} for role, content in QUESTION],
    }  # fmt: skip
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert {name.lower() for name in request.headers} == {
        "accept", "accept-encoding", "authorization", "content-length", "content-type", "host", "user-agent",
    }  # fmt: skip


def test_a_local_server_needs_no_key_and_gets_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-other")
    with LyingServer(says("Yes.")) as server:
        assert ask(model(server.url, api_key="")) == "Yes."
        assert "Authorization" not in server.requests[0].headers


@pytest.mark.parametrize(
    ("script", "shown"),
    [
        (says("<think>The bees? [3]</think>\n\nMarta. [1]", chunks=3), "Marta. [1]"),
        (says("<think>Is it Marta?</think>The tag </think> ends it.", chunks=1), "The tag </think> ends it."),
        (says("One. <think>or two", chunks=1), "One. <think>or two"),
        (says("<thi", chunks=1), "<thi"),
        (says("<think", chunks=9), "<think"),
        (says("The bees? [3]</think>\n\nMarta. [1]", chunks=99), "Marta. [1]"),
        (says("Marta. [1]", thinks="I look at the passages."), "Marta. [1]"),
        (says("a <thinker> < b <", chunks=1), "a <thinker> < b <"),
        (events('{"choices": [{"delta": {"content": "a\\ud83d\\u001b[2J\\u0000b\\n"}}]}', "[DONE]"), "a[2Jb\n"),
        (says("word", finish="length"), "word"),
    ],
)
def test_only_the_answer_is_shown(script: Script, shown: str) -> None:
    with LyingServer(script) as server:
        assert ask(model(server.url)) == shown


@pytest.mark.parametrize("chunks", [1, 5])
def test_reasoning_that_nothing_opens_is_taken_back(chunks: int) -> None:
    with LyingServer(says("Who? I think</think>Marta. [1]", chunks=chunks)) as server:
        pieces = list(model(server.url).stream(QUESTION, threading.Event()))
    taken = pieces.index(REASONED)
    assert "".join(pieces[:taken]) == "Who? I think"
    assert "".join(pieces[taken + 1 :]) == "Marta. [1]"


def test_reasoning_that_nothing_opens_is_taken_back_once() -> None:
    said = "Who? I think</think>Marta. [1]"
    with LyingServer(
        says(said, chunks=1), says(said, chunks=1), says("Marta. [1]"), says("<think>a</think>b")
    ) as server:
        asked = model(server.url)
        answers = ["".join(asked.stream(QUESTION, threading.Event())) for _ in range(4)]
    assert answers == [f"Who? I think{REASONED}Marta. [1]", "Marta. [1]", "Marta. [1]", "b"]


def test_a_tag_that_was_only_a_word_holds_back_one_answer() -> None:
    said = "Who? I think</think>Marta. [1]"
    plain, cut = says("Marta. [1]", chunks=3), says("Who? I", chunks=2, finish="length")
    with LyingServer(says(said), cut, plain, plain, says(said, chunks=3)) as server:
        asked = model(server.url)
        pieces = [list(asked.stream(QUESTION, threading.Event())) for _ in range(5)]
    assert [len(said) > 1 for said in pieces[1:4]] == [False, False, True]  # a cut one may be reasoning
    assert REASONED in pieces[4]


@pytest.mark.parametrize(
    ("script", "cut"),
    [
        (says("word", finish="length"), "length"),
        (says("word", finish="content_filter"), "filter"),
        (says('"finish_reason": "length"', chunks=99), ""),
        (says("word " * 60, chunks=10), "length"),
    ],
)
def test_what_cuts_an_answer_off_is_known(script: Script, cut: str) -> None:
    def listen() -> Generator[str]:
        assert cut == (yield from model(server.url).stream(QUESTION, threading.Event()))

    with LyingServer(script) as server:
        assert list(listen())


def test_many_threads_ask_at_once() -> None:
    heard: list[str] = []
    with LyingServer(says(lambda body: body["messages"][0]["content"] * 3, delay=0.002)) as server:
        asked = model(server.url)

        def one(text: str) -> None:
            heard.append("".join(asked.stream([Message("user", text)], threading.Event())))

        threads = [threading.Thread(target=one, args=(f"question {n} ",)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(5)
    assert sorted(heard) == [f"question {n} " * 3 for n in range(8)]


# -- stopping ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("script", [hangs(), hangs(""), hangs("Marta"), says("bees " * 99, delay=0.02)])
def test_stop_ends_the_answer_and_the_connection(script: Script) -> None:
    with LyingServer(script) as server:
        stop = threading.Event()
        threading.Timer(0.2, stop.set).start()
        begun = time.monotonic()
        list(model(server.url, replace(QUICK, silence=5, retry=5)).stream(QUESTION, stop))
        assert time.monotonic() - begun < 0.45
        assert server.disconnected.wait(0.3)


def test_stop_ends_a_pause_between_attempts() -> None:
    with LyingServer(status(503)) as server:
        stop = threading.Event()
        threading.Timer(0.2, stop.set).start()
        begun = time.monotonic()
        assert list(model(server.url, replace(QUICK, retry=5)).stream(QUESTION, stop)) == []
        assert time.monotonic() - begun < 0.45


def test_closing_the_generator_closes_the_connection() -> None:
    with LyingServer(says("bees " * 99, delay=0.02)) as server:
        words = model(server.url).stream(QUESTION, threading.Event())
        assert next(words) == "bees"
        words.close()
        assert server.disconnected.wait(0.3)


def test_who_stopped_before_asks_nothing_more() -> None:
    stop = threading.Event()
    stop.set()
    with LyingServer(says("No.")) as server:
        assert list(model(server.url).stream(QUESTION, stop)) == []
        assert not server.requests


# -- settings ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"name": ""}, "no language model"),
        ({"name": "gpt-4o"}, "openai:MODEL"),
        ({"name": "openai: "}, "no language model"),
        ({"name": "mistral:large"}, "no language model 'mistral:large'"),
        ({"name": "openai:gpt-4o"}, "CITEWISE_MODEL__API_KEY"),
        ({"name": "openai:x", "api_base": "localhost:8080/v1"}, "no address"),
        ({"name": "openai:x", "api_base": f"http://me:{KEY}@127.0.0.1/v1"}, "no address"),
        ({"name": "openai:x", "api_base": f"http://127.0.0.1/v1?key={KEY}"}, "no address"),
        ({"name": "openai:x", "api_base": "http://[::1/v1"}, "no address"),
        ({"name": "openai:x", "api_base": "http://my host/v1"}, "no address"),
        ({"name": "openai:x", "api_key": f"{KEY}\nX: y"}, "no key"),
        ({"name": "gguf:no-such.gguf"}, "no-such.gguf"),
    ],
)
def test_settings_that_cannot_be_used(settings: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError, match=message) as caught:
        connect(ModelSettings(**settings))  # type: ignore[arg-type]
    assert KEY not in str(caught.value)


def test_a_package_that_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setitem(sys.modules, "llama_index.llms.anthropic", None)
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(MissingExtra, match=r"citewise\[anthropic\]"):
        model("http://127.0.0.1:9", name="anthropic:claude")
    (tmp_path / "small.gguf").touch()
    with pytest.raises(MissingExtra, match=r"citewise\[gguf\]"):
        model("", name=f"gguf:{tmp_path}/small.gguf")


def test_the_key_comes_from_the_environment_and_is_shown_to_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWISE_MODEL__API_KEY", KEY)
    settings = Settings.load(model={"name": "openai:fake"}).model
    asked = connect(settings)
    assert asked.locate().key == KEY
    assert KEY not in repr(asked) + repr(asked.locate()) + repr(settings)
    assert asked.locate().base == "https://api.openai.com/v1"
    with pytest.raises(SettingsError, match="CITEWISE_MODEL__API_KEY"):
        Settings.load(model={"api_key": KEY})


def test_tokens_are_counted_without_a_download(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TIKTOKEN_CACHE_DIR", str(tmp_path))
    counting = model("http://127.0.0.1:9")
    assert counting.count("Marta keeps the bees.") == 6
    assert counting.count("<|endoftext|>") > 1
    assert counting.count("") == 0
    assert counting.context_tokens == 8192
    assert os.environ["TIKTOKEN_CACHE_DIR"] == str(tmp_path)


def test_a_probe_says_how_long_the_first_word_took() -> None:
    with LyingServer(says("ready", wait=0.2)) as server:
        assert 0.2 < probe(model(server.url)) < 1
    with LyingServer(status(401)) as server, pytest.raises(ModelError):
        probe(model(server.url))


# -- other providers --------------------------------------------------------------------------------------------------


def claude(to: Connection) -> None:
    """A short answer in Anthropic's protocol."""
    to.head()
    usage = {"input_tokens": 1, "output_tokens": 1}
    message = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "claude", "usage": usage}
    delta = {"index": 0, "delta": {"type": "text_delta", "text": "Marta. "}}
    sent: list[tuple[str, dict[str, Any]]] = [
        ("message_start", {"message": message}),
        ("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}}),
        ("content_block_delta", delta),
        ("content_block_delta", delta),
        ("content_block_stop", {"index": 0}),
        ("message_delta", {"delta": {"stop_reason": "end_turn"}, "usage": usage}),
        ("message_stop", {}),
    ]
    for kind, fields in sent:
        to.send(f"event: {kind}\ndata: {json.dumps({'type': kind} | fields)}\n\n".encode())


def test_anthropic(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("llama_index.llms.anthropic")
    monkeypatch.setenv("ANTHROPIC_BASE_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ANTHROPIC_AUTH_TOKEN", "token")
    with LyingServer(claude, status(401), hangs(""), status(529)) as server:
        asked = model(server.url.removesuffix("/v1"), name="anthropic:claude-of-tomorrow", first_token_seconds=3)
        assert ask(asked) == "Marta. Marta. "
        for message in ("refused the key", "did not begin", "failed \\(529\\)"):
            with pytest.raises(ModelError, match=message):
                ask(asked)
    request = server.requests[0]
    assert request.path == "/v1/messages"
    assert request.headers["x-api-key"] == KEY
    assert "Authorization" not in request.headers
    assert request.body["system"] == QUESTION[0].content


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    pytest.importorskip("xllamacpp")
    (tmp_path / "small.gguf").write_bytes(b"no model")
    with pytest.raises(ModelError, match=r"small.gguf cannot be run"):
        ask(model("", name=f"gguf:{tmp_path}/small.gguf"))
