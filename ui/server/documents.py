"""`/api/v1/documents`: the files of the index, always by the names that the index gave them.

A name that a client sends is only ever compared with these names, so no spelling of it reaches the file system.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, BinaryIO

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile

from rag import CitewiseError, NotIndexed
from ui.originals import chunks, headers, open_original
from ui.server import index_schemas
from ui.server.api import COMMON
from ui.server.problems import Problem, responses
from ui.server.service import READER, WRITER, Served, Service

if TYPE_CHECKING:
    from rag import DocumentInfo

MOST_FILES = 20  # in one upload
NAMED = COMMON | responses("not-found")

Source = Annotated[str, Path(min_length=1, description="a file, as the list names it", examples=["notes/gas.txt"])]

router = APIRouter(prefix="/api/v1/documents", tags=["Documents"])


def shape_of(document: DocumentInfo) -> dict[str, Any]:
    """A file as clients see it: see index_schemas.Document."""
    names = ("source", "title", "type", "size", "reason", "passages", "sha256", "indexed_at")
    return {**{name: getattr(document, name) for name in names}, "state": document.status}


def named(service: Service, source: str) -> DocumentInfo:
    """The file of that very name. Raises NotIndexed."""
    for document in service.assistant.documents():
        if document.source == source:
            return document
    raise NotIndexed("The index holds no file of that name.", "See: GET /api/v1/documents")


@router.get(
    "", summary="List the files", dependencies=[READER], response_model=index_schemas.Documents, responses=COMMON
)
def documents(
    service: Served,
    offset: Annotated[int, Query(ge=0, description="files to leave out at the beginning")] = 0,
    limit: Annotated[int, Query(ge=1, le=1000, description="files at most")] = 100,
    state: Annotated[index_schemas.State | None, Query(description="only files of this state")] = None,
) -> Response:
    """All files that were found, by name, those that could not be read included."""
    found = [one for one in service.assistant.documents() if state in (None, one.status)]
    page = [shape_of(one) for one in found[offset : offset + limit]]
    return JSONResponse({"total": len(found), "offset": offset, "documents": page})


@router.post(
    "", summary="Send files", dependencies=[WRITER], status_code=201, response_model=index_schemas.Uploads,
    responses=COMMON | responses("unsupported-type", "busy"),
    openapi_extra={"requestBody": {"required": True, "content": {"multipart/form-data": {"schema": {
        "type": "object", "required": ["file"], "additionalProperties": False, "properties": {"file": {
            "type": "array", "minItems": 1, "maxItems": MOST_FILES,
            "items": {"type": "string", "format": "binary"}, "description": "the files"}}}}}}},
)  # fmt: skip
async def upload(request: Request, service: Served) -> Response:
    """Keeps copies in the index's own folder and starts a sync, which reads them. Needs a key that may write."""
    if service.uploads.locked():
        said = "As many uploads as this server takes at once are under way."
        raise Problem("too-many-requests", said, "Send it again in a moment.", {"Retry-After": "5"})
    request.scope["citewise.body_bytes"] = service.assistant.index.max_file_bytes + 1_000_000
    outcomes = []
    async with service.uploads, request.form(max_files=MOST_FILES, max_fields=0) as form:
        files = [file for file in form.getlist("file") if isinstance(file, UploadFile)]
        if not files:
            raise Problem("invalid", "No file was sent.", "Send multipart/form-data with parts named `file`.")
        for file in files:
            outcomes.append(await run_in_threadpool(_kept, service, file.filename or "", file.file))
    if not any(outcome["source"] for outcome in outcomes):
        raise Problem("unsupported-type", outcomes[0]["detail"], outcomes[0]["remedy"])
    service.indexing.start()
    return JSONResponse({"documents": outcomes}, 201)


def _kept(service: Service, name: str, sent: BinaryIO) -> dict[str, Any]:
    try:
        with service.indexing.paused():  # by one at a time, so that the memory holds one file and no more
            source = service.assistant.upload(name, sent.read())
    except CitewiseError as error:
        problem = service.problem(error)
        if problem.status >= 500 or problem.kind == "busy":
            raise
        return {"name": name, "source": None, "detail": problem.detail, "remedy": problem.remedy}
    return {"name": name, "source": source, "detail": "", "remedy": ""}


@router.get(
    "/{source:path}/text", summary="Read the stored text", dependencies=[READER], response_model=index_schemas.Span,
    responses=NAMED,
)  # fmt: skip
def text(
    service: Served,
    source: Source,
    start: Annotated[int, Query(ge=0, description="first code point")] = 0,
    end: Annotated[
        int | None, Query(ge=0, description="the code point after the last; else the end of the text")
    ] = None,
) -> Response:
    """The text that citations point into, or a span of it as far as there is any; offsets count Unicode code points."""
    whole = service.assistant.text(named(service, source).source)
    first = min(start, len(whole))
    until = max(first, min(len(whole) if end is None else end, len(whole)))
    told = {"source": source, "start": first, "end": until, "length": len(whole), "text": whole[first:until]}
    return JSONResponse(told)


@router.get(
    "/{source:path}/original", summary="Fetch the file itself", dependencies=[READER], response_class=Response,
    responses=NAMED | responses("busy") | {200: {"description": "The file, to be saved", "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}}},
)  # fmt: skip
def original(service: Served, source: Source) -> Response:
    """The file as it was indexed, never to be shown by a browser. One that changed since is not given out: 409."""
    document = named(service, source)
    file = open_original(document)
    if file is None:
        raise Problem("busy", "The file changed since it was indexed.", "Sync the folder: POST /api/v1/index")
    return StreamingResponse(chunks(file), headers=headers(document), media_type="application/octet-stream")


@router.post(
    "/{source:path}/restore", summary="Take back an exclusion", dependencies=[WRITER], status_code=202,
    response_model=index_schemas.Started, responses=NAMED | responses("busy"),
)  # fmt: skip
def restore(service: Served, source: Source) -> Response:
    """Has a file that was removed read again, and starts a sync. Needs a key that may write."""
    with service.indexing.paused():
        service.assistant.restore(source)
    service.indexing.start()
    return JSONResponse({"running": True}, 202)


@router.get(
    "/{source:path}", summary="What is known of a file", dependencies=[READER], response_model=index_schemas.Document,
    responses=NAMED,
)  # fmt: skip
def document(service: Served, source: Source) -> Response:
    """Its state, and why it could not be read if it could not."""
    return JSONResponse(shape_of(named(service, source)))


@router.delete(
    "/{source:path}", summary="Take a file out of the index", dependencies=[WRITER], response_model=index_schemas.Removed,
    responses=NAMED | responses("busy"),
)  # fmt: skip
def remove(service: Served, source: Source) -> Response:
    """Deletes an uploaded copy; excludes any other file, which itself is not touched. Needs a key that may write."""
    known = named(service, source).source
    with service.indexing.paused():
        service.assistant.remove(known)
    return JSONResponse({"source": known, "outcome": "deleted" if known.startswith("uploads/") else "excluded"})
