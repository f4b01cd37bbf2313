"""Questions that an excerpt answers, proposed by a language model. They are as it wrote them: who uses them checks them."""

from __future__ import annotations

import json
import threading
from contextlib import closing
from dataclasses import dataclass

from rag.model.connection import REASONED, connect
from rag.model.prompts import Excerpt, propose_messages
from rag.settings import ModelSettings

_FIELDS = ("question", "answer", "quote")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A question with its answer and the sentence that is said to hold it; nothing of it has been checked."""

    question: str
    answer: str
    quote: str


def propose(settings: ModelSettings, text: str, place: str, n: int) -> list[Proposal]:
    """Up to n questions about an excerpt and the place where it stands ("Handbook > Keys"); fewer, or none, where what
    the model wrote cannot be read.

    Raises ModelError (no answer), SettingsError (no model that can be used), MissingExtra.
    """
    asked = propose_messages(Excerpt(text, place), n)
    written = ""
    with closing(connect(settings).stream(asked, threading.Event())) as deltas:
        for delta in deltas:
            written = "" if delta == REASONED else written + delta
    return _read(written)[:n]


def _read(written: str) -> list[Proposal]:
    """Every object with the three texts, wherever it stands: models wrap the list in words, or break it off."""
    found = []
    decoder = json.JSONDecoder()
    at = written.find("{")
    while at >= 0:
        end = at + 1
        try:
            item, end = decoder.raw_decode(written, at)
        except (ValueError, RecursionError):
            item = None
        if isinstance(item, dict) and all(isinstance(item.get(name), str) and item[name].strip() for name in _FIELDS):
            found.append(Proposal(*(" ".join(item[name].split()) for name in _FIELDS)))
        elif item is not None:
            end = at + 1  # the list may lie inside
        at = written.find("{", end)
    return found
