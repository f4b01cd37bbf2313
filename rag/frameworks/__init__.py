"""Citewise as a part of other people's pipelines. Each module needs its framework, and imports it."""

from __future__ import annotations

from typing import Any

from index import Passage
from rag.answer import Citation


def place_of(found: Passage | Citation) -> dict[str, Any]:
    """Where it stands, as metadata: `source`, `start` and `end` in its stored text (code points), and, where known,
    `page`, `line`, `heading`, and a passage's `context`: vector stores take no nulls."""
    place = {"source": found.source, "start": found.start, "end": found.end}
    known = {"page": found.page, "line": found.line, "heading": found.heading}
    known["context"] = found.context or None if isinstance(found, Passage) else None
    return place | {name: value for name, value in known.items() if value is not None}
