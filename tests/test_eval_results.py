"""Results files: what is read back, and what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from evaluation import a_result, a_row

from eval.cases import case
from eval.report import summary, write_report
from eval.results import load_result, save_result
from rag import CitewiseError


def saved(path: Path) -> list[str]:
    result = a_result(a_row("a"), a_row("b"))
    save_result(path, result.stamp, result.rows)
    return path.read_text("utf-8").splitlines(keepends=True)


def test_a_line_that_was_cut_short_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl"
    stamp, first, second = saved(path)
    assert load_result(path).whole
    path.write_text(stamp + first + second[:-1], "utf-8")
    kept = load_result(path)
    assert [row.gold.id for row in kept.rows] == ["a"]
    assert not kept.whole


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        (lambda first: first, "line 4: 'a' came before"),
        (lambda first: json.dumps(json.loads(first) | {"scores": {}}) + "\n", "line 4: no score of correct"),
        (lambda first: "{}\n", "line 4: no row of a run"),
        (lambda first: "[\n", "line 4: no row of a run"),
    ],
)
def test_a_line_that_is_no_row_is_named(tmp_path: Path, changed: object, says: str) -> None:
    assert callable(changed)
    path = tmp_path / "r.jsonl"
    lines = saved(path)
    path.write_text("".join(lines) + changed(lines[1]), "utf-8")
    with pytest.raises(CitewiseError, match=says):
        load_result(path)


def test_no_text_of_a_run_steers_a_terminal() -> None:
    row = a_row("a", correct=False, question="\x1b]0;pwn\x07\nwhat")
    for text in (case(row), summary(a_result(row))):
        assert "what" in text
        assert not {"\x1b", "\x07"} & set(text)


def test_a_report_knows_no_support_of_another_version(tmp_path: Path) -> None:
    row = a_row("a", correct=False)
    assert row.answer
    statements = [{"text": "Bees.", "citations": [], "support": "novel", "problems": []}]
    other = a_result(replace(row, answer={**row.answer, "statements": statements}))
    html, _ = write_report(other, tmp_path / "r")
    assert "novel" in html.read_text("utf-8")
