"""The socket guard stops what it should, lets loopback through, and cannot be silenced."""

from __future__ import annotations

import os
import socket
import urllib.request
from collections.abc import Callable
from pathlib import Path

import platformdirs
import pytest
from conftest import Guard, NetworkBlocked, is_local

OUTSIDE = ("192.0.2.1", 80)  # TEST-NET-1: an address that belongs to nobody


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost", "", None, b"127.0.0.1"])
def test_this_machine_is_local(host: object) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", ["192.0.2.1", "10.0.0.1", "0.0.0.0", "::", "2001:db8::1", "x.example", b"x.example"])
def test_every_other_host_is_not(host: object) -> None:
    assert not is_local(host)


@pytest.mark.parametrize(
    "reach",
    [
        lambda: socket.create_connection(OUTSIDE, timeout=1),
        lambda: socket.socket().connect(OUTSIDE),
        lambda: socket.socket().connect_ex(OUTSIDE),
        lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", OUTSIDE),
        lambda: socket.getaddrinfo("example.org", 80),
        lambda: urllib.request.urlopen("http://example.org", timeout=1),
    ],
)
def test_other_hosts_are_blocked_and_remembered(reach: Callable[[], object], guard: Guard) -> None:
    with pytest.raises(NetworkBlocked, match="may only reach loopback"):
        reach()
    assert guard.blocked
    guard.blocked.clear()


def test_loopback_and_unix_sockets_work(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
    path = os.path.relpath(tmp_path / "s")  # relative: a Unix socket's path has a short limit
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen()
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(path)


def test_data_and_configuration_go_to_the_test_folder(home: Path) -> None:
    assert platformdirs.user_data_path("citewise").is_relative_to(home)
    assert platformdirs.user_config_path("citewise").is_relative_to(home)
