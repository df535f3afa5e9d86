"""The head of a log: what was tested, with what, and the table of requirements that verdicts are reached on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

from contracts.judge.records import Exchange
from contracts.judge.verdicts import RequirementKey
from contracts.model import Binding, Operation, Protocol, Requirement
from reports.waivers import Waiver

CAPTURED = "captured traffic"
"""The profile of a log that nothing was sent for: it tells of what others sent."""


@dataclass(frozen=True, slots=True)
class BindingRow:
    """A binding of the contracts at hand, tested or not. `path` is relative to the target."""

    service: str
    operation: str
    protocol: Protocol
    title: str
    family: str
    effect: str
    method: str
    path: str

    @classmethod
    def of(cls, operation: Operation, binding: Binding) -> "BindingRow":
        """The row of one binding."""
        return cls(
            service=operation.service,
            operation=operation.name,
            protocol=binding.protocol,
            title=operation.title,
            family=operation.family,
            effect=operation.effect,
            method=binding.method,
            path=binding.path,
        )

    @property
    def key(self) -> tuple[str, str, Protocol]:
        """Service, operation, protocol."""
        return self.service, self.operation, self.protocol


@dataclass(frozen=True, slots=True)
class RequirementRow:
    """One requirement on one binding, and why nothing can be sent for it, if so."""

    service: str
    operation: str
    protocol: Protocol
    requirement: Requirement
    not_applicable: str = ""
    out_of_scope: str = ""
    not_exercised: str = ""

    @property
    def key(self) -> RequirementKey:
        """Service, operation, protocol, requirement id."""
        return self.service, self.operation, self.protocol, self.requirement.id


@dataclass(frozen=True, slots=True)
class RunHeader:
    """All that a report says of a run beside its exchanges.

    `contracts` holds digests by `service/operation`, `rulings` by service, `standards` that of the standards' data;
    `targets` URLs by service; `versions` those of the interpreter and libraries; `scope` what the configuration
    allows, in words by aspect; `started` is an ISO 8601 time with its zone, told by `clock`. `part` names a worker or
    shard whose log is one of several of the run; `parts` the logs that were merged into this one.
    """

    tool: str
    version: str
    tool_digest: str
    versions: Mapping[str, str]
    contracts: Mapping[str, str]
    rulings: Mapping[str, str]
    standards: str
    targets: Mapping[str, str]
    seed: int
    profile: str
    strict: bool
    scope: Mapping[str, str]
    started: str
    clock: Mapping[str, str]
    bindings: tuple[BindingRow, ...]
    requirements: tuple[RequirementRow, ...]
    part: str = ""
    parts: tuple[str, ...] = ()
    waivers: tuple[Waiver, ...] = ()

    def __post_init__(self) -> None:
        clean = {service: without_userinfo(url) for service, url in self.targets.items()}
        object.__setattr__(self, "targets", clean)

    def url_of(self, exchange: Exchange) -> str:
        """Where an exchange went: to the target of its service, or to the original that it is compared with.

        Empty for a log that does not say.
        """
        service = exchange.message.service
        if exchange.purpose != "beside":
            return self.targets.get(service, "")
        told = (each.partition(AT) for each in self.scope.get(COMPARED_WITH, "").split(", "))
        return next((url for name, _, url in told if name == service), "")


COMPARED_WITH, AT = "compared with", " at "
"""The aspect of the scope that names the originals, and what stands there between a service and its URL."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why requirements cannot be exercised on a binding, by requirement id; `all_out_of_scope` speaks of them all."""

    not_applicable: Mapping[str, str] = field(default_factory=dict)
    out_of_scope: Mapping[str, str] = field(default_factory=dict)
    not_exercised: Mapping[str, str] = field(default_factory=dict)
    all_out_of_scope: str = ""


NO_REASONS = Reasons()


def requirement_rows(
    operation: Operation, protocol: Protocol, reasons: Reasons = NO_REASONS
) -> tuple[RequirementRow, ...]:
    """The rows of every requirement on one binding, in the catalogue's order."""
    return tuple(
        RequirementRow(
            service=operation.service,
            operation=operation.name,
            protocol=protocol,
            requirement=requirement,
            not_applicable=reasons.not_applicable.get(requirement.id, ""),
            out_of_scope=reasons.all_out_of_scope or reasons.out_of_scope.get(requirement.id, ""),
            not_exercised=reasons.not_exercised.get(requirement.id, ""),
        )
        for requirement in operation.requirements(protocol)
    )


def without_userinfo(url: str) -> str:
    """The URL without user name and password."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
