"""Chroma, embedded: the one file that knows it. It holds ids and vectors, no text, and can be made anew at any time."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import chromadb
import numpy as np
from chromadb.config import Settings
from chromadb.errors import ChromaError

from index.errors import VectorsUnreadable

FOLDER = "chroma"
_COLLECTION = "passages"


class Vectors:
    """The passage vectors of an index in a Chroma collection (cosine).

    `write` makes the collection where it is missing; without it nothing is created. A client that is open does not see
    what another process writes: `reopen` does. Every method raises VectorsUnreadable where Chroma fails.
    """

    def __init__(self, folder: Path, *, write: bool = False) -> None:
        self.path = folder / FOLDER
        self._write = write
        self._open()

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except (ChromaError, ValueError, sqlite3.Error, OSError) as error:
            raise VectorsUnreadable(
                f"The vectors at {self.path} cannot be used ({error}).", "Run: citewise index FOLDER"
            ) from error

    def _open(self) -> None:
        if not self._write and not self.path.is_dir():
            raise VectorsUnreadable(f"There are no vectors at {self.path}.", "Run: citewise index FOLDER")
        with self._plain_errors():
            self._client = chromadb.PersistentClient(str(self.path), Settings(anonymized_telemetry=False))
            if self._write:
                self._collection = self._client.get_or_create_collection(
                    _COLLECTION, configuration={"hnsw": {"space": "cosine"}}, embedding_function=None
                )
            else:
                self._collection = self._client.get_collection(_COLLECTION, embedding_function=None)
            self._batch = self._client.get_max_batch_size()

    def close(self) -> None:
        """Let go of the files; Chroma counts the clients of one path, so others in this process keep theirs."""
        self._client.close()

    def reopen(self) -> None:
        """See what other processes wrote."""
        self.close()
        self._open()

    def count(self) -> int:
        with self._plain_errors():
            return self._collection.count()

    def keys(self) -> list[str]:
        with self._plain_errors():
            return self._collection.get(include=[])["ids"]

    def put(self, keys: Sequence[str], vectors: Sequence[np.ndarray]) -> None:
        """Add or replace vectors."""
        with self._plain_errors():
            for at in range(0, len(keys), self._batch):
                part = slice(at, at + self._batch)
                self._collection.upsert(ids=list(keys[part]), embeddings=list(vectors[part]))

    def drop(self, keys: Sequence[str]) -> None:
        with self._plain_errors():
            for at in range(0, len(keys), self._batch):
                self._collection.delete(ids=list(keys[at : at + self._batch]))

    def nearest(self, vector: np.ndarray, k: int, among: Sequence[str] | None = None) -> list[tuple[str, float]]:
        """The k nearest keys with their cosine similarity, best first; `among` (stored keys only) restricts them."""
        if among is not None and not among:
            return []
        with self._plain_errors():
            found = self._collection.query(
                query_embeddings=[vector],
                n_results=k,
                ids=None if among is None else list(among),
                include=["distances"],
            )
        distances = found["distances"] or [[]]
        return [(key, 1.0 - distance) for key, distance in zip(found["ids"][0], distances[0], strict=True)]


def erase_vectors(folder: Path) -> None:
    """Remove the Chroma folder of an index, whatever state it is in."""
    shutil.rmtree(folder / FOLDER, ignore_errors=True)
