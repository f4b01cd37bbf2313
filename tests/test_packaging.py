"""The house rules that no single module can keep: who imports whom, how light `import rag` is, locks and licences."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import re
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ("index", "rag", "eval", "ui")  # each may import those before it
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def imports(node: ast.AST, in_function: bool = False) -> Iterator[tuple[str, int, bool]]:
    """Every absolute import under `node`: dotted module, line, whether it runs only inside a function."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            yield from ((alias.name, child.lineno, in_function) for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.level == 0 and child.module:
            yield child.module, child.lineno, in_function
        yield from imports(child, in_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef))


def broken_rules(room: str, source: str) -> list[str]:
    """The imports of other rooms in `source`, a module of `room`, that the house does not allow."""
    found = []
    for module, line, in_function in imports(ast.parse(source)):
        other, _, inside = module.partition(".")
        if other not in ROOMS or other == room:
            continue
        if ROOMS.index(other) > ROOMS.index(room):
            found.append(f"{line}: {room} imports {module}, which comes after it")
        if inside:
            found.append(f"{line}: {room} imports {module}, past the contents page of {other}")
        if (room, other) == ("ui", "eval") and not in_function:
            found.append(f"{line}: ui imports eval outside the function that uses it")
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    assert [f"{p.relative_to(ROOT)}:{rule}" for p in files for rule in broken_rules(room, p.read_text("utf-8"))] == []


@pytest.mark.parametrize(
    ("room", "source", "broken"),
    [
        ("rag", "from index import Passage", 0),
        ("ui", "def f():\n    from eval import run", 0),
        ("index", "from index.errors import CitewiseError", 0),
        ("index", "if TYPE_CHECKING:\n    import rag", 1),
        ("rag", "def f():\n    from index.values import Passage", 1),
        ("eval", "import ui.cli", 2),
        ("ui", "from eval import run", 1),
    ],
)
def test_the_import_rule_itself(room: str, source: str, broken: int) -> None:
    assert len(broken_rules(room, source)) == broken


def test_import_rag_is_light() -> None:
    def best_of_5(code: str) -> float:
        times = []
        for _ in range(5):
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
            times.append(time.perf_counter() - start)
        return min(times)

    assert best_of_5("import rag") - best_of_5("pass") <= 0.2

    code = "import rag, sys, json; print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    loaded = json.loads(subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True).stdout)
    heavy = {"gradio", "fastapi", "starlette", "uvicorn", "llama_index", "chromadb", "onnxruntime", "numpy", "httpx"}
    assert heavy.isdisjoint(loaded)


def test_one_version_everywhere() -> None:
    assert importlib.metadata.version("citewise") == PROJECT["version"]
    newest = re.search(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest is not None
    assert newest[1] == PROJECT["version"]


@pytest.mark.parametrize("name", ["build.txt", "run.txt", "dev.txt"])
def test_the_lock_is_hashed_and_names_no_registry(name: str) -> None:
    lock = (ROOT / "requirements" / name).read_text("utf-8")
    assert "://" not in lock
    assert not re.search(r"^-", lock, re.MULTILINE)
    entries = re.split(r"^(?=\w)", lock, flags=re.MULTILINE)[1:]
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []


def test_every_direct_dependency_is_locked_and_its_licence_is_told() -> None:
    lock = (ROOT / "requirements" / "run.txt").read_text("utf-8")
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text("utf-8")
    optional = [entry for extra in PROJECT["optional-dependencies"].values() for entry in extra]
    names = {re.split(r"[^\w.-]", entry)[0] for entry in PROJECT["dependencies"]}
    assert [name for name in names if f"\n{name}==" not in lock] == []
    names |= {re.split(r"[^\w.-]", entry)[0] for entry in optional if not entry.startswith("citewise")}
    assert [name for name in names if f"| {name} |" not in notices] == []
