"""A plan in words: what each item sends, and how many requests that is."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from contracts.judge.records import Message
from contracts.values import names_in
from suites.configuration import Budget, Target
from suites.plan import Item
from suites.scope import not_allowed

MILLISECONDS = 100
"""What one answer is reckoned to take where nothing is known of the target."""


def plan_lines(
    items: Iterable[Item], targets: Mapping[str, Target], *, budget: Budget | None = None, messages: bool = False
) -> Iterator[str]:
    """A line for each item, with the number of its first message, how long that may take, and the requests last.

    With `messages`, a line for each message too. Items that the configuration does not allow, or that could show
    nothing, say so.
    """
    total = 0
    budget = budget or Budget()
    for item in items:
        reason = item.left_out or (item.is_idle and item.shows_nothing)
        reason = reason or not_allowed(item, targets.get(item.operation.service), budget)
        if reason:
            yield f"     -  {item.id}  nothing is sent: {reason}"
            continue
        drawn = list(item.messages())
        yield f"{total + 1:>6}  {item.id}  {_counts(drawn)}{_needs(drawn)}"
        if messages:
            yield from (f"{number:>6}    {_intent(message)}" for number, message in enumerate(drawn, total + 1))
        total += len(drawn)
    yield from _expected(total, budget)
    yield f"{total:,} requests"


def _expected(total: int, budget: Budget) -> Iterator[str]:
    """How long so many requests take, and which budget ends a run before they are sent."""
    seconds = total * MILLISECONDS / 1000
    paced = 0.0 if budget.rate is None else total / budget.rate
    why = f"answers that take {MILLISECONDS} ms" if seconds >= paced else f"{budget.rate:g} requests per second"
    seconds = max(seconds, paced)
    yield f"about {_told(seconds)}, reckoned with {why}"
    if budget.requests is not None and budget.requests < total:
        yield f"the budget of {budget.requests:,} requests ends the run before all are sent"
    if budget.duration is not None and budget.duration < seconds:
        yield f"the budget of {_told(budget.duration)} may end the run before all are sent"


def _told(seconds: float) -> str:
    minutes, left = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [f"{number} {unit}" for number, unit in ((hours, "h"), (minutes, "min"), (left, "s")) if number]
    return " ".join(parts) or "1 s"


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
