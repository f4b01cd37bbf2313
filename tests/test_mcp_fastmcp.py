"""MCP with a client of another maker: fastmcp."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastmcp import Client
from fastmcp.client.transports import StdioTransport, StreamableHttpTransport
from fastmcp.exceptions import ToolError
from serving import app_over, assistant_over, served
from terminals import ROOT

QUESTION = "How many households does the gas plant supply?"


async def asked(transport: Any) -> dict[str, Any]:
    """The structured answer; the other tools and the resources are seen to work."""
    async with Client(transport) as client:
        assert len(await client.list_tools()) == 4
        resource = (await client.list_resources())[0]
        assert (await client.read_resource(resource.uri))[0].text
        with pytest.raises(ToolError, match="There is no document"):
            await client.call_tool("read_passage", {"source": "../x"})
        result = await client.call_tool("ask_documents", {"question": QUESTION})
        assert "**Sources.**" in result.content[0].text
        told: dict[str, Any] = result.structured_content
        return told | {"timings_ms": {}}


@pytest.mark.slow
def test_another_client_gets_the_same_answer(tmp_path: Path) -> None:
    assistant = assistant_over(tmp_path)
    expected = {name: part for name, part in assistant.ask(QUESTION).to_dict().items() if name != "trace"}
    app = app_over(assistant, tmp_path)
    key = app.state.service.keys.add("agent")
    with served(app) as client:
        http = StreamableHttpTransport(
            f"{str(client.base_url).rstrip('/')}/mcp", headers={"Authorization": f"Bearer {key}"}
        )
        told = anyio.run(asked, http)
    assert told == json.loads(json.dumps(expected | {"timings_ms": {}}))
    environment = {"HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    stdio = StdioTransport(
        sys.executable, ["-m", "ui.cli", "mcp", str(tmp_path / "docs"), "--index-first"], env=environment
    )
    assert anyio.run(asked, stdio)["text"] == expected["text"]
