"""Runs plan items: sends each slice whole, settles silences, minimises counterexamples."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from contracts.judge.records import Exchange, Finding, Group, Judgement, Message
from strategies.cases import CASES
from strategies.minimise import reversions
from suites.plan import Item
from suites.run import Run, SendingEndedError

MAX_SILENCES = 3
"""After so many silences to one kind of defect the rest of that kind are sampled."""

SAMPLE_ONE_IN = 10
"""Of the messages that may be left out after silences, one in so many is still sent."""

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
    """Runs items of a run's plan, one after another."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._silences: Counter[tuple[str, str]] = Counter()
        self._passed_over: Counter[tuple[str, str]] = Counter()

    def run(self, item: Item) -> ItemOutcome:
        """Sends the whole slice of an item, whatever is found on the way, and judges it."""
        outcome = ItemOutcome()
        for message in item.messages():
            if self._is_left_out(message):
                outcome.left_out += 1
                continue
            try:
                self._run_message(item, message, outcome)
            except SendingEndedError as error:
                outcome.reason = str(error)
                break
        if not outcome.sent and outcome.reason:
            self._run.not_exercised(item.operation, item.binding.protocol, item.requirement, outcome.reason)
        elif outcome.reason:
            self._run.log.event("cut short", f"{item.id}: {outcome.reason}")
        if outcome.left_out:
            self._run.log.event("left out after silences", f"{outcome.left_out} messages of {item.id}")
        return outcome

    def _run_message(self, item: Item, message: Message, outcome: ItemOutcome) -> None:
        filled, missing = self._run.prepare(message, item.operation)
        if missing:
            outcome.reason = missing
            return
        judgement = self._settle(item, filled)
        outcome.sent += 1
        outcome.inconclusive += item.requirement.id in judgement.inconclusive
        mine = [each for each in judgement.findings if each.requirement == item.requirement.id]
        if any(each.effect == "violation" for each in mine) and not outcome.findings:
            self._minimise(item, message, mine[0])
        outcome.findings += mine

    def _settle(self, item: Item, message: Message) -> Judgement:
        """Sends a message, and where it stays without an answer what tells whose silence it was."""
        exchanges = [self._run.send(message, item.operation)]
        if exchanges[0].response is None:
            self._silences[_kind_of(message)] += 1
            exchanges += self._after_silence(item, message)
        return self._run.judge(Group(tuple(exchanges)), item.operation)

    def _after_silence(self, item: Item, message: Message) -> Iterator[Exchange]:
        """The known-good message, and the message itself once more where it should have been answered."""
        probe = self._known_good(item)
        if probe is not None:
            yield self._run.send(probe, item.operation, "probe")
        if message.expectation in ("accept", "process"):
            again, missing = self._run.prepare(message, item.operation)
            if not missing:
                yield self._run.send(again, item.operation, "repeat")

    def _known_good(self, item: Item) -> Message | None:
        """The known-good message of the item's binding, with values in place; None where a value is missing."""
        drawn = next(CASES["known_good"](replace(item.subject, limit=1)), None)
        if drawn is None:
            return None
        filled, missing = self._run.prepare(drawn, item.operation)
        return None if missing else filled

    def _minimise(self, item: Item, message: Message, finding: Finding) -> None:
        """Reverts the changes of a counterexample one by one as long as the same is found; records what is left."""
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
        kind = _kind_of(message)
        if message.kind != "defect" or message.index == 0 or self._silences[kind] < MAX_SILENCES:
            return False
        self._passed_over[kind] += 1
        return self._passed_over[kind] % SAMPLE_ONE_IN != 0


def _kind_of(message: Message) -> tuple[str, str]:
    """Binding and requirement: defects that exercise one requirement are of one kind."""
    return message.binding_key, message.requirement
