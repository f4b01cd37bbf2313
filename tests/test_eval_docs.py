"""The page on evaluation: its commands, its gold and its workflow are such as the program takes."""

from __future__ import annotations

import argparse
import json
import re
import shlex
from importlib import import_module
from pathlib import Path

import pytest
from evaluation import ROOT, a_result

from eval.checks import FIELDS, OPTIONAL, TYPES, row_defects
from eval.cli import COMMANDS as COMMAND_NAMES
from eval.measures import MEASURES, SUMMARIES, named
from eval.results import save_result

PAGE = (ROOT / "docs" / "evaluation.md").read_text("utf-8")
COMMANDS = re.findall(r"citewise eval ([a-z]+[^\n`]*)", "\n".join(re.findall(r"```(?:sh|yaml)\n(.*?)```", PAGE, re.S)))


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_the_page_is_understood(line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    save_result(Path("gold", "baseline.jsonl"), a_result().stamp)
    name, *rest = shlex.split(line, comments=True)
    module = import_module(f"eval.commands.{name}")
    parser = argparse.ArgumentParser(allow_abbrev=False, exit_on_error=False)
    module.arguments(parser)
    given = parser.parse_args(rest)
    for measure, _ in getattr(given, "min", []):
        named(measure)


def test_the_gold_of_the_page_has_no_defect() -> None:
    (line,) = re.findall(r"```json\n(.*?)\n```", PAGE)
    assert list(row_defects(json.loads(line))) == []


def test_the_headlines_of_the_page_are_those_that_are_gated() -> None:
    told = re.search(r"headline measure \((.*?)\)", PAGE)
    assert told
    assert re.findall(r"\w+", told[1]) == [measure.name for measure in MEASURES if measure.headline]


def test_every_measure_is_explained_on_the_page() -> None:
    table = PAGE.partition("## Measures")[2].partition("\n## ")[0]
    told = re.findall(r"^\| `(\w+)`( [↓!])? \| (\w+) \| (.*) \|$", table, re.M)
    single = [(one.name, " ↓" * one.ceiling + " !" * one.invariant, one.group, one.says) for one in MEASURES]
    assert told == [*single, *((one.name, "", one.group, one.says) for one in SUMMARIES)]


def test_every_field_and_type_of_gold_is_explained_on_the_page() -> None:
    told = PAGE.partition("## The gold format")[2].partition("\n## ")[0]
    fields, types = told.split("| type | is |")
    assert set(re.findall(r"^\| `(\w+)` \|", fields, re.M)) == FIELDS | OPTIONAL
    named = re.findall(r"`(\w+)`", " ".join(re.findall(r"^\| (`.*?) \|", types, re.M)))
    assert sorted(named) == sorted(TYPES)


def test_the_documents_name_no_command_that_has_gone() -> None:
    pages = [ROOT / "README.md", ROOT / "Makefile", *(ROOT / "docs").glob("*.md")]
    named = {name for page in pages for name in re.findall(r"(?:citewise|-m) eval ([a-z-]+)", page.read_text("utf-8"))}
    assert named
    assert named <= COMMAND_NAMES.keys()
