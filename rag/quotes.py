"""The writer without a model: one to three sentences of the documents, verbatim, that together answer the question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rag.claims import Claim, Task
from rag.trace import Item
from rag.words import stems

MARGIN = 0.2  # a further sentence scores at most this much less than the best one, or it is left out
DUPLICATE = 0.7  # share of common words from which a sentence repeats one already chosen


class QuotesWriter:
    """Chooses among the candidate sentences."""

    name = "quotes"

    def __init__(self, max_sentences: int = 3, max_words: int = 80) -> None:
        self.max_sentences = max_sentences
        self.max_words = max_words

    def write(self, task: Task) -> Iterator[Claim]:
        """The chosen sentences in a readable order: documents by their best sentence, sentences as they stand there."""
        chosen = self._choose(task.candidates, task.left)
        documents = list(dict.fromkeys(claim.span.hit.record.document for claim in chosen))
        yield from sorted(chosen, key=lambda claim: (documents.index(claim.span.hit.record.document), claim.span.start))

    def _choose(self, candidates: Sequence[Claim], left: list[Item]) -> list[Claim]:
        chosen: list[Claim] = []
        words = 0
        for claim in candidates:
            length = len(claim.text.split())
            if claim.score < candidates[0].score - MARGIN:
                why = f"it scores more than {MARGIN} less than the best sentence"
            elif len(chosen) == self.max_sentences:
                why = f"{self.max_sentences} better ones are quoted already (answer.max_sentences)"
            elif chosen and words + length > self.max_words:
                why = f"with its {length} words there would be more than {self.max_words} (answer.max_words)"
            elif other := next((one for one in chosen if _repeats(claim, one)), None):
                why = f"it repeats a sentence of {other.span.hit.record.source} that is quoted"
            else:
                chosen.append(claim)
                words += length
                continue
            left.extend(item._replace(why=why) for item in claim.items())
        return chosen


def _repeats(claim: Claim, other: Claim) -> bool:
    mine, theirs = stems(claim.text), stems(other.text)
    return len(mine & theirs) > DUPLICATE * min(len(mine), len(theirs))
