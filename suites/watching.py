"""What a run does about how its targets are: it waits, proves itself anew, or sends nothing more, and says so."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeAlias

from contracts.judge.answer import Answer
from contracts.judge.records import Exchange, Failure, Purpose, Response
from contracts.model import Binding, Operation
from reports.header import without_userinfo
from suites.allowance import SendingEndedError
from suites.clients import Clients
from suites.configuration import Configuration
from suites.health import (
    FIRST_PAUSE,
    LONGEST_PAUSE,
    MOST_SKEW,
    Health,
    asked_pause,
    purpose_of,
    skew_of,
    software_of,
    why_silent,
)
from suites.turn import Turn

MAX_UNANSWERED = 2
"""Known-good messages without an answer, one after another, that end the sending to a service."""

_UNREACHED = frozenset({"refused", "tls"})
"""Failures of connections that were not made: whatever the message, the target did not see it."""

Note: TypeAlias = Callable[[str, str, int | None], None]
"""Records what befell a run: a name, in words, and the exchange that showed it."""


class Watching:
    """The health of a run's targets, by service. Belongs to the thread whose turn it is."""

    def __init__(self, configuration: Configuration, turn: Turn, note: Note, clients: Callable[[str], Clients]) -> None:
        self._configuration = configuration
        self._turn = turn
        self._note = note
        self._clients = clients
        self._healths: dict[str, Health] = {}

    def health(self, service: str) -> Health:
        """What is known of a service's target."""
        return self._healths.setdefault(service, Health())

    def give_up(self, service: str, why: str) -> None:
        """Has nothing more sent to a service, and records why, once."""
        health = self.health(service)
        if not health.ended:
            health.ended = why
            self._note("target given up", why, None)
            self._turn.tell()

    def purpose(self, answer: Answer, purpose: Purpose) -> Purpose:
        """What an exchange was for, now that its answer is known."""
        service = answer.operation.service
        login = self._clients(service).authentication
        health = self.health(service)
        may_renew = login.is_renewable and health.failed_renewals < MAX_UNANSWERED
        has_login = bool(self._configuration.targets[service].access.logins)
        return purpose_of(answer, purpose, has_login=has_login, may_renew=may_renew, is_let_in=bool(health.accepted))

    def be_patient(self, exchange: Exchange, waited: float) -> float:
        """Waits as long as a limiter asks, and gives back how many seconds that was. Raises SendingEndedError."""
        assert exchange.response is not None
        service = exchange.message.service
        health, patience = self.health(service), self._configuration.budget.patience
        asked = asked_pause(exchange.response)
        pause = max(FIRST_PAUSE, waited) if asked is None else asked
        if waited + pause > patience:
            wants = f"asks to wait {asked:g} seconds" if asked is not None else "does not say how long to wait"
            why = f"{self._named(service)} answers {exchange.response.status_code}, too many requests, and {wants}"
            self.give_up(service, f"{why}; patience is {patience:g}: lower the rate, or raise patience, in [budget]")
            raise SendingEndedError(health.ended)
        self._note("throttled", f"{service}: {pause:g} seconds' pause, then fewer requests", exchange.number)
        # What was under way then was turned away for the same reason, and one that waited as asked was not too fast.
        if exchange.started >= health.slowed and not waited:
            health.slow_down()
            health.slowed = time.time()
        health.not_before = max(health.not_before, time.monotonic() + pause)
        self._turn.pause(pause)
        return max(pause, FIRST_PAUSE)

    def renew_login(self, exchange: Exchange, *, may_renew: bool) -> None:
        """Forgets what proved the caller, so that it is had anew. Raises SendingEndedError where that is no use."""
        assert exchange.response is not None
        service = exchange.message.service
        clients, health = self._clients(service), self.health(service)
        if clients.authentication.is_renewable and may_renew:
            clients.authentication.renew()
            clients.renew()
            self._note("login renewed", f"{service} did not let the caller in", exchange.number)
            return
        health.failed_renewals += 1
        said = f"{_refusal(exchange.response)}{self._skew_hint(service)}"
        access = self._configuration.targets[service].access
        named = ", ".join(f"[{service}.auth.{each.scheme}]" for each in access.logins)
        hint = f"check {named}" if named else f"say how in [{service}.auth]"
        hint += f", or see whether it is the proxy of [{service}.proxy] that refuses" if access.proxy else ""
        why = f"{self._named(service)} does not let the caller in: {said}; {hint}"
        self.give_up(service, f"{why}. It is not tried again, so that no account is locked")
        raise SendingEndedError(health.ended)

    def look(self, answer: Answer) -> None:
        """Takes note of what an answer tells of the target; gives one up that never answered its known-good message, or
        that nothing reaches: the known-good message may want a value that is not given.
        """
        exchange, service = answer.exchange, answer.operation.service
        health = self.health(service)
        if isinstance(exchange.outcome, Failure):
            is_new = not (health.is_there or health.has_answered)
            health.unreached += is_new and exchange.outcome.kind in _UNREACHED
            if is_new and health.unreached == MAX_UNANSWERED:
                self.give_up(service, f"{self._named(service)} does not answer: {_said(exchange)}")
        else:
            health.is_there = True
            self._look_at_software(exchange)
        if exchange.message.kind != "sample":
            return
        self._look_at_clock(exchange)
        if exchange.purpose in ("throttled", "unauthorised"):
            return
        health.note(answer)
        if health.unanswered == MAX_UNANSWERED and not health.has_answered:
            self.give_up(service, f"{self._named(service)} does not answer: {_said(exchange)}")
        health.has_answered = health.has_answered or not health.unanswered

    @contextmanager
    def alone(self, service: str) -> Iterator[None]:
        """A target to one thread, which may have it already; others wait to send anything there."""
        health, me = self.health(service), threading.get_ident()
        if health.watcher == me:
            yield
            return
        while health.watcher is not None:
            self._turn.wait()
        health.watcher = me
        try:
            while health.under_way:
                self._turn.wait()
            yield
        finally:
            health.watcher = None
            self._turn.tell()

    def returned(self, operation: Operation, binding: Binding, ask: Callable[[], Exchange | None]) -> Exchange | None:
        """Waits, while patience lasts, for a target to accept its known-good message again; None if it does not.

        The first thread that finds it away looks, with `ask`; those that had to wait for it look once before.
        """
        health = self.health(operation.service)
        was_watched = health.watcher not in (None, threading.get_ident())
        with self.alone(operation.service):
            if health.ended:
                return None
            back = self._asked(operation, binding, ask) if was_watched else None
            return back or self._waited_for(operation, binding, ask)

    def _waited_for(
        self, operation: Operation, binding: Binding, ask: Callable[[], Exchange | None]
    ) -> Exchange | None:
        pause = FIRST_PAUSE
        until = time.monotonic() + self._configuration.budget.patience
        while time.monotonic() < until and not self._turn.is_stopped:
            self._turn.pause(min(pause, max(0.0, until - time.monotonic())))
            pause = min(LONGEST_PAUSE, pause * 2)
            exchange = self._asked(operation, binding, ask)
            if exchange is not None:
                self._note("target came back", operation.service, exchange.number)
                return exchange
        return None

    def _asked(self, operation: Operation, binding: Binding, ask: Callable[[], Exchange | None]) -> Exchange | None:
        """The exchange with a known-good message that was accepted."""
        exchange = ask()
        is_back = exchange is not None and Answer(exchange, operation, binding).outcome == "success"
        return exchange if is_back else None

    def _look_at_clock(self, exchange: Exchange) -> None:
        health, skew = self.health(exchange.message.service), skew_of(exchange)
        if skew is not None and abs(skew) > MOST_SKEW and health.skew is None:
            side = "ahead of" if skew > 0 else "behind"
            what = f"{exchange.message.service}: the target's clock is {abs(skew):,.0f} seconds {side} this machine's"
            self._note("clocks differ", what, exchange.number)
            health.skew = skew

    def _skew_hint(self, service: str) -> str:
        skew = self.health(service).skew
        return "" if skew is None else f" (its clock and this machine's differ by {abs(skew):,.0f} seconds)"

    def _look_at_software(self, exchange: Exchange) -> None:
        """Records that answers begin to name another software: a deployment, or another machine behind one name."""
        assert exchange.response is not None
        health, named = self.health(exchange.message.service), software_of(exchange.response)
        is_success = exchange.response.status_code < 300
        if is_success and named and named not in health.software:
            if health.software:
                what = f"{exchange.message.service}: answers now name {named[:200]}, and named others before"
                self._note("target changed", what, exchange.number)
            health.software.add(named)

    def _named(self, service: str) -> str:
        return without_userinfo(self._configuration.targets[service].url)


def _said(exchange: Exchange) -> str:
    """What came instead of an answer."""
    told = exchange.outcome
    if isinstance(told, Failure):
        return why_silent(told, exchange.message.service)
    return f"{told.status_code} {told.reason} of a gateway"


def _refusal(response: Response) -> str:
    """The status of a refusal, and what it offers, without the tokens that may stand there."""
    offers = [value.split(" ")[0].rstrip(",") for name, value in response.headers if name.lower() == "www-authenticate"]
    offered = f", which offers {', '.join(dict.fromkeys(offers))}" if offers else ""
    return f"{response.status_code} {response.reason}{offered}"
