"""A folder of two documents, questions about it, and what tests of runs do with them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from evaluation import GOOD

from eval.questions import GoldQuestion, Span, load_gold, locate
from eval.results import Row
from rag import Assistant

NOBODY = {"type": "unanswerable", "answers": [], "must_contain": [], "evidence": []}
QUESTIONS: tuple[dict[str, Any], ...] = (
    GOOD,
    GOOD | {"id": "t2", "question": "how much honey?", "answers": ["87 kg"], "must_contain": [["87 kilo"]],
            "evidence": [{"source": "bees.txt", "quote": "They gave 87 kilograms of honey."}]},
    GOOD | {"id": "t3", "question": "What does a lost key cost to replace then?", "type": "follow_up", "must_contain": [["18 euro"]],
            "history": [{"question": "What does the gate key open?"}],
            "evidence": [{"source": "keys.md", "quote": "A lost key costs 18 euros."}]},
    GOOD | NOBODY | {"id": "t4", "question": "Who repairs the telescope of the observatory?"},
)  # fmt: skip


def write_house(place: Path) -> Path:
    place.mkdir()
    (place / "keys.md").write_text("# Keys\n\nThe gate key opens the main gate. A lost key costs 18 euros.\n", "utf-8")
    (place / "bees.txt").write_text("Marta keeps six hives in the meadow. They gave 87 kilograms of honey.\n", "utf-8")
    return place


def many(n: int) -> list[dict[str, Any]]:
    """The four questions over and over, under names of their own."""
    return [QUESTIONS[number % 4] | {"id": f"m{number}"} for number in range(n)]


def located(gold: Path, assistant: Assistant) -> tuple[list[GoldQuestion], dict[str, list[Span]]]:
    questions = load_gold(gold)
    return questions, locate(gold, questions, [one.source for one in assistant.documents()], assistant.text)


def timeless(rows: Iterable[Row]) -> list[dict[str, Any]]:
    """Rows without what differs from run to run."""
    shapes = [row.to_dict() | {"seconds": 0} for row in rows]
    return [shape | {"answer": shape["answer"] and dict(shape["answer"], timings_ms=0)} for shape in shapes]
