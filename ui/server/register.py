"""Named entries in a private file, read again whenever it changes: what is revoked needs no restart."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from filelock import FileLock
from pydantic import TypeAdapter, ValidationError

from rag import CitewiseError, SettingsError

LONGEST_NAME = 64


class Entry(Protocol):
    """What a file holds: dataclasses, each under a name of its own."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Entry)


class Register(Generic[T]):
    """The entries of one kind in a file of mode 0600; `noun` is what one of them is called."""

    kind: type[T]
    noun: str

    def __init__(self, file: Path) -> None:
        self.file = file
        self._seen: tuple[int, int, int] | None = None
        self._entries: tuple[T, ...] = ()

    def all(self) -> tuple[T, ...]:
        """The entries as the file has them now. Raises SettingsError for a file that cannot be read: taken for an empty
        one, it would open what it guards."""
        try:
            found = self.file.stat()
        except FileNotFoundError:
            self._seen, self._entries = None, ()
            return ()
        except OSError as error:
            raise self._unreadable(error) from None
        seen = (found.st_mtime_ns, found.st_size, found.st_ino)
        if seen != self._seen:
            try:
                kept = TypeAdapter(list[self.kind]).validate_json(self.file.read_bytes(), strict=True)  # type: ignore[name-defined]
            except ValidationError as error:
                first = error.errors(include_input=False, include_url=False)[0]
                where = ".".join(map(str, first["loc"]))
                raise self._unreadable(f"{where}: {first['msg']}" if where else first["msg"]) from None
            except OSError as error:
                raise self._unreadable(error) from None
            self._entries = tuple(kept)
            self._seen = seen
        return self._entries

    def _unreadable(self, error: Exception | str) -> SettingsError:
        said = f"The {self.noun}s in {self.file} cannot be read ({error})."
        return SettingsError(said, f"Mend the file, or delete it and add the {self.noun}s again.")

    def keep(self, entry: T) -> None:
        """Add an entry. Raises CitewiseError for a name that is taken or unfit."""
        name = entry.name
        if not (name.isprintable() and name.strip() == name and 0 < len(name) <= LONGEST_NAME):
            raise CitewiseError(f"That is no name for a {self.noun}.", f"Use up to {LONGEST_NAME} visible letters.")
        with self._changing() as entries:
            if any(other.name == name for other in entries):
                raise CitewiseError(
                    f"There is a {self.noun} {name!r} already.", "Revoke it first, or choose another name."
                )
            entries.append(entry)

    def revoke(self, name: str) -> None:
        """Let an entry open nothing any more, from the next request on. Raises CitewiseError where there is none."""
        with self._changing() as entries:
            kept = [entry for entry in entries if entry.name != name]
            if len(kept) == len(entries):
                raise CitewiseError(f"There is no {self.noun} {name!r}.", f"See: citewise {self.noun}s list")
            entries[:] = kept

    @contextmanager
    def _changing(self) -> Iterator[list[T]]:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with FileLock(f"{self.file}.lock", mode=0o600):
            entries = list(self.all())
            yield entries
            fresh = self.file.with_name(f"{self.file.name}.new")
            fresh.unlink(missing_ok=True)
            with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
                json.dump([asdict(entry) for entry in entries], out, indent=1)
            fresh.replace(self.file)
