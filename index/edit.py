"""What people change in an index by hand: its folders, what is taken out, what is read again."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from index.catalog import Catalog, FileRecord
from index.errors import NotIndexed
from index.scan import source_name
from index.sync import open_vectors, remove_documents
from index.uploads import UPLOADS


def add_root(catalog: Catalog, folder: Path) -> None:
    """One more folder, under a name of its own."""
    known = catalog.roots()
    path = os.fsencode(folder)
    if any(path == other for _, _, other in known):
        return
    name = UPLOADS if folder == catalog.folder / UPLOADS else source_name("", os.fsencode(folder.name or "root"))[1:]
    taken = {other for _, other, _ in known} | ({UPLOADS} if folder != catalog.folder / UPLOADS else set())
    unique = name
    number = 2
    while unique in taken:
        unique = f"{name}-{number}"
        number += 1
    catalog.add_root(unique, path)


def remove(catalog: Catalog, sources: Iterable[str]) -> None:
    """Deletes uploads, and excludes any other files. Raises NotIndexed where one is not there; then nothing is done."""
    records = _records(catalog, sources)
    for record in records:
        if record.source.startswith(f"{UPLOADS}/"):
            (catalog.folder / UPLOADS / os.fsdecode(record.path)).unlink(missing_ok=True)
        else:
            catalog.exclude(record.source)
    remove_documents(catalog, [record.id for record in records])
    open_vectors(catalog).close()


def restore(catalog: Catalog, sources: Iterable[str]) -> None:
    """Takes back exclusions. Raises NotIndexed where there is none."""
    for source in sources:
        if not catalog.restore(source):
            raise NotIndexed(f"The file {source!r} was not removed from the index.", "See: citewise status --files")


def renew(catalog: Catalog, sources: Iterable[str]) -> None:
    """Has the next sync read files again, or all where none is named. Raises NotIndexed."""
    for record in _records(catalog, sources) or catalog.files().values():
        catalog.update_document(record.id, extractor="")  # as if another one had read it


def _records(catalog: Catalog, sources: Iterable[str]) -> list[FileRecord]:
    known = catalog.files()
    wanted = dict.fromkeys(sources)
    for source in wanted:
        if source not in known:
            raise NotIndexed(f"The index holds no file {source!r}.", "See: citewise status --files")
    return [known[source] for source in wanted]
