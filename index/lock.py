"""One writer at a time: a file lock of the operating system, and beside it a note that names its holder."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from index.errors import IndexBusy


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the write lock of an index folder. Raises IndexBusy at once if another process (or thread) holds it.

    The lock ends with its process, however that ends; a note that was left behind means nothing without the lock.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    note = folder / "writer.json"
    lock = FileLock(folder / "writer.lock", thread_local=False)  # a generator may end in another thread than it began
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise IndexBusy(
            f"The index at {folder} is being written by {_holder(note)}.", "Wait until it is done, or stop it."
        ) from None
    try:
        since = datetime.now(UTC).isoformat(timespec="seconds")
        note.write_text(json.dumps({"pid": os.getpid(), "host": socket.gethostname(), "since": since}))
        yield
    finally:
        note.unlink(missing_ok=True)
        lock.release()


def writer_of(folder: Path) -> str | None:
    """Who writes an index at this moment, if anybody does, and that can be found out."""
    note = folder / "writer.json"
    if not note.exists():
        return None
    try:
        with FileLock(folder / "writer.lock", timeout=0):
            return None  # it was left behind
    except Timeout:
        return _holder(note)
    except OSError:  # whoever may not write the folder cannot try the lock
        return None


def _holder(note: Path) -> str:
    try:
        holder = json.loads(note.read_text())
        return f"process {holder['pid']} on {holder['host']} since {holder['since']}"
    except (OSError, ValueError, KeyError):
        return "another process"
