"""A model server that lies: real HTTP on this host, OpenAI's streaming chat protocol, each reply as a script says.

    with LyingServer(status(429), says("Marta keeps the bees. [1]")) as server:
        ...                                   # point model.api_base at server.url
        server.requests[0].body["messages"]   # what was asked
        server.disconnected.wait(1)           # the client left before the reply was finished

The first request gets the first script, the second the second, and the last script serves all that follow. A script is
a function of the `Connection`; new lies are a few lines. `GET /v1/models` is answered by `models`, another script.
"""

from __future__ import annotations

import json
import select
import socket
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self


@dataclass(frozen=True)
class Request:
    """What the client sent; `body` is its JSON."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


class Left(Exception):
    """The client closed the connection, or the server is being shut."""


class Connection:
    """One request that waits for its reply. Whatever writes or waits raises Left when the client is gone."""

    def __init__(self, request: Request, wire: socket.socket, closing: threading.Event) -> None:
        self.request = request
        self.wire = wire
        self._closing = closing

    def send(self, content: bytes) -> None:
        """Bytes as they are."""
        try:
            self.wire.sendall(content)
        except OSError:
            raise Left from None

    def head(self, status: int = 200, content_type: str = "text/event-stream", **headers: str) -> None:
        """Status line and headers; the body ends where the connection does. `Retry_After="1"` is Retry-After."""
        lines = [f"HTTP/1.1 {status} Said", f"Content-Type: {content_type}", "Connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        self.send("\r\n".join([*lines, "", ""]).encode())

    def event(self, data: object) -> None:
        """One server-sent event: a string as it is, anything else as JSON."""
        self.send(f"data: {data if isinstance(data, str) else json.dumps(data)}\n\n".encode())

    def delta(self, finish: str | None = None, **delta: object) -> None:
        """One chunk of a chat completion."""
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        self.event({"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "fake", "choices": [choice]})

    def wait(self, seconds: float = 600) -> None:
        """Nothing for that long."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            readable, _, _ = select.select([self.wire], [], [], min(left, 0.02))
            if self._closing.is_set() or (readable and self._at_end()):
                raise Left

    def _at_end(self) -> bool:
        try:
            return not self.wire.recv(1, socket.MSG_PEEK)
        except ConnectionError:
            return True


Script = Callable[[Connection], None]


def says(
    text: str | Callable[[dict[str, Any]], str],
    *,
    chunks: int = 4,
    delay: float = 0.0,
    wait: float = 0.0,
    thinks: str = "",
    finish: str | None = "stop",
) -> Script:
    """A text, honestly streamed: `chunks` characters each `delay` seconds, after `wait` seconds of silence; `thinks`
    goes before as a reasoning delta. A function makes the text from the request's body. Without `finish` it breaks off.
    """

    def script(to: Connection) -> None:
        said = text if isinstance(text, str) else text(to.request.body)
        to.head()
        to.wait(wait)
        to.delta(role="assistant", content="")
        if thinks:
            to.delta(reasoning_content=thinks)
        for start in range(0, len(said), chunks):
            to.delta(content=said[start : start + chunks])
            to.wait(delay)
        if finish:
            to.delta(finish)
            to.event("[DONE]")

    return script


def events(*payloads: object) -> Script:
    """Any payloads as events of a stream: strings as they are, everything else as JSON."""

    def script(to: Connection) -> None:
        to.head()
        for payload in payloads:
            to.event(payload)

    return script


def status(code: int, message: str = "No.", kind: str = "", **headers: str) -> Script:
    """An error in OpenAI's shape, with headers of its own (`Retry_After="1"`)."""

    def script(to: Connection) -> None:
        to.head(code, "application/json", **headers)
        to.send(json.dumps({"error": {"message": message, "type": kind, "code": kind or None}}).encode())

    return script


def raw(body: bytes, content_type: str = "text/event-stream", code: int = 200, **headers: str) -> Script:
    """Any body under an honest head."""

    def script(to: Connection) -> None:
        to.head(code, content_type, **headers)
        to.send(body)

    return script


def wire(content: bytes) -> Script:
    """Any bytes instead of HTTP, or HTTP made by hand."""
    return lambda to: to.send(content)


def hangs(after: str | None = None) -> Script:
    """Silence: at once, or after the head ("") or the beginning of an answer."""

    def script(to: Connection) -> None:
        if after is not None:
            to.head()
            if after:
                to.delta(content=after)
        to.wait()

    return script


def resets(after: bytes = b"") -> Script:
    """The connection is reset (RST), perhaps after some bytes."""

    def script(to: Connection) -> None:
        to.send(after)
        to.wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        to.wire.close()  # before the server says a proper goodbye

    return script


def forever(piece: bytes) -> Script:
    """A stream that never ends, of the same bytes again and again."""

    def script(to: Connection) -> None:
        to.head()
        while True:
            to.send(piece)

    return script


def offers(*names: str) -> Script:
    """The list of models that a server offers."""
    listed = {"object": "list", "data": [{"id": name, "object": "model"} for name in names]}
    return raw(json.dumps(listed).encode(), "application/json")


class LyingServer(ThreadingHTTPServer):
    """Listens on a free port of this host until the `with` ends; see the module."""

    daemon_threads = True

    def __init__(self, *scripts: Script, models: Script | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.scripts = scripts
        self.models = models or offers("fake")
        self.requests: list[Request] = []
        self.looks = 0  # requests for the list of models
        self.disconnected = threading.Event()
        self.closing = threading.Event()
        self._turn = threading.Lock()

    @property
    def url(self) -> str:
        """What a user would set as api_base."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def script_for(self, request: Request) -> Script:
        with self._turn:
            self.requests.append(request)
            return self.scripts[min(len(self.requests), len(self.scripts)) - 1]

    def __enter__(self) -> Self:
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: LyingServer

    def do_GET(self) -> None:
        self.server.looks += 1
        self._reply(self.server.models, Request(self.path, dict(self.headers), {}))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        request = Request(self.path, dict(self.headers), body)
        self._reply(self.server.script_for(request), request)

    def _reply(self, script: Script, request: Request) -> None:
        self.close_connection = True
        try:
            script(Connection(request, self.connection, self.server.closing))
        except Left:
            if not self.server.closing.is_set():
                self.server.disconnected.set()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
