"""Questions about who somebody is, who said something, and what a word means."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eval.drafts import english
from eval.drafts.draft import Draft, Line, Source, known
from eval.drafts.values import name_aliases
from rag import facts

_ROLES = "|".join(sorted(english.ROLES, key=len, reverse=True))
_ROLE = re.compile(rf"(?<![\w-])(?P<of>[A-Z][\w.]*(?:[’'][sS])?) (?P<title>(?i:{_ROLES})) (?P<name>{english.NAME})")
_FORMER = re.compile(r"(?:former|then|ex|late|previous|first|last)[ -]$", re.IGNORECASE)
_APPOSITION = re.compile(rf"(?P<name>{english.NAME}), (?P<is>(?:an?|the) [^,;:()“”\"]{{8,80}}?)(?=[,.]|$)")
_LABEL = re.compile(rf"^(?P<label>[A-Z][\w ]{{2,30}}): (?P<name>{english.NAME})\.?$")
_MEANS = re.compile(r"^(?P<term>[A-Z][\w-]*(?: [\w-]+){0,2}) means (?P<what>[^.;:()]{6,140})\.?$")
_SAID = re.compile(
    rf"^[“\"]?(?P<words>[^“”\"]{{25,220}}?),?[”\"],? (?:said|says|added|wrote) (?P<name>{english.NAME})(?=[,. ])"
)


def people(source: Source, line: Line) -> Iterator[Draft]:
    """ "French President Emmanuel Macron": who is the French President?"""
    text = " ".join(line.text.split())
    if label := _LABEL.match(text):
        if english.is_person(label["name"]):
            role = label["label"].lower()
            asked = english.who_is(f"the {role}") if role in english.ROLES else english.named_for(label["label"])
            yield line.draft(source, "name", asked, label["name"], (name_aliases(label["name"]),))
        return
    if said := _SAID.match(text):
        asked = english.who_said(said["words"])
        if english.is_person(said["name"]):
            yield line.draft(source, "name", asked, said["name"], (name_aliases(said["name"]),), "attribution")
    for role in _ROLE.finditer(text):
        name = role["name"]
        if (
            english.is_person(name)
            and role["of"].lower() not in english.COMMON | english.NO_PERSON
            and not _FORMER.search(text[: role.start()])
        ):
            owned = role["of"].endswith(("’s", "'s"))
            asked = english.who_is(f"{'' if owned else 'the '}{role['of']} {role['title']}")
            yield line.draft(source, "name", asked, name, (name_aliases(name),))
    for told in _APPOSITION.finditer(text):
        head = set(re.findall(r"[a-z]+", told["is"].lower()))
        dated = any(fact.kind == "date" for fact in facts(told["is"]))
        is_whole = len(told["is"].split()) > 2 and known(told["is"]) and not dated
        if english.is_person(told["name"]) and is_whole and head & english.PERSON_NOUNS:
            what = re.sub(r"^(?:an?|the) ", "", told["is"])
            yield line.draft(source, "definition", english.who_is(told["name"]), told["is"], ((told["is"], what),))


def meanings(source: Source, line: Line) -> Iterator[Draft]:
    """ "Brown means straw, twigs and dry leaves": what does "brown" mean?"""
    means = _MEANS.match(" ".join(line.text.split()))
    if not means or means["term"].split()[0].lower() in english.LEANING:
        return
    what = means["what"].strip()
    parts = [part.strip() for part in re.split(r", (?:and |or )?| and | or ", what)]
    listed = len(parts) > 1 and all(0 < len(part.split()) <= 3 for part in parts)
    groups = tuple((part,) for part in parts) if listed else ((what,),)
    asked = english.meaning(f"“{means['term']}”")
    yield line.draft(source, "definition", asked, what, groups, "list" if listed else "single_fact")
