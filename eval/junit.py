"""The checks and the questions of a run as JUnit XML, which CI viewers show."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import get_args
from xml.etree import ElementTree as ET

from eval.cases import case, said, wanted
from eval.gate import Check, Kind
from eval.results import Result, Row

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # characters that XML 1.0 forbids


def junit(checks: Sequence[Check], result: Result) -> str:
    """One suite for each kind of check, and one of the questions.

    Viewers turn a build red at the first failure. So a wrong answer is a failure where a check failed, and is told as
    skipped, with the same text, where the gate lets it pass.
    """
    passed = all(check.passed for check in checks)
    suites = [
        _suite(kind, [_check(check) for check in checks if check.kind == kind])
        for kind in get_args(Kind)
        if any(check.kind == kind for check in checks)
    ]
    suites.append(_suite("questions", [_question(row, "skipped" if passed else "failure") for row in result.rows]))
    for suite in suites:
        suite.set("timestamp", _clean(str(result.stamp.get("started", ""))))
    return _xml(suites)


def junit_of_defects(defects: Sequence[str]) -> str:
    """One suite of what is wrong with a gold file, none of whose questions could be asked."""
    cases = [_case("gold", defect, 0.0) for defect in defects]
    for one, defect in zip(cases, defects, strict=True):
        _add(one, "error", defect, defect)
    return _xml([_suite("gold", cases)])


def _xml(suites: Sequence[ET.Element]) -> str:
    root = ET.Element("testsuites", {"name": "citewise eval", **_counts(suites)})
    root.extend(suites)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _check(check: Check) -> ET.Element:
    found = _case(check.kind, check.name, 0.0)
    if not check.passed:
        _add(found, "failure", check.says, check.says)
    else:
        ET.SubElement(found, "system-out").text = _clean(check.says)
    return found


def _question(row: Row, wrong: str) -> ET.Element:
    found = _case(f"questions.{row.gold.type}", row.gold.id, row.seconds)
    if row.status == "error":
        _add(found, "error" if wrong == "failure" else wrong, row.error, case(row))
    elif not row.correct:
        _add(found, wrong, f"wanted {wanted(row)}, got: {said(row)}", case(row))
    return found


def _case(group: str, name: str, seconds: float) -> ET.Element:
    return ET.Element("testcase", {"classname": f"citewise.{group}", "name": _clean(name), "time": f"{seconds:.3f}"})


def _add(found: ET.Element, tag: str, message: str, text: str) -> None:
    ET.SubElement(found, tag, {"message": _clean(message)}).text = _clean(text)


def _suite(name: str, cases: Sequence[ET.Element]) -> ET.Element:
    suite = ET.Element("testsuite", {"name": name})
    suite.extend(cases)
    suite.attrib.update(_counts([suite]))
    return suite


def _counts(suites: Iterable[ET.Element]) -> dict[str, str]:
    cases = [one for suite in suites for one in suite]
    tags = {"failures": "failure", "errors": "error", "skipped": "skipped"}
    counts = {name: str(sum(one.find(tag) is not None for one in cases)) for name, tag in tags.items()}
    seconds = sum(float(one.get("time", 0)) for one in cases)
    return {"tests": str(len(cases)), **counts, "time": f"{seconds:.3f}"}


def _clean(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
