"""The SQLite file of an index: schema, opening, transactions, and its errors in plain words."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from index.errors import CitewiseError, IndexDamaged, IndexMissing, IndexOutdated
from index.upgrade import FORMAT, OLDEST, upgrade

FILE = "catalog.sqlite"
BUSY_SECONDS = 30  # that a reader or a writer may be in the way of another

_SCHEMA = """
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL);
CREATE TABLE roots(id INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, path BLOB UNIQUE NOT NULL);
CREATE TABLE exclusions(source TEXT PRIMARY KEY);
CREATE TABLE documents(
    id INTEGER PRIMARY KEY, root INTEGER NOT NULL, path BLOB NOT NULL, source TEXT UNIQUE NOT NULL,
    sha256 TEXT NOT NULL, size INTEGER NOT NULL, mtime_ns INTEGER NOT NULL, seen_ns INTEGER NOT NULL,
    title TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL, reason TEXT,
    extractor TEXT NOT NULL, plain INTEGER NOT NULL, indexed_at TEXT NOT NULL);
CREATE INDEX documents_sha256 ON documents(sha256);
CREATE TABLE texts(document INTEGER PRIMARY KEY, body BLOB NOT NULL, blocks BLOB NOT NULL);
CREATE TABLE passages(
    id INTEGER PRIMARY KEY, document INTEGER NOT NULL, ordinal INTEGER NOT NULL, key TEXT NOT NULL,
    start INTEGER NOT NULL, "end" INTEGER NOT NULL, page INTEGER, heading TEXT, line INTEGER);
CREATE INDEX passages_document ON passages(document, ordinal);
CREATE INDEX passages_key ON passages(key);
CREATE VIRTUAL TABLE words USING fts5(text, context, name, tokenize = "porter unicode61 remove_diacritics 2");
CREATE TABLE vectors(key TEXT PRIMARY KEY, vector BLOB NOT NULL, tokens BLOB);
"""


class Database:
    """One connection to a catalog file, safe to use from several threads (calls take turns at `lock`).

    Raises IndexMissing where there is none to read, IndexOutdated where its format cannot be read, IndexDamaged
    where the file is no catalog or parts of it are damaged, and CitewiseError where it cannot be read or written
    otherwise. An older format is read as it is, and upgraded when it is opened to `write`; `any_format`
    opens any other too, of which parts may be strange.
    """

    def __init__(
        self,
        folder: Path,
        *,
        write: bool = False,
        any_format: bool = False,
        file: str = FILE,
    ) -> None:
        self.folder = folder
        self._lock = threading.RLock()
        self._depth = 0
        self._opened = time.monotonic_ns()  # as SQLite counts changes for each connection anew
        self.frozen = False  # read as if nobody could ever write it: no connection to keep
        path = folder / file
        if not write and not path.exists():
            raise _missing(folder)
        with self._plain_errors():
            self._db = self._connected(path, write)
        try:
            found = self._check(any_format)
            if write:
                with self._plain_errors():
                    upgrade(self._db, found)
        except BaseException:
            self.close()
            raise

    @contextmanager
    def _plain_errors(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.DatabaseError, zlib.error) as error:
            code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
            if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
                raise IndexDamaged(
                    f"The index at {self.folder} is damaged ({error}).", "Run: citewise index FOLDER --rebuild"
                ) from error
            raise CitewiseError(
                f"The index at {self.folder} could not be used ({error}).",
                "Check free space and permissions, then try again: what was indexed before is kept.",
            ) from error

    def _connected(self, path: Path, write: bool) -> sqlite3.Connection:
        if write:
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not path.exists():  # closing a descriptor of ours would take away the locks of open connections
                os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # whoever may enter the folder may not read it
            db = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = NORMAL")
            db.execute("PRAGMA secure_delete = ON")
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone():
                db.executescript(f"BEGIN; {_SCHEMA} INSERT INTO meta VALUES ('format', '{FORMAT}'); COMMIT;")
            return db
        uri = path.absolute().as_uri()
        db = sqlite3.connect(
            f"{uri}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, timeout=BUSY_SECONDS
        )
        try:
            db.execute("SELECT 1 FROM sqlite_master")
        except sqlite3.OperationalError:
            db.close()
            if os.access(path.parent, os.W_OK):
                raise
            # On a read-only medium the shared memory of the write-ahead log cannot be made.
            self.frozen, self._opened = True, path.stat().st_mtime_ns
            db = sqlite3.connect(f"{uri}?immutable=1", uri=True, isolation_level=None, check_same_thread=False)
        return db

    def _check(self, any_format: bool) -> int:
        """The format."""
        if not self._one("SELECT 1 FROM sqlite_master WHERE name = 'meta'"):
            raise _missing(self.folder)  # whoever made the file was stopped at once
        found = int(self.meta("format") or 0)
        if not (any_format or OLDEST <= found <= FORMAT):
            age, first = ("a newer", "Upgrade Citewise, or run") if found > FORMAT else ("an older", "Run")
            raise IndexOutdated(
                f"The index at {self.folder} was made by {age} Citewise (format {found}, this one reads {FORMAT}).",
                f"{first}: citewise index FOLDER --rebuild",
            )
        return found

    def close(self) -> None:
        with self._lock:
            self._db.close()

    # -- transactions ---------------------------------------------------------------------------------------------

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """All reads inside see one state of the catalog."""
        yield from self._transaction("BEGIN")

    @contextmanager
    def change(self) -> Iterator[None]:
        """All writes inside become live together, or not at all."""
        yield from self._transaction("BEGIN IMMEDIATE")

    def _transaction(self, begin: str) -> Iterator[None]:
        with self._lock:
            if self._depth == 0:
                self._do(begin)
            self._depth += 1
            try:
                yield
                if self._depth == 1:
                    self._do("COMMIT")
            except BaseException:
                # SQLite itself rolls back when the disk is full.
                if self._depth == 1 and self._db.in_transaction:
                    self._do("ROLLBACK")
                raise
            finally:
                self._depth -= 1

    def _all(self, sql: str, *values: Any) -> list[Any]:
        with self._lock, self._plain_errors():
            return self._db.execute(sql, values).fetchall()

    def _one(self, sql: str, *values: Any) -> Any:
        with self._lock, self._plain_errors():
            return self._db.execute(sql, values).fetchone()

    def _do(self, sql: str, *values: Any) -> sqlite3.Cursor:
        with self._lock, self._plain_errors():
            return self._db.execute(sql, values)

    def _inflate(self, packed: bytes) -> str:
        with self._plain_errors():
            return zlib.decompress(packed).decode()

    def sound(self) -> bool:
        """Whether all pages of the file can be read and fit together; as fast as the disk."""
        return bool(self._one("PRAGMA quick_check(1)")[0] == "ok")

    @property
    def revision(self) -> str:
        """Another one after every change by another connection."""
        return f"{self._opened}.{self._one('PRAGMA data_version')[0]}"

    @property
    def outdated(self) -> bool:
        """Whether an older format is read as it is; the next writer upgrades it."""
        return int(self.meta("format") or 0) < FORMAT

    def meta(self, key: str) -> str | None:
        row = self._one("SELECT value FROM meta WHERE key = ?", key)
        return row[0] if row else None

    def set_meta(self, key: str, value: str) -> None:
        self._do("INSERT INTO meta VALUES (?, ?) ON CONFLICT(key) DO UPDATE SET value = excluded.value", key, value)


def _missing(folder: Path) -> IndexMissing:
    return IndexMissing(f"There is no index at {folder}.", "Run: citewise index FOLDER")
