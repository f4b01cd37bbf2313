"""Sentences that say what the cited texts say, in other words, and sentences that say something else."""

from __future__ import annotations

import pytest

from rag.grounding.verify import check

# sentence, what it cites, what stands beside
TRUE = [
    ("Pets are forbidden.", ("Pets are not allowed in the flats.",), ()),
    ("Pets are not allowed.", ("Pets are prohibited in the flats.",), ()),
    ("Pets are forbidden in the flats.", ("Pets are not allowed in the flats.",), ()),
    ("Smoking is not allowed in the common rooms of the house.", ("Smoking is prohibited in the common rooms of the house.",), ()),
    ("The rent is €2,450 a month.", ("The monthly rent is 2,450 euros.",), ()),
    ("The monthly rent is 2,450 euros.", ("The rent is €2,450 a month.",), ()),
    ("Staff get 45 minutes and apprentices 30.", ("Staff get a break of 45 minutes, apprentices one of 30 minutes.",), ()),
    ("They meet once every six weeks.", ("The board meets every six weeks.",), ()),
    ("The notice period is 42 days.", ("The notice period is six weeks.",), ()),
    ("The tank holds 1.500 litres.", ("The tank holds 1,500 litres.",), ()),
    ("The walnut loaf costs 5.60 euros.", ("Walnut loaf | 5.60 | 500",), ("Item | Price (EUR) | Weight (g)",)),
    ("The walnut loaf weighs 500 grams.", ("Walnut loaf | 5.60 | 500",), ("Item | Price (EUR) | Weight (g)",)),
    ("The walnut loaf costs 5.60 euros.", ("Walnut loaf,5.60,500",), ("Product,Price (EUR),Weight (g)",)),
    ("They buy second-hand tools.", ("The workshop buys second-hand tools only.",), ()),
    ("The manager of the bakery authorises every order above 200 euros.", ("The manager of the bakery approves every order above 200 euros.",), ()),
    ("Marta Lindqvist sold its dairy to Olof Lund in 1990.", ("Marta Lindqvist sold the dairy to Olof Lund in 1990.",), ()),
    ("A member may borrow two ladders at a time.", ("Members may borrow two ladders at a time.",), ()),
    ("The mill at Aldby mills wheat for three bakeries.", ("The mill at Aldby grinds wheat for three bakeries.",), ()),
    ("The dough requires 20 grams of yeast and rests overnight.", ("The dough needs 20 grams of yeast and rests overnight.",), ()),
    ("The committee gathers in the hall behind the church.", ("The committee meets in the hall behind the church.",), ()),
    ("This committee meets in the hall behind the church.", ("The committee meets in the hall behind the church.",), ()),
    ("The tenant pays the fee monthly to the landlord by the fifth day.", ("The tenant pays the monthly fee to the landlord by the fifth day.",), ()),
    ("The shed key is WG-207 and the tap key is WG-114.", ("Shed key | Tool shed | WG-207", "Tap key | Both taps | WG-114"), ("Item | Place | Key",)),
    ("Key WG-114 opens both taps.", ("Shed key | Tool shed | WG-207", "Tap key | Both taps | WG-114"), ("Item | Place | Key",)),
    ("The keys are WG-207 and WG-114.", ("Shed key | Tool shed | WG-207", "Tap key | Both taps | WG-114"), ("Item | Place | Key",)),
    ("The small oven costs 200 euros and the large one 300.", ("The small oven costs 200 euros.", "The large oven costs 300 euros."), ()),
    ("Marta earned 700 euros in 2020 and Lund 500 in 2021.", ("Marta earned 700 euros in 2020.", "Lund earned 500 euros in 2021."), ()),
    ("Marta Lindqvist founded the bakery in 1987 and sold it for 2.4 million kronor in 1999.", ("Marta Lindqvist founded the bakery in 1987.", "It was sold to her nephew for 2.4 million kronor in 1999."), ()),
    ("The bakery, founded in 1987, was sold for 2.4 million kronor in 1999.", ("Marta Lindqvist founded the bakery in 1987.", "It was sold to her nephew for 2.4 million kronor in 1999."), ()),
    ("Founded by Marta Lindqvist, the bakery went to her nephew for 2.4 million kronor.", ("Marta Lindqvist founded the bakery in 1987.", "It was sold to her nephew for 2.4 million kronor in 1999."), ()),
    ("Marta earned more than Lund: 700 euros in 2020.", ("Marta earned 700 euros in 2020.", "Lund earned 500 euros in 2021."), ()),
]  # fmt: skip
FALSE = [
    ("Pets are allowed.", ("Pets are not allowed in the flats.",), ()),
    ("Pets are allowed.", ("Pets are prohibited in the flats.",), ()),
    ("Pets are not forbidden in the flats.", ("Pets are not allowed in the flats.",), ()),
    ("The rent is €2,450 a year.", ("The monthly rent is 2,450 euros.",), ()),
    ("The walnut loaf costs 500 euros.", ("Walnut loaf | 5.60 | 500",), ("Item | Price (EUR) | Weight (g)",)),
    ("The walnut loaf weighs 5.60 grams.", ("Walnut loaf | 5.60 | 500",), ("Item | Price (EUR) | Weight (g)",)),
    ("The notice period is 40 days.", ("The notice period is six weeks.",), ()),
    ("Staff get 45 minutes and apprentices 35.", ("Staff get a break of 45 minutes, apprentices one of 30 minutes.",), ()),
    ("The annual rent is 2,450 euros.", ("The monthly rent is 2,450 euros.",), ()),
    ("They meet twice every six weeks.", ("They meet once every six weeks.",), ()),
    ("The owner of the bakery approves every order above 200 euros.", ("The manager of the bakery approves every order above 200 euros.",), ()),
    ("The tenant pays the weekly fee to the landlord by the fifth day.", ("The tenant pays the monthly fee to the landlord by the fifth day.",), ()),
    ("The tenant pays the annual fee to the landlord by the fifth day.", ("The tenant pays the monthly fee to the landlord by the fifth day.",), ()),
    ("The lodger pays the monthly fee to the landlord by the fifth day.", ("The tenant pays the monthly fee to the landlord by the fifth day.",), ()),
    ("Members must borrow two ladders at a time.", ("Members may borrow two ladders at a time.",), ()),
    ("Guests are recommended to park in the yard after six.", ("Guests are allowed to park in the yard after six.",), ()),
    ("The dough needs 20 grams of salt and rests overnight.", ("The dough needs 20 grams of yeast and rests overnight.",), ()),
    ("The mill at Aldby grinds rye for three bakeries.", ("The mill at Aldby grinds wheat for three bakeries.",), ()),
    ("Olof Lund sold the dairy to Marta Lindqvist in 1990.", ("Marta Lindqvist sold the dairy to Olof Lund in 1990.",), ()),
    ("Some members pay for the water they use in summer.", ("All members pay for the water they use in summer.",), ()),
    ("All members only pay for the water they use in summer.", ("All members pay for the water they use in summer.",), ()),
    ("The committee meets in the garden behind the church.", ("The committee meets in the hall behind the church.",), ()),
    ("The landlord pays the monthly fee to the tenant by the fifth day.", ("The tenant pays the monthly fee to the landlord by the fifth day.",), ()),
    ("The dough needs 20 grams of yeast and rests briefly.", ("The dough needs 20 grams of yeast and rests overnight.",), ()),
    ("Key WG-114 opens the tool shed.", ("Shed key | Tool shed | WG-207", "Tap key | Both taps | WG-114"), ("Item | Place | Key",)),
    ("The shed key is WG-114.", ("Shed key | Tool shed | WG-207", "Tap key | Both taps | WG-114"), ("Item | Place | Key",)),
    ("The small oven costs 300 euros.", ("The small oven costs 200 euros.", "The large oven costs 300 euros."), ()),
    ("Marta earned 500 euros in 2020 and Lund 700 in 2021.", ("Marta earned 700 euros in 2020.", "Lund earned 500 euros in 2021."), ()),
    ("Marta earned 500 euros in 2020.", ("Marta earned 700 euros in 2020.", "Lund earned 500 euros in 2021."), ()),
    ("The bakery was founded in 1999 by Marta Lindqvist.", ("Marta Lindqvist founded the bakery in 1987.", "It was sold to her nephew for 2.4 million kronor in 1999."), ()),
]  # fmt: skip


@pytest.mark.parametrize(("sentence", "cited", "given"), TRUE)
def test_what_the_texts_say_is_supported(sentence: str, cited: tuple[str, ...], given: tuple[str, ...]) -> None:
    assert check(sentence, cited, given) == ("supported", ())


@pytest.mark.parametrize(("sentence", "cited", "given"), FALSE)
def test_what_the_texts_do_not_say_is_not_found(sentence: str, cited: tuple[str, ...], given: tuple[str, ...]) -> None:
    assert check(sentence, cited, given).support == "not_found"
