"""The writer without a model: one to three sentences of the documents, verbatim, that together answer the question."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from index import MiniLM, Unit, embedding_text, units
from rag.retrieve import Hit, Query, late_interaction
from rag.words import stem, stems

PASSAGES = 8  # the best passages, whose sentences compete
PASSAGE_WEIGHT = 0.2
WORDS_WEIGHT = 0.2
COSINE_WEIGHT = 0.2
KIND_WEIGHT = 0.05
MARGIN = 0.2  # a further sentence scores at most this much less than the best one, or it is left out
DUPLICATE = 0.7  # share of common words from which a sentence repeats one already chosen
FRAGMENT_WORDS = 9  # fewer words without a full stop are a caption or a label, not a sentence
LONGEST_QUOTE = 1200  # characters; longer "sentences" are text without punctuation

_ENDS = tuple(".!?…。！？\"'”’»)")
_DATE = re.compile(
    r"\b(1[5-9]|20)\d\d\b|\b(Jan|Febr|Septem|Octo|Novem|Decem)\w*ry?\b|\b(March|April|May|June|July|August)\b|"
    r"\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b\d{1,2}:\d\d\b"
)
_NUMBER = re.compile(r"\d")
_NAME = re.compile(r"(?<=[\w,;:] )[A-Z]\w+")
_ASKS_NUMBER = re.compile(
    r"\b(how (many|much|high|large|long|far|big|old|often)|what (share|percent|percentage|sum|figure|number)|volume|pct)\b"
)
_ASKS_TIME = re.compile(r"\b(when|(what|which|since what|from what) (year|date|day|month|days|time))\b")
_ASKS_PERSON = re.compile(r"\b(who|whom|whose)\b")


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence of an answer before it is cited: its text, and the span of a hit's document that it rests on."""

    text: str
    hit: Hit  # with its document
    start: int
    end: int
    score: float


class QuotesWriter:
    """Chooses sentences by token-level similarity, words in common, and the kind of thing that is asked for."""

    name = "quotes"

    def __init__(self, encoder: MiniLM, max_sentences: int = 3, max_words: int = 80) -> None:
        self.encoder = encoder
        self.max_sentences = max_sentences
        self.max_words = max_words

    def write(self, query: Query, hits: Sequence[Hit]) -> Iterator[Claim]:
        """The chosen sentences in a readable order: documents by their best sentence, sentences as they stand there."""
        chosen = self._choose(self.candidates(query, hits))
        documents = list(dict.fromkeys(claim.hit.record.document for claim in chosen))
        yield from sorted(chosen, key=lambda claim: (documents.index(claim.hit.record.document), claim.start))

    def candidates(self, query: Query, hits: Sequence[Hit]) -> list[Claim]:
        """Every sentence and row of the best passages, scored, best first."""
        found: dict[tuple[int, int], Claim] = {}
        for hit in hits[:PASSAGES]:
            for claim in self._sentences(query, hit):
                found.setdefault((hit.record.document, claim.start), claim)
        return sorted(found.values(), key=lambda claim: (-claim.score, claim.hit.record.source, claim.start))

    def _sentences(self, query: Query, hit: Hit) -> Iterator[Claim]:
        record = hit.record
        document = hit.document
        if hit.tokens is None or hit.likeness is None or document is None:
            return
        whole = embedding_text(record.context, record.text)
        shift = len(whole) - len(record.text) - record.start
        offsets = self.encoder.tokenizer.encode(whole).offsets[: len(hit.tokens)]
        for unit in units(document, record.start, record.end):
            text = document.text[unit.start : unit.end]
            if unit.start < record.start or not _quotable(unit, text):
                continue
            first, last = unit.start + shift, unit.end + shift
            inside = [n for n, (a, b) in enumerate(offsets) if first <= a < b <= last]
            if inside:
                score = _score(query, unit, text, hit.tokens[inside], hit.likeness[:, inside])
                yield Claim(text, hit, unit.start, unit.end, score + PASSAGE_WEIGHT * hit.score)

    def _choose(self, candidates: Sequence[Claim]) -> list[Claim]:
        chosen: list[Claim] = []
        words = 0
        for claim in candidates:
            if claim.score < candidates[0].score - MARGIN:
                break
            length = len(claim.text.split())
            if chosen and (words + length > self.max_words or any(_repeats(claim, other) for other in chosen)):
                continue
            chosen.append(claim)
            words += length
            if len(chosen) == self.max_sentences:
                break
        return chosen


def _quotable(unit: Unit, text: str) -> bool:
    """A row, or a whole sentence that says something: no heading, caption, label, question, or words before a list."""
    if unit.block.kind == "heading" or len(text) > LONGEST_QUOTE:
        return False
    if unit.block.kind == "row":
        return True
    if text.endswith((":", ";", ",")) or text.rstrip("\"'”’»)").endswith(("?", "？")):
        return False
    return text.endswith(_ENDS) or len(text.split()) >= FRAGMENT_WORDS


def _score(query: Query, unit: Unit, text: str, tokens: np.ndarray, likeness: np.ndarray) -> float:
    """How well a sentence answers: `tokens` (n, 384) are its own, `likeness` (q, n) their cosines to the question's."""
    mean = tokens.mean(axis=0)
    cosine = float(mean @ query.vector / (np.linalg.norm(mean) or 1.0))
    # A row is understood with its header, so the header's words count as its own.
    words = stems(f"{unit.block.context} {text}" if unit.block.kind == "row" else text)
    total = sum(query.rarity.values()) or 1.0
    shared = sum(rare for word, rare in query.rarity.items() if stem(word) in words) / total
    return (
        late_interaction(query, likeness)
        + WORDS_WEIGHT * shared
        + COSINE_WEIGHT * cosine
        + KIND_WEIGHT * _kind(query.text, text)
    )


def _kind(question: str, text: str) -> float:
    """1 where the sentence offers the kind of thing asked for (a number, a time, a name), -1 where it does not."""
    asked = question.lower()
    for asks, offers in ((_ASKS_NUMBER, _NUMBER), (_ASKS_TIME, _DATE), (_ASKS_PERSON, _NAME)):
        if asks.search(asked):
            return 1.0 if offers.search(text) else -1.0
    return 0.0


def _repeats(claim: Claim, other: Claim) -> bool:
    mine, theirs = stems(claim.text), stems(other.text)
    return len(mine & theirs) > DUPLICATE * min(len(mine), len(theirs))
