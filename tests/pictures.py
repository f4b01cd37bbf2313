"""Draws the pictures of the chat page in docs/, over the bundled samples: `python tests/pictures.py`."""

from __future__ import annotations

import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from browsing import CHROMIUM, FLAGS, Reader
from look import server
from PIL import Image
from terminals import ROOT
from walking import walk

WIDE = {"light": {"source": "page", "documents": "page-documents"}, "dark": {"pages": "page-dark"}}
PHONE = {"light": ("answer", "source"), "dark": ("conversations", "documents")}
QUIET = """() => {
    let node = document.activeElement;
    while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    node.blur();
}"""
COLOURS, GAP = 256, 24


def seen(chromium: Any, address: str, width: int, scheme: str, states: Any) -> dict[str, Image.Image]:
    """The page in these states."""
    reader = Reader(chromium, address, width, color_scheme=scheme, reduced_motion="reduce")
    pictures = {}
    for state in walk(reader):
        if state in states:
            reader.tab.evaluate(QUIET)
            pictures[state] = Image.open(BytesIO(reader.tab.screenshot())).convert("RGB")
    reader.close()
    return pictures


def save(picture: Image.Image, name: str) -> None:
    path = ROOT / "docs" / f"{name}.png"
    picture.quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}: {path.stat().st_size / 1000:.0f} kB")


def main() -> int:
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        with server(ROOT / "samples", Path(home)) as (address, _):
            for scheme, names in WIDE.items():
                for state, picture in seen(chromium, address, 1400, scheme, names).items():
                    save(picture, names[state])
            phones = [
                picture
                for scheme, states in PHONE.items()
                for picture in seen(chromium, address, 375, scheme, states).values()
            ]
        chromium.close()
    width, height = phones[0].size
    row = Image.new("RGB", ((width + GAP) * len(phones) - GAP, height), "#8a8883")
    for n, phone in enumerate(phones):
        row.paste(phone, (n * (width + GAP), 0))
    save(row, "page-phone")
    return 0


if __name__ == "__main__":
    sys.exit(main())
