"""The drafts that are shown: of a folder that is read, by rules or by a language model, without those known already."""

from __future__ import annotations

import random
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from eval.drafts.choose import ABSENT, chosen
from eval.drafts.draft import Draft, Folder, Source
from eval.drafts.model_writer import ModelWriter
from eval.drafts.rules import drafts_of
from eval.drafts.store import GoldFile
from eval.indexed import open_assistant, work_folder
from eval.match import normalized
from eval.table import printable
from rag import NotIndexed, Settings, matches

DOCUMENTS = 3  # read for each question wanted, at first
MOST_EXCERPTS = 3  # asked for each question wanted: a model that writes none that can be used is given up


def sources_of(folder: Path, only: Sequence[str] = ()) -> list[Source]:
    """The documents of a folder, read but not embedded. Raises NotIndexed where none can be read, and as
    `Assistant.open` does."""
    print(printable(f"reading {folder} ..."), file=sys.stderr)
    with work_folder(None) as place, closing(open_assistant(folder, place)) as assistant:
        with closing(assistant.sync()) as steps:
            next((step for step in steps if step.phase == "embed"), None)  # words are enough: none needs a vector
        wanted = [
            document
            for document in assistant.documents()
            if not only or any(matches(document.source, pattern) for pattern in only)
        ]
        for document in wanted:
            if document.status == "failed":
                print(printable(f"not read: {document.source}: {document.reason}"), file=sys.stderr)
        found = [
            Source(document.source, document.type, assistant.extracted(document.source))
            for document in wanted
            if document.status == "ready"
        ]
    if not found:
        told = f"matches {', '.join(only)}" if only else f"in {folder} can be read"
        raise NotIndexed(f"No document {told}.", "Name another folder, or another --only.")
    return found


def proposed(
    sources: Sequence[Source], n: int, seed: int, gold: GoldFile, settings: Settings | None = None
) -> list[Draft]:
    """Up to n new drafts, by the model of the settings where there are some, else by rules; what was left out and why
    is told on standard error."""
    folder = Folder(sources)
    foreign = [source.name for source in sources if not source.is_english]
    if foreign and not settings:
        print(printable(f"not in English, only gaps and table cells: {', '.join(foreign)}"), file=sys.stderr)
    ordered = _spread(sources, seed)
    first, others = ordered[: DOCUMENTS * n], ordered[DOCUMENTS * n :]
    by_rules = [list(drafts_of(source, folder)) for source in first]
    if settings:
        drafts = _by_model(ModelWriter(settings, ordered, seed), n, by_rules, gold, seed)
    else:
        drafts = chosen(by_rules, n, seed, gold.known, gold.quotes)
        if others and len(drafts) < n:
            by_rules += [list(drafts_of(source, folder)) for source in others]
            drafts = chosen(by_rules, n, seed, gold.known, gold.quotes)
    if len(drafts) < n:
        print(f"{len(drafts)} of {n} could be proposed: more would repeat each other or be unsafe.", file=sys.stderr)
    return drafts


def _spread(sources: Sequence[Source], seed: int) -> list[Source]:
    """In an order by chance in which the types of files take turns."""
    shuffled = random.Random(seed).sample(list(sources), len(sources))
    turn: Counter[str] = Counter()
    keyed = []
    for source in shuffled:
        keyed.append((turn[source.kind], source))
        turn[source.kind] += 1
    return [source for _, source in sorted(keyed, key=lambda one: one[0])]


def _by_model(
    asked: ModelWriter, n: int, by_rules: Sequence[Sequence[Draft]], gold: GoldFile, seed: int
) -> list[Draft]:
    """The model's drafts, with the near misses of the rules among them: what is nowhere a passage cannot tell."""
    absent = [[draft for draft in drafts if not draft.answerable] for drafts in by_rules]
    missing = chosen(absent, int(n * ABSENT), seed, gold.known, gold.quotes)
    found: list[Draft] = []
    known, told = set(gold.known), {normalized(quote) for quote in gold.quotes}
    for draft in _patiently(asked, n):
        if normalized(draft.question) not in known and normalized(draft.quote) not in told:
            known.add(normalized(draft.question))
            told.add(normalized(draft.quote))
            found.append(draft)
        if len(found) == n - len(missing):
            break
    dropped = ", ".join(f"{count} {reason}" for reason, count in asked.dropped.most_common())
    if dropped:
        print(f"not kept of what the model wrote: {dropped}", file=sys.stderr)
    return found + missing


def _patiently(asked: ModelWriter, n: int) -> Iterator[Draft]:
    for draft in asked.drafts():
        yield draft
        if asked.excerpts > MOST_EXCERPTS * n:
            return
