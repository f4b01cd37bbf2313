"""What the tests of the evaluation share: where the shared data lies, and a small file of gold questions."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
SHARED = Path(os.environ.get("CITEWISE_SHARED_DATA", ROOT.parent / "shared"))
needs_shared = pytest.mark.skipif(not SHARED.is_dir(), reason="needs ../shared, which is not in the repository")

GOOD: dict[str, Any] = {
    "id": "t1", "question": "What does the gate key open?", "type": "single_fact", "answers": ["the main gate"],
    "must_contain": [["main gate"]], "evidence": [{"source": "keys.md", "quote": "The gate key opens the main gate."}],
}  # fmt: skip


def gold_file(path: Path, *rows: object) -> Path:
    path.write_text("".join((row if isinstance(row, str) else json.dumps(row)) + "\n" for row in rows), "utf-8")
    return path
