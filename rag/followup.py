"""Follow-ups: a question that leans on the conversation is completed from it; one that stands alone is left as it is.

Three ways, the most readable that fits: the new value takes the place of the old one ("and in 2023?"), the pronoun is
replaced by what the question before was about ("how old is he?" after "who is Ada Byron?"), or the topic is put behind
the question in parentheses. Whether a question leans back is told by its form where that is plain; where it is not
(few words, "I", "this kind"), it leans back if one passage fits both it and the topic, it finds none by itself, and
the documents do not speak of what it names.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from index import MiniLM, VectorsUnreadable
from rag.answer import Turn
from rag.question import LONGEST, about_assistant, bare, named
from rag.retrieve import Retriever
from rag.words import content_words, fold, stems, stop_words

_TURN = 1000  # characters of a turn that are read
_DEEPEST = 4  # questions of a conversation that may lean on each other
_TURNS = 50  # turns looked back for one that says something
_TOPIC = 30  # words
_NEAREST = 10  # passages looked at for each of question, topic and both
_COHERENT = 0.7  # of the cosine of the nearest passage
_FOUND = 0.55  # cosine from which a passage answers a question as it stands, or is plainly about a topic
_ALIKE = 0.15  # of question and topic: what has less is about something else
_FEW = 3  # content words: with fewer, a question may lean back
_TELLING = 6  # content words: with more, a question says itself what it is about
_LATELY = 800  # characters of the turn before that tell what it was about

_I = re.IGNORECASE
_FILLER = r"^\W*(?:(?:ok|okay|yes|yeah|well|oh|hm+|i see|great|thanks|thank you)\b\W*)*"
_LEAD = re.compile(
    rf"{_FILLER}(?:(?:and|but|or|also|so|then|no|nope|sorry|actually|rather|(?:i|we) meant?|what about|how about)\b"
    r"[\s,:;.-]*)*",
    _I,
)
_CONTINUES = re.compile(
    rf"{_FILLER}(?:(?:and|but|or|also|then|what about|how about|why not)\b|(?:no|nope)\s*[,;.:!-]|"
    r"(?:(?:no|sorry|actually)\W+)?(?:i|we)(?:['’]m| am)? (?:meant?|talking about|asking (?:for|about))\b)",
    _I,
)
_TRAILS = re.compile(r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\b(there|then)\W*$|\b(ones?|any)\W*$", _I)
_ENDS_POINTING = re.compile(r"\b(this|that|these|those)\W*$", _I)
_DEFINES = re.compile(r"^\W*(what|who|where)('s|\s+(is|are|was|were))\b|^\W*(define|explain|describe)\b", _I)
_ASKS = re.compile(r"^\W*(\w+ )?(what|which|who|whom|whose|where|when|why|how)\b", _I)
_PERSON = re.compile(r"\b(he|she|him|her|his|hers|himself|herself)\b", _I)
_THING = re.compile(r"\b(they|them|their|theirs|it|its|this|that|these|those|one|ones)\b", _I)
_INVERTED = re.compile(
    r"^\W*(?:(?:(?:in|on|at|for|from|to|by|with|of) )?"
    r"(?:what|which|whose|how|when|where|why|who|whom)\b(?: [\w-]+){0,3}? )?"
    r"(?:(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had|must|may|might)(?:n['’]t)?) "
    r"(?:he|she|it|they|this|that|these|those)\b",
    _I,
)
_SUBORDINATES = re.compile(r"\b(which|who|whom|that|when|where|while|because|if|after|before|as|than)\s+$", _I)
_NO_PRONOUN = re.compile(
    r"\b(this|that|these|those)\s+\w+|"
    r"\b(is|was|are|were|isn['’]t)\s+it\s+(that|true|possible|necessary|allowed|worth)\b|"
    r"\bit\s+(takes?|took|costs?)\b(?=.* to \w)|"
    r"\b(?:is|are|was|were|about|at|by|for|from|in|of|on|per|than|to|with) one "
    r"(?!(?:of|per|for|in|at|on|to|with|from|by)\b)[a-z]\w+|\b(?:do|does|did|can|could|will|would) one \w+ of\b|"
    r"\b(?:its|their) [\w-]+ (?:has|do|does|did) (?-i:[A-Z])\w* \w",
    _I,
)
_INTRODUCES = re.compile(
    r"^(?!.*:)\W*(?:(?:i|we) (?:have|had|know|met) )?(?:an?|the|my|our|some|someone|somebody)\b", _I
)
_POINTS_BACK = re.compile(r"\b(this|these|those|such|other|another|else|i|my|me|we|our)\b", _I)
_NAME_INSIDE = re.compile(r"(?<=[\w,;:'’)] )(?!I\b)[A-Z]\w*|\b\w*\d\w*\b")
_OTHER = re.compile(r"\b(this|these|those|such|other|another|else)\b", _I)
_ARTICLE = re.compile(r"\b(?:the|an?) (\w+)", _I)
_HOLLOW = frozenset(
    "much many long often far high big old large late early please tell thank thanks sorry apologies apology fine "
    "great good nice okay ok yes yeah see sure wow hi hello any more else further detail details continue go example "
    "examples explain elaborate really mean info information".split()
)

_YEAR = re.compile(r"\b(?:1[0-9]|20)\d\d\b")
_NAME = r"[A-Z][\w.'’&-]*(?: (?:of |the |de |van )?[A-Z0-9][\w.'’&-]*){0,4}"
_PHRASE = re.compile(
    rf"^(?:(?P<preposition>in|on|at|for|of|by|from|with|to|during|since|until|before|after|under)\s+)?"
    rf"(?:(?P<year>(?:1[0-9]|20)\d\d)|(?P<name>(?:the )?{_NAME}))$"
)
_COUNTS = {word: n for n, word in enumerate("zero one two three four five six seven eight nine ten".split())} | {"a": 1}
_LATER = re.compile(
    rf"^(?:(?P<count>\d{{1,2}}|{'|'.join(_COUNTS)}) (?P<unit>day|week|month|year|decade)s? "
    r"(?:(?P<later>later|after|afterwards)|earlier|before)|"
    r"(?:in )?the (?:(?P<next>year after|following year|next year)|year before|previous year))$",
    _I,
)
_ABOUT = re.compile(
    r"^\W*(?:(?:who|what)(?:['’]s| is| was|(?P<several> are| were))|"
    r"(?:please |can you |could you )*(?:tell me(?: more)? about|define|explain|describe))\s+"
    r"(?P<subject>[^,;:?!]{2,60}?)\W*$",
    _I,
)
_SEVERAL = re.compile(r"(?<!s)(?<!i)(?<!u)s$| and ", _I)  # a plural
_CORRECTS = re.compile(
    rf"{_FILLER}(?:(?:(?:no|nope|sorry|actually)\b[\s,;.:!-]+)+(?:(?:i|we) meant?\s+)?|(?:i|we) meant?\s+)(?P<meant>\S.*)",
    _I | re.DOTALL,
)
_HEAD = re.compile(
    r"(?P<article>the|an?|my|our) (?:[\w'’-]+ ){0,2}?[\w'’-]+(?=$| (?:of|for|in|on|at|to|from|with|by|per)\b)", _I
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e]+")
_MARKUP = re.compile(r"<[^<>]{0,200}>|\[\d{1,3}(?:, ?\d{1,3})*\]|[*_`#>|]+")
_CAPITALS = re.compile(rf"(?<![.!?] )(?<!^)\b{_NAME}")

Fits = Callable[[str, str], bool]


def fits(retriever: Retriever, question: str, topic: str, only: Sequence[str] = ()) -> bool:
    """Whether the documents say that a question needs a topic: no passage is near the question by itself, yet one that
    is about as near to it as the nearest is near to the topic too; where it does not point back, they are about the topic
    plainly.

    The bounds are cosines of MiniLM; other embedders have other ones, so False for them. Raises as `retrieve` does.
    """
    if not isinstance(retriever.index.embedder, MiniLM):
        return False
    asked, told = (retriever.encoder.encode(text).vector for text in (question, topic))
    both = (asked + told) / np.linalg.norm(asked + told)
    with retriever.index.snapshot() as catalog:
        documents = retriever.index.documents_matching(only)
        if any(0 < len(catalog.match(words, _NEAREST + 1, documents)) <= _NEAREST for words in _distinctive(question)):
            return False
        try:
            near = [retriever.index.nearest(vector, _NEAREST, documents) for vector in (asked, told, both)]
        except VectorsUnreadable:
            return False
        records = catalog.passages(list({passage for found in near for passage in found}))
        vectors = catalog.vectors([record.key for record in records.values()])
    if not vectors:
        return False
    cosines = np.stack(list(vectors.values())) @ np.stack([asked, told]).T
    best = cosines.max(axis=0)
    least = 0.0 if _POINTS_BACK.search(question) else _FOUND
    if asked @ told < _ALIKE or not 0 < best[0] < _FOUND or best[1] <= least:
        return False
    return bool((cosines / best).min(axis=1).max() >= _COHERENT)


def _distinctive(question: str) -> list[str]:
    """FTS5 queries for what a question names by itself: all its own words, two at least, and each "the X" or "an X".
    Where it points back ("other", "I") these say less."""
    own = _own(question)
    wanted = [" AND ".join(f'"{word}"' for word in own)] if len(own) > 1 and not _OTHER.search(question) else []
    if not _POINTS_BACK.search(question):
        wanted += [f'"{noun}"' for noun in map(fold, _ARTICLE.findall(question)) if noun in own]
    return wanted


def completed(question: str, history: Sequence[Turn], fits: Fits | None = None) -> str:
    """The question as it is understood: completed from the turns before it where it cannot stand alone, else as it is.

    `fits` is asked where the form leaves it open; without it such a question is left alone. Never raises.
    """
    turns = list(_telling(history))
    return _completed(question, turns, fits, _DEEPEST)[:LONGEST] if turns else question


def lately(question: str, history: Sequence[Turn]) -> str:
    """What the turn before was about, for a question that may be about it still without saying so: its question and
    answer; "" where there is none, or the question says enough."""
    turn = next(_telling(history), None)
    return f"{turn.question} {turn.answer}"[:_LATELY] if turn and len(_own(question)) <= _TELLING else ""


def leans_back(question: str) -> bool:
    """Whether the form alone says that a question needs the one before it: it begins like a continuation ("and in
    2023?"), has no word of its own, or has a pronoun before anything that it could stand for."""
    own = _own(question)
    if _CONTINUES.match(question) or _TRAILS.search(question) or not own:
        return True
    if len(own) <= _FEW and _ENDS_POINTING.search(question):
        return True
    rest = _LEAD.sub("", question).strip(" ?!.,")
    phrase = _PHRASE.match(rest)
    if _LATER.match(rest) or (phrase and (phrase["preposition"] or phrase["year"])):
        return True
    names = any(noun in own for noun in map(fold, _ARTICLE.findall(question)))
    if len(own) == 1 and not names and _ASKS.match(question) and not _DEFINES.match(question):
        return True
    plain = _NO_PRONOUN.sub("", question)
    if _INVERTED.match(plain):
        return True
    person, thing = _PERSON.search(question), _THING.search(plain)
    if person:
        before = question[: person.start()]
        told = _own(before)
        introduced = (told[2:] and _INTRODUCES.match(before)) or (told[1:] and _SUBORDINATES.search(before))
        return not re.search(r"(?<=\w )[A-Z][a-z]+", before) and not introduced
    return thing is not None and (len(own) == 1 or not _own(plain[: thing.start()]))


def may_lean_back(question: str) -> bool:
    """Whether a question without a name or number is so short, or points back so ("this kind", "other", "I"), that the
    documents must tell whether it needs a topic."""
    if _NAME_INSIDE.search(question):
        return False
    return len(_own(question)) <= _FEW or bool(_POINTS_BACK.search(question))


def _telling(history: Sequence[Turn]) -> Iterator[Turn]:
    """The turns that say something, newest first, cut and cleaned."""
    for turn in reversed(history[-_TURNS:]):
        question = bare(_clean(turn.question))
        if _own(question) and not about_assistant(question):
            yield Turn(question, _clean(turn.answer))


def _clean(text: str) -> str:
    plain = text[:_TURN].encode("utf-8", "replace").decode()
    return " ".join(_MARKUP.sub(" ", _CONTROL.sub(" ", plain)).split())


def _own(question: str) -> list[str]:
    return [word for word in content_words(question) if word not in stop_words(question) and word not in _HOLLOW]


def _completed(question: str, turns: Sequence[Turn], fits: Fits | None, depth: int) -> str:
    if not turns or not depth:
        return question
    leans = leans_back(question)
    if not leans and not (fits and may_lean_back(question)):
        return question
    before = _completed(turns[0].question, turns[1:], None, depth - 1)
    if leans and (replaced := _replaced(question, before) or _resolved(question, before)):
        return replaced
    topic = _topic(question, turns, depth)
    if not topic or not (leans or (fits and fits(question, topic))):
        return question
    if leans and (corrected := _CORRECTS.match(question)):
        question = corrected["meant"]
    body = question.rstrip(" ?!.")
    return f"{body} ({topic}){question[len(body) :].strip()[:1]}"


def _replaced(question: str, before: str) -> str | None:
    """ "and in 2023?": the question before with the new year or name in the place of its only one of that kind."""
    rest = _LEAD.sub("", question).strip(" ?!.,")
    if _CORRECTS.match(question) and _HEAD.fullmatch(rest) and (name := named(before)):
        heads = [head for head in _HEAD.finditer(name) if head["article"].lower() == rest.split()[0].lower()]
        if len(heads) == 1:
            return before.replace(name, name[: heads[0].start()] + rest + name[heads[0].end() :], 1)
    later = _LATER.match(rest)
    if later and (later["unit"] or "year").lower() in ("year", "decade") and len(_YEAR.findall(before)) == 1:
        return _YEAR.sub(lambda year: str(int(year[0]) + _shift(later)), before)
    phrase = _PHRASE.match(rest)
    if not phrase:
        return None
    preposition, year, name = phrase["preposition"], phrase["year"], phrase["name"]
    if preposition and name:
        slots = list(re.finditer(rf"\b(?<={preposition} )(?:the )?{_NAME}", before))
    else:
        slots = list((_YEAR if year else _CAPITALS).finditer(before))
    if len(slots) == 1:
        return before[: slots[0].start()] + (year or name) + before[slots[0].end() :]
    if slots or (not preposition and not year):
        return None
    body = before.rstrip(" ?!.")
    return f"{body} {preposition or 'in'} {year or name}{before[len(body) :].strip()[:1]}"


def _shift(later: re.Match[str]) -> int:
    """How many years "seven years later" or "the year before" lies ahead."""
    count = (later["count"] or "a").lower()
    years = int(count) if count.isdigit() else _COUNTS[count]
    return (
        years
        * (10 if (later["unit"] or "").lower() == "decade" else 1)
        * (1 if later["later"] or later["next"] else -1)
    )


def _resolved(question: str, before: str) -> str | None:
    """The question with what the one before was about ("who is …?", or a bare name) instead of its only pronoun, where
    both are one or both are several."""
    plain = _NO_PRONOUN.sub(lambda match: "-" * len(match[0]), question)
    found = list(re.finditer(r"\b(he|she|him|her|his|it|its|they|them|their)\b", plain, _I))
    about = _ABOUT.match(before)
    subject = about["subject"] if about else "" if _ASKS.match(before) or before.endswith("?") else before.strip(" .!")
    if not found or len({m[0].lower() for m in found}) > 1 or not 0 < len(subject.split()) <= 5 or not _own(subject):
        return None
    first = found[0]
    several = bool(about and about["several"]) or bool(_SEVERAL.search(subject))
    if several != first[0].lower().startswith("the"):
        return None
    owns = first[0].lower() in ("his", "its", "their") or (
        first[0].lower() == "her" and plain[first.end() :][1:2].isalpha()
    )
    ending = ("'" if several else "'s") if owns else ""
    return question[: first.start()] + subject + ending + question[first.end() :]


def _topic(question: str, turns: Sequence[Turn], depth: int) -> str:
    """What the turns before were about: the name in the question before or else the whole of it, what that one leaned
    on, and the one name that its answer brought where a person is asked for; words of the question itself are none."""
    phrases = []
    for turn in turns[:depth]:
        sentences = re.split(r"(?<=[.!?])\s+", turn.question)
        asked = [
            sentence for sentence in sentences if sentence.endswith("?") and len(_own(sentence)) >= _FEW
        ] or sentences
        phrases += [named(one) or _LEAD.sub("", one).strip(" ?!.,;:") for one in asked]
        if not leans_back(turn.question):
            break
    if _PERSON.search(question):
        sentence = re.split(r"(?<=[a-z)][.!?]) ", turns[0].answer, maxsplit=1)[0]
        names = {m[0] for m in re.finditer(_NAME, sentence) if " " in m[0]}
        phrases[:0] = names if len(names) == 1 else ()
    mine = stems(question)
    told = [phrase for phrase in phrases if not stems(" ".join(_own(phrase))) <= mine]
    return " ".join("; ".join(told).replace("(", "").replace(")", "").split()[:_TOPIC])
