"""The chat page. Gradio keeps the frame (views, queue, uploads), web components draw what is in it.

`frame` builds it, `launch` serves it; `exchanges` answers its questions, `sources` reads for its panel, `library` is
behind its documents, `quality` behind its verdicts and evaluations. Conversations live in the reader's browser.
"""

from ui.page.frame import build, theme
from ui.page.launch import free_port, launch
from ui.page.sources import routes

__all__ = ["build", "free_port", "launch", "routes", "theme"]
