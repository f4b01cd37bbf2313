"""Documents over HTTP: names that are tricks, files that changed or lie, uploads, and a folder that disappears."""

from __future__ import annotations

import http.client
import io
import os
import shutil
import time
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from serving import app_over, assistant_over, events_of, served
from test_server_limits import wire
from test_store import traces

from ui.originals import read_now

LIST = "/api/v1/documents"
SECRET = "the secret of another folder"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    (tmp_path / "secret.txt").write_text(SECRET)
    return tmp_path


@pytest.fixture
def client(base: Path) -> Iterator[httpx.Client]:
    with served(app_over(assistant_over(base), base, per_minute=0)) as client:
        yield client


@pytest.fixture(scope="module")
def reading(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A server for tests that change nothing."""
    base = tmp_path_factory.mktemp("reading")
    with served(app_over(assistant_over(base), base, per_minute=0)) as client:
        yield client


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def settled(client: httpx.Client, source: str, state: str = "ready") -> dict[str, Any]:
    """What is known of a file as soon as it has this state."""
    until = time.monotonic() + 10
    while True:
        known = client.get(f"{LIST}/{source}")
        if known.status_code == 200 and known.json()["state"] == state:
            return known.json()
        assert time.monotonic() < until, known.text
        time.sleep(0.05)


@pytest.mark.parametrize(
    "name",
    [
        "../secret.txt", "docs/../../secret.txt", "docs/..%2f..%2fsecret.txt", "%2e%2e/secret.txt", "docs%252fgas.txt",
        "/etc/passwd", "%2fetc%2fpasswd", "file:%2f%2f%2fetc%2fpasswd", "docs/gas.txt%00", "%00", "docs\\gas.txt",
        "docs/gas%EF%BC%8Etxt", "docs%E2%88%95gas.txt", "docs/g%D0%B0s.txt", "DOCS/GAS.TXT", "docs/./gas.txt",
        "docs//gas.txt", "docs/gas.txt/", "docs/gas.txt%20", "docs", "docs/%ff.txt", "keys.json", "a" * 5000,
    ],
)  # fmt: skip
def test_only_the_names_of_the_index_name_a_file(reading: httpx.Client, name: str) -> None:
    for what in ("", "/text", "/original"):
        wire = http.client.HTTPConnection(reading.base_url.host, reading.base_url.port, timeout=5)
        with closing(wire):  # httpx would take the tricks out
            wire.request("GET", f"{LIST}/{name}{what}")
            response = wire.getresponse()
            said = response.read().decode()
        assert response.status == 404, said
        assert response.headers["content-type"] == "application/problem+json"
        assert "/reading" not in said


@pytest.mark.parametrize("change", ["link", "edit", "gone", "pipe", "folder"])
def test_only_bytes_that_were_indexed_are_given_out(client: httpx.Client, base: Path, change: str) -> None:
    file = base / "docs" / "gas.txt"
    file.unlink()
    if change == "link":
        file.symlink_to(base / "secret.txt")
    elif change == "edit":
        file.write_text("something else")
    elif change == "pipe":
        os.mkfifo(file)
    elif change == "folder":
        file.mkdir()
    response = client.get(f"{LIST}/docs/gas.txt/original")
    assert response.status_code == (404 if change in ("gone", "folder") else 409)
    assert SECRET not in response.text
    assert "plant" not in response.text


def test_a_file_opens_where_opening_always_waits(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (document,) = [one for one in assistant_over(base).documents() if one.source == "docs/gas.txt"]
    monkeypatch.delattr(os, "O_NONBLOCK")  # as on Windows
    assert read_now(document, 1000) == Path(document.path).read_bytes()


def test_a_page_among_the_documents_is_never_shown(base: Path) -> None:
    page = {"evil.html": "<p>The moon is made of cheese.</p><script>alert(1)</script>", "a\"b'c.txt": "Quoted moon."}
    with served(app_over(assistant_over(base, None, page), base)) as client:
        response = client.get(f"{LIST}/docs/evil.html/original")
        assert response.text == page["evil.html"]
        assert response.headers["content-type"] == "application/octet-stream"
        assert response.headers["content-disposition"] == "attachment; filename*=UTF-8''evil.html"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in response.headers["content-security-policy"]
        other = client.get(f"{LIST}/docs%2Fa%22b'c.txt/original")
        assert other.headers["content-disposition"] == "attachment; filename*=UTF-8''a%22b%27c.txt"


def test_a_span_of_text(reading: httpx.Client) -> None:
    whole = reading.get(f"{LIST}/docs/gas.txt/text").json()
    assert whole["length"] == whole["end"] == len(whole["text"])
    part = reading.get(f"{LIST}/docs/gas.txt/text", params={"start": 4, "end": 13}).json()
    assert (part["text"], part["start"], part["end"]) == (whole["text"][4:13], 4, 13)
    beyond = reading.get(f"{LIST}/docs/gas.txt/text", params={"start": 10**9}).json()
    assert (beyond["text"], beyond["start"]) == ("", whole["length"])
    for wrong in ({"start": -1}, {"end": "x"}, {"start": 10**40}):
        assert reading.get(f"{LIST}/docs/gas.txt/text", params=wrong).status_code in (200, 422)
    assert reading.get(f"{LIST}/docs/gas.txt/text", params={"start": -1}).status_code == 422


def test_pages_of_the_list(reading: httpx.Client) -> None:
    first, rest = (reading.get(LIST, params={"limit": 2, "offset": offset}).json() for offset in (0, 2))
    assert [first["total"], rest["total"], len(first["documents"]), len(rest["documents"])] == [3, 3, 2, 1]
    failed = reading.get(LIST, params={"state": "failed"}).json()["documents"]
    assert [(one["source"], one["passages"]) for one in failed] == [("docs/scan.pdf", 0)]
    assert failed[0]["reason"]
    for wrong in ({"limit": 0}, {"limit": 1001}, {"offset": -1}, {"state": "fine"}):
        assert reading.get(LIST, params=wrong).status_code == 422


def test_files_are_sent_read_and_removed(client: httpx.Client, base: Path) -> None:
    files = [
        ("file", (name, b"The wasps are kept by Ida.")) for name in ("../../wasps.txt", "wasps.exe", ".hidden.txt")
    ]
    sent = client.post(LIST, files=files)
    assert sent.status_code == 201
    assert [one["source"] for one in sent.json()["documents"]] == ["uploads/wasps.txt", None, None]
    assert "no supported type" in sent.json()["documents"][1]["detail"]
    assert not (base / "wasps.txt").exists()
    large = client.post(LIST, files=[("file", ("large.html", b"<p>Moths.</p><!--" + b"x" * 2_000_000))])
    assert large.status_code == 201, large.text  # larger than other bodies may be
    settled(client, "uploads/wasps.txt")
    found = client.post("/api/v1/ask", json={"question": "Who keeps the wasps?", "only": ["uploads/"]}).json()
    assert found["citations"][0]["source"] == "uploads/wasps.txt"
    assert client.delete(f"{LIST}/uploads/wasps.txt").json()["outcome"] == "deleted"
    assert client.get(f"{LIST}/uploads/wasps.txt").status_code == 404


def test_more_uploads_than_are_taken_at_once(base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ui.server.service.MOST_UPLOADS", 1)
    app = app_over(assistant_over(base), base)
    files = {"file": ("wasps.txt", b"The wasps are kept by Ida.")}
    with served(app) as client:
        with closing(wire(client)) as slow:
            slow.sendall(b"POST /api/v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n")
            slow.sendall(b"Content-Type: multipart/form-data; boundary=b\r\n\r\n--b\r\n")
            until(app.state.service.uploads.locked)
            refused = client.post(LIST, files=files)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "5")
        until(lambda: client.post(LIST, files=files).status_code == 201)
        told = client.get("/metrics").text
        assert ('status="499"' in told, 'status="500"' in told) == (True, False)  # whoever left is no defect of ours


def test_uploads_wait_for_their_turn_on_the_disk(base: Path) -> None:
    app = app_over(assistant_over(base), base)
    large = base / "large.html"
    large.write_bytes(b"<p>Moths.</p><!--" + b"x" * 8_000_000)

    with served(app) as client, ThreadPoolExecutor(4) as pool, closing(Traced()) as memory:

        def send(number: int) -> int:
            with large.open("rb") as file:
                return client.post(LIST, files={"file": (f"{number}.html", file)}).status_code

        with app.state.service.indexing.paused():
            sent = [pool.submit(send, number) for number in range(4)]
            until(lambda: app.state.service.indexing._waiting == 4)
            assert memory.bytes < 8_000_000
        assert [one.result() for one in sent] == [201] * 4


class Traced:
    """The memory that was taken since it was made."""

    def __init__(self) -> None:
        tracemalloc.start()

    @property
    def bytes(self) -> int:
        return tracemalloc.get_traced_memory()[0]

    def close(self) -> None:
        tracemalloc.stop()


def test_a_reader_delays_that_words_are_erased_and_does_not_prevent_it(
    base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.database.BUSY_SECONDS", 0.05)
    monkeypatch.setattr("ui.watching.AFTER_ERROR", 0.1)
    assistant = assistant_over(base)
    app = app_over(assistant, base)
    indexing = app.state.service.indexing
    indexing.watch.every = 0.02
    with served(app) as client:
        indexing.watch.begin()
        with assistant.index.snapshot() as reading:
            reading.counts()
            assert client.delete(f"{LIST}/docs/mail/bees.md").status_code == 200
            until(lambda: indexing.report)  # it was tried
            assert traces(base / "index", "Okafor")
        until(lambda: not traces(base / "index", "Okafor"))
        assert client.get(f"{LIST}/docs/mail/bees.md").status_code == 404


def test_a_file_of_the_user_is_excluded_and_restored(client: httpx.Client, base: Path) -> None:
    assert client.delete(f"{LIST}/docs/gas.txt").json() == {"source": "docs/gas.txt", "outcome": "excluded"}
    assert (base / "docs" / "gas.txt").exists()
    assert client.get(f"{LIST}/docs/gas.txt/original").status_code == 404
    assert client.delete(f"{LIST}/docs/gas.txt").status_code == 404
    assert client.post(f"{LIST}/docs/gas.txt/restore").status_code == 202
    settled(client, "docs/gas.txt")
    assert client.post(f"{LIST}/docs/gas.txt/restore").status_code == 404


def test_files_that_lie_about_their_type_are_told_to_have_failed(client: httpx.Client) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../../word/document.xml", "0" * 5_000_000)
    files = [("file", (name, bomb.getvalue())) for name in ("a.pdf", "b.docx", "c.epub")]
    assert client.post(LIST, files=files).status_code == 201
    for name in ("a.pdf", "b.docx", "c.epub"):
        assert settled(client, f"uploads/{name}", "failed")["reason"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ({"files": [("file", ("a.exe", b"MZ"))]}, 415),
        ({"files": [("other", ("a.txt", b"x"))]}, 422),
        ({"data": {"file": "no file"}}, 400),
        ({"content": b"{}", "headers": {"Content-Type": "application/json"}}, 422),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data"}}, 400),
        ({"content": b"x", "headers": {"Content-Type": "multipart/form-data; boundary=b"}}, 400),
        ({"files": [("file", (f"{n}.txt", b"x")) for n in range(30)]}, 400),
    ],
)
def test_uploads_that_are_none(reading: httpx.Client, sent: dict[str, Any], status: int) -> None:
    response = reading.post(LIST, **sent)
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"


def test_a_folder_that_disappears(client: httpx.Client, base: Path) -> None:
    shutil.move(base / "docs", base / "elsewhere")
    assert client.post("/api/v1/ask", json={"question": "Who keeps the bees?"}).json()["status"] == "answered"
    assert client.get(f"{LIST}/docs/gas.txt/original").status_code == 404
    assert client.post("/api/v1/index").status_code == 202
    told = events_of(client.get("/api/v1/index/events"))
    name, state = told[-1]
    assert name == "done"
    assert state["files"] == 2, state  # nothing is lost
    assert [source for source, _ in state["report"]["skipped"]] == ["docs"], state
    assert str(base) not in str(state)
    shutil.move(base / "elsewhere", base / "docs")
    client.post("/api/v1/index")
    assert events_of(client.get("/api/v1/index/events"))[-1][1]["report"]["skipped"] == []


def test_an_index_that_disappears(client: httpx.Client, base: Path) -> None:
    (base / "index").rename(base / "gone")  # at once: the tests before may still be followed by a sync
    for response in (client.post("/api/v1/ask", json={"question": "Who?"}), client.get("/ready"), client.get(LIST)):
        assert response.status_code == 503
        assert response.json()["type"] == "urn:citewise:problem:not-ready"
        assert str(base) not in response.text
    assert client.get("/health").status_code == 200


def test_a_sync_is_followed(client: httpx.Client, base: Path) -> None:
    for n in range(40):
        (base / "docs" / f"new{n}.txt").write_text(f"Number {n} of the new ones.")
    assert client.post("/api/v1/index").json() == {"running": True}
    told = events_of(client.get("/api/v1/index/events"))
    assert [name for name, _ in told][-1] == "done"
    assert told[0][1]["running"]
    assert told[-1][1]["report"]["added"] == 40
    assert client.get("/api/v1/index").json() == told[-1][1]
    assert client.delete("/api/v1/index").json() == {"running": False}
