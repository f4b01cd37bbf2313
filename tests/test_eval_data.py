"""Other people's data: tiny sets of each shape, good and bad."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from evaluation import SHARED, gold_file, needs_shared

from eval.data import Collection, Document, load_collection, safe_name, write_files
from eval.match import satisfied
from eval.questions import Evidence, GoldQuestion, occurrences
from rag import CitewiseError, Turn

Rows = dict[str, list[Any]]

KEYS = {"_id": "1", "title": "On keys", "text": "The gate key opens the main gate. A lost key costs 18 euros."}
BEES = {"_id": "2", "title": "https://x.example", "text": "Marta keeps six hives.\r\nThey gave 87 kilograms."}
MEAD = {"_id": "3/x", "text": "Mead is made of honey and water."}


def folder(place: Path, corpus: list[Any], queries: list[Any], qrels: str, split: str = "") -> Path:
    place.mkdir(exist_ok=True)
    gold_file(place / "corpus.jsonl", *corpus)
    gold_file(place / "queries.jsonl", *queries)
    judged = place / "qrels" / f"{split}.tsv" if split else place / "qrels.tsv"
    judged.parent.mkdir(exist_ok=True)
    judged.write_text(qrels, "utf-8")
    return place


def made(place: Path, query: dict[str, Any], qrels: str = "q\t1\t1\n", corpus: Any = (KEYS, BEES, MEAD)) -> Collection:
    return load_collection("tiny", folder(place / "tiny", [*corpus], [{"_id": "q", "text": "?"} | query], qrels))


# -- documents and judgements side by side ----------------------------------------------------------------------------


def test_a_folder_of_beir(tmp_path: Path) -> None:
    queries = [{"_id": "a", "text": "what opens the gate"}, {"_id": "b", "text": "honey"}, {"_id": "c", "text": "else"}]
    qrels = "query-id\tcorpus-id\tscore\na\t1\t1\nb\t2\t1\nb\t3/x\t2\na\t2\t0\n"
    tiny = load_collection("tiny", folder(tmp_path / "tiny", [KEYS, BEES, MEAD], queries, qrels, "dev").parent, "dev")
    assert dict(tiny.documents) == {
        "1.txt": f"On keys\n\n{KEYS['text']}",
        "2.txt": "Marta keeps six hives.\nThey gave 87 kilograms.",
        "3-x-d9ee8fc7.txt": "Mead is made of honey and water.",
    }
    assert [(one.id, one.question, one.type, one.relevant) for one in tiny.questions] == [
        ("a", "what opens the gate", "single_fact", {"1.txt": 1}),
        ("b", "honey", "single_fact", {"2.txt": 1, "3-x-d9ee8fc7.txt": 2}),
    ]
    assert tiny.counts == {"questions without a relevant document": 1}
    with pytest.raises(CitewiseError, match=r"neither qrels.tsv nor qrels/test.tsv.*--split: dev"):
        load_collection("tiny", tmp_path / "tiny")


def test_answers_evidence_and_history_become_gold(tmp_path: Path) -> None:
    told = [{"role": "user", "text": "Bees?"}, {"role": "agent", "text": "Yes."}, {"role": "agent", "text": "Six."}]
    query = {
        "type": "FACT", "answerable": True, "answers": ["87 kilograms.", "87 kg", "some eighty-seven kilograms"],
        "gold_sentences": ["they gave  87 kilograms.", "Never written."], "history": told,
    }  # fmt: skip
    tiny = made(tmp_path, query, "q\t2\t1\n")
    assert tiny.questions == (
        GoldQuestion(
            "q", "?", "follow_up", ("87 kilograms.", "87 kg", "some eighty-seven kilograms"), (("87 kilograms",),),
            (Evidence("2.txt", "They gave 87 kilograms."),), (Turn("Bees?", "Yes. Six."),), line=1,
            tags=("kind:FACT",), relevant={"2.txt": 1},
        ),
    )  # fmt: skip
    assert tiny.counts == {"gold sentences that no relevant document holds": 1}


@pytest.mark.parametrize(
    ("kind", "type_"),
    [("Multi-document Comparison", "comparison"), ("Time Sequence", "temporal"), ("multi", "multi_source"), ("", "single_fact")],
)  # fmt: skip
def test_kinds_are_mapped_and_kept(tmp_path: Path, kind: str, type_: str) -> None:
    (question,) = made(tmp_path, {"type": kind}).questions
    assert (question.type, question.tags) == (type_, (f"kind:{kind}",) if kind else ())


def test_long_answers_are_wordings_and_judged_by_the_file(tmp_path: Path) -> None:
    long = "The gate key opens the main gate. A lost key costs 18 euros."
    (question,) = made(tmp_path, {"answers": [long]}).questions
    assert (question.answers, question.must_contain, question.relevant) == ((long,), (), {"1.txt": 1})


def test_what_cannot_be_answered_and_what_cannot_be_told(tmp_path: Path) -> None:
    queries = [
        {"_id": "no", "text": "who rows", "answerable": False, "answers": ["I cannot say"], "gold_sentences": ["x"]},
        {"_id": "open", "text": "keys open no gate", "answerable": False},
        {"_id": "vague", "text": "and then?", "answerable": None},
    ]
    tiny = load_collection("tiny", folder(tmp_path / "tiny", [KEYS], queries, "open\t1\t1\n"))
    assert [(one.id, one.answerable, one.answers, one.evidence) for one in tiny.questions] == [
        ("no", False, (), ()), ("open", True, (), ())
    ]  # fmt: skip
    assert tiny.counts == {"questions that could mean several things": 1}


OWN = (
    {"_id": "r", "text": "Rye bread costs 3 euros."}, {"_id": "w", "text": "Rye bread costs 9 euros."},
    {"_id": "n", "text": "Bread is baked at four."},
)  # fmt: skip
SIDES: dict[str, Any] = {
    "answers": ["3 euros", "three"], "wrong_answers": ["9 euros"], "gold_docs": ["r"], "wrong_docs": ["w"],
    "noise_docs": ["n"],
}  # fmt: skip
BOTH = ({"value": ["3 euros"], "source": "r.txt"}, {"value": ["9 euros"], "source": "w.txt"})


def test_falsified_documents_make_three_questions(tmp_path: Path) -> None:
    questions = made(tmp_path, SIDES | {"answers_all_of": [["3 euros", "three"]]}, "q\tr\t1\n", OWN).questions
    right = (("3 euros",),)
    assert [(one.id, one.type, one.only, one.must_contain) for one in questions] == [
        ("q", "single_fact", ("tiny/r.txt", "tiny/n.txt"), right),
        ("q-conflict", "conflict", ("tiny/r.txt", "tiny/w.txt", "tiny/n.txt"), right),
        ("q-noise", "unanswerable", ("tiny/n.txt",), ()),
    ]
    assert questions[1].answers == BOTH
    assert not questions[2].relevant


def test_several_valid_answers_are_one_disagreement(tmp_path: Path) -> None:
    (disputed,) = made(tmp_path, SIDES, "q\tr\t1\n", OWN).questions
    assert (disputed.type, disputed.answers, disputed.must_contain) == ("conflict", BOTH, (("3 euros",),))
    (alone,) = made(tmp_path, SIDES | {"wrong_answers": []}, "q\tr\t1\n", OWN).questions
    assert (alone.type, len(alone.only)) == ("single_fact", 3)


@pytest.mark.parametrize(
    ("corpus", "query", "qrels", "says"),
    [
        ([KEYS, '{"_id": "2", '], {}, "", r"corpus.jsonl, line 2: no JSON \("),
        ([KEYS, [1]], {}, "", "corpus.jsonl, line 2: no JSON object"),
        ([KEYS, {"_id": "2"}], {}, "", "corpus.jsonl, line 2: no text 'text'"),
        ([{"_id": "1", "text": "half \ud800"}], {}, "", r"corpus.jsonl, line 1: no JSON \(.*surrogates"),
        ([KEYS, KEYS], {}, "", "corpus.jsonl, line 2: the _id '1' a second time"),
        ([KEYS | {"file": "a.txt"}, BEES | {"file": "a.txt"}], {}, "", "line 2: the file name 'a.txt' is also .* line 1"),
        ([KEYS, BEES | {"file": "1.txt"}], {}, "", "line 2: the file name '1.txt' is also that of line 1"),
        ([KEYS | {"_id": "Bees"}, BEES | {"_id": "bees"}], {}, "", "'bees.txt' is also that of line 1"),
        ([KEYS | {"file": "../a.txt"}], {}, "", r"corpus.jsonl, line 1: '../a.txt' is no plain file name"),
        ([KEYS | {"file": 3}], {}, "", "corpus.jsonl, line 1: 'file' or 'title' is no text"),
        ([KEYS], {"text": None}, "", "queries.jsonl, line 1: no text 'text'"),
        ([KEYS], {"answers": "x"}, "", "queries.jsonl, line 1: 'answers' is not the list"),
        ([KEYS], {"answers_all_of": ["x"]}, "", "queries.jsonl, line 1: 'answers_all_of' is not the list"),
        ([KEYS], {"history": [{"text": "x"}]}, "", "queries.jsonl, line 1: 'history' is not the list"),
        ([KEYS], {"noise_docs": ["7"]}, "q\t1\t1", "queries.jsonl, line 1: no document has the _id '7'"),
        ([KEYS], {}, "q\t7\t1", "qrels.tsv, line 1: no document has the _id '7'"),
        ([KEYS], {}, "head\n\nx\t1\t1", "qrels.tsv, line 3: no question has the _id 'x'"),
        ([KEYS], {}, "head\nq\t1", "qrels.tsv, line 2: not query-id, corpus-id and a whole number"),
        ([KEYS], {}, "head\nq\t1\thigh", "qrels.tsv, line 2: not query-id"),
        ([KEYS], {}, "", "has no question with a relevant document"),
    ],
)  # fmt: skip
def test_bad_lines_are_named(tmp_path: Path, corpus: list[Any], query: dict[str, Any], qrels: str, says: str) -> None:
    with pytest.raises(CitewiseError, match=says):
        made(tmp_path, query, qrels, corpus)


def test_two_questions_of_one_id(tmp_path: Path) -> None:
    with pytest.raises(CitewiseError, match=r"queries.jsonl, line 2: the _id 'q' a second time"):
        load_collection("tiny", folder(tmp_path / "tiny", [KEYS], [{"_id": "q", "text": "?"}] * 2, "q\t1\t1"))


# -- SQuAD ------------------------------------------------------------------------------------------------------------

CONTEXT = "Six hives stand in the meadow. In May they gave 87 kilograms of honey."


def squad(path: Path, *questions: Any, context: Any = CONTEXT) -> Path:
    paragraphs = [{"context": "Nothing is asked here.", "qas": []}, {"context": context, "qas": list(questions)}]
    path.write_text(
        json.dumps({"version": "v2.0", "data": [{"title": "The_bees/../x", "paragraphs": paragraphs}]}), "utf-8"
    )
    return path


def asked(**changed: Any) -> dict[str, Any]:
    answers = [{"text": "87 kilograms", "answer_start": CONTEXT.index("87")}, {"text": "87", "answer_start": 48}]
    return {"id": "s1", "question": "How much honey?", "answers": answers} | changed


def test_a_file_of_squad(tmp_path: Path) -> None:
    tempting = [{"text": "the meadow", "answer_start": 19}] * 2
    without = {"id": "s2", "question": "Who mows?", "is_impossible": True, "answers": [], "plausible_answers": tempting}
    tiny = load_collection("tiny", squad(tmp_path / "tiny.json", asked(is_impossible=False), without).parent)
    assert dict(tiny.documents) == {
        "000-The_bees-..-x-f25f96dd-000.txt": "The bees/../x\n\nNothing is asked here.",
        "000-The_bees-..-x-f25f96dd-001.txt": f"The bees/../x\n\n{CONTEXT}",
    }
    file = "000-The_bees-..-x-f25f96dd-001.txt"
    assert tiny.questions == (
        GoldQuestion(
            "s1", "How much honey?", "single_fact", ("87 kilograms", "87"), (("87 kilograms", "87"),),
            (Evidence(file, "In May they gave 87 kilograms of honey."),), tags=("kind:has_answer",), relevant={file: 1},
        ),
        GoldQuestion(
            "s2", "Who mows?", "unanswerable", (), (), (), note="tempting: the meadow", tags=("kind:impossible",)
        ),
    )  # fmt: skip
    assert (tiny.licence, dict(tiny.counts)) == ("CC BY-SA 4.0", {})


def test_an_answer_that_does_not_start_there_is_no_evidence_and_counted(tmp_path: Path) -> None:
    wrong = ("87 kilograms", 3), ("87 kilograms", 999), ("honey", -6), ("", 0)
    rows = [asked(id=f"{n}", answers=[{"text": a, "answer_start": at}]) for n, (a, at) in enumerate(wrong)]
    tiny = load_collection("x", squad(tmp_path / "t.json", *rows))
    assert not any(one.evidence for one in tiny.questions)
    assert tiny.counts == {"answers that do not stand where they are said to start": 4}


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ({"id": "s1"}, r"data\[0\].paragraphs\[1\].qas\[0\]: no str 'question'"),
        (asked(answers=[{"text": "87"}]), r"qas\[0\].answers\[0\]: no int 'answer_start'"),
        (asked(answers=[]), r"qas\[0\]: neither an answer nor is_impossible"),
        ("x", r"qas\[0\]: no str 'id'"),
    ],
)
def test_bad_questions_of_squad_are_named_by_their_place(tmp_path: Path, row: Any, says: str) -> None:
    with pytest.raises(CitewiseError, match=says):
        load_collection("x", squad(tmp_path / "t.json", row))


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda path: squad(path, asked(), asked()), r"paragraphs\[1\]: the id 's1' a second time"),
        (lambda path: squad(path, context=None), r"data\[0\].paragraphs\[1\]: no str 'context'"),
        (lambda path: path.write_text("[]"), "the whole: no list 'data'"),
        (lambda path: path.write_text('{"data": []}'), "has no question"),
        (lambda path: path.write_text('{\n"data": x}'), "line 2: no JSON"),
        (lambda path: path.write_bytes(b"\xff"), "cannot be read"),
        (lambda path: path.write_text('{"data": ["\\ud800"]}'), "cannot be read .*surrogates"),
    ],
)
def test_bad_files_of_squad(tmp_path: Path, write: Callable[[Path], Any], says: str) -> None:
    write(tmp_path / "t.json")
    with pytest.raises(CitewiseError, match=says):
        load_collection("x", tmp_path)


# -- what is there ----------------------------------------------------------------------------------------------------


def test_what_is_no_set_is_told_with_what_there_is(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(CitewiseError, match=r"is no data set: .* \(it holds a\)"):
        load_collection("tiny", tmp_path)
    for name in ("../x", "", "a/b", ".hidden"):
        with pytest.raises(CitewiseError, match="cannot be the name of a folder"):
            load_collection(name, tmp_path)


def test_files_of_others_are_not_searched_along(tmp_path: Path) -> None:
    tiny = made(tmp_path, {})
    write_files(tiny, tmp_path / "work")
    before = (tmp_path / "work" / "1.txt").stat().st_mtime_ns
    write_files(tiny, tmp_path / "work")
    assert (tmp_path / "work" / "1.txt").stat().st_mtime_ns == before
    (tmp_path / "work" / "mine.txt").write_text("My own.")
    with pytest.raises(CitewiseError, match=r"holds 1 files that are not of the set \(mine.txt"):
        write_files(tiny, tmp_path / "work")


@pytest.mark.parametrize("name", ["a.txt", "Übung_1-2.txt", "x" * 200, "console.txt", "com10", "a.con"])
def test_a_safe_name_stays(name: str) -> None:
    assert safe_name(name) == name


@pytest.mark.parametrize(
    "name",
    [".", "..", "../x", "a/b", "a b", "a\\b", "x" * 201, "文" * 70, ".x", "a\0b", "con", "Nul.txt", "LPT1.a.txt"],
)
def test_other_names_are_made_safe_and_stay_apart(name: str) -> None:
    made = safe_name(name)
    assert made == safe_name(made) != name
    assert len({safe_name(other) for other in (name, f"{name} ", f" {name}")}) == 3


def test_a_title_that_is_prose_goes_first() -> None:
    assert Document("1", "On keys", "The key.", "f").content == "On keys\n\nThe key."
    assert Document("1", "On keys", "On keys\nThe key.", "f").content == "On keys\nThe key."
    assert Document("1", "https://x.example", "The key.", "f").content == "The key."


@needs_shared
@pytest.mark.parametrize("name", ["dragonball", "mtrag_un", "rgb", "ramdocs", "single_topic_rag", "squad2_sample500"])
def test_real_sets_are_whole(name: str) -> None:
    """Every quote and every required word stands in the documents, and each question can be judged."""
    real = load_collection(name, SHARED / "data")
    assert len({one.id for one in real.questions}) == len(real.questions) > 40
    for one in real.questions:
        assert bool(one.relevant) == one.answerable
        assert all(any(occurrences(real.documents[each.source], each.quote)) for each in one.evidence)
        assert satisfied(one.must_contain, "\n".join(real.documents[file] for file in one.relevant))
        assert all(only.removeprefix(f"{name}/") in real.documents for only in one.only)
