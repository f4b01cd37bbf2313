"""`eval gaps`: what was asked and not answered, alike questions together, from the log of questions."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from eval.commands.run import count
from eval.table import counted, printable
from rag import CitewiseError, Settings, SettingsError, index_folder, question_log

if TYPE_CHECKING:
    from eval.gaps import Asked, Gap

SHOWN = 20  # groups on the terminal
LONGEST = 36_500  # days
SWITCH_ON = "Set CITEWISE_LOG__QUESTIONS=true, or in citewise.toml: [log] questions = true"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--folder", type=Path, action="append", default=[], metavar="DIR",
        help="the indexed folder that is meant (repeatable); else the last opened",
    )  # fmt: skip
    parser.add_argument("--json", action="store_true", help="print JSON")
    parser.add_argument("--days", type=count, metavar="N", help="only what was asked in the last N days")
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--again", action="store_true", help="ask again what was asked before the last sync")
    what.add_argument("--erase", action="store_true", help="delete the log, with what was rotated")


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.gaps import ask_again, find_gaps, read_log
    from rag import Assistant

    settings = Settings.load(documents=arguments.folder or None)
    log = question_log(index_folder(arguments.folder, settings))
    if arguments.erase:
        if arguments.days:
            raise SettingsError("--erase deletes the whole log, whatever its --days.", "Leave --days away.")
        print(f"Erased {counted(log.erase(), 'question')}.")
        return 0
    lines, broken = log.read()
    asked, strange = read_log(lines)
    if not asked:
        raise CitewiseError("No question was logged so far.", "" if settings.log.questions else SWITCH_ON)
    if arguments.days:
        begin = datetime.now(UTC) - timedelta(days=min(arguments.days, LONGEST))
        asked = [one for one in asked if one.time >= begin]
    gaps = find_gaps(asked)
    if arguments.again:
        unlogged = Settings.load(documents=arguments.folder or None, log={"questions": False})
        with closing(Assistant.open(*arguments.folder, settings=unlogged, allow_wide=True)) as assistant:
            gaps = [ask_again(assistant, gap) for gap in gaps]
        if not any(gap.tried for gap in gaps):
            print("Nothing was asked again: no sync came after these questions.", file=sys.stderr)
    if arguments.json:
        shape = {"asked": len(asked), "not_read": broken + strange, "gaps": [gap.to_dict() for gap in gaps]}
        print(json.dumps(shape, indent=2))
    else:
        print("\n".join(_report(asked, gaps, broken + strange)))
    return 0


def _report(asked: Sequence[Asked], gaps: Sequence[Gap], not_read: int) -> Iterator[str]:
    since = f" since {asked[0].time:%Y-%m-%d}" if asked else ""
    open_ = sum(len(gap.asked) for gap in gaps)
    yield f"{counted(len(asked), 'question')}{since}; {open_:,} not answered, in {counted(len(gaps), 'group')}."
    if not_read:
        yield f"{counted(not_read, 'line')} of the log cannot be read."
    for number, gap in enumerate(gaps[:SHOWN], 1):
        reasons = ", ".join(f"{count} {reason}" for reason, count in gap.reasons.items())
        yield f"\n{number}. {counted(len(gap.asked), 'time')}, last on {gap.last:%Y-%m-%d}: {reasons}"
        yield from (f"   “{printable(example)}”" for example in gap.examples)
        if gap.tried:
            yield f"   Asked again: {gap.answered} of {gap.tried} answered today."
        if gap.answered < max(1, gap.tried):
            yield f"   {printable(gap.advice)}"
    if len(gaps) > SHOWN:
        rest = Counter(len(gap.asked) for gap in gaps[SHOWN:])
        yield f"\nand {counted(len(gaps) - SHOWN, 'group')} more of at most {counted(max(rest), 'question')} (--json shows all)"
