"""Questions that ask several things, taken apart; and those that ask one, left whole."""

from __future__ import annotations

import time

import pytest

from rag.parts import LONGEST, parts

SEVERAL = [
    ("How deep is the lake and who owns the boats?", ["How deep is the lake", "who owns the boats?"]),
    ("Which envoy was absent, and when did the minister leave Oslo?",
     ["Which envoy was absent", "when did the minister leave Oslo?"]),
    ("What did the harbour cost? How many ships can it hold?", ["What did the harbour cost?", "How many ships can it hold?"]),
    ("What were the sales of Alder Ltd. in 2018 and Birch Inc. in 2020?",
     ["What were the sales of Alder Ltd. in 2018?", "What were the sales of Birch Inc. in 2020?"]),
    ("Compare the sales of Alder in 2018 and Birch in 2020.",
     ["Compare the sales of Alder in 2018.", "Compare the sales of Birch in 2020."]),
    ("Which is longer, the coast path or the forest path?",
     ["Which is longer, the coast path?", "Which is longer, the forest path?"]),
    ("What is the rent of Harbour Street 12 and of Mill Lane 3?",
     ["What is the rent of Harbour Street 12?", "What is the rent of Mill Lane 3?"]),
    ("Compare Alder and Birch.", ["Compare Alder.", "Compare Birch."]),
    ("How much do Anna Lind and Ole Dahl earn?", ["How much do Anna Lind earn?", "How much do Ole Dahl earn?"]),
    ("Which sells best, black, white or grey?",
     ["Which sells best, black?", "Which sells best, white?", "Which sells best, grey?"]),
    ("In 2019, which is longer, the coast path or the forest path?",
     ["In 2019, which is longer, the coast path?", "In 2019, which is longer, the forest path?"]),
    ("Who designed the bridge, and why?", ["Who designed the bridge", "Who designed the bridge why?"]),
    ("When did Maria Lopez join, and how did her department grow?",
     ["When did Maria Lopez join", "Maria Lopez how did her department grow?"]),
    ("The ferry was sold last year. Who bought the ferry, and how much money was paid?",
     ["The ferry was sold last year. Who bought the ferry", "how much money was paid?"]),
    ("Compare the boards of Alder Ltd. and Birch Media. Which board is larger?",
     ["Compare the boards of Alder Ltd. Which board is larger?", "Compare the boards of Birch Media. Which board is larger?"]),
    ("When and where was the treaty signed?", ["When was the treaty signed?", "where was the treaty signed?"]),
    ("Summer course: starting time, and what do I bring?",
     ["Summer course: starting time", "Summer course: what do I bring?"]),
    ("Tell me: who is Ada Lind and in which year did she join the board?",
     ["Tell me: who is Ada Lind", "Tell me: Ada Lind in which year did she join the board?"]),
    ("What needs more rain: growing barley, or drying hay?",
     ["What needs more rain, growing barley?", "What needs more rain, drying hay?"]),
    ("How many days passed between the storm and the sale of the ferry?",
     ["When was the storm?", "When was the sale of the ferry?"]),
    ("how do anna lind and ole dahl each count the votes?",
     ["how do anna lind each count the votes?", "how do ole dahl each count the votes?"]),
    ("who keeps the bees and whats the price of honey?", ["who keeps the bees", "whats the price of honey?"]),
    ("how deep was it then and who owned the boats (the lake of Alder and Birch)?",
     ["how deep was it then (the lake of Alder and Birch)?", "who owned the boats (the lake of Alder and Birch)?"]),
]  # fmt: skip
ONE = [
    "How deep is the lake?",
    "Which bread and cheese does the shop sell?",
    "What was the U.S. Information Agency charged with doing?",
    "When did Alder Ltd. appoint a new director?",
    "Tell me about research and development.",
    "What happened after the storm and the flood?",
    "Don't worry. How deep is the lake?",
    "Who, and why?",
    "Who wrote Pride and Prejudice?",
    'Who directed the film "Stranger than Fiction" in Oslo?',
    'Which songs are on the record "Who asked and who came"?',
    "How long did the call between Alder Ltd. and Birch Inc. last?",
    "Trade between 2013 and 2023: by how much did it fall?",
    "Note: how deep is the lake?",
    "Context: my boat lies in the harbour of Alder. What does the berth cost?",
    "How long is the path that lies between the old mill and the bridge?",
    "How many years of war were there between Alder and Birch?",
    'Who sang the song "Where and When" in Oslo?',
    "Where is the shop of Marks and Spencer?",
    "What does the Food and Drug Administration do?",
    "How far is it between Harbour Street 12 and Mill Lane 3?",
    "Is the shed black, white or grey?",
    "Which sells best, tea, milk, water or wine?",
    "Is it deep (the lake of Alder and Birch, and who owns it)?",
    "",
    "?? and ?",
    "and and and",
]


@pytest.mark.parametrize(("question", "expected"), SEVERAL)
def test_each_thing_asked_becomes_a_question(question: str, expected: list[str]) -> None:
    assert parts(question) == expected


@pytest.mark.parametrize("question", ONE)
def test_one_thing_asked_is_left_whole(question: str) -> None:
    assert parts(question) == []


def test_never_more_than_three() -> None:
    assert len(parts(" ".join(f"What is the height of hill number {n}?" for n in range(12)))) == 3


def test_long_text_is_taken_apart_in_no_time() -> None:
    begun = time.process_time()
    for text in ("A.", "Alpha and ", "A B ", ", a or ", "a, b c d, ", "who and ", "Aa & 12 "):
        parts(text * 5000)
        assert len(parts((text * LONGEST)[:LONGEST])) <= 3
    assert time.process_time() - begun < 1
