"""Disagreements between documents: told with both sides, or explained, or left alone where they measure other things."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eval.studies.disagreements import load_cases
from index import CitewiseError
from rag import Answer, Assistant, Settings
from rag.dimension import fits
from rag.grounding.facts import facts
from rag.values import asked

DOCUMENTS = {
    "mill/leaflet.txt": "The Old Mill of Harrow was built in 1784 by the carpenter Owen Pratt. It has two pairs of stones.",
    "mill/guide.txt": "The Old Mill of Harrow was built in 1812 by the carpenter Owen Pratt. It stands beside the ford.",
    "visits/2021 report.txt": "In 2021 the museum of Harrow counted 4,100 visitors. The roof was mended in the spring.",
    "visits/2023 report.txt": "In 2023 the museum of Harrow counted 6,300 visitors. A new floor was laid in the hall.",
    "path/council.txt": "The towpath of Harrow is open to cyclists. The signs were painted in May.",
    "path/society.txt": "The towpath of Harrow is not open to cyclists. Walkers have it for themselves.",
    "fees/members.txt": "The yearly fee of the Harrow rowing club is 40 euros for members. The boathouse costs 300 euros to heat.",
    "fees/again.txt": "Members of the Harrow rowing club pay a yearly fee of forty euros. The club has nine boats.",
    "head/letter.txt": "The head of the Harrow school is Miriam Castle. She came from the coast.",
    "leases/quay.md": (
        "# Lease: Quay Street 8\n\nThe lease begins on 1 May 2019 and runs for six years. The yearly rent is 9,000 euros."
    ),
    "leases/ford.md": (
        "# Lease: Ford Road 21\n\nThe lease begins on 1 June 2020 and runs for nine years. The yearly rent is 7,200 euros."
    ),
    "bees/spring.txt": "The keepers of the apiary sold 410 jars of honey. They meet on 14 days of the year.",
    "bees/autumn.txt": "The keepers of the apiary sold 530 jars of honey. They meet on 20 days of the year.",
    "lamp/hall.txt": "In the reading room at Tarn you may ask for a lamp before you sit down, but you cannot have a lamp there at night.",
    "lamp/desk.txt": "You may ask for a lamp at night before you sit down in the reading room at Tarn.",
    "baths/poster.txt": "The baths of Stourfoot close at 18:00. Towels are lent.",
    "baths/ticket.txt": "The baths of Stourfoot close at 8 pm sharp. The water is warm.",
    "kiosk/friday.txt": "The kiosk of Wern opens at 9 am on Fridays. It sells ices.",
    "kiosk/sunday.txt": "The kiosk of Wern opens at 11 am on Sundays. It sells maps.",
    "reserve/old.txt": "Tilda Marsh is the new warden of the Stourfoot reserve, succeeding her aunt Edna Marsh. Dogs stay out.",
    "reserve/new.txt": "Rupert Hale is the new warden of the Stourfoot reserve, succeeding her aunt Edna Marsh. Geese come.",
    "ferry/ada.txt": "Ada Lind wrote that the captain of the ferry Maren was Ole Dahl from Stourfoot. It rained.",
    "ferry/tom.txt": "Tom Frey wrote that the captain of the ferry Maren was Ole Dahl from Stourfoot. It snowed.",
    "regatta/poster.txt": "The 2024 Harrow regatta is rowed on 8 June 2024. Bring a hat.",
    "regatta/letter.txt": "The 2024 Harrow regatta is rowed on 15 June 2024. Tea is served.",
    "head/paper.txt": "The head of the Harrow school is Edgar Lowell. He teaches chemistry too.",
}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    place = tmp_path_factory.mktemp("disagreeing")
    for name, text in DOCUMENTS.items():
        path = place / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    opened = Assistant.open(place / "docs", settings=Settings.load(index={"path": place / "index"}))
    for _ in opened.sync():
        pass
    yield opened
    opened.close()


def values(answer: Answer) -> list[set[str]]:
    return [{side.value for side in conflict.sides} for conflict in answer.conflicts]


@pytest.mark.parametrize(
    ("question", "sides"),
    [
        ("When was the Old Mill of Harrow built?", {"1784", "1812"}),
        ("Who is the head of the Harrow school?", {"Miriam Castle", "Edgar Lowell"}),
        ("Is the towpath of Harrow open to cyclists?", {"yes", "no"}),
        ("Who is the warden of the Stourfoot reserve?", {"Tilda Marsh", "Rupert Hale"}),  # in one place of two copies
        ("When do the baths of Stourfoot close?", {"18:00", "8 pm"}),
        ("What is the date of the 2024 Harrow regatta?", {"8 June 2024", "15 June 2024"}),  # says more than "2024"
    ],
)
def test_both_sides_are_told_and_quoted(assistant: Assistant, question: str, sides: set[str]) -> None:
    answer = assistant.ask(question)
    assert values(answer) == [sides]
    assert [conflict.differs for conflict in answer.conflicts] == [None]
    for side in answer.conflicts[0].sides:
        citation = answer.citations[side.citation - 1]
        assert citation.number == side.citation
        assert citation.quote in answer.text
        assert side.value in citation.quote or side.value in ("yes", "no")


def test_values_of_two_periods_are_explained_and_dated(assistant: Assistant) -> None:
    (conflict,) = assistant.ask("How many visitors did the museum of Harrow count?").conflicts
    assert conflict.differs in ("period: 2021 vs 2023", "period: 2023 vs 2021")
    assert {(side.value, side.date) for side in conflict.sides} == {("4,100", "2021"), ("6,300", "2023")}


def test_different_things_are_told_apart_by_their_titles(assistant: Assistant) -> None:
    (conflict,) = assistant.ask("When does the lease begin?").conflicts
    assert conflict.differs in ("scope: Quay Street 8 vs Ford Road 21", "scope: Ford Road 21 vs Quay Street 8")
    assert {side.value for side in conflict.sides} == {"1 May 2019", "1 June 2020"}


def test_hours_of_different_days_are_explained(assistant: Assistant) -> None:
    (conflict,) = assistant.ask("What time does the kiosk of Wern open?").conflicts
    assert conflict.differs in ("period: friday vs sunday", "period: sunday vs friday")


def test_the_sides_are_of_one_kind(assistant: Assistant) -> None:
    assert values(assistant.ask("How many jars of honey did the apiary sell?")) == [{"410", "530"}]


@pytest.mark.parametrize(
    "question",
    [
        "How long is the lease of Quay Street 8?",  # the other lease is of another street
        "Who was the captain of the ferry Maren?",  # the same in two copies, of which other people wrote
        "When does the lease end?",  # only its beginning is told
        "How many keepers does the apiary have?",  # jars and days are no keepers
        "How much did the apiary earn?",  # nor money
        "How many visitors did the museum of Harrow count in 2023?",  # the other number is of another year
        "How much is the yearly fee of the Harrow rowing club?",  # 40 is forty, and heating is no fee
        "How was the Old Mill of Harrow built?",  # asks for no single value
        "What does the towpath of Harrow look like?",
        "Is there a reading room at Tarn?",  # a lamp is denied, no room
    ],
)
def test_no_alarm(assistant: Assistant, question: str) -> None:
    assert assistant.ask(question).conflicts == ()


def test_one_side_alone_is_no_disagreement(assistant: Assistant) -> None:
    assert assistant.ask("When was the Old Mill of Harrow built?", only=["docs/mill/guide.txt"]).conflicts == ()


def test_the_same_answer_every_time(assistant: Assistant) -> None:
    first, second = (assistant.ask("When was the Old Mill of Harrow built?") for _ in range(2))
    assert (first.conflicts, first.text) == (second.conflicts, second.text)


@pytest.mark.parametrize(
    ("question", "kind"),
    [
        ("Since when is the bridge closed?", "date"),
        ("How many boats are there?", "number"),
        ("Who keeps the bees?", "name"),
        ("Where is the archive?", "name"),
        ("Does the mill still grind?", "whether"),
        ("What sport is the cup associated with?", "other"),
        ("What is the genre of the play?", "other"),
        ("Why was the weir rebuilt?", None),
        ("Who were the members of the committee?", None),
        ("Compare the income of 2021 and 2022", None),
    ],
)
def test_the_kind_of_thing_asked_for(question: str, kind: str | None) -> None:
    assert asked(question) == kind


@pytest.mark.parametrize(
    ("question", "text", "fitting"),
    [
        ("How many employees are there?", "It sold 300 loaves to 40 workers in 5 days.", ["40"]),
        ("How many loaves were sold?", "It sold 300 loaves to 40 workers in 5 days.", ["300"]),
        ("How many hours does it take?", "It takes 40 minutes, costs 9 euros and needs 2 helpers.", ["40 minutes"]),
        ("How long is the bridge?", "The bridge of 1,200 tonnes is 90 metres long.", ["90 metres"]),
        ("How much does a ticket cost?", "Each of the 50 tickets costs 12 euros.", ["12 euros"]),
        ("What is the population of Harrow?", "It has 5,100 inhabitants on 30 km².", ["5,100"]),
        ("What is the yield?", "It is 12 tonnes, or 4 percent more.", ["12 tonnes", "4 percent"]),
    ],
)
def test_numbers_that_measure_what_is_asked(question: str, text: str, fitting: list[str]) -> None:
    fit = fits(question)
    assert [fact.text for fact in facts(text) if fact.kind == "number" and fit(fact)] == fitting


# -- the measure ------------------------------------------------------------------------------------------------------

ROWS = {
    "corpus.jsonl": (
        '{"_id": "r", "title": "", "text": "The ferry holds 90 people.", "file": "r.txt", "answer": "90 people"}\n'
        '{"_id": "w", "title": "", "text": "The ferry holds 60 people.", "file": "w.txt", "answer": "60 people"}\n'
        '{"_id": "n", "title": "", "text": "The ferry is green.", "file": "n.txt", "answer": "unknown"}\n'
    ),
    "queries.jsonl": (
        '{"_id": "1", "text": "How many people does the ferry hold?", "answerable": true, "gold_sentences": [], '
        '"answers": ["90 people"], "wrong_answers": ["60 people"], "gold_docs": ["r"], "wrong_docs": ["w"], '
        '"noise_docs": ["n"]}\n'
    ),
    "qrels.tsv": "query-id\tcorpus-id\tscore\n1\tr\t1\n",
}


def test_cases_tell_the_folders_apart(tmp_path: Path) -> None:
    for name, text in ROWS.items():
        (tmp_path / name).write_text(text)
    (case,) = load_cases(tmp_path)
    assert set(case.files) == {"r.txt", "w.txt", "n.txt"}
    assert case.control == ("r.txt", "n.txt")
    assert case.disputed
    assert case.both("90 people, or 60 people?")
    assert not case.both("90 people, and 90 people again; 160 people")


def test_a_row_that_lacks_a_field_is_named(tmp_path: Path) -> None:
    for name, text in ROWS.items():
        (tmp_path / name).write_text(text.replace('"wrong_answers": ["60 people"], ', ""))
    with pytest.raises(CitewiseError, match=r"queries\.jsonl, line 1"):
        load_cases(tmp_path)
