"""What `eval gold` prints: a table by type, the invariants, and each failing case."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eval.metrics import own_text
from eval.questions import TYPES
from eval.results import write_lines
from eval.run import Outcome, integrity, quality
from eval.statistics import Figure, quantile
from eval.table import figure_cell, figures_table, stamp_line, table


def gold_report(outcomes: Sequence[Outcome], made_with: dict[str, str]) -> str:
    """The whole report as text."""
    parts = [stamp_line(made_with), by_type(outcomes), figures_table(integrity(outcomes))]
    failing = [one for one in outcomes if one.failed]
    if failing:
        parts.append(f"Failing cases: {len(failing)} of {len(outcomes)}\n\n" + "\n\n".join(map(failing_case, failing)))
    return "\n\n".join(parts)


def by_type(outcomes: Sequence[Outcome]) -> str:
    """A row a question type, then the totals; "gated" is the one that floors are set for."""
    groups = [(name, [one for one in outcomes if one.gold.type == name]) for name in TYPES]
    groups.append(("gated", [one for one in outcomes if one.gold.gated]))
    groups.append(("all", list(outcomes)))
    rows = []
    for name, group in groups:
        if group:
            refused = sum(one.refused for one in group)
            rows.append((name, str(len(group)), *map(figure_cell, quality(group)), str(refused), _times(group)))
    names = [figure.name for figure in quality(())]
    return table(("type", "n", *names, "refused", "p50 / p95 ms"), rows)


def gated_figures(outcomes: Sequence[Outcome]) -> dict[str, Figure]:
    """What a floor can be set for, by name: quality over the gated questions, invariants over all."""
    return {one.name: one for one in [*quality([o for o in outcomes if o.gold.gated]), *integrity(outcomes)]}


def missed_floors(figures: dict[str, Figure], floors: Sequence[tuple[str, float]]) -> list[str]:
    """One line for each floor that is not met."""
    return [
        f"{name} is {figure_cell(figures[name])} over n = {figures[name].n}; "
        f"{'at most' if figures[name].ceiling else 'at least'} {bound:g} was asked for"
        for name, bound in floors
        if not figures[name].meets(bound)
    ]


def failing_case(one: Outcome) -> str:
    """A question, what was answered, and what gold has, with where the evidence was lost."""
    gold = one.gold
    history = "".join(f"\n  after:    {turn.question}" for turn in gold.history)
    said = one.error or (own_text(one.answer) if one.answer else "")
    wanted = " AND ".join(" / ".join(group) for group in gold.must_contain) or "(no answer in the documents)"
    cited = ", ".join(citation.source for citation in one.answer.citations) if one.answer else ""
    lines = [
        f"{gold.id} ({gold.type}): {gold.question}{history}",
        f"  answer:   {said}",
        f"  cited:    {cited or '-'}",
        f"  wanted:   {wanted}",
        *(f"  evidence: {evidence.source}: {evidence.quote}" for evidence in gold.evidence[:2]),
    ]
    if gold.answerable:
        lines.append(f"  evidence found at rank {one.rank or '-'}, {'cited' if one.cited else 'not cited'}")
    return "\n".join(lines)


def write_json(path: Path, outcomes: Sequence[Outcome], made_with: dict[str, str]) -> None:
    """A line with the stamp and the figures, then one a question."""
    figures = {name: [one.value, one.n, one.low, one.high] for name, one in gated_figures(outcomes).items()}
    write_lines(path, [{"stamp": made_with, "figures": figures}, *map(_row, outcomes)])


def _row(one: Outcome) -> dict[str, Any]:
    return {
        "id": one.gold.id, "type": one.gold.type, "question": one.gold.question, "contained": one.contained,
        "rank": one.rank, "cited": one.cited, "exact": list(one.exact), "dangling": one.dangling,
        "refused": one.refused, "seconds": round(one.seconds, 4),
        "error": one.error, "answer": one.answer.to_dict() if one.answer else None,
    }  # fmt: skip


def _times(group: Sequence[Outcome]) -> str:
    times = [one.seconds * 1000 for one in group]
    return f"{quantile(times, 0.5):.0f} / {quantile(times, 0.95):.0f}"
