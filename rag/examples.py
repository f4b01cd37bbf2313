"""Questions to begin with: made of headings, and kept only where the documents answer them."""

from __future__ import annotations

import re
from collections.abc import Callable

from index import Index
from rag.answer import Answer
from rag.words import STOP_WORDS, fold

_TRIED = 12  # headings asked about at most: each costs a whole question
_NUMBERING = re.compile(r"^[\d.]+\s+")


def example_questions(index: Index, ask: Callable[[str], Answer], n: int) -> list[str]:
    """Up to n questions about different documents, each answered from its own document."""
    questions: list[str] = []
    ready = [document for document in index.documents() if document.status == "ready"]
    step = max(1, len(ready) // _TRIED)
    for document in ready[::step][:_TRIED]:
        topic = _topic(index.headings(document.source))
        if topic is None:
            continue
        question = f"What do the documents say about {topic}?"
        answer = ask(question)
        if answer.citations and answer.citations[0].source == document.source and question not in questions:
            questions.append(question)
        if len(questions) == n:
            break
    return questions


def _topic(headings: list[str]) -> str | None:
    """The first heading of two to six plain words that can follow "about": no preposition or question word comes first."""
    for heading in headings:
        words = _NUMBERING.sub("", heading).split()
        if 2 <= len(words) <= 6 and all(word.isalpha() for word in words) and fold(words[0]) not in STOP_WORDS:
            capitals = heading.isupper() or not any(word[0].isupper() for word in words[1:])
            return " ".join(word.lower() if capitals else word for word in words)
    return None
