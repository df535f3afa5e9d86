"""From logs to a run: one pass over the lines, in memory that does not grow with their number."""

import dataclasses
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from contracts.judge.records import Exchange, Failure, Finding
from contracts.judge.verdicts import (
    RequirementKey,
    RequirementVerdict,
    RunVerdict,
    Tallies,
    requirement_verdict,
    run_verdict,
)
from reports.codec import exchange_from_json, group_from_json, header_from_json
from reports.errors import EvidenceError
from reports.header import RunHeader
from reports.lines import Line, TornLineError, read_line_at, read_lines
from reports.run import Event, Findings, FindingSeries, Run, key_of

MAX_SERIES = 10
"""Different findings listed for one requirement on one binding; more of the same teach nothing new."""

MAX_NUMBERS = 20
"""Exchange numbers listed for one series of findings."""


def read_run(paths: Sequence[Path]) -> Run:
    """The run that one log, or the logs of its workers and shards, record.

    Raises EvidenceError, with file and line, for a log that is damaged or belongs to another run.
    """
    if not paths:
        raise ValueError("a run is read from at least one log")
    reader = _Reader()
    for path in sorted(paths):
        reader.read(path)
    return reader.run()


class _Reader:
    """Adds up the records of logs."""

    def __init__(self) -> None:
        self._header: RunHeader | None = None
        self._tallies = Tallies()
        self._collected: dict[RequirementKey, _Collected] = {}
        self._index = _ExchangeIndex()
        self._counts: Counter[str] = Counter()
        self._events: list[Event] = []
        self._open_ends: list[str] = []
        self._finished: list[str] = []
        self._reasons: dict[int, str] = {}

    def read(self, path: Path) -> None:
        """Adds the records of one log."""
        finished = len(self._finished)
        before = self._counts.copy()
        last: Line | None = None
        try:
            for line in read_lines(path):
                if len(self._finished) > finished:
                    raise EvidenceError(path, line.number, "a record after the footer: the log was edited or joined")
                self._add(line)
                if line.record["type"] == "footer" and line.record["counts"] != dict(self._counts - before):
                    raise EvidenceError(path, line.number, "the footer counts other records than the log holds")
                last = line
        except TornLineError:
            lines = last.number if last else 0
            self._open_ends.append(f"{path.name}: line {lines + 1} was not written to its end")
        if len(self._finished) == finished:
            self._open_ends.append(f"{path.name}: the log has no footer: the run was stopped before its end")

    def _add(self, line: Line) -> None:
        try:
            _ADD[line.record["type"]](self, line)
        except EvidenceError:
            raise
        except (KeyError, IndexError, TypeError, ValueError) as error:
            kind = line.record["type"]
            raise EvidenceError(
                line.file, line.number, f"is not a complete {kind} record: {type(error).__name__} {error}"
            ) from error

    def _add_header(self, line: Line) -> None:
        header = header_from_json(line.record)
        if self._header is None:
            self._header = header
            return
        differing = [name for name in _SHARED if getattr(header, name) != getattr(self._header, name)]
        if differing:
            problem = f"belongs to another run than the logs before it: {', '.join(differing)} differ"
            raise EvidenceError(line.file, line.number, problem)

    def _add_exchange(self, line: Line) -> None:
        exchange = exchange_from_json(line.record)
        self._counts["exchanges"] += 1
        self._counts[exchange.purpose] += 1
        if isinstance(exchange.outcome, Failure):
            self._counts[f"failed: {exchange.outcome.kind}"] += 1
        self._index.add(exchange.number, line)

    def _add_group(self, line: Line) -> None:
        group = group_from_json(line.record, self._known_header.requirements)
        self._counts["groups"] += 1
        self._tallies.add(group.service, group.operation, group.protocol, group.judgement, group.exchanges[0])
        for finding in group.judgement.findings:
            key = (group.service, group.operation, group.protocol, finding.requirement)
            self._collected.setdefault(key, _Collected()).add(finding)

    def _add_event(self, line: Line) -> None:
        event = Event(**{field.name: line.record[field.name] for field in dataclasses.fields(Event)})
        self._events.append(event)

    def _add_not_exercised(self, line: Line) -> None:
        table = self._known_header.requirements
        self._reasons.update({row: reason for row, reason in line.record["reasons"] if table[row]})

    def _add_footer(self, line: Line) -> None:
        self._finished.append(line.record["finished"])

    def run(self) -> Run:
        """The run of all records added."""
        header = self._known_header
        verdicts = tuple(self._verdict(index) for index in range(len(header.requirements)))
        findings = {key: collected.findings() for key, collected in self._collected.items()}
        return Run(
            header=header,
            verdict=_run_verdict(verdicts, header, self._open_ends),
            verdicts=verdicts,
            findings=findings,
            exchanges=self._index.load(_shown(verdicts, findings)),
            counts=dict(sorted(self._counts.items())),
            events=tuple(self._events),
            open_ends=tuple(self._open_ends),
            finished=None if self._open_ends else max(self._finished),
        )

    def _verdict(self, index: int) -> RequirementVerdict:
        row = self._known_header.requirements[index]
        return requirement_verdict(
            row.service,
            row.operation,
            row.protocol,
            row.requirement,
            self._tallies.of(row.key),
            not_applicable=row.not_applicable,
            out_of_scope=row.out_of_scope,
            not_exercised=self._reasons.get(index, row.not_exercised),
        )

    @property
    def _known_header(self) -> RunHeader:
        assert self._header is not None, "read_lines gives the header first"
        return self._header


_ADD: Mapping[str, Callable[[_Reader, Line], None]] = {
    "header": _Reader._add_header,
    "exchange": _Reader._add_exchange,
    "group": _Reader._add_group,
    "event": _Reader._add_event,
    "not_exercised": _Reader._add_not_exercised,
    "footer": _Reader._add_footer,
}

_SHARED = ("tool", "version", "contracts", "targets", "seed", "profile", "strict", "bindings", "requirements")
"""What the logs of one run have in common; clocks and parts differ."""


class _Collected:
    """The findings against one requirement on one binding, capped."""

    def __init__(self) -> None:
        self._series: dict[tuple[str, str, str], FindingSeries] = {}
        self._unlisted = 0

    def add(self, finding: Finding) -> None:
        fingerprint = finding.name, finding.where, finding.expected
        series = self._series.get(fingerprint)
        if series is not None:
            numbers = (*series.exchanges, finding.exchange) if len(series.exchanges) < MAX_NUMBERS else series.exchanges
            self._series[fingerprint] = FindingSeries(series.first, series.count + 1, numbers)
        elif len(self._series) < MAX_SERIES:
            self._series[fingerprint] = FindingSeries(finding, 1, (finding.exchange,))
        else:
            self._unlisted += 1

    def findings(self) -> Findings:
        return Findings(tuple(self._series.values()), self._unlisted)


class _ExchangeIndex:
    """Where each exchange stands: 18 bytes each, so that a hundred thousand take two megabytes."""

    def __init__(self) -> None:
        self._files: list[Path] = []
        self._numbers, self._offsets, self._in_file = array("Q"), array("Q"), array("H")

    def add(self, number: int, line: Line) -> None:
        if not self._files or self._files[-1] != line.file:
            self._files.append(line.file)
        self._numbers.append(number)
        self._offsets.append(line.offset)
        self._in_file.append(len(self._files) - 1)

    def load(self, wanted: frozenset[int]) -> dict[int, Exchange]:
        """The exchanges of those numbers, in their order."""
        found = {
            number: (self._files[self._in_file[index]], self._offsets[index])
            for index, number in enumerate(self._numbers)
            if number in wanted
        }
        return {number: exchange_from_json(read_line_at(*found[number])) for number in sorted(found)}


def _shown(verdicts: Iterable[RequirementVerdict], findings: Mapping[RequirementKey, Findings]) -> frozenset[int]:
    """Numbers of the exchanges that reports show: the first of each series, and an example of what was kept."""
    of_findings = {series.first.exchange for each in findings.values() for series in each.series}
    examples = {each.exchanges[0] for each in verdicts if each.exchanges and key_of(each) not in findings}
    return frozenset(of_findings | examples)


def _run_verdict(verdicts: Sequence[RequirementVerdict], header: RunHeader, open_ends: Sequence[str]) -> RunVerdict:
    """The run's verdict; a violation stands however early the run stopped, but nothing is certified by half a run."""
    verdict = run_verdict(verdicts, strict=header.strict)
    return "incomplete" if open_ends and verdict != "not certified" else verdict
