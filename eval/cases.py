"""One question of a run in words, for terminals, test failures and CI viewers."""

from __future__ import annotations

from eval.results import Row
from eval.table import printable


def case(row: Row) -> str:
    """What was asked, answered, wanted and cited, and the step at which the evidence was lost; lines without an end."""
    gold = row.gold
    lines = [f"{gold.id} ({gold.type}): {gold.question}", *(f"  history: {turn.question}" for turn in gold.history)]
    lines += [f"  answer:  {said(row)}", f"  wanted:  {wanted(row)}", f"  cited:   {', '.join(cited(row)) or '-'}"]
    if row.lost:
        lines.append(f"  lost at: {row.lost.stage}. {row.lost.reason} {row.lost.remedy}".rstrip())
    return "\n".join(map(printable, lines))


def said(row: Row) -> str:
    """The answer's own words, without markers; of a refusal and of an error, what it is."""
    if row.answer is None:
        return f"(error: {row.error})"
    words = " ".join(statement["text"] for statement in row.answer["statements"]) or row.answer["text"]
    return words if row.status == "answered" else f"({row.status}: {words})"


def wanted(row: Row) -> str:
    """What gold asks of an answer: the words, else the files, else a refusal."""
    gold = row.gold
    if not gold.answerable:
        return "(a refusal: the documents do not say)"
    files = gold.relevant or {evidence.source: 1 for evidence in gold.evidence}
    return (
        " AND ".join(" / ".join(group) for group in gold.must_contain) or f"(cited: {' / '.join(files) or 'any file'})"
    )


def cited(row: Row) -> list[str]:
    """The cited files, each once, in the order of the answer."""
    return list(dict.fromkeys(citation["source"] for citation in (row.answer or {}).get("citations", ())))
