"""An index as its readers and its one writer hold it: a folder with the catalog, the vectors and the uploads."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding

from index import edit
from index.catalog import Catalog
from index.embed import READS_TOKENS, MiniLM, fingerprint
from index.errors import CitewiseError, FolderError, IndexOutdated, NotIndexed, VectorsUnreadable
from index.lock import only_writer
from index.look import changes
from index.reading import Reading
from index.rebuild import adopt_new, forget_all
from index.scan import check_folder, is_too_wide, matches, source_name
from index.sync import Sync
from index.uploads import UPLOADS, keep
from index.values import DocumentInfo, Extracted, Progress, Status

NAMED = 200  # characters of a pattern that an error names


class Index:
    """Passages of one or more folders. Opening it reads nothing and writes nothing; `sync` makes and renews it.

    Safe for several threads. What another process indexes is seen by the next search.
    """

    def __init__(
        self,
        folder: Path,
        embedder: BaseEmbedding,
        *,
        roots: Sequence[Path] = (),
        max_tokens: int = READS_TOKENS,
        max_file_mb: float = 50,
        allow_wide: bool = False,
    ) -> None:
        self.folder = folder.expanduser().resolve()
        self.embedder = embedder
        self.roots = [self._checked(root, allow_wide) for root in roots]
        self.max_tokens = max_tokens
        self.max_file_bytes = int(max_file_mb * 1e6)
        self._counter = embedder if isinstance(embedder, MiniLM) else MiniLM()
        self._reading = Reading(self.folder, self._require_same_make)

    def _checked(self, root: Path, allow_wide: bool) -> Path:
        real = check_folder(root)
        if is_too_wide(real) and not allow_wide:
            raise FolderError(f"{real} is a whole home or disk.", "Name a folder inside it, or allow it with --yes.")
        if real.is_relative_to(self.folder):
            raise FolderError(
                f"{real} lies in the index itself ({self.folder}).", "Name another folder for one of both."
            )
        return real

    # -- reading --------------------------------------------------------------------------------------------------

    def _require_same_make(self, catalog: Catalog) -> None:
        made_with, made_of = catalog.meta("embedder"), catalog.meta("max_tokens")
        wanted = fingerprint(self.embedder)
        if made_with is not None and (made_with, made_of) != (wanted, str(self.max_tokens)):
            raise IndexOutdated(
                f"The index at {self.folder} was made with the embedder {made_with} and passages of {made_of} tokens; "
                f"the settings name {wanted} and {self.max_tokens}.",
                "Change the settings back, or run: citewise index FOLDER --rebuild",
            )

    def snapshot(self) -> AbstractContextManager[Catalog]:
        """The catalog in one unchanging state, for several reads that belong together. Threads do not wait for each
        other. Raises IndexMissing before the first sync, IndexOutdated where the index was made with another embedder
        or chunk size."""
        return self._reading.snapshot()

    def nearest(self, vector: np.ndarray, k: int, documents: Sequence[int] | None = None) -> dict[int, float]:
        """The passages nearest to a vector, by id, with cosine similarity; equal passages of several files all count.

        Raises VectorsUnreadable where Chroma is missing or damaged: words still find passages then.
        """
        return self._reading.nearest(vector, k, documents)

    def documents_matching(self, only: Sequence[str]) -> list[int] | None:
        """Ids of the ready documents that match any pattern; None for no pattern. See `matches`.

        Raises NotIndexed when nothing matches, or nothing that could be read: an answer "not in the documents" would be
        wrong then.
        """
        patterns = _patterns(only)
        if not patterns:
            return None
        with self.snapshot() as catalog:
            files = catalog.files()
        fits = _fitting(patterns)
        matching = [file for source, file in files.items() if fits(source)]
        if not matching:
            more = f" and {len(patterns) - 1} more" * (len(patterns) > 1)
            raise NotIndexed(f"No indexed file matches {patterns[0][:NAMED]}{more}.", "See: citewise status --files")
        ready = [file.id for file in matching if file.status == "ready"]
        if not ready:
            raise NotIndexed(
                f"{matching[0].source} could not be read: {matching[0].reason}.", "See: citewise status --files"
            )
        return ready

    def text(self, source: str) -> str:
        """The stored extracted text. Raises NotIndexed for a source that is not there."""
        with self.snapshot() as catalog:
            text = catalog.text(source)
        if text is None:
            raise NotIndexed(f"The index holds no file {source!r}.", "See: citewise status --files")
        return text

    def extracted(self, source: str) -> Extracted:
        """The stored text with its headings, paragraphs and rows. Raises NotIndexed as `text` does."""
        self.text(source)
        with self.snapshot() as catalog:
            return catalog.extracted(catalog.files()[source].id)

    def headings(self, source: str) -> list[str]:
        """The headings under which passages of a source stand, innermost only, in order."""
        with self.snapshot() as catalog:
            return [path.rsplit(" > ", 1)[-1] for path in catalog.headings(source)]

    def documents(self, only: Sequence[str] = ()) -> list[DocumentInfo]:
        """All files, or those that any pattern matches, in order of their names, with those that failed or are of no
        supported type."""
        patterns = _patterns(only)
        fits = _fitting(patterns)
        with self.snapshot() as catalog:
            rows = catalog.document_rows()
        return [
            DocumentInfo(source, os.fsdecode(os.path.join(root, path)), *rest)
            for source, root, path, *rest in rows
            if not patterns or fits(source)
        ]

    def status(self, *, scan: bool = False) -> Status:
        """Where the index stands; `scan` looks at the disk too and counts the files that changed since."""
        found, unreachable = changes(self.snapshot()) if scan else ((), ())
        with self.snapshot() as catalog:
            counts = catalog.counts()
            return Status(
                str(self.folder),
                tuple((name, os.fsdecode(path)) for _, name, path in catalog.roots()),
                counts["ready"], counts["passages"], counts["pending"], counts["failed"],
                catalog.meta("indexed_at"), catalog.meta("embedder") or "", len(found), found, unreachable,
                counts["excluded"], catalog.meta("unmerged") is not None,
            )  # fmt: skip

    def exclusions(self) -> list[str]:
        """The files of the user's that were taken out of the index, in order of their names."""
        with self.snapshot() as catalog:
            return sorted(catalog.exclusions())

    @property
    def revision(self) -> str:
        """Differs from an earlier one where anything of the catalog may have changed since, whoever did it. It means
        something to this object only."""
        return self._reading.revision

    def close(self) -> None:
        """Let go of the files; the next read opens them again."""
        self._reading.close()

    # -- writing --------------------------------------------------------------------------------------------------

    def sync(self, *, rebuild: bool = False) -> Generator[Progress]:
        """Read what changed in the folders, embed it, sweep what is gone. Closing the generator cancels; what is done
        stays. `rebuild` forgets everything first, uploads and exclusions aside. Raises IndexBusy while another process
        writes, CitewiseError when the disk is full or the index cannot be written."""
        with self._writing(rebuild=rebuild) as catalog:
            yield from Sync(
                catalog, self.embedder, self._counter.count_tokens, self.max_tokens, self.max_file_bytes
            ).run()

    @contextmanager
    def _writing(self, *, rebuild: bool = False) -> Iterator[Catalog]:
        try:
            with only_writer(self.folder):
                catalog = self._prepared(rebuild)
                try:
                    yield catalog
                finally:
                    catalog.close()
        except (OSError, VectorsUnreadable) as error:
            raise CitewiseError(
                f"The index at {self.folder} could not be written ({error}).",
                "Check free space and permissions, then run it again: what was indexed before is kept.",
            ) from error

    def _prepared(self, rebuild: bool) -> Catalog:
        """The catalog, open for writing, with the roots that were asked for."""
        adopt_new(self.folder)
        if rebuild:
            self.close()
            forget_all(self.folder)
        catalog = Catalog(self.folder, write=True)
        try:
            self._require_same_make(catalog)
            with catalog.change():
                catalog.set_meta("embedder", fingerprint(self.embedder))
                catalog.set_meta("max_tokens", str(self.max_tokens))
                for root in self.roots:
                    edit.add_root(catalog, root)
        except BaseException:
            catalog.close()
            raise
        return catalog

    def add_folder(self, folder: Path, *, allow_wide: bool = False) -> None:
        """Index one more folder from the next sync on. Raises FolderError."""
        root = self._checked(folder, allow_wide)
        with self._writing() as catalog, catalog.change():
            edit.add_root(catalog, root)

    def upload(self, name: str, data: bytes) -> str:
        """Keep a file in the index's own folder; the next sync reads it. Returns its source. An upload of the same name
        and content is kept once, one of other content gets a number.
        Raises UnreadableFile for a type or name that is not read."""
        place = self.folder / UPLOADS
        with self._writing() as catalog:
            path = keep(place, name, data)
            with catalog.change():
                edit.add_root(catalog, place)
        return source_name(UPLOADS, os.fsencode(path.name))

    def remove(self, *sources: str) -> None:
        """Take files out of the index: an upload is deleted, a file of the user's is only excluded, never touched.
        Raises NotIndexed where one of them is not there; then nothing is done."""
        with self._writing() as catalog:
            edit.remove(catalog, sources)

    def restore(self, *sources: str) -> None:
        """Take back removals of files of the user's: the next sync reads them again. Raises NotIndexed where one of them
        was not removed; then nothing is done."""
        with self._writing() as catalog, catalog.change():
            edit.restore(catalog, sources)

    def renew(self, *sources: str) -> None:
        """Have the next sync read these files again, or all where none is named, although they did not change. Passages
        that stay the same are not embedded again. Raises NotIndexed."""
        with self._writing() as catalog, catalog.change():
            edit.renew(catalog, sources)


def _fitting(patterns: Sequence[str]) -> Callable[[str], bool]:
    """What tells whether any pattern `matches` a source; of thousands, those without wildcards are looked up."""
    names = {one.casefold() for one in patterns if not one.endswith("/") and not set("*?[") & set(one)}
    others = [one for one in patterns if one.casefold() not in names]
    return lambda source: (
        bool({source.casefold(), source.partition("/")[2].casefold()} & names)
        or any(matches(source, pattern) for pattern in others)
    )


def _patterns(only: Sequence[str]) -> list[str]:
    return list(dict.fromkeys([only] if isinstance(only, str) else only))
