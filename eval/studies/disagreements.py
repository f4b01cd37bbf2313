"""Are disagreements shown, and is nothing called one that is none? Over questions whose documents are known to differ.

RAMDocs (Wang et al. 2025) and RGB (Chen et al. 2024) give each question documents with its right answer, documents
with another (a falsified one, or the right one of a namesake) and noise. Every question gets two folders, made of its
own documents, one file a document:

- conflict: right, other and noise documents. Only questions of which two sides can be read there count: a side is an
  answer, right or wrong, an alias of which stands in a document of the folder.
- control: the noise documents, and the right ones of the first right answer without those that hold another side too.

The folders of a set are parts of one index (a question is asked of its folder only), so that each file is read once.
Both sides are shown where the answer's own words hold a right answer and a wrong one; two right ones where no wrong one
can be read. A false alarm is a conflict of an answer over a control folder whose `differs` names no reason; a conflict
told in a control folder is any, explained or not, and has a target of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.data import json_rows, read_documents, write_texts
from eval.indexed import indexed, work_folder
from eval.match import contains
from eval.measures.basis import own_text
from eval.statistics import Figure, share
from rag import Answer, Assistant

SETS = ("ramdocs", "rgb")
TARGETS = {"both_sides": 0.60, "false_alarms": 0.10, "told_in_controls": 0.10}


@dataclass(frozen=True, slots=True)
class Case:
    """A question with its documents (file name to text): those of its conflict folder, and which of these are in its
    control folder; `right` and `wrong` are the sides that can be read, each a group of aliases."""

    id: str
    question: str
    files: dict[str, str]
    control: tuple[str, ...]
    right: tuple[tuple[str, ...], ...]
    wrong: tuple[tuple[str, ...], ...]

    @property
    def disputed(self) -> bool:
        """Whether two sides can be read in the conflict folder."""
        return len(self.right) + len(self.wrong) > 1

    def both(self, text: str) -> bool:
        """Whether a text shows a side that is right, and one that is wrong or, where there is none, right too."""
        right, wrong = (sum(shows(text, side) for side in sides) for sides in (self.right, self.wrong))
        return right >= 1 and wrong >= 1 if self.wrong and self.right else right + wrong >= 2

    def every(self, text: str) -> bool:
        return all(shows(text, side) for side in self.right + self.wrong)


def load_cases(folder: Path) -> list[Case]:
    """The questions of a set. Raises CitewiseError."""
    corpus = folder / "corpus.jsonl"
    texts = {one.id: (one.file, one.content) for one in read_documents(corpus).values()}
    answer_of = {row["_id"]: row.get("answer", "") for _, row in json_rows(corpus, ("_id",))}
    lists = ("answers", "wrong_answers", "gold_docs", "wrong_docs", "noise_docs")
    return [_case(row, texts, answer_of) for _, row in json_rows(folder / "queries.jsonl", ("_id", "text"), lists)]


def _case(row: dict[str, Any], texts: dict[str, tuple[str, str]], answer_of: dict[str, str]) -> Case:
    named = [*row["gold_docs"], *row["wrong_docs"], *row["noise_docs"]]
    spellings = "answers_all_of" in row  # rgb: its answers are spellings of one
    groups = [tuple(row["answers"])] if spellings else [(answer,) for answer in dict.fromkeys(row["answers"])]
    words = "\n".join(texts[one][1] for one in named)
    right = tuple(group for group in groups if shows(words, group))
    wrong = tuple(group for one in dict.fromkeys(row["wrong_answers"]) if shows(words, group := (one,)))
    first = [one for one in row["gold_docs"] if spellings or (right and answer_of[one] in right[0])]
    others = [*right[1:], *wrong]
    kept = [one for one in (*first, *row["noise_docs"]) if not any(shows(texts[one][1], other) for other in others)]
    files = dict(texts[one] for one in named)
    return Case(row["_id"], row["text"], files, tuple(texts[one][0] for one in kept), right, wrong)


def shows(text: str, side: Sequence[str]) -> bool:
    """Whether a text holds an alias of a side."""
    return any(contains(text, alias) for alias in side)


def run_disagreements(data: Path, work: Path | None = None) -> tuple[list[Figure], list[dict[str, Any]]]:
    """The figures of both sets and of the two together, and a row a folder. Raises CitewiseError."""
    rows: list[dict[str, Any]] = []
    with work_folder(work) as place:
        for name in SETS:
            cases = load_cases(data / name)
            for case in cases:
                write_texts(case.files, place / name / f"q{case.id}")
            with indexed(place / name, place / f"{name}.index") as assistant:
                rows += (row | {"set": name} for case in cases for row in _ask(assistant, name, case))
    figures = [one for name in SETS for one in _figures(f"{name}_", [row for row in rows if row["set"] == name])]
    return [*figures, *_figures("", rows)], rows


def _ask(assistant: Assistant, name: str, case: Case) -> Iterator[dict[str, Any]]:
    ready = {document.source for document in assistant.documents() if document.status == "ready"}
    for folder, files in (("conflict", tuple(case.files) if case.disputed else ()), ("control", case.control)):
        sources = [source for file in files if (source := f"{name}/q{case.id}/{file}") in ready]
        if sources:
            answer = assistant.ask(case.question, only=sources)
            text = own_text(answer)
            yield {
                "id": case.id, "folder": folder, "question": case.question, "both": case.both(text),
                "every": case.every(text), "told": bool(answer.conflicts), "alarm": _alarm(answer), "text": text,
            }  # fmt: skip


def _alarm(answer: Answer) -> bool:
    return any(conflict.differs is None for conflict in answer.conflicts)


def _figures(prefix: str, rows: Sequence[dict[str, Any]]) -> list[Figure]:
    conflict, control = ([row for row in rows if row["folder"] == one] for one in ("conflict", "control"))
    return [
        share(f"{prefix}both_sides", [row["both"] for row in conflict]),
        share(f"{prefix}every_side", [row["every"] for row in conflict]),
        share(f"{prefix}conflicts_told", [row["told"] for row in conflict]),
        share(f"{prefix}false_alarms", [row["alarm"] for row in control], ceiling=True),
        share(f"{prefix}told_in_controls", [row["told"] for row in control], ceiling=True),
    ]
