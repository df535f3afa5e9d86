"""The logs of a run's shards made one, in the order of the plan, whatever the order they are given in."""

import dataclasses
import json
import re
from array import array
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from reports.chain import START, sealed
from reports.codec import Json, header_from_json, header_to_json
from reports.errors import EvidenceError
from reports.files import whole_file
from reports.forms import as_record, blaming
from reports.header import RunHeader
from reports.lines import Line, TornLineError, read_lines

SHARED = (
    "tool", "version", "tool_digest", "contracts", "rulings", "standards", "targets", "seed", "profile", "strict",
    "scope", "bindings", "requirements", "waivers",
)  # fmt: skip
"""What the logs of one run have in common; clocks and parts differ."""

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


@dataclass(frozen=True, slots=True)
class _Unit:
    """Consecutive lines about one group: its exchanges, what was judged of them, and what befell then.

    `offset` and `number` are those of the first line.
    """

    row: int
    part: int
    offset: int
    number: int
    lines: int


@dataclass(slots=True)
class _Part:
    """One log: its header, its units in order, and its footer if it has one."""

    path: Path
    header: RunHeader
    seal: str
    units: list[_Unit]
    footer: Json | None


def merge_logs(paths: Sequence[Path], target: Path) -> Path:
    """Writes the log of the whole run from those of its parts, exchanges numbered anew, and gives back its path.

    The same parts give the same bytes. A part without a footer leaves the whole without one. The whole is a part itself
    where shards are missing.
    Raises EvidenceError for a part that is damaged, given twice or of another run, and OutputError where the target
    cannot be written.
    """
    with blaming(*paths):
        return _merge(paths, target)


def _merge(paths: Sequence[Path], target: Path) -> Path:
    parts = sorted((_scanned(path) for path in paths), key=lambda each: (each.header.part, each.seal))
    _require_one_run(parts)
    header = _header(parts, _missing(parts))
    numbered = [unit for index, part in enumerate(parts) for unit in _in_order(part.units, index)]
    order = sorted(numbered, key=lambda unit: unit.row)
    with whole_file(target) as file:
        seal = START
        for record in _merged(header, parts, order):
            line, seal = sealed(_encode(record).encode("utf-8", "backslashreplace"), seal)
            file.write(line)
    return target


def _in_order(units: Sequence[_Unit], part: int) -> Iterator[_Unit]:
    """The units of one part, none of which comes before another that it may refer to.

    Several messages may have been under way at once, so that what belongs to one row comes in pieces between others.
    """
    row = -1
    for unit in units:
        row = max(row, unit.row)
        yield dataclasses.replace(unit, row=row, part=part)


def _merged(header: RunHeader, parts: Sequence[_Part], order: Sequence[_Unit]) -> Iterator[Json]:
    """The records of the whole, in the order of its units."""
    yield header_to_json(header)
    numbers = _Numbers(len(parts))
    files = [part.path.open("rb") for part in parts]
    try:
        for unit in order:
            files[unit.part].seek(unit.offset)
            for place in range(unit.lines):
                record = json.loads(files[unit.part].readline())
                del record["seal"]
                with as_record(Line(parts[unit.part].path, unit.number + place, unit.offset, record)):
                    if unit.part and record["type"] == "canary":  # all plant the same
                        continue
                    _RENUMBER.get(record["type"], _unchanged)(record, unit.part, numbers)
                yield record
    finally:
        for file in files:
            file.close()
    footers = [part.footer for part in parts if part.footer is not None]
    if len(footers) == len(parts):
        counts = sum((Counter(each["counts"]) for each in footers), Counter[str]())
        finished = max(each["finished"] for each in footers)
        yield {"type": "footer", "counts": dict(sorted(counts.items())), "finished": finished}


class _Numbers:
    """New numbers of exchanges by part and old number: eight bytes each."""

    def __init__(self, parts: int) -> None:
        self._new = [array("Q") for _ in range(parts)]
        self._last = 0

    def next(self, part: int, old: int) -> int:
        """The number of the next exchange of the whole."""
        known = self._new[part]
        known.extend([0] * (old + 1 - len(known)))
        self._last += 1
        known[old] = self._last
        return self._last

    def of(self, part: int, old: int) -> int:
        """The number that an exchange was given."""
        return self._new[part][old]


def _exchange(record: Json, part: int, numbers: _Numbers) -> None:
    record["number"] = numbers.next(part, record["number"])


def _group(record: Json, part: int, numbers: _Numbers) -> None:
    record["exchanges"] = [numbers.of(part, each) for each in record["exchanges"]]
    for finding in record["findings"]:
        finding["exchange"] = numbers.of(part, finding["exchange"])


def _minimised(record: Json, part: int, numbers: _Numbers) -> None:
    for name in ("exchange", "smaller"):
        record[name] = numbers.of(part, record[name])


def _event(record: Json, part: int, numbers: _Numbers) -> None:
    if record["exchange"] is not None:
        record["exchange"] = numbers.of(part, record["exchange"])


def _unchanged(record: Json, part: int, numbers: _Numbers) -> None:
    """Records that name no exchange."""


_RENUMBER: Mapping[str, Callable[[Json, int, _Numbers], None]] = {
    "exchange": _exchange,
    "group": _group,
    "minimised": _minimised,
    "event": _event,
}


def _scanned(path: Path) -> _Part:
    """A log read once: where its units begin and what they are about."""
    header: RunHeader | None = None
    seal, footer = START, None
    units = _Units()
    try:
        for line in read_lines(path):
            seal = str(line.record["seal"])
            with as_record(line):
                if line.record["type"] == "header":
                    header = header_from_json(line.record)
                    units.table = {row.key: index for index, row in enumerate(header.requirements)}
                elif line.record["type"] == "footer":
                    footer = line.record
                    _ = Counter(footer["counts"]), datetime.fromisoformat(footer["finished"])
                else:
                    units.add(line)
                if line.record["type"] == "exchange" and not 0 < line.record["number"] < line.number:
                    raise ValueError(f"number {line.record['number']}: exchanges are numbered from 1 as they come")
    except TornLineError:
        footer = None
    assert header is not None, "read_lines gives the header first"
    return _Part(path, header, seal, units.finished(), footer)


class _Units:
    """Cuts the lines of a log into units: a new one begins with the first exchange after a group."""

    def __init__(self) -> None:
        self.table: dict[tuple[str, str, str, str], int] = {}
        self._done: list[_Unit] = []
        self._offset = self._number = self._lines = 0
        self._row = -1
        self._at = ("", -1)
        self._is_judged = True

    def add(self, line: Line) -> None:
        """Adds a line to the unit it belongs to."""
        record = line.record
        if record["type"] == "exchange" and self._is_judged:
            self._end()
            self._row, self._is_judged = self._row_of(record), False
        self._is_judged |= record["type"] == "group"
        if not self._lines:
            self._offset, self._number = line.offset, line.number
        self._lines += 1

    def _row_of(self, exchange: Json) -> int:
        """The row of the requirement that the running item of the plan is about.

        Its messages may exercise other requirements, and be sent over other bindings; their index goes on rising. What
        the plan does not hold was sent on account of the item too.
        """
        message = exchange["message"]
        about, before = message["item"].partition(":")[2], self._at
        if exchange["purpose"] != "planned":
            return self._row
        self._at = about, message["index"]
        if about and about == before[0] and message["index"] > before[1]:
            return self._row
        place = message["service"], message["operation"], message["protocol"]
        return self.table.get((*place, about), self.table.get((*place, message["requirement"]), -1))

    def finished(self) -> list[_Unit]:
        """All units."""
        self._end()
        return self._done

    def _end(self) -> None:
        if self._lines:
            self._done.append(_Unit(self._row, 0, self._offset, self._number, self._lines))
        self._lines = 0


def _require_one_run(parts: Sequence[_Part]) -> None:
    first = parts[0]
    for index, part in enumerate(parts[1:], 1):
        differing = [name for name in SHARED if getattr(part.header, name) != getattr(first.header, name)]
        if differing:
            problem = f"belongs to another run than {first.path}: {', '.join(differing)} differ"
            raise EvidenceError(part.path, 1, problem)
        if _shards(part) != _shards(first):
            raise EvidenceError(
                part.path, 1, f"is {part.header.part!r} of a run, and {first.path} {first.header.part!r}"
            )
        if part.header.part == parts[index - 1].header.part:
            raise EvidenceError(part.path, 1, f"is part {part.header.part!r} of the run, as {parts[index - 1].path} is")


def _header(parts: Sequence[_Part], part: str) -> RunHeader:
    """The head of the whole; its parts are told by name and last seal."""
    named = tuple(f"{each.header.part}: {each.seal}" for each in parts)
    started = min(each.header.started for each in parts)
    return dataclasses.replace(parts[0].header, part=part, parts=named, started=started)


def _shards(part: _Part) -> str:
    """Into how many shards the run of a part was shared out; empty for one that was not."""
    found = _SHARD.match(part.header.part)
    return found.group(2) if found else ""


_SHARD = re.compile(r"shard (\d+)/(\d+)")


def _missing(parts: Sequence[_Part]) -> str:
    """What the whole is to be called if it lacks some of a run's shards; empty if it lacks none."""
    shards = [found for part in parts if (found := _SHARD.match(part.header.part))]
    if not shards:
        return ""
    there = {int(found.group(1)) for found in shards}
    of = max(int(found.group(2)) for found in shards)
    lacking = sorted(set(range(1, of + 1)) - there)
    return f"shards {', '.join(map(str, sorted(there)))} of {of}" if lacking else ""
