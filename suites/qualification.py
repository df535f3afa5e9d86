"""How good the suite is: every planted fault and neutral variant of the reference target, run and counted."""

import tempfile
import tomllib
from collections.abc import Iterable, Iterator, Mapping
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

REFERENCE = Path(HOME) / "reference"


@dataclass(frozen=True, slots=True)
class Deviation:
    """A planted fault or neutral variant as the reference's data describe it.

    `requirement` is the id that must flag a fault, without the service's own part where it stands for several; None
    for a variant. `violates` says whether the flag is a violation or a deviation.
    """

    kind: str
    name: str
    touches: tuple[str, ...]
    told: str
    source: str
    requirements: tuple[str, ...] = ()
    violates: bool = True


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
            row["basis"] in ("documented", "standard"),
        )
    for row in _rows("variants.toml", "variant"):
        yield Deviation("variant", row["name"], tuple(row["touches"]), row["reason"], row["source"])


def qualify(chosen: Iterable[Deviation], *, profile: str = "smoke", workers: int = 2) -> Iterator[Qualified]:
    """Runs each deviation on the bindings that it touches, several at a time, in the order given."""
    with ProcessPoolExecutor(workers) as pool:
        yield from pool.map(partial(run_deviation, profile=profile), chosen)


def run_deviation(deviation: Deviation, *, profile: str = "smoke") -> Qualified:
    """Certifies a reference target with one deviation in it, on the bindings that it touches."""
    violated, deviating, verdicts, requests = [], [], [], 0
    with EmbeddedTarget((f"--{deviation.kind}", deviation.name)) as embedded, tempfile.TemporaryDirectory() as out:
        for service, protocols in _by_service(deviation.touches).items():
            settings = Settings(
                services=pick(load_services(), [service]),
                configuration=Configuration({service: embedded.targets[service]}),
                out=Path(out) / service,
                protocols=tuple(each for each in PROTOCOLS if each in protocols),
                profile=profile,
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
