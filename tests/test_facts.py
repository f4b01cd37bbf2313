"""Facts are read as they are meant, and two spellings of one value are the same."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.grounding.facts import Fact, facts, same, within


def only(text: str, kind: str) -> Fact:
    (found,) = [fact for fact in facts(text) if fact.kind == kind]
    return found


def keys(text: str, kind: str) -> list[str]:
    return [fact.key for fact in facts(text) if fact.kind == kind]


@pytest.mark.parametrize(
    ("text", "low", "high", "unit"),
    [
        ("The mill ground 11,000 sacks.", 11_000, 11_000, "sack"),
        ("The mill ground 11 thousand sacks.", 11_000, 11_000, "sack"),
        ("The mill ground 10 000 sacks.", 10_000, 10_000, "sack"),
        ("It cost $4.5bn to build.", 4.5e9, 4.5e9, "usd"),
        ("It cost US$ 4.5 billion to build.", 4.5e9, 4.5e9, "usd"),
        ("It cost 4.5 billion dollars to build.", 4.5e9, 4.5e9, "usd"),
        ("It cost EUR 300k to build.", 300_000, 300_000, "eur"),
        ("It cost 300 thousand € to build.", 300_000, 300_000, "eur"),
        ("A rise of forty percent was seen.", 40, 40, "%"),
        ("A rise of 40 per cent was seen.", 40, 40, "%"),
        ("A rise of 40 percentage points was seen.", 40, 40, "pp"),
        ("Some 5-7 % of seeds die.", 5, 7, "%"),
        ("Walk 5 to 7 km there.", 5_000, 7_000, "metre"),
        ("Walk between 5 and 7 km there.", 5_000, 7_000, "metre"),
        ("Between $5 and $7 billion was lost.", 5e9, 7e9, "usd"),
        ("A budget of $5-7 million was set.", 5e6, 7e6, "usd"),
        ("He sold two hundred and five boats.", 205, 205, "boat"),
        ("He sold twenty-five boats.", 25, 25, "boat"),
        ("He sold a dozen boats.", 12, 12, "boat"),
        ("Half of the boats sank.", 50, 50, "%"),
        ("Two-thirds of the boats sank.", 66, 67, "%"),
        ("It grew twice as fast.", 2, 2, "x"),
        ("It grew 1.5-fold.", 1.5, 1.5, "x"),
        ("The harbour holds 1.000.000 litres.", 1e6, 1e6, "litre"),
        ("The harbour holds 1.000,5 litres.", 1000.5, 1000.5, "litre"),
        ("It pumps 7 million barrels per day.", 7e6, 7e6, "barrel/day"),
        ("The dose is 10 mg/kg here.", 0.01, 0.01, "gram/kg"),
        ("The 20-point plan failed.", 20, 20, "point"),
        ("A five-year lease was signed.", 60, 60, "month"),
        ("A lease of 60 months was signed.", 60, 60, "month"),
        ("The ferry leaves at 5:30 pm daily.", 1050, 1050, "clock"),
        ("The ferry leaves at 17:30 daily.", 1050, 1050, "clock"),
        ("The 21st boat sank.", 21, 21, "ordinal"),
        ("The third boat sank.", 3, 3, "ordinal"),
        ("It fell to -5 °C at night.", -5, -5, "°c"),
        ("It hired 1,200 newly trained pilots.", 1200, 1200, "pilot"),
    ],
)
def test_numbers(text: str, low: float, high: float, unit: str) -> None:
    number = only(text, "number")
    assert [number.low, number.high] == pytest.approx([low, high])
    assert number.unit == unit


def test_two_numbers_share_a_unit_and_are_no_range() -> None:
    first, second = (f for f in facts("Output rose from 5 to 7 million barrels per day.") if f.kind == "number")
    assert (first.low, first.high, first.unit) == (5e6, 5e6, "barrel/day")
    assert (second.low, second.high, second.unit) == (7e6, 7e6, "barrel/day")


@pytest.mark.parametrize(
    "text", ["One of the boats sank.", "No one came.", "The S-400 was sold.", "Version 3.11.4 is out."]
)
def test_no_numbers(text: str) -> None:
    assert not keys(text, "number")


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("It opened on 12 February 2025.", date(2025, 2, 12), date(2025, 2, 12)),
        ("It opened on February 12th, 2025.", date(2025, 2, 12), date(2025, 2, 12)),
        ("It opened on 2025-02-12.", date(2025, 2, 12), date(2025, 2, 12)),
        ("It opened on 12.02.2025.", date(2025, 2, 12), date(2025, 2, 12)),
        ("It opened on 13/02/2025.", date(2025, 2, 13), date(2025, 2, 13)),
        ("It met on 12-14 February 2025.", date(2025, 2, 12), date(2025, 2, 14)),
        ("It opened in February 2025.", date(2025, 2, 1), date(2025, 2, 28)),
        ("It opened in 2025.", date(2025, 1, 1), date(2025, 12, 31)),
        ("It opened in Q3 2024.", date(2024, 7, 1), date(2024, 9, 30)),
        ("It opened in the third quarter of 2024.", date(2024, 7, 1), date(2024, 9, 30)),
        ("It opened in the 1990s.", date(1990, 1, 1), date(1999, 12, 31)),
        ("It opened in the 19th century.", date(1801, 1, 1), date(1900, 12, 31)),
        ("It opened in FY2024.", date(2024, 1, 1), date(2024, 12, 31)),
    ],
)
def test_dates(text: str, first: date, last: date) -> None:
    found = only(text, "date")
    assert (found.first, found.last) == (first, last)


def test_dates_without_a_year() -> None:
    assert (only("It opens on 12 February.", "date").month, only("It opens on Feb. 12.", "date").day) == (2, 12)
    assert keys("It opens on Monday.", "date") == ["monday"]
    assert [fact.text for fact in facts("The fair of 2014–15 ran.") if fact.kind == "date"] == ["2014", "15"]


@pytest.mark.parametrize(
    "text", ["We may march on.", "May I come?", "It cost $2014.", "It has 2,014 rooms.", "On 31 February"]
)
def test_no_dates(text: str) -> None:
    assert not [fact for fact in facts(text) if fact.kind == "date" and fact.first]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("The ferry to Oslo left.", ["oslo"]),
        ("Yesterday the U.S. envoy met Anna Berg's team.", ["unitedstates", "anna berg"]),
        ("Ships passed. Storms came.", []),
        ("Norway's fleet grew.", ["norway"]),
        ("NATO met.", ["nato"]),
        ("In Oslo, the Bank of Norway spoke.", ["oslo", "bank of norway"]),
        ("They sold the S-400 to José.", ["s400", "jose"]),
    ],
)
def test_names(text: str, names: list[str]) -> None:
    assert keys(text, "name") == names


def test_negations_and_comparisons() -> None:
    assert len(keys("It didn't sail, nor was it ever repaired.", "negation")) == 2
    assert not keys("Not only did it sail, it won.", "negation")
    rises = [fact for fact in facts("Prices rose by more than ten euros.") if fact.kind == "comparison"]
    falls = [fact for fact in facts("Prices fell by less than ten euros.") if fact.kind == "comparison"]
    assert {(f.key, f.sign) for f in rises} == {("change", 1), ("size", 1)}
    assert {(f.key, f.sign) for f in falls} == {("change", -1), ("size", -1)}


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("about 11 thousand boats", "11,000 ships", "number"),
        ("about 1,600 boats", "1,575 boats", "number"),
        ("40 %", "forty percent", "number"),
        ("a third of it", "33% of it", "number"),
        ("half of it", "50 per cent", "number"),
        ("two years", "24 months", "number"),
        ("on 12 February", "on February 12, 2025", "date"),
        ("in 2025", "on 12 February 2025", "date"),
        ("for the U.S.", "for the United States", "name"),
    ],
)
def test_same(a: str, b: str, kind: str) -> None:
    assert same(only(a, kind), only(b, kind))
    assert same(only(b, kind), only(a, kind))


@pytest.mark.parametrize(
    ("a", "b", "kind"),
    [
        ("11,000 boats", "21,000 boats", "number"),
        ("about 83 boats", "80 boats", "number"),
        ("5 km", "5 miles", "number"),
        ("5 percent", "5 percentage points", "number"),
        ("$5 million", "€5 million", "number"),
        ("5 million", "5 billion", "number"),
        ("on 12 February", "on 13 February 2025", "date"),
        ("in May 2024", "in May 2025", "date"),
    ],
)
def test_not_same(a: str, b: str, kind: str) -> None:
    assert not same(only(a, kind), only(b, kind))


def test_a_coarser_date_is_within_a_finer_one_and_not_the_other_way_round() -> None:
    year, day = only("in 2025", "date"), only("on 12 February 2025", "date")
    assert within(year, day)
    assert not within(day, year)


@given(st.text(max_size=200))
def test_any_text_is_read_and_facts_stand_where_they_say(text: str) -> None:
    for fact in facts(text):
        assert text[fact.start : fact.end] == fact.text


@given(st.integers(0, 10**12), st.sampled_from(["boats", "%", "km", "euros"]))
def test_thousands_separators_change_nothing(value: int, unit: str) -> None:
    assert same(
        only(f"he saw {value:,} {unit}", "number"), only(f"he saw {value:,} {unit}".replace(",", "\u202f"), "number")
    )


@pytest.mark.parametrize(
    "text",
    [
        "hundred " * 160,
        "9" * 400 + " million",
        "a hundredfold, zerofold rise",
        "ſix Kelvin in fıve dayſ",
        "May " * 2500,
    ],
)
def test_any_text_has_facts_at_once(text: str) -> None:
    start = time.process_time()
    facts(text)
    assert time.process_time() - start < 2


def test_what_is_spelt_like_a_number_and_is_none() -> None:
    assert not [fact for fact in facts("They sell second-hand tools.") if fact.kind == "number"]
    assert [fact.key for fact in facts("It meets once every six weeks.") if fact.kind == "number"] == ["weak", ""]
