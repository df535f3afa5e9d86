"""What a run exercised: the catalogue, requirement by binding, as a page. `python -m suites.coverage VERDICT.json`."""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from contracts.loader import load_services
from contracts.model import Expectation
from suites.plan import plan

PAGE = Path(__file__).parent.parent / "docs" / "coverage.md"

EXPECTATIONS: tuple[Expectation, ...] = ("accept", "process", "reject", "either")


def shares(profile: str, seed: int) -> Mapping[str, Counter[Expectation]]:
    """Messages of each expectation by `service/protocol`."""
    found: dict[str, Counter[Expectation]] = {}
    for item in plan(load_services(), (), profile, seed):
        counted = found.setdefault(f"{item.operation.service}/{item.binding.protocol}", Counter())
        if not item.is_idle:
            counted.update(message.expectation for message in item.messages())
    return found


def page(verdict: Mapping[str, Any]) -> str:
    """The page of a run, from its verdict.json."""
    return "\n".join([*_lines(verdict["requirements"], shares(verdict["profile"], verdict["seed"])), ""])


def _lines(rows: Sequence[Mapping[str, Any]], parts: Mapping[str, Counter[Expectation]]) -> Iterator[str]:
    places = list(parts)
    yield "# What a standard run exercises"
    yield ""
    yield "How often each requirement was judged in a run of profile `standard`, seed 0, against the reference target;"
    yield "written by `python -m suites.coverage VERDICT.json`. `n/a`: nothing could break it on this binding; `-`: it"
    yield "does not speak of the binding; `0`: no answer occurred that it speaks of."
    yield ""
    yield from _share_table(parts)
    yield from _requirement_table(rows, places)


def _share_table(parts: Mapping[str, Counter[Expectation]]) -> Iterator[str]:
    yield f"| binding | messages | {' | '.join(EXPECTATIONS)} |"
    yield f"| --- | ---: |{' ---: |' * len(EXPECTATIONS)}"
    for place, counted in parts.items():
        total = sum(counted.values())
        yield f"| {place} | {total} | {' | '.join(f'{counted[each] / total:.0%}' for each in EXPECTATIONS)} |"
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
