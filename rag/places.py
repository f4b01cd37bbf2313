"""Where indexes lie: one folder for each indexed folder, in the user's data directory, never among the documents."""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from index import CitewiseError, IndexMissing
from index.lock import only_writer
from rag.settings import Settings

_LAST = "last.json"


def data_folder() -> Path:
    """The directory of all that Citewise keeps for this user."""
    return Path(platformdirs.user_data_dir("citewise", appauthor=False))


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
    try:
        folder = Path(json.loads((data_folder() / _LAST).read_text("utf-8"))["index"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return folder if folder.is_dir() else None


def remember_opened(folder: Path) -> None:
    """Make this index the one that commands without --folder mean."""
    place = data_folder()
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = place / f"{_LAST}.{os.getpid()}"
    fresh.write_text(json.dumps({"index": str(folder)}), "utf-8")
    fresh.replace(place / _LAST)


def forget(folder: Path) -> None:
    """Delete an index folder with the uploads in it; documents elsewhere are not touched.

    Raises IndexMissing where there is none, IndexBusy while a process writes it, CitewiseError for a folder that is no
    index.
    """
    if not folder.is_dir():
        raise IndexMissing(f"There is no index at {folder}.", "See: citewise where")
    if any(folder.iterdir()) and not (folder / "catalog.sqlite").exists():
        raise CitewiseError(f"{folder} is not an index of Citewise; nothing was deleted.", "See: citewise where")
    with only_writer(folder):
        pass
    shutil.rmtree(folder)
