"""Lines of a printed page to paragraphs, headings and table rows."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from index.load.draft import Builder
from index.load.tables import is_headed
from index.load.text import could_head

_BULLET = re.compile(r"[-*•‣◦▪●○–—]\s+\S|\(?(?:\d{1,2}|[a-z])[.)]\s+\S")
_MARKER = re.compile(r"[-*•‣◦▪●○–—\uf0b7\uf0a7]|\(?(?:\d{1,2}|[a-z])[.)]?")
_ONLY_BULLET = re.compile(r"[•‣◦▪●○\uf0b7\uf0a7]\s*")
_HYPHENATED = re.compile(r"\w+(?:-\w+)+")
_ENDS = re.compile(r"""[.!?:;…。！？]["'”’»)\]]*$""")
_EDGE = 2  # lines at the top and at the bottom of a page that may be running heads
_LONGEST_HEADING = 150


class Cell(NamedTuple):
    """Words that stand together in a line, from x = `left` to `right` (points)."""

    left: float
    right: float
    text: str


@dataclass(slots=True)
class Line:
    """A line at height `y` (points, growing upwards), as cells where wide gaps part it."""

    cells: list[Cell]
    y: float
    size: float
    bold: bool
    item: bool = False  # of a list

    @property
    def text(self) -> str:
        return " ".join(cell.text for cell in self.cells)

    @property
    def left(self) -> float:
        return self.cells[0].left

    @property
    def right(self) -> float:
        return self.cells[-1].right


def arrange(pages: list[list[Line]], builder: Builder) -> None:
    """Add what the pages hold to `builder`, without running heads and page numbers."""
    pages = _without_running_heads([_rows(page) for page in pages])
    style = _Style(pages)
    for number, lines in enumerate(pages, start=1):
        for group in _groups(lines, style):
            if _is_table(group):
                rows = [[cell.text for cell in line.cells] for line in group]
                builder.table(rows, headed=is_headed(rows), page=number)
                continue
            text = _joined(group, style.hyphenated)
            level = style.level(group[0]) if len(text) <= _LONGEST_HEADING and could_head(text) else 0
            if level:
                builder.heading(text, level, number)
            else:
                builder.paragraph(_ONLY_BULLET.sub("", text, count=1) if _ONLY_BULLET.match(text) else text, number)


class _Style:
    """How a document is set: the size of its body text, its line pitch, and which lines are headings."""

    def __init__(self, pages: list[list[Line]]) -> None:
        lines = [line for page in pages for line in page]
        weight: Counter[tuple[float, bool]] = Counter()
        for line in lines:
            weight[line.size, line.bold] += len(line.text)
        self.size, self.bold = weight.most_common(1)[0][0] if weight else (1.0, False)
        steps = [
            (above.y - below.y) / below.size
            for page in pages
            for above, below in pairwise(page)
            if above.size == below.size and 0.8 < (above.y - below.y) / below.size < 3
        ]
        # The lower quartile, so that a document of many short paragraphs does not take their distance for the pitch.
        self.pitch = sorted(steps)[len(steps) // 4] if steps else 1.2
        large = sorted({line.size for line in lines if line.size > 1.1 * self.size}, reverse=True)
        self.levels = {size: min(rank, 5) for rank, size in enumerate(large, start=1)}
        self.hyphenated = {word.lower() for line in lines for word in _HYPHENATED.findall(line.text)}

    def level(self, line: Line) -> int:
        """The level of a heading set like `line`; 0 if it is set like the body."""
        if line.size in self.levels:
            return self.levels[line.size]
        return len(self.levels) + 1 if line.bold and not self.bold and line.size >= self.size else 0


def _rows(lines: list[Line]) -> list[Line]:
    """Join neighbours on one baseline: the cells of a row are often drawn one by one."""
    rows: list[Line] = []
    for line in lines:
        last = rows[-1] if rows else None
        if last and abs(last.y - line.y) < 0.3 * line.size and line.left >= last.right - 1:
            if line.left - last.right > line.size:
                last.cells += line.cells
            else:
                end = last.cells[-1]
                last.cells[-1:] = [Cell(end.left, line.cells[0].right, f"{end.text} {line.cells[0].text}")]
                last.cells += line.cells[1:]
        else:
            rows.append(line)
    for row in rows:
        if len(row.cells) == 2 and _MARKER.fullmatch(row.cells[0].text):
            marker, words = row.cells
            row.cells, row.item = [Cell(marker.left, words.right, f"{marker.text} {words.text}")], True
        elif _BULLET.match(row.text) or _ONLY_BULLET.match(row.text):
            row.item = len(row.cells) == 1
    return rows


def _without_running_heads(pages: list[list[Line]]) -> list[list[Line]]:
    """Drop lines that recur, numbers aside, at the edge of most pages; of three pages or more."""
    filled = sum(map(bool, pages))
    if filled < 3:
        return pages
    marks = [_marks(page, number) for number, page in enumerate(pages)]
    counts = Counter(mark for page in marks for mark in set().union(*page.values()))
    running = {mark for mark, count in counts.items() if count >= 3 and count > 0.5 * filled}
    return [
        [line for line in page if running.isdisjoint(found.get(id(line), ()))]
        for page, found in zip(pages, marks, strict=True)
    ]


def _marks(page: list[Line], number: int) -> dict[int, set[str]]:
    """By what the lines at the edges of a page could recur: their words, or how far their number is from `number`.

    The latter finds heads that name the chapter, which changes too often to recur itself.
    """
    by_height = sorted(page, key=lambda line: -line.y)
    marks = {id(line): {re.sub(r"\d+", "#", line.text.lower())} for line in by_height[:_EDGE] + by_height[-_EDGE:]}
    for line in by_height[:1] + by_height[-1:]:
        for digits in re.findall(r"^\d{1,4}\b|\b\d{1,4}$", line.text):
            marks[id(line)].add(f"page {int(digits) - number:+}")
    return marks


def _groups(lines: list[Line], style: _Style) -> list[list[Line]]:
    """Lines that make one paragraph, one heading or one table."""
    groups: list[list[Line]] = []
    for line in lines:
        group = groups[-1] if groups else []
        if group and len(group[-1].cells) > 1 and _continues_row(group[-1], line, style):
            continue
        if group and _belongs(group[-1], line, lines, style):
            group.append(line)
        else:
            groups.append([line])
    return groups


def _continues_row(row: Line, line: Line, style: _Style) -> bool:
    """A wrapped cell: its words stand below a column other than the first. They are added to that cell."""
    step = row.y - line.y
    if len(line.cells) > 1 or not 0 < step <= 1.25 * style.pitch * line.size or line.left < row.cells[1].left - 1:
        return False
    column = max(index for index, cell in enumerate(row.cells) if cell.left <= line.left + 1)
    cell = row.cells[column]
    row.cells[column] = Cell(cell.left, max(cell.right, line.right), f"{cell.text} {line.text}")
    row.y = line.y
    return True


def _belongs(above: Line, line: Line, lines: list[Line], style: _Style) -> bool:
    if len(above.cells) > 1 or len(line.cells) > 1:
        return len(above.cells) > 1 and len(line.cells) > 1 and above.y > line.y
    step = above.y - line.y
    level = style.level(line)
    if style.level(above) != level or not 0.8 < above.size / line.size < 1.25:
        return False  # but code within a paragraph is often a little smaller
    if level and above.size != line.size:
        return False
    if line.item:
        return False
    ended = bool(_ENDS.search(above.text))
    if step <= 0:  # the next column
        return not ended
    if step > 1.3 * style.pitch * line.size:
        return False
    right = max(other.right for other in lines if abs(other.left - above.left) < 3 * line.size)
    room = right - above.right
    if ended and (room > 0.15 * (right - above.left) or line.left > above.left + 0.8 * line.size):
        return False
    first_word = line.text.split(None, 1)[0]
    width = (line.right - line.left) / len(line.text) * (len(first_word) + 1)
    # A line is wrapped when the next word had no room in it.
    return room < 1.2 * width + line.size or line.text[0].islower()


def _is_table(group: list[Line]) -> bool:
    return len(group) > 1 and len(group[0].cells) > 1


def _joined(lines: list[Line], hyphenated: set[str]) -> str:
    """The lines as one; a word that was parted at a line's end is whole again."""
    text = lines[0].text
    for line in lines[1:]:
        following = line.text
        if text.endswith("\u00ad"):
            text = text[:-1] + following
        elif text.endswith(("-", "\u2010")) and text[-2:-1].isalnum():
            head = re.split(r"[\s(\[“\"]", text[:-1])[-1]
            tail = (re.match(r"\w+", following) or [""])[0]
            whole = head[-1:].islower() and tail[:1].islower() and f"{head}-{tail}".lower() not in hyphenated
            text = (text[:-1] if whole else text) + following
        else:
            text = f"{text} {following}"
    return text
