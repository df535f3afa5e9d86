"""What changed from one run to a later one: requirement by requirement, binding by binding."""

from collections.abc import Mapping
from dataclasses import dataclass

from contracts.judge.verdicts import RequirementKey, RequirementVerdict, RunVerdict, Verdict
from reports.run import Run, key_of


@dataclass(frozen=True, slots=True)
class Change:
    """A requirement whose verdict is another now; None where a run did not know it."""

    key: RequirementKey
    before: Verdict | None
    now: Verdict | None


@dataclass(frozen=True, slots=True)
class Changes:
    """The earlier run in brief, and every verdict that differs from it."""

    started: str
    verdict: RunVerdict
    contracts: tuple[str, ...]
    changed: tuple[Change, ...]


def changes_since(old: Run, run: Run) -> Changes:
    """What is different in a run from an older one. `contracts` names those that are not the same."""
    before, now = _by_key(old), _by_key(run)
    keys = dict.fromkeys([*now, *before])
    found = (Change(key, _verdict(before, key), _verdict(now, key)) for key in keys)
    return Changes(
        started=old.header.started,
        verdict=old.verdict,
        contracts=tuple(
            name for name, digest in run.header.contracts.items() if old.header.contracts.get(name, digest) != digest
        ),
        changed=tuple(each for each in found if each.before != each.now),
    )


def _by_key(run: Run) -> Mapping[RequirementKey, RequirementVerdict]:
    return {key_of(each): each for each in run.verdicts}


def _verdict(verdicts: Mapping[RequirementKey, RequirementVerdict], key: RequirementKey) -> Verdict | None:
    return verdicts[key].verdict if key in verdicts else None
