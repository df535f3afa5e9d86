"""One run: what it was told, what it sends and judges, its log and its tallies."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial

from contracts.judge.answer import Answer
from contracts.judge.judge import judge
from contracts.judge.records import Exchange, Failure, Group, Headers, Judgement, Message, Purpose, Request, Response
from contracts.judge.trees import descend, text_of
from contracts.judge.verdicts import RequirementVerdict, Tallies, requirement_verdict
from contracts.model import Binding, Operation, Protocol, Requirement
from reports.canaries import canaries
from reports.codec import group_from_json
from reports.evidence import EvidenceLog
from reports.header import RunHeader
from reports.redaction import Redactor
from reports.waivers import in_force, waived
from suites.allowance import Allowance, SendingEndedError
from suites.clients import Clients
from suites.configuration import Target
from suites.filling import Filling, known_good
from suites.header import Settings, run_header
from suites.health import Health, has_password
from suites.plan import Item, bindings
from suites.resuming import Earlier, kept_records, note_health, read_earlier
from suites.scope import binding_not_allowed
from suites.sources import ValueUnavailableError
from suites.together import fly
from suites.turn import Turn
from suites.watching import Watching


class Run:
    """The state of a run. Everything that is sent goes through `send`, everything seen through `judge`.

    Threads that share one act in turn: each has the turn while it works, and lends it out while it waits.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.tallies = Tallies()
        self.turn = Turn()
        self.sent = 0
        self._not_exercised: dict[tuple[str, Protocol, str], str] = {}
        self._clients: dict[str, Clients] = {}
        self.at_end: list[Callable[[], None]] = []
        configuration = settings.configuration
        self.redactor = Redactor()
        self.filling = Filling(configuration, settings.services, self.redactor, self.turn)
        self.allowance = Allowance(configuration.budget, self.turn)
        self._watching = Watching(configuration, self.turn, self._note, self._clients_of)
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
        """Begins where another run ended: with its records, its tallies, and what it knew of the targets.

        That one was not answered, or not let in, at last says nothing of now.
        """
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
        for health in healths.values():
            health.begin_anew()
        self.sent = earlier.last
        what = f"{earlier.exchanges:,} exchanges of {earlier.path.name}, whose last seal is {earlier.seal}"
        self.log.event("resumed", what)

    @property
    def earlier_silences(self) -> Counter[tuple[str, str]]:
        """How many messages stayed unanswered in the run that is taken up again, by binding and requirement."""
        return Counter() if self._earlier is None else Counter(self._earlier.silences)

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
        with self.turn.taken():
            return self.filling.filled(message, operation, self._ask, self.log.value)

    def send(self, message: Message, operation: Operation, purpose: Purpose = "planned") -> Exchange:
        """Sends a filled message, records the exchange, and gives it back. Raises SendingEndedError.

        What a limiter turns away is sent again when it asks for that; where the caller is not let in, once more with
        what proves it had anew. Every try is recorded.
        """
        with self.turn.taken(), self._carrying(message, operation):
            return self._sent(message, operation, purpose)

    def _sent(self, message: Message, operation: Operation, purpose: Purpose) -> Exchange:
        health, login = self.health(operation.service), self._clients_of(operation.service).authentication
        waited, has_renewed = 0.0, False
        while True:
            renewals = login.renewals
            exchange = self._exchanged(message, operation, purpose)
            if exchange.purpose == "throttled":
                waited += self._watching.be_patient(exchange, waited)
            elif exchange.purpose == "unauthorised":
                if has_renewed or login.renewals == renewals:  # else another message had the proof renewed
                    self._watching.renew_login(exchange, may_renew=not has_renewed)
                has_renewed = True
            else:
                health.failed_renewals = 0 if has_renewed else health.failed_renewals
                return exchange

    @contextmanager
    def _carrying(self, message: Message, operation: Operation) -> Iterator[None]:
        """Counts the messages under way with an account's password."""
        health = self.health(operation.service)
        carried = int(message.uses_credentials and has_password(operation))
        health.carrying[operation.key] += carried
        try:
            yield
        finally:
            health.carrying[operation.key] -= carried
            self.turn.tell()

    def withholds(self, message: Message, operation: Operation) -> bool:
        """Whether a message with an account's password is kept back, so that it is not locked.

        Waits while another shows whether the password is right.
        """
        if not message.uses_credentials:
            return False
        health = self.health(operation.service)
        while health.is_in_doubt(operation) and not self.turn.is_stopped:
            self.turn.wait()
        return health.withholds(operation)

    def _exchanged(self, message: Message, operation: Operation, purpose: Purpose) -> Exchange:
        """One request and its answer, recorded."""
        service = operation.service
        self.allowance.take(self.health(service), purpose=purpose)
        traffic = 0
        started = time.time()
        try:
            with self._clients_of(service).lent() as client:
                resent = client.resent
                with self.turn.lent():
                    # What ends with the call has ended if it was carried out (RFC 9110 section 9.2.2).
                    sent, outcome, elapsed = client.send(message.request, is_repeatable=not operation.consumes)
                traffic = traffic_of(sent, outcome)
                is_resent = client.resent > resent
                if message.kind == "defect" or not _is_success(outcome):
                    client.renew()
        except ValueUnavailableError as error:
            self.give_up(service, str(error))
            raise SendingEndedError(str(error)) from error
        finally:
            self.allowance.give_back(self.health(service), traffic=traffic)
        fetched = self.filling.fetched(message)
        self.sent += 1
        exchange = Exchange(self.sent, message, sent, outcome, started, elapsed, purpose, fetched)
        answer = Answer(exchange, operation, operation.bindings_by_protocol[message.protocol])
        if (known := self._watching.purpose(answer, purpose)) != purpose:
            exchange = replace(exchange, purpose=known)
            answer = replace(answer, exchange=exchange)
        self.log.exchange(exchange, operation)
        if is_resent:
            self.log.event("sent again", "the target had closed the connection kept for it", exchange.number)
        self._watching.look(answer)
        return exchange

    def send_together(self, messages: Sequence[Message], operation: Operation) -> list[Exchange]:
        """Sends filled messages so that all are in flight at once, and records them. Raises SendingEndedError."""
        service, number = operation.service, len(messages)
        with self.turn.taken():
            self.allowance.take(self.health(service), number)
            lenders = self._clients_of(service)
            clients = [lenders.made() for _ in messages]
            traffic = 0
            try:
                with self.turn.lent():
                    flights = fly(clients, messages)
                traffic = sum(traffic_of(each.sent, each.outcome) for each in flights)
            except ValueUnavailableError as error:
                self.give_up(service, str(error))
                raise SendingEndedError(str(error)) from error
            finally:
                self.allowance.give_back(self.health(service), number, traffic)
                for client in clients:
                    lenders.drop(client)
            return [
                self.recorded(Exchange(0, message, each.sent, each.outcome, each.started, each.elapsed), operation)
                for message, each in zip(messages, flights, strict=True)
            ]

    @property
    def at_once(self) -> int | None:
        """How many messages the rate lets be in flight at once; None for any number."""
        return self.allowance.at_once

    def recorded(self, exchange: Exchange, operation: Operation) -> Exchange:
        """The exchange with its number, in the log."""
        self.sent += 1
        numbered = replace(exchange, number=self.sent)
        self.log.exchange(numbered, operation)
        return numbered

    def health(self, service: str) -> Health:
        """What is known of a service's target."""
        return self._watching.health(service)

    def give_up(self, service: str, why: str) -> None:
        """Has nothing more sent to a service, and records why."""
        self._watching.give_up(service, why)

    def known_good(self, operation: Operation, protocol: Protocol) -> tuple[Message | None, str]:
        """The known-good message of a binding with values in place; None where one is missing, with the reason."""
        drawn = known_good(operation, protocol)
        if drawn is None:
            return None, "has no known-good message"
        filled, missing = self.prepare(drawn, operation)
        return (None, missing) if missing else (filled, "")

    def returned(self, operation: Operation, binding: Binding) -> Exchange | None:
        """Waits, while patience lasts, for a target to accept its known-good message again; None if it does not."""

        def ask() -> Exchange | None:
            message, _ = self.known_good(operation, binding.protocol)
            return None if message is None else self.send(message, operation, "probe")

        with self.turn.taken():
            return self._watching.returned(operation, binding, ask)

    @contextmanager
    def alone(self, service: str) -> Iterator[None]:
        """A target to oneself, when all that is under way to it has ended: what it does is nobody else's doing."""
        with self.turn.taken(), self._watching.alone(service):
            yield

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

    def close(self, planned: int | None = None) -> None:
        """Ends a run that ended: writes the log's footer, with the number of items planned, and closes connections."""
        self._close_clients()
        self.log.close(planned)

    def abandon(self, why: str) -> None:
        """Ends a run that did not end."""
        self._close_clients()
        self.log.abandon(why)

    def _close_clients(self) -> None:
        self.filling.close()
        for clients in self._clients.values():
            clients.close()
        for finish in self.at_end:
            finish()

    def _clients_of(self, service: str) -> Clients:
        if service not in self._clients:
            self._clients[service] = self.made_clients(self.settings.configuration.targets[service])
        return self._clients[service]

    def made_clients(self, target: Target) -> Clients:
        """Clients of a target under the run's budget; what proves the caller to it reaches no output."""
        budget = self.settings.configuration.budget
        return Clients(target, budget, self._guard_access, self.allowance.take_again)

    def _guard_access(self, value: str) -> str:
        """Keeps what proves the caller out of every output, and gives what stands for it."""
        with self.turn.taken():
            self.redactor.learn(value)
            return self.redactor.pseudonym(value) if value else ""

    def _note(self, name: str, detail: str, exchange: int | None) -> None:
        self.log.event(name, detail, exchange)

    def renew_connection(self, service: str) -> None:
        """Has the next message to a service open a connection of its own."""
        self._clients_of(service).renew()

    def renew_values(self, operation: Operation, since: float | None = None) -> bool:
        """Forgets the operation's values that may have lapsed and can be had again; whether there are any.

        `since` says when they were found to have lapsed: those had after that are kept.
        """
        return self.filling.renew(operation, self._ask, since)

    def _ask(self, service: str, name: str, path: str) -> str:
        """What the answer of another operation holds. Raises ValueUnavailableError, and SendingEndedError."""
        operation = self.settings.services[service].operations[name]
        target = self.settings.configuration.targets[service]
        allowed = [each for each in operation.bindings if not binding_not_allowed(operation, each, target)]
        if not allowed:
            raise ValueUnavailableError(f"{name} gives it, and the configuration leaves that operation out")
        with self.turn.taken():
            return self.filling.asking(service, name, partial(self._asked, operation, allowed[0], path))

    def _asked(self, operation: Operation, binding: Binding, path: str) -> str:
        name = operation.name
        message, missing = self.known_good(operation, binding.protocol)
        if message is None:
            raise ValueUnavailableError(f"{name} gives it, and {missing}")
        exchange = self.send(message, operation, "session")
        self.judge(Group((exchange,)), operation)
        answer = Answer(exchange, operation, binding)
        found = next((text_of(each).strip() for each in descend(answer.payload, path)), "")
        if answer.outcome != "success" or not found:
            raise ValueUnavailableError(f"{name} gives it, and answered {answer.described} without {path}")
        return found


def _is_success(outcome: Response | Failure) -> bool:
    return isinstance(outcome, Response) and outcome.status_code < 300


def traffic_of(sent: Request, outcome: Response | Failure) -> int:
    """Bytes of a request and its answer, fields and bodies."""
    received = 0 if isinstance(outcome, Failure) else len(outcome.body) + _size_of(outcome.headers)
    return len(sent.path) + len(sent.body or b"") + _size_of(sent.headers) + received


def _size_of(headers: Headers) -> int:
    return sum(len(name) + len(value) + 4 for name, value in headers)
