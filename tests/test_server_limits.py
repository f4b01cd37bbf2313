"""Bodies that do not end, clients that dawdle or leave, and more questions than there is room for."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import asking  # noqa: F401  # imports what a model needs before any time is measured
import httpx
import pytest
from fake_assistant import FakeAssistant
from lying_server import LyingServer, Script
from serving import app_over, assistant_over, events_of, served

from eval.feedback import load_feedback
from rag import Answer, NotIndexed, Settings, Turn
from ui.server import limits

ASK = "/api/v1/ask"
ANSWER = Answer("a", "?", "?", "Still thinking", "answered", 0.5, "quotes")


class Slow(FakeAssistant):
    """Writes until it is told to stop, or does not know how to begin."""

    def stream(self, question: str, **given: Any) -> Iterator[Any]:
        if question in ("broken", "defect"):
            yield from super().stream(question)
        while question == "slow" and not given["stop"].wait(0.02):
            yield replace(ANSWER, id="")
        yield replace(ANSWER, text="x" * 30_000_000) if question == "long" else ANSWER


@pytest.fixture
def client(tmp_path: Path) -> Iterator[httpx.Client]:
    with served(app_over(Slow(), tmp_path, running=1, waiting=1, per_minute=0)) as client:
        yield client


def wire(client: httpx.Client) -> socket.socket:
    return socket.create_connection((client.base_url.host, client.base_url.port or 0), timeout=5)


def heard(connection: socket.socket) -> bytes:
    """All that comes until the other side closes; where bytes of ours were still under way, that is a reset."""
    found = b""
    with suppress(ConnectionResetError):
        while part := connection.recv(65_536):
            found += part
    return found


def test_a_body_that_says_it_is_too_large_is_not_read(client: httpx.Client) -> None:
    with closing(wire(client)) as connection:
        connection.sendall(b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        connection.sendall(b"Content-Length: 100000000\r\n\r\n{")
        assert b"HTTP/1.1 413 " in heard(connection)


def test_a_body_that_does_not_say_how_long_it_is_is_counted(client: httpx.Client) -> None:
    def endless() -> Iterator[bytes]:
        yield b'{"question": "'
        for _ in range(1600):
            yield b"x" * 65_536

    try:
        response = client.post(ASK, content=endless(), headers={"Content-Type": "application/json"})
        assert response.status_code == 413
        assert response.json()["type"] == "urn:citewise:problem:too-large"
    except httpx.WriteError:  # the server closed while we still wrote: it did not take it either
        pass
    assert client.get("/health").status_code == 200


def test_a_body_that_trickles_is_ended(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "BODY_SECONDS", 0.5)
    with closing(wire(client)) as connection:
        connection.sendall(b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n")
        connection.sendall(b"Content-Length: 1000\r\n\r\n")
        begun = time.monotonic()
        trickle(connection)
        assert b"HTTP/1.1 408 " in heard(connection)
        assert time.monotonic() - begun < 4


def trickle(connection: socket.socket) -> None:
    """A byte now and then, until nobody listens."""

    def run() -> None:
        try:
            while True:
                connection.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass

    threading.Thread(target=run, daemon=True).start()


def test_more_questions_than_there_is_room_for(client: httpx.Client) -> None:
    streams = [client.stream("POST", ASK, json={"question": "slow", "stream": True}) for _ in range(2)]
    statuses = []
    with streams[0] as first:
        statuses.append(first.status_code)
        waiting = threading.Thread(target=lambda: client.post(ASK, json={"question": "and this?"}), daemon=True)
        waiting.start()
        until = time.monotonic() + 5
        while "citewise_questions_inside 2.0" not in client.get("/metrics").text and time.monotonic() < until:
            time.sleep(0.02)
        for refused in (
            client.post(ASK, json={"question": "?"}),
            client.post(ASK, json={"question": "?", "stream": True}),
        ):
            assert refused.status_code == 429
            assert refused.headers["retry-after"] == "2"
        assert client.get("/health").status_code == 200
    waiting.join(10)
    assert not waiting.is_alive()  # it had its turn when the stream was left


def test_an_end_lets_streams_finish(tmp_path: Path) -> None:
    app = app_over(Slow(), tmp_path)
    told: list[tuple[str, Any]] = []

    def ask(address: httpx.URL) -> None:
        told.extend(events_of(httpx.post(f"{address}{ASK}", json={"question": "slow", "stream": True})))

    with served(app) as client:
        asking = threading.Thread(target=ask, args=(client.base_url,))
        asking.start()
        while not app.state.service.gate.inside:
            time.sleep(0.01)
    asking.join(5)
    assert [name for name, _ in told] == ["delta", "final"]


def test_little_is_remembered_of_an_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    service = app_over(assistant_over(tmp_path), tmp_path).state.service
    monkeypatch.setattr("ui.server.service.REMEMBERED", 2)
    answer = service.assistant.ask("Who keeps the bees?")
    history = tuple(Turn(f"{n} " + "q" * 9000, "a" * 9000) for n in range(50))
    for id in "abc":
        service.given(replace(answer, id=id), history)
    with pytest.raises(NotIndexed):
        service.judge("a", "right", "", None)
    service.judge("c", "right", "", None)
    ((kept,), _) = load_feedback(service.assistant.index.folder)
    assert [turn.question.split()[0] for turn in kept.history] == [str(n) for n in range(30, 50)]
    assert {len(text) for turn in kept.history for text in (turn.question, turn.answer)} == {4000}


def test_a_defect_tells_nothing(client: httpx.Client) -> None:
    response = client.post(ASK, json={"question": "defect"})
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "ours" not in response.text
    assert "Zero" not in response.text


def test_an_error_before_the_first_word_is_the_status(client: httpx.Client) -> None:
    response = client.post(ASK, json={"question": "broken", "stream": True})
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["remedy"] == "Start it, or ask without a model."


# -- with a language model ------------------------------------------------------------------------------------------


def endless(connection: Any) -> None:
    connection.head()
    for n in range(2000):
        connection.delta(content=f"Word {n} and ")
        connection.wait(0.02)


def breaks(connection: Any) -> None:
    connection.head()
    connection.delta(content="The bees are kept by Tom Okafor [1]. They give ")
    connection.wait(0.3)
    connection.event({"error": {"message": "out of memory", "code": 500}})


def modelled(base: Path, script: Script) -> Any:
    server = LyingServer(script)
    settings = {"small": False, "name": "openai:fake", "api_base": server.url, "first_token_seconds": 2}
    assistant = assistant_over(base, Settings.model_validate({"model": settings}))
    return server, app_over(assistant, base, per_minute=0)


@pytest.mark.parametrize("stream", [True, False])
def test_leaving_closes_the_connection_to_the_model(tmp_path: Path, stream: bool) -> None:
    server, app = modelled(tmp_path, endless)
    with server, served(app) as client:
        body = {"question": "Who keeps the bees?", "stream": stream}
        if stream:
            with client.stream("POST", ASK, json=body) as response:
                assert next(response.iter_lines()).startswith("event: ")
                assert not server.disconnected.is_set()
        else:
            with closing(wire(client)) as connection:
                said = json.dumps(body).encode()
                head = f"POST {ASK} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                connection.sendall(f"{head}Content-Length: {len(said)}\r\n\r\n".encode() + said)
                while not server.requests:
                    time.sleep(0.02)
        assert server.disconnected.wait(3)
        until = time.monotonic() + 3
        while app.state.service.gate.inside and time.monotonic() < until:
            time.sleep(0.02)
        assert app.state.service.gate.inside == 0


def test_an_error_amid_a_stream_is_its_last_event(tmp_path: Path) -> None:
    server, app = modelled(tmp_path, breaks)
    with server, served(app) as client:
        told = events_of(client.post(ASK, json={"question": "Who keeps the bees?", "stream": True}))
        assert told[0][0] == "delta"
        name, problem = told[-1]
        assert (name, problem["type"], problem["status"]) == ("error", "urn:citewise:problem:model-failed", 502)
        assert json.dumps(problem).count("Traceback") == 0
