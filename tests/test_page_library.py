"""Behind the documents page: what it asks for, the watch over the folders, and all of it on the real page."""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from browsing import Reader, browser
from fake_assistant import FakeAssistant
from terminals import ROOT

from index.values import Change, Status
from rag import Assistant, data_folder
from ui.indexing import Indexing
from ui.page import free_port, launch
from ui.page.library import Library
from ui.watching import Watch


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


@pytest.mark.slow
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
