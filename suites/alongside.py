"""The original asked beside the candidate: each message once, and again where the answers differ."""

from contracts.judge.answer import Answer
from contracts.judge.records import Exchange, Failure, Group, Message
from suites.allowance import SendingEndedError
from suites.beside import Comparisons, Difference, difference
from suites.plan import Item
from suites.run import Run

MOST_SILENCES = 5
"""Messages in a row without an answer from the original, after which it is asked no more."""


class Alongside:
    """Compares answers as a run goes on, and records every difference."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._comparisons = Comparisons()
        self._learnt: set[str] = set()
        self._silences = 0

    def compare(self, item: Item, message: Message, candidate: Exchange) -> None:
        """Asks the original what the candidate was asked. `message` is as planned, before values were filled in."""
        if item.operation.service not in self._run.settings.configuration.originals or self._has_ended:
            return
        original = self._ask(item, message)
        binding = f"{item.operation.key}/{item.binding.protocol}"
        if original is None or candidate.response is None or original.response is None:
            self._comparisons.unanswered += 1
            return
        self._comparisons.compared += 1
        theirs, ours = (Answer(each, item.operation, item.binding) for each in (original, candidate))
        if binding not in self._learnt or self._comparisons.unlike(binding, theirs, ours):
            again = self._ask(item, message)
            if again is not None and again.response is not None:
                self._learnt.add(binding)
                self._comparisons.learn(binding, theirs, Answer(again, item.operation, item.binding))
        judged = [self._run.preview(Group((each.exchange,)), item.operation) for each in (theirs, ours)]
        found = difference(self._comparisons.unlike(binding, theirs, ours), *judged)
        if found is not None and self._comparisons.is_news(binding, found):
            self._tell(binding, found, original.number, candidate.number)

    def end(self) -> None:
        """Records the sum of all comparisons."""
        for line in self._comparisons.lines():
            self._run.log.event("compared with the original", line)

    @property
    def _has_ended(self) -> bool:
        return self._silences >= MOST_SILENCES

    def _ask(self, item: Item, message: Message) -> Exchange | None:
        """The original's answer; None where nothing can be sent there."""
        try:
            exchange = self._run.send_beside(message, item.operation)
        except SendingEndedError as error:
            self._give_up(str(error))
            return None
        self._silences = self._silences + 1 if isinstance(exchange.outcome, Failure) else 0
        if self._has_ended:
            self._give_up(f"{MOST_SILENCES} messages in a row were not answered")
        return exchange

    def _give_up(self, why: str) -> None:
        if self._silences < MOST_SILENCES or why.endswith("answered"):
            self._run.log.event("original given up", why)
        self._silences = MOST_SILENCES

    def _tell(self, binding: str, found: Difference, original: int, candidate: int) -> None:
        told = f"{binding} {found.where}: original {found.original}, candidate {found.candidate}"
        self._run.log.event(f"difference: {found.kind}", f"{told} (exchanges {original} and {candidate})", candidate)
