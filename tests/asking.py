"""A language model at a server that lies, with little patience, and the question that it is asked."""

from __future__ import annotations

import threading
import time
from typing import Any

import llama_index.llms.openai  # noqa: F401  # before any time is measured, as the next
import openai.resources.chat  # noqa: F401
import pytest
from lying_server import LyingServer, Script

from rag import ModelError
from rag.model.connection import LanguageModel, Message, connect
from rag.model.server import Limits
from rag.settings import ModelSettings

QUICK = Limits(connect=1, silence=0.3, alive=0.3, retry=0.8, between=0.4)
QUESTION = [Message("system", "Answer from the passages."), Message("user", "Who keeps the bees?")]
KEY = "sk-very-secret"


def model(url: str, limits: Limits = QUICK, **settings: Any) -> LanguageModel:
    """A model with a key, short answers and little patience."""
    given = {"name": "openai:fake", "api_base": url, "api_key": KEY, "max_tokens": 20, "first_token_seconds": 1}
    return connect(ModelSettings.model_validate(given | settings), limits)


def ask(asked: LanguageModel) -> str:
    """The whole answer."""
    return "".join(asked.stream(QUESTION, threading.Event()))


def failure(*scripts: Script, models: Script | None = None, seconds: float = 2.0, **settings: Any) -> str:
    """The message and remedy of the ModelError, which comes in time."""
    with LyingServer(*scripts, models=models) as server:
        begun = time.monotonic()
        with pytest.raises(ModelError) as caught:
            ask(model(server.url, **settings))
        assert time.monotonic() - begun < seconds
        assert caught.value.remedy
        return str(caught.value)
