"""Rulings on what elements are, applied to the schemas of an operation that was derived from a WSDL.

A ruling holds where its path leads. A declaration that other paths lead to as well (a member of a named type) is one
declaration: what is ruled of it holds there too.
"""

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, Final

from lxml import etree

from contracts.derive.description import OperationDescription, SchemaDocument
from contracts.derive.rulings import UNBOUNDED, require_values_of
from contracts.derive.words import type_of_word
from contracts.errors import ContractError, Place
from contracts.model import Content
from contracts.names import SOURCE, XSD, local_name

_Element = etree._Element
_GUID: Final = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
_TYPES: Final = (f"{{{XSD}}}simpleType", f"{{{XSD}}}complexType")
_GROUPS: Final = ("sequence", "choice", "all", "complexType", "complexContent", "extension", "restriction")


@dataclass(frozen=True, slots=True)
class Found:
    """An element as a content model has it: its particle, and its declaration, another one where that is a `ref`."""

    particle: _Element
    declaration: _Element


def with_components(
    operation: OperationDescription, rows: Sequence[Mapping[str, Any]], places: Sequence[Place]
) -> OperationDescription:
    """An operation with rulings on its components; `places` says where each ruling stands.

    Raises ContractError for one that no message has, and for one that cannot be said of what is there.
    """
    schemas = tuple(SchemaDocument(each.namespace, deepcopy(each.root)) for each in operation.schemas)
    components = _Components(schemas)
    for row, place in zip(rows, places, strict=True):
        found = list(components.at(row["path"].split("/"), _contents(operation, row.get("messages"))))
        if not found:
            said = " or ".join(row.get("messages", ("any message",)))
            hint = "A path is made of the local names below a message's root"
            raise ContractError(place, f"component.path: no such element in {said}", value=row["path"], hint=hint)
        for each in found:
            _apply(each, row, place)
    return replace(operation, schemas=schemas)


def _contents(operation: OperationDescription, roles: Sequence[str] | None) -> Iterator[Content]:
    """What the messages in some roles hold, in all if none are named."""
    for binding in operation.bindings:
        shapes = {"request": binding.request, "response": binding.response, "error": binding.error}
        for role, shape in shapes.items():
            if shape is not None and (roles is None or role in roles):
                yield from (content for content in (shape.header, shape.body) if content is not None)


class _Components:
    """The components of an operation's schema documents, by kind and name in Clark notation."""

    def __init__(self, schemas: Sequence[SchemaDocument]) -> None:
        self._named = {
            (
                local_name(str(each.tag)),
                f"{{{schema.namespace}}}{each.get('name')}" if schema.namespace else each.get("name"),
            ): each
            for schema in schemas
            for each in schema.root
            if each.get("name")
        }

    def at(self, path: Sequence[str], contents: Iterator[Content]) -> Iterator[Found]:
        """The elements that a path leads to in some contents, each once."""
        seen: list[_Element] = []
        for content in contents:
            kind, name = ("element", content.element) if content.element else ("complexType", content.type_name)
            root = self._named.get((kind, name))
            for found in () if root is None else self._below(root, path):
                if not any(found.particle is each for each in seen):
                    seen.append(found.particle)
                    yield found

    def _below(self, holder: _Element, path: Sequence[str]) -> Iterator[Found]:
        for found in self._members(holder, ()):
            if found.declaration.get("name") == path[0]:
                if len(path) == 1:
                    yield found
                else:
                    yield from self._below(found.declaration, path[1:])

    def _members(self, holder: _Element, entered: Sequence[_Element]) -> Iterator[Found]:
        """The elements in the content of an element, type or group: those of base types and groups included."""
        if any(holder is each for each in entered):
            return
        entered = (*entered, holder)
        for attribute, kind in (("type", "complexType"), ("base", "complexType"), ("ref", "group")):
            named = self._referred(holder, attribute, kind)
            if named is not None:
                yield from self._members(named, entered)
        for child in holder.iterchildren(f"{{{XSD}}}*"):
            tag = local_name(str(child.tag))
            if tag == "element":
                yield Found(child, self._referred(child, "ref", "element") if child.get("ref") else child)  # type: ignore[arg-type]
            elif tag in _GROUPS or tag == "group":
                yield from self._members(child, entered)

    def _referred(self, element: _Element, attribute: str, kind: str) -> _Element | None:
        """The component that an attribute names, if it is of that kind and the schemas have it."""
        prefix, _, local = (element.get(attribute) or "").rpartition(":")
        uri = element.nsmap.get(prefix or None)
        return self._named.get((kind, f"{{{uri}}}{local}" if uri else local))


def _apply(found: Found, row: Mapping[str, Any], place: Place) -> None:
    declaration, particle = found.declaration, found.particle
    if {"type", "values", "open"} & set(row):
        before = _written(declaration)
        _give_type(declaration, row, place)
        _note(declaration, "type", row, before)
    if {"min_occurs", "max_occurs"} & set(row):
        before = _written(particle)
        _give_occurrence(particle, row, place)
        _note(particle, "min", row, before)
    if "nillable" in row:
        before = _written(declaration)
        if row["nillable"] != (declaration.get("nillable") in ("true", "1")):
            declaration.set("nillable", str(row["nillable"]).lower())
        _note(declaration, "nil", row, before)


def _written(element: _Element) -> str:
    """An element, its content and its attributes, in whatever order these stood."""
    return etree.tostring(deepcopy(element), method="c14n").decode()


def _note(element: _Element, aspect: str, row: Mapping[str, Any], before: str) -> None:
    """Notes what an aspect of an element rests on, and where that stands if the ruling says so.

    What a ruling only repeats stays as documented as the WSDL has it.
    """
    if "basis" not in row and _written(element) == before:
        return
    element.set(f"{{{SOURCE}}}{aspect}-basis", row.get("basis", "inferred"))
    if "at" in row:
        element.set(f"{{{SOURCE}}}{aspect}-at", row["at"])


def _give_occurrence(particle: _Element, row: Mapping[str, Any], place: Place) -> None:
    low = row.get("min_occurs", int(particle.get("minOccurs", "1")))
    said = str(row.get("max_occurs", particle.get("maxOccurs", "1")))
    if said != UNBOUNDED and low > int(said):
        raise ContractError(place, "component: min_occurs is more than max_occurs", value=low)
    if said not in ("0", "1") and local_name(str(particle.getparent().tag)) == "all":  # type: ignore[union-attr]
        raise ContractError(place, "component: nothing may stand more than once in xs:all", value=row["path"])
    for name, value in (("minOccurs", str(low)), ("maxOccurs", said)):
        particle.attrib.pop(name, None)
        if value != "1":
            particle.set(name, value)


def _give_type(declaration: _Element, row: Mapping[str, Any], place: Place) -> None:
    """Replaces the type of an element by a built-in one, any content, or a list of values."""
    before = declaration.get("type") or ""
    if "values" in row and declaration.find(_TYPES[1]) is not None:
        raise ContractError(place, f"component.values: {row['path']} holds elements, no value", value=row["path"])
    for child in [*declaration.iterchildren(*_TYPES)]:
        declaration.remove(child)
    declaration.attrib.pop("type", None)
    if "values" in row:
        name = (
            type_of_word(row.get("type", before).removeprefix("xs:")) if "type" in row or before[:3] == "xs:" else None
        )
        base = f"xs:{name or 'string'}"
        require_values_of(name or "string", row, place)
        _restrict(declaration, base, "enumeration", row["values"])
        return
    name = "string" if row.get("open") else type_of_word(row["type"].removeprefix("xs:"))
    if row.get("type") == "guid":
        _restrict(declaration, "xs:string", "pattern", [_GUID])
    elif row.get("type") != "any" and name in (None, "char"):
        hint = "A built-in type, guid or any"
        raise ContractError(place, "component.type: is no type that is known", value=row["type"], hint=hint)
    elif row.get("type") != "any":
        declaration.set("type", f"xs:{name}")


def _restrict(declaration: _Element, base: str, facet: str, values: Sequence[str]) -> None:
    kind = etree.Element(_TYPES[0])
    restriction = etree.SubElement(kind, f"{{{XSD}}}restriction", base=base)
    for value in values:
        etree.SubElement(restriction, f"{{{XSD}}}{facet}", value=value)
    declaration.insert(0, kind)
