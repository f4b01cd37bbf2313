"""What the tests of the terminal share: a folder of documents, exit codes, and the command in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
OK, FAILED, BAD_ARGUMENTS, NOT_IN_DOCUMENTS, UNREADABLE, LINES_FAILED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130

FILES = {
    "harbour.md": (
        "# Harbour\n\nThe harbour of Veldt was dredged in 1987 by the engineer Ilse Brandt.\n\n"
        "## Fees\n\nA berth costs 140 crowns a month. Fishing boats pay nothing.\n"
    ),
    "mail/pilot.txt": "The pilot boat leaves at 05:40.\nIts crew is four people and a dog named Bosun.\n",
    "tide.csv": "station,height,unit\nVeldt,3.20,m\nOster,2.75,m\n",
    "sly.txt": (
        "The lighthouse keeper \x1b]0;owned\x07is \x1b[31mAda\x9b2J Quill\u202e since 2003.\n"
        "She paints the railings every spring, and she keeps a book of the birds that rest on the gallery.\n"
    ),
    "locked.pdf": "%PDF-1.4 broken",
    "picture.png": "no text",
}

Run = Callable[..., SimpleNamespace]


def process(user: dict[str, str], *arguments: str, stdout: int = subprocess.PIPE) -> subprocess.CompletedProcess[bytes]:
    """The command in a process of its own."""
    command = [sys.executable, "-m", "ui.cli", *arguments]
    place = f"{user['HOME']}/work"
    return subprocess.run(command, env=user, cwd=place, stdout=stdout, stderr=subprocess.PIPE, check=False, timeout=100)


def assert_exact(cli: Run, citations: list[dict[str, Any]]) -> None:
    """The stored text holds each quote at its place, as `show` tells it."""
    assert citations
    for citation in citations:
        place = ("--start", str(citation["start"]), "--end", str(citation["end"]))
        shown = json.loads(cli("show", citation["source"], *place, "--json").out)
        whole = json.loads(cli("show", citation["source"], "--json").out)["text"]
        assert shown["text"] == citation["quote"] == whole[citation["start"] : citation["end"]]
        assert whole[: citation["start"]].endswith(shown["before"])
        assert whole[citation["end"] :].startswith(shown["after"])
