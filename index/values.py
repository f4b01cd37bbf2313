"""The values that cross rooms. All are frozen; offsets count Unicode code points in the stored extracted text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

BlockKind = Literal["heading", "paragraph", "row"]


@dataclass(frozen=True, slots=True)
class Block:
    """A stretch of text that belongs together: a paragraph (or list item, code, quote), a heading, a table row.

    Blocks are in order, do not overlap, and between two of them stands only white space or markup that nobody cites.
    `heading` is the path of headings above ("Trade > Gas"); `page` counts from 1 (PDF page, slide);
    `context` is what a reader needs to understand the block alone: for a row, its table's caption and header cells.
    """

    start: int
    end: int
    kind: BlockKind
    heading: str | None = None
    page: int | None = None
    context: str = ""


@dataclass(frozen=True, slots=True)
class Extracted:
    """The text of one file: no BOM, newlines are "\\n"; `plain` is true where its lines are the file's lines."""

    text: str
    title: str
    blocks: tuple[Block, ...]
    extractor: str
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Passage:
    """A span of a document that was found: `extracted[start:end] == text`, always.

    `context` (heading path, table header) helps to read it and is never part of `text`. `line` counts from 1 and is
    null unless the file is plain text. A higher `score` is a better match; scores of two questions do not compare.
    """

    id: str
    source: str
    text: str
    start: int
    end: int
    page: int | None
    heading: str | None
    line: int | None
    context: str
    score: float


@dataclass(frozen=True, slots=True)
class Report:
    """What a sync did, in files; `embedded` counts passages. `failed` and `skipped` hold (source, reason)."""

    added: int
    changed: int
    renamed: int
    removed: int
    unchanged: int
    failed: tuple[tuple[str, str], ...]
    skipped: tuple[tuple[str, str], ...]
    embedded: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Progress:
    """One step of a sync: `done` of `total` files (passages, in the phase "embed"). The last one has the report."""

    phase: Literal["scan", "read", "embed", "sweep", "done"]
    done: int
    total: int
    source: str | None = None
    seconds_left: float | None = None
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """One file as the index knows it. `status` is "ready", "failed" or "skipped" (no supported type); the latter two
    have their `reason` and no passages. `pages` is the last page with a passage, None where there are no pages;
    `pending` of the passages are found by words only, until they are embedded."""

    source: str
    path: str
    title: str
    type: str
    size: int
    status: str
    reason: str | None
    passages: int
    sha256: str
    indexed_at: str
    pages: int | None = None
    pending: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """A file on disk that differs from what was indexed, by its size or time; both are 0 for one that is gone."""

    source: str
    kind: Literal["added", "changed", "removed"]
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Status:
    """The state of an index. `pending` passages are found by words only, until they are embedded; `excluded` files were
    taken out of the index; `unerased` words of deleted files are still in its own, as a reader was in the way or a sync did
    not end, until one finds none. Only where the folders were scanned: the `changes` since then, of which there are `changed`,
    and what could not be entered as (source, reason)."""

    index_path: str
    roots: tuple[tuple[str, str], ...]
    files: int
    passages: int
    pending: int
    failed: int
    indexed_at: str | None
    embedder: str
    changed: int = 0
    changes: tuple[Change, ...] = ()
    unreachable: tuple[tuple[str, str], ...] = ()
    excluded: int = 0
    unerased: bool = False
