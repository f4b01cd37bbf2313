"""`eval run`: ask gold questions about a folder, report on the answers, and judge them.

A run that was cut off is continued, unless documents, questions, settings or version have changed since.
"""

from __future__ import annotations

import argparse
import sys
import time
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.conclude import conclude, gates, judged, loaded, telling_defects
from rag import SettingsError

if TYPE_CHECKING:
    from eval.questions import GoldQuestion, Span
    from eval.results import Result
    from rag import Assistant

STEP = 50  # questions between two lines of progress where nobody watches


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--gold", type=Path, metavar="FILE", help="questions about DIR (default: the bundled ones)")
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
        "--previous", type=loaded, metavar="FILE", help="results to show beside (default: the run before)"
    )
    gates(parser)
    parser.add_argument("--no-report", action="store_true", help="write no HTML and no Markdown")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.indexed import indexed, samples_folder
    from eval.questions import BUNDLED, load_gold, locate
    from eval.stamp import run_stamp
    from eval.versus import against_quotes
    from rag import remember_comparison

    if (arguments.gold is None) != (arguments.folder is None):
        raise SettingsError(
            "--gold and --folder go together: questions are about the documents of one folder.",
            "Name both; to get questions about a folder: citewise eval draft FOLDER",
        )
    gold, folder = arguments.gold or BUNDLED, arguments.folder or samples_folder()
    refuse_places(arguments, folder, arguments.gold)
    with telling_defects(arguments.junit):
        questions = load_gold(gold)
    with indexed(folder, arguments.index, **flags(arguments)) as assistant:
        sources = [document.source for document in assistant.documents() if document.status == "ready"]
        with telling_defects(arguments.junit):
            spans = locate(gold, questions, sources, assistant.text)
        stamp = run_stamp(assistant, gold, len(questions), command=command, workers=arguments.workers)
        code, result = ask(arguments, assistant, questions, spans, stamp, gold)
        compared = against_quotes(assistant, result)
    if compared:
        remember_comparison(compared)
        print(
            f"\nRight over {compared.asked} answerable questions: {compared.by_model} by {compared.model}, "
            f"{compared.by_quotes} by quotes alone. citewise doctor will tell."
        )
    return code


def refuse_places(arguments: argparse.Namespace, folder: Path, gold: Path | None = None) -> None:
    """Before anything is read: no file of others would be replaced, none of the run is a document of the folder."""
    from eval.ours import refuse_others, writing
    from eval.report import places_of

    out = arguments.out
    for option, path in (("--out", out), ("--gold", gold)):
        if path and path.resolve().is_relative_to(folder.resolve()):
            raise SettingsError(
                f"{path} lies in {folder}, so answers would be found in it.",
                f"Name a place outside of that folder: {option}",
            )
    reports = places_of(out) if out and not arguments.no_report else ()
    with writing("Name another file."):
        for path in (out, *reports, arguments.junit):
            if path:
                refuse_others(path)


def ask(
    arguments: argparse.Namespace,
    assistant: Assistant,
    questions: Sequence[GoldQuestion],
    spans: Mapping[str, Sequence[Span]],
    stamp: Mapping[str, Any],
    gold: Path,
) -> tuple[int, Result]:
    """Ask the questions of the file `gold`, or the rest of those of a run that was cut off; report on the run and judge
    it: the exit code, and the run."""
    from eval.kept import earlier, folder_of, tidy
    from eval.run import partial_of, run_questions

    out = _place(arguments, stamp, gold)
    try:
        result = run_questions(
            assistant, questions, spans, stamp=stamp, out=out, workers=stamp["workers"], progress=_Progress(),
            fresh=arguments.fresh,
        )  # fmt: skip
        previous = arguments.previous or next(earlier(folder_of(gold), out), None)
        report = None if arguments.no_report else out
        checks = judged(arguments, result)
        return conclude(out, result, checks, previous, report=report, junit=arguments.junit), result
    except KeyboardInterrupt:
        if partial_of(out).exists():
            print(f"\n{partial_of(out)} keeps what was answered; the same command goes on from there.", file=sys.stderr)
        elif out.exists():
            print(f"\n{out} holds the run; citewise eval report tells of it.", file=sys.stderr)
        raise
    finally:
        if arguments.out is None:
            tidy(out.parent)


def _place(arguments: argparse.Namespace, stamp: Mapping[str, Any], gold: Path) -> Path:
    """The file of this run: the given one, else that of the newest run where it can be continued, else a new one."""
    from eval.kept import cut_off, make_private, place_of
    from eval.ours import writing
    from eval.results import load_result
    from eval.run import partial_of
    from eval.stamp import unlike

    new: Path = arguments.out or place_of(gold, stamp)
    with writing("Name another file with --out."):
        if arguments.out is None:
            make_private(new.parent)
        begun: Path | None = arguments.out or cut_off(new.parent)
        if arguments.fresh or begun is None or not partial_of(begun).exists():
            return new
    before = load_result(partial_of(begun))
    if others := unlike(before.stamp, stamp):
        print(f"Not continued, for it is of another {', '.join(others)}: {partial_of(begun)}", file=sys.stderr)
        return new
    print(f"Continuing after {len(before.rows):,} of {stamp['n']:,} questions: {partial_of(begun)}", file=sys.stderr)
    return begun


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


def count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of 1 or more")
    return int(text)


def _results(text: str) -> Path:
    path = Path(text)
    if path.suffix in (".html", ".md"):
        raise argparse.ArgumentTypeError(f"{text!r} is the name of a report; name the results, which lie beside it")
    return path
