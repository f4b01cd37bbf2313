"""The process that serves an app: HTTP that is patient with nobody, and an end that closes streams."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from rag import CitewiseError

HEADER_SECONDS = 10.0  # for the head of a request, from its connection or its first byte on
IDLE_SECONDS = 30  # that a connection may be kept for the next request
END_SECONDS = 5  # for what is under way when the server ends
MOST_CONNECTIONS = 1000
TOO_SLOW = b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"


class Impatient(H11Protocol):
    """Closes a connection whose client does not finish the head of a request: uvicorn itself waits for ever."""

    _head: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._head = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self._head is None and not self.transport.is_closing():
            self._head = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _stop_waiting(self) -> None:
        if self._head:
            self._head.cancel()
            self._head = None

    def _give_up(self) -> None:
        self.transport.write(TOO_SLOW)
        self.transport.close()


class Server(uvicorn.Server):
    """A server of one app; `run` serves until it is interrupted or `should_exit` is set."""

    def __init__(self, app: FastAPI, sock: socket.socket, started: Callable[[], None] = lambda: None) -> None:
        self._service, self._sock, self._told = app.state.service, sock, started
        config = uvicorn.Config(
            app, http=Impatient, ws="none", log_config=None, access_log=False,
            proxy_headers=False, server_header=False, limit_concurrency=MOST_CONNECTIONS,
            timeout_keep_alive=IDLE_SECONDS, timeout_graceful_shutdown=END_SECONDS,
        )  # fmt: skip
        super().__init__(config)

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves on the socket; calls `started` as soon as it does."""
        super().run(sockets or [self._sock])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._told()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._service.leave()  # or the streams would be waited for
        await super().shutdown(sockets)


def listening(host: str, port: int) -> socket.socket:
    """A socket on this address. Raises CitewiseError where it cannot be had."""
    bare = host.strip("[]")
    family = socket.AF_INET6 if ":" in bare else socket.AF_INET
    try:
        return socket.create_server((bare, port), family=family, backlog=2048)
    except OSError as error:
        said = f"{host}:{port} cannot be listened on ({error.strerror or error})."
        raise CitewiseError(said, "Name another address with --host, another port with --port.") from None
