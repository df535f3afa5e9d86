"""The records that pass between plan, client, judge and log. Pure data: bytes and strings, no parsed trees."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from contracts.model import Basis, Expectation, Level, Protocol

Headers: TypeAlias = tuple[tuple[str, str], ...]
MessageKind: TypeAlias = Literal["sample", "spelling", "valid", "edge", "defect"]
FailureKind: TypeAlias = Literal["refused", "reset", "timeout", "tls", "protocol", "too_large", "budget"]
Effect: TypeAlias = Literal["violation", "deviation", "waived", "note"]
Purpose: TypeAlias = Literal["planned", "probe", "repeat", "minimise", "throttled", "unauthorised", "session", "beside"]
BodyFlaw: TypeAlias = Literal["cut short", "bytes after the end", "broken chunks"]
HeadFlaw: TypeAlias = Literal[
    "empty line before the status line",
    "line feed alone",
    "no blank after the status code",
    "folded field",
    "blank before a colon",
    "line that is no field",
]
Flaw: TypeAlias = BodyFlaw | HeadFlaw


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `path` is relative to the target's URL and carries the query; None body means no body.

    `encoding` is the encoding of the body's text. Until `contracts.values.fill` has run, configured values stand
    as `{{name}}`.
    """

    method: str
    path: str
    headers: Headers
    body: bytes | None
    encoding: str = "utf-8"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference from the known-good message, or one named defect.

    `where` is a path of local names with positions (`sessions/SessionInfo[2]/version`) or a part of the HTTP
    request (`SOAPAction`); `rule` names the component, facet or clause that is varied or broken.
    """

    kind: str
    where: str
    rule: str
    before: str | None = None
    after: str | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """One planned request with its intent. `item` is the plan item's id, `index` counts from 0 within it.

    `requirement` is the active requirement that the message exercises. `forbidden_characters` says that the request
    carries characters that XML forbids. `uses_credentials` is False where made-up values stand in their place.
    """

    item: str
    index: int
    service: str
    operation: str
    protocol: Protocol
    requirement: str
    kind: MessageKind
    expectation: Expectation
    request: Request
    changes: tuple[Change, ...] = ()
    forbidden_characters: bool = False
    uses_credentials: bool = True
    because: str = ""

    @property
    def binding_key(self) -> str:
        """`service/operation/protocol`."""
        return f"{self.service}/{self.operation}/{self.protocol}"


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: `body` after removal of the transfer coding, with any content coding left in place.

    `version` is the protocol that the status line names. `flaws` says where the answer's framing did not hold (RFC 9112
    section 6.3): the connection ended before the body that was announced, bytes stood behind its end, or its chunks
    could not be read; and what of its head has not the form of RFC 9112 sections 2.1 and 5.
    """

    status_code: int
    reason: str
    headers: Headers
    body: bytes
    version: str = "HTTP/1.1"
    flaws: tuple[Flaw, ...] = ()

    def header(self, name: str) -> str | None:
        """The first field of that name, in any case; None if there is none."""
        wanted = name.lower()
        return next((value for key, value in self.headers if key.lower() == wanted), None)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why there is no usable answer. `detail` names no secret."""

    kind: FailureKind
    detail: str


@dataclass(frozen=True, slots=True)
class Exchange:
    """A message sent and what came back. `number` counts from 1 over the run; times in seconds.

    `purpose` tells planned messages from those that the runner adds: a known-good message after a silence (`probe`),
    a repetition (`repeat`), a step of minimising (`minimise`), a request for a value of another operation (`session`),
    the message sent to the original that a candidate is compared with (`beside`).
    One that a limiter turned away (`throttled`), or for which the caller was not let in (`unauthorised`), is judged
    with no group: the message is sent again, or nothing more is. `fetched` lists what the target asked the run's
    witness for while the exchange lasted.
    """

    number: int
    message: Message
    sent: Request
    outcome: Response | Failure
    started: float
    elapsed: float
    purpose: Purpose = "planned"
    fetched: tuple[str, ...] = ()

    @property
    def response(self) -> Response | None:
        """The response; None where there was none."""
        return self.outcome if isinstance(self.outcome, Response) else None


@dataclass(frozen=True, slots=True)
class Group:
    """Exchanges that are judged together: the message under test first, then what the runner added.

    Several planned messages make a comparison: what the first one's requirement says of them all. Each of them was
    judged for itself before.
    """

    exchanges: tuple[Exchange, ...]

    @property
    def is_comparison(self) -> bool:
        """Whether the group holds several planned messages."""
        return sum(each.purpose == "planned" for each in self.exchanges) > 1

    @property
    def subject(self) -> Exchange:
        """The exchange under test."""
        return self.exchanges[0]


@dataclass(frozen=True, slots=True)
class Finding:
    """What the target did that a requirement does not allow. `name` is what it did (`AcceptedInvalidBody`).

    `where` is an XPath or a part of the HTTP message; `line` counts from 1 in the response body.
    """

    requirement: str
    service: str
    operation: str
    protocol: Protocol
    name: str
    expected: str
    actual: str
    level: Level
    basis: Basis
    effect: Effect
    exchange: int
    where: str = ""
    line: int | None = None
    source: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the judge says of one group.

    `observed` lists the ids of the requirements that the group exercised, kept or not; `inconclusive` those that it
    should have exercised and could not, for want of an answer.
    """

    observed: tuple[str, ...]
    findings: tuple[Finding, ...]
    inconclusive: tuple[str, ...] = field(default=())
