"""Writes what the pages on settings and the command line say of the code, below their mark: `make docs` runs it."""

from __future__ import annotations

import os
import re
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Iterator
from contextlib import redirect_stdout, suppress
from io import StringIO
from pathlib import Path
from types import UnionType
from typing import Any, Literal, get_args, get_origin
from unittest.mock import patch

from pydantic import SecretStr
from pydantic.fields import FieldInfo

from eval import main as evaluate
from eval.cli import COMMANDS
from rag import known_settings
from ui.cli import main, parser

HERE = Path(__file__).parent
MARK = "<!-- What follows is written by docs/generate.py. -->\n"
SHARED = re.compile(r"\noptions of every command:\n(?: .*\n)+")
TYPES = {
    bool: "`true` or `false`",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "path",
    SecretStr: "secret",
}


def settings() -> str:
    """A table of each section: setting and environment variable, default, type, meaning."""
    parts = []
    for section, model in known_settings().items():
        parts.append(f"\n## `{section}`\n\n{(model.__doc__ or '').strip()}\n")
        parts.append("| setting, environment variable | default | type | meaning |\n| --- | --- | --- | --- |")
        for name, field in model.model_fields.items():
            names = f"`{section}.{name}`<br>`{f'CITEWISE_{section}__{name}'.upper()}`"
            cells = (names, _default(field), _type(field), (field.description or "").replace("|", r"\|"))
            parts.append(f"| {' | '.join(cells)} |")
    return "\n".join(parts) + "\n"


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if value is None or not (value.get_secret_value() if isinstance(value, SecretStr) else str(value)):
        return "unset"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type(field: FieldInfo) -> str:
    kind: Any = field.annotation
    if get_origin(kind) is Literal:
        return ", ".join(f"`{value}`" for value in get_args(kind))
    if isinstance(kind, UnionType):
        kind = get_args(kind)[0]
    limits = {
        name: getattr(one, name) for one in field.metadata for name in ("ge", "gt", "le", "lt") if hasattr(one, name)
    }
    words = {"gt": "above {:,}", "ge": "{:,} at least", "lt": "below {:,}", "le": "{:,} at most"}
    said = [words[name].format(limit) for name, limit in limits.items()]
    if {"ge", "le"} <= limits.keys():
        said = [f"{limits['ge']:,} to {limits['le']:,}"]
    return ", ".join([TYPES[kind], *said])


def commands() -> str:
    """What `--help` says of each command."""
    top = parser()
    whole = _help("--help")
    shared = SHARED.search(whole)
    assert shared
    parts = [
        _block("", whole),
        *(_block(" ".join(names), SHARED.sub("", _help(*names, "--help"))) for names in _named(top)),
    ]
    parts += [_block(f"eval {name}", _help("eval", name, "--help")) for name in COMMANDS]
    return "".join(parts)


def _named(of: ArgumentParser, *before: str) -> Iterator[tuple[str, ...]]:
    """The words of each command, and of each action of a command."""
    for action in of._actions:
        if isinstance(action, _SubParsersAction):
            for name, inner in action.choices.items():
                yield (*before, name)
                yield from _named(inner, *before, name)


def _help(*arguments: str) -> str:
    said = StringIO()
    with patch.dict(os.environ, COLUMNS="100", NO_COLOR="1"), redirect_stdout(said), suppress(SystemExit):
        if arguments[0] == "eval":
            evaluate(arguments[1:], "citewise eval")
        else:
            main(arguments)
    return said.getvalue().rstrip() + "\n"


def _block(name: str, said: str) -> str:
    return f"\n## `{f'citewise {name}'.strip()}`\n\n```text\n{said}```\n"


PAGES = {"settings.md": settings, "cli.md": commands}


def generated(page: str) -> str:
    """A page with what is generated of it made anew."""
    kept, mark, _ = (HERE / page).read_text("utf-8").partition(MARK)
    assert mark, page
    return kept + mark + PAGES[page]()


if __name__ == "__main__":
    for page in PAGES:
        (HERE / page).write_text(generated(page), "utf-8")
