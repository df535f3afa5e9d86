"""One call on its way through the reference, and the points on that way where faults and variants stand.

The clean code passes what it has in hand through each point, which gives it back as it is unless something is
planted there. A planted fault or a neutral variant is a function registered at one or more points under its
name (`at`); which bindings it touches is said by the data files.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, TypeVar

from lxml import etree

from reference.http import Request, Response
from reference.lexical import Value
from reference.refusals import Refusal
from reference.state import State
from reference.tree import Element
from reference.writing import Style, write

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Point(Generic[T]):
    """A place on the way of a call where something of type `T` passes."""

    name: str


@dataclass(frozen=True, slots=True)
class Message:
    """A request read as SOAP. `body` is None when there is none."""

    soap_namespace: str
    header_blocks: tuple[etree._Element, ...]
    body: etree._Element | None


@dataclass(frozen=True, slots=True)
class Leaf:
    """A value as it was sent, before it is read as its type."""

    member: str
    type_name: str
    text: str


Outcome = tuple[Element, ...] | Refusal
"""What the operation gives: the content of the response, or why there is none."""

REQUEST: Point[Request] = Point("request")
DOCUMENT: Point[etree._Element] = Point("document")
MESSAGE: Point[Message] = Point("message")
OPERATION: Point[etree._Element] = Point("operation")
PARAMETERS: Point[tuple[tuple[str, str], ...]] = Point("parameters")
LEAF: Point[Leaf] = Point("leaf")
VALUES: Point[Mapping[str, Value]] = Point("values")
OUTCOME: Point[Outcome] = Point("outcome")
PAYLOAD: Point[tuple[Element, ...]] = Point("payload")
"""The content on success: the children of Body, or the document element where there is no envelope."""
ENVELOPE: Point[Element] = Point("envelope")
"""The whole envelope, fault or success."""
STYLE: Point[Style] = Point("style")
RESPONSE: Point[Response] = Point("response")
COMPRESSED: Point[bool] = Point("compressed")
"""Whether the answer is compressed, which it is where the client takes that."""
UNROUTED: Point[Response] = Point("unrouted")
"""The answer to a path below a service's that names none of its operations."""

_registered: dict[str, list[tuple[str, Callable[..., Any]]]] = defaultdict(list)


def at(point: Point[T], *deviations: str) -> Callable[[Callable[[T, Call], T]], Callable[[T, Call], T]]:
    """Registers what a planted fault or variant does with that which passes the point."""

    def register(change: Callable[[T, Call], T]) -> Callable[[T, Call], T]:
        for deviation in deviations or (change.__name__,):
            _registered[deviation].append((point.name, change))
        return change

    return register


def implemented() -> frozenset[str]:
    """The names of all planted faults and variants that have code."""
    return frozenset(_registered)


Changes = Mapping[tuple[str, str], tuple[Callable[..., Any], ...]]
"""What happens, by binding and name of the point."""


def changes_for(touched: Iterable[tuple[str, Iterable[str]]]) -> Changes:
    """The changes of the named deviations, each on the bindings that it touches."""
    changes: dict[tuple[str, str], tuple[Callable[..., Any], ...]] = {}
    for deviation, bindings in touched:
        for point, change in _registered[deviation]:
            for binding in bindings:
                changes[binding, point] = (*changes.get((binding, point), ()), change)
    return changes


@dataclass(frozen=True, slots=True)
class Call:
    binding: str
    """Service and binding, such as `utws/soap11`."""
    request: Request
    state: State
    changes: Changes = field(default_factory=dict)

    def through(self, point: Point[T], passing: T) -> T:
        for change in self.changes.get((self.binding, point.name), ()):
            passing = change(passing, self)
        return passing

    def received(self) -> Call:
        """The call with its request as the service gets to see it."""
        return replace(self, request=self.through(REQUEST, self.request))

    def bound_to(self, binding: str) -> Call:
        return replace(self, binding=f"{self.binding.partition('/')[0]}/{binding}")

    def written(self, root: Element, media_type: str, *, status_code: int = 200, name_charset: bool = True) -> Response:
        """The answer that carries the document."""
        style = self.through(STYLE, Style())
        # A charset is named where the page does, and wherever it is not UTF-8.
        named = name_charset or style.encoding != "utf-8"
        content_type = f"{media_type}; charset={style.label}" if named else media_type
        return Response(status_code, write(root, style), content_type)
