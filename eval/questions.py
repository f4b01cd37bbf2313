"""Gold questions: one JSON object a line, read strictly, every defect named by line and field.

`id`, `question`, `type`; `answers`: short answers, for people; `must_contain`: groups of aliases, one alias of each
group has to be in the answer; `evidence`: exact quotes with the file they stand in, a bare name or a path under the
folder. An unanswerable question has none of these three, an answerable one has them all or else `relevant`.

Optional: `history`: earlier turns, oldest first; `note`; `answerable`: what the type says too; `tags`; `only`: patterns
of the files that are searched; `relevant`: {file: grade of 1 or more}; and a first line {"format": 1}.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eval.checks import FIELDS, format_defects, row_defects
from eval.checks import TYPES as TYPES
from rag import CitewiseError, Turn

BUNDLED = Path(__file__).parent / "gold" / "samples.jsonl"  # about the sample folder
SAME = "same:"  # begins a tag that names a question of which this one is another wording
MUST_PASS = "must_pass"  # the tag of a question whose failure fails the gate
SHOWN = 20  # defects that an error names


class GoldError(CitewiseError):
    """A file of gold questions has defects; `defects` names each by line and field."""

    def __init__(self, path: Path, defects: Sequence[str], remedy: str = "Correct them.") -> None:
        shown = "\n".join(f"  {defect}" for defect in defects[:SHOWN])
        more = f"\n  and {len(defects) - SHOWN:,} more" if len(defects) > SHOWN else ""
        count = f"{len(defects):,} defect{'s' * (len(defects) > 1)}"
        super().__init__(f"{path} has {count}:\n{shown}{more}\n", remedy)
        self.defects = tuple(defects)


@dataclass(frozen=True, slots=True)
class Evidence:
    """An exact quote that supports the answer, and the file it stands in."""

    source: str
    quote: str


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with what a right answer holds; `line` is where it stands in its file, counted from 1.

    `only` restricts what is searched, as `Assistant.ask` takes it; `relevant` grades files, which then are what a search
    has to find, whether quotes are known or not; a tag "must_pass" makes a failure fail the gate, and "same:ID" names a
    question of which this one is another wording.
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
        lines = path.read_text("utf-8-sig").split("\n")  # splitlines would also cut at U+2028 inside a string
    except (OSError, UnicodeDecodeError) as error:
        raise GoldError(path, [f"cannot be read: {error}"], "Name a file of questions.") from None
    questions: list[GoldQuestion] = []
    wrong: list[str] = []
    line_of: dict[str, int] = {}
    for number, line in ((number, line) for number, line in enumerate(lines, 1) if line.strip()):
        try:
            row = json.loads(line, object_pairs_hook=_distinct)
            json.dumps(row, ensure_ascii=False).encode()  # fails for half a character, which an escape can be
        except (ValueError, RecursionError) as error:
            says = f"{error.msg}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else error
            wrong.append(f"line {number}: no JSON ({says})")
            continue
        if isinstance(row, dict) and "format" in row:
            wrong += [f"line {number}, {defect}" for defect in format_defects(row, first=not (questions or wrong))]
            continue
        found = list(row_defects(row))
        if not found and row["id"] in line_of:
            found = [f"id: {row['id']!r} is also on line {line_of[row['id']]}"]
        wrong += [f"line {number}, {defect}" for defect in found]
        if not found:
            line_of[row["id"]] = number
            questions.append(question_from(row, number))
    if not wrong:
        named = [(one.line, tag.removeprefix(SAME)) for one in questions for tag in one.tags if tag.startswith(SAME)]
        wrong = [f"line {number}, tags: there is no question {id!r}" for number, id in named if id not in line_of]
    if wrong or not questions:
        raise GoldError(path, wrong or ["no question"])
    return questions


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"{twice!r} stands twice")
    return found


def locate(
    path: Path, questions: Iterable[GoldQuestion], sources: Sequence[str], text: Callable[[str], str]
) -> dict[str, list[Span]]:
    """Every place of each question's evidence, by question id; `text` gives the stored text of one of `sources`.

    Raises GoldError when a file of the evidence, or a relevant one, is missing or ambiguous, or a quote is not an exact
    part of its text.
    """
    asked = list(questions)
    of_name = _by_name(sources)
    quotes: dict[str, dict[str, list[Span]]] = defaultdict(dict)  # by source, so that each text is fetched once
    for one in (one for question in asked for one in question.evidence):
        for source in of_name.get(one.source, ()):
            quotes[source][one.quote] = []
    for source, places in quotes.items():
        held = text(source)
        for quote in places:
            places[quote] = [Span(source, start, end) for start, end in occurrences(held, quote)]
    spans: dict[str, list[Span]] = {}
    wrong = []
    known = False
    for question in asked:
        at = spans.setdefault(question.id, [])
        files = [(f"evidence[{number}]", one.source, one.quote) for number, one in enumerate(question.evidence)]
        for where, name, sought in [*files, *((f"relevant[{name!r}]", name, None) for name in question.relevant)]:
            found = of_name.get(name, [])
            known = known or bool(found)
            if len(found) != 1:
                count = f"{len(found) or 'no'} indexed file{'s' * (len(found) > 1)}"
                wrong.append(f"line {question.line}, {where}.source: {count} of the name {name!r}")
            elif sought is not None:
                at += quotes[found[0]][sought]
                if not quotes[found[0]][sought]:
                    wrong.append(f"line {question.line}, {where}.quote: not in {found[0]}: {sought[:60]!r}")
    if wrong:
        raise GoldError(path, wrong, "Correct them." if known else "Name the folder that the questions are about.")
    return spans


def _by_name(sources: Iterable[str]) -> dict[str, list[str]]:
    """The sources by what gold may call them (see `is_source`): each end of a path that begins at a folder's name."""
    of_name: dict[str, list[str]] = defaultdict(list)
    for source in sources:
        parts = source.split("/")
        for first in range(len(parts)):
            of_name["/".join(parts[first:])].append(source)
    return of_name


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
