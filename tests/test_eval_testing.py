"""`assert_answers` in a user's own test: what it takes, what it returns, and how a failure reads."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from evaluation import GOOD, gold_file

from eval import GoldError, assert_answers
from eval.questions import question_from
from rag import Answer, Assistant, Settings

RENT = {"question": "How much is the rent of the boat house?", "must_contain": [["310 euros", "€ 310"]]}
WRONG = {
    "id": "rent",
    "question": "How much is the rent of the boat house?",
    "must_contain": [["450 euros"], ["month"]],
}
NOWHERE = {"question": "Who invented the electric harpsichord?", "answerable": False}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("home") / "house"
    folder.mkdir()
    (folder / "keys.md").write_text("# Keys\n\nThe gate key opens the main gate. It hangs in the hall.\n", "utf-8")
    (folder / "rent.txt").write_text(
        "The rent of the boat house is 310 euros a month. It is paid in advance.\n", "utf-8"
    )
    with closing(Assistant.open(folder, settings=Settings.load(index={"path": folder.parent / "index"}))) as opened:
        for _ in opened.sync():
            pass
        yield opened


def failure(assistant: Assistant, gold: Any, **how: Any) -> str:
    with pytest.raises(AssertionError) as caught:
        assert_answers(assistant, gold, **how)
    return str(caught.value)


def test_right_answers_pass_and_come_back(assistant: Assistant, tmp_path: Path) -> None:
    path = gold_file(tmp_path / "gold.jsonl", GOOD)
    for gold in (path, str(path), GOOD, question_from(GOOD), [GOOD], [path]):
        (row,) = assert_answers(assistant, gold)
        assert row.correct
        assert row.answer
        assert row.answer["citations"][0]["source"] == "house/keys.md"
    rows = assert_answers(assistant, [path, RENT, NOWHERE])
    assert [(row.gold.id, row.status) for row in rows] == [
        ("t1", "answered"), ("question 2", "answered"), ("question 3", "not_in_documents"),
    ]  # fmt: skip


def test_a_failure_reads_well(assistant: Assistant) -> None:
    evidence = [{"source": "rent.txt", "quote": "It is paid in advance."}]
    lost = {"id": "when", "question": "Which key opens the main gate?", "must_contain": [["in advance"]]}
    told = failure(assistant, [GOOD, WRONG, lost | {"evidence": evidence}])
    assert told.startswith(
        "2 of 3 questions went wrong\n\n"
        "rent (single_fact): How much is the rent of the boat house?\n"
        "  answer:  The rent of the boat house is 310 euros a month.\n"
        "  wanted:  450 euros AND month\n"
        "  cited:   house/rent.txt\n"
    )
    assert "when (single_fact): Which key opens the main gate?\n  answer:  The gate key opens the main gate." in told
    assert "lost at: " in told[told.index("when (") :]
    assert "What does the gate key open?" not in told


def test_an_answer_where_there_is_none_is_a_failure(assistant: Assistant) -> None:
    told = failure(assistant, RENT | {"must_contain": [], "answerable": False})
    assert "  wanted:  (a refusal: the documents do not say)" in told


def test_a_share_may_be_asked_for(assistant: Assistant) -> None:
    assert len(assert_answers(assistant, [GOOD, WRONG], at_least=0.5)) == 2
    told = failure(assistant, [GOOD, WRONG], at_least=0.51)
    assert told.startswith("1 of 2 questions went wrong; at least 51% was asked for\n")
    with pytest.raises(ValueError, match="no share"):
        assert_answers(assistant, GOOD, at_least=90)


def test_defects_of_gold_are_told_before_anything_is_asked(assistant: Assistant, tmp_path: Path) -> None:
    for gold, defect in (
        ({"question": "Why?"}, 'question 1, must_contain: empty; give .*, or "answerable": False'),
        (RENT | {"must": []}, "question 1, must: unknown field"),
        ([GOOD, GOOD], "id: 't1' more than once"),
        ([], "no question"),
        (tmp_path / "none.jsonl", "cannot be read"),
        (GOOD | {"evidence": [{"source": "keys.md", "quote": "The gate key opens the main gate of it."}]}, "not in"),
    ):
        with pytest.raises(GoldError, match=defect):
            assert_answers(assistant, gold)


def test_what_is_no_gold_is_named(assistant: Assistant) -> None:
    with pytest.raises(TypeError, match="3 is no gold"):
        assert_answers(assistant, [GOOD, 3])  # type: ignore[list-item]


def test_what_must_pass_is_borne_by_no_share(assistant: Assistant) -> None:
    told = failure(assistant, [GOOD, WRONG | {"tags": ["must_pass"]}], at_least=0.5)
    assert told.startswith(
        "must_pass is broken by 1 (rent) of 1 questions; it must always hold\n\nrent (single_fact): "
    )


class Misquoting(Assistant):
    """The assistant, whose quotes are not those of the documents."""

    def __init__(self, real: Assistant) -> None:
        vars(self).update(vars(real))

    def ask(self, question: str, **how: Any) -> Answer:
        answer = super().ask(question, **how)
        return replace(answer, citations=tuple(replace(one, quote=f"{one.quote} So.") for one in answer.citations))


def test_a_right_answer_with_a_wrong_quote_fails(assistant: Assistant) -> None:
    assert "quote_exact is broken by 1 (t1) of 1 questions" in failure(Misquoting(assistant), GOOD, at_least=0)


def test_twenty_thousand_questions_are_taken_in_seconds(assistant: Assistant) -> None:
    many = [question_from(GOOD | {"id": f"{number}"}) for number in range(20_000)]
    begun = time.process_time()
    with pytest.raises(GoldError, match="id: '7' more than once"):
        assert_answers(assistant, [*many, many[7]])
    assert time.process_time() - begun < 5


def test_pytest_shows_the_line_of_the_test_and_none_of_ours(assistant: Assistant) -> None:
    with pytest.raises(AssertionError) as caught:
        assert_answers(assistant, WRONG)
    assert [Path(frame.path).name for frame in caught.traceback.filter(caught)] == ["test_eval_testing.py"]
