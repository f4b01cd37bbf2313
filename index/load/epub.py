"""EPUB: the chapters in the order of the spine."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING
from urllib.parse import unquote
from zipfile import ZipFile

from index.errors import UnreadableFile
from index.load import markup
from index.load.archive import unpack
from index.load.decode import decode
from index.load.draft import Builder, Draft

if TYPE_CHECKING:
    from lxml.etree import _Element

_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_EMPTY = re.compile(r"<([a-zA-Z][a-zA-Z0-9]*)((?:\s[^<>]*)?)/>")


def load(data: bytes) -> Draft:
    builder = Builder()
    with unpack(data) as archive:
        root = _xml(archive, "META-INF/container.xml")
        package = next((node.get("full-path") for node in root.iter("{*}rootfile")), None)
        if package is None:
            raise UnreadableFile("damaged: names no book")
        book = _xml(archive, package)
        parts = {item.get("id"): item.get("href") or "" for item in book.iterfind("{*}manifest/{*}item")}
        spine = [parts.get(item.get("idref"), "") for item in book.iterfind("{*}spine/{*}itemref")]
        paths = [
            posixpath.normpath(posixpath.join(posixpath.dirname(package), unquote(href))) for href in spine if href
        ]
        locked = _locked(archive)
        for path in paths:
            if path in locked:
                raise UnreadableFile("encrypted (protected against copying)")
            if path in archive.namelist():
                # The HTML parser takes "<title/>" as an opening tag, which it is not in XHTML.
                markup.read(builder, _EMPTY.sub(_opened, decode(archive.read(path), "utf-8")))
    title = next((node.text for node in book.iter("{http://purl.org/dc/elements/1.1/}title") if node.text), "")
    return builder.draft(title or builder.first_heading())


def _xml(archive: ZipFile, path: str) -> _Element:
    from lxml import etree

    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False)
    try:
        return etree.fromstring(archive.read(path), parser)
    except KeyError as error:
        raise UnreadableFile(f"damaged: {path} is missing") from error


def _locked(archive: ZipFile) -> set[str]:
    """What is encrypted; fonts often are, and are not read."""
    if "META-INF/encryption.xml" not in archive.namelist():
        return set()
    references = _xml(archive, "META-INF/encryption.xml").iter("{*}CipherReference")
    return {unquote(node.get("URI") or "") for node in references}


def _opened(match: re.Match[str]) -> str:
    name, attributes = match.groups()
    return match[0] if name.lower() in _VOID else f"<{name}{attributes}></{name}>"
