"""The format of a line of gold questions, and what is wrong with one: each defect as "field: what"."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Iterator, Mapping
from typing import Any

from eval.match import satisfied

TYPES = (
    "single_fact", "table_fact", "multi_source", "comparison", "temporal", "attribution", "list",
    "conflict", "follow_up", "false_premise", "unanswerable",
)  # fmt: skip
FIELDS = {"id", "question", "type", "answers", "must_contain", "evidence"}
OPTIONAL = {"history", "note", "answerable", "tags", "only", "relevant"}
_OF_ANSWERS = ("answers", "must_contain", "evidence")  # filled where, and only where, there is an answer
FORMAT = 1
_WORD = re.compile(r"[^\W_]")


def row_defects(row: Any) -> Iterator[str]:
    """What is wrong with the JSON of one question."""
    if not isinstance(row, dict):
        yield "the whole: no JSON object"
        return
    yield from (f"{name}: missing" for name in sorted(FIELDS - row.keys()))
    yield from (f"{name}: unknown field" for name in sorted(row.keys() - FIELDS - OPTIONAL))
    for name in ("id", "question", "type"):
        if name in row and not _is_text(row[name]):
            yield f"{name}: no text"
    if _is_text(row.get("id")) and not row["id"].isprintable():
        yield "id: a character that cannot be shown"
    if not isinstance(row.get("note", ""), str):
        yield "note: no text"
    if _is_text(row.get("type")) and row["type"] not in TYPES:
        yield f"type: {row['type']!r} is none of {', '.join(TYPES)}"
    elif row.get("answerable", wanted := row.get("type") != "unanswerable") is not wanted:
        yield f"answerable: not {str(wanted).lower()}, though the type is {row.get('type')!r}"
    shaped = True
    for name, check in _LISTS.items():
        shaped &= yield from _list_defects(row, name, check)
    shaped &= yield from _grade_defects(row.get("relevant", {}))
    if shaped and row.keys() >= FIELDS and row["type"] in TYPES:
        yield from _answer_defects(row)


def format_defects(row: Mapping[str, Any], *, first: bool) -> Iterator[str]:
    """What is wrong with a line that tells the format; only the `first` of a file may."""
    if not first:
        yield "format: told in the middle; all questions of a file are of one format, told on its first line"
    if row != {"format": FORMAT}:
        yield f"format: {row['format']!r} is unknown; this version reads {FORMAT}, alone on its line"


def _list_defects(row: dict[str, Any], name: str, check: Callable[[Any], str]) -> Generator[str, None, bool]:
    """Yields what is wrong with a list and its items; returns whether nothing is."""
    values = row.get(name, [])
    if not isinstance(values, list):
        yield f"{name}: no list"
        return False
    found = [f"{name}[{number}]: {wrong}" for number, value in enumerate(values) if (wrong := check(value))]
    yield from found
    return not found


def _grade_defects(relevant: Any) -> Generator[str, None, bool]:
    if not isinstance(relevant, dict):
        yield "relevant: not {file: grade}"
        return False
    wrong = [name for name, grade in relevant.items() if not name or type(grade) is not int or grade < 1]
    yield from (f"relevant[{name!r}]: no file with a grade of 1 or more" for name in wrong)
    return not wrong


def _answer_defects(row: dict[str, Any]) -> Iterator[str]:
    relevant = row.get("relevant")
    if row["type"] == "unanswerable":
        filled = [name for name in (*_OF_ANSWERS, "relevant") if row.get(name)]
        yield from (f"{name}: not empty, though unanswerable" for name in filled)
        return
    if not relevant:
        yield from (f"{name}: empty, though answerable and without relevant" for name in _OF_ANSWERS if not row[name])
    if row["type"] == "follow_up" and not row.get("history"):
        yield "history: missing, though follow_up"
    union = " ".join(one["quote"] for one in row["evidence"])
    for number, group in enumerate(row["must_contain"]):
        if row["evidence"] and not satisfied([group], union):
            yield f"must_contain[{number}]: no alias of it is in the evidence"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _wrong_text(value: Any) -> str:
    return "" if _is_text(value) else "no text"


def _wrong_answer(value: Any) -> str:
    if _is_text(value) or (isinstance(value, list) and value and all(map(_is_text, value))):
        return ""
    if isinstance(value, dict) and value.keys() == {"value", "source"} and _is_text(value["source"]):
        return _wrong_group(value["value"])
    return "neither a text, nor a list of texts, nor {value: [texts], source}"


def _wrong_group(value: Any) -> str:
    return "" if isinstance(value, list) and value and all(map(_is_text, value)) else "no list of texts"


def _wrong_evidence(value: Any) -> str:
    right = isinstance(value, dict) and value.keys() == {"source", "quote"} and all(map(_is_text, value.values()))
    if right:
        return "" if _WORD.search(value["quote"]) else "a quote without a word"
    return "not {source, quote} of texts"


def _wrong_turn(value: Any) -> str:
    right = (
        isinstance(value, dict)
        and {"question"} <= value.keys() <= {"question", "answer"}
        and _is_text(value["question"])
        and isinstance(value.get("answer", ""), str)
    )
    return "" if right else "not {question, answer?} of texts"


_LISTS = {
    "answers": _wrong_answer, "must_contain": _wrong_group, "evidence": _wrong_evidence, "history": _wrong_turn,
    "tags": _wrong_text, "only": _wrong_text,
}  # fmt: skip
