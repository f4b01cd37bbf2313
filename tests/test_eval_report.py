"""The report of a run: the measures' own figures, in a page that needs nothing else and that no text can break."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from browsing import browser
from evaluation import a_result, a_row
from lxml import html as lxml_html
from reporting import LOST, case_ids, cells, two_kinds, written

from eval.cli import main
from eval.gate import Check
from eval.measures import INVARIANTS, figures
from eval.report import summary, write_report
from eval.report.cases import WHERE
from eval.report.plots import latency, risk_coverage
from eval.results import Lost, save_result
from rag.why import STAGES

# -- what it tells ----------------------------------------------------------------------------------------------------


def test_every_figure_is_the_measures_own(tmp_path: Path) -> None:
    result = two_kinds()
    tree, markdown = written(result, tmp_path)
    known = [figure for figure in figures(result.rows) if figure.n]
    assert {"correct", "quote_exact", "mrr_at_10", "balanced_accuracy", "p50_ms"} <= {figure.name for figure in known}
    for figure in known:
        value, interval, n = cells(tree, figure.name)
        digits = 3 if abs(figure.value) <= 1 else 2 if abs(figure.value) < 10 else 1
        assert value == f"{figure.value:.{digits}f}"
        assert n == str(figure.n)
        bounds = [f"{bound:.{digits}f}" for bound in (figure.low, figure.high) if bound is not None]
        assert re.findall(r"[\d.]+", interval) == bounds
        assert f"| {figure.name} | {value} | {interval} | {n} |" in markdown


def test_the_verdict_types_tags_and_silence(tmp_path: Path) -> None:
    tree, markdown = written(two_kinds(), tmp_path)
    assert tree.findtext(".//h1") == tree.findtext(".//title") == "8 of 14 correct"
    assert cells(tree, "single_fact")[:2] == ["10", "0.600"]
    assert cells(tree, "typo")[:2] == ["6", "1.000"]
    silence = tree.get_element_by_id("silence")
    assert [cells(silence, kind) for kind in ("answerable", "unanswerable")] == [["9", "0", "1"], ["2", "2", "0"]]
    assert "| answerable | 9 | 0 | 1 |" in markdown
    said = {"Invariants kept: 1 of 1.", "**1 question ended in an error and counts as wrong.**"}
    assert said <= set(markdown.split("\n"))


def test_what_failed_comes_before_the_tables_and_says_which_step_lost_it(tmp_path: Path) -> None:
    tree, markdown = written(two_kinds(), tmp_path)
    order = [section.get("id") for section in tree.iter("section")]
    assert order == ["headline", "failing", "lost", "types", "silence", "measures", "time"]
    case = tree.find_class("case")[1].text_content()
    for told in (
        "It hangs in the hall.",
        "house/keys.md",
        "The gate key opens the main gate.",
        "main gate",
        LOST.reason,
        LOST.remedy,
    ):
        assert told in case
    assert "first found at rank 2, not cited" in case
    assert "not said" in case
    stages = {row.findtext("span"): row.findtext(".//b") for row in tree.find_class("stages")[0].iter("li")}
    assert stages == {WHERE["error"]: "1", WHERE["chosen"]: "3", WHERE["answered"]: "2"}
    assert f"| {WHERE['chosen']} | 3 |" in markdown


def test_the_cases_are_in_the_order_of_urgency(tmp_path: Path) -> None:
    rows = [
        a_row("a plain", correct=False), a_row("d newly", correct=False), a_row("c must", correct=False, tags=["must_pass"]),
        a_row("z error", error="Broken."), a_row("z defect", scores={"quote_exact": 0.0}), a_row("right"),
    ]  # fmt: skip
    previous = a_result(a_row("a plain", correct=False), a_row("d newly"))
    tree, markdown = written(a_result(*rows), tmp_path, previous)
    assert case_ids(tree) == ["z defect", "z error", "c must", "d newly", "a plain"]
    assert "right in the previous run" in tree.find_class("case")[3].text_content()
    assert re.findall(r"^(\w \w+) · single_fact", markdown, re.MULTILINE) == case_ids(tree)
    assert "Broken: quote_exact" in tree.find_class("says")[1].text_content()


def test_every_stage_has_its_words_in_the_order_of_the_path() -> None:
    assert [stage for stage in WHERE if stage in STAGES] == list(STAGES)


def test_an_arrow_only_where_chance_does_not_explain_it(tmp_path: Path) -> None:
    after = a_result(*(a_row(f"q{n}") for n in range(8)))
    before = a_result(*(a_row(f"q{n}", correct=False) for n in range(8)))
    tree, markdown = written(after, tmp_path, before)
    assert cells(tree, "correct") == ["1.000", "0.676 to 1.000", "8", "0.000", "▲ better, 0.008"]
    assert "8 newly right, 0 newly wrong" in markdown
    nearly = a_result(*before.rows[:1], *after.rows[1:])
    tree, _ = written(after, tmp_path, nearly)
    assert cells(tree, "correct")[3:] == ["0.875", "1.000"]
    tree, markdown = written(before, tmp_path, after)
    assert cells(tree, "correct")[4] == "▼ worse, 0.008"
    assert "| ▼ worse, 0.008 |" in markdown
    assert "previous" not in written(after, tmp_path)[1]


def test_gates_and_an_interrupted_run_are_told(tmp_path: Path) -> None:
    checks = (Check("correct", "floor", False, "correct is 0.4; at least 0.7 was asked for"),)
    tree, markdown = written(a_result(a_row(), n=5), tmp_path, checks=checks)
    head = " ".join(one.text_content() for one in tree.find_class("says"))
    assert "1 of 1 gates failed." in head
    assert "Interrupted: 1 of 5 questions were asked." in head
    assert cells(tree.get_element_by_id("gates"), "correct") == ["floor", "✗ failed"]
    assert "| correct | floor | FAILED | correct is 0.4; at least 0.7 was asked for |" in markdown


def test_the_foot_names_all_that_the_stamp_holds(tmp_path: Path) -> None:
    stamp = {"settings": {"answer": {"max_words": 80}}, "machine": {"cores": 2}, "model": None}
    tree, markdown = written(a_result(a_row(), **stamp), tmp_path)
    foot = tree.get_element_by_id("made")
    told = dict(
        zip((one.text for one in foot.iter("dt")), (one.text_content() for one in foot.iter("dd")), strict=True)
    )
    assert told["settings"] == "answer.max_words 80"
    assert told["commit"] == "c" * 7
    assert told["gold sha256"] == "a" * 64
    assert set(told) == {name.replace("_", " ") for name in a_result(**stamp).stamp}
    assert all(f"- {name}: {value}" in markdown for name, value in told.items())


# -- plots, terminal, command -----------------------------------------------------------------------------------------


def test_plots_are_named_described_and_drawn_to_scale() -> None:
    for plot in (latency([0.01, 0.02, 0.1]), risk_coverage([(0.25, 0.0), (0.5, 0.5), (0.75, 1 / 3)])):
        tree = lxml_html.fragment_fromstring(plot)
        ids = tree.get("aria-labelledby").split()
        assert [tree.get_element_by_id(one).tag for one in ids] == ["title", "desc"]
        path = next(one for one in tree.iter("path") if one.get("class") == "line").get("d")
        points = [tuple(map(float, point.split())) for point in path[1:].split("L")]
        assert all(46 <= x <= 388 and 14 <= y <= 226 for x, y in points)
    # 100 ms is the end of the axis, and there all are answered
    assert latency([0.01, 0.02, 0.1]).count("388.0 14.0") == 1
    assert "20 ms, 95 % within 92 ms, all within 100 ms" in latency([0.01, 0.02, 0.1])
    # a risk of 50 % at 50 % coverage: the middle, at the top of an axis that ends there
    assert "L217.0 14.0L" in risk_coverage([(0.25, 0.0), (0.5, 0.5), (0.75, 1 / 3)])


def test_the_summary_is_short_and_says_what_the_page_says() -> None:
    many = [a_row(f"w{n}", correct=False, lost=LOST) for n in range(40)]
    result = replace(two_kinds(), rows=(*two_kinds().rows, *many), stamp={**two_kinds().stamp, "n": 54})
    lines = summary(result, two_kinds()).splitlines()
    assert lines[0].startswith("8 of 54 correct")
    assert 18 <= len(lines) <= 30
    assert max(map(len, lines)) <= 200
    assert [line.split()[0] for line in lines[-5:]] == ["e1", "w0", "w1", "w2", "u0"]
    assert any(re.match(r"\| correct +\| 0\.148 \|", line) for line in lines)
    assert "quote_exact kept (1.000)" in "\n".join(lines)
    assert f"{WHERE['chosen']} 43" in " ".join(" ".join(lines).split())


def test_eval_report(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    old, new = tmp_path / "old.jsonl", tmp_path / "new.jsonl"
    for path in (old, new):
        save_result(path, two_kinds().stamp, two_kinds().rows)
    assert main(["report", str(new), "--previous", str(old)]) == 0
    assert "8 of 14 correct" in capsys.readouterr().out
    assert "paired p" in (tmp_path / "new.md").read_text("utf-8")
    assert main(["report", "--page", str(old), str(new), "--out", str(tmp_path / "docs" / "page.md")]) == 0
    text = (tmp_path / "docs" / "page.md").read_text("utf-8")
    assert "| old | 0.571 [0.326, 0.786] n 14 |" in text
    assert "\n| new |" in text
    assert "c" * 7 in text
    assert main(["report", str(old), str(new)]) == 2
    assert "--page" in capsys.readouterr().err
    assert main(["report", str(new), "--out", str(new / "below" / "x")]) == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_kept_run_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, junit = tmp_path / "v1.jsonl", tmp_path / "ci" / "gates.xml"
    kept = dict.fromkeys(INVARIANTS, 1.0)
    result = a_result(*(a_row(f"r{n}", correct=n < 4, scores=kept) for n in range(7)))
    save_result(path, result.stamp, result.rows)
    command = ["report", str(path), "--baseline", str(path)]
    assert main([*command, "--min", "correct=0.5", "--junit", str(junit)]) == 0
    assert "## Gates" in (tmp_path / "v1.md").read_text("utf-8")
    assert junit.read_text("utf-8").count("<testsuite ") == 4
    capsys.readouterr()
    assert main([*command, "--min", "correct=0.9"]) == 1
    assert "failed: correct is 0.571" in capsys.readouterr().err
    assert main(["report", str(path)]) == 0
    assert "## Gates" not in (tmp_path / "v1.md").read_text("utf-8")
    assert main(["report", "--page", str(path), "--min", "correct=0.9"]) == 2
    assert "no gates" in capsys.readouterr().err


def test_no_other_file_is_replaced_and_names_are_kept_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("v1.2", "v1.3.jsonl", "README.jsonl"):
        save_result(tmp_path / name, two_kinds().stamp, two_kinds().rows)
    for _ in range(2):  # a report is replaced
        assert main(["report", str(tmp_path / "v1.2")]) == main(["report", str(tmp_path / "v1.3.jsonl")]) == 0
    reports = {"v1.2.html", "v1.2.md", "v1.3.html", "v1.3.md"}
    assert {path.name for path in tmp_path.glob("v*")} == reports | {"v1.2", "v1.3.jsonl"}
    mine = tmp_path / "README.md"
    mine.write_text("# My project\n\nIts citewise eval report is below.\n", "utf-8")
    for options in ([], ["--page", "--out", str(mine)], ["--out", str(tmp_path / "x"), "--junit", str(mine)]):
        assert main(["report", str(tmp_path / "README.jsonl"), *options]) == 2
        assert "README.md is there already" in capsys.readouterr().err
    assert mine.read_text("utf-8").startswith("# My project")
    assert not (tmp_path / "README.html").exists()
    junit = tmp_path / "gates.xml"
    assert [main(["report", str(tmp_path / "v1.2"), "--junit", str(junit)]) for _ in range(2)] == [1, 1]


# -- how it looks -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dark", [0, 1])
def test_every_colour_can_be_read(dark: int) -> None:
    css = (Path(__file__).parent.parent / "eval" / "report" / "report.css").read_text("utf-8")
    colours = {name: both[dark] for name, *both in re.findall(r"--(\w+): light-dark\((#\w+), (#\w+)\)", css)}
    pairs = [(ink, ground) for ink in ("ink", "soft", "accent", "bad") for ground in ("ground", "raised")]
    for ink, ground in [*pairs, ("ink", "mark"), ("accent", "wash"), ("ground", "accent")]:
        assert contrast(colours[ink], colours[ground]) >= 4.5, (ink, ground)


def contrast(one: str, other: str) -> float:
    """WCAG 2.2's contrast ratio."""
    first, second = sorted((luminance(one), luminance(other)))
    return (second + 0.05) / (first + 0.05)


def luminance(colour: str) -> float:
    digits = colour[1:] if len(colour) == 7 else "".join(one * 2 for one in colour[1:])
    parts = [int(digits[n : n + 2], 16) / 255 for n in (0, 2, 4)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@browser
def test_it_fits_a_phone_filters_without_a_script_and_prints_what_is_folded(chromium: Any, tmp_path: Path) -> None:
    rows = [*two_kinds().rows, a_row("long", correct=False, question="w" * 300, lost=Lost("found", "x" * 300))]
    html, _ = write_report(a_result(*rows), tmp_path / "report", two_kinds())
    tab = chromium.new_context(viewport={"width": 375, "height": 800}, java_script_enabled=True).new_page()
    requests: list[str] = []
    tab.on("request", lambda request: requests.append(request.url))
    tab.goto(html.as_uri())
    assert tab.evaluate("document.documentElement.scrollWidth") == 375
    assert tab.locator(".case:visible").count() == 7
    tab.get_by_text(re.compile("^ ?Neither search found it 1")).click()
    assert [tab.locator(".case:visible").count(), tab.locator(".case:visible h3").inner_text()] == [1, "w" * 300]
    tab.get_by_text("all", exact=True).first.click()
    folded = tab.locator(".case:not([open]) .body").first
    assert not folded.is_visible()
    tab.emulate_media(media="print")
    assert folded.is_visible()
    assert requests == [html.as_uri()]
    tab.context.close()
