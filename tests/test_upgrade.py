"""An index of the first format, made by the Citewise of that day (`format-1.sqlite.gz`), under the present one."""

from __future__ import annotations

import gzip
import os
import random
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from folders import finish
from terminals import ROOT

from index.catalog import Catalog
from index.database import FILE
from index.embed import MiniLM, embed_question
from index.errors import CitewiseError, IndexOutdated
from index.index import Index
from index.upgrade import FORMAT

OLD = Path(__file__).parent / "format-1.sqlite.gz"
TEXTS = {
    "harbour.md": (
        "# Harbour\n\nThe harbour of Veldt was dredged in 1987 by the engineer Ilse Brandt.\n\n"
        "## Fees\n\nA berth costs 140 crowns a month. Fishing boats pay nothing.\n"
    ),
    "pilot.txt": "The pilot boat leaves at 05:40.\nIts crew is four people and a dog named Bosun.\n",
}


class NeverEmbedding(MiniLM):
    """Reads questions; refuses passages."""

    def encode_many(self, texts: Iterable[str]) -> Iterator[Any]:
        given = list(texts)
        assert given == []
        return iter(())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The old index, of the folder `port` beside it."""
    place, port = tmp_path / "index", tmp_path / "port"
    for one in (place, port):
        one.mkdir()
    for name, text in TEXTS.items():
        (port / name).write_text(text, "utf-8")
    (place / FILE).write_bytes(gzip.decompress(OLD.read_bytes()))
    with closing(sqlite3.connect(place / FILE)) as db, db:
        db.execute("UPDATE roots SET path = ?", (os.fsencode(port),))
    return place


def looked_up(folder: Path, word: str) -> tuple[str | None, int]:
    """The format of an index, and the number of passages that hold the word."""
    with closing(Catalog(folder)) as catalog:
        return catalog.meta("format"), len(catalog.match(word, 9))


def test_an_old_index_is_read_and_then_upgraded_without_embedding_anything(folder: Path) -> None:
    before = gzip.decompress(OLD.read_bytes()).count(b"Bosun")
    assert looked_up(folder, "berth") == ("1", 1)
    assert looked_up(folder, "berths") == ("1", 0)
    index = Index(folder, NeverEmbedding(), roots=[folder.parent / "port"])
    report = finish(index.sync())
    assert (report.embedded, report.unchanged, report.added, report.changed) == (0, 2, 0, 0)
    assert looked_up(folder, "berths") == (str(FORMAT), 1)
    (passage,) = index.nearest(embed_question(index.embedder, "What does a berth cost?"), 1)
    with index.snapshot() as catalog:
        assert "berth" in catalog.passages([passage])[passage].text
    with closing(sqlite3.connect(folder / FILE)) as db:
        now, fresh = (
            {row[0] for row in one.execute("SELECT sql FROM sqlite_master")} for one in (db, made_now(folder))
        )
    assert now == fresh
    index.remove("port/pilot.txt")
    index.close()
    assert before > 0
    assert b"Bosun" not in (folder / FILE).read_bytes() + (folder / f"{FILE}-wal").read_bytes()


def made_now(folder: Path) -> sqlite3.Connection:
    with closing(Catalog(folder / "fresh", write=True)):
        return sqlite3.connect(folder / "fresh" / FILE)


@pytest.mark.parametrize("how", ["killed", "full"])
def test_an_upgrade_that_is_cut_short_loses_nothing(folder: Path, how: str) -> None:
    rows, counted = 30_000, "SELECT count(*) FROM words WHERE words MATCH 'berth'"
    with closing(sqlite3.connect(folder / FILE)) as db, db:
        copies = "INSERT INTO words(text) WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT ?) "
        db.execute(copies + "SELECT 'The ' || i || ' berths of harbour ' || (i * 7919) FROM n", (rows,))
        rows = db.execute("SELECT count(*) FROM words").fetchone()[0]
    script = "import resource, signal, sys; from pathlib import Path; from index.catalog import Catalog\n"
    if how == "full":
        script += (
            "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (400_000,) * 2)\n"
        )
    script += "print('ready', flush=True); Catalog(Path(sys.argv[1]), write=True)"
    command = [sys.executable, "-c", script, str(folder)]
    dice, formats = random.Random(3), set()
    for _ in range(4 if how == "killed" else 1):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            if how == "killed":
                time.sleep(0.02 + dice.random() * 0.05)
                process.kill()
            said = process.communicate()[1]
        assert (b"Check free space" in said) == (how == "full"), said
        with closing(Catalog(folder)) as catalog:
            formats.add(catalog.meta("format"))
            assert catalog._one("SELECT count(*) FROM words")[0] == rows
            assert catalog.sound()
    assert "1" in formats  # or nothing was cut short
    with closing(Catalog(folder, write=True)) as catalog:
        assert (catalog.meta("format"), catalog._one(counted)[0]) == (str(FORMAT), rows - 1)


def test_what_cannot_be_upgraded_is_refused_with_the_command(folder: Path) -> None:
    with closing(sqlite3.connect(folder / FILE)) as db, db:
        db.execute("UPDATE meta SET value = '0' WHERE key = 'format'")
    for write in (False, True):
        with pytest.raises(IndexOutdated, match=r"an older Citewise .* Run: citewise index FOLDER --rebuild"):
            Catalog(folder, write=write)
    with pytest.raises(CitewiseError), closing(Index(folder, NeverEmbedding())) as index:
        finish(index.sync())
    index = Index(folder, MiniLM())
    assert finish(index.sync(rebuild=True)).embedded == 2
    assert looked_up(folder, "berths") == (str(FORMAT), 1)
