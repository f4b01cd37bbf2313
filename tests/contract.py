"""Holds a server against its own OpenAPI document with schemathesis: `python tests/contract.py N`, N cases for each
route and phase. Fails on a server error, on a response that is not described, and on all else that it checks."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from serving import app_over, assistant_over, served

CONFIG = """
[auth.openapi.HTTPBearer]
bearer = "{key}"

[checks.use_after_free]  # it does not know that a removed file can be restored
enabled = false

[checks.negative_data_rejection]  # a value that is too long is one way to send too large a body
expected-statuses = ["4xx"]

[[operations]]  # files of other types are refused, which no description of a body can say
include-name = "POST /api/v1/documents"
checks.positive_data_acceptance.expected-statuses = ["2xx", "409", "415"]

[[operations]]  # and so is a language model where there is none
include-name = "POST /api/v1/ask"
checks.positive_data_acceptance.expected-statuses = ["2xx", "404", "422"]

[[operations]]  # as are conversations in which nobody asks, and models that there are not
include-name = "POST /v1/chat/completions"
checks.positive_data_acceptance.expected-statuses = ["2xx", "400", "404"]
"""


def main(cases: str) -> int:
    """The exit code of schemathesis."""
    with tempfile.TemporaryDirectory() as base:
        os.environ |= {"HOME": base, "XDG_DATA_HOME": f"{base}/data", "XDG_CONFIG_HOME": f"{base}/config"}
        app = app_over(assistant_over(Path(base)), Path(base), per_minute=0)
        key = app.state.service.keys.add("contract", "write")
        (Path(base) / "schemathesis.toml").write_text(CONFIG.format(key=key))
        with served(app) as client:
            command = ["run", f"{client.base_url}/openapi.json", "-n", cases, "--suppress-health-check", "all"]
            program = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
            return subprocess.run([*program, *command], cwd=base, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "50"))
