"""`eval run`: ask gold questions about a folder, report on the answers, and judge them.

A run that was cut off is continued, unless documents, questions, settings or version have changed since.
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.questions import BUNDLED
from rag import CitewiseError, SettingsError

if TYPE_CHECKING:
    from eval.questions import GoldQuestion, Span
    from eval.results import Result
    from rag import Assistant

STEP = 50  # questions between two lines of progress where nobody watches


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gold", type=Path, default=BUNDLED, metavar="FILE", help="questions (default: the bundled)")
    parser.add_argument("--folder", type=Path, metavar="DIR", help="the documents (default: the bundled samples)")
    parser.add_argument("--index", type=Path, metavar="PATH", help="keep the index here (default: a temporary one)")
    options(parser)


def options(parser: argparse.ArgumentParser) -> None:
    """What every run can be told: its settings, where its results go, what it is judged by."""
    parser.add_argument("--config", type=Path, metavar="FILE", help="a file like citewise.toml, which comes first")
    parser.add_argument(
        "--set", type=_setting, action="append", default=[], metavar="SECTION.NAME=VALUE", help="a setting; repeatable"
    )
    parser.add_argument("--writer", choices=("auto", "quotes", "model"), help="the setting answer.writer")
    parser.add_argument(
        "--out", type=_results, metavar="FILE", help="results, with .html and .md beside (default: among the kept runs)"
    )
    parser.add_argument("--workers", type=count, metavar="N", help="questions at a time (default: 1, for a model 4)")
    parser.add_argument("--fresh", action="store_true", help="begin anew where a run was cut off")
    parser.add_argument(
        "--previous", type=_loaded, metavar="FILE", help="results to show beside (default: the run before)"
    )
    parser.add_argument(
        "--min", type=_bound, action="append", default=[], metavar="MEASURE=VALUE",
        help="a floor (a ceiling, where less is better) below which the run fails; repeatable",
    )  # fmt: skip
    parser.add_argument("--baseline", type=_loaded, metavar="FILE", help="results that the run must not be worse than")
    parser.add_argument("--junit", type=Path, metavar="FILE", help="write the gates as JUnit XML")
    parser.add_argument("--no-report", action="store_true", help="write no HTML and no Markdown")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.indexed import indexed, samples_folder
    from eval.questions import load_gold, locate
    from eval.stamp import run_stamp
    from eval.versus import against_quotes
    from rag import remember_comparison

    questions = load_gold(arguments.gold)
    with indexed(arguments.folder or samples_folder(), arguments.index, **flags(arguments)) as assistant:
        sources = [document.source for document in assistant.documents() if document.status == "ready"]
        spans = locate(arguments.gold, questions, sources, assistant.text)
        stamp = run_stamp(assistant, arguments.gold, len(questions), command=command, workers=arguments.workers)
        out, result = ask(arguments, assistant, questions, spans, stamp)
        compared = against_quotes(assistant, result)
    code = conclude(arguments, out, result)
    if compared:
        remember_comparison(compared)
        print(
            f"\nRight over {compared.asked} answerable questions: {compared.by_model} by {compared.model}, "
            f"{compared.by_quotes} by quotes alone. citewise doctor will tell."
        )
    return code


def ask(
    arguments: argparse.Namespace,
    assistant: Assistant,
    questions: Sequence[GoldQuestion],
    spans: Mapping[str, Sequence[Span]],
    stamp: Mapping[str, Any],
) -> tuple[Path, Result]:
    """Ask the questions, or the rest of those of a run that was cut off; the file of the results, and what is in it."""
    from eval.run import run_questions

    out = _place(arguments, stamp)
    try:
        return out, run_questions(
            assistant, questions, spans, stamp=stamp, out=out, workers=stamp["workers"], progress=_Progress()
        )
    except KeyboardInterrupt:
        print(f"\n{out} keeps what was answered; the same command goes on from there.", file=sys.stderr)
        raise


def conclude(arguments: argparse.Namespace, out: Path, result: Result) -> int:
    """Judge a run, print its summary and write its reports; the exit code."""
    from eval.gate import judge
    from eval.junit import junit
    from eval.kept import earlier, place_of
    from eval.report import facts, summary_of, write_files

    kept = earlier(place_of(result.stamp))
    previous = arguments.previous or next((one for path, one in kept if one.whole and path != out), None)
    checks = judge(result, floors=arguments.min, baseline=arguments.baseline)
    known = facts(result, previous, checks)
    print(summary_of(known))
    written = [out]
    try:
        if not arguments.no_report:
            written += write_files(known, out.with_suffix(""))
        if arguments.junit:
            arguments.junit.parent.mkdir(parents=True, exist_ok=True)
            arguments.junit.write_text(junit(checks, result), "utf-8")
            written.append(arguments.junit)
    except OSError as error:
        raise CitewiseError(
            f"{error.filename} cannot be written ({error.strerror}).", f"{out} holds the run."
        ) from None
    print("\n" + "\n".join(map(str, written)))
    failed = [check for check in checks if not check.passed]
    for check in failed:
        print(f"failed: {check.says}", file=sys.stderr)
    return 1 if failed else 0


def _place(arguments: argparse.Namespace, stamp: Mapping[str, Any]) -> Path:
    """The file of this run: the given one, else that of the newest run where it can be continued, else a new one."""
    from eval.kept import earlier, place_of
    from eval.results import load_result
    from eval.stamp import unlike

    new: Path = arguments.out or place_of(stamp)
    if arguments.fresh:
        if new.exists() and load_result(new):  # which raises for a file that is none of a run
            new.unlink()
        return new
    before: Iterator[tuple[Path, Result]] = islice(earlier(new), 1)
    if arguments.out:
        before = iter([(new, load_result(new))] if new.exists() else [])
    for path, one in before:
        others = unlike(one.stamp, stamp)
        if not one.whole and others:
            print(f"Not continued, for it is of another {', '.join(others)}: {path}", file=sys.stderr)
        elif not one.whole:
            print(f"Continuing at question {len(one.rows) + 1:,} of {stamp['n']:,}: {path}", file=sys.stderr)
            return path
    return new


class _Progress:
    """Says on standard error how far it is: all the time to people, else now and then."""

    def __init__(self) -> None:
        self.begun = time.monotonic()
        self.asked = 0

    def __call__(self, done: int, n: int) -> None:
        self.asked += 1
        if sys.stderr.isatty():
            left = (time.monotonic() - self.begun) / self.asked * (n - done)
            now = f"{done:,} of {n:,} questions, {left:,.0f} s left" if done < n else ""
            print(f"\r{now}\033[K", end="", flush=True, file=sys.stderr)
        elif done % STEP == 0:
            print(f"{done:,} of {n:,} questions", file=sys.stderr)


def flags(arguments: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """The settings that were given, as `Settings.load` takes them; --writer and --set beat --config."""
    flags: dict[str, dict[str, Any]] = {}
    if arguments.config:
        try:
            flags = tomllib.loads(arguments.config.read_text("utf-8-sig"))
        except (OSError, ValueError) as error:
            raise SettingsError(f"{arguments.config} cannot be read ({error}).", "Name a file of settings.") from None
    if loose := [name for name, section in flags.items() if not isinstance(section, dict)]:
        raise SettingsError(f"{arguments.config}: {loose[0]} is in no section.", "See: citewise config")
    given = [*arguments.set, *([("answer", "writer", arguments.writer)] if arguments.writer else [])]
    for section, name, value in given:
        flags[section] = flags.get(section, {}) | {name: value}
    return flags


def _setting(text: str) -> tuple[str, str, str]:
    name, equals, value = text.partition("=")
    section, dot, name = name.partition(".")
    if not (equals and dot and name):
        raise argparse.ArgumentTypeError(f"{text!r} is not section.name=value")
    return section, name, value


def _bound(text: str) -> tuple[str, float]:
    from eval.measures import named

    name, _, value = text.partition("=")
    try:
        bound = float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not measure=value") from None
    named(name)  # which raises for one that there is not, before an hour has passed
    return name, bound


def _loaded(text: str) -> Result:
    from eval.results import load_result

    return load_result(Path(text))


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 1 or more")
    return int(text)


def _results(text: str) -> Path:
    path = Path(text)
    if path.suffix in (".html", ".md"):
        raise argparse.ArgumentTypeError(f"{text!r} is the name of a report; name the results, which lie beside it")
    return path
