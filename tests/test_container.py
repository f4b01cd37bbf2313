"""The container file, as far as it can be tried where no engine runs: `tests/package.py` starts what it starts."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

from terminals import ROOT

FILE = ROOT / "Containerfile"


def instructions() -> list[tuple[str, str]]:
    """Name and arguments of each, with continued lines joined."""
    text = re.sub(r"^#.*\n", "", FILE.read_text("utf-8"), flags=re.MULTILINE).replace("\\\n", " ")
    return [(line.split()[0], line.partition(" ")[2].strip()) for line in text.splitlines() if line.strip()]


def command(name: str) -> list[str]:
    """The words of an instruction that is a command in its JSON form."""
    (given,) = [arguments for found, arguments in instructions() if found == name]
    words: list[str] = json.loads(given[given.index("[") :])
    return words


def environment() -> dict[str, str]:
    (given,) = [arguments for found, arguments in instructions() if found == "ENV"]
    return dict(pair.split("=", 1) for pair in given.split())


def test_what_it_copies_is_there_and_is_all_that_a_wheel_is_made_of() -> None:
    copied = {word for name, given in instructions() if name == "COPY" for word in given.split()[:-1]}
    assert {"index", "rag", "eval", "ui", "samples", "pyproject.toml", "requirements/run.txt"} <= copied
    assert [name for name in copied if not (ROOT / name).exists()] == []
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert {name.partition("/")[0] for name in copied} == allowed


def test_it_is_locked_and_runs_as_nobody_in_particular() -> None:
    names = [name for name, _ in instructions()]
    last = len(names) - names[::-1].index("FROM")
    assert "USER" in names[last:]
    assert [given for name, given in instructions() if name == "USER"] == ["10001"]
    for given in (given for name, given in instructions() if name == "RUN" and "requirements/" in given):
        assert "--require-hashes" in given
    images = {given.split()[0] for name, given in instructions() if name == "FROM"}
    assert all(re.fullmatch(r"python:3\.\d+-slim", image) for image in images)
    assert command("ENTRYPOINT") == ["citewise"]
    assert command("CMD") == ["serve", "/documents"]
    assert environment()["CITEWISE_SERVER__HOST"] == "0.0.0.0"
    assert environment()["XDG_DATA_HOME"] in command("VOLUME")


class Health(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/health" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


def test_its_health_is_asked_of_the_port_that_was_set() -> None:
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        Thread(target=server.handle_request, daemon=True).start()
        port = {"CITEWISE_SERVER__PORT": str(server.server_port)}
        _, *asking = command("HEALTHCHECK")
        subprocess.run([sys.executable, *asking], env=os.environ | environment() | port, check=True)
