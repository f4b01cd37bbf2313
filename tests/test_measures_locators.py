"""Whether lines and pages are where another reader of the file finds the words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from make_files import pdf, pptx
from outcomes import citation, gold, outcome, said

from eval.indexed import indexed
from eval.measures.locators import letters, line_holds, locator_exact, page_holds
from rag import Answer, Assistant, DocumentInfo

FILES = {
    "bom.txt": ("\ufeffAlder street has a bakery.\r\n\r\nThe bakery of Alder street opens at six.\r\n".encode(), 3,
                "When does the bakery of Alder street open?"),
    "breaks.txt": ("Birch\u2028lane has a mill.\x0c\x85It grinds.\n\nThe mill of Birch lane grinds\u2028forty sacks of rye.\n".encode(),
                   3, "How many sacks of rye does the mill of Birch lane grind?"),
    "cr.txt": (b"Cedar hill has a tower.\r\rThe tower of Cedar hill is 31 metres high.\r", 3, "How high is the tower of Cedar hill?"),
    "wide.txt": ("Dogwood pond is shallow.\n\nDogwood pond was dug in 1902 by monks.\n".encode("utf-16"), 3,
                 "When was Dogwood pond dug?"),
    "wrapped.txt": (b"The fir forest is as old as the parish that owns\nit, and nobody has ever felled a fir in it since.\n\n"
                    b"The warden of the fir forest is Greta Holm and she\nkeeps two dogs, both of which are named after\n"
                    b"rivers of the north country, as is usual.\n", 4, "Who is the warden of the fir forest?"),
    "cells.csv": (b'name,role\n"Holly, Ann","keeper of\nthe hazel grove"\nIvo,keeper of the ivy wall\n', 4, "Who is keeper of the ivy wall?"),
    "moor.md": (b"---\ntitle: Moor\n---\n\n# Moor\n\nWet.\n\n- The juniper bush of the moor is **90** years old.\n", 9,
                "How old is the juniper bush of the moor?"),
    "trees.pdf": (pdf([("Title", "Poplars"), ("Normal", "The poplar avenue has 200 trees."), ("page", ""),
                       ("Normal", "Poplar wood is sold to the match factory for 18 euros a metre.")],
                      table=[("Tree", "Price"), ("Quince", "7.50"), ("Rowan", "9.25")]), 2, "Who buys poplar wood?"),
    "deck.pptx": (pptx(), 1, "Did gas exports rise in 2024?"),
}  # fmt: skip


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("locators") / "docs"
    folder.mkdir()
    for name, (data, *_) in FILES.items():
        (folder / name).write_bytes(data)
    with indexed(folder) as opened:
        yield opened


def exact(assistant: Assistant, answer: Answer) -> bool | None:
    documents = {document.source: document for document in assistant.documents()}
    return locator_exact(outcome(gold(), answer, documents=documents), answer)


def shifted(answer: Answer, by: int) -> Answer:
    cited = answer.citations[0]
    moved = replace(cited, line=cited.line + by) if cited.line else replace(cited, page=(cited.page or 0) + by)
    return replace(answer, citations=(moved,))


@pytest.mark.parametrize("name", FILES)
def test_what_the_index_says_is_what_stands_in_the_file(name: str, assistant: Assistant) -> None:
    _, place, question = FILES[name]
    answer = assistant.ask(question, only=[f"docs/{name}"])
    cited = {one.line or one.page: one for one in answer.citations}
    assert place in cited
    answer = replace(answer, citations=(cited[place],))
    assert exact(assistant, answer) is True
    assert exact(assistant, shifted(answer, 1)) is False
    assert exact(assistant, shifted(answer, -1)) is False


def test_of_a_file_that_changed_or_has_no_places_nothing_can_be_checked(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("One.\nTwo.\n", "utf-8")
    sha = hashlib.sha256(path.read_bytes()).hexdigest()
    document = DocumentInfo("f/a.txt", str(path), "", "txt", 1, "ready", None, 1, sha, "")

    def found(**fields: object) -> bool | None:
        told = said(("Two.", [citation(1, "f/a.txt", 5, "Two.", **fields)]))
        return locator_exact(outcome(gold(), told, documents={"f/a.txt": document}), told)

    assert found(line=2, sha256=sha) is True
    assert found(line=1, sha256=sha) is False
    assert found(line=3, sha256=sha) is False
    assert found(line=9, sha256=sha) is False
    assert found(sha256=sha) is None
    assert found(line=1, sha256="0" * 64) is None
    path.write_bytes("Zwei Bäume.\nTwo.\n".encode("cp1252"))
    assert found(line=2, sha256=hashlib.sha256(path.read_bytes()).hexdigest()) is None


def test_a_line_is_the_one_in_which_the_quote_begins() -> None:
    lines = ["", "The mill grinds", "  forty sacks.", "", "The mill grinds more."]
    assert [number for number in range(-1, 8) if line_holds(lines, number, "The mill grinds\nforty sacks.")] == [2]
    assert [number for number in range(-1, 8) if line_holds(lines, number, "The mill grinds")] == [2, 5]
    assert not line_holds(lines, 2, "The mill grinds forty sacks of rye.")


def test_a_page_is_the_one_on_which_the_quote_begins() -> None:
    pages = ["The well-\nkept mea", "dow was mown.\nPage 2", "Rye\nOats\n7.50\n9.25"]
    for quote, right in (
        ("The well-kept meadow was mown.", [1]),
        ("was mown", [2]),
        ("Oats | 9.25", [3]),
        ("Oats | 9.99", []),
        ("nowhere", []),
    ):
        assert [number for number in range(-1, 6) if page_holds([*map(letters, pages)], number, quote)] == right
