"""A sentence as it is compared with others: its words by root and sense, and its facts."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from rag.grounding.facts import Fact, facts, lexicon, thesaurus
from rag.grounding.facts.read import UN
from rag.words import STOP_WORDS, fold, stem

READ_LATELY = 4096
LOOKED_AT = 8  # places of a word in a text that are looked at
DENIED = 3  # content words after a negation that it denies
ROOT = 6  # letters by which two words are taken for forms of one: "negotiations", "negotiated"

_FILLERS = STOP_WORDS | frozenset(
    "am being having doing does did may might must shall cannot let lets also however therefore thus moreover "
    "furthermore additionally overall indeed well even just still yet already very too quite both each either any all "
    "no not nor only own same other another while although though because since until unless during between among "
    "through within via into onto upon off out up down over under again further once here one ones us them me my mine "
    "yours ours hers himself herself itself themselves myself yourself something anything everything including "
    "regarding concerning per etc take takes took taken place make makes made get gets got come comes came go goes "
    "went gone become becomes became".split()
)
_NAMES = "|".join(f"(?:{pattern})" for pattern in lexicon.ALIASES)
_TOKEN = re.compile(rf"(?P<alias>{_NAMES})|[^\W_]+(?:['’]\w+)*")
_ALIASES = [(re.compile(pattern), name) for pattern, name in lexicon.ALIASES.items()]
_UN = re.compile(UN)
_CLAUSE_END = re.compile(
    r"[;:.!?()—–](?:\s|$)|\b(?:but|nor|than|because|although|though|whereas)\b|, (?:and|while|which|who)\b"
)


@dataclass(frozen=True, slots=True)
class Token:
    """A word with its place; `key` is its root (a name's canonical form), `content` whether it carries meaning."""

    start: int
    end: int
    key: str
    content: bool


@dataclass(frozen=True)
class Reading:
    """The words of a text in order; `keys`: the roots of its content words, bare numbers aside; `senses`: these and the
    groups of their synonyms."""

    text: str
    tokens: tuple[Token, ...]
    keys: frozenset[str]
    senses: frozenset[str]

    @cached_property
    def facts(self) -> list[Fact]:
        return facts(self.text)

    def of(self, *kinds: str) -> list[Fact]:
        """The facts of some kinds."""
        return [fact for fact in self.facts if fact.kind in kinds]

    @cached_property
    def content(self) -> list[Token]:
        return [token for token in self.tokens if token.content]

    @cached_property
    def _starts(self) -> list[int]:
        return [token.start for token in self.content]

    @cached_property
    def _clause_ends(self) -> list[int]:
        return [match.start() for match in _CLAUSE_END.finditer(self.text)]

    def _one_clause(self, start: int, end: int) -> bool:
        ends = self._clause_ends
        place = bisect_left(ends, start)
        return place == len(ends) or ends[place] >= end

    def before(self, fact: Fact, count: int) -> list[Token]:
        """The last content words before a fact in its clause."""
        place = bisect_left(self._starts, fact.start)
        near = [t for t in self.content[max(0, place - count - 1) : place] if t.end <= fact.start][-count:]
        return [t for t in near if self._one_clause(t.end, fact.start)]

    def after(self, fact: Fact, count: int) -> list[Token]:
        """The first content words after a fact in its clause."""
        place = bisect_left(self._starts, fact.end)
        return [t for t in self.content[place : place + count] if self._one_clause(fact.end, t.start)]

    @cached_property
    def _places(self) -> dict[str, list[Token]]:
        """Where the content words stand, by their roots and by the groups of their synonyms."""
        found: dict[str, list[Token]] = {}
        for token in self.content:
            for key in (token.key, *senses(token.key)):
                found.setdefault(key, []).append(token)
        return found

    def occurrences(self, token: Token) -> list[Token]:
        """Where a word of another text stands in this one, itself or else a synonym; the first few places."""
        if exact := self._places.get(token.key):
            return exact[:LOOKED_AT]
        return list(dict.fromkeys(t for key in senses(token.key) for t in self._places.get(key, ())[:LOOKED_AT]))

    @cached_property
    def denied(self) -> list[tuple[Fact, list[Token]]]:
        """Each negation with the content words that it denies: the next few of its clause, or else those before."""
        return list(self._denied())

    def _denied(self) -> Iterator[tuple[Fact, list[Token]]]:
        for fact in self.of("negation"):
            if fact.text.lower() == "un":
                yield (
                    fact,
                    [token for token in self.after(replace(fact, end=fact.start), 1) if token.start == fact.start],
                )
                continue
            after = self.after(fact, DENIED)
            comma = self.text.find(",", fact.end if not after else after[0].end)
            near = [token for token in after if comma < 0 or token.end <= comma]
            if scope := ([] if self.text[fact.end : fact.end + 1] == "," else near) or self.before(fact, 2):
                yield fact, scope

    @cached_property
    def _denials(self) -> Counter[Token]:
        return Counter(token for _, scope in self.denied for token in scope)

    def denials(self, token: Token) -> int:
        """How many negations stand over a word: two of them cancel."""
        return self._denials[token]

    def sign(self, fact: Fact) -> int:
        """The direction of a word of direction, turned round where it is denied: "not allowed" is "forbidden"."""
        return -fact.sign if self._turned[fact.start] % 2 else fact.sign

    @cached_property
    def _turned(self) -> Counter[int]:
        """Where words of direction stand that are denied: of what a negation denies, the first one."""
        known = {fact.start for fact in self.of("comparison")}
        firsts = (next((t.start for t in scope if t.start in known), -1) for _, scope in self.denied)
        return Counter(firsts)


@lru_cache(maxsize=READ_LATELY)
def read(text: str) -> Reading:
    """Read a text; what was read lately is remembered."""
    tokens = tuple(_tokens(text))
    keys = frozenset(token.key for token in tokens if token.content and not token.key.isdigit())
    return Reading(text, tokens, keys, keys.union(*(senses(key) for key in keys)))


def _tokens(text: str) -> Iterable[Token]:
    for match in _TOKEN.finditer(text):
        if match["alias"]:
            name = next(name for pattern, name in _ALIASES if pattern.fullmatch(match[0]))
            yield Token(match.start(), match.end(), name, True)
            continue
        word = fold(re.split("['’]", match[0])[0])
        if _UN.match(word):
            word = word[2:]
        filler = word in _FILLERS or match[0].lower().endswith(("n't", "n’t")) or len(word) < 2
        yield Token(match.start(), match.end(), word if filler else root(word), not filler)


def root(word: str) -> str:
    """The beginning that forms of a word share; digits stay whole."""
    if not word.isalpha():
        return word
    if 3 < len(word) < 6 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    short = stem(word.removesuffix("ment") if len(word) > 7 else word)
    short = re.sub(r"(?<=\w{3})(?:([bdglmnprt])\1|e|y|i)$", r"\1", short)
    return short[:ROOT]


_GROUPS: dict[str, set[str]] = {}
for _n, _group in enumerate(thesaurus.SYNONYMS):
    for _word in _group:
        _GROUPS.setdefault(root(_word), set()).add(f"#{_n}")
for _word, _axes in thesaurus.DIRECTIONS.items():
    _GROUPS.setdefault(root(_word), set()).update(f"#{_axis}{_sign:+}" for _axis, _sign in _axes)


def senses(key: str) -> set[str]:
    """The groups of synonyms that a root belongs to."""
    return _GROUPS.get(key, set())


def listed(word: str) -> bool:
    """Whether a word is one of the table of synonyms itself, not only by its root."""
    return any(word in group for group in thesaurus.SYNONYMS)
