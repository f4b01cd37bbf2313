"""Token vectors at one bit a dimension: 48 bytes for each of a passage's tokens.

The reranker compares a question's tokens in full precision with the signs of a passage's; on our data sets that ranks
as well as 32-bit floats do (docs/results.md) and takes 1/32 of the room: about 10 KB a passage.
"""

from __future__ import annotations

import numpy as np

from index.embed import DIMENSIONS

_BYTES = DIMENSIONS // 8


def pack(tokens: np.ndarray) -> bytes:
    """The signs of token vectors, shape (n, 384), as n x 48 bytes."""
    return np.packbits(tokens > 0, axis=1).tobytes()


def unpack(packed: bytes) -> np.ndarray:
    """Packed tokens as float32 rows of unit length, shape (n, 384)."""
    bits = np.unpackbits(np.frombuffer(packed, np.uint8).reshape(-1, _BYTES), axis=1)
    return (bits.astype(np.float32) * 2 - 1) / np.float32(np.sqrt(DIMENSIONS))
