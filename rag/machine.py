"""Whether the machine gives what Citewise needs: a recent SQLite, memory, and a disk with room that may be written to."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Literal

SQLITE = (3, 35, 0)  # what Chroma asks for
ROOM_MB = 500  # an index of 10,000 passages takes about 150
ELSEWHERE = "To search by meaning too, copy it to where you may write, and name that: --set index.path=FOLDER"
MEMORY_MB = 800  # what questions over such an index take, models of language aside

Found = tuple[Literal["ok", "note", "failed"], str, str]


def machine(place: Path) -> Iterator[Found]:
    """What is found of the machine, and of the disk that holds the index folder `place`, or will. Nothing is written."""
    faults = [*_sqlite(), *_disk(place), *_memory()]
    yield from faults or [("ok", f"{place} can be written to, with room; SQLite is {sqlite3.sqlite_version}.", "")]


def _sqlite() -> Iterator[Found]:
    remedy = "Use a Python that brings a newer SQLite, for example that of uv or python.org."
    if sqlite3.sqlite_version_info < SQLITE:
        wanted = ".".join(map(str, SQLITE))
        yield "failed", f"SQLite is {sqlite3.sqlite_version}; {wanted} is the oldest that will do.", remedy
    with closing(sqlite3.connect(":memory:")) as db:
        try:
            db.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
        except sqlite3.Error as error:
            yield "failed", f"SQLite {sqlite3.sqlite_version} lacks its full-text search FTS5 ({error}).", remedy


def _disk(place: Path) -> Iterator[Found]:
    there = next(path for path in (place, *place.parents) if os.path.lexists(path))
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        if os.path.isfile(place / "catalog.sqlite"):
            yield "note", f"{place} cannot be written to: the index there is read as it is, by words only.", ELSEWHERE
            return
        yield (
            "failed", f"{place} cannot be written to: {there} is {'closed to you' if there.is_dir() else 'no folder'}.",
            "Give yourself the right to write there, or name another place: --set index.path=FOLDER",
        )  # fmt: skip
    elif (free := shutil.disk_usage(there).free / 1e6) < ROOM_MB:
        yield "note", f"The disk of {place} has {free:,.0f} MB left.", "Make room, or set index.path to another disk."


def _memory() -> Iterator[Found]:
    """Where the system tells it, as Linux does; a container may have less than its machine."""
    try:
        lines = Path("/proc/meminfo").read_text("utf-8", "replace").splitlines()
        free = next(int(line.split()[1]) * 1024 / 1e6 for line in lines if line.startswith("MemAvailable:"))
    except (OSError, StopIteration):
        return
    limit = Path("/sys/fs/cgroup/memory.max")
    if limit.is_file() and (most := limit.read_text("utf-8", "replace").strip()).isdecimal():
        free = min(free, int(most) / 1e6)
    if free < MEMORY_MB:
        yield (
            "note",
            f"{free:,.0f} MB of memory are free; {MEMORY_MB} are wanted.",
            "Close other programs, or add memory.",
        )
