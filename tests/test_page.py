"""The page in a real browser: ask, click a marker, read the marked words; a phone; hostile documents; no other host."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
from browsing import Reader, browser
from fake_assistant import FIRST, SCRIPT, SECOND, THIRD, TURNED, FakeAssistant

from rag import CitewiseError
from ui.indexing import Indexing
from ui.page import launch

PORT = 7960  # the first that is tried for the page of these tests


@browser
def test_a_marker_opens_its_source_at_the_quote(reader: Reader) -> None:
    turn = reader.ask("How many households does the plant supply?")
    assert turn.locator(".prose").inner_text().split() == f"{FIRST} 1 {SECOND} 2".split()
    turn.locator(".prose .chip").first.click()
    reader.chat.locator(".more").first.wait_for()
    assert reader.mark.inner_text() == FIRST
    mark, panel = reader.mark.bounding_box(), reader.chat.locator(".text").bounding_box()
    assert panel["y"] < mark["y"] < panel["y"] + panel["height"] - mark["height"]
    assert "It was enlarged twice." in reader.chat.locator(".extract").inner_text()
    while reader.chat.locator(".more", has_text="above").count():
        reader.chat.locator(".text").evaluate("node => node.scrollTop = 0")
        reader.tab.wait_for_timeout(50)
    assert reader.chat.locator(".extract").evaluate(
        "node => node.textContent.startsWith('The gas plant\\n\\nParagraph 1 tells')"
    )
    reader.tab.keyboard.press("ArrowRight")
    reader.chat.locator("mark", has_text=SECOND).wait_for()
    assert "page 3 · Gas supply" in reader.chat.locator(".panel header").inner_text()
    reader.tab.keyboard.press("Escape")
    assert not reader.chat.locator(".panel").is_visible()
    assert reader.chat.evaluate("chat => chat.shadowRoot.activeElement.textContent") == "1"


@browser
def test_it_works_by_keyboard_alone(reader: Reader) -> None:
    reader.ask("households")
    reader.chat.locator(".prose .chip").nth(1).focus()
    reader.tab.keyboard.press("Shift+Tab")
    assert reader.chat.locator(".preview blockquote").inner_text() == FIRST
    reader.tab.keyboard.press("Enter")
    reader.mark.wait_for()
    assert reader.chat.evaluate("chat => chat.shadowRoot.activeElement.className") == "text"


@browser
def test_sources_conflict_and_refusal_are_openable(reader: Reader) -> None:
    turn = reader.ask("households")
    assert turn.locator(".sources .row").count() == 2
    assert turn.locator(".side > b").all_inner_texts() == ["11,000", "21,000"]
    assert turn.locator(".side small").all_inner_texts() == ["as of 2014", "as of March 2022"]
    assert turn.locator(".about").inner_text() == "households supplied · different period"
    refused = reader.ask("What of the moon?")
    assert "Not in the documents" in refused.inner_text()
    assert "3 files, 212 passages" in refused.inner_text()
    assert "7 passages could be found by words only" in refused.inner_text()
    assert refused.locator(".chip").count() == 0
    refused.locator(".related .row").click()
    reader.chat.locator("mark", has_text=THIRD).wait_for()


@browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_phone_shows_everything_without_scrolling_sideways(
    chromium: Any, served: tuple[FakeAssistant, str], scheme: str
) -> None:
    reader = Reader(chromium, served[1], width=375, color_scheme=scheme, reduced_motion="reduce")
    for question in ("households", "What of the moon?", "password"):
        reader.ask(question)
    assert reader.tab.evaluate("document.documentElement.scrollWidth") == 375
    tops = [reader.chat.locator(f".{one}").first.bounding_box()["y"] for one in ("edit", "why", "thumb.down")]
    assert max(tops) - min(tops) < 10  # one line of tools
    reader.chat.locator(".prose .chip").first.click()
    reader.mark.wait_for()
    box = reader.chat.locator(".panel").bounding_box()
    assert (box["x"], box["width"]) == (0, 375)
    reader.tab.keyboard.press("Escape")
    reader.tab.locator("citewise-index .line").click()
    reader.tab.get_by_text("samples/<b>scan<", exact=True).wait_for()
    assert reader.tab.evaluate("document.documentElement.scrollWidth") == 375
    reader.close()


@browser
def test_hostile_documents_stay_text(reader: Reader) -> None:
    turn = reader.ask("What does the password policy ask for?")
    assert turn.locator(".statement").evaluate("node => node.textContent").split() == [*SCRIPT.split(), "1"]
    turn.locator(".prose .chip").hover()
    reader.chat.locator(".preview blockquote").wait_for()
    turn.locator(".prose .chip").click()
    reader.mark.first.wait_for()
    reader.chat.locator(".line-of mark").first.wait_for()
    assert "".join(reader.mark.all_text_contents()) == SCRIPT
    assert reader.chat.evaluate("chat => chat.shadowRoot.querySelectorAll('a, img, script, iframe').length") == 0


@browser
def test_a_text_cannot_turn_the_direction_of_another(chromium: Any, served: tuple[FakeAssistant, str]) -> None:
    reader = Reader(chromium, served[1], width=375)
    turn = reader.ask("What is the fee?")
    assert turn.locator(".statement .turns").count() == 4
    turn.locator(".prose .chip").click()
    reader.mark.wait_for()
    reader.chat.get_by_text("Paid by card.").wait_for()
    assert reader.mark.evaluate("node => node.textContent") == TURNED
    left = """node => {
        const at = (word) => {
            const text = [...node.childNodes].find((child) => child.data?.includes(word)), range = new Range();
            range.setStart(text, text.data.indexOf(word));
            range.setEnd(text, range.startOffset + word.length);
            return range.getBoundingClientRect();
        };
        const [first, second] = [at("EUR"), at("001")];
        return first.top < second.top || first.right <= second.left;
    }"""
    assert reader.mark.evaluate(left)
    where = reader.chat.locator(".titles .where")
    assert where.bounding_box()["height"] < 45
    assert reader.chat.locator(".titles h2").bounding_box()["height"] < 50
    assert reader.chat.locator(".panel").evaluate("node => node.scrollWidth") == 375
    reader.tab.keyboard.press("Escape")
    assert reader.tab.evaluate("document.documentElement.scrollWidth") == 375
    reader.close()


@browser
def test_stop_stops_and_an_error_keeps_the_question(reader: Reader, served: tuple[FakeAssistant, str]) -> None:
    reader.send("a slow one")
    reader.chat.get_by_text("Still thinking and thinking").wait_for()
    reader.tab.get_by_role("button", name="Stop", exact=True).click()
    reader.chat.get_by_text("Stopped.").wait_for()
    reader.tab.get_by_role("button", name="Ask", exact=True).wait_for()
    reader.ask("a broken one")
    assert "Start it, or ask without a model." in reader.chat.get_by_role("alert").inner_text()
    assert reader.box.input_value() == "a broken one"
    assert [question for question, _ in served[0].asked[-2:]] == ["a slow one", "a broken one"]
    for _ in range(100):
        if served[0].cancelled:
            break
        time.sleep(0.05)
    assert served[0].cancelled == 1
    assert reader.chat.get_by_text("Stopped.").count() == 1
    reader.ask("a defect")
    assert "Something went wrong inside Citewise." in reader.chat.get_by_role("alert").last.inner_text()
    assert reader.box.input_value() == "a defect"
    asked = len(served[0].asked)
    reader.box.fill("   ")
    reader.box.press("Enter")
    reader.tab.wait_for_timeout(500)  # a question that is not asked leaves nothing else to wait for
    assert len(served[0].asked) == asked


@browser
def test_two_tabs_do_not_share_a_history(chromium: Any, served: tuple[FakeAssistant, str]) -> None:
    one, two = Reader(chromium, served[1]), Reader(chromium, served[1])
    one.ask("households, asked by one")
    two.ask("moon, asked by two")
    one.ask("and since when?")
    assert [turn.question for turn in served[0].asked[-1][1]] == ["households, asked by one"]
    assert "asked by two" not in one.chat.inner_text()
    one.tab.get_by_role("button", name="New conversation").click()
    one.chat.locator(".examples button").first.click()
    one.chat.locator(".sources").wait_for()
    assert served[0].asked[-1] == (FakeAssistant().examples()[0], [])
    one.close()
    two.close()


def test_a_sync_in_the_background_reports_and_repeats() -> None:
    assistant = FakeAssistant(step=0.05)
    indexing = Indexing(cast(Any, assistant))
    indexing.start()
    indexing.start()
    deadline = time.monotonic() + 5
    while indexing.running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert assistant.synced == 2
    assert indexing.report is not None
    assert (indexing.report.added, indexing.progress) == (1, None)


def test_what_was_stopped_or_failed_leaves_no_rebuild_behind() -> None:
    class Noting(FakeAssistant):
        def sync(self, **options: Any) -> Iterator[Any]:
            asked.append(options)
            yield from super().sync()
            if len(asked) == 3:
                indexing.start(rebuild=True)
                raise CitewiseError("Full.", "Make room.")

    asked: list[Any] = []
    indexing = Indexing(cast(Any, Noting(step=0.05)))
    indexing.start()
    indexing.start(rebuild=True)
    indexing.stop()
    for _ in range(3):
        indexing.wait(5)
        indexing.start()
    indexing.wait(5)
    assert asked[1:] == [{}, {}, {}]


def test_only_this_machine_is_served() -> None:
    with pytest.raises(CitewiseError, match="no log-in"):
        launch(cast(Any, FakeAssistant()), host="0.0.0.0", block=False)


def test_a_running_sync_makes_way_and_goes_on() -> None:
    assistant = FakeAssistant(step=0.05)
    indexing = Indexing(cast(Any, assistant))
    indexing.start()
    with indexing.paused():
        begun = assistant.synced
        time.sleep(0.2)
        assert assistant.synced == begun
        assert indexing.running
    deadline = time.monotonic() + 5
    while indexing.running and time.monotonic() < deadline:
        time.sleep(0.01)
    assert assistant.synced == begun + 1
    assert not indexing.running
