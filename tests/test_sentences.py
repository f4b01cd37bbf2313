"""Sentence boundaries: a table of tricky cases, and what must hold for any text."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.sentences import sentence_spans


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


# " / " marks the boundaries that are wanted.
CASES = [
    "Gas rose. / Oil fell. / Why?",
    "Mr. Smith met Dr. Jones. / They talked.",
    "Exports to the U.S. rose. / Those to China fell.",
    "He moved to the U.S. / The move was costly.",
    "The U.S. Senate voted.",
    "It ended at 5 p.m. / He left.",
    "Der Vertrag gilt seit dem 4. Mai 2019. / Er endet am 3. August 2024. / Mai war kalt.",
    "It stands on page 12. / April began well.",
    "M. Rubio and J. D. Vance spoke. / Nobody listened.",
    "It grew by 3.5 percent to $1.2 billion. / Then it stopped.",
    "Version 2.0.1 is out. / Update now.",
    'He asked: "Why now?" she did not answer.',
    '"Why now?" she asked. / "Because," he said.',
    'She said: "It is over." / He agreed.',
    "“It is over.” / He agreed.",
    "He stopped… then went on. / Then he left.",
    "Wait... what? / No!",
    "Three points. / First – and last – gas. / The end.",
    "Really?! / Yes.",
    "See Fig. 3 and pp. 12 to 14. / It is clear.",
    "The answer is no. / It was refused.",
    "No. 7 is alive.",
    "1. First, read it.",
    "12. Twelfth, sign it. / Then send it.",
    "The year was 2024. / Gas rose.",
    "It cost 12. / We paid.",
    "Write to anna.lee@example.org. / She answers.",
    "See https://example.org/a.b?c=d. / It is short.",
    "See example.org for more. / It is short.",
    "Acme Inc. and Foo Ltd. merged. / It was big.",
    "Acme Inc. / It was founded in 1950.",
    "e.g. gas, i.e. methane. / It burns.",
    "(It was late.) / They left.",
    "天然气价格上涨。/ 石油下跌。/ 为什么？",
    "「なぜ？」/ と彼は聞いた。",
    "It ended.\n\n / A new paragraph without an end\n\n / Another one",
    "A line\nthat wraps. / And another\none.",
    "Yes I am. / So am I. / We all are.",
    "The ratio is .5 of it. / Fine.",
    "He lives on St. Mark's Square. / It floods.",
    "**Bold claim.** / It is _true._ / Yes.",
]


@pytest.mark.parametrize("case", CASES)
def test_boundaries(case: str) -> None:
    wanted = [piece.strip() for piece in case.replace("/ ", "\x00").split("\x00")]
    text = case.replace(" / ", " ").replace("/ ", "")
    assert sentences(text) == wanted


def test_bullets_are_cut_off_and_offsets_are_those_of_the_whole_text() -> None:
    text = "Before. Prices rose: – Gas went up. – Oil went down. • Coal too. After."
    assert sentences(text) == ["Before.", "Prices rose:", "Gas went up.", "Oil went down.", "Coal too.", "After."]
    start, end = text.index("Prices"), text.index(" After")
    inner = sentence_spans(text, start, end)
    assert [text[a:b] for a, b in inner] == ["Prices rose:", "Gas went up.", "Oil went down.", "Coal too."]


PIECES = st.sampled_from(
    [*"aZ9.!?…。！？ \n\t|–•-*\"'”)(」é中\u3000\xa0", "U.S.", "Mr.", "e.g.", "no.", " – ", "\n\n", "Gas", "3.5", "1. "]
)


@given(st.lists(PIECES, max_size=60).map("".join))
@settings(max_examples=400, deadline=None)
def test_spans_are_ordered_stripped_and_leave_out_nothing_but_bullets(text: str) -> None:
    spans = sentence_spans(text)
    at = 0
    for start, end in spans:
        assert at <= start < end <= len(text)
        assert text[start:end] == text[start:end].strip()
        assert not set("".join(text[at:start].split())) - set("–—•▪‣-*|")
        at = end
    assert not set("".join(text[at:].split())) - set("–—•▪‣-*|")


@pytest.mark.parametrize("unit", ["It cost 7. ", "Gas rose. ", "." * 50, "a. ", '."', "\n \n", "! ", "。", " – ", "?)"])
def test_time_is_linear_in_the_length(unit: str) -> None:
    text = "x" + unit * 40_000 + "x"
    begun = time.process_time()
    sentence_spans(text)
    assert time.process_time() - begun < 4
