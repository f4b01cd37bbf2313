"""What the tools take and give. The schemas of answers and passages are made of rag's own values."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from rag import Answer, DocumentInfo, Passage
from ui.server import index_schemas, schemas

PAGE = 20_000  # characters of a document at once
Whole = schemas.Whole


class _Taken(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Asking(_Taken):
    question: schemas.Text = Field(
        max_length=4000, description="A whole question in plain words, one at a time, as a person would ask it."
    )
    only: list[schemas.Pattern] = Field(
        default=[], max_length=100,
        description='Search only these: sources as list_documents names them, folders ("docs/mail/") or globs '
        '("*.pdf"). Leave out to search everything.',
    )  # fmt: skip


class Ask(_Asking):
    """What `ask_documents` takes."""

    history: list[schemas.Exchange] = Field(
        default=[], max_length=50,
        description="Earlier questions and answers, oldest first, where the question leans on them (“and since when?”).",
    )  # fmt: skip


class Search(_Asking):
    """What `search_documents` takes."""

    k: Whole = Field(default=8, ge=1, le=50, description="Passages at most.")


class Read(_Taken):
    """What `read_passage` takes."""

    source: schemas.Text = Field(max_length=4096, description="A file, exactly as another tool named it (docs/a.pdf).")
    start: Whole = Field(default=0, ge=0, description="First character, from 0: the `start` of a citation or passage.")
    end: Whole | None = Field(default=None, ge=0, description="The character after the last: their `end`.")
    around: Whole = Field(default=0, ge=0, le=PAGE, description="Characters to read before start and after end too.")


class List(_Taken):
    """What `list_documents` takes."""

    only: list[schemas.Pattern] = Field(
        default=[], max_length=100, description='Only these: folders ("docs/mail/"), globs ("*.pdf").'
    )
    offset: Whole = Field(default=0, ge=0, description="Files to leave out at the beginning.")
    limit: Whole = Field(default=100, ge=1, le=1000, description="Files at most.")


class Listed(index_schemas.Documents):
    """A page of the list of files, and whether it is whole."""

    indexing: str = Field(description="what is being read into the index at the moment; empty when nothing is")


def schema_of(kind: Any, *without: str) -> dict[str, Any]:
    """The JSON schema of one of rag's values as `asdict` has it: every field is there."""
    made = TypeAdapter(kind).json_schema(mode="serialization")
    for name in without:
        del made["properties"][name]
    used = _named(made, made.get("$defs", {}))
    made["$defs"] = {name: shape for name, shape in made.get("$defs", {}).items() if name in used}
    for shape in (made, *made["$defs"].values()):
        if shape["type"] == "object":
            shape |= {"required": list(shape["properties"]), "additionalProperties": False}
    return made | {"description": ""}


def _named(shape: dict[str, Any], known: dict[str, Any]) -> set[str]:
    """The definitions that a schema needs."""
    found: set[str] = set()
    waiting: list[Any] = [{name: part for name, part in shape.items() if name != "$defs"}]
    while waiting:
        match waiting.pop():
            case {"$ref": str(ref)} if (name := ref.rpartition("/")[2]) not in found:
                found.add(name)
                waiting.append(known[name])
            case dict() as part:
                waiting += part.values()
            case list() as parts:
                waiting += parts
    return found


def answer_schema() -> dict[str, Any]:
    """The schema of the wire shape of an answer, without its trace."""
    return schema_of(Answer, "trace")


def found_schema() -> dict[str, Any]:
    """The schema of what a search gives."""
    passage = schema_of(Passage)
    defs = passage.pop("$defs")
    return {
        "type": "object",
        "properties": {"question": {"type": "string"}, "passages": {"type": "array", "items": passage}},
        "required": ["question", "passages"],
        "additionalProperties": False,
    } | ({"$defs": defs} if defs else {})


def shape_of(found: Answer) -> dict[str, Any]:
    """The wire shape of an answer without its trace."""
    shape = found.to_dict()
    del shape["trace"]
    return shape


def found_of(question: str, passages: list[Passage]) -> dict[str, Any]:
    """What a search gives."""
    return {"question": question, "passages": [asdict(passage) for passage in passages]}


def document_of(document: DocumentInfo) -> dict[str, Any]:
    """A file as clients see it: see index_schemas.Document."""
    return {
        name: getattr(document, "status" if name == "state" else name) for name in index_schemas.Document.model_fields
    }
