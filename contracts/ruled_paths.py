"""The paths that rulings name, held against the messages of the contract: one that leads nowhere is an error.

A secret, a relation or a business error under a name that no message has would never be looked at, and nobody told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias

from lxml import etree

from contracts.documents import line_of
from contracts.errors import ContractError, Place
from contracts.model import SOAP_PROTOCOLS, Binding, Content, MessageShape, Operation
from contracts.names import XSD, local_name
from contracts.schema import Schema

Side: TypeAlias = Literal["request", "answer", "either"]
_Element: TypeAlias = etree._Element

_SIDES: Final[Mapping[str, Mapping[str, Side]]] = {
    "leaf": {"path": "request"},
    "secret": {"path": "either"},
    "business_error": {"path": "answer", "text_path": "answer"},
    "relation": {
        "request_items": "request",
        "request_leaf": "request",
        "lower": "request",
        "upper": "request",
        "page": "request",
        "size": "request",
        "narrower": "request",
        "response_items": "answer",
        "response_leaf": "answer",
        "page_count": "answer",
    },
}
"""Table of rulings -> its keys that are paths, and below the roots of which messages each leads."""
_OF_ITEMS: Final = ("member", "first", "then", "members")
"""Keys of relations that are paths below each item."""
_SAID: Final[Mapping[Side, str]] = {"request": "any request", "answer": "any answer", "either": "any message"}
_FAULT_MEMBERS: Final = frozenset(
    {"faultcode", "faultstring", "faultactor", "detail", "Code", "Reason", "Node", "Role", "Detail"}
)
"""What a fault of SOAP 1.1 or 1.2 holds, whatever a page shows."""
_MOST_NAMED: Final = 12


def require_leading(
    file: Path, text: str, index: int, row: Mapping[str, Any], schema: Schema, bindings: Sequence[Binding]
) -> None:
    """Raises ContractError, with its line, for the first ruling on an operation whose path no message has.

    `row` is the operation's table in `file`, whose content is `text`, `index` its place there; `schema` is its own. A
    path that leads into content which is left open is taken to be there. Schemas that are not well-formed are told of
    where they are compiled, and one that does not compile raises its own ContractError before a path is blamed.
    """
    messages = _Messages(schema.folder, bindings)
    for keys, side, path in _named(row):
        try:
            missing = messages.missing(side, path.split("/"))
        except etree.XMLSyntaxError:
            return
        if missing is not None:
            _ = schema.exact
            place = Place(file, line_of(text, ["operation", index, *keys]))
            raise ContractError(
                place, f"{'.'.join(map(str, keys))}: no such element in {_SAID[side]}", value=path, hint=missing
            )


def require_agreeing(file: Path, text: str, index: int, row: Mapping[str, Any]) -> None:
    """Raises ContractError, with both lines, for the first two rulings on one path of which only one can hold."""
    for table, disagrees in (("leaf", lambda *_: "path"), ("component", _contradicted)):
        rulings = row.get(table, ())
        for number, later in enumerate(rulings):
            for other, earlier in enumerate(rulings[:number]):
                key = disagrees(earlier, later) if earlier["path"] == later["path"] else None
                if key is not None:
                    line, first = (
                        line_of(text, ["operation", index, table, each, at])
                        for each, at in ((number, key), (other, "path"))
                    )
                    problem = f"{table}.{number}.{key}: contradicts the ruling on {later['path']} in line {first}"
                    raise ContractError(Place(file, line), problem, value=later[key], hint="Keep one of the two")


def _contradicted(earlier: Mapping[str, Any], later: Mapping[str, Any]) -> str | None:
    """The key with which a ruling on an element contradicts an earlier one, or takes back what that says."""
    if not set(earlier.get("messages", _MESSAGES)) & set(later.get("messages", _MESSAGES)):
        return None
    for key in later.keys() & _ASPECTS.keys():
        if any(earlier.get(other, later[key]) != later[key] for other in _ASPECTS[key]):
            return key
    return None


_MESSAGES: Final = ("request", "response", "error")
_ASPECTS: Final[Mapping[str, Sequence[str]]] = {
    "type": ("type", "values", "open"),
    "values": ("values", "open"),
    "open": ("type", "values"),
    "min_occurs": ("min_occurs",),
    "max_occurs": ("max_occurs",),
    "nillable": ("nillable",),
}
"""Key of a ruling on an element -> the keys of an earlier one that it takes back, unless both say the same."""


def require_good_values(file: Path, text: str, index: int, row: Mapping[str, Any], operation: Operation) -> None:
    """Raises ContractError for the first known-good or made-up value that a ruling on its element's type excludes."""
    ruled = {each["path"]: number for number, each in enumerate(row.get("component", ())) if each.keys() & _TYPE_KEYS}
    for number, leaf in enumerate(row.get("leaf", ())):
        for key in ("value", "made_up") if leaf["path"] in ruled else ():
            if key in leaf and not _is_allowed(operation, leaf["path"], leaf[key]):
                ruling = line_of(text, ["operation", index, "component", ruled[leaf["path"]], "path"])
                problem = f"leaf.{number}.{key}: is excluded by the ruling on {leaf['path']} in line {ruling}"
                place = Place(file, line_of(text, ["operation", index, "leaf", number, key]))
                raise ContractError(place, problem, value=leaf[key], hint="Change one of the two")


_TYPE_KEYS: Final = frozenset({"type", "values", "open"})


def _is_allowed(operation: Operation, path: str, value: str) -> bool:
    """Whether every request takes a value in a leaf."""
    contents = {each for binding in operation.bindings for each in (binding.request.header, binding.request.body)}
    schema = operation.schema
    roots = [each.element or schema.wrapper(each.type_name or "") for each in contents if each and not each.is_empty]
    found = [element for root in roots if (element := schema.element(path.split("/"), root)) is not None]
    return all(_takes(element.type, value) for element in found)


def _takes(kind: Any, value: str) -> bool:
    """Whether a type takes a text; a type that holds elements is nothing to hold it against."""
    simple = kind if kind.is_simple() else kind.content if kind.has_simple_content() else None
    return simple is None or bool(simple.is_valid(value))


def _named(row: Mapping[str, Any]) -> Iterator[tuple[tuple[str | int, ...], Side, str]]:
    """Every path that the rulings on an operation name: its keys, the messages that it leads into, and itself."""
    if "success_needs" in row:
        yield ("success_needs",), "answer", row["success_needs"]
    for table, sides in _SIDES.items():
        for number, ruling in enumerate(row.get(table, ())):
            for key, side in sides.items():
                for path in _listed(ruling.get(key, ())):
                    yield (table, number, key), side, path
            for key in _OF_ITEMS if table == "relation" else ():
                for items, side in _items_of(ruling):
                    for path in _listed(ruling.get(key, ())):
                        yield (table, number, key), side, f"{items}/{path}"


def _listed(value: str | Sequence[str]) -> Sequence[str]:
    return [value] if isinstance(value, str) else value


def _items_of(relation: Mapping[str, Any]) -> Iterator[tuple[str, Side]]:
    if "request_items" in relation:
        yield relation["request_items"], "request"
    if "response_items" in relation:
        yield relation["response_items"], "answer"


@dataclass
class _Messages:
    """The messages of an operation as its schema documents declare them, read without compiling them."""

    folder: Path
    bindings: Sequence[Binding]

    def missing(self, side: Side, path: Sequence[str]) -> str | None:
        """None where a path leads to an element of these messages or into open content; else what there is instead."""
        if side != "request" and path[0] in _FAULT_MEMBERS and self._is_soap:
            return None
        holders = [each for content in self._contents(side) for each in self._holders(content)]
        for depth, step in enumerate(path):
            members = [each for holder in holders for each in self._members(holder, ())]
            if any(each is None for each in members) or step.startswith("@"):
                return None
            below = "/".join(path[:depth]) or "the root"
            names = list(dict.fromkeys(str(each.get("name")) for each in members if each is not None))
            holders = [each for each in members if each is not None and each.get("name") == step]
            if not holders:
                more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
                there = f"{', '.join(names[:_MOST_NAMED])}{more}" if names else "nothing"
                return f"A path is made of the local names below a message's root; below {below} is {there}"
        return None

    @property
    def _is_soap(self) -> bool:
        return any(each.protocol in SOAP_PROTOCOLS for each in self.bindings)

    def _contents(self, side: Side) -> Iterator[Content]:
        for binding in self.bindings:
            shapes: list[MessageShape | None] = [] if side == "answer" else [binding.request]
            shapes += [] if side == "request" else [binding.response, binding.error]
            yield from (each for shape in shapes if shape for each in (shape.header, shape.body) if each)

    def _holders(self, content: Content) -> Iterable[_Element]:
        kind, name = ("element", content.element) if content.element else ("complexType", content.type_name)
        return self._named.get((kind, name or ""), ())

    def _members(self, holder: _Element, entered: Sequence[_Element]) -> Iterator[_Element | None]:
        """The element declarations in what a component may hold; None where that is open to any.

        Members of types that an instance may name in the place of the declared one (`xsi:type`), and elements that
        may substitute another, are among them.
        """
        if any(holder is each for each in entered):
            return
        entered = (*entered, holder)
        if _is_open(holder):
            yield None
        for attribute, kind in (("type", "complexType"), ("base", "complexType"), ("ref", "group")):
            for each in self._referred(holder, attribute, kind):
                yield from self._members(each, entered)
        for each in self._derived.get(_own_name(holder), ()) if local_name(str(holder.tag)) == "complexType" else ():
            yield from self._members(each, entered)
        for child in holder.iterchildren(*_HELD):
            if local_name(str(child.tag)) != "element":
                yield from self._members(child, entered)
                continue
            declared = [child] if child.get("ref") is None else list(self._referred(child, "ref", "element"))
            yield from declared
            for each in declared:
                yield from self._substitutes.get(_own_name(each), ())

    def _referred(self, element: _Element, attribute: str, kind: str) -> Sequence[_Element]:
        return self._named.get((kind, _expanded(element, attribute)), ())

    @cached_property
    def _roots(self) -> list[_Element]:
        return [etree.parse(file).getroot() for file in sorted(self.folder.glob("*.xsd"))]

    @cached_property
    def _named(self) -> Mapping[tuple[str, str], Sequence[_Element]]:
        """The global components by kind and name in Clark notation."""
        found: dict[tuple[str, str], list[_Element]] = {}
        for root in self._roots:
            for each in root.iterchildren(f"{{{XSD}}}*"):
                found.setdefault((local_name(str(each.tag)), _own_name(each)), []).append(each)
        return found

    @cached_property
    def _derived(self) -> Mapping[str, Sequence[_Element]]:
        """The types that are derived from each type in one step."""
        found: dict[str, list[_Element]] = {}
        for root in self._roots:
            for each in root.iterfind(f"{{{XSD}}}complexType/{{{XSD}}}complexContent/*[@base]"):
                found.setdefault(_expanded(each, "base"), []).append(each.getparent().getparent())  # type: ignore[arg-type, union-attr]
        return found

    @cached_property
    def _substitutes(self) -> Mapping[str, Sequence[_Element]]:
        """The elements that may stand for each, directly or not."""
        direct: dict[str, list[_Element]] = {}
        for root in self._roots:
            for each in root.iterfind(f"{{{XSD}}}element[@substitutionGroup]"):
                direct.setdefault(_expanded(each, "substitutionGroup"), []).append(each)
        return {name: list(_reached(name, direct, set())) for name in direct}


def _reached(name: str, direct: Mapping[str, Sequence[_Element]], seen: set[str]) -> Iterator[_Element]:
    if name in seen:
        return
    seen.add(name)
    for each in direct.get(name, ()):
        yield each
        yield from _reached(_own_name(each), direct, seen)


_HELD: Final = tuple(
    f"{{{XSD}}}{name}"
    for name in ("element", "sequence", "choice", "all", "group", "complexType", "complexContent", "extension",
                 "restriction", "any")
)  # fmt: skip
"""What a component holds that holds elements."""
_TYPES: Final = (f"{{{XSD}}}simpleType", f"{{{XSD}}}complexType")


def _is_open(holder: _Element) -> bool:
    """Whether a component says nothing of what it holds: a wildcard, or an element of any type."""
    if holder.tag == f"{{{XSD}}}any":
        return True
    if holder.tag != f"{{{XSD}}}element":
        return False
    kind = holder.get("type")
    if kind is not None:
        return _expanded(holder, "type") == f"{{{XSD}}}anyType"
    return next(holder.iterchildren(*_TYPES), None) is None and holder.get("substitutionGroup") is None


def _own_name(component: _Element) -> str:
    """The name of a component in Clark notation; that of a local one says no more than its name."""
    schema = component.getparent()
    uri = None if schema is None or schema.tag != f"{{{XSD}}}schema" else schema.get("targetNamespace")
    name = component.get("name", "")
    return f"{{{uri}}}{name}" if uri else name


def _expanded(element: _Element, attribute: str) -> str:
    """The QName in an attribute in Clark notation; empty where there is none."""
    prefix, _, local = (element.get(attribute) or "").rpartition(":")
    uri = element.nsmap.get(prefix or None)
    return f"{{{uri}}}{local}" if uri else local
