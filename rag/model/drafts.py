"""From the growing words of a language model to claims: cleaned of what is no answer, each with the spans it rests on."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from index import sentence_spans
from rag.cite import given
from rag.claims import Claim, Span, Task, Unfinished
from rag.grounding.align import Aligner
from rag.grounding.verify import check
from rag.model.markers import MarkerParser, Piece, unmarked
from rag.model.prompts import INSTRUCTIONS, SILENT, Excerpt
from rag.model.prose import Prose, Sentence
from rag.model.refusals import is_refusal
from rag.retrieve import Hit
from rag.words import WORD, fold, stems

ECHO = 8  # consecutive words that give away an echo of the instructions, or of what was said
HINT = 4  # the same while a sentence is still being written, which is then not shown yet
COPIED = 4  # whole sentences after which a model that copies has said enough
WHOLE = 5  # words that such a sentence has
REPEATS = 3  # sentences said again, one after the other, after which a model is taken to be looping
LONGEST = 1500  # characters without an end, after which a model is taken to be rambling
SHORT = 3  # words of an answer that may be given again: "Yes."
POINTED = 3  # excerpts that are quoted where a model only names them

_FRAGMENT = re.compile(r"(?:\S+\s+){0,5}\S*\w")  # a few words without a full stop: an item of a list
_I = re.IGNORECASE
_LABEL = re.compile(r"(?:(?:final |short |my )?(?:answer|response|output|assistant)|a)\s*[:：]\s*", _I)
_OTHER_SIDE = re.compile(r"(?:question|user|human|q)\s*[:：]\s*", _I)
_FENCE = re.compile(r"={3} (?:end of )?(?:excerpts|(?:earlier )?conversation)\b", _I)
_APPENDIX = re.compile(r"(?:sources?|references?|citations?|excerpts? used)\s*[:：]?", _I)
_LABELS = "question user human answer assistant response output sources references citations".split()
_END = tuple(".!?…。！？:\"'”’»)]」』")
_PREAMBLE = re.compile(
    r"(?:here (?:is|are)|based on|according to|to answer|the (?:following|answer|sentences?|excerpts?)\b)[^.!?]*:", _I
)
_NUMBERS = r"\d{1,2}(?:\s*(?:,|and|&|or|to|-)\s*(?:(?:excerpt|sentence)s?\s*)?\d{1,2})*"
_POINTER = re.compile(rf"\(?(?:\bsee\s+)?\b(?:excerpt|sentence)s?\s+(?:number\s+)?({_NUMBERS})\)?", _I)
_POINTS = (
    r"(?:\s*(?:the\s+)?(?:provided\s+)?(?:excerpts?|sentences?|passages?)\b)?(?:\s*(?:,|and|&)(?=\s*(?:,|and|&)))*"
)
_LEAD = re.compile(
    rf"(?:according to|as (?:stated|mentioned|described|noted) (?:in|by)|based on|from|in|per){_POINTS}\s*,\s*(?=\S)"
    r"|(?:(?:the\s+)?(?:excerpts?|sentences?)\s*(?:states?|says?|mentions?|notes?|reports?|shows?)"
    r"|(?-i:states?|says?|mentions?|notes?|reports?|shows?)) that\s+|[:.)-]\s+",
    _I,
)
_POINTING = re.compile(
    r"(?:(?:the|answers?|is|are|in|see|from|by|excerpts?|sentences?|passages?|and|or)\b[\s,.;:&]*)*", _I
)


@dataclass(frozen=True, slots=True)
class Shown:
    """An excerpt as a model was shown it: the hit that it is of, and the sentence that it is, if it is one."""

    excerpt: Excerpt
    hit: Hit
    claim: Claim | None = None

    def holds(self, claim: Claim) -> bool:
        """Whether it holds the words of a claim."""
        within = self.claim.span if self.claim else self.hit.record
        return self.hit.record.document == claim.span.hit.record.document and (
            within.start <= claim.span.start < claim.span.end <= within.end
        )


class Draft:
    """The answer to one task while it is written. `over` says that nothing worth reading will follow."""

    def __init__(self, task: Task, shown: Sequence[Shown], *, copying: bool = False) -> None:
        self.over = False
        self._task = task
        self._shown = shown
        self._copying = copying
        self._hits = {hit.record.id: hit for hit in (*task.hits, *(one.hit for one in shown))}
        self._parser = MarkerParser(len(shown))
        self._prose = Prose()
        quotable = [*task.candidates, *(one.claim for one in shown if one.claim)]
        self._verbatim = {_key(claim.text): claim for claim in reversed(quotable)}
        self._said = [_key(task.question), _key(SILENT)]  # not to be said (again)
        self._repeats = 0
        self._copied = 0
        self._given = 0
        self._silent = False
        self._growing = ""

    def add(self, delta: str) -> Iterator[Claim | Unfinished]:
        """What a further piece of the model's words completes, and the words after that."""
        yield from self._read(self._parser.feed(delta))
        text, before = self._prose.unfinished
        if len(text) > LONGEST and not self.over:
            yield from self._claims(Sentence(_shortened(text), (), before))
            self.over = True
        text, _ = _bare(text)
        if text != self._growing and not self.over and self._showable(text, before):
            self._growing = text
            yield Unfinished(text, self._before(before, text))

    def close(self, *, cut: bool = False, stopped: bool = False) -> Iterator[Claim]:
        """The rest; where the answer was `cut` off or `stopped`, without a last sentence that has no end. All that
        there is of an answer that was cut off is kept."""
        sentences = [one for piece in self._parser.close() for one in self._prose.add(piece)]
        within = self._prose.within
        sentences += self._prose.close()
        if within and sentences and not sentences[-1].text.endswith(_END):
            all_there_is = not self._given and len(sentences) == 1
            if stopped or (cut and not all_there_is):
                sentences.pop()
        for sentence in sentences:
            yield from self._claims(sentence)
        if self._silent and not self._given:
            yield Claim(SILENT, (), before="")

    def _showable(self, text: str, before: str) -> bool:
        """Whether the words of an unfinished sentence may be shown: they may still become nothing of the answer."""
        key = _key(text)
        if not key or any(one.startswith(key) for one in (*self._said, *_TOLD_WHOLE)):
            return False
        if " " not in key and any(label.startswith(key) for label in _LABELS):
            return False
        return _TOLD_HINTS.isdisjoint(_grams(key, HINT)) and not self._is_other_side(text, before)

    def _is_other_side(self, text: str, before: str) -> bool:
        """Whether a model goes on with what is not its part: the next question, or the prompt."""
        begins = self._given > 0 and "\n" in before and _OTHER_SIDE.match(text) is not None
        return begins or _FENCE.match(text) is not None

    def _read(self, pieces: Iterable[Piece]) -> Iterator[Claim]:
        for piece in pieces:
            for sentence in self._prose.add(piece):
                yield from self._claims(sentence)

    def _claims(self, sentence: Sentence) -> Iterator[Claim]:
        key = _key(sentence.text)
        number, _, rest = key.partition(" ")
        copied = self._verbatim.get(key) or (self._verbatim.get(rest) if number.isdigit() else None)
        text, named = (copied.text, []) if copied else _bare(sentence.text)
        key = _key(text)
        appendix = not copied and _APPENDIX.fullmatch(text) is not None
        if not copied and (self._is_other_side(text, sentence.before) or (appendix and self._given)):
            self.over = True
        if self.over or appendix or (not copied and (_PREAMBLE.fullmatch(text) or _echoes(key))):
            return
        cited = [self._shown[n - 1] for n in (*sentence.numbers, *named) if 0 < n <= len(self._shown)]
        if not key:
            yield from self._pointed(cited, sentence.before)
        elif self._is_said(key):
            self._silent = self._silent or key == _key(SILENT)
            self._repeats += 1
            self.over = self._repeats >= REPEATS
        else:
            copied = copied or self._verbatim.get(key)
            self._copied += copied is not None and len(key.split()) >= WHOLE
            yield self._give(copied or Claim(text, self._borne_out(text, cited)), sentence.before)

    def _is_said(self, key: str) -> bool:
        words = len(key.split())
        if words <= SHORT and self._given:
            return key == self._said[-1]
        part = words >= ECHO
        return any(key == one or (part and f" {key} " in f" {one} ") for one in self._said)

    def _pointed(self, cited: Sequence[Shown], before: str) -> Iterator[Claim]:
        """Where a model names excerpts and says nothing, their words are its answer."""
        for one in cited[:POINTED]:
            claim = one.claim or next(filter(one.holds, self._task.candidates), None)
            if claim and _key(claim.text) not in self._said:
                yield self._give(claim, before)
                before = " "

    def _give(self, claim: Claim, before: str) -> Claim:
        placed = Claim(unmarked(claim.text), claim.spans, claim.score, self._before(before, claim.text))
        self._said.append(_key(claim.text))
        self._given += 1
        self._repeats = 0
        self.over = self.over or (self._copying and self._copied >= COPIED)
        return placed

    def _before(self, before: str, text: str) -> str:
        """Whole sentences that were copied follow one another; everything else keeps the layout that the model gave."""
        if self._copying and not _FRAGMENT.fullmatch(text):
            before = " "
        return before if self._given else before.lstrip()

    @cached_property
    def _aligner(self) -> Aligner:
        return Aligner(list(self._hits.values()))

    def _borne_out(self, text: str, cited: Sequence[Shown]) -> tuple[Span, ...]:
        """The spans of a sentence; what reads as a refusal has some only where the documents themselves say it."""
        spans = self._spans(text, cited)
        if spans and is_refusal(text):
            support = check(text, [span.text for span in spans], given(spans)).support
            return spans if support in ("supported", "verbatim") else ()
        return spans

    def _spans(self, text: str, cited: Sequence[Shown]) -> tuple[Span, ...]:
        """What supports a sentence; failing that, the nearest sentence of what the model cited for it."""
        places = list(self._hits)
        spans = self._aligner.align(text, [places.index(one.hit.record.id) for one in cited])
        if spans or not cited:
            return spans
        near = [c for one in cited for c in ([one.claim] if one.claim else filter(one.holds, self._task.candidates))]
        words = stems(text)
        best = max(near, key=lambda claim: len(words & stems(claim.text)), default=None)
        return best.spans if best else ()


def _key(text: str) -> str:
    """The words of a text, for comparing."""
    return " ".join(WORD.findall(fold(text)))


def _grams(key: str, length: int = ECHO) -> set[str]:
    words = key.split()
    return {" ".join(words[n : n + length]) for n in range(len(words) - length + 1)}


def _shortened(text: str) -> str:
    """What is given of words that find no end."""
    text = text[:LONGEST]
    return text[: max(text.rfind(","), text.rfind(" "), 0) or LONGEST]


_TOLD = frozenset(gram for text in INSTRUCTIONS for gram in _grams(_key(text)))
_TOLD_HINTS = frozenset(gram for text in INSTRUCTIONS for gram in _grams(_key(text), HINT))
_TOLD_WHOLE = frozenset(
    _key(line[a:b]) for text in INSTRUCTIONS for line in text.split("\n") for a, b in sentence_spans(line)
)


def _echoes(key: str) -> bool:
    """Whether words are those of our instructions."""
    return key in _TOLD_WHOLE or not _TOLD.isdisjoint(_grams(key))


def _bare(text: str) -> tuple[str, list[int]]:
    """A sentence without role label and without "according to excerpt 2", and the numbers so named."""
    text = _LABEL.sub("", text, count=1) if _LABEL.match(text) else text
    named = [int(n) for match in _POINTER.finditer(text) for n in re.findall(r"\d+", match.group(1))]
    bare = _POINTER.sub("", text).strip()
    if lead := _LEAD.match(bare):
        bare = bare[lead.end() :]
        bare = bare[:1].upper() + bare[1:]
    bare = unmarked(bare)
    return "" if _POINTING.fullmatch(bare) else bare, named
