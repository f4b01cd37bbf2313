"""Finds the words of the documents that bear out a sentence which cites nothing, or the wrong passage.

Every sentence and row of the hits is compared with the sentence: the share of its facts that it states, the share of
its words that it holds. A further span is added only for facts that the first ones lack.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from index import units
from rag.claims import Span
from rag.grounding.courtesy import says_nothing
from rag.grounding.facts import Fact
from rag.grounding.reading import Reading, read
from rag.grounding.verify import Evidence, found_share, mixed
from rag.retrieve import Hit

SPANS = 3
NEAR = 0.34  # the least share of a sentence's words that its first span must hold; half of it for the others
COMPARED = 12  # of the units, those with the most words in common, whose facts are read
FACTS_WEIGHT = 1.0  # of the share of facts stated, beside that of words held
BREVITY_WEIGHT = (
    0.2  # of the share of a span's own words that the sentence holds: it tells a short answer from a long list
)
PREFERRED = 0.15  # what a hit that the model cited has ahead of others
_KINDS = ("number", "date", "name")


@dataclass(frozen=True, slots=True)
class _Unit:
    """A sentence or row of a hit, read with the header of its table; `beside`: its title and headings."""

    span: Span
    reading: Reading
    own: Reading
    header: Reading
    beside: Reading
    place: int


class Aligner:
    """Aligns sentences with the hits of one question, whose units are read once."""

    def __init__(self, hits: Sequence[Hit]) -> None:
        found: dict[tuple[int, int], _Unit] = {}
        for place, hit in enumerate(hits):
            for unit in _units(place, hit):
                found.setdefault((hit.record.document, unit.span.start), unit)
        self._units = list(found.values())

    def align(self, sentence: str, preferred: Sequence[int] = ()) -> tuple[Span, ...]:
        """As the function `align`."""
        if says_nothing(sentence):
            return ()
        claim = read(sentence.strip())
        held = {unit.span: found_share(claim, unit.reading.senses) for unit in self._units}
        scores = {unit.span: _words(claim, unit) + PREFERRED * (unit.place in preferred) for unit in self._units}
        near = sorted(self._units, key=lambda unit: (-scores[unit.span], unit.place))[:COMPARED]
        stated = {unit.span: _stated(claim, unit) for unit in near}
        wanted = frozenset(claim.of(*_KINDS))
        chosen: list[Span] = []
        for least in (NEAR, *[NEAR / 2] * (SPANS - 1)):
            values = [fact for fact in wanted if fact.kind != "name"]  # names count among the words already
            best = max(
                (unit.span for unit in near if unit.span not in chosen and held[unit.span] >= least),
                key=lambda span: (
                    scores[span] + FACTS_WEIGHT * sum(f in stated[span] for f in values) / (len(values) or 1)
                ),
                default=None,
            )
            if best is None or (chosen and not stated[best] & wanted):
                break
            chosen.append(best)
            wanted -= stated[best]
        readings = {unit.span: (unit.own, unit.beside, unit.header) for unit in near}
        taken = [readings[span] for span in chosen]
        if len(taken) > 1 and all(" | " in own.text for own, _, _ in taken):
            beside = [one for _, *others in taken for one in others]
            if any(mixed(claim, [own for own, _, _ in taken], beside)):
                return tuple(chosen[:1])
        return tuple(chosen)


def align(sentence: str, hits: Sequence[Hit], preferred: Sequence[int] = ()) -> tuple[Span, ...]:
    """The spans that bear out a sentence, best first, at most three; none where nothing is near.

    Spans are whole sentences or rows of the `hits` (which were read). Those of `preferred` places in `hits` (what the
    model cited) come first, unless others state more of the sentence's facts.
    """
    return Aligner(hits).align(sentence, preferred)


def _units(place: int, hit: Hit) -> Iterator[_Unit]:
    record, document = hit.record, hit.document
    assert document is not None, "sentences are aligned with hits that were read"
    for unit in units(document, record.start, record.end):
        if unit.block.kind != "heading" and unit.start >= record.start:
            text = document.text[unit.start : unit.end]
            header = f"{unit.block.context}\n" if unit.block.kind == "row" and unit.block.context else ""
            beside = read(f"{record.title}\n{unit.block.heading or ''}")
            yield _Unit(Span(hit, unit.start, unit.end), read(header + text), read(text), read(header), beside, place)


def _words(claim: Reading, unit: _Unit) -> float:
    """The share of the claim's words found, half of it counting those of the title and headings too."""
    own = found_share(claim, unit.reading.senses)
    together = found_share(claim, unit.reading.senses | unit.beside.senses)
    common = len(claim.keys & unit.reading.keys)
    return (own + together) / 2 + BREVITY_WEIGHT * common / (len(unit.reading.keys) or 1)


def _stated(claim: Reading, unit: _Unit) -> frozenset[Fact]:
    """The facts of a claim that a unit states."""
    evidence = Evidence((unit.own,), (unit.header, unit.beside))
    return frozenset(fact for fact in claim.of(*_KINDS) if not evidence.problem(fact, claim))
