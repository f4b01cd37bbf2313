"""Bytes to text: byte order marks, then a declared encoding, then UTF-8, then a guess."""

from __future__ import annotations

import codecs
import re
import unicodedata
from contextlib import suppress

from index.errors import UnreadableFile

_MARKS = (  # UTF-32 first: its little-endian mark begins with that of UTF-16
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SIGNATURES = (
    b"%PDF-",
    b"PK\x03\x04",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"\x7fELF",
    b"\x1f\x8b",
    b"\xd0\xcf\x11\xe0",
    b"GIF8",
)
_REFUSED = {"utf-16", "utf-32", "utf-7", "unicode-escape", "raw-unicode-escape"}  # the last three hide what they say
_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\v\f\r\x1b")
_SAMPLE = 1 << 16
_TYPICAL = re.compile("[\n\r\t -~\u3000-\u30ff]")
_WESTERN = re.compile("[À-ÖØ-öø-ÿŒœŠšŽžŸ€‚„…‘’“”•–—™¡¢£§©ª«®°±´·º»¼½¾¿×\xa0]")
_LETTERS_ONLY_ABROAD = re.compile(r"(?<=[a-z])[¡£¯±³¹¿¼¾](?=[a-z])|[^\W\d_a-zA-Z]{4}")
_BREAKS = re.compile("[\u2028\u2029\x85\f\v\x00]")


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of `data` with newlines as "\\n" and no byte order mark; otherwise what was written.

    Raises UnreadableFile when the bytes are no text in any encoding that can be told.
    """
    text = _decode(data, declared).removeprefix("\ufeff")
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    # Other breaks become spaces, not newlines, so that lines count as editors count them.
    return _BREAKS.sub(" ", text)


def _decode(data: bytes, declared: str | None) -> str:
    for mark, marked in _MARKS:
        if data.startswith(mark):
            try:
                return data.decode(marked)
            except UnicodeDecodeError:
                return data.decode(marked, errors="replace")
    if data.startswith(_SIGNATURES):
        raise UnreadableFile("binary data, not text")
    sample = data[:_SAMPLE]
    if b"\x00" in sample:
        wide = _wide(data)
        if wide is not None:
            return wide
    controls = len(sample) - len(sample.translate(None, _CONTROL))
    if controls > max(1, len(sample) // 200):
        raise UnreadableFile("binary data, not text")
    # What is not ASCII and is valid UTF-8 is hardly ever anything else, whatever it is declared to be.
    stated = _known(declared)
    for encoding in (stated, "utf-8") if data.isascii() else ("utf-8", stated):
        if encoding:
            with suppress(UnicodeError, LookupError):
                return data.decode(encoding)
    return _guess(data)


def _known(declared: str | None) -> str | None:
    if not declared:
        return None
    try:
        name = codecs.lookup(declared.strip()).name
    except (LookupError, ValueError):
        return None
    # What calls itself Latin-1 or ASCII is Windows-1252 in practice (WHATWG Encoding Standard); UTF-16 would have NULs.
    return None if name in _REFUSED else {"iso8859-1": "cp1252", "ascii": "utf-8"}.get(name, name)


def _wide(data: bytes) -> str | None:
    """UTF-16 or UTF-32 without a mark, told by how much of it is common characters."""
    best, found = 0.05, None
    for encoding in ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        sample = text[:4096]
        assigned = sum(unicodedata.category(c) not in ("Cc", "Cn", "Co") or c in "\t\n\r\f" for c in sample)
        score = len(_TYPICAL.findall(sample)) / len(sample)
        if assigned >= 0.98 * len(sample) and score > best:
            best, found = score, text
    return found


def _guess(data: bytes) -> str:
    lenient = data.decode("utf-8", errors="replace")
    broken = lenient.count("\ufffd")
    intact = len(lenient) - broken - sum(map(lenient.count, map(chr, range(128))))
    if intact > 10 * broken:
        return lenient
    # A statistical guess is unsure of short Western text, in which nearly all letters are ASCII: settle that first.
    western = data.decode("cp1252", errors="replace")
    foreign = [c for c in western if c > "\x7f"]
    letters = sum(c.isalpha() for c in foreign)
    if (
        all(_WESTERN.match(c) for c in foreign)
        and letters <= 0.1 * sum(c.isalpha() for c in western)
        and not _LETTERS_ONLY_ABROAD.search(western)
    ):
        return western
    from charset_normalizer import from_bytes

    sample = data[:_SAMPLE]
    if len(data) > _SAMPLE:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    match = from_bytes(sample).best()
    if match is None:
        if broken <= len(lenient) // 50:
            return lenient
        raise UnreadableFile("binary data, not text")
    return data.decode(match.encoding, errors="replace")
