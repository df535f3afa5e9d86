"""Values that have to be told apart or to agree: ids and references, keys and keyrefs.

Source: XML Schema part 1, section 3.11 (identity constraints); part 2, sections 3.3.8 to 3.3.10 (ID, IDREF, IDREFS).
"""

import re
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
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
from strategies.sites import set_text
from strategies.values import ValueSpace
from strategies.values.definitions import simple_base

Element = etree._Element

_STRING: Final = f"{{{XSD}}}string"
_ID: Final = f"{{{XSD}}}ID"
_IDREFS: Final = frozenset({f"{{{XSD}}}IDREF", f"{{{XSD}}}IDREFS"})
_NAMES: Final = frozenset({f"{{{XSD}}}QName", f"{{{XSD}}}NOTATION"})


def is_id(simple_type: Any) -> bool:
    """Whether values of the type have to differ from each other all over a document."""
    return _ID in _ancestry(simple_type)


def is_idref(simple_type: Any) -> bool:
    """Whether values of the type are ids, or lists of them, that stand elsewhere in the document."""
    return bool(_ancestry(simple_type) & _IDREFS)


def is_named(simple_type: Any) -> bool:
    """Whether values of the type are names that need their prefixes declared: QName, NOTATION."""
    return bool(_ancestry(simple_type) & _NAMES)


def _ancestry(simple_type: Any) -> set[str]:
    """Names of the type, of those that it restricts, and of the items of a list."""
    names = set()
    at = simple_type
    while at is not None:
        names.add(str(at.name))
        item = getattr(at, "item_type", None)
        if item is not None:
            names |= _ancestry(item)
        at = simple_base(at) if at.base_type is not at else None
    return names


class Numbering:
    """Values that differ for every leaf which some identity constraint of the schema may look at."""

    def __init__(self, identities: Sequence[Any]) -> None:
        self._fields = frozenset(name for each in identities for name in _field_names(each))
        self._numbers: dict[str, int] = {}
        self._given: dict[str, set[object]] = {}
        self._spare: dict[tuple[str, int], Iterator[str]] = {}

    def next_text(self, name: str, simple_type: Any, space: ValueSpace) -> str | None:
        """Another text for the leaf of that local name; None where no constraint looks at one, or none differs."""
        return self._next(name, simple_type, space) if self.numbers(name) else None

    def numbers(self, name: str) -> bool:
        """Whether some constraint looks at leaves of that local name."""
        return name in self._fields or "*" in self._fields

    def next_id(self, simple_type: Any, space: ValueSpace) -> str | None:
        """Another id; None if the type has no more."""
        return self._next(_ID, simple_type, space)

    def is_given(self, text: str) -> bool:
        """Whether an id has been given."""
        return text.strip() in self._given.get(_ID, ())

    def _next(self, name: str, simple_type: Any, space: ValueSpace) -> str | None:
        """The next value in the type's numbered form; where it has none, one that is made, and no other's."""
        given = self._given.setdefault(name, set())
        for text in self._candidates(name, simple_type, space):
            value = text.strip() if name == _ID else _value_of(simple_type, text)
            if value not in given:
                given.add(value)
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


def _value_of(simple_type: Any, text: str) -> object:
    """The value that a text stands for, in a form that can be compared; the text itself where xmlschema fails."""
    try:
        return repr(simple_type.decode(text))
    except (xmlschema.XMLSchemaException, ValueError, TypeError, ArithmeticError):
        return text


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
    if simple_type.enumeration:
        words = list(simple_type.enumeration)
        return str(words[number - 1]) if number <= len(words) else None
    form = _form(simple_type)
    return None if form is None else form(number)


@lru_cache(maxsize=1_000)
def _form(simple_type: Any) -> Callable[[int], str] | None:
    """How values of a type are numbered: in the first form that makes valid ones. Found once for a type."""
    forms = (form for form in _FORMS if all(_is_valid(simple_type, form(number)) for number in (1, 2, 99)))
    return next(forms, None)


def _is_valid(simple_type: Any, text: str) -> bool:
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


def refer(keepers: Sequence[tuple[Element, Any]]) -> set[Spot]:
    """Gives every field of a keyref in a tree the value of the first key that it may refer to.

    Those that have to differ among themselves take the keys in turn. Of a key that is kept on elements below, the last:
    xmlschema forgets the others when it comes to the next element. `keepers` are the elements of the tree with their
    declarations. Returns the fields.
    """
    kept = [(element, each) for element, declaration in keepers for each in declaration.identities]
    apart = {
        spot
        for element, each in kept
        if not isinstance(each, XsdKeyref)
        for node in _select(element, each.selector)
        for spot in _spots(node, each)
        if spot is not None
    }
    given: set[Spot] = set()
    for element, identity in kept:
        if isinstance(identity, XsdKeyref) and identity.refer is not None:
            keys = list(_keys(element, identity.refer, keepers))
            if keys:
                own = any(each is identity.refer for keeper, each in kept if keeper is element)
                given.update(_give(element, identity, keys if own else keys[-1:], apart))
    return given


def _keys(above: Element, key: Any, keepers: Sequence[tuple[Element, Any]]) -> Iterator[list[str]]:
    """The values of a key's fields, for each node it selects at or below an element."""
    below = set(above.iter())
    for element, declaration in keepers:
        if element in below and key in declaration.identities:
            for node in _select(element, key.selector):
                values = [_text_of(_first(_select(node, field))) for field in key.fields]
                if None not in values:
                    yield [value or "" for value in values]


def _give(element: Element, keyref: Any, keys: Sequence[Sequence[str]], apart: AbstractSet[Spot]) -> Iterator[Spot]:
    for number, node in enumerate(_select(element, keyref.selector)):
        spots = list(_spots(node, keyref))
        values = keys[0] if apart.isdisjoint(spots) else keys[number % len(keys)]
        for spot, value in zip(spots, values, strict=False):
            if spot is not None:
                set_text(*spot, value)
                yield spot


def _spots(node: Element, identity: Any) -> Iterator[Spot | None]:
    """Where the fields of a constraint are, of a node that it selects; None for one that is not there."""
    for field in identity.fields:
        found = _first(_select(node, field))
        if found is None:
            yield None
        else:
            yield (found, None) if isinstance(found, etree._Element) else (found.getparent(), found.attrname)


def _select(element: Element, selector: Any) -> list[Any]:
    """The nodes that a selector or field finds: its paths are XPath 1.0 (section 3.11.6)."""
    found = _path_of(selector)(element)
    return found if isinstance(found, list) else []


@lru_cache(maxsize=1_000)
def _path_of(selector: Any) -> etree.XPath:
    namespaces = {prefix: uri for prefix, uri in selector.schema.namespaces.items() if prefix and uri}
    return etree.XPath(selector.path, namespaces=namespaces)


def _first(nodes: Sequence[Any]) -> Any:
    return nodes[0] if nodes else None


def _text_of(node: Any) -> str | None:
    return node.text if isinstance(node, etree._Element) else node


@dataclass(frozen=True, slots=True)
class Table:
    """What a constraint compares below one element: the `values` of its fields, and the `elements` that hold them.

    Of strings, which all validators compare alike, `values` tell which are the same. Where a constraint `refers`, its
    values are compared with another's.
    """

    values: Hashable
    elements: tuple[Element, ...]
    refers: bool


def tables_of(root: Element, keepers: Iterable[Any]) -> Iterator[Table]:
    """What the constraints of declarations compare in a document."""
    for name, identity in dict.fromkeys((each.name, identity) for each in keepers for identity in each.identities):
        for keeper in root.iter(name):
            yield _table(keeper, identity)


def _table(keeper: Element, identity: Any) -> Table:
    rows: list[Hashable] = []
    elements: list[Element] = []
    texts: dict[str, int] = {}
    fields = [(field, _is_textual(identity, number)) for number, field in enumerate(identity.fields)]
    for node in _select(keeper, identity.selector):
        values: list[Hashable] = [*_path(node, keeper)]
        elements.append(node)
        for field, is_textual in fields:
            for found in _select(node, field):
                holder = found if isinstance(found, etree._Element) else found.getparent()
                text = str(_text_of(found) or "")
                shown = (bool(text), texts.setdefault(" ".join(text.split()), len(texts))) if is_textual else text
                values.append((shown, str(field.path), *_read_as(holder)))
                elements.append(holder)
        rows.append(tuple(values))
    return Table((id(identity), tuple(rows)), tuple(elements), isinstance(identity, XsdKeyref))


@lru_cache(maxsize=1_000)
def _is_textual(identity: Any, number: int) -> bool:
    """Whether a field of a constraint holds strings, and nothing refers to them."""
    refers = any(isinstance(each, XsdKeyref) for each in identities_of(identity.schema))
    holders = [holder for fields in identity.elements.values() for holder in fields[number].decoders]
    return not refers and bool(holders) and all(_is_text(getattr(holder, "type", None)) for holder in holders)


def _is_text(xsd_type: Any) -> bool:
    is_complex = xsd_type is not None and xsd_type.is_complex()
    simple = xsd_type.content if is_complex and xsd_type.has_simple_content() else xsd_type
    primitive = getattr(simple, "primitive_type", None)
    return primitive is not None and simple.is_atomic() and primitive.name == _STRING


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
