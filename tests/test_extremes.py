"""The rows that superlatives ask for, of tables in several kinds of files, and the questions that are left alone."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import docx
import openpyxl
import pytest

from rag import Answer, Assistant, Settings

DRINKS = """# Our drinks

All drinks are made here.

| Drink | Size | Calories (kcal) | Price |
|---|---|---|---|
| Lemonade | 0.3 l | 120 | £2.50 |
| Iced coffee | 0.3 l | 210 | £3.80 |
| Hot chocolate | 25 cl | 340 | £3.20 |
| Mint tea | 0.4 l | 4 | £1.90 |
| Milk shake | 0.4 l | 1,020 | £4.90 |
| Total | | 1,694 | £16.30 |
"""
ROOMS = """Room,Building,Area (m²),Rent per month,Tenant
A1,Main house,24,£410,Edith Moss
A2,Main house,31,£520,Karim Vale
B1,Annex,18,£300,Nora Finch
B2,Annex,19,£310,Otto Brandt
C1,Mill,16,£280,Sven Hall
C2,Mill,40,"£1,150",Ida Reed
"""
OFFERS = """The cheapest offer came from Lund.

| Offer | Firm | Charge |
|---|---|---|
| 1 | Lund | 4,000 |
| 2 | Hasso | 3,900 |

| Fuel | Stock | Unit |
|---|---|---|
| Coal | 30 | bags |
| Oil | 900 | litres |

| Shop | Rakes | Spades |
|---|---|---|
| Ashby | 12 | 3 |
| Corme | 9 | 14 |

| Shop | Rakes | Hoes |
|---|---|---|
| Dale | about 10 | 3 |
| Elm | 7 | 14 |
"""
BRIDGES = """<h1>Bridges</h1><table><tr><th>Bridge</th><th>Year built</th><th>Length</th></tr>
<tr><td>Old Ferry Bridge</td><td>1874</td><td>210 m</td></tr>
<tr><td>Mill Bridge</td><td>1702</td><td>34 m</td></tr>
<tr><td>New Bridge</td><td>2004</td><td>95 m</td></tr></table>"""
STAFF = [
    ("Name", "Post", "Age", "Salary"),
    ("Ada Pell", "Librarian", "44", "31,000"),
    ("Ben Orr", "Porter", "61", "22,500"),
]
STAFF += [("Cleo Dun", "Clerk", "27", "22,500"), ("Dan Low", "Director", "52", "58,000")]
DELIVERIES: list[tuple[str | int | datetime.date, ...]] = [
    ("Order", "Supplier", "Delivery", "Date"),
    ("O-1", "Moss", 11, datetime.date(2025, 3, 4)),
]
DELIVERIES += [("O-2", "Halley", 12, datetime.date(2025, 7, 19)), ("O-3", "Moss", 13, datetime.date(2024, 12, 1))]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    place: Path = tmp_path_factory.mktemp("extremes")
    docs = place / "docs"
    docs.mkdir()
    (docs / "drinks.md").write_text(DRINKS)
    (docs / "rooms.csv").write_text(ROOMS)
    (docs / "offers.md").write_text(OFFERS)
    (docs / "bridges.html").write_text(BRIDGES)
    wells = "".join(f"W{n},parish {n % 50},{20 + (n * 37) % 90 if n != 200 else 999}\n" for n in range(300))
    (docs / "wells.csv").write_text(f"Well,Parish,Depth (m)\n{wells}")
    book = openpyxl.Workbook()
    sheet = book.create_sheet("Orders", 0)
    for order in DELIVERIES:
        sheet.append(order)
    book.save(docs / "deliveries.xlsx")
    word = docx.Document()
    word.add_heading("Staff", 1)
    table = word.add_table(rows=0, cols=4)
    for row in STAFF:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    word.save(str(docs / "staff.docx"))
    with Assistant.open(docs, settings=Settings.load(index={"path": place / "index"})) as opened:
        opened.sync_all()
        yield opened


def chosen(answer: Answer) -> tuple[str, list[str]]:
    """The column by which rows were chosen, as the trace has it, and the quotes of those rows, which come first."""
    (step,) = (step for step in answer.trace if step.name == "candidates")
    by = [name for item in step.out for name in item.parts or () if name.startswith("extreme in ")]
    return (by or [""])[0], [citation.quote for citation in answer.citations][: len(by)]


@pytest.mark.parametrize(
    ("question", "column", "rows"),
    [
        ("Which drink has the most calories?", "Calories (kcal)", ["Milk shake | 0.4 l | 1,020 | £4.90"]),
        ("Which drink costs the least?", "Price", ["Mint tea | 0.4 l | 4 | £1.90"]),
        ("Which shop has the most spades?", "Spades", ["Corme | 9 | 14"]),
        ("What is the cheapest room?", "Rent per month", ["C1,Mill,16,£280,Sven Hall"]),
        ("What is the cheapest room in the annex?", "Rent per month", ["B1,Annex,18,£300,Nora Finch"]),
        ("Which room is the largest?", "Area (m²)", ['C2,Mill,40,"£1,150",Ida Reed']),
        ("the oldest bridge", "Year built", ["Mill Bridge | 1702 | 34 m"]),
        ("Which bridge is the longest?", "Length", ["Old Ferry Bridge | 1874 | 210 m"]),
        ("What is the latest order?", "Date", ["O-2 | Halley | 12 | 2025-07-19"]),
        ("What is the latest order from Moss?", "Date", ["O-1 | Moss | 11 | 2025-03-04"]),
        ("Which name of the staff is the youngest?", "Age", ["Cleo Dun | Clerk | 27 | 22,500"]),
        (
            "Who has the lowest salary?",
            "Salary",
            ["Ben Orr | Porter | 61 | 22,500", "Cleo Dun | Clerk | 27 | 22,500"],
        ),
        ("Which well is the deepest?", "Depth (m)", ["W200,parish 0,999"]),  # far from what was found
    ],
)
def test_rows_with_the_extreme_value_come_first(
    assistant: Assistant, question: str, column: str, rows: list[str]
) -> None:
    answer = assistant.ask(question)
    assert chosen(answer) == (f"extreme in {column}", rows)
    assert all(assistant.text(one.source)[one.start : one.end] == one.quote for one in answer.citations)


@pytest.mark.parametrize(
    "question",
    [
        "Do most of the residents pay rent?",
        "Which drinks have at least 3 calories?",
        "What is the latest news on bridges?",
        "Which drink has the most sugar?",  # no such column
        "Which drink has the largest size?",  # mixed units
        "What is the cheapest planet?",
        "What is the second cheapest room?",
        "What are the 2 cheapest rooms?",
        "Which drink does not have the most calories?",
        "Is A1 the cheapest room?",
        "What is the cheapest room per square metre?",
        "Which is the cheapest and largest room?",
        "Which supplier has the most deliveries?",  # which are rows, not numbers
        "Which fuel has the largest stock?",  # mixed units in a column of their own
        "Which building has the most rent?",  # a sum
        "Which shop has the most rakes?",  # there are two such tables
        "What is the cheapest offer?",  # a sentence says it
    ],
)
def test_what_is_uncertain_is_left_alone(assistant: Assistant, question: str) -> None:
    assert chosen(assistant.ask(question)) == ("", [])


def test_a_long_table_is_not_looked_through(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("rag.tables.MOST_ROWS", 299)
    assert chosen(assistant.ask("Which well is the deepest?")) == ("", [])
