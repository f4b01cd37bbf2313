"""The widget's door: which pages may ask, what they may ask, how much; its script; the command that makes widgets."""

from __future__ import annotations

import base64
import hashlib
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from pages import Scripted
from serving import app_over, assistant_over, events_of, served
from terminals import FAILED, OK, Run

from rag import CitewiseError, data_folder
from ui.assets import read, widget
from ui.server.limits import Visitors
from ui.server.problems import Problem
from ui.server.widget import visitor_of
from ui.server.widgets import Widgets, origin_of

PAGE = "https://www.example.org"
BEES = {"question": "Who keeps the bees?"}


@pytest.fixture(scope="module")
def door(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A server over real documents that has keys and a widget; `ask` posts as a page of its origin does."""
    base = tmp_path_factory.mktemp("door")
    app = app_over(assistant_over(base), base, visitor_per_minute=0)
    app.state.service.keys.add("somebody")
    made = app.state.service.widgets.add("site", [PAGE, "http://localhost:8000"])
    with served(app) as client:

        def ask(body: Any = BEES, id: str = made.id, **headers: str) -> httpx.Response:
            return client.post(f"/widget/{id}/ask", json=body, headers={"Origin": PAGE} | headers)

        yield SimpleNamespace(client=client, widgets=app.state.service.widgets, id=made.id, ask=ask)


def test_a_page_of_its_origin_is_answered_and_may_read_it(door: SimpleNamespace) -> None:
    response = door.ask()
    assert response.headers["access-control-allow-origin"] == PAGE
    assert response.headers["vary"] == "Origin"
    assert "access-control-allow-credentials" not in response.headers
    name, answer = events_of(response)[-1]
    assert name == "final"
    assert answer["citations"][0]["quote"] in "The bees are kept by Tom Okafor behind the town hall."
    assert "trace" not in answer
    assert door.ask(Origin="http://localhost:8000").headers["access-control-allow-origin"] == "http://localhost:8000"


def test_a_browser_is_told_before_it_asks(door: SimpleNamespace) -> None:
    asking = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"}
    for origin, status in ((PAGE, 204), ("https://evil.example", 403)):
        told = door.client.options(f"/widget/{door.id}/ask", headers={"Origin": origin, **asking})
        assert told.status_code == status
        assert ("access-control-allow-origin" in told.headers) == (status == 204)
    assert told.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "origin",
    [
        "",
        "null",
        "https://example.org",
        "http://www.example.org",
        f"{PAGE}:8443",
        f"{PAGE}.evil.example",
        f"{PAGE}/",
        "*",
    ],
)
def test_pages_of_other_origins_get_nothing(door: SimpleNamespace, origin: str) -> None:
    refused = door.ask(Origin=origin)
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:citewise:problem:not-allowed"
    assert "citewise widgets add" in refused.json()["remedy"]
    assert not [name for name in refused.headers if name.startswith("access-control")]
    assert door.client.post(f"/widget/{door.id}/ask", json=BEES).status_code == 403


def test_an_id_opens_no_other_door(door: SimpleNamespace) -> None:
    page = {"Origin": PAGE}
    bearing = {"Authorization": f"Bearer {door.id}", "X-API-Key": door.id}
    for method, path in (("POST", "/api/v1/ask"), ("GET", "/api/v1/documents"), ("POST", "/v1/chat/completions")):
        assert door.client.request(method, path, json=BEES, headers=bearing).status_code == 401
        assert door.client.request(method, path, json=BEES, headers=page).status_code == 403
    for path in ("documents", "search", "ask/../../api/v1/documents", "%2e%2e/api/v1/documents", "feedback"):
        for method in ("GET", "POST"):
            assert door.client.request(method, f"/widget/{door.id}/{path}", headers=page).status_code in (403, 404)


def test_a_server_may_be_there_for_widgets_alone(tmp_path: Path) -> None:
    id = Widgets(tmp_path / "widgets.json").add("site", [PAGE]).id
    with served(app_over(Scripted(), tmp_path, names="docs.example"), headers={"Host": "docs.example"}) as client:
        assert client.post(f"/widget/{id}/ask", json=BEES, headers={"Origin": PAGE}).status_code == 200
        for path in ("/api/v1/documents", "/metrics", "/v1/models"):
            assert client.get(path).status_code == 401


@pytest.mark.parametrize(
    "more",
    [
        {"only": ["docs/"]},
        {"trace": True},
        {"writer": "model"},
        {"history": [{"question": "a"}] * 21},
        {"question": " "},
        {"question": "bees \ud800"},
        {"history": [{"question": "\ud800"}]},
    ],
)
def test_visitors_may_only_ask_and_are_told_what_is_wrong(door: SimpleNamespace, more: dict[str, Any]) -> None:
    refused = door.client.post(
        f"/widget/{door.id}/ask",
        content=json.dumps(BEES | more),
        headers={"Origin": PAGE, "Content-Type": "application/json"},
    )
    assert refused.status_code == 422
    assert refused.headers["access-control-allow-origin"] == PAGE  # or the page could not read it
    assert door.ask({"question": "a" * 1_000_000}).status_code == 413


def test_unknown_and_revoked_ids_are_refused_without_a_restart(door: SimpleNamespace) -> None:
    made = door.widgets.add("soon gone", [PAGE])
    assert door.ask(id=made.id).status_code == 200
    door.widgets.revoke("soon gone")
    for id in (made.id, "cww_none", "%00", "..%2f", "site"):
        assert door.ask(id=id).status_code in (403, 404)


def test_a_widget_tells_of_its_own_files_only(door: SimpleNamespace) -> None:
    made = door.widgets.add("mail only", [PAGE], ["mail/"])
    assert events_of(door.ask(id=made.id))[-1][1]["citations"][0]["source"] == "docs/mail/bees.md"
    shape = events_of(door.ask({"question": "How many households does the gas plant supply?"}, id=made.id))[-1][1]
    assert "gas.txt" not in json.dumps(shape)
    assert (shape["searched"]["files"], shape["searched"]["passages"]) == (1, 1)
    for question in ("Which files do you have?", "Hello!", "Who are you?"):
        shape = events_of(door.ask({"question": question}, id=made.id))[-1][1]
        assert shape["status"] == "about_assistant"
        assert "gas.txt" not in shape["text"]
        assert "1 file" in shape["text"]


def test_visitors_have_rates_of_their_own_stricter_than_keys(tmp_path: Path) -> None:
    app = app_over(Scripted(), tmp_path, visitor_per_minute=6, proxies=1)
    service = app.state.service
    one, other = (f"/widget/{service.widgets.add(name, [PAGE]).id}/ask" for name in ("one", "other"))
    with served(app) as client:

        def status(path: str, visitor: str) -> int:
            headers = {"Origin": PAGE, "X-Forwarded-For": f"9.9.9.9, {visitor}"}
            response = client.post(path, json=BEES, headers=headers)
            if response.status_code == 429:
                assert response.headers["retry-after"] == "10"
                assert "Retry-After" in response.headers["access-control-expose-headers"]
            return response.status_code

        assert [status(one, "10.0.0.1") for _ in range(11)] == [200] * 10 + [429]
        assert status(one, "10.0.0.2") == status(other, "10.0.0.1") == 200
        assert client.post("/api/v1/ask", json=BEES).status_code == 200


def test_a_visitor_has_few_questions_at_a_time() -> None:
    visitors = Visitors(0)
    two = visitors.place("ada"), visitors.place("ada")
    with two[0], two[1], visitors.place("bob"), pytest.raises(Problem, match="being answered"), visitors.place("ada"):
        pass
    with visitors.place("ada"):
        pass
    assert visitors._inside.total() == 0


def test_visitors_leave_half_of_the_places_to_keys(tmp_path: Path) -> None:
    app = app_over(Scripted(), tmp_path, running=3, waiting=0, visitor_per_minute=0)
    path, page = f"/widget/{app.state.service.widgets.add('site', [PAGE]).id}/ask", {"Origin": PAGE}
    slow = {"question": "a slow one", "stream": True}
    with served(app) as client, client.stream("POST", "/api/v1/ask", json=slow) as one:
        one_lines = one.iter_lines()  # kept, or the connection would be closed
        next(one_lines)
        assert client.post(path, json=BEES, headers=page).status_code == 200
        with client.stream("POST", "/api/v1/ask", json=slow) as two:
            two_lines = two.iter_lines()
            next(two_lines)
            assert client.post(path, json=BEES, headers=page).status_code == 429
            assert client.post("/api/v1/ask", json=BEES).status_code == 200


@pytest.mark.parametrize(
    ("forwarded", "proxies", "visitor"),
    [
        ("1.1.1.1", 0, "127.0.0.1"),
        ("1.1.1.1, 2.2.2.2", 1, "2.2.2.2"),
        ("1.1.1.1, 2.2.2.2", 2, "1.1.1.1"),
        ("1.1.1.1", 2, "127.0.0.1"),
        ("", 1, "127.0.0.1"),
        ("nonsense", 1, "127.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", 1, "2001:db8:1:2::/64"),
        ("::ffff:2.2.2.2", 1, "2.2.2.2"),
    ],
)
def test_visitors_are_told_apart_by_what_trusted_proxies_say(forwarded: str, proxies: int, visitor: str) -> None:
    from fastapi import Request

    headers = [(b"x-forwarded-for", forwarded.encode())]
    assert visitor_of(Request({"type": "http", "headers": headers, "client": ("127.0.0.1", 1)}), proxies) == visitor


# -- the script -------------------------------------------------------------------------------------------------------


def test_the_script_is_whole_small_cached_and_for_any_page(door: SimpleNamespace) -> None:
    got = door.client.get("/widget/widget.js", headers={"Origin": "https://anywhere.example"})
    assert got.headers["content-type"].startswith("text/javascript")
    assert got.headers["access-control-allow-origin"] == "*"
    assert len(got.content) < 60_000
    digest = f"sha384-{base64.b64encode(hashlib.sha384(got.content).digest()).decode()}"
    assert digest == widget()[1]
    assert door.client.get("/widget/widget.js", headers={"If-None-Match": got.headers["etag"]}).status_code == 304
    for shared in ("base.js", "chat.js", "panel.js", "widget.js"):
        assert read(shared) in got.text
    for unsafe in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "eval(",
        "document.write",
        "https://",
        "localStorage",
    ):
        assert unsafe not in got.text


# -- widgets ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://Example.org", "https://example.org"),
        ("https://example.org:443/", "https://example.org"),
        (" http://localhost:8000", "http://localhost:8000"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
        ("http://[::1]:80", "http://[::1]"),
        *((bad, None) for bad in ("", "example.org", "null", "*", "https://*.example.org", "https://a.example/page",
            "file:///home", "https://", "https://user@a.example", "https://a.example:x", "https://a.example?b")),
    ],
)  # fmt: skip
def test_origins_are_spelled_as_browsers_do(given: str, origin: str | None) -> None:
    if origin:
        assert origin_of(given) == origin
    else:
        with pytest.raises(CitewiseError, match="no origin"):
            origin_of(given)


def test_widgets_are_added_listed_and_revoked(cli: Run) -> None:
    added = cli("widgets", "add", "handbook", "--origin", PAGE, "--origin", "http://localhost:8000", "--only", "a/")
    assert added.code == OK
    script, tag = added.out.splitlines()
    assert script == '<script type="module" src="http://127.0.0.1:7861/widget/widget.js"></script>'
    file = data_folder() / "widgets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    (kept,) = Widgets(file).all()
    assert f'widget-id="{kept.id}"' in tag
    assert (kept.name, kept.origins, kept.only) == ("handbook", [PAGE, "http://localhost:8000"], ["a/"])
    assert f"{kept.id}  {PAGE}, http://localhost:8000" in cli("widgets", "list").out
    again = cli("--json", "--set", "server.names=docs.example", "widgets", "add", "two", "--origin", PAGE)
    shape = json.loads(again.out)
    assert "https://docs.example/widget/widget.js" in shape["tags"][0]
    assert shape["integrity"].startswith("sha384-")
    assert cli("widgets", "add", "handbook", "--origin", PAGE).code == FAILED
    assert cli("widgets", "add", "three", "--origin", "example.org").code == FAILED
    assert cli("widgets", "revoke", "handbook").code == cli("widgets", "revoke", "two").code == OK
    assert "no widgets" in cli("widgets", "list").out
