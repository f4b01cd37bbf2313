"""A stored text as what is drawn one below the other: its lines, or its headings, paragraphs and rows of tables."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from rag import Block, Extracted

MARKDOWN, DELIMITED = ("md", "markdown"), ("csv", "tsv")
PIECE = 4_000  # characters that are drawn as one at most; a file may be a single line
COLUMNS = 100  # of a table that are drawn as such; what is right of them goes together
_PATH = " > "
_ITEM = re.compile(r"(?P<indent>[ \t>]*)(?:(?P<bullet>[-*+])|(?P<number>\d{1,9}[.)]))[ \t]+$")
_FENCE = re.compile(r"[ \t>]*(?:`{3,}|~{3,})")
_FIELD = re.compile(r"(From|To|Cc|Date|Subject|Attachment): ")
_BORDER = re.compile(r"(?:^| )\|(?: |$)")
_PIPE = re.compile(r"(?<!\\)\|")
_QUOTED = re.compile(r'[ \t]*"((?:[^"]|"")*)"[ \t]*')
_LEFT, _RIGHT = re.compile(r"[ \t>]*\|?"), re.compile(r"\|?[ \t]*$")

Span = tuple[int, int]


class Part(NamedTuple):
    """One thing to draw. `kind` is line, heading, paragraph, item, quote, code, field, row, or head (of a table).

    `cells` are the spans of the text that it shows, one but for a table. `level` is that of a heading or the depth of an
    item; `label` stands before it: a bullet, the name of a field, the number of a line; `table` tells one table from
    the next.
    """

    kind: str
    cells: tuple[Span, ...]
    level: int = 0
    label: str = ""
    page: int | None = None
    table: int = -1

    @property
    def start(self) -> int:
        return self.cells[0][0]

    @property
    def end(self) -> int:
        return self.cells[-1][1]


def lines(document: Extracted) -> list[Part]:
    """The text line by line, numbered where these are the lines of the file; long ones in pieces."""
    found: list[Part] = []
    text, at, number = document.text, 0, 1
    pages = [block for block in document.blocks if block.page is not None]
    page, following = None, iter(pages)
    block = next(following, None)
    while at < len(text) or not found:
        end = text.find("\n", at) + 1 or len(text)
        while block is not None and block.start < end:
            page, block = block.page, next(following, None)
        for first, last in _pieces(at, end):
            label = str(number) if document.plain and first == at else ""
            found.append(Part("line", ((first, last),), label=label, page=page))
        at, number = end, number + 1
        if at >= len(text):
            break
    return found


def parts(document: Extracted, kind: str) -> list[Part]:
    """The blocks of a text as what they are in a file of this type ("md", "csv", ...)."""
    text, found = document.text, list[Part]()
    cells_of = _splitter(document, kind)
    before = Block(0, 0, "paragraph")
    table = -1
    for block in document.blocks:
        gap = text[before.end : block.start]
        if block.kind == "row":
            if before.kind != "row" or not _same_table(before, block, gap, kind):
                table = block.start
                head = _head(before.end, gap, kind)
                if head and block.context:
                    found.append(Part("head", cells_of(*head), page=block.page, table=table))
            found.append(Part("row", cells_of(*_record(text, block, kind)), page=block.page, table=table))
        else:
            found += _prose(text, block, kind, found)
        before = block
    return found


def _prose(text: str, block: Block, kind: str, above: Sequence[Part]) -> Iterator[Part]:
    start, level, label, name = block.start, 0, block.context, str(block.kind)
    if block.kind == "heading":
        level = block.heading.count(_PATH) + 2 if block.heading else 1
        label = ""
    elif kind in MARKDOWN:
        name, level, label = _markdown(text, block)
    elif kind == "eml":
        field = _FIELD.match(text, start, block.end)
        if field and (field[1] == "Attachment" or all(part.kind == "field" for part in above)):
            name, label, start = "field", field[1], field.end()
    for first, last in _pieces(start, block.end):
        yield Part(name, ((first, last),), level, label, block.page)
        label = ""


def _markdown(text: str, block: Block) -> tuple[str, int, str]:
    """Kind, depth and bullet of a paragraph of Markdown, by what stands before it in its line."""
    line = text.rfind("\n", 0, block.start) + 1
    marks = text[line : block.start]
    above = text[text.rfind("\n", 0, line - 1) + 1 : line] if line else ""
    front = line == 4 and text.startswith("---\n")
    if (
        front
        or _FENCE.match(above)
        or (not marks.strip(" \t") and marks.expandtabs(4).count(" ") >= 4 and not above.strip())
    ):
        return "code", 0, ""
    item = _ITEM.match(marks)
    if item:
        return "item", len(item["indent"].replace(">", "").expandtabs(4)) // 2 + 1, item["number"] or "•"
    return ("quote" if ">" in marks else "paragraph"), len(marks.replace(">", "").expandtabs(4)) // 2, ""


def _same_table(before: Block, block: Block, gap: str, kind: str) -> bool:
    if (before.context, before.page, before.heading) != (block.context, block.page, block.heading):
        return False
    return kind in DELIMITED or (gap.count("\n") < 2 and not gap.strip(" \t\n|>"))


def _head(at: int, gap: str, kind: str) -> Span | None:
    """The line above the first row that names the columns."""
    rows = [found.span() for found in re.finditer(r"[^\n]*[^\s|>][^\n]*", gap)]
    if kind in MARKDOWN:
        rows = rows[:-1]  # the one below it is a rule
    if not rows:
        return None
    start, end = rows[-1]
    return _without_frame(gap, start, end, at) if kind in MARKDOWN else (at + start, at + end)


def _record(text: str, block: Block, kind: str) -> Span:
    """A row with the empty cells at its ends, which a block does not have."""
    if kind not in MARKDOWN and kind not in DELIMITED:
        return block.start, block.end
    start, end = text.rfind("\n", 0, block.start) + 1, text.find("\n", block.end)
    end = len(text) if end < 0 else end
    return (start, end) if kind in DELIMITED else _without_frame(text, start, end)


def _without_frame(text: str, start: int, end: int, at: int = 0) -> Span:
    """A line of a table in Markdown without the pipes at its ends."""
    line = text[start:end]
    left, right = _LEFT.match(line), _RIGHT.search(line)
    return at + start + (left.end() if left else 0), at + start + (right.start() if right else len(line))


def _splitter(document: Extracted, kind: str) -> Callable[[int, int], tuple[Span, ...]]:
    text = document.text

    def narrow(cells: list[Span]) -> tuple[Span, ...]:
        return tuple(cells if len(cells) <= COLUMNS else [*cells[:COLUMNS], (cells[COLUMNS][0], cells[-1][1])])

    def between(border: re.Pattern[str], start: int, end: int) -> tuple[Span, ...]:
        edges = [found.span() for found in border.finditer(text[start:end])]
        inner = [(0, 0), *edges, (end - start, end - start)]
        return narrow([_stripped(text, start + left[1], start + right[0]) for left, right in pairwise(inner)])

    if kind in MARKDOWN:
        return lambda start, end: between(_PIPE, start, end)
    if kind not in DELIMITED:
        return lambda start, end: between(_BORDER, start, end)
    rows = [_record(text, block, kind) for block in document.blocks[:50] if block.kind == "row"]
    delimiter = max(",;\t|", key=lambda one: _evenness([len(_cells(text, *row, one)) for row in rows]))
    return lambda start, end: narrow(_cells(text, start, end, delimiter))


def _evenness(widths: list[int]) -> int:
    """How many rows are of the usual width; none where that is one cell."""
    usual = max(set(widths), key=widths.count, default=1)
    return widths.count(usual) if usual > 1 else 0


def _cells(text: str, start: int, end: int, delimiter: str) -> list[Span]:
    """The spans of the cells of a record, without their quotes."""
    cells = []
    at = start
    while at <= end:
        quoted = _QUOTED.match(text, at, end)
        if quoted and (quoted.end() == end or text[quoted.end()] == delimiter):
            cells.append(quoted.span(1))
            at = quoted.end() + 1
            continue
        until = text.find(delimiter, at, end)
        until = end if until < 0 else until
        cells.append(_stripped(text, at, until))
        at = until + 1
    return cells


def _stripped(text: str, start: int, end: int) -> Span:
    words = text[start:end]
    left = len(words) - len(words.lstrip())
    return start + left, max(start + left, start + len(words.rstrip()))


def _pieces(start: int, end: int) -> Iterator[Span]:
    for at in range(start, max(end, start + 1), PIECE):
        yield at, min(at + PIECE, end)
