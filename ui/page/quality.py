"""What the page keeps of people's verdicts, and what it shows of how good the answers are."""

from __future__ import annotations

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from rag import CitewiseError, Turn
from ui.opening import samples_folder
from ui.page.evaluating import Evaluating
from ui.page.offered import Given, by_name, offered
from ui.page.reading import pattern_of
from ui.server.schemas import Answer, Right, Verdict

if TYPE_CHECKING:
    from rag import Assistant

LARGEST = 500_000  # bytes of what a browser sends about one exchange
GAPS = 20  # groups of questions that are shown

Shape = dict[str, Any]
Id = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w-]+$")]
Said = Annotated[str, Field(max_length=32_000)]
Note = Annotated[str, Field(max_length=10_000)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Turn(_Given):
    question: Said
    answer: Said


class _Exchange(_Given):
    id: Id
    question: Annotated[str, Field(min_length=1, max_length=4000)]
    history: list[_Turn] = Field(max_length=20)
    answer: Answer


class _Judged(_Given):
    exchange: _Exchange
    verdict: Verdict
    note: Note = ""
    right: Right | None = None
    expected: Note = ""


class _Named(_Given):
    id: Annotated[str, Field(max_length=200)]


class _Asked(_Named):
    question: str = ""


class _Wanted(_Given):
    gold: Literal["own", "samples"]


class Quality:
    """Verdicts, the gold cases that come of them, and evaluations: one at a time for all tabs, which poll it."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.evaluating = Evaluating(assistant)

    @property
    def functions(self) -> list[Callable[..., Any]]:
        """What the view may call, by name."""
        return [
            *self.judging,
            *by_name(
                drop_case=self.drop_case, quality=self.quality, evaluate=self.evaluate, evaluation=self.evaluation,
                end_evaluation=self.end_evaluation, failed_case=self.failed_case, report_file=self.report_file,
            ),
        ]  # fmt: skip

    @property
    def judging(self) -> list[Callable[..., Any]]:
        """What is called under an answer."""
        return by_name(judge=self.judge, save_case=self.save_case)

    # -- verdicts and cases ---------------------------------------------------------------------------------------

    @offered
    def judge(self, given: Given) -> Shape:
        """Keep what somebody thinks of an answer, in place of what they thought before."""
        from eval import Evidence, keep_feedback

        if len(json.dumps(given).encode()) > LARGEST:
            raise CitewiseError("The answer is too long to be kept.")
        judged = _Judged.model_validate(given)
        exchange = judged.exchange
        keep_feedback(
            self._assistant.index.folder, _key(exchange.id, exchange.question), exchange.question,
            [Turn(turn.question, turn.answer) for turn in exchange.history],
            exchange.answer.model_dump(by_alias=True), judged.verdict, note=judged.note.strip(),
            right=Evidence(judged.right.source, self._exact(judged.right)) if judged.right else None,
            expected=judged.expected.strip(),
        )  # fmt: skip
        return {"says": "Kept."}

    def _exact(self, right: Right) -> str:
        """The words of a source that were selected in it, as a page shows them: other spaces, no marks."""
        text = self._assistant.text(right.source)
        if right.quote in text:
            return right.quote
        pattern = pattern_of(right.quote)
        found = pattern.search(text) if pattern else None
        if found is None:
            raise CitewiseError(f"{right.source} does not hold these words.", "Select them in the source once more.")
        return found[0]

    @offered
    def save_case(self, given: Given) -> Shape:
        """Make a gold case of what was said of an answer: {id, question} of an exchange, or the {id} of what was said."""
        from eval import NoCase, own_gold, save_case

        asked = _Asked.model_validate(given)
        try:
            case = save_case(self._assistant, _key(asked.id, asked.question) if asked.question else asked.id)
        except NoCase as lack:
            return {"error": str(lack), "needs": lack.needs, "proposed": lack.proposed}
        return {"id": case.id, "path": str(own_gold(self._assistant.index.folder))}

    @offered
    def drop_case(self, given: Given) -> Shape:
        """Remove a gold case."""
        from eval import drop_case

        drop_case(self._assistant.index.folder, _Named.model_validate(given).id)
        return {}

    # -- evaluations ----------------------------------------------------------------------------------------------

    @offered
    def quality(self, _: Given) -> Shape:
        """All that the view shows: {run, golds, feedback, report, gaps}; what cannot be read is {error}."""
        return {
            **self.evaluation(),
            "golds": self._golds_told(),
            "feedback": _told(self._feedback),
            "report": _told(self._report),
            "gaps": _told(self._gaps) if self._assistant.settings.log.questions else None,
        }

    @offered
    def evaluation(self, _: Given) -> Shape:
        """The evaluation under way, or the last one of this program: {run}, null where there was none."""
        return {"run": self.evaluating.state()}

    @offered
    def evaluate(self, given: Given) -> Shape:
        """Begin an evaluation in the background, unless one runs."""
        wanted = _Wanted.model_validate(given).gold
        gold = self._golds().get(wanted)
        if gold is None:
            return {"error": "There are no such questions. Reload the page."}
        self.evaluating.start(wanted, gold)
        return self.evaluation()

    @offered
    def end_evaluation(self, _: Given) -> Shape:
        """End the evaluation under way; what was answered is kept."""
        self.evaluating.stop()
        return self.evaluation()

    @offered
    def failed_case(self, given: Given) -> Shape:
        """What a question of the last run that failed was asked, answered and wanted."""
        from eval import case_of, last_report

        case = _Named.model_validate(given).id
        known = last_report(self._assistant, list(self._golds().values()))
        return (case_of(known, case) if known else None) or {"error": "The last run has no such case any more."}

    @offered
    def report_file(self, _: Given) -> Shape:
        """The report of the last run as one HTML file, to be saved: {name, html}."""
        from eval import html, last_report

        def made() -> Shape:
            known = last_report(self._assistant, list(self._golds().values()))
            if known is None:
                raise CitewiseError("There is no report yet.", "Run the evaluation first.")
            name = f"citewise-{str(known.result.stamp['started'])[:10]}.html"
            return {"name": name, "html": html(known)}

        return _told(made)

    def _golds(self) -> dict[str, Path]:
        """The files of questions that can be asked here, by name."""
        from eval import BUNDLED, own_gold

        golds = {"own": own_gold(self._assistant.index.folder)}
        samples = str(samples_folder().resolve())
        try:
            if any(path == samples for _, path in self._assistant.status().roots):
                golds["samples"] = BUNDLED
        except CitewiseError:  # nothing is indexed: the state of the index tells
            pass
        return golds

    def _golds_told(self) -> list[Shape]:
        from eval import GoldError, load_gold

        told = []
        for name, path in self._golds().items():
            if path.exists() and path.read_bytes().strip():
                try:
                    told.append({"name": name, "n": len(load_gold(path)), "error": None})
                except GoldError as error:
                    told.append({"name": name, "n": 0, "error": str(error)})
        return told

    def _feedback(self) -> Shape:
        from eval import told

        return told(self._assistant.index.folder)

    def _report(self) -> Shape:
        from eval import last_report, overview

        known = last_report(self._assistant, list(self._golds().values()))
        return overview(known) if known else {}

    def _gaps(self) -> Shape:
        from eval import told_gaps

        return told_gaps(self._assistant.index.folder, GAPS)


def _key(id: str, question: str) -> str:
    """The name of what was said of an answer, by which only who has the exchange can say something else."""
    return sha256(f"{id}\n{question}".encode()).hexdigest()[:24]


def _told(read: Callable[[], Shape]) -> Shape:
    try:
        return read()
    except CitewiseError as error:
        return {"error": str(error)}
