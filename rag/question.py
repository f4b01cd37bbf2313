"""What a question asks for, the documents or the assistant itself, and what is only said around it."""

from __future__ import annotations

import re
from difflib import get_close_matches

from index import BadQuestion
from rag.words import WORD

_I = re.IGNORECASE
LONGEST = 4000  # characters
_SHORT = 120  # characters of what can be about the assistant

_PARTS = {
    "FILES": r"(?:(?:text |pdf |source )?(?:files|documents|docs|sources|pdfs)|file ?names)",
    "FOLDER": r"(?:(?:the|this|my|your|our) (?:folder|directory|corpus|knowledge ?base)"
    r"|(?:this|my|your|our) (?:index|collection|library|archive|database))",
    "HERE": r"(?:in FOLDER|(?:in |on )?here|there|indexed|available|loaded|included|uploaded)",
    "HAVE": r"(?:do you (?:have(?: access to)?|know|use|see|cover|read)|have you (?:got|read|indexed|seen)"
    r"|can you (?:see|read|access|use)|did you (?:read|index|get)|can i (?:ask about|search)|you have)",
    "EVERY": r"(?:(?:all|each|every) )?(?:of )?(?:(?:the|these|those|this|my|your|our|all) )*(?:indexed )?",
    "BEING": r"(?:(?:is|are) HERE(?: HERE)?|HAVE(?: HERE)?|HERE)",
    "GIVEN": r"(?:you have|there are|HERE)",
    "THE": r"(?:the|these|my|your|all the)",
    "APP": r"(?:app|tool|program|site|page|chat|thing|assistant)",
    "PRAISE": r"(?:ok|okay|great|cool|perfect|nice|wonderful|super|fine|excellent|all ?right|got it|i see|good|yes|no"
    r"|many)",
    "WHOM": r"(?: (?:there|again|all|everyone|everybody|assistant|citewise|you))*",
    "FARING": r"(?:how are you(?: doing)?(?: today)?)",
    "HOWMUCH": r"(?:you|a lot|so much|very much|a bunch|again|all"
    r"|for (?:your|the|that|this)(?: (?:help|answers?|info|information))?)",
    "SUMMARY": r"(?:give (?:me |us )?)?(?:(?:an?|the) )?(?:(?:short|brief|quick) )?(?:summary|overview|outline)",
}
# Whole questions, one form a line, in lower case without punctuation: "which files were stolen?" is for the documents.
_FORMS = {
    "greeting": r"""
(?:hi+|hello+|hey+|hiya|howdy|hallo|greetings|welcome|bonjour|hola|guten tag|ciao)WHOM(?: FARING)?
good (?:morning|afternoon|evening|day)WHOM(?: FARING)?
FARING
how(?: i|')s it going
what's up
""",
    "thanks": r"""
(?:PRAISE )*(?:thanks?|thankyou|thx|thnx|thanx|tnx|ty|cheers|danke|merci|gracias)(?: HOWMUCH)*
(?:PRAISE )*(?:good ?bye|bye(?: bye)?|see you(?: later| again)?)(?: all)?
(?:PRAISE )*that(?: i|')s (?:all|it|great|helpful|perfect)
(?:PRAISE )*that (?:helps|helped|was helpful|will be all)
(?:PRAISE )*(?:ok|okay|great|cool|perfect|got it|i see|all ?right)
(?:well done|good (?:job|work|answer))
""",
    "assistant": r"""
(?:who|what) are you
what(?: i|')s your name
what (?:else )?(?:can|do) you do(?: for (?:me|us))?
(?:what|how) can (?:you|i) (?:do|ask|use|help)(?: (?:you|here|this|me|us))*
how do (?:you work|i use (?:you|this))
what(?: i|')s (?:this|citewise)(?: APP)?
how does (?:this APP|citewise) work
(?:can you )?help(?: me| us)?
(?:who|what company) (?:made|built|created|wrote|developed|trained|programmed) you
are you (?:an? )?(?:(?:real|human|language|ai|chat|large) )*(?:(?:chat)?bot|robot|human|person|ai|machine|model|real)
are you (?:an? )?(?:chatgpt|gpt[\w. -]{0,6}|claude|gemini|llm|llama|assistant)
(?:which|what)(?: \w+)? model (?:are you|do you use|is this)
do you use (?:an? )?(?:ai|chatgpt|llm|(?:large )?language model)
what (?:(?:kinds?|sorts?|types?) of )?questions can (?:i ask|you answer)(?: you| here)?
what languages? do you (?:speak|understand)
introduce yourself
(?:something )?about yourself
where do (?:you get your|your) (?:answers|information|facts)(?: come)? from
""",
    "folder": r"""
(?:which|what)(?: (?:are|kinds? of|types? of|all|other))*(?: the| your| my)? FILES(?: (?:BEING|is this based on))?
(?:what|which) (?:information|data|content|topics|subjects) HAVE(?: HERE)?
what(?: is|'s| do you have| can i find| have you got| is there)(?: contained| stored)? in (?:here|FOLDER|THE FILES)
what (?:can i find|do you have|have you got) HERE
what (?:have you got|do you (?:have|know))
(?:(?:list|show|name|display|print|give) )?(?:(?:me|us) )?(?:(?:a |the )?list of )?EVERY(?:FILES)(?: (?:that )?GIVEN)*
how many FILES(?: BEING)?
(?:do you have|have you got|are there) any FILES(?: HERE)?
is there anything HERE
what(?: i|'| a)(?:s|re) (?:all )?(?:FOLDER|THE FILES) (?:all )?about
what (?:do|does) (?:all )?(?:FOLDER|THE FILES) (?:contain|cover|hold|include|talk about|deal with)
(?:what|which) (?:topics|subjects) (?:do|does|are) (?:FOLDER|THE FILES) (?:cover|about|deal with|contain)
(?:SUMMARY of|summari[sz]e|describe) (?:everything|it all|what you have|FOLDER|EVERY(?:FILES|contents?))(?: GIVEN)?
""",
}
_ASKING = re.compile(
    r"^(?:(?:hi|hello|hey|ok|okay|so|well|and|please|sorry|excuse me)\s)*"
    r"(?:(?:(?:can|could|would|will) you|please|kindly|just|maybe)\s)*"
    r"(?:(?:tell|show|give) (?:me|us)\s(?!an? )|(?:i|we)(?:'d| would)? (?:want|like|need) to (?:know|see)\s"
    r"|do you know\s)?"
)
_COURTESY = re.compile(r"(?:\s(?:please|thanks|thank you|thx|for me|exactly|again|right now|now|anyway|then|so far))+$")
_WHICH = r"(?:(?:at|by|for|from|in|of|on|since|to|until|with) )?(?:who|whom|whose|what|which|when|where|why|how)"
_ASKS = (
    rf"(?=(?:{_WHICH}|is|are|was|were|do|does|did|can|could|may|must|should|will|would|has|have|please|tell|give|show|"
    r"list|name|compare|explain|describe|summari[sz]e|i (?:want|need|would))\b)"
)
_SAID_FIRST = re.compile(
    rf"(?:\s*[,;.:!?…–—-]+\s+|\s+{_ASKS})(?:(?:and|but|so)\s+{_ASKS})?|\s+(?:and|but|so)\s+{_ASKS}", re.I
)
_REQUEST = re.compile(
    rf"^(?:(?:please|kindly)[\s,]+{_ASKS}|excuse me[\s,]+)?"
    r"(?:(?:(?:(?:can|could|would|will) you|please|kindly|just)\s+)*(?:(?:tell|explain to) (?:me|us)|do you know|"
    rf"(?:i|we)(?:['’]d| would)? (?:want|like|need) to know)[\s,:]+(?={_WHICH}\b))?",
    _I,
)
_SAID_LAST = re.compile(r"(?:,?\s+please|(?:,|(?<=[?.!]))\s*(?:please|thanks|thank you|thx))(\??)\W*$", _I)
_FRAME = re.compile(
    r"^\W*(?:(?:and|but|so|also|then|please|hi|hello|yes|no|ok|okay)\b\W*)*"
    r"(?:(?:(?:can|could|would|will) you|please)\s)*(?:(?:tell|give|show|explain to) (?:me|us)(?: more)?(?: about)?\s)?"
    r"(?:(?:what|how) about\s|(?:i|we) (?:mean|meant|think|guess|wonder|(?:want|need|would like)(?: to know)?)\s)?"
    r"(?:(?:what|which|who|whom|whose|where|when|why|how)(?:['’]s)?\b"
    r"(?: (?:much|many|long|far|high|often|old|big|large))?\s*)?"
    r"(?:(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|had)\b\s*)?"
    r"(?:(?:i(?:['’]m| am)?|you|we|it|they|there)\b\s*)?",
    _I,
)
_OPENS = re.compile(
    r"^\W*(?:(?:\w+ )?(?:what|which|who|whom|whose|where|when|why|how)|is|are|was|were|do|does|did|can|could|will|would|"
    r"should|has|have|had)\b",
    _I,
)
_NAMING = re.compile(r"\babout $|\b(?:what|who|how \w+)(?:['’]s| is| are| was| were) $", _I)
_NAMED = re.compile(r"(?:the|an?|my|your|our|(?-i:[A-Z])[\w.'’-]*)\s|[\w'’-]+(?: [\w'’-]+)?$", _I)
_SAID = re.compile(
    r"\b(?:\w{2,}ed|paid|sold|bought|made|done|like|to|in|on|at|for|from|of|with|by|about)$|"
    r"\b(?:\w{2,}ed|going|able|supposed) to\b|\bused for\b",
    _I,
)
_TYPOS = {
    typo: word
    for word, typos in {
        "hello": "helo hllo helllo", "which": "wich whcih whihc witch", "what": "wat waht whta", "what's": "whats",
        "how": "hwo", "files": "fiels fils filles", "you": "u yuo yu", "are": "r", "your": "ur", "the": "teh",
        "have": "hav", "list": "lsit", "show": "shwo", "many": "manny", "thanks": "thansk thnaks tahnks thank's",
        "chatgpt": "chat-gpt", "please": "plese pleas pls plz", "about": "abt",
    }.items()
    for typo in typos.split()
}  # fmt: skip
_LONG_WORDS = ("document", "documents", "summarize", "summarise", "information", "available", "everything", "overview")


def _compiled(forms: str) -> re.Pattern[str]:
    pattern = "|".join(forms.strip().splitlines())
    for _ in range(3):  # parts are made of parts
        pattern = re.sub("[A-Z]{3,}", lambda name: _PARTS[name[0].replace("EVERY(?:FILES)", "EVERY")], pattern)
    return re.compile(pattern)


_KINDS = {kind: _compiled(forms) for kind, forms in _FORMS.items()}


def checked(question: str) -> str:
    """The question without surrounding white space. Raises BadQuestion for one that cannot be asked."""
    question = question.encode("utf-8", "replace").decode().replace("\0", " ").strip()
    if not question:
        raise BadQuestion("The question is empty.", "Type a question about the documents.")
    if len(question) > LONGEST:
        raise BadQuestion(
            f"The question has {len(question):,} characters; the limit is {LONGEST:,}.",
            "Ask about one thing at a time; to search in a long text, add it to the folder.",
        )
    if not WORD.search(question):
        raise BadQuestion("The question holds no word.", "Type a question about the documents.")
    return question


def about_assistant(question: str) -> str | None:
    """ "greeting", "thanks", "assistant" or "folder" where a question is not for the documents; None where it is.

    Politeness and common misspellings do not matter; a word more about anything else does.
    """
    if len(question) > _SHORT:
        return None
    whole = _plain(question)
    bare = _COURTESY.sub("", _ASKING.sub("", whole, count=1))
    return next((kind for kind, forms in _KINDS.items() for said in (whole, bare) if forms.fullmatch(said)), None)


def bare(question: str) -> str:
    """The question without the greeting, thanks and request around it ("hello! can you tell me who …"), or as it is
    where nothing else is said."""
    start = 0
    for said in _SAID_FIRST.finditer(question[:_SHORT]):
        first = _plain(question[start : said.start()])
        if any(_KINDS[kind].fullmatch(first) for kind in ("greeting", "thanks")):
            start = said.end()
    asked = _SAID_LAST.sub(r"\1", _REQUEST.sub("", question[start:]))
    return asked if WORD.search(asked) else question


def named(question: str) -> str | None:
    """What a question or phrase names once its frame is off: "the price of bread" of "What is the price of bread?".
    None where a clause is left, which cannot be read without its question word."""
    frame = _FRAME.match(question)
    rest = question[frame.end() if frame else 0 :].strip(" ?!.,;:")
    if not _OPENS.match(question) and not question.rstrip().endswith("?"):
        return rest
    naming = frame and _NAMING.search(frame[0]) and _NAMED.match(rest) and not _SAID.search(rest)
    return rest if naming else None


def _plain(text: str) -> str:
    return " ".join(map(_corrected, re.findall(r"[\w'-]+", text.lower().replace("’", "'"))))


def _corrected(word: str) -> str:
    if len(word) < 7 or word in _TYPOS:
        return _TYPOS.get(word, word)
    return next(iter(get_close_matches(word, _LONG_WORDS, 1, 0.85)), word)
