"""Finding passages: by words and by meaning, the two scores summed, the best compared token by token.

Each leg's scores are scaled to 0..1 and summed (Bruch et al. 2023 found such convex sums better than rank fusion; so
did we). The best candidates and their neighbours are reranked by late interaction (Khattab & Zaharia 2020, ColBERT):
each token of the question is matched with the most similar token of the passage, weighted by how rare its word is.
"""

from __future__ import annotations

import hashlib
import re
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from index import (
    EmbedderError,
    Encoded,
    Extracted,
    Index,
    IndexMissing,
    MiniLM,
    Passage,
    PassageRecord,
    VectorsUnreadable,
    embed_question,
    embedding_text,
    unpack,
)
from rag.answer import Searched
from rag.languages import capitals_name, is_foreign
from rag.topic import drawn
from rag.trace import Item, Step
from rag.words import WORD, content_words, fold, fts_query, rarity, stems, stop_words, word_at

LEG_SIZE = 100  # candidates from each leg
RERANKED = 30  # candidates compared token by token
READ_ANEW = 8  # of these, where no token vectors are stored: reading one takes the encoder some 30 ms
NEIGHBOURS_OF = 5  # passages whose neighbours become candidates
LATE_WEIGHT = 0.35  # of late interaction in the final score; the rest is the fused score
STOP_WORD_WEIGHT = 0.25
STRANGE_WEIGHT = 0.25  # of a word that no passage has, in a language whose other forms of it are not known
COMMONEST = 4000  # the vocabulary is ordered by how common a word is: "health" is the 2740th, "tenant" 16713th
DOCUMENTS_KEPT = 32  # extractions held in memory
NEAR_DUPLICATE = 0.9  # share of common words from which one of two passages is left out
_PARTICULAR = re.compile(r"\b(?:\d|[A-Z])\w*")  # numbers and names


@dataclass(frozen=True, slots=True)
class Query:
    """A question as the rerankers see it: the `rarity` of its content words, `vector` (384,) and `tokens` (n, 384) of the encoder, of unit length, and
    `weights` (n,) of the tokens, which sum to 1 (or are all 0), and which of them are of names and numbers (`particular`,
    (n,)). `unknown` are the content words that no passage has, without the commonest of the language, which say
    little of what is missing."""

    text: str
    rarity: dict[str, float]
    vector: np.ndarray
    tokens: np.ndarray
    weights: np.ndarray
    particular: np.ndarray
    unknown: frozenset[str] = frozenset()

    def weighed(self) -> dict[str, float]:
        """The content words with their rarity, rarest first, as a trace has them."""
        return {word: round(rare, 2) for word, rare in sorted(self.rarity.items(), key=lambda one: (-one[1], one[0]))}


@dataclass(frozen=True, slots=True, eq=False)  # arrays have no equality; a hit is itself
class Hit:
    """A passage that was found, with its score; the vectors (n, 384) of the tokens of `embedding_text`, and their
    cosines (q, n) to the q tokens of the question, where they are known; and, where it is to be quoted from, the
    extraction of its document as it was when it was found, and where its tokens stand in `embedding_text` (n, 2)."""

    record: PassageRecord
    score: float
    tokens: np.ndarray | None
    likeness: np.ndarray | None
    document: Extracted | None = None
    offsets: np.ndarray | None = None

    def item(self, why: str = "") -> Item:
        """The hit as a trace has it."""
        return Item(self.record.source, self.record.start, self.record.end, self.score, why)

    def passage(self) -> Passage:
        """The public value."""
        r = self.record
        digest = hashlib.sha256(f"{r.source}\0{r.start}\0{r.text}".encode()).hexdigest()[:16]
        return Passage(
            digest, r.source, r.text, r.start, r.end, r.page, r.heading, r.line, r.context, round(self.score, 4)
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Found:
    """The hits of a question, best first, with what was searched and the record of each step."""

    query: Query
    hits: list[Hit]
    searched: Searched
    trace: tuple[Step, ...]


class Retriever:
    """Searches one index. `encoder` reads questions for late interaction; the index's embedder for its vectors."""

    def __init__(self, index: Index, encoder: MiniLM) -> None:
        self.index = index
        self.encoder = encoder
        self._read: OrderedDict[tuple[int, str], Extracted] = OrderedDict()

    def retrieve(
        self, question: str, k: int, only: Sequence[str] = (), *, read: bool = False, lately: np.ndarray | None = None
    ) -> Found:
        """The k best passages; with `read`, each with its document; those near what was spoken of `lately` (as `spoken`
        gives it) come first. Raises IndexMissing, IndexOutdated, NotIndexed (nothing matches `only`)."""
        encoded = self.encoder.encode(question)
        dense, note = self.vector(question, encoded)  # it may take its time: nothing is held meanwhile
        with self.index.snapshot() as catalog:
            counts = catalog.counts()
            if not counts["ready"]:
                raise IndexMissing("No file has been read yet.", "Wait until indexing is done, or see: citewise status")
            documents = self.index.documents_matching(only)
            query = self._query(question, encoded, counts["passages"])
            words = dict(catalog.match(match, LEG_SIZE, documents)) if (match := fts_query(question)) else {}
            near: dict[int, float] = {}
            if dense is not None:
                try:
                    near = self.index.nearest(dense, LEG_SIZE, documents)
                except VectorsUnreadable as error:
                    note = str(error)
            records = catalog.passages([*words, *near])
            fused = self._fuse(dense, records, words, near)
            pool = sorted(fused, key=lambda p: (-fused[p], p))
            for passage in pool[:NEIGHBOURS_OF]:
                record = records[passage]
                beside = catalog.neighbours(record.document, (record.ordinal - 1, record.ordinal + 1))
                added = catalog.passages([n for n in beside if n not in records])
                records |= added
                fused |= {n: min(s, fused[passage]) for n, s in self._fuse(dense, added, words, near).items()}
            ranked = sorted(fused, key=lambda p: (-fused[p], p))
            pool = ranked[: max(RERANKED, k)]
            hits = self._rerank(query, [records[p] for p in pool], [fused[p] for p in pool])
            if lately is not None:
                hits = drawn(hits, catalog.vectors([hit.record.key for hit in hits]), lately)
            kept, left = fold_duplicates(hits, k)
            places = _items(records, ranked, fused)
            trace = (
                Step("words", counts["passages"], _items(records, words, words)),
                Step("meaning", counts["passages"], _items(records, near, near)),
                Step("fused", len(places), places[: len(pool)], places[len(pool) :]),
                Step("reranked", len(hits), [hit.item() for hit in hits]),
                Step("kept", len(hits), [hit.item() for hit in kept], left),
            )
            if read:
                kept = [replace(hit, document=self._document(hit.record)) for hit in kept]
            held = (counts["passages"], counts["pending"]) if documents is None else catalog.passages_in(documents)
        if read:
            offsets = self.encoder.offsets([embedding_text(hit.record.context, hit.record.text) for hit in kept])
            kept = [replace(hit, offsets=own) for hit, own in zip(kept, offsets, strict=True)]
        files = counts["ready"] if documents is None else len(documents)
        return Found(query, kept, Searched(files, *held, not note, note), trace)

    def spoken(self, lately: str) -> np.ndarray | None:
        """The vector (384,) of what was spoken of lately; None where that is nothing, or the index has another embedder,
        whose cosines are others."""
        return self.encoder.encode(lately).vector if lately and isinstance(self.index.embedder, MiniLM) else None

    def ranks(
        self, question: str, passages: Sequence[PassageRecord], only: Sequence[str] = ()
    ) -> list[tuple[int, int] | None]:
        """Where the best of some passages stands by words and by meaning, without limit, each as (rank, of how many);
        None where it does not come up at all."""
        dense, _ = self.vector(question, self.encoder.encode(question))
        with self.index.snapshot() as catalog:
            documents = self.index.documents_matching(only)
            match, size = fts_query(question), catalog.counts()["passages"]
            words = [passage for passage, _ in catalog.match(match, size, documents)] if match else []
            keys = catalog.vector_keys() if documents is None else catalog.embedded_keys(documents)
            near = {} if dense is None else {key: float(one @ dense) for key, one in catalog.vectors(keys).items()}
        wanted = {record.id for record in passages}
        by_words = next((rank for rank, passage in enumerate(words, 1) if passage in wanted), None)
        best = max((near[record.key] for record in passages if record.key in near), default=None)
        return [
            None if by_words is None else (by_words, len(words)),
            None if best is None else (1 + sum(score > best for score in near.values()), len(near)),
        ]

    def vector(self, question: str, encoded: Encoded) -> tuple[np.ndarray | None, str]:
        """The question's vector for the index, `encoded` by the encoder itself; or none, and why there is none."""
        if isinstance(self.index.embedder, MiniLM):
            return encoded.vector, ""
        try:
            return embed_question(self.index.embedder, question), ""
        except EmbedderError as error:
            return None, str(error)

    def _document(self, record: PassageRecord) -> Extracted:
        """The stored extraction, from memory where it was used lately."""
        key = (record.document, record.sha256)
        with self.index.snapshot() as catalog:
            found = self._read.pop(key, None) or catalog.extracted(record.document)
        self._read[key] = found
        while len(self._read) > DOCUMENTS_KEPT:
            self._read.popitem(last=False)
        return found

    def _query(self, question: str, encoded: Encoded, passages: int) -> Query:
        encoding = self.encoder.tokenizer.encode(question)
        with self.index.snapshot() as catalog:
            frequencies = catalog.document_frequencies(list(dict.fromkeys(WORD.findall(question))))
        strange = [word for word, n in frequencies.items() if not n] if is_foreign(question) else []
        rare = {fold(word): value for word, value in rarity(frequencies, passages).items()}
        rare |= {fold(word): STRANGE_WEIGHT * rare[fold(word)] for word in strange}
        words = [word_at(question, span) for span in encoding.offsets[: len(encoded.tokens)]]
        stop = stop_words(question)
        worth = [rare.get(word, 0.0) * (STOP_WORD_WEIGHT if word in stop else 1.0) for word in map(fold, words)]
        weights = np.array(worth, dtype=np.float32)
        content = {word: rare.get(word, 0.0) for word in content_words(question)}
        weights /= weights.sum() or 1.0
        names = capitals_name(question)
        named = [word[:1].isdigit() or (names and word[:1].isupper()) for word in words]
        particular = np.array([one and fold(word) not in stop for one, word in zip(named, words, strict=True)])
        place = self.encoder.tokenizer.token_to_id
        unknown = frozenset(
            fold(word)
            for n, word in enumerate(frequencies)
            if not frequencies[word]
            and ((n and not word.islower()) or (place(fold(word)) or COMMONEST) >= COMMONEST)  # a name, or rarer
        ).intersection(content)
        return Query(question, content, encoded.vector, encoded.tokens, weights, particular, unknown)

    def _fuse(
        self,
        dense: np.ndarray | None,
        records: dict[int, PassageRecord],
        words: dict[int, float],
        near: dict[int, float],
    ) -> dict[int, float]:
        """Half word score, half cosine, each scaled to 0..1 over what its leg found."""
        with self.index.snapshot() as catalog:
            vectors = catalog.vectors([record.key for record in records.values()]) if near else {}
        low, high = (min(near.values()), max(near.values())) if near else (0.0, 1.0)
        most = max(words.values(), default=1.0)
        fused = {}
        for passage, record in records.items():
            cosine = near.get(passage)
            if cosine is None and dense is not None and record.key in vectors:
                cosine = float(vectors[record.key] @ dense)
            meaning = 0.0 if cosine is None else max(0.0, (cosine - low) / ((high - low) or 1.0))
            fused[passage] = 0.5 * meaning + 0.5 * words.get(passage, 0.0) / most
        return fused

    def _rerank(self, query: Query, records: list[PassageRecord], fused: list[float]) -> list[Hit]:
        with self.index.snapshot() as catalog:
            stored = catalog.tokens([record.key for record in records])
        tokens = [unpack(stored[record.key]) if record.key in stored else None for record in records]
        for place, record in enumerate(records[:READ_ANEW]):
            if tokens[place] is None:
                tokens[place] = self.encoder.encode(embedding_text(record.context, record.text)).tokens
        likeness = _likeness(query, tokens)
        late = [late_interaction(query, one) if one is not None else 0.0 for one in likeness]
        scores = LATE_WEIGHT * _scaled(late) + (1 - LATE_WEIGHT) * _scaled(fused)
        hits = [Hit(r, float(s), t, c) for r, s, t, c in zip(records, scores, tokens, likeness, strict=True)]
        return sorted(hits, key=lambda hit: (-hit.score, hit.record.source, hit.record.start))


def late_interaction(query: Query, likeness: np.ndarray) -> float:
    """Weighted mean, over the question's tokens, of the cosine to the most similar token: `likeness` is (q, n)."""
    return float(query.weights @ likeness.max(axis=1))


def _likeness(query: Query, tokens: Sequence[np.ndarray | None]) -> list[np.ndarray | None]:
    """The cosines of the question's tokens to those of each passage, in one product: many small ones are far slower."""
    known = [one for one in tokens if one is not None]
    if not known:
        return [None] * len(tokens)
    product = query.tokens @ np.concatenate(known).T
    parts = iter(np.split(product, np.cumsum([len(one) for one in known])[:-1], axis=1))
    return [None if one is None else next(parts) for one in tokens]


def fold_duplicates(hits: Sequence[Hit], k: int) -> tuple[list[Hit], list[Item]]:
    """The first k hits without near-duplicates of a better one; and what was left out. A copy that has another number
    or name in the place of one is no duplicate: it disagrees."""
    kept: list[Hit] = []
    left: list[Item] = []
    seen: list[tuple[set[str], set[str]]] = []
    for hit in hits:
        if len(kept) == k:
            left.append(hit.item())
            continue
        words, particulars = stems(hit.record.text), set(_PARTICULAR.findall(hit.record.text))
        alike = (
            n
            for n, (other, theirs) in enumerate(seen)
            if len(words & other) >= NEAR_DUPLICATE * max(len(words), len(other))
            and not (particulars - theirs and theirs - particulars)
        )
        if (first := next(alike, None)) is None:
            kept.append(hit)
            seen.append((words, particulars))
        else:
            r = kept[first].record
            left.append(hit.item(f"it says the same as {r.source}, characters {r.start}-{r.end}, which is kept"))
    return kept, left


def _items(records: dict[int, PassageRecord], passages: Iterable[int], scores: dict[int, float]) -> list[Item]:
    return [Item(r.source, r.start, r.end, scores[p]) for p in passages if (r := records.get(p))]


def _scaled(values: Sequence[float]) -> np.ndarray:
    scores = np.array(values, dtype=np.float64)
    if not len(scores) or scores.max() == scores.min():
        return np.ones_like(scores)
    scaled: np.ndarray = (scores - scores.min()) / (scores.max() - scores.min())
    return scaled
