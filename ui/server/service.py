"""What the doors of one app share: the assistant, who may use it, and how much at once. Nothing of it is global."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer
from starlette.responses import Response
from starlette.types import Scope

from rag import CitewiseError, NotIndexed, ServerSettings, Turn
from ui.indexing import Indexing
from ui.server.keys import Keys, Role
from ui.server.limits import Gate, Rates, Visitors, caller_of
from ui.server.logs import LOGGER
from ui.server.metrics import Metrics
from ui.server.problems import Problem, problem_of, without_paths
from ui.server.widgets import Widgets

if TYPE_CHECKING:
    from rag import Answer, Assistant

REMEMBERED = 200  # answers that can still be judged
TURNS, CHARACTERS = 20, 4000  # of a history that are remembered with an answer: turns, and of each text
MOST_UPLOADS = 8  # received at once; each lies on the disk until it is its turn
END_SECONDS = 5  # that a sync may take for its last step

_BEARER = HTTPBearer(auto_error=False, description="a key of `citewise keys add`")
_HEADER = APIKeyHeader(name="X-API-Key", auto_error=False, description="the same, in a header of its own")


@dataclass
class Service:
    """One assistant as it is served; `closed` to whom sends no key."""

    assistant: Assistant
    settings: ServerSettings
    keys: Keys
    indexing: Indexing
    closed: bool = False
    metrics: Metrics = field(default_factory=Metrics)
    ending: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.gate = Gate(self.settings.running, self.settings.waiting)
        self.rates = Rates(self.settings.per_minute)
        self.uploads = asyncio.Semaphore(MOST_UPLOADS)
        self.widgets = Widgets(self.keys.file.with_name("widgets.json"))
        self.visitors = Visitors(self.settings.visitor_per_minute)
        self.metrics.watch(self.gate)

        self.heard: set[str] = set()  # writers that gave a whole answer
        self._given: OrderedDict[str, tuple[Answer, tuple[Turn, ...]]] = OrderedDict()
        self._lock = threading.Lock()

    def given(self, answer: Answer, history: tuple[Turn, ...]) -> None:
        """Count an answer, and remember it for a while in case somebody judges it."""
        self.metrics.answer(answer.status, answer.writer)
        if answer.status == "answered":  # else the model may not have been asked
            self.heard.add(answer.writer)
        last = tuple(Turn(turn.question[:CHARACTERS], turn.answer[:CHARACTERS]) for turn in history[-TURNS:])
        with self._lock:
            self._given[answer.id] = replace(answer, trace=()), last
            while len(self._given) > REMEMBERED:
                self._given.popitem(last=False)

    def judge(self, id: str, verdict: str, note: str, right: tuple[str, str] | None) -> None:
        """Keep what somebody says of an answer; `right` is the source and the quote that it should have cited.

        Raises NotIndexed for an answer that is not remembered, CitewiseError where nothing can be written.
        """
        from eval import Evidence, keep_feedback

        with self._lock:
            if id not in self._given:
                raise NotIndexed(
                    "No answer of that id is remembered.", "Ask the question again, then judge its answer."
                )
            answer, history = self._given[id]
        keep_feedback(
            self.assistant.index.folder, id, answer.question, history, answer.to_dict(), verdict, note=note,
            right=right and Evidence(*right),
        )  # fmt: skip

    def folders(self) -> list[Path]:
        """The folders of this machine whose paths are not told to clients."""
        index = self.assistant.index
        return [index.folder, *index.roots, self.keys.file.parent]

    def problem(self, error: CitewiseError) -> Problem:
        """An error of rag's as clients may read it."""
        return problem_of(error, *self.folders())

    def refused(self, error: Problem | CitewiseError, scope: Scope) -> Response:
        """The response to a request that no route gets to see. Where keys or widgets cannot be read, the log says so in
        full: whoever asks can do nothing about it."""
        problem = error if isinstance(error, Problem) else self.problem(error)
        scope["citewise.problem"] = problem.kind
        if isinstance(error, CitewiseError):
            told = {"request": scope["state"]["id"], "detail": error.message, "remedy": error.remedy}
            LOGGER.error("refused", extra={"told": told})
        return problem.response(scope)

    def told(self, text: str) -> str:
        """Words for people as clients may read them, without paths of this machine."""
        return without_paths(text, self.folders())

    def caller(self, request: Request, key: str | None, role: Role) -> str:
        """The name of the key that a request comes with, "" where none is needed; counts it once against its rate.

        Raises Problem: 401 for a missing or wrong key, 403 for one that may only read, 429 for too many requests.
        """
        if "citewise.found" not in request.scope:
            self.closed = self.closed or bool(self.keys.all())  # for good: revoking the last key opens nothing
            found = self.keys.find(key) if key else None
            request.scope["citewise.key"] = found.name if found else ""
            address = caller_of(request.client.host) if request.client else ""
            self.rates.take(f"key {found.name}" if found else f"from {address}")
            if self.closed and not found:
                said = "The key is unknown or was revoked." if key else "No key was sent."
                remedy = "Send a key as `Authorization: Bearer KEY`; whoever runs the server makes one: citewise keys add NAME"
                raise Problem("key-required", said, remedy, {"WWW-Authenticate": "Bearer"})
            request.scope["citewise.found"] = found
        found = request.scope["citewise.found"]
        if found and role == "write" and found.role != "write":
            raise Problem("not-allowed", f"The key {found.name!r} may only read.", "Use a key made with --write.")
        return found.name if found else ""

    def leave(self) -> None:
        """The server is ending: streams end with what there is."""
        self.ending.set()
        self.gate.stop()

    def close(self) -> None:
        """Ends what is under way, a sync too, whose work so far is kept."""
        self.leave()
        self.indexing.watch.end()
        self.indexing.stop()
        self.gate.close()
        self.indexing.wait(END_SECONDS)


async def service_of(request: Request) -> Service:
    """The service of the app that a request came to."""
    service: Service = request.app.state.service
    return service


Served = Annotated[Service, Depends(service_of)]


async def _given(
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)],
    header: Annotated[str | None, Depends(_HEADER)],
) -> str | None:
    return bearer.credentials if bearer else header


async def reader(request: Request, service: Served, key: Annotated[str | None, Depends(_given)]) -> str:
    """A dependency: lets a request with any key pass, and those without one where there are no keys."""
    return service.caller(request, key, "read")


async def writer(request: Request, service: Served, key: Annotated[str | None, Depends(_given)]) -> str:
    """A dependency: as `reader`, for keys that may write."""
    return service.caller(request, key, "write")


READER: Any = Depends(reader)
WRITER: Any = Depends(writer)
