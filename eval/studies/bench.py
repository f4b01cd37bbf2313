"""Other people's questions made ready to be asked of an index of their documents."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from eval.data import Collection
from eval.questions import GoldQuestion, Span, occurrences
from eval.results import line_of
from rag import Assistant


def spread(questions: Sequence[GoldQuestion], limit: int | None) -> list[GoldQuestion]:
    """As many questions as `limit`, always the same, evenly spread; all of them where there are no more."""
    if limit is None or limit >= len(questions):
        return list(questions)
    return [questions[place * len(questions) // limit] for place in range(limit)]


def located(
    assistant: Assistant, name: str, questions: Iterable[GoldQuestion]
) -> tuple[list[GoldQuestion], dict[str, list[Span]], int]:
    """The questions with the evidence that the index of the set `name` holds, its places by question, and how many
    quotes it does not hold: a file may be unreadable, and some characters are stored otherwise."""
    ready = {document.source for document in assistant.documents() if document.status == "ready"}
    texts: dict[str, str] = {}
    kept, spans, lost = [], {}, 0
    for question in questions:
        places: list[Span] = []
        held = []
        for one in question.evidence:
            source = f"{name}/{one.source}"
            if source not in texts:
                texts[source] = assistant.text(source) if source in ready else ""
            if found := [Span(source, *place) for place in occurrences(texts[source], one.quote)]:
                places += found
                held.append(one)
        lost += len(question.evidence) - len(held)
        kept.append(replace(question, evidence=tuple(held)))
        spans[question.id] = places
    return kept, spans, lost


def told_of(collection: Collection, questions: Sequence[GoldQuestion], lost: int) -> dict[str, Any]:
    """What the stamp of a run says of a set: its name and licence, what was left out of it, and the SHA-256 of the
    questions that are asked, which differs with the split and the limit."""
    counts = dict(collection.counts) | ({"quotes that the index does not hold": lost} if lost else {})
    lines = "".join(line_of(question.to_dict()) for question in questions)
    return {
        "gold": collection.name, "gold_sha256": hashlib.sha256(lines.encode()).hexdigest(),
        "licence": collection.licence, "left_out": counts,
    }  # fmt: skip
