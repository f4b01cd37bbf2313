"""Questions about who somebody is, and what a word means."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eval.drafts import english
from eval.drafts.draft import Draft, Line, Source, self_contained
from eval.drafts.values import name_aliases
from rag import facts

_APPOSITION = re.compile(rf"(?P<name>{english.NAME}), (?P<is>(?:an?|the) [^,;:()“”\"]{{8,80}}?)(?=[,.]|$)")
_LABEL = re.compile(rf"^(?P<label>[A-Z][\w ]{{2,30}}): (?P<name>{english.NAME})\.?$")
_MEANS = re.compile(r"^(?P<term>[A-Z][\w-]*(?: [\w-]+){0,2}) means (?P<what>[^.;:()]{6,140})\.?$")


def people(source: Source, line: Line) -> Iterator[Draft]:
    """ "Treasurer: Vera Holm": who is the treasurer?"""
    text = " ".join(line.text.split())
    if label := _LABEL.match(text):
        if english.is_person(label["name"]):
            role = label["label"].lower()
            asked = english.who_is(f"the {role}") if role in english.ROLES else english.named_for(label["label"])
            yield line.draft(source, "name", asked, label["name"], (name_aliases(label["name"]),))
        return
    for told in _APPOSITION.finditer(text):
        head = set(re.findall(r"[a-z]+", told["is"].lower()))
        dated = any(fact.kind == "date" for fact in facts(told["is"]))
        is_whole = len(told["is"].split()) > 2 and self_contained(told["is"]) and not dated
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
