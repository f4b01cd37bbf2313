"""Documents into passages: whole sentences packed to what the embedder can read, offsets exact.

A passage never holds more tokens (its context included) than the embedder reads; it begins and ends at a sentence,
prefers to begin at a heading, and is one contiguous span of the extracted text. Headings and table headers travel in
`context`, which is embedded and searched with the passage but never quoted.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from llama_index.core.schema import TextNode

from index.sentences import sentence_spans
from index.values import Block, Extracted

CountTokens = Callable[[list[str]], list[int]]

SPECIAL_TOKENS = 2  # [CLS] and [SEP]
MIN_SECTION_TOKENS = 48  # a shorter section is joined with the next one: alone it carries too little to be found by
_LETTERS_A_TOKEN = 16  # at most: the embedder takes any long run of letters for one unknown token, a reader does not
LONG_ROW = 160  # characters; a longer table row holds sentences that can be cited alone


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest thing that is quoted: a sentence, a table row, or a heading (which is read, never quoted)."""

    start: int
    end: int
    block: Block


def units(document: Extracted, start: int = 0, end: int | None = None) -> list[Unit]:
    """The sentences, rows and headings of the blocks that overlap `text[start:end]`, in reading order."""
    end = len(document.text) if end is None else end
    first = bisect_right(document.blocks, start, key=lambda block: block.end)
    last = bisect_left(document.blocks, end, key=lambda block: block.start)
    found: list[Unit] = []
    for block in document.blocks[first:last]:
        if block.kind == "heading":
            spans = [(block.start, block.end)]
        elif block.kind == "row":
            spans = row_spans(document.text, block)
        else:
            spans = sentence_spans(document.text, block.start, block.end)
        found.extend(Unit(first, last, block) for first, last in spans)
    return found


def row_spans(text: str, block: Block) -> list[tuple[int, int]]:
    """A short row is one span; the cells of a long one are prose, and are split into sentences."""
    if block.end - block.start <= LONG_ROW:
        return [(block.start, block.start + len(text[block.start : block.end].rstrip(" |\t")))]
    spans = []
    at = block.start
    for cell in text[block.start : block.end].split(" | "):
        spans.extend(sentence_spans(text, at, at + len(cell)))
        at += len(cell) + 3
    return spans


def context_of(block: Block) -> str:
    """What a reader needs to understand a block alone: heading path, table header.

    The document's title is left out: repeated in every passage, it makes all of them look alike (measured).
    """
    parts = [part for part in (block.heading or "", block.context) if part]
    return " > ".join(dict.fromkeys(parts))


def _pieces(text: str, unit: Unit, limit: int, count: CountTokens) -> Iterator[Unit]:
    """A unit cut into about equal pieces of at most `limit` tokens, at white space where there is some."""
    length = unit.end - unit.start
    parts = -(-count([text[unit.start : unit.end]])[0] // limit)
    if parts < 2 or length < 2:
        yield unit
        return
    at = unit.start
    while at < unit.end:
        stop = min(at + -(-length // parts), unit.end)
        if stop < unit.end:
            stop = at + len(text[at:stop].rsplit(None, 1)[0])
        yield from _pieces(text, Unit(at, stop, unit.block), limit, count)
        at = unit.end - len(text[stop : unit.end].lstrip())


def chunk(document: Extracted, count: CountTokens, max_tokens: int = 256) -> list[TextNode]:
    """Cut a document into passages as llama-index nodes.

    `count` gives the embedder's own token counts of texts (without special tokens). Each node has `start_char_idx` and
    `end_char_idx` into `document.text`, and in its metadata `context`, `heading` and `page`; its id is a digest of what
    is embedded, so that equal passages share a vector.
    """

    def measure(texts: list[str]) -> list[int]:
        return [max(1, n, len(text) // _LETTERS_A_TOKEN) for text, n in zip(texts, count(texts), strict=True)]

    found = units(document)
    contexts = [context_of(unit.block) for unit in found]
    unique = list(dict.fromkeys(contexts))
    # A context may take a third of a passage; the rest of a longer one is cut.
    room = max_tokens // 3
    short = dict(zip(unique, (_clip(c, room, measure) for c in unique), strict=True))
    context_sizes = dict(zip(unique, measure([short[c] for c in unique]), strict=True))
    nodes: list[TextNode] = []
    pending: list[tuple[Unit, int]] = []

    def close() -> None:
        """Make a passage of what is pending; headings at its end stay pending, for they belong to what follows."""
        body = len(pending)
        while body and pending[body - 1][0].block.kind == "heading":
            body -= 1
        if body:
            members = [unit for unit, _ in pending[:body]]
            nodes.append(_node(document, members, short[context_of(members[0].block)]))
            del pending[:body]

    # A unit is counted up to where the next begins: bullets and cell borders between two units are read as well.
    ends = [unit.start for unit in found[1:]] + [unit.end for unit in found[-1:]]
    sizes = measure([document.text[unit.start : end] for unit, end in zip(found, ends, strict=True)])

    def room_left() -> int:
        head = context_of(pending[0][0].block)
        return max_tokens - SPECIAL_TOKENS - 1 - context_sizes[head] - sum(tokens for _, tokens in pending)

    for unit, context, size in zip(found, contexts, sizes, strict=True):
        limit = max_tokens - SPECIAL_TOKENS - 1 - context_sizes[context]
        if pending:
            used = sum(tokens for _, tokens in pending)
            section_ends = unit.block.kind == "heading"
            table_changes = unit.block.context != pending[-1][0].block.context
            if size > room_left() or (used >= MIN_SECTION_TOKENS and (section_ends or table_changes)):
                close()
        if pending and size > room_left():
            pending.clear()  # only headings are left here, and they travel in the context
        if size > limit:
            body = replace(unit, block=replace(unit.block, kind="paragraph"))  # a heading of that length is none
            for piece in _pieces(document.text, body, limit, measure):
                pending.append((piece, 0))
                close()
        else:
            pending.append((unit, size))
    close()
    return nodes


def _clip(context: str, room: int, count: CountTokens) -> str:
    while context and count([context])[0] > room:
        words = context[: int(len(context) * 0.8)].rsplit(" ", 1)[0]
        context = words if " " in context else context[: len(context) // 2]
    return context


def _node(document: Extracted, members: list[Unit], context: str) -> TextNode:
    start, end = members[0].start, members[-1].end
    body = next((unit.block for unit in members if unit.block.kind != "heading"), members[0].block)
    text = document.text[start:end]
    digest = hashlib.sha256(embedding_text(context, text).encode()).hexdigest()[:24]
    return TextNode(
        id_=digest,
        text=text,
        start_char_idx=start,
        end_char_idx=end,
        metadata={"context": context, "heading": body.heading, "page": members[0].block.page},
    )


def embedding_text(context: str, text: str) -> str:
    """What the embedder reads for a passage."""
    return f"{context}\n{text}" if context else text
