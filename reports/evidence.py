"""The evidence log: JSON Lines, append-only, redacted before it is written, complete up to the last exchange.

A log is a `header` record, then `exchange`, `group` and `event` records as they happen, then a `footer`, chained by
their seals (`reports.chain`). A log without a footer is that of a run that did not end; it reads as incomplete. Shards
write logs of their own, told apart by the header's `part`, which `reports.merging` makes one.
formats/evidence.schema.json describes every record.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

from contracts.judge.records import Exchange, Finding, Group, Judgement
from contracts.model import Operation
from reports.canaries import planted
from reports.chain import START, is_next, seal_of, sealed
from reports.codec import (
    Json,
    exchange_from_json,
    exchange_to_json,
    group_from_json,
    group_to_json,
    header_to_json,
    withheld_to_json,
)
from reports.comparison import differences, with_texts_of
from reports.errors import OutputError
from reports.header import RunHeader
from reports.ledger import PLAN, counted
from reports.redaction import Redactor

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


JudgeAgain: TypeAlias = Callable[[Group, Operation], Judgement]

RECENT = 64
"""Exchanges whose redacted form is kept at hand until their group is judged."""


class EvidenceLog:
    """Writes the log of one run or shard; one write to the file for each record.

    An earlier file of that name is replaced. Raises OutputError where the file cannot be written. As a context
    manager it ends with a footer, and without one where an exception passes. With `judge_again` the log also finds out
    what cannot be judged again from redacted bytes, and records it as an observation.
    """

    def __init__(
        self, path: Path, header: RunHeader, redactor: Redactor, *, judge_again: JudgeAgain | None = None
    ) -> None:
        self.path = path
        self._redactor = redactor
        self._judge_again = judge_again
        self._table = header.requirements
        self._operations: dict[tuple[str, str], Operation] = {}
        self._redacted: dict[int, Json] = {}
        self._end = START, 0  # the last seal and where the last record ends, changed at once
        self._counts: Counter[str] = Counter()
        self._rows = _rows_by_binding(header)
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("wb", buffering=0)
        except OSError as error:
            raise OutputError(path, error) from error
        record = header_to_json(header)
        record["targets"] = {name: redactor.redact_text(url) for name, url in header.targets.items()}
        self._write(record)

    def exchange(self, exchange: Exchange, operation: Operation) -> None:
        """Records an exchange, after learning the secrets that its answer brought.

        One that cannot be redacted is recorded with all content withheld, and what redaction raised is raised.
        """
        try:
            self._redactor.learn_from(exchange, operation)
            record = exchange_to_json(exchange, operation, self._redactor)
        except Exception as error:
            self._record(withheld_to_json(exchange, operation, self._redactor), operation)
            told = f"what was sent and what came back is withheld: redacting it failed with {type(error).__name__}"
            self._write({"type": "event", "name": "withheld", "detail": told, "exchange": exchange.number, "at": now()})
            raise
        self._record(record, operation)

    def _record(self, record: Json, operation: Operation) -> None:
        self._write(record)
        self._remember(record, operation)
        self._counts.update(counted(record))

    def plant(self, canaries: Iterable[str], operation: Operation) -> None:
        """Writes made-up secrets as everything else is written; none of them may come through."""
        for number, canary in enumerate(canaries, 1):
            self._redactor.learn(canary)
            for exchange in planted(canary, number, operation):
                self._write({**exchange_to_json(exchange, operation, self._redactor), "type": "canary"})

    def group(self, group: Group, judgement: Judgement) -> Judgement:
        """Records what the judge said of a group, whose exchanges were recorded before; gives it back redacted.

        Raises KeyError for a requirement that the header does not list for the binding.
        """
        message = group.subject.message
        rows = self._rows[message.service, message.operation, message.protocol]
        again = self._judged_redacted(group, judgement)
        worded = judgement if again is None else with_texts_of(judgement, again)
        record = group_to_json(group, worded, rows, self._redactor)
        recorded = group_from_json(record, self._table).judgement
        unlike = {} if again is None else differences(recorded, again)
        record["observations"] = [
            {"requirement": rows[each], "original": original, "redacted": redacted}
            for each, (original, redacted) in unlike.items()
        ]
        self._write(record)
        self._counts.update(counted(record))
        return recorded

    def adopt(self, record: Json) -> None:
        """Records again what the log of an interrupted run holds: redacted as it was, and without its seal."""
        self._write(record)
        self._counts.update(counted(record))

    def minimised(self, finding: Finding, exchange: int) -> None:
        """Records that a smaller message, sent in `exchange`, shows the same as a finding."""
        rows = self._rows[finding.service, finding.operation, finding.protocol]
        row = rows[finding.requirement]
        record = {"requirement": row, "name": finding.name, "exchange": finding.exchange, "smaller": exchange}
        self._write({"type": "minimised", **record})

    def value(self, service: str, name: str, value: str) -> None:
        """Records what stands for a configured value that is secret, so that the value can be put back on replay."""
        self._redactor.learn(value)
        stand_in = self._redactor.pseudonym(value)
        self._write({"type": "value", "service": service, "name": name, "stand_in": stand_in})

    def event(self, name: str, detail: str, exchange: int | None = None) -> None:
        """Records what befell the run, or one exchange: a budget used up, an interruption."""
        told = {"name": name, "detail": self._redactor.redact_text(detail), "exchange": exchange}
        self._write({"type": "event", **told, "at": now()})

    def not_exercised(self, service: str, operation: str, protocol: str, reasons: Mapping[str, str]) -> None:
        """Records why requirements (ids) of a binding were not exercised, where that is only known afterwards."""
        rows = self._rows[service, operation, protocol]
        redact = self._redactor.redact_text
        why = [[rows[requirement], redact(reason)] for requirement, reason in reasons.items()]
        self._write({"type": "not_exercised", "reasons": why})

    def close(self, planned: int | None = None) -> None:
        """Ends the log of a run that ended: writes the footer. A second call does nothing.

        `planned` is the number of items that the run was to send.
        """
        if not self._file.closed:
            counts = {**self._counts, **({} if planned is None else {PLAN: planned})}
            self._write({"type": "footer", "counts": dict(sorted(counts.items())), "finished": now()})
            self._file.close()

    def abandon(self, why: str) -> None:
        """Ends the log of a run that did not end: without a footer, with an event that says why."""
        if not self._file.closed:
            self._find_end()
            self.event("abandoned", why)
            self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if kind is None:
            self.close()
        else:
            self.abandon(kind.__name__)

    def _remember(self, record: Json, operation: Operation) -> None:
        """Keeps a redacted exchange at hand for the judgement of its group."""
        self._operations[operation.service, operation.name] = operation
        if self._judge_again is not None:
            self._redacted[record["number"]] = record
            if len(self._redacted) > RECENT:
                del self._redacted[next(iter(self._redacted))]

    def _judged_redacted(self, group: Group, judgement: Judgement) -> Judgement | None:
        """What the judge says of the redacted group; None where it cannot say anything else."""
        message = group.subject.message
        operation = self._operations.get((message.service, message.operation))
        if self._judge_again is None or operation is None:
            return None
        records = [self._record_of(each, operation) for each in group.exchanges]
        is_answer_redacted = any(each.get("response", {}).get("redacted") for each in records)
        is_request_redacted = any(each["request"].get("redacted") for each in records)
        if not is_answer_redacted and not (is_request_redacted and judgement.findings):
            return None
        return self._judge_again(Group(tuple(exchange_from_json(each) for each in records)), operation)

    def _record_of(self, exchange: Exchange, operation: Operation) -> Json:
        record = self._redacted.get(exchange.number)
        return exchange_to_json(exchange, operation, self._redactor) if record is None else record

    def _find_end(self) -> None:
        """Takes note of a record that an interrupt came after, or takes away what it left of one."""
        seal, end = self._end
        with self.path.open("rb") as file:
            file.seek(end)
            rest = file.read()
        if is_next(rest, seal):
            self._end = seal_of(rest) or seal, end + len(rest)
        elif rest:
            self._file.truncate(end)
            self._file.seek(end)

    def _write(self, record: Json) -> None:
        seal, end = self._end
        # Lone surrogates have no UTF-8; backslashreplace writes them as the escapes that JSON has for them.
        whole, seal = sealed(_encode(record).encode("utf-8", "backslashreplace"), seal)
        line = memoryview(whole)
        try:
            while line:
                line = line[self._file.write(line) or 0 :]
        except OSError as error:
            self._file.close()
            raise OutputError(self.path, error) from error
        self._end = seal, end + len(whole)


def _rows_by_binding(header: RunHeader) -> dict[tuple[str, str, str], dict[str, int]]:
    """For each binding, the rows of its requirements in the header's table."""
    rows: dict[tuple[str, str, str], dict[str, int]] = {binding.key: {} for binding in header.bindings}
    for index, row in enumerate(header.requirements):
        rows[row.service, row.operation, row.protocol][row.requirement.id] = index
    return rows


def now() -> str:
    """The time, as logs tell it (ISO 8601, with its zone)."""
    return datetime.now(UTC).isoformat(timespec="seconds")
