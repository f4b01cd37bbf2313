"""Reads all facts of a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from rag.grounding.facts import lexicon as lex
from rag.grounding.facts import thesaurus
from rag.grounding.facts.dates import dates
from rag.grounding.facts.fact import Fact
from rag.grounding.facts.numbers import numbers
from rag.words import STOP_WORDS, fold

_CASELESS = str.maketrans("\u0130\u0131\u017f\u212a", "Iisk")  # what a pattern takes for i, s, k, but no table does

READ_LATELY = 4096  # texts whose facts are remembered: sentences of the same passages come again and again

UN = r"un(?=\w{4,})(?!der|til|less|it|ion|iq|ivers|iform|cles?\b|anim)"  # the prefix that denies, not that of "under"
_CODE = re.compile(r"(?<![\w.,$€£])(?:[^\W\d_]+[-/]?\d[\w/-]*|\d+(?:\.\d+){2,})(?![\w]|[.,]\d)")
_GROUPED = re.compile(r"\d{1,3}(?:\.\d{3}){2,}")
_TOKEN = re.compile(r"(?<!\w)(?:(?:[^\W\d_]\.)+(?!\w)|[^\W\d_](?:\w|[&'’.-](?=\w))*)")
_DOTTED = re.compile(r"(?<!\w)(?:[^\W\d]\.){2,}[^\W\d]?(?!\w)")
_STARTS = re.compile(r"(?:^|[.!?:;…|\n]|[.!?]['\"’”)])[\s\"'“”‘’(\[*•–—-]*$")
_POSSESSIVE = re.compile(r"['’]s\b")
_GAP = re.compile(r" |-")
_ALIASES = [(re.compile(pattern), name) for pattern, name in lex.ALIASES.items()]
_PHRASES = sorted(lex.NOT_NEGATIONS, key=len, reverse=True)
_NEGATION = re.compile(
    rf"(?P<none>\b(?:{'|'.join(_PHRASES)})\b|(?:\bnot|n['’]t) (?:only|just|merely|simply|solely|least)\b)|\b(?P<word>{'|'.join(sorted(lex.NEGATIONS, key=len, reverse=True))})\b(?!\.\s?\d)|"
    rf"n['’]t\b|\b{UN}",
    re.IGNORECASE,
)
_PHRASE = re.compile(rf"\b(?:{'|'.join(word for word in thesaurus.DIRECTIONS if ' ' in word)})\b", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")


@lru_cache(maxsize=READ_LATELY)
def _facts(text: str) -> tuple[Fact, ...]:
    text = text.translate(_CASELESS)
    found: list[Fact] = []
    rest = text
    for read in (dates, _codes, numbers):
        for fact in list(read(rest)):
            found.append(fact)
            rest = rest[: fact.start] + "\0" * (fact.end - fact.start) + rest[fact.end :]
    found += [*_names(rest, text), *_negations(text), *_comparisons(text)]
    return tuple(sorted(found, key=lambda fact: (fact.start, fact.end)))


def facts(text: str) -> list[Fact]:
    """The facts of a text in the order in which they stand there."""
    return list(_facts(text))


def canonical(text: str) -> str:
    """A text as names are compared: one name for what has several ("U.S.", "American"), then folded, without 's."""
    for pattern, name in _ALIASES:
        text = pattern.sub(name, text)
    text = _DOTTED.sub(lambda match: match[0].replace(".", ""), text)
    return fold(_POSSESSIVE.sub("", text))


def named(part: str, words: set[str]) -> bool:
    """Whether a word of a name is among some words, be it as the adjective of a country ("Russian" for "Russia")."""
    if part in words:
        return True
    if len(part) < 4:
        return False
    return any(len(w) > 3 and w[:4] == part[:4] and _demonym(part, w) for w in words)


def _demonym(a: str, b: str) -> bool:
    shared = next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[shared:] in lex.DEMONYM_ENDINGS and b[shared:] in lex.DEMONYM_ENDINGS


def _codes(text: str) -> Iterator[Fact]:
    """Names that hold digits: "S-400", "WG-114", "COVID-19", "3.11.4"."""
    for match in _CODE.finditer(text):
        if not _GROUPED.fullmatch(match[0]):
            yield Fact("name", match.start(), match.end(), match[0], key=fold(match[0]).replace("-", ""))


def _names(rest: str, text: str) -> Iterator[Fact]:
    """Capitalised words and acronyms, joined to one name where they stand together. A capital at the start of a
    sentence tells nothing: such a word counts only with a name right behind it, or spelt like no other word."""
    tokens = list(_TOKEN.finditer(rest))
    if sum(match[0].isupper() for match in tokens) > 0.7 * len(tokens) > 2:
        return  # a heading in capitals
    group: list[re.Match[str]] = []
    for token in tokens:
        together = group and _GAP.fullmatch(rest, group[-1].end(), token.start())
        if group and not together:
            yield from _name(group, text)
            group = []
        if _capital(token[0]) or (group and token[0] in lex.CONNECTORS):
            group.append(token)
        elif group:
            yield from _name(group, text)
            group = []
    if group:
        yield from _name(group, text)


def _capital(token: str) -> bool:
    return (
        token != "I"
        and not token.startswith(("I'", "I’"))
        and any(letter.isupper() for letter in token[:2] + token[-1:])
    )


def _name(group: list[re.Match[str]], text: str) -> Iterator[Fact]:
    while group and group[-1][0] in lex.CONNECTORS:
        group = group[:-1]
    while group and (word := fold(_POSSESSIVE.sub("", group[0][0].rstrip(".")))) and _starts(text, group[0].start()):
        plain = word in STOP_WORDS or word in lex.OPENERS or (len(group) == 1 and not _spelt_as_name(group[0][0]))
        if not plain:
            break
        group = group[1:]
    if group:
        start, end = group[0].start(), group[-1].end()
        said = text[start:end]
        yield Fact("name", start, end, said, key=" ".join(re.findall(r"\w+", canonical(said))))


def _starts(text: str, at: int) -> bool:
    return bool(_STARTS.search(text, max(0, at - 8), at)) or at == 0


def opening_name(text: str) -> Fact | None:
    """The first word of a sentence where it may be a name: it has a capital, and no form or use of a common word."""
    if not (match := _TOKEN.match(text.lstrip("\"'“‘«(["))):
        return None
    word = fold(_POSSESSIVE.sub("", match[0]))
    common = STOP_WORDS | lex.OPENERS | lex.COMMON_OPENERS | lex.TITLES
    if not match[0][0].isupper() or word in common or len(word) < 3 or word.endswith(tuple(lex.COMMON_ENDINGS)):
        return None
    start = text.index(match[0])
    return Fact("name", start, start + len(match[0]), match[0], key=" ".join(re.findall(r"\w+", canonical(match[0]))))


def _spelt_as_name(token: str) -> bool:
    """An acronym, a word with a capital inside, or one that owns something ("Russia's")."""
    return sum(letter.isupper() for letter in token) > 1 or token.endswith(("'s", "’s"))


def negators(text: str) -> int:
    """How many words of negation a text has, those of "not only" and the like among them."""
    return sum(1 for _ in _NEGATION.finditer(text))


def _negations(text: str) -> Iterator[Fact]:
    for match in _NEGATION.finditer(text):
        if not match["none"]:
            yield Fact("negation", match.start(), match.end(), match[0], key="not")


def _comparisons(text: str) -> Iterator[Fact]:
    phrases = list(_PHRASE.finditer(text))
    inside = {place for phrase in phrases for place in range(*phrase.span())}
    words = [match for match in _WORD.finditer(text) if match.start() not in inside]
    for match in (*phrases, *words):
        for axis, sign in thesaurus.DIRECTIONS.get(match[0].lower(), ()):
            yield Fact("comparison", match.start(), match.end(), match[0], key=axis, sign=sign)
