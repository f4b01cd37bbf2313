"""What a run looks like: one HTML file, its Markdown twin, a page over several runs, and a summary for terminals.

All of them show the same `Facts` of a result: nothing is measured here.
"""

from eval.report.markdown import page
from eval.report.terminal import summary
from eval.report.write import write_report

__all__ = ["page", "summary", "write_report"]
