"""MCP over standard input and output, for a host that starts us: the folders are opened and read behind it."""

from __future__ import annotations

import logging
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, suppress
from typing import TYPE_CHECKING, TypeVar

import anyio
from anyio import to_thread
from mcp.server.stdio import stdio_server

from rag import CitewiseError, IndexMissing
from ui.indexing import Indexing
from ui.mcp.server import Doing, make_server, said

if TYPE_CHECKING:
    from rag import Answer, Assistant, Turn

FIRST_SECONDS = 8.0  # after the start, that calls wait for the first sync: in that time a small folder is read
AGAIN_SECONDS = 1.0  # that they wait for a later one
LOOK_SECONDS = 1.0  # between two looks at the folders
END_SECONDS = 5.0  # that a sync may take for its last step
POLL = 0.1

T = TypeVar("T")


class Local:
    """A backend over folders of this machine. They are looked through again whenever somebody asks."""

    def __init__(self, open_assistant: Callable[[], Assistant], patience: float = FIRST_SECONDS) -> None:
        """Opens the folders and begins to index them, behind; the first calls wait for that for `patience` seconds."""
        self._until = time.monotonic() + patience
        self._looked = time.monotonic()
        self._pool = ThreadPoolExecutor(1, "citewise-open")
        self._opened: Future[tuple[Assistant, Indexing]] = self._pool.submit(self._begun, open_assistant)
        self._pool.submit(self._warm)

    def _begun(self, open_assistant: Callable[[], Assistant]) -> tuple[Assistant, Indexing]:
        assistant = open_assistant()
        indexing = Indexing(assistant)
        indexing.start()
        return assistant, indexing

    def _warm(self) -> None:
        with suppress(CitewiseError):  # whoever asks is told
            self._opened.result()[0].search("What is this about?", k=1)

    @property
    def indexing(self) -> Indexing:
        return self._opened.result()[1]

    async def run(self, work: Callable[[Assistant, threading.Event], T], doing: Doing) -> T:
        stop = threading.Event()

        def done() -> T:
            return work(self._fresh(stop, doing), stop)

        try:
            return await to_thread.run_sync(done, abandon_on_cancel=True)
        finally:
            stop.set()

    def _fresh(self, stop: threading.Event, doing: Doing) -> Assistant:
        """The assistant, once its index is up to date or has been waited for long enough."""
        doing("Opening the folders")
        assistant, indexing = self._opened.result()
        now = time.monotonic()
        if not indexing.running and now - self._looked > LOOK_SECONDS:
            self._looked = now
            indexing.start()
        until = max(self._until, now + AGAIN_SECONDS)
        while indexing.running and time.monotonic() < until and not stop.is_set():
            doing(said(indexing))
            indexing.wait(POLL)
        try:
            assistant.status()
        except IndexMissing:
            why = indexing.error or said(indexing) or "Nothing was indexed."
            raise IndexMissing(why, "Ask again in a moment.") from None
        return assistant

    def answered(self, answer: Answer, history: tuple[Turn, ...]) -> None:
        pass

    def told(self, text: str) -> str:
        return text

    def close(self) -> None:
        """Ends a sync at its next step, whose work so far is kept."""
        self._pool.shutdown()  # a process that ends amid a library's import crashes
        if not self._opened.exception():
            assistant, indexing = self._opened.result()
            indexing.stop()
            indexing.wait(END_SECONDS)
            if not indexing.running:
                assistant.close()


def serve(open_assistant: Callable[[], Assistant], patience: float = FIRST_SECONDS) -> None:
    """Serves until the host closes standard input. Standard output carries the protocol only: all else that is printed
    meanwhile goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # else Ctrl-C waits for the end of a line that nobody types
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)

    async def serving() -> None:
        async with stdio_server() as (incoming, outgoing):
            with closing(Local(open_assistant, patience)) as backend:  # when nothing printed can be taken for an answer
                server = make_server(backend)
                await server.run(incoming, outgoing, server.create_initialization_options())

    anyio.run(serving)
