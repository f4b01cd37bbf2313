"""What was spoken of lately, as a preference among passages: a conversation often stays with its subject unsaid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from rag.retrieve import Hit

NEAR = 0.4  # cosine of MiniLM from which a passage is about what was spoken of; what is about other things stays below
WEIGHT = 1.5  # of what it has above that


def drawn(hits: Sequence[Hit], vectors: Mapping[str, np.ndarray], lately: np.ndarray) -> list[Hit]:
    """The hits, best first, raised by how near their `vectors` (384,), by key, are to what was spoken of `lately`."""
    near = {key: max(0.0, float(vector @ lately) - NEAR) for key, vector in vectors.items()}
    raised = [replace(hit, score=hit.score + WEIGHT * near.get(hit.record.key, 0.0)) for hit in hits]
    return sorted(raised, key=lambda hit: -hit.score)
