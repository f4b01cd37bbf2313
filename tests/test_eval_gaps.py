"""The log of questions, which is off unless asked for and stops nothing; and the gaps that are found in it."""

from __future__ import annotations

import json
import logging
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from evaluation import ROOT

import rag
from eval import main
from eval.gaps import ALIKE, find_gaps, likeness, read_log
from eval.indexed import indexed
from rag import Assistant, Journal, Settings, Turn, question_log

WHARF = (
    "# Wharf\n\n## Blue crane\n\nThe wharf of Lund has 14 cranes. The blue crane was built in 1931 by Ebba Strand.\n"
)
ASKED = "When was the blue crane built?"
UNKNOWN = "Which sushi does the canteen serve?"
FIELDS = [
    "time", "question", "understood_as", "status", "confidence", "unconfirmed", "words", "missing", "cited", "writer",
]  # fmt: skip


def made_folder(place: Path) -> Path:
    place.mkdir()
    (place / "wharf.md").write_text(WHARF, "utf-8")
    return place


def opened(folder: Path, index: Path, *, questions: bool) -> Assistant:
    assistant = Assistant.open(folder, settings=Settings.load(index={"path": index}, log={"questions": questions}))
    for _ in assistant.sync():
        pass
    return assistant


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return made_folder(tmp_path / "port")


@pytest.fixture
def logging_one(folder: Path, tmp_path: Path) -> Iterator[Assistant]:
    """One of its own, for what changes the folder or the index."""
    assistant = opened(folder, tmp_path / "index", questions=True)
    yield assistant
    assistant.close()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    place = tmp_path_factory.mktemp("gaps")
    assistant = opened(made_folder(place / "port"), place / "index", questions=True)
    yield assistant
    assistant.close()


@pytest.fixture
def asking(shared: Assistant) -> Iterator[Assistant]:
    """The shared one, with an empty log."""
    yield shared
    question_log(shared.index.folder).erase()


def test_nothing_is_kept_unless_asked_for(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assistant = opened(folder, tmp_path / "index", questions=Settings().log.questions)
    assistant.ask(ASKED)
    assistant.close()
    assert not (tmp_path / "index" / "asked").exists()
    monkeypatch.setenv("CITEWISE_LOG__QUESTIONS", "true")
    with indexed(folder, tmp_path / "index") as measured:
        measured.ask(ASKED)
    assert not (tmp_path / "index" / "asked").exists()


def test_a_line_tells_what_was_asked_and_holds_no_text(asking: Assistant) -> None:
    answer = asking.ask(ASKED)
    refused = list(asking.stream(UNKNOWN))[-1]
    asking.ask("hello")
    (first, second, third), strange = question_log(asking.index.folder).read()
    assert strange == 0
    assert [list(line) for line in (first, second, third)] == [FIELDS] * 3
    assert (first["question"], first["status"], first["cited"]) == (ASKED, "answered", 1)
    assert first["confidence"] == answer.confidence
    assert (second["question"], second["status"]) == (UNKNOWN, "not_in_documents")
    assert "sushi" in second["missing"]
    assert all(f"“{word}”" in refused.text for word in second["missing"][:3])
    assert second["words"]["sushi"] >= second["words"]["serve"]
    assert third["status"] == "about_assistant"
    path = question_log(asking.index.folder).path
    assert "1931" not in path.read_text()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_a_follow_up_is_kept_in_words_that_were_typed(asking: Assistant) -> None:
    told = Turn("Who built the blue crane?", "Ebba Strand built it, of Lund.")
    for question in ("And what of Ebba's wharf?", "What else did she build?"):
        assert "blue crane" in asking.ask(question, history=[told]).understood_as
    (typed, told_since), _ = question_log(asking.index.folder).read()
    assert typed["understood_as"] != typed["question"]
    assert "ebba" in typed["words"]
    assert told_since["understood_as"] == "What else did she build?"
    assert "crane" in told_since["words"]
    assert not {"ebba", "strand"} & {*told_since["words"], *told_since["missing"]}


def test_only_questions_of_people_that_were_answered_are_kept(asking: Assistant) -> None:
    stop = threading.Event()
    for _ in asking.stream(ASKED, stop=stop):
        stop.set()
    asking.search(ASKED)
    asking.why(ASKED, expect=("wharf.md", "14 cranes"))
    assert asking.examples()
    with pytest.raises(rag.BadQuestion):
        asking.ask("???")
    assert question_log(asking.index.folder).read() == ([], 0)


def test_a_log_that_cannot_be_written_is_told_of_once(logging_one: Assistant, caplog: pytest.LogCaptureFixture) -> None:
    (logging_one.index.folder / "asked").write_text("in the way")
    with caplog.at_level(logging.WARNING):
        assert [logging_one.ask(ASKED).status for _ in range(2)] == ["answered"] * 2
    (told,) = [record.getMessage() for record in caplog.records if record.name == "rag.journal"]
    assert "questions.jsonl cannot be written" in told


def test_forget_deletes_what_was_asked(logging_one: Assistant) -> None:
    logging_one.ask(ASKED)
    folder = logging_one.index.folder
    logging_one.close()
    rag.forget(folder)
    assert not folder.exists()


def test_threads_and_processes_write_whole_lines(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from rag import Journal\n"
        "for n in range(200): Journal(Path(sys.argv[1]), 'x').append({'n': n, 'pad': 'y' * 9000})"
    )
    others = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT) for _ in range(2)]
    journal = Journal(tmp_path, "x")
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: journal.append({"n": n, "pad": "z" * 9000}), range(200)))
    assert [other.wait() for other in others] == [0, 0]
    kept, strange = journal.read()
    assert (len(kept), strange) == (600, 0)
    assert sorted(line["n"] for line in kept) == sorted([*range(200)] * 3)


def test_a_log_is_bounded_and_a_full_one_is_rotated_once(tmp_path: Path) -> None:
    journals = [Journal(tmp_path, "x", limit=2000) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: journals[n % 4].append({"n": n}), range(1200)))
    kept, strange = journals[0].read()
    assert strange == 0
    assert 2000 < sum(path.stat().st_size for path in (tmp_path / "asked").glob("x*")) < 4100
    assert {line["n"] for line in kept} > set(range(1150, 1200))
    assert len(kept) > 2000 / len(json.dumps({"n": 1199}) + "\n")
    assert journals[0].erase() == len(kept)
    assert journals[1].read() == ([], 0)


def test_a_line_that_was_cut_short_spoils_no_other(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "x")
    journal.append({"n": 1})
    with journal.path.open("a") as file:
        file.write('{"n": 2, "pa')
    journal.append({"n": 3, "said": "\ud800\u2028"})
    assert journal.read() == ([{"n": 1}, {"n": 3, "said": "\ud800\u2028"}], 1)


def line(question: str, words: dict[str, float], days: int = 0, **more: Any) -> dict[str, Any]:
    time = datetime.now(UTC) - timedelta(days=days)
    return {
        "time": time.isoformat(timespec="seconds"), "question": question, "understood_as": question,
        "status": "not_in_documents", "confidence": 0.2, "unconfirmed": False, "words": words, "missing": [], "cited": 0,
        "writer": "quotes", **more,
    }  # fmt: skip


EARLY = "0001-01-01T00:00:00+23:00"  # before the first day of UTC
LOG = [
    line("Is there wifi in the harbour?", {"wifi": 6.0, "harbour": 1.0}, 9, missing=["wifi"]),
    line("Where can I park?", {"park": 6.0}, 8),
    line(
        "What does parking in the harbour cost?", {"parking": 6.0, "harbour": 1.0, "cost": 3.0}, 7, missing=["parking"]
    ),
    line("parking", {"parking": 6.0}, 6, missing=["parking"]),
    line("parking", {"parking": 6.0}, 5, missing=["parking"]),
    line("Is the harbour deep?", {"harbour": 1.0, "deep": 4.0}, 4, status="answered", unconfirmed=True, cited=1),
    line("Is the harbour \x1b[31mold?", {"harbour": 1.0, "old": 4.0}, 3, status="answered"),
    line("When was the crane built?", {"crane": 2.0}, 2, status="answered", cited=1),
    line("hello", {}, 1, status="about_assistant"),
]


def test_questions_that_share_rare_words_are_one_gap() -> None:
    asked, strange = read_log(
        [*LOG, {"time": "today"}, line("x", {}) | {"words": None}, line("x", {}) | {"time": EARLY}]
    )
    assert (len(asked), strange) == (9, 3)
    gaps = find_gaps(asked)
    assert [(len(gap.asked), gap.reasons) for gap in gaps] == [
        (4, {"refused": 4}), (1, {"uncited": 1}), (1, {"unconfirmed": 1}), (1, {"refused": 1}),
    ]  # fmt: skip
    assert gaps[0].examples == ["parking", "Where can I park?", "What does parking in the harbour cost?"]
    assert gaps[0].missing == ["parking"]
    assert "“parking”" in gaps[0].advice
    assert "without a source" in gaps[1].advice
    assert "little evidence" in gaps[2].advice
    assert gaps[0].last == asked[4].time


def test_likeness_is_shared_weight_over_the_lighter() -> None:
    assert likeness({"park": 6.0, "cost": 3.0, "harbour": 1.0}, {"park": 6.0, "fee": 2.0}) == 6 / 8
    assert likeness({"wifi": 6.0, "harbour": 1.0}, {"deep": 4.0, "harbour": 1.0}) == 1 / 5 < ALIKE
    assert likeness({}, {"park": 6.0}) == 0


def test_nothing_that_is_alike_is_missed() -> None:
    rng = random.Random(7)
    words = [f"w{n}" for n in range(30)]
    lines = [
        line(
            f"q{n}", {word: rng.choice([0.5, 1.0, 2.0, 4.0]) for word in rng.sample(words, rng.randint(1, 5))}, 400 - n
        )
        for n in range(400)
    ]
    asked, _ = read_log(lines)
    groups: list[list[str]] = []
    firsts: list[Any] = []
    for one in asked:
        best = max(range(len(groups)), key=lambda n: likeness(firsts[n].weights, one.weights), default=None)
        if best is None or likeness(firsts[best].weights, one.weights) < ALIKE:
            groups.append([])
            firsts.append(one)
            best = -1
        groups[best].append(one.question)
    found = [[one.question for one in gap.asked] for gap in find_gaps(asked)]
    assert sorted(found) == sorted(groups)
    assert 30 < len(found) < 300


@pytest.fixture
def logged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Journal:
    monkeypatch.setenv("CITEWISE_INDEX__PATH", str(tmp_path / "index"))
    (tmp_path / "index").mkdir()
    journal = question_log(tmp_path / "index")
    for one in LOG:
        journal.append(one)
    return journal


def test_the_report_names_the_biggest_gap_first(logged: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gaps"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("9 questions since ")
    assert "; 7 not answered, in 4 groups." in out
    assert out.index("1. 4 times") < out.index("“parking”") < out.index("2. 1 time, ")
    assert "\x1b" not in out
    assert main(["gaps", "--json", "--days", "5"]) == 0
    shape = json.loads(capsys.readouterr().out)
    assert (shape["asked"], [gap["count"] for gap in shape["gaps"]]) == (4, [1, 1])


def test_one_command_erases(logged: Journal, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gaps", "--erase", "--days", "3"]) == 2
    assert "deletes the whole log" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["gaps", "--days", "-4"])
    assert main(["gaps", "--erase"]) == 0
    assert capsys.readouterr().out == "Erased 9 questions.\n"
    assert not list(logged.path.parent.iterdir())
    assert main(["gaps"]) == 2
    assert "CITEWISE_LOG__QUESTIONS=true" in capsys.readouterr().err


def test_what_was_added_since_is_found_by_asking_again(
    logging_one: Assistant, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CITEWISE_INDEX__PATH", str(logging_one.index.folder))
    monkeypatch.setenv("CITEWISE_LOG__QUESTIONS", "true")
    for question in (UNKNOWN, "Who repairs the lighthouse lamp?"):
        assert logging_one.ask(question).status == "not_in_documents"
    log = question_log(logging_one.index.folder)
    yesterday = (datetime.now(UTC) - timedelta(days=1)).isoformat()
    before = [shape | {"time": yesterday} for shape in log.read()[0]]
    log.erase()
    for shape in (*before, line("Who rings the bell?", {"bell": 5.0}, -1)):
        log.append(shape)
    (folder / "canteen.md").write_text("# Canteen\n\nThe canteen serves sushi with salmon on Fridays.\n", "utf-8")
    for _ in logging_one.sync():
        pass
    assert main(["gaps", "--again", "--json"]) == 0
    gaps = json.loads(capsys.readouterr().out)["gaps"]
    assert {gap["examples"][0]: gap.get("answered_today") for gap in gaps} == {
        UNKNOWN: 1, "Who repairs the lighthouse lamp?": 0, "Who rings the bell?": None,
    }  # fmt: skip
    assert len(log.read()[0]) == 3
