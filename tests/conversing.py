"""The list of conversations alone, in a tab of a real browser, on a page that no server serves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fake_assistant import FIRST, NOTE, cite, say

from ui.assets import component, read

ADDRESS = "http://127.0.0.1:9/"
BLANK = f"""<!doctype html><meta charset=utf-8><style>{read("page.css")}</style><body class=cw><citewise-chat></citewise-chat>
<citewise-conversations></citewise-conversations><script>{component()}</script>"""
BEGIN = """async (folder) => {
    window.rail = document.querySelector("citewise-conversations");
    window.chat = document.querySelector("citewise-chat");
    window.told = [];
    for (const name of ["open", "new", "merged", "draft"]) document.addEventListener(name, ({ detail }) => told.push([name, detail]));
    document.addEventListener("open", ({ detail }) => chat.open(detail.exchanges, detail.exchange));
    rail.folder = folder;
    await rail.ready;
}"""


def exchange(number: int, question: str, **answer: Any) -> dict[str, Any]:
    """An exchange that has settled, as the conversation tells of it."""
    answer = {
        "status": "answered",
        "text": f"{FIRST} [1]",
        "writer": "quotes",
        "citations": [cite(1, NOTE, FIRST, line=1001)],
    } | answer
    answer = {"understood_as": question, "statements": [say(FIRST, 1)], "conflicts": [], "related": []} | answer
    asked = f"2026-01-05T10:0{number % 10}:00Z"
    return {
        "kind": "exchange",
        "id": f"e{number}",
        "question": question,
        "state": "done",
        "asked_at": asked,
        "answer": answer,
    }


class Tab:
    """A tab with the list of conversations alone, whose errors are kept; of a browser, or of one that is given."""

    def __init__(
        self, browser: Any, address: str = ADDRESS, folder: str = "works", begin: str = "", clock: bool = False
    ) -> None:
        self.context = (
            browser if hasattr(browser, "new_cdp_session") else browser.new_context(timezone_id="Europe/Berlin")
        )
        self.context.route("**/*", lambda route: route.fulfill(body=BLANK, content_type="text/html"))
        self.tab = self.context.new_page()
        self.errors: list[str] = []
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
        if clock:
            self.tab.clock.install()
        if begin:
            self.tab.add_init_script(begin)
        self.folder = folder
        self.go(address)
        self.rows = self.tab.locator("citewise-conversations .open")
        self.toast = self.tab.locator("citewise-toast .toast")

    def go(self, address: str) -> None:
        self.tab.goto("about:blank")
        self.tab.goto(address)
        self.tab.evaluate(BEGIN, self.folder)

    def limit(self, size: int) -> None:
        """Leaves so many bytes of room to the page."""
        session = self.context.new_cdp_session(self.tab)
        session.send("Storage.overrideQuotaForOrigin", {"origin": ADDRESS, "quotaSize": size})

    def keep(self, *exchanges: dict[str, Any]) -> None:
        self.tab.evaluate("async (list) => { for (const one of list) await rail.keep(one); }", list(exchanges))

    def new(self) -> None:
        self.tab.get_by_role("button", name="New conversation").click()

    def told(self, name: str) -> list[dict[str, Any]]:
        return [detail for event, detail in self.tab.evaluate("told") if event == name]

    def do(self, action: str, row: int = 0) -> None:
        self.rows.nth(row).click(button="right")
        self.tab.get_by_role("menuitem", name=action).click()

    def saved(self, action: str) -> tuple[str, str]:
        """The file that an action hands over: its name and text."""
        with self.tab.expect_download() as download:
            self.do(action)
        return download.value.suggested_filename, Path(download.value.path()).read_text("utf-8")

    def close(self) -> None:
        assert self.tab.evaluate("window.owned") is None
        self.context.close()
        assert self.errors == []
