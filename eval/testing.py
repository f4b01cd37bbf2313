"""Gold questions in a test of one's own: `assert_answers(assistant, gold)`, in plain pytest or anywhere else."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Mapping
from os import PathLike
from pathlib import Path
from typing import Any

from eval.cases import case
from eval.checks import row_defects
from eval.gate import invariants
from eval.questions import GoldError, GoldQuestion, load_gold, locate, question_from
from eval.results import Result, Row
from eval.run import run_questions
from rag import Assistant

Gold = str | PathLike[str] | GoldQuestion | Mapping[str, Any]
_HERE = Path("gold")  # what errors call questions that are in no file
_EMPTY = "must_contain: empty"
_NEEDED = f'{_EMPTY}; give the words that the answer needs, or "answerable": False where there is no answer'


def assert_answers(assistant: Assistant, gold: Gold | Iterable[Gold], *, at_least: float = 1.0) -> tuple[Row, ...]:
    """Ask, and return a row a question; the share of correct ones must be `at_least` that, each that is tagged
    "must_pass" be right, and each quote, its place and its numbers be exact (the invariants of `eval.gate`).

    `gold` is the path of a gold file, a GoldQuestion, the dict of one, or several of these. A dict may leave out all
    but `question` and `must_contain` (of a question that the documents do not answer, `question` and
    `"answerable": False`). Raises AssertionError, which shows each question that went wrong with its answer and what was
    wanted; GoldError for gold with defects, SettingsError, MissingExtra, TypeError for what is no gold, and ValueError
    for no share.
    """
    __tracebackhide__ = True  # pytest shows the caller's line instead of this one
    if not 0 <= at_least <= 1:
        raise ValueError(f"at_least={at_least} is no share between 0 and 1")
    result = _run(assistant, _questions(gold))
    rows, failed = result.rows, [check.says for check in invariants(result) if not check.passed]
    wrong = [row for row in rows if not row.correct]
    if len(rows) - len(wrong) < at_least * len(rows):
        asked = "" if at_least == 1 else f"; at least {at_least:.0%} was asked for"
        failed.insert(0, f"{len(wrong)} of {len(rows)} questions went wrong{asked}")
    if failed:
        raise AssertionError("\n\n".join(["\n".join(failed), *map(case, wrong)]))
    return rows


def _run(assistant: Assistant, questions: list[GoldQuestion]) -> Result:
    sources = [document.source for document in assistant.documents() if document.status == "ready"]
    spans = locate(_HERE, questions, sources, assistant.text)
    with tempfile.TemporaryDirectory(prefix="citewise-eval-") as folder:
        out = Path(folder) / "run.jsonl"
        return run_questions(assistant, questions, spans, stamp={"n": len(questions)}, out=out)


def _questions(gold: Gold | Iterable[Gold]) -> list[GoldQuestion]:
    several = [gold] if isinstance(gold, str | PathLike | GoldQuestion | Mapping) else list(gold)
    found: list[GoldQuestion] = []
    for one in several:
        if isinstance(one, str | PathLike):
            found += load_gold(Path(one))
        elif isinstance(one, GoldQuestion | Mapping):
            found.append(_question(one, len(found) + 1) if isinstance(one, Mapping) else one)
        else:
            raise TypeError(f"{one!r} is no gold: neither the path of a file, nor a GoldQuestion, nor a dict")
    twice = sorted(name for name, times in Counter(question.id for question in found).items() if times > 1)
    if twice or not found:
        raise GoldError(_HERE, [f"id: {name!r} more than once" for name in twice] or ["no question"])
    return found


def _question(row: Mapping[str, Any], number: int) -> GoldQuestion:
    kind = "single_fact" if row.get("answerable", True) else "unanswerable"
    empty: dict[str, Any] = {"answers": [], "must_contain": [], "evidence": []}
    whole = {"id": f"question {number}", "type": kind, **empty, **row}
    left_out = tuple(f"{name}: empty" for name in ("answers", "evidence") if name not in row)
    if defects := [defect for defect in row_defects(whole) if not defect.startswith(left_out)]:
        told = [_NEEDED if defect.startswith(_EMPTY) else defect for defect in defects]
        raise GoldError(_HERE, [f"question {number}, {defect}" for defect in told])
    return question_from(whole)
