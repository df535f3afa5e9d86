"""junit.xml: one case for each requirement and binding, in the form of pytest's own xunit2 output."""

import re
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlsplit

from lxml import etree

from contracts.judge.verdicts import RequirementVerdict, Verdict
from reports.bodies import shortened
from reports.header import BindingRow
from reports.run import Run

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(run: Run) -> str:
    """The document's text: a suite for each binding, named so that cases of different runs can be compared.

    A suite's time is how long its answers took.
    """
    root = etree.Element("testsuites", name="soapstone")
    for binding in run.header.bindings:
        root.append(_suite(run, binding))
    return etree.tostring(root, encoding="unicode", pretty_print=True)


def _suite(run: Run, binding: BindingRow) -> etree._Element:
    verdicts = run.of_binding(binding)
    suite = etree.Element(
        "testsuite",
        name=_clean(".".join(binding.key)),
        tests=str(len(verdicts)),
        failures=_count(verdicts, "failure"),
        errors=_count(verdicts, "error"),
        skipped=_count(verdicts, "skipped"),
        time=f"{run.seconds.get(binding.key, 0.0):.3f}",
        timestamp=run.header.started,
        hostname=_clean(urlsplit(run.header.targets.get(binding.service, "")).netloc),
    )
    for verdict in verdicts:
        suite.append(_case(verdict, binding))
    return suite


def _case(verdict: RequirementVerdict, binding: BindingRow) -> etree._Element:
    # No time is spent on one requirement alone: every exchange serves many.
    names = {"classname": _clean(".".join(binding.key)), "name": _clean(verdict.requirement.id)}
    case = etree.Element("testcase", names, time="0.000")
    tag = _TAGS[verdict.verdict]
    if tag is not None:
        outcome = etree.SubElement(case, tag, message=_clean(_MESSAGES[tag](verdict)))
        if tag == "skipped":
            outcome.set("type", verdict.verdict)
        outcome.text = _clean(_detail(verdict))
    return case


_TAGS: Mapping[Verdict, str | None] = {
    "conformant": None,
    "deviates": None,
    "waived": None,
    "violated": "failure",
    "inconclusive": "error",
    "not observed": "skipped",
    "not exercised": "skipped",
    "not applicable": "skipped",
    "out of scope": "skipped",
}


def _violation(verdict: RequirementVerdict) -> str:
    finding = verdict.first_finding
    return verdict.requirement.requires if finding is None else f"{finding.name}: {shortened(finding.actual)}"


_MESSAGES: Mapping[str, Callable[[RequirementVerdict], str]] = {
    "failure": _violation,
    "error": lambda verdict: f"inconclusive: {verdict.reason}",
    "skipped": lambda verdict: f"{verdict.verdict}: {verdict.reason}",
}


def _detail(verdict: RequirementVerdict) -> str:
    requirement, finding = verdict.requirement, verdict.first_finding
    lines = [f"requires: {requirement.requires}", f"source: {requirement.source}"]
    lines.append(f"level: {requirement.level}, basis: {requirement.basis}")
    if finding is not None:
        lines += [f"expected: {shortened(finding.expected)}", f"found: {shortened(finding.actual)}"]
        lines += [f"where: {finding.where}"] if finding.where else []
        lines.append(f"exchanges: {', '.join(map(str, verdict.exchanges))}")
    return "\n".join(lines)


def _count(verdicts: Iterable[RequirementVerdict], tag: str) -> str:
    return str(sum(_TAGS[each.verdict] == tag for each in verdicts))


def _clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
