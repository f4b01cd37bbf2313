"""`eval draft` as a person uses it: each draft is shown, decided, and kept in a file that stays whole."""

from __future__ import annotations

import io
import json
import os
import pty
import sys
from pathlib import Path

import pytest
from drafting import FOLDER, in_folder
from evaluation import ROOT

from eval import load_gold, main
from eval.drafts.proposed import proposed, sources_of
from eval.drafts.store import GoldFile
from rag import CitewiseError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return in_folder(tmp_path, FOLDER)


def draft(*arguments: object, lines: str | None = None, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines or ""))
    return main(["draft", *map(str, arguments)])


def test_each_draft_is_accepted_edited_or_thrown_away(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "gold.jsonl"
    only = ("--only", "house.md", "--n", 5)
    #       wrong      thrown away, and back  edited: question, answer kept, aliases                 then accepted, end
    lines = "x\ns\n" + "t\nb\n" + "e\nWhat is asked?\n\n\n" + "a\na\nb\nq\n"
    assert draft(folder, "--out", out, *only, lines=lines, monkeypatch=monkeypatch) == 0
    said = capsys.readouterr().out
    first, second = load_gold(out)
    assert (first.id, first.question, second.id) == ("d001", "What is asked?", "d002")
    assert all(part in said for part in ("»", "house.md", "must hold"))
    assert "2 questions added" in said
    assert said.count("Type one of the letters") == 2
    assert out.with_suffix(".thrown-away").read_text() == ""
    assert not list(out.parent.glob(".*.lock"))


def test_an_edit_that_is_no_gold_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "gold.jsonl"
    only = ("--only", "haus.txt", "--n", 1)
    lines = "e\n\n\nno such words\n" + "e\n\n99 Euro\n18\n" + "a\n"
    assert draft(folder, "--out", out, *only, lines=lines, monkeypatch=monkeypatch) == 0
    assert capsys.readouterr().out.count("Not kept") == 2
    assert [question.answers for question in load_gold(out)] == [("18 Euro",)]


class Interrupted(io.StringIO):
    """A terminal at which somebody types a line and then Ctrl-C."""

    def readline(self, *_: object) -> str:  # type: ignore[override]
        if line := super().readline():
            return line
        raise KeyboardInterrupt


def test_an_interruption_tells_what_was_added(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", Interrupted("a\n"))
    assert main(["draft", str(folder), "--out", str(tmp_path / "gold.jsonl")]) == 0
    assert "1 question added" in capsys.readouterr().out.splitlines()[-1]
    assert len(load_gold(tmp_path / "gold.jsonl")) == 1


def test_two_reviews_share_no_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "gold.jsonl"
    one, other = GoldFile(out), GoldFile(out)
    first, second, *_ = proposed(sources_of(folder), 5, 0, one)
    written = one.accept(first)
    other.accept(second)
    assert [question.id for question in load_gold(out)] == ["d001", "d002"]
    with pytest.raises(CitewiseError, match="changed meanwhile"):
        one.take_back(written)
    assert len(load_gold(out)) == 2
    with one.alone():
        assert draft(folder, "--out", out, "--yes", monkeypatch=monkeypatch) == 2
    assert "another `citewise eval draft`" in capsys.readouterr().err
    assert draft(folder, "--out", out, "--yes", monkeypatch=monkeypatch) == 0


def test_what_is_hidden_from_the_person_is_not_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    told = "Der Schlüs\u00adsel für das \u202eTor kostet 18 Euro und wird jedes \x1b[2JJahr neu verteilt.\n"
    docs = in_folder(tmp_path, {"haus\x1b[2J.txt": told})
    out = tmp_path / "gold.jsonl"
    assert draft(docs, "--out", out, "--yes", monkeypatch=monkeypatch) == 0
    [question] = load_gold(out)
    assert question.question.isprintable()
    assert "Der Schlüssel für das Tor kostet ___ Euro" in question.question or "kostet ___ und" in question.question
    assert "\x1b" not in capsys.readouterr().err


def test_what_was_accepted_is_kept_when_the_input_ends(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "gold.jsonl"
    out.write_text(json.dumps(load_gold(ROOT / "eval" / "gold" / "samples.jsonl")[0].to_dict()))  # no end of line
    assert draft(folder, "--out", out, "--n", 4, lines="a\na\n", monkeypatch=monkeypatch) == 0
    assert len(load_gold(out)) == 3


def test_nobody_there_is_an_error_unless_all_are_taken(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "gold.jsonl"
    assert draft(folder, "--out", out, monkeypatch=monkeypatch) == 2
    assert "--yes" in capsys.readouterr().err
    assert out.read_text() == ""
    assert draft(folder, "--out", out, "--yes", monkeypatch=monkeypatch) == 0
    assert all("draft" in question.tags for question in load_gold(out))
    out.write_text("{")
    assert draft(folder, "--out", out, "--yes", monkeypatch=monkeypatch) == 2
    assert "line 1: no JSON" in capsys.readouterr().err
    assert draft(folder, "--only", "*.pdf", "--out", tmp_path / "o", monkeypatch=monkeypatch) == 2
    assert draft(folder, "--writer", "model", "--out", tmp_path / "o", monkeypatch=monkeypatch) == 2
    assert "No language model is configured" in capsys.readouterr().err


def test_in_a_terminal_the_answer_is_marked(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "house.md").write_text("The key deposit is 18 euros \x1b[2J\u202e for each of the members.\n", "utf-8")
    near, far = pty.openpty()
    with open(far, closefd=False) as typed, open(far, "w") as screen:
        monkeypatch.setattr(sys, "stdin", typed)
        monkeypatch.setattr(sys, "stdout", screen)
        os.write(near, b"a\n")
        assert main(["draft", str(folder), "--only", "house.md", "--out", str(tmp_path / "g.jsonl")]) == 0
        screen.flush()
        said = os.read(near, 8192)
        while b"added" not in said:  # what was typed comes first, by itself
            said += os.read(near, 8192)
    os.close(near)
    assert b"\x1b[1;32m18 euros\x1b[0m" in said
    assert all(steers not in said for steers in (b"\x1b[2J", "\u202e".encode()))


def test_errors_of_the_store_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(CitewiseError, match="cannot be written"):
        GoldFile(tmp_path / "docs.txt" / "gold.jsonl" if (tmp_path / "docs.txt").write_text("x") else tmp_path)
