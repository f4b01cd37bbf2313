"""The chat page of a server: loaded after it has begun to serve, because Gradio takes seconds."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.responses import HTMLResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.guard import OwnPage
from ui.server.logs import LOGGER

if TYPE_CHECKING:
    from rag import Assistant
    from ui.indexing import Indexing

LOADING = """<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="1"><title>Citewise</title>
<p>The page is being loaded."""


class Chat:
    """An ASGI app: the page once it is there, with its guard before it; until then a page that loads itself again."""

    def __init__(self, assistant: Assistant, indexing: Indexing) -> None:
        self._assistant, self._indexing = assistant, indexing
        self._page: ASGIApp | None = None
        self._open = AsyncExitStack()

    async def load(self) -> None:
        """Load the page and begin to serve it."""
        try:
            page = await asyncio.to_thread(self._made)
            await self._open.enter_async_context(page.router.lifespan_context(page))
        except Exception:
            LOGGER.exception("the chat page could not be loaded")
            raise
        self._page = OwnPage(page)

    def _made(self) -> FastAPI:
        from ui.page import build, options, routes

        page = build(self._assistant, self._indexing, folders=False)
        from gradio import mount_gradio_app  # after the page's own import, which turns its telemetry off

        return mount_gradio_app(
            FastAPI(routes=[*routes(self._assistant)]), page, "/", show_error=False, **options(self._assistant)
        )

    async def close(self) -> None:
        """Let go of the page."""
        await self._open.aclose()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (self._page or HTMLResponse(LOADING, 503))(scope, receive, send)
