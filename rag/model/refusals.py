"""How language models say that the documents do not tell: the fixed sentence that they are given, or words of their own.

A refusal is a hint and never decides: whether the documents tell is for `rag/silence.py` to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from index import sentence_spans
from rag.claims import Claim

REFUSED = 0.6  # share of an answer's words from which its refusals are the answer

_PREFACE = r"(?:(?:i['’]?m |i am |we are )?(?:sorry|afraid)\b\W*|(?:unfortunately|however|but|so|therefore)\b\W*|based on [^,]*,\s*)*"
_SOURCES = r"(?:documents?|excerpts?|passages?|sources?|sentences?|texts?|context|information|articles?|files?)"
_THE_SOURCES = (
    rf"(?:(?:the|these|this|those|your|any|provided|given|available|supplied|above|numbered) )*{_SOURCES}"
    r"(?: (?:that are |that is |you )?(?:provided|given|above|available|shown|supplied))?"
)
_NOT = r"(?:(?:do|does|did|can|could)(?: ?not|n['’]t)|never)"
_TELL = (
    r"(?:\w+ly )?(?:say|state|contain|mention|provide|specify|tell|include|answer|give|address|indicate|discuss|cover|"
    r"disclose|reveal|explain|describe|list|name|clarify|identify|offer|report|show|hold|help)s?\b"
)
_PATTERNS = (
    rf"{_THE_SOURCES} (?:{_NOT} {_TELL}|(?:contain|give|make|hold|provide|offer|have|say)s? (?:no|nothing)\b|(?:is|are) silent)",
    rf"none of {_THE_SOURCES} {_TELL}",
    r"(?:i|we) (?:can ?not|can['’]t|could ?n[o'’]t|could not|am (?:not able|unable) to|was unable to|did ?n['’]?o?t|"
    r"do not|don['’]t) (?:find|answer|determine|provide|see|have|know|locate|tell|say)\b",
    r"(?:i|we) (?:have|found|see) no (?:\w+ )?(?:information|answer|mention|details?)\b",
    r"there(?: is|['’]s| are) no (?:\w+ )?(?:information|mention|answer|indication|details?|record)s? ",
    r"(?:no|not enough|insufficient) (?:\w+ )?(?:information|mention|details?) (?:about|on|of|is|was|in)\b",
    rf"[^.]{{0,80}}\b(?:is|are|was|were)(?: not|n['’]t) (?:\w+ly )?(?:stated|mentioned|specified|said|given|provided|disclosed|"
    rf"found|answered) (?:in|by) {_THE_SOURCES}",
)
_REFUSAL = re.compile(rf"{_PREFACE}(?:{'|'.join(_PATTERNS)})", re.IGNORECASE)


def is_refusal(sentence: str) -> bool:
    """Whether a sentence says that the documents do not tell."""
    return _REFUSAL.match(sentence.strip()) is not None


def refused(answer: str | Iterable[Claim]) -> bool:
    """Whether an answer is (nearly) nothing but a refusal; what the documents bear out never is: of what reads as a
    refusal, only that has spans."""
    if isinstance(answer, str):
        sentences = [(answer[start:end], False) for start, end in sentence_spans(answer)]
    else:
        sentences = [(claim.text, bool(claim.spans)) for claim in answer]
    words = sum(len(text.split()) for text, _ in sentences)
    return sum(len(text.split()) for text, said in sentences if not said and is_refusal(text)) > REFUSED * words
