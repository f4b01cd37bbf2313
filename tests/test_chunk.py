"""Passages: exact offsets, nothing lost, never more tokens than the embedder reads."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llama_index.core.schema import MetadataMode, TextNode

from index.chunk import SPECIAL_TOKENS, chunk, embedding_text, units
from index.embed import MiniLM
from index.values import Block, BlockKind, Extracted

COUNT = MiniLM().count_tokens
LIMIT = 256


def document(*parts: tuple[BlockKind, str, str, str], gap: str = "\n\n") -> Extracted:
    """An extraction of blocks given as (kind, text, heading, context)."""
    blocks, text = [], ""
    for kind, words, heading, context in parts:
        text += gap
        blocks.append(Block(len(text), len(text) + len(words), kind, heading or None, None, context))
        text += words
    return Extracted(text + gap, "Title", tuple(blocks), "txt/1")


def prose(*paragraphs: str) -> Extracted:
    return document(*(("paragraph", paragraph, "", "") for paragraph in paragraphs))


def tokens(node: TextNode) -> int:
    return COUNT([embedding_text(node.metadata["context"], node.text)])[0] + SPECIAL_TOKENS


def check(extracted: Extracted, nodes: list[TextNode]) -> None:
    """What holds for every document."""
    at = 0
    for node in nodes:
        start, end = node.start_char_idx, node.end_char_idx
        assert start is not None
        assert end is not None
        assert at <= start < end <= len(extracted.text)
        assert extracted.text[start:end] == node.text == node.text.strip()
        assert tokens(node) <= LIMIT
        at = end
    spans = [(node.start_char_idx or 0, node.end_char_idx or 0) for node in nodes]
    for unit in units(extracted):
        if unit.block.kind == "heading":
            continue
        inside = [(start, end) for start, end in spans if start <= unit.start and unit.end <= end]
        pieces = [(start, end) for start, end in spans if unit.start <= start and end <= unit.end]
        assert len(inside) == 1 or pieces
        if not inside:
            left = list(extracted.text[unit.start : unit.end])
            for start, end in pieces:
                left[start - unit.start : end - unit.start] = " " * (end - start)
            assert not "".join(left).strip()


WORDS = st.sampled_from(
    ["gas", "Export", "2024", "U.S.", "antidisestablishmentarianism", "价格上涨。", "한국어문장입니다", "가。나!", "😀👨‍👩‍👧", "é́",
     "x" * 90, "Q9z/" * 120, "天" * 300, "a" * 6000, "–", "|", " | ", ".", "? ", "end. New", "\n", "…", "ﷺ", "＄"]
)  # fmt: skip
TEXTS = st.lists(WORDS, min_size=1, max_size=30).map(lambda words: "T" + " ".join(words).strip())
SHORT = st.lists(WORDS, max_size=6).map(" ".join)
BLOCKS = st.tuples(st.sampled_from(["paragraph", "paragraph", "row", "heading"]), TEXTS, SHORT, SHORT)


@given(st.lists(BLOCKS, max_size=8), st.sampled_from(["\n", "\n\n", "\n* ", " \n | \n"]))
@settings(max_examples=100, deadline=None)
def test_any_document_is_cut_without_loss_or_overflow(parts: list[tuple[BlockKind, str, str, str]], gap: str) -> None:
    parts = [(kind, text.rstrip() + "T", heading, context) for kind, text, heading, context in parts]
    extracted = document(*parts, gap=gap)
    check(extracted, chunk(extracted, COUNT, LIMIT))


def test_whole_sentences_are_packed() -> None:
    sentence = "The ministry said that exports of gas rose by a tenth in the year."
    extracted = prose(" ".join([sentence] * 60))
    nodes = chunk(extracted, COUNT)
    check(extracted, nodes)
    assert len(nodes) == 4
    assert all(node.text.endswith("year.") and node.text.startswith("The ministry") for node in nodes)
    assert all(tokens(node) > 200 for node in nodes[:-1])


def test_a_heading_goes_with_what_follows_and_a_short_section_with_the_next() -> None:
    long = "Gas went to many places in that year and in the next. " * 6
    extracted = document(
        ("heading", "Gas", "", ""), ("paragraph", long.strip(), "Gas", ""), ("heading", "Oil", "", ""),
        ("paragraph", "Oil fell.", "Oil", ""), ("heading", "Coal", "", ""), ("paragraph", "Coal rose.", "Coal", ""),
    )  # fmt: skip
    first, second = chunk(extracted, COUNT)
    assert first.text.startswith("Gas\n\nGas went")
    assert second.text == "Oil\n\nOil fell.\n\nCoal\n\nCoal rose."
    assert (first.metadata["heading"], second.metadata["heading"]) == ("Gas", "Oil")


def test_headings_alone_make_no_passage() -> None:
    assert chunk(document(("heading", "Gas", "", ""), ("heading", "Oil", "", "")), COUNT) == []
    assert chunk(prose(), COUNT) == []


def test_two_tables_are_not_mixed_and_each_keeps_its_header() -> None:
    rows = [
        ("row", f"{year} | {year % 7} bcm of gas through the old pipeline", "", "Year | Gas")
        for year in range(2010, 2025)
    ]
    more = [
        ("row", f"{year} | {year % 5} barrels of oil through the new pipeline", "", "Year | Oil")
        for year in range(2010, 2025)
    ]
    extracted = document(*rows, *more)  # type: ignore[arg-type]
    nodes = chunk(extracted, COUNT, LIMIT)
    check(extracted, nodes)
    for node in nodes:
        assert ("gas" in node.text, "oil" in node.text) in {(True, False), (False, True)}
        assert node.metadata["context"] == ("Year | Gas" if "gas" in node.text else "Year | Oil")


@pytest.mark.parametrize("word", ["x" * 20_000, "天" * 2_000, "Q9z/" * 3_000, "가。" * 2_000, "word " * 4_000])
def test_a_sentence_longer_than_a_passage_is_cut(word: str) -> None:
    extracted = prose("Before it.", word.strip(), "After it.")
    nodes = chunk(extracted, COUNT)
    check(extracted, nodes)
    assert len(nodes) > 3
    assert max(len(node.text) for node in nodes) <= 16 * LIMIT


def test_a_huge_context_takes_a_third_at_most() -> None:
    extracted = document(("paragraph", "Gas rose. " * 200 + "End.", "Heading " * 3_000, "Column | " * 3_000))
    nodes = chunk(extracted, COUNT, LIMIT)
    check(extracted, nodes)
    assert all(COUNT([node.metadata["context"]])[0] <= LIMIT // 3 for node in nodes)


def test_equal_passages_share_an_id_and_another_context_makes_another() -> None:
    other = document(("paragraph", "Gas rose.", "Oil", ""))
    one, two = chunk(prose("Gas rose."), COUNT), chunk(other, COUNT)
    assert one[0].node_id == chunk(prose("Gas rose."), COUNT)[0].node_id != two[0].node_id
    assert one[0].get_content(MetadataMode.NONE) == "Gas rose."


@pytest.mark.parametrize(
    "paragraph", ["Gas rose a little in the north. " * 20_000, "\x01. " * 20_000, "word " * 100_000]
)
def test_time_is_linear_in_the_length(paragraph: str) -> None:
    begun = time.process_time()
    chunk(prose(paragraph.strip()), COUNT)
    assert time.process_time() - begun < 15


def test_time_is_linear_in_the_number_of_blocks() -> None:
    begun = time.process_time()
    chunk(document(*[("heading", f"H{i}", f"H{i}", "") for i in range(20_000)]), COUNT)
    chunk(document(*[("paragraph", "Gas rose.", f"H{i}", f"C{i}") for i in range(20_000)]), COUNT)
    assert time.process_time() - begun < 15
