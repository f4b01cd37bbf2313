"""The assistant for agents: an MCP server over stdio, and over HTTP in the app of `ui.server`."""

from importlib.util import find_spec

from rag import MissingExtra


def require_package() -> None:
    """Raises MissingExtra where the protocol's package is not installed."""
    if find_spec("mcp") is None:
        raise MissingExtra("The package for MCP is not installed.", "Run: pip install 'citewise[mcp]'")
