"""Where runs are kept: in the user's data directory a folder for each gold file, in it the newest runs of it.

They hold questions, answers and quotes, so nobody else may read them.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from eval.results import Result, load_result
from eval.run import PARTIAL
from rag import CitewiseError, data_folder

SUFFIX = ".jsonl"
NEWEST = 20  # runs of a gold file
_ENDINGS = (SUFFIX, SUFFIX + PARTIAL)


def runs_folder() -> Path:
    return data_folder() / "evaluations"


def folder_of(gold: Path) -> Path:
    """Where the runs of a gold file are, whatever it holds by now."""
    return runs_folder() / f"{gold.stem}-{hashlib.sha256(str(gold.resolve()).encode()).hexdigest()[:8]}"


def place_of(gold: Path, stamp: Mapping[str, Any]) -> Path:
    """The file of a run that begins now, beside the earlier ones of its gold file; its name sorts by time."""
    started = stamp["started"].partition("+")[0].replace(":", "-").replace(".", "-")  # no file has a ":" on Windows
    return folder_of(gold) / f"{started}Z{SUFFIX}"


def make_private(folder: Path) -> None:
    """Make a folder of runs, if need be. Raises OSError."""
    for place in (data_folder(), runs_folder(), folder):
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    runs_folder().chmod(0o700)
    folder.chmod(0o700)


def tidy(folder: Path) -> None:
    """Let only the user read the files of a folder of runs, and delete all but those of its newest runs."""
    runs = sorted({_run_of(path) for path in folder.iterdir()}, reverse=True)
    for path in folder.iterdir():
        with suppress(FileNotFoundError):  # another run ended just now
            if _run_of(path) in runs[:NEWEST]:
                path.chmod(0o600)
            else:
                path.unlink()


def cut_off(folder: Path) -> Path | None:
    """What would be the file of the newest run of a folder, where it was cut off."""
    newest = max((path for ending in _ENDINGS for path in folder.glob(f"*{ending}")), key=_run_of, default=None)
    return newest.with_suffix("") if newest and newest.suffix == PARTIAL else None


def earlier(folder: Path, unlike: Path) -> Iterator[Result]:
    """The whole runs of a folder, newest first, one aside; what cannot be read is left out."""
    for path in sorted(folder.glob(f"*{SUFFIX}"), reverse=True):
        if path != unlike:
            try:
                yield load_result(path)
            except CitewiseError:
                continue


def newest(golds: Sequence[Path], corpus: str) -> Iterator[Path]:
    """The results of whole runs over these gold files, or over the documents of this digest, the last begun first."""
    folders = {folder_of(gold) for gold in golds}
    begun: list[tuple[str, Path]] = []
    for path in every_run():
        stamp = _stamp_of(path) if path.suffix == SUFFIX else {}
        if stamp and (path.parent in folders or stamp.get("corpus_sha256") == corpus):
            begun.append((str(stamp.get("started")), path))
    return (path for _, path in sorted(begun, reverse=True))


def _stamp_of(path: Path) -> Mapping[str, Any]:
    """The stamp of a results file, read alone; nothing where it has none."""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return dict(json.loads(file.readline())["stamp"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def every_run() -> Iterator[Path]:
    """The results of all kept runs, by gold file and time; of those that were cut off, what there is."""
    return iter(sorted(path for ending in _ENDINGS for path in runs_folder().glob(f"*/*{ending}")))


def erase() -> int:
    """Delete all kept runs; how many there were. Raises OSError."""
    count = sum(1 for _ in every_run())
    if runs_folder().exists():
        shutil.rmtree(runs_folder())
    return count


def _run_of(path: Path) -> str:
    """The name that all files of a run begin with, hidden ones too."""
    return path.name.removeprefix(".").partition(".")[0]
