"""A fact, and when two of them state the same."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from typing import Literal

from rag.grounding.facts import lexicon as lex

Kind = Literal["number", "date", "name", "negation", "comparison"]

_MEASURES = {unit for unit, _ in lex.UNITS.values()} | {"ordinal", "clock"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact of a text: `text` is how it is written at `start` to `end`, without the noun that a number counts.

    A number has `low` and `high` (equal, or the ends of a range) in `unit` ("usd", "%", "second", the stem of what is
    counted, "") and is perhaps only `approximate`. A date has the `first` and `last` day of the period that it names,
    or where no year is known its `month` and `day` (0: not given). `key` is a name as names are compared, a weekday,
    a quarter, or the axis of a comparison, whose `sign` is its direction; "weak" marks a number that is often none
    ("one of them", "first of all").
    """

    kind: Kind
    start: int
    end: int
    text: str
    low: float = 0.0
    high: float = 0.0
    unit: str = ""
    approximate: bool = False
    first: date | None = None
    last: date | None = None
    month: int = 0
    day: int = 0
    key: str = ""
    sign: int = 0


def same(a: Fact, b: Fact) -> bool:
    """Whether two facts state the same value, whatever the spelling.

    An approximate number equals one that rounds to it, and dates are the same when neither contradicts the other:
    "12 February" and "February 12, 2025", "2025" and "May 2025". A counted noun need not be the same one.
    """
    if a.kind != b.kind:
        return False
    if a.kind == "number":
        return same_unit(a, b) and same_value(a, b)
    if a.kind == "date":
        return within(a, b) or within(b, a)
    return (a.key, a.sign) == (b.key, b.sign)


def same_unit(a: Fact, b: Fact) -> bool:
    """Whether two numbers measure the same: what is counted may have two names, a measure has one."""
    return a.unit == b.unit or not (is_measure(a.unit) or is_measure(b.unit))


def same_value(a: Fact, b: Fact) -> bool:
    """Whether two numbers have the same value, units left aside; to an approximate one the other may round."""
    if math.isclose(a.low, b.low, rel_tol=1e-9) and math.isclose(a.high, b.high, rel_tol=1e-9):
        return True
    return (a.approximate and rounds_to(b, a)) or (b.approximate and rounds_to(a, b))


def within(a: Fact, b: Fact) -> bool:
    """Whether date `b` says all that date `a` says: "May 2025" and "2025" are within "12 May 2025"."""
    if a.first and a.last:
        return b.first is not None and b.last is not None and a.first <= b.first and b.last <= a.last
    if a.key:
        return a.key in (b.key, quarter(b), _weekday(b))
    return bool(a.month) and a.month == b.month and a.day in (0, b.day)


def is_measure(unit: str) -> bool:
    """Whether a unit is one of the table (a currency, %, a length ...), not the noun of what is counted."""
    return unit.partition("/")[0] in _MEASURES


def rounds_to(exact: Fact, rough: Fact) -> bool:
    """Whether a number is what a rough one was rounded from, or lies in its range."""
    if rough.low != rough.high:
        return rough.low <= exact.low and exact.high <= rough.high
    if exact.low != exact.high or not rough.low or not exact.low:
        return False
    digits = len(f"{abs(rough.low):.12f}".replace(".", "").strip("0"))
    return math.isclose(float(f"{exact.low:.{max(digits, 1)}g}"), rough.low, rel_tol=1e-9)


def quarter(fact: Fact) -> str:
    """The key of the quarter that a date with a year is, or lies in."""
    if not (fact.first and fact.last) or (fact.last - fact.first).days > 92:
        return ""
    return f"quarter {(fact.first.month + 2) // 3}"


def _weekday(fact: Fact) -> str:
    return lex.WEEKDAYS[fact.first.weekday()] if fact.first and fact.first == fact.last else ""
