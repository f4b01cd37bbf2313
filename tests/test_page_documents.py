"""The documents page: the list alone on a page of its own, what it asks for, the watch, and all of it on the real page."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from browsing import Reader, browser
from fake_assistant import FakeAssistant
from terminals import ROOT

from index.values import Change, Status
from rag import Assistant, data_folder
from ui.assets import component, read
from ui.indexing import Indexing
from ui.page import free_port, launch
from ui.page.library import Library
from ui.watching import Watch

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
    assert "cancelled; nothing of it was kept" in lines["slow.txt"]
    assert "The server does not answer. Nothing of it was kept." in lines["other.txt"]
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


# -- behind it --------------------------------------------------------------------------------------------------------


def until(condition: Any, seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(30):
        (docs / f"{number}.txt").write_text(f"Report {number}. " + f"The gauge {number} stood at one metre. " * 30)
    return docs


@pytest.fixture
def few(docs: Path) -> Path:
    for path in docs.glob("[1-9]?.txt"):
        path.unlink()
    for path in docs.glob("[3-9].txt"):
        path.unlink()
    return docs


@pytest.fixture
def copies(home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where Gradio keeps what was sent to it."""
    place = data_folder() / "page"
    place.mkdir(parents=True)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(place))
    return place


def calls(library: Library) -> dict[str, Any]:
    return {function.__name__: function for function in library.functions}


def test_files_and_folders_are_added_during_the_first_sync(docs: Path, tmp_path: Path, copies: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "fee.txt").write_text("The lantern fee is eleven crowns.")
    for name in ("one", "two"):
        (copies / name).write_text("The heron nests in the bell tower.")
    assistant = Assistant.open(docs)
    indexing = Indexing(assistant)
    call = calls(Library(assistant, indexing))
    indexing.watch.end()  # as it is tried below
    indexing.start()
    until(lambda: (call["library"]({})["progress"] or {})["says"] == "Embedding passages")
    files = [{"path": str(copies / name), "name": "heron ?.txt"} for name in ("one", "two", "gone")]
    outcomes = call["library_add"]({"files": files})["outcomes"]
    assert outcomes[:2] == [{"source": "uploads/heron ?.txt", "known": False}] * 2
    assert outcomes[2] == {"error": "The copy is gone. Send it again."}
    assert indexing.running
    assert list(copies.iterdir()) == []
    assert call["library_folder"]({"path": str(tmp_path / "more")}) == {}
    until(lambda: not indexing.running)
    state = call["library"]({"known": ""})
    assert (state["error"], state["files"], state["pending"]) == ("", 32, 0)
    rows = {source: row for source, *row in state["list"]["rows"]}
    assert rows["uploads/heron ?.txt"][:5] == ["txt", "ready", None, None, 1]
    (copies / "again").write_text("The heron nests in the bell tower.")
    again = call["library_add"]({"files": [{"path": str(copies / "again"), "name": "heron ?.txt"}]})
    assert again["outcomes"] == [{"source": "uploads/heron ?.txt", "known": True}]
    assert "bell tower" in assistant.ask("Where does the heron nest?").text
    assert json.loads((data_folder() / "last.json").read_text())["documents"] == [str(docs), str(tmp_path / "more")]
    until(lambda: not indexing.running)
    assistant.close()


def test_only_what_changed_is_told_and_removals_come_back(few: Path) -> None:
    (few / "scan.pdf").write_bytes(b"%PDF-1.7 nothing more")
    (few / "b.png").write_bytes(b"x")
    assistant = Assistant.open(few)
    indexing = Indexing(assistant)
    call = calls(Library(assistant, indexing))
    indexing.watch.end()
    assert call["library"]({"known": ""})["files"] == 0  # before the first sync
    assistant.sync_all()
    first = call["library"]({"known": ""})["list"]
    states = {source: row[1] for source, *row in first["rows"]}
    assert (first["whole"], len(states), states["docs/scan.pdf"], states["docs/b.png"]) == (
        True,
        5,
        "failed",
        "skipped",
    )
    nothing = {"known": first["known"], "whole": False, "rows": [], "gone": []}
    assert call["library"]({"known": first["known"]})["list"] == nothing
    name = next(source for source, state in states.items() if state == "ready")
    assert call["library_remove"]({"sources": [name]}) == {}
    then = call["library"]({"known": first["known"]})
    assert [row[:3] for row in then["list"]["rows"]] == [[name, "txt", "excluded"]]
    assert (then["excluded"], (few / name.partition("/")[2]).exists()) == (1, True)
    assert call["library_restore"]({"sources": [name]}) == {}
    until(lambda: not indexing.running)
    last = call["library"]({"known": then["list"]["known"]})["list"]
    assert [row[:3] for row in last["rows"] if row[0] == name] == [[name, "txt", "ready"]]
    (few / name.partition("/")[2]).unlink()
    assistant.sync_all()
    assert call["library"]({"known": last["known"]})["list"]["gone"] == [name]
    assert call["library"]({"known": "other.3"})["list"]["whole"]  # as after a restart
    assert call["library_renew"]({"all": True}) == {}
    until(lambda: not indexing.running)
    assistant.close()


def test_no_call_has_another_file_read_or_does_what_it_may_not(few: Path, copies: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("The password is heron.")
    (copies / "link.txt").symlink_to(tmp_path / "secret.txt")
    assistant = Assistant.open(few)
    assistant.sync_all()
    call = calls(Library(assistant, Indexing(assistant), folders=False))
    for path in (
        "/etc/passwd",
        str(tmp_path / "secret.txt"),
        str(copies / "link.txt"),
        f"{copies}/../secret.txt",
        "\0",
        None,
        5,
    ):
        told = call["library_add"]({"files": [{"path": path, "name": "a.txt"}]})
        assert told == {"outcomes": [{"error": "The copy is gone. Send it again."}]}
    assert (tmp_path / "secret.txt").exists()
    assert call["library_folder"]({"path": str(tmp_path)}) == {"error": "No folder can be added here."}
    malformed: tuple[Any, ...] = (
        None,
        [],
        "x",
        {},
        {"files": "x"},
        {"files": [1]},
        {"sources": []},
        {"sources": [1]},
        {"sources": ["docs/none.txt"]},
    )
    for name, function in call.items():
        if name in ("library", "library_sync", "library_watch"):
            continue
        for given in malformed:
            assert list(function(given)) == ["error"], (name, given)
    until(lambda: not call["library"]({})["progress"])
    assistant.close()


def test_a_damaged_index_is_told_and_built_anew(few: Path) -> None:
    assistant = Assistant.open(few)
    indexing = Indexing(assistant)
    call = calls(Library(assistant, indexing))
    indexing.watch.end()
    assistant.sync_all()
    assistant.close()
    for name in ("", "-wal", "-shm"):
        (assistant.index.folder / f"catalog.sqlite{name}").unlink(missing_ok=True)
    (assistant.index.folder / "catalog.sqlite").write_bytes(b"no database" * 1000)
    state = call["library"]({"known": ""})
    assert ("damaged" in state["broken"], state["mend"]) == (True, True)
    assert call["library_sync"]({"rebuild": True}) == {}
    until(lambda: not indexing.running)
    assert call["library"]({"known": ""})["files"] == 3
    assistant.close()


class Folders(FakeAssistant):
    """Its folders change as a test says."""

    changes: tuple[Change, ...] = ()
    looks = 0
    written = False  # is being

    def status(self, scan: bool = False) -> Status:
        self.looks += scan
        changes = (Change("docs/a.pdf", "changed", 9, 100 + self.looks),) if self.written else self.changes
        return replace(super().status(), changes=changes, changed=len(changes))

    def looked(self, times: int = 3) -> None:
        until(lambda now=self.looks: self.looks >= now + times)


def test_what_changed_is_indexed_once_and_only_while_watched() -> None:
    folders = Folders(step=0)
    indexing = Indexing(cast(Any, folders))
    watch = indexing.watch = Watch(cast(Any, folders), indexing, every=0.01)
    watch.begin()
    watch.begin()
    folders.looked()
    assert folders.synced == 0
    folders.changes = (Change("docs/a.pdf", "changed", 9, 1),)  # which no sync mends
    until(lambda: folders.synced == 1)
    folders.looked(10)
    assert (folders.synced, len(watch.changes)) == (1, 1)
    folders.changes = (Change("docs/a.pdf", "changed", 9, 2),)
    until(lambda: folders.synced == 2)
    folders.looked()
    folders.written = True
    folders.looked(10)
    assert folders.synced == 2
    folders.written, folders.changes, folders.step = False, (), 0.05
    folders.looked()
    indexing.start()
    folders.changes = (Change("docs/c.txt", "added", 9, 1),)
    indexing.stop()
    until(lambda: not indexing.running)
    folders.looked(10)
    assert folders.synced == 3  # what was stopped stays so
    synced = folders.synced
    watch.switch(False)
    folders.changes = ()
    folders.looked(1)
    folders.changes = (Change("docs/b.txt", "added", 9, 1),)
    watch.wake()
    folders.looked(1)
    watch.wake()
    until(lambda: len(watch.changes) == 1)
    assert folders.synced == synced
    watch.end()


# -- all of it --------------------------------------------------------------------------------------------------------


@browser
def test_the_real_page_adds_excludes_restores_and_watches(chromium: Any, few: Path, tmp_path: Path) -> None:
    for path in few.iterdir():
        path.unlink()
    for name in ("handbook.md", "minutes-2025-03-15.txt", "plot-prices.csv"):
        shutil.copy(ROOT / "samples" / "garden" / name, few)
    with Assistant.open(few) as assistant:
        assistant.sync_all()
        address = launch(assistant, port=free_port("127.0.0.1", 8260), open_browser=False, block=False)
        reader = Reader(chromium, address)
        reader.tab.locator("citewise-index .line").get_by_text("3 files").wait_for()
        reader.tab.locator("citewise-index .line").click()
        documents = reader.tab.locator("citewise-documents")
        documents.locator("tbody .open").nth(2).wait_for()
        (tmp_path / "heron Q&A.txt").write_text("The heron nests in the bell tower.")
        documents.locator("input[type=file]").set_input_files([tmp_path / "heron Q&A.txt"])
        documents.get_by_text("ready, 1 passage").wait_for()
        documents.locator("tbody .open", has_text="heron Q&A.txt").wait_for()
        (few / "new.txt").write_text("The ferry leaves at noon.")
        documents.locator("tbody .ready .open", has_text="new.txt").wait_for()  # without a click
        documents.get_by_role("button", name="Actions for new.txt").click()
        documents.get_by_role("menuitem", name="Exclude").click()
        documents.locator("tbody .excluded .open", has_text="new.txt").wait_for()
        assert (few / "new.txt").exists()
        assert "docs/new.txt" not in {one.source for one in assistant.documents()}
        reader.tab.get_by_role("button", name="Undo").click()
        documents.locator("tbody .ready .open", has_text="new.txt").wait_for()
        documents.get_by_role("button", name="heron Q&A.txt", exact=True).click()
        reader.chat.locator(".panel").get_by_text("nests in the bell tower").wait_for()
        reader.tab.keyboard.press("Escape")
        reader.close()
