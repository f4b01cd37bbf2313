"""The terminal: questions one by one and in batches, and what documents may not do to it."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path
from types import SimpleNamespace

import pytest
from terminals import (
    FAILED,
    LINES_FAILED,
    NOT_IN_DOCUMENTS,
    OK,
    Run,
    assert_exact,
)

from rag import BadQuestion, Turn
from ui import batch, render
from ui.terminal import Terminal, clean, dumped, one_line


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
        question="q", understood_as="q", text="So. Or so. Hello.", citations=(), related=(), writer="openai:fake",
        statements=(
            SimpleNamespace(support="not_found", text="So.", problems=("the cited passage says 5, not 7",)),
            SimpleNamespace(support="supported", text="Or so."), SimpleNamespace(support="none", text="Hello."),
        ),
        conflicts=(SimpleNamespace(about="cadets", differs="period", sides=sides),),
    )  # fmt: skip
    lines = list(render.answer(answer, Terminal()))  # type: ignore[arg-type]
    assert lines[1:] == [
        "Not found in the documents: “So.”; the cited passage says 5, not 7",
        "\nSources (written by openai:fake, 1 of 2 sentences found)",
        "\nThe documents disagree about cadets (period)", "    11,000 [1], as of 2014", "    21,000 [2]",
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
    assert "boats" in results[1]["understood_as"]
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


@pytest.mark.usefixtures("port")
def test_no_line_stops_a_batch(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = ("1e999", "-1e999", "[" * 200_000 + "]" * 200_000, "9" * 5000, '"\\ud800"', "1" * 400, "1.5")
    lines = [f'{{"id": {given}, "question": "berth"}}' for given in ids]
    lines += ['{"id": "k", "question": "berth", "k": 99999999999999999999999}', '{"id": "last", "question": "berth"}']
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO("\n".join(lines).encode())))
    said = cli("search", "--batch", "-", "-k", "1")
    results = [json.loads(line) for line in said.out.splitlines()]
    assert (said.code, len(results)) == (LINES_FAILED, len(lines))
    assert [("error" in result) for result in results] == [True] * 4 + [False] * 3 + [True, False]
    assert results[0]["error"]["message"] == "Line 1 is not JSON in UTF-8 (1e999 is too large a number)."


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
