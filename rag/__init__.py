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
        Block,
        Box,
        Change,
        CitewiseError,
        DocumentInfo,
        EmbedderError,
        Extracted,
        FolderError,
        IndexBusy,
        IndexDamaged,
        IndexMissing,
        IndexOutdated,
        MissingExtra,
        ModelError,
        NotIndexed,
        Passage,
        PdfPages,
        Progress,
        Report,
        SettingsError,
        Status,
        UnreadableFile,
        VectorsUnreadable,
        extract,
        matches,
        sentence_spans,
        units,
    )
    from rag.answer import Answer, AnswerStatus, Citation, Conflict, Searched, Side, Statement, Turn
    from rag.assistant import Assistant
    from rag.doctor import Comparison, Finding, examine, last_comparison, remember_comparison
    from rag.grounding.facts import Fact, facts, is_measure, same, within
    from rag.grounding.verify import Verdict, check
    from rag.journal import Journal, log_line, question_log
    from rag.model.questions import Proposal, propose
    from rag.places import config_folder, data_folder, forget, index_folder, last_opened, remember_opened
    from rag.settings import ServerSettings, Settings, WriterChoice, known_settings, setting_origins, settings_file
    from rag.tokens import encoding
    from rag.trace import Item, Step
    from rag.why import STAGES, Fate, Rank, Why
    from rag.words import stems

_WHERE = {
    "index.errors": (
        "BadQuestion", "CitewiseError", "EmbedderError", "FolderError", "IndexBusy", "IndexDamaged", "IndexMissing",
        "IndexOutdated", "MissingExtra", "ModelError", "NotIndexed", "SettingsError", "UnreadableFile",
        "VectorsUnreadable",
    ),
    "index.chunk": ("units",),
    "index.load": ("SUPPORTED", "extract"),
    "index.pictures": ("Box", "PdfPages"),
    "index.scan": ("matches",),
    "index.sentences": ("sentence_spans",),
    "index.values": ("Block", "Change", "DocumentInfo", "Extracted", "Passage", "Progress", "Report", "Status"),
    "rag.answer": ("Answer", "AnswerStatus", "Citation", "Conflict", "Searched", "Side", "Statement", "Turn"),
    "rag.assistant": ("Assistant",),
    "rag.doctor": ("Comparison", "Finding", "examine", "last_comparison", "remember_comparison"),
    "rag.places": ("config_folder", "data_folder", "forget", "index_folder", "last_opened", "remember_opened"),
    "rag.settings": ("ServerSettings", "Settings", "WriterChoice", "known_settings", "setting_origins", "settings_file"),
    "rag.tokens": ("encoding",),
    "rag.trace": ("Item", "Step"),
    "rag.model.questions": ("Proposal", "propose"),
    "rag.grounding.facts": ("Fact", "facts", "is_measure", "same", "within"),
    "rag.grounding.verify": ("Verdict", "check"),
    "rag.journal": ("Journal", "log_line", "question_log"),
    "rag.why": ("STAGES", "Fate", "Rank", "Why"),
    "rag.words": ("stems",),
}  # fmt: skip
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "STAGES", "SUPPORTED", "Answer", "AnswerStatus", "Assistant", "BadQuestion", "Block", "Box", "Change", "Citation", "CitewiseError",
    "Comparison", "Conflict", "DocumentInfo", "EmbedderError", "Extracted", "Fact", "Fate", "Finding", "FolderError",
    "IndexBusy", "IndexDamaged", "IndexMissing", "IndexOutdated", "Item", "Journal", "MissingExtra", "ModelError",
    "NotIndexed", "Passage", "PdfPages", "Progress", "Proposal", "Rank", "Report", "Searched", "ServerSettings", "Settings",
    "SettingsError", "Side",
    "Statement", "Status", "Step", "Turn", "UnreadableFile", "VectorsUnreadable", "Verdict", "Why", "WriterChoice",
    "check", "config_folder", "data_folder", "encoding", "examine", "extract", "facts", "forget", "index_folder", "is_measure",
    "known_settings", "last_comparison", "last_opened", "log_line", "matches", "propose", "question_log",
    "remember_comparison", "remember_opened", "same", "sentence_spans", "setting_origins", "settings_file", "stems",
    "units", "within",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'rag' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
