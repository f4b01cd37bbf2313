"""The words of English that rules need. Another language is a table like this one, and nothing elsewhere."""

from __future__ import annotations

import re

COMMON = frozenset(
    "the a an of to and in is are was were be been it that this these for on with as by at from has have had not or "
    "but which its they their he she his her we you i will would can there each every".split()
)
AUXILIARIES = frozenset("is are was were has have had will can could may might must shall should would".split())
HAVE = {"has": "does", "have": "do", "had": "did"}
# A sentence that begins so leans on the one before it; a subject that begins so is understood by nobody else.
LEANING = frozenset(
    "it its he she they them their his her we our us i my you your this that these those such both there here one "
    "another others other some many most few several all any none neither either each same former latter who which "
    "what when where while if although though because unless as but and or so yet nor then also even only not just "
    "otherwise instead however despite whether how why let together further".split()
)
# "The meeting", "the two": nothing tells which.
VAGUE = frozenset(
    "two three four five other others same former latter first second third last next latest oldest newest smaller "
    "larger largest following above below total rest meeting meetings report reports document documents file article "
    "paper page text list table column figure sheet note number minutes group groups party parties side sides company "
    "country countries agreement plan decision development statement target result results example issue idea question "
    "answer approach author authors writer committee vote conversation exchange discussion discussions".split()
)
POINTING = frozenset("two three four five other same former latter following above".split())
OPENERS = frozenset(
    "however conversely simultaneously meanwhile moreover furthermore additionally similarly consequently therefore "
    "thus today overall ultimately currently also finally likewise".split()
)
STOPPERS = frozenset(
    "that which who whom whose when while where because although if as but than whether so and or nor until unless "
    "whereas though".split()
)
# What stands in the part that a question keeps must be known to who reads the question alone.
UNKNOWN = frozenset(
    "he she they him them his this these those such there here it i we you my our your us me same latter former "
    "above below both".split()
)
TIMES = frozenset("seconds minutes hours days weeks months years decades".split())
WEEKDAYS = frozenset("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
PREPOSITIONS = frozenset(
    "in on since by until from during at within after before for with over under to about of into through till "
    "against between".split()
)
WHEN = {
    "in": "When", "on": "When", "during": "When", "at": "When", "since": "Since when", "by": "By when",
    "until": "Until when", "till": "Until when", "from": "From when",
}  # fmt: skip
ASKED_FOR = {"by", "within", "after", "for", "in", "at", "with", "to", "from", "on"}  # may come before "how many"
APPROXIMATE = (
    "an estimated", "estimated", "a total of", "a record", "more than", "less than", "fewer than", "no more than", "at least", "at most",
    "up to", "close to", "only", "about", "around", "approximately", "roughly", "nearly", "almost", "over", "under",
    "above", "below", "some", "exactly", "just", "all",
)  # fmt: skip
APPROXIMATELY = re.compile(
    rf"^(?:{'|'.join(map(re.escape, sorted(APPROXIMATE, key=len, reverse=True)))}) ", re.IGNORECASE
)
DETERMINERS = frozenset(
    "the a an its their his her this that these those our your my each every another no any".split()
)
ADVERBS = frozenset("also now then still already once only just often never always usually soon later ever".split())
INTRANSITIVE = frozenset(
    "rise fall grow increase decrease decline drop happen remain work live begin end start arrive appear collapse plummet "
    "plunge jump double follow go come lie stand stay run meet speak continue depend consist belong vote last exist "
    "negotiate join change shift move act agree occur amount result lapse lead move visit return resign retire".split()
)
LABELS = frozenset(
    "bay row plot plots room page chapter figure table step section article phase level grade no no. number part "
    "version act class group type line box item unit slide bed tier".split()
)
PERSON_NOUNS = frozenset(
    "expert spokesman spokeswoman spokesperson director member minister engineer professor historian analyst journalist "
    "ambassador president chair chairman treasurer secretary economist lawyer author editor founder leader head chief "
    "adviser advisor commissioner mayor governor doctor nurse teacher scientist researcher captain officer senator "
    "diplomat manager owner deputy architect painter poet".split()
)
AWKWARD = frozenset("exceed surpass exceeded surpassed exceeds surpasses reach".split())  # "how much did it exceed"
CLAUSE_ENDS = (
    " such as ", " including ", " like ", " according to ", " compared ", ",", ";", ":", " (", " –", "—", " - ", "\"", "“", "”", " while ", " which ", " who ", " that ", " because ",
    " although ", " but ", " whose ", " where ", " if ", " unless ", " as ", " when ", " until it", " so ",
)  # fmt: skip

# Past form or other odd form, then the bare verb.
_IRREGULAR = (
    "gave give rose rise fell fall lost lose held hold met meet took take grew grow began begin became become said say "
    "told tell made make came come went go left leave led lead built build bought buy sold sell won win kept keep "
    "spent spend sent send ran run wrote write saw see found find brought bring paid pay drew draw drove drive stood "
    "stand sank sink shrank shrink thought think taught teach caught catch chose choose broke break spoke speak sought "
    "seek fought fight threw throw knew know got get wore wear flew fly dropped drop stopped stop banned ban shipped "
    "ship occurred occur committed commit admitted admit goes go does do dealt deal lent lend slept sleep swam swim"
).split()
_UNCHANGED = "cost put cut set hit spread shut".split()
_REGULAR = (
    "accept account accuse achieve acquire add adopt affect agree allow amount announce appear apply appoint approve arrive ask attract "
    "belong call carry cause change charge claim close collapse collect compare complete conclude confirm connect "
    "consist contain continue contribute control cover create cross declare decline decrease deliver demand deploy "
    "describe destroy discover display divide double drain earn employ end enter establish estimate exceed exercise exclude expand expect "
    "export extend face fail finish follow force form gain generate guard happen harvest help hire host import impose "
    "improve include increase inform inspect install introduce invest invite issue join jump kill lapse last launch "
    "lie like live maintain manage mark measure mention merge move need negotiate note number offer open operate oppose "
    "order own pass perform place plummet plunge prefer prepare present produce promise prohibit propose protect provide "
    "publish pump purchase raise reach receive recommend record reduce refuse register regulate reject release remain "
    "remove repeat replace reply report represent request require resign resume retain retire return reveal save serve "
    "settle share shift show sign smell spray start state stay store suffer suggest supply support surround surpass suspend "
    "teach tax test total touch trade train treat turn use value visit vote warn wash waste watch water weigh welcome "
    "work yield keep give take hold make pay sell buy lead rise fall grow write leave lose bring run stand come "
    "begin meet get build send spend owe say mean read"
).split()
# These in -s are often nouns: "costs", "reports"; a verb only before what can be its object.
AMBIGUOUS = frozenset(
    "costs reports claims changes demands exports imports issues offers orders places shares shifts shows signs "
    "starts supplies supports tests trades turns uses values votes works records measures needs notes numbers ends "
    "calls causes charges drops falls gains increases decreases declines decreases returns rises runs visits moves "
    "plans stands watches waters marks forms forces houses hosts jumps lasts leaves likes lives covers controls "
    "contracts estimates finishes controls taxes totals touches trains treats wastes yields cost put cut set hit "
    "spread shut purchases presents releases requests remains reads means".split()
)


def _third(base: str) -> str:
    if base.endswith(("s", "x", "ch", "sh", "o")):
        return f"{base}es"
    return f"{base[:-1]}ies" if base.endswith("y") and base[-2] not in "aeou" else f"{base}s"


def _past(base: str) -> str:
    if base.endswith("e"):
        return f"{base}d"
    return f"{base[:-1]}ied" if base.endswith("y") and base[-2] not in "aeou" else f"{base}ed"


def _verbs() -> dict[str, tuple[str, str]]:
    """Each finite form: the auxiliary that asks with it, and its bare verb ("rose": did, rise)."""
    forms: dict[str, tuple[str, str]] = {}
    irregular = dict(zip(_IRREGULAR[::2], _IRREGULAR[1::2], strict=True))
    for base in dict.fromkeys([*_REGULAR, *irregular.values(), *_UNCHANGED]):
        forms[_third(base)] = ("does", base)
        if base not in irregular.values() and base not in _UNCHANGED:
            forms[_past(base)] = ("did", base)
    forms |= {past: ("did", base) for past, base in irregular.items() if past not in ("goes", "does")}
    return forms | {base: ("did", base) for base in _UNCHANGED} | {"read": ("did", "read")}


VERBS = _verbs()
BARE = frozenset(base for _, base in VERBS.values()) - frozenset("set cut put hit spread shut".split())
NO_PERSON = frozenset(
    "street road avenue gate garden park bank house square lake sea city river north east south west eastern western "
    "northern southern new great saint san union united states state kingdom society corporation international national "
    "university institute institution association ministry office agency department party group company council "
    "committee church school hospital court army navy force forces league pact act treaty world global general special "
    "president minister secretary director deputy assistant chief representative europe africa america asia "
    "january february march april may june july august september october november december "
    "monday tuesday wednesday thursday friday saturday sunday".split()
)
ROLES = frozenset(
    "president chancellor ambassador chair chairman chairwoman chairperson treasurer secretary director editor mayor "
    "governor head manager engineer captain commissioner spokesman spokeswoman author contact owner".split()
)
# Column headers that stand after "What is the": others are quoted as they are.
HEADER_NOUNS = frozenset(
    "price cost size label code temperature time stage date place amount value unit period post capital rent weight "
    "height length width age number colour color name status title address phone email population area rate share "
    "salary budget deadline version owner author start end duration quantity stock distance speed depth model type "
    "category department role location city country year month day dose frequency limit fee deposit wage currency "
    "language format material power voltage capacity".split()
)
ONCE = frozenset("founded built born invented opened established created".split())  # of another year it is false
UNASKED_COLUMNS = frozenset("remark remarks note notes comment comments unit units per no id #".split())
EMPTY_CELLS = frozenset(
    ["", "-", "–", "—", "?", "not stated", *"n/a na none null nan unknown tbd yes no true false".split()]
)
BOILERPLATE = (
    "photo by", "(photo", "photo:", "copyright", "©", "all rights reserved", "cookie", "click here", "subscribe", "sign up",
    "read more", "privacy policy", "terms of use", "http://", "https://", "www.", "isbn", "doi:", "page ", "figure ",
    "table ", "@",
)  # fmt: skip

NAME = r"[A-Z][a-zà-ÿ-]+(?: [A-Z]\.)?(?: (?:de|van|von|der|da|al|el|bin))* [A-Z][^\W\d_]+(?:-[^\W\d_]+)*"
PERSON = re.compile(NAME)

NAMED = re.compile(r"(?:[A-Z][^\W\d_]+)(?:[ -][A-Z][^\W\d_]+){0,3}")
AFTER_NAMES = frozenset(
    "and or in on at to for with by from since after before during was is were are has had have as".split()
)
BEFORE_NAMES = frozenset("in at by with to of from and near for through between against than including".split())

HOW_MANY, HOW_MUCH, HOW_LONG, WHAT_SHARE, AT_TIME = (
    "how many", "how much", "how long", "what percentage", "at what time",
)  # fmt: skip
GAP = "___"


def cloze(sentence: str) -> str:
    return f"What fills the gap: “{sentence}”"


def cell(column: str, row: str, table: str) -> str:
    return f"In the table “{table}”, what stands under “{column}” for {row}?"


def attribute(column: str, row: str) -> str:
    return f"What is the {column} of {row}?"


def meaning(term: str) -> str:
    return f"What does {term} mean?"


def who_is(name: str) -> str:
    return f"Who is {name}?"


def named_for(label: str) -> str:
    return f"Who is named for “{label}”?"


def is_person(name: str) -> bool:
    """Whether it looks like the name of a person: two words with capitals, none of them of places or offices."""
    return bool(PERSON.fullmatch(name)) and NO_PERSON.isdisjoint(re.split(r"[ -]", name.lower()))
