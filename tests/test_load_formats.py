"""Each format as a real file: exact texts, headings, contexts and pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import make_files as files
from reading import LONG, find, read, shape

MARKDOWN = """---
title: "Gas, a report"
---
# Exports of *gas* #

- [First](https://example.org) item
  goes on
- [ ] second
> quoted
> words

| Year | **Exports** |
|------|-------------|
| 2023 | 12.5 |
|2024|13|

## Outlook
```python
code = 1

more()
```
1. Prices
<!-- a comment -->

Under
=====
"""


def test_markdown_spans_are_raw_without_markers() -> None:
    doc = read("a.md", MARKDOWN)
    assert doc.text == MARKDOWN
    assert doc.title == "Gas, a report"
    assert shape(doc) == [
        ("paragraph", 'title: "Gas, a report"'),
        ("heading", "Exports of *gas*"),
        ("paragraph", "[First](https://example.org) item\n  goes on"),
        ("paragraph", "[ ] second"),
        ("paragraph", "quoted\n> words"),
        ("row", "2023 | 12.5"),
        ("row", "2024|13"),
        ("heading", "Outlook"),
        ("paragraph", "code = 1\n\nmore()"),
        ("paragraph", "Prices"),
        ("heading", "Under"),
    ]
    assert find(doc, "2024|13").context == "Year | Exports"
    assert find(doc, "Prices").heading == "Exports of gas > Outlook"


def test_restructured_text() -> None:
    source = (
        "===\nGas\n===\n\nIntro with *stress*\nover two lines.\n\n"
        ".. note:: Mind this.\n\n.. image:: a.png\n   :alt: no\n\n"
        ".. a comment\n   of two lines\n\nExports\n-------\n\n- first\n  goes on\n- second\n\n"
        "====  =======\nYear  Exports\n====  =======\n2023  12.5\n2024  13\n====  =======\n\n"
        "+------+----+\n| Year | In |\n+======+====+\n| 2022 | 11 |\n+------+----+\n"
    )
    doc = read("a.rst", source)
    assert doc.text == source
    assert doc.title == "Gas"
    assert shape(doc) == [
        ("heading", "Gas"),
        ("paragraph", "Intro with *stress*\nover two lines."),
        ("paragraph", "Mind this."),
        ("heading", "Exports"),
        ("paragraph", "first\n  goes on"),
        ("paragraph", "second"),
        ("row", "2023  12.5"),
        ("row", "2024  13"),
        ("row", "2022 | 11"),
    ]
    assert find(doc, "2024").context == "Year | Exports"
    assert find(doc, "2022").context == "Year | In"
    assert find(doc, "second").heading == "Gas > Exports"


def test_html_is_what_a_reader_sees() -> None:
    doc = read(
        "a.html",
        "<!doctype html><title>Gas &amp; oil</title><style>p{}</style><nav>menu</nav><h1>Exports <b>up</b></h1>"
        "<p>One&nbsp;<i>two</i>\n  three<br>four<p>un<b>closed<div hidden>no</div><div style='display: none'>no</div>"
        "<span aria-hidden=true>no</span></b><ul><li>first<li>second<ul><li>inner</ul></ul>"
        "<table><caption>In bcm</caption><thead><tr><th>Year<th>Sold</thead>"
        "<tr><td rowspan=2>2023<td>12.5<tr><td>12.6</table><h2>Code</h2><pre>\n if x:\n     y\n</pre>"
        "<script>no</script><img alt='no'><table><tr><td>laid out</table>",
    )
    assert doc.title == "Gas & oil"
    assert shape(doc) == [
        ("heading", "Exports up"),
        ("paragraph", "One two three\nfour"),
        ("paragraph", "unclosed"),
        ("paragraph", "first"),
        ("paragraph", "second"),
        ("paragraph", "inner"),
        ("row", "2023 | 12.5"),
        ("row", "2023 | 12.6"),
        ("heading", "Code"),
        ("paragraph", "if x:\n     y"),
        ("paragraph", "laid out"),
    ]
    assert find(doc, "12.6").context == "In bcm: Year | Sold"
    assert find(doc, "laid").heading == "Exports up > Code"
    assert "Year | Sold\n2023 | 12.5\n2023 | 12.6\n\nCode" in doc.text
    assert not doc.plain


def test_html_says_its_encoding() -> None:
    page = '<meta charset="windows-1251"><p>Поставки газа</p>'
    assert shape(read("a.html", page.encode("cp1251"))) == [("paragraph", "Поставки газа")]


def test_epub_follows_the_spine() -> None:
    doc = read("a.epub", files.epub(["<h1>One</h1><p>First.<a id='x'/> More.</p>", "<h1>Two</h1><p>Second.</p>"]))
    assert doc.title == "A Book of Gas"
    assert doc.text == "One\n\nFirst. More.\n\nTwo\n\nSecond."
    assert find(doc, "Second").heading == "Two"


def test_mail() -> None:
    doc = read("a.eml", files.eml(attach="deal.pdf"))
    assert doc.title == "Gas exports, März"
    assert [words for _, words in shape(doc)] == [
        "From: Anna Å <anna@example.org>",
        "To: team@example.org",
        "Date: Mon, 03 Mar 2025 10:00:00 +0000",
        "Subject: Gas exports, März",
        "Dear all,",
        files.SENTENCE,
        "Best",
        "Anna",
        "Attachment: deal.pdf",
    ]
    assert {block.kind for block in doc.blocks} == {"paragraph"}


def test_mail_prefers_plain_text_and_reads_html() -> None:
    assert "rich" not in read("a.eml", files.eml("Plain words.", html="<p>rich words</p>")).text
    assert ("heading", "Rich") in shape(read("a.eml", files.eml("", html="<h1>Rich</h1><p>words</p>")))


def test_csv_rows_are_raw_lines() -> None:
    source = 'Year;Exports;"Note; remark"\n2023;12,5;"over\ntwo lines"\n;;\n2024;13;"said ""yes"""\n'
    doc = read("a.csv", source)
    assert doc.text == source
    assert shape(doc) == [("row", '2023;12,5;"over\ntwo lines"'), ("row", '2024;13;"said ""yes"""')]
    assert {block.context for block in doc.blocks} == {"Year | Exports | Note; remark"}


def test_csv_with_a_caption_years_as_columns_or_no_header() -> None:
    doc = read("a.csv", "Exports in bcm,,\nCountry,2023,2024\nNorway,80,81\n")
    assert find(doc, "Norway").context == "Exports in bcm: Country | 2023 | 2024"
    doc = read("a.csv", "2023,12.5\n2024,13\n")
    assert [block.context for block in doc.blocks] == ["", ""]


def test_csv_survives_a_quote_that_never_closes() -> None:
    assert len(read("a.csv", 'a,b\n"x,1\n' + "y,2\n" * 300).blocks) == 301


def test_workbook_shows_values_as_a_person_sees_them() -> None:
    rows: list[list[Any]] = [
        ["Gas exports"],
        [],
        ["Year", "Exports", "Share", "Signed", "Cost", "Paid"],
        [2023, 12.0, 0.123, datetime(2024, 1, 2), 1234.5, True],
        [2024, 0.1 + 0.2, None, datetime(2024, 1, 2, 8, 30), 5, None],
    ]
    codes = {"C4": "0.0%", "E4": '"$"#,##0.00', "E5": '#,##0 "€"'}
    doc = read("a.xlsx", files.xlsx({"Sheet 2024": rows, "Lists": [["secret"]]}, codes, hidden="Lists"))
    assert doc.text == (
        "Sheet 2024\n\nGas exports\n\nYear | Exports | Share | Signed | Cost | Paid\n"
        "2023 | 12 | 12.3% | 2024-01-02 | $1,234.50 | TRUE\n2024 | 0.3 |  | 2024-01-02 08:30:00 | 5 €"
    )
    row = find(doc, "12.3%")
    assert (row.kind, row.heading) == ("row", "Sheet 2024")
    assert row.context == "Sheet 2024: Gas exports: Year | Exports | Share | Signed | Cost | Paid"


def test_json_has_a_block_per_record() -> None:
    source = '{"name": "caf\\u00e9", "unit": "bcm",\n "gas": [{"year": 2023}, {"year": 2024, "l": [1, 2]}], "z": null}'
    doc = read("a.json", source)
    assert doc.text == source.replace("\\u00e9", "é")
    assert shape(doc) == [
        ("row", '"name": "café", "unit": "bcm"'),
        ("row", '{"year": 2023}'),
        ("row", '{"year": 2024, "l": [1, 2]}'),
        ("row", '"z": null'),
    ]
    assert doc.blocks[1].heading == "gas"


def test_json_lines_behind_either_name() -> None:
    for name in ("a.json", "a.jsonl"):
        assert shape(read(name, '{"a": 1}\n\n{"b": 2}\n')) == [("row", '{"a": 1}'), ("row", '{"b": 2}')]


def test_pdf_paragraphs_headings_rows_and_pages() -> None:
    story = [
        ("Title", "Gas in Europe"),
        ("Heading2", "Exports"),
        ("Normal", LONG),
        ("Normal", f"Second. {LONG}"),
        ("page", ""),
        ("Heading2", "Outlook"),
        ("Normal", "The eco-<br/>nomic view of well-<br/>known and well-known people of COVID-<br/>19 times."),
        ("page", ""),
        ("Normal", "The end."),
    ]
    doc = read("a.pdf", files.pdf(story, head="Ministry of Gas 2025", table=files.TABLE))
    assert shape(doc) == [
        ("heading", "Gas in Europe"),
        ("heading", "Exports"),
        ("paragraph", LONG.strip()),
        ("paragraph", f"Second. {LONG}".strip()),
        ("heading", "Outlook"),
        ("paragraph", "The economic view of well-known and well-known people of COVID-19 times."),
        ("paragraph", "The end."),
        ("row", "2023 | 12.5"),
        ("row", "2024 | 13"),
    ]
    assert [block.page for block in doc.blocks] == [1, 1, 1, 1, 2, 2, 3, 3, 3]
    assert find(doc, "The end").heading == "Gas in Europe > Outlook"
    assert find(doc, "2024").context == "Year | Exports"
    assert doc.title == "Gas in Europe"


def test_pdf_heads_that_name_the_chapter_are_dropped_by_their_page_number() -> None:
    words = [f"The {word} page holds these words." for word in ("first", "second", "third", "last")]
    story = [part for line in words for part in (("Normal", line), ("page", ""))][:-1]
    heads = ["Gas 9", "Oil 10", "Coal 11", "Wind 12"]
    assert [text for _, text in shape(read("a.pdf", files.pdf(story, head=heads)))] == words


def test_pdf_lines_with_code_in_them_stay_together() -> None:
    code = '<font name="Courier" size="9">generic-icon element of the type</font>'
    doc = read("a.pdf", files.pdf([("Normal", f"{LONG[:90]} {code} {LONG}")]))
    assert len(doc.blocks) == 1


def test_pdf_names_itself() -> None:
    assert read("a.pdf", files.pdf([("Normal", "Gas rose.")], title="Fact sheet")).title == "Fact sheet"
    assert read("gas-facts.pdf", files.pdf([("Normal", "Gas rose.")])).title == "gas facts"


def test_word_document() -> None:
    doc = read("a.docx", files.docx())
    assert doc.title == "Gas in Europe"
    assert read("a.docx", files.docx(title="Own title")).title == "Own title"
    assert doc.text == (
        f"Gas in Europe\n\nExports\n\n{files.SENTENCE}\n\nBy pipeline\n\nTable 1. Exports in bcm\n\n"
        "Year | Exports\n2023 | 12.5\n2024 | 13\n\nOutlook\n\nPrices may fall."
    )
    assert find(doc, "2024 |").context == "Table 1. Exports in bcm: Year | Exports"
    assert find(doc, "Prices").heading == "Gas in Europe > Exports > Outlook"


def test_word_insertions_count_and_deletions_do_not() -> None:
    def change(xml: bytes) -> bytes:
        edits = b'<w:p><w:ins w:id="1"><w:r><w:t>put in</w:t></w:r></w:ins>'
        edits += b'<w:del w:id="2"><w:r><w:delText>taken</w:delText></w:r></w:del></w:p>'
        return xml.replace(b"<w:sectPr", edits + b"<w:sectPr", 1)

    doc = read("a.docx", files.with_member(files.docx(), "word/document.xml", change))
    assert shape(doc)[-1] == ("paragraph", "put in")


def test_slides_are_pages() -> None:
    doc = read("a.pptx", files.pptx())
    assert doc.title == "Gas in Europe"
    assert [(b.page, b.kind, doc.text[b.start : b.end]) for b in doc.blocks] == [
        (1, "heading", "Gas in Europe"),
        (1, "paragraph", files.SENTENCE),
        (1, "paragraph", "By pipeline"),
        (1, "paragraph", "Pause here."),
        (2, "heading", "Figures"),
        (2, "row", "2023 | 12.5"),
        (2, "row", "2024 | 13"),
        (3, "paragraph", "No title here."),
    ]
    assert find(doc, "Pause").context == "Speaker notes"
    assert find(doc, "2024 |").context == "Year | Exports"
    assert find(doc, "No title").heading is None


def test_numbers_of_thousands_of_digits_are_json() -> None:
    number = "7" * 5_000
    assert shape(read("a.json", f'{{"a": {number}}}')) == [("row", f'"a": {number}')]
    assert shape(read("a.jsonl", f"[{number}]")) == [("row", f"[{number}]")]


def test_empty_columns_of_a_sheet_are_left_out() -> None:
    wide: list[list[Any]] = [
        ["Year", *[None] * 16_382, "Gas"],
        *([year, *[None] * 16_382, 12] for year in range(2000, 2005)),
    ]
    doc = read("a.xlsx", files.xlsx({"Gas": wide}))
    assert doc.text.startswith("Gas\n\nYear | Gas\n2000 | 12\n2001 | 12\n")
