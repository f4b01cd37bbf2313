"""How a number, a date or a name of a text may be written in an answer: the aliases of `must_contain`."""

from __future__ import annotations

import re

from rag import Fact

_SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty"
).split()
_MONTHS = "January February March April May June July August September October November December".split()
_NUMBER = re.compile(r"\d[\d.,]*(?<![.,])")
_PERCENT = re.compile(r"\s*(?:%|per ?cent)$", re.IGNORECASE)


def aliases(fact: Fact) -> tuple[str, ...]:
    """As it is written first, then as others write it."""
    return date_aliases(fact) if fact.kind == "date" else number_aliases(fact)


def number_aliases(fact: Fact) -> tuple[str, ...]:
    """ "11,000": also "11000"; "six": also "6"; "18 euros": its number, so that "€18" is right too."""
    said = fact.text.strip()
    if fact.unit == "clock":
        return clock_aliases(fact)
    if percent := _PERCENT.search(said):
        bare = said[: percent.start()]
        return tuple(dict.fromkeys((said, f"{bare}%", f"{bare} %", f"{bare} percent", f"{bare} per cent")))
    digits = _NUMBER.search(said)
    if fact.low != fact.high:
        return (said, re.sub(r"[-–—]", " to ", said)) if re.search(r"[-–—]", said) else (said,)
    if re.search(r"(?:thousand|[mb]illion|trillion|hundred|dozen)", said, re.IGNORECASE) or not digits:
        bare = re.sub(r"^[^\w]+", "", said)
        value = int(fact.low) if fact.low == int(fact.low) else None
        scale = re.match(r".*(?:thousand|illion|hundred|dozen)", bare)
        bare = scale[0] if scale else bare
        small = (str(value), _SMALL[value]) if value is not None and value <= 20 and not digits else ()
        return tuple(dict.fromkeys((said, bare, *small)))
    plain = digits[0].replace(",", "")
    whole = plain.removesuffix(".00") if plain.endswith(".00") else plain
    grouped = [f"{int(whole):,}"] if whole.isdigit() and int(whole) > 999 else []
    word = [_SMALL[int(whole)]] if whole.isdigit() and int(whole) <= 20 else []
    return tuple(dict.fromkeys((digits[0], plain, whole, *grouped, *word)))


def date_aliases(fact: Fact) -> tuple[str, ...]:
    """ "15 March 2025": also "March 15, 2025" and "2025-03-15"."""
    said = " ".join(fact.text.split())
    if not (fact.day and fact.month) or re.search(r"\d ?[-–—] ?\d{1,2}\b(?!-)", said):
        return (said,)
    month, day = _MONTHS[fact.month - 1], fact.day
    if not fact.first:
        return tuple(dict.fromkeys((said, f"{day} {month}", f"{month} {day}")))
    if fact.first != fact.last:
        return (said,)
    year = fact.first.year
    return tuple(
        dict.fromkeys(
            (said, f"{day} {month} {year}", f"{month} {day}, {year}", f"{month} {day} {year}", f"{fact.first}")
        )
    )


def clock_aliases(fact: Fact) -> tuple[str, ...]:
    """ "14:30": also "2:30 pm"."""
    hour, minute = divmod(int(fact.low), 60)
    half, hours = ("am", "pm")[hour >= 12], hour % 12 or 12
    spoken = [f"{hours}:{minute:02}{gap}{half}" for gap in (" ", "")]
    whole = [f"{hours}{gap}{half}" for gap in (" ", "")] if not minute else []
    return tuple(dict.fromkeys((fact.text.strip(), f"{hour:02}:{minute:02}", f"{hour}:{minute:02}", *spoken, *whole)))


def name_aliases(name: str) -> tuple[str, ...]:
    """The whole name, then the last part of a person's."""
    last = name.split()[-1]
    return (name, last) if len(last) > 3 else (name,)
