"""`eval silence`: measure what refusals and confidence tell, on near misses."""

from __future__ import annotations

import argparse
from pathlib import Path

from eval.questions import BUNDLED


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of the data sets")
    parser.add_argument(
        "--gold", type=Path, default=BUNDLED, metavar="FILE", help="questions asked of --folder as well"
    )
    parser.add_argument("--folder", type=Path, metavar="DIR", help="the documents of --gold (default: it is left out)")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep files and indexes here for the next run")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.studies.silence import run_silence
    from eval.table import figures_table, stamp, stamp_line

    gold = (arguments.gold, arguments.folder) if arguments.folder else None
    figures = list(run_silence(arguments.data, gold, arguments.work))
    print(stamp_line(stamp(command, max(figure.n for figure in figures))) + "\n\n" + figures_table(figures))
    return 0
