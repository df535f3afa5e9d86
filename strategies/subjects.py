"""What a case is asked for, and the messages that come of it before they are numbered."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from contracts.judge.records import Change, Message, MessageKind, Request
from contracts.model import Binding, Expectation, Operation, Protocol


@dataclass(frozen=True, slots=True)
class Subject:
    """What a plan item asks a case for: at most `limit` messages (None for all there are) for one requirement.

    `seed` decides what is drawn; only cases that draw look at it. `parameters` are the requirement's; `protocols` are
    those that may be sent to, empty for all. `alone` asks for no known-good messages between others.
    """

    operation: Operation
    binding: Binding
    requirement_id: str
    item: str
    limit: int | None = None
    seed: int = 0
    parameters: Mapping[str, object] = field(default_factory=dict)
    protocols: tuple[Protocol, ...] = ()
    alone: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A message without its place in the plan. `protocol` and `requirement` are the subject's where not given."""

    kind: MessageKind
    expectation: Expectation
    request: Request
    changes: tuple[Change, ...] = ()
    because: str = ""
    forbidden_characters: bool = False
    uses_credentials: bool = True
    protocol: Protocol | None = None
    requirement: str = ""


AGAIN = "again"
"""Kind of change of a message that carries the configured values of the one before it."""


def numbered(subject: Subject, drafts: Iterable[Draft]) -> Iterator[Message]:
    """The drafts as messages of a subject, up to its limit."""
    for index, draft in enumerate(islice(drafts, subject.limit)):
        yield message(subject, index, draft)


def message(subject: Subject, index: int, draft: Draft) -> Message:
    """One draft as a message of a subject."""
    return Message(
        item=subject.item,
        index=index,
        service=subject.operation.service,
        operation=subject.operation.name,
        protocol=draft.protocol or subject.binding.protocol,
        requirement=draft.requirement or subject.requirement_id,
        kind=draft.kind,
        expectation=draft.expectation,
        request=draft.request,
        changes=draft.changes,
        forbidden_characters=draft.forbidden_characters,
        uses_credentials=draft.uses_credentials,
        because=draft.because,
    )
