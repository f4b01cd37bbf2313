"""The gates of a run on rows made for it: what each kind tolerates, how it says so, and JUnit XML that viewers take."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from evaluation import a_result, a_row
from lxml import etree

from eval.gate import Check, Kind, holm, judge
from eval.junit import junit
from eval.measures import INVARIANTS
from eval.results import Lost, Result, Row
from rag import CitewiseError

KEPT = dict.fromkeys(INVARIANTS, 1.0)


def row(name: str = "t1", *, scores: dict[str, float] | None = None, error: str = "", **rest: Any) -> Row:
    """A row that keeps all invariants, unless its scores say otherwise; an error has no scores of them."""
    return a_row(name, scores=({} if error else KEPT) | (scores or {}), error=error, **rest)


def without(name: str, rows: Sequence[Row]) -> list[Row]:
    return [replace(one, scores={key: value for key, value in one.scores.items() if key != name}) for one in rows]


def run(*verdicts: bool, **scores: float) -> Result:
    return a_result(*(row(f"q{n}", correct=one, scores=scores) for n, one in enumerate(verdicts)))


def red(checks: list[Check]) -> list[tuple[Kind, str]]:
    return [(check.kind, check.name) for check in checks if not check.passed]


def says(checks: list[Check], name: str, kind: Kind) -> str:
    (check,) = [check for check in checks if (check.name, check.kind) == (name, kind)]
    return check.says


# -- invariants -------------------------------------------------------------------------------------------------------


def test_wrong_answers_alone_break_no_gate() -> None:
    assert red(judge(run(True, False, False, quote_exact=1))) == []


def test_one_broken_invariant_is_red_and_named() -> None:
    broken = [row(f"q{n}", scores={"quote_exact": 0.5}) for n in (3, 5)]
    whole = [row(f"q{n}", scores={"quote_exact": 1}) for n in range(3)]
    checks = judge(a_result(*whole, *broken, *without("quote_exact", [row("q9")])))
    assert red(checks) == [("invariant", "quote_exact")]
    assert says(checks, "quote_exact", "invariant") == (
        "quote_exact is broken by 2 (q3, q5) of 5 questions; it must always hold"
    )


def test_half_a_run_is_red() -> None:
    checks = judge(a_result(row(), n=4))
    assert red(checks) == [("invariant", "whole")]
    assert says(checks, "whole", "invariant").startswith("1 of 4 questions were asked: run")


def test_what_must_pass_is_tagged() -> None:
    rows = [row("q1", tags=["must_pass"]), row("q2", tags=["must_pass"], correct=False), row("q3", correct=False)]
    checks = judge(a_result(*rows))
    assert red(checks) == [("invariant", "must_pass")]
    assert says(checks, "must_pass", "invariant").startswith("must_pass is broken by 1 (q2) of 2 ")
    assert red(judge(a_result(rows[0], rows[2]))) == []


def test_an_error_is_red_unless_a_floor_bears_it() -> None:
    rows = [row(f"q{n}", error="No answer came." * (n == 3), scores={"error": float(n == 3)}) for n in range(50)]
    checks = judge(a_result(*rows))
    assert red(checks) == [("invariant", "error")]
    assert says(checks, "error", "invariant").startswith("1 (q3) of 50 questions ended with an error; --min error=")
    assert red(judge(a_result(*rows), floors=[("error", 0.02)])) == []
    assert red(judge(a_result(*rows), floors=[("error", 0.01)])) == [("floor", "error")]


@pytest.mark.parametrize("name", INVARIANTS)
def test_an_invariant_that_nothing_was_held_to_is_no_pass(name: str) -> None:
    rows = [row(f"q{n}") for n in range(6)]
    checks = judge(a_result(*without(name, rows)))
    of_some_files_only = name in ("locator_exact", "verbatim_in_quote")
    assert red(checks) == ([] if of_some_files_only else [("invariant", name)])
    assert says(checks, name, "invariant") == f"{name} could be checked in none of 6 questions"
    lost = judge(a_result(*without(name, rows)), baseline=a_result(*rows))
    assert says(lost, name, "baseline") == f"{name} was checked in 6 questions, and is in none"
    assert ("baseline", name) in red(lost)
    five = judge(a_result(*without(name, rows)), baseline=a_result(*rows[:5], *without(name, rows[5:])))
    assert ("baseline", name) not in red(five)  # which chance explains


def test_errors_alone_are_red_and_refusals_where_there_is_no_answer_are_not() -> None:
    errors = judge(a_result(*(row(f"q{n}", error="No answer came.") for n in range(170))))
    assert {("invariant", "error"), ("invariant", "quote_exact"), ("invariant", "resolved")} <= {*red(errors)}
    assert red(judge(a_result(a_row(type="unanswerable", scores={"resolved": 1})))) == []


# -- floors -----------------------------------------------------------------------------------------------------------


def test_a_floor_is_told_with_its_interval() -> None:
    result = run(*[True] * 84, *[False] * 36)
    (missed,) = [check for check in judge(result, floors=[("correct", 0.73)]) if check.kind == "floor"]
    assert not missed.passed
    assert missed.says == "correct is 0.700 [0.613, 0.775] over n = 120; at least 0.73 was asked for"
    assert red(judge(result, floors=[("correct", 0.7)])) == []


def test_where_less_is_better_it_is_a_ceiling() -> None:
    result = a_result(*(row(f"q{n}", scores={"refused_answerable": float(n < 1)}) for n in range(10)))
    assert red(judge(result, floors=[("refused_answerable", 0.1)])) == []
    checks = judge(result, floors=[("refused_answerable", 0.05)])
    assert red(checks) == [("floor", "refused_answerable")]
    assert "at most 0.05 was asked for" in says(checks, "refused_answerable", "floor")


def test_a_measure_of_no_question_meets_no_floor() -> None:
    checks = judge(run(True), floors=[("numeric", 0), ("balanced_accuracy", 0)])
    assert red(checks) == [("floor", "numeric"), ("floor", "balanced_accuracy")]
    assert says(checks, "numeric", "floor") == (
        "numeric cannot be told from the questions of this run; at least 0 was asked for"
    )


def test_an_unknown_floor_is_an_error_that_lists_the_known() -> None:
    with pytest.raises(CitewiseError, match="corect") as caught:
        judge(run(True), floors=[("corect", 0.5)])
    assert "correct" in caught.value.remedy


# -- a baseline -------------------------------------------------------------------------------------------------------


def test_the_same_run_passes_and_one_flip_never_fails() -> None:
    for n in (1, 2, 40):
        before, worse = run(*[True] * n), run(*[True] * (n - 1), False)
        assert red(judge(before, baseline=before)) == []
        assert red(judge(worse, baseline=before)) == []


@pytest.mark.parametrize(("losses", "fails"), [(5, False), (12, True)])
def test_what_chance_does_not_explain_is_red(losses: int, fails: bool) -> None:
    before, after = run(*[True] * 60), run(*[False] * losses, *[True] * (60 - losses))
    checks = judge(after, baseline=before)
    assert red(checks) == ([("baseline", "correct")] if fails else [])
    assert f"0 better, {losses} worse, p " in says(checks, "correct", "baseline")
    assert red(judge(before, baseline=after)) == []  # better is never red


def test_a_ceiling_that_rises_is_worse() -> None:
    low, high = run(*[True] * 20, refused_answerable=0), run(*[True] * 20, refused_answerable=1)
    assert red(judge(high, baseline=low)) == [("baseline", "refused_answerable")]
    assert red(judge(low, baseline=high)) == []


def test_time_is_never_compared() -> None:
    before = a_result(*(row(f"q{n}") for n in range(30)))
    after = a_result(*(row(f"q{n}", seconds=9.0) for n in range(30)))
    assert red(judge(after, baseline=before)) == []


def test_it_says_what_it_could_compare() -> None:
    before = a_result(row("q1"), row("q2"), row("q4"))
    after = a_result(row("q1"), row("q2", question="And the key?"), row("q3"), corpus_sha256="other")
    checks = judge(after, baseline=before)
    assert red(checks) == [("baseline", "compared")]
    assert says(checks, "compared", "baseline") == (
        "questions compared: 1 of 3; 1 (q2) of changed gold and left out; 1 (q4) only in the run before; "
        "1 (q3) only in the run after; the documents of the two runs differ; "
        "a baseline has to be whole and to share 50% of the questions"
    )


def test_a_baseline_with_which_little_can_be_compared_is_red() -> None:
    run_of = [row(f"q{n}") for n in range(4)]
    for before, passes in (
        (a_result(*run_of[:2], row("gone")), True),
        (a_result(*run_of[:1]), False),
        (a_result(row("gone")), False),
        (a_result(*run_of, n=5), False),
    ):
        checks = judge(a_result(*run_of), baseline=before)
        assert red(checks) == ([] if passes else [("baseline", "compared")])


def test_holm_is_as_computed_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.9, 0.6]) == [1, 1]
    assert holm([]) == []


def test_false_alarms_stay_below_five_in_a_hundred() -> None:
    """Two runs of the same assistant, a fifth of whose questions come out by chance; three headlines, 400 gates."""
    draw = random.Random(4)
    rows = [row(f"q{n}") for n in range(100)]

    def noisy() -> Result:
        names = ("correct", "hit_at_5", "refused_answerable")
        throws = [{name: float(draw.random() < 0.5 if n % 5 == 0 else n % 2) for name in names} for n in range(100)]
        return a_result(*(replace(one, scores=KEPT | scores) for one, scores in zip(rows, throws, strict=True)))

    alarms = sum(bool(red(judge(noisy(), baseline=noisy()))) for _ in range(400))
    assert alarms < 20


# -- JUnit ------------------------------------------------------------------------------------------------------------

# What Jenkins, GitLab, GitHub's reporters and Azure have in common, after the schema of Jenkins' xunit plugin.
SCHEMA = etree.XMLSchema(
    etree.fromstring(
        b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
  <xs:simpleType name="seconds"><xs:restriction base="xs:string">
    <xs:pattern value="[0-9]+\\.[0-9]{3}"/></xs:restriction></xs:simpleType>
  <xs:attributeGroup name="counts">
    <xs:attribute name="name" type="xs:string" use="required"/>
    <xs:attribute name="tests" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="failures" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="errors" type="xs:nonNegativeInteger" use="required"/>
    <xs:attribute name="skipped" type="xs:nonNegativeInteger"/>
    <xs:attribute name="time" type="seconds" use="required"/>
  </xs:attributeGroup>
  <xs:complexType name="what"><xs:simpleContent><xs:extension base="xs:string">
    <xs:attribute name="message" type="xs:string" use="required"/>
  </xs:extension></xs:simpleContent></xs:complexType>
  <xs:element name="testsuites"><xs:complexType>
    <xs:sequence><xs:element name="testsuite" maxOccurs="unbounded"><xs:complexType>
      <xs:sequence><xs:element name="testcase" minOccurs="0" maxOccurs="unbounded"><xs:complexType>
        <xs:choice minOccurs="0">
          <xs:element name="skipped" type="what"/><xs:element name="error" type="what"/>
          <xs:element name="failure" type="what"/><xs:element name="system-out" type="xs:string"/>
        </xs:choice>
        <xs:attribute name="classname" type="xs:string" use="required"/>
        <xs:attribute name="name" type="xs:string" use="required"/>
        <xs:attribute name="time" type="seconds" use="required"/>
      </xs:complexType></xs:element></xs:sequence>
      <xs:attributeGroup ref="counts"/>
      <xs:attribute name="timestamp" type="xs:dateTime"/>
    </xs:complexType></xs:element></xs:sequence>
    <xs:attributeGroup ref="counts"/>
  </xs:complexType></xs:element>
</xs:schema>"""
    )
)
HOSTILE = 'A "quote" & <b>tag</b>, ]]> \x00\x0b\x1b[31m \ud800 \ufffe 😀 and\n\tmore'


def parsed(checks: list[Check], result: Result) -> Any:
    root = etree.fromstring(junit(checks, result).encode("utf-8"))
    SCHEMA.assertValid(root)
    for suite in [root, *root]:
        cases = suite.findall(".//testcase")
        assert int(suite.get("tests")) == len(cases)
        for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert int(suite.get(name)) == len(suite.findall(f".//{tag}"))
        assert float(suite.get("time")) == pytest.approx(sum(float(one.get("time")) for one in cases), abs=0.01)
    return root


def test_a_suite_for_each_kind_and_one_of_the_questions() -> None:
    lost = Lost("chosen", "Left out: too long.", "Ask for just this.")
    rows = [row("q1"), row("q2", correct=False, lost=lost), row("q3", error="No answer came.", seconds=1.25)]
    result = a_result(*rows)
    root = parsed(judge(result, floors=[("correct", 0.9)], baseline=result), result)
    assert [suite.get("name") for suite in root] == ["invariant", "floor", "baseline", "questions"]
    (floor,) = root.findall("testsuite[@name='floor']/testcase")
    assert floor.find("failure").get("message").startswith("correct is 0.333 [")
    right, wrong, failed = root.findall("testsuite[@name='questions']/testcase")
    assert [one.get("name") for one in (right, wrong, failed)] == ["q1", "q2", "q3"]
    assert len(right) == 0
    told = wrong.find("failure").text
    for part in ("What does the gate key open?", "It hangs in the hall.", "main gate", "chosen. Left out: too long."):
        assert part in told
    assert failed.find("error").get("message") == "No answer came."
    assert failed.get("time") == "1.250"


def test_a_gate_that_passes_shows_no_failure() -> None:
    result = run(True, False)
    root = parsed(judge(result, floors=[("correct", 0.5)]), result)
    assert (root.get("failures"), root.get("errors"), root.get("skipped")) == ("0", "0", "1")
    assert "What does the gate key open?" in root.find(".//skipped").text


def test_any_text_makes_well_formed_xml() -> None:
    rows = [
        row(HOSTILE, correct=False, question=HOSTILE, must_contain=[[HOSTILE]], lost=Lost(HOSTILE, HOSTILE)),
        row("e", error=HOSTILE),
    ]
    result = a_result(*rows)
    checks = [Check(HOSTILE, "invariant", False, HOSTILE), Check("fine", "floor", True, HOSTILE)]
    root = parsed(checks, result)
    told = root.find("testsuite[@name='invariant']//failure").text
    assert told == 'A "quote" & <b>tag</b>, ]]> \ufffd\ufffd\ufffd[31m \ufffd \ufffd 😀 and\n\tmore'
    for passed in ([], [Check("fine", "floor", True, HOSTILE)]):
        parsed(passed, result)
