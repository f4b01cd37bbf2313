"""`eval followups`: measure what completing a question from its history brings."""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of the data sets")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep files and indexes here for the next run")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.studies.followups import run_followups
    from eval.table import figures_table, stamp, stamp_line

    figures = list(run_followups(arguments.data, arguments.work))
    print(stamp_line(stamp(command, max(figure.n for figure in figures))) + "\n\n" + figures_table(figures))
    return 0
