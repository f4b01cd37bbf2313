"""How the tests of the loaders read a file and look at what came of it."""

from __future__ import annotations

import pytest

from index.errors import UnreadableFile
from index.load import extract
from index.values import Block, Extracted

LONG = "The pipeline carried more gas than in any year before, the operator reported in its annual statement, " * 3


def check(doc: Extracted) -> Extracted:
    """Blocks are in order, do not overlap, lie within the text and have no white space around them."""
    last = 0
    for block in doc.blocks:
        words = doc.text[block.start : block.end]
        assert last <= block.start < block.end <= len(doc.text)
        assert words == words.strip()
        last = block.end
    assert "\r" not in doc.text
    assert doc.title
    doc.text.encode()
    return doc


def read(name: str, data: bytes | str) -> Extracted:
    return check(extract(name, data.encode() if isinstance(data, str) else data))


def shape(doc: Extracted) -> list[tuple[str, str]]:
    """What the blocks are, as (kind, words)."""
    return [(block.kind, doc.text[block.start : block.end]) for block in doc.blocks]


def find(doc: Extracted, words: str) -> Block:
    return next(block for block in doc.blocks if words in doc.text[block.start : block.end])


def reason(name: str, data: bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        extract(name, data)
    return caught.value.message
