"""The record of an answer: what came into each of its steps and what came out, with scores.

Steps are recorded whole while an answer is made. Its wire shape names the first few of each; `why` reads them all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

TOP = 5  # passages or sentences of a step that the wire shape names


class Item(NamedTuple):
    """A passage or sentence in a step: where it stands, and its score there, of which `parts` are the summands.
    `why` is the reason for which it was left behind, "" where others simply scored higher."""

    source: str
    start: int
    end: int
    score: float
    why: str = ""
    parts: Mapping[str, float] | None = None

    def to_dict(self) -> dict[str, Any]:
        shape: dict[str, Any] = {
            "source": self.source, "start": self.start, "end": self.end, "score": round(float(self.score), 3),
        }  # fmt: skip
        if self.parts:
            shape["parts"] = {name: round(float(part), 3) for name, part in self.parts.items()}
        return shape | ({"why": self.why} if self.why else {})


@dataclass(frozen=True, slots=True)
class Step:
    """Of `came_in` candidates those `out` went on, best first, and those `left` stayed behind; `facts` are what else
    the step found, as JSON has it."""

    name: str
    came_in: int
    out: Sequence[Item] = ()
    left: Sequence[Item] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self, top: int = TOP) -> dict[str, Any]:
        """The wire shape: `in` and `out` are counts unless the facts give them."""
        shape = {"step": self.name, "in": self.came_in, "out": len(self.out), **self.facts}
        return shape | ({"top": [item.to_dict() for item in self.out[:top]]} if self.out else {})
