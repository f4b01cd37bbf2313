"""The examples of the pages, run as they stand: programs against a real server, the page in a real browser."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import httpx
import pytest
from browsing import browser
from serving import app_over, served
from terminals import LINES_FAILED, NOT_IN_DOCUMENTS, OK, ROOT, Run

from rag import Assistant
from ui.cli import parse

ADDRESS, ID, PAGE = "http://127.0.0.1:7861", "cww_P3lWy8EzI4Oo_Muo", "http://localhost:8000"
TOLD = "A lost key costs 18 euros to replace."


def page(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def blocks(name: str, kind: str) -> list[str]:
    """What stands in the fences of this kind on a page."""
    return re.findall(rf"^```{kind}\n(.*?)^```", page(name), re.M | re.S)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with Assistant.open(ROOT / "samples" / "garden", index=tmp_path_factory.mktemp("docs") / "index") as assistant:
        assistant.sync_all()
        yield assistant


@pytest.fixture(scope="module")
def server(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    app = app_over(assistant, tmp_path_factory.mktemp("keys"), per_minute=0)
    with served(app) as client:
        yield SimpleNamespace(
            address=str(client.base_url).rstrip("/"), widgets=app.state.service.widgets, client=client
        )


def run(name: str, block: str, server: SimpleNamespace | None = None) -> dict[str, Any]:
    """Run a block of a page, with the address that it names put right."""
    names: dict[str, Any] = {"__name__": name}
    exec(compile(block.replace(ADDRESS, server.address) if server else block, name, "exec"), names)
    return names


def test_the_answer_that_is_shown_is_one_that_is_given(assistant: Assistant) -> None:
    (shown,) = map(json.loads, blocks("docs/answer.md", "json"))
    given = json.loads(json.dumps(assistant.ask(shown["question"]).to_dict()))
    steps = [step["step"] for step in given.pop("trace")]
    assert list(shown) == list(given)
    assert shown | {"timings_ms": {}} == given | {"timings_ms": {}}
    assert shown["timings_ms"].keys() == given["timings_ms"].keys()
    told = page("docs/answer.md").partition("\n## Trace\n")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \| \w", told, re.M) == steps


def test_http_by_curl(server: SimpleNamespace) -> None:
    if not shutil.which("curl"):
        pytest.skip("there is no curl")
    script = blocks("docs/http.md", "sh")[0].replace(ADDRESS, server.address)
    said = subprocess.run(["sh", "-c", script], capture_output=True, check=True, timeout=30).stdout
    assert httpx.Response(200, content=said).json()["text"] == f"{TOLD} [1]"


def test_http(server: SimpleNamespace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    client, app = blocks("docs/http.md", "python")
    run("http.md", client, server)
    said = capsys.readouterr().out.splitlines()
    assert said[:2] == [f"answered {TOLD} [1]", f"1 garden/handbook.md 24 {TOLD}"]
    assert "who keeps the key book." in said[-2]
    assert said[-1] == "uploads/rules.md"
    while server.client.get("/api/v1/index").json()["running"]:
        time.sleep(0.02)
    assert server.client.delete("/api/v1/documents/uploads/rules.md").status_code == 200
    with served(run("http.md", app)["app"]) as own:
        assert own.get("/health").status_code == 200


def test_openai(server: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    (block,) = blocks("docs/openai.md", "python")
    run("openai.md", block, server)
    answer, cited, quote, *streamed = capsys.readouterr().out.splitlines()
    assert (answer, quote) == (f"{TOLD} [1]", TOLD)
    assert f"{server.address}/api/v1/documents/garden/handbook.md/text?start=1266&end=1303" in cited
    assert "who keeps the key book." in " ".join(streamed)


def test_mcp(server: SimpleNamespace, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("mcp")
    (block,) = blocks("docs/mcp.md", "python")
    run("mcp.md", block, server)
    tools, answer, *passage = capsys.readouterr().out.splitlines()
    assert "ask_documents" in tools
    assert answer == f"{TOLD} [1]"
    assert TOLD in "\n".join(passage)


@browser
def test_the_widget(server: SimpleNamespace, chromium: Any) -> None:
    (html,) = blocks("docs/widget.md", "html")

    class Site(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(html.replace(ADDRESS, server.address).replace(ID, widget).encode())

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as site:
        origin = f"http://localhost:{site.server_port}"
        widget = server.widgets.add("docs", [origin]).id
        threading.Thread(target=site.serve_forever, daemon=True).start()
        tab = chromium.new_page()
        tab.goto(origin)
        tab.locator("#help").click()
        tab.locator("citewise-widget").locator(".turn[aria-busy=false] .prose").wait_for()
        assert TOLD in tab.locator("citewise-widget").locator(".prose").inner_text()
        tab.context.close()
        site.shutdown()
    server.widgets.revoke("docs")


def test_the_tags_of_the_widget_are_those_of_the_command(cli: Run) -> None:
    command, *tags = blocks("docs/widget.md", "console")[0].splitlines()[:3]
    said = cli(*shlex.split(command)[2:]).out
    assert re.sub(r'id="cww_.*?"', f'id="{ID}"', said).splitlines() == tags
    assert PAGE in command
    assert cli("widgets", "revoke", "handbook").code == OK


def test_the_terminal_and_python(
    cli: Run, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The session of the page on the command line, the quickstart, and the README's lines of Python."""
    monkeypatch.chdir(ROOT)
    (python,) = blocks("docs/quickstart.md", "python")
    assert blocks("README.md", "python") == [python]
    *lines, last = blocks("docs/cli.md", "sh")[0].splitlines()
    said = {line: cli(*shlex.split(line)[1:]) for line in lines}
    assert {line: result.code for line, result in said.items() if result.code != OK} == {}
    answer, refusal = blocks("docs/quickstart.md", "text")
    asked = blocks("docs/quickstart.md", "sh")[2:]
    assert said[asked[0].splitlines()[1]].out == answer
    refused = cli(*shlex.split(asked[1])[1:])
    assert refused.out.startswith(refusal)
    assert refused.code == NOT_IN_DOCUMENTS
    (lines_of_a_batch,) = blocks("docs/cli.md", "json")
    (tmp_path / "batch.jsonl").write_text(lines_of_a_batch + "{}\n", "utf-8")
    batch = cli("ask", "--batch", str(tmp_path / "batch.jsonl"))
    assert [json.loads(line)["id"] for line in batch.out.splitlines()] == ["k1", "k2", None]
    assert json.loads(batch.out.splitlines()[2]).keys() == {"id", "line", "error"}
    assert batch.code == LINES_FAILED
    capsys.readouterr()
    run("quickstart.md", python)
    assert capsys.readouterr().out == f"{TOLD} [1] garden/handbook.md 24\n"
    assert cli(*shlex.split(last)[1:]).code == OK


def test_every_command_of_the_pages_is_one_that_there_is() -> None:
    pages = ["README.md", *(f"docs/{path.name}" for path in ROOT.glob("docs/*.md"))]
    shown = "\n".join(block for name in pages for block in blocks(name, "(?:sh|console)"))
    lines = re.findall(
        r"^(?:\$ )?(?:\.venv/bin/)?citewise (?!eval )(.*)", shown, re.M
    )  # for those see test_eval_docs.py
    assert len(lines) > 20
    for line in lines:
        assert parse(shlex.split(line, comments=True)).command
