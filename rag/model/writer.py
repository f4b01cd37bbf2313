"""The writer with a language model: it is shown what was found, and what it writes is cleaned, aligned and cited."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from ipaddress import ip_address
from urllib.parse import urlsplit

from index import ModelError, units
from rag.claims import Claim, Notice, Restart, Said, Task
from rag.model.connection import REASONED, LanguageModel, Message
from rag.model.drafts import Draft, Shown
from rag.model.prompts import TURNS, Contradiction, Excerpt, answer_messages
from rag.settings import ModelSettings

SMALL_CONTEXT = 8192  # tokens; a model of one's own with no more is taken for a small one, which is shown sentences
SENTENCES = 6  # that a small model chooses from, those of disagreements aside
_SAFETY = 0.9  # of the context is used: a model's own tokens are not counted exactly
_WRAPPING = 16  # tokens around a message
_CUT = {
    "length": "The model's answer was cut off at model.max_tokens.",
    "filter": "The model's answer was cut off by a filter of its server.",
}
_NETWORKS = (".internal", ".home.arpa", ".lan", ".local", ".localhost")


class ModelWriter:
    """Lets `model` answer from a task's passages, or, a small one, from its best sentences."""

    def __init__(self, model: LanguageModel) -> None:
        self.model = model
        self.name = model.name

    def write(self, task: Task) -> Iterator[Said]:
        """The sentences of the model's answer, each with the spans that support it (none, where nothing does), and
        between them the words that are still being written. Once `task.stop` is set it ends with the sentences that
        are finished. What turns out to be reasoning is taken back; of an answer that was cut off the end says so.
        Raises ModelError.
        """
        copying = _small(self.model.settings)
        shown, messages = self._fitted(task, copying)
        draft = Draft(task, shown, copying=copying)
        cut = ""
        with closing(self.model.stream(messages, task.stop)) as deltas:
            while not draft.over:
                try:
                    delta = next(deltas)
                except StopIteration as end:
                    cut = end.value
                    break
                if delta == REASONED:
                    draft = Draft(task, shown, copying=copying)
                    yield Restart()
                else:
                    yield from draft.add(delta)
        yield from draft.close(cut=bool(cut), stopped=task.stop.is_set())
        if cut:
            yield Notice(_CUT[cut])

    def _fitted(self, task: Task, copying: bool) -> tuple[list[Shown], list[Message]]:
        """As many excerpts as fit, and of the history what fits beside one."""
        settings = self.model.settings
        budget = int(_SAFETY * (settings.context_tokens - settings.max_tokens))
        shown = _sentences(task) if copying else _passages(task)
        history = [] if copying else list(task.history[-TURNS:])
        while True:
            messages = answer_messages(
                task.question,
                [one.excerpt for one in shown],
                _contradictions(task, shown),
                history,
                copying=copying,
            )
            if sum(self.model.count(message.content) + _WRAPPING for message in messages) <= budget:
                return shown, messages
            if len(shown) > 1:
                shown = shown[:-1]
            elif history:
                history = history[1:]
            else:
                raise ModelError(
                    f"Not even one passage fits into the {settings.context_tokens:,} tokens that {self.name} takes.",
                    "Ask a shorter question, set model.max_tokens lower, or model.context_tokens to what the model takes.",
                )


def _small(settings: ModelSettings) -> bool:
    """Whether a model copies sentences rather than composing an answer, as `model.small` says."""
    if settings.small is not None:
        return settings.small
    return settings.context_tokens <= SMALL_CONTEXT and (
        settings.name.startswith("gguf:") or is_near(settings.api_base)
    )


def is_near(address: str) -> bool:
    """Whether a server is this machine, or one of its private network."""
    host = urlsplit(address).hostname or "" if address else ""
    try:
        return ip_address(host).is_private
    except ValueError:  # a name
        return host.endswith(_NETWORKS) or (host != "" and "." not in host)


def _passages(task: Task) -> list[Shown]:
    return [
        Shown(Excerpt(hit.record.text, " > ".join(filter(None, (hit.record.title, hit.record.context)))), hit)
        for hit in task.hits
    ]


def _sentences(task: Task) -> list[Shown]:
    """The best sentence of each thing asked for, both sides of each disagreement, and the best of all."""
    sides = [position.claim for one in task.disagreements for position in one.positions]
    firsts = [part[0] for part in task.parts if part]
    wanted = {(c.span.hit.record.document, c.span.start): c for c in [*task.candidates[:SENTENCES], *firsts, *sides]}
    ranked = sorted(wanted.values(), key=lambda claim: -claim.score)
    return [Shown(Excerpt(claim.text, _header(claim)), claim.span.hit, claim) for claim in ranked]


def _header(claim: Claim) -> str:
    """The header of a table's row, without which its cells say little; "" for a row that is a sentence."""
    block = units(claim.span.document, claim.span.start, claim.span.end)[0].block
    return block.context if block.kind == "row" and not claim.text.endswith((".", "!", "。")) else ""


def _contradictions(task: Task, shown: Sequence[Shown]) -> list[Contradiction]:
    """The disagreements of which two sides are shown, with the numbers under which they stand."""
    told = []
    for one in task.disagreements:
        numbers = {p.value: n for p in one.positions for n, excerpt in enumerate(shown, 1) if excerpt.holds(p.claim)}
        if len(set(numbers.values())) > 1:
            told.append(Contradiction(one.about, tuple(numbers.items()), one.differs))
    return told
