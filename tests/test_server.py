"""The server's questions and documents, over a real socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from serving import PLANT, app_over, assistant_over, events_of, served

from rag import Answer, Assistant, Statement
from ui.server.events import Event, events, streamed

ASKED = "How many households does the gas plant supply?"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return assistant_over(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def client(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served(app_over(assistant, tmp_path_factory.mktemp("keys"), per_minute=0)) as client:
        yield client


def test_an_answer_is_the_one_that_the_assistant_gives(client: httpx.Client, assistant: Assistant) -> None:
    response = client.post("/api/v1/ask", json={"question": ASKED})
    assert response.status_code == 200
    answer, expected = response.json(), assistant.ask(ASKED).to_dict()
    assert answer["statements"]
    timings = answer.pop("timings_ms"), expected.pop("timings_ms")
    assert timings[0].keys() == timings[1].keys()
    del expected["trace"]
    assert answer == httpx.Response(200, json=expected).json()


def test_events_make_up_the_answer(client: httpx.Client) -> None:
    response = client.post("/api/v1/ask", json={"question": ASKED}, headers={"Accept": "text/event-stream"})
    assert response.headers["content-type"].startswith("text/event-stream")
    told = events_of(response)
    assert told[-1][0] == "final"
    final = told[-1][1]
    assert "".join(data["text"] for name, data in told if name == "delta") == final["text"]
    statements = [data for name, data in told if name == "statement"]
    assert [citation for one in statements for citation in one.pop("new_citations")] == final["citations"]
    assert statements == final["statements"]


def growing(*texts: str) -> list[Event]:
    """The events of answers with these texts, each with as many statements as it has markers; the last one is final."""
    answers = []
    for n, text in enumerate(texts, 1):
        told = tuple(Statement("S.", (), "none") for _ in range(text.count("[")))
        number = "a" if n == len(texts) else ""
        answers.append(Answer(number, "?", "?", text, "answered", 1, "model", told))
    return list(events(answers))


def test_what_is_sent_stays_said_though_a_marker_comes_between() -> None:
    told = growing(
        "Tom keeps",
        "Tom keeps bees.",
        "Tom keeps bees. They give",
        "Tom keeps bees. [1] They give",
        "Tom keeps bees. [1] They give honey",
    )
    deltas = [data["text"] for name, data in told if name == "delta"]
    assert deltas == ["Tom keeps", " bees", ". [1] They give", " honey"]
    assert [name for name, _ in told] == ["delta", "delta", "delta", "statement", "delta", "final"]


def test_what_is_taken_back_is_said_to_be() -> None:
    told = growing("I cannot say. [1]", "", "The bees [1]")
    assert [name for name, _ in told] == ["delta", "statement", "restart", "delta", "statement", "final"]


def test_a_defect_amid_a_stream_is_its_last_event_and_tells_nothing() -> None:
    async def broken() -> AsyncIterator[Event | None]:
        yield Event("delta", {"text": "a"})
        yield Event("delta", {"text": "\ud800"})

    async def read() -> list[bytes]:
        response = streamed(broken(), lambda error: pytest.fail(str(error)), "7")
        return [part async for part in response.body_iterator]

    first, last = asyncio.run(read())
    assert first.startswith(b"event: delta")
    assert last.startswith(b"event: error")
    assert b"surrogates" not in last
    assert json.loads(last.partition(b"data: ")[2])["request_id"] == "7"


def test_passages(client: httpx.Client) -> None:
    found = client.post("/api/v1/search", json={"question": ASKED, "k": 1}).json()
    assert [passage["source"] for passage in found["passages"]] == ["docs/gas.txt"]


def test_documents_their_text_and_their_file(client: httpx.Client) -> None:
    listed = client.get("/api/v1/documents").json()
    assert [(one["source"], one["state"]) for one in listed["documents"]] == [
        ("docs/gas.txt", "ready"), ("docs/mail/bees.md", "ready"), ("docs/scan.pdf", "failed"),
    ]  # fmt: skip
    citation = client.post("/api/v1/ask", json={"question": ASKED}).json()["citations"][0]
    span = client.get(
        f"/api/v1/documents/{citation['source']}/text", params={"start": citation["start"], "end": citation["end"]}
    )
    assert span.json()["text"] == citation["quote"]
    assert citation["quote"] in PLANT
    original = client.get("/api/v1/documents/docs%2Fgas.txt/original")
    assert original.content.startswith(b"The gas plant\n\n")
    assert original.headers["content-disposition"] == "attachment; filename*=UTF-8''gas.txt"


def test_health_and_readiness(client: httpx.Client) -> None:
    assert client.get("/health").json()["status"] == "ok"
    assert client.get("/ready").json()["status"] == "ready"


def test_a_head_is_that_of_what_would_be_got(client: httpx.Client) -> None:
    paths = ("/health", "/api/v1/documents", "/api/v1/documents/docs/gas.txt/original", "/api/v1/index/events", "/widget/widget.js")  # fmt: skip
    for path in (*paths, "/api/v1/documents/nothing", "/metrics"):
        got, head = client.get(path), client.head(path)
        assert (head.status_code, head.content) == (got.status_code, b"")
        assert head.headers["content-type"] == got.headers["content-type"]
        assert path == "/metrics" or head.headers.get("content-length") == got.headers.get("content-length")
    wrong = client.head("/api/v1/ask")
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "POST")
    assert client.post("/health").headers["allow"] == "GET, HEAD"
    assert 'method="HEAD",route="/health"' in client.get("/metrics").text
