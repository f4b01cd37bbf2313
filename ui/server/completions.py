"""Growing answers in the shape of OpenAI's chat completions: whole, or as chunks of text that nothing takes back."""

from __future__ import annotations

import time
import uuid
from collections.abc import Container, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import quote

from rag import encoding
from ui.server.events import shape_of
from ui.server.problems import Problem

if TYPE_CHECKING:
    from rag import Answer
    from ui.server.openai_schemas import Completion

SURE = 40  # words that the documents bear out, after which a model hardly turns out to have said that they do not tell
COUNTED = 100_000  # characters

Chunk = dict[str, Any]


class Marker(NamedTuple):
    """Where a marker like `[1]` stands in an answer's text."""

    start: int
    end: int
    number: int


def markers(answer: Answer) -> tuple[list[Marker], int]:
    """The markers of an answer's finished statements in its text, and where the last of these statements ends. What
    looks like a marker inside a quote is none."""
    found, end = [], 0
    for statement in answer.statements:
        said = statement.text.strip()
        end = answer.text.index(said, end) + len(said)
        for number in statement.citations:
            start = answer.text.index(f"[{number}]", end)
            end = start + len(f"[{number}]")
            found.append(Marker(start, end, number))
    return found, end


def tokens(text: str) -> int:
    """How many tokens a text has, guessed where it is so long that counting them takes its time."""
    if len(text) > COUNTED:
        return len(text) // 4
    return len(encoding().encode_ordinary(text))


@dataclass
class Text:
    """The text of a growing answer as far as it is sent: finished sentences, cut before the first of `stops` and after
    `most` tokens. `cut` says why there is no more; `heard` are the writers that gave an answer before."""

    stops: list[str]
    most: int | None
    heard: Container[str] = ()
    sent: str = ""
    cut: Literal["stop", "length"] | None = None

    def more(self, answer: Answer) -> str:
        """What can be sent now. Raises Problem when an answer does not begin with what was sent: a model's words that
        were taken for the answer were not."""
        places, finished = markers(answer)
        text = answer.text if answer.id else answer.text[: finished if self._settled(answer) else 0]
        if not text.startswith(self.sent):
            if answer.id:
                raise Problem("model-failed", "What was sent turned out not to be the answer.", "Ask without `stream`.")
            return ""
        if self.cut:
            return ""
        end = self._end(text, bool(answer.id))
        end = next((one.start for one in places if one.start < end < one.end), end)
        added = text[len(self.sent) : end]
        self.sent += added
        return added

    def _settled(self, answer: Answer) -> bool:
        """Whether nothing that an answer says so far can be taken back any more. Quotes cannot; of a model, whose
        reasoning may not be told from its answer, we know that only when it has given a whole one before."""
        borne_out = (len(one.text.split()) for one in answer.statements if one.borne_out)
        return answer.writer == "quotes" or (answer.writer in self.heard and sum(borne_out) >= SURE)

    def _end(self, text: str, whole: bool) -> int:
        """How far a text can be sent; sets `cut` when it ends there."""
        stop = min((at for one in self.stops if (at := text.find(one)) >= 0), default=len(text) + 1)
        counted = encoding().encode_ordinary(text) if self.most else []
        if self.most and len(counted) > self.most:
            length = len(encoding().decode_bytes(counted[: self.most]).decode("utf-8", "ignore"))
            if length <= stop:
                self.cut = "length"
                return length
        if stop < len(text):
            self.cut = "stop"
            return stop
        return len(text) if whole else len(text) - self._held(text)

    def _held(self, text: str) -> int:
        """How many characters at the end of a text may be the beginning of a stop."""
        held = (n for one in self.stops for n in range(len(one) - 1, 0, -1) if text.endswith(one[:n]))
        return max(held, default=0)


@dataclass
class Writing:
    """One completion; `base` is the address of the server, to which its citations lead, `heard` as in Text."""

    asked: Completion
    base: str
    heard: Container[str] = ()
    id: str = field(default_factory=lambda: f"chatcmpl-{uuid.uuid4().hex}")
    created: int = field(default_factory=lambda: int(time.time()))

    def whole(self, answers: Iterable[Answer]) -> Chunk:
        """The completion: see openai_schemas.ChatCompletion."""
        text = self._text()
        for answer in answers:
            text.more(answer)
        message = {"role": "assistant", "content": text.sent, "refusal": None, **self._annotations(answer, text)}
        reason = text.cut or "stop"
        choices = [{"index": at, "message": message, "logprobs": None, "finish_reason": reason} for at in self._places]
        usage = self._usage(text)
        return {**self._head("chat.completion"), "choices": choices, "usage": usage, **self._ours(answer, text)}

    def chunks(self, answers: Iterable[Answer]) -> Iterator[Chunk]:
        """The completion piece by piece; the last piece of a choice brings its annotations, the very last of them
        `citations` and `citewise`. Raises as `Text.more` does."""
        text, begun = self._text(), False
        for answer in answers:
            added = text.more(answer)
            if not begun and (added or answer.id):
                begun = True
                yield from self._pieces({"role": "assistant", "content": "", "refusal": None})
            if added:
                yield from self._pieces({"content": added})
        *most, last = self._pieces(self._annotations(answer, text), text.cut or "stop")
        yield from most
        yield {**last, **self._ours(answer, text)}
        if self._counts:
            yield {**self._head("chat.completion.chunk"), "choices": [], "usage": self._usage(text)}

    @property
    def _places(self) -> range:
        return range(self.asked.n or 1)

    @property
    def _counts(self) -> bool:
        return bool(self.asked.stream_options and self.asked.stream_options.include_usage)

    def _text(self) -> Text:
        stop = self.asked.stop or []
        stops = [one for one in ([stop] if isinstance(stop, str) else stop) if one]
        return Text(stops, self.asked.max_completion_tokens or self.asked.max_tokens, self.heard)

    def _head(self, kind: str) -> Chunk:
        return {"id": self.id, "object": kind, "created": self.created, "model": self.asked.model}

    def _pieces(self, delta: Chunk, reason: str | None = None) -> Iterator[Chunk]:
        counted = {"usage": None} if self._counts else {}
        for at in self._places:
            choice = {"index": at, "delta": delta, "logprobs": None, "finish_reason": reason}
            yield {**self._head("chat.completion.chunk"), "choices": [choice], **counted}

    def _annotations(self, answer: Answer, text: Text) -> Chunk:
        cited = {one.number: one for one in answer.citations}
        annotations = [
            {
                "type": "url_citation",
                "url_citation": {
                    "start_index": start,
                    "end_index": end,
                    "url": f"{self.base}api/v1/documents/{quote(cited[number].source)}/text"
                    f"?start={cited[number].start}&end={cited[number].end}",
                    "title": cited[number].title,
                },
            }
            for start, end, number in _kept(answer, text)
        ]
        return {"annotations": annotations}

    def _ours(self, answer: Answer, text: Text) -> Chunk:
        kept = {marker.number for marker in _kept(answer, text)}
        return {
            "citations": [asdict(one) for one in answer.citations if one.number in kept],
            "citewise": shape_of(answer),
        }

    def _usage(self, text: Text) -> Chunk:
        asked = tokens("\n".join(message.text for message in self.asked.messages))
        said = tokens(text.sent) * len(self._places)
        return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def _kept(answer: Answer, text: Text) -> list[Marker]:
    """The markers that the text holds after all cuts."""
    return [marker for marker in markers(answer)[0] if marker.end <= len(text.sent)]
