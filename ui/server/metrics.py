"""Counters of one app in Prometheus' text format; each app has a registry of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

if TYPE_CHECKING:
    from ui.server.limits import Gate

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """What is counted: requests by route and status, answers by status and writer, questions inside."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "citewise_requests", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self._seconds = Histogram(
            "citewise_request_seconds", "Seconds until a response was sent", ["route"],
            buckets=SECONDS, registry=self.registry,
        )  # fmt: skip
        self._answers = Counter("citewise_answers", "Answers given", ["status", "writer"], registry=self.registry)
        self._inside = Gauge("citewise_questions_inside", "Questions under way or waiting", registry=self.registry)

    def watch(self, gate: Gate) -> None:
        """Show how many questions are inside."""
        self._inside.set_function(lambda: gate.inside)

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a response; `route` is a route's pattern, never what a client wrote."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def answer(self, status: str, writer: str) -> None:
        """Count an answer."""
        self._answers.labels(status, writer).inc()

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self.registry)
