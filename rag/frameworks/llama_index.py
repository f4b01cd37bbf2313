"""Parts for llama-index: a retriever of passages and a query engine with checked citations.

    from rag.frameworks.llama_index import CitewiseQueryEngine, CitewiseRetriever

Both read `llama_index.core.Settings` no more than llama-index itself does, and change nothing in it. Their async methods
run in a thread. They raise what `Assistant.search` and `Assistant.ask` raise.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator, Iterator, Sequence
from typing import Any

from llama_index.core.base.base_query_engine import BaseQueryEngine
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import AsyncStreamingResponse, Response, StreamingResponse
from llama_index.core.callbacks import CallbackManager
from llama_index.core.prompts.mixin import PromptMixinType
from llama_index.core.schema import NodeRelationship, NodeWithScore, QueryBundle, RelatedNodeInfo, TextNode

from rag.answer import Answer, Citation
from rag.assistant import Assistant
from rag.frameworks import place_of
from rag.material import CONSIDERED
from rag.settings import WriterChoice

_EMBEDDED = {"context"}  # with a text, as in our own index
_SHOWN = {"source", "page", "context"}  # to a model; the heading is a part of the context


class CitewiseRetriever(BaseRetriever):
    """The k best passages for a question as nodes, best first, from all files or from `only` some.

    A node's id stays the same while its passage does; `start_char_idx` and `end_char_idx` are exact, and
    `assistant.text(node.metadata["source"])[start:end]` is its text. The metadata are `source`, `start`, `end`, and, where
    known, `page`, `line`, `heading` and `context`; a model is shown source, page and context, an embedder the context.
    """

    def __init__(
        self,
        assistant: Assistant,
        *,
        k: int = CONSIDERED,
        only: Sequence[str] = (),
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager=callback_manager)
        self.assistant, self.k, self.only = assistant, k, tuple(only)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        found = self.assistant.search(query_bundle.query_str, k=self.k, only=self.only)
        return [
            NodeWithScore(node=_node(passage.id, passage.text, place_of(passage)), score=passage.score)
            for passage in found
        ]

    async def _aretrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return await asyncio.to_thread(self._retrieve, query_bundle)


class CitewiseQueryEngine(BaseQueryEngine):
    """Answers with citations: `source_nodes` are the citations in the order of their numbers, each exactly the words
    that it quotes, and `metadata["citewise"]` is the answer's wire shape (without its trace).

    A refusal ("not_in_documents") has no source nodes. With `streaming`, whole sentences come as they are checked, and
    source nodes and metadata are there once the last one is read. In the rare case that a model's draft is taken back,
    the answer begins again after an empty line; the text in the metadata is the one that counts.
    """

    def __init__(
        self,
        assistant: Assistant,
        *,
        only: Sequence[str] = (),
        writer: WriterChoice | None = None,
        streaming: bool = False,
        callback_manager: CallbackManager | None = None,
    ) -> None:
        super().__init__(callback_manager)
        self.assistant, self.only, self.writer, self.streaming = assistant, tuple(only), writer, streaming

    def _get_prompt_modules(self) -> PromptMixinType:
        return {}

    def _query(self, query_bundle: QueryBundle) -> Response | StreamingResponse:
        if self.streaming:
            nodes, metadata = list[NodeWithScore](), dict[str, Any]()
            return StreamingResponse(self._sentences(query_bundle.query_str, nodes, metadata), nodes, metadata)
        answer = self.assistant.ask(query_bundle.query_str, only=self.only, writer=self.writer)
        return Response(answer.text, _sources(answer), _metadata(answer))

    async def _aquery(self, query_bundle: QueryBundle) -> Response | StreamingResponse | AsyncStreamingResponse:
        if self.streaming:
            nodes, metadata = list[NodeWithScore](), dict[str, Any]()
            sentences = self._sentences(query_bundle.query_str, nodes, metadata)
            return AsyncStreamingResponse(_in_threads(sentences), nodes, metadata)
        return await asyncio.to_thread(self._query, query_bundle)

    def _sentences(self, question: str, nodes: list[NodeWithScore], metadata: dict[str, Any]) -> Generator[str]:
        """The answer by sentences; its nodes and metadata go into the two last arguments."""
        said, told = "", 0
        for answer in self.assistant.stream(question, only=self.only, writer=self.writer):
            if len(answer.statements) == told and not answer.id:
                continue  # the marker of a sentence may still move
            if not answer.text.startswith(said):
                said = ""
                yield "\n\n"
            if answer.id:  # before the last words, so that who stops at them has all
                nodes += _sources(answer)
                metadata |= _metadata(answer)
            if answer.text != said:
                yield answer.text[len(said) :]
            said, told = answer.text, len(answer.statements)


async def _in_threads(parts: Iterator[str]) -> AsyncGenerator[str]:
    while (part := await asyncio.to_thread(next, parts, None)) is not None:
        yield part


def _sources(answer: Answer) -> list[NodeWithScore]:
    return [NodeWithScore(node=_cited(citation)) for citation in answer.citations]


def _cited(citation: Citation) -> TextNode:
    around = {name: getattr(citation, name) for name in ("number", "title", "before", "after", "sha256")}
    return _node(f"{citation.source}#{citation.start}-{citation.end}", citation.quote, place_of(citation) | around)


def _metadata(answer: Answer) -> dict[str, Any]:
    shape = answer.to_dict()
    del shape["trace"]
    return {"citewise": shape}


def _node(name: str, text: str, metadata: dict[str, Any]) -> TextNode:
    return TextNode(
        id_=name,
        text=text,
        start_char_idx=metadata["start"],
        end_char_idx=metadata["end"],
        metadata=metadata,
        excluded_llm_metadata_keys=[key for key in metadata if key not in _SHOWN],
        excluded_embed_metadata_keys=[key for key in metadata if key not in _EMBEDDED],
        relationships={NodeRelationship.SOURCE: RelatedNodeInfo(node_id=metadata["source"])},
    )
