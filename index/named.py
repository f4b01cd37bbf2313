"""Finding a file of the index by the name that a person gives it, or why there is none."""

from __future__ import annotations

import os
import unicodedata
from difflib import get_close_matches
from pathlib import Path

from index.errors import NotIndexed
from index.index import Index
from index.scan import IGNORE_FILE, FoundFile, is_ignored_name, walk
from index.values import DocumentInfo

_SYNC = "Run: citewise index"


def documents_named(index: Index, name: str) -> list[DocumentInfo]:
    """The files of a source ("docs/mail/a.txt"), of the end of one ("a.txt"), or at a path on disk.

    Raises NotIndexed where there is none, with the reason: not in the folders, removed, left out, or not read yet.
    """
    name = unicodedata.normalize("NFC", name.replace(os.sep, "/")).removeprefix("./")
    documents = index.documents()
    real = str(Path(name).expanduser().resolve())
    if found := [one for one in documents if _is_named(one.source, name) or one.path == real]:
        return found
    raise _absence(index, name, [document.source for document in documents])


def _absence(index: Index, name: str, known: list[str]) -> NotIndexed:
    with index.snapshot() as catalog:
        excluded, roots = catalog.exclusions(), catalog.roots()
    if removed := [source for source in excluded if _is_named(source, name)]:
        return NotIndexed(f"{removed[0]} was removed from the index.", f"Take it back with Assistant.restore. {_SYNC}")
    for _, root, folder in roots:
        place = Path(os.fsdecode(folder))
        full = f"{root}/{name.removeprefix(f'{root}/')}"
        for entry in walk(root, place, index.folder):
            if isinstance(entry, FoundFile) and _is_named(entry.source, name):
                return NotIndexed(f"{entry.source} has not been read yet.", _SYNC)
            if not isinstance(entry, FoundFile) and f"{full}/".startswith(f"{entry.source}/"):
                return NotIndexed(f"{entry.source} is not read: {entry.reason}.", "See: citewise index")
        for path in (place.parent / full, place / name, Path(name).expanduser().resolve()):
            if path.is_relative_to(place) and path.is_file():
                return _left_out(path.relative_to(place))
    near = get_close_matches(name, [*known, *(source.rpartition("/")[2] for source in known)], n=1)
    folders = ", ".join(os.fsdecode(folder) for _, _, folder in roots)
    return NotIndexed(
        f"There is no file {name} in {folders}.",
        f"Did you mean {near[0]}?" if near else "See: citewise status --files",
    )


def _left_out(path: Path) -> NotIndexed:
    """Why a file that lies in a folder is no part of the walk through it."""
    if ignored := [part for part in path.parts if is_ignored_name(part)]:
        return NotIndexed(f"{path} is left out: nothing named {ignored[0]} is read.", "Rename or copy it.")
    return NotIndexed(f"{path} is left out by a {IGNORE_FILE}.", "Change that file, then run: citewise index")


def _is_named(source: str, name: str) -> bool:
    return source == name or source.endswith(f"/{name}")
