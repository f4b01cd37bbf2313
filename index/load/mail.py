"""E-mail: who, when and about what; the body; the names of what is attached."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from email.message import EmailMessage

from index.errors import UnreadableFile
from index.load import markup, text
from index.load.decode import decode
from index.load.draft import Builder, Draft, one_line

_HEADERS = ("From", "To", "Cc", "Date", "Subject")
_BOUNDARY = re.compile(
    rb'^content-type:(?:[^\n]|\n[ \t])*?boundary[*\d]*\s*=\s*"?((?<=")[^"\n]+|[^"\s;]+)|^--([^\n]+?)--[ \t]*$',
    re.IGNORECASE | re.MULTILINE,
)
_MOST = 100  # parts that lie in each other: the parser looks at the boundaries of all of them for every line


def load(data: bytes) -> Draft:
    if _is_too_deep(re.sub(rb"\r\n?", b"\n", data)):
        raise UnreadableFile("nested too deeply")
    message = message_from_bytes(data.lstrip(), policy=policy.default)
    if not isinstance(message, EmailMessage) or not any(name in message for name in _HEADERS):
        raise UnreadableFile("not an e-mail message")
    builder = Builder()
    for name in _HEADERS:
        value = one_line(str(message.get(name, "")))
        if value:
            builder.paragraph(f"{name}: {value}")
    body = message.get_body(("plain", "html"))
    if body is not None:
        payload = body.get_payload(decode=True)
        content = decode(payload if isinstance(payload, bytes) else b"", body.get_content_charset())
        if body.get_content_subtype() == "html":
            markup.read(builder, content)
        else:
            content = content.strip()
            builder.splice(content, text.outline(content, letter=True))
    for part in message.iter_attachments():
        name = part.get_filename() or part.get_content_type()
        builder.paragraph(f"Attachment: {name}")
    return builder.draft(str(message.get("Subject", "")))


def _is_too_deep(data: bytes) -> bool:
    """Rather so where boundaries are odd."""
    entered: list[bytes] = []
    for found in _BOUNDARY.finditer(data):
        entering, leaving = found.groups()
        if entering:
            entered.append(entering)
            if len(entered) > _MOST:
                return True
        elif leaving in entered:
            while entered.pop() != leaving:
                pass
    return False
