"""Drafted questions: what rules and a model propose is gold as it stands, and a person decides in the terminal."""

from __future__ import annotations

import io
import json
import os
import pty
import sys
from pathlib import Path

import pytest
from evaluation import ROOT
from lying_server import LyingServer, says

from eval import load_gold, locate, main
from eval.drafts.asked import Asked
from eval.drafts.choose import ABSENT, chosen
from eval.drafts.clause import clause_of
from eval.drafts.draft import Draft, Folder, Source
from eval.drafts.proposed import proposed, sources_of
from eval.drafts.rules import drafts_of
from eval.drafts.store import GoldFile
from eval.match import normalized
from rag import Block, CitewiseError, Extracted, Settings, SettingsError

FOLDER = {
    "house.md": (
        "# House rules\n\nThe key deposit is 18 euros. It is paid once. A lost key costs 25 euros to replace.\n\n"
        "Ilse Brandt keeps four goats behind the mill. The mill was built in 1887 by the engineer Otto Lindgren.\n\n"
        "In 2019 the goats gave 310 litres of milk. This was a record of 12 kinds.\n\n"
        "| Room | Floor | Held by |\n| --- | --- | --- |\n| North room | 2 | Vera Holm |\n| South room | 3 | Otto Lindgren |\n"
    ),
    "prices.csv": "item,price,code\nSmall shed,120.50,S-1\nLarge shed,310.00,S-2\nWorkshop,,W-1\n",
    "haus.txt": "Der Schlüssel für das Tor kostet 18 Euro und wird jedes Jahr neu verteilt.\nDie Mühle steht am Fluss.\n",
}


@pytest.fixture(scope="module")
def samples() -> list[Source]:
    return sources_of(ROOT / "samples")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FOLDER.items():
        (tmp_path / "docs").mkdir(exist_ok=True)
        (tmp_path / "docs" / name).write_text(content, "utf-8")
    return tmp_path / "docs"


def drafted(*sentences: str) -> dict[str, str]:
    """Question -> answer of what is asked about sentences of one paragraph."""
    text = "\n\n".join(sentences)
    at, blocks = 0, []
    for sentence in sentences:
        blocks.append(Block(at, at + len(sentence), "paragraph"))
        at += len(sentence) + 2
    source = Source("docs/a.txt", "txt", Extracted(text, "A", tuple(blocks), "text"))
    return {draft.question: draft.answer for draft in drafts_of(source, Folder([source]))}


# -- rules ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sentence", "question", "answer"),
    [
        ("The key deposit is 18 euros.", "How much is the key deposit?", "18 euros"),
        ("A lost key costs 25 euros to replace.", "How many euros does a lost key cost to replace?", "25 euros"),
        ("The mill has lost an estimated $40 million in rent.", "How much has the mill lost in rent?", "$40 million"),
        ("The mill was built in 1887 by a carpenter.", "When was the mill built by a carpenter?", "1887"),
        ("In 2019 the goats gave 310 litres of milk.", "How many litres of milk did the goats give in 2019?", "310 litres"),
        ("Sales of milk rose by 12 percent in 2019.", "By what percentage did sales of milk rise in 2019?", "12 percent"),
        ("Seven members have left the mill.", "How many members have left the mill?", "Seven"),
        ("The wait for a stall is about 14 months.", "How long is the wait for a stall?", "14 months"),
        ("Ilse Brandt keeps four goats behind the mill.", "Who keeps four goats behind the mill?", "Ilse Brandt"),
        ("A second fair was held in Velden on 3 May 2021.", "Where was a second fair held on 3 May 2021?", "Velden"),
        ("Green means grass, peelings and weeds.", "What does “Green” mean?", "grass, peelings and weeds"),
        ("- Treasurer: Vera Holm".removeprefix("- "), "Who is the treasurer?", "Vera Holm"),
        ("The Danish Prime Minister Vera Holm opened the fair.", "Who is the Danish Prime Minister?", "Vera Holm"),
        (
            "Bread, unlike milk, has 12 kinds in the shop.",
            "What fills the gap: “Bread, unlike milk, has ___ kinds in the shop.”",
            "12",
        ),
    ],
)  # fmt: skip
def test_a_sentence_becomes_a_question(sentence: str, question: str, answer: str) -> None:
    assert drafted(sentence).get(question) == answer, drafted(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "It costs 18 euros.",  # what "it" is stands elsewhere
        "They gave 310 litres of milk in 2019.",
        "This is the third of 12 kinds of milk.",
        "The two houses signed 14 rules.",
        "Sanctions imposed on the mill in 2014 have hurt it.",  # the first verb is none
        "Photo by Vera Holm, taken on 3 May 2021.",
        "See https://example.org for the 12 rules of the house.",
        "the mill was built in 1887 by a carpenter.",  # the rest of a sentence
    ],
)
def test_a_sentence_that_does_not_stand_alone_is_not_turned(sentence: str) -> None:
    assert [question for question in drafted(sentence) if "___" not in question] == []


def test_the_parts_of_a_clause() -> None:
    clause = clause_of("Since 2014, Russian exports to China have grown by 47%, while others fell.")
    assert clause
    assert (clause.subject, clause.auxiliary, clause.lead) == ("Russian exports to China", "have", "since 2014")
    assert clause.text[clause.rest : clause.end] == " grown by 47%"
    assert clause_of("The roof, which cost 1,240 euros, is new.") is None


def test_cells_are_asked_by_column_and_row(folder: Path) -> None:
    sources = sources_of(folder)
    asked = {draft.question: draft for source in sources for draft in drafts_of(source, Folder(sources))}
    assert asked["What is the price of the small shed?"].must_contain == (("120.50",),)
    assert (
        asked["In the table “House rules”, what stands under “Held by” for the south room?"].answer == "Otto Lindgren"
    )
    assert asked["In the table “prices”, what stands under “price” for Workshop?"].type == "unanswerable"  # empty


def test_near_misses_ask_what_nothing_says(folder: Path) -> None:
    sources = sources_of(folder)
    folded = Folder(sources)
    missing = [draft for source in sources for draft in drafts_of(source, folded) if not draft.answerable]
    assert "How many litres of milk did the goats give in 2016?" in [draft.question for draft in missing]
    assert all(draft.gold("x").tags == ("near_miss",) and not draft.gold("x").evidence for draft in missing)
    assert "How many goats does Vera Holm keep behind the mill?" in [draft.question for draft in missing]
    told = "In 2016 the goats gave 290 litres of milk. Vera Holm keeps two more goats behind the mill."
    again = Folder([*sources, Source("docs/b.txt", "txt", _one(told))])
    asked = [draft.question for source in sources for draft in drafts_of(source, again) if not draft.answerable]
    assert not [question for question in asked if "2016" in question or "Vera Holm keep" in question]


def test_another_language_is_asked_by_gaps_only(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [german] = sources_of(folder, ["*.txt"])
    drafts = proposed([german], 5, 0, GoldFile(tmp_path / "g.jsonl"))
    assert [draft.rule for draft in drafts] == ["cloze"]
    assert "not in English, only gaps and table cells: docs/haus.txt" in capsys.readouterr().err


def _one(text: str) -> Extracted:
    return Extracted(text, "B", (Block(0, len(text), "paragraph"),), "text")


# -- the choice -----------------------------------------------------------------------------------------------------


def test_every_proposal_over_the_samples_is_gold(samples: list[Source], tmp_path: Path) -> None:
    gold = GoldFile(tmp_path / "gold.jsonl")
    drafts = proposed(samples, 60, 0, gold)
    for draft in drafts:
        gold.accept(draft)
    questions = load_gold(gold.path)
    texts = {source.name: source.document.text for source in samples}
    assert len(questions) == 60 == len({normalized(question.question) for question in questions})
    spans = locate(gold.path, questions, list(texts), texts.__getitem__)  # each quote is in its file, word for word
    assert all(spans[question.id] for question in questions if question.answerable)
    assert all(draft.sound for draft in drafts)
    assert len({draft.source for draft in drafts}) >= 8
    assert len({draft.rule for draft in drafts}) >= 5
    assert 4 <= sum(not draft.answerable for draft in drafts) <= 60 * ABSENT
    quotes = [draft.quote for draft in drafts if draft.answerable]
    assert len(quotes) == len(set(quotes))  # no two from the same sentence


def test_a_question_that_gives_the_answer_away_is_not_sound() -> None:
    draft = Draft("date", "a", 0, 9, "Open in 1887.", "When?", "1887", (("1887",),))
    assert draft.sound
    assert not draft.edited("Was it 1887?", "1887", (("1887",),)).sound
    assert not draft.edited("When?", "1888", (("1888",),)).sound


def test_the_choice_depends_on_the_seed_alone(samples: list[Source]) -> None:
    drafts = [list(drafts_of(source, Folder(samples))) for source in samples]
    first = chosen(drafts, 20, 1)
    assert first == chosen([list(drafts_of(source, Folder(samples))) for source in samples], 20, 1)
    assert first != chosen(drafts, 20, 2)


def test_what_the_file_holds_is_not_proposed_again(samples: list[Source], tmp_path: Path) -> None:
    gold = GoldFile(tmp_path / "gold.jsonl")
    first = proposed(samples, 20, 0, gold)
    gold.throw_away(first[0])
    for draft in first[1:]:
        gold.accept(draft)
    again = GoldFile(gold.path)
    second = proposed(samples, 20, 0, again)
    assert {draft.question for draft in first}.isdisjoint(draft.question for draft in second)
    for draft in second:
        again.accept(draft)
    assert len({question.id for question in load_gold(gold.path)}) == 39


# -- the terminal ---------------------------------------------------------------------------------------------------


def draft(*arguments: object, lines: str | None = None, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "stdin", io.StringIO(lines or ""))
    return main(["draft", *map(str, arguments)])


def test_each_draft_is_accepted_edited_or_thrown_away(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "gold.jsonl"
    only = ("--only", "house.md", "--n", 5)
    #       wrong   thrown away, and back  edited: question, answer kept, aliases                 then accepted, end
    lines = "x\n" + "s\nb\n" + "e\nWhat is asked?\n\n\n" + "a\na\nb\nq\n"
    assert draft(folder, "--out", out, *only, lines=lines, monkeypatch=monkeypatch) == 0
    said = capsys.readouterr().out
    first, second = load_gold(out)
    assert (first.id, first.question, second.id) == ("d001", "What is asked?", "d002")
    assert all(part in said for part in ("»", "house.md", "must hold", "Type one of the letters"))
    assert "2 questions added" in said
    assert not out.with_suffix(".thrown-away").read_text()


def test_an_edit_that_is_no_gold_is_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "gold.jsonl"
    assert draft(folder, "--out", out, "--n", 1, lines="e\n\n\nno such words\na\n", monkeypatch=monkeypatch) == 0
    assert "Not kept" in capsys.readouterr().out
    assert len(load_gold(out)) == 1


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


# -- the model ------------------------------------------------------------------------------------------------------


def item(question: str, answer: str, quote: str) -> dict[str, str]:
    return {"question": question, "answer": answer, "quote": quote}


DEPOSIT = item("How much is paid for a key at first?", "18 euros", "The key deposit is 18 euros.")


@pytest.mark.parametrize(
    ("written", "kept", "dropped"),
    [
        (json.dumps([DEPOSIT]), "The key deposit is 18 euros.", {}),
        (f"Sure!\n```json\n{json.dumps([DEPOSIT])}\n```", "The key deposit is 18 euros.", {}),
        (json.dumps([DEPOSIT]).removesuffix("]"), "The key deposit is 18 euros.", {}),  # broken off
        (json.dumps([DEPOSIT | {"quote": "The deposit for a key is 18 euros."}]), "The key deposit is 18 euros.", {}),
        (json.dumps([DEPOSIT | {"quote": "Bees are kept here."}]), None, {"no such sentence": 1}),
        (json.dumps([DEPOSIT | {"answer": "20 euros"}]), None, {"the sentence does not hold the answer": 1}),
        (json.dumps([DEPOSIT | {"question": "Is it 18 euros?"}]), None, {"no question that stands alone": 1}),
        (
            json.dumps([DEPOSIT | {"question": "Is the deposit 18 euros?"}]),
            None,
            {"the question gives the answer away": 1},
        ),
        ("I cannot do that.", None, {"nothing that can be read": 1}),
        ('[{"question": 3}]', None, {"nothing that can be read": 1}),
    ],
)
def test_a_model_is_believed_as_far_as_the_text_bears_it_out(
    written: str, kept: str | None, dropped: dict[str, int]
) -> None:
    text = (
        "The key deposit is 18 euros. The mill was built in 1887, and the gate beside it is older than anybody knows. "
    )
    source = Source("docs/house.txt", "txt", _one(text + "Nobody has measured the pond behind the mill."))
    with LyingServer(says(written, chunks=40)) as server:
        asked = Asked(_settings(server.url), [source])
        found = list(asked.drafts())
    assert [draft.quote for draft in found] == ([kept] if kept else [])
    assert dict(asked.dropped) == dropped
    assert all(source.document.text[draft.start : draft.end] == draft.quote and draft.sound for draft in found)
    prompt = server.requests[0].body["messages"][1]["content"]
    assert all(part in prompt for part in ("The mill was built in 1887", "=== excerpt"))


def test_drafts_by_a_model_are_told_and_new(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = sources_of(folder, ["house.md"])
    gold = GoldFile(tmp_path / "gold.jsonl")
    written = json.dumps([DEPOSIT, DEPOSIT | {"answer": "20 euros"}])
    with LyingServer(says(written, chunks=40)) as server:
        settings = _settings(server.url)
        first = proposed(sources, 6, 0, gold, settings)
        for draft in first:
            gold.accept(draft)
        second = proposed(sources, 6, 0, GoldFile(gold.path), settings)
    assert [draft.question for draft in first if draft.answerable] == [DEPOSIT["question"]]
    assert not [draft for draft in second if draft.answerable]
    assert "1 the sentence does not hold the answer" in capsys.readouterr().err


def _settings(url: str) -> Settings:
    return Settings.load(model={"name": "openai:fake", "api_base": url})


def test_errors_of_the_store_name_the_file(tmp_path: Path) -> None:
    with pytest.raises(CitewiseError, match="cannot be written"):
        GoldFile(tmp_path / "docs.txt" / "gold.jsonl" if (tmp_path / "docs.txt").write_text("x") else tmp_path)
    assert issubclass(SettingsError, CitewiseError)
