"""Near misses: questions that look like those that are answered, about what no document says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from eval.drafts import english
from eval.drafts.draft import Draft, Folder
from eval.drafts.tables import Table
from eval.match import normalized

EACH = 6  # of a document: few are wanted
# "In 2019 the goats gave", "(Year: 2019)"; not "until 2019" (what held before may hold still), not "the 2019 budget".
_YEAR = re.compile(
    r"(?:\b(?:[Ii]n|[Dd]uring|[Oo]n)(?: [\d,]+)?(?: [A-Z][a-z]+)?(?: [\d,]+)? |\(\w+: )"
    r"(?P<year>(?:19|20)\d\d)(?=\)|\?|,? [a-z])"
)
_QUOTED = re.compile(r"“[^”]*”")
_NUMBERED = re.compile(r"\b(?P<label>[A-Za-z][a-z]+) (?P<number>\d{1,2})(?![\w.,])")
_STEPS = (-3, -5, -8, -11, -2, -4, -6, -7, -9, -13, 3, 5)  # years
_MOST_TRIED = 20


def near_misses(tables: Iterable[Table], folder: Folder, answered: Sequence[Draft]) -> Iterator[Draft]:
    """Cells that are empty, then answered questions asked of a year or a numbered thing that stands nowhere in the
    folder."""
    for table in tables:
        for block, row in table.rows:
            empty = next((column for column in table.asked if row[column] == ""), None)
            if empty is not None:
                yield table.draft("near_miss", block, row, empty, ())
    for draft in answered:
        if draft.rule in ("number", "name", "table", "date") and (question := _swapped(draft.question, folder)):
            name = _swapped(draft.row, folder)
            yield replace(
                draft, rule="near_miss", question=question, answer="", must_contain=(), type="unanswerable", row=name
            )


def _swapped(asked: str, folder: Folder) -> str:
    """The question with one thing in it changed; "" where none can be."""
    plain = _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), asked)  # titles and captions stay as they are
    year = _YEAR.search(plain)
    if year and len(re.findall(r"\d{4}", asked)) == 1 and (english.WEEKDAYS | english.ONCE).isdisjoint(asked.split()):
        others = [str(int(year["year"]) + step) for step in _STEPS]
        other = next((other for other in others if other < "2100" and other not in folder.texts), "")
        return f"{asked[: year.start('year')]}{other}{asked[year.end('year') :]}" if other else ""
    numbered = _NUMBERED.search(plain)
    if numbered and numbered["label"].lower() in english.LABELS:
        label, first = numbered["label"], int(numbered["number"]) + 1
        others = [f"{label} {number}" for number in range(first, first + _MOST_TRIED)]
        other = next((other for other in others if normalized(other) not in folder.texts), "")
        return asked.replace(numbered[0], other) if other else ""
    return ""
