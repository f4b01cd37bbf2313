"""What tests do in a process of its own: `python worker.py TASK DOCS INDEX [WORD]`."""

from __future__ import annotations

import contextlib
import io
import os
import resource
import signal
import sys
from multiprocessing.connection import Connection
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parent.parent)]

from fakes import HashEmbedding  # noqa: E402
from folders import found  # noqa: E402

from index.errors import CitewiseError  # noqa: E402
from index.index import Index  # noqa: E402

NOBODY = 65_534


def report_sync(docs: Path, folder: Path, pipe: Connection) -> None:
    """Sync and say each step, until killed."""
    index = Index(folder, HashEmbedding(), roots=[docs])
    pipe.send("ready")
    for step in index.sync():
        pipe.send(step.phase)


def say_all(pipe: Connection, *args: str) -> None:
    """Do a task of `main` and send what it said."""
    with contextlib.redirect_stdout(io.StringIO()) as said:
        main(*args)
    pipe.send(said.getvalue())


def main(task: str, docs: str, folder: str, word: str = "") -> None:
    index = Index(Path(folder), HashEmbedding(), roots=[Path(docs)])
    if task == "full":
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(word), int(word)))
    if task.startswith("nobody"):
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    print("ready", flush=True)
    try:
        if task.endswith(("sync", "full")):
            for step in index.sync():
                print(step.phase, step.done, flush=True)
            print(*[f"{source}: {reason}" for source, reason in (step.report.failed if step.report else ())], sep="\n")
        elif task.endswith("find"):
            print(found(index, word))
        elif task.endswith("words"):
            with index.snapshot() as catalog:
                print(len(catalog.match(word, 9)))
        elif task == "hold":
            run = index.sync()
            next(run)
            print("holding", flush=True)
            sys.stdin.readline()
            run.close()
        elif task.endswith("list"):
            for line in sys.stdin:
                told = index.revision if line.strip() else f"{len(index.documents())} {index.status().files}"
                print(told, flush=True)
        elif task == "follow":
            for line in sys.stdin:
                print(found(index, line.strip()), flush=True)
    except CitewiseError as error:
        print(f"{type(error).__name__}: {error}")


if __name__ == "__main__":
    main(*sys.argv[1:])
