"""What a run looks like: one HTML file, its Markdown twin, a page over several runs, a summary for terminals, and JSON.

All of them show the same `Facts` of a result: nothing is measured here. Who wants several of them works the facts out
once, with `facts`, and gives them to `write_files` and `summary_of`.
"""

from eval.report.facts import Facts, facts
from eval.report.page import page
from eval.report.shape import case_of, overview
from eval.report.terminal import summary, summary_of
from eval.report.write import html, places_of, write_files, write_report

__all__ = [
    "Facts", "case_of", "facts", "html", "overview", "page", "places_of", "summary", "summary_of", "write_files",
    "write_report",
]  # fmt: skip
