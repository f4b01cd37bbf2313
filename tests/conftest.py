"""What every test gets: a socket guard, and a home of its own.

Nothing in the default path of Citewise may ask another host. The guard lets sockets of this process reach loopback and
Unix sockets only; whoever tries more gets `NetworkBlocked`, and the test fails even if a library swallowed that error.
Child processes are outside its reach (the browser test watches the requests of the page itself).
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


class NetworkBlocked(RuntimeError):
    """A test tried to reach a host other than this one."""


def is_local(host: object) -> bool:
    """Whether `host`, a name or an address as sockets take it, is this machine itself."""
    if isinstance(host, bytes):
        host = host.decode("ascii", "replace")
    if host in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(str(host).partition("%")[0]).is_loopback
    except ValueError:
        return False


class Guard:
    """The attempts that were stopped since the test began; `install` puts the guard before the calls of `socket`."""

    def __init__(self) -> None:
        self.blocked: list[str] = []

    def refuse(self, host: object) -> NetworkBlocked:
        self.blocked.append(str(host))
        return NetworkBlocked(f"A test tried to reach {host!r}; tests may only reach loopback and Unix sockets.")

    def install(self, patch: pytest.MonkeyPatch) -> None:
        for name in ("connect", "connect_ex", "sendto"):
            patch.setattr(socket.socket, name, self._guarded(getattr(socket.socket, name)))
        getaddrinfo = socket.getaddrinfo

        def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
            # Numeric "any" addresses are what servers bind to; looking them up asks nobody.
            if not is_local(host) and host not in ("0.0.0.0", "::"):
                raise self.refuse(host)
            return getaddrinfo(host, *args, **kwargs)

        patch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)

    def _guarded(self, call: Any) -> Any:
        def guarded(sock: socket.socket, *args: Any) -> Any:
            address = args[-1]
            if sock.family != socket.AF_UNIX and not is_local(address[0]):
                raise self.refuse(address[0])
            return call(sock, *args)

        return guarded


def _move_home(patch: pytest.MonkeyPatch, home: Path) -> None:
    for name in [name for name in os.environ if name.startswith("CITEWISE_")]:
        patch.delenv(name)
    patch.setenv("HOME", str(home))
    for name in ("DATA", "CONFIG", "CACHE", "STATE"):
        patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))


@pytest.fixture(scope="session", autouse=True)
def _session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guard]:
    """Guard and home for the whole run, so that fixtures of a wider scope than a test have them too."""
    guard = Guard()
    with pytest.MonkeyPatch.context() as patch:
        guard.install(patch)
        _move_home(patch, tmp_path_factory.mktemp("home"))
        yield guard


@pytest.fixture(autouse=True)
def guard(_session: Guard) -> Iterator[Guard]:
    """The socket guard; a test that provokes it on purpose clears `guard.blocked`."""
    _session.blocked.clear()
    yield _session
    assert not _session.blocked, f"reached for other hosts: {_session.blocked}"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home folder of the test's own; data and configuration go to `home / "data"` and `home / "config"`."""
    path = tmp_path / ".home"
    path.mkdir()
    _move_home(monkeypatch, path)
    return path
