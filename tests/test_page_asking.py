"""Asking on the page: in other files only, once more, otherwise, with questions to go on with, and why."""

from __future__ import annotations

from typing import Any, cast

import pytest
from browsing import Reader, browser
from fake_assistant import BRIEF, FIRST, NOTE, FakeAssistant

from rag import BadQuestion, Turn
from ui.page.exchanges import CHARACTERS, PATTERNS, TURNS, Exchanges, history_of, patterns_of

PORT = 8260  # the first that is tried for the page of these tests


@browser
def test_a_question_is_changed_where_it_stands(reader: Reader, served: tuple[FakeAssistant, str]) -> None:
    reader.ask("What of the moon?")
    turn = reader.ask("How many households?")
    first = reader.chat.locator(".turn").first
    first.get_by_role("button", name="Edit").click()
    box = first.get_by_role("textbox", name="Change the question")
    box.press("Escape")
    assert first.locator(".question").inner_text() == "What of the moon?"
    first.get_by_role("button", name="Edit").click()
    box.fill("How many households does it supply?")
    box.press("Enter")
    first.locator(".sources").wait_for()
    assert first.locator(".question").inner_text() == "How many households does it supply?"
    assert reader.chat.locator(".turn").count() == 2
    assert served[0].asked[-1] == ("How many households does it supply?", [])
    turn.get_by_role("button", name="Ask again").click()
    turn.and_(reader.chat.locator("[aria-busy=false]")).wait_for()
    said: tuple[str, list[Turn]] = served[0].asked[-1]
    assert (said[0], [turn.question for turn in said[1]]) == (
        "How many households?", ["How many households does it supply?"],
    )  # fmt: skip


@browser
def test_files_are_chosen_and_the_choice_is_seen(reader: Reader, served: tuple[FakeAssistant, str]) -> None:
    reader.tab.get_by_role("button", name="All files").click()
    choose = reader.tab.get_by_role("dialog", name="What may answer")
    choose.get_by_role("checkbox", name="*.txt").wait_for()
    choose.get_by_role("searchbox").fill("gas.t")
    choose.get_by_role("checkbox").check()
    reader.tab.keyboard.press("Escape")
    reader.ask("households")
    assert served[0].restricted == [NOTE]
    reader.tab.get_by_role("button", name=f"Do not restrict to {NOTE}").click()
    reader.ask("households")
    assert served[0].restricted == []


@browser
def test_questions_to_go_on_with_are_of_the_cited_files(reader: Reader, served: tuple[FakeAssistant, str]) -> None:
    turn = reader.ask("households")
    turn.get_by_text("Go on with").wait_for()
    assert served[0].near == [NOTE, BRIEF]
    turn.locator(".offers button").first.click()
    reader.chat.locator(".turn").nth(1).locator(".sources").wait_for()
    assert served[0].asked[-1][0] == FakeAssistant().examples()[0]
    assert turn.locator(".offers").count() == 0
    reader.chat.evaluate("chat => { chat.offer = (id, questions) => { window.offers = questions; }; }")
    reader.ask("households")
    offers = reader.tab.wait_for_function("window.offers").json_value()
    assert offers == []  # what was not taken up is not offered again


@browser
def test_the_support_of_a_sentence_is_told_on_demand(reader: Reader) -> None:
    chip = reader.ask("households").locator(".prose .chip").first
    chip.hover()
    preview = reader.chat.locator(".preview")
    assert preview.locator("blockquote").inner_text() == FIRST
    assert preview.locator(".support").inner_text() == "Quoted word for word."
    assert "Quoted word for word." in (chip.get_attribute("aria-label") or "")


@browser
def test_a_server_that_goes_away_leaves_the_question(chromium: Any, served: tuple[FakeAssistant, str]) -> None:
    reader = Reader(chromium, served[1])
    reader.send("a stuck one")
    reader.chat.get_by_text("Still thinking", exact=True).wait_for()
    look = "() => document.querySelector('citewise-documents').poke()"  # as it does by itself every few seconds
    reader.tab.context.set_offline(True)  # cuts no stream: words that still come would count as a sign of life
    for _ in range(3):
        reader.tab.evaluate(look)
    reader.chat.get_by_role("alert").get_by_text("The server does not answer.").wait_for()
    assert reader.box.input_value() == "a stuck one"
    served[0].freed.set()
    reader.tab.context.set_offline(False)
    reader.tab.evaluate(look)
    reader.tab.locator("citewise-index .line").get_by_text("files").wait_for()
    reader.box.fill("households")
    reader.box.press("Enter")
    reader.chat.locator(".sources").wait_for()
    reader.errors.clear()  # the requests that went nowhere
    reader.close()


def test_what_a_page_sends_is_bounded() -> None:
    said = [{"question": "q" * 9000, "answer": "a"}] * (TURNS + 5)
    assert history_of(said) == [Turn("q" * CHARACTERS, "a")] * TURNS
    assert patterns_of(None) == []
    for patterns in ("x", [1], ["a"] * (PATTERNS + 1)):
        with pytest.raises(BadQuestion):
            patterns_of(patterns)
    malformed: tuple[Any, ...] = ({"history": 7}, {"history": [3]}, {"only": "x"}, [], None)
    for bad in malformed:
        *_, last = Exchanges(cast(Any, FakeAssistant())).ask(bad, "tab")
        assert last["state"] == ("error" if isinstance(bad, dict) else "done")


@browser
def test_what_is_asked_elsewhere_ends_what_is_being_answered(reader: Reader, served: tuple[FakeAssistant, str]) -> None:
    first = reader.ask("How many households?")
    reader.send("a slow one")
    reader.chat.get_by_text("Still thinking and thinking").wait_for()
    first.get_by_role("button", name="Edit").click()
    box = first.get_by_role("textbox", name="Change the question")
    box.fill("How many households does it supply?")
    box.press("Enter")
    reader.chat.get_by_text("Stopped.").wait_for()
    first.and_(reader.chat.locator("[aria-busy=false]")).wait_for()
    assert served[0].asked[-1] == ("How many households does it supply?", [])
    assert first.locator(".question").inner_text() == "How many households does it supply?"


@browser
def test_a_restriction_is_seen_and_kept(reader: Reader, served: tuple[FakeAssistant, str]) -> None:
    patterns = [f"samples/{n}.txt" for n in range(40)]
    restrict = "only => document.dispatchEvent(new CustomEvent('scope', { detail: { only } }))"
    reader.tab.evaluate(restrict, patterns)
    composer = reader.tab.locator("citewise-ask .composer")
    assert composer.get_by_text("and 35 more").is_visible()
    assert composer.bounding_box()["height"] < 200
    turn = reader.ask("What of the moon?")
    assert turn.get_by_text("Asked only: samples/0.txt, samples/1.txt, samples/2.txt and 37 more").is_visible()
    reader.tab.evaluate(restrict, [])
    turn.get_by_role("button", name="Ask again").click()
    turn.and_(reader.chat.locator("[aria-busy=false]")).wait_for()
    assert served[0].restricted == patterns


@browser
def test_the_conversations_lie_over_a_phone_and_go_again(chromium: Any, served: tuple[FakeAssistant, str]) -> None:
    reader = Reader(chromium, served[1], width=375)
    reader.tab.get_by_role("button", name="Documents", exact=True).click()
    conversations = reader.tab.get_by_role("button", name="Conversations")
    conversations.click()
    rail = reader.tab.locator("#cw-rail")
    assert rail.is_visible()
    assert conversations.get_attribute("aria-expanded") == "true"
    reader.box.wait_for(state="hidden")
    reader.tab.keyboard.press("Escape")
    rail.wait_for(state="hidden")
    reader.box.wait_for()
    reader.close()
