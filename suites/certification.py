"""One certification: the plan run piece by piece, and the verdict of each promise."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import NamedTuple

from contracts.judge.verdicts import RequirementVerdict
from contracts.model import Binding, Operation, Protocol, Requirement
from suites.header import Settings
from suites.plan import Item, bindings, item_id
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
        self._done: set[str] = set()
        self._bindings_sent: set[tuple[str, Protocol]] = set()

    @cached_property
    def run(self) -> Run:
        """The run, which begins when it is first asked for. Raises OutputError where its log cannot be written."""
        return Run(self.settings)

    @property
    def has_begun(self) -> bool:
        """Whether the run was begun."""
        return "run" in vars(self)

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
        mine = [each for each in found if self._is_mine(each)]
        return tuple(sorted(mine, key=lambda promise: not promise.requirement.is_active))

    def _is_mine(self, promise: Promise) -> bool:
        """Whether a shard or worker asks for a verdict: passive ones are a worker's only with all others' evidence."""
        if promise.requirement.is_active:
            return promise.id in self._items
        return self.settings.worker is None and _place(promise) in self._places

    @cached_property
    def _places(self) -> frozenset[tuple[str, Protocol]]:
        return frozenset(map(_place, self._items.values()))

    def has_sent(self, reached: RequirementVerdict) -> bool:
        """Whether anything of the plan, or of the shard, goes to the binding of a verdict."""
        return (f"{reached.service}/{reached.operation}", reached.protocol) in self._places

    def verdict(self, promise: Promise) -> RequirementVerdict:
        """The verdict of a promise: an active one is put to the test now, a passive one was seen on the way.

        A passive one whose binding nothing was sent to has the binding's plan sent first, so that a selection of
        passive requirements alone means something.
        """
        if promise.requirement.is_active:
            self._send(self._items[promise.id])
        elif _place(promise) not in self._bindings_sent:
            for item in self._items.values():
                if _place(item) == _place(promise):
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
        return {item.id: item for item in self.settings.items}

    def _send(self, item: Item) -> None:
        """Runs an item, once, if it may be sent."""
        if item.id in self._done:
            return
        self._done.add(item.id)
        self._bindings_sent.add(_place(item))
        if self.run.may_send(item):
            self._runner.run(item)

    @cached_property
    def _runner(self) -> Runner:
        return Runner(self.run)


def _place(each: Promise | Item) -> tuple[str, Protocol]:
    """Operation and protocol."""
    return each.operation.key, each.binding.protocol
