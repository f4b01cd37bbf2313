"""Whether what was found answers the question at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rag.quotes import Claim
from rag.retrieve import Query
from rag.words import stem, stems


class Evidence(NamedTuple):
    """`confidence` lies between 0 and 1; `enough` is false where an answer would be pretence."""

    confidence: float
    enough: bool


def evidence(query: Query, claims: Sequence[Claim]) -> Evidence:
    return Evidence(0.5, bool(claims))
