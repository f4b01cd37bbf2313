"""What a question needs: which are for the assistant, which cannot be asked, what the word index is asked."""

from __future__ import annotations

import sqlite3
import time

import pytest

from rag import BadQuestion
from rag.question import LONGEST, about_assistant, bare, checked
from rag.words import fts_query

ABOUT = {
    "greeting": [
        "hello", "helo", "Hi there!", "hey citewise", "Good morning everyone!", "hi, how are you?", "hallo",
        "Hello hello", "good evening 🙂",
    ],
    "thanks": [
        "thanks a lot", "thx!", "ok", "Great, thank you very much!", "thankyou", "ok thanks", "thanks for your help",
        "cool", "bye", "that's all, thanks", "Thank you so much for the answer",
    ],
    "assistant": [
        "What can you do?", "who are you", "who made you?", "are you ChatGPT?", "Are you a human?", "are you an AI",
        "help", "Can you help me?", "what's your name?", "how do you work?", "what is this?", "what is citewise",
        "which model do you use?", "what kind of questions can I ask?", "tell me about yourself",
        "how can i use this", "what can u do", "What can I ask you here?", "where do your answers come from?",
    ],
    "folder": [
        "Which files are there?", "list all documents", "wich files", "what is in here?", "whats in here",
        "what's in this folder?", "how many documents do you have?", "could you please list all the files?",
        "what's this folder about?", "summarize the documents", "Summarise all my files please",
        "which documnets do you have", "what documents have you read?", "show me the files",
        "Can you show me all the files in this folder, please?", "how many files are in the folder?",
        "what are these documents about?", "give me an overview of the documents", "what do the documents cover?",
        "what topics do the documents cover?", "list of files", "what files r there", "what information do you have?",
        "what are your sources?", "I want to know which files you have", "do you have any documents?",
        "hello, which files are there?", "what is in the documents?", "Which documents are indexed?",
        "what can I find in here?", "give me a list of all documents", "how many docs",
        "what does this folder contain?", "give me a summary of all the documents", "tell me what's in here",
        "what do you have?",
    ],
}  # fmt: skip
CONTENT = [  # they merely look like questions about the assistant or the folder
    "which files were stolen in the raid?", "what is this treaty about?", "hello kitty sales in 2020?",
    "thank you letter rules?", "What files did Waltz bring?", "Which documents must a tenant sign?",
    "hi-fi systems", "Who helps?", "great power rivalry", "which fields are there?", "which tiles are there?",
    "how many documents were signed?", "list all documents a tenant must sign", "what can you do with old tyres?",
    "what can you do about slugs?", "help line number", "who are you supposed to call in a fire?",
    "what are the sources of income?", "show me the files of the court case",
    "summarize the documents that the ministry published", "how many sources of water are there?",
    "what is in the folder that the minister lost?", "are you allowed to park here?",
    "good morning america ratings", "ok corral shootout", "hey jude lyrics", "who made the first tram?",
    "what is this document about?", "which model won the test?",
    "how many files does the archive of the museum hold?", "what is in the sausage?", "which flies are there?",
    "tanks", "summarize the report", "summarize the sanctions", "what do you have to pay?",
    "which sources does Lavrov name?", "What is available to tenants?", "are there any bees?", "who built it?",
    "what is the archive about Napoleon called?", "bye-laws of the club", "what topics did they discuss?",
    "who wrote the documents?", "when were the documents signed?", "what do the documents say about bees?",
    "welcome drinks", "nice", "Nice", "yes", "no", "why?", "cool temperatures", "what is the index?",
    "which documents mention bees?", "Which of these documents mention bees?",
    "how many titles did the club win?", "what is a pdf?", "hello world program",
    "What are you supposed to do after an accident?", "what information is confidential?",
    "do you have to be a citizen?", "what do you know about bees?", "which titles?", "name the sources of error",
    "index", "library", "titles", "archive", "which data is stored?", "what is stored in the archive?",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "question"), [(kind, question) for kind, some in ABOUT.items() for question in some])
def test_questions_about_the_assistant_are_known_however_they_are_typed(kind: str, question: str) -> None:
    assert about_assistant(question) == kind


@pytest.mark.parametrize("question", CONTENT)
def test_questions_for_the_documents_are_never_taken_from_them(question: str) -> None:
    assert about_assistant(question) is None


def test_what_is_said_to_the_assistant_is_read_in_no_time() -> None:
    begun = time.process_time()
    for piece in ("hi ", "ok", "all the ", "please ", "summary ", "list ", "are you ", "what is in ", "документы "):
        assert about_assistant((piece * 120)[:118] + " x") is None
        assert about_assistant(piece * 30_000) is None
    assert time.process_time() - begun < 1


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


@pytest.mark.parametrize(
    ("question", "asked"),
    [
        ("hello! who drives the van?", "who drives the van?"),
        ("good morning, what is the rent", "what is the rent"),
        ("Hi there! Hello. How are you? What is the rent?", "What is the rent?"),
        ("good morning what is the rent", "what is the rent"),
        ("thanks, and who drives the van?", "who drives the van?"),
        ("Great. Which suppliers deliver daily?", "Which suppliers deliver daily?"),
        ("please tell me who drives the van", "who drives the van"),
        ("Could you please tell me at what time it opens? Thanks!", "at what time it opens?"),
        ("I would like to know what it costs, please?", "what it costs?"),
        ("ok, and by Sweden?", "and by Sweden?"),
        ("sorry, 2023", "sorry, 2023"),
        ("tell me about bees", "tell me about bees"),
        ("how are you paid?", "how are you paid?"),
        ("thank you", "thank you"),
        ("please", "please"),
    ],
)
def test_what_is_only_said_around_a_question_is_left_out(question: str, asked: str) -> None:
    assert bare(question) == asked


@pytest.mark.parametrize("question", CONTENT)
def test_a_question_that_begins_like_a_greeting_is_left_whole(question: str) -> None:
    assert bare(question) == question


def test_long_questions_are_bared_in_no_time() -> None:
    begun = time.process_time()
    for text in ("hello ", "hi! ", "please ", "thanks, ", "a, ", "hi and ", ",.; ", "can you "):
        bare((text * LONGEST)[:LONGEST])
    assert time.process_time() - begun < 1
