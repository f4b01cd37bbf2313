"""The gold file that accepted drafts go into, line by line, so that an interruption loses none of them.

What was thrown away is remembered beside it (`gold.thrown-away`, a question a line), so that it is not proposed again;
delete that file to see them once more.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from eval.drafts.draft import Draft
from eval.match import normalized
from eval.questions import load_gold
from eval.results import line_of
from rag import CitewiseError


class GoldFile:
    """A file of gold questions that grows. Raises GoldError for one that has defects, CitewiseError for one that
    cannot be written."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.thrown_away = path.with_suffix(".thrown-away")
        questions = load_gold(path) if path.is_file() and path.read_text("utf-8", "replace").strip() else []
        self._ids = {question.id for question in questions}
        self.known = {normalized(question.question) for question in questions}
        self.quotes = {evidence.quote for question in questions for evidence in question.evidence}
        if self.thrown_away.is_file():
            self.known |= {normalized(line) for line in self.thrown_away.read_text("utf-8").splitlines()}
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._end(path)
        except OSError as error:
            raise _unwritable(path, error) from None

    def accept(self, draft: Draft, *tags: str) -> int:
        """Append a draft under a new id; where its line begins, for `take_back`."""
        question = draft.gold(self._new_id(), *tags)
        begin = self._end(self.path)
        self._append(self.path, line_of(question.to_dict()))
        self._ids.add(question.id)
        return begin

    def take_back(self, begin: int) -> None:
        """Cut the line that begins there, the last one, from the file."""
        with self.path.open("r+b") as file:
            file.seek(begin)
            self._ids.discard(json.loads(file.read())["id"])
            file.truncate(begin)

    def throw_away(self, draft: Draft) -> int:
        """Remember a draft as not wanted; returns as `accept` does."""
        begin = self._end(self.thrown_away)
        self._append(self.thrown_away, draft.question + "\n")
        return begin

    def want_again(self, begin: int) -> None:
        """Forget the last draft that was thrown away."""
        os.truncate(self.thrown_away, begin)

    def _new_id(self) -> str:
        taken = [int(found[1]) for id in self._ids if (found := re.fullmatch(r"d(\d+)", id))]
        return f"d{max(taken, default=0) + 1:03}"

    def _append(self, path: Path, line: str) -> None:
        try:
            with path.open("a", encoding="utf-8", newline="\n") as file:
                file.write(line)
        except OSError as error:
            raise _unwritable(path, error) from None

    @staticmethod
    def _end(path: Path) -> int:
        """The length of a file that ends with a whole line; an unfinished last line gets its end."""
        with path.open("a+b") as file:
            size = file.seek(0, os.SEEK_END)
            if size:
                file.seek(size - 1)
                size += file.read(1) != b"\n" and file.write(b"\n")
            return size


def _unwritable(path: Path, error: OSError) -> CitewiseError:
    return CitewiseError(f"{path} cannot be written ({error.strerror}).", "Name another file with --out.")
