"""An original that a candidate is compared with: asked as patiently as the candidate, and never accused."""

import time

from contracts.judge.answer import Answer
from contracts.judge.presence import is_from_gateway
from contracts.judge.records import Exchange, Message
from contracts.model import Operation
from suites.allowance import SendingEndedError
from suites.health import FIRST_PAUSE, Health, asked_pause, purpose_of
from suites.run import Run, traffic_of
from suites.sources import ValueUnavailableError

MOST_SILENCES = 5
"""Messages in a row without an answer from the original, after which it is asked no more."""


class Original:
    """The original of one service. Belongs to the thread whose turn it is."""

    def __init__(self, run: Run, service: str) -> None:
        self._run = run
        self._target = run.settings.configuration.originals[service]
        self._clients = run.made_clients(self._target)
        self._health = Health()
        self._silences = 0
        run.at_end.append(self._clients.close)

    @property
    def is_given_up(self) -> bool:
        """Whether it is asked no more."""
        return bool(self._health.ended)

    def answer(self, message: Message, operation: Operation) -> Answer | None:
        """What it answers to a message as planned; None where it does not, or is asked no more."""
        if self.is_given_up:
            return None
        try:
            with self._run.turn.taken():
                answer = self._answer(message, operation)
        except (SendingEndedError, ValueUnavailableError) as error:
            self._give_up(str(error))
            return None
        is_silent = answer.exchange.response is None or is_from_gateway(answer)
        self._silences = self._silences + 1 if is_silent else 0
        if self._silences == MOST_SILENCES:
            self._give_up(f"{MOST_SILENCES} messages in a row were not answered")
        return None if is_silent else answer

    def renew_values(self, operation: Operation) -> bool:
        """Forgets the operation's values that may have lapsed and can be had again; whether there are any."""
        return self._run.filling.renew_for_original(operation)

    def _answer(self, message: Message, operation: Operation) -> Answer:
        """The answer to a message: the last one, where a limiter or a doorkeeper gave those before.

        Raises SendingEndedError, and ValueUnavailableError.
        """
        binding = operation.bindings_by_protocol[message.protocol]
        login, waited, has_renewed = self._clients.authentication, 0.0, False
        while True:
            answer = Answer(self._exchange(message, operation), operation, binding)
            may_renew = login.is_renewable and not has_renewed
            said = purpose_of(answer, "beside", has_login=bool(self._target.access.logins), may_renew=may_renew)
            if said == "throttled":
                waited += self._be_patient(answer, waited)
            elif said == "unauthorised":
                if not may_renew:
                    raise SendingEndedError(f"it does not let the caller in: {answer.described}")
                login.renew()
                self._clients.renew()
                has_renewed = True
            else:
                return answer

    def _be_patient(self, answer: Answer, waited: float) -> float:
        """Waits as long as a limiter asks, and gives back how many seconds that was. Raises SendingEndedError."""
        asked = asked_pause(answer.response)
        pause = max(FIRST_PAUSE, waited) if asked is None else asked
        patience = self._run.settings.configuration.budget.patience
        if waited + pause > patience:
            raise SendingEndedError(f"it answers {answer.described}, too many requests; patience is {patience:g}")
        if not waited:
            self._health.slow_down()
        self._run.turn.pause(pause)
        return max(pause, FIRST_PAUSE)

    def _exchange(self, message: Message, operation: Operation) -> Exchange:
        """One request and its answer, recorded."""
        run = self._run
        filled = run.filling.filled_for_original(message, operation)
        run.allowance.take(self._health)
        traffic, started = 0, time.time()
        try:
            with self._clients.lent() as client:
                with run.turn.lent():
                    sent, outcome, elapsed = client.send(filled.request, is_repeatable=not operation.consumes)
                traffic = traffic_of(sent, outcome)
                exchange = Exchange(0, filled, sent, outcome, started, elapsed, "beside")
                if message.kind == "defect" or exchange.response is None or exchange.response.status_code >= 300:
                    client.renew()
        finally:
            run.allowance.give_back(self._health, traffic=traffic)
        return run.recorded(exchange, operation)

    def _give_up(self, why: str) -> None:
        if not self._health.ended:
            self._health.ended = why
            self._run.log.event("original given up", why)
