"""Follow-ups: what completing a question from its history brings, and that one which stands alone loses nothing.

The questions of conversations are compared, one by one, with asking the last turn as it is and with always putting the
question before in front of it. Questions that stand alone are put behind unrelated histories: the end of another set's
conversation, and two questions about other documents of their own set. Short ones without a name, asked of a small
folder, come after a question about its other files.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from eval.data import Collection, load_collection, write_files
from eval.indexed import indexed, samples_folder, work_folder
from eval.questions import GoldQuestion
from eval.statistics import SEED, Figure, bootstrap_mean, share
from rag import Assistant, Turn

CONVERSATIONS = "mtrag_un"
ALONE = {"squad2_sample500": 1, "single_topic_rag": 4}  # and the rank within which the right document counts
SMALL = "short questions over samples"
_SHORT = (
    "What does the treasurer do?", "Are dogs allowed?", "Who keeps the bees?", "How high is the deposit?",
    "When is the summer party?", "What does a key cost?", "How large is a plot?", "Who repairs the shed roof?",
    "How long is the waiting list?", "Is the water metered?", "What goes on the compost?", "Who was elected?",
)  # fmt: skip
_BEFORE = (
    "Who led the American delegation in the second round?", "How many tariffs does the fact sheet list?",
    "When did Lavrov speak in Riyadh?", "Which companies left the market?",
)  # fmt: skip
DEPTH = 5  # of the conversations' questions
_LAST_TURNS = 6  # of an unrelated conversation
_PASSAGES = 15  # searched, so that five documents are among them
_LONGEST = 4000  # characters of a question

Ask = Callable[[str, Sequence[Turn]], list[str]]


def run_followups(data: Path, work: Path | None = None) -> Iterator[Figure]:
    """The figures, set by set; `data` holds the three sets. Raises CitewiseError, MissingExtra."""
    conversations = load_collection(CONVERSATIONS, data)
    asked = [query for query in conversations.questions if query.history and query.relevant]
    with work_folder(work) as place:
        with _assistant(conversations, place / CONVERSATIONS) as assistant:
            yield from _compared(asked, _search(assistant))
            yield share("touched", [_touched(assistant, query.question, query.history) for query in asked])
        for name, depth in ALONE.items():
            collection = load_collection(name, data)
            cases = list(_behind_others(collection, [query.history for query in asked]))
            with _assistant(collection, place / name) as assistant:
                search = _search(assistant)
                behind = [_hit(query, search(query.question, history), depth) for query, history in cases]
                alone = [_hit(query, search(query.question, ()), depth) for query, _ in cases]
                yield bootstrap_mean(f"{name}: hit@{depth} behind another history", behind)
                yield _difference(f"{name}: above no history", behind, alone)
                touched = [_touched(assistant, query.question, history) for query, history in cases]
                yield share(f"{name}: touched", touched, ceiling=True)
        with indexed(samples_folder(), place / "samples.index") as assistant:
            touched = [_touched(assistant, question, [Turn(before)]) for question in _SHORT for before in _BEFORE]
            yield share(f"{SMALL}: touched", touched, ceiling=True)


def _compared(asked: Sequence[GoldQuestion], search: Ask) -> Iterator[Figure]:
    """Hits and recall of the completed questions, and how far above the two simple ways they are."""
    ways = {
        "completed": [search(query.question, query.history) for query in asked],
        "last turn": [search(query.question, ()) for query in asked],
        "always prepended": [
            search(f"{query.history[-1].question} {query.question}"[-_LONGEST:], ()) for query in asked
        ],
    }
    for name, measure in (("hit", _hit), ("recall", _recall)):
        scores = {way: [measure(*one, DEPTH) for one in zip(asked, found, strict=True)] for way, found in ways.items()}
        for way, values in scores.items():
            yield bootstrap_mean(f"{name}@{DEPTH} {way}", values)
        for way in ("last turn", "always prepended"):
            yield _difference(f"{name}@{DEPTH} completed above {way}", scores["completed"], scores[way])


def _behind_others(
    collection: Collection, histories: Sequence[Sequence[Turn]]
) -> Iterator[tuple[GoldQuestion, Sequence[Turn]]]:
    chance = random.Random(SEED)
    answerable = [query for query in collection.questions if query.answerable]
    for query in answerable:
        others = [other for other in answerable if not other.relevant.keys() & query.relevant.keys()]
        yield query, chance.choice(histories)[-_LAST_TURNS:]
        yield query, [Turn(other.question) for other in chance.sample(others, 2)]


def _difference(name: str, values: Sequence[float], others: Sequence[float]) -> Figure:
    return bootstrap_mean(name, [a - b for a, b in zip(values, others, strict=True)])


def _hit(query: GoldQuestion, documents: Sequence[str], depth: int) -> float:
    return float(any(document in query.relevant for document in documents[:depth]))


def _recall(query: GoldQuestion, documents: Sequence[str], depth: int) -> float:
    return sum(document in query.relevant for document in documents[:depth]) / min(depth, len(query.relevant))


def _touched(assistant: Assistant, question: str, history: Sequence[Turn]) -> bool:
    behind, alone = (next(iter(assistant.stream(question, history=turns))) for turns in (history, ()))
    return behind.understood_as != alone.understood_as


def _search(assistant: Assistant) -> Ask:
    """The files of the passages found, best first."""

    def search(question: str, history: Sequence[Turn]) -> list[str]:
        passages = assistant.search(question, k=_PASSAGES, history=history)
        return list(dict.fromkeys(passage.source.rpartition("/")[2] for passage in passages))

    return search


@contextmanager
def _assistant(collection: Collection, files: Path) -> Iterator[Assistant]:
    write_files(collection, files)
    with indexed(files, files.with_suffix(".index")) as assistant:
        yield assistant
