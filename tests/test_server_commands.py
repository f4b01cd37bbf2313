"""`citewise serve` and `citewise keys`, in processes of their own."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from terminals import FAILED, OK, Run, process

ASKED = {"question": "Who dredged the harbour of Veldt?", "stream": True}


@contextmanager
def serving(user: dict[str, str], *arguments: str) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    """A running `serve` and its address."""
    command = [sys.executable, "-m", "ui.cli", "serve", *arguments, "--port", "0", "--json"]
    pipes: Any = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    running = subprocess.Popen(command, env=user, cwd=f"{user['HOME']}/work", **pipes)
    try:
        assert running.stdout is not None
        said = running.stdout.readline()
        assert said, running.communicate(timeout=10)
        yield running, json.loads(said)["address"]
    finally:
        running.kill()
        running.communicate(timeout=10)


def ready(address: str, path: str = "/ready") -> httpx.Response:
    """The first response that is no 503."""
    until = time.monotonic() + 60
    while (response := httpx.get(f"{address}{path}")).status_code == 503 and time.monotonic() < until:
        time.sleep(0.1)
    return response


def test_keys_are_added_listed_and_revoked(cli: Run) -> None:
    added = cli("keys", "add", "reports")
    assert added.code == OK
    assert added.out.startswith("cw_")
    assert "only time" in added.err
    writing = json.loads(cli("--json", "keys", "add", "sync", "--write").out)
    assert writing["role"] == "write"
    listed = cli("keys", "list")
    assert [line.split()[:2] for line in listed.out.splitlines()] == [["reports", "read"], ["sync", "write"]]
    assert added.out.strip() not in listed.out
    assert cli("keys", "add", "sync").code == FAILED
    assert cli("keys", "revoke", "sync").code == cli("keys", "revoke", "reports").code == OK
    assert cli("keys", "revoke", "sync").code == FAILED
    assert "no keys" in cli("keys", "list").out


def test_it_serves_and_ends_as_asked_also_amid_streams(user: dict[str, str]) -> None:
    with serving(user, f"{user['HOME']}/port", "--no-chat") as (running, address):
        assert ready(address).json()["status"] == "ready"
        assert httpx.get(f"{address}/").status_code == 404
        assert httpx.get(f"{address}/openapi.json").json()["info"]["title"] == "Citewise"
        told = httpx.post(f"{address}/api/v1/ask", json=ASKED).text
        assert "Ilse Brandt" in told
        until = time.monotonic() + 30
        while httpx.get(f"{address}/api/v1/index").json()["running"]:
            assert time.monotonic() < until
        (Path(user["HOME"]) / "port" / "watched.txt").write_text("The watch was kept by Nora.")
        while httpx.get(f"{address}/api/v1/documents/port/watched.txt").status_code == 404:  # nobody asked to read it
            assert time.monotonic() < until
            time.sleep(0.2)
        with httpx.stream("GET", f"{address}/api/v1/index/events"):
            running.send_signal(signal.SIGTERM)
            assert running.wait(10) == OK
        assert running.stderr is not None
        lines = [json.loads(line) for line in running.stderr.read().splitlines()]
        assert {"POST", "GET"} == {line["method"] for line in lines if line["message"] == "request"}
        assert "Veldt" not in str(lines)


def test_it_is_not_opened_to_others_without_a_key_nor_where_somebody_is(user: dict[str, str]) -> None:
    refused = process(user, "serve", f"{user['HOME']}/port", "--host", "0.0.0.0", "--port", "0", "--no-chat")
    assert refused.returncode == FAILED
    assert b"citewise keys add" in refused.stderr
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = process(user, "serve", f"{user['HOME']}/port", "--port", port, "--no-chat")
    assert refused.returncode == FAILED
    assert b"--port" in refused.stderr


@pytest.mark.slow
def test_it_reads_nothing_unasked_where_it_does_not_watch(user: dict[str, str]) -> None:
    with serving(user, f"{user['HOME']}/port", "--no-chat", "--no-watch") as (_, address):
        assert ready(address).status_code == 200
        while httpx.get(f"{address}/api/v1/index").json()["running"]:
            time.sleep(0.1)
        (Path(user["HOME"]) / "port" / "unwatched.txt").write_text("No watch was kept.")
        time.sleep(6)  # three looks
        assert httpx.get(f"{address}/api/v1/documents/port/unwatched.txt").status_code == 404


@pytest.mark.slow
def test_the_page_comes_after_the_server(user: dict[str, str]) -> None:
    with serving(user, f"{user['HOME']}/port") as (running, address):
        assert ready(address).status_code == 200
        page = ready(address, "/")
        assert page.status_code == 200
        assert "<title>Citewise" in page.text or "gradio" in page.text
        assert httpx.get(f"{address}/", headers={"Host": "evil.example"}).status_code == 421
        evil = {"Origin": "https://evil.example"}
        assert httpx.post(f"{address}/gradio_api/queue/join", json={}, headers=evil).status_code == 403
        large = {"files": ("large.txt", b"x" * 3_000_000)}
        assert httpx.post(f"{address}/gradio_api/upload", files=large).status_code == 200
        assert httpx.get(f"{address}/api/v1/none").headers["content-type"] == "application/problem+json"
        running.send_signal(signal.SIGINT)
        assert running.wait(10) == OK
