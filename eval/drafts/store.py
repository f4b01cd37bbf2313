"""The gold file that accepted drafts go into, line by line, so that an interruption loses none of them.

What was thrown away is remembered beside it (`gold.thrown-away`, a question a line), so that it is not proposed again;
delete that file to see them once more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from eval.drafts.draft import Draft
from eval.match import normalized
from eval.ours import only_writer, writing
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
        self.known = {normalized(question.question) for question in questions}
        self.quotes = {evidence.quote for question in questions for evidence in question.evidence}
        if self.thrown_away.is_file():
            self.known |= {normalized(line) for line in self.thrown_away.read_text("utf-8").splitlines()}
        with self._writing():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other reviews from the file. Raises CitewiseError where one has it."""
        told = f"{self.path} is being added to by another `citewise eval draft`."
        with ExitStack() as held:
            with self._writing():
                held.enter_context(only_writer(self.path, told))
            yield

    def accept(self, draft: Draft, *tags: str) -> str:
        """Append a draft under an id that the file does not have yet; returns its line, for `take_back`."""
        taken = re.findall(r'"id": ?"d(\d+)"', self.path.read_text("utf-8"))
        question = draft.gold(f"d{max(map(int, taken), default=0) + 1:03}", *tags)
        return self._append(self.path, line_of(question.to_dict()))

    def take_back(self, line: str) -> None:
        """Cut a line that `accept` wrote from the file. Raises CitewiseError where others were added behind it."""
        self._cut(self.path, line)

    def throw_away(self, draft: Draft) -> str:
        """Remember a draft as not wanted; returns as `accept` does."""
        return self._append(self.thrown_away, draft.question + "\n")

    def want_again(self, line: str) -> None:
        """Forget a draft that was thrown away; raises as `take_back` does."""
        self._cut(self.thrown_away, line)

    def _append(self, path: Path, line: str) -> str:
        with self._writing(), path.open("a+b") as file:
            if size := file.seek(0, os.SEEK_END):
                file.seek(size - 1)
                if file.read(1) != b"\n":  # somebody's editor left the last line without its end
                    file.write(b"\n")
            file.write(line.encode())
        return line

    def _cut(self, path: Path, line: str) -> None:
        written = line.encode()
        with self._writing(), path.open("r+b") as file:
            begin = file.seek(0, os.SEEK_END) - len(written)
            file.seek(max(0, begin))
            if begin < 0 or file.read() != written:
                raise CitewiseError(
                    f"{path} was changed meanwhile: its last line is not the one to take back.", "Edit the file."
                )
            file.truncate(begin)

    def _writing(self) -> AbstractContextManager[None]:
        return writing("Name another file with --out.", self.path)
