"""How a server bears its askers: a real process over a small index, asked over HTTP from threads of this one."""

from __future__ import annotations

import http.client
import json
import math
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from eval.indexed import indexed
from eval.questions import BUNDLED, load_gold
from eval.statistics import Figure, quantile
from eval.table import cores
from rag import CitewiseError

STARTS = 3  # of the server, of which the slowest counts
START_SECONDS = 60.0  # after which a server that does not answer is given up
SEED = 5
TARGETS = {
    "ready_s": 4, "first_token_p95_ms": 150, "askers_failed": 0, "askers_p95_ms": 1500, "closed_failed": 0,
    "closed_to_cores": 0.8, "servers_failed": 0, "servers_to_cores": 0.8, "rss_after_to_warm": 1.1, "burst_failed": 0,
    "alive_after": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Load:
    """`warm_up` questions of each of four askers before anything but the start is measured; `first` streams, one after
    the other; `askers` who think `think` seconds between questions, for `seconds`; a closed loop of `loop` askers who
    do not think, for `loop_seconds`; `burst` questions at once. The defaults are what the targets speak of."""

    warm_up: int = 80
    first: int = 50
    askers: int = 50
    think: float = 10.0
    seconds: float = 120.0
    loop: int = 8
    loop_seconds: float = 20.0
    burst: int = 200


@dataclass
class Heard:
    """What askers heard: the milliseconds of each whole answer, and how often each status came."""

    ms: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def failed(self) -> int:
        """Questions that were neither answered nor refused for want of room; 0 stands for a broken connection."""
        return self.statuses.total() - self.statuses[200] - self.statuses[429]


def run_load(load: Load, folder: Path, work: Path) -> Iterator[Figure]:
    """The figures of each part, when it is measured, and the closed loop again over as many servers as there are cores;
    `work` keeps the index for the next run."""
    place = work / "load.index"
    with indexed(folder, place):
        pass
    asked = [question.question for question in load_gold(BUNDLED)]
    ready = []
    for _ in range(STARTS - 1):
        with _serving(folder, place) as (_, seconds):
            ready.append(seconds)
    with _serving(folder, place) as (server, seconds):
        yield Figure("ready_s", max(*ready, seconds), STARTS, ceiling=True)
        server.wait_for("/", lambda _, body: b"is being loaded" not in body)  # its import is no part of any answer
        yield from measured(server, asked, load)
    with ExitStack() as running:  # what a proxy could spread questions over
        servers = [running.enter_context(_serving(folder, place))[0] for _ in range(cores())]
        for one in servers:
            one.wait_for("/", lambda _, body: b"is being loaded" not in body)
            _ask(one, asked, 4, load.warm_up // 4)
        yield from _closed_loop(servers, asked, load, "servers")


def measured(server: Server, asked: Sequence[str], load: Load) -> Iterator[Figure]:
    """The figures of a server that is ready."""
    _ask(server, asked, 4, load.warm_up)
    warm = server.rss_mb()
    yield from _first_token(server, asked[: load.first])
    yield from _askers(server, asked, load)
    yield from _closed_loop([server], asked, load, "closed")
    yield from _burst(server, asked, load)
    yield Figure("rss_warm_mb", warm, 1, ceiling=True)
    yield Figure("rss_after_to_warm", server.rss_mb() / warm, 1, ceiling=True)


def _first_token(server: Server, asked: Sequence[str]) -> Iterator[Figure]:
    """From a question to the first words of its answer, one question at a time."""
    times = [ms for question in asked if (ms := server.first_words_ms(question)) is not None]
    yield Figure("first_token_p50_ms", quantile(times, 0.5), len(times), ceiling=True)
    yield Figure("first_token_p95_ms", quantile(times, 0.95), len(times), ceiling=True)


def _askers(server: Server, asked: Sequence[str], load: Load) -> Iterator[Figure]:
    """People who read what they are answered before they ask again; each begins at another moment."""
    end, moments = time.monotonic() + load.seconds, random.Random(SEED)

    def one(turn: Turns, heard: Heard) -> None:
        time.sleep(moments.uniform(0, load.think))
        with closing(server.connection()) as connection:
            while time.monotonic() < end:
                server.ask(connection, turn(), heard)
                time.sleep(load.think)

    heard, _ = _together(load.askers, asked, one)
    yield Figure("askers_asked", heard.statuses.total(), load.askers)
    yield Figure("askers_failed", heard.statuses.total() - heard.statuses[200], heard.statuses.total(), ceiling=True)
    yield Figure("askers_p50_ms", quantile(heard.ms, 0.5), len(heard.ms), ceiling=True)
    yield Figure("askers_p95_ms", quantile(heard.ms, 0.95), len(heard.ms), ceiling=True)


def _closed_loop(servers: Sequence[Server], asked: Sequence[str], load: Load, name: str) -> Iterator[Figure]:
    """As many answers as there can be, and what that is of the most that the cores could give at this price."""
    end, spent, places = time.monotonic() + load.loop_seconds, sum(one.cpu_s() for one in servers), cycle(servers)

    def one(turn: Turns, heard: Heard) -> None:
        server = next(places)
        with closing(server.connection()) as connection:
            while time.monotonic() < end:
                server.ask(connection, turn(), heard)

    heard, seconds = _together(load.loop, asked, one)
    answers = heard.statuses[200]
    price = (sum(one.cpu_s() for one in servers) - spent) / max(1, answers)
    yield Figure(f"{name}_failed", heard.statuses.total() - answers, heard.statuses.total(), ceiling=True)
    yield Figure(f"{name}_asks_per_s", answers / seconds, answers)
    yield Figure(f"{name}_cpu_ms_per_ask", price * 1000, answers, ceiling=True)
    yield Figure(f"{name}_to_cores", answers / seconds / (cores() / price), answers)


def _burst(server: Server, asked: Sequence[str], load: Load) -> Iterator[Figure]:
    """More questions at once than there is room for."""
    heard = _ask(server, asked, load.burst)
    yield Figure("burst_answered", heard.statuses[200], load.burst)
    yield Figure("burst_429", heard.statuses[429], load.burst)
    yield Figure("burst_failed", heard.failed, load.burst, ceiling=True)
    yield Figure("alive_after", _ask(server, asked, 1).statuses[200], 1)


# -- askers ------------------------------------------------------------------------------------------------------------

Turns = Callable[[], str]


def _together(askers: int, asked: Sequence[str], one: Callable[[Turns, Heard], None]) -> tuple[Heard, float]:
    """What this many askers heard at a time, each in a thread, and the seconds that it took."""
    heard, questions, lock = Heard(), cycle(asked), threading.Lock()

    def turn() -> str:
        with lock:
            return next(questions)

    threads = [threading.Thread(target=one, args=(turn, heard)) for _ in range(askers)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return heard, time.monotonic() - started


def _ask(server: Server, asked: Sequence[str], askers: int, times: int = 1) -> Heard:
    """What these askers hear, who ask so many times each."""

    def one(turn: Turns, heard: Heard) -> None:
        with closing(server.connection()) as connection:
            for _ in range(times):
                server.ask(connection, turn(), heard)

    return _together(askers, asked, one)[0]


class Server:
    """A process that serves, as its askers see it; its own figures are nan where the system has no /proc."""

    def __init__(self, pid: int, address: str) -> None:
        self._process, place = Path(f"/proc/{pid}"), urlsplit(address)
        self._host, self._port = place.hostname or "", place.port or 0

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._host, self._port, timeout=60)

    def ask(self, connection: http.client.HTTPConnection, question: str, heard: Heard) -> None:
        """One question, one answer; a connection that broke is opened again by the next one."""
        started, status = time.perf_counter(), 0
        try:
            response = self._post(connection, {"question": question})
            status = response.status
            response.read()
        except (OSError, http.client.HTTPException):
            connection.close()
        if status == 200:
            heard.ms.append((time.perf_counter() - started) * 1000)
        heard.statuses[status] += 1

    def first_words_ms(self, question: str) -> float | None:
        """None for what is not answered from the documents."""
        with closing(self.connection()) as connection:
            started = time.perf_counter()
            response = self._post(connection, {"question": question, "stream": True})
            while line := response.readline():
                if line == b"event: delta\n":
                    return (time.perf_counter() - started) * 1000
        return None

    @staticmethod
    def _post(connection: http.client.HTTPConnection, body: dict[str, Any]) -> http.client.HTTPResponse:
        connection.request("POST", "/api/v1/ask", json.dumps(body), {"Content-Type": "application/json"})
        return connection.getresponse()

    def wait_for(self, path: str, seen: Callable[[int, bytes], bool]) -> None:
        """Until the status and the body of an address are as wished. Raises CitewiseError after START_SECONDS."""
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            with closing(self.connection()) as connection:
                connection.request("GET", path)
                response = connection.getresponse()
                if seen(response.status, response.read()):
                    return
            time.sleep(0.02)
        raise CitewiseError(f"The server did not answer {path} in time.", "See what `citewise serve` says by itself.")

    def cpu_s(self) -> float:
        """Processor seconds of the process so far, all its threads together."""
        try:
            fields = (self._process / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            return math.nan
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def rss_mb(self) -> float:
        """Resident memory in MB (10^6 bytes)."""
        try:
            pages = (self._process / "statm").read_text().split()[1]
        except OSError:
            return math.nan
        return int(pages) * os.sysconf("SC_PAGE_SIZE") / 1e6


@contextmanager
def _serving(folder: Path, place: Path) -> Iterator[tuple[Server, float]]:
    """A server as `citewise serve` starts it, but that all askers are of one address, whose rate is not limited; and
    the seconds until it was ready."""
    settings = ("server.port=0", "server.per_minute=0", "log.questions=false", f"index.path={place}")
    flags = [part for setting in settings for part in ("--set", setting)]
    started = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "serve", str(folder), "--json", *flags],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        if not said:
            raise CitewiseError("The server did not start.", "See what `citewise serve` says by itself.")
        server = Server(process.pid, json.loads(said)["address"])
        server.wait_for("/ready", lambda status, _: status == 200)
        yield server, time.monotonic() - started
    finally:
        process.terminate()
        process.communicate(timeout=START_SECONDS)
