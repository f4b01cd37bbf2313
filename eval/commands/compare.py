"""`eval compare`: two results files side by side: which measures moved, and every question that flipped."""

from __future__ import annotations

import argparse
import json
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("before", type=Path, metavar="BEFORE", help="a results file of `eval run`")
    parser.add_argument("after", type=Path, metavar="AFTER", help="a later one")
    parser.add_argument("--json", action="store_true", help="print it as JSON")
    parser.epilog = "It informs and never fails; for a gate: citewise eval run --baseline BEFORE"


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.cases import case, said
    from eval.compare import compare, left
    from eval.results import load_result
    from eval.table import printable, table

    before, after = load_result(arguments.before), load_result(arguments.after)
    compared = compare(before, after)
    if arguments.json:
        print(json.dumps(compared.to_dict(), ensure_ascii=False))
        return 0
    print(f"{compared.n} questions are in both runs.")
    print(*(printable(f"Note: {clause}.") for clause in left(compared)), "", sep="\n")
    rows = [
        (one.name, f"{one.n}", f"{one.before:.3f}", f"{one.after:.3f}", f"{one.wins}", f"{one.ties}", f"{one.losses}",
         f"{one.p:.3f}")
        for one in compared.changes
    ]  # fmt: skip
    print(table(("measure", "n", "before", "after", "better", "same", "worse", "p"), rows))
    better = sum(new.correct for _, new in compared.flipped)
    print(f"\nFlipped: {better} for the better, {len(compared.flipped) - better} for the worse")
    for old, new in sorted(compared.flipped, key=lambda pair: pair[1].correct):
        print(f"\n{'better' if new.correct else 'worse'}: {case(new)}\n  before:  {printable(said(old))}")
    return 0
