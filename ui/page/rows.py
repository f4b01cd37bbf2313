"""The list of files as pages get it: all of it once, then what changed."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from secrets import token_hex
from typing import Any

Row = list[Any]

GONE = 1_000  # names that are gone and still told to pages that know them
THROTTLE = 10  # a list that took a second to make is made again after ten


class Rows:
    """The rows of all files by name, and for each the version of the list in which it changed last.

    A page names the version that it knows; one of another process, or of before a restart, is unknown.
    """

    def __init__(self, read: Callable[[], dict[str, Row]]) -> None:
        self._read = read
        self._lock = threading.Lock()
        self._epoch = token_hex(4)
        self._version = self._oldest = 0  # of a page older than that, it is not known which names are gone
        self._rows: dict[str, tuple[int, Row | None]] = {}
        self._stamp: object = None
        self._due = 0.0

    def since(self, known: str, stamp: object) -> dict[str, Any]:
        """What is new since a version: `rows` as they are now, `gone` names, the version now; `whole` where the page must
        forget what it had. The rows are read anew where the `stamp` is another one than before. Raises CitewiseError."""
        with self._lock:
            if stamp != self._stamp and time.monotonic() >= self._due:
                self._renew(stamp)
            epoch, _, version = known.partition(".")
            since = int(version) if epoch == self._epoch and version.isdecimal() else -1
            whole = since < self._oldest
            since = 0 if whole else since
            fresh = [(source, row) for source, (changed, row) in self._rows.items() if changed > since]
            return {
                "known": f"{self._epoch}.{self._version}",
                "whole": whole,
                "rows": [[source, *row] for source, row in fresh if row is not None],
                "gone": [] if whole else [source for source, row in fresh if row is None],
            }

    @property
    def told(self) -> bool:
        """Whether there ever was a list."""
        return self._version > 0

    def soon(self) -> None:
        """Somebody changed something, and looks at it."""
        self._due = 0.0

    def _renew(self, stamp: object) -> None:
        began = time.monotonic()
        rows = self._read()
        self._version += 1
        for source in self._rows.keys() | rows.keys():
            row = rows.get(source)
            if source not in self._rows or self._rows[source][1] != row:
                self._rows[source] = self._version, row
        if len(self._rows) - len(rows) > GONE:
            self._oldest = self._version
            self._rows = {source: (changed, row) for source, (changed, row) in self._rows.items() if row is not None}
        now = time.monotonic()
        self._stamp, self._due = stamp, now + THROTTLE * (now - began)
