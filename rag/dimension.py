"""What a question measures or counts, and whether a number does so too: "how long" asks for a time or a length, "how
many boats" for boats."""

from __future__ import annotations

import re
from collections.abc import Callable

from rag.grounding.facts import Fact, facts

_MEASURES = {
    "money": "usd eur pound jpy cny rub inr chf cad aud uah krw try sek nok brl",
    "time": "second month",
    "length": "metre mile foot inch yard",
    "mass": "gram ton ounce pound",
    "area": "hectare acre km2 mile2 m2 foot2",
    "heat": "°c °f degree",
    "share": "% pp bp x",
    "people": "people",
}
_UNITS = {name: frozenset(units.split()) for name, units in _MEASURES.items()}
_PAID = (
    r"costs?|cost|pays?|paid|earn\w*|prices?|rents?|fees?|deposits?|salary|salaries|wages?|revenues?|profits?|income|"
    r"budgets?|turnover|spend|spent|worth|loans?|fines?|net worth|box office|gross(?:ed)?"
)
_ASKED = (  # the first that a question has decides
    (rf"\bhow (?:much|high|large|big)\b.*\b(?:{_PAID})\b", "money share"),
    (r"\bhow long\b", "time length"),
    (r"\bhow far\b", "length time"),
    (r"\bhow (?:tall|deep|wide|thick)\b|\b(?:what|which) .*\b(?:height|width|depth|length)\b", "length time"),
    (r"\bhow old\b|\b(?:what|which) .*\b(?:age|duration)\b", "time"),
    (r"\bpopulation\b", "people"),
    (r"\bhow heavy\b|\b(?:what|which) .*\bweight\b", "mass"),
    (r"\bhow (?:hot|cold|warm)\b|\b(?:what|which) .*\btemperature\b", "heat"),
    (r"\b(?:what|which) (?:\w+ )*(?:share|percentage|percent)\b", "share"),
    (rf"\b(?:what|which) (?:(?:is|was|were|are) )?(?:the )?(?:\w+ )?(?:{_PAID})\b", "money share"),
)
_COUNTED = re.compile(r"\bhow many\b|\b(?:number|count|total) of(?: the)?\b", re.IGNORECASE)
_PEOPLE = re.compile(  # stems of those who are counted as people
    r"people|person|men|women|child\w*|inhabit\w*|resid\w*|visit\w*|passeng\w*|employe\w*|work\w*|staff|member\w*|student\w*|"
    r"pupil\w*|guest\w*|fans?|spectat\w*|soldier\w*|troop\w*|citizen\w*|voter\w*|seat\w*|participant\w*|user\w*|personnel"
)


def fits(question: str) -> Callable[[Fact], bool]:
    """Tells of a number whether it measures or counts what the question asks for; one without a unit may."""
    units = _asked(question)
    return lambda number: units is None or not number.unit or _unit(number) in units


def _asked(question: str) -> frozenset[str] | None:
    """The units of the answer; None where any will do."""
    if counted := _COUNTED.search(question):
        rest = "9" + question[counted.end() :]  # read as a number, it has the unit that is asked for
        unit = next((_unit(fact) for fact in facts(rest) if fact.kind == "number"), "")
        if unit in ("", "x"):  # "how many times" one has won may be told in titles
            return None
        return next((units for units in _UNITS.values() if unit in units), frozenset([unit]))
    for pattern, names in _ASKED:
        if re.search(pattern, question, re.IGNORECASE):
            return frozenset(unit for name in names.split() for unit in _UNITS[name])
    return None


def _unit(number: Fact) -> str:
    """What it is measured in or what is counted, whatever the time that it is for; people go by many names."""
    unit = number.unit.partition("/")[0]
    return "people" if _PEOPLE.fullmatch(unit) else unit
