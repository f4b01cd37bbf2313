"""The process that serves an app: HTTP that is patient with nobody, and an end that closes streams."""

from __future__ import annotations

import asyncio
import json
import socket
import uuid
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

import h11
import uvicorn
from fastapi import FastAPI
from uvicorn.protocols.http.h11_impl import H11Protocol

from rag import CitewiseError
from ui.server.limits import caller_of
from ui.server.problems import MEDIA_TYPE, Problem

HEADER_SECONDS = 10.0  # for the head of a request, from its connection or its first byte on
IDLE_SECONDS = 30  # that a connection may be kept for the next request
END_SECONDS = 5  # for what is under way when the server ends
STALLED_SECONDS = 60.0  # that a client may leave unread what is sent to it, before its connection is cut
MOST_CONNECTIONS = 800  # below the 1,024 open files that a process may have on most machines
MOST_OF_ONE = 300  # connections of one address, unless that may be a proxy's
REFUSED_SECONDS = 1.0  # that a client has to read that its connection is refused, while what it still sends is dropped
MOST_REFUSED = 100  # that have it at a time


class Impatient(H11Protocol):
    """Closes a connection whose client does not finish the head of a request, or does not read what it is sent: uvicorn
    itself waits for ever. Refuses connections beyond the limits, and tells errors as problems, which uvicorn does not."""

    _host = ""
    _refused = False
    _head: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._head = self.loop.call_later(HEADER_SECONDS, self._give_up)
        self._host = caller_of(self.client[0]) if self.client else ""
        hosts = [one._host for one in self.connections if isinstance(one, Impatient) and not one._refused]
        proxied = self.config.loaded_app.state.service.settings.proxies > 0
        if len(hosts) > MOST_CONNECTIONS or (hosts.count(self._host) > MOST_OF_ONE and not proxied):
            self._refuse("too-many-requests", "Too many connections are open.", "Close some.", {"Retry-After": "1"})

    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop_waiting()
        elif self.cycle is not None and self.conn.their_state is h11.IDLE and not self.conn.trailing_data[0]:
            self._stop_waiting()  # it was the last of a body that had been refused before
            self._unset_keepalive_if_required()
            self.timeout_keep_alive_task = self.loop.call_later(IDLE_SECONDS, self.timeout_keep_alive_handler)
        elif self._head is None and not (self._refused or self.transport.is_closing()):
            self._head = self.loop.call_later(HEADER_SECONDS, self._give_up)

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        self.resume_writing()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self._stalled or self.loop.call_later(STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled:
            self._stalled.cancel()
            self._stalled = None

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._end_soon()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._end_soon()

    def send_400_response(self, msg: str) -> None:
        said = "That is no HTTP request, or its head is larger than 64 kB."
        self._refuse("bad-request", said, "Send HTTP/1.1, and what is long in the body.")

    def _stop_waiting(self) -> None:
        if self._head:
            self._head.cancel()
            self._head = None

    def _give_up(self) -> None:
        self._refuse("timed-out", "The head of the request came too slowly.", "Send it at once.")

    def _end_soon(self) -> None:
        """A connection that is closed stays as long as something is unread: not for ever."""
        if self.transport.is_closing() and self.transport.get_write_buffer_size():
            self.loop.call_later(STALLED_SECONDS, self.transport.abort)

    def _refuse(self, kind: str, detail: str, remedy: str, headers: Mapping[str, str] | None = None) -> None:
        """Ends the connection, with a problem unless another response is under way or was the answer to what comes."""
        self._stop_waiting()
        under_way = self.cycle is not None and not self.cycle.response_complete
        if self.conn.their_state is not h11.SEND_BODY and not (under_way and self.cycle.response_started):
            self.transport.write(_told(Problem(kind, detail, remedy, headers)))
        if under_way:
            self._leave()
            return
        # Bytes that nobody reads would have the kernel reset the connection, and the client lose what it is told.
        self._refused = True
        many = sum(isinstance(one, Impatient) and one._refused for one in self.connections) > MOST_REFUSED
        self.loop.call_later(0 if many else REFUSED_SECONDS, self._leave)
        self.transport.write_eof()

    def _leave(self) -> None:
        self.transport.close()
        self._end_soon()


def _told(problem: Problem) -> bytes:
    """A whole response of HTTP, for what no app gets to see."""
    number = uuid.uuid4().hex[:16]
    body = json.dumps(problem.to_dict(number)).encode()
    head = f"HTTP/1.1 {problem.status} {HTTPStatus(problem.status).phrase}\r\nConnection: close\r\n"
    head += f"Content-Type: {MEDIA_TYPE}\r\nContent-Length: {len(body)}\r\nX-Request-ID: {number}\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in (problem.headers or {}).items())
    return f"{head}\r\n".encode() + body


class Server(uvicorn.Server):
    """A server of one app; `run` serves until it is interrupted or `should_exit` is set."""

    def __init__(self, app: FastAPI, sock: socket.socket, started: Callable[[], None] = lambda: None) -> None:
        self._service, self._sock, self._told = app.state.service, sock, started
        config = uvicorn.Config(
            app, http=Impatient, ws="none", log_config=None, access_log=False,
            proxy_headers=False, server_header=False,
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
