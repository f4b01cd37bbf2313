"""Folders of generated prose for measuring speed: always the same, of any size, with words as unequal as in real texts.

Common words are drawn by Zipf's law (the r-th most frequent word with a weight of 1/r); names, codes, years and numbers
make the long tail of rare words. Every document states facts that questions can ask for.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from functools import cache
from itertools import accumulate
from pathlib import Path

_NOUNS = """
year report company city government market water price project council member river road school system plan energy
contract office harbour land budget station bridge worker supply season meeting engineer region bank agreement field
village railway forest customer factory ship committee survey hospital tax archive machine insurer crop mayor valve
warehouse tenant ferry auditor mill quarry reservoir turbine ledger pipeline surveyor canal orchard dispute voucher
lighthouse sluice depot granary toll tannery weir kiln aqueduct culvert
""".split()
_VERBS = """
said made showed reached approved built paid found moved opened sold closed planned raised counted reported repaired
delayed measured rejected signed published inspected renewed extended leased flooded audited drained dredged
""".split()
_ADJECTIVES = """
new large local public small old annual common late northern private early national southern high eastern low western
regional recent former steady narrow costly unusual temporary seasonal disputed idle coastal derelict
""".split()
_MEASURES = "tons barrels passengers letters permits metres euros tickets households crates".split()
_ONSETS = "b br d dr f g gr h k l m n p r s st t tr v w".split()
_VOWELS = "a e i o u ai ea or an el in un".split()
_ENDINGS = "by den ford gate ham holm ley mark mouth ney rick stad ster ton vale vik wick worth".split()
_FRAMES = (
    "The {adj} {noun} of {name} {verb} the {noun2} before the {noun3} was ready.",
    "In {year} the {noun} {verb} {number} {measure}, which the {adj} {noun2} had not expected.",
    "{name} and {name2} {verb} a {noun} that the {adj} {noun2} still uses.",
    "Nobody at the {noun} knew why the {adj} {noun2} in {name} {verb} so little.",
    "According to the {noun}, the {adj} {noun2} {verb} its {noun3} again after {year}.",
    "When the {noun} {verb}, the {noun2} near {name} was {adj} and the {noun3} was not.",
)
_FACT = "In {year} {name} {verb} {number} {measure} for its {adj} {noun}."
_AN_HOUR = 3600  # files are made to look older than the index, as files of a real folder are


def sentences(rng: random.Random) -> Iterator[str]:
    """Endless prose."""
    while True:
        yield rng.choice(_FRAMES).format(**_words(rng))


def document(number: int, words: int) -> tuple[str, str]:
    """The text of a document of about so many words, and a question that it answers."""
    rng = random.Random(f"document {number}")
    fact = _words(rng)
    subject = f"{fact['name']} {fact['name2']}"
    stated = _FACT.format(**fact | {"name": subject})
    lines = [f"{subject}: notes on the {fact['adj']} {fact['noun']}", ""]
    count = len(stated.split())
    paragraph = [stated]
    for sentence in sentences(rng):
        if count >= words:
            break
        paragraph.append(sentence)
        count += len(sentence.split())
        if len(paragraph) >= 6:
            lines += [" ".join(paragraph), ""]
            paragraph = []
    lines.append(" ".join(paragraph))
    question = f"How many {fact['measure']} were {fact['verb']} by {subject} in {fact['year']}?"
    return "\n".join(lines).strip() + "\n", question


def write_folder(folder: Path, files: int, words: int) -> None:
    """So many documents, a hundred to a subfolder; what is there already is kept."""
    for number in range(files):
        path = file_path(folder, number)
        if path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(document(number, words)[0], "utf-8")
        modified = path.stat().st_mtime - _AN_HOUR
        os.utime(path, (modified, modified))


def file_path(folder: Path, number: int) -> Path:
    return folder / f"{number // 100:03d}" / f"notes-{number:05d}.txt"


def questions(files: int, words: int, n: int) -> list[str]:
    """n questions about documents spread over the folder, half of them in other words than the document's."""
    step = max(1, files // n)
    asked = [document(number, words)[1] for number in range(0, files, step)][:n]
    return [f"what happened with {q.split(' by ')[1]}" if at % 2 else q for at, q in enumerate(asked)]


def _words(rng: random.Random) -> dict[str, str]:
    noun, noun2, noun3 = (_zipf(rng, _NOUNS) for _ in range(3))
    return {
        "noun": noun, "noun2": noun2, "noun3": noun3, "verb": _zipf(rng, _VERBS), "adj": _zipf(rng, _ADJECTIVES),
        "name": _name(rng), "name2": _name(rng), "measure": _zipf(rng, _MEASURES),
        "year": str(rng.randint(1890, 2024)), "number": f"{rng.randint(2, 99_999):,}",
    }  # fmt: skip


def _name(rng: random.Random) -> str:
    return (rng.choice(_ONSETS) + rng.choice(_VOWELS) + rng.choice(_ENDINGS)).capitalize()


def _zipf(rng: random.Random, words: list[str]) -> str:
    return rng.choices(words, cum_weights=_weights(len(words)))[0]


@cache
def _weights(n: int) -> list[float]:
    return list(accumulate(1 / rank for rank in range(1, n + 1)))
