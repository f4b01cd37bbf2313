"""The words of a question: which carry meaning, how rare each is, and how it is put to the word index."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from functools import lru_cache

from rag.languages import fold as fold
from rag.languages import function_words

WORD = re.compile(r"\w+")
_CODE = re.compile(r"(?<!\w)\w++(?:[-./:@]\w++)+")
STOP_WORDS = frozenset(
    "a an and are as at be been but by can could did do does for from had has have he her him his how i if in into is "
    "it its me my not of on or our she should so some such than that the their them then there these they this those "
    "to was we were what when where which who whom whose why will with would you your s t about according".split()
)
_LONGEST_QUERY = 64  # words of a question that are looked up; a pasted page has them all anyway


def stop_words(question: str) -> frozenset[str]:
    """The words that say little in the language of a question, folded."""
    return function_words(question) or STOP_WORDS


def content_words(question: str) -> list[str]:
    """The folded words of a question that are no stop words, each once, in order; all words if there are no others."""
    every = list(dict.fromkeys(WORD.findall(fold(question))))
    stop = stop_words(question)
    return ([word for word in every if word not in stop] or every)[:_LONGEST_QUERY]


def fts_query(question: str) -> str:
    """An FTS5 query that matches any content word; codes ("WG-114") count as one phrase too. "" without a word.

    Words are given as they are typed: FTS5 folds them as it folded the text.
    """
    wanted = set(content_words(question))
    terms = [word for word in WORD.findall(question) if fold(word) in wanted] + _CODE.findall(question)[:_LONGEST_QUERY]
    return " OR ".join(f'"{term}"' for term in dict.fromkeys(terms))


@lru_cache(maxsize=16_384)  # a tenth of what an answer took was this
def stem(word: str) -> str:
    """A word without its commonest English endings: good enough to see that "sanctions" and "sanctioned" meet."""
    for ending in ("ations", "ation", "ings", "ing", "edly", "ed", "ies", "es", "s", "ly"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word[: -len(ending)] + ("y" if ending == "ies" else "")
    return word


def stems(text: str) -> set[str]:
    return {stem(word) for word in WORD.findall(fold(text))}


def word_at(question: str, span: tuple[int, int]) -> str:
    """The word that a token is part of; "" for punctuation and the special tokens."""
    start, end = span
    if start == end or not question[start].isalnum():
        return ""
    while start > 0 and question[start - 1].isalnum():
        start -= 1
    while end < len(question) and question[end].isalnum():
        end += 1
    return question[start:end]


def rarity(frequencies: Mapping[str, int], passages: int) -> dict[str, float]:
    """Inverse document frequency of each word, as BM25 has it: log(1 + (N - n + 0.5) / (n + 0.5)) (Robertson 2009)."""
    return {word: math.log(1 + (passages - n + 0.5) / (n + 0.5)) for word, n in frequencies.items()}
