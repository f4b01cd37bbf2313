"""Superlatives over a column of a table: the rows that "the cheapest room" or "the most calories" asks for.

Only where nothing is left to guess: one superlative, one table whose header, captions and cells account for every word of
the question, one column of what is compared, whose cells are all numbers in one unit or all dates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from index import Block
from rag.claims import Claim, Span
from rag.grounding.facts import facts
from rag.retrieve import Hit
from rag.tables import Table, tables
from rag.trace import Item
from rag.words import STOP_WORDS, WORD, fold

LONGEST_ROW = 400  # characters of a row that is quoted whole
BLANK = 0.1  # share of a column's cells that may be empty
AHEAD = 0.1  # what the row scores more than the best sentence, so that only what comes near that is quoted beside it
_BY = "extreme in "  # names what a row's score owes to its column
_KINDS = (  # the most, the least, what they imply is compared
    ("most expensive|costs? (?:the )?most", "least expensive|cheapest|costs? (?:the )?least", "price cost charge fee rent fare"),
    ("most recent|latest", "earliest", "date day year"),
    ("newest|youngest", "oldest", "age date year built founded born birth"),
    ("most|greatest|maximum", "fewest|least|minimum", ""),
    ("highest", "lowest", "height elevation altitude"),
    ("largest|biggest", "smallest", "size area population capacity"),
    ("longest", "shortest", "length duration distance height"),
    ("tallest|deepest|widest", "shallowest|narrowest", "height depth width"),
    ("heaviest", "lightest", "weight mass"),
    ("fastest", "slowest", "speed"),
    ("hottest|warmest", "coldest", "temperature"),
)  # fmt: skip
_IN_TIME, _AGES, _COUNTS, _DEGREES = (1, 2), 2, 3, (3, 4)  # of these, by number
_SUPERLATIVE = re.compile(rf"\b(?:{'|'.join(f'({most})|({least})' for most, least, _ in _KINDS)})\b(?! of\b)", re.I)
_OTHER = re.compile(  # asks for no row, or on conditions that are not looked at
    r"^\W*(?:do|does|did|is|are|was|were|can|could|should|will|would|has|have|had|why)\b|"
    r"\b(?:\d+|at) (?:the |its |their )?(?:\w+st|\w+mum)\b|\b(?:not?|nor|never|than|if|or|per|except|but|without)\b|n['’]t\b",
    re.I,
)
_PROPERTY_ENDS = re.compile(r"\b(?:in|at|on|for|from|with|that|which|who|is|was|are|were|has|have|do|does|did)\b")
_NUMBER = re.compile(  # "1.234" has another value in another country
    r"((?:[^\w\s−-]|[A-Z]{3})?) ?([-−]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.(?!\d{3}(?!\d))\d+)?)(?![.,]?\d)(\D*)"
)
_BRACKETS = re.compile(r"[(\[].*?[)\]]")
_BLANKS = frozenset(["", "-", "–", "—", "n/a", "na", "none", "unknown", "?"])
_ENDING = re.compile(r"(?<=\w\w)(?:ies|ie|es|(?<!s)s|y|e)$")


def leads(claim: Claim) -> bool:
    """Whether a claim is a row that was chosen for its extreme value."""
    return any(name.startswith(_BY) for name in claim.parts or ())


def extremes_first(question: str, hits: Sequence[Hit], claims: list[Claim], left: list[Item]) -> list[Claim]:
    """The claims, led by the rows with the extreme value that is asked for; `left` takes the other rows of their table."""
    superlatives = list(_SUPERLATIVE.finditer(question))
    if len(superlatives) != 1 or _OTHER.search(question):
        return claims
    said, asked = superlatives[0][0].lower(), _roots(question) - _FRAMING
    if any(said in one.text.lower() and 2 * len(asked & _roots(one.text)) > len(asked) for one in claims):
        return claims  # a sentence says it
    found = [(table, one) for table in tables(hits) if (one := _best(question, superlatives[0], table))]
    if len(found) != 1:
        return claims
    table, (column, best) = found[0]
    document, by = table.hit.record.document, f"{_BY}{column}"
    starts = {block.start for block, _ in table.rows} if best else set()
    own = (one for one in claims if one.span.hit.record.document == document and one.span.start in starts)
    known = {one.span.start: one for one in own}
    top = max((one.score for one in claims), default=0.0) + AHEAD
    first = []
    for block in best:
        within = (h for h in hits if h.record.document == document and h.record.start <= block.start < h.record.end)
        span, old = Span(next(within, table.hit), block.start, block.end), known.get(block.start)
        parts = {**(old.parts or {}), by: top - old.score} if old else {by: top}
        first.append(Claim(span.text, (span,), top, parts=parts))
    lesser = known.keys() - {block.start for block in best}
    left.extend(known[start].span.item(f"another row is the {by}") for start in sorted(lesser))
    return first + [one for one in claims if known.get(one.span.start) is not one]


def _roots(text: str) -> set[str]:
    return {_ENDING.sub("", word) for word in WORD.findall(fold(text))}


_FRAMING = _roots(" ".join(STOP_WORDS) + " one name list show tell give find please much many number amount value")
_NO_MEASURE = _roots("code id rank change")
_UNIT = _roots("unit currency measure per")


def _best(question: str, superlative: re.Match[str], table: Table) -> tuple[str, list[Block]] | None:
    """The column that is compared, and the rows with its extreme value among those that are asked of: none where that is
    uncertain. None for a table that is not asked of."""
    kind, least = divmod((superlative.lastindex or 1) - 1, 2)
    before, after = question[: superlative.start()], question[superlative.end() :]
    words = _roots(f"{before} {after}") - _FRAMING
    near = _PROPERTY_ENDS.split(after)[0]
    name = near if WORD.search(near) else before
    header = [_roots(_BRACKETS.sub("", cell)) for cell in table.header]
    implied = {n for n, cell in enumerate(header) if cell & _roots(_KINDS[kind][2])}
    named = {n for n, cell in enumerate(header) if n and cell & _roots(name) - _FRAMING}
    columns = named & implied or (named if named and kind in _DEGREES else named | implied)
    columns = {n for n in columns if any(map(str.isdecimal, "".join(cells[n] for _, cells in table.rows)))}
    if not columns or not words:
        return None
    column = min(columns)
    ages = kind == _AGES and bool(header[column] & _roots("age"))
    rows = _asked_of(words - header[column], table, column, set[str]().union(*header))
    if not rows:
        return None
    values = _values([cells[column] for _, cells in rows], in_time=kind in _IN_TIME and not ages)
    adds_up = kind == _COUNTS and _adds_up(name, table, column, header, words)
    units = [n for n, cell in enumerate(header) if cell and cell <= _UNIT]
    differ = len({tuple(cells[n] for n in units) for _, cells in rows}) > 1
    if not values or adds_up or differ or len(columns) > 1 or header[column] & _NO_MEASURE:
        return table.header[column], []
    extreme = (min if least != ages else max)(value for value in values if value is not None)
    best = [block for (block, _), value in zip(rows, values, strict=True) if value == extreme]
    fine = len(best) < len(rows) and all(block.end - block.start <= LONGEST_ROW for block in best)
    return table.header[column], best if fine else []


def _adds_up(name: str, table: Table, column: int, header: list[set[str]], words: set[str]) -> bool:
    """Whether "the most" may ask for a sum or a count: of a column's rows ("most deliveries"), of several for the same."""
    subjects = [n for n, cell in enumerate(header) if n != column and (not n or cell & words)]
    told = [[cells[n] for _, cells in table.rows] for n in subjects]
    exact = set(WORD.findall(fold(name))) & set(WORD.findall(fold(table.header[column])))
    return not exact or any(len(set(cells)) < len(cells) for cells in told)


def _asked_of(words: set[str], table: Table, column: int, header: set[str]) -> list[tuple[Block, list[str]]]:
    """The rows with the cells that the question names; none where a word of it is not accounted for."""
    held = [[frozenset(_roots(cell)) for cell in cells] for _, cells in table.rows]
    cells = {(n, c) for row in held for n, c in enumerate(row) if n != column and c and c <= words}
    rest = words.difference(header, *(cell for _, cell in cells))
    said = _roots(f"{table.hit.record.title} {table.rows[0][0].heading or ''} {table.rows[0][0].context}")
    for word in rest:
        if word not in said or 0 < sum(any(word in cell for cell in row) for row in held) < len(held):
            return []
    asked = {n for n, _ in cells}
    return [pair for pair, row in zip(table.rows, held, strict=True) if all((n, row[n]) in cells for n in asked)]


def _values(cells: Sequence[str], *, in_time: bool) -> list[float | None]:
    """The values of cells, None for a blank; none at all where they cannot be compared, or are of another kind."""
    read = [None if cell.lower() in _BLANKS else _value(cell) for cell in cells]
    filled = [one for one in read if one]
    if len({unit for unit, _ in filled}) != 1 or len(filled) < max(2, (1 - BLANK) * len(cells)):
        return []
    unit = filled[0][0]
    times = unit.startswith("date") or (in_time and not unit and all(1000 <= value <= 2100 for _, value in filled))
    return [one and one[1] for one in read] if times == in_time and unit != "none" else []


def _value(cell: str) -> tuple[str, float]:
    """What a cell measures in ("" for a bare number, "none" where it is not one value), and its value."""
    if match := _NUMBER.fullmatch(cell):
        unit = " ".join([match[1], *sorted(_roots(match[3])), *re.findall(r"[^\w\s]", match[3])]).strip()
        return unit, float(match[2].replace(",", "").replace("−", "-"))
    for one in facts(cell):
        if one.kind == "date" and one.text == cell and one.first and one.last:
            return f"date of {(one.last - one.first).days // 31}", float(one.first.toordinal())
    return "none", 0.0
