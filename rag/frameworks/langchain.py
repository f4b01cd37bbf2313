"""A part for LangChain, for which it needs the extra `langchain`: a retriever of passages.

from rag.frameworks.langchain import CitewiseRetriever
"""

from __future__ import annotations

from pydantic import Field

from index import MissingExtra
from rag.assistant import Assistant
from rag.frameworks import place_of
from rag.material import CONSIDERED

try:
    from langchain_core.callbacks import CallbackManagerForRetrieverRun
    from langchain_core.documents import Document
    from langchain_core.retrievers import BaseRetriever
except ModuleNotFoundError as missing:
    raise MissingExtra(
        "The retriever for LangChain needs langchain-core.", "Run: pip install 'citewise[langchain]'"
    ) from missing


class CitewiseRetriever(BaseRetriever):
    """The `k` best passages for a question as documents, best first, from all files or from `only` some.

    A document's id stays the same while its passage does. Its metadata are `source`, `start`, `end`, `score`, and, where
    known, `page`, `line`, `heading` and `context`: `assistant.text(source)[start:end]` is its text. The async methods run
    in a thread. Raises what `Assistant.search` raises.
    """

    assistant: Assistant
    k: int = Field(default=CONSIDERED, ge=1)
    only: tuple[str, ...] = ()

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        found = self.assistant.search(query, k=self.k, only=self.only)
        return [Document(id=p.id, page_content=p.text, metadata=place_of(p) | {"score": p.score}) for p in found]
