"""`/widget`: the assistant on the pages of other sites. They may ask, and nothing else.

What a page sends is no secret: a widget's id names the origins whose pages may read answers, which browsers see to and
programs do not. Hence the rates of each visitor.
"""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from rag import CitewiseError
from ui import assets
from ui.server import events
from ui.server.api import turns_of
from ui.server.limits import caller_of
from ui.server.problems import Problem
from ui.server.schemas import Exchange, Text
from ui.server.service import Served, Service

if TYPE_CHECKING:
    from rag import Answer
    from ui.server.widgets import Widget

PREFIX = "/widget/"
SCRIPT = "/widget/widget.js"
PREFLIGHT = {
    "Access-Control-Allow-Methods": "POST",
    "Access-Control-Allow-Headers": "Content-Type",
    "Access-Control-Max-Age": "600",
}

router = APIRouter(prefix="/widget", include_in_schema=False)  # what only our own script calls


class Said(Exchange):
    """An earlier exchange with a visitor."""

    question: Text = Field(max_length=4000)
    answer: Text | None = Field(default=None, max_length=20_000)


class Visited(BaseModel):
    """A visitor's question."""

    model_config = ConfigDict(extra="forbid", strict=True)

    question: Text
    history: list[Said] = Field(default=[], max_length=20)
    writer: Literal["quotes"] | None = None


class Pages:
    """Lets pages of a widget's own origins through, who may then read what they are answered; 403 for all others."""

    def __init__(self, app: ASGIApp, service: Service) -> None:
        self.app, self.service = app, service

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"] if scope["type"] == "http" else ""
        if not path.startswith(PREFIX) or path == SCRIPT:
            return await self.app(scope, receive, send)
        scope["citewise.route"] = "widget"
        origin = Headers(scope=scope).get("origin", "")
        try:
            widget = self.service.widgets.find(path.removeprefix(PREFIX).partition("/")[0])
            if widget is None or origin not in widget.origins:
                said = "This widget is not for pages of this origin." if widget else "There is no widget of that id."
                raise Problem("not-allowed", said, "Make one: citewise widgets add NAME --origin ORIGIN")
        except (Problem, CitewiseError) as error:
            return await self.service.refused(error, scope)(scope, receive, send)
        scope["citewise.widget"], scope["citewise.key"] = widget, f"widget {widget.name}"
        scope["citewise.headers"] = {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Expose-Headers": "Retry-After, X-Request-ID",
            "Vary": "Origin",
        }
        if scope["method"] == "OPTIONS":
            return await Response(status_code=204, headers=PREFLIGHT)(scope, receive, send)
        await self.app(scope, receive, send)


@router.get("/widget.js")
def script(request: Request) -> Response:
    """The whole widget, for pages anywhere: it holds nothing of the documents."""
    code, integrity = assets.widget()
    headers = {
        "ETag": f'"{integrity}"',
        "Cache-Control": "public, max-age=300",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(code, headers=headers, media_type="text/javascript")


@router.post("/{id}/ask")
async def ask(request: Request, asked: Visited, service: Served) -> Response:
    """The answer as events, as `/api/v1/ask` tells them; see Pages for who may ask."""
    widget: Widget = request.scope["citewise.widget"]
    history = turns_of([*asked.history])

    def answers(stop: threading.Event) -> Iterator[Answer]:
        for answer in service.assistant.stream(
            asked.question, history=history, only=widget.only, writer=asked.writer, stop=stop
        ):
            yield answer
            if answer.id:
                service.given(answer, history)

    async def told() -> AsyncIterator[events.Event | None]:
        with service.visitors.place(f"{widget.id} {visitor_of(request, service.settings.proxies)}"):
            if service.gate.inside * 2 > service.gate.running + service.gate.waiting:
                said = "Many people are asking at the moment."  # the other half is for those who have a key
                raise Problem("too-many-requests", said, "Try again in a moment.", {"Retry-After": "3"})
            made = await service.gate.stream(lambda stop: events.events(answers(stop)))
            yield None
            async for event in made:
                yield event

    begun = told()
    await anext(begun)  # so that what goes wrong has its status
    return events.streamed(begun, service.problem, request.state.id)


def visitor_of(request: Request, proxies: int) -> str:
    """Who a request comes from (see `caller_of`), as the outermost of so many proxies saw it. What is sent beyond them is
    anybody's word."""
    peer = request.client.host if request.client else ""
    hops = [hop.strip() for line in request.headers.getlist("x-forwarded-for") for hop in line.split(",")]
    return caller_of(hops[-proxies] if 0 < proxies <= len(hops) else peer) or caller_of(peer)
