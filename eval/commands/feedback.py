"""`eval feedback`: what people said of answers in the chat, and the gold questions that come of it."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.ours import writing
from eval.table import counted, printable
from rag import Assistant, CitewiseError, Settings, index_folder

if TYPE_CHECKING:
    from eval.feedback import Feedback

NAMED = 8  # letters of an id that name it


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder", type=Path, action="append", default=[], metavar="DIR",
        help="the indexed folder that is meant (repeatable); else the last opened",
    )  # fmt: skip
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--list", action="store_true", help="list it, with what each lacks (what is done otherwise)")
    what.add_argument("--gold", type=Path, metavar="FILE", help="add those that can be gold questions to this file")
    what.add_argument(
        "--right",
        nargs=3,
        metavar=("ID", "FILE", "QUOTE"),
        help="name the right passage for one of them, word for word",
    )
    what.add_argument("--erase", action="store_true", help="delete all of it, but for gold questions made of it")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.feedback import feedback_store, load_feedback, to_gold

    settings = Settings.load(documents=arguments.folder or None)
    index = index_folder(arguments.folder, settings)
    if arguments.erase:
        print(f"Erased the feedback: {counted(feedback_store(index).erase(), 'line')}.")
        return 0
    given, strange = load_feedback(index)
    if strange:
        print(f"{counted(strange, 'line')} of {feedback_store(index).path} cannot be read.")
    if not (arguments.gold or arguments.right):
        for one in given:
            _say(one, to_gold(one))
        print(
            f"{counted(len(given), 'answer')} judged."
            if given
            else "No answer was judged so far: the chat asks for it."
        )
        return 0
    with closing(Assistant.open(*arguments.folder, settings=settings, allow_wide=True)) as assistant:
        if arguments.right:
            return _name_passage(assistant, index, given, *arguments.right)
        return _write(assistant, given, arguments.gold)


def _write(assistant: Assistant, given: Sequence[Feedback], file: Path) -> int:
    """Add the gold questions to a file that is sound, and stays so; the last verdict on a question counts."""
    from eval.feedback import to_gold
    from eval.from_chat import append, changed
    from eval.questions import load_gold

    known = {question.id for question in load_gold(file)} if file.exists() else set()
    latest = {(one.question, one.history): one for one in given}
    lines = []
    for one in latest.values():
        gold = to_gold(one)
        if isinstance(gold, dict):
            gold = changed(assistant, gold) or gold
        if isinstance(gold, str):
            _say(one, gold)
        elif gold["id"] not in known:
            lines.append(json.dumps(gold, ensure_ascii=False) + "\n")
    if lines:
        with writing("Name another file with --gold.", file):
            append(file, "".join(lines).encode("utf-8", "replace"))
    print(f"{counted(len(lines), 'question')} added to {file}, of {counted(len(latest), 'question')} judged.")
    return 0


def _name_passage(assistant: Assistant, index: Path, given: Sequence[Feedback], id: str, file: str, quote: str) -> int:
    from eval.feedback import keep_feedback, to_gold
    from eval.questions import Evidence, is_source

    meant = [one for one in given if one.id.startswith(id)]
    if len(meant) != 1:
        raise CitewiseError(
            f"{len(meant)} of what was judged begins with {id!r}.", "See: citewise eval feedback --list"
        )
    sources = [one.source for one in assistant.documents() if one.status == "ready" and is_source(one.source, file)]
    if len(sources) != 1:
        raise CitewiseError(f"{len(sources)} indexed files are named {file!r}.", "See: citewise status --files")
    if not quote.strip() or quote not in assistant.text(sources[0]):
        raise CitewiseError(
            f"{sources[0]} does not hold these words in this spelling: {quote!r}.", f"See: citewise show {sources[0]}"
        )
    one = replace(meant[0], right=Evidence(sources[0], quote))
    keep_feedback(
        index, one.id, one.question, one.history, one.answer, one.verdict, note=one.note, right=one.right,
        expected=one.expected,
    )  # fmt: skip
    print(f"Kept, with the passage of {printable(sources[0])}:")
    _say(one, to_gold(one))
    return 0


def _say(one: Feedback, gold: dict[str, Any] | str) -> None:
    verdict = one.verdict.replace("_", " ")
    print(printable(f"{one.id[:NAMED]}  {one.time[:10]}  {verdict:20}{one.question}"))
    print(printable(f"{'':22}{gold if isinstance(gold, str) else 'a gold question'}"))
