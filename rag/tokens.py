"""Tokens as language models count them."""

from __future__ import annotations

import os
import threading
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tiktoken import Encoding

_LOCK = threading.Lock()


@cache
def encoding() -> Encoding:
    """tiktoken's cl100k_base: near enough for the models of other makers. Loading it takes a second, once."""
    import llama_index.core
    import tiktoken

    with _LOCK:  # the environment is the process's
        before = os.environ.get("TIKTOKEN_CACHE_DIR")
        os.environ["TIKTOKEN_CACHE_DIR"] = str(Path(llama_index.core.__file__).parent / "_static" / "tiktoken_cache")
        try:
            return tiktoken.get_encoding("cl100k_base")  # elsewhere it would be downloaded
        finally:
            if before is None:
                del os.environ["TIKTOKEN_CACHE_DIR"]
            else:
                os.environ["TIKTOKEN_CACHE_DIR"] = before
