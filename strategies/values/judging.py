"""Both validators' opinion of one text: what they disagree on is neither drawn as valid nor sent as a defect."""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from functools import cache
from typing import Any, Final

from lxml import etree
from xmlschema.validators import XsdList, XsdUnion

from contracts.names import XSD, local_name
from strategies.errors import UnsupportedError
from strategies.values.backtracking import is_soon_matched
from strategies.values.definitions import Definition, is_built_in, patterns_of, simple_base
from strategies.values.expressions import Expression, parsed

_MULTIPLE: Final = ("pattern", "enumeration")


class Judge:
    """What lxml and xmlschema say of texts of a simple type.

    lxml knows no components, so that it is given a schema of its own with nothing but the type in it. Where it
    cannot compile that one, xmlschema's word stands alone. Neither is asked about a text that would keep them busy for
    long: it is neither accepted nor refused.
    """

    def __init__(self, definition: Definition, namespaces: Mapping[str, str]) -> None:
        self._exact = definition.component
        self._is_empty = bool(self._exact.is_empty())
        is_name = definition.built_in in ("QName", "NOTATION")
        self._quick = None if namespaces or is_name else getattr(self._exact, "text_is_valid", None)
        self._namespaces = {prefix: uri for prefix, uri in namespaces.items() if prefix and prefix != "xml"}
        self._fast = _fast(definition)
        self._collapses = definition.white_space == "collapse"
        self._whole, self._of_items = (tuple(_expressions(self._exact, of_items=each)) for each in (False, True))

    def accepts(self, text: str) -> bool:
        """Whether both take the text for a value of the type. xmlschema comes first: it has no document to make."""
        return self.is_soon_judged(text) and self._accepts(text)

    def _accepts(self, text: str) -> bool:
        return self._exact_accepts(text) and (self._fast is None or self._fast_says(text) is True)

    def refuses(self, text: str) -> bool:
        """Whether neither does."""
        return self.is_soon_judged(text) and self._refuses(text)

    def _refuses(self, text: str) -> bool:
        return (self._fast is None or self._fast_says(text) is False) and not self._exact_accepts(text)

    def is_soon_judged(self, text: str) -> bool:
        """Whether the validators can be asked about a text at all."""
        words = text.split() if self._collapses or self._of_items else []
        whole = " ".join(words) if self._collapses else text
        return is_soon_matched(self._whole, whole) and all(is_soon_matched(self._of_items, word) for word in words)

    def _fast_says(self, text: str) -> bool | None:
        """lxml's opinion; None where it stumbles, as it does over some bounds of dates."""
        assert self._fast is not None
        element = etree.Element("value", nsmap=self._namespaces)
        try:
            element.text = text
        except ValueError:  # characters that XML forbids
            return False
        try:
            return bool(self._fast.validate(element))
        except etree.XMLSchemaValidateError:
            return None

    def _exact_accepts(self, text: str) -> bool:
        """xmlschema's opinion of an element; an exception other than its own is a refusal, too."""
        if self._is_empty and text.strip():  # it finds so of elements, whatever the type says of the text
            return False
        try:
            if self._quick is not None and ":" not in text:  # a prefix needs namespaces
                return bool(self._quick(text))
            return bool(self._exact.is_valid(text, namespaces=self._namespaces))
        except Exception:
            return False

    def broken_facets(self, text: str) -> frozenset[str]:
        """The facets that either validator finds broken."""
        try:
            errors = list(self._exact.iter_errors(text, namespaces=self._namespaces))
        except Exception:
            errors = []
        found = (getattr(error.validator, "elem", None) for error in errors)
        names = {local_name(element.tag) for element in found if element is not None}
        if self._fast is not None and self._fast_says(text) is False:
            names |= {FACETS[error.type_name] for error in self._fast.error_log if error.type_name in FACETS}
        return frozenset(names & set(FACETS.values()))


def _expressions(simple_type: Any, *, of_items: bool) -> Iterator[Expression]:
    """The patterns that a whole text, or each of its items, is matched against; what is no pattern is left out."""
    for pattern in patterns_of(simple_type, of_items=of_items):
        with suppress(UnsupportedError):
            yield parsed(pattern)


FACETS: Final = {
    f"SCHEMAV_CVC_{name.upper()}_VALID": name
    for name in (
        "length", "minLength", "maxLength", "pattern", "enumeration", "minInclusive", "maxInclusive", "minExclusive",
        "maxExclusive", "totalDigits", "fractionDigits",
    )
}  # fmt: skip
"""What libxml2 calls the errors of facets."""


def _fast(definition: Definition) -> etree.XMLSchema | None:
    """lxml's schema of the type; None for notations, whose declarations it would have to have."""
    if definition.built_in == "NOTATION":
        return None
    return _compiled(definition.component) if definition.is_derived else _built_in(definition.built_in)


@cache
def _built_in(name: str) -> etree.XMLSchema | None:
    schema = _schema()
    etree.SubElement(schema, f"{{{XSD}}}element", name="value", type=f"xs:{name}")
    return _of(schema)


def _compiled(simple_type: Any) -> etree.XMLSchema | None:
    schema = _schema()
    element = etree.SubElement(schema, f"{{{XSD}}}element", name="value")
    _write(element, simple_type)
    return _of(schema)


def _schema() -> etree._Element:
    return etree.Element(f"{{{XSD}}}schema", nsmap={"xs": XSD})


def _of(schema: etree._Element) -> etree.XMLSchema | None:
    try:
        return etree.XMLSchema(schema)
    except etree.XMLSchemaParseError:
        return None


def _write(parent: etree._Element, simple_type: Any) -> None:
    """Adds an anonymous definition of the type to an element that may hold one; built-in types are restricted."""
    holder = etree.SubElement(parent, f"{{{XSD}}}simpleType")
    if is_built_in(simple_type):
        etree.SubElement(holder, f"{{{XSD}}}restriction", base=f"xs:{local_name(simple_type.name)}")
    elif isinstance(simple_type, XsdUnion):
        union = etree.SubElement(holder, f"{{{XSD}}}union")
        for member in simple_type.member_types:
            _write(union, member)
    elif isinstance(simple_type, XsdList):
        _write(etree.SubElement(holder, f"{{{XSD}}}list"), simple_type.item_type)
    else:
        _write_restriction(holder, simple_type)


def _write_restriction(holder: etree._Element, simple_type: Any) -> None:
    base = simple_base(simple_type)
    restriction = etree.SubElement(holder, f"{{{XSD}}}restriction")
    if is_built_in(base):
        restriction.set("base", f"xs:{local_name(base.name)}")
    else:
        _write(restriction, base)
    for tag, facet in (simple_type.facets or {}).items():
        if not tag or local_name(tag) == "assertion":
            continue
        for element in facet if local_name(tag) in _MULTIPLE else (facet.elem,):
            names = {prefix or None: uri for prefix, uri in facet.schema.namespaces.items() if uri and prefix != "xml"}
            etree.SubElement(restriction, tag, nsmap=names, value=element.attrib.get("value", ""))
