"""No text of a question, an answer or a document breaks a report, and neither does having little or much to tell."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from evaluation import a_result, a_row
from lxml import html as lxml_html
from markdown_it import MarkdownIt
from reporting import UNKNOWN, two_kinds, written

from eval.gate import Check
from eval.report import facts, page, summary, write_report
from eval.report.cases import MOST_CASES
from eval.results import Lost, Result, Row

HOSTILE = """</title><script>window.owned=1</script> "><img src=x onerror='owned=2'> | *not* _bold_ `code` [a](b) &amp; ~~x~~"""
TURNED = "The fee is \u202eEUR 001 to pay"


def hostile() -> Result:
    row = a_row(
        "q<1>", correct=False, question=f"{HOSTILE}\x00", history=[{"question": TURNED, "answer": HOSTILE}],
        note=HOSTILE, tags=[HOSTILE], lost=Lost(HOSTILE, TURNED, HOSTILE),
    )  # fmt: skip
    assert row.answer is not None
    said = [{"text": HOSTILE, "citations": [1], "support": "not_found", "problems": [HOSTILE]}]
    cited = [row.answer["citations"][0] | {"source": HOSTILE, "heading": HOSTILE, "quote": TURNED, "before": HOSTILE}]
    row = replace(row, answer={**row.answer, "statements": said, "citations": cited})
    error = a_row("w" * 3000, error=f"{HOSTILE}\ud800", type="list")
    return a_result(row, error, gold=HOSTILE, command=HOSTILE, settings={HOSTILE: HOSTILE})


def test_no_text_becomes_markup(tmp_path: Path) -> None:
    tree, _ = written(hostile(), tmp_path, hostile(), (Check(HOSTILE, "floor", False, HOSTILE),))
    assert not list(tree.iter("script", "img", "iframe", "link", "object", "a[@onclick]"))
    assert {
        name for one in tree.iter() if isinstance(one.tag, str) for name in one.attrib if name.startswith("on")
    } == set()
    second = tree.find_class("case")[1]
    assert second.findtext(".//h3").startswith("</title><script>")
    assert second.text_content().count(HOSTILE) >= 8
    turned = tree.xpath("//text()[contains(., '\u202e')]")
    holders = [text.getparent().getparent() if text.is_tail else text.getparent() for text in turned]
    assert len(holders) >= 3
    for holder in holders:
        assert any(up.tag == "bdi" or up.get("dir") == "auto" for up in (holder, *holder.iterancestors()))
    assert "\x00" not in (tmp_path / "report.html").read_text("utf-8")


def test_the_page_asks_for_nothing(tmp_path: Path) -> None:
    write_report(two_kinds(), tmp_path / "report.html", two_kinds())
    text = (tmp_path / "report.html").read_text("utf-8")
    tree = lxml_html.document_fromstring(text)
    links = {value for one in tree.iter() for name, value in one.attrib.items() if name in ("src", "href")}
    assert links
    assert {link[0] for link in links} == {"#"}
    assert {link[1:] for link in links} <= {one.get("id") for one in tree.iter()}
    assert not re.search(r"url\(|@import|https?:|//cdn", text)


def test_markdown_shows_the_texts_and_its_tables_are_whole(tmp_path: Path) -> None:
    _, markdown = written(hostile(), tmp_path, hostile(), (Check(HOSTILE, "floor", False, HOSTILE),))
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = [child for token in parser.parse(markdown) for child in (token, *(token.children or ()))]
    kinds = {token.type for token in tokens}
    assert "table_open" in kinds
    assert kinds.isdisjoint(
        {"html_block", "html_inline", "link_open", "image", "code_inline", "s_open", "fence", "em_open"}
    )
    shown = [" ".join(one.split()) for one in "".join(_texts(tokens)).split("\0")]
    assert sum(HOSTILE in one for one in shown) >= 6
    for block in re.findall(r"(?:^\|.*\n)+", markdown, re.MULTILINE):
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in block.splitlines()}) == 1
    assert markdown.count("\n| --- |") == sum(token.type == "table_open" for token in tokens)


def _texts(tokens: list[Any]) -> list[str]:
    return [
        token.content if token.type in ("text", "text_special") else "\0" if token.type == "inline" else ""
        for token in tokens
    ]


def nothing() -> dict[str, Result]:
    return {
        "no question": a_result(),
        "none failing": a_result(*(a_row(f"q{n}") for n in range(3))),
        "all errors": a_result(*(a_row(f"q{n}", error="Busy.") for n in range(3))),
        "unanswerable alone": a_result(*(a_row(f"q{n}", correct=n > 0, **UNKNOWN) for n in range(3))),
        "no number": a_result(a_row("q", scores={"numeric": math.nan, "mrr_at_10": math.nan})),
        "a stage of another version": a_result(a_row("q", correct=False, lost=Lost("elsewhere", ""))),
        "at once": a_result(a_row("q", seconds=0.0)),
        "no stamp but n": Result({"n": 1}, (a_row(),)),
    }


@pytest.mark.parametrize("name", nothing())
def test_there_may_be_little_to_tell(name: str, tmp_path: Path) -> None:
    result = nothing()[name]
    for previous in (None, result, a_result()):
        tree, markdown = written(result, tmp_path, previous)
        for text in (tree.text_content(), markdown, summary(result, previous)):
            assert not re.search(r"\bnan\b|\bNone\b|undefined", text)
    assert bool(tree.find_class("case")) == ("Failing cases" in markdown) == (facts(result).failing > 0)
    assert "| nan" not in page([(name, result), (name, result)])


def test_one_page_over_several_runs_gives_each_value_with_interval_and_n() -> None:
    first = a_result(a_row("a"), a_row("b", correct=False))
    text = page([("one | two", first), ("second", a_result(a_row("c")))])
    answers, *_ = [part for part in text.split("### ") if part.startswith("Answer")]
    cells = [" ".join(line.split()) for line in answers.splitlines() if line.startswith(("| one", "| second"))]
    assert cells[0].startswith("| one \\| two | 0.500 [0.095, 0.905] n 2 |")
    assert cells[1].startswith("| second | 1.000 [0.207, 1.000] n 1 |")
    assert "### Made with" in text


def test_a_thousand_failing_questions_fit_into_a_few_megabytes(tmp_path: Path) -> None:
    long = "“Чому” <так> & " * 45
    row = a_row(
        "q",
        correct=False,
        question=long,
        must_contain=[["no"]],
        lost=Lost("chosen", long, long),
        note=long,
        answers=[long],
    )
    assert row.answer is not None
    cited = [row.answer["citations"][0] | {"quote": long, "before": long, "after": long}] * 30
    said = [row.answer["statements"][0] | {"text": long}] * 30
    row = replace(row, answer={**row.answer, "citations": cited, "statements": said})
    many = [replace(row, gold=replace(row.gold, id=f"q{n}", tags=(f"tag{n % 300}",))) for n in range(1_000)]
    tree, markdown = written(a_result(*many), tmp_path)
    shown = len(tree.find_class("case"))
    assert 20 < shown < MOST_CASES
    assert f"The first {shown}; {1_000 - shown:,} more are in the results file." in markdown
    sizes = {file.suffix: file.stat().st_size / 1e6 for file in tmp_path.iterdir()}
    assert 2 < sizes[".html"] < 5 > sizes[".md"]
    small: list[Row] = [replace(one, answer=a_row(correct=False).answer) for one in many[:300]]
    assert len(facts(a_result(*small)).cases) == MOST_CASES
