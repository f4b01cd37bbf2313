"""Which files of a folder are read: the walk, what it ignores, how files are named, and which names a pattern means."""

from __future__ import annotations

import errno
import os
import re
import stat
import unicodedata
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch, fnmatchcase
from pathlib import Path

from index.errors import FolderError

IGNORE_FILE = ".citewiseignore"
_IGNORED_FOLDERS = frozenset("node_modules __pycache__ venv site-packages $RECYCLE.BIN __MACOSX".split())
_IGNORED_FILES = (
    "~$*",
    "*.tmp",
    "*.swp",
    "*.part",
    "*.crdownload",
    "Thumbs.db",
    "desktop.ini",
    "*.pem",
    "*.key",
    "id_rsa*",
)
_GONE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP)  # of a link that leads nowhere: there is no file any more
_FINAL_SPACES = re.compile(r"(?<!\\) +$", re.MULTILINE)

Matcher = Callable[[str], bool]


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of the walk: `path` under its root as the disk spells it, `source` as people see it (NFC)."""

    path: bytes
    source: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Unreachable:
    """A folder or link of the walk that could not be entered, and whether what was indexed below it is kept."""

    source: str
    reason: str
    kept: bool = True


def check_folder(folder: Path) -> Path:
    """The real path of a folder that can be indexed. Raises FolderError for one that is missing, no folder,
    or cannot be listed."""
    try:
        real = folder.expanduser().resolve(strict=True)
        if not real.is_dir():
            raise FolderError(f"{folder} is a file, not a folder.", f"Name the folder that holds it: {folder.parent}")
        os.scandir(real).close()
    except FileNotFoundError:
        raise FolderError(f"There is no folder {folder}.", "Check the spelling, or create it.") from None
    except PermissionError:
        raise FolderError(
            f"The folder {folder} cannot be read.", "Ask for read permission, or name another folder."
        ) from None
    except OSError as error:
        raise FolderError(f"The folder {folder} cannot be opened ({error.strerror}).", "Name another folder.") from None
    return real


def is_too_wide(folder: Path) -> bool:
    """Whether a folder is a whole home or disk, which nobody means to index by accident."""
    home = Path.home().resolve()
    return folder == Path(folder.anchor) or folder == home or folder in home.parents


def source_name(root: str, path: bytes) -> str:
    """The name of a file that people and citations see: NFC, POSIX, undecodable bytes replaced."""
    spelled = os.fsdecode(path).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return unicodedata.normalize("NFC", f"{root}/{spelled.replace(os.sep, '/')}")


def walk(root: str, folder: Path, index: Path) -> Iterator[FoundFile | Unreachable]:
    """The files under a folder in a fixed order, those of the index's own folder aside.

    Links within the folder are followed once, so that a loop ends; links out of it are not.
    """
    real = os.path.realpath(os.fsencode(folder))
    own = os.stat(index)
    visited = {(own.st_dev, own.st_ino)}
    waiting: list[tuple[bytes, list[Matcher]]] = [(b"", [])]  # a stack: folders can be nested deeper than calls
    while waiting:
        under, matchers = waiting.pop()
        here = os.path.join(os.fsencode(folder), under)
        try:
            place = os.stat(here)
            if (place.st_dev, place.st_ino) in visited:
                continue
            visited.add((place.st_dev, place.st_ino))
            with os.scandir(here) as entries:
                found = sorted(entries, key=lambda entry: entry.name)
            if any(entry.name == IGNORE_FILE.encode() for entry in found):
                matchers = [*matchers, _ignore_rules(here)]
        except OSError as error:
            yield Unreachable(source_name(root, under).rstrip("/"), (error.strerror or str(error)).lower())
            continue
        below = yield from _entries(root, real, under, found, matchers)
        waiting.extend((path, matchers) for path in reversed(below))


def _entries(
    root: str, real: bytes, under: bytes, found: list[os.DirEntry[bytes]], matchers: list[Matcher]
) -> Generator[FoundFile | Unreachable, None, list[bytes]]:
    """The files among the entries of one folder; returns the folders among them."""
    folders = []
    for entry in found:
        path = os.path.join(under, entry.name)
        try:
            if _is_ignored(entry, matchers):
                continue
            if entry.is_symlink() and os.path.commonpath([real, os.path.realpath(entry.path)]) != real:
                yield Unreachable(source_name(root, path), "a link out of the folder", kept=False)
                continue
            info = entry.stat()
        except OSError as error:
            reason = f"cannot be opened: {(error.strerror or str(error)).lower()}"
            yield Unreachable(source_name(root, path), reason, kept=error.errno not in _GONE)
            continue
        except re.error as error:  # patterns are compiled when they are first used
            yield Unreachable(source_name(root, path), f"a pattern in {IGNORE_FILE} is wrong: {error}")
            continue
        if stat.S_ISDIR(info.st_mode):
            folders.append(path)
        elif stat.S_ISREG(info.st_mode):
            yield FoundFile(path, source_name(root, path), info.st_size, info.st_mtime_ns)
    return folders


def _is_ignored(entry: os.DirEntry[bytes], matchers: list[Matcher]) -> bool:
    return is_ignored_name(os.fsdecode(entry.name)) or any(matches(os.fsdecode(entry.path)) for matches in matchers)


def is_ignored_name(name: str) -> bool:
    """Whether a file or folder of this name is left out wherever it stands."""
    return name.startswith(".") or name in _IGNORED_FOLDERS or any(fnmatch(name, each) for each in _IGNORED_FILES)


def _ignore_rules(folder: bytes) -> Matcher:
    """Raises OSError where the rules cannot be understood: rather nothing of the folder than what is private."""
    from gitignore_parser import parse_gitignore_str

    place = Path(os.fsdecode(folder))
    try:
        rules = (place / IGNORE_FILE).read_text("utf-8-sig", errors="surrogateescape")
        # Git leaves out spaces at the end of a line, the parser does so after it has looked for a final slash.
        matches: Matcher = parse_gitignore_str(_FINAL_SPACES.sub("", rules), base_dir=place)
    except (OSError, IndexError, re.error) as error:
        raise OSError(f"its {IGNORE_FILE} cannot be read ({error})") from error
    return matches


def matches(source: str, pattern: str) -> bool:
    """Whether a source, or the path below its root, is the pattern, lies in it (a folder, ending in "/"), or fits it as
    a glob; case does not count."""
    folded = pattern.casefold()
    for name in (source.casefold(), source.partition("/")[2].casefold()):
        if name == folded or (folded.endswith("/") and name.startswith(folded)) or fnmatchcase(name, folded):
            return True
    return False
