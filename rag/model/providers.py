"""llama-index's objects for the models of each provider, and the server of a GGUF file.

Every client library is imported here only, and late.
"""

from __future__ import annotations

import secrets
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from index import ModelError
from rag.model.server import Server
from rag.settings import ModelSettings

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

OPENAI = "https://api.openai.com/v1"
ANTHROPIC = "https://api.anthropic.com"
_UNUSED = "the transport adds the key"
_STARTING = threading.Lock()


@cache
def _of_any_name(parent: Any) -> Any:
    """A model class that accepts names it does not know: newer models, and those of other makers."""
    from llama_index.core.llms import LLMMetadata

    class OfAnyName(parent):  # type: ignore[misc]
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(model_name=self.model, is_chat_model=True)

    return OfAnyName


def openai(settings: ModelSettings, server: Server, client: Any) -> LLM:
    """A model of OpenAI, or behind any server with its interface; `client` is an `httpx.AsyncClient`."""
    import openai.resources.chat  # noqa: F401  # else its second would be the model's, at the first request
    from llama_index.llms.openai import OpenAI

    own = server.base == OPENAI  # where newer models refuse max_tokens, which is all that others know
    return _of_any_name(OpenAI)(
        model=server.model,
        temperature=settings.temperature,
        max_tokens=None if own else settings.max_tokens,
        additional_kwargs={"max_completion_tokens": settings.max_tokens} if own else {},
        api_base=server.base,
        api_key=_UNUSED,
        max_retries=0,
        async_http_client=client,
    )


def anthropic(settings: ModelSettings, server: Server, client: Any) -> LLM:
    """A model of Anthropic, or behind another server with its interface; `client` is an `httpx.AsyncClient`."""
    from llama_index.llms.anthropic import Anthropic

    llm = _of_any_name(Anthropic)(
        model=server.model,
        temperature=min(settings.temperature, 1),
        max_tokens=settings.max_tokens,
        base_url=server.base,
        api_key=_UNUSED,
        max_retries=0,
    )
    llm._aclient = llm._aclient.copy(http_client=client)  # its constructor takes none
    return llm


def serve(file: Path, context_tokens: int) -> Server:
    """The server of a GGUF file, started by the first who asks for it. Raises ModelError where it cannot be run."""
    with _STARTING:
        running, key = _run(file, context_tokens)
    return Server(f"{running.listening_address}/v1", file.stem, key)


@cache  # which also keeps the server: it ends with its object
def _run(file: Path, context_tokens: int) -> tuple[Any, str]:
    """llama.cpp in this process, on a free port of this host, for whoever has the key."""
    import xllamacpp

    key = secrets.token_urlsafe()
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx = context_tokens
    params.n_batch = 256  # it notices between batches that nobody waits any more
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key]
    params.verbosity = -1  # its log would go between the answers
    try:
        return xllamacpp.Server(params), key
    except RuntimeError as error:
        raise ModelError(f"{file} cannot be run ({error}).", "Set another GGUF file as model.name.") from error
