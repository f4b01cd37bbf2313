"""How well the passages that `search` gave hold the evidence.

A passage is relevant where it shares half of the shorter one with a place of a gold quote. Where gold grades files
(`relevant`), they are ranked instead, each where its first passage stands, whether quotes are known or not. Ranks beyond
the tenth do not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from types import MappingProxyType

from eval.measure import Measure, Outcome
from eval.measures.basis import SEVERAL, gold_files, grade_of, items, locatable, over
from eval.questions import Span, is_source
from eval.statistics import missing_extra
from rag import Passage

DEPTH = 10
_NAMES = {
    "hit_at_1": "Success@1", "hit_at_5": "Success@5", "hit_at_10": "Success@10", "mrr_at_10": "RR@10",
    "ndcg_at_10": "nDCG@10",
}  # fmt: skip


@lru_cache(maxsize=4096)
def ranked(found: tuple[int, ...], missed: tuple[int, ...]) -> Mapping[str, float]:
    """The measures of a ranking by ir-measures, by name: `found` are the grades of what was found, best first (0: not
    relevant), `missed` those of what was not. Raises MissingExtra."""
    try:
        import ir_measures
    except ImportError:
        raise missing_extra("Measures of retrieval need ir-measures.") from None
    grades = {f"{place}": grade for place, grade in enumerate(found)}
    qrels = {"q": grades | {f"missed {place}": grade for place, grade in enumerate(missed)}}
    run = {"q": {place: -float(place) for place in grades}}
    values = ir_measures.calc_aggregate([ir_measures.parse_measure(name) for name in _NAMES.values()], qrels, run)
    measured = {str(measure): float(value) for measure, value in values.items()}
    return MappingProxyType({ours: measured[theirs] for ours, theirs in _NAMES.items()})


def grades(outcome: Outcome) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The grades of what was found and of what was missed, as `ranked` takes them: passages and quotes, or files."""
    if _by_quotes(outcome):
        found = tuple(int(_relevant(passage, outcome.spans)) for passage in outcome.passages[:DEPTH])
        return found, (1,) * sum(not one for one in _items_found(outcome))
    files = gold_files(outcome.gold)
    best = list(dict.fromkeys(passage.source for passage in outcome.passages))[:DEPTH]
    missed = tuple(grade for name, grade in files.items() if not any(is_source(source, name) for source in best))
    return tuple(grade_of(source, files) for source in best), missed


def recall(outcome: Outcome) -> float:
    """The share of the gold quotes (of the relevant files) that were found."""
    if _by_quotes(outcome):
        found = _items_found(outcome)
        return sum(found) / len(found)
    found_grades, missed = grades(outcome)
    right = sum(grade > 0 for grade in found_grades)
    return right / (right + len(missed))


def all_hit(outcome: Outcome) -> bool:
    """Whether every gold quote (every relevant file) was found; of a question that several documents answer together, a
    quote of each of its files."""
    if outcome.gold.type not in SEVERAL or not _by_quotes(outcome):
        return recall(outcome) == 1
    files: dict[str, bool] = {}
    for evidence, found in zip(outcome.gold.evidence, _items_found(outcome), strict=True):
        files[evidence.source] = files.get(evidence.source, False) or found
    return all(files.values())


def span_recall(outcome: Outcome) -> float:
    """The share of the characters of the gold quotes that the passages cover, each quote where it is covered best."""
    held = sum(
        max((_covered(span, outcome.passages[:DEPTH]) for span in places), default=0) for places in items(outcome)
    )
    return held / sum(len(evidence.quote) for evidence in outcome.gold.evidence)


def _by_quotes(outcome: Outcome) -> bool:
    return bool(outcome.gold.evidence) and not outcome.gold.relevant


def _items_found(outcome: Outcome) -> list[bool]:
    return [any(_relevant(passage, places) for passage in outcome.passages[:DEPTH]) for places in items(outcome)]


def _relevant(passage: Passage, spans: Iterable[Span]) -> bool:
    return any(span.overlaps(passage.source, passage.start, passage.end) for span in spans)


def _covered(span: Span, passages: Iterable[Passage]) -> int:
    """How many characters of a place stand in any of some passages."""
    inside = {
        place
        for one in passages
        if one.source == span.source
        for place in range(max(span.start, one.start), min(span.end, one.end))
    }
    return len(inside)


def _by_rank(name: str) -> Callable[[Outcome], float]:
    return lambda outcome: ranked(*grades(outcome))[name]


def _measure(
    name: str, says: str, score: Callable[[Outcome], float], *, share: bool = True, headline: bool = False
) -> Measure:
    return Measure(name, "retrieval", says, over(locatable, lambda one, _: score(one)), share=share, headline=headline)


MEASURES = (
    *(
        _measure(
            f"hit_at_{depth}",
            f"A relevant passage (file) among the first {depth}: Success@{depth} of ir-measures.",
            _by_rank(f"hit_at_{depth}"),
            headline=depth == 5,
        )
        for depth in (1, 5, 10)
    ),
    _measure(
        "recall_at_10",
        "Share of the gold quotes (relevant files) that are found in the first 10: R@10.",
        recall,
        share=False,
    ),
    _measure(
        "all_hit_at_10",
        "Every gold quote (relevant file) found in the first 10; for multi_source and conflict a quote of each file.",
        all_hit,
    ),
    _measure(
        "mrr_at_10",
        "1 / rank of the first relevant passage (file) of the first 10, else 0: RR@10 of ir-measures.",
        _by_rank("mrr_at_10"),
        share=False,
    ),
    _measure(
        "ndcg_at_10",
        "Sum of grade / log2(rank + 1) over that of the ideal order, quotes that were not found included: nDCG@10 of "
        "ir-measures (Järvelin & Kekäläinen 2002).",
        _by_rank("ndcg_at_10"),
        share=False,
    ),
    Measure(
        "span_recall_at_10",
        "retrieval",
        "Share of the characters of the gold quotes that the first 10 passages cover.",
        over(lambda gold: gold.answerable and bool(gold.evidence), lambda one, _: span_recall(one)),
        share=False,
    ),
)  # fmt: skip
