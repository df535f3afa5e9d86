"""The plan: which messages a run sends, drawn without looking at answers."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

from contracts.documents import read_document
from contracts.judge.records import Message
from contracts.model import Binding, Operation, Protocol, Requirement, Service
from strategies.cases import CASES, PROBES, TOGETHER, UNBROKEN
from strategies.subjects import Subject
from suites.configuration import FORMATS

Profile: TypeAlias = Literal["smoke", "standard", "thorough"]
PROFILES: tuple[Profile, ...] = get_args(Profile)


@dataclass(frozen=True)
class Item:
    """One slice of the plan: what one active requirement sends on one binding. One pytest item.

    `protocols` are the run's, empty for all. `left_out` says why a profile sends nothing of it; empty where it does.
    """

    operation: Operation
    binding: Binding
    requirement: Requirement
    limit: int | None
    seed: int
    protocols: tuple[Protocol, ...] = ()
    left_out: str = ""
    sends_all: bool = True

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

    @property
    def is_probe(self) -> bool:
        """Whether its messages are security probes."""
        return self.case in PROBES

    @property
    def looks_after_service(self) -> bool:
        """Whether its known-good messages are there to see whether the service goes on answering after the others."""
        return self.is_probe or self.requirement.parameters.get("compares") == "survives"

    @property
    def goes_together(self) -> bool:
        """Whether its messages show nothing one at a time."""
        return self.case in TOGETHER

    @property
    def is_compared(self) -> bool:
        """Whether its requirement is judged on the answers to several of its messages together, too."""
        return ("compares" in self.requirement.parameters or self.is_probe) and not self.is_brief

    @property
    def is_brief(self) -> bool:
        """Whether it is sent without known-good messages between: in a short profile, lesser requirements and what
        needs them only for its answers to be compared, the spellings apart.
        """
        is_compared = self.requirement.parameters.get("compares") == "equal_answers" and self.case != "spellings"
        return not self.sends_all and (self.requirement.level != "must" or is_compared or self.is_probe)

    @cached_property
    def shows_nothing(self) -> str:
        """Why no answer to its messages could break its requirement; empty if one could."""
        if self.case in ALWAYS:
            first = next(CASES[self.case](replace(self.subject, limit=1)), None)
            return "" if first is not None else "the request has nothing that may vary"
        if not self._drawn:
            return "nothing of the kind can be sent over this binding"
        mine = (each for each in self._drawn if each.requirement == self.requirement.id)
        is_entitled = any(each.expectation != "either" for each in mine)
        if is_entitled or self.is_compared:
            return ""
        return f"nothing is demanded of it: {next((each.because for each in self._drawn if each.because), '')}"

    @cached_property
    def is_idle(self) -> bool:
        """Whether it is not sent: no message, or, in a profile that is short, none that anything is judged on.

        What nothing is demanded of is sent all the same where passive requirements speak of its messages.
        """
        if self.left_out or self.case in ALWAYS:
            return bool(self.left_out)
        return not self._drawn or (bool(self.shows_nothing) and not self.carries)

    @cached_property
    def carries(self) -> bool:
        """Whether a passive requirement of the binding speaks of its messages by name, or the profile is a long one."""
        named = (
            name
            for each in self.operation.requirements(self.binding.protocol)
            for name in (each.parameters.get("refusing"), each.parameters.get("probing"))
        )
        return self.sends_all or self.requirement.id in named

    @cached_property
    def is_long(self) -> bool:
        """Whether it takes a while, so that it begins early where nothing else may come between its messages."""
        return len(self._drawn) >= LONG

    @cached_property
    def _drawn(self) -> list[Message]:
        """The first messages: enough to tell what the item is about."""
        return list(islice(self.messages(), LOOKED_AT))

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
            parameters=self.requirement.parameters,
            protocols=self.protocols,
            alone=self.is_brief,
            seed=int.from_bytes(digest[:8], "big"),
        )


def item_id(operation: Operation, binding: Binding, requirement: Requirement) -> str:
    """The id of a requirement on a binding, as pytest and the plan show it."""
    return f"{operation.key}/{binding.protocol}:{requirement.id}"


def plan(services: Mapping[str, Service], protocols: Sequence[Protocol], profile: str, seed: int) -> tuple[Item, ...]:
    """Every item of a run, in the order in which they are sent: known-good messages of a binding first.

    `protocols` narrows the bindings; empty for all.
    """
    return tuple(
        _item(operation, binding, requirement, protocols, profile, seed)
        for operation, binding in bindings(services, protocols)
        for requirement in operation.requirements(binding.protocol)
        if requirement.is_active
    )


def _item(
    operation: Operation,
    binding: Binding,
    requirement: Requirement,
    protocols: Sequence[Protocol],
    profile: str,
    seed: int,
) -> Item:
    """The item of a requirement: its case's limit, or that of its level, where the profile sets one."""
    limits, levels = profile_limits()[profile], level_limits()[profile]
    limit = limits.get(requirement.sends or "", levels.get(requirement.level))
    return Item(
        operation=operation,
        binding=binding,
        requirement=requirement,
        limit=limit,
        seed=seed,
        protocols=tuple(protocols),
        left_out=f"profile {profile} sends nothing of level {requirement.level} for it" if limit == 0 else "",
        sends_all=profile != "smoke",
    )


ALWAYS = frozenset({"known_good", "spellings", "valid", "edges", "steadily"})
"""Cases that demand something of every binding, which need not be drawn to know it."""

LOOKED_AT = 50
"""Messages of an item that are drawn to tell whether it can show anything."""


LONG = 12
"""Messages of an item that takes a while."""


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
    limits: Mapping[str, Mapping[str, int]] = _profiles()["profile"]
    return limits


@cache
def level_limits() -> Mapping[str, Mapping[str, int]]:
    """Messages per item of a level, by profile, for cases that the profile does not name."""
    limits: Mapping[str, Mapping[str, int]] = _profiles()["level"]
    return limits


@cache
def _profiles() -> Mapping[str, Any]:
    return read_document(Path(__file__).parent / "profiles.toml", "profiles", FORMATS)
