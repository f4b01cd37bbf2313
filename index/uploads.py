"""Files that people hand over: copies in a folder of the index's own, which is a root like any other."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from index.errors import UnreadableFile
from index.load import SUPPORTED
from index.scan import is_ignored_name

UPLOADS = "uploads"
ASKED = "asked"  # a folder beside it, of what people asked: kept by others, and deleted with the index


def keep(folder: Path, name: str, data: bytes) -> Path:
    """Write a copy into `folder`: once for the same name and content, under a number for other content.

    Raises UnreadableFile for a name that a sync would not read.
    """
    stem, suffix = _safe_name(name)
    folder.mkdir(exist_ok=True, mode=0o700)
    number = 1
    while (path := folder / f"{stem}{f' ({number})' if number > 1 else ''}{suffix}").exists():
        if path.read_bytes() == data:
            return path
        number += 1
    draft = folder / ".draft"  # hidden: a sync does not see it
    try:
        draft.write_bytes(data)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    return path


def _safe_name(name: str) -> tuple[str, str]:
    """Stem and suffix under which an upload is kept: a visible NFC name without a folder, of less than 255 bytes."""
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    base = unicodedata.normalize("NFC", "".join(letter for letter in base if letter.isprintable()).strip())
    stem, dot, suffix = base.rpartition(".")
    remedy = f"These types can be read: {', '.join(sorted(SUPPORTED))}."
    if is_ignored_name(base):
        raise UnreadableFile(f"{base!r} is hidden, temporary or private by its name.", f"Rename it. {remedy}")
    if dot + suffix.lower() not in SUPPORTED:
        raise UnreadableFile(f"{base!r} is of no supported type.", remedy)
    return stem.encode()[:200].decode(errors="ignore"), dot + suffix
