"""Keys for programs: named, read or write, revocable; the file holds only their hashes.

A key is 256 random bits, so a plain SHA-256 of it cannot be searched for: slow, salted hashes protect passwords, which
people choose. The file is read again whenever it changes, so revoking needs no restart.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock

from rag import CitewiseError, data_folder

Role = Literal["read", "write"]
PREFIX = "cw_"
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key. `created` is an ISO 8601 time in UTC."""

    name: str
    role: Role
    sha256: str
    created: str


class Keys:
    """The keys in a file of mode 0600; by default that of the user's data folder."""

    def __init__(self, file: Path | None = None) -> None:
        self.file = file or data_folder() / "keys.json"
        self._seen: tuple[int, int, int] | None = None
        self._keys: tuple[Key, ...] = ()

    def all(self) -> tuple[Key, ...]:
        """The keys as the file has them now. Raises CitewiseError for a file that cannot be read: without it nobody
        would need a key."""
        try:
            found = self.file.stat()
        except FileNotFoundError:
            self._seen, self._keys = None, ()
            return ()
        except OSError as error:
            raise self._unreadable(error) from None
        seen = (found.st_mtime_ns, found.st_size, found.st_ino)
        if seen != self._seen:
            try:
                self._keys = tuple(Key(**entry) for entry in json.loads(self.file.read_text("utf-8")))
            except (OSError, ValueError, TypeError) as error:
                raise self._unreadable(error) from None
            self._seen = seen
        return self._keys

    def _unreadable(self, error: Exception) -> CitewiseError:
        return CitewiseError(f"The keys in {self.file} cannot be read ({error}).", "Mend or delete the file.")

    def find(self, given: str) -> Key | None:
        """The key that is `given`. The time that it takes does not tell how much of it was right."""
        digest = _digest(given)
        found = [key for key in self.all() if hmac.compare_digest(key.sha256, digest)]
        return found[0] if found else None

    def add(self, name: str, role: Role = "read") -> str:
        """Make a key and return it: it is told this once. Raises CitewiseError for a name that is taken or unfit."""
        if not (name.isprintable() and name.strip() == name and 0 < len(name) <= LONGEST_NAME):
            raise CitewiseError("That is no name for a key.", f"Use up to {LONGEST_NAME} visible letters.")
        key = PREFIX + secrets.token_urlsafe(32)
        with self._changing() as keys:
            if any(other.name == name for other in keys):
                raise CitewiseError(f"There is a key {name!r} already.", "Revoke it first, or choose another name.")
            keys.append(Key(name, role, _digest(key), datetime.now(UTC).isoformat(timespec="seconds")))
        return key

    def revoke(self, name: str) -> None:
        """Let a key open nothing any more, from the next request on. Raises CitewiseError where there is none."""
        with self._changing() as keys:
            kept = [key for key in keys if key.name != name]
            if len(kept) == len(keys):
                raise CitewiseError(f"There is no key {name!r}.", "See: citewise keys list")
            keys[:] = kept

    @contextmanager
    def _changing(self) -> Iterator[list[Key]]:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(f"{self.file}.lock", mode=0o600):
            keys = list(self.all())
            yield keys
            fresh = self.file.with_name(f"{self.file.name}.new")
            fresh.unlink(missing_ok=True)
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
                json.dump([asdict(key) for key in keys], out, indent=1)
            fresh.replace(self.file)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()
