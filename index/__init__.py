"""Files to searchable passages. Knows llama-index, Chroma and SQLite; knows no questions.

The contents of the room; each name is imported when it is first used, so that importing the room costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.catalog import PassageRecord
    from index.chunk import Unit, embedding_text, units
    from index.embed import Encoded, MiniLM, embed_question, make_embedder
    from index.errors import (
        BadQuestion,
        CitewiseError,
        EmbedderError,
        FolderError,
        IndexBusy,
        IndexDamaged,
        IndexMissing,
        IndexOutdated,
        MissingExtra,
        ModelError,
        NotIndexed,
        SettingsError,
        UnreadableFile,
        VectorsUnreadable,
    )
    from index.index import Index
    from index.load import SUPPORTED, extract
    from index.lock import writer_of
    from index.named import documents_named
    from index.pictures import Box, PdfPages
    from index.rebuild import erase
    from index.scan import matches
    from index.sentences import sentence_spans
    from index.tokens import unpack
    from index.uploads import ASKED
    from index.values import Block, Change, DocumentInfo, Extracted, Passage, Progress, Report, Status

_WHERE = {
    "index.catalog": ("PassageRecord",),
    "index.chunk": ("Unit", "embedding_text", "units"),
    "index.embed": ("Encoded", "MiniLM", "embed_question", "make_embedder"),
    "index.errors": (
        "BadQuestion", "CitewiseError", "EmbedderError", "FolderError", "IndexBusy", "IndexDamaged", "IndexMissing",
        "IndexOutdated", "MissingExtra", "ModelError", "NotIndexed", "SettingsError", "UnreadableFile",
        "VectorsUnreadable",
    ),
    "index.index": ("Index",),
    "index.load": ("SUPPORTED", "extract"),
    "index.lock": ("writer_of",),
    "index.named": ("documents_named",),
    "index.pictures": ("Box", "PdfPages"),
    "index.rebuild": ("erase",),
    "index.scan": ("matches",),
    "index.sentences": ("sentence_spans",),
    "index.tokens": ("unpack",),
    "index.uploads": ("ASKED",),
    "index.values": ("Block", "Change", "DocumentInfo", "Extracted", "Passage", "Progress", "Report", "Status"),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "ASKED", "SUPPORTED", "BadQuestion", "Block", "Box", "Change", "CitewiseError", "DocumentInfo", "EmbedderError", "Encoded", "Extracted",
    "FolderError", "Index", "IndexBusy", "IndexDamaged", "IndexMissing", "IndexOutdated", "MiniLM", "MissingExtra",
    "ModelError", "NotIndexed", "Passage", "PassageRecord", "PdfPages", "Progress", "Report", "SettingsError", "Status", "Unit",
    "UnreadableFile", "VectorsUnreadable", "documents_named", "embed_question", "embedding_text", "erase", "extract",
    "make_embedder", "matches", "sentence_spans", "units", "unpack", "writer_of",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'index' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
