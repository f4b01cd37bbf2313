"""The sentences that an answer can be made of: every sentence and row of the best passages, scored for the question.

A sentence scores by late interaction with the question, the words they share, the cosine of their means, the kind of
thing asked for, and the passage it stands in; the best ones also by how likely a value they offer is the one asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from index import MiniLM, Unit, embedding_text, units
from rag.claims import Claim, Span
from rag.extremes import extremes_first, leads
from rag.grounding.facts.lexicon import MAGNITUDES, MULTIPLES, NUMBER_WORDS
from rag.retrieve import Hit, Query, late_interaction
from rag.trace import Item
from rag.values import ValueReader
from rag.words import stem, stems

PASSAGES = 8  # the best passages, whose sentences compete
PASSAGE_WEIGHT = 0.2
WORDS_WEIGHT = 0.2
COSINE_WEIGHT = 0.2
KIND_WEIGHT = 0.05
VALUE_WEIGHT = 0.1
VALUED = 12  # the best candidates, whose values are read
LENT = 0.8  # what counts for a sentence although it does not say it: title, heading, the sentence before for one that
# leans on it ("It took place in May."), and the passage's names and numbers ("The population was 4,624.")
FRAGMENT_WORDS = 9  # fewer words without a full stop are a caption or a label, not a sentence
HEADING_WORDS = 6  # fewer, the first a number, and no verb are a heading ("2. Opening hours.")
LONGEST_QUOTE = 1200  # characters; longer "sentences" are text without punctuation

_ENDS = tuple(".!?…。！？\"'”’»)")
_DATE = re.compile(
    r"\b(1[5-9]|20)\d\d\b|\b(Jan|Febr|Septem|Octo|Novem|Decem)\w*ry?\b|\b(March|April|May|June|July|August)\b|"
    r"\b(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b|\b\d{1,2}:\d\d\b"
)
_NUMBERED = re.compile(r"\W*\d+(?:\.\d+)*[.)]\s")
_VERB = re.compile(  # or a word with a verb's ending that goes on
    r"\b(?:is|are|was|were|be|has|have|had|do|does|did|can|could|will|would|should|may|might|must|\w+(?:ed|[^s]s)(?= \w))\b"
)
_LEANS = re.compile(r"\W*(it|its|they|their|he|his|she|her|this|these|those|both|that|such|there|here|the two)\b", re.I)
_NUMBER = re.compile(
    rf"\d|\b(?:{'|'.join(sorted({*NUMBER_WORDS, *MAGNITUDES, *MULTIPLES, 'half'} - {'one', 'once'}))})s?\b", re.I
)
_LABELLED = re.compile(r"[^:\n\d]{2,40}:\s+\w")  # "Treasurer: Ada Byron" says something; "Figure 3: the ferry" does not
_NAME = re.compile(r"(?<=[\w,;:] )[A-Z]\w+")
_ASKS_NUMBER = re.compile(
    r"\b(how (many|much|high|large|long|far|big|old|often)|what (share|percent|percentage|sum|figure|number)|volume|pct)\b"
)
_ASKS_TIME = re.compile(r"\b(when|(what|which|since what|from what) (year|date|day|month|days|time))\b")
_ASKS_PERSON = re.compile(r"\b(who|whom|whose)\b")


def candidates(query: Query, hits: Sequence[Hit], left: list[Item] | None = None) -> list[Claim]:
    """Every sentence and row of the best passages, scored, best first; `left` takes what is not quoted, and why."""
    left = [] if left is None else left
    asked = _Asked(query)
    found: dict[tuple[int, int], Claim] = {}
    for hit in hits[:PASSAGES]:
        for claim in _sentences(asked, hit, left):
            found.setdefault((hit.record.document, claim.span.start), claim)
    left.extend(
        hit.item(f"its passage is number {rank}; sentences are taken from the best {PASSAGES}")
        for rank, hit in enumerate(hits[PASSAGES:], PASSAGES + 1)
    )
    return extremes_first(query.text, hits[:PASSAGES], _ranked(found.values()), left)


def valued(encoder: MiniLM, query: Query, claims: Sequence[Claim]) -> list[Claim]:
    """The candidates (best first) anew, the best ones with the weight of the likeliest value that each offers."""
    reader = ValueReader(encoder, query, claims[:VALUED])
    best = []
    for claim in claims[:VALUED]:
        worth = VALUE_WEIGHT * max((value.weight for value in reader.values(claim)), default=0.0)
        best.append(replace(claim, score=claim.score + worth, parts={**(claim.parts or {}), "value": worth}))
    return _ranked([*best, *claims[VALUED:]])


def _ranked(claims: Iterable[Claim]) -> list[Claim]:
    return sorted(
        claims, key=lambda claim: (not leads(claim), -claim.score, claim.span.hit.record.source, claim.span.start)
    )


class _Asked:
    """What each sentence is compared with, of a question."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self._worth = [(stem(word), rare) for word, rare in query.rarity.items()]
        self._total = sum(query.rarity.values()) or 1.0
        question = query.text.lower()
        kinds = ((_ASKS_NUMBER, _NUMBER), (_ASKS_TIME, _DATE), (_ASKS_PERSON, _NAME))
        self._offers = next((offers for asks, offers in kinds if asks.search(question)), None)

    def shared(self, words: set[str], lent: set[str]) -> float:
        """The share of the question's words, by rarity, that a sentence has of its own or was lent."""
        worth = ((1.0 if root in words else LENT * (root in lent)) * rare for root, rare in self._worth)
        return sum(worth) / self._total

    def cosine(self, tokens: np.ndarray) -> float:
        """Of the question and the mean of a sentence's tokens (n, 384)."""
        mean = tokens.mean(axis=0)
        return float(mean @ self.query.vector / (np.linalg.norm(mean) or 1.0))

    def kind(self, text: str) -> float:
        """1 where the sentence offers the kind of thing asked for (a number, a time, a name), -1 where it does not."""
        return (1.0 if self._offers.search(text) else -1.0) if self._offers else 0.0


def _sentences(asked: _Asked, hit: Hit, left: list[Item]) -> Iterator[Claim]:
    record = hit.record
    document = hit.document
    if hit.tokens is None or hit.likeness is None or hit.offsets is None or document is None:
        left.append(hit.item("its passage has not been read by the encoder"))
        return
    shift = len(embedding_text(record.context, record.text)) - len(record.text) - record.start
    starts, ends = hit.offsets[:, 0], hit.offsets[:, 1]
    entitled = stems(f"{record.title} {record.heading or ''}")
    named = LENT * hit.likeness.max(axis=1, keepdims=True) * asked.query.particular[:, None]
    antecedent: tuple[str, np.ndarray | slice] = ("", slice(0))
    for unit in units(document, record.start, record.end):
        text = document.text[unit.start : unit.end]
        first, last = unit.start + shift, unit.end + shift
        inside = np.flatnonzero((starts >= first) & (ends <= last) & (starts < ends))
        before, antecedent = antecedent, (text, inside)
        if unit.block.kind != "paragraph":
            antecedent = ("", slice(0))
        span = Span(hit, unit.start, unit.end)
        if why := _unquotable(unit, text, whole=unit.start >= record.start and bool(len(inside))):
            left.append(span.item(why))
            continue
        words, lent = stems(text), entitled
        likeness = np.concatenate([hit.likeness[:, inside], named], axis=1)
        if unit.block.kind == "row":  # a row is understood with its header, so the header's words count as its own
            words |= stems(unit.block.context)
        elif _LEANS.match(text):
            lent = lent | stems(before[0])
            likeness = np.concatenate([likeness, LENT * hit.likeness[:, before[1]]], axis=1)
        parts = {
            "late": late_interaction(asked.query, likeness),
            "words": WORDS_WEIGHT * asked.shared(words, lent),
            "cosine": COSINE_WEIGHT * asked.cosine(hit.tokens[inside]),
            "kind": KIND_WEIGHT * asked.kind(text),
            "passage": PASSAGE_WEIGHT * hit.score,
        }
        yield Claim(text, (span,), sum(parts.values()), parts=parts)


def _unquotable(unit: Unit, text: str, *, whole: bool) -> str:
    """Why a unit is not quoted: it must be a row, or a whole sentence that says something. "" where it is quoted."""
    if unit.block.kind == "heading":
        return "a heading is not quoted"
    if not whole:
        return "the sentence is cut at the border of its passage"
    if len(text) > LONGEST_QUOTE:
        return f"more than {LONGEST_QUOTE:,} characters without an end of a sentence are not quoted"
    if unit.block.kind == "row":
        return ""
    if text.endswith((":", ";", ",")):
        return "words that lead to a list are not quoted"
    if text.rstrip("\"'”’»)").endswith(("?", "？")):
        return "a question is not quoted"
    if _NUMBERED.match(text) and len(text.split()) < HEADING_WORDS and not _VERB.search(text):
        return "a numbered heading is not quoted"
    if not text.endswith(_ENDS) and len(text.split()) < FRAGMENT_WORDS and not _LABELLED.match(text):
        return f"fewer than {FRAGMENT_WORDS} words without a full stop (a caption, a label) are not quoted"
    return ""
