"""The language tables of the fact reader, English first: another language is added here and nowhere else."""

from __future__ import annotations

import re
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

# A canonical unit; then, how many of it stand behind which spellings (a hyphen is a space).
_UNITS = """
%: 1 % percent pct per-cent
pp: 1 percentage-point percentage-points pp
bp: 1 bps basis-points basis-point
usd: 1 $ us$ usd dollar dollars us-dollar us-dollars u.s.-dollars american-dollars; 0.01 cent cents
eur: 1 € eur euro euros
pound: 1 £ gbp pound pounds pounds-sterling lb lbs
jpy: 1 ¥ jpy yen
cny: 1 cny rmb yuan renminbi
rub: 1 ₽ rub ruble rubles rouble roubles
inr: 1 ₹ inr rs rupee rupees
chf: 1 chf
cad: 1 c$ cad canadian-dollars
aud: 1 a$ aud australian-dollars
uah: 1 ₴ uah hryvnia hryvnias
krw: 1 ₩ krw won
try: 1 ₺ lira liras
sek: 1 sek
nok: 1 nok
brl: 1 r$ brl
second: 1 s sec secs second seconds; 60 min mins minute minutes; 3600 h hr hrs hour hours; 86400 day days; 604800
  week weeks; 0.001 ms millisecond milliseconds
month: 1 month months; 12 yr yrs year years; 120 decade decades; 1200 century centuries
metre: 1 metre metres meter meters; 1000 km kms kilometre kilometres kilometer kilometers; 0.01 cm centimetre
  centimetres centimeter centimeters; 0.001 mm millimetre millimetres millimeter millimeters
mile: 1 mi mile miles
foot: 1 ft foot feet
inch: 1 inch inches
yard: 1 yd yard yards
gram: 1 g gram grams; 1000 kg kgs kilo kilos kilogram kilograms; 0.001 mg milligram milligrams; 1e+06 tonne tonnes
  metric-ton metric-tons
ton: 1 ton tons
ounce: 1 oz ounce ounces
litre: 1 l litre litres liter liters; 0.001 ml millilitre millilitres milliliter milliliters
barrel: 1 barrel barrels bbl
gallon: 1 gallon gallons
hectare: 1 ha hectare hectares
acre: 1 acre acres
km2: 1 km² km2 square-kilometre square-kilometres square-kilometer square-kilometers
mile2: 1 square-mile square-miles
m2: 1 m² m2 sqm square-metre square-metres square-meter square-meters
foot2: 1 square-foot square-feet
m3: 1 m³ m3 cubic-metre cubic-metres cubic-meter cubic-meters
watt: 1 w watt watts; 1000 kw kilowatt kilowatts; 1e+06 mw megawatt megawatts; 1e+09 gw gigawatt gigawatts
wh: 1000 kwh; 1e+06 mwh; 1e+09 gwh; 1e+12 twh
hertz: 1 hz hertz; 1e+06 mhz; 1e+09 ghz
volt: 1 v volt volts
byte: 1 byte bytes; 1000 kb kilobytes; 1e+06 mb megabytes; 1e+09 gb gigabytes; 1e+12 tb terabytes
km/h: 1 km/h kph kmh
mile/h: 1 mph
°c: 1 °c celsius degrees-celsius
°f: 1 °f fahrenheit degrees-fahrenheit
degree: 1 ° degree degrees
x: 1 x times fold -fold
"""
UNITS: Mapping[str, tuple[str, float]] = {
    spelling: (unit, float(row.split()[0]))
    for unit, _, rows in (line.partition(":") for line in re.split(r"\n(?=\S)", _UNITS.strip()))
    for row in rows.split(";")
    for spelling in row.split()[1:]
}
CURRENCY_SIGNS = ("US$", "C$", "A$", "R$", "$", "€", "£", "¥", "₽", "₹", "₴", "₩", "₺")
CURRENCY_CODES = "USD EUR GBP JPY CNY RMB RUB INR CHF CAD AUD UAH SEK NOK Rs".split()
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
    r"\bNorwegians?\b": "norway",
    r"\bFrench\b": "france",
    r"\bDutch\b|\bHolland\b": "netherlands",
    r"\bSpanish\b": "spain",
    r"\bPolish\b|\bPoles?\b": "poland",
    r"\bDanish\b|\bDanes?\b": "denmark",
    r"\bIrish\b": "ireland",
    r"\bSwiss\b": "switzerland",
    r"\bFinnish\b|\bFinns?\b": "finland",
    r"\bGreek\b": "greece",
    r"\bWelsh\b": "wales",
    r"\bScottish\b": "scotland",
    r"\bThai\b": "thailand",
    r"\bKyiv\b": "kiev",
}
DEMONYM_ENDINGS = frozenset(
    ["", *"a an ans e ean ian ians ine ese ish ic i is ia y n ns o s en ey um on and vian".split()]
)
TITLES = frozenset(
    "mr mrs ms dr sir lord lady prof professor president minister prime foreign secretary state chancellor king queen "
    "prince senator governor mayor general chairman chief executive director ceo company inc ltd corp llc co".split()
)
# Words of a longer name that may be left out or filled in.
GENERIC_PARTS = frozenset(
    "department ministry office agency city county province republic university college institute service services "
    "group holding international national federal".split()
)
CONNECTORS = frozenset("of de der den di du da la le el al van von bin ibn y".split())
# Words that begin a sentence with a capital and name nothing.
OPENERS = frozenset(
    "additionally also although among another any because besides both but conversely despite during each either "
    "every everything few finally first following for furthermore given hence here however if in instead it its last "
    "later like many meanwhile more moreover most much neither nevertheless next no nobody none nor not nothing now "
    "once one only or other others otherwise over overall per perhaps second several similarly since some still "
    "subsequently such there thereby therefore third though through throughout thus to today together towards two "
    "under unlike until upon via what whereas whether while who within without yes yet yesterday even just all ever "
    "never let before after please note based see new old three four five six seven eight nine ten".split()
)
# Words that begin a sentence and, by their form or their use, are no names.
COMMON_ENDINGS = (
    "ing ed ly s ion ment ity ness ism ence al ive ous ful less able ible ure ship hood dom cy th ty ers ors wide ward"
).split()
COMMON_OPENERS = frozenset(
    "trade oil gas demand output energy music water people women men children research work data evidence money power "
    "food land labour labor coal steel iron gold wheat rain snow peace war law art science history nature life time "
    "age price cost profit income revenue debt tax credit insurance traffic air software hardware access support help "
    "care staff army police public private local national foreign domestic global main big small high low good bad "
    "long short early late recent modern electric heavy light open free full human social total average annual daily "
    "double half part most least top key core due according compared given based built founded born made known used "
    "found set put let see use add click select choose enter run start stop create check keep take make get turn move "
    "call write read send save type please critics experts".split()
)

NEGATIONS = frozenset(
    "not non no never neither nor none nobody nothing nowhere without cannot hardly barely scarcely unable lack lacks "
    "lacked lacking fail fails failed failing failure refuse refuses refused refusing deny denies denied denying "
    "denial reject rejects rejected rejecting rejection absence absent impossible unlikely".split()
)
# A negation here denies nothing, or is read as a comparison.
NOT_NEGATIONS = (
    "no doubt", "nothing but", "no more than",
    "no fewer than", "no less than", "no later than", "no earlier than", "not more than", "not less than", "no sooner",
    "not exceed", "never exceed", "why not", "whether or not", "not to mention", "no matter", "none other",
)  # fmt: skip
NEGATIVE_PREFIXES = ("un", "in", "im", "ir", "il", "dis", "non")
