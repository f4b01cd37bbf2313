"""`eval load`: measure a server under many askers, over the bundled samples."""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    from eval.studies.load import Load

    load = Load()
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep the index here for the next run")
    parser.add_argument("--askers", type=int, default=load.askers, help="who think (default: %(default)s)")
    parser.add_argument("--think", type=float, default=load.think, help="seconds between two questions (%(default)s)")
    parser.add_argument("--seconds", type=float, default=load.seconds, help="that they ask (%(default)s)")
    parser.add_argument("--loop", type=int, default=load.loop, help="askers who do not think (%(default)s)")
    parser.add_argument("--loop-seconds", type=float, default=load.loop_seconds, help="that these ask (%(default)s)")
    parser.add_argument("--burst", type=int, default=load.burst, help="questions at once (%(default)s)")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.indexed import samples_folder, work_folder
    from eval.studies.load import TARGETS, Load, run_load
    from eval.table import figures_table, stamp, stamp_line

    given = {name: value for name, value in vars(arguments).items() if name != "work"}
    with work_folder(arguments.work) as work:
        figures = list(run_load(Load(**given), samples_folder(), work))
    print(stamp_line(stamp(command, max(figure.n for figure in figures))) + "\n\n" + figures_table(figures, TARGETS))
    return 0
