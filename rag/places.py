"""Where indexes lie: one folder for each indexed folder, in the user's data directory, never among the documents."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import platformdirs

from index import IndexMissing

if TYPE_CHECKING:
    from rag.settings import Settings

_LAST = "last.json"


def data_folder() -> Path:
    """The directory of all that Citewise keeps for this user."""
    return Path(platformdirs.user_data_dir("citewise", appauthor=False))


def config_folder() -> Path:
    """The directory of the user's own citewise.toml."""
    return Path(platformdirs.user_config_dir("citewise", appauthor=False))


def index_folder(folders: Sequence[Path], settings: Settings) -> Path:
    """The index of these folders: the one that the settings name, else one keyed by their real paths.

    Without folders, the one that was opened last; raises IndexMissing if there is none.
    """
    if settings.index.path is not None:
        return settings.index.path.expanduser().absolute()
    if not folders:
        last = last_opened()
        if last is None:
            raise IndexMissing("No folder has been opened yet.", "Run: citewise index FOLDER")
        return last
    real = [str(folder.expanduser().resolve()) for folder in folders]
    name = re.sub(r"[^\w-]+", "-", Path(real[0]).name).strip("-")[:40] or "root"
    digest = hashlib.sha256("\0".join(sorted(real)).encode("utf-8", "surrogateescape")).hexdigest()[:12]
    return data_folder() / "indexes" / f"{name}-{digest}"


def last_opened() -> Path | None:
    """The index folder that was opened last, if it still is there."""
    folder = Path(_last().get("index") or data_folder() / "none")
    return folder if folder.is_dir() else None


def last_documents() -> list[Path]:
    """The folders of documents behind the index that was opened last, as far as they were told."""
    return [Path(folder) for folder in _last().get("documents", [])]


def indexed_documents(folder: Path) -> list[Path]:
    """The folders of documents behind an index, as its own catalog has them; none where there is no readable index."""
    import sqlite3  # imported late: most commands that only look at places need none

    if not (folder / "catalog.sqlite").is_file():
        return []
    address = (folder / "catalog.sqlite").absolute().as_uri()
    for mode in ("mode=ro", "immutable=1"):  # the latter where nothing may be written beside it
        try:
            with closing(sqlite3.connect(f"{address}?{mode}", uri=True)) as catalog:
                return [Path(os.fsdecode(path)) for (path,) in catalog.execute("SELECT path FROM roots")]
        except sqlite3.Error:
            continue
    return []


def remember_opened(folder: Path, documents: Sequence[Path] = ()) -> None:
    """Make this index the one that commands without --folder mean; `documents` are the folders that it is made of, by
    default those that were told before."""
    before = _last()
    if not documents and before.get("index") == str(folder):
        documents = [Path(document) for document in before.get("documents", [])]
    real = [str(document.expanduser().resolve()) for document in documents]
    keep(_LAST, {"index": str(folder), "documents": real})


def _last() -> dict[str, Any]:
    return kept(_LAST)


def keep(name: str, content: dict[str, Any]) -> None:
    """Write a small JSON file of the user's data directory, at once and whole."""
    place = data_folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = place / f"{name}.{os.getpid()}"
    fresh.write_text(json.dumps(content), "utf-8")
    fresh.replace(place / name)


def kept(name: str) -> dict[str, Any]:
    """What `keep` wrote; nothing where it wrote nothing, or where that cannot be read."""
    try:
        content = json.loads((data_folder() / name).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def forget(folder: Path) -> None:
    """Delete an index with the uploads in it; no document is touched, nor what else lies in its folder.

    Raises IndexMissing where there is none, IndexBusy while a process writes it.
    """
    from index import erase  # imported late: the commands that only look at places need nothing that heavy

    erase(folder)
