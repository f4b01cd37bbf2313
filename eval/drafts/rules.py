"""Everything that rules can ask about a document."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from eval.drafts.absent import EACH, near_misses
from eval.drafts.draft import Draft, Folder, Source, spaced
from eval.drafts.people import meanings, people
from eval.drafts.prose import gaps, is_sentence, named_gap, turned
from eval.drafts.tables import cells, tables

MOST_LINES = 600  # of a document that are read for questions, and
MOST_NEARLY = 60  # drafts that near misses are made of: spaced evenly where there are more


def drafts_of(source: Source, folder: Folder) -> Iterator[Draft]:
    """Questions about a document in the order of their places, several about one sentence; near misses come last.

    Of a document that is not in English only gaps and the cells of tables are asked.
    """
    read = list(tables(source))
    found = [draft for draft in (*_of_lines(source, folder), *cells(read)) if draft.sound]
    yield from found
    yield from islice(near_misses(read, folder, spaced(found, MOST_NEARLY)), EACH)


def _of_lines(source: Source, folder: Folder) -> Iterator[Draft]:
    for line in spaced(source.lines, MOST_LINES):
        if source.is_english and line.kind == "paragraph":
            yield from people(source, line)
            yield from meanings(source, line)
        if is_sentence(line):
            if source.is_english:
                yield from turned(source, line, folder)
            gapped = [draft for draft in gaps(source, line) if draft.sound]
            yield from gapped or named_gap(source, line)
