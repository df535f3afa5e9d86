"""From a log to a run: one pass over the lines, in memory that does not grow with their number."""

import dataclasses
from array import array
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from contracts.judge.records import Exchange, Finding
from contracts.judge.verdicts import (
    RequirementKey,
    RequirementVerdict,
    RunVerdict,
    Tallies,
    requirement_verdict,
    run_verdict,
)
from reports.codec import exchange_from_json, group_from_json, header_from_json
from reports.errors import ChainError
from reports.forms import as_record, blaming
from reports.header import CAPTURED, RunHeader
from reports.ledger import Ledger
from reports.lines import Line, TornLineError, read_line_at, read_lines
from reports.run import BindingKey, Event, Findings, FindingSeries, Run, key_of
from reports.waivers import Waiver

MAX_SERIES = 10
"""Different findings listed for one requirement on one binding; more of the same teach nothing new."""

MAX_NUMBERS = 20
"""Exchange numbers listed for one series of findings."""


def read_run(path: Path) -> Run:
    """The run that a log records. Raises EvidenceError, with file and line, for one that is damaged."""
    reader = _Reader()
    with blaming(path):
        reader.read(path)
        return reader.run()


class _Reader:
    """Adds up the records of a log."""

    def __init__(self) -> None:
        self._path = Path()
        self._header: RunHeader | None = None
        self._tallies = Tallies()
        self._collected: dict[RequirementKey, _Collected] = {}
        self._index = _ExchangeIndex()
        self._ledger: Ledger | None = None
        self._events: list[Event] = []
        self._open_ends: list[str] = []
        self._finished: str | None = None
        self._reasons: dict[int, str] = {}
        self._smaller: dict[int, int] = {}
        self._samples: dict[BindingKey, int] = {}
        self._seconds: defaultdict[BindingKey, float] = defaultdict(float)
        self._waived: set[Waiver] = set()
        self._values: dict[str, dict[str, str]] = {}

    def read(self, path: Path) -> None:
        """Adds the records of the log."""
        self._path = path
        last: Line | None = None
        try:
            for line in read_lines(path):
                self._add(line)
                last = line
        except TornLineError:
            lines = last.number if last else 0
            self._open_ends.append(f"{path.name}: line {lines + 1} was not written to its end")
        if self._finished is None:
            self._open_ends.append(f"{path.name}: the log has no footer: the run was stopped before its end")

    def _add(self, line: Line) -> None:
        with as_record(line):
            for problem in () if self._ledger is None else self._ledger.add(line.record):
                raise ChainError(line.file, line.number, problem)
            _ADD[line.record["type"]](self, line)

    def _add_header(self, line: Line) -> None:
        self._header = header_from_json(line.record)
        self._ledger = Ledger(self._header)
        if self._header.part:
            self._open_ends.append(
                f"{self._path.name}: this is {self._header.part} of a run: soapstone report makes the logs of all its "
                "parts one"
            )

    def _add_nothing(self, line: Line) -> None:
        """Canaries are no part of what happened."""

    def _add_exchange(self, line: Line) -> None:
        exchange = exchange_from_json(line.record)
        self._index.add(exchange.number, line)
        message = exchange.message
        binding = (message.service, message.operation, message.protocol)
        self._seconds[binding] += exchange.elapsed
        if message.kind == "sample" and exchange.purpose == "planned":
            self._samples.setdefault(binding, exchange.number)

    def _add_group(self, line: Line) -> None:
        group = group_from_json(line.record, self._known_header.requirements)
        self._tallies.add(group.service, group.operation, group.protocol, group.judgement, group.exchanges[0])
        for finding in group.judgement.findings:
            if finding.effect == "waived":
                self._waived |= {each for each in self._known_header.waivers if each.covers(finding)}
            key = (group.service, group.operation, group.protocol, finding.requirement)
            self._collected.setdefault(key, _Collected()).add(finding)

    def _add_value(self, line: Line) -> None:
        self._values.setdefault(line.record["service"], {})[line.record["stand_in"]] = line.record["name"]

    def _add_minimised(self, line: Line) -> None:
        self._smaller[line.record["exchange"]] = line.record["smaller"]

    def _add_event(self, line: Line) -> None:
        event = Event(**{field.name: line.record[field.name] for field in dataclasses.fields(Event)})
        self._events.append(event)

    def _add_not_exercised(self, line: Line) -> None:
        table = self._known_header.requirements
        self._reasons.update({row: reason for row, reason in line.record["reasons"] if table[row]})

    def _add_footer(self, line: Line) -> None:
        self._finished = line.record["finished"]

    def run(self) -> Run:
        """The run of all records added."""
        header = self._known_header
        verdicts = verdicts_of(header, self._tallies, self._reasons)
        findings = {key: collected.findings() for key, collected in self._collected.items()}
        stale = tuple(_stale(header, [] if self._open_ends else verdicts, self._waived))
        return Run(
            header=header,
            verdict=_run_verdict(verdicts, header, self._open_ends, stale),
            verdicts=verdicts,
            findings=findings,
            exchanges=self._index.load(self._path, _shown(verdicts, findings, self._smaller, self._samples)),
            smaller=self._smaller,
            samples=self._samples,
            seconds=dict(self._seconds),
            values=self._values,
            counts=dict(sorted(self._ledger.counts.items())) if self._ledger else {},
            events=tuple(self._events),
            open_ends=tuple(self._open_ends),
            finished=self._finished,
            stale_waivers=stale,
        )

    @property
    def _known_header(self) -> RunHeader:
        assert self._header is not None, "read_lines gives the header first"
        return self._header


_ADD: Mapping[str, Callable[[_Reader, Line], None]] = {
    "header": _Reader._add_header,
    "canary": _Reader._add_nothing,
    "exchange": _Reader._add_exchange,
    "group": _Reader._add_group,
    "value": _Reader._add_value,
    "minimised": _Reader._add_minimised,
    "event": _Reader._add_event,
    "not_exercised": _Reader._add_not_exercised,
    "footer": _Reader._add_footer,
}


def verdicts_of(header: RunHeader, tallies: Tallies, reasons: Mapping[int, str]) -> tuple[RequirementVerdict, ...]:
    """The verdict of each row of the header's table. `reasons` says by row why one could not be exercised."""
    return tuple(
        requirement_verdict(
            row.service,
            row.operation,
            row.protocol,
            row.requirement,
            tallies.of(row.key),
            not_applicable=row.not_applicable,
            out_of_scope=row.out_of_scope,
            not_exercised=reasons.get(index, row.not_exercised),
            is_captured=header.profile == CAPTURED,
        )
        for index, row in enumerate(header.requirements)
    )


def _stale(header: RunHeader, verdicts: Iterable[RequirementVerdict], matched: Collection[Waiver]) -> Iterator[str]:
    """What is wrong with the waivers that a run was given; those on what it did not exercise are left alone.

    Of half a run, without verdicts, only those that expired are told.
    """
    exercised = {(each.service, each.requirement.id, each.protocol) for each in verdicts if each.exercised}
    for each in header.waivers:
        name = f"quirks {each.quirks}" if each.quirks else f"waiver {each.fingerprint}"
        what = f"{name} of {each.owner} on {each.requirement} of {each.service}"
        if each.expires < header.started[:10]:
            yield f"{what} expired on {each.expires}"
        elif each.quirks:
            bindings = [key for key in exercised if key[:2] == (each.service, each.requirement)]
            if bindings and each not in matched:
                yield f"{what} matches nothing that was found"
        elif (each.service, each.requirement, each.binding) in exercised and each not in matched:
            yield f"{what} matches nothing that was found"


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
    """Where each exchange stands: 16 bytes each, so that a hundred thousand take two megabytes."""

    def __init__(self) -> None:
        self._numbers, self._offsets = array("Q"), array("Q")

    def add(self, number: int, line: Line) -> None:
        self._numbers.append(number)
        self._offsets.append(line.offset)

    def load(self, path: Path, wanted: Collection[int]) -> dict[int, Exchange]:
        """The exchanges of those numbers, in their order."""
        found = {
            number: offset for number, offset in zip(self._numbers, self._offsets, strict=True) if number in wanted
        }
        return {number: exchange_from_json(read_line_at(path, found[number])) for number in sorted(found)}


def _shown(
    verdicts: Iterable[RequirementVerdict],
    findings: Mapping[RequirementKey, Findings],
    smaller: Mapping[int, int],
    samples: Mapping[BindingKey, int],
) -> frozenset[int]:
    """Numbers of the exchanges that reports show: the first of each series and the smallest message that shows the
    same, the known-good message of each binding, and an example of what was kept.
    """
    of_findings = {series.first.exchange for each in findings.values() for series in each.series}
    smallest = {smaller[number] for number in of_findings if number in smaller}
    examples = {each.exchanges[0] for each in verdicts if each.exchanges and key_of(each) not in findings}
    return frozenset(of_findings | smallest | examples | set(samples.values()))


def _run_verdict(
    verdicts: Sequence[RequirementVerdict], header: RunHeader, open_ends: Sequence[str], stale: Sequence[str]
) -> RunVerdict:
    """The run's verdict; a violation stands however early the run stopped, but nothing is certified by half a run.

    Nor is anything certified under waivers that no longer hold.
    """
    verdict = "not certified" if stale else run_verdict(verdicts, strict=header.strict)
    return "incomplete" if open_ends and verdict != "not certified" else verdict
