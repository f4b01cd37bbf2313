"""Growing answers: what a writer says, cited and checked sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.answer import Answer, Conflict, Side
from rag.cite import Citer
from rag.claims import Claim, Disagreement, Position, Unfinished

UNCONFIRMED = "Unconfirmed, the closest passages:"
NEAREST = "The documents' own words that come nearest:"


class Composer:
    """One answer while it grows. In strict mode sentences that are not borne out are withheld, and counted."""

    def __init__(self, draft: Answer, *, strict: bool = False) -> None:
        self._draft = draft
        self._strict = strict
        self._citer = Citer()
        self.claims: list[Claim] = []
        self.withheld = 0

    @property
    def answer(self) -> Answer:
        """The answer so far."""
        citer = self._citer
        return replace(
            self._draft, text=citer.text(), statements=tuple(citer.statements), citations=tuple(citer.citations)
        )

    @property
    def supported(self) -> bool:
        """Whether any sentence is borne out by what it cites."""
        return any(statement.support in ("verbatim", "supported") for statement in self._citer.statements)

    def add(self, said: Claim | Unfinished) -> Iterator[Answer]:
        """Take what a writer said; nothing comes out of a sentence that is withheld."""
        if isinstance(said, Unfinished):
            if not self._strict:  # what is not checked yet cannot be shown
                yield replace(self.answer, text=f"{self._citer.text()}{said.before}{said.text}".lstrip())
            return
        self.claims.append(said)
        if self._citer.add(said, strict=self._strict) is None:
            self.withheld += 1
        else:
            yield self.answer

    def say(self, text: str) -> None:
        """Words of our own, which cite nothing."""
        self._citer.say(text)

    def unheard(self, disagreements: Sequence[Disagreement]) -> list[Claim]:
        """The sides of disagreements that the answer does not cite."""
        positions = [position for one in disagreements for position in one.positions]
        return [position.claim for position in positions if not self._cited(position)]

    def finish(self, disagreements: Sequence[Disagreement]) -> Answer:
        """The whole answer, with the disagreements whose sides it cites."""
        if self.withheld:
            self.say(f"Withheld because the documents do not bear it out: {_sentences(self.withheld)}.")
        conflicts = [
            Conflict(
                one.about, one.differs, tuple(Side(p.value, n, p.date) for p in one.positions if (n := self._cited(p)))
            )
            for one in disagreements
        ]
        return replace(self.answer, conflicts=tuple(one for one in conflicts if len(one.sides) > 1))

    def _cited(self, position: Position) -> int:
        """The number under which a position's words are cited; 0 where they are not."""
        return self._citer.number_of(position.claim.span)


def _sentences(number: int) -> str:
    return f"{number} sentence{'' if number == 1 else 's'}"
