"""The documents page alone, on a page of its own: the list, what is done to files, files on their way, and troubles."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from browsing import browser

from ui.assets import component, read
from ui.page.exchanges import PATTERNS

BLANK = f"""<!doctype html><meta name=viewport content="width=device-width"><style>{read("page.css")} :root {{ --cw-head: 0px }}</style>
<body class=cw><citewise-documents></citewise-documents><script>{component()}</script>"""
HOSTILE = '<img src=x onerror="owned=1">${owned=2}\u202etxt.exe'
BEGIN = """([files, more]) => {
    const types = ["txt", "md", "pdf"], at = "2026-01-05T10:00:00+00:00", calls = [], told = [];
    const rows = Array.from({ length: files }, (_, n) => [`docs/${n % 20}/file ${n}.${types[n % 3]}`, types[n % 3], "ready", null, n % 3 === 2 ? n : null, n % 7 + 1, n * 1000, at]);
    const state = { folders: true, types: [".md", ".pdf", ".txt"], limit: 1000, watch: true, changed: 0, unreachable: [], error: "", report: null,
        progress: null, files, passages: files, pending: 0, failed: 0, excluded: 0, roots: files ? [["docs", "/docs"]] : [], indexed_at: at };
    const list = ({ known }) => known === `a.${fake.version}` ? { known, whole: false, rows: [], gone: [] }
        : known === "" || fake.whole ? { known: `a.${fake.version}`, whole: true, rows: fake.rows, gone: [] }
        : { known: `a.${fake.version}`, whole: false, rows: fake.fresh, gone: fake.gone };
    window.fake = { rows: [...rows, ...more], state, calls, told, version: 1, fresh: [], gone: [], answers: {}, down: false, sent: [] };
    const server = { library: async (given) => fake.down ? undefined : { ...fake.state, ...("known" in given ? { list: list(given) } : {}) } };
    for (const name of ["add", "folder", "remove", "restore", "renew", "sync", "watch"]) server[`library_${name}`] = async (given) => {
        if (fake.down) throw new Error("away");
        calls.push([name, given]);
        return fake.answers[name] ?? (name === "add" ? { outcomes: given.files.map(({ name }) => ({ source: `uploads/${name}`, known: false })) } : {});
    };
    for (const name of ["scope", "view", "library"]) document.addEventListener(name, ({ detail }) => name === "library" ? told.last = detail : told.push([name, detail]));
    window.page = document.querySelector("citewise-documents");
    page.read = (source) => told.push(["read", source]);
    page.server = server;
    return page.poke();
}"""

Page = Any


@pytest.fixture
def page(chromium: Any) -> Iterator[Page]:
    yield from opened(chromium)


def opened(chromium: Any, **options: Any) -> Iterator[Page]:
    page = chromium.new_context(**{"viewport": {"width": 1400, "height": 860}, **options}).new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    page.set_content(BLANK)
    yield page
    owned = page.evaluate("window.owned")
    page.context.close()
    assert (errors, owned) == ([], None)


def begin(page: Page, files: int = 6, *more: list[Any]) -> None:
    page.evaluate(BEGIN, [files, list(more)])


def names(page: Page) -> list[str]:
    return page.locator("tbody .open").all_inner_texts()


def poke(page: Page, **changes: Any) -> None:
    page.evaluate("(changes) => { Object.assign(fake.state, changes); return page.poke(); }", changes)


@browser
def test_five_thousand_files_stay_usable(page: Page) -> None:
    began = time.perf_counter()
    begin(page, 5000)
    page.locator("tbody .open").first.wait_for()
    assert time.perf_counter() - began < 3
    assert page.locator("tbody tr").count() < 60
    assert page.locator("table").get_attribute("aria-rowcount") == "5001"
    page.evaluate("scrollTo(0, 1e9)")
    page.get_by_text("file 4999.md").wait_for()
    assert page.locator("tbody tr").count() < 60
    took = page.evaluate("""async () => {
        const box = page.shadowRoot.querySelector("input[type=search]"), began = performance.now();
        box.value = "FILE 49 pdf";
        box.dispatchEvent(new Event("input"));
        return performance.now() - began;
    }""")
    assert took < 200
    fitting = [n for n in range(5000) if "49" in str(n) and n % 3 == 2]
    assert page.locator("table").get_attribute("aria-rowcount") == str(len(fitting) + 1)
    assert names(page)[:3] == [f"file {n}.pdf" for n in fitting[:3]]


@browser
def test_files_are_found_by_state_folder_and_order(page: Page) -> None:
    failed = ["docs/1/Größe.pdf", "pdf", "failed", "no text layer: scanned?", None, 0, 9, None]
    begin(page, 6, failed, ["docs/old.txt", "txt", "excluded", None, None, 0, None, None])
    assert page.locator(".chips").inner_text().split() == "All 8 Ready 6 Failed 1 Excluded 1".split()
    page.get_by_role("button", name="Failed 1").click()
    assert names(page) == ["Größe.pdf"]
    assert "no text layer: scanned?" in page.locator("tbody").inner_text()
    page.get_by_role("button", name="All").click()
    page.get_by_label("Search by name").fill("grosse")
    page.get_by_text("No file fits.").wait_for()
    page.get_by_label("Search by name").fill("große")
    assert names(page) == ["Größe.pdf"]
    page.get_by_label("Search by name").fill("")
    page.get_by_label("Folder", exact=True).select_option("docs/1")
    assert sorted(names(page)) == ["Größe.pdf", "file 1.md"]
    page.get_by_role("button", name="Ask only this folder").click()
    assert page.evaluate("fake.told") == [["scope", {"only": ["docs/1/"]}], ["view", {"name": "chat"}]]
    page.get_by_label("Folder", exact=True).select_option("")
    page.get_by_role("button", name="Size").click()
    page.get_by_role("button", name="Size").click()
    assert page.get_by_role("columnheader", name="Size").get_attribute("aria-sort") == "descending"
    assert names(page)[0] == "file 5.pdf"


@browser
def test_only_what_changed_is_asked_for_and_drawn(page: Page) -> None:
    begin(page)
    page.evaluate("page.kept = page.shadowRoot.querySelectorAll('tbody tr[data-source]')[2]")
    page.evaluate("""() => {
        Object.assign(fake, { version: 2, fresh: [["docs/0/file 0.txt", "txt", "failed", "empty file", null, 0, 0, null]], gone: ["docs/1/file 1.md"] });
        return page.poke();
    }""")
    assert names(page) == [
        f"file {n}.{kind}" for n, kind in ((0, "txt"), (2, "pdf"), (3, "txt"), (4, "md"), (5, "pdf"))
    ]
    assert page.locator("tbody .failed .reason").inner_text().strip() == "empty file ·"
    page.get_by_role("button", name="Actions for file 0.txt").click()
    assert page.get_by_role("menuitem").all_inner_texts() == ["Read again", "Exclude"]  # there is nothing to ask
    page.keyboard.press("Escape")
    assert page.evaluate("page.kept.isConnected")


@browser
def test_what_is_done_to_files(page: Page) -> None:
    begin(
        page,
        4,
        ["uploads/a.txt", "txt", "ready", None, None, 1, 5, None],
        ["docs/old.txt", "txt", "excluded", None, None, 0, None, None],
    )

    def act(name: str, action: str) -> None:
        page.get_by_role("button", name=f"Actions for {name}").click()
        page.get_by_role("menuitem", name=action).click()

    page.get_by_role("button", name="file 1.md", exact=True).click()
    act("file 1.md", "Ask only this")
    assert page.evaluate("fake.told.slice(0, 2)") == [
        ["read", "docs/1/file 1.md"],
        ["scope", {"only": ["docs/1/file 1.md"]}],
    ]
    act("file 2.pdf", "Exclude")
    page.get_by_text("file 2.pdf excluded. The file itself is not touched.").wait_for()
    act("old.txt", "Restore")
    act("file 0.txt", "Read again")
    page.get_by_text("file 0.txt will be read again.").wait_for()
    act("a.txt", "Delete the upload")
    page.get_by_role("button", name="Cancel").click()
    act("a.txt", "Delete the upload")
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_text("a.txt deleted.").wait_for()
    page.get_by_label("Choose file 0.txt").check()
    page.get_by_label("Choose file 3.txt").click(modifiers=["Shift"])
    page.locator(".acts").get_by_role("button", name="Exclude").click()
    page.get_by_role("button", name="Undo").wait_for()
    one = {"sources": ["docs/2/file 2.pdf"]}
    chosen = [f"docs/{n}/file {n}.{kind}" for n, kind in enumerate(("txt", "md", "pdf", "txt"))]
    assert page.evaluate("fake.calls") == [
        ["remove", one], ["restore", {"sources": ["docs/old.txt"]}], ["renew", {"sources": ["docs/0/file 0.txt"]}],
        ["remove", {"sources": ["uploads/a.txt"]}], ["remove", {"sources": chosen}],
    ]  # fmt: skip
    page.evaluate("fake.answers.renew = { error: 'The index is being written by process 4.' }")
    act("file 1.md", "Read again")
    page.get_by_role("alert").get_by_text("written by process 4").wait_for()


@browser
def test_it_works_by_keyboard_alone(page: Page) -> None:
    begin(page, 500)
    focused = "page.shadowRoot.activeElement.getAttribute('aria-label') ?? page.shadowRoot.activeElement.textContent"
    page.get_by_label("Choose all that are listed").focus()
    for _ in range(9):  # the columns, then the one row that Tab reaches
        page.keyboard.press("Tab")
    assert page.evaluate(focused) == "file 0.txt"
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "file 1.md"
    page.keyboard.press("End")
    assert page.evaluate(focused) == "file 499.md"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowUp")
    assert page.evaluate(focused) == "Actions for file 498.txt"
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.evaluate("fake.told") == [["read", "docs/19/file 499.md"]]
    assert page.evaluate("fake.calls") == [["renew", {"sources": ["docs/18/file 498.txt"]}]]


FILES = [
    ("fine.txt", 100),
    ("other.txt", 20),
    ("picture.png", 10),
    ("huge.txt", 2000),
    ("empty.txt", 0),
    ("slow.txt", 30),
    ("last.md", 40),
]


@browser
def test_files_on_their_way_each_say_what_became_of_them(page: Page) -> None:
    begin(page)
    page.evaluate("""() => { page.send = (file, { signal, part }) => new Promise((done, fail) => {
        fake.sent.push(file.name);
        part(0.5);
        if (file.name === "other.txt" && fake.sent.filter((name) => name === "other.txt").length === 1) fail(new Error("The server does not answer."));
        else if (file.name !== "slow.txt") done(`/copies/${file.name}`);
    }); }""")
    page.locator("input[type=file]").set_input_files(
        [{"name": name, "mimeType": "text/plain", "buffer": b"x" * size} for name, size in FILES]
    )
    said = page.locator(".queue li")
    page.get_by_role("button", name="Cancel slow.txt").click()
    page.get_by_text("7 files · 4 not added").wait_for()
    lines = {line.split("\n")[0]: line for line in said.all_inner_texts()}
    assert "cannot be read. These can: .md .pdf .txt" in lines["picture.png"]
    assert "2.0 kB; files of up to 1.0 kB are read" in lines["huge.txt"]
    assert "The file is empty." in lines["empty.txt"]
    assert "cancelled; not added" in lines["slow.txt"]
    assert "The server does not answer. It was not added." in lines["other.txt"]
    assert "waiting to be read" in lines["fine.txt"]
    assert page.evaluate("fake.calls") == [
        ["add", {"files": [{"path": f"/copies/{name}", "name": name} for name in ("fine.txt", "last.md")]}]
    ]
    page.evaluate("fake.answers.add = { outcomes: [{ source: 'uploads/other (2).txt', known: false }] }")
    said.filter(has_text="other.txt").get_by_role("button", name="Send again").click()
    page.get_by_text("kept as other (2).txt; waiting to be read").wait_for()
    page.evaluate("""() => {
        Object.assign(fake, { version: 2, fresh: [["uploads/fine.txt", "txt", "ready", null, null, 3, 100, null], ["uploads/last.md", "md", "failed", "no text", null, 0, 40, null]] });
        return page.poke();
    }""")
    page.get_by_text("ready, 3 passages").wait_for()
    assert "no text" in said.filter(has_text="last.md").inner_text()


@browser
def test_files_are_dropped_anywhere_on_the_page(page: Page) -> None:
    begin(page, 0)
    assert "No documents yet" in page.locator(".nothing").inner_text()
    page.evaluate("""() => {
        page.send = async (file) => `/copies/${file.name}`;
        const dataTransfer = new DataTransfer();
        dataTransfer.items.add(new File(["words"], "note.md"));
        window.drag = (name) => document.body.dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
        drag("dragover");
    }""")
    page.get_by_text("Drop files or folders to add them").wait_for()
    page.evaluate("drag('drop')")
    page.get_by_text("waiting to be read").wait_for()
    assert page.locator("citewise-drop").count() == 0
    assert page.evaluate("fake.calls") == [["add", {"files": [{"path": "/copies/note.md", "name": "note.md"}]}]]


@browser
def test_what_cannot_be_read_of_a_folder_is_told_and_the_rest_is_added(page: Page) -> None:
    begin(page, 0)
    page.evaluate("""() => {
        page.send = async (file) => `/copies/${await file.text()}/${file.name}`;  // as Gradio does: by what is in them
        const file = (name, words) => ({ name, isFile: true, file: (done, fail) => words ? done(new File([words], name, { lastModified: 1 })) : fail(new DOMException("", "NotReadableError")) });
        const folder = (name, ...all) => ({ name, isDirectory: true, createReader: () => ({ readEntries: (done, fail) => all[0] === null ? fail(new Error()) : done(all.splice(0)) }) });
        const root = folder("docs", file("locked.txt"), folder("closed", null), folder("a", file("index.md", "other words")), folder("b", file("index.md", "their words")), folder("c", file("index.md", "their words")));
        const event = new Event("drop", { bubbles: true, cancelable: true });
        event.dataTransfer = { types: ["Files"], files: [], items: [{ webkitGetAsEntry: () => root }] };
        document.body.dispatchEvent(event);
    }""")
    page.get_by_text("5 files · 2 not added").wait_for()
    lines = [line.split("\n")[0] for line in page.locator(".queue li").all_inner_texts()]
    assert lines == ["locked.txt", "closed", "index.md", "index.md", "index.md"]
    assert "may not read the folder" in page.locator(".queue li").nth(1).inner_text()
    assert page.locator(".queue li.kept").count() == 3
    assert page.evaluate("fake.calls.map(([, { files }]) => files.length)") == [2]


@browser
def test_more_files_than_a_question_can_be_restricted_to_are_refused(page: Page) -> None:
    begin(page, PATTERNS + 1)
    page.get_by_label("Choose all that are listed").check()
    page.get_by_role("button", name="Ask only these").click()
    page.get_by_text("These are too many files to ask alone.").wait_for()
    assert page.evaluate("fake.told") == []
    page.get_by_label("Choose file 0.txt").uncheck()
    page.get_by_role("button", name="Ask only these").click()
    assert page.evaluate("fake.told[0][1].only.length") == PATTERNS


@browser
def test_a_server_that_is_away_is_told_and_comes_back(page: Page) -> None:
    begin(page)
    page.evaluate("fake.down = true; page.poke()")
    page.get_by_role("alert").get_by_text("The server does not answer. The list is as of").wait_for()
    assert page.evaluate("fake.told.last.away")
    assert len(names(page)) == 6
    page.get_by_role("button", name="Actions for file 0.txt").click()
    page.get_by_role("menuitem", name="Exclude").click()
    page.get_by_role("alert").get_by_text("The server does not answer.", exact=True).wait_for()
    page.get_by_role("button", name="Dismiss").click()
    page.evaluate("Object.assign(fake, { down: false, whole: true, version: 7, rows: fake.rows.slice(1) })")
    page.get_by_role("alert").wait_for(state="detached")  # by itself
    assert names(page)[0] == "file 1.md"


@browser
def test_progress_is_shown_and_not_chattered(page: Page) -> None:
    begin(page)
    page.evaluate("""() => {
        page.heard = [];
        const live = page.shadowRoot.querySelector("[role=status]");
        new MutationObserver(() => page.heard.push(live.textContent)).observe(live, { childList: true, characterData: true, subtree: true });
    }""")
    for done in range(0, 100, 4):
        poke(
            page,
            progress={
                "says": "Reading files",
                "unit": "file",
                "done": done,
                "total": 100,
                "source": f"docs/{done}.txt",
                "seconds_left": 150 - done,
            },
        )
    assert page.locator(".going p").first.inner_text() == "Reading files 96 of 100 files · about 54 s left"
    page.get_by_role("button", name="Stop").click()
    poke(page, progress=None, report="Last sync: 100 added (9.0 s)")
    assert page.locator(".going").count() == 0
    assert page.evaluate("page.heard") == [
        *(f"Reading files: {n} of 100" for n in (0, 28, 52, 76)),
        "Last sync: 100 added (9.0 s)",
    ]
    assert page.evaluate("fake.calls") == [["sync", {"stop": True}]]


@browser
def test_troubles_of_the_index_are_told_with_what_to_do(page: Page) -> None:
    begin(page)
    poke(
        page,
        error="The index is being written by process 4.",
        unreachable=[["docs", "no such file"]],
        pending=3,
        changed=2,
        failed=1,
        excluded=4,
    )
    assert "6 files · 6 passages · indexed" in page.locator(".truth").inner_text()
    assert "2 changed since · 1 failed · 4 excluded" in page.locator(".truth").inner_text()
    assert "It is tried again in half a minute." in page.get_by_role("alert").inner_text()
    page.get_by_text("docs cannot be entered: no such file. What was indexed there is kept.").wait_for()
    page.get_by_role("button", name="Go on").click()
    page.get_by_role("switch", name="Watch folders").click()
    poke(page, error="", unreachable=[], pending=0, broken="The index is damaged.", mend=True)
    page.get_by_role("button", name="Build the index anew").click()
    page.get_by_role("button", name="Build anew", exact=True).click()
    page.wait_for_function("fake.calls.length === 3")
    assert page.evaluate("fake.calls") == [["sync", {}], ["watch", {"on": False}], ["sync", {"rebuild": True}]]
    page.get_by_role("button", name="Add a folder").click()
    page.evaluate("fake.answers.folder = { error: 'There is no folder /none.' }")
    page.get_by_label("Path of the folder").fill("/none")
    page.keyboard.press("Enter")
    page.get_by_role("alert").get_by_text("There is no folder /none.").wait_for()
    assert page.get_by_label("Path of the folder").input_value() == "/none"


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_and_names_stay_text(chromium: Any, scheme: str) -> None:
    for page in opened(chromium, viewport={"width": 375, "height": 720}, color_scheme=scheme, reduced_motion="reduce"):
        long = f"docs/{'unbroken' * 30}/{'name' * 50}.txt"
        begin(
            page,
            6,
            [f"docs/{HOSTILE}", "exe", "skipped", HOSTILE, None, 0, 9, None],
            [long, "txt", "ready", None, None, 1, 9, None],
        )
        assert page.evaluate("document.documentElement.scrollWidth") == 375
        assert page.locator("tbody .skipped .turns").count() >= 1
        assert page.evaluate("page.shadowRoot.querySelectorAll('img, script, a').length") == 0
        page.get_by_label("Sort by").select_option("size")
        assert names(page)[0].endswith("file 0.txt")
        for dots in (
            page.get_by_role("button", name="Actions for file 1.md"),
            page.get_by_role("button", name="Add files"),
        ):
            assert dots.bounding_box()["height"] >= 34
