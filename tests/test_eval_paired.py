"""Two runs compared: pairs by gold id, exact tests, what flipped, and what cannot be compared."""

from __future__ import annotations

import json
from itertools import product
from math import comb
from pathlib import Path

import pytest
from evaluation import a_result, a_row

from eval.cli import main
from eval.compare import compare, mcnemar, permutation
from eval.results import Lost, Result, Row, save_result


def rows(*verdicts: bool, measure: str = "correct") -> Result:
    return a_result(*(a_row(f"q{n}", scores={measure: float(one)}) for n, one in enumerate(verdicts)))


@pytest.mark.parametrize(("wins", "losses"), [(0, 0), (0, 1), (1, 0), (0, 5), (0, 6), (3, 12), (7, 7), (40, 22)])
def test_mcnemar_is_the_fair_coin(wins: int, losses: int) -> None:
    n, fewer = wins + losses, min(wins, losses)
    by_hand = min(1.0, 2 * sum(comb(n, k) for k in range(fewer + 1)) / 2**n)
    assert mcnemar(wins, losses) == pytest.approx(by_hand)


def test_the_permutation_test_is_exact_for_few_and_near_for_many() -> None:
    gains = [0.4, -0.1, 0.3, 0.25, -0.05, 0.2, 0.0, 0.35]
    moved = [gain for gain in gains if gain]
    sums = [sum(sign * gain for sign, gain in zip(signs, moved, strict=True)) for signs in product((1, -1), repeat=7)]
    as_far = sum(one >= sum(moved) - 1e-9 for one in sums) / len(sums)
    assert permutation(gains) == pytest.approx(2 * as_far)
    assert permutation([0.2]) == 1
    assert permutation([0.0, 0.0]) == 1
    ones = [1.0] * 14 + [-1.0] * 5
    assert permutation(ones) == pytest.approx(mcnemar(14, 5), abs=0.01)
    assert permutation(ones) == permutation(ones)


def test_the_normal_limit_takes_over_where_it_makes_no_difference() -> None:
    gains = [((n * 7919) % 101 - 48.5) / 100 for n in range(1_001)]
    assert permutation(gains) == pytest.approx(permutation(gains[:-1]), abs=0.01)
    assert 0.01 < permutation(gains) < 0.99
    assert permutation(gains * 20) < 1e-6


def test_wins_are_in_the_direction_of_better() -> None:
    before = a_result(*(a_row(f"q{n}", scores={"words": 10, "correct": n < 5}) for n in range(8)))
    after = a_result(*(a_row(f"q{n}", scores={"words": 10 + n, "correct": n < 6}) for n in range(8)))
    found = {one.name: one for one in compare(before, after).changes}
    words, correct = found["words"], found["correct"]
    assert (words.wins, words.ties, words.losses, words.before, words.after) == (0, 1, 7, 10, 13.5)
    assert words.worse
    assert words.p == pytest.approx(2 / 2**7)
    assert (correct.wins, correct.ties, correct.losses, correct.n) == (1, 7, 0, 8)
    assert not correct.worse
    assert correct.p == 1
    assert set(found) == {"words", "correct"}


def test_a_question_that_one_run_did_not_score_is_no_pair() -> None:
    before = a_result(a_row("q1", scores={"words": 5}), a_row("q2"))
    after = a_result(a_row("q1", scores={"words": 9}), a_row("q2", scores={"words": 1}))
    (words,) = [one for one in compare(before, after).changes if one.name == "words"]
    assert (words.n, words.before, words.after) == (1, 5, 9)


def test_what_flipped_comes_with_both_rows() -> None:
    before, after = rows(True, True, False, False), rows(True, False, True, False)
    flipped = compare(before, after).flipped
    assert [(one.gold.id, one.correct, other.correct) for one, other in flipped] == [
        ("q1", True, False),
        ("q2", False, True),
    ]


def test_only_the_same_question_is_compared() -> None:
    before = a_result(a_row("same"), a_row("gone"), a_row("asked"), a_row("quoted"), a_row("noted"))
    quote = [{"source": "keys.md", "quote": "The gate key opens the main gate. It hangs in the hall."}]
    after = a_result(
        a_row("noted", note="checked twice", tags=["must_pass"]), a_row("new"), a_row("same", correct=False),
        a_row("asked", question="What does the key open?"), a_row("quoted", evidence=quote, correct=False),
    )  # fmt: skip
    found = compare(before, after)
    assert (found.only_before, found.only_after, found.altered) == (("gone",), ("new",), ("asked", "quoted"))
    assert found.n == 2
    assert [one.gold.id for one, _ in found.flipped] == ["same"]
    assert {one.n for one in found.changes} == {2}


def test_other_gold_other_documents_and_half_a_run_are_noted() -> None:
    whole, half = a_result(a_row()), a_result(a_row(), n=3, gold_sha256="x", corpus_sha256="y")
    assert compare(whole, whole).notes == ()
    assert compare(whole, half).notes == (
        "the gold files of the two runs differ", "the documents of the two runs differ",
        "the run after is not whole: 1 of 3 questions",
    )  # fmt: skip
    other = {"writer": "model", "model": "a/b", "settings": {"answer": {}}, "versions": {"citewise": "0.2.0"}}
    assert compare(whole, a_result(a_row(), **other)).notes == tuple(
        f"the {what} of the two runs differ" for what in ("writers", "models", "settings", "versions")
    )


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    lost = Lost("chosen", "Left out: too long.", "Ask for just this.")
    wrong = a_row("q1", correct=False, lost=lost, history=[{"question": "Which keys are there?"}])
    kept: tuple[Row, ...] = (a_row("q2"), a_row("q3", error="The server does not answer."))
    right = a_row("q1", history=[{"question": "Which keys are there?"}])
    before, after = a_result(right, *kept), a_result(wrong, *kept[:1], a_row("q3"), corpus_sha256="d")
    for name, run in (("a.jsonl", before), ("b.jsonl", after)):
        save_result(tmp_path / name, run.stamp, run.rows)
    return tmp_path / "a.jsonl", tmp_path / "b.jsonl"


def test_the_command_tells_both_answers(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", *map(str, files)]) == 0
    out = capsys.readouterr().out
    assert "3 questions are in both runs." in out
    assert "Note: the documents of the two runs differ." in out
    assert "Flipped: 1 for the better, 1 for the worse" in out
    told = out[out.index("worse: q1") :]
    assert told.startswith(
        "worse: q1 (single_fact): What does the gate key open?\n"
        "  history: Which keys are there?\n"
        "  answer:  It hangs in the hall.\n"
        "  wanted:  main gate\n"
        "  cited:   house/keys.md\n"
        "  lost at: chosen. Left out: too long. Ask for just this.\n"
        "  before:  The gate key opens the main gate.\n"
        "\nbetter: q3"
    )
    assert "(error: The server does not answer.)" in told
    line = next(line for line in out.splitlines() if line.startswith("| correct "))
    assert [cell.strip() for cell in line.split("|")[2:-1]] == ["3", "0.667", "0.667", "1", "1", "1", "1.000"]


def test_the_command_speaks_json(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "--json", *map(str, files)]) == 0
    told = json.loads(capsys.readouterr().out)
    correct = {"name": "correct", "n": 3, "before": 2 / 3, "after": 2 / 3, "wins": 1, "ties": 1, "losses": 1, "p": 1.0}
    assert correct in told["measures"]
    assert [pair["after"]["gold"]["id"] for pair in told["flipped"]] == ["q1", "q3"]
    assert told["n"] == 3


def test_no_results_file_is_an_error_with_a_way_out(
    files: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "c.jsonl").write_text("no run\n")
    assert main(["compare", str(files[0]), str(tmp_path / "c.jsonl")]) == 2
    assert "c.jsonl, line 1" in capsys.readouterr().err
