"""The way to a language model's server, and everything that can go wrong on it.

`Transport` goes under the HTTP client of a provider's library, so that one place, for all providers, decides what is
sent (no header but those of the protocol: the libraries add more from environment variables), what is tried again,
what counts as an answer at all, and what each failure is called. It speaks to one server; a redirect is an error.

Slow or dead? A server may stay silent for minutes while it reads a long prompt (llama.cpp once sent not even a head
before the first token). After `Limits.silence` seconds without a head it is therefore asked for its list of models:
who answers that, with anything, is slow, and may take `model.first_token_seconds`; who does not is dead.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import ssl
import time
from collections.abc import AsyncIterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import httpx

from index import ModelError
from rag.model.server import Limits, Server, causes, complaint

_FINISHED = re.compile(rb'\[DONE\]|"finish_reason": ?"|message_stop')
_REASON = re.compile(rb'"(?:finish|stop)_reason"\s*:\s*"(\w+)"')
_OURS = {"Accept-Encoding": "identity", "User-Agent": "citewise"}
_SENT = ("accept", "anthropic-version", "content-length", "content-type", "host")
_WEB_PAGE = re.compile(rb"\s*<(!doctype|html)", re.IGNORECASE)


class Transport(httpx.AsyncBaseTransport):
    """Goes under an `httpx.AsyncClient`. `tokens`: how long the answer may be; `reason`: why it ended, in the words of
    the protocol. Raises ModelError for every failure."""

    def __init__(self, server: Server, limits: Limits, tokens: int) -> None:
        self.reason = ""
        self._server = server
        self._limits = limits
        self._bytes = tokens * limits.token_bytes + limits.line_bytes
        self._inner = httpx.AsyncHTTPTransport(verify=_authorities(), trust_env=False)
        self._times = {"connect": limits.connect, "read": None, "write": limits.connect, "pool": None}

    async def aclose(self) -> None:
        """Closes every connection, used or not."""
        await self._inner.aclose()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The answer to a request: a stream of events, or ModelError."""
        begun = time.monotonic()
        sent = {name: value for name, value in request.headers.items() if name in _SENT}
        request.headers = httpx.Headers(sent | self._server.headers | _OURS)
        request.extensions = {"timeout": self._times}
        pause = 0.5
        while True:
            asked = 0.0
            try:
                response = await self._attempt(request, begun)
            except httpx.TransportError as error:
                failure, again = self._unreachable(error)
            else:
                if response.status_code == 200:
                    return await self._checked(response)
                failure = await self._refused(response, begun)
                again = response.status_code in (408, 429) or response.status_code >= 500
                asked = _seconds(response.headers.get("Retry-After", ""))
            if not again or time.monotonic() + max(pause, asked) > begun + self._limits.retry:
                raise failure
            await asyncio.sleep(max(pause, asked))
            pause *= 2

    async def _attempt(self, request: httpx.Request, begun: float) -> httpx.Response:
        sending = asyncio.ensure_future(self._inner.handle_async_request(request))
        try:
            patience = begun + self._limits.silence - time.monotonic()
            await asyncio.wait({sending}, timeout=max(patience, min(1, self._limits.silence)))
            if not sending.done() and not await self._lives():
                raise self._server.error(
                    f"{self._server.place} takes requests and does not answer, not even which models it has.",
                    "Start the server again, or correct model.api_base.",
                )
            return await sending
        finally:
            sending.cancel()

    async def _models(self) -> httpx.Response:
        headers = self._server.headers | _OURS
        url = self._server.base + self._server.models_path
        extensions = {"timeout": self._times}
        return await self._inner.handle_async_request(httpx.Request("GET", url, headers=headers, extensions=extensions))

    async def _lives(self) -> bool:
        try:
            async with asyncio.timeout(self._limits.alive):
                await (await self._models()).aclose()
        except (TimeoutError, httpx.TransportError):
            return False
        return True

    async def _offered(self, until: float) -> tuple[str, ...]:
        """The models that the server says it has; none where it does not say."""
        try:
            async with asyncio.timeout(until - time.monotonic()):
                listed = await self._models()
            models = json.loads(await self._beginning(listed, until)).get("data")
            return tuple(str(model["id"]) for model in models)
        except (TimeoutError, ValueError, LookupError, TypeError, AttributeError, RecursionError, httpx.TransportError):
            return ()

    async def _beginning(self, response: httpx.Response, until: float) -> bytes:
        """The first megabyte of a body, and what of it came in time."""
        body = b""
        try:
            async with asyncio.timeout(until - time.monotonic()):
                async for chunk in response.aiter_raw():
                    body += chunk
                    if len(body) > self._limits.line_bytes:
                        break
        except (TimeoutError, httpx.TransportError):
            pass  # what was read says enough
        await response.aclose()
        return body

    async def _refused(self, response: httpx.Response, begun: float) -> ModelError:
        now = time.monotonic()
        left = begun + self._limits.retry + self._limits.connect - now
        until = now + min(self._limits.alive, max(left, 1.0))  # for all that is read of a refusal
        said, kind = complaint(_read(await self._beginning(response, until)))
        status = response.status_code
        if 300 <= status < 400:
            said = urlsplit(response.headers.get("Location", "")).netloc
        offered = await self._offered(until) if status == 404 else ()
        return self._server.refusal(status, said, kind, () if self._server.model in offered else offered)

    async def _checked(self, response: httpx.Response) -> httpx.Response:
        kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        coded = response.headers.get("Content-Encoding", "identity") != "identity"
        if coded or kind in ("text/html", "application/json"):
            body = await self._beginning(response, time.monotonic() + self._limits.alive)
            raise self._server.instead("compressed data" if coded else kind, _read(body))
        return httpx.Response(
            200, headers=response.headers, content=self._bounded(response), extensions=response.extensions
        )

    async def _bounded(self, response: httpx.Response) -> AsyncIterator[bytes]:
        """The body, as long as it is within bounds; what ends without the protocol's last word broke off."""
        total = line = 0
        tail = b""
        try:
            async for chunk in response.aiter_raw():
                total += len(chunk)
                line = len(chunk) - chunk.rfind(b"\n") - 1 if b"\n" in chunk else line + len(chunk)
                if total > self._bytes or line > self._limits.line_bytes:
                    raise self._server.nonsense("far more than an answer")
                tail = (tail + chunk)[-4096:]
                for reason in _REASON.findall(tail):
                    self.reason = reason.decode()
                yield chunk
        except httpx.TransportError:
            raise self._broken_off() from None
        if not _FINISHED.search(tail):
            raise self._broken_off()

    def _broken_off(self) -> ModelError:
        return self._server.error(
            f"{self._server.place} broke off in the middle of its answer.", "Look at the server's log, or ask again."
        )

    def _unreachable(self, error: Exception) -> tuple[ModelError, bool]:
        """What a failed connection is called, and whether to try again."""
        fail, place = self._server.error, self._server.place
        remedy = "Start the server, or correct model.api_base."
        for cause in causes(error):
            if isinstance(cause, ssl.SSLCertVerificationError):
                remedy = "Correct model.api_base, or name the authority's file in SSL_CERT_FILE."
                return fail(f"The certificate of {place} is not trusted ({cause.verify_message}).", remedy), False
            if isinstance(cause, ssl.SSLError):
                remedy = "Correct model.api_base: is it http:// instead of https://?"
                return fail(f"{place} does not speak TLS ({cause.reason or 'the handshake failed'}).", remedy), False
            if isinstance(cause, socket.gaierror):
                remedy = "Check the network, or correct model.api_base."
                return fail(f"There is no server of the name {place}.", remedy), False
        if isinstance(error, httpx.ConnectTimeout):
            return fail(f"{place} cannot be reached.", remedy), False
        if isinstance(error, httpx.ConnectError):
            return fail(f"{place} refused the connection.", remedy), False
        if isinstance(error, httpx.RemoteProtocolError) and "disconnected" not in str(error):
            return self._server.nonsense("it does not speak HTTP"), False
        return fail(f"{place} closed the connection without an answer.", remedy), True


def _seconds(header: str) -> float:
    """What Retry-After asks for; a date, or nonsense, asks for nothing."""
    return float(header) if header.replace(".", "", 1).isdecimal() else 0.0


@cache
def _authorities() -> ssl.SSLContext:
    """Whose certificates count: the system's (or SSL_CERT_FILE's), and Mozilla's for systems that have none."""
    import certifi

    context = ssl.create_default_context()
    context.load_verify_locations(certifi.where())
    return context


def _read(body: bytes) -> Any:
    """The JSON of a body, else its text; nothing of a web page, which says nothing to a reader."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return "" if _WEB_PAGE.match(body) else body.decode("utf-8", "replace")
