"""When statements were made: what their documents, of the ordinary kinds, say of it."""

from __future__ import annotations

import pytest

from rag import Assistant, Settings

BODY = "The dam at Orme is {} metres high. Nobody may climb it."
DATED = {
    "front.md": ("---\ntitle: The dam\ndate: 2024-03-05\nupdated: 2025-04-06\n---\n# The dam\n\n" + BODY, "2025-04-06"),
    "line.txt": ("Notice of the lake board\nDate: 5 March 2024\n\n" + BODY, "2024-03-05"),
    "updated.txt": ("The dam\n\nLast updated on 3 June 2023\n\n" + BODY, "2023-06-03"),
    "mail.eml": (
        "From: Ann Crewe <ann@example.org>\nTo: all@example.org\nSubject: The dam\n"
        "Date: Tue, 07 May 2024 10:00:00 +0100\nContent-Type: text/plain\n\n" + BODY,
        "2024-05-07",
    ),
    "letter.txt": ("To the board of the lake\n\nOrme, 9 May 2022\n\n" + BODY, "2022-05-09"),
    "2025-02-18-report.md": ("# Report\n\n" + BODY, "2025-02-18"),
    "minutes_20210315.txt": ("Minutes of the lake board\n\n" + BODY, "2021-03-15"),
    "survey-2020-11.txt": ("Survey\n\n" + BODY, "2020-11"),
    "meeting.txt": ("Minutes of the meeting of 16 March 2019\n\n" + BODY, "2019-03-16"),
    "stamp.txt": ("The dam on stamps\n\nIssued in 1850, the stamp shows it.\n\n" + BODY, None),
    "board.txt": ("The dam\n\nIssued in 1950 by Ann Crewe\n\n" + BODY, "1950"),
    "keeper.txt": ("The keeper\nDate of birth: 3 March 1950\n\n" + BODY + " It was begun on 4 May 1961.", None),
}


@pytest.fixture(scope="module")
def dates(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str | None]:
    """The dates of the two sides, by the file of each: every document against one that has none."""
    place = tmp_path_factory.mktemp("dated")
    (place / "docs").mkdir()
    for n, (name, (text, _)) in enumerate(DATED.items()):
        (place / "docs" / name).write_text(text.format(30 + n))
    (place / "docs" / "plain.txt").write_text(BODY.format(99))
    assistant = Assistant.open(place / "docs", settings=Settings.load(index={"path": place / "index"}))
    assistant.sync_all()
    found: dict[str, str | None] = {}
    for name in DATED:
        answer = assistant.ask("How high is the dam at Orme?", only=[f"docs/{name}", "docs/plain.txt"])
        sources = {citation.number: citation.source for citation in answer.citations}
        found |= {sources[side.citation]: side.date for conflict in answer.conflicts for side in conflict.sides}
    assistant.close()
    return found


@pytest.mark.parametrize("name", [*DATED, "plain.txt"])
def test_sides_are_dated_by_what_their_documents_say(dates: dict[str, str | None], name: str) -> None:
    assert dates[f"docs/{name}"] == DATED.get(name, ("", None))[1]
