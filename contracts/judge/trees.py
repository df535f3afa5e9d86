"""Small questions to XML trees. Comments and processing instructions are never children here."""

from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

from contracts.names import XSI_NIL, local_name

Element: TypeAlias = etree._Element
"""An element of a parsed message."""


def local(element: Element) -> str:
    """The element's local name."""
    return local_name(str(element.tag))


def children(element: Element) -> Iterator[Element]:
    """The element children, in document order."""
    return element.iterchildren("*")


def child(element: Element, tag: str) -> Element | None:
    """The first child of that name (Clark notation); None if there is none."""
    return next(element.iterchildren(tag), None)


def descend(element: Element | None, path: str) -> list[Element]:
    """Every element at a path of local names below an element; none below None, and none at an empty path."""
    found = [] if element is None or not path else [element]
    for step in path.split("/"):
        found = [each for parent in found for each in parent.iterchildren(f"{{*}}{step}")]
    return found


def text_of(element: Element) -> str:
    """The element's own character data, comments and processing instructions left out."""
    own = element.text or ""
    return own + "".join(node.tail or "" for node in element) if len(element) else own


def is_nil(element: Element) -> bool:
    """Whether xsi:nil says that the element has no value."""
    if not element.keys():
        return False
    return (element.get(XSI_NIL) or "").strip() in ("true", "1")


def is_blank(element: Element) -> bool:
    """Whether the element is nil, or holds neither elements nor anything but white space."""
    return is_nil(element) or (next(children(element), None) is None and not text_of(element).strip())


def with_namespaces(element: Element, tag: str | None = None) -> Element:
    """A copy, out of its message, that keeps every namespace in scope: values may have prefixes too (QNames).

    With a tag, only the content is copied, below an element of that name without attributes.
    """
    copied = etree.fromstring(etree.tostring(element, encoding="utf-8", with_tail=False), _COPYING)
    if tag is not None:
        copied.tag = tag
        copied.attrib.clear()
    return copied


_COPYING = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True)
"""Copies are written and read again: moving nodes, lxml drops declarations as redundant that only values need."""


def xpath_of(element: Element) -> str:
    """An XPath by local names that leads to the element from the root of its message."""
    steps = []
    for each in (element, *element.iterancestors()):
        same = sum(1 for sibling in each.itersiblings(preceding=True) if sibling.tag == each.tag)
        later = any(sibling.tag == each.tag for sibling in each.itersiblings())
        steps.append(f"{local(each)}[{same + 1}]" if same or later else local(each))
    return "/" + "/".join(reversed(steps))


def chain_to(element: Element, root: Element) -> tuple[str, ...]:
    """Local names that lead from below a root to one of its descendants; empty for the root itself."""
    steps = []
    node: Element | None = element
    while node is not None and node is not root:
        steps.append(local(node))
        node = node.getparent()
    return tuple(reversed(steps))
