"""What anybody's browser may call, with whatever it sends; and the threads behind the page, when something goes wrong."""

from __future__ import annotations

import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import pytest
from fake_assistant import FakeAssistant

from index.values import Progress, Status
from rag import Assistant, BadQuestion, Extracted
from ui.indexing import DEFECT, Indexing
from ui.page.asking import Asking
from ui.page.exchanges import LETTERS, PATTERNS, Exchanges, patterns_of
from ui.page.library import Library
from ui.page.reading import LONGEST_QUOTE, Reading
from ui.page.rows import GONE, Rows
from ui.watching import Watch

HALF = "\ud800"  # of a character


def until(condition: Callable[[], object], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def calls(part: Any) -> dict[str, Any]:
    return {function.__name__: function for function in part.functions}


# -- what is called ----------------------------------------------------------------------------------------------------


def test_no_call_and_no_question_breaks_what_answers_it(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    with Assistant.open(tmp_path / "docs") as assistant:
        assistant.sync_all()
        indexing = Indexing(assistant)
        indexing.watch.end()
        call = calls(Library(assistant, indexing))
        for path in ("a\0b", HALF):
            assert list(call["library_folder"]({"path": path})) == ["error"]
        assert list(call["library_restore"]({"sources": [HALF]})) == ["error"]
        epoch = call["library"]({"known": ""})["list"]["known"].partition(".")[0]
        assert list(call["library"]({"known": f"{epoch}.{'9' * 5000}"})) == ["error"]
        wrong: tuple[Any, ...] = (None, {}, {"on": None}, {"on": 0}, [])
        for given in wrong:
            assert list(call["library_watch"](given)) == ["error"]
        states = [indexing.watch.on, call["library_watch"]({"on": False}), indexing.watch.on]
        assert states == [True, {}, False]
        asking = calls(Asking(assistant, indexing, Exchanges(assistant)))
        for name in ("why", "go_on"):
            json.dumps(asking[name]({"question": HALF, "sources": [HALF]}), ensure_ascii=False).encode()
        *_, last = Exchanges(assistant).ask({"run": "1", "question": f"How{HALF}?", "only": [HALF]}, "tab")
        json.dumps(last, ensure_ascii=False).encode()


def test_only_the_steps_of_the_same_question_are_remembered() -> None:
    exchanges = Exchanges(cast(Any, FakeAssistant(step=0)))
    for question in ("Of the moon?", "Of the moon, changed?"):
        for _ in exchanges.ask({"id": "a", "run": question, "question": question}, "tab"):
            pass
    answer = exchanges.answered("Of the moon?", "Of the moon?")
    assert answer
    assert answer.question == "Of the moon?"
    assert exchanges.answered("Of the moon?", "Another?") is None
    assert exchanges.answered("a", "Of the moon?") is None


def test_a_question_is_restricted_to_many_files_but_not_to_any_number() -> None:
    assert len(patterns_of(["docs/a.txt"] * PATTERNS)) == PATTERNS
    for patterns in (["a"] * (PATTERNS + 1), ["a" * (LETTERS + 1)]):
        with pytest.raises(BadQuestion, match="folder"):
            patterns_of(patterns)


def test_a_long_quote_is_not_looked_for() -> None:
    reading = Reading(Extracted("a word " * 20_000, "", (), ""), "txt", "")
    assert reading.find("a word " * 3, 0)
    began = time.monotonic()
    assert reading.find("a word " * (LONGEST_QUOTE // 7 + 1), 0) is None
    assert time.monotonic() - began < 0.1


# -- the list of files -------------------------------------------------------------------------------------------------


def test_names_that_are_gone_are_forgotten() -> None:
    now: dict[str, list[Any]] = {str(n): [n] for n in range(GONE + 5)}
    rows = Rows(lambda: now)
    first = rows.since("", 1)["known"]
    now = {"5": [5]}
    rows.soon()
    later = rows.since(first, 2)
    assert (later["whole"], later["rows"]) == (True, [["5", 5]])
    assert len(rows._rows) == 1
    assert rows.since(later["known"], 2)["rows"] == []


def test_an_index_that_was_deleted_is_told(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.txt").write_text("The gauge stood at one metre.")
    with Assistant.open(tmp_path / "docs") as assistant:
        indexing = Indexing(assistant)
        indexing.watch.end()
        call = calls(Library(assistant, indexing))
        assert "broken" not in call["library"]({"known": ""})
        assistant.sync_all()
        known = call["library"]({"known": ""})["list"]["known"]
        shutil.rmtree(assistant.index.folder)
        state = call["library"]({"known": known})
        assert "no index" in state["broken"]
        assert (state["list"]["whole"], state["list"]["rows"]) == (True, [])


# -- threads -----------------------------------------------------------------------------------------------------------


class Endless(FakeAssistant):
    """Its syncs end only when they are closed."""

    def sync(self) -> Iterator[Progress]:
        self.synced += 1
        while True:
            time.sleep(0.01)
            yield Progress("read", 1, 3, "a")


class Defective(FakeAssistant):
    """Has a defect of ours."""

    looks = 0

    def sync(self) -> Iterator[Progress]:
        raise ZeroDivisionError

    def status(self, scan: bool = False) -> Status:
        self.looks += 1
        if self.looks == 1:
            raise ZeroDivisionError
        return super().status()


def test_a_sync_is_stopped_while_it_runs_and_while_it_waits() -> None:
    assistant = Endless()
    indexing = Indexing(cast(Any, assistant))
    indexing.watch.end()
    indexing.start()
    until(lambda: assistant.synced)
    indexing.stop()
    until(lambda: not indexing.running)
    assert assistant.synced == 1
    indexing.start()
    until(lambda: assistant.synced == 2)
    with indexing.paused():
        assert indexing.running
        indexing.stop()
        until(lambda: not indexing.running)
    assert assistant.synced == 2
    indexing.start()
    until(lambda: assistant.synced == 3)
    indexing.stop()


class Unerased(Endless):
    """Words of deleted files are still in its index, as where a sync was stopped before it erased them."""

    looks = 0

    def status(self, scan: bool = False) -> Status:
        self.looks += 1
        return replace(super().status(), unerased=True)


def test_a_sync_that_was_stopped_is_not_begun_again_to_erase_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.watching.AFTER_ERROR", 0.05)
    assistant = Unerased()
    indexing = Indexing(cast(Any, assistant))
    indexing.watch.every = 0.01
    indexing.watch.begin()
    until(lambda: assistant.synced)  # nobody else asked for it
    indexing.stop()
    until(lambda: not indexing.running)
    looks = assistant.looks
    until(lambda: assistant.looks > looks + 10)
    indexing.watch.end()
    assert assistant.synced == 1


class Ending(threading.Event):
    """The watch that waits for it is ended at the worst moment: when it has just been awoken, and goes on."""

    watch: Watch

    def clear(self) -> None:
        self.watch.end()
        super().clear()


def test_a_watch_ends_at_any_moment() -> None:
    assistant: Any = FakeAssistant()
    watch = Watch(assistant, Indexing(assistant), every=0.01)
    watch._awake = awake = Ending()
    awake.watch = watch
    thread = threading.Thread(target=watch._run, daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_defect_is_told_and_the_watch_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.watching.AFTER_ERROR", 0.05)
    assistant = Defective()
    indexing = Indexing(cast(Any, assistant))
    watch = indexing.watch = Watch(cast(Any, assistant), indexing, every=0.01)
    indexing.start()
    until(lambda: not indexing.running)
    assert indexing.error == str(DEFECT)
    watch.begin()
    until(lambda: assistant.looks == 1)
    deadline = time.monotonic() + 5
    while assistant.looks < 2 and time.monotonic() < deadline:
        watch.begin()
        time.sleep(0.01)
    watch.end()
    assert assistant.looks > 1
