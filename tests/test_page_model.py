"""The page while a language model answers: words that grow, Stop, a slow model, one that fails, what is not found."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import llama_index.llms.openai  # noqa: F401  # before any time is measured, as the next
import openai.resources.chat  # noqa: F401
import pytest
from browsing import Reader, browser
from lying_server import Connection, Left, LyingServer, hangs, says, status

from rag import Assistant, Settings
from rag.settings import ModelSettings
from ui.page import free_port, launch

HONEY = "They gave 310 kg of honey in 2023."
ROOF = "Its roof was repaired in May 2021 for 8,400 euros."
FILES = {
    "hives.md": f"# Hives behind the dairy\n\nMarta Lindqvist keeps 14 hives behind the old dairy. {HONEY}\n",
    "dairy.md": f"# Dairy of Alm\n\nThe dairy of Alm was closed in 1998. {ROOF} It is a museum now.\n",
}
QUESTION = "How much honey did the hives give in 2023?"


@pytest.fixture(scope="module")
def server() -> Iterator[LyingServer]:
    with LyingServer(says("")) as server:
        yield server


@pytest.fixture(scope="module")
def address(server: LyingServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    docs = tmp_path_factory.mktemp("docs")
    for name, text in FILES.items():
        (docs / name).write_text(text)
    settings = Settings(model=ModelSettings(name="openai:fake", api_base=server.url))
    assistant = Assistant.open(docs, settings=settings)
    for _ in assistant.sync():
        pass
    yield launch(assistant, port=free_port("127.0.0.1", 8160), open_browser=False, block=False)
    assistant.close()


@pytest.fixture
def reader(chromium: Any, address: str, server: LyingServer) -> Iterator[Reader]:
    server.disconnected.clear()
    reader = Reader(chromium, address)
    yield reader
    reader.close()


def asked(reader: Reader, server: LyingServer) -> Any:
    """The exchange whose question has reached the model."""
    before = len(server.requests)
    turn = reader.send(QUESTION)
    while len(server.requests) == before:
        reader.tab.wait_for_timeout(50)
    return turn


@browser
def test_words_grow_and_sentences_get_their_chips(reader: Reader, server: LyingServer) -> None:
    server.scripts = (
        says(f"The hives gave 310 kg of honey in 2023 [1]. {'The roof cost 8,400 euros. ' * 9}", delay=0.1),
    )
    turn = reader.send(QUESTION)
    turn.locator(".prose:not(:has(.chip))", has_text="The hives").wait_for()
    chip = turn.locator(".prose .chip").first
    chip.wait_for()
    statement = turn.locator(".statement").first
    statement.evaluate("node => { node.kept = true; }")
    chip.hover()
    reader.chat.locator(".preview blockquote", has_text=HONEY).wait_for()
    turn.and_(reader.chat.locator("[aria-busy=false]")).wait_for()
    assert statement.evaluate("node => node.kept")
    assert "written by openai:fake, every sentence checked" in turn.locator(".sources h3").inner_text()


@browser
def test_stop_and_a_closed_tab_close_the_connection(
    chromium: Any, reader: Reader, address: str, server: LyingServer
) -> None:
    server.scripts = (says("The hives gave a lot of honey " * 99, delay=0.1),)
    turn = reader.send(QUESTION)
    turn.get_by_text("The hives gave").wait_for()
    reader.tab.get_by_role("button", name="Stop", exact=True).click()
    assert server.disconnected.wait(20)
    turn.get_by_text("Stopped. What stands above may be incomplete.").wait_for()
    server.scripts = (hangs(),)
    for closes in (False, True):
        server.disconnected.clear()
        other = Reader(chromium, address)
        asked(other, server)
        if closes:
            other.tab.close()
        else:
            other.tab.get_by_role("button", name="New conversation").click()
        assert server.disconnected.wait(20)
        other.tab.context.close()


@browser
def test_a_slow_model_can_be_replaced_by_quotes(reader: Reader, server: LyingServer) -> None:
    server.scripts = (hangs(),)
    turn = reader.send(QUESTION)
    offer = turn.get_by_role("button", name="Answer from quotes")
    reader.tab.wait_for_timeout(3000)
    assert offer.count() == 0
    offer.click(timeout=10_000)
    assert server.disconnected.wait(20)
    turn.and_(reader.chat.locator("[aria-busy=false]")).wait_for()
    assert HONEY in turn.inner_text()
    assert "every sentence quoted word for word" in turn.inner_text()
    assert reader.chat.locator(".turn").count() == 1
    reader.chat.evaluate("chat => { chat.patience = 100; }")
    server.disconnected.clear()
    turn = asked(reader, server)
    turn.get_by_role("button", name="Stop").click()
    assert server.disconnected.wait(20)
    assert turn.locator(".notice").inner_text() == "Stopped."
    reader.tab.get_by_role("button", name="Ask", exact=True).wait_for()


@browser
def test_a_model_that_fails_can_be_asked_again(reader: Reader, server: LyingServer) -> None:
    server.scripts = (status(401),)
    turn = reader.ask(QUESTION)
    alert = turn.get_by_role("alert")
    assert "CITEWISE_MODEL__API_KEY" in alert.inner_text()
    assert reader.box.input_value() == QUESTION
    server.scripts = (says("They gave 310 kg of honey in 2023 [1]."),)
    turn.get_by_role("button", name="Try again").click()
    turn.get_by_text("written by openai:fake").wait_for()
    assert (alert.count(), reader.chat.locator(".turn").count(), reader.box.input_value()) == (0, 1, "")
    server.scripts = (status(404),)
    turn = reader.ask(QUESTION)
    turn.get_by_role("button", name="Answer from quotes").click()
    turn.get_by_text("every sentence quoted word for word").wait_for()
    assert reader.chat.locator(".turn").count() == 2


@browser
def test_a_model_that_dies_in_the_middle_leaves_what_it_wrote(reader: Reader, server: LyingServer) -> None:
    def dies(to: Connection) -> None:
        to.head()
        to.delta(role="assistant")
        to.delta(content=f"{HONEY} [1] The roof of")
        to.wait(0.3)
        raise Left

    server.scripts = (dies,)
    turn = reader.ask(QUESTION)
    assert "broke off in the middle" in turn.get_by_role("alert").inner_text()
    assert HONEY in turn.locator(".prose").inner_text()
    assert reader.box.input_value() == QUESTION
    server.scripts = (says(f"{HONEY} [1]"),)
    turn.get_by_role("button", name="Try again").click()
    turn.get_by_text("written by openai:fake").wait_for()
    assert (turn.get_by_role("alert").count(), reader.box.input_value()) == (0, "")


@browser
def test_what_is_not_found_is_marked_with_the_reason(reader: Reader, server: LyingServer) -> None:
    server.scripts = (says(f"They gave 450 kg of honey in 2023 [1]. {HONEY}"),)
    turn = reader.ask(QUESTION)
    doubt = turn.locator(".not_found .doubt").first
    doubt.click()
    reader.chat.locator(".preview", has_text="450").wait_for()
    assert "1 of 2 sentences found in the documents" in turn.locator(".sources h3").inner_text()


@browser
def test_what_was_typed_meanwhile_outlives_a_failure(reader: Reader, server: LyingServer) -> None:
    def fails(to: Connection) -> None:
        to.wait(1)
        status(400)(to)

    server.scripts = (fails,)
    turn = asked(reader, server)
    reader.box.fill("And in 2024?")
    turn.get_by_role("alert").wait_for()
    reader.tab.get_by_role("button", name="Ask", exact=True).wait_for()
    assert reader.box.input_value() == "And in 2024?"
    reader.box.fill("")


@browser
def test_a_short_item_is_not_looked_for_in_a_marker(reader: Reader, server: LyingServer) -> None:
    server.scripts = (says("The hives gave 14 [1]. 1 [1]. 2 [1]."),)
    said = asked(reader, server).locator(".statement")
    reader.tab.get_by_role("button", name="Ask", exact=True).wait_for()
    first = said.first.evaluate("node => node.parentNode.textContent")
    assert "[" not in first
    assert "]" not in first
