"""`eval gold`: ask the questions of a gold file about its folder."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from eval.questions import BUNDLED
from rag import SettingsError, remember_comparison


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--gold", type=Path, default=BUNDLED, metavar="FILE", help="questions (default: the bundled ones)"
    )
    parser.add_argument("--folder", type=Path, required=True, metavar="DIR", help="the documents")
    parser.add_argument("--index", type=Path, metavar="PATH", help="keep the index here (default: a temporary one)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write stamp and outcomes, one JSON object a line")
    parser.add_argument(
        "--floor", type=_floor, action="append", default=[], metavar="METRIC=VALUE",
        help="exit with 1 when it is missed; repeatable; where less is better it is a ceiling",
    )  # fmt: skip


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.commands.gold_text import gated_figures, gold_report, missed_floors, write_json
    from eval.indexed import indexed
    from eval.questions import load_gold, locate
    from eval.run import run_gold
    from eval.table import stamp
    from eval.versus import against_quotes

    questions = load_gold(arguments.gold)
    unknown = [name for name, _ in arguments.floor if name not in gated_figures(())]
    if unknown:
        raise SettingsError(f"There is no metric {unknown[0]!r}.", f"Use one of {', '.join(gated_figures(()))}.")
    with indexed(arguments.folder, arguments.index) as assistant:
        sources = [document.source for document in assistant.documents() if document.status == "ready"]
        spans = locate(arguments.gold, questions, sources, assistant.text)
        outcomes = list(run_gold(assistant, questions, spans))
        compared = against_quotes(assistant, questions, spans, outcomes)
    made_with = stamp(command, len(outcomes))
    print(gold_report(outcomes, made_with))
    if compared:
        remember_comparison(compared)
        print(
            f"\nExpected answers over {compared.asked} answerable questions: {compared.by_model} by {compared.model}, "
            f"{compared.by_quotes} by quotes alone. citewise doctor will tell."
        )
    if arguments.json:
        write_json(arguments.json, outcomes, made_with)
    missed = missed_floors(gated_figures(outcomes), arguments.floor)
    for line in missed:
        print(f"missed floor: {line}", file=sys.stderr)
    return 1 if missed else 0


def _floor(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not metric=value") from None
