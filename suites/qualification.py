"""How good the suite is: every planted fault and neutral variant of the reference target, run and counted."""

import argparse
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from contracts.judge.verdicts import RequirementVerdict, RunVerdict, run_verdict
from contracts.loader import load_services, pick
from contracts.model import PROTOCOLS
from suites.certification import Certification
from suites.configuration import Configuration
from suites.embedded import HOME, EmbeddedTarget
from suites.header import Settings
from suites.plan import PROFILES

REFERENCE = Path(HOME) / "reference"


@dataclass(frozen=True, slots=True)
class Deviation:
    """A planted fault or neutral variant as the reference's data describe it.

    `requirements` are the ids of which one must flag a fault, as a violation or (`violates` False) as a deviation.
    `profile` is the least that has to flag it; `first_try` says whether the suite was right when it first met it,
    `regraded` that its author meant it to violate, and a second look found that it breaks a lesser rule.
    """

    kind: str
    name: str
    touches: tuple[str, ...]
    told: str
    source: str
    requirements: tuple[str, ...] = ()
    violates: bool = True
    profile: str = "smoke"
    first_try: bool = True
    regraded: bool = False


@dataclass(frozen=True, slots=True)
class Qualified:
    """What a run against one deviation showed. Ids are `service/binding:requirement`."""

    deviation: Deviation
    verdict: RunVerdict
    violated: tuple[str, ...]
    deviating: tuple[str, ...]
    requests: int

    @property
    def is_right(self) -> bool:
        """Whether the fault was flagged by the requirement that it breaks, or the variant was not flagged."""
        if self.deviation.kind == "variant":
            return not self.violated
        flagged = self.violated if self.deviation.violates else (*self.violated, *self.deviating)
        return any(each.partition(":")[2] in self.deviation.requirements for each in flagged)


def deviations() -> Iterator[Deviation]:
    """Every planted fault, then every neutral variant."""
    for row in _rows("faults.toml", "fault"):
        yield Deviation(
            "fault",
            row["name"],
            tuple(row["touches"]),
            row["breaks"],
            row["source"],
            tuple(row.get("flagged_by", ())),
            row["level"] == "must" and row["basis"] in ("documented", "standard"),
            row.get("profile", "smoke"),
            row.get("first_try", True),
            row.get("regraded", False),
        )
    for row in _rows("variants.toml", "variant"):
        yield Deviation("variant", row["name"], tuple(row["touches"]), row["reason"], row["source"])


def qualify(chosen: Iterable[Deviation], *, profile: str | None = None, workers: int = 2) -> Iterator[Qualified]:
    """Runs each deviation on the bindings that it touches, several at a time, in the order given."""
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(partial(run_deviation, profile=profile), chosen)


def run_deviation(deviation: Deviation, *, profile: str | None = None) -> Qualified:
    """Certifies a reference target with one deviation in it, on the bindings that it touches."""
    violated, deviating, verdicts, requests = [], [], [], 0
    with EmbeddedTarget((f"--{deviation.kind}", deviation.name)) as embedded, tempfile.TemporaryDirectory() as out:
        for service, protocols in _by_service(deviation.touches).items():
            settings = Settings(
                services=pick(load_services(), [service]),
                configuration=Configuration({service: embedded.targets[service]}),
                out=Path(out) / service,
                protocols=tuple(each for each in PROTOCOLS if each in protocols),
                profile=profile or deviation.profile,
            )
            certification = Certification(settings)
            certification.send_all()
            reached = [certification.verdict(promise) for promise in certification.promises]
            certification.run.close()
            verdicts += reached
            requests += certification.run.sent
            violated += [_label(each) for each in reached if each.verdict == "violated"]
            deviating += [_label(each) for each in reached if each.verdict == "deviates"]
    return Qualified(deviation, run_verdict(verdicts), tuple(violated), tuple(deviating), requests)


def _label(each: RequirementVerdict) -> str:
    return f"{each.service}/{each.protocol}:{each.requirement.id}"


def _by_service(touches: Iterable[str]) -> Mapping[str, list[str]]:
    found: dict[str, list[str]] = {}
    for touch in touches:
        service, _, protocol = touch.partition("/")
        found.setdefault(service, []).append(protocol)
    return found


def _rows(file: str, table: str) -> list[Mapping[str, Any]]:
    rows: list[Mapping[str, Any]] = tomllib.loads((REFERENCE / file).read_text("utf-8"))[table]
    return rows


def page(found: Iterable[Qualified], *, seconds: float) -> str:
    """The matrix as Markdown: what each fault was flagged by, and that no variant was."""
    rows = list(found)
    faults = [each for each in rows if each.deviation.kind == "fault"]
    variants = [each for each in rows if each.deviation.kind == "variant"]
    return "\n".join([*_summary(faults, variants, seconds), *_fault_table(faults), *_variant_table(variants), ""])


def _summary(faults: Sequence[Qualified], variants: Sequence[Qualified], seconds: float) -> Iterator[str]:
    binding = [each for each in faults if each.deviation.violates]
    other = [each for each in faults if not each.deviation.violates]
    yield "# Qualification"
    yield ""
    yield "Every planted fault and neutral variant of the reference target, certified on the bindings that it touches."
    yield "Written by `tox run -e campaign`; the faults and variants stand in `reference/faults.toml` and"
    yield "`reference/variants.toml`, each with the rule and its source. They were written from the pages and from what"
    yield "genuine stacks do, by someone who had not read the judge; those under the last heading of `faults.toml` were"
    yield "added afterwards, for what faults of a stranger's had shown missing."
    yield ""
    yield "| | number | right at the first try | right now |"
    yield "| --- | --- | --- | --- |"
    for name, group in (
        ("faults that must make a run fail (exit status 1)", binding),
        ("faults that deviate (a should, or an inferred rule)", other),
        ("neutral variants (no violation)", variants),
    ):
        first = sum(each.deviation.first_try for each in group)
        yield f"| {name} | {len(group)} | {first} | {sum(each.is_right for each in group)} |"
    yield ""
    regraded = sum(each.deviation.regraded for each in faults)
    yield f"Of the faults that deviate, {regraded} were written to make a run fail and did not: a second look found"
    yield "that the rule they break is a should, or inferred. They count as wrong at the first try."
    yield ""
    yield f"Right means flagged by a requirement that states the broken rule. {len(faults) + len(variants)} runs,"
    yield f"{sum(each.requests for each in (*faults, *variants)):,} requests, {seconds:.0f} seconds."
    yield ""


def _fault_table(faults: Sequence[Qualified]) -> Iterator[str]:
    yield "## Planted faults"
    yield ""
    yield "| fault | on | breaks | must be flagged by | flagged | also flagged |"
    yield "| --- | --- | --- | --- | --- | --- |"
    for each in faults:
        fault = each.deviation
        flagged = each.violated if fault.violates else (*each.violated, *each.deviating)
        names = dict.fromkeys(label.partition(":")[2] for label in flagged)
        others = ", ".join(f"`{name}`" for name in names if name not in fault.requirements)
        effect = "violation" if fault.violates else "deviation"
        wanted = ", ".join(f"`{name}`" for name in fault.requirements)
        yield (
            f"| `{fault.name}` | {', '.join(fault.touches)} | {fault.told} ({fault.source}) | {wanted} "
            f"| {effect if each.is_right else '**missed**'} | {others} |"
        )
    yield ""


def _variant_table(variants: Sequence[Qualified]) -> Iterator[str]:
    yield "## Neutral variants"
    yield ""
    yield "| variant | on | why it is legal | verdict | deviating |"
    yield "| --- | --- | --- | --- | --- |"
    for each in variants:
        variant = each.deviation
        deviating = ", ".join(f"`{label}`" for label in each.deviating)
        verdict = each.verdict if each.is_right else f"**{each.verdict}**"
        touches, why = ", ".join(variant.touches), f"{variant.told} ({variant.source})"
        yield f"| `{variant.name}` | {touches} | {why} | {verdict} | {deviating} |"


def main() -> int:
    """Runs the whole matrix, shows what is wrong as it comes, and writes the page. Status 1 if anything is wrong."""
    options = _options()
    begun = time.monotonic()
    chosen = [each for each in deviations() if not options.only or each.name in options.only]
    found = []
    for each in qualify(chosen, profile=options.profile, workers=options.workers):
        found.append(each)
        if not each.is_right:
            flagged = ", ".join((*each.violated, *each.deviating)) or "nothing flagged"
            print(f"{each.deviation.kind} {each.deviation.name}: {each.verdict}; {flagged}", flush=True)
    if options.write:
        Path(options.write).write_text(page(found, seconds=time.monotonic() - begun), "utf-8")
    print(f"{sum(each.is_right for each in found)} of {len(found)} right")
    return 0 if all(each.is_right for each in found) else 1


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m suites.qualification", description="How good the suite is.")
    parser.add_argument("--only", action="append", default=[], metavar="NAME", help="only this fault or variant")
    parser.add_argument("--profile", default=None, choices=PROFILES, help="another than the deviations name")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--write", default="", metavar="FILE", help="write the matrix as Markdown")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
