"""The embedder that settings name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from index import make_embedder

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding

    from rag.settings import Settings


def embedder_of(settings: Settings) -> BaseEmbedding:
    """The embedder that the settings name, not loaded yet. Raises SettingsError, MissingExtra."""
    return make_embedder(
        settings.embedding.model,
        model_file=settings.embedding.model_file,
        api_base=settings.embedding.api_base,
        api_key=settings.embedding.api_key.get_secret_value(),
    )
