"""The protocol: tools and resources over whatever backend has the assistant."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from mcp.server.lowlevel.server import Server
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INTERNAL_ERROR,
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListResourceTemplatesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    ResourceTemplate,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as Described
from pydantic import ValidationError

from rag import CitewiseError, NotIndexed, Turn
from ui.indexing import PHASES, Indexing
from ui.mcp import resources
from ui.mcp.tools import INSTRUCTIONS, TOOLS, Call, Outcome

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

    from rag import Answer, Assistant

LOGGER = logging.getLogger("citewise.mcp")
EVERY = 0.5  # seconds between two words of progress

T = TypeVar("T")
Doing = Callable[[str], None]


class Backend(Protocol):
    """Where questions are answered."""

    @property
    def indexing(self) -> Indexing: ...

    async def run(self, work: Callable[[Assistant, threading.Event], T], doing: Doing) -> T:
        """What `work` returns, done in a thread once there is an assistant; its event is set when nobody waits any more.
        Raises CitewiseError, and what `work` raises."""

    def answered(self, answer: Answer, history: tuple[Turn, ...]) -> None:
        """Told of every answer."""

    def told(self, text: str) -> str:
        """Words for people as clients may read them."""


def make_server(backend: Backend) -> Server[Any]:
    """An MCP server that reads and never writes."""

    async def call(ctx: ServerRequestContext, params: CallToolRequestParams) -> CallToolResult:
        tool = TOOLS.get(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool of that name; these there are: {', '.join(TOOLS)}")

        def work(assistant: Assistant, stop: threading.Event) -> Outcome:
            indexing = backend.told(said(backend.indexing))
            return tool.does(given, Call(assistant, stop, indexing, doing, backend.answered))

        try:
            given = tool.takes.model_validate(params.arguments or {})
            async with _progress(ctx) as doing:
                shape, text = await backend.run(work, doing)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"]) or "the arguments"
            return _failed(f"{where}: {first['msg']}.", f"See the input schema of {params.name}.")
        except CitewiseError as error:
            return _failed(backend.told(error.message), backend.told(error.remedy))
        except Exception:  # the outermost door: what is no error of ours is told to nobody but the log
            LOGGER.exception("defect")
            return _failed("Something went wrong inside Citewise.", "Its standard error or log says more.")
        return CallToolResult(content=[TextContent(text=text)], structured_content=shape)

    async def found(ctx: ServerRequestContext, work: Callable[[Assistant], T], uri: str = "") -> T:
        """What a resource method answers; its errors are the protocol's."""
        try:
            async with _progress(ctx) as doing:
                return await backend.run(lambda assistant, _: work(assistant), doing)
        except CitewiseError as error:
            code = INVALID_PARAMS if isinstance(error, NotIndexed) else INTERNAL_ERROR
            raise MCPError(code, backend.told(str(error)), {"uri": uri} if uri else None) from None
        except Exception:  # as above
            LOGGER.exception("defect")
            raise MCPError(INTERNAL_ERROR, "Something went wrong inside Citewise.") from None

    async def list_resources(ctx: ServerRequestContext, params: PaginatedRequestParams | None) -> ListResourcesResult:
        after = params.cursor if params else None
        page, cursor = await found(ctx, lambda assistant: resources.listed(assistant.documents(), after))
        return ListResourcesResult.model_validate({"resources": page, "nextCursor": cursor})

    async def read_resource(ctx: ServerRequestContext, params: ReadResourceRequestParams) -> ReadResourceResult:
        page = await found(ctx, lambda assistant: resources.page_of(assistant, params.uri), params.uri)
        return ReadResourceResult.model_validate({"contents": [page]})

    return Server(
        "citewise", version=_version(), title="Citewise", instructions=INSTRUCTIONS,
        description="Ask a folder of documents; every sentence of the answer opens at the exact words it rests on.",
        on_list_tools=_list_tools, on_call_tool=call, on_list_resources=list_resources,
        on_read_resource=read_resource, on_list_resource_templates=_list_templates,
        get_tool_input_schema=lambda name: None,  # no argument comes in a header
    )  # fmt: skip


def make_manager(backend: Backend) -> StreamableHTTPSessionManager:
    """What answers over HTTP; it is to be run in one task."""
    return StreamableHTTPSessionManager(make_server(backend))


async def _list_tools(ctx: ServerRequestContext, params: PaginatedRequestParams | None) -> ListToolsResult:
    hints = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
    return ListToolsResult(
        tools=[
            Described(
                name=name, title=tool.title, description=tool.says, annotations=hints,
                input_schema=tool.takes.model_json_schema(), output_schema=tool.gives(),
            )
            for name, tool in TOOLS.items()
        ]
    )  # fmt: skip


async def _list_templates(
    ctx: ServerRequestContext, params: PaginatedRequestParams | None
) -> ListResourceTemplatesResult:
    says = "The stored text of a document, by its source; a long one comes in pages, each beginning at a character."
    template = ResourceTemplate(
        name="document", title="A document", uri_template=resources.TEMPLATE, description=says, mime_type="text/plain"
    )
    return ListResourceTemplatesResult(resource_templates=[template])


@asynccontextmanager
async def _progress(ctx: ServerRequestContext) -> AsyncIterator[Doing]:
    """Tells the client at intervals what is being done, if it asked for that: a function to say it with."""
    now = "Waiting"

    def doing(what: str) -> None:
        nonlocal now
        now = what

    async def tell() -> None:
        number = 0
        while True:
            await asyncio.sleep(EVERY)
            number += 1
            await ctx.session.report_progress(number, message=now)

    telling = asyncio.create_task(tell())
    try:
        yield doing
    finally:
        telling.cancel()


def said(indexing: Indexing) -> str:
    """What is being indexed at the moment, or why nothing could be; "" where all is done."""
    if not indexing.running:
        return f"The last look at the folders failed: {indexing.error}" if indexing.error else ""
    step = indexing.progress
    if step is None:
        return "The folders are being looked through."
    if step.phase == "sweep":  # what is found is whole by then
        return ""
    of = f": {step.done:,} of {step.total:,}" if step.phase in ("read", "embed") else ""
    return f"The folders are being indexed ({PHASES.get(step.phase, 'Indexing')}{of})."


def _failed(message: str, remedy: str) -> CallToolResult:
    text = f"{message} {remedy}".strip()
    return CallToolResult(content=[TextContent(text=text)], is_error=True)


def _version() -> str:
    try:
        return version("citewise")
    except PackageNotFoundError:  # run from its source
        return "0"
