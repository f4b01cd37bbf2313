"""Why an answer is as it is: the record of its steps, and the step at which an expected passage was lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from terminals import BAD_ARGUMENTS, FAILED, OK, Run

from rag import Assistant, BadQuestion, Fate, Item, Settings
from rag.why import STAGES

FERRIES = "Which ferry leaves the pier at noon?"
SMELL = "What does the glue of the bookbinder smell of?"
STEPS = [
    "understood", "words", "meaning", "fused", "reranked", "kept", "candidates", "evidence", "disagreements", "chosen",
    "checked",
]  # fmt: skip
FILES = {
    "bindery/glue.md": (
        "# The bindery\n\n## Glue\n\nThe glue of the bookbinder smells of almonds and smoke. "
        "The glue of the bookbinder smells, every morning, of almonds and of smoke.\n\n"
        "Figure 3: the glue\n\nHas the bookbinder ever told of the smell?\n\n## Afterword\n"
    ),
    "bindery/press.txt": "The press of the bookbinder is made of beech.\nIts screw was turned in the town of Arle.\n",
    "quarry.txt": "Marble from the upper quarry is cut with wire and wet sand.\n",
    "copy/quarry.txt": "Marble from the upper quarry is cut with wire and wet sand.\n",
    "notes.dat": "nothing to read",
    "broken.pdf": "%PDF-1.4 broken",
    "secret/plan.txt": "The plan is kept in the drawer.",
    ".hidden.txt": "Nobody reads this.",
    ".citewiseignore": "secret/\n",
    "gone.txt": "This file is taken out of the index.",
} | {f"ferries/{n:03}.txt": f"Ferry number {n} leaves the pier at noon and carries {n} sheep.\n" for n in range(1, 121)}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    base = tmp_path_factory.mktemp("why")
    for name, text in FILES.items():
        path = base / "town" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    opened = Assistant.open(base / "town", settings=Settings.load(index={"path": base / "index"}))
    for _ in opened.sync():
        pass
    opened.remove("town/gone.txt")
    (base / "town" / "late.txt").write_text("This came later.", "utf-8")
    (base / "town" / "bindery" / "press.txt").write_text("The press of the bookbinder has gone.\n", "utf-8")
    yield opened
    opened.close()


def fate(assistant: Assistant, question: str, file: str, quote: str, only: tuple[str, ...] = ()) -> Fate:
    found = assistant.why(question, expect=(file, quote), only=only).expected
    assert found is not None
    assert found.stage in STAGES
    assert (found.stage == "cited") == (found.citation is not None)
    if found.start is not None:
        assert assistant.text(found.source)[found.start : found.end] == found.quote
    return found


def test_every_step_is_recorded(assistant: Assistant) -> None:
    answer = assistant.ask(SMELL)
    steps = {step.name: step for step in answer.trace}
    assert [name for name in STEPS if name in steps] == list(steps)
    assert steps["understood"].facts["words"].keys() >= {"glue", "bookbinder", "smell"}
    assert steps["words"].out[0].source == "town/bindery/glue.md"
    for item in (item for step in answer.trace for item in step.out):
        assert 0 <= item.start < item.end <= len(assistant.text(item.source))
    for earlier, later in (("fused", "reranked"), ("reranked", "kept")):
        assert set(map(place, steps[later].out)) <= set(map(place, steps[earlier].out))
        assert steps[later].came_in == len(steps[earlier].out)
    for name in ("words", "meaning", "fused", "reranked", "kept", "candidates"):
        scores = [item.score for item in steps[name].out]
        assert scores == sorted(scores, reverse=True)
    best = steps["candidates"].out[0]
    assert best.parts is not None
    assert sum(best.parts.values()) == pytest.approx(best.score)
    cited = {(citation.source, citation.start, citation.end) for citation in answer.citations}
    assert cited == set(map(place, steps["chosen"].out))


def place(item: Item) -> tuple[str, int, int]:
    return item[:3]


def test_the_wire_shape_of_a_trace_is_small(assistant: Assistant) -> None:
    shape = json.loads(json.dumps(assistant.ask(FERRIES).to_dict()["trace"]))
    assert [step["step"] for step in shape][:2] == ["understood", "words"]
    words = shape[1]
    assert (words["in"], words["out"], len(words["top"])) == (124, 100, 5)
    assert words["top"][0].keys() == {"source", "start", "end", "score"}
    assert len(json.dumps(shape)) < 8_000
    more = assistant.why(FERRIES).to_dict()
    assert len(more["answer"]["trace"][1]["top"]) == 20
    assert more["expected"] is None


@pytest.mark.parametrize(
    ("file", "reason", "remedy"),
    [
        ("glu.md", "There is no file glu.md in ", "Did you mean glue.md?"),
        ("notes.dat", "town/notes.dat could not be read: unsupported type .dat.", "Repair it"),
        ("broken.pdf", "town/broken.pdf could not be read: damaged", "Repair it"),
        ("secret/plan.txt", "secret/plan.txt is left out by a .citewiseignore.", "Change that file"),
        (".hidden.txt", ".hidden.txt is left out: nothing named .hidden.txt is read.", "Rename or copy it."),
        ("gone.txt", "town/gone.txt was removed from the index.", "Take it back"),
        ("late.txt", "town/late.txt has not been read yet.", "Run: citewise index"),
    ],
)
def test_a_file_that_is_not_searched(assistant: Assistant, file: str, reason: str, remedy: str) -> None:
    found = fate(assistant, SMELL, file, "some words")
    assert found.stage == "file"
    assert found.reason.startswith(reason)
    assert found.remedy.startswith(remedy)


def test_a_file_that_was_not_asked(assistant: Assistant) -> None:
    found = fate(assistant, SMELL, "quarry.txt", "Marble", only=("*.md",))
    assert (found.stage, found.remedy) == ("file", "Ask without --only.")


def test_words_that_are_not_in_the_text(assistant: Assistant) -> None:
    found = fate(assistant, SMELL, "glue.md", "The glue smells of pine and smoke")
    assert found.stage == "text"
    assert "The nearest: “The glue of the bookbinder smells of almonds and smoke.”" in found.reason
    changed = fate(assistant, SMELL, "town/bindery/press.txt", "The press has gone")
    assert changed.stage == "text"
    assert "was changed or removed since it was read" in changed.reason
    with pytest.raises(BadQuestion):
        assistant.why(SMELL, expect=("glue.md", " … "))


def test_words_are_found_whatever_their_case_and_spaces(assistant: Assistant) -> None:
    found = fate(assistant, SMELL, "bindery/glue.md", "the GLUE of the bookbinder\n smells of almonds, and smoke")
    assert found.quote == "The glue of the bookbinder smells of almonds and smoke"
    assert found.stage == "cited"
    assert "letter case" in found.notes[0]


@pytest.mark.parametrize(
    ("question", "file", "quote", "stage", "reason"),
    [
        (SMELL, "glue.md", "smells of almonds and smoke", "cited", "The answer cites it as [1]."),
        (SMELL, "glue.md", "Afterword", "passages", "It stands in no passage"),
        ("Which files are there?", "glue.md", "almonds", "understood", "The question was taken as one about"),
        (FERRIES, "glue.md", "almonds and smoke", "found", "It shares no word with the question and is number "),
        ("How is the marble of the quarry cut?", "quarry.txt", "cut with wire", "cited", "The answer cites it"),
        (SMELL, "glue.md", "Has the bookbinder ever told", "candidates", "Left out: a question is not quoted."),
        (SMELL, "glue.md", "Figure 3: the glue", "candidates", "Left out: fewer than 9 words"),
        (SMELL, "glue.md", "every morning", "chosen", "Left out: it repeats a sentence of town/bindery/glue.md"),
    ],
)
def test_the_step_at_which_a_passage_is_lost(
    assistant: Assistant, question: str, file: str, quote: str, stage: str, reason: str
) -> None:
    found = fate(assistant, question, file, quote)
    assert (found.stage, found.reason[: len(reason)]) == (stage, reason)
    assert found.remedy or stage == "cited"


def test_a_refusal_is_the_step_that_loses_everything(assistant: Assistant) -> None:
    found = fate(assistant, "Who won the chess tournament of 1066?", "glue.md", "almonds and smoke", only=("*.md",))
    assert found.stage == "evidence"
    assert found.reason.startswith("The evidence is too weak to answer (confidence 0.0")


def test_a_near_duplicate_names_the_one_that_was_kept(assistant: Assistant) -> None:
    sources = ("town/copy/quarry.txt", "town/quarry.txt")
    fates = [fate(assistant, "How is the marble of the quarry cut?", source, "cut with wire") for source in sources]
    lost, cited = sorted(fates, key=lambda one: STAGES.index(one.stage))
    assert (lost.stage, cited.stage) == ("kept", "cited")
    assert lost.reason.startswith(f"Left out: it says the same as {cited.source}, characters 0-")


def test_ranks_are_those_of_the_steps(assistant: Assistant) -> None:
    steps = {step.name: step for step in assistant.ask(FERRIES).trace}
    for name, of, after in (("fused", 124, "by words and meaning together"), ("kept", 30, "after reranking")):
        item = steps[name].left[-1]
        found = fate(assistant, FERRIES, item.source, "leaves the pier")
        rank = next(rank for rank in found.ranks if rank.step == name)
        assert (found.stage, rank.score) == (name, round(item.score, 3))
        assert found.reason.startswith(f"It is number {rank.rank} of ")
        assert found.reason.endswith(f" {after}; {len(steps[name].out)} go on.")
        assert len(steps[name].out) < rank.rank <= of


# -- the terminal -----------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("port")
def test_why_for_people(cli: Run) -> None:
    said = cli("why", "Who dredged the harbour of Veldt?", "--expect", "harbour.md:by the engineer Ilse Brandt")
    assert (said.code, said.err) == (OK, "")
    assert "understood: words dredged" in said.out
    assert "\nkept: " in said.out
    assert "Expected port/harbour.md " in said.out
    assert said.out.endswith("Cited\n  The answer cites it as [1].\n")
    lost = cli("why", "Who dredged the harbour of Veldt?", "--expect", "harbour.md: Harbour master")
    assert lost.code == FAILED
    assert "Lost at: text\n" in lost.out
    assert cli("why", "Who dredged the harbour of Veldt?").code == OK


@pytest.mark.usefixtures("port")
def test_why_as_json_and_within_a_folder(cli: Run, port: Path) -> None:
    expect = ("--expect", "mail/pilot.txt:four people and a dog")
    said = cli("why", "Who is in the crew of the pilot boat?", *expect, "--folder", str(port), "--json")
    shape = json.loads(said.out)
    assert said.code == OK
    assert shape["expected"]["stage"] == "cited"
    assert shape["expected"]["ranks"][0].keys() == {"step", "rank", "of", "score"}
    assert shape["answer"]["trace"][0]["step"] == "understood"


@pytest.mark.usefixtures("port")
@pytest.mark.parametrize("expected", ["harbour.md", ":quote", "harbour.md:", "harbour.md:  "])
def test_an_expectation_without_file_or_quote(cli: Run, expected: str) -> None:
    said = cli("why", "Who?", "--expect", expected)
    assert said.code == BAD_ARGUMENTS
    assert "is not of the form FILE:QUOTE" in said.err


@pytest.mark.usefixtures("port")
def test_a_document_cannot_steer_the_terminal_by_its_trace(cli: Run) -> None:
    said = cli("why", "Who is the lighthouse keeper since 2003?", "--expect", "sly.txt:\x1b[31mkeeper")
    assert not any(letter in said.out for letter in "\x1b\x07\x9b\u202e")
