"""`eval bench`: build the folder of a set of other people's, index it, ask its questions, report and judge."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from eval.commands.run import ask, count, flags, options, refuse_places


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", help="the set: a folder of --data, or any name for what --data is itself")
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="its folder, or the one above")
    parser.add_argument("--split", default="test", metavar="NAME", help="judgements of a BEIR folder (%(default)s)")
    parser.add_argument("--work", type=Path, metavar="DIR", help="keep files and index here for the next run")
    parser.add_argument("--limit", type=count, metavar="N", help="ask so many, always the same, evenly spread")
    options(parser)


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.data import load_collection, write_files
    from eval.indexed import indexed, work_folder
    from eval.ours import writing
    from eval.stamp import run_stamp
    from eval.studies.bench import located, spread, told_of

    collection = load_collection(arguments.name, arguments.data, arguments.split)
    with work_folder(arguments.work) as place:
        files = place / collection.name
        refuse_places(arguments, files)
        with writing("Name another folder with --work."):
            write_files(collection, files)
        with indexed(files, place / f"{collection.name}.index", **flags(arguments)) as assistant:
            questions, spans, lost = located(assistant, collection.name, spread(collection.questions, arguments.limit))
            told = told_of(collection, questions, lost)
            for what, n in told["left_out"].items():
                print(f"left out: {n:,} {what}", file=sys.stderr)
            stamp = run_stamp(assistant, collection.path, len(questions), command=command, workers=arguments.workers)
            code, _ = ask(arguments, assistant, questions, spans, stamp | told, collection.path)
    return code
