"""Structured logs: one JSON object a line, on standard error. Questions, answers and documents never stand in them."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Any

LOGGER = logging.getLogger("citewise.server")
"""What an app logs to; whoever embeds it says where that goes."""


class AsJson(logging.Formatter):
    """Time, level and message of a record, the values given as `extra={"told": {...}}`, and where an error arose."""

    def format(self, record: logging.LogRecord) -> str:
        said: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "told", {}),
        }
        if record.exc_info:  # where, not what: an exception's message may hold words of a document
            kind, _, at = record.exc_info
            said["error"] = kind.__name__ if kind else ""
            frames = []
            while at is not None:
                frames.append(f"{at.tb_frame.f_code.co_filename}:{at.tb_lineno}")
                at = at.tb_next
            said["where"] = frames
        return json.dumps(said, ensure_ascii=False)


def to_stderr(level: str) -> None:
    """Have this process log like this: our records from `level` on, those of the server and its libraries that warn."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(AsJson())
    logging.getLogger().handlers = [handler]
    logging.getLogger().setLevel(logging.WARNING)
    LOGGER.setLevel(level.upper())
