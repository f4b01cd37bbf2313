"""Disagreements: candidate sentences that answer the question with different values for what seems the same thing.

Every two of the best candidates are compared by the value that each offers (`rag.values`). Whether they contradict
each other is told by a logistic model of five features of the pair. Its weights were fitted on questions with falsified
documents and with documents about namesakes, those of each set tried on the other one (`eval.studies.disagreements`). A pair
that is less than certain is no disagreement to warn of, but worth quoting from both sides.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import combinations
from typing import NamedTuple

from index import MiniLM
from rag.claims import Claim, Disagreement, Position
from rag.dated import stated
from rag.grounding.facts import facts
from rag.grounding.reading import read
from rag.retrieve import Query
from rag.values import Value, ValueReader, weekdays, years
from rag.words import STOP_WORDS, WORD, stems

COMPARED = 24  # the best candidates
NEAR = 0.2  # the better one of a pair scores at most this much less than the best
FAR = 0.35  # and the other one this much: what scores less answers something else
COPIES_FAR = 0.6  # unless one is a copy of the other, and both passages have
ABOUT = 0.5  # of the question's words, by rarity
SIDES = 4  # positions that are reported
CERTAIN = -0.6  # log odds from which a pair is warned of
EXPLAINED = -1.2  # where a period, a scope or a rounding explains it
POSSIBLE = -2.4  # from which both sides are quoted
WEIGHTS = {"weight": 4.1, "behind": -1.1, "held": -0.6, "copied": 5.0, "same_document": -0.8}
BIAS = -4.85
LEAST_WEIGHT = 0.2  # of a value that is compared
FEW_WORDS = 4  # added to a sentence's length: that two words of three are shared says little
POLAR = 12  # candidates of which one may deny what another says
POLARITY_MARGIN = 0.2  # a sentence that says no where another says yes scores at most this much less than the best
SAME_MATTER = 0.4  # overlap from which a sentence that denies contradicts one that does not
COPIED = 0.6  # share of common words from which one of two sentences is a copy of the other
ROUNDED = 0.15  # two numbers of which one is approximate may differ by this share


@dataclass(frozen=True, slots=True)
class Offer:
    """A candidate as it is compared: its values, likeliest first, its words, and what it adds to the names of the
    question ("the 2013 film")."""

    claim: Claim
    values: list[Value]
    words: frozenset[str]
    variant: frozenset[str]

    @property
    def document(self) -> int:
        return self.claim.span.hit.record.document


Side = tuple[Value, Offer]


class Reason(NamedTuple):
    """Why two sides differ, with what holds for each of them where there is a word for it: "period", 2021, 2023."""

    why: str
    one: str = ""
    other: str = ""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two candidates, the better one first, and the values in which they differ."""

    first: Offer
    second: Offer
    values: tuple[Value, Value]

    @property
    def sides(self) -> tuple[Side, Side]:
        return (self.values[0], self.first), (self.values[1], self.second)


def find_disagreements(query: Query, candidates: Sequence[Claim], encoder: MiniLM) -> list[Disagreement]:
    """What the candidates (best first) disagree about, as far as it answers the question: at most one
    that is certain, and what else may answer it otherwise."""
    reader = ValueReader(encoder, query, candidates[:COMPARED])
    if not candidates or not reader.kind:
        return []
    if reader.kind == "whether":
        return _polarities(query, candidates)
    scored = [(odds(pair, candidates[0].score), pair) for pair in compared(reader, candidates)]
    scored = sorted((one for one in scored if one[0] >= POSSIBLE), key=lambda one: -one[0])
    if not scored:
        return []
    first = scored[0][1]
    reason = difference(reader, *first.sides)
    least = EXPLAINED if reason else CERTAIN
    sure: list[Side] = []  # contradict each other, and differ for the same reason
    unsure: list[Side] = []
    for one, pair in scored:
        for side in pair.sides:
            if len(sure) + len(unsure) < SIDES and (pair is first or all(_further(old, side) for old in sure + unsure)):
                alike = pair is first or all(_why(difference(reader, old, side)) == _why(reason) for old in sure)
                (sure if one >= least and alike else unsure).append(side)
    differs = _told([difference(reader, sure[0], side) for side in sure[1:]])
    told = ((differs, sure, True), (None, unsure, False))
    return [Disagreement(query.text, why, _positions(sides), certain) for why, sides, certain in told if sides]


def compared(reader: ValueReader, candidates: Sequence[Claim]) -> Iterator[Pair]:
    """The pairs of candidates whose likeliest values differ and do not stand in both sentences."""
    best = candidates[0].score
    offers = [
        Offer(claim, values, frozenset(stems(claim.text)), frozenset(reader.variant(claim)))
        for claim in candidates[:COMPARED]
        if claim.score >= best - (COPIES_FAR if reader.about(claim) >= ABOUT else FAR)
        and (values := reader.values(claim))
        and values[0].weight >= LEAST_WEIGHT
        and not _of_another_year(reader, claim)
    ]
    for first, second in combinations(offers, 2):
        a, b = first.values, second.values
        swapped = _swapped(first, second)
        if not swapped and (first.claim.score < best - NEAR or second.claim.score < best - FAR):
            continue
        if swapped:
            a, b = [swapped[0]], [swapped[1]]
        elif reader.kind == "other":
            a, b = _distinct(a, second.words), _distinct(b, first.words)
        if not a or not b or any(a[0].agrees(value) for value in b) or any(b[0].agrees(value) for value in a):
            continue
        if not _comparable(a[0], b[0]) or _of_another_thing(reader, first, second):
            continue
        if any(word.isdigit() for word in first.variant ^ second.variant) and not (first.variant and second.variant):
            continue  # a sequel
        yield Pair(first, second, (a[0], b[0]))


def _swapped(one: Offer, other: Offer) -> tuple[Value, Value] | None:
    """The likeliest values that stand in each other's place, where a sentence is a copy of another document's. Copies
    that agree about the likeliest of all differ in something else than what is asked."""
    shared = len(one.words & other.words)
    if (
        one.document == other.document
        or one.values[0].words == other.values[0].words
        or shared <= COPIED * max(len(one.words), len(other.words))
    ):
        return None
    mine, theirs = ([(m[0].lower(), m.start(), m.end()) for m in WORD.finditer(o.claim.text)] for o in (one, other))
    steps = SequenceMatcher(None, [w for w, *_ in mine], [w for w, *_ in theirs], autojunk=False).get_opcodes()
    places = [(mine[a][1], mine[b - 1][2], theirs[c][1], theirs[d - 1][2]) for s, a, b, c, d in steps if s == "replace"]
    pairs = [
        (a, b)
        for start, end, first, last in places
        for a in one.values
        if a.start < end and start < a.end
        for b in other.values
        if b.start < last and first < b.end and not a.agrees(b)
    ]
    return max(pairs, key=lambda pair: min(pair[0].weight, pair[1].weight), default=None)


def _of_another_year(reader: ValueReader, claim: Claim) -> bool:
    """Whether a sentence is about other years than the question, which names some."""
    if reader.kind == "date" or not reader.years:
        return False
    return bool(named := years(claim.text)) and named.isdisjoint(reader.years)


def _of_another_thing(reader: ValueReader, first: Offer, second: Offer) -> bool:
    """Whether the question names what one of two sentences is about, and not what the other is about."""
    things = reader.things(first.claim, second.claim)
    return bool(things) and len({stems(thing) <= stems(reader.query.text) for thing in things or ()}) > 1


def _comparable(one: Value, other: Value) -> bool:
    """Whether two values are in one unit, if they are numbers."""
    a, b = one.fact, other.fact
    return not (a and b) or (a.kind == b.kind and (a.kind != "number" or a.unit == b.unit))


def _further(side: Side, new: Side) -> bool:
    """Whether a side has another value than one that is known already, of the same kind."""
    (a, first), (b, second) = side, new
    return first is not second and not b.agrees(a) and not b.words <= first.words and _comparable(a, b)


def _distinct(values: list[Value], words: frozenset[str]) -> list[Value]:
    """Values that another sentence does not hold; none where the likeliest is among those that it holds."""
    kept = [value for value in values if not value.words <= words]
    return kept if kept and kept[0].weight > values[0].weight - 0.1 else []


def odds(pair: Pair, best: float) -> float:
    """The log odds that a pair is a contradiction; `best` is the score of the best candidate."""
    return BIAS + sum(WEIGHTS[name] * value for name, value in features(pair, best).items())


def features(pair: Pair, best: float) -> dict[str, float]:
    """What speaks for and against a contradiction, each about 0 to 1: how likely the values are what is asked for,
    how far the second sentence is behind the best, whether one value stands in the other's passage, how much of a copy
    the sentences are apart from their values, and whether they stand in one document."""
    (a, first), (b, second) = pair.sides
    mine, theirs = first.words - a.words, second.words - b.words
    return {
        "weight": min(a.weight, b.weight),
        "behind": best - second.claim.score,
        "held": sum(v.text in o.claim.span.hit.record.text for v, o in ((a, second), (b, first)) if a.text != b.text),
        "copied": _overlap(mine, theirs),
        "same_document": float(first.document == second.document),
    }


def difference(reader: ValueReader, one: Side, other: Side) -> Reason | None:
    """What else differs between two sides and may explain their values: the thing itself, the period, a rounding."""
    (a, first), (b, second) = one, other
    if first.variant and second.variant and not first.variant & second.variant:
        return Reason("scope", " ".join(sorted(first.variant)), " ".join(sorted(second.variant)))
    if things := reader.things(first.claim, second.claim):
        return Reason("scope", *things)
    if reader.kind != "date":
        ours, theirs = years(first.claim.text), years(second.claim.text)
        if ours and theirs and ours.isdisjoint(theirs):
            return Reason("period", str(max(ours)), str(max(theirs)))
    if (
        a.fact
        and a.fact.unit == "clock"
        and (mine := weekdays(first.claim.text))
        and (their := weekdays(second.claim.text))
    ):
        return Reason("period", ", ".join(mine), ", ".join(their)) if set(mine).isdisjoint(their) else None
    if a.fact and b.fact and a.fact.kind == "number" and (a.fact.approximate or b.fact.approximate):
        near = abs(a.fact.low - b.fact.low) <= ROUNDED * max(a.fact.low, b.fact.low)
        return Reason("approximate") if near else None
    return None


def _why(reason: Reason | None) -> str | None:
    return reason.why if reason else None


def _told(reasons: Sequence[Reason | None]) -> str | None:
    """The reasons of the first side and each other one in words, "period: 2021 vs 2022 vs 2023"."""
    known = [reason for reason in reasons if reason]
    if not known:
        return None
    words = dict.fromkeys([known[0].one, *(reason.other for reason in known)])
    return known[0].why + (f": {' vs '.join(words)}" if all(words) else "")


def _positions(sides: Sequence[Side]) -> tuple[Position, ...]:
    return tuple(Position(value.text, offer.claim, stated(offer.claim)) for value, offer in sides)


def _polarities(query: Query, candidates: Sequence[Claim]) -> list[Disagreement]:
    """A sentence that denies and one that does not, both near the best one: the two that say the same otherwise, or
    the best ones."""
    near = [claim for claim in candidates[:POLAR] if claim.score >= candidates[0].score - POLARITY_MARGIN]
    words = {claim.text: stems(claim.text) - STOP_WORDS for claim in near}
    denying = [claim for claim in near if denies(claim.text)]
    pairs = [
        (_overlap(words[one.text], words[other.text]), one, other)
        for one in denying
        for other in near
        if other not in denying
    ]
    if not pairs:
        return []
    alike, one, other = max(pairs, key=lambda pair: (pair[0] >= SAME_MATTER, pair[1].score + pair[2].score))
    positions = tuple(
        Position("no" if claim is one else "yes", claim, stated(claim))
        for claim in sorted((one, other), key=lambda claim: -claim.score)
    )
    return [Disagreement(query.text, None, positions, alike >= SAME_MATTER and _denies_what(query.text, one.text))]


def _denies_what(question: str, text: str) -> bool:
    """Whether the first thing that a negation of a text denies is in the question, itself or a synonym."""
    asks, said = read(question), read(text)
    return any(asks.occurrences(scope[0]) for _, scope in said.denied if scope)


def denies(text: str) -> bool:
    """Whether a text has a word that denies; a prefix ("un-") turns its own word only."""
    return any(fact.kind == "negation" and not text[fact.end : fact.end + 1].isalpha() for fact in facts(text))


def _overlap(mine: Set[str], theirs: Set[str]) -> float:
    return len(mine & theirs) / (min(len(mine), len(theirs)) + FEW_WORDS)
