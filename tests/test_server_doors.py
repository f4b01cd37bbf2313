"""Who may use the server: keys, names, origins, rates; and that two servers in one process share nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import httpx
import pytest
from serving import app_over, assistant_over, served
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from rag import Assistant, CitewiseError, ServerSettings
from ui.guard import OwnPage
from ui.server.app import create_app
from ui.server.keys import Keys
from ui.server.limits import Rates
from ui.server.problems import Problem
from ui.server.widgets import Widgets

LIST = "/api/v1/documents"
JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    return assistant_over(tmp_path_factory.mktemp("served"))


def test_the_file_of_keys_is_private_and_holds_no_key(tmp_path: Path) -> None:
    keys = Keys(tmp_path / "data" / "keys.json")
    key = keys.add("reports")
    assert stat.S_IMODE(keys.file.stat().st_mode) == 0o600
    assert key.removeprefix("cw_") not in keys.file.read_text("utf-8")
    found = Keys(keys.file).find(key)
    assert found is not None
    assert (found.name, found.role) == ("reports", "read")
    assert keys.find(key[:-1]) is keys.find("") is None
    with pytest.raises(CitewiseError, match="already"):
        keys.add("reports")
    for unfit in ("", " a", "a\nb", "a" * 65):
        with pytest.raises(CitewiseError, match="no name"):
            keys.add(unfit)


@pytest.mark.parametrize(
    "text",
    [
        "[{", "{}", '""', "null", "7", "\udcff", '["a"]', "[{}]",
        '[{"name": "a", "role": "admin", "sha256": "secret", "created": ""}]',
        '[{"name": "a", "role": "read", "sha256": 7, "created": ""}]',
    ],
)  # fmt: skip
def test_a_damaged_file_of_keys_opens_nothing(
    assistant: Assistant, tmp_path: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "keys.json"
    with served(app_over(assistant, tmp_path)) as client:
        assert client.get(LIST).status_code == 200
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
        told = client.get(LIST)
        assert told.json()["type"] == "urn:citewise:problem:not-configured"
        assert "The keys in " in told.json()["detail"]
        assert str(tmp_path) not in told.text
        [logged] = [vars(one)["told"] for one in caplog.records if one.levelname == "ERROR"]
        assert str(file) in logged["detail"]
    with pytest.raises(CitewiseError, match="cannot be read") as caught:
        app_over(assistant, tmp_path)
    assert "secret" not in str(caught.value)


def test_a_damaged_file_of_widgets_opens_nothing(assistant: Assistant, tmp_path: Path) -> None:
    with served(app_over(assistant, tmp_path)) as client:
        (tmp_path / "widgets.json").write_text(
            '[{"name": "a", "id": "x", "origins": "https://a", "only": [], "created": ""}]'
        )
        told = client.post("/widget/x/ask", headers={"Origin": "https://a"})
        assert told.json()["type"] == "urn:citewise:problem:not-configured"
        assert "The widgets in " in told.json()["detail"]


def test_keys_open_and_are_revoked_without_a_restart(assistant: Assistant, tmp_path: Path) -> None:
    app = app_over(assistant, tmp_path)
    keys = app.state.service.keys
    with served(app) as client:
        assert client.get(LIST).status_code == 200  # there is no key yet, and only this machine can ask
        reading, writing = keys.add("reader"), keys.add("writer", "write")
        refused = client.get(LIST)
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"] == "Bearer"
        assert refused.json()["type"] == "urn:citewise:problem:key-required"
        for headers in ({"Authorization": f"Bearer {reading}"}, {"X-API-Key": reading}):
            assert client.get(LIST, headers=headers).status_code == 200
            assert client.post("/api/v1/index", headers=headers).status_code == 403
        for wrong in ("Bearer cw_wrong", f"Bearer {reading}x", f"Basic {reading}", "Bearer", "Bearer %ff"):
            assert client.get(LIST, headers=[("Authorization", wrong)]).status_code == 401
        assert client.get("/metrics").status_code == 401
        assert client.get("/health").status_code == client.get("/openapi.json").status_code == 200
        assert client.post("/api/v1/index", headers={"X-API-Key": writing}).status_code == 202
        keys.revoke("reader")
        assert client.get(LIST, headers={"X-API-Key": reading}).status_code == 401
        keys.revoke("writer")  # the last one: the door stays shut
        assert client.get(LIST).status_code == client.get(LIST, headers={"X-API-Key": writing}).status_code == 401


@pytest.mark.parametrize("open_to", [{"host": "0.0.0.0"}, {"host": "::"}, {"names": "docs.example"}])
def test_other_machines_need_a_key(assistant: Assistant, tmp_path: Path, open_to: dict[str, str]) -> None:
    with pytest.raises(CitewiseError, match=r"without a key.*citewise keys add"):
        app_over(assistant, tmp_path, **open_to)
    Keys(tmp_path / "keys.json").add("first")
    assert app_over(assistant, tmp_path, **open_to).state.service.closed


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "localhost.evil.example", "", "127.0.0.1.nip.io"])
def test_a_name_that_was_made_to_mean_this_machine_is_refused(assistant: Assistant, tmp_path: Path, host: str) -> None:
    with served(app_over(assistant, tmp_path)) as client:
        refused = client.get(LIST, headers={"Host": host})
        assert refused.status_code == 421
        assert refused.headers["content-type"] == "application/problem+json"
        assert client.get(LIST, headers={"Host": "LOCALHOST:1"}).status_code == 200


def test_a_name_behind_a_proxy_is_allowed(assistant: Assistant, tmp_path: Path) -> None:
    key = Keys(tmp_path / "keys.json").add("proxy")
    with served(app_over(assistant, tmp_path, names="docs.example, other.example")) as client:
        headers = {"Host": "docs.example", "X-API-Key": key}
        assert client.get(LIST, headers=headers).status_code == 200


def test_pages_of_other_origins_are_refused_unless_named(assistant: Assistant, tmp_path: Path) -> None:
    preflight = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    with served(app_over(assistant, tmp_path, cors="https://a.example,https://b.example")) as client:
        for origin in ("https://evil.example", "null", "http://a.example", "https://a.example.evil.example"):
            for method in ("GET", "POST", "OPTIONS"):
                refused = client.request(method, "/api/v1/index", headers={"Origin": origin, **preflight})
                assert refused.status_code == 403
                assert "access-control-allow-origin" not in refused.headers
        for origin in ("https://a.example", "https://b.example"):
            allowed = client.options("/api/v1/ask", headers={"Origin": origin, **preflight})
            assert allowed.status_code == 200
            read = client.get(LIST, headers={"Origin": origin})
            assert allowed.headers["access-control-allow-origin"] == origin
            assert read.headers["access-control-allow-origin"] == origin
        own = str(client.base_url).rstrip("/")
        assert client.get(LIST, headers={"Origin": own}).status_code == 200


def test_a_bucket_of_tokens() -> None:
    now = 0.0
    rates = Rates(60, lambda: now)
    for _ in range(10):
        rates.take("ada")
    with pytest.raises(Problem) as caught:
        rates.take("ada")
    assert caught.value.status == 429
    assert caught.value.headers == {"Retry-After": "1"}
    rates.take("bob")
    now = 1.0
    rates.take("ada")
    with pytest.raises(Problem):
        rates.take("ada")
    for _ in range(1000):
        Rates(0).take("ada")


def test_too_many_requests(assistant: Assistant, tmp_path: Path) -> None:
    with served(app_over(assistant, tmp_path, per_minute=1)) as client:
        found = [client.get(LIST) for _ in range(11)]
        assert [one.status_code for one in found] == [200] * 10 + [429]
        assert found[-1].headers["retry-after"] == "60"
        for path in ("/api/v1/ask", "/v1/chat/completions", "/mcp"):  # whatever their bodies are
            assert client.post(path, content=b"{", headers=JSON).status_code == 429
        assert client.get("/health").status_code == 200


def test_two_servers_share_nothing(assistant: Assistant, tmp_path: Path) -> None:
    bees = "Only this one tells of wasps."
    other = assistant_over(tmp_path / "other", None, {"wasps.txt": bees})
    first, second = app_over(assistant, tmp_path), app_over(other, tmp_path / "other")
    key = second.state.service.keys.add("second")
    with served(first) as one, served(second, headers={"X-API-Key": key}) as two:
        assert one.get(LIST).json()["total"] == 3
        assert two.get(LIST).json()["total"] == 4
        assert httpx.get(f"{two.base_url}{LIST}").status_code == 401
        assert '"api",status="401"' in two.get("/metrics").text
        assert '"api",status="401"' not in one.get("/metrics").text


def test_the_settings_of_an_app_are_by_default_those_of_its_assistant(assistant: Assistant) -> None:
    assert create_app(assistant).state.service.settings == assistant.settings.server == ServerSettings()


# -- the page, which has no log-in ------------------------------------------------------------------------------------


def paged(assistant: Assistant, base: Path) -> tuple[Keys, TestClient]:
    """The file of keys of an app with the page, and a client of it; the page is not loaded."""
    keys = Keys(base / "keys.json")
    return keys, TestClient(create_app(assistant, keys=keys, chat=True), base_url="http://localhost")


def test_the_page_is_closed_as_soon_as_there_is_a_key(assistant: Assistant, tmp_path: Path) -> None:
    keys, client = paged(assistant, tmp_path)
    assert "being loaded" in client.get("/").text
    keys.add("first")
    for path in ("/", "/gradio_api/queue/join"):
        assert client.get(path).status_code == 404
    keys.revoke("first")
    assert client.get("/").status_code == 404
    keys.add("second")
    assert paged(assistant, tmp_path)[1].get("/").status_code == 404


def test_the_page_is_closed_where_there_is_a_widget(assistant: Assistant, tmp_path: Path) -> None:
    _, client = paged(assistant, tmp_path)
    assert client.get("/").status_code == 503
    Widgets(tmp_path / "widgets.json").add("site", ["https://a.example"])
    assert client.get("/").status_code == paged(assistant, tmp_path)[1].get("/").status_code == 404


def test_the_page_answers_to_no_address_of_a_route(assistant: Assistant, tmp_path: Path) -> None:
    _, client = paged(assistant, tmp_path)
    for path in ("/widget/x", "/mcp/x", "/health/x", "/ready/x", "/metrics/x", "/openapi.json/x", "/api/x", "/v1/x"):
        assert client.get(path).status_code in (403, 404)


def test_an_origin_that_is_none_is_refused(assistant: Assistant, tmp_path: Path) -> None:
    with served(app_over(assistant, tmp_path)) as client:
        assert client.get(LIST, headers={"Origin": "http://["}).status_code == 403


def test_the_page_is_for_its_own_origin_and_for_no_frame() -> None:
    page = TestClient(OwnPage(PlainTextResponse("page")), base_url="http://localhost")
    shown = page.get("/")
    assert shown.headers["content-security-policy"] == "frame-ancestors 'self'"
    assert shown.headers["x-frame-options"] == "SAMEORIGIN"
    assert page.post("/", headers={"Origin": "http://localhost"}).status_code == 200
    for origin in ("http://[", "https://evil.example", "null", "http://localhost:1"):
        for method in ("GET", "POST", "OPTIONS"):
            assert page.request(method, "/", headers={"Origin": origin}).status_code == 403


def test_a_key_is_asked_for_before_a_body_is_read(assistant: Assistant, tmp_path: Path) -> None:
    app = app_over(assistant, tmp_path)
    key = app.state.service.keys.add("first")
    with served(app) as client:
        for path in ("/api/v1/ask", "/v1/chat/completions", "/mcp"):
            for headers in ({}, {"X-API-Key": f"{key}x"}, {"Authorization": "Bearer wrong"}):
                refused = client.post(path, content=b"{", headers=JSON | headers)
                assert refused.status_code == 401
        assert '"api",status="401"' in client.get("/metrics", headers={"X-API-Key": key}).text
        for known in ({"X-API-Key": key}, {"Authorization": f"Bearer {key}"}):
            assert client.post("/api/v1/ask", content=b"{", headers=JSON | known).status_code == 400


def test_a_body_of_two_lengths_is_refused(assistant: Assistant, tmp_path: Path) -> None:
    with served(app_over(assistant, tmp_path)) as client:
        refused = client.get("/health", headers={"Content-Length": "3", "Transfer-Encoding": "chunked"})
        assert (refused.status_code, refused.headers["connection"]) == (400, "close")
