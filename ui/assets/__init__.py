"""What a browser loads: the citation component, whole as one script, and the frame of the chat page."""

from __future__ import annotations

import json
from pathlib import Path

SCRIPTS = ("base.js", "chat.js", "panel.js", "state.js")


def asset(name: str) -> Path:
    """A file of this folder."""
    return Path(__file__).with_name(name)


def read(name: str) -> str:
    """The text of a file of this folder."""
    return asset(name).read_text("utf-8")


def component() -> str:
    """The citation component as one script that needs nothing else: no module, no style sheet, no other host."""
    styles = json.dumps(read("citewise.css")).replace("</", "<\\/")
    return "\n".join(['(() => { "use strict";', f"const STYLES = {styles};", *map(read, SCRIPTS), "})();"])
