"""A real server on a free port of this machine, in a thread, and a small real index behind it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
from fakes import HashEmbedding
from fastapi import FastAPI

from index.embed import MiniLM
from index.index import Index
from rag import Assistant, ServerSettings, Settings
from ui.server.app import create_app
from ui.server.keys import Keys
from ui.server.running import Server, listening

ENCODER = MiniLM()  # loaded once for all
PLANT = "The gas plant has supplied 11,000 households since 2014. It was enlarged twice."
DOCUMENTS = {
    "gas.txt": f"The gas plant\n\n{PLANT} Its manager, Ada Nguyễn, retired in 2023.\n",
    "mail/bees.md": "# Bees\n\nThe bees are kept by Tom Okafor behind the town hall.\n\nThey give 40 kg of honey a year.\n",
    "scan.pdf": "%PDF-1.4 this is no PDF at all",
}


def assistant_over(
    base: Path, settings: Settings | None = None, more: Mapping[str, str] = MappingProxyType({})
) -> Assistant:
    """An assistant over a folder `docs` of DOCUMENTS and some more, indexed with an embedder that costs nothing."""
    for name, text in {**DOCUMENTS, **more}.items():
        file = base / "docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    index = Index(base / "index", HashEmbedding(), roots=[base / "docs"])
    list(index.sync())
    return Assistant(index, ENCODER, settings or Settings())


@contextmanager
def served(app: FastAPI, **options: Any) -> Iterator[httpx.Client]:
    """A client of an app that is served over HTTP until the end of the block; `client.base_url` is its address."""
    sock = listening("127.0.0.1", 0)
    server = Server(app, sock)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive()
        time.sleep(0.01)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{sock.getsockname()[1]}", timeout=20, **options) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(10)
        assert not thread.is_alive()


def app_over(assistant: Any, base: Path, **settings: Any) -> FastAPI:
    """An app with a file of keys of its own."""
    return create_app(assistant, settings=ServerSettings(**settings), keys=Keys(base / "keys.json"))


def events_of(response: httpx.Response) -> list[tuple[str, dict[str, Any]]]:
    """The events of a stream that was read whole: names and data."""
    found = []
    for block in response.text.split("\n\n"):
        if block and not block.startswith(":"):
            name, data = block.split("\n", 1)
            found.append(
                (name.removeprefix("event: "), httpx.Response(200, content=data.removeprefix("data: ")).json())
            )
    return found
