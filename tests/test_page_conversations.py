"""Conversations are kept in the browser, in a list of their own and on the real page."""

from __future__ import annotations

from typing import Any, cast

import pytest
from browsing import Reader, browser
from conversing import ADDRESS, BEGIN, Tab, exchange
from fake_assistant import FIRST, NOTE, FakeAssistant, cite

from ui.page import free_port, launch

SEED = """async ([conversations, one]) => {
    const opening = indexedDB.open("citewise", 1);
    const database = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
    const names = ["conversations", "exchanges", "texts"], writing = database.transaction(names, "readwrite");
    const [conversation, exchanges, texts] = names.map((name) => writing.objectStore(name));
    for (let n = 0; n < conversations; n += 1) {
        const id = `c${n}`, common = { schema: 1, folder: "works" }, at = Date.now() - 3600000 * (n + 1);
        conversation.put({ ...common, id, title: `Conversation ${n}`, at, changed: at });
        for (let m = 0; m < 5; m += 1) {
            const key = { ...common, conversation: id, id: `e${n}.${m}` };
            exchanges.put({ ...key, at: at + m, exchange: { ...one, id: key.id } });
            texts.put({ ...key, text: `${one.question} word${n}x${m} ${"Wasser und Wein ".repeat(60)}` });
        }
    }
    conversation.put({ schema: 2, folder: "works", id: "newer", title: "Another shape", at: 1, changed: 2 });
    conversation.put({ schema: 1, folder: "works", id: "broken", title: { toString: 1 }, at: 1, changed: 2 });
    exchanges.put({ schema: 1, folder: "works", conversation: "c77", id: "odd", at: 1, exchange: { id: "odd", question: 7, answer: "x" } });
    await new Promise((done) => { writing.oncomplete = done; });
}"""
COUNT = """async () => {
    const opening = indexedDB.open("citewise", 1);
    const database = await new Promise((done) => { opening.onsuccess = () => done(opening.result); });
    return Promise.all(["conversations", "exchanges", "texts"].map((name) => new Promise((done) => {
        const counting = database.transaction(name).objectStore(name).count();
        counting.onsuccess = () => done(counting.result);
    })));
}"""


@browser
def test_conversations_are_named_kept_and_opened_again(tab: Tab) -> None:
    long = "How many households does the plant supply, and since when has it done so?"
    tab.keep(exchange(1, long), exchange(2, "And who managed it?"))
    tab.new()
    tab.keep(exchange(3, "What does the password policy ask for?"))
    assert tab.rows.all_text_contents() == [
        "What does the password policy ask for?",
        "How many households does the plant supply, and since when…",
    ]
    tab.rows.nth(1).click()
    tab.tab.get_by_role("heading", name="And who managed it?").wait_for()
    assert [one["question"] for one in tab.told("open")[-1]["exchanges"]] == [long, "And who managed it?"]
    tab.keep(exchange(4, "A third one"))
    tab.tab.reload()
    tab.tab.evaluate(BEGIN, "works")
    assert [one["id"] for one in tab.told("open")[0]["exchanges"]] == ["e1", "e2", "e4"]
    assert tab.rows.first.get_attribute("aria-current") == "true"
    tab.keep(exchange(2, "And who managed it?", text="asked again"))
    tab.go(ADDRESS)  # without the address of the conversation, as after a restart of the browser
    assert [one["id"] for one in tab.told("open")[0]["exchanges"]] == ["e1", "e2", "e4"]
    tab.new()
    tab.go(ADDRESS)
    assert tab.told("open") == []
    tab.folder = "another folder"
    tab.go(ADDRESS)
    assert tab.rows.count() == 0
    assert "kept here, in this browser only" in tab.tab.locator("citewise-conversations .count").inner_text()


@browser
def test_a_thousand_conversations_are_searched_in_questions_answers_and_titles(tab: Tab) -> None:
    one = exchange(1, "How many households?")
    del one["kind"]
    tab.tab.evaluate(SEED, [1000, one])
    tab.go(ADDRESS)
    assert tab.rows.count() == 1000  # and none of what another Citewise wrote, or is no conversation
    found = tab.tab.locator("citewise-conversations .count")
    box = tab.tab.get_by_role("searchbox", name="Search the conversations")
    box.fill("word77x3 HOUSE")
    found.get_by_text("1 found", exact=True).wait_for()
    assert tab.rows.locator("mark").inner_text() == "word77x3"
    tab.rows.click()
    tab.tab.wait_for_function("told.some(([name, { exchange }]) => name === 'open' && exchange === 'e77.3')")
    box.fill("conversation 77")
    named = sum("77" in str(number) for number in range(1000))
    found.get_by_text(f"{named} found", exact=True).wait_for()
    box.fill("nobody said this")
    found.get_by_text("Nothing found").wait_for()
    box.fill("")
    tab.keep({**exchange(9, "Wo ist Frau Nguyễn?")})
    box.fill("nguyen")
    found.get_by_text("1 found", exact=True).wait_for()
    before = tab.tab.evaluate("performance.now()")
    tab.keep(exchange(10, "One more among a thousand"))
    assert tab.tab.evaluate("performance.now()") - before < 3000
    assert tab.tab.evaluate(COUNT) == [1002, 5003, 5002]  # left alone


@browser
def test_by_keyboard_they_are_renamed_deleted_and_wanted_back(chromium: Any) -> None:
    tab = Tab(chromium, clock=True)
    for number, question in enumerate(("one", "two", "three")):
        tab.new()
        tab.keep(exchange(number, question))
    keys = tab.tab.keyboard
    tab.tab.get_by_role("searchbox").focus()
    keys.press("Tab")
    keys.press("ArrowDown")
    keys.press("F2")
    keys.type("the <b>second</b>")
    keys.press("Enter")
    tab.rows.nth(1).get_by_text("the <b>second</b>").wait_for()
    assert tab.rows.all_text_contents() == ["three", "the <b>second</b>", "one"]
    keys.press("Delete")
    tab.toast.get_by_text("Deleted: the <b>second</b>").wait_for()
    assert tab.rows.all_text_contents() == ["three", "one"]
    other = Tab(tab.context, clock=True)
    tab.toast.get_by_role("button", name="Undo").press("Enter")
    tab.rows.nth(2).wait_for()
    other.tab.clock.fast_forward(61_000)
    assert tab.tab.evaluate(COUNT) == [3, 3, 3]
    other.tab.close()
    tab.rows.nth(2).press("F2")
    keys.type("never mind")
    keys.press("Escape")
    assert tab.rows.all_text_contents() == ["three", "the <b>second</b>", "one"]
    tab.rows.nth(0).press("Delete")  # the open one
    tab.rows.nth(2).wait_for(state="detached")
    assert tab.told("new") == [{}] * 4
    assert tab.tab.evaluate(COUNT) == [3, 3, 3]
    tab.tab.clock.fast_forward(9_000)
    tab.toast.wait_for(state="hidden")
    tab.rows.nth(1).press("Delete")
    tab.rows.nth(1).wait_for(state="detached")
    assert tab.tab.evaluate(COUNT) == [2, 2, 2]
    tab.go(ADDRESS)  # before the time of the second is over
    assert tab.rows.all_text_contents() == ["the <b>second</b>"]
    tab.tab.clock.fast_forward(61_000)
    assert tab.tab.evaluate(COUNT) == [1, 1, 1]
    tab.close()


@browser
def test_a_conversation_that_another_tab_deletes_does_not_come_back(tab: Tab) -> None:
    tab.keep(exchange(1, "begun here"))
    other = Tab(tab.context)
    tab.tab.evaluate(  # what was being answered settles when the conversation is left
        "(late) => document.addEventListener('new', () => { window.late = rail.keep(late); })", exchange(2, "stopped")
    )
    other.do("Delete")
    tab.tab.wait_for_function("window.late?.then(() => true)")
    tab.tab.evaluate("late")
    assert tab.rows.count() == 0
    other.tab.close()


@browser
def test_what_one_tab_keeps_the_other_shows(tab: Tab) -> None:
    tab.keep(exchange(1, "begun here"))
    other = Tab(tab.context)
    assert [one["question"] for one in other.told("open")[0]["exchanges"]] == ["begun here"]
    other.keep(exchange(2, "added there"))
    tab.tab.wait_for_function("told.some(([name]) => name === 'merged')")
    assert [one["exchange"]["question"] for one in tab.told("merged")] == ["added there"]
    both = "(ids) => Promise.all(ids.map((id) => rail.keep({...base, id})))"
    for one, ids in ((tab, "abc"), (other, "xyz")):
        one.tab.evaluate("(base) => { window.base = base; }", exchange(3, "at once"))
        one.tab.evaluate(both, list(ids))
    other.do("Rename")
    other.tab.keyboard.type("renamed there")
    other.tab.keyboard.press("Enter")
    tab.rows.get_by_text("renamed there").wait_for()
    tab.go(ADDRESS)
    kept = tab.told("open")[-1]
    assert (kept["title"], sorted(one["id"] for one in kept["exchanges"])) == (
        "renamed there",
        ["a", "b", "c", "e1", "e2", "x", "y", "z"],
    )
    other.do("Delete")
    tab.rows.first.wait_for(state="detached")
    assert tab.told("new") == [{}]
    assert other.errors == []


@browser
@pytest.mark.parametrize("broken", ["missing", "full", "newer"])
def test_what_cannot_be_kept_is_said_and_not_lost(chromium: Any, broken: str) -> None:
    begin = {
        "missing": "Object.defineProperty(window, 'indexedDB', { value: undefined })",
        "newer": "if (location.protocol === 'http:') indexedDB.open('citewise', 99)",
        "full": "",
    }[broken]
    tab = Tab(chromium, begin=begin)
    if broken == "full":
        tab.limit(500_000)
        tab.go(ADDRESS)
        tab.keep(exchange(0, "There was room for this"))
        tab.new()
    tab.keep(
        exchange(1, "first"), exchange(2, "second", citations=[cite(1, NOTE, FIRST) | {"before": "long " * 200_000}])
    )
    notice = tab.tab.locator("citewise-conversations .notice")
    says = {"missing": "does not let", "full": "no more room", "newer": "A newer Citewise"}[broken]
    assert says in notice.inner_text()
    assert "only as long as this tab" in tab.toast.inner_text()
    tab.new()
    tab.keep(exchange(3, "third"))
    tab.rows.get_by_text("first").click()
    tab.tab.get_by_role("heading", name="second").wait_for()
    assert [one["question"] for one in tab.told("open")[-1]["exchanges"]] == ["first", "second"]
    if broken == "full":
        tab.limit(10**9)
        tab.keep(exchange(4, "fourth"))
        assert not notice.is_visible()
        assert tab.tab.evaluate(COUNT) == [3, 5, 5]
        for question in ("third", "There was room"):  # the second ends the time in which the first can be wanted back
            row = tab.rows.filter(has_text=question)
            row.press("Delete")
            row.wait_for(state="detached")
        tab.keep(exchange(5, "fifth"))
        assert tab.rows.all_text_contents() == ["first"]
    tab.close()


@pytest.mark.slow
@browser
def test_the_page_keeps_what_each_person_asked(chromium: Any) -> None:
    page = launch(cast(Any, FakeAssistant()), port=free_port("127.0.0.1", 7930), open_browser=False, block=False)
    one, two = Reader(chromium, page), Reader(chromium, page, width=375)
    rows = one.tab.locator("citewise-conversations .open")
    one.ask("How many households does the plant supply?")
    one.send("slow one 1")
    one.chat.get_by_text("Still thinking and thinking").wait_for()
    one.tab.get_by_role("button", name="New conversation").first.click()  # stops it, and it is kept where it was asked
    one.send("slow one 2")
    one.chat.get_by_text("Still thinking and thinking").wait_for()
    rows.get_by_text("How many households").click()
    one.chat.get_by_role("heading", name="slow one 1").wait_for()
    rows.nth(1).wait_for()
    assert rows.all_text_contents() == ["slow one 2", "How many households does the plant supply?"]
    one.tab.reload()
    one.chat.get_by_role("heading", name="slow one 1").wait_for()
    assert one.chat.locator(".turn").count() == 2
    one.chat.locator(".turn").first.locator(".prose .chip").first.click()
    assert one.mark.inner_text() == FIRST
    one.tab.keyboard.press("Escape")
    rows.get_by_text("slow one 2").click()
    one.chat.get_by_text("Stopped. What stands above may be incomplete.").wait_for()
    two.tab.get_by_role("button", name="Conversations").click()
    assert two.tab.locator("citewise-conversations .open").count() == 0
    assert two.tab.evaluate("document.documentElement.scrollWidth") == 375
    two.tab.goto("about:blank")
    two.tab.goto(f"{one.tab.url}/e1?What%20of%20the%20moon%3F")
    two.tab.get_by_text("This browser does not keep that conversation.").wait_for()
    assert two.box.input_value() == "What of the moon?"
    assert two.chat.locator(".turn").count() == 0
    one.close()
    two.close()
