"""Whether the documents answer a question, told by the evidence, and how sure that is.

A question wholly foreign to the folder shows in how alike its passages and sentences are. A near miss, where the subject
is right and the fact is absent, shows in no single sign, so a scorecard adds up eight weak ones. Its weights are a logistic
regression's on the dev halves of nine sets and on questions asked of foreign folders, which count thrice as much as near
misses, each set and each answer to "is it answerable?" counting alike. Fitted without a set, it ranks that set's
answerable questions above its near misses with AUROC .59 to .84 (mean .71; above foreign questions .98): 110 features and
forests of trees did no better. A limit that refuses .15 of a set's answerable questions catches .35 to .72 of its near
misses, too little to refuse by. Only what has least support is refused, then, and the confidence tells the others apart as
far as it goes. It ranks within a folder and is no probability, nor comparable across folders.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from rag.claims import Claim
from rag.extremes import leads
from rag.grounding.facts import Fact, canonical, facts, same
from rag.languages import capitals_name, holds_any, is_foreign, language
from rag.retrieve import Hit, Query, late_interaction
from rag.words import WORD, fold, stem, stop_words

LEAST_CONFIDENCE = 0.3  # the bias is such that 1 % of the answerable questions of the nine dev sets have less
FOREIGN = 0.1  # confidence below which one part of a question is left unanswered; a part has less to go by than a whole
LEAST_SCORE = 0.45  # of the best sentence, whatever else speaks for it: 99.5 % of the answerable ones have over 0.5
COUNTED = 15  # terms: 98 % of the questions it was fitted on have no more, and a pasted page would be sure of anything
SAME = 0.9  # score of a sentence that says nearly what the question does
REFUSED = (
    0.2  # confidence at most, where it says so without the question's denial, or the best sentence scores too little
)
READ = 20  # best candidates that are compared with the question
ROOT = 6  # letters of a stem that tell words apart: "necessity" and "necessary" meet
BEFORE = 250  # characters of a passage before a sentence that belong to it

# Where a term of the question is held: its worth for a sentence in the same passage, next to it, in its headings.
_PASSAGE, _PASSAGE_NAME, _NEAR, _HEADING = 0.45, 0.75, 0.7, 0.8
_TERM_WEIGHT = {"name": 1.6, "value": 1.2, "word": 1.0, "asked": 0.4, "framing": 0.2}
_SCORE_WEIGHT = 0.15  # of a sentence's own score among those that hold the same terms

# Words that frame a question and need not stand in its answer.
_FRAMING = frozenset(
    "kind kinds type types sort sorts name names called many much number amount percentage percent year years date "
    "dates day month time thing things way one exactly please tell know term based compare summarize describe explain "
    "according give list find impact impacts effect effects result results role event events make makes made take "
    "takes taken took use used using do done get got went go become became begin began start started end ended lead "
    "led contribute contributed through during while after before following main major significant different specific "
    "various several show showed shown say said says question want need mean example information".split()
)
_POLITE = frozenset("hello hi hey hallo thanks thank thx cheers sorry excuse bye ok okay yes yeah kindly".split())
_CUT_SHORT = frozenset(
    "ain aren couldn didn doesn don hadn hasn haven isn mustn re shouldn ve wasn weren wouldn".split()
)
_AUXILIARY = r"(?:is|are|was|were|did|do|does|has|have|had|can|could|will|would|may|might|should|must)"
_ASKED = re.compile(rf"\b(?:what|which)\s+((?:[a-z'-]+\s+){{0,2}}?[a-z'-]+)\s+(?:{_AUXILIARY}|of|that|in|to|for)\b")
_ASKS = re.compile(r"\b(?:who|whom|whose|what|which|when|where|why|how)\b")
_ASKS_OF = re.compile(r"\b(?:who|whom|whose|what|which|when|where)\b", re.IGNORECASE)
_ASKS_WHY = re.compile(r"\b(?:why|how|if|unless|reasons?|causes?|happens?)\b", re.IGNORECASE)
_MEASURED = r"(?:share|percent\w*|sum|number|amount|figure|proportion|cost|price|value|rate)"
_PERIOD = r"(?:\w+ )?(?:year|date|day|month|decade|century)s?"
_KINDS = (
    ("number", re.compile(r"how (?:many|much|large|big|high|far|tall|old|often|fast|deep|wide)\b")),
    ("number", re.compile(rf"(?:what|which) (?:{_AUXILIARY} the )?{_MEASURED}\b")),
    ("date", re.compile(rf"when\b|(?:what|which) (?:{_AUXILIARY} the )?{_PERIOD}\b")),
    ("name", re.compile(r"(?:who|whom|whose)\b")),
)
_TOPIC = re.compile(r"\s*\([^()]*\)\W*$")  # what a follow-up took over from the conversation need not be said again


class Evidence(NamedTuple):
    """`confidence` (0 to 1) ranks the questions of a folder by how likely they can be answered: it is no probability,
    nor comparable between folders; `enough` is false where an answer would be pretence; `missing` are the names, numbers
    and rarer words of the question, as asked, that no document holds."""

    confidence: float
    enough: bool
    missing: tuple[str, ...] = ()


class Signs(NamedTuple):
    """What tells an answerable question from others; the last four over the sentence that holds most of the question."""

    likeness: float  # late interaction with the best passage
    score: float  # of the best sentence
    length: float  # terms of the question: the more it asks for, the less is found of it
    rarity: float  # of its words, summed
    names: float  # share of the names held
    values: float  # share of the numbers and dates held
    slot: float  # -1 where a number, a date or a name is asked for and none is offered that the question does not have
    date: float  # -1 where the question names a date and the sentence only others


class Term(NamedTuple):
    """A part of the question to be found again: a name or a value with all its words, or one other word."""

    kind: str
    roots: tuple[str, ...]

    def share(self, held: frozenset[str]) -> float:
        return sum(map(held.__contains__, self.roots)) / len(self.roots)


_WEIGHTS = Signs(likeness=9.6, score=1.5, length=0.35, rarity=-0.044, names=1.06, values=0.97, slot=1.2, date=2.26)
_BIAS = -7.8


def evidence(query: Query, hits: Sequence[Hit], candidates: Sequence[Claim]) -> Evidence:
    """How well the best passages (`hits`) and their sentences (`candidates`, best first) answer a question."""
    missing = _missing(query, hits)
    seen = signs(query, hits, candidates)
    if seen is None or not candidates or _strange(query.text, hits):
        return Evidence(0.0, False, missing)
    confidence = 1 / (1 + math.exp(-_BIAS - sum(w * s for w, s in zip(_WEIGHTS, seen, strict=True))))
    if candidates[0].score < LEAST_SCORE or _says_the_opposite(query.text, candidates):
        confidence = min(confidence, REFUSED)
    elif leads(candidates[0]):
        confidence = max(confidence, LEAST_CONFIDENCE)
    return Evidence(round(confidence, 2), confidence >= LEAST_CONFIDENCE, missing)


def together(parts: Sequence[Evidence]) -> Evidence:
    """The evidence for a question that asks several things: that of the best supported of them, for one is answered."""
    missing = dict.fromkeys(word for part in parts for word in part.missing)
    return max(parts, key=lambda part: part.confidence)._replace(missing=tuple(missing))


def signs(query: Query, hits: Sequence[Hit], candidates: Sequence[Claim]) -> Signs | None:
    """The signs of a question; None where nothing was compared with it."""
    terms = _terms(query.text)
    alike = [late_interaction(query, hit.likeness) for hit in hits if hit.likeness is not None]
    if not terms or not candidates or not alike:
        return None
    claim, held = _fullest(terms, candidates[:READ])
    question = _TOPIC.sub("", query.text)
    asked, offered = facts(question), facts(claim.text)
    counted = min(1.0, COUNTED / len(terms))
    return Signs(
        likeness=max(alike),
        score=candidates[0].score,
        length=counted * len(terms),
        rarity=counted * sum(query.rarity.values()),
        names=held.get("name", 1.0),
        values=held.get("value", 1.0),
        slot=-float(_slot_is_empty(question, asked, offered)),
        date=-float(_other_dates(asked, offered)),
    )


def _fullest(terms: Sequence[Term], candidates: Sequence[Claim]) -> tuple[Claim, dict[str, float]]:
    """The sentence that holds most of the terms, and how well it holds those of each kind: 1 in itself, less near it."""
    total = sum(_TERM_WEIGHT[term.kind] for term in terms)
    around: dict[int, list[float]] = {}
    best = (-math.inf, candidates[0], [0.0])
    for claim in candidates:
        record = claim.span.hit.record
        if record.id not in around:
            headings = _roots(f"{record.title} {record.context} {record.heading or ''}")
            passage = _roots(record.text)
            around[record.id] = [
                max(
                    _HEADING * term.share(headings),
                    (_PASSAGE_NAME if term.kind == "name" else _PASSAGE) * term.share(passage),
                )
                for term in terms
            ]
        at = max(0, claim.span.start - record.start)
        own, near = _roots(claim.text), _roots(record.text[max(0, at - BEFORE) : at])
        held = [
            max(term.share(own), _NEAR * term.share(near), other)
            for term, other in zip(terms, around[record.id], strict=True)
        ]
        value = sum(_TERM_WEIGHT[term.kind] * share for term, share in zip(terms, held, strict=True)) / total
        value += _SCORE_WEIGHT * min(1.0, max(0.0, claim.score))
        if value > best[0]:
            best = value, claim, held
    _, claim, held = best
    shares: dict[str, list[float]] = {}
    for term, share in zip(terms, held, strict=True):
        shares.setdefault(term.kind, []).append(share)
    return claim, {kind: sum(every) / len(every) for kind, every in shares.items()}


@lru_cache(maxsize=256)
def _terms(question: str) -> tuple[Term, ...]:
    """The terms of a question: names and values whole, other words one by one."""
    terms = []
    taken: list[tuple[int, int]] = []
    topic = _TOPIC.search(question)
    own = topic.start() if topic else len(question)
    stop = stop_words(question)
    kinds = ("name", "number", "date") if capitals_name(question) else ("number", "date")
    for fact in facts(question):
        roots = tuple(_root(word) for word in WORD.findall(canonical(fact.text)) if word not in stop)
        if fact.kind in kinds and roots and fact.start < own:
            terms.append(Term("name" if fact.kind == "name" else "value", roots))
            taken.append((fact.start, fact.end))
    asked = _ASKED.search(question.lower())
    asked_for = set(WORD.findall(asked[1])) if asked else set()
    seen = set(stop)
    for match in WORD.finditer(question):
        word = fold(match.group())
        if word not in seen and not any(start <= match.start() < end for start, end in taken):
            seen.add(word)
            kind = "framing" if word in _FRAMING or match.start() >= own else "asked" if word in asked_for else "word"
            terms.append(Term(kind, (_root(word),)))
    return tuple(terms)


@lru_cache(maxsize=4096)
def _roots(text: str) -> frozenset[str]:
    return frozenset(_root(word) for word in WORD.findall(canonical(text)))


@lru_cache(maxsize=65536)
def _root(word: str) -> str:
    return stem(word)[:ROOT]


def _slot_is_empty(question: str, asked: Sequence[Fact], offered: Sequence[Fact]) -> bool:
    """Whether one thing is asked for, of a known kind, and no fact of that kind is offered but those of the question."""
    lower = question.lower()
    words = list(_ASKS.finditer(lower))
    if len(words) != 1:
        return False
    kind = next((kind for kind, pattern in _KINDS if pattern.match(lower, words[0].start())), None)
    fresh = (one for one in offered if one.kind == kind and not any(same(one, other) for other in asked))
    return kind is not None and next(fresh, None) is None


def _other_dates(asked: Sequence[Fact], offered: Sequence[Fact]) -> bool:
    """Whether both name dates, with a year or both without, and none is the same."""
    dates = [(a, b) for a in asked for b in offered if a.kind == b.kind == "date" and bool(a.first) == bool(b.first)]
    return bool(dates) and not any(same(a, b) for a, b in dates)


def _says_the_opposite(question: str, candidates: Sequence[Claim]) -> bool:
    """Whether it is asked for what is not so, and what says nearly the same says it of what is. A statement may be put
    to have it contradicted, and why or if something is not so is asked of what is, so only who, what, which, when and
    where count."""
    alike = [claim.text for claim in candidates if claim.score >= SAME]
    asks = _ASKS_OF.search(question) and not _ASKS_WHY.search(question)
    return bool(asks and alike) and _denies(_TOPIC.sub("", question)) and not any(map(_denies, alike))


def _denies(text: str) -> bool:
    return any(fact.kind == "negation" for fact in facts(text))


def _strange(question: str, hits: Sequence[Hit]) -> bool:
    """Whether a question shares no word with the passages, although both are in the same language and that is not
    English: what likens them says nothing then, as the encoder knows English."""
    records = [hit.record for hit in hits]
    if not is_foreign(question) or language(question) not in {language(record.text) for record in records}:
        return False
    return not any(holds_any(f"{r.title} {r.context} {r.heading or ''} {r.text}", question) for r in records)


def _missing(query: Query, hits: Sequence[Hit]) -> tuple[str, ...]:
    """The telling words of the question that no document has, nor the best passages another form of, as asked."""
    held = (_FRAMING | _POLITE | _CUT_SHORT).union(*(_roots(f"{hit.record.title} {hit.record.text}") for hit in hits))
    words = dict.fromkeys(WORD.findall(query.text))
    return tuple(word for word in words if fold(word) in query.unknown and not {fold(word), _root(fold(word))} & held)
