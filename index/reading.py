"""What is open of an index for reading: a connection to the catalog for each thread that reads, and one Chroma."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from index.catalog import Catalog
from index.database import FILE
from index.errors import CitewiseError, IndexMissing, VectorsUnreadable
from index.vectors import Vectors

KEPT = 8  # connections that are kept open for the next snapshots


class Reading:
    """The open files of an index folder; what another process puts in their place is opened anew. `require` raises
    where a catalog may not be read."""

    def __init__(self, folder: Path, require: Callable[[Catalog], None]) -> None:
        self._folder, self._require = folder, require
        self._lock = threading.RLock()
        self._idle: list[Catalog] = []  # for the next snapshots
        self._inode = 0  # of the file that these are of
        self._held = threading.local()  # the catalog of the snapshot that a thread is in
        self._watching = threading.Lock()
        self._watched: Catalog | None = None  # SQLite tells of changes only what a connection was open for
        self._searching = threading.Lock()
        self._vectors: Vectors | None = None
        self._generation = -1

    @contextmanager
    def snapshot(self) -> Iterator[Catalog]:
        """The catalog in one unchanging state. Threads do not wait for each other. Raises IndexMissing, and what
        `require` raises."""
        held: Catalog | None = getattr(self._held, "catalog", None)
        if held is not None:
            yield held
            return
        with self._lock:
            self._require_same_file()
            idle, inode = self._idle.pop() if self._idle else None, self._inode
        catalog = idle or self._opened()
        self._held.catalog = catalog
        try:
            with catalog.snapshot():
                yield catalog
        finally:
            self._held.catalog = None
            with self._lock:
                if kept := inode == self._inode and len(self._idle) < KEPT and not catalog.frozen:
                    self._idle.append(catalog)
            if not kept:
                catalog.close()

    def _opened(self) -> Catalog:
        catalog = Catalog(self._folder)
        try:
            self._require(catalog)
        except CitewiseError:
            catalog.close()
            raise
        return catalog

    def _require_same_file(self) -> None:
        try:
            inode = os.stat(self._folder / FILE).st_ino
        except OSError:
            raise IndexMissing(f"There is no index at {self._folder}.", "Run: citewise index FOLDER") from None
        if inode != self._inode:
            self.close()
            self._inode = inode

    @property
    def revision(self) -> str:
        """As `Index.revision`. Raises as `snapshot` does."""
        with self._lock:
            self._require_same_file()
        with self._watching:
            self._watched = self._watched or self._opened()
            revision = self._watched.revision
            if self._watched.frozen:
                self._forget_watched()
            return revision

    def _forget_watched(self) -> None:
        if self._watched is not None:
            self._watched.close()
        self._watched = None

    def nearest(self, vector: np.ndarray, k: int, documents: Sequence[int] | None) -> dict[int, float]:
        """As `Index.nearest`."""
        with self.snapshot() as catalog:
            among = None if documents is None else catalog.embedded_keys(documents)
            with self._searching:  # or another thread could close it meanwhile
                hits = self._open_vectors(catalog.generation).nearest(vector, k, among)
            live = catalog.ids_of_keys([key for key, _ in hits], documents)
            return {passage: score for key, score in hits for passage in live.get(key, ())}

    def _open_vectors(self, generation: int) -> Vectors:
        if not generation:
            raise VectorsUnreadable("No passage has been embedded yet.", "Wait until indexing is done.")
        if self._vectors is not None and generation != self._generation:
            self._vectors.close()
            self._vectors = None
        if self._vectors is None:
            self._vectors, self._generation = Vectors(self._folder), generation
        return self._vectors

    def close(self) -> None:
        """Let go of the files; of what a thread is reading, when it has read it."""
        with self._lock:
            for catalog in self._idle:
                catalog.close()
            self._idle, self._inode = [], 0
        with self._watching:
            self._forget_watched()
        with self._searching:
            if self._vectors is not None:
                self._vectors.close()
            self._vectors = None
