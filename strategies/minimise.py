"""A counterexample made smaller: the same message with some of its changes reverted to the sample. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from contracts.judge.records import Change, Message
from strategies.subjects import Subject
from strategies.templates import template_of
from strategies.wire import request


def reversions(message: Message, subject: Subject) -> Iterator[Message]:
    """The message with each one of its changes reverted, in turn; nothing for a message of fewer than two."""
    if len(message.changes) < 2:
        return
    for reverted in message.changes:
        yield with_changes(message, subject, [change for change in message.changes if change is not reverted])


def with_changes(message: Message, subject: Subject, kept: Iterable[Change]) -> Message:
    """A valid or edge message rebuilt with some of its changes; without any it is the known-good one.

    A change inside an alternative goes when the alternative does.

    What is kept of a valid message is valid: changes that meet never share one.
    """
    if message.kind not in ("valid", "edge"):
        raise ValueError(f"only valid and edge messages are made of changes to leaves, not a {message.kind}")
    template = template_of(subject.operation, message.protocol)
    changes = template.standing(kept)
    return replace(
        message,
        request=request(template, template.vary(changes)),
        changes=changes,
        uses_credentials=template.keeps_credentials(changes),
    )
