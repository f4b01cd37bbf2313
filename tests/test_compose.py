"""Growing answers: words of our own between those of a writer, sides of a disagreement that were told, who wrote it."""

from __future__ import annotations

import pytest
from writing import task, written

from rag import Answer
from rag.claims import Claim, Disagreement, Notice, Position, Restart, Unfinished
from rag.compose import Composer, tells

CLAIMS = task().candidates
TOLD = Disagreement("honey", None, (Position("310 kg", CLAIMS[1]), Position("275 kg", CLAIMS[4])))


def composer(*said: str, confidence: float = 0.9, strict: bool = False) -> Composer:
    """An answer to which a model has said something."""
    made = Composer(Answer("", "q", "q", "", "answered", confidence, "model"), strict=strict)
    for claim in written(task(disagreements=[TOLD]), *said):
        list(made.add(claim))
    return made


def test_words_of_our_own_are_set_off_from_those_of_a_writer() -> None:
    made = composer("They gave 310 kg of honey in 2023 [1].", confidence=0.3)
    assert made.answer.text == "Unconfirmed: They gave 310 kg of honey in 2023. [1]"
    made = composer(confidence=0.3)
    assert [one.text for one in made.add(Unfinished("They", ""))] == ["Unconfirmed: They"]
    assert [one.text for one in made.add(Claim("They", (), before="- "))] == ["Unconfirmed:\n- They"]
    assert [one.text for one in made.add(Claim("蜂蜜", (), before=""))] == ["Unconfirmed:\n- They蜂蜜"]


def test_what_is_taken_back_leaves_no_trace() -> None:
    made = composer("They gave 310 kg of honey in 2023 [1].", confidence=0.3, strict=True)
    assert [(one.text, one.citations) for one in made.add(Restart())] == [("Unconfirmed:", ())]
    assert not made.claims
    list(made.add(Claim("It was sold to the moon.", ())))
    assert made.withheld == 1, "strict it stays"
    assert [one.text for one in made.add(Notice("Cut off."))] == ["Unconfirmed: Cut off."]


@pytest.mark.parametrize(
    ("said", "unheard"),
    [
        ("They gave 310 kg of honey in 2023 [1]. A second report puts the honey of 2023 at 275 kg [3].", []),
        ("They gave 310 kg of honey in 2023 [1].", ["275 kg"]),
        ("They gave 999 kg of honey in 2023, a second report says [1][3].", ["310 kg", "275 kg"]),
        ("The two reports contradict each other about the honey of 2023 [1][3].", ["310 kg", "275 kg"]),
    ],
)
def test_a_side_is_told_only_by_a_sentence_that_states_it_and_is_borne_out(said: str, unheard: list[str]) -> None:
    made = composer(said)
    left = made.unheard([TOLD])
    assert left == [position.claim for position in TOLD.positions if position.value in unheard]
    for claim in left:
        list(made.add(claim, "quotes"))
    answer = made.finish([TOLD])
    [conflict] = answer.conflicts
    for side in conflict.sides:
        assert side.value in answer.citations[side.citation - 1].quote
        assert any(one.borne_out and side.citation in one.citations and side.value in one.text
                   for one in answer.statements)  # fmt: skip


def test_a_value_is_told_in_any_spelling() -> None:
    def side(value: str, text: str = "It was so.") -> Position:
        return Position(value, Claim(text, ()))

    assert tells("They came on 12 May 2025.", side("May 12, 2025"))
    assert not tells("They came in 2025.", side("May 12, 2025"))
    assert tells("Eleven thousand came.", side("11,000"))
    assert not tells("Nine came.", side("11,000"))
    assert tells("Edgar Lowell is the head.", side("Edgar Lowell"))
    assert not tells("Miriam Castle is the head.", side("Edgar Lowell"))
    assert tells("It is not open.", side("no"))
    assert not tells("It is not open.", side("yes"))
    assert tells("It was so.", side("1784"))


def test_who_wrote_what_is_left() -> None:
    made = composer("It was sold to the moon in 1912. Here is the answer:", strict=True)
    assert made.answer.writer == "model"
    list(made.add(CLAIMS[0], "quotes"))
    assert made.answer.writer == "quotes"
    made = composer("It was sold to the moon in 1912.")
    list(made.add(CLAIMS[0], "quotes"))
    assert made.answer.writer == "model"
