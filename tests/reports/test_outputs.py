"""Files for other programs: readers that are not ours read them back."""

import base64
import json
import re
from pathlib import Path
from typing import Any

import pytest
from haralyzer import HarParser
from jsonschema import Draft202012Validator
from junitparser import JUnitXml
from lxml import etree
from report_samples import CLEAN, ID, exchange, finding, silence, write_log

from contracts.judge.records import Exchange, Judgement, Response
from reports.reading import read_run
from reports.render import write_reports
from reports.run import Run

pytest_plugins = ["pytester"]

TEXT, NUMBER = {"type": "string"}, {"type": "number"}
PAIRS = {"type": "array", "items": {"type": "object", "required": ["name", "value"]}}


def _record(**members: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(members), "properties": members}


HAR = _record(
    log=_record(
        version={"const": "1.2"},
        creator=_record(name=TEXT, version=TEXT),
        pages={"type": "array"},
        entries={
            "type": "array",
            "items": _record(
                startedDateTime={
                    "type": "string",
                    "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}(Z|[+-]\d\d:\d\d)$",
                },
                time={"type": "number", "minimum": 0},
                request=_record(
                    method=TEXT,
                    url=TEXT,
                    httpVersion=TEXT,
                    cookies=PAIRS,
                    headers=PAIRS,
                    queryString=PAIRS,
                    headersSize=NUMBER,
                    bodySize=NUMBER,
                )
                | {"dependentSchemas": {"postData": {"properties": {"postData": _record(mimeType=TEXT, text=TEXT)}}}},
                response=_record(
                    status={"type": "integer"},
                    statusText=TEXT,
                    httpVersion=TEXT,
                    cookies=PAIRS,
                    headers=PAIRS,
                    content=_record(size={"type": "integer"}, mimeType=TEXT),
                    redirectURL=TEXT,
                    headersSize=NUMBER,
                    bodySize=NUMBER,
                ),
                cache={"type": "object"},
                timings=_record(send=NUMBER, wait=NUMBER, receive=NUMBER),
            ),
        },
    )
)
"""What the specification of HAR 1.2 requires of an archive."""

BINARY = bytes(range(256))
HOSTILE = "](javascript:alert(1)) <script>alert(1)</script> `|` **x** \n# heading \x1b[31m"


def judged() -> list[tuple[Exchange, Judgement]]:
    """Exchanges of every kind."""
    evil = finding(exchange=2, actual=HOSTILE)
    return [
        (exchange(1), CLEAN),
        (exchange(2, outcome=Response(500, HOSTILE, (("X", "y"),), BINARY)), Judgement((), (evil,))),
        (silence(3), Judgement((), (), (ID["rejects-unknown-operation"],))),
    ]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The files of a run with findings."""
    write_reports(write_log(tmp_path / "evidence.jsonl", judged()), tmp_path)
    return tmp_path


def test_archive_satisfies_the_specification(folder: Path) -> None:
    archive = json.loads((folder / "exchanges.har").read_text("utf-8"))
    Draft202012Validator(HAR).validate(archive)
    entries = archive["log"]["entries"]
    assert [each["response"]["status"] for each in entries] == [200, 500, 0]
    content = entries[1]["response"]["content"]
    assert content["encoding"] == "base64"
    assert base64.b64decode(content["text"]) == BINARY


def test_archive_is_read_by_another_reader(folder: Path) -> None:
    parsed = HarParser(json.loads((folder / "exchanges.har").read_text("utf-8")))
    entries = parsed.har_data["entries"]
    run = read_run(folder / "evidence.jsonl")
    sent = run.exchanges[2].sent
    assert entries[1]["request"]["postData"]["text"].encode() == sent.body
    assert entries[1]["request"]["url"] == run.header.targets["depot"]


def test_archive_of_a_run_that_was_killed_is_whole(tmp_path: Path) -> None:
    log = write_log(tmp_path / "evidence.jsonl", judged())
    log.write_bytes(log.read_bytes()[:-400])
    write_reports(log, tmp_path)
    archive = json.loads((tmp_path / "exchanges.har").read_text("utf-8"))
    assert len(archive["log"]["entries"]) == 3


def test_junit_is_read_by_another_reader(folder: Path) -> None:
    suites = list(JUnitXml.fromfile(str(folder / "junit.xml")))
    assert [suite.name for suite in suites] == ["depot.Lookup.soap11", "depot.Lookup.http_get"]
    assert (suites[0].failures, suites[0].errors) == (1, 1)
    assert all(case.classname == suite.name for suite in suites for case in suite)


def test_junit_has_the_attributes_and_nesting_of_pytests_own(folder: Path, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("import pytest\ndef test_a(): pass\ndef test_b(): 1/0\ndef test_c(): pytest.skip('x')")
    pytester.runpytest_subprocess("--junitxml=own.xml", "-o", "junit_family=xunit2")

    def shape(path: Path) -> set[tuple[str, ...]]:
        return {
            (str(parent.tag) if parent is not None else "", str(each.tag), *sorted(map(str, each.keys())))
            for each in etree.parse(path).iter("testsuites", "testsuite", "testcase")
            for parent in [each.getparent()]
        }

    assert shape(folder / "junit.xml") == shape(pytester.path / "own.xml")


def test_summary_tells_the_run_and_quotes_nothing_raw(folder: Path) -> None:
    text = (folder / "summary.md").read_text("utf-8")
    assert text.startswith("# Not certified\n")
    assert "| depot Lookup | SOAP 1.1 |" in text
    assert "## Violated (1)" in text
    assert "<script" not in text
    assert "\x1b" not in text
    assert not re.search(r"(?<!\\)\]\(", text)
    assert text.count("\n# ") == 0


@pytest.mark.parametrize("complete", [True, False])
def test_badge_names_the_verdict(tmp_path: Path, complete: bool) -> None:
    run: Run = write_reports(write_log(tmp_path / "evidence.jsonl", judged()[:1], complete=complete), tmp_path)
    root = etree.parse(tmp_path / "badge.svg").getroot()
    assert root.get("aria-label") == f"soapstone: {run.verdict}"
