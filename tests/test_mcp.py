"""MCP over stdio: the command as a process of its own, asked by the official client and by hand."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from terminals import FAILED, OK, ROOT, process

pytest.importorskip("mcp")
from hosts import TOOLS, Host, over_stdio
from jsonschema import Draft202012Validator

from rag import Assistant

DREDGED = "Who dredged the harbour of Veldt?"
LONG = "The first line tells of ropes.\n" + "\n" * 60_000 + "The last line tells of knots.\n"
ODD = "mail/100% of #1? ü& `x`.txt"


@pytest.fixture(scope="module")
def folder(user: dict[str, str]) -> Path:
    folder = Path(user["HOME"]) / "port"
    (folder / ODD).write_text("The odd one tells of anchors.\n")
    (folder / "long.txt").write_text(LONG)
    return folder


@pytest.fixture(scope="module")
def host(user: dict[str, str], folder: Path) -> Iterator[Host]:
    """A host that starts over a folder which was never indexed."""
    with over_stdio(user, str(folder), "--index-first") as host:
        yield host


@pytest.fixture
def assistant(host: Host, user: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Assistant]:
    """The same index in this process."""
    host.call("list_documents")
    for name, value in user.items():
        monkeypatch.setenv(name, value)
    assistant = Assistant.open(folder)
    yield assistant
    assistant.close()


def test_tools_tell_what_they_are_for(host: Host) -> None:
    tools = host.do("list_tools").tools
    assert [tool.name for tool in tools] == TOOLS
    for tool in tools:
        hints = tool.annotations
        assert hints.read_only_hint
        assert not hints.destructive_hint
        assert not hints.open_world_hint
        assert len(tool.description) > 200
        for schema in (tool.input_schema, tool.output_schema):
            Draft202012Validator.check_schema(schema)
        assert all(field["description"] for field in tool.input_schema["properties"].values())
    assert "ask_documents first" in str(host.client.instructions)
    assert host.client.server_capabilities.resources is not None


def test_the_answer_is_the_assistants(host: Host, assistant: Assistant) -> None:
    told = host.call("ask_documents", question=DREDGED)
    expected = assistant.ask(DREDGED).to_dict()
    assert set(told) == set(expected) - {"trace"}
    assert told["citations"]
    for name in set(told) - {"timings_ms"}:
        assert told[name] == json.loads(json.dumps(expected[name])), name
    history = [{"question": DREDGED, "answer": told["text"]}]
    assert host.call("ask_documents", question="And when?", history=history)["understood_as"] != "And when?"


def test_an_answer_reads_well(host: Host) -> None:
    text = host.text("ask_documents", question=DREDGED)
    said, _, sources = text.partition("\n\n**Sources.**")
    assert "Ilse Brandt" in said
    assert said.endswith("[1]")
    assert "\n\n[1] `port/harbour.md`, line 3, under “Harbour”, characters " in sources
    assert "\n```text\nThe harbour of Veldt was dredged in 1987 by the engineer Ilse Brandt.\n```" in sources


def test_a_refusal_says_what_was_searched(host: Host) -> None:
    told = host.call("ask_documents", question="What is the capital of Mongolia?")
    assert told["status"] == "not_in_documents"
    assert not told["citations"]
    text = host.text("ask_documents", question="What is the capital of Mongolia?")
    assert "**No answer.**" in text
    assert "Searched: 6 files" in text


def test_a_search_gives_the_assistants_passages(host: Host, assistant: Assistant) -> None:
    found = host.call("search_documents", question="pilot boat crew", k=2, only=["port/mail/"])
    expected = assistant.search("pilot boat crew", k=2, only=["port/mail/"])
    assert [(one["source"], one["text"]) for one in found["passages"]] == [(p.source, p.text) for p in expected]
    assert found["passages"][0]["source"] == "port/mail/pilot.txt"
    assert "named Bosun" in host.text("search_documents", question="pilot boat crew")


def test_a_citation_is_read_in_its_context(host: Host) -> None:
    citation = host.call("ask_documents", question=DREDGED)["citations"][0]
    place = {name: citation[name] for name in ("source", "start", "end")}
    assert host.call("read_passage", **place)["text"] == citation["quote"]
    wider = host.call("read_passage", **place, around=40)
    assert wider["start"] == max(0, citation["start"] - 40)
    assert citation["quote"] in wider["text"]
    whole = ""
    while len(whole) < len(LONG):
        page = host.call("read_passage", source="port/long.txt", start=len(whole))
        assert page["length"] == len(LONG)
        assert len(page["text"]) == page["end"] - page["start"] <= 20_000
        whole += page["text"]
    assert whole == LONG
    assert "To read on: start=20000" in host.text("read_passage", source="port/long.txt")


def test_documents_are_listed_with_their_faults(host: Host) -> None:
    told = host.call("list_documents")
    assert told["indexing"] == ""
    states = {one["source"]: one["state"] for one in told["documents"]}
    assert states["port/locked.pdf"] == "failed"
    assert states[f"port/{ODD}"] == "ready"
    assert "path" not in told["documents"][0]
    assert "`port/locked.pdf`" in host.text("list_documents", only=["*.pdf"])
    page = host.call("list_documents", offset=1, limit=2)
    assert [one["source"] for one in page["documents"]] == sorted(states)[1:3]


@pytest.mark.parametrize(
    ("tool", "arguments", "says"),
    [
        ("read_passage", {"source": "../../etc/passwd"}, "There is no document '../../etc/passwd'. list_documents"),
        ("read_passage", {"source": "port/harbour.md\x00"}, "There is no document"),
        ("read_passage", {"source": "port/harbour.md", "start": 9_999}, "is no span of it"),
        ("read_passage", {"source": "port/harbour.md", "start": 9, "end": 3}, "is no span of it"),
        ("read_passage", {"sorce": "port/harbour.md"}, "source: Field required"),
        ("ask_documents", {"question": " "}, "The question is empty"),
        ("ask_documents", {"question": "boats?", "only": ["nowhere/"]}, "No indexed file matches nowhere/"),
        ("ask_documents", {"question": "boats?", "only": "port/"}, "only: "),
        ("search_documents", {"question": "boats?", "k": 0}, "k: "),
        ("search_documents", {"question": "boats?", "writer": "x"}, "writer: "),
    ],
)
def test_what_cannot_be_done_is_said(host: Host, tool: str, arguments: dict[str, Any], says: str) -> None:
    told = host.failure(tool, **arguments)
    assert says in told
    assert "Traceback" not in told
    assert str(ROOT) not in told


def test_an_unknown_tool_is_an_error_of_the_protocol(host: Host) -> None:
    assert "ask_documents" in host.error("call_tool", "delete_documents", {}).message


def test_documents_are_resources(host: Host) -> None:
    uris = {one.name: one.uri for one in host.do("list_resources").resources}
    assert "port/locked.pdf" not in uris
    odd = host.do("read_resource", uris[f"port/{ODD}"]).contents[0]
    assert odd.text == "The odd one tells of anchors.\n"
    uri, whole = uris["port/long.txt"], ""
    while uri:
        page = host.do("read_resource", uri).contents[0]
        whole, uri = whole + page.text, page.meta.get("next")
    assert whole == LONG
    template = host.do("list_resource_templates").resource_templates[0]
    assert template.uri_template == "document:///{source}{?start}"
    assert host.do("read_resource", "document:///port%2Fharbour.md?start=2").contents[0].text.startswith("Harbour")


@pytest.mark.parametrize(
    "uri",
    [
        "document:///../../etc/passwd", "document:///port/../port/harbour.md", "document:///port/%2e%2e/x",
        "document:///port/harbour.md%00", "document://port/harbour.md", "file:///etc/passwd", "document:///",
        "document:///port/harbour.md?start=-1", "document:///port/harbour.md?start=99999", "document:///port/%ff",
        "document:///port/harbour.md?end=3", "document:///port/harbour.md#a", "nonsense", "document://[",
    ],
)  # fmt: skip
def test_addresses_that_lead_nowhere_are_refused(host: Host, uri: str) -> None:
    error = host.error("read_resource", uri)
    assert error.code == -32602
    assert "Traceback" not in error.message


def test_lists_are_current(host: Host, folder: Path) -> None:
    added = folder / "late.txt"
    added.write_text("The late file tells of a whistling buoy.\n")
    time.sleep(1.1)  # between two looks at the folders
    assert "port/late.txt" in [one["source"] for one in host.call("list_documents")["documents"]]
    assert host.call("ask_documents", question="Which file tells of a whistling buoy?")["citations"]
    added.unlink()
    time.sleep(1.1)
    assert "port/late.txt" not in [one.name for one in host.do("list_resources").resources]


# -- by hand ----------------------------------------------------------------------------------------------------------

NOISY = """
import os, sys, rag.assistant
stream = rag.assistant.Assistant.stream
def noisy(*args, **options):
    print("noise"); os.write(1, b"noise\\n"); os.system("echo noise")
    return stream(*args, **options)
rag.assistant.Assistant.stream = noisy
from ui.cli import main
sys.exit(main(["mcp", *sys.argv[1:]]))
"""


HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "hand", "version": "1"}}


def message(number: int | None, method: str, **params: Any) -> bytes:
    shape = {"jsonrpc": "2.0", "method": method, "params": params} | ({} if number is None else {"id": number})
    return json.dumps(shape).encode() + b"\n"


def test_nothing_but_the_protocol_is_on_standard_output(host: Host, user: dict[str, str], folder: Path) -> None:
    command = [sys.executable, "-c", NOISY, str(folder)]
    with subprocess.Popen(
        command, env=user, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as run:
        assert run.stdin
        assert run.stdout
        assert run.stderr
        run.stdin.write(message(1, "initialize", **HELLO) + message(None, "notifications/initialized"))
        run.stdin.write(message(2, "tools/call", name="ask_documents", arguments={"question": DREDGED}))
        run.stdin.write(b"no JSON\n" + message(3, "tools/list"))
        run.stdin.flush()
        answers: dict[Any, Any] = {}
        while not {1, 2, 3} <= set(answers):
            heard = json.loads(run.stdout.readline())
            answers[heard.get("id")] = heard
        run.stdin.close()
        assert run.stdout.read() == b""
        errors = run.stderr.read().decode()
        assert run.wait(20) == OK
    assert answers[1]["result"]["protocolVersion"] == "2025-06-18"
    assert "Ilse Brandt" in answers[2]["result"]["structuredContent"]["text"]
    assert errors.count("noise") == 3
    assert "Traceback" not in errors
    assert "Veldt" not in errors


def test_an_interrupt_ends_it(user: dict[str, str], folder: Path) -> None:
    command = [sys.executable, "-m", "ui.cli", "mcp", str(folder)]
    with subprocess.Popen(command, env=user, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as run:
        assert run.stdin
        assert run.stdout
        run.stdin.write(message(1, "initialize", **HELLO))
        run.stdin.flush()
        assert b"serverInfo" in run.stdout.readline()
        run.send_signal(signal.SIGINT)
        assert run.wait(5) == -signal.SIGINT


def test_it_says_at_once_what_is_wrong(user: dict[str, str]) -> None:
    done = process(user, "mcp", "/no/such/folder")
    assert done.returncode == FAILED
    assert done.stdout == b""
    assert b"/no/such/folder is no folder" in done.stderr
    without = "import sys; sys.modules['mcp'] = None; from ui.cli import main; sys.exit(main(['mcp', '/']))"
    missing = subprocess.run([sys.executable, "-c", without], env=user, capture_output=True, check=False)
    assert missing.returncode == FAILED
    assert b"pip install 'citewise[mcp]'" in missing.stderr
    light = "import sys, ui.mcp.local; print([m for m in ('llama_index', 'chromadb', 'gradio') if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-c", light], env=user) == b"[]\n"
