"""Follow-ups: what leans on the conversation is completed from it, what stands alone is left as it was asked."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from rag import Assistant, Settings, Turn
from rag.followup import completed
from rag.question import LONGEST
from rag.words import fts_query

DEPOSIT = Turn("How high is the deposit for a plot?", "The deposit for a plot is 60 euros. [1]")
SANCTIONS = Turn("How many sanctions were imposed on Norway in 2022?", "There were 12. [1]")
BYRON = Turn("Who was Ada Byron?", "A mathematician. [1]")


@pytest.mark.parametrize(
    "question",
    [
        "Who is Putin?",
        "What does the manager do?",
        "How long is the probation?",
        "What is photosynthesis?",
        "Where is Riyadh?",
        "What is the rent of a plot and when must it be paid?",
        "When was the tram depot built and who paid for it?",
        "How does the pump know when its tank is empty?",
        "So what are the opening hours of the museum?",
        "What did Lavrov say about his trip to Riyadh?",
        "where did the minister hold the talks at which he promised gas?",
        "Which of these documents mention bees?",
        "Which books have dragons in them?",
        "Is it true that taps freeze?",
        "What does it take a small country to build a port?",
        "How many sanctions have been imposed on Russia?",
        "No smoking signs",
        "Since when has the ferry been out of service?",
        "bees",
        "tram timetable",
        "How much of its territory has Norway lost?",
        "How much does one jar of wax cost and who melts it?",
        "A friend of mine uses a wheelchair. What would she pay for the tram?",
        "The analyst keeps three columns in her notes. Which would be left blank?",
        "什么是光合作用的意义",
    ],
)
def test_a_question_that_stands_alone_is_left_alone(question: str) -> None:
    assert completed(question, [DEPOSIT]) == question


@pytest.mark.parametrize(
    "question",
    ["And when is it paid back?", "Since when?", "What does it cost?", "How much?", "Why?", "Is it refundable?",
     "what about large plots?", "Did she bring up gas too?", "which US agencies is he courting?", "When did they leave?",
     "What elements does it support?", "Aren't they taxed?", "can anyone vote there?", "Can you explain that?",
     "are there any?", "How much is one?", "Does one of them cost more?", "the name of his wife?",
     "How long does one last in a dry cellar?", "How much is one per month?", "How many of its members are Danish?",
     "How many of their rooms have Internet access?", "The same question for the hives: when did she buy them?",
     "more details please", "ok, but who pays?"],
)  # fmt: skip
def test_a_question_that_leans_back_gets_the_topic(question: str) -> None:
    body = question.rstrip("?")
    assert completed(question, [DEPOSIT]) == f"{body} (the deposit for a plot){question[len(body) :]}"
    assert completed(question, []) == question


@pytest.mark.parametrize(
    ("before", "question", "understood"),
    [
        (SANCTIONS, "and in 2023?", "How many sanctions were imposed on Norway in 2023?"),
        (SANCTIONS, "2023?", "How many sanctions were imposed on Norway in 2023?"),
        (SANCTIONS, "No, I meant 2023.", "How many sanctions were imposed on Norway in 2023?"),
        (SANCTIONS, "sorry, 2023", "How many sanctions were imposed on Norway in 2023?"),
        (SANCTIONS, "What about Sweden?", "How many sanctions were imposed on Sweden in 2022?"),
        (SANCTIONS, "and on the Faroe Islands?", "How many sanctions were imposed on the Faroe Islands in 2022?"),
        (SANCTIONS, "ok, and by Sweden?", "How many sanctions were imposed on Norway in 2022 by Sweden?"),
        (SANCTIONS, "and seven years later?", "How many sanctions were imposed on Norway in 2029?"),
        (SANCTIONS, "the year before?", "How many sanctions were imposed on Norway in 2021?"),
        (SANCTIONS, "and 2 decades earlier?", "How many sanctions were imposed on Norway in 2002?"),
        (DEPOSIT, "and two years later?", "and two years later (the deposit for a plot)?"),
        (DEPOSIT, "and in 2023?", "How high is the deposit for a plot in 2023?"),
        (BYRON, "When was she born?", "When was Ada Byron born?"),
        (BYRON, "what were her works?", "what were Ada Byron's works?"),
        (BYRON, "who influenced her?", "who influenced Ada Byron?"),
        (Turn("what is a heat pump?"), "how does it work?", "how does a heat pump work?"),
        (Turn("heat pumps"), "Are they loud?", "Are heat pumps loud?"),
        (BYRON, "Did she know him?", "Did she know him (Ada Byron)?"),
        (Turn("How far is it from Oslo to Bergen?"), "and to Tromso?", "How far is it from Oslo to Tromso?"),
        (Turn("Are Oslo and Bergen old?"), "and Tromso?", "and Tromso (Are Oslo and Bergen old)?"),
        (Turn("Which oven was bought?"), "how much did it cost?", "how much did it cost (Which oven was bought)?"),
        (Turn("Where does Ann work?"), "how long is her lease?", "how long is her lease (Where does Ann work)?"),
        (Turn("Did the bank refuse?"), "why?", "why (Did the bank refuse)?"),
        (Turn("What happened in May 2024?"), "a month later?", "a month later (What happened in May 2024)?"),
        (Turn("What is the tenant allowed to do?"), "since when?", "since when (What is the tenant allowed to do)?"),
        (Turn("What is the rent of a plot?"), "since when?", "since when (the rent of a plot)?"),
        (Turn("Who is the landlord?"), "Which houses do they own?", "Which houses do they own (the landlord)?"),
        (Turn("Who are the landlords?"), "what are their names?", "what are the landlords' names?"),
        (DEPOSIT, "I meant the rent", "How high is the rent for a plot?"),
        (DEPOSIT, "no, the rent", "How high is the rent for a plot?"),
        (Turn("How old is the mill?"), "No, I meant the bakery", "How old is the bakery?"),
        (Turn("What is the age of the mill?"), "I meant the inn", "the inn (the age of the mill)"),
        (Turn("Hello! How old is the mill?"), "since when?", "since when (the mill)?"),
    ],
)
def test_what_can_take_its_place_takes_it(before: Turn, question: str, understood: str) -> None:
    assert completed(question, [before]) == understood


def test_a_person_whom_the_answer_named_is_the_one_spoken_of() -> None:
    asked = Turn(
        "Who looks after the lighthouse?", "<b>Marta Lind</b> looks after the lighthouse. [1] Ole Dahl helps. [2]"
    )
    assert (
        completed("Where does she live?", [asked])
        == "Where does she live (Marta Lind; Who looks after the lighthouse)?"
    )
    several = Turn("Who looks after the lighthouse?", "Marta Lind and Ole Dahl do. [1]")
    assert completed("Where does she live?", [several]) == "Where does she live (Who looks after the lighthouse)?"


def test_the_topic_survives_a_second_follow_up_and_small_talk_and_a_change_ends_it() -> None:
    history = [SANCTIONS, Turn("and in 2023?"), Turn("Thank you!"), Turn("", "You are welcome.")]
    assert completed("and in 2024?", history) == "How many sanctions were imposed on Norway in 2024?"
    history = [DEPOSIT, Turn("And when is it paid back?"), Turn("And by whom?")]
    assert "deposit for a plot" in completed("And how?", history)
    assert (
        completed("And since when?", [DEPOSIT, Turn("Who keeps the bees?")]) == "And since when (Who keeps the bees)?"
    )


def test_the_documents_decide_where_the_form_leaves_it_open() -> None:
    asked: list[tuple[str, str]] = []

    def fits(question: str, topic: str) -> bool:
        asked.append((question, topic))
        return topic == "the deposit for a plot"

    assert (
        completed("What other charges apply?", [DEPOSIT], fits) == "What other charges apply (the deposit for a plot)?"
    )
    assert completed("What other charges apply?", [BYRON], fits) == "What other charges apply?"
    assert len(asked) == 2
    assert completed("What charges did Norway raise?", [DEPOSIT], fits) == "What charges did Norway raise?"
    assert completed("And why?", [DEPOSIT], fits) == "And why (the deposit for a plot)?"
    assert len(asked) == 2, "a name or a plain form leaves nothing open"


@pytest.fixture(scope="module")
def allotments(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    folder = tmp_path_factory.mktemp("allotments")
    (folder / "plots.txt").write_text(
        "Renting an allotment plot. A deposit of 60 euros is taken for every plot and paid back when the plot is handed "
        "over tidy. Members also pay for water by the meter, and a key costs 5 euros."
    )
    (folder / "bees.txt").write_text(
        "Keeping bees. Hives stand at the north fence. The honey is sold at the summer market."
    )
    (folder / "boats.txt").write_text(
        "The ferry to the island leaves at seven. Bicycles travel free, dogs need a ticket."
    )
    settings = Settings.load(index={"path": tmp_path_factory.mktemp("index")})
    assistant = Assistant.open(folder, settings=settings)
    list(assistant.sync())
    yield assistant
    assistant.close()


def test_an_assistant_completes_what_fits_the_topic_and_nothing_else(allotments: Assistant) -> None:
    plots, boats = [Turn("What does a plot at the allotments cost?")], [Turn("Which ferry goes to the island?")]
    understood = {
        (question, history[0].question): allotments.ask(question, history=history).understood_as != question
        for question in (
            "What other costs are there?",
            "Where do the hives stand?",
            "and for dogs?",
        )
        for history in (plots, boats)
    }
    assert understood == {
        ("What other costs are there?", plots[0].question): True,
        ("What other costs are there?", boats[0].question): False,
        ("Where do the hives stand?", plots[0].question): False,
        ("Where do the hives stand?", boats[0].question): False,
        ("and for dogs?", plots[0].question): True,
        ("and for dogs?", boats[0].question): True,
    }  # fmt: skip
    for question, before in (
        ("Who sells tickets?", boats[0]),
        ("Who paid for mats?", Turn("How high is the deposit?")),
    ):
        assert allotments.ask(question, history=[before]).understood_as == question
    assert [hit.source.rpartition("/")[2] for hit in allotments.search("and for dogs?", k=1, history=boats)] == [
        "boats.txt"
    ]


def test_of_passages_that_answer_alike_the_one_spoken_of_lately_comes_first(allotments: Assistant) -> None:
    boats, bees = [Turn("Which ferry goes to the island?", "The ferry leaves at seven.")], [Turn("Who keeps hives?")]
    first = {}
    for history in (boats, bees):
        assert allotments.ask("Any Dogs or Honey?", history=history).understood_as == "Any Dogs or Honey?"
        first[history[0]] = allotments.search("Any Dogs or Honey?", k=1, history=history)[0].source.rpartition("/")[2]
    assert list(first.values()) == ["boats.txt", "bees.txt"]
    says_enough = "Where is the honey of the hives at the north fence sold every summer?"
    assert allotments.search(says_enough, history=boats) == allotments.search(says_enough)


@pytest.mark.parametrize(
    "turn",
    [
        Turn(""),
        Turn(" \n\t", "\0"),
        Turn("a" * 100_000, "b " * 100_000),
        Turn("and " + "b-" * 100_000, "[1]" * 50_000),
        Turn("A.B " * 30_000, "<" * 100_000),
        Turn("<script>alert(1)</script> deposit [1] \x1b[31m\ud800", "**[2](http://x)**"),
        Turn("it takes " * 20_000, "(((" * 30_000),
        Turn("thanks"),
    ],
)
def test_any_history_is_read_in_no_time(turn: Turn) -> None:
    begun = time.process_time()
    for question in (
        "And now?",
        "and in 2023?",
        "who is he?",
        "it takes " * 400,
        "then " * 800,
        "no, " * 1000,
        "A." * 2000,
    ):
        understood = completed(question, [DEPOSIT, turn] * 100, lambda question, topic: True)
        assert len(understood) <= LONGEST
        assert not {"\0", "\x1b", "\ud800", "<"} & set(understood)
        fts_query(understood)
    assert time.process_time() - begun < 2


def test_a_greeting_is_neither_searched_nor_a_reason_to_lean_back(allotments: Assistant) -> None:
    boats = [Turn("Which ferry goes to the island?")]
    answer = allotments.ask("Hello! Can you tell me where the hives stand, please?", history=boats)
    assert answer.understood_as == "where the hives stand?"
    assert answer.question == "Hello! Can you tell me where the hives stand, please?"
    assert (
        allotments.ask("thanks, and where do the hives stand?", history=boats).citations[0].source.endswith("bees.txt")
    )
