"""From claims to statements and citations: numbered by first use, each with its exact place and surroundings."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from index import Block, Extracted, sentence_spans
from rag.answer import Citation, Statement
from rag.claims import Claim, Span
from rag.grounding.verify import check

SURROUNDINGS = 240  # characters before and after a quote


class Citer:
    """Collects the statements and citations of one answer."""

    def __init__(self) -> None:
        self.citations: list[Citation] = []
        self.statements: list[Statement] = []
        self._before: list[str] = []

    def add(self, claim: Claim, *, strict: bool = False) -> Statement | None:
        """Check a claim and cite it; None, and nothing is cited, where it is not borne out and `strict`."""
        verdict = check(claim.text, [span.text for span in claim.spans], given(claim.spans))
        if strict and verdict.support == "not_found":
            return None
        spans = () if verdict.support == "none" else claim.spans
        numbers = tuple(dict.fromkeys(self._number(span) for span in spans))
        statement = Statement(claim.text, numbers, verdict.support, verdict.problems)
        self.statements.append(statement)
        self._before.append(claim.before)
        return statement

    def say(self, text: str) -> None:
        """Words that claim nothing."""
        self.statements.append(Statement(text, (), "none"))
        self._before.append(" ")

    def number_of(self, span: Span, numbers: Sequence[int]) -> int:
        """Which of the citations with these numbers holds a span; 0 where none does."""
        for one in (self.citations[number - 1] for number in numbers):
            if one.source == span.hit.record.source and one.start <= span.start and span.end <= one.end:
                return one.number
        return 0

    def _number(self, span: Span) -> int:
        record = span.hit.record
        for citation in self.citations:
            if (citation.source, citation.start, citation.end) == (record.source, span.start, span.end):
                return citation.number
        document = span.document
        block = _block_at(document, span.start)
        before, after = _surroundings(document.text, span.start, span.end)
        number = len(self.citations) + 1
        line = document.text.count("\n", 0, span.start) + 1 if document.plain else None
        self.citations.append(
            Citation(
                number=number,
                source=record.source,
                title=record.title,
                start=span.start,
                end=span.end,
                line=line,
                page=block.page,
                heading=block.heading or block.context or None,  # a row of a bare table stands under its header
                quote=span.text,
                before=before,
                after=after,
                sha256=record.sha256,
            )
        )
        return number

    def text(self) -> str:
        """The statements so far as one text with markers."""
        marked = (
            f"{before}{s.text} {''.join(f'[{number}]' for number in s.citations)}".rstrip()
            for before, s in zip(self._before, self.statements, strict=True)
        )
        return "".join(marked).lstrip()


def given(spans: Sequence[Span]) -> list[str]:
    """What stands beside cited spans and helps to understand them: title, headings, table header, sentence before."""
    beside: dict[str, None] = {}
    for span in spans:
        block = _block_at(span.document, span.start)
        before = span.document.text[max(block.start, span.start - SURROUNDINGS) : span.start]
        sentences = [before[start:end] for start, end in sentence_spans(before)]
        told = [span.hit.record.title, block.heading or "", block.context, *sentences[-1:]]
        beside |= dict.fromkeys(filter(None, told))
    return list(beside)


def _block_at(document: Extracted, start: int) -> Block:
    place = bisect_right(document.blocks, start, key=lambda block: block.start) - 1
    return document.blocks[max(place, 0)]


def _surroundings(text: str, start: int, end: int) -> tuple[str, str]:
    """The text right before and after a span, cut at white space where it is cut."""
    before, after = text[max(0, start - SURROUNDINGS) : start], text[end : end + SURROUNDINGS]
    if start > SURROUNDINGS and (cut := before.find(" ")) >= 0:
        before = before[cut + 1 :]
    if end + SURROUNDINGS < len(text) and (cut := after.rfind(" ")) > 0:
        after = after[:cut]
    return before, after
