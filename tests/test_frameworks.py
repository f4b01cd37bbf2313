"""The parts for llama-index and LangChain inside pipelines of these, over a real index of the sample folder."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from llama_index.core.base.response.schema import AsyncStreamingResponse, Response, StreamingResponse
from llama_index.core.llms import MockLLM
from llama_index.core.query_engine import RetrieverQueryEngine
from llama_index.core.schema import MetadataMode, NodeRelationship

from rag import Answer, Assistant, BadQuestion
from rag.frameworks.llama_index import CitewiseQueryEngine, CitewiseRetriever

ROOT = Path(__file__).parent.parent
QUESTION = "How high is the deposit for a plot?"
FOREIGN = "Who won the chess tournament in Reykjavik?"


@pytest.fixture(scope="module")
def assistant(samples_index: Path) -> Iterator[Assistant]:
    with Assistant.open(index=samples_index) as opened:
        yield opened


def shape(answer: Answer) -> dict[str, Any]:
    """The wire shape without what differs each time, and without the trace."""
    return {name: value for name, value in answer.to_dict().items() if name not in ("timings_ms", "trace")}


def carried(response: Any) -> dict[str, Any]:
    given = dict(response.metadata["citewise"])
    assert given.pop("timings_ms").keys() == {"retrieve", "write", "total"}
    return given


# -- llama-index ------------------------------------------------------------------------------------------------------


def test_nodes_are_the_passages(assistant: Assistant) -> None:
    passages = assistant.search(QUESTION, k=6)
    nodes = CitewiseRetriever(assistant, k=6).retrieve(QUESTION)
    assert [(found.node.node_id, found.get_content(), found.score) for found in nodes] == [
        (passage.id, passage.text, passage.score) for passage in passages
    ]
    for found, passage in zip(nodes, passages, strict=True):
        node: Any = found.node
        named = {"page": passage.page, "line": passage.line, "heading": passage.heading, "context": passage.context}
        place = {"source": passage.source, "start": passage.start, "end": passage.end}
        assert node.metadata == place | {name: value for name, value in named.items() if value}
        assert node.ref_doc_id == node.relationships[NodeRelationship.SOURCE].node_id == passage.source
        stored = assistant.text(node.metadata["source"])
        assert stored[node.start_char_idx : node.end_char_idx] == node.text
    assert {key for found in nodes for key in found.node.metadata} >= {"line", "heading", "context"}


def test_a_model_is_shown_the_source_and_an_embedder_what_ours_embeds(assistant: Assistant) -> None:
    (found,) = CitewiseRetriever(assistant, k=1, only=["samples/garden/*"]).retrieve(QUESTION)
    shown = found.node.get_content(MetadataMode.LLM)
    assert f"source: {found.node.metadata['source']}" in shown
    assert f"context: {found.node.metadata['context']}" in shown
    assert not {"start:", "end:", "line:", "heading:"} & set(shown.split())
    assert found.node.get_content(MetadataMode.EMBED).split() == [
        "context:", *found.node.metadata["context"].split(), *found.node.get_content().split(),
    ]  # fmt: skip


def test_the_retriever_works_inside_a_query_engine_of_llama_index(assistant: Assistant) -> None:
    retriever = CitewiseRetriever(assistant, k=3, only=["samples/garden/*"])
    engine = RetrieverQueryEngine.from_args(retriever, llm=MockLLM())  # which says what it is shown
    response = engine.query(QUESTION)
    assert len(response.source_nodes) == 3
    for found in response.source_nodes:
        assert found.get_content() in str(response)
        assert found.node.metadata["source"].startswith("samples/garden/")
    awaited = asyncio.run(engine.aquery(QUESTION))
    assert [found.node_id for found in awaited.source_nodes] == [found.node_id for found in response.source_nodes]


def test_the_query_engine_answers_as_the_assistant_does(assistant: Assistant) -> None:
    engine, expected = CitewiseQueryEngine(assistant), assistant.ask(QUESTION)
    response = engine.query(QUESTION)
    awaited = asyncio.run(engine.aquery(QUESTION))
    assert isinstance(response, Response)
    assert expected.citations
    assert str(response) == str(awaited) == expected.text
    assert carried(response) == carried(awaited) == shape(expected)
    for found, citation in zip(response.source_nodes, expected.citations, strict=True):
        node: Any = found.node
        assert (node.text, node.start_char_idx, node.end_char_idx) == (citation.quote, citation.start, citation.end)
        assert node.metadata.items() >= {"number": citation.number, "sha256": citation.sha256}.items()
        assert node.node_id == f"{citation.source}#{citation.start}-{citation.end}"


def test_a_refusal_has_no_sources(assistant: Assistant) -> None:
    response = CitewiseQueryEngine(assistant).query(FOREIGN)
    assert response.source_nodes == []
    assert carried(response) == shape(assistant.ask(FOREIGN))
    assert carried(response)["status"] == "not_in_documents"


@pytest.mark.parametrize("question", [QUESTION, FOREIGN, "How often should the compost heap be turned?"])
def test_streamed_sentences_make_up_the_answer(assistant: Assistant, question: str) -> None:
    engine, expected = CitewiseQueryEngine(assistant, streaming=True), assistant.ask(question)
    response = engine.query(question)
    assert isinstance(response, StreamingResponse)
    said = list(response.response_gen)
    assert "".join(said) == expected.text
    assert len(said) <= len(expected.statements)
    assert carried(response) == shape(expected)
    assert [found.get_content() for found in response.source_nodes] == [c.quote for c in expected.citations]

    async def awaited() -> tuple[str, AsyncStreamingResponse]:
        response = await engine.aquery(question)
        assert isinstance(response, AsyncStreamingResponse)
        return "".join([part async for part in response.async_response_gen()]), response

    text, late = asyncio.run(awaited())
    assert text == expected.text
    assert carried(late) == shape(expected)


class Redrafting:
    """Streams a draft that is taken back, as a model's may be: first an unfinished sentence, then another beginning."""

    def __init__(self, assistant: Assistant) -> None:
        self.final = assistant.ask(QUESTION)

    def stream(self, *_: object, **__: object) -> Iterator[Answer]:
        from dataclasses import replace

        unwritten = replace(self.final, id="", citations=(), statements=())
        yield replace(unwritten, text="It is per")
        yield replace(unwritten, text="It is perhaps free.", statements=self.final.statements[:1])
        yield replace(unwritten, text="The")
        yield self.final


def test_what_is_taken_back_begins_anew_after_an_empty_line(assistant: Assistant) -> None:
    asked: Any = Redrafting(assistant)
    response = CitewiseQueryEngine(asked, streaming=True).query(QUESTION)
    assert isinstance(response, StreamingResponse)
    assert str(response) == f"It is perhaps free.\n\n{asked.final.text}"
    assert carried(response) == shape(asked.final)


def test_errors_come_through(assistant: Assistant) -> None:
    for part in (CitewiseRetriever(assistant).retrieve, CitewiseQueryEngine(assistant).query):
        with pytest.raises(BadQuestion):
            part(" ")


# -- LangChain --------------------------------------------------------------------------------------------------------


def test_documents_are_the_passages(assistant: Assistant) -> None:
    pytest.importorskip("langchain_core")
    from rag.frameworks.langchain import CitewiseRetriever as LangChainRetriever

    retriever = LangChainRetriever(assistant=assistant, k=4, only=("samples/garden/*",))
    documents = retriever.invoke(QUESTION)
    passages = assistant.search(QUESTION, k=4, only=["samples/garden/*"])
    assert [(found.id, found.page_content, found.metadata["score"]) for found in documents] == [
        (passage.id, passage.text, passage.score) for passage in passages
    ]
    for found in documents:
        place = found.metadata
        assert assistant.text(place["source"])[place["start"] : place["end"]] == found.page_content
        assert None not in place.values()
    assert asyncio.run(retriever.ainvoke(QUESTION)) == documents
    with pytest.raises(BadQuestion):
        retriever.invoke(" ")
    with pytest.raises(ValueError, match="greater than or equal to 1"):
        LangChainRetriever(assistant=assistant, k=0)


def test_the_retriever_works_in_a_chain(assistant: Assistant) -> None:
    pytest.importorskip("langchain_core")
    from langchain_core.documents import Document
    from langchain_core.language_models import FakeListChatModel
    from langchain_core.output_parsers import StrOutputParser
    from langchain_core.prompts import ChatPromptTemplate
    from langchain_core.runnables import RunnableLambda, RunnablePassthrough

    from rag.frameworks.langchain import CitewiseRetriever as LangChainRetriever

    shown: list[str] = []

    def joined(documents: list[Document]) -> str:
        shown.extend(document.page_content for document in documents)
        return "\n\n".join(shown)

    retriever = LangChainRetriever(assistant=assistant, k=2)
    prompt = ChatPromptTemplate.from_template("{found}\n\nQuestion: {question}")
    given = {"found": retriever | RunnableLambda(joined), "question": RunnablePassthrough()}
    chain = given | prompt | FakeListChatModel(responses=["60 euros"]) | StrOutputParser()
    assert chain.invoke(QUESTION) == "60 euros"
    assert shown == [passage.text for passage in assistant.search(QUESTION, k=2)]
    assert asyncio.run(chain.ainvoke(QUESTION)) == "60 euros"


def test_without_langchain_the_remedy_is_named() -> None:
    code = "import sys; sys.modules['langchain_core'] = None; import rag.frameworks.langchain"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stderr.splitlines()[-1] == (
        "index.errors.MissingExtra: The retriever for LangChain needs langchain-core. "
        "Run: pip install 'citewise[langchain]'"
    )
