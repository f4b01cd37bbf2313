"""Whether citations lead where they say, and to what gold names."""

from __future__ import annotations

import re
from collections.abc import Mapping

from eval.measure import Measure, Outcome
from eval.measures import locators, support
from eval.measures.basis import SEVERAL, gold_files, grade_of, items, locatable, over, over_answers
from eval.questions import GoldQuestion, Span, is_source
from rag import Answer, Citation

_MARKER = re.compile(r"\[(\d+)\]")


def is_exact(citation: Citation, texts: Mapping[str, str]) -> bool:
    """Whether the stored text of the source has the quote at the citation's place, word for word."""
    stored = texts.get(citation.source, "")
    return bool(citation.quote) and stored[citation.start : citation.end] == citation.quote


def dangling(answer: Answer) -> int:
    """Numbers that lead nowhere: markers in the text or numbers of statements without a citation, and citations that no
    marker names. Digits in brackets within a quoted sentence are its own and no markers."""
    rest = answer.text
    for statement in answer.statements:
        rest = rest.replace(statement.text, " ", 1)
    marked = {int(number) for number in _MARKER.findall(rest)}
    used = {number for statement in answer.statements for number in statement.citations}
    known = {citation.number for citation in answer.citations}
    return len((marked | used) - known) + len(known - marked)


def evidence_cited(outcome: Outcome, answer: Answer) -> bool:
    """Whether a citation shares half of the shorter one with a place of the evidence (is of a relevant file)."""
    if outcome.gold.evidence:
        return any(span.overlaps(c.source, c.start, c.end) for c in answer.citations for span in outcome.spans)
    return file_recall(outcome, answer) > 0


def span_overlap(outcome: Outcome, answer: Answer) -> float:
    """How exactly the gold quotes are cited: the F1 of characters, 2 |quote ∩ cited| / (|quote| + |cited|), of a quote
    and the citation that fits it best. The best quote counts, as one supports the answer; where several are needed
    together, the mean over the files that gold names of the best quote of each."""
    best: dict[str, float] = {}
    for evidence, places in zip(outcome.gold.evidence, items(outcome), strict=True):
        fit = max((_dice(span, citation) for span in places for citation in answer.citations), default=0.0)
        best[evidence.source] = max(best.get(evidence.source, 0.0), fit)
    return sum(best.values()) / len(best) if outcome.gold.type in SEVERAL else max(best.values())


def file_precision(outcome: Outcome, answer: Answer) -> float:
    """The share of the cited files that gold names; 0 where none is cited."""
    cited, files = {citation.source for citation in answer.citations}, gold_files(outcome.gold)
    return sum(grade_of(source, files) > 0 for source in cited) / (len(cited) or 1)


def file_recall(outcome: Outcome, answer: Answer) -> float:
    """The share of the files that gold names that are cited."""
    cited, files = {citation.source for citation in answer.citations}, gold_files(outcome.gold)
    return sum(any(is_source(source, name) for source in cited) for name in files) / len(files)


def _dice(span: Span, citation: Citation) -> float:
    if span.source != citation.source:
        return 0.0
    shared = min(span.end, citation.end) - max(span.start, citation.start)
    return 2 * max(shared, 0) / (span.end - span.start + citation.end - citation.start)


def _quoted(gold: GoldQuestion) -> bool:
    return gold.answerable and bool(gold.evidence)


MEASURES = (
    Measure(
        "quote_exact",
        "citations",
        "Every quote of the answer stands word for word at its place in the stored text.",
        over_answers(lambda one, a: all(is_exact(c, one.texts) for c in a.citations) if a.citations else None),
        invariant=True,
    ),
    Measure(
        "locator_exact",
        "citations",
        "Every line (plain text) and page (PDF, slides) is where another reader of the original file finds the quote.",
        over_answers(locators.locator_exact),
        invariant=True,
    ),
    Measure(
        "resolved",
        "citations",
        "No marker without a citation, and no citation without a marker.",
        over_answers(lambda _, answer: dangling(answer) == 0),
        invariant=True,
    ),
    Measure(
        "numbers_in_quotes",
        "citations",
        "Every number of a sentence that is said to be borne out stands in what it cites.",
        over_answers(support.numbers_in_quotes),
        invariant=True,
    ),
    Measure(
        "verbatim_in_quote",
        "citations",
        "Every sentence that is said to be verbatim stands word for word in what it cites.",
        over_answers(support.verbatim_in_quote),
        invariant=True,
    ),
    Measure(
        "evidence_cited",
        "citations",
        "A citation shares half of the shorter one with a gold quote (is of a relevant file).",
        over(locatable, evidence_cited),
        headline=True,
    ),
    Measure(
        "span_overlap",
        "citations",
        "F1 of characters of a gold quote and the citation that fits it best, of the best quote; for multi_source and "
        "conflict the mean over their files.",
        over(_quoted, span_overlap),
        share=False,
    ),
    Measure(
        "file_precision",
        "citations",
        "Share of the cited files that gold names; 0 where none is cited.",
        over(locatable, file_precision),
        share=False,
    ),
    Measure(
        "file_recall",
        "citations",
        "Share of the files that gold names that are cited.",
        over(locatable, file_recall),
        share=False,
    ),
    Measure(
        "citation_recall",
        "citations",
        "Share of an answer's sentences that its citations together bear out, by the offline check (ALCE, Gao et al. "
        "2023, whose judge is a model); 0 for an error.",
        over_answers(support.citation_recall, worst=0),
        share=False,
    ),
    Measure(
        "citation_precision",
        "citations",
        "Share of an answer's citations that their sentence needs: it is borne out, and not without this one by the "
        "others, or by this one alone (ALCE, Gao et al. 2023); 0 for an error.",
        over_answers(support.citation_precision, worst=0),
        share=False,
    ),
)  # fmt: skip
