"""What a run was made with: enough to know whether two are of one kind, and nothing about who ran it, or where."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from eval.results import SCHEMA
from eval.table import STAMPED, cores, version_of
from rag import Assistant, DocumentInfo, Settings

OF_ONE_KIND = (
    "schema", "n", "gold_sha256", "corpus_sha256", "settings", "model", "writer", "versions", "commit",
)  # fmt: skip
_SECTIONS = {"index", "embedding", "answer"}
_LEFT_OUT: dict[str, Any] = {  # secrets, hosts, paths, and what does not change an answer
    "index": {"path"}, "embedding": {"api_key", "api_base"}, "answer": {"writer"},
    "model": {"api_key", "api_base", "first_token_seconds"},
}  # fmt: skip
_CODE = ("index", "rag", "eval")  # of which answers and scores are made
ROOT = Path(__file__).parent.parent


def run_stamp(assistant: Assistant, gold: Path, n: int, *, command: str, workers: int | None = None) -> dict[str, Any]:
    """The stamp of a run that begins now, of `n` questions of the file `gold`; JSON-ready, and without absolute paths.
    `workers` are at least 1; unless they are given, one for quotes and four for a language model, which lets wait."""
    ready = [document for document in assistant.documents() if document.status == "ready"]
    settings = assistant.settings
    by_model = settings.answer.writer != "quotes" and bool(settings.model.name)
    return {
        "schema": SCHEMA,
        "command": command,
        "n": n,
        "started": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "gold": gold.name,
        "gold_sha256": hashlib.sha256(gold.read_bytes()).hexdigest(),
        "corpus_sha256": corpus_sha256(ready),
        "files": len(ready),
        "passages": sum(document.passages for document in ready),
        "settings": settings_of(settings, by_model=by_model),
        "model": _bare(settings.model.name) if by_model else None,
        "writer": "model" if by_model else "quotes",
        "versions": {name: version_of(name) for name in STAMPED} | {"python": platform.python_version()},
        "commit": commit(ROOT),
        "machine": {"system": platform.system(), "arch": platform.machine(), "cores": cores()},
        "workers": workers or (4 if by_model else 1),
    }


def corpus_sha256(documents: Iterable[DocumentInfo]) -> str:
    """A digest of which files an index holds, and what is in them."""
    corpus = "".join(sorted(f"{one.source}\0{one.sha256}\n" for one in documents if one.status == "ready"))
    return hashlib.sha256(corpus.encode("utf-8", "surrogatepass")).hexdigest()


def unlike(before: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """The fields in which two stamps are not of one kind: rows of such runs do not belong into one file."""
    return [name for name in OF_ONE_KIND if before.get(name) != now.get(name)]


def settings_of(settings: Settings, *, by_model: bool) -> dict[str, Any]:
    """The settings that answers hang on, by section; those of a language model only where it writes."""
    sections = _SECTIONS | ({"model"} if by_model else set())
    shape = settings.model_dump(mode="json", include=sections, exclude=_LEFT_OUT)
    for section, name in (("embedding", "model_file"), ("model", "name")):
        if section in shape:
            shape[section][name] = _bare(shape[section][name])
    for section, base in (("embedding", settings.embedding.api_base), ("model", settings.model.api_base)):
        if section in shape and base:  # it tells two models of one name apart, and the address is nobody's business
            shape[section]["server"] = hashlib.sha256(base.encode()).hexdigest()[:8]
    return shape


def commit(root: Path) -> str | None:
    """The git commit of a checkout, "+dirty" and a digest of what is changed behind it; None where it is none."""
    if not (root / ".git").exists():  # a folder of somebody else's checkout, as site-packages may be
        return None

    def git(*command: str) -> bytes:
        return subprocess.run(["git", "-C", str(root), *command], capture_output=True, check=True).stdout

    try:
        head = git("rev-parse", "--short=12", "HEAD").decode().strip()
        changed = git("diff", "HEAD", "--no-ext-diff", "--", *_CODE)
        new = git("ls-files", "-z", "--others", "--exclude-standard", "--", *_CODE).split(b"\0")[:-1]
        changed += b"".join(name + (root / os.fsdecode(name)).read_bytes() for name in new)
    except (OSError, subprocess.CalledProcessError):
        return None
    return head + (f"+dirty.{hashlib.sha256(changed).hexdigest()[:8]}" if changed else "")


def _bare(name: str) -> str:
    """A model's name without the folder of its file."""
    kind, colon, file = name.rpartition("gguf:")
    return kind + colon + Path(file).name if colon or Path(file).is_absolute() else name
