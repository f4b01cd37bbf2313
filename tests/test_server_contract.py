"""What the server says of itself is so: its OpenAPI document, its problems, its logs and its counters."""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import checks
from schemathesis.core.result import Ok
from serving import app_over, assistant_over, served

import rag
from eval import VERDICTS, Evidence
from eval.feedback import load_feedback
from rag import Assistant, CitewiseError
from ui.server import index_schemas, openai_schemas, schemas
from ui.server.logs import LOGGER, AsJson
from ui.server.problems import KINDS, problem_of

ASK = "/api/v1/ask"
ASKED = "How many households does the gas plant supply?"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return assistant_over(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def client(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with served(app_over(assistant, tmp_path_factory.mktemp("keys"), per_minute=0)) as client:
        yield client


def test_no_server_error_and_no_response_that_is_not_described(client: httpx.Client) -> None:
    """A few cases of each route; `make contract` has thousands, and more checks."""
    described = schemathesis.openapi.from_url(f"{client.base_url}/openapi.json")
    few = settings(max_examples=4, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))
    tried = []
    for found in described.get_all_operations():
        assert isinstance(found, Ok)
        operation = found.ok()

        @few
        @given(case=operation.as_strategy())
        def ask(case: schemathesis.Case[Any]) -> None:
            case.call_and_validate(checks=DESCRIBED)

        ask()
        tried.append(operation.label)
    assert len(tried) >= 17


DESCRIBED = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]


# -- the OpenAPI document ---------------------------------------------------------------------------------------------


def test_every_route_is_described_with_its_problems_and_examples(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    routes = [(path, method, told) for path, ways in described["paths"].items() for method, told in ways.items()]
    assert len(routes) >= 17
    for path, method, told in routes:
        assert told["summary"], path
        assert {"400", "500"} <= told["responses"].keys(), path
        if path.startswith("/api/"):
            assert told["security"], path
            assert {"401", "408", "413", "421", "422", "429", "503"} <= told["responses"].keys(), path
        for status, response in told["responses"].items():
            if int(status) >= 400:
                ((media_type, problem),) = response["content"].items()
                if path.startswith("/v1/"):
                    assert media_type == "application/json", (path, method, status)
                    openai_schemas.Error.model_validate(problem["example"])
                else:
                    assert media_type == "application/problem+json", (path, method, status)
                    assert problem["example"]["status"] == int(status)
    for name in ("Asked", "Wanted", "Judged"):
        assert described["components"]["schemas"][name]["examples"], name
    answered = described["paths"][ASK]["post"]["responses"]["200"]["content"]
    schemas.Answer.model_validate(answered["application/json"]["example"])
    assert answered["text/event-stream"]["example"].startswith("event: delta\n")


def test_no_page_of_documentation_is_fetched_from_elsewhere(client: httpx.Client) -> None:
    for path in ("/docs", "/redoc"):
        assert client.get(path).status_code == 404


def alike(told: Any, own: Any) -> bool:
    """Whether a type of the OpenAPI document says what a type of rag's does; tuples are arrays."""
    if isinstance(told, type) and issubclass(told, schemas.Told):
        return told.__name__ == own.__name__ and same_fields(told, own)
    if get_origin(told) is list and get_origin(own) is tuple:
        return alike(get_args(told)[0], get_args(own)[0])
    if isinstance(told, UnionType) and isinstance(own, UnionType):
        return len(get_args(told)) == len(get_args(own)) and all(map(alike, get_args(told), get_args(own)))
    return bool(told == own)


def same_fields(told: type[schemas.Told], own: Any, leaving: frozenset[str] = frozenset()) -> bool:
    """Whether a model has the fields of a dataclass, in their types, all described."""
    hints = get_type_hints(own)
    models = {field.alias or name: field for name, field in told.model_fields.items()}
    assert models.keys() == {field.name for field in fields(own)}, told
    assert all(field.description for field in models.values()), told
    return all(alike(field.annotation, hints[name]) for name, field in models.items() if name not in leaving)


def test_the_answer_is_described_as_it_is() -> None:
    assert same_fields(schemas.Answer, rag.Answer, frozenset({"trace"}))
    assert same_fields(index_schemas.LastSync, rag.Report, frozenset({"failed", "skipped"}))
    assert get_args(schemas.Verdict) == VERDICTS


@pytest.mark.parametrize("question", [ASKED, "Who is the king of France?", "hello", "what files are there?"])
def test_answers_fit_their_description(assistant: Assistant, question: str) -> None:
    shape = json.loads(json.dumps(assistant.ask(question).to_dict()))
    assert json.loads(schemas.Answer.model_validate(shape).model_dump_json(by_alias=True)) == shape


# -- problems -----------------------------------------------------------------------------------------------------------


def tree(cls: type[CitewiseError]) -> Iterator[type[CitewiseError]]:
    yield cls
    for below in cls.__subclasses__():
        yield from tree(below)


def test_every_error_has_a_problem() -> None:
    known = {name: getattr(rag, name) for name in rag.__all__}
    errors = [cls for cls in known.values() if isinstance(cls, type) and issubclass(cls, CitewiseError)]
    assert len(errors) >= 14
    for cls in errors:
        problem = problem_of(cls(f"At {rag.data_folder()}/x."))
        assert problem.detail == "At citewise/x."
        assert (problem.kind == "internal") == (cls is CitewiseError)
    statuses = [status for status, _ in KINDS.values()]
    assert len(set(statuses)) == len(statuses)


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"content": b'{"question": '}, 400),
        ({"content": b"\xff\xfe"}, 400),
        ({"content": b"[" * 100_000}, 400),
        ({"content": b'{"question": ' + b"9" * 5000 + b"}"}, 400),
        ({"content": b""}, 422),
        ({"content": b"[]"}, 422),
        ({"content": b'{"question": "\\ud800"}'}, 422),
        ({"content": b'{"question": "a", "k": NaN}'}, 422),
        ({"json": {}}, 422),
        ({"json": {"question": None}}, 422),
        ({"json": {"question": 7}}, 422),
        ({"json": {"question": " "}}, 422),
        ({"json": {"question": "a" * 4001}}, 422),
        ({"json": {"question": "a", "misspelt": 1}}, 422),
        ({"json": {"question": "a", "trace": "yes"}}, 422),
        ({"json": {"question": "a", "writer": "ada"}}, 422),
        ({"json": {"question": "a", "writer": "model"}}, 422),
        ({"json": {"question": "a", "history": [{"answer": "secret words"}]}}, 422),
        ({"json": {"question": "a", "history": "secret words"}}, 422),
        ({"json": {"question": "a", "only": ["nothing/"]}}, 404),
        ({"json": {"question": "a", "only": ["docs/scan.pdf"]}}, 404),
    ],
)
def test_questions_that_cannot_be_asked(client: httpx.Client, sent: dict[str, Any], status: int) -> None:
    response = client.post(ASK, headers={"Content-Type": "application/json"}, **sent)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem.keys() == {"type", "title", "status", "detail", "remedy", "request_id"}
    assert problem["status"] == status
    assert problem["request_id"] == response.headers["x-request-id"]
    assert "secret words" not in response.text


@pytest.mark.parametrize(
    "body",
    [
        {"question": "fee \ud800"},
        {"question": "fee", "only": ["\ud800"]},
        {"question": "fee", "only": ["x" * 301]},
        {"question": "fee", "history": [{"question": "\udc00"}]},
        {"question": "fee", "history": [{"role": "user", "content": "x" * 32_001}]},
    ],
)
def test_what_cannot_be_encoded_or_is_too_long_is_refused(client: httpx.Client, body: dict[str, Any]) -> None:
    for path in (ASK, "/api/v1/search"):
        for more in ({}, {"stream": True}) if path == ASK else ({},):
            refused = client.post(path, content=json.dumps(body | more), headers={"Content-Type": "application/json"})
            assert refused.status_code == 422
            assert refused.json()["detail"].startswith("body.")


def test_addresses_and_methods_that_are_none(client: httpx.Client) -> None:
    for path in ("/api/v1/nothing", "/nothing", "/api/"):
        assert client.get(path).json()["type"] == "urn:citewise:problem:not-found"
    refused = client.put("/api/v1/documents")
    assert (refused.status_code, refused.headers["allow"]) == (405, "GET, HEAD, POST")


# -- ids, logs, counters, feedback --------------------------------------------------------------------------------------


def test_a_request_keeps_the_id_that_it_came_with_if_that_is_one(client: httpx.Client) -> None:
    assert client.get("/health", headers={"X-Request-ID": "a-1.b_2"}).headers["x-request-id"] == "a-1.b_2"
    for bad in ("", "a b", '"}{', "x" * 65, "é"):
        given = client.get("/health", headers=[(b"X-Request-ID", bad.encode())]).headers["x-request-id"]
        assert given != bad
        assert len(given) == 16


def test_logs_say_who_asked_what_route_and_no_word_of_it(
    client: httpx.Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, LOGGER.name):
        client.post(ASK, json={"question": ASKED}, headers={"X-Request-ID": "seen"})
        client.get("/api/v1/documents/docs/gas.txt/text")
        client.get("/api/v1/documents/docs/none.txt/text")
        until = time.monotonic() + 5
        while len(caplog.records) < 3 and time.monotonic() < until:
            time.sleep(0.01)  # the response comes before its line
    lines = [AsJson().format(record) for record in caplog.records if record.name == LOGGER.name]
    first, second, third = map(json.loads, lines)
    assert (first["request"], first["method"], first["route"], first["status"]) == ("seen", "POST", ASK, 200)
    assert first["ms"] > 0
    assert second["route"] == third["route"] == "/api/v1/documents/{source:path}/text"
    assert third["problem"] == "not-found"
    assert not any(word in "".join(lines) for word in ("household", "plant", "gas.txt", "none.txt"))


def test_a_defect_is_logged_by_where_it_arose() -> None:
    try:
        raise ValueError("words of a document")
    except ValueError as error:
        record = LOGGER.makeRecord("a", logging.ERROR, "f", 1, "defect", (), (ValueError, error, error.__traceback__))
    line = AsJson().format(record)
    assert "words of a document" not in line
    assert json.loads(line)["where"][0].startswith(__file__)


def test_counters(client: httpx.Client) -> None:
    client.post(ASK, json={"question": ASKED})
    client.request("BREW", "/api/v1/ask/" + "x" * 50)
    text = client.get("/metrics").text
    assert 'citewise_requests_total{method="POST",route="/api/v1/ask",status="200"}' in text
    assert 'citewise_requests_total{method="OTHER",route="none",status="404"} 1.0' in text
    assert 'citewise_answers_total{status="answered",writer="quotes"}' in text
    assert "citewise_questions_inside 0.0" in text


def test_feedback_is_kept_with_the_answer(
    client: httpx.Client, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = client.post(ASK, json={"question": ASKED, "history": [{"question": "Which plant?"}]}).json()
    right = {"source": "docs/gas.txt", "quote": "It was enlarged twice."}
    said = {"answer": answer["id"], "verdict": "wrong_source", "note": "an older figure", "right": right}
    assert client.post("/api/v1/feedback", json=said).json() == {"answer": answer["id"]}
    (kept,) = load_feedback(assistant.index.folder)[0]
    assert kept.answer["text"] == answer["text"]
    assert kept.right == Evidence(right["source"], right["quote"])
    assert (kept.verdict, kept.history) == ("wrong_source", (rag.Turn("Which plant?"),))
    assert client.post("/api/v1/feedback", json=said | {"answer": "unknown"}).status_code == 404
    assert client.post("/api/v1/feedback", json=said | {"verdict": "meh"}).status_code == 422
    monkeypatch.setattr("eval.feedback.LIMIT", 100)
    full = client.post("/api/v1/feedback", json=said)
    assert (full.status_code, full.json()["type"]) == (507, "urn:citewise:problem:not-kept")
    assert str(assistant.index.folder) not in full.text


def test_the_page_about_the_server_names_every_problem_and_every_address(client: httpx.Client) -> None:
    docs = Path(__file__).resolve().parent.parent / "docs"
    page, openai = ((docs / name).read_text("utf-8") for name in ("http.md", "openai.md"))
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (\d{3}) \|", page, re.MULTILINE))
    assert rows == {kind: str(status) for kind, (status, _) in KINDS.items()}
    for path, ways in client.get("/openapi.json").json()["paths"].items():
        for method in ways:
            named = f"`{method.upper()} {path.replace('{source}', 'SOURCE')}"
            where = openai if path.startswith("/v1/") else page
            assert f"{named}`" in where or f"{named}?" in where, named
