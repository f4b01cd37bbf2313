"""`eval runs`: list the runs that are kept, or erase them."""

from __future__ import annotations

import argparse


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--erase", action="store_true", help="delete them all, with their reports")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.kept import erase, every_run
    from eval.ours import writing
    from eval.results import load_result
    from eval.table import counted, printable
    from rag import CitewiseError

    if arguments.erase:
        with writing("Delete it by hand."):
            print(f"Erased {counted(erase(), 'run')}.")
        return 0
    for path in every_run():
        try:
            one = load_result(path)
        except CitewiseError as error:
            print(printable(str(error)))
            continue
        right = sum(row.correct for row in one.rows)
        cut_off = "" if one.whole else f", cut off before {one.stamp['n']:,}"
        when = str(one.stamp.get("started", ""))[:16].replace("T", " ")
        print(printable(f"{when}  {right:,} of {len(one.rows):,} correct{cut_off}  {path}"))
    return 0
