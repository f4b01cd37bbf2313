"""A sentence finds the words of the documents that bear it out."""

from __future__ import annotations

import pytest

from index import Block, Extracted
from index.catalog import PassageRecord
from rag.grounding.align import Aligner, align
from rag.retrieve import Hit


def hit(place: int, text: str, title: str = "", rows: str = "") -> Hit:
    """A hit that holds a whole document: a paragraph, or the rows of a table under a header."""
    blocks = []
    at = 0
    for line in text.split("\n"):
        blocks.append(Block(at, at + len(line), "row" if rows else "paragraph", context=rows))
        at += len(line) + 1
    document = Extracted(text, title, tuple(blocks), "test")
    record = PassageRecord(
        id=place, document=place, ordinal=0, key=str(place), source=f"{place}.txt", title=title, sha256="", start=0,
        end=len(text), page=None, heading=None, line=None, text=text, context=rows,
    )  # fmt: skip
    return Hit(record, 1.0 - place / 10, None, None, document)


MILL = "The mill at Aldby burned down in 1911. It was rebuilt two years later. In 2014 it ground 11,000 sacks of rye."
FERRY = "The ferry Astrid carries 300 passengers. It sails from Norrvik to Oslo twice a day."
TABLE = "Rye | 11,000\nWheat | 4,200\nOats | 900"
HITS = [hit(0, MILL, "Mills"), hit(1, FERRY, "Ferries"), hit(2, TABLE, "Harvest", "Grain | Sacks in 2014")]


@pytest.mark.parametrize(
    ("sentence", "texts"),
    [
        ("The mill burned in 1911.", ["The mill at Aldby burned down in 1911."]),
        ("11 thousand sacks of rye were ground in 2014.", ["In 2014 it ground 11,000 sacks of rye."]),
        ("The Astrid has room for 300 passengers.", ["The ferry Astrid carries 300 passengers."]),
        ("There were 4,200 sacks of wheat in 2014.", ["Wheat | 4,200"]),
        ("The mill at Aldby ground 21,000 sacks of rye.", ["In 2014 it ground 11,000 sacks of rye."]),
    ],
)
def test_the_best_sentence_or_row_is_found(sentence: str, texts: list[str]) -> None:
    assert [span.text for span in align(sentence, HITS)][: len(texts)] == texts


def test_a_second_span_brings_what_the_first_lacks() -> None:
    spans = align("The mill burned down in 1911 and the ferry Astrid carries 300 passengers.", HITS)
    assert {span.text for span in spans} == {
        "The mill at Aldby burned down in 1911.",
        "The ferry Astrid carries 300 passengers.",
    }


def test_two_rows_are_not_put_together_to_a_sentence_that_none_says() -> None:
    keys = [hit(0, "Shed key | Tool shed | WG-207\nTap key | Both taps | WG-114", "Keys", "Item | Place | Number")]
    assert len(align("Key WG-114 opens the tool shed.", keys)) == 1
    assert len(align("The shed key is WG-207 and the tap key is WG-114.", keys)) == 2


def test_nothing_is_near() -> None:
    assert align("Penguins live in the south of Chile.", HITS) == ()
    assert align("Here is what the documents say:", HITS) == ()
    assert align("The mill burned in 1911.", []) == ()


def test_the_passage_that_the_model_cited_comes_first_where_it_bears_the_sentence_out() -> None:
    twice = [*HITS, hit(3, "In 1911 the mill at Aldby burned to the ground. Nobody was hurt.")]
    sentence = "The mill at Aldby burned in 1911."
    assert align(sentence, twice, preferred=[3])[0].hit.record.document == 3
    assert align(sentence, twice, preferred=[0])[0].hit.record.document == 0
    assert align(sentence, twice, preferred=[1])[0].hit.record.document in (0, 3)


def test_hits_are_read_once_for_many_sentences() -> None:
    aligner = Aligner(HITS)
    for sentence in ("The mill burned in 1911.", "The Astrid has room for 300 passengers."):
        assert aligner.align(sentence) == align(sentence, HITS)
