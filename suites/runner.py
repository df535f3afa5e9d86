"""Runs plan items: sends each slice whole, settles silences, minimises counterexamples."""

from collections import Counter
from collections.abc import Iterator, Sequence
from copy import copy
from dataclasses import dataclass, field, replace

from contracts.judge.answer import Answer
from contracts.judge.comparisons import IDENTITY, WINDOW
from contracts.judge.presence import is_away, is_cut_off, is_from_gateway
from contracts.judge.records import Exchange, Finding, Group, Judgement, Message
from contracts.judge.survival import interrupts, may_have_lapsed, rows_of
from contracts.model import Binding, Operation, Protocol
from strategies.cases import CASES
from strategies.defects import Sample
from strategies.minimise import reversions
from strategies.probes import PLAIN_CREDENTIAL
from strategies.repetitions import TIMES
from strategies.subjects import message as drafted_message
from strategies.templates import template_of
from strategies.variations import drafts
from suites.allowance import SendingEndedError
from suites.alongside import Alongside
from suites.plan import Item
from suites.run import Run
from suites.together import batches

MAX_SILENCES = 3
"""After so many silences to one kind of defect the rest of that kind are sampled."""

SAMPLE_ONE_IN = 10
"""Of the messages that may be left out after silences, one in so many is still sent."""

TIMES_AGAIN = 2
"""Times that a message whose answer differs from an equal one's is sent again before that counts."""

MAX_REVERSIONS = 20
"""Requests spent on making one counterexample small."""


@dataclass(slots=True)
class ItemOutcome:
    """What running an item showed: findings on its own requirement, and why messages were not sent."""

    sent: int = 0
    left_out: int = 0
    findings: list[Finding] = field(default_factory=list)
    inconclusive: int = 0
    reason: str = ""


class Runner:
    """Runs items of a run's plan. What is seen of one kind of message counts for the whole run, for all `for_item`."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._silences = run.earlier_silences
        self._stood_in: Counter[tuple[str, str]] = Counter()
        # What an item adds to the plan depends on that item alone: shards send what one process would.
        self._compared: list[Exchange] = []
        self._confirmed: set[tuple[str, Protocol, str, str]] = set()
        self._alongside = Alongside(run) if run.settings.configuration.originals else None
        if self._alongside is not None:
            run.at_end.append(self._alongside.end)

    def for_item(self) -> "Runner":
        """A runner for one item, which shares what this one knows of the run."""
        own = copy(self)
        own._compared, own._confirmed = [], set()
        return own

    def run(self, item: Item) -> ItemOutcome:
        """Sends the whole slice of an item, whatever is found on the way, and judges it."""
        sending = Sending(self, item)
        with self._run.turn.taken():
            while sending.step():
                pass
        return sending.outcome

    def send(self, item: Item, batch: Sequence[Message], outcome: ItemOutcome) -> bool:
        """Sends one message of an item, or several that go together; False where nothing more can be sent."""
        if all(self._run.is_answered(each, is_compared=item.is_compared) for each in batch):
            outcome.sent += 1
            return True
        if self._is_left_out(batch[0]):
            outcome.left_out += 1
            return True
        try:
            if len(batch) > 1:
                self._run_together(item, batch, outcome)
            else:
                self._run_message(item, batch[0], outcome)
        except SendingEndedError as error:
            outcome.reason = str(error)
            return False
        return True

    def end(self, item: Item, outcome: ItemOutcome) -> None:
        """Judges what an item's answers show together, and records what was not sent of it.

        Of an item that the end of the run cut off nothing is said: a run that takes this one up again sends it anew.
        """
        if self._run.turn.is_stopped:
            return
        self._compare(item, outcome)
        if outcome.reason:
            self._run.not_exercised(item.operation, item.binding.protocol, item.requirement, outcome.reason)
            if outcome.sent:
                self._run.log.event("cut short", f"{item.id}: {outcome.reason}")
        if outcome.left_out:
            self._run.log.event("left out after silences", f"{outcome.left_out} messages of {item.id}")

    def _run_together(self, item: Item, messages: Sequence[Message], outcome: ItemOutcome) -> None:
        """Sends messages so that all are in flight at once, or as many as the rate allows.

        One that stays unanswered shows nothing of itself.
        """
        prepared = [self._run.prepare(message, item.operation) for message in messages]
        outcome.reason = next((missing for _, missing in prepared if missing), "")
        if outcome.reason:
            return
        at_once = self._run.at_once or len(messages)
        for start in range(0, len(prepared), at_once):
            filled = [each for each, _ in prepared[start : start + at_once]]
            for exchange in self._run.send_together(filled, item.operation):
                outcome.sent += 1
                self._compared.append(exchange)
                if exchange.response is not None:
                    outcome.findings += self._judged_alone(item, exchange).findings

    def _judged_alone(self, item: Item, exchange: Exchange) -> Judgement:
        """What the judge says of one of several that were in flight together."""
        if is_cut_off(Answer(exchange, item.operation, item.binding)):
            return self._run.judge(Group((exchange, *self._repeated(item, exchange.message))), item.operation)
        judgement = self._run.preview(Group((exchange,)), item.operation)
        if not any(each.requirement == exchange.message.requirement for each in _counting(judgement)):
            return self._run.judge(Group((exchange,)), item.operation, judgement)
        group = Group((exchange, *self._controlled(item, exchange.message)))
        return self._run.judge(group, item.operation)

    def _compare(self, item: Item, outcome: ItemOutcome) -> None:
        """Judges what an item's answers show together. What accuses the target is asked for once more before."""
        if not item.is_compared or len(self._compared) < 2:
            return
        group = Group(tuple(self._compared))
        found = self._run.preview(group, item.operation)
        try:
            again = (
                [] if item.requirement.parameters.get("compares") != "equal_answers" else self._asked_again(item, found)
            )
        except SendingEndedError:
            again = []
        outcome.findings += self._run.judge(Group((*group.exchanges, *again)), item.operation).findings

    def _asked_again(self, item: Item, found: Judgement) -> list[Exchange]:
        """The messages whose answers differ, twice more, between known-good ones: a difference may have been chance."""
        numbers = {each.exchange for each in found.findings}
        doubted = [each.message for each in self._compared if each.number in numbers]
        plain = next((each.message for each in self._compared if each.message.kind == "sample"), None)
        if not doubted or plain is None:
            return []
        sequence = [plain, *(each for _ in range(TIMES_AGAIN) for message in doubted for each in (message, plain))]
        planned = {each.index: each for each in item.messages()}
        exchanges = []
        for message in sequence:
            filled, missing = self._run.prepare(planned[message.index], item.operation)
            if missing:
                return []
            exchanges.append(self._run.send(filled, item.operation, "minimise"))
        return exchanges

    def _run_message(self, item: Item, message: Message, outcome: ItemOutcome) -> None:
        if self._run.withholds(message, item.operation):
            outcome.reason = _WITHHELD
            return
        filled, missing = self._run.prepare(message, item.operation)
        if missing:
            outcome.reason = missing
            return
        if item.case == "steadily" and message.index >= (item.limit or TIMES) // 2:
            # A kept connection that is closed has the request sent again: a new one shows who closes without answer.
            self._run.renew_connection(item.operation.service)
        judgement, exchange = self._settle(item, filled)
        if item.looks_after_service and message.kind == "sample":
            self._suspects_again(item)
        if self._alongside is not None:
            self._alongside.compare(item, message, exchange)
        outcome.sent += 1
        outcome.inconclusive += item.requirement.id in judgement.inconclusive
        mine = [each for each in judgement.findings if each.requirement == item.requirement.id]
        is_first = _violates(mine) and not _violates(outcome.findings)
        outcome.findings += mine
        if is_first:
            self._minimise(item, message, mine[0])

    def _suspects_again(self, item: Item) -> None:
        """The messages once more after which the target was away, now that it is back, and whether it still is then.

        Where a profile is short nothing is compared: the messages are judged by themselves, with what came of them.
        """
        place = item.operation, item.binding
        answers = [
            Answer(each, item.operation, item.operation.bindings_by_protocol[each.message.protocol])
            for each in self._compared
        ]
        rows = rows_of(answers, begins_accepted=item.is_brief)
        row = next((row for row in rows if row.is_suspect), None)
        if row is None:
            return
        proving = self._run.health(item.operation.service).proving(*place) or place
        begun = len(self._compared)
        with self._run.alone(item.operation.service):
            for each in row.answers:
                self._compared += self._repeated(item, each.exchange.message)
            self._compared += self._still_there(*proving)
        if item.is_brief:
            sent = [each.exchange for each in row.answers]
            since = self._compared.index(row.downs[0].exchange) + 1
            seen = [each for each in self._compared[since:begun] if each.purpose == "probe"]
            self._run.judge(Group((*sent, *seen, *self._compared[begun:])), item.operation)

    def _still_there(self, operation: Operation, binding: Binding) -> Iterator[Exchange]:
        """Whether the known-good message is accepted; a target that is away is waited for, and given up if in vain."""
        probe = self._probe(operation, binding)
        if probe is None:
            return
        yield probe
        answer = Answer(probe, operation, binding)
        if is_away(answer):
            before = f"answered before, and now (exchange {probe.number}) gives {answer.described}"
            yield from self._back(operation, binding, before)

    def _settle(self, item: Item, message: Message) -> tuple[Judgement, Exchange]:
        """Sends a message, and where its answer may not be the service's own, or accuses it, what tells its worth.

        Gives back what the judge says of all, and the exchange with the message, the last one if it was repeated.
        """
        exchanges = [self._run.send(message, item.operation)]
        if exchanges[0].response is None or self._is_stood_in_for(item, exchanges[0]):
            self._silences[_kind_of(message)] += exchanges[0].response is None
            exchanges += self._after_silence(item, message)
            self._stood_in[_kind_of(message)] += _are_of_gateway(exchanges, item)
            self._compared += _telling(exchanges, item)
            return self._run.judge(Group(tuple(exchanges)), item.operation), _last_of_message(exchanges)
        if is_cut_off(Answer(exchanges[0], item.operation, item.binding)):
            exchanges += self._repeated(item, message)
        judgement = self._run.preview(Group(tuple(exchanges)), item.operation)
        if self._accuses(item, judgement):
            exchanges += self._doubted(item, message, judgement)
        if any(each.requirement == message.requirement for each in _counting(judgement)):
            exchanges += self._controlled(item, message)
        self._compared += _telling(exchanges, item)
        judged = judgement if len(exchanges) == 1 else None
        return self._run.judge(Group(tuple(exchanges)), item.operation, judged), _last_of_message(exchanges)

    def _is_stood_in_for(self, item: Item, exchange: Exchange) -> bool:
        """Whether a gateway answered, where one has not been seen often enough to do so to this kind of message."""
        answer = Answer(exchange, item.operation, item.binding)
        return is_from_gateway(answer) and self._stood_in[_kind_of(exchange.message)] < MAX_SILENCES

    def _accuses(self, item: Item, judgement: Judgement) -> bool:
        """Whether something is found for the first time that counts against the target."""
        return any(_accusation(item, each) not in self._confirmed for each in _counting(judgement))

    def _doubted(self, item: Item, message: Message, judgement: Judgement) -> Iterator[Exchange]:
        """Exchanges that show whether what accuses the target is the message's doing: first, whether the known-good
        message is still accepted where it was.

        Values that have lapsed are had anew, a target that is away is waited for; then the message is sent once more.
        """
        own = item.operation, item.binding
        place = self._run.health(item.operation.service).proving(*own)
        found = {_accusation(item, each) for each in _counting(judgement)}
        # On the item's own binding first, whatever was seen before: a shard then asks what one process would.
        probe = self._probe(*own)
        if probe is not None and place is None and not _is_accepted(probe, own):
            # Never accepted, it cannot tell that the target went away: it speaks for itself, not in the group.
            self._run.judge(Group((probe,)), item.operation)
            probe = None
        if probe is not None:
            yield probe
        if probe is None or place is None or _is_accepted(probe, own):
            self._confirmed |= found
            return
        if place[1] is not item.binding:
            probe = self._probe(*place)
            if probe is None:
                return
            yield probe
            if _is_accepted(probe, place):
                self._confirmed |= found
                return
        if self._run.renew_values(item.operation, since=probe.started):
            again = self._probe(*place)
            if again is not None:
                yield again
            if again is not None and _is_accepted(again, place):
                self._run.log.event("value renewed", f"{item.operation.key}: it had lapsed", probe.number)
                yield from self._repeated(item, message)
                return
        yield from self._changed(item, message, probe, place)

    def _controlled(self, item: Item, message: Message) -> Iterator[Exchange]:
        """What an accusing answer is compared with: where the known-good message was never accepted, that message; for
        signs of a query language in a credential, one without them.
        """
        if message.expectation != "reject":
            own = item.operation, item.binding
            is_proven = self._run.health(item.operation.service).proving(*own) == own
            if is_proven or item.case == "known_good":
                return
            control, _ = self._run.known_good(item.operation, item.binding.protocol)
        else:
            control = self._plain_credential(item) if item.case == "queries_for_credentials" else None
        if control is not None:
            yield self._run.send(control, item.operation, "minimise")

    def _plain_credential(self, item: Item) -> Message | None:
        """A message with credentials made up as any caller might; None where a value is missing."""
        sample = Sample(template_of(item.operation, item.binding.protocol))
        drafted = next(iter(drafts(sample, PLAIN_CREDENTIAL)), None)
        if drafted is None:
            return None
        filled, missing = self._run.prepare(drafted_message(item.subject, 0, drafted), item.operation)
        return None if missing else filled

    def _changed(
        self, item: Item, message: Message, probe: Exchange, place: tuple[Operation, Binding]
    ) -> Iterator[Exchange]:
        """What can be done where the known-good message is no longer accepted: waiting, or sending nothing more."""
        answer = Answer(probe, *place)
        before = f"accepted its known-good message before, and now (exchange {probe.number}) gives {answer.described}"
        if is_away(answer):
            yield from self._waited(item, message, place, before)
        elif (
            message.uses_credentials
            and may_have_lapsed(answer)
            and any(each.credential for each in item.operation.leaves)
        ):
            hint = (
                "its session or password may have lapsed: give it by command: or operation:, so that it can be renewed"
            )
            self._run.give_up(item.operation.service, f"{item.operation.service} {before}; {hint}")

    def _waited(
        self, item: Item, message: Message, place: tuple[Operation, Binding], before: str
    ) -> Iterator[Exchange]:
        """The message once more when the target is back; nothing more is sent to one that is not."""
        with self._run.alone(item.operation.service):
            back = [*self._back(*place, before)]
            yield from back
            if back:
                yield from self._repeated(item, message)
                if message.kind != "sample":
                    yield from self._still_there(*place)

    def _back(self, operation: Operation, binding: Binding, before: str) -> Iterator[Exchange]:
        """The known-good message by which a target is back; nothing more is sent to one that does not come back."""
        back = self._run.returned(operation, binding)
        if back is not None:
            yield back
            return
        waited = f"{self._run.settings.configuration.budget.patience:g} seconds were waited for it"
        self._run.give_up(operation.service, f"{operation.service} {before}; {waited}")

    def _repeated(self, item: Item, message: Message) -> Iterator[Exchange]:
        again, missing = self._run.prepare(self._planned(item, message), item.operation)
        if not missing:
            yield self._run.send(again, item.operation, "repeat")

    def _planned(self, item: Item, message: Message) -> Message:
        """A message as the plan has it, before values were filled in."""
        return next((each for each in item.messages() if each.index == message.index), message)

    def _probe(self, operation: Operation, binding: Binding) -> Exchange | None:
        """The known-good message sent again; None where it cannot be sent."""
        message, _ = self._run.known_good(operation, binding.protocol)
        return None if message is None else self._run.send(message, operation, "probe")

    def _after_silence(self, item: Item, message: Message) -> Iterator[Exchange]:
        """The known-good message, and the message itself once more where it should have been answered.

        A target that answered before is waited for while it is away.
        """
        probe = self._known_good(item)
        if probe is not None:
            place = item.operation, item.binding
            health = self._run.health(item.operation.service)
            seen = self._run.send(probe, item.operation, "probe")
            yield seen
            if health.has_answered and is_away(Answer(seen, *place)):
                told = Answer(seen, *place).described
                before = f"answered before, and now (exchange {seen.number}) gives {told}"
                yield from self._waited(item, message, health.proving(*place) or place, before)
                return
        if message.expectation in ("accept", "process"):
            yield from self._repeated(item, message)

    def _known_good(self, item: Item) -> Message | None:
        """The known-good message of the item's binding, with values in place; None where a value is missing."""
        drawn = next(CASES["known_good"](replace(item.subject, limit=1)), None)
        if drawn is None:
            return None
        filled, missing = self._run.prepare(drawn, item.operation)
        return None if missing else filled

    def _minimise(self, item: Item, message: Message, finding: Finding) -> None:
        """Reverts the changes of a counterexample one by one as long as the same is found; records what is left."""
        if any(change.kind in (IDENTITY, WINDOW) for change in message.changes):
            return
        kept, spent, shrunk = message, 0, True
        while shrunk and len(kept.changes) > 1:
            shrunk = False
            for candidate in reversions(kept, item.subject):
                if spent == MAX_REVERSIONS:
                    return
                spent += 1
                found = self._still_found(item, candidate, finding)
                if found is not None:
                    kept, shrunk = candidate, True
                    self._run.log.minimised(finding, found)
                    break

    def _still_found(self, item: Item, candidate: Message, finding: Finding) -> int | None:
        """Number of the exchange in which a smaller message shows the same finding; None if it does not."""
        filled, missing = self._run.prepare(candidate, item.operation)
        if missing:
            return None
        exchange = self._run.send(filled, item.operation, "minimise")
        judgement = self._run.judge(Group((exchange,)), item.operation)
        same = (
            each for each in judgement.findings if (each.requirement, each.name) == (finding.requirement, finding.name)
        )
        return exchange.number if any(same) else None

    def _is_left_out(self, message: Message) -> bool:
        """Whether a message is passed over because its kind was met with silence too often."""
        if message.kind != "defect" or self._silences[_kind_of(message)] < MAX_SILENCES:
            return False
        return message.index % SAMPLE_ONE_IN != 0


class Sending:
    """One item of the plan on its way. Several threads may take steps of one whose messages stand apart."""

    def __init__(self, runner: Runner, item: Item) -> None:
        self.item = item
        self.outcome = ItemOutcome()
        self.under_way = 0
        self.is_exhausted = self.is_finished = False
        self._runner = runner.for_item()
        self._batches = batches(item.messages())

    def step(self) -> bool:
        """Sends what comes next, and ends the item once all was sent; whether there may be more to send."""
        batch = None if self.is_exhausted else next(self._batches, None)
        if batch is None:
            self.is_exhausted = True
        else:
            self.under_way += 1
            try:
                if not self._runner.send(self.item, batch, self.outcome):
                    self.is_exhausted = True
            finally:
                self.under_way -= 1
        if self.is_exhausted and not self.under_way and not self.is_finished:
            self.under_way += 1  # nobody else ends it meanwhile
            self._runner.end(self.item, self.outcome)
            self.under_way -= 1
            self.is_finished = True
        return not self.is_exhausted


_WITHHELD = (
    "its messages with a password are kept back, so that no account is locked: the known-good message was refused"
)


def _are_of_gateway(exchanges: Sequence[Exchange], item: Item) -> bool:
    """Whether a gateway answered the message each time that it was sent."""
    answers = (Answer(each, item.operation, item.binding) for each in exchanges if each.purpose != "probe")
    return all(is_from_gateway(each) for each in answers)


def _telling(exchanges: Sequence[Exchange], item: Item) -> Sequence[Exchange]:
    """The exchange that is compared with others: the first, unless the target turned out to be away just then, and
    none where it no longer knows its caller.

    Where it is looked at whether the target goes on answering, all are; of an answer that was cut off, the next one,
    unless it is looked at how often answers fail.
    """
    exchanges = [each for each in exchanges if each.purpose != "minimise"]
    if item.looks_after_service:
        return exchanges
    by_protocol = item.operation.bindings_by_protocol
    answers = [Answer(each, item.operation, by_protocol[each.message.protocol]) for each in exchanges]
    if interrupts(answers):
        return []
    if is_cut_off(answers[0]) and item.requirement.parameters.get("compares") != "steady":
        return [each for each in exchanges if each.purpose == "repeat"][:1]
    probe = next((each for each in answers[1:] if each.exchange.purpose == "probe"), None)
    if probe is None or not is_away(probe):
        return exchanges[:1]
    return [each for each in exchanges if each.purpose == "repeat"][-1:]


def _last_of_message(exchanges: Sequence[Exchange]) -> Exchange:
    """The exchange with the message itself, not with the known-good one."""
    return next(each for each in reversed(exchanges) if each.purpose not in ("probe", "minimise"))


def _violates(findings: Sequence[Finding]) -> bool:
    return any(each.effect == "violation" for each in findings)


def _counting(judgement: Judgement) -> list[Finding]:
    """The findings that count against a target."""
    return [each for each in judgement.findings if each.effect in ("violation", "deviation")]


def _accusation(item: Item, finding: Finding) -> tuple[str, Protocol, str, str]:
    return item.operation.key, item.binding.protocol, finding.requirement, finding.name


def _is_accepted(exchange: Exchange, place: tuple[Operation, Binding]) -> bool:
    return Answer(exchange, *place).outcome == "success"


def _kind_of(message: Message) -> tuple[str, str]:
    """Binding and requirement: defects that exercise one requirement are of one kind."""
    return message.binding_key, message.requirement
