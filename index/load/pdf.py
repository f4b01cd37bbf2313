"""PDF: the text layer as lines with their places (here), and those as paragraphs, headings and rows (`layout`)."""

from __future__ import annotations

import ctypes
import re
from math import hypot
from statistics import mode
from threading import Lock
from typing import Any

from index.errors import UnreadableFile
from index.load.draft import Builder, Draft, one_line
from index.load.layout import Cell, Line, arrange

PDFIUM = Lock()  # which is not thread-safe
_PASSWORD, _SECURITY = 4, 5  # FPDF_ERR_*
_LINE_ENDS = {0x0A, 0x0D}
_HYPHENS = {0x02, 0xFFFE}  # how PDFium marks a hyphen at the end of a line, after which it joins the lines
_SPACES = {0x20, 0x09, 0xA0}
_JUNK_TITLE = re.compile(
    r"untitled.*|\(?anonymous\)?|.*\.(?:docx?|pdf|indd|tex|dvi|qxd|pptx?|rtf|html?)|microsoft .*", re.I
)


def load(data: bytes) -> Draft:
    pages, title = _read(data)
    if not any(pages):
        raise UnreadableFile("no text layer (scanned?): run OCR first")
    builder = Builder()
    arrange(pages, builder)
    return builder.draft(("" if _JUNK_TITLE.fullmatch(title) else title) or builder.first_heading())


def opened(data: bytes) -> Any:
    """The document, to be closed. Raises UnreadableFile."""
    import pypdfium2

    try:
        return pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code in (_PASSWORD, _SECURITY):
            raise UnreadableFile("encrypted") from error
        raise UnreadableFile("damaged: not a complete PDF") from error


def _read(data: bytes) -> tuple[list[list[Line]], str]:
    import pypdfium2

    with PDFIUM:
        document = opened(data)
        count = len(document)
    try:
        pages: list[list[Line]] = []
        damaged = 0
        for number in range(count):
            try:
                with PDFIUM:  # page by page, as somebody may wait to see one
                    pages.append(_page(document, number))
            except pypdfium2.PdfiumError:  # a page that cannot be loaded does not take the others with it
                pages.append([])
                damaged += 1
        if damaged == len(pages):
            raise UnreadableFile("damaged: no page can be read")
        with PDFIUM:
            return pages, one_line(document.get_metadata_dict().get("Title", ""))
    finally:
        with PDFIUM:
            document.close()


def _page(document: Any, number: int) -> list[Line]:
    page = document[number]
    try:
        text = page.get_textpage()
        try:
            return TextPage(text).lines()
        finally:
            text.close()
    finally:
        page.close()


class TextPage:
    """Characters of one page by PDFium's raw interface, which alone tells where they stand."""

    def __init__(self, page: Any) -> None:
        import pypdfium2.raw as raw

        self.raw, self.page = raw, page.raw
        unicode = raw.FPDFText_GetUnicode
        self.codes: list[int] = [unicode(self.page, index) for index in range(page.count_chars())]

    def lines(self) -> list[Line]:
        lines: list[Line] = []
        start = 0
        for index, code in enumerate([*self.codes, 0x0A]):
            if code in _LINE_ENDS or code in _HYPHENS:
                line = self._line(start, index, hyphen=code in _HYPHENS)
                if line is not None:
                    lines.append(line)
                start = index + 1
        return lines

    def _line(self, start: int, end: int, hyphen: bool) -> Line | None:
        while start < end and self.codes[start] in _SPACES:
            start += 1
        while end > start and self.codes[end - 1] in _SPACES:
            end -= 1
        if start == end:
            return None
        size = self._size(start, end)
        cells: list[Cell] = []
        at = start
        for index in range(start + 1, end):
            if self.codes[index] in _SPACES and self.codes[index + 1] not in _SPACES:
                last = index
                while self.codes[last - 1] in _SPACES:
                    last -= 1
                if self.box(index + 1).left - self.box(last - 1).right > size:
                    cells.append(self._cell(at, last))
                    at = index + 1
        cells.append(self._cell(at, end))
        if hyphen:
            cells[-1] = cells[-1]._replace(text=cells[-1].text + "-")
        return Line(cells, self.box(start).bottom, size, self._bold(start) and self._bold(end - 1))

    def _cell(self, start: int, end: int) -> Cell:
        return Cell(self.box(start).left, self.box(end - 1).right, self._text(start, end))

    def _text(self, start: int, end: int) -> str:
        text = "".join(map(chr, self.codes[start:end]))
        return one_line(text.encode("utf-16", "surrogatepass").decode("utf-16", "replace"))

    def box(self, index: int) -> Any:
        box = self.raw.FS_RECTF()
        self.raw.FPDFText_GetLooseCharBox(self.page, index, box)
        return box

    def _size(self, start: int, end: int) -> float:
        """The usual size of a line, of five letters of it: some may be a bullet, code or an invented space."""
        places = (start + (end - 1 - start) * quarter // 4 for quarter in range(5))
        return mode(self._letter(index) for index in places if self.codes[index] not in _SPACES)

    def _letter(self, index: int) -> float:
        """The height of a letter as set: the font's size times what the text's matrix makes of it."""
        matrix = self.raw.FS_MATRIX()
        scale = hypot(matrix.b, matrix.d) if self.raw.FPDFText_GetMatrix(self.page, index, matrix) else 1.0
        return round(2 * self.raw.FPDFText_GetFontSize(self.page, index) * scale) / 2 or 1.0

    def _bold(self, index: int) -> bool:
        buffer, flags = ctypes.create_string_buffer(128), ctypes.c_int()
        self.raw.FPDFText_GetFontInfo(self.page, index, buffer, len(buffer), flags)
        name = buffer.value.lower()
        return b"bold" in name or b"black" in name or self.raw.FPDFText_GetFontWeight(self.page, index) >= 600
