"""Excel workbooks: each visible sheet is a heading, each row stands below the header of its sheet."""

from __future__ import annotations

import re
import warnings
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from index.load.archive import check_office
from index.load.draft import Builder, Draft, one_line
from index.load.tables import is_headed

_FORMAT = re.compile(r"(?P<group>#,##)?0?(?:0\.(?P<decimals>0+)|\.(?P<bare>0+))?")
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.|\*.')
_CURRENCY = re.compile(r"[$€£¥]")


def load(data: bytes) -> Draft:
    check_office(data)
    from openpyxl import load_workbook

    builder = Builder()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of features that only matter to who would write the file again
        book = load_workbook(BytesIO(data), read_only=True, data_only=True, keep_links=False)
        try:
            for sheet in book.worksheets:
                if sheet.sheet_state == "visible":
                    sheet.reset_dimensions()  # what a file says of its own size is often wrong
                    _sheet(builder, sheet.title, [[_shown(cell) for cell in row] for row in sheet.iter_rows()])
            title = book.properties.title or ""
        finally:
            book.close()
    return builder.draft(title) if any(block.kind != "heading" for block in builder.blocks) else Draft("", ())


def _sheet(builder: Builder, name: str, grid: list[list[str]]) -> None:
    used = sorted({column for row in grid for column, cell in enumerate(row) if cell})
    rows = [[row[column] if column < len(row) else "" for column in used] for row in grid if any(row)]
    if not rows:
        return
    builder.heading(name, 1)
    lead = 0  # a title above the table has one cell
    while lead < len(rows) - 1 and sum(map(bool, rows[lead])) == 1 and max(map(len, map(_filled, rows))) > 1:
        builder.paragraph(" ".join(rows[lead]))
        lead += 1
    caption = ": ".join([name, *(one_line(" ".join(row)) for row in rows[:lead])])
    builder.table(rows[lead:], headed=is_headed(rows[lead:]), caption=caption)


def _filled(row: list[str]) -> list[str]:
    return [cell for cell in row if cell]


def _shown(cell: Any) -> str:
    """The value of a cell as its format shows it; dates as ISO 8601."""
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "seconds")
    if isinstance(value, date | time | timedelta):
        return str(value)
    if isinstance(value, int | float):
        return _number(value, cell.number_format or "General")
    return one_line(str(value))


def _number(value: float, code: str) -> str:
    section = code.split(";")[0]
    bare = _LITERAL.sub("", section)
    currency = _CURRENCY.search(section)
    digits = bare.replace("%", "").replace(" ", "").strip("$€£¥()-")
    match = _FORMAT.fullmatch(digits)
    if "%" in bare:
        value *= 100
    if match is None or not digits:
        text = f"{value:.15g}" if abs(value) < 1e15 else f"{value:.0f}"
    else:
        decimals = len(match["decimals"] or match["bare"] or "")
        text = f"{value:{',' if match['group'] else ''}.{decimals}f}"
    if "%" in bare:
        return text + "%"
    if currency is None:
        return text
    return (
        f"{currency[0]}{text}"
        if currency.start() < max(section.find("0"), section.find("#"))
        else f"{text} {currency[0]}"
    )
