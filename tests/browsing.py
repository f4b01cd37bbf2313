"""A tab of a real browser that reads the page, for the tests of the page."""

from __future__ import annotations

import os
from typing import Any
from urllib.parse import urlsplit

import pytest

CHROMIUM = "/usr/bin/chromium"
FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking
--disable-component-update --disable-sync""".split()
missing = pytest.mark.skipif(not os.path.exists(CHROMIUM), reason="the browser tests need Debian's chromium")


def browser(test: Any) -> Any:
    return pytest.mark.browser(missing(test))


class Reader:
    """One tab; every request and every error of its page is kept."""

    def __init__(self, chromium: Any, address: str, width: int = 1400, **options: Any) -> None:
        self.tab = chromium.new_context(viewport={"width": width, "height": 860}, **options).new_page()
        self.requests: list[str] = []
        self.errors: list[str] = []
        self.tab.on("request", lambda request: self.requests.append(request.url))
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        self.tab.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        self.tab.goto(address)
        self.box = self.tab.get_by_role("textbox", name="Your question")
        self.chat = self.tab.locator("citewise-chat")
        self.mark = self.chat.locator("mark")
        self.chat.locator(".examples button").first.wait_for()

    def send(self, question: str) -> Any:
        before = self.chat.locator(".turn").count()
        turn = self.chat.locator(".turn").nth(before)
        self.tab.get_by_role("button", name="Ask", exact=True).wait_for()
        self.box.fill(question)
        self.box.press("Enter")
        return turn

    def ask(self, question: str) -> Any:
        turn = self.send(question)
        turn.and_(self.chat.locator("[aria-busy=false]")).wait_for()
        self.tab.get_by_role("button", name="Ask", exact=True).wait_for()
        return turn

    def close(self) -> None:
        hosts = {urlsplit(url).hostname for url in self.requests if not url.startswith(("data:", "blob:"))}
        owned = self.tab.evaluate("window.owned")
        self.tab.context.close()
        assert hosts == {"127.0.0.1"}
        assert owned is None
        assert self.errors == [], self.errors
