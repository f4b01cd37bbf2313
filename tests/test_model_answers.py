"""Answers of a language model through the whole assistant: a real HTTP server, the real index of the sample folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from lying_server import Connection, LyingServer, Script, hangs, says, status

from rag import Answer, Assistant, ModelError, Settings, SettingsError, Turn

SAMPLES = Path(__file__).parent.parent / "samples"
KEY = "What does key WG-114 open?"
TRUE = "Key WG-114 opens both taps [1]."
Opened = Callable[..., Assistant]


@pytest.fixture(scope="module")
def place(samples_index: Path) -> Path:
    return samples_index


@pytest.fixture
def asked(place: Path) -> Iterator[Callable[..., tuple[Answer, LyingServer]]]:
    """Asks an assistant whose model says what a script says."""
    servers = []

    def ask(
        question: str, *scripts: Script, history: tuple[Turn, ...] = (), **answer: object
    ) -> tuple[Answer, LyingServer]:
        servers.append(LyingServer(*scripts).__enter__())
        with closing(assistant_of(place, servers[-1], **answer)) as assistant:
            return assistant.ask(question, history=history), servers[-1]

    yield ask
    for server in servers:
        server.__exit__(None, None, None)


def assistant_of(place: Path, server: LyingServer, **answer: object) -> Assistant:
    model = {"name": "openai:fake", "api_base": server.url}
    return Assistant.open(SAMPLES, settings=Settings.load(index={"path": place}, model=model, answer=answer))


def assert_resolves(answer: Answer) -> None:
    used = list(dict.fromkeys(number for statement in answer.statements for number in statement.citations))
    assert used == [citation.number for citation in answer.citations] == list(range(1, len(used) + 1))


def test_a_model_answers_and_every_sentence_is_cited_and_checked(
    asked: Callable[..., tuple[Answer, LyingServer]],
) -> None:
    answer, server = asked(KEY, says(f"{TRUE} It was cast in Milan in 1932."))
    assert answer.writer == "openai:fake"
    assert len(server.requests) == 1
    first, second = answer.statements
    assert (first.text, first.support, first.citations) == ("Key WG-114 opens both taps.", "supported", (1,))
    assert "WG-114" in answer.citations[0].quote
    assert second.support == "not_found"
    assert second.problems == ("no passage was found for this sentence",)
    assert "1932" in answer.text  # visible, and marked
    assert_resolves(answer)


def test_strict_withholds_what_is_not_borne_out(asked: Callable[..., tuple[Answer, LyingServer]]) -> None:
    answer, _ = asked(KEY, says("It was cast in Milan in 1932."), strict=True)
    assert "1932" not in answer.text
    assert answer.statements[-1].text == "Withheld because the documents do not bear it out: 1 sentence."
    assert any(statement.support == "verbatim" for statement in answer.statements)
    assert answer.writer == "quotes", "nothing is left of what the model wrote"
    assert_resolves(answer)


def test_what_no_document_supports_is_followed_by_their_own_words(
    asked: Callable[..., tuple[Answer, LyingServer]],
) -> None:
    answer, _ = asked(KEY, says("The moon is made of 42 cheeses."))
    assert answer.statements[0].support == "not_found"
    assert answer.statements[1].text == "The documents' own words that come nearest:"
    assert answer.statements[2].support == "verbatim"
    assert answer.writer == "openai:fake"


def test_a_model_that_finds_nothing_is_not_believed_against_the_evidence(
    asked: Callable[..., tuple[Answer, LyingServer]],
) -> None:
    answer, _ = asked(KEY, says("The documents do not say."))
    assert answer.status == "answered"
    assert answer.writer == "quotes"
    assert all(statement.support == "verbatim" for statement in answer.statements[1:])


def test_quotes_ask_no_model(place: Path) -> None:
    with LyingServer(says("Never.")) as server, closing(assistant_of(place, server)) as assistant:
        assert assistant.ask(KEY, writer="quotes").writer == "quotes"
        assert assistant.ask("hello").status == "about_assistant"
        assert not server.requests


def test_a_foreign_question_is_refused_before_a_model_is_asked(
    asked: Callable[..., tuple[Answer, LyingServer]],
) -> None:
    answer, server = asked("Which enzyme unwinds the double helix during replication?", says("Helicase [1]."))
    assert answer.status == "not_in_documents"
    assert not server.requests


def test_a_model_that_is_wanted_must_be_configured(place: Path) -> None:
    with closing(Assistant.open(SAMPLES, settings=Settings.load(index={"path": place}))) as assistant:
        assert assistant.ask(KEY).writer == "quotes"
        with pytest.raises(SettingsError, match="language model"):
            assistant.ask(KEY, writer="model")


def test_stop_ends_the_writing_with_what_is_there(place: Path) -> None:
    stop = threading.Event()
    script = hangs(after=f"{TRUE} And so")
    with LyingServer(script) as server, closing(assistant_of(place, server)) as assistant:
        for step in assistant.stream(KEY, stop=stop):
            answer = step
            if answer.statements:
                stop.set()
        assert server.disconnected.wait(5)
    assert answer.status == "answered"
    assert answer.text == "Key WG-114 opens both taps. [1]"
    assert_resolves(answer)


def test_a_false_sentence_says_what_is_not_found(asked: Callable[..., tuple[Answer, LyingServer]]) -> None:
    answer, _ = asked(KEY, says("Key WG-114 opens the tool shed [1]."))
    first = answer.statements[0]
    assert (first.support, first.problems) == ("not_found", ("“WG-114” is not in the cited passage",))


def test_an_answer_that_is_cut_off_says_so(asked: Callable[..., tuple[Answer, LyingServer]]) -> None:
    answer, _ = asked(KEY, says(f"{TRUE} Key WG-114 does not", finish="length"))
    assert answer.text == "Key WG-114 opens both taps. [1] The model's answer was cut off at model.max_tokens."
    assert [one.support for one in answer.statements] == ["supported", "none"]


def test_reasoning_that_nothing_opens_is_no_answer(asked: Callable[..., tuple[Answer, LyingServer]]) -> None:
    answer, _ = asked(KEY, says(f"The user asks about keys. Perhaps it opens the vault.</think>{TRUE}"))
    assert [one.text for one in answer.statements] == ["Key WG-114 opens both taps."]


def test_a_failure_is_an_error_and_the_assistant_goes_on(place: Path) -> None:
    scripts = status(401), says(TRUE)
    with LyingServer(*scripts) as server, closing(assistant_of(place, server)) as assistant:
        with pytest.raises(ModelError):
            assistant.ask(KEY)
        assert assistant.ask(KEY).writer == "openai:fake"


def test_words_come_while_they_are_written(place: Path) -> None:
    script = says("Key WG-114 opens both taps, as the list of keys says [1].", chunks=3, delay=0.005)
    with LyingServer(script) as server, closing(assistant_of(place, server)) as assistant:
        *growing, last = (step.text for step in assistant.stream(KEY))
    assert len(growing) > 5
    assert len(set(growing)) == len(growing)
    assert all("[" not in text for text in growing[:-1])
    assert growing[-1] == last


def test_words_are_given_out_before_a_model_stalls_or_fails(place: Path) -> None:
    def stalls(to: Connection) -> None:
        to.head()
        to.delta(content="Key WG-114 opens both taps. ")
        to.delta(content="It is ")
        to.wait(1.5)

    seen: list[tuple[float, str]] = []
    with LyingServer(stalls) as server, closing(assistant_of(place, server)) as assistant:
        with pytest.raises(ModelError, match="broke off"):
            seen.extend((time.monotonic(), step.text) for step in assistant.stream(KEY))
        assert time.monotonic() - seen[-1][0] > 1
    assert seen[-1][1].endswith(" It is")


def test_a_model_completes_what_leans_on_the_history(asked: Callable[..., tuple[Answer, LyingServer]]) -> None:
    history = (Turn("What does key WG-114 open?", "Both taps."),)
    scripts = says("Who holds key WG-114?"), says("The list of keys says so [1].")
    answer, server = asked("and who holds it?", *scripts, history=history)
    assert answer.understood_as == "Who holds key WG-114?"
    assert len(server.requests) == 2
