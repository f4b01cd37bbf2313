"""Whether sentences are borne out by what they cite."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal

from eval.measure import Outcome
from rag import Answer, Citation, Fact, Statement, check, facts, same, sentence_spans, within

_DIGITS = re.compile(r"\d{1,3}(?:[,\u00a0\u202f\u2009]\d{3})+(?!\d)(?:\.\d+)?|\d{1,3}(?:\.\d{3})+(?!\d)|\d+(?:\.\d+)?")
_GROUPING = re.compile(r"[,\u00a0\u202f\u2009]|\.(?=\d{3}(?:\.|$))")
_EDGES = " \t\n\"'“”‘’«»*_.。"
_MAGNITUDE = re.compile(r"(?:hundred|thousand|million|billion|trillion)s?\b|\d ?(?:k|m|bn|b|tn|t)\b", re.IGNORECASE)
COUNTED = 4  # what is counted of a passage ("both", "two leaders") need not be written there


def numbers_in_quotes(outcome: Outcome, answer: Answer) -> bool | None:
    """Whether every number of the sentences that are said to be borne out stands in what they cite; None without such a
    sentence. A verbatim one has to have it in its quotes, digit by digit; another may have it in another spelling, or
    from what stands beside the quote: heading, title, table header, the sentence before."""
    said = [statement for statement in answer.statements if statement.borne_out]
    return all(not list(strange_numbers(outcome, answer, one)) for one in said) if said else None


def strange_numbers(outcome: Outcome, answer: Answer, statement: Statement) -> Iterator[str]:
    """The numbers and dates of a sentence that do not stand in what it cites."""
    verbatim = statement.support == "verbatim"
    cited = _cited(answer, statement)
    texts = [citation.quote for citation in cited]
    texts += [] if verbatim else [text for citation in cited for text in given(outcome, citation)]
    stated = [fact for text in texts for fact in facts(text)]
    known = {value for text in texts for value in _unscaled(text)}
    digits = _digits(statement.text)
    for fact in facts(statement.text):
        if fact.kind in ("number", "date"):
            inside = [digits.pop(place) for place in list(digits) if fact.start <= place[0] and place[1] <= fact.end]
            may_be_counted = not inside and not verbatim and (fact.key == "weak" or fact.low <= COUNTED)
            written = inside and known.issuperset(inside) and not _MAGNITUDE.search(fact.text)
            if not (written or may_be_counted or any(_says(one, fact, exactly=verbatim) for one in stated)):
                yield fact.text
    yield from (statement.text[start:end] for (start, end), value in digits.items() if value not in known)


def verbatim_in_quote(outcome: Outcome, answer: Answer) -> bool | None:
    """Whether every sentence that is said to be verbatim stands word for word in a quote that it cites, white space and
    the marks around it aside; None without such a sentence."""
    said = [statement for statement in answer.statements if statement.support == "verbatim"]
    if not said:
        return None
    return all(any(_plain(one.text) in _plain(c.quote) for c in _cited(answer, one)) for one in said)


def citation_recall(outcome: Outcome, answer: Answer) -> float | None:
    """The share of sentences that the union of their citations bears out; None without a sentence that claims
    something."""
    claims = _claims(answer)
    return sum(_borne_out(outcome, one, _cited(answer, one)) for one in claims) / len(claims) if claims else None


def citation_precision(outcome: Outcome, answer: Answer) -> float | None:
    """The share of citations that are not superfluous, over all sentences; None without a sentence that claims
    something, 0 where none of them cites. One is superfluous where its sentence is not borne out at all, or where it
    does not bear it out alone and the others do without it."""
    claims = _claims(answer)
    needed = [
        _borne_out(outcome, claim, cited)
        and (
            _borne_out(outcome, claim, [one])
            or not _borne_out(outcome, claim, [other for other in cited if other is not one])
        )
        for claim in claims
        for cited in [_cited(answer, claim)]
        for one in cited
    ]
    return sum(needed) / (len(needed) or 1) if claims else None


def given(outcome: Outcome, citation: Citation) -> list[str]:
    """What stands beside a quote: its title, heading, the sentence before, and a table's header where it was found."""
    contexts = [
        passage.context
        for passage in outcome.passages
        if passage.source == citation.source and passage.start < citation.end and citation.start < passage.end
    ]
    before = [citation.before[start:end] for start, end in sentence_spans(citation.before)]
    return list(dict.fromkeys(filter(None, (citation.title, citation.heading or "", *before[-1:], *contexts))))


def _borne_out(outcome: Outcome, statement: Statement, cited: Sequence[Citation]) -> bool:
    if not cited:
        return False
    beside = dict.fromkeys(text for citation in cited for text in given(outcome, citation))
    return check(statement.text, [c.quote for c in cited], list(beside)).support in ("verbatim", "supported")


def _claims(answer: Answer) -> list[Statement]:
    return [one for one in answer.statements if one.support != "none"] if answer.status == "answered" else []


def _cited(answer: Answer, statement: Statement) -> list[Citation]:
    return [citation for citation in answer.citations if citation.number in statement.citations]


def _digits(text: str) -> dict[tuple[int, int], Decimal]:
    """The numbers that are written in digits, by their place: "1,200", "1.200", and "1200.0" are the same."""
    return {match.span(): Decimal(_GROUPING.sub("", match[0])) for match in _DIGITS.finditer(text)}


def _unscaled(text: str) -> Iterator[Decimal]:
    """The numbers in digits, but for those that a word makes larger: 3 is not in "3 million"."""
    scaled = [fact for fact in facts(text) if fact.kind == "number" and _MAGNITUDE.search(fact.text)]
    for (start, end), value in _digits(text).items():
        if not any(fact.start <= start and end <= fact.end for fact in scaled):
            yield value


def _says(stated: Fact, fact: Fact, *, exactly: bool) -> bool:
    """Whether what is stated says a number or date of a sentence; unless `exactly`, "about 12,000" for 11,900."""
    if fact.kind == stated.kind == "date":
        return within(fact, stated)
    exact = replace(stated, approximate=False)
    return fact.kind == stated.kind == "number" and same(replace(fact, approximate=False) if exactly else fact, exact)


def _plain(text: str) -> str:
    return " ".join(text.split()).strip(_EDGES)
