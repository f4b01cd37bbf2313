"""Catalogs of older formats: what makes the next format of each, in SQL alone. Nothing is read or embedded again."""

from __future__ import annotations

import sqlite3

OLDEST, FORMAT = 1, 2  # the formats that are read, and the one that is written

# By the format that a step begins with. What was released once stays as it is, whatever the schema becomes.
_STEPS: dict[int, tuple[str, ...]] = {
    1: (  # the first catalogs held words as they are written, not their stems
        "DROP TABLE IF EXISTS vocabulary",
        "ALTER TABLE words RENAME TO words_1",
        'CREATE VIRTUAL TABLE words USING fts5(text, context, name, tokenize = "porter unicode61 remove_diacritics 2")',
        "INSERT INTO words(rowid, text, context, name) SELECT rowid, text, context, name FROM words_1",
        "DROP TABLE words_1",
    ),
}


def upgrade(db: sqlite3.Connection, found: int) -> None:
    """Bring a catalog of the format `found` to the present one, in one transaction: where it is cut short, the catalog is
    what it was. The caller is the only writer."""
    if found == FORMAT:
        return
    with db:
        db.execute("BEGIN IMMEDIATE")
        for older in range(found, FORMAT):
            for statement in _STEPS[older]:
                db.execute(statement)
        db.execute("UPDATE meta SET value = ? WHERE key = 'format'", (str(FORMAT),))
