"""What the question box offers: questions to begin or go on with, what may answer, who writes, and why an answer is so."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from rag import CitewiseError
from ui.indexing import Indexing
from ui.page.exchanges import Exchanges, history_of, patterns_of
from ui.page.offered import Given, by_name, offered

if TYPE_CHECKING:
    from rag import Assistant

FIRST, NEXT = 3, 3  # questions offered before the first and after an answer
REACHED = 60.0  # seconds for which a language model that answered is taken to be there


class Asking:
    """Behind the question box of all tabs."""

    def __init__(self, assistant: Assistant, indexing: Indexing, exchanges: Exchanges) -> None:
        self._assistant, self._indexing, self._exchanges = assistant, indexing, exchanges
        self._first = lru_cache(maxsize=1)(lambda indexed_at: assistant.examples(FIRST) if indexed_at else [])
        self._probing = threading.Lock()
        self._reached: tuple[float, dict[str, Any]] | None = None

    @property
    def functions(self) -> list[Callable[..., Any]]:
        """What the component may call, by name."""
        return by_name(
            examples=self.examples, go_on=self.go_on, choices=self.choices, writer=self.writer, reach=self.reach,
            why=self.why,
        )  # fmt: skip

    @offered
    def examples(self, _: Given) -> list[str]:
        """Questions that the folder answers, to begin with; none while it is being read."""
        try:
            return [] if self._indexing.running else self._first(self._assistant.status().indexed_at)
        except CitewiseError:  # the state of the index tells what is wrong
            return []

    @offered
    def go_on(self, given: Given) -> list[str]:
        """Questions to go on with after one {question, sources}, which these sources answer."""
        try:
            sources = patterns_of(given.get("sources"))
        except CitewiseError:
            return []
        return self._assistant.examples(NEXT, near=sources, asked=str(given.get("question"))) if sources else []

    @offered
    def choices(self, _: Given) -> dict[str, Any]:
        """What a question can be restricted to: {folders, types, files}, as patterns; or {error}."""
        sources = [document.source for document in self._assistant.documents() if document.status == "ready"]
        folders = {source[: at + 1] for source in sources for at, sign in enumerate(source) if sign == "/"}
        types = {f"*.{source.rsplit('.', 1)[1]}" for source in sources if "." in source.rsplit("/", 1)[-1]}
        return {"folders": sorted(folders), "types": sorted(types), "files": sources}

    @offered
    def writer(self, _: Given) -> dict[str, Any]:
        """The language model that is configured, {name, writes}: its name, "" for none, and whether it is asked by
        itself. Nothing is contacted."""
        settings = self._assistant.settings
        return {"name": settings.model.name, "writes": settings.answer.writer != "quotes"}

    @offered
    def reach(self, _: Given) -> dict[str, Any]:
        """Whether the language model that is configured answers, {reached, says}; it is asked for a word at most once a
        minute."""
        with self._probing:
            if self._reached is None or time.monotonic() - self._reached[0] > REACHED:
                try:
                    self._assistant.reach_model()
                    found: dict[str, Any] = {"reached": True, "says": ""}
                except CitewiseError as error:
                    found = {"reached": False, "says": str(error)}
                self._reached = time.monotonic(), found
            return self._reached[1]

    @offered
    def why(self, given: Given) -> dict[str, Any]:
        """The steps of an answer {run, question, history, only} with the words at each place, and the fate of a passage
        {source, quote} that was `expected`; or {error}. An answer that is no longer remembered is made once more."""
        question, expected = given["question"], given.get("expected")
        if not isinstance(question, str):
            raise TypeError
        found = self._assistant.why(
            question, expect=(str(expected["source"]), str(expected["quote"])) if expected else None,
            history=history_of(given.get("history")), only=patterns_of(given.get("only")),
            answer=self._exchanges.answered(str(given.get("run")), question),
        ).to_dict()  # fmt: skip
        for step in found["answer"]["trace"]:
            for item in step.get("top", ()):
                item["quote"] = self._assistant.text(item["source"])[item["start"] : item["end"]]
        return {"steps": found["answer"]["trace"], "writer": found["answer"]["writer"], "expected": found["expected"]}
