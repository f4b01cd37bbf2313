"""An evaluation from inside a running program: as `eval run`, kept among its runs, with progress and an end on demand."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from eval.kept import cut_off, earlier, folder_of, make_private, newest, place_of, tidy
from eval.ours import writing
from eval.questions import load_gold, locate
from eval.report import Facts, facts, write_files
from eval.results import Result, load_result
from eval.run import run_questions, unfinished
from eval.stamp import corpus_sha256, run_stamp
from rag import Assistant, CitewiseError, MissingExtra

COMMAND = "citewise (the page)"


def evaluate(assistant: Assistant, gold: Path, progress: Callable[[int, int], None], stop: threading.Event) -> Result:
    """Ask the questions of a gold file one by one, or the rest of a run that was cut off, and keep the run with its
    report. Setting `stop` ends it: what was answered is kept, and the next run goes on from there.

    Raises as `load_gold`, `locate` and `run_questions` do, MissingExtra where the report needs scipy: the run is kept.
    """
    questions = load_gold(gold)
    sources = [document.source for document in assistant.documents() if document.status == "ready"]
    spans = locate(gold, questions, sources, assistant.text)
    # One at a time: a person who asks meanwhile waits for one question of it at most, also at a model's server.
    stamp = run_stamp(assistant, gold, len(questions), command=COMMAND, workers=1)
    out = place_of(gold, stamp)
    with writing("Check free space and permissions."):
        make_private(out.parent)
        begun = cut_off(out.parent)
        if begun and unfinished(begun, stamp):
            out = begun
        try:
            silent = assistant.unlogged()
            result = run_questions(silent, questions, spans, stamp=stamp, out=out, progress=progress, stop=stop)
            if result.whole:
                write_files(facts(result, next(earlier(folder_of(gold), out), None)), out)
        finally:
            tidy(out.parent)
    return result


def last_report(assistant: Assistant, golds: Sequence[Path]) -> Facts | None:
    """The newest kept run over one of these gold files, or by any other over these documents, beside the run before it.
    Raises MissingExtra."""
    for path in newest(golds, corpus_sha256(assistant.documents())):
        try:
            return _facts_of(path, path.stat().st_mtime_ns)
        except MissingExtra:
            raise
        except (CitewiseError, FileNotFoundError):  # of another version, or deleted just now
            continue
    return None


@lru_cache(maxsize=4)
def _facts_of(path: Path, _: int) -> Facts:
    result = load_result(path)
    before = (run for run in earlier(path.parent, path) if str(run.stamp.get("started")) < str(result.stamp["started"]))
    return facts(result, next(before, None))
