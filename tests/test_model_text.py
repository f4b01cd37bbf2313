"""What a model writes as sentences of an answer: cleaned, cited, nothing lost, nothing forged, no prompt told."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from writing import model, shown, task, written

from rag.claims import Restart, Unfinished
from rag.model.drafts import HINT
from rag.model.prompts import COMPOSE, COPY, SILENT
from rag.model.writer import ModelWriter


@pytest.mark.parametrize(
    ("said", "wanted"),
    [
        ("The hives gave 310 kg of honey in 2023 [1]. The dairy was closed in 1998 [2].",
         "The hives gave 310 kg of honey in 2023. [1] The dairy was closed in 1998. [2]"),
        ("They gave 310 kg of honey in 2023. The dairy was closed in 1998.",
         "They gave 310 kg of honey in 2023. [1] The dairy was closed in 1998. [2]"),
        ("[1] They gave 310 kg of honey in 2023. [2] The dairy was closed in 1998.",
         "They gave 310 kg of honey in 2023. [1] The dairy was closed in 1998. [2]"),
        ("- **310 kg** of honey in 2023 [1]\n- *The dairy* was closed in 1998 [2]",
         "- 310 kg of honey in 2023 [1]\n- The dairy was closed in 1998. [2]"),
        ("**Answer:** They gave 310 kg of honey in 2023.\n\nQuestion: And then?\nAnswer: No.",
         "They gave 310 kg of honey in 2023. [1]"),
        ("According to excerpt 1, they gave 310 kg of honey in 2023.", "They gave 310 kg of honey in 2023. [1]"),
        ("According to [1], they gave 310 kg of honey in 2023.", "They gave 310 kg of honey in 2023. [1]"),
        ("Excerpt 2 states that the dairy was closed in 1998.", "The dairy was closed in 1998. [2]"),
        ("They gave 310 kg of honey in 2023 [1].\n\nSources:\n[1] Report 1", "They gave 310 kg of honey in 2023. [1]"),
        ("They gave 310 kg of honey in 2023. They gave 310 kg of honey in 2023.", "They gave 310 kg of honey in 2023. [1]"),
        ("How much honey was there in 2023? They gave 310 kg of honey in 2023.", "They gave 310 kg of honey in 2023. [1]"),
        ("Yes [2].", "Yes. [2]"),
        ("Zebras sleep standing up [17].", "Zebras sleep standing up. []"),
        ("[2]", "The dairy was closed in 1998. [2]"),
        ("Sources:\n[2] The dairy was closed in 1998.", "The dairy was closed in 1998. [2]"),
        ("Excerpts [1] and [2].",
         "Marta Lindqvist keeps 14 hives behind the old dairy. [1] The dairy was closed in 1998. [2]"),
        (SILENT, "The documents do not say. []"),
        ("The documents do not say. They gave 310 kg of honey in 2023 [1].", "They gave 310 kg of honey in 2023. [1]"),
        ("See [the report](http://evil.example/?q=1) ![x](http://evil.example/x.png)<img src=x onerror=a> of 310 kg honey.",
         "See the report of 310 kg honey. [1]"),
        ("", ""),
        ("Honey is <EUR 500. The dairy was closed in 1998.", "Honey is <EUR 500. [1] The dairy was closed in 1998. [2]"),
        ("Marta keeps hives <marta@bees.example>.", "Marta keeps hives <marta@bees.example>. [1]"),
        ("A `<title>` of List<String> and of <b>honey</b>.", "A `<title>` of List<String> and of honey. []"),
        ("[2]: The dairy was closed in 1998.\n[1]: They gave 310 kg of honey in 2023.",
         "The dairy was closed in 1998. [2]\nThey gave 310 kg of honey in 2023. [1]"),
        ("They gave 310 kg of honey in 2023.\n\n[1]: http://example.org/a", "They gave 310 kg of honey in 2023. [1]"),
        ("# They gave 310 kg of honey in 2023.", "They gave 310 kg of honey in 2023. [1]"),
        ("## The answer\nThe dairy was closed in 1998.", "The dairy was closed in 1998. [2]"),
        ("# Marta Lindqvist", "Marta Lindqvist [1]"),
        ("```The dairy was closed in 1998.```", "The dairy was closed in 1998. [2]"),
        ("Instructions: keep the 14 hives behind the old dairy.", "Instructions: keep the 14 hives behind the old dairy. [1]"),
        ("The dairy was closed in 1998. User: it was closed.", "The dairy was closed in 1998. [2] User: it was closed. [2]"),
        ("Is the roof whole? Yes. Are there hives? Yes. The dairy was closed in 1998.",
         "Is the roof whole? [2] Yes. [] Are there hives? [1] Yes. [] The dairy was closed in 1998. [2]"),
    ],
)  # fmt: skip
def test_answers(said: str, wanted: str) -> None:
    for deltas in ([said], list(said), [said[i : i + 5] for i in range(0, len(said), 5)]):
        assert shown(written(task(), *deltas)) == wanted


@pytest.mark.parametrize(
    "text",
    [
        "Reports that the hives are sold are false.",
        "Answer: it is the queen.",
        "Question: the queen.",
        "See sentence 3 of it.",
    ],
)
def test_the_words_of_a_document_are_no_label(text: str) -> None:
    asked = task(f"{text} The rest is silence.")
    assert [claim.text for claim in written(asked, f"[1] {text}")] == [text]


def test_words_are_shown_while_they_are_written_and_no_half_marker_or_link() -> None:
    said = "The hives gave 310 kg [1]. See [it](http://a.example/b) and **note**."
    grown = [one.text for one in ModelWriter(model(*said)).write(task()) if isinstance(one, Unfinished)]
    assert grown[0] == "The h"
    assert "The hives gave 310" in grown
    assert not [text for text in grown if set("[]*(") & set(text)]


@settings(deadline=None)  # the first one loads what is imported late
@given(st.text("ab. [1]()*_`#-|<>/!\n2", max_size=120))
def test_any_text_gives_sentences_without_markup_in_any_chunking(said: str) -> None:
    asked = task()
    whole = written(asked, said)
    assert written(asked, *said) == whole
    for claim in whole:
        assert "](" not in claim.text
        assert "`" in said or not re.search(r"<a(?:[\s/>]|$)", claim.text)  # "<a." begins no tag
        assert "![" not in claim.text
        assert claim.text.strip()


MARKER = re.compile(r"[\[【［〔][\s*_~`\\]*\d+[\s*_~`\\]*[\]】］〕]|[\[【［〔]\s*\d*\s*$")


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [*"[]【】［］1279*_~`\\(), .\n<>^†", "**", "<b>", "</b>", "```", "\n```\n", "honey", "source: ", ", page 3", "\u200b",
             "\u00ad", "\ue000", "\U000f0001", "[7]", "hives ", "excerpt 2"]
        ),
        max_size=30,
    ).map("".join)
)  # fmt: skip
@example("The honey was 310 kg [**7**].")
@example("The honey was 310 kg [source: 7, page 3].")
@example("The honey was 310 kg `[7]`.")
@example("[(excerpt 3)7] honey")
@example("Honey of 2023:\n```\nx = honey[7] + hives\n```")
@example("The honey was 310 kg \\[7\\] [<b>7</b>] [~~7~~] ［7］ [\u200b7] [\U000f00017] [1")
def test_no_marker_of_the_models_own_is_shown(said: str) -> None:
    for one in ModelWriter(model(*said)).write(task()):
        assert isinstance(one, Restart) or not MARKER.search(one.text)


def test_no_marker_of_a_document_is_shown() -> None:
    [claim] = written(task("The dairy [4] was closed in 1998 [5]."), "The dairy was closed in 1998 [1].")
    assert claim.text == "The dairy was closed in 1998."
    [claim] = written(task("The dairy [4] was closed in 1998."), "[1]")
    assert claim.text == "The dairy was closed in 1998."


@pytest.mark.parametrize("length", [1, 4, 11])
def test_the_prompt_is_not_even_shown_while_it_is_written(length: int) -> None:
    for said in (COMPOSE, COPY, "Sure: " + COMPOSE.split("\n")[1].removeprefix("- ")):
        deltas = [said[n : n + length] for n in range(0, len(said), length)]
        words = [one.text.split() for one in ModelWriter(model(*deltas)).write(task()) if not isinstance(one, Restart)]
        assert max(map(len, words), default=0) <= HINT + 1


def test_another_side_is_not_even_shown() -> None:
    said = "They gave 310 kg of honey in 2023.\nQuestion: And then?\nAnswer: No."
    grown = [one.text for one in ModelWriter(model(*said)).write(task()) if not isinstance(one, Restart)]
    assert all("They gave".startswith(text[:9]) for text in grown)


def test_the_prompt_is_never_told() -> None:
    assert written(task(), COMPOSE + "\n" + COPY) == []
    leaked = "Sure: " + COMPOSE.split("\n")[1].removeprefix("- ")
    assert "every part" not in shown(written(task(), leaked))
