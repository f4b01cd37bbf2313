"""The chat page: Gradio keeps the frame (question box, buttons, uploads, queue), one web component draws the citations.

No text of a document ever enters a Gradio template: `gr.HTML` evaluates its templates as JavaScript, where a file named
`${...}` would run. The templates here are constants; data reaches the components as properties.
"""

from __future__ import annotations

import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import closing
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr  # noqa: E402  (reads the variable above when imported)
from gradio.themes.utils.fonts import Font  # noqa: E402
from starlette.middleware import Middleware  # noqa: E402
from starlette.middleware.trustedhost import TrustedHostMiddleware  # noqa: E402

from rag import CitewiseError, Turn  # noqa: E402

if TYPE_CHECKING:
    from rag import Answer, Assistant, Progress, Report

LOOPBACK = ("127.0.0.1", "localhost", "::1")
UPLOAD_LIMIT = "100mb"
WINDOW = 6_000  # code points shown on either side of a cited span until "show all" is pressed
TYPES = ".txt .md .html .htm .pdf .docx .csv .xlsx .eml .pptx .epub .rst .json .jsonl".split()
PHASES = {"scan": "Looking through the folders", "read": "Reading files", "embed": "Embedding passages", "sweep": "Tidying up"}

CHAT = """
const chat = element.querySelector("citewise-chat");
customElements.whenDefined("citewise-chat").then(() => {
  chat.source = (span) => server.source(span);
  chat.addEventListener("ask", (event) => trigger("submit", event.detail));
  chat.addEventListener("panel", (event) => document.body.classList.toggle("cw-reading", event.detail.open));
  watch("value", () => chat.show(props.value));
  chat.show(props.value);
});
"""
STATE = """
const index = element.querySelector("citewise-index");
customElements.whenDefined("citewise-index").then(() => {
  index.addEventListener("documents", () => document.body.classList.toggle("cw-documents"));
  watch("value", () => index.show(props.value));
  index.show(props.value);
});
"""


def build(assistant: Assistant, indexing: Indexing | None = None) -> gr.Blocks:
    """The page over one assistant. `indexing` is its background sync; without one, the page makes its own."""
    indexing = indexing or Indexing(assistant)

    def source(span: dict[str, Any]) -> dict[str, Any]:
        try:
            return window(assistant.text(str(span["source"])), **{key: span.get(key) for key in ("start", "end", "quote", "all")})
        except CitewiseError as error:
            return {"error": str(error)}

    def welcome() -> dict[str, Any]:
        try:
            return {"kind": "welcome", "examples": assistant.examples()}
        except CitewiseError as error:
            return {"kind": "welcome", "examples": [], "title": str(error)}

    def ask(typed: str, past: tuple[Turn, ...], event: gr.EventData) -> Iterator[dict[Any, Any]]:
        question = ((event._data or {}).get("question") or typed).strip()
        if not question:
            return
        exchange: dict[str, Any] = {"kind": "exchange", "id": uuid.uuid4().hex, "question": question, "state": "busy"}
        yield {view: exchange, box: gr.update(value="", submit_btn=False, stop_btn="Stop")}
        answer: Answer | None = None
        shown = 0.0
        try:
            for answer in assistant.stream(question, history=list(past)):
                exchange = {**exchange, "answer": answer.to_dict()}
                if time.monotonic() - shown > 0.04:
                    shown = time.monotonic()
                    yield {view: exchange}
        except CitewiseError as error:
            failed = {**exchange, "state": "error", "error": {"message": error.message, "remedy": error.remedy}}
            yield {view: failed, box: gr.update(value=question, submit_btn="Ask", stop_btn=False)}
            return
        turns = (*past, Turn(question, answer.text)) if answer else past
        yield {view: {**exchange, "state": "done"}, history: turns, box: gr.update(submit_btn="Ask", stop_btn=False)}

    def stop(last: dict[str, Any] | None) -> tuple[Any, Any]:
        running = last and last.get("state") == "busy"
        return ({**last, "state": "stopped"} if last and running else gr.skip()), gr.update(submit_btn="Ask", stop_btn=False)

    def broke(last: dict[str, Any] | None) -> tuple[Any, Any]:
        trouble = {"message": "Something went wrong inside Citewise.", "remedy": "The terminal that runs it says more."}
        question = (last or {}).get("question", "")
        return {**(last or {}), "state": "error", "error": trouble}, gr.update(value=question, submit_btn="Ask", stop_btn=False)

    def add_files(paths: list[str] | None, added: list[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
        for path in map(Path, paths or []):
            outcome: dict[str, Any] = {"name": path.name, "ok": None, "says": "waiting to be read"}
            try:
                outcome["source"] = assistant.upload(path.name, path.read_bytes())
            except CitewiseError as error:
                outcome |= {"ok": False, "says": str(error)}
            path.unlink()
            added = [outcome, *added]
            yield None, *refresh(added)
        indexing.start()
        yield None, *refresh(added)

    def add_folder(path: str, added: list[dict[str, Any]]) -> tuple[Any, ...]:
        if not path.strip():
            return path, *refresh(added)
        try:
            assistant.add_folder(path.strip())
        except CitewiseError as error:
            return path, *refresh([{"name": path.strip(), "ok": False, "says": str(error)}, *added])
        indexing.start()
        return "", *refresh([{"name": path.strip(), "ok": True, "says": "folder added"}, *added])

    def sync(added: list[dict[str, Any]]) -> tuple[Any, ...]:
        indexing.start()
        return refresh(added)

    def refresh(added: list[dict[str, Any]]) -> tuple[Any, ...]:
        added = indexing.settle(added)
        state = {**indexing.state(), "outcomes": added}
        return added, state, state, gr.Timer(1 if indexing.running else 4)

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    with gr.Blocks(title="Citewise", fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)) as page:
        history, outcomes, timer = gr.State(()), gr.State([]), gr.Timer(2)
        with gr.Row(elem_id="cw-head"):
            gr.HTML(html_template='<b class="cw-brand">Citewise</b>', head=head(), js_on_load=None, apply_default_css=False)
            line = gr.HTML(
                html_template="<citewise-index line></citewise-index>", js_on_load=STATE, apply_default_css=False, elem_id="cw-line"
            )
            fresh = gr.Button("New conversation", elem_id="cw-new", size="sm")
        with gr.Row(elem_id="cw-body"):
            with gr.Column(elem_id="cw-rail"):
                detail = gr.HTML(html_template="<citewise-index></citewise-index>", js_on_load=STATE, apply_default_css=False)
                syncing = gr.Button("Sync", elem_id="cw-sync", size="sm")
                files = gr.File(label="Add files", file_count="multiple", file_types=list(TYPES), elem_id="cw-files", height=120)
                folder = gr.Textbox(label="Add a folder", placeholder="/path/to/folder", submit_btn="Add", elem_id="cw-folder")
            with gr.Column(elem_id="cw-main"):
                view = gr.HTML(
                    html_template="<citewise-chat></citewise-chat>",
                    js_on_load=CHAT,
                    apply_default_css=False,
                    server_functions=[source],
                    elem_id="cw-chat",
                )
                box = gr.Textbox(
                    label="Your question",
                    show_label=False,
                    placeholder="Ask about your documents",
                    submit_btn="Ask",
                    max_lines=8,
                    autofocus=True,
                    elem_id="cw-ask",
                    html_attributes=gr.InputHTMLAttributes(autocomplete="off", enterkeyhint="send"),
                )
        asking = gr.on([box.submit, view.submit], ask, [box, history], [view, box, history], **quiet)
        asking.failure(broke, view, [view, box], **quiet)
        box.stop(stop, view, [view, box], cancels=[asking], **quiet)
        fresh.click(lambda: (welcome(), (), ""), None, [view, history, box], cancels=[asking], **quiet)
        state = [outcomes, line, detail, timer]
        files.upload(add_files, [files, outcomes], [files, *state], **quiet)
        folder.submit(add_folder, [folder, outcomes], [folder, *state], **quiet)
        syncing.click(sync, outcomes, state, **quiet)
        timer.tick(refresh, outcomes, state, queue=False, **quiet)
        page.load(lambda: (welcome(), *refresh([])), None, [view, *state], queue=False, **quiet)
    page.queue(max_size=64, default_concurrency_limit=8)
    return page


def launch(
    assistant: Assistant, host: str = "127.0.0.1", port: int = 7860, open_browser: bool = True, block: bool = True
) -> str:
    """Serves the page on the first free port from `port` on and starts a sync behind it; returns its address.

    With `block`, returns when interrupted. Raises CitewiseError for a host that is not this machine, or without a free port.
    """
    if host not in LOOPBACK:
        raise CitewiseError(f"The page has no log-in, so it does not listen on {host}.", f"Use one of {', '.join(LOOPBACK)}.")
    indexing = Indexing(assistant)
    page = build(assistant, indexing)
    indexing.start()
    _, address, _ = page.launch(
        server_name=host,
        server_port=free_port(host, port),
        inbrowser=open_browser,
        prevent_thread_lock=True,
        quiet=True,
        theme=theme(),
        favicon_path=str(asset("favicon.svg")),
        footer_links=[],
        max_file_size=UPLOAD_LIMIT,
        share=False,
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        # A page of another site that resolves its own name to this machine must not read the documents.
        app_kwargs={"middleware": [Middleware(TrustedHostMiddleware, allowed_hosts=[*LOOPBACK, "[::1]"])]},
    )
    if block:
        print(f"Citewise is at {address} (Ctrl-C ends it)", flush=True)
        page.block_thread()
    return address


class Indexing:
    """One sync at a time behind all tabs; they poll its state. A request during a sync makes it run once more."""

    SCAN_EVERY = 60.0  # seconds between two looks at what changed on disk

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._lock = threading.Lock()
        self._again = False
        self._changed = 0
        self._scanned = time.monotonic()
        self._progress: Progress | None = None
        self._report: Report | None = None
        self._error = ""
        self.running = False

    def start(self) -> None:
        """Starts a sync in the background, or has the running one repeat."""
        with self._lock:
            if self.running:
                self._again = True
                return
            self.running = True
        threading.Thread(target=self._run, name="citewise-sync", daemon=True).start()

    def _run(self) -> None:
        try:
            while True:
                self._again, self._error = False, ""
                for self._progress in self._assistant.sync():
                    self._report = self._progress.report or self._report
                with self._lock:
                    if not self._again:
                        return
        except CitewiseError as error:
            self._error = str(error)
        finally:
            self._scanned, self._changed = time.monotonic(), 0
            self._progress, self.running = None, False

    def settle(self, added: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        """The outcomes of added files, with those filled in that the index meanwhile knows."""
        if all(outcome["ok"] is not None for outcome in added):
            return list(added)
        known = {document.source: document for document in self._assistant.documents()}

        def settled(outcome: dict[str, Any]) -> dict[str, Any]:
            document = known.get(outcome.get("source", ""))
            if outcome["ok"] is not None or document is None:
                return outcome
            ready = document.status == "ready"
            says = f"ready, {document.passages} passage{'s' * (document.passages != 1)}" if ready else document.reason
            return {**outcome, "ok": ready, "says": says}

        return [settled(outcome) for outcome in added]

    def state(self) -> dict[str, Any]:
        """What the page shows of the index: counts, failures with reasons, progress, the last report, an error."""
        scan = not self.running and time.monotonic() - self._scanned > self.SCAN_EVERY
        try:
            status = self._assistant.status(scan=True) if scan else self._assistant.status()
            failed = [d for d in self._assistant.documents() if d.status == "failed"] if status.failed else []
        except CitewiseError as error:
            return {"files": 0, "passages": 0, "pending": 0, "changed": 0, "failed": [], "roots": [], "error": str(error)}
        if scan:
            self._scanned, self._changed = time.monotonic(), status.changed
        progress = self._progress
        return {
            "files": status.files,
            "passages": status.passages,
            "pending": status.pending,
            "changed": self._changed,
            "failed": [[document.source, document.reason or ""] for document in failed],
            "skipped": [list(pair) for pair in self._report.skipped[:200]] if self._report else [],
            "roots": [list(root) for root in status.roots],
            "indexed_at": status.indexed_at,
            "report": said(self._report) if self._report else None,
            "error": self._error,
            "progress": {
                "says": PHASES.get(progress.phase, "Indexing") if progress else "Starting",
                "done": progress.done if progress else 0,
                "total": progress.total if progress else 0,
                "source": progress.source if progress else None,
                "seconds_left": progress.seconds_left if progress else None,
            }
            if self.running
            else None,
        }


def said(report: Report) -> str:
    """What a sync did, in one line."""
    counts = {name: getattr(report, name) for name in ("added", "changed", "renamed", "removed")}
    done = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing changed"
    return f"Last sync: {done} ({report.seconds:.1f} s)"


def window(text: str, start: int, end: int, quote: str, all: bool | None = False) -> dict[str, Any]:  # noqa: A002
    """A text cut around a span (code points): before, quote, after, and how much is left out on either side.

    Where the text changed since it was cited, the quote is looked for again; a notice says so, or that it is gone.
    """
    notice = None
    if text[start:end] != quote:
        found = text.find(quote)
        if found < 0:
            return {"notice": "The file changed since this answer: these words no longer stand in it."}
        start, end, notice = found, found + len(quote), "The file changed since this answer; the words were found again."
    first = 0 if all or start <= WINDOW else text.find("\n", start - WINDOW, start) + 1 or start - WINDOW
    last = len(text) if all or len(text) <= end + WINDOW else text.rfind("\n", end, end + WINDOW)
    last = end + WINDOW if last < 0 else last
    return {
        "before": text[first:start],
        "quote": text[start:end],
        "after": text[end:last],
        "more_before": first,
        "more_after": len(text) - last,
        "notice": notice,
    }


def asset(name: str) -> Path:
    """A file of the page, as it lies in the installed package."""
    return Path(str(resources.files(__package__) / "assets" / name))


def head() -> str:
    """The components with their styles, and the frame's own style; all in the page itself, so it needs no other host."""
    styles = json.dumps(asset("citewise.css").read_text("utf-8"))
    script = asset("citewise.js").read_text("utf-8")
    return f"<style>{asset('page.css').read_text('utf-8')}</style><script>globalThis.citewiseStyles = {styles};\n{script}</script>"


def theme() -> gr.themes.Base:
    """Gradio's plainest theme on the system's fonts; a font given as a string would be asked for over the network."""
    return gr.themes.Base(font=[Font("system-ui"), Font("sans-serif")], font_mono=[Font("ui-monospace"), Font("monospace")])


def free_port(host: str, port: int) -> int:
    """The first free port from `port` on, of fifty."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for candidate in range(port, min(port + 50, 65_536)):
        with closing(socket.socket(family, socket.SOCK_STREAM)) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return candidate
    raise CitewiseError(f"No free port from {port} to {port + 49} on {host}.", "Name another one with --port.")
