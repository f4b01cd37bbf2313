"""The end of a run, and of a report of one that is kept: gates, summary, files."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eval.gate import Check
    from eval.results import Result


def gates(parser: argparse.ArgumentParser) -> None:
    """What a run is judged by."""
    parser.add_argument(
        "--min", type=_bound, action="append", default=[], metavar="MEASURE=VALUE",
        help="a floor below which the run fails; where less is better (--min words=40), a ceiling; repeatable",
    )  # fmt: skip
    parser.add_argument("--baseline", type=loaded, metavar="FILE", help="results that the run must not be worse than")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the gates as JUnit XML")


def judged(arguments: argparse.Namespace, result: Result) -> list[Check]:
    """What the gates find. Raises as `eval.gate.judge` does."""
    from eval.gate import judge

    return judge(result, floors=arguments.min, baseline=arguments.baseline)


def conclude(
    results: Path, result: Result, checks: Sequence[Check], previous: Result | None, *, report: Path | None,
    junit: Path | None,
) -> int:  # fmt: skip
    """Print the summary of a run that `results` hold, write its reports and its JUnit XML where they are wanted; the
    exit code. Raises CitewiseError for what cannot be written."""
    from eval.junit import junit as xml
    from eval.ours import replace_ours, writing
    from eval.report import facts, summary_of, write_files

    known = facts(result, previous, checks)
    print(summary_of(known))
    written = [results]
    with writing(f"{results} holds the run; name another place."):
        if report:
            written += write_files(known, report)
        if junit:
            written.append(replace_ours(junit, xml(checks, result)))
    print("\n" + "\n".join(map(str, written)), flush=True)
    failed = [check for check in checks if not check.passed]
    for check in failed:
        print(f"failed: {check.says}", file=sys.stderr)
    return 1 if failed else 0


@contextmanager
def telling_defects(junit: Path | None) -> Iterator[None]:
    """Write the defects of a gold file as JUnit XML too, where that is wanted, since no question will be asked."""
    from eval.questions import GoldError

    try:
        yield
    except GoldError as error:
        if junit:
            from eval.junit import junit_of_defects
            from eval.ours import replace_ours, writing

            with writing("Name another file."):
                replace_ours(junit, junit_of_defects(error.defects))
        raise


def loaded(text: str) -> Result:
    from eval.results import load_result

    return load_result(Path(text))


def _bound(text: str) -> tuple[str, float]:
    from eval.measures import named

    name, _, value = text.partition("=")
    try:
        bound = float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not measure=value") from None
    named(name)  # which raises for one that there is not, before an hour has passed
    return name, bound
