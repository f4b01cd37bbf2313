"""The page over the real assistant and the sample documents: cite, add during the first sync, refuse strangers."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browsing import Reader, browser
from terminals import ROOT

from rag import Assistant, Settings
from rag.settings import IndexSettings
from ui.page import free_port, launch


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    place = tmp_path_factory.mktemp("real")
    shutil.copytree(ROOT / "samples", place / "samples")
    assistant = Assistant.open(place / "samples", settings=Settings(index=IndexSettings(max_file_mb=1)))
    for _ in assistant.sync():
        pass
    yield launch(assistant, port=free_port("127.0.0.1", 8060), open_browser=False, block=False)
    assistant.close()


def status_of(address: str, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    connection.request(method, path, json.dumps(body) if body is not None else None, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


@browser
def test_a_marker_highlights_the_quote(chromium: Any, address: str) -> None:
    reader = Reader(chromium, address)
    turn = reader.ask("How high is the deposit for a plot?")
    statement = turn.locator(".statement").first
    quote = statement.evaluate(
        "node => node.firstChild.textContent + node.querySelector('.end').firstChild.textContent"
    )
    statement.locator(".chip").click()
    reader.mark.wait_for()
    assert reader.mark.inner_text() == quote
    assert "60 euros" in quote
    reader.close()  # which asserts that every request went to 127.0.0.1


@browser
def test_a_question_outlives_a_reload(chromium: Any, address: str) -> None:
    reader = Reader(chromium, address)
    reader.box.fill("How high is the dep")
    reader.tab.reload()
    reader.chat.locator(".examples button").first.wait_for()
    assert reader.box.input_value() == "How high is the dep"
    reader.ask("How high is the deposit for a plot?")
    reader.tab.reload()
    reader.chat.locator(".turn .sources").wait_for()
    assert reader.box.input_value() == ""
    reader.close()


@browser
def test_the_original_is_saved_from_the_panel(chromium: Any, address: str) -> None:
    reader = Reader(chromium, address)
    reader.ask("How high is the deposit for a plot?").locator(".chip").first.click()
    reader.chat.locator(".parts mark").first.wait_for()
    with reader.tab.expect_download() as download:
        reader.chat.get_by_role("button", name="Download the original").click()
    assert download.value.suggested_filename == "handbook.md"
    saved = Path(download.value.path()).read_bytes()
    assert saved == (ROOT / "samples" / "garden" / "handbook.md").read_bytes()
    reader.close()
    path = "/original?source=samples/garden/handbook.md"
    assert status_of(address, "GET", path) == (200, saved)
    assert status_of(address, "GET", path, Host="evil.example")[0] == 400
    assert status_of(address, "GET", "/original?source=/etc/passwd")[0] == 404


def test_strangers_are_refused(address: str) -> None:
    host = urlsplit(address).netloc
    port = urlsplit(address).port
    assert status_of(address, "GET", "/", Host="evil.example")[0] == 400
    assert status_of(address, "GET", "/", Host=f"localhost:{port}")[0] == 200
    assert status_of(address, "GET", "/gradio_api/file=/etc/passwd")[0] == 403
    json_type = {"Content-Type": "application/json"}
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", "http://localhost:1", "https://localhost"):
        for path in ("/", "/config", "/original?source=samples/garden/handbook.md"):
            assert status_of(address, "GET", path, Origin=origin)[0] == 403
        assert status_of(address, "POST", "/gradio_api/queue/join", {}, Origin=origin, **json_type)[0] == 403
    assert status_of(address, "POST", "/gradio_api/queue/join", {}, Origin=f"http://{host}", **json_type)[0] != 403


def test_a_malformed_call_is_answered(address: str) -> None:
    """Every function of every component, called with what it does not take."""
    take_nothing = {"choices", "evaluation", "end_evaluation", "examples", "go_on", "halt", "library", "library_sync",
                    "quality", "reach", "writer"}  # fmt: skip
    config = json.loads(status_of(address, "GET", "/config")[1])
    offered = {name: part["id"] for part in config["components"] for name in part["props"].get("server_fns") or ()}
    assert len(offered) > len(take_nothing) > len(take_nothing - set(offered)) == 0
    malformed: tuple[Any, ...] = (None, [], "x", {}, {"source": "a", "start": "b"}, {"id": ["x"], "question": 7})
    for name, component in offered.items():
        for data in malformed:
            call = {"session_hash": "x", "component_id": component, "fn_name": name, "data": data}
            json_type = {"Content-Type": "application/json"}
            code, body = status_of(address, "POST", "/gradio_api/component_server", call, **json_type)
            assert code == 200, (name, data)
            if name not in take_nothing or isinstance(data, list | str):
                assert list(json.loads(body)) == ["error"], (name, data)


def test_no_larger_upload_is_taken_than_is_read(address: str) -> None:
    for size, code in ((900_000, 200), (1_100_000, 413)):
        body = (
            b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
            + b"a" * size
            + b"\r\n--x--\r\n"
        )
        connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
        connection.request("POST", "/gradio_api/upload", body, {"Content-Type": "multipart/form-data; boundary=x"})
        assert connection.getresponse().status == code


def test_copies_of_uploads_are_private(address: str) -> None:
    place = Path(os.environ["GRADIO_TEMP_DIR"])
    assert place.name == "page"
    assert stat.S_IMODE(place.stat().st_mode) == 0o700
