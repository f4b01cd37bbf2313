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
from rag.server import Server
from rag.settings import ModelSettings

if TYPE_CHECKING:
    from llama_index.core.llms import LLM

OPENAI = "https://api.openai.com/v1"
ANTHROPIC = "https://api.anthropic.com"
_UNUSED = "the transport adds the key"
_STARTING = threading.Lock()


@cache
def _chat_model() -> Any:
    import openai.resources.chat  # noqa: F401  # else its second would be the model's, at the first request
    from llama_index.core.llms import LLMMetadata
    from llama_index.llms.openai import OpenAI

    class ChatModel(OpenAI):
        @property
        def metadata(self) -> LLMMetadata:  # the parent's knows the names of OpenAI's own models only
            return LLMMetadata(model_name=self.model, is_chat_model=True)

    return ChatModel


def openai(settings: ModelSettings, server: Server, client: Any) -> LLM:
    """A model of OpenAI, or behind any server with its interface; `client` is an `httpx.AsyncClient`."""
    own = server.base == OPENAI  # where newer models refuse max_tokens, which is all that others know
    return _chat_model()(
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
    """A model of Anthropic; `client` is an `httpx2.AsyncClient`."""
    from llama_index.llms.anthropic import Anthropic

    llm = Anthropic(
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
        return _started(file, context_tokens)


@cache
def _started(file: Path, context_tokens: int) -> Server:
    """llama.cpp in this process, serving one model on a free port of this host to whoever has the key."""
    import xllamacpp

    key = secrets.token_urlsafe()
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx = context_tokens
    params.hostnames, params.port, params.api_keys = ["127.0.0.1"], 0, [key]
    params.verbosity = -1  # its log would go between the answers
    try:
        address = xllamacpp.Server(params).listening_address
    except RuntimeError as error:
        raise ModelError(f"{file} cannot be run ({error}).", "Set another GGUF file as model.name.") from None
    return Server(f"{address}/v1", file.stem, key)
