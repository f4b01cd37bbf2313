"""The report as files: HTML and its Markdown twin."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FunctionLoader, StrictUndefined

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
    """Write `path`.html and `path`.md, whatever suffix of the two it has; the paths of both.

    `previous` is a run to show beside this one, `checks` what `eval.gate` said of it. Raises MissingExtra, OSError.
    """
    return write_files(facts(result, previous, checks), path)


def write_files(known: Facts, path: Path) -> tuple[Path, Path]:
    """Write the report of facts that have been worked out."""
    stem = path.with_suffix("") if path.suffix in (".html", ".md") else path
    stem.parent.mkdir(parents=True, exist_ok=True)
    written = []
    for suffix, text in ((".html", html(known)), (".md", markdown(known))):
        place = stem.with_name(stem.name + suffix)
        place.write_text(_CONTROL.sub("\N{REPLACEMENT CHARACTER}", text), "utf-8", errors="replace", newline="\n")
        written.append(place)
    return written[0], written[1]


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
