"""Markdown: markdown-it-py finds the blocks; their spans are those of the raw source, without the markers."""

from __future__ import annotations

import re
from dataclasses import replace
from itertools import accumulate

from index.load import text as plain
from index.load.decode import decode
from index.load.draft import Draft, Outline, first_heading, one_line
from index.values import Block, BlockKind

_FRONT = re.compile(r"---[ \t]*\n(.*?\n)(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
_FRONT_TITLE = re.compile(r"^title:[ \t]*(.+)$", re.MULTILINE)
_HASHES = re.compile(r"#{1,6}[ \t]+(.*?)(?:[ \t]+#+)?[ \t]*$", re.MULTILINE)
_FENCE = re.compile(r"[ \t>]*(?:`{3,}|~{3,})[ \t]*$")
_CONTAINER = re.compile(r"[ \t>]*(?:[-*+][ \t]+|\d{1,9}[.)][ \t]+)*")
_TAG = re.compile(r"<!--.*?(?:-->|\Z)|</?[a-zA-Z][^<>]*>", re.DOTALL)
_LINK = re.compile(r"!?\[([^\]\[]*)\](?:\([^()\s]*(?:\s[^()]*)?\)|\[[^\]\[]*\])")
_EMPHASIS = re.compile(r"(\*{1,3}|~~|`+|(?<!\w)_{1,3}(?=[^_]+_{1,3}(?!\w)))(?=\S)([^*~`]+?)(?<=\S)\1")


def load(data: bytes) -> Draft:
    text = decode(data)
    blocks: list[Block] = []
    title, start = "", 0
    front = _FRONT.match(text)
    if front:
        named = _FRONT_TITLE.search(front[1])
        title, start = named[1].strip().strip("\"'") if named else "", front.end()
        blocks += span(text, front.start(1), front.end(1), "paragraph")
    blocks += _body(text, start)
    if not blocks:
        blocks = plain.outline(text)
    return Draft(text, blocks, title or bare(first_heading(text, blocks)), plain=True)


def bare(markdown: str) -> str:
    """A line of Markdown as it reads: no emphasis, code marks, tags, and of links only the words."""
    words = _EMPHASIS.sub(r"\2", _LINK.sub(r"\1", _TAG.sub("", markdown)))
    return one_line(re.sub(r"\\([^\w\s])", r"\1", words))


def span(
    text: str, start: int, end: int, kind: BlockKind, heading: str | None = None, context: str = ""
) -> list[Block]:
    """The block of `text[start:end]` without surrounding white space; none where there is nothing else."""
    inner = text[start:end].strip()
    if not inner:
        return []
    start += text[start:end].index(inner[0])
    return [Block(start, start + len(inner), kind, heading, None, context)]


def _body(text: str, offset: int) -> list[Block]:
    from markdown_it import MarkdownIt

    source = text[offset:]
    starts = list(accumulate((len(line) + 1 for line in source.split("\n")), initial=offset))
    parser = MarkdownIt("commonmark", {"maxNesting": 100}).enable("table").disable("inline")
    blocks: list[Block] = []
    where, cells, header, lonely = Outline(), list[str](), "", list[Block]()
    opener, level = "", 1
    for token in parser.parse(source):
        start, end = (starts[token.map[0]], starts[token.map[1]] - 1) if token.map else (0, 0)
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "inline" and opener == "heading_open":
            for block in span(text, *_heading(text, start, end), "heading"):
                blocks.append(replace(block, heading=where.enter(bare(text[block.start : block.end]), level)))
        elif token.type == "inline" and opener == "paragraph_open":
            blocks += span(text, _after_marker(text, start, end, token.content), end, "paragraph", where.path)
        elif token.type == "inline" and opener == "th_open":
            cells.append(bare(token.content))
        elif token.type == "tr_open" and opener == "thead_open":
            lonely = span(text, *_row(text, start, end), "row", where.path)
        elif token.type == "tr_open":
            blocks += span(text, *_row(text, start, end), "row", where.path, header)
            lonely = []
        elif token.type == "thead_close":
            header, cells = " | ".join(cells), []
        elif token.type == "table_close":
            blocks += lonely
        elif token.type in ("fence", "code_block", "html_block"):
            blocks += span(text, *_verbatim(text, start, end, token.type), "paragraph", where.path)
        if token.nesting == 1:
            opener = token.type
    return blocks


def _heading(text: str, start: int, end: int) -> tuple[int, int]:
    """Without "##" around it; an underlined one has no mark on its own lines."""
    marked = _HASHES.search(text, start, end)
    return marked.span(1) if marked else (start, end)


def _after_marker(text: str, start: int, end: int, content: str) -> int:
    """Where a paragraph begins after "- " or "> ": the parser's content is the tail of its first line."""
    line = text[start:end].split("\n", 1)[0].rstrip()
    first = content.split("\n", 1)[0].rstrip()
    return start + len(line) - len(first) if line.endswith(first) else start


def _row(text: str, start: int, end: int) -> tuple[int, int]:
    start = _CONTAINER.match(text, start, end).end()  # type: ignore[union-attr]
    inner = text[start:end].strip("| \t")
    return (start := start + text[start:end].index(inner), start + len(inner))


def _verbatim(text: str, start: int, end: int, kind: str) -> tuple[int, int]:
    """Code without its fences; HTML only if it has words."""
    if kind == "fence":
        start = min(end, text.find("\n", start, end) % (end + 1) + 1)
        last = text.rfind("\n", 0, max(end, start)) + 1
        return start, last if last >= start and _FENCE.match(text, last, end) else end
    return (start, start) if kind == "html_block" and not _TAG.sub("", text[start:end]).strip() else (start, end)
