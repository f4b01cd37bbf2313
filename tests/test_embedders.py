"""Other embedders by one setting: a real server with OpenAI's shape, and any llama-index embedder in Python."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fakes import HashEmbedding

from index import MiniLM, make_embedder
from index.index import Index
from rag import Assistant, CitewiseError, IndexOutdated, MissingExtra, Settings, SettingsError

TEXT = {
    "bees.txt": "The hives stand behind the shed. Marta Oyelaran keeps the bees and sells the honey in August.",
    "water.txt": "The taps are opened on the first of April. Watering is allowed before nine in the morning.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "docs"
    place.mkdir()
    for name, text in TEXT.items():
        (place / name).write_text(text)
    return place


class EmbeddingServer(ThreadingHTTPServer):
    """`/v1/embeddings` in OpenAI's shape; remembers which models were asked for, and fails when told to."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.models: list[str] = []
        self.status = 200
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def base(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class _Handler(BaseHTTPRequestHandler):
    server: EmbeddingServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.models.append(asked["model"])
        hashing = HashEmbedding()
        data = [
            {"object": "embedding", "index": n, "embedding": hashing.vector(t).tolist()}
            for n, t in enumerate(asked["input"])
        ]
        body = json.dumps(
            {"object": "list", "model": asked["model"], "data": data, "usage": {"prompt_tokens": 1, "total_tokens": 1}}
        )
        self.send_response(self.server.status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode() if self.server.status == 200 else b'{"error": {"message": "no such model"}}')

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[EmbeddingServer]:
    running = EmbeddingServer()
    yield running
    running.shutdown()
    running.server_close()


def test_any_openai_compatible_server(
    folder: Path, tmp_path: Path, server: EmbeddingServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "ALL_PROXY", "OPENAI_API_BASE", "OPENAI_BASE_URL"):  # which are for other programs
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    settings = Settings.load(
        index={"path": tmp_path / "index"}, embedding={"model": "openai:my-embedder", "api_base": server.base}
    )
    assistant = Assistant.open(folder, settings=settings)
    assert [step.report.embedded for step in assistant.sync() if step.report] == [2]
    answer = assistant.ask("Who keeps the bees?")
    assert "Marta Oyelaran" in answer.text
    assert set(server.models) == {"my-embedder"}
    assistant.close()
    other = Assistant.open(folder, settings=Settings.load(index={"path": tmp_path / "index"}))
    with pytest.raises(IndexOutdated, match="--rebuild"):
        other.ask("Who keeps the bees?")


def test_a_server_that_fails_is_named_and_words_still_answer(
    folder: Path, tmp_path: Path, server: EmbeddingServer
) -> None:
    settings = Settings.load(
        index={"path": tmp_path / "index"}, embedding={"model": "openai:my-embedder", "api_base": server.base}
    )
    server.status = 404
    assistant = Assistant.open(folder, settings=settings)
    with pytest.raises(CitewiseError, match="my-embedder"):
        list(assistant.sync())
    answer = assistant.ask("Who keeps the bees?")
    assert "Marta Oyelaran" in answer.text
    assert answer.searched is not None
    assert not answer.searched.by_meaning
    server.status = 200
    assert [step.report.embedded for step in assistant.sync() if step.report] == [2]
    assistant.close()


def test_an_embedder_without_token_vectors_is_reranked_by_reading_anew(folder: Path, tmp_path: Path) -> None:
    embedder = HashEmbedding()
    assistant = Assistant(Index(tmp_path / "index", embedder, roots=[folder]), MiniLM(), Settings.load())
    list(assistant.sync())
    assert len(embedder.seen) == 2
    assert "before nine" in assistant.ask("When may I water?").text
    assistant.close()


def test_without_an_address_it_is_openai_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_BASE", "http://127.0.0.1:9")
    made: Any = make_embedder("openai:text-embedding-3-small", api_key="k")
    assert made.api_base == "https://api.openai.com/v1"


def test_names_that_mean_nothing_are_errors() -> None:
    with pytest.raises(SettingsError, match="word2vec"):
        make_embedder("word2vec")
    with pytest.raises(SettingsError, match="key"):
        make_embedder("openai:text-embedding-3-small")
    with pytest.raises(CitewiseError, match="no-such"):
        make_embedder("minilm", model_file="no-such.onnx").get_text_embedding("text")


def test_a_missing_package_names_the_command() -> None:
    pytest.importorskip("llama_index")
    try:
        import llama_index.embeddings.fastembed  # noqa: F401
    except ImportError:
        with pytest.raises(MissingExtra, match="pip install"):
            make_embedder("fastembed:BAAI/bge-small-en-v1.5")
    else:
        pytest.skip("fastembed is installed here")


def test_the_bundled_model_gives_the_vectors_it_always_gave() -> None:
    model = MiniLM()
    near, far = "A kitten sleeps on the sofa.", "The central bank raised its key rate."
    one = np.array(model.get_query_embedding("The cat is napping on the couch."))
    assert one @ np.array(model.get_text_embedding(near)) > 0.6 > 0.2 > one @ np.array(model.get_text_embedding(far))
    assert model.get_text_embedding_batch([near, far]) == [model.get_text_embedding(text) for text in (near, far)]
    long = model.encode("word " * 1000)
    assert long.tokens.shape == (256, 384)
    assert np.allclose(np.linalg.norm(long.tokens, axis=1), 1, atol=1e-4)
