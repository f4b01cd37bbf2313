"""One walk through the page: every view and state in turn, for the tests of its looks and for the pictures in docs/."""

from __future__ import annotations

from collections.abc import Iterator

from browsing import Reader

CONFLICT, ABSENT, PAGE = (
    "How many sanctions are there against Russia?",
    "How much does a plot cost in Vienna?",
    "When did the talks in Riyadh take place?",
)


def walk(reader: Reader, *, model: bool = False) -> Iterator[str]:
    """The names of the states, each while the page is in it; the samples are among its documents.

    With `model`, one is configured that does not answer, which is seen too.
    """
    tab, chat = reader.tab, reader.chat
    narrow = tab.viewport_size["width"] < 1000
    yield "first"
    turn = reader.ask(CONFLICT)
    yield "answer"
    turn.locator(".prose .chip").first.focus()
    tab.keyboard.press("Shift+Tab")
    tab.keyboard.press("Tab")
    chat.locator(".preview blockquote").wait_for()
    yield "preview"
    tab.keyboard.press("Enter")
    chat.locator(".parts mark, .text mark.cited").first.wait_for()
    yield "source"
    tab.keyboard.press("Escape")
    turn.get_by_role("button", name="Something is wrong").click()
    turn.get_by_text("Wrong source").click()
    yield "feedback"
    turn.get_by_role("button", name="Why this answer").click()
    tab.get_by_role("dialog", name="Why this answer").locator("summary").first.click()
    yield "why"
    tab.keyboard.press("Escape")
    turn.get_by_role("button", name="Edit").click()
    yield "edit"
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="All files").click()
    tab.get_by_role("checkbox", name="samples/garden/", exact=True).check()
    yield "scope"
    tab.get_by_role("button", name="All files").last.click()
    tab.keyboard.press("Escape")
    if narrow:
        tab.get_by_role("button", name="Conversations", exact=True).click()
    tab.locator("citewise-conversations .open").first.click(button="right")
    tab.get_by_role("menuitem", name="Rename").wait_for()
    yield "conversations"
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="New conversation").first.click()
    reader.ask(ABSENT).locator(".tools").wait_for()
    yield "refusal"
    reader.ask(PAGE).locator(".chip").first.click()
    chat.locator("img").first.wait_for()
    yield "pages"
    tab.keyboard.press("Escape")
    if model:
        tab.get_by_role("combobox", name="Who writes the answer").select_option("model")
        reader.ask("What does a lost key cost?")
        chat.get_by_role("alert").wait_for()
        yield "error"
    tab.get_by_role("button", name="Documents", exact=True).click()
    documents = tab.locator("citewise-documents")
    documents.locator("tbody .open").first.wait_for()
    yield "documents"
    documents.get_by_role("button", name="Actions for").first.click()
    yield "actions"
    tab.keyboard.press("Escape")
    tab.get_by_role("button", name="Quality", exact=True).click()
    tab.locator("citewise-quality h2").first.wait_for()
    yield "quality"
