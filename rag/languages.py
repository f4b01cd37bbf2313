"""Function words of other languages than English, and which language a question is in.

A question is in the language that most of its function words are of. Words that English texts have too ("die", "war",
"pour", "de la") tell nothing by themselves: an English question stays English.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import pairwise

_WORD = re.compile(r"\w+")
_FEWEST = 2  # function words that tell a language, or
_PLENTY = 3  # that English has too, where it is not English
_SHARE = 3  # one in so many words
_ROOT = 6  # letters of a word that its other forms share
_STEM = 4  # letters of the shortest word that has other forms

_ENGLISH = frozenset(
    "a about after all am an and any are as at be because been before being between both but by can could did do does "
    "done during each even few for from had has have having he her here him his how i if in into is it its just like may "
    "me might more most much must my no nor not of off on once only or other our out over own per she should since so "
    "some such than that the their them then there these they this those through to too under until up upon us very was "
    "we were what when where which while who whom whose why will with within without would you your".split()
)
_ALSO_ENGLISH = frozenset(  # as words or in names, when written without accents; letters too
    "aan ai al ale allo als ao ate au auf aus avant bao bei ben bent bin bis car ce ces chi cho ci co com come "
    "comment como con contre cui da dan das dat de dei del della delle dem den der des di die dies dit donde door "
    "dos dove du ed el ela ella elle em en entre er era es esa est este et eu fa fait fra fur go ha han hat hay "
    "hem het ho hun ich il ile im io ist ja jak je kan kia kim la las le lei les lo los lui ma mag mais mam man mas "
    "mes met mi mia mio mis mit mon mu na nad nas ne nei ni non nos notre num ob od om ona ons op os par para pas "
    "plus po pod por pour que ra sa sao se sem ser sera ses si sin sobre son sous su suo sur sus ta tak tao te tem "
    "ten ter ti ton tot tra tu uber um un una und uno van vers vi von voor war wen wil".split()
)


_ACCENTED = ("Vietnamese",)  # in which words are others without their accents
_LANGUAGES = {
    "German": (
        "der die das den dem des ein eine einen einem einer eines kein keine keinen ich du er sie es wir ihr mich mir dich "
        "dir ihm ihn uns euch man sich mein meine meinen meinem meiner dein unser unsere sein seine seinen ihre ihren dies "
        "diese dieser dieses diesem in im an am auf aus bei beim mit nach von vom vor zu zum zur für über unter durch gegen "
        "ohne um bis seit während wegen zwischen und oder aber auch nicht nur noch schon wenn dass ob weil als wie so denn "
        "bin ist sind war waren wird werden wurde wurden hat habe haben hatte kann können darf dürfen muss müssen soll "
        "sollen will wollen gibt es was wer wen wem wessen wann wo wohin woher warum wieso weshalb welche welcher welches "
        "welchen welchem viel viele da hier dort"
    ),
    "French": (
        "le la les l un une des de d du au aux ce cet cette ces je j tu il elle on nous vous ils elles me m te t se s lui "
        "leur y en mon ma mes ton ta tes son sa ses notre nos votre vos leurs à dans par pour sur sous avec sans chez entre "
        "vers depuis pendant avant après contre et ou mais donc ni car si que qu qui quoi dont où quand comment combien "
        "pourquoi quel quelle quels quelles lequel est es suis sont était étaient été être sera a ai as ont avait avoir eu "
        "fait faut puis peut peux peuvent doit dois doivent pas ne n plus très aussi"
    ),
    "Spanish": (
        "el la los las lo un una unos unas de del a al en con por para sin sobre entre desde hasta hacia según durante tras "
        "yo tú él ella ello nosotros ellos ellas usted ustedes me te se nos le les mi mis tu tus su sus nuestro nuestra este "
        "esta esto estos estas ese esa eso aquel y e o u pero ni si no que qué cual cuál cuales cuáles quien quién quiénes "
        "cuando cuándo donde dónde adónde como cómo cuanto cuánto cuánta cuántos cuántas porque es son era eran fue fueron "
        "ser está están estaba hay ha han había he tiene tener tengo puedo puede pueden debe debo deben hace muy más también"
    ),
    "Italian": (
        "il lo la i gli le l un uno una di del dello della dei degli delle a al allo alla ai agli alle da dal dalla in nel "
        "nella nei nelle con su sul sulla per tra fra io tu lui lei noi voi loro mi ti si ci vi ne mio mia miei tuo suo sua "
        "suoi nostro questo questa questi queste quello quella e ed o ma se non che chi cosa cui quale quali quando dove d "
        "dov come com quanto quanta quanti quante perché è sono era erano essere stato stata ha hanno ho aveva avere c può "
        "posso possono deve devo devono fa più anche"
    ),
    "Portuguese": (
        "o a os as um uma uns umas de do da dos das em no na nos nas num numa ao à aos às por pelo pela para com sem sobre "
        "entre desde até eu tu ele ela nós vós eles elas você vocês me te se lhe meu minha meus seu sua seus suas nosso este "
        "esta isto esse essa isso aquele e ou mas nem se não que quê qual quais quem quando onde como quanto quanta quantos "
        "quantas porque é são era eram foi foram ser está estão há tem têm tinha ter tenho posso pode podem deve devo fazer "
        "muito mais também"
    ),
    "Dutch": (
        "de het een ik jij je u hij zij ze wij we jullie mij me jou hem haar ons hun zich mijn jouw zijn onze deze dit die "
        "dat in op aan uit bij met naar van voor tot door over onder tegen zonder om sinds tijdens tussen en of maar ook niet "
        "geen nog als dan omdat dus er is ben bent was waren wordt worden werd werden heb hebt heeft hebben had kan kunnen "
        "mag mogen moet moeten zal zullen wil willen wat wie wiens waar wanneer waarom hoe hoeveel welk welke te veel"
    ),
    "Polish": (
        "i a w we z ze na do od po o u za przez przed przy pod nad dla bez między oraz lub albo ale nie tak czy że żeby gdy "
        "jeśli jak jako co kto kogo komu kim czym czego kiedy gdzie skąd dokąd dlaczego ile ilu który która które którego "
        "której którzy jaki jaka jakie jakiego jest są był była było były być będzie ma mają mam mieć mogę może można muszę "
        "musi trzeba ja ty on ona ono my wy oni mnie mi się go mu jej ich mój moja moje swój ten ta to tego tej te jego już"
    ),
    "Vietnamese": (
        "là có không của và hoặc hay nhưng thì mà nếu khi vì nên bởi do để cho với về từ đến tại ở trong ngoài trên dưới "
        "trước sau giữa theo bằng được bị đã đang sẽ chưa vẫn cũng rất hơn nhất những các một mỗi mọi này kia ấy đó tôi tao "
        "bạn anh chị em ông bà nó họ chúng ta mình phải cần thể muốn hãy gì nào ai đâu sao bao nhiêu mấy giờ lâu thế như "
        "rằng cái chiếc việc sự vào ra lên xuống qua lúc nữa"
    ),
}
_WORDS = {name: frozenset(words.split()) for name, words in _LANGUAGES.items()}


def fold(text: str) -> str:
    """Lower case without accents, as the word index folds."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).lower()


_BARE = {name: frozenset() if name in _ACCENTED else frozenset(map(fold, all)) for name, all in _WORDS.items()}


@lru_cache(maxsize=256)
def language(text: str) -> str:
    """The language that a text's function words tell: "English", one of the table, or "" where they tell none."""
    said = _said(text)
    english = sum(word in _ENGLISH for word in said)
    best, most = "", 0
    for name in _LANGUAGES:
        of = [word for word in said if _is_of(name, word)]
        if len(of) > max(most, english) and (
            any(map(_telling, of)) or (len({one for one in of if len(one) > 1}) >= _PLENTY and not english)
        ):
            best, most = name, len(of)
    if best and (most >= _FEWEST or most * _SHARE >= len(said)):
        return best
    return "English" if english else ""


@lru_cache(maxsize=256)
def function_words(question: str) -> frozenset[str]:
    """The words of a question, folded, that are function words of its language; none where that is English or unknown."""
    name = language(question)
    if name not in _LANGUAGES:
        return frozenset()
    said = _said(question)
    others = {fold(word) for word in said if not _is_of(name, word)}  # "chó" (dog) is folded like "cho" (for)
    return frozenset(fold(word) for word in said) - others


def capitals_name(question: str) -> bool:
    """Whether capitals tell names from other words in the question's language: German nouns have them all."""
    return language(question) != "German"


def is_foreign(question: str) -> bool:
    """Whether a question is in a language of the table: in it the rules and the encoder, which know English, say less."""
    return language(question) in _LANGUAGES


def holds_any(text: str, question: str) -> bool:
    """Whether a text has any word of a question in a language of the table that is no function word, or another ending
    of it; in Vietnamese, whose words are mostly two syllables, two that stand together, or every one."""
    name, said = language(question), _said(question)
    own = [word for word in said if not _is_of(name, word)]
    held = _said(text)
    if name in _ACCENTED:
        pairs = {(one, two) for one, two in pairwise(said) if one in own and two in own}
        return bool(pairs & set(pairwise(held))) or set(own) <= set(held)
    folded, words = {fold(word) for word in own}, {fold(word) for word in held}
    roots = tuple(word[:_ROOT] for word in folded if len(word) >= _STEM)
    return not folded or bool(folded & words) or any(word.startswith(roots) for word in words)


def _said(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFC", text).lower())


def _is_of(name: str, word: str) -> bool:
    return word in _WORDS[name] or word in _BARE[name]


def _telling(word: str) -> bool:
    return (len(word) > 1 or not word.isascii()) and word not in _ALSO_ENGLISH and word not in _ENGLISH
