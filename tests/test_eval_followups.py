"""`python -m eval followups` on three small sets of own making."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from eval.cli import main
from eval.data import load_collection
from rag import Turn

TEXTS = {
    "ferry": "The ferry to the island leaves at seven in the morning. A ticket for the ferry costs 9 euros.",
    "bees": "Hives stand at the north fence. The honey of the bees is sold at the summer market.",
    "tram": "The tram runs every ten minutes. A ticket for the tram costs 3 euros.",
}
ASKED = [
    ("ferry", "When does the ferry leave?"),
    ("bees", "Where is the honey sold?"),
    ("tram", "How often does the tram run?"),
]
TALK = [
    {"role": "user", "text": "When does the ferry leave?"},
    {"role": "agent", "text": "At seven."},
    {"role": "agent", "text": "In the morning."},
]


def write_set(folder: Path, asked: list[tuple[str, str]], history: list[dict[str, str]]) -> None:
    folder.mkdir()
    documents = [{"_id": name, "title": "", "text": text, "file": f"{name}.txt"} for name, text in TEXTS.items()]
    questions = [
        {
            "_id": f"q{n}",
            "text": text,
            "answerable": True,
            "gold_sentences": [],
            "history": history,
            "collection": "own",
        }
        for n, (_, text) in enumerate(asked)
    ]
    for name, rows in (("corpus", documents), ("queries", questions)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    grades = "".join(f"q{n}\t{name}\t1\n" for n, (name, _) in enumerate(asked))
    (folder / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{grades}", "utf-8")


@pytest.mark.slow
def test_follow_ups_are_measured_against_the_two_simple_ways(
    samples_index: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(samples_index, tmp_path / "work" / "samples.index")
    write_set(tmp_path / "mtrag_un", [("ferry", "And what does it cost?"), ("bees", "Who eats the honey?")], TALK)
    write_set(tmp_path / "squad2_sample500", ASKED, [])
    write_set(tmp_path / "single_topic_rag", ASKED, [])
    first = load_collection("mtrag_un", tmp_path).questions[0]
    assert first.history == (Turn("When does the ferry leave?", "At seven. In the morning."),)
    assert main(["followups", "--data", str(tmp_path), "--work", str(tmp_path / "work")]) == 0
    rows = {
        cells[1].strip(): cells[2:4]
        for line in capsys.readouterr().out.splitlines()
        if len(cells := line.split("|")) > 4
    }
    assert rows["hit@5 completed"][0].strip().startswith("1.000")
    assert rows["touched"][0].strip().startswith("0.500")
    for name in ("squad2_sample500", "single_topic_rag"):
        assert rows[f"{name}: above no history"][0].strip().startswith("0.000")
        assert rows[f"{name}: touched"][0].strip().startswith("0.000")
        assert int(rows[f"{name}: touched"][1]) == 6
    assert int(rows["short questions over samples: touched"][1]) == 48
