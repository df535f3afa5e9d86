"""The plan sent by several threads at once, which take turns: a slow target is waited for by all of them together."""

import threading
from collections.abc import Iterable, Iterator

from suites.plan import Item
from suites.run import Run
from suites.runner import Runner, Sending

APART = frozenset({"valid", "edges", "invalid_lexical", "invalid_structure"})
"""Cases whose messages stand each for itself, so that several threads may send them. Those of others go in order."""


class Crew:
    """Threads that send the items of a plan. Each target is first asked by one alone, until its first item ended.

    So a target that is away, asks for a password or hands out a session shows that once, not to every thread.
    """

    def __init__(self, run: Run, runner: Runner, items: Iterable[Item], count: int) -> None:
        self._turn = run.turn
        self._sendings = {item.id: Sending(runner, item) for item in items if run.may_send(item)}
        self._waiting = sorted(self._sendings.values(), key=_rank)
        self._first = _first_of_each_service(self._sendings.values())
        self._error: BaseException | None = None
        self._threads = [threading.Thread(target=self._work, name=f"soapstone-{number}") for number in range(count)]
        for thread in self._threads:
            thread.start()

    def await_end(self, item: Item) -> None:
        """Waits until an item was sent to its end. Raises what ended a thread."""
        with self._turn.taken():
            sending = self._sendings.get(item.id)
            while self._error is None and sending is not None and not sending.is_finished:
                self._turn.wait()
            if self._error is not None:
                raise self._error

    def stop(self) -> None:
        """Has the threads end after what they are about, and waits for them."""
        with self._turn.taken():
            if not all(each.is_finished for each in self._sendings.values()):
                self._turn.stop()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        """What each thread does: a step of whatever may be sent, until nothing is left."""
        with self._turn.taken():
            try:
                while (sending := self._next()) is not None:
                    sending.step()
                    self._turn.tell()
            except BaseException as error:  # the thread that asks for verdicts tells it
                self._error = self._error or error
                self._turn.stop()

    def _next(self) -> Sending | None:
        """An item of which something may be sent now, waited for; None where nothing is left."""
        while not self._turn.is_stopped:
            self._waiting = [each for each in self._waiting if not each.is_exhausted]
            if not self._waiting:
                return None
            found = next((each for each in self._waiting if self._may_step(each)), None)
            if found is not None:
                return found
            self._turn.wait()
        return None

    def _may_step(self, sending: Sending) -> bool:
        """Whether a thread may take up an item beside what is under way."""
        first = self._first[sending.item.operation.service]
        if not first.is_finished and sending is not first:
            return False
        if _is_one_by_one(sending.item):
            return not any(each.under_way for each in self._rivals(sending))
        return True

    def _rivals(self, sending: Sending) -> Iterator[Sending]:
        """The items that go one after another with one: itself, and all of an operation that writes."""
        operation = sending.item.operation
        for each in self._waiting:
            if each is sending or (operation.effect == "write" and each.item.operation is operation):
                yield each


def _is_one_by_one(item: Item) -> bool:
    return item.case not in APART or item.operation.effect == "write"


def _rank(sending: Sending) -> bool:
    """Long items whose messages go in order come first; all others as the plan has them."""
    return not (_is_one_by_one(sending.item) and sending.item.is_long)


def _first_of_each_service(sendings: Iterable[Sending]) -> dict[str, Sending]:
    first: dict[str, Sending] = {}
    for each in sendings:
        first.setdefault(each.item.operation.service, each)
    return first
