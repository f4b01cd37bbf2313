"""JSON: the file's own text, a block for each record or group of values that can be cited alone."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from index.errors import UnreadableFile
from index.load.decode import decode
from index.load.draft import Draft, one_line
from index.values import Block

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[\[\]{}]|[^\s\[\]{},:"]+', re.DOTALL)
_ESCAPES = re.compile(r"(?<!\\)((?:\\\\)*)((?:\\u[0-9a-fA-F]{4})+)")
_LONGEST_GROUP = 800  # characters: what is longer is cut where its members begin
_PLAIN = re.compile('[^\x00-\x1f\x7f-\x9f"\\\\\u2028\u2029\ud800-\udfff]+')


@dataclass(slots=True)
class _Node:
    """A value and where it stands; `key` is its name in the object around it, `start` then that of the name."""

    start: int
    end: int = 0
    key: str = ""
    container: str = ""
    members: list[_Node] = field(default_factory=list)


def load(data: bytes) -> Draft:
    text = _readable(decode(data))
    try:
        json.loads(text, parse_int=str)  # Python refuses to convert thousands of digits
    except json.JSONDecodeError as error:
        lines = _lines(text) if error.msg == "Extra data" else []
        if len(lines) > 1 and all(_is_json(text[line.start : line.end]) for line in lines):
            return Draft(text, lines, plain=True)  # records line by line behind a .json name
        if not text.strip():
            return Draft(text, ())
        raise UnreadableFile(f"damaged: not valid JSON (line {error.lineno})") from error
    return Draft(text, list(_groups(_tree(text), "")), plain=True)


def load_lines(data: bytes) -> Draft:
    """A record a line."""
    text = _readable(decode(data))
    lines = _lines(text)
    if lines and not any(_is_json(text[line.start : line.end]) for line in lines[:100]):
        raise UnreadableFile("damaged: no line is valid JSON")
    return Draft(text, lines, plain=True)


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_int=str)
    except json.JSONDecodeError:
        return False
    return True


def _lines(text: str) -> list[Block]:
    blocks, at = [], 0
    for line in text.split("\n"):
        words = line.strip()
        if words:
            start = at + line.index(words[0])
            blocks.append(Block(start, start + len(words), "row"))
        at += len(line) + 1
    return blocks


def _readable(text: str) -> str:
    """Write "\\u00e9" as the letter it is, so that words can be found; lines and structure stay as they are."""

    def letter(match: re.Match[str]) -> str:
        letters = json.loads(f'"{match[2]}"')
        return match[1] + letters if _PLAIN.fullmatch(letters) else match[0]

    return _ESCAPES.sub(letter, text) if "\\u" in text else text


def _tree(text: str) -> _Node:
    """The spans of all values of valid JSON, in one pass and without recursion."""
    root = _Node(0, len(text))
    stack = [root]
    name: re.Match[str] | None = None
    for token in _TOKEN.finditer(text):
        sign = token[0]
        top = stack[-1]
        if sign in "]}":
            top.end = token.end()
            stack.pop()
        elif top.container == "{" and name is None:
            name = token
        else:
            start, key = (name.start(), _key(name[0])) if name else (token.start(), "")
            node = _Node(start, token.end(), key, sign if sign in "[{" else "")
            top.members.append(node)
            name = None
            if node.container:
                stack.append(node)
    return root.members[0]


def _key(quoted: str) -> str:
    return one_line(str(json.loads(quoted)))


def _groups(node: _Node, path: str) -> Iterator[Block]:
    """Neighbours that are short go together; a long member, or a list of records, is cut further."""
    if not node.members:
        yield Block(node.start, node.end, "row", path or None)
        return
    start = end = -1
    for member in node.members:
        records = member.container == "[" and any(item.container for item in member.members)
        whole = node.container == "[" and bool(member.container)
        cut = member.members and (records or member.end - member.start > _LONGEST_GROUP)
        if start >= 0 and (cut or whole or member.end - start > _LONGEST_GROUP):
            yield Block(start, end, "row", path or None)
            start = -1
        if cut:
            yield from _groups(member, f"{path} > {member.key}".removeprefix(" > ") if member.key else path)
        elif whole:
            yield Block(member.start, member.end, "row", path or None)
        else:
            start, end = (start if start >= 0 else member.start), member.end
    if start >= 0:
        yield Block(start, end, "row", path or None)
