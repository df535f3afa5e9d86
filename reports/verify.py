"""A log put to the proof: its form, its chain, what it was judged by, and every verdict reached once more."""

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from contracts.judge.judge import judge
from contracts.judge.records import Exchange, Group, Judgement
from contracts.judge.verdicts import RequirementKey, RunVerdict, Tallies
from contracts.model import Operation, Service
from reports.codec import Json, LoggedGroup, body_of, exchange_from_json, group_from_json, header_from_json
from reports.comparison import differences
from reports.errors import ChainError, EvidenceError
from reports.forms import as_record, wrong_with
from reports.header import RunHeader
from reports.ledger import Ledger
from reports.lines import Line, TornLineError, read_line_at, read_lines
from reports.pins import pins_of
from reports.reading import read_run, verdicts_of
from reports.run import Run
from reports.signing import is_signed_by, signature_of
from reports.verdict_json import verdict_document
from reports.waivers import Waiver, in_force, waived

MOST_TOLD = 50
"""Problems told one by one; a log that is wrong throughout needs no more."""

_AT_HAND = 64
"""Exchanges kept until their group is judged; groups of older ones read them again."""


@dataclass(slots=True)
class Verification:
    """What verifying a log showed. `problems` name file and line; empty where everything holds.

    `verdict` is that of the run, once all else holds. `resting` says which verdicts rest on a recorded observation,
    because redaction took what they were reached by.
    """

    path: Path
    exchanges: int = 0
    groups: int = 0
    verdicts: int = 0
    verdict: RunVerdict | None = None
    problems: list[str] = field(default_factory=list)
    untold: int = 0
    is_signed: bool = False
    notes: list[str] = field(default_factory=list)
    resting: dict[RequirementKey, str] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def tell(self, problem: str) -> None:
        """Adds a problem; beyond the first ones they are only counted."""
        if len(self.problems) < MOST_TOLD:
            self.problems.append(problem)
        else:
            self.untold += 1


def verify(
    path: Path, services: Mapping[str, Service], *, tool_digest: str = "", key: Path | None = None
) -> Verification:
    """Everything that can be proven of a log offline, with the contracts at hand.

    With a public key, also that the log is signed by its owner. Raises EvidenceError for a file that cannot be read as
    a log of this format at all.
    """
    found = Verification(path)
    prover = _Prover(found, services, tool_digest)
    try:
        for line in read_lines(path):
            prover.add(line)
    except ChainError as error:
        found.tell(f"chain: {error}; nothing from there on was judged")
    except TornLineError:
        found.tell("end: the last line was not written to its end: the run did not end")
    else:
        prover.compare_verdicts()
        if not prover.has_ended:
            found.tell(f"end: {path} has no footer: the run did not end, or its last records were removed")
    if key is not None:
        found.is_signed = is_signed_by(path, key)
        if not found.is_signed:
            told = f"is not that of this log by the owner of {key}" if signature_of(path).exists() else "does not exist"
            found.tell(f"signature: {signature_of(path)} {told}")
    return found


class _Prover:
    """Takes the lines of a log one by one."""

    def __init__(self, found: Verification, services: Mapping[str, Service], tool_digest: str) -> None:
        self._found = found
        self._operations = {each.key: each for service in services.values() for each in service.operations.values()}
        self._tool_digest = tool_digest
        self._header: RunHeader | None = None
        self._ledger: Ledger | None = None
        self._recorded, self._again = Tallies(), Tallies()
        self._exchanges = _Exchanges(found.path)
        self._reasons: dict[int, str] = {}
        self._waivers: tuple[Waiver, ...] = ()

    @property
    def has_ended(self) -> bool:
        """Whether the footer was seen."""
        return self._ledger is not None and self._ledger.has_ended

    def add(self, line: Line) -> None:
        """Checks one record."""
        try:
            with as_record(line):
                problems = [problem] if (problem := wrong_with(line.record)) else self._prove(line)
        except EvidenceError as error:
            problems = [error.problem]
        for problem in problems:
            if self._ledger is None:
                raise EvidenceError(line.file, line.number, problem)
            self._tell(line, "form", problem)

    def _prove(self, line: Line) -> list[str]:
        """What is wrong with the place of a record among the others; what else is wrong is told."""
        kind = line.record["type"]
        if self._ledger is None:
            header = header_from_json(line.record)
            self._header, self._ledger = header, Ledger(header)
            self._waivers = in_force(header.waivers, header.started)
            self._compare_pins(line, header)
            self._compare_table(line, header)
        if problems := self._ledger.add(line.record):
            return problems
        if kind == "exchange":
            self._exchange(line)
        elif kind == "group":
            self._group(line)
        elif kind == "not_exercised":
            self._reasons.update(dict(line.record["reasons"]))
        return []

    def compare_verdicts(self) -> None:
        """Compares the verdicts by what was recorded with those by what is judged now, and with verdict.json."""
        header = self._header
        if header is None or not self._found.holds:
            return
        recorded, again = (verdicts_of(header, each, self._reasons) for each in (self._recorded, self._again))
        self._found.verdicts = len(recorded)
        for one, other in zip(recorded, again, strict=True):
            if one.verdict != other.verdict:
                place = f"{one.service}/{one.operation}/{one.protocol}/{one.requirement.id}"
                self._found.tell(f"verdict: {place} is {one.verdict} by the log and {other.verdict} when judged again")
        try:
            run = read_run(self._found.path)
        except EvidenceError as error:  # whatever reports refuse is not proven
            self._found.tell(f"form: {error}")
            return
        self._found.verdict = run.verdict
        self._compare_document(run)

    def _compare_document(self, run: Run) -> None:
        """Compares a verdict.json beside the log with what the log gives."""
        beside = self._found.path.with_name("verdict.json")
        if not beside.is_file():
            return
        try:
            document = json.loads(beside.read_bytes())
        except ValueError as error:
            self._found.tell(f"verdict: {beside} is not JSON: {error}")
            return
        rendered = json.loads(json.dumps(verdict_document(run)))
        if document != rendered:
            told = document if isinstance(document, dict) else {}
            names = ", ".join(name for name in rendered if told.get(name) != rendered[name])
            self._found.tell(f"verdict: {beside} differs from the log in {names or 'additional members'}")

    def _compare_pins(self, line: Line, header: RunHeader) -> None:
        tested = [self._operations[key] for key in header.contracts if key in self._operations]
        pins = pins_of(tested)
        for key, digest in header.contracts.items():
            self._compare_pin(line, f"the contract of {key}", digest, pins.contracts.get(key))
        for service, digest in header.rulings.items():
            self._compare_pin(line, f"the rulings on {service}", digest, pins.rulings.get(service))
        self._compare_pin(line, "the standards' data", header.standards, pins.standards)
        if self._tool_digest and self._tool_digest != header.tool_digest:
            self._found.notes.append(
                f"the log was written by another build of {header.tool} ({header.version}, {header.tool_digest[:16]}); "
                "where verdicts differ, judge with that one"
            )

    def _compare_table(self, line: Line, header: RunHeader) -> None:
        """Compares the header's table of requirements with the contracts."""
        for binding in header.bindings:
            operation = self._operations.get(f"{binding.service}/{binding.operation}")
            if operation is None or binding.protocol not in operation.bindings_by_protocol:
                continue
            listed = [row.requirement for row in header.requirements if row.key[:3] == binding.key]
            promised = [replace(each, parameters={}) for each in operation.requirements(binding.protocol)]
            if listed != promised:
                self._tell(line, "contracts", f"the requirements on {'/'.join(binding.key)} are not the contract's")

    def _compare_pin(self, line: Line, what: str, then: str, now: str | None) -> None:
        if now is None:
            self._tell(line, "contracts", f"{what} is not at hand: name its folder with --contracts")
        elif now != then:
            self._tell(line, "contracts", f"{what} is not the one of the run: {then[:16]} then, {now[:16]} now")

    def _exchange(self, line: Line) -> None:
        for part in ("request", "response"):
            record = line.record.get(part, {})
            if "sha256" in record and _digest_of(record) != record["sha256"]:
                self._tell(line, "bytes", f"the {part}'s body is not the one that its digest was made of")
        self._exchanges.add(line.record["number"], line)
        self._found.exchanges += 1

    def _group(self, line: Line) -> None:
        assert self._header is not None, "read_lines gives the header first"
        logged = group_from_json(line.record, self._header.requirements)
        self._found.groups += 1
        place = (logged.service, logged.operation, logged.protocol)
        self._recorded.add(*place, logged.judgement, logged.exchanges[0])
        operation = self._operations.get(f"{logged.service}/{logged.operation}")
        if operation is None:
            return
        again = self._judged_again(logged, operation, strict=self._header.strict)
        resting = set()
        for requirement, said in differences(logged.judgement, again).items():
            if logged.observations.get(requirement) == said:
                self._found.resting[(*place, requirement)] = said[0]
                resting.add(requirement)
            else:
                numbers = ", ".join(map(str, logged.exchanges))
                told = f"{'/'.join(place)}/{requirement}, exchange {numbers}: recorded {said[0]!r}, now {said[1]!r}"
                self._tell(line, "judgement", told)
        self._again.add(*place, _with_observed(logged, again, resting), logged.exchanges[0])

    def _judged_again(self, logged: LoggedGroup, operation: Operation, *, strict: bool) -> Judgement:
        exchanges = tuple(self._exchanges.of(number) for number in logged.exchanges)
        return waived(judge(Group(exchanges), operation, strict=strict), self._waivers)

    def _tell(self, line: Line, what: str, problem: str) -> None:
        self._found.tell(f"{what}: {line.file}:{line.number}: {problem}")


class _Exchanges:
    """The exchanges of a log: the last ones at hand, older ones by where they stand."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._at_hand: dict[int, Json] = {}
        self._offsets: dict[int, int] = {}

    def add(self, number: int, line: Line) -> None:
        """Adds an exchange."""
        self._offsets[number] = line.offset
        self._at_hand[number] = line.record
        if len(self._at_hand) > _AT_HAND:
            del self._at_hand[next(iter(self._at_hand))]

    def of(self, number: int) -> Exchange:
        """The exchange of a number."""
        record = self._at_hand.get(number)
        return exchange_from_json(read_line_at(self._path, self._offsets[number]) if record is None else record)


def _with_observed(logged: LoggedGroup, again: Judgement, resting: Collection[str]) -> Judgement:
    """The new judgement, but as recorded for the requirements whose judgement rests on an observation."""
    one = logged.judgement
    return Judgement(
        observed=_joined(one.observed, again.observed, resting),
        findings=(
            *(each for each in one.findings if each.requirement in resting),
            *(each for each in again.findings if each.requirement not in resting),
        ),
        inconclusive=_joined(one.inconclusive, again.inconclusive, resting),
    )


def _joined(recorded: Sequence[str], again: Sequence[str], resting: Collection[str]) -> tuple[str, ...]:
    return (*(each for each in recorded if each in resting), *(each for each in again if each not in resting))


def _digest_of(record: Json) -> str:
    return hashlib.sha256(body_of(record) or b"").hexdigest()


_UNSIGNED = {
    False: "not signed: the chain shows accidents and careless edits, not an author who makes it anew",
    True: "signature not looked at: name the public key of whoever vouches for the log with --key",
}
"""What to say of a log that was not found signed, by whether a signature stands beside it."""


def lines_of(found: Verification) -> Iterator[str]:
    """What to tell of a verification, line by line."""
    for note in found.notes:
        yield f"note: {note}"
    for key, said in found.resting.items():
        yield f"rests on a recorded observation: {'/'.join(key)}: {said}"
    yield from found.problems
    if found.untold:
        yield f"and {found.untold:,} problems more"
    counted = f"{found.exchanges:,} exchanges, {found.groups:,} groups, {found.verdicts:,} verdicts"
    if found.holds:
        run = f"the log of a run that is {found.verdict.upper()}" if found.verdict else "the log"
        yield f"VERIFIED: {run}: {found.path}: form, chain and digests hold; {counted} reached again"
        if not found.is_signed:
            yield _UNSIGNED[signature_of(found.path).exists()]
    else:
        yield f"NOT VERIFIED: {found.path}: {len(found.problems) + found.untold:,} problems; {counted} read"
