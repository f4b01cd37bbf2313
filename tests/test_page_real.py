"""The page over the real assistant and the sample documents: cite, add during the first sync, refuse strangers."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from browsing import Reader, browser
from terminals import ROOT

from rag import Assistant, Settings, data_folder
from rag.settings import IndexSettings
from ui.indexing import Indexing
from ui.page import build, free_port, launch


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
    reader.chat.locator(".examples button").first.wait_for()
    assert reader.box.input_value() == ""
    reader.close()


def test_strangers_are_refused(address: str) -> None:
    host = urlsplit(address).netloc
    port = urlsplit(address).port
    assert status_of(address, "GET", "/", Host="evil.example")[0] == 400
    assert status_of(address, "GET", "/", Host=f"localhost:{port}")[0] == 200
    assert status_of(address, "GET", "/gradio_api/file=/etc/passwd")[0] == 403
    json_type = {"Content-Type": "application/json"}
    for origin in ("http://evil.example", "null", "http://127.0.0.1:1", "https://localhost"):
        assert status_of(address, "POST", "/gradio_api/queue/join", {}, Origin=origin, **json_type)[0] == 403
    assert status_of(address, "POST", "/gradio_api/queue/join", {}, Origin=f"http://{host}", **json_type)[0] != 403


def test_a_malformed_call_is_answered(address: str) -> None:
    config = json.loads(status_of(address, "GET", "/config")[1])
    chat = next(part["id"] for part in config["components"] if part["props"].get("elem_id") == "cw-chat")
    call = {"session_hash": "x", "component_id": chat, "fn_name": "source"}
    malformed: tuple[Any, ...] = (None, [], "x", {}, {"source": "a", "start": "b"})
    for data in malformed:
        code, body = status_of(
            address,
            "POST",
            "/gradio_api/component_server",
            call | {"data": data},
            **{"Content-Type": "application/json"},
        )
        assert (code, list(json.loads(body))) == (200, ["error"])


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


def handlers(page: Any) -> dict[str, Any]:
    """What the page calls, by name."""
    return {function.fn.__name__: function.fn for function in page.fns.values() if function.fn}


def until(condition: Any, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(60):
        (docs / f"{number}.txt").write_text(f"Report {number}. " + f"The gauge {number} stood at one metre. " * 30)
    return docs


def test_files_and_folders_are_added_during_the_first_sync(docs: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "fee.txt").write_text("The lantern fee is eleven crowns.")
    sent = tmp_path / "heron.txt"
    sent.write_text("The heron nests in the bell tower.")
    assistant = Assistant.open(docs)
    indexing = Indexing(assistant)
    page = handlers(build(assistant, indexing))
    indexing.start()
    until(lambda: (state := indexing.state().get("progress")) and state["says"] == "Embedding passages")
    outcomes = page["add_files"]([str(sent)], [])[1]
    assert [(one["name"], one["ok"]) for one in outcomes] == [("heron.txt", None)]
    assert indexing.running
    assert not sent.exists()
    outcomes = page["add_folder"](str(tmp_path / "more"), outcomes)[1]
    assert outcomes[0] == {"name": str(tmp_path / "more"), "ok": True, "says": "folder added"}
    until(lambda: not indexing.running)
    assert indexing.state()["error"] == ""
    assert indexing.settle(outcomes)[1]["says"] == "ready, 1 passage"
    now = assistant.status()
    assert "add_folder" not in handlers(build(assistant, indexing, folders=False))
    assert (now.files, now.pending) == (62, 0)
    assert "bell tower" in assistant.ask("Where does the heron nest?").text
    assert json.loads((data_folder() / "last.json").read_text())["documents"] == [str(docs), str(tmp_path / "more")]
    assistant.close()


def test_a_copy_that_is_gone_is_an_outcome(docs: Path, tmp_path: Path) -> None:
    assistant = Assistant.open(docs)
    (tmp_path / "b.txt").write_text("The heron nests in the bell tower.")
    names = [str(tmp_path / "a.txt"), str(tmp_path / "b.txt")]
    outcomes = handlers(build(assistant))["add_files"](names, [])[1]
    assert [(one["name"], one["ok"]) for one in outcomes] == [("b.txt", None), ("a.txt", False)]
    assert "could not be read" in outcomes[1]["says"]
    assistant.close()
