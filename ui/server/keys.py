"""Keys for programs: named, read or write, revocable; the file holds only their hashes.

A key is 256 random bits, so a plain SHA-256 of it cannot be searched for: slow, salted hashes protect passwords, which
people choose.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from rag import data_folder
from ui.server.register import Register

Role = Literal["read", "write"]
PREFIX = "cw_"


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key. `created` is an ISO 8601 time in UTC."""

    name: str
    role: Role
    sha256: str
    created: str


class Keys(Register[Key]):
    """The keys in a file; by default that of the user's data folder."""

    kind, noun = Key, "key"

    def __init__(self, file: Path | None = None) -> None:
        super().__init__(file or data_folder() / "keys.json")

    def find(self, given: str) -> Key | None:
        """The key that is `given`. The time that it takes does not tell how much of it was right."""
        digest = _digest(given)
        found = [key for key in self.all() if hmac.compare_digest(key.sha256, digest)]
        return found[0] if found else None

    def add(self, name: str, role: Role = "read") -> str:
        """Make a key and return it: it is told this once. Raises CitewiseError for a name that is taken or unfit."""
        key = PREFIX + secrets.token_urlsafe(32)
        self.keep(Key(name, role, _digest(key), datetime.now(UTC).isoformat(timespec="seconds")))
        return key


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
