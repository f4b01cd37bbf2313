"""What people asked and the documents did not tell: the log of questions, with those that are alike together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import accumulate
from pathlib import Path
from typing import Any, Literal

from rag import Assistant, CitewiseError, log_line, question_log, stems

ALIKE = 0.5  # share of the lighter question's weight from which two questions are one gap
ROUNDING = 1e-9
EXAMPLES = 3  # wordings of a gap that are shown, and asked again
WORDS = 5  # missing words of a gap that are named

Reason = Literal["refused", "unconfirmed", "uncited"]

ADVICE: Mapping[Reason, str] = {
    "refused": "The documents have these words but do not say this: add a document that does, or reword. "
    "If one does say it, citewise why QUESTION --expect FILE:WORDS tells where it was lost.",
    "unconfirmed": "Answered on little evidence: read the answer; a document that says it plainly makes it sure.",
    "uncited": "Answered without a source: read the answer, and add a document that says it.",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the log. `reason` is why it counts as not answered, None where it was; `weights` are the stems of its
    words with their rarity in the documents at the time."""

    time: datetime
    question: str
    understood_as: str
    reason: Reason | None
    weights: Mapping[str, float]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that are alike and were not answered, oldest first. `tried` of its examples were asked again, of which
    `answered` are answered by now."""

    asked: tuple[Asked, ...]
    tried: int = 0
    answered: int = 0

    @property
    def last(self) -> datetime:
        return self.asked[-1].time

    @property
    def reasons(self) -> dict[str, int]:
        return dict(Counter(str(one.reason) for one in self.asked).most_common())

    @property
    def examples(self) -> list[str]:
        """The commonest wordings, as they were understood."""
        return [wording for wording, _ in Counter(one.understood_as for one in self.asked).most_common(EXAMPLES)]

    @property
    def missing(self) -> list[str]:
        """The words that no document had, commonest first."""
        return [word for word, _ in Counter(word for one in self.asked for word in one.missing).most_common(WORDS)]

    @property
    def advice(self) -> str:
        if self.missing:
            named = ", ".join(f"“{word}”" for word in self.missing)
            return f"No document has {named}: add one on it, or reword where the documents call it otherwise."
        return ADVICE[max(ADVICE, key=lambda reason: self.reasons.get(reason, 0))]

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready."""
        shape: dict[str, Any] = {
            "count": len(self.asked), "last": self.last.isoformat(), "reasons": self.reasons, "examples": self.examples,
            "missing": self.missing, "advice": self.advice,
        }  # fmt: skip
        return shape | ({"asked_again": self.tried, "answered_today": self.answered} if self.tried else {})


def read_log(lines: Iterable[Mapping[str, Any]]) -> tuple[list[Asked], int]:
    """The questions of a log, in the order of their times, and the number of lines that are of another shape."""
    read, strange = [], 0
    for line in lines:
        try:
            read.append(_asked(line))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
            strange += 1
    return sorted(read, key=lambda one: one.time), strange


def find_gaps(asked: Iterable[Asked]) -> list[Gap]:
    """The questions that were not answered, grouped, the largest group first.

    In the order of their times, each joins the group to whose first question it is most alike, from `ALIKE` on; else it
    begins one. Likeness is the weight of the words that two questions share over that of the lighter question's words
    (overlap coefficient, each word weighted by its rarity in the documents), so what every document speaks of joins
    nothing.
    """
    groups: list[list[Asked]] = []
    holding: dict[str, list[int]] = {}  # stem -> groups whose first question has it
    telling: dict[str, list[int]] = {}  # stem -> groups whose first question it is telling of
    for one in asked:
        if one.reason is None:
            continue
        telling_of = _telling(one.weights)
        near = {number for word in telling_of for number in holding.get(word, ())}
        near |= {number for word in one.weights for number in telling.get(word, ())}
        alike = {number: likeness(groups[number][0].weights, one.weights) for number in sorted(near)}
        best = max(alike, key=alike.__getitem__, default=None)
        if best is not None and alike[best] >= ALIKE:
            groups[best].append(one)
            continue
        for index, words in ((holding, one.weights), (telling, telling_of)):
            for word in words:
                index.setdefault(word, []).append(len(groups))
        groups.append([one])
    gaps = [Gap(tuple(group)) for group in groups]
    return sorted(gaps, key=lambda gap: (len(gap.asked), gap.last), reverse=True)


def told_gaps(index: Path, most: int) -> dict[str, Any]:
    """The gaps of an index, the first `most`, JSON-ready. Raises CitewiseError where its log cannot be read."""
    asked, _ = read_log(question_log(index).read()[0])
    gaps = find_gaps(asked)
    return {
        "asked": len(asked), "since": asked[0].time.isoformat() if asked else None,
        "open": sum(len(gap.asked) for gap in gaps), "groups": len(gaps), "gaps": [gap.to_dict() for gap in gaps[:most]],
    }  # fmt: skip


def _telling(weights: Mapping[str, float]) -> list[str]:
    """The words of which a lighter question must share one to be alike: all others together weigh less than `ALIKE`.
    So questions that share only what is common need not be compared (prefix filtering, Chaudhuri et al. 2006)."""
    words = sorted(weights, key=lambda word: weights[word])
    upto = list(accumulate(weights[word] for word in words))
    return [word for word, light in zip(words, upto, strict=True) if light > ALIKE * upto[-1] - ROUNDING]


def likeness(a: Mapping[str, float], b: Mapping[str, float]) -> float:
    """Shared weight over the lighter one's, from 0 to 1."""
    lighter = min(sum(a.values()), sum(b.values()))
    return sum(min(a[word], b[word]) for word in a.keys() & b.keys()) / lighter if lighter else 0.0


def ask_again(assistant: Assistant, gap: Gap) -> Gap:
    """The gap with what becomes of its examples today; those asked since the last sync would get the same. Raises
    IndexMissing."""
    at = assistant.status().indexed_at
    indexed = datetime.fromisoformat(at) if at else gap.asked[0].time
    before = {one.understood_as for one in gap.asked if one.time <= indexed}
    again = [example for example in gap.examples if example in before]
    return replace(gap, tried=len(again), answered=sum(_is_answered(assistant, question) for question in again))


def _is_answered(assistant: Assistant, question: str) -> bool:
    try:
        return _asked(log_line(assistant.ask(question))).reason is None
    except CitewiseError:
        return False


def _asked(line: Mapping[str, Any]) -> Asked:
    weights: dict[str, float] = {}
    for word, rarity in line["words"].items():
        weights |= dict.fromkeys(stems(word), float(rarity))
    return Asked(
        datetime.fromisoformat(line["time"]).astimezone(UTC), str(line["question"]), str(line["understood_as"]),
        _reason(line), weights, tuple(map(str, line["missing"])),
    )  # fmt: skip


def _reason(line: Mapping[str, Any]) -> Reason | None:
    """Low confidence is told in the answer itself, which begins with "Unconfirmed:" then."""
    if line["status"] == "not_in_documents":
        return "refused"
    if line["status"] != "answered":
        return None
    return "unconfirmed" if line["unconfirmed"] else None if line["cited"] else "uncited"
