"""Where runs are kept: in the user's data directory a folder for each gold file, in it a file for each run."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from eval.results import Result, load_result
from rag import CitewiseError, data_folder

SUFFIX = ".jsonl"


def place_of(stamp: Mapping[str, Any]) -> Path:
    """The file of a run that begins now, beside the earlier ones of its gold file; its name sorts by time."""
    name = f"{Path(stamp['gold']).stem}-{stamp['gold_sha256'][:8]}"
    started = stamp["started"].partition("+")[0].replace(":", "-").replace(".", "-")  # no file has a ":" on Windows
    return data_folder() / "evaluations" / name / f"{started}Z{SUFFIX}"


def earlier(place: Path) -> Iterator[tuple[Path, Result]]:
    """The runs in the folder of `place`, newest first, itself aside; what cannot be read is left out."""
    for path in sorted(place.parent.glob(f"*{SUFFIX}"), reverse=True):
        if path != place:
            try:
                yield path, load_result(path)
            except CitewiseError:
                continue
