"""`python -m eval`: gold questions, benchmarks and speed, each as a table with n, interval and stamp.

Exit codes: 0 all measured, and every floor met; 1 a floor was missed; 2 wrong use or bad data.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rag import CitewiseError, SettingsError, remember_comparison

GOLD = Path(__file__).parent / "gold" / "samples.jsonl"


def main(argv: Sequence[str] | None = None) -> int:
    given = list(sys.argv[1:] if argv is None else argv)
    arguments = _parser().parse_args(given)
    command = " ".join(["python -m eval", *given])
    try:
        return int(arguments.run(arguments, command))
    except CitewiseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2


def _gold(arguments: argparse.Namespace, command: str) -> int:
    from eval.compare import against_quotes
    from eval.indexed import indexed
    from eval.questions import load_gold, locate
    from eval.report import gated_figures, gold_report, missed_floors, write_json
    from eval.run import run_gold
    from eval.table import stamp

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


def _bench(arguments: argparse.Namespace, command: str) -> int:
    from eval.bench import run_bench
    from eval.report import write_lines
    from eval.table import figures_table, stamp, stamp_line

    data = arguments.data / arguments.name if (arguments.data / arguments.name).is_dir() else arguments.data
    result = run_bench(arguments.name, data, arguments.work)
    made_with = stamp(command, len(result.rows))
    print(stamp_line(made_with) + "\n\n" + figures_table(result.figures, result.targets))
    if arguments.json:
        write_lines(arguments.json, [{"stamp": made_with}, *result.rows])
    return 0


def _disagreements(arguments: argparse.Namespace, command: str) -> int:
    from eval.disagreements import TARGETS, run_disagreements
    from eval.report import write_lines
    from eval.table import figures_table, stamp, stamp_line

    figures, rows = run_disagreements(arguments.data, arguments.work)
    made_with = stamp(command, len(rows))
    print(stamp_line(made_with) + "\n\n" + figures_table(figures, TARGETS))
    if arguments.json:
        write_lines(arguments.json, [{"stamp": made_with}, *rows])
    return 0


def _followups(arguments: argparse.Namespace, command: str) -> int:
    from eval.followups import run_followups
    from eval.table import figures_table, stamp, stamp_line

    figures = list(run_followups(arguments.data, arguments.work))
    print(stamp_line(stamp(command, max(figure.n for figure in figures))) + "\n\n" + figures_table(figures))
    return 0


def _silence(arguments: argparse.Namespace, command: str) -> int:
    from eval.silence import run_silence
    from eval.table import figures_table, stamp, stamp_line

    gold = (arguments.gold, arguments.folder) if arguments.folder else None
    figures = list(run_silence(arguments.data, gold, arguments.work))
    print(stamp_line(stamp(command, max(figure.n for figure in figures))) + "\n\n" + figures_table(figures))
    return 0


def _alterations(arguments: argparse.Namespace, command: str) -> int:
    from eval.alterations import TARGETS, figures, judged, load_sentences, names_of, quoted
    from eval.indexed import indexed
    from eval.questions import load_gold
    from eval.report import write_lines
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


def _speed(arguments: argparse.Namespace, command: str) -> int:
    from eval.indexed import work_folder
    from eval.speed import PARTS, TARGETS, Sizes, run_speed
    from eval.table import figures_table, stamp, stamp_line

    sizes = Sizes(
        files=arguments.files, small_files=arguments.small_files, ask_files=arguments.ask_files, asked=arguments.asked
    )
    with work_folder(arguments.work) as work:
        figures = list(run_speed(arguments.part or list(PARTS), sizes, work))
    print(stamp_line(stamp(command, max(figure.n for figure in figures))) + "\n\n" + figures_table(figures, TARGETS))
    return 0


def _ask_worker(arguments: argparse.Namespace, command: str) -> int:
    from eval.speed import ask_worker

    json.dump(ask_worker(arguments.folder, arguments.index, json.load(sys.stdin)), sys.stdout)
    return 0


def _floor(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not metric=value") from None


def _parser() -> argparse.ArgumentParser:
    from eval.bench import BENCHMARKS
    from eval.speed import PARTS, Sizes

    sizes = Sizes()
    parser = argparse.ArgumentParser(prog="python -m eval", description=__doc__.partition("\n")[0])
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    gold = commands.add_parser("gold", help="ask the questions of a gold file about its folder")
    gold.add_argument("--gold", type=Path, default=GOLD, metavar="FILE", help="questions (default: the bundled ones)")
    gold.add_argument("--folder", type=Path, required=True, metavar="DIR", help="the documents")
    gold.add_argument("--index", type=Path, metavar="PATH", help="keep the index here (default: a temporary one)")
    gold.add_argument("--json", type=Path, metavar="FILE", help="write stamp and outcomes, one JSON object a line")
    gold.add_argument(
        "--floor", type=_floor, action="append", default=[], metavar="METRIC=VALUE",
        help="exit with 1 when it is missed; repeatable; where less is better it is a ceiling",
    )  # fmt: skip
    gold.set_defaults(run=_gold)

    bench = commands.add_parser("bench", help="run a benchmark")
    bench.add_argument("name", choices=BENCHMARKS)
    bench.add_argument("--data", type=Path, required=True, metavar="DIR", help="its folder, or the one above")
    bench.add_argument("--work", type=Path, metavar="DIR", help="keep files and index here for the next run")
    bench.add_argument("--json", type=Path, metavar="FILE", help="write stamp and scores, one JSON object a line")
    bench.set_defaults(run=_bench)

    differing = commands.add_parser("disagreements", help="measure whether both sides are shown, and false alarms")
    differing.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of ramdocs and rgb")
    differing.add_argument("--work", type=Path, metavar="DIR", help="keep files and indexes here for the next run")
    differing.add_argument("--json", type=Path, metavar="FILE", help="write stamp and answers, one JSON object a line")
    differing.set_defaults(run=_disagreements)

    followups = commands.add_parser("followups", help="measure what completing a question from its history brings")
    followups.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of the data sets")
    followups.add_argument("--work", type=Path, metavar="DIR", help="keep files and indexes here for the next run")
    followups.set_defaults(run=_followups)

    silent = commands.add_parser("silence", help="measure what refusals and confidence tell, on near misses")
    silent.add_argument("--data", type=Path, required=True, metavar="DIR", help="the folder of the data sets")
    silent.add_argument("--gold", type=Path, default=GOLD, metavar="FILE", help="questions asked of --folder as well")
    silent.add_argument("--folder", type=Path, metavar="DIR", help="the documents of --gold (default: it is left out)")
    silent.add_argument("--work", type=Path, metavar="DIR", help="keep files and indexes here for the next run")
    silent.set_defaults(run=_silence)

    altered = commands.add_parser("alterations", help="alter cited sentences and count what the check of them notices")
    altered.add_argument("--gold", type=Path, default=GOLD, metavar="FILE", help="questions whose answers are altered")
    altered.add_argument("--folder", type=Path, required=True, metavar="DIR", help="the documents")
    altered.add_argument("--index", type=Path, metavar="PATH", help="keep the index here (default: a temporary one)")
    altered.add_argument(
        "--sentences", type=Path, metavar="FILE", help='further ones: {"sentence", "cited": [...]} a line'
    )
    altered.add_argument("--json", type=Path, metavar="FILE", help="write stamp and outcomes, one JSON object a line")
    altered.set_defaults(run=_alterations)

    speed = commands.add_parser("speed", help="measure time, memory and determinism over generated folders")
    speed.add_argument("--part", action="append", choices=PARTS, help="only this part; repeatable")
    speed.add_argument("--work", type=Path, metavar="DIR", help="keep folders and indexes here for the next run")
    speed.add_argument("--files", type=int, default=sizes.files, help="files indexed (default: %(default)s)")
    speed.add_argument("--small-files", type=int, default=sizes.small_files, help="of the no-op sync (%(default)s)")
    speed.add_argument("--ask-files", type=int, default=sizes.ask_files, help="asked, 4 passages each (%(default)s)")
    speed.add_argument("--asked", type=int, default=sizes.asked, help="questions timed (%(default)s)")
    speed.set_defaults(run=_speed)

    worker = commands.add_parser("ask-worker")  # what `speed` runs in a process of its own
    worker.add_argument("--folder", type=Path, required=True)
    worker.add_argument("--index", type=Path, required=True)
    worker.set_defaults(run=_ask_worker)
    return parser


if __name__ == "__main__":
    sys.exit(main())
