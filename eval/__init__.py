"""How good is it, and did it get worse? Gold questions, benchmarks and speed, through rag's public API.

The contents of the room; each name is imported when it is first used. `python -m eval` is its door.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from eval.cli import main
    from eval.feedback import VERDICTS, Feedback, keep_feedback
    from eval.from_chat import NoCase, drop_case, own_gold, save_case, told
    from eval.gaps import told_gaps
    from eval.gate import Check, judge
    from eval.in_process import evaluate, last_report
    from eval.questions import BUNDLED, Evidence, GoldError, GoldQuestion, load_gold, locate
    from eval.report import case_of, html, overview
    from eval.results import Result, Row, load_result
    from eval.run import run_questions
    from eval.statistics import Figure, bootstrap_mean, wilson
    from eval.testing import assert_answers

_WHERE = {
    "eval.cli": ("main",),
    "eval.in_process": ("evaluate", "last_report"),
    "eval.feedback": ("VERDICTS", "Feedback", "keep_feedback"),
    "eval.from_chat": ("NoCase", "drop_case", "own_gold", "save_case", "told"),
    "eval.gaps": ("told_gaps",),
    "eval.gate": ("Check", "judge"),
    "eval.statistics": ("Figure", "bootstrap_mean", "wilson"),
    "eval.questions": ("BUNDLED", "Evidence", "GoldError", "GoldQuestion", "load_gold", "locate"),
    "eval.report": ("case_of", "html", "overview"),
    "eval.results": ("Result", "Row", "load_result"),
    "eval.run": ("run_questions",),
    "eval.testing": ("assert_answers",),
}
_MODULE_OF = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "BUNDLED", "VERDICTS", "Check", "Evidence", "Feedback", "Figure", "GoldError", "GoldQuestion", "NoCase", "Result", "Row",
    "assert_answers", "bootstrap_mean", "case_of", "drop_case", "evaluate", "html", "judge", "keep_feedback",
    "last_report", "load_gold", "load_result", "locate", "main", "overview", "own_gold", "run_questions", "save_case",
    "told", "told_gaps", "wilson",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'eval' has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
