"""What the assistant says in words of its own: about itself and the folder, and that the documents do not tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index import DocumentInfo
from rag.answer import Answer, Statement
from rag.languages import language
from rag.retrieve import Found

LISTED = 50  # files named when somebody asks which there are
NAMED = 3  # words of a question named that no document has
RELATED = 3  # nearest passages shown with a refusal


def about(kind: str, question: str, documents: Sequence[DocumentInfo]) -> Answer:
    """The answer to a question that is not for the documents; `kind` is `about_assistant`'s."""
    ready = [document for document in documents if document.status == "ready"]
    holds = f"This index holds {_count(len(ready), 'file')}"
    if kind == "folder":
        names = [f"- {document.title} ({document.source})" for document in ready[:LISTED]]
        if len(ready) > LISTED:
            names.append(f"and {_count(len(ready) - LISTED, 'file')} more")
        text = "\n".join([f"{holds}:", *names]) if names else f"{holds}."
    elif kind == "assistant":
        text = (
            "I answer questions about your documents, each sentence cited to its exact place and checked against it. "
            f"{holds}. When the documents do not answer, I say so."
        )
    elif kind == "thanks":
        text = "You are welcome."
    else:
        text = f"Hello. {holds}; ask me something about them."
    return Answer("", question, question, text, "about_assistant", 1.0, "quotes", (Statement(text, (), "none"),))


def refusal(draft: Answer, found: Found, missing: Sequence[str] = ()) -> Answer:
    """That the documents do not tell, with the words of the question that none of them has, what was searched, and the
    nearest passages."""
    searched = found.searched
    text = "The documents do not say."
    if missing:
        text += f" None of them has {' or '.join(f'“{word}”' for word in missing[:NAMED])}."
    asked, spoken = language(found.query.text), {language(hit.record.text) for hit in found.hits[:RELATED]}
    if asked and len(spoken) == 1 and not spoken & {"", asked}:
        text += f" The nearest passages are in {min(spoken)}: ask in that language."
    text += f" Searched: {_count(searched.files, 'file')}."
    if searched.pending:
        text += f" {_count(searched.pending, 'passage')} of {searched.passages} can be found by words only so far."
    related = tuple(hit.passage() for hit in found.hits[:RELATED])
    return replace(
        draft, text=text, status="not_in_documents", statements=(Statement(text, (), "none"),), related=related
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
