"""Whether a text holds what a gold question asks for: by words, without a model, strict about numbers.

An alias is a stem that starts where a word starts ("recogni" is in "recognition"); one of up to three letters is a
whole word ("UK" is not in "Ukraine"), and a number is never a piece of a longer one ("5%" is not in "55%", nor "2" in
"2.5").
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

_DASHES = dict.fromkeys([*range(0x2010, 0x2016), 0x2212], "-")
_QUOTES = {0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}
_MARKS = dict.fromkeys(map(ord, "\u00ad*`"))  # soft hyphens and emphasis are dropped
_TABLE = _DASHES | _QUOTES | _MARKS
SHORT = 3  # letters; an alias of no more is a whole word


def normalized(text: str) -> str:
    """Compatibility form, caseless, plain quotes and hyphens, no emphasis marks, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).translate(_TABLE).split()).casefold()


@lru_cache(maxsize=4096)
def _pattern(alias: str) -> re.Pattern[str]:
    first, last = alias[0], alias[-1]
    before = r"(?<!\w)" if first.isalnum() else ""
    if first.isdigit():
        before += r"(?<!\d[.,])"
    after = r"(?!\d|[.,]\d)" if last.isdigit() else ""
    letters = alias.replace(".", "")
    if letters.isalpha() and len(letters) <= SHORT:
        after = r"(?!\w)"
    return re.compile(before + re.escape(alias) + after)


def contains(text: str, alias: str) -> bool:
    """Whether the text holds the alias. An alias without any character but marks and spaces is held by no text."""
    wanted = normalized(alias)
    return bool(wanted) and _pattern(wanted).search(normalized(text)) is not None


def satisfied(must_contain: Iterable[Sequence[str]], text: str) -> bool:
    """Whether every group has an alias in the text; true of any text where there is no group."""
    return all(any(contains(text, alias) for alias in group) for group in must_contain)
