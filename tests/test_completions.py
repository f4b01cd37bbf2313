"""What of a growing answer is sent, and when: never half a marker, never what is taken back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asking  # noqa: F401  # imports what a model needs before any time is measured
import openai
import pytest
from lying_server import Connection, LyingServer, Script, hangs, says, status
from openai import OpenAI
from pydantic import ValidationError
from serving import app_over, assistant_over, served

from rag import Answer, Assistant, Citation, Settings, Statement, encoding
from ui.server.completions import SURE, Text, Writing, markers
from ui.server.openai_schemas import ChatCompletion, Completion
from ui.server.problems import Problem

ASKED = "How many households does the gas plant supply?"
ROW = "Row [1] of the table, e.g. “ünïcode” 漢字 🐝, says 11,000."
LINES = "- The plant has supplied 11,000 households since 2014.\n- It was enlarged."


def cited(number: int) -> Citation:
    return Citation(number, "docs/a b#?.txt", "A", 0, 3, 1, None, None, "abc", "", "", "0" * 64)


def growing() -> list[Answer]:
    """An answer of three sentences as it grows, whose quotes hold what looks like markers."""
    said = [Statement(ROW, (1, 2), "verbatim"), Statement("Unsure.", (), "none"), Statement(LINES, (1,), "verbatim")]
    texts = [f"{ROW} [1][2]", f"{ROW} [1][2] Unsure.", f"{ROW} [1][2] Unsure.\n\n{LINES} [1]"]
    cites = (cited(1), cited(2))
    made = [
        Answer("", "?", "?", text, "answered", 0.5, "quotes", tuple(said[: n + 1]), cites)
        for n, text in enumerate(texts)
    ]
    return [*made, *[Answer("a", "?", "?", texts[-1], "answered", 0.5, "quotes", tuple(said), cites)]]


WHOLE = growing()[-1]
TOKENS = encoding().encode_ordinary(WHOLE.text)


def written(**options: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """An answer in chunks and whole."""
    asked = Completion.model_validate({"model": "citewise", "messages": [{"role": "user", "content": "?"}], **options})
    writing = Writing(asked, "http://here/")
    return list(writing.chunks(growing())), writing.whole(growing())


def test_markers_are_those_of_statements_and_no_others() -> None:
    found, end = markers(WHOLE)
    assert [(WHOLE.text[one.start : one.end], one.number) for one in found] == [("[1]", 1), ("[2]", 2), ("[1]", 1)]
    assert [one.start for one in found] == [len(ROW) + 1, len(ROW) + 4, len(WHOLE.text) - 3]
    assert end == len(WHOLE.text)


@pytest.mark.parametrize(
    "options",
    [{"max_tokens": n} for n in range(1, 60)]
    + [{"stop": stop} for stop in ("]", "[1", "[1]", "][", "] U", "e", "\n", "\n\n", "🐝, s", ".\n-", "never", " ")]
    + [
        {"stop": ["Unsure", "says", "漢"], "max_tokens": 12},
        {"stop": "table", "max_tokens": 12},
        {"stop": ["2014", "enl"], "max_tokens": 1000},
    ],
    ids=str,
)
def test_streams_and_wholes_are_cut_alike(options: dict[str, Any]) -> None:
    chunks, whole = written(**options)
    (choice,) = whole["choices"]
    said, stop = choice["message"]["content"], options.get("stop", [])
    stops = [stop] if isinstance(stop, str) else stop
    places = markers(WHOLE)[0]
    deltas = [chunk["choices"][0]["delta"].get("content", "") for chunk in chunks]
    assert "".join(deltas) == said
    assert WHOLE.text.startswith(said)
    sent = 0
    for delta in deltas:
        sent += len(delta)
        assert not any(one.start < sent < one.end for one in places), delta
    most, cut = (
        options.get("max_tokens", 999),
        min((WHOLE.text.index(one) for one in stops if one in WHOLE.text), default=999),
    )
    counted = len(encoding().encode_ordinary(said))
    reason = choice["finish_reason"]
    assert len(said) <= cut
    assert counted <= most
    if reason == "length":
        assert counted >= most - 3  # a marker that did not fit
    elif said != WHOLE.text:
        assert len(said) >= cut - 2
    else:
        assert cut == 999
    kept = [one for one in places if one.end <= len(said)]
    led = [one["url_citation"] for one in choice["message"]["annotations"]]
    assert [(one["start_index"], one["end_index"]) for one in led] == [(one.start, one.end) for one in kept]
    assert [one["number"] for one in whole["citations"]] == sorted({one.number for one in kept})
    ended = chunks[-1]
    assert ended["choices"][0]["finish_reason"] == reason
    assert ended["choices"][0]["delta"]["annotations"] == choice["message"]["annotations"]
    assert (ended["citations"], ended["citewise"]) == (whole["citations"], whole["citewise"])
    assert whole["citewise"]["text"] == WHOLE.text
    ChatCompletion.model_validate(whole)


def test_choices_are_all_counted() -> None:
    (one, _), (three, told) = (written(n=n, stream_options={"include_usage": True}) for n in (1, 3))
    usage = three[-1]["usage"]
    assert three[-1]["choices"] == []
    assert usage["completion_tokens"] == 3 * one[-1]["usage"]["completion_tokens"] == 3 * len(TOKENS)
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    assert told["usage"] == usage


def test_no_request_takes_its_time() -> None:
    said = [{"role": "system", "content": "a" * 90_000}] * 10
    begun = time.monotonic()
    _, whole = written(messages=[*said, {"role": "user", "content": "?"}])
    assert whole["usage"]["prompt_tokens"] == 10 * 90_001 // 4
    assert time.monotonic() - begun < 1
    assert written(stop=["x" * 500])[1]["choices"][0]["message"]["content"] == WHOLE.text
    for wrong in (
        {"stop": "x" * 501},
        {"stop": ["x" * 501]},
        {"messages": [{"role": "user", "content": "x" * 32_001}]},
    ):
        with pytest.raises(ValidationError):
            written(**wrong)


def test_an_address_of_a_citation_holds_any_name() -> None:
    _, whole = written()
    (first, *_) = whole["choices"][0]["message"]["annotations"]
    assert first["url_citation"]["url"] == "http://here/api/v1/documents/docs/a%20b%23%3F.txt/text?start=0&end=3"


def test_what_was_sent_is_not_taken_back() -> None:
    text = Text([], None)
    assert text.more(growing()[0])
    taken_back = Answer("", "?", "?", "No.", "answered", 0.5, "openai:fake")
    assert text.more(taken_back) == ""
    with pytest.raises(Problem, match="not to be the answer"):
        text.more(Answer("b", "?", "?", "No.", "answered", 0.5, "openai:fake", (Statement("No.", (), "none"),)))


# -- with a language model --------------------------------------------------------------------------------------------

TOLD = (
    "The gas plant beside the river has supplied 11,000 households with heat since the spring of 2014.",
    "Its manager, Ada Nguyễn, retired in 2023 after nineteen years and moved to the coast with her sister.",
    "The plant was enlarged twice, in 2017 and in 2021, by the firm of Okafor and Sons from the county town.",
    "The bees behind the plant give forty kilograms of honey a year, which the town sells at its market.",
)
SAY: Any = [{"role": "user", "content": "Tell me about the gas plant, its manager, and the bees."}]


@contextmanager
def modelled(base: Path, *scripts: Script) -> Iterator[tuple[LyingServer, OpenAI, Assistant]]:
    with LyingServer(*scripts) as server:
        settings = {"small": False, "name": "openai:fake", "api_base": server.url, "first_token_seconds": 2}
        (base / "docs").mkdir()
        (base / "docs" / "plant.txt").write_text("\n\n".join(TOLD), "utf-8")
        assistant = assistant_over(base, Settings.model_validate({"model": settings}))
        with served(app_over(assistant, base, per_minute=0)) as wire:
            yield server, OpenAI(base_url=f"{wire.base_url}/v1", api_key="unused", max_retries=0), assistant


def test_a_model_and_quotes_can_be_chosen(tmp_path: Path) -> None:
    with modelled(tmp_path, says(TOLD[0])) as (server, client, _):
        assert [one.id for one in client.models.list()] == ["citewise", "citewise-quotes", "citewise-model"]
        writers = {}
        for name in ("citewise-quotes", "citewise", "citewise-model"):
            told: Any = client.chat.completions.create(model=name, messages=SAY)
            writers[name] = told.citewise["writer"], len(server.requests)
        assert writers == {
            "citewise-quotes": ("quotes", 0), "citewise": ("openai:fake", 1), "citewise-model": ("openai:fake", 2)
        }  # fmt: skip


def test_a_models_sentences_come_when_they_are_sure(tmp_path: Path) -> None:
    def script(to: Connection) -> None:
        to.head()
        for sentence in TOLD:
            to.delta(content=f"{sentence} ")
        to.delta(content="The")
        assert more.wait(5)
        to.delta(content=" end.")
        to.delta("stop")
        to.event("[DONE]")

    more = threading.Event()
    with modelled(tmp_path, says(TOLD[0]), script) as (_, client, _):
        client.chat.completions.create(model="citewise", messages=SAY)
        pieces: list[str] = []
        stream = client.chat.completions.create(model="citewise", messages=SAY, stream=True)
        for chunk in stream:
            pieces.append(chunk.choices[0].delta.content or "")
            if TOLD[2][:-1] in "".join(pieces):
                more.set()  # which is before the model's last word
        assert more.is_set()
        first = next(piece for piece in pieces if piece)
        assert len(first.split()) >= SURE
        told: Any = chunk
        assert "".join(pieces) == told.citewise["text"]


@pytest.mark.parametrize(
    "said",
    [
        "The documents do not say.",
        "The documents do not mention the plant. I could not find anything about it.",
        f"{TOLD[0]} However, the documents do not say who founded it, nor do they mention who owned it before the town "
        "bought it, what it cost, how it is heated, or who may visit it on holidays, and they are silent on much else.",
        f"Let me think. {TOLD[0]}</think>{TOLD[1]}",
    ],
)
def test_what_a_model_takes_back_was_not_sent(tmp_path: Path, said: str) -> None:
    with modelled(tmp_path, says(said)) as (_, client, _):
        pieces: list[str] = []
        for chunk in client.chat.completions.create(model="citewise", messages=SAY, stream=True):
            pieces.append(chunk.choices[0].delta.content or "")
        told: Any = chunk
        assert "".join(pieces) == told.citewise["text"]


def test_reasoning_that_no_tag_opens_was_not_sent(tmp_path: Path) -> None:
    thought = f"{' '.join(TOLD[:3])} So that is it.</think>{TOLD[3]}"
    with modelled(tmp_path, says(thought)) as (_, client, _):
        for _ in range(2):
            chunks: list[Any] = list(client.chat.completions.create(model="citewise", messages=SAY, stream=True))
            text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
            assert text == chunks[-1].citewise["text"]
            assert text.startswith(TOLD[3])


def test_a_refusal_tells_nothing_of_how_a_model_reasons(tmp_path: Path) -> None:
    thought = f"{' '.join(TOLD[:3])} So that is it.</think>{TOLD[3]}"
    with modelled(tmp_path, says(thought, chunks=8)) as (server, client, _):
        off_topic: Any = [{"role": "user", "content": "Who won the chess tournament in Reykjavik?"}]
        refused: Any = client.chat.completions.create(model="citewise", messages=off_topic)
        assert (refused.citewise["status"], server.requests) == ("not_in_documents", [])
        chunks: list[Any] = list(client.chat.completions.create(model="citewise", messages=SAY, stream=True))
        assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == chunks[-1].citewise["text"]


def broken(to: Connection) -> None:
    to.head()
    for sentence in TOLD:
        to.delta(content=f"{sentence} ")
    to.delta(content="And then ")
    to.wait(0.3)
    to.event({"error": {"message": "out of memory", "code": 500}})


def test_a_model_that_fails(tmp_path: Path) -> None:
    def ask(client: OpenAI, **options: Any) -> list[Any]:
        told: Any = client.chat.completions.create(model="citewise", messages=SAY, **options)
        return list(told)

    with modelled(tmp_path, status(401), status(401), says(TOLD[0]), broken) as (_, client, _):
        for stream in (True, False):
            with pytest.raises(openai.InternalServerError) as caught:
                ask(client, stream=stream)
            assert (caught.value.status_code, caught.value.code) == (502, "model_failed")
        ask(client)
        with pytest.raises(openai.APIError) as amid:
            ask(client, stream=True)
        assert not isinstance(amid.value, openai.APIStatusError)
        assert amid.value.code == "model_failed"


@pytest.mark.parametrize("stream", [True, False])
def test_leaving_ends_the_writing(tmp_path: Path, stream: bool) -> None:
    with modelled(tmp_path, says(TOLD[0]), endless if stream else hangs("Well")) as (server, client, _):
        client.chat.completions.create(model="citewise", messages=SAY)
        if stream:
            told = client.chat.completions.create(model="citewise", messages=SAY, stream=True)
            assert next(iter(told)).choices[0].delta.role == "assistant"
            assert not server.disconnected.is_set()
            told.close()
        else:
            with pytest.raises(openai.APITimeoutError):
                client.with_options(timeout=1).chat.completions.create(model="citewise", messages=SAY)
        assert server.disconnected.wait(3)


def endless(to: Connection) -> None:
    to.head()
    for sentence in TOLD:
        to.delta(content=f"{sentence} ")
    for n in range(2000):
        to.delta(content=f"Word {n} and ")
        to.wait(0.02)
