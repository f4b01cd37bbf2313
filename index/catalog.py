"""The one record of what is indexed: a SQLite file that holds documents, their text, passages, words and vectors.

Everything else (Chroma) can be made again from it. Opening for reading never writes. Deleted content is overwritten:
`secure_delete` zeroes freed pages, `purge` merges the word index and empties the write-ahead log. That a merge is due
is written down with the deletion, so that a sync which was killed in between leaves it to the next one.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from index.database import Database
from index.values import Block, Extracted

_JSON = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class FileRecord:
    """A row of `documents` as sync compares it with the disk."""

    id: int
    root: int
    path: bytes
    source: str
    sha256: str
    size: int
    mtime_ns: int
    seen_ns: int
    title: str
    status: str
    reason: str | None
    extractor: str


@dataclass(frozen=True, slots=True)
class PassageRecord:
    """A stored passage with what its document adds."""

    id: int
    document: int
    ordinal: int
    key: str
    source: str
    title: str
    sha256: str
    start: int
    end: int
    page: int | None
    heading: str | None
    line: int | None
    text: str
    context: str


class Catalog(Database):
    """What an index holds, read and written row by row; opened and guarded as `Database` says."""

    # -- facts about the index ------------------------------------------------------------------------------------

    @property
    def generation(self) -> int:
        """Grows with every change of vectors; a reader whose Chroma is older opens it again."""
        return int(self.meta("generation") or 0)

    def next_generation(self) -> None:
        self.set_meta("generation", str(self.generation + 1))

    def counts(self) -> dict[str, int]:
        """Numbers of ready and failed documents, of passages, of those without a vector, and of exclusions."""
        by_status = dict(self._all("SELECT status, count(*) FROM documents GROUP BY status"))
        return {
            "ready": by_status.get("ready", 0),
            "failed": by_status.get("failed", 0),
            "passages": self._one("SELECT count(*) FROM passages")[0],
            "pending": self._one(
                "SELECT count(*) FROM passages p WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.key = p.key)"
            )[0],
            "excluded": self._one("SELECT count(*) FROM exclusions")[0],
        }

    def passages_in(self, documents: Sequence[int]) -> tuple[int, int]:
        """Numbers of these documents' passages, and of those without a vector."""
        sql = (
            "SELECT count(*), count(*) - count(v.key) FROM passages p LEFT JOIN vectors v ON v.key = p.key "
            "WHERE p.document IN (SELECT value FROM json_each(?))"
        )
        every, pending = self._one(sql, json.dumps(list(documents)))
        return every, pending

    def roots(self) -> list[tuple[int, str, bytes]]:
        return self._all("SELECT id, name, path FROM roots ORDER BY id")

    def add_root(self, name: str, path: bytes) -> None:
        self._do("INSERT INTO roots(name, path) VALUES (?, ?)", name, path)

    def exclusions(self) -> set[str]:
        return {row[0] for row in self._all("SELECT source FROM exclusions")}

    def exclude(self, source: str) -> None:
        self._do("INSERT OR IGNORE INTO exclusions VALUES (?)", source)

    def restore(self, source: str) -> bool:
        """Whether there was an exclusion of this source to delete."""
        return self._do("DELETE FROM exclusions WHERE source = ?", source).rowcount > 0

    # -- documents ------------------------------------------------------------------------------------------------

    def files(self) -> dict[str, FileRecord]:
        """Every document, ready or failed, by source."""
        rows = self._all(
            "SELECT id, root, path, source, sha256, size, mtime_ns, seen_ns, title, status, reason, extractor "
            "FROM documents"
        )
        return {row[3]: FileRecord(*row) for row in rows}

    def document_rows(self) -> list[tuple[Any, ...]]:
        """What `DocumentInfo` shows, in order of source."""
        return self._all(
            "SELECT d.source, r.path, d.path, d.title, d.type, d.size, d.status, d.reason, "
            "coalesce(p.number, 0), d.sha256, d.indexed_at, p.pages, coalesce(p.pending, 0) "
            "FROM documents d JOIN roots r ON r.id = d.root LEFT JOIN ("
            "SELECT document, count(*) AS number, max(page) AS pages, count(*) - count(v.key) AS pending "
            "FROM passages LEFT JOIN vectors v ON v.key = passages.key GROUP BY document"
            ") p ON p.document = d.id ORDER BY d.source"
        )

    def put_document(self, row: dict[str, Any]) -> int:
        """Insert a document, or replace the one of the same source with all that belongs to it. Returns its id."""
        old = self._one("SELECT id FROM documents WHERE source = ?", row["source"])
        if old:
            self.remove_document(old[0])
        columns = ", ".join(row)
        marks = ", ".join("?" * len(row))
        return int(self._do(f"INSERT INTO documents({columns}) VALUES ({marks})", *row.values()).lastrowid or 0)

    def update_document(self, document: int, **values: Any) -> None:
        assignments = ", ".join(f"{column} = ?" for column in values)
        self._do(f"UPDATE documents SET {assignments} WHERE id = ?", *values.values(), document)

    def rename_words(self, document: int, name: str) -> None:
        self.set_meta("unmerged", "1")
        sql = "UPDATE words SET name = ? WHERE rowid IN (SELECT id FROM passages WHERE document = ?)"
        self._do(sql, name, document)

    def remove_document(self, document: int) -> None:
        self.set_meta("unmerged", "1")
        self._do("DELETE FROM words WHERE rowid IN (SELECT id FROM passages WHERE document = ?)", document)
        for table, column in (("passages", "document"), ("texts", "document"), ("documents", "id")):
            self._do(f"DELETE FROM {table} WHERE {column} = ?", document)

    def put_text(self, document: int, extracted: Extracted) -> None:
        blocks = ([b.start, b.end, b.kind, b.heading, b.page, b.context] for b in extracted.blocks)
        self._do(
            "INSERT INTO texts VALUES (?, ?, ?)",
            document,
            zlib.compress(extracted.text.encode(), 6),
            zlib.compress(f"[{', '.join(map(_JSON.encode, blocks))}]".encode(), 6),
        )

    def text(self, source: str) -> str | None:
        """The stored extracted text of a source; None where there is none."""
        row = self._one("SELECT body FROM texts JOIN documents d ON d.id = document WHERE d.source = ?", source)
        return self._inflate(row[0]) if row else None

    def headings(self, source: str) -> list[str]:
        """The distinct heading paths of a source's passages, in order."""
        rows = self._all(
            "SELECT heading FROM passages p JOIN documents d ON d.id = p.document "
            "WHERE d.source = ? AND heading IS NOT NULL GROUP BY heading ORDER BY min(ordinal)",
            source,
        )
        return [row[0] for row in rows]

    def extracted(self, document: int) -> Extracted:
        """The stored extraction of a document."""
        body, blocks, title, extractor, plain = self._one(
            "SELECT body, blocks, title, extractor, plain FROM texts JOIN documents d ON d.id = document "
            "WHERE d.id = ?",
            document,
        )
        return Extracted(
            self._inflate(body),
            title,
            tuple(Block(*values) for values in json.loads(self._inflate(blocks))),
            extractor,
            bool(plain),
        )

    # -- passages -------------------------------------------------------------------------------------------------

    def put_passages(self, document: int, name: str, rows: Iterable[dict[str, Any]]) -> None:
        """Add passages in order; each row: key, start, end, page, heading, line, text, context."""
        for ordinal, row in enumerate(rows):
            passage = self._do(
                'INSERT INTO passages(document, ordinal, key, start, "end", page, heading, line) '
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                document, ordinal, row["key"], row["start"], row["end"], row["page"], row["heading"], row["line"],
            ).lastrowid  # fmt: skip
            self._do(
                "INSERT INTO words(rowid, text, context, name) VALUES (?, ?, ?, ?)",
                passage, row["text"], row["context"], name,
            )  # fmt: skip

    _PASSAGE = (
        'SELECT p.id, p.document, p.ordinal, p.key, d.source, d.title, d.sha256, p.start, p."end", p.page, p.heading, '
        "p.line, w.text, w.context FROM passages p JOIN documents d ON d.id = p.document JOIN words w ON w.rowid = p.id "
    )

    def passages(self, ids: Sequence[int]) -> dict[int, PassageRecord]:
        """Passages by id; unknown ids are left out."""
        rows = self._all(self._PASSAGE + "WHERE p.id IN (SELECT value FROM json_each(?))", json.dumps(list(ids)))
        return {row[0]: PassageRecord(*row) for row in rows}

    def neighbours(self, document: int, ordinals: Sequence[int]) -> list[int]:
        """Ids of the passages of a document that stand at these places."""
        sql = "SELECT id FROM passages WHERE document = ? AND ordinal IN (SELECT value FROM json_each(?))"
        return [row[0] for row in self._all(sql, document, json.dumps(list(ordinals)))]

    def ids_of_keys(self, keys: Sequence[str], documents: Sequence[int] | None = None) -> dict[str, list[int]]:
        """The live passages behind vector keys: strangers have none, equal passages of several files share one."""
        sql = "SELECT key, id FROM passages WHERE key IN (SELECT value FROM json_each(?))"
        values = [json.dumps(list(keys))]
        if documents is not None:
            sql += " AND document IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(list(documents)))
        found: dict[str, list[int]] = {}
        for key, passage in self._all(sql + " ORDER BY id", *values):
            found.setdefault(key, []).append(passage)
        return found

    def embedded_keys(self, documents: Sequence[int]) -> list[str]:
        """The keys of these documents' passages that have a vector."""
        sql = (
            "SELECT DISTINCT p.key FROM passages p JOIN vectors v ON v.key = p.key "
            "WHERE p.document IN (SELECT value FROM json_each(?))"
        )
        return [row[0] for row in self._all(sql, json.dumps(list(documents)))]

    def match(self, query: str, k: int, documents: Sequence[int] | None = None) -> list[tuple[int, float]]:
        """Passages that match an FTS5 query as (id, BM25 score), best first; higher is better."""
        sql = "SELECT w.rowid, -bm25(words, 1.0, 0.6, 0.3) AS score FROM words w "
        values: list[Any] = [query]
        if documents is None:
            sql += "WHERE words MATCH ?"
        else:
            sql += "JOIN passages p ON p.id = w.rowid "
            sql += "WHERE words MATCH ? AND p.document IN (SELECT value FROM json_each(?))"
            values.append(json.dumps(list(documents)))
        return self._all(sql + " ORDER BY score DESC, w.rowid LIMIT ?", *values, k)

    def document_frequencies(self, words: Sequence[str]) -> dict[str, int]:
        """In how many passages each word occurs, in any of its forms (the word index is stemmed)."""
        sql = "SELECT count(*) FROM words WHERE words MATCH ?"
        return {word: self._one(sql, f'"{word}"')[0] for word in words}

    # -- vectors --------------------------------------------------------------------------------------------------

    def pending(self) -> list[str]:
        """The key of each distinct passage that has no vector yet."""
        sql = "SELECT DISTINCT key FROM passages p WHERE NOT EXISTS (SELECT 1 FROM vectors v WHERE v.key = p.key)"
        return [row[0] for row in self._all(sql)]

    def wordings(self, keys: Sequence[str]) -> list[tuple[str, str]]:
        """The context and the text of a passage of each key."""
        sql = (
            "SELECT p.key, w.context, w.text FROM passages p JOIN words w ON w.rowid = p.id "
            "WHERE p.key IN (SELECT value FROM json_each(?)) GROUP BY p.key"
        )
        found = {key: (context, text) for key, context, text in self._all(sql, json.dumps(list(keys)))}
        return [found[key] for key in keys]

    def put_vector(self, key: str, vector: np.ndarray, tokens: bytes | None) -> None:
        self._do("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", key, vector.astype(np.float16).tobytes(), tokens)

    def vectors(self, keys: Sequence[str]) -> dict[str, np.ndarray]:
        """The float32 vector of each key that has one."""
        sql = "SELECT key, vector FROM vectors WHERE key IN (SELECT value FROM json_each(?))"
        rows = self._all(sql, json.dumps(list(keys)))
        return {key: np.frombuffer(blob, np.float16).astype(np.float32) for key, blob in rows}

    def tokens(self, keys: Sequence[str]) -> dict[str, bytes]:
        """The packed token vectors of each key that has them."""
        sql = "SELECT key, tokens FROM vectors WHERE tokens IS NOT NULL AND key IN (SELECT value FROM json_each(?))"
        return dict(self._all(sql, json.dumps(list(keys))))

    def vector_keys(self) -> list[str]:
        return [row[0] for row in self._all("SELECT key FROM vectors ORDER BY key")]

    def drop_orphans(self) -> None:
        """Forget the vectors whose last passage is gone."""
        self._do("DELETE FROM vectors AS v WHERE NOT EXISTS (SELECT 1 FROM passages p WHERE p.key = v.key)")

    def purge(self) -> None:
        """Make deleted words unreadable in the files: merge the word index, then empty the write-ahead log.

        Waits a while for readers that are in the middle of something, then leaves it to the next call.
        """
        if self.meta("unmerged"):
            self._do("INSERT INTO words(words) VALUES ('optimize')")
            busy, _, _ = self._one("PRAGMA wal_checkpoint(TRUNCATE)")
            if not busy:
                self._do("DELETE FROM meta WHERE key = 'unmerged'")
