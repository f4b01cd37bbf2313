"""What can go wrong, as one tree; the message of each is written for the person who reads it.

CitewiseError
├── UnreadableFile       a file gave no text; recorded beside the file, never stops a sync
├── FolderError          a folder to index is missing, is no folder or cannot be read
├── IndexMissing         nothing has been indexed where an index was expected
├── IndexBusy            another process is writing this index
├── IndexDamaged         the catalog cannot be read
├── VectorsUnreadable    the vector store cannot be read; words still find passages
├── IndexOutdated        the index was made by another format, embedder or chunk size
├── NotIndexed           a source or a span that the index does not hold
├── MissingExtra         an optional package is needed for what was asked
├── SettingsError        a setting is unknown or has a value that cannot be used
├── EmbedderError        the embedding model is missing or its server did not answer
├── ModelError           the language model's server cannot be reached, refuses, or answers what is no answer
└── BadQuestion          a question that cannot be asked (empty, too long)
"""


class CitewiseError(Exception):
    """Base of all errors that are shown to people: what happened, and what to do about it."""

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy

    def __str__(self) -> str:
        between = "" if self.message.endswith("\n") else " "
        return f"{self.message}{between}{self.remedy}".strip()


class UnreadableFile(CitewiseError):
    """A file from which no text can be had; the message is the reason ("encrypted", "no text layer: scanned?")."""


class FolderError(CitewiseError):
    """A folder to index is missing, is not a folder or cannot be read."""


class IndexMissing(CitewiseError):
    """There is no index where one was expected."""


class IndexBusy(CitewiseError):
    """Another process holds the write lock of this index; the message names it."""


class IndexDamaged(CitewiseError):
    """The catalog is not a readable database."""


class VectorsUnreadable(CitewiseError):
    """The vector store (Chroma) is missing or damaged; it can be made again from the catalog."""


class IndexOutdated(CitewiseError):
    """The index was made by a newer format, or by another embedder or chunk size than the settings name."""


class NotIndexed(CitewiseError):
    """The index holds no such source, or the span lies outside its text."""


class MissingExtra(CitewiseError):
    """An optional package is needed; the remedy is the command that installs it."""


class SettingsError(CitewiseError):
    """A setting is unknown, or its value cannot be used."""


class EmbedderError(CitewiseError):
    """The embedding model is missing, or its server failed."""


class ModelError(CitewiseError):
    """The language model's server cannot be reached, refuses what is asked, or sends what is no answer."""


class BadQuestion(CitewiseError):
    """A question that cannot be asked: empty, or longer than the limit."""
