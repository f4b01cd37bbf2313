"""The files themselves, as far as they still are what was indexed; always by the names that the index gave them."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from functools import partial
from typing import IO, TYPE_CHECKING
from urllib.parse import quote

from rag import NotIndexed

if TYPE_CHECKING:
    from rag import DocumentInfo

CHUNK = 1 << 16


def open_original(document: DocumentInfo) -> IO[bytes] | None:
    """The open file, whose bytes are those that were indexed: then it does not matter what its path leads to by now.
    None where it changed. Raises NotIndexed where it is gone or cannot be opened."""
    file = _opened(document)
    digest, seen = hashlib.sha256(), os.fstat(file.fileno())
    if stat.S_ISREG(seen.st_mode) and seen.st_size == document.size:
        for chunk in iter(partial(file.read, CHUNK), b""):
            digest.update(chunk)
        file.seek(0)
    if digest.hexdigest() != document.sha256:
        file.close()
        return None
    return file


def read_now(document: DocumentInfo, most: int) -> bytes | None:
    """The file as it is by now; None where it has more bytes than that or is no file any more. Raises NotIndexed."""
    with _opened(document) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            return None
        data = file.read(most + 1)
        return data if len(data) <= most else None


def _opened(document: DocumentInfo) -> IO[bytes]:
    try:
        return open(document.path, "rb", opener=_without_waiting)
    except (OSError, ValueError):
        raise NotIndexed("The file is gone.", "Sync the folder.") from None


def _without_waiting(path: str, flags: int) -> int:
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))  # else a pipe would hold us up, where there are any


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """The bytes of a file, which is closed behind them."""
    with file:
        yield from iter(partial(file.read, CHUNK), b"")


def headers(document: DocumentInfo) -> dict[str, str]:
    """What has a browser save a file under its name, and never show it."""
    saved = quote(document.source.rpartition("/")[2], safe="")
    return {
        "Content-Disposition": f"attachment; filename*=UTF-8''{saved}",
        "Content-Length": str(document.size),
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
