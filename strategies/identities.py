"""Values that have to be told apart or to agree: ids and references, keys and keyrefs.

Source: XML Schema part 1, section 3.11 (identity constraints); part 2, sections 3.3.8 to 3.3.10 (ID, IDREF, IDREFS).
"""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Any, Final

from lxml import etree
from xmlschema.validators import XsdKeyref

from contracts.names import XSD, namespace_of

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
        base = at.base_type if at.base_type is not at else None
        at = base.content if base is not None and base.is_complex() else base
    return names


class Numbering:
    """Values that differ for every leaf which some identity constraint of the schema may look at."""

    def __init__(self, identities: Sequence[Any]) -> None:
        self._fields = frozenset(name for each in identities for name in _field_names(each))
        self._given: dict[str, int] = {}

    def next_text(self, name: str, simple_type: Any) -> str | None:
        """Another text for the leaf of that local name; None where no constraint looks at one, or none differs."""
        if not self.numbers(name):
            return None
        return self._next(name, simple_type)

    def numbers(self, name: str) -> bool:
        """Whether some constraint looks at leaves of that local name."""
        return name in self._fields or "*" in self._fields

    def next_id(self, simple_type: Any) -> str | None:
        """Another id; None if no candidate is of the type."""
        return self._next("", simple_type)

    def _next(self, name: str, simple_type: Any) -> str | None:
        number = self._given[name] = self._given.get(name, 0) + 1
        return numbered(simple_type, number)


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


def refer(keepers: Sequence[tuple[Element, Any]]) -> set[tuple[Element, str | None]]:
    """Gives every field of a keyref in a tree the value of the first key that it may refer to.

    Of a key that is kept on elements below, the last: xmlschema forgets the others when it comes to the next element.
    `keepers` are the elements of the tree with their declarations. Returns the fields: elements, and their attributes
    where these are meant.
    """
    given: set[tuple[Element, str | None]] = set()
    for element, declaration in keepers:
        for identity in declaration.identities:
            if isinstance(identity, XsdKeyref) and identity.refer is not None:
                keys = list(_keys(element, identity.refer, keepers))
                if keys:
                    own = identity.refer in declaration.identities
                    given.update(_give(element, identity, keys[0 if own else -1]))
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


def _give(element: Element, keyref: Any, values: Sequence[str]) -> Iterator[tuple[Element, str | None]]:
    for node in _select(element, keyref.selector):
        for field, value in zip(keyref.fields, values, strict=False):
            found = _first(_select(node, field))
            if isinstance(found, etree._Element):
                found.text = value
                yield found, None
            elif found is not None:
                found.getparent().set(found.attrname, value)
                yield found.getparent(), found.attrname


def _select(element: Element, selector: Any) -> list[Any]:
    """The nodes that a selector or field finds: its paths are XPath 1.0 (section 3.11.6)."""
    namespaces = {prefix: uri for prefix, uri in selector.schema.namespaces.items() if prefix and uri}
    found = element.xpath(selector.path, namespaces=namespaces)
    return found if isinstance(found, list) else []


def _first(nodes: Sequence[Any]) -> Any:
    return nodes[0] if nodes else None


def _text_of(node: Any) -> str | None:
    return node.text if isinstance(node, etree._Element) else node


def identities_of(schema: Any) -> list[Any]:
    """The identity constraints of a schema, in a fixed order; those of the schema for schemas are left out."""
    found = schema.maps.identities
    return [found[name] for name in sorted(found) if namespace_of(name) != XSD]
