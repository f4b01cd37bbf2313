"""The writer without a model: which sentences it chooses."""

from __future__ import annotations

from dataclasses import replace

from writing import task

from rag.claims import Claim
from rag.quotes import QuotesWriter


def test_what_is_left_over_goes_to_the_parts_and_not_to_what_resembles_the_whole_question() -> None:
    asked = task("A jar costs seven euros. Ada keeps the bees. The shop is shut. Two jars cost twelve.")
    price, keeper, shop, other_price = asked.candidates

    def scored(*pairs: tuple[Claim, float]) -> list[Claim]:
        return [replace(claim, score=score) for claim, score in pairs]

    whole = scored((shop, 1.0), (price, 0.9), (keeper, 0.8), (other_price, 0.7))
    parts = [scored((price, 0.9), (other_price, 0.8), (shop, 0.6)), scored((keeper, 0.7), (shop, 0.55))]
    written = QuotesWriter().write(replace(asked, candidates=whole, parts=parts))
    assert [claim.text for claim in written] == [
        "A jar costs seven euros.",
        "Ada keeps the bees.",
        "Two jars cost twelve.",
    ]
    alone = QuotesWriter().write(replace(asked, candidates=whole))
    assert [claim.text for claim in alone] == ["A jar costs seven euros.", "Ada keeps the bees.", "The shop is shut."]
