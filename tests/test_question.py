"""What a question needs: which lean on the conversation, which are for the assistant, what the word index is asked."""

from __future__ import annotations

import sqlite3
import time

import pytest

from rag import BadQuestion, Turn
from rag.question import LONGEST, about_assistant, checked, completed
from rag.words import fts_query

DEPOSIT = Turn("How high is the deposit for a plot?", "The deposit for a plot is 60 euros. [1]")


@pytest.mark.parametrize(
    "question",
    [
        "Who is Putin?",
        "What is photosynthesis?",
        "Where is Riyadh?",
        "What is the rent of a plot and when must it be paid?",
        "When was the tram depot built and who paid for it?",
        "How does the pump know when its tank is empty?",
        "So what are the opening hours of the museum?",
        "What did Lavrov say about his trip to Riyadh?",
        "Which of these documents mention bees?",
        "Is it true that taps freeze?",
        "How many sanctions have been imposed on Russia?",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert completed(question, [DEPOSIT]) == question


@pytest.mark.parametrize(
    "question",
    ["And when is it paid back?", "and in 2023?", "Since when?", "What does it cost?", "How much?", "Why?", "Is it refundable?",
     "what about large plots?", "Did she bring up gas too?", "which US agencies is he courting?", "When did they leave?"],
)  # fmt: skip
def test_a_question_that_leans_back_gets_the_one_before(question: str) -> None:
    assert completed(question, [DEPOSIT]) == f"{DEPOSIT.question} {question}"
    assert completed(question, []) == question


def test_the_topic_survives_a_second_follow_up_and_a_change_ends_it() -> None:
    history = [DEPOSIT, Turn("And when is it paid back?"), Turn("And by whom?")]
    assert completed("And how?", history).startswith(DEPOSIT.question)
    changed = [DEPOSIT, Turn("Who keeps the bees?")]
    assert completed("And since when?", changed) == "Who keeps the bees? And since when?"


def test_long_histories_and_long_turns_cost_nothing() -> None:
    begun = time.process_time()
    long = [Turn("a" * 200_000), Turn("and " + "b-" * 100_000)] * 100
    understood = completed("And now?", long)
    assert len(understood) <= LONGEST
    fts_query(understood)
    assert time.process_time() - begun < 2


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("hello", "greeting"),
        ("Good morning everyone!", "greeting"),
        ("thanks a lot", "thanks"),
        ("ok", "thanks"),
        ("What can you do?", "assistant"),
        ("Which files are there?", "folder"),
        ("list all documents", "folder"),
        ("What files did Waltz bring?", None),
        ("Which documents must a tenant sign?", None),
        ("hi-fi systems", None),
        ("Who helps?", None),
        ("great power rivalry", None),
    ],
)
def test_only_questions_about_the_assistant_are_taken_as_such(question: str, kind: str | None) -> None:
    assert about_assistant(question) == kind


def test_what_cannot_be_asked_says_why() -> None:
    for question, word in (("", "empty"), ("?!", "no word"), ("x" * (LONGEST + 1), "limit")):
        with pytest.raises(BadQuestion, match=word):
            checked(question)
    assert checked(" What \ud800 is\0this? ") == "What ? is this?"


@pytest.mark.parametrize(
    ("text", "question"),
    [
        ("Наш район мой.", "Где район?"),
        ("η τιμή είναι 5", "Ποια είναι η τιμή;"),
        ("한국 경제", "한국?"),
        ("ガス の 価格", "ガス"),
        ("Ёлка стоит", "ёлка"),
        ("The café is open", "CAFE hours"),
        ("key WG-114 opens", "wg-114"),
        ('say "OR" and NEAR', 'OR NEAR( "x" *'),
    ],
)
def test_words_of_any_script_reach_the_word_index(text: str, question: str) -> None:
    db = sqlite3.connect(":memory:")
    db.execute('CREATE VIRTUAL TABLE words USING fts5(text, tokenize = "porter unicode61 remove_diacritics 2")')
    db.execute("INSERT INTO words VALUES (?)", [text])
    assert db.execute("SELECT count(*) FROM words WHERE words MATCH ?", [fts_query(question)]).fetchone() == (1,)
