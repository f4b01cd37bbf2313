"""The questions that a person should look at: which, in which order, and what is shown of them."""

from __future__ import annotations

import html
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from eval.match import satisfied
from eval.measures import INVARIANTS
from eval.questions import MUST_PASS
from eval.results import Row

MOST_CASES = 200
MOST_BYTES = 3_000_000  # of the listed cases, so that the file stays below 5 MB
# Where a question is lost, in the order of the path: the stages of `rag.why`, and what no stage explains.
WHERE = {
    "error": "An error was raised",
    "file": "The file is not indexed",
    "text": "The file's text lacks the words",
    "passages": "No passage holds it",
    "understood": "The question was taken otherwise",
    "found": "Neither search found it",
    "fused": "Too low after both searches",
    "reranked": "Too low after reranking",
    "kept": "Left out as one too many, or as a duplicate",
    "candidates": "No sentence of it was a candidate",
    "evidence": "Evidence judged too weak: refused",
    "chosen": "Its sentence was not chosen",
    "checked": "Withheld by the check of citations",
    "cited": "Cited, yet the expected words are missing",
    "answered": "Answered, though the documents do not say",
    "unknown": "Not traced",
    "invariant": "Right, but an invariant is broken",
}


@dataclass(frozen=True, slots=True)
class Case:
    """A question that a person should look at. `where` is a key of WHERE, or another version's stage; `broken` names
    invariants; `newly`: it was right in the previous run."""

    row: Row
    where: str
    broken: tuple[str, ...]
    newly: bool

    @property
    def wanted(self) -> list[tuple[str, bool]]:
        """Each group of expected words, and whether the answer has one of it."""
        said = " ".join(statement["text"] for statement in (self.row.answer or {}).get("statements", ()))
        return [(" / ".join(group), satisfied([group], said)) for group in self.row.gold.must_contain]

    @property
    def rank(self) -> int | None:
        """The rank of the first passage with evidence; None where none was found."""
        reciprocal = self.row.scores.get("mrr_at_10", 0)
        return round(1 / reciprocal) if reciprocal > 0 else None


def failing_cases(rows: Sequence[Row], newly_wrong: Set[str]) -> list[Case]:
    """Every question in which something went wrong: defects first, then errors, what must pass, and what was right
    before; else the order of the run."""
    return sorted(filter(None, (_case(row, newly_wrong) for row in rows)), key=_urgency)


def _case(row: Row, newly_wrong: Set[str]) -> Case | None:
    """None for a question in which nothing went wrong."""
    broken = tuple(name for name, score in row.scores.items() if name in INVARIANTS and score < 1)
    if row.status == "error":
        where = "error"
    elif row.correct:
        where = "invariant"
    elif not row.gold.answerable:
        where = "answered"
    else:
        where = row.lost.stage if row.lost else "unknown"
    if where == "invariant" and not broken:
        return None
    return Case(row, where, broken, row.gold.id in newly_wrong)


def _urgency(case: Case) -> tuple[bool, bool, bool, bool]:
    return (not case.broken, case.where != "error", MUST_PASS not in case.row.gold.tags, not case.newly)


def listed(failing: Sequence[Case]) -> Iterator[Case]:
    """The first of them, as many as a file of a few megabytes holds."""
    spent = 0
    for case in failing[:MOST_CASES]:
        spent += len(html.escape(str(shown(case.row))).encode("utf-8", "replace"))
        if spent > MOST_BYTES:
            return
        yield case


def shown(row: Row) -> dict[str, Any]:
    """What a report shows of a failed question, cut to lengths that a reader bears."""
    answer = row.answer or {}
    said = {statement["text"] for statement in answer.get("statements", ())}
    return {
        "question": cut(row.gold.question), "note": cut(row.gold.note, 300), "error": cut(row.error),
        "history": [(cut(turn.question, 300), cut(turn.answer, 300)) for turn in row.gold.history[-4:]],
        "text": cut(answer.get("text", "")),
        "statements": [one | {"text": cut(one["text"])} for one in answer.get("statements", ())[:12]],
        "citations": [
            one | {"quote": cut(one["quote"]), "before": one["before"][-120:], "after": one["after"][:120],
                   "place": place(one), "same": one["quote"] in said}
            for one in answer.get("citations", ())[:8]
        ],
        "evidence": [(one.source, cut(one.quote)) for one in row.gold.evidence[:6]],
        "answers": [cut(str(_plain(one)), 200) for one in row.gold.answers[:6]],
    }  # fmt: skip


def _plain(answer: Any) -> str:
    """A short answer of gold as people read it: a text, aliases, or a value with its source."""
    if isinstance(answer, Mapping):
        return f"{_plain(answer['value'])} ({answer['source']})"
    return answer if isinstance(answer, str) else " / ".join(map(str, answer))


def place(citation: Mapping[str, Any]) -> str:
    """Where in its file a citation stands, as people say it."""
    spots = [f"{what} {citation[what]}" for what in ("page", "line") if citation.get(what)]
    return ", ".join([*spots, *([f"“{cut(citation['heading'], 80)}”"] if citation.get("heading") else [])])


def cut(text: str, most: int = 600) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
