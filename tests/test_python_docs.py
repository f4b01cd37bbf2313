"""The page on Python: its examples run, its tables are complete and say what the code says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

import rag

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "python.md").read_text("utf-8")
BLOCKS = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)


def section(title: str) -> str:
    """What stands under a heading, up to the next of its rank."""
    marks, _, _ = title.partition(" ")
    found = re.search(rf"^{re.escape(title)}\n(.*?)(?=^{marks} |\Z)", PAGE, re.M | re.S)
    assert found, title
    return found[1]


def test_the_examples_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("langchain_core")
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", "1")  # which a block sets
    names: dict[str, Any] = {}
    assert len(BLOCKS) == 4
    for block in BLOCKS:
        exec(compile(block, "docs/python.md", "exec"), names)  # in one namespace, as a reader would go on
    said = capsys.readouterr().out
    assert said.startswith("4 new, 0 changed, ()\nThe deposit for a plot is 60 euros. [1] Deposit,any plot,60.00,once,")
    assert "[1] garden/handbook.md, line 11: The deposit for a plot is 60 euros." in said
    assert "Turn the heap in bay 2 every ten days. [1]\n" in said


def test_every_call_of_the_assistant_is_told() -> None:
    public = {name for name, value in vars(rag.Assistant).items() if not name.startswith("_")}
    assert set(re.findall(r"^\| `(\w+)\(", section("## The assistant"), re.M)) == public


def test_every_error_is_told() -> None:
    errors = {
        name for name in rag.__all__ if isinstance(kind := getattr(rag, name), type) and issubclass(kind, Exception)
    }
    assert set(re.findall(r"^\| `(\w+)` \|", section("## What can go wrong"), re.M)) == errors - {"CitewiseError"}


def test_every_public_name_is_told_once() -> None:
    rows = re.findall(r"^\| (`\w+`(?:, `\w+`)*)", section("## Every name"), re.M)
    told = [name for row in rows for name in re.findall(r"`(\w+)`", row)]
    errors = re.findall(r"^\| `(\w+)` \|", section("## What can go wrong"), re.M)
    assert sorted([*told, *errors]) == sorted(rag.__all__)
