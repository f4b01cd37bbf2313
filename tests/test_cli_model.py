"""The terminal with a language model: who answers, what is not found, failures, and Ctrl-C."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import llama_index.llms.openai  # noqa: F401  # before any time is measured, as the next
import openai.resources.chat  # noqa: F401
import pytest
from lying_server import LyingServer, says, status
from terminals import BAD_ARGUMENTS, FAILED, INTERRUPTED, LINES_FAILED, OK, Run

QUESTION = "What does a berth cost?"
RIGHT, WRONG = "A berth costs 140 crowns a month [1].", "A berth costs 190 crowns a month [1]."


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[LyingServer]:
    """A server that says what is right, which is the model of every command."""
    with LyingServer(says(RIGHT)) as server:
        monkeypatch.setenv("CITEWISE_MODEL__NAME", "openai:fake")
        monkeypatch.setenv("CITEWISE_MODEL__API_BASE", server.url)
        monkeypatch.setenv("CITEWISE_MODEL__API_KEY", "sk-very-secret")
        yield server


@pytest.mark.usefixtures("port")
def test_the_writer_is_chosen(cli: Run, server: LyingServer) -> None:
    for writer, writes in (("auto", "openai:fake"), ("model", "openai:fake"), ("quotes", "quotes")):
        answer = json.loads(cli("ask", "--json", "--writer", writer, QUESTION).out)
        assert (answer["writer"], answer["statements"][0]["citations"]) == (writes, [1])
    assert len(server.requests) == 2
    assert cli("ask", "--writer", "nobody", QUESTION).code == BAD_ARGUMENTS
    config = cli("config").out
    assert 'model.name = "openai:fake"' in config
    assert "very-secret" not in config


@pytest.mark.usefixtures("port")
def test_a_model_that_is_asked_for_and_not_configured(cli: Run) -> None:
    said = cli("ask", "--writer", "model", QUESTION)
    assert (said.code, said.out) == (FAILED, "")
    assert "Set model.name" in said.err


@pytest.mark.usefixtures("port")
def test_what_is_not_found_is_said_with_the_reason(cli: Run, server: LyingServer) -> None:
    server.scripts = (says(f"{WRONG} Fishing boats pay nothing [1]."),)
    said = cli("ask", QUESTION)
    assert said.code == OK
    assert "Not found in the documents: “A berth costs 190 crowns a month.”; " in said.out
    assert "not 190" in said.out
    assert "Sources (written by openai:fake, 1 of 2 sentences found)" in said.out


@pytest.mark.usefixtures("port")
def test_a_failure_is_an_error_or_a_line_of_a_batch(cli: Run, server: LyingServer, tmp_path: Path) -> None:
    server.scripts = (status(401), says(RIGHT))
    said = cli("ask", QUESTION)
    assert (said.code, said.out) == (FAILED, "")
    assert "CITEWISE_MODEL__API_KEY" in said.err
    server.requests.clear()
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps({"id": n, "question": QUESTION}) for n in (1, 2)))
    said = cli("ask", "--batch", str(file))
    failed, answered = map(json.loads, said.out.splitlines())
    assert said.code == LINES_FAILED
    assert (failed["id"], answered["id"], answered["status"]) == (1, 2, "answered")
    assert "CITEWISE_MODEL__API_KEY" in failed["error"]["remedy"]


@pytest.mark.usefixtures("port")
@pytest.mark.slow
def test_ctrl_c_closes_the_connection_and_leaves_what_was_written(user: dict[str, str], server: LyingServer) -> None:
    server.scripts = (says("A berth costs 140 crowns a month. " + "Then more follows " * 200, delay=0.05),)
    model = {name: value for name, value in os.environ.items() if name.startswith("CITEWISE_MODEL__")}
    ours, theirs = pty.openpty()
    command = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "ask", QUESTION],
        env=user | model | {"TERM": "xterm"}, cwd=f"{user['HOME']}/work", stdout=theirs, stderr=theirs,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # a suite in the background ignores it
    )  # fmt: skip
    os.close(theirs)
    shown = ""
    while "140 crowns" not in shown:
        shown += os.read(ours, 4096).decode()
    command.send_signal(signal.SIGINT)
    assert server.disconnected.wait(20)
    assert command.wait(20) == INTERRUPTED
    assert "Traceback" not in shown + os.read(ours, 65536).decode()
    os.close(ours)
