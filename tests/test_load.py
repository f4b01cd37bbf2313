"""What holds for every loader; encodings; and plain text, whose shape is all there is to go by."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import make_files as files
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reading import LONG, check, read, shape

from index.errors import UnreadableFile
from index.load import SUPPORTED, extract

ROOT = Path(__file__).resolve().parents[1]
CORPUS = ROOT.parent / "shared" / "corpus"
GOOD = files.every_format()


def test_every_supported_suffix_reads_a_good_file() -> None:
    assert {"." + name.split(".")[1] for name in GOOD} == SUPPORTED
    for name, data in GOOD.items():
        doc = read(name, data)
        assert "2024" in doc.text
        assert doc.extractor.split("/")[1].isdecimal()
        assert extract(name, data) == doc


def test_suffix_in_any_case_and_names_as_paths() -> None:
    assert read("In/Some.Folder/GAS.TXT", "Gas rose.").title == "GAS"


def test_importing_the_package_loads_no_parser() -> None:
    heavy = "lxml", "docx", "pptx", "openpyxl", "pypdfium2", "markdown_it", "charset_normalizer", "email.message"
    code = f"import sys, index.load; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("name", "title"),
    [("gas-deal_2025.txt", "gas deal 2025"), ("2025-02-18_talks.txt", "2025-02-18 talks"), ("天然气.txt", "天然气")],
)
def test_a_file_without_a_title_is_called_by_its_name(name: str, title: str) -> None:
    assert read(name, "gas rose in 2024, said the ministry.").title == title


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.sampled_from(list("aB1 .?|-=#>*+:\"',;\t\n\n<&[]{}\u00a0\u2028\u0085\fé文\x1c\ufeff")), max_size=200),
    st.sampled_from([".txt", ".md", ".rst", ".html", ".csv", ".tsv", ".json", ".jsonl", ".eml"]),
)
def test_any_text_gives_sound_blocks_or_a_reason(text: str, suffix: str) -> None:
    try:
        doc = extract(f"a{suffix}", text.encode("utf-8", "surrogatepass"))
    except UnreadableFile:
        return
    check(doc)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(sorted(SUPPORTED)))
def test_any_bytes_give_sound_blocks_or_a_reason(data: bytes, suffix: str) -> None:
    with suppress(UnreadableFile):
        check(extract(f"a{suffix}", data))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Größe: 5 m", "utf-8"),
        ("Größe: 5 m", "utf-8-sig"),
        ("Größe: 5 m", "utf-16"),
        ("Größe: 5 m", "utf-16-le"),
        ("Größe: 5 m", "utf-16-be"),
        ("Größe: 5 m", "utf-32"),
        ("Größe: 5 m", "utf-32-le"),
        ("The café sold “gas” for 5 € – cheap.", "cp1252"),
        ("Поставки газа в Европу выросли на двенадцать процентов, сообщило министерство.", "cp1251"),
        ("天然ガスの輸出は二〇二四年に増加しました。省はそう発表しました。これは試験の文章です。", "shift_jis"),
        ("天然ガスの輸出は増加しました。\n", "utf-16-le"),
    ],
)
def test_encodings(text: str, encoding: str) -> None:
    assert read("a.txt", text.encode(encoding)).text == text


def test_newlines_and_marks_are_made_one_kind() -> None:
    doc = read("a.txt", "\ufeffone.\r\ntwo.\rthree.\u2028four.\u0085five.\fsix.\x00seven.")
    assert doc.text == "one.\ntwo.\nthree. four. five. six. seven."


def test_one_broken_byte_does_not_cost_the_file() -> None:
    assert "\ufffd" in read("a.txt", ("Größe und Länge. " * 20).encode() + b"\xff" + b" Gas rose.").text


def test_text_is_the_file_and_lines_are_paragraphs() -> None:
    source = f"Gas in Europe\n\nExports\n{LONG}\n{LONG}\n"
    doc = read("a.txt", source)
    assert doc.text == source
    assert doc.plain
    assert doc.title == "Gas in Europe"
    assert shape(doc) == [
        ("heading", "Gas in Europe"),
        ("heading", "Exports"),
        ("paragraph", LONG.strip()),
        ("paragraph", LONG.strip()),
    ]
    assert [block.heading for block in doc.blocks] == [None, "Gas in Europe", *["Gas in Europe > Exports"] * 2]


def test_hard_wrapped_text_has_a_paragraph_per_blank_line() -> None:
    first = (
        "Gas exports rose in the year that ended in March, and the ministry\nsaid that it expected more\nin the next"
    )
    second = "Prices fell over the same period because storage was full and the\nwinter had been mild in most of Europe"
    doc = read("a.txt", f"OUTLOOK\n{first}\n\n{second}\n\n3.2 Method\n\n{first}\n")
    assert shape(doc) == [
        ("heading", "OUTLOOK"),
        ("paragraph", first),
        ("paragraph", second),
        ("heading", "3.2 Method"),
        ("paragraph", first),
    ]


@pytest.mark.parametrize(
    "heading", ["What is happening?", "Europe’s concern", "3.2 Method", "RESULTS", "1. Introduction"]
)
def test_short_lines_above_a_body_are_headings(heading: str) -> None:
    doc = read("a.txt", f"{LONG}\n{heading}\n{LONG}")
    assert doc.blocks[1].kind == "heading"
    assert doc.blocks[2].heading == heading


@pytest.mark.parametrize(
    "line",
    [
        "It rose.",
        "it rose",
        "- An item",
        "Dear all,",
        "As follows:",
        "12345",
        "Photo by A. Person",
        "https://example.org/a",
    ],
)
def test_other_short_lines_are_not(line: str) -> None:
    assert all(block.kind == "paragraph" for block in read("a.txt", f"{LONG}\n{line}\n{LONG}").blocks)


def test_lists_of_short_lines_are_not_headings() -> None:
    doc = read("a.txt", "Milk\nBread\nButter\nTea\nJam\n")
    assert {block.kind for block in doc.blocks} == {"paragraph"}
    doc = read("a.txt", f"1. Milk\n2. Bread\n3. Tea\n\n{LONG}")
    assert {block.kind for block in doc.blocks} == {"paragraph"}


def test_a_title_page_and_minutes() -> None:
    line = (
        "It was the best of times, it was the worst of times, it was the age of\nwisdom, it was the age of foolishness."
    )
    doc = read("a.txt", f"A Tale of Two Cities\nby Charles Dickens\n\nCHAPTER I.\nThe Period\n\n{line}\n\n{line}\n")
    assert doc.title == "A Tale of Two Cities"
    assert shape(doc)[:4] == [
        ("heading", "A Tale of Two Cities"),
        ("paragraph", "by Charles Dickens"),
        ("heading", "CHAPTER I."),
        ("heading", "The Period"),
    ]
    assert shape(doc)[4:] == [("paragraph", line)] * 2
    doc = read(
        "a.txt", "Minutes\nDate: 3 March\nPresent: Anna, Bob\n\n1. Budget\nIt was approved.\n\n2. Staff\nTwo join.\n"
    )
    assert [words for kind, words in shape(doc) if kind == "heading"] == ["Minutes", "1. Budget", "2. Staff"]
    assert doc.blocks[-1].heading == "Minutes > 2. Staff"


def test_underlined_headings_lists_and_rules() -> None:
    doc = read("a.txt", "Gas\n===\n\nExports\n-------\n* first\n* second\n\n*****\n\nEnd of it.\n")
    assert shape(doc) == [
        ("heading", "Gas"),
        ("heading", "Exports"),
        ("paragraph", "first"),
        ("paragraph", "second"),
        ("paragraph", "End of it."),
    ]
    assert doc.blocks[2].heading == "Gas > Exports"


def test_pipe_tables_in_text() -> None:
    doc = read("a.txt", f"{LONG}\nFigures\nYear | Exports |\n---|---|\n2023 | 12 bcm |\n2024 | 13 bcm |\n{LONG}")
    assert shape(doc)[1:4] == [("heading", "Figures"), ("row", "2023 | 12 bcm"), ("row", "2024 | 13 bcm")]
    assert (doc.blocks[2].context, doc.blocks[2].heading) == ("Year | Exports", "Figures")


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the shared corpus is not here")
def test_the_long_article_of_the_corpus() -> None:
    data = next(CORPUS.glob("002_*.txt")).read_bytes()
    doc = read("002.txt", data)
    lines = data.decode().split("\n")
    kinds = {doc.text[block.start : block.end]: block for block in doc.blocks}
    header, rows, heads = "", 0, 0
    for number, line in enumerate(lines):
        words = line.strip().removesuffix("|").strip()
        if line.startswith("---|"):
            continue
        if lines[number + 1 : number + 2] == ["---|---|"]:
            header = words
            assert words not in kinds
        elif line.rstrip().endswith("|"):
            rows += 1
            assert (kinds[words].kind, kinds[words].context) == ("row", header)
            assert kinds[words].heading
        elif len(words) < 120:
            heads += 1
            assert kinds[words].kind == "heading", words
        else:
            assert kinds[words].kind == "paragraph"
    assert (rows, heads) == (20, 15)
