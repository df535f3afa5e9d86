"""Logs that somebody made, with a right chain around wrong records: told in one line, never a traceback."""

import contextlib
import copy
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_samples import CLEAN, ID, OPERATION, SESSION, exchange, finding, header, silence, write_log

from contracts.judge.records import Group, Judgement
from reports.chain import START, sealed
from reports.errors import EvidenceError
from reports.evidence import EvidenceLog
from reports.merging import merge_logs
from reports.redaction import Redactor
from reports.render import write_reports
from reports.verify import verify

Records = list[dict[str, Any]]
JUNK: tuple[Any, ...] = (None, True, -1, 0, 10**30, 1.5, "", "x", "\ud800", "2024-13-45", [], [None], {}, {"a": 1})


@pytest.fixture(scope="module")
def records(tmp_path_factory: pytest.TempPathFactory) -> Records:
    """A log with a record of each type."""
    path = tmp_path_factory.mktemp("whole") / "log"
    with EvidenceLog(path, header(part="shard 1/1"), Redactor([SESSION])) as log:
        log.plant(["canary-canary"], OPERATION)
        log.value("depot", "SessionID", SESSION)
        judged = [(exchange(1), CLEAN), (exchange(2), Judgement((), (finding(exchange=2),))), (silence(3), CLEAN)]
        for each, judgement in judged:
            log.exchange(each, OPERATION)
            log.group(Group((each,)), judgement)
        log.minimised(finding(exchange=2), 3)
        log.event("sent again", "closed", 1)
        log.not_exercised("depot", "Lookup", "soap11", {ID["part-is-echoed"]: "no value"})
    lines = [json.loads(line) for line in path.read_bytes().splitlines()]
    return [{name: value for name, value in each.items() if name != "seal"} for each in lines]


def chained(path: Path, records: Records) -> Path:
    """A log of these records."""
    seal, lines = START, []
    for record in records:
        line, seal = sealed(json.dumps(record).encode(), seal)
        lines.append(line)
    path.write_bytes(b"".join(lines))
    return path


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of every member of a record."""
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        yield (*path, key)
        yield from places(inner, (*path, key))


@settings(max_examples=60, deadline=None, derandomize=True)
@given(data=st.data())
def test_a_record_with_junk_in_it_is_told_or_taken(
    data: st.DataObject, records: Records, tmp_path_factory: pytest.TempPathFactory
) -> None:
    forged = copy.deepcopy(records)
    record = data.draw(st.sampled_from(forged), "record")
    *path, last = data.draw(st.sampled_from([each for each in places(record) if each != ("type",)]), "place")
    inner: Any = record
    for step in path:
        inner = inner[step]
    if isinstance(inner, dict) and data.draw(st.booleans(), "removed"):
        del inner[last]
    else:
        inner[last] = data.draw(st.sampled_from(JUNK), "junk")
    folder = tmp_path_factory.mktemp("forged")
    log = chained(folder / "evidence.jsonl", forged)
    other = chained(folder / "other", [{**records[0], "part": "shard 2/2"}, *records[1:]])
    for action in (
        lambda: verify(log, {}),
        lambda: write_reports(log, folder),
        lambda: merge_logs([log, other], folder / "merged"),
    ):
        with contextlib.suppress(EvidenceError):
            action()
    shutil.rmtree(folder)


@pytest.mark.parametrize(
    "content", [b"[" * 100_000, b"\xff\xfe[\0", b'{"type":"header","format":' + b"9" * 5000 + b"}"]
)
def test_bytes_that_are_no_record_are_told(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(content + b"\n")
    for action in (verify, write_reports):
        with pytest.raises(EvidenceError, match="is not the header of an evidence log"):
            action(tmp_path / "log", {} if action is verify else tmp_path)  # type: ignore[operator]


def test_a_log_written_by_a_killed_process_loses_its_torn_line_alone(tmp_path: Path) -> None:
    log = write_log(tmp_path / "log", [(exchange(number), CLEAN) for number in (1, 2, 3)])
    whole = log.read_bytes()
    for cut in range(len(whole) - 1, len(whole) - 4000, -97):
        log.write_bytes(whole[:cut])
        run = write_reports(log, tmp_path / "out")
        assert not run.is_complete
        kept = whole[:cut].rpartition(b"\n")[0].count(b'\n{"type":"exchange"')
        assert run.counts.get("exchanges", 0) == kept
