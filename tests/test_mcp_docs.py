"""The page on MCP: its configurations are such as hosts and the command take, its tools those that there are."""

from __future__ import annotations

import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from terminals import ROOT

from ui.cli import parse
from ui.mcp.shapes import PAGE as READ_AT_ONCE
from ui.mcp.tools import TOOLS

PAGE = (ROOT / "docs" / "mcp.md").read_text("utf-8")
LEVELS = {"mcpServers", "servers", "context_servers", "mcp_servers"}


def blocks(kind: str) -> list[str]:
    return re.findall(rf"```{kind}\n(.*?)```", PAGE, re.S)


def entries() -> Iterator[tuple[str, dict[str, Any]]]:
    """The servers of each configuration, under the name that its host calls them."""
    for told in [*map(json.loads, blocks("json")), *map(tomllib.loads, blocks("toml"))]:
        ((level, servers),) = told.items()
        yield level, servers["handbook"]


def test_configurations_are_such_as_hosts_take() -> None:
    found = list(entries())
    assert len(found) == 5
    assert {level for level, _ in found} == LEVELS
    for _, entry in found:
        if "url" in entry:
            assert entry["url"].endswith(":7861/mcp")
        else:
            assert entry["command"] == "citewise"
            assert parse(entry["args"]).command == "mcp"


@pytest.mark.parametrize("line", [line for block in blocks("sh") for line in block.splitlines() if "citewise " in line])
def test_commands_are_understood(line: str) -> None:
    assert parse(shlex.split(line, comments=True)[1:]).folders


def test_the_tools_are_those_that_there_are() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", PAGE, re.M)
    told = {name: set(re.findall(r"`(\w+)`", takes)) for name, takes in rows}
    assert told == {name: set(tool.takes.model_fields) for name, tool in TOOLS.items()}
    assert f"pages of {READ_AT_ONCE:,} characters" in PAGE
