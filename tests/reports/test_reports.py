"""The rendered files: valid for their readers, complete, and harmless whatever the target answered."""

import base64
import hashlib
import json
import os
import re
import subprocess
from dataclasses import replace
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import pytest
from jsonschema import Draft202012Validator
from lxml import etree
from lxml import html as lxml_html
from report_samples import (
    CLEAN,
    ID,
    REQUIREMENTS,
    SESSION,
    envelope,
    exchange,
    finding,
    header,
    message,
    operation,
    requirement,
    silence,
    write_log,
)

from contracts.judge.records import Change, Exchange, Group, Judgement, Response
from contracts.judge.verdicts import Verdict
from contracts.values import in_xml
from reports.anchors import requirement_anchor
from reports.bodies import shown_body, visible
from reports.commands import curl_command, replay_command
from reports.errors import OutputError
from reports.evidence import EvidenceLog
from reports.header import Reasons, requirement_rows
from reports.page import is_named
from reports.redaction import Redactor
from reports.render import report, write_reports
from reports.run import Run, key_of
from reports.verdict_json import verdict_document

EVIL = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'><svg/onload=alert(1)>",
    "]]><script>alert(1)</script>",
    "</pre></style></title><script>alert(1)</script>",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% for x in y %}",
    "\x00\x01\x1b[31m\ud800\u202e\ufeff",
    "<a href='https://elsewhere.example/' ping='https://elsewhere.example/'>x</a>",
    "--><base href=//elsewhere.example>",
]


def judged() -> list[tuple[Exchange, Judgement]]:
    """One exchange for each verdict that exchanges can give."""
    observed = tuple(ID.values())
    return [
        (exchange(1), Judgement(observed[:5], ())),
        (exchange(2), Judgement(observed[:1], (finding(exchange=2), finding(exchange=2, where="/elsewhere")))),
        (
            exchange(3),
            Judgement((), (finding("charset-matches-bytes", exchange=3, effect="deviation", level="should"),)),
        ),
        (
            exchange(4),
            Judgement(observed[5:6], (finding("names-the-difference", exchange=4, effect="note", level="inform"),)),
        ),
        (silence(5), Judgement((), (), (ID["rejects-unknown-operation"],))),
    ]


@pytest.fixture
def failed(tmp_path: Path) -> tuple[Run, Path]:
    """A run with findings of every effect, and the folder of its reports."""
    return write_reports(write_log(tmp_path / "evidence.jsonl", judged()), tmp_path), tmp_path


def test_every_file_is_written(failed: tuple[Run, Path]) -> None:
    run, folder = failed
    assert run.verdict == "not certified"
    assert {path.name for path in folder.iterdir()} == {
        "evidence.jsonl", "verdict.json", "junit.xml", "conformance.html", "summary.md", "badge.svg", "exchanges.har",
    }  # fmt: skip


def test_no_file_holds_a_secret(failed: tuple[Run, Path]) -> None:
    assert not [path.name for path in failed[1].iterdir() if SESSION in path.read_text("utf-8")]


def test_verdict_json_satisfies_its_schema(failed: tuple[Run, Path]) -> None:
    run, folder = failed
    schema = json.loads(files("reports").joinpath("formats/verdict.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    document = json.loads((folder / "verdict.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(document)
    assert document == json.loads(json.dumps(verdict_document(run)))
    assert document["summary"] == {
        "conformant": 4, "deviates": 1, "inconclusive": 1, "not exercised": 3, "not observed": 4, "violated": 1,
    }  # fmt: skip


def test_junit_counts_each_requirement_and_binding_once(failed: tuple[Run, Path]) -> None:
    root = etree.parse(failed[1] / "junit.xml").getroot()
    assert root.tag == "testsuites"
    suites = {suite.get("name"): suite for suite in root}
    assert list(suites) == ["depot.Lookup.soap11", "depot.Lookup.http_get"]
    for suite in suites.values():
        assert {"name", "errors", "failures", "skipped", "tests", "time", "timestamp", "hostname"} <= set(suite.keys())
        assert [case.get("name") for case in suite] == [each.id for each in REQUIREMENTS]
        assert all({"classname", "name", "time"} == set(case.keys()) for case in suite)
        for tag, counted in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
            assert len(suite.findall(f"testcase/{tag}")) == int(suite.get(counted, "-1"))
    tags = {case.get("name"): [child.tag for child in case] for case in suites["depot.Lookup.soap11"]}
    assert tags[ID["response-matches-schema"]] == ["failure"]
    assert tags[ID["rejects-unknown-operation"]] == ["error"]
    assert tags[ID["charset-matches-bytes"]] == []


def page(folder: Path) -> Any:
    """The parsed page."""
    return lxml_html.fromstring((folder / "conformance.html").read_bytes())


SECTIONS = [
    "statement",
    "summary",
    "violations",
    "deviations",
    "waivers",
    "matrix",
    "open",
    "notes",
    "examples",
    "quality",
    "glossary",
]


def test_the_page_has_its_sections_and_every_link_leads_somewhere(failed: tuple[Run, Path]) -> None:
    root = page(failed[1])
    assert [each.get("id") for each in root.iter("section")] == SECTIONS
    ids = [each.get("id") for each in root.xpath("//*[@id]")]
    assert len(ids) == len(set(ids))
    links = {each.get("href") for each in root.iter("a")}
    assert all(link.startswith("#") for link in links)
    assert {link[1:] for link in links} <= set(ids)


def test_every_requirement_has_its_own_link(failed: tuple[Run, Path]) -> None:
    run, folder = failed
    root = page(folder)
    for verdict in run.verdicts:
        (row,) = root.xpath("//tr[@id=$id]", id=requirement_anchor(key_of(verdict)))
        assert verdict.requirement.id in row.text_content()
        assert verdict.verdict in row.text_content()


def test_findings_show_what_was_expected_found_sent_and_answered(failed: tuple[Run, Path]) -> None:
    first = page(failed[1]).xpath("//section[@id='violations']/article")[0].text_content()
    for told in ("Payload not in schema", "xs:int", "'three'", "page.txt line 12", "documented", "<Part>", "<Stock>"):
        assert told in first


def test_deviations_and_notes_stand_apart_from_violations(failed: tuple[Run, Path]) -> None:
    root = page(failed[1])
    assert len(root.xpath("//section[@id='violations']/article")) == 2
    assert len(root.xpath("//section[@id='deviations']/article")) == 1
    assert len(root.xpath("//section[@id='notes']//tbody/tr")) == 1


def test_nothing_is_loaded_and_only_the_pages_own_script_runs(failed: tuple[Run, Path]) -> None:
    root = page(failed[1])
    (policy,) = root.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert not root.xpath("//link | //img | //iframe | //base | //form/@action | //@style | //@src")
    (script,) = root.xpath("//script/text()")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}';" in policy
    assert root.xpath("//form/@hidden"), "without JavaScript there is nothing to search with"
    assert "url(" not in root.xpath("string(//style)")


@pytest.mark.parametrize("evil", EVIL)
def test_hostile_strings_are_shown_and_never_obeyed(tmp_path: Path, evil: str) -> None:
    answered = Response(200, evil, (("X-" + evil, evil),), envelope("") + evil.encode("utf-8", "surrogatepass"))
    spoken = message(changes=(Change(evil, evil, evil, evil, evil),), because=evil, item=evil)
    hit = exchange(1, message=spoken, outcome=answered)
    told = finding(name=evil, expected=evil, actual=evil, where=evil, source=evil)
    rows = requirement_rows(operation("soap11"), "soap11", Reasons(not_exercised={ID["accepts-the-sample"]: evil}))
    head = header(operation("soap11"), rows=rows, scope={evil: evil}, targets={"depot": f"http://h/{evil}"})
    log = write_log(tmp_path / "log", [(hit, Judgement((), (told,)))], head=head)
    write_reports(log, tmp_path)
    root = page(tmp_path)
    assert not root.xpath("//script[not(contains(., 'use strict'))] | //img | //iframe | //base | //svg[@onload]")
    assert len(root.xpath("//script")) == 1
    assert not root.xpath("//a[@ping]")
    assert not root.xpath("//@*[starts-with(name(), 'on')]")
    assert {link.get("href")[0] for link in root.iter("a")} == {"#"}
    assert "49" not in root.xpath("string(//article//dd)")
    assert not re.search("[\0-\x08\x1b\u202e\ufeff]", (tmp_path / "conformance.html").read_text("utf-8"))
    etree.parse(tmp_path / "junit.xml")
    json.loads((tmp_path / "verdict.json").read_text("utf-8"))


def test_a_changed_value_is_marked_in_the_request(failed: tuple[Run, Path]) -> None:
    assert page(failed[1]).xpath("string(//article//mark)") == "7"


def test_a_finding_tells_how_to_send_its_message_again(tmp_path: Path) -> None:
    log = EvidenceLog(tmp_path / "log", header(), Redactor([SESSION]))
    with log:
        log.value("depot", "SessionID", SESSION)
        log.exchange(exchange(), operation("soap11"))
        log.group(Group((exchange(),)), Judgement((), (finding(),)))
    write_reports(tmp_path / "log", tmp_path)
    (shown,) = page(tmp_path).xpath("//article//details[summary='Send it again']/pre")
    text = shown.text_content()
    assert "<SessionID>'\"${SessionID}\"'</SessionID>" in text
    assert "--data-binary @exchange-1.body" in text
    assert "soapstone replay evidence.jsonl --exchange 1 --target depot=http://127.0.0.1:8080/depot.asmx" in text


def test_a_secret_is_a_variable_however_it_is_spelt(tmp_path: Path) -> None:
    secret = "a<b>&\"c d'\u00e9"
    hit = exchange(1, sent=f"<a>{in_xml(secret)}</a>".encode())
    hit = replace(
        hit,
        sent=replace(
            hit.sent, path=f"?s={quote_plus(secret)}", headers=(("Authorization", "Bearer s3cret"), ("X-Api-Key", "k"))
        ),
    )
    lines, _, curl = curl_command(hit, "http://127.0.0.1:9", {secret: "SessionID"}).rpartition("\ncurl ")
    assert "s3cret" not in curl
    assert "'Authorization: Bearer '\"${Authorization}\"" in curl
    assert "'X-Api-Key: '\"${X_Api_Key}\"" in curl
    env = {**os.environ, "SessionID": secret}
    told = subprocess.run(
        ["sh", "-c", f'{lines}\nprintf %s "$SessionID_url"'], cwd=tmp_path, check=True, capture_output=True, env=env
    )
    assert told.stdout.decode() == quote_plus(secret)
    assert "$SessionID_url" in curl.replace("{", "").replace("}", "")
    assert (tmp_path / "exchange-1.body").read_bytes() == hit.sent.body
    assert replay_command(hit, "http://127.0.0.1:9", {secret: "SessionID"}).endswith("--config targets.toml")
    assert replay_command(exchange(2), "http://127.0.0.1:9", {}).endswith("--target depot=http://127.0.0.1:9")


def test_a_variation_is_not_told_as_what_was_sent() -> None:
    assert is_named(Change("defect", "Minutes2", "nil", "1440", "nil-value"))
    assert not is_named(Change("lexical", "Minutes2", "xs:short", "1440", "abc"))
    assert not is_named(Change("spelling", "path", "another address", "/xml/reply/Login", "/login/"))


def test_curl_sends_the_bytes_that_were_sent(tmp_path: Path) -> None:
    wide = "<a>it's \u00e9 \U0001f600</a>"
    for body in (
        *(b"\xff\xfe" + wide.encode("utf-16-le"), b"\xfe\xff" + wide.encode("utf-16-be")),
        b"<a>it's \xc3\xa9 \\n $HOME %s `x`</a>",
        bytes(range(256)),
        b"",
        b"\n\n",
    ):
        hit = exchange(1, sent=body)
        first = curl_command(hit, "http://127.0.0.1:9", {}).rpartition("\ncurl ")[0]
        subprocess.run(["sh", "-c", first], cwd=tmp_path, check=True, timeout=10)
        assert (tmp_path / "exchange-1.body").read_bytes() == body


def test_changes_since_an_earlier_run_are_told(tmp_path: Path) -> None:
    old = write_log(tmp_path / "old", [(exchange(), CLEAN)])
    now = write_log(tmp_path / "now", [(exchange(), Judgement((), (finding(),)))])
    report([now], tmp_path, old)
    rows = page(tmp_path).xpath("//section[@id='changes']//tbody/tr")
    told = [" ".join(row.text_content().split()) for row in rows]
    assert told[0] == f"{ID['response-matches-schema']}depot Lookup, SOAP 1.1conformantviolated"
    report([now], tmp_path, now)
    assert "No verdict changed." in page(tmp_path).xpath("string(//section[@id='changes'])")


def test_requirement_texts_with_markup_are_escaped(tmp_path: Path) -> None:
    strange = operation("soap11", requirements=(requirement("a&b", requires="<b>bold</b> & more"),))
    write_reports(write_log(tmp_path / "log", [], head=header(strange)), tmp_path)
    assert "<b>bold</b> & more" in page(tmp_path).xpath("string(//section[@id='matrix'])")


def test_a_huge_body_is_cut_and_says_so(tmp_path: Path) -> None:
    huge = envelope("<a>" + "x" * 5_000_000 + "</a>")
    told = Judgement((), (finding(),))
    write_reports(write_log(tmp_path / "log", [(exchange(answer=huge), told)]), tmp_path)
    assert (tmp_path / "conformance.html").stat().st_size < 200_000
    assert f"{len(huge):,} bytes, of which the last" in page(tmp_path).text_content()


def test_a_page_without_room_for_an_exchange_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reports.page._PAGE", 0)
    monkeypatch.setattr("reports.page._LEAST_ROOM", 5_000)
    told = [(exchange(number), Judgement((), (finding(name=f"n{number}", exchange=number),))) for number in range(1, 9)]
    write_reports(write_log(tmp_path / "evidence.jsonl", told), tmp_path)
    text = (tmp_path / "conformance.html").read_text("utf-8")
    assert 'id="exchange-1"' in text
    assert 'id="exchange-8"' not in text
    assert "those of exchange <b>8</b> in the log" in text


def test_a_body_that_is_no_text_is_shown_in_hexadecimal() -> None:
    shown = shown_body(bytes(range(128, 256)) * 100, 4096)
    assert "80 81 82" in shown.markup
    assert shown.note == "not text: bytes in hexadecimal"


def test_a_body_keeps_its_text_when_lines_are_added() -> None:
    body = envelope("<a>1<b c='d'/>2</a><!-- n -->&lt;")
    shown = shown_body(body, 4096)
    assert lxml_html.fragment_fromstring(f"<pre>{shown.markup}</pre>").text_content() == body.decode()
    assert shown.note == "line breaks between elements are added for reading"


def test_a_cut_within_a_character_still_shows_text() -> None:
    assert "é" in shown_body("éééé".encode(), 3).markup


def test_utf_16_is_decoded_for_reading() -> None:
    assert "<b>a</b>" in shown_body("<a>ü</a>".encode("utf-16"), 100).markup


def test_misleading_characters_are_shown_by_number() -> None:
    assert str(visible("a\u202eb<")) == "a<i>U+202E</i>b&lt;"


def test_what_was_not_tested_stands_with_its_reason(tmp_path: Path) -> None:
    tested = operation("soap11")
    reasons = Reasons(
        out_of_scope={ID["rejects-unknown-operation"]: "defects are not allowed"},
        not_exercised={ID["accepts-the-sample"]: "SessionID is not configured"},
    )
    head = header(tested, rows=requirement_rows(tested, "soap11", reasons))
    run = write_reports(write_log(tmp_path / "log", [], head=head), tmp_path)
    told = page(tmp_path).xpath("string(//section[@id='open'])")
    expected: set[Verdict] = {"not exercised", "not observed", "out of scope"}
    assert {each.verdict for each in run.verdicts} == expected
    for each in ("defects are not allowed", "SessionID is not configured", "Out of scope", "Not observed"):
        assert each in told


def test_an_incomplete_log_is_reported_as_incomplete(tmp_path: Path) -> None:
    run = write_reports(write_log(tmp_path / "log", [(exchange(), CLEAN)], complete=False), tmp_path)
    assert run.verdict == "incomplete"
    assert "no footer" in page(tmp_path).text_content()
    assert json.loads((tmp_path / "verdict.json").read_text())["complete"] is False


def test_rendering_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log", judged())
    for name in ("a", "b"):
        write_reports(log, tmp_path / name)
    for path in (tmp_path / "a").iterdir():
        assert path.read_bytes() == (tmp_path / "b" / path.name).read_bytes()


def test_an_unwritable_folder_is_named(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log", judged())
    with pytest.raises(OutputError, match=re.escape(str(log / "verdict.json"))):
        write_reports(log, log)
