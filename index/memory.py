"""The memory of reading large files: no garbage is looked for meanwhile, and what they took is given back after."""

from __future__ import annotations

import ctypes
import gc
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

LONG = 1.0  # seconds after which a file was large


@contextmanager
def uncollected() -> Iterator[None]:
    """Without garbage collection: it would look through the records of a long table again and again, for a second at a
    time in which no other thread goes on. After a large file it is done once, as parsers leave whole trees in circles."""
    enabled, begun = gc.isenabled(), time.monotonic()
    if enabled:  # else who disabled it enables it, perhaps just now
        gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
        if time.monotonic() - begun > LONG:
            gc.collect()
            if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
                trim(0)  # the C library keeps what is freed in pieces
