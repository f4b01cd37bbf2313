"""What the folders hold now, beside what the index knows of them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path

from index.catalog import Catalog, FileRecord
from index.load import SUPPORTED, suffix_of
from index.scan import FoundFile, Unreachable, walk
from index.values import Change

EMPTY = "is empty, as if its disk were not mounted (if it is meant to be, run: citewise index FOLDER --rebuild)"


@dataclass
class Found:
    """The files of all folders; `kept` are known sources whose folder could not be entered, so that they may be there
    still; `notes` say what was left out, and why; `unreachable` what could not be entered; `places` tell the folders
    themselves from others that come to lie at their paths."""

    files: dict[str, FoundFile] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)
    notes: list[tuple[str, str]] = field(default_factory=list)
    unreachable: list[tuple[str, str]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)


def look(
    roots: Iterable[tuple[int, str, bytes]], known: Iterable[str], excluded: set[str], index: Path, places: str | None
) -> Found:
    """Walks through the folders of a catalog. One that held files, is empty and not known to be the folder that it was
    (`places`, as JSON) counts as not entered: that is how the mount point of a disk looks without it."""
    found, known = Found(places=json.loads(places or "{}")), list(known)
    for _, name, path in roots:
        folder = Path(os.fsdecode(path))
        place, entries = _place(folder), walk(name, folder, index)
        held = any(source.startswith(f"{name}/") for source in known)
        if held and place != found.places.get(name) and _is_bare(folder):
            entries = iter([Unreachable(name, EMPTY)])
        elif place:
            found.places[name] = place
        for entry in entries:
            if isinstance(entry, Unreachable):
                below = {source for source in known if entry.kept and f"{source}/".startswith(f"{entry.source}/")}
                found.kept |= below
                found.notes.append(
                    (entry.source, f"{entry.reason}; what was indexed there is kept" if below else entry.reason)
                )
                if entry.kept:
                    found.unreachable.append((entry.source, entry.reason))
            elif entry.source in found.files:
                found.notes.append((entry.source, "another file has the same name in another spelling"))
            elif entry.source not in excluded:
                found.files[entry.source] = entry
    return found


def _place(folder: Path) -> str:
    """Names the folder itself, whatever its path; "" where it cannot be reached."""
    try:
        found = os.stat(folder)
    except OSError:
        return ""
    return f"{found.st_dev}:{found.st_ino}"


def _is_bare(folder: Path) -> bool:
    try:
        with os.scandir(folder) as entries:
            return next(entries, None) is None
    except OSError:  # walk says why
        return False


def changes(snapshot: AbstractContextManager[Catalog]) -> tuple[tuple[Change, ...], tuple[tuple[str, str], ...]]:
    """What a sync would find changed, in order of names, and what could not be entered."""
    with snapshot as catalog:
        known, excluded, roots, places = catalog.files(), catalog.exclusions(), catalog.roots(), catalog.meta("places")
    found = look(
        roots, known, excluded, catalog.folder, places
    )  # outside of the snapshot: a disk can be slow, and others wait
    return tuple(sorted(_compared(found, known), key=lambda change: change.source)), tuple(found.unreachable)


def _compared(found: Found, known: Mapping[str, FileRecord]) -> Iterable[Change]:
    for source, file in found.files.items():
        record = known.get(source)
        if record is None and suffix_of(source) in SUPPORTED:
            yield Change(source, "added", file.size, file.mtime_ns)
        elif record and (record.size, record.mtime_ns) != (file.size, file.mtime_ns):
            yield Change(source, "changed", file.size, file.mtime_ns)
    for source in known.keys() - found.files.keys() - found.kept:
        yield Change(source, "removed", 0, 0)
