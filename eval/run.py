"""Asking gold questions: a row each, written as soon as it is there, so that a run that was cut off goes on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from eval.match import satisfied
from eval.measure import Outcome
from eval.measures import score
from eval.measures.basis import own_text
from eval.ours import only_writer, refuse_others, writing
from eval.questions import GoldQuestion, Span
from eval.results import ESCAPED, Lost, Result, Row, line_of, load_result, save_result
from eval.stamp import unlike
from rag import (
    STAGES,
    Answer,
    Assistant,
    CitewiseError,
    DocumentInfo,
    MissingExtra,
    Passage,
    SettingsError,
    WriterChoice,
)

SEARCHED = 30  # passages, so that ten files are among them where files are ranked; they begin as a search for ten does
SHOWN = 10  # of these, in a row
AGAIN = 10  # one of so many questions is asked twice, to see whether its answers are the same
PARTIAL = ".partial"


def run_questions(
    assistant: Assistant,
    questions: Sequence[GoldQuestion],
    spans: Mapping[str, Sequence[Span]],
    *,
    stamp: Mapping[str, Any],
    out: Path,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
    fresh: bool = False,
    stop: threading.Event | None = None,
) -> Result:
    """Ask each question and write its row to the file `out`, in the order of the questions.

    `spans` are the places of the evidence, as `locate` finds them; `progress` is told how many of all are done. Until
    all are asked, rows are appended to the file `partial_of(out)`, which is continued if it was cut off (see
    `unfinished`), or begun anew if `fresh`; a run that `out` holds stays until then. Setting `stop` ends it: the result
    is what was answered so far, and not whole. What fails is an outcome; but
    SettingsError and MissingExtra, with which no question could be asked, are raised, as is CitewiseError for a file
    that cannot be written or is another's.
    """
    begun = time.monotonic()
    with writing("Name another file with --out.", out):
        out.parent.mkdir(parents=True, exist_ok=True)
        with only_writer(out, f"{out} is being written by another run."):
            begins = partial_of(out)
            for one in (out, begins):
                refuse_others(one)
            earlier = None if fresh else unfinished(out, stamp)
            before = {row.gold.id: row for row in earlier.rows} if earlier else {}
            made_with = dict(earlier.stamp if earlier else stamp)
            save_result(begins, made_with, list(before.values()))  # without the line that was cut short
            _ask_all(assistant, questions, spans, set(before), begins, workers, progress, stop or threading.Event())
            if before:
                made_with["continued"] = [*made_with.get("continued", ()), len(before)]
            else:
                made_with["seconds"] = round(time.monotonic() - begun, 2)
            rows = {row.gold.id: row for row in load_result(begins).rows}
            if len(rows) < len(questions):
                return Result(made_with, tuple(rows.values()))
            result = Result(made_with, tuple(replace(rows[gold.id], gold=gold) for gold in questions))
            save_result(begins, made_with, result.rows)
            begins.replace(out)
    return result


def partial_of(out: Path) -> Path:
    """Where the rows of a run are until it is whole."""
    return out.with_name(out.name + PARTIAL)


def unfinished(out: Path, stamp: Mapping[str, Any]) -> Result | None:
    """The run that was cut off on its way to `out`, where one of this stamp can go on with it. Raises CitewiseError
    where its file is none of a run."""
    begun = partial_of(out)
    before = load_result(begun) if begun.exists() else None
    return None if before is None or unlike(before.stamp, stamp) else before


def _ask_all(
    assistant: Assistant,
    questions: Sequence[GoldQuestion],
    spans: Mapping[str, Sequence[Span]],
    done: set[str],
    out: Path,
    workers: int,
    progress: Callable[[int, int], None] | None,
    stop: threading.Event,
) -> None:
    documents = {document.source: document for document in assistant.documents()}
    writing = threading.Lock()
    with out.open("a", encoding="utf-8", errors=ESCAPED) as file, ThreadPoolExecutor(workers) as pool:

        def answered(number: int, gold: GoldQuestion) -> None:
            if not stop.is_set():
                found = asked(assistant, gold, spans[gold.id], documents, again=number % AGAIN == 0, stop=stop)
                line = line_of(_row(assistant, found).to_dict())
                with writing:
                    if not stop.is_set():  # else the answer may have been cut short
                        file.write(line)
                        file.flush()

        left = [pool.submit(answered, *one) for one in enumerate(questions) if one[1].id not in done]
        try:
            for count, future in enumerate(as_completed(left), len(done) + 1):
                if stop.is_set():
                    break
                future.result()
                if progress:
                    progress(count, len(questions))
        finally:
            stop.set()
            pool.shutdown(cancel_futures=True)


def asked(
    assistant: Assistant,
    gold: GoldQuestion,
    spans: Sequence[Span],
    documents: Mapping[str, DocumentInfo],
    *,
    again: bool = False,
    writer: WriterChoice | None = None,
    stop: threading.Event | None = None,
) -> Outcome:
    """What a question brings. `documents` are those of the index, by source; `again`: it is asked a second time."""
    ask = partial(assistant.ask, gold.question, history=gold.history, only=gold.only, writer=writer, stop=stop)
    answer: Answer | None = None
    second: Answer | None = None
    passages: Sequence[Passage] = ()
    texts: dict[str, str] = {}
    error, seconds = "", None
    begun = time.perf_counter()
    try:
        answer = ask()
        seconds = time.perf_counter() - begun
        passages = assistant.search(gold.question, k=SEARCHED, history=gold.history, only=gold.only)
        second = ask() if again else None
        named = {one.source for one in answer.citations} | {one.source for one in passages}
        texts = {source: assistant.text(source) for source in sorted(named & documents.keys())}
    except (SettingsError, MissingExtra):
        raise
    except Exception as failure:  # noqa: BLE001  # a question on which the assistant breaks counts as wrong, like any
        answer, error = None, _told(failure)
    seconds = time.perf_counter() - begun if seconds is None else seconds
    files = {source: documents[source] for source in texts}
    return Outcome(gold, answer, passages, spans, texts, files, seconds, error, second, again)


def _told(failure: Exception) -> str:
    return str(failure) if isinstance(failure, CitewiseError) else f"{type(failure).__name__}: {failure}"


def _row(assistant: Assistant, outcome: Outcome) -> Row:
    answer, scores = outcome.answer, score(outcome)
    wire = replace(answer, trace=()).to_dict() if answer else None
    if wire:
        del wire["trace"]
    found = tuple({"source": one.source, "start": one.start, "end": one.end} for one in outcome.passages[:SHOWN])
    lost = _lost(assistant, outcome.gold, answer) if answer and scores["correct"] != 1 else None
    status = answer.status if answer else "error"
    return Row(outcome.gold, status, wire, found, scores, outcome.seconds, outcome.error, lost)


def _lost(assistant: Assistant, gold: GoldQuestion, answer: Answer) -> Lost | None:
    """Where the evidence of a failed question was lost: of that which holds what the answer lacks, the one that got
    furthest. A question without an answer was lost where its evidence was thought enough; where the search for the step
    breaks, it is unknown."""
    if not gold.answerable:
        return Lost("evidence", f"It was answered, with a confidence of {answer.confidence:.2f}.")
    lacks = [group for group in gold.must_contain if not satisfied([group], own_text(answer))]
    told = [one for one in gold.evidence if any(satisfied([group], one.quote) for group in lacks)] or gold.evidence
    try:
        fates = [
            assistant.why(
                gold.question, expect=(one.source, one.quote), history=gold.history, only=gold.only, answer=answer
            ).expected
            for one in told
        ]
    except Exception as failure:  # noqa: BLE001  # the answer has been judged: only its explanation is missing
        return Lost("unknown", _told(failure))
    furthest = max((fate for fate in fates if fate), key=lambda fate: STAGES.index(fate.stage), default=None)
    return Lost(furthest.stage, furthest.reason, furthest.remedy) if furthest else None
