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
from rag.grounding.contradict import contradictions
from rag.grounding.courtesy import EDGES, LONGEST, claimed, says_nothing
from rag.grounding.facts import Fact, canonical, is_measure, lexicon, same, within
from rag.grounding.facts.fact import quarter, rounds_to, same_unit
from rag.grounding.facts.read import named, opening_name
from rag.grounding.reading import Reading, listed, read, root, senses
from rag.words import STOP_WORDS

FOUND = 0.45  # the least share of content words that the cited passages must hold

MOST = 60  # cited sentences that are read
CLAUSES = 8  # clauses of a sentence that are looked up apart
LISTED = 4  # words that a problem names
COUNTED = 4  # up to here a sentence may count what a passage lists: "two leaders" of "Berg and Lund"

_NEVER_DROPPED = ("%", "pp", "usd", "eur")
_CLAUSES = re.compile(r"[;:]\s|,? (?:and|while|whereas|but|than|compared (?:to|with)|versus|or) ")
_PERIODS = ("hour", "day", "week", "month", "quarter", "year")
_COLUMN_UNIT = re.compile(r"[(\[]\s*(?:in )?([^()\[\]]{1,12}?)\s*[)\]]|\bin (\w{1,12})\s*$")
_CONVERTED = ("second", "month", "metre", "gram")
_LONG_NAME = re.compile(r"(?:[A-Z][\w-]+(?: (?:of|for|and|the|on|in|de))* )+[A-Z][\w-]+")


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
    if len(sentence) > LONGEST:
        return Verdict("not_found", ("the sentence is too long to be checked",))
    if says_nothing(sentence):
        return Verdict("none")
    sources = [read(text[a:b][:LONGEST]) for text in cited for a, b in sentence_spans(text)][:MOST]
    if not sources:
        return Verdict("not_found", ("no passage was found for this sentence",))
    claim = read(claimed(sentence))
    beside = [read(text[:LONGEST]) for text in given if text]
    problems = tuple(dict.fromkeys(_problems(claim, sources, beside)))
    return Verdict("not_found" if problems else "supported", problems)


def found_share(claim: Reading, senses_found: frozenset[str]) -> float:
    """The share of a claim's content words that stand among some words, themselves or by a synonym; 1 without any."""
    return 1 - len(_missing(claim, senses_found)) / (len(claim.keys) or 1)


def _problems(claim: Reading, sources: Sequence[Reading], beside: Sequence[Reading]) -> Iterator[str]:
    evidence = Evidence(sources, beside)
    first = opening_name(claim.text)
    for fact in (*claim.of("number", "date", "name"), *([first] if first else [])):
        if problem := evidence.problem(fact, claim):
            yield problem
    yield from contradictions(claim, sources)
    if len(sources) > 1:
        yield from mixed(claim, sources, beside)
    missing = _missing(claim, evidence.senses)
    if len(missing) > (1 - FOUND) * len(claim.keys):
        yield f"the cited passage does not speak of {', '.join(f'“{word}”' for word in missing[:LISTED])}"


def mixed(claim: Reading, sources: Sequence[Reading], beside: Sequence[Reading]) -> Iterator[str]:
    """Clauses that no single source bears out, put together from several: strictly rows of a table; of sentences those
    of which another has more words in common, but another value of the kind."""
    rows = [source for source in sources if " | " in source.text]
    evidence = {source: Evidence((source,), beside) for source in dict.fromkeys(sources)}
    for clause in map(read, filter(None, _CLAUSES.split(claim.text, CLAUSES))):
        own = clause.of("number", "date", "name")
        values = [fact for fact in own if fact.kind != "name" and fact.key != "weak" and fact.unit != "ordinal"]
        lacks = {source: [fact for fact in own if one.problem(fact, claim)] for source, one in evidence.items()}
        held = {source: len(clause.keys) - len(_missing(clause, source.senses)) for source in lacks}
        if rows and len(rows) == len(sources):
            labels = frozenset().union(*(one.senses for one in beside))
            told = [t for t in clause.content if t.key not in labels and any(row.occurrences(t) for row in rows)]
            if not any(not lacks[row] and all(row.occurrences(t) for t in told) for row in rows):
                yield f"no single row says “{clause.text.strip()}”"
            continue
        for value in values:
            here = max((held[s] for s in lacks if value not in lacks[s]), default=len(clause.keys))
            there = [
                (held[s], f)
                for s in lacks
                if value in lacks[s]
                for f in s.of(value.kind)
                if _same_kind(value, f) and not any(same(f, v) for v in values)
            ]
            rival = max(there, key=lambda one: one[0], default=None)
            if rival and rival[0] > here:
                yield f"the cited passage says {rival[1].text}, not {value.text}"


def _same_kind(a: Fact, b: Fact) -> bool:
    """Whether two values could stand in one place; numbers without a unit in any."""
    if a.kind == "number":
        return (
            a.unit == b.unit
            or (not is_measure(a.unit) and not is_measure(b.unit) and _akin(a.unit, b.unit))
            or not a.unit
        )
    return (bool(a.first), bool(a.month), a.day > 0) == (bool(b.first), bool(b.month), b.day > 0)


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(EDGES).rstrip(".。").strip(EDGES)


class Evidence:
    """What facts are looked up in: the sentences cited, and what stands beside them."""

    def __init__(self, sources: Sequence[Reading], beside: Sequence[Reading]) -> None:
        labels = [reading for reading in beside if not reading.text.rstrip().endswith((".", "!", "?"))]
        rows = [row for source in sources for label in labels for row in _measured(label.text, source.text)]
        self._stated = (*sources, *labels, *rows)
        self._beside = beside
        self.senses = frozenset().union(*(reading.senses for reading in (*sources, *beside)))
        self._text = "\n".join(reading.text for reading in (*sources, *beside))

    def problem(self, fact: Fact, claim: Reading) -> str | None:
        """Why a fact of a claim is not borne out, in a sentence for people; None where it is."""
        if fact.kind == "name":
            return None if self._names(fact) else f"“{fact.text}” is not in the cited passage"
        return self._number_problem(fact, claim) if fact.kind == "number" else self._date_problem(fact)

    # -- numbers and dates ----------------------------------------------------------------------------------------

    @cached_property
    def _numbers(self) -> list[Fact]:
        every = [fact for reading in self._stated for fact in reading.of("number")]
        return list({(fact.low, fact.high, fact.unit, fact.approximate): fact for fact in reversed(every)}.values())[
            ::-1
        ]

    @cached_property
    def _dates(self) -> list[Fact]:
        return [fact for reading in self._stated for fact in reading.of("date")]

    @cached_property
    def _years(self) -> list[Fact]:
        """Dates with a year that may complete others: those beside count only where the sources have none."""
        own = [fact for fact in self._dates if fact.first]
        return own or [fact for reading in self._beside for fact in reading.of("date") if fact.first]

    def _number_problem(self, fact: Fact, claim: Reading) -> str | None:
        if any(_bears_out(other, b) for other in _otherwise(fact, claim, self.senses) for b in self._numbers):
            return None
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


def _otherwise(fact: Fact, claim: Reading, found: frozenset[str]) -> Iterator[Fact]:
    """Further readings of a number: the rate said elsewhere ("monthly rent"), "1.500" for 1,500, a unit left out."""
    unit, _, per = fact.unit.partition("/")
    if per and not found.isdisjoint({root(per), *senses(root(per))}):
        yield replace(fact, unit=unit)
    if not per and is_measure(unit):
        yield from (replace(fact, unit=f"{unit}/{p}") for p in _PERIODS if {root(p), *senses(root(p))} & claim.senses)
    if digits := re.match(r"(\D*)\d{1,3}([.,])\d{3}(?![\d.,])", fact.text):
        factor = 1000.0 if digits[2] == "." else 0.001
        yield replace(fact, low=fact.low * factor, high=fact.high * factor)
    if not fact.unit:
        for other in claim.of("number"):
            if is_measure(other.unit) and (number := re.search(r"\d[\d.,]*", other.text)) and " " in other.text:
                yield from (
                    f for f in read(fact.text + other.text[number.end() :]).of("number") if f.unit == other.unit
                )


def _measured(header: str, row: str) -> Iterator[Reading]:
    """The bare numbers of a table's row with the units that its header names: "Price (EUR)", "weight in kg"."""
    for mark in (" | ", ","):
        columns, cells = header.split(mark), row.split(mark)
        if len(columns) == len(cells) > 1:
            for column, cell in zip(columns, cells, strict=True):
                unit = _COLUMN_UNIT.search(column)
                if unit and re.fullmatch(r"\s*[\d.,]+\s*", cell):
                    yield read(f"{cell.strip()} {unit[1] or unit[2]}")
            return


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
