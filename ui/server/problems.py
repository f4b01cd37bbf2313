"""What goes wrong over HTTP, as problem details (RFC 9457): every error of every route has this one shape, but that
OpenAI's clients are told in theirs."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException as AnyHTTPException
from starlette.responses import Response
from starlette.types import Scope

import rag
from rag import CitewiseError

MEDIA_TYPE = "application/problem+json"

KINDS: dict[str, tuple[int, str]] = {
    "bad-request": (400, "The request cannot be understood"),
    "key-required": (401, "A key is needed"),
    "not-allowed": (403, "This key or page may not do that"),
    "not-found": (404, "There is no such thing here"),
    "method-not-allowed": (405, "This method is not for this address"),
    "timed-out": (408, "The request came too slowly"),
    "busy": (409, "Somebody else is writing the index"),
    "too-large": (413, "The body is too large"),
    "unsupported-type": (415, "This type cannot be read"),
    "wrong-host": (421, "This server does not answer to that name"),
    "invalid": (422, "A value cannot be used"),
    "too-many-requests": (429, "Too much at once"),
    "internal": (500, "Something went wrong inside Citewise"),
    "not-configured": (501, "The server is not set up for that"),
    "model-failed": (502, "The language model failed"),
    "not-ready": (503, "The index cannot answer"),
    "not-kept": (507, "There is no room to keep it"),
}
"""Slug of each type (`urn:citewise:problem:SLUG`) -> status and title."""

_OF_ERROR: dict[str, str] = {
    "BadQuestion": "invalid",
    "NotIndexed": "not-found",
    "UnreadableFile": "unsupported-type",
    "IndexBusy": "busy",
    "IndexMissing": "not-ready",
    "IndexOutdated": "not-ready",
    "IndexDamaged": "not-ready",
    "VectorsUnreadable": "not-ready",
    "FolderError": "not-ready",
    "EmbedderError": "not-ready",
    "ModelError": "model-failed",
    "MissingExtra": "not-configured",
    "SettingsError": "not-configured",
    "FeedbackNotKept": "not-kept",
    "CitewiseError": "internal",
}
"""Class of our errors -> slug; a test holds it against the whole tree."""

_OF_STATUS = {status: slug for slug, (status, _) in KINDS.items()}


OPENAI = "/v1/"
"""Where everything has OpenAI's shape."""

_OPENAI_STATUS = {"invalid": 400}
_OPENAI_CODES = {"key-required": "invalid_api_key", "too-many-requests": "rate_limit_exceeded"}


class Problem(HTTPException):
    """An error that is told to the client: what happened, and what to do about it. `field` is the one of the body that
    is at fault, `code` what OpenAI calls the problem, where that differs from its kind."""

    def __init__(
        self, kind: str, detail: str, remedy: str = "", headers: Mapping[str, str] | None = None,
        *, field: str | None = None, code: str = "",
    ) -> None:  # fmt: skip
        self.status, self.title = KINDS[kind]
        super().__init__(self.status, detail, dict(headers or {}))
        self.kind, self.remedy, self.field = kind, remedy, field
        self.code = code or _OPENAI_CODES.get(kind, kind.replace("-", "_"))

    def to_dict(self, request_id: str) -> dict[str, Any]:
        """The problem as JSON has it; see ProblemShape."""
        return {
            "type": f"urn:citewise:problem:{self.kind}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "remedy": self.remedy,
            "request_id": request_id,
        }

    def to_openai(self) -> dict[str, Any]:
        """The problem as OpenAI's clients read it."""
        kind = "requests" if self.status == 429 else "invalid_request_error" if self.status < 500 else "server_error"
        message = f"{self.detail} {self.remedy}".strip()
        return {"error": {"message": message, "type": kind, "param": self.field, "code": self.code}}

    def response(self, scope: Scope) -> Response:
        """The whole response, in the shape that the door has to which a request came."""
        status, shape, media_type = self.status, self.to_dict(scope["state"]["id"]), MEDIA_TYPE
        if scope["path"].startswith(OPENAI):
            status, shape, media_type = openai_status(self.kind), self.to_openai(), "application/json"
        body = json.dumps(shape, ensure_ascii=False).encode()
        return Response(body, status, {**(self.headers or {}), "Cache-Control": "no-store"}, media_type)


def defect() -> Problem:
    """An error that is none of ours: what it is stands in the log alone."""
    return Problem("internal", "This should not have happened.", "The server's log has the request's id.")


def openai_status(kind: str) -> int:
    """The status of a kind of problem where everything has OpenAI's shape."""
    return _OPENAI_STATUS.get(kind, KINDS[kind][0])


class ProblemShape(BaseModel):
    """An error, in the shape of RFC 9457."""

    type: str = Field(description="`urn:citewise:problem:` and what kind of problem it is; does not change")
    title: str = Field(description="the kind in words")
    status: int = Field(description="the HTTP status")
    detail: str = Field(description="what happened, for people")
    remedy: str = Field(description="what to do about it; may be empty")
    request_id: str = Field(description="the X-Request-ID of the response, as the server's log has it")


def problem_of(error: CitewiseError, *folders: Path) -> Problem:
    """One of rag's errors as a problem. Paths of this machine are no client's business: see `without_paths`."""
    kind = next(_OF_ERROR[cls.__name__] for cls in type(error).__mro__ if cls.__name__ in _OF_ERROR)
    return Problem(kind, without_paths(error.message, folders), without_paths(error.remedy, folders))


def without_paths(text: str, folders: Iterable[Path]) -> str:
    """The text with these folders, the data folder and the home called by their names only."""
    for folder in sorted({*folders, rag.data_folder(), Path.home()}, key=lambda path: -len(str(path))):
        text = text.replace(str(folder), folder.name) if folder.name else text
    return text


def responses(*kinds: str) -> dict[int | str, dict[str, Any]]:
    """The documentation of problems that a route can answer with, as FastAPI takes it."""
    return {
        KINDS[kind][0]: {
            "description": KINDS[kind][1],
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "example": Problem(kind, "What happened.", "What to do about it.").to_dict("0f9a5c1e7d3b4a60"),
                }
            },
        }
        for kind in kinds
    }


def install(app: FastAPI) -> None:
    """Have all errors of an app answered as problems, those of the framework too."""

    def told(request: Request, error: Exception) -> Response:
        match error:
            case Problem():
                problem = error
            case CitewiseError():
                service = request.app.state.service
                problem = problem_of(error, *service.folders())
            case RequestValidationError():
                problem = _invalid(error)
            case AnyHTTPException():
                kind = _OF_STATUS.get(error.status_code, "bad-request" if error.status_code < 500 else "internal")
                headers = {"Allow": allowed(request)} if kind == "method-not-allowed" else error.headers
                remedy = "See /openapi.json for what this address takes." if kind == "bad-request" else ""
                problem = Problem(kind, _DETAILS.get(kind, str(error.detail)), remedy, headers)
            case _:
                raise error
        request.scope["citewise.problem"] = problem.kind
        return problem.response(request.scope)

    def allowed(request: Request) -> str:
        """All methods of an address: the framework names those of its first route only."""
        described = app.openapi()["paths"].get(getattr(request.scope.get("route"), "path_format", ""), {})
        methods = {method.upper() for method in described}
        return ", ".join(sorted(methods | {"HEAD"} if "GET" in methods else methods))

    for kind in (Problem, CitewiseError, RequestValidationError, AnyHTTPException):
        app.add_exception_handler(kind, told)


_DETAILS = {
    "not-found": "Nothing is served at this address.",
    "method-not-allowed": "The address exists, but not for this method.",
}


def _invalid(error: RequestValidationError) -> Problem:
    """Names the first culprit, and never repeats what was sent."""
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return Problem("bad-request", "The body is not JSON.", "Send a JSON object in UTF-8.")
    where = ".".join(str(part) for part in first["loc"])
    field = ".".join(str(part) for part in first["loc"][1:]) or None
    return Problem(
        "invalid", f"{where}: {first['msg']}.", "See /openapi.json for what this address takes.", field=field
    )
