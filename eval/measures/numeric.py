"""Whether an answer holds the number that gold gives, in whatever spelling."""

from __future__ import annotations

from collections.abc import Sequence

from rag import Fact, facts, is_measure

TOLERANCE = 0.01
_EXACT = ("ordinal", "clock")


def numeric_wanted(groups: Sequence[Sequence[str]]) -> bool:
    """Whether the short answers of gold are numbers: every spelling of every one of them holds one."""
    return bool(groups) and all(_numbers(one) for group in groups for one in group)


def holds_number(text: str, spellings: Sequence[str]) -> bool:
    """Whether a text holds all numbers of one spelling of a gold answer: within 1 %, which is what agrees with people,
    and in the same measure where both name one ("40 %", "forty percent"; not "40 euros"). Clock times and ordinals have
    to be the same."""
    said = [fact for fact in facts(text) if fact.kind == "number"]
    return any(all(any(_close(wanted, one) for one in said) for wanted in _numbers(one)) for one in spellings)


def _numbers(text: str) -> list[Fact]:
    """The numbers of a short answer; "one" counts where it is all of it."""
    return [one for one in facts(text) if one.kind == "number" and (one.key != "weak" or one.text == text.strip())]


def _close(wanted: Fact, said: Fact) -> bool:
    both = is_measure(wanted.unit) and is_measure(said.unit)
    if (both and wanted.unit != said.unit) or bool({wanted.unit, said.unit} & {*_EXACT} and wanted.unit != said.unit):
        return False
    tolerance = 0 if wanted.unit in _EXACT else TOLERANCE
    return all(
        abs(a - b) <= tolerance * abs(a) + 1e-9 * abs(a) for a, b in ((wanted.low, said.low), (wanted.high, said.high))
    )
