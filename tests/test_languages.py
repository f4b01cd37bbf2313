"""Questions in other languages than English: real index, real encoder, a small folder in each of four languages."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from languages import FOLDERS

from rag import Assistant, Settings
from rag.languages import function_words, language
from rag.words import content_words


@pytest.fixture(scope="module", params=FOLDERS)
def asked(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Assistant]]:
    place = tmp_path_factory.mktemp(request.param)
    for name, text in FOLDERS[request.param].texts.items():
        (place / "town" / name).parent.mkdir(exist_ok=True)
        (place / "town" / name).write_text(text, encoding="utf-8")
    with Assistant.open(place / "town", settings=Settings.load(index={"path": place / "index"})) as opened:
        opened.sync_all()
        yield request.param, opened


def test_questions_in_the_language_of_the_documents_are_answered_first_by_the_right_sentence(
    asked: tuple[str, Assistant],
) -> None:
    name, assistant = asked
    for question, words in FOLDERS[name].told.items():
        answer = assistant.ask(question)
        assert answer.citations, answer.text
        assert words in " ".join(answer.citations[0].quote.split()), (question, answer.text)


def test_questions_that_share_no_word_with_the_documents_are_refused(asked: tuple[str, Assistant]) -> None:
    name, assistant = asked
    for question in FOLDERS[name].untold:
        answer = assistant.ask(question)
        assert answer.status == "not_in_documents", (question, answer.text)


def test_an_english_question_is_told_in_which_language_the_documents_are(asked: tuple[str, Assistant]) -> None:
    name, assistant = asked
    assert f"The nearest passages are in {name.title()}" in assistant.ask("How does a quantum computer work?").text


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Darf ich einen Hund halten?", "German"),
        ("Où est la gare ?", "French"),
        ("¿Quién firmó el contrato?", "Spanish"),
        ("quien firmo el contrato", "Spanish"),
        ("Posso avere un cane?", "Italian"),
        ("Quem assinou o contrato?", "Portuguese"),
        ("Mag ik een hond houden?", "Dutch"),
        ("Czy mogę mieć psa?", "Polish"),
        ("Tôi có được nuôi chó không?", "Vietnamese"),
        ("Who won the war in die Pfalz?", "English"),
        ("War costs", ""),
        ("Tour de la France", ""),
        ("El Niño and La Niña", "English"),
        ("Chi ha scritto il contratto?", "Italian"),
        ("Per diem of Van der Bellen", "English"),
        ("U.S.", ""),
        ("ET season plus era", ""),
    ],
)
def test_most_of_its_function_words_tell_the_language_of_a_question(question: str, expected: str) -> None:
    assert language(question) == expected


def test_function_words_carry_no_meaning_but_words_that_only_fold_to_one_do() -> None:
    assert content_words("Wie hoch ist die Kaution?") == ["hoch", "kaution"]
    assert content_words("Did the man die in the war?") == ["man", "die", "war"]
    assert "cho" in content_words("Tôi có được nuôi chó không?")  # chó is a dog, cho is "for"
    assert not function_words("When was the ferry built?")
