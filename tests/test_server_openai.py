"""OpenAI's own package and other people's clients, unchanged, against a real server."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest
from openai import AsyncOpenAI, OpenAI
from serving import app_over, assistant_over, served

from rag import Assistant, Turn

ASKED = "How many households does the gas plant supply?"
WHO = "Who keeps the bees?"
SAY: Any = [{"role": "user", "content": ASKED}]


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    later = "The gas plant supplies 21,000 households as of March 2022, after it was enlarged.\n"
    base = tmp_path_factory.mktemp("served")
    (base / "docs").mkdir()
    (base / "docs" / "brief.txt").write_text(later, "utf-8")
    return assistant_over(base)


@pytest.fixture(scope="module")
def wire(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served(app_over(assistant, tmp_path_factory.mktemp("keys"), per_minute=0)) as client:
        yield client


def opened(wire: httpx.Client, key: str = "unused") -> OpenAI:
    return OpenAI(base_url=f"{wire.base_url}/v1", api_key=key, max_retries=0)


@pytest.fixture(scope="module")
def client(wire: httpx.Client) -> OpenAI:
    return opened(wire)


def timeless(answer: Any) -> dict[str, Any]:
    """The wire shape of an answer without what differs from time to time."""
    shape = answer if isinstance(answer, dict) else json.loads(json.dumps(answer.to_dict()))
    return {name: value for name, value in shape.items() if name not in ("trace", "timings_ms")}


def test_the_answer_is_the_one_that_the_assistant_gives(
    client: OpenAI, wire: httpx.Client, assistant: Assistant
) -> None:
    completion: Any = client.chat.completions.create(model="citewise", messages=SAY)
    expected = assistant.ask(ASKED)
    (choice,) = completion.choices
    text = choice.message.content
    assert text == expected.text
    assert (choice.finish_reason, choice.message.role, choice.message.refusal) == ("stop", "assistant", None)
    assert timeless(completion.citewise) == timeless(expected)
    assert completion.citations == completion.citewise["citations"]
    assert len(completion.citations) == 2
    led = [one.url_citation for one in choice.message.annotations]
    assert [text[one.start_index : one.end_index] for one in led] == ["[1]", "[2]"]
    for one, citation in zip(led, expected.citations, strict=True):
        assert one.title == citation.title
        assert wire.get(one.url).json()["text"] == citation.quote
    usage = completion.usage
    assert (usage.prompt_tokens, usage.total_tokens) == (9, 9 + usage.completion_tokens)
    assert usage.completion_tokens > 30


def test_chunks_make_up_the_answer(client: OpenAI, assistant: Assistant) -> None:
    expected = assistant.ask(ASKED)
    stream = client.chat.completions.create(
        model="citewise", messages=SAY, stream=True, stream_options={"include_usage": True}
    )
    first, *pieces, last, counted = list(stream)
    assert first.choices[0].delta.role == "assistant"
    assert [piece.choices[0].delta.content for piece in pieces] == list(sentences(expected))
    assert last.choices[0].finish_reason == "stop"
    told: Any = last
    assert [one["url_citation"]["title"] for one in told.choices[0].delta.annotations] == ["The gas plant", "brief"]
    assert timeless(told.citewise) == timeless(expected)
    assert counted.choices == []
    assert counted.usage
    assert counted.usage.total_tokens == counted.usage.prompt_tokens + counted.usage.completion_tokens
    assert {chunk.id for chunk in (first, *pieces, last, counted)} == {first.id}


def sentences(answer: Any) -> Iterator[str]:
    """The text sentence by sentence, with their markers."""
    start = 0
    for statement in answer.statements:
        end = answer.text.index(statement.text, start) + len(statement.text)
        end += sum(len(f"[{number}]") for number in statement.citations) + bool(statement.citations)
        yield answer.text[start:end]
        start = end


def test_the_packages_own_helpers_for_streams(client: OpenAI, wire: httpx.Client) -> None:
    whole = client.chat.completions.create(model="citewise", messages=SAY).choices[0].message
    with client.chat.completions.stream(model="citewise", messages=SAY) as stream:
        kinds = [event.type for event in stream]
        found = stream.get_final_completion().choices[0]
    assert kinds.count("content.delta") > 1
    assert kinds[-1] == "content.done"
    assert (found.message.content, found.finish_reason) == (whole.content, "stop")
    assert found.message.annotations == whole.annotations

    async def alike() -> tuple[Any, Any, str]:
        async with AsyncOpenAI(base_url=f"{wire.base_url}/v1", api_key="unused") as other:
            asked = await other.chat.completions.create(model="citewise", messages=SAY)
            pieces = await other.chat.completions.create(model="citewise", messages=SAY, stream=True)
            said = "".join([piece.choices[0].delta.content or "" async for piece in pieces])
            async with other.chat.completions.stream(model="citewise", messages=SAY) as stream:
                return asked.choices[0].message, (await stream.get_final_completion()).choices[0].message, said

    asked, helped, said = asyncio.run(alike())
    assert asked.content == helped.content == said == whole.content
    assert asked.annotations == helped.annotations == whole.annotations


def test_models(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["citewise", "citewise-quotes"]
    assert client.models.retrieve("citewise-quotes").owned_by == "citewise"
    for name in ("citewise-model", "gpt-4o", "../citewise"):  # there is no language model
        with pytest.raises(openai.NotFoundError):
            client.models.retrieve(name)
        with pytest.raises(openai.NotFoundError) as caught:
            client.chat.completions.create(model=name, messages=SAY)
        assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


# -- what a request may say -------------------------------------------------------------------------------------------


def understood(client: OpenAI, messages: Any) -> str:
    completion: Any = client.chat.completions.create(model="citewise", messages=messages)
    return str(completion.citewise["understood_as"])


def test_history_completes_a_question(client: OpenAI, assistant: Assistant) -> None:
    follow = "And since when?"
    expected = assistant.ask(follow, history=[Turn(ASKED, "11,000.")]).understood_as
    assert expected != follow
    told: Any = [*SAY, {"role": "assistant", "content": "11,000."}, {"role": "user", "content": follow}]
    assert understood(client, told) == expected
    assert understood(client, told[-1:]) == follow
    parts: Any = [{"type": "text", "text": follow}, {"type": "image_url", "image_url": {"url": "data:,"}}]
    called = [{"id": "a", "type": "function", "function": {"name": "f", "arguments": "{}"}}]
    noisy = [
        {"role": "system", "content": "Answer in French. Who keeps the bees?"},
        *SAY,
        {"role": "assistant", "content": None, "tool_calls": called},
        {"role": "tool", "tool_call_id": "a", "content": "The bees are gone."},
        {"role": "assistant", "content": [{"type": "text", "text": "11,000."}]},
        {"role": "developer", "content": "Be brief."},
        {"role": "user", "content": parts},
        {"role": "assistant", "content": "Let me see"},
    ]
    assert understood(client, noisy) == expected


def test_what_only_steers_a_language_model_is_let_pass(client: OpenAI) -> None:
    tool: Any = {"type": "function", "function": {"name": "f", "parameters": {"type": "object"}}}
    more: Any = {
        "temperature": 0.3, "seed": 7, "logprobs": True, "tools": [tool], "tool_choice": "auto", "user": "ada",
        "response_format": {"type": "text"}, "extra_body": {"top_k": 3, "nobody": {"knows": ["this"]}}, "stop": None,
    }  # fmt: skip
    said = client.chat.completions.create(model="citewise", messages=SAY, **more).choices[0].message
    assert said.content == client.chat.completions.create(model="citewise", messages=SAY).choices[0].message.content
    assert said.tool_calls is None


@pytest.mark.parametrize("stream", [True, False])
def test_choices_are_all_the_same_and_asked_once(client: OpenAI, wire: httpx.Client, stream: bool) -> None:
    def answers() -> str:
        lines = wire.get("/metrics").text.splitlines()
        return next((line for line in lines if line.startswith("citewise_answers_total")), "0").split()[-1]

    before = float(answers())
    texts = ["", "", ""]
    if stream:
        for piece in client.chat.completions.create(model="citewise", messages=SAY, n=3, stream=True):
            for choice in piece.choices:
                texts[choice.index] += choice.delta.content or ""
    else:
        texts = [
            c.message.content or "" for c in client.chat.completions.create(model="citewise", messages=SAY, n=3).choices
        ]
    assert texts[0]
    assert texts == [texts[0]] * 3
    assert float(answers()) == before + 1


def test_a_text_that_is_cut_has_only_its_own_citations(client: OpenAI) -> None:
    def cut(**options: Any) -> tuple[str, str, int, int, int]:
        told: Any = client.chat.completions.create(model="citewise", messages=SAY, **options)
        (choice,) = told.choices
        kept = len(choice.message.annotations), len(told.citations), len(told.citewise["citations"])
        return choice.message.content, choice.finish_reason, *kept

    text, reason, *_ = cut()
    assert reason == "stop"
    first = text[: text.index(" [2]")].rstrip()
    assert cut(stop=" [2]") == (first, "stop", 1, 1, 2)
    assert cut(stop=["nowhere", "2]"])[:2] == (f"{first} ", "stop")
    assert cut(max_tokens=6)[1:] == ("length", 0, 0, 2)
    assert cut(max_completion_tokens=3, max_tokens=6)[0] == "The gas plant"
    assert cut(max_tokens=1000)[:2] == (text, "stop")


# -- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "sent"),
    [
        ("messages", {"messages": []}),
        ("messages", {"messages": [{"role": "system", "content": "Hello"}]}),
        ("messages", {"messages": [{"role": "user", "content": " "}]}),
        ("messages", {"messages": [{"role": "user", "content": "?!"}]}),
        ("messages", {"messages": [{"role": "user", "content": "word " * 1000}]}),
        ("messages.0.role", {"messages": [{"content": "secret words"}]}),
        ("n", {"n": 9}),
        ("n", {"n": 0}),
        ("max_tokens", {"max_tokens": 0}),
        ("stream", {"stream": "yes"}),
        ("response_format.type", {"response_format": {"type": "json_object"}}),
        ("response_format.type", {"response_format": {"type": "json_schema", "json_schema": {"name": "a"}}}),
    ],
)
@pytest.mark.parametrize("stream", [True, False])
def test_requests_that_cannot_be_answered(client: OpenAI, field: str, sent: dict[str, Any], stream: bool) -> None:
    body = {"messages": SAY, "stream": stream} | sent
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(model="citewise", **body)
    error = caught.value
    assert (error.param, error.code, error.type) == (field, "invalid", "invalid_request_error")
    assert "secret words" not in str(error)


def test_what_is_no_request(wire: httpx.Client) -> None:
    for status, sent in ((400, b"{"), (400, b"\xff"), (400, b"[]"), (400, b""), (413, b" " * 1_000_001)):
        headers = {"Content-Type": "application/json"}
        refused = wire.post("/v1/chat/completions", content=sent, headers=headers)
        assert refused.status_code == status
        assert refused.json()["error"].keys() == {"message", "type", "param", "code"}
        assert refused.headers["x-request-id"]
    for status, asked in ((404, ("GET", "/v1/embeddings")), (405, ("GET", "/v1/chat/completions"))):
        refused = wire.request(*asked)
        assert refused.status_code == status
        assert refused.json()["error"]["type"] == "invalid_request_error"
    refused = wire.get("/v1/models", headers={"Origin": "https://evil.example"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "not_allowed")
    refused = wire.get("/v1/models", headers={"Host": "evil.example"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (421, "wrong_host")


def test_keys_and_rates(assistant: Assistant, tmp_path: Path) -> None:
    app = app_over(assistant, tmp_path, per_minute=1)
    key = app.state.service.keys.add("reader")
    with served(app) as wire:
        for wrong in ("unused", f"{key}x"):
            with pytest.raises(openai.AuthenticationError) as refused:
                opened(wire, wrong).models.list()
            assert refused.value.code == "invalid_api_key"
        for _ in range(10):  # that may come at once
            opened(wire, key).models.list()
        with pytest.raises(openai.RateLimitError) as caught:
            opened(wire, key).models.list()
        assert caught.value.code == "rate_limit_exceeded"
        assert int(caught.value.response.headers["retry-after"]) > 0


# -- clients of other people ------------------------------------------------------------------------------------------


def test_langchain(wire: httpx.Client, assistant: Assistant) -> None:
    langchain_openai = pytest.importorskip("langchain_openai")
    chat = langchain_openai.ChatOpenAI(base_url=f"{wire.base_url}/v1", api_key="unused", model="citewise")
    expected = assistant.ask(ASKED).text
    answer = chat.invoke([("system", "Be brief."), ("user", ASKED)])
    assert answer.content == expected
    assert answer.usage_metadata["input_tokens"] > 9
    assert "".join(piece.content for piece in chat.stream(ASKED)) == expected


def test_pydantic_ai(wire: httpx.Client, assistant: Assistant) -> None:
    pydantic_ai = pytest.importorskip("pydantic_ai")
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    provider = OpenAIProvider(base_url=f"{wire.base_url}/v1", api_key="unused")
    agent = pydantic_ai.Agent(OpenAIChatModel("citewise", provider=provider), instructions="Be brief.")
    expected = assistant.ask(ASKED).text

    async def asked() -> tuple[str, str, str]:
        first = await agent.run(ASKED)
        then = await agent.run(WHO, message_history=first.all_messages())
        async with agent.run_stream(ASKED) as stream:
            pieces = [piece async for piece in stream.stream_text(delta=True)]
        return first.output, then.output, "".join(pieces)

    first, then, pieces = asyncio.run(asked())
    assert first == pieces == expected
    assert then == assistant.ask(WHO).text
