"""MCP over streamable HTTP: the official client against a real server, with its keys and limits."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asking  # noqa: F401  # imports what a model needs before any time is measured
import httpx
import pytest
from lying_server import LyingServer, says

pytest.importorskip("mcp")
import anyio
from fakes import HashEmbedding
from hosts import TOOLS, over_http
from serving import ENCODER, PLANT, app_over, assistant_over, served

from index.index import Index
from rag import Assistant, Settings

QUESTION = "How many households does the gas plant supply?"
STREETS = "The plant supplies " + ", ".join(f"street {number}" for number in range(2_000))
MODES = ["legacy", "auto"]
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
ACCEPT = {"Accept": "application/json, text/event-stream"}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return assistant_over(tmp_path_factory.mktemp("served"))


@pytest.fixture
def client(assistant: Assistant, tmp_path: Path) -> Iterator[httpx.Client]:
    with served(app_over(assistant, tmp_path, per_minute=0)) as client:
        yield client


@pytest.mark.parametrize("mode", MODES)
def test_the_answer_is_that_of_the_other_doors(client: httpx.Client, mode: str) -> None:
    expected = client.post("/api/v1/ask", json={"question": QUESTION}).json()
    with over_http(client.base_url, mode=mode) as host:
        assert [tool.name for tool in host.do("list_tools").tools] == TOOLS
        told = host.call("ask_documents", question=QUESTION)
        assert told | {"timings_ms": {}} == expected | {"timings_ms": {}}
        assert told["citations"]
        assert f"```text\n{PLANT.partition('. ')[0]}.\n```" in host.text("ask_documents", question=QUESTION)
        listed = client.get("/api/v1/documents").json()
        assert host.call("list_documents") == listed | {"indexing": ""}
        judged = host.call("ask_documents", question="Who keeps the bees?")["id"]
        kept = client.post("/api/v1/feedback", json={"answer": judged, "verdict": "right"})
        assert kept.status_code == 201  # it is remembered as those of other doors are
        uri = host.do("list_resources").resources[0].uri
        assert PLANT in host.do("read_resource", uri).contents[0].text
        assert "no document '../keys.json'" in host.failure("read_passage", source="../keys.json")


@pytest.mark.parametrize("mode", MODES)
def test_it_opens_to_keys_only_where_there_are_keys(assistant: Assistant, tmp_path: Path, mode: str) -> None:
    app = app_over(assistant, tmp_path)
    keys = app.state.service.keys
    reading = keys.add("agent")
    with served(app) as client:
        refused = client.post("/mcp", json=LIST, headers=ACCEPT)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        with over_http(client.base_url, reading, mode) as host:
            assert host.call("ask_documents", question=QUESTION)["status"] == "answered"
            keys.revoke("agent")
            assert "error" in host.error("call_tool", "ask_documents", {"question": QUESTION}).message
        for key in (reading, "cw_wrong"):
            refused = client.post("/mcp", json=LIST, headers=ACCEPT | {"Authorization": f"Bearer {key}"})
            assert refused.status_code == 401


def test_a_server_that_ends_breaks_answers_off(tmp_path: Path) -> None:
    with LyingServer(says(STREETS, chunks=1, delay=0.02)) as model, ThreadPoolExecutor() as pool:
        app = app_over(asked_of(model, tmp_path), tmp_path, per_minute=0)
        with served(app) as client, over_http(client.base_url, mode="legacy") as host:
            told = pool.submit(host.failure, "ask_documents", question=QUESTION)
            until(lambda: bool(model.requests))
            app.state.service.gate.stop()
            assert "broken off" in told.result(10)


def test_a_server_that_ends_closes_streams(assistant: Assistant, tmp_path: Path) -> None:
    hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "hand", "version": "1"}}
    app = app_over(assistant, tmp_path)
    with served(app) as client:
        opened = client.post("/mcp", json=LIST | {"method": "initialize", "params": hello}, headers=ACCEPT)
        session = ACCEPT | {"Mcp-Session-Id": opened.headers["mcp-session-id"]}
        with client.stream("GET", "/mcp", headers=session, timeout=5) as listening:
            assert listening.status_code == 200
            app.state.service.leave()
            listening.read()


def test_the_rules_of_the_server_hold(client: httpx.Client) -> None:
    assert client.put("/mcp", headers=ACCEPT).status_code == 405
    assert client.get("/mcp", headers=ACCEPT).status_code == 400  # a stream without a session
    assert client.post("/mcp", json={}, headers=ACCEPT | {"Origin": "https://evil.example"}).status_code == 403
    assert client.post("/mcp", json={}, headers=ACCEPT | {"Host": "evil.example"}).status_code == 421
    assert client.post("/mcp", content=b" " * 1_100_000, headers=ACCEPT).status_code == 413
    broken = client.post("/mcp", content=b"{", headers=ACCEPT | {"Content-Type": "application/json"})
    assert (broken.status_code, broken.json()["error"]["code"]) == (400, -32700)


def test_an_empty_index_is_no_refusal(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    index = Index(tmp_path / "index", HashEmbedding(), roots=[tmp_path / "empty"])
    list(index.sync())
    assistant = Assistant(index, ENCODER, Settings())
    with served(app_over(assistant, tmp_path)) as client, over_http(client.base_url) as host:
        for tool in ("ask_documents", "search_documents"):
            assert "No file can be searched yet" in host.failure(tool, question=QUESTION)
        assert host.text("list_documents") == "0 files"


def test_too_many_at_once_are_told_so(tmp_path: Path) -> None:
    with LyingServer(says("Still thinking about it. " * 50, delay=0.05)) as model:
        app = app_over(asked_of(model, tmp_path), tmp_path, running=1, waiting=0, per_minute=0)
        with served(app) as client, over_http(client.base_url) as host, ThreadPoolExecutor() as pool:
            first = pool.submit(client.post, "/api/v1/ask", json={"question": QUESTION})
            until(lambda: bool(model.requests))
            assert "Try again in a moment" in host.failure("ask_documents", question=QUESTION)
            app.state.service.gate.stop()
            assert first.result(10).status_code == 200


@pytest.mark.parametrize("mode", MODES)
def test_a_long_answer_tells_its_progress_and_is_cancelled(tmp_path: Path, mode: str) -> None:
    with LyingServer(says(STREETS, chunks=1, delay=0.02)) as model:
        app = app_over(asked_of(model, tmp_path), tmp_path, per_minute=0)
        told: list[str] = []

        async def progress(number: float, total: float | None, message: str | None) -> None:
            told.append(str(message))

        with served(app) as client, over_http(client.base_url, mode=mode) as host:

            async def ask_for_a_while() -> None:
                with anyio.move_on_after(2.0):
                    await host.client.call_tool("ask_documents", {"question": QUESTION}, progress_callback=progress)

            host.wait(ask_for_a_while)
            assert any(message.startswith("Writing: ") for message in told)
            assert model.disconnected.wait(5)
            until(lambda: not app.state.service.gate.inside)
            assert host.call("list_documents")["total"] == 3


def asked_of(model: LyingServer, base: Path) -> Assistant:
    """An assistant that writes with a model."""
    given = {"name": "openai:fake", "api_base": model.url, "api_key": "k"}
    return assistant_over(base, Settings.model_validate({"model": given}))


def until(holds: Any) -> None:
    end = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_no_package_is_told(assistant: Assistant, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "mcp", None)
        with served(app_over(assistant, tmp_path)) as client:
            answer = client.post("/mcp", json={}, headers=ACCEPT)
            assert answer.status_code == 501
            assert "citewise[mcp]" in answer.json()["remedy"]
