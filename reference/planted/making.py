"""What faults are made of: changes to answers, to payloads and to what was read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from reference.calls import Call
from reference.http import Response
from reference.names import Name
from reference.tree import Change, Element, changed, leaf, rewritten

T = TypeVar("T")
ChangeOf = Callable[[T, Call], T]
Payload = tuple[Element, ...]

# Answers


def is_fault(response: Response) -> bool:
    return b"Fault>" in response.body


def is_success(response: Response) -> bool:
    return response.status_code == 200 and bool(response.body) and not is_fault(response)


def is_error(response: Response) -> bool:
    """Whether the answer tells of an error in one of the forms that the services have."""
    told = (b"Fault>", b"ErrorResponse", b"<faultcode>", b"ResponseStatus")
    return response.status_code >= 400 or any(form in response.body for form in told)


def on_success(change: Callable[[Response], Response]) -> ChangeOf[Response]:
    return lambda response, call: change(response) if is_success(response) else response


def on_fault(change: Callable[[Response], Response]) -> ChangeOf[Response]:
    return lambda response, call: change(response) if is_fault(response) else response


def labelled(content_type: str) -> Callable[[Response], Response]:
    return lambda response: replace(response, content_type=content_type)


def with_status(status_code: int) -> Callable[[Response], Response]:
    return lambda response: replace(response, status_code=status_code)


def with_body(change: Callable[[bytes], bytes]) -> Callable[[Response], Response]:
    return lambda response: replace(response, body=change(response.body))


def with_field(name: str, value: str) -> Callable[[Response], Response]:
    return lambda response: replace(response, fields=(*response.fields, (name, value)))


def on_the_wire(action: str) -> Callable[[Response], Response]:
    return lambda response: replace(response, wire=action)


# Payloads


def everywhere(change: Callable[[Element], Element]) -> ChangeOf[Payload]:
    """Makes the change to every element of the payload."""

    def apply(payload: Payload, call: Call) -> Payload:
        return tuple(change(rewritten(root, lambda element: (change(element),))) for root in payload)

    return apply


def moved(source: str, destination: str, *locals_: str) -> ChangeOf[Payload]:
    """Puts the elements of a namespace, or those among them that are named, into another."""

    def change(element: Element) -> Element:
        named = element.name.namespace == source and (not locals_ or element.name.local in locals_)
        return replace(element, name=Name(destination, element.name.local)) if named else element

    return everywhere(change)


def renamed(local: str, to: str) -> ChangeOf[Payload]:
    def change(element: Element) -> Element:
        namespace, found = element.name
        return replace(element, name=Name(namespace, to)) if found == local else element

    return everywhere(change)


def retold(local: str, change: Callable[[str], str]) -> ChangeOf[Payload]:
    """Changes the text of every element of that name."""
    return everywhere(
        lambda element: leaf(element.name, change(element.text)) if element.name.local == local else element
    )


def swapped(first: str, second: str) -> ChangeOf[Payload]:
    """Puts two neighbours the other way round."""

    def change(element: Element) -> Element:
        places = {part.name.local: place for place, part in enumerate(element.elements)}
        if first not in places or second not in places:
            return element
        parts = list(element.elements)
        one, other = places[first], places[second]
        parts[one], parts[other] = parts[other], parts[one]
        return replace(element, children=tuple(parts))

    return everywhere(change)


def replaced(local: str, change: Change) -> ChangeOf[Payload]:
    return lambda payload, call: tuple(changed(root, local, change) for root in payload)


def extended(local: str, *more: Element) -> ChangeOf[Payload]:
    """Adds elements at the end of every element of that name."""
    return replaced(local, lambda element: (replace(element, children=(*element.children, *more)),))


def attributed(local: str, name: Name, value: Name | str) -> ChangeOf[Payload]:
    """Puts an attribute on every element of that name."""

    def change(element: Element) -> Element:
        wanted = element.name.local == local
        return replace(element, attributes=(*element.attributes, (name, value))) if wanted else element

    return everywhere(change)


def dropped(local: str) -> ChangeOf[Payload]:
    """Leaves every element of that name out."""
    return replaced(local, lambda element: ())
