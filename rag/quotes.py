"""The writer without a model: one to three sentences of the documents, verbatim, that together answer the question."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from datetime import date

from rag.claims import Claim, Notice, Task
from rag.extremes import leads
from rag.grounding.facts import facts
from rag.trace import Item
from rag.words import stems

NOT_HELD = "Not in the documents:"
MARGIN = 0.2  # a further sentence scores at most this much less than the best one, or it is left out
COVERED = 0.05  # a part is answered by a chosen sentence that scores at most this much less than its best one
STRANGER = 0.05  # what a sentence of another document than the best one's scores less, where one thing is asked
OTHERWISE = 1.3  # times the most words, where a sentence may answer otherwise than the best one
DUPLICATE = 0.7  # share of common words from which a sentence repeats one already chosen
_IN_TIME = re.compile(
    r"\b(in (what|which) order|chronolog\w*|timeline|sequence of|course of events|earlier|earliest|latest|first|before or "
    r"after|how did .+ (develop|change|evolve|unfold)|since when)\b",
    re.IGNORECASE,
)


class QuotesWriter:
    """Chooses among the candidate sentences."""

    name = "quotes"

    def __init__(self, max_sentences: int = 3, max_words: int = 80) -> None:
        self.max_sentences = max_sentences
        self.max_words = max_words

    def write(self, task: Task) -> Iterator[Claim | Notice]:
        """The chosen sentences in a readable order: documents by their best sentence, sentences as they stand there; in
        order of time where that is asked for. Then what was asked and no document tells."""
        chosen = self._choose(task)
        documents = list(dict.fromkeys(claim.span.hit.record.document for claim in chosen))
        chosen.sort(key=lambda claim: (documents.index(claim.span.hit.record.document), claim.span.start))
        if _IN_TIME.search(task.question):
            chosen.sort(key=_day)
        chosen.sort(key=leads, reverse=True)
        yield from chosen
        if task.foreign:
            yield Notice(f"{NOT_HELD} {' '.join(task.foreign)}")

    def _choose(self, task: Task) -> list[Claim]:
        """The sides of disagreements, however long; the best sentence for each part of the question, or for the whole of
        it with what may answer it otherwise; then the rest, as far as they come near the best one for what they answer."""
        chosen: list[Claim] = []
        for position in (position for one in task.disagreements for position in one.positions):
            if all(_place(one) != _place(position.claim) for one in chosen):
                chosen.append(position.claim)
        for part in task.parts:
            known = {_place(claim): claim.score for claim in part}
            if part and all(known.get(_place(one), 0.0) < part[0].score - COVERED for one in chosen):
                self._take(part[0], chosen, task.left)
        for claim in task.candidates[:1] if not task.parts else ():
            self._take(claim, chosen, task.left, repeated=bool(task.alternatives))
            for other in task.alternatives:
                self._take(other, chosen, task.left, repeated=True)
        for below, claim in _rest(task):
            if below > MARGIN:
                why = f"it scores more than {MARGIN} less than the best sentence"
                task.left.extend(item._replace(why=why) for item in claim.items())
            else:
                self._take(claim, chosen, task.left)
        answering = {_place(claim) for part in task.parts for claim in part}
        for claim in task.candidates if task.parts else ():
            if _place(claim) not in answering:
                why = "its passage is among the best for no part of the question"
                task.left.extend(item._replace(why=why) for item in claim.items())
        return chosen

    def _take(self, claim: Claim, chosen: list[Claim], left: list[Item], *, repeated: bool = False) -> None:
        """Add a claim to the chosen ones, or say why not; one that may be `repeated` has only its value of its own."""
        length = len(claim.text.split())
        words = sum(len(one.text.split()) for one in chosen)
        if any(_place(one) == _place(claim) for one in chosen):
            return
        if len(chosen) >= self.max_sentences:
            why = f"{self.max_sentences} better ones are quoted already (answer.max_sentences)"
        elif chosen and words + length > (most := round(self.max_words * (OTHERWISE if repeated else 1))):
            why = f"with its {length} words there would be more than {most} (answer.max_words)"
        elif not repeated and (other := next((one for one in chosen if _repeats(claim, one)), None)):
            why = f"it repeats a sentence of {other.span.hit.record.source} that is quoted"
        else:
            chosen.append(claim)
            return
        left.extend(item._replace(why=why) for item in claim.items())


def _rest(task: Task) -> list[tuple[float, Claim]]:
    """All sentences with how much less each scores than the best one for the part that it comes nearest to answering, or
    for the whole question; the nearest first."""
    nearest: dict[tuple[int, int], tuple[float, Claim]] = {}
    for asked in task.parts or [task.candidates]:
        for claim in asked:
            strange = not task.parts and claim.span.hit.record.document != asked[0].span.hit.record.document
            below = asked[0].score - claim.score + STRANGER * strange
            if below < nearest.get(_place(claim), (math.inf,))[0]:
                nearest[_place(claim)] = below, claim
    return sorted(nearest.values(), key=lambda pair: pair[0])


def _day(claim: Claim) -> date:
    """The first day that a sentence names; what names none comes last."""
    return min((fact.first for fact in facts(claim.text) if fact.kind == "date" and fact.first), default=date.max)


def _place(claim: Claim) -> tuple[int, int]:
    return claim.span.hit.record.document, claim.span.start


def _repeats(claim: Claim, other: Claim) -> bool:
    mine, theirs = stems(claim.text), stems(other.text)
    return len(mine & theirs) > DUPLICATE * min(len(mine), len(theirs))
