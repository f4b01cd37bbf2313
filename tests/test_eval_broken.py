"""The gate over the bundled questions: what is broken on purpose turns it red, and what is unchanged never does."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from evaluation import ROOT

from eval.gate import Kind, judge
from eval.indexed import open_assistant
from eval.questions import BUNDLED, GoldQuestion, Span, load_gold, locate
from eval.results import Result
from eval.run import run_questions
from rag import Answer, Assistant, Passage

FLOORS = [
    (name, float(bound))
    for line in re.findall(r"^FLOORS := (.*)$", (ROOT / "Makefile").read_text("utf-8"), re.M)
    for name, bound in re.findall(r"(\w+)=(\S+)", line)
]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

A_FIFTH = slice(0, None, 5)  # of the bundled questions, for the sake of time
RESAMPLES = 50


class Remembering(Assistant):
    """The assistant, which gives the same answer again without asking again."""

    def __init__(self, real: Assistant) -> None:
        vars(self).update(vars(real))
        self.answers: dict[str, Answer] = {}
        self.passages: dict[str, list[Passage]] = {}

    def ask(self, question: str, **how: Any) -> Answer:
        key = repr((question, how["history"]))
        if key not in self.answers:
            self.answers[key] = super().ask(question, **how)
        return self.answers[key]

    def search(self, question: str, **how: Any) -> list[Passage]:
        key = repr((question, how["history"]))
        if key not in self.passages:
            self.passages[key] = super().search(question, **how)
        return self.passages[key]


class Altered(Remembering):
    """Changes every answer before anybody sees it."""

    def __init__(self, real: Remembering, change: Callable[[Answer], Answer]) -> None:
        vars(self).update(vars(real))
        self.change = change

    def ask(self, question: str, **how: Any) -> Answer:
        return self.change(super().ask(question, **how))


class WrongFile(Assistant):
    """Its retriever finds passages of one file, whatever is asked."""

    def __init__(self, real: Assistant) -> None:
        vars(self).update(vars(real))

    def ask(self, question: str, **how: Any) -> Answer:
        return super().ask(question, **how | {"only": ["about-these-documents.md"]})

    def search(self, question: str, **how: Any) -> list[Passage]:
        return super().search(question, **how | {"only": ["about-these-documents.md"]})


@dataclass(frozen=True)
class Bundled:
    """Some of the bundled questions, and what came of them."""

    assistant: Remembering
    questions: list[GoldQuestion]
    spans: dict[str, list[Span]]
    folder: Path
    base: Result

    def run(self, assistant: Assistant, questions: Sequence[GoldQuestion]) -> Result:
        out = self.folder / "other.jsonl"
        out.unlink(missing_ok=True)
        return run_questions(assistant, questions, self.spans, stamp={"n": len(questions)}, out=out)

    def with_rows_of(self, part: Result) -> Result:
        """The base with these rows in the place of its own."""
        rows = {row.gold.id: row for row in part.rows}
        return Result(self.base.stamp, tuple(rows.get(row.gold.id, row) for row in self.base.rows))

    def red(self, result: Result) -> set[tuple[Kind, str]]:
        checks = judge(result, floors=FLOORS, baseline=self.base)
        return {(check.kind, check.name) for check in checks if not check.passed}

    def turned_red(self, broken: Result) -> set[tuple[Kind, str]]:
        """What is red now and is green over the base's rows of the same questions."""
        asked = {row.gold.id for row in broken.rows}
        before = Result(broken.stamp, tuple(row for row in self.base.rows if row.gold.id in asked))
        return self.red(broken) - self.red(before)


@pytest.fixture(scope="module")
def bundled(samples_index: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bundled]:
    folder = tmp_path_factory.mktemp("bundled")
    questions = load_gold(BUNDLED)[A_FIFTH]
    with open_assistant(ROOT / "samples", samples_index) as real:
        spans = locate(BUNDLED, questions, [document.source for document in real.documents()], real.text)
        assistant = Remembering(real)
        stamp = {"n": len(questions)}
        base = run_questions(assistant, questions, spans, stamp=stamp, out=folder / "base.jsonl", workers=2)
        yield Bundled(assistant, questions, spans, folder, base)


@pytest.fixture(scope="module")
def reruns(bundled: Bundled) -> list[Result]:
    """All questions asked again, twice, of an assistant that remembers nothing."""
    with closing(Assistant.open(settings=bundled.assistant.settings)) as unchanged:
        return [bundled.run(unchanged, bundled.questions) for _ in range(2)]


def test_an_unchanged_run_is_green_twice(bundled: Bundled, reruns: list[Result]) -> None:
    assert [bundled.red(run) for run in (bundled.base, *reruns)] == [set()] * 3


def test_fifty_resamples_are_green(bundled: Bundled, reruns: list[Result]) -> None:
    """Floors hold with room to spare: no draw of as many such questions as are bundled falls below one, or is worse in
    the run again than in the first."""
    draw = random.Random(1)
    n = len(load_gold(BUNDLED))

    def drawn(run: Result, places: Sequence[int]) -> Result:
        rows = [run.rows[place] for place in places]
        numbered = (replace(row, gold=replace(row.gold, id=f"{number}")) for number, row in enumerate(rows))
        return Result({"n": n}, tuple(numbered))

    for _ in range(RESAMPLES):
        places = draw.choices(range(len(bundled.questions)), k=n)
        checks = judge(drawn(reruns[1], places), floors=FLOORS, baseline=drawn(bundled.base, places))
        assert [check.says for check in checks if not check.passed] == []


def test_a_broken_retriever_is_red(bundled: Bundled) -> None:
    red = bundled.turned_red(bundled.run(WrongFile(bundled.assistant), bundled.questions[::2]))
    assert red >= {(kind, name) for kind in ("floor", "baseline") for name in ("correct", "hit_at_5", "evidence_cited")}


def test_refusing_everything_is_red(bundled: Bundled) -> None:
    def refused(answer: Answer) -> Answer:
        nothing = "The documents do not say."
        return replace(answer, status="not_in_documents", text=nothing, statements=(), citations=(), conflicts=())

    red = bundled.turned_red(bundled.run(Altered(bundled.assistant, refused), bundled.questions))
    assert red >= {(kind, name) for kind in ("floor", "baseline") for name in ("correct", "refused_answerable")}


def test_answering_everything_is_red(bundled: Bundled) -> None:
    run = bundled.run(Altered(bundled.assistant, lambda answer: replace(answer, status="answered")), bundled.questions)
    assert bundled.turned_red(run) >= {("floor", "answered_unanswerable")}


def test_one_citation_shifted_by_a_sentence_is_red(bundled: Bundled) -> None:
    def shifted(answer: Answer) -> Answer:
        first, *rest = answer.citations
        text = bundled.assistant.text(first.source)
        after = re.compile(r"\w[^.!?\n]{9,}[.!?]?").search(text, first.end) or re.search(r"\w[^.!?\n]{9,}", text)
        assert after
        moved = replace(first, start=after.start(), end=after.end(), quote=after[0])
        return replace(answer, citations=(moved, *rest))

    assert _red_with_one(bundled, shifted) >= {("invariant", "verbatim_in_quote"), ("invariant", "numbers_in_quotes")}


def test_one_altered_digit_is_red(bundled: Bundled) -> None:
    def in_answer(answer: Answer) -> Answer:
        first, *rest = answer.statements
        said = replace(first, text=_other_digit(first.text))
        return replace(answer, statements=(said, *rest), text=answer.text.replace(first.text, said.text))

    def in_quote_too(answer: Answer) -> Answer:
        first, *rest = in_answer(answer).citations
        return replace(in_answer(answer), citations=(replace(first, quote=_other_digit(first.quote)), *rest))

    assert _red_with_one(bundled, in_answer) >= {("invariant", "verbatim_in_quote"), ("invariant", "numbers_in_quotes")}
    assert _red_with_one(bundled, in_quote_too) >= {("invariant", "quote_exact")}


def _red_with_one(bundled: Bundled, change: Callable[[Answer], Answer]) -> set[tuple[Kind, str]]:
    """What is red when one answer with a number is changed, of all that were given."""
    (gold, *_) = [
        row.gold
        for row in bundled.base.rows
        if row.status == "answered" and row.answer and re.search(r"\d", row.answer["statements"][0]["text"])
    ]
    part = bundled.run(Altered(bundled.assistant, change), [gold])
    return bundled.red(bundled.with_rows_of(part))


def _other_digit(text: str) -> str:
    return re.sub(r"\d", lambda found: str((int(found[0]) + 1) % 10), text, count=1)
