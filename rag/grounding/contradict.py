"""Where a sentence turns round what a passage says: negation, direction, one fact put in the place of another."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher

from rag.grounding.facts import Fact, lexicon, same, same_value, thesaurus
from rag.grounding.facts.read import named, negators, opening_name
from rag.grounding.reading import Reading, Token, read, senses
from rag.words import fold

SHOWN = 160  # characters of a passage that a problem repeats
REPLACED = 4  # words: a longer stretch that differs is another way to say it, not one fact put for another
NEARLY_VERBATIM = 0.8  # share of words in common order from which every negation has to have its counterpart
MISPLACED = 2  # words by which the passage with another value must be closer to the claim
HINT = 6  # words around another within which a hint at negation counts
AROUND = 2  # content words on either side that tell what a word of direction is about

_JOINED = frozenset(("and", "or", "nor", "with"))
_MEASURING = {
    **{word: unit for word, unit in lexicon.UNITS.items() if len(word) > 2},
    **{
        word: ("", value)
        for table in (lexicon.MAGNITUDES, lexicon.FRACTIONS, lexicon.NUMBER_WORDS)
        for word, value in table.items()
    },
}


def contradictions(claim: Reading, sources: Sequence[Reading]) -> Iterator[str]:
    """What the sources say otherwise, as sentences for people."""
    yield from _added_negations(claim, sources)
    yield from _directions(claim, sources)
    if len(sources) > 1:
        yield from _misplaced(claim, sources)
    nearest = max(sources, key=lambda source: _overlap(claim, source))
    yield from _lost_negations(claim, nearest, sources)
    ours, theirs = [t.key for t in claim.tokens], [t.key for t in nearest.tokens]
    matcher = SequenceMatcher(None, ours, theirs, autojunk=False)
    if (
        matcher.ratio() >= NEARLY_VERBATIM
        and negators(claim.text) != negators(nearest.text)
        and not _turned(claim, nearest)
    ):
        yield _opposite(nearest)
    steps = matcher.get_opcodes()
    changes = [(claim.tokens[a:b], nearest.tokens[c:d]) for step, a, b, c, d in steps if step != "equal"]
    if _swapped(claim, changes):
        yield _opposite(nearest)
    if matcher.ratio() >= NEARLY_VERBATIM:
        yield from _reworded(claim, nearest, changes)
    for step, a, b, c, d in steps:
        if step == "replace" and b - a <= REPLACED and d - c <= REPLACED:
            rest = [fact for source in sources if source is not nearest for fact in source.facts]
            yield from _replaced(claim, claim.tokens[a:b], nearest, nearest.tokens[c:d], rest)


def _overlap(claim: Reading, source: Reading) -> int:
    return sum(
        token.key in source.senses or bool(senses(token.key) & source.senses) for token in claim.tokens if token.content
    )


def _opposite(source: Reading) -> str:
    text = " ".join(source.text.split())
    return (
        f"the cited passage says the opposite: {text if len(text) <= SHOWN else text[:SHOWN].rsplit(' ', 1)[0] + ' …'}"
    )


# -- negation ---------------------------------------------------------------------------------------------------------


def _alike(a: Token, b: Token) -> bool:
    return a.key == b.key or bool(senses(a.key) & senses(b.key))


def _hinted(reading: Reading, token: Token) -> bool:
    place = bisect_left(reading.tokens, token.start, key=lambda one: one.start)
    around = reading.tokens[max(0, place - HINT) : place + HINT + 1]
    return any(fold(reading.text[t.start : t.end]) in thesaurus.NEGATIVE_HINTS for t in around)


def _added_negations(claim: Reading, sources: Sequence[Reading]) -> Iterator[str]:
    """Negations over words that no source denies, though one has them among the same words."""
    for fact, scope in claim.denied:
        around = [*scope, *claim.before(fact, 2)]
        near = [s for s in sources if sum(bool(s.occurrences(token)) for token in around) >= min(2, len(around))]
        found = [(token, source, other) for token in scope for source in near for other in source.occurrences(token)]
        first = [one for one in found if one[0] is scope[0]]
        otherwise = any(other.text.lower() not in ("un", "non") for source in near for other, _ in source.denied)
        if any(_turned(claim, source) for source in sources):
            continue
        if found and (first or not otherwise):
            if all(_differ(claim, token, source, other) for token, source, other in first or found):
                yield _opposite((first or found)[0][1])
        elif not found and not any(s.denied or any(_hinted(s, t) for t in s.tokens) for s in sources):
            yield f"“{fact.text}” is not in the cited passage"


def _turned(claim: Reading, source: Reading) -> bool:
    """Whether one of two texts denies what the other says by the opposite word: "not allowed", "forbidden"."""
    return any(
        (x.key, x.sign) == (y.key, -y.sign) and claim.sign(x) == source.sign(y)
        for x in claim.of("comparison")
        for y in source.of("comparison")
    )


def _differ(claim: Reading, token: Token, source: Reading, other: Token) -> bool:
    """Whether a word is denied in one of two texts and plainly said in the other."""
    return claim.denials(token) % 2 != source.denials(other) % 2 and not _hinted(source, other)


def _lost_negations(claim: Reading, source: Reading, sources: Sequence[Reading]) -> Iterator[str]:
    """Negations of the nearest source that the claim leaves out while it keeps what they deny."""
    for _, scope in source.denied:
        ours = [claim.occurrences(token) for token in scope]
        if not ours[0] or 3 * sum(map(bool, ours)) < 2 * len(ours):
            continue
        odd = source.denials(scope[0]) % 2
        alike = [one for one in sources if 3 * sum(bool(one.occurrences(t)) for t in scope) >= 2 * len(scope)]
        said = {one.denials(other) % 2 for one in alike for other in one.occurrences(scope[0])}
        if said == {odd} and all(_differ(source, scope[0], claim, token) for found in ours for token in found):
            yield _opposite(source)
    yield from _prefixes(claim, source)


def _prefixes(claim: Reading, source: Reading) -> Iterator[str]:
    """ "clear" put for "unclear", or the other way round."""
    mine, theirs = _written(claim), _written(source)
    if not claim.denied and not source.denied:
        for positive, negative in ((mine - theirs, theirs - mine), (theirs - mine, mine - theirs)):
            if any(
                len(word) > 3 and prefix + word in negative for word in positive for prefix in lexicon.NEGATIVE_PREFIXES
            ):
                yield _opposite(source)


def _written(reading: Reading) -> set[str]:
    return {fold(reading.text[token.start : token.end]) for token in reading.tokens if token.content}


# -- direction, replacement -------------------------------------------------------------------------------------------


def _directions(claim: Reading, sources: Sequence[Reading]) -> Iterator[str]:
    """Words of direction that stand among the same words as their opposites in a source."""
    theirs = [(fact, source) for source in sources for fact in source.of("comparison")]
    for fact in claim.of("comparison"):
        mine = claim.sign(fact)
        shared = [(s.sign(f) == mine, _shared(claim, fact, s, f), s) for f, s in theirs if f.key == fact.key]
        with_it = max((n for alike, n, _ in shared if alike), default=0)
        against = max((n for alike, n, _ in shared if not alike), default=0)
        if against > with_it and (against >= 2 or not any(alike for alike, _, _ in shared)):
            yield _opposite(next(source for alike, n, source in shared if not alike and n == against))


def _shared(a: Reading, x: Fact, b: Reading, y: Fact) -> int:
    """How many of the words around two words of direction are the same; 0 where those that follow all differ."""
    after, others = ({token.key for token in r.after(f, AROUND)} for r, f in ((a, x), (b, y)))
    before, those = ({token.key for token in r.before(f, AROUND)} for r, f in ((a, x), (b, y)))
    return len((after | before) & (others | those)) if after & others or not (after and others) else 0


def _swapped(claim: Reading, changes: Sequence[tuple[Sequence[Token], Sequence[Token]]]) -> bool:
    """Whether two stretches of a copy changed places and nothing else did, unless only "and" joins them."""
    if len(changes) != 2 or not all(ours and theirs for ours, theirs in changes):
        return False
    (a, b), (c, d) = changes
    between = {t.key for t in claim.tokens if a[-1].end <= t.start and t.end <= c[0].start}
    return (
        [t.key for t in a] == [t.key for t in d] and [t.key for t in b] == [t.key for t in c] and not between <= _JOINED
    )


def _reworded(
    claim: Reading, source: Reading, changes: Sequence[tuple[Sequence[Token], Sequence[Token]]]
) -> Iterator[str]:
    """In a close copy: one word in the place of another that means something else, or an "only" put in."""
    replaced = [(ours, theirs) for ours, theirs in changes if ours and theirs]
    for ours, _ in changes:
        if any(t.key == "only" for t in ours) and not any(t.key == "only" for t in source.tokens):
            yield "“only” is not in the cited passage"
    single = [(ours[0], theirs[0]) for ours, theirs in replaced if len(ours) == len(theirs) == 1]
    others = [t for ours, theirs in changes if not len(ours) == len(theirs) == 1 for t in (*ours, *theirs) if t.content]
    words = [pair for pair in single if pair[0].content and pair[1].content and not _alike(*pair)]
    for mine, other in single:
        a, b = (fold(r.text[t.start : t.end]) for r, t in ((claim, mine), (source, other)))
        x, y = thesaurus.FORCE.get(a), thesaurus.FORCE.get(b)
        plain = (
            (mine, other) in words and len(words) == 1 and not others and not _inside_any(claim, mine, source, other)
        )
        if (x and y and x != y) or (plain and not _form_of(a, b) and a.isalpha() and b.isalpha()):
            yield f"the cited passage says {b}, not {a}"


def _inside_any(claim: Reading, mine: Token, source: Reading, other: Token) -> bool:
    """Whether a word is part of a fact: those are compared as facts."""
    return bool(_inside(claim, (mine,)) and _inside(source, (other,)))


def _form_of(a: str, b: str) -> bool:
    """Whether two words begin alike: "sale", "sales", "sell"."""
    return a[:4] == b[:4] or (a[:3] == b[:3] and min(len(a), len(b)) < 6)


def _replaced(
    claim: Reading, ours: Sequence[Token], source: Reading, theirs: Sequence[Token], rest: Sequence[Fact]
) -> Iterator[str]:
    """Facts in the place of others: among the same words, one number, date, name, unit or direction for another, which
    is not among the `rest`: what the other sources say."""
    others = _inside(source, theirs)
    for fact in _inside(claim, ours):
        rivals = [f for f in others if _rivals(fact, f)]
        if fact.kind == "comparison":
            rivals = [f for f in rivals if claim.sign(fact) != source.sign(f)]
        said = any(_agree(fact, other) for other in rest) and fact.kind != "comparison"
        said = said or any(f.kind == fact.kind == "number" and not f.unit and same_value(fact, f) for f in source.facts)
        if not rivals or said or any(_agree(rival, own) for rival in rivals for own in claim.of(fact.kind)):
            continue
        yield (
            _opposite(source)
            if fact.kind == "comparison"
            else f"the cited passage says {rivals[0].text}, not {fact.text}"
        )
    if len(ours) == len(theirs) == 1 and ours[0] is claim.tokens[0] and theirs[0] is source.tokens[0]:
        first = opening_name(source.text)
        word = claim.text[ours[0].start : ours[0].end]
        if first and word[0].isupper() and ours[0].content and not _alike(ours[0], theirs[0]):
            yield f"the cited passage says {first.text}, not {word}"
    numbers = [(f, g) for f in _inside(claim, ours) for g in _inside(source, theirs) if f.kind == g.kind == "number"]
    for mine, other in () if any(same(f, g) for f, g in numbers) else zip(ours, theirs, strict=False):
        a, b = claim.text[mine.start : mine.end], source.text[other.start : other.end]
        x, y = _MEASURING.get(a.lower()), _MEASURING.get(b.lower())
        if x and y and x != y:
            yield f"the cited passage says {b}, not {a}"


def _misplaced(claim: Reading, sources: Sequence[Reading]) -> Iterator[str]:
    """Values that a source states of something else, while another states its own of what the claim is about."""
    own = [fact for fact in claim.of("number", "date") if fact.unit not in ("ordinal", "clock")]
    for fact in own:
        around = [*claim.before(fact, 2 * AROUND), *claim.after(fact, AROUND)]
        here, there = 0, (0, "")
        for source in sources:
            shared = sum(bool(source.occurrences(token)) for token in around)
            others = [f for f in source.of(fact.kind) if _rivals(fact, f) and f.unit == fact.unit]
            if any(_agree(fact, other) for other in source.of(fact.kind)):
                here = max(here, shared)
            elif others and not any(_agree(one, other) for one in own for other in others):
                there = max(there, (shared, others[0].text))
        if here and there[0] >= here + MISPLACED:
            yield f"the cited passage says {there[1]}, not {fact.text}"


def _rivals(a: Fact, b: Fact) -> bool:
    """Whether two facts could stand in one place: of a kind, opposite directions, dates equally precise."""
    if a.kind == "date":
        return b.kind == "date" and (bool(a.first), bool(a.month), a.day > 0) == (
            bool(b.first),
            bool(b.month),
            b.day > 0,
        )
    return a.kind == b.kind and (a.kind != "comparison" or (a.key, a.sign) == (b.key, -b.sign))


def _agree(a: Fact, b: Fact) -> bool:
    if a.kind != b.kind:
        return False
    if a.kind == "comparison":
        return a.text.lower() == b.text.lower()
    if a.kind != "name":
        return same(a, b)
    words = set(b.key.split())
    return any(named(word, words) for word in a.key.split()) or bool(read(a.text).senses & read(b.text).senses)


def _inside(reading: Reading, tokens: Sequence[Token]) -> list[Fact]:
    start, end = tokens[0].start, tokens[-1].end
    return [fact for fact in reading.facts if fact.start < end and start < fact.end and fact.kind != "negation"]
