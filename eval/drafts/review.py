"""The person decides: each draft is shown and accepted, edited or thrown away, by lines from a terminal or a pipe."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from eval.drafts.draft import Draft, plain
from eval.drafts.store import GoldFile
from rag import CitewiseError

KEYS = "[a]ccept  [e]dit  [t]hrow away  [b]ack  [q]uit"
MARK, UNMARK = "\x1b[1;32m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """What became of the drafts that were shown."""

    accepted: int
    thrown_away: int


def review(drafts: Sequence[Draft], gold: GoldFile) -> Reviewed:
    """Show each draft and do what is said; what is accepted lies in the file at once. Ends at "q", Ctrl-C and with the input.

    Raises CitewiseError where there is nobody to ask.
    """
    decided: list[tuple[str, str]] = []  # for each draft that was passed: the key, and the line that was written
    try:
        while len(decided) < len(drafts):
            draft = drafts[len(decided)]
            print(shown(draft, f"{len(decided) + 1} of {len(drafts)}"))
            key = input(f"{KEYS} > ").strip().lower()[:1]
            if key == "q":
                break
            if key == "e" and (edited := _edited(draft)):
                decided.append(("a", gold.accept(edited)))
            elif key == "a":
                decided.append(("a", gold.accept(draft)))
            elif key == "t":
                decided.append(("t", gold.throw_away(draft)))
            elif key == "b" and decided:
                last, line = decided[-1]
                (gold.take_back if last == "a" else gold.want_again)(line)
                decided.pop()
            elif key not in ("e", "b"):
                print(f"Type one of the letters and Enter: {KEYS}")
    except KeyboardInterrupt:
        print()
    except EOFError:
        print()
        if not decided and not sys.stdin.isatty():
            raise CitewiseError(
                "Nobody decides about the drafts: there is no terminal, and no lines came.",
                "Run it in a terminal, or take all of them with --yes.",
            ) from None
    keys = [key for key, _ in decided]
    return Reviewed(keys.count("a"), keys.count("t"))


def shown(draft: Draft, count: str = "") -> str:
    """A draft as the terminal shows it, the answer marked in the quote; nothing in it can steer the terminal."""
    styled = sys.stdout.isatty()
    width = min(100, shutil.get_terminal_size().columns) if styled else 10_000
    quote = plain(draft.quote)
    answer = draft.answer
    place = f", {plain(draft.place)}" if draft.place else ""
    marked = quote
    if answer and answer in quote and len(answer) < len(quote):
        begin, end = (MARK, UNMARK) if styled else ("»", "«")
        marked = quote.replace(answer, f"{begin}{answer}{end}", 1)
    rows = [("quote" if draft.answerable else "near", marked), ("question", draft.question)]
    if draft.answerable:
        rows += [("answer", answer), ("must hold", _written(draft.must_contain))]
    else:
        rows.append(("answer", "none: to be refused (look whether the documents really do not say)"))
    lines = [f"\n{count}  {draft.rule}  {plain(draft.source)}{place}"]
    for name, text in rows:
        lines.append(
            textwrap.fill(f"  {name + ':':<11}{text}", width, subsequent_indent=" " * 13, break_long_words=False)
        )
    return "\n".join(lines)


def _edited(draft: Draft) -> Draft | None:
    """The draft with what is typed in place of question, answer and aliases; an empty line keeps what is there. None
    where the result is no gold: the reason is shown."""
    question = _line("question", draft.question)
    if not draft.answerable:
        return draft.edited(question, "", ())
    answer = _line("answer", draft.answer)
    kept = draft.must_contain if answer == draft.answer else ((answer,),)
    written = _line("must hold (other words for the same behind |, and things behind &)", _written(kept))
    groups = tuple(
        tuple(alias.strip() for alias in group.split("|") if alias.strip())
        for group in written.split("&")
        if group.strip(" |")
    )
    edited = draft.edited(question, answer, groups)
    if groups and edited.sound:
        return edited
    print("Not kept: the quote does not hold the answer and every one of these, or the question gives one away.")
    return None


def _line(name: str, value: str) -> str:
    return input(f"  {name} [{plain(value)}]: ").strip() or value


def _written(groups: Sequence[Sequence[str]]) -> str:
    return " & ".join(" | ".join(group) for group in groups)
