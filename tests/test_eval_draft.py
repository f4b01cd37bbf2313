"""Drafted questions: what rules and a model propose is gold as it stands, and a person decides in the terminal."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from drafting import FOLDER, in_folder
from evaluation import ROOT

from eval import load_gold, locate
from eval.drafts.absent import near_misses
from eval.drafts.choose import ABSENT, chosen
from eval.drafts.clause import clause_of
from eval.drafts.draft import Draft, Folder, Source
from eval.drafts.proposed import proposed, sources_of
from eval.drafts.rules import drafts_of
from eval.drafts.store import GoldFile
from eval.drafts.tables import cells_of
from eval.match import normalized
from rag import Block, Extracted


@pytest.fixture(scope="module")
def samples() -> list[Source]:
    return sources_of(ROOT / "samples")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return in_folder(tmp_path, FOLDER)


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
        ("The wait for a stall is about 14 months.", "How long is the wait for a stall?", "14 months"),
        ("Green means grass, peelings and weeds.", "What does “Green” mean?", "grass, peelings and weeds"),
        ("Treasurer: Vera Holm", "Who is the treasurer?", "Vera Holm"),
        ("Vera Holm, a teacher from Velden, keeps the books.", "Who is Vera Holm?", "a teacher from Velden"),
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


def test_a_cell_is_read_without_its_marks(tmp_path: Path) -> None:
    folder = in_folder(tmp_path, {"a.md": "| call | takes |\n|---|---|\n| **ask** | `question`, `only` |\n"})
    [source] = sources_of(folder)
    [row] = [block for block in source.document.blocks if block.kind == "row"]
    assert cells_of(source, row, 2) == ("ask", "question, only")


def test_an_empty_cell_moves_no_other(tmp_path: Path) -> None:
    cells = [("Item", "Deposit", "State", "Place"), ("Wheelbarrow", "3.50", "", "Shed B"), ("Hoe", "1.50", "", "Shed A"),
             ("", "2.50", "old", "Shed C"), ("Rake", "4.50", "new", "")]  # fmt: skip
    marked = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in cells)
    page = f"<html><body><table>{marked}</table></body></html>"
    rows = [f"| {' | '.join(row)} |".replace("|  |", "| |") for row in cells]
    marks = "\n".join([rows[0], "|---|---|---|---|", *rows[1:]])
    files = {"a.html": page, "b.md": marks, "c.csv": "\n".join(map(",".join, cells))}
    for source in sources_of(in_folder(tmp_path, files)):
        blocks = [block for block in source.document.blocks if block.kind == "row"]
        assert [cells_of(source, block, 4) for block in blocks] == cells[1:], source.name


@pytest.mark.parametrize(
    ("asked", "missing"),
    [
        ("How much milk did the goats give in 2019?", "How much milk did the goats give in 2016?"),
        ("How much did the mill pay on 3 May 2019 in rent?", "How much did the mill pay on 3 May 2016 in rent?"),
        ("In the table “Milk”, what stands under “litres” for goats (Year: 2019)?",
         "In the table “Milk”, what stands under “litres” for goats (Year: 2016)?"),
        ("What is the stage of Bay 3?", "What is the stage of Bay 4?"),
        ("How much did the mill earn until 2019?", ""),
        ("How much has the mill earned since May 2019?", ""),
        ("What is due by 2019?", ""),
        ("In the table “Fair 2019”, what stands under “price” for milk?", ""),
        ("In the table “Sales in 2019, all”, what stands under “price” for milk?", ""),
        ("What did the Fair in 2019 Prices cost?", ""),
        ("When was the mill built in 2019?", ""),
    ],
)  # fmt: skip
def test_a_near_miss_asks_of_another_year_where_that_is_another_question(asked: str, missing: str) -> None:
    draft = Draft("number", "a", 0, 4, "much", asked, "much", (("much",),))
    found = list(near_misses([], Folder([Source("docs/a.txt", "txt", _one("Much. In 2018 and 2020."))]), [draft]))
    assert [draft.question for draft in found] == [missing] * bool(missing)


def test_near_misses_ask_what_nothing_says(folder: Path) -> None:
    sources = sources_of(folder)
    folded = Folder(sources)
    missing = [draft for source in sources for draft in drafts_of(source, folded) if not draft.answerable]
    assert "How many litres of milk did the goats give in 2016?" in [draft.question for draft in missing]
    assert all(draft.gold("x").tags == ("near_miss",) and not draft.gold("x").evidence for draft in missing)
    again = Folder([*sources, Source("docs/b.txt", "txt", _one("In 2016 the goats gave 290 litres of milk."))])
    asked = [draft.question for source in sources for draft in drafts_of(source, again) if not draft.answerable]
    assert not [question for question in asked if "2016" in question]


def test_a_table_has_a_share_of_near_misses(tmp_path: Path) -> None:
    rows = [
        f"tool {letter},{at + 4},{'' if at % 2 else f'shelf {letter}'}" for at, letter in enumerate("abcdefghijklmno")
    ]
    folder = in_folder(tmp_path, {"tools.csv": "\n".join(["tool,price,place", *rows])})
    drafts = proposed(sources_of(folder), 10, 0, GoldFile(tmp_path / "gold.jsonl"))
    missing = [draft for draft in drafts if not draft.answerable]
    assert len(drafts) == 10
    assert len(missing) == 2
    assert all(draft.quote.endswith(",") for draft in missing)  # the cells that are empty


def test_another_language_is_asked_by_gaps_only(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [german] = sources_of(folder, ["*.txt"])
    drafts = proposed([german], 5, 0, GoldFile(tmp_path / "g.jsonl"))
    assert [draft.rule for draft in drafts] == ["cloze"]
    assert "not in English, only gaps and table cells: docs/haus.txt" in capsys.readouterr().err


def test_a_sentence_cut_at_an_ordinal_has_no_gap(tmp_path: Path) -> None:
    told = "Der Verein der Ziegenhalter in Velden wurde beim 3. Fest 1987 von elf Nachbarn mit 18 Ziegen gegründet."
    folder = in_folder(tmp_path, {"haus.txt": told + "\n\nDie Mitglieder treffen sich jedes Jahr neu.\n"})
    [source] = sources_of(folder)
    assert source.lines[0].text != told  # it is cut
    assert proposed([source], 5, 0, GoldFile(tmp_path / "g.jsonl")) == []


def test_a_large_table_is_read_once(tmp_path: Path) -> None:
    rows = "".join(f"shed {at}x,{at}.50\n" for at in range(6000))
    sources = sources_of(in_folder(tmp_path, {"items.csv": f"item,price\n{rows}"}))
    begun = time.process_time()
    assert len(proposed(sources, 5, 0, GoldFile(tmp_path / "g.jsonl"))) == 5
    assert time.process_time() - begun < 6  # a look at each row for each row took 30


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
