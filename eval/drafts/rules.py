"""Everything that rules can ask about a document."""

from __future__ import annotations

from collections.abc import Iterator

from eval.drafts.absent import near_misses
from eval.drafts.draft import Draft, Folder, Source
from eval.drafts.people import meanings, people
from eval.drafts.prose import gaps, is_sentence, named_gap, turned
from eval.drafts.tables import cells


def drafts_of(source: Source, folder: Folder) -> Iterator[Draft]:
    """Questions about a document in the order of their places, several about one sentence; near misses come last.

    Of a document that is not in English only gaps and the cells of tables are asked.
    """
    found = list(_answerable(source, folder))
    yield from found
    yield from near_misses(source, folder, found)


def _answerable(source: Source, folder: Folder) -> Iterator[Draft]:
    for line in source.lines:
        if source.is_english and line.kind == "paragraph":
            yield from (draft for draft in people(source, line) if draft.sound)
            yield from (draft for draft in meanings(source, line) if draft.sound)
        if is_sentence(line):
            if source.is_english:
                yield from (draft for draft in turned(source, line, folder) if draft.sound)
            gapped = [draft for draft in gaps(source, line) if draft.sound]
            yield from gapped or (draft for draft in named_gap(source, line, folder) if draft.sound)
    yield from (draft for draft in cells(source) if draft.sound)
