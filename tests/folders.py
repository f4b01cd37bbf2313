"""A folder, its index, and what tests ask of both."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from fakes import HashEmbedding

from index.catalog import Catalog
from index.index import Index
from index.values import Report
from index.vectors import Vectors


class Place:
    """A folder `docs` beside its index folder; texts are found by words and by vectors."""

    def __init__(self, base: Path, embedder: Any = None) -> None:
        self.docs, self.folder = base / "docs", base / "index"
        self.docs.mkdir(exist_ok=True)
        self.embedder = embedder or HashEmbedding()
        self.index = self.open()

    def open(self, **options: Any) -> Index:
        return Index(self.folder, self.embedder, roots=[self.docs], **options)

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.docs / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def sync(self, **options: Any) -> Report:
        return finish(self.index.sync(**options))

    def find(self, words: str) -> list[str]:
        return found(self.index, words)

    def sources(self) -> list[str]:
        return [document.source for document in self.index.documents()]


def finish(run: Any) -> Report:
    """The report of a whole sync."""
    steps = list(run)
    assert steps[-1].phase == "done"
    report: Report = steps[-1].report
    return report


def found(index: Index, words: str, *, by_vector: bool = True) -> list[str]:
    """The sources that hold all the words; each must be among the nearest by vector too."""
    with index.snapshot() as catalog:
        query = " AND ".join(f'"{word}"' for word in re.findall(r"\w+", words))
        lexical = {record.source for record in catalog.passages([i for i, _ in catalog.match(query, 2_000)]).values()}
        if by_vector:
            near = index.nearest(HashEmbedding().vector(words), 2_000)
            assert lexical <= {record.source for record in catalog.passages(list(near)).values()}
    return sorted(lexical)


def contents(folder: Path) -> dict[str, list[Any]]:
    """What the index holds, as two indexes of equal content agree on it; and the keys in Chroma are the catalog's."""
    catalog = Catalog(folder)
    rows = [
        (p.source, p.ordinal, p.key, p.start, p.end, p.text, p.context)
        for p in catalog.passages(_ids(catalog)).values()
    ]
    keys = catalog.vector_keys()
    catalog.close()
    vectors = Vectors(folder)
    assert sorted(vectors.keys()) == keys
    vectors.close()
    return {"passages": sorted(rows), "vectors": keys}


def _ids(catalog: Catalog) -> list[int]:
    return [number for file in catalog.files().values() for number in catalog.neighbours(file.id, range(100))]
