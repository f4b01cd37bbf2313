"""Questions that ask several things: each thing is searched for by itself, since one passage seldom holds them all."""

from __future__ import annotations

import re

from index import sentence_spans
from rag.words import content_words, stop_words

MOST = 3  # parts that are searched for
LONGEST = 600  # characters that are taken apart; what is longer tells more than it asks

_WH = r"(?:(?:who|what|when|where|how)s|who|whom|whose|what|which|when|where|why|how)"
_ASKS = rf"(?:(?:\w+ )?{_WH}|(?:is|are|was|were|do|does|did|can|will) \w+)\b"
_AND = re.compile(rf",?\s+(?:and|but|or)\s+(?={_ASKS})", re.IGNORECASE)
_QUESTION = re.compile(rf"^\W*{_ASKS}|\?\s*$|^\W*(?:name|list|tell|give|compare|explain|describe)\b", re.IGNORECASE)
_NAME = (
    r"\b[A-Z][\w.&’'-]{0,30}(?:\s+[A-Z][\w.&’'-]{0,30}){0,5}(?:\s+\d{1,4}\b)?"
    r"(?:\s+(?:in|of|for|since|from)\s+(?:[A-Z][a-z]{2,15}\s+)?\d{4}\b)?"
)
_TWO_NAMES = re.compile(
    rf"(?P<one>{_NAME})\s*,?\s+(?:and|or|versus|vs\.?|than)\s+(?:(?:of|by|for|in|at|the)\s+){{0,2}}(?P<two>{_NAME})"
)
_SEPARATELY = re.compile(r"\b(?:compare[sd]?|both|each|respectively|or|versus|vs|than)\b", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s+(?:the\s+)?$", re.IGNORECASE)
_QUOTED = re.compile(r"\"[^\"]*\"|“[^”]*”|«[^»]*»")
_LEAD = re.compile(rf"^(?!.*\b{_WH}\b.*:)[^:?!.]{{3,60}}:\s+(?=\S)", re.IGNORECASE)
_TWO_ASKED = re.compile(rf"\b(?P<one>{_WH})\s+and\s+(?P<two>{_WH})\b", re.IGNORECASE)
_EACH = re.compile(
    r"\b(?:do|does|did|are|is|were|was|have|has|had|of|for|by|in)\s+(?P<one>[\w'’-]+(?: [\w'’-]+){0,3}?) and "
    r"(?P<two>[\w'’-]+(?: [\w'’-]+){0,3}?) (?:each|both|respectively)\b",
    re.IGNORECASE,
)
_BETWEEN_TIMES = re.compile(
    r"\bhow (?:long|much time|many (?:days|weeks|months|years)) (?:(?:is|are|was|were|do|does|did|had|have) )?"
    r"(?:(?:it|there) )?(?:(?:lay|lies?|pass(?:ed)?|elapsed|went by) )?between (?P<one>[^\d,?][^,?]{2,80}?) and "
    r"(?P<two>[^\d,?][^,?]{2,80}?)(?=\s*\?|$)",
    re.IGNORECASE,
)
_ALTERNATIVES = re.compile(r"[,:]\s+(?P<one>[^,?]+?),?\s+or\s+(?P<two>[^,?]+?)(?=\s*\?|\s*$)")
_ANOTHER = re.compile(
    rf",\s+(?!{_ASKS})((?:[\w'’-]+ ){{0,2}}[\w'’-]+)$", re.IGNORECASE
)  # of more than two alternatives
_COMPARES = re.compile(r"\b(?:\w{2,}er|\w+est|more|less|most|least|first|last|worse|same)\b", re.IGNORECASE)
_PRONOUN = re.compile(r"\b(he|she|him|her|his|hers|they|them|their|it|its)\b", re.IGNORECASE)
_MIDDLE_NAME = re.compile(r"(?<=\w )[A-Z]\w+")
_ELLIPSIS = re.compile(r"^\W*(by|for|with|at|on|in|to|from|of|under)\b", re.IGNORECASE)
_TOPIC = re.compile(r"\s(\([^()]*\)[?!.]?)$")  # what a follow-up carries with it: it belongs to every part
_FEWEST = 2  # content words with which a part can stand alone; one more where it begins with a preposition


def parts(question: str) -> list[str]:
    """The things that a question asks, each as a question of its own; none where it asks for one.

    Two names or alternatives that share a frame ("the income of A in 2018 and B in 2020") give the frame with each;
    else clauses with a question word of their own are taken apart, and what cannot stand alone keeps the one before.
    """
    if len(question) > LONGEST:
        return []
    if topic := _TOPIC.search(question):
        return [f"{part.rstrip(' ?!.')} {topic[1]}" for part in parts(question[: topic.start()])]
    if choices := _times(question) or _alternatives(question) or _shared(question) or _names(question):
        return choices if len(choices) <= MOST else []
    lead = _LEAD.match(question) if len(sentence_spans(question)) == 1 else None  # else what it leads to is told
    subject = lead[0].strip() if lead else ""
    asked: list[str] = []
    told = subject
    for clause in _clauses(question[lead.end() if lead else 0 :]):
        if not lead and not _QUESTION.search(clause):
            told = f"{told} {clause}".strip()  # what is told, not asked, belongs to what is asked next
        elif asked and _own_words(f"{subject} {clause}") < _FEWEST + bool(_ELLIPSIS.match(clause)):
            asked.append(f"{asked[-1]} {clause}")
        else:
            names = _MIDDLE_NAME.findall(asked[-1]) if asked and _PRONOUN.search(clause) else []
            asked.append(" ".join([told, *names, clause]).strip())
            told = subject
    whole = len(asked) < 2 or any(not _own_words(part) for part in asked)
    return [] if whole else asked[:MOST]


def _times(question: str) -> list[str]:
    """ "How long was it between A and B?" with the time of each."""
    pair = _BETWEEN_TIMES.search(question)
    return [f"When was {pair[name].strip()}?" for name in ("one", "two")] if pair else []


def _alternatives(question: str) -> list[str]:
    """ "Which is longer, A or B?" with each of what it compares."""
    pair = _ALTERNATIVES.search(question)
    if not pair or not _COMPARES.search(question[: pair.start()]):
        return []
    before, choices = question[: pair.start()], [pair["one"], pair["two"]]
    while another := _ANOTHER.search(before):
        before, choices = before[: another.start()], [another[1], *choices]
    return [f"{before}, {choice}{question[pair.end() :]}" for choice in choices]


def _shared(question: str) -> list[str]:
    """ "When and where …?" with each question word, and "how do A and B each …?" with each of the two."""
    masked = _masked(question)
    if not (pair := _TWO_ASKED.search(masked) or _EACH.search(masked)):
        return []
    return [question[: pair.start("one")] + pair[name] + question[pair.end("two") :] for name in ("one", "two")]


def _names(question: str) -> list[str]:
    """ "What is the income of A in 2018 and B in 2020?" with each name. "Trinidad and Tobago" may be one: single words
    without a number are parted only where the question says that they are two. A quoted title is one name."""
    masked = _masked(question)
    for start, end in sentence_spans(question):
        first = len(masked[start:end].partition(" ")[0])  # no name is "Compare Alder"
        for pair in _TWO_NAMES.finditer(masked, start + first, end - (question[end - 1] in ".?!")):
            before, names = question[: pair.start()], (pair["one"], pair["two"])
            two = all(re.search(r"[\s\d]", name) for name in names) or _SEPARATELY.search(question)
            if two and names[0] != names[1] and not _BETWEEN.search(before):
                return [f"{before}{name}{question[pair.end() :]}".replace("..", ".") for name in names]
    return []


def _masked(question: str) -> str:
    """The question with what stands in quotation marks made unreadable, in the same places."""
    return _QUOTED.sub(lambda quoted: "_" * len(quoted[0]), question)


def _clauses(question: str) -> list[str]:
    clauses = []
    masked = _masked(question)
    for start, end in sentence_spans(question):
        for cut in _AND.finditer(masked, start, end):
            clauses.append(question[start : cut.start()])
            start = cut.end()
        clauses.append(question[start:end])
    return clauses


def _own_words(clause: str) -> int:
    return len(set(content_words(clause)) - stop_words(clause))
