"""What a question asks for: the documents, or the assistant itself; and whether it needs the conversation before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index import BadQuestion
from rag.answer import Turn
from rag.words import STOP_WORDS, WORD, content_words

LONGEST = 4000  # characters

_GREETING = re.compile(
    r"^\W*(hi|hello|hey|good (morning|afternoon|evening|day))(\s+(there|again|all|everyone|assistant))*\W*$",
    re.IGNORECASE,
)
_THANKS = re.compile(
    r"^\W*(thanks?|thank you|thx|cheers|bye|goodbye|ok|okay|great)(\s+(you|a lot|so much|very much|again|all))*\W*$",
    re.IGNORECASE,
)
_ABOUT_ASSISTANT = re.compile(
    r"^\W*(who are you|what are you|what can (you|i) (do|ask)( (you|here))?|how do you work|help|"
    r"what is (this|citewise))\W*$",
    re.IGNORECASE,
)
_ABOUT_FOLDER = re.compile(
    r"^\W*((which|what) (files|documents|sources)"
    r"( (are|do you have|have you got|can you see|did you (read|index))( (there|here))?)?|"
    r"what('s| is) in (here|this folder|the folder|these documents|the documents)|"
    r"(list|show)( me)?( all)?( the)? (files|documents|sources)|"
    r"how many (files|documents|sources)( (are (there|indexed)|do you have|have you (read|indexed)))?)\W*$",
    re.IGNORECASE,
)
_CONTINUES = re.compile(r"^\W*(and|but|or|also|what about|how about|why not|since when)\b", re.IGNORECASE)
_DEFINES = re.compile(r"^\W*(what|who|where)('s|\s+(is|are|was|were))\b|^\W*(define|explain|describe)\b", re.IGNORECASE)
_PERSON = re.compile(r"\b(he|she|him|her|his|hers)\b", re.IGNORECASE)
_THING = re.compile(r"\b(they|them|their|theirs|it|its|this|that|these|those|one|ones)\b", re.IGNORECASE)
_NO_PRONOUN = re.compile(r"\b(this|that|these|those)\s+\w+|\b(is|was|are|were)\s+it\s+(that|true)\b", re.IGNORECASE)
_MEASURES = frozenset("much many long often far high big old large late early".split())
_DEEPEST = 5  # questions of a conversation that may lean on each other


def checked(question: str) -> str:
    """The question without surrounding white space. Raises BadQuestion for one that cannot be asked."""
    question = question.encode("utf-8", "replace").decode().replace("\0", " ").strip()
    if not question:
        raise BadQuestion("The question is empty.", "Type a question about the documents.")
    if len(question) > LONGEST:
        raise BadQuestion(
            f"The question has {len(question):,} characters; the limit is {LONGEST:,}.",
            "Ask about one thing at a time; to search in a long text, add it to the folder.",
        )
    if not WORD.search(question):
        raise BadQuestion("The question holds no word.", "Type a question about the documents.")
    return question


def about_assistant(question: str) -> str | None:
    """ "greeting", "thanks", "assistant" or "folder" where a question is not for the documents; None where it is."""
    patterns = (
        ("greeting", _GREETING),
        ("thanks", _THANKS),
        ("assistant", _ABOUT_ASSISTANT),
        ("folder", _ABOUT_FOLDER),
    )
    return next((kind for kind, pattern in patterns if pattern.match(question)), None)


def completed(question: str, history: Sequence[Turn], depth: int = _DEEPEST) -> str:
    """The question with the one before it, where it cannot stand alone; else as it is. What that one leaned on comes
    with it."""
    if not history or not depth or not leans_back(question):
        return question
    before = completed(history[-1].question.strip()[:LONGEST], history[:-1], depth - 1)
    return f"{before} {question}"[-LONGEST:]


def leans_back(question: str) -> bool:
    """Whether a question needs the one before it: it begins like a continuation ("and in 2023?"), has hardly a word of
    its own, or has a pronoun before anything that it could stand for."""
    own = [word for word in content_words(question) if word not in STOP_WORDS and word not in _MEASURES]
    if _CONTINUES.match(question) or not own or (len(own) == 1 and not _DEFINES.match(question)):
        return True
    person, thing = _PERSON.search(question), _THING.search(_NO_PRONOUN.sub("", question))
    if person:
        return not re.search(r"(?<=\w )[A-Z][a-z]+", question[: person.start()])
    if thing:
        plain = _NO_PRONOUN.sub("", question)
        return not [w for w in content_words(plain[: thing.start()]) if w not in STOP_WORDS and w not in _MEASURES]
    return False
