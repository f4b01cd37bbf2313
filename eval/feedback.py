"""What people said of answers, kept beside the index, and the gold questions that come of it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, get_args

from eval.drafts.values import aliases, name_aliases
from eval.match import satisfied
from eval.questions import Evidence, GoldQuestion
from rag import CitewiseError, Fact, Journal, Turn, facts, same

FILE = "feedback.jsonl"
TAG = "feedback"
LIMIT = 20_000_000  # bytes of the file, beyond which no more is kept

Verdict = Literal["right", "wrong", "incomplete", "wrong_source", "should_have_refused", "refused_wrongly"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)

_KINDS = (
    ("date", re.compile(r"\bwhen\b|\b(?:what|which) (?:year|date|day|month)\b")),
    ("number", re.compile(r"\bhow (?:many|much|large|big|high|far|tall|old|often|long)\b")),
    ("name", re.compile(r"\bwho(?:m|se)?\b")),
)
_NO_FACT = re.compile(
    r"(?:is|are|was|were|do|does|did|has|have|had|can|could|may|must|should|will|would)\b|.*\b(?:how|why)\b"
)
Needs = Literal["passage", "words", "other_words"]
_NEEDS_PASSAGE = "name the right passage: citewise eval feedback --right ID FILE QUOTE"
_NO_CITATION = "no sentence of it cites what bears it out"
_ROW = re.compile(r"(?:^|\s)\||\t|[,;](?![\s\"'”’)\]]|\d{3}\b|$)|^\W*\"[^\"]+\"\s*:")  # of a table, of CSV, of JSON
_NEEDS_ONE = (
    "a table's row, or several facts of the kind asked for: which of them is the answer needs a person; name words that "
    "hold only that one with --right ID FILE QUOTE, or write the question by hand"
)
_NEEDS_WORDS = "no number, date or name that was asked for can be read from it: write the question by hand"
_NOT_THERE = "the words that a right answer must contain do not stand in the passage"


class FeedbackNotKept(CitewiseError):
    """There is no room for a verdict, or no permission to write it."""


@dataclass(frozen=True, slots=True)
class Feedback:
    """What somebody said of an answer. `answer` is its wire shape without its trace; `history` the turns before it;
    `right` the passage that is right, where one was named; `expected` the words that a right answer must contain, where
    they were told ("|" parts other words for the same, "&" things that must all be there); `time` is UTC."""

    id: str
    time: str
    question: str
    history: tuple[Turn, ...]
    answer: Mapping[str, Any]
    verdict: Verdict
    note: str = ""
    right: Evidence | None = None
    expected: str = ""


def feedback_store(index: Path) -> Journal:
    """Where the feedback about the answers from an index is kept; nothing of it is ever rotated away."""
    return Journal(index, FILE)


def keep_feedback(
    index: Path,
    id: str,
    question: str,
    history: Sequence[Turn],
    answer: Mapping[str, Any],
    verdict: str,
    *,
    note: str = "",
    right: Evidence | None = None,
    expected: str = "",
) -> Path:
    """Keep a verdict on the answer `id`, in place of an earlier one; the file. Raises CitewiseError (no such verdict),
    FeedbackNotKept (no room, no permission, a file of more than LIMIT bytes)."""
    if verdict not in VERDICTS:
        raise CitewiseError(f"There is no verdict {verdict!r}.", f"Use one of {', '.join(VERDICTS)}.")
    store = feedback_store(index)
    told = {name: value for name, value in answer.items() if name != "trace"}
    now = datetime.now(UTC).isoformat(timespec="seconds")
    try:
        if store.path.exists() and store.path.stat().st_size > LIMIT:
            raise FeedbackNotKept(
                f"The feedback in {store.path} has grown beyond {LIMIT // 1_000_000} MB: no more is kept.",
                "Make gold questions of it (citewise eval feedback --gold FILE), then move the file away.",
            )
        store.append(asdict(Feedback(id, now, question, tuple(history), told, verdict, note, right, expected)))
    except OSError as error:
        raise FeedbackNotKept(
            f"The feedback could not be kept in {store.path} ({error.strerror}).", "Check free space and permissions."
        ) from error
    return store.path


def load_feedback(index: Path) -> tuple[list[Feedback], int]:
    """The last verdict on each answer, in the order of their first ones, and the number of lines that are none.
    Raises CitewiseError."""
    lines, strange = feedback_store(index).read()
    last: dict[str, Feedback] = {}
    for line in lines:
        try:
            given = _feedback(line)
        except (KeyError, TypeError, ValueError, AttributeError):
            strange += 1
            continue
        last[given.id] = given
    return list(last.values()), strange


def to_gold(feedback: Feedback) -> dict[str, Any] | str:
    """The JSON of a gold question, or what a person would have to add to make one.

    The passage that was named as right is the evidence, else the citations of an answer that is right. What an answer
    must contain is the one number, date or name of the kind asked for that these sentences have and the question has
    not; where they have several, or one is a table's row, no rule can tell which is meant, and a person has to.
    """
    status = feedback.answer.get("status")
    right = feedback.verdict == "right"
    if feedback.verdict == "should_have_refused" or (right and status == "not_in_documents"):
        return _gold(feedback, "unanswerable")
    evidence, said = _rests_on(feedback)
    if not evidence:
        return _NO_CITATION if right else _NEEDS_PASSAGE
    union = " ".join(one.quote for one in evidence)
    conflicts = feedback.answer.get("conflicts") if right and not feedback.right else []
    sides = [(str(side["value"]),) for one in conflicts or () for side in one["sides"]]
    told = _groups(feedback.expected)
    if told and not satisfied(told, union):
        return _NOT_THERE
    said = ["; ".join(group[0] for group in told)] if told else said
    expected = told or sides or _key_facts(feedback.question, said)
    groups = tuple(dict.fromkeys(group for group in expected if satisfied([group], union)))
    if not groups:
        return _NEEDS_WORDS
    if not (told or sides) and (len(groups) > 1 or any(map(_ROW.search, said))):
        return _NEEDS_ONE
    several = len({one.source for one in evidence}) > 1
    follows = feedback.history and feedback.answer.get("understood_as") != feedback.question
    kind = "conflict" if conflicts else "follow_up" if follows else "multi_source" if several else "single_fact"
    return _gold(feedback, kind, tuple(said), groups, evidence)


def gold_id(id: str) -> str:
    """The id of the gold question that the feedback of this id becomes."""
    return f"feedback-{hashlib.sha256(id.encode('utf-8', 'replace')).hexdigest()[:16]}"


def proposed(feedback: Feedback) -> str:
    """What a right answer may have to contain, as `expected` has it, for a person to correct: the first fact of the kind
    asked for; "" where there is none."""
    return " | ".join(next(iter(_key_facts(feedback.question, _rests_on(feedback)[1])), ()))


def _rests_on(feedback: Feedback) -> tuple[tuple[Evidence, ...], list[str]]:
    """The evidence of a gold question, and the sentences that have what must be said."""
    if feedback.right or feedback.verdict != "right":
        named = (feedback.right,) if feedback.right else ()
        return named, [one.quote for one in named]
    borne_out = [one for one in feedback.answer["statements"] if one["support"] in ("verbatim", "supported")]
    numbers = {number for one in borne_out for number in one["citations"]}
    cited = [one for one in feedback.answer["citations"] if one["number"] in numbers]
    quoted = dict.fromkeys(Evidence(one["source"], one["quote"]) for one in cited)
    return tuple(quoted), [one["text"] for one in borne_out]


def needs(lack: str) -> Needs:
    """What would make a gold question of feedback that `to_gold` finds lacking: its right passage, expected words, or
    others than those given, which the passage does not hold."""
    if lack in (_NEEDS_PASSAGE, _NO_CITATION):
        return "passage"
    return "other_words" if lack == _NOT_THERE else "words"


def _gold(
    feedback: Feedback,
    kind: str,
    said: tuple[str, ...] = (),
    groups: tuple[tuple[str, ...], ...] = (),
    evidence: tuple[Evidence, ...] = (),
) -> dict[str, Any]:
    read_by_rule = " What it must contain was read by rule: check it." if groups and not feedback.expected else ""
    note = feedback.note or f"{feedback.verdict.replace('_', ' ')}, said {feedback.time[:10]}.{read_by_rule}"
    return GoldQuestion(
        gold_id(feedback.id), feedback.question, kind, said, groups, evidence, feedback.history, note, tags=(TAG,)
    ).to_dict()  # fmt: skip


def _groups(expected: str) -> list[tuple[str, ...]]:
    groups = (tuple(alias.strip() for alias in group.split("|") if alias.strip()) for group in expected.split("&"))
    return [group for group in groups if group]


def _key_facts(question: str, said: Sequence[str]) -> list[tuple[str, ...]]:
    """How each fact that may have been asked for may be written: of the kind asked for, where the question tells it;
    none where it asks whether, why or how."""
    known = facts(question)
    kind = next((kind for kind, pattern in _KINDS if pattern.search(question.lower())), None)
    if kind is None and _NO_FACT.match(question.lower()):
        return []
    found: list[Fact] = []
    for fact in (fact for sentence in said for fact in facts(sentence)):
        if _counts(fact) and kind in (None, fact.kind) and not any(same(fact, other) for other in (*known, *found)):
            found.append(fact)
    written = [name_aliases(one.text) if one.kind == "name" else aliases(one) for one in found]
    return [tuple(dict.fromkeys(group)) for group in written]


def _counts(fact: Fact) -> bool:
    return fact.kind in ("number", "date", "name") and fact.key != "weak"


def _feedback(line: Mapping[str, Any]) -> Feedback:
    history = tuple(Turn(turn["question"], turn["answer"]) for turn in line["history"])
    right = line["right"] and Evidence(line["right"]["source"], line["right"]["quote"])
    answer = line["answer"]
    expected = line.get("expected", "")  # which earlier versions did not keep
    texts = [expected, *(line[name] for name in ("id", "time", "question", "note"))]
    texts += [text for turn in history for text in (turn.question, turn.answer)]
    texts += [right.source, right.quote] if right else []
    texts += [one[name] for one in answer["statements"] for name in ("text", "support")]
    texts += [one[name] for one in answer["citations"] for name in ("source", "quote")]
    numbers = [one["number"] for one in answer["citations"]]
    numbers += [number for one in answer["statements"] for number in one["citations"]]
    for conflict in answer.get("conflicts") or ():
        numbers += [side["citation"] for side in conflict["sides"] if side["value"]]
    if not all(isinstance(text, str) for text in (*texts, line["verdict"], answer["status"])):
        raise TypeError
    if line["verdict"] not in VERDICTS or not all(isinstance(number, int) for number in numbers):
        raise ValueError
    return Feedback(
        line["id"], line["time"], line["question"], history, answer, line["verdict"], line["note"], right, expected
    )
