"""Making an index say what its folders hold: read what changed, embed what is new, sweep what is gone.

A sync can be killed at any point and the next one goes on. First all changed files are read, and are found by their
words at once, and what is gone is wiped out; then passages are embedded, a window at a time: vectors go into Chroma under ids derived from their
content, and one transaction of the catalog makes them live. What is in Chroma but not in the catalog is a stranger that
no search shows; it is dropped when a sync opens Chroma.
"""

from __future__ import annotations

import json
import os
import time
from bisect import bisect_right
from collections.abc import Generator, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.schema import TextNode

from index.catalog import Catalog, FileRecord
from index.chunk import CountTokens, chunk, embedding_text
from index.embed import MiniLM, embed_passages
from index.errors import UnreadableFile, VectorsUnreadable
from index.load import EXTRACTORS, extract, readable_name, suffix_of
from index.look import look
from index.memory import uncollected
from index.scan import FoundFile
from index.tokens import pack
from index.values import Extracted, Progress, Report
from index.vectors import Vectors, erase_vectors

_COMMIT_FILES = 50  # files read per transaction: a kill loses at most so many
_COMMIT_PASSAGES = 256  # passages embedded per transaction
_RACY_NS = 2_000_000_000  # a file changed this shortly before it was read may change again within its time stamp


@dataclass
class _Tally:
    added: int = 0
    changed: int = 0
    renamed: int = 0
    removed: int = 0
    unchanged: int = 0
    failed: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    embedded: int = 0


class Sync:
    """One run over an open catalog whose write lock is held by the caller."""

    def __init__(
        self, catalog: Catalog, embedder: BaseEmbedding, count: CountTokens, max_tokens: int, max_file_bytes: int
    ) -> None:
        self.catalog = catalog
        self.embedder = embedder
        self.count = count
        self.max_tokens = max_tokens
        self.max_file_bytes = max_file_bytes
        self.tally = _Tally()
        self.vanished: dict[tuple[str, str], list[FileRecord]] = {}  # by digest and extractor: renamed, perhaps
        self.started = time.monotonic()

    def run(self) -> Iterator[Progress]:
        """Do all of it; the last step carries the report."""
        yield Progress("scan", 0, 0)
        known = self.catalog.files()
        catalog = self.catalog
        found = look(catalog.roots(), known, catalog.exclusions(), catalog.folder, catalog.meta("places"))
        catalog.set_meta("places", json.dumps(found.places))
        self.tally.skipped += found.notes
        work = [file for file in found.files.values() if self._is_changed(file, known)]
        gone = {source: known[source] for source in known.keys() - found.files.keys() - found.kept}
        for record in gone.values():
            if record.status == "ready":
                self.vanished.setdefault((record.sha256, record.extractor), []).append(record)
        yield from self._read(work, known, gone)
        yield Progress("sweep", 0, 1)
        self._remove(gone)
        with closing(open_vectors(self.catalog)) as vectors:
            yield from self._embed(vectors)
        catalog.set_meta("indexed_at", _now())
        yield Progress("done", 1, 1, report=self._report())

    # -- what changed ---------------------------------------------------------------------------------------------

    def _is_changed(self, file: FoundFile, known: dict[str, FileRecord]) -> bool:
        """Stat first; read where size or time differ, the time cannot be trusted, or its extractor is newer."""
        record = known.get(file.source)
        if record is None or (record.size, record.mtime_ns) != (file.size, file.mtime_ns):
            return True
        if (
            record.seen_ns - record.mtime_ns < _RACY_NS
            or EXTRACTORS.get(suffix_of(file.source), "") != record.extractor
        ):
            return True
        if record.status == "failed" and not record.sha256:
            return True  # it could not be opened, or was larger than the limit of that day
        self._count_unchanged(record)
        return False

    def _count_unchanged(self, record: FileRecord) -> None:
        if record.status == "failed":
            self.tally.failed.append((record.source, record.reason or ""))
        elif record.status == "skipped":
            self.tally.skipped.append((record.source, record.reason or ""))
        else:
            self.tally.unchanged += 1

    # -- reading --------------------------------------------------------------------------------------------------

    def _read(
        self, work: list[FoundFile], known: dict[str, FileRecord], gone: dict[str, FileRecord]
    ) -> Iterator[Progress]:
        roots = {name: (number, Path(os.fsdecode(path))) for number, name, path in self.catalog.roots()}
        begun = time.monotonic()
        files = iter(work)
        done = 0
        while batch := list(islice(files, _COMMIT_FILES)):
            with self.catalog.change():
                for file in batch:
                    root, folder = roots[file.source.partition("/")[0]]
                    self._read_one(file, root, folder, known.get(file.source), gone)
                    done += 1
            left = (time.monotonic() - begun) / done * (len(work) - done)
            yield Progress("read", done, len(work), batch[-1].source, left)

    def _read_one(
        self, file: FoundFile, root: int, folder: Path, record: FileRecord | None, gone: dict[str, FileRecord]
    ) -> None:
        seen_ns = time.time_ns()
        row: dict[str, Any] = {
            "root": root, "path": file.path, "source": file.source, "sha256": "", "size": file.size,
            "mtime_ns": file.mtime_ns, "seen_ns": seen_ns, "type": suffix_of(file.source)[1:], "plain": 0,
            "title": readable_name(file.source), "indexed_at": _now(), "reason": None, "status": "ready",
            "extractor": EXTRACTORS.get(suffix_of(file.source), ""),
        }  # fmt: skip
        if not row["extractor"]:
            kind = f"unsupported type .{row['type']}" if row["type"] else "unsupported type (no suffix)"
            self._put_reason(row, record, "skipped", kind)
            return
        try:
            data = self._bytes(file, folder)
            row["sha256"] = digest = sha256(data).hexdigest()
            if record and record.status == "ready" and (record.sha256, record.extractor) == (digest, row["extractor"]):
                self.catalog.update_document(record.id, size=file.size, mtime_ns=file.mtime_ns, seen_ns=seen_ns)
                self.tally.unchanged += 1
                return
            if record is None and self._renamed(row, gone):
                return
            with uncollected():
                self._put(row, extract(file.source, data))
        except UnreadableFile as error:
            self._put_reason(row, record, "failed", error.message)
            return
        if record and record.status == "ready":
            self.tally.changed += 1
        else:
            self.tally.added += 1

    def _bytes(self, file: FoundFile, folder: Path) -> bytes:
        """The file in one read: hash and text are of the same bytes, whatever is written to it meanwhile."""
        data, limit = b"", self.max_file_bytes
        try:
            if file.size <= limit:
                with open(os.path.join(os.fsencode(folder), file.path), "rb") as stream:
                    data = stream.read(limit + 1)
        except OSError as error:
            raise UnreadableFile(f"cannot be opened: {(error.strerror or str(error)).lower()}") from error
        if max(file.size, len(data)) > limit:
            raise UnreadableFile(f"too large: more than {limit / 1e6:g} MB (index.max_file_mb)")
        return data

    def _renamed(self, row: dict[str, Any], gone: dict[str, FileRecord]) -> bool:
        """Whether a file that vanished had this content; then its row is changed and nothing is read again."""
        candidates = self.vanished.get((row["sha256"], row["extractor"]))
        if not candidates:
            return False
        record = candidates.pop()
        title = row["title"] if record.title == readable_name(record.source) else record.title
        changes = {key: row[key] for key in ("root", "path", "source", "size", "mtime_ns", "seen_ns", "type")}
        self.catalog.update_document(record.id, title=title, **changes)
        self.catalog.rename_words(record.id, _name_words(row["source"], title))
        self.tally.renamed += 1
        del gone[record.source]
        return True

    def _put_reason(self, row: dict[str, Any], record: FileRecord | None, status: str, reason: str) -> None:
        row |= {"status": status, "reason": reason}
        if record and record.status != "ready":
            self.catalog.update_document(record.id, **row)
        else:
            self.catalog.put_document(row)
        (self.tally.failed if status == "failed" else self.tally.skipped).append((row["source"], reason))

    def _put(self, row: dict[str, Any], extracted: Extracted) -> None:
        """Chunk a document and store it. Raises UnreadableFile where nothing in it can be cited."""
        nodes = chunk(extracted, self.count, self.max_tokens)
        if not nodes:
            raise UnreadableFile("no text besides headings")
        document = self.catalog.put_document(row | {"title": extracted.title, "plain": int(extracted.plain)})
        self.catalog.put_text(document, extracted)
        breaks = [at for at, letter in enumerate(extracted.text) if letter == "\n"] if extracted.plain else None
        name = _name_words(row["source"], extracted.title)
        self.catalog.put_passages(document, name, (_row(node, breaks) for node in nodes))

    def _remove(self, gone: dict[str, FileRecord]) -> None:
        remove_documents(self.catalog, [record.id for record in gone.values()])
        self.tally.removed += sum(record.status == "ready" for record in gone.values())

    # -- embedding ------------------------------------------------------------------------------------------------

    def _embed(self, vectors: Vectors) -> Iterator[Progress]:
        waiting = self.catalog.pending()
        begun = time.monotonic()
        if waiting:
            yield Progress("embed", 0, len(waiting))
        with closing(self._encoded(waiting)) as encoded:
            for at in range(0, len(waiting), _COMMIT_PASSAGES):
                keys = waiting[at : at + _COMMIT_PASSAGES]
                made = list(islice(encoded, len(keys)))
                vectors.put(keys, [vector for vector, _ in made])
                with self.catalog.change():
                    for key, (vector, tokens) in zip(keys, made, strict=True):
                        self.catalog.put_vector(key, vector, tokens)
                    self.catalog.next_generation()
                self.tally.embedded += len(keys)
                done = at + len(keys)
                left = (time.monotonic() - begun) / done * (len(waiting) - done)
                yield Progress("embed", done, len(waiting), seconds_left=left)

    def _encoded(self, keys: list[str]) -> Generator[tuple[np.ndarray, bytes | None]]:
        """The vector of each passage, and its packed token vectors where the embedder gives them."""
        batches = (
            [embedding_text(*wording) for wording in self.catalog.wordings(keys[at : at + _COMMIT_PASSAGES])]
            for at in range(0, len(keys), _COMMIT_PASSAGES)
        )
        if isinstance(self.embedder, MiniLM):
            for one in self.embedder.encode_many(chain.from_iterable(batches)):
                yield one.vector, pack(one.tokens)
        else:
            yield from ((vector, None) for texts in batches for vector in embed_passages(self.embedder, texts))

    def _report(self) -> Report:
        tally = self.tally
        return Report(
            tally.added, tally.changed, tally.renamed, tally.removed, tally.unchanged, tuple(sorted(tally.failed)),
            tuple(sorted(tally.skipped)), tally.embedded, round(time.monotonic() - self.started, 3),
        )  # fmt: skip


def remove_documents(catalog: Catalog, documents: Iterable[int]) -> None:
    """Delete documents for good, with the vectors that nothing else has; `open_vectors` drops them from Chroma too."""
    with catalog.change():
        for document in documents:
            catalog.remove_document(document)
        catalog.drop_orphans()
    catalog.purge()


def open_vectors(catalog: Catalog) -> Vectors:
    """Chroma in agreement with the catalog: strangers dropped, and the whole made again, without embedding anything,
    when it is damaged or lacks something."""
    wanted = catalog.vector_keys()
    try:
        vectors = Vectors(catalog.folder, write=True)
        present = set(vectors.keys())
        if strangers := present.difference(wanted):
            vectors.drop(sorted(strangers))
            catalog.next_generation()
        if present.issuperset(wanted):
            return vectors
        vectors.close()
    except VectorsUnreadable:
        pass
    erase_vectors(catalog.folder)
    vectors = Vectors(catalog.folder, write=True)
    for at in range(0, len(wanted), _COMMIT_PASSAGES * 4):
        stored = catalog.vectors(wanted[at : at + _COMMIT_PASSAGES * 4])
        vectors.put(list(stored), list(stored.values()))
    catalog.next_generation()
    return vectors


def _row(node: TextNode, breaks: list[int] | None) -> dict[str, Any]:
    start, end = node.start_char_idx or 0, node.end_char_idx or 0
    line = None if breaks is None else bisect_right(breaks, start - 1) + 1
    return {"key": node.node_id, "start": start, "end": end, "line": line, "text": node.text, **node.metadata}


def _name_words(source: str, title: str) -> str:
    """What a file is called: the words of its path and its title, by which its passages are found too."""
    return f"{source.partition('/')[2].replace('_', ' ')} {title}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
