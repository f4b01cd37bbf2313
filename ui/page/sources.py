"""What the source panel asks for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from rag import CitewiseError

if TYPE_CHECKING:
    from rag import Assistant

WINDOW = 6_000  # code points shown on either side of a cited span until "show all" is pressed


class Sources:
    """Reads sources for the panel, each beside the span that was cited."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant

    @property
    def functions(self) -> list[Callable[..., Any]]:
        """What the component may call, by name."""

        def source(span: dict[str, Any]) -> dict[str, Any]:
            return self.source(span)

        return [source]

    def source(self, span: dict[str, Any]) -> dict[str, Any]:
        """A source {source, start, end, quote, all} as `window` cuts it."""
        try:
            text = self._assistant.text(str(span["source"]))
            return window(text, int(span["start"]), int(span["end"]), str(span["quote"]), whole=bool(span.get("all")))
        except CitewiseError as error:
            return {"error": str(error)}
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            return {"error": "The call names no place in a source."}


def window(text: str, start: int, end: int, quote: str, whole: bool = False) -> dict[str, Any]:
    """A text cut around a span (code points): before, quote, after, and how much is left out on either side.

    Where the text changed since it was cited, the quote is looked for again; a notice says so, or that it is gone.
    """
    notice = None
    if text[start:end] != quote:
        found = text.find(quote)
        if found < 0:
            return {"notice": "The file changed since this answer: these words no longer stand in it."}
        notice = "The file changed since this answer; the words were found again."
        start, end = found, found + len(quote)
    first = 0 if whole or start <= WINDOW else text.find("\n", start - WINDOW, start) + 1 or start - WINDOW
    last = len(text) if whole or len(text) <= end + WINDOW else text.rfind("\n", end, end + WINDOW)
    last = end + WINDOW if last < 0 else last
    return {
        "before": text[first:start],
        "quote": text[start:end],
        "after": text[end:last],
        "more_before": first,
        "more_after": len(text) - last,
        "notice": notice,
    }
