"""The commands of the terminal: each takes parsed arguments, prints through a `Terminal` and returns an exit code."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import rag
from rag import CitewiseError
from ui import render
from ui.batch import Line, lines, readable
from ui.opening import (
    UPLOADS,
    documents_of,
    opened,
    place_of,
    ready,
    remember,
    require_readable,
    samples_folder,
    settings_of,
    synced,
    within,
)
from ui.terminal import Terminal, clean, dumped

if TYPE_CHECKING:
    from rag import Settings, Status

OK, FAILED, BAD_ARGUMENTS, NOT_IN_DOCUMENTS, UNREADABLE, LINES_FAILED = range(6)
INTERRUPTED, NO_READER = 130, 141

AROUND = 600  # characters shown on either side of a span


# -- asking -----------------------------------------------------------------------------------------------------------


def ask(args: Namespace, terminal: Terminal) -> int:
    with batch_stream(args.batch) as stream, ready(args, terminal) as assistant:
        only = within(args, assistant)
        if stream:
            return batch(stream, lambda line: assistant.ask(line.question, history=line.history, only=only).to_dict())
        found = terminal.growing(assistant.stream(readable(" ".join(args.question)), only=only))
    terminal.result(found.to_dict(), render.answer(found, terminal))
    return NOT_IN_DOCUMENTS if found.status == "not_in_documents" else OK


def search(args: Namespace, terminal: Terminal) -> int:
    with batch_stream(args.batch) as stream, ready(args, terminal) as assistant:
        only = within(args, assistant)

        def found_for(line: Line) -> dict[str, Any]:
            found = assistant.search(line.question, k=line.k or args.k, only=only, history=line.history)
            return {"id": line.id, "passages": [asdict(passage) for passage in found]}

        if stream:
            return batch(stream, found_for)
        question = readable(" ".join(args.question))
        found = assistant.search(question, k=args.k, only=only)
    shape = {"question": question, "passages": [asdict(passage) for passage in found]}
    terminal.result(shape, render.passages(found, terminal))
    return OK if found else NOT_IN_DOCUMENTS


def why(args: Namespace, terminal: Terminal) -> int:
    expect = args.expect and (readable(args.expect[0]), readable(args.expect[1]))
    with ready(args, terminal) as assistant:
        only = within(args, assistant)
        found = assistant.why(readable(" ".join(args.question)), expect=expect, only=only)
        lines = list(render.why(found, assistant.text, terminal))
    terminal.result(found.to_dict(), lines)
    return FAILED if found.expected and found.expected.citation is None else OK


def batch(stream: Iterable[bytes], asked: Callable[[Line], dict[str, Any]]) -> int:
    """Answer line by line; a line that cannot be answered becomes an error with its id."""
    failed = False
    for line in lines(stream):
        try:
            if line.error:
                raise line.error
            shape = asked(line)
            shape["id"] = line.id
        except CitewiseError as error:
            failed = True
            told = {"message": error.message, "remedy": error.remedy}
            shape = {"id": line.id, "line": line.number, "error": told}
        print(dumped(shape), flush=True)
    return LINES_FAILED if failed else OK


@contextmanager
def batch_stream(file: str | None) -> Iterator[Iterable[bytes] | None]:
    """The lines of a batch file, or of standard input for "-"; None without a file."""
    if file == "-":
        yield sys.stdin.buffer
    elif file:
        with open(file, "rb") as stream:
            yield stream
    else:
        yield None


# -- the index --------------------------------------------------------------------------------------------------------


def index(args: Namespace, terminal: Terminal) -> int:
    with opened(args, args.folders or args.folder) as assistant:
        try:
            report = synced(assistant, terminal, args.rebuild)
        except KeyboardInterrupt:
            terminal.note("Stopped. What was indexed so far is kept; run the same command to go on.")
            return INTERRUPTED
        now = assistant.status()
    terminal.result(asdict(report), render.report(report, now, documents_of(now)))
    require_readable(now, report)
    return UNREADABLE if args.strict and report.failed else OK


def status(args: Namespace, terminal: Terminal) -> int:
    with opened(args, args.folder) as assistant:
        now = assistant.status(scan=True)
        documents = assistant.documents() if args.files else None
    shape = asdict(now)
    if documents is not None:
        shape["documents"] = [asdict(document) for document in documents]
    terminal.result(shape, render.status(now, documents))
    return OK


def show(args: Namespace, terminal: Terminal) -> int:
    with opened(args, args.folder) as assistant:
        text = assistant.text(args.source)
    spanned = args.start is not None or args.end is not None
    start = args.start or 0
    end = len(text) if args.end is None else args.end
    if not 0 <= start <= end <= len(text):
        raise rag.NotIndexed(f"{args.source} has {len(text):,} characters; {start}-{end} is no span of it.")
    first, last = (max(0, start - AROUND), end + AROUND) if spanned else (start, end)
    before, span, after = text[first:start], text[start:end], text[end:last]
    shape = {"source": args.source, "start": start, "end": end, "text": span, "before": before, "after": after}
    marked = terminal.marked(clean(span)) if spanned else clean(span)
    terminal.result(shape, [clean(before) + marked + clean(after)])
    return OK


def forget(args: Namespace, terminal: Terminal) -> int:
    settings = settings_of(args, args.folders)
    place = place_of(args.folders, settings)
    known = known_index(args, settings)
    folders = documents_of(known) if known else [Path(folder) for folder in args.folders]
    wanted = {Path(folder).expanduser().resolve() for folder in args.folders}
    if known and not wanted.intersection(folders):
        listed = ", ".join(map(str, folders)) or "uploaded files only"
        raise CitewiseError(f"The index at {place} is of {listed}; nothing was deleted.", "Name one of its folders.")
    if settings.index.path is not None and (rest := [str(folder) for folder in folders if folder not in wanted]):
        raise CitewiseError(
            f"The index at {place} is also of {', '.join(rest)}; nothing was deleted.", "Name them too."
        )
    uploads = sum(file.is_file() for file in (place / UPLOADS).rglob("*"))
    held = f"{render.counted(known.files, 'file')}, " if known else ""
    held += f"{render.counted(uploads, 'uploaded file')} among them"
    what = clean(f"the index of {', '.join(map(str, folders))} ({held}) at {place}")
    if not args.yes:
        if not (sys.stdin.isatty() and terminal.is_terminal):
            raise CitewiseError(f"Nothing was deleted: {what} would be.", "Add --yes to delete it.")
        if input(f"Delete {clean(what)}? Documents elsewhere are not touched. [y/N] ").strip().lower() not in (
            "y",
            "yes",
        ):
            raise CitewiseError("Nothing was deleted.")
    rag.forget(place)
    shape = {"forgotten": str(place), "folders": [str(folder) for folder in folders], "uploads": uploads}
    terminal.result(shape, [f"Deleted {what}. The documents themselves were not touched."])
    return OK


def known_index(args: Namespace, settings: Settings) -> Status | None:
    """What an index says of itself, if it still can."""
    place = place_of(args.folders, settings)
    if not place.is_dir():
        raise rag.IndexMissing(f"{', '.join(args.folders)}: there is no index of it at {place}.", "See: citewise where")
    at = {**args.flags, "index": {**args.flags.get("index", {}), "path": str(place)}}
    try:
        with closing(rag.Assistant.open(settings=rag.Settings.load(documents=[], **at))) as assistant:
            return assistant.status()
    except CitewiseError:
        return None


def doctor(args: Namespace, terminal: Terminal) -> int:
    folders = [Path(folder) for folder in args.folder]
    try:
        settings = settings_of(args, args.folder)
        file = rag.settings_file(folders or None, **args.flags)
        checks = [*rag.examine(folders, settings, file), *_registers(), *_port(settings.server)]
    except rag.SettingsError as error:
        checks = [rag.Finding("settings", "failed", error.message, error.remedy)]
    terminal.result({"checks": [asdict(check) for check in checks]}, render.checks(checks, terminal))
    return FAILED if any(check.state == "failed" for check in checks) else OK


def _registers() -> Iterator[rag.Finding]:
    """The files of keys and widgets that cannot be read: the server lets nobody in."""
    from ui.server.keys import Keys
    from ui.server.widgets import Widgets

    keys = Keys()
    for register in (keys, Widgets(keys.file.with_name("widgets.json"))):
        try:
            register.all()
        except CitewiseError as error:
            yield rag.Finding("server", "failed", error.message, error.remedy)


def _port(settings: rag.ServerSettings) -> Iterator[rag.Finding]:
    """Whether `serve` could listen where it is told to."""
    from ui.server.running import listening

    try:
        listening(settings.host, settings.port).close()
    except CitewiseError as error:
        remedy = "That may be Citewise itself, which is well; else name another address or port with --host, --port."
        yield rag.Finding("server", "note", error.message, remedy)


# -- places and settings ----------------------------------------------------------------------------------------------


def where(args: Namespace, terminal: Terminal) -> int:
    settings = settings_of(args, args.folder)
    try:
        place = place_of(args.folder, settings)
    except rag.IndexMissing:
        place = None
    file = rag.settings_file([Path(folder) for folder in args.folder] or None, **args.flags)
    shape = {
        "index": str(place) if place else None,
        "exists": bool(place and place.is_dir()),
        "data": str(rag.data_folder()),
        "config": str(rag.config_folder()),
        "settings_file": str(file) if file else None,
    }
    labels = {"index": "Index", "data": "Data", "config": "Configuration", "settings_file": "Settings file"}
    lines = [f"{label + ':':15}{clean(str(shape[name] or 'none'))}" for name, label in labels.items()]
    lines[0] += "" if shape["exists"] or place is None else " (not made yet)"
    terminal.result(shape, lines)
    return OK


def config(args: Namespace, terminal: Terminal) -> int:
    documents = [Path(folder) for folder in args.folder] or None
    settings = rag.Settings.load(documents=documents, **args.flags)
    origins = rag.setting_origins(documents=documents, **args.flags)
    rows = [
        {
            "name": f"{section}.{name}",
            "value": plain(getattr(getattr(settings, section), name)),
            "default": plain(field.default),
            "origin": origins.get(f"{section}.{name}", "default"),
            "description": field.description,
        }
        for section, model in rag.known_settings().items()
        for name, field in model.model_fields.items()
    ]
    lines = []
    for row in rows:
        default = "" if row["origin"] == "default" else f", default {dumped(row['default'])}"
        lines += [
            f"{terminal.strong(str(row['name']))} = {dumped(row['value'])}  ({clean(str(row['origin']))}{default})",
            terminal.faint(f"    {row['description']}"),
        ]
    terminal.result({"settings": rows}, lines)
    return OK


def plain(value: object) -> Any:
    """A setting as JSON has it; a secret prints itself as stars."""
    return value if isinstance(value, int | float | str | None) else str(value)


# -- the page ---------------------------------------------------------------------------------------------------------


def chat(args: Namespace, terminal: Terminal) -> int:
    folders = args.folders or args.folder
    settings = settings_of(args, folders)
    if not folders and settings.index.path is None and rag.last_opened() is None:
        folders = [str(samples_folder())]
        terminal.note("No folder was named: these are the sample documents.")
    with opened(args, folders, settings) as assistant:
        if folders:
            remember(assistant)
        from ui.page import launch  # imported late: Gradio takes seconds

        launch(assistant, settings.chat.host, settings.chat.port, open_browser=not args.no_browser)
    return OK
