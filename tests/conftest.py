"""What every test gets: a socket guard, and a home of its own; and what several files of tests ask for.

Nothing in the default path of Citewise may ask another host. The guard lets sockets of this process reach loopback and
Unix sockets only; whoever tries more gets `NetworkBlocked`, and the test fails even if a library swallowed that error.
Child processes are outside its reach (the browser test watches the requests of the page itself).
"""

from __future__ import annotations

import ipaddress
import os
import socket
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from filelock import FileLock
from terminals import FILES, OK, ROOT, Run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files with tests that take long come first, or one worker still runs them when the others are done."""
    long = Counter(item.path for item in items for mark in item.iter_markers() if mark.name in ("slow", "browser"))
    items.sort(key=lambda item: -long[item.path])


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


@pytest.fixture(scope="session")
def samples_index(tmp_path_factory: pytest.TempPathFactory, _session: Guard) -> Path:
    """The index of the sample folder, made once for all workers; whoever asks for it only reads it."""
    from rag import Assistant

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with FileLock(shared / "samples.lock"), Assistant.open(ROOT / "samples", index=shared / "samples") as assistant:
        if not assistant.index.folder.exists():
            assistant.sync_all()
    return shared / "samples"


# -- the terminal -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of one user for the whole module, with the folder "port" of documents."""
    home = tmp_path_factory.mktemp("user")
    for name, content in FILES.items():
        path = home / "port" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    (home / "work").mkdir()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CITEWISE_")}
    places = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("DATA", "CONFIG", "CACHE", "STATE")}
    return kept | places | {"HOME": str(home), "PYTHONPATH": str(ROOT)}


@pytest.fixture
def cli(user: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command in this process as that user, in a working directory beside the documents."""
    for name, value in user.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(Path(user["HOME"]) / "work")

    from ui.cli import main

    def run(*arguments: str) -> SimpleNamespace:
        capsys.readouterr()
        code = main(arguments)
        out, err = capsys.readouterr()
        return SimpleNamespace(code=code, out=out, err=err)

    return run


@pytest.fixture
def fresh(cli: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    """As `cli`, for a user who has indexed nothing yet."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / ".data"))
    return cli


@pytest.fixture(scope="module")
def port(user: dict[str, str]) -> Path:
    """The folder of documents, indexed."""
    from ui.cli import main

    with pytest.MonkeyPatch.context() as patch:
        for name, value in user.items():
            patch.setenv(name, value)
        assert main(["index", f"{user['HOME']}/port"]) == OK
    return Path(user["HOME"]) / "port"


# -- the page ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from browsing import CHROMIUM, FLAGS

    with pytest.importorskip("playwright.sync_api").sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def served(request: pytest.FixtureRequest) -> Any:
    """A scripted assistant and the address of its page, on the first free port from the module's PORT on."""
    from fake_assistant import FakeAssistant

    from ui.page import free_port, launch

    assistant: Any = FakeAssistant()
    port = free_port("127.0.0.1", request.module.PORT)
    return assistant, launch(assistant, port=port, open_browser=False, block=False)


@pytest.fixture
def reader(chromium: Any, served: Any) -> Iterator[Any]:
    """Somebody who has opened that page."""
    from browsing import Reader

    reader = Reader(chromium, served[1])
    yield reader
    reader.close()


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    """A tab with the conversations of a page that has no server."""
    from conversing import Tab

    tab = Tab(chromium)
    yield tab
    tab.close()
