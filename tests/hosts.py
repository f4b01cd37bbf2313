"""MCP hosts: the official client over stdio, with the command as a process of its own, and over HTTP."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
from anyio.from_thread import start_blocking_portal
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client

TOOLS = ["ask_documents", "search_documents", "read_passage", "list_documents"]


class Host:
    """A client whose calls wait for their results."""

    def __init__(self, client: Client, wait: Callable[..., Any]) -> None:
        self.client, self.wait = client, wait

    def do(self, method: str, *args: Any, **options: Any) -> Any:
        """What a coroutine method of the client returns."""
        return self.wait(partial(getattr(self.client, method), *args, **options))

    def call(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The structured content of a call that goes well."""
        found = self.do("call_tool", tool, arguments)
        assert not found.is_error, found.content[0].text
        shape: dict[str, Any] = found.structured_content
        return shape

    def text(self, tool: str, **arguments: Any) -> str:
        """The Markdown of a call that goes well."""
        found = self.do("call_tool", tool, arguments)
        assert not found.is_error
        return str(found.content[0].text)

    def failure(self, tool: str, **arguments: Any) -> str:
        """What a call that fails says."""
        found = self.do("call_tool", tool, arguments)
        assert found.is_error
        assert found.structured_content is None
        return str(found.content[0].text)

    def error(self, method: str, *args: Any) -> MCPError:
        """The error of the protocol that a method ends with."""
        try:
            self.do(method, *args)
        except MCPError as error:
            return error
        raise AssertionError("no error")


@contextmanager
def hosted(made: Callable[[], Coroutine[Any, Any, Client]]) -> Iterator[Host]:
    """A host in a thread, until the end of the block."""
    with start_blocking_portal() as portal, portal.wrap_async_context_manager(portal.call(made)) as client:
        yield Host(client, portal.call)


def over_stdio(user: dict[str, str], *arguments: str, mode: str = "auto") -> Any:
    """A host that starts the command as this user."""
    given = StdioServerParameters(
        command=sys.executable, args=["-m", "ui.cli", "mcp", *arguments], env=user, cwd=Path(user["HOME"]) / "work"
    )

    async def made() -> Client:
        return Client(stdio_client(given), mode=mode)

    return hosted(made)


def over_http(url: object, key: str = "", mode: str = "auto") -> Any:
    """A host that calls a server, with a key."""

    async def made() -> Client:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        http = httpx2.AsyncClient(headers=headers, timeout=30)
        return Client(streamable_http_client(f"{str(url).rstrip('/')}/mcp", http_client=http), mode=mode)

    return hosted(made)
