"""Silence: whether refusals and confidence tell what the documents answer from what they do not.

Each set's questions are asked of its own documents, so that the unanswerable ones are near misses. A question of rgb is
asked twice: of its right and noise snippets together, and of the noise alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from eval.datasets import json_rows, load_dataset, write_files
from eval.indexed import indexed, work_folder
from eval.questions import load_gold
from eval.statistics import Figure, share
from rag import Assistant, Turn

SETS = ("squad2_sample500", "mtrag_un", "dragonball", "single_topic_rag", "rgb")
BINS = (0.0, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.01)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with whether its documents answer it, and what came of it."""

    answerable: bool
    refused: bool
    confidence: float


def run_silence(data: Path, gold: tuple[Path, Path] | None = None, work: Path | None = None) -> Iterator[Figure]:
    """The figures, set by set, then over all; `data` holds the sets, `gold` names a file of questions and its folder.
    Raises CitewiseError."""
    every: list[Asked] = []
    with work_folder(work) as place:
        for name in SETS:
            asked = list(_ask_set(data / name, place / name))
            yield from figures(name, asked)
            every += asked
        if gold:
            with indexed(gold[1], place / "gold.index") as assistant:
                asked = [_ask(assistant, q.question, q.answerable, q.history) for q in load_gold(gold[0])]
            yield from figures("gold", asked)
            every += asked
    for low, high in pairwise(BINS):
        inside = [one.answerable for one in every if low <= one.confidence < high]
        yield share(f"answerable where confidence is {low:g} to {min(high, 1):g}", inside)


def figures(name: str, asked: Sequence[Asked]) -> Iterator[Figure]:
    """How well the refusals part the answerable from the others, and how well any threshold of the confidence could."""
    kept = [one for one in asked if one.answerable]
    rest = [one for one in asked if not one.answerable]
    false = share(f"{name}: false refusals", [one.refused for one in kept], ceiling=True)
    right = share(f"{name}: refused unanswerable", [one.refused for one in rest])
    yield false
    yield right
    yield Figure(f"{name}: balanced accuracy", (1 - false.value + right.value) / 2, len(asked))
    yield Figure(
        f"{name}: AUROC of confidence", auroc([one.confidence for one in kept], [one.confidence for one in rest]),
        len(asked),
    )  # fmt: skip


def auroc(higher: Sequence[float], lower: Sequence[float]) -> float:
    """The share of pairs in which the first is the greater, ties half (Mann & Whitney 1947); nan without a pair."""
    if not higher or not lower:
        return math.nan
    return sum((a > b) + 0.5 * (a == b) for a in higher for b in lower) / (len(higher) * len(lower))


def _ask_set(data: Path, place: Path) -> Iterator[Asked]:
    dataset = load_dataset(data)
    rows = {row["_id"]: row for row in json_rows(data / "queries.jsonl", ("_id", "answerable"))}
    write_files(dataset, place)
    file_of = {document.id: f"{place.name}/{document.file}" for document in dataset.documents}
    with indexed(place, place.with_name(f"{place.name}.index")) as assistant:
        for query in dataset.queries:
            row = rows[query.id]
            if "noise_docs" in row:
                noise = [file_of[document] for document in row["noise_docs"]]
                right = [file_of[document] for document in row["gold_docs"]]
                yield _ask(assistant, query.text, True, only=right + noise)
                yield _ask(assistant, query.text, False, only=noise)
            elif row["answerable"] is not None:  # null: the question could mean several things
                yield _ask(assistant, query.text, query.answerable, query.history)


def _ask(
    assistant: Assistant, question: str, answerable: bool, history: Sequence[Turn] = (), only: Sequence[str] = ()
) -> Asked:
    answer = assistant.ask(question, history=history, only=only, writer="quotes")
    return Asked(answerable, answer.status == "not_in_documents", answer.confidence)
