"""`eval load` in small: what it counts, of a server that answers and of one that fails."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fake_assistant import FakeAssistant
from serving import app_over, served

from eval.studies.load import Load, Server, measured
from eval.table import cores
from rag import Answer

SMALL = Load(warm_up=1, first=2, askers=3, think=0.1, seconds=0.4, loop=2, loop_seconds=0.4, burst=12)
ANSWER = Answer("a", "?", "?", "Tom does.", "answered", 0.5, "quotes")


class Quick(FakeAssistant):
    def stream(self, question: str, **given: Any) -> Iterator[Any]:
        assert question != "defect"
        yield replace(ANSWER, id="")
        yield ANSWER


def figures(base: Path, asked: Sequence[str]) -> dict[str, float]:
    with served(app_over(Quick(), base, running=1, waiting=3, per_minute=0)) as client:
        return {
            figure.name: figure.value for figure in measured(Server(os.getpid(), str(client.base_url)), asked, SMALL)
        }


def test_a_server_that_answers(tmp_path: Path) -> None:
    found = figures(tmp_path, ["Who keeps the bees?", "What does a key cost?"])
    assert found["askers_asked"] >= 3
    assert found["askers_failed"] == found["closed_failed"] == found["burst_failed"] == 0
    assert 0 < found["first_token_p50_ms"] <= found["first_token_p95_ms"]
    busy = found["closed_asks_per_s"] * found["closed_cpu_ms_per_ask"] / 1000
    assert found["closed_to_cores"] * cores() == pytest.approx(busy)
    assert 0 < busy < 2 * cores()
    assert found["burst_answered"] + found["burst_429"] == SMALL.burst
    assert found["alive_after"] == 1
    assert 0.9 < found["rss_after_to_warm"] < 1.5


def test_a_server_that_fails(tmp_path: Path) -> None:
    found = figures(tmp_path, ["defect"])
    assert found["askers_failed"] == found["askers_asked"] > 0
    assert found["burst_failed"] > 0
    assert found["alive_after"] == 0
