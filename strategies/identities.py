"""Values that have to be told apart or to agree: ids and references, keys and keyrefs.

Source: XML Schema part 1, section 3.11 (identity constraints); part 2, sections 3.3.8 to 3.3.10 (ID, IDREF, IDREFS).
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from itertools import chain
from typing import Any, Final, TypeAlias

import xmlschema
from lxml import etree
from xmlschema.validators import XsdKeyref

from contracts.names import XSD, XSI_NIL, XSI_TYPE, namespace_of
from strategies.draws import draw
from strategies.values import ValueSpace
from strategies.values.definitions import define, simple_base

Element = etree._Element

_ID: Final = f"{{{XSD}}}ID"
_IDREFS: Final = frozenset({f"{{{XSD}}}IDREF", f"{{{XSD}}}IDREFS"})
_NAMES: Final = frozenset({f"{{{XSD}}}QName", f"{{{XSD}}}NOTATION"})


def is_id(simple_type: Any) -> bool:
    """Whether values of the type have to differ from each other all over a document."""
    return _ID in _ancestry(simple_type)


def is_idref(simple_type: Any) -> bool:
    """Whether values of the type are ids, or lists of them, that stand elsewhere in the document."""
    return bool(_ancestry(simple_type) & _IDREFS)


def may_identify(simple_type: Any) -> bool:
    """Whether some values of the type are ids or references to them: a union may have such members."""
    return any(is_id(each) or is_idref(each) for each in _members(simple_type))


def is_list(simple_type: Any) -> bool:
    """Whether values of the type are lists."""
    return bool(simple_type.variety == "list")


def item_type(simple_type: Any) -> Any:
    """The type of the items of a list type, or of one that restricts it."""
    at = simple_type
    while getattr(at, "item_type", None) is None:
        at = simple_base(at)
    return at.item_type


def active_type(simple_type: Any, text: str) -> Any:
    """The type by which a text is read: of a union's members, the first that takes it (part 2, section 2.5.1.3)."""
    if simple_type.variety != "union":
        return simple_type
    taken = (each for each in _union_members(simple_type) if is_valid(each, text))
    found = next(taken, None)
    return simple_type if found is None else active_type(found, text)


def names_ids(simple_type: Any, text: str) -> bool:
    """Whether a text is, or holds, a reference to an id."""
    return any(is_idref(each) for each in _read_as_types(simple_type, text))


def has_ids(simple_type: Any, text: str) -> bool:
    """Whether a text is, or holds, an id."""
    return any(is_id(each) for each in _read_as_types(simple_type, text))


def _read_as_types(simple_type: Any, text: str) -> Iterator[Any]:
    """The type by which a text is read, or that of each item of a list."""
    held = active_type(simple_type, text)
    if is_list(held):
        yield from (active_type(item_type(held), word) for word in text.split())
    else:
        yield held


def _union_members(simple_type: Any) -> Sequence[Any]:
    at = simple_type
    while getattr(at, "member_types", None) is None:
        at = simple_base(at)
    return tuple(at.member_types)


def _members(simple_type: Any) -> Iterator[Any]:
    """The type, or the types that values of a union, or of a list of them, may have."""
    if simple_type.variety == "union":
        for each in _union_members(simple_type):
            yield from _members(each)
    elif is_list(simple_type) and item_type(simple_type).variety == "union":
        yield from _members(item_type(simple_type))
    else:
        yield simple_type


def is_named(simple_type: Any) -> bool:
    """Whether values of the type are names that need their prefixes declared: QName, NOTATION."""
    return bool(_ancestry(simple_type) & _NAMES)


@lru_cache(maxsize=4_096)
def _ancestry(simple_type: Any) -> frozenset[str]:
    """Names of the type, of those that it restricts, and of the items of a list."""
    names: set[str] = set()
    at = simple_type
    while at is not None:
        names.add(str(at.name))
        item = getattr(at, "item_type", None)
        if item is not None:
            names |= _ancestry(item)
        at = simple_base(at) if at.base_type is not at else None
    return frozenset(names)


class Numbering:
    """Values that differ for every leaf which some identity constraint of the schema may look at."""

    def __init__(self, identities: Sequence[Any]) -> None:
        self._fields = frozenset(name for each in identities for name in _field_names(each))
        self._numbers: dict[str, int] = {}
        self._given: dict[str, set[object]] = {}
        self._spare: dict[tuple[str, int], Iterator[str]] = {}

    def next_text(self, name: str, simple_type: Any, space: ValueSpace) -> str | None:
        """Another text for the leaf of that local name; None where no constraint looks at one, or none differs."""
        return self._next(name, simple_type, space) if name in self._fields or "*" in self._fields else None

    def next_id(self, simple_type: Any, space: ValueSpace) -> str | None:
        """Another id, or list of other ids; None if the type has no more."""
        return self._next(_ID, simple_type, space)

    def _next(self, name: str, simple_type: Any, space: ValueSpace) -> str | None:
        """The next value in the type's numbered form; where it has none, one that is made, and no other's."""
        given = self._given.setdefault(name, set())
        for text in self._candidates(name, simple_type, space):
            values = text.split() if name == _ID else [value_key(simple_type, text)]
            if given.isdisjoint(values) and len(set(values)) == len(values):
                given.update(values)
                return text
        return None

    def _candidates(self, name: str, simple_type: Any, space: ValueSpace) -> Iterator[str]:
        number = self._numbers[name] = self._numbers.get(name, 0) + 1
        text = numbered(simple_type, number)
        spare = self._spare.setdefault((name, id(simple_type)), _made(space))
        return spare if text is None else chain([text], spare)


def _made(space: ValueSpace) -> Iterator[str]:
    """Values of a type: drawn ones, which are short, before its edges."""
    yield space.plain
    yield from draw(space.texts, SPARE, 0)
    yield from (edge.text for edge in space.edges)


SPARE: Final = 200
"""Values that are made of a type to find some that differ: a long list of fifty wants most of them."""


def value_key(simple_type: Any, text: str, element: Element | None = None) -> object:
    """The value that a text stands for, in a form that can be compared; the text itself where xmlschema fails.

    What a name means is up to the namespaces in scope of its element.
    """
    if element is not None and is_named(simple_type):
        prefix, _, local = text.strip().rpartition(":")
        return element.nsmap.get(prefix or None), local
    return _value_of(simple_type, text)


@lru_cache(maxsize=4_096)
def _value_of(simple_type: Any, text: str) -> object:
    try:
        value = simple_type.decode(text, datetime_types=True, binary_types=True)
        hash(value)
    except (xmlschema.XMLSchemaException, ValueError, TypeError, ArithmeticError):
        return " ".join(text.split())
    if isinstance(value, bool | float):  # no value of one primitive type is one of another
        return type(value), "NaN" if value != value else value
    return value


def _field_names(identity: Any) -> Iterator[str]:
    """Local names of the elements and attributes that the fields of a constraint end in."""
    for field in identity.fields:
        for path in field.path.split("|"):
            last = _last_step(path)
            if last != ".":
                yield last
            elif identity.selector is not None:
                yield from map(_last_step, identity.selector.path.split("|"))


def _last_step(path: str) -> str:
    step = path.strip().rpartition("/")[2].strip()
    return re.sub(r"^(?:@|\w+::)", "", step).rpartition(":")[2].strip()


_FIRST_DAY: Final = date(2001, 1, 1)


def numbered(simple_type: Any, number: int) -> str | None:
    """A valid value of a type for each number from 1, all different in value; None where this knows none."""
    if simple_type.enumeration and is_named(simple_type):
        return None  # their prefixes are for the value space to declare
    if simple_type.enumeration:
        words = _words(simple_type)
        return words[number - 1] if number <= len(words) else None
    form = _form(simple_type)
    return None if form is None else form(number)


@lru_cache(maxsize=1_000)
def _words(simple_type: Any) -> tuple[str, ...]:
    """The valid words of an enumeration, as the schema writes them: xmlschema has the values that they stand for."""
    return tuple(word for word in define(simple_type).enumeration if is_valid(simple_type, word))


@lru_cache(maxsize=1_000)
def _form(simple_type: Any) -> Callable[[int], str] | None:
    """How values of a type are numbered: in the first form that makes valid ones. Found once for a type."""
    forms = (form for form in _FORMS if all(is_valid(simple_type, form(number)) for number in (1, 2, 99)))
    return next(forms, None)


@lru_cache(maxsize=4_096)
def is_valid(simple_type: Any, text: str) -> bool:
    """Whether xmlschema takes a text for a value of the type; one that it stumbles over it does not."""
    try:
        return bool(simple_type.is_valid(text))
    except (ValueError, TypeError, ArithmeticError):
        return False


def _day(number: int) -> str:
    return (_FIRST_DAY + timedelta(days=number)).isoformat()


_FORMS: Final[Sequence[Callable[[int], str]]] = (
    "id{}".format,
    str,
    "-{}".format,
    "{:04X}".format,
    _day,
    lambda number: f"{_day(number)}T00:00:00",
    lambda number: f"{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}",
    lambda number: str(2000 + number),
    lambda number: f"{2000 + number // 12}-{number % 12 + 1:02}",
    "P{}D".format,
    "{:032x}".format,
    "00000000-0000-0000-0000-{:012x}".format,
    "ID-{:06}".format,
    "{:03}".format,
    "{:06}".format,
    "A{}".format,
    "AB{}".format,
)
"""Ways to write a number from 1 so that some simple type takes it."""


Spot: TypeAlias = tuple[Element, str | None]
"""An element, or its attribute of that name."""


def select(element: Element, selector: Any) -> list[Any]:
    """The nodes that a selector or field finds: its paths are XPath 1.0 (section 3.11.6)."""
    found = _path_of(selector)(element)
    return found if isinstance(found, list) else []


@lru_cache(maxsize=1_000)
def _path_of(selector: Any) -> etree.XPath:
    namespaces = {prefix: uri for prefix, uri in selector.schema.namespaces.items() if prefix and uri}
    return etree.XPath(selector.path, namespaces=namespaces)


def _text_of(node: Any) -> str | None:
    return node.text if isinstance(node, etree._Element) else node


@dataclass(frozen=True, slots=True)
class Table:
    """What a constraint compares below one element: the `values` of its fields, and the `elements` that hold them.

    Of values of known types `values` tell which are the same, in the tables of a key and of what refers to it. Where a
    constraint `refers`, its values are compared with another's.
    """

    values: Hashable
    elements: tuple[Element, ...]
    refers: bool


def tables_of(root: Element, keepers: Iterable[Any], types: Mapping[Spot, Any]) -> Iterator[Table]:
    """What the constraints of declarations compare in a document: texts of known `types` by which are the same."""
    seen: dict[object, dict[object, int]] = {}
    for name, identity in dict.fromkeys((each.name, identity) for each in keepers for identity in each.identities):
        for keeper in root.iter(name):
            compared = getattr(identity, "refer", None) or identity
            yield _table(keeper, identity, types, seen.setdefault(compared, {}))


def _table(keeper: Element, identity: Any, types: Mapping[Spot, Any], seen: dict[object, int]) -> Table:
    rows: list[Hashable] = []
    elements: list[Element] = []
    for node in select(keeper, identity.selector):
        values: list[Hashable] = [*_path(node, keeper)]
        elements.append(node)
        for field in identity.fields:
            for found in select(node, field):
                is_element = isinstance(found, etree._Element)
                holder = found if is_element else found.getparent()
                spot = (holder, None if is_element else str(found.attrname))
                values.append((_seen_as(str(_text_of(found) or ""), spot, types, seen), *_read_as(holder)))
                elements.append(holder)
        rows.append(tuple(values))
    return Table((id(identity), tuple(rows)), tuple(elements), isinstance(identity, XsdKeyref))


def _seen_as(text: str, spot: Spot, types: Mapping[Spot, Any], seen: dict[object, int]) -> Hashable:
    """The number of the value that a text stands for, among those seen before; the text where its type is not known."""
    if spot not in types:
        return text
    value = value_key(types[spot], text, spot[0])
    return bool(text), isinstance(value, str), seen.setdefault(value, len(seen))


def _path(node: Element, keeper: Element) -> Iterator[str]:
    """The names from a node up to an element above it: in different places, one name may mean different types."""
    while node is not keeper:
        yield str(node.tag)
        above = node.getparent()
        assert above is not None
        node = above


def _read_as(holder: Element) -> tuple[str | None, ...]:
    """What else the value of an element depends on."""
    return str(holder.tag), holder.get(XSI_TYPE), holder.get(XSI_NIL)


def identities_of(schema: Any) -> list[Any]:
    """The identity constraints of a schema, in a fixed order; those of the schema for schemas are left out."""
    found = schema.maps.identities
    return [found[name] for name in sorted(found) if namespace_of(name) != XSD]
