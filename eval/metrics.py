"""Metrics of one question."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from eval.match import satisfied
from eval.questions import Span
from rag import Answer, Citation, Passage

_MARKER = re.compile(r"\[(\d+)\]")


def own_text(answer: Answer) -> str:
    """The words of an answer without markers and without the passages shown beside it."""
    return " ".join(statement.text for statement in answer.statements)


def contained(answer: Answer, must_contain: Sequence[Sequence[str]]) -> bool:
    """Whether an answer, which is no refusal, has an alias of every group."""
    return answer.status == "answered" and satisfied(must_contain, own_text(answer))


def evidence_rank(passages: Sequence[Passage], spans: Sequence[Span]) -> int | None:
    """The rank, from 1, of the first passage that overlaps a place of the evidence."""
    for rank, passage in enumerate(passages, 1):
        if any(span.overlaps(passage.source, passage.start, passage.end) for span in spans):
            return rank
    return None


def evidence_cited(citations: Sequence[Citation], spans: Sequence[Span]) -> bool:
    """Whether any citation overlaps a place of the evidence."""
    return any(span.overlaps(c.source, c.start, c.end) for c in citations for span in spans)


def is_exact(citation: Citation, text: Callable[[str], str]) -> bool:
    """Whether the stored text of the source has the quote at the citation's place, word for word."""
    return bool(citation.quote) and text(citation.source)[citation.start : citation.end] == citation.quote


def dangling(answer: Answer) -> int:
    """Numbers that lead nowhere: markers in the text or numbers of statements without a citation, and citations that no
    marker names. Digits in brackets within a quoted sentence are its own and no markers."""
    rest = answer.text
    for statement in answer.statements:
        rest = rest.replace(statement.text, " ", 1)
    marked = {int(number) for number in _MARKER.findall(rest)}
    used = {number for statement in answer.statements for number in statement.citations}
    known = {citation.number for citation in answer.citations}
    return len((marked | used) - known) + len(known - marked)


def answer_without_timings(answer: Answer) -> dict[str, Any]:
    """The wire shape without what differs from run to run."""
    return {name: value for name, value in answer.to_dict().items() if name != "timings_ms"}
