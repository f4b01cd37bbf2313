"""`/api/v1`: questions and the index."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from ui.batch import turns
from ui.server import events, examples, index_schemas, schemas
from ui.server.problems import Problem, responses
from ui.server.service import READER, WRITER, Served, Service

if TYPE_CHECKING:
    import threading
    from collections.abc import Iterator

    from rag import Answer, Turn

EVERY = 0.25  # seconds between two looks at a sync
LISTED = 200  # files that a report of a sync names

COMMON = responses("bad-request", "key-required", "not-allowed", "timed-out", "too-large", "wrong-host", "invalid",
                   "too-many-requests", "internal", "not-configured", "not-ready")  # fmt: skip
ASKING = COMMON | responses("not-found", "model-failed")

router = APIRouter(prefix="/api/v1")


def turns_of(history: schemas.History) -> tuple[Turn, ...]:
    """A history as rag has it."""
    return tuple(turns([entry.model_dump() for entry in history]))


def wants_events(request: Request) -> bool:
    """Whether the client asks for server-sent events."""
    return events.MEDIA_TYPE in request.headers.get("accept", "")


@router.post(
    "/ask", tags=["Questions"], summary="Answer a question from the documents", dependencies=[READER],
    response_model=schemas.Answer,
    responses=ASKING | {200: {"description": "The answer, whole or as it is written", "content": {
        "application/json": {"example": examples.ANSWER}, events.MEDIA_TYPE: {"example": examples.EVENTS}}}},
)  # fmt: skip
async def ask(request: Request, asked: schemas.Asked, service: Served) -> Response:
    """With `Accept: text/event-stream` (or `"stream": true`) the answer comes as events: `delta` with `text` to append,
    `statement` with a sentence that is complete and checked, `restart` when all that was said so far is taken back,
    `final` with the whole answer, or `error` with a problem. Closing the connection ends the writing."""
    history = turns_of(asked.history)
    if asked.writer == "model" and not service.assistant.settings.model.name:
        raise Problem("invalid", "This server has no language model.", "Leave `writer` out.")

    def answers(stop: threading.Event) -> Iterator[Answer]:
        for answer in service.assistant.stream(
            asked.question, history=history, only=asked.only, writer=asked.writer, stop=stop
        ):
            yield answer
            if answer.id:
                service.given(answer, history)

    if asked.stream or wants_events(request):
        made = await service.gate.stream(lambda stop: events.events(answers(stop), asked.trace))
        return events.streamed(made, service.problem, request.state.id)

    def whole(stop: threading.Event) -> Answer:
        *_, answer = answers(stop)
        return answer

    return JSONResponse(events.shape_of(await service.gate.run(request, whole), asked.trace))


@router.post(
    "/search", tags=["Questions"], summary="Find the passages for a question", dependencies=[READER],
    response_model=schemas.Found, responses=ASKING,
)  # fmt: skip
async def search(request: Request, wanted: schemas.Wanted, service: Served) -> Response:
    """The passages that an answer would be made of, best first."""
    history = turns_of(wanted.history)
    found = await service.gate.run(
        request,
        lambda _: service.assistant.search(wanted.question, k=wanted.k, only=wanted.only, history=history),
    )
    return JSONResponse({"question": wanted.question, "passages": [asdict(passage) for passage in found]})


@router.post(
    "/feedback", tags=["Questions"], summary="Say whether an answer is right", dependencies=[READER], status_code=201,
    response_model=schemas.Kept, responses=COMMON | responses("not-found", "not-kept"),
)  # fmt: skip
def feedback(judged: schemas.Judged, service: Served) -> Response:
    """Keeps the verdict beside the index, in place of an earlier one; `citewise eval feedback` makes questions of them.
    The server remembers the last 200 answers."""
    right = (judged.right.source, judged.right.quote) if judged.right else None
    service.judge(judged.answer, judged.verdict, judged.note, right)
    return JSONResponse({"answer": judged.answer}, 201)


# -- the index ---------------------------------------------------------------------------------------------------------


def state_of(service: Service) -> dict[str, Any]:
    """The state of the index: see index_schemas.IndexState. Raises CitewiseError where there is none that can be read."""
    indexing, status = service.indexing, service.assistant.status()
    running, progress, report = indexing.running, indexing.progress, indexing.report
    at = {"phase": "start", "done": 0, "total": 0, "source": None, "seconds_left": None}
    if progress:
        at = {name: getattr(progress, name) for name in at}
    return {
        "running": running,
        **{name: getattr(status, name) for name in ("files", "passages", "pending", "failed", "indexed_at")},
        "progress": at if running else None,
        "report": asdict(replace(report, failed=report.failed[:LISTED], skipped=report.skipped[:LISTED]))
        if report
        else None,
        "error": service.told(indexing.error),
    }


@router.get(
    "/index", tags=["Index"], summary="What the index holds", dependencies=[READER],
    response_model=index_schemas.IndexState, responses=COMMON,
)  # fmt: skip
def index(service: Served) -> Response:
    """Counts, the progress of a sync under way, and what the last one did."""
    return JSONResponse(state_of(service))


@router.post(
    "/index", tags=["Index"], summary="Read what changed in the folders", dependencies=[WRITER], status_code=202,
    response_model=index_schemas.Started, responses=COMMON,
)  # fmt: skip
def sync(service: Served) -> Response:
    """Starts a sync behind the server, or has the running one look again. Needs a key that may write."""
    service.indexing.start()
    return JSONResponse({"running": True}, 202)


@router.delete(
    "/index", tags=["Index"], summary="Stop the sync", dependencies=[WRITER], status_code=202,
    response_model=index_schemas.Started, responses=COMMON,
)  # fmt: skip
def stop(service: Served) -> Response:
    """Has a sync stop at its next step; what it did so far is kept. Needs a key that may write."""
    service.indexing.stop()
    return JSONResponse({"running": service.indexing.running}, 202)


@router.get(
    "/index/events", tags=["Index"], summary="Follow the sync", dependencies=[READER], response_class=Response,
    responses=COMMON | {200: {"description": "Events until the sync ends", "content": {
        events.MEDIA_TYPE: {"example": examples.PROGRESS}}}},
)  # fmt: skip
async def progress(request: Request, service: Served) -> Response:
    """Events `progress` whenever something changed, then `done`; the data of each is what `GET index` answers."""

    async def steps() -> AsyncIterator[events.Event | None]:
        shown, quiet = first, 0.0
        yield events.Event("progress", shown)
        while shown["running"] and not service.ending.is_set():
            await asyncio.sleep(EVERY)
            state, quiet = await run_in_threadpool(state_of, service), quiet + EVERY
            if state != shown or quiet >= events.QUIET_SECONDS:
                yield events.Event("progress", state) if state != shown else None
                shown, quiet = state, 0.0
        yield events.Event("done", shown)

    first = await run_in_threadpool(state_of, service)
    return events.streamed(steps(), service.problem, request.state.id)
