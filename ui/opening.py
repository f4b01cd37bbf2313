"""Opening an index for a command: its settings, its folders, and whether it can answer yet."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import rag  # whose names are imported when they are used: where, config and --help need next to nothing
from rag import CitewiseError
from ui import render
from ui.terminal import Terminal

if TYPE_CHECKING:
    from rag import Assistant, Report, Settings, Status

UPLOADS = "uploads"  # the root that the index owns, by the name which no other root is given
CHEAP_SCAN = 1000  # files that are compared with the disk in no time that anybody notices


class NothingReadable(CitewiseError):
    """There is no file that questions could be answered from."""


def samples_folder() -> Path:
    """The bundled sample documents: beside this module where Citewise is installed, beside `ui/` in a checkout."""
    here = Path(__file__).resolve().parent
    return next(folder for folder in (here / "samples", here.parent / "samples") if folder.is_dir())


def settings_of(args: Namespace, folders: Sequence[str]) -> Settings:
    """The settings in force for a command on these folders, flags included."""
    return rag.Settings.load(documents=[Path(folder) for folder in folders] or None, **args.flags)


@contextmanager
def opened(args: Namespace, folders: Sequence[str], settings: Settings | None = None) -> Iterator[Assistant]:
    """The assistant over these folders, or over what was opened last. A home that has an index was allowed before."""
    settings = settings or settings_of(args, folders)
    place = place_of(folders, settings)  # before the imports behind `Assistant`, so that a mistake is told at once
    known = settings.index.path is None and place.is_dir()
    with closing(rag.Assistant.open(*folders, settings=settings, allow_wide=args.yes or known)) as assistant:
        yield assistant


def place_of(folders: Sequence[str], settings: Settings) -> Path:
    """The index folder of these folders, or the one opened last. Raises IndexMissing if there is neither."""
    return rag.index_folder([Path(folder) for folder in folders], settings).resolve()


def synced(assistant: Assistant, terminal: Terminal, rebuild: bool = False) -> Report:
    """Bring the index up to date, with progress, and make it the one that is meant from now on."""
    remember(assistant)
    with closing(assistant.sync(rebuild=rebuild)) as steps:
        return terminal.progress(steps)


def remember(assistant: Assistant) -> None:
    """Make this index the one that commands without --folder mean."""
    try:
        known = documents_of(assistant.status())
    except CitewiseError:  # nothing is indexed yet, or it cannot be read
        known = []
    rag.remember_opened(assistant.index.folder, list(dict.fromkeys([*known, *assistant.index.roots])))


def documents_of(now: Status) -> list[Path]:
    """The folders behind an index that are the user's own."""
    return [Path(path) for name, path in now.roots if name != UPLOADS]


def within(args: Namespace, assistant: Assistant) -> list[str]:
    """The patterns of --only. An index may hold more folders than --folder names: then only those are meant."""
    roots = assistant.status().roots
    named = {str(Path(folder).expanduser().resolve()) for folder in args.folder}
    meant = [f"{name}/" for name, path in roots if path in named]
    if not named or len(meant) == len([name for name, _ in roots if name != UPLOADS]):
        return list(args.only)
    if not meant:
        raise rag.NotIndexed(f"{', '.join(sorted(named))} is not in this index.", "See: citewise status")
    if not args.only:
        return meant
    matching = set(assistant.index.documents_matching(args.only) or ())
    with assistant.index.snapshot() as catalog:
        files = catalog.files().values()
    found = [file.source for file in files if file.id in matching and file.source.startswith(tuple(meant))]
    if not found:
        raise rag.NotIndexed(
            f"No indexed file of {', '.join(meant)} matches {', '.join(args.only)}.", "See: citewise status --files"
        )
    return found


def require_readable(now: Status, report: Report | None = None) -> None:
    """Raises NothingReadable, saying what was found instead, where an index holds no file that can be searched."""
    if now.files:
        return
    folders = ", ".join(str(folder) for folder in documents_of(now)) or now.index_path
    if report is None:
        raise NothingReadable(
            f"No file of {folders} has been read{'' if now.indexed_at else ' yet'}.", "See: citewise status"
        )
    found = [f"{render.counted(len(report.failed), 'file')} could not be read"] if report.failed else []
    found += [kinds] if (kinds := render.kinds(report.skipped)) else []
    what = "; ".join(found) or "no files, hidden and ignored ones aside"
    types = " ".join(sorted(rag.SUPPORTED))
    raise NothingReadable(
        f"Nothing in {folders} can be searched: {what}.", f"Files of these types can be read: {types}"
    )


@contextmanager
def ready(args: Namespace, terminal: Terminal) -> Iterator[Assistant]:
    """The assistant for questions. A folder that was named and has no index yet is indexed first; notes say what the
    index lacks."""
    with opened(args, args.folder) as assistant:
        try:
            now = assistant.status()
        except rag.IndexMissing:
            if not args.folder:
                raise
            now = None
        named = {str(Path(folder).expanduser().resolve()) for folder in args.folder}
        if named and (now is None or not now.indexed_at or not named.issubset(path for _, path in now.roots)):
            terminal.note(f"{', '.join(sorted(named))} is not indexed yet; that comes first.")
            try:
                report = synced(assistant, terminal)
                require_readable(assistant.status(), report)
            except rag.IndexBusy as busy:
                terminal.note(busy.message)
        now = assistant.status()
        require_readable(now)
        if now.pending:
            terminal.note(f"{now.pending:,} of {now.passages:,} passages are found by words only so far.")
        elif now.files <= CHEAP_SCAN and (changed := assistant.status(scan=True).changed):
            terminal.note(f"{render.counted(changed, 'file')} changed since indexing; to renew it, run: citewise index")
        yield assistant
