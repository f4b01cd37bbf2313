"""What a question asks for: the documents, or the assistant itself; and whether it needs the conversation before it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index import BadQuestion
from rag.answer import Turn
from rag.words import WORD, content_words

LONGEST = 4000  # characters

_GREETING = re.compile(
    r"^\W*(hi|hello|hey|good (morning|afternoon|evening|day)|thanks?|thank you|thx|cheers|bye|goodbye|ok|okay|great)\b"
    r"(\s+(there|you|a lot|so much|very much|again|all|everyone|assistant))*\W*$",
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
_LEANS_BACK = re.compile(r"^\W*(and|but|or|so|then|what about|how about|also|why not|since when)\b", re.IGNORECASE)
_PRONOUN = re.compile(
    r"\b(he|she|him|her|his|hers|they|them|their|theirs|it|its|this|that|these|those|there|one|ones)\b", re.IGNORECASE
)
_THAT_CLAUSE = re.compile(r"\b(that|this|these|those)\s+\w+|\b(is|was|are|were)\s+(it|there)\b", re.IGNORECASE)


def checked(question: str) -> str:
    """The question without surrounding white space. Raises BadQuestion for one that cannot be asked."""
    question = question.replace("\0", " ").strip()
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
    """ "greeting", "assistant" or "folder" where a question is not for the documents; None where it is."""
    for kind, pattern in (("greeting", _GREETING), ("assistant", _ABOUT_ASSISTANT), ("folder", _ABOUT_FOLDER)):
        if pattern.match(question):
            return kind
    return None


def completed(question: str, history: Sequence[Turn]) -> str:
    """The question with the one before it, where it cannot stand alone; else as it is.

    A question leans on the conversation when it begins like a continuation ("and in 2023?"), has hardly a word of its
    own, or has a pronoun that nothing in the question itself explains.
    """
    if not history:
        return question
    own = content_words(question)
    named = re.search(r"(?<=[\w,] )[A-Z]\w+", question)
    pronoun = _PRONOUN.search(_THAT_CLAUSE.sub("", question))
    if _LEANS_BACK.match(question) or len(own) < 2 or (pronoun and not named):
        return f"{history[-1].question.strip()} {question}"
    return question
