"""An interrupted run taken up again: what its log holds is kept, and only what it lacks is sent."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contracts.judge.answer import Answer
from contracts.model import Operation
from reports.codec import Json, exchange_from_json, header_from_json, header_to_json
from reports.errors import EvidenceError
from reports.header import RunHeader
from reports.lines import Line, TornLineError, read_lines
from reports.merging import SHARED
from suites.health import Health

_KEPT = frozenset({"exchange", "group", "event", "value", "minimised"})
_LEFT = frozenset({"abandoned"})
"""Events that tell of the end that turned out to be none."""


@dataclass(slots=True)
class Earlier:
    """What an interrupted run's log holds. `last` is the last number of an exchange.

    `answered` names messages by item and index, `compared` the items whose answers were judged together.
    """

    path: Path
    seal: str = ""
    last: int = 0
    exchanges: int = 0
    answered: set[tuple[str, int]] = field(default_factory=set)
    compared: set[str] = field(default_factory=set)
    _planned: dict[int, tuple[str, int]] = field(default_factory=dict)

    def add(self, record: Json) -> None:
        """Takes note of one record."""
        if record["type"] == "exchange":
            message = record["message"]
            if record["purpose"] == "planned":
                self._planned[record["number"]] = (message["item"], message["index"])
            self.last = max(self.last, record["number"])
            self.exchanges += 1
        elif record["type"] == "group" and not is_open(record):
            messages = [self._planned[number] for number in record["exchanges"] if number in self._planned]
            if len(messages) > 1:
                self.compared.add(messages[0][0])
            elif messages:
                self.answered.add(messages[0])


def is_open(record: Json) -> bool:
    """Whether a group's record says that its message showed nothing, so that it is sent again."""
    return record["type"] == "group" and bool(record["inconclusive"])


def read_earlier(path: Path, header: RunHeader) -> Earlier:
    """What the log of an interrupted run holds of a run with this header.

    Raises EvidenceError for a log that cannot be read, of another run, or of one that ended.
    """
    earlier = Earlier(path)
    for line in _lines(path):
        kind = line.record["type"]
        if kind == "header":
            _require_same(path, header_from_json(line.record), header)
        elif kind == "footer":
            raise EvidenceError(path, line.number, "is the log of a run that ended: there is nothing to take up again")
        else:
            earlier.add(line.record)
        earlier.seal = str(line.record["seal"])
    return earlier


def _require_same(path: Path, then: RunHeader, now: RunHeader) -> None:
    """Raises EvidenceError where the log is of another run: what was answered then would not count now."""
    logged = header_from_json(json.loads(json.dumps(header_to_json(now))))  # a log holds less than a header in memory
    unlike = [name for name in (*SHARED, "part") if getattr(then, name) != getattr(logged, name)]
    if unlike:
        problem = f"is the log of another run: {', '.join(unlike)} differ. Start anew, or give the options that it had"
        raise EvidenceError(path, 1, problem)


def kept_records(path: Path) -> Iterator[Json]:
    """The records that go into the log of the run that takes it up again, as they were, without their seals."""
    for line in _lines(path):
        record = dict(line.record)
        del record["seal"]
        is_end = record["type"] == "event" and record["name"] in _LEFT
        if record["type"] in _KEPT and not is_end and not is_open(record):
            yield record


def note_health(record: Json, operations: Mapping[str, Operation], healths: Mapping[str, Health]) -> None:
    """Has what is known of targets begin with what the log shows of their known-good messages."""
    message = record["message"]
    operation = operations.get(f"{message['service']}/{message['operation']}")
    if message["kind"] != "sample" or record["purpose"] == "beside" or operation is None:
        return
    health = healths[message["service"]]
    health.note(Answer(exchange_from_json(record), operation, operation.bindings_by_protocol[message["protocol"]]))
    health.has_answered = health.has_answered or not health.unanswered


def _lines(path: Path) -> Iterator[Line]:
    """The lines up to the one that was not written to its end."""
    try:
        yield from read_lines(path)
    except TornLineError:
        return
