"""What the page says in words of its own: the statement, what to supply, what was found of the suite itself."""

import gzip
import re
from pathlib import Path

import pytest
from lxml import html as lxml_html
from report_samples import CLEAN, ID, envelope, exchange, finding, message, requirement, write_log

from contracts.judge.records import Change, Judgement, Request, Response
from contracts.judge.verdicts import Tally, requirement_verdict
from reports import html
from reports.bodies import marked_text, shown_body
from reports.quality import quality_of
from reports.reading import read_run
from reports.remedies import remedy
from reports.render import write_reports
from reports.statement import clock, statement
from suites.configuration import ValueUnavailableError, resolve

QUALIFICATION = {
    "format": 1,
    "seconds": 8.5,
    "jobs": 2,
    "requests": 31254,
    "summary": [
        {"group": "violation", "title": "faults that must make a run fail", "number": 9, "right": 8, "first_try": 7}
    ],
    "areas": [{"area": "payload", "number": 9, "right": 8, "first_try": 7}],
    "faults": [
        {"name": "breaks_it", "breaks": "It is <kept>.", "source": "RFC 1", "effect": "violation", "flagged": ["a/b"],
         "right": True},
        {"name": "hides", "breaks": "It is kept.", "source": "RFC 2", "effect": "violation", "flagged": [],
         "right": False},
    ],
}  # fmt: skip


def test_the_statement_says_what_was_sent_where_and_what_came_of_it(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log", [(exchange(1), CLEAN), (exchange(2), Judgement((), (finding(exchange=2),)))])
    assert statement(read_run(log)) == (
        "Soapstone sent 2 messages to 1 service over 2 bindings, on 2024-05-01, and judged every answer. The services' "
        "documentation pages and the standards make 14 promises there. Of these: 1 broken, 1 exercised and kept, 4 not "
        "put to the test and 8 about answers that did not occur. The target breaks at least one requirement that binds "
        "this run: see the violations."
    )


@pytest.mark.parametrize(
    ("time", "told"),
    [
        ("2024-05-01T09:30:00+02:00", "2024-05-01 07:30:00 UTC"),
        ("2024-05-01T09:30:00", "2024-05-01T09:30:00"),
        ("<b>", "<b>"),
    ],
)
def test_times_are_told_in_utc(time: str, told: str) -> None:
    assert clock(time) == told


def _remedy(reason: str = "", *, exercised: bool = False, **fields: object) -> str:
    reached = requirement_verdict(
        "depot",
        "Lookup",
        "soap11",
        requirement("a", **fields),
        Tally(inconclusive=int(exercised)),
        not_exercised=reason,
    )
    return remedy(reached)


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("needs a value for A, B of depot", "Supply A, B in targets.toml, under [depot.values]"),
        ("depot.values.A: the environment variable X_1 is not set", "Set X_1 for the run."),
        ("depot.values.A: its command failed (exit status 1)", "Mend the command"),
        ("the budget of 50 requests is used up", "Raise requests under [budget]"),
        ("http://127.0.0.1:9/ does not answer: refused, nobody there", "Make the target reachable"),
        ("", "Its messages were not sent"),
    ],
)
def test_each_reason_has_its_remedy(reason: str, told: str) -> None:
    assert _remedy(reason, sends="sample").startswith(told)


def test_what_had_to_be_observed_and_was_not_has_a_remedy() -> None:
    assert "known-good message" in _remedy(needs_observation=True)
    assert _remedy() == ""
    assert "seconds" in _remedy(exercised=True)


def test_runs_give_their_reasons_in_the_words_that_remedies_know(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOT_SET_ANYWHERE", raising=False)
    for source in ("env:NOT_SET_ANYWHERE", "command:false", "command:true"):
        with pytest.raises(ValueUnavailableError) as told:
            resolve(source, "depot.values.A")
        assert not _remedy(str(told.value), sends="sample").startswith("Its messages")


def test_the_suites_own_qualification_is_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "quality", lambda: quality_of(QUALIFICATION))
    write_reports(write_log(tmp_path / "log", [(exchange(), CLEAN)]), tmp_path)
    root = lxml_html.fromstring((tmp_path / "conformance.html").read_bytes())
    (section,) = root.xpath("//section[@id='quality']")
    text = " ".join(section.text_content().split())
    for told in ("31,254 requests", "Faults that must make a run fail987", "It is <kept>.", "missed", "a/b"):
        assert told in text
    assert root.xpath("//nav//a[@href='#quality']")


def test_what_sets_a_message_apart_is_marked_wherever_it_stands() -> None:
    sample = envelope("<a><b>1</b><c/></a>")
    marked = re.findall("<mark>(.*?)</mark>", str(shown_body(envelope("<a><b>2</b><d/></a>"), 4096, sample).markup))
    assert [re.sub("<[^>]*>", "", each) for each in marked] == ["2", "&lt;d/&gt;"]
    assert "<mark>" not in str(shown_body(sample, 4096, sample).markup)
    assert str(marked_text("GET /x?a=1&b=2", "GET /x?a=1&b=3")) == "GET /x?a=1&amp;<mark>b=2</mark>"
    assert "<mark>" not in str(shown_body(b"<a>" + b"<b/>" * 2000 + b"</a>", 1 << 20, sample).markup)


def test_a_finding_marks_what_the_documented_sample_does_not_have(tmp_path: Path) -> None:
    plain = message(changes=())
    other = Request("POST", "?x=1", (("Content-Type", "text/plain"),), (plain.request.body or b"").replace(b"7", b"8"))
    changed = message(kind="edge", request=other, changes=(Change("edge", "Part", "xs:int", "7", "8"),))
    hit = Judgement((), (finding(exchange=2),))
    write_reports(
        write_log(tmp_path / "log", [(exchange(1, message=plain), CLEAN), (exchange(2, message=changed), hit)]),
        tmp_path,
    )
    root = lxml_html.fromstring((tmp_path / "conformance.html").read_bytes())
    assert [each.text_content() for each in root.xpath("//article//mark")] == ["?x=1", "Content-Type: text/plain", "8"]


@pytest.mark.parametrize(
    ("coding", "shown"), [("gzip", "gzip is undone"), ("deflate", "not text: bytes in hexadecimal")]
)
def test_answer_is_shown_without_the_coding_that_it_has(tmp_path: Path, coding: str, shown: str) -> None:
    headers = (("Content-Type", "text/xml; charset=utf-8"), ("Content-Encoding", coding))
    coded = Response(200, "OK", headers, gzip.compress(envelope("<Stock>3</Stock>"), mtime=0))
    hit = Judgement((), (finding(),))
    write_reports(write_log(tmp_path / "log", [(exchange(outcome=coded), hit)]), tmp_path)
    told = lxml_html.fromstring((tmp_path / "conformance.html").read_bytes()).text_content()
    assert shown in told
    assert ("<Stock>3</Stock>" in told) == (coding == "gzip")


def test_findings_are_listed_before_they_are_told(tmp_path: Path) -> None:
    found = tuple(finding(where=f"/{name}") for name in "abcd")
    write_reports(write_log(tmp_path / "log", [(exchange(), Judgement((), found))]), tmp_path)
    root = lxml_html.fromstring((tmp_path / "conformance.html").read_bytes())
    rows = root.xpath("//section[@id='violations']//table[contains(@class, 'index')]/tbody/tr")
    assert len(rows) == 4
    ids = set(root.xpath("//article/@id"))
    assert {row.xpath("string(.//a/@href)")[1:] for row in rows} == ids
    assert ID["response-matches-schema"] in rows[0].text_content()


def test_what_was_found_is_shown_no_longer_than_anyone_reads(tmp_path: Path) -> None:
    told = finding(actual="x" * 5_000_000, expected="y" * 5_000_000)
    write_reports(write_log(tmp_path / "log", [(exchange(), Judgement((), (told,)))]), tmp_path)
    for name in ("conformance.html", "junit.xml", "summary.md", "run.html"):
        if (tmp_path / name).exists():
            text = (tmp_path / name).read_text("utf-8")
            assert "x" * 300 in text
            assert len(text) < 200_000
    assert "and 4,999,000 characters more" in (tmp_path / "conformance.html").read_text("utf-8")


def test_stand_ins_of_one_secret_are_no_difference() -> None:
    same = {"k1": "SessionID", "k&2": "SessionID"}
    one, other = (envelope(f"<a><s>{value}</s></a>") for value in ("k1", "k&amp;2"))
    assert "<mark>" not in str(shown_body(one, 4096, other, same).markup)
    assert "<mark>" in str(shown_body(one, 4096, other).markup)
    assert "<mark>" not in str(marked_text("GET /x?s=k1", "GET /x?s=k%262", same))
