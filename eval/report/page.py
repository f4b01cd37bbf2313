"""One Markdown page over several runs: what the results page of the documentation is made of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from eval.report.facts import Facts, facts
from eval.report.markdown import escaped
from eval.report.words import NOTHING, settings_of
from eval.results import Result
from eval.statistics import Figure
from eval.table import figure_cell, table

GROUPS = ("answer", "retrieval", "citations", "abstention", "disagreements", "robustness", "latency")
_HASH = 8  # characters of a hash that are told


def page(results: Sequence[tuple[str, Result]]) -> str:
    """The measures of each run, each value with its 95 % interval and n, group by group; then what they were made with.

    Raises MissingExtra.
    """
    runs = [(name, facts(result)) for name, result in results]
    return "\n\n".join(_parts(runs)) + "\n"


def _parts(runs: Sequence[tuple[str, Facts]]) -> Iterator[str]:
    for group in GROUPS:
        names = dict.fromkeys(
            line.figure.name for _, known in runs for line in known.lines if line.group == group and line.figure.n
        )
        if names:
            rows = [(escaped(name), *(_cell(known.figure(one)) for one in names)) for name, known in runs]
            yield f"### {group.capitalize()}"
            yield table(("set", *names), rows)
    yield "### Made with"
    told = ("n", "files", "passages", "gold_sha256", "corpus_sha256", "commit", "model", "workers", "started")
    rows = [(escaped(name), *(_stamped(known, one) for one in told)) for name, known in runs]
    yield table(("set", *(one.removesuffix("_sha256") for one in told)), rows)
    shared: dict[str, list[str]] = {}
    for name, known in runs:
        shared.setdefault(settings_of(known), []).append(name)
    yield from (f"{escaped(', '.join(names))}: {escaped(settings)}." for settings, names in shared.items())


def _cell(figure: Figure | None) -> str:
    if figure is None or math.isnan(figure.value):
        return NOTHING
    return f"{figure_cell(figure)} n {figure.n:,}"


def _stamped(known: Facts, name: str) -> str:
    value = str(known.result.stamp.get(name) or NOTHING)
    return escaped(value[:_HASH] if name.endswith("sha256") or name == "commit" else value[:16])
