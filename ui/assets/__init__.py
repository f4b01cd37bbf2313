"""What a browser loads: the citation component, whole as one script, the frame of the chat page, and the widget."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path

CHAT = ("base.js", "rows.js", "chat.js", "panel.js")
"""The scripts of a conversation; they share one scope."""
PAGE = (
    "common.js", "leaves.js", "views.js", "state.js", "nav.js", "tools.js", "why.js", "scope.js", "ask.js",
    "toast.js", "menu.js", "kept.js", "export.js", "share.js", "conversations.js", "place.js", "feedback.js",
    "quality.js", "sending.js", "listing.js", "told.js", "documents.js",
)  # fmt: skip
"""What only the chat page has; the style sheet beside NAME.js is its constant STYLES_NAME."""


def asset(name: str) -> Path:
    """A file of this folder."""
    return Path(__file__).with_name(name)


def read(name: str) -> str:
    """The text of a file of this folder."""
    return asset(name).read_text("utf-8")


def component() -> str:
    """The citation component as one script that needs nothing else: no module, no style sheet, no other host."""
    sheets = {f"STYLES_{Path(name).stem.upper()}": f"{Path(name).stem}.css" for name in PAGE}
    own = {constant: name for constant, name in sheets.items() if asset(name).exists()}
    return _script({"STYLES": "citewise.css", **own}, *CHAT, *PAGE)


@cache
def widget() -> tuple[bytes, str]:
    """The widget as one module that needs nothing else, and its digest as the attribute `integrity` has it."""
    code = _script({"STYLES": "citewise.css", "FRAME": "widget.css"}, *CHAT, "widget.js").encode()
    return code, f"sha384-{base64.b64encode(hashlib.sha384(code).digest()).decode()}"


def _script(styles: dict[str, str], *names: str) -> str:
    sheets = [f"const {name} = {json.dumps(read(file))};".replace("</", "<\\/") for name, file in styles.items()]
    return "\n".join(['(() => { "use strict";', *sheets, *map(read, names), "})();"])
