"""Reads numbers: digits and words, magnitudes, ranges, fractions, ordinals, with what they measure or count."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.grounding.facts import lexicon as lex
from rag.grounding.facts.fact import Fact, is_measure
from rag.words import STOP_WORDS, stem

NEAR = 32  # characters before a number that tell how it is meant


def _any(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_DIGITS = (
    r"\d{1,3}(?:,\d{2,3}){0,6},\d{3}(?!\d)(?:\.\d+)?|\d{1,3}(?:\.\d{3}){2,}(?!\d)|\d{1,3}(?:\.\d{3})+,\d+|"
    r"\d{1,3}(?:[ \u00a0\u202f\u2009]\d{3})+(?![\d,.]\d|\d)|\d+,\d{1,2}(?![\d,])|\d+(?:\.\d+)?|\.\d+"
)
_WORD = _any([*lex.NUMBER_WORDS, "hundred"])
_MAGNITUDE = _any([*lex.MAGNITUDES])
_NUMBER = re.compile(
    rf"(?<![\w.])(?P<sign>[-−](?=[\d.$€£])|minus )?"
    rf"(?:(?P<currency>{_any(lex.CURRENCY_SIGNS)}|(?:{_any(lex.CURRENCY_CODES)})(?=\s?\d))\s?)?"
    rf"(?:(?P<digits>{_DIGITS})(?:(?P<letter>[kmbt])(?!\w))?|"
    rf"(?P<words>(?:(?:{_WORD})(?:(?:[ -]| and )(?:{_WORD})){{0,8}}|an?(?= (?:{_MAGNITUDE})\b)))(?!\w))"
    rf"(?P<magnitude>(?:[ -]?(?:{_MAGNITUDE})(?!\w)){{0,3}})",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?<![\w:.])(?P<hour>[0-2]?\d)(?:[:.](?P<minute>[0-5]\d))? ?(?P<half>[ap])\.?m\b\.?|"
    r"(?<![\w:.])(?P<h>[0-2]?\d):(?P<m>[0-5]\d)(?![\d:])",
    re.IGNORECASE,
)
_ORDINAL = re.compile(rf"(?<![\w.,-])(?:(\d+)(?:st|nd|rd|th)|({_any([*lex.ORDINALS])}))(?!\w|-hand\b)", re.IGNORECASE)
_FRACTION = re.compile(
    r"\b(?:(?P<count>an?|one|two|three|four)(?: ?- ?| ))?(?P<part>half|halves|thirds?|quarters?|fifths?|tenths?)\b"
    r"(?! (?:years?|century|hours?|decade|time|final|days?)\b)(?! of (?:the (?:year|season|century)|\0|\d))",
    re.IGNORECASE,
)
_TIMES = re.compile(rf"(?<![\w.])(?:({_any([*lex.MULTIPLES])})|({_WORD}|\d{{1,9}})-?fold)\b", re.IGNORECASE)
_VAGUE = re.compile(r"\b(dozen|hundred|thousand|million|billion|trillion)s\b", re.IGNORECASE)
_APPROXIMATELY = re.compile(
    rf"(?:\b(?:{_any([*lex.APPROXIMATE_PHRASES, *lex.APPROXIMATE])}) (?:an? |the |some |about )?|[~≈><] ?)$",
    re.IGNORECASE,
)
_JOIN = re.compile(r"\s?[-–—]\s?|,? (?:to|and|or|versus|vs\.?) ", re.IGNORECASE)
_FROM = re.compile(r"\bfrom (?:\w+ ){0,2}$", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween (?:\w+ )?$", re.IGNORECASE)
_BEFORE_PERCENT = re.compile(r"\s+(?=(?:%|per\s?cent\b|percentage points?\b))", re.IGNORECASE)
_TOKEN = re.compile(r"[ \u00a0\u202f\u2009-]?((?:[^\W\d]\.){2,}|[^\W\d][\w²³$]*(?:/[^\W\d]+)?|[%€$£¥₽°][CF]?)")
_RATE = re.compile(r"(?: per |/| an? )([^\W\d_]+)", re.IGNORECASE)
_NOUN = re.compile(r"[ -]([^\W\d_][\w'’-]*)")
_LIST_MARK = re.compile(r"(?m)^[ \t]*\(?\d{1,2}[.)](?=\s|$)")
_NO_ONE = re.compile(r"\b(?:no|any|some|every|each|the|this|that|which) $", re.IGNORECASE)


def numbers(text: str) -> Iterator[Fact]:
    """The numbers of a text; "from 5 to 7" and "5 and 7" are two, "5-7", "5 to 7" and "between 5 and 7" a range."""
    text = _LIST_MARK.sub(lambda match: "\0" * len(match[0]), text)
    readers = ((_CLOCK, _clock), (_FRACTION, _fraction), (_TIMES, _times), (_VAGUE, _vague), (_ORDINAL, _ordinal))
    for pattern, reader in readers:
        for match in pattern.finditer(text):
            if fact := reader(match, text):
                yield fact
                text = text[: fact.start] + "\0" * (fact.end - fact.start) + text[fact.end :]
    plain = [fact for match in _NUMBER.finditer(text) if (fact := _plain(match, text))]
    for fact in plain:
        text = text[: fact.start] + "\0" * (fact.end - fact.start) + text[fact.end :]
    yield from _joined(plain, text)


def _clock(match: re.Match[str], text: str) -> Fact:
    hour, minute = int(match["hour"] or match["h"]), int(match["minute"] or match["m"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    return Fact("number", match.start(), match.end(), match[0], 60 * hour + minute, 60 * hour + minute, "clock")


def _fraction(match: re.Match[str], text: str) -> Fact | None:
    part, count = match["part"].lower(), (match["count"] or "").lower()
    if part != "half" and not count:
        return None
    value = 100 * lex.NUMBER_WORDS.get(count, 1) * lex.FRACTIONS[part.replace("halves", "half").rstrip("s")]
    low, high = math.floor(value), math.ceil(value)  # a third is 33 %, 33.3 % and 34 %
    return Fact("number", match.start(), match.end(), match[0], low, high, "%", approximate=low < high)


def _times(match: re.Match[str], text: str) -> Fact:
    word = (match[1] or match[2]).lower()
    value = lex.MULTIPLES.get(word) or (float(word) if word.isdecimal() else _spelled(word))
    return Fact("number", match.start(), match.end(), match[0], value, value, "x", key="weak" * (word == "once"))


def _vague(match: re.Match[str], text: str) -> Fact:
    """ "thousands of": any number of that order."""
    low = lex.MAGNITUDES[match[1].lower()]
    of = re.compile(" of").match(text, match.end())
    noun = _noun(text, of.end() if of else match.end())
    return Fact("number", match.start(), match.end(), match[0], low, 1000 * low, noun, approximate=True)


def _ordinal(match: re.Match[str], text: str) -> Fact:
    value = float(match[1] or lex.ORDINALS[match[2].lower()])
    weak = "weak" if value == 1 else ""
    return Fact("number", match.start(), match.end(), match[0], value, value, "ordinal", key=weak)


def _plain(match: re.Match[str], text: str) -> Fact | None:
    spelled = (match["words"] or "").lower()
    currency = lex.UNITS[match["currency"].lower()] if match["currency"] else None
    unit, factor, end = _unit(text, match.end())
    letter = (match["letter"] or "").lower()
    if letter and not currency and not (letter == "k" or is_measure(unit) or unit):
        letter, unit, end = "", "metre" if letter == "m" else letter, match.end()  # "5m" alone is a length
    if currency and not (unit.startswith(currency[0])):
        rate = _RATE.match(text, match.end())
        unit, factor, end = (*currency, match.end())
        unit += f"/{_singular(rate[1])}" if rate else ""
    value = _spelled(spelled) if spelled else _digits(match["digits"])
    value *= lex.LETTER_MAGNITUDES.get(letter, 1.0) * factor
    for word in re.findall(r"\w+", match["magnitude"].lower()):
        value *= lex.MAGNITUDES[word]
    weak = spelled == "one" and not match["magnitude"] and not is_measure(unit)
    if weak and (not unit or _NO_ONE.search(text, max(0, match.start() - NEAR), match.start())):
        return None
    value *= -1 if match["sign"] else 1
    approximate = bool(_APPROXIMATELY.search(text, max(0, match.start() - NEAR), match.start()))
    said = text[match.start() : end]
    return Fact("number", match.start(), end, said, value, value, unit, approximate, key="weak" * weak)


def _joined(plain: Sequence[Fact], text: str) -> Iterator[Fact]:
    """Numbers joined to ranges; the first of two takes unit and magnitude of the second where it has none."""
    place = 0
    while place < len(plain):
        first = plain[place]
        second = plain[place + 1] if place + 1 < len(plain) else None
        place += 1
        join = text[first.end : second.start] if second else ""
        if second is None or not _JOIN.fullmatch(join):
            yield first
            continue
        if is_measure(first.unit) and not is_measure(second.unit):
            second = replace(second, unit=first.unit)
        if first.unit in ("", second.unit) and not first.key and _bare(first) == first.low < 1000 and second.low:
            low = first.low * second.low / _bare(second)
            first = replace(first, unit=second.unit, low=low, high=low)
        ranged = join.strip() in {"-", "–", "—"} or (
            join == " to " and not _FROM.search(text, max(0, first.start - NEAR), first.start)
        )
        ranged = ranged or (join == " and " and bool(_BETWEEN.search(text, max(0, first.start - NEAR), first.start)))
        if ranged and 0 <= first.low < second.low:
            start, end = first.start, second.end
            yield replace(second, start=start, end=end, text=first.text + join + second.text, low=first.low)
            place += 1
        else:
            yield first


def _bare(fact: Fact) -> float:
    """The number of a fact as it stands there, before magnitude and unit."""
    digits = re.search(_DIGITS, fact.text)
    return (_digits(digits[0]) if digits else fact.low) or 1.0


def _digits(written: str) -> float:
    bare = re.sub(r"[ \u00a0\u202f\u2009]", "", written)
    if re.fullmatch(r"\d{1,3}(?:\.\d{3}){2,}|\d{1,3}(?:\.\d{3})+,\d+|\d+,\d{1,2}", bare):
        bare = bare.replace(".", "").replace(",", ".")
    return float(bare.replace(",", ""))


def _spelled(words: str) -> float:
    """ "two hundred and five" and "twenty-five"; "nineteen eighty" is two numbers said in one breath, and is 1980."""
    total, previous = 0.0, 0
    for word in re.findall(r"\w+", words):
        if word in ("a", "an"):
            return 1.0
        if word == "hundred":
            total = (total or 1) * 100
        elif word != "and":
            value = lex.NUMBER_WORDS[word]
            total = total * 100 + value if previous >= 10 and value >= 10 else total + value
            previous = value
    return total


def _unit(text: str, at: int) -> tuple[str, float, int]:
    """What stands behind a number: its unit with the factor to the canonical one, and where the unit ends."""
    if space := _BEFORE_PERCENT.match(text, at):
        at = space.end() - 1
    token = _TOKEN.match(text, at)
    if not token:
        return "", 1.0, at
    following = _NOUN.match(text, token.end())
    word = token[1].lower()
    pairs = [f"{word}-{following[1].lower()}"] if following else []
    for spelling, end in [*((pair, following.end()) for pair in pairs if following), (word.rstrip("."), token.end())]:
        known = lex.UNITS.get(spelling)
        base, _, per = spelling.partition("/")
        if not known and per and base in lex.UNITS and "-" not in per:
            return f"{lex.UNITS[base][0]}/{_singular(per)}", float(lex.UNITS[base][1]), end
        if known and not (
            len(spelling) == 1 and spelling.isalpha() and text[at : at + 1].isspace() and spelling not in "mglhs"
        ):
            rate = _RATE.match(text, end)
            if rate and (rate[0][0] == "/" or rate[1].lower() in lex.UNITS or rate[0].startswith(" per")):
                return f"{known[0]}/{_singular(rate[1])}", float(known[1]), rate.end()
            return known[0], float(known[1]), end
    return _noun(text, at), 1.0, at


def _noun(text: str, at: int) -> str:
    """The stem of the noun that a number counts: the first plural of the next three words, else the next word."""
    words: list[str] = []
    while len(words) < 4 and (match := _NOUN.match(text, at)):
        word = match[1].lower()
        if word in STOP_WORDS:
            if word == "of" and not words:
                at = match.end()
                continue
            break
        words.append(word)
        at = match.end()
    plural = next(
        (
            w
            for w in words
            if w in lex.IRREGULAR_PLURALS or (w.endswith("s") and not w.endswith(("ss", "'s", "’s", "ous")))
        ),
        "",
    )
    return stem(plural or (words[0] if words else ""))


def _singular(word: str) -> str:
    return word.lower().removesuffix("s") or word
