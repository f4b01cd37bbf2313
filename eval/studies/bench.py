"""Benchmarks of other people, each with the measure that its figure is published or asked for in."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.datasets import Dataset, Query, load_dataset, write_files
from eval.indexed import indexed, work_folder
from eval.statistics import Figure, bootstrap_mean, ndcg, quantile, share
from rag import CitewiseError, Passage

Score = Callable[[Query, Sequence[str], Sequence[Passage]], float]


@dataclass(frozen=True, slots=True)
class Benchmark:
    """`score` judges one question from its ranked documents (by id) and its passages; `counts` says which questions
    are asked; `is_share` where every score is 0 or 1; `target` is what was asked for."""

    metric: str
    passages: int
    target: float
    counts: Callable[[Query], bool]
    score: Score
    is_share: bool


@dataclass(frozen=True, slots=True)
class Result:
    figures: list[Figure]
    rows: list[dict[str, Any]]
    targets: dict[str, float]


def _ndcg(query: Query, documents: Sequence[str], passages: Sequence[Passage]) -> float:
    ranking = {document: 1 / rank for rank, document in enumerate(documents, 1)}
    return ndcg({query.id: query.relevant}, {query.id: ranking})[query.id]


def _in_first(n: int) -> Score:
    def score(query: Query, documents: Sequence[str], passages: Sequence[Passage]) -> float:
        return float(any(document in query.relevant for document in documents[:n]))

    return score


def sentence_recall(query: Query, documents: Sequence[str], passages: Sequence[Passage]) -> float:
    """The share of the gold sentences that stand whole in one of the passages; case and white space aside."""
    texts = [_squeezed(passage.text) for passage in passages]
    found = [any(_squeezed(sentence) in text for text in texts) for sentence in query.gold_sentences]
    return sum(found) / len(found)


BENCHMARKS = {
    "scifact": Benchmark("ndcg_at_10", 30, 0.70, lambda q: bool(q.relevant), _ndcg, False),
    "single_topic_rag": Benchmark("right_file_in_4", 20, 0.93, lambda q: q.answerable, _in_first(4), True),
    "squad2_sample500": Benchmark("right_paragraph_first", 10, 0.88, lambda q: q.answerable, _in_first(1), True),
    "dragonball": Benchmark(
        "sentence_recall_in_10", 10, 0.50, lambda q: bool(q.gold_sentences), sentence_recall, False
    ),
}


def run_bench(name: str, data: Path, work: Path | None = None) -> Result:
    """Build the folder, index it, search every question. Raises CitewiseError, MissingExtra."""
    bench = BENCHMARKS[name]
    dataset = load_dataset(data)
    with work_folder(work) as place:
        files = place / name
        write_files(dataset, files)
        with indexed(files, place / f"{name}.index") as assistant:
            rows = _ask(bench, dataset, lambda text: assistant.search(text, k=bench.passages))
    scores = [row["score"] for row in rows]
    times = [row["ms"] for row in rows]
    figures = [
        share(bench.metric, [one == 1 for one in scores]) if bench.is_share else bootstrap_mean(bench.metric, scores),
        Figure("search_p50_ms", quantile(times, 0.5), len(times), ceiling=True),
        Figure("search_p95_ms", quantile(times, 0.95), len(times), ceiling=True),
    ]
    return Result(figures, rows, {bench.metric: bench.target})


def _ask(bench: Benchmark, dataset: Dataset, search: Callable[[str], list[Passage]]) -> list[dict[str, Any]]:
    id_of = {document.file: document.id for document in dataset.documents}
    rows = []
    for query in filter(bench.counts, dataset.queries):
        started = time.perf_counter()
        error = ""
        try:
            passages = search(query.text)
        except CitewiseError as caught:
            passages, error = [], str(caught)
        ms = (time.perf_counter() - started) * 1000
        documents = list(dict.fromkeys(id_of[passage.source.rpartition("/")[2]] for passage in passages))
        score = bench.score(query, documents, passages)
        rows.append({
            "id": query.id, "question": query.text, "score": score, "documents": documents[:10],
            "relevant": sorted(query.relevant), "ms": round(ms, 1), "error": error,
        })  # fmt: skip
    return rows


def _squeezed(text: str) -> str:
    return " ".join(text.split()).casefold()
