"""The page as a whole: every view and state, wide and narrow, light and dark, by axe-core and by keyboard, over documents
that mean harm and names in other languages."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from browsing import Reader, browser
from fake_assistant import HOSTILE, LONG, SCRIPT
from make_files import eml, pdf, scanned_pdf, xlsx
from terminals import ROOT
from walking import walk

from rag import Assistant, Settings
from rag.settings import AnswerSettings, ModelSettings
from ui.page import free_port, launch

pytestmark = pytest.mark.slow  # the folder of every kind of file is indexed for them first

GERMAN = f"Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz{'durchführungsverordnung' * 4}.txt"
VIETNAMESE = "Quy định về việc đóng góp hằng năm của các thành viên.md"
ARABIC = "رسوم الحديقة.txt"
FEE = "رسوم الحديقة 60 يورو في السنة، وتدفع في شهر مارس."
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
GRADIOS: list[str] = []  # selectors of Gradio's own elements with findings, none today

AXE = """async ([contrast, standards]) => {
    const only = contrast ? { type: "rule", values: ["color-contrast"] } : { type: "tag", values: standards };
    const { violations } = await axe.run(document, { runOnly: only, resultTypes: ["violations"], preload: false, iframes: false });
    return violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
        .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => [id, target.flat().join(" "), failureSummary]))
        .filter(([id, , says]) => id !== "target-size" || !says.includes("partially obscured"));  // by the question box, until scrolled
}"""
OPEN = "(chat, source) => chat.read({ source, title: source }, document.body)"
COLOURED = (
    "first",
    "answer",
    "source",
    "feedback",
    "refusal",
    "error",
    "documents",
    "quality",
)  # which have all colours
DEEP = "const deep = (root) => [...root.querySelectorAll('*')].flatMap((n) => [n, ...(n.shadowRoot ? deep(n.shadowRoot) : [])]);"
OUTSIDE = f"""() => {{ {DEEP}
    const shown = deep(document.body).filter((n) => n.checkVisibility({{ visibilityProperty: true, opacityProperty: true }}));
    const strange = shown.filter((n) => n.matches("script[src], iframe, object, embed, form[action], a[href]:not([href^='#'])")
        || (n.matches("img") && !/^(data|blob):|^http:.127/.test(n.src)));
    return [document.documentElement.scrollWidth, innerWidth, strange.map((n) => n.outerHTML.slice(0, 200))];
}}"""
EXPECT = f"""() => {{ {DEEP}
    const dialog = deep(document).filter((n) => n.matches("dialog:modal")).at(-1);
    const of = deep(dialog ?? document).filter((n) => n.matches("button, a[href], input, select, textarea, summary, [tabindex]")
        && n.tabIndex >= 0 && !n.disabled && n.checkVisibility({{ visibilityProperty: true }})
        && !(n.type === "radio" && !n.checked && deep(n.getRootNode()).some((o) => o.name === n.name && o.checked)));
    window.expected = new Set(of);
    return of.length;
}}"""
FOCUSED = """() => {
    let node = document.activeElement;
    while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
    expected.delete(node);
    const { outlineStyle, outlineWidth } = getComputedStyle(node);
    const seen = (outlineStyle !== "none" && parseFloat(outlineWidth) > 0) || node.closest(".composer, .find")?.matches(":focus-within");
    return [node.matches("body") || seen ? "" : node.outerHTML.slice(0, 160), expected.size];
}"""


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("looks") / "samples"
    shutil.copytree(ROOT / "samples", folder)
    hostile = HOSTILE.rpartition("/")[2]
    texts: dict[str, str | bytes] = {
        hostile: SCRIPT, hostile.replace(".txt", ".md"): f"# {SCRIPT}\n\n- {SCRIPT}\n",
        "plan.html": f"<h1>{escape(SCRIPT)}</h1><p>{SCRIPT}</p><img src=https://elsewhere.example/x.png onerror=owned=8>",
        "plan.csv": f'item,"{SCRIPT.replace(chr(34), chr(34) * 2)}"\nfee,1\n', "plan.eml": eml(SCRIPT, html=f"<b>{SCRIPT}</b>"),
        "plan.xlsx": xlsx({"<b>owned": [["item", "price"], [SCRIPT, 1]]}), "plan.pdf": pdf([("Title", escape(SCRIPT)), ("Normal", escape(SCRIPT))]),
        GERMAN: "Das Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz gilt seit 1999.\n",
        VIETNAMESE: "# Quy định\n\nMỗi thành viên đóng góp sáu mươi euro mỗi năm.\n", ARABIC: f"{FEE}\n", "scan.pdf": scanned_pdf(),
        LONG.rpartition("/")[2]: "A name without a place to break.\n",
    }  # fmt: skip
    for name, text in texts.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    model = ModelSettings(name="openai:fake", api_base="http://127.0.0.1:9/v1")
    with Assistant.open(folder, settings=Settings(model=model, answer=AnswerSettings(writer="quotes"))) as assistant:
        assistant.sync_all()
        yield assistant


@pytest.fixture(scope="module")
def address(assistant: Assistant) -> str:
    return launch(assistant, port=free_port("127.0.0.1", 9460), open_browser=False, block=False)


class Looker(Reader):
    """A reader with axe-core in its tab."""

    def __init__(self, chromium: Any, address: str, width: int = 1400, **options: Any) -> None:
        super().__init__(chromium, address, width, reduced_motion="reduce", bypass_csp=True, **options)
        self.tab.evaluate(files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8"))
        self.tab.set_default_timeout(15_000)
        self.width = width

    def check(self, state: str) -> None:
        """Nothing sticks out, nothing of a document became an element, and axe-core finds nothing serious."""
        assert self.tab.evaluate(OUTSIDE) == [self.width, self.width, []], state
        for dark in (False, True) if self.width > 1000 and state in COLOURED else (False,):
            self.tab.evaluate("(dark) => document.body.classList.toggle('dark', dark)", dark)
            found = self.tab.evaluate(AXE, [dark, STANDARDS])
            assert [one for one in found if not any(gradios in one[1] for gradios in GRADIOS)] == [], (state, dark)
        self.tab.evaluate("() => document.body.classList.remove('dark')")

    def reach(self, state: str) -> None:
        """Tab reaches everything that can be pressed, and the focus is seen wherever it is."""
        count = self.tab.evaluate(EXPECT)
        left = count
        for _ in range(2 * count + 10):
            self.tab.keyboard.press("Tab")
            unseen, left = self.tab.evaluate(FOCUSED)
            assert unseen == "", state
            if not left:
                break
        assert left == 0, (state, self.tab.evaluate("() => [...expected].map((node) => node.outerHTML.slice(0, 160))"))


@browser
@pytest.mark.parametrize("width", [1400, 375])
def test_every_state_fits_and_is_accessible(chromium: Any, address: str, width: int) -> None:
    reader = Looker(chromium, address, width)
    for state in walk(reader, model=True):
        reader.check(state)
        if state == "refusal":
            reader.chat.get_by_text("1 file could not be read, so it was not searched.").wait_for()
        if state in (("answer", "documents") if width > 1000 else ("source", "why", "quality")):
            reader.reach(state)
    reader.close()


@browser
def test_light_and_dark_follow_the_system_until_one_is_chosen(chromium: Any, address: str) -> None:
    reader = Reader(chromium, address, color_scheme="dark")

    def shows(scheme: str) -> None:
        reader.tab.wait_for_function(
            "(scheme) => getComputedStyle(document.documentElement).colorScheme === scheme", arg=scheme
        )

    shows("dark")
    reader.tab.emulate_media(color_scheme="light")
    shows("light")
    reader.tab.get_by_role("button", name="Light or dark").click()
    shows("dark")
    for scheme in ("dark", "light"):
        reader.tab.emulate_media(color_scheme=scheme)
    reader.tab.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
    shows("dark")
    reader.tab.reload()
    reader.chat.locator(".examples button").first.wait_for()
    shows("dark")
    reader.close()


@browser
def test_a_source_of_any_kind_and_script_stays_text(chromium: Any, address: str, assistant: Assistant) -> None:
    reader = Looker(chromium, address, 375)
    for source in [document.source for document in assistant.documents() if document.status == "ready"]:
        reader.chat.evaluate(OPEN, source)
        reader.chat.locator(".panel :is(.parts, .lines, .leaf img)").first.wait_for()
        assert reader.tab.evaluate(OUTSIDE) == [375, 375, []], source
        assert reader.chat.locator(".panel").evaluate("(panel) => panel.scrollWidth") == 375, source
        reader.tab.keyboard.press("Escape")
    reader.chat.evaluate(OPEN, f"samples/{ARABIC}")
    assert reader.chat.locator(".line-of", has_text=FEE).evaluate("(node) => getComputedStyle(node).direction") == "rtl"
    reader.close()


@browser
def test_where_there_is_nothing_to_ask_the_page_leads_on(chromium: Any, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    with Assistant.open(tmp_path / "docs") as assistant:
        tab = chromium.new_page()
        tab.goto(launch(assistant, port=free_port("127.0.0.1", 9560), open_browser=False, block=False))
        tab.get_by_role("button", name="Add documents").click()
        tab.locator("citewise-documents").get_by_text("No documents yet").wait_for()
        tab.close()
