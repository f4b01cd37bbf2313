"""`eval report`: make the report of a run again from its results file, judge it, or make one page over several."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from eval.conclude import conclude, gates, judged, loaded
from rag import SettingsError

if TYPE_CHECKING:
    from eval.results import Result


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULT.jsonl", help="what `eval run` wrote")
    parser.add_argument("--previous", type=loaded, metavar="FILE", help="results of an earlier run, to be shown beside")
    parser.add_argument("--out", type=Path, metavar="PATH", help="write here (default: beside the results)")
    parser.add_argument("--page", action="store_true", help="one Markdown page over all: headlines, n, intervals")
    gates(parser)


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.results import load_result

    gated = bool(arguments.min or arguments.baseline or arguments.junit)
    if arguments.page and (arguments.previous or gated):
        raise SettingsError("--page shows no earlier run and no gates.", "Leave out what asks for them, or --page.")
    if len(arguments.results) > 1 and not arguments.page:
        raise SettingsError("A report is of one run.", "Name one file, or add --page for a page over all.")
    results = [(path.stem, load_result(path)) for path in arguments.results]
    if arguments.page:
        _page(results, arguments.out)
        return 0
    first, result = arguments.results[0], results[0][1]
    checks = judged(arguments, result) if gated else []
    report = arguments.out or first
    return conclude(first, result, checks, arguments.previous, report=report, junit=arguments.junit)


def _page(results: Sequence[tuple[str, Result]], out: Path | None) -> None:
    from eval.ours import MARKDOWN, replace_ours, writing
    from eval.report import page

    text = page(results)
    if out is None:
        print(text, end="")
    else:
        with writing("Name another place: --out"):
            print(replace_ours(out, f"{MARKDOWN}\n\n{text}"))
