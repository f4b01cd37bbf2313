"""What each failure of a language model's server is called, and when: every way to lie that its protocol allows."""

from __future__ import annotations

import json
import socket
import threading
import time
from dataclasses import replace

import pytest
from asking import KEY, QUESTION, QUICK, ask, failure, model
from lying_server import (
    Connection,
    LyingServer,
    Script,
    events,
    forever,
    hangs,
    offers,
    raw,
    resets,
    says,
    status,
    wire,
)

from rag import ModelError
from rag.model.server import Limits

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/event-stream\r\n\r\n40\r\ndata: {"


@pytest.mark.parametrize(
    ("script", "message", "remedy"),
    [
        (status(401, f"Incorrect key {KEY}"), "refused the key", "CITEWISE_MODEL__API_KEY"),
        (status(403), "refused the key", "CITEWISE_MODEL__API_KEY"),
        (status(404, "The model `fake` does not exist"), "does not exist", "model.name"),
        (status(400, "maximum context length is 4096 tokens"), "too long", "model.context_tokens"),
        (status(400, "bad", kind="exceed_context_size_error"), "too long", "model.context_tokens"),
        (status(413), "too long", "model.context_tokens"),
        (status(400, "Unsupported value: 'temperature'"), "refused the request", "model.temperature"),
        (status(400, "'response_format' is not valid in this context"), "refused the request", "model.name"),
        (status(400, "The prompt exceeds the available context"), "too long", "model.context_tokens"),
        (status(402, "No credit."), 'asks for payment (402): "No credit."', "account"),
        (status(408, "Too late."), "gave up waiting", "ask again"),
        (says("", finish="length"), "used up model.max_tokens (20)", "model.max_tokens"),
        (says("", finish="content_filter"), "filter", "model.name"),
        (says("", thinks="Hm.", finish="length"), "reasoned", "model.max_tokens"),
        (says("Hm.</think>", chunks=2), "reasoned", "model.max_tokens"),
        (status(429, "You exceeded your quota."), "quota", "Try again later"),
        (status(500, "out of memory"), "out of memory", "log"),
        (status(503, "Loading model"), "Loading model", "try again"),
        (raw(b"<!DOCTYPE html><b>Bad gateway</b>", "text/html", 502), "failed (502).", "log"),
        (raw(b"[" * 70_000, "application/json", 500), "failed (500)", "log"),
        (status(302, Location="https://elsewhere.example/v1?key=1"), '"elsewhere.example"', "model.api_base"),
        (raw(b"<!DOCTYPE html><h1>Welcome</h1>", "text/html"), "text/html", "model.api_base"),
        (raw(b'{"choices": []}', "application/json"), "application/json", "model.api_base"),
        (raw(b'{"error": {"message": "No.", "code": 401}}', "application/json"), "refused the key", "API_KEY"),
        (raw(b"\x1f\x8b\x08", Content_Encoding="gzip"), "compressed", "model.api_base"),
        (events({"error": {"message": "The provider is down.", "code": 502}}), "provider is down", "try again"),
        (events("{not json"), "no answer", "model.api_base"),
        (events("[" * 60_000), "no answer", "model.api_base"),
        (events([1]), "no answer", "model.api_base"),
        (events({"choices": "many"}), "no answer", "model.api_base"),
        (events({"choices": [{"delta": "bees"}]}), "no answer", "model.api_base"),
        (events({"choices": [{"delta": {"content": ["bees"]}}]}), "no answer", "model.api_base"),
        (raw(b"data: \xff\xfe\n\n"), "no answer", "model.api_base"),
        (raw(b"data: " + b"x" * 2_000_000), "no answer", "model.api_base"),
        (wire(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"), "does not speak HTTP", "model.api_base"),
        (wire(b""), "closed the connection", "model.api_base"),
        (resets(), "closed the connection", "model.api_base"),
        (wire(CHUNKED), "broke off", "ask again"),
        (resets(CHUNKED), "broke off", "ask again"),
        (says("Marta keeps", finish=None), "broke off", "ask again"),
        (says(""), "empty", "model.name"),
        (says("", thinks="Hm."), "reasoned", "model.max_tokens"),
        (says("<think>Hm."), "reasoned", "model.max_tokens"),
        (events({"choices": [{"delta": {"tool_calls": [{"index": 0}]}}]}, "[DONE]"), "empty", "model.name"),
        (hangs(), "did not begin to answer within 1 seconds", "model.first_token_seconds"),
        (hangs(""), "did not begin to answer within 1 seconds", "model.first_token_seconds"),
        (hangs("Marta"), "stopped in the middle", "ask again"),
    ],
)
def test_each_failure_has_its_message_and_its_remedy(script: Script, message: str, remedy: str) -> None:
    told = failure(script)
    assert message in told
    assert remedy.lower() in told.lower()
    assert KEY not in told


def test_what_a_server_says_is_shown_without_the_key_and_without_tricks() -> None:
    told = failure(status(500, "x" * 295 + KEY + "\x1b[2J\nIgnore this." + "y" * 9000))
    assert KEY[:4] not in told
    assert told.isprintable()
    assert len(told) < 500


def test_the_first_words_are_kept_when_the_connection_breaks() -> None:
    with LyingServer(says("Marta keeps", chunks=6, finish=None)) as server:
        words = model(server.url).stream(QUESTION, threading.Event())
        assert [next(words), next(words)] == ["Marta ", "keeps"]
        with pytest.raises(ModelError, match="broke off"):
            next(words)


def test_a_model_that_is_not_there_is_told_with_those_that_are() -> None:
    told = failure(status(404), models=offers("llama-3", "qwen-3"))
    assert "it has llama-3, qwen-3" in told
    many = [f"model-{n}" for n in range(300)]
    assert "model-0, model-1, model-2, model-3, model-4, model-5, model-6, model-7, …." in failure(
        status(404), models=offers(*many)
    )
    assert "No endpoint" in failure(status(404, "No endpoint streams it"), models=offers(*many, "fake"))
    for lie in (raw(b"[1]", "application/json"), raw(b'{"data": [{}]}'), hangs(), status(500), wire(b"")):
        assert "(404)" in failure(status(404), models=lie)


def test_a_refusal_that_is_never_finished_is_read_no_longer_than_a_server_may_take_to_answer() -> None:
    def refuses(to: Connection) -> None:
        to.head(404, "application/json")
        to.send(b'{"error": ')
        to.wait()

    begun = time.monotonic()
    assert "(404)" in failure(refuses, models=hangs(""))
    assert time.monotonic() - begun < 3 * QUICK.alive


def slowly(to: Connection) -> None:
    to.wait(0.8)
    says("Slowly.")(to)


def test_a_dead_server_is_told_from_a_slow_one() -> None:
    assert "does not answer" in failure(hangs(), models=hangs(), seconds=1.0, first_token_seconds=60)
    with LyingServer(slowly, models=status(404)) as server:
        assert ask(model(server.url)) == "Slowly."
        assert server.looks == 1
    with LyingServer(says("Slowly.", wait=0.5), models=hangs()) as server:
        assert ask(model(server.url)) == "Slowly."
        assert not server.looks, "who has sent a head lives"


def test_only_what_may_pass_is_tried_again() -> None:
    patient = replace(QUICK, retry=4)
    with LyingServer(status(503), resets(), says("Third time lucky.")) as server:
        assert ask(model(server.url, patient, first_token_seconds=9)) == "Third time lucky."
        assert len(server.requests) == 3
    with LyingServer(status(429, Retry_After="0.6"), says("Later.")) as server:
        begun = time.monotonic()
        assert ask(model(server.url, patient, first_token_seconds=9)) == "Later."
        assert time.monotonic() - begun > 0.6
    for script in (
        status(400),
        status(401),
        status(404),
        status(429, Retry_After="3600"),
        events("{"),
        resets(CHUNKED),
    ):
        with LyingServer(script) as server, pytest.raises(ModelError):
            ask(model(server.url, patient, first_token_seconds=9))
        assert len(server.requests) == 1


def test_the_limits_as_they_are_keep_the_promise_of_ten_seconds() -> None:
    limits = Limits()
    assert limits.retry + max(limits.connect, limits.alive + 1) < 10
    assert limits.silence + limits.alive < 10
    assert limits.connect <= 5


def test_servers_that_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(url: str) -> str:
        with pytest.raises(ModelError) as caught:
            ask(model(url))
        return str(caught.value)

    with LyingServer(says("No.")) as server:
        assert "TLS" in unreachable(server.url.replace("http:", "https:"))
    assert "refused the connection" in unreachable(server.url)
    monkeypatch.setattr(socket, "getaddrinfo", _no_such_name)
    assert "no server of the name models.invalid:8080" in unreachable("http://models.invalid:8080/v1")


def _no_such_name(*_: object, **__: object) -> None:
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def drips(to: Connection) -> None:
    """Signs of life, and nothing else."""
    to.head()
    while True:
        to.send(b": still there\n\n")
        to.wait(0.02)


def test_what_never_ends_is_cut() -> None:
    chunk = json.dumps({"choices": [{"index": 0, "delta": {"content": "bees "}}]}).encode()
    with LyingServer(forever(b"data: " + chunk + b"\n\n")) as server:
        assert 20 <= len(ask(model(server.url)).split()) <= 40
        assert server.disconnected.wait(1)
    assert "no answer" in failure(forever(b"data: " + b"x" * 10_000))
    assert "no answer" in failure(forever(b": still there\n\n" * 1000))
    assert "begin to answer" in failure(drips)
    thought = json.dumps({"choices": [{"index": 0, "delta": {"reasoning_content": "hm "}}]}).encode()
    assert "model.max_tokens" in failure(forever(b"data: " + thought + b"\n\n"))
