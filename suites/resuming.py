"""A run that did not send all taken up again: what its log holds is kept, and only what it lacks is sent.

It was interrupted, or its budget was used up, or the target was away at last.
"""

import json
from collections import Counter
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
_GAPS = frozenset({"cut short", "target given up"})
"""Events that tell of messages that were not sent."""

_WORDS = {"tool_digest": "build of soapstone", "part": "shard"}
"""What members of a header are called, where not by their names."""

_LEFT = _GAPS | {"abandoned", "left out after silences", "original given up"}
"""Events that tell of what was not sent, which may now be, or is told once more."""


@dataclass(slots=True)
class Earlier:
    """What the log of a run that is taken up again holds. `last` is the last number of an exchange.

    `answered` names messages by item and index, `compared` the items whose answers were judged together; `silences`
    counts, by binding and requirement, the messages that stayed unanswered. `is_whole` says that nothing is lacking.
    """

    path: Path
    seal: str = ""
    last: int = 0
    exchanges: int = 0
    answered: set[tuple[str, int]] = field(default_factory=set)
    compared: set[str] = field(default_factory=set)
    silences: Counter[tuple[str, str]] = field(default_factory=Counter)
    has_ended: bool = False
    has_gaps: bool = False
    _planned: dict[int, tuple[str, int]] = field(default_factory=dict)
    _silent: dict[int, tuple[str, str]] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Whether the run ended and left nothing to send."""
        return self.has_ended and not self.has_gaps

    def add(self, record: Json) -> None:
        """Takes note of one record."""
        if record["type"] == "exchange":
            message = record["message"]
            if record["purpose"] == "planned":
                self._planned[record["number"]] = (message["item"], message["index"])
                if "failure" in record:
                    binding = f"{message['service']}/{message['operation']}/{message['protocol']}"
                    self._silent[record["number"]] = (binding, message["requirement"])
            self.last = max(self.last, record["number"])
            self.exchanges += 1
        elif record["type"] == "group" and not is_open(record):
            messages = [self._planned[number] for number in record["exchanges"] if number in self._planned]
            if len(messages) > 1:
                self.compared.add(messages[0][0])
            elif messages:
                self.answered.add(messages[0])
            self.silences.update(self._silent[number] for number in record["exchanges"] if number in self._silent)
        self.has_ended |= record["type"] == "footer"
        self.has_gaps |= record["type"] == "not_exercised" or is_open(record) or record.get("name") in _GAPS


def is_open(record: Json) -> bool:
    """Whether a group's record says that its message showed nothing, so that it is sent again."""
    return record["type"] == "group" and bool(record["inconclusive"])


def read_earlier(path: Path, header: RunHeader) -> Earlier:
    """What a log holds of a run with this header.

    Raises EvidenceError for a log that cannot be read, of another run, or of one that sent all that it was to send.
    """
    earlier = Earlier(path)
    for line in _lines(path):
        if line.record["type"] == "header":
            _require_same(path, header_from_json(line.record), header)
        else:
            earlier.add(line.record)
        earlier.seal = str(line.record["seal"])
    if earlier.is_whole:
        raise EvidenceError(path, None, "is the log of a run that sent all it was to send: nothing is left to take up")
    return earlier


def _require_same(path: Path, then: RunHeader, now: RunHeader) -> None:
    """Raises EvidenceError where the log is of another run: what was answered then would not count now."""
    logged = header_from_json(json.loads(json.dumps(header_to_json(now))))  # a log holds less than a header in memory
    unlike = [_WORDS.get(name, name) for name in (*SHARED, "part") if getattr(then, name) != getattr(logged, name)]
    if unlike:
        problem = f"is the log of another run: {', '.join(unlike)} differ. Start anew, or give the options that it had"
        raise EvidenceError(path, 1, problem)


def kept_records(path: Path) -> Iterator[Json]:
    """The records that go into the log of the run that takes this one up again, as they were, without their seals."""
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
