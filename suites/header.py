"""The settings of a run, and the head of its log."""

import hashlib
import importlib.metadata
import platform
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from contracts.model import Binding, Operation, Protocol, Service
from reports.header import (
    AT,
    COMPARED_WITH,
    BindingRow,
    Reasons,
    RequirementRow,
    RunHeader,
    requirement_rows,
    without_userinfo,
)
from reports.pins import pins_of
from reports.waivers import Waiver
from suites.configuration import Configuration
from suites.plan import Item, bindings, plan
from suites.scope import binding_not_allowed, not_allowed
from suites.sharing import Shard

EVIDENCE = "evidence.jsonl"
"""Name of the log in the output folder."""

ROOMS = ("contracts", "strategies", "suites", "reports")
LIBRARIES = ("pytest", "hypothesis", "lxml", "xmlschema", "requests", "pytest-html")


@dataclass(frozen=True, slots=True)
class Settings:
    """What a run is asked to do. `protocols` empty means every documented binding.

    With a shard it is a part of a run, whose log says so. `workers` are the threads that send.
    """

    services: Mapping[str, Service]
    configuration: Configuration
    out: Path
    protocols: tuple[Protocol, ...] = ()
    profile: str = "standard"
    seed: int = 0
    strict: bool = False
    waivers: tuple[Waiver, ...] = ()
    shard: Shard | None = None
    workers: int = 1
    resume: Path | None = None

    @property
    def log(self) -> Path:
        """The log that is written."""
        return self.out / EVIDENCE

    @property
    def part(self) -> str:
        """What the log calls the part of a run that it tells of; empty for a whole run."""
        return str(self.shard or "")

    @property
    def items(self) -> tuple[Item, ...]:
        """The items of the plan that are to be sent."""
        drawn = plan(self.services, self.protocols, self.profile, self.seed)
        return drawn if self.shard is None else self.shard.items(drawn)


def run_header(settings: Settings) -> RunHeader:
    """The head of the log of a run with these settings."""
    found = list(bindings(settings.services, settings.protocols))
    targets = settings.configuration.targets
    pins = pins_of(operation for operation, _ in found)
    versions = {name: importlib.metadata.version(name) for name in LIBRARIES}
    return RunHeader(
        tool="soapstone",
        version=importlib.metadata.version("soapstone"),
        tool_digest=tool_digest(),
        versions={"python": platform.python_version(), **versions},
        contracts=pins.contracts,
        rulings=pins.rulings,
        standards=pins.standards,
        targets={service: targets[service].url for service in settings.services if service in targets},
        seed=settings.seed,
        profile=settings.profile,
        strict=settings.strict,
        scope=_scope(settings),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
        clock=_clock(),
        bindings=tuple(BindingRow.of(operation, binding) for operation, binding in found),
        requirements=_rows(settings, found),
        waivers=settings.waivers,
        part=settings.part,
    )


def _clock() -> Mapping[str, str]:
    """The clock that the run's times come from."""
    clock = time.get_clock_info("time")
    return {"source": clock.implementation, "resolution": f"{clock.resolution:g} s", "zone": "UTC"}


def tool_digest() -> str:
    """SHA-256 over the code and data of every room that a verdict rests on."""
    home = Path(__file__).parent.parent
    total = hashlib.sha256()
    for room in ROOMS:
        for file in sorted((home / room).rglob("*")):
            name = file.relative_to(home)
            if file.is_file() and "__pycache__" not in name.parts and name.parts[:2] != ("reports", "out"):
                total.update(f"{name.as_posix()}\0".encode() + file.read_bytes() + b"\0")
    return total.hexdigest()


def _rows(settings: Settings, found: Sequence[tuple[Operation, Binding]]) -> tuple[RequirementRow, ...]:
    """The table of requirements, with what the plan and the configuration say of each active one."""
    drawn = plan(settings.services, settings.protocols, settings.profile, settings.seed)
    by_binding: dict[tuple[str, Protocol], list[Item]] = {}
    for item in drawn:
        by_binding.setdefault((item.operation.key, item.binding.protocol), []).append(item)
    return tuple(
        row
        for operation, binding in found
        for row in requirement_rows(
            operation,
            binding.protocol,
            _reasons(settings, (operation, binding), by_binding.get((operation.key, binding.protocol), [])),
        )
    )


def _reasons(settings: Settings, place: tuple[Operation, Binding], items: Sequence[Item]) -> Reasons:
    """What keeps items of one binding from being sent, or from showing anything."""
    targets, budget = settings.configuration.targets, settings.configuration.budget
    return Reasons(
        not_applicable={each.requirement.id: why for each in items if (why := each.shows_nothing)},
        out_of_scope={
            each.requirement.id: why
            for each in items
            if (why := not_allowed(each, targets.get(each.operation.service), budget))
        },
        all_out_of_scope=binding_not_allowed(*place, targets.get(place[0].service)),
    )


def _scope(settings: Settings) -> Mapping[str, str]:
    """What the configuration allows, in words."""
    targets = settings.configuration.targets
    tested = [targets[name] for name in sorted(settings.services) if name in targets]
    originals = [
        f"{name}{AT}{without_userinfo(each.url)}" for name, each in sorted(settings.configuration.originals.items())
    ]
    left_out = [
        why
        for operation, binding in bindings(settings.services, settings.protocols)
        if (why := binding_not_allowed(operation, binding, targets.get(operation.service)))
    ]
    return {
        "services": ", ".join(sorted(settings.services)),
        "bindings": ", ".join(settings.protocols) or "every documented binding",
        "defective messages": ", ".join(each.service for each in tested if each.allows_defects) or "none",
        "security probes": ", ".join(each.service for each in tested if each.allows_probes) or "none",
        **({COMPARED_WITH: ", ".join(originals)} if originals else {}),
        **({"left out": "; ".join(dict.fromkeys(left_out))} if left_out else {}),
    }
