"""Whether a text holds what gold asks for."""

from __future__ import annotations

import importlib.util
import json
import random
import sys
from typing import Any

import pytest
from evaluation import SHARED, needs_shared

from eval.match import contains, satisfied


@pytest.mark.parametrize(
    ("alias", "text", "held"),
    [
        ("5%", "a rise of 5% in a year", True),
        ("5%", "a rise of 55% in a year", False),
        ("5%", "a rise of 2.5% in a year", False),
        ("11,000", "more than 11,000 sanctions", True),
        ("11,000", "more than 211,000 sanctions", False),
        ("11,000", "exactly 11,000.50 euros", False),
        ("2", "2.2 million", False),
        ("2014", "since 2014.", True),
        ("2014", "B2014", False),
        ("recogni", "recognition of the land", True),
        ("recogni", "unrecognised", False),
        ("UK", "the UK agreed", True),
        ("UK", "Ukraine agreed", False),
        ("U.S.", "the U.S. delegation", True),
        ("fox", "two foxes", False),
        ("foxe", "two foxes", True),
        ("Moscow's", "Moscow’s wish", True),
        ("18-20", "pages 18–20", True),
        ("two tracks", "**two\n tracks**", True),
        ("STRASSE", "die Straße", True),
        ("½", "1⁄2 of it", True),
        ("°C", "65 °C", True),
        ("**", "anything", False),
    ],
)
def test_an_alias_is_a_stem_and_a_number_is_whole(alias: str, text: str, held: bool) -> None:
    assert contains(text, alias) is held


def test_every_group_needs_one_alias() -> None:
    assert satisfied([["5%", "five percent"], ["2014"]], "Five percent, agreed in 2014")
    assert not satisfied([["5%", "five percent"], ["2014"]], "Five percent")
    assert satisfied([], "anything")


def shared_matcher() -> Any:
    spec = importlib.util.spec_from_file_location("shared_match", SHARED / "gold" / "match.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    written = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # the folder is not ours to write in
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = written
    return module


@needs_shared
def test_the_matcher_agrees_with_the_shared_one() -> None:
    theirs = shared_matcher()
    rng = random.Random(1)
    parts = ["5", "55", "2.5", "1,200", "%", " ", " ", "-", "–", "UK", "Ukraine", "us", "U.S.", "recogni", "tion", ".",
             ",", "’", "'", "ﬁ", "°C", "*", "`", "\u00ad", "\n", "é", "e\u0301", "ß", "²", "x", "("]  # fmt: skip
    cases: list[tuple[str, str]] = []
    while len(cases) < 5_000:
        alias, text = ("".join(rng.choices(parts, k=rng.randint(1, most))) for most in (3, 12))
        if theirs.fold(alias):  # it cannot take an alias of nothing
            cases.append((alias, text if rng.random() < 0.5 else text + alias + rng.choice(parts)))
    rows = [json.loads(line) for line in (SHARED / "gold" / "dev.jsonl").read_text("utf-8").splitlines()]
    quotes = [evidence["quote"] for row in rows for evidence in row["evidence"]]
    aliases = [alias for row in rows for group in row["must_contain"] for alias in group]
    cases += [(alias, quote) for alias in aliases for quote in quotes]
    held = [contains(text, alias) for alias, text in cases]
    assert held == [theirs.hit(alias, text) for alias, text in cases]
    assert 0.05 < sum(held) / len(held) < 0.95
