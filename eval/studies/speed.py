"""How fast, in how much memory, and the same twice: measured over generated folders."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.indexed import indexed, open_assistant, synced
from eval.measures.robustness import answer_without_timings
from eval.statistics import Figure, quantile
from eval.studies.generate import file_path, questions, write_folder
from rag import Assistant, Settings

WARM_UP = 5
ROUNDS = 2
TARGETS = {
    "index_to_embedder": 0.9, "noop_sync_s": 3, "one_changed_sync_s": 1, "ask_p50_ms": 200, "ask_p95_ms": 400,
    "ask_rss_mb": 900, "answers_that_differ": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sizes:
    """Files and words a file of each part; `asked` questions. The defaults are what the targets speak of."""

    files: int = 1000
    words: int = 140  # one passage of some 200 tokens
    small_files: int = 10_000
    small_words: int = 12
    ask_files: int = 2850
    ask_words: int = 560  # four passages
    asked: int = 200


def run_speed(parts: Sequence[str], sizes: Sizes, work: Path) -> Iterator[Figure]:
    """The figures of the named parts, each when it is measured; `work` keeps folders and indexes for the next run."""
    for part in parts:
        yield from PARTS[part](sizes, work)


def _indexing(sizes: Sizes, work: Path) -> Iterator[Figure]:
    """First indexings against the same embedder alone on the same passages, in turns, so that whatever else the machine
    does weighs on both."""
    # The one place where eval reaches below rag: the public API has no way to run the embedder alone.
    from index import Index, MiniLM

    class Recording(MiniLM):
        """Remembers what it was given."""

        _given: list[str] = []  # noqa: RUF012 (pydantic makes a private attribute of it, one an object)

        def encode_many(self, texts: Iterable[str]) -> Iterator[Any]:
            self._given = list(texts)
            return super().encode_many(self._given)

    folder, place = work / "files", work / "indexing.index"
    write_folder(folder, sizes.files, sizes.words)
    embedder = Recording()
    embedder.encode("warm")
    indexing, alone = [], []
    with closing(Assistant(Index(place, embedder, roots=[folder]), embedder, Settings())) as assistant:
        for _ in range(ROUNDS):
            indexing.append(_timed(lambda: list(assistant.sync(rebuild=True))))
            alone.append(_timed(lambda: list(embedder.encode_many(embedder._given))))
    n = len(embedder._given)
    (whole, whole_cpu), (least, least_cpu) = (map(sum, zip(*times, strict=True)) for times in (indexing, alone))
    yield Figure("index_to_embedder", least / whole, n)
    yield Figure("index_to_embedder_cpu", least_cpu / whole_cpu, n)
    yield Figure("index_passages_per_s", ROUNDS * n / whole, n)
    yield Figure("embedder_passages_per_s", ROUNDS * n / least, n)


def _noop(sizes: Sizes, work: Path) -> Iterator[Figure]:
    """A sync that finds nothing to do."""
    folder = work / "small"
    write_folder(folder, sizes.small_files, sizes.small_words)
    with indexed(folder, work / "small.index") as assistant:
        times = [_timed(lambda: synced(assistant))[0] for _ in range(3)]
        n = assistant.status().files
    yield Figure("noop_sync_s", quantile(times, 0.5), n, ceiling=True)


def _change(sizes: Sizes, work: Path) -> Iterator[Figure]:
    """A sync that finds one changed file among many."""
    folder = work / "files"
    write_folder(folder, sizes.files, sizes.words)
    times = []
    with indexed(folder, work / "files.index") as assistant:
        for number in range(3):
            path = file_path(folder, number)
            before = path.read_bytes()
            path.write_bytes(before + f"\nThis line was added at {time.time_ns()}.\n".encode())
            seconds, _ = _timed(lambda: synced(assistant))
            times.append(seconds)
            path.write_bytes(before)
        n = assistant.status().files
        synced(assistant)
    yield Figure("one_changed_sync_s", quantile(times, 0.5), n, ceiling=True)


def _ask(sizes: Sizes, work: Path) -> Iterator[Figure]:
    """Warm answers over a large index in a process that does nothing else; and the same again in another one."""
    folder, place = work / "ask", work / "ask.index"
    write_folder(folder, sizes.ask_files, sizes.ask_words)
    with indexed(folder, place) as assistant:
        passages = assistant.status().passages
    asked = questions(sizes.ask_files, sizes.ask_words, sizes.asked + WARM_UP)
    first, second = (_worker(folder, place, asked) for _ in range(2))
    warm = first["ms"][WARM_UP:]
    different = sum(one != other for one, other in zip(first["answers"], second["answers"], strict=True))
    yield Figure("ask_passages", passages, passages)
    yield Figure("ask_first_ms", first["ms"][0], 1, ceiling=True)
    yield Figure("ask_p50_ms", quantile(warm, 0.5), len(warm), ceiling=True)
    yield Figure("ask_p95_ms", quantile(warm, 0.95), len(warm), ceiling=True)
    yield Figure("ask_rss_mb", first["rss_mb"], len(asked), ceiling=True)
    yield Figure("ask_peak_mb", first["peak_mb"], len(asked), ceiling=True)
    yield Figure("answers_that_differ", different, len(asked), ceiling=True)


PARTS: dict[str, Callable[[Sizes, Path], Iterator[Figure]]] = {
    "indexing": _indexing, "noop": _noop, "change": _change, "ask": _ask,
}  # fmt: skip


def _worker(folder: Path, index: Path, asked: Sequence[str]) -> dict[str, Any]:
    command = [sys.executable, "-m", "eval", "ask-worker", "--folder", str(folder), "--index", str(index)]
    done = subprocess.run(command, input=json.dumps(asked), stdout=subprocess.PIPE, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def ask_worker(folder: Path, index: Path, asked: Sequence[str]) -> dict[str, Any]:
    """Ask each question; the answers as JSON texts without timings, the milliseconds of each, and memory in MB."""
    answers, times = [], []
    with closing(open_assistant(folder, index)) as assistant:
        for question in asked:
            started = time.perf_counter()
            answer = assistant.ask(question)
            times.append((time.perf_counter() - started) * 1000)
            answers.append(json.dumps(answer_without_timings(answer), sort_keys=True))
        rss, peak = memory_mb()
    return {"answers": answers, "ms": times, "rss_mb": rss, "peak_mb": peak}


def memory_mb() -> tuple[float, float]:
    """Resident memory of this process, now and at most, in MB (10^6 bytes); nan where the system does not tell."""
    try:
        lines = Path("/proc/self/status").read_text("ascii", "replace").splitlines()
    except OSError:
        return float("nan"), float("nan")
    kib = {name: rest.split()[0] for name, _, rest in (line.partition(":") for line in lines) if rest.strip()}
    return int(kib["VmRSS"]) * 1024 / 1e6, int(kib["VmHWM"]) * 1024 / 1e6


def _timed(action: Callable[[], object]) -> tuple[float, float]:
    """Wall and processor seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    action()
    return time.perf_counter() - wall, time.process_time() - cpu
