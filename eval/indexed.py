"""An assistant over a folder that has just been indexed, in a place of its own: the user's indexes are left alone."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from eval.ours import writing
from eval.table import printable
from rag import Assistant, CitewiseError, Report, Settings

_NAMED = 5  # files that could not be read which are named


def samples_folder() -> Path:
    """The bundled sample documents, beside this package or, once installed, inside the app's."""
    root = Path(__file__).parent.parent
    return next(folder for folder in (root / "samples", root / "ui" / "samples") if folder.is_dir())


@contextmanager
def work_folder(path: Path | None) -> Iterator[Path]:
    """A folder to build in: the given one, kept and used again, or one that is deleted afterwards."""
    if path is not None:
        with writing("Name another folder."):
            path.mkdir(parents=True, exist_ok=True)
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="citewise-eval-") as name:
        yield Path(name)


@contextmanager
def indexed(folder: Path, index: Path | None = None, /, **flags: dict[str, Any]) -> Iterator[Assistant]:
    """The assistant of a folder, in step with it; `index` is kept, without one a temporary index is made. `flags` are
    settings as `Settings.load` takes them.

    Files that could not be read are named on stderr. Raises as `Assistant.open`, `Settings.load` and `sync` do.
    """
    with work_folder(index) as place, closing(open_assistant(folder, place, **flags)) as assistant:
        report = synced(assistant)
        for source, reason in report.failed[:_NAMED]:
            print(printable(f"not indexed: {source}: {reason}"), file=sys.stderr)
        yield assistant


def open_assistant(folder: Path, index: Path, /, **flags: dict[str, Any]) -> Assistant:
    """An assistant whose index lies at `index`; what it is asked is no person's question, so none is logged."""
    flags = flags | {"index": flags.get("index", {}) | {"path": index}, "log": {"questions": False}}
    return Assistant.open(folder, settings=Settings.load(documents=[folder], **flags))


def synced(assistant: Assistant) -> Report:
    """Sync to the end, with progress on a terminal; the report."""
    report = None
    for step in assistant.sync():
        report = step.report
        if sys.stderr.isatty() and step.total:
            print(f"\r{step.phase} {step.done:,} of {step.total:,}\033[K", end="", file=sys.stderr)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr)
    if report is None:
        raise CitewiseError("The folder was not indexed to the end.", "Run it again.")
    return report
