"""The values that a sentence offers as an answer: the dates, numbers, names or words of the kind that is asked for.

Each is weighed by how near it stands to the question's words, and by how like its tokens are to the word that asks
("when", "who", the "sport" of "what sport"): the encoder's tokens know that cricket is a sport.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Literal

import numpy as np

from index import MiniLM, embedding_text
from rag.claims import Claim
from rag.dimension import fits
from rag.grounding.facts import Fact, facts, same, within
from rag.retrieve import Hit, Query
from rag.words import STOP_WORDS, WORD, fold, stem, stems

Asked = Literal["whether", "date", "name", "number", "other"]

_KINDS: dict[Asked, str] = {
    "whether": r"^\W*(is|are|was|were|do|does|did|has|have|had|will|would|can|could|should)\b",
    "date": r"\b(when|(what|which) (year|day|date|month|point|time|hours?)|how (late|early)|dates?|feast day)\b",
    "name": r"\b(who|whom|whose|artist|band|director|author|architect|actor|actress|composer|singer|founder|where"
    r"|(what|which) (city|country|county|state|place|town|village|region|venue|stadium|company))\b",
    "number": r"\b(how (many|much|long|far|high|tall|large|big|old|deep|wide|often)|population|length|height|area"
    r"|revenue|number|share|percentage|total|costs?|price|size|depth|sum|figure|count|amount|rate)\b",
}
_ASKS = re.compile(r"\b(who|whom|whose|when|where|how|what|which)\b", re.IGNORECASE)
_HEAD = re.compile(  # "what sport is", "what is the genre of": the word that names the kind of thing
    r"\b(?:what|which) (?:kind of |type of |sort of )?(?!(?:is|was|are|were|do|does|did|has|have|had|will|would|can|could|"
    r"should|else|about|if|of)\b)((?:\w+ )?\w+?)(?= (?:is|was|does|did|do|has|had|will|would|can|could|should|won|of)\b)|"
    r"\bwhat (?:is|was) (?:the|an|a|another) (?:common |primary |typical |main |total |estimated )*([\w ]{3,40}?) "
    r"(?:of|for|in|associated|that|to|on|at)\b",
    re.IGNORECASE,
)
_MANY = re.compile(
    r"\b(which|what|who) (\w+ )?(are|were)\b|\b(what|which) (\w+ )?\w+[^s\W]s (are|were|do|did|have|had)\b|"
    r"\b(name|list) (all|the|some|three|two)\b|^\W*(how|why)\b(?! (many|much|long|far|high|tall|large|big|old|deep|wide))|"
    r"\b(compare|versus|vs|difference between|respectively|each)\b",
    re.IGNORECASE,
)  # asks for several things, or for a text
_TITLES = frozenset(
    "sir dr mr mrs ms ceo general president senator director actor jan feb mar apr jun jul aug sep".split()
)
_BY = re.compile(r"\bby (?:the )?(?:[a-z]+ ){0,3}$")  # "directed by", "by the duo"
_ADJECTIVE = re.compile(r" (?!(?:and|or|was|is|has|had|in|of|as|for|on|at|from|to|with|by|who|won|will)\b)[a-z]")
_DATELINE = re.compile(r"\W*(?:\.\.\.|…|[-–—|:]) ")  # after a date at the start of a text: when it was written
_ADDED = r"[\"'”’]?(?:,? \(([^()]{2,40})\)| (\d+\b(?![,.]\d)))"  # after a name: what tells it from its namesakes
_QUOTED = re.compile(r"[\"“]([^\"“”]{2,})[\"”]")
_BEFORE = re.compile(r"\b(?:before|prior to|until|till|pre-?) ?(?:the )?$", re.IGNORECASE)
_TURNED = ("start", "motion", "life", "trade", "outcome", "change")  # axes of which one direction answers no other
_STEP = 4  # words of distance that halve the nearness of a value to a word of the question
_LIKE_PREFIX = 5  # "football" and "footballer" mean the same


@dataclass(frozen=True, slots=True)
class Value:
    """A value at `start` to `end` of a sentence; `weight` says how likely it is the one that is asked for; a date
    may be one `before` which something was so."""

    text: str
    start: int
    end: int
    weight: float
    words: frozenset[str]
    fact: Fact | None = None
    before: bool = False

    def agrees(self, other: Value) -> bool:
        """Whether two values are the same, or could be: names and words that have one in common."""
        if self.fact and other.fact and self.fact.kind != "name":
            if self.before != other.before:
                return False
            whole_years = [fact.first and not fact.month for fact in (self.fact, other.fact)]
            return same(self.fact, other.fact) or (any(whole_years) and not (self.fact.first and other.fact.first))
        return not self.words.isdisjoint(other.words) or any(
            len(a) >= _LIKE_PREFIX and b.startswith(a[:_LIKE_PREFIX]) for a in self.words for b in other.words
        )


def asked(question: str) -> Asked | None:
    """The kind of thing that a question asks for; None where that is no single thing."""
    if _MANY.search(question):
        return None
    kind = next((kind for kind, pattern in _KINDS.items() if re.search(pattern, question, re.IGNORECASE)), None)
    return kind or ("other" if _HEAD.search(question) else None)


class ValueReader:
    """Reads the values of one question's candidates."""

    def __init__(self, encoder: MiniLM, query: Query, candidates: Sequence[Claim]) -> None:
        self.query = query
        self.kind = asked(query.text)
        self._encoder = encoder
        self._read: dict[int, tuple[np.ndarray, np.ndarray, np.ndarray]] = {}
        said = {word for claim in candidates for word in stems(claim.text)}  # what nobody says is near to nothing
        self._rarity = {stem(word): rare for word, rare in query.rarity.items() if stem(word) in said}
        self._known = stems(query.text) | STOP_WORDS | _TITLES
        self._fits = fits(query.text)
        self._directions = _directions(query.text)

    def values(self, claim: Claim) -> list[Value]:
        """The values of a sentence that the question does not name itself, likeliest first; none where it tells of the
        opposite ("begins" of "when does it end?")."""
        said = _directions(claim.text)
        if any((axis, -sign) in said and (axis, sign) not in said for axis, sign in self._directions):
            return []
        found = self._words(claim) if self.kind == "other" else self._facts(claim)
        return sorted(found, key=lambda value: (-value.weight, value.start))

    def about(self, claim: Claim) -> float:
        """The share of the question's words, by rarity, that a sentence's passage, heading and title have."""
        record = claim.span.hit.record
        held = stems(f"{record.text} {record.heading or ''} {record.title}")
        worth = self.query.rarity.items()
        return sum(rare for word, rare in worth if stem(word) in held) / (sum(rare for _, rare in worth) or 1.0)

    @cached_property
    def years(self) -> set[int]:
        """The years that the question names."""
        return years(self.query.text)

    def variant(self, claim: Claim) -> set[str]:
        """What a sentence, or failing that its heading or title, adds to the names of the question: the given name, the
        number of a sequel, "(2013 film)"."""
        record = claim.span.hit.record
        texts = (claim.text, record.heading or "", record.title)
        return next((added for text in texts if (added := self._added(text))), set())

    def things(self, one: Claim, other: Claim) -> tuple[str, str] | None:
        """What two sentences are about, as far as their headings or titles say the same of two names ("Lease: Mill Lane
        3", "Lease: Ford Road 8"); mere names say so only where the question has none."""
        records = (one.span.hit.record, other.span.hit.record)
        for mine, theirs in ([record.title for record in records], [record.heading or "" for record in records]):
            (a, rest), (b, others) = entitled(mine), entitled(theirs)
            if a and b and rest == others and (rest or not self._names) and stems(a).isdisjoint(stems(b)):
                return a, b
        return None

    def _added(self, text: str) -> set[str]:
        added: set[str] = set()
        for name, words in self._names:
            for match in re.finditer(re.escape(name) + _ADDED, text):
                added |= stems(match[1] or match[2])
            for fact in facts(text):
                if fact.kind == "name" and words <= (longer := stems(fact.text)):
                    added |= longer
        return added - self._known

    @cached_property
    def _names(self) -> list[tuple[str, set[str]]]:
        """The names in the question without titles, with their words."""
        question = self.query.text
        names = [fact.text for fact in self._named if fact.kind == "name"] + _QUOTED.findall(question)
        return [(name, words) for name in names if (words := stems(name) - _TITLES - STOP_WORDS)]

    def _words(self, claim: Claim) -> Iterator[Value]:
        for match in WORD.finditer(claim.text):
            word = fold(match[0])
            if len(word) > 2 and word[0].isalpha() and stem(word) not in self._known and word not in STOP_WORDS:
                weight = self._nearness(claim.text, *match.span()) / 3 + self._likeness(claim, *match.span())
                yield Value(match[0], *match.span(), weight, frozenset([stem(word)]))

    def _facts(self, claim: Claim) -> Iterator[Value]:
        text = claim.text
        for fact in facts(text):
            asked_for = fact.kind == self.kind or (self.kind == "date" and fact.unit == "clock")
            if not asked_for or any(_repeats(fact, named) for named in self._named):
                continue
            start, end, bonus = fact.start, fact.end, 0.0
            if self.kind == "number" and (fact.unit == "ordinal" or fact.key == "weak" or not self._fits(fact)):
                continue
            if fact.kind == "date" and (not (fact.first or fact.month) or (not start and _DATELINE.match(text, end))):
                continue
            if fact.kind == "name":
                start, end = self._trimmed(text, start, end)
                if end - start < 3:
                    continue
                bonus = 0.15 if _BY.search(text, 0, start) else 0.0
                if " " not in text[start:end] and _ADJECTIVE.match(text, end):
                    bonus = -0.25  # "American drama film"
            before = fact.kind == "date" and bool(_BEFORE.search(text, 0, start))
            weight = self._nearness(text, start, end) + self._likeness(claim, start, end) + bonus
            yield Value(
                text[start:end], start, end, weight, frozenset(stems(text[start:end]) - STOP_WORDS), fact, before
            )

    @cached_property
    def _named(self) -> list[Fact]:
        return facts(self.query.text)

    def _trimmed(self, text: str, start: int, end: int) -> tuple[int, int]:
        """A name without titles and words of the question at its ends ("Facebook CEO Mark Zuckerberg")."""
        words = [m.span() for m in re.finditer(r"[\w'’.&-]+", text[start:end])]
        while words and self._is_known(text[start + words[0][0] : start + words[0][1]]):
            del words[0]
        while words and self._is_known(text[start + words[-1][0] : start + words[-1][1]]):
            del words[-1]
        return (start + words[0][0], start + words[-1][1]) if words else (start, start)

    def _is_known(self, word: str) -> bool:
        plain = re.sub(r"['’]s$", "", fold(word).strip(".'’"))
        return plain in self._known or stem(plain) in self._known

    def _nearness(self, text: str, start: int, end: int) -> float:
        """Rarity-weighted nearness, 0 to 1, of a place in the text to the question's words."""
        words = _words(text)
        inside = [n for n, (first, last, _) in enumerate(words) if first < end and last > start]
        near: dict[str, float] = {}
        for n, (_, _, word) in enumerate(words):
            if inside and word in self._rarity and not inside[0] <= n <= inside[-1]:
                distance = max(inside[0] - n, n - inside[-1])
                near[word] = max(near.get(word, 0.0), 1 / (1 + distance / _STEP))
        return sum(self._rarity[word] * value for word, value in near.items()) / (sum(self._rarity.values()) or 1.0)

    def _likeness(self, claim: Claim, start: int, end: int) -> float:
        """The highest cosine between tokens of a place in the claim and those of the words that ask."""
        if not self._asking:
            return 0.0
        hit = claim.span.hit
        record = hit.record
        shift = len(embedding_text(record.context, record.text)) - len(record.text) - record.start + claim.span.start
        starts, ends, cosines = self._tokens(hit)
        inside = cosines[(starts >= start + shift) & (ends <= end + shift) & (starts < ends)]
        return float(inside.max()) if len(inside) else 0.0

    def _tokens(self, hit: Hit) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Of each token of a hit: start, end, and its highest cosine to one of the words that ask."""
        if id(hit) not in self._read:
            assert hit.likeness is not None, "candidates are made of hits that were read"
            assert hit.offsets is not None, "and of these the places of tokens are known"
            self._read[id(hit)] = (*hit.offsets.T, hit.likeness[self._asking].max(axis=0))
        return self._read[id(hit)]

    @cached_property
    def _asking(self) -> list[int]:
        """The places, among the question's tokens, of the words that ask."""
        question = self.query.text
        head = _HEAD.search(question) if self.kind in ("other", "number") else None
        match = _ASKS.search(question)
        start, end = head.span(head.lastindex or 0) if head else match.span() if match else (0, 0)
        offsets = self._encoder.tokenizer.encode(question).offsets[: len(self.query.tokens)]
        return [n for n, (a, b) in enumerate(offsets) if start <= a < b <= end]


@lru_cache(maxsize=256)
def entitled(heading: str) -> tuple[str, frozenset[str]]:
    """The names in a heading or title with their numbers ("Mill Lane 3"), and the stems of its other words but dates."""
    found = [fact for fact in facts(heading) if fact.kind in ("name", "number", "date")]
    names = " ".join(fact.text for fact in found if fact.kind != "date") if any(f.kind == "name" for f in found) else ""
    rest = list(heading)
    for fact in found:
        rest[fact.start : fact.end] = " " * (fact.end - fact.start)
    return names, frozenset(stems("".join(rest)) - STOP_WORDS)


def _repeats(fact: Fact, named: Fact) -> bool:
    """Whether a fact says no more than one that the question names: "November 2020" says more than "2020"."""
    return within(fact, named) if fact.kind == "date" == named.kind else same(fact, named)


def _directions(text: str) -> set[tuple[str, int]]:
    """The axes of opposites on which a text says something, with the direction."""
    return {(fact.key, fact.sign) for fact in facts(text) if fact.kind == "comparison" and fact.key in _TURNED}


def years(text: str) -> set[int]:
    """The years in which the dates of a text begin."""
    return {fact.first.year for fact in facts(text) if fact.kind == "date" and fact.first}


def weekdays(text: str) -> list[str]:
    """The weekdays that a text names, in its order."""
    return list(dict.fromkeys(fact.key for fact in facts(text) if fact.kind == "date" and fact.key.endswith("day")))


@lru_cache(maxsize=256)
def _words(text: str) -> list[tuple[int, int, str]]:
    """The words of a text: start, end, stem."""
    return [(m.start(), m.end(), stem(fold(m[0]))) for m in WORD.finditer(text)]
