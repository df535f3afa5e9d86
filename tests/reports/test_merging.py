"""Logs of shards make one log: that of a run of everything, whatever the order they come in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from certified_runs import all_services, certified
from report_samples import CLEAN, exchange, header, write_log

from contracts.judge.records import Exchange, Judgement
from reports.chain import START, sealed
from reports.errors import EvidenceError
from reports.merging import merge_logs
from reports.reading import read_run
from reports.verdict_json import verdict_document
from reports.verify import verify

Records = list[dict[str, Any]]
SHARDS = 5


def records_of(path: Path) -> Records:
    """The records of a log without their seals."""
    return [
        {key: value for key, value in json.loads(line).items() if key != "seal"}
        for line in path.read_bytes().splitlines()
    ]


def write(path: Path, records: Records) -> Path:
    """A log of these records."""
    seal, lines = START, []
    for record in records:
        line, seal = sealed(json.dumps(record, ensure_ascii=False, separators=(",", ":")).encode(), seal)
        lines.append(line)
    path.write_bytes(b"".join(lines))
    return path


def shards(records: Records, folder: Path) -> Iterator[Path]:
    """The logs that shards would have written, each with every fifth item and numbers of its own."""
    items: dict[str, int] = {}
    for part in range(SHARDS):
        mine: Records = [{**records[0], "part": f"shard {part + 1}/{SHARDS}"}]
        numbers: dict[int, int] = {}
        for record in records:
            if record["type"] == "exchange":
                item = items.setdefault(record["message"]["requirement"], len(items))
                if item % SHARDS == part:
                    numbers[record["number"]] = len(numbers) + 1
                    mine.append({**record, "number": len(numbers)})
            elif record["type"] == "group" and record["exchanges"][0] in numbers:
                assert not record["findings"]
                mine.append({**record, "exchanges": [numbers[each] for each in record["exchanges"]]})
        counts = {"exchanges": len(numbers), "groups": len(numbers), "planned": len(numbers)}
        mine.append({**records[-1], "counts": counts})
        yield write(folder / f"shard-{part}.jsonl", mine)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of a run of all services."""
    return certified(tmp_path_factory.mktemp("whole"))


def test_shards_merge_to_the_log_of_the_whole_run(whole: Path, tmp_path: Path) -> None:
    records = records_of(whole)
    parts = list(shards(records, tmp_path))
    merged = merge_logs(parts, tmp_path / "merged.jsonl")
    again = merge_logs(parts[::-1], tmp_path / "again.jsonl")
    assert merged.read_bytes() == again.read_bytes()
    found = records_of(merged)
    assert len(found[0]["parts"]) == SHARDS
    kinds = ("header", "exchange", "group", "footer")
    found[0]["parts"] = []
    assert [each for each in found if each["type"] in kinds] == [each for each in records if each["type"] in kinds]
    assert verify(merged, all_services()).problems == []
    assert verdict_document(read_run(merged)) == verdict_document(read_run(whole))


def judged(*numbers: int) -> list[tuple[Exchange, Judgement]]:
    """Exchanges that kept what they exercised."""
    return [(exchange(number), CLEAN) for number in numbers]


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
    ],
)
def test_logs_that_are_not_parts_of_one_run_are_refused(tmp_path: Path, other: dict[str, Any], told: str) -> None:
    one = write_log(tmp_path / "one", judged(1), head=header(part="a"))
    two = write_log(tmp_path / "two", judged(1), head=header(**other))
    with pytest.raises(EvidenceError, match=told):
        merge_logs([one, two], tmp_path / "merged")
