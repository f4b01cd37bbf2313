"""Results as lines of text for people. Whatever comes from a document is made clean here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from ui.terminal import Terminal, clean, one_line

if TYPE_CHECKING:
    from pathlib import Path

    from rag import Answer, Citation, DocumentInfo, Fate, Finding, Passage, Report, Status, Why

QUOTED = 160  # characters of a quote in a list of sources
STEP_TOP, STEP_QUOTED = 3, 100  # of a step that is explained: how many are shown, with how many characters
LISTED = 20  # files named one by one


def answer(found: Answer, terminal: Terminal) -> Iterator[str]:
    """An answer: its text with markers, its sources and where they disagree; for a refusal, what came nearest."""
    if found.understood_as != found.question:
        yield terminal.faint(f"Understood as: {one_line(found.understood_as)}")
    yield terminal.wrapped(found.text)
    for statement in found.statements:
        if statement.support == "not_found":
            why = "".join(f"; {one_line(problem)}" for problem in statement.problems)
            yield terminal.wrapped(
                f"Not found in the documents: “{one_line(statement.text, QUOTED)}”{why}", indent="    "
            )
    if found.citations or any(statement.support == "not_found" for statement in found.statements):
        yield "\n" + terminal.strong("Sources") + terminal.faint(written(found))
        for citation in found.citations:
            label = f"[{citation.number}] {place(citation)} — “{one_line(citation.quote, QUOTED)}”"
            yield terminal.wrapped(label, indent="    ")
    for conflict in found.conflicts:
        about = "" if conflict.about in (found.question, found.understood_as) else f" about {one_line(conflict.about)}"
        why = f" ({one_line(conflict.differs)})" if conflict.differs else ""
        yield "\n" + terminal.strong(f"The documents disagree{about}{why}")
        for side in conflict.sides:
            dated = f", as of {one_line(side.date)}" if side.date else ""
            yield f"    {one_line(side.value)} [{side.citation}]{dated}"
    if found.related:
        yield "\n" + terminal.strong("Nearest passages")
        yield from _listed(found.related, terminal)


def written(found: Answer) -> str:
    """Who wrote an answer and how much of it was found, for its sources; nothing of an answer of quotes."""
    checked = [statement.support != "not_found" for statement in found.statements if statement.support != "none"]
    if found.writer == "quotes":
        return ""
    return f" (written by {one_line(found.writer)}, {sum(checked)} of {counted(len(checked), 'sentence')} found)"


def why(found: Why, text: Callable[[str], str], terminal: Terminal) -> Iterator[str]:
    """The steps of an answer, with the first of each, and the fate of an expected passage; `text` is that of a source."""
    answer = found.answer
    yield f"Understood as: {one_line(answer.understood_as)}"
    yield f"{answer.status}, confidence {answer.confidence:.2f}, by {answer.writer}: {one_line(answer.text, QUOTED)}"
    for step in answer.trace:
        told = {"in": step.came_in, "out": len(step.out), **step.facts}
        texts = isinstance(told["in"], str)  # of the question, which are shown above
        facts = [f"{_fact(told.pop('in'))} in", f"{_fact(told.pop('out'))} out"][2 * texts :]
        facts += [f"{name} {_fact(value)}" for name, value in told.items()]
        yield f"\n{terminal.strong(step.name)}: {', '.join(facts)}"
        for item in step.out[:STEP_TOP]:
            parts = "".join(f" {name} {part:.2f}" for name, part in (item.parts or {}).items())
            quoted = one_line(text(item.source)[item.start : item.end], STEP_QUOTED)
            yield terminal.faint(f"  {item.score:7.3f}  {one_line(item.source)} {item.start}-{item.end}{parts}")
            yield terminal.wrapped(f"           {quoted}", indent=" " * 11)
    if fate := found.expected:
        yield from _fate(fate, terminal)


def _fate(fate: Fate, terminal: Terminal) -> Iterator[str]:
    span = "" if fate.start is None else f" {fate.start}-{fate.end}"
    yield "\n" + terminal.strong("Expected") + f" {one_line(fate.source)}{span} — “{one_line(fate.quote, QUOTED)}”"
    for rank in fate.ranks:
        yield f"  {rank.step:12}number {rank.rank:,} of {rank.of:,}, score {rank.score:.3f}"
    for note in fate.notes:
        yield terminal.wrapped(f"  {one_line(note)}", indent="  ")
    verdict = "Cited" if fate.citation is not None else f"Lost at: {fate.stage}"
    yield terminal.strong(verdict)
    yield from (terminal.wrapped(f"  {one_line(said)}", indent="  ") for said in (fate.reason, fate.remedy) if said)


def _fact(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{one_line(str(name))} {_fact(one)}" for name, one in value.items())
    return ", ".join(map(_fact, value)) if isinstance(value, list | tuple) else one_line(str(value))


def passages(found: Sequence[Passage], terminal: Terminal) -> Iterator[str]:
    """Passages in full, best first, each under its place."""
    if not found:
        yield "No passage was found."
    for number, passage in enumerate(found, 1):
        yield ("\n" if number > 1 else "") + terminal.strong(f"{number}. {place(passage)}")
        yield terminal.faint(f"   {passage.start}-{passage.end}, score {passage.score:.3f}")
        if passage.context:
            yield terminal.faint(terminal.wrapped(one_line(passage.context)))
        yield terminal.wrapped(passage.text)


def _listed(found: Sequence[Passage], terminal: Terminal) -> Iterator[str]:
    for passage in found:
        yield terminal.wrapped(f"  {place(passage)} — “{one_line(passage.text, QUOTED)}”", indent="    ")


def place(found: Citation | Passage) -> str:
    """Where a span stands, as people look for it."""
    if found.line is not None:
        detail = f", line {found.line}"
    elif found.page is not None:
        detail = f", page {found.page}"
    else:
        detail = f", under “{one_line(found.heading, 60)}”" if found.heading else ""
    return one_line(found.source) + detail


def report(done: Report, status: Status, documents: Sequence[Path]) -> Iterator[str]:
    """What a sync of the folders `documents` did, and what could not be read."""
    counts = {name: getattr(done, name) for name in ("added", "changed", "renamed", "removed")}
    changes = ", ".join(f"{count:,} {name}" for name, count in counts.items() if count) or "nothing changed"
    folders = ", ".join(clean(str(folder)) for folder in documents)
    yield f"Indexed {folders or 'uploaded files'} in {done.seconds:.1f} s: {changes}."
    yield f"{counted(status.files, 'file')} with {counted(status.passages, 'passage')} can be searched."
    if done.failed:
        yield f"Could not be read ({len(done.failed):,}):"
        yield from _some([f"  {one_line(source)}: {one_line(reason)}" for source, reason in done.failed])
    if done.skipped:
        yield f"Skipped ({len(done.skipped):,}): {kinds(done.skipped)}" if kinds(done.skipped) else "Skipped:"
        others = [(source, reason) for source, reason in done.skipped if not _is_unsupported(reason)]
        yield from _some([f"  {one_line(source)}: {one_line(reason)}" for source, reason in others])


def kinds(skipped: Sequence[tuple[str, str]]) -> str:
    """How many files of which unsupported types: "2 of type .png, 1 of no type"."""
    found = Counter(reason.removeprefix("unsupported ") for _, reason in skipped if _is_unsupported(reason))
    return ", ".join(f"{count:,} of unsupported {one_line(kind, 40)}" for kind, count in found.most_common(LISTED))


def _is_unsupported(reason: str) -> bool:
    return reason.startswith("unsupported type")


def _some(lines: Sequence[str]) -> Iterator[str]:
    yield from lines[:LISTED]
    if len(lines) > LISTED:
        yield f"  and {len(lines) - LISTED:,} more; see: citewise status --files"


def status(now: Status, documents: Sequence[DocumentInfo] | None) -> Iterator[str]:
    """The state of an index, and all its files where they are given."""
    yield f"Index:      {clean(now.index_path)}"
    for name, path in now.roots:
        yield f"Folder:     {clean(path)} (as {one_line(name)}/)"
    yield f"Searchable: {counted(now.files, 'file')}, {counted(now.passages, 'passage')}"
    if now.pending:
        yield f"Pending:    {counted(now.pending, 'passage')} found by words only so far"
    if now.failed:
        yield f"Failed:     {counted(now.failed, 'file')}{'' if documents is not None else '; see --files'}"
    yield f"Changed:    {counted(now.changed, 'file')} since{'; run: citewise index' if now.changed else ''}"
    yield f"Indexed at: {now.indexed_at or 'not finished yet'}"
    yield f"Embedder:   {one_line(now.embedder)}"
    for document in documents or ():
        says = counted(document.passages, "passage") if document.status == "ready" else one_line(document.reason or "")
        yield f"{document.status:8}{one_line(document.source)}  {says}"


def checks(found: Sequence[Finding], terminal: Terminal) -> Iterator[str]:
    """What was found of each part, and what to do."""
    for check in found:
        yield f"{check.state:8}{terminal.strong(f'{check.part:11}')}{one_line(check.says)}"
        if check.remedy:
            yield f"{'':19}{one_line(check.remedy)}"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
