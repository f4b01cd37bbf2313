"""Gold questions: one JSON object a line, read strictly, every defect named by line and field.

`id`, `question`, `type`; `answers`: short answers, for people; `must_contain`: groups of aliases, one alias of each
group has to be in the answer; `evidence`: exact quotes with the file they stand in, a bare name or a path under the
folder; `history` (optional): earlier turns, oldest first; `note` (optional). An unanswerable question has no `answers`,
no `must_contain` and no `evidence`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eval.match import satisfied
from rag import CitewiseError, Turn

TYPES = (
    "single_fact", "table_fact", "multi_source", "comparison", "temporal", "attribution", "list",
    "conflict", "follow_up", "false_premise", "unanswerable",
)  # fmt: skip
REPORTED_ONLY = frozenset({"conflict", "follow_up", "false_premise", "unanswerable"})  # left out of the gated total
FIELDS = {"id", "question", "type", "answers", "must_contain", "evidence"}
OPTIONAL = {"history", "note", "answerable", "tags", "only", "relevant"}
_OF_ANSWERS = ("answers", "must_contain", "evidence")  # filled where, and only where, there is an answer
BUNDLED = Path(__file__).parent / "gold" / "samples.jsonl"  # about the sample folder
SHOWN = 20  # defects that an error names


class GoldError(CitewiseError):
    """A file of gold questions has defects; `defects` names each by line and field."""

    def __init__(self, path: Path, defects: Sequence[str]) -> None:
        shown = "\n".join(f"  {defect}" for defect in defects[:SHOWN])
        more = f"\n  and {len(defects) - SHOWN} more" if len(defects) > SHOWN else ""
        count = f"{len(defects)} defect{'s' * (len(defects) > 1)}"
        super().__init__(f"{path} has {count}:\n{shown}{more}\n", "Correct them.")
        self.defects = tuple(defects)


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exact quote that supports the answer, and the file it stands in."""

    source: str
    quote: str


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with what a right answer holds; `line` is where it stands in its file, counted from 1.

    `only` restricts what is searched, as `Assistant.ask` takes it; `relevant` grades files that count as found, where
    no quotes are known; a tag "must_pass" makes a failure fail the gate, and "same:ID" names a question of which this
    one is another wording.
    """

    id: str
    question: str
    type: str
    answers: tuple[Any, ...]
    must_contain: tuple[tuple[str, ...], ...]
    evidence: tuple[Evidence, ...]
    history: tuple[Turn, ...] = ()
    note: str = ""
    line: int = 0
    tags: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    relevant: Mapping[str, int] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The JSON of its line in a gold file."""
        shape = {name: value for name, value in asdict(self).items() if value or name in FIELDS}
        shape.pop("line", None)
        return shape | {"answerable": self.answerable}

    @property
    def answerable(self) -> bool:
        return self.type != "unanswerable"

    @property
    def gated(self) -> bool:
        """Whether it counts in the total that floors are set for."""
        return self.type not in REPORTED_ONLY


@dataclass(frozen=True, slots=True)
class Span:
    """A place in a document of the index: code points `start` to `end` of its stored text."""

    source: str
    start: int
    end: int

    def overlaps(self, source: str, start: int, end: int) -> bool:
        """Whether the two share at least half of the shorter one: touching at a few characters is no evidence."""
        shared = min(self.end, end) - max(self.start, start)
        return self.source == source and shared > 0 and 2 * shared >= min(self.end - self.start, end - start)


def load_gold(path: Path) -> list[GoldQuestion]:
    """The questions of a file. Raises GoldError (no readable file, no question, or any defect)."""
    try:
        lines = path.read_text("utf-8").split("\n")  # splitlines would also cut at U+2028 inside a string
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError(path, [f"cannot be read: {error}"]) from None
    questions: list[GoldQuestion] = []
    defects: list[str] = []
    first_line: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            defects.append(f"line {number}: no JSON ({error})")
            continue
        found = list(_defects(row))
        if not found and row["id"] in first_line:
            found = [f"id: {row['id']!r} is also on line {first_line[row['id']]}"]
        defects += [f"line {number}, {defect}" for defect in found]
        if not found:
            first_line[row["id"]] = number
            questions.append(question_from(row, number))
    if defects or not questions:
        raise GoldError(path, defects or ["no question"])
    return questions


def locate(
    path: Path, questions: Iterable[GoldQuestion], sources: Sequence[str], text: Callable[[str], str]
) -> dict[str, list[Span]]:
    """Every place of each question's evidence, by question id; `text` gives the stored text of one of `sources`.

    Raises GoldError when a file of the evidence is missing or ambiguous, or a quote is not an exact part of its text.
    """
    spans: dict[str, list[Span]] = {}
    defects: list[str] = []
    for question in questions:
        places = spans.setdefault(question.id, [])
        for number, evidence in enumerate(question.evidence):
            where = f"line {question.line}, evidence[{number}]"
            named = [source for source in sources if is_source(source, evidence.source)]
            if len(named) != 1:
                count = "no indexed file" if not named else f"{len(named)} indexed files"
                defects.append(f"{where}.source: {count} of the name {evidence.source!r}")
                continue
            found = list(occurrences(text(named[0]), evidence.quote))
            if not found:
                defects.append(f"{where}.quote: not in {named[0]}: {evidence.quote[:60]!r}")
            places += [Span(named[0], start, end) for start, end in found]
    if defects:
        raise GoldError(path, defects)
    return spans


def is_source(source: str, named: str) -> bool:
    """Whether a source of the index is what gold names: the same, or the end of its path."""
    return source == named or source.endswith(f"/{named}")


def occurrences(text: str, part: str) -> Iterator[tuple[int, int]]:
    """Start and end of each occurrence, overlapping ones included."""
    at = text.find(part)
    while at >= 0:
        yield at, at + len(part)
        at = text.find(part, at + 1)


def question_from(row: Mapping[str, Any], line: int = 0) -> GoldQuestion:
    """A question of the JSON of its line, which has no defect."""
    return GoldQuestion(
        row["id"], row["question"], row["type"], tuple(row["answers"]),
        tuple(tuple(group) for group in row["must_contain"]),
        tuple(Evidence(one["source"], one["quote"]) for one in row["evidence"]),
        tuple(Turn(turn["question"], turn.get("answer", "")) for turn in row.get("history", ())),
        row.get("note", ""), line, tuple(row.get("tags", ())), tuple(row.get("only", ())), row.get("relevant", {}),
    )  # fmt: skip


def _defects(row: Any) -> Iterator[str]:
    """What is wrong with one line, as "field: what"."""
    if not isinstance(row, dict):
        yield "the whole: no JSON object"
        return
    yield from (f"{name}: missing" for name in sorted(FIELDS - row.keys()))
    yield from (f"{name}: unknown field" for name in sorted(row.keys() - FIELDS - OPTIONAL))
    for name in ("id", "question", "type"):
        if name in row and not _is_text(row[name]):
            yield f"{name}: no text"
    if not isinstance(row.get("note", ""), str):
        yield "note: no text"
    if _is_text(row.get("type")) and row["type"] not in TYPES:
        yield f"type: {row['type']!r} is none of {', '.join(TYPES)}"
    shaped = True
    for name, check in _LISTS.items():
        shaped &= yield from _list_defects(row, name, check)
    if shaped and row.keys() >= FIELDS and row["type"] in TYPES:
        yield from _answer_defects(row)


def _list_defects(row: dict[str, Any], name: str, check: Callable[[Any], str]) -> Generator[str, None, bool]:
    """Yields what is wrong with a list and its items; returns whether nothing is."""
    values = row.get(name, [])
    if not isinstance(values, list):
        yield f"{name}: no list"
        return False
    found = [f"{name}[{number}]: {wrong}" for number, value in enumerate(values) if (wrong := check(value))]
    yield from found
    return not found


def _answer_defects(row: dict[str, Any]) -> Iterator[str]:
    if row["type"] == "unanswerable":
        yield from (f"{name}: not empty, though unanswerable" for name in _OF_ANSWERS if row[name])
        return
    yield from (f"{name}: empty, though answerable" for name in _OF_ANSWERS if not row[name])
    if row["type"] == "follow_up" and not row.get("history"):
        yield "history: missing, though follow_up"
    union = " ".join(one["quote"] for one in row["evidence"])
    for number, group in enumerate(row["must_contain"]):
        if row["evidence"] and not satisfied([group], union):
            yield f"must_contain[{number}]: no alias of it is in the evidence"


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


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
    return "" if right else "not {source, quote} of texts"


def _wrong_turn(value: Any) -> str:
    right = (
        isinstance(value, dict)
        and {"question"} <= value.keys() <= {"question", "answer"}
        and _is_text(value["question"])
        and isinstance(value.get("answer", ""), str)
    )
    return "" if right else "not {question, answer?} of texts"


_LISTS = {"answers": _wrong_answer, "must_contain": _wrong_group, "evidence": _wrong_evidence, "history": _wrong_turn}
