"""Documents, the index and the server, field by field, as the OpenAPI document has them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from ui.server.schemas import Told

# -- documents ---------------------------------------------------------------------------------------------------------

State = Literal["ready", "failed", "skipped"]


class Document(Told):
    """One file as the index knows it."""

    source: str = Field(description="its name everywhere: its root's name and the path under it")
    title: str = Field(description="the document's title")
    type: str = Field(description="the kind of file")
    size: int = Field(description="bytes")
    state: State = Field(description="`failed`: it gave no text; `skipped`: no type that is read")
    reason: str | None = Field(description="why it failed or was skipped")
    passages: int = Field(description="passages that can be found")
    sha256: str = Field(description="its hash when it was indexed")
    indexed_at: str = Field(description="when that was (ISO 8601, UTC)")


class Documents(Told):
    """A page of the list of files, by name."""

    total: int = Field(description="files in all")
    offset: int = Field(description="how many of them come before this page")
    documents: list[Document] = Field(description="the page")


class Span(Told):
    """Stored text of a document."""

    source: str = Field(description="the file")
    start: int = Field(description="first code point, from 0")
    end: int = Field(description="the code point after the last")
    length: int = Field(description="code points of the whole text")
    text: str = Field(description="the words from start to end")


class Uploaded(Told):
    """What became of one file that was sent."""

    name: str = Field(description="its name as it was sent")
    source: str | None = Field(description="its name in the index, which reads it next; null: it was refused")
    detail: str = Field(description="why it was refused")
    remedy: str = Field(description="what to do about it")


class Uploads(Told):
    """What became of the files that were sent."""

    documents: list[Uploaded] = Field(description="one entry for each file, in order")


class Removed(Told):
    """What became of a file that is in the index no more."""

    source: str = Field(description="the file")
    outcome: Literal["deleted", "excluded"] = Field(
        description="an uploaded copy is deleted; a file of a folder is left alone, and not read again until restored"
    )


# -- the index ---------------------------------------------------------------------------------------------------------


class Progress(Told):
    """How far a sync is."""

    phase: str = Field(description="`start`, `scan`, `read`, `embed`, `sweep`")
    done: int = Field(description="files done (passages, while embedding)")
    total: int = Field(description="of how many")
    source: str | None = Field(description="the file that is read")
    seconds_left: float | None = Field(description="a guess")


class LastSync(Told):
    """What the last sync did, in files."""

    added: int = Field(description="read for the first time")
    changed: int = Field(description="read again")
    renamed: int = Field(description="found under another name")
    removed: int = Field(description="gone")
    unchanged: int = Field(description="left as they were")
    failed: list[tuple[str, str]] = Field(description="source and reason of files that gave no text")
    skipped: list[tuple[str, str]] = Field(description="source and reason of files that are not read")
    embedded: int = Field(description="passages embedded")
    seconds: float = Field(description="how long it took")


class IndexState(Told):
    """What the index holds, and what is being done to it."""

    running: bool = Field(description="whether a sync is under way")
    files: int = Field(description="files that can be searched")
    passages: int = Field(description="passages of them")
    pending: int = Field(description="passages that are found by their words only so far")
    failed: int = Field(description="files that gave no text")
    indexed_at: str | None = Field(description="when a sync ended last (ISO 8601, UTC)")
    progress: Progress | None = Field(description="of the sync under way")
    report: LastSync | None = Field(description="of the last sync since the server began")
    error: str = Field(description="why the last sync failed")


class Health(Told):
    """The state of the server."""

    status: Literal["ok", "ready"] = Field(description="`ok`: it runs; `ready`: it can answer")
    version: str = Field(description="of Citewise")


class Started(Told):
    """Whether a sync is under way."""

    running: bool = Field(description="whether it is")
