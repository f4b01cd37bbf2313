"""Files that commands of the evaluation write: no other's is replaced, and one that cannot be written is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rag import CitewiseError

MARKDOWN = "[generator]: # (citewise eval)"  # a link's definition, which nobody sees
_MARKS = (  # of results, reports and JUnit XML
    '{"stamp": {"schema": ', MARKDOWN, '<meta name="generator" content="citewise eval">', '<testsuites name="citewise eval"',
)  # fmt: skip
_BEGINNING = 400  # characters, among which a mark stands


def refuse_others(path: Path) -> None:
    """Raises CitewiseError where a file is there that no command of the evaluation wrote, OSError where it cannot be
    read."""
    if path.exists():
        with path.open(encoding="utf-8", errors="replace") as file:
            begins = file.read(_BEGINNING)
        if begins and not any(mark in begins for mark in _MARKS):
            raise CitewiseError(f"{path} is there already, and is none of `citewise eval`.", "Name another file.")


def replace_ours(path: Path, text: str) -> Path:
    """Write a file, and the folders above it; raises as `refuse_others` does."""
    refuse_others(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8", errors="replace", newline="\n")
    return path


@contextmanager
def only_writer(path: Path, busy: str) -> Iterator[None]:
    """Hold the lock of a file, which ends with its process. Raises CitewiseError, which says `busy`, where another has
    it, and OSError where nothing can be written."""
    place = path.with_name(f".{path.name}.lock")
    place.touch()  # which tells why, where the lock only waits
    lock = FileLock(place, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise CitewiseError(busy, "Wait for it, or name another file with --out.") from None
    try:
        yield
    finally:
        lock.release()
        place.unlink(missing_ok=True)


@contextmanager
def writing(remedy: str, path: Path | None = None) -> Iterator[None]:
    """Tell an OSError as CitewiseError, of `path` or of the file that it names."""
    try:
        yield
    except OSError as error:
        raise CitewiseError(f"{path or error.filename} cannot be written ({error.strerror}).", remedy) from None
