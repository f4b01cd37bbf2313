"""Settings: one frozen object; a flag beats the environment, which beats `citewise.toml`, which beats the default.

Environment: `CITEWISE_SECTION__NAME` (`CITEWISE_INDEX__PATH`). File: `citewise.toml` in the working directory, else in
the user's configuration directory; a folder of documents is never asked for settings, not even as the working
directory. Unknown names are errors. Secrets come from the environment only.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from index import SettingsError
from rag.places import config_folder, indexed_documents, last_documents

PREFIX = "CITEWISE_"
FILE = "citewise.toml"
ENVIRONMENT = "environment"
_SEE = "See: citewise config"

WriterChoice = Literal["auto", "quotes", "model"]
Layer = dict[str, dict[str, Any]]  # section -> name -> value


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IndexSettings(_Section):
    """What is read, and where the index lies."""

    path: Path | None = Field(default=None, description="the index folder; unset: one in the user's data directory")
    max_file_mb: float = Field(default=50, gt=0, description="larger files are recorded and not read")
    chunk_tokens: int = Field(default=256, ge=32, le=256, description="tokens of a passage, its context included")

    @field_validator("path", mode="before")
    @classmethod
    def _empty_is_unset(cls, value: object) -> object:
        return None if value == "" else value  # else it would mean the working directory


class EmbeddingSettings(_Section):
    """Which model turns passages into vectors."""

    model: str = Field(default="minilm", description='"minilm" (bundled), "openai:MODEL" or "fastembed:MODEL"')
    model_file: str = Field(default="", description="another all-MiniLM-L6-v2 .onnx file for minilm")
    api_base: str = Field(default="", description="address of an OpenAI-compatible server for openai:MODEL")
    api_key: SecretStr = Field(default=SecretStr(""), description="from the environment only")


class AnswerSettings(_Section):
    """How an answer is written, and how long it is."""

    writer: WriterChoice = Field(
        default="auto", description='"quotes", "model", or "auto": the model where one is configured'
    )
    strict: bool = Field(default=False, description="withhold sentences that the documents do not support")
    max_sentences: int = Field(default=3, ge=1, le=5, description="sentences quoted at most")
    max_words: int = Field(default=80, ge=20, description="words quoted at most; the first sentence is never cut")


class ModelSettings(_Section):
    """Which language model writes answers; no other server is ever asked."""

    name: str = Field(
        default="", description='"openai:MODEL", "anthropic:MODEL" or "gguf:FILE"; empty: answers are quotes'
    )
    api_base: str = Field(default="", description="address of another server with OpenAI's (or Anthropic's) interface")
    api_key: SecretStr = Field(default=SecretStr(""), description="from the environment only")
    context_tokens: int = Field(default=8192, ge=1024, description="tokens that the model takes, its answer included")
    small: bool | None = Field(
        default=None,
        description="copies sentences instead of composing from passages; unset: a gguf file, or a server on this "
        "machine or its network, whose context_tokens are 8192 at most",
    )
    max_tokens: int = Field(default=700, ge=16, description="tokens of an answer at most, any reasoning included")
    temperature: float = Field(default=0, ge=0, le=2, description="0: the likeliest words")
    first_token_seconds: float = Field(default=60, gt=0, description="how long a slow model may take to begin")


class LogSettings(_Section):
    """What is kept of the questions that are asked; nothing unless it is switched on."""

    questions: bool = Field(
        default=False,
        description="keep every question, no answer and no document text, beside the index (10 MB at most) for: "
        "citewise eval gaps",
    )


class ChatSettings(_Section):
    """Where the page is served."""

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=7860, ge=0, le=65535, description="first port to try")


class ServerSettings(_Section):
    """Where programs are served, and how much at once."""

    host: str = Field(default="127.0.0.1", description="address to listen on; any but this machine's needs a key")
    port: int = Field(default=7861, ge=0, le=65535, description="port to listen on; 0: any that is free")
    cors: str = Field(default="", description="origins whose pages may call it (https://a.example), by commas")
    names: str = Field(default="", description="host names that it is reached by, behind a proxy; by commas")
    running: int = Field(default=4, ge=1, le=64, description="questions answered at once")
    waiting: int = Field(
        default=64, ge=0, le=10_000, description="questions that may wait; more are told to come later"
    )
    per_minute: int = Field(default=600, ge=0, description="requests a minute by one key, else address; 0: any number")
    visitor_per_minute: int = Field(default=20, ge=0, description="questions a minute by one visitor of a page; 0: any")
    proxies: int = Field(
        default=0, ge=0, le=9, description="proxies before it that add to X-Forwarded-For, which tells visitors apart"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="what is logged: warning has no line for each request"
    )


class Settings(BaseSettings):
    """All settings. The constructor reads the environment; `load` reads the settings file too, and explains."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, frozen=True, extra="forbid"
    )

    index: IndexSettings = IndexSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    answer: AnswerSettings = AnswerSettings()
    model: ModelSettings = ModelSettings()
    chat: ChatSettings = ChatSettings()
    server: ServerSettings = ServerSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def load(cls, *, documents: Sequence[Path] | None = None, **flags: dict[str, Any]) -> Settings:
        """The settings in force; `flags` are sections given as dicts. A settings file in a folder of documents is not
        read (see `settings_file`). Raises SettingsError naming the culprit."""
        values: Layer = {}
        for origin, layer in reversed(_layers(documents, flags)):
            for section, named in layer.items():
                if origin == ENVIRONMENT:  # read by the constructor, and beaten by what the constructor is given
                    values[section] = {n: v for n, v in values.get(section, {}).items() if n not in named}
                else:
                    values[section] = values.get(section, {}) | named
        try:
            return cls(**values)  # type: ignore[arg-type]
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            origin = setting_origins(documents=documents, **flags).get(name, "default")
            raise SettingsError(f"The setting {name} ({origin}) cannot be used: {first['msg']}.", _SEE) from None


def setting_origins(*, documents: Sequence[Path] | None = None, **flags: dict[str, Any]) -> dict[str, str]:
    """Where each setting ("index.path") that is given comes from: "flag", "environment" or the path of the file."""
    origins: dict[str, str] = {}
    for origin, layer in _layers(documents, flags):
        for section, named in layer.items():
            for name in named:
                origins.setdefault(f"{section}.{name}", origin)
    return origins


def settings_file(documents: Sequence[Path] | None = None, **flags: dict[str, Any]) -> Path | None:
    """The settings file in force: of the working directory unless that lies among documents, else of the user.

    Documents are the folders `documents` and those of an index whose path is given by flag, by environment or by the
    user's own file; without either, those of the index opened last.
    """
    here = Path.cwd()
    own = config_folder() / FILE
    path = _index_path(flags) or _index_path(_environment())
    if path is None and own.is_file():
        path = _index_path(_content(own))
    folders = [folder.expanduser().resolve() for folder in documents or ()]
    folders += indexed_documents(path) if path else last_documents() if documents is None else []
    if (here / FILE).is_file() and not any(here.is_relative_to(folder) for folder in folders):
        return here / FILE
    return own if own.is_file() else None


def known_settings() -> dict[str, type[BaseModel]]:
    """The sections by name."""
    return {name: type(field.default) for name, field in Settings.model_fields.items()}


def _layers(documents: Sequence[Path] | None, flags: Layer) -> list[tuple[str, Layer]]:
    """What each origin sets, strongest first, with names that exist and secrets only where they may be."""
    layers = [("flag", flags), (ENVIRONMENT, _environment())]
    if file := settings_file(documents, **flags):
        layers.append((str(file), _content(file)))
    for origin, layer in layers:
        for section, named in layer.items():
            if section not in known_settings() and not (isinstance(named, dict) and named):
                raise _unknown(section, f"{section} ({origin})")
            if not isinstance(named, dict):
                raise SettingsError(f"{section} is a section of settings, no setting ({origin}).", _SEE)
            for name in named:
                _require(section, name, f"{section}.{name} ({origin})")
                if origin != ENVIRONMENT and known_settings()[section].model_fields[name].annotation is SecretStr:
                    variable = f"{PREFIX}{section}__{name}".upper()
                    raise SettingsError(f"{section}.{name} is a secret ({origin}).", f"Set {variable} instead.")
    return layers


def _index_path(layer: Layer) -> Path | None:
    section = layer.get("index")
    path = section.get("path") if isinstance(section, dict) else None
    return Path(path).expanduser() if isinstance(path, str | Path) and str(path) else None


def _environment() -> Layer:
    """The settings among the variables; pydantic-settings accepts a misspelt section in silence, hence the check."""
    layer: Layer = {}
    for variable, value in os.environ.items():
        if variable.upper().startswith(PREFIX):
            section, _, name = variable[len(PREFIX) :].lower().partition("__")
            _require(section, name, f"for the variable {variable}")
            if value:
                layer.setdefault(section, {})[name] = value
    return layer


def _content(file: Path) -> Layer:
    try:
        return tomllib.loads(file.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read ({error}).", _SEE) from None


def _require(section: str, name: str, spelled: str) -> None:
    fields = known_settings().get(section)
    if fields is None or name not in fields.model_fields:
        raise _unknown(f"{section}.{name}", spelled)


def _unknown(name: str, spelled: str) -> SettingsError:
    known = [f"{section}.{field}" for section, model in known_settings().items() for field in model.model_fields]
    near = get_close_matches(name, known, n=1)
    return SettingsError(
        f"There is no setting {spelled}.", f"{f'Did you mean {near[0]}? ' if near else ''}See: citewise config"
    )
