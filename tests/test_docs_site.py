"""The pages: built as a site without a warning and without another host, and saying of the code what it is."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import lxml.html
import pytest
from pydantic import TypeAdapter
from terminals import ROOT

import rag
from docs.generate import PAGES, generated
from index import errors
from rag import Answer
from ui.server.problems import KINDS

DOCS = ROOT / "docs"


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def section(text: str, title: str) -> str:
    """What stands under a heading, up to the next of its rank or a higher one."""
    marks, _, _ = title.partition(" ")
    found = re.search(rf"^{re.escape(title)}\n(.*?)(?=^#{{1,{len(marks)}}} |\Z)", text, re.M | re.S)
    assert found, title
    return found[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("properdocs")
    built = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "properdocs", "build", "--strict", "--site-dir", str(built)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return built


def test_the_site_has_every_page_and_asks_no_other_host(site: Path) -> None:
    assert {path.stem for path in site.glob("*.html")} == {path.stem for path in DOCS.glob("*.md")} | {"404"}
    for path in site.glob("*.html"):
        tree: Any = lxml.html.fromstring(path.read_bytes())
        for element, _, link, _ in tree.iterlinks():
            assert "//" not in link or (element.tag == "a" and link.startswith("https://")), (path.name, link)
    for path in [*site.glob("*.css"), *site.glob("*.svg")]:
        assert not re.search(r"(?i)@import|url\((?!#)|href=|//(?!www\.w3\.org)", path.read_text("utf-8")), path.name


def test_links_out_of_the_readme_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)]+)\)", (ROOT / "README.md").read_text("utf-8"))
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []


@pytest.mark.parametrize("name", PAGES)
def test_what_is_generated_is_up_to_date(name: str) -> None:
    assert generated(name) == page(name), "run: make docs"


# -- the answer -------------------------------------------------------------------------------------------------------


def named(shape: dict[str, Any]) -> str:
    """A JSON schema in the words of the page."""
    match shape:
        case {"$ref": str(ref)}:
            return ref.rpartition("/")[2]
        case {"anyOf": [one, {"type": "null"}]}:
            return f"{named(one)} or null"
        case {"enum": list(values)}:
            return ", ".join(f"`{value}`" for value in values)
        case {"type": "array", "items": dict(items)}:
            return f"array of {named(items)}"
        case {"type": str(kind)}:
            return kind
    raise AssertionError(shape)


@pytest.mark.parametrize("name", ["Answer", "Statement", "Citation", "Conflict", "Side", "Passage", "Searched"])
def test_every_field_of_an_answer_is_told(name: str) -> None:
    value = getattr(rag, name)
    assert is_dataclass(value)
    schema = TypeAdapter(value).json_schema(mode="serialization")
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \| \S.*? \| .*\|$", section(page("answer.md"), f"## {name}"), re.M)
    told = {field: re.sub(r"\[(\w+)\]\(#\w+\)", r"\1", kind) for field, kind in rows}
    assert told == {field.name: named(schema["properties"][field.name]) for field in fields(value)}


def test_the_wire_order_is_that_of_the_page() -> None:
    told = re.findall(r"^\| `(\w+)` \|", section(page("answer.md"), "## Answer"), re.M)
    assert told == list(Answer("", "", "", "", "answered", 0, "").to_dict())


# -- errors -----------------------------------------------------------------------------------------------------------


def source() -> str:
    """The code that raises errors, with texts that go over several lines in one piece."""
    files = [path for room in ("index", "rag", "ui") for path in (ROOT / room).rglob("*.py")]
    return re.sub(r'"\s*\n\s*f?"', "", "\n".join(path.read_text("utf-8") for path in files))


def test_every_error_and_every_problem_has_an_entry() -> None:
    text = page("troubleshooting.md")
    told = re.findall(r"^### (\w+)$", section(text, "## In every door"), re.M)
    kinds = [name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)]
    assert sorted(told) == sorted(kinds)
    assert re.findall(r"^### ([a-z-]+)$", section(text, "## Over HTTP"), re.M) == list(KINDS)


def test_the_messages_are_those_of_the_code() -> None:
    code = source()
    rows = re.findall(r"^\| (`.*?`) \| ", section(page("troubleshooting.md"), "## In every door"), re.M)
    messages = [message for row in rows for message in re.findall(r"`([^`]+)`", row)]
    assert len(messages) > 60
    pieces = {piece.strip(" ().:") for message in messages for piece in message.split("…")}
    assert [piece for piece in pieces if piece not in code] == []


# -- figures ----------------------------------------------------------------------------------------------------------


def test_figures_are_those_of_the_results() -> None:
    results = page("results.md").replace("0.", ".")
    for text in (page("limits.md"), (ROOT / "README.md").read_text("utf-8")):
        told = re.findall(r"\.\d{3} \[\.\d{3}, \.\d{3}\]", text)
        assert told
        assert [figure for figure in told if figure not in results] == []


def test_extras_that_are_named_are_those_that_there_are() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    pages = "\n".join(path.read_text("utf-8") for path in [ROOT / "README.md", *DOCS.glob("*.md")])
    named = set(re.findall(r"citewise\[(\w+)\]", pages + source()))
    assert {"mcp", "gguf"} <= named <= extras.keys()
