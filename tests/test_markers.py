"""Citation markers: every way in which models write them, in any chunking, and never half of one."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from rag.model.markers import LONGEST_MARKER, Cited, MarkerParser, Piece, Text


def parsed(deltas: list[str], sources: int = 8) -> list[list[Piece]]:
    """The pieces that each delta brings, those of the end last."""
    parser = MarkerParser(sources)
    return [parser.feed(delta) for delta in deltas] + [parser.close()]


def shown(text: str, sources: int = 8) -> str:
    """The text with each marker as ⟨1,2⟩."""
    return "".join(
        piece.text if isinstance(piece, Text) else f"⟨{','.join(map(str, piece.numbers))}⟩"
        for piece in merged(parsed([text], sources))
    )


def merged(groups: list[list[Piece]]) -> list[Piece]:
    """One list, neighbouring texts joined."""
    joined: list[Piece] = []
    for piece in (piece for group in groups for piece in group):
        if isinstance(piece, Text) and joined and isinstance(joined[-1], Text):
            joined[-1] = Text(joined[-1].text + piece.text)
        else:
            joined.append(piece)
    return joined


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Gas rose [1].", "Gas rose ⟨1⟩."),
        ("Gas rose[1].", "Gas rose⟨1⟩."),
        ("Gas rose [1,2] and [3, 4].", "Gas rose ⟨1,2⟩ and ⟨3,4⟩."),
        ("Gas rose [1][2].", "Gas rose ⟨1⟩⟨2⟩."),
        ("Gas rose 【1】 and 【4:2†trade.txt】.", "Gas rose ⟨1⟩ and ⟨2⟩."),
        ("Gas rose [1-3] [2–4] [5 - 5].", "Gas rose ⟨1,2,3⟩ ⟨2,3,4⟩ ⟨5⟩."),
        ("Gas rose [^1] [#2].", "Gas rose ⟨1⟩ ⟨2⟩."),
        ("Gas rose [**1**] [_2_] ［3］ [\u200b4] [<b>5</b>] \\[6\\].", "Gas rose ⟨1⟩ ⟨2⟩ ⟨3⟩ ⟨4⟩ ⟨5⟩ \\⟨6⟩."),
        ("Gas rose [source: 7, page 3] [2 p. 4].", "Gas rose ⟨7⟩ ⟨2⟩."),
        ("Gas rose [[1]] [[1], [2]].", "Gas rose ⟨1⟩ ⟨1,2⟩."),
        ("Gas rose [Source 1] [source: 2] [Passage 3] [doc 4] [Sources 5 and 6].",
         "Gas rose ⟨1⟩ ⟨2⟩ ⟨3⟩ ⟨4⟩ ⟨5,6⟩."),
        ("Gas rose [1](http://example.org/a_(b)) [2](#fn \"note\").", "Gas rose ⟨1⟩ ⟨2⟩."),
        ("Gas rose [1](as was said) and fell.", "Gas rose ⟨1⟩(as was said) and fell."),
        ("Gas rose (1) and 1] fell.", "Gas rose (1) and 1] fell."),
        ("Gas rose [17] [2024] [0].", "Gas rose ⟨⟩ ⟨⟩ ⟨⟩."),
        ("Gas rose [1, 17] [7-99] [3-1].", "Gas rose ⟨1⟩ ⟨7,8⟩ ⟨1,2,3⟩."),
        ("Gas [sic] rose [12345] [1.5] [] [a1] [1:30].", "Gas [sic] rose [12345] [1.5] [] [a1] [1:30]."),
        ("Gas [see [1]] rose.", "Gas [see ⟨1⟩] rose."),
        ("Call `rows[1]` or ``a`[1]`` here [1].", "Call `rows[1]` or ``a`[1]`` here ⟨1⟩."),
        ("It`s [1] so.", "It`s ⟨1⟩ so."),
        ("```\nrows[1]\n```\nThat is it [1].", "```\nrows[1]\n```\nThat is it ⟨1⟩."),
        ("```python\nrows[1]", "```python\nrows[1]"),
        ("Gas [1", "Gas [1"),
        ("Gas [1\n] rose [2].", "Gas [1\n] rose ⟨2⟩."),
        ("Gas [1](http://exam", "Gas ⟨1⟩(http://exam"),
        ("Gas `rows[1]", "Gas `rows⟨1⟩"),
        ("[text](http://example.org) [report][1]", "[text](http://example.org) [report]⟨1⟩"),
    ],
)  # fmt: skip
def test_forms(text: str, wanted: str) -> None:
    assert shown(text) == wanted


def test_without_sources_no_marker_names_one() -> None:
    assert shown("Gas rose [1] [2, 3].", sources=0) == "Gas rose ⟨⟩ ⟨⟩."


def test_a_marker_split_between_tokens_is_held_back() -> None:
    assert parsed(["Gas rose [", "1", "]", "."]) == [[Text("Gas rose ")], [], [], [Cited((1,)), Text(".")], []]


def test_text_in_a_bracket_is_given_out_once_it_is_too_long_for_a_marker() -> None:
    held = "[1 " + "1" * (LONGEST_MARKER - 3)
    assert merged(parsed(["a " + held])[:-1]) == [Text("a " + held)]


PIECES = st.lists(
    st.sampled_from(
        [
            *"[]【】`()1 2\n,-^",
            "[1]",
            "[1, 2]",
            "[[3]]",
            "(http://a.b/c)",
            "```",
            "\n```",
            "word. ",
            "source ",
            "†a",
            '"',
        ]
    ),
    max_size=40,
).map("".join)


@given(PIECES | st.text(max_size=200), st.lists(st.integers(0, 200)))
@example("a [1](b" + "c" * 500, [1, 2, 8])
@example("`" + "a" * 250 + "[1]`", [199, 200, 201])
def test_any_chunking_gives_the_same_pieces(text: str, cuts: list[int]) -> None:
    ends = sorted({min(cut, len(text)) for cut in cuts} | {len(text)})
    chunks = [text[a:b] for a, b in zip([0, *ends], ends, strict=False)]
    whole = merged(parsed([text]))
    assert merged(parsed(chunks)) == whole
    assert merged(parsed(list(text))) == whole


@given(PIECES)
def test_what_is_given_out_stands_so_in_the_end(text: str) -> None:
    """Never half a marker: at every character, what was given out is how the whole begins."""
    final = "".join(p.text if isinstance(p, Text) else "\0" for p in merged(parsed([text])))
    parser, given_out = MarkerParser(8), ""
    for letter in text:
        given_out += "".join(p.text if isinstance(p, Text) else "\0" for p in parser.feed(letter))
        assert final.startswith(given_out)


@given(PIECES, st.integers(0, 5))
def test_numbers_are_those_of_sources(text: str, sources: int) -> None:
    for piece in merged(parsed([text], sources)):
        if isinstance(piece, Cited):
            assert set(piece.numbers) <= set(range(1, sources + 1))


@pytest.mark.parametrize("unit", ["[", "[1", "`", "[1](", "[1](a(b", "【1", "[source ", "[1, "])
def test_hostile_text_takes_no_time(unit: str) -> None:
    started = time.perf_counter()
    parsed(list(unit * (6000 // len(unit))))
    parsed([unit * (20000 // len(unit))])
    assert time.perf_counter() - started < 5
