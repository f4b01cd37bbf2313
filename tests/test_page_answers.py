"""What an answer looks like in the browser, on a page that no server serves."""

from __future__ import annotations

from typing import Any

from browsing import browser
from conversing import Tab, exchange
from fake_assistant import say

DRINKS = "drink;size | ml;price\n"


def cite(number: int, source: str, before: str, quote: str, heading: str | None = None) -> dict[str, Any]:
    place = {"page": None, "line": None, "heading": heading, "start": len(before), "end": len(before) + len(quote)}
    return {"number": number, "source": source, "title": "", "before": before, "quote": quote, "after": ""} | place


def draw(tab: Tab, *cited: dict[str, Any], question: str = "Which of them?", says: str = "{}") -> Any:
    """An answer that quotes these, one after the other."""
    marks = " ".join(f"{one['quote']} [{one['number']}]" for one in cited)
    said = {"text": says.format(marks), "statements": [say(one["quote"], one["number"]) for one in cited]}
    tab.tab.evaluate("(one) => chat.open([one])", exchange(1, question, citations=list(cited), **said))
    return tab.tab.locator("citewise-chat .turn")


def cells(turn: Any) -> list[list[list[str]]]:
    return turn.locator(".quoted-rows").evaluate_all(
        "tables => tables.map((table) => [...table.querySelectorAll('tr')].map((row) => [...row.children].map((cell) => cell.textContent)))"
    )


@browser
def test_rows_of_tables_stand_under_the_names_of_their_columns(tab: Tab) -> None:
    wide = "Mountain railway | yes | 1911, rebuilt in 1958 | <b>seven</b> kilometres"
    head = "The fares.\n\n| Line | Open | Since | Length |\n|---|---|---|---|\n"
    turn = draw(
        tab,
        cite(1, "a/lines.md", f"{head}| Tram | no | 1890 | two |\n| ", wide),
        cite(2, "a/lines.md", f"{head}| ", "Tram | no | 1890 | two"),
        cite(3, "a/prices.csv", "drink;size;price\n", "Tea;200;2.10", "drink | size | price"),
        cite(4, "a/note.txt", "It says: ", "The tram is closed."),
        cite(5, "a/plan.pdf", "0 | 11\n13 | 12\n", "14 | 15"),
        says="Unconfirmed: {}",
    )
    names = ["Line", "Open", "Since", "Length", ""]
    assert cells(turn) == [
        [names, [*wide.split(" | "), "1"], ["Tram", "no", "1890", "two", "2"]],
        [["drink", "size", "price", ""], ["Tea", "200", "2.10", "3"]],
        [["14", "15", "5"]],
    ]
    assert [" ".join(text.split()) for text in turn.locator(".prose > p").all_inner_texts()] == [
        "Unconfirmed:",
        "The tram is closed. 4",
    ]
    tab.tab.set_viewport_size({"width": 375, "height": 800})
    chip = turn.locator(".quoted-rows .chip").first
    right = "node => node.getBoundingClientRect().right"  # the number stays in view, the cells scroll
    assert chip.evaluate(right) < turn.locator(".quoted-rows").first.evaluate(right) <= turn.evaluate(right) <= 375
    chip.click()
    assert tab.tab.locator("citewise-chat .panel mark").inner_text() == wide


@browser
def test_columns_are_named_by_what_surely_names_them(tab: Tab) -> None:
    turn = draw(
        tab,
        cite(1, "a/fares.xlsx", "Fares\nLine | Price | Note\nTram | 2\nBus | 3 | late\n", "Boat | 9 | seldom"),
        cite(2, "a/fares.xlsx", "seldom\nBus | 3\n", "Tram | 2"),  # cut amid a row
        cite(3, "a/fares.csv", "line;price\n", "Boat;2,10", "line | price"),
        cite(4, "a/fares.md", "| ", "Ferry | | 4"),
    )
    assert cells(turn) == [
        [["Boat", "9", "seldom", "1"]],
        [["Tram", "2", "2"]],
        [["line", "price", ""], ["Boat", "2,10", "3"]],
        [["Ferry", "", "4", "4"]],
    ]


@browser
def test_what_is_no_row_stays_a_sentence(tab: Tab) -> None:
    turn = draw(
        tab,
        cite(1, "a/prices.csv", DRINKS, '"Tea, green";200;2.10', "drink | size | price"),
        cite(2, "a/prices.csv", DRINKS, "Tea;200", "drink | size | price"),
        cite(3, "a/note.txt", "", "Either|or."),
        cite(4, "a/note.txt", "To count them:\n\n", "ls notes | wc -l") | {"line": 3},
        cite(5, "a/prices.csv", DRINKS, "tea; green,2", "drink | price"),  # parted by which of them?
    )
    assert cells(turn) == []
    assert turn.locator(".prose .chip").count() == 5


@browser
def test_the_columns_of_separated_values_are_no_place(tab: Tab) -> None:
    turn = draw(tab, cite(1, "a/prices.csv", "", "Tea;200", "drink | size") | {"line": 2})
    assert turn.locator(".sources .row").inner_text().split() == ["1", "prices.csv", "line", "2"]


@browser
def test_a_place_is_listed_once_with_each_of_its_numbers(tab: Tab) -> None:
    quoted = [cite(n, f"a/{name}.txt", "", f"This is said {n} times.") for n, name in enumerate("abaa", 1)]
    listed = draw(tab, *quoted).locator(".sources li")
    assert [text.split() for text in listed.all_inner_texts()] == [["1", "3", "4", "a.txt"], ["2", "b.txt"]]
    listed.locator(".chip", has_text="3").click()
    assert tab.tab.locator("citewise-chat .panel mark").inner_text() == "This is said 3 times."


@browser
def test_what_is_nearest_shows_no_marks_of_a_heading(tab: Tab) -> None:
    near = {**cite(1, "a/guide.md", "", ""), "text": "The kiln\n\n## Firing\n\nIt burns #3 wood."}
    says = {"status": "not_in_documents", "text": "It is not said.", "statements": [], "related": [near]}
    tab.tab.evaluate("(one) => chat.open([one])", exchange(1, "How hot is it?", citations=[], **says))
    snippet = tab.tab.locator("citewise-chat .snippet")
    assert snippet.inner_text().split() == "The kiln Firing It burns #3 wood.".split()


@browser
def test_a_long_question_is_no_headline(tab: Tab) -> None:
    size = "node => getComputedStyle(node).fontSize"
    quoted = cite(1, "a/note.txt", "", "The tram is closed.")
    assert draw(tab, quoted).locator(".question").evaluate(size) == "20px"
    assert draw(tab, quoted, question="Is it so? " * 30).locator(".question").evaluate(size) == "16px"
