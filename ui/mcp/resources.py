"""Documents as resources: `document:///docs/a%20b.txt`, a long one in pages (`?start=50000`).

A name is only ever compared with the names in the index, so no spelling of it reaches the file system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from rag import NotIndexed

if TYPE_CHECKING:
    from rag import Assistant, DocumentInfo

PAGE = 50_000  # characters of a document at once
LISTED = 500  # resources at once
SCHEME = "document"
TEMPLATE = "document:///{source}{?start}"


def uri_of(source: str, start: int = 0) -> str:
    """The address of a document, or of its page that begins at a character."""
    return f"{SCHEME}:///{quote(source)}" + (f"?start={start}" if start else "")


def parsed(uri: str) -> tuple[str, int]:
    """The source and the first character of an address. Raises NotIndexed for what is none."""
    try:
        parts = urlsplit(uri)
        asked = dict(parse_qsl(parts.query, keep_blank_values=True, strict_parsing=True)) if parts.query else {}
        source = unquote(parts.path.removeprefix("/"), errors="strict")
        start = asked.pop("start", "0")
        fit = parts.scheme == SCHEME and not (parts.netloc or parts.fragment or asked)
        if fit and source and start.isascii() and start.isdigit() and len(start) < 12:
            return source, int(start)
    except ValueError:
        pass
    raise NotIndexed("This is no address of a document.", f"Addresses look like this: {uri_of('docs/a.txt')}")


def listed(documents: list[DocumentInfo], after: str | None) -> tuple[list[dict[str, Any]], str | None]:
    """A page of resources as MCP has them, those whose names follow `after`; and the cursor of the next."""
    found = sorted((one for one in documents if one.status == "ready"), key=lambda one: one.source)
    left = [one for one in found if after is None or one.source > after]
    page = [
        {
            "uri": uri_of(one.source),
            "name": one.source,
            "title": one.title or one.source,
            "description": f"The text of a file ({one.type}).",
            "mimeType": "text/plain",
        }
        for one in left[:LISTED]
    ]
    return page, left[LISTED - 1].source if len(left) > LISTED else None


def page_of(assistant: Assistant, uri: str) -> dict[str, Any]:
    """The contents of an address as MCP has them; `_meta` says what the page is, and where the next one begins.
    Raises NotIndexed."""
    source, start = parsed(uri)
    text = assistant.text(source)
    if start > len(text):
        raise NotIndexed(f"{source} has {len(text):,} characters.", "Begin at an earlier one.")
    end = min(start + PAGE, len(text))
    meta: dict[str, Any] = {"start": start, "end": end, "length": len(text)}
    if end < len(text):
        meta["next"] = uri_of(source, end)
    return {"uri": uri, "mimeType": "text/plain", "text": text[start:end], "_meta": meta}
