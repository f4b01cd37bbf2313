"""Questions to cited answers over the sample folder: real index, real encoder."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from rag import Answer, Assistant, BadQuestion, IndexMissing, NotIndexed, Settings, Turn
from rag.compose import UNCONFIRMED, UNSURE

SAMPLES = Path(__file__).parent.parent / "samples"
QUESTIONS = [
    "How high is the deposit for a plot?",
    "What does key WG-114 open?",
    "How many sanctions have been imposed on Russia?",
    "Who led the American delegation in Istanbul?",
    "How often should the compost heap be turned?",
    "How big was trade between the United States and Russia in 2013?",
    "what share of its territory has ukraine lost",
    "When does the sample-folder layout go to the printer?",
]


@pytest.fixture(scope="module")
def assistant(samples_index: Path) -> Iterator[Assistant]:
    with Assistant.open(index=samples_index) as opened:
        yield opened


def assert_checkable(assistant: Assistant, answer: Answer) -> None:
    """Every citation is exact and used, every marker resolves, every quoted sentence is verbatim."""
    for citation in answer.citations:
        text = assistant.text(citation.source)
        assert text[citation.start : citation.end] == citation.quote
        assert text[: citation.start].endswith(citation.before)
        assert text[citation.end :].startswith(citation.after)
        if citation.line is not None:
            assert text.count("\n", 0, citation.start) + 1 == citation.line
    used = list(dict.fromkeys(number for statement in answer.statements for number in statement.citations))
    assert used == [citation.number for citation in answer.citations] == list(range(1, len(used) + 1))
    said = [statement for statement in answer.statements if statement.support != "none"]
    assert said
    assert [s.text for s in answer.statements if s.support == "none"] == [UNCONFIRMED] * (answer.confidence < UNSURE)
    for statement in said:
        assert statement.support == "verbatim"
        assert statement.text in [answer.citations[number - 1].quote for number in statement.citations]
        assert all(f"[{number}]" in answer.text for number in statement.citations)


@pytest.mark.parametrize("question", QUESTIONS)
def test_answers_are_verbatim_cited_and_short(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.status == "answered"
    assert 1 <= len(answer.statements) <= 3
    assert_checkable(assistant, answer)


@pytest.mark.parametrize(
    ("question", "words", "source"),
    [
        ("How high is the deposit for a plot?", "60", "samples/garden/handbook.md"),
        ("What does key WG-114 open?", "Both taps", "samples/garden/handbook.md"),
        ("How hot does bay 2 get?", "55 to 65", "samples/garden/composting.pptx"),
        ("Who led the American delegation in Istanbul?", "Coulter", None),
        ("How many Russian diplomats were in the United States in 2016?", "1,200", None),
        ("When does the sample-folder layout go to the printer?", "21 March", "samples/dossier/mail-sanctions.eml"),
    ],
)
def test_the_answer_is_found(assistant: Assistant, question: str, words: str, source: str | None) -> None:
    answer = assistant.ask(question)
    assert words in answer.text
    if source:
        assert source in [citation.source for citation in answer.citations]


def test_places_are_told_in_the_terms_of_each_format(assistant: Assistant) -> None:
    pdf = assistant.ask("Which countries opposed sending peacekeepers?", only=["*.pdf"]).citations[0]
    assert pdf.page in (1, 2)
    assert pdf.line is None
    plain = assistant.ask("How much money did the garden have?", only=["*.txt"]).citations[0]
    assert plain.line is not None
    assert plain.page is None
    slide = assistant.ask("How hot does bay 2 get?", only=["*.pptx"]).citations[0]
    assert slide.page == 3
    page = assistant.ask("Who led the American delegation?", only=["*.html"]).citations[0]
    assert page.heading


def test_stream_grows_by_whole_statements_and_ends_with_what_ask_returns(assistant: Assistant) -> None:
    steps = list(assistant.stream(QUESTIONS[2]))
    growing = steps[:-1]
    assert [len(step.statements) for step in growing] == list(range(1, len(steps)))
    for before, after in pairwise(steps):
        assert after.text.startswith(before.text)
        assert after.statements[: len(before.statements)] == before.statements
    assert without_timings(steps[-1]) == without_timings(assistant.ask(QUESTIONS[2]))
    assert set(steps[-1].timings_ms) == {"retrieve", "write", "total"}


def without_timings(answer: Answer) -> str:
    return json.dumps(answer.to_dict() | {"timings_ms": {}}, sort_keys=True)


def test_two_assistants_give_equal_answers(assistant: Assistant) -> None:
    twin = Assistant.open(settings=assistant.settings)
    for question in QUESTIONS:
        assert without_timings(twin.ask(question)) == without_timings(assistant.ask(question))
    twin.close()


def test_wire_shape(assistant: Assistant) -> None:
    shape = json.loads(json.dumps(assistant.ask(QUESTIONS[0]).to_dict()))
    assert list(shape)[:13] == [
        "schema", "id", "question", "understood_as", "text", "status", "confidence", "writer", "statements", "citations",
        "conflicts", "related", "searched",
    ]  # fmt: skip
    assert shape["schema"] == 1
    assert shape["writer"] == "quotes"
    assert list(shape["statements"][0]) == ["text", "citations", "support", "problems"]
    assert list(shape["citations"][0]) == [
        "number", "source", "title", "start", "end", "line", "page", "heading", "quote", "before", "after", "sha256",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "question",
    [
        "What is the melting point of tungsten?",
        "how do i reset my router password",
        "Wie heißt die Hauptstadt der Mongolei?",
    ],
)
def test_a_foreign_question_is_refused_with_what_was_searched(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.status == "not_in_documents"
    assert not answer.citations
    assert "[" not in answer.text
    assert answer.searched is not None
    assert answer.searched.files == len([d for d in assistant.documents() if d.status == "ready"])
    assert 1 <= len(answer.related) <= 3
    assert [statement.support for statement in answer.statements] == ["none"]
    for passage in answer.related:
        assert assistant.text(passage.source)[passage.start : passage.end] == passage.text


@pytest.mark.parametrize(
    "question", ["hello", "Thanks!", "what can you do?", "Which files are there?", "what is in here?"]
)
def test_questions_about_the_assistant_cite_nothing(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.status == "about_assistant"
    assert not answer.citations
    if "files" in question:
        assert all(d.source in answer.text for d in assistant.documents() if d.status == "ready")


@pytest.mark.parametrize("question", ["", "  \n ", "?!…", "\0", "x" * 20_000])
def test_questions_that_cannot_be_asked(assistant: Assistant, question: str) -> None:
    with pytest.raises(BadQuestion) as caught:
        assistant.ask(question)
    assert caught.value.remedy
    with pytest.raises(BadQuestion):
        assistant.search(question)


@pytest.mark.parametrize(
    "question",
    [
        'deposit" OR plot NEAR( *',
        "<b>deposit</b> for a plot?",
        "deposit AND -plot ^x",
        "Qual è il deposito?",
        "порог 押金 🙂 deposit",
    ],
)
def test_markup_operators_and_other_languages_are_only_words(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.question == question
    assert_checkable(assistant, answer) if answer.status == "answered" else None
    assert assistant.search(question)


@pytest.mark.parametrize(
    ("only", "allowed"),
    [
        (["samples/garden/handbook.md"], lambda s: s == "samples/garden/handbook.md"),
        (["samples/garden/"], lambda s: s.startswith("samples/garden/")),
        (["*.pdf", "*.eml"], lambda s: s.endswith((".pdf", ".eml"))),
    ],
)
def test_a_filter_reaches_into_both_legs(assistant: Assistant, only: list[str], allowed: object) -> None:
    assert callable(allowed)
    for question in QUESTIONS:
        found = assistant.search(question, only=only, k=10)
        assert found
        assert all(allowed(passage.source) for passage in found)
        answer = assistant.ask(question, only=only)
        assert all(allowed(citation.source) for citation in answer.citations)
        assert all(allowed(passage.source) for passage in answer.related)


def test_a_filter_that_matches_nothing_is_an_error_not_a_refusal(assistant: Assistant) -> None:
    with pytest.raises(NotIndexed, match="no-such"):
        assistant.ask(QUESTIONS[0], only=["no-such/"])


def test_search_gives_k_passages_with_exact_places(assistant: Assistant) -> None:
    for k in (1, 5, 40):
        passages = assistant.search("sanctions on Russia", k=k)
        assert 1 <= len(passages) <= k
        assert [p.score for p in passages] == sorted((p.score for p in passages), reverse=True)
        assert len({p.id for p in passages}) == len(passages)
        for passage in passages:
            assert assistant.text(passage.source)[passage.start : passage.end] == passage.text
    assert len(assistant.search("sanctions on Russia", k=40)) > 10


def test_history_completes_only_what_leans_on_it(assistant: Assistant) -> None:
    earlier = [Turn("How many Russian diplomats were in the United States in 2016?", "1,200 [1]")]
    answer = assistant.ask("and in 2023?", history=earlier)
    assert answer.understood_as == "How many Russian diplomats were in the United States in 2023?"
    assert "400" in answer.text
    alone = assistant.ask(QUESTIONS[0], history=earlier)
    assert alone.understood_as == QUESTIONS[0]
    assert alone.text == assistant.ask(QUESTIONS[0]).text


def test_a_labelled_item_of_a_list_is_quoted(assistant: Assistant) -> None:
    answer = assistant.ask("Who is the treasurer of the garden?")
    assert "Treasurer: Colm Vasquez" in [citation.quote for citation in answer.citations]


def test_headings_and_fragments_are_never_an_answer(assistant: Assistant) -> None:
    headings = {
        passage.heading.rsplit(" > ", 1)[-1]
        for q in QUESTIONS
        for passage in assistant.search(q, k=50)
        if passage.heading
    }
    assert len(headings) > 20
    for heading in sorted(headings)[::3]:
        for statement in assistant.ask(f"What is said about {heading}?").statements:
            assert statement.text not in headings


@pytest.mark.parametrize(
    "question", ["What did US companies lose by leaving Russia?", "why does the ambassador have two spellings"]
)
def test_a_question_in_a_document_is_no_answer(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.statements
    assert not [statement.text for statement in answer.statements if statement.text.endswith("?")]


def test_examples_are_answered_from_the_folder(assistant: Assistant) -> None:
    examples = assistant.examples(4)
    assert len(examples) == 4
    for question in examples:
        assert assistant.ask(question).status == "answered"


def test_before_the_first_sync_the_remedy_is_named(tmp_path: Path) -> None:
    fresh = Assistant.open(SAMPLES, settings=Settings.load(index={"path": tmp_path / "none"}))
    with pytest.raises(IndexMissing, match="citewise index"):
        fresh.ask("anything there?")
    assert fresh.examples() == []
    assert not (tmp_path / "none").exists()


def test_words_find_passages_while_the_first_indexing_runs(tmp_path: Path) -> None:
    assistant = Assistant.open(SAMPLES, settings=Settings.load(index={"path": tmp_path / "index"}))
    sync = assistant.sync()
    for step in sync:
        if step.phase == "embed":
            break
    answer = assistant.ask("What does key WG-114 open?")
    assert "Both taps" in answer.text
    assert_checkable(assistant, answer)
    assert answer.searched is not None
    assert answer.searched.pending == answer.searched.passages > 0
    assert not answer.searched.by_meaning
    assert answer.searched.note
    for _ in sync:
        pass
    whole = assistant.ask("What does key WG-114 open?")
    assert whole.searched is not None
    assert (whole.searched.pending, whole.searched.by_meaning) == (0, True)
    assistant.close()


def test_near_duplicates_are_folded_and_neighbours_found(tmp_path: Path) -> None:
    folder = tmp_path / "docs"
    folder.mkdir()
    fact = "The lighthouse at Cape Wren was lit for the first time on 4 May 1871 by the keeper Ada Holm. "
    filler = "Ships pass the cape in every season, and the harbour office keeps a careful list of them. " * 20
    (folder / "one.txt").write_text(fact + filler)
    (folder / "two.txt").write_text(fact + filler + "The list is kept in pencil.")
    assistant = Assistant.open(folder, settings=Settings.load(index={"path": tmp_path / "index"}))
    for _ in assistant.sync():
        pass
    found = assistant.search("Who lit the lighthouse at Cape Wren?", k=10)
    assert sum("Ada Holm" in passage.text for passage in found) == 1
    answer = assistant.ask("Who lit the lighthouse at Cape Wren?")
    assert "Ada Holm" in answer.statements[0].text
    assert sum("Ada Holm" in statement.text for statement in answer.statements) == 1
    assistant.close()


def test_a_folder_of_which_nothing_was_read_is_told_instead_of_answered_from(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "empty.txt").touch()
    with Assistant.open(tmp_path / "docs", settings=Settings.load(index={"path": tmp_path / "index"})) as empty:
        empty.sync_all()
        with pytest.raises(IndexMissing, match="No file has been read yet"):
            empty.ask("What does it cost?")
        assert empty.ask("Hello!").status == "about_assistant"
