"""Questions about a sentence: turned where the grammar is safe, else a gap to be filled."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eval.drafts import english
from eval.drafts.clause import Clause, clause_of, facts_in
from eval.drafts.draft import Draft, Folder, Line, Source, self_contained
from eval.drafts.values import aliases, name_aliases
from rag import Fact, facts

FEWEST, MOST = 5, 30  # words of a sentence
FEWEST_OF_GAPPED = 7
OFTEN = 2  # times that a name occurs in the document: a gap for one that is everywhere tests nothing

_WORDS = re.compile(r"[^\W_]+(?:[.,'’/-][^\W_]+)*")
_COUNTED = re.compile(
    r"(?:[ -][a-z][\w-]*){0,2}? (?:[a-z][a-z-]+s|people|men|women|children|staff)(?![\w'’-])(?: of (?!the|which|whom)[a-z]+(?= in| |$))?"
)
_APPROXIMATE = re.compile(rf"(?:^|\s)(?:{'|'.join(map(re.escape, english.APPROXIMATE))})$", re.IGNORECASE)
_GOES_ON = re.compile(
    r"\s?[-–—/]|\s(?:and|or|until|versus)\s|\sto (?=[\dA-Z$€£]|about |over )|['’]|\s(?:anniversary|edition|version)\b"
)
_SHIFTED = re.compile(r"\s(?:later|earlier|more|ago|before|after|times|parts?)\b")
_UNIT = re.compile(r"[^\W\d]{3,}s(?: of [a-z]+)?$")
_VERBAL = english.AUXILIARIES | english.VERBS.keys()
_SPEECH = re.compile(r"^\w+: ")
_ENDS_OPEN = tuple(f" {word}" for word in english.PREPOSITIONS)
_CUT = re.compile(r"\b\d{1,2}\.\s*$")


def is_sentence(line: Line) -> bool:
    """A whole sentence of a fair length, no heading and no boilerplate."""
    lowered = line.text.lower()
    return (
        line.kind != "heading"
        and FEWEST <= len(_WORDS.findall(line.text)) <= MOST
        and not line.text[:1].islower()
        and line.text[:1].isalnum()
        and line.text.rstrip("”\"')").endswith((".", "。"))
        and " | " not in line.text
        and line.text.count("“") == line.text.count("”")
        and line.text.count("(") == line.text.count(")")
        and not _SPEECH.match(line.text)
        and not any(mark in lowered for mark in english.BOILERPLATE)
    )


def turned(source: Source, line: Line, folder: Folder) -> Iterator[Draft]:
    """ "A lost key costs 18 euros": how many euros does a lost key cost?"""
    text = " ".join(line.text.split())
    clause = clause_of(text)
    if not clause or not self_contained(clause.subject, but_first=True):
        return
    first, _, others = clause.subject.partition(" ")
    is_name = others[:1].isupper() and first.lower() not in english.COMMON
    subject = clause.subject if is_name else f"{folder.mid_sentence(first)} {others}".strip()
    asked: list[tuple[Fact, str, int, int]] = []
    found = facts_in(clause)
    for fact in found:
        if fact.kind == "date" and not clause.lead and sum(one.kind == "date" for one in found) == 1:
            asked += [(fact, *place) for place in _when(clause, fact)]
        elif fact.kind == "number":
            asked += [(fact, *place) for place in _how_many(clause, fact)]
    for fact, words, start, end in asked:
        behind = f"{text[clause.rest : start]} {text[end : clause.end]}"
        if self_contained(behind) and not behind.rstrip().lower().endswith(_ENDS_OPEN):
            yield line.draft(source, fact.kind, clause.ask(words, subject, behind), fact.text.strip(), (aliases(fact),))


def _when(clause: Clause, fact: Fact) -> Iterator[tuple[str, int, int]]:
    """Question words, and what they replace."""
    before = clause.text[clause.rest : fact.start].rstrip(" ,")
    words = before.split()
    if words and words[-1] in english.WEEKDAYS:  # "on Saturday 12 April"
        before = before.removesuffix(words.pop()).rstrip()
    if not words or words[-1].lower() not in english.WHEN or _GOES_ON.match(clause.text, fact.end):
        return
    number = any(one.kind == "number" for one in facts_in(clause))
    if fact.key.endswith("day") or (words[-1].lower() == "since" and number):
        return
    yield english.WHEN[words[-1].lower()], clause.rest + len(before) - len(words[-1]), fact.end


def _how_many(clause: Clause, fact: Fact) -> Iterator[tuple[str, int, int]]:
    if fact.unit in ("ordinal", "x") or fact.key == "weak" or re.match(r"(?:an?|half)\b", fact.text, re.IGNORECASE):
        return
    before = clause.text[clause.rest : fact.start].rstrip()
    while match := _APPROXIMATE.search(before):
        before = before[: match.start()].rstrip()
    words = before.lower().split()
    last = words[-1] if words else ""
    behind = clause.text[fact.end : clause.end]
    if len(words) <= 2 and not clause.bare and last and _participle(last) and last not in english.AWKWARD:
        last = ""  # "has lost 400 billion": how much has it lost?
    if (last and last not in english.ASKED_FOR) or clause.bare in english.AWKWARD or _GOES_ON.match(behind):
        return
    start = clause.rest + len(before) - len(last)
    end = fact.end
    is_what = clause.auxiliary in ("is", "are", "was", "were") and not clause.text[clause.rest : start].strip()
    if fact.unit == "clock":
        yield from [(english.AT_TIME, start, end)] if last == "at" else []
        return
    if fact.unit == "%":
        share = re.match(r" of (?:[\w’'.-]+ ?){1,6}?(?= to | in | since | for |$)", behind)
        if last in ("at", "from", "in", "with") or re.match(r" (?:more|less|fewer|\w+er)\b", behind):
            return
        yield (
            f"{last} {english.WHAT_SHARE}{share[0] if share else ''}".strip(),
            start,
            end + (share.end() if share else 0),
        )
        return
    many = ""
    if re.match(r"[$€£]|US\$", fact.text):
        many = english.HOW_MUCH
    elif unit := _UNIT.search(fact.text):
        of = re.match(r" of [a-z]+(?= |$)", behind)
        scale = re.search(r"(?:thousand|[mb]illion|trillion) ", fact.text)
        many = f"{english.HOW_MANY} {scale[0] if scale else ''}{unit[0]}{of[0] if of else ''}"
        end += of.end() if of else 0
        if is_what:
            many = english.HOW_LONG if unit[0] in english.TIMES else english.HOW_MUCH
    elif noun := _COUNTED.match(behind):
        made = re.match(r" \w+ed (?:by|on|in|with) .*", behind[noun.end() :])
        many = f"{english.HOW_MANY}{noun[0]}{made[0] if made else ''}"
        end += noun.end() + (made.end() if made else 0)
    awkward = (
        (is_what and many.startswith(english.HOW_MANY))
        or last in ("to", "at", "from", "with", "on")
        or (last and many == english.HOW_MUCH)
    )
    if many and not awkward and not _GOES_ON.match(clause.text, end):
        yield f"{last} {many}".strip(), start, end


def _participle(word: str) -> bool:
    return (
        word.endswith("ed")
        or word in english.VERBS
        or word in english.BARE
        or word in ("given", "grown", "fallen", "risen")
    )


def gaps(source: Source, line: Line) -> Iterator[Draft]:
    """A sentence with one number or date, and a gap where it stands; of two, the first number."""
    if not source.is_english and _cut(source, line):
        return
    text = " ".join(line.text.split())
    found = [fact for fact in facts(text) if fact.kind in ("number", "date") and fact.key != "weak"]
    if not found or len(found) > 2 or (source.is_english and not _stands_alone(text)):
        return
    fact = next((one for one in sorted(found, key=lambda one: one.kind != "number") if _fills(text, one)), None)
    if fact:
        gapped = f"{text[: fact.start]}{english.GAP}{text[fact.end :]}"
        yield line.draft(source, "cloze", english.cloze(gapped), fact.text.strip(), (aliases(fact),))


def _cut(source: Source, line: Line) -> bool:
    """Whether a sentence may have been cut at the point of an ordinal, as in "beim 3. Fest"."""
    before = source.document.text[max(0, line.start - 8) : line.start]
    return bool(_CUT.search(line.text) or _CUT.search(before))


def named_gap(source: Source, line: Line) -> Iterator[Draft]:
    """A sentence with a gap where a name stands that is not in everybody's mouth; the last of several."""
    text = " ".join(line.text.split())
    if not source.is_english or not _stands_alone(text):
        return
    for fact in reversed(facts(text)):
        name = fact.text
        if (
            fact.kind == "name" and fact.start and text.count(name) == 1 and english.NAMED.fullmatch(name)
            and source.document.text.count(name) <= OFTEN and not text[fact.end :].startswith(("'", "’", "-", " ("))
            and text[: fact.start].split()[-1].lower() in english.BEFORE_NAMES
            and ":" not in text and english.NO_PERSON.isdisjoint(name.lower().split()[:1])
            and ((text[fact.end :].split() or ["."])[0].lower() in english.AFTER_NAMES or text[fact.end] in ".,;")
        ):  # fmt: skip
            gapped = f"{text[: fact.start]}{english.GAP}{text[fact.end :]}"
            group = name_aliases(name) if english.is_person(name) else (name,)
            yield line.draft(source, "cloze_name", english.cloze(gapped), name, (group,))
            return


def _fills(text: str, fact: Fact) -> bool:
    """Whether a fact can be asked for by a gap: no ordinal, no end of a range, no label, no "the two"."""
    before, behind = text[: fact.start], text[fact.end :]
    previous = before.lower().split()[-1:] or [""]
    spelled = fact.text[:1].isalpha() and fact.kind == "number"
    return not (
        fact.unit in ("ordinal", "x")
        or (fact.kind == "number" and fact.low != fact.high)
        or fact.key.endswith("day")
        or "century" in fact.text.lower()
        or (not before and not _COUNTED.match(behind))
        or re.match(r"(?:an?|half)\b", fact.text, re.IGNORECASE)
        or (spelled and (previous[0] in english.DETERMINERS or fact.low == 2))
        or previous[0] in english.LABELS
        or before.endswith(("-", "–"))
        or _GOES_ON.match(behind)
        or _SHIFTED.match(behind)
        or (fact.kind == "number" and fact.unit == "" and not spelled and fact.text.isdigit() and len(fact.text) == 4)
    )


def _stands_alone(text: str) -> bool:
    words = text.lower().split()
    vague = (
        words[0] == "the"
        and words[1].removesuffix("’s").removesuffix("'s") in english.VAGUE
        and words[2] not in ("of", "on", "between")
    )
    return (
        len(words) >= FEWEST_OF_GAPPED
        and not _VERBAL.isdisjoint(words)
        and words[0].strip(",") not in english.LEANING
        and not words[0].endswith("ed")
        and not {"earlier", "earlier,", "later", "later,"} & set(words[:4])
        and not vague
        and self_contained(" ".join(words[:9]), but_first=True)
        and not re.search(
            r"\b(?:these|those|both) (?:two |three )?\w|\b(?:one|another) (?:report|column|figure)\b", text
        )
    )
