"""An example of a requirement: one message that it is judged on, and what the embedded reference target answers."""

from collections.abc import Iterable, Iterator, Mapping

from contracts.judge.records import Failure, Headers, Message, Response
from contracts.model import Operation, Service
from contracts.values import fill, names_in
from strategies.probes import WITNESS
from suites.client import Client
from suites.configuration import Budget, Target, Values
from suites.plan import Item, plan

SHOWN = 2_000
"""Characters of a body that an example shows."""


def example_item(requirement: str, services: Mapping[str, Service]) -> Item | None:
    """The first item whose messages a requirement is judged on; None where nothing is sent for it.

    A passive requirement names the active one whose messages it speaks of, or speaks of all: the known-good one, then.
    """
    for service in services.values():
        for item in plan({service.name: service}, (), "standard", 0):
            wanted = _judged_on(requirement, item.operation, item)
            if wanted and not item.is_idle and next(item.messages(), None) is not None:
                return item
    return None


def _judged_on(requirement: str, operation: Operation, item: Item) -> bool:
    found = next((each for each in operation.requirements(item.binding.protocol) if each.id == requirement), None)
    if found is None:
        return False
    named = found.parameters.get("refusing") or found.parameters.get("probing")
    if found.is_active or named:
        return item.requirement.id == (requirement if found.is_active else named)
    slug = requirement.rpartition("/")[2]
    return item.case == next((case for word, case in TELLING if item.binding.is_soap and word in slug), "known_good")


TELLING = (("version-fault", "envelope_version"), ("fault", "unknown_mandatory_header"))
"""What is sent for an example of an answer that a word of a slug names."""


def example_lines(requirement: str, services: Mapping[str, Service], targets: Mapping[str, Target]) -> Iterator[str]:
    """An exchange as text: the message, and what a target of its service answers, where there is one."""
    item = example_item(requirement, services)
    if item is None:
        return
    messages = list(item.messages())
    message = next((each for each in messages if each.kind != "sample"), messages[0])
    target = targets.get(item.operation.service)
    yield f"example   {item.operation.key}/{item.binding.protocol}, expected to {message.expectation}"
    outcome = None if target is None else _answered(message, item.operation, target)
    yield from _indented(
        f"{message.request.method} {message.request.path}", message.request.headers, message.request.body
    )
    if isinstance(outcome, Response):
        yield "answer    of the embedded reference target"
        yield from _indented(f"{outcome.status_code} {outcome.reason}", outcome.headers, outcome.body)
    elif outcome is not None:
        yield f"answer    none: {outcome.kind}"


def _answered(message: Message, operation: Operation, target: Target) -> Response | Failure:
    values = dict(Values(target, operation).take(names_in(message.request)))
    values[WITNESS] = "http://127.0.0.1:9/"  # the discard port: nobody listens
    with Client(target.url, Budget()) as client:
        return client.send(fill(message.request, values))[1]


def _indented(first: str, headers: Headers, body: bytes | None) -> Iterator[str]:
    text = (body or b"")[:SHOWN].decode("utf-8", "replace")
    cut = f" ... {len(body or b'') - SHOWN:,} bytes more" if len(body or b"") > SHOWN else ""
    lines: Iterable[str] = (first, *(f"{name}: {value}" for name, value in headers), "", *f"{text}{cut}".splitlines())
    yield from (f"    {''.join(each if each.isprintable() else '.' for each in line)}".rstrip() for line in lines)
