"""Questions that ask several things: each thing is searched for by itself, since one passage seldom holds them all."""

from __future__ import annotations

import re

from index import sentence_spans
from rag.words import STOP_WORDS, content_words

MOST = 3  # parts that are searched for

_ASKS = r"(?:(?:\w+ )?(?:who|whom|whose|what|which|when|where|why|how)|(?:is|are|was|were|do|does|did|can|will) \w+)\b"
_AND = re.compile(rf",?\s+(?:and|but|or)\s+(?={_ASKS})", re.IGNORECASE)
_QUESTION = re.compile(rf"^\W*{_ASKS}|\?\s*$|^\W*(?:name|list|tell|give|compare|explain|describe)\b", re.IGNORECASE)
_NAME = r"[A-Z][\w.&’'-]*(?:\s+[A-Z][\w.&’'-]*)*(?:\s+(?:in|of|for|since|from)\s+(?:[A-Z][a-z]+\s+)?\d{4})?"
_TWO_NAMES = re.compile(
    rf"(?P<one>{_NAME})\s*,?\s+(?:and|or|versus|vs\.?|than)\s+(?:(?:of|by|for|in|the)\s+)*(?P<two>{_NAME})"
)
_ALTERNATIVES = re.compile(r",\s+(?P<one>[^,?]+?),?\s+or\s+(?P<two>[^,?]+?)(?=\s*\?|\s*$)")
_PRONOUN = re.compile(r"\b(he|she|him|her|his|hers|they|them|their|it|its|that|such|this|these|those)\b", re.IGNORECASE)
_MIDDLE_NAME = re.compile(r"(?<=\w )[A-Z]\w+")
_ELLIPSIS = re.compile(r"^\W*(by|for|with|at|on|in|to|from|of|under)\b", re.IGNORECASE)
_TOPIC = re.compile(r"\s(\([^()]*\)[?!.]?)$")  # what a follow-up carries with it: it belongs to every part
_FEWEST = 2  # content words with which a part can stand alone; one more where it begins with a preposition


def parts(question: str) -> list[str]:
    """The things that a question asks, each as a question of its own; none where it asks for one.

    Two names or alternatives that share a frame ("the income of A in 2018 and B in 2020") give the frame with each;
    else clauses with a question word of their own are taken apart, and what cannot stand alone keeps the one before.
    """
    if topic := _TOPIC.search(question):
        return [f"{part.rstrip(' ?!.')} {topic[1]}" for part in parts(question[: topic.start()])]
    for pattern in (_ALTERNATIVES, _TWO_NAMES):
        for pair in pattern.finditer(question):
            if pair.start() and pair["one"] != pair["two"]:
                before, after = question[: pair.start()], question[pair.end() :]
                lead = ", " if pattern is _ALTERNATIVES else ""
                return [f"{before}{lead}{pair[side]}{after}" for side in ("one", "two")]
    asked: list[str] = []
    told = ""
    for clause in _clauses(question):
        if not _QUESTION.search(clause):
            told = f"{told} {clause}".strip()  # what is told, not asked, belongs to what is asked next
        elif asked and _own_words(clause) < _FEWEST + bool(_ELLIPSIS.match(clause)):
            asked.append(f"{asked[-1]} {clause}")
        else:
            names = _MIDDLE_NAME.findall(asked[-1]) if asked and _PRONOUN.search(clause) else []
            asked.append(" ".join([told, *names, clause]).strip())
            told = ""
    whole = len(asked) < 2 or any(not _own_words(part) for part in asked)
    return [] if whole else asked[:MOST]


def _clauses(question: str) -> list[str]:
    sentences = [question[start:end] for start, end in sentence_spans(question)]
    return [clause for sentence in sentences for clause in _AND.split(sentence)]


def _own_words(clause: str) -> int:
    return sum(word not in STOP_WORDS for word in content_words(clause))
