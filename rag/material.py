"""The material of an answer: what was found for a question and each of its parts, judged before anything is written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag import silence
from rag.candidates import candidates, valued
from rag.claims import Claim, Disagreement
from rag.compose import UNSURE
from rag.conflicts import find_disagreements
from rag.parts import parts as asked_parts
from rag.retrieve import Found, Hit, Retriever
from rag.silence import Evidence
from rag.trace import Item, Step

CONSIDERED = 10  # passages that a writer sees of each part


@dataclass(frozen=True, slots=True)
class Material:
    """What was found for the whole question, its quotable sentences and those of each part (none where it asks one
    thing), the passages of all, how well they answer, and what they disagree about."""

    found: Found
    hits: list[Hit]
    sentences: list[Claim]
    parts: list[list[Claim]]
    foreign: list[str]  # parts of the question of which the documents hold nothing
    evidence: Evidence
    disagreements: list[Disagreement]
    alternatives: list[Claim]  # of disagreements that are only possible, or of which too little is sure
    trace: tuple[Step, ...]


def gather(retriever: Retriever, question: str, only: Sequence[str] = (), lately: str = "") -> Material:
    """Search for a question as it was understood, after what was spoken of `lately`. Raises as `Retriever.retrieve`
    does."""
    near = retriever.spoken(lately)
    found = retriever.retrieve(question, CONSIDERED, only, read=True, lately=near)
    unquoted: list[Item] = []
    plain = candidates(found.query, found.hits, unquoted)
    parts = [retriever.retrieve(part, CONSIDERED, only, read=True, lately=near) for part in asked_parts(question)]
    asks = [(part, candidates(part.query, part.hits, [])) for part in parts] or [(found, plain)]
    judged = [silence.evidence(one.query, one.hits, claims) for one, claims in asks]
    evidence = silence.together(judged)
    foreign = [part.query.text for part, one in zip(parts, judged, strict=False) if one.confidence < silence.FOREIGN]
    differing = {
        frozenset(position.claim.text for position in one.positions): one
        for part, claims in asks
        for one in find_disagreements(part.query, claims, retriever.encoder)
    }.values()
    sentences = valued(retriever.encoder, found.query, plain)  # only now: disagreements weigh values themselves
    of_parts = [valued(retriever.encoder, part.query, claims) for part, claims in asks] if parts else []
    known = {claim.spans: claim for claims in (*of_parts, sentences) for claim in claims}
    told = [one for one in differing if one.certain and evidence.confidence >= UNSURE]
    sides = [item for one in told for position in one.positions for item in position.claim.items()]
    trace = (
        *found.trace,
        Step("candidates", len(sentences) + len(unquoted), items(sentences), unquoted),
        Step("evidence", len(sentences), facts={"out": evidence.enough * len(sentences), **evidence._asdict()}),
        Step("disagreements", len(sentences), sides, facts={"about": [one.about for one in told]}),
    )
    return Material(
        found,
        list({hit.record.id: hit for one in (found, *parts) for hit in one.hits}.values()),
        sentences,
        [[] if part.query.text in foreign else claims for part, claims in zip(parts, of_parts, strict=True)],
        foreign,
        evidence,
        told,
        [known[position.claim.spans] for one in differing if one not in told for position in one.positions],
        trace,
    )


def items(claims: Sequence[Claim]) -> list[Item]:
    """The claims as a trace has them."""
    return [item for claim in claims for item in claim.items()]
