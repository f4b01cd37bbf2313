"""What the passages say passes, also in other words; what they do not say is named."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.grounding.verify import check

MILL = "The mill at Aldby ground 11,000 sacks of rye in 2014 and cost its owners $4.5 million."
FERRY = (
    "Since May 2021 the ferry Astrid carries up to 300 passengers from Norrvik to Oslo, which is 40% more than before."
)
VOTE = (
    "The council did not approve the harbour plan because three members were absent; a second vote is set for 14 March."
)
TRIAL = "Patients who received the drug recovered in 11 days on average, compared with 15 days in the control group."
BAKERY = "Marta Lindqvist, who founded the bakery in 1987, sold it to her nephew for 2.4 million kronor."
PRICES = "Electricity prices in Norway rose by over 30% after the cable was cut, although demand remained unclear."


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        (MILL, MILL),
        (MILL.rstrip("."), MILL),
        (f"“{MILL}”", MILL),
        (MILL.replace(" sacks", "\n  sacks"), MILL),
    ],
)
def test_verbatim(sentence: str, cited: str) -> None:
    assert check(sentence, [FERRY, cited]) == ("verbatim", ())


@pytest.mark.parametrize(
    ("sentence", "cited"),
    [
        ("In 2014, the mill ground 11 thousand sacks of rye.", MILL),
        ("Its owners paid 4.5 million US dollars for the mill.", MILL),
        ("1. **The mill** cost $4,500,000.", MILL),
        ("According to the documents, the Aldby mill cost its owners $4.5 million.", MILL),
        ("Up to 300 passengers travel from Norrvik to Oslo on the Astrid.", FERRY),
        ("The ferry has carried forty percent more passengers since May 2021.", FERRY),
        ("The harbour plan was not approved by the council, because three members weren't there.", VOTE),
        ("The council failed to approve the harbour plan.", VOTE),
        ("A second vote is planned for March 14.", VOTE),
        ("Patients on the drug recovered faster (11 days) than the control group (15 days).", TRIAL),
        ("The bakery was founded by Marta Lindqvist in 1987.", BAKERY),
        ("Lindqvist sold her bakery to a nephew for 2,400,000 kronor.", BAKERY),
        ("After the cable was cut, Norwegian electricity prices increased by more than 30 per cent.", PRICES),
        ("Demand was not clear.", PRICES),
    ],
)
def test_the_same_in_other_words_is_supported(sentence: str, cited: str) -> None:
    assert check(sentence, [cited]) == ("supported", ())


@pytest.mark.parametrize(
    ("sentence", "cited", "problem"),
    [
        ("The mill ground 21,000 sacks of rye.", MILL, "the cited passage says 11,000 sacks, not 21,000"),
        ("The mill ground 11 million sacks of rye.", MILL, "the cited passage says 11,000 sacks, not 11 million"),
        ("The mill cost its owners €4.5 million.", MILL, "€4.5 million is not in the cited passage"),
        ("The mill ground 11,000 sacks of rye in 2016.", MILL, "the cited passage says 2014, not 2016"),
        ("The mill at Norrvik ground 11,000 sacks of rye.", MILL, "“Norrvik” is not in the cited passage"),
        ("The ferry carries 300 passengers since June 2021.", FERRY, "the cited passage says May 2021, not June 2021"),
        ("The ferry carries 40 percentage points more.", FERRY, "40 percentage points is not in the cited passage"),
        ("The council approved the harbour plan.", VOTE, "the opposite"),
        ("A second vote is not set for 14 March.", VOTE, "the opposite"),
        ("Patients recovered in 11 weeks on average.", TRIAL, "11 weeks is not in the cited passage"),
        ("Electricity prices in Norway fell by over 30%.", PRICES, "the opposite"),
        ("Electricity prices in Norway rose before the cable was cut.", PRICES, "the opposite"),
        ("Olsen founded the bakery in 1987.", BAKERY, "“Olsen” is not in the cited passage"),
        ("The old harbour freezes over in most winters.", BAKERY, "the cited passage does not speak of"),
        (
            "The gate key opens the main gate.",
            "A lost key costs 18 euros.",
            "does not speak of “gate”, “opens”, “main”",
        ),
    ],
)
def test_what_is_not_so_is_named(sentence: str, cited: str, problem: str) -> None:
    verdict = check(sentence, [cited])
    assert verdict.support == "not_found"
    assert any(problem in one for one in verdict.problems), verdict.problems


@pytest.mark.parametrize(
    "sentence",
    [
        "Here is what the documents say:",
        "According to the documents,",
        "Sure!",
        "The documents do not mention the price.",
        "I do not have enough information to answer.",
        "",
    ],
)
def test_words_that_claim_nothing(sentence: str) -> None:
    assert check(sentence, []).support == "none"


@pytest.mark.parametrize(
    "sentence",
    [
        "Yes, the tenant may sublet freely.",
        "In summary, Marta sold the dairy.",
        "Of course the tenant may sublet.",
        "Please note that Marta sold the dairy.",
        "I am sorry, but Marta sold the dairy.",
        "No pets are excluded.",
        "Thank you, Marta sold the dairy.",
        "The documents do not mention that the flat is big; Marta sold the dairy.",
        "Here are the prices: rye costs a lot.",
        "Feel free to sublet the flat.",
        "There is no information desk on the ground floor.",
    ],
)
def test_a_claim_behind_courtesies_is_checked(sentence: str) -> None:
    assert check(sentence, [VOTE]).support == "not_found"


@pytest.mark.parametrize(
    "words",
    ["rose not fell never ", "1,", "rose w", "not w ", "1-", "A ", "May ", "one and ", "The mill rose. ", "12 "],
)
def test_no_sentence_takes_long(words: str) -> None:
    start = time.process_time()
    for claim in (words * (10_000 // len(words)), words * (1_190 // len(words))):
        check(claim, [words * (10_000 // len(words)) + "end"])
    assert time.process_time() - start < 4
    assert check("the mill burned " * 99, [MILL]).problems == ("the sentence is too long to be checked",)


def test_a_claim_without_a_passage_is_not_found() -> None:
    assert check("The mill burned down.", []) == ("not_found", ("no passage was found for this sentence",))


def test_names_and_years_may_stand_beside_the_passage_and_numbers_in_a_table_header() -> None:
    row = "Rye | 11,000"
    sentence = "The mill at Aldby ground 11,000 sacks of rye in 2014."
    assert check(sentence, [row]).support == "not_found"
    assert check(sentence, [row], ["Mill of Aldby", "Grain ground | Sacks in 2014"]).support == "supported"
    assert (
        check("In May 2021 it carried 90.", ["In May it carried 90."], ["The year 2021 began well."]).support
        == "supported"
    )
    told = "The year before, it carried 80."
    assert check("It carried 80 passengers.", ["It carried 90 passengers."], [told]).support == "not_found"


def test_two_passages_together_bear_out_a_sentence() -> None:
    both = "The mill cost $4.5 million and the bakery 2.4 million kronor."
    assert check(both, [MILL, BAKERY]).support == "supported"
    assert check(both, [MILL]).support == "not_found"


def test_a_value_that_belongs_to_something_else_is_flagged() -> None:
    rye = "The Aldby mill ground 11,000 sacks of rye that year."
    wheat = "Wheat came to 4,200 sacks in the same months."
    verdict = check("The Aldby mill ground 4,200 sacks of rye.", [rye, wheat])
    assert verdict == ("not_found", ("the cited passage says 11,000, not 4,200",))


@given(st.text(max_size=300))
def test_a_sentence_is_verbatim_in_itself(text: str) -> None:
    assert check(text, [text]).support == "verbatim"


@given(st.text(max_size=200), st.lists(st.text(max_size=200), max_size=3), st.lists(st.text(max_size=60), max_size=2))
def test_any_text_is_checked(sentence: str, cited: list[str], given: list[str]) -> None:
    verdict = check(sentence, cited, given)
    assert bool(verdict.problems) == (verdict.support == "not_found")


@given(
    st.integers(2, 10**9),
    st.integers(0, 8),
    st.sampled_from(["sacks of rye", "% of the rye", "km of road", "euros for rye"]),
)
def test_a_changed_digit_is_always_flagged(value: int, place: int, unit: str) -> None:
    digits = list(str(value))
    assume(place < len(digits))
    digits[place] = str((int(digits[place]) + 1) % 10)
    changed = int("".join(digits))
    assume(changed > 0)
    passage = f"The mill at Aldby paid for {value:,} {unit} in that year."
    assert check(f"The mill paid for {changed:,} {unit}.", [passage]).support == "not_found"
