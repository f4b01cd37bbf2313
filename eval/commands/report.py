"""`eval report`: make the report of a run again from its results file, or one page over several."""

from __future__ import annotations

import argparse
from pathlib import Path

from rag import CitewiseError, SettingsError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("results", type=Path, nargs="+", metavar="RESULT.jsonl", help="what `eval run` wrote")
    parser.add_argument("--previous", type=Path, metavar="FILE", help="results of an earlier run, to be shown beside")
    parser.add_argument("--out", type=Path, metavar="PATH", help="write here (default: beside the results)")
    parser.add_argument("--page", action="store_true", help="one Markdown page over all: headlines, n, intervals")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.report import facts, page, summary_of, write_files
    from eval.results import load_result

    if arguments.page and arguments.previous:
        raise SettingsError("--page shows no earlier run.", "Leave out --previous, or --page.")
    if len(arguments.results) > 1 and not arguments.page:
        raise SettingsError("A report is of one run.", "Name one file, or add --page for a page over all.")
    results = [(path.stem, load_result(path)) for path in arguments.results]
    first, result = arguments.results[0], results[0][1]
    try:
        if arguments.page and arguments.out is None:
            print(page(results), end="")
        elif arguments.page:
            arguments.out.parent.mkdir(parents=True, exist_ok=True)
            arguments.out.write_text(page(results), "utf-8", errors="replace")
            print(arguments.out)
        else:
            previous = load_result(arguments.previous) if arguments.previous else None
            known = facts(result, previous)
            print(summary_of(known), "", *write_files(known, arguments.out or first.with_suffix("")), sep="\n")
    except OSError as error:
        raise CitewiseError(
            f"{error.filename} cannot be written ({error.strerror}).", "Name another place: --out"
        ) from None
    return 0
