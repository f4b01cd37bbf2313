"""Other people's data: what is in a folder or a file becomes a `Collection` of documents and gold questions.

`judged` reads documents, questions and judgements side by side (BEIR folders, and the same with answers, histories and
evidence), `squad` the JSON of SQuAD. Which one it is shows in what is there.
"""

from __future__ import annotations

from pathlib import Path

from eval.data.collection import Collection, Document, json_rows, safe_name, write_files, write_texts
from eval.data.judged import load_judged, read_documents
from eval.data.squad import load_squad
from rag import CitewiseError

__all__ = [
    "Collection", "Document", "json_rows", "load_collection", "load_judged", "load_squad", "read_documents", "safe_name",
    "write_files", "write_texts",
]  # fmt: skip

_SHOWN = 12  # sets of a folder that an error names


def load_collection(name: str, data: Path, split: str = "test") -> Collection:
    """The set `name` of the folder `data`, or what `data` itself is; `split` chooses among the judgements of a BEIR
    folder. Raises CitewiseError naming the file and line of what is wrong."""
    if safe_name(name) != name:
        raise CitewiseError(f"{name!r} cannot be the name of a folder.", "Name the set by letters, digits, . and -.")
    place = next((one for one in (data / name, data / f"{name}.json", data) if one.exists()), data)
    if (place / "corpus.jsonl").is_file():
        return load_judged(place, name, split)
    files = [place] if place.is_file() else sorted(place.glob("*.json"))
    if len(files) == 1:
        return load_squad(files[0], name)
    held = ", ".join(sorted(one.name for one in place.glob("[!.]*"))[:_SHOWN]) if place.is_dir() else ""
    raise CitewiseError(
        f"{place} is no data set: neither a corpus.jsonl nor one single .json lies there"
        + (f" (it holds {held})." if held else "."),
        "Name a set and, with --data, its folder or the one above.",
    )
