"""The language tables of the fact reader, English first: another language is added here and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping

SMALL = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen"
).split()
TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
NUMBER_WORDS = {word: n for n, word in enumerate(SMALL)} | {word: 10 * n for n, word in enumerate(TENS, 2)}
ORDINALS = {
    word: n
    for n, word in enumerate(
        "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth "
        "fifteenth sixteenth seventeenth eighteenth nineteenth twentieth".split(),
        1,
    )
}
MAGNITUDES = {
    "hundred": 1e2, "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12, "dozen": 12.0,
    "mn": 1e6, "mln": 1e6, "mio": 1e6, "bn": 1e9, "bln": 1e9, "tn": 1e12, "trn": 1e12,
}  # fmt: skip
LETTER_MAGNITUDES = {"k": 1e3, "m": 1e6, "b": 1e9, "t": 1e12}
FRACTIONS = {"half": 1 / 2, "halves": 1 / 2, "third": 1 / 3, "quarter": 1 / 4, "fifth": 1 / 5, "tenth": 1 / 10}
MULTIPLES = {
    "once": 1, "twice": 2, "thrice": 3, "double": 2, "doubled": 2, "doubles": 2, "doubling": 2, "triple": 3,
    "tripled": 3, "triples": 3, "tripling": 3, "quadruple": 4, "quadrupled": 4, "halve": 0.5, "halved": 0.5,
}  # fmt: skip
APPROXIMATE = (
    "about around approximately roughly some nearly almost over under below above circa ca exceeding surpassing "
    "exceeds exceeded surpassed surpasses estimated"
).split()
APPROXIMATE_PHRASES = (
    "more than", "less than", "fewer than", "at least", "at most", "up to", "close to", "as many as", "as much as",
    "no more than", "no fewer than", "no less than", "in excess of", "upwards of",
)  # fmt: skip

# Every spelling of a unit: its canonical name, and how many of it the spelling stands for.
UNITS: Mapping[str, tuple[str, float]] = {
    spelling: (unit, factor)
    for unit, factor, spellings in (
        ("%", 1, "% percent pct per-cent"), ("pp", 1, "percentage-point percentage-points pp"), ("bp", 1, "bps basis-points basis-point"),
        ("usd", 1, "$ us$ usd dollar dollars us-dollar us-dollars u.s.-dollars american-dollars"), ("usd", 0.01, "cent cents"),
        ("eur", 1, "€ eur euro euros"), ("pound", 1, "£ gbp pound pounds pounds-sterling lb lbs"),
        ("jpy", 1, "¥ jpy yen"), ("cny", 1, "cny rmb yuan renminbi"), ("rub", 1, "₽ rub ruble rubles rouble roubles"),
        ("inr", 1, "₹ inr rs rupee rupees"), ("chf", 1, "chf"), ("cad", 1, "c$ cad canadian-dollars"),
        ("aud", 1, "a$ aud australian-dollars"), ("uah", 1, "₴ uah hryvnia hryvnias"), ("krw", 1, "₩ krw won"),
        ("try", 1, "₺ lira liras"), ("sek", 1, "sek"), ("nok", 1, "nok"), ("brl", 1, "r$ brl"),
        ("second", 1, "s sec secs second seconds"), ("second", 60, "min mins minute minutes"),
        ("second", 3600, "h hr hrs hour hours"), ("second", 86400, "day days"), ("second", 604800, "week weeks"),
        ("second", 0.001, "ms millisecond milliseconds"), ("month", 1, "month months"), ("month", 12, "yr yrs year years"),
        ("month", 120, "decade decades"), ("month", 1200, "century centuries"),
        ("metre", 1, "metre metres meter meters"), ("metre", 1000, "km kms kilometre kilometres kilometer kilometers"),
        ("metre", 0.01, "cm centimetre centimetres centimeter centimeters"), ("metre", 0.001, "mm millimetre millimetres millimeter millimeters"),
        ("mile", 1, "mi mile miles"), ("foot", 1, "ft foot feet"), ("inch", 1, "inch inches"), ("yard", 1, "yd yard yards"),
        ("gram", 1, "g gram grams"), ("gram", 1000, "kg kgs kilo kilos kilogram kilograms"), ("gram", 0.001, "mg milligram milligrams"),
        ("gram", 1e6, "tonne tonnes metric-ton metric-tons"), ("ton", 1, "ton tons"), ("ounce", 1, "oz ounce ounces"),
        ("litre", 1, "l litre litres liter liters"), ("litre", 0.001, "ml millilitre millilitres milliliter milliliters"),
        ("barrel", 1, "barrel barrels bbl"), ("gallon", 1, "gallon gallons"), ("hectare", 1, "ha hectare hectares"), ("acre", 1, "acre acres"),
        ("km2", 1, "km² km2 square-kilometre square-kilometres square-kilometer square-kilometers"),
        ("mile2", 1, "square-mile square-miles"), ("m2", 1, "m² m2 sqm square-metre square-metres square-meter square-meters"),
        ("foot2", 1, "square-foot square-feet"), ("m3", 1, "m³ m3 cubic-metre cubic-metres cubic-meter cubic-meters"),
        ("watt", 1, "w watt watts"), ("watt", 1e3, "kw kilowatt kilowatts"), ("watt", 1e6, "mw megawatt megawatts"),
        ("watt", 1e9, "gw gigawatt gigawatts"), ("wh", 1e3, "kwh"), ("wh", 1e6, "mwh"), ("wh", 1e9, "gwh"), ("wh", 1e12, "twh"),
        ("hertz", 1, "hz hertz"), ("hertz", 1e6, "mhz"), ("hertz", 1e9, "ghz"), ("volt", 1, "v volt volts"),
        ("byte", 1, "byte bytes"), ("byte", 1e3, "kb kilobytes"), ("byte", 1e6, "mb megabytes"), ("byte", 1e9, "gb gigabytes"),
        ("byte", 1e12, "tb terabytes"), ("km/h", 1, "km/h kph kmh"), ("mile/h", 1, "mph"),
        ("°c", 1, "°c celsius degrees-celsius"), ("°f", 1, "°f fahrenheit degrees-fahrenheit"), ("degree", 1, "° degree degrees"),
        ("x", 1, "x times fold -fold"),
    )
    for spelling in spellings.split()
}  # fmt: skip
CURRENCY_SIGNS = ("US$", "C$", "A$", "R$", "$", "€", "£", "¥", "₽", "₹", "₴", "₩", "₺")
CURRENCY_CODES = (
    "USD",
    "EUR",
    "GBP",
    "JPY",
    "CNY",
    "RMB",
    "RUB",
    "INR",
    "CHF",
    "CAD",
    "AUD",
    "UAH",
    "SEK",
    "NOK",
    "Rs",
)
IRREGULAR_PLURALS = frozenset("people men women children feet teeth media data police troops staff personnel".split())

MONTHS = {
    name: n
    for n, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"), 1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS = "monday tuesday wednesday thursday friday saturday sunday".split()

# Other names of the same thing, as patterns of what is written; the canonical name is a word that nobody writes.
ALIASES = {
    r"\bU\. ?S\.(?:A\.)?(?!\w)|\bUSA?\b|\bUnited States(?: of America)?\b|\bAmericans?\b|\bAmerica\b": "unitedstates",
    r"\bU\.K\.(?!\w)|\bUK\b|\bUnited Kingdom\b|\b(?:Great )?Britain\b|\bBritish\b": "unitedkingdom",
    r"\bE\.U\.(?!\w)|\bEU\b|\bEuropean Union\b": "europeanunion",
    r"\bU\.N\.(?!\w)|\bUN\b|\bUnited Nations\b": "unitednations",
    r"\bUSSR\b|\bSoviet Union\b|\bSoviets?\b": "soviet",
    r"\bNorwegians?\b": "norway", r"\bFrench\b": "france", r"\bDutch\b|\bHolland\b": "netherlands", r"\bSpanish\b": "spain", r"\bPolish\b|\bPoles?\b": "poland",
    r"\bDanish\b|\bDanes?\b": "denmark", r"\bIrish\b": "ireland", r"\bSwiss\b": "switzerland", r"\bFinnish\b|\bFinns?\b": "finland",
    r"\bGreek\b": "greece", r"\bWelsh\b": "wales", r"\bScottish\b": "scotland", r"\bThai\b": "thailand", r"\bKyiv\b": "kiev",
}  # fmt: skip
DEMONYM_ENDINGS = frozenset(
    ["", *"a an ans e ean ian ians ine ese ish ic i is ia y n ns o s en ey um on and vian".split()]
)
TITLES = frozenset(
    "mr mrs ms dr sir lord lady prof professor president minister prime foreign secretary state chancellor king queen "
    "prince department ministry office agency city county province republic university senator governor mayor general chairman chief executive director ceo company inc ltd corp llc co".split()
)
CONNECTORS = frozenset("of de der den di du da la le el al van von bin ibn y".split())
# Words that begin a sentence with a capital and name nothing.
OPENERS = frozenset(
    "additionally also although among another any because besides both but conversely despite during each either every "
    "everything few finally first following for furthermore given hence here however if in instead it its last later "
    "like many meanwhile more moreover most much neither nevertheless next no nobody none nor not nothing now once one "
    "only or other others otherwise over overall per perhaps second several similarly since some still subsequently such "
    "there thereby therefore third though through throughout thus to today together towards two under unlike until "
    "upon via what whereas whether while who within without yes yet yesterday even just all ever never let before after "
    "please note based see new old three four five six seven eight nine ten".split()
)
# Words that begin a sentence and, by their form or their use, are no names.
COMMON_ENDINGS = (
    "ing ed ly s ion ment ity ness ism ence al ive ous ful less able ible ure ship hood dom cy th ty ers ors wide ward"
).split()
COMMON_OPENERS = frozenset(
    "trade oil gas demand output energy music water people women men children research work data evidence money power food "
    "land labour labor coal steel iron gold wheat rain snow peace war law art science history nature life time age price cost "
    "profit income revenue debt tax credit insurance traffic air software hardware access support help care staff army police "
    "public private local national foreign domestic global main big small high low good bad long short early late recent modern "
    "electric heavy light open free full human social total average annual daily double half part most least top key core due "
    "according compared given based built founded born made known used found set put let see use add click select choose enter "
    "run open start stop create check keep take make get turn move call write read send save type please critics experts".split()
)

NEGATIONS = frozenset(
    "not non no never neither nor none nobody nothing nowhere without cannot hardly barely scarcely unable lack lacks lacked "
    "lacking fail fails failed failing failure refuse refuses refused refusing deny denies denied denying denial reject "
    "rejects rejected rejecting rejection absence absent impossible unlikely".split()
)
# A negation here denies nothing, or is read as a comparison.
NOT_NEGATIONS = (
    "no doubt", "nothing but", "no more than",
    "no fewer than", "no less than", "no later than", "no earlier than", "not more than", "not less than", "no sooner",
    "not exceed", "never exceed", "why not", "whether or not", "not to mention", "no matter", "none other",
)  # fmt: skip
NEGATIVE_PREFIXES = ("un", "in", "im", "ir", "il", "dis", "non")

# Axes of opposites: (name, the words of one direction, those of the other). A word stands for its usual endings.
OPPOSITES = (
    ("change",
     "rise rises rose risen rising increase increases increased increasing grow grows grew grown growing growth gain gains "
     "gained gaining climb climbs climbed climbing surge surges surged surging soar soars soared soaring skyrocket skyrocketed "
     "jump jumps jumped expand expands expanded expanding expansion raise raises raised raising upward boost boosts boosted "
     "boosting widen widened accelerate accelerated heighten heightened escalate escalated escalates escalating escalation "
     "double doubled doubling triple tripled tripling",
     "fall falls fell fallen falling decrease decreases decreased decreasing decline declines declined declining drop drops "
     "dropped dropping shrink shrinks shrank shrunk shrinking reduce reduces reduced reducing reduction cut cuts cutting plunge "
     "plunges plunged plummet plummets plummeted plummeting tumble tumbled lowered lowering downward slump slumped narrowed "
     "diminish diminished diminishing slowed halve halved collapse collapsed de-escalate de-escalation contract contracts "
     "contracted contracting contraction"),
    ("size",
     "up more higher high greater larger bigger above over exceed exceeds exceeded exceeding surpass surpasses surpassed "
     "surpassing highest greatest largest biggest longer longest large outnumber outnumbered at-least no-less-than "
     "no-fewer-than not-less-than",
     "down less fewer lower low smaller below under lowest smallest fewest shorter shortest small at-most no-more-than "
     "not-more-than not-exceed never-exceed"),
    ("bound", "maximum maximal at-most up-to no-more-than not-more-than not-exceed", "minimum minimal at-least no-less-than no-fewer-than not-less-than"),
    ("superlative", "most", "least"),
    ("order", "before prior earlier previously preceding precede preceded ahead until earliest first sooner",
     "after following later subsequently since succeeding follow followed afterwards latest last"),
    ("start", "begin begins began begun beginning start starts started starting launch launches launched open opens opened "
     "opening resume resumed establish established found founded",
     "end ends ended ending stop stops stopped stopping close closes closed closing halt halts halted cease ceased cessation "
     "suspend suspended abolish abolished dissolve dissolved terminate terminated"),
    ("trade", "export exports exported exporting exporter sell sells sold selling sale sales",
     "import imports imported importing importer buy buys bought buying purchase purchases purchased"),
    ("outcome", "win wins won winning victory succeed succeeds succeeded success successful successfully",
     "lose loses lost losing defeat defeats defeated fail fails failed failure unsuccessful unsuccessfully"),
    ("result", "profit profits surplus revenue revenues gain gains", "loss losses deficit deficits expense expenses"),
    ("stance", "support supports supported supporting favor favors favour favours favoured endorse endorsed accept accepts "
     "accepted accepting approve approves approved approval agree agrees agreed welcome welcomed confirm confirms confirmed "
     "allow allows allowed allowing permit permits permitted legal",
     "oppose opposes opposed opposing opposition against reject rejects rejected rejecting rejection refuse refuses refused "
     "disapprove disapproved disagree disagrees disagreed deny denies denied ban bans banned banning prohibit prohibits "
     "prohibited forbid forbids forbidden illegal"),
    ("quality", "better best improve improves improved improving improvement strengthen strengthens strengthened strengthening "
     "strong stronger strongest positive positively good advantage advantages",
     "worse worst worsen worsens worsened worsening deteriorate deteriorated weaken weakens weakened weakening weak weaker "
     "weakest negative negatively bad disadvantage disadvantages"),
    ("degree", "majority major primary main", "minority minor secondary"),
    ("time of day", "early", "late"),
    ("speed", "fast faster fastest quick quicker quickly rapid rapidly", "slow slower slowest slowly gradual gradually"),
    ("membership", "include includes included including inclusion join joins joined joining enter enters entered",
     "exclude excludes excluded excluding exclusion leave leaves left leaving exit exits exited withdraw withdraws withdrew "
     "withdrawal"),
    ("north", "north northern northwest northeast", "south southern southwest southeast"),
    ("east", "east eastern", "west western"),
    ("place", "inside within internal domestic", "outside external foreign"),
    ("often", "always often frequently common commonly usual usually", "never rarely seldom rare uncommon unusual"),
    ("age", "old older oldest", "young younger youngest new newer newest"),
    ("heat", "hot hotter hottest warm warmer warmest", "cold colder coldest cool cooler coolest"),
    ("side", "left", "right"),
    ("gain", "gain gains gained gaining earn earned", "lose loses lost losing"),
    ("likeness", "same similar identical alike equal", "different dissimilar unequal distinct"),
    ("wealth", "rich richer richest wealthy wealthier wealthiest expensive", "poor poorer poorest cheap cheaper cheapest"),
    ("size", "wide wider widest thick thicker deep deeper deepest heavy heavier heaviest tall taller tallest long",
     "narrow narrower narrowest thin thinner shallow shallower shallowest light lighter lightest short"),
    ("presence", "present presence available", "absent absence unavailable"),
    ("ease", "easy easier easiest easily simple simpler", "difficult harder hardest hard complex complicated"),
    ("truth", "true right correct correctly accurate", "false wrong incorrect incorrectly inaccurate"),
    ("peace", "peace peaceful", "war warlike"),
    ("attitude", "friend friends friendly ally allies", "enemy enemies hostile foe foes adversary adversaries"),
    ("public", "public publicly", "private privately secret secretly"),
    ("motion", "advance advanced arrive arrived arrival enter entered", "retreat retreated depart departed departure leave left"),
    ("build", "build builds built create creates created creation", "destroy destroys destroyed destruction demolish demolished"),
    ("life", "birth born alive", "death died dead"),
    ("teacher", "teach teaches taught teacher", "learn learns learned student"),
    ("loan", "lend lends lent lender", "borrow borrows borrowed borrower"),
    ("legality", "guilty convicted", "innocent acquitted"),
    ("activity", "active activate activated enable enabled", "inactive deactivate deactivated disable disabled"),
    ("amends", "add adds added adding addition attach attached", "remove removes removed removing removal subtract subtracted"),
    ("safety", "safe safer secure protect protects protected", "dangerous unsafe insecure threaten threatens threatened"),
    ("hope", "optimistic optimism hopeful", "pessimistic pessimism hopeless"),
    ("unity", "unite unites united unity merge merged", "divide divides divided division split separate separated"),
    ("duty", "mandatory compulsory required obligatory", "optional voluntary"),
    ("lasting", "permanent permanently", "temporary temporarily"),
    ("completeness", "full fully complete completely total whole", "empty partial partially incomplete"),
    ("encouragement", "encourage encourages encouraged promote promotes promoted facilitate facilitated",
     "discourage discourages discouraged hinder hinders hindered impede impeded obstruct obstructed"),
    ("sex", "male man men husband father son brother he", "female woman women wife mother daughter sister she"),
    ("day", "day morning", "night evening"),
    ("urban", "urban city cities", "rural village villages countryside"),
    ("senior", "senior superior upper", "junior inferior"),
    ("forward", "forward forwards ahead", "backward backwards behind"),
    ("sign", "plus", "minus"), ("near", "near nearby close closer", "far farther distant"),
    ("all", "all every everyone everything entirely", "none nobody nothing no-one"),
)  # fmt: skip
DIRECTIONS: Mapping[str, tuple[tuple[str, int], ...]] = {
    word.replace("-", " ") if word.startswith(("at-", "no-", "not-", "never-", "up-")) else word: tuple(
        (axis, sign)
        for axis, plus, minus in OPPOSITES
        for sign, words in ((1, plus), (-1, minus))
        if word in words.split()
    )
    for _, *sides in OPPOSITES
    for side in sides
    for word in side.split()
}

# Where one of these stands close by, "not" may be a fair reading of it.
NEGATIVE_HINTS = frozenset(
    "prevent prevents prevented preventing stop stops stopped ban banned bans halt halted halts avoid avoids avoided except "
    "exclude excludes excluded few little rarely seldom declined block blocked blocks against oppose opposes opposed opposing "
    "cease ceased missing zero "
    "doubt doubts doubtful prohibit prohibited prohibits dismiss dismissed false incorrect wrong shortage".split()
)

# Words between which a writer chooses freely; a word may stand in several groups.
SYNONYMS = tuple(
    frozenset(group.split())
    for group in (
        "say says said state states stated report reports reported note notes noted claim claims claimed argue argues argued "
        "explain explains explained mention mentions mentioned announce announced describe describes described assert asserts "
        "emphasize emphasizes emphasized stress stressed tell told declare declared highlight highlights highlighted warn warned",
        "start begin begins began begun commence commenced launch launched initiate initiated initiation onset",
        "big large major significant substantial considerable huge massive great",
        "important key crucial vital essential central critical main primary core",
        "show shows showed shown demonstrate indicate suggest suggests reveal reveals reflect signal signals",
        "help helps assist aid support supports facilitate", "use uses used utilise utilize employ employs apply",
        "buy buys bought purchase purchases acquire acquires acquired acquisition",
        "company companies firm firms corporation corporations business businesses enterprise enterprises",
        "country countries nation nations state states", "build builds built construct construction constructed",
        "person persons people individual individuals resident residents inhabitant inhabitants citizen citizens population",
        "soldier soldiers troop troops serviceman servicemen personnel", "house houses home homes household households",
        "meet meets met meeting meetings talk talks summit negotiation negotiations discussion discussions dialogue conversation",
        "leader leaders head president chief", "boss manager managers executive executives", "money funds funding capital finance",
        "cost costs price prices expense expenses expenditure spending spend spent", "make makes made create creates created produce",
        "give gives gave given provide provides provided grant grants granted supply offer offers offered",
        "get gets got receive receives received obtain obtained gain gained", "need needs require requires required requirement",
        "want wants seek seeks sought aim aims hope hopes wish desire intend intends plan plans", "demand demands insist insists",
        "think thinks thought believe believes believed consider considers considered view views viewed regard",
        "result results lead leads led cause causes caused effect effects impact impacts consequence consequences due because bring",
        "change changes shift shifts alter alters transform transformation", "problem problems issue issues challenge challenges difficulty",
        "war conflict fighting hostilities battle", "deal deals agreement agreements accord pact treaty contract contracts",
        "penalty penalties sanction sanctions measure measures", "part parts share shares portion proportion percentage",
        "area areas region regions territory territories zone", "way ways method methods approach approaches manner",
        "job jobs work post position positions role roles appointment appointed appoint appoints named name", "child children kid kids",
        "doctor doctors physician physicians", "car cars vehicle vehicles automobile", "goal goals objective objectives target targets aim",
        "risk risks danger dangers threat threats", "keep keeps kept maintain maintains retain retained preserve", "let allow allows permit permits enable enables",
        "happen happens happened occur occurs occurred take takes took place", "set establish establishes established found founded create formed form forms",
        "become becomes became turn turned", "die dies died death deaths kill killed killing", "hurt harm harms damage damages damaged",
        "send sends sent deliver delivered ship shipped", "finish finished complete completed completion end ended conclude concluded",
        "choose chose chosen select selected elect elected pick", "speak speaks spoke spoken talk talks", "study studies research survey",
        "fast quick rapid swift", "expected projected forecast predicted estimated anticipated expect forecasts", "yearly annual annually",
        "about approximately roughly around nearly almost some estimated", "attempt attempts try tries tried effort efforts",
        "income revenue revenues earnings sales", "profit profits earnings", "oil petroleum crude", "weapon weapons arms arm",
        "money cash", "law laws legislation act statute rule rules regulation regulations", "vote votes ballot poll election",
        "government administration authorities cabinet", "goods products product commodities commodity", "link links tie ties connection relation relations relationship",
        "end goal purpose", "including include includes such contain contains comprise comprises consist consists", "also additionally moreover",
        "own owns owned possess hold holds held", "live lives lived reside resides", "located situated lies lie based", "several many multiple various numerous",
        "initial first original", "final last", "whole entire total full overall", "close near", "new recent latest", "old former previous ancient",
        "more higher greater increased increase rise rose grew", "less lower fewer decreased decrease reduced decline fell", "american americans", "military defence defense army forces", "defence defense", "centre center", "programme program", "licence license",
        "rise rises rose risen", "fall falls fell fallen", "grow grows grew grown growth", "lose loses lost loss losses", "win wins won", "sell sells sold sale sales",
        "find finds found", "leave leaves left", "write wrote written", "know knows knew known", "draw drew drawn", "break broke broken",
        "fight fought fighting", "bring brings brought", "pay pays paid payment payments", "see sees saw seen", "go goes went gone", "come comes came",
        "man men", "woman women", "decide decides decided decision decisions", "destroy destroyed destruction", "choose choice", "analyse analyze analysis",
        "bear bore born birth", "strong strength strengthen", "weak weakness weaken", "high height", "long length", "deep depth", "wide width",
        "die dead", "marry married wife husband spouse", "movie film", "song single track", "award prize", "shop store", "illness disease condition disorder",
        "symptom symptoms sign signs", "patient patients", "treat treated treatment therapy", "medicine drug drugs medication",
        "verdict ruling judgment judgement decision sentence", "court tribunal", "defendant accused", "crime offence offense",
        "investment investments invest invested investor investors", "improve improved improvement enhance enhanced boost better",
        "collaborate cooperation collaboration cooperate partnership partner partners joint", "begin initiate", "reason reasons because cause why",
        "consequently therefore thus hence", "aim intended", "enough sufficient", "hard difficult", "easy simple", "usually typically generally often commonly",
        "near nearby", "reach reaches reached hit total totalled amount amounted", "restrict restricts restriction restrictions constrain constraints limit limits curb",
    )
)  # fmt: skip
