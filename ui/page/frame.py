"""The frame of the page: where each component stands, and which functions of the server it may call.

No text of a document ever enters a Gradio template: `gr.HTML` evaluates its templates as JavaScript, where a file named
`${...}` would run. The templates here are constants; data reaches the components as properties.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

import gradio as gr
from gradio.themes.utils.fonts import Font

from rag import data_folder
from ui.assets import asset, component, read
from ui.indexing import Indexing
from ui.page.asking import Asking
from ui.page.exchanges import Exchanges
from ui.page.library import Library
from ui.page.quality import Quality
from ui.page.sources import Sources

if TYPE_CHECKING:
    from rag import Assistant

MOUNT = """
for (const node of element.querySelectorAll("[data-part]"))
  customElements.whenDefined(node.localName).then(() => node.mounted({ props, server, trigger, watch }));
"""
CHAT = "<citewise-chat></citewise-chat><citewise-ask data-part></citewise-ask>"
LINE = "<citewise-index data-part line></citewise-index>"
DOCUMENTS = "<citewise-documents data-part></citewise-documents>"
QUALITY = "<citewise-quality data-part></citewise-quality>"
RAIL = "<citewise-conversations data-part></citewise-conversations>"
NAV = '<b class="cw-brand">Citewise</b><citewise-nav data-part></citewise-nav>'


def build(assistant: Assistant, indexing: Indexing | None = None, *, folders: bool = True) -> gr.Blocks:
    """The page over one assistant, by default with a sync of its own; where no `folders`, none can be added by it."""
    indexing = indexing or Indexing(assistant)
    exchanges, sources = Exchanges(assistant), Sources(assistant)
    asking = Asking(assistant, indexing, exchanges)
    quality, library = Quality(assistant), Library(assistant, indexing, folders=folders)
    keep_copies_private()

    def ask(event: gr.EventData, request: gr.Request) -> Iterator[dict[str, Any]]:
        yield from exchanges.ask(event._data, str(request.session_hash))

    def leave(request: gr.Request) -> None:
        exchanges.leave(str(request.session_hash))

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    bare: dict[str, Any] = {"apply_default_css": False}
    with gr.Blocks(title="Citewise", fill_width=True, analytics_enabled=False, delete_cache=(3600, 3600)) as page:
        with gr.Row(elem_id="cw-head"):
            gr.HTML(html_template=NAV, js_on_load=MOUNT, head=head(), elem_id="cw-nav", **bare)
            gr.HTML(html_template=LINE, js_on_load=MOUNT, elem_id="cw-line", **bare)
        with gr.Row(elem_id="cw-chat-view"):
            with gr.Column(elem_id="cw-rail"):
                gr.HTML(assistant.index.folder.name, html_template=RAIL, js_on_load=MOUNT, **bare)
            with gr.Column(elem_id="cw-main"):
                view = gr.HTML(
                    html_template=CHAT,
                    js_on_load=MOUNT,
                    server_functions=[*exchanges.functions, *asking.functions, *sources.functions, *quality.judging],
                    elem_id="cw-chat",
                    **bare,
                )
        with gr.Column(elem_id="cw-documents-view"):
            gr.HTML(html_template=DOCUMENTS, js_on_load=MOUNT, server_functions=library.functions, **bare)
        with gr.Column(elem_id="cw-quality-view"):
            gr.HTML(html_template=QUALITY, js_on_load=MOUNT, server_functions=quality.functions, **bare)
        view.submit(ask, None, view, trigger_mode="multiple", concurrency_limit=8, **quiet)
        page.unload(leave)
    page.queue(max_size=64, default_concurrency_limit=8)
    return page


def keep_copies_private() -> None:
    """Gradio keeps what is sent to it in a folder of the user's own, not in the one that all users share."""
    place = data_folder() / "page"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    os.environ["GRADIO_TEMP_DIR"] = str(place)


def head() -> str:
    """The component and the frame's style, inside the page itself; applied when its first element mounts."""
    return f'<style>{read("page.css")}</style><script>document.body.classList.add("cw");\n{component()}</script>'


def options(assistant: Assistant) -> dict[str, Any]:
    """How Gradio serves the page, by itself or mounted: as ours, with nothing of its own beside it."""
    return {
        "theme": theme(),
        "favicon_path": str(asset("favicon.svg")),
        "footer_links": [],
        "max_file_size": int(assistant.settings.index.max_file_mb * 1e6),
        "run_history": False,
        "enable_monitoring": False,
        "ssr_mode": False,
        "pwa": False,
        "mcp_server": False,
    }


def theme() -> gr.themes.Base:
    """Gradio's plainest theme on the system's fonts; a font given as a string would be asked for over the network."""
    sans, mono = [Font("system-ui"), Font("sans-serif")], [Font("ui-monospace"), Font("monospace")]
    return gr.themes.Base(font=sans, font_mono=mono)
