"""What a reader sees of a line of Markdown, and where in its source each piece of it stands."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from markdown_it import MarkdownIt

_INDENT = re.compile(r"(?<=\n)[ \t>]+")
_STYLES = {"strong": "b", "em": "i", "s": "s", "link": "l"}
_TARGET = re.compile(r"\](?:\([^()\s]*(?:\s[^()]*)?\)|\[[^\]]*\])?")


class Run(NamedTuple):
    """A piece of text as it is shown, and the span of the source that it stands for. `style` has a letter for each of
    bold, italic, struck, link, code."""

    start: int
    end: int
    text: str
    style: str = ""


def runs(source: str, start: int) -> list[Run]:
    """The visible pieces of some Markdown that begins at `start`; where there are none, all of it as it stands."""
    found: list[Run] = []
    style, at = "", 0
    for token in _parser().parseInline(_INDENT.sub("", source), {})[0].children or []:
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name in _STYLES and token.nesting:
            style = style + _STYLES[name] if token.nesting > 0 else style.replace(_STYLES[name], "", 1)
            if name == "link" and token.nesting < 0 and token.info != "auto":
                target = _TARGET.search(source, at)
                at = target.end() if target else at
            continue
        if token.type in ("softbreak", "hardbreak"):
            end = source.find("\n", at) + 1 or at
            found.append(Run(at, end, "\n" if token.type == "hardbreak" else " ", style))
            at = end
            continue
        sought = token.markup if token.type == "text_special" else token.content
        if token.type == "html_inline" or not sought:
            at = max(at, source.find(sought, at) + len(sought)) if sought else at
            continue
        where = (source if token.type != "code_inline" else source.replace("\n", " ")).find(sought, at)
        if where < 0:  # words that the parser changed stand about here
            where = at
        end = min(where + len(sought), len(source))
        found.append(Run(where, end, token.content, style + "c" * (token.type == "code_inline")))
        at = end
        if token.type == "image":
            target = _TARGET.match(source, at)
            at = target.end() if target else at
    if not any(run.text.strip() for run in found):
        return [Run(start, start + len(source), source)]
    return [Run(start + run.start, start + run.end, run.text, run.style) for run in found]


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    options = {"maxNesting": 50, "html": True}
    return MarkdownIt("commonmark", options).enable("strikethrough").disable("text_join")
