"""What the documents page asks for: the list of files and the state of the index, and what people do to them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag import SUPPORTED, CitewiseError, IndexDamaged, IndexMissing, IndexOutdated
from ui.indexing import PHASES
from ui.opening import remember
from ui.page.offered import Given, by_name, offered
from ui.page.rows import Row, Rows

if TYPE_CHECKING:
    from rag import Assistant, Report
    from ui.indexing import Indexing

WAITING = {
    "added": "not read yet",
    "changed": "changed since it was read",
    "removed": "no longer in its folder",
}
COUNTS = ("files", "passages", "pending", "failed", "excluded")
NO_LIST: dict[str, Any] = {"known": "", "whole": True, "rows": [], "gone": []}
MOST = 100  # files that are added in one call
LONGEST = 4096  # characters of a path


class Library:
    """The documents behind a page. Where no `folders`, none can be added by it."""

    def __init__(self, assistant: Assistant, indexing: Indexing, *, folders: bool = True) -> None:
        self._assistant, self._indexing, self._folders = assistant, indexing, folders
        self._rows = Rows(self._read)

    @property
    def functions(self) -> list[Callable[..., Any]]:
        """What the component may call, by name."""
        return by_name(
            library=self.library, library_add=self.library_add, library_folder=self.library_folder,
            library_remove=self.library_remove, library_restore=self.library_restore, library_renew=self.library_renew,
            library_sync=self.library_sync, library_watch=self.library_watch,
        )  # fmt: skip

    # -- what there is ----------------------------------------------------------------------------------------------

    @offered
    def library(self, given: Given) -> dict[str, Any]:
        """The state of the index; where `given` names the version of the list that the page has ("known", "" for none),
        what changed in it since. The first page that asks begins the watch over the folders."""
        indexing, index = self._indexing, self._assistant.index
        indexing.watch.begin()
        state = self._state()
        try:
            state |= self._counts()
            if "known" in given:
                stamp = index.revision, indexing.watch.changes, indexing.report
                state["list"] = self._rows.since(str(given["known"]), stamp)
        except IndexMissing as error:  # as before the first sync, or while it is built anew
            if self._rows.told and not self._indexing.running:
                state |= {"broken": str(error), "mend": False, "list": NO_LIST}
        except CitewiseError as error:
            state |= {"broken": str(error), "mend": isinstance(error, IndexDamaged | IndexOutdated)}
        return state

    def _state(self) -> dict[str, Any]:
        indexing = self._indexing
        watch, progress, report = indexing.watch, indexing.progress, indexing.report
        return {
            "folders": self._folders,
            "types": sorted(SUPPORTED),
            "limit": int(self._assistant.settings.index.max_file_mb * 1e6),
            "watch": watch.on,
            "changed": len(watch.changes),
            "unreachable": [list(pair) for pair in watch.unreachable],
            "error": indexing.error,
            "report": said(report) if report else None,
            "progress": {
                "says": PHASES.get(progress.phase, "Indexing") if progress else "Starting",
                "unit": "passage" if progress and progress.phase == "embed" else "file",
                "done": progress.done if progress else 0,
                "total": progress.total if progress else 0,
                "source": progress.source if progress else None,
                "seconds_left": progress.seconds_left if progress else None,
            }
            if indexing.running
            else None,
            **dict.fromkeys(COUNTS, 0),
            "roots": [],
            "indexed_at": None,
        }

    def _counts(self) -> dict[str, Any]:
        status = self._assistant.status()
        roots = [list(root) for root in status.roots]
        return {**{name: getattr(status, name) for name in COUNTS}, "roots": roots, "indexed_at": status.indexed_at}

    def _read(self) -> dict[str, Row]:
        """All rows by name: type, state, reason, pages, passages, bytes, when it was indexed."""
        waiting = {change.source: change for change in self._indexing.watch.changes}
        rows: dict[str, Row] = {}
        for one in self._assistant.documents():
            state, reason = one.status, one.reason
            if one.pending:
                state, reason = "waiting", "found by its words only, until it is embedded"
            change = waiting.pop(one.source, None)
            if change and one.indexed_at <= self._indexing.watch.looked:  # else a sync was there since
                state, reason = "waiting", WAITING[change.kind]
            rows[one.source] = [one.type, state, reason, one.pages, one.passages, one.size, one.indexed_at]
        for source, change in waiting.items():
            if change.kind == "added":
                rows[source] = [_type(source), "waiting", WAITING["added"], None, 0, change.size, None]
        for source in self._assistant.excluded():
            rows[source] = [_type(source), "excluded", None, None, 0, None, None]
        for source, reason in self._indexing.report.skipped if self._indexing.report else ():
            rows.setdefault(source, [_type(source), "skipped", reason, None, 0, None, None])
        return rows

    # -- what people do to it ---------------------------------------------------------------------------------------

    @contextmanager
    def _changing(self) -> Iterator[None]:
        with self._indexing.paused():
            yield
        self._rows.soon()

    @offered
    def library_add(self, given: Given) -> dict[str, Any]:
        """Keeps files {files: [{path, name}]} that were sent to Gradio, under their own names, and begins to read them.
        Returns {outcomes}, one for each: {source, known} or {error}; `known` where the index had that very file."""
        files = given.get("files")
        if not isinstance(files, list) or not all(isinstance(one, dict) for one in files) or len(files) > MOST:
            return {"error": "The call names no files."}
        with self._changing():
            known = self._known()
            outcomes = [self._kept(one, known) for one in files]
        self._indexing.start()
        return {"outcomes": outcomes}

    def _known(self) -> set[str]:
        try:
            return {one.source for one in self._assistant.documents()}
        except IndexMissing:
            return set()

    def _kept(self, given: dict[str, Any], known: set[str]) -> dict[str, Any]:
        copy = sent(given.get("path"))
        if copy is None:
            return {"error": "The copy is gone. Send it again."}
        try:
            source = self._assistant.upload(str(given.get("name"))[:LONGEST], copy.read_bytes())
        except CitewiseError as error:
            return {"error": str(error)}
        except OSError as error:  # another tab sent the same file, whose copy they share and which is gone
            return {"error": f"The copy could not be read ({error.strerror}). Send it again."}
        finally:
            copy.unlink(missing_ok=True)
        return {"source": source, "known": source in known}

    @offered
    def library_folder(self, given: Given) -> dict[str, Any]:
        """Adds the folder {path} of this machine. Returns {}."""
        path = str(given.get("path") or "").strip()[:LONGEST]
        if not self._folders or not path:
            return {"error": "No folder can be added here." if path else "Name a folder."}
        with self._changing():
            self._assistant.add_folder(path)
        remember(self._assistant)
        self._indexing.start()
        return {}

    @offered
    def library_remove(self, given: Given) -> dict[str, Any]:
        """Deletes uploads, and excludes other files, which are not touched, of {sources}. Returns {}."""
        with self._changing():
            self._assistant.remove(*sources_of(given))
        return {}

    @offered
    def library_restore(self, given: Given) -> dict[str, Any]:
        """Takes back the exclusion of {sources}, which are then read. Returns {}."""
        with self._changing():
            self._assistant.restore(*sources_of(given))
        self._indexing.start()
        return {}

    @offered
    def library_renew(self, given: Given) -> dict[str, Any]:
        """Has {sources}, or all files where there is none, read again. Returns {}."""
        with self._changing():
            self._assistant.renew(*([] if given.get("all") else sources_of(given)))
        self._indexing.start()
        return {}

    @offered
    def library_sync(self, given: Given) -> dict[str, Any]:
        """Starts a sync, or has the running one stop: {stop}; {rebuild}: makes a damaged index anew. Returns {}."""
        if given.get("stop"):
            self._indexing.stop()
        else:
            self._indexing.start(rebuild=bool(given.get("rebuild")) and self._mendable())
        return {}

    def _mendable(self) -> bool:
        try:
            self._assistant.status()
        except (IndexDamaged, IndexOutdated):
            return True
        return False

    @offered
    def library_watch(self, given: Given) -> dict[str, Any]:
        """Whether what changes in the folders is indexed at once: {on}. Returns {}."""
        if not isinstance(given.get("on"), bool):
            raise CitewiseError("The call does not say whether to.")
        self._indexing.watch.switch(given["on"])
        return {}


def sources_of(given: dict[str, Any]) -> list[str]:
    """The names of files that a call is about. Raises CitewiseError where there are none."""
    sources = given.get("sources")
    if not isinstance(sources, list) or not sources or not all(isinstance(source, str) for source in sources):
        raise CitewiseError("The call names no files.")
    return sources


def sent(path: object) -> Path | None:
    """A copy that a browser sent to Gradio; None for any other place, so that no call has a file of this machine read."""
    copies = Path(os.environ["GRADIO_TEMP_DIR"]).resolve()
    try:
        copy = Path(str(path)).resolve()
        return copy if copy.is_relative_to(copies) and copy.is_file() else None
    except (OSError, ValueError):
        return None


def said(report: Report) -> str:
    """What a sync did, in one line."""
    counts = {name: getattr(report, name) for name in ("added", "changed", "renamed", "removed")}
    done = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing changed"
    return f"Last sync: {done} ({report.seconds:.1f} s)"


def _type(source: str) -> str:
    stem, dot, suffix = source.rpartition("/")[2].rpartition(".")
    return suffix.lower() if stem and dot else ""
