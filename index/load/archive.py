"""Zip containers (.docx, .pptx, .xlsx, .epub), checked before anything in them is parsed."""

from __future__ import annotations

from io import BytesIO
from zipfile import BadZipFile, ZipFile

from index.errors import UnreadableFile

_LARGEST = 200_000_000  # bytes, unpacked
_LARGEST_PART = 50_000_000  # bytes of markup, which take many times that as a tree
_MARKUP = (".xml", ".rels", ".xhtml", ".html", ".htm")
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def unpack(data: bytes) -> ZipFile:
    """The archive in `data`. Raises UnreadableFile if it is no zip, is encrypted or would unpack to too much."""
    if data.startswith(_OLE):
        raise UnreadableFile("encrypted or old binary format")
    try:
        archive = ZipFile(BytesIO(data))
    except BadZipFile as error:
        raise UnreadableFile("damaged: not a complete archive") from error
    members = archive.infolist()
    # The sizes that an archive states bind: zipfile reads no more than that of a member.
    largest = max((member.file_size for member in members if member.filename.endswith(_MARKUP)), default=0)
    if largest > _LARGEST_PART or sum(member.file_size for member in members) > _LARGEST:
        raise UnreadableFile("too large when unpacked")
    if any(member.flag_bits & 1 for member in members):
        raise UnreadableFile("encrypted")
    return archive


def check_office(data: bytes) -> None:
    """As `unpack`; and no part may declare XML entities, which Office never does and bombs are made of."""
    with unpack(data) as archive:
        for member in archive.infolist():
            if member.filename.endswith((".xml", ".rels")):
                with archive.open(member) as part:
                    if b"<!ENTITY" in part.read(4096):
                        raise UnreadableFile("damaged: declares XML entities")
