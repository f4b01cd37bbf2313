"""What is kept of questions, for the user alone: lines of JSON beside the index, which `forget` deletes with it."""

from __future__ import annotations

import errno
import json
import logging
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock

from index import ASKED, CitewiseError
from rag.words import stems

if TYPE_CHECKING:
    from rag.answer import Answer, Turn

QUESTIONS = "questions.jsonl"
LIMIT = 5_000_000  # bytes of a log of questions (about 10,000 of them) before it is rotated; one older file is kept


class Journal:
    """A file of JSON lines in an index folder, readable by its owner only, to which threads and processes may append.

    One that has grown beyond `limit` bytes becomes NAME.1, in place of the NAME.1 before it.
    """

    def __init__(self, index: Path, name: str, limit: int | None = None) -> None:
        self.path = index / ASKED / name
        self._older = self.path.with_name(f"{name}.1")
        self._limit = limit

    def append(self, shape: dict[str, Any]) -> None:
        """Add a line, whole or not at all to a reader. Raises OSError."""
        self.path.parent.mkdir(mode=0o700, exist_ok=True)  # no parents: an index that is gone stays gone
        if self._is_full():
            with FileLock(self.path.with_name("rotating.lock"), timeout=1, mode=0o600):
                if self._is_full():  # nobody else was faster
                    self.path.replace(self._older)
        line = json.dumps(shape).encode() + b"\n"
        file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            end = os.lseek(file, 0, os.SEEK_END)
            if end and os.pread(file, 1, end - 1) != b"\n":  # what a full disk cut short spoils no other line
                line = b"\n" + line
            if os.write(file, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        finally:
            os.close(file)

    def _is_full(self) -> bool:
        if self._limit is None:
            return False
        try:
            return self.path.stat().st_size > self._limit
        except FileNotFoundError:  # also where somebody has just rotated it
            return False

    def read(self) -> tuple[list[dict[str, Any]], int]:
        """What was kept, oldest first, and the number of lines that hold no JSON object. Raises CitewiseError."""
        kept, strange = [], 0
        for line in self._lines():
            try:
                shape = json.loads(line)
            except ValueError:
                shape = None
            if isinstance(shape, dict):
                kept.append(shape)
            else:
                strange += 1
        return kept, strange

    def erase(self) -> int:
        """Delete all that was kept; how many lines that were. Raises CitewiseError."""
        held = len(self._lines())
        try:
            for path in (self._older, self.path):
                path.unlink(missing_ok=True)
        except OSError as error:
            raise _unusable(error, self.path) from None
        return held

    def _lines(self) -> list[bytes]:
        try:
            every = [path.read_bytes() for path in (self._older, self.path) if path.exists()]
        except OSError as error:
            raise _unusable(error, self.path) from None
        return [line for content in every for line in content.split(b"\n") if line.strip()]


def question_log(index: Path) -> Journal:
    """The log of the questions that were asked of an index, as `QuestionLog` writes it."""
    return Journal(index, QUESTIONS, LIMIT)


class QuestionLog:
    """Writes a line for each answer. A log that cannot be written is told of once, as a warning, and stops nothing."""

    def __init__(self, index: Path) -> None:
        self._journal = question_log(index)
        self._failed = False

    def add(self, answer: Answer, history: Sequence[Turn]) -> None:
        try:
            self._journal.append(log_line(answer, history))
        except OSError as error:
            if not self._failed:
                self._failed = True
                told = "Questions are not logged: %s cannot be written (%s)."
                logging.getLogger(__name__).warning(told, self._journal.path, error.strerror or error)


def log_line(answer: Answer, history: Sequence[Turn] = ()) -> dict[str, Any]:
    """What is kept of an answer: neither its text nor any of a document. `words` are those searched for, with their
    rarity in the documents; `missing` those that no document has.

    A follow-up may be completed with words of an earlier answer: none is kept that stands in no question, and then it
    is kept as it was asked."""
    from rag.compose import UNCONFIRMED  # whoever only reads a log need not wait for what writes answers

    facts = {step.name: step.facts for step in answer.trace}
    typed = stems(" ".join((answer.question, *(turn.question for turn in history))))
    words = facts.get("understood", {}).get("words", {})
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "question": answer.question,
        "understood_as": answer.understood_as if stems(answer.understood_as) <= typed else answer.question,
        "status": answer.status,
        "confidence": answer.confidence,
        "unconfirmed": answer.text.startswith(UNCONFIRMED),
        "words": {word: rare for word, rare in words.items() if stems(word) <= typed},
        "missing": [word for word in facts.get("evidence", {}).get("missing", []) if stems(word) <= typed],
        "cited": len({citation.source for citation in answer.citations}),
        "writer": answer.writer,
    }


def _unusable(error: OSError, path: Path) -> CitewiseError:
    return CitewiseError(f"{path} cannot be used ({error.strerror}).", "Check its permissions.")
