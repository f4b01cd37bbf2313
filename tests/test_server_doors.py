"""Who may use the server: keys, names, origins, rates; and that two servers in one process share nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import httpx
import pytest
from serving import app_over, assistant_over, served

from rag import Assistant, CitewiseError, ServerSettings
from ui.server.app import create_app
from ui.server.keys import Keys
from ui.server.limits import Rates
from ui.server.problems import Problem

LIST = "/api/v1/documents"


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


def test_a_damaged_file_of_keys_opens_nothing(assistant: Assistant, tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text("[{")
    with pytest.raises(CitewiseError, match="cannot be read"):
        app_over(assistant, tmp_path)


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
        assert '"/api/v1/documents",status="401"' in two.get("/metrics").text
        assert '"/api/v1/documents",status="401"' not in one.get("/metrics").text


def test_the_settings_of_an_app_are_by_default_those_of_its_assistant(assistant: Assistant) -> None:
    assert create_app(assistant).state.service.settings == assistant.settings.server == ServerSettings()
