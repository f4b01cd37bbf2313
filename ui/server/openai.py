"""`/v1`: the assistant as OpenAI's clients know it."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from starlette.responses import StreamingResponse

from rag import BadQuestion, CitewiseError
from ui.batch import readable, turns
from ui.server import events, examples
from ui.server import openai_schemas as schemas
from ui.server.completions import Chunk, Writing
from ui.server.logs import LOGGER
from ui.server.problems import KINDS, Problem, defect, openai_status
from ui.server.service import READER, Served, Service

if TYPE_CHECKING:
    import threading

    from rag import Answer, Turn, WriterChoice

BEGAN = int(time.time())


def _responses(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The documentation of errors that a route can answer with, as FastAPI takes it."""
    return {openai_status(kind): {"description": KINDS[kind][1], "model": schemas.Error} for kind in kinds}


COMMON = _responses("bad-request", "key-required", "not-allowed", "not-found", "timed-out", "too-large", "wrong-host",
                    "too-many-requests", "internal", "not-configured", "not-ready")  # fmt: skip

router = APIRouter(prefix="/v1", tags=["OpenAI's shape"], dependencies=[READER])


def models_of(service: Service) -> dict[str, WriterChoice | None]:
    """The names under which the assistant can be asked, and the writer that each means."""
    known = bool(service.assistant.settings.model.name)
    return {name: writer for name, writer in schemas.WRITERS.items() if known or writer != "model"}


def _require(service: Service, name: str) -> WriterChoice | None:
    models = models_of(service)
    if name not in models:
        remedy = f"There are: {', '.join(models)}."
        raise Problem("not-found", "There is no such model here.", remedy, field="model", code="model_not_found")
    return models[name]


def _shape(name: str) -> dict[str, Any]:
    return {"id": name, "object": "model", "created": BEGAN, "owned_by": "citewise"}


@router.get("/models", summary="List the models", response_model=schemas.Models, responses=COMMON)
def models(service: Served) -> Response:
    """`citewise` answers as the server is set up, `citewise-quotes` in the documents' own words, and `citewise-model`,
    where there is a language model, in that model's."""
    return JSONResponse({"object": "list", "data": [_shape(name) for name in models_of(service)]})


@router.get("/models/{model}", summary="Look up a model", response_model=schemas.Model, responses=COMMON)
def model(service: Served, model: str) -> Response:
    """One of the list."""
    _require(service, model)
    return JSONResponse(_shape(model))


@router.post(
    "/chat/completions", summary="Answer a conversation's last question", response_model=schemas.ChatCompletion,
    responses=COMMON | _responses("model-failed") | {
        200: {"description": "The answer, whole or in chunks", "content": {
            events.MEDIA_TYPE: {"example": examples.CHUNKS}}}},
)  # fmt: skip
async def complete(request: Request, asked: schemas.Completion, service: Served) -> Response:
    """The last message of a user is the question, those before it its history; instructions of the system, tools and
    whatever else steers a language model do not count. With `stream` the answer comes in chunks of finished sentences.
    Closing the connection ends the writing."""
    writer = _require(service, asked.model)
    question, history = conversation(asked.messages)
    writing = Writing(asked, str(request.base_url), service.heard)

    def answers(stop: threading.Event) -> Iterator[Answer]:
        for answer in service.assistant.stream(question, history=history, writer=writer, stop=stop):
            yield answer
            if answer.id:
                service.given(answer, history)

    with _blamed():
        if asked.stream:
            chunks = await service.gate.stream(lambda stop: writing.chunks(answers(stop)))
            return StreamingResponse(
                _encoded(chunks, service), media_type=events.MEDIA_TYPE,
                headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
            )  # fmt: skip
        return JSONResponse(await service.gate.run(request, lambda stop: writing.whole(answers(stop))))


def conversation(messages: list[schemas.ChatMessage]) -> tuple[str, tuple[Turn, ...]]:
    """The question and what was said before it. Raises Problem where no user says anything."""
    said = [{"role": one.role, "content": one.text} for one in messages if one.text]
    while said and said[-1]["role"] != "user":
        said.pop()
    if not said:
        raise Problem("invalid", "No message of a user has a text.", "Send a question.", field="messages")
    return readable(said.pop()["content"]), tuple(turns(said))


def describe(paths: dict[str, Any]) -> None:
    """Corrects what FastAPI says of this door in the OpenAPI document: it knows a status of its own for bodies that are
    wrong, and leaves out of examples what is null."""
    for path in (path for path in paths if path.startswith(router.prefix)):
        for told in paths[path].values():
            told["responses"].pop("422", None)
            for status, response in told["responses"].items():
                kind = next((kind for kind in reversed(KINDS) if str(openai_status(kind)) == status), "")
                if kind:
                    example = Problem(kind, "What happened.", "What to do about it.").to_openai()
                    response["content"]["application/json"]["example"] = example
    said = paths[f"{router.prefix}/chat/completions"]["post"]["responses"]["200"]
    said["content"]["application/json"]["example"] = examples.COMPLETION


@contextmanager
def _blamed() -> Iterator[None]:
    """Says of a question that cannot be asked which field it is."""
    try:
        yield
    except BadQuestion as error:
        raise Problem("invalid", error.message, error.remedy, field="messages") from None


async def _encoded(chunks: AsyncIterator[Chunk | None], service: Service) -> AsyncIterator[bytes]:
    """A stream as OpenAI's clients read it; what goes wrong in the middle is its last event."""
    try:
        async for chunk in chunks:
            yield b": still there\n\n" if chunk is None else _event(chunk)
        yield b"data: [DONE]\n\n"
    except CitewiseError as error:
        yield _event(service.problem(error).to_openai())
    except Problem as problem:
        yield _event(problem.to_openai())
    except Exception:  # as events.streamed does
        LOGGER.exception("defect")
        yield _event(defect().to_openai())


def _event(data: Any) -> bytes:
    return f"data: {json.dumps(data, ensure_ascii=False, separators=(',', ':'))}\n\n".encode()
