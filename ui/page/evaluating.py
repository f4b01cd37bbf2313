"""The evaluation behind the page: one at a time for all tabs, which poll how far it is."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag import CitewiseError
from ui.indexing import DEFECT

if TYPE_CHECKING:
    from rag import Assistant


@dataclass
class _Run:
    """One under way, or the last one. `before` it, so many questions had been asked by one that it goes on with."""

    gold: str
    begun: float = field(default_factory=time.monotonic)
    before: int | None = None
    done: int = 0
    total: int = 0
    says: str = ""
    error: str = ""
    stop: threading.Event = field(default_factory=threading.Event)

    def progress(self, done: int, total: int) -> None:
        self.before = done - 1 if self.before is None else self.before
        self.done, self.total = done, total

    @property
    def seconds_left(self) -> float | None:
        asked = self.done - (self.before or 0)
        return (time.monotonic() - self.begun) / asked * (self.total - self.done) if asked else None


class Evaluating:
    """Asks gold questions in the background, so that people can ask theirs meanwhile."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._turn = threading.Condition()
        self._run: _Run | None = None
        self.running = False

    def start(self, name: str, gold: Path) -> None:
        """Begin to ask the questions of a file, unless an evaluation runs."""
        with self._turn:
            if self.running:
                return
            self.running, self._run = True, _Run(name)
        threading.Thread(target=self._evaluate, args=(self._run, gold), name="citewise-evaluation", daemon=True).start()

    def stop(self) -> None:
        """End the one under way; what was answered is kept."""
        if self._run:
            self._run.stop.set()

    def wait(self, seconds: float) -> None:
        """Returns when none is running, or after this time."""
        with self._turn:
            self._turn.wait_for(lambda: not self.running, seconds)

    def state(self) -> dict[str, Any] | None:
        """The one under way, or the last one of this program: {running, stopping, gold, done, total, seconds_left, says,
        error}; None where there was none."""
        if (run := self._run) is None:
            return None
        return {
            "running": self.running, "stopping": self.running and run.stop.is_set(), "gold": run.gold,
            "done": run.done, "total": run.total, "seconds_left": run.seconds_left, "says": run.says,
            "error": "" if self.running else run.error,
        }  # fmt: skip

    def _evaluate(self, run: _Run, gold: Path) -> None:
        from eval import evaluate

        run.error = str(DEFECT)  # unless it ends
        try:
            result = evaluate(self._assistant, gold, run.progress, run.stop)
            asked = f"{len(result.rows):,} of {result.stamp['n']:,}"
            run.says = "" if result.whole else f"Stopped after {asked} questions. The next run goes on from there."
            run.error = ""
        except CitewiseError as error:
            run.error = str(error)
        finally:
            with self._turn:
                self.running = False
                self._turn.notify_all()
