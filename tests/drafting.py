"""Folders of own sentences that questions are proposed from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

FOLDER = {
    "house.md": (
        "# House rules\n\nThe key deposit is 18 euros. It is paid once. A lost key costs 25 euros to replace.\n\n"
        "Ilse Brandt keeps four goats behind the mill. The mill was built in 1887 by the engineer Otto Lindgren.\n\n"
        "In 2019 the goats gave 310 litres of milk. This was a record of 12 kinds.\n\n"
        "| Room | Floor | Held by |\n| --- | --- | --- |\n| North room | 2 | Vera Holm |\n| South room | 3 | Otto Lindgren |\n"
    ),
    "prices.csv": "item,price,code\nSmall shed,120.50,S-1\nLarge shed,310.00,S-2\nWorkshop,,W-1\n",
    "haus.txt": "Der Schlüssel für das Tor kostet 18 Euro und wird jedes Jahr neu verteilt.\nDie Mühle steht am Fluss.\n",
}


def in_folder(place: Path, files: Mapping[str, str]) -> Path:
    """The folder `docs` with these files in it, name -> text."""
    (place / "docs").mkdir()
    for name, content in files.items():
        (place / "docs" / name).write_text(content, "utf-8")
    return place / "docs"
