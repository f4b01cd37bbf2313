"""What a report tells as JSON, for a page that draws it itself: the numbers as the other forms write them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eval.report import words
from eval.report.cases import Case, cut, shown
from eval.report.facts import Facts, Line
from eval.statistics import Figure


def overview(known: Facts) -> dict[str, Any]:
    """A run without its cases' words, which `case_of` has: `title`, `sentences`, `share` (of 0 to 1, with `low` and `high`),
    the lines of `headline` and `groups`, what must always hold (`held`), `cases`, where they are `lost`, `flipped`."""
    stamp, flipped = known.result.stamp, words.flipped(known)
    return {
        "title": words.title(known), "n": known.n, "gold": stamp.get("gold"), "started": stamp.get("started"),
        "model": stamp.get("model"),
        "sentences": [{"text": one.text, "bad": one.bad} for one in words.sentences(known)],
        "share": _share(known.correct),
        "headline": [_line(line) for line in known.headline],
        "groups": {name: [_line(line) for line in lines] for name, lines in known.groups.items()},
        "held": [
            {"name": line.figure.name, "says": line.says, "kept": line not in known.broken, "n": line.figure.n}
            for line in known.invariants
        ],
        "lost": [{"where": where, "says": words.label(where), "n": n} for where, n in known.lost.items()],
        "cases": [
            {
                "id": case.row.gold.id, "question": cut(case.row.gold.question), "type": case.row.gold.type,
                "where": case.where, "newly": case.newly, "broken": case.broken,
            }
            for case in known.cases
        ],
        "listed": words.listed(known),
        "previous": words.told(known.previous) if known.previous else None,
        "flipped": {name: [cut(row.gold.question) for row in rows] for name, rows in flipped.items()},
        "timing": words.timing(known),
    }  # fmt: skip


def case_of(known: Facts, id: str) -> dict[str, Any] | None:
    """What a failed question was asked, answered and wanted, and the step that lost it; None for one that is not among
    the failing."""
    return next((_case(case) for case in known.cases if case.row.gold.id == id), None)


def _case(case: Case) -> dict[str, Any]:
    row = case.row
    lost: Mapping[str, Any] = {"reason": cut(row.lost.reason), "remedy": cut(row.lost.remedy)} if row.lost else {}
    return shown(row) | {
        "id": row.gold.id, "answerable": row.gold.answerable, "where": words.label(case.where), "lost": lost,
        "broken": case.broken, "heading": words.heading(row), "wanted": case.wanted, "found": words.evidence(case),
        "turns": [{"question": turn.question, "answer": turn.answer} for turn in row.gold.history],
    }  # fmt: skip


def _line(line: Line) -> dict[str, Any]:
    figure = line.figure
    return {
        "name": figure.name, "says": line.says, "value": words.value(figure), "interval": words.interval(figure),
        "n": figure.n, "less": figure.ceiling, "before": words.before(line), "p": words.paired_p(line),
        "moved": line.moved,
    }  # fmt: skip


def _share(figure: Figure) -> dict[str, float | None] | None:
    return {"value": figure.value, "low": figure.low, "high": figure.high} if figure.n else None
