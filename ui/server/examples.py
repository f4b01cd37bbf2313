"""What the OpenAPI document shows as examples."""

from __future__ import annotations

import json
from typing import Any

from ui.server.events import Event, encoded

_QUOTE = "The plant has supplied 11,000 households since 2014."
_STATEMENT = {"text": _QUOTE, "citations": [1], "support": "verbatim", "problems": []}
_CITATION = {
    "number": 1, "source": "notes/gas.txt", "title": "The gas plant", "start": 120, "end": 172, "line": 7, "page": None,
    "heading": None, "quote": _QUOTE, "before": "It was built in 2011. ", "after": " It was enlarged twice.",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
}  # fmt: skip
_ASKED = "How many households does the plant supply?"

ANSWER: dict[str, Any] = {
    "schema": 1, "id": "5b2f0a6d9c3e4f18", "question": _ASKED, "understood_as": _ASKED, "text": f"{_QUOTE} [1]",
    "status": "answered", "confidence": 0.83, "writer": "quotes", "statements": [_STATEMENT], "citations": [_CITATION],
    "conflicts": [], "related": [],
    "searched": {"files": 9, "passages": 214, "pending": 0, "by_meaning": True, "note": ""},
    "timings_ms": {"retrieve": 9.1, "write": 14.0, "total": 31.7},
}  # fmt: skip

EVENTS = b"".join(
    map(
        encoded,
        (
            Event("delta", {"text": f"{_QUOTE} [1]"}),
            Event("statement", {**_STATEMENT, "new_citations": [_CITATION]}),
            Event("final", ANSWER),
        ),
    )
).decode()

STATE: dict[str, Any] = {
    "running": True, "files": 8, "passages": 201, "pending": 13, "failed": 0, "indexed_at": "2026-01-05T10:00:00Z",
    "progress": {"phase": "embed", "done": 40, "total": 53, "source": None, "seconds_left": 0.4}, "report": None,
    "error": "",
}  # fmt: skip

PROGRESS = encoded(Event("progress", STATE)).decode()

# -- in OpenAI's shape -------------------------------------------------------------------------------------------------

_URL = "http://127.0.0.1:7861/api/v1/documents/notes/gas.txt/text?start=120&end=172"
_MARKER = {"start_index": 53, "end_index": 56, "url": _URL, "title": "The gas plant"}
_ANNOTATIONS = {"annotations": [{"type": "url_citation", "url_citation": _MARKER}]}
_HEAD = {"id": "chatcmpl-0f9a5c1e7d3b4a60", "created": 1767607200, "model": "citewise"}
_CHUNK = {**_HEAD, "object": "chat.completion.chunk"}
_OURS = {"citations": [_CITATION], "citewise": ANSWER}
_SAID = {"role": "assistant", "content": f"{_QUOTE} [1]", "refusal": None, **_ANNOTATIONS}

COMPLETION: dict[str, Any] = {
    **_HEAD, "object": "chat.completion",
    "choices": [{"index": 0, "message": _SAID, "logprobs": None, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 8, "completion_tokens": 16, "total_tokens": 24}, **_OURS,
}  # fmt: skip

_DELTAS: list[dict[str, Any]] = [{"role": "assistant", "content": ""}, {"content": f"{_QUOTE} [1]"}, _ANNOTATIONS]
_CHOICES = [
    {"index": 0, "delta": delta, "logprobs": None, "finish_reason": "stop" if delta is _ANNOTATIONS else None}
    for delta in _DELTAS
]
_CHUNKS = [{**_CHUNK, "choices": [choice], **(_OURS if choice["finish_reason"] else {})} for choice in _CHOICES]
CHUNKS = "".join(f"data: {told}\n\n" for told in [*map(json.dumps, _CHUNKS), "[DONE]"])
