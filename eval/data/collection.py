"""A set of other people's in the terms of this evaluation, and what its loaders share."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eval.match import contains
from eval.questions import GoldQuestion
from rag import CitewiseError

LICENCES = {
    "dragonball": "CC BY-NC-SA 4.0", "mtrag_un": "Apache-2.0", "rgb": "CC BY-NC-SA 4.0",
    "scifact": "CC BY 4.0 (claims), ODC-BY 1.0 (abstracts)", "single_topic_rag": "CC BY-SA 4.0",
}  # fmt: skip
SHORT_ANSWER = 8  # words; a longer reference answer is a wording, of which no other has to hold a part
_LONGEST_NAME = 200  # bytes, of the 255 that file systems allow
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)", re.IGNORECASE)  # no file of Windows has such a name
_KEPT_OF_NAME = 48  # characters, of up to four bytes each


@dataclass(frozen=True, slots=True)
class Document:
    """A document of a set, with the file that it becomes."""

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
class Collection:
    """Documents (file name to text) and the questions about them; `counts` tells what of the set was left out, and why.

    Sources of the index are `name/file`, which is how `GoldQuestion.only` names them.
    """

    name: str
    documents: Mapping[str, str]
    questions: tuple[GoldQuestion, ...]
    path: Path
    licence: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


def write_files(collection: Collection, folder: Path) -> None:
    """One file a document. Raises CitewiseError where the folder holds others, which would be searched too."""
    held = {one.name for one in folder.glob("[!.]*")}
    if strangers := sorted(held - collection.documents.keys()):
        raise CitewiseError(
            f"{folder} holds {len(strangers)} files that are not of the set ({strangers[0]}, ...).",
            "Name another folder with --work.",
        )
    write_texts(collection.documents, folder)


def write_texts(texts: Mapping[str, str], folder: Path) -> None:
    """A file for each name; what already holds its text is left alone, so that a kept index stays current."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        path = folder / name
        if not path.is_file() or path.read_bytes() != text.encode():
            path.write_bytes(text.encode())


def defect(path: Path, where: str, what: str) -> CitewiseError:
    """The error of bad data: `where` is a line or a place in the JSON."""
    return CitewiseError(f"{path}, {where}: {what}.", "Correct it, or fetch the data anew.")


def lines_of(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not blank, with their numbers. Raises CitewiseError."""
    try:
        lines = path.read_text("utf-8-sig").split("\n")  # splitlines would also cut at U+2028 inside a string
    except (OSError, UnicodeDecodeError) as error:
        raise CitewiseError(f"{path} cannot be read ({error}).", "Name the set's folder with --data.") from None
    return ((number, line) for number, line in enumerate(lines, 1) if line.strip())


def json_rows(path: Path, texts: Sequence[str], lists: Sequence[str] = ()) -> Iterator[tuple[int, dict[str, Any]]]:
    """The JSON objects of a file, one a line, with their numbers. Raises CitewiseError naming the line that is none, or
    lacks one of the fields that have to be `texts` or `lists`."""
    for number, line in lines_of(path):
        try:
            row = json.loads(line)
            if "\\ud" in line.lower():  # half a surrogate pair cannot be written
                json.dumps(row, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise defect(path, f"line {number}", f"no JSON ({error})") from None
        if not isinstance(row, dict):
            raise defect(path, f"line {number}", "no JSON object")
        for name in (*texts, *lists):
            if not isinstance(row.get(name), str if name in texts else list):
                raise defect(path, f"line {number}", f"no {'text' if name in texts else 'list'} {name!r}")
        yield number, row


def safe_name(text: str) -> str:
    """The text where it can name a file anywhere, else what is left of it and a digest: data of others must not choose
    where we write, nor lose one document to another of a like name."""
    name = re.sub(r"[^\w.-]+", "-", text).strip(".-")
    name = "" if _DEVICE.match(name) else name
    if name == text and 0 < len(name.encode()) <= _LONGEST_NAME:
        return name
    return f"{name[:_KEPT_OF_NAME] or 'document'}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"


def plain(text: str) -> str:
    """Line ends as the index stores them, so that offsets and quotes agree."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def part_of(text: str, sentence: str) -> str | None:
    """The sentence as the text has it, white space and case aside; None where it does not stand there."""
    if sentence.strip() and sentence in text:
        return sentence
    found = re.search(r"\s+".join(map(re.escape, sentence.split())) or r"(?!)", text, re.IGNORECASE)
    return found and found.group()


def short_answers(answers: Iterable[Sequence[str]], texts: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of aliases that any wording of the answer can be asked to hold: the short ones that stand in one of the
    texts. A group of which none is left is not asked for."""
    kept = (
        tuple(
            alias
            for alias in dict.fromkeys(one.strip(" .") for one in group)
            if len(alias.split()) <= SHORT_ANSWER and any(contains(text, alias) for text in texts)
        )
        for group in answers
    )
    return tuple(dict.fromkeys(group for group in kept if group))
