"""The leaves of a request that a WSDL's schemas declare, for the starting rulings."""

from collections.abc import Iterator

from lxml import etree

from contracts.derive.description import LeafSuggestion
from contracts.derive.wsdl_schemas import ANY_TYPE, Component, Key, SchemaSet
from contracts.names import XSD, local_name, namespace_of

_SIMPLE = f"{{{XSD}}}simpleType"


def leaves_of(schemas: SchemaSet, element: str) -> Iterator[LeafSuggestion]:
    """The leaves below a global element (Clark notation), by path of local names, in document order.

    A declaration that stands in itself is followed once; alternatives of a choice are all listed.
    """
    yield from _of(schemas, ("element", element), (), ())


def _of(schemas: SchemaSet, key: Key, path: tuple[str, ...], seen: tuple[Key, ...]) -> Iterator[LeafSuggestion]:
    component = schemas.find(*key)
    if component is None or key in seen:
        return
    if key[0] == "element":
        yield from _declared(schemas, component, component.element, path, (*seen, key))
    else:
        yield from _within(schemas, component, component.element, path, (*seen, key))


def _declared(
    schemas: SchemaSet, component: Component, element: etree._Element, path: tuple[str, ...], seen: tuple[Key, ...]
) -> Iterator[LeafSuggestion]:
    """The leaves of an element declaration that stands at `path`: it is one itself if its type is simple."""
    if element.get("type") is None:
        if element.find(_SIMPLE) is not None and path:
            yield LeafSuggestion("/".join(path), "simple", source=component.document.source(element))
        yield from _within(schemas, component, element, path, seen)
        return
    name = component.name_of(element.get("type", ""), element)
    found = schemas.find("type", name)
    is_simple = namespace_of(name) == XSD if found is None else found.element.tag == _SIMPLE
    if not is_simple:
        yield from _of(schemas, ("type", name), path, seen)
    elif path and name != ANY_TYPE:
        yield LeafSuggestion("/".join(path), local_name(name), source=component.document.source(element))


def _within(
    schemas: SchemaSet, component: Component, holder: etree._Element, path: tuple[str, ...], seen: tuple[Key, ...]
) -> Iterator[LeafSuggestion]:
    """The leaves of a type's, a group's or a model group's content."""
    for child in holder.iterchildren(f"{{{XSD}}}*"):
        tag = local_name(str(child.tag))
        if tag == "element" and child.get("ref") is not None:
            name = component.name_of(child.get("ref", ""), child)
            yield from _of(schemas, ("element", name), (*path, local_name(name)), seen)
        elif tag == "element":
            yield from _declared(schemas, component, child, (*path, child.get("name", "")), seen)
        elif tag == "group" and child.get("ref") is not None:
            yield from _of(schemas, ("group", component.name_of(child.get("ref", ""), child)), path, seen)
        else:
            if tag == "extension" and child.get("base") is not None:
                yield from _of(schemas, ("type", component.name_of(child.get("base", ""), child)), path, seen)
            yield from _within(schemas, component, child, path, seen)
