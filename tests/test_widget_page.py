"""The widget in a real browser, on a page of another origin under a strict content-security policy."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from browsing import browser
from fake_assistant import FIRST, SCRIPT, SECOND, THIRD
from pages import CHANGED, Scripted, Site, site_over

VIOLATIONS = """window.violations = [];
window.past = () => [history.length, history.state, history.scrollRestoration, location.hash];
document.addEventListener("securitypolicyviolation", (event) => violations.push(`${event.violatedDirective} ${event.blockedURI}`));"""
INLINE = quote('inline heading="Ask the works" questions="How many households does the plant supply?|Who managed it?"')


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with site_over(tmp_path_factory.mktemp("site"), visitor_per_minute=0, per_minute=0) as site:
        yield site


class Visitor:
    """A tab on a page with the widget; every request, error and violation of the page's policy is kept."""

    def __init__(self, chromium: Any, address: str, width: int = 1400, **options: Any) -> None:
        self.tab = chromium.new_context(viewport={"width": width, "height": 760}, **options).new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tab.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        self.tab.add_init_script(VIOLATIONS)
        self.tab.goto(address)
        self.past = self.tab.evaluate("past()")
        self.widget = self.tab.locator("citewise-widget")
        self.launch = self.widget.locator(".launch")
        self.box = self.widget.get_by_role("textbox", name="Your question")
        self.turns = self.widget.locator(".turn")
        self.mark = self.widget.locator("mark")

    def send(self, question: str) -> Any:
        if self.launch.is_visible():
            self.launch.click()
        self.widget.get_by_role("button", name="Ask", exact=True).wait_for()
        turn = self.turns.nth(self.turns.count())
        self.box.fill(question)
        self.box.press("Enter")
        return turn

    def ask(self, question: str) -> Any:
        turn = self.send(question)
        turn.and_(self.widget.locator("[aria-busy=false]")).wait_for()
        return turn

    def focused(self) -> str:
        """The innermost element that has the focus: its name."""
        return self.tab.evaluate("""() => {
            let node = document.activeElement;
            while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
            return node.ariaLabel || node.textContent || node.tagName;
        }""")

    def close(self, errors: int = 0) -> None:
        hosts = {urlsplit(url).hostname for url in self.requests}
        owned, violations = self.tab.evaluate("[window.owned, violations]")
        past = self.tab.evaluate("past()")
        stored = self.tab.evaluate("[localStorage.length, sessionStorage.length, document.cookie]")
        self.tab.context.close()
        assert hosts <= {"127.0.0.1", "localhost"}
        assert owned is None
        assert violations == []
        assert past == self.past
        assert stored == [0, 0, ""]
        assert len(self.errors) == errors, self.errors


@pytest.fixture
def visitor(chromium: Any, site: Site) -> Iterator[Visitor]:
    visitor = Visitor(chromium, site.page())
    yield visitor
    visitor.close()


@browser
def test_an_answer_with_a_citation_that_opens_its_passage(visitor: Visitor, site: Site) -> None:
    turn = visitor.ask("How many households does the plant supply?")
    assert turn.locator(".prose").inner_text().split() == f"{FIRST} 1 {SECOND} 2".split()
    assert turn.locator(".side > b").all_inner_texts() == ["11,000", "21,000"]
    assert "every sentence quoted word for word" in turn.inner_text()
    conversation = visitor.box.bounding_box()["x"]
    turn.locator(".prose .chip").first.click()
    visitor.mark.wait_for()
    assert visitor.mark.inner_text() == FIRST
    extract = visitor.widget.locator(".extract").inner_text()
    assert extract[0] == "…"
    assert "It was enlarged twice." in extract
    assert "samples/notes/gas.txt line 1001" in visitor.widget.locator(".panel header").inner_text()
    visitor.tab.wait_for_timeout(250)  # the frame has grown, to the left
    assert visitor.box.bounding_box()["x"] == conversation
    panel, frame = (visitor.widget.locator(part).bounding_box() for part in (".panel", ".frame"))
    assert frame["x"] <= panel["x"]
    assert panel["x"] + panel["width"] <= conversation
    assert visitor.widget.locator(".end").first.evaluate("node => getComputedStyle(node).textTransform") == "none"
    visitor.ask("And since when?")
    assert [turn.question for turn in site.assistant.asked[-1][1]] == ["How many households does the plant supply?"]


@browser
def test_a_refusal_shows_what_is_nearest(visitor: Visitor) -> None:
    refused = visitor.ask("What of the moon?")
    assert "Not in the documents" in refused.inner_text()
    assert refused.locator(".chip").count() == 0
    refused.locator(".related .row").click()
    visitor.widget.locator("mark", has_text=THIRD).wait_for()


@browser
def test_what_is_taken_back_is_gone_and_texts_do_not_break_the_stream(visitor: Visitor) -> None:
    turn = visitor.send("a model that changes its mind")
    prose = turn.locator(".prose")
    prose.get_by_text("Nobody").wait_for()
    assert "The plant is" not in prose.inner_text()
    turn.and_(visitor.widget.locator("[aria-busy=false]")).wait_for()
    assert "".join(prose.evaluate("node => node.textContent").split()) == "".join(CHANGED.split())


@browser
def test_it_works_by_keyboard_alone(visitor: Visitor) -> None:
    keys = visitor.tab.keyboard
    visitor.launch.wait_for()
    visitor.tab.get_by_label("Search").focus()
    for key in ("Tab", "Enter"):
        keys.press(key)
    assert visitor.focused() == "Your question"
    keys.type("How many households?")
    keys.press("Enter")
    visitor.widget.locator(".turn[aria-busy=false]").wait_for()
    assert visitor.widget.get_by_role("dialog", name="Ask the documents").count() == 1
    assert visitor.widget.get_by_role("log").inner_text()
    for _ in range(9):
        keys.press("Shift+Tab")
        if visitor.focused() == "Source 2: gas supply.md, page 3 · Gas supply":
            break
    keys.press("Enter")
    visitor.mark.wait_for()
    assert visitor.mark.inner_text() == SECOND
    keys.press("ArrowLeft")
    visitor.widget.locator("mark", has_text=FIRST).wait_for()
    keys.press("Escape")
    assert visitor.focused().startswith("Source 2")
    assert visitor.widget.locator(".preview").is_visible()
    keys.press("Escape")
    assert not visitor.widget.locator(".preview").is_visible()
    assert visitor.widget.locator(".frame").is_visible()
    keys.press("Escape")
    assert not visitor.widget.locator(".frame").is_visible()
    assert visitor.focused() == "Ask the documents"


@browser
def test_stop_stops(visitor: Visitor, site: Site) -> None:
    cancelled = site.assistant.cancelled
    turn = visitor.send("a slow one")
    turn.get_by_text("and thinking and thinking").wait_for()
    visitor.widget.get_by_role("button", name="Stop", exact=True).click()
    turn.get_by_text("Stopped. What stands above may be incomplete.").wait_for()
    until = time.monotonic() + 5
    while site.assistant.cancelled == cancelled and time.monotonic() < until:
        time.sleep(0.02)
    assert site.assistant.cancelled == cancelled + 1
    said = turn.inner_text()
    assert visitor.ask("households").locator(".chip").count()
    assert turn.inner_text() == said
    visitor.widget.get_by_role("button", name="New conversation").click()
    assert visitor.turns.count() == 0


@browser
def test_hostile_documents_stay_text(visitor: Visitor) -> None:
    turn = visitor.ask("What does the password policy ask for?")
    assert turn.locator(".statement").evaluate("node => node.textContent").split() == [*SCRIPT.split(), "1"]
    turn.locator(".prose .chip").click()
    visitor.mark.wait_for()
    assert visitor.mark.evaluate("node => node.textContent") == SCRIPT
    assert "<img src=x onerror=owned=7>" in visitor.widget.locator(".panel header").inner_text()
    assert visitor.widget.locator("a, img, script, iframe").count() == 0


@browser
@pytest.mark.parametrize(("scheme", "attributes"), [("dark", ""), ("light", INLINE)])
def test_a_phone_shows_everything_without_scrolling_sideways(
    chromium: Any, site: Site, scheme: str, attributes: str
) -> None:
    visitor = Visitor(chromium, site.page(attributes), width=375, reduced_motion="reduce", has_touch=True)
    visitor.tab.evaluate("scheme => document.documentElement.style.colorScheme = scheme", scheme)
    for question in ("households", "What of the moon?", "password", "What is the fee?"):
        visitor.ask(question)
    frame = visitor.widget.locator(".frame")
    assert visitor.tab.evaluate("document.documentElement.scrollWidth") == 375
    assert frame.evaluate("node => Math.max(...[...node.querySelectorAll('*')].map((e) => e.scrollWidth))") <= 375
    assert visitor.widget.locator(".scroll").evaluate("node => node.scrollWidth - node.clientWidth") == 0
    if not attributes:
        assert frame.bounding_box() == {"x": 0, "y": 0, "width": 375, "height": 760}
    red, *_ = map(int, re.findall(r"\d+", frame.evaluate("node => getComputedStyle(node).backgroundColor")))
    assert (red < 60) == (scheme == "dark")
    visitor.widget.locator(".prose .chip").first.tap()
    visitor.mark.wait_for()
    box = visitor.widget.locator(".panel").bounding_box()
    assert (box["x"], box["width"]) == (0, 375)
    visitor.close()


@browser
def test_it_stands_in_the_page_and_takes_the_colours_of_its_site(chromium: Any, site: Site) -> None:
    visitor = Visitor(chromium, site.page(INLINE + quote(" id=w")))
    visitor.widget.locator(".examples button").first.click()
    visitor.widget.locator(".turn[aria-busy=false]").wait_for()
    assert visitor.widget.get_by_role("heading", name="Ask the works").is_visible()
    visitor.tab.evaluate("w.style.setProperty('--cw-accent', 'rgb(200, 0, 100)')")
    button = visitor.widget.get_by_role("button", name="Ask", exact=True)
    visitor.tab.wait_for_timeout(200)
    assert button.evaluate("node => getComputedStyle(node).backgroundColor") == "rgb(200, 0, 100)"
    visitor.tab.evaluate("w.ask('What of the moon?')")
    visitor.turns.nth(1).and_(visitor.widget.locator("[aria-busy=false]")).wait_for()
    visitor.close()


# -- what goes wrong --------------------------------------------------------------------------------------------------


@browser
def test_the_page_of_another_origin_gets_nothing_and_its_owner_is_told(chromium: Any, site: Site) -> None:
    asked = len(site.assistant.asked)
    other = site.origin.replace("127.0.0.1", "localhost")
    visitor = Visitor(chromium, other)
    alert = visitor.ask("households").get_by_role("alert")
    assert "The assistant does not answer this page." in alert.inner_text()
    assert f"citewise widgets add NAME --origin {other}" in alert.inner_text()
    assert len(site.assistant.asked) == asked
    visitor.close(errors=2)  # as the browser says: blocked by CORS, failed to load


@browser
def test_errors_are_told_and_the_question_can_be_asked_again(chromium: Any, site: Site) -> None:
    visitor = Visitor(chromium, site.page())
    assert "Something went wrong" not in visitor.ask("households").inner_text()
    visitor.tab.context.set_offline(True)
    turn = visitor.ask("What of the moon?")
    assert "You are offline." in turn.inner_text()
    visitor.tab.context.set_offline(False)
    turn.get_by_role("button", name="Try again").click()
    turn.get_by_text("Not in the documents").wait_for()
    assert "The model at port 1234 does not answer." in visitor.ask("broken").inner_text()
    assert "This should not have happened." in visitor.ask("a defect").inner_text()
    visitor.close(errors=3)


@browser
def test_who_asks_too_fast_is_told_how_long_to_wait(chromium: Any, tmp_path: Path) -> None:
    with site_over(tmp_path, Scripted(step=0), visitor_per_minute=1) as site:
        visitor = Visitor(chromium, site.page("open"))
        for _ in range(10):
            site.service.visitors.take(f"{site.widget} 127.0.0.1")
        assert re.search(r"You can ask again in (59|60) seconds\.", visitor.ask("households").inner_text())
        visitor.close(errors=1)
