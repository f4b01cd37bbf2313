"""F1 and recall of words as the evaluation of SQuAD v2 defines them (Rajpurkar et al. 2016, 2018)."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, without ASCII punctuation and articles."""
    return _ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split()


def f1(text: str, golds: Sequence[str]) -> float:
    """The harmonic mean of precision and recall of words, of the best gold answer; what is empty, as is the answer to an
    unanswerable question (no `golds`), matches what is empty alone."""
    return max(_f1(tokens(text), tokens(gold)) for gold in [gold for gold in golds if tokens(gold)] or [""])


def recall(text: str, gold: str) -> float:
    """The share of a gold answer's words that stand in a text, each as often as it is wanted; 1 where there is none."""
    wanted = tokens(gold)
    return _common(tokens(text), wanted) / len(wanted) if wanted else 1.0


def _f1(found: list[str], wanted: list[str]) -> float:
    if not found or not wanted:
        return float(found == wanted)
    return 2 * _common(found, wanted) / (len(found) + len(wanted))


def _common(found: list[str], wanted: list[str]) -> int:
    return (Counter(found) & Counter(wanted)).total()
