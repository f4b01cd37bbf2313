"""Drafts by a language model: what it proposes is believed only as far as the passage bears it out."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterator, Sequence

from eval.drafts import english
from eval.drafts.draft import Draft, Line, Source
from eval.drafts.values import aliases
from eval.match import contains, normalized
from rag import Fact, Proposal, Settings, facts, propose

LETTERS = 1200  # of an excerpt
FEWEST_LETTERS = 120
EACH = 2  # questions asked of an excerpt
NEAR = 0.6  # of the words of a quote that the nearest sentence must share to be what was meant
LONGEST_ANSWER = 12  # words

_WORD = re.compile(r"\w+")
_ASKS = re.compile(r"\b(?:the (?:text|passage|excerpt|document|author)|this (?:text|passage))\b", re.IGNORECASE)


class ModelWriter:
    """Drafts as a model writes them, document by document in turn; `dropped` counts, by reason, what was not kept."""

    def __init__(self, settings: Settings, sources: Sequence[Source], seed: int = 0) -> None:
        self.dropped: Counter[str] = Counter()
        self.excerpts = 0
        self._settings = settings.model
        self._sources = sources
        self._seed = seed

    def drafts(self) -> Iterator[Draft]:
        """One after the other, as they are wanted: each excerpt costs an answer. Raises as `rag.propose` does."""
        spread = random.Random(self._seed)
        left = [(source, spread.sample(found, len(found))) for source in self._sources if (found := excerpts(source))]
        while left:
            for source, waiting in list(left):
                lines = waiting.pop()
                if not waiting:
                    left.remove((source, waiting))
                yield from self._of(source, lines)

    def _of(self, source: Source, lines: Sequence[Line]) -> Iterator[Draft]:
        self.excerpts += 1
        text = source.document.text[lines[0].start : lines[-1].end]
        proposed = propose(self._settings, text, f"{source.document.title} > {lines[0].place}".rstrip(" >"), EACH)
        if not proposed:
            self.dropped["nothing that can be read"] += 1
        for proposal in proposed:
            found = checked(proposal, source, lines)
            if isinstance(found, str):
                self.dropped[found] += 1
            else:
                yield found


def excerpts(source: Source) -> list[list[Line]]:
    """The text of a document in pieces of whole lines."""
    found: list[list[Line]] = []
    for line in source.lines:
        if not found or line.end - found[-1][0].start > LETTERS:
            found.append([])
        found[-1].append(line)
    return [lines for lines in found if lines[-1].end - lines[0].start >= FEWEST_LETTERS]


def checked(proposal: Proposal, source: Source, lines: Sequence[Line]) -> Draft | str:
    """The draft of a proposal with its quote as it stands in the document, or why it is none."""
    line = _meant(proposal.quote, lines)
    if line is None:
        return "no such sentence"
    answer = proposal.answer.strip(" .\"'“”")
    if not contains(line.text, answer):
        return "the sentence does not hold the answer"
    if len(answer.split()) > LONGEST_ANSWER:
        return "a long answer"
    words = set(_WORD.findall(proposal.question.lower()))
    leans = (words & english.UNKNOWN) - {"there", "such"} or _ASKS.search(proposal.question)
    if not proposal.question.endswith("?") or leans:
        return "no question that stands alone"
    fact = _fact(answer)
    group = tuple(dict.fromkeys((answer, *(aliases(fact) if fact else ()))))
    rule = "model_table" if line.kind == "row" else "model"
    type = "table_fact" if line.kind == "row" else "single_fact"
    draft = line.draft(source, rule, proposal.question, answer, (group,), type)
    return draft if draft.sound else "the question gives the answer away"


def _meant(quote: str, lines: Sequence[Line]) -> Line | None:
    """The line that holds the quote, be it with other spaces; else the one nearest to it in words."""
    wanted = normalized(quote)
    bodies = [line for line in lines if line.kind != "heading"]
    for line in bodies:
        if wanted and wanted.strip(" .") in normalized(line.text):
            return line
    words = set(_WORD.findall(wanted))
    shares = [
        (len(words & own) / len(words | own), line)
        for line in bodies
        if (own := set(_WORD.findall(normalized(line.text))))
    ]
    nearest = max(shares, key=lambda one: one[0], default=None)
    return nearest[1] if nearest and nearest[0] >= NEAR else None


def _fact(answer: str) -> Fact | None:
    """The number or date that an answer is and nothing else."""
    whole = [fact for fact in facts(answer) if fact.text.strip() == answer and fact.kind in ("number", "date")]
    return whole[0] if whole and whole[0].unit != "x" else None
