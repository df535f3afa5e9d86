"""What a run exercised: the catalogue, requirement by binding, as a page. `python -m suites.coverage VERDICT.json`."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from contracts.judge.verdicts import Verdict
from contracts.loader import load_services
from contracts.model import Expectation, Protocol
from suites.plan import Item, plan

PAGE = Path(__file__).parent.parent / "docs" / "coverage.md"

EXPECTATIONS: tuple[Expectation, ...] = ("accept", "process", "reject", "either")


@dataclass(slots=True)
class Sent:
    """Messages of a plan: by `service/protocol` of each expectation, and by family of each reason for `either`.

    A reason comes with the protocols that it was given on.
    """

    shares: dict[str, Counter[Expectation]] = field(default_factory=dict)
    reasons: dict[tuple[str, str], Counter[Protocol]] = field(default_factory=dict)

    def add(self, item: Item) -> None:
        """Counts the messages of an item."""
        shares = self.shares.setdefault(f"{item.operation.service}/{item.binding.protocol}", Counter())
        for message in () if item.is_idle else item.messages():
            shares[message.expectation] += 1
            if message.expectation == "either":
                reasons = self.reasons.setdefault((item.operation.family, message.because), Counter())
                reasons[item.binding.protocol] += 1


def sent(profile: str, seed: int) -> Sent:
    """What a run of that profile and seed sends to the five services."""
    found = Sent()
    for item in plan(load_services(), (), profile, seed):
        found.add(item)
    return found


def page(verdict: Mapping[str, Any]) -> str:
    """The page of a run, from its verdict.json."""
    return "\n".join([*_lines(verdict["requirements"], sent(verdict["profile"], verdict["seed"])), ""])


def _lines(rows: Sequence[Mapping[str, Any]], planned: Sent) -> Iterator[str]:
    yield _INTRODUCTION
    yield from _share_table(planned.shares)
    yield from _must_lines([row for row in rows if row["level"] == "must"])
    yield from _reason_table(planned.reasons)
    yield "## Requirement by binding"
    yield ""
    yield from _requirement_table(rows, list(planned.shares))


_INTRODUCTION = """\
# What a standard run exercises

How often each requirement was judged in a run of profile `standard`, seed 0, against the reference target;
written by `python -m suites.coverage VERDICT.json`. `n/a`: nothing could break it on this binding; `-`: it
does not speak of the binding; `0`: no answer occurred that it speaks of.
"""


def _share_table(parts: Mapping[str, Counter[Expectation]]) -> Iterator[str]:
    yield f"| binding | messages | {' | '.join(EXPECTATIONS)} |"
    yield f"| --- | ---: |{' ---: |' * len(EXPECTATIONS)}"
    for place, counted in parts.items():
        total = sum(counted.values())
        yield f"| {place} | {total} | {' | '.join(f'{counted[each] / total:.0%}' for each in EXPECTATIONS)} |"
    yield ""


def _must_lines(musts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """How many musts were judged, and why each other one was not."""
    others = [row for row in musts if row["verdict"] in _UNJUDGED]
    yield "## Of level must"
    yield ""
    yield f"Counted by binding, {len(musts) - len(others)} of {len(musts)} requirements of level must were judged."
    yield ""
    if others:
        yield "| requirement | binding | verdict | because |"
        yield "| --- | --- | --- | --- |"
    for row in sorted(others, key=lambda row: (_UNJUDGED.index(row["verdict"]), row["id"], row["service"])):
        yield f"| {row['id']} | {row['service']}/{row['binding']} | {row['verdict']} | {row['reason']} |"
    yield ""


_UNJUDGED: Sequence[Verdict] = ("inconclusive", "not exercised", "not observed", "out of scope", "not applicable")


def _reason_table(reasons: Mapping[tuple[str, str], Counter[Protocol]]) -> Iterator[str]:
    """Why nothing is demanded of the answers to some messages: what the stacks of the family do."""
    yield "## Either"
    yield ""
    yield "| family | on | messages | because |"
    yield "| --- | --- | ---: | --- |"
    for (family, because), counted in sorted(reasons.items()):
        yield f"| {family} | {', '.join(sorted(counted))} | {counted.total()} | {because} |"
    yield ""


def _requirement_table(rows: Sequence[Mapping[str, Any]], places: Sequence[str]) -> Iterator[str]:
    found: dict[tuple[str, str], dict[str, str]] = {}
    for row in rows:
        shown = "n/a" if row["verdict"] == "not applicable" else str(row["exercised"])
        found.setdefault((row["id"], row["level"]), {})[f"{row['service']}/{row['binding']}"] = shown
    yield f"| requirement | level | {' | '.join(places)} |"
    yield f"| --- | --- |{' ---: |' * len(places)}"
    for (id_, level), counts in sorted(found.items()):
        yield f"| {id_} | {level} | {' | '.join(counts.get(place, '-') for place in places)} |"


def main(arguments: Sequence[str]) -> int:
    """Writes the page of the run whose verdict.json is named."""
    if len(arguments) != 1:
        print("usage: python -m suites.coverage VERDICT.json", file=sys.stderr)
        return 4
    PAGE.write_text(page(json.loads(Path(arguments[0]).read_bytes())), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
