"""Real small files of every format, made when a test needs them; each holds the same few facts about gas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from email.message import EmailMessage
from io import BytesIO
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

TABLE = (("Year", "Exports"), ("2023", "12.5"), ("2024", "13"))
SENTENCE = "Gas exports rose in 2024, said the ministry."


def pdf(
    story: Sequence[tuple[str, str]],
    *,
    title: str = "",
    head: str | Sequence[str] = "",
    password: str = "",
    table: Any = None,
) -> bytes:
    """A PDF of (style, words): styles are reportlab's ("Title", "Heading2", "Normal"); "page" begins a page.

    `head` (one, or one a page) stands at the top, the page's number at the bottom. `table` goes at the end.
    """
    from reportlab.lib.pdfencrypt import StandardEncryption
    from reportlab.lib.styles import getSampleStyleSheet
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Table

    def furnish(canvas: Any, _: Any) -> None:
        if head:
            canvas.drawString(72, 800, head if isinstance(head, str) else head[canvas.getPageNumber() - 1])
            canvas.drawString(290, 30, f"Page {canvas.getPageNumber()}")

    styles = getSampleStyleSheet()
    flow = [PageBreak() if style == "page" else Paragraph(words, styles[style]) for style, words in story]
    if table is not None:
        flow.append(Table([list(row) for row in table]))
    out = BytesIO()
    encryption = StandardEncryption(password) if password else None
    SimpleDocTemplate(out, title=title or "untitled", encrypt=encryption).build(
        flow, onFirstPage=furnish, onLaterPages=furnish
    )
    return out.getvalue()


def scanned_pdf() -> bytes:
    """A page with a drawing and no words."""
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(out)
    canvas.rect(100, 100, 300, 300, fill=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


def docx(*, title: str = "") -> bytes:
    from docx import Document

    document = Document()
    document.core_properties.title = title
    document.add_heading("Gas in Europe", 0)
    document.add_heading("Exports", 1)
    document.add_paragraph(SENTENCE)
    document.add_paragraph("By pipeline", style="List Bullet")
    document.add_paragraph("Table 1. Exports in bcm", style="Caption")
    table = document.add_table(len(TABLE), len(TABLE[0]))
    for row, cells in zip(table.rows, TABLE, strict=True):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    document.add_heading("Outlook", 2)
    document.add_paragraph("Prices may fall.")
    return _saved(document.save)


def xlsx(sheets: dict[str, Sequence[Sequence[Any]]], formats: dict[str, str] | None = None, hidden: str = "") -> bytes:
    """Sheets by name; `formats` gives number formats by cell of the first sheet."""
    from openpyxl import Workbook

    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
        if name == hidden:
            sheet.sheet_state = "hidden"
    for place, code in (formats or {}).items():
        book.worksheets[0][place].number_format = code
    return _saved(book.save)


def pptx() -> bytes:
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    first = deck.slides.add_slide(deck.slide_layouts[1])
    first.shapes.title.text = "Gas in Europe"
    first.placeholders[1].text = f"{SENTENCE}\nBy pipeline"
    first.notes_slide.notes_text_frame.text = "Pause here."
    second = deck.slides.add_slide(deck.slide_layouts[5])
    second.shapes.title.text = "Figures"
    grid = second.shapes.add_table(len(TABLE), len(TABLE[0]), Inches(1), Inches(2), Inches(5), Inches(2)).table
    for row, cells in zip(grid.rows, TABLE, strict=True):
        for cell, words in zip(row.cells, cells, strict=True):
            cell.text = words
    third = deck.slides.add_slide(deck.slide_layouts[6])
    third.shapes.add_textbox(Inches(1), Inches(1), Inches(5), Inches(1)).text_frame.text = "No title here."
    return _saved(deck.save)


def eml(body: str = f"Dear all,\n\n{SENTENCE}\n\nBest\nAnna", *, html: str = "", attach: str = "") -> bytes:
    message = EmailMessage()
    message["From"] = "Anna Å <anna@example.org>"
    message["To"] = "team@example.org"
    message["Date"] = "Mon, 03 Mar 2025 10:00:00 +0000"
    message["Subject"] = "Gas exports, März"
    if body:
        message.set_content(body)
        if html:
            message.add_alternative(html, subtype="html")
    else:
        message.set_content(html, subtype="html")
    if attach:
        message.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename=attach)
    return bytes(message)


def epub(chapters: Sequence[str], *, title: str = "A Book of Gas", encrypted: str = "") -> bytes:
    """A book of XHTML bodies, listed in the manifest in reverse, so that the spine alone gives their order."""
    numbers = range(len(chapters))
    items = "".join(f'<item id="c{n}" href="text/c%20{n}.xhtml"/>' for n in reversed(numbers))
    refs = "".join(f'<itemref idref="c{n}"/>' for n in numbers)
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip")
        archive.writestr(
            "META-INF/container.xml",
            '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
            '<rootfile full-path="OEBPS/book.opf"/></rootfiles></container>',
        )
        if encrypted:
            archive.writestr(
                "META-INF/encryption.xml",
                f'<encryption><CipherData><CipherReference URI="{encrypted}"/></CipherData></encryption>',
            )
        archive.writestr(
            "OEBPS/book.opf",
            '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/">'
            f"<metadata><dc:title>{title}</dc:title></metadata><manifest>{items}</manifest><spine>{refs}</spine></package>",
        )
        for number, body in enumerate(chapters):
            page = f'<html xmlns="http://www.w3.org/1999/xhtml"><head><title/></head><body>{body}</body></html>'
            archive.writestr(f"OEBPS/text/c {number}.xhtml", page)
    return out.getvalue()


def zipped(members: dict[str, bytes]) -> bytes:
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return out.getvalue()


def with_member(data: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """The archive `data` with one member changed."""
    with ZipFile(BytesIO(data)) as archive:
        members = {member: archive.read(member) for member in archive.namelist()}
    return zipped({**members, name: change(members[name])})


def every_format() -> dict[str, bytes]:
    """A good file of each kind, by name."""
    html = f"<html><head><title>Gas</title></head><body><h1>Exports</h1><p>{SENTENCE}</p></body></html>"
    return {
        "a.txt": f"Gas exports\n\n{SENTENCE}\n".encode(),
        "a.md": f"# Gas exports\n\n{SENTENCE}\n".encode(),
        "a.markdown": f"# Gas exports\n\n{SENTENCE}\n".encode(),
        "a.rst": f"Gas exports\n===========\n\n{SENTENCE}\n".encode(),
        "a.html": html.encode(),
        "a.htm": html.encode(),
        "a.csv": b"Year,Exports\n2023,12.5\n2024,13\n",
        "a.tsv": b"Year\tExports\n2023\t12.5\n2024\t13\n",
        "a.json": b'{"gas": [{"year": 2023, "exports": 12.5}, {"year": 2024, "exports": 13}]}',
        "a.jsonl": b'{"year": 2023, "exports": 12.5}\n{"year": 2024, "exports": 13}\n',
        "a.pdf": pdf([("Title", "Gas exports"), ("Normal", SENTENCE)]),
        "a.docx": docx(),
        "a.xlsx": xlsx({"Gas": TABLE}),
        "a.pptx": pptx(),
        "a.eml": eml(),
        "a.epub": epub([f"<h1>Gas</h1><p>{SENTENCE}</p>"]),
    }


def _saved(save: Callable[[BytesIO], Any]) -> bytes:
    out = BytesIO()
    save(out)
    return out.getvalue()
