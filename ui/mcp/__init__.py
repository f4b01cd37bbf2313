"""The assistant for agents: an MCP server over stdio, and over HTTP in the app of `ui.server`."""
