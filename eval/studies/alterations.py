"""Does the check of sentences notice what is wrong, and leave alone what is only said otherwise?

Rules put one fact of a recorded sentence wrong, or say the sentence in other words; what the check makes of each is
counted. The rules and their word lists stand here, apart from the checker and without a look at its tables.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from zlib import crc32

from eval.statistics import Figure, share
from rag import Answer, CitewiseError, check

Rule = Callable[[str, Sequence[str]], str | None]  # sentence, names of the folder -> the sentence changed, or None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer with the passages that it cites and what stands beside these."""

    text: str
    cited: tuple[str, ...]
    given: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence after a rule ("untouched": none), and what the check said."""

    rule: str
    text: str
    cited: tuple[str, ...]
    support: str
    problems: tuple[str, ...]


def load_sentences(path: Path) -> list[Sentence]:
    """Recorded sentences, one JSON object a line: `sentence`, `cited` (a list of texts), `given` (optional, the same).

    Raises CitewiseError for a line that is none.
    """
    found = []
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        try:
            row = json.loads(line)
            found.append(Sentence(str(row["sentence"]), tuple(row["cited"]), tuple(row.get("given", ()))))
        except (ValueError, KeyError, TypeError) as error:
            raise CitewiseError(f"{path}, line {number}, is no recorded sentence ({error!r}).", "Correct it.") from None
    return found


def quoted(answers: Iterable[Answer]) -> Iterator[Sentence]:
    """The sentences of answers with what they cite, each once."""
    seen: set[str] = set()
    for answer in answers:
        quotes = {citation.number: citation for citation in answer.citations}
        for statement in answer.statements:
            cited = [quotes[number] for number in statement.citations]
            if cited and statement.text not in seen:
                seen.add(statement.text)
                given = dict.fromkeys(text for one in cited for text in (one.title, one.heading or "") if text)
                yield Sentence(statement.text, tuple(one.quote for one in cited), tuple(given))


MIXED = "values mixed up"  # two sentences in one, each with the number of the other
TWO = "two joined"  # the same without a fault


def _mixed_up(one: str, other: str) -> str | None:
    """Two sentences joined, with the first number of each in the other."""
    a, b = (re.search(_COUNT, text) for text in (one, other))
    if not a or not b or a[0] == b[0] or a[0] in other or b[0] in one:
        return None
    one, other = one[: a.start()] + b[0] + one[a.end() :], other[: b.start()] + a[0] + other[b.end() :]
    return f"{one.rstrip('.')}, while {other[:1].lower()}{other[1:]}"


def _judged_pairs(sentences: Sequence[Sentence]) -> Iterator[Judged]:
    for one, other in pairwise(sentences):
        if len(one.text) + len(other.text) < 500 and (wrong := _mixed_up(one.text, other.text)):
            both = Sentence("", (*one.cited, *other.cited), tuple(dict.fromkeys((*one.given, *other.given))))
            yield _judged(MIXED, wrong, both)
            yield _judged(TWO, f"{one.text.rstrip('.')}, while {other.text[:1].lower()}{other.text[1:]}", both)


def judged(sentences: Iterable[Sentence], names: Sequence[str]) -> Iterator[Judged]:
    """Every sentence as it is, after every rule that applies to it, and joined to its neighbour."""
    sentences = list(sentences)
    yield from _judged_pairs(sentences)
    for one in sentences:
        yield _judged("untouched", one.text, one)
        for rule, change in (ALTERATIONS | REPHRASINGS).items():
            changed = change(one.text, names)
            if changed is not None and changed != one.text:
                yield _judged(rule, changed, one)


def _judged(rule: str, text: str, one: Sentence) -> Judged:
    support, problems = check(text, one.cited, one.given)
    return Judged(rule, text, one.cited, support, problems)


def figures(outcomes: Sequence[Judged]) -> list[Figure]:
    """The share flagged (`not_found`) of each rule: much is wanted of alterations, little of rephrasings."""

    def flagged(name: str, rules: Iterable[str], *, ceiling: bool) -> Figure:
        among = frozenset(rules)
        return share(name, [one.support == "not_found" for one in outcomes if one.rule in among], ceiling=ceiling)

    altered, rephrased = [*ALTERATIONS, MIXED], [*REPHRASINGS, TWO]
    return [
        *(flagged(f"altered: {rule}", [rule], ceiling=False) for rule in altered),
        flagged("all alterations", altered, ceiling=False),
        flagged("untouched", ["untouched"], ceiling=True),
        *(flagged(f"rephrased: {rule}", [rule], ceiling=True) for rule in rephrased),
        flagged("all rephrasings", rephrased, ceiling=True),
    ]


TARGETS = {"all alterations": 0.97, "all rephrasings": 0.05}

_NAME = re.compile(r"(?<=[a-z,] )(?!I\b)[A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})?\b")
_COUNT = re.compile(
    r"(?<![\w.,-])(?!(?:1[5-9]|20)\d\d\b)\d+(?:[.,]\d+)*(?![\w-]|[.,]\d|(?: (?:January|February|March|April|May|June|July|August|September|October|November|December))\b)"
)
_MONTHS = (
    "January February March April May June July August September October November December"
).split()  # fmt: skip
_NOT_NAMES = frozenset(
    [*_MONTHS, *"Monday Tuesday Wednesday Thursday Friday Saturday Sunday The This That These".split()]
)


def names_of(texts: Iterable[str]) -> list[str]:
    """The names in some texts that a swap may put in, in alphabetical order."""
    found = {match[0] for text in texts for match in _NAME.finditer(text)}
    return sorted(name for name in found if not _NOT_NAMES & set(name.split()))


def _pick(options: Sequence[str], seed: str) -> str:
    return options[crc32(seed.encode()) % len(options)]


def _sub(pattern: str, change: str | Callable[[re.Match[str]], str], flags: int = 0) -> Rule:
    """A rule that changes the first match of a pattern."""
    compiled = re.compile(pattern, flags)

    def rule(sentence: str, names: Sequence[str]) -> str | None:
        changed, n = compiled.subn(change, sentence, count=1)
        return changed if n else None

    return rule


def _swap(pairs: str, flags: int = re.IGNORECASE) -> Rule:
    """A rule that puts one word of a pair for the other, keeping a capital."""
    table: dict[str, str] = {}
    for pair in pairs.split(","):
        a, b = pair.strip().split("/")
        table.setdefault(a, b)
        table.setdefault(b, a)
    words = "|".join(re.escape(word) for word in sorted(table, key=len, reverse=True))

    def other(match: re.Match[str]) -> str:
        new = table[match[0].lower()]
        return new[0].upper() + new[1:] if match[0][0].isupper() else new

    return _sub(rf"(?<![\w-])(?:{words})(?![\w-])", other, flags)


def _first(*rules: Rule) -> Rule:
    """The first of several rules that applies."""

    def rule(sentence: str, names: Sequence[str]) -> str | None:
        return next((changed for one in rules if (changed := one(sentence, names)) is not None), None)

    return rule


def _other_digits(match: re.Match[str]) -> str:
    """Another first or last digit, so that the size stays plausible."""
    digits = match[0]
    places = [n for n, digit in enumerate(digits) if digit.isdigit()]
    place = places[crc32(digits.encode()) % len(places)]
    new = int(digits[place]) % 8 + 1
    return f"{digits[:place]}{new}{digits[place + 1 :]}"


def _other_name(sentence: str, names: Sequence[str]) -> str | None:
    match = _NAME.search(sentence)
    if not match or _NOT_NAMES & set(match[0].split()):
        return None
    words = set(sentence.replace("'", " ").replace("’", " ").split())
    others = [name for name in names if not any(w[:4] == word[:4] for w in name.split() for word in words)]
    return sentence[: match.start()] + _pick(others, sentence) + sentence[match.end() :] if others else None


def _other_first_name(sentence: str, names: Sequence[str]) -> str | None:
    """Another one-word name of the folder for that which begins the sentence."""
    match = re.match(r"[A-Z][a-z]{2,}(?=(?:['’]s)? [a-z])", sentence)
    others = [name for name in names if " " not in name and name[:4] != sentence[:4] and name not in sentence]
    return _pick(others, sentence) + sentence[match.end() :] if match and match[0] in names and others else None


def _other_month(match: re.Match[str]) -> str:
    return _MONTHS[(_MONTHS.index(match[0]) + 5) % 12]


def _roles(sentence: str, names: Sequence[str]) -> str | None:
    """The one who begins the sentence in the place of another whom it names later, and the other way round."""
    match = re.match(
        r"([A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})?)( [a-z][^.;:]*? )([A-Z][a-z]{2,}(?: [A-Z][a-z]{2,})?)(?![\w'’])", sentence
    )
    joined = not match or re.fullmatch(r" (?:and|or|met|with) ", match[2])
    named = match and match[1] in names and not _NOT_NAMES & {*match[1].split(), *match[3].split()}
    return f"{match[3]}{match[2]}{match[1]}{sentence[match.end() :]}" if match and named and not joined else None


_MONTH = "|".join(_MONTHS).replace("May", r"May(?= \d)").replace("March", r"March(?= \d)")
_AUXILIARY = r"(?:is|are|was|were|has|have|had|will|would|can|could|should|must|does|did|do)"
_MEASURED = r"(?P<n>\d[\d.,]*\d|\d)"

ALTERATIONS: dict[str, Rule] = {
    "number": _sub(r"(?<![\w.,-])(?!\d{1,2}[.)](?:\s|$))(?!(?:1[5-9]|20)\d\d\b)\d+(?:[.,]\d+)*(?![\w-]|\.\d)", _other_digits),
    "number in words": _swap("two/three, four/five, six/seven, eight/nine, ten/twelve, twenty/thirty, half/quarter, dozen/hundred"),
    "magnitude": _first(
        _swap("million/billion, thousand/million, trillion/billion"),
        _sub(r"(?<=\d)(?: ?)(bn|m|k)\b", lambda m: {"bn": "m", "m": "bn", "k": "m"}[m[1]]),
        _sub(r"\b(\d{1,3}),000\b", r"\1,000,000"),
    ),
    "year": _sub(r"\b(?:1[89]|20)\d\d\b(?!,\d)", lambda m: str(int(m[0]) + (-3 if int(m[0]) % 2 else 2))),
    "month": _sub(rf"\b(?:{_MONTH})\b", _other_month),
    "day": _first(
        _sub(rf"\b(\d\d?)(?= (?:{_MONTH})\b)", lambda m: str(int(m[0]) % 27 + 2)),
        _sub(rf"(\b(?:{'|'.join(_MONTHS)}) )(\d\d?)\b", lambda m: m[1] + str(int(m[2]) % 27 + 2)),
        _swap("Monday/Wednesday, Tuesday/Friday, Thursday/Sunday".lower()),
    ),
    "name": _other_name,
    "name at the start": _other_first_name,
    "unit": _first(
        _sub(rf"{_MEASURED}(?:%| percent| per cent)", r"\g<n> percentage points"),
        _sub(r"\$(?=\d)", "€"),
        _sub(r"€(?=\d)", "£"),
        _sub(r"£(?=\d)", "$"),
        _sub(r"(?<=\d )(km|kilometres|kilometers)\b", "miles"),
        _sub(r"(?<=\d )miles\b", "kilometres"),
        _swap("dollars/euros, years/months, days/weeks, hours/minutes, metres/feet, meters/yards, tonnes/kilograms, kg/tonnes"),
    ),
    "roles swapped": _roles,
    "period": _swap("monthly/weekly, daily/yearly, annual/monthly, annually/weekly, per month/per week, a month/a week, per year/per day, a year/a day, each week/each month, every day/every month"),
    "modality": _swap("may/must, must not/need not, required/allowed, can/should, should/must, mandatory/recommended, optional/mandatory"),
    "quantifier": _swap("all/some, every/no, most/few, always/sometimes, none/all, many/all, some/all, each/no, only some/all"),
    "negation inserted": _sub(rf"(?<=\b)({_AUXILIARY})(?! not|n['’]t| never| no\b)(?= \w)(?=[^?]*$)", r"\1 not"),
    "negation removed": _first(
        _sub(r"\b(do|does|did|is|are|was|were|has|have|had|will|would|can|could|should|must) not (?!only|just|merely|simply|least)", r"\1 "),
        _sub(r"\b(is|are|was|were|has|have|had|would|could|should|did|does|do)n['’]t\b", r"\1"),
        _sub(r"\bcannot\b", "can"),
        _sub(r"\bnever ", ""),
        _sub(r"\bwithout\b", "with"),
    ),
    "comparison": _swap(
        "more/fewer, higher/lower, rose/fell, increased/decreased, increase/decrease, increasing/decreasing, rising/falling, "
        "before/after, above/below, largest/smallest, larger/smaller, most/least, at least/at most, over/under, "
        "better/worse, older/younger, longer/shorter, faster/slower, earlier/later, stronger/weaker, highest/lowest, "
        "growth/decline, majority/minority, maximum/minimum, exceeded/fell short of, gained/lost, greater/less, "
        "reduced/raised, reduce/raise, improved/worsened, first/last, best/worst, surplus/deficit, rise/drop, "
        "strengthened/weakened, grew/shrank, expanded/contracted, supports/opposes, supported/opposed, accepted/rejected"
    ),
}  # fmt: skip


def _reordered(sentence: str, names: Sequence[str]) -> str | None:
    """ "While A, B." becomes "B, while A."; "In 2014, A." becomes "A in 2014."."""
    match = re.fullmatch(
        r"(While|Although|When|If|Since|As|Because|After|Before|In|On|During|By|Despite) ([^,;:]+), ([^;:]+)\.",
        sentence,
    )
    if not match:
        return None
    head = f"{match[3][0].upper()}{match[3][1:]}"
    joint = "," if match[1] in ("While", "Although", "Despite") else ""
    return f"{head}{joint} {match[1].lower()} {match[2]}."


def _number_format(match: re.Match[str]) -> str:
    return match[0].replace(",", "\u202f") if len(match[0]) < 8 else f"{int(match[0].replace(',', '')) / 1e6:g} million"


def _full(match: re.Match[str]) -> str:
    return f"{round(float(match[1]) * {'thousand': 10**3, 'million': 10**6, 'billion': 10**9}[match[2]]):,}"


REPHRASINGS: dict[str, Rule] = {
    "contraction": _first(
        _sub(r"\b(is|are|was|were|has|have|had|would|could|should|did|does|do) not\b(?! only)", r"\1n't"),
        _sub(r"\b([Ii]t|[Tt]hat|[Tt]here) is\b", r"\1's"),
        _sub(r"\b(is|are|was|were|has|have|had|would|could|should|did|does|do)n['’]t\b", r"\1 not"),
    ),
    "number format": _first(
        _sub(r"(?<![\d,.])[1-9]\d{0,2}(?:,\d{3})+(?![\d,.]\d|\w)", _number_format),
        _sub(r"(?<![\d,.$€£])(\d+(?:\.\d+)?) (thousand|million|billion)\b", _full),
    ),
    "percent": _first(_sub(r"(?<=\d)%", " percent"), _sub(r"(?<=\d) (?:percent|per cent)\b", "%")),
    "currency": _sub(r"\$((?:\d[\d,.]*)?\d)((?: (?:million|billion|trillion))?)(?![\w,-]|\.\d| (?:m|b|tr)illion)", r"\1\2 dollars"),
    "date format": _first(
        _sub(rf"\b({'|'.join(_MONTHS)}) (\d\d?), ((?:1|2)\d{{3}})\b", r"\2 \1 \3"),
        _sub(rf"\b(\d\d?) ({'|'.join(_MONTHS)}) ((?:1|2)\d{{3}})\b", r"\2 \1, \3"),
    ),
    "country": _first(_sub(r"\bUnited States\b", "U.S."), _sub(r"\b(?:U\.S\.|USA?\b)", "United States"), _sub(r"\bUnited Kingdom\b", "UK")),
    "clause order": _reordered,
    "passive": _sub(
        r"^((?:The )?[A-Z][\w ]{2,40}?) (signed|approved|acquired|launched|announced|won|built|designed|discovered|published|founded|completed) "
        r"((?:the|an?|its|their) [\w ]{3,60}?)(?= (?:in|on|at|with|for|to|after|during)\b|[.,])",
        lambda m: f"{m[3][0].upper()}{m[3][1:]} was {m[2]} by {m[1][0].lower() if m[1].startswith('The ') else m[1][0]}{m[1][1:]}",
    ),
    "synonym": _swap(
        "important/significant, large/big, said/stated, began/started, show/demonstrate, shows/indicates, showed/revealed, "
        "companies/firms, company/firm, approximately/about, however/nevertheless, also/additionally, use/utilise, "
        "numerous/many, help/assist, buy/purchase, obtain/get, required/needed, nations/countries, talks/negotiations, "
        "agreement/deal, crucial/vital, quickly/rapidly, ended/finished, led to/resulted in, several/various",
        flags=0,
    ),
    "adverb dropped": _sub(r"\b(?:significantly|substantially|particularly|notably|successfully|officially|currently|effectively|increasingly|largely|primarily|ultimately|clearly|actually) (?!than|more|less)", ""),
    "opening dropped": _sub(r"^(?:However|Moreover|Additionally|Furthermore|In addition|Meanwhile|Therefore|Overall|Finally|For example|As a result), (\w)", lambda m: m[1].upper()),
    "attribution added": _sub(r"^(The|It|They|These|This|In|A|An)\b", lambda m: f"According to the documents, {m[1].lower()}"),
    "relative clause dropped": _sub(r", (?:which|who) [^,.]{5,60}(?=, )", lambda m: ""),
}  # fmt: skip
