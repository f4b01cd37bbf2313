"""Reads dates: days, months, years, quarters, decades, centuries, weekdays."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Iterator
from datetime import date

from rag.grounding.facts import lexicon as lex
from rag.grounding.facts.fact import Fact

# Month names that are words as well count with a capital only, and alone only after one of the words below.
_AMBIGUOUS = frozenset(("may", "march", "mar", "dec", "sep", "jan", "april", "august", "june"))
_BEFORE_MONTH = re.compile(
    r"\b(?:in|of|since|by|last|this|next|until|till|during|early|late|mid|from|through|to|before|after|and|between)[ -]$",
    re.IGNORECASE,
)
_MONTH = r"\b(?P<month>" + "|".join(sorted(lex.MONTHS, key=len, reverse=True)) + r")\b\.?"
_DAY = r"\b(?P<day>[0-3]?\d)(?:st|nd|rd|th)?(?:\s?[-–—]\s?(?P<until>[0-3]?\d)(?:st|nd|rd|th)?)?"
_YEAR = r"(?P<year>1[5-9]\d\d|20\d\d|21\d\d)(?!\w)(?![.,]\d)"
_YEAR_BEFORE = re.compile(r"(?<!\d)\d{4}$")
_QUARTER = r"(?:\b(?P<quarter>first|second|third|fourth|1st|2nd|3rd|4th)[ -]quarter|\bQ(?P<q>[1-4]))"
_PATTERNS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\w-])(?P<year>[12]\d{3})-(?P<number>0\d|1[0-2])-(?P<day>[0-3]\d)(?!\d)",
        rf"(?<![\w.])(?P<day>[0-3]?\d)\.(?P<number>[01]?\d)\.{_YEAR}",
        rf"(?<![\w/])(?P<a>[0-3]?\d)/(?P<b>[0-3]?\d)/{_YEAR}",
        rf"(?<![.,]){_DAY}(?: of)? {_MONTH}(?:,?(?: of)? {_YEAR})?",
        rf"{_MONTH} (?:the )?{_DAY}(?!\w|[:.,]\d|\s?%)(?:,? {_YEAR})?",
        rf"{_MONTH},?(?: of)? {_YEAR}",
        rf"{_QUARTER}(?:(?:,| of|) (?:the )?(?:year )?(?:FY ?)?{_YEAR})?(?!\w)",
        rf"\b{_YEAR}[- ]?Q(?P<q>[1-4])\b",
        rf"\b(?:(?:the )?(?P<half>first|second|1st|2nd) half of|H(?P<h>[12])) (?:the year )?{_YEAR}",
        r"\b(?P<century>\d\d?)(?:st|nd|rd|th)[ -]century\b",
        r"\b(?P<decade>1[5-9]\d|20\d)0['’]?s\b",
        rf"(?<![\w$€£¥#+/.,])(?:FY ?)?{_YEAR}(?!\s?(?:%|percent|per cent|(?:m|b|tr)illion|thousand|km|kg|mph)(?!\w))",
        rf"(?<=\d\d\d\d/){_YEAR}",
        r"(?<=\0[-–—/])(?P<short>\d\d)(?![\w–—/-]|[.,]\d)",
        _MONTH,
        r"\b(?P<weekday>mon|tues|wednes|thurs|fri|satur|sun)days?\b",
        r"\b(?P<year>[5-9]\d\d|1[0-4]\d\d)(?= (?:AD|CE)\b)",
        r"(?<=\bin )(?P<year>1[0-4]\d\d)(?!\w|[.,]\d| \w+s\b)",
    )
]


def dates(text: str) -> Iterator[Fact]:
    """The dates of a text, the most precise reading of each place first."""
    rest = text
    for pattern in _PATTERNS:
        for match in pattern.finditer(rest):
            if period := _period(match, text):
                yield period
                rest = rest[: period.start] + "\0" * (period.end - period.start) + rest[period.end :]


def _period(match: re.Match[str], text: str) -> Fact | None:
    """The period that a match names; None where it is none ("31 February", "we may")."""
    part = {name: value for name, value in match.groupdict().items() if value}
    said = match.group().rstrip(" ,.")
    place = (match.start(), match.start() + len(said), said)
    name = part.get("month", "")
    if name.lower() in _AMBIGUOUS and name.islower():
        return None
    month = int(part.get("number", 0)) or lex.MONTHS.get(name.lower(), 0)
    year, day = int(part.get("year", 0)), int(part.get("day", 0))
    if "short" in part:
        before = _YEAR_BEFORE.search(text, max(0, match.start() - 6), match.start() - 1)
        year = int(before[0][:2] + part["short"]) if before else 0
        if not before or year <= int(before[0]):
            return None
    if "a" in part:  # 13/02/2025 can be read in one way only, 03/02/2025 in two
        a, b = int(part["a"]), int(part["b"])
        if a <= 12 and b <= 12 and a != b:
            return Fact("name", *place, key=said)
        day, month = (a, b) if b <= 12 else (b, a)
    alone = bool(month) and not day and not year
    if alone and ((len(name) < 4 and name != "May") or not name[:1].isupper()):
        return None
    if (
        alone
        and name.lower() in _AMBIGUOUS
        and not _BEFORE_MONTH.search(text, max(0, match.start() - 9), match.start())
    ):
        return None
    quarter = part.get("q") or part.get("quarter", "").lower()
    try:
        if "weekday" in part:
            return Fact("date", *place, key=part["weekday"].lower() + "day")
        if quarter:
            n = int(quarter[0]) if quarter[0].isdigit() else lex.ORDINALS[quarter]
            if not year:
                return Fact("date", *place, key=f"quarter {n}")
            return Fact("date", *place, first=date(year, 3 * n - 2, 1), last=_last_day(year, 3 * n))
        if "half" in part or "h" in part:
            n = 1 if part.get("half", part.get("h", "")).lower() in ("first", "1st", "1") else 2
            return Fact("date", *place, first=date(year, 6 * n - 5, 1), last=_last_day(year, 6 * n))
        if "century" in part:
            year = 100 * int(part["century"])
            return Fact("date", *place, first=date(year - 99, 1, 1), last=date(year, 12, 31))
        if "decade" in part:
            year = 10 * int(part["decade"])
            return Fact("date", *place, first=date(year, 1, 1), last=date(year + 9, 12, 31))
        if not year:
            date(2000, month, day or 1)
            return Fact("date", *place, month=month, day=day)
        until = int(part.get("until", day))
        last = date(year, month, until) if day else _last_day(year, month or 12)
        return Fact("date", *place, first=date(year, month or 1, day or 1), last=last, month=month, day=day)
    except ValueError:
        return None


def _last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
