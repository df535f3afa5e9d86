"""A plan in words: what each item sends, and how many requests that is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from contracts.judge.records import Message
from contracts.values import names_in
from suites.configuration import Target
from suites.header import not_allowed
from suites.plan import Item


def plan_lines(items: Iterable[Item], targets: Mapping[str, Target], *, messages: bool = False) -> Iterator[str]:
    """A line for each item, with the number of its first message, and the number of requests last.

    With `messages`, a line for each message too. Items that the configuration does not allow, or that could show
    nothing, say so.
    """
    total = 0
    for item in items:
        reason = item.shows_nothing or not_allowed(item, targets)
        if reason:
            yield f"     -  {item.id}  nothing is sent: {reason}"
            continue
        drawn = list(item.messages())
        yield f"{total + 1:>6}  {item.id}  {_counts(drawn)}{_needs(drawn)}"
        if messages:
            yield from (f"{number:>6}    {_intent(message)}" for number, message in enumerate(drawn, total + 1))
        total += len(drawn)
    yield f"{total:,} requests"


def _counts(drawn: Iterable[Message]) -> str:
    expected = Counter(message.expectation for message in drawn)
    return ", ".join(f"{number} {name}" for name, number in sorted(expected.items())) or "nothing to send"


def _needs(drawn: Iterable[Message]) -> str:
    needed = sorted({name for message in drawn for name in names_in(message.request)})
    return f"  needs {', '.join(needed)}" if needed else ""


def _intent(message: Message) -> str:
    changes = "; ".join(f"{each.where}: {_short(each.before)} -> {_short(each.after)}" for each in message.changes)
    return f"{message.kind}, {message.expectation}: {changes or 'as documented'}"


def _short(text: str | None) -> str:
    """A value in a few characters; control characters are shown escaped."""
    if text is None:
        return "absent"
    return repr(text if len(text) <= 40 else f"{text[:37]}...")
