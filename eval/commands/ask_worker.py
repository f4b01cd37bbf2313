"""`eval ask-worker`: what `speed` runs in a process of its own."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--index", type=Path, required=True)


def run(arguments: argparse.Namespace, command: str) -> int:
    from eval.studies.speed import ask_worker

    json.dump(ask_worker(arguments.folder, arguments.index, json.load(sys.stdin)), sys.stdout)
    return 0
