"""Any language model by one setting, behind llama-index's `LLM`.

Each answer has a thread with an event loop, a model object and an HTTP client of its own, which end with it: answers
share nothing, and giving one up (`stop`, or closing the generator) cancels the request and closes its connection, which
is how a server learns to stop writing. Neither environment variables nor llama-index's global `Settings` choose a
server, a key or a proxy; `rag/model/transport.py` sees to that.
"""

from __future__ import annotations

import asyncio
import queue
import re
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import urlsplit

from index import MissingExtra, ModelError, SettingsError
from rag.model.providers import ANTHROPIC, OPENAI, anthropic, openai, serve
from rag.model.server import Limits, Server
from rag.settings import ModelSettings
from rag.tokens import encoding

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

_POLL = 0.05  # seconds until somebody who gave up is noticed
_LEAVE = 1.0  # seconds for the connection to be closed
_LETTERS = 8  # a token has fewer: who writes more letters ignores max_tokens
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")


_REASONS, REASONED = "<think>", "</think>"
"""The second one is a piece that is no word of an answer: all before it was reasoning that no tag had opened."""
Cut = Literal["", "length", "filter"]
_CUT: dict[str, Cut] = {"length": "length", "max_tokens": "length", "content_filter": "filter", "refusal": "filter"}


class Ended(NamedTuple):
    """The end of an answer, and what cut it off."""

    cut: Cut = ""


class Message(NamedTuple):
    """One message of a conversation with a model."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True)
class LanguageModel:
    """A model that can be asked from any thread. `locate` gives its server, and may have to start it first; `build`
    makes llama-index's object around an `httpx.AsyncClient`. Of a model that reasoned without a tag to open that, the next
    answers are held back until the tag that ends it, or until one comes without."""

    settings: ModelSettings
    locate: Callable[[], Server]
    build: Callable[[ModelSettings, Server, Any], LLM]
    limits: Limits = field(default_factory=Limits)
    _unopened: threading.Event = field(default_factory=threading.Event, repr=False, compare=False)

    @property
    def name(self) -> str:
        """As in the settings."""
        return self.settings.name

    @property
    def context_tokens(self) -> int:
        """Tokens that question, passages and answer may take together."""
        return self.settings.context_tokens

    def count(self, text: str) -> int:
        """The tokens of a text by tiktoken's cl100k_base: near enough for the models of other makers."""
        return len(encoding().encode_ordinary(text))

    def stream(self, messages: Sequence[Message], stop: threading.Event) -> Generator[str, None, Cut]:
        """The answer in pieces that are never empty, without the model's reasoning (but see REASONED) and unprintable
        characters; cut where it is far longer than `max_tokens`. Returns what cut it off: its length, or a filter of
        the server. Once `stop` is set it ends quietly and the connection is closed, as when the generator is closed.
        Raises ModelError for every failure, also after the first pieces."""
        if stop.is_set():
            return ""
        said: queue.SimpleQueue[str | Ended | BaseException] = queue.SimpleQueue()
        left = threading.Event()
        talk = self._talk(messages, said.put, left)
        thread = threading.Thread(target=asyncio.run, args=(talk,), name="citewise-model", daemon=True)
        thread.start()
        try:
            while not stop.is_set():
                try:
                    piece = said.get(timeout=_POLL)
                except queue.Empty:
                    continue
                if isinstance(piece, Ended):
                    return piece.cut
                if isinstance(piece, BaseException):
                    raise piece
                yield piece
            return ""
        finally:
            left.set()
            thread.join(_LEAVE)  # an interpreter that ends while it runs may abort

    async def _talk(
        self, messages: Sequence[Message], say: Callable[[str | Ended | BaseException], None], left: threading.Event
    ) -> None:
        asking = asyncio.create_task(self._ask(messages, say))
        while not (left.is_set() or asking.done()):
            await asyncio.wait({asking}, timeout=_POLL)
        asking.cancel()
        [end] = await asyncio.gather(asking, return_exceptions=True)
        say(end)

    async def _ask(self, messages: Sequence[Message], say: Callable[[str], None]) -> Ended:
        server = await asyncio.to_thread(self.locate)
        import httpx
        from llama_index.core.llms import ChatMessage

        from rag.model.transport import Transport

        transport = Transport(server, self.limits, self.settings.max_tokens)
        answer = _Answer(self.settings.max_tokens * _LETTERS, self._unopened)
        chat = [ChatMessage(role=message.role, content=message.content) for message in messages]
        async with httpx.AsyncClient(transport=transport, trust_env=False) as client:
            llm = self._built(server, client)  # imports take seconds, which are not the model's
            try:
                async with asyncio.timeout(self.settings.first_token_seconds) as clock:
                    async for response in await llm.astream_chat(chat):
                        thought = response.additional_kwargs.get("thinking_delta")
                        if response.delta or thought:
                            clock.reschedule(asyncio.get_running_loop().time() + self.limits.between)
                        for shown in answer.add(response.delta or "", thought or ""):
                            say(shown)
                        if answer.too_long:
                            break
            except TimeoutError:
                raise self._too_slow(answer) from None
            except Exception as error:  # a server that lies makes the libraries raise anything
                raise server.explain(error) from error
        cut: Cut = "length" if answer.too_long else _CUT.get(transport.reason, "")
        if rest := answer.end(cut):
            say(rest)
        if not answer.spoken:
            raise self._silent(answer, cut)
        return Ended(cut)

    def _built(self, server: Server, client: Any) -> LLM:
        try:
            return self.build(self.settings, server, client)
        except ValueError as error:
            raise ModelError(f"{self.name} cannot be used: {error}", "Set another model.name.") from error

    def _too_slow(self, answer: _Answer) -> ModelError:
        if answer.letters:
            return ModelError(
                f"{self.name} stopped in the middle of its answer, for {self.limits.between:g} seconds.",
                "Ask again, or look at the server's log.",
            )
        return ModelError(
            f"{self.name} did not begin to answer within {self.settings.first_token_seconds:g} seconds.",
            "Set model.first_token_seconds higher, or set a faster model.name.",
        )

    def _silent(self, answer: _Answer, cut: Cut) -> ModelError:
        if cut == "filter":
            return ModelError(f"The server's filter kept {self.name} from answering.", "Set another model.name.")
        if cut and not answer.letters:
            return ModelError(
                f"{self.name} used up model.max_tokens ({self.settings.max_tokens:,}) before its first word.",
                "Set model.max_tokens higher: reasoning counts.",
            )
        if answer.letters:
            return ModelError(
                f"{self.name} reasoned and then gave no answer.",
                "Set model.max_tokens higher: reasoning counts.",
            )
        return ModelError(f"{self.name} gave an empty answer.", "Ask again, or set another model.name.")


class _Answer:
    """What is shown of a model's words: no reasoning (`<think>...</think>` of models whose server leaves it in, perhaps
    without the first tag, which some servers put into the prompt), nothing unprintable, no white space before the first
    word. A tag may come in pieces; a later one is a word like any other. Once `unopened` is set, because such reasoning
    came, all is held back until it ends, or the answer does."""

    def __init__(self, most_letters: int, unopened: threading.Event) -> None:
        self.letters = 0
        self.spoken = False
        self._most, self._unopened = most_letters, unopened
        self._held = ""
        self._begun = False
        self._thinking = False
        self._tag = REASONED  # that counts, if it comes

    @property
    def too_long(self) -> bool:
        return self.letters > self._most

    def add(self, text: str, thought: str) -> Iterator[str]:
        """What can be shown now, and REASONED where what was shown was none of the answer."""
        self.letters += len(text) + len(thought)
        self._held += text
        if not self._begun:
            first = self._held.lstrip()
            if _REASONS.startswith(first):
                return  # nothing, or what may become the tag
            self._begun, self._thinking = True, first.startswith(_REASONS)
        if self._tag and self._tag in self._held:
            if self.spoken:
                yield REASONED
            if not self._thinking:
                self._unopened.set()
            self._held = self._held.partition(self._tag)[2]
            self.spoken, self._thinking, self._tag = False, False, ""
        if self._tag and not self._thinking and self._unopened.is_set():
            return
        held = next((n for n in range(len(self._tag) - 1, 0, -1) if self._held.endswith(self._tag[:n])), 0)
        split = len(self._held) - held
        shown, self._held = self._held[:split], self._held[split:]
        if not self._thinking and (shown := self._clean(shown)):
            yield shown

    def end(self, cut: Cut) -> str:
        """What was held back and turned out to be text. A whole answer without the tag shows that the model does not
        always reason so."""
        if self._tag and not cut:
            self._unopened.clear()
        return "" if self._thinking or self._held.lstrip() == _REASONS else self._clean(self._held)

    def _clean(self, shown: str) -> str:
        shown = _UNPRINTABLE.sub("", shown)
        if not self.spoken:
            shown = shown.lstrip()
        self.spoken = self.spoken or bool(shown)
        return shown


def connect(settings: ModelSettings, limits: Limits | None = None) -> LanguageModel:
    """The model that `model.name` names: "openai:MODEL", "anthropic:MODEL" (both with `api_base`: any server with that
    interface) or "gguf:FILE", which runs in this process. Nothing is contacted or started before it is asked.

    Raises SettingsError for what cannot be used, MissingExtra where a package is not installed.
    """
    kind, _, model = settings.name.partition(":")
    model = model.strip()
    if kind not in ("openai", "anthropic", "gguf") or not model:
        raise SettingsError(
            f"There is no language model {settings.name!r}.",
            'Set model.name to "openai:MODEL", "anthropic:MODEL" or "gguf:FILE".',
        )
    limits = limits or Limits()
    if kind == "gguf":
        file = Path(model).expanduser().resolve()
        if not file.is_file():
            raise SettingsError(f"There is no model at {file}.", "Correct model.name.")
        _require("xllamacpp", "gguf")
        return LanguageModel(settings, partial(serve, file, settings.context_tokens), openai, limits)
    key = settings.api_key.get_secret_value().strip()
    if not (key or settings.api_base):
        raise SettingsError(
            f"{settings.name} needs a key.", "Set CITEWISE_MODEL__API_KEY, or model.api_base for a local server."
        )
    if not (key.isascii() and key.isprintable()):
        raise SettingsError("The key of the language model is no key.", "Correct CITEWISE_MODEL__API_KEY.")
    base = _address(settings.api_base) if settings.api_base else ""
    if kind == "openai":
        server = Server(base or OPENAI, model, key)
        return LanguageModel(settings, lambda: server, openai, limits)
    _require("llama_index.llms.anthropic", "anthropic")
    server = Server(base or ANTHROPIC, model, key, "x-api-key", "/v1/models")
    return LanguageModel(settings, lambda: server, anthropic, limits)


def probe(model: LanguageModel) -> float:
    """Seconds to the first word of a short answer. Raises ModelError."""
    begun = time.perf_counter()
    with closing(model.stream([Message("user", "Say: ready")], threading.Event())) as words:
        next(words)
    return time.perf_counter() - begun


def _address(base: str) -> str:
    base = base.strip().rstrip("/")
    try:
        parts = urlsplit(base)
        usable = parts.hostname and parts.port != 0 and re.fullmatch(r"https?://[^\s@?#]+", base)
    except ValueError:
        usable = None
    if not usable:
        raise SettingsError(
            "model.api_base is no address of a server that can be used.",
            'Set it to an address such as "http://127.0.0.1:8080/v1"; a key goes into CITEWISE_MODEL__API_KEY.',
        )
    return base


def _require(package: str, extra: str) -> None:
    try:
        found = find_spec(package)
    except ModuleNotFoundError:  # of a parent
        found = None
    if not found:
        raise MissingExtra(f"{extra} models need a package.", f"Run: pip install 'citewise[{extra}]'")
