"""What a question asks for: the documents, or the assistant itself."""

from __future__ import annotations

import re
from difflib import get_close_matches

from index import BadQuestion
from rag.words import WORD

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
    words = re.findall(r"[\w'-]+", question.lower().replace("’", "'"))
    whole = " ".join(map(_corrected, words))
    bare = _COURTESY.sub("", _ASKING.sub("", whole, count=1))
    return next((kind for kind, forms in _KINDS.items() for said in (whole, bare) if forms.fullmatch(said)), None)


def _corrected(word: str) -> str:
    if len(word) < 7 or word in _TYPOS:
        return _TYPOS.get(word, word)
    return next(iter(get_close_matches(word, _LONG_WORDS, 1, 0.85)), word)
