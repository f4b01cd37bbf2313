"""What the tests of the evaluation share: where the shared data lies, a small file of gold questions, rows and runs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from eval.questions import question_from
from eval.results import Lost, Result, Row, Status
from rag import Answer, AnswerStatus, Citation, Statement

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("CITEWISE_SHARED_DATA", ROOT.parent / "shared"))
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared, which is not in the repository")

GOOD: dict[str, Any] = {
    "id": "t1", "question": "What does the gate key open?", "type": "single_fact", "answers": ["the main gate"],
    "must_contain": [["main gate"]], "evidence": [{"source": "keys.md", "quote": "The gate key opens the main gate."}],
}  # fmt: skip


def gold_file(path: Path, *rows: object) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


def an_answer(text: str = "The gate key opens the main gate.", status: AnswerStatus = "answered") -> Answer:
    """One sentence that cites itself; no citation in a refusal."""
    if status != "answered":
        return Answer("id", "What?", "What?", text, status, 0.1, "quotes")
    quote = Citation(1, "house/keys.md", "Keys", 8, 8 + len(text), None, None, "Keys", text, "", "", "0" * 64)
    statement = Statement(text, (1,), "verbatim")
    return Answer("id", "What?", "What?", f"{text} [1]", status, 0.9, "quotes", (statement,), (quote,))


def a_row(
    name: str = "t1", *, correct: bool = True, scores: dict[str, float] | None = None, error: str = "",
    lost: Lost | None = None, seconds: float = 0.02, text: str = "The gate key opens the main gate.", **gold: Any,
) -> Row:  # fmt: skip
    """A row of the question GOOD with other fields in `gold`; `correct` is a score like those of `scores`. A right row
    of an unanswerable question refuses, a wrong one of the others answers in other words; an error has no answer."""
    if gold.get("type") == "unanswerable":
        gold = {"answers": [], "must_contain": [], "evidence": []} | gold
    question = question_from(GOOD | {"id": name} | gold)
    refuses = not question.answerable and correct
    answer = an_answer(text if correct else "It hangs in the hall.", "not_in_documents" if refuses else "answered")
    shape = answer.to_dict()
    del shape["trace"]
    status: Status = "error" if error else answer.status
    found = ({"source": "house/keys.md", "start": 0, "end": 60},)
    verdict = {"correct": float(correct and not error), **(scores or {})}
    return Row(question, status, None if error else shape, () if error else found, verdict, seconds, error, lost)


def a_result(*rows: Row, **stamp: Any) -> Result:
    """A whole run of these rows, unless `n` in the stamp says otherwise."""
    made_with = {
        "command": "citewise eval run", "n": len(rows), "gold": "gold.jsonl", "gold_sha256": "a" * 64,
        "corpus_sha256": "b" * 64, "settings": {}, "model": "", "versions": {"citewise": "0.1.0"}, "commit": "c" * 7,
        "machine": "Linux x86_64", "workers": 1, "started": "2026-01-05T10:00:00+00:00", "seconds": 1.0,
    }  # fmt: skip
    return Result(made_with | stamp, rows)
