"""From findings and counts to verdicts: of each requirement on each binding, and of the run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from contracts.judge.records import Effect, Finding, Judgement
from contracts.model import Basis, Level, Protocol, Requirement

Verdict: TypeAlias = Literal[
    "conformant",
    "deviates",
    "violated",
    "waived",
    "inconclusive",
    "not observed",
    "not exercised",
    "not applicable",
    "out of scope",
]
RunVerdict: TypeAlias = Literal["not certified", "incomplete", "certified with deviations", "certified"]

_VIOLATING_BASES: frozenset[Basis] = frozenset({"documented", "standard"})


def effect_of(level: Level, basis: Basis, *, strict: bool = False) -> Effect:
    """What a finding does to the verdict, by the level of its requirement and the basis that it rests on.

    `strict` turns deviations into violations.
    """
    if level == "inform":
        return "note"
    if level == "must" and basis in _VIOLATING_BASES:
        return "violation"
    return "violation" if strict else "deviation"


_COUNTERS: Mapping[Effect, str] = {
    "violation": "violations",
    "deviation": "deviations",
    "waived": "waived",
    "note": "notes",
}
_WORST_FIRST: tuple[Effect, ...] = ("violation", "deviation", "waived", "note")


@dataclass(slots=True)
class Tally:
    """What was seen of one requirement on one binding, added up over groups."""

    observed: int = 0
    inconclusive: int = 0
    violations: int = 0
    deviations: int = 0
    waived: int = 0
    notes: int = 0
    exchanges: list[int] = field(default_factory=list)
    first_finding: Finding | None = None

    def add_finding(self, finding: Finding) -> None:
        """Remembers a finding, the first of the worst kind seen."""
        if self.first_finding is None or _WORST_FIRST.index(finding.effect) < _WORST_FIRST.index(
            self.first_finding.effect
        ):
            self.first_finding = finding
        if len(self.exchanges) < MAX_EXCHANGES and finding.exchange not in self.exchanges:
            self.exchanges.append(finding.exchange)

    def count(self, effect: Effect) -> None:
        """Counts a group by the worst that was found in it, however much that is."""
        counter = _COUNTERS[effect]
        setattr(self, counter, getattr(self, counter) + 1)


MAX_EXCHANGES = 20
"""Exchange numbers kept per requirement and binding, so that memory stays flat however often it fails."""

RequirementKey: TypeAlias = tuple[str, str, Protocol, str]
"""Service, operation, protocol, requirement id."""


@dataclass(frozen=True, slots=True)
class RequirementVerdict:
    """The verdict of one requirement on one binding, with the counts that it rests on."""

    service: str
    operation: str
    protocol: Protocol
    requirement: Requirement
    verdict: Verdict
    exercised: int
    violated: int
    deviating: int
    noted: int
    reason: str
    exchanges: tuple[int, ...]
    first_finding: Finding | None


class Tallies:
    """Adds up judgements. Order of addition changes only which finding and example are shown first."""

    def __init__(self) -> None:
        self._tallies: dict[RequirementKey, Tally] = {}

    def add(self, service: str, operation: str, protocol: Protocol, judgement: Judgement, exchange: int) -> None:
        """Counts one judgement of a group whose subject has that exchange number."""
        for requirement in judgement.observed:
            tally = self._of((service, operation, protocol, requirement))
            tally.observed += 1
            if not tally.exchanges:
                tally.exchanges.append(exchange)
        for requirement in judgement.inconclusive:
            self._of((service, operation, protocol, requirement)).inconclusive += 1
        worst: dict[str, Effect] = {}
        for finding in judgement.findings:
            self._of((service, operation, protocol, finding.requirement)).add_finding(finding)
            known = worst.get(finding.requirement, finding.effect)
            worst[finding.requirement] = min(known, finding.effect, key=_WORST_FIRST.index)
        for requirement, effect in worst.items():
            self._of((service, operation, protocol, requirement)).count(effect)

    def of(self, key: RequirementKey) -> Tally:
        """The tally of one requirement on one binding; an empty one if nothing was seen of it."""
        return self._tallies.get(key, Tally())

    def _of(self, key: RequirementKey) -> Tally:
        return self._tallies.setdefault(key, Tally())


def requirement_verdict(
    service: str,
    operation: str,
    protocol: Protocol,
    requirement: Requirement,
    tally: Tally,
    *,
    not_applicable: str = "",
    out_of_scope: str = "",
    not_exercised: str = "",
    is_captured: bool = False,
) -> RequirementVerdict:
    """The verdict of a requirement from its tally.

    `not_applicable` and `out_of_scope` say why nothing could be seen of it; they count only where nothing was.
    `not_exercised` says why what was planned for it was not sent, or not all of it. `is_captured` says that nothing was
    sent: of what others sent, an active requirement shows nothing.
    """
    verdict, reason = _decide(requirement, tally, not_applicable, out_of_scope, not_exercised)
    if is_captured and requirement.is_active and verdict == "not exercised":
        verdict, reason = "not observed", "captured traffic does not show it: nothing was sent"
    return RequirementVerdict(
        service=service,
        operation=operation,
        protocol=protocol,
        requirement=requirement,
        verdict=verdict,
        exercised=tally.observed,
        violated=tally.violations,
        deviating=tally.deviations,
        noted=tally.notes,
        reason=reason,
        exchanges=tuple(tally.exchanges),
        first_finding=tally.first_finding,
    )


def _decide(
    requirement: Requirement, tally: Tally, not_applicable: str, out_of_scope: str, not_exercised: str
) -> tuple[Verdict, str]:
    """Verdict and reason; the order of the questions is the order of severity."""
    if tally.violations:
        return "violated", ""
    if tally.deviations:
        return "deviates", ""
    if tally.waived:
        return "waived", f"{tally.waived} finding{'' if tally.waived == 1 else 's'} accepted in writing"
    if tally.inconclusive:
        return (
            "inconclusive",
            f"{tally.inconclusive} exchange{'' if tally.inconclusive == 1 else 's'} without a usable answer",
        )
    if tally.observed and not_exercised and requirement.is_active:
        return "inconclusive", f"not all that was planned for it was sent: {not_exercised}"
    if tally.observed:
        return "conformant", ""
    if not_applicable:
        return "not applicable", not_applicable
    if out_of_scope:
        return "out of scope", out_of_scope
    if requirement.is_active or requirement.needs_observation:
        return "not exercised", not_exercised or "nothing that was sent exercised it"
    return "not observed", "no answer occurred that it speaks of"


def run_verdict(verdicts: Iterable[RequirementVerdict], *, strict: bool = False) -> RunVerdict:
    """The verdict of the run: the first that applies, worst first. A run without verdicts is incomplete."""
    seen = list(verdicts)
    binding_levels: tuple[Level, ...] = ("must", "should") if strict else ("must",)
    if any(each.verdict == "violated" for each in seen):
        return "not certified"
    open_ends = ("inconclusive", "not exercised")
    if not any(each.exercised for each in seen) or any(
        each.verdict in open_ends and each.requirement.level in binding_levels for each in seen
    ):
        return "incomplete"
    if any(each.verdict in ("deviates", "waived") for each in seen):
        return "certified with deviations"
    return "certified"


EXIT_STATUS: Mapping[RunVerdict, int] = {
    "certified": 0,
    "certified with deviations": 0,
    "not certified": 1,
    "incomplete": 6,
}
"""Exit status of the commands for each run verdict; 2, 3 and 4 are told apart before there is a verdict."""
