"""Looking at the folders behind a page or a server, so that what changes there is indexed without a click."""

from __future__ import annotations

import math
import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from rag import CitewiseError

if TYPE_CHECKING:
    from rag import Assistant, Change
    from ui.indexing import Indexing

SHARE = 20  # a look takes at most this part of the time
LONGEST = 300.0  # seconds between two looks, however long one takes
RESTING = 60.0  # while it is off, when what changed is only told
AFTER_ERROR = 30.0  # seconds before what a sync could not do is tried again


class Watch:
    """Looks at the folders again and again, from `begin` on, and starts a sync where something changed there.

    Plain looks, as they work on every system and on network disks. A change counts once two looks saw the same, so that no
    file is read while it is being written; what a sync did not mend is not tried again before it changes,
    but for deleted words that a reader kept it from erasing.
    """

    def __init__(self, assistant: Assistant, indexing: Indexing, every: float = 2.0) -> None:
        self.on = True
        self.every = every
        self.changes: tuple[Change, ...] = ()
        self.unreachable: tuple[tuple[str, str], ...] = ()
        self.looked = ""  # when, as documents have it
        self._assistant, self._indexing = assistant, indexing
        self._seen: frozenset[Change] = frozenset()
        self._tried: frozenset[Change] = frozenset()
        self._awake = threading.Event()
        self._lock = threading.Lock()
        self._begun = self._ended = self._held = False
        self._rests = 0.0  # until then, after a defect
        self._unerased = math.inf  # since when deleted words wait to be erased
        self._left = -math.inf  # when the sync ended that somebody stopped

    def begin(self) -> None:
        """Looks from now on, in a thread of its own. Called again, it does nothing."""
        with self._lock:
            if self._begun or self._ended or time.monotonic() < self._rests:
                return
            self._begun = True
        threading.Thread(target=self._run, name="citewise-watch", daemon=True).start()

    def end(self) -> None:
        """Starts no sync any more."""
        self._ended = True
        self._awake.set()

    def switch(self, on: bool) -> None:
        """Whether what changed is indexed, or only told."""
        self.on = on
        self._awake.set()

    def wake(self) -> None:
        """Looks at once."""
        self._awake.set()

    def hold(self) -> None:
        """Somebody stopped a sync: what it left undone is not begun again before something else changes."""
        self._held = True

    def _run(self) -> None:
        try:
            while not self._ended:
                self._awake.wait(self._look())
                self._awake.clear()  # before it is looked whether this is the end, which is said first
        finally:  # after a defect of ours, the next page that asks begins it anew
            with self._lock:
                self._begun, self._rests = False, time.monotonic() + AFTER_ERROR

    def _look(self) -> float:
        """Looks once; returns the seconds until it does again."""
        if self._indexing.running:
            return self.every
        began, looked = time.monotonic(), datetime.now(UTC).isoformat(timespec="seconds")
        try:
            status = self._assistant.status(scan=True)
        except CitewiseError:  # the page says what is wrong
            self.changes = self.unreachable = ()
            return AFTER_ERROR
        pause = max(self.every, min(SHARE * (time.monotonic() - began), LONGEST))
        fresh = frozenset(status.changes)
        settled, self._seen = fresh & self._seen, fresh
        self._tried &= fresh
        self.changes, self.unreachable, self.looked = status.changes, status.unreachable, looked
        if self._held:
            self._tried, self._held, self._left = fresh, False, self._indexing.ended
        if not self.on or self._ended:
            return max(pause, RESTING)
        if self._indexing.error and (left := self._indexing.ended + AFTER_ERROR - began) > 0:
            return left
        self._unerased = min(self._unerased, began) if status.unerased else math.inf
        waited = began - max(self._unerased, self._indexing.ended) > AFTER_ERROR  # another process may be about to
        if settled - self._tried or self._indexing.error or (waited and self._indexing.ended != self._left):
            self._tried = fresh
            self._indexing.start()
        return pause
