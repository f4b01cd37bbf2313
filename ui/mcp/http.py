"""MCP over streamable HTTP, at `/mcp` of the server: its keys, rates, limits and rules for names and origins hold.

Clients of today open a session, in which they can cancel what they asked for; those of 2026-07-28 need none.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from fastapi import APIRouter, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from rag import CitewiseError
from ui.mcp import require_package
from ui.server.middleware import METHODS
from ui.server.problems import Problem
from ui.server.service import READER, Served, Service

if TYPE_CHECKING:
    import threading

    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from rag import Answer, Assistant, Turn
    from ui.indexing import Indexing
    from ui.mcp.server import Doing

POLL = 0.2  # seconds between two looks at whether the server is ending

T = TypeVar("T")

router = APIRouter()


class Remote:
    """A backend over the service of an app."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @property
    def indexing(self) -> Indexing:
        return self._service.indexing

    async def run(self, work: Callable[[Assistant, threading.Event], T], doing: Doing) -> T:
        doing("Waiting for a turn")
        try:
            return await self._service.gate.run(None, lambda stop: work(self._service.assistant, stop))
        except Problem as problem:
            raise CitewiseError(problem.detail, problem.remedy) from None

    def answered(self, answer: Answer, history: tuple[Turn, ...]) -> None:
        self._service.given(answer, history)

    def told(self, text: str) -> str:
        return self._service.told(text)


class Door:
    """MCP in an app. Its package is imported when it is first asked for: whoever does not use it need not wait."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._making: asyncio.Future[StreamableHTTPSessionManager] | None = None
        self._running: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()

    async def manager(self) -> StreamableHTTPSessionManager:
        """What answers requests. Raises MissingExtra."""
        self._making = self._making or asyncio.ensure_future(asyncio.to_thread(self._make))
        manager = await asyncio.shield(self._making)
        self._running = self._running or asyncio.create_task(self._run(manager))
        await self._ready.wait()
        return manager

    def _make(self) -> StreamableHTTPSessionManager:
        require_package()
        from ui.mcp.server import make_manager

        return make_manager(Remote(self._service))

    async def _run(self, manager: StreamableHTTPSessionManager) -> None:
        async with manager.run():  # begun and ended by one task, as it demands
            self._ready.set()
            while not self._service.ending.is_set():  # a thread's event, set while streams that only listen are open
                await asyncio.sleep(POLL)

    async def close(self) -> None:
        """Ends what is under way."""
        self._service.leave()
        if self._running:
            await asyncio.wait({self._running})


class _Answered(Response):
    """Has the manager answer a request that was let in."""

    def __init__(self, manager: StreamableHTTPSessionManager) -> None:
        super().__init__()
        self._manager = manager

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._manager.handle_request(scope, receive, send)


@router.api_route("/mcp", methods=list(METHODS), dependencies=[READER], include_in_schema=False)
async def mcp(request: Request, service: Served) -> Response:
    """The one address of MCP over HTTP."""
    door: Door = request.app.state.mcp
    return _Answered(await door.manager())
