"""Growing answers: what a writer says, cited and checked sentence by sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rag.answer import Answer, Conflict, Side
from rag.cite import Citer
from rag.claims import Claim, Disagreement, Notice, Position, Restart, Said, Unfinished
from rag.conflicts import denies
from rag.grounding.facts import facts, same, within
from rag.words import stems

UNSURE = 0.5  # confidence below which an answer is said to be unconfirmed: 7 % of the answerable, 29 % of near misses
UNCONFIRMED = "Unconfirmed:"
NEAREST = "The documents' own words that come nearest:"


class Composer:
    """One answer while it grows. In strict mode sentences that are not borne out are withheld, and counted."""

    def __init__(self, draft: Answer, *, strict: bool = False) -> None:
        self._draft = draft
        self._strict = strict
        self.restart()

    def restart(self) -> None:
        """Take everything back."""
        self._citer = Citer()
        self._writers: list[str] = []  # of what is left, as far as it claims anything
        self._own = False  # whether the last words are our own
        self.claims: list[Claim] = []
        self.withheld = 0
        if self._draft.confidence < UNSURE:
            self.say(UNCONFIRMED)

    @property
    def answer(self) -> Answer:
        """The answer so far; its writer is the draft's unless all that is left is another's."""
        citer, own = self._citer, self._draft.writer
        return replace(
            self._draft,
            text=citer.text(),
            statements=tuple(citer.statements),
            citations=tuple(citer.citations),
            writer=own if own in self._writers else next(iter(self._writers), own),
        )

    @property
    def supported(self) -> bool:
        """Whether any sentence is borne out by what it cites."""
        return any(statement.borne_out for statement in self._citer.statements)

    def add(self, said: Said, writer: str = "") -> Iterator[Answer]:
        """Take what a `writer` said (by default the draft's); nothing comes out of a sentence that is withheld."""
        match said:
            case Restart():
                self.restart()
                yield self.answer
            case Notice():
                self.say(said.text)
                yield self.answer
            case Unfinished():
                if not self._strict:  # what is not checked yet cannot be shown
                    text = f"{self._citer.text()}{self._set_off(said.before)}{said.text}"
                    yield replace(self.answer, text=text.lstrip())
            case Claim():
                self.claims.append(said)
                set_off = replace(said, before=self._set_off(said.before))
                statement = self._citer.add(set_off, strict=self._strict)
                if statement is None:
                    self.withheld += 1
                    return
                self._own = False
                if statement.support != "none":
                    self._writers.append(writer or self._draft.writer)
                yield self.answer

    def say(self, text: str) -> None:
        """Words of our own, which cite nothing."""
        self._citer.say(text)
        self._own = True

    def _set_off(self, before: str) -> str:
        """What a sentence is set off with: a writer knows nothing of words of our own before it."""
        if not self._own or before[:1].isspace():
            return before
        return f"\n{before}" if before else " "

    def unheard(self, disagreements: Sequence[Disagreement]) -> list[Claim]:
        """The sides of disagreements that the answer does not tell."""
        positions = [position for one in disagreements for position in one.positions]
        return [position.claim for position in positions if not self._told(position)]

    def finish(self, disagreements: Sequence[Disagreement]) -> Answer:
        """The whole answer, with the disagreements whose sides it tells."""
        if self.withheld:
            self.say(f"Withheld because the documents do not bear it out: {_sentences(self.withheld)}.")
        conflicts = [
            Conflict(
                one.about, one.differs, tuple(Side(p.value, n, p.date) for p in one.positions if (n := self._told(p)))
            )
            for one in disagreements
        ]
        return replace(self.answer, conflicts=tuple(one for one in conflicts if len(one.sides) > 1))

    def _told(self, position: Position) -> int:
        """The number under which a sentence that tells a position, and is borne out, cites its words; 0 without one."""
        for statement in self._citer.statements:
            number = self._citer.number_of(position.claim.span, statement.citations)
            if number and statement.borne_out and tells(statement.text, position):
                return number
        return 0


def tells(sentence: str, position: Position) -> bool:
    """Whether a sentence states the value of a position, in whatever spelling."""
    if sentence == position.claim.text or stems(position.value) <= stems(sentence):
        return True
    if position.value in ("yes", "no"):
        return denies(sentence) == (position.value == "no")
    return any(
        within(value, said) if value.kind == "date" == said.kind else same(value, said)
        for value in facts(position.value)
        for said in facts(sentence)
    )


def _sentences(number: int) -> str:
    return f"{number} sentence{'' if number == 1 else 's'}"
