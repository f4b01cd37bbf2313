"""Small real fakes of what is slow or paid for: an embedder that hashes words."""

from __future__ import annotations

import re
from typing import Any
from zlib import crc32

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr


class HashEmbedding(BaseEmbedding):
    """Each word adds its own fixed direction, so texts that share words are near; thousands a second, 64 dimensions."""

    model_name: str = "hash"
    _seen: list[str] = PrivateAttr(default_factory=list)

    @property
    def seen(self) -> list[str]:
        """All texts that were embedded, queries aside."""
        return self._seen

    def vector(self, text: str) -> np.ndarray:
        total = np.full(64, 1e-3, np.float32)
        for word in re.findall(r"\w+", text.lower()):
            total += np.random.default_rng(crc32(word.encode())).standard_normal(64, np.float32)
        return total / np.linalg.norm(total)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self.vector(query).tolist()

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)

    def _get_text_embedding(self, text: str) -> list[float]:
        self._seen.append(text)
        return self.vector(text).tolist()

    def _get_text_embeddings(self, texts: list[str]) -> list[Any]:
        return [self._get_text_embedding(text) for text in texts]
