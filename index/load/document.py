"""Word documents: paragraphs and tables in the order of the body, then the notes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

from index.load.archive import check_office
from index.load.draft import Builder, Draft, Outline
from index.load.tables import is_headed

if TYPE_CHECKING:
    from docx.document import Document
    from lxml.etree import _Element

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_SKIPPED = {f"{_W}moveFrom", f"{_W}del", _FALLBACK}
_SIGNS = {f"{_W}tab": "\t", f"{_W}br": "\n", f"{_W}cr": "\n", f"{_W}noBreakHyphen": "-"}
_CONTAINERS = {f"{_W}{name}" for name in ("sdt", "sdtContent", "ins", "moveTo", "smartTag", "customXml")}
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)


def load(data: bytes) -> Draft:
    check_office(data)
    from docx import Document as open_document

    document = open_document(BytesIO(data))
    reader = _Reader(document)
    reader.blocks(document.element.body)
    reader.notes(document)
    return reader.builder.draft(document.core_properties.title or reader.builder.first_heading())


class _Reader:
    """Walks the body of one document. python-docx opens it; its own walk leaves out insertions, controls and boxes."""

    def __init__(self, document: Document) -> None:
        self.builder = Builder()
        self.levels: dict[str, int] = {}
        self.captions: set[str] = set()
        self.caption = ""
        based = {}
        for style in document.styles.element.iterchildren(f"{_W}style"):
            key, name = str(style.get(f"{_W}styleId")), _value(style, "name").lower()
            heading = _HEADING.fullmatch(name)
            if heading or name == "title":
                self.levels[key] = int(heading[1]) if heading else 0
            elif name == "caption":
                self.captions.add(key)
            based[key] = _value(style, "basedOn")
        for key in list(based):
            parent, seen = based[key], {key}
            while key not in self.levels and parent in based and parent not in seen:
                seen.add(parent)
                if parent in self.levels:
                    self.levels[key] = self.levels[parent]
                parent = based[parent]

    def blocks(self, parent: _Element) -> None:
        for node in parent:
            if node.tag == f"{_W}p":
                self._paragraph(node)
            elif node.tag == f"{_W}tbl":
                self._table(node)
            elif node.tag in _CONTAINERS:
                self.blocks(node)

    def notes(self, document: Document) -> None:
        """Footnotes and endnotes stand below no heading."""
        from lxml import etree

        for relation in document.part.rels.values():
            kind = relation.reltype.rsplit("/", 1)[-1]
            if kind in ("footnotes", "endnotes") and not relation.is_external:
                self.builder.outline = Outline()
                root = etree.fromstring(relation.target_part.blob, etree.XMLParser(resolve_entities=False))
                for note in root:
                    if note.get(f"{_W}type") is None:
                        self.builder.paragraph(_text(note), context=kind[:-1].capitalize())

    def _paragraph(self, node: _Element) -> None:
        text = _text(node)
        properties = node.find(f"{_W}pPr")
        style = _value(properties, "pStyle") if properties is not None else ""
        level = self.levels.get(style)
        if level is None and properties is not None and _value(properties, "outlineLvl").isdecimal():
            own = int(_value(properties, "outlineLvl"))
            level = own + 1 if own < 9 else None  # 9 is body text
        if level is not None:
            self.builder.heading(text, level)
        else:
            self.builder.paragraph(text)
        self.caption = text if style in self.captions else ""
        for box in _boxes(node):
            self.blocks(box)

    def _table(self, table: _Element) -> None:
        rows, headed = _grid(table)
        if len(rows) < 2 or max(map(len, rows)) < 2:  # a frame around text
            for cell in table.iterfind(f"{_W}tr/{_W}tc"):
                self.blocks(cell)
        else:
            self.builder.table(rows, headed=headed or is_headed(rows), caption=self.caption)
        self.caption = ""


def _value(parent: _Element, name: str) -> str:
    node = parent.find(f"{_W}{name}")
    return "" if node is None else str(node.get(f"{_W}val") or "")


def _grid(table: _Element) -> tuple[list[list[str]], bool]:
    """The rows of cells; a cell that spans rows is repeated in each. And whether the first row is marked as header."""
    rows: list[list[str]] = []
    above: dict[int, str] = {}
    for row in table.iterchildren(f"{_W}tr"):
        cells, column = [], 0
        for cell in row.iter(f"{_W}tc"):
            if next(cell.iterancestors(f"{_W}tr")) is not row:
                continue  # of a table in a cell: part of that cell's text
            properties = cell.find(f"{_W}tcPr")
            text = " ".join(_text(cell).split())
            if properties is not None:
                merged = properties.find(f"{_W}vMerge")
                if merged is not None and merged.get(f"{_W}val") != "restart":
                    text = above.get(column, "")
            above[column] = text
            cells.append(text)
            span = _value(properties, "gridSpan") if properties is not None else ""
            column += int(span) if span.isdecimal() else 1
        rows.append(cells)
    first = table.find(f"{_W}tr/{_W}trPr/{_W}tblHeader")
    top = table.find(f"{_W}tr")
    return rows, first is not None and top is not None and first in top.iter()


def _walk(node: _Element) -> Iterator[_Element]:
    """All below `node` that is shown, text boxes aside."""
    for child in node:
        if child.tag == f"{_W}txbxContent" or child.tag in _SKIPPED:
            continue
        yield child
        yield from _walk(child)
        if child.tag == f"{_W}p":
            yield child.makeelement(f"{_W}br")


def _text(node: _Element) -> str:
    return "".join((item.text or "") if item.tag == f"{_W}t" else _SIGNS.get(item.tag, "") for item in _walk(node))


def _boxes(node: _Element) -> list[_Element]:
    return [box for box in node.iter(f"{_W}txbxContent") if next(box.iterancestors(_FALLBACK), None) is None]
