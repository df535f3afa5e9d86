"""One run: what it was told, the clients and values of its targets, its log and its tallies."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

from contracts.judge.judge import judge
from contracts.judge.records import Exchange, Failure, Group, Judgement, Message, Purpose
from contracts.judge.verdicts import RequirementVerdict, Tallies, requirement_verdict
from contracts.model import Operation, Protocol, Requirement
from contracts.values import fill, names_in
from reports.canaries import canaries
from reports.evidence import EvidenceLog
from reports.header import without_userinfo
from reports.redaction import Redactor
from reports.waivers import in_force, waived
from suites.client import Client
from suites.configuration import Values, ValueUnavailableError, is_secret_source, resolve
from suites.header import Settings, run_header
from suites.plan import Item, bindings

EVIDENCE = "evidence.jsonl"
"""Name of the log in the output folder."""

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
        self._unanswered: Counter[str] = Counter()
        self._unreachable: dict[str, str] = {}
        self._next_send = 0.0
        self.redactor = Redactor(list(self._secrets()))
        header = run_header(settings)
        self._waivers = in_force(header.waivers, header.started)
        self._rows = {row.key: row for row in header.requirements}
        self.log = EvidenceLog(settings.out / EVIDENCE, header, self.redactor, judge_again=self._judged)
        self.canaries = canaries(settings.seed)
        first = next(bindings(settings.services, settings.protocols), None)
        if first is not None:
            self.log.plant(self.canaries, first[0])

    def not_exercised(self, operation: Operation, protocol: Protocol, requirement: Requirement, reason: str) -> None:
        """Records why a requirement could not be exercised on a binding."""
        self._not_exercised[operation.key, protocol, requirement.id] = reason
        self.log.not_exercised(operation.service, operation.name, protocol, {requirement.id: reason})

    def prepare(self, message: Message, operation: Operation) -> tuple[Message, str]:
        """The message with configured values in place, and which of them are missing (empty: none)."""
        values = self._values_of(operation)
        needed = names_in(message.request)
        missing = needed - values.names
        if missing:
            return message, f"needs a value for {', '.join(sorted(missing))} of {operation.service}"
        try:
            taken = values.take(needed)
        except ValueUnavailableError as error:
            return message, str(error)
        configured = self.settings.configuration.targets[operation.service].values
        for name, value in taken.items():
            if _is_guarded(operation, name, configured[name]):
                self._guard(operation.service, name, value)
        return replace(message, request=fill(message.request, taken)), ""

    def _guard(self, service: str, name: str, value: str) -> None:
        """Keeps a value out of every output, and records what stands for it, once."""
        if self._guarded.get((service, name)) != value:
            self._guarded[service, name] = value
            self.log.value(service, name, value)

    def send(self, message: Message, operation: Operation, purpose: Purpose = "planned") -> Exchange:
        """Sends a filled message, records the exchange, and gives it back. Raises SendingEndedError."""
        if operation.service in self._unreachable:
            raise SendingEndedError(self._unreachable[operation.service])
        budget = self.settings.configuration.budget
        if budget.requests is not None and self.sent + self._resent >= budget.requests:
            raise SendingEndedError(f"the budget of {budget.requests:,} requests is used up")
        self._wait(budget.rate)
        client = self._client(operation.service)
        resent = client.resent
        started = time.time()
        sent, outcome, elapsed = client.send(message.request)
        self.sent += 1
        exchange = Exchange(self.sent, message, sent, outcome, started, elapsed, purpose)
        if message.kind == "defect" or exchange.response is None or exchange.response.status_code >= 300:
            client.renew()
        self._watch_reach(exchange)
        self.log.exchange(exchange, operation)
        if client.resent > resent:
            self.log.event("sent again", "the target had closed the connection kept for it", exchange.number)
        return exchange

    @property
    def _resent(self) -> int:
        return sum(client.resent for client in self._clients.values())

    def _watch_reach(self, exchange: Exchange) -> None:
        """Gives a service up whose known-good message stays without an answer twice in a row."""
        service = exchange.message.service
        if exchange.message.kind != "sample":
            return
        self._unanswered[service] = 0 if exchange.response is not None else self._unanswered[service] + 1
        if isinstance(exchange.outcome, Failure) and self._unanswered[service] == MAX_UNANSWERED:
            url = self.settings.configuration.targets[service].url
            failure = exchange.outcome
            self._unreachable[service] = f"{without_userinfo(url)} does not answer: {failure.kind}, {failure.detail}"
            self.log.event("target given up", self._unreachable[service])

    def judge(self, group: Group, operation: Operation) -> Judgement:
        """Judges a group, records what the judge says, and adds it up."""
        recorded = self.log.group(group, self._judged(group, operation))
        subject = group.subject
        self.tallies.add(operation.service, operation.name, subject.message.protocol, recorded, subject.number)
        return recorded

    def _judged(self, group: Group, operation: Operation) -> Judgement:
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
        """Whether the configuration allows an item, and it can show anything."""
        row = self._rows[item.operation.service, item.operation.name, item.binding.protocol, item.requirement.id]
        return not row.out_of_scope and not row.not_applicable

    def close(self) -> None:
        """Ends a run that ended: writes the log's footer and closes connections."""
        self._close_clients()
        self.log.close()

    def abandon(self, why: str) -> None:
        """Ends a run that did not end."""
        self._close_clients()
        self.log.abandon(why)

    def _close_clients(self) -> None:
        for client in self._clients.values():
            client.close()

    def _client(self, service: str) -> Client:
        target = self.settings.configuration.targets[service]
        if service not in self._clients:
            self._clients[service] = Client(target.url, self.settings.configuration.budget)
        return self._clients[service]

    def _values_of(self, operation: Operation) -> Values:
        target = self.settings.configuration.targets[operation.service]
        if operation.key not in self._values:
            self._values[operation.key] = Values(target, operation)
        return self._values[operation.key]

    def _wait(self, rate: float | None) -> None:
        """Keeps the rate, if there is one."""
        if rate is None:
            return
        pause = self._next_send - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        self._next_send = max(time.monotonic(), self._next_send) + 1 / rate

    def _secrets(self) -> Iterator[str]:
        """The configured secrets that can be known before anything is sent; the others are learnt when taken."""
        for operation, _ in bindings(self.settings.services, ()):
            target = self.settings.configuration.targets.get(operation.service)
            for name, source in (target.values if target else {}).items():
                if _is_guarded(operation, name, source) and not source.startswith("command:"):
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
