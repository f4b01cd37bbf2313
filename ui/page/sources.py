"""What the source panel asks for: a window of a source, words in it, a page of it as a picture, the file itself."""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from rag import CitewiseError, NotIndexed, PdfPages, extract
from ui.originals import chunks, headers, open_original, read_now
from ui.page.offered import Given, by_name, offered
from ui.page.parts import Span
from ui.page.reading import MOST_HITS, RAW, WINDOW, Reading

if TYPE_CHECKING:
    from rag import Assistant, DocumentInfo

ORIGINAL = "/original"  # ?source=NAME is the file
READ_AGAIN = 5_000_000  # bytes of a changed file that is searched for a quote while somebody waits
WIDTHS = (400, 1_600)  # pixels of a page's picture
STEP = 200

CHANGED = "The file changed after this answer was given"
DIFFERS = "The file on disk changed after it was indexed; shown is the text that was indexed"


class Sources:
    """Reads sources for the panel. What it keeps is a few texts and pictures, for whoever asks next."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._readings = lru_cache(maxsize=3)(self._read)
        self._pictures = lru_cache(maxsize=24)(self._drawn)
        self._named = lru_cache(maxsize=1)(self._listed)

    @property
    def functions(self) -> list[Callable[..., Any]]:
        """What the component may call, by name."""
        return by_name(
            read_source=self.read, more_of_source=self.more, find_in_source=self.find, page_of_source=self.page
        )

    @offered
    def read(self, asked: Given) -> dict[str, Any]:
        """A source {source, start, end, quote, sha256, mode, words} around the span that was cited, and how it stands:
        {version, type, modes, mode, cited, page, notice, gone, window}, of a PDF {ratios} as well: height by width of
        its pages. Offsets count code points of the stored text; without a quote nothing is marked."""
        document, reading = self._found(asked)
        start, quote = int(asked["start"]), str(asked["quote"])
        place: Span | None = (start, int(asked["end"])) if quote else (start, start)
        if place and reading.text[slice(*place)] != quote:
            place = reading.find(quote, start)
        cited = place or (min(max(start, 0), len(reading.text)),) * 2
        same, notice = self._standing(document, asked, quote, bool(place))
        ratios = self._ratios(document) if same else []
        modes = ["text"] if document.type in RAW or (document.type == "pdf" and not ratios) else ["own", "text"]
        mode = asked["mode"] if asked.get("mode") in modes else modes[0]
        told = {
            "version": reading.version, "type": document.type, "modes": modes, "mode": mode, "cited": cited,
            "page": reading.page_of(cited[0]), "notice": notice, "gone": place is None, "ratios": ratios,
        }  # fmt: skip
        if mode == "own" and ratios:
            return told
        return told | {"window": self._window(reading, mode, reading.at(mode, cited[0]), cited, asked)}

    @offered
    def more(self, asked: Given) -> dict[str, Any]:
        """Another window {source, version, mode, cited, words} of parts: those around `place`, or those from number
        `first` on in the direction `by`, 1 or -1."""
        _, reading = self._found(asked)
        cited, mode = _span(asked), str(asked["mode"])
        if "place" in asked:
            return self._window(reading, mode, reading.at(mode, int(asked["place"])), cited, asked)
        return self._window(reading, mode, int(asked["first"]), cited, asked, by=1 if int(asked["by"]) > 0 else -1)

    @offered
    def find(self, asked: Given) -> dict[str, Any]:
        """Where `words` stand in a source {source, version}: [place, page] of each; `more` where there are still more."""
        _, reading = self._found(asked)
        hits = [
            [start, reading.page_of(start)] for start, _ in islice(reading.hits(str(asked["words"])), MOST_HITS + 1)
        ]
        return {"hits": hits[:MOST_HITS], "more": len(hits) > MOST_HITS}

    @offered
    def page(self, asked: Given) -> dict[str, Any]:
        """A page {source, version, page, width, cited, words} of a PDF: its picture (left out where `width` is 0), its
        text as runs, and [left, top, width, height, hit] of what is marked, in parts of the page; `hit` is -1 for what
        is cited. A page that cannot be drawn has a `notice` instead of the picture."""
        document, reading = self._found(asked)
        number, cited = int(asked["page"]), _span(asked)
        start, end = reading.page_span(number)
        found = list(reading.hits(str(asked.get("words") or ""), start, end))
        said = {"text": reading.runs((start, end), None, cited, found), "boxes": []}
        spans = [*found, (max(cited[0], start), min(cited[1], end))]
        try:
            width = int(asked["width"])
            picture = (
                self._pictures(document, number, min(max(-(-width // STEP) * STEP, WIDTHS[0]), WIDTHS[1]))
                if width
                else ""
            )
            places = self._pages(document).places(
                number, reading.text[start:end], [(max(a - start, 0), max(b - start, 0)) for a, b in spans]
            )
        except CitewiseError as error:
            return said | {"notice": f"This page is shown as text: {error}."}
        boxes = [[*box, a] for (a, _), lines in zip(found, places, strict=False) for box in lines]
        return said | {"picture": picture, "boxes": boxes + [[*box, -1] for box in places[-1]]}

    # -- what lies behind -----------------------------------------------------------------------------------------

    def _found(self, asked: Any) -> tuple[DocumentInfo, Reading]:
        """The source that is asked for. Raises NotIndexed, also where it is another version than the one that is
        being read."""
        source = str(asked["source"])
        document = self._named(self._assistant.index.revision).get(source)
        if document is None:
            raise NotIndexed("The file is no longer in the index: it was deleted, renamed or excluded.")
        if document.status != "ready":
            raise NotIndexed(f"The file cannot be read any more: {document.reason}.")
        if (asked.get("version") or document.sha256) != document.sha256:
            raise NotIndexed("The file was indexed anew meanwhile.", "Open it again.")
        return document, self._readings(source, document.type, document.sha256)

    def _listed(self, revision: str) -> dict[str, DocumentInfo]:
        """The files of the index, as long as nothing in it changes: there may be thousands."""
        return {document.source: document for document in self._assistant.documents()}

    def _read(self, source: str, kind: str, version: str) -> Reading:
        return Reading(self._assistant.extracted(source), kind, version)

    def _window(self, reading: Reading, mode: str, first: int, cited: Span, asked: Any, by: int = 0) -> dict[str, Any]:
        back, ahead = WINDOW * (by <= 0), WINDOW * (by >= 0)
        return reading.window(mode, first, back=back, ahead=ahead, cited=cited, words=str(asked.get("words") or ""))

    def _standing(self, document: DocumentInfo, asked: Any, quote: str, found: bool) -> tuple[bool, str | None]:
        """Whether the file is the one that was indexed, and what is to be said of changes."""
        try:
            file = open_original(document)
        except NotIndexed:
            return False, "The file is no longer in its folder; shown is the text that was indexed."
        if file is None:
            still = self._still(document, quote) if quote else None
            end = {
                True: "; the quoted words still stand in the new file",
                False: "; the quoted words are not in the new file",
            }
            return False, f"{DIFFERS}{end.get(still, '') if still is not None else ''}."
        file.close()
        if not found:
            return True, f"{CHANGED}: the quoted words no longer stand in it."
        changed = (asked.get("sha256") or document.sha256) != document.sha256
        return True, f"{CHANGED}; the quoted words were found again." if changed and quote else None

    def _still(self, document: DocumentInfo, quote: str) -> bool | None:
        """Whether words stand in a file as it is now; None where it is too large or cannot be read."""
        try:
            data = read_now(document, READ_AGAIN)
            return (
                None
                if data is None
                else Reading(extract(document.path, data), document.type, "").find(quote, 0) is not None
            )
        except CitewiseError:
            return None

    def _ratios(self, document: DocumentInfo) -> list[float]:
        try:
            return [round(ratio, 4) for ratio in self._pages(document).ratios()] if document.type == "pdf" else []
        except CitewiseError:
            return []

    def _pages(self, document: DocumentInfo) -> PdfPages:
        file = open_original(document)
        if file is None:
            raise NotIndexed("The file changed since it was indexed")
        with file:
            return PdfPages(file.read())

    def _drawn(self, document: DocumentInfo, number: int, width: int) -> str:
        return f"data:image/jpeg;base64,{base64.b64encode(self._pages(document).picture(number, width)).decode()}"


def routes(assistant: Assistant) -> Sequence[Route]:
    """What the page serves beside Gradio: the files of the index, to be saved."""

    def original(request: Request) -> Response:
        try:
            source = request.query_params.get("source", "")
            document = next((one for one in assistant.documents() if one.source == source), None)
            file = open_original(document) if document else None
        except CitewiseError as error:
            return PlainTextResponse(error.message, 404)
        if document is None:
            return PlainTextResponse("The index holds no file of that name.", 404)
        if file is None:
            return PlainTextResponse("The file changed since it was indexed. Sync the folder first.", 409)
        return StreamingResponse(chunks(file), headers=headers(document), media_type="application/octet-stream")

    return [Route(ORIGINAL, original)]


def _span(asked: Any) -> Span:
    start, end = asked["cited"]
    return int(start), int(end)
