"""One certification: the plan run piece by piece, and the verdict of each promise."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from contracts.judge.verdicts import RequirementVerdict
from contracts.model import Binding, Operation, Protocol, Requirement
from suites.crew import Crew
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
        self._crew: Crew | None = None
        self._chosen: tuple[Promise, ...] = ()
        self._reached: set[str] = set()

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
        """Whether a run asks for a verdict: a shard does not for what others send."""
        if promise.requirement.is_active:
            return promise.id in self._items
        return _place(promise) in self._places

    @cached_property
    def _places(self) -> frozenset[tuple[str, Protocol]]:
        return frozenset(map(_place, self._items.values()))

    def begin(self, promises: Iterable[Promise]) -> None:
        """Takes note of the promises whose verdicts will be asked for, without which the run has not ended.

        Has several threads, if the run is to have them, send what they are decided by.
        """
        self._chosen = tuple(promises)
        if self.settings.workers > 1:
            self._crew = Crew(self.run, self._runner, self._wanted(self._chosen), self.settings.workers)

    def _wanted(self, promises: Sequence[Promise]) -> Iterable[Item]:
        """The items, in order, that promises are decided by: all of a binding that passive ones alone are asked of."""
        active = {promise.id for promise in promises if promise.requirement.is_active}
        sent = {_place(promise) for promise in promises if promise.id in active}
        whole = {_place(promise) for promise in promises} - sent
        return (item for item in self._items.values() if item.id in active or _place(item) in whole)

    def verdict(self, promise: Promise) -> RequirementVerdict:
        """The verdict of a promise: an active one is put to the test now, a passive one was seen on the way."""
        for item in self._deciding(promise):
            self._send(item)
        with self.run.turn.taken():
            reached = self.run.verdict(promise.operation, promise.binding.protocol, promise.requirement)
        self._reached.add(promise.id)
        return reached

    def _deciding(self, promise: Promise) -> Iterable[Item]:
        """What is sent for a promise: the item of an active one; for a passive one, all that goes over its binding.

        So a selection of passive requirements alone means something.
        """
        if promise.requirement.is_active:
            return (self._items[promise.id],)
        if _place(promise) in self._bindings_sent:
            return ()
        return tuple(item for item in self._items.values() if _place(item) == _place(promise))

    def redacted(self, text: str) -> str:
        """A text without the secrets of the run."""
        with self.run.turn.taken():
            return self.run.redactor.redact_text(text)

    def end(self, why_not: str = "") -> Path:
        """Ends the run, for the reason given where that is before its time, and gives back its log.

        However it comes about, a run has not ended while a verdict is not reached.
        """
        if self._crew is not None:
            self._crew.stop()
        open_ends = sum(each.id not in self._reached for each in self._chosen)
        if why_not or open_ends:
            self.run.abandon(why_not or f"stopped before {open_ends} of {len(self._chosen)} verdicts were reached")
        else:
            self.run.close(sum(map(self.run.may_send, self._wanted(self._chosen))))
        return self.run.log.path

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
        if self._crew is not None:
            self._crew.await_end(item)
        elif self.run.may_send(item):
            self._runner.run(item)

    @cached_property
    def _runner(self) -> Runner:
        return Runner(self.run)


def _place(each: Promise | Item) -> tuple[str, Protocol]:
    """Operation and protocol."""
    return each.operation.key, each.binding.protocol
