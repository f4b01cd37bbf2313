"""`eval disagreements`: measure whether both sides are shown, and false alarms."""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of ramdocs and rgb")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep files and indexes here for the next run")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write stamp and answers, one JSON object a line")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.results import write_lines
    from eval.studies.disagreements import TARGETS, run_disagreements
    from eval.table import figures_table, stamp, stamp_line

    figures, rows = run_disagreements(arguments.data, arguments.work)
    made_with = stamp(command, len(rows))
    print(stamp_line(made_with) + "\n\n" + figures_table(figures, TARGETS))
    if arguments.json:
        write_lines(arguments.json, [{"stamp": made_with}, *rows])
    return 0
