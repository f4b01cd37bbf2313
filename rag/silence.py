"""Whether what was found is about the question at all.

The score of the best sentence separates questions of a folder's own subject from foreign ones (AUROC .98 and more on
the dev halves of three sets, questions of each asked of the others' documents): 95 of 100 own questions score above
0.59, most foreign ones below 0.55. It does not tell near misses, where the subject is right and the fact is absent.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from rag.claims import Claim

LEAST_SCORE = 0.55
_MIDDLE, _SLOPE = 0.58, 12.0


class Evidence(NamedTuple):
    """`confidence` (0 to 1) grows with the best score; `enough` is false where an answer would be pretence."""

    confidence: float
    enough: bool


def evidence(claims: Sequence[Claim]) -> Evidence:
    """How well the claims' best one fits the question."""
    best = max((claim.score for claim in claims), default=0.0)
    confidence = 1 / (1 + math.exp(-_SLOPE * (best - _MIDDLE)))
    return Evidence(round(confidence, 2), best >= LEAST_SCORE)
