"""Delimited tables (.csv, .tsv): a row is its raw lines, and the header row is its context."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence

from index.load.decode import decode
from index.load.draft import Draft, one_line
from index.values import Block

_DELIMITERS = (",", ";", "\t", "|")
_NUMBER = re.compile(
    r"[-+(]?[$€£¥]?\s?\d[\d.,'\s\xa0]*\s?[%€$£¥)]?|\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ][\d:.Z+]+)?|[-–—]"
)
_YEAR = re.compile(r"(?:1[89]|20|21)\d\d")
_LONGEST_LABEL = 60
_LONGEST_RECORD = 200  # lines: a quote that opens and never closes would swallow the rest of the file
_SAMPLE = 50


def load(data: bytes) -> Draft:
    text = decode(data)
    delimiter = _delimiter(text)
    records = [(start, end, cells) for start, end, cells in _records(text, delimiter) if any(map(str.strip, cells))]
    width = max((len(cells) for _, _, cells in records[:_SAMPLE]), default=0)
    lead = 0  # lines above the table, such as its caption, have one cell
    while width > 1 and lead < len(records) - 1 and sum(map(bool, map(str.strip, records[lead][2]))) == 1:
        lead += 1
    blocks = [_block(text, start, end, "") for start, end, _ in records[:lead]]
    caption = one_line(" ".join(" ".join(cells) for _, _, cells in records[:lead]))
    context, body = caption, records[lead:]
    if is_headed([cells for _, _, cells in body[:_SAMPLE]]):
        header = " | ".join(one_line(cell) for cell in body[0][2])
        context, body = f"{caption}: {header}" if caption else header, body[1:]
    return Draft(text, blocks + [_block(text, start, end, context) for start, end, _ in body], caption, plain=True)


def is_headed(rows: Sequence[Sequence[str]]) -> bool:
    """Does the first row name the columns? It must be short words (or years after the first) above other rows."""
    if len(rows) < 2:
        return False
    first = [cell.strip() for cell in rows[0]]
    named = [cell for cell in first if cell]
    if not named or len(set(named)) < len(named) or any(len(cell) > _LONGEST_LABEL for cell in named):
        return False
    if any(cell[-1] in ".!?" and " " in cell for cell in named):
        return False
    numbers = [cell for cell in named if is_number(cell)]
    return not numbers or (not is_number(named[0]) and all(map(_YEAR.fullmatch, numbers)))


def is_number(cell: str) -> bool:
    return bool(_NUMBER.fullmatch(cell.strip()))


def _block(text: str, start: int, end: int, context: str) -> Block:
    inner = text[start:end].strip()
    start += text[start:end].index(inner[0])
    return Block(start, start + len(inner), "row", None, None, context)


def _records(text: str, delimiter: str) -> Iterator[tuple[int, int, list[str]]]:
    """Each record as (start, end, cells); where its quoting is broken, a line is a record."""
    lines = text.split("\n")
    number = at = 0
    while number < len(lines):
        cells, used = _record(lines, number, delimiter)
        end = at + sum(map(len, lines[number : number + used])) + used - 1
        yield at, end, cells
        number, at = number + used, end + 1


def _record(lines: list[str], number: int, delimiter: str) -> tuple[list[str], int]:
    line = lines[number]
    if '"' not in line:
        return line.split(delimiter), 1
    ahead = (lines[i] + "\n" for i in range(number, min(len(lines), number + _LONGEST_RECORD)))
    try:
        reader = csv.reader(ahead, delimiter=delimiter, strict=True)
        return next(reader), reader.line_num
    except csv.Error:
        return [cell.strip('"') for cell in line.split(delimiter)], 1


def _delimiter(text: str) -> str:
    """The delimiter that cuts the first records into the most equal rows of two cells or more."""
    sample = "\n".join(text[:20000].split("\n")[:_SAMPLE])
    best, found = 0.0, ","
    for delimiter in _DELIMITERS:
        widths = [len(cells) for _, _, cells in _records(sample, delimiter) if any(map(str.strip, cells))]
        usual = max(set(widths), key=widths.count, default=1)
        score = widths.count(usual) / len(widths) if usual > 1 else 0.0
        if score > best:
            best, found = score, delimiter
    return found
