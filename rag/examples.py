"""Questions to begin with: made of headings, and kept only where the documents answer them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice, zip_longest

from index import Index
from rag.answer import Answer
from rag.words import STOP_WORDS, fold

_TRIED = 12  # headings asked about at most: each costs a whole question
_LOOKED_AT = 48  # documents whose headings are read at most
_WORD = re.compile(r"[^\W_]+")
_NUMBERING = re.compile(r"^[\d.]+\s+")


def example_questions(
    index: Index, ask: Callable[[str], Answer], n: int, near: Sequence[str] = (), asked: str = ""
) -> list[str]:
    """Up to n questions, each answered from the document that it was made of: a different one each, or, with sources
    given as `near`, those of these documents that ask for something else than the question `asked`."""
    known = set(_WORD.findall(fold(asked)))
    questions: list[str] = []
    for source, topic in _near(index, near) if near else _spread(index):
        question = f"What do the documents say about {topic}?"
        if question in questions or (known and known.issuperset(_WORD.findall(fold(topic)))):
            continue
        answer = ask(question)
        if answer.citations and answer.citations[0].source == source:
            questions.append(question)
        if len(questions) == n:
            break
    return questions


def _spread(index: Index) -> Iterator[tuple[str, str]]:
    """The first topic of documents from all over the index, one of each folder in turn."""
    ready = [document.source for document in index.documents() if document.status == "ready"]
    folders: dict[str, list[tuple[str, str]]] = {}
    for source in ready[:: max(1, len(ready) // _LOOKED_AT)]:
        for topic in islice(_topics(index.headings(source)), 1):
            folders.setdefault(source.rpartition("/")[0], []).append((source, topic))
    yield from _in_turn(folders.values())


def _near(index: Index, sources: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Topics of these documents, one of each in turn."""
    yield from _in_turn(
        [(source, topic) for topic in _topics(index.headings(source))] for source in dict.fromkeys(sources)
    )


def _in_turn(groups: Iterable[list[tuple[str, str]]]) -> Iterator[tuple[str, str]]:
    rounds = chain.from_iterable(zip_longest(*groups))
    return islice(_varied(found for found in rounds if found), _TRIED)


def _varied(topics: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Topics that share no word first."""
    seen: set[str] = set()
    alike = []
    for source, topic in topics:
        words = set(fold(topic).split()) - STOP_WORDS
        if words & seen:
            alike.append((source, topic))
        else:
            seen |= words
            yield source, topic
    yield from alike


def _topics(headings: list[str]) -> Iterator[str]:
    """Headings of two to six plain words that can follow "about": no preposition or question word comes first."""
    for heading in headings:
        words = _NUMBERING.sub("", heading).split()
        if 2 <= len(words) <= 6 and all(word.isalpha() for word in words) and fold(words[0]) not in STOP_WORDS:
            capitals = heading.isupper() or not any(word[0].isupper() for word in words[1:])
            yield " ".join(word.lower() if capitals else word for word in words)
