"""Citation markers in the text of a language model, found while it is still being written.

Models mark their sources as [1], [1, 2], [1-3], [[1]], [^1], [**1**], 【1】, 【4:1†name】, [Source 1] or [1](http://...).
A marker is given out whole or not at all; brackets and code that are no marker are given out as they are. The numbers
of the answer that is shown are other ones: `unmarked` sees to it that no text holds what could be taken for them.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

LONGEST_MARKER = 80  # characters that are held back to see whether a bracket closes
LONGEST_ADDRESS = 400  # the same for the address of a marker that is a link
LONGEST_CODE = 200  # the same for a code span

_OPENS, _CLOSES = "[【［〔", "]】］〕"
_SPECIAL = re.compile(r"[\[【［〔`]")
_BRACKETS = re.compile(r"[][【】［］〔〕]")
_INNERMOST = re.compile(r"[ \t]*(?P<tick>`?)[\[【［〔][^][【】［］〔〕\n]*[\]】］〕](?P=tick)")
_OPEN_END = re.compile(r"[ \t]*[\[【［〔][\d\s,;&#^*_~`\\-]*$")
_DECORATION = re.compile(r"[*_~`\\\"'\u200c\u200d\u0300-\u036f\ufe00-\ufe0f]|</?\w+>")
_JOINERS = "\u200c\u200d"  # scripts and emoji need them; all else that is invisible only hides
_LABEL = r"(?:(?:source|passage|doc|document|ref|reference|citation|sentence|excerpt)s?\.?\s*:?\s*)?"
_WHERE = r"(?:,?\s*(?:pages?|pp?|lines?|sections?)\b\.?\s*\d+(?:\s*[-–]\s*\d+)?)?"
_ITEM = rf"{_LABEL}[#^]?(?:\d+:(?=\d+†))?(\d{{1,4}})(?:\s*[-‐‑–—]\s*(\d{{1,4}}))?(?:\s*†[^,;]*)?{_WHERE}"
_ITEMS = re.compile(_ITEM, re.IGNORECASE)
_BODY = re.compile(rf"\s*{_ITEM}(?:\s*(?:[,;&]|and\b|\s)\s*{_ITEM})*\s*", re.IGNORECASE)
_ADDRESS = re.compile(r"\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"\n]*\")?\)")
_ADDRESS_START = re.compile(r"\(\S*(?:\s+(?:\"[^\"\n]*\"?)?)?")
_FENCE_LINE = re.compile(r"(?:^|\n)[ \t]*$")
_FENCE = "```"


class Text(NamedTuple):
    """Words that are no marker."""

    text: str


class Cited(NamedTuple):
    """The sources that a marker names: numbers from 1 to the count of sources; none where it names none that was."""

    numbers: tuple[int, ...]


Piece = Text | Cited


class MarkerParser:
    """Parses the text of one answer, delta by delta. Numbers that never were a source are left out."""

    def __init__(self, sources: int) -> None:
        self._sources = sources
        self._held = ""
        self._before = ""  # the last characters before `_held`
        self._fenced = False

    def feed(self, delta: str) -> list[Piece]:
        """The pieces that are certain now."""
        self._held += _visible(delta)
        return self._pieces(ended=False)

    def close(self) -> list[Piece]:
        """The rest: what could have become a marker is text now."""
        return self._pieces(ended=True)

    def _pieces(self, ended: bool) -> list[Piece]:
        pieces: list[Piece] = []
        text: list[str] = []
        while self._held:
            length, numbers = self._next(ended)
            if not length:
                break
            taken, self._held = self._held[:length], self._held[length:]
            self._before = (self._before + taken)[-LONGEST_CODE:]
            if numbers is None:
                text.append(taken)
                continue
            pieces += [Text("".join(text))] * bool(text)
            pieces.append(Cited(numbers))
            text = []
        return pieces + [Text("".join(text))] * bool(text)

    def _next(self, ended: bool) -> tuple[int, tuple[int, ...] | None]:
        """How many of the held characters are certain (0: none yet), and their numbers where they are a marker."""
        held = self._held
        if self._fenced:
            return self._fence(ended)
        special = _SPECIAL.search(held)
        if special is None:
            return len(held), None
        if special.start():
            return special.start(), None
        return self._code(ended) if held[0] == "`" else self._bracket(ended)

    def _fence(self, ended: bool) -> tuple[int, None]:
        """A fenced block runs to its closing fence, or to the end."""
        end = self._held.find(_FENCE)
        if end >= 0:
            self._fenced = False
            return end + len(_FENCE), None
        ticks = len(self._held) - len(self._held.rstrip("`"))
        return len(self._held) - (0 if ended else ticks), None

    def _code(self, ended: bool) -> tuple[int, None]:
        held = self._held
        ticks = len(held) - len(held.lstrip("`"))
        if ticks == len(held) and ticks <= LONGEST_CODE and not ended:
            return 0, None
        if ticks >= len(_FENCE) and _FENCE_LINE.search(self._before):
            self._fenced = True
            return ticks, None
        closing = re.compile(rf"(?<!`)`{{{ticks}}}(?!`)").search(held, ticks, LONGEST_CODE)
        newline = held.find("\n", ticks, LONGEST_CODE)
        if closing and (newline < 0 or closing.start() < newline) and (ended or closing.end() < len(held)):
            return closing.end(), None
        if newline >= 0 or len(held) > LONGEST_CODE or ended:
            return ticks, None
        return 0, None

    def _bracket(self, ended: bool) -> tuple[int, tuple[int, ...] | None]:
        held = self._held
        end = _closing(held)
        if end is None:
            return int(ended), None
        body = _body(held[:end])
        if end == 0 or not _BODY.fullmatch(body):
            return 1, None
        if end == len(held) and not ended:
            return 0, None
        if held[end : end + 1] == "(":
            address = _ADDRESS.match(held, end, end + LONGEST_ADDRESS)
            if address:
                end = address.end()
            elif not ended and _may_be_address(held[end:]):
                return 0, None
        return end, self._numbers(body)

    def _numbers(self, body: str) -> tuple[int, ...]:
        numbers: list[int] = []
        for match in _ITEMS.finditer(body):
            ends = [int(group) for group in match.groups() if group]
            numbers += range(max(min(ends), 1), min(max(ends), self._sources) + 1)
        return tuple(dict.fromkeys(numbers))


def unmarked(text: str) -> str:
    """Text without brackets that read as markers, and without one at its end that may become one."""
    before = None
    while before != text:
        before, text = text, _OPEN_END.sub("", _INNERMOST.sub(_unless_marker, text))
    return text


def _unless_marker(bracket: re.Match[str]) -> str:
    body = _body(bracket.group())
    return "" if _BODY.fullmatch(body) or body.strip().isdigit() else bracket.group()


def _body(bracketed: str) -> str:
    return _BRACKETS.sub(" ", _DECORATION.sub("", bracketed))


def _visible(text: str) -> str:
    """Text without format and private characters."""
    if text.isascii():
        return text
    return "".join(c for c in text if c in _JOINERS or unicodedata.category(c) not in ("Cf", "Co"))


def _closing(held: str) -> int | None:
    """Where the bracket that opens `held` is closed; 0 where it is not, None where that is not known yet."""
    depth = 0
    for place, letter in enumerate(held[:LONGEST_MARKER]):
        if letter == "\n":
            return 0
        depth += (letter in _OPENS) - (letter in _CLOSES)
        if not depth:
            return place + 1
    return 0 if len(held) >= LONGEST_MARKER else None


def _may_be_address(text: str) -> bool:
    """Whether text that begins with "(" may still become the address of a link."""
    return len(text) < LONGEST_ADDRESS and _ADDRESS_START.fullmatch(text) is not None
