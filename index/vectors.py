"""Chroma, embedded: the one file that knows it. It holds ids and vectors, no text, and can be made anew at any time.

Chroma ends the whole process (SIGSEGV) when the files of its graph are damaged, and leaves hits out in silence when one
is missing. So a check sum stands beside them: it is taken away before they are written and put back after, and whoever
opens them compares it first, while no other process writes.
"""

from __future__ import annotations

import shutil
import sqlite3
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from chromadb.api import ServerAPI
from chromadb.api.client import Client
from chromadb.api.collection_configuration import CreateHNSWConfiguration
from chromadb.config import Settings, System
from chromadb.errors import ChromaError
from filelock import FileLock

from index.errors import VectorsUnreadable

FOLDER = "chroma"
_COLLECTION = "passages"
_CHECKSUM = "checksum"
# What was written after the graph was last saved is put into it at each opening, at 0.7 ms a vector: save it often.
_GRAPH = CreateHNSWConfiguration(space="cosine", sync_threshold=256)
_CHROMA_FAILS = (ChromaError, ValueError, sqlite3.Error, OSError)
_opening = threading.Lock()  # Chroma registers the client of a path in a global table


class Vectors:
    """The passage vectors of an index in a Chroma collection (cosine).

    `write` makes the collection where it is missing; without it nothing is created. What another process or object
    writes after the opening is not seen: open anew. Every method raises VectorsUnreadable where Chroma fails.
    """

    def __init__(self, folder: Path, *, write: bool = False) -> None:
        self.path = folder / FOLDER
        self._turn = FileLock(folder / "vectors.lock", thread_local=False)
        fresh = write and not self.path.is_dir()
        if not write and not self.path.is_dir():
            raise VectorsUnreadable(f"There are no vectors at {self.path}.", "Run: citewise index FOLDER")
        with self._plain_errors(), self._turn:
            if fresh:
                self.path.mkdir(parents=True, mode=0o700)
            elif self._recorded() != self._checksum():
                raise ValueError("damaged, or a write was cut short")
            self._system = System(
                Settings(  # all that would lead elsewhere is named: Chroma fills the rest from .env and the environment
                    _env_file=None,  # type: ignore[call-arg]
                    chroma_api_impl="chromadb.api.rust.RustBindingsAPI",
                    is_persistent=True,
                    persist_directory=str(self.path),
                    anonymized_telemetry=False,
                )
            )
            self._system.instance(ServerAPI)  # type: ignore[type-abstract]
            self._system.start()
            with _opening:
                # A system of its own: clients that Chroma shares between objects never see what other processes wrote.
                client = Client.from_system(self._system)
            if write:
                self._collection = client.get_or_create_collection(
                    _COLLECTION, configuration={"hnsw": _GRAPH}, embedding_function=None
                )
            else:
                self._collection = client.get_collection(_COLLECTION, embedding_function=None)
            self._batch = client.get_max_batch_size()
            self._collection.get(limit=1, include=[])  # reads the graph into memory, while nobody writes it
            self._blank()
        if fresh:
            with self._writing():
                pass

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except BaseException as error:
            # A panic of its Rust part is an exception that no module names.
            if not isinstance(error, _CHROMA_FAILS) and type(error).__name__ != "PanicException":
                raise
            raise VectorsUnreadable(
                f"The vectors at {self.path} cannot be used ({error}).", "Run: citewise index FOLDER"
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._plain_errors(), self._turn:
            (self.path / _CHECKSUM).unlink(missing_ok=True)
            yield
            self._blank()
            (self.path / _CHECKSUM).write_text(self._checksum())

    def _blank(self) -> None:
        """Chroma writes a graph that it has not saved yet as it lies in memory, where words and keys have stood."""
        for file in self.path.glob("*/[dl]*.bin"):  # all but the header, which is written field by field
            if not (file.parent / "index_metadata.pickle").exists():
                with file.open("r+b") as graph:
                    graph.write(bytes(file.stat().st_size))

    def _recorded(self) -> str:
        return (self.path / _CHECKSUM).read_text()

    def _checksum(self) -> str:
        """Of the saved graph. Until there is one, Chroma makes its files anew at each opening."""
        total = 0
        for file in sorted(f for saved in self.path.glob("*/index_metadata.pickle") for f in saved.parent.iterdir()):
            total = zlib.crc32(file.read_bytes(), zlib.crc32(file.name.encode(), total))
        return f"{total:08x}"

    def close(self) -> None:
        """Let go of the files."""
        self._system.stop()

    def count(self) -> int:
        with self._plain_errors():
            return self._collection.count()

    def keys(self) -> list[str]:
        with self._plain_errors():
            return self._collection.get(include=[])["ids"]

    def put(self, keys: Sequence[str], vectors: Sequence[np.ndarray]) -> None:
        """Add or replace vectors."""
        with self._writing():
            for at in range(0, len(keys), self._batch):
                part = slice(at, at + self._batch)
                self._collection.upsert(ids=list(keys[part]), embeddings=list(vectors[part]))

    def drop(self, keys: Sequence[str]) -> None:
        with self._writing():
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
