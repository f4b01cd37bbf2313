"""The questions of the page, and the answers that are being written for it: each can be ended by another request."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from rag import BadQuestion, CitewiseError, MissingExtra, ModelError, SettingsError, Turn
from ui.batch import turns
from ui.indexing import DEFECT
from ui.page.offered import Given, by_name, encodable, offered

if TYPE_CHECKING:
    from rag import Answer, Assistant, WriterChoice

EVERY = 0.04  # seconds between two pictures of a growing answer
TRACED = 20  # last answers whose steps are remembered
TURNS, CHARACTERS = 20, 8_000  # of a history that are read: turns, and of each text
PATTERNS, LETTERS = 5_000, 500_000  # that a question can be restricted to: how many, and of how many characters

Exchange = dict[str, Any]


@dataclass
class _Writing:
    session: str
    writer: WriterChoice | None
    stop: threading.Event = field(default_factory=threading.Event)


class Exchanges:
    """What is asked and answered on the page, in all tabs; a session is one tab."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self._writing: dict[str, _Writing] = {}
        self._traced: OrderedDict[tuple[str, str], Answer] = OrderedDict()

    def ask(self, given: object, session: str) -> Iterator[Exchange]:
        """The exchange as the page shows it, growing: {kind, id, run, question, state, model, answer, error}, whose
        `state` is "busy" and at last "done", "stopped" or "error". `model` is the one that is asked, if any.

        `given` is {id, run, question, history, only, writer} of a page: `id` names the exchange, `run` this attempt at
        it, `history` is what the page said before, `only` are patterns, `writer` may be "quotes" or "model".
        """
        self.leave(session)
        sent: Given = encodable(given) if isinstance(given, dict) else {}
        settings = self._assistant.settings
        named = sent.get("writer")
        writing = _Writing(session, named if named == "quotes" or (named == "model" and settings.model.name) else None)
        model = settings.model.name if (writing.writer or settings.answer.writer) != "quotes" else ""
        place, run, question = (str(sent.get(name) or "") for name in ("id", "run", "question"))
        exchange: Exchange = {
            "kind": "exchange", "id": place, "run": run, "question": question, "state": "busy", "model": model,
        }  # fmt: skip
        self._writing[run] = writing
        try:
            yield exchange
            history, only = history_of(sent.get("history")), patterns_of(sent.get("only"))
            for answer, state in self._answers(question, history, only, writing):
                exchange = {**exchange, "state": state} | ({"answer": _shape(answer)} if answer else {})
                if state == "done" and answer:
                    self._traced[run, question] = answer
                    if len(self._traced) > TRACED:
                        self._traced.popitem(last=False)
                yield exchange
        except CitewiseError as error:
            avoidable = bool(model) and isinstance(error, ModelError | SettingsError | MissingExtra)
            told = {"message": error.message, "remedy": error.remedy, "avoidable": avoidable}
            yield {**exchange, "state": "error", "error": told}
        except Exception:
            yield {**exchange, "state": "error", "error": {"message": DEFECT.message, "remedy": DEFECT.remedy}}
            raise
        finally:
            writing.stop.set()
            self._writing.pop(run, None)

    def _answers(
        self, question: str, history: Sequence[Turn], only: Sequence[str], writing: _Writing
    ) -> Iterator[tuple[Answer | None, str]]:
        stop, answer, shown = None, None, 0.0
        while stop is not writing.stop:  # at first, and when it was handed over to the quotes meanwhile
            stop = writing.stop
            for one in self._assistant.stream(question, history=history, only=only, writer=writing.writer, stop=stop):
                if stop.is_set():
                    break
                answer = one
                if time.monotonic() - shown > EVERY:
                    shown = time.monotonic()
                    yield answer, "busy"
        yield answer, "stopped" if stop.is_set() else "done"

    @property
    def functions(self) -> list[Callable[..., Any]]:
        """What the component may call, by name."""
        return by_name(halt=self.halt)

    @offered
    def halt(self, given: Given) -> None:
        """End the attempt {run} at an answer; with "quotes" as the `writer`, go on with quotes in its place."""
        if (writing := self._writing.get(str(given.get("run")))) is None:
            return
        stop = writing.stop
        if given.get("writer") == "quotes":
            writing.writer, writing.stop = "quotes", threading.Event()
        stop.set()

    def answered(self, run: str, question: str) -> Answer | None:
        """The answer that an attempt at this question came to, with its whole trace, if it is one of the last."""
        return self._traced.get((run, question))

    def leave(self, session: str) -> None:
        """End what is being written for a tab that was closed, or asks something else."""
        for writing in list(self._writing.values()):
            if writing.session == session:
                writing.stop.set()


def history_of(given: object) -> list[Turn]:
    """The last turns of a history as a page sends it. Raises BadQuestion."""
    last = given[-TURNS:] if isinstance(given, list) else given
    return [Turn(turn.question[:CHARACTERS], turn.answer[:CHARACTERS]) for turn in turns(last)]


def patterns_of(given: object) -> list[str]:
    """Patterns as a page sends them. Raises BadQuestion."""
    patterns = [] if given is None else given
    if not isinstance(patterns, list) or not all(isinstance(one, str) for one in patterns):
        raise BadQuestion("What may answer is not a list of patterns.")
    if len(patterns) > PATTERNS or sum(map(len, patterns)) > LETTERS:
        raise BadQuestion(
            f"A question can be restricted to {PATTERNS:,} files and {LETTERS:,} characters of their names.",
            "Choose their folder instead.",
        )
    return patterns


def _shape(answer: Answer) -> dict[str, Any]:
    """The wire shape without what no page shows."""
    shape = answer.to_dict()
    shape.pop("trace", None)
    return shape
