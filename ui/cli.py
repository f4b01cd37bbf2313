"""`citewise`: the arguments of the commands, and what their exit codes mean."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any, NoReturn

from rag import CitewiseError
from ui import commands, serving
from ui.batch import MOST
from ui.mcp import command as agents
from ui.opening import NothingReadable
from ui.terminal import Terminal

EPILOG = """\
exit codes:
  0    done
  1    it could not be done; standard error says why, and what to do (why: the expected passage was lost)
  2    wrong arguments
  3    the documents do not say (ask), or no passage was found (search)
  4    nothing in the folder can be read; with index --strict also: a file could not be read
  5    a line of a batch failed (the others are answered)
  130  interrupted; what was indexed so far is kept
  141  nobody reads the output any more

settings: a flag (--set index.path=DIR) beats the environment (CITEWISE_INDEX__PATH=DIR), which beats citewise.toml in
the working directory or in the user's configuration directory; see: citewise config
"""


class BadArguments(CitewiseError):
    """The command line makes no sense."""


class Parser(argparse.ArgumentParser):
    """Takes no abbreviations, and leaves it to `main` to print errors."""

    def __init__(self, **options: Any) -> None:
        super().__init__(allow_abbrev=False, formatter_class=argparse.RawDescriptionHelpFormatter, **options)

    def error(self, message: str) -> NoReturn:
        raise BadArguments(f"{message[:1].upper()}{message[1:]}.", f"See: {self.prog} --help")


class Version(argparse.Action):
    """Prints the installed version; imported late, because looking it up takes time."""

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> NoReturn:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"citewise {version('citewise')}")
        except PackageNotFoundError:
            print("citewise, run from its source without being installed")
        parser.exit()


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    top = Parser(prog="citewise", description="Ask a folder of documents; every sentence is cited.", epilog=EPILOG)
    top.add_argument("--version", action=Version, nargs=0, help="print the version and exit")
    _shared(top, "_before")
    made = top.add_subparsers(dest="command", metavar="COMMAND", required=True, parser_class=Parser)

    def command(name: str, says: str, room: ModuleType = commands) -> argparse.ArgumentParser:
        added = made.add_parser(name, help=says, description=f"{says[:1].upper()}{says[1:]}.")
        added.set_defaults(run=getattr(room, name))
        _shared(added)
        return added

    chat = command("chat", "open the chat page in a browser")
    chat.add_argument(
        "folders", nargs="*", metavar="FOLDER", help="what to ask; else the last opened, else the samples"
    )
    chat.add_argument("--host", dest="chat.host", metavar="ADDRESS", help="address to listen on (this machine only)")
    chat.add_argument("--port", dest="chat.port", metavar="PORT", help="first port to try")
    chat.add_argument("--no-browser", action="store_true", help="only serve the page")

    serve = command("serve", "serve programs over HTTP, and the chat page", serving)
    serve.add_argument("folders", nargs="*", metavar="FOLDER", help="what to ask; else the last opened")
    serve.add_argument(
        "--host", dest="server.host", metavar="ADDRESS", help="address to listen on; any but this machine's needs a key"
    )
    serve.add_argument("--port", dest="server.port", metavar="PORT", help="port to listen on")
    serve.add_argument(
        "--cors", action="append", dest="server.cors", metavar="ORIGIN",
        help="let pages of this origin (https://a.example) call it; repeatable",
    )  # fmt: skip
    serve.add_argument(
        "--name", action="append", dest="server.names", metavar="HOST",
        help="a name that it is reached by, behind a proxy; repeatable",
    )  # fmt: skip
    serve.add_argument("--no-chat", action="store_true", help="leave the chat page out")
    serve.add_argument("--no-watch", action="store_true", help="read what changes in the folders only when asked to")

    mcp = command("mcp", "serve an MCP host (an agent's or editor's) over standard input and output", agents)
    mcp.add_argument("folders", nargs="*", metavar="FOLDER", help="what to ask; else the last opened")
    mcp.add_argument("--index-first", action="store_true", help="let the first calls wait until everything is indexed")

    keys = command("keys", "add, list or revoke the keys that programs send to the server", serving)
    actions = keys.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    add = actions.add_parser("add", help="make a key and print it, once")
    add.add_argument("name", metavar="NAME", help="whose it is")
    add.add_argument("--write", action="store_true", help="let it change the index too")
    actions.add_parser("list", help="list the names of the keys")
    actions.add_parser("revoke", help="let a key open nothing any more").add_argument("name", metavar="NAME")

    widgets = command("widgets", "add, list or revoke what web pages may ask by", serving)
    actions = widgets.add_subparsers(dest="action", metavar="ACTION", required=True, parser_class=Parser)
    add = actions.add_parser("add", help="make a widget and print its tags for a page")
    add.add_argument("name", metavar="NAME", help="what it is for")
    add.add_argument(
        "--origin", action="append", required=True, metavar="ORIGIN",
        help="whose pages it is for (https://www.example.org); repeatable",
    )  # fmt: skip
    _only(add)
    actions.add_parser("list", help="list the widgets with their ids and origins")
    actions.add_parser("revoke", help="let a widget ask nothing any more").add_argument("name", metavar="NAME")

    index = command("index", "read new and changed files of a folder into its index")
    index.add_argument("folders", nargs="*", metavar="FOLDER", help="what to index together; else the last opened")
    index.add_argument("--rebuild", action="store_true", help="forget what was indexed and begin again")
    index.add_argument("--strict", action="store_true", help="exit with 4 if a file could not be read")

    for name, says in (("ask", "answer a question from the documents"), ("search", "find the passages for a question")):
        asking = command(name, says)
        asking.add_argument("question", nargs="*", help="the question")
        asking.add_argument(
            "--batch", metavar="FILE.jsonl", help='one question a line, as JSON; "-" for standard input'
        )
        _only(asking)
        if name == "ask":
            asking.add_argument(
                "--writer", dest="answer.writer", choices=["auto", "quotes", "model"],
                help="who answers: the documents' own sentences, the language model, or (auto) the model if there is one",
            )  # fmt: skip
        if name == "search":
            asking.add_argument("-k", type=_from_one, default=10, metavar="N", help="passages at most (default 10)")

    why = command("why", "say how an answer came about, and at which step an expected passage was lost")
    why.add_argument("question", nargs="+", help="the question")
    why.add_argument(
        "--expect", type=_expected, metavar="FILE:QUOTE",
        help="a passage that the answer should cite: its file and some of its words",
    )  # fmt: skip
    why.set_defaults(batch=None)
    _only(why)

    status = command("status", "say what the index holds and what changed since")
    status.add_argument("--files", action="store_true", help="list every file with its state and reason")

    command("doctor", "check settings, embedding model, index and language model, and say what to do")

    command("where", "print where the index, the data and the settings lie")

    forget = command("forget", "delete the index of a folder, with uploaded copies; documents are not touched")
    forget.add_argument("folders", nargs="+", metavar="FOLDER", help="what was indexed together")

    show = command("show", "print the stored text of a file, or a span of it with its surroundings")
    show.add_argument("source", metavar="SOURCE", help="a file as citations name it (docs/a.pdf)")
    show.add_argument("--start", type=int, metavar="N", help="first character of the span, counted from 0")
    show.add_argument("--end", type=int, metavar="N", help="the character after the span")

    # It reads its own arguments: `main` hands them on before they come here.
    made.add_parser("eval", help="measure how good the answers are, and whether they got worse", add_help=False)

    command("config", "list every setting with its value and where it comes from")
    return top


def _shared(to: argparse.ArgumentParser, suffix: str = "") -> None:
    """The options of every command. They may stand before the command too, and are kept apart until both are read."""
    options = to.add_argument_group("options of every command")
    options.add_argument(
        "--folder", action="append", default=[], dest=f"folder{suffix}", metavar="FOLDER",
        help="the indexed folder that is meant (repeatable); else the last opened",
    )  # fmt: skip
    options.add_argument(
        "--set", action="append", default=[], dest=f"set{suffix}", type=_setting, metavar="SECTION.NAME=VALUE",
        help="a setting, for this time",
    )  # fmt: skip
    options.add_argument("--json", action="store_true", dest=f"json{suffix}", help="print JSON; errors too")
    options.add_argument(
        "--yes", action="store_true", dest=f"yes{suffix}", help="index a whole home folder; forget without asking"
    )


def _only(to: argparse.ArgumentParser) -> None:
    to.add_argument(
        "--only", action="append", default=[], metavar="PATTERN",
        help='only these files: a source, a folder ("docs/mail/") or a glob ("*.pdf"); repeatable',
    )  # fmt: skip


def _expected(given: str) -> tuple[str, str]:
    file, colon, quote = given.partition(":")
    if not (colon and file.strip() and quote.strip()):
        raise argparse.ArgumentTypeError(f"{given!r} is not of the form FILE:QUOTE")
    return file.strip(), quote.strip()


def _setting(given: str) -> tuple[str, str, str]:
    name, equals, value = given.partition("=")
    section, dot, field = name.partition(".")
    if not (equals and dot and section and field):
        raise argparse.ArgumentTypeError(f"{given!r} is not of the form section.name=value")
    return section, field, value


def _from_one(given: str) -> int:
    if not (given.isdecimal() and len(given) <= 5 and 1 <= int(given) <= MOST):
        raise argparse.ArgumentTypeError(f"{given!r} is not a number from 1 to {MOST:,}")
    return int(given)


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The arguments, with `flags` as `Settings.load` takes them. Raises BadArguments."""
    args = parser().parse_args(argv)
    args.folder = args.folder_before + args.folder
    args.json |= args.json_before
    args.yes |= args.yes_before
    args.flags = {}
    for section, name, value in args.set_before + args.set:
        args.flags.setdefault(section, {})[name] = value
    for option, value in vars(args).copy().items():
        section, dot, name = option.partition(".")
        if dot and value is not None:
            args.flags.setdefault(section, {})[name] = ",".join(value) if isinstance(value, list) else value
    if "question" in args and bool(args.question) == bool(args.batch):
        raise BadArguments("Give either a question or --batch.", f"See: citewise {args.command} --help")
    return args


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    argv = sys.argv[1:] if argv is None else argv
    # Our matrix products are small, and OpenBLAS's threads mostly wait for each other: 170 answers took 25 s of processor
    # time with two of them and 12 s with one. It reads this when numpy is first imported.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    if argv[:1] == ["eval"]:
        from eval import main as evaluate

        return evaluate(argv[1:], "citewise eval")
    terminal = Terminal("--json" in argv)
    try:
        args = parse(argv)
        run: Any = args.run
        code: int = run(args, terminal)
        sys.stdout.flush()
        return code
    except BadArguments as error:
        terminal.error(error)
        return commands.BAD_ARGUMENTS
    except NothingReadable as error:
        terminal.error(error)
        return commands.UNREADABLE
    except CitewiseError as error:
        terminal.error(error)
        return commands.FAILED
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python complains when it flushes at exit
        return commands.NO_READER
    except OSError as error:
        terminal.error(CitewiseError(f"{error.filename or 'Input or output'}: {error.strerror or error}."))
        return commands.FAILED
    except KeyboardInterrupt:
        return commands.INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
