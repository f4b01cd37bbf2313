"""Questions to begin with: made of headings, and kept only where the documents answer them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.assistant import Assistant

_TRIED = 12  # headings asked about at most: each costs a whole question
_NUMBERING = re.compile(r"^[\d.]+\s+")


def example_questions(assistant: Assistant, n: int) -> list[str]:
    """Up to n questions about different documents, each answered from its own document."""
    questions: list[str] = []
    ready = [document for document in assistant.documents() if document.status == "ready"]
    step = max(1, len(ready) // _TRIED)
    for document in ready[::step][:_TRIED]:
        topic = _topic(assistant, document.source)
        if topic is None:
            continue
        question = f"What is said about {topic}?"
        answer = assistant.ask(question)
        if answer.citations and answer.citations[0].source == document.source and question not in questions:
            questions.append(question)
        if len(questions) == n:
            break
    return questions


def _topic(assistant: Assistant, source: str) -> str | None:
    """A heading of two to six plain words, in lower case unless it is made of names."""
    for heading in assistant.index.headings(source):
        words = _NUMBERING.sub("", heading).split()
        if 2 <= len(words) <= 6 and all(word.isalpha() for word in words):
            rest = words[1:]
            return " ".join(words) if any(word[0].isupper() for word in rest) else " ".join([words[0].lower(), *rest])
    return None
