"""The app: every door over HTTP, over one assistant."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from fastapi import FastAPI, Request
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from rag import CitewiseError, ServerSettings
from ui.guard import LOOPBACK
from ui.indexing import Indexing
from ui.mcp import http as mcp
from ui.server import api, documents, examples, index_schemas, metrics, openai, problems, widget
from ui.server.keys import Keys
from ui.server.limits import Bodies
from ui.server.middleware import Callers, Envelope, Heads, Names, Origins, first_part
from ui.server.problems import Problem, ProblemShape, responses
from ui.server.service import READER, Served, Service

if TYPE_CHECKING:
    from rag import Assistant
    from ui.server.chat import Chat

LOCAL = (*LOOPBACK, "[::1]")
OF_ROUTES = {"api", "v1", "mcp", "widget", "health", "ready", "metrics", "openapi.json"}  # what addresses begin with


def create_app(
    assistant: Assistant,
    *,
    settings: ServerSettings | None = None,
    keys: Keys | None = None,
    indexing: Indexing | None = None,
    chat: bool = False,
) -> FastAPI:
    """An app over one assistant; several in one process share nothing.

    `settings` are by default the assistant's own, `keys` those of the user's data folder, `indexing` the sync behind
    it, which the app does not start by itself. With `chat` the page is served at `/` as soon as it is loaded, and only
    where there is neither a key nor a widget: it has no log-in.
    Raises CitewiseError where it would be open to other machines without a key.
    """
    settings = settings or assistant.settings.server
    keys, indexing = keys or Keys(), indexing or Indexing(assistant)
    local, named = settings.host in LOCAL, _listed(settings.names)
    service = Service(assistant, settings, keys, indexing, closed=bool(named or not local or keys.all()))
    if service.closed and not (keys.all() or service.widgets.all()):
        where = settings.host if not local else ", ".join(named)
        raise CitewiseError(f"Nothing is served to {where} without a key.", "Make one with: citewise keys add NAME")
    app = FastAPI(
        title="Citewise", version=_version(), docs_url=None, redoc_url=None, lifespan=_lifespan,
        summary="Ask a folder of documents; every sentence of the answer opens at the exact words it rests on.",
    )  # fmt: skip
    app.state.service = service
    app.state.warm = False
    app.state.chat = None
    app.state.mcp = mcp.Door(service)
    if chat and _open_to_all(service):
        from ui.server.chat import Chat

        app.state.chat = Chat(assistant, service.indexing)
    problems.install(app)
    for router in (_state_routes(), api.router, documents.router, openai.router, mcp.router, widget.router):
        app.include_router(router)
    app.router.default = _elsewhere(app)
    app.openapi = lambda: _openapi(app)  # type: ignore[method-assign]
    app.add_middleware(Callers, service=service)
    app.add_middleware(widget.Pages, service=service)
    app.add_middleware(Origins, origins=_listed(settings.cors), elsewhere=_own_rules)
    app.add_middleware(Names, names=[*LOCAL, *named] if local else [])
    app.add_middleware(Bodies)
    app.add_middleware(Heads)
    app.add_middleware(Envelope, metrics=service.metrics)
    return app


def _open_to_all(service: Service) -> bool:
    """Whether nobody was given a key, and no other site a widget, so that the page may be shown."""
    service.closed = service.closed or bool(service.keys.all())  # for good: revoking the last key opens nothing
    return not (service.closed or service.widgets.all())


def _own_rules(path: str) -> bool:
    """Whether the doors behind a path judge by themselves which origins they let in."""
    return path.startswith(widget.PREFIX)


def _listed(given: str) -> list[str]:
    return [one for part in given.split(",") if (one := part.strip())]


def _version() -> str:
    try:
        return version("citewise")
    except PackageNotFoundError:  # run from its source
        return "0"


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service

    chat: Chat | None = app.state.chat

    async def warm() -> None:
        with suppress(CitewiseError):  # /ready says what is wrong
            await run_in_threadpool(service.assistant.search, "What is this about?", k=1)
        app.state.warm = True

    async def load() -> None:
        await warming  # Gradio's import would hold up what is asked for first
        if chat:
            await chat.load()

    warming = asyncio.create_task(warm())
    loading = asyncio.create_task(load())
    try:
        yield
    finally:
        await asyncio.wait({warming})  # a process that ends amid a library's work crashes
        loading.cancel()
        await app.state.mcp.close()
        if chat:
            await chat.close()
        await run_in_threadpool(service.close)


def _elsewhere(app: FastAPI) -> Any:
    """Where requests go that no route takes: to the page, unless the address is one for programs."""
    service: Service = app.state.service
    not_found = app.router.default

    async def default(scope: Scope, receive: Receive, send: Send) -> None:
        chat: Chat | None = app.state.chat
        if chat and first_part(scope["path"]) not in OF_ROUTES and _open_to_all(service):
            scope["citewise.route"], scope["citewise.body_bytes"] = "chat", math.inf  # Gradio has its own limit
            await chat(scope, receive, send)
        else:
            await not_found(scope, receive, send)

    return default


def _state_routes() -> Any:
    from fastapi import APIRouter

    router = APIRouter(tags=["Server"])
    common = responses("bad-request", "not-allowed", "wrong-host", "internal")

    @router.get("/health", summary="Whether the server runs", response_model=index_schemas.Health, responses=common)
    async def health(request: Request) -> Response:
        return JSONResponse({"status": "ok", "version": request.app.version})

    @router.get(
        "/ready", summary="Whether it can answer", response_model=index_schemas.Health,
        responses=common | responses("not-ready"),
    )  # fmt: skip
    def ready(request: Request, service: Served) -> Response:
        """503 until files are indexed and models are loaded."""
        if not service.assistant.status().files:
            raise Problem("not-ready", "No file has been indexed yet.", "Wait until indexing is done.")
        if not request.app.state.warm:
            raise Problem("not-ready", "The models are being loaded.", "Wait a moment.")
        return JSONResponse({"status": "ready", "version": request.app.version})

    @router.get(
        "/metrics", summary="Counters for Prometheus", dependencies=[READER], response_class=Response,
        responses=common | responses("key-required", "too-many-requests", "invalid", "not-configured")
        | {200: {"description": "Prometheus' text format", "content": {"text/plain": {"schema": {"type": "string"}}}}},
    )  # fmt: skip
    def counters(service: Served) -> Response:
        return Response(service.metrics.text(), media_type=metrics.MEDIA_TYPE)

    return router


def _openapi(app: FastAPI) -> dict[str, Any]:
    if not app.openapi_schema:
        schema = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
        schema["components"]["schemas"]["Problem"] = ProblemShape.model_json_schema()
        answered = schema["paths"]["/api/v1/ask"]["post"]["responses"]["200"]["content"]["application/json"]
        answered["example"] = examples.ANSWER  # again: FastAPI leaves out what is null
        openai.describe(schema["paths"])
        app.openapi_schema = schema
    return app.openapi_schema
