"""An answer as events while it is written: `restart`, `delta`, `statement`, and at last `final`."""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, NamedTuple

from starlette.responses import StreamingResponse

from rag import CitewiseError
from ui.server.logs import LOGGER
from ui.server.problems import defect

if TYPE_CHECKING:
    from collections.abc import Callable

    from rag import Answer
    from ui.server.problems import Problem

MEDIA_TYPE = "text/event-stream"
QUIET_SECONDS = 10.0  # between two comments of a stream that has nothing to tell


_END = re.compile(r"(?<=\S)(?:[.!?…。！？]|\s*\n)")


class Event(NamedTuple):
    """One event: its name, and its data as JSON has it."""

    name: str
    data: dict[str, Any]


def shape_of(answer: Answer, trace: bool = False) -> dict[str, Any]:
    """The wire shape of an answer, without its trace unless that is asked for."""
    shape = answer.to_dict()
    if not trace:
        del shape["trace"]
    return shape


def events(answers: Iterable[Answer], trace: bool = False) -> Iterator[Event]:
    """Growing answers as events. The deltas since the last `restart`, which takes everything back, make up the text;
    a `statement` comes when its sentence is complete and checked, with the citations that it is the first to name;
    `final` has the whole answer, which alone counts."""
    sent, settled, told, cited = "", 0, 0, 0
    for answer in answers:
        text = answer.text
        if answer.id or len(answer.statements) != told:
            settled = len(text)
        elif end := _END.search(text, settled):
            text = text[: end.start()]  # where a sentence ends its marker may have to go before what follows
        if not answer.text.startswith(sent):
            yield Event("restart", {})
            sent, told, cited = "", 0, 0
        if len(text) > len(sent):
            yield Event("delta", {"text": text[len(sent) :]})
            sent = text
        for statement in answer.statements[told:]:
            known = max(statement.citations, default=0)
            fresh = [asdict(citation) for citation in answer.citations if cited < citation.number <= known]
            cited, told = max(cited, known), told + 1
            yield Event("statement", {**asdict(statement), "new_citations": fresh})
        if answer.id:
            yield Event("final", shape_of(answer, trace))


def encoded(event: Event | None) -> bytes:
    """An event as bytes of a stream; a comment for None, which keeps the connection open."""
    if event is None:
        return b": still there\n\n"
    data = json.dumps(event.data, ensure_ascii=False, separators=(",", ":"))
    return f"event: {event.name}\ndata: {data}\n\n".encode()


def streamed(items: AsyncIterator[Event | None], told: Callable[[CitewiseError], Problem], request_id: str) -> Any:
    """A response of server-sent events. What goes wrong in the middle ends it with an event `error`: a problem."""

    async def body() -> AsyncIterator[bytes]:
        try:
            async for item in items:
                yield encoded(item)
        except CitewiseError as error:
            yield encoded(Event("error", told(error).to_dict(request_id)))
        except Exception:  # a stream that only broke off would not be told from one that is whole
            LOGGER.exception("defect", extra={"told": {"request": request_id}})
            yield encoded(Event("error", defect().to_dict(request_id)))

    return StreamingResponse(
        body(), media_type=MEDIA_TYPE, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    )
