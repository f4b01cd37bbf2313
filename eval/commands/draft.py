"""`eval draft`: propose questions about a folder, to be accepted, edited or thrown away into a gold file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from eval.commands.run import count
from eval.table import counted
from rag import Settings, SettingsError


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="the documents")
    parser.add_argument("--n", type=count, default=30, metavar="N", help="proposals at most (default: 30)")
    parser.add_argument(
        "--out", type=Path, default=Path("gold.jsonl"), metavar="FILE",
        help="the gold file that accepted ones are added to (default: gold.jsonl)",
    )  # fmt: skip
    parser.add_argument(
        "--writer", choices=("auto", "rules", "model"), default="auto",
        help="who writes them (default: the model that the settings name, else rules)",
    )  # fmt: skip
    parser.add_argument("--yes", action="store_true", help='accept all; they are tagged "draft"')
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="another number, another choice (default: 0)")
    parser.add_argument(
        "--only", action="append", default=[], metavar="PATTERN",
        help='a file, a folder ("mail/") or a glob ("*.pdf"); repeatable',
    )  # fmt: skip


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.drafts.proposed import proposed, sources_of
    from eval.drafts.review import review
    from eval.drafts.store import GoldFile

    settings = Settings.load(documents=[arguments.folder])
    if arguments.writer == "model" and not settings.model.name:
        raise SettingsError("No language model is configured.", "Set model.name, or use --writer rules.")
    writes = arguments.writer == "model" or (arguments.writer == "auto" and bool(settings.model.name))
    gold = GoldFile(arguments.out)
    with gold.alone():
        sources = sources_of(arguments.folder, arguments.only)
        drafts = proposed(sources, arguments.n, arguments.seed, gold, settings if writes else None)
        if not drafts:
            print("Nothing new could be proposed.", file=sys.stderr)
        elif arguments.yes:
            for draft in drafts:
                gold.accept(draft, "draft")
            added = counted(len(drafts), "question")
            print(f"{added} added to {arguments.out}, tagged draft: read them before you rely on them.")
        else:
            reviewed = review(drafts, gold)
            added = counted(reviewed.accepted, "question")
            print(f"{added} added to {arguments.out}, {reviewed.thrown_away} thrown away.")
    return 0
