"""How good is it, and did it get worse? Gold questions, benchmarks and speed, through rag's public API.

The contents of the room; each name is imported when it is first used. `python -m eval` is its door.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eval.cli import main
    from eval.feedback import VERDICTS, Feedback, keep_feedback
    from eval.gate import Check, judge
    from eval.questions import Evidence, GoldError, GoldQuestion, load_gold, locate
    from eval.results import Result, Row, load_result
    from eval.run import run_questions
    from eval.statistics import Figure, bootstrap_mean, wilson
    from eval.testing import assert_answers

_WHERE = {
    "eval.cli": ("main",),
    "eval.feedback": ("VERDICTS", "Feedback", "keep_feedback"),
    "eval.gate": ("Check", "judge"),
    "eval.statistics": ("Figure", "bootstrap_mean", "wilson"),
    "eval.questions": ("Evidence", "GoldError", "GoldQuestion", "load_gold", "locate"),
    "eval.results": ("Result", "Row", "load_result"),
    "eval.run": ("run_questions",),
    "eval.testing": ("assert_answers",),
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "VERDICTS", "Check", "Evidence", "Feedback", "Figure", "GoldError", "GoldQuestion", "Result", "Row",
    "assert_answers", "bootstrap_mean", "judge", "keep_feedback", "load_gold", "load_result", "locate", "main",
    "run_questions", "wilson",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'eval' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
