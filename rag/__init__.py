"""Questions to cited answers, and the public API: `from rag import Assistant`.

The contents of the room; each name is imported when it is first used, so that importing the room costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index import (
        SUPPORTED,
        BadQuestion,
        CitewiseError,
        DocumentInfo,
        EmbedderError,
        FolderError,
        IndexBusy,
        IndexDamaged,
        IndexMissing,
        IndexOutdated,
        MissingExtra,
        ModelError,
        NotIndexed,
        Passage,
        Progress,
        Report,
        SettingsError,
        Status,
        UnreadableFile,
        VectorsUnreadable,
    )
    from rag.answer import Answer, AnswerStatus, Citation, Conflict, Searched, Side, Statement, Turn
    from rag.assistant import Assistant
    from rag.doctor import Comparison, Finding, examine, last_comparison, remember_comparison
    from rag.grounding.verify import Verdict, check
    from rag.places import config_folder, data_folder, forget, index_folder, last_opened, remember_opened
    from rag.settings import Settings, WriterChoice, known_settings, setting_origins, settings_file
    from rag.trace import Item, Step
    from rag.why import Fate, Rank, Why

_WHERE = {
    "index.errors": (
        "BadQuestion", "CitewiseError", "EmbedderError", "FolderError", "IndexBusy", "IndexDamaged", "IndexMissing",
        "IndexOutdated", "MissingExtra", "ModelError", "NotIndexed", "SettingsError", "UnreadableFile",
        "VectorsUnreadable",
    ),
    "index.load": ("SUPPORTED",),
    "index.values": ("DocumentInfo", "Passage", "Progress", "Report", "Status"),
    "rag.answer": ("Answer", "AnswerStatus", "Citation", "Conflict", "Searched", "Side", "Statement", "Turn"),
    "rag.assistant": ("Assistant",),
    "rag.doctor": ("Comparison", "Finding", "examine", "last_comparison", "remember_comparison"),
    "rag.places": ("config_folder", "data_folder", "forget", "index_folder", "last_opened", "remember_opened"),
    "rag.settings": ("Settings", "WriterChoice", "known_settings", "setting_origins", "settings_file"),
    "rag.trace": ("Item", "Step"),
    "rag.grounding.verify": ("Verdict", "check"),
    "rag.why": ("Fate", "Rank", "Why"),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "SUPPORTED", "Answer", "AnswerStatus", "Assistant", "BadQuestion", "Citation", "CitewiseError", "Comparison", "Conflict",
    "DocumentInfo", "EmbedderError", "Fate", "Finding", "FolderError", "IndexBusy", "IndexDamaged", "IndexMissing",
    "IndexOutdated", "Item", "MissingExtra", "ModelError", "NotIndexed", "Passage", "Progress", "Rank", "Report",
    "Searched", "Settings", "SettingsError", "Side", "Statement", "Status", "Step", "Turn", "UnreadableFile",
    "VectorsUnreadable", "Verdict", "Why", "WriterChoice", "check", "config_folder", "data_folder", "examine", "forget",
    "index_folder", "known_settings", "last_comparison", "last_opened", "remember_comparison", "remember_opened",
    "setting_origins", "settings_file",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
