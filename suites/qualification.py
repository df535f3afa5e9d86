"""How good the suite is: runs against the reference target with one fault or variant in it at a time.

A fault is run on each binding that it touches: first the cases of the requirements that must flag it, then the rest of
the profile, until one of them has. A fault that only others flag counts as missed. A variant is run whole.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

from contracts.loader import load_services, pick
from contracts.model import PROTOCOLS, Protocol, Service
from suites.certification import Certification, Promise
from suites.configuration import Configuration, Target
from suites.deviations import Deviation
from suites.embedded import EmbeddedTarget
from suites.header import Settings

Stage: TypeAlias = Literal["cases", "profile", "missed"]
"""What flagged a fault: the cases of a requirement that must, only the rest of the profile, or nothing that must."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a run on one binding, or on several that one rule is about, showed up to its end.

    `flagged` are the requirements among those that must flag the fault which did so; `violated` and `deviating` all
    that were found so by then, in the form `service/protocol:id`.
    """

    touches: tuple[str, ...]
    stage: Stage
    flagged: tuple[str, ...]
    violated: tuple[str, ...]
    deviating: tuple[str, ...]
    requests: int


@dataclass(frozen=True, slots=True)
class Qualified:
    """What the runs against one deviation showed."""

    deviation: Deviation
    shown: tuple[Shown, ...]

    @property
    def is_right(self) -> bool:
        """Whether a fault was flagged, on each binding it touches, as what it is; anything else was not violated."""
        if self.deviation.kind == "fault":
            return all(each.stage != "missed" for each in self.shown)
        return not self.violated

    @property
    def stage(self) -> Stage:
        """The last stage that one of the runs came to."""
        stages: tuple[Stage, ...] = ("missed", "profile", "cases")
        return next(stage for stage in stages if any(each.stage == stage for each in self.shown))

    @property
    def flagged(self) -> tuple[str, ...]:
        """The requirements that must flag the fault, and did."""
        return tuple(dict.fromkeys(name for each in self.shown for name in each.flagged))

    @property
    def also(self) -> tuple[str, ...]:
        """Other requirements that were violated by then."""
        names = (label.partition(":")[2] for label in self.violated)
        return tuple(name for name in dict.fromkeys(names) if name not in self.deviation.requirements)

    @property
    def violated(self) -> tuple[str, ...]:
        """Every violated requirement, as `service/protocol:id`."""
        return tuple(label for each in self.shown for label in each.violated)

    @property
    def deviating(self) -> tuple[str, ...]:
        """Every requirement that deviates, as `service/protocol:id`."""
        return tuple(label for each in self.shown for label in each.deviating)

    @property
    def requests(self) -> int:
        """Requests sent in all."""
        return sum(each.requests for each in self.shown)

    @property
    def missed_on(self) -> tuple[str, ...]:
        """The bindings on which nothing that must flag the fault did."""
        return tuple(touch for each in self.shown if each.stage == "missed" for touch in each.touches)


def qualify(
    chosen: Iterable[Deviation],
    *,
    jobs: int = 2,
    variant_profile: str = "smoke",
    tell: Callable[[Qualified], None] = lambda found: None,
) -> tuple[Qualified, ...]:
    """What each deviation showed, in the order given; `tell` is called with each as soon as it is known.

    `jobs` are processes. Raises what a run raises.
    """
    wanted = list(chosen)
    found: dict[str, Qualified] = {}
    with ProcessPoolExecutor(jobs) as pool:
        # The longest first, so that no process is left with one when the others have ended.
        begun = [pool.submit(run_deviation, each, variant_profile) for each in sorted(wanted, key=_effort)]
        try:
            for done in as_completed(begun):
                each = done.result()
                found[each.deviation.name] = each
                tell(each)
        finally:
            _cancel(begun)
    return tuple(found[each.name] for each in wanted)


def _effort(deviation: Deviation) -> tuple[bool, bool, int]:
    return deviation.profile == "smoke", deviation.kind == "fault", -len(deviation.touches)


def _cancel(begun: Sequence[Future[Qualified]]) -> None:
    for each in begun:
        each.cancel()


def run_deviation(deviation: Deviation, variant_profile: str = "smoke") -> Qualified:
    """Certifies a reference target with one deviation in it, on the bindings that it touches."""
    profile = deviation.profile if deviation.kind == "fault" else variant_profile
    with EmbeddedTarget(deviation.option) as embedded, tempfile.TemporaryDirectory() as out:
        runs = tuple(
            _run_on(deviation, touches, embedded.targets, Path(out) / str(number), profile)
            for number, touches in enumerate(_together(deviation))
        )
    return Qualified(deviation, runs)


def _together(deviation: Deviation) -> Iterator[tuple[str, ...]]:
    """The bindings that are run together: a fault's one by one, unless its rule is about several."""
    if deviation.beside:
        yield (*deviation.touches, *deviation.beside)
    elif deviation.kind == "fault":
        yield from ((touch,) for touch in deviation.touches)
    else:
        yield from _by_service(deviation.touches).values()


def _by_service(touches: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for touch in touches:
        service = touch.partition("/")[0]
        found[service] = (*found.get(service, ()), touch)
    return found


def _run_on(
    deviation: Deviation, touches: tuple[str, ...], targets: Mapping[str, Target], out: Path, profile: str
) -> Shown:
    """A run on bindings of one service."""
    service = touches[0].partition("/")[0]
    certification = Certification(
        Settings(
            services=pick(_services(), [service]),
            configuration=Configuration({service: targets[service]}),
            out=out,
            protocols=_protocols(touches),
            profile=profile,
        )
    )
    try:
        stage = _send(certification, deviation)
        return _shown(certification, deviation, touches, stage)
    finally:
        certification.run.close()


@cache
def _services() -> Mapping[str, Service]:
    """The contracts, which a process reads once."""
    return load_services()


def _protocols(touches: Iterable[str]) -> tuple[Protocol, ...]:
    named = {touch.partition("/")[2] for touch in touches}
    return tuple(each for each in PROTOCOLS if each in named)


def _send(certification: Certification, deviation: Deviation) -> Stage:
    """Sends a fault's own cases, then the rest of the plan, until it is flagged; the whole plan for anything else."""
    if deviation.kind != "fault":
        certification.send_all()
        return "missed"
    limits = {item.id: item.limit or 0 for item in certification.items}
    # Cases of a few messages first: what they do not show, the many that are sampled may.
    active = sorted((each for each in certification.promises if each.requirement.is_active), key=lambda x: limits[x.id])
    own = [each for each in active if each.requirement.id in deviation.requirements]
    others = [each for each in active if each not in own]
    stages: tuple[tuple[Stage, list[Promise]], ...] = (("cases", own), ("profile", others))
    for stage, promises in stages:
        for promise in promises:
            certification.verdict(promise)
            if _flagged(certification, deviation):
                return stage
    return "missed"


def _flagged(certification: Certification, deviation: Deviation) -> tuple[str, ...]:
    """The requirements that must flag the fault, and have done so by now."""
    mine = [each for each in certification.promises if each.requirement.id in deviation.requirements]
    flagging = [each for each in mine if _verdict(certification, each) in _enough(deviation, each)]
    return tuple(dict.fromkeys(each.requirement.id for each in flagging))


def _enough(deviation: Deviation, promise: Promise) -> tuple[str, ...]:
    """The verdicts by which a requirement flags the fault as what it is."""
    must_violate = deviation.violates and _place(promise) not in deviation.deviates_on
    return ("violated",) if must_violate else ("violated", "deviates")


def _verdict(certification: Certification, promise: Promise) -> str:
    """The verdict by what was seen so far; nothing is sent for it."""
    run = certification.run
    return run.verdict(promise.operation, promise.binding.protocol, promise.requirement).verdict


def _shown(certification: Certification, deviation: Deviation, touches: tuple[str, ...], stage: Stage) -> Shown:
    reached = {_label(each): _verdict(certification, each) for each in certification.promises}
    return Shown(
        touches=touches,
        stage=stage,
        flagged=_flagged(certification, deviation) if deviation.kind == "fault" else (),
        violated=tuple(label for label, verdict in reached.items() if verdict == "violated"),
        deviating=tuple(label for label, verdict in reached.items() if verdict == "deviates"),
        requests=certification.run.sent,
    )


def _label(promise: Promise) -> str:
    return f"{_place(promise)}:{promise.requirement.id}"


def _place(promise: Promise) -> str:
    return f"{promise.operation.service}/{promise.binding.protocol}"
