"""What is known of a target while a run lasts: whether it answers, asks for patience, lets its caller in."""

import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

from contracts.judge.answer import Answer
from contracts.judge.presence import is_from_gateway
from contracts.judge.records import Exchange, Failure, Purpose, Response
from contracts.model import Binding, Operation

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds between looks at a target that is away: doubled from the first to the longest."""

SLOWEST = 2.0
"""Seconds between requests that a limiter is at most believed to want of its own accord."""

MAX_REFUSED = 2
"""Times that a configured password is used while nothing shows that it is right: accounts lock after a few more."""

MOST_SKEW = 300.0
"""Seconds by which clocks may differ before it is said; beyond it tokens begin to fail (RFC 4120 section 1.6)."""

_TOO_MANY, _UNAVAILABLE, _LET_IN = 429, 503, (401, 403)
_SECURITY_FAULTS = frozenset(
    {"FailedAuthentication", "FailedCheck", "InvalidSecurity", "InvalidSecurityToken", "MessageExpired",
     "SecurityTokenUnavailable", "UnsupportedSecurityToken"}
)  # fmt: skip
"""Fault codes by which a service refuses a WS-Security header (OASIS SOAP Message Security 1.0, section 12)."""


@dataclass(slots=True)
class Health:
    """What is known of one target. `ended` says why nothing more is sent there; empty while something may be.

    `is_there` says that anything was answered, and `unreached` counts the connections that could not be made before.
    `accepted` holds the bindings on which the known-good message was answered with success, the latest last. `next` and
    `not_before` are moments of the monotonic clock before which nothing is sent; `watcher` is the thread that has the
    target to itself; `under_way` counts requests, and `carrying` those with an account's password, by operation.
    """

    ended: str = ""
    has_answered: bool = False
    is_there: bool = False
    unreached: int = 0
    unanswered: int = 0
    interval: float = 0.0
    next: float = 0.0
    not_before: float = 0.0
    slowed: float = 0.0
    watcher: int | None = None
    under_way: int = 0
    carrying: Counter[str] = field(default_factory=Counter)
    skew: float | None = None
    accepted: dict[tuple[str, str], tuple[Operation, Binding]] = field(default_factory=dict)
    refused: Counter[str] = field(default_factory=Counter)
    failed_renewals: int = 0
    software: set[str] = field(default_factory=set)

    def note(self, answer: Answer) -> None:
        """Takes note of an answer to a known-good message."""
        is_answered = answer.exchange.response is not None and not is_from_gateway(answer)
        self.unanswered = 0 if is_answered else self.unanswered + 1
        if not is_answered:
            return
        key = answer.operation.key, answer.binding.protocol
        if answer.outcome == "success":
            self.accepted.pop(key, None)
            self.accepted[key] = answer.operation, answer.binding
            self.refused[answer.operation.key] = 0
        elif answer.exchange.message.uses_credentials:
            self.refused[answer.operation.key] += 1

    def begin_anew(self) -> None:
        """Forgets for how long the target did not answer, and what it refused."""
        self.unanswered = self.unreached = 0
        self.refused.clear()

    def proving(self, operation: Operation, binding: Binding) -> tuple[Operation, Binding] | None:
        """Where the known-good message has been accepted: on the binding itself if it was, else the latest of all."""
        key = operation.key, binding.protocol
        return self.accepted.get(key) or next(reversed(self.accepted.values()), None)

    def withholds(self, operation: Operation) -> bool:
        """Whether messages that carry an account's password are kept back, so that it is not locked."""
        return has_password(operation) and self.refused[operation.key] >= MAX_REFUSED

    def is_in_doubt(self, operation: Operation) -> bool:
        """Whether a message with a password waits until another, under way, shows whether the password is right."""
        is_open = self.refused[operation.key] or not self.accepted
        return has_password(operation) and bool(is_open and self.carrying[operation.key])

    def slow_down(self) -> None:
        """Puts more time between requests, after a limiter turned one away."""
        self.interval = min(SLOWEST, max(0.05, self.interval * 2))


def has_password(operation: Operation) -> bool:
    """Whether an account's password stands in the operation's messages."""
    return any(leaf.credential and leaf.secret for leaf in operation.leaves)


def purpose_of(
    answer: Answer, planned: Purpose, *, has_login: bool, may_renew: bool, is_let_in: bool = False
) -> Purpose:
    """What an exchange was for, now that its answer is known: nothing, where a limiter or a doorkeeper answered.

    A doorkeeper's answer to anything but the known-good message may be meant for the message; it counts only where
    what proves the caller can be had anew. One that let a caller in who proves nothing (`is_let_in`) bars it for what
    it sent: it is waited for, as a service that is away.
    """
    response = answer.exchange.response
    if response is None:
        return planned
    is_limit = response.status_code == _TOO_MANY or (
        response.status_code == _UNAVAILABLE and response.header("Retry-After") is not None
    )
    if is_limit and is_from_gateway(answer):
        return "throttled"
    is_sample = answer.exchange.message.kind == "sample"
    is_barred = is_let_in and not has_login and response.status_code == _LET_IN[1]
    if is_sample and response.status_code in _LET_IN and is_from_gateway(answer) and not is_barred:
        return "unauthorised"
    if may_renew and response.status_code == _LET_IN[0] and is_from_gateway(answer):
        return "unauthorised"
    is_known = is_sample or may_renew
    return "unauthorised" if has_login and is_known and refuses_security_header(answer) else planned


def refuses_security_header(answer: Answer) -> bool:
    """Whether a fault says that the WS-Security header proves nothing."""
    if answer.fault is None:
        return False
    texts = [(each.text or "").strip().rpartition(":")[2] for each in answer.fault.iter("*") if not len(each)]
    return any(each in _SECURITY_FAULTS for each in texts)


def asked_pause(response: Response) -> float | None:
    """Seconds that an answer's Retry-After asks for; None where it has none that can be read.

    A date counts from the answer's own Date, so that a clock far off changes nothing. Source: RFC 9110, 10.2.3.
    """
    asked = (response.header("Retry-After") or "").strip()
    if asked.isascii() and asked.isdigit():
        return float(asked[:9])
    moment = _moment(asked)
    if moment is None:
        return None
    now = _moment(response.header("Date") or "")
    reference = time.time() if now is None else now.timestamp()
    return max(0.0, moment.timestamp() - reference)


def skew_of(exchange: Exchange) -> float | None:
    """Seconds by which the target's clock is ahead of ours, by its Date; None where it gives none."""
    if exchange.response is None:
        return None
    told = _moment(exchange.response.header("Date") or "")
    return None if told is None else told.timestamp() - exchange.started


def _moment(text: str) -> datetime | None:
    """The moment of an HTTP date (RFC 9110 section 5.6.7); None for what is none."""
    try:
        found = parsedate_to_datetime(text)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return found if found.tzinfo is not None else None


def software_of(response: Response) -> str:
    """What an answer says that it was made by; empty where it says nothing."""
    named = (response.header(name) for name in ("Server", "X-Powered-By", "X-AspNet-Version"))
    return ", ".join(each for each in named if each)


def why_silent(failure: Failure, service: str) -> str:
    """A failure in words, with what to do about it where that is known."""
    said = f"{failure.kind}, {failure.detail}"
    lowered = failure.detail.lower()
    hint = next((hint for words, hint in ADVICE if any(each in lowered for each in words)), "")
    return f"{said}. {hint.replace('[SERVICE.', f'[{service}.')}" if hint else said


ADVICE: tuple[tuple[tuple[str, ...], str], ...] = (
    (
        ("certificate has expired",),
        "The certificate is past its last day by this machine's clock: have it renewed, or set the clock right",
    ),
    (
        ("certificate is not yet valid",),
        "The certificate's first day is yet to come by this machine's clock: set it right",
    ),
    (
        ("self-signed certificate", "self signed certificate", "unable to get local issuer", "unable to get issuer"),
        "No authority that is trusted here vouches for it: give the private one's certificate as ca in [SERVICE.tls]",
    ),
    (
        ("hostname mismatch", "ip address mismatch", "not valid for"),
        "The certificate is for another host: use the name that it was issued for in the target's URL",
    ),
    (
        ("certificate required", "certificate_required", "handshake failure", "bad certificate"),
        "The target asks who calls: give a client certificate that it accepts in [SERVICE.tls] (certificate, key)",
    ),
    (
        ("eof occurred in violation",),
        "The target broke the TLS connection off: it may ask for a client certificate (certificate in [SERVICE.tls])",
    ),
    (("unknown ca",), "The target does not know who issued the client certificate in [SERVICE.tls]"),
    (
        ("wrong version number", "http request", "record layer failure"),
        "What answers there does not speak TLS: is it http:// rather than https://?",
    ),
    (
        ("407", "proxy asks for"),
        "Give the proxy's username and password in [SERVICE.proxy], or correct them",
    ),
    (("of the proxy",), "Nothing listens at the url of [SERVICE.proxy]: is it right, and does the proxy run?"),
    (("tunnel connection failed", "proxy"), "The proxy of [SERVICE.proxy] does not let this request through"),
    (("name or service not known", "name resolution", "getaddrinfo"), "Is the host's name right?"),
)
"""What to do about failures, by words of the libraries that tell of them."""
