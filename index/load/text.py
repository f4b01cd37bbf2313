"""Plain text: paragraphs, headings, lists and pipe tables, told from the shape of the lines alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.load.decode import decode
from index.load.draft import Draft, Outline
from index.values import Block

_SHORT = 90
_LONG = 120
_BULLET = re.compile(r"(?:[-*•‣◦▪+–—]|[>#]+)\s+(?=\S)")
_NUMBER = re.compile(r"\(?\d{1,3}[.)]\s+(?=\S)|\(?[a-z]\)\s+(?=\S)")
_SECTION = re.compile(r"(\d{1,3}(?:\.\d{1,3})*)\.?\s+(?=\S)")
_DELIMITER = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)+\|?|\|\s*:?-+:?\s*\|")
_RULE = re.compile(r"[-=_*~#+.|:\s]+")
_UNDERLINE = re.compile(r"=+|-{2,}|~{3,}|\^{3,}")
_CLOSERS = "\"'”’»)]}*_"
_CAPTION = re.compile(
    r"(?:photo|image|picture|source|credit|caption|by|author|date|tags?|published|updated|posted|from|to|cc|subject|url"
    r"|e-?mail|tel|phone|share|advertisement|copyright|©|https?://|www\.)\b|\d{1,4}[-./ ]\w{1,9}[-./ ]\d{1,4}\W*$",
    re.IGNORECASE,
)
_LABEL = re.compile(r"[^\W\d]+: \S")
_CHAPTER = re.compile(r"(?:chapter|part|section|article|book|appendix) (?:\d+|[ivxlc]+|[a-z])\.", re.IGNORECASE)
_GENERIC = {"abstract", "summary", "introduction", "contents", "table of contents", "preface", "foreword", "overview"}


@dataclass(slots=True)
class _Item:
    """A paragraph to be: one line, or several that were wrapped. `first` is the index of its first line."""

    start: int
    end: int
    gap: bool
    kind: str = "text"  # text, list, row, heading
    lines: int = 1
    level: int = 0
    context: str = ""


def load(data: bytes) -> Draft:
    text = decode(data)
    blocks = outline(text)
    return Draft(text, blocks, _title(text, blocks), plain=True)


def outline(text: str, *, letter: bool = False) -> list[Block]:
    """The blocks of plain text, in time linear in its length.

    In a `letter`, a short line is a greeting or a signature: only capitals, numbers and underlines make headings.
    """
    items = _headings(_items(_lines(text), text), text, letter)
    titled = len(items) > 1 and items[0].kind == "heading" and items[0].level in (0, 1) and _below_title(items[1], text)
    where, blocks = Outline(), []
    for number, item in enumerate(items):
        span = (item.start, item.end)
        if item.kind == "heading":
            line = text[item.start : item.end]
            section = _SECTION.match(line)
            level = item.level or (section[1].count(".") + 1 if section else 1)
            if titled and number and not item.level:
                level += 1
            blocks.append(Block(*span, "heading", where.enter(line, level)))
        else:
            blocks.append(Block(*span, "row" if item.kind == "row" else "paragraph", where.path, None, item.context))
    return blocks


def _below_title(item: _Item, text: str) -> bool:
    """What follows a title is the first heading, or a byline or date; not yet the text."""
    return item.kind == "heading" or (item.end - item.start <= _SHORT and not _ends(text[item.start : item.end]))


def _lines(text: str) -> list[_Item]:
    lines, at, gap = [], 0, True
    for line in text.split("\n"):
        words = line.strip()
        if words:
            start = at + line.index(words[0])
            lines.append(_Item(start, start + len(words), gap))
        gap = not words
        at += len(line) + 1
    return lines


def _items(lines: list[_Item], text: str) -> list[_Item]:
    """Join wrapped lines, mark lists and table rows, drop rules and underlines."""
    words = [text[line.start : line.end] for line in lines]
    wrap = _wrap_width(lines, words)
    items: list[_Item] = []
    number = 0
    while number < len(lines):
        line, word = lines[number], words[number]
        following = words[number + 1] if number + 1 < len(lines) and not lines[number + 1].gap else ""
        if "|" in word and _DELIMITER.fullmatch(following):
            number = _table(lines, words, number, items)
            continue
        if (
            _UNDERLINE.fullmatch(following)
            and len(word) <= _SHORT
            and (line.gap or not wrap)
            and word[-1] not in ".:;,"
        ):
            items.append(replace(line, kind="heading", level=1 if following[0] == "=" else 2))
            number += 2
            continue
        if not _RULE.fullmatch(word):
            _place(line, word, items, lines, words, number, wrap)
        number += 1
    return items


def _place(
    line: _Item, word: str, items: list[_Item], lines: list[_Item], words: list[str], number: int, wrap: int
) -> None:
    """Append `line` to the last item if it continues that, else as an item of its own."""
    marker = _BULLET.match(word)
    if " | " in word or "\t" in word:
        inner = word.strip("| \t")
        start = line.start + word.index(inner)
        items.append(
            replace(line, kind="row" if "|" in inner or "\t" in inner else "text", start=start, end=start + len(inner))
        )
    elif marker and word[0] == "#":
        items.append(replace(line, kind="heading", level=marker.end() - 1, start=line.start + marker.end()))
    elif marker and word[0] != ">":
        items.append(replace(line, kind="list", start=line.start + marker.end()))
    elif _NUMBER.match(word):
        items.append(replace(line, kind="list"))
    elif (
        wrap
        and not line.gap
        and number
        and items
        and _continues(items[-1], word, words[number - 1], lines, number, wrap)
    ):
        items[-1].end = line.end
        items[-1].lines += 1
    else:
        items.append(line)


def _continues(last: _Item, word: str, before: str, lines: list[_Item], number: int, wrap: int) -> bool:
    if last.end != lines[number - 1].end or last.kind in ("row", "heading") or max(len(word), len(before)) > 2 * wrap:
        return False
    if _strong(word) and before.rstrip(_CLOSERS)[-1:] in ".!?:" and could_head(word):
        return False
    room = len(before) + 1 + len(word.split(None, 1)[0])
    if last.lines == 1 and room < 0.7 * wrap and len(word) < 0.7 * wrap:
        return False  # a title page, an address
    # The first line of a group that stopped well before the margin, above one that did not, is a heading.
    deliberate = room < 0.8 * wrap and len(word) > 0.6 * wrap
    return not (last.kind == "text" and last.lines == 1 and could_head(before) and (deliberate or _strong(before)))


def _wrap_width(lines: list[_Item], words: list[str]) -> int:
    """The width at which the text was wrapped by hand, or 0 where a line is a paragraph."""
    inner = [
        i
        for i in range(len(lines) - 1)
        if not lines[i + 1].gap and "|" not in words[i] and not _BULLET.match(words[i + 1])
    ]
    widths = sorted(len(words[i]) for i in inner)
    width = widths[int(0.95 * (len(widths) - 1))] if widths else 0
    usual = sum(45 <= len(words[i]) <= 110 or words[i + 1][0].islower() for i in inner)
    ended = sum(_ends(words[i]) for i in inner)
    if len(inner) == 1 and not words[inner[0] + 1][0].islower():
        return 0
    return width if usual >= 0.6 * len(inner) and 45 <= width <= 125 and ended <= 0.6 * len(inner) else 0


def _table(lines: list[_Item], words: list[str], at: int, items: list[_Item]) -> int:
    """Append the rows of the pipe table whose header is line `at`; return the number of the line after it."""
    header = " | ".join(cell.strip() for cell in words[at].strip("| ").split("|"))
    number = at + 2
    while number < len(lines) and not lines[number].gap and "|" in words[number]:
        inner = words[number].strip("| \t")
        if inner:
            start = lines[number].start + words[number].index(inner)
            items.append(_Item(start, start + len(inner), lines[number].gap, "row", context=header))
        number += 1
    if number == at + 2:
        items.append(replace(lines[at], kind="row"))
    return number


def _headings(items: list[_Item], text: str, letter: bool) -> list[_Item]:
    """Mark as headings the short lines that stand above something to read."""
    lines = [text[item.start : item.end] for item in items]
    maybe = [_may_head(items, lines, i) and (not letter or _strong(lines[i])) for i in range(len(items))]
    number = 0
    while number < len(items):
        end = number
        while end < len(items) and maybe[end]:
            end += 1
        for chosen in _choose(items, lines, number, end):
            items[chosen].kind = "heading"
        number = end + 1
    for number, item in enumerate(items[:-1]):
        if item.kind == "text" and item.lines == 1 and lines[number].endswith("?") and len(lines[number]) <= _SHORT:
            alone = not number or items[number - 1].kind == "heading" or len(lines[number - 1]) > _LONG
            if alone and len(lines[number + 1]) > _LONG and items[number + 1].kind == "text":
                item.kind = "heading"
    return items


def _may_head(items: list[_Item], lines: list[str], number: int) -> bool:
    item = items[number]
    if item.lines > 1 or not could_head(lines[number]):
        return False
    following = lines[number + 1] if number + 1 < len(items) and not items[number + 1].gap else ""
    if following[:1].islower() and not _CAPTION.match(following):
        return False  # a sentence that goes on
    if _LABEL.match(lines[number]) and any(
        _LABEL.match(line) for line in lines[max(0, number - 1) : number] + lines[number + 1 : number + 2]
    ):
        return False  # "Present: Anna" below "Date: 3 March"
    if item.kind == "list":  # "1. Introduction" heads a text, but not between "1. Milk" and "3. Bread"
        near = items[max(0, number - 1) : number] + items[number + 1 : number + 2]
        return bool(_SECTION.match(lines[number])) and all(other.kind != "list" for other in near)
    return item.kind == "text"


def _choose(items: list[_Item], lines: list[str], start: int, end: int) -> Sequence[int]:
    """Which of a run of short lines are headings: up to three above a body, else only those that stand out."""
    count = end - start
    spaced = all(items[i].gap for i in range(start + 1, end))
    if end == len(items):  # nothing below the last one
        return [0] if start == 0 and (count == 2 or (count > 2 and items[1].gap)) else []
    if count <= (3 if spaced else 2):
        return range(start, end)
    first = [start] if start == 0 and items[start + 1].gap else []
    last = [end - 1] if items[end - 1].gap or _strong(lines[end - 1]) else []
    return first + last


def could_head(line: str) -> bool:
    """Could this line be a heading, going by itself?"""
    if _CHAPTER.fullmatch(line):
        return True
    bare = line.rstrip(_CLOSERS + " ")
    return (
        (len(line) <= _SHORT or (len(line) <= _LONG and _title_case(line)))
        and bool(bare)
        and bare[-1] not in ".!?:;,…。！？：；，"
        and not line[0].islower()
        and any(c.isalpha() for c in line)
        and not _CAPTION.match(line)
    )


def _title_case(line: str) -> bool:
    words = [word for word in re.split(r"[\s-]+", line) if len(word) > 3 and word[0].isalpha()]
    return len(words) > 3 and sum(word[0].isupper() for word in words) >= 0.8 * len(words)


def _strong(line: str) -> bool:
    """All capitals, or numbered like a section ("3.2 Method")."""
    section = _SECTION.match(line)
    return (line.isupper() and sum(c.isalpha() for c in line) > 3) or bool(section and "." in section[1])


def _ends(line: str) -> bool:
    return line.rstrip(_CLOSERS)[-1:] in (".", "!", "?", "。")


def _title(text: str, blocks: Sequence[Block]) -> str:
    """The first heading if it is among the first blocks and says something."""
    for block in blocks[:3]:
        line = text[block.start : block.end]
        if block.kind == "heading" and not line.endswith("?") and line.lower() not in _GENERIC:
            return line
    return ""
