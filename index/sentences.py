"""Sentence boundaries with exact offsets, by rules; every word list of the rules stands here and nowhere else.

The rules know English best. Other languages that end sentences with . ! ? or 。！？ are split too, but their own
abbreviations are unknown ("z. B." is cut).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ABBREVIATIONS = frozenset(
    "mr mrs ms dr prof rev hon sen rep gov gen col maj capt lt sgt st mt ft jr sr vs etc eg ie cf al approx dept est "
    "fig figs eq no nos vol vols ed eds pp ch sec art inc ltd co corp bros plc jan feb mar apr jun jul aug sep sept oct nov dec "
    "mon tue wed thu fri sat sun a.m p.m e.g i.e u.s u.k u.n e.u d.c ph.d b.c a.d u.s.a".split()
)
# After these the next word may begin a sentence: "in the U.S. The bill", "at 5 p.m. He left", "and Co. It grew".
_MAY_END = frozenset("u.s u.k u.n e.u d.c u.s.a a.m p.m etc inc ltd co corp jr sr plc".split())
_STARTERS = frozenset(
    "the this that these those it its he she they we i you in on at by for from with as if when while after before "
    "since however but and or so yet there here his her their our my what which who how why where a an no not all "
    "both each".split()
)
# "am 4. Mai 2019"; some months are spelt as in English, and "on page 12. April began" ends a sentence.
_GERMAN_MONTHS = frozenset("Januar Jänner Februar März Mai Juni Juli Oktober Dezember".split())
_SHARED_MONTHS = frozenset("April August September November".split())
_DATED = re.compile(r"\b(?:am|vom|zum|dem|den|der|bis|ab|seit)\s+$", re.IGNORECASE)
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»)\]*_]*(?=\s|$)|[。！？]+[」』”’）]*")
_PARAGRAPH = re.compile(r"\n[ \t]*\n\s*")
_BULLET = re.compile(r"(?<=[.:;!?|])\s+[–—•▪‣-]\s+(?=\S)")
_LAST_WORD = re.compile(r"([^\s(\[\"'“‘«]+)$")
_LINE_START = re.compile(r"(?:^|\n)[ \t]*$")
_NEXT = re.compile(r"\s*[\"'“‘«(\[*_]*(\w[\w'’-]*)?")
_TRIM = re.compile(r"^(?:\s|[–—•▪‣|*](?=\s)|-(?=\s))+")
_TRAILING = "|" + "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace())


def _ends_sentence(text: str, match: re.Match[str]) -> bool:
    """Whether the punctuation at `match` closes a sentence, judged by the words around it."""
    mark = match.group()
    following = _NEXT.match(text, match.end())
    word = following.group(1) if following and following.group(1) else ""
    if mark[0] in "。！？":
        return True
    if word and word[0].islower():
        # "What?" she asked. / e.g. lower-case continuations; a lower-case start after "..." is a continuation too.
        return False
    if mark[0] != "." or mark.startswith(".."):
        return True
    before = _LAST_WORD.search(text, max(0, match.start() - 40), match.start())
    last = before.group(1) if before else ""
    bare = last.lower().rstrip(".")
    if bare in _MAY_END:
        return word.lower() in _STARTERS
    if bare in _ABBREVIATIONS:
        # "No." and "Fig." go on with a number; a plain "no." before a capital ends a sentence.
        return bare in {"no", "sat", "sun", "may"} and not word[:1].isdigit()
    # An initial ("M. Rubio") or a list number at the start of a line ("1. First").
    if len(last) == 1 and last.isalpha() and last.isupper() and last != "I":
        return False
    at = match.start() - len(last)
    if not last.isdigit() or len(last) > 2:
        return True
    dated = word in _GERMAN_MONTHS or (word in _SHARED_MONTHS and _DATED.search(text, max(0, at - 8), at))
    return not dated and not _LINE_START.search(text, max(0, at - 40), at)


def _cuts(text: str, start: int, end: int) -> Iterator[int]:
    """Offsets in `text` at which one sentence stops and the next may begin, ascending."""
    piece = text[start:end]
    cuts = {match.end() for match in _PARAGRAPH.finditer(piece)}
    cuts.update(match.start() for match in _BULLET.finditer(piece))
    cuts.update(match.end() for match in _END.finditer(piece) if _ends_sentence(piece, match))
    yield from (start + cut for cut in sorted(cuts) if 0 < cut < len(piece))


def sentence_spans(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """The sentences of `text[start:end]` as (start, end) offsets into `text`, without white space or bullets."""
    end = len(text) if end is None else end
    spans = []
    at = start
    for cut in [*_cuts(text, start, end), end]:
        piece = text[at:cut]
        lead = _TRIM.match(piece)
        first = at + (lead.end() if lead else 0)
        last = at + len(piece.rstrip(_TRAILING))
        if first < last:
            spans.append((first, last))
        at = cut
    return spans
