"""Other people's data in one shape (corpus.jsonl, queries.jsonl, qrels.tsv), and a folder of files made of it."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rag import CitewiseError, Turn


@dataclass(frozen=True, slots=True)
class Document:
    id: str
    title: str
    text: str
    file: str

    @property
    def content(self) -> str:
        """The text under its title, where that is prose the text does not begin with; a web address is no prose."""
        title = self.title.strip()
        told = not title or "://" in title or self.text.lstrip().startswith(title)
        return self.text if told else f"{title}\n\n{self.text}"


@dataclass(frozen=True, slots=True)
class Query:
    """`relevant` grades documents by id; `history` holds the turns before, oldest first, `group` the part of the set."""

    id: str
    text: str
    answerable: bool
    gold_sentences: tuple[str, ...]
    relevant: dict[str, int]
    history: tuple[Turn, ...] = ()
    group: str = ""


@dataclass(frozen=True, slots=True)
class Dataset:
    documents: list[Document]
    queries: list[Query]


def load_dataset(folder: Path) -> Dataset:
    """Raises CitewiseError naming the file and line of what cannot be read."""
    documents = [
        Document(row["_id"], row["title"], row["text"], _file_name(row["file"]))
        for row in json_rows(folder / "corpus.jsonl", ("_id", "title", "text", "file"))
    ]
    relevant: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for line in _lines(folder / "qrels.tsv")[1:]:
        query, document, grade = line.split("\t")
        relevant[query][document] = int(grade)
    queries = []
    for row in json_rows(folder / "queries.jsonl", ("_id", "text", "answerable", "gold_sentences")):
        grades = relevant.get(row["_id"], {})
        history, group = _turns(row.get("history", ())), row.get("collection", "")
        sentences = tuple(row["gold_sentences"])
        queries.append(Query(row["_id"], row["text"], bool(row["answerable"]), sentences, grades, history, group))
    return Dataset(documents, queries)


def write_files(dataset: Dataset, folder: Path) -> None:
    """One file a document."""
    write_texts({document.file: document.content for document in dataset.documents}, folder)


def write_texts(texts: Mapping[str, str], folder: Path) -> None:
    """A file for each name; what already holds its text is left alone, so that a kept index stays current."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != text.encode():
            path.write_bytes(text.encode())


def _turns(messages: Sequence[dict[str, str]]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for message in messages:
        if message["role"] == "user":
            turns.append(Turn(message["text"]))
        else:
            asked = turns.pop() if turns else Turn("")
            turns.append(Turn(asked.question, f"{asked.answer} {message['text']}".strip()))
    return tuple(turns)


def json_rows(path: Path, fields: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    """The JSON objects of a file, one a line. Raises CitewiseError naming the line that lacks one of the fields."""
    for number, line in enumerate(_lines(path), 1):
        try:
            row = json.loads(line)
        except ValueError:
            row = None
        if not isinstance(row, dict) or not row.keys() >= set(fields):
            raise CitewiseError(f"{path}, line {number}: no JSON object with {', '.join(fields)}.", "Correct it.")
        yield row


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text("utf-8").split("\n") if line.strip()]
    except (OSError, UnicodeDecodeError) as error:
        raise CitewiseError(f"{path} cannot be read ({error}).", "Name its folder with --data.") from None


def _file_name(name: str) -> str:
    """A bare, safe file name: data of others must not choose where we write."""
    return re.sub(r"[^\w.-]", "-", name.replace("\\", "/").rsplit("/", 1)[-1]).lstrip(".") or "document.txt"
