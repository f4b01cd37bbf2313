"""The sync behind the page: one at a time for all tabs, which poll what it is doing."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from rag import CitewiseError
from ui.watching import Watch

if TYPE_CHECKING:
    from rag import Assistant, Progress, Report

DEFECT = CitewiseError("Something went wrong inside Citewise.", "The terminal that runs it says more.")
PHASES = {
    "scan": "Looking through the folders",
    "read": "Reading files",
    "embed": "Embedding passages",
    "sweep": "Tidying up",
}


class Indexing:
    """One sync at a time behind all tabs; they poll its state. A request during a sync makes it run once more.

    The index has one writer, so whoever adds files waits for its turn with `paused`, for which a running sync makes way.
    """

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._turn = threading.Condition()
        self._again = self._stopping = self._writing = self._rebuild = False
        self._waiting = 0
        self.ended = time.monotonic()
        self.watch = Watch(assistant, self)
        self.progress: Progress | None = None
        self.report: Report | None = None
        self.error = ""
        self.running = False

    def start(self, *, rebuild: bool = False) -> None:
        """Starts a sync in the background, or has the running one repeat; with `rebuild`, it forgets everything first."""
        with self._turn:
            self._again, self._rebuild = self.running, self._rebuild or rebuild
            if self.running:
                self._stopping = False
                return
            self.running = True
        threading.Thread(target=self._run, name="citewise-sync", daemon=True).start()

    def stop(self) -> None:
        """Has the running sync stop at its next step; what it did so far stays."""
        with self._turn:
            self._stopping, self._again, self._rebuild = self.running, False, False
            if self.running:
                self.watch.hold()
                self._turn.notify_all()

    def wait(self, seconds: float) -> None:
        """Returns when no sync is running, or after this time."""
        with self._turn:
            self._turn.wait_for(lambda: not self.running, seconds)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The index is free to be written meanwhile; a sync that ran is closed at its next step and begins again after.
        What it did so far stays."""
        with self._turn:
            self._waiting += 1
            self._turn.wait_for(lambda: not self._writing)
            self._waiting -= 1
            self._writing = True
        try:
            yield
        finally:
            self._leave()

    def _leave(self) -> None:
        with self._turn:
            self._writing = False
            self._turn.notify_all()

    def _run(self) -> None:
        try:
            while self._synced():
                pass
        except BaseException:
            self.error = str(DEFECT)
            self._end()
            raise

    def _synced(self) -> bool:
        """One sync, when its turn has come; whether another one is due."""
        interrupted = False
        with self._turn:
            self._turn.wait_for(lambda: self._stopping or not (self._writing or self._waiting))
            if self._stopping:
                self._end()
                return False
            self._writing, self._again = True, False
            options, self._rebuild = {"rebuild": True} if self._rebuild else {}, False
        error = ""
        try:
            with closing(self._assistant.sync(**options)) as steps:
                for self.progress in steps:
                    self.report = self.progress.report or self.report
                    interrupted = self._waiting > 0 and self.progress.report is None
                    if self._stopping or interrupted:
                        break
        except CitewiseError as problem:
            error = str(problem)
        finally:
            self._leave()
        with self._turn:
            self.error = error
            due = not error and (self._again or (interrupted and not self._stopping))
            if not due:
                self._end()
        return due

    def _end(self) -> None:
        with self._turn:
            self.ended, self.progress = time.monotonic(), None
            self.running = self._stopping = self._rebuild = False
            self._turn.notify_all()
        self.watch.wake()
