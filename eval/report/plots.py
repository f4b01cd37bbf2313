"""Two plots as SVG: named and described for those who do not see them, coloured by the page's style sheet."""

from __future__ import annotations

import math
from collections.abc import Sequence

from eval.report.words import percent, quarters
from eval.statistics import quantile

WIDTH, HEIGHT = 400, 270
LEFT, RIGHT, TOP, BOTTOM = 46, 388, 14, 226  # of the axes
MOST_POINTS = 250
TICKS = 5  # steps at most

Point = tuple[float, float]


def risk_coverage(points: Sequence[Point]) -> str:
    """Share wrong against share answered, both 0..1, beside the share wrong of all that was answered."""
    base = points[-1][1]
    top = _ticks(max(*(risk for _, risk in points), base, 0.1))[-1]
    desc = (
        f"If only the most confident answers were given: of {len(points)} thresholds, the share of wrong ones is "
        + ", ".join(f"{percent(risk, 0)} at {percent(coverage, 0)} answered" for coverage, risk in quarters(points))
        + "."
    )
    marks = _line([(0, base), (1, base)], 1, top, "even") + _line(points, 1, top, "line")
    ticks = [(n / 4, percent(n / 4, 0)) for n in range(5)]
    return _figure("risk", "Risk and coverage", desc, marks, ticks, 1, top, "answered", "wrong among them")


def latency(seconds: Sequence[float]) -> str:
    """The share of questions answered within a time, in milliseconds; `seconds` ascending."""
    times = [one * 1000 for one in seconds]
    n = len(times)
    p50, p95 = quantile(times, 0.5), quantile(times, 0.95)
    across = _ticks(max(times[-1], 1e-3))
    most = across[-1]
    points = [(0.0, 0.0), *((time, (rank + 1) / n) for rank, time in enumerate(times))]
    desc = f"Half of {n} questions were answered within {p50:.0f} ms, 95 % within {p95:.0f} ms, all within {times[-1]:.0f} ms."
    marks = _line(points, most, 1, "line")
    for name, at, place in (("p50", p50, 0.5), ("p95", p95, 0.95)):
        x, y = _at((at, place), most, 1)
        side, anchor = (-8, "end") if x > (LEFT + RIGHT) / 2 else (8, "start")
        marks += f'<circle cx="{x}" cy="{y}" r="4" class="dot"/>'
        marks += '<text x="{}" y="{}" text-anchor="{}" class="told">{} {:.0f} ms</text>'.format(
            round(x + side, 1), round(y + 4 if name == "p50" else y + 16, 1), anchor, name, at
        )
    ticks = [(one, f"{one:,.0f}" if most >= TICKS else f"{one:g}") for one in across]
    return _figure("time", "Time of an answer", desc, marks, ticks, most, 1, "milliseconds", "answered within")


def _figure(
    name: str, title: str, desc: str, marks: str, ticks: Sequence[tuple[float, str]], right: float, top: float,
    across: str, up: str,
) -> str:  # fmt: skip
    axes = ""
    for value in _ticks(top):
        _, y = _at((0, value), right, top)
        axes += f'<path d="M{LEFT} {y}H{RIGHT}" class="grid"/>'
        axes += f'<text x="{LEFT - 7}" y="{round(y + 4, 1)}" text-anchor="end">{percent(value, 0)}</text>'
    for value, label in ticks:
        x, _ = _at((value, 0), right, top)
        axes += f'<text x="{x}" y="{BOTTOM + 18}" text-anchor="middle">{label}</text>'
    axes += f'<path d="M{LEFT} {BOTTOM}H{RIGHT}" class="axis"/>'
    axes += f'<text x="{RIGHT}" y="{BOTTOM + 36}" text-anchor="end" class="told">{across} →</text>'
    axes += f'<text x="{LEFT}" y="{BOTTOM + 36}" class="told">↑ {up}</text>'
    return (
        f'<svg class="plot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{title}</title><desc id="{name}-desc">{desc}</desc>{axes}{marks}</svg>'
    )


def _line(points: Sequence[Point], right: float, top: float, kind: str) -> str:
    every = max(1, math.ceil(len(points) / MOST_POINTS))
    kept = [*points[:-1:every], *points[-1:]]
    path = "L".join(f"{x} {y}" for x, y in (_at(point, right, top) for point in kept))
    return f'<path d="M{path}" class="{kind}"/>'


def _at(point: Point, right: float, top: float) -> Point:
    """Where a value is drawn."""
    x, y = point
    return round(LEFT + (RIGHT - LEFT) * x / right, 1), round(BOTTOM - (BOTTOM - TOP) * y / top, 1)


def _ticks(most: float) -> list[float]:
    """Round numbers from 0 to `most` or just above it, in steps of 1, 2 or 5 times a power of ten (Heckbert 1990)."""
    power = 10.0 ** math.floor(math.log10(most / TICKS))
    step = next(factor * power for factor in (1, 2, 5, 10) if most / TICKS <= factor * power * (1 + 1e-9))
    return [n * step for n in range(math.ceil(most / step - 1e-9) + 1)]
