"""Sources in the panel: every format as what it is, at the cited words; search in them, changes, downloads, bad ones."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from browsing import browser
from make_files import SENTENCE, TABLE, docx, eml, epub, pptx, xlsx
from pypdfium2 import PdfDocument
from starlette.applications import Starlette
from starlette.testclient import TestClient

from index import pictures
from rag import Assistant, DocumentInfo, Extracted, PdfPages, UnreadableFile, extract
from ui.assets import component, read
from ui.page.sources import Sources, routes
from ui.server.app import create_app
from ui.server.keys import Keys

PAGES = 400
BOLD = "The **heron** nests\nin the _bell tower_"
MARKDOWN = f"""---
title: Birds
---
# Birds *of* the harbour

{BOLD}, says [the guide](https://elsewhere.example/guide "a").

> It sleeps
> by day.

- eggs: `three`
  - each of 60 g

| Bird | Nest |
|------|------|
| Swift | roof |
|  | **wall** |

```
let heron = "| not a table |";
```
"""
HOSTILE = """<h1>Plans</h1><script>window.owned = 1</script><p>The fee is <b>EUR \u202e001\u202c</b>
<img src=https://elsewhere.example/p.png onerror="window.owned = 2"> <a href="javascript:window.owned=3">pay</a></p>
<p>&lt;img src=x onerror=window.owned=4&gt; ${window.owned = 5} {{window.owned = 6}}</p>"""
HOSTILE_MD = """# Fees <img src=x onerror="window.owned=7">

Pay [here](javascript:window.owned=8) ![x](https://elsewhere.example/p.png) <script>window.owned=9</script> today.
"""
LINE = "word " * 1_000_000 + "the lantern fee is eleven crowns."


def letters(number: int) -> str:
    """A name for a number: lines that differ by their digits only are taken for running heads."""
    return "".join("bcdfghjkmn"[int(digit)] + "aeiou"[int(digit) % 5] for digit in str(number)).capitalize()


def long_pdf() -> bytes:
    """A keeper's page for each number."""
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(out, pagesize=(400, 500))
    for number in range(1, PAGES + 1):
        name = letters(number)
        canvas.drawString(40, 440, f"{name} lit the {number}th lantern of the harbour.")
        canvas.drawString(40, 400, f"For it the keeper {name} was paid eleven crowns,")
        canvas.drawString(40, 385, f"and all of {name} was lit by whale oil.")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources") / "docs"
    folder.mkdir()
    texts = {
        "a.txt": "The port\n\n" + "".join(f"Line {n} of the log.\n" for n in range(3, 3_000)) + SENTENCE,
        "birds.md": MARKDOWN,
        "few.csv": 'Number,Berth\n7,"Berth 7, north ""quay"""\n',
        "page.html": f"<h1>Gas</h1><p>{SENTENCE}</p><table><tr><th>Year<th>Exports<tr><td>2024<td>13</table>",
        "log.jsonl": '{"year": 2023}\n{"year": 2024, "says": "' + SENTENCE + '"}\n',
        "changes.txt": f"One.\n\n{SENTENCE}\n\nTwo.\n",
        "größe \u202e😀.txt": SENTENCE,
    }
    for name, text in texts.items():
        (folder / name).write_text(text, "utf-8")
    made = {
        "a.docx": docx(), "a.pptx": pptx(), "a.xlsx": xlsx({"Gas": TABLE}), "a.eml": eml(attach="b.pdf"),
        "a.epub": epub([f"<h1>Gas</h1><p>{SENTENCE}</p>"]), "long.pdf": long_pdf(),
    }  # fmt: skip
    for name, data in made.items():
        (folder / name).write_bytes(data)
    return folder


def read_in(assistant: Assistant) -> None:
    """A sync as far as texts go: nothing is embedded."""
    for step in assistant.sync():
        if step.phase == "embed":
            return


@pytest.fixture(scope="module")
def assistant(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with Assistant.open(folder, index=tmp_path_factory.mktemp("index") / "i") as assistant:
        read_in(assistant)
        yield assistant


@pytest.fixture(scope="module")
def sources(assistant: Assistant) -> Sources:
    return Sources(assistant)


class Shelf:
    """What sources are read from, without an index: cutting large files into passages takes a minute."""

    index = SimpleNamespace(revision="1")

    def __init__(self, folder: Path) -> None:
        self.known: dict[str, DocumentInfo] = {}
        for path in folder.iterdir():
            source, data = f"docs/{path.name}", path.read_bytes()
            digest = hashlib.sha256(data).hexdigest()
            known = (source, str(path), source, path.suffix[1:], len(data), "ready", None, 1, digest, "")
            self.known[source] = DocumentInfo(*known)
        self.texts = {source: extract(source, Path(info.path).read_bytes()) for source, info in self.known.items()}

    def documents(self) -> list[DocumentInfo]:
        return list(self.known.values())

    def extracted(self, source: str) -> Extracted:
        return self.texts[source]


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    folder = tmp_path_factory.mktemp("shelf")
    rows = "".join(f'{n},"Berth {n}, north ""quay""",{n * 3}\n' for n in range(20_000))
    (folder / "rows.csv").write_text(f"Number,Berth,Fee\n{rows}", "utf-8")
    (folder / "one line.txt").write_text(LINE, "utf-8")
    for name, text in {"hostile.html": HOSTILE, "hostile.md": HOSTILE_MD}.items():
        (folder / name).write_text(text, "utf-8")
    return Shelf(folder)


@pytest.fixture(scope="module")
def huge(shelf: Shelf) -> Sources:
    return Sources(cast(Any, shelf))


def cite(assistant: Assistant | Shelf, name: str, quote: str, number: int = 1) -> dict[str, Any]:
    """The citation of some words of a file."""
    source = f"docs/{name}"
    document = assistant.extracted(source)
    start = document.text.index(quote)
    block = next((block for block in document.blocks if block.start <= start < block.end), None)
    known = {one.source: one.sha256 for one in assistant.documents()}
    return {
        "number": number, "source": source, "title": "", "start": start, "end": start + len(quote), "quote": quote,
        "line": None, "page": block and block.page, "heading": None, "before": "", "after": "", "sha256": known[source],
    }  # fmt: skip


def cited(window: dict[str, Any]) -> str:
    """The words that are marked, cell by cell."""
    cells = ("".join(run[0] for run in cell if run[2]) for part in window["parts"] for cell in part["cells"])
    return " ".join(cell.strip() for cell in cells if cell)


def shown(window: dict[str, Any]) -> str:
    return "\n".join("|".join("".join(run[0] for run in cell) for cell in part["cells"]) for part in window["parts"])


@pytest.mark.parametrize(
    ("name", "quote", "mode", "kind", "says"),
    [
        ("a.txt", SENTENCE, "text", "line", SENTENCE),
        ("log.jsonl", SENTENCE, "text", "line", SENTENCE),
        ("birds.md", BOLD, "own", "paragraph", "The heron nests in the bell tower"),
        ("birds.md", "Swift | roof", "own", "row", "Swift roof"),
        ("page.html", SENTENCE, "own", "paragraph", SENTENCE),
        ("page.html", "2024 | 13", "own", "row", "2024 13"),
        ("a.docx", "2024 | 13", "own", "row", "2024 13"),
        ("a.epub", SENTENCE, "own", "paragraph", SENTENCE),
        ("a.xlsx", "2024 | 13", "own", "row", "2024 13"),
        ("a.pptx", SENTENCE, "own", "paragraph", SENTENCE),
        ("a.eml", "team@example.org", "own", "field", "team@example.org"),
        ("few.csv", '7,"Berth 7, north ""quay"""', "own", "row", '7 Berth 7, north "quay"'),
    ],
)
def test_a_format_is_shown_as_what_it_is(
    assistant: Assistant, sources: Sources, name: str, quote: str, mode: str, kind: str, says: str
) -> None:
    told = sources.read(cite(assistant, name, quote))
    assert (told["mode"], told["notice"], told["gone"]) == (mode, None, False)
    window = told["window"]
    marked = [part["kind"] for part in window["parts"] if any(run[2] for cell in part["cells"] for run in cell)]
    assert (marked, cited(window)) == ([kind], says)
    assert json.loads(json.dumps(told)) is not None
    text = sources.read(cite(assistant, name, quote) | {"mode": "text"})["window"]
    assert cited(text) == " ".join(quote.split("\n"))


def test_markdown_shows_no_marks_of_its_own(assistant: Assistant, sources: Sources) -> None:
    parts = sources.read(cite(assistant, "birds.md", "It sleeps"))["window"]["parts"]
    said = shown({"parts": parts[:-1]})
    assert not set("#*_>`") & set(said)
    assert "elsewhere.example" not in said
    assert [(part["kind"], part.get("level"), part.get("label")) for part in parts[3:6]] == [
        ("quote", None, None), ("item", 1, "•"), ("item", 2, "•"),
    ]  # fmt: skip
    assert [shown({"parts": [part]}) for part in parts[6:]] == [
        "Bird|Nest", "Swift|roof", "|wall", 'let heron = "| not a table |";',
    ]  # fmt: skip


def test_what_is_only_cited_of_the_markup_is_shown(assistant: Assistant, sources: Sources) -> None:
    quote = "https://elsewhere.example/guide"
    assert cited(sources.read(cite(assistant, "birds.md", quote))["window"]) == quote


def test_a_mail_has_a_head_and_a_slide_its_number(assistant: Assistant, sources: Sources) -> None:
    parts = sources.read(cite(assistant, "a.eml", SENTENCE))["window"]["parts"]
    fields = [(part["label"], shown({"parts": [part]})) for part in parts if part["kind"] == "field"]
    assert [name for name, _ in fields] == ["From", "To", "Date", "Subject", "Attachment"]
    assert fields[3][1] == "Gas exports, März"
    parts = sources.read(cite(assistant, "a.pptx", SENTENCE))["window"]["parts"]
    assert [part["page"] for part in parts] == [1, 1, 1, 1, 2, 2, 2, 2, 3]
    assert parts[3]["label"] == "Speaker notes"


def test_a_large_table_is_shown_around_the_row(shelf: Shelf, huge: Sources) -> None:
    citation = cite(shelf, "rows.csv", "15000,")
    told = huge.read(citation)
    window, asked = told["window"], {**citation, **{name: told[name] for name in ("version", "mode", "cited")}}
    assert window["total"] == 20_001
    assert 40 < len(window["parts"]) < 400
    ((_, head),) = window["heads"].items()
    assert [cell[0][0] for cell in head] == ["Number", "Berth", "Fee"]
    below = huge.more({**asked, "first": window["first"] + len(window["parts"]), "by": 1})
    above = huge.more({**asked, "first": window["first"], "by": -1})
    assert below["first"] == window["first"] + len(window["parts"])
    assert above["first"] + len(above["parts"]) == window["first"]
    numbers = [int(part["cells"][0][0][0]) for part in [*above["parts"], *window["parts"], *below["parts"]]]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))


def test_words_are_found_in_the_whole_text(assistant: Assistant, sources: Sources, shelf: Shelf, huge: Sources) -> None:
    citation = cite(assistant, "a.txt", SENTENCE)
    found = sources.find({**citation, "words": "LINE  2999 of"})
    assert [page for _, page in found["hits"]] == [None]
    place = found["hits"][0][0]
    window = sources.more({**citation, "mode": "text", "cited": [0, 0], "words": "line 2999 of", "place": place})
    marked = [run for part in window["parts"] for cell in part["cells"] for run in cell if run[3] >= 0]
    assert marked == [["Line 2999 of", "", 0, place]]
    assert len(sources.find({**citation, "words": "of the log"})["hits"]) == 2_997
    assert sources.find({**citation, "words": "*("}) == {"hits": [], "more": False}
    assert huge.find({**cite(shelf, "one line.txt", "lantern"), "words": "word"})["more"]
    broken = sources.find({**cite(assistant, "birds.md", "It"), "words": "heron nests in the bell"})
    assert len(broken["hits"]) == 1


def test_a_changed_file_is_told_and_the_quote_found_again(
    assistant: Assistant, sources: Sources, folder: Path, tmp_path: Path
) -> None:
    citation, path = cite(assistant, "changes.txt", SENTENCE), folder / "changes.txt"
    ask: Callable[[], dict[str, Any]] = lambda: sources.read(citation)  # noqa: E731
    assert ask()["notice"] is None
    path.write_text(f"Zero.\n\n{SENTENCE.replace(' in ', chr(10) + 'in ')}\n", "utf-8")
    told = ask()
    assert "still stand in the new file" in told["notice"]
    assert cited(told["window"]) == SENTENCE
    read_in(assistant)
    told = ask()
    assert "found again" in told["notice"]
    assert cited(told["window"]) == SENTENCE
    stale = sources.more(
        {**citation, "version": citation["sha256"], "mode": "text", "cited": [0, 0], "first": 0, "by": 1}
    )
    assert "indexed anew" in stale["error"]
    path.write_text("Nothing of it.\n", "utf-8")
    assert "are not in the new file" in ask()["notice"]
    read_in(assistant)
    told = ask()
    assert (told["gone"], cited(told["window"])) == (True, "")
    assert "no longer stand in it" in told["notice"]
    path.unlink()
    assert "no longer in its folder" in ask()["notice"]
    path.mkdir()
    assert "changed" in ask()["notice"] or "no longer" in ask()["notice"]
    path.rmdir()
    read_in(assistant)
    assert "no longer in the index" in ask()["error"]


def test_a_changed_pdf_is_not_shown_in_place_of_the_old_one(
    assistant: Assistant, sources: Sources, folder: Path
) -> None:
    citation, path = cite(assistant, "long.pdf", "the 300th lantern"), folder / "long.pdf"
    data = path.read_bytes()
    path.write_bytes(b"%PDF-1.4 other")
    try:
        told = sources.read(citation)
        assert (told["modes"], told["ratios"], cited(told["window"])) == (["text"], [], "the 300th lantern")
        assert "changed after it was indexed" in told["notice"]
        assert "notice" in sources.page({**citation, "page": 2, "width": 500, "cited": [0, 0]})
    finally:
        path.write_bytes(data)


def test_a_page_of_a_pdf_is_a_picture_with_the_words_boxed(assistant: Assistant, sources: Sources) -> None:
    quote = f"For it the keeper {letters(1)} was paid eleven crowns,"
    citation = cite(assistant, "long.pdf", quote)
    told = sources.read(citation)
    assert (told["mode"], told["page"], len(told["ratios"])) == ("own", 1, PAGES)
    page = sources.page(
        {**citation, **{n: told[n] for n in ("version", "cited")}, "page": 1, "width": 700, "words": "lantern"}
    )
    assert page["picture"].startswith("data:image/jpeg;base64,/9j/")
    assert "".join(run[0] for run in page["text"] if run[2]) == quote
    hit, box = page["boxes"]
    assert box[4] == -1
    assert box[0] == pytest.approx(0.1, abs=0.02)
    assert box[1] == pytest.approx((500 - 411) / 500, abs=0.02)
    assert 0.4 < box[2] < 0.8
    assert hit[1] < box[1]
    again = sources.page({**citation, **{n: told[n] for n in ("version", "cited")}, "page": 2, "width": 0})
    assert (again["picture"], again["boxes"]) == ("", [])


def test_a_turned_page_is_boxed_as_it_is_shown(folder: Path) -> None:
    document, turned = PdfDocument(folder / "long.pdf"), BytesIO()
    document[6].set_rotation(90)
    document[6].set_cropbox(20, 100, 380, 480)
    document.save(turned)
    pages = PdfPages(turned.getvalue())
    words = f"{letters(7)} lit the 7th lantern of the harbour."
    ((box,),) = pages.places(7, words, [(0, len(words))])
    assert pages.ratios()[5:7] == pytest.approx([500 / 400, 360 / 380], abs=0.01)
    assert box.height > 5 * box.width
    assert box.top == pytest.approx((40 - 20) / 360, abs=0.01)
    assert box.left == pytest.approx((437 - 100) / 380, abs=0.01)


def test_pages_that_cannot_be_drawn_and_many_readers(folder: Path) -> None:
    data = (folder / "long.pdf").read_bytes()
    pages = PdfPages(data)
    for number in (0, PAGES + 1, -1):
        with pytest.raises(UnreadableFile, match="no page"):
            pages.picture(number, 400)
    with pytest.raises(UnreadableFile, match="not a complete PDF"):
        PdfPages(b"%PDF-1.4 broken").ratios()
    damaged = PdfPages(re.sub(rb"/Type /Page\b", b"/Type /Pagx", data, count=3))
    with pytest.raises(UnreadableFile, match="the page is damaged"):
        damaged.picture(3, 400)
    assert damaged.picture(4, 400) == pages.picture(4, 400)
    with ThreadPoolExecutor(8) as pool:
        pictures = list(pool.map(lambda number: pages.picture(number, 300), [*range(1, 17)] * 2))
    assert pictures[:16] == pictures[16:]
    assert len(set(pictures)) == 16


def test_pages_are_drawn_while_words_are_looked_for(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pages = PdfPages((folder / "long.pdf").read_bytes())
    align = pictures._aligned

    def aligned(*words: list[str]) -> list[tuple[int, int, int, int]]:
        assert pool.submit(pages.picture, 1, 300).result(timeout=10)
        return align(*words)

    monkeypatch.setattr(pictures, "_aligned", aligned)
    with ThreadPoolExecutor(1) as pool:
        assert pages.places(7, "lantern of the harbour", [(0, 22)])[0]


def test_a_page_is_shown_while_a_file_is_read(folder: Path) -> None:
    data = (folder / "long.pdf").read_bytes()
    with ThreadPoolExecutor(1) as pool:
        reading = pool.submit(extract, "long.pdf", data)
        for number in range(1, 6):
            PdfPages(data).picture(number, 300)
        assert not reading.done()
        assert len(reading.result().blocks) >= PAGES


def test_a_malformed_call_is_answered(sources: Sources) -> None:
    known = {"source": "docs/a.txt", "version": "", "cited": [0, 1], "mode": "text", "start": 0, "end": 1, "quote": "x"}
    for call in (sources.read, sources.more, sources.find, sources.page):
        bad: tuple[Any, ...] = (None, [], "x", 3, {}, {"source": "docs/a.txt"}, {"source": ["docs/a.txt"]})
        for asked in bad:
            assert set(call(asked)) == {"error"}
    for odd in ({"start": 10**400}, {"start": "x"}, {"end": None}, {"source": "../a.txt"}, {"source": "\ud800"}):
        assert isinstance(json.dumps(sources.read(known | odd)), str)
    for odd in ({"place": -5}, {"place": 10**9}, {"first": 10**9, "by": 1}, {"first": -3, "by": -1}):
        assert "parts" in sources.more(known | odd)
    assert sources.page({**known, "page": 1, "width": 10**9})["notice"]


def test_the_original_is_saved_and_nothing_else(assistant: Assistant, folder: Path) -> None:
    client = TestClient(Starlette(routes=[*routes(assistant)]))
    for name in ("few.csv", "größe \u202e😀.txt"):
        answer = client.get("/original", params={"source": f"docs/{name}"})
        assert (answer.status_code, answer.content) == (200, (folder / name).read_bytes())
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
    assert "%C3%B6%C3%9F" in answer.headers["content-disposition"]
    for source in ("", "a.txt", "docs/../docs/a.txt", str(folder / "a.txt"), "docs/a.txt\x00", "/etc/passwd"):
        assert client.get("/original", params={"source": source}).status_code == 404
    path = folder / "a.txt"
    text = path.read_bytes()
    path.write_bytes(text + b"more")
    assert client.get("/original", params={"source": "docs/a.txt"}).status_code == 409
    path.unlink()
    path.symlink_to("/etc/hostname")
    assert client.get("/original", params={"source": "docs/a.txt"}).status_code in (404, 409)
    path.unlink()
    path.write_bytes(text)


def test_a_server_gives_it_out_beside_its_page(assistant: Assistant, tmp_path: Path) -> None:
    app = create_app(assistant, keys=Keys(tmp_path / "keys.json"), chat=True)
    with TestClient(app, base_url="http://localhost") as client:
        deadline = time.monotonic() + 60
        while client.get("/").status_code != 200:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        asked = {"source": "docs/few.csv"}
        assert client.get("/original", params=asked).text.startswith("Number,Berth")
        assert client.get("/original", params=asked, headers={"Host": "evil.example"}).status_code in (400, 421)
        Keys(tmp_path / "keys.json").add("somebody")
        assert client.get("/original", params=asked).status_code == 404


# -- in a browser, the component alone ---------------------------------------------------------------------------------


class Panel:
    """A blank page with a conversation whose answer cites these, read by real sources."""

    def __init__(
        self, chromium: Any, sources: Sources, citations: list[dict[str, Any]], width: int = 1400, **options: Any
    ) -> None:
        self.tab = chromium.new_context(viewport={"width": width, "height": 860}, **options).new_page()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tab.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        self.tab.on("request", lambda request: self.requests.append(request.url))
        functions = {function.__name__: function for function in sources.functions}
        self.tab.expose_function("call", lambda name, asked: functions[name](asked))
        self.tab.set_content(
            f"<!doctype html><meta charset=utf-8><style>{read('page.css')}body{{margin:0 20px}}</style><body class=cw>"
        )
        self.tab.add_script_tag(content=component())
        self.tab.evaluate(
            """([names, citations]) => {
              const chat = document.createElement("citewise-chat"), numbers = citations.map(({ number }) => number);
              document.body.append(chat);
              chat.server = Object.fromEntries(names.map((name) => [name, (asked) => call(name, asked)]));
              chat.show({ kind: "exchange", id: "a", run: "1", question: "?", state: "done", answer: { status: "answered",
                text: "All.", statements: [{ text: "All.", citations: numbers, support: "verbatim", problems: [] }],
                citations, related: [], conflicts: [], writer: "quotes", understood_as: "?" } });
            }""",
            [list(functions), [{**citation, "number": n} for n, citation in enumerate(citations, 1)]],
        )
        self.chat = self.tab.locator("citewise-chat")
        self.text = self.chat.locator(".panel .text")
        self.search = self.chat.get_by_role("searchbox", name="Search in this source")

    def open(self, number: int = 1) -> None:
        self.chat.locator(".prose .chip").nth(number - 1).click()

    def sees(self, node: Any) -> bool:
        """Whether a node stands within what is scrolled into view."""
        node, text = node.bounding_box(), self.text.bounding_box()
        return bool(text["y"] <= node["y"] and node["y"] + node["height"] <= text["y"] + text["height"])

    def close(self) -> None:
        assert self.tab.evaluate("window.owned") is None
        assert self.errors == []
        assert [url for url in self.requests if not url.startswith(("data:", "about:"))] == []
        self.tab.context.close()


@browser
@pytest.mark.parametrize(("width", "scheme"), [(1400, "light"), (375, "dark")])
def test_each_format_opens_at_the_cited_words(
    chromium: Any, assistant: Assistant, sources: Sources, width: int, scheme: str
) -> None:
    quotes = {
        "a.txt": SENTENCE, "birds.md": BOLD, "few.csv": "7,", "a.docx": "2024 | 13", "a.eml": SENTENCE,
        "a.pptx": "No title here.", "a.xlsx": "2024 | 13", "long.pdf": f"{letters(300)} lit the 300th lantern of the harbour.",
    }  # fmt: skip
    panel = Panel(chromium, sources, [cite(assistant, *pair) for pair in quotes.items()], width, color_scheme=scheme)
    panel.open()
    for number, name in enumerate(quotes):
        if number:
            panel.tab.keyboard.press("ArrowRight")
        mark = panel.text.locator("i.cited" if name == "long.pdf" else ".lines mark.cited, .parts mark.cited").first
        mark.wait_for()
        assert panel.sees(mark), name
        assert panel.tab.evaluate("document.documentElement.scrollWidth") <= width
    assert "page 300" in panel.chat.locator(".panel .where").inner_text()
    panel.tab.keyboard.press("ArrowLeft")
    panel.text.locator(".cited-row").wait_for()
    panel.tab.keyboard.press("ArrowLeft")
    panel.text.locator(".slide", has_text="No title here.").locator("mark").wait_for()
    assert "slide 3" in panel.chat.locator(".panel .where").inner_text()
    assert panel.text.get_by_role("group", name="Table").count() == 1
    panel.tab.keyboard.press("Escape")
    assert panel.chat.evaluate("chat => chat.shadowRoot.activeElement.className").startswith("chip")
    panel.close()


@browser
def test_escape_closes_what_lies_on_top(chromium: Any, assistant: Assistant, sources: Sources) -> None:
    panel = Panel(chromium, sources, [cite(assistant, "a.txt", SENTENCE), cite(assistant, "birds.md", BOLD)])
    panel.open()
    panel.tab.evaluate("""() => {
        const scope = document.createElement("citewise-scope"), select = document.createElement("select");
        scope.choices = async () => ({ folders: ["docs/"], types: [], files: [] });
        select.append(new Option("one"), new Option("two"));
        document.body.prepend(scope, select);
    }""")
    panel.tab.locator("select").press("ArrowRight")
    assert panel.chat.locator(".panel .count").first.inner_text() == "1 of 2"
    panel.tab.get_by_role("button", name="All files").first.click()
    choose = panel.tab.get_by_role("dialog", name="What may answer")
    choose.get_by_role("checkbox").focus()
    panel.tab.keyboard.press("Escape")
    choose.wait_for(state="hidden")
    assert panel.text.is_visible()
    panel.tab.keyboard.press("Escape")
    panel.text.wait_for(state="hidden")
    panel.close()


@browser
def test_a_long_pdf_opens_at_its_citation(chromium: Any, assistant: Assistant) -> None:
    citation = cite(assistant, "long.pdf", f"{letters(350)} lit the 350th lantern of the harbour.")
    seconds: list[float] = []
    while not seconds or (seconds[-1] > 1.5 and len(seconds) < 4):  # other tests may have the processors
        panel = Panel(chromium, Sources(assistant), [citation])
        begun = time.perf_counter()
        panel.open()
        leaf = panel.text.get_by_role("group", name="Page 350 of 400")
        leaf.locator("i.cited").wait_for()
        seconds.append(time.perf_counter() - begun)
    assert min(seconds) < 1.5
    assert panel.sees(leaf.locator("i.cited"))
    assert leaf.locator("img").evaluate("node => node.decode().then(() => node.naturalWidth)") >= 400
    assert "lit the 350th lantern" in leaf.locator(".spoken mark").inner_text()
    assert panel.text.locator("img").count() < 8
    panel.search.fill("12th lantern")
    panel.chat.get_by_text("1 of 4").wait_for()  # and the 112th, 212th, 312th
    panel.search.press("Enter")
    panel.text.get_by_role("group", name="Page 112 of 400").locator("i.hit.now").wait_for()
    panel.chat.get_by_role("button", name="As text").click()
    panel.text.locator(".lines mark.cited").wait_for()
    assert "Page 350" in panel.text.inner_text()
    panel.close()


@browser
def test_searching_goes_beyond_what_is_drawn(chromium: Any, shelf: Shelf, huge: Sources) -> None:
    panel = Panel(chromium, huge, [cite(shelf, "rows.csv", "15000,")])
    panel.open()
    panel.text.locator(".cited-row").wait_for()
    panel.tab.keyboard.press("Control+f")
    panel.tab.keyboard.type("berth 77")
    panel.chat.get_by_text("1 of 111").wait_for()
    panel.text.locator("mark.hit.now", has_text="Berth 77").wait_for()
    panel.search.press("Shift+Enter")
    panel.chat.get_by_text("111 of 111").wait_for()
    now = panel.text.locator("tr", has_text="Berth 7799,").locator("mark.now")
    now.wait_for()
    assert panel.sees(now)
    panel.search.fill("no such berth")
    panel.chat.get_by_text("No match").wait_for()
    panel.search.press("Escape")
    assert panel.search.input_value() == ""
    panel.text.locator(".cited-row").wait_for()
    before = panel.text.locator("tbody tr").count()
    panel.text.evaluate("node => node.scrollTop = node.scrollHeight")
    panel.tab.wait_for_function(
        "n => document.querySelector('citewise-chat').shadowRoot.querySelectorAll('tbody tr').length > n", arg=before
    )
    assert panel.text.locator("thead").count() == 1
    panel.tab.keyboard.press("Escape")
    assert not panel.text.is_visible()
    panel.close()


@browser
def test_hostile_and_huge_documents_stay_text(chromium: Any, shelf: Shelf, huge: Sources) -> None:
    quotes = {"hostile.html": "The fee is", "hostile.md": "today", "one line.txt": "the lantern fee is eleven crowns."}
    panel = Panel(chromium, huge, [cite(shelf, *pair) for pair in quotes.items()], 375)
    panel.open()
    for number in range(3):
        if number:
            panel.tab.keyboard.press("ArrowRight")
        panel.text.locator(".lines mark.cited, .parts mark.cited").wait_for()
        assert panel.text.evaluate("node => node.querySelectorAll('a, img, script, iframe, link, style').length") == 0
        assert panel.tab.evaluate("document.documentElement.scrollWidth") == 375
        assert panel.text.evaluate("node => node.textContent.length") < 60_000
        if number == 0:
            assert panel.text.locator(".turns").count() == 2
    assert panel.chat.get_by_role("button", name="As text").count() == 0
    panel.close()


@browser
def test_the_panel_follows_what_is_cited(chromium: Any, assistant: Assistant, sources: Sources) -> None:
    panel = Panel(chromium, sources, [cite(assistant, "a.txt", SENTENCE), cite(assistant, "birds.md", BOLD)])
    panel.open(2)
    panel.text.locator(".parts mark.cited").first.wait_for()
    again = """(more) => document.querySelector("citewise-chat").show({ kind: "exchange", id: "b", run: "2", question: "?", state: "busy", ...more })"""
    panel.tab.evaluate(again, {})
    assert panel.text.is_visible()
    panel.tab.evaluate(again, {"id": "a"})
    assert not panel.text.is_visible()
    panel.tab.evaluate(
        """(source) => document.querySelector("citewise-chat").read({ source }, document.body)""", "docs/a.eml"
    )
    panel.text.get_by_text("team@example.org").wait_for()
    assert panel.text.locator("mark.cited").count() == 0
    panel.tab.evaluate(
        """(source) => document.querySelector("citewise-chat").read({ source }, document.body)""", "docs/none.txt"
    )
    panel.text.get_by_text("no longer in the index").wait_for()
    panel.close()
