"""SQuAD JSON, version 2.0 or 1.1: each paragraph is a document, and the sentence in which an answer starts its evidence.

Format: Rajpurkar et al. 2018 (Know What You Don't Know): `data[]` of `title` and `paragraphs[]` of `context` and `qas[]` of
`id`, `question`, `answers[]` (`text`, `answer_start` in code points), `is_impossible` and `plausible_answers[]`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.data.collection import Collection, Document, defect, plain, safe_name, short_answers
from eval.questions import Evidence, GoldQuestion
from rag import CitewiseError, sentence_spans

LICENCE = "CC BY-SA 4.0"


def load_squad(path: Path, name: str) -> Collection:
    """The set of a file. Raises CitewiseError naming the file and the place in it of what is wrong."""
    try:
        whole = json.loads(path.read_text("utf-8-sig"))
        json.dumps(whole, ensure_ascii=False).encode()  # fails for half a surrogate pair, which cannot be written
    except json.JSONDecodeError as error:
        raise defect(path, f"line {error.lineno}", f"no JSON ({error.msg})") from None
    except (OSError, ValueError, RecursionError) as error:
        raise CitewiseError(f"{path} cannot be read ({error}).", "Name a file of SQuAD.") from None
    documents: dict[str, str] = {}
    questions: dict[str, GoldQuestion] = {}
    counts: Counter[str] = Counter()
    reader = _Reader(path, counts)
    for number, (at, article) in enumerate(reader.items(whole, "", "data")):
        title = reader.field(article, at, "title", str)
        for place, (there, paragraph) in enumerate(reader.items(article, at, "paragraphs")):
            context = reader.field(paragraph, there, "context", str)
            file = f"{number:03}-{safe_name(title)}-{place:03}.txt"
            documents[file] = plain(Document("", title.replace("_", " "), context, file).content)
            for question in reader.questions(paragraph, there, context, file):
                if question.id in questions:
                    raise defect(path, there, f"the id {question.id!r} a second time")
                questions[question.id] = question
    if not questions:
        raise CitewiseError(f"{path} has no question.", "Name another file of SQuAD.")
    return Collection(name, documents, tuple(questions.values()), path, LICENCE, counts)


class _Reader:
    """Reads the parts of the JSON, each with the place where it stands."""

    def __init__(self, path: Path, counts: Counter[str]) -> None:
        self.path = path
        self.counts = counts

    def items(self, holder: Any, at: str, key: str) -> Iterator[tuple[str, Any]]:
        inside = f"{at}.{key}" if at else key
        return ((f"{inside}[{n}]", one) for n, one in enumerate(self.field(holder, at, key, list)))

    def field(self, holder: Any, at: str, key: str, kind: type) -> Any:
        value = holder.get(key) if isinstance(holder, dict) else None
        if not isinstance(value, kind):
            raise defect(self.path, at or "the whole", f"no {kind.__name__} {key!r}")
        return value

    def questions(self, paragraph: Any, at: str, context: str, file: str) -> Iterator[GoldQuestion]:
        for place, row in self.items(paragraph, at, "qas"):
            identity, text = (self.field(row, place, key, str) for key in ("id", "question"))
            if row.get("is_impossible", False):
                tempting = [
                    self.field(one, there, "text", str)
                    for there, one in (
                        self.items(row, place, "plausible_answers") if "plausible_answers" in row else ()
                    )
                ]
                note = f"tempting: {'; '.join(dict.fromkeys(tempting))}" if tempting else ""
                yield GoldQuestion(identity, text, "unanswerable", (), (), (), note=note, tags=("kind:impossible",))
                continue
            answers = [
                (self.field(one, there, "text", str), self.field(one, there, "answer_start", int))
                for there, one in self.items(row, place, "answers")
            ]
            if not answers:
                raise defect(self.path, place, "neither an answer nor is_impossible")
            spellings = tuple(dict.fromkeys(answer for answer, _ in answers))
            yield GoldQuestion(
                identity, text, "single_fact", spellings, short_answers([spellings], [context]),
                tuple(self._evidence(context, file, *answers[0])), tags=("kind:has_answer",), relevant={file: 1},
            )  # fmt: skip

    def _evidence(self, context: str, file: str, answer: str, start: int) -> Iterator[Evidence]:
        span = next((span for span in sentence_spans(context) if 0 <= start < span[1]), None)
        if answer and span and context[start : start + len(answer)] == answer:
            yield Evidence(file, plain(context[slice(*span)]))
        else:
            self.counts["answers that do not stand where they are said to start"] += 1
