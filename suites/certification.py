"""One certification: the plan run piece by piece, and the verdict of each promise."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from contracts.judge.verdicts import RequirementVerdict
from contracts.model import Binding, Operation, Protocol, Requirement
from suites.header import Settings
from suites.plan import Item, bindings, item_id, plan
from suites.run import Run
from suites.runner import Runner


class Promise(NamedTuple):
    """A requirement on a binding: what one pytest item is about."""

    operation: Operation
    binding: Binding
    requirement: Requirement

    @property
    def id(self) -> str:
        """The pytest parameter id, which an active promise shares with its item of the plan."""
        return item_id(self.operation, self.binding, self.requirement)


class Certification:
    """Sends the plan as verdicts are asked for. Raises OutputError where the log cannot be written."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.run = Run(settings)
        self._runner = Runner(self.run)
        self._done: set[str] = set()
        self._bindings_sent: set[tuple[str, Protocol]] = set()

    @cached_property
    def promises(self) -> tuple[Promise, ...]:
        """Every requirement on every binding under test, in the order in which verdicts are best asked for.

        Active ones come first, as the plan has them; passive ones are decided by all that was seen.
        """
        found = [
            Promise(operation, binding, requirement)
            for operation, binding in bindings(self.settings.services, self.settings.protocols)
            for requirement in operation.requirements(binding.protocol)
        ]
        return tuple(sorted(found, key=lambda promise: not promise.requirement.is_active))

    def verdict(self, promise: Promise) -> RequirementVerdict:
        """The verdict of a promise: an active one is put to the test now, a passive one was seen on the way.

        A passive one whose binding nothing was sent to has the binding's plan sent first, so that a selection of
        passive requirements alone means something.
        """
        if promise.requirement.is_active:
            self._send(self._items[promise.id])
        elif (promise.operation.key, promise.binding.protocol) not in self._bindings_sent:
            for item in self._items.values():
                if (item.operation.key, item.binding.protocol) == (promise.operation.key, promise.binding.protocol):
                    self._send(item)
        return self.run.verdict(promise.operation, promise.binding.protocol, promise.requirement)

    def send_all(self) -> None:
        """Sends the whole plan."""
        for item in self._items.values():
            self._send(item)

    @property
    def items(self) -> Iterable[Item]:
        """The plan's items, in order."""
        return self._items.values()

    @cached_property
    def _items(self) -> Mapping[str, Item]:
        drawn = plan(self.settings.services, self.settings.protocols, self.settings.profile, self.settings.seed)
        return {item.id: item for item in drawn}

    def _send(self, item: Item) -> None:
        """Runs an item, once, if it may be sent."""
        if item.id in self._done:
            return
        self._done.add(item.id)
        self._bindings_sent.add((item.operation.key, item.binding.protocol))
        if self.run.may_send(item):
            self._runner.run(item)
