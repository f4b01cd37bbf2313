"""What of the passages may be quoted, and what makes one sentence of two alike the better one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from rag import Assistant, Settings

MINUTES = """Minutes of the rowing club

1. Opening hours. The boathouse is open from May to October.
2. Notice. Members leave with three months' notice. Guests leave with little notice.
3. Tea is served. It is free.
"""
PARISH = """Upper Marsh Abbott is a parish in the county of Ferrow. In winter Upper Marsh Abbott is often cut off by snow.
At the last census the population was 2,772.
"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    place: Path = tmp_path_factory.mktemp("candidates")
    (place / "docs").mkdir()
    (place / "docs" / "minutes.txt").write_text(MINUTES)
    (place / "docs" / "parish.txt").write_text(PARISH)
    opened = Assistant.open(place / "docs", settings=Settings.load(index={"path": place / "index"}))
    for _ in opened.sync():
        pass
    yield opened
    opened.close()


def test_numbered_headings_are_not_quoted(assistant: Assistant) -> None:
    (step,) = (step for step in assistant.ask("What are the opening hours?").trace if step.name == "candidates")
    headings = [item for item in step.left if item.why == "a numbered heading is not quoted"]
    assert [MINUTES[item.start : item.end].strip() for item in headings] == ["1. Opening hours.", "2. Notice."]


def test_a_number_may_be_a_word(assistant: Assistant) -> None:
    (step,) = (step for step in assistant.ask("How long is the notice?").trace if step.name == "candidates")
    kinds = {MINUTES[item.start : item.end]: (item.parts or {})["kind"] for item in step.out}
    assert kinds["Members leave with three months' notice."] > 0 > kinds["Guests leave with little notice."]


def test_the_passage_lends_its_names(assistant: Assistant) -> None:
    asked = assistant.ask("What is the population of Upper Marsh Abbott?")
    (step,) = (step for step in asked.trace if step.name == "candidates")
    parish = [item for item in step.out if item.source.endswith("parish.txt")]
    likest = max(parish, key=lambda item: (item.parts or {})["late"])
    assert "2,772" in PARISH[likest.start : likest.end]


def test_a_likely_value_counts(assistant: Assistant) -> None:
    (step,) = (step for step in assistant.ask("When is the boathouse open?").trace if step.name == "candidates")
    worth = {
        MINUTES[item.start : item.end]: (item.parts or {}).get("value", 0.0)
        for item in step.out
        if item.source.endswith("minutes.txt")
    }
    assert worth["The boathouse is open from May to October."] > worth["It is free."] == 0
    assert all(item.score == pytest.approx(sum((item.parts or {}).values())) for item in step.out)


def test_names_begin_with_any_capital_letter(assistant: Assistant) -> None:
    query = assistant._retriever.retrieve("Where is the parish of Østerby?", 1).query
    offsets = assistant._retriever.encoder.tokenizer.encode(query.text).offsets
    assert {query.text[start:end] for (start, end), one in zip(offsets, query.particular, strict=True) if one} != set()
