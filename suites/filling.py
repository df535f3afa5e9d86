"""Configured values for planned messages: had from their sources, kept out of every output, renewed when they lapse."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial

from contracts.judge.records import Message
from contracts.model import Operation, Protocol, Service
from contracts.values import fill, names_in
from reports.redaction import Redactor
from strategies.cases import CASES
from strategies.probes import WITNESS
from strategies.subjects import AGAIN, Subject
from suites.allowance import SendingEndedError
from suites.configuration import Configuration, Target, Values
from suites.plan import bindings
from suites.sources import ValueUnavailableError, is_known_beforehand, is_secret_source, resolve
from suites.turn import Turn
from suites.witness import GRACE, Witness

Ask = Callable[[str, str, str], str]
"""From a service, an operation's name and the path of a member to what its answer holds there."""

Tell = Callable[[str, str, str], None]
"""Records what stands for a secret value: service, name and value."""


class Filling:
    """The values of a run's messages. Belongs to the thread whose turn it is.

    While a thread asks the target for a value, others that would need one wait: one session is opened, not several.
    """

    def __init__(
        self, configuration: Configuration, services: Mapping[str, Service], redactor: Redactor, turn: Turn
    ) -> None:
        self._configuration = configuration
        self._redactor = redactor
        self._turn = turn
        self._values: dict[str, Values] = {}
        self._original_values: dict[str, Values] = {}
        self._guarded: dict[tuple[str, str], str] = {}
        self._asking: list[str] = []
        self._asker: int | None = None
        self._witness: Witness | None = None
        for secret in _secrets(configuration, services):
            redactor.learn(secret)

    def filled(self, message: Message, operation: Operation, ask: Ask, tell: Tell) -> tuple[Message, str]:
        """The message with configured values in place, and which of them are missing (empty: none)."""
        while self._asker not in (None, threading.get_ident()):
            self._turn.wait()
        values = self._values_of(operation, ask)
        needed = names_in(message.request)
        own = self._own_values(needed, message.item)
        missing = needed - values.names - own.keys()
        if missing:
            return message, f"needs a value for {', '.join(sorted(missing))} of {operation.service}"
        try:
            taken = values.take(needed, again=_is_again(message), by=message.item)
        except (ValueUnavailableError, SendingEndedError) as error:
            return message, str(error)
        configured = self._configuration.targets[operation.service].values
        for name, value in taken.items():
            if _is_guarded(operation, name, configured[name]):
                self._guard(operation.service, name, value, tell)
        return replace(message, request=fill(message.request, {**taken, **own})), ""

    def filled_for_original(self, message: Message, operation: Operation) -> Message:
        """The message with the values of the original. Raises ValueUnavailableError where one cannot be had."""
        target = self._configuration.originals[operation.service]
        values = self._values_of_original(operation)
        own = self._own_values(needed := names_in(message.request), message.item)
        if missing := needed - values.names - own.keys():
            named = ", ".join(sorted(missing))
            raise ValueUnavailableError(f"the original needs a value for {named} of {operation.service}")
        taken = values.take(needed, again=_is_again(message), by=message.item)
        for name, value in taken.items():
            if _is_guarded(operation, name, target.values[name]):
                self._redactor.learn(value)
        return replace(message, request=fill(message.request, {**taken, **own}))

    def renew(self, operation: Operation, ask: Ask, since: float | None) -> bool:
        """Forgets the operation's values that may have lapsed and can be had again; whether there are any."""
        values = self._values_of(operation, ask)
        return values.renew(values.names, since=since)

    def renew_for_original(self, operation: Operation) -> bool:
        """Forgets the original's values that may have lapsed and can be had again; whether there are any."""
        values = self._values_of_original(operation)
        return values.renew(values.names)

    def asking(self, service: str, name: str, ask: Callable[[], str]) -> str:
        """What is asked of an operation, while nobody else asks. Raises ValueUnavailableError where it needs itself."""
        if name in self._asking:
            raise ValueUnavailableError(f"{name} of {service} would need a value of its own answer")
        self._asking.append(name)
        self._asker = threading.get_ident()
        try:
            return ask()
        finally:
            self._asking.remove(name)
            if not self._asking:
                self._asker = None
                self._turn.tell()

    def fetched(self, message: Message) -> tuple[str, ...]:
        """What the target asked the witness for since it was looked at last."""
        if self._witness is None:
            return ()
        names_it = self._witness.address(message.item).encode() in (message.request.body or b"")
        with self._turn.lent():
            return self._witness.taken(message.item, grace=GRACE if names_it else 0.0)

    def close(self) -> None:
        """Ends the witness."""
        if self._witness is not None:
            self._witness.close()
            self._witness = None

    def _own_values(self, needed: Collection[str], item: str) -> Mapping[str, str]:
        """Values that the run itself supplies: the address of its witness, which is made when first needed."""
        if WITNESS not in needed:
            return {}
        self._witness = self._witness or Witness()
        return {WITNESS: self._witness.address(item)}

    def _guard(self, service: str, name: str, value: str, tell: Tell) -> None:
        """Keeps a value out of every output, and records what stands for it, once."""
        if self._guarded.get((service, name)) != value:
            self._guarded[service, name] = value
            tell(service, name, value)

    def _values_of(self, operation: Operation, ask: Ask) -> Values:
        target = self._configuration.targets[operation.service]
        if operation.key not in self._values:
            self._values[operation.key] = Values(target, operation, partial(ask, operation.service), self._turn.lent)
        return self._values[operation.key]

    def _values_of_original(self, operation: Operation) -> Values:
        target = self._configuration.originals[operation.service]
        if operation.key not in self._original_values:
            self._original_values[operation.key] = Values(target, operation, waiting=self._turn.lent)
        return self._original_values[operation.key]


def _is_again(message: Message) -> bool:
    """Whether a message carries the values of the one before it."""
    return any(change.kind == AGAIN for change in message.changes)


def known_good(operation: Operation, protocol: Protocol) -> Message | None:
    """The known-good message of a binding as planned; None where it has none."""
    named = (each.id for each in operation.requirements(protocol) if each.sends == "known_good")
    subject = Subject(
        operation=operation,
        binding=operation.bindings_by_protocol[protocol],
        requirement_id=next(named, ""),
        item=f"{operation.key}/{protocol}:known-good",
        limit=1,
        seed=0,
    )
    return next(CASES["known_good"](subject), None)


def _secrets(configuration: Configuration, services: Mapping[str, Service]) -> Iterator[str]:
    """The configured secrets that can be known before anything is sent; the others are learnt when taken."""
    for target in (*configuration.targets.values(), *configuration.originals.values()):
        for source, name in target.access.guarded(target.service):
            if is_known_beforehand(source):
                yield _resolved(source, name)
    for operation, _ in bindings(services, ()):
        known: tuple[Target | None, ...] = (
            configuration.targets.get(operation.service),
            configuration.originals.get(operation.service),
        )
        for name, source in ((name, source) for each in known if each for name, source in each.values.items()):
            if _is_guarded(operation, name, source) and is_known_beforehand(source):
                yield _resolved(source, f"{operation.service}.values.{name}")


def _is_guarded(operation: Operation, name: str, source: str) -> bool:
    """Whether a configured value may reach no output: a credential, a secret, or anything from env: or command:."""
    declared = any(leaf.name == name and (leaf.credential or leaf.secret) for leaf in operation.leaves)
    return declared or is_secret_source(source)


def _resolved(source: str, name: str) -> str:
    try:
        return resolve(source, name)
    except ValueUnavailableError:
        return ""
