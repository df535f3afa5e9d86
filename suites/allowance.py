"""What a run may still send: one budget and one rate, however many threads send at once."""

import threading
import time
from collections import deque

from contracts.judge.records import Purpose
from suites.configuration import Budget
from suites.health import Health
from suites.turn import Turn


class SendingEndedError(RuntimeError):
    """Nothing more can be sent: the budget is used up, or the target does not answer."""


class Allowance:
    """Leave for each request, taken before it goes out. Belongs to the thread whose turn it is.

    A request may reach its target at any moment between its leave and its answer. So the rate holds at the target, in
    every second and whatever the network does, if no more are under way, or were answered in the second before.
    """

    def __init__(self, budget: Budget, turn: Turn) -> None:
        self._budget = budget
        self._turn = turn
        self._begun: float | None = None
        self._granted = 0
        self._traffic = 0
        self._under_way = 0
        self._answered: deque[float] = deque()
        self._next = 0.0
        self._beat = 0.0 if budget.rate is None else 1 / budget.rate
        self._span = max(1.0, self._beat)

    @property
    def at_once(self) -> int | None:
        """How many requests may be under way together; None for any number."""
        return self._budget.at_once

    def take(self, health: Health, count: int = 1, purpose: Purpose = "planned") -> None:
        """Leave for so many requests that go out together to a target, waited for. Raises SendingEndedError."""
        while True:
            self._require(health, count)
            pause = self._pause(health, count, purpose)
            if pause is None:
                self._turn.wait()
            elif pause > 0:
                self._turn.pause(pause)
            else:
                break
        now = time.monotonic()
        self._granted += count
        self._under_way += count
        health.under_way += count
        self._next = max(now, self._next) + self._beat * count
        health.next = max(now, health.next) + health.interval * count

    def take_again(self) -> bool:
        """Leave for another request of an exchange, whose last one is over; False where the budget has none."""
        with self._turn.taken():
            self.give_back(Health())
            try:
                self.take(Health(), purpose="repeat")
            except SendingEndedError:
                self._under_way += 1
                return False
        return True

    def give_back(self, health: Health, count: int = 1, traffic: int = 0) -> None:
        """Says that requests to a target were answered, or will not be, and how many bytes went to and fro."""
        health.under_way -= count
        self._under_way -= count
        self._traffic += traffic
        if self._beat:
            self._answered.extend([time.monotonic()] * count)
        self._turn.tell()

    def _require(self, health: Health, count: int) -> None:
        """Raises SendingEndedError where nothing more may be sent to a target, or at all."""
        budget = self._budget
        if self._turn.is_stopped:
            raise SendingEndedError("the run was stopped")
        if health.ended:
            raise SendingEndedError(health.ended)
        if self.at_once is not None and count > self.at_once:
            raise SendingEndedError(f"the rate of {budget.rate:g} per second does not allow {count} requests at once")
        if self._begun is None:
            self._begun = time.monotonic()
        if budget.requests is not None and self._granted + count > budget.requests:
            raise SendingEndedError(f"the budget of {budget.requests:,} requests is used up")
        if budget.duration is not None and time.monotonic() - self._begun >= budget.duration:
            raise SendingEndedError(f"the budget of {budget.duration:g} seconds for the run is used up")
        if budget.traffic is not None and self._traffic >= budget.traffic:
            raise SendingEndedError(f"the budget of {budget.traffic:,} bytes of traffic is used up")

    def _pause(self, health: Health, count: int, purpose: Purpose) -> float | None:
        """Seconds to wait before so many may go out; None where that is for others to say."""
        now = time.monotonic()
        if purpose != "session" and health.watcher not in (None, threading.get_ident()):
            return None
        ready = max(self._next, health.next, health.not_before)
        if self.at_once is None:
            return ready - now
        while self._answered and self._answered[0] <= now - self._span:
            self._answered.popleft()
        excess = self._under_way + len(self._answered) + count - self.at_once
        if excess > len(self._answered):
            return None
        return max(ready, self._answered[excess - 1] + self._span if excess > 0 else now) - now
