"""A follow-up completed by a language model: believed only where it says nothing that was not said before."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from contextlib import closing

from rag.answer import Turn
from rag.followup import leans_back
from rag.model.connection import REASONED, LanguageModel
from rag.model.prompts import conversation, rewrite_messages
from rag.words import STOP_WORDS, WORD, fold, stems

LONGEST_REWRITE = 300  # characters
NEW_WORDS = 2  # that neither the question nor the conversation has; none of them a name or a number
KEPT = 0.5  # of the question's own words

_LABEL = re.compile(r"^\W*(?:(?:rewritten |last |standalone )?question|q|rewrite|a|answer)\s*[:：]\s*", re.IGNORECASE)
_QUOTES = "\"'“”‘’`* \n"


def rewrite(model: LanguageModel, question: str, history: Sequence[Turn], stop: threading.Event) -> str | None:
    """The question as it stands without its history (the last turns of it are told); None where what the model wrote
    cannot be believed: several lines, no question, a name or a number that nobody said, the question's words lost,
    nothing brought from the conversation.

    Raises ModelError.
    """
    written = ""
    with closing(model.stream(rewrite_messages(question, history), stop)) as deltas:
        for delta in deltas:
            written = "" if delta == REASONED else written + delta
            if "\n" in written.strip() or len(written) > 2 * LONGEST_REWRITE:
                break
    rewritten = _LABEL.sub("", written.strip()).strip(_QUOTES)
    return rewritten if not stop.is_set() and _believable(rewritten, question, history) else None


def _believable(rewritten: str, question: str, history: Sequence[Turn]) -> bool:
    if "\n" in rewritten or len(rewritten) > LONGEST_REWRITE or not _asks(rewritten, question):
        return False
    before, own, now = (stems(text) - STOP_WORDS for text in (conversation(history), question, rewritten))
    if len(own & now) < KEPT * len(own) or not (now - own) & before or leans_back(rewritten):
        return False
    said = before | own
    new = [word for word in WORD.findall(rewritten) if not stems(word) <= said and fold(word) not in STOP_WORDS]
    return len(new) <= NEW_WORDS and not any(_named(word, rewritten) for word in new)


def _asks(rewritten: str, question: str) -> bool:
    return rewritten.endswith(("?", "？")) or (
        not question.rstrip().endswith(("?", "？")) and not rewritten.endswith(".")
    )


def _named(word: str, text: str) -> bool:
    """Whether a word is a name or a number: it has a digit, or a capital though it begins no sentence."""
    return any(letter.isdigit() for letter in word) or (word[:1].isupper() and not text.startswith(word))
