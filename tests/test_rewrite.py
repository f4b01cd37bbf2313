"""What a model says besides answers: refusals in its own words, and follow-ups written again."""

from __future__ import annotations

import threading

import pytest
from writing import model, task, written

from rag.answer import Turn
from rag.claims import Claim
from rag.model.prompts import SILENT
from rag.model.refusals import is_refusal, refused
from rag.model.rewrite import rewrite


@pytest.mark.parametrize(
    "text",
    [
        SILENT,
        "The provided passages do not contain information about the price.",
        "I cannot find any mention of this in the excerpts.",
        "I'm sorry, but I couldn't find the answer. Please ask something else.",
        "There is no information about the roof in the documents.",
        "Unfortunately, the documents don't specify the length of the call.",
        "The length of the call is not mentioned in the excerpts.",
        "Based on the excerpts, I am unable to determine this.",
        "None of the provided sentences answer the question.",
        "The information provided does not explicitly state the reason.",
        "No information about the roof is given.",
        "We do not have enough details.",
    ],
)
def test_refusals(text: str) -> None:
    assert refused(text)
    assert refused([Claim(text, ())])


@pytest.mark.parametrize(
    "text",
    [
        "The roof was repaired in 2021.",
        "The dairy does not sell honey.",
        "No honey was sold in 2020.",
        "We cannot accept this, said Marta.",
        "The files never reached the archive.",
        "No data was lost in the fire.",
        "No information security incidents were recorded there in 2023.",
        "Marta Lindqvist said that she could not find the queen. The hive was empty for three weeks and then swarmed.",
        "It was repaired in 2021 for 8,400 euros by a firm from the town. The documents do not say who paid.",
    ],
)
def test_no_refusals(text: str) -> None:
    assert not refused(text)


def test_a_quoted_sentence_is_no_refusal() -> None:
    text = "The documents do not say who keeps the bees."
    asked = task(text)
    assert is_refusal(text)
    assert not refused(written(asked, text))


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ("No information security incidents were recorded there in 2023.",
         "No information security incidents were recorded in 2023 [1]."),
        ("There are no records of the roof of the dairy.", "There are no records of the roof [1]."),
        ("The articles do not cover damage by hail, only by storm.", "The articles do not cover damage by hail [1]."),
    ],
)  # fmt: skip
def test_what_the_documents_deny_is_no_refusal(told: str, said: str) -> None:
    claims = written(task(f"The dairy has a roof. {told}"), said)
    assert [span.text for claim in claims for span in claim.spans] == [told]
    assert not refused(claims)


@pytest.mark.parametrize(
    "said", ["There are no records of the roof [2].", "The documents do not mention who repaired the roof [2]."]
)
def test_a_refusal_cites_nothing(said: str) -> None:
    claims = written(task(), said)
    assert [claim.spans for claim in claims] == [()]
    assert refused(claims)


HISTORY = [Turn("How many hives does Marta Lindqvist keep?", "She keeps 14 hives.")]


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("How much honey did Marta Lindqvist's hives give?", "How much honey did Marta Lindqvist's hives give?"),
        ('Question: "How much honey did the 14 hives give?"\n', "How much honey did the 14 hives give?"),
        ("How much honey did they give?", None),
        ("How much honey did the hives of her give in 2023?", None),
        ("How much honey did they give in 2019?", None),
        ("How much honey did Petra's hives give?", None),
        ("The hives gave honey.", None),
        ("Who is Marta Lindqvist?", None),
        ("How much honey did they give?\nThey gave 3 kg.", None),
        ("How much honey did they give " + "and give " * 60 + "?", None),
        ("", None),
    ],
)
def test_a_rewritten_question_is_believed_only_where_it_adds_nothing(said: str, wanted: str | None) -> None:
    assert rewrite(model(said), "And how much honey did they give?", HISTORY, threading.Event()) == wanted


def test_a_stopped_rewriting_is_none() -> None:
    stop = threading.Event()
    stop.set()
    assert rewrite(model("How much honey?"), "And how much honey?", HISTORY, stop) is None
