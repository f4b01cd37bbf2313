"""reStructuredText, read by its lines: docutils knows the structure better, but not where in the file it stands."""

from __future__ import annotations

import re
from itertools import pairwise

from index.load.decode import decode
from index.load.draft import Draft, Outline, first_heading, one_line
from index.values import Block, BlockKind

_ADORNMENT = re.compile(r"([^\w\s])\1+\s*")
_DIRECTIVE = re.compile(r"\.\.\s+(?:\|[^|]+\|\s+)?([\w:+.-]+?)::(?:\s+|$)")
_NOTE = re.compile(r"\.\.\s+(?=\[[^\]]+\]\s)")
_COMMENT = re.compile(r"\.\.(?:\s|$)")
_OPTION = re.compile(r"\s+:[\w-]+:(?:\s|$)")
_MARKER = re.compile(r"(?:[-*+•]|\(?(?:\d{1,3}|[a-zA-Z]|#)[.)]|\|)\s+(?=\S)")
_SIMPLE = re.compile(r"=+(?:\s+=+)+\s*")
_GRID = re.compile(r"\+(?:[-=]+\+)+\s*")
_SILENT = {
    "toctree",
    "raw",
    "include",
    "contents",
    "highlight",
    "default-role",
    "role",
    "meta",
    "index",
    "literalinclude",
}
_TITLED = {
    "note",
    "warning",
    "tip",
    "hint",
    "important",
    "caution",
    "danger",
    "error",
    "attention",
    "admonition",
    "seealso",
}
_TITLED |= {
    "table",
    "list-table",
    "csv-table",
    "topic",
    "sidebar",
    "rubric",
    "versionadded",
    "versionchanged",
    "deprecated",
}
_INLINE = re.compile(r":[\w:+.-]+:(?=`)|[`*|]+|(?<=\w)_\b")


def load(data: bytes) -> Draft:
    text = decode(data)
    blocks = _Reader(text).read()
    return Draft(text, blocks, _bare(first_heading(text, blocks)), plain=True)


def _bare(line: str) -> str:
    return one_line(_INLINE.sub("", re.sub(r"\s?<[^<>]*>`", "`", line)))


class _Reader:
    """Goes through the lines once; `at` is the line in hand."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = text.split("\n")
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line) + 1)
        self.at = 0
        self.blocks: list[Block] = []
        self.where = Outline()
        self.styles: list[str] = []

    def read(self) -> list[Block]:
        while self.at < len(self.lines):
            line = self._line(self.at)
            if not line.strip():
                self.at += 1
            elif _SIMPLE.fullmatch(line.strip()):
                self._simple_table()
            elif _GRID.fullmatch(line.strip()):
                self._grid_table()
            elif not (self._heading() or self._markup()):
                self._paragraph()
        return self.blocks

    def _line(self, number: int) -> str:
        return self.lines[number] if number < len(self.lines) else ""

    def _add(self, first: int, last: int, kind: BlockKind, skip: int = 0, context: str = "", strip: str = "") -> None:
        """The block of lines `first` to `last`, without the first `skip` characters."""
        start = self.starts[first] + skip
        raw = self.text[start : self.starts[last + 1] - 1]
        inner = raw.strip().strip(strip).strip() if strip else raw.strip()
        if inner:
            start += raw.index(inner)
            heading = self.where.path
            self.blocks.append(Block(start, start + len(inner), kind, heading, None, context))

    def _heading(self) -> bool:
        line, below, third = (self._line(self.at + i) for i in range(3))
        over = bool(_ADORNMENT.fullmatch(line)) and bool(below.strip()) and line.strip() == third.strip()
        under = not line[0].isspace() and len(below.rstrip()) >= min(4, len(line.rstrip()))
        if not over and not (under and _ADORNMENT.fullmatch(below) and not _ADORNMENT.fullmatch(line)):
            if _ADORNMENT.fullmatch(line) and len(line.strip()) > 3:  # a rule between paragraphs
                self.at += 1
                return True
            return False
        style = line[0] * 2 if over else below[0]
        if style not in self.styles:
            self.styles.append(style)
        title = self.at + over
        above = self.where.enter(_bare(self.lines[title]), self.styles.index(style) + 1)
        self._add(title, title, "heading")
        self.blocks[-1:] = [Block(b.start, b.end, "heading", above) for b in self.blocks[-1:]]
        self.at += 3 if over else 2
        return True

    def _markup(self) -> bool:
        """Directives, comments and targets; what a reader sees of them stays."""
        line = self._line(self.at)
        indent = len(line) - len(line.lstrip())
        body = line[indent:]
        directive, note = _DIRECTIVE.match(body), _NOTE.match(body)
        if note:
            self._paragraph(indent + note.end())
        elif directive:
            name = directive[1].split(":")[-1]
            if name in _TITLED and body[directive.end() :].strip():
                self._paragraph(indent + directive.end())
            else:
                self.at += 1
            while _OPTION.match(self._line(self.at)):
                self.at += 1
            if name in _SILENT:
                self._skip_body(indent)
        elif _COMMENT.match(body):
            self.at += 1
            self._skip_body(indent)
        else:
            return False
        return True

    def _skip_body(self, indent: int) -> None:
        while self.at < len(self.lines):
            line = self.lines[self.at]
            if line.strip() and len(line) - len(line.lstrip()) <= indent:
                return
            self.at += 1

    def _paragraph(self, skip: int = 0) -> None:
        first = self.at
        line = self._line(first)
        indent = len(line) - len(line.lstrip())
        marker = None if skip else _MARKER.match(line, indent)
        self.at += 1
        while self._line(self.at).strip() and not self._starts_block(self.at, skip > 0):
            self.at += 1
        self._add(first, self.at - 1, "paragraph", marker.end() if marker else skip)

    def _starts_block(self, number: int, in_directive: bool) -> bool:
        line = self._line(number)
        body = line.lstrip()
        return bool(
            _MARKER.match(body)
            or _COMMENT.match(body)
            or _GRID.fullmatch(body)
            or _SIMPLE.fullmatch(body)
            or (in_directive and _OPTION.match(line))
            or re.match(r":[\w -]+:\s", body)
        )

    def _simple_table(self) -> None:
        """Columns are where the "=" of the border are; a line with an empty first column continues its row."""
        border = self.lines[self.at]
        edges = [match.start() for match in re.finditer("=+", border)]
        spans = list(zip(edges, [*edges[1:], None], strict=True))
        first = self.at + 1
        borders: list[int] = []
        number = first
        while number < len(self.lines) and len(borders) < 2:
            if _SIMPLE.fullmatch(self.lines[number].strip()):
                borders.append(number)
                if not self._line(number + 1).strip():
                    break
            number += 1
        if not borders:
            self.at += 1
            return
        header = ""
        if len(borders) == 2:
            head = self.lines[first : borders[0]]
            header = " | ".join(one_line(" ".join(line[a:b] for line in head)) for a, b in spans)
            first = borders[0] + 1
        rows: list[list[int]] = []
        for number in range(first, borders[-1]):
            line = self.lines[number]
            if not line.strip() or re.fullmatch(r"[\s-]+", line):
                continue
            if rows and not line[spans[0][0] : spans[0][1]].strip():
                rows[-1][1] = number
            else:
                rows.append([number, number])
        for start, end in rows:
            self._add(start, end, "row", context=header)
        self.at = borders[-1] + 1

    def _grid_table(self) -> None:
        first = self.at
        while self._line(self.at).lstrip()[:1] in ("+", "|"):
            self.at += 1
        rules = [number for number in range(first, self.at) if _GRID.fullmatch(self.lines[number].strip())]
        header = ""
        for top, bottom in pairwise(rules):
            if bottom == top + 1:
                continue
            if "=" in self.lines[bottom] and not header:
                cells = [line.strip().strip("|").split("|") for line in self.lines[top + 1 : bottom]]
                header = " | ".join(one_line(" ".join(column)) for column in zip(*cells, strict=False))
            else:
                self._add(top + 1, bottom - 1, "row", context=header, strip="|")
