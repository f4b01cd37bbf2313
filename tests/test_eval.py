"""The evaluation: its matcher and metrics against known numbers and other people's code, its loader, its runs."""

from __future__ import annotations

import importlib.util
import json
import math
import os
import random
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from eval import generate, metrics
from eval.__main__ import GOLD, main
from eval.bench import run_bench
from eval.datasets import Document, load_dataset
from eval.indexed import indexed
from eval.match import contains, satisfied
from eval.metrics import Figure
from eval.questions import GoldError, Span, load_gold, locate
from eval.report import gated_figures, missed_floors
from eval.run import run_gold
from rag import Answer, Assistant, Citation, CitewiseError, MissingExtra, Passage, Statement

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "samples"
SHARED = Path(os.environ.get("CITEWISE_SHARED_DATA", ROOT.parent / "shared"))
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared, which is not in the repository")


# -- matcher ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("alias", "text", "held"),
    [
        ("5%", "a rise of 5% in a year", True),
        ("5%", "a rise of 55% in a year", False),
        ("5%", "a rise of 2.5% in a year", False),
        ("11,000", "more than 11,000 sanctions", True),
        ("11,000", "more than 211,000 sanctions", False),
        ("11,000", "exactly 11,000.50 euros", False),
        ("2", "2.2 million", False),
        ("2014", "since 2014.", True),
        ("2014", "B2014", False),
        ("recogni", "recognition of the land", True),
        ("recogni", "unrecognised", False),
        ("UK", "the UK agreed", True),
        ("UK", "Ukraine agreed", False),
        ("U.S.", "the U.S. delegation", True),
        ("fox", "two foxes", False),
        ("foxe", "two foxes", True),
        ("Moscow's", "Moscow’s wish", True),
        ("18-20", "pages 18–20", True),
        ("two tracks", "**two\n tracks**", True),
        ("STRASSE", "die Straße", True),
        ("½", "1⁄2 of it", True),
        ("°C", "65 °C", True),
        ("**", "anything", False),
    ],
)
def test_an_alias_is_a_stem_and_a_number_is_whole(alias: str, text: str, held: bool) -> None:
    assert contains(text, alias) is held


def test_every_group_needs_one_alias() -> None:
    assert satisfied([["5%", "five percent"], ["2014"]], "Five percent, agreed in 2014")
    assert not satisfied([["5%", "five percent"], ["2014"]], "Five percent")
    assert satisfied([], "anything")


def shared_matcher() -> Any:
    spec = importlib.util.spec_from_file_location("shared_match", SHARED / "gold" / "match.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    written = sys.dont_write_bytecode
    sys.dont_write_bytecode = True  # the folder is not ours to write in
    try:
        spec.loader.exec_module(module)
    finally:
        sys.dont_write_bytecode = written
    return module


@needs_shared
def test_the_matcher_agrees_with_the_shared_one() -> None:
    theirs = shared_matcher()
    rng = random.Random(1)
    parts = ["5", "55", "2.5", "1,200", "%", " ", " ", "-", "–", "UK", "Ukraine", "us", "U.S.", "recogni", "tion", ".",
             ",", "’", "'", "ﬁ", "°C", "*", "`", "\u00ad", "\n", "é", "e\u0301", "ß", "²", "x", "("]  # fmt: skip
    cases: list[tuple[str, str]] = []
    while len(cases) < 20_000:
        alias, text = ("".join(rng.choices(parts, k=rng.randint(1, most))) for most in (3, 12))
        if theirs.fold(alias):  # it cannot take an alias of nothing
            cases.append((alias, text if rng.random() < 0.5 else text + alias + rng.choice(parts)))
    rows = [json.loads(line) for line in (SHARED / "gold" / "dev.jsonl").read_text("utf-8").splitlines()]
    quotes = [evidence["quote"] for row in rows for evidence in row["evidence"]]
    aliases = [alias for row in rows for group in row["must_contain"] for alias in group]
    cases += [(alias, quote) for alias in aliases for quote in quotes]
    held = [contains(text, alias) for alias, text in cases]
    assert held == [theirs.hit(alias, text) for alias, text in cases]
    assert 0.05 < sum(held) / len(held) < 0.95


# -- metrics ----------------------------------------------------------------------------------------------------------


def test_wilson_by_hand_and_against_scipy() -> None:
    assert metrics.wilson(8, 10) == pytest.approx((0.490, 0.943), abs=5e-4)  # Newcombe 1998 gives such a table
    assert metrics.wilson(0, 20)[0] == 0
    assert metrics.wilson(20, 20)[1] == 1
    for n in (1, 2, 7, 35, 50, 1000):
        for hits in {0, 1, n // 3, n // 2, n - 1, n}:
            known = stats.binomtest(hits, n).proportion_ci(0.95, "wilson")
            assert metrics.wilson(hits, n) == pytest.approx((known.low, known.high), abs=1e-12)
    for hits, n in ((1, 0), (-1, 5), (6, 5)):
        with pytest.raises(ValueError, match="is no share"):
            metrics.wilson(hits, n)


def test_bootstrap_is_close_to_the_normal_interval_and_always_the_same() -> None:
    values = np.random.default_rng(7).normal(0.5, 0.1, 400).tolist()
    figure = metrics.bootstrap_mean("m", values)
    half = 1.96 * np.std(values) / math.sqrt(len(values))
    assert (figure.value, figure.low, figure.high) == pytest.approx(
        (np.mean(values), np.mean(values) - half, np.mean(values) + half), abs=0.002
    )
    assert figure == metrics.bootstrap_mean("m", values)
    assert metrics.bootstrap_mean("m", [1.0]).low is None


def test_ndcg_by_hand_and_a_question_without_a_ranking_scores_nothing() -> None:
    qrels = {"q1": {"a": 1, "b": 1}, "q2": {"c": 1}}
    found = metrics.ndcg(qrels, {"q1": {"x": 3.0, "a": 2.0, "y": 1.0, "b": 0.5}})
    ideal = 1 + 1 / math.log2(3)
    assert found["q1"] == pytest.approx((1 / math.log2(3) + 1 / math.log2(5)) / ideal)
    assert found["q2"] == 0


def test_quantile_against_numpy() -> None:
    rng = random.Random(3)
    for n in (1, 2, 9, 100):
        values = [rng.random() for _ in range(n)]
        for q in (0.0, 0.5, 0.95, 1.0):
            assert metrics.quantile(values, q) == pytest.approx(np.quantile(values, q))
    assert math.isnan(metrics.quantile([], 0.5))


@pytest.mark.parametrize("module", ["scipy.stats", "ir_measures"])
def test_without_the_extra_the_error_names_the_command(module: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    call: dict[str, Callable[[], object]] = {
        "scipy.stats": lambda: metrics.bootstrap_mean("m", [0.1, 0.2]),
        "ir_measures": lambda: metrics.ndcg({"q": {"d": 1}}, {}),
    }
    with pytest.raises(MissingExtra, match=r"pip install 'citewise\[eval\]'"):
        call[module]()


def passage(source: str, start: int, end: int) -> Passage:
    return Passage("id", source, "text", start, end, None, None, None, "", 1.0)


def citation(number: int, source: str, start: int, quote: str) -> Citation:
    return Citation(number, source, "t", start, start + len(quote), None, None, None, quote, "", "", "sha")


def answer(text: str, statements: Sequence[tuple[str, tuple[int, ...]]], citations: Sequence[Citation]) -> Answer:
    made = tuple(Statement(words, numbers, "verbatim") for words, numbers in statements)
    return Answer("id", "q", "q", text, "answered", 1.0, "quotes", made, tuple(citations))


def test_evidence_is_found_by_source_and_span() -> None:
    spans = [Span("f/a.txt", 10, 20)]
    near = [passage("f/b.txt", 10, 20), passage("f/a.txt", 0, 10), passage("f/a.txt", 20, 30)]
    assert metrics.evidence_rank(near, spans) is None
    assert metrics.evidence_rank([*near, passage("f/a.txt", 19, 30)], spans) == 4
    assert metrics.evidence_cited([citation(1, "f/a.txt", 5, "123456")], spans)
    assert not metrics.evidence_cited([citation(1, "f/a.txt", 5, "12345")], spans)


def test_a_quote_shifted_by_a_letter_or_with_another_digit_is_not_exact() -> None:
    def text(source: str) -> str:
        return {"a": "The cap is 60 dollars."}[source]

    assert metrics.is_exact(citation(1, "a", 4, "cap is 60"), text)
    assert not metrics.is_exact(citation(1, "a", 5, "cap is 60"), text)
    assert not metrics.is_exact(citation(1, "a", 4, "cap is 80"), text)
    assert not metrics.is_exact(citation(1, "a", 4, ""), text)


def test_dangling_counts_what_leads_nowhere() -> None:
    cite = citation(1, "a", 0, "x")
    assert metrics.dangling(answer("Words. [1]", [("Words.", (1,))], [cite])) == 0
    assert (
        metrics.dangling(answer("As in [7]. [1]", [("As in [7].", (1,))], [cite])) == 0
    )  # a quoted bracket is no marker
    assert metrics.dangling(answer("Words. [1][2]", [("Words.", (1, 2))], [cite])) == 1
    assert metrics.dangling(answer("Words. [1]", [("Words.", (1,))], [cite, citation(2, "a", 0, "x")])) == 1
    assert metrics.dangling(answer("Words.", [("Words.", (1,))], [cite])) == 1


def test_a_refusal_contains_nothing_and_markers_are_no_words() -> None:
    told = answer("In 2014. [5]", [("In 2014.", (5,))], [])
    assert metrics.contained(told, [["2014"]])
    assert not metrics.contained(told, [["5"]])
    assert not metrics.contained(replace(told, status="not_in_documents"), [["2014"]])


def test_floors_and_ceilings() -> None:
    figures = {"share": Figure("share", 0.8, 10), "words": Figure("words", 40, 10, ceiling=True)}
    figures["none"] = Figure("none", math.nan, 0)
    assert missed_floors(figures, [("share", 0.8), ("words", 40)]) == []
    assert len(missed_floors(figures, [("share", 0.81), ("words", 39.9), ("none", 0)])) == 3


# -- loader -----------------------------------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "id": "t1", "question": "What does the gate key open?", "type": "single_fact", "answers": ["the main gate"],
    "must_contain": [["main gate"]], "evidence": [{"source": "keys.md", "quote": "The gate key opens the main gate."}],
}  # fmt: skip


def gold_file(path: Path, *rows: object) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path


@pytest.mark.parametrize(
    ("changes", "defect"),
    [
        ({"id": ""}, "line 2, id: no text"),
        ({"question": 3}, "line 2, question: no text"),
        ({"type": "riddle"}, "line 2, type: 'riddle' is none of"),
        ({"colour": "red"}, "line 2, colour: unknown field"),
        ({"note": None}, "line 2, note: no text"),
        ({"answers": "x"}, "line 2, answers: no list"),
        ({"answers": [{"value": ["x"]}]}, "line 2, answers[0]: neither"),
        ({"must_contain": ["main gate"]}, "line 2, must_contain[0]: no list of texts"),
        (
            {"must_contain": [["main gate"], ["side door"]]},
            "line 2, must_contain[1]: no alias of it is in",
        ),
        ({"evidence": [{"source": "keys.md"}]}, "line 2, evidence[0]: not {source, quote}"),
        ({"evidence": []}, "line 2, evidence: empty, though answerable"),
        ({"history": [{"q": "x"}]}, "line 2, history[0]: not {question, answer?}"),
        ({"type": "follow_up"}, "line 2, history: missing, though follow_up"),
        ({"type": "unanswerable"}, "line 2, answers: not empty, though unanswerable"),
        ({"id": "t0"}, "line 2, id: 't0' is also on line 1"),
    ],
)
def test_the_loader_names_line_and_field(tmp_path: Path, changes: dict[str, Any], defect: str) -> None:
    with pytest.raises(GoldError) as caught:
        load_gold(gold_file(tmp_path / "g.jsonl", GOOD | {"id": "t0"}, GOOD | changes))
    assert any(found.startswith(defect) for found in caught.value.defects), caught.value.defects
    assert str(tmp_path / "g.jsonl") in str(caught.value)


def test_the_loader_tells_all_defects_at_once(tmp_path: Path) -> None:
    missing = {name: value for name, value in GOOD.items() if name != "evidence"}
    with pytest.raises(GoldError) as caught:
        load_gold(gold_file(tmp_path / "g.jsonl", "{", missing, [], GOOD))
    told = [defect.partition(":")[0] for defect in caught.value.defects]
    assert told == [
        "line 1",
        "line 2, evidence",
        "line 3, the whole",
    ]


def test_no_file_and_no_question_are_errors(tmp_path: Path) -> None:
    with pytest.raises(GoldError, match="cannot be read"):
        load_gold(tmp_path / "none.jsonl")
    with pytest.raises(GoldError, match="no question"):
        load_gold(gold_file(tmp_path / "g.jsonl", ""))


def test_evidence_must_stand_in_exactly_one_file(tmp_path: Path) -> None:
    path = gold_file(tmp_path / "g.jsonl", GOOD)
    (question,) = load_gold(path)
    texts = {
        "d/keys.md": "Keys. The gate key opens the main gate. The gate key opens the main gate.",
        "d/monkeys.md": "",
    }
    places = locate(path, [question], list(texts), texts.__getitem__)["t1"]
    assert [texts[span.source][span.start : span.end] for span in places] == [question.evidence[0].quote] * 2
    for sources, text, defect in (
        (["d/monkeys.md"], "", "source: no indexed file"),
        (["d/keys.md", "e/keys.md"], "", "source: 2 indexed files"),
        (["d/keys.md"], "The gate key opens the maim gate.", "quote: not in d/keys.md"),
    ):
        with pytest.raises(GoldError, match=defect):
            locate(path, [question], sources, lambda source, text=text: text)  # type: ignore[misc]


def test_the_bundled_questions_are_of_every_kind_and_format() -> None:
    questions = load_gold(GOLD)
    assert 40 <= len(questions) <= 60
    asked = {Path(evidence.source).suffix for question in questions for evidence in question.evidence}
    assert asked == {path.suffix for path in SAMPLES.rglob("*") if path.is_file()}
    assert {"conflict", "unanswerable", "follow_up", "multi_source"} <= {question.type for question in questions}


@needs_shared
def test_the_loader_takes_the_shared_questions(tmp_path: Path) -> None:
    path = SHARED / "gold" / "dev.jsonl"
    questions = load_gold(path)
    assert (len(questions), sum(question.gated for question in questions)) == (50, 35)
    texts = {f"corpus/{file.name}": file.read_text("utf-8-sig") for file in (SHARED / "corpus").glob("*.txt")}
    assert all(locate(path, questions, list(texts), texts.__getitem__)[q.id] for q in questions if q.answerable)


# -- runs -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("eval") / "docs"
    place.mkdir()
    (place / "keys.md").write_text("# Keys\n\nThe gate key opens the main gate. A lost key costs 18 euros.\n", "utf-8")
    (place / "bees.txt").write_text("Marta keeps six hives in the meadow. They gave 87 kilograms of honey.\n", "utf-8")
    return place


QUESTIONS = (
    GOOD,
    GOOD | {"id": "t2", "question": "how much honey?", "answers": ["87 kg"], "must_contain": [["87 kilo"]],
            "evidence": [{"source": "bees.txt", "quote": "They gave 87 kilograms of honey."}]},
    GOOD | {"id": "t3", "question": "and to replace it?", "type": "follow_up", "must_contain": [["18 euro"]],
            "history": [{"question": "What does the gate key open?"}],
            "evidence": [{"source": "keys.md", "quote": "A lost key costs 18 euros."}]},
    {"id": "t4", "question": "Who mows the meadow?", "type": "unanswerable", "answers": [], "must_contain": [],
     "evidence": []},
)  # fmt: skip


def test_gold_from_the_command_line(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold, lines = gold_file(tmp_path / "g.jsonl", *QUESTIONS), tmp_path / "out.jsonl"
    command = ["gold", "--gold", str(gold), "--folder", str(folder), "--index", str(tmp_path / "index")]
    assert main([*command, "--json", str(lines), "--floor", "quote_exactness=1", "--floor", "dangling=0"]) == 0
    told = capsys.readouterr().out
    for part in ("| gated ", "n = 4;", "llama-index-core", "quote_exactness", "1.000 ["):
        assert part in told
    first, *rows = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    assert first["stamp"]["n"] == "4"
    assert first["figures"]["containment"][:2] == [1.0, 2]
    assert [row["id"] for row in rows] == ["t1", "t2", "t3", "t4"]
    assert all(row["exact"] and all(row["exact"]) for row in rows[:3])

    assert main([*command, "--floor", "containment=1.01", "--floor", "words=0", "--floor", "dangling=0"]) == 1
    missed = capsys.readouterr().err.splitlines()
    assert [line.split()[2] for line in missed] == ["containment", "words"]


def test_wrong_use_is_told_and_exits_with_2(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    gold = gold_file(tmp_path / "g.jsonl", GOOD)
    assert main(["gold", "--gold", str(gold), "--folder", str(folder), "--floor", "beauty=1"]) == 2
    assert "There is no metric 'beauty'. Use one of containment" in capsys.readouterr().err
    assert main(["gold", "--gold", str(gold), "--folder", str(tmp_path / "none")]) == 2
    assert main(["bench", "scifact", "--data", str(tmp_path)]) == 2
    assert "corpus.jsonl cannot be read" in capsys.readouterr().err


class Failing:
    """An assistant whose questions fail."""

    def ask(self, question: str, **_: object) -> Answer:
        raise CitewiseError("No luck.")


def test_an_error_scores_nothing_and_stays_in_the_denominator(tmp_path: Path) -> None:
    questions = load_gold(gold_file(tmp_path / "g.jsonl", *QUESTIONS))
    failing: Any = Failing()
    outcomes = list(run_gold(failing, questions, {question.id: [] for question in questions}))
    figures = gated_figures(outcomes)
    assert (figures["containment"].value, figures["containment"].n, figures["errors"].value) == (0, 2, 4)
    assert all(one.failed for one in outcomes)


def test_a_broken_citation_is_seen(folder: Path, tmp_path: Path) -> None:
    """A quote that was moved, and one with another digit, each take exactness below 1."""
    questions = load_gold(gold_file(tmp_path / "g.jsonl", *QUESTIONS))

    def broken(assistant: Assistant, spoil: Callable[[Citation], Citation]) -> Figure:
        class Spoiled:
            text = staticmethod(assistant.text)
            search = staticmethod(assistant.search)

            def ask(self, *args: Any, **kwargs: Any) -> Answer:
                right = assistant.ask(*args, **kwargs)
                return replace(right, citations=tuple(map(spoil, right.citations)))

        spoiled: Any = Spoiled()
        return gated_figures(list(run_gold(spoiled, questions, {question.id: [] for question in questions})))[
            "quote_exactness"
        ]

    with indexed(folder, tmp_path / "index") as assistant:
        assert broken(assistant, lambda c: c).value == 1
        assert broken(assistant, lambda c: replace(c, start=c.start + 1, end=c.end + 1)).value == 0
        assert broken(assistant, lambda c: replace(c, quote=c.quote.replace("18", "81"))).value < 1


DATA: dict[str, list[dict[str, Any]]] = {
    "corpus.jsonl": [
        {"_id": "1", "title": "On keys", "text": "The gate key opens the main gate.", "file": "../a b.txt"},
        {"_id": "2", "title": "https://x.example", "text": "Marta keeps six hives. They gave honey.", "file": "b.txt"},
    ],
    "queries.jsonl": [
        {"_id": "q1", "text": "what does the gate key open", "answerable": True,
         "gold_sentences": ["THE GATE  KEY opens the main gate."]},
        {"_id": "q2", "text": "how many hives", "answerable": True,
         "gold_sentences": ["Marta keeps six hives.", "Not there."]},
        {"_id": "q3", "text": "who rows", "answerable": False, "gold_sentences": []},
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("data")
    for name, rows in DATA.items():
        gold_file(place / name, *rows)
    (place / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq1\t1\t1\nq2\t2\t1\n", "utf-8")
    return place


@pytest.mark.parametrize(
    ("name", "metric", "value"),
    [
        ("scifact", "ndcg_at_10", 1.0), ("single_topic_rag", "right_file_in_4", 1.0),
        ("squad2_sample500", "right_paragraph_first", 1.0), ("dragonball", "sentence_recall_in_10", 0.75),
    ],
)  # fmt: skip
def test_benchmarks_over_two_documents(data: Path, tmp_path: Path, name: str, metric: str, value: float) -> None:
    result = run_bench(name, data, tmp_path)
    figure = result.figures[0]
    assert (figure.name, figure.value, figure.n) == (metric, value, 2)
    assert {path.name for path in (tmp_path / name).iterdir()} == {"a-b.txt", "b.txt"}


def test_a_title_that_is_prose_goes_first() -> None:
    assert Document("1", "On keys", "The key.", "f").content == "On keys\n\nThe key."
    assert Document("1", "On keys", "On keys\nThe key.", "f").content == "On keys\nThe key."
    assert Document("1", "https://x.example", "The key.", "f").content == "The key."


def test_a_bad_line_of_a_data_set_is_named(tmp_path: Path) -> None:
    gold_file(tmp_path / "corpus.jsonl", DATA["corpus.jsonl"][0], {"_id": "2"})
    with pytest.raises(CitewiseError, match=r"corpus\.jsonl, line 2: no JSON object with _id, title, text, file"):
        load_dataset(tmp_path)


# -- speed ------------------------------------------------------------------------------------------------------------


def test_generated_folders_are_always_the_same_and_as_uneven_as_language(tmp_path: Path) -> None:
    text, question = generate.document(3, 400)
    assert (text, question) == generate.document(3, 400)
    assert generate.document(4, 400)[0] != text
    assert 400 <= len(text.split()) < 440
    words = " ".join(generate.document(number, 400)[0] for number in range(50)).lower().split()
    counts = sorted((words.count(word) for word in set(words)), reverse=True)
    assert counts[0] > 8 * counts[30]
    assert sum(count == 1 for count in counts) > len(counts) / 4


@pytest.mark.slow
def test_speed_in_small(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--files", "12", "--small-files", "20", "--ask-files", "6", "--asked", "3"]
    assert main(["speed", "--work", str(tmp_path), *sizes]) == 0
    told = capsys.readouterr().out
    for figure in ("index_to_embedder", "noop_sync_s", "one_changed_sync_s", "ask_p95_ms", "ask_rss_mb"):
        assert figure in told
    (differ,) = [line for line in told.splitlines() if "answers_that_differ" in line]
    assert [cell.strip() for cell in differ.split("|")[2:4]] == ["0", "6"]


def test_the_same_index_answers_the_same_twice(folder: Path, tmp_path: Path) -> None:
    with indexed(folder, tmp_path / "index") as assistant, closing(assistant):
        first, second = (assistant.ask("What does the gate key open?") for _ in range(2))
    assert metrics.answer_without_timings(first) == metrics.answer_without_timings(second)
    assert "timings_ms" not in metrics.answer_without_timings(first)
