"""One run: what it was told, the clients, values and health of its targets, its log and its tallies."""

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from contracts.judge.answer import Answer
from contracts.judge.judge import judge
from contracts.judge.records import Exchange, Failure, Group, Headers, Judgement, Message, Purpose, Request, Response
from contracts.judge.trees import descend, text_of
from contracts.judge.verdicts import RequirementVerdict, Tallies, requirement_verdict
from contracts.model import Binding, Operation, Protocol, Requirement
from contracts.values import fill, names_in
from reports.canaries import canaries
from reports.codec import group_from_json
from reports.evidence import EvidenceLog
from reports.header import RunHeader, without_userinfo
from reports.redaction import Redactor
from reports.waivers import in_force, waived
from strategies.cases import CASES
from strategies.probes import WITNESS
from strategies.subjects import AGAIN, Subject
from suites.client import Client
from suites.configuration import Target, Values
from suites.header import Settings, run_header
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
from suites.plan import Item, bindings
from suites.resuming import Earlier, kept_records, note_health, read_earlier
from suites.scope import binding_not_allowed
from suites.sources import ValueUnavailableError, is_known_beforehand, is_secret_source, resolve
from suites.together import fly
from suites.witness import GRACE, Witness

MAX_UNANSWERED = 2
"""Known-good messages without an answer, one after another, that end the sending to a service."""


class SendingEndedError(RuntimeError):
    """Nothing more can be sent: the budget is used up, or the target does not answer."""


class Run:
    """The state of a run. Everything that is sent goes through `send`, everything seen through `judge`."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tallies = Tallies()
        self.sent = 0
        self._clients: dict[str, Client] = {}
        self._values: dict[str, Values] = {}
        self._not_exercised: dict[tuple[str, Protocol, str], str] = {}
        self._guarded: dict[tuple[str, str], str] = {}
        self._healths: dict[str, Health] = {}
        self._next_send = 0.0
        self._begun: float | None = None
        self._traffic = 0
        self._asking: set[str] = set()
        self._witness: Witness | None = None
        self._beside_closed = 0
        self._originals: dict[str, Client] = {}
        self._original_values: dict[str, Values] = {}
        self._sent_before = 0
        self.at_end: list[Callable[[], None]] = []
        self.redactor = Redactor(list(self._secrets()), key=settings.worker.key if settings.worker else None)
        header = run_header(settings)
        self._waivers = in_force(header.waivers, header.started)
        self._rows = {row.key: row for row in header.requirements}
        self._earlier = None if settings.resume is None else read_earlier(settings.resume, header)
        self.log = EvidenceLog(settings.log, header, self.redactor, judge_again=self._judged)
        self.canaries = canaries(settings.seed)
        first = next(bindings(settings.services, settings.protocols), None)
        if first is not None:
            self.log.plant(self.canaries, first[0])
        if self._earlier is not None:
            self._take_up(self._earlier, header)

    def _take_up(self, earlier: Earlier, header: RunHeader) -> None:
        """Begins where an interrupted run ended: with its records, its tallies, and what it knew of the targets."""
        operations = {
            each.key: each for service in self.settings.services.values() for each in service.operations.values()
        }
        healths = {name: self.health(name) for name in self.settings.services}
        for record in kept_records(earlier.path):
            self.log.adopt(record)
            if record["type"] == "exchange":
                note_health(record, operations, healths)
            elif record["type"] == "group":
                group = group_from_json(record, header.requirements)
                self.tallies.add(group.service, group.operation, group.protocol, group.judgement, group.exchanges[0])
        self.sent = self._sent_before = earlier.last
        what = f"{earlier.exchanges:,} exchanges of {earlier.path.name}, whose last seal is {earlier.seal}"
        self.log.event("resumed", what)

    def is_answered(self, message: Message, *, is_compared: bool) -> bool:
        """Whether the run that is taken up again had an answer to a message: alone, or with all it is compared with."""
        if self._earlier is None:
            return False
        if is_compared:
            return message.item in self._earlier.compared
        return (message.item, message.index) in self._earlier.answered

    def not_exercised(self, operation: Operation, protocol: Protocol, requirement: Requirement, reason: str) -> None:
        """Records why a requirement could not be exercised on a binding."""
        self._not_exercised[operation.key, protocol, requirement.id] = reason
        self.log.not_exercised(operation.service, operation.name, protocol, {requirement.id: reason})

    def prepare(self, message: Message, operation: Operation) -> tuple[Message, str]:
        """The message with configured values in place, and which of them are missing (empty: none)."""
        values = self._values_of(operation)
        needed = names_in(message.request)
        own = self._own_values(needed)
        missing = needed - values.names - own.keys()
        if missing:
            return message, f"needs a value for {', '.join(sorted(missing))} of {operation.service}"
        try:
            taken = values.take(needed, again=any(change.kind == AGAIN for change in message.changes))
        except ValueUnavailableError as error:
            return message, str(error)
        except SendingEndedError as error:
            return message, str(error)
        configured = self.settings.configuration.targets[operation.service].values
        for name, value in taken.items():
            if _is_guarded(operation, name, configured[name]):
                self._guard(operation.service, name, value)
        return replace(message, request=fill(message.request, {**taken, **own})), ""

    def _own_values(self, needed: Collection[str]) -> Mapping[str, str]:
        """Values that the run itself supplies: the address of its witness, which is made when first needed."""
        if WITNESS not in needed:
            return {}
        self._witness = self._witness or Witness()
        return {WITNESS: self._witness.address}

    def _guard(self, service: str, name: str, value: str) -> None:
        """Keeps a value out of every output, and records what stands for it, once."""
        if self._guarded.get((service, name)) != value:
            self._guarded[service, name] = value
            self.log.value(service, name, value)

    def send(self, message: Message, operation: Operation, purpose: Purpose = "planned") -> Exchange:
        """Sends a filled message, records the exchange, and gives it back. Raises SendingEndedError.

        What a limiter turns away is sent again when it asks for that; where the caller is not let in, once more with
        what proves it had anew. Every try is recorded.
        """
        health = self.health(operation.service)
        waited, has_renewed = 0.0, False
        while True:
            self._require_leave(operation.service)
            exchange = self._exchanged(message, operation, purpose)
            if exchange.purpose == "throttled":
                waited += self._be_patient(exchange, waited)
            elif exchange.purpose == "unauthorised":
                self._renew_login(exchange, has_renewed)
                has_renewed = True
            else:
                health.failed_renewals = 0 if has_renewed else health.failed_renewals
                return exchange

    def _require_leave(self, service: str, *, more: int = 0) -> None:
        """Raises SendingEndedError where nothing more may be sent to a service, or at all; `more` are about to be."""
        health, budget = self.health(service), self.settings.configuration.budget
        if health.ended:
            raise SendingEndedError(health.ended)
        if self._begun is None:
            self._begun = time.monotonic()
        if budget.requests is not None and self.sent - self._sent_before + self._beside + more >= budget.requests:
            raise SendingEndedError(f"the budget of {budget.requests:,} requests is used up")
        if budget.duration is not None and time.monotonic() - self._begun >= budget.duration:
            raise SendingEndedError(f"the budget of {budget.duration:g} seconds for the run is used up")
        if budget.traffic is not None and self._traffic >= budget.traffic:
            raise SendingEndedError(f"the budget of {budget.traffic:,} bytes of traffic is used up")

    def _exchanged(self, message: Message, operation: Operation, purpose: Purpose) -> Exchange:
        """One request and its answer, recorded."""
        service = operation.service
        self._wait(service)
        started = time.time()
        try:
            client = self._client(service)
            resent = client.resent
            sent, outcome, elapsed = client.send(message.request)
        except ValueUnavailableError as error:
            self.give_up(service, str(error))
            raise SendingEndedError(str(error)) from error
        self.sent += 1
        self._traffic += _size(sent, outcome)
        exchange = Exchange(self.sent, message, sent, outcome, started, elapsed, purpose, self._fetched(message))
        if message.kind == "defect" or exchange.response is None or exchange.response.status_code >= 300:
            client.renew()
        answer = Answer(exchange, operation, operation.bindings_by_protocol[message.protocol])
        if (known := self._purpose(answer, purpose)) != purpose:
            exchange = replace(exchange, purpose=known)
            answer = replace(answer, exchange=exchange)
        self.log.exchange(exchange, operation)
        if client.resent > resent:
            self.log.event("sent again", "the target had closed the connection kept for it", exchange.number)
        self._watch(answer)
        return exchange

    def send_together(self, messages: Sequence[Message], operation: Operation) -> list[Exchange]:
        """Sends filled messages so that all are in flight at once, and records them. Raises SendingEndedError.

        Rate and budget are taken for all of them before the first leaves.
        """
        service = operation.service
        for each in range(len(messages)):
            self._require_leave(service, more=each)
            self._wait(service)
        clients = [self._new_client(service) for _ in messages]
        try:
            flights = fly(clients, messages)
        except ValueUnavailableError as error:
            self.give_up(service, str(error))
            raise SendingEndedError(str(error)) from error
        finally:
            for client in clients:
                client.close()
                self._beside_closed += client.resent + client.entering
        exchanges = []
        for message, flight in zip(messages, flights, strict=True):
            self.sent += 1
            self._traffic += _size(flight.sent, flight.outcome)
            exchange = Exchange(
                self.sent, message, flight.sent, flight.outcome, flight.started, flight.elapsed, "planned"
            )
            self.log.exchange(exchange, operation)
            exchanges.append(exchange)
        return exchanges

    def send_beside(self, message: Message, operation: Operation) -> Exchange:
        """Sends a planned message to the original that a candidate is compared with, and records the exchange.

        Raises SendingEndedError.
        """
        service = operation.service
        target = self.settings.configuration.originals[service]
        values = self._original_values.setdefault(operation.key, Values(target, operation))
        own = self._own_values(needed := names_in(message.request))
        if missing := needed - values.names - own.keys():
            raise SendingEndedError(f"the original needs a value for {', '.join(sorted(missing))} of {service}")
        try:
            taken = values.take(needed)
            if service not in self._originals:
                self._originals[service] = self._client_of(target)
            self._require_leave("")
            self._wait("")
            for name, value in taken.items():
                if _is_guarded(operation, name, target.values[name]):
                    self.redactor.learn(value)
            started, client = time.time(), self._originals[service]
            sent, outcome, elapsed = client.send(fill(message.request, {**taken, **own}))
        except ValueUnavailableError as error:
            raise SendingEndedError(str(error)) from error
        self.sent += 1
        self._traffic += _size(sent, outcome)
        exchange = Exchange(self.sent, message, sent, outcome, started, elapsed, "beside")
        if message.kind == "defect" or exchange.response is None or exchange.response.status_code >= 300:
            client.renew()
        self.log.exchange(exchange, operation)
        return exchange

    def _fetched(self, message: Message) -> tuple[str, ...]:
        """What the target asked the witness for since it was looked at last."""
        if self._witness is None:
            return ()
        names_it = self._witness.address.encode() in (message.request.body or b"")
        return self._witness.taken(grace=GRACE if names_it else 0.0)

    @property
    def _beside(self) -> int:
        """Requests that went out beside the recorded ones: sent twice, or to open a connection for the caller."""
        return self._beside_closed + sum(client.resent + client.entering for client in self._clients.values())

    def health(self, service: str) -> Health:
        """What is known of a service's target."""
        return self._healths.setdefault(service, Health())

    def give_up(self, service: str, why: str) -> None:
        """Has nothing more sent to a service, and records why."""
        self.health(service).ended = why
        self.log.event("target given up", why)

    def _purpose(self, answer: Answer, purpose: Purpose) -> Purpose:
        service = answer.operation.service
        login = self._client(service).authentication
        may_renew = login.is_renewable and self.health(service).failed_renewals < MAX_UNANSWERED
        has_login = bool(self.settings.configuration.targets[service].access.logins)
        return purpose_of(answer, purpose, has_login=has_login, may_renew=may_renew)

    def _be_patient(self, exchange: Exchange, waited: float) -> float:
        """Waits as long as a limiter asks, and gives back how many seconds that was. Raises SendingEndedError."""
        assert exchange.response is not None
        service = exchange.message.service
        health, patience = self.health(service), self.settings.configuration.budget.patience
        asked = asked_pause(exchange.response)
        pause = max(FIRST_PAUSE, waited) if asked is None else asked
        if waited + pause > patience:
            wants = f"asks to wait {asked:g} seconds" if asked is not None else "does not say how long to wait"
            why = f"{self._named(service)} answers {exchange.response.status_code}, too many requests, and {wants}"
            self.give_up(service, f"{why}; patience is {patience:g}: lower the rate, or raise patience, in [budget]")
            raise SendingEndedError(health.ended)
        self.log.event("throttled", f"{service}: {pause:g} seconds' pause, then fewer requests", exchange.number)
        health.slow_down()
        time.sleep(pause)
        return max(pause, FIRST_PAUSE)

    def _renew_login(self, exchange: Exchange, has_renewed: bool) -> None:
        """Forgets what proved the caller, so that it is had anew. Raises SendingEndedError where that is no use."""
        assert exchange.response is not None
        service = exchange.message.service
        client, health = self._client(service), self.health(service)
        if client.authentication.is_renewable and not has_renewed:
            client.authentication.renew()
            client.renew()
            self.log.event("login renewed", f"{service} did not let the caller in", exchange.number)
            return
        health.failed_renewals += 1
        said = f"{_refusal(exchange.response)}{self._skew_hint(service)}"
        logins = self.settings.configuration.targets[service].access.logins
        named = ", ".join(f"[{service}.auth.{each.scheme}]" for each in logins)
        hint = f"check {named}" if named else f"say how in [{service}.auth]"
        why = f"{self._named(service)} does not let the caller in: {said}; {hint}"
        self.give_up(service, f"{why}. It is not tried again, so that no account is locked")
        raise SendingEndedError(health.ended)

    def _watch(self, answer: Answer) -> None:
        """Takes note of what an answer tells of the target; gives one up that never answered its known-good message."""
        exchange, service = answer.exchange, answer.operation.service
        health = self.health(service)
        if exchange.response is not None:
            self._watch_software(exchange)
        if exchange.message.kind != "sample":
            return
        self._watch_clock(exchange)
        if exchange.purpose in ("throttled", "unauthorised"):
            return
        health.note(answer)
        if health.unanswered == MAX_UNANSWERED and not health.has_answered:
            told = exchange.outcome
            said = why_silent(told) if isinstance(told, Failure) else f"{told.status_code} {told.reason} of a gateway"
            self.give_up(service, f"{self._named(service)} does not answer: {said}")
        health.has_answered = health.has_answered or not health.unanswered

    def _watch_clock(self, exchange: Exchange) -> None:
        health, skew = self.health(exchange.message.service), skew_of(exchange)
        if skew is not None and abs(skew) > MOST_SKEW and health.skew is None:
            side = "ahead of" if skew > 0 else "behind"
            what = f"{exchange.message.service}: the target's clock is {abs(skew):,.0f} seconds {side} this machine's"
            self.log.event("clocks differ", what, exchange.number)
            health.skew = skew

    def _skew_hint(self, service: str) -> str:
        skew = self.health(service).skew
        return "" if skew is None else f" (its clock and this machine's differ by {abs(skew):,.0f} seconds)"

    def _watch_software(self, exchange: Exchange) -> None:
        """Records that answers begin to name another software: a deployment, or another machine behind one name."""
        assert exchange.response is not None
        health, named = self.health(exchange.message.service), software_of(exchange.response)
        is_success = exchange.response.status_code < 300
        if is_success and named and named not in health.software:
            if health.software:
                what = f"{exchange.message.service}: answers now name {named[:200]}, and named others before"
                self.log.event("target changed", what, exchange.number)
            health.software.add(named)

    def _named(self, service: str) -> str:
        return without_userinfo(self.settings.configuration.targets[service].url)

    def known_good(self, operation: Operation, protocol: Protocol) -> tuple[Message | None, str]:
        """The known-good message of a binding with values in place; None where one is missing, with the reason."""
        subject = Subject(
            operation=operation,
            binding=operation.bindings_by_protocol[protocol],
            requirement_id=next(
                (each.id for each in operation.requirements(protocol) if each.sends == "known_good"), ""
            ),
            item=f"{operation.key}/{protocol}:known-good",
            limit=1,
            seed=0,
        )
        drawn = next(CASES["known_good"](subject), None)
        if drawn is None:
            return None, "has no known-good message"
        filled, missing = self.prepare(drawn, operation)
        return (None, missing) if missing else (filled, "")

    def returned(self, operation: Operation, binding: Binding) -> Exchange | None:
        """Waits, while patience lasts, for a target to accept its known-good message again; None if it does not."""
        patience, pause = self.settings.configuration.budget.patience, FIRST_PAUSE
        until = time.monotonic() + patience
        while time.monotonic() < until:
            time.sleep(min(pause, max(0.0, until - time.monotonic())))
            pause = min(LONGEST_PAUSE, pause * 2)
            message, _ = self.known_good(operation, binding.protocol)
            if message is None:
                return None
            exchange = self.send(message, operation, "probe")
            if Answer(exchange, operation, binding).outcome == "success":
                self.log.event("target came back", operation.service, exchange.number)
                return exchange
        return None

    def judge(self, group: Group, operation: Operation, judged: Judgement | None = None) -> Judgement:
        """Judges a group, unless that was done already, records what the judge says, and adds it up."""
        recorded = self.log.group(group, self._judged(group, operation) if judged is None else judged)
        subject = group.subject
        self.tallies.add(operation.service, operation.name, subject.message.protocol, recorded, subject.number)
        return recorded

    def _judged(self, group: Group, operation: Operation) -> Judgement:
        return self.preview(group, operation)

    def preview(self, group: Group, operation: Operation) -> Judgement:
        """What the judge says of a group, before anything of it is recorded."""
        return waived(judge(group, operation, strict=self.settings.strict), self._waivers)

    def verdict(self, operation: Operation, protocol: Protocol, requirement: Requirement) -> RequirementVerdict:
        """The verdict of a requirement on a binding by what was seen so far."""
        row = self._rows[operation.service, operation.name, protocol, requirement.id]
        return requirement_verdict(
            operation.service,
            operation.name,
            protocol,
            requirement,
            self.tallies.of(row.key),
            not_applicable=row.not_applicable,
            out_of_scope=row.out_of_scope,
            not_exercised=self._not_exercised.get((operation.key, protocol, requirement.id), ""),
        )

    def may_send(self, item: Item) -> bool:
        """Whether the configuration allows an item, and there is anything to send."""
        row = self._rows[item.operation.service, item.operation.name, item.binding.protocol, item.requirement.id]
        return not row.out_of_scope and not item.is_idle

    def close(self) -> None:
        """Ends a run that ended: writes the log's footer and closes connections."""
        self._close_clients()
        for finish in self.at_end:
            finish()
        self.log.close()

    def abandon(self, why: str) -> None:
        """Ends a run that did not end."""
        self._close_clients()
        for finish in self.at_end:
            finish()
        self.log.abandon(why)

    def _close_clients(self) -> None:
        if self._witness is not None:
            self._witness.close()
            self._witness = None
        for client in (*self._clients.values(), *self._originals.values()):
            client.close()

    def _client(self, service: str) -> Client:
        if service not in self._clients:
            self._clients[service] = self._new_client(service)
        return self._clients[service]

    def _new_client(self, service: str) -> Client:
        return self._client_of(self.settings.configuration.targets[service])

    def _client_of(self, target: Target) -> Client:
        budget = self.settings.configuration.budget
        return Client(target.url, budget, target.access, service=target.service, guard=self._guard_access)

    def _guard_access(self, value: str) -> str:
        """Keeps what proves the caller out of every output, and gives what stands for it."""
        self.redactor.learn(value)
        return self.redactor.pseudonym(value) if value else ""

    def _values_of(self, operation: Operation) -> Values:
        target = self.settings.configuration.targets[operation.service]
        if operation.key not in self._values:
            self._values[operation.key] = Values(target, operation, partial(self._ask, operation.service))
        return self._values[operation.key]

    def renew_values(self, operation: Operation) -> bool:
        """Forgets the operation's values that may have lapsed and can be had again; whether there are any."""
        values = self._values_of(operation)
        return values.renew(values.names)

    def _ask(self, service: str, name: str, path: str) -> str:
        """What the answer of another operation holds. Raises ValueUnavailableError, and SendingEndedError."""
        operation = self.settings.services[service].operations[name]
        target = self.settings.configuration.targets[service]
        allowed = [each for each in operation.bindings if not binding_not_allowed(operation, each, target)]
        if not allowed:
            raise ValueUnavailableError(f"{name} gives it, and the configuration leaves that operation out")
        if name in self._asking:
            raise ValueUnavailableError(f"{name} would need a value of its own answer")
        self._asking.add(name)
        try:
            message, missing = self.known_good(operation, allowed[0].protocol)
        finally:
            self._asking.discard(name)
        if message is None:
            raise ValueUnavailableError(f"{name} gives it, and {missing}")
        exchange = self.send(message, operation, "session")
        self.judge(Group((exchange,)), operation)
        answer = Answer(exchange, operation, allowed[0])
        found = next((text_of(each).strip() for each in descend(answer.payload, path)), "")
        if answer.outcome != "success" or not found:
            raise ValueUnavailableError(f"{name} gives it, and answered {answer.described} without {path}")
        return found

    def _wait(self, service: str) -> None:
        """Keeps the rate, if there is one, and the distance that a limiter asked for."""
        rate, interval = self.settings.configuration.budget.rate, self.health(service).interval
        apart = max(interval, 0.0 if rate is None else 1 / rate)
        if not apart:
            return
        pause = self._next_send - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        self._next_send = max(time.monotonic(), self._next_send) + apart

    def _secrets(self) -> Iterator[str]:
        """The configured secrets that can be known before anything is sent; the others are learnt when taken."""
        configuration = self.settings.configuration
        for target in (*configuration.targets.values(), *configuration.originals.values()):
            for source, name in target.access.guarded(target.service):
                if is_known_beforehand(source):
                    yield _resolved(source, name)
        for operation, _ in bindings(self.settings.services, ()):
            known = (configuration.targets.get(operation.service), configuration.originals.get(operation.service))
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


def _size(sent: Request, outcome: Response | Failure) -> int:
    """Bytes of a request and its answer, fields and bodies."""
    received = 0 if isinstance(outcome, Failure) else len(outcome.body) + _size_of(outcome.headers)
    return len(sent.path) + len(sent.body or b"") + _size_of(sent.headers) + received


def _size_of(headers: Headers) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers)


def _refusal(response: Response) -> str:
    """The status of a refusal, and what it offers, without the tokens that may stand there."""
    offers = [value.split(" ")[0].rstrip(",") for name, value in response.headers if name.lower() == "www-authenticate"]
    offered = f", which offers {', '.join(dict.fromkeys(offers))}" if offers else ""
    return f"{response.status_code} {response.reason}{offered}"
