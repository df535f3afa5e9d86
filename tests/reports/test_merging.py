"""Logs of parts make one log, whatever the order they come in. That of shards: tests/suites/test_sharing.py."""

from pathlib import Path
from typing import Any

import pytest
from report_samples import CLEAN, exchange, header, write_log

from contracts.judge.records import Exchange, Judgement
from reports.errors import EvidenceError
from reports.merging import merge_logs
from reports.reading import read_run


def judged(*numbers: int) -> list[tuple[Exchange, Judgement]]:
    """Exchanges that kept what they exercised."""
    return [(exchange(number), CLEAN) for number in numbers]


def test_the_same_parts_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    parts = [write_log(tmp_path / name, judged(1, 2), head=header(part=name)) for name in ("a", "b", "c")]
    one, other = (merge_logs(named, tmp_path / f"from-{named[0].name}") for named in (parts, parts[::-1]))
    assert one.read_bytes() == other.read_bytes()
    run = read_run(one)
    assert (run.is_complete, run.counts["exchanges"], len(run.header.parts)) == (True, 6, 3)


def test_the_log_of_a_part_alone_is_incomplete(tmp_path: Path) -> None:
    run = read_run(write_log(tmp_path / "log", judged(1), head=header(part="shard 1/2")))
    assert run.verdict == "incomplete"
    assert any("shard 1/2" in each for each in run.open_ends)


def test_a_whole_that_lacks_a_shard_says_which_it_has(tmp_path: Path) -> None:
    parts = [write_log(tmp_path / f"{each}", judged(1), head=header(part=f"shard {each}/3")) for each in (1, 3)]
    run = read_run(merge_logs(parts, tmp_path / "merged"))
    assert run.header.part == "shards 1, 3 of 3"
    assert run.verdict == "incomplete"


def test_a_part_that_did_not_end_leaves_the_whole_incomplete(tmp_path: Path) -> None:
    parts = [
        write_log(tmp_path / name, judged(1, 2), head=header(part=name), complete=name == "a") for name in ("a", "b")
    ]
    run = read_run(merge_logs(parts, tmp_path / "merged"))
    assert run.counts["exchanges"] == 4
    assert run.verdict == "incomplete"


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"seed": 1, "part": "b"}, "another run.*seed"),
        ({"part": "a"}, "is part 'a' of the run, as"),
        ({"part": "b", "rulings": {}}, "rulings"),
        ({"part": "b", "contracts": {"depot/Lookup": "0" * 64}}, "another run.*contracts"),
        ({"part": "shard 1/2"}, "is 'shard 1/2' of a run, and"),
    ],
)
def test_logs_that_are_not_parts_of_one_run_are_refused(tmp_path: Path, other: dict[str, Any], told: str) -> None:
    one = write_log(tmp_path / "one", judged(1), head=header(part="a"))
    two = write_log(tmp_path / "two", judged(1), head=header(**other))
    with pytest.raises(EvidenceError, match=told):
        merge_logs([one, two], tmp_path / "merged")
