"""What came of a run: a stamp and one row a question, kept as JSON lines, from which every report is made.

The first line of a results file is `{"stamp": {...}}`, each other one a `Row`. Nothing else is needed to report on a
run, to compare two, or to judge one by its gates: no index, no documents, no gold file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from eval.questions import GoldQuestion, question_from
from rag import AnswerStatus, CitewiseError

SCHEMA = 1
ESCAPED = "backslashreplace"  # of half a character, which UTF-8 has not, this makes the escape that JSON has for it

Status = AnswerStatus | Literal["error"]


@dataclass(frozen=True, slots=True)
class Lost:
    """The step at which the evidence of a failed question was lost (a stage of `rag.why`), why, and what to do."""

    stage: str
    reason: str
    remedy: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """What came of one question.

    `answer` is the wire shape without its trace, None after an error; `found` are the first passages that `search`
    gave, each `{"source", "start", "end"}`; `scores` holds each measure that applies to the question, an error scoring
    0 (1 where less is better); `seconds` is the time of `ask`.
    """

    gold: GoldQuestion
    status: Status
    answer: Mapping[str, Any] | None
    found: tuple[Mapping[str, Any], ...]
    scores: Mapping[str, float]
    seconds: float
    error: str = ""
    lost: Lost | None = None

    @property
    def correct(self) -> bool:
        """The one verdict that runs are compared by: the expected words where there is an answer, else a refusal."""
        return self.scores["correct"] == 1

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        return {
            "gold": self.gold.to_dict(), "status": self.status, "answer": self.answer, "found": list(self.found),
            "scores": dict(self.scores), "seconds": round(self.seconds, 4), "error": self.error,
            "lost": self.lost and asdict(self.lost),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Result:
    """A run, whole or interrupted. The stamp says what it was made with: `command`, `n` (questions that were to be
    asked), `gold`, `gold_sha256`, `corpus_sha256`, `settings`, `model`, `versions`, `commit`, `machine`, `workers`,
    `started` and, of a whole run, `seconds`."""

    stamp: Mapping[str, Any]
    rows: tuple[Row, ...] = field(default=())

    @property
    def whole(self) -> bool:
        return len(self.rows) == self.stamp["n"]


def load_result(path: Path) -> Result:
    """Read a results file; a last line that was cut short is left out. Raises CitewiseError naming the line."""
    try:
        with path.open(encoding="utf-8", newline="\n") as file:
            return _read(path, (line for line in file if line.endswith("\n")))  # whole once its end was written
    except (OSError, UnicodeDecodeError) as error:
        raise CitewiseError(f"{path} cannot be read ({error}).", "Name a file that `eval run` wrote.") from None


def _read(path: Path, lines: Iterator[str]) -> Result:
    try:
        stamp = json.loads(next(lines, ""))["stamp"]
        schema = stamp["schema"]
    except (ValueError, KeyError, TypeError):
        raise CitewiseError(f"{path}, line 1: no stamp.", "Name a file that `eval run` wrote.") from None
    if schema != SCHEMA:
        raise CitewiseError(
            f"{path} is of format {schema}; this version reads {SCHEMA}.", "Run the questions again: citewise eval run"
        )
    rows: dict[str, Row] = {}
    for number, line in enumerate(lines, 2):
        try:
            row = _row(json.loads(line))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise CitewiseError(f"{path}, line {number}: no row of a run ({error!r}).", "Run again.") from None
        if "correct" not in row.scores:
            raise CitewiseError(f"{path}, line {number}: no score of correct.", "Run again.")
        if row.gold.id in rows:
            raise CitewiseError(f"{path}, line {number}: {row.gold.id!r} came before.", "Run again.")
        rows[row.gold.id] = row
    return Result(stamp, tuple(rows.values()))


def save_result(path: Path, stamp: Mapping[str, Any], rows: Sequence[Row] = ()) -> None:
    """Write a results file anew: an old one stays until all is written."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines: list[Mapping[str, Any]] = [{"stamp": {"schema": SCHEMA, **stamp}}, *(row.to_dict() for row in rows)]
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        write_lines(fresh, lines)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)


def write_lines(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """One JSON object a line."""
    with path.open("w", encoding="utf-8", errors=ESCAPED) as file:
        file.writelines(map(line_of, rows))


def line_of(shape: Mapping[str, Any]) -> str:
    """One line of a results file."""
    return json.dumps(shape, ensure_ascii=False) + "\n"


def _row(shape: Mapping[str, Any]) -> Row:
    return Row(
        question_from(shape["gold"]), shape["status"], shape["answer"], tuple(shape["found"]), shape["scores"],
        shape["seconds"], shape["error"], shape["lost"] and Lost(**shape["lost"]),
    )  # fmt: skip
