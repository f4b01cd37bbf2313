"""What people say of answers: kept for them alone, and made into gold questions that the loader takes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from evaluation import GOOD, gold_file

from eval import keep_feedback, load_gold, locate, main
from eval.feedback import VERDICTS, Feedback, feedback_store, load_feedback, to_gold
from eval.questions import Evidence
from rag import Answer, Assistant, CitewiseError, Settings, Turn

FILES = {
    "wharf.md": "# Wharf\n\nThe wharf of Lund has 14 cranes. The blue crane was built in 1931 by Ebba Strand.\n",
    "rules.md": "# Rules\n\nSince 2011 visitors may not climb the cranes. A berth costs 140 crowns a month.\n",
}
BUILT = "The blue crane was built in 1931 by Ebba Strand."


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    place = tmp_path_factory.mktemp("feedback")
    (place / "port").mkdir()
    for name, text in FILES.items():
        (place / "port" / name).write_text(text, "utf-8")
    opened = Assistant.open(place / "port", settings=Settings.load(index={"path": place / "index"}))
    for _ in opened.sync():
        pass
    yield opened
    opened.close()


@pytest.fixture
def index(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The index folder, which commands mean too, without feedback."""
    monkeypatch.setenv("CITEWISE_INDEX__PATH", str(assistant.index.folder))
    yield assistant.index.folder
    feedback_store(assistant.index.folder).erase()


def judged(index: Path, answer: Answer, verdict: str, *history: Turn, **more: Any) -> dict[str, Any] | str:
    """The gold question of a verdict on an answer, or what it lacks, once it was kept and read again."""
    keep_feedback(index, answer.question, answer.question, history, answer.to_dict(), verdict, **more)
    return to_gold(load_feedback(index)[0][-1])


@pytest.mark.parametrize(
    ("question", "must_contain"),
    [
        ("When was the blue crane built?", [("1931",)]),
        ("Who built the blue crane?", [("Ebba Strand", "Strand")]),
        ("How many cranes has the wharf of Lund?", [("14", "fourteen")]),
    ],
)
def test_a_right_answer_must_contain_what_was_asked_for(
    assistant: Assistant, index: Path, tmp_path: Path, question: str, must_contain: list[tuple[str, ...]]
) -> None:
    gold = judged(index, assistant.ask(question), "right")
    assert isinstance(gold, dict)
    assert (gold["type"], list(gold["must_contain"])) == ("single_fact", must_contain)
    path = gold_file(tmp_path / "g.jsonl", gold)
    questions = load_gold(path)
    sources = [document.source for document in assistant.documents()]
    assert locate(path, questions, sources, assistant.text)[questions[0].id]


def test_what_cannot_be_gold_says_what_it_lacks(assistant: Assistant, index: Path) -> None:
    rules, crane = assistant.ask("May visitors climb the cranes?"), assistant.ask("When was the blue crane built?")
    assert "write the question by hand" in judged(index, rules, "right")
    assert "cites what bears it out" in judged(index, assistant.ask("hello"), "right")
    for verdict in ("wrong", "incomplete", "wrong_source", "refused_wrongly"):
        assert "--right ID FILE QUOTE" in judged(index, crane, verdict)


@pytest.mark.parametrize(
    ("question", "sentences", "must_contain"),
    [
        ("How much does a tug cost?", ("Tug,90.00,per hour",), None),
        ("How much does a tug cost?", ("| Tug | 90 crowns |",), None),
        ("How much does a tug cost?", ("A tug costs 90 crowns an hour.", "A pilot costs 140 crowns."), None),
        ("When is the tug painted?", ("It is painted on 3 May 2025, and again on 9 June 2025.",), None),
        ("What does a tug cost?", ("Ebba Strand asks 90 crowns for it.",), None),
        ("Who steers the tug?", ("Since 2011, Ebba Strand steers it.", "Ebba Strand has two helpers."), "Ebba Strand"),
        ("How much does a tug cost?", ("In 2011, a tug, if there is one, costs 1,240 crowns.",), "1,240"),
    ],
)
@pytest.mark.parametrize("named", [False, True])
def test_only_one_fact_of_the_kind_asked_for_becomes_gold(
    question: str, sentences: tuple[str, ...], must_contain: str | None, named: bool
) -> None:
    answer: dict[str, Any] = {"status": "answered", "statements": [], "citations": []}
    for number, text in enumerate(sentences):
        answer["statements"].append({"text": text, "citations": [number], "support": "verbatim"})
        answer["citations"].append({"number": number, "source": "port/tug.txt", "quote": text})
    right = Evidence("port/tug.txt", " ".join(sentences)) if named else None
    gold = to_gold(Feedback("a", "2025-01-01", question, (), answer, "wrong" if named else "right", right=right))
    if must_contain is None:
        assert "needs a person" in gold
    else:
        assert isinstance(gold, dict)
        assert [group[0] for group in gold["must_contain"]] == [must_contain]


def test_refusals_are_unanswerable_and_named_passages_are_evidence(assistant: Assistant, index: Path) -> None:
    sushi, crane = assistant.ask("Which sushi does the canteen serve?"), assistant.ask("When was the blue crane built?")
    assert sushi.status == "not_in_documents"
    for answer, verdict in ((sushi, "right"), (crane, "should_have_refused")):
        gold = judged(index, answer, verdict)
        assert isinstance(gold, dict)
        assert (gold["type"], gold["evidence"], gold["answerable"]) == ("unanswerable", (), False)
    turn = Turn("What of cranes?", "There are 14.")
    gold = judged(index, crane, "wrong", turn, right=Evidence("wharf.md", BUILT), note="cites the rules")
    assert isinstance(gold, dict)
    assert (gold["evidence"], gold["must_contain"]) == (({"source": "wharf.md", "quote": BUILT},), (("1931",),))
    assert (gold["history"], gold["note"]) == (({"question": turn.question, "answer": turn.answer},), "cites the rules")


def test_both_sides_of_a_conflict_are_expected(assistant: Assistant, index: Path) -> None:
    answer = assistant.ask("When was the blue crane built?").to_dict()
    quote = "It was built in 1930."
    answer["statements"] += ({"text": quote, "citations": (9,), "support": "verbatim", "problems": ()},)
    answer["citations"] += ({**answer["citations"][0], "number": 9, "source": "port/rules.md", "quote": quote},)
    answer["conflicts"] = ({"sides": ({"value": "1931", "citation": 1}, {"value": "1930", "citation": 9})},)
    keep_feedback(index, "x", "When was it built?", (), answer, "right")
    gold = to_gold(load_feedback(index)[0][0])
    assert isinstance(gold, dict)
    assert (gold["type"], gold["must_contain"]) == ("conflict", (("1931",), ("1930",)))


def test_the_last_verdict_counts_and_only_its_owner_reads_it(assistant: Assistant, index: Path) -> None:
    answer = assistant.ask("When was the blue crane built?").to_dict()
    path = keep_feedback(index, "a", "q", (), answer, "wrong")
    keep_feedback(index, "b", "q", (), answer, "incomplete")
    keep_feedback(index, "a", "q", (), answer, "right")
    (sound, *_), _ = feedback_store(index).read()
    parts: tuple[dict[str, Any], ...] = (
        {"id": ["c"]}, {"note": None}, {"verdict": []}, {"answer": answer | {"statements": [{"text": "?"}]}},
        {"answer": answer | {"conflicts": [{}]}}, {"right": {"source": 1, "quote": "x"}},
    )  # fmt: skip
    for spoilt in parts:
        feedback_store(index).append(sound | {"id": "c"} | spoilt)
    given, strange = load_feedback(index)
    assert ([(one.id, one.verdict) for one in given], strange) == ([("a", "right"), ("b", "incomplete")], 6)
    assert "trace" not in given[0].answer
    assert path.stat().st_mode & 0o777 == 0o600


def test_what_cannot_be_kept_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CitewiseError, match="no verdict 'nice'") as caught:
        keep_feedback(tmp_path, "a", "q", (), {}, "nice")
    assert all(verdict in caught.value.remedy for verdict in VERDICTS)
    with pytest.raises(CitewiseError, match="could not be kept"):
        keep_feedback(tmp_path / "none", "a", "q", (), {}, "right")
    monkeypatch.setattr("eval.feedback.LIMIT", 1000)
    keep_feedback(tmp_path, "a", "q" * 1000, (), {}, "right")
    with pytest.raises(CitewiseError, match="grown beyond"):
        keep_feedback(tmp_path, "b", "q", (), {}, "right")


def test_gold_is_added_once_to_a_sound_file(
    assistant: Assistant, index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "own.jsonl"
    own = json.dumps({"format": 1}).encode() + b"\r\n" + json.dumps(GOOD).encode()  # whose last line has no end
    path.write_bytes(own)
    crane = assistant.ask("When was the blue crane built?")
    for id, verdict in (("one", "wrong"), ("two", "right")):
        keep_feedback(index, id, crane.question, (), crane.to_dict(), verdict)
    changed = crane.to_dict()
    changed["citations"][0]["quote"] = "It was built in 1931 by nobody."
    keep_feedback(index, "three", "When was it?", (), changed, "right")
    keep_feedback(index, "four", "Is \x1b[31mit?", (), crane.to_dict(), "should_have_refused")
    changed["citations"][0]["source"] = "port/\x1b[2J.md"
    keep_feedback(index, "five", "And when?", (), changed, "right")
    for added in (2, 0):
        assert main(["feedback", "--gold", str(path)]) == 0
        out = capsys.readouterr().out
        assert f"{added} questions added to {path}, of 4 questions judged." in out
        assert "port/wharf.md changed since" in out
        assert "\x1b" not in out
    assert path.read_bytes().startswith(own + b"\n")
    assert main(["feedback", "--gold", str(tmp_path / "new" / "own.jsonl")]) == 0
    assert len(load_gold(tmp_path / "new" / "own.jsonl")) == 2
    assert [question.question for question in load_gold(path)] == [GOOD["question"], crane.question, "Is \x1b[31mit?"]
    path.write_text("{")
    assert main(["feedback", "--gold", str(path)]) == 2
    assert path.read_text() == "{"


def test_a_passage_is_named_by_its_exact_words(
    assistant: Assistant, index: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keep_feedback(index, "abcdef", "When was it built?", (), assistant.ask("When?").to_dict(), "wrong")
    assert main(["feedback"]) == 0
    assert "name the right passage" in capsys.readouterr().out
    for id, file, quote, told in (
        ("x", "wharf.md", BUILT, "begins with 'x'"),
        ("abc", "harbour.md", BUILT, "0 indexed files are named"),
        ("abc", "wharf.md", BUILT.upper(), "does not hold these words"),
    ):
        assert main(["feedback", "--right", id, file, quote]) == 2
        assert told in capsys.readouterr().err
    assert main(["feedback", "--right", "abc", "wharf.md", BUILT]) == 0
    assert "a gold question" in capsys.readouterr().out
    (one,) = load_feedback(index)[0]
    assert one.right == Evidence("port/wharf.md", BUILT)
    assert main(["feedback", "--list"]) == 0
    assert "a gold question\n1 answer judged." in capsys.readouterr().out
    assert main(["feedback", "--erase"]) == 0
    assert load_feedback(index) == ([], 0)
