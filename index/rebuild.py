"""Starting a catalog anew, and ending an index. The folders can be read again; the list of them and what was excluded is
carried over."""

from __future__ import annotations

import os
import shutil
from contextlib import closing
from pathlib import Path

from index.catalog import Catalog
from index.database import FILE
from index.errors import CitewiseError, IndexMissing
from index.lock import only_writer
from index.uploads import ASKED, UPLOADS
from index.vectors import FOLDER as VECTORS
from index.vectors import erase_vectors

NEW = f"{FILE}.new"


def forget_all(folder: Path) -> None:
    """Replace the catalog of an index by one that holds its roots and exclusions only, and erase its vectors.

    Works whatever made the old catalog and whatever state it is in. A kill leaves the old one, or the new one for
    `adopt_new`.
    """
    roots, exclusions = _carried(folder)
    if (folder / UPLOADS).is_dir():
        roots[UPLOADS] = os.fsencode(folder / UPLOADS)  # which the index brings along where it is moved
    _unlink(folder, NEW)
    with closing(Catalog(folder, write=True, file=NEW)) as fresh, fresh.change():
        for name, path in roots.items():
            fresh.add_root(name, path)
        for source in exclusions:
            fresh.exclude(source)
    erase_vectors(folder)
    _unlink(folder, FILE)
    adopt_new(folder)


def adopt_new(folder: Path) -> None:
    """Put a new catalog in the place of one that is gone; without a new one, or beside an old one, do nothing."""
    whole = (folder / NEW).exists() and not (folder / f"{NEW}-wal").exists()
    if whole and not (folder / FILE).exists():
        _unlink(folder, FILE)  # a log that outlived its catalog would be written into the new one
        (folder / NEW).replace(folder / FILE)


def erase(folder: Path) -> None:
    """Delete an index with the uploads in it and what was kept of questions; no document is touched, nor what else lies in its folder.

    Raises IndexMissing where there is none, IndexBusy while a process writes it.
    """
    # A rebuild that was killed at the wrong moment leaves only the new catalog.
    catalogs = [f"{name}{part}" for name in (NEW, FILE) for part in ("-wal", "-shm", "")]
    if not any((folder / name).exists() for name in catalogs):
        raise IndexMissing(f"There is no index at {folder}; nothing was deleted.", "See: citewise where")
    with only_writer(folder):
        for name in (ASKED, UPLOADS, VECTORS):
            if (folder / name).is_dir():
                shutil.rmtree(folder / name)
        for name in catalogs:  # last what makes it an index
            (folder / name).unlink(missing_ok=True)
    for name in ("vectors.lock", "writer.lock"):
        (folder / name).unlink(missing_ok=True)
    if not any(folder.iterdir()):
        folder.rmdir()


def _carried(folder: Path) -> tuple[dict[str, bytes], set[str]]:
    try:
        with closing(Catalog(folder, any_format=True)) as old:
            return {name: path for _, name, path in old.roots()}, old.exclusions()
    except CitewiseError:
        return {}, set()


def _unlink(folder: Path, catalog: str) -> None:
    for name in (catalog, f"{catalog}-wal", f"{catalog}-shm"):
        (folder / name).unlink(missing_ok=True)
