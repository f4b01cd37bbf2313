"""What the terminal shows: JSON or plain text, progress, notes and errors. No document can steer the terminal by it."""

from __future__ import annotations

import io
import json
import os
import re
import shutil
import sys
import textwrap
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ui.indexing import PHASES

if TYPE_CHECKING:
    from rag import Answer, CitewiseError, Progress, Report

PLAIN_EVERY = 5.0  # seconds between two lines of progress where no terminal can redraw one
WIDEST = 100

# Escape sequences with what they carry (ECMA-48: CSI; OSC, DCS and other strings up to their end; two characters).
_SEQUENCE = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c\n]*(?:\x07|\x1b\\|\x9c)?"
    r"|\x9b[0-?]*[ -/]*[@-~]|\x1b[ -/]*[0-~]?"
)
# What is left of control characters, and those that turn the direction of writing, so that a text shows another.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_BREAKS = re.compile(r"\r\n?|[\x85\u2028\u2029]")
# JSON leaves these as they are; some terminals obey them and some readers of lines break at them.
_UNSAFE_IN_JSON = re.compile(r"[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def clean(text: str) -> str:
    """Text of a document as it may be printed: no escape sequence, no control character but newline and tab."""
    return _CONTROL.sub("", _SEQUENCE.sub("", _BREAKS.sub("\n", text)))


def one_line(text: str, longest: int | None = None) -> str:
    """`clean`, with white space run together, and cut with "…" after `longest` characters."""
    line = " ".join(clean(text).split())
    if longest is None or len(line) <= longest:
        return line
    return line[:longest].rsplit(" ", 1)[0].rstrip(" ,;:.") + "…"


def dumped(shape: Any) -> str:
    """One line of JSON."""
    line = json.dumps(shape, ensure_ascii=False, allow_nan=False, default=str)
    return _UNSAFE_IN_JSON.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


class Terminal:
    """Standard output for results, standard error for all else; both are JSON lines where `as_json` is true."""

    def __init__(self, as_json: bool = False) -> None:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(encoding="utf-8", errors="replace")
        self.as_json = as_json
        self.is_terminal = sys.stdout.isatty()
        self._styled = (
            self.is_terminal and "NO_COLOR" not in os.environ and os.environ.get("TERM") not in ("dumb", None)
        )
        self.width = min(WIDEST, shutil.get_terminal_size().columns - 1) if self.is_terminal else 0

    def result(self, shape: Any, text: Iterable[str]) -> None:
        """Print a result: `shape` as JSON, or the lines of `text`, which the caller has made clean."""
        print(dumped(shape) if self.as_json else "\n".join(text), flush=True)

    def wrapped(self, text: str, indent: str = "") -> str:
        """Text broken into lines for a terminal; a pipe gets it as it is."""
        lines = clean(text).split("\n")
        if not self.width:
            return "\n".join(lines)
        return "\n".join(
            textwrap.fill(line, self.width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
            for line in lines
        )

    def strong(self, text: str) -> str:
        return f"\x1b[1m{text}\x1b[0m" if self._styled else text

    def faint(self, text: str) -> str:
        return f"\x1b[2m{text}\x1b[0m" if self._styled else text

    def marked(self, text: str) -> str:
        """A span that stands out from the text around it."""
        return f"\x1b[7m{text}\x1b[0m" if self._styled else f">>>{text}<<<"

    def note(self, text: str) -> None:
        """Say something beside the result."""
        print(dumped({"note": text}) if self.as_json else f"note: {clean(text)}", file=sys.stderr, flush=True)

    def error(self, error: CitewiseError) -> None:
        if self.as_json:
            line = dumped({"error": {"message": error.message, "remedy": error.remedy}})
        else:
            line = f"error: {clean(str(error))}"
        print(line, file=sys.stderr, flush=True)

    def growing(self, answers: Iterable[Answer]) -> Answer:
        """The last of growing answers; a terminal shows them as they grow, until the last takes their place."""
        if self.as_json or not self.is_terminal:
            *_, last = answers
            return last
        from rich.console import Console
        from rich.live import Live
        from rich.text import Text

        rows = shutil.get_terminal_size().lines - 2
        with Live(console=Console(width=self.width), transient=True, refresh_per_second=12) as live:
            try:
                for last in answers:
                    live.update(Text("\n".join(self.wrapped(last.text).split("\n")[-rows:])))
            except KeyboardInterrupt:
                live.transient = False  # what was written stays
                raise
        return last

    def progress(self, steps: Iterable[Progress]) -> Report:
        """Follow a sync to its end and return its report."""
        if self.as_json:
            shown = iter(steps)
        elif sys.stderr.isatty():
            shown = _drawn(steps)
        else:
            shown = _told(steps)
        *_, last = shown
        assert last.report is not None, "the last step of a sync carries its report"
        return last.report


def _told(steps: Iterable[Progress]) -> Iterator[Progress]:
    """Progress in plain lines: one a phase, and one every few seconds."""
    phase = ""
    told = 0.0
    for step in steps:
        if step.phase in PHASES and (step.phase != phase or time.monotonic() - told > PLAIN_EVERY):
            phase, told = step.phase, time.monotonic()
            of = f": {step.done:,} of {step.total:,}" if step.phase in ("read", "embed") else ""
            print(PHASES[phase] + of, file=sys.stderr, flush=True)
        yield step


def _drawn(steps: Iterable[Progress]) -> Iterator[Progress]:
    """Progress as a bar that is redrawn."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (
        TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn(),
        TimeRemainingColumn(), TextColumn("{task.fields[source]}", markup=False),
    )  # fmt: skip
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        bar = bars.add_task("", source="")
        phase = ""
        for step in steps:
            if step.phase in PHASES:
                if step.phase != phase:
                    phase = step.phase
                    bars.reset(bar, description=PHASES[phase])
                bars.update(bar, completed=step.done, total=step.total or None, source=one_line(step.source or "", 40))
            yield step
