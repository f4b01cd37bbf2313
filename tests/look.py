"""How fast the page is, and whether it keeps people apart: `python tests/look.py` prints the figures as a table.

A server of its own process, Debian's chromium without a graphics card, times taken in the page by its own clock. An answer
is timed from the Enter key to the frame after it has settled; the page itself from the request to the first moment when the
question box takes a question.
"""

from __future__ import annotations

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from browsing import CHROMIUM, FLAGS
from make_files import pdf
from terminals import ROOT

from eval import BUNDLED, load_gold
from eval.table import stamp, stamp_line, table

PAGES = 400
TIMED = """
const deep = (tag) => document.querySelector(tag).shadowRoot;
const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
const until = async (found) => { for (;;) { const node = found(); if (node) { await frame(); return node; } await frame(); } };
const span = async (act) => { const began = performance.now(); await act(); return performance.now() - began; };
const key = (box, name) => box.dispatchEvent(new KeyboardEvent("keydown", { key: name, bubbles: true, composed: true }));
window.look = {
  answer: (question) => span(async () => {
    const box = deep("citewise-ask").querySelector("textarea"), turns = deep("citewise-chat").querySelectorAll(".turn").length;
    box.value = question;
    key(box, "Enter");
    await until(() => deep("citewise-chat").querySelectorAll(".turn[aria-busy=false]").length > turns);
  }),
  said: () => [...deep("citewise-chat").querySelectorAll(".turn")].map((turn) => [turn.querySelector(".question").textContent,
    document.querySelector("citewise-chat").exchange(turn.dataset.turn).answer.text]),
  cited: () => span(async () => {
    const chat = deep("citewise-chat");
    [...chat.querySelectorAll(".turn")].at(-1).querySelector(".chip").click();
    await until(() => { const leaf = chat.querySelector("i.cited")?.parentNode; return leaf?.querySelector("img")?.complete; });
  }),
  fill: (count) => span(async () => {
    const chat = document.querySelector("citewise-chat"), known = [...chat.shadowRoot.querySelectorAll(".turn")].map((turn) => chat.exchange(turn.dataset.turn));
    const exchanges = Array.from({ length: count }, (_, n) => ({ ...known[n % known.length], id: `n${n}`, run: `n${n}` }));
    document.dispatchEvent(new CustomEvent("open", { detail: { exchanges } }));
    await frame();
  }),
  typing: async (tag, selector, word) => {
    const box = deep(tag).querySelector(selector), took = [];
    for (let n = 1; n <= word.length; n++) took.push(await span(async () => {
      box.value = word.slice(0, n);
      box.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
      await frame();
    }));
    box.value = "";
    box.dispatchEvent(new Event("input", { bubbles: true, composed: true }));
    return took;
  },
  scroll: async (steps) => {
    const took = [], box = document.scrollingElement, by = (box.scrollHeight - box.clientHeight) / steps;
    box.scrollTop = 0;
    for (let n = 0; n < steps; n++) took.push(await span(async () => { box.scrollTop += by; await frame(); }));
    return took;
  },
  view: (name, tag, ready) => span(async () => {
    document.dispatchEvent(new CustomEvent("view", { detail: { name } }));
    await until(() => deep(tag).querySelector(ready));
  }),
  size: () => { let count = 0; const walk = (root) => { for (const node of root.querySelectorAll("*")) { count++; if (node.shadowRoot) walk(node.shadowRoot); } }; walk(document); return count; },
};
"""

Row = tuple[str, str, str, str]


@contextmanager
def server(folder: Path, home: Path) -> Iterator[tuple[str, float]]:
    """The address of the page over a folder that is indexed first, and the seconds from its start until it is served."""
    places = {f"XDG_{name}_HOME": str(home / name.lower()) for name in ("DATA", "CONFIG", "CACHE", "STATE")}
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CITEWISE_")}
    environment |= {**places, "HOME": str(home), "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(ROOT)}
    run = [sys.executable, "-m", "ui.cli"]
    subprocess.run([*run, "index", str(folder)], env=environment, check=True, capture_output=True)
    began = perf_counter()
    with subprocess.Popen(
        [*run, "chat", str(folder), "--no-browser"], env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        line = next(line for line in process.stdout if "Citewise is at" in line)
        try:
            yield line.split()[3], perf_counter() - began
        finally:
            process.terminate()


def opened(chromium: Any, address: str) -> tuple[Any, float]:
    """A tab of a person of its own, and the milliseconds until the page took what was typed."""
    tab = chromium.new_context(viewport={"width": 1400, "height": 860}).new_page()
    began = perf_counter()
    tab.goto(address, wait_until="commit")
    tab.wait_for_function("document.querySelector('citewise-chat')?.server")  # from which on questions are asked
    tab.get_by_role("textbox", name="Your question").press_sequentially("a")
    took = 1000 * (perf_counter() - began)
    tab.get_by_role("textbox", name="Your question").fill("")
    tab.evaluate(TIMED)
    return tab, took


def answers(tab: Any, questions: Sequence[str]) -> list[float]:
    return [tab.evaluate("(question) => look.answer(question)", question) for question in questions]


def told(what: str, asked: str, taken: Sequence[float]) -> Row:
    """A row of a table of milliseconds."""
    ordered = sorted(taken)
    p95 = ordered[min(len(ordered) - 1, int(0.95 * len(ordered)))]
    return what, f"{len(taken)}", f"{statistics.median(taken):,.0f} / {p95:,.0f} / {ordered[-1]:,.0f} ms", asked


def samples(chromium: Any, base: Path, questions: int, turns: int) -> Iterator[Row]:
    folder = base / "samples"
    shutil.copytree(ROOT / "samples", folder)
    keepers = ["".join(random.Random(n).choices("bcdfghklmnprst", k=7)).capitalize() for n in range(PAGES)]
    story = [
        part for name in keepers for part in (("Normal", f"The keeper {name} was paid eleven crowns."), ("page", ""))
    ]
    (folder / "keepers.pdf").write_bytes(pdf(story[:-1]))
    asked = random.Random(7).sample([case.question for case in load_gold(BUNDLED)], 2 * questions)
    with server(folder, base / "home") as (address, _):
        first, took = opened(chromium, address)
        yield told("first page takes a question, first visit after the start", "2,500", [took])
        again = [opened(chromium, address) for _ in range(5)]
        yield told("the same, later visits by new people", "2,500", [took for _, took in again])
        people = [again[0][0], again[1][0]]
        halves = [asked[:questions], asked[questions:]]
        taken = [took for tab, half in zip(people, halves, strict=True) for took in answers(tab, half)]
        yield told("answer without a model, settled, after Enter", "400", taken)
        alone = [tab.evaluate("look.said()") for tab in people]

        both = [again[2][0], again[3][0]]
        for pair in zip(*halves, strict=True):  # both are under way before either is answered
            for tab, question in zip(both, pair, strict=True):
                tab.evaluate("(question) => { window.last = look.answer(question); }", question)
            for tab in both:
                tab.evaluate("window.last")
        mixed = [tab.evaluate("look.said()") for tab in both]
        wrong = sum(one != other for one, other in zip(alone[0] + alone[1], mixed[0] + mixed[1], strict=True))
        kept = [tab.evaluate("document.querySelector('citewise-conversations').shadowRoot.textContent") for tab in both]
        strangers = sum(halves[1 - n][0] in text for n, text in enumerate(kept))
        yield (
            "two people at once: answers that differ from those alone, names of the other's chat",
            str(len(asked)),
            f"{wrong}, {strangers}",
            "0",
        )

        pages = []
        for name in random.Random(8).sample(keepers, 6):
            answers(first, [f"What was the keeper {name} paid?"])
            pages.append(first.evaluate("look.cited()"))
            first.keyboard.press("Escape")
        yield told(f"a PDF of {PAGES} pages, open at its citation after a click, first time", "1,500", pages[:1])
        yield told("the same, later citations", "1,500", pages[1:])

        tab = people[0]
        yield told(f"a conversation of {turns} turns, drawn", "", [tab.evaluate("(count) => look.fill(count)", turns)])
        typed = tab.evaluate("() => look.typing('citewise-ask', 'textarea', 'How high is the deposit?')")
        yield told("in it: a letter typed, shown", "", typed)
        yield told("in it: a step of scrolling (60 from top to end), shown", "", tab.evaluate("() => look.scroll(60)"))
        yield told("in it: answer, settled, after Enter", "", answers(tab, halves[0][:10]))
        yield "in it: elements of the page", "1", f"{tab.evaluate('look.size()'):,}", ""


def library(chromium: Any, base: Path, files: int) -> Iterator[Row]:
    folder = base / "many"
    for n in range(files):
        path = folder / f"shelf {n % 40}" / f"note {n}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"Note {n}\n\nThe locker {n} of the pier is kept by keeper {n * 7919 % files}.\n")
    with server(folder, base / "home") as (address, _):
        tab, took = opened(chromium, address)
        yield told(f"{files:,} files: first page takes a question", "2,500", [took])
        yield told(
            "in it: answer, settled, after Enter",
            "400",
            answers(tab, [f"Who keeps the locker {n}?" for n in range(0, files, files // 20)]),
        )
        yield told(
            "in it: list of documents, shown after the click",
            "",
            [tab.evaluate("() => look.view('documents', 'citewise-documents', 'tbody .open')")],
        )
        yield told(
            "in it: a letter typed in the search, list shown",
            "",
            tab.evaluate("() => look.typing('citewise-documents', 'input[type=search]', 'note 4999')"),
        )
        yield told("in it: a step of scrolling (60 from top to end), shown", "", tab.evaluate("() => look.scroll(60)"))
        yield "in it: elements of the page", "1", f"{tab.evaluate('look.size()'):,}", ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, default=50, help="of each of two people")
    parser.add_argument("--turns", type=int, default=200)
    parser.add_argument("--files", type=int, default=5000)
    given = parser.parse_args()
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        rows = [
            *samples(chromium, Path(place), given.questions, given.turns),
            *library(chromium, Path(place), given.files),
        ]
        version = chromium.version
        chromium.close()
    print(table(("what", "n", "median / p95 / worst", "asked, ms"), rows))
    print(f"\n{stamp_line(stamp('make look', given.questions * 2))}, chromium {version}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
