"""A run as its log tells it: what every report is rendered from."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.judge.records import Exchange, Finding
from contracts.judge.verdicts import RequirementKey, RequirementVerdict, RunVerdict
from contracts.model import Protocol
from reports.header import BindingRow, RunHeader

BindingKey = tuple[str, str, Protocol]


@dataclass(frozen=True, slots=True)
class FindingSeries:
    """Findings of one requirement on one binding that say the same of the same place: the first, and how many.

    `exchanges` holds the first numbers only.
    """

    first: Finding
    count: int
    exchanges: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """What was found against one requirement on one binding. `unlisted` counts findings in no series kept."""

    series: tuple[FindingSeries, ...]
    unlisted: int


@dataclass(frozen=True, slots=True)
class Event:
    """Something that befell the run, or the exchange of that number, with its ISO 8601 time."""

    name: str
    detail: str
    exchange: int | None
    at: str


@dataclass(frozen=True, slots=True)
class Run:
    """A run read back. `verdicts` stand in the order of the header's table.

    `exchanges` holds those that reports show: of the findings, the samples, and one example for each requirement.
    `smaller` gives, for an exchange with a finding, the one with the smallest message that shows the same. `samples`
    gives, by binding, the first exchange of the known-good message, `seconds` how long its answers took in all.
    `values` gives, by service, the names of configured values by what stands for them. `open_ends` says why the log is
    incomplete, if it is; `finished` is None then. `stale_waivers` tells of waivers that expired or no longer match,
    which fails a run.
    """

    header: RunHeader
    verdict: RunVerdict
    verdicts: tuple[RequirementVerdict, ...]
    findings: Mapping[RequirementKey, Findings]
    exchanges: Mapping[int, Exchange]
    smaller: Mapping[int, int]
    samples: Mapping[BindingKey, int]
    seconds: Mapping[BindingKey, float]
    values: Mapping[str, Mapping[str, str]]
    counts: Mapping[str, int]
    events: tuple[Event, ...]
    open_ends: tuple[str, ...]
    finished: str | None
    stale_waivers: tuple[str, ...]

    @property
    def is_complete(self) -> bool:
        """Whether the run ended as it should."""
        return not self.open_ends

    def of_binding(self, binding: BindingRow) -> tuple[RequirementVerdict, ...]:
        """The verdicts on one binding."""
        return tuple(each for each in self.verdicts if place(each) == binding.key)


def place(verdict: RequirementVerdict) -> BindingKey:
    """Service, operation and protocol of a verdict."""
    return verdict.service, verdict.operation, verdict.protocol


def key_of(verdict: RequirementVerdict) -> RequirementKey:
    """Service, operation, protocol and requirement id of a verdict."""
    return verdict.service, verdict.operation, verdict.protocol, verdict.requirement.id
