"""The growing text of a language model as plain sentences: no Markdown, HTML, images or links, only words and layout."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

from index import sentence_spans
from rag.model.markers import Cited, Piece
from rag.words import WORD

_MARK = 0xF0000  # private characters that hold the places of markers while text is cleaned
_PLACE = re.compile("[ \t]*([\U000f0000-\U000ffffd])")
_LINE_MARK = re.compile(r"[\s>#*+•–|`~=_:-]*(?:\d{1,3}[.)]?\s*)?")  # what may still become the mark of a line
_QUOTED = re.compile(r"[ \t]*(?:>[ \t]?)+")
_HEADING = re.compile(r"[ \t]*#{1,6}(?:\s+|$)")
_LABEL = re.compile("[^\\d.!?。！？\U000f0000-\U000ffffd]*")  # of a heading that says nothing by itself
_LABEL_WORDS = 4
_LIST = re.compile(r"[ \t]*(?:[-*+•–]|(\d{1,3})[.)])[ \t]+(?=\S)")
_WORDLESS = re.compile(r"[\s|:*_=~-]*|\s*(?:`{3,}|~{3,})[\w+#.-]*\s*")  # rules, rules of tables, fences
_DEFINITION = re.compile(r"\s*(?:\[[^\]\n]+\]|[\U000f0000-\U000ffffd]):\s+<?(?:\w+://|www\.|[/#]\w)")  # of a link
_DEFINITION_START = re.compile(r"\s*(?:\[[^\]\n]+\]|[\U000f0000-\U000ffffd])(?::\s*<?\S*)?")
_IMAGE = re.compile(r"!\[[^\[\]\n]{0,300}\](?:\((?:[^()\n]|\([^()\n]*\)){0,500}\))?")
_LINK = re.compile(r"\[([^\[\]\n]{0,300})\]\((?:[^()\n]|\([^()\n]*\)){0,500}\)")
_NO_LINK = re.compile(r"!(?=\[)|(?<=\])(?=\()|`{3,}")
_NAMES = (
    r"(?:a|abbr|article|aside|audio|b|base|blockquote|body|br|button|canvas|caption|center|cite|code|col|dd|del|details|"
    r"div|dl|dt|em|embed|figure|font|footer|form|frame|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label|li|"
    r"link|main|mark|math|meta|nav|object|ol|option|p|pre|q|s|samp|script|section|select|small|source|span|strike|strong|"
    r"style|sub|summary|sup|svg|table|tbody|td|textarea|tfoot|th|thead|title|tr|tt|u|ul|var|video)"
)
_ATTRIBUTE = r"\s+[\w:@.-]+(?:\s*=\s*(?:\"[^\"<>\n]*\"|'[^'<>\n]*'|[^\s\"'<>]+))?"
_TAG = rf"</?{_NAMES}(?:{_ATTRIBUTE}){{0,20}}\s*/?>|<!--[^\n]{{0,500}}?-->|<![a-z][^<>\n]{{0,100}}>|<\|\w{{1,40}}\|>"
_CODE = r"(?P<code>(?<!`)(?P<ticks>`{1,2})(?!`)[^\n]{1,196}?(?<!`)(?P=ticks)(?!`))"
_EMPHASIS = (
    r"\*{2,}|~~+|(?<![\w*])\*(?=\S)|(?<=\S)\*(?![\w*])|(?<!\w)_{1,3}(?=\w)|(?<=[\w.,;:!?)\"'])_{1,3}(?!\w)"
    "|\\\\(?=[][【】［］*_`~\U000f0000-\U000ffffd])"
)
_MARKUP = re.compile(rf"{_CODE}|{_TAG}|{_EMPHASIS}", re.IGNORECASE)
_NO_TAG = re.compile(rf"{_CODE}|<(?=/?(?:{_NAMES}(?![\w@.-])|[!?|]))", re.IGNORECASE)
_UNSAFE = re.compile(
    rf"(?:!?\[[^\[\]\n]{{0,300}}(?:\](?:\([^\n]{{0,500}})?)?|<(?:/?\w{{0,10}}|/?{_NAMES}\s[^<>\n]{{0,500}}|[!|][^<>\n]{{0,500}})"
    r"|[*_~!`|\\\s]+)$",
    re.IGNORECASE,
)
_LOOK_BACK = 1000  # characters: no link or tag is longer
_SPACES = re.compile(r"[ \t\u00a0]+")
_GAP = re.compile(r"(?<=\S)(?=\s)|[。！？][」』”’）]*")
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
        self._raw = ""  # of the line that is being written, what is not given out; markers as private characters
        self._numbers: list[tuple[int, ...]] = []
        self._begun = False  # the line's first sentences are given out, and cut off from `_raw`
        self._leading = False  # the line's markers stand in front of their sentences
        self._given = 0  # sentences of `_raw` that were given out
        self._gap = ""  # layout before the next line
        self._heading = ""  # the first that was left out: all there is, maybe
        self._empty = True  # no sentence was found so far
        self.unfinished = ("", "")
        self._kept: Sentence | None = None  # the last of a line: a marker may follow on a line of its own

    @property
    def within(self) -> bool:
        """Whether the text ends within a line."""
        return bool(self._raw.strip())

    def add(self, piece: Piece) -> Iterator[Sentence]:
        """The sentences that the piece completes."""
        if isinstance(piece, Cited):
            self._raw += chr(_MARK + len(self._numbers))
            self._numbers.append(piece.numbers)
            return
        self._raw += piece.text.replace("\r", "")
        while "\n" in self._raw:
            line, _, rest = self._raw.partition("\n")
            yield from self._line(line, ended=True)
            self._gap = "\n\n" if self._gap and not line.strip() and not self._begun else "\n"
            self._raw, self._given, self._begun = rest, 0, False
        yield from self._line(self._raw, ended=False)

    def close(self) -> Iterator[Sentence]:
        """The rest of the text; headings that say little are left out, unless they are all there is."""
        yield from self._line(self._raw, ended=True)
        if self._empty and self._heading:
            self._begun = True
            yield from self._line(self._heading, ended=True)
        self._raw = ""
        yield from self._flush()

    def _line(self, raw: str, ended: bool) -> Iterator[Sentence]:
        self.unfinished = ("", "")
        before, plain, marks = self._plain(raw, ended)
        spans = _spans(plain, self._begun)
        if not spans:
            if ended and marks:  # alone on their line
                kept = self._kept or Sentence("", (), before)
                self._kept = kept._replace(numbers=tuple(dict.fromkeys((*kept.numbers, *(n for _, n in marks)))))
            return
        yield from self._flush()
        self._empty = False
        if not self._begun:
            self._leading = bool(marks) and marks[0][0] <= spans[0][0]
        starts = [start for start, _ in spans]
        bounds = [0, *(starts[1:] if not self._leading else [end for _, end in spans[:-1]]), len(plain) + 1]
        known = self._given
        for place, (first, last) in enumerate(pairwise(bounds)):
            start, end = spans[place]
            if place < self._given:
                continue
            last_one = place + 1 == len(spans)
            if not ended and (last_one or not _certain(plain[start:end], plain[starts[place + 1] :])):
                self.unfinished = (plain[start:].rstrip(), " " if place else before)
                if place > known:
                    self._cut(plain[:first], [mark for mark in marks if mark[0] < first])
                return
            numbers = tuple(dict.fromkeys(n for at, n in marks if first <= at < last))
            sentence = Sentence(plain[start:end], numbers, before if not place else " ")
            self._given += 1
            if last_one:
                self._kept = sentence
            else:
                yield sentence

    def _cut(self, said: str, marks: list[tuple[int, int]]) -> None:
        """Forget the text of sentences that are given out, which else would be read again with every piece; where
        markup stretches beyond them, as code may, it is kept."""
        if "`" in self._raw:
            return
        for gap in _GAP.finditer(self._raw):
            _, known, placed = self._plain(self._raw[: gap.end()], ended=True)
            if known.rstrip() == said.rstrip() and placed == marks:
                self._raw, self._given, self._begun = self._raw[gap.end() :], 0, True
                return

    def _flush(self) -> Iterator[Sentence]:
        if self._kept:
            yield self._kept
            self._kept = None

    def _plain(self, raw: str, ended: bool) -> tuple[str, str, list[tuple[int, int]]]:
        """What sets the line off, its words without markup, and the numbers of its markers with their places in it;
        of a line that goes on, only what cannot change any more."""
        if not ended:
            raw = raw[:-_LOOK_BACK] + _UNSAFE.sub("", raw[-_LOOK_BACK:])
        if self._begun:
            return " ", *self._placed(_without_markup(raw.rstrip(" \t|")))
        raw = _QUOTED.sub("", raw, count=1) if _QUOTED.match(raw) else raw
        if heading := _HEADING.match(raw):
            raw = raw[heading.end() :].rstrip("# \t")
            if _LABEL.fullmatch(raw) and len(WORD.findall(raw)) <= _LABEL_WORDS:
                self._heading = self._heading or raw * ended
                return "", "", []
        if _WORDLESS.fullmatch(raw) or _DEFINITION.match(raw):
            return "", "", []
        if not ended and (_LINE_MARK.fullmatch(raw) or _DEFINITION_START.fullmatch(raw)):
            return "", "", []
        before = self._gap
        if item := _LIST.match(raw):
            raw = raw[item.end() :]
            before += f"{item.group(1)}. " if item.group(1) else "- "
        return before, *self._placed(_without_markup(raw.strip(" \t|")))

    def _placed(self, marked: str) -> tuple[str, list[tuple[int, int]]]:
        """Text without the private characters, and (place, number) of each marker."""
        first, *rest = _PLACE.split(marked)
        plain, marks = first, []
        for private, following in zip(rest[::2], rest[1::2], strict=True):
            marks += [(len(plain), number) for number in self._numbers[ord(private) - _MARK]]
            plain += following if following[:1] in "\t .,;:!?" else f" {following}"
        return plain, marks


def _without_markup(line: str) -> str:
    line = _MARKUP.sub(_code, _LINK.sub(r"\1", _IMAGE.sub("", line)))
    return _SPACES.sub(" ", _NO_LINK.sub(" ", _NO_TAG.sub(_code, line)))


def _code(match: re.Match[str]) -> str:
    """Of markup, only code stays."""
    return match["code"] or ""


def _spans(plain: str, begun: bool) -> list[tuple[int, int]]:
    """The sentences that hold a word; where the line is `begun`, "12." in front of them is no number of a list."""
    context = "x。" if begun else ""
    spans = sentence_spans(context + plain)[begun:]
    return [
        (start - len(context), end - len(context)) for start, end in spans if WORD.search(context + plain, start, end)
    ]


def _certain(sentence: str, following: str) -> bool:
    """Whether what follows a sentence shows that it has ended: a whole word, or a full stop that needs none."""
    return sentence.endswith(_WIDE_END) or re.search(r"\S\s", following) is not None
