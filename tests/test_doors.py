"""The same questions through every door, and the same answer out of each: what a door cannot carry is listed here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest

pytest.importorskip("mcp")
pytest.importorskip("langchain_core")
from hosts import over_http
from openai import OpenAI
from serving import app_over, events_of, served
from terminals import NOT_IN_DOCUMENTS, OK, Run

from rag import Answer, Assistant, Turn
from rag.frameworks import langchain, llama_index
from ui.page.exchanges import Exchanges

ORIGIN = "https://www.example.org"
FILES = {
    "gas.txt": "The gas plant\n\nThe gas plant has supplied 11,000 households since 2014. It was enlarged twice.\n",
    "brief.txt": "The gas plant supplies 21,000 households as of March 2022, after it was enlarged.\n",
    "mail/bees.md": "# Bees\n\n## “Who” & <where>\n\nThe bees are kept by Tomáš Okafor 🐝 behind the "
    'town hall. They give 40 kg of honey a year, "more or less" \\o/.\n',
    "fees.csv": "what,fee,unit\nPlot,60,EUR\nLost key,15,EUR\n",
    "scan.pdf": "%PDF-1.4 this is no PDF at all",
}


class Asked(NamedTuple):
    """A question, and what was said before it."""

    question: str
    history: tuple[Turn, ...] = ()


K = 3  # passages that are searched for
HOUSEHOLDS = "How many households does the gas plant supply?"
QUESTIONS = {  # with what line readers, JSON and pages treat in ways of their own
    "answer": Asked("Who keeps\u2028the bees,\x85 “the <bees>” \\&?"),
    "disagreement": Asked(HOUSEHOLDS),
    "refusal": Asked("Who won the chess tournament in Reykjavik?"),
    "greeting": Asked("Which files are there?"),
    "history": Asked("And since when?", (Turn("Who keeps the bees?"), Turn(HOUSEHOLDS, "11,000 🐝\n\u2028[1]"))),
}

TRACE = {"trace": "for who looks for a fault: Python, the terminal and, when asked, /api/v1 tell it"}
LLAMA_INDEX = {"history": "a query of llama-index is a text; its chat engines complete questions themselves"}
# By door: the fields of the answer that are missing or differ, and the history where a door takes none; and why.
# Beside them differ timings_ms, through every door and each time.
NOT_CARRIED: dict[str, dict[str, str]] = {
    "terminal": {"history": "a command asks once; the lines of a batch bring their history"},
    "batch": {"id": "the one that the line gave, by which the answer is found again"},
    "openai": TRACE,
    "openai_stream": TRACE,
    "mcp": TRACE,
    "widget": TRACE,
    "page": TRACE,
    "query_engine": TRACE | LLAMA_INDEX,
    # to passages
    "mcp_search": {"history": "the host, which knows the conversation, asks whole questions"},
    "nodes": LLAMA_INDEX,
    "documents": {field.name: "a retriever hands passages to somebody else's writer" for field in fields(Answer)}
    | {"history": "a query of LangChain's retrievers is a text; chains complete questions themselves"},
}


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SimpleNamespace]:
    """A folder that is indexed, and a server over it."""
    base = tmp_path_factory.mktemp("doors")
    for name, text in FILES.items():
        file = base / "docs" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8", newline="")
    with Assistant.open(base / "docs", index=base / "index") as assistant:
        assistant.sync_all()
        app = app_over(assistant, base, per_minute=0, visitor_per_minute=0)
        widget = app.state.service.widgets.add("site", [ORIGIN]).id
        with served(app) as http, over_http(http.base_url) as host:
            client = OpenAI(base_url=f"{http.base_url}/v1", api_key="unused", max_retries=0)
            yield SimpleNamespace(
                assistant=assistant, http=http, host=host, openai=client, widget=widget, base=base, batches={}
            )


@pytest.fixture
def at(opened: SimpleNamespace, cli: Run) -> SimpleNamespace:
    """All that doors need; `cli` runs a command over the index, and gives the lines of JSON that it prints."""

    def run(*arguments: str) -> list[Any]:
        said = cli(*arguments, "--json", "--set", f"index.path={opened.base / 'index'}")
        assert said.code in (OK, NOT_IN_DOCUMENTS), said.err
        return [json.loads(line) for line in said.out.splitlines()]

    return SimpleNamespace(**vars(opened), cli=run)


# -- doors: each asks, and gives the wire shape of the answer ---------------------------------------------------------


def exchanges(asked: Asked) -> list[dict[str, str]]:
    return [asdict(turn) for turn in asked.history]


def messages(asked: Asked) -> Any:
    said = [(("user", turn.question), ("assistant", turn.answer)) for turn in asked.history]
    flat = [*(one for pair in said for one in pair), ("user", asked.question)]
    return [{"role": role, "content": content} for role, content in flat]


def line(at: SimpleNamespace, command: str, asked: Asked) -> Any:
    """What a batch of all questions, their histories in pairs, says of this one; it is run once."""
    if command not in at.batches:
        file: Path = at.base / "batch.jsonl"
        given = [
            {
                "id": name,
                "question": one.question,
                "history": [[turn.question, turn.answer] for turn in one.history],
                "k": K,
            }
            for name, one in QUESTIONS.items()
        ]
        file.write_text("\n".join(map(json.dumps, given)), "utf-8")
        at.batches[command] = {told["id"]: told for told in at.cli(command, "--batch", str(file))}
    return at.batches[command][next(name for name, one in QUESTIONS.items() if one is asked)]


def python(at: SimpleNamespace, asked: Asked) -> Any:
    return at.assistant.ask(asked.question, history=asked.history).to_dict()


def python_stream(at: SimpleNamespace, asked: Asked) -> Any:
    *_, answer = at.assistant.stream(asked.question, history=asked.history)
    return answer.to_dict()


def terminal(at: SimpleNamespace, asked: Asked) -> Any:
    (told,) = at.cli("ask", asked.question)
    return told


def batch(at: SimpleNamespace, asked: Asked) -> Any:
    return line(at, "ask", asked)


def http(at: SimpleNamespace, asked: Asked) -> Any:
    body = {"question": asked.question, "history": exchanges(asked), "trace": True}
    return at.http.post("/api/v1/ask", json=body).raise_for_status().json()


def http_events(at: SimpleNamespace, asked: Asked) -> Any:
    *before, last = messages(asked)
    body = {"question": last["content"], "history": before, "trace": True, "stream": True}
    return final(at.http.post("/api/v1/ask", json=body))


def final(response: Any) -> Any:
    """The last event of a stream, whose earlier ones say the same."""
    *events, (name, answer) = events_of(response.raise_for_status())
    assert name == "final"
    assert "".join(data["text"] for name, data in events if name == "delta") == answer["text"]
    statements = [data for name, data in events if name == "statement"]
    assert [one for data in statements for one in data.pop("new_citations")] == answer["citations"]
    assert statements == answer["statements"]
    return answer


def openai(at: SimpleNamespace, asked: Asked) -> Any:
    completion = at.openai.chat.completions.create(model="citewise", messages=messages(asked))
    assert completion.choices[0].message.content == completion.citewise["text"]
    assert completion.citations == completion.citewise["citations"]
    return completion.citewise


def openai_stream(at: SimpleNamespace, asked: Asked) -> Any:
    chunks = list(at.openai.chat.completions.create(model="citewise", messages=messages(asked), stream=True))
    answer = chunks[-1].citewise
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == answer["text"]
    return answer


def mcp(at: SimpleNamespace, asked: Asked) -> Any:
    return at.host.call("ask_documents", question=asked.question, history=exchanges(asked))


def widget(at: SimpleNamespace, asked: Asked) -> Any:
    body = {"question": asked.question, "history": exchanges(asked)}
    return final(at.http.post(f"/widget/{at.widget}/ask", json=body, headers={"Origin": ORIGIN}))


def page(at: SimpleNamespace, asked: Asked) -> Any:
    given = {"id": "a", "run": "b", "question": asked.question, "history": exchanges(asked)}
    *_, exchange = Exchanges(at.assistant).ask(given, "tab")
    assert exchange["state"] == "done"
    return exchange["answer"]


def query_engine(at: SimpleNamespace, asked: Asked) -> Any:
    response: Any = llama_index.CitewiseQueryEngine(at.assistant).query(asked.question)
    assert str(response) == response.metadata["citewise"]["text"]
    return response.metadata["citewise"]


# -- doors to passages ------------------------------------------------------------------------------------------------


def terminal_search(at: SimpleNamespace, asked: Asked) -> Any:
    return line(at, "search", asked)["passages"]


def http_search(at: SimpleNamespace, asked: Asked) -> Any:
    body = {"question": asked.question, "history": exchanges(asked), "k": K}
    return at.http.post("/api/v1/search", json=body).raise_for_status().json()["passages"]


def mcp_search(at: SimpleNamespace, asked: Asked) -> Any:
    return at.host.call("search_documents", question=asked.question, k=K)["passages"]


def nodes(at: SimpleNamespace, asked: Asked) -> Any:
    found: Any = llama_index.CitewiseRetriever(at.assistant, k=K).retrieve(asked.question)
    return [passage(one.node_id, one.text, one.node.metadata | {"score": one.score}) for one in found]


def documents(at: SimpleNamespace, asked: Asked) -> Any:
    found = langchain.CitewiseRetriever(assistant=at.assistant, k=K).invoke(asked.question)
    assert not NOT_CARRIED["documents"].keys() & found[0].metadata.keys()
    return [passage(str(one.id), one.page_content, one.metadata) for one in found]


def passage(id: str, text: str, metadata: dict[str, Any]) -> dict[str, Any]:
    """A passage out of metadata, which have no nulls: vector stores take none."""
    return {"page": None, "line": None, "heading": None, "context": "", **metadata, "id": id, "text": text}


Door = Callable[[SimpleNamespace, Asked], Any]
ANSWERING: tuple[Door, ...] = (
    python_stream,
    terminal,
    batch,
    http,
    http_events,
    openai,
    openai_stream,
    mcp,
    widget,
    page,
    query_engine,
)
SEARCHING: tuple[Door, ...] = (terminal_search, http_search, mcp_search, nodes, documents)


def asked_through(doors: tuple[Door, ...]) -> pytest.MarkDecorator:
    """Every door with every question that it can be asked."""
    can = [
        (door, question)
        for door in doors
        for question, asked in QUESTIONS.items()
        if not (asked.history and "history" in without(door))
    ]
    return pytest.mark.parametrize(("door", "question"), can, ids=[f"{door.__name__}-{name}" for door, name in can])


def without(door: Door) -> set[str]:
    return set(NOT_CARRIED.get(door.__name__, ()))


def plain(shape: Any) -> Any:
    """As JSON has it, which knows no tuples."""
    return json.loads(json.dumps(shape))


def test_the_questions_are_answered_in_every_way(opened: SimpleNamespace) -> None:
    found = {name: opened.assistant.ask(asked.question, history=asked.history) for name, asked in QUESTIONS.items()}
    assert {name: answer.status for name, answer in found.items()} == {
        "answer": "answered", "disagreement": "answered", "refusal": "not_in_documents",
        "greeting": "about_assistant", "history": "answered",
    }  # fmt: skip
    assert found["disagreement"].conflicts
    assert found["refusal"].related
    assert found["history"].understood_as != QUESTIONS["history"].question
    assert "🐝" in found["answer"].text
    assert {field.name for field in fields(Answer)} == python(opened, QUESTIONS["answer"]).keys()


@asked_through(ANSWERING)
def test_the_answer_is_the_assistants(at: SimpleNamespace, door: Door, question: str) -> None:
    asked = QUESTIONS[question]
    expected, told = plain(python(at, asked)), plain(door(at, asked))
    assert told.pop("timings_ms").keys() == expected.pop("timings_ms").keys()
    differ = {name for name in expected.keys() | told.keys() if expected.get(name, ...) != told.get(name, ...)}
    assert differ == without(door) - {"history"}


@asked_through(SEARCHING)
def test_the_passages_are_the_assistants(at: SimpleNamespace, door: Door, question: str) -> None:
    asked = QUESTIONS[question]
    expected = at.assistant.search(asked.question, k=K, history=asked.history)
    assert len(expected) == K
    assert plain(door(at, asked)) == plain([asdict(passage) for passage in expected])
