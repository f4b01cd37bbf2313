"""What of a sentence claims something: courtesies, lead-ins and words about the documents aside."""

from __future__ import annotations

import re

from rag.grounding.reading import read, root

LONGEST = 1200  # characters of a sentence that is checked, and of one that it is held against
EDGES = " \t\n\"'“”‘’«»*_"

_MARKS = re.compile(r"^(?:[-–—•*#>]+\s+|\(?\d{1,2}[.)]\s*(?=[^\W\d]))+")
_ABOUT = r"(?:the |these |this |your )?(?:(?:provided|given|available|cited|above) )?"
_SOURCE = rf"{_ABOUT}(?:documents?|passages?|sources?|texts?|files?|context)(?: (?:provided|given|above))?"
_OPENER = re.compile(
    r"(?:(?:yes|sure|certainly|absolutely|of course|indeed|thank you|thanks)\b[\s,.:;!–—-]*|"
    r"(?:no|ok(?:ay)?|well|right|hello|hi|you are welcome|(?:great|good) question|unfortunately|however)(?:[,.:;!–—]+\s*|\s*$)|"
    r"(?:in (?:summary|conclusion|short|brief|other words)|to (?:summari[sz]e|conclude|sum up)|overall)\b\s*[,:]?\s*|"
    r"(?:please )?note (?:that|:)\s*|it (?:should be noted|is worth noting|is important to note) that\s*|"
    r"(?:i am|i['’]m|we are) (?:sorry|afraid)(?:,? but|,|\.|$)\s*|i apologi[sz]e(?: for \w+ \w+)?(?:,? but|,|\.|$)\s*|(?:but|and|so),?\s+|"
    rf"(?:according to|based on|from|in) {_SOURCE}\s*(?:[,:]\s*|\.?$)|"
    rf"{_SOURCE} (?:say|state|mention|report|note|show|indicate)s? that,?\s+|"
    rf"(?:(?:here (?:is|are)|below (?:is|are)) [^:.!?]{{0,80}}|(?:this is )?what {_SOURCE} says?|the (?:following|short) [^:.!?]{{0,40}}):\s*)",
    re.IGNORECASE,
)
_REFUSAL = re.compile(
    r"(?:i (?:do not|don['’]t|cannot|can['’]t|could not|couldn['’]t|am unable to) "
    r"(?:have|find|see|know|provide|answer|determine|say|tell|access)|"
    rf"(?:{_SOURCE}|{_ABOUT}information) (?:do|does|did)(?: not|n['’]t) (?:\w+ly )?"
    r"(?:say|tell|mention|contain|provide|state|specify|include|give|answer|address|explain)|"
    r"there is no (?:\w+ )?(?:information|mention|indication|evidence) (?:about|of|regarding|that))\b"
    r".*?(?:\s*[;:.!?–—]\s*|,\s+(?=and |so |as |yet )|,?\s+(?:but|however|although|though|while|whereas|because)\b,?\s*|"
    r"\s+and\s+(?=[A-Z]|(?:the|it|she|he|they)\s)|$)",
    re.IGNORECASE | re.DOTALL,
)
_TALK = frozenset(  # a sentence of these words alone is talk about the answer
    map(
        root,
        "document passage source text file context information detail question answer help hope know ask free feel "
        "please note sorry apologize mention contain provide say tell find see enough specific further more true false "
        "right wrong correct incorrect sure certainly course yes thank thanks hello hi welcome great good okay ok need "
        "want like glad happy summary conclusion short following above below here".split(),
    )
)


def says_nothing(sentence: str) -> bool:
    """Whether a sentence claims nothing about the world: a greeting, a lead-in, words about the documents."""
    claim = read(claimed(sentence)[:LONGEST])
    return not claim.of("number", "date") and claim.keys <= _TALK


def claimed(sentence: str) -> str:
    """What a sentence claims: without the marks of a list, what it opens with and what the documents do not tell."""
    text = _bare(sentence).strip(EDGES)
    while text and (match := _OPENER.match(text) or _REFUSAL.match(text)):
        text = text[match.end() :]
    return text


def _bare(sentence: str) -> str:
    """A sentence without the marks of a list or of emphasis."""
    return _MARKS.sub("", sentence.strip()).replace("**", "")
