"""The contract model: what a service's pages promise, as records.

An `Operation` is the unit that everything else works on: its bindings, its schema, its requirements.
Names are WSDL's; levels and bases are those of docs/verdicts.md.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from contracts.schema import Schema
from contracts.sources import Source as Source  # part of the model, kept apart because schema needs it too

Level: TypeAlias = Literal["must", "should", "inform"]
Basis: TypeAlias = Literal["documented", "standard", "convention", "inferred"]
Protocol: TypeAlias = Literal["soap11", "soap12", "xml", "http_get", "http_post"]
Effect: TypeAlias = Literal["read", "session", "write"]
Expectation: TypeAlias = Literal["accept", "process", "reject", "either"]

PROTOCOLS: tuple[Protocol, ...] = get_args(Protocol)
SOAP_PROTOCOLS: frozenset[Protocol] = frozenset({"soap11", "soap12"})
FORM_PROTOCOLS: frozenset[Protocol] = frozenset({"http_get", "http_post"})
ACCEPTED = 202
"""Status that acknowledges a one-way call."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One testable promise, resolved for a binding: family overrides are applied.

    `check` names the judge's passive check, `sends` the case of strategies that provokes it; exactly one is set.
    `parameters` belong to the check or case.
    """

    id: str
    level: Level
    basis: Basis
    source: Source
    does: str
    requires: str
    accepts: tuple[str, ...]
    check: str | None = None
    sends: str | None = None
    needs_observation: bool = False
    depends_on: tuple[str, ...] = ()
    parameters: Mapping[str, object] = dataclasses.field(default_factory=dict)

    @property
    def is_active(self) -> bool:
        """Whether the suite has to send something to exercise it."""
        return self.sends is not None


@dataclass(frozen=True, slots=True)
class Content:
    """What a Header, a Body or a whole document holds: a global element, or the content of a named type.

    `element` is in Clark notation, `type_name` the name of a type of the entry schema; neither is set for a message
    that is empty, as the answer of a one-way call and of a void method over HTTP GET are.
    """

    element: str | None = None
    type_name: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is no content at all."""
        return self.element is None and self.type_name is None


@dataclass(frozen=True, slots=True)
class MessageShape:
    """The documented shape of one message: `header` is None where the page shows none."""

    body: Content
    header: Content | None = None


@dataclass(frozen=True, slots=True)
class Binding:
    """One documented way to call an operation. `path` is relative to the target's URL.

    `documented_host` is noted and never contacted. `accept` is the Accept field that the request carries, None for
    none. `soap_action` is the value between the quotes; None where the
    page prints none: then `""` is sent over SOAP 1.1 and no field over the others. `envelope_attributes` are those
    that the page prints on the request's Envelope, by name in Clark notation (`encodingStyle`).
    """

    protocol: Protocol
    source: Source
    method: str
    path: str
    documented_path: str | None
    documented_host: str | None
    request: MessageShape
    response: MessageShape
    error: MessageShape | None
    request_media_type: str | None
    request_charset: str | None
    response_media_types: tuple[str, ...]
    noted_media_types: tuple[str, ...]
    soap_action: str | None
    status_code: int
    envelope_attributes: Mapping[str, str] = dataclasses.field(default_factory=dict)
    accept: str | None = None

    @property
    def is_soap(self) -> bool:
        """Whether messages travel in a SOAP envelope."""
        return self.protocol in SOAP_PROTOCOLS

    @property
    def is_one_way(self) -> bool:
        """Whether a call is acknowledged, and not answered: 202 and no content."""
        return self.response.body.is_empty and self.status_code == ACCEPTED

    @property
    def is_form(self) -> bool:
        """Whether a request is a set of parameters (HTTP GET and HTTP POST of ASMX)."""
        return self.protocol in FORM_PROTOCOLS

    @property
    def request_content_type(self) -> str | None:
        """The Content-Type that the documented request carries; None for a request without a body."""
        if self.request_media_type is None or self.request_charset is None:
            return self.request_media_type
        return f"{self.request_media_type}; charset={self.request_charset}"


@dataclass(frozen=True, slots=True)
class Leaf:
    """A ruling on one leaf of the request: its known-good value and how it is treated.

    `path` is the chain of local names below the message's root or content (`sessions/SessionInfo/version`).
    A credential's `value` is None: only the target's owner can supply it. A secret is redacted but not needed.
    `made_up` is the value that a message carries where the credential must not be used (lock-out protection).
    `configured` says that the target's configuration gives the value, in place of `value`.
    """

    path: str
    value: str | None
    credential: bool = False
    secret: bool = False
    made_up: str | None = None
    process_range: tuple[int, int] | None = None
    configured: bool = False

    @property
    def name(self) -> str:
        """The name by which a target's configuration supplies the value: the last step of the path."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Relation:
    """What must hold between the members of a request and of its answer; `requirement` carries level and basis.

    The kinds are closed: echo, equals, at_most, within, filter, distinct, ordered, monotonic, pages, agree
    (docs/architecture.md).
    """

    kind: str
    requirement: Requirement
    arguments: Mapping[str, object]

    def speaks_of(self, protocol: Protocol) -> bool:
        """Whether the relation holds over a binding: over all, unless it names some."""
        named = self.arguments.get("bindings")
        return not isinstance(named, list | tuple) or protocol in named


@dataclass(frozen=True, slots=True)
class BusinessError:
    """One way in which an answer that is not a fault says that the service refused. Kinds: see contracts.judge."""

    kind: str
    path: str | None = None
    element: str | None = None
    field: str | None = None
    text_path: str | None = None
    benign: tuple[str, ...] = ()


@dataclass(frozen=True)
class Operation:
    """One operation of one service, with all that judging and generating need."""

    service: str
    name: str
    family: str
    effect: Effect
    title: str
    folder: Path
    bindings: tuple[Binding, ...]
    schema: Schema
    leaves: tuple[Leaf, ...]
    response_secrets: tuple[str, ...]
    relations: tuple[Relation, ...]
    business_errors: tuple[BusinessError, ...]
    success_needs: str | None
    consumes: tuple[str, ...]
    requirements_by_protocol: Mapping[Protocol, tuple[Requirement, ...]]
    digest: str

    @cached_property
    def bindings_by_protocol(self) -> Mapping[Protocol, Binding]:
        """The bindings by protocol."""
        return {binding.protocol: binding for binding in self.bindings}

    @cached_property
    def leaves_by_path(self) -> Mapping[str, Leaf]:
        """The ruled leaves by path."""
        return {leaf.path: leaf for leaf in self.leaves}

    @property
    def key(self) -> str:
        """`service/operation`."""
        return f"{self.service}/{self.name}"

    def requirements(self, protocol: Protocol) -> tuple[Requirement, ...]:
        """The requirements that apply to a binding, in the catalogue's order."""
        return self.requirements_by_protocol[protocol]


@dataclass(frozen=True, slots=True)
class Service:
    """A service: its operations, by name."""

    name: str
    title: str
    family: str
    operations: Mapping[str, Operation]
