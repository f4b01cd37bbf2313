"""What somebody who embeds an assistant in a program relies on: threads, neighbours, no traces, types."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import zip_longest
from pathlib import Path

import pytest

from rag import Answer, Assistant, FolderError, IndexMissing, Settings, Turn

ROOT = Path(__file__).parent.parent
GARDEN = ROOT / "samples" / "garden"
GOLD = [json.loads(line) for line in (ROOT / "eval" / "gold" / "samples.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def garden(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with Assistant.open(GARDEN, index=tmp_path_factory.mktemp("index") / "garden") as opened:
        opened.sync_all()
        yield opened


def wire(answer: Answer) -> str:
    """All of an answer as JSON, its times aside."""
    return json.dumps({name: value for name, value in answer.to_dict().items() if name != "timings_ms"})


# -- opening ----------------------------------------------------------------------------------------------------------


def test_a_folder_is_opened_in_one_line_and_its_index_in_another(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("The ferry leaves at nine.", "utf-8")
    question = "When does the ferry leave?"
    with Assistant.open(tmp_path / "docs", index=tmp_path / "index") as assistant:
        report = assistant.sync_all()
        assert (report.added, report.failed) == (1, ())
        first = assistant.ask(question)
        assert assistant.sync_all().unchanged == 1
    (tmp_path / "docs" / "b.txt").write_text("The bus leaves at ten.", "utf-8")
    settings = Settings.load(answer={"max_sentences": 1}, index={"path": tmp_path / "elsewhere"})
    with Assistant.open(index=str(tmp_path / "index"), settings=settings) as again:
        assert wire(again.ask(question)) == wire(first)
        assert again.sync_all().added == 1  # the index knows its folders
        assert again.sync_all(rebuild=True).added == 2
    assert not (tmp_path / "elsewhere").exists()


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(FolderError):
        Assistant.open(tmp_path / "none")
    with Assistant.open(index=tmp_path / "none") as assistant, pytest.raises(IndexMissing):
        assistant.ask("When does the ferry leave?")
    assert not (tmp_path / "none").exists()


# -- threads and neighbours -------------------------------------------------------------------------------------------


def test_eight_threads_answer_as_one_does_while_the_folder_is_read_again(garden: Assistant) -> None:
    questions = [row["question"] for row in GOLD if {"md", "csv"} & set(row["tags"])][:20]
    assert len(set(questions)) == 20
    expected = [wire(garden.ask(question)) for question in questions]
    over, unchanged = threading.Event(), []

    def read_again() -> None:
        while not over.wait(0.1):
            unchanged.append(garden.sync_all())

    with ThreadPoolExecutor(9) as threads:
        reading = threads.submit(read_again)
        try:
            asked = list(threads.map(lambda question: wire(garden.ask(question)), questions * 2))
        finally:
            over.set()
        reading.result()
    assert asked == expected * 2
    assert unchanged
    assert all(report.embedded == report.added == report.changed == report.removed == 0 for report in unchanged)


def test_two_assistants_of_one_process_do_not_mix(tmp_path: Path) -> None:
    text = "The ferry to Alder costs {}. The ferry to Alder is {}. The ferry to Alder carries {}."
    told = {"north": text.format("12 euros", "blue", "cars"), "south": text.format("77 francs", "scarlet", "goats")}
    questions = ["What does the ferry to Alder cost?", "Tell me about the ferry to Alder.", "Which files are there?"]
    opened = []
    for (name, text), sentences in zip(told.items(), (1, 3), strict=True):
        (tmp_path / name).mkdir()
        (tmp_path / name / "ferry.txt").write_text(text, "utf-8")
        settings = Settings.load(answer={"max_sentences": sentences})
        opened.append(Assistant.open(tmp_path / name, index=tmp_path / f"{name}.index", settings=settings))
        opened[-1].sync_all()
    history = [Turn("What does the ferry cost?", "12 euros.")]
    alone = [[wire(one.ask(question, history=history)) for question in questions] for one in opened]
    assert "euros" in alone[0][0]
    assert not set(alone[0]) & set(alone[1])
    assert not any(word in line for line in alone[0] for word in ("francs", "south", "scarlet", "goats"))
    assert not any(word in line for line in alone[1] for word in ("north", "blue", "cars"))
    assert [len(one.ask(questions[1]).citations) for one in opened] == [1, 3]

    for number, question in enumerate(questions):  # step by step in turn
        steps = [list(pair) for pair in zip_longest(*(one.stream(question, history=history) for one in opened))]
        for which, growing in enumerate(zip(*steps, strict=True)):
            assert wire([answer for answer in growing if answer][-1]) == alone[which][number]

    with ThreadPoolExecutor(8) as threads:
        tasks = [(which, number) for _ in range(5) for number in range(len(questions)) for which in (0, 1)]
        asked = threads.map(lambda task: wire(opened[task[0]].ask(questions[task[1]], history=history)), tasks)
        assert list(asked) == [alone[which][number] for which, number in tasks]
    opened[0].close()
    assert wire(opened[1].ask(questions[0], history=history)) == alone[1][0]
    opened[1].close()


# -- no traces --------------------------------------------------------------------------------------------------------

TRACES = """
import json, locale, logging, os, random, signal, socket, sys, threading, warnings

def state():
    settings = sys.modules.get("llama_index.core.settings")
    return {
        "environment": dict(os.environ), "directory": os.getcwd(), "path": list(sys.path), "umask": os.umask(os.umask(0o77)),
        "log": [logging.root.level, logging.root.handlers[:], logging.root.manager.disable],
        "hooks": [sys.excepthook, threading.excepthook], "signals": [signal.getsignal(s) for s in signal.valid_signals()],
        "timeout": socket.getdefaulttimeout(), "locale": locale.setlocale(locale.LC_ALL),
        "settings": any(vars(settings.Settings).values()) if settings else False,
    }

def own():  # what libraries set when they are imported, and nobody afterwards
    return {"random": random.getstate(), "warnings": warnings.filters[:]}

before = state()
from rag import Assistant
with Assistant.open(sys.argv[1], index=sys.argv[2]) as assistant:
    assistant.sync_all()
    assistant.ask("What is a plot?")
    libraries = own()
    assert assistant.ask("How high is the deposit for a plot?").citations
    assert assistant.search("deposit") and assistant.examples()
    later = own()
after = state()
assert "llama_index.core.settings" in sys.modules
web = {"gradio", "fastapi", "starlette", "uvicorn", "langchain_core", "mcp"} & set(sys.modules)
print(json.dumps([[n for n in before if before[n] != after[n]], [n for n in later if later[n] != libraries[n]], sorted(web)]))
"""


def test_asking_leaves_no_trace_in_the_process(garden: Assistant, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", TRACES, str(GARDEN), str(garden.index.folder)],
        cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(done.stdout) == [[], [], []]
    assert done.stderr == ""
    assert [path for path in tmp_path.iterdir() if path.name != ".home"] == []
