"""Conversations kept in the browser: the list alone on a page of its own, its exports, and all of it on the real page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from browsing import Reader, browser
from fake_assistant import BRIEF, FIRST, NOTE, SECOND, THIRD, TURNED, FakeAssistant, cite, say, span

from ui.assets import component, read
from ui.page import free_port, launch

ADDRESS = "http://127.0.0.1:9/"
BLANK = f"""<!doctype html><meta charset=utf-8><style>{read("page.css")}</style><body class=cw><citewise-chat></citewise-chat>
<citewise-conversations></citewise-conversations><script>{component()}</script>"""
HOSTILE = (
    "*Bold* <img src=x onerror=owned=1> [a](javascript:owned=2) `code` | a | b |\n# no heading\n1. no list\n- none\n"
    "    no code\nhttps://example.com www.example.com a@b.c &amp; $x$ ~~s~~ \\ [^1] <!-- \u202eEUR 001\u202c </style>"
)
SHOWN = HOSTILE.replace("\u202e", "⟨U+202E⟩").replace("\u202c", "⟨U+202C⟩")
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

    def __init__(self, browser: Any, address: str = ADDRESS, folder: str = "works", begin: str = "") -> None:
        self.context = (
            browser if hasattr(browser, "new_cdp_session") else browser.new_context(timezone_id="Europe/Berlin")
        )
        self.context.route("**/*", lambda route: route.fulfill(body=BLANK, content_type="text/html"))
        self.tab = self.context.new_page()
        self.errors: list[str] = []
        self.tab.on("pageerror", lambda error: self.errors.append(str(error)))
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


@pytest.fixture
def tab(chromium: Any) -> Iterator[Tab]:
    tab = Tab(chromium)
    yield tab
    tab.close()


@browser
def test_conversations_are_named_kept_and_opened_again(tab: Tab) -> None:
    long = "How many households does the plant supply, and since when has it done so?"
    tab.keep(exchange(1, long), exchange(2, "And who managed it?"))
    tab.new()
    tab.keep(exchange(3, "What does the password policy ask for?"))
    assert tab.rows.all_inner_texts() == [
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
    assert tab.rows.count() == 1000
    found = tab.tab.locator("citewise-conversations .count")
    box = tab.tab.get_by_role("searchbox", name="Search the conversations")
    box.fill("word77x3 HOUSE")
    found.get_by_text("1 found", exact=True).wait_for()
    assert tab.rows.locator("mark").inner_text() == "word77x3"
    tab.rows.click()
    assert tab.told("open")[-1]["exchange"] == "e77.3"
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
    assert tab.tab.evaluate("performance.now()") - before < 1500


@browser
def test_by_keyboard_they_are_renamed_deleted_and_wanted_back(tab: Tab) -> None:
    tab.tab.clock.install()
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
    assert tab.rows.all_inner_texts() == ["three", "the <b>second</b>", "one"]
    keys.press("Delete")
    tab.toast.get_by_text("Deleted: the <b>second</b>").wait_for()
    assert tab.rows.all_inner_texts() == ["three", "one"]
    tab.toast.get_by_role("button", name="Undo").press("Enter")
    tab.rows.nth(2).wait_for()
    tab.rows.nth(2).press("F2")
    keys.type("never mind")
    keys.press("Escape")
    assert tab.rows.all_inner_texts() == ["three", "the <b>second</b>", "one"]
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
    assert tab.rows.all_inner_texts() == ["the <b>second</b>"]
    tab.tab.clock.fast_forward(61_000)
    assert tab.tab.evaluate(COUNT) == [1, 1, 1]


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
        quota = {"origin": ADDRESS, "quotaSize": 500_000}
        tab.context.new_cdp_session(tab.tab).send("Storage.overrideQuotaForOrigin", quota)
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
    tab.close()


CONFLICT = {
    "about": "households supplied",
    "differs": "period",
    "sides": [
        {"value": "11,000", "citation": 1, "date": "2014"},
        {"value": "21,000", "citation": 2, "date": "2022-03"},
    ],
}
DOUBT = {"text": "It never failed.", "citations": [], "support": "not_found", "problems": ["no source says “never”"]}
EXCHANGES = [
    exchange(
        1,
        "How many households?",
        text=f"{FIRST} [1] {SECOND} [2]\n\nIt never failed. {FIRST} [1]",
        statements=[say(FIRST, 1), say(SECOND, 2), DOUBT, say(FIRST, 1)],
        citations=[cite(1, NOTE, FIRST, line=1001), cite(2, BRIEF, SECOND, heading="Gas supply", page=3)],
        conflicts=[CONFLICT],
        writer="some_model",
        understood_as="How many households does the plant supply?",
    ),
    exchange(
        2,
        "And the moon?",
        status="not_in_documents",
        text="Nothing in the documents tells of it.",
        statements=[],
        citations=[],
        searched={"files": 3, "passages": 212, "pending": 7, "note": ""},
        related=[{**span(BRIEF, THIRD, heading="Gas supply"), "text": THIRD}],
    ),
    {
        **exchange(3, "Is it broken?"),
        "answer": None,
        "state": "error",
        "error": {"message": "No model.", "remedy": "Start it."},
    },
    {**exchange(4, "Half of it"), "state": "stopped"},
]
MARKDOWN = f"""# How many households?

## How many households?

*2026-01-05 11:01 · written by some\\_model · 3 of 4 sentences found in the documents*

*Understood as:* How many households does the plant supply?

{FIRST}[^1-1] {SECOND}[^1-2]

It never failed. **(unverified: not found in the documents; no source says “never”)** {FIRST}[^1-1]

> **Sources disagree**: households supplied (different period)
>
> - 11,000, as of 2014[^1-1]
> - 21,000, as of March 2022[^1-2]

[^1-1]: {NOTE}, line 1001: “{FIRST}” (sha256 000000000000)

[^1-2]: {BRIEF}, page 3 · Gas supply: “{SECOND}” (sha256 000000000000)

## And the moon?

*2026-01-05 11:02*

**Not in the documents.**

Nothing in the documents tells of it.

Searched: 3 files, 212 passages.

Nearest passages (they do not answer the question):

- {BRIEF}, Gas supply: “{THIRD}”

*Indexing had not ended: 7 passages could be found by words only.*

## Is it broken?

*2026-01-05 11:03*

**No model.** Start it.

## Half of it

*2026-01-05 11:04 · quoted from the documents, without a language model · 1 of 1 sentence found in the documents*

{FIRST}[^4-1]

**Stopped: what stands above may be incomplete.**

[^4-1]: {NOTE}, line 1001: “{FIRST}” (sha256 000000000000)

*Exported from Citewise, NOW. The footnotes quote the files as they were when they were indexed.*
"""


@browser
def test_a_conversation_is_exported_with_footnotes(tab: Tab, tmp_path: Path) -> None:
    tab.keep(*EXCHANGES)
    name, text = tab.saved("Export as Markdown")
    assert name == "How many households.md"
    assert re.sub(r"Citewise, [\d :-]+\.", "Citewise, NOW.", text) == MARKDOWN
    name, text = tab.saved("Export as HTML")
    assert name == "How many households.html"
    assert not re.search(r"<script|src=|url\(|http", text.replace("http-equiv", ""))
    (tmp_path / name).write_text(text, "utf-8")
    paper = tab.context.new_page()
    asked: list[str] = []
    paper.on("request", lambda request: asked.append(request.url))
    tab.context.unroute_all()
    paper.goto((tmp_path / name).as_uri())
    assert asked == [paper.url]
    paper.locator("#r1-1\\.2 a").click()
    note = paper.locator("li:target")
    assert note.inner_text() == f"{NOTE}, line 1001: “{FIRST}” (sha256 000000000000) ↩ ↩ ↩"
    note.get_by_role("link").nth(1).click()
    assert paper.evaluate("document.querySelector(':target').id") == "r1-1.2"
    assert {
        anchor[1:] for anchor in paper.locator("a").evaluate_all("all => all.map((a) => a.getAttribute('href'))")
    } <= set(paper.locator("[id]").evaluate_all("all => all.map(({ id }) => id)"))
    assert paper.locator("strong").all_inner_texts() == re.findall(r"\*\*(.*?)\*\*", MARKDOWN)
    paper.emulate_media(media="print", color_scheme="dark")
    assert paper.evaluate("getComputedStyle(document.documentElement).color") == "rgb(0, 0, 0)"
    assert not note.get_by_role("link").first.is_visible()
    assert paper.pdf().startswith(b"%PDF")


@browser
def test_words_are_no_markup_in_an_export(tab: Tab) -> None:
    from markdown_it import MarkdownIt

    cited = {**cite(1, NOTE, FIRST), "quote": HOSTILE, "source": "a/<b>*x*</b> [1].md"}
    tab.keep(exchange(1, HOSTILE, text=f"{HOSTILE} [1]", statements=[say(HOSTILE, 1)], citations=[cited]))
    text = tab.saved("Export as Markdown")[1]
    rendered = MarkdownIt("gfm-like", {"linkify": False}).render(text)
    assert set(re.findall(r"<(\w+)", rendered)) == {"h1", "h2", "p", "em", "br"}
    read = tab.tab.evaluate("(html) => new DOMParser().parseFromString(html, 'text/html').body.innerText", rendered)
    said = SHOWN.replace("    no code", "no code")
    assert f"“{said}” (sha256" in read
    assert "a/<b>*x*</b> [1].md" in read
    assert not re.search(r"(?<!\\)(https?:|www\.|\w@)", text)  # which GFM would make links of
    html = tab.saved("Export as HTML")[1]
    assert set(re.findall(r"<(\w+)", html)) == set(
        "html head meta title style body main h1 bdi section h2 br p em sup a ol li".split()
    )
    assert "\u202e" not in html + text


@browser
def test_an_answer_is_copied_printed_and_linked_to(tab: Tab, chromium: Any) -> None:
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    tab.context.add_init_script("window.print = () => { top.printed = document.body.innerText; }")
    tab.go(ADDRESS)
    tab.keep(*EXCHANGES)
    tab.rows.click()
    turn = tab.tab.locator("citewise-chat .turn").first
    turn.get_by_role("button", name="Copy").click()
    tab.toast.get_by_text("Copied with its footnotes.").wait_for()
    copied = tab.tab.evaluate("""async () => {
        const [item] = await navigator.clipboard.read();
        return Promise.all(["text/plain", "text/html"].map(async (type) => (await item.getType(type)).text()));
    }""")
    part = MARKDOWN.split("\n\n## ")[1].replace("[^1-", "[^")
    assert copied[0] == f"## {part}\n"
    assert f"[1]: {NOTE}" not in copied[1]
    assert f'{FIRST}</bdi><sup data-ref="1">[1]</sup>' in copied[1]
    assert "href" not in copied[1]
    tab.do("Print or make a PDF")
    tab.tab.wait_for_function("window.printed?.includes('It never failed.')")
    second = tab.tab.locator("citewise-chat .turn").nth(1)
    second.get_by_role("button", name="Link").click()
    tab.toast.get_by_text("Link copied.").wait_for()
    link = tab.tab.evaluate("navigator.clipboard.readText()")
    assert link == f"{ADDRESS}#/{tab.tab.evaluate('rail.current')}/e2?And%20the%20moon%3F"
    tab.new()
    tab.go(link)
    assert (tab.told("open")[0]["exchange"], tab.told("draft")) == ("e2", [])
    stranger = Tab(chromium, link)
    assert stranger.told("draft") == [{"question": "And the moon?"}]
    assert stranger.toast.inner_text().startswith("This browser does not keep that conversation.")
    assert stranger.tab.url == ADDRESS
    stranger.go(f"{ADDRESS}#/%E0%A4%A/x")
    stranger.close()
