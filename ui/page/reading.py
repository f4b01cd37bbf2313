"""One source as the panel reads it: a window of its parts, the cited words and those that are searched for marked."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

from rag import Extracted
from ui.page.inline import Run, runs
from ui.page.parts import DELIMITED, MARKDOWN, PIECE, Part, Span, lines, parts

RAW = frozenset({"txt", "rst", "json", "jsonl"})  # types whose text is what they look like
WINDOW = 6_000  # characters that are drawn at once on either side of a place, counting the work that they make
LONGEST_SEARCH = 200  # characters
LONGEST_QUOTE = 8_000  # characters
MOST_HITS = 5_000
_COST = 30  # of a part or a cell, in characters
_BETWEEN = r"[\s|*_~`>\[\]]+"  # what may stand between two words that are searched for or quoted


class Reading:
    """The stored text of a source in one state. `version` names that state."""

    def __init__(self, extracted: Extracted, kind: str, version: str) -> None:
        self.extracted, self.kind, self.version = extracted, kind, version
        self.text = extracted.text

    @cached_property
    def lines(self) -> list[Part]:
        return lines(self.extracted)

    @cached_property
    def parts(self) -> list[Part]:
        return parts(self.extracted, self.kind)

    def of(self, mode: str) -> list[Part]:
        """What is drawn "as text", else as the type has it."""
        return self.lines if mode == "text" or self.kind in RAW else self.parts

    def find(self, quote: str, near: int) -> Span | None:
        """Where words stand that may have been broken into lines anew; of several places, the nearest."""
        pattern = pattern_of(quote)
        if pattern is None:
            return None
        found = [hit.span() for hit in pattern.finditer(self.text)]
        return min(found, key=lambda span: abs(span[0] - near), default=None)

    def hits(self, words: str, start: int = 0, end: int | None = None) -> Iterator[Span]:
        """Where words stand, without regard to case."""
        pattern = pattern_of(words[:LONGEST_SEARCH], re.IGNORECASE)
        if pattern is not None:
            for hit in pattern.finditer(self.text, start, len(self.text) if end is None else end):
                yield hit.span()

    def page_of(self, at: int) -> int | None:
        """The page or slide on which a place stands."""
        blocks = self.extracted.blocks
        block = blocks[max(0, bisect_right(blocks, at, key=lambda one: one.start) - 1)] if blocks else None
        return block.page if block else None

    def page_span(self, page: int) -> Span:
        """Where the text of a page stands; empty for one without text."""
        blocks = [block for block in self.extracted.blocks if block.page == page]
        return (blocks[0].start, blocks[-1].end) if blocks else (0, 0)

    def at(self, mode: str, place: int) -> int:
        """The number of the part in which a place stands."""
        return max(0, bisect_right(self.of(mode), place, key=lambda part: part.start) - 1)

    def window(self, mode: str, first: int, *, back: int, ahead: int, cited: Span, words: str) -> dict[str, Any]:
        """The parts around number `first` until they hold so many characters before and behind it."""
        every = self.of(mode)
        start = end = min(max(first, 0), len(every) - 1) if every else 0
        while start > 0 and back > 0:
            start -= 1
            back -= _cost(every[start])
        while end < len(every) and ahead > 0:
            ahead -= _cost(every[end])
            end += 1
        shown = every[start:end]
        found = list(self.hits(words, shown[0].start, shown[-1].end)) if shown and words else []
        heads = {part.table for part in shown if part.kind == "row"} - {p.table for p in shown if p.kind == "head"}
        above = {part.table: part for part in every[max(0, start - 1) :: -1] if part.kind == "head"} if heads else {}
        return {
            "first": start,
            "total": len(every),
            "parts": [self._drawn(part, mode, cited, found) for part in shown],
            "heads": {n: self._drawn(above[n], mode, cited, [])["cells"] for n in heads if n in above},
        }

    def _drawn(self, part: Part, mode: str, cited: Span, found: list[Span]) -> dict[str, Any]:
        cells = [self.runs(cell, part, cited, found) for cell in part.cells]
        drawn = {"kind": part.kind, "cells": cells, "level": part.level, "label": part.label, "page": part.page}
        return {name: value for name, value in drawn.items() if value} | (
            {"table": part.table} if part.table >= 0 else {}
        )

    def runs(self, cell: Span, part: Part | None, cited: Span, found: list[Span]) -> list[list[Any]]:
        """A cell as [text, style, cited, hit]: `hit` is where the words begin that were searched for, or -1."""
        shown = _clipped(cell, cited)
        text = self.text[slice(*shown)]
        over = [span for span in found if span[0] < shown[1] and span[1] > shown[0]]
        quoted = self.kind in DELIMITED and part and part.kind != "line"
        pieces = [Run(*shown, text.replace('""', '"') if quoted else text)]
        if part and self.kind in MARKDOWN and part.kind not in ("line", "code"):
            seen, marks = runs(text, shown[0]), [cited, *over]
            if not _touch([(*shown, text)], marks) or _touch(seen, marks):  # else it is in what is not shown
                pieces = seen
        drawn = [piece for run in pieces for piece in _cut(run, cited, over)]
        return [["…", "", 0, -1]] * (shown[0] > cell[0]) + drawn + [["…", "", 0, -1]] * (shown[1] < cell[1])


def pattern_of(words: str, flags: int = 0) -> re.Pattern[str] | None:
    """What finds these words, whatever white space or marks are between them; None for too many, or for none."""
    if len(words) > LONGEST_QUOTE:
        return None
    said = [re.escape(word) for word in re.split(_BETWEEN, words) if word]
    return re.compile(_BETWEEN.join(said), flags) if said else None


def _cost(part: Part) -> int:
    return sum(min(end - start, PIECE) + _COST for start, end in part.cells)


def _clipped(cell: Span, cited: Span) -> Span:
    """What is shown of a long cell: its beginning, or where it is cited."""
    if cell[1] - cell[0] <= PIECE:
        return cell
    start = (
        max(cell[0], min(cited[0] - PIECE // 4, cell[1] - PIECE))
        if cited[0] < cell[1] and cited[1] > cell[0]
        else cell[0]
    )
    return start, min(cell[1], start + PIECE)


def _touch(pieces: Sequence[tuple[Any, ...]], marks: list[Span]) -> bool:
    return any(piece[0] < b and piece[1] > a and piece[2].strip() for piece in pieces for a, b in marks)


def _cut(run: Run, cited: Span, found: list[Span]) -> Iterator[list[Any]]:
    """A run at the edges of marks. One whose text is not as long as its source is marked as a whole."""
    edges = {run.start, run.end}
    if len(run.text) == run.end - run.start:
        edges |= {min(max(edge, run.start), run.end) for span in (cited, *found) for edge in span}
    for start, end in pairwise(sorted(edges)):
        n = bisect_right(found, start, key=lambda span: span[1])
        hit = found[n][0] if n < len(found) and found[n][0] < end else -1
        text = run.text if len(edges) == 2 else run.text[start - run.start : end - run.start]
        yield [text, run.style, int(cited[0] < end and cited[1] > start), hit]
