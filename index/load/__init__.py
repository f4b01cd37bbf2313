"""Files to text: `extract(name, data)` reads one file of any kind in `SUPPORTED`.

Each kind has one module here, imported when first needed. A loader is a function from bytes to a `Draft`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import NamedTuple

from index.errors import UnreadableFile
from index.load.draft import Draft, one_line
from index.values import Extracted

__all__ = ["EXTRACTORS", "SUPPORTED", "extract", "readable_name", "suffix_of"]


class _Format(NamedTuple):
    """`extractor` names the loader and its version: raise the version when its output changes."""

    extractor: str
    module: str
    function: str = "load"


_FORMATS = {
    ".txt": _Format("txt/1", "text"),
    ".md": _Format("md/1", "markdown"),
    ".markdown": _Format("md/1", "markdown"),
    ".rst": _Format("rst/1", "rst"),
    ".html": _Format("html/1", "markup"),
    ".htm": _Format("html/1", "markup"),
    ".csv": _Format("csv/1", "tables"),
    ".tsv": _Format("csv/1", "tables"),
    ".json": _Format("json/1", "records"),
    ".jsonl": _Format("jsonl/1", "records", "load_lines"),
    ".pdf": _Format("pdf/1", "pdf"),
    ".docx": _Format("docx/1", "document"),
    ".pptx": _Format("pptx/1", "slides"),
    ".xlsx": _Format("xlsx/1", "workbook"),
    ".epub": _Format("epub/1", "epub"),
    ".eml": _Format("eml/1", "mail"),
}

SUPPORTED: frozenset[str] = frozenset(_FORMATS)
"""The suffixes that can be read, in lower case and with their dot."""

EXTRACTORS = {suffix: form.extractor for suffix, form in _FORMATS.items()}
"""The extractor of each suffix: a file is read again when its own has changed."""

_LONGEST_TEXT = 20_000_000  # characters
_LONGEST_TITLE = 200
_SURROGATE = re.compile("[\ud800-\udfff]")


def extract(name: str, data: bytes) -> Extracted:
    """The text of the file `name` that holds `data`, its title and its blocks.

    `name` may be a path; its suffix says how to read the data, and its stem is the title of a file that has no other.
    Raises UnreadableFile with the reason in plain words.
    """
    stem, suffix = _split(name)
    form = _FORMATS.get(suffix)
    if form is None:
        raise UnreadableFile(f"unsupported type {suffix}" if suffix else "unsupported type (no suffix)")
    if not data:
        raise UnreadableFile("empty file")
    draft = _encodable(_load(form, data))
    if len(draft.text) > _LONGEST_TEXT:
        raise UnreadableFile("too large: more than 20 million characters of text")
    if not draft.blocks:
        raise UnreadableFile("no text")
    title = one_line(draft.title)[:_LONGEST_TITLE] or _readable(stem)
    return Extracted(draft.text, title, tuple(draft.blocks), form.extractor, draft.plain)


def _encodable(draft: Draft) -> Draft:
    """Lone surrogates, which some files hold and no file can store, become U+FFFD; offsets stay."""
    try:
        draft.text.encode()
    except UnicodeEncodeError:
        blocks = [
            replace(
                b,
                heading=b.heading and _SURROGATE.sub("\ufffd", b.heading),
                context=_SURROGATE.sub("\ufffd", b.context),
            )
            for b in draft.blocks
        ]
        return replace(draft, text=_SURROGATE.sub("\ufffd", draft.text), blocks=blocks)
    return draft


def _load(form: _Format, data: bytes) -> Draft:
    load: Callable[[bytes], Draft] = getattr(import_module(f"index.load.{form.module}"), form.function)
    try:
        return load(data)
    except (UnreadableFile, ImportError):
        raise
    except RecursionError as error:
        raise UnreadableFile("nested too deeply") from error
    except MemoryError as error:
        raise UnreadableFile("too large for the memory of this machine") from error
    except Exception as error:  # third-party parsers raise anything on damaged files; one file must not stop the rest
        raise UnreadableFile(f"damaged: cannot be read as {form.extractor.split('/')[0]}") from error


def readable_name(name: str) -> str:
    """The title of a file that has no other: its stem, "gas-deal_2025" as "gas deal 2025"."""
    return _readable(_split(name)[0])


def suffix_of(name: str) -> str:
    """The suffix by which a file is read, in lower case and with its dot; "" where there is none."""
    return _split(name)[1]


def _split(name: str) -> tuple[str, str]:
    base = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem, _, suffix = base.rpartition(".")
    return (stem, f".{suffix.lower()}") if stem else (base, "")


def _readable(stem: str) -> str:
    """ "gas-deal_2025" as "gas deal 2025"; hyphens between digits (a date) stay."""
    return one_line(re.sub(r"_+|(?<!\d)-+|-+(?!\d)", " ", stem)) or stem
