"""Why an answer is as it is, and what became of a passage that was expected in it: the step at which it was lost."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from index import BadQuestion, DocumentInfo, NotIndexed, PassageRecord, documents_named, units
from rag.answer import Answer, Turn
from rag.retrieve import LEG_SIZE
from rag.trace import Item, Step
from rag.words import stem, stems

if TYPE_CHECKING:
    from rag.assistant import Assistant

TOP = 20  # passages or sentences of a step that are told
MOST_PLACES = 20  # at which a quote is looked for
SHOWN = 160  # characters of the nearest text

# Where an expected passage can be lost, in order; the last one is reached by what is used.
STAGES = (
    "file", "text", "passages", "understood", "found", "fused", "reranked", "kept", "candidates", "evidence", "chosen",
    "checked", "cited",
)  # fmt: skip
_FILTERS = STAGES[STAGES.index("fused") : STAGES.index("checked")]  # steps that let some through
_WORD = re.compile(r"[^\W_]+")
_ASK_CLOSER = "Ask with words that stand in it, or of its file alone (--only)."
_REMEDIES = {
    "fused": _ASK_CLOSER,
    "kept": _ASK_CLOSER,
    "candidates": "Expect a whole sentence or table row; or ask with its own words.",
    "evidence": "Ask with the names and terms that the documents use.",
    "chosen": "Ask for just this; or raise answer.max_sentences or answer.max_words.",
}
_ORDERED = {"fused": "by words and meaning together", "kept": "after reranking"}


class Rank(NamedTuple):
    """Where the expected passage (its sentence, from the candidates on) stood among all of a step."""

    step: str
    rank: int
    of: int
    score: float


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an expected passage. `quote` is as the index holds it, from `start` to `end`, where it does.

    `stage` is the one of `STAGES` at which it was lost, "cited" where the answer cites it, by the number `citation`;
    `reason` and `remedy` say why, and what to do; `notes` what else was noticed on the way.
    """

    source: str
    quote: str
    start: int | None = None
    end: int | None = None
    stage: str = ""
    reason: str = ""
    remedy: str = ""
    citation: int | None = None
    ranks: tuple[Rank, ...] = ()
    notes: tuple[str, ...] = ()

    def lost(self, stage: str, reason: str, remedy: str = "") -> Fate:
        return replace(self, stage=stage, reason=reason, remedy=remedy)


@dataclass(frozen=True, slots=True)
class Why:
    """An answer, whose `trace` is whole, and the fate of the passage that was expected in it, if one was."""

    answer: Answer
    expected: Fate | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON-ready: the answer in its wire shape, with more of each step."""
        shape = self.answer.to_dict() | {"trace": [step.to_dict(TOP) for step in self.answer.trace]}
        fate = self.expected
        told = fate and asdict(fate) | {"ranks": [rank._asdict() for rank in fate.ranks]}
        return {"answer": shape, "expected": told}


def why(
    assistant: Assistant,
    question: str,
    *,
    expect: tuple[str, str] | None = None,
    history: Sequence[Turn] = (),
    only: Sequence[str] = (),
    answer: Answer | None = None,
) -> Why:
    """Ask, or take the `answer` that was just given, and follow an expected passage, named by file and quote, through
    the steps. Raises as `Assistant.ask` does, and BadQuestion where the quote holds no word."""
    if expect and not _WORD.search(expect[1]):
        raise BadQuestion("The expected quote holds no word.", "Give some words of the passage.")
    answer = answer or assistant.unlogged().ask(question, history=history, only=only)
    return Why(answer, _fate(assistant, answer, *expect, only) if expect else None)


def _fate(assistant: Assistant, answer: Answer, name: str, quote: str, only: Sequence[str]) -> Fate:
    quote = quote.strip()
    fate = Fate(name, quote)
    try:
        documents = documents_named(assistant.index, name)
        ready = [document for document in documents if document.status == "ready"]
        if not ready:
            says = f"{documents[0].source} could not be read: {documents[0].reason}."
            return fate.lost("file", says, "Repair it, or convert it to a type that can be read.")
        allowed = assistant.index.documents_matching(only)
    except NotIndexed as error:
        return fate.lost("file", error.message, error.remedy)
    with assistant.index.snapshot() as catalog:
        files = catalog.files()
    searched = [one for one in ready if allowed is None or files[one.source].id in allowed]
    if not searched:
        return fate.lost("file", f"{ready[0].source} is not among the files asked (--only).", "Ask without --only.")
    fates = []
    for document in searched:
        records = _passages_of(assistant, document)
        places = islice(_places(document, assistant.text(document.source), quote), MOST_PLACES)
        fates += [_followed(assistant, answer, place, records, only) for place in places]
    if not fates:
        return _not_in_text(assistant, searched[0], quote)
    return max(fates, key=lambda one: STAGES.index(one.stage))


def _passages_of(assistant: Assistant, document: DocumentInfo) -> list[PassageRecord]:
    with assistant.index.snapshot() as catalog:
        ids = catalog.neighbours(catalog.files()[document.source].id, range(document.passages))
        return sorted(catalog.passages(ids).values(), key=lambda record: record.start)


# -- the text ---------------------------------------------------------------------------------------------------------


def _places(document: DocumentInfo, text: str, quote: str) -> Iterator[Fate]:
    """Where the quote stands in a text: exactly; else by its words, whatever the case and what stands between them."""
    exact = [(found.start(), found.end()) for found in re.finditer(re.escape(quote), text)]
    loose = r"[\W_]+".join(map(re.escape, _WORD.findall(quote)))
    notes = () if exact else ("The text has these words with other spaces, letter case or punctuation.",)
    for start, end in exact or [found.span() for found in re.finditer(loose, text, re.IGNORECASE)]:
        yield Fate(document.source, text[start:end], start, end, notes=notes)


def _not_in_text(assistant: Assistant, document: DocumentInfo, quote: str) -> Fate:
    """The quote is not in the stored text: the file changed, or its extraction has other words."""
    fate = Fate(document.source, quote)
    if _sha256(document) != document.sha256:
        return fate.lost("text", f"{document.source} was changed or removed since it was read.", "Run: citewise index")
    with assistant.index.snapshot() as catalog:
        extracted = catalog.extracted(catalog.files()[document.source].id)
    wanted = stems(quote)
    pieces = [extracted.text[unit.start : unit.end] for unit in units(extracted)]
    nearest = max(pieces, key=lambda piece: len(wanted & stems(piece)) / (len(wanted | stems(piece)) or 1))
    return fate.lost(
        "text",
        f"The text of {document.source} does not hold these words. The nearest: “{nearest[:SHOWN]}”",
        f"See: citewise show {document.source}",
    )


def _sha256(document: DocumentInfo) -> str:
    try:
        return hashlib.sha256(Path(document.path).read_bytes()).hexdigest()
    except OSError:
        return ""


# -- the steps --------------------------------------------------------------------------------------------------------


def _followed(
    assistant: Assistant, answer: Answer, fate: Fate, records: Sequence[PassageRecord], only: Sequence[str]
) -> Fate:
    """A quote that stands in the text, from the passages that hold it to the answer."""
    held = [record for record in records if _holds(fate, record.source, record.start, record.end)]
    if not held:
        return fate.lost(
            "passages", "It stands in no passage: headings without text below them are not searched.",
            "Expect a sentence or a table row.",
        )  # fmt: skip
    if not any(record.start <= (fate.start or 0) and (fate.end or 0) <= record.end for record in held):
        fate = replace(fate, notes=(*fate.notes, f"It is cut into {len(held)} passages, which are found one by one."))
    ranks = [rank for step in answer.trace if step.name != "chosen" and (rank := _rank(fate, step))]
    fate = replace(fate, ranks=tuple(ranks))
    for cited in answer.citations:
        if _holds(fate, cited.source, cited.start, cited.end):
            return replace(
                fate, stage="cited", citation=cited.number, reason=f"The answer cites it as [{cited.number}]."
            )
    if not answer.trace:
        return fate.lost("understood", "The question was taken as one about the assistant or the folder.", "Reword it.")
    steps = {step.name: step for step in answer.trace}
    there = stems(" ".join(f"{record.context} {record.text}" for record in held))
    if lacking := [word for word in steps["understood"].facts["words"] if stem(word) not in there]:
        fate = replace(
            fate, notes=(*fate.notes, f"Words of the question that its passage lacks: {', '.join(lacking)}.")
        )
    if not any(rank.step == "fused" for rank in ranks):
        return _not_found(assistant, answer, fate, held, only)
    for stage in _FILTERS:
        if reason := _stopped(steps, stage, fate):
            return fate.lost(stage, reason, _REMEDIES.get(stage, ""))
    return fate.lost("checked", "The sentence that rests on it was withheld.", "Set answer.strict = false to see it.")


def _not_found(
    assistant: Assistant, answer: Answer, fate: Fate, held: list[PassageRecord], only: Sequence[str]
) -> Fate:
    """Neither leg brought it among its first: its rank in the whole of each."""
    ranks = assistant._retriever.ranks(answer.understood_as, held, only)
    words = "shares no word with the question" if ranks[0] is None else "is number {} of {} by words".format(*ranks[0])
    near = "has no rank by meaning" if ranks[1] is None else "is number {} of {} by meaning".format(*ranks[1])
    return fate.lost("found", f"It {words} and {near}; the first {LEG_SIZE} of each go on.", _ASK_CLOSER)


def _holds(fate: Fate, source: str, start: int, end: int) -> bool:
    """Whether a span and the expected one share at least half of the shorter of them."""
    first, last = fate.start or 0, fate.end or 0
    return source == fate.source and 2 * (min(end, last) - max(start, first)) >= min(end - start, last - first)


def _found(fate: Fate, items: Sequence[Item]) -> tuple[int, Item] | None:
    return next(((n, one) for n, one in enumerate(items, 1) if _holds(fate, one.source, one.start, one.end)), None)


def _rank(fate: Fate, step: Step) -> Rank | None:
    items = [*step.out, *(item for item in step.left if not item.why)]
    found = _found(fate, items)
    return found and Rank(step.name, found[0], len(items), round(float(found[1].score), 3))


def _stopped(steps: dict[str, Step], stage: str, fate: Fate) -> str:
    """Why the expected passage did not get past a step; "" where it did."""
    step = steps.get(stage)
    if step is None:
        return "The writer found no answer in the passages that it was given."
    if _found(fate, step.out):
        return ""
    if stage == "evidence":
        missing = ", ".join(step.facts.get("missing", ()))
        lacking = f"; no passage holds {missing}" if missing else ""
        says = f"The evidence is too weak to answer (confidence {step.facts['confidence']}){lacking}."
        return "" if step.facts["enough"] else says
    found = _found(fate, step.left)
    scored = steps["candidates"]
    if stage == "chosen" and (rank := _rank(fate, scored)):
        left = f"Left out: {found[1].why}" if found else "The writer was given it and did not use it"
        best = f"; the best has {scored.out[0].score:.3f}" if rank.rank > 1 else ""
        return f"{left}. It is number {rank.rank} of {rank.of} sentences with {rank.score:.3f}{best}."
    if found is None:
        return "It did not come up there."
    if why := found[1].why:
        return f"Left out: {why}."
    return f"It is number {len(step.out) + found[0]} of {step.came_in} {_ORDERED[stage]}; {len(step.out)} go on."
