"""What a loader hands to `extract`, and the two helpers that loaders make it with."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from index.values import Block, BlockKind

_LONGEST_IN_PATH = 120
_UNWANTED = re.compile("[\x00-\x08\x0e-\x1f\x7f\u00ad\u200b\u2060\ufeff\ud800-\udfff]")
_SPACE = re.compile(r"[ \t\xa0\u2000-\u200a\u202f\u205f\u3000]+")


@dataclass(frozen=True, slots=True)
class Draft:
    """An extracted file before it has a name: `title` is "" where the file itself names none."""

    text: str
    blocks: Sequence[Block]
    title: str = ""
    plain: bool = False


@dataclass(slots=True)
class Outline:
    """The headings above the current place, outermost first."""

    stack: list[tuple[int, str]] = field(default_factory=list)

    @property
    def path(self) -> str | None:
        return " > ".join(title for _, title in self.stack) or None

    def enter(self, title: str, level: int) -> str | None:
        """Go below `title` and return the path of the headings above it."""
        while self.stack and self.stack[-1][0] >= level:
            self.stack.pop()
        above = self.path
        self.stack.append((level, " ".join(title.split())[:_LONGEST_IN_PATH]))
        return above


class Builder:
    """Assembles the text of a format that is not plain text, and the blocks that point into it."""

    def __init__(self) -> None:
        self.outline = Outline()
        self.blocks: list[Block] = []
        self._parts: list[str] = []
        self._length = 0

    def heading(self, text: str, level: int, page: int | None = None) -> None:
        text = one_line(text)
        if text:
            above = self.outline.enter(text, level)
            self._add(text, "heading", above, page)

    def paragraph(self, text: str, page: int | None = None, context: str = "") -> None:
        """Add a paragraph; its own line breaks are kept."""
        text = tidy(text)
        if text:
            self._add(text, "paragraph", self.outline.path, page, context)

    def verbatim(self, text: str, page: int | None = None) -> None:
        """Add code or other text whose spacing matters."""
        text = _UNWANTED.sub("", text).strip()
        if text:
            self._add(text, "paragraph", self.outline.path, page)

    def table(self, rows: Iterable[Sequence[str]], *, headed: bool, caption: str = "", page: int | None = None) -> None:
        """Add a row per line. With `headed`, the first row that has words becomes the context of the others."""
        lines = (" | ".join(one_line(cell) for cell in row).rstrip(" |").strip() for row in rows)
        context, header, first = one_line(caption), "", True
        for line in lines:
            if not line.strip(" |"):
                continue
            if header:
                self._text(header, "\n\n" if first else "\n")
                header, first = "", False
            if headed:
                header, headed = line, False
                context = f"{context}: {line}" if context else line
                continue
            self._add(line, "row", self.outline.path, page, context, "\n\n" if first else "\n")
            first = False
        if header:
            self._add(header, "row", self.outline.path, page, one_line(caption))

    def splice(self, text: str, blocks: Sequence[Block]) -> None:
        """Add text that has blocks of its own."""
        shift = self._text(text)
        self.blocks += [Block(shift + b.start, shift + b.end, b.kind, b.heading, b.page, b.context) for b in blocks]

    def draft(self, title: str = "") -> Draft:
        return Draft("".join(self._parts), self.blocks, title)

    def first_heading(self) -> str:
        return first_heading("".join(self._parts), self.blocks)

    def _text(self, text: str, gap: str = "\n\n") -> int:
        if self._parts:
            self._parts.append(gap)
            self._length += len(gap)
        self._parts.append(text)
        self._length += len(text)
        return self._length - len(text)

    def _add(
        self, text: str, kind: BlockKind, heading: str | None, page: int | None, context: str = "", gap: str = "\n\n"
    ) -> None:
        start = self._text(text, gap)
        self.blocks.append(Block(start, start + len(text), kind, heading, page, context))


def first_heading(text: str, blocks: Sequence[Block]) -> str:
    return next((text[b.start : b.end] for b in blocks if b.kind == "heading"), "")


def one_line(text: str) -> str:
    """`text` without control characters, white space collapsed to single spaces."""
    return " ".join(_UNWANTED.sub("", text).split())


def tidy(text: str) -> str:
    """As `one_line`, but line by line, without blank lines."""
    text = _UNWANTED.sub("", text)
    lines = (_SPACE.sub(" ", line).strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)
