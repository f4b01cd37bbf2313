"""The command `mcp`."""

from __future__ import annotations

import math
from argparse import Namespace
from pathlib import Path
from typing import TYPE_CHECKING

import rag
from rag import FolderError
from ui.mcp import require_package
from ui.opening import place_of, remember, settings_of
from ui.terminal import Terminal

if TYPE_CHECKING:
    from rag import Assistant


def mcp(args: Namespace, terminal: Terminal) -> int:
    """Serves an MCP host over standard input and output until it hangs up."""
    require_package()
    folders = args.folders or args.folder
    for folder in map(Path, folders):
        if not folder.expanduser().is_dir():  # told at once; the assistant's own check comes after seconds of imports
            raise FolderError(f"{folder} is no folder.", "Check the spelling.")
    settings = settings_of(args, folders)
    known = settings.index.path is None and place_of(folders, settings).is_dir()

    def open_assistant() -> Assistant:
        assistant = rag.Assistant.open(*folders, settings=settings, allow_wide=args.yes or known)
        if folders:
            remember(assistant)
        return assistant

    from ui.mcp.local import FIRST_SECONDS, serve  # imported late, as all that needs the protocol's package

    serve(open_assistant, math.inf if args.index_first else FIRST_SECONDS)
    return 0
