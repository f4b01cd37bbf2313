"""The facts of a text that can be compared: numbers, dates, names, negations, words of direction.

Read by patterns and tables (`lexicon`), English first. What is read is what stands there: "11 thousand" and "11,000"
are the same number, "40 %" and "forty percent" too; nothing is looked up and nothing is guessed.
"""

from __future__ import annotations

from rag.grounding.facts.fact import Fact, Kind, is_measure, same, same_value, within
from rag.grounding.facts.read import canonical, facts

__all__ = ["Fact", "Kind", "canonical", "facts", "is_measure", "same", "same_value", "within"]
