"""Questions about the cells of tables: csv, workbooks, and the tables of documents and pages."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from eval.drafts import english
from eval.drafts.draft import Draft, Source, place_of, spaced
from eval.drafts.values import aliases
from rag import Block, facts

MOST_ROWS = 100  # of a table that are asked about, spaced evenly
LONGEST_ROW = 320  # characters
MOST_OF_KEY, MOST_OF_ANSWER = 9, 8  # words

_PLAIN = re.compile(r"[A-Z][a-z]+(?: [a-z]+){0,1} [a-z]+(?<!s)")  # "Gate key"
_LABELLED = re.compile(r"(?:[A-Z][\w-]* ?)*\d*$")  # "Bay 3", "Alexander Darchiev"
_LETTERS = re.compile(r"[^\W\d_]")


@dataclass(frozen=True)
class Table:
    """Rows with as many cells as the header; `key` is the column that names a row, `also` one that it needs besides."""

    source: Source
    name: str
    header: tuple[str, ...]
    rows: tuple[tuple[Block, tuple[str, ...]], ...]
    key: int
    also: int | None = None

    @cached_property
    def asked(self) -> list[int]:
        """The columns worth a question: no remarks, no units, none with the same cell in each row."""
        plain = [at for at, name in enumerate(self.header) if name.lower() not in english.UNASKED_COLUMNS]
        return [
            at
            for at in plain
            if at not in (self.key, self.also) and len({row[at].casefold() for _, row in self.rows}) > 1
        ]

    def row_name(self, cells: tuple[str, ...]) -> str:
        """How a question names a row: as it is written, with a time where others are called the same."""
        named = cells[self.key]
        quoted = (
            f"the {named.lower()}" if _PLAIN.fullmatch(named) else named if _LABELLED.match(named) else f"“{named}”"
        )
        return quoted if self.also is None else f"{quoted} ({self.header[self.also]}: {cells[self.also]})"

    def ask(self, column: int, cells: tuple[str, ...]) -> str:
        header = self.header[column]
        words = header.lower().split()
        plain = words[0] in english.HEADER_NOUNS and (len(words) == 1 or words[1] in ("in", "of", "per"))
        tells = self.also is None and not all(word[:1].isupper() and word.isalpha() for word in cells[self.key].split())
        if plain and tells:
            return english.attribute(header[0].lower() + header[1:], self.row_name(cells))
        return english.cell(header, self.row_name(cells), self.name)

    def draft(
        self, rule: str, block: Block, cells: tuple[str, ...], column: int, groups: tuple[tuple[str, ...], ...]
    ) -> Draft:
        """The question for a cell, with its row as the quote; without `groups` one that the row does not answer."""
        text = self.source.document.text
        quote = text[block.start : block.end].strip(" |\t\n")
        start = text.index(quote, block.start)
        answer, type = (cells[column], "table_fact") if groups else ("", "unanswerable")
        asked = self.ask(column, cells)
        return Draft(
            rule, self.source.name, start, start + len(quote), quote, asked, answer, groups, place_of(block), type,
            self.row_name(cells),
        )  # fmt: skip


def cells(tables: Iterable[Table]) -> Iterator[Draft]:
    """A question for each cell that is short and not empty, row by row."""
    for table in tables:
        for block, row in spaced(table.rows, MOST_ROWS):
            for column in table.asked:
                if _is_answer(row[column]):
                    yield table.draft("table", block, row, column, _groups(row[column]))


def tables(source: Source) -> Iterator[Table]:
    """The tables of a document that have a header and a column that names their rows."""
    rows = [block for block in source.document.blocks if block.kind == "row" and block.context]
    for (context, heading), group in groupby(rows, key=lambda block: (block.context, block.heading)):
        blocks = list(group)
        caption, _, names = context.rpartition(": ") if ": " in context.partition(" | ")[0] else ("", "", context)
        header = tuple(name.strip() for name in names.split(" | "))
        read = [(block, cells_of(source, block, len(header))) for block in blocks]
        sound = tuple((block, row) for block, row in read if row and block.end - block.start <= LONGEST_ROW)
        name = caption or (heading or "").rpartition(" > ")[2] or source.document.title
        if len(header) > 1 and len(sound) > 1 and all(header) and len(set(header)) == len(header):
            yield from _keyed(Table(source, name, header, sound, 0))


def _keyed(table: Table) -> Iterator[Table]:
    """The table with the first column of distinct words as its key; else a column of words with one of times."""
    columns = list(zip(*(row for _, row in table.rows), strict=True))
    wordy = [at for at, column in enumerate(columns) if _names_rows(column)]
    times = [at for at, column in enumerate(columns) if all(map(_is_time, column))]
    for at in wordy:
        if len({cell.casefold() for cell in columns[at]}) == len(columns[at]):
            yield Table(table.source, table.name, table.header, table.rows, at)
            return
    for at in wordy:
        for also in times:
            if max(Counter(zip(columns[at], columns[also], strict=True)).values()) == 1:
                yield Table(table.source, table.name, table.header, table.rows, at, also)
                return


def _is_time(cell: str) -> bool:
    return next((fact.kind for fact in facts(cell)), "") == "date"


def _names_rows(column: tuple[str, ...]) -> bool:
    return all(
        _LETTERS.search(cell) and len(cell.split()) <= MOST_OF_KEY and cell.lower() not in english.EMPTY_CELLS
        and not any(fact.kind == "date" and len(fact.text) > len(cell) / 2 for fact in facts(cell))
        for cell in column
    )  # fmt: skip


def cells_of(source: Source, block: Block, width: int) -> tuple[str, ...]:
    """The cells of a row, none where they are not as many as the header. Empty ones at the end may be missing, but of
    lines that were laid out by eye: there any cell may be."""
    text = _line(source, block)
    if source.kind in ("csv", "tsv") and " | " not in text:
        marks = [mark for mark in ",;\t" if len(next(csv.reader([text], delimiter=mark))) == width]
        found = next(csv.reader([text], delimiter=marks[0])) if marks and "\n" not in text else []
    elif text[:1] == "|" == text[1:][-1:]:
        found = re.split(r"(?<!\\)\|", text[1:-1])
    else:
        found = re.split(r"(?:^|\s)\|(?=\s|$)", text)
    if 1 < len(found) < width and source.kind not in ("pdf", "txt"):
        found += [""] * (width - len(found))
    return tuple(cell.replace("`", "").strip(" *") for cell in found) if len(found) == width else ()


def _line(source: Source, block: Block) -> str:
    """A row with the rules at its sides, which are no part of its block but tell an empty cell there."""
    text = source.document.text
    begin, end = text.rfind("\n", 0, block.start) + 1, text.find("\n", block.end)
    before, behind = text[begin : block.start], text[block.end : end if end >= 0 else None]
    own = text[block.start : block.end]
    return own.strip("\n") if (before + behind).strip(" |\t") else f"{before}{own}{behind}".strip()


def _is_answer(cell: str) -> bool:
    first = (cell.lower().split() or [""])[0].strip(",")
    return (
        not {cell.lower(), first} & english.EMPTY_CELLS
        and len(cell.split()) <= MOST_OF_ANSWER
        and bool(re.search(r"\w", cell))
    )


def _groups(cell: str) -> tuple[tuple[str, ...], ...]:
    """The items of a list each by itself; one number or date as others write it, without "nearly"."""
    items = cell.split(", ")
    if len(items) > 1 and all(len(item.split()) <= 3 and item[:1].isupper() for item in items):
        return tuple((item,) for item in items)
    values = [fact for fact in facts(cell) if fact.kind in ("number", "date")]
    around = english.APPROXIMATELY.sub("", cell)
    if len(values) == 1 and values[0].unit != "x" and around == values[0].text.strip():
        return (tuple(dict.fromkeys((cell, *aliases(values[0])))),)
    return ((cell,),)
