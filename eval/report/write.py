"""The report as files: HTML and its Markdown twin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined

from eval.ours import MARKDOWN, refuse_others, replace_ours
from eval.report import plots, words
from eval.report.cases import WHERE, cut, shown
from eval.report.facts import Facts, facts
from eval.report.markdown import markdown
from eval.results import Result

if TYPE_CHECKING:
    from eval.gate import Check

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")  # no HTML text may hold them


def write_report(
    result: Result, path: Path, previous: Result | None = None, checks: Sequence[Check] = ()
) -> tuple[Path, Path]:
    """Write `path`.html and `path`.md, in the place of a suffix .jsonl, .html or .md; the paths of both.

    `previous` is a run to show beside this one, `checks` what `eval.gate` said of it. Raises MissingExtra, OSError, and
    CitewiseError where one of the files is there and is no report.
    """
    return write_files(facts(result, previous, checks), path)


def write_files(known: Facts, path: Path) -> tuple[Path, Path]:
    """Write the report of facts that have been worked out; raises as `write_report` does."""
    places = places_of(path)
    for place in places:
        refuse_others(place)
    for place, text in zip(places, (html(known), f"{MARKDOWN}\n\n{markdown(known)}"), strict=True):
        replace_ours(place, _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text))
    return places


def places_of(path: Path) -> tuple[Path, Path]:
    """The files of a report that is to be at `path`, or beside the results that are there."""
    stem = path.name.removesuffix(path.suffix) if path.suffix in (".jsonl", ".html", ".md") else path.name
    return path.with_name(f"{stem}.html"), path.with_name(f"{stem}.md")


def html(known: Facts) -> str:
    """The report as one HTML file, which asks nothing of a server, the network or a script."""
    environment = Environment(
        loader=FunctionLoader(lambda name: (files("eval.report") / name).read_text("utf-8")),
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    places = {where: number for number, where in enumerate(dict.fromkeys((*WHERE, *known.lost)))}
    environment.filters |= {
        "value": words.value, "interval": words.interval, "before": words.before, "p": words.paired_p,
        "milliseconds": words.milliseconds, "label": words.label, "heading": words.heading, "evidence": words.evidence,
        "support": lambda word: words.SUPPORT.get(word, word), "cut": cut, "shown": shown, "index": places.__getitem__,
    }  # fmt: skip
    drawn = {
        "risk": known.risk and plots.risk_coverage(known.risk),
        "time": known.seconds and plots.latency(known.seconds),
    }
    return environment.get_template("report.html.j2").render(facts=known, words=words, drawn=drawn)
