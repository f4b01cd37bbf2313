"""The pages of a PDF as pictures, and where words stand on them."""

from __future__ import annotations

import ctypes
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import SequenceMatcher
from io import BytesIO
from typing import Any, NamedTuple

from index.errors import UnreadableFile
from index.load.pdf import PDFIUM, TextPage, opened

_LONGEST = 4  # times its width: what is longer is drawn smaller
_SECONDS = 5.0  # a page that takes longer to draw is given up, as nothing else of any PDF is read meanwhile
_QUALITY = 78
_MOST_WORDS = 5_000  # on a page whose words are looked for: aligning takes the square of them at worst
_UNITS = 10_000  # to the width and the height of a page
_WORD = re.compile(r"\w+")


class Box(NamedTuple):
    """A rectangle on a page, in parts of its width and height, from the left and the top."""

    left: float
    top: float
    width: float
    height: float


class PdfPages:
    """The pages of one PDF, numbered from 1. Safe for several threads; each call opens the file anew, which is cheap.

    All raise UnreadableFile where the file or the page cannot be read.
    """

    def __init__(self, data: bytes) -> None:
        self._data = data

    def ratios(self) -> list[float]:
        """Height by width of each page as it is shown; of one that cannot be read, that of A4."""
        with self._document() as document:
            sizes = [_size(document, number) for number in range(len(document))]
        return [height / width if width > 0 and height > 0 else 2**0.5 for width, height in sizes]

    def picture(self, number: int, width: int) -> bytes:
        """A page as a JPEG, so many pixels wide or, if it is very long, less."""
        import pypdfium2.raw as raw

        with self._page(number) as page:
            across, down = page.get_size()
            if across <= 0 or down <= 0:
                raise UnreadableFile("the page has no size")
            scale = min(width / across, _LONGEST * width / down)
            size = max(1, round(across * scale)), max(1, round(down * scale))
            return _drawn(raw, page, size)

    def places(self, number: int, text: str, spans: Sequence[tuple[int, int]]) -> list[list[Box]]:
        """Where each span of `text` stands on a page, line by line; `text` is what was extracted of it."""
        words = [(found.start(), found.end()) for found in _WORD.finditer(text)]
        with self._chars(number) as (_, chars):
            said = "".join(map(chr, chars.codes))
        shown = [found.span() for found in _WORD.finditer(said)]
        if max(len(words), len(shown)) > _MOST_WORDS:
            return [[] for _ in spans]
        # Others read their PDFs meanwhile: this may take seconds.
        pairs = _aligned([text[a:b] for a, b in words], [said[a:b] for a, b in shown])
        with self._chars(number) as (page, chars):
            return [_lines(page, chars, _found(words, span, pairs, shown)) for span in spans]

    @contextmanager
    def _chars(self, number: int) -> Iterator[tuple[Any, TextPage]]:
        with self._page(number) as page:
            layer = page.get_textpage()
            try:
                yield page, TextPage(layer)
            finally:
                layer.close()

    @contextmanager
    def _document(self) -> Iterator[Any]:
        with PDFIUM:
            document = opened(self._data)
            try:
                yield document
            finally:
                document.close()

    @contextmanager
    def _page(self, number: int) -> Iterator[Any]:
        import pypdfium2

        with self._document() as document:
            if not 0 < number <= len(document):
                raise UnreadableFile(f"there is no page {number}")
            try:
                page = document[number - 1]
            except pypdfium2.PdfiumError as error:
                raise UnreadableFile("the page is damaged") from error
            try:
                yield page
            finally:
                page.close()


def _size(document: Any, number: int) -> tuple[float, float]:
    import pypdfium2

    try:
        width, height = document.get_page_size(number)
    except pypdfium2.PdfiumError:
        return 0.0, 0.0
    return float(width), float(height)


def _drawn(raw: Any, page: Any, size: tuple[int, int]) -> bytes:
    import pypdfium2

    pause = raw.IFSDK_PAUSE(version=1)
    until = time.monotonic() + _SECONDS
    pause.NeedToPauseNow = type(pause.NeedToPauseNow)(lambda _: time.monotonic() > until)
    bitmap = pypdfium2.PdfBitmap.new_native(*size, raw.FPDFBitmap_BGRx)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, *size)
        flags = raw.FPDF_ANNOT | raw.FPDF_LCD_TEXT
        state = raw.FPDF_RenderPageBitmap_Start(bitmap, page, 0, 0, *size, 0, flags, pause)
        raw.FPDF_RenderPage_Close(page)
        if state != raw.FPDF_RENDER_DONE:
            raise UnreadableFile(
                "the page cannot be drawn" if state == raw.FPDF_RENDER_FAILED else "the page is too complex"
            )
        out = BytesIO()
        bitmap.to_pil().convert("RGB").save(out, "JPEG", quality=_QUALITY, subsampling=0)
        return out.getvalue()
    finally:
        bitmap.close()


def _aligned(words: list[str], shown: list[str]) -> list[tuple[int, int, int, int]]:
    """Stretches of words of the text and those of the page that are the same, or stand for each other: a word that was
    parted at the end of a line is two on the page."""
    found = SequenceMatcher(None, words, shown, autojunk=False).get_opcodes()
    return [
        (a, b, c, d) for kind, a, b, c, d in found if kind == "equal" or (kind == "replace" and d - c <= 2 * (b - a))
    ]


def _found(
    words: list[tuple[int, int]],
    span: tuple[int, int],
    pairs: list[tuple[int, int, int, int]],
    shown: list[tuple[int, int]],
) -> list[tuple[int, int]]:
    """The characters of the page, word by word, that are the words of a span of the text."""
    inside = [n for n, (start, end) in enumerate(words) if start < span[1] and end > span[0]]
    if not inside:
        return []
    found: list[tuple[int, int]] = []
    for a, b, c, d in pairs:
        first, last = max(a, inside[0]), min(b, inside[-1] + 1)
        if first < last:
            exact = b - a == d - c
            found += shown[c + first - a : c + last - a] if exact else shown[c:d]
    return found


def _lines(page: Any, chars: TextPage, words: list[tuple[int, int]]) -> list[Box]:
    """One box for the words that stand beside each other."""
    lines: list[list[float]] = []
    for start, end in words:
        boxes = [chars.box(index) for index in range(start, end)]
        left, right = min(box.left for box in boxes), max(box.right for box in boxes)
        low, high = min(box.bottom for box in boxes), max(box.top for box in boxes)
        last = lines[-1] if lines else None
        if last and abs(last[1] - low) < (high - low) / 2 and low - high < left - last[2] < 3 * (high - low):
            last[:] = min(last[0], left), min(last[1], low), max(last[2], right), max(last[3], high)
        else:
            lines.append([left, low, right, high])
    return [_shown(page, chars.raw, *line) for line in lines]


def _shown(page: Any, raw: Any, *corners: float) -> Box:
    """A rectangle of the page as it is shown: turned and cropped."""
    across, down = [], []
    for x, y in (corners[:2], corners[2:]):
        h, v = ctypes.c_int(), ctypes.c_int()
        raw.FPDF_PageToDevice(page, 0, 0, _UNITS, _UNITS, 0, x, y, h, v)
        across.append(h.value / _UNITS)
        down.append(v.value / _UNITS)
    return Box(min(across), min(down), max(across) - min(across), max(down) - min(down))
