"""The browser's Back and Forward lead through what a person went to on the page, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from browsing import Reader, browser
from fake_assistant import FakeAssistant

PORT = 7975  # the first that is tried for the page of these tests


class Person(Reader):
    """Who goes to and fro on the page."""

    @property
    def entries(self) -> int:
        return self.tab.evaluate("history.length")

    def back(self) -> None:
        self.tab.evaluate("history.back()")

    def forward(self) -> None:
        self.tab.evaluate("history.forward()")

    def to(self, view: str) -> None:
        self.tab.get_by_role("button", name=view, exact=True).first.click()

    def sees(self, view: str) -> None:
        self.tab.wait_for_function("(view) => document.body.dataset.view === view", arg=view)

    def reads(self, *questions: str) -> None:
        self.chat.get_by_role("heading", name=questions[-1]).wait_for()
        assert self.chat.locator(".question").all_inner_texts() == list(questions)

    def source(self, state: str) -> None:
        self.chat.locator(".panel").wait_for(state=state)


@browser
@pytest.mark.parametrize("width", [1400, 375])
def test_back_goes_to_what_was_before(
    chromium: Any, served: tuple[FakeAssistant, str], monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    one = Person(chromium, served[1], width)
    monkeypatch.setattr(served[0], "step", 1)
    entries, first = one.entries, "How many households does the plant supply?"
    one.send(first)
    one.chat.locator(".chip").first.wait_for()
    one.to("Documents")  # before the conversation has a name
    one.tab.wait_for_function("location.hash")
    one.back()
    one.sees("chat")
    one.reads(first)
    assert one.entries == entries + 1  # that of Documents, which is ahead

    one.chat.locator(".prose .chip").first.click()
    one.mark.wait_for()
    one.tab.keyboard.press("ArrowRight")
    one.back()
    one.source("hidden")
    assert one.chat.evaluate("chat => chat.shadowRoot.activeElement.className").startswith("chip")
    one.forward()
    one.source("visible")
    one.tab.keyboard.press("Escape")
    one.source("hidden")

    why = one.tab.get_by_role("dialog", name="Why this answer")
    one.to("Why this answer")
    why.wait_for()
    one.back()
    why.wait_for(state="hidden")
    one.forward()
    why.wait_for()
    one.tab.keyboard.press("Escape")
    why.wait_for(state="hidden")

    one.to("New conversation")
    one.chat.locator(".welcome").wait_for()
    assert one.entries == entries + 1  # no step back is left of the source
    one.ask("password")
    one.chat.locator(".prose .chip").first.click()
    one.source("visible")
    one.tab.reload()  # forgets the source, and that it was open
    one.reads("password")
    one.tab.wait_for_function("!history.state.place.over")
    one.to("Quality")
    one.to("Documents")
    one.tab.reload()
    one.sees("documents")
    for view in ("quality", "chat"):
        one.back()
        one.sees(view)
    one.reads("password")
    one.back()
    one.reads(first)
    one.forward()
    one.reads("password")
    one.forward()
    one.sees("quality")
    one.close()


@browser
def test_on_a_phone_back_closes_the_list_and_goes_to_where_somebody_read(
    chromium: Any, served: tuple[FakeAssistant, str]
) -> None:
    one = Person(chromium, served[1], 375)
    one.ask("How many households does the plant supply?")
    entries, rail = one.entries, one.tab.locator("#cw-rail")
    one.tab.set_viewport_size({"width": 375, "height": 500})
    read = one.tab.evaluate("(scrollTo({ top: 90, behavior: 'instant' }), scrollY)")
    one.tab.evaluate("document.dispatchEvent(new CustomEvent('view', { detail: { name: 'documents' } }))")
    assert one.tab.evaluate("scrollY") == 0
    one.back()
    one.sees("chat")
    assert one.tab.evaluate("scrollY") == read == 90
    one.to("Conversations")
    rail.wait_for(state="visible")
    one.back()
    rail.wait_for(state="hidden")
    one.to("Conversations")
    one.tab.keyboard.press("Escape")
    rail.wait_for(state="hidden")
    one.to("New conversation")
    one.chat.locator(".welcome").wait_for()
    one.to("Conversations")
    rail.get_by_role("button", name="How many households").first.click()
    one.reads("How many households does the plant supply?")
    assert one.entries == entries + 2
    one.back()
    one.chat.locator(".welcome").wait_for()
    one.back()  # a conversation that never began is no wall
    one.reads("How many households does the plant supply?")
    assert one.entries == entries + 2
    one.close()


@browser
def test_a_link_to_an_answer_is_an_entry_of_its_own(chromium: Any, served: tuple[FakeAssistant, str]) -> None:
    one = Person(chromium, served[1])
    one.ask("How many households does the plant supply?")
    one.tab.wait_for_function("location.hash")
    link = one.tab.evaluate(
        "location.hash + '/' + document.querySelector('citewise-chat').shadowRoot.querySelector('.turn').dataset.turn"
    )
    one.to("New conversation")
    one.ask("password")
    one.chat.locator(".prose .chip").first.click()
    one.source("visible")
    entries = one.entries
    one.tab.evaluate("(link) => { location.hash = link; }", link)
    one.reads("How many households does the plant supply?")
    one.source("hidden")
    assert one.entries == entries + 1
    one.back()
    one.source("visible")
    one.reads("password")
    one.back()
    one.source("hidden")
    one.reads("password")
    one.back()
    one.reads("How many households does the plant supply?")
    one.close()


@browser
def test_the_account_of_an_answer_belongs_to_its_conversation(chromium: Any, served: tuple[FakeAssistant, str]) -> None:
    one, why = Person(chromium, served[1]), "document.querySelector('citewise-why').shown"
    one.ask("How many households does the plant supply?")
    one.tab.wait_for_function("location.hash")
    link = one.tab.evaluate("location.hash")
    one.to("New conversation")
    one.ask("password")
    one.to("Why this answer")
    one.tab.wait_for_function(why)
    one.tab.evaluate("(link) => { location.hash = link; }", link)
    one.reads("How many households does the plant supply?")
    assert not one.tab.evaluate(why)
    one.to("Why this answer")
    one.tab.wait_for_function(why)
    one.tab.keyboard.press("Escape")
    one.tab.wait_for_function("!history.state.place.over")
    one.back()  # to that of the other answer, which is not what was shown last
    one.reads("password")
    one.tab.wait_for_function("!history.state.place.over")
    assert not one.tab.evaluate(why)
    one.back()
    one.reads("How many households does the plant supply?")
    one.close()
