"""How much at once: rates by token bucket, a bounded pool for questions, and bodies that end in size and time."""

from __future__ import annotations

import asyncio
import math
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from ipaddress import IPv6Network, ip_address
from typing import Any, TypeVar

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.server.events import QUIET_SECONDS
from ui.server.problems import Problem

T = TypeVar("T")

JSON_BYTES = 1_000_000  # of any body that is no upload
SLOWEST = 20_000  # bytes a second, from which on a body may take as long as it needs
BODY_SECONDS = 15.0  # that a body may take beyond that
FIRST_SECONDS = 5.0  # that a stream waits for its first event, whose error can then still be the status
MOST_CALLERS = 10_000  # whose rates are remembered
AT_ONCE = 2  # questions of one visitor of a web page


class ClientLeft(Exception):
    """The client closed the connection: nobody waits for an answer."""


def caller_of(address: str) -> str:
    """Whom an address stands for: of IPv6 the network of a household, which may choose any address there; IPv4 as it is,
    written as IPv6 or not. "" for what is no address."""
    try:
        found = ip_address(address)
    except ValueError:
        return ""
    if found.version == 6 and (found := found.ipv4_mapped or found).version == 6:
        return str(IPv6Network((int(found), 64), strict=False))
    return str(found)


class Rates:
    """Token buckets: `per_minute` requests for each caller, of which a sixth may come at once; 0 is no limit."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second = per_minute / 60
        self.most = max(10.0, per_minute / 6)
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}  # caller -> tokens left, and when
        self._lock = threading.Lock()

    def take(self, caller: str) -> None:
        """One request of a caller. Raises Problem (429) with Retry-After when it was too much."""
        if not self.per_second:
            return
        with self._lock:
            now = self._clock()
            if len(self._buckets) >= MOST_CALLERS:
                self._buckets = {who: had for who, had in self._buckets.items() if self._left(had, now) < self.most}
            left = self._left(self._buckets.pop(caller, (self.most, now)), now)
            self._buckets[caller] = (left - (left >= 1), now)
        if left < 1:
            wait = math.ceil((1 - left) / self.per_second)
            raise Problem("too-many-requests", "Requests come too fast.", f"Wait {wait} s.", {"Retry-After": str(wait)})

    def _left(self, had: tuple[float, float], now: float) -> float:
        tokens, then = had
        return min(self.most, tokens + (now - then) * self.per_second)


class Visitors(Rates):
    """As Rates, for visitors of web pages: of each at most AT_ONCE questions at a time."""

    def __init__(self, per_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__(per_minute, clock)
        self._inside = Counter[str]()

    @contextmanager
    def place(self, visitor: str) -> Iterator[None]:
        """A question of a visitor, from its beginning to its end. Raises Problem (429)."""
        self.take(visitor)
        if self._inside[visitor] >= AT_ONCE:
            raise Problem(
                "too-many-requests", "Another question of yours is being answered.", "Wait for it.",
                {"Retry-After": "2"},
            )  # fmt: skip
        self._inside[visitor] += 1
        try:
            yield
        finally:
            self._inside -= Counter([visitor])  # which drops those who have left


class Gate:
    """A pool of threads in which `running` questions are answered at once while `waiting` more wait for their turn.

    Every piece of work is given an event, `stop`, that is set when its client leaves or the server ends.
    """

    def __init__(self, running: int, waiting: int) -> None:
        self.running, self.waiting = running, waiting
        self._pool = ThreadPoolExecutor(running, thread_name_prefix="citewise-ask")
        self._open: set[threading.Event] = set()

    @property
    def inside(self) -> int:
        """Pieces of work under way or waiting."""
        return len(self._open)

    @contextmanager
    def _place(self) -> Iterator[threading.Event]:
        if self.inside >= self.running + self.waiting:
            raise Problem(
                "too-many-requests", "As many questions as this server takes are waiting.", "Try again in a moment.",
                {"Retry-After": "2"},
            )  # fmt: skip
        stop = threading.Event()
        self._open.add(stop)
        try:
            yield stop
        finally:
            stop.set()
            self._open.discard(stop)

    async def run(self, request: Request | None, work: Callable[[threading.Event], T]) -> T:
        """What `work` returns. Raises Problem (429) when all places are taken, ClientLeft, and what `work` raises; whoever
        sees by other means that the client left gives no request and cancels."""
        with self._place() as stop:
            future = asyncio.wrap_future(self._pool.submit(work, stop))
            leaving = asyncio.ensure_future(left(request) if request else asyncio.Event().wait())
            try:
                await asyncio.wait((future, leaving), return_when=asyncio.FIRST_COMPLETED)
                if not future.done():
                    raise ClientLeft
                return future.result()
            finally:
                leaving.cancel()
                future.cancel()

    async def stream(self, work: Callable[[threading.Event], Iterator[T]]) -> AsyncIterator[T | None]:
        """What `work` yields, and None whenever it was quiet for a while. What it raises before its first item or in its
        first seconds is raised here, as is Problem (429); after that, by the iterator."""
        items = self._items(work)
        first = await anext(items, None)

        async def all_of_it() -> AsyncIterator[T | None]:
            try:
                yield first
                async for item in items:
                    yield item
            finally:
                await items.aclose()

        return all_of_it()

    async def _items(self, work: Callable[[threading.Event], Iterator[T]]) -> Any:
        loop, queue = asyncio.get_running_loop(), asyncio.Queue[Any]()
        end = object()

        def put(item: object) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(queue.put_nowait, item)

        def produce(stop: threading.Event) -> None:
            with closing(_generator(work(stop))) as made:
                for item in made:
                    put(item)

        with self._place() as stop:
            future = self._pool.submit(produce, stop)
            future.add_done_callback(lambda _: put(end))
            patience = FIRST_SECONDS
            try:
                while True:
                    try:
                        item = await asyncio.wait_for(queue.get(), patience)
                    except TimeoutError:
                        item = None
                    if item is end:
                        break
                    yield item
                    patience = QUIET_SECONDS
                _raise(future)
            finally:
                future.cancel()

    def stop(self) -> None:
        """Have all work end soon."""
        for stop in list(self._open):
            stop.set()

    def close(self) -> None:
        """End all work, and take no more."""
        self.stop()
        self._pool.shutdown(cancel_futures=True)


def _generator(items: Iterator[T]) -> Generator[T, None, None]:
    yield from items


def _raise(future: Future[None]) -> None:
    """What the work raised, if it did."""
    if not future.cancelled():
        future.result()


async def left(request: Request) -> None:
    """Returns when the client has closed the connection; only for requests whose body was read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


class Bodies:
    """Counts and times the body of a request while it is read, whatever its headers say of it.

    A body may have JSON_BYTES; a route that takes more sets `request.scope["citewise.body_bytes"]` before it reads.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        scope["citewise.body_bytes"] = JSON_BYTES
        if {b"content-length", b"transfer-encoding"} <= {name for name, _ in scope["headers"]}:
            said = "Content-Length and Transfer-Encoding contradict each other."  # as proxies may read it otherwise
            problem = Problem("bad-request", said, "Send one of them.", {"Connection": "close"})
            return await problem.response(scope)(scope, receive, send)
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"0")
        started, came, whole = time.monotonic(), 0, False

        async def counted() -> Message:
            nonlocal came, whole
            if whole:  # from here on, only a disconnect is waited for
                return await receive()
            most = scope["citewise.body_bytes"]
            if declared.isdigit() and int(declared) > most:
                raise _too_large(most)
            patience = BODY_SECONDS + came / SLOWEST - (time.monotonic() - started)
            try:
                message = await asyncio.wait_for(receive(), max(patience, 0.01))
            except TimeoutError:
                raise Problem(
                    "timed-out", "The body came too slowly.", "Send it at once.", {"Connection": "close"}
                ) from None
            came += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if came > most:
                raise _too_large(most)
            return message

        await self.app(scope, counted, send)


def _too_large(most: int) -> Problem:
    return Problem("too-large", f"The body has more than {most:,} bytes.", "Send less.", {"Connection": "close"})
