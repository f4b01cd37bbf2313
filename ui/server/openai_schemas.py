"""The bodies of OpenAI's door, as far as Citewise reads and writes them. Fields that it does not know are let pass."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from rag import WriterChoice
from ui.server.schemas import SAID, Answer, Citation, Text, Whole

WRITERS: dict[str, WriterChoice | None] = {"citewise": None, "citewise-quotes": "quotes", "citewise-model": "model"}
"""The models, and who writes."""

MOST_CHOICES = 8
MOST_STOPS = 16

Stop = Annotated[str, Field(max_length=500)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="allow", strict=True)


class _Told(BaseModel):
    model_config = ConfigDict(extra="forbid")


# -- requests ----------------------------------------------------------------------------------------------------------


class ContentPart(_Given):
    """A part of a message; only text counts."""

    text: Text | None = Field(default=None, description="the text")


class ChatMessage(_Given):
    """A message of the conversation. Those of users and assistants count, others are let pass."""

    role: str = Field(description="`user`, `assistant`; any other does not count")
    content: Text | list[ContentPart] | None = Field(default=None, description="its text")

    @model_validator(mode="after")
    def _is_short(self) -> Self:
        if self.role in ("user", "assistant") and len(self.text) > SAID:  # prompts of systems do not count
            raise ValueError(f"a message has at most {SAID:,} characters")
        return self

    @property
    def text(self) -> str:
        """What it says; "" for a message that only calls tools or shows pictures."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.text)
        return self.content or ""


class StreamOptions(_Given):
    """What a stream tells besides."""

    include_usage: bool | None = Field(default=None, description="count the tokens in a last chunk")


class ResponseFormat(_Given):
    """What the answer is to look like."""

    type: Literal["text"] = Field(description="answers are text; JSON cannot be asked for")


class Completion(_Given):
    """A conversation whose last message of a user is the question."""

    model: Text = Field(
        description="one that `GET /v1/models` lists", examples=["citewise"],
        json_schema_extra={"enum": list(WRITERS)},  # another one is not found rather than invalid
    )  # fmt: skip
    messages: list[ChatMessage] = Field(
        min_length=1, description="oldest first; one of them is a user's",
        examples=[[{"role": "user", "content": "How many households does the plant supply?"}]],
    )  # fmt: skip
    stream: bool | None = Field(default=None, description="answer with chunks")
    stream_options: StreamOptions | None = Field(default=None, description="of a stream")
    n: Whole | None = Field(default=None, ge=1, le=MOST_CHOICES, description="choices, which are all the same")
    stop: Stop | Annotated[list[Stop], Field(max_length=MOST_STOPS)] | None = Field(
        default=None, description="the text ends before the first of these"
    )
    max_tokens: Whole | None = Field(default=None, ge=1, description="tokens of the text at most (tiktoken's cl100k)")
    max_completion_tokens: Whole | None = Field(default=None, ge=1, description="the newer name of `max_tokens`")
    response_format: ResponseFormat | None = Field(default=None, description="only text")


# -- responses ---------------------------------------------------------------------------------------------------------


class UrlCitation(_Told):
    """A marker in the text and where it leads."""

    start_index: int = Field(description="first code point of the marker in the text, from 0")
    end_index: int = Field(description="the code point after it")
    url: str = Field(description="the cited words, as `GET /api/v1/documents/SOURCE/text` has them")
    title: str = Field(description="the document's title")


class Annotation(_Told):
    """A marker of the text."""

    type: Literal["url_citation"] = Field(description="the kind of annotation")
    url_citation: UrlCitation = Field(description="where it stands and leads")


class AssistantMessage(_Told):
    """The answer."""

    role: Literal["assistant"] = Field(description="whose message it is")
    content: str = Field(description="the text, with markers like `[1]`")
    refusal: None = Field(description="always null: that the documents do not tell is said in the text")
    annotations: list[Annotation] = Field(description="the markers that the text holds, in their order")


class Choice(_Told):
    """One of `n` choices."""

    index: int = Field(description="its number, from 0")
    message: AssistantMessage = Field(description="the answer")
    logprobs: None = Field(description="there are none")
    finish_reason: Literal["stop", "length"] = Field(description="`length`: cut at `max_tokens`")


class Usage(_Told):
    """Tokens by tiktoken's cl100k_base, whatever wrote the answer."""

    prompt_tokens: int = Field(description="of the messages")
    completion_tokens: int = Field(description="of the choices")
    total_tokens: int = Field(description="of both")


class ChatCompletion(_Told):
    """An answer in OpenAI's shape; `citations` and `citewise` are ours."""

    id: str = Field(description="names this completion")
    object: Literal["chat.completion"] = Field(description="what this is")
    created: int = Field(description="when, in seconds since 1970")
    model: str = Field(description="the model that was asked for")
    choices: list[Choice] = Field(description="`n` times the same")
    usage: Usage = Field(description="tokens")
    citations: list[Citation] = Field(description="the citations whose markers the text holds")
    citewise: Answer = Field(description="the answer as `POST /api/v1/ask` gives it, never cut")


class Model(_Told):
    """A way of answering."""

    id: str = Field(description="`citewise`: as the server is set up; `citewise-quotes`; `citewise-model`")
    object: Literal["model"] = Field(description="what this is")
    created: int = Field(description="when the server began, in seconds since 1970")
    owned_by: Literal["citewise"] = Field(description="whose it is")


class Models(_Told):
    """All of them."""

    object: Literal["list"] = Field(description="what this is")
    data: list[Model] = Field(description="the models")


class ErrorDetail(_Told):
    """What went wrong."""

    message: str = Field(description="what happened and what to do about it")
    type: Literal["invalid_request_error", "requests", "server_error"] = Field(description="whose fault it is")
    param: str | None = Field(description="the field of the request that is at fault")
    code: str = Field(description="the kind of error; does not change")


class Error(_Told):
    """An error in OpenAI's shape."""

    error: ErrorDetail = Field(description="what went wrong")
