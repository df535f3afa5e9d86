"""A log read back equals the run; a log that is not whole, or not what it claims, is said to be so."""

import json
import re
import tracemalloc
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import (
    CLEAN,
    ID,
    OPERATION,
    SESSION,
    envelope,
    exchange,
    finding,
    header,
    message,
    silence,
    write_log,
)

from contracts.judge.records import Change, Exchange, Failure, Group, Judgement, Message, Request, Response
from reports.chain import START, sealed
from reports.codec import exchange_from_json, exchange_to_json, header_from_json, header_to_json
from reports.errors import ChainError, EvidenceError, OutputError
from reports.evidence import EvidenceLog
from reports.lines import read_lines
from reports.reading import MAX_SERIES, read_run
from reports.redaction import Redactor

TEXT = st.text(max_size=20)
HEADERS = st.lists(st.tuples(TEXT, TEXT), max_size=3).map(tuple)
CHANGES = st.builds(Change, kind=TEXT, where=TEXT, rule=TEXT, before=st.none() | TEXT, after=st.none() | TEXT)
MESSAGES = st.builds(
    message,
    item=TEXT,
    index=st.integers(0, 999),
    kind=st.sampled_from(["sample", "valid", "edge", "defect"]),
    expectation=st.sampled_from(["accept", "process", "reject", "either"]),
    changes=st.lists(CHANGES, max_size=2).map(tuple),
    forbidden_characters=st.booleans(),
    uses_credentials=st.booleans(),
    because=TEXT,
)
REQUESTS = st.builds(Request, method=TEXT, path=TEXT, headers=HEADERS, body=st.none() | st.binary(max_size=60))
RESPONSES = st.builds(
    Response, status_code=st.integers(100, 999), reason=TEXT, headers=HEADERS, body=st.binary(max_size=60)
)
FAILURES = st.builds(Failure, kind=st.sampled_from(["reset", "timeout", "tls"]), detail=TEXT)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(planned=MESSAGES, sent=REQUESTS, outcome=RESPONSES | FAILURES)
def test_an_exchange_without_secrets_is_read_back_as_it_was(
    planned: Message, sent: Request, outcome: Response | Failure
) -> None:
    written = exchange(3, message=planned, outcome=outcome)
    written = replace(written, sent=sent, message=replace(planned, request=sent))
    record = json.loads(json.dumps(exchange_to_json(written, OPERATION, Redactor())))
    assert exchange_from_json(record) == written


def test_a_header_is_read_back_as_it_was() -> None:
    assert header_from_json(json.loads(json.dumps(header_to_json(header())))) == header()


def test_userinfo_of_a_target_is_not_kept() -> None:
    assert header().targets == {"depot": "http://127.0.0.1:8080/depot.asmx"}


def judged(count: int = 3) -> list[tuple[Exchange, Judgement]]:
    """Exchanges that kept what they exercised."""
    return [(exchange(number), CLEAN) for number in range(1, count + 1)]


def test_a_log_read_back_equals_the_run(tmp_path: Path) -> None:
    found = Judgement((ID["response-matches-schema"],), (finding(exchange=4),))
    unanswered = Judgement((), (), (ID["part-is-echoed"],))
    run = read_run(write_log(tmp_path / "log", [*judged(), (exchange(4), found), (silence(5), unanswered)]))
    by_slug = {each.requirement.id.rpartition("/")[2]: each for each in run.verdicts if each.protocol == "soap11"}
    assert run.verdict == "not certified"
    assert run.header == header()
    assert run.counts == {"exchanges": 5, "failed: timeout": 1, "groups": 5, "planned": 5}
    assert (by_slug["response-matches-schema"].verdict, by_slug["response-matches-schema"].exercised) == ("violated", 4)
    assert by_slug["response-matches-schema"].first_finding == finding(exchange=4)
    assert by_slug["part-is-echoed"].verdict == "inconclusive"
    assert by_slug["accepts-the-sample"].verdict == "conformant"
    assert run.exchanges.keys() == {1, 4}
    assert run.is_complete


def test_no_secret_reaches_the_log(tmp_path: Path) -> None:
    told = finding(actual=f"echoes {SESSION}", where=f"//*[.='{SESSION}']")
    spoken = message(changes=(Change("edge", "SessionID", "xs:string", None, SESSION),))
    sent = exchange(1, message=spoken, answer=envelope(f"<Echo>{SESSION}</Echo>"))
    failed = replace(sent, number=2, outcome=Failure("reset", f"GET /?SessionID={SESSION}"))
    log = EvidenceLog(tmp_path / "log", header(targets={"depot": f"http://h/{SESSION}"}), Redactor([SESSION]))
    with log:
        log.exchange(sent, OPERATION)
        log.exchange(failed, OPERATION)
        log.group(Group((sent, failed)), Judgement((ID["part-is-echoed"],), (told,)))
        log.event("note", SESSION)
        log.not_exercised("depot", "Lookup", "soap11", {ID["part-is-echoed"]: SESSION})
    assert SESSION not in (tmp_path / "log").read_text("utf-8")


def test_digests_are_equal_for_equal_bytes_and_differ_from_run_to_run(tmp_path: Path) -> None:
    def digests(name: str) -> list[str]:
        path = write_log(tmp_path / name, judged(2), redactor=Redactor([SESSION]))
        return [line.record["response"]["digest"] for line in read_lines(path) if line.record["type"] == "exchange"]

    first, second = digests("a"), digests("b")
    assert len(set(first)) == len(set(second)) == 1
    assert first != second


def test_a_reason_given_afterwards_is_told(tmp_path: Path) -> None:
    with EvidenceLog(tmp_path / "log", header(), Redactor()) as log:
        log.not_exercised("depot", "Lookup", "http_get", {ID["accepts-the-sample"]: "SessionID is not configured"})
    reasons = [each.reason for each in read_run(tmp_path / "log").verdicts if each.verdict == "not exercised"]
    assert "SessionID is not configured" in reasons


def test_a_run_that_was_interrupted_reads_as_incomplete(tmp_path: Path) -> None:
    def interrupted() -> None:
        with EvidenceLog(tmp_path / "log", header(), Redactor()) as log:
            log.exchange(exchange(), OPERATION)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    run = read_run(tmp_path / "log")
    assert run.verdict == "incomplete"
    assert run.finished is None
    assert run.counts["exchanges"] == 1
    assert "no footer" in run.open_ends[0]
    assert [each.name for each in run.events] == ["abandoned"]


def test_violations_stand_however_early_the_run_stopped(tmp_path: Path) -> None:
    found = Judgement((ID["response-matches-schema"],), (finding(),))
    assert read_run(write_log(tmp_path / "log", [(exchange(), found)], complete=False)).verdict == "not certified"


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_log_cut_anywhere_reads_as_incomplete_or_is_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write_log(tmp_path_factory.mktemp("cut") / "log", judged(2))
    whole = path.read_bytes()
    end = data.draw(st.integers(0, len(whole) - 1))
    path.write_bytes(whole[:end])
    first_line = whole.index(b"\n")
    if end < first_line:
        with pytest.raises(EvidenceError, match=r"log"):
            read_run(path)
    else:
        run = read_run(path)
        assert run.verdict == "incomplete"
        assert run.open_ends
        torn = [each for each in run.open_ends if "not written to its end" in each]
        assert bool(torn) == (end > first_line and not whole[:end].endswith(b"\n"))


Lines = list[dict[str, Any]]


def _edited(path: Path, edit: Any) -> Path:
    """The log with its records changed and its chain made anew."""
    lines: Lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    changed = edit(lines)
    seal, written = START, []
    for record in changed if isinstance(changed, list) else lines:
        line, seal = sealed(json.dumps({**record, "seal": None}).replace(', "seal": null', "").encode(), seal)
        written.append(line)
    path.write_bytes(b"".join(written))
    return path


@pytest.mark.parametrize(
    ("edit", "line", "told"),
    [
        (lambda lines: lines[1:], 1, "begins with its header"),
        (lambda lines: [lines[0], *lines], 2, "second header"),
        (lambda lines: [*lines, lines[1]], 9, "after the footer"),
        (lambda lines: [lines[0], *lines[2:]], 2, "speaks of exchange 1, which is not there"),
        (lambda lines: lines[0].update(format=99), 1, "format 99"),
        (lambda lines: lines[1].update(type="surprise"), 2, "'surprise'"),
        (lambda lines: lines[1].pop("request"), 2, "'request' is a required property"),
        (lambda lines: lines[2]["observed"].append(999), 3, "requirement 999; the header lists 14"),
        (lambda lines: lines[0]["requirements"][0].pop("level"), 1, "'level' is a required property"),
    ],
)
def test_an_edited_log_is_refused_with_its_line(tmp_path: Path, edit: Any, line: int, told: str) -> None:
    path = _edited(write_log(tmp_path / "log", judged()), edit)
    with pytest.raises(EvidenceError, match=re.escape(f"{path}:{line}: ") + f".*{told}"):
        read_run(path)


@pytest.mark.parametrize("content", [b"", b"\n", b"<html>\n", b"\xff\xfe\n", b"[1]\n", b'{"type":"header"}\n'])
def test_what_is_no_log_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "log"
    path.write_bytes(content)
    with pytest.raises(EvidenceError, match=re.escape(str(path))):
        read_run(path)


def test_a_log_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError, match="cannot be read"):
        read_run(tmp_path / "nothing")


def test_findings_are_listed_up_to_a_cap_and_counted_beyond(tmp_path: Path) -> None:
    told = [finding(exchange=number, where=f"/a[{number % 15}]") for number in range(1, 61)]
    found = [(exchange(each.exchange), Judgement((each.requirement,), (each,))) for each in told]
    run = read_run(write_log(tmp_path / "log", found))
    (findings,) = run.findings.values()
    assert len(findings.series) == MAX_SERIES
    assert sum(each.count for each in findings.series) + findings.unlisted == 60
    assert run.verdicts[0].violated == 60


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written") as raised:
        EvidenceLog(tmp_path / "file" / "log", header(), Redactor())
    assert raised.value.path == tmp_path / "file" / "log"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_a_full_disk_is_told_with_what_to_do() -> None:
    with pytest.raises(OutputError, match=r"/dev/full: cannot be written: No space left.*another folder"):
        EvidenceLog(Path("/dev/full"), header(), Redactor())


def test_every_record_reaches_the_file_at_once(tmp_path: Path) -> None:
    log = EvidenceLog(tmp_path / "log", header(), Redactor())
    log.exchange(exchange(), OPERATION)
    assert [line.record["type"] for line in read_lines(tmp_path / "log")] == ["header", "exchange"]
    log.close()
    size = (tmp_path / "log").stat().st_size
    log.close()
    assert (tmp_path / "log").stat().st_size == size


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    paths = [write_log(tmp_path / str(count), judged(count)) for count in (200, 2000)]
    read_run(paths[0])
    peaks = []
    for path in paths:
        tracemalloc.start()
        read_run(path)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < peaks[0] + 2000 * 100


def test_an_exchange_that_cannot_be_redacted_is_recorded_without_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> bytes:
        raise RuntimeError(SESSION)

    monkeypatch.setattr(Redactor, "redact_response", fails)
    log = EvidenceLog(tmp_path / "log", header(), Redactor([SESSION]))
    with pytest.raises(RuntimeError):
        log.exchange(exchange(answer=f"<a>{SESSION}</a>".encode()), OPERATION)
    monkeypatch.undo()
    log.exchange(exchange(2), OPERATION)
    log.abandon("an error of our own")
    run = read_run(tmp_path / "log")
    assert run.counts["exchanges"] == 2
    assert [(each.name, each.exchange) for each in run.events] == [("withheld", 1), ("abandoned", None)]
    record = json.loads((tmp_path / "log").read_bytes().splitlines()[1])
    assert (record["response"]["text"], record["response"]["redacted"], record["response"]["length"]) == ("", True, 43)
    assert SESSION.encode() not in (tmp_path / "log").read_bytes()


@pytest.mark.parametrize("written", [0.0, 0.5, 1.0])
def test_an_interrupt_while_a_record_is_written_leaves_a_whole_chain(written: float, tmp_path: Path) -> None:
    log = EvidenceLog(tmp_path / "log", header(), Redactor())
    log.exchange(exchange(), OPERATION)
    write = log._file.write

    def interrupted(line: memoryview) -> int:
        write(line[: int(len(line) * written)])
        raise KeyboardInterrupt

    log._file = SimpleNamespace(  # type: ignore[assignment]
        write=interrupted, truncate=log._file.truncate, seek=log._file.seek, close=log._file.close, closed=False
    )
    with pytest.raises(KeyboardInterrupt):
        log.exchange(exchange(2), OPERATION)
    log._file.write = write  # type: ignore[method-assign]
    log.abandon("interrupted")
    run = read_run(tmp_path / "log")
    assert run.counts["exchanges"] == (2 if written == 1 else 1)
    assert [each.name for each in run.events] == ["abandoned"]


@pytest.mark.parametrize(
    ("convert", "told"),
    [(lambda data: data.replace(b"\n", b"\r\n"), "CRLF"), (lambda data: b"\xef\xbb\xbf" + data, "byte order mark")],
)
def test_a_converted_log_is_told_as_such(convert: Any, told: str, tmp_path: Path) -> None:
    log = write_log(tmp_path / "log", [(exchange(), CLEAN)])
    log.write_bytes(convert(log.read_bytes()))
    with pytest.raises(ChainError, match=told):
        read_run(log)
