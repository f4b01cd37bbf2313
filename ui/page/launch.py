"""Serving the page on this machine, to its own user."""

from __future__ import annotations

import socket
from contextlib import closing
from typing import TYPE_CHECKING

from starlette.middleware import Middleware

from rag import CitewiseError
from ui.guard import LOOPBACK, OwnPage
from ui.indexing import Indexing
from ui.page.frame import build, options
from ui.page.sources import routes

if TYPE_CHECKING:
    from rag import Assistant


def launch(
    assistant: Assistant, host: str = "127.0.0.1", port: int = 7860, open_browser: bool = True, block: bool = True
) -> str:
    """Serves the page on the first free port from `port` on and starts a sync behind it; returns its address.

    With `block`, returns when interrupted. Raises CitewiseError for a host that is not this machine
    and when no port is free.
    """
    if host not in LOOPBACK:
        remedy = f"Use one of {', '.join(LOOPBACK)}."
        raise CitewiseError(f"The page has no log-in, so it does not listen on {host}.", remedy)
    indexing = Indexing(assistant)
    page = build(assistant, indexing)
    indexing.start()
    _, address, _ = page.launch(
        server_name=host,
        server_port=free_port(host, port),
        inbrowser=open_browser,
        prevent_thread_lock=True,
        quiet=True,
        share=False,
        app_kwargs={"middleware": [Middleware(OwnPage)], "routes": [*routes(assistant)]},
        **options(assistant),
    )
    if block:
        print(f"Citewise is at {address} (Ctrl-C ends it)", flush=True)
        page.block_thread()
    return address


def free_port(host: str, port: int) -> int:
    """The first free port from `port` on, of fifty."""
    for candidate in range(port, min(port + 50, 65_536)):
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return candidate
    raise CitewiseError(f"No free port from {port} to {port + 49} on {host}.", "Name another one with --port.")
