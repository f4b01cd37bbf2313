"""A run to report on, and its report as read back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from evaluation import a_result, a_row
from lxml import html as lxml_html

from eval.gate import Check
from eval.report import write_report
from eval.results import Lost, Result

LOST = Lost("chosen", "It is number 4 of 9 sentences.", "Ask for just this.")
UNKNOWN: dict[str, Any] = {"type": "unanswerable"}


def two_kinds() -> Result:
    """Of all that a report tells, some."""
    scores = {"quote_exact": 1.0, "hit_at_10": 1.0, "hit_at_1": 0.0, "mrr_at_10": 0.5, "evidence_cited": 0.0}
    return a_result(
        *(a_row(f"r{n}", scores=scores | {"mrr_at_10": 1 / (n + 1)}, seconds=n / 50, tags=["typo"]) for n in range(6)),
        *(a_row(f"w{n}", correct=False, scores=scores, lost=LOST) for n in range(3)),
        a_row("e1", error="The index is locked."),
        *(a_row(f"u{n}", correct=n > 1, scores={"answered_unanswerable": float(n < 2)}, **UNKNOWN) for n in range(4)),
    )


def written(
    result: Result, place: Path, previous: Result | None = None, checks: tuple[Check, ...] = ()
) -> tuple[Any, str]:
    html, markdown = write_report(result, place / "report", previous, checks)
    return lxml_html.document_fromstring(html.read_bytes()), markdown.read_text("utf-8")


def cells(tree: Any, name: str) -> list[str]:
    """The cells behind a name in the first table that has it."""
    row = next(
        one for one in tree.iter("tr") if one.find("th") is not None and (one.find("th").text or "").strip() == name
    )
    return [cell.text_content().strip() for cell in row.findall("td")]


def case_ids(tree: Any) -> list[str]:
    return [case.find(".//p/span").text for case in tree.find_class("case")]
