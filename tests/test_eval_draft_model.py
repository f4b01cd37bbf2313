"""Drafts by a language model: kept as far as the documents bear them out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from drafting import FOLDER, in_folder
from lying_server import LyingServer, says

from eval.drafts.draft import Source
from eval.drafts.model_writer import ModelWriter
from eval.drafts.proposed import proposed, sources_of
from eval.drafts.store import GoldFile
from rag import Block, Extracted, Settings


def item(question: str, answer: str, quote: str) -> dict[str, str]:
    return {"question": question, "answer": answer, "quote": quote}


DEPOSIT = item("How much is paid for a key at first?", "18 euros", "The key deposit is 18 euros.")


@pytest.mark.parametrize(
    ("written", "kept", "dropped"),
    [
        (json.dumps([DEPOSIT]), "The key deposit is 18 euros.", {}),
        (f"Sure!\n```json\n{json.dumps([DEPOSIT])}\n```", "The key deposit is 18 euros.", {}),
        (json.dumps([DEPOSIT]).removesuffix("]"), "The key deposit is 18 euros.", {}),  # broken off
        (json.dumps([DEPOSIT | {"quote": "The deposit for a key is 18 euros."}]), "The key deposit is 18 euros.", {}),
        (json.dumps([DEPOSIT | {"quote": "Bees are kept here."}]), None, {"no such sentence": 1}),
        (json.dumps([DEPOSIT | {"answer": "20 euros"}]), None, {"the sentence does not hold the answer": 1}),
        (json.dumps([DEPOSIT | {"question": "Is it 18 euros?"}]), None, {"no question that stands alone": 1}),
        (
            json.dumps([DEPOSIT | {"question": "Is the deposit 18 euros?"}]),
            None,
            {"the question gives the answer away": 1},
        ),
        ("I cannot do that.", None, {"nothing that can be read": 1}),
        ('[{"question": 3}]', None, {"nothing that can be read": 1}),
    ],
)
def test_a_model_is_believed_as_far_as_the_text_bears_it_out(
    written: str, kept: str | None, dropped: dict[str, int]
) -> None:
    text = (
        "The key deposit is 18 euros. The mill was built in 1887, and the gate beside it is older than anybody knows. "
    )
    source = Source("docs/house.txt", "txt", _document(text + "Nobody has measured the pond behind the mill."))
    with LyingServer(says(written, chunks=40)) as server:
        asked = ModelWriter(_settings(server.url), [source])
        found = list(asked.drafts())
    assert [draft.quote for draft in found] == ([kept] if kept else [])
    assert dict(asked.dropped) == dropped
    assert all(source.document.text[draft.start : draft.end] == draft.quote and draft.sound for draft in found)
    prompt = server.requests[0].body["messages"][1]["content"]
    assert all(part in prompt for part in ("The mill was built in 1887", "=== excerpt"))


def test_drafts_by_a_model_are_told_and_new(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sources = sources_of(in_folder(tmp_path, FOLDER), ["house.md"])
    gold = GoldFile(tmp_path / "gold.jsonl")
    written = json.dumps([DEPOSIT, DEPOSIT | {"answer": "20 euros"}])
    with LyingServer(says(written, chunks=40)) as server:
        settings = _settings(server.url)
        first = proposed(sources, 6, 0, gold, settings)
        for draft in first:
            gold.accept(draft)
        second = proposed(sources, 6, 0, GoldFile(gold.path), settings)
    assert [draft.question for draft in first if draft.answerable] == [DEPOSIT["question"]]
    assert not [draft for draft in second if draft.answerable]
    assert "1 the sentence does not hold the answer" in capsys.readouterr().err


def _settings(url: str) -> Settings:
    return Settings.load(model={"name": "openai:fake", "api_base": url})


def _document(text: str) -> Extracted:
    return Extracted(text, "B", (Block(0, len(text), "paragraph"),), "text")
