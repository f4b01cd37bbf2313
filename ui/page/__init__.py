"""The chat page. Gradio keeps the frame (views, queue, uploads), web components draw what is in it.

`frame` builds it, `launch` serves it; each part of it asks for what it shows: `exchanges` and `asking` are behind the
questions, `sources` (with `reading`, `parts` and `inline`) behind the source panel, `library` (with `rows`) behind the
documents, `quality` (with `evaluating`) behind verdicts and evaluations; what a page calls
goes through `offered`. Conversations live in the reader's browser.
"""

from ui.page.frame import build, options
from ui.page.launch import free_port, launch
from ui.page.sources import routes

__all__ = ["build", "free_port", "launch", "options", "routes"]
