"""The growing text of a language model as plain sentences: no Markdown, HTML, images or links, only words and layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from index.sentences import sentence_spans
from rag.model.markers import Cited, Piece
from rag.words import WORD

_MARK = 0xF0000  # private characters that hold the places of markers while text is cleaned
_PRIVATE = re.compile("[\U000f0000-\U000ffffd]")
_PLACE = re.compile("[ \t]*([\U000f0000-\U000ffffd])")
_LINE_MARK = re.compile(r"[\s>#*+•–|`~=_:-]*(?:\d{1,3}[.)]?\s*)?")  # what may still become the mark of a line
_QUOTED = re.compile(r"[ \t]*(?:>[ \t]?)+")
_HEADING = re.compile(r"[ \t]*#{1,6}(?:\s|$)")
_LIST = re.compile(r"[ \t]*(?:[-*+•–]|(\d{1,3})[.)])[ \t]+(?=\S)")
_WORDLESS = re.compile(r"[\s|:*_=~-]*|\s*(?:```|~~~).*")  # rules, rules of tables, fences
_DEFINITION = re.compile(r"\s*(?:\[[^\]\n]+\]|[\U000f0000-\U000ffffd]):\s")  # an entry of a list of links or sources
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,300}\](?:\((?:[^()\n]|\([^()\n]*\)){0,500}\))?")
_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\((?:[^()\n]|\([^()\n]*\)){0,500}\)")
_TAG = re.compile(r"<[A-Za-z/!?|][^<>\n]{0,500}>")
_EMPHASIS = re.compile(
    r"\*{2,}|~~+|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])|(?<!\w)_{1,3}(?=\w)|(?<=[\w.,;:!?)\"'])_{1,3}(?!\w)"
)
_NO_LINK = re.compile(r"!(?=\[)|(?<=\])(?=\()|<(?=[A-Za-z/!?|])")
_OPEN_TAG = re.compile(r"<[A-Za-z/!?|][^<>\n]{0,500}$")
_UNSAFE = re.compile(
    r"(?:!?\[[^\[\]\n]{0,300}(?:\](?:\([^\n]{0,500})?)?|<(?:[A-Za-z/!?|][^<>\n]{0,500})?|[*_~!`|\s]+)$"
)
_LOOK_BACK = 1000  # characters: no link or tag is longer
_SPACES = re.compile(r"[ \t\u00a0]+")
_WIDE_END = tuple("。！？」』”’）")


class Sentence(NamedTuple):
    """A finished sentence without markers ("" where only markers stand), the numbers of its markers, and what sets it
    off from the one before."""

    text: str
    numbers: tuple[int, ...]
    before: str


class Prose:
    """Takes the pieces of one answer and gives out its sentences as soon as each is certain. A line's end, a list item
    and a table's row end a sentence; a marker behind a full stop belongs to the sentence that it closes, unless the
    line begins with one: then markers lead. `unfinished` are the words after the last finished sentence, as far as they
    are safe to show, and what sets them off."""

    def __init__(self) -> None:
        self._raw = ""  # the line that is being written, markers as private characters
        self._numbers: list[tuple[int, ...]] = []
        self._given = 0  # sentences of this line that were given out
        self._gap = ""  # layout before the next line
        self.unfinished = ("", "")
        self._kept: Sentence | None = None  # the last of a line: a marker may follow on a line of its own

    def add(self, piece: Piece) -> Iterator[Sentence]:
        """The sentences that the piece completes."""
        if isinstance(piece, Cited):
            self._raw += chr(_MARK + len(self._numbers))
            self._numbers.append(piece.numbers)
            return
        self._raw += _PRIVATE.sub("", piece.text.replace("\r", ""))
        while "\n" in self._raw:
            line, _, rest = self._raw.partition("\n")
            yield from self._line(line, ended=True)
            self._raw, self._given = rest, 0
            self._gap = "\n\n" if self._gap and not line.strip() else "\n"
        yield from self._line(self._raw, ended=False)

    def close(self) -> Iterator[Sentence]:
        """The rest of the text."""
        yield from self._line(self._raw, ended=True)
        self._raw = ""
        yield from self._flush()

    def _line(self, raw: str, ended: bool) -> Iterator[Sentence]:
        self.unfinished = ("", "")
        before, plain, marks = self._plain(raw, ended)
        spans = _spans(plain)
        if not spans:
            if ended and marks:  # alone on their line
                kept = self._kept or Sentence("", (), before)
                self._kept = kept._replace(numbers=tuple(dict.fromkeys((*kept.numbers, *(n for _, n in marks)))))
            return
        yield from self._flush() if not self._given else ()
        leading = bool(marks) and marks[0][0] <= spans[0][0]
        starts = [start for start, _ in spans]
        bounds = [0, *(starts[1:] if not leading else [end for _, end in spans[:-1]]), len(plain) + 1]
        for place, (first, last) in enumerate(pairwise(bounds)):
            start, end = spans[place]
            if place < self._given:
                continue
            last_one = place + 1 == len(spans)
            if not ended and (last_one or not _certain(plain[start:end], plain[starts[place + 1] :])):
                self.unfinished = (plain[start:].rstrip(), " " if place else before)
                return
            numbers = tuple(dict.fromkeys(n for at, n in marks if first <= at < last))
            sentence = Sentence(plain[start:end], numbers, before if not place else " ")
            self._given += 1
            if last_one:
                self._kept = sentence
            else:
                yield sentence

    def _flush(self) -> Iterator[Sentence]:
        if self._kept:
            yield self._kept
            self._kept = None

    def _plain(self, raw: str, ended: bool) -> tuple[str, str, list[tuple[int, int]]]:
        """What sets the line off, its words without markup, and the numbers of its markers with their places in it;
        of a line that goes on, only what cannot change any more."""
        raw = raw[:-_LOOK_BACK] + (_OPEN_TAG if ended else _UNSAFE).sub("", raw[-_LOOK_BACK:])
        raw = _QUOTED.sub("", raw, count=1) if _QUOTED.match(raw) else raw
        if _HEADING.match(raw) or _WORDLESS.fullmatch(raw) or _DEFINITION.match(raw):
            return "", "", []
        if not ended and _LINE_MARK.fullmatch(raw):
            return "", "", []
        before = self._gap
        if item := _LIST.match(raw):
            raw = raw[item.end() :]
            before += f"{item.group(1)}. " if item.group(1) else "- "
        if raw.lstrip().startswith("|"):
            raw = raw.strip(" \t|")
        return before, *self._placed(_without_markup(raw))

    def _placed(self, marked: str) -> tuple[str, list[tuple[int, int]]]:
        """Text without the private characters, and (place, number) of each marker."""
        first, *rest = _PLACE.split(marked)
        plain, marks = first, []
        for private, following in zip(rest[::2], rest[1::2], strict=True):
            marks += [(len(plain), number) for number in self._numbers[ord(private) - _MARK]]
            plain += following if following[:1] in "\t .,;:!?" else f" {following}"
        return plain, marks


def _without_markup(line: str) -> str:
    line = _TAG.sub("", _LINK.sub(r"\1", _IMAGE.sub("", line)))
    return _SPACES.sub(" ", _NO_LINK.sub(" ", _EMPHASIS.sub("", line)))


def _spans(plain: str) -> list[tuple[int, int]]:
    """The sentences that hold a word."""
    return [(start, end) for start, end in sentence_spans(plain) if WORD.search(plain, start, end)]


def _certain(sentence: str, following: str) -> bool:
    """Whether what follows a sentence shows that it has ended: a whole word, or a full stop that needs none."""
    return sentence.endswith(_WIDE_END) or re.search(r"\S\s", following) is not None
