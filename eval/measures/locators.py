"""Whether the line or page of a citation is where its words stand in the file itself, read apart from the index.

Lines are counted as editors count them: at LF, CR LF and CR alone; a form feed, U+2028 and the like begin no line.
"""

from __future__ import annotations

import codecs
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import Any

from eval.measure import Outcome
from rag import Answer, Citation

_PDFIUM = Lock()  # PDFium must not run in two threads at once
_TEXT = "{http://schemas.openxmlformats.org/drawingml/2006/main}t"
_FIRST = 3  # words with which a quote begins
_LINE_END = re.compile(r"\r\n|\r|\n")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip


def locator_exact(outcome: Outcome, answer: Answer) -> bool | None:
    """Whether every line and page of the citations is right; None where none can be checked: no citation has one, or
    the file has gone or changed since."""
    checked = [_right(citation, outcome) for citation in answer.citations]
    known = [one for one in checked if one is not None]
    return all(known) if known else None


def _right(citation: Citation, outcome: Outcome) -> bool | None:
    document = outcome.documents.get(citation.source)
    if document is None or (citation.line is None and citation.page is None):
        return None
    if citation.line is not None:
        lines = _lines(Path(document.path), citation.sha256)
        return None if lines is None else line_holds(lines, citation.line, citation.quote)
    pages = _pages(Path(document.path), citation.sha256)
    return None if pages is None else page_holds(pages, citation.page or 0, citation.quote)


def line_holds(lines: Sequence[str], number: int, quote: str) -> bool:
    """Whether a quote begins in the line of a number, counted from 1, and goes on in the next ones; the kind of white
    space does not matter."""
    if not 1 <= number <= len(lines):
        return False
    begun = _spaced(lines[number - 1])
    text = _spaced("\n".join(lines[number - 1 : number + quote.count("\n")]))
    return 0 <= text.find(_spaced(quote)) < len(begun)


def page_holds(pages: Sequence[str], number: int, quote: str) -> bool:
    """Whether a quote begins on the page of a number, counted from 1, and perhaps goes on in the next one; `pages` are
    the `letters` of each. Where no page has the words in their order (columns, tables), they only have to be there, the
    first ones on the page itself."""
    if not 1 <= number <= len(pages):
        return False
    begins = [0 <= (first + after).find(letters(quote)) < len(first) for first, after in pairwise([*pages, ""])]
    if any(begins):
        return begins[number - 1]
    first, after = pages[number - 1], "".join(pages[number : number + 1])
    words = [letters(word) for word in quote.split()]
    return all(word in first for word in words[:_FIRST]) and all(word in first or word in after for word in words)


def _spaced(text: str) -> str:
    return " ".join(text.replace("\0", " ").split())


def letters(text: str) -> str:
    """The letters and digits of a text, without case: white space, hyphens and punctuation do not matter."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", text).casefold() if letter.isalnum())


def _read(path: Path, sha256: str) -> bytes | None:
    """The bytes of a file that is as it was when it was indexed."""
    try:
        data = path.read_bytes()
    except OSError:
        return None
    return data if hashlib.sha256(data).hexdigest() == sha256 else None


@lru_cache(maxsize=64)
def _lines(path: Path, sha256: str) -> list[str] | None:
    data = _read(path, sha256)
    if data is None:
        return None
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    try:
        return _LINE_END.split(data.decode(encoding))
    except UnicodeDecodeError:
        return None  # in which encoding it is can only be guessed


@lru_cache(maxsize=16)
def _pages(path: Path, sha256: str) -> list[str] | None:
    data = _read(path, sha256)
    if data is None:
        return None
    read = {".pdf": _pdf_pages, ".pptx": _slides}.get(path.suffix.lower())
    return read and list(map(letters, read(data)))


def _pdf_pages(data: bytes) -> list[str]:
    import pypdfium2

    with _PDFIUM:
        document = pypdfium2.PdfDocument(data)
        try:
            return [page.get_textpage().get_text_bounded() for page in document]
        finally:
            document.close()


def _slides(data: bytes) -> list[str]:
    from pptx import Presentation

    return [" ".join(_words(slide)) for slide in Presentation(BytesIO(data)).slides]


def _words(slide: Any) -> Iterator[str]:
    """All texts of a slide, those in groups, tables and notes too."""
    parts = [slide, slide.notes_slide] if slide.has_notes_slide else [slide]
    for part in parts:
        yield from (node.text or "" for node in part._element.iter(_TEXT))
