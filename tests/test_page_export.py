"""Conversations on paper: what is exported, copied, printed and linked to."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from browsing import browser
from conversing import ADDRESS, Tab, exchange
from fake_assistant import BRIEF, FIRST, NOTE, SECOND, THIRD, cite, say, span

HOSTILE = (
    "*Bold* <img src=x onerror=owned=1> [a](javascript:owned=2) `code` | a | b |\n# no heading\n1. no list\n- none\n"
    "    no code\nhttps://example.com www.example.com a@b.c &amp; $x$ ~~s~~ \\ [^1] <!-- \u202eEUR 001\u202c </style>"
)
SHOWN = HOSTILE.replace("\u202e", "⟨U+202E⟩").replace("\u202c", "⟨U+202C⟩")
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
        text=f"{FIRST} [1] {SECOND} [2]\n\nIt never failed. {FIRST} [1] 1 [2]",
        statements=[say(FIRST, 1), say(SECOND, 2), DOUBT, say(FIRST, 1), say("1", 2)],  # "1" is in a marker too
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
    {**exchange(4, "Half of it"), "state": "stopped", "only": ["notes/*", "a.md"]},
]
MARKDOWN = f"""# How many households?

## How many households?

*2026-01-05 11:01 · written by some\\_model · 4 of 5 sentences found in the documents*

*Understood as:* How many households does the plant supply?

{FIRST}[^1-1] {SECOND}[^1-2]

It never failed. **(unverified: not found in the documents; no source says “never”)** {FIRST}[^1-1] 1[^1-2]

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

*Asked only of:* notes/\\*, a.md

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


@pytest.mark.slow
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
    tab.tab.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined, configurable: true })")
    second = tab.tab.locator("citewise-chat .turn").nth(1)
    second.get_by_role("button", name="Copy").click()  # as where the page is not served in a secure context
    tab.toast.get_by_text("Copied with its footnotes.").wait_for()
    assert tab.tab.evaluate("delete navigator.clipboard && navigator.clipboard.readText()").startswith(
        "## And the moon?"
    )
    tab.do("Print or make a PDF")
    tab.tab.wait_for_function("window.printed?.includes('It never failed.')")
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
