"""What two runs found, compared finding by finding: new, gone, changed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from contracts.judge.records import Effect, Finding
from contracts.judge.verdicts import RequirementKey, Verdict
from reports.run import Run, key_of
from reports.waivers import fingerprint

Kind: TypeAlias = Literal["new", "gone", "changed"]
KINDS: Sequence[Kind] = ("new", "gone", "changed")

_NOT_LOOKED_FOR: frozenset[Verdict] = frozenset({"not exercised", "inconclusive", "out of scope", "not applicable"})
_GRADES: Sequence[Effect] = ("violation", "deviation", "waived")
_COMPARED = ("contracts", "rulings", "standards", "profile", "seed", "strict", "targets", "tool_digest")


@dataclass(frozen=True, slots=True)
class Difference:
    """A finding that only one of two runs has, or that counts otherwise in the later one.

    `because` says what else may explain it; empty where nothing does. A finding with such an explanation is told, and
    is no reason to fail.
    """

    kind: Kind
    finding: Finding
    before: Effect | None
    now: Effect | None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Differences:
    """All differences of two runs; `unlike` names what else is not the same about them."""

    found: tuple[Difference, ...]
    unlike: tuple[str, ...]

    def counted(self, kind: Kind) -> tuple[Difference, ...]:
        """The differences of a kind that nothing else explains."""
        return tuple(each for each in self.found if each.kind == kind and not each.because)


def differences_of(old: Run, new: Run) -> Differences:
    """What a run found that an older one did not, did not find any more, and counts otherwise.

    Findings are told by their fingerprints, which hold from run to run; notes are none.
    """
    before, now = _counting(old), _counting(new)
    found = [*_appeared(before, now, old), *_vanished(before, now, new), *_regraded(before, now)]
    unlike = tuple(name for name in _COMPARED if getattr(old.header, name) != getattr(new.header, name))
    return Differences(tuple(found), unlike)


def _counting(run: Run) -> Mapping[str, Finding]:
    """The findings that count, by fingerprint; the worst where one fingerprint has several."""
    found: dict[str, Finding] = {}
    for each in (series.first for findings in run.findings.values() for series in findings.series):
        name = fingerprint(each)
        if each.effect != "note" and (
            name not in found or _GRADES.index(each.effect) < _GRADES.index(found[name].effect)
        ):
            found[name] = each
    return found


def _appeared(before: Mapping[str, Finding], now: Mapping[str, Finding], old: Run) -> Iterator[Difference]:
    for name, finding in now.items():
        if name not in before:
            yield Difference("new", finding, None, finding.effect, _unlisted(old, _key(finding), "before"))


def _vanished(before: Mapping[str, Finding], now: Mapping[str, Finding], new: Run) -> Iterator[Difference]:
    verdicts = {key_of(each): each.verdict for each in new.verdicts}
    for name, finding in before.items():
        if name not in now:
            yield Difference("gone", finding, finding.effect, None, _unseen(new, verdicts, _key(finding)))


def _regraded(before: Mapping[str, Finding], now: Mapping[str, Finding]) -> Iterator[Difference]:
    for name, finding in now.items():
        earlier = before.get(name)
        if earlier is not None and earlier.effect != finding.effect:
            yield Difference("changed", finding, earlier.effect, finding.effect)


def _unseen(run: Run, verdicts: Mapping[RequirementKey, Verdict], key: RequirementKey) -> str:
    """Why a later run may have lost a finding that is still there; empty where it cannot."""
    verdict = verdicts.get(key)
    if verdict is None:
        return "the requirement was not asked now"
    if verdict in _NOT_LOOKED_FOR:
        return f"the requirement was {verdict} now"
    return _unlisted(run, key, "now") or ("" if run.is_complete else "the run did not end now")


def _unlisted(run: Run, key: RequirementKey, when: str) -> str:
    """Says that a run may have a finding among those that its log lists no more of; empty where it cannot."""
    listed = run.findings.get(key)
    return f"{listed.unlisted} findings of the requirement are not listed {when}" if listed and listed.unlisted else ""


def _key(finding: Finding) -> RequirementKey:
    return finding.service, finding.operation, finding.protocol, finding.requirement


def difference_lines(differences: Differences) -> Iterator[str]:
    """The differences in lines, and their numbers last."""
    if differences.unlike:
        yield f"the runs are not alike in {', '.join(differences.unlike)}: differences may come from that"
    for each in differences.found:
        finding = each.finding
        grade = " -> ".join(grade for grade in (each.before, each.now) if grade)
        place = f"{finding.service}/{finding.operation}/{finding.protocol}"
        yield f"{each.kind}: {place} {finding.requirement}: {finding.name} ({grade})  {fingerprint(finding)}"
        yield f"  expected {finding.expected}, found {finding.actual}"
        if each.because:
            yield f"  not counted: {each.because}"
    counts = ", ".join(f"{len(differences.counted(kind))} {kind}" for kind in KINDS)
    uncounted = sum(bool(each.because) for each in differences.found)
    yield f"{counts}{f'; {uncounted} not counted' if uncounted else ''}"
