"""The plan: which messages a run sends, drawn without looking at answers."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Literal, TypeAlias, get_args

from contracts.documents import read_document
from contracts.judge.records import Message
from contracts.model import Binding, Operation, Protocol, Requirement, Service
from strategies.cases import CASES
from strategies.subjects import Subject
from suites.configuration import FORMATS

Profile: TypeAlias = Literal["smoke", "standard", "thorough"]
PROFILES: tuple[Profile, ...] = get_args(Profile)

UNBROKEN = frozenset({"known_good", "spellings", "optional_header", "standard_media_type", "valid", "edges"})
"""Cases whose messages keep the contract; all others need leave to be sent to a target off loopback."""


@dataclass(frozen=True)
class Item:
    """One slice of the plan: what one active requirement sends on one binding. One pytest item."""

    operation: Operation
    binding: Binding
    requirement: Requirement
    limit: int | None
    seed: int

    @property
    def id(self) -> str:
        """`service/operation/protocol:requirement`: stable, and the pytest parameter id."""
        return item_id(self.operation, self.binding, self.requirement)

    @property
    def case(self) -> str:
        """Name of the case that draws the messages."""
        assert self.requirement.sends is not None
        return self.requirement.sends

    @property
    def is_unbroken(self) -> bool:
        """Whether its messages keep the contract."""
        return self.case in UNBROKEN

    @cached_property
    def shows_nothing(self) -> str:
        """Why no answer to its messages could break its requirement; empty if one could.

        Only cases of defects are looked at: all others expect something by their nature.
        """
        if self.is_unbroken:
            return ""
        drawn = list(self.messages())
        if not drawn:
            return "nothing of the kind can be sent over this binding"
        entitled = any(message.expectation != "either" for message in drawn)
        return "" if entitled else f"a genuine stack of the family tolerates it: {drawn[0].because}"

    def messages(self) -> Iterator[Message]:
        """The messages, in order: a pure function of contract, profile and seed."""
        subject = self.subject
        return CASES[self.case](subject)

    @property
    def subject(self) -> Subject:
        """What the case is asked for. The seed is made of the run's seed and the item's id."""
        digest = hashlib.sha256(f"{self.seed}:{self.id}".encode()).digest()
        return Subject(
            operation=self.operation,
            binding=self.binding,
            requirement_id=self.requirement.id,
            item=self.id,
            limit=self.limit,
            seed=int.from_bytes(digest[:8], "big"),
        )


def item_id(operation: Operation, binding: Binding, requirement: Requirement) -> str:
    """The id of a requirement on a binding, as pytest and the plan show it."""
    return f"{operation.key}/{binding.protocol}:{requirement.id}"


def plan(services: Mapping[str, Service], protocols: Sequence[Protocol], profile: str, seed: int) -> tuple[Item, ...]:
    """Every item of a run, in the order in which they are sent: known-good messages of a binding first.

    `protocols` narrows the bindings; empty for all.
    """
    limits = profile_limits()[profile]
    return tuple(
        Item(operation, binding, requirement, limits.get(requirement.sends or ""), seed)
        for operation, binding in bindings(services, protocols)
        for requirement in operation.requirements(binding.protocol)
        if requirement.is_active
    )


def bindings(services: Mapping[str, Service], protocols: Sequence[Protocol]) -> Iterator[tuple[Operation, Binding]]:
    """Every binding of the services, narrowed to some protocols; empty for all."""
    for service in services.values():
        for operation in service.operations.values():
            for binding in operation.bindings:
                if not protocols or binding.protocol in protocols:
                    yield operation, binding


@cache
def profile_limits() -> Mapping[str, Mapping[str, int]]:
    """Messages per case, by profile. A case without a number sends all that it has."""
    content = read_document(Path(__file__).parent / "profiles.toml", "profiles", FORMATS)
    limits: Mapping[str, Mapping[str, int]] = content["profile"]
    return limits
