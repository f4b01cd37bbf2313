"""Settings: one frozen object; a flag beats the environment, which beats `citewise.toml`, which beats the default.

Environment: `CITEWISE_SECTION__NAME` (`CITEWISE_INDEX__PATH`). File: `citewise.toml` in the working directory, else in the
user's configuration directory; a folder of documents is never asked for settings. Unknown names are errors.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import platformdirs
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from index import SettingsError

PREFIX = "CITEWISE_"
FILE = "citewise.toml"


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IndexSettings(_Section):
    """What is read, and where the index lies."""

    path: Path | None = Field(None, description="the index folder; unset: in the user's data directory, by folder")
    max_file_mb: float = Field(50, gt=0, description="larger files are recorded and not read")
    chunk_tokens: int = Field(256, ge=32, le=256, description="tokens of a passage, its context included")


class EmbeddingSettings(_Section):
    """Which model turns passages into vectors."""

    model: str = Field("minilm", description='"minilm" (bundled), "openai:MODEL" or "fastembed:MODEL"')
    model_file: str = Field("", description="another all-MiniLM-L6-v2 .onnx file for minilm")
    api_base: str = Field("", description="address of an OpenAI-compatible server for openai:MODEL")
    api_key: SecretStr = Field(SecretStr(""), description="from the environment only")


class AnswerSettings(_Section):
    """How long an answer is."""

    max_sentences: int = Field(3, ge=1, le=5, description="sentences quoted at most")
    max_words: int = Field(80, ge=20, description="words quoted at most; the first sentence is never cut")


class ChatSettings(_Section):
    """Where the page is served."""

    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(7860, ge=0, le=65535, description="first port to try")


class Settings(BaseSettings):
    """All settings. Raises SettingsError through `load` for unknown names and bad values."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True, frozen=True, extra="forbid", nested_model_default_partial_update=True
    )

    index: IndexSettings = IndexSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()
    answer: AnswerSettings = AnswerSettings()
    chat: ChatSettings = ChatSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        file = settings_file()
        toml = [TomlConfigSettingsSource(settings_cls, file)] if file else []
        return (init_settings, env_settings, *toml)

    @classmethod
    def load(cls, **flags: Any) -> Settings:
        """The settings in force; `flags` are sections given as dicts. Raises SettingsError naming the culprit."""
        _check_environment()
        _check_file()
        try:
            return cls(**flags)
        except ValidationError as error:
            first = error.errors()[0]
            name = ".".join(str(part) for part in first["loc"])
            raise SettingsError(f"The setting {name} cannot be used: {first['msg']}.", "See: citewise config") from None


def settings_file() -> Path | None:
    """The settings file in force: of the working directory, else of the user."""
    for folder in (Path.cwd(), Path(platformdirs.user_config_dir("citewise"))):
        if (folder / FILE).is_file():
            return folder / FILE
    return None


def known_settings() -> dict[str, type[BaseModel]]:
    """The sections by name."""
    return {name: field.annotation for name, field in Settings.model_fields.items() if field.annotation is not None}


def _check_environment() -> None:
    """pydantic-settings accepts a variable of a misspelt section in silence, so names are checked here."""
    for variable in os.environ:
        if not variable.startswith(PREFIX):
            continue
        section, _, name = variable[len(PREFIX) :].lower().partition("__")
        fields = known_settings().get(section)
        if fields is None or name not in fields.model_fields:
            raise SettingsError(f"There is no setting for the variable {variable}.", "See: citewise config")


def _check_file() -> None:
    file = settings_file()
    if file is None:
        return
    try:
        content = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{file} cannot be read ({error}).", "Correct it; see: citewise config") from None
    if "api_key" in content.get("embedding", {}):
        raise SettingsError(f"{file} holds a secret (embedding.api_key).", "Set CITEWISE_EMBEDDING__API_KEY instead.")
