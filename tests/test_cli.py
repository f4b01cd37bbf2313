"""The terminal: every command, its JSON, its exit codes, and what it makes of bad input.

The commands run in this process where that loses nothing, since importing the libraries takes seconds; what depends on a
process of its own (pipes, signals, imports, encodings) has one.
"""

from __future__ import annotations

import io
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from rag import BadQuestion, Turn, known_settings
from ui import batch, render
from ui.cli import main
from ui.opening import samples_folder
from ui.terminal import Terminal, clean, dumped, one_line

ROOT = Path(__file__).resolve().parent.parent
COMMANDS = "chat index ask search status where forget show config".split()
OK, FAILED, BAD_ARGUMENTS, NOT_IN_DOCUMENTS, UNREADABLE, LINES_FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

FILES = {
    "harbour.md": (
        "# Harbour\n\nThe harbour of Veldt was dredged in 1987 by the engineer Ilse Brandt.\n\n"
        "## Fees\n\nA berth costs 140 crowns a month. Fishing boats pay nothing.\n"
    ),
    "mail/pilot.txt": "The pilot boat leaves at 05:40.\nIts crew is four people and a dog named Bosun.\n",
    "tide.csv": "station,height,unit\nVeldt,3.20,m\nOster,2.75,m\n",
    "sly.txt": (
        "The lighthouse keeper \x1b]0;owned\x07is \x1b[31mAda\x9b2J Quill\u202e since 2003.\n"
        "She paints the railings every spring, and she keeps a book of the birds that rest on the gallery.\n"
    ),
    "locked.pdf": "%PDF-1.4 broken",
    "picture.png": "no text",
}

Run = Callable[..., SimpleNamespace]


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
    """The folder of documents, indexed by a process of its own."""
    done = process(user, "index", f"{user['HOME']}/port")
    assert done.returncode == OK, done.stderr
    assert b"\x1b" not in done.stdout + done.stderr
    assert b"Reading files: 6 of 6" in done.stderr
    assert b"4 files with" in done.stdout
    assert b"port/locked.pdf: " in done.stdout
    assert b"1 of unsupported type .png" in done.stdout
    return Path(user["HOME"]) / "port"


def process(user: dict[str, str], *arguments: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "ui.cli", *arguments]
    place = f"{user['HOME']}/work"
    return subprocess.run(command, env=user, cwd=place, stdout=stdout, stderr=subprocess.PIPE, check=False, timeout=100)


def assert_exact(cli: Run, citations: list[dict[str, Any]]) -> None:
    """The stored text holds each quote at its place, as `show` tells it."""
    assert citations
    for citation in citations:
        place = ("--start", str(citation["start"]), "--end", str(citation["end"]))
        shown = json.loads(cli("show", citation["source"], *place, "--json").out)
        whole = json.loads(cli("show", citation["source"], "--json").out)["text"]
        assert shown["text"] == citation["quote"] == whole[citation["start"] : citation["end"]]
        assert whole[: citation["start"]].endswith(shown["before"])
        assert whole[citation["end"] :].startswith(shown["after"])


# -- asking -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("port")
def test_ask_for_people(cli: Run) -> None:
    said = cli("ask", "Who dredged the harbour of Veldt?")
    assert said.code == OK
    assert "by the engineer Ilse Brandt. [1]" in said.out
    assert "[1] port/harbour.md, line 3 — “The harbour of Veldt was dredged in 1987" in said.out
    assert said.err == ""


@pytest.mark.usefixtures("port")
@pytest.mark.parametrize(
    "question", ["Who dredged the harbour of Veldt?", "What does a berth cost?", "When does the pilot boat leave?"]
)
def test_ask_in_the_wire_shape(cli: Run, question: str) -> None:
    said = cli("--json", "ask", question)
    answer = json.loads(said.out)
    assert said.code == OK
    assert list(answer) == [
        "schema", "id", "question", "understood_as", "text", "status", "confidence", "writer", "statements", "citations",
        "conflicts", "related", "searched", "timings_ms", "trace",
    ]  # fmt: skip
    assert (answer["question"], answer["status"]) == (question, "answered")
    assert_exact(cli, answer["citations"])


@pytest.mark.usefixtures("port")
def test_only_restricts_and_says_when_nothing_matches(cli: Run) -> None:
    answer = json.loads(cli("ask", "What does a berth cost?", "--only", "port/mail/", "--only", "*.csv", "--json").out)
    assert {c["source"] for c in answer["citations"]} <= {"port/mail/pilot.txt", "port/tide.csv"}
    said = cli("search", "berth", "--only", "*.epub")
    assert said.code == FAILED
    assert "No indexed file matches *.epub" in said.err


@pytest.mark.usefixtures("port")
def test_search(cli: Run) -> None:
    found = json.loads(cli("search", "pilot boat", "-k", "2", "--json").out)
    assert found["question"] == "pilot boat"
    assert len(found["passages"]) == 2
    assert found["passages"][0]["source"] == "port/mail/pilot.txt"
    passages = [passage | {"quote": passage["text"]} for passage in found["passages"]]
    assert_exact(cli, passages)
    text = cli("search", "pilot boat", "-k", "1").out
    assert text.startswith("1. port/mail/pilot.txt, line 1\n")
    assert "dog named Bosun" in text


@pytest.mark.usefixtures("port")
def test_documents_cannot_steer_the_terminal(cli: Run) -> None:
    question = "Who is the lighthouse keeper since 2003?"
    for said in (cli("ask", question), cli("search", question), cli("show", "port/sly.txt"), cli("status", "--files")):
        assert not re.search(r"[^\S\n]*[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e]", said.out)
    assert "keeper is Ada Quill since 2003" in cli("show", "port/sly.txt").out
    exact = cli("show", "port/sly.txt", "--json").out
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e]", exact)
    assert "\u202e" in json.loads(exact)["text"]


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("a\x1b[31;1mb\x1b[0mc", "abc"),
        ("a\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c", "abc"),
        ("a\x1bPq#0\x1b\\b\x9b2Jc\x9d0;t\x9cd", "abcd"),
        ("a\x1b(0b\x1bcd\x1b", "abd"),
        ("a\rb\r\nc\u2028d\x85e", "a\nb\nc\nd\ne"),
        ("\x00\x08a\x7f\u202eb\u2066c\tde\u0301", "abc\tde\u0301"),
        ("unclosed \x1b]0;title\nnext line", "unclosed \nnext line"),
    ],
)
def test_clean(text: str, cleaned: str) -> None:
    assert clean(text) == cleaned


def test_one_line_and_json_lines() -> None:
    assert one_line(" a\n b\x1b[2J ") == "a b"
    assert one_line("some words, and more", 12) == "some words…"
    value = {"x": "é\u2028\x85\x9b\ud800 \x1b", "path": Path("a")}
    line = dumped(value)
    assert line.splitlines() == [line]
    assert "é" in line
    assert json.loads(line) == {"x": value["x"], "path": "a"}


@pytest.mark.usefixtures("port")
@pytest.mark.parametrize(
    ("question", "code", "says"),
    [
        ("", FAILED, "The question is empty."),
        ("  \n", FAILED, "The question is empty."),
        ("?!… --", FAILED, "The question holds no word."),
        ("berth " * 3334, FAILED, "the limit is"),
    ],
)
def test_a_question_that_cannot_be_asked(cli: Run, question: str, code: int, says: str) -> None:
    said = cli("ask", question)
    assert (said.code, said.out) == (code, "")
    assert says in said.err
    error = json.loads(cli("ask", "--json", question).err)["error"]
    assert says in error["message"]
    assert error["remedy"]


@pytest.mark.usefixtures("port")
@pytest.mark.parametrize(
    "question",
    [
        "Was kostet ein Liegeplatz?",
        "停泊费是多少?",
        "<script>alert('berth')</script> ${7*7} {{x}}",
        "berth \udcff \x00 cost",
        'NOT "berth* OR ((',
    ],
)
def test_a_question_in_another_language_or_with_markup(cli: Run, question: str) -> None:
    said = cli("ask", "--json", question)
    assert said.code in (OK, NOT_IN_DOCUMENTS)
    answer = json.loads(said.out)
    assert (said.code == OK) == (answer["status"] == "answered")
    if answer["citations"]:
        assert_exact(cli, answer["citations"])


def test_a_refusal_shows_what_came_nearest() -> None:
    passage = SimpleNamespace(source="a.md", line=None, page=3, heading=None, text="Near\x1b[2J this.", start=0, end=3)
    refusal = SimpleNamespace(
        question="q", understood_as="p q", text="The documents do not say.", statements=(), citations=(), conflicts=(),
        related=(passage,),
    )  # fmt: skip
    lines = list(render.answer(refusal, Terminal()))  # type: ignore[arg-type]
    assert lines == [
        "Understood as: p q",
        "The documents do not say.",
        "\nNearest passages",
        "  a.md, page 3 — “Near this.”",
    ]


def test_conflicts_and_unsupported_sentences_are_shown() -> None:
    sides = (
        SimpleNamespace(value="11,000", citation=1, date="2014"),
        SimpleNamespace(value="21,000", citation=2, date=None),
    )
    answer = SimpleNamespace(
        question="q", understood_as="q", text="So.", citations=(), related=(),
        statements=(SimpleNamespace(support="not_found", text="So."),),
        conflicts=(SimpleNamespace(about="cadets", differs="period", sides=sides),),
    )  # fmt: skip
    lines = list(render.answer(answer, Terminal()))  # type: ignore[arg-type]
    assert lines[1:] == [
        "Not found in the sources: So.", "\nThe documents disagree about cadets (period)", "    11,000 [1], 2014", "    21,000 [2]",
    ]  # fmt: skip


# -- batches ----------------------------------------------------------------------------------------------------------

BATCH = [
    '{"id": "a", "question": "Who dredged the harbour of Veldt?", "gold": [1]}',
    "",
    '{"id": 7, "question": "And who leaves at 05:40?", "history": [{"question": "Which boats are there?"}]}',
    "not JSON",
    '{"id": "empty", "question": " "}',
    '{"id": "none"}',
    '["a list"]',
    '{"id": {"x": 1}, "question": "berth", "k": 1}',
    '{"id": "k", "question": "berth", "k": 0}',
    '{"id": "history", "question": "berth", "history": ["x"]}',
    '{"id": NaN, "question": "berth"}',
    '{"question": "What does a berth cost?", "history": [{"role": "user", "content": "Hello"}]}',
]
IDS = ["a", 7, None, "empty", "none", None, {"x": 1}, "k", "history", None, None]
BAD = {2, 3, 4, 5, 7, 8, 9}


@pytest.mark.usefixtures("port")
def test_ask_batch_from_a_file(cli: Run, tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(BATCH).encode() + b'\n{"id": "\xff", "question": "berth"}')
    said = cli("ask", "--batch", str(file))
    results = [json.loads(line) for line in said.out.splitlines()]
    assert said.code == LINES_FAILED
    assert [result["id"] for result in results] == [*IDS, None]
    assert {place for place, result in enumerate(results) if "error" in result} == BAD | {11}
    assert [result["line"] for result in results if "error" in result][:2] == [4, 5]
    assert results[1]["understood_as"] == "Which boats are there? And who leaves at 05:40?"
    assert results[0]["status"] == "answered"
    assert_exact(cli, [citation for result in results for citation in result.get("citations", [])])


@pytest.mark.usefixtures("port")
def test_search_batch_from_standard_input(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO("\n".join(BATCH).encode())))
    said = cli("search", "--batch", "-", "-k", "3")
    results = [json.loads(line) for line in said.out.splitlines()]
    assert (said.code, said.err) == (LINES_FAILED, "")
    assert [result["id"] for result in results] == IDS
    assert {place for place, result in enumerate(results) if "error" in result} == BAD
    passages = {place: result["passages"] for place, result in enumerate(results) if "error" not in result}
    assert [len(passages[place]) for place in (0, 6)] == [3, 1]
    assert passages[0][0]["source"] == "port/harbour.md"
    assert {"source", "text", "start", "end", "score"} <= set(passages[0][0])


@pytest.mark.usefixtures("port")
def test_a_batch_without_bad_lines(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = b'{"id": 1, "question": "berth"}\n\n{"id": 2, "question": "zzyzx quaternion"}\n'
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(lines)))
    said = cli("ask", "--batch", "-")
    assert said.code == OK
    assert [json.loads(line)["id"] for line in said.out.splitlines()] == [1, 2]


def test_every_shape_of_history_becomes_turns() -> None:
    messages = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": [{"type": "text", "text": "One?"}]},
        {"role": "assistant", "content": "1"},
        {"role": "user", "content": "Two?"},
        {"question": "Three?", "answer": "3"},
        ["Four?", None],
    ]
    assert list(batch.turns(messages)) == [Turn("One?", "1"), Turn("Two?"), Turn("Three?", "3"), Turn("Four?")]
    assert list(batch.turns(None)) == []
    for bad in ("text", [1], [["a"]], [{"question": 1}], [{"role": "user"}], [{"question": "q", "answer": 2}]):
        with pytest.raises(BadQuestion):
            list(batch.turns(bad))


def test_a_batch_file_that_is_not_there(cli: Run) -> None:
    said = cli("ask", "--batch", "nowhere.jsonl")
    assert said.code == FAILED
    assert "nowhere.jsonl: No such file" in said.err


# -- the index --------------------------------------------------------------------------------------------------------


def test_index_again_and_status(cli: Run, port: Path) -> None:
    said = cli("index", "--json")
    report = json.loads(said.out)
    assert said.code == OK
    assert (report["unchanged"], report["embedded"], said.err) == (4, 0, "")
    assert [source for source, _ in report["failed"]] == ["port/locked.pdf"]
    assert report["skipped"] == [["port/picture.png", "unsupported type .png"]]
    assert cli("index", str(port), "--strict").code == UNREADABLE

    late = port / "late.txt"
    late.write_text("The late file speaks of a heron.\n")
    try:
        now = json.loads(cli("status", "--json", "--files").out)
        assert (now["files"], now["failed"], now["pending"], now["changed"]) == (4, 1, 0, 1)
        assert now["roots"] == [["port", str(port)]]
        states = {document["source"]: document["status"] for document in now["documents"]}
        assert states["port/picture.png"] == "skipped"
        assert states["port/tide.csv"] == "ready"
        text = cli("status", "--files").out
        assert "Changed:    1 file since" in text
        assert re.search(r"^failed  port/locked.pdf  \S+", text, re.MULTILINE)
        assert "note: 1 file changed since indexing" in cli("ask", "What does a berth cost?").err
    finally:
        late.unlink()


def test_show(cli: Run, port: Path) -> None:
    whole = (port / "mail" / "pilot.txt").read_text()
    assert cli("show", "port/mail/pilot.txt").out == whole + "\n"
    assert cli("show", "port/mail/pilot.txt", "--start", "4", "--end", "14").out.startswith(
        "The >>>pilot boat<<< leaves"
    )
    for span in (("--start", "-1"), ("--end", "9999"), ("--start", "9", "--end", "3")):
        said = cli("show", "port/mail/pilot.txt", *span)
        assert said.code == FAILED
        assert "no span" in said.err
    assert "holds no file 'port/none.txt'" in cli("show", "port/none.txt").err


def test_where(cli: Run, port: Path, user: dict[str, str]) -> None:
    shape = json.loads(cli("where", "--json", "--folder", str(port)).out)
    assert shape["index"].startswith(user["XDG_DATA_HOME"])
    assert shape["exists"]
    assert shape["settings_file"] is None
    assert Path(shape["config"]).is_relative_to(user["XDG_CONFIG_HOME"])
    assert not list(port.rglob("*.sqlite"))
    assert shape["index"] in cli("where").out


def test_a_folder_without_index_is_indexed_before_it_is_asked(fresh: Run, tmp_path: Path) -> None:
    ferry = tmp_path / "ferry"
    ferry.mkdir()
    (ferry / "a.txt").write_text("The ferry to Oster costs nine crowns.")
    none = fresh("ask", "What does the ferry cost?")
    assert (none.code, none.out) == (FAILED, "")
    assert "Run: citewise index FOLDER" in none.err

    asked = fresh("ask", "--folder", str(ferry), "What does the ferry cost?")
    assert asked.code == OK
    assert "is not indexed yet" in asked.err
    assert "nine crowns. [1]" in asked.out
    assert fresh("ask", "What does the ferry cost?").out == asked.out
    assert fresh("ask", "--folder", str(ferry), "What does the ferry cost?").err == ""


def test_forget(fresh: Run, tmp_path: Path) -> None:
    ferry = tmp_path / "ferry"
    ferry.mkdir()
    (ferry / "a.txt").write_text("The ferry to Oster costs nine crowns.")
    assert fresh("index", str(ferry)).code == OK
    unsure = fresh("forget", str(ferry))
    assert unsure.code == FAILED
    assert "Nothing was deleted" in unsure.err
    place = Path(json.loads(fresh("where", "--json").out)["index"])
    (place / "uploads").mkdir()
    (place / "uploads" / "note.txt").write_text("An upload.")
    forgotten = json.loads(fresh("forget", str(ferry), "--yes", "--json").out)
    assert forgotten == {"forgotten": str(place), "folders": [str(ferry)], "uploads": 1}
    assert not place.exists()
    assert [path.name for path in ferry.iterdir()] == ["a.txt"]
    again = fresh("forget", str(ferry), "--yes")
    assert (again.code, "there is no index" in again.err) == (FAILED, True)
    assert json.loads(fresh("where", "--json").out)["index"] is None


def test_forget_spares_what_is_not_its_own(fresh: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings can name an index folder that is of other documents, or that holds them."""
    docs = tmp_path / "docs"
    docs.mkdir()
    (docs / "a.txt").write_text("The ferry costs nine crowns.")
    (tmp_path / "other").mkdir()
    monkeypatch.setenv("CITEWISE_INDEX__PATH", str(docs))
    assert fresh("index", str(docs)).code == OK
    said = fresh("forget", str(tmp_path / "other"), "--yes")
    assert said.code == FAILED
    assert "nothing was deleted" in said.err
    assert fresh("forget", str(docs), "--yes").code == OK
    assert [path.name for path in docs.iterdir()] == ["a.txt"]


def test_folders_in_which_there_is_nothing_to_read(fresh: Run, tmp_path: Path) -> None:
    missing = fresh("index", str(tmp_path / "missing"))
    assert (missing.code, "There is no folder" in missing.err) == (FAILED, True)
    (tmp_path / "file.txt").write_text("x")
    file = fresh("index", str(tmp_path / "file.txt"))
    assert (file.code, "is a file, not a folder" in file.err) == (FAILED, True)

    (tmp_path / "empty").mkdir()
    empty = fresh("index", str(tmp_path / "empty"))
    assert (empty.code, "no files, hidden and ignored ones aside" in empty.err) == (UNREADABLE, True)
    asked = fresh("ask", "--folder", str(tmp_path / "empty"), "ferry?")
    assert (asked.code, asked.out) == (UNREADABLE, "")

    (tmp_path / "odd").mkdir()
    for name in ("a.png", "b.PNG", "c", "d.pdf"):
        (tmp_path / "odd" / name).write_bytes(b"\x89PNG")
    odd = fresh("index", str(tmp_path / "odd"), "--json")
    assert odd.code == UNREADABLE
    assert len(json.loads(odd.out)["skipped"]) == 3
    error = json.loads(odd.err)["error"]
    assert "1 file could not be read; 2 of unsupported type .png, 1 of unsupported type (no suffix)" in error["message"]
    assert ".docx .eml" in error["remedy"]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs permissions that bind the user")
def test_a_folder_that_cannot_be_listed(fresh: Run, tmp_path: Path) -> None:
    (tmp_path / "shut").mkdir(mode=0)
    said = fresh("index", str(tmp_path / "shut"))
    assert (said.code, "cannot be read" in said.err) == (FAILED, True)


def test_a_whole_home_is_indexed_only_on_purpose(fresh: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "a.txt").write_text("The ferry costs nine crowns.")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    said = fresh("index", str(tmp_path / "home"))
    assert said.code == FAILED
    assert "allow it with --yes" in said.err
    assert fresh("index", str(tmp_path / "home"), "--yes").code == OK
    assert fresh("ask", "--folder", str(tmp_path / "home"), "What does the ferry cost?").code == OK


def test_interrupted_indexing_keeps_what_is_done(fresh: Run, tmp_path: Path) -> None:
    docs = tmp_path / "many"
    docs.mkdir()
    for number in range(300):
        text = f"Report {number}. " + f"The gauge {number} stood at {number % 7} metres. " * 40
        (docs / f"{number}.txt").write_text(text)
    running = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "index", str(docs)], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # whoever runs the tests may ignore it
    )  # fmt: skip
    assert running.stderr is not None
    for line in running.stderr:
        if line.startswith("Embedding"):
            running.send_signal(signal.SIGINT)
            break
    out, err = running.communicate(timeout=60)
    assert running.returncode == INTERRUPTED
    assert out == ""
    assert "Stopped. What was indexed so far is kept" in err
    assert "Traceback" not in err

    asked = fresh("ask", "--json", "--only", "many/7.txt", "Where stood the gauge 7?")
    assert asked.code == OK
    note = json.loads(asked.err.splitlines()[0])["note"]
    assert re.fullmatch(r"[\d,]+ of [\d,]+ passages are found by words only so far\.", note)
    assert json.loads(asked.out)["searched"]["pending"] > 0


# -- settings ---------------------------------------------------------------------------------------------------------


def settings(said: SimpleNamespace) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(said.out)["settings"]}


def test_config_lists_every_setting(cli: Run) -> None:
    rows = settings(cli("config", "--json"))
    assert set(rows) == {
        f"{section}.{name}" for section, model in known_settings().items() for name in model.model_fields
    }
    assert all(row["value"] == row["default"] and row["origin"] == "default" for row in rows.values())
    assert all(row["description"] for row in rows.values())
    assert "chat.port = 7860  (default)" in cli("config").out


def test_a_flag_beats_the_environment_beats_the_file(
    cli: Run, user: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    own = Path(json.loads(cli("where", "--json").out)["config"]) / "citewise.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("[chat]\nport = 1\n")
    try:
        assert settings(cli("config", "--json"))["chat.port"]["value"] == 1
        (tmp_path / "citewise.toml").write_text(
            "[chat]\nport = 2\n[answer]\nmax_words = 50\n[index]\nchunk_tokens = 64\n"
        )
        assert settings(cli("config", "--json"))["chat.port"]["value"] == 2
        monkeypatch.setenv("CITEWISE_CHAT__PORT", "3")
        monkeypatch.setenv("CITEWISE_ANSWER__MAX_WORDS", "60")
        monkeypatch.setenv("CITEWISE_EMBEDDING__MODEL", "")  # empty counts as unset
        rows = settings(cli("--set", "chat.port=4", "config", "--set", "chat.host=localhost", "--json"))
    finally:
        own.unlink()
    assert {name: (row["value"], row["origin"]) for name, row in rows.items() if row["origin"] != "default"} == {
        "chat.port": (4, "flag"),
        "chat.host": ("localhost", "flag"),
        "answer.max_words": (60, "environment"),
        "index.chunk_tokens": (64, str(tmp_path / "citewise.toml")),
    }


@pytest.mark.parametrize(
    ("toml", "variable", "flag", "culprit"),
    [
        ("", "", "indx.path=x", "indx.path (flag)"),
        ("", "", "index.pth=x", "index.pth (flag)"),
        ("", "", "chat.port=many", "chat.port (flag)"),
        ("", "CITEWISE_INDX__PATH", "", "CITEWISE_INDX__PATH"),
        ("", "CITEWISE_INDEX__PTH", "", "CITEWISE_INDEX__PTH"),
        ("", "CITEWISE_CHAT__PORT", "", "chat.port (environment)"),
        ("[indx]\npath = 'x'", "", "", "indx.path ("),
        ("[index]\npth = 'x'", "", "", "index.pth ("),
        ("[index]\nchunk_tokens = 7", "", "", "index.chunk_tokens ("),
        ("index = 7", "", "", "index is a section"),
        ("depth = 7", "", "", "no setting depth ("),
        ("[embedding]\napi_key = 'hush'", "", "", "embedding.api_key is a secret"),
        ("", "", "embedding.api_key=hush", "embedding.api_key is a secret"),
        ("[index", "", "", "citewise.toml cannot be read"),
    ],
)
def test_wrong_settings_are_named(
    cli: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, toml: str, variable: str, flag: str, culprit: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if toml:
        (tmp_path / "citewise.toml").write_text(toml)
    if variable:
        monkeypatch.setenv(variable, "x")
    said = cli("where", *(["--set", flag] if flag else []))
    assert said.code == FAILED
    assert culprit in said.err
    assert "hush" not in said.err + said.out


def test_secrets_are_stars(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWISE_EMBEDDING__API_KEY", "hush-hush")
    said = cli("config")
    assert 'embedding.api_key = "**********"  (environment' in said.out
    assert "hush" not in said.out + cli("config", "--json").out


def test_a_settings_file_among_documents_is_not_read(
    cli: Run, port: Path, monkeypatch: pytest.MonkeyPatch, user: dict[str, str]
) -> None:
    assert cli("index", str(port)).code == OK
    trap = port / "mail" / "citewise.toml"
    trap.write_text("[chat]\nport = 66\n")
    try:
        monkeypatch.chdir(port / "mail")
        for arguments in ((), ("--folder", str(port)), ("--folder", "..")):
            said = cli("config", "--json", *arguments)
            assert settings(said)["chat.port"]["origin"] == "default"
        assert json.loads(cli("where", "--json").out)["settings_file"] is None
        monkeypatch.chdir(user["HOME"])
        assert settings(cli("config", "--json"))["chat.port"]["value"] == 7860
    finally:
        trap.unlink()


# -- arguments, output, start -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("nonsense",), ("ask",), ("ask", "a", "--batch", "b"), ("ask", "--jso", "a"), ("search", "a", "-k", "0"),
        ("show",), ("forget",), ("status", "--set", "port=1"), ("status", "--set", "chat.port"),
    ],
)  # fmt: skip
def test_wrong_arguments(cli: Run, arguments: tuple[str, ...]) -> None:
    said = cli(*arguments)
    assert (said.code, said.out) == (BAD_ARGUMENTS, "")
    assert said.err.startswith("error: ")
    assert "--help" in said.err
    if arguments:
        assert json.loads(cli(*arguments, "--json").err)["error"]["message"]


def test_help_tells_commands_options_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], *([name] for name in COMMANDS)):
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--help"])
        assert ended.value.code == 0
        text = capsys.readouterr().out
        assert "--json" in text
        assert "--folder" in text
        if not arguments:
            assert all(re.search(rf"^    {name} ", text, re.MULTILINE) for name in COMMANDS)
            assert re.findall(r"^  (\d+)  ", text, re.MULTILINE) == ["0", "1", "2", "3", "4", "5", "130", "141"]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["where"], ["config"]])
def test_what_needs_nothing_imports_nothing(user: dict[str, str], arguments: list[str]) -> None:
    code = (
        "import sys; from ui.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'sqlite3', 'chromadb', 'llama_index', 'gradio', 'rich', 'onnxruntime', 'filelock'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=user, cwd=user["HOME"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_ask_imports_no_web_framework(user: dict[str, str], port: Path) -> None:
    """In a process of its own, under a locale without UTF-8: it must print in UTF-8 all the same."""
    ask = ["ask", "--folder", str(port), "Who dredged the harbour?"]
    code = (
        "import sys; from ui.cli import main; code = main(sys.argv[1:])\n"
        "sys.exit(', '.join({'gradio', 'starlette'} & set(sys.modules)) or code)"
    )
    plain = user | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, *ask], env=plain, cwd=port.parent, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "— “The harbour of Veldt" in done.stdout.decode("utf-8")
    assert b"\x1b" not in done.stdout + done.stderr


def test_a_reader_that_goes_away_is_no_error(user: dict[str, str]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = process(user, "config", stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_chat_opens_the_named_the_last_or_the_sample_folder(
    cli: Run, port: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[Any] = []

    def launch(assistant: Any, host: str, port: int, open_browser: bool) -> None:
        opened.append(([str(root) for root in assistant.index.roots], host, port, open_browser))

    monkeypatch.setitem(sys.modules, "ui.page", SimpleNamespace(launch=launch))
    assert cli("chat", str(port), "--no-browser", "--port", "8001").code == OK
    assert cli("chat").code == OK
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "fresh"))
    first = cli("chat", "--host", "localhost")
    assert "sample documents" in first.err
    assert opened == [
        ([str(port)], "127.0.0.1", 8001, False),
        ([], "127.0.0.1", 7860, True),
        ([str(samples_folder())], "localhost", 7860, True),
    ]
