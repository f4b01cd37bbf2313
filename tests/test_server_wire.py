"""Connections as they are: heads that do not end or are none, what nobody reads, and too many at once."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from itertools import count
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import app_over, served
from test_server_limits import ASK, Slow, heard, trickle, wire

from ui.server import running
from ui.server.limits import caller_of

HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served(app_over(Slow(), tmp_path_factory.mktemp("wire"), running=1, per_minute=0)) as client:
        yield client


def problem_in(said: bytes) -> dict[str, Any]:
    """The problem that a response is, whose body is as long as it says."""
    head, _, body = said.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    assert b"content-length: %d" % len(body) in head.lower()
    return json.loads(body)


@pytest.mark.parametrize("begun", [b"", b"GET /health HTTP/1.1\r\nX-A: "])
def test_a_head_that_does_not_end_is_not_waited_for(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, begun: bytes
) -> None:
    monkeypatch.setattr(running, "HEADER_SECONDS", 0.3)
    with closing(wire(client)) as connection:
        connection.sendall(begun)
        if begun:
            trickle(connection)
        assert problem_in(heard(connection))["type"] == "urn:citewise:problem:timed-out"


def test_a_connection_is_kept_for_more_requests_than_one_time_out_allows(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "HEADER_SECONDS", 0.3)
    with closing(wire(client)) as connection:
        for _ in range(4):
            connection.sendall(HEALTH)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
            time.sleep(0.15)


def test_the_rest_of_a_body_that_was_refused_is_no_request(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(running, "HEADER_SECONDS", 0.3)
    monkeypatch.setattr(running, "IDLE_SECONDS", 1)
    with served(app_over(Slow(), tmp_path, per_minute=0)) as client, closing(wire(client)) as connection:
        for rest in (b"x" * 9, b"x" * 3):  # all of it, and not all
            connection.sendall(b"POST /api/v1/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx")
            assert connection.recv(4096).startswith(b"HTTP/1.1 404 ")
            connection.sendall(rest)
            time.sleep(0.5)
            if len(rest) == 9:
                connection.sendall(HEALTH)
                assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert heard(connection) == b""
        with closing(wire(client)) as idle:
            idle.sendall(b"POST /api/v1/nothing HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nx")
            assert idle.recv(4096).startswith(b"HTTP/1.1 404 ")
            idle.sendall(b"x" * 9)
            assert heard(idle) == b""


@pytest.mark.parametrize(
    "sent",
    [
        b"GET / HTTP/1.1\r\nX-A: " + b"x" * 100_000 + b"\r\n\r\n",
        b"GET /" + b"x" * 100_000,
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET /health HTTP/1.1\r\n\r\n",
        b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nno length\r\n",
    ],
)
def test_a_head_that_is_too_long_and_one_that_is_none(client: httpx.Client, sent: bytes) -> None:
    with closing(wire(client)) as connection:
        connection.sendall(sent)
        said = heard(connection)
    assert said.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert problem_in(said)["type"] == "urn:citewise:problem:bad-request"


@pytest.mark.parametrize("last", [b"", b"Connection: close\r\n"])
def test_what_nobody_reads_is_not_kept(client: httpx.Client, monkeypatch: pytest.MonkeyPatch, last: bytes) -> None:
    monkeypatch.setattr(running, "STALLED_SECONDS", 0.3)
    body = b'{"question": "long"}'
    head = (
        f"POST {ASK} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    )
    with closing(wire(client)) as connection:
        connection.sendall(head.encode() + last + b"\r\n" + body)
        time.sleep(2)
        assert len(heard(connection)) < 30_000_000


def test_one_address_leaves_connections_to_others(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(running, "MOST_OF_ONE", 3)
    with served(app_over(Slow(), tmp_path)) as client, ExitStack() as closed:
        held = [closed.enter_context(closing(wire(client))) for _ in range(3)]
        for connection in held:
            connection.sendall(HEALTH)
            assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
        with closing(wire(client)) as refused:
            time.sleep(0.1)
            for _ in range(3):  # what nobody reads would have the kernel take the answer back
                refused.sendall(HEALTH)
                time.sleep(0.05)
            said = heard(refused)
            assert problem_in(said)["status"] == 429
            assert b"retry-after: 1\r\n" in said.lower()
        from_another = closed.enter_context(closing(socket.socket()))
        from_another.bind(("127.0.0.2", 0))
        from_another.connect((client.base_url.host, client.base_url.port))
        from_another.sendall(HEALTH)
        assert from_another.recv(4096).startswith(b"HTTP/1.1 200 ")
        held[0].close()
        assert client.get("/health").status_code == 200


def test_a_network_of_ipv6_is_one_client(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    hosts = (f"2001:db8:1:2::{n:x}" for n in count())  # each connection has one of its own
    monkeypatch.setattr("uvicorn.protocols.http.h11_impl.get_remote_addr", lambda _: (next(hosts), 1))
    monkeypatch.setattr(running, "MOST_OF_ONE", 3)
    with served(app_over(Slow(), tmp_path, per_minute=1)) as client, ExitStack() as closed:
        statuses = [httpx.get(client.base_url.join("/metrics")).status_code for _ in range(11)]
        assert statuses == [200] * 10 + [429]
        for _ in range(3):
            held = closed.enter_context(closing(wire(client)))
            held.sendall(HEALTH)
            assert held.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert problem_in(heard(closed.enter_context(closing(wire(client)))))["status"] == 429


@pytest.mark.parametrize(
    ("address", "caller"),
    [
        ("1.2.3.4", "1.2.3.4"), ("::ffff:1.2.3.4", "1.2.3.4"), ("2001:DB8:1:2:3::4", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"), ("::1", "::/64"), ("/run/citewise.sock", ""),
    ],
)  # fmt: skip
def test_whom_an_address_stands_for(address: str, caller: str) -> None:
    assert caller_of(address) == caller


def test_a_proxy_is_not_one_client_but_has_not_all_there_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(running, "MOST_OF_ONE", 1)
    monkeypatch.setattr(running, "MOST_CONNECTIONS", 2)
    with served(app_over(Slow(), tmp_path, proxies=1)) as client, closing(wire(client)) as held:
        held.sendall(HEALTH)
        assert held.recv(4096).startswith(b"HTTP/1.1 200 ")
        assert client.get("/health").status_code == 200
        with closing(wire(client)) as refused:
            assert problem_in(heard(refused))["status"] == 429
