"""The terminal: settings, arguments, output, and how a command starts.

The commands run in this process where that loses nothing, since importing the libraries takes seconds; what depends on a
process of its own (pipes, signals, imports, encodings) has one.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from terminals import (
    BAD_ARGUMENTS,
    FAILED,
    OK,
    Run,
    process,
)

from rag import known_settings
from ui.cli import main
from ui.opening import samples_folder

COMMANDS = "chat mcp index ask search why status doctor where forget show config".split()


def settings(said: SimpleNamespace) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(said.out)["settings"]}


def test_config_lists_every_setting(cli: Run) -> None:
    rows = settings(cli("config", "--json"))
    assert set(rows) == {
        f"{section}.{name}" for section, model in known_settings().items() for name in model.model_fields
    }
    assert all(row["value"] == row["default"] and row["origin"] == "default" for row in rows.values())
    assert all(row["description"] for row in rows.values())
    assert "chat.port = 7860  (default)" in cli("config").out


def test_a_flag_beats_the_environment_beats_the_file(
    cli: Run, user: dict[str, str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    own = Path(json.loads(cli("where", "--json").out)["config"]) / "citewise.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text("[chat]\nport = 1\n")
    try:
        assert settings(cli("config", "--json"))["chat.port"]["value"] == 1
        (tmp_path / "citewise.toml").write_text(
            "[chat]\nport = 2\n[answer]\nmax_words = 50\n[index]\nchunk_tokens = 64\n"
        )
        assert settings(cli("config", "--json"))["chat.port"]["value"] == 2
        monkeypatch.setenv("CITEWISE_CHAT__PORT", "3")
        monkeypatch.setenv("CITEWISE_ANSWER__MAX_WORDS", "60")
        monkeypatch.setenv("CITEWISE_EMBEDDING__MODEL", "")  # empty counts as unset
        rows = settings(cli("--set", "chat.port=4", "config", "--set", "chat.host=localhost", "--json"))
    finally:
        own.unlink()
    assert {name: (row["value"], row["origin"]) for name, row in rows.items() if row["origin"] != "default"} == {
        "chat.port": (4, "flag"),
        "chat.host": ("localhost", "flag"),
        "answer.max_words": (60, "environment"),
        "index.chunk_tokens": (64, str(tmp_path / "citewise.toml")),
    }


@pytest.mark.parametrize(
    ("toml", "variable", "flag", "culprit"),
    [
        ("", "", "indx.path=x", "indx.path (flag)"),
        ("", "", "index.pth=x", "index.pth (flag)"),
        ("", "", "chat.port=many", "chat.port (flag)"),
        ("", "CITEWISE_INDX__PATH", "", "CITEWISE_INDX__PATH"),
        ("", "CITEWISE_INDEX__PTH", "", "CITEWISE_INDEX__PTH"),
        ("", "CITEWISE_CHAT__PORT", "", "chat.port (environment)"),
        ("[indx]\npath = 'x'", "", "", "indx.path ("),
        ("[index]\npth = 'x'", "", "", "index.pth ("),
        ("[index]\nchunk_tokens = 7", "", "", "index.chunk_tokens ("),
        ("index = 7", "", "", "index is a section"),
        ("depth = 7", "", "", "no setting depth ("),
        ("[embedding]\napi_key = 'hush'", "", "", "embedding.api_key is a secret"),
        ("", "", "embedding.api_key=hush", "embedding.api_key is a secret"),
        ("[index", "", "", "citewise.toml cannot be read"),
    ],
)
def test_wrong_settings_are_named(
    cli: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, toml: str, variable: str, flag: str, culprit: str
) -> None:
    monkeypatch.chdir(tmp_path)
    if toml:
        (tmp_path / "citewise.toml").write_text(toml)
    if variable:
        monkeypatch.setenv(variable, "x")
    said = cli("where", *(["--set", flag] if flag else []))
    assert said.code == FAILED
    assert culprit in said.err
    assert "hush" not in said.err + said.out


def test_secrets_are_stars(cli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITEWISE_EMBEDDING__API_KEY", "hush-hush")
    said = cli("config")
    assert 'embedding.api_key = "**********"  (environment' in said.out
    assert "hush" not in said.out + cli("config", "--json").out


def test_a_settings_file_among_documents_is_not_read(
    cli: Run, port: Path, monkeypatch: pytest.MonkeyPatch, user: dict[str, str]
) -> None:
    assert cli("index", str(port)).code == OK
    trap = port / "mail" / "citewise.toml"
    trap.write_text("[chat]\nport = 66\n")
    try:
        monkeypatch.chdir(port / "mail")
        for arguments in ((), ("--folder", str(port)), ("--folder", "..")):
            said = cli("config", "--json", *arguments)
            assert settings(said)["chat.port"]["origin"] == "default"
        assert json.loads(cli("where", "--json").out)["settings_file"] is None
        monkeypatch.chdir(user["HOME"])
        assert settings(cli("config", "--json"))["chat.port"]["value"] == 7860
    finally:
        trap.unlink()


def test_an_index_that_is_named_tells_itself_which_folders_are_documents(
    fresh: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    docs, other = tmp_path / "docs", tmp_path / "other"
    for folder in (docs, other):
        folder.mkdir()
        (folder / "a.txt").write_text("The ferry costs nine crowns.")
        (folder / "citewise.toml").write_text("[chat]\nport = 66\n")
    index = str(tmp_path / "index")
    assert fresh("--set", f"index.path={index}", "index", str(docs)).code == OK
    assert fresh("index", str(other)).code == OK  # the last opened

    def port(*flags: str) -> int:
        return settings(fresh("config", "--json", *flags))["chat.port"]["value"]

    monkeypatch.chdir(docs)
    assert port() == 66
    assert port("--set", f"index.path={index}") == 7860
    assert port("--set", f"index.path={index}", "--folder", str(other)) == 7860
    with monkeypatch.context() as named:
        named.setenv("CITEWISE_INDEX__PATH", index)
        assert port() == 7860
        monkeypatch.chdir(other)
        assert port() == 66
    assert port() == 7860
    own = Path(json.loads(fresh("where", "--json").out)["config"]) / "citewise.toml"
    own.parent.mkdir(parents=True, exist_ok=True)
    own.write_text(f"[index]\npath = {index!r}\n")
    try:
        monkeypatch.chdir(docs)
        assert port() == 7860
    finally:
        own.unlink()


# -- arguments, output, start -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        (), ("nonsense",), ("ask",), ("ask", "a", "--batch", "b"), ("ask", "--jso", "a"), ("search", "a", "-k", "0"),
        ("show",), ("forget",), ("status", "--set", "port=1"), ("status", "--set", "chat.port"),
    ],
)  # fmt: skip
def test_wrong_arguments(cli: Run, arguments: tuple[str, ...]) -> None:
    said = cli(*arguments)
    assert (said.code, said.out) == (BAD_ARGUMENTS, "")
    assert said.err.startswith("error: ")
    assert "--help" in said.err
    if arguments:
        assert json.loads(cli(*arguments, "--json").err)["error"]["message"]


def test_help_tells_commands_options_and_exit_codes(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in ([], *([name] for name in COMMANDS)):
        with pytest.raises(SystemExit) as ended:
            main([*arguments, "--help"])
        assert ended.value.code == 0
        text = capsys.readouterr().out
        assert "--json" in text
        assert "--folder" in text
        if not arguments:
            assert all(re.search(rf"^    {name} ", text, re.MULTILINE) for name in COMMANDS)
            assert re.findall(r"^  (\d+)  ", text, re.MULTILINE) == ["0", "1", "2", "3", "4", "5", "130", "141"]


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["where"], ["config"]])
def test_what_needs_nothing_imports_nothing(user: dict[str, str], arguments: list[str]) -> None:
    code = (
        "import sys; from ui.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit: pass\n"
        "heavy = {'numpy', 'sqlite3', 'chromadb', 'llama_index', 'gradio', 'rich', 'onnxruntime', 'filelock'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], env=user, cwd=user["HOME"], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout


def test_ask_imports_no_web_framework(user: dict[str, str], port: Path) -> None:
    """In a process of its own, under a locale without UTF-8: it must print in UTF-8 all the same."""
    ask = ["ask", "--folder", str(port), "Who dredged the harbour?"]
    code = (
        "import sys; from ui.cli import main; code = main(sys.argv[1:])\n"
        "sys.exit(', '.join({'gradio', 'starlette'} & set(sys.modules)) or code)"
    )
    plain = user | {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run(
        [sys.executable, "-c", code, *ask], env=plain, cwd=port.parent, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "— “The harbour of Veldt" in done.stdout.decode("utf-8")
    assert b"\x1b" not in done.stdout + done.stderr


def test_a_reader_that_goes_away_is_no_error(user: dict[str, str]) -> None:
    read, write = os.pipe()
    os.close(read)
    done = process(user, "config", stdout=write)
    os.close(write)
    assert (done.returncode, done.stderr) == (141, b"")


def test_chat_opens_the_named_the_last_or_the_sample_folder(
    cli: Run, port: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    opened: list[Any] = []

    def launch(assistant: Any, host: str, port: int, open_browser: bool) -> None:
        opened.append(([str(root) for root in assistant.index.roots], host, port, open_browser))

    monkeypatch.setitem(sys.modules, "ui.page", SimpleNamespace(launch=launch))
    assert cli("chat", str(port), "--no-browser", "--port", "8001").code == OK
    assert cli("chat").code == OK
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "fresh"))
    first = cli("chat", "--host", "localhost")
    assert "sample documents" in first.err
    assert opened == [
        ([str(port)], "127.0.0.1", 8001, False),
        ([], "127.0.0.1", 7860, True),
        ([str(samples_folder())], "localhost", 7860, True),
    ]
