"""`eval alterations`: alter cited sentences and count what the check of them notices."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from pathlib import Path

from eval.questions import BUNDLED


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--gold", type=Path, default=BUNDLED, metavar="FILE", help="questions whose answers are altered"
    )
    parser.add_argument("--folder", type=Path, required=True, metavar="DIR", help="the documents")
    parser.add_argument("--index", type=Path, metavar="PATH", help="keep the index here (default: a temporary one)")
    parser.add_argument(
        "--sentences", type=Path, metavar="FILE", help='further ones: {"sentence", "cited": [...]} a line'
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write stamp and outcomes, one JSON object a line")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.indexed import indexed
    from eval.questions import load_gold
    from eval.results import write_lines
    from eval.studies.alterations import TARGETS, figures, judged, load_sentences, names_of, quoted
    from eval.table import figures_table, stamp, stamp_line

    sentences = load_sentences(arguments.sentences) if arguments.sentences else []
    with indexed(arguments.folder, arguments.index) as assistant:
        sources = [document.source for document in assistant.documents() if document.status == "ready"]
        names = names_of(assistant.text(source) for source in sources)
        answers = (assistant.ask(gold.question, history=gold.history) for gold in load_gold(arguments.gold))
        outcomes = list(judged([*quoted(answers), *sentences], names))
    made_with = stamp(command, len(outcomes))
    print(stamp_line(made_with) + "\n\n" + figures_table(figures(outcomes), TARGETS))
    if arguments.json:
        write_lines(arguments.json, [{"stamp": made_with}, *map(asdict, outcomes)])
    return 0
