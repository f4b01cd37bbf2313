"""One's own gold questions about an index: made of feedback one by one in the chat, and kept beside it."""

from __future__ import annotations

import errno
import json
import os
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from eval.checks import row_defects
from eval.feedback import Feedback, Needs, feedback_store, gold_id, load_feedback, needs, proposed, to_gold
from eval.match import normalized
from eval.ours import only_writer, writing
from eval.questions import GoldQuestion, load_gold, question_from
from eval.results import line_of
from rag import Assistant, CitewiseError, NotIndexed, Turn

FILE = "gold.jsonl"
LISTED = 200  # of what was said and of the cases, the newest
_SAYS: Mapping[Needs, tuple[str, str]] = {
    "passage": ("A gold case needs the passage that is right.", "Choose it, or select its words in the source."),
    "words": ("No rule can tell what a right answer must contain.", "Give words of the passage that it must contain."),
    "other_words": ("The right passage does not hold all of these words.", "Give words that stand in it."),
}


class NoCase(CitewiseError):
    """Feedback lacks what a gold question needs; `needs` says which, `proposed` which words it may be."""

    def __init__(self, lack: Needs, proposed: str) -> None:
        super().__init__(*_SAYS[lack])
        self.needs, self.proposed = lack, proposed


def own_gold(index: Path) -> Path:
    """The gold file of an index that the chat adds to."""
    return feedback_store(index).path.with_name(FILE)


def own_cases(path: Path) -> list[GoldQuestion]:
    """The questions of a gold file that may be missing, or empty. Raises GoldError for one that has defects."""
    return load_gold(path) if path.exists() and path.read_bytes().strip() else []


def save_case(assistant: Assistant, id: str) -> GoldQuestion:
    """Add a gold question made of the feedback of this id to the own ones. Raises NoCase, GoldError (the file has
    defects), CitewiseError (no such feedback, a document that changed, a question that is there already)."""
    index = assistant.index.folder
    given = next((one for one in load_feedback(index)[0] if one.id == id), None)
    if given is None:
        raise CitewiseError("Nothing was said of this answer so far.", "Say whether it is right first.")
    gold = to_gold(given)
    if isinstance(gold, str):
        raise NoCase(needs(gold), proposed(given))
    if says := changed(assistant, gold):
        raise CitewiseError(f"{says}.", "Ask again, and judge the new answer.")
    line = line_of(gold).encode("utf-8", "replace")
    shape = json.loads(line)
    if defects := list(row_defects(shape)):
        raise CitewiseError(f"It makes no gold question ({'; '.join(defects)}).")
    path, question = own_gold(index), question_from(shape)
    with writing("Check free space and permissions.", path), only_writer(path, f"{path} is being written."):
        if any(one.id == question.id or _asks(one) == _asks(question) for one in own_cases(path)):
            raise CitewiseError(
                "This question is a case already.", "To replace it, remove it in the Quality view first."
            )
        append(path, line)
    return question


def drop_case(index: Path, id: str) -> None:
    """Take a question out of the own ones. Raises GoldError where the file had or would have defects, CitewiseError
    where there is none of that id."""
    path = own_gold(index)
    with writing("Check free space and permissions.", path), only_writer(path, f"{path} is being written."):
        number = next((one.line for one in own_cases(path) if one.id == id), None)
        if number is None:
            raise CitewiseError("There is no such case.", "It may have been removed already.")
        lines = path.read_bytes().split(b"\n")
        fresh = path.with_suffix(".new")
        fresh.write_bytes(b"\n".join(lines[: number - 1] + lines[number:]))
        try:
            own_cases(fresh)
            fresh.replace(path)
        finally:
            fresh.unlink(missing_ok=True)


def told(index: Path) -> dict[str, Any]:
    """What was said of answers and the cases that came of it, newest first, JSON-ready. Raises CitewiseError."""
    given, strange = load_feedback(index)
    path = own_gold(index)
    cases = own_cases(path)
    saved = {case.id for case in cases}
    return {
        "counts": dict(Counter(one.verdict for one in given)),
        "strange": strange,
        "given": [_shape(one) | {"case": gold_id(one.id) in saved} for one in reversed(given[-LISTED:])],
        "path": str(path),
        "n": len(cases),
        "cases": [
            {
                "id": one.id, "question": one.question, "answerable": one.answerable,
                "wanted": [" / ".join(group) for group in one.must_contain],
                "sources": list(dict.fromkeys(evidence.source for evidence in one.evidence)),
            }
            for one in reversed(cases[-LISTED:])
        ],
    }  # fmt: skip


def changed(assistant: Assistant, gold: Mapping[str, Any]) -> str:
    """Which file of a gold question's evidence no longer holds it, as a clause; "" where all stands."""
    gone = [one["source"] for one in gold["evidence"] if not _stands(assistant, one["source"], one["quote"])]
    return f"{gone[0]} changed since, and no longer holds what was cited" if gone else ""


def append(path: Path, lines: bytes) -> None:
    """Add lines to a file, or none of them; what it holds stays as it is. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a+b", buffering=0) as file:
        end = file.seek(0, os.SEEK_END)
        if end and os.pread(file.fileno(), 1, end - 1) != b"\n":
            lines = b"\n" + lines
        if (file.write(lines) or 0) < len(lines):
            file.truncate(end)
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def _asks(question: GoldQuestion) -> tuple[str, tuple[Turn, ...]]:
    return normalized(question.question), question.history


def _stands(assistant: Assistant, source: str, quote: str) -> bool:
    try:
        return quote in assistant.text(source)
    except NotIndexed:
        return False


def _shape(one: Feedback) -> dict[str, Any]:
    return {
        "id": one.id, "time": one.time, "question": one.question, "verdict": one.verdict, "note": one.note,
        "refused": one.answer["status"] == "not_in_documents", "right": one.right and one.right.source,
    }  # fmt: skip
