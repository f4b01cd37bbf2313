"""Words that mean the opposite of others, or the same: tables, English first."""

from __future__ import annotations

import re
from collections.abc import Mapping

# Axes of opposites: the words of one direction / those of the other (a hyphen after at, no, not, never, up is a space).
_OPPOSITES = """
change: rise rises rose risen rising increase increases increased increasing grow grows grew grown growing growth
  gain gains gained gaining climb climbs climbed climbing surge surges surged surging soar soars soared soaring
  skyrocket skyrocketed jump jumps jumped expand expands expanded expanding expansion raise raises raised raising
  upward boost boosts boosted boosting widen widened accelerate accelerated heighten heightened escalate escalated
  escalates escalating escalation double doubled doubling triple tripled tripling improve improves improved
  improving improvement strengthen strengthens strengthened strengthening enhance enhances enhanced enhancing
  broaden broadened / fall falls fell fallen falling decrease decreases decreased decreasing decline declines
  declined declining drop drops dropped dropping shrink shrinks shrank shrunk shrinking reduce reduces reduced
  reducing reduction cut cuts cutting plunge plunges plunged plummet plummets plummeted plummeting tumble tumbled
  lowered lowering downward slump slumped narrowed diminish diminished diminishing slowed halve halved collapse
  collapsed de-escalate de-escalation contract contracts contracted contracting contraction worsen worsens worsened
  worsening weaken weakens weakened weakening hinder hindered
size: up more higher high greater larger bigger above over exceed exceeds exceeded exceeding surpass surpasses
  surpassed surpassing highest greatest largest biggest longer longest large outnumber outnumbered at-least
  no-less-than no-fewer-than not-less-than / down less fewer lower low smaller below under lowest smallest fewest
  shorter shortest small at-most no-more-than not-more-than not-exceed never-exceed
bound: maximum maximal at-most up-to no-more-than not-more-than not-exceed / minimum minimal at-least no-less-than
  no-fewer-than not-less-than
superlative: most / least
order: before prior earlier previously preceding precede preceded ahead until earliest first sooner / after
  following later subsequently since succeeding follow followed afterwards latest last
start: begin begins began begun beginning start starts started starting launch launches launched open opens opened
  opening resume resumed establish established found founded / end ends ended ending stop stops stopped stopping
  close closes closed closing halt halts halted cease ceased cessation suspend suspended abolish abolished dissolve
  dissolved terminate terminated
trade: export exports exported exporting exporter sell sells sold selling sale sales / import imports imported
  importing importer buy buys bought buying purchase purchases purchased
outcome: win wins won winning victory succeed succeeds succeeded success successful successfully / lose loses lost
  losing defeat defeats defeated fail fails failed failure unsuccessful unsuccessfully
result: profit profits surplus revenue revenues gain gains / loss losses deficit deficits expense expenses
stance: support supports supported supporting favor favors favour favours favoured endorse endorsed accept accepts
  accepted accepting approve approves approved approval agree agrees agreed welcome welcomed confirm confirms
  confirmed allow allows allowed allowing permit permits permitted legal / oppose opposes opposed opposing
  opposition against reject rejects rejected rejecting rejection refuse refuses refused disapprove disapproved
  disagree disagrees disagreed deny denies denied ban bans banned banning prohibit prohibits prohibited forbid
  forbids forbidden illegal
quality: better best improve improves improved improving improvement strengthen strengthens strengthened
  strengthening strong stronger strongest positive positively good advantage advantages / worse worst worsen worsens
  worsened worsening deteriorate deteriorated weaken weakens weakened weakening weak weaker weakest negative
  negatively bad disadvantage disadvantages
degree: majority major primary main / minority minor secondary
time of day: early / late
speed: fast faster fastest quick quicker quickly rapid rapidly / slow slower slowest slowly gradual gradually
membership: include includes included including inclusion join joins joined joining enter enters entered / exclude
  excludes excluded excluding exclusion leave leaves left leaving exit exits exited withdraw withdraws withdrew
  withdrawal
north: north northern northwest northeast / south southern southwest southeast
east: east eastern / west western
place: inside within internal domestic / outside external foreign
often: always often frequently common commonly usual usually / never rarely seldom rare uncommon unusual
age: old older oldest / young younger youngest new newer newest
heat: hot hotter hottest warm warmer warmest / cold colder coldest cool cooler coolest
side: left / right
gain: gain gains gained gaining earn earned / lose loses lost losing
likeness: same similar identical alike equal / different dissimilar unequal distinct
wealth: rich richer richest wealthy wealthier wealthiest expensive / poor poorer poorest cheap cheaper cheapest
size: wide wider widest thick thicker deep deeper deepest heavy heavier heaviest tall taller tallest long / narrow
  narrower narrowest thin thinner shallow shallower shallowest light lighter lightest short
presence: present presence available / absent absence unavailable
ease: easy easier easiest easily simple simpler / difficult harder hardest hard complex complicated
truth: true right correct correctly accurate / false wrong incorrect incorrectly inaccurate
peace: peace peaceful / war warlike
attitude: friend friends friendly ally allies / enemy enemies hostile foe foes adversary adversaries
public: public publicly / private privately secret secretly
motion: advance advanced arrive arrived arrival enter entered / retreat retreated depart departed departure leave
  left
build: build builds built create creates created creation / destroy destroys destroyed destruction demolish
  demolished
life: birth born alive / death died dead
teacher: teach teaches taught teacher / learn learns learned student
loan: lend lends lent lender / borrow borrows borrowed borrower
legality: guilty convicted / innocent acquitted
activity: active activate activated enable enabled / inactive deactivate deactivated disable disabled
amends: add adds added adding addition attach attached / remove removes removed removing removal subtract subtracted
safety: safe safer secure protect protects protected / dangerous unsafe insecure threaten threatens threatened
hope: optimistic optimism hopeful / pessimistic pessimism hopeless
unity: unite unites united unity merge merged / divide divides divided division split separate separated
duty: mandatory compulsory required obligatory / optional voluntary
lasting: permanent permanently / temporary temporarily
completeness: full fully complete completely total whole / empty partial partially incomplete
encouragement: encourage encourages encouraged promote promotes promoted facilitate facilitated / discourage
  discourages discouraged hinder hinders hindered impede impeded obstruct obstructed
sex: male man men husband father son brother he / female woman women wife mother daughter sister she
day: day morning / night evening
urban: urban city cities / rural village villages countryside
senior: senior superior upper / junior inferior
forward: forward forwards ahead / backward backwards behind
sign: plus / minus
near: near nearby close closer / far farther distant
all: all every everyone everything entirely / none nobody nothing no-one
"""
_AXES = [
    (axis, words.partition("/")[0].split(), words.partition("/")[2].split())
    for axis, _, words in (line.partition(":") for line in re.split(r"\n(?=\S)", _OPPOSITES.strip()))
]
DIRECTIONS: Mapping[str, tuple[tuple[str, int], ...]] = {
    word.replace("-", " ") if word.startswith(("at-", "no-", "not-", "never-", "up-")) else word: tuple(
        (axis, sign) for axis, plus, minus in _AXES for sign, words in ((1, plus), (-1, minus)) if word in words
    )
    for _, *sides in _AXES
    for side in sides
    for word in side
}

# Where one of these stands close by, "not" may be a fair reading of it.
NEGATIVE_HINTS = frozenset(
    "prevent prevents prevented preventing stop stops stopped ban banned bans halt halted halts avoid avoids avoided "
    "except exclude excludes excluded few little rarely seldom declined block blocked blocks against oppose opposes "
    "opposed opposing cease ceased missing zero doubt doubts doubtful prohibit prohibited prohibits dismiss dismissed "
    "false incorrect wrong shortage".split()
)

# Words between which a writer chooses freely; a word may stand in several groups.
SYNONYMS = tuple(
    frozenset(group.split())
    for group in (
        """
say says said state states stated report reports reported note notes noted claim claims claimed argue argues argued
explain explains explained mention mentions mentioned announce announced describe describes described assert asserts
emphasize emphasizes emphasized stress stressed tell told declare declared highlight highlights highlighted warn
warned, start begin begins began begun commence commenced launch launched initiate initiated initiation onset, big
large major significant substantial considerable huge massive great, important crucial vital essential central
critical main primary core, show shows showed shown demonstrate indicate suggest suggests reveal reveals reflect
signal signals, help helps assist aid support supports facilitate, use uses used utilise utilize employ employs
apply, buy buys bought purchase purchases acquire acquires acquired acquisition, company companies firm firms
corporation corporations business businesses enterprise enterprises, country countries nation nations state states,
build builds built construct construction constructed, person persons people individual individuals resident
residents inhabitant inhabitants citizen citizens population, soldier soldiers troop troops serviceman servicemen
personnel, house houses home homes household households, meet meets met meeting meetings talk talks summit
negotiation negotiations discussion discussions dialogue conversation, leader leaders head president chief, boss
manager managers executive executives, money funds funding capital finance, cost costs price prices expense expenses
expenditure spending spend spent, make makes made create creates created produce, give gives gave given provide
provides provided grant grants granted supply offer offers offered, get gets got receive receives received obtain
obtained gain gained, need needs require requires required requirement, want wants seek seeks sought aim aims hope
hopes wish desire intend intends plan plans, demand demands insist insists, think thinks thought believe believes
believed consider considers considered view views viewed regard, result results lead leads led cause causes caused
effect effects impact impacts consequence consequences due because bring, change changes shift shifts alter alters
transform transformation, problem problems issue issues challenge challenges difficulty, war conflict fighting
hostilities battle, deal deals agreement agreements accord pact treaty contract contracts, penalty penalties
sanction sanctions measure measures, part parts share shares portion proportion percentage, area areas region
regions territory territories zone, way ways method methods approach approaches manner, job jobs work post position
positions role roles appointment appointed appoint appoints named name, child children kid kids, doctor doctors
physician physicians, car cars vehicle vehicles automobile, goal goals objective objectives target targets aim, risk
risks danger dangers threat threats, keep keeps kept maintain maintains retain retained preserve, let allow allows
permit permits enable enables, happen happens happened occur occurs occurred take takes took place, set establish
establishes established found founded create formed form forms, become becomes became turn turned, die dies died
death deaths kill killed killing, hurt harm harms damage damages damaged, send sends sent deliver delivered ship
shipped, finish finished complete completed completion end ended conclude concluded, choose chose chosen select
selected elect elected pick, speak speaks spoke spoken talk talks, study studies research survey, fast quick rapid
swift, expected projected forecast predicted estimated anticipated expect forecasts, yearly annual annually year, daily day, weekly week, monthly month, quarterly quarter, about
approximately roughly around nearly almost some estimated, attempt attempts try tries tried effort efforts, income
revenue revenues earnings sales, profit profits earnings, oil petroleum crude, weapon weapons arms arm, law laws
legislation act statute rule rules regulation regulations, vote votes ballot poll election, government
administration authorities cabinet, goods products product commodities commodity, link links tie ties connection
relation relations relationship, including include includes such contain contains comprise comprises consist
consists, also additionally moreover, own owns owned possess hold holds held, live lives lived reside resides,
located situated lies lie based, several many multiple various numerous, initial first original, final last, whole
entire total full overall, close near, new recent latest, old former previous ancient, more higher greater increased
increase rise rose grew, less lower fewer decreased decrease reduced decline fell, american americans, military
defence defense army forces, defence defense, centre center, programme program, licence license, fall falls fell
fallen, grow grows grew grown growth, lose loses lost loss losses, win wins won, sell sells sold sale sales, find
finds found, leave leaves left, write wrote written, know knows knew known, draw drew drawn, break broke broken,
fight fought fighting, bring brings brought, pay pays paid payment payments, see sees saw seen, go goes went gone,
come comes came, man men, woman women, decide decides decided decision decisions, destroy destroyed destruction,
choose choice, analyse analyze analysis, bear bore born birth, strong strength strengthen, weak weakness weaken,
high height, long length, deep depth, wide width, die dead, marry married wife husband spouse, movie film, song
single track, award prize, shop store, illness disease condition disorder, symptom symptoms sign signs, patient
patients, treat treated treatment therapy, medicine drug drugs medication, verdict ruling judgment judgement
decision sentence, court tribunal, defendant accused, crime offence offense, investment investments invest invested
investor investors, improve improved improvement enhance enhanced boost better, collaborate cooperation
collaboration cooperate partnership partner partners joint, reason reasons because cause why, consequently therefore
thus hence, aim intended, enough sufficient, hard difficult, easy simple, usually typically generally often
commonly, near nearby, reach reaches reached hit total totalled amount amounted, restrict restricts restriction
restrictions constrain constraints limit limits curb, gather gathers gathered assemble assembles assembled convene convenes convened meet meets met, consume consumes
consumed consumption use uses used using, approve approves approved authorise authorises authorised authorize
authorizes authorized sanction clear cleared, grind grinds ground mill mills milled, mend mends mended repair repairs
repaired fix fixes fixed, rent rents rented lease leases leased let hire hires hired, tenant tenants lessee lessees
renter renters, landlord landlords lessor lessors, pupil pupils student students, teacher teachers instructor
instructors, employee employees worker workers staff, visit visits visited attend attends attended, show display
displays displayed exhibit exhibits exhibited, ask asks asked request requests requested, answer answers answered
reply replies replied respond responds responded, teach taught instruct, clean cleans cleaned wash washes washed,
road roads street streets, picture pictures image images photo photos, shut shuts close closes closed, collect
collects collected gather fetch pick, place places put puts lay set, carry carries carried transport transports
transported, begin open opens opened start, wage wages salary salaries pay earnings, fee fees charge charges, guest
guests visitor visitors, dwelling flat flats apartment apartments, town towns city cities municipality, rubbish waste
garbage trash, garden gardens yard, meal meals food dish dishes, infant infants baby babies, notify notifies notified
inform informs informed tell, hand hands handed give gives given pass, remain remains remained stay stays stayed,
check checks checked inspect inspects inspected examine examines examined verify, replace replaces replaced substitute
exchange, mistake mistakes error errors fault, gift gifts present presents donation, hold holds held run runs
organise organised, run operates operated manage managed, store stores stored keep, contain hold holds held, cover
covers covered include, join joins joined enter, leave leaves depart departs departed, arrive arrives arrived come
comes came, ensure ensures guarantee guarantees, correct accurate right, last lasts lasted continue continues, weigh
weighs, permit permission licence allowed, test tests tested trial examine, reveal disclose disclosed publish
published release released issue issued, join connect connected link, remove removes removed take delete, prior
before, obligatory mandatory compulsory required, brief short, entire whole, stay remain, house building buildings
"""
    ).split(",")
)


# Words of one kind that may not stand for each other: how far something is allowed, and of how many it is true.
FORCE: Mapping[str, str] = {
    word: name
    for name, words in {
        "may": "may might can could allowed permitted",
        "must": "must shall required obliged mandatory",
        "should": "should ought recommended advised encouraged",
        "all": "all every each everyone always entirely",
        "some": "some several few many most sometimes often partly",
        "no": "no none never nobody",
    }.items()
    for word in words.split()
}
