"""What a page may call by name: anybody's browser can send anything to it."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from rag import CitewiseError

MALFORMED = "This is not what the page sends today. Reload the page; an old answer has to be asked for again."

Given = dict[str, Any]
Self = TypeVar("Self")


def offered(act: Callable[[Self, Given], Any]) -> Callable[..., Any]:
    """A method that takes one JSON object, {} by default. What goes wrong is {"error": text}, and so is what it was not
    made for."""

    @wraps(act)
    def answered(self: Self, given: object = None) -> Any:
        try:
            given = {} if given is None else encodable(given)
            return act(self, given) if isinstance(given, dict) else {"error": MALFORMED}
        except CitewiseError as error:
            return {"error": str(error)}
        except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError):
            return {"error": MALFORMED}

    return answered


def by_name(**acts: Callable[[object], Any]) -> list[Callable[..., Any]]:
    """Methods as functions of these names, as Gradio takes them: it marks what may be called, which no method lets it."""

    def plain(name: str, act: Callable[[object], Any]) -> Callable[[object], Any]:
        def called(given: object = None) -> Any:
            return act(given)

        called.__name__ = name
        return called

    return [plain(*pair) for pair in acts.items()]


def encodable(given: object) -> Any:
    """What JSON gave, with a "?" for each half of a character, which neither a file nor an answer can hold."""
    return json.loads(json.dumps(given, ensure_ascii=False).encode("utf-8", "replace"))
