"""When a statement was made, as far as its document tells."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from rag.claims import Claim
from rag.grounding.facts import facts

HEAD = 1500  # characters of a document in which it may say when it was written
SHORT = 8  # words; a line of no more that ends with a day is no sentence of the text ("Harrow, 5 March 2024")
_LABELLED = re.compile(  # front matter, headers of a mail, a line of its own: "Last updated on 3 June 2025"
    r"^[^\w\n]*(?:(?:last[ _-]?)?(?:date(?! of (?!issue|publication))|dated|updated|modified|revised|lastmod)|published"
    r"|posted|issued|sent|as of)\b(.*)",
    re.IGNORECASE | re.MULTILINE,
)
_LABEL_ENDS = 18  # characters after a label before which its date begins: " of issue: Tue, 05 Mar 2024"
_PROSE = re.compile(r",? (?!by [A-Z]|at \d)[a-z]")  # after the date of a sentence: "Issued in 1850, it is rare."
_IN_NAME = re.compile(r"(?<!\d)((?:19|20)\d\d)(?:([-_.]?)(0[1-9]|1[0-2])\2([0-2]\d|3[01])|[-_.](0[1-9]|1[0-2]))(?!\d)")


class _Dated(NamedTuple):
    """A date in ISO 8601, as precise as it is, and where it stands in its text."""

    iso: str
    start: int
    end: int


def stated(claim: Claim) -> str | None:
    """When a statement was made (ISO 8601), as precisely as known: as its heading says, else a labelled line at the
    beginning of its document (the latest of several), its title, a short line that ends with a day, its file name."""
    span, record = claim.span, claim.span.hit.record
    head = span.document.text[:HEAD]
    labelled = [one for match in _LABELLED.finditer(head) for one in _labelled(match[1])]
    told = (*_dates(record.heading or ""), *sorted(labelled, reverse=True), *_dates(record.title), *_lines(head))
    return told[0].iso if told else _of_file(record.source.rpartition("/")[2])


def _labelled(line: str) -> Iterator[_Dated]:
    """The dates that a label names, of what stands behind it on its line; a sentence that begins like one has none."""
    for one in _dates(line):
        if one.start < _LABEL_ENDS and (":" in line[: one.start] or not _PROSE.match(line, one.end)):
            yield one


def _of_file(name: str) -> str | None:
    if match := _IN_NAME.search(name):
        return "-".join(part for part in (match[1], match[3] or match[5], match[4]) if part)
    return next((one.iso for one in _dates(name.replace("_", " "))), None)


def _dates(text: str) -> Iterator[_Dated]:
    for fact in facts(text):
        if fact.kind == "date" and (first := fact.first) and (last := fact.last):
            month = f"{first:%Y-%m}" if f"{first:%Y-%m}" == f"{last:%Y-%m}" else f"{first:%Y}"
            yield _Dated(first.isoformat() if first == last else month, fact.start, fact.end)


def _lines(head: str) -> Iterator[_Dated]:
    """The days with which short lines end, but for what is labelled otherwise ("Born: 3 March 1950")."""
    for line in head.splitlines():
        text = line.strip(" *_#>|()[]")
        if len(text.split()) <= SHORT and ":" not in text:
            yield from (one for one in _dates(text) if one.end == len(text) and len(one.iso) > len("2025-03"))
