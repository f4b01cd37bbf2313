"""`eval bench`: run a benchmark."""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    from eval.studies.bench import BENCHMARKS

    parser.add_argument("name", choices=BENCHMARKS)
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="its folder, or the one above")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep files and index here for the next run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write stamp and scores, one JSON object a line")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.results import write_lines
    from eval.studies.bench import run_bench
    from eval.table import figures_table, stamp, stamp_line

    data = arguments.data / arguments.name if (arguments.data / arguments.name).is_dir() else arguments.data
    result = run_bench(arguments.name, data, arguments.work)
    made_with = stamp(command, len(result.rows))
    print(stamp_line(made_with) + "\n\n" + figures_table(result.figures, result.targets))
    if arguments.json:
        write_lines(arguments.json, [{"stamp": made_with}, *result.rows])
    return 0
