"""What a run costs: requests per operation and binding at each profile. `python -m suites.cost` writes the page."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from contracts.loader import load_services
from suites.plan import PROFILES, Profile, plan

PAGE = Path(__file__).parent.parent / "docs" / "cost.md"

MOST: Mapping[Profile, int] = {"smoke": 120, "standard": 1_500, "thorough": 10_000}
"""Requests per operation and binding that a profile stays within."""


def sizes(profile: Profile) -> Mapping[str, int]:
    """Requests by `service/operation/protocol`, for seed 0."""
    found: dict[str, int] = {}
    for item in plan(load_services(), (), profile, 0):
        place = f"{item.operation.key}/{item.binding.protocol}"
        found[place] = found.get(place, 0) + (0 if item.is_idle else sum(1 for _ in item.messages()))
    return found


def page(found: Mapping[Profile, Mapping[str, int]]) -> str:
    """The table as Markdown."""
    return "\n".join([*_lines(found), ""])


def _lines(found: Mapping[Profile, Mapping[str, int]]) -> Iterator[str]:
    yield "# What a run costs"
    yield ""
    yield "Requests per operation and binding, seed 0; written by `python -m suites.cost`. Beside them go the few that"
    yield "silences, doubts and counterexamples call for, which the log counts. `smoke` sends what every must"
    yield "requirement needs, one message of what is a should, and nothing that can only end in a note."
    yield ""
    yield f"| operation and binding | {' | '.join(PROFILES)} |"
    yield f"| --- |{' ---: |' * len(PROFILES)}"
    for place in found[PROFILES[0]]:
        yield f"| {place} | {' | '.join(f'{found[profile][place]:,}' for profile in PROFILES)} |"
    yield f"| at most | {' | '.join(f'{MOST[profile]:,}' for profile in PROFILES)} |"


def main() -> int:
    """Writes the page."""
    PAGE.write_text(page({profile: sizes(profile) for profile in PROFILES}), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
