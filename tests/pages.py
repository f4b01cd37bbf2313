"""The page of another site with the widget in it, and an assistant whose script comes as real answers over HTTP."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, fields, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from fake_assistant import FakeAnswer, FakeAssistant
from serving import app_over, served

from rag import Answer, Citation, Conflict, Passage, Searched, Side, Statement, Turn

CHANGED = "Nobody\u2028knows.\n\nevent: final\n\ndata: {}"  # what would end a line or an event
TEXT = "<p>The municipal works publish their notes here: the gas plant, the bath house, the allotments.</p>" * 20
POLICY = (
    "default-src 'none'; script-src {server}; connect-src {server}; style-src 'nonce-host'; base-uri 'none'; "
    "form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
HOST = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Municipal works</title>
<style nonce="host">body {{ font: 24px/2 monospace; text-align: center; text-transform: uppercase }}
* {{ box-sizing: content-box; margin: 0 }} button, textarea {{ display: none }}</style>
<h1>Municipal works</h1><input aria-label="Search">{text}
<script type="module" src="{server}/widget/widget.js"></script>
<citewise-widget {attributes}></citewise-widget>"""


class Scripted(FakeAssistant):
    """Its answers as rag makes them."""

    def stream(self, question: str, *, history: Sequence[Turn] = (), stop: Any = None, **_: object) -> Iterator[Any]:
        if "changes" in question:  # its mind, as a model that is not believed
            yield answer_of(shape_of(question, "The plant is"))
            yield answer_of(shape_of(question, CHANGED))
            time.sleep(25 * self.step)
            yield replace(answer_of(shape_of(question, CHANGED)), id="b")
            return
        made = None
        with closing(super().stream(question, history=history)) as answers:  # type: ignore[type-var]
            for shape in (answer.to_dict() for answer in answers):
                if stop.is_set():
                    return
                if made:
                    yield made
                made = answer_of({**shape, "id": ""})
        if made:
            yield replace(made, id="a")


def shape_of(question: str, text: str) -> dict[str, Any]:
    """The shape of an answer that cites nothing."""
    return {**FakeAnswer(question, text).to_dict(), "id": ""}


def answer_of(shape: dict[str, Any]) -> Answer:
    """A shape as the wire has it, or most of it, as a value."""
    nothing = {"id": "", "page": None, "heading": None, "line": None, "context": ""}
    many: dict[str, Any] = {
        "statements": lambda one: Statement(**one),
        "citations": lambda one: Citation(**one),
        "conflicts": lambda one: Conflict(**one | {"sides": tuple(Side(**side) for side in one["sides"])}),
        "related": lambda one: Passage(**nothing | one),
    }
    values = {name: tuple(map(make, shape[name])) for name, make in many.items()}
    searched = shape["searched"] and Searched(**shape["searched"])
    known = {field.name for field in fields(Answer)}
    return Answer(**{k: v for k, v in shape.items() if k in known} | values | {"confidence": 0.5, "searched": searched})


@dataclass
class Site:
    """A site of its own origin, and the server whose widget its pages have."""

    assistant: Scripted
    origin: str
    server: str
    widget: str
    service: Any
    log: list[str]

    def page(self, attributes: str = "") -> str:
        """The address of a page whose widget has these attributes."""
        return f"{self.origin}/?{attributes}"


@contextmanager
def site_over(base: Path, assistant: Any = None, **settings: Any) -> Iterator[Site]:
    """A served site; `base` has the file of its server's widgets."""
    assistant = assistant or Scripted()
    app = app_over(assistant, base, **settings)
    at = SimpleNamespace()

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            from urllib.parse import unquote

            attributes = f'widget-id="{at.site.widget}" {unquote(self.path.partition("?")[2])}'
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Security-Policy", POLICY.format(server=at.site.server))
            self.end_headers()
            self.wfile.write(HOST.format(server=at.site.server, attributes=attributes, text=TEXT).encode())

        def log_message(self, *_: Any) -> None:
            at.site.log.append(self.path)

    with ThreadingHTTPServer(("127.0.0.1", 0), Pages) as host, served(app) as client:
        threading.Thread(target=host.serve_forever, daemon=True).start()
        origin, service = f"http://127.0.0.1:{host.server_port}", app.state.service
        widget = service.widgets.add("site", [origin]).id
        at.site = Site(assistant, origin, str(client.base_url).rstrip("/"), widget, service, [])
        yield at.site
        host.shutdown()
