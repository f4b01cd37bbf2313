"""Documents, questions and judgements side by side: BEIR folders, and the same with more told of each question.

`corpus.jsonl`: `_id`, `text`, `title` and `file` (optional: its name). `queries.jsonl`: `_id`, `text`. `qrels.tsv`, or
`qrels/SPLIT.tsv`: query-id, corpus-id and grade, tab-separated; a grade of 0 is none. A line of `queries.jsonl` may also
have `type`, `answerable`, `answers` (spellings of one answer), `answers_all_of` (groups of spellings), `gold_docs`,
`gold_sentences`, `history` (`{"role", "text"}` of user and agent), and, where each question has documents of its own,
`wrong_docs`, `wrong_answers` and `noise_docs`.

What becomes of them: a question is unanswerable where the set says so and no document is relevant to it (a claim whose
abstract leaves it open is still to be found). Reference answers of more than a few words are wordings: such questions
are judged by the file that is cited.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eval.data.collection import (
    LICENCES,
    Collection,
    Document,
    defect,
    json_rows,
    lines_of,
    part_of,
    plain,
    safe_name,
    short_answers,
)
from eval.match import satisfied
from eval.questions import Evidence, GoldQuestion
from rag import CitewiseError, Turn

_TYPES = (("comparison", "comparison"), ("time sequence", "temporal"), ("summary", "list"), ("multi", "multi_source"))
_OF_TEXTS = ("answers", "gold_docs", "gold_sentences", "wrong_answers", "wrong_docs", "noise_docs")


def load_judged(folder: Path, name: str, split: str = "test") -> Collection:
    """The set of a folder. Raises CitewiseError naming the file and line of what is wrong."""
    documents = read_documents(folder / "corpus.jsonl")
    path = folder / "queries.jsonl"
    rows = {}
    for number, row in json_rows(path, ("_id", "text")):
        if row["_id"] in rows:
            raise defect(path, f"line {number}", f"the _id {row['_id']!r} a second time")
        if wrong := _wrong_list(row):
            raise defect(path, f"line {number}", f"{wrong!r} is not the list that it should be")
        rows[row["_id"]] = (number, row)
    judged = _judgements(_qrels(folder, split), rows.keys(), documents)
    counts: Counter[str] = Counter()
    maker = _Maker(name, path, documents, counts)
    questions = tuple(
        one for number, row in rows.values() for one in maker.made(number, row, judged.get(row["_id"], {}))
    )
    if not questions:
        raise CitewiseError(f"{folder} has no question with a relevant document.", "Choose another --split.")
    files = {document.file: document.content for document in documents.values()}
    return Collection(name, files, questions, path, LICENCES.get(name, ""), counts)


def read_documents(path: Path) -> dict[str, Document]:
    """The documents by id. Raises CitewiseError naming the line of what is wrong."""
    documents: dict[str, Document] = {}
    files: dict[str, int] = {}
    for number, row in json_rows(path, ("_id", "text")):
        file, title = row.get("file", safe_name(row["_id"]) + ".txt"), row.get("title") or ""
        if not isinstance(file, str) or not isinstance(title, str):
            raise defect(path, f"line {number}", "'file' or 'title' is no text")
        if file != safe_name(file):
            raise defect(path, f"line {number}", f"{file!r} is no plain file name")
        if row["_id"] in documents:
            raise defect(path, f"line {number}", f"the _id {row['_id']!r} a second time")
        if (first := files.setdefault(file.casefold(), number)) != number:
            raise defect(path, f"line {number}", f"the file name {file!r} is also that of line {first}")
        documents[row["_id"]] = Document(row["_id"], plain(title), plain(row["text"]), file)
    return documents


def _qrels(folder: Path, split: str) -> Path:
    plain_file, of_split = folder / "qrels.tsv", folder / "qrels" / f"{split}.tsv"
    if plain_file.is_file() or of_split.is_file():
        return plain_file if plain_file.is_file() else of_split
    held = ", ".join(sorted(one.stem for one in (folder / "qrels").glob("*.tsv")))
    raise CitewiseError(
        f"{folder} has neither qrels.tsv nor qrels/{split}.tsv.",
        f"Choose one of these with --split: {held}." if held else "Name a set that has its judgements.",
    )


def _judgements(path: Path, queries: Any, documents: Mapping[str, Document]) -> dict[str, dict[str, int]]:
    """Grades above 0, by question and document."""
    judged: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for number, line in lines_of(path):
        cells = line.rstrip("\r").split("\t")
        try:
            query, document, grade = cells[0], cells[1], int(cells[2])
        except (IndexError, ValueError):
            if number == 1:
                continue  # the header
            raise defect(path, f"line {number}", "not query-id, corpus-id and a whole number") from None
        if query not in queries:
            raise defect(path, f"line {number}", f"no question has the _id {query!r}")
        if document not in documents:
            raise defect(path, f"line {number}", f"no document has the _id {document!r}")
        if grade > 0:
            judged[query][document] = grade
    return dict(judged)


@dataclass(frozen=True, slots=True)
class _Maker:
    """Makes gold questions of the rows of a set, and counts what it leaves out."""

    name: str
    path: Path
    documents: Mapping[str, Document]
    counts: Counter[str]

    def made(self, line: int, row: Mapping[str, Any], grades: Mapping[str, int]) -> Iterator[GoldQuestion]:
        """None, one, or up to three questions: see the module, and `_own`."""
        answerable = row.get("answerable", True)
        if answerable is None:
            self.counts["questions that could mean several things"] += 1
        elif answerable and not grades:
            self.counts["questions without a relevant document"] += 1
        else:
            question = self._question(line, row, grades)
            yield from self._own(line, row, question) if "noise_docs" in row else (question,)

    def _question(self, line: int, row: Mapping[str, Any], grades: Mapping[str, int]) -> GoldQuestion:
        kind = str(row.get("type", ""))
        named = (own for part, own in _TYPES if part in kind.casefold())
        type_ = ("follow_up" if row.get("history") else next(named, "single_fact")) if grades else "unanswerable"
        right = [self.documents[one] for one in grades]
        answers = row.get("answers", [])
        groups = row.get("answers_all_of", [[one] for one in answers] if "noise_docs" in row else [answers])
        return GoldQuestion(
            row["_id"], row["text"], type_, tuple(answers) if grades else (),
            short_answers(groups, [one.content for one in right]), tuple(self._evidence(row, right)),
            _turns(row.get("history", [])), line=line, tags=(f"kind:{kind}",) if kind else (),
            relevant={self.documents[one].file: grade for one, grade in grades.items()},
        )  # fmt: skip

    def _own(self, line: int, row: Mapping[str, Any], question: GoldQuestion) -> Iterator[GoldQuestion]:
        """A question with documents of its own, which are all that is searched. Where falsified copies of its right
        documents are known (`answers_all_of`), it is asked of the right ones among noise, of the noise alone, which
        does not answer it, and of all together, which disagree; else of all together, several answers being valid."""
        right, wrong, noise = (
            [self._document(line, one) for one in row.get(key, [])] for key in ("gold_docs", "wrong_docs", "noise_docs")
        )
        every = [*right, *wrong, *noise]
        untrue = short_answers(([one] for one in row.get("wrong_answers", [])), [one.content for one in every])
        sides = (*question.must_contain, *untrue)
        disputed = replace(question, type="conflict", answers=_sides(sides, every), only=self._only(every))
        if "answers_all_of" not in row:
            yield disputed if len(sides) > 1 else replace(question, only=self._only(every))
            return
        yield replace(question, only=self._only([*right, *noise]))
        if untrue and question.must_contain:
            yield replace(disputed, id=f"{question.id}-conflict", tags=("kind:conflict",))
        if noise:
            yield GoldQuestion(
                f"{question.id}-noise", question.question, "unanswerable", (), (), (), line=line, tags=("kind:noise",),
                only=self._only(noise),
            )  # fmt: skip

    def _evidence(self, row: Mapping[str, Any], right: Sequence[Document]) -> Iterator[Evidence]:
        for sentence in row.get("gold_sentences", []) if right else ():
            found = [(one.file, part) for one in right if (part := part_of(one.content, sentence))]
            if not found:
                self.counts["gold sentences that no relevant document holds"] += 1
            yield from (Evidence(file, part) for file, part in found)

    def _document(self, line: int, key: str) -> Document:
        try:
            return self.documents[key]
        except KeyError:
            raise defect(self.path, f"line {line}", f"no document has the _id {key!r}") from None

    def _only(self, documents: Sequence[Document]) -> tuple[str, ...]:
        return tuple(f"{self.name}/{one.file}" for one in documents)


def _sides(sides: Sequence[Sequence[str]], documents: Sequence[Document]) -> tuple[dict[str, Any], ...]:
    """The sides of a disagreement as gold files have them, each with the first document where it can be read."""
    return tuple(
        {"value": list(side), "source": next(one.file for one in documents if satisfied([side], one.content))}
        for side in sides
    )


def _wrong_list(row: Mapping[str, Any]) -> str | None:
    """The first field that is not the list it has to be."""
    for key in _OF_TEXTS:
        if not _are(str, row.get(key, [])):
            return key
    groups, history = row.get("answers_all_of", []), row.get("history", [])
    if not _are(list, groups) or not all(_are(str, group) for group in groups):
        return "answers_all_of"
    told = _are(dict, history) and all(_are(str, [one.get("role"), one.get("text")]) for one in history)
    return None if told else "history"


def _are(kind: type, values: Any) -> bool:
    return isinstance(values, list) and all(isinstance(one, kind) for one in values)


def _turns(messages: Sequence[Mapping[str, str]]) -> tuple[Turn, ...]:
    turns: list[Turn] = []
    for message in messages:
        if message["role"] == "user":
            turns.append(Turn(message["text"]))
        else:
            asked = turns.pop() if turns else Turn("")
            turns.append(Turn(asked.question, f"{asked.answer} {message['text']}".strip()))
    return tuple(turns)
