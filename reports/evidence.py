"""The evidence log: JSON Lines, append-only, redacted before it is written, complete up to the last exchange.

A log is a `header` record, then `exchange`, `group` and `event` records as they happen, then a `footer`. A log without
a footer is that of a run that did not end; it reads as incomplete. Workers and shards write logs of their own, told
apart by the header's `part`, which `reports.reading` reads as one.
"""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from contracts.judge.records import Exchange, Failure, Group, Judgement
from contracts.model import Operation
from reports.codec import Json, exchange_to_json, group_to_json, header_to_json
from reports.errors import OutputError
from reports.header import RunHeader
from reports.redaction import Redactor

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False).encode


class EvidenceLog:
    """Writes the log of one run, worker or shard; one write to the file for each record.

    An earlier file of that name is replaced. Raises OutputError where the file cannot be written. As a context
    manager it ends with a footer, and without one where an exception passes.
    """

    def __init__(self, path: Path, header: RunHeader, redactor: Redactor) -> None:
        self.path = path
        self._redactor = redactor
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
        """Records an exchange, after learning the secrets that its answer brought."""
        self._redactor.learn_from(exchange, operation)
        self._write(exchange_to_json(exchange, operation, self._redactor))
        self._counts["exchanges"] += 1
        self._counts[exchange.purpose] += 1
        if isinstance(exchange.outcome, Failure):
            self._counts[f"failed: {exchange.outcome.kind}"] += 1

    def group(self, group: Group, judgement: Judgement) -> None:
        """Records what the judge said of a group, whose exchanges were recorded before.

        Raises KeyError for a requirement that the header does not list for the binding.
        """
        message = group.subject.message
        rows = self._rows[message.service, message.operation, message.protocol]
        self._write(group_to_json(group, judgement, rows, self._redactor))
        self._counts["groups"] += 1

    def event(self, name: str, detail: str) -> None:
        """Records what befell the run: a budget used up, a worker lost, an interruption."""
        self._write({"type": "event", "name": name, "detail": self._redactor.redact_text(detail), "at": _now()})

    def not_exercised(self, service: str, operation: str, protocol: str, reasons: Mapping[str, str]) -> None:
        """Records why requirements (ids) of a binding were not exercised, where that is only known afterwards."""
        rows = self._rows[service, operation, protocol]
        redact = self._redactor.redact_text
        why = [[rows[requirement], redact(reason)] for requirement, reason in reasons.items()]
        self._write({"type": "not_exercised", "reasons": why})

    def close(self) -> None:
        """Ends the log of a run that ended: writes the footer. A second call does nothing."""
        if not self._file.closed:
            self._write({"type": "footer", "counts": dict(sorted(self._counts.items())), "finished": _now()})
            self._file.close()

    def abandon(self, why: str) -> None:
        """Ends the log of a run that did not end: without a footer, with an event that says why."""
        if not self._file.closed:
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

    def _write(self, record: Json) -> None:
        # Lone surrogates have no UTF-8; backslashreplace writes them as the escapes that JSON has for them.
        line = memoryview(_encode(record).encode("utf-8", "backslashreplace") + b"\n")
        try:
            while line:
                line = line[self._file.write(line) or 0 :]
        except OSError as error:
            self._file.close()
            raise OutputError(self.path, error) from error


def _rows_by_binding(header: RunHeader) -> dict[tuple[str, str, str], dict[str, int]]:
    """For each binding, the rows of its requirements in the header's table."""
    rows: dict[tuple[str, str, str], dict[str, int]] = {binding.key: {} for binding in header.bindings}
    for index, row in enumerate(header.requirements):
        rows[row.service, row.operation, row.protocol][row.requirement.id] = index
    return rows


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
