"""A sentence taken apart where that is safe: what leads it, its subject, its first verb, and the rest of the clause.

No parser: the first word of a closed table of verbs ends the subject, and whatever makes that doubtful (a comma before
it, a word that may be a noun, a participle before another verb) means that the sentence is not turned at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from eval.drafts import english
from rag import Fact, facts

LONGEST_SUBJECT = 9  # words

_WORD = re.compile(r"(?:[^\W\d]\.){2,}|[\w$€£%][\w.,’'$€£%/-]*(?<![.,])|[^\s\w]")
_PUNCTUATION = frozenset(",;:()[]{}\"“”‘…–—-/*_|.!?%#&+=<>~'’")
_LEAD = re.compile(r"^(?P<opener>[A-Z][a-z]+), (?=\w)")


@dataclass(frozen=True, slots=True)
class Clause:
    """`text[start:subject_end]` is the subject; `rest` to `end` stands behind the verb. `ask` puts it into a question:
    auxiliary first, the verb bare; `lead` is a time that stood before the subject."""

    text: str
    start: int
    subject_end: int
    verb: str
    auxiliary: str
    bare: str
    rest: int
    end: int
    lead: str = ""

    @property
    def subject(self) -> str:
        return self.text[self.start : self.subject_end]

    def ask(self, question_words: str, subject: str, behind: str) -> str:
        """ "How much" + "did the roof cost" + what else there is."""
        words = (question_words, self.auxiliary, subject, self.bare, behind, self.lead)
        asked = " ".join(word for word in words if word).strip(" ,.;:")
        return f"{asked[0].upper()}{asked[1:]}?"


def clause_of(text: str) -> Clause | None:
    """The main clause that a sentence begins with; None where its parts are not sure."""
    start, lead = _lead(text)
    if start is None:
        return None
    words = list(_WORD.finditer(text, start))
    for at, match in enumerate(words[: LONGEST_SUBJECT + 1]):
        word = match[0].lower()
        if match[0][0] in _PUNCTUATION or word in english.STOPPERS:
            return None
        if at == 0:
            continue
        following = words[at + 1][0] if at + 1 < len(words) else ""
        verb = _verb(word, words[at - 1][0].lower(), following)
        if not verb:
            continue
        auxiliary, bare = verb
        rest = match.end()
        last = words[
            at - 1 - (words[at - 1][0].lower() in english.ADVERBS)
        ]  # "now accounts for": the subject ends before
        clause = Clause(text, start, last.end(), word, auxiliary, bare, rest, _end(text, rest), lead)
        return clause if _sure(clause, last[0].lower(), following.lower()) else None
    return None


def _lead(text: str) -> tuple[int | None, str]:
    """Where the subject begins, and the time in front of it: "In 2024", "Since 2014,"."""
    opener = _LEAD.match(text)
    at = opener.end() if opener and opener["opener"].lower() in english.OPENERS else 0
    first = text[at:].partition(" ")[0]
    if first.lower() not in english.PREPOSITIONS:
        return at, ""
    when = next((fact for fact in facts(text) if fact.kind == "date" and fact.start >= at + len(first)), None)
    if not when or first.lower() not in english.WHEN or when.start != at + len(first) + 1:
        return None, ""
    end = when.end + (text[when.end : when.end + 1] == ",")
    rest = text[end:]
    if not rest.startswith(" ") or not rest[1:2].isalpha() or re.match(r" (?:and|to|or|until|at|of) ", rest):
        return None, ""
    return end + 1, f"{first.lower()} {when.text}"


def _verb(word: str, before: str, following: str) -> tuple[str, str] | None:
    """Auxiliary and bare verb of a finite verb, None of any other word."""
    following = following.lower()
    counts = bool(following) and (following[0].isdigit() or following[0] in "$€£" or following in _NUMBER_STARTS)
    has_object = counts or following in english.DETERMINERS
    if word in english.HAVE and has_object:
        return english.HAVE[word], "have"
    if word in english.AUXILIARIES:
        return word, ""
    if word in english.VERBS and before not in english.DETERMINERS | english.PREPOSITIONS:
        return english.VERBS[word] if has_object or word not in english.AMBIGUOUS else None
    if word in english.BARE and before.endswith("s") and not before.endswith("ss") and has_object:
        return "do", word
    return None


def _sure(clause: Clause, before: str, following: str) -> bool:
    first, _, others = clause.subject.lower().partition(" ")
    vague = first == "the" and (others in english.VAGUE or others.partition(" ")[0] in english.POINTING)
    if first in english.LEANING or vague or before in english.PREPOSITIONS | english.DETERMINERS:
        return False
    if re.search(r"(?:ly|ing|ed)(?: |$)", clause.subject):  # an unknown verb or a participle
        return False
    rest = clause.text[clause.rest : clause.end].lower().split()
    if {"not", "never", "no"} & set(rest[:3]):
        return False
    if not clause.bare:
        return True
    # "Sanctions imposed on Russia have ...": the first form was a participle, the verb comes later.
    if following in english.PREPOSITIONS and clause.auxiliary == "did" and clause.bare not in english.INTRANSITIVE:
        return False
    later = english.AUXILIARIES | (english.VERBS.keys() if clause.verb in english.AMBIGUOUS else set())
    return not later & set(rest)


def _end(text: str, start: int) -> int:
    """Where the clause ends: at what may begin another one; a comma inside a number or a date does not end it."""
    body = text
    for fact in facts(text):
        if fact.kind in ("number", "date"):
            body = body[: fact.start] + "0" * (fact.end - fact.start) + body[fact.end :]  # it may hold a comma
    ends = [at for mark in english.CLAUSE_ENDS if (at := body.find(mark, start)) >= 0]
    end = min([*ends, len(text.rstrip(" .!")), len(text)])
    for joined in re.finditer(r" (?:and|or) ", body[:end]):
        following = body[joined.end() :].partition(",")[0].lower().split()
        counts = any(word[0].isdigit() or word in _NUMBER_STARTS for word in following[:3])
        if joined.start() >= start and (counts or not _VERBAL.isdisjoint(following)):
            return joined.start()
    return end


def facts_in(clause: Clause) -> list[Fact]:
    """The numbers and dates behind the verb of a clause."""
    return [
        fact
        for fact in facts(clause.text)
        if fact.kind in ("number", "date") and clause.rest <= fact.start and fact.end <= clause.end
    ]


_VERBAL = english.AUXILIARIES | english.VERBS.keys() | english.BARE - {"place", "force", "work", "value", "help", "use"}
_NUMBER_STARTS = frozenset(
    word
    for phrase in (*english.APPROXIMATE, "one two three four five six seven eight nine ten eleven twelve")
    for word in phrase.split()
) - {"to", "of", "than", "a", "at", "no", "all", "in"}
