"""Which of the many drafts are proposed: spread over files, over rules and over the places in a file."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

from eval.drafts.draft import Draft
from eval.match import normalized

ABSENT = 0.2  # of what is proposed is about what no document says
ALIKE = 0.4  # of the words of two questions with the same answer: one of them is enough
_WORD = re.compile(r"\w+")
_GAPS = ("cloze", "cloze_name")


def chosen(
    drafts: Sequence[Sequence[Draft]], n: int, seed: int = 0, known: Collection[str] = (), told: Collection[str] = ()
) -> list[Draft]:
    """Up to n of the drafts, given as one sequence a document; equal for an equal seed.

    A document is asked once before another is asked twice; turned questions go before gaps, where each document has
    had one. Left out are questions that are `known` (as `normalized` has them), sentences that are `told` already, all
    but one about the same words, and all but one of those that are alike.
    """
    spread = random.Random(seed)
    piles = [_Pile(own, spread) for own in drafts if own]
    taken = _Taken(set(known), {normalized(quote) for quote in told})
    absent = _rounds(piles, "absent", int(n * ABSENT), taken)
    first = _rounds(piles, "any", min(n - len(absent), len(piles)), taken)
    found = absent + first
    for kind in ("turned", "gap"):
        found += _rounds(piles, kind, n - len(found), taken)
    order = {id(pile): at for at, pile in enumerate(piles)}
    place = {draft.source: order[id(pile)] for pile in piles for draft in pile.all}
    turns: Counter[str] = Counter()
    keyed = []
    for draft in sorted(found, key=lambda draft: (not draft.answerable, draft.start)):
        keyed.append((turns[draft.source], place[draft.source], draft))
        turns[draft.source] += 1
    return [draft for *_, draft in sorted(keyed, key=lambda one: one[:2])]


class _Pile:
    """The drafts of one document, of which the next one is of the rule used least and far from those taken."""

    def __init__(self, drafts: Sequence[Draft], spread: random.Random) -> None:
        self.all = list(drafts)
        self.length = max(draft.end for draft in drafts)
        self.used: Counter[str] = Counter()
        self.places: list[int] = []
        self._order = {id(draft): spread.random() for draft in drafts}

    def best(self, kind: str) -> Iterator[Draft]:
        """Those of a kind, the best one first."""
        fitting = [draft for draft in self.all if _is(draft, kind)]
        yield from sorted(
            fitting, key=lambda d: (d.rule in _GAPS, self.used[d.rule], -self._far(d), self._order[id(d)])
        )

    def _far(self, draft: Draft) -> int:
        """The distance to the nearest one taken, in tenths of the document."""
        return min((10 * abs(draft.start - place) // self.length for place in self.places), default=10)

    def take(self, draft: Draft) -> None:
        self.used[draft.rule] += 1
        self.places.append(draft.start)


class _Taken:
    """What later drafts may not repeat."""

    def __init__(self, questions: set[str], quotes: set[str]) -> None:
        self.questions, self.quotes = questions, quotes
        self._said: list[tuple[frozenset[str], Draft]] = []

    def admits(self, draft: Draft) -> bool:
        told = draft.answerable and normalized(draft.quote) in self.quotes
        if told or normalized(draft.question) in self.questions:
            return False
        said = _said(draft)
        return not any(said & others and _alike(draft, other) for others, other in self._said)

    def add(self, draft: Draft) -> None:
        self.questions.add(normalized(draft.question))
        if draft.answerable:
            self.quotes.add(normalized(draft.quote))
        self._said.append((_said(draft), draft))


def _said(draft: Draft) -> frozenset[str]:
    return frozenset(normalized(alias) for group in draft.must_contain or [["nothing"]] for alias in group)


def _alike(one: Draft, other: Draft) -> bool:
    """Whether two questions with the same answer are about the same row, or have as many words in common."""
    if one.row and other.row:
        return normalized(one.row) == normalized(other.row)
    words, others = _words(one.question), _words(other.question)
    return len(words & others) >= max(1, ALIKE * min(len(words), len(others)))


@lru_cache(maxsize=1 << 14)
def _words(question: str) -> frozenset[str]:
    return frozenset(word for word in _WORD.findall(normalized(question)) if len(word) > 3)


def _is(draft: Draft, kind: str) -> bool:
    gap = draft.rule in _GAPS
    return {"absent": not draft.answerable, "any": draft.answerable, "gap": draft.answerable and gap,
            "turned": draft.answerable and not gap}[kind]  # fmt: skip


def _rounds(piles: Sequence[_Pile], kind: str, n: int, taken: _Taken) -> list[Draft]:
    """Up to n drafts of a kind: one of each document that has been asked least, round by round."""
    found: list[Draft] = []
    left = list(piles)
    while left and len(found) < n:
        pile = min(left, key=lambda pile: len(pile.places))
        draft = next((draft for draft in pile.best(kind) if taken.admits(draft)), None)
        if draft is None:
            left.remove(pile)
            continue
        pile.take(draft)
        taken.add(draft)
        found.append(draft)
    return found
