"""What is published, as those get it who install it: `make package` (PYTHON=... for another interpreter).

Wheel and sdist are built and looked into; the wheel is installed with the locked requirements into an environment of its
own and used from another folder. It takes a minute, so it is not part of `make test`.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tarfile
import time
import venv
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
import test_container as container
from test_packaging import PROJECT, ROOMS, ROOT

pytestmark = pytest.mark.timeout(600)
PYTHON = os.environ.get("PACKAGE_PYTHON", sys.executable)
PIP_WHEEL = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir"]
Citewise = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the sdist."""
    place = tmp_path_factory.mktemp("dist")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-d", str(place)], cwd=ROOT, check=True)
    (wheel,), (sdist,) = place.glob("*.whl"), place.glob("*.tar.gz")
    return wheel, sdist


@pytest.fixture(scope="module")
def installed(built: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment that holds the wheel and what `requirements/run.txt` locks, nothing else."""
    place = tmp_path_factory.mktemp("installed")
    subprocess.run([PYTHON, "-m", "venv", str(place)], check=True)
    python = str(place / "bin" / "python")
    uv = shutil.which("uv")
    install = [uv, "pip", "install", "-p", python] if uv else [python, "-m", "pip", "install", "--no-compile"]
    locked = ["--require-hashes", "-r", str(ROOT / "requirements" / "run.txt")]
    subprocess.run([*install, "--quiet", *locked], check=True)
    subprocess.run([*install, "--quiet", "--no-deps", str(built[0])], check=True)
    return place / "bin"


@pytest.fixture
def environment(home: Path) -> dict[str, str]:
    """That of a user in an empty home, who has no checkout on the path."""
    return {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")} | {"HOME": str(home)}


@pytest.fixture
def citewise(installed: Path, tmp_path: Path, environment: dict[str, str]) -> Citewise:
    def run(*arguments: str, program: str = "citewise") -> subprocess.CompletedProcess[str]:
        command = [str(installed / program), *arguments]
        return subprocess.run(command, cwd=tmp_path, env=environment, check=False, capture_output=True, text=True)

    return run


@pytest.fixture(scope="module")
def samples(installed: Path) -> Path:
    (place,) = installed.parent.glob("lib/python*/site-packages/ui/samples")
    return place


def test_the_wheel_holds_all_that_is_needed_and_no_more(built: tuple[Path, Path]) -> None:
    names = set(zipfile.ZipFile(built[0]).namelist())
    listed = subprocess.run(
        ["git", "ls-files", *ROOMS, "samples"], cwd=ROOT, check=True, capture_output=True, text=True
    )
    kept = [name for name in listed.stdout.splitlines() if (ROOT / name).exists()]
    assert {f"ui/{name}" if name.startswith("samples/") else name for name in kept} <= names
    assert {f"{room}/py.typed" for room in ROOMS} <= names
    assert {name.split("/")[0] for name in names} == {*ROOMS, f"citewise-{PROJECT['version']}.dist-info"}
    assert {"LICENSE", "THIRD_PARTY_NOTICES.md"} <= {name.rsplit("/", 1)[-1] for name in names}


def test_the_sdist_makes_the_same_wheel(built: tuple[Path, Path], tmp_path: Path) -> None:
    wheel, sdist = built
    with tarfile.open(sdist) as opened:
        names = {name.split("/")[1] for name in opened.getnames()}
    assert names <= {*ROOMS, "samples", "pyproject.toml", "README.md", "LICENSE", "THIRD_PARTY_NOTICES.md",
                     "CHANGELOG.md", "PKG-INFO", ".gitignore"}  # fmt: skip
    subprocess.run([*PIP_WHEEL, str(tmp_path), str(sdist)], check=True)
    (again,) = tmp_path.glob("*.whl")
    assert again.read_bytes() == wheel.read_bytes()


def test_the_command_answers_from_the_samples(citewise: Citewise, samples: Path) -> None:
    assert citewise("--version").stdout == f"citewise {PROJECT['version']}\n"
    assert "exit codes:" in citewise("--help").stdout
    done = citewise("ask", "How high is the deposit for a plot?", "--folder", str(samples), "--json")
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["status"]) == (0, "answered"), done.stderr
    assert "60 euros" in answer["text"]
    found = json.loads(citewise("doctor", "--json").stdout)["checks"]
    assert [check for check in found if check["state"] != "ok"] == []


def test_python_and_what_the_extras_bring(citewise: Citewise, samples: Path) -> None:
    code = "import sys\nfrom rag import Assistant\nwith Assistant.open(sys.argv[1], index='i') as one:\n    one.sync_all()\n"
    code += "    print(one.ask('How high is the deposit for a plot?').text)"
    assert "60 euros" in citewise("-c", code, str(samples), program="python").stdout
    for command, extra in ((["eval", "run"], "eval"), (["mcp", str(samples)], "mcp")):
        done = citewise(*command)
        assert done.returncode > 0
        assert f"pip install 'citewise[{extra}]'" in done.stderr


def test_it_serves_page_and_programs(
    installed: Path, samples: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    command = [str(installed / "citewise"), "serve", str(samples), "--port", "0", "--json"]
    with subprocess.Popen(command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = json.loads(server.stdout.readline())["address"]
            with httpx.Client(base_url=address, transport=httpx.HTTPTransport(retries=3), timeout=60) as client:
                assert client.get("/health").json()["version"] == PROJECT["version"]
                assert client.get("/widget/widget.js").status_code == 200
                for path in ("/ready", "/"):  # the page comes last
                    while (told := client.get(path)).status_code == 503:
                        time.sleep(0.2)
                assert "gradio" in told.text
                asked = client.post("/api/v1/ask", json={"question": "How high is the deposit for a plot?"})
                assert "60 euros" in asked.json()["text"]
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0


SCRIPT = """
from collections.abc import Iterator

from rag import Answer, Assistant, Citation, CitewiseError, Passage, Report, Settings, Turn


def told(assistant: Assistant, question: str) -> Iterator[str]:
    history = [Turn("What does a plot cost?", "60 euros.")]
    answer: Answer = assistant.ask(question, history=history, only=["*.md"], writer="quotes")
    first: Citation = answer.citations[0]
    passages: list[Passage] = assistant.search(question, k=3)
    yield from (first.quote, passages[0].text, *(growing.text for growing in assistant.stream(question)))
    reveal_type(answer.status)
    reveal_type(first.page)


try:
    with Assistant.open("docs", settings=Settings.load(answer={"max_sentences": 1})) as assistant:
        report: Report = assistant.sync_all()
        print(report.added, *told(assistant, "What is it?"))
        assistant.ask(7)
        assistant.asks("What is it?")
except CitewiseError as error:
    print(error.message, error.remedy)
"""


def test_it_is_typed(built: tuple[Path, Path], tmp_path: Path) -> None:
    """Without its libraries, which take mypy most of a minute and have no part in these types."""
    venv.create(tmp_path / "user")
    (site,) = (tmp_path / "user").glob("lib/python*/site-packages")
    zipfile.ZipFile(built[0]).extractall(site)
    (tmp_path / "script.py").write_text(SCRIPT, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(tmp_path / "user" / "bin" / "python"),
         "script.py"],
        cwd=tmp_path, env={name: value for name, value in os.environ.items() if name != "MYPYPATH"},
        check=False, capture_output=True, text=True,
    )  # fmt: skip
    lines = [line.partition(": ")[2] for line in done.stdout.splitlines()[:-1]]
    assert lines == [
        "note: Revealed type is \"Literal['answered'] | Literal['not_in_documents'] | Literal['about_assistant']\"",
        'note: Revealed type is "int | None"',
        'error: Argument 1 to "ask" of "Assistant" has incompatible type "int"; expected "str"  [arg-type]',
        'error: "Assistant" has no attribute "asks"; maybe "ask"?  [attr-defined]',
    ], done.stdout + done.stderr


def test_what_the_container_starts_is_closed_without_a_key_and_found_healthy(
    installed: Path, citewise: Citewise, samples: Path, tmp_path: Path, environment: dict[str, str]
) -> None:
    """Its commands with its environment, as processes of this machine and on a port that is free here."""
    with socket.create_server(("127.0.0.1", 0)) as sock:
        port = str(sock.getsockname()[1])
    environment |= container.environment() | {
        "XDG_DATA_HOME": str(tmp_path / "data"), "CITEWISE_SERVER__PORT": port,
        "PATH": f"{installed}{os.pathsep}{os.environ['PATH']}",
    }  # fmt: skip
    serve = [*container.command("ENTRYPOINT"), *container.command("CMD")]
    serve = [str(samples) if word == "/documents" else word for word in serve]
    healthy = container.command("HEALTHCHECK")
    options: Any = {"cwd": tmp_path, "env": environment}
    refused = subprocess.run(serve, **options, check=False, capture_output=True, text=True)
    assert (refused.returncode, "citewise keys add" in refused.stderr) == (1, True)
    assert citewise("keys", "add", "reader").stdout.startswith("cw_")
    assert subprocess.run(healthy, **options, check=False, stderr=subprocess.DEVNULL).returncode == 1
    with subprocess.Popen(serve, **options, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        assert server.stdout is not None
        server.stdout.readline()
        try:
            assert subprocess.run(healthy, **options, check=False).returncode == 0
            assert httpx.post(f"http://127.0.0.1:{port}/api/v1/ask", json={"question": "What?"}).status_code == 401
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(30) == 0
