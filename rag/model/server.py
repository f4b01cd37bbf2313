"""The server of a language model, the limits of patience with it, and what its failures are called."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from index import ModelError

_TOO_LONG = re.compile(
    r"context.?(?:length|window|size)|exceed.{0,40}context|context.{0,40}exceed|too long|too many tokens|"
    r"maximum.{0,40}tokens|tokens.{0,40}maximum",
    re.IGNORECASE,
)
_LISTED = 8  # models that a message names


@dataclass(frozen=True)
class Limits:
    """Seconds and bytes. What is refused or dead is known within `retry + connect`, which is less than ten seconds."""

    connect: float = 4.0
    silence: float = 5.0  # without a head, before the server is asked whether it lives
    alive: float = 3.0  # for its answer to that
    retry: float = 5.5  # no new attempt afterwards
    between: float = 30.0  # from one token to the next
    line_bytes: int = 1_000_000
    token_bytes: int = 4_000  # of the stream, for each token of an answer


@dataclass(frozen=True)
class Server:
    """One model at one address; `base` is what the paths of the interface are added to."""

    base: str
    model: str
    key: str = field(default="", repr=False)
    key_header: str = "Authorization"
    models_path: str = "/models"

    @property
    def place(self) -> str:
        """Host and port, as messages name the server."""
        return urlsplit(self.base).netloc

    @property
    def headers(self) -> dict[str, str]:
        """How the key is shown."""
        if not self.key:
            return {}
        return {self.key_header: f"Bearer {self.key}" if self.key_header == "Authorization" else self.key}

    def error(self, message: str, remedy: str) -> ModelError:
        """The error to raise; a key that the server repeated is blotted out."""
        return ModelError(self._harmless(message), remedy)

    def _harmless(self, said: str) -> str:
        printable = "".join(letter if letter.isprintable() else " " for letter in said)
        return " ".join((printable.replace(self.key, "***") if self.key else printable).split())

    def refusal(self, status: int, said: str, kind: str = "", offered: tuple[str, ...] = ()) -> ModelError:
        """What an HTTP status means, with the server's own words."""
        quoted = f': "{self._harmless(said)[:300]}"' if said else "."
        if status in (401, 403):
            problem = "refused the key" if self.key else "asks for a key"
            return self.error(
                f"{self.place} {problem} ({status}){quoted}", "Set CITEWISE_MODEL__API_KEY to a valid key."
            )
        if status == 404 and offered:
            listed = ", ".join(name[:80] for name in offered[:_LISTED]) + ", …" * (len(offered) > _LISTED)
            return self.error(
                f"{self.place} has no model {self.model!r}; it has {listed}.",
                "Set model.name to one of them.",
            )
        if status == 404:
            return self.error(
                f"Nothing answers at {self.base} for the model {self.model!r} (404){quoted}",
                "Check model.name, and model.api_base, which usually ends in /v1.",
            )
        if status == 402:
            return self.error(
                f"{self.place} asks for payment (402){quoted}", "Look at the account, or set another model.name."
            )
        if status == 408:
            return self.error(
                f"{self.place} gave up waiting for the question (408){quoted}", "Check the network, or ask again."
            )
        if status == 429:
            return self.error(
                f"{self.place} takes no more requests for now, or the quota is used up (429){quoted}",
                "Try again later, look at the account, or set another model.name.",
            )
        if status in (400, 413, 422) and (status == 413 or _TOO_LONG.search(f"{said} {kind}")):
            return self.error(
                f"The question and its passages are too long for {self.model} ({status}){quoted}",
                "Set model.context_tokens to what the server gives the model, or less.",
            )
        if 300 <= status < 400:
            return self.error(
                f"{self.place} redirects elsewhere{quoted} Nothing is sent to a server that was not configured.",
                "Set model.api_base to the address itself.",
            )
        if status >= 500:
            return self.error(
                f"{self.place} failed ({status}){quoted}", "Look at the server's log, or try again later."
            )
        setting = next((name for name in ("temperature", "max_tokens") if name in said), "name")
        return self.error(f"{self.place} refused the request ({status}){quoted}", f"Check model.{setting}.")

    def explain(self, error: Exception) -> ModelError:
        """What an exception of a provider's library means: the transport's verdict, an error that the server sent in
        the stream, or an answer that the library could not read."""
        for cause in causes(error):
            if isinstance(cause, ModelError):
                return ModelError(cause.message, cause.remedy)
        if body := getattr(error, "body", None):
            return self._sent(body)
        return self.nonsense(type(error).__name__)

    def instead(self, kind: str, said: Any) -> ModelError:
        """The error for another type of content than a stream of events; it may hold an error that tells more."""
        if isinstance(said, Mapping) and "error" in said:
            return self._sent(said)
        return self.error(
            f"{self.place} answers with {kind or 'an unknown type'} instead of a stream of words.",
            "Check model.api_base: it usually ends in /v1, and the server must speak OpenAI's chat interface.",
        )

    def _sent(self, error: Any) -> ModelError:
        said, kind = complaint(error)
        return self.refusal(int(kind) if re.fullmatch("[45][0-9]{2}", kind) else 500, said, kind)

    def nonsense(self, what: str) -> ModelError:
        """The error for an answer that is none."""
        return self.error(
            f"What {self.place} sent is no answer of a language model ({what}).",
            "Check that model.api_base is a server with OpenAI's chat interface.",
        )


def causes(error: BaseException | None) -> Iterator[BaseException]:
    """An exception and what led to it."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            yield from error.exceptions
        error = error.__cause__ or error.__context__


def complaint(said: Any) -> tuple[str, str]:
    """The message and the code or type of an error, in any of the usual shapes of its JSON."""
    if isinstance(said, Mapping):
        said = said.get("error", said)
    if isinstance(said, Mapping):
        kind = said.get("code") or said.get("type") or ""
        return str(said.get("message") or said.get("detail") or ""), str(kind)
    return str(said), ""
