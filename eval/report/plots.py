"""Two plots as SVG: named and described for those who do not see them, coloured by the page's style sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence

from markupsafe import Markup, escape

from eval.report.words import percent, quarters
from eval.statistics import quantile

WIDTH, HEIGHT = 400, 270
LEFT, RIGHT, TOP, BOTTOM = 46, 388, 14, 226  # of the axes
MOST_POINTS = 250
TICKS = 5

Point = tuple[float, float]


def risk_coverage(points: Sequence[Point]) -> Markup:
    """Share wrong against share answered, both 0..1, beside the share wrong of all that was answered."""
    base = points[-1][1]
    top = max([risk for _, risk in points] + [base, 0.1])
    top = math.ceil(top * 10) / 10
    desc = (
        f"If only the most confident answers were given: of {len(points)} thresholds, the share of wrong ones is "
        + ", ".join(f"{percent(risk, 0)} at {percent(coverage, 0)} answered" for coverage, risk in quarters(points))
        + "."
    )
    marks = _line([(0, base), (1, base)], 1, top, "even") + _line(points, 1, top, "line")
    ticks = [(n / 4, percent(n / 4, 0)) for n in range(5)]
    return _figure("risk", "Risk and coverage", desc, marks, ticks, 1, top, "answered", "wrong among them")


def latency(seconds: Sequence[float]) -> Markup:
    """The share of questions answered within a time, in milliseconds; `seconds` ascending."""
    times = [one * 1000 for one in seconds]
    n = len(times)
    p50, p95 = quantile(times, 0.5), quantile(times, 0.95)
    step = _nice(max(times[-1], 1e-3) / TICKS)
    most = step * math.ceil(max(times[-1], 1e-3) / step)
    points = [(0.0, 0.0), *((time, (rank + 1) / n) for rank, time in enumerate(times))]
    desc = f"Half of {n} questions were answered within {p50:.0f} ms, 95 % within {p95:.0f} ms, all within {times[-1]:.0f} ms."
    marks = _line(points, most, 1, "line")
    for name, at, place in (("p50", p50, 0.5), ("p95", p95, 0.95)):
        x, y = _at((at, place), most, 1)
        side, anchor = (-8, "end") if x > (LEFT + RIGHT) / 2 else (8, "start")
        marks += Markup('<circle cx="{}" cy="{}" r="4" class="dot"/>').format(x, y)
        marks += Markup('<text x="{}" y="{}" text-anchor="{}" class="told">{} {:.0f} ms</text>').format(
            round(x + side, 1), round(y + 4 if name == "p50" else y + 16, 1), anchor, name, at
        )
    ticks = [(n * step, f"{n * step:g}") for n in range(round(most / step) + 1)]
    return _figure("time", "Time of an answer", desc, marks, ticks, most, 1, "milliseconds", "answered within")


def _figure(
    name: str, title: str, desc: str, marks: Markup, ticks: Sequence[tuple[float, str]], right: float, top: float,
    across: str, up: str,
) -> Markup:  # fmt: skip
    axes = Markup()
    for value in (top * n / TICKS for n in range(TICKS + 1)):
        _, y = _at((0, value), right, top)
        axes += Markup('<path d="M{} {}H{}" class="grid"/>').format(LEFT, y, RIGHT)
        axes += Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(
            LEFT - 7, round(y + 4, 1), percent(value, 0)
        )
    for value, label in ticks:
        x, _ = _at((value, 0), right, top)
        axes += Markup('<text x="{}" y="{}" text-anchor="middle">{}</text>').format(x, BOTTOM + 18, label)
    axes += Markup('<path d="M{} {}H{}" class="axis"/>').format(LEFT, BOTTOM, RIGHT)
    axes += Markup('<text x="{}" y="{}" text-anchor="end" class="told">{} →</text>').format(RIGHT, BOTTOM + 36, across)
    axes += Markup('<text x="{}" y="{}" class="told">↑ {}</text>').format(LEFT, BOTTOM + 36, up)
    return Markup(
        '<svg class="plot" viewBox="0 0 {} {}" role="img" aria-labelledby="{}-title {}-desc">'
        '<title id="{}-title">{}</title><desc id="{}-desc">{}</desc>{}{}</svg>'
    ).format(WIDTH, HEIGHT, name, name, name, title, name, escape(desc), axes, marks)


def _line(points: Sequence[Point], right: float, top: float, kind: str) -> Markup:
    every = max(1, math.ceil(len(points) / MOST_POINTS))
    kept = [*points[:-1:every], *points[-1:]]
    path = "L".join(f"{x} {y}" for x, y in (_at(point, right, top) for point in kept))
    return Markup('<path d="M{}" class="{}"/>').format(path, kind)


def _at(point: Point, right: float, top: float) -> Point:
    """Where a value is drawn."""
    x, y = point
    return round(LEFT + (RIGHT - LEFT) * x / right, 1), round(BOTTOM - (BOTTOM - TOP) * y / top, 1)


def _nice(step: float) -> float:
    """The next round number: 1, 2 or 5 times a power of ten (Heckbert 1990)."""
    power = 10.0 ** math.floor(math.log10(step))
    return next(factor * power for factor in (1, 2, 5, 10) if step <= factor * power * (1 + 1e-9))
