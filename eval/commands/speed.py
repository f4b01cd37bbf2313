"""`eval speed`: measure time, memory and determinism over generated folders."""

from __future__ import annotations

import argparse
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    from eval.studies.speed import PARTS, Sizes

    sizes = Sizes()
    parser.add_argument("--part", action="append", choices=PARTS, help="only this part; repeatable")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep folders and indexes here for the next run")
    parser.add_argument("--files", type=int, default=sizes.files, help="files indexed (default: %(default)s)")
    parser.add_argument("--small-files", type=int, default=sizes.small_files, help="of the no-op sync (%(default)s)")
    parser.add_argument("--ask-files", type=int, default=sizes.ask_files, help="asked, 4 passages each (%(default)s)")
    parser.add_argument("--asked", type=int, default=sizes.asked, help="questions timed (%(default)s)")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.indexed import work_folder
    from eval.studies.speed import PARTS, TARGETS, Sizes, run_speed
    from eval.table import figures_table, stamp, stamp_line

    sizes = Sizes(
        files=arguments.files, small_files=arguments.small_files, ask_files=arguments.ask_files, asked=arguments.asked
    )
    with work_folder(arguments.work) as work:
        figures = list(run_speed(arguments.part or list(PARTS), sizes, work))
    print(stamp_line(stamp(command, max(figure.n for figure in figures))) + "\n\n" + figures_table(figures, TARGETS))
    return 0
