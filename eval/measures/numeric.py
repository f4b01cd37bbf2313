"""Whether an answer holds the number that gold gives, in whatever spelling."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

from rag import Fact, facts, is_measure

TOLERANCE = 0.01
SHORT = 6  # words; the numbers of a longer gold answer need not be what was asked for
_EXACT = ("ordinal", "clock")
_LAST_WORD = re.compile(r"[\s-]*[^\W\d]+\W*$")


def numeric_wanted(groups: Sequence[Sequence[str]]) -> bool:
    """Whether the short answers of gold are numbers: every spelling of every one of them is short and holds one."""
    return bool(groups) and all(len(one.split()) <= SHORT and _numbers(one) for group in groups for one in group)


def holds_number(text: str, spellings: Sequence[str]) -> bool:
    """Whether a text holds all numbers of one spelling of a gold answer: within 1 %, which is what agrees with people,
    and in the same measure where both name one ("40 %", "forty percent"; not "40 euros"). Clock times and ordinals have
    to be the same."""
    said = [fact for fact in facts(text) if fact.kind == "number"]
    return any(all(any(_says(one, wanted) for one in said) for wanted in _numbers(one)) for one in spellings)


def _numbers(text: str) -> list[Fact]:
    """The numbers of a short answer, without such as the "one" of "one of them"."""
    return [one for one in facts(text) if one.kind == "number" and one.key != "weak"]


def _says(said: Fact, wanted: Fact) -> bool:
    if not wanted.unit and is_measure(said.unit):  # "nine" of "nine hours", which is read as 32,400 seconds
        bare = [one for one in facts(_LAST_WORD.sub("", said.text)) if one.kind == "number" and not one.unit]
        return any(_close(wanted, one) for one in (said, *bare))
    return _close(wanted, said)


def _close(wanted: Fact, said: Fact) -> bool:
    exact = wanted.unit in _EXACT or said.unit in _EXACT
    if wanted.unit != said.unit and (exact or (is_measure(wanted.unit) and is_measure(said.unit))):
        return False
    pairs = ((wanted.low, said.low), (wanted.high, said.high))
    return all(abs(a - b) <= TOLERANCE * abs(a) if not exact else math.isclose(a, b) for a, b in pairs)
