"""Near misses: questions that look like those that are answered, about what no document says."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from eval.drafts import english
from eval.drafts.draft import Draft, Folder, Source
from eval.drafts.tables import tables
from eval.match import normalized

_YEAR = re.compile(r"(?<![\d.,-])(?:19|20)\d\d(?![\d.,-]\d|\d)")
_NUMBERED = re.compile(r"\b(?P<label>[A-Za-z][a-z]+) (?P<number>\d{1,2})(?![\w.,])")
_ROLE = re.compile(r"Who is the (?P<of>[A-Z][\w.]+) (?P<title>[A-Z].*)\?$")
_WORD = re.compile(r"[^\W\d_]{4,}")
_STEPS = (-3, -5, -8, -11, -2, -4, -6, -7, -9, -13, 3, 5)  # years
_MOST_TRIED = 20
EACH = 6  # of a document: few are wanted, and each is looked for in the whole folder
TOGETHER = 0.6  # of the words of a question: what holds as many may answer it


def near_misses(source: Source, folder: Folder, answered: Sequence[Draft]) -> Iterator[Draft]:
    """Answered questions asked of another year, of another one of numbered things, or of another person, and cells
    that are empty: each only where nothing in the folder says its words together."""
    for draft in answered:
        if draft.rule in ("number", "name", "table", "date"):
            for question, changed in _swapped(draft, folder):
                if _nowhere(question, changed, folder):
                    yield replace(
                        draft, rule="near_miss", question=question, answer="", must_contain=(), type="unanswerable"
                    )
                    break
    for table in tables(source):
        for block, row in table.rows:
            for column in table.asked:
                if row[column] == "":
                    quote = source.document.text[block.start : block.end].strip(" |\t\n")
                    start = source.document.text.index(quote, block.start)
                    yield Draft(
                        "near_miss", source.name, start, start + len(quote), quote, table.ask(column, row), "", (),
                        table.name, "unanswerable",
                    )  # fmt: skip


def _swapped(draft: Draft, folder: Folder) -> Iterator[tuple[str, str]]:
    """The question with one thing in it changed, and that thing."""
    asked = draft.question
    years = _YEAR.findall(asked)
    if len(years) == 1 and (english.WEEKDAYS | english.ONCE).isdisjoint(asked.split()):
        year = next(
            (str(int(years[0]) + step) for step in _STEPS if _unsaid(int(years[0]) + step, folder)),
            "",
        )
        if year:
            yield asked.replace(years[0], year), year
    numbered = _NUMBERED.search(asked)
    if numbered and numbered["label"].lower() in english.LABELS:
        label, first = numbered["label"], int(numbered["number"]) + 1
        others = (f"{label} {number}" for number in range(first, first + _MOST_TRIED))
        if other := next((other for other in others if normalized(other) not in folder.texts), ""):
            yield asked.replace(numbered[0], other), other
    if (role := _ROLE.match(asked)) and role["title"].lower() in english.OFFICES:
        for other in english.DEMONYMS:
            if not any(other[:4].lower() in window and role["title"].lower() in window for window in folder.windows):
                yield asked.replace(role["of"], other, 1), other
                return
    countries = [name for name in english.COUNTRIES if re.search(rf"\b{name}\b(?!['’])", asked)]
    if len(countries) == 1 and draft.rule in ("number", "date"):
        for other in english.COUNTRIES:
            if other != countries[0] and re.search(rf"\b{other}\b", folder.of_source(draft.source)):
                yield re.sub(rf"\b{countries[0]}\b", other, asked), other
    people = sorted(set(folder.families.values()))
    named = [
        name for name in people if re.search(rf"\b(?:does|did|do|will|has|is|was|can|may) {re.escape(name)} ", asked)
    ]
    if len(named) == 1 and draft.rule in ("number", "date"):
        at = people.index(named[0])
        here = folder.of_source(draft.source)
        for other in [name for name in people[at + 1 :] + people[:at] if name in here][:_MOST_TRIED]:
            yield asked.replace(named[0], other), other


def _unsaid(year: int, folder: Folder) -> bool:
    return year < 2100 and str(year) not in folder.texts


def _nowhere(question: str, changed: str, folder: Folder) -> bool:
    """Whether nothing that is said together has the changed thing and most words of the question."""
    wanted = {word[:6] for word in _WORD.findall(normalized(question)) if word not in english.COMMON} - {
        word[:6] for word in _WORD.findall(normalized(changed))
    }
    thing = (
        normalized(changed).split()[-1] if changed[:1].isalpha() and not changed[-1].isdigit() else normalized(changed)
    )
    for window in folder.windows:
        if thing in window and sum(word in window for word in wanted) >= TOGETHER * len(wanted):
            return False
    return True
