"""Verdicts, gold cases and evaluations on the page: what a browser may send, and the whole way from a thumb to a report."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from browsing import Reader, browser
from evaluation import gold_file
from house import QUESTIONS, write_house

from eval.feedback import feedback_store, load_feedback
from eval.from_chat import own_cases, own_gold
from eval.kept import newest
from eval.questions import load_gold
from eval.results import load_result
from rag import Assistant, Settings
from ui.assets import component
from ui.page import free_port, launch
from ui.page.quality import LARGEST, Quality

HONEY = "They gave 87 kilograms of honey."
ASKED = ("What does a lost key cost?", "Who keeps six hives?", "How much honey?")


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    place = tmp_path_factory.mktemp("quality")
    settings = Settings.load(
        documents=[write_house(place / "house")], index={"path": place / "index"}, log={"questions": True}
    )
    (place / "house" / "rates.txt").write_text("Tug | 90 crowns | an hour.\n", "utf-8")
    with Assistant.open(place / "house", settings=settings) as opened:
        opened.sync_all()
        yield opened


@pytest.fixture
def quality(assistant: Assistant) -> Iterator[Quality]:
    """Over an index of which nothing was said."""
    yield Quality(assistant)
    feedback_store(assistant.index.folder).erase()
    own_gold(assistant.index.folder).unlink(missing_ok=True)


def exchange(assistant: Assistant, question: str, id: str = "a1", **more: Any) -> dict[str, Any]:
    """As the page sends it: what it was sent itself."""
    shape = assistant.unlogged().ask(question).to_dict()
    del shape["trace"]
    return {"id": id, "question": question, "history": [], "answer": json.loads(json.dumps(shape))} | more


# -- what a browser may send -------------------------------------------------------------------------------------------


def test_an_answer_that_only_the_browser_remembers_is_judged(assistant: Assistant, quality: Quality) -> None:
    history = [{"question": "What of bees?", "answer": "There are six hives."}]
    asked = exchange(assistant, ASKED[2], history=history)
    right = {"source": "house/bees.txt", "quote": "They gave\n 87 kilograms | of honey."}
    given = {"exchange": asked, "verdict": "wrong_source", "note": " the minutes ", "right": right}
    assert quality.judge(given) == {"says": "Kept."}
    ((kept,), _) = load_feedback(assistant.index.folder)
    assert (kept.question, kept.verdict, kept.note) == (ASKED[2], "wrong_source", "the minutes")
    assert (kept.right and kept.right.quote, kept.history[0].question) == (HONEY, "What of bees?")
    assert kept.answer["citations"][0]["quote"] == asked["answer"]["citations"][0]["quote"]
    cells = {"source": "house/rates.txt", "quote": "Tug\t90 crowns"}
    quality.judge({"exchange": asked, "verdict": "right", "right": cells})
    ((kept,), _) = load_feedback(assistant.index.folder)
    assert (kept.verdict, kept.right and kept.right.quote) == ("right", "Tug | 90 crowns")


def test_no_verdict_on_another_question_takes_the_place_of_one(assistant: Assistant, quality: Quality) -> None:
    for question in ASKED[:2]:
        quality.judge({"exchange": exchange(assistant, question), "verdict": "right"})
    quality.judge({"exchange": exchange(assistant, ASKED[0]), "verdict": "wrong"})
    (kept, _) = load_feedback(assistant.index.folder)
    assert [(one.question, one.verdict) for one in kept] == [(ASKED[0], "wrong"), (ASKED[1], "right")]


def test_what_is_no_exchange_is_refused(assistant: Assistant, quality: Quality, tmp_path: Path) -> None:
    asked = exchange(assistant, ASKED[0])
    good: dict[str, Any] = {"exchange": asked, "verdict": "right"}
    (tmp_path / "secret.txt").write_text("a secret")
    answer = asked["answer"]
    wrong: tuple[Any, ...] = (
        None, [], "x", {}, {"exchange": asked}, good | {"verdict": "nice"}, good | {"more": 1},
        good | {"note": "x" * 20_000}, good | {"right": {"source": "a"}},
    )  # fmt: skip
    spoilt: tuple[dict[str, Any], ...] = (
        {"id": "../../x"}, {"id": ""}, {"question": 1}, {"question": "x" * 5000}, {"history": [{}]},
        {"history": [{"question": "a", "answer": "b"}] * 21}, {"answer": {}}, {"answer": answer | {"own": 1}},
        {"answer": answer | {"status": "nice"}}, {"answer": answer | {"citations": [{"number": 1}]}},
    )  # fmt: skip
    for given in (*wrong, *(good | {"exchange": asked | part} for part in spoilt)):
        assert "Reload the page" in quality.judge(given)["error"]
    assert (
        "too long" in quality.judge(good | {"exchange": asked | {"answer": answer | {"text": "x" * LARGEST}}})["error"]
    )
    for source in (str(tmp_path / "secret.txt"), "../secret.txt", "house/gone.md"):
        told = quality.judge(good | {"right": {"source": source, "quote": "a secret"}})
        assert "error" in told
    assert "does not hold" in quality.judge(good | {"right": {"source": "house/keys.md", "quote": "| |"}})["error"]
    assert load_feedback(assistant.index.folder)[0] == []
    for name in ("save_case", "drop_case", "failed_case", "evaluate"):
        assert "error" in getattr(quality, name)({"id": ["x"], "gold": "/etc/passwd"})


# -- cases -------------------------------------------------------------------------------------------------------------


def test_a_case_is_made_once_of_what_was_said_and_removed(assistant: Assistant, quality: Quality) -> None:
    assert "Say whether it is right first" in quality.save_case({"id": "a1", "question": ASKED[0]})["error"]
    asked = exchange(assistant, ASKED[0])
    quality.judge({"exchange": asked, "verdict": "wrong"})
    assert quality.save_case({"id": "a1", "question": ASKED[0]})["needs"] == "passage"
    passage = {"source": "house/keys.md", "quote": "A lost key costs 18 euros."}
    quality.judge({"exchange": asked, "verdict": "wrong", "right": passage})
    saved = quality.save_case({"id": "a1", "question": ASKED[0]})
    (case,) = load_gold(Path(saved["path"]))
    assert (case.id, case.question, case.must_contain) == (saved["id"], ASKED[0], (("18", "eighteen"),))
    quality.judge({"exchange": asked | {"id": "a2", "question": ASKED[0].upper()}, "verdict": "should_have_refused"})
    shown = quality.quality()["feedback"]
    for one in shown["given"]:
        assert one["id"] not in ("a1", "a2")
        assert "a case already" in quality.save_case({"id": one["id"]})["error"]
    assert (shown["n"], [one["case"] for one in shown["given"]]) == (1, [False, True])
    assert quality.drop_case({"id": "none"})["error"] == "There is no such case. It may have been removed already."
    assert quality.drop_case({"id": case.id}) == {}
    assert own_cases(Path(saved["path"])) == []
    assert quality.save_case({"id": "a2", "question": ASKED[0].upper()})["path"] == saved["path"]


def test_words_that_no_rule_finds_come_from_a_person(assistant: Assistant, quality: Quality) -> None:
    asked = exchange(assistant, "What does the gate key open?")
    quality.judge({"exchange": asked, "verdict": "right"})
    assert quality.save_case({"id": "a1", "question": asked["question"]})["needs"] == "words"
    quality.judge({"exchange": asked, "verdict": "right", "expected": "main gate & back door"})
    assert quality.save_case({"id": "a1", "question": asked["question"]})["needs"] == "other_words"
    quality.judge({"exchange": asked, "verdict": "right", "expected": "main gate | front gate & opens"})
    (case,) = load_gold(Path(quality.save_case({"id": "a1", "question": asked["question"]})["path"]))
    assert case.must_contain == (("main gate", "front gate"), ("opens",))
    assert case.answers == ("main gate; opens",)


def test_no_case_is_made_of_words_that_stand_nowhere(assistant: Assistant, quality: Quality) -> None:
    asked = exchange(assistant, ASKED[0])
    asked["answer"]["citations"][0] |= {"source": "/etc/passwd"}
    quality.judge({"exchange": asked, "verdict": "right"})
    assert "/etc/passwd changed since" in quality.save_case({"id": "a1", "question": ASKED[0]})["error"]
    assert not own_gold(assistant.index.folder).exists()


def test_a_file_with_defects_is_told_and_left(assistant: Assistant, quality: Quality) -> None:
    path = own_gold(assistant.index.folder)
    quality.judge({"exchange": exchange(assistant, ASKED[0]), "verdict": "right"})
    path.write_text("{\n")
    assert "line 1: no JSON" in quality.save_case({"id": "a1", "question": ASKED[0]})["error"]
    state = quality.quality()
    assert "line 1: no JSON" in state["golds"][0]["error"]
    assert "line 1: no JSON" in state["feedback"]["error"]
    assert path.read_text() == "{\n"
    quality.evaluate({"gold": "own"})
    quality.evaluating.wait(20)
    assert "line 1: no JSON" in quality.evaluation()["run"]["error"]


# -- evaluations -------------------------------------------------------------------------------------------------------


def test_an_evaluation_is_ended_continued_and_kept(
    assistant: Assistant, quality: Quality, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = gold_file(own_gold(assistant.index.folder), *QUESTIONS)
    logged = assistant._log and assistant._log._journal.path
    before = logged.read_bytes() if logged and logged.exists() else b""
    held, going = threading.Event(), threading.Event()
    search = Assistant.search

    def slow(self: Assistant, question: str, **more: Any) -> Any:
        if question == QUESTIONS[1]["question"]:
            held.set()
            going.wait(20)
        return search(self, question, **more)

    monkeypatch.setattr("eval.stamp.commit", lambda _: "c")  # others may edit the checkout meanwhile
    monkeypatch.setattr(Assistant, "search", slow)
    assert quality.evaluate({"gold": "own"})["run"]["running"]
    held.wait(20)
    quality.evaluate({"gold": "own"})
    assert [thread.name for thread in threading.enumerate()].count("citewise-evaluation") == 1
    assert assistant.unlogged().ask(ASKED[0]).status == "answered"  # meanwhile
    assert quality.end_evaluation()["run"]["stopping"]
    going.set()
    quality.evaluating.wait(20)
    told = quality.evaluation()["run"]
    assert (told["running"], told["error"], told["done"]) == (False, "", 1)
    assert told["says"] == "Stopped after 1 of 4 questions. The next run goes on from there."
    assert quality.quality()["report"] == {}
    quality.evaluate({"gold": "own"})
    quality.evaluating.wait(20)
    assert [load_result(path).stamp["continued"] for path in newest([own], "")] == [[1]]
    report = quality.quality()["report"]
    assert (report["n"], report["gold"], quality.evaluation()["run"]["says"]) == (4, own.name, "")
    assert report["title"].endswith("of 4 correct")
    assert all(line["interval"] for line in report["headline"])
    assert (logged.read_bytes() if logged and logged.exists() else b"") == before
    page = quality.report_file()
    assert page["name"].startswith("citewise-2")
    assert "<script" not in page["html"]


# -- in a browser ------------------------------------------------------------------------------------------------------


@pytest.fixture
def alone(chromium: Any, quality: Quality) -> Iterator[Any]:
    """A blank page with the components, whose server is this one."""
    tab = chromium.new_context(viewport={"width": 375, "height": 900}).new_page()
    errors: list[str] = []
    tab.on("pageerror", lambda error: errors.append(str(error)))
    tab.on("console", lambda line: errors.append(line.text) if line.type == "error" else None)
    tab.route(
        "**/*",
        lambda route: route.fulfill(
            body="<!doctype html><title>x</title><body style='margin:16px'>", content_type="text/html"
        ),
    )
    tab.goto("http://127.0.0.1:9/")
    functions = {function.__name__: function for function in quality.functions}
    tab.expose_function("call", lambda name, given: functions[name](given))
    tab.add_script_tag(content=component())
    tab.evaluate("""() => {
      window.server = new Proxy({}, { get: (_, name) => (given) => call(name, given) });
      window.add = (name) => Object.assign(document.body.appendChild(document.createElement(name)), { server });
    }""")
    yield tab
    tab.context.close()
    assert errors == []


@browser
def test_nothing_yet_says_how_to_begin(alone: Any) -> None:
    alone.evaluate("add('citewise-quality').show()")
    alone.get_by_text("Make your first case").wait_for()
    assert "citewise eval draft FOLDER --out" in alone.locator(".first").inner_text()
    assert alone.get_by_text("What the documents lack").is_visible()
    alone.evaluate("document.addEventListener('view', ({ detail }) => { window.went = detail.name; })")
    alone.get_by_role("button", name="Go to the chat").click()
    assert alone.evaluate("window.went") == "chat"


@browser
def test_hostile_words_stay_words(alone: Any, assistant: Assistant, quality: Quality) -> None:
    said = "<img src=x onerror='window.owned=1'> ${window.owned=2} \u202etxt"
    quality.judge({"exchange": exchange(assistant, ASKED[0]) | {"question": said}, "verdict": "right", "note": said})
    quality.save_case({"id": "a1", "question": said})
    gold_file(own_gold(assistant.index.folder), QUESTIONS[0] | {"question": said, "must_contain": [["main gate"]]})
    alone.evaluate("add('citewise-quality').show()")
    alone.get_by_role("button", name="Run the evaluation").click()
    alone.locator(".title").wait_for()
    for name in ("Your cases", "The last"):
        alone.locator("summary", has_text=name).click()
    alone.locator(".case summary").click()
    alone.locator(".both").wait_for()
    assert alone.locator("img").count() == 0
    assert alone.evaluate("window.owned") is None
    assert alone.evaluate("document.documentElement.scrollWidth") == 375
    assert alone.locator(".turns").count() >= 3


@pytest.fixture(scope="module")
def served(assistant: Assistant) -> str:
    return launch(assistant, port=free_port("127.0.0.1", 9360), open_browser=False, block=False)


@browser
def test_from_a_thumb_to_a_failing_case(
    chromium: Any, served: str, quality: Quality, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Assistant, "examples", lambda *_, **__: [ASKED[0]])  # for which the folder is too small
    index = assistant.index.folder
    reader = Reader(chromium, served)
    view = SimpleNamespace(turn=reader.ask(ASKED[0]))

    def tool(name: str) -> Any:
        return view.turn.get_by_role("button", name=name)

    tool("This answer is right").click()
    tool("Save as a gold case").click()
    view.turn.get_by_text("Saved as a gold case").wait_for()
    assert [case.question for case in load_gold(own_gold(index))] == [ASKED[0]]
    reader.tab.reload()  # the page remembers the answer, the server need not
    view.turn = reader.chat.locator(".turn").first
    tool("This answer is right").and_(view.turn.locator("[aria-pressed=true]")).wait_for()
    view.turn = reader.ask("Which keys and which bees are there?")
    tool("Something is wrong").click()
    view.turn.locator("citewise-feedback").get_by_text("Wrong source").click()
    view.turn.locator(".prose .chip").first.click()
    reader.chat.locator("mark.cited").first.evaluate("""(mark) => {
      getSelection().setBaseAndExtent(mark.firstChild, 4, mark.firstChild, mark.firstChild.length - 1);
    }""")
    reader.chat.get_by_role("button", name="Use as the right passage").click()
    assert "keys.md" in view.turn.locator(".passage", has=reader.tab.locator(":checked")).inner_text()
    tool("Keep").click()
    view.turn.get_by_text("Kept: wrong source.").wait_for()
    tool("Save as a gold case").click()
    box = view.turn.get_by_role("textbox", name="Words that a right answer must contain")
    box.fill("main gate & telescope")
    tool("Save").last.click()
    view.turn.get_by_text("The right passage does not hold all of these words.").wait_for()
    assert box.input_value() == "main gate & telescope"
    box.fill("gate key")
    tool("Save").last.click()
    view.turn.get_by_text("Saved as a gold case").wait_for()
    gold_file(own_gold(index), *(case.to_dict() for case in load_gold(own_gold(index))), *QUESTIONS[:2], {
        **QUESTIONS[3], "id": "t9", "question": ASKED[1],
    })  # fmt: skip
    tool("See your cases").click()
    told = reader.tab.locator("citewise-quality")
    told.get_by_role("button", name="Run the evaluation").click()
    told.locator(".title").wait_for()
    assert told.locator(".title").inner_text().endswith("of 5 correct")
    told.locator(".case summary", has_text=ASKED[1]).click()
    told.get_by_text("A refusal: the documents do not say it.").wait_for()
    assert "Answered, though the documents do not say" in told.locator(".step").inner_text()
    told.get_by_role("button", name="Ask it again").click()
    reader.chat.locator(".turn", has_text=ASKED[1]).and_(reader.chat.locator("[aria-busy=false]")).wait_for()
    reader.close()
