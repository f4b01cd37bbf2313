"""Widgets: which web pages may ask, by a public id and the origins that it is for."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from rag import CitewiseError
from ui.server.register import Register

PREFIX = "cww_"
PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True, slots=True)
class Widget:
    """The pages of `origins` may ask, about the files that `only` names (empty: all). The id is no secret."""

    name: str
    id: str
    origins: Sequence[str]
    only: Sequence[str]
    created: str


class Widgets(Register[Widget]):
    """The widgets in a file."""

    kind, noun = Widget, "widget"

    def find(self, id: str) -> Widget | None:
        """The widget of that id."""
        return next((widget for widget in self.all() if widget.id == id), None)

    def add(self, name: str, origins: Sequence[str], only: Sequence[str] = ()) -> Widget:
        """Make a widget. Raises CitewiseError for a name that is taken or unfit, and for what is no origin."""
        made = datetime.now(UTC).isoformat(timespec="seconds")
        widget = Widget(name, PREFIX + secrets.token_urlsafe(12), [*map(origin_of, origins)], [*only], made)
        self.keep(widget)
        return widget


def origin_of(given: str) -> str:
    """An origin as browsers spell it (`https://a.example`, `http://localhost:8000`). Raises CitewiseError."""
    try:
        parts = urlsplit(given.strip())
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except (UnicodeError, ValueError):
        parts, host, port = urlsplit(""), "", None
    bare = parts._replace(scheme="", netloc="").geturl() in ("", "/")
    if parts.scheme not in PORTS or not host or "*" in host or "@" in parts.netloc or not bare:
        raise CitewiseError(
            f"{given!r} is no origin.", "Give scheme and host, and a port if there is one: https://www.example.org"
        )
    host = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{host}" + ("" if port in (None, PORTS[parts.scheme]) else f":{port}")
