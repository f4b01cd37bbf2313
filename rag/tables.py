"""The tables that passages reach into, whole and cut into cells."""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from index import Block
from rag.retrieve import Hit

MOST_ROWS = 2000  # of a table that is looked through
_TOTAL = re.compile(r"\W*(?:sub-?total|total|sum|average|mean|median|overall|all)\b", re.IGNORECASE)


class Table(NamedTuple):
    """A table with a header, found by `hit`; each row as its block and as many cells as the header has."""

    hit: Hit
    header: list[str]
    rows: list[tuple[Block, list[str]]]


def tables(hits: Sequence[Hit]) -> Iterator[Table]:
    """The tables of the hits' documents, each once, but for those with too many rows; totals are no rows."""
    seen: set[tuple[int, int]] = set()
    for hit in hits:
        blocks = hit.document.blocks if hit.document else ()
        at = bisect_right(blocks, hit.record.start, key=lambda block: block.end)
        while at < len(blocks) and blocks[at].start < hit.record.end:
            first = last = at
            if blocks[at].kind == "row" and (hit.record.document, blocks[at].start) not in seen:
                while first and last - first < MOST_ROWS and _beside(blocks[first - 1], blocks[at]):
                    first -= 1
                while last + 1 < len(blocks) and last - first < MOST_ROWS and _beside(blocks[last + 1], blocks[at]):
                    last += 1
                seen.update((hit.record.document, block.start) for block in blocks[first : last + 1])
                if last - first < MOST_ROWS and (table := _table(hit, blocks[first : last + 1])):
                    yield table
            at = last + 1


def _beside(block: Block, other: Block) -> bool:
    return (block.kind, block.context, block.heading) == (other.kind, other.context, other.heading)


def _table(hit: Hit, blocks: Sequence[Block]) -> Table | None:
    """The rows cut into cells as the header is; None where they do not fit it."""
    assert hit.document is not None, "its blocks were read"
    header = [cell.strip() for cell in blocks[0].context.split(" | ")]
    header[0] = header[0].rpartition(": ")[2]  # what comes before is the caption
    texts = [hit.document.text[block.start : block.end].splitlines(keepends=True) for block in blocks]
    for delimiter in "|,;\t":
        rows = [[cell.strip(" *_`") for cell in next(csv.reader(text, delimiter=delimiter))] for text in texts]
        padded = [row + [""] * (len(header) - len(row)) if delimiter == "|" else row for row in rows]
        if min(map(len, rows)) > 1 and all(len(row) == len(header) for row in padded):
            cut = zip(blocks, padded, strict=True)
            return Table(hit, header, [pair for pair in cut if not any(map(_TOTAL.match, pair[1][:2]))])
    return None
