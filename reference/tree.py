"""A message as a tree of elements, before it is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from reference.names import XSI_NIL, Name


@dataclass(frozen=True, slots=True)
class Element:
    """An element to be written.

    A `Name` among the children, or as the value of an attribute, is a value of type QName: the writer gives
    it a prefix that is in scope.
    """

    name: Name
    children: tuple[Element | Name | str, ...] = ()
    attributes: tuple[tuple[Name, Name | str], ...] = ()

    @property
    def elements(self) -> tuple[Element, ...]:
        return tuple(child for child in self.children if isinstance(child, Element))

    @property
    def text(self) -> str:
        """The characters directly in the element."""
        return "".join(child for child in self.children if isinstance(child, str))

    def walk(self) -> Iterator[Element]:
        """The element and all its descendants, in document order."""
        yield self
        for child in self.elements:
            yield from child.walk()

    def find(self, local: str) -> Element | None:
        """The first element of that local name in document order, the element itself included."""
        return next((element for element in self.walk() if element.name.local == local), None)


def leaf(name: Name, text: str) -> Element:
    return Element(name, (text,) if text else ())


def nil(name: Name) -> Element:
    return Element(name, attributes=((XSI_NIL, "true"),))


Change = Callable[[Element], tuple[Element, ...]]


def rewritten(tree: Element, change: Change) -> Element:
    """The tree with each descendant, innermost first, replaced by what `change` makes of it."""
    children: list[Element | Name | str] = []
    for child in tree.children:
        if isinstance(child, Element):
            children.extend(change(rewritten(child, change)))
        else:
            children.append(child)
    return replace(tree, children=tuple(children))


def changed(tree: Element, local: str, change: Change) -> Element:
    """The tree with `change` made to every descendant of that local name."""
    return rewritten(tree, lambda element: change(element) if element.name.local == local else (element,))
