"""Questions read from a file, one JSON object a line; every shape of history becomes turns here."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rag import BadQuestion, CitewiseError, Turn

MOST = 10_000  # passages that a search can be asked for
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a batch. `id` is whatever JSON value the line gave, None where it gave none; `error` says why the line
    cannot be asked."""

    number: int
    id: Any
    question: str = ""
    history: tuple[Turn, ...] = ()
    k: int | None = None
    error: CitewiseError | None = None


def lines(stream: Iterable[bytes]) -> Iterator[Line]:
    """The lines that are not blank, in order, bad ones with their error."""
    for number, raw in enumerate(stream, 1):
        raw = raw.removeprefix(_BOM) if number == 1 else raw
        if raw.strip():
            yield _line(number, raw)


def _line(number: int, raw: bytes) -> Line:
    try:
        given = json.loads(raw.decode("utf-8"), parse_constant=_no_constant, parse_float=_finite)
        json.dumps(given)  # so that what nests too deeply to be written back is refused here
    except (ValueError, RecursionError) as error:
        return Line(number, None, error=BadQuestion(f"Line {number} is not JSON in UTF-8 ({error})."))
    if not isinstance(given, dict):
        return Line(number, None, error=BadQuestion(f"Line {number} is not a JSON object."))
    try:
        question = given.get("question")
        if not isinstance(question, str):
            raise BadQuestion(f"Line {number} has no question.", 'Each line needs a text "question".')
        k = given.get("k")
        if k is not None and (not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= MOST):
            raise BadQuestion(f"Line {number}: k is not a number from 1 to {MOST:,}.")
        return Line(number, given.get("id"), readable(question), tuple(turns(given.get("history"))), k)
    except BadQuestion as error:
        return Line(number, given.get("id"), error=error)


def turns(history: Any) -> Iterator[Turn]:
    """The turns of a history given as {question, answer?} objects, as [question, answer] pairs, or as messages with
    role and content. Raises BadQuestion for any other shape."""
    asked: str | None = None
    answered: list[str] = []
    for entry in _entries(history):
        role = entry.get("role") if isinstance(entry, dict) else None
        if role == "assistant":
            answered.append(_content(entry))
        elif role in (None, "user"):
            if asked is not None:
                yield Turn(asked, "\n".join(answered))
            asked, answered = (_content(entry), []) if role else _exchange(entry)
    if asked is not None:
        yield Turn(asked, "\n".join(answered))


def _entries(history: Any) -> list[Any]:
    if history is None:
        return []
    if not isinstance(history, list):
        raise BadQuestion("The history is not a list.", "Give a list of {question, answer} objects.")
    return history


def _exchange(entry: Any) -> tuple[str, list[str]]:
    if isinstance(entry, dict):
        question, answer = entry.get("question"), entry.get("answer")
    elif isinstance(entry, list) and len(entry) == 2:
        question, answer = entry
    else:
        question, answer = None, None
    if not isinstance(question, str) or not isinstance(answer, str | None):
        raise BadQuestion("An entry of the history is no exchange.", "Give a list of {question, answer} objects.")
    return readable(question), [readable(answer or "")]


def _content(message: dict[str, Any]) -> str:
    """The text of a message, whose content is a text or a list of parts."""
    content = message.get("content")
    if isinstance(content, list):
        content = "\n".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    if not isinstance(content, str):
        raise BadQuestion("A message of the history has no text.", "Give its content as a text.")
    return readable(content)


def readable(text: str) -> str:
    """The text with half characters (of undecodable arguments or broken escapes) replaced, which nothing can encode."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a JSON value")


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(f"{digits} is too large a number")
    return number
