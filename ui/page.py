"""The chat page: Gradio keeps the frame (question box, buttons, uploads, queue), one web component draws the citations.

No text of a document ever enters a Gradio template: `gr.HTML` evaluates its templates as JavaScript, where a file named
`${...}` would run. The templates here are constants; data reaches the components as properties.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from gradio.themes.utils.fonts import Font
from starlette.middleware import Middleware

from rag import SUPPORTED, CitewiseError, Turn, data_folder
from ui.assets import asset, component, read
from ui.exchanges import Exchanges
from ui.guard import LOOPBACK, OwnPage
from ui.indexing import Indexing
from ui.opening import remember

if TYPE_CHECKING:
    from rag import Assistant

READY: dict[str, Any] = {"submit_btn": "Ask", "stop_btn": False}
BUSY: dict[str, Any] = {"submit_btn": False, "stop_btn": "Stop"}
WINDOW = 6_000  # code points shown on either side of a cited span until "show all" is pressed
INDEX = "citewise-index"

CHAT = """
const chat = element.querySelector("citewise-chat");
customElements.whenDefined("citewise-chat").then(() => {
  chat.source = (span) => server.source(span);
  chat.judge = (verdict) => server.judge(verdict);
  chat.addEventListener("ask", (event) => trigger("submit", event.detail));
  chat.addEventListener("stop", () => trigger("stop"));
  chat.addEventListener("halt", (event) => server.halt(event.detail));
  chat.addEventListener("panel", (event) => document.body.classList.toggle("cw-reading", event.detail.open));
  watch("value", () => {
    chat.show(props.value);
    if (props.value.state === "error") refill(props.value.question);
  });
  chat.show(props.value);
  // A question that was not answered goes back into the box, and one that was typed and not sent outlives a reload.
  const box = () => document.querySelector("#cw-ask textarea");
  const refill = (text) => {
    if (!box().value) Object.assign(box(), { value: text }).dispatchEvent(new Event("input", { bubbles: true }));
  };
  addEventListener("pagehide", () => sessionStorage.setItem("citewise-draft", box()?.value ?? ""));
  const draft = sessionStorage.getItem("citewise-draft");
  const restore = () => box() ? refill(draft) : setTimeout(restore, 50);
  if (draft) restore();
  addEventListener("citewise-indexed", async () => chat.suggest(await server.examples({})));
});
"""
STATE = """
const index = element.querySelector("citewise-index");
customElements.whenDefined("citewise-index").then(() => {
  index.addEventListener("documents", () => document.body.classList.toggle("cw-documents"));
  let known = "";
  watch("value", () => {
    index.show(props.value);
    const { indexed_at: at, progress } = props.value;
    if (progress || !index.hasAttribute("line") || known === (known = String(at))) return;
    dispatchEvent(new Event("citewise-indexed"));
  });
  index.show(props.value);
});
"""


def build(assistant: Assistant, indexing: Indexing | None = None, *, folders: bool = True) -> gr.Blocks:
    """The page over one assistant, by default with a sync of its own; where no `folders`, none can be added by it."""
    indexing = indexing or Indexing(assistant)
    exchanges = Exchanges(assistant)
    keep_copies_private()

    def source(span: dict[str, Any]) -> dict[str, Any]:
        try:
            text = assistant.text(str(span["source"]))
            return window(text, int(span["start"]), int(span["end"]), str(span["quote"]), whole=bool(span.get("all")))
        except CitewiseError as error:
            return {"error": str(error)}
        except (AttributeError, KeyError, OverflowError, TypeError, ValueError):
            return {"error": "The call names no place in a source."}

    @lru_cache(maxsize=1)
    def answerable(indexed_at: str | None) -> list[str]:
        return assistant.examples() if indexed_at else []

    def examples(_: object = None) -> list[str]:
        try:
            return [] if indexing.running else answerable(assistant.status().indexed_at)
        except CitewiseError:  # the state of the index tells what is wrong
            return []

    def ask(typed: str, past: tuple[Turn, ...], event: gr.EventData, request: gr.Request) -> Iterator[dict[Any, Any]]:
        given = event._data or {}
        question = (given.get("question") or typed).strip()
        if not question:
            yield {history: past}  # without any yield, Gradio would empty every output
            return
        rest = "" if question == typed.strip() else typed  # which is not asked yet
        changed: dict[Any, Any] = {box: gr.update(value=rest, **BUSY)}
        for exchange in exchanges.ask(question, past, str(request.session_hash), given):
            if exchange["state"] == "done":
                changed = {history: (*past, Turn(question, exchange["answer"]["text"]))}
            elif exchange["state"] == "error":
                changed = {box: gr.update(**READY)}
            yield {view: exchange, **changed}
            changed = {}

    def halt(given: object) -> None:
        exchanges.halt(given)

    def judge(given: object) -> dict[str, str]:
        return exchanges.judge(given)

    def leave(request: gr.Request) -> None:
        exchanges.leave(str(request.session_hash))

    def add_files(paths: list[str] | None, added: list[dict[str, Any]]) -> tuple[Any, ...]:
        with indexing.paused():
            for path in map(Path, paths or []):
                outcome: dict[str, Any] = {"name": path.name, "ok": None, "says": "waiting to be read"}
                try:
                    outcome["source"] = assistant.upload(path.name, path.read_bytes())
                except CitewiseError as error:
                    outcome |= {"ok": False, "says": str(error)}
                except OSError as error:  # another tab sent the same file, whose copy they share and which is gone
                    outcome |= {"ok": False, "says": f"The copy could not be read ({error.strerror}). Send it again."}
                finally:
                    path.unlink(missing_ok=True)
                added = [outcome, *added]
        indexing.start()
        return None, *refresh(added)

    def add_folder(path: str, added: list[dict[str, Any]]) -> tuple[Any, ...]:
        if not path.strip():
            return path, *refresh(added)
        try:
            with indexing.paused():
                assistant.add_folder(path.strip())
            remember(assistant)
        except CitewiseError as error:
            return path, *refresh([{"name": path.strip(), "ok": False, "says": str(error)}, *added])
        indexing.start()
        return "", *refresh([{"name": path.strip(), "ok": True, "says": "folder added"}, *added])

    def sync(added: list[dict[str, Any]]) -> tuple[Any, ...]:
        if indexing.running:
            indexing.stop()
        else:
            indexing.start()
        return refresh(added)

    def refresh(added: list[dict[str, Any]]) -> tuple[Any, ...]:
        added = indexing.settle(added)
        state = {**indexing.state(), "outcomes": added}
        running = indexing.running
        return added, state, state, "Stop indexing" if running else "Sync", gr.Timer(1 if running else 4)

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    bare: dict[str, Any] = {"apply_default_css": False}
    with gr.Blocks(title="Citewise", fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)) as page:
        history, outcomes, timer = gr.State(()), gr.State([]), gr.Timer(2)
        with gr.Row(elem_id="cw-head"):
            gr.HTML(html_template='<b class="cw-brand">Citewise</b>', head=head(), js_on_load=None, **bare)
            line = gr.HTML(html_template=f"<{INDEX} line></{INDEX}>", js_on_load=STATE, elem_id="cw-line", **bare)
            fresh = gr.Button("New conversation", elem_id="cw-new", size="sm")
        with gr.Row(elem_id="cw-body"):
            with gr.Column(elem_id="cw-rail"):
                detail = gr.HTML(html_template=f"<{INDEX}></{INDEX}>", js_on_load=STATE, **bare)
                syncing = gr.Button("Sync", elem_id="cw-sync", size="sm")
                files = gr.File(
                    label="Add files", file_count="multiple", file_types=sorted(SUPPORTED), elem_id="cw-files"
                )
                if folders:
                    folder = gr.Textbox(
                        label="Add a folder", placeholder="/path/to/it", submit_btn="Add", elem_id="cw-folder"
                    )
            with gr.Column(elem_id="cw-main"):
                view = gr.HTML(
                    html_template="<citewise-chat></citewise-chat>",
                    js_on_load=CHAT,
                    server_functions=[source, examples, halt, judge],
                    elem_id="cw-chat",
                    **bare,
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
        # Not before the answer's event has ended, as Gradio drops a question that is sent while one is pending.
        asking.then(lambda: gr.update(**READY), None, box, queue=False, **quiet)
        # Told to the component first and here, as an update may still be under way from the event that is cancelled.
        for stopping in (box.stop, view.stop, fresh.click):
            stopping(None, js="() => { document.querySelector('citewise-chat').stop(); }", **quiet)
        gr.on([box.stop, view.stop], lambda: gr.update(**READY), None, box, cancels=[asking], **quiet)
        begin = {"kind": "clear"}, (), gr.update(value="", **READY)
        fresh.click(lambda: begin, None, [view, history, box], cancels=[asking], **quiet)
        state = [outcomes, line, detail, syncing, timer]
        files.upload(add_files, [files, outcomes], [files, *state], **quiet)
        if folders:
            folder.submit(add_folder, [folder, outcomes], [folder, *state], **quiet)
        syncing.click(sync, outcomes, state, **quiet)
        timer.tick(refresh, outcomes, state, queue=False, **quiet)
        page.load(refresh, outcomes, state, queue=False, **quiet)
        page.unload(leave)
    page.queue(max_size=64, default_concurrency_limit=8)
    return page


def launch(
    assistant: Assistant, host: str = "127.0.0.1", port: int = 7860, open_browser: bool = True, block: bool = True
) -> str:
    """Serves the page on the first free port from `port` on and starts a sync behind it; returns its address.

    With `block`, returns when interrupted. Raises CitewiseError for a host that is not this machine
    and when no port is free.
    """
    if host not in LOOPBACK:
        remedy = f"Use one of {', '.join(LOOPBACK)}."
        raise CitewiseError(f"The page has no log-in, so it does not listen on {host}.", remedy)
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
        max_file_size=int(assistant.settings.index.max_file_mb * 1e6),
        share=False,
        run_history=False,
        enable_monitoring=False,
        ssr_mode=False,
        pwa=False,
        mcp_server=False,
        app_kwargs={"middleware": [Middleware(OwnPage)]},
    )
    if block:
        print(f"Citewise is at {address} (Ctrl-C ends it)", flush=True)
        page.block_thread()
    return address


def keep_copies_private() -> None:
    """Gradio keeps what is sent to it in a folder of the user's own, not in the one that all users share."""
    place = data_folder() / "page"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["GRADIO_TEMP_DIR"] = str(place)


def window(text: str, start: int, end: int, quote: str, whole: bool = False) -> dict[str, Any]:
    """A text cut around a span (code points): before, quote, after, and how much is left out on either side.

    Where the text changed since it was cited, the quote is looked for again; a notice says so, or that it is gone.
    """
    notice = None
    if text[start:end] != quote:
        found = text.find(quote)
        if found < 0:
            return {"notice": "The file changed since this answer: these words no longer stand in it."}
        notice = "The file changed since this answer; the words were found again."
        start, end = found, found + len(quote)
    first = 0 if whole or start <= WINDOW else text.find("\n", start - WINDOW, start) + 1 or start - WINDOW
    last = len(text) if whole or len(text) <= end + WINDOW else text.rfind("\n", end, end + WINDOW)
    last = end + WINDOW if last < 0 else last
    return {
        "before": text[first:start],
        "quote": text[start:end],
        "after": text[end:last],
        "more_before": first,
        "more_after": len(text) - last,
        "notice": notice,
    }


def head() -> str:
    """The component and the frame's style, inside the page itself; applied when its first element mounts."""
    return f'<style>{read("page.css")}</style><script>document.body.classList.add("cw");\n{component()}</script>'


def theme() -> gr.themes.Base:
    """Gradio's plainest theme on the system's fonts; a font given as a string would be asked for over the network."""
    sans, mono = [Font("system-ui"), Font("sans-serif")], [Font("ui-monospace"), Font("monospace")]
    return gr.themes.Base(font=sans, font_mono=mono)


def free_port(host: str, port: int) -> int:
    """The first free port from `port` on, of fifty."""
    for candidate in range(port, min(port + 50, 65_536)):
        with closing(socket.socket()) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, candidate))
            except OSError:
                continue
            return candidate
    raise CitewiseError(f"No free port from {port} to {port + 49} on {host}.", "Name another one with --port.")
