"""Whether a sentence is borne out by the passages that it cites: a deterministic check of its facts and words.

Every number, date and name has to stand in a cited passage, negation and direction must not be turned round, and most
words must be found there: the share of an answer's words found agrees with people's judgement of faithfulness (AUROC
.92, measured; a judge model: .89). The check reads; it knows nothing that the passages do not say.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

from index import sentence_spans
from rag.answer import Support
from rag.check.contradict import contradictions
from rag.check.facts import Fact, canonical, is_measure, lexicon, within
from rag.check.facts.fact import quarter, rounds_to, same_unit
from rag.check.facts.read import named, opening_name
from rag.check.reading import Reading, listed, read, root, senses
from rag.words import STOP_WORDS

FOUND = 0.45  # the least share of content words that the cited passages must hold

LISTED = 4  # words that a problem names
COUNTED = 4  # up to here a sentence may count what a passage lists: "two leaders" of "Berg and Lund"

_NEVER_DROPPED = ("%", "pp", "usd", "eur")
_CONVERTED = ("second", "month", "metre", "gram")
_LONG_NAME = re.compile(r"(?:[A-Z][\w-]+(?: (?:of|for|and|the|on|in|de))* )+[A-Z][\w-]+")
_EDGES = " \t\n\"'“”‘’«»*_"
_MARKS = re.compile(r"^(?:[-–—•*#>]+\s+|\(?\d{1,2}[.)]\s*(?=[^\W\d]))+")
_NOTHING = re.compile(
    r"(?:sure|certainly|of course|hello|hi|thanks?|thank you|you are welcome|great question|yes|no|ok(?:ay)?)\b[^.!?]{0,40}[.!]?|"
    r"(?:here (?:is|are)|below (?:is|are)|the following (?:is|are)|this is) (?:an? |the |some |what )?.{0,80}:|"
    r"(?:according to|based on|from|in) (?:the |these |your |this )?(?:\w+ )?(?:documents?|passages?|sources?|text|files?|context)"
    r"(?: (?:provided|given|above))?[,:.]?|"
    r"i (?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t) (?:have|find|see|provide|answer|determine|access) "
    r"(?:any |enough |specific |more |further |that |an? |the )*(?:information|details?|data|mention|answer|question|evidence)\b(?!.* but ).*|"
    r"i (?:apologi[sz]e|am sorry)\b.*|"
    r"(?:that (?:is|['’]s) )?(?:not )?(?:true|false|right|wrong|correct|incorrect)[.!]?|"
    r"(?:i hope|let me know|feel free|please note|note that|in (?:summary|conclusion|short)|to (?:summari[sz]e|conclude))\b.{0,60}[.!:,]|"
    r"(?:the|these|this|your)? ?(?:\w+ )?(?:documents?|passages?|sources?|text|files?|context|information)(?: \w+)? "
    r"(?:do|does|did)(?: not|n['’]t) (?:\w+ )?(?:say|tell|mention|contain|provide|state|specify|include|give|answer|address|explain)\b.*",
    re.IGNORECASE,
)


class Verdict(NamedTuple):
    """What the check of a sentence found; `problems` are plain sentences for people, empty unless it is not found."""

    support: Support
    problems: tuple[str, ...] = ()


def check(sentence: str, cited: Sequence[str], given: Sequence[str] = ()) -> Verdict:
    """Check a sentence against the cited passages.

    `given` is what stands beside them (heading path, title, table header, the sentences before): names and words may be
    taken from it, numbers and dates only where it is no sentence itself, or the year where the passages name none.
    """
    plain = _plain(sentence)
    if any(plain == _plain(text) for text in cited):
        return Verdict("verbatim")
    if says_nothing(sentence):
        return Verdict("none")
    sources = [read(text[a:b]) for text in cited for a, b in sentence_spans(text)]
    if not sources:
        return Verdict("not_found", ("no passage was found for this sentence",))
    claim = read(_bare(sentence))
    beside = [read(text) for text in given if text]
    problems = tuple(dict.fromkeys(_problems(claim, sources, beside)))
    return Verdict("not_found" if problems else "supported", problems)


def says_nothing(sentence: str) -> bool:
    """Whether a sentence claims nothing about the world: a greeting, a lead-in, words about the documents."""
    bare = _bare(sentence)
    claim = read(bare)
    return not claim.of("number", "date") and (not claim.keys or bool(_NOTHING.fullmatch(bare.strip(_EDGES))))


def found_share(claim: Reading, senses_found: frozenset[str]) -> float:
    """The share of a claim's content words that stand among some words, themselves or by a synonym; 1 without any."""
    return 1 - len(_missing(claim, senses_found)) / (len(claim.keys) or 1)


def _problems(claim: Reading, sources: Sequence[Reading], beside: Sequence[Reading]) -> Iterator[str]:
    evidence = Evidence(sources, beside)
    first = opening_name(claim.text)
    for fact in (*claim.of("number", "date", "name"), *([first] if first else [])):
        if problem := evidence.problem(fact):
            yield problem
    yield from contradictions(claim, sources)
    missing = _missing(claim, evidence.senses)
    if len(missing) > (1 - FOUND) * len(claim.keys):
        yield f"the cited passage does not speak of {', '.join(f'“{word}”' for word in missing[:LISTED])}"


def _bare(sentence: str) -> str:
    """A sentence without the marks of a list or of emphasis."""
    return _MARKS.sub("", sentence.strip()).replace("**", "")


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(_EDGES).rstrip(".。").strip(_EDGES)


class Evidence:
    """What facts are looked up in: the sentences cited, and what stands beside them."""

    def __init__(self, sources: Sequence[Reading], beside: Sequence[Reading]) -> None:
        labels = [reading for reading in beside if not reading.text.rstrip().endswith((".", "!", "?"))]
        self._stated = (*sources, *labels)
        self._beside = beside
        self.senses = frozenset().union(*(reading.senses for reading in (*sources, *beside)))
        self._text = "\n".join(reading.text for reading in (*sources, *beside))

    def problem(self, fact: Fact) -> str | None:
        """Why a fact is not borne out, in a sentence for people; None where it is."""
        if fact.kind == "name":
            return None if self._names(fact) else f"“{fact.text}” is not in the cited passage"
        return self._number_problem(fact) if fact.kind == "number" else self._date_problem(fact)

    # -- numbers and dates ----------------------------------------------------------------------------------------

    @cached_property
    def _numbers(self) -> list[Fact]:
        return [fact for reading in self._stated for fact in reading.of("number")]

    @cached_property
    def _dates(self) -> list[Fact]:
        return [fact for reading in self._stated for fact in reading.of("date")]

    @cached_property
    def _years(self) -> list[Fact]:
        """Dates with a year that may complete others: those beside count only where the sources have none."""
        own = [fact for fact in self._dates if fact.first]
        return own or [fact for reading in self._beside for fact in reading.of("date") if fact.first]

    def _number_problem(self, fact: Fact) -> str | None:
        noun = "" if is_measure(fact.unit) else fact.unit
        others = [b for b in self._numbers if b.unit == fact.unit and _spelt_alike(b, fact) and not _bears_out(fact, b)]
        found = [b for b in self._numbers if _bears_out(fact, b)]
        if not found and not fact.unit and any(b.first and b.first.year == fact.low for b in self._dates):
            return None
        if found:  # the same number, but of something else?
            elsewhere = noun and all(b.unit and not _akin(b.unit, noun) for b in found)
            if not elsewhere or (not others and self._speaks_of(noun)):
                return None
            others = others or found
        spelled = not any(letter.isdigit() for letter in fact.text)
        if not others and (fact.key == "weak" or (noun and spelled and fact.low <= COUNTED)):
            return None
        if not others or (fact.key == "weak" and not noun):
            return None if fact.key == "weak" else f"{fact.text} is not in the cited passage"
        return f"the cited passage says {self._written(others[0])}, not {fact.text}"

    def _speaks_of(self, noun: str) -> bool:
        return any(_akin(noun, key) for reading in self._stated for key in reading.keys)

    def _written(self, fact: Fact) -> str:
        """A number with the noun that it counts."""
        noun = re.escape(fact.unit)
        counted = re.search(
            rf"(?<!\w){re.escape(fact.text)}(?:[ -][\w-]+){{0,3}}?[ -]{noun}\w*", self._text, re.IGNORECASE
        )
        return counted[0] if counted and noun and not is_measure(fact.unit) else fact.text

    def _date_problem(self, fact: Fact) -> str | None:
        if any(within(fact, b) for b in (*self._dates, *self._years)):
            return None
        years = {b.first.year for b in self._years if b.first} | {b.low for b in self._numbers if not b.unit}
        if fact.first and fact.first.year in years:  # "May 2025" of "in May" and, elsewhere, "2025"
            part = replace(fact, first=None, last=None, key="" if fact.month else quarter(fact))
            if any(within(part, b) and not b.first for b in self._dates):
                return None
        alike = [b for b in self._dates if (bool(b.month), bool(b.first)) == (bool(fact.month), bool(fact.first))]
        if len(alike) == 1:
            return f"the cited passage says {alike[0].text}, not {fact.text}"
        return f"{fact.text} is not in the cited passage"

    # -- names ----------------------------------------------------------------------------------------------------

    @cached_property
    def _words(self) -> set[str]:
        return set(re.findall(r"\w+", canonical(self._text)))

    @cached_property
    def _initials(self) -> set[str]:
        """The acronyms that the names of the text would have."""
        return {"".join(re.findall(r"\b[A-Z]", name)).lower() for name in _LONG_NAME.findall(self._text)}

    def _names(self, fact: Fact) -> bool:
        if any(letter.isdigit() for letter in fact.key):
            return re.sub(r"[\s-]", "", fact.key) in re.sub(r"[\s-]", "", canonical(self._text))
        whole = fact.key.split()
        parts = [part for part in whole if part not in lexicon.TITLES and part not in lexicon.CONNECTORS]
        if len(parts) > 1 and {"".join(word[0] for word in words) for words in (parts, whole)} & self._words:
            return True
        missing = [part for part in parts if not self._named(part)]
        return len(parts) - len(missing) >= 2 * len(missing) and all(part in lexicon.GENERIC_PARTS for part in missing)

    def _named(self, part: str) -> bool:
        known = part in STOP_WORDS or part in self._initials or named(part, self._words)
        return (
            len(part) < 2
            or known
            or root(part) in self.senses
            or (listed(part) and bool(senses(root(part)) & self.senses))
        )


def _bears_out(a: Fact, b: Fact) -> bool:
    """Whether number `b` of a passage says number `a` of a sentence: the same, or one end of a range."""
    if not same_unit(a, b) and (a.unit or b.unit in _NEVER_DROPPED):
        return False
    if math.isclose(a.low, b.low, rel_tol=1e-9) and math.isclose(a.high, b.high, rel_tol=1e-9):
        return True
    return (a.approximate and rounds_to(b, a)) or (b.low < b.high and a.low == a.high and a.low in (b.low, b.high))


def _spelt_alike(a: Fact, b: Fact) -> bool:
    """Whether two numbers of one unit are written in it: "39 minutes" is no other value for "one day"."""
    last = [root(re.split(r"[\s-]", fact.text.lower())[-1]) for fact in (a, b)]
    return a.unit not in _CONVERTED or last[0] == last[1]


def _akin(a: str, b: str) -> bool:
    a, b = root(a), root(b)
    return a == b or bool(senses(a) & senses(b))


def _missing(claim: Reading, found: frozenset[str]) -> list[str]:
    """The content words of a claim that do not stand among `found`, as they are written."""
    missing: dict[str, str] = {}
    for token in claim.tokens:
        if token.key in claim.keys and token.key not in found and not senses(token.key) & found:
            missing.setdefault(token.key, claim.text[token.start : token.end])
    return list(missing.values())
