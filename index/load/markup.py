"""HTML: what a reader sees of a page. Mail and EPUB read their bodies through `read`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from index.load.decode import decode
from index.load.draft import Builder, Draft, one_line
from index.load.tables import is_headed

if TYPE_CHECKING:
    from lxml.etree import _Element

_DROPPED = {
    "script",
    "style",
    "nav",
    "noscript",
    "template",
    "head",
    "svg",
    "iframe",
    "object",
    "embed",
    "audio",
    "video",
}
_DROPPED |= {"canvas", "button", "select", "textarea", "datalist", "dialog", "map"}
_INLINE = {
    "a",
    "abbr",
    "acronym",
    "b",
    "bdi",
    "bdo",
    "big",
    "cite",
    "code",
    "data",
    "del",
    "dfn",
    "em",
    "font",
    "i",
    "img",
}
_INLINE |= {"input", "ins", "kbd", "label", "mark", "math", "meter", "output", "q", "rp", "rt", "ruby", "s", "samp"}
_INLINE |= {"small", "span", "strike", "strong", "sub", "sup", "time", "tt", "u", "var", "wbr"}
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_CHARSET = re.compile(
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]+)|<\?xml[^>]{0,100}?encoding=["']([\w.:-]+)""", re.I
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_WHITE = re.compile(r"[ \t\n\r\f]+")


def load(data: bytes) -> Draft:
    charset = _CHARSET.search(data[:4096])
    declared = (charset[1] or charset[2]).decode("ascii", "replace") if charset else None
    builder = Builder()
    title = read(builder, decode(data, declared))
    return builder.draft(title or builder.first_heading())


def read(builder: Builder, html: str) -> str:
    """Add the visible blocks of a page to `builder`; return its <title>, or ""."""
    from lxml import etree

    # A parser that gets bytes in a named encoding ignores what the page says of its own, which is settled by now.
    parser = etree.HTMLParser(encoding="utf-8", remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(html.encode("utf-8", "replace"), parser)
    except etree.ParserError:  # nothing in it
        return ""
    if root is None:
        return ""
    _Page(builder).walk(root)
    return one_line(root.findtext(".//head/title") or root.findtext(".//title") or "")


class _Page:
    """Gathers running text until a block begins or ends."""

    def __init__(self, builder: Builder) -> None:
        self.builder = builder
        self.words: list[str] = []
        self.level = 0

    def walk(self, root: _Element) -> None:
        """Iterative, because pages nest deeper than Python recurses."""
        stack: list[tuple[_Element, bool]] = [(root, False)]
        while stack:
            node, closing = stack.pop()
            if closing:
                self._close(node)
            elif isinstance(node.tag, str) and not _is_dropped(node):
                if node.tag == "table" and _is_data(node):
                    self.flush()
                    self._table(node)
                elif node.tag == "pre":
                    self.flush()
                    self.builder.verbatim("".join(map(str, node.itertext())))
                else:
                    self._open(node)
                    stack.append((node, True))
                    stack.extend((child, False) for child in reversed(node))
                    continue
                self._say(node.tail)
            else:
                self._say(node.tail)
        self.flush()

    def _open(self, node: _Element) -> None:
        if node.tag == "br":
            self.words.append("\n")
        elif node.tag not in _INLINE:
            self.flush()
            if node.tag in _HEADINGS:
                self.level = int(node.tag[1])
        self._say(node.text)

    def _close(self, node: _Element) -> None:
        if node.tag not in _INLINE and node.tag != "br":
            self.flush()
            self.level = 0 if node.tag in _HEADINGS else self.level
        self._say(node.tail)

    def _say(self, text: str | None) -> None:
        if text:
            self.words.append(_WHITE.sub(" ", text))

    def flush(self) -> None:
        text, self.words = "".join(self.words), []
        if self.level:
            self.builder.heading(text, self.level)
            return
        for paragraph in re.split(r"\n\s*\n", text):
            self.builder.paragraph(paragraph)

    def _table(self, table: _Element) -> None:
        caption = next(map(_words, table.iterchildren("caption")), "")
        rows, headed = _grid(table)
        self.builder.table(rows, headed=headed or is_headed(rows), caption=caption)


def _is_dropped(node: _Element) -> bool:
    if node.tag in _DROPPED or "hidden" in node.attrib or node.get("aria-hidden") == "true":
        return True
    style = node.get("style")
    return bool(style and _HIDDEN.search(style))


def _rows(table: _Element) -> list[_Element]:
    return [row for row in table.iterfind(".//tr") if not _is_dropped(row)]


def _is_data(table: _Element) -> bool:
    """A table that lays out a page holds other tables, or has one column or one row, or says so itself."""
    if table.get("role") in ("presentation", "none") or table.find(".//table") is not None:
        return False
    rows = _rows(table)
    return table.find(".//th") is not None or (len(rows) > 1 and any(len(row) > 1 for row in rows))


def _grid(table: _Element) -> tuple[list[list[str]], bool]:
    """The rows of a table, cells that span rows repeated in each; and whether the first row is a header."""
    grid: list[list[str]] = []
    open_cells: dict[int, tuple[int, str]] = {}
    head = 0
    for row in _rows(table):
        cells: list[str] = []
        own = [cell for cell in row.iterchildren("td", "th") if not _is_dropped(cell)]
        for cell in own:
            _fill(cells, open_cells)
            text = _words(cell)
            down, across = _count(cell.get("rowspan")), _count(cell.get("colspan"))
            for column in range(len(cells), len(cells) + across):
                if down > 1:
                    open_cells[column] = (down - 1, text)
                cells.append(text)
        _fill(cells, open_cells)
        parent = row.getparent()
        in_head = parent is not None and parent.tag == "thead"
        if own and (in_head or (not grid and all(cell.tag == "th" for cell in own))):
            head += 1
        grid.append(cells)
    if head > 1:
        grid[:head] = [[" ".join(dict.fromkeys(column)) for column in zip(*grid[:head], strict=False)]]
    return grid, head > 0


def _fill(cells: list[str], open_cells: dict[int, tuple[int, str]]) -> None:
    while len(cells) in open_cells:
        left, text = open_cells.pop(len(cells))
        if left > 1:
            open_cells[len(cells)] = (left - 1, text)
        cells.append(text)


def _count(span: str | None) -> int:
    return min(int(span), 100) if span and span.isdecimal() and span.isascii() and int(span[:4]) > 0 else 1


def _words(node: _Element) -> str:
    """All visible text below `node`, on one line."""
    words: list[str] = []
    stack: list[_Element | str | None] = [node]
    while stack:
        item = stack.pop()
        if isinstance(item, str):
            words.append(item)
        elif item is not None and isinstance(item.tag, str) and not _is_dropped(item):
            block = "" if item.tag in _INLINE else " "
            words.append(block)
            stack.append(block)
            for child in reversed(item):
                stack += [child.tail, child]
            stack.append(item.text)
    return one_line("".join(words))
