"""`citewise eval` and `python -m eval`: how good is it, and did it get worse?"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path

from eval.table import printable
from rag import CitewiseError

COMMANDS = {
    "run": "ask gold questions about a folder, report, and judge",
    "report": "make the report of a run again and judge it, or a page over several",
    "runs": "list the runs that are kept, or erase them",
    "compare": "set two runs side by side: what moved, and which questions flipped",
    "feedback": "list what people said of answers, and make gold questions of it",
    "gaps": "what was asked and not answered, alike questions together",
    "draft": "propose questions about a folder, to be accepted into a gold file",
    "bench": "ask the questions of other people's data: BEIR, SQuAD",
    "disagreements": "measure whether both sides are shown, and false alarms",
    "followups": "measure what completing a question from its history brings",
    "alterations": "alter cited sentences and count what the check of them notices",
    "speed": "measure time, memory and determinism over generated folders",
    "load": "measure a server under many askers, over the bundled samples",
}
_INTERNAL = ("ask-worker",)  # run by commands, not by people
EPILOG = """\
exit codes:
  0    done, and every gate passed
  1    a gate failed; standard error says which and why
  2    wrong arguments, or data that cannot be used
  130  interrupted; what was measured so far is kept
  141  nobody reads the output any more
"""


def main(argv: Sequence[str] | None = None, program: str = "python -m eval") -> int:
    """Run one command; the exit code. Raises SystemExit for --help and wrong arguments."""
    given = list(sys.argv[1:] if argv is None else argv)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the other commands: see ui.cli
    try:
        try:
            return _run(given, program)
        finally:
            sys.stdout.flush()  # so that a reader who went away is noticed here
    except CitewiseError as error:
        print("\n".join(map(printable, f"error: {error}".split("\n"))), file=sys.stderr)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at exit
        return 141
    except KeyboardInterrupt:
        return 130
    return 2


def _run(given: Sequence[str], program: str) -> int:
    if not given or given[0] not in (*COMMANDS, *_INTERNAL):
        _listing(program).parse_args(given)  # which exits
        return 2
    name, *rest = given
    module = import_module(f"eval.commands.{name.replace('-', '_')}")  # the others need not be read
    parser = argparse.ArgumentParser(
        prog=f"{program} {name}", description=(module.__doc__ or "").partition("\n")[0], allow_abbrev=False
    )
    module.arguments(parser)
    return int(module.run(parser.parse_args(rest), f"{program} {told(given)}"))


def told(arguments: Sequence[str]) -> str:
    """A command line as results and reports may show it: files without their folders, no address and no key."""
    return shlex.join(map(_told, arguments))


def _told(argument: str) -> str:
    name, equals, value = argument.rpartition("=")
    if "://" in value or re.search(r"key|api_base", name):
        return f"{name}{equals}***"
    return name + equals + (Path(value).name or value)


def _listing(program: str) -> argparse.ArgumentParser:
    """The parser of what names no command: it shows the table or what is wrong."""
    parser = argparse.ArgumentParser(
        prog=program, description=__doc__.partition("\n")[0], epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, says in COMMANDS.items():
        commands.add_parser(name, help=says)
    return parser
