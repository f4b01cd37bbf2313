"""What every request passes before any route: its id and its line in the log, and who may ask at all.

All three are plain ASGI: a middleware that reads responses whole would hold streams back.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any

from fastapi.security.utils import get_authorization_scheme_param
from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag import CitewiseError
from ui.guard import same_site
from ui.server.limits import ClientLeft
from ui.server.logs import LOGGER
from ui.server.problems import Problem, defect

if TYPE_CHECKING:
    from ui.server.metrics import Metrics
    from ui.server.service import Service

CLIENT_LEFT = 499  # as nginx logs it; nobody is there to read it
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
KEYED = {"api", "v1", "mcp", "metrics"}  # what addresses begin with that a key opens
_ID = re.compile(r"[\w.-]{1,64}", re.ASCII)


class Envelope:
    """Gives each request an id, which comes back as X-Request-ID and stands in the log; counts and times it; and turns
    what nobody expected into a problem that tells nothing."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        given = Headers(scope=scope).get("x-request-id", "")
        number = given if _ID.fullmatch(given) else uuid.uuid4().hex[:16]
        scope.setdefault("state", {})["id"] = number
        started, status = time.perf_counter(), 0
        method = scope["method"] if scope["method"] in METHODS else "OTHER"

        async def named(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-ID"] = number
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.update(scope.get("citewise.headers", {}))
            await send(message)

        try:
            await self.app(scope, receive, named)
        except (ClientLeft, ClientDisconnect):
            status = CLIENT_LEFT
        except Exception:  # the outermost door: what is no error of ours is told to nobody but the log
            LOGGER.exception("defect", extra={"told": {"request": number}})
            if status:
                raise
            scope["citewise.problem"] = "internal"
            await defect().response(scope)(scope, receive, named)
        seconds = time.perf_counter() - started
        route = getattr(scope.get("route"), "path", None) or scope.get("citewise.route", "none")
        self.metrics.request(method, route, status, seconds)
        told = {"request": number, "method": method, "route": route, "status": status, "ms": round(seconds * 1000, 1)}
        told |= {name: scope[f"citewise.{name}"] for name in ("key", "problem") if scope.get(f"citewise.{name}")}
        LOGGER.info("request", extra={"told": told})


class Heads:
    """Answers HEAD as it would GET, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            return await self.app(scope, receive, send)
        ended = False

        async def bodiless(message: Message) -> None:
            nonlocal ended
            if message["type"] != "http.response.body":
                await send(message)
            elif not ended:
                ended = True  # at the first piece: a stream might go on for long
                await send({"type": "http.response.body"})

        scope["method"] = "GET"
        await self.app(scope, receive, bodiless)


class Names:
    """421 for a Host that this server does not answer to: a page whose own name was made to mean this machine (DNS
    rebinding) is same-origin to its browser, and only its Host header tells."""

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self.app, self.names = app, {name.lower() for name in names}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and self.names and name_of(Headers(scope=scope).get("host", "")) not in self.names:
            problem = Problem(
                "wrong-host", "The Host header names another server.", "Use its own address, or allow the name: --name"
            )
            return await problem.response(scope)(scope, receive, send)
        await self.app(scope, receive, send)


class Origins:
    """403 for the page of another origin, unless it is named: then it may call and read everything but cookies.

    Paths that `elsewhere` knows have rules of their own.
    """

    def __init__(self, app: ASGIApp, origins: Collection[str], elsewhere: Callable[[str], bool]) -> None:
        self.app, self.origins, self.elsewhere = app, set(origins), elsewhere
        exposed = ["X-Request-ID", "Retry-After"]
        self.cors = CORSMiddleware(app, origins, allow_methods=METHODS, allow_headers=["*"], expose_headers=exposed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers: Any = Headers(scope=scope) if scope["type"] == "http" else {}
        origin = headers.get("origin")
        if origin is None or same_site(origin, headers.get("host")) or self.elsewhere(scope["path"]):
            await self.app(scope, receive, send)
        elif origin in self.origins:
            await self.cors(scope, receive, send)
        else:
            problem = Problem(
                "not-allowed", "Pages of this origin may not call.", "Name it: citewise serve --cors ORIGIN"
            )
            await problem.response(scope)(scope, receive, send)


class Callers:
    """Judges and counts who asks before any of a body is read: 401 without a key where one is needed, 429 for too much.

    Routes ask again, for what their keys may do: see Service.caller.
    """

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and first_part(scope["path"]) in KEYED:
            request = Request(scope)
            scheme, bearer = get_authorization_scheme_param(request.headers.get("authorization"))
            key = bearer if scheme.lower() == "bearer" and bearer else request.headers.get("x-api-key")
            try:
                self.service.caller(request, key, "read")
            except (Problem, CitewiseError) as error:
                scope["citewise.route"] = first_part(scope["path"])
                return await self.service.refused(error, scope)(scope, receive, send)
        await self.app(scope, receive, send)


def first_part(path: str) -> str:
    """What a path begins with: "api" of "/api/v1/ask"."""
    return path.removeprefix("/").partition("/")[0]


def name_of(host: str) -> str:
    """The name in a Host header, without its port and in lower case."""
    return re.sub(r":\d*$", "", host).lower()
