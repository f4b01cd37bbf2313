"""What tells a question that the documents answer from a near miss, over a small folder: real index, real encoder."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from rag import Assistant, Settings
from rag.candidates import candidates
from rag.silence import Evidence, Signs, evidence, signs, together

TEXTS = {
    "ferry.txt": """The ferry Maren

The ferry Maren was built in Esbjerg in 1931. Captain Ida Holm steered her for nineteen years. She carried 240
passengers and eleven cars. The crossing to Fanø took twelve minutes, and fog stopped her on nine days a year. The Maren
was not insured against ice. A crew member refused to board the ferry after the storm.
""",
    "bakery.txt": """The bakery on the quay

Rye bread is baked at four in the morning. The oven burns beech wood from the forest behind the town. On Saturdays the
bakery sells 300 rolls, and the queue reaches the fish market.
""",
    "museum.txt": """The museum of the harbour

The museum keeps the logs of forty ships. Schools visit it free of charge. The guide shows a model of the old crane,
which lifted barrels of herring until the railway came.
""",
}
Signed = Callable[[str], Signs]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    place = tmp_path_factory.mktemp("silence")
    for name, text in TEXTS.items():
        (place / "town" / name).parent.mkdir(exist_ok=True)
        (place / "town" / name).write_text(text)
    opened = Assistant.open(place / "town", settings=Settings.load(index={"path": place / "index"}))
    for _ in opened.sync():
        pass
    yield opened
    opened.close()


def judged(assistant: Assistant, question: str) -> tuple[Signs | None, Evidence]:
    found = assistant._retriever.retrieve(question, 10, read=True)
    claims = candidates(found.query, found.hits, [])
    return signs(found.query, found.hits, claims), evidence(found.query, found.hits, claims)


@pytest.fixture(scope="module")
def signed(assistant: Assistant) -> Signed:
    def read(question: str) -> Signs:
        found, _ = judged(assistant, question)
        assert found
        return found

    return read


@pytest.mark.parametrize(
    ("answered", "near_miss"),
    [
        ("Who steered the ferry Maren for nineteen years?", "Who steered the ferry Skagen for nineteen years?"),
        ("How many passengers did the Maren carry?", "How many kilos of flour does the bakery use?"),
        ("Where was the ferry Maren built in 1931?", "Where was the ferry Maren repainted in 1958?"),
        ("How many rolls does the bakery sell on Saturdays?", "How much does a roll cost on Saturdays in Aarhus?"),
    ],
)
def test_a_near_miss_is_less_sure(assistant: Assistant, answered: str, near_miss: str) -> None:
    assert judged(assistant, answered)[1].confidence > judged(assistant, near_miss)[1].confidence


@pytest.mark.parametrize(
    "question",
    [
        "How long did the trip over the water last?",
        "What did the crane hoist before trains arrived?",
        "What year did the boatyard finish the Maren?",
    ],
)
def test_a_question_in_other_words_than_the_documents_is_answered_without_doubt(
    assistant: Assistant, question: str
) -> None:
    assert judged(assistant, question)[1].confidence > 0.45


def test_names_and_values_are_looked_for_in_the_sentence_and_around_it(signed: Signed) -> None:
    assert signed("Who steered the ferry Maren for nineteen years?").names >= 0.8  # told by the title
    assert signed("Who steered the ferry Skagen?").names == 0
    assert signed("What was built in 1931?").values == 1
    assert signed("What was built in 1958?").values == 0
    assert signed("Who steered?").names == signed("Who steered?").values == 1  # nothing asked for is missing


def test_a_slot_is_empty_where_nothing_of_the_asked_kind_is_new(signed: Signed) -> None:
    assert signed("How many passengers did she carry?").slot == 0
    assert signed("How many days is the wood from the forest dried?").slot == -1
    assert signed("When was the ferry Maren built?").slot == 0
    assert signed("When do schools visit the museum free of charge?").slot == -1
    assert signed("When and why do schools visit the museum?").slot == 0  # it asks for two things


def test_other_dates_than_the_one_asked_about_tell_against_it(signed: Signed) -> None:
    assert signed("Where was the ferry Maren built in 1931?").date == 0
    assert signed("Where was the ferry Maren built in 1958?").date == -1
    assert signed("How many rolls does the bakery sell in 1958?").date == 0  # a year is no weekday
    assert signed("Where was the ferry Maren built?").date == 0


def test_what_says_the_opposite_of_what_is_asked_is_no_answer(assistant: Assistant) -> None:
    answered = judged(assistant, "Which wood from the forest behind the town does the oven burn?")[1]
    assert answered.enough
    assert not judged(assistant, "Which wood from the forest behind the town does the oven not burn?")[1].enough
    assert judged(assistant, "Why does the oven not burn other wood than beech from the forest behind the town?")[
        1
    ].enough
    assert judged(assistant, "Against what was the Maren not insured?")[1].enough
    assert judged(assistant, "The oven does not burn beech wood from the forest behind the town.")[1].enough  # a claim


def test_a_long_question_is_no_surer_for_its_length(assistant: Assistant) -> None:
    foreign = (
        "Astronomers observed Jupiter through refractor telescopes, composers rehearsed symphonies, surgeons transplanted "
        "kidneys, botanists catalogued orchids, linguists transcribed dialects, goldsmiths polished sapphires, pilots "
        "simulated landings and geologists sampled basalt. Which novelist signed paperbacks?"
    )
    for question in (foreign, foreign * 5):
        found = judged(assistant, question)[1]
        assert not found.enough
        assert found.confidence <= 0.2


def test_what_a_follow_up_took_over_need_not_be_said_again(signed: Signed) -> None:
    plain = signed("Which wood does the oven burn?")
    carried = signed("Which wood does the oven burn (bread was not baked in Aarhus in 1958)?")
    assert carried[-4:] == plain[-4:]  # names, values, slot, date


def test_words_that_no_document_has_are_named_as_asked(assistant: Assistant) -> None:
    _, found = judged(assistant, "Did Skagen's Ferries lease Rolls from ExxonMobil?")
    assert found.missing == ("Skagen", "lease", "ExxonMobil")  # another form of "Ferries" stands there


def test_common_and_polite_words_are_not_named_as_missing(assistant: Assistant) -> None:
    _, found = judged(assistant, "Hello, I meant: when was the last health inspection by France in 2017, thanks?")
    assert found.missing == ("inspection", "France", "2017")
    assert judged(assistant, "Health?")[1].missing == ()
    assert judged(assistant, "Why weren't parasols sold, and aren’t they now?")[1].missing == ("parasols",)


def test_a_refusal_names_what_is_missing(assistant: Assistant) -> None:
    answer = assistant.ask("How did ExxonMobil finance semiconductor lithography?")
    assert answer.status == "not_in_documents"
    assert "“ExxonMobil”" in answer.text
    assert not answer.citations
    assert answer.related


@pytest.mark.parametrize("question", ["...?!", "the of and", "why", "42", "ここはどこですか"])
def test_any_question_is_judged(assistant: Assistant, question: str) -> None:
    if any(letter.isalnum() for letter in question):
        assert 0 <= assistant.ask(question).confidence <= 1
    _, found = judged(assistant, question)
    assert 0 <= found.confidence <= 1


def test_nothing_found_is_no_evidence(assistant: Assistant) -> None:
    query = assistant._retriever.retrieve("Who steered the ferry Maren?", 10).query
    assert evidence(query, [], []) == Evidence(0.0, False, ())


def test_several_things_are_as_sure_as_the_best_supported_of_them() -> None:
    parts = [Evidence(0.8, True, ("a",)), Evidence(0.2, False, ("b", "a"))]
    assert together(parts) == together(parts[::-1])._replace(missing=("a", "b")) == Evidence(0.8, True, ("a", "b"))
    assert together(parts[1:]) == parts[1]


def test_a_part_of_a_question_that_is_foreign_is_said_to_be_so(assistant: Assistant) -> None:
    answer = assistant.ask("Who steered the ferry Maren, and which enzyme oxidises succinate in mitochondria?")
    assert "Captain Ida Holm" in answer.text
    assert answer.statements[-1].text == "Not in the documents: which enzyme oxidises succinate in mitochondria?"
    assert answer.statements[-1].support == "none"
    assert {citation.source.rpartition("/")[2] for citation in answer.citations} == {"ferry.txt"}
