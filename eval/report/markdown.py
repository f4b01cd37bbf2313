"""The report in Markdown, with the facts of the HTML one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from eval.report import words
from eval.report.cases import Case, cut, shown
from eval.report.facts import Facts, Line, Slice

_SPECIAL = re.compile(r"[\\`*\[\]<|~$]|(?<!\w)_|_(?!\w)|&(?=#?\w+;)")
_START = re.compile(r"^(\d+)([.)])(?=\s|$)|^(?=[-+=#>])")  # of a list, a heading, a quote


def escaped(text: object) -> str:
    """Any text as Markdown that shows just this, on one line, within a table's cell or without."""
    plain = _SPECIAL.sub(r"\\\g<0>", " ".join(str(text).split()))
    return _START.sub(lambda found: f"{found[1]}\\{found[2]}" if found[1] else "\\", plain)


def markdown(known: Facts) -> str:
    """The whole report."""
    return "\n\n".join(part for part in _parts(known) if part) + "\n"


def _parts(known: Facts) -> Iterator[str]:
    yield f"# {words.title(known)}"
    yield escaped(words.kicker(known))
    yield from (f"**{escaped(text)}**" if bad else escaped(text) for text, bad in words.sentences(known))
    yield f"## Headline\n\n{_measures(known, known.headline)}"
    yield escaped(words.pairing(known))
    yield _invariants(known)
    if known.failing:
        yield f"## Failing cases\n\n{words.listed(known)}"
        yield from map(_case, known.cases)
        lost = [(words.label(where), f"{count:,}") for where, count in known.lost.items()]
        yield f"## Where they are lost\n\n{table(('step', 'questions'), lost)}"
    if known.compared and known.compared.flipped:
        yield f"## What changed since the previous run\n\n{escaped(words.changed(known))}"
        rows = [
            (row.gold.id, cut(row.gold.question, 200), f"newly {now}")
            for now, some in words.flipped(known).items()
            for row in some
        ]
        yield table(("id", "question", "verdict"), rows, numbers=0)
    if known.checks:
        checks = [(one.name, one.kind, "passed" if one.passed else "FAILED", one.says) for one in known.checks]
        yield f"## Gates\n\n{table(('gate', 'kind', 'state', 'what was found'), checks, numbers=0)}"
    yield f"## By type\n\n{_slices('type', [*known.by_type, known.total])}"
    if known.by_tag:
        yield f"## By tag\n\n{_slices('tag', known.by_tag)}"
    counts = [(kind, *(f"{one[name]:,}" for name in known.outcomes)) for kind, one in known.silence.items()]
    yield f"## When to be silent\n\n{words.balanced(known)}\n\n{table(('questions', *known.outcomes), counts)}"
    if known.risk:
        yield table(
            ("answered", "wrong among them"),
            [(words.percent(c, 0), words.percent(r)) for c, r in words.quarters(known.risk)],
        )
    if known.invariants:
        yield f"## What must always hold\n\n{_measures(known, known.invariants)}"
    for group, lines in known.groups.items():
        yield f"## {group.capitalize()}\n\n{_measures(known, lines)}"
    yield f"## Time\n\n{words.timing(known)}"
    yield f"## Made with\n\n{_stamp(known)}"


def _measures(known: Facts, lines: Sequence[Line], explained: bool = True) -> str:
    header = ["measure", "value", "95 % interval", "n"]
    header += ["previous", "paired p"] if known.previous else []
    rows = []
    for line in lines:
        row = [line.figure.name, words.value(line.figure), words.interval(line.figure), f"{line.figure.n:,}"]
        row += [words.before(line), words.paired_p(line)] if known.previous else []
        rows.append([*row, *([line.says] if explained else [])])
    return table([*header, *(["what it is"] if explained else [])], rows, numbers=len(header) - 1)


def _invariants(known: Facts) -> str:
    rows = [
        (line.figure.name, words.value(line.figure), f"{line.figure.n:,}", "BROKEN" if line in known.broken else "kept")
        for line in known.invariants
    ]
    return table(("invariant", "held", "n", "state"), rows) if rows else ""


def _slices(name: str, slices: Iterable[Slice]) -> str:
    header = (name, "n", "correct", "95 % interval", "found", "cited", "refused", "p50 ms")
    rows = [
        (
            one.name, f"{one.n:,}", words.value(one.correct), words.interval(one.correct), words.value(one.found),
            words.value(one.cited), f"{one.refused:,}", words.milliseconds(one.p50),
        )
        for one in slices
    ]  # fmt: skip
    return table(header, rows)


def _case(case: Case) -> str:
    row, show = case.row, shown(case.row)
    newly = ["right in the previous run"] if case.newly else []
    said = [_statement(one) for one in show["statements"]] or [escaped(show["text"])]
    lost = f"{row.lost.reason} {row.lost.remedy}" if row.lost else show["error"]
    wants = "; ".join(show["answers"]) if row.gold.answerable else "a refusal: the documents do not say"
    evidence = [f"{escaped(source)}: {escaped(quote)}" for source, quote in show["evidence"]]
    parts = (
        f"### {escaped(show['question'])}",
        escaped(" · ".join((row.gold.id, row.gold.type, *row.gold.tags, *newly))),
        *(f"Before it: {escaped(asked)} — {escaped(told)}" for asked, told in show["history"]),
        f"**Broken: {escaped(', '.join(case.broken))}.** This must never happen." if case.broken else "",
        f"**{escaped(words.label(case.where))}.** {escaped(cut(lost))}",
        f"{words.heading(row)}:" if row.answer else "",
        "\n>\n".join(f"> {one}" for one in said) if row.answer else "",
        _list(map(_citation, show["citations"])),
        f"Wanted: {escaped(wants)}",
        _list(f"{'said' if there else 'not said'}: {escaped(cut(group, 200))}" for group, there in case.wanted),
        f"From: {escaped(cut(', '.join(row.gold.relevant), 400))}" if row.gold.relevant else "",
        f"Evidence: {words.evidence(case)}" if evidence else "",
        _list(evidence),
        escaped(show["note"]),
    )
    return "\n\n".join(part for part in parts if part)


def _list(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _citation(one: Mapping[str, Any]) -> str:
    place = ", ".join(filter(None, (one["source"], one["place"])))
    around = (escaped(one["before"]), f"**{escaped(one['quote'])}**", escaped(one["after"]))
    return f"\\[{one['number']}\\] {escaped(place)}: {' '.join(filter(None, around))}"


def _statement(one: Mapping[str, Any]) -> str:
    numbers = "".join(f" \\[{number}\\]" for number in one["citations"])
    support = "; ".join(filter(None, (words.SUPPORT.get(one["support"]), *map(escaped, one["problems"][:3]))))
    return f"{escaped(one['text'])}{numbers}{f' ({support})' if support else ''}"


def _stamp(known: Facts) -> str:
    return _list(f"{escaped(name)}: {escaped(value)}" for name, value in words.stamp(known))


def table(header: Sequence[str], rows: Iterable[Sequence[object]], numbers: int | None = None) -> str:
    """A Markdown table of any texts; after the first column, `numbers` columns (all, if not given) stand at the right."""
    right = len(header) - 1 if numbers is None else numbers
    rule = ["---", *["---:"] * right, *["---"] * (len(header) - 1 - right)]
    lines = [[escaped(cell) for cell in header], rule, *([escaped(cell) for cell in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
