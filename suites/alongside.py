"""The original asked beside the candidate: each message once, and again where the answers differ."""

from contracts.judge.answer import Answer
from contracts.judge.presence import is_from_gateway
from contracts.judge.records import Exchange, Group, Message
from contracts.model import Operation
from contracts.values import supplied
from suites.beside import Canonical, Comparisons, canonical, differences, is_steady
from suites.original import Original
from suites.plan import Item
from suites.run import Run


class Alongside:
    """Compares answers as a run goes on, and records every difference."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._originals = {service: Original(run, service) for service in run.settings.configuration.originals}
        self._comparisons = Comparisons()
        self._learnt: set[str] = set()

    def compare(self, item: Item, message: Message, candidate: Exchange) -> None:
        """Asks the original what the candidate was asked. `message` is as planned, before values were filled in."""
        original = self._originals.get(item.operation.service)
        if original is None or original.is_given_up:
            return
        operation = item.operation
        theirs = original.answer(message, operation)
        ours = Answer(candidate, operation, operation.bindings_by_protocol[message.protocol])
        if theirs is None or candidate.response is None or is_from_gateway(ours):
            self._comparisons.unanswered += 1
            return
        binding = message.binding_key
        if binding not in self._learnt or self._unlike(message, theirs, ours):
            may_have_lapsed = message.uses_credentials and theirs.outcome != "success" and ours.outcome == "success"
            is_renewed = may_have_lapsed and original.renew_values(operation)
            again = original.answer(message, operation)
            if again is None:
                self._comparisons.unanswered += 1
                return
            if is_renewed and again.outcome == "success":
                theirs = again
            elif not is_steady(theirs, again):
                self._comparisons.unsteady += 1
                return
            else:
                self._learnt.add(binding)
                self._comparisons.learn(binding, _told(message, theirs), _told(message, again))
        self._tell_of(message, theirs, ours, operation)

    def end(self) -> None:
        """Records the sum of all comparisons."""
        for line in self._comparisons.lines():
            self._run.log.event("compared with the original", line)

    def _unlike(self, message: Message, theirs: Answer, ours: Answer) -> list[tuple[str, str, str]]:
        """In what two answers to a planned message differ."""
        return self._comparisons.unlike(message.binding_key, _told(message, theirs), _told(message, ours))

    def _tell_of(self, message: Message, theirs: Answer, ours: Answer, operation: Operation) -> None:
        """Records in what two answers differ, where that is news."""
        self._comparisons.compared += 1
        judged = [self._run.preview(Group((each.exchange,)), operation) for each in (theirs, ours)]
        original, candidate = theirs.exchange.number, ours.exchange.number
        found = differences(self._unlike(message, theirs, ours), *judged)
        for each in self._comparisons.news(message.binding_key, found):
            told = f"{message.binding_key} {each.where}: original {each.original}, candidate {each.candidate}"
            self._run.log.event(f"difference: {each.kind}", f"{told} (exchanges {original} and {candidate})", candidate)


def _told(message: Message, answer: Answer) -> Canonical:
    """What an answer to a planned message says."""
    return canonical(answer, supplied(message.request, answer.exchange.message.request))
