"""Simple types made plain: one record of what all steps of a derivation say together (XML Schema part 2, section 4)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from xmlschema.validators import XsdList, XsdUnion

from contracts.names import XSD, local_name, namespace_of
from strategies.errors import UnsupportedError

Variety: TypeAlias = Literal["atomic", "list", "union"]
WhiteSpace: TypeAlias = Literal["preserve", "replace", "collapse"]


@dataclass(frozen=True, slots=True)
class Bound:
    """One end of a range, as its facet writes it."""

    facet: str
    text: str

    @property
    def is_exclusive(self) -> bool:
        """Whether the end itself lies outside."""
        return self.facet.endswith("Exclusive")


@dataclass(frozen=True, slots=True)
class Definition:
    """A simple type with the facets of all its steps put together.

    `names` are Clark names from the type itself to the first built-in one, whose local name is `built_in` (empty for
    lists and unions of one's own). `patterns` holds the alternatives of each step that has any, the nearest first.
    `is_derived` tells whether anything restricts the built-in type. `length_facets` are the facets that set the
    lengths' limits.
    """

    component: Any
    variety: Variety
    names: tuple[str, ...]
    built_in: str
    is_derived: bool
    white_space: WhiteSpace
    patterns: tuple[tuple[str, ...], ...] = ()
    enumeration: tuple[str, ...] = ()
    namespaces: tuple[tuple[str, str], ...] = ()
    min_length: int | None = None
    max_length: int | None = None
    length_facets: tuple[str, str] = ("minLength", "maxLength")
    minimum: Bound | None = None
    maximum: Bound | None = None
    total_digits: int | None = None
    fraction_digits: int | None = None
    item: Any = None
    members: tuple[Any, ...] = ()

    @property
    def described(self) -> str:
        """How messages call the type."""
        shown = local_name(self.names[0]) if self.names else "without a name"
        return f"simple type {'xs:' if self.names and namespace_of(self.names[0]) == XSD else ''}{shown}"

    @property
    def type_name(self) -> str:
        """The type that a lexical defect breaks: the built-in one below it."""
        return f"xs:{self.built_in}" if self.built_in else f"xs:{self.variety}"


def define(simple_type: Any) -> Definition:
    """The definition of a simple type of xmlschema's component model. Raises UnsupportedError for what is none."""
    steps = tuple(_steps(simple_type))
    names = tuple(_names(steps))
    built_in = local_name(names[-1]) if names and names[-1] in BUILT_IN else ""
    facets = _together(steps)
    length = _number(facets, "length")
    variety = _variety(simple_type, steps)
    return Definition(
        component=simple_type,
        variety=variety,
        names=names,
        built_in=built_in,
        is_derived=not is_built_in(simple_type),
        white_space=_white_space(facets, variety, built_in),
        patterns=tuple(tuple(found.regexps) for step in steps if (found := _facet(step, "pattern")) is not None),
        enumeration=tuple(_values_of(facets["enumeration"])) if "enumeration" in facets else (),
        namespaces=_namespaces(facets.get("enumeration")),
        min_length=_number(facets, "minLength") if length is None else length,
        max_length=_number(facets, "maxLength") if length is None else length,
        length_facets=("minLength", "maxLength") if length is None else ("length", "length"),
        minimum=_bound(steps, "minInclusive", "minExclusive"),
        maximum=_bound(steps, "maxInclusive", "maxExclusive"),
        total_digits=_number(facets, "totalDigits"),
        fraction_digits=_number(facets, "fractionDigits"),
        item=next((step.item_type for step in steps if _is_list(step)), None) if variety == "list" else None,
        members=_members(steps) if variety == "union" else (),
    )


BUILT_IN: Final = frozenset(
    f"{{{XSD}}}{name}"
    for name in (
        "anySimpleType", "anyAtomicType", "string", "boolean", "decimal", "float", "double", "duration", "dateTime",
        "time", "date", "gYearMonth", "gYear", "gMonthDay", "gDay", "gMonth", "hexBinary", "base64Binary", "anyURI",
        "QName", "NOTATION", "normalizedString", "token", "language", "NMTOKEN", "NMTOKENS", "Name", "NCName", "ID",
        "IDREF", "IDREFS", "ENTITY", "ENTITIES", "integer", "nonPositiveInteger", "negativeInteger", "long", "int",
        "short", "byte", "nonNegativeInteger", "unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte",
        "positiveInteger",
    )
)  # fmt: skip
"""The types of part 2, section 3. The schema for schemas has others in the same namespace, which are as any."""


def is_built_in(simple_type: Any) -> bool:
    """Whether a type is one of XML Schema's own."""
    return simple_type.name in BUILT_IN


_SINGLE: Final = ("length", "minLength", "maxLength", "totalDigits", "fractionDigits", "whiteSpace", "enumeration")


def _steps(simple_type: Any) -> Iterator[Any]:
    """The type and those that it restricts, one after the other, built-in ones included."""
    at = simple_type
    while at is not None and not (is_built_in(at) and local_name(at.name) in ("anySimpleType", "anyAtomicType")):
        yield at
        if _is_list(at) or _is_union(at):
            return
        at = simple_base(at)
    if at is simple_type:
        yield at


def patterns_of(simple_type: Any, *, of_items: bool) -> Iterator[str]:
    """All patterns that texts of a type are matched against, or those that items of lists are.

    Those of the types that it restricts and of a union's members are among them.
    """
    for step in _steps(simple_type):
        found = _facet(step, "pattern")
        if found is not None and not of_items:
            yield from found.regexps
        if _is_union(step):
            for member in step.member_types:
                yield from patterns_of(member, of_items=of_items)
        elif _is_list(step) and of_items:
            yield from patterns_of(step.item_type, of_items=False)


def simple_base(simple_type: Any) -> Any:
    """The type that one restricts; of a complex one its content, since simple content may be restricted again."""
    base = simple_type.base_type
    if base is None or not base.is_complex():
        # of a redefinition, xmlschema takes the type below for the base, and keeps the one that it redefines beside it
        redefined = simple_type.redefine
        return base if redefined is None or redefined is simple_type or redefined.is_complex() else redefined
    # xmlschema takes a redefined type for its own base, and keeps the one that it redefines beside it
    return base.redefine.content if base.content is simple_type else base.content


def _is_list(step: Any) -> bool:
    return isinstance(step, XsdList)


def _is_union(step: Any) -> bool:
    return isinstance(step, XsdUnion)


def _names(steps: tuple[Any, ...]) -> Iterator[str]:
    for step in steps:
        if step.name:
            yield str(step.name)
            if is_built_in(step):
                return


def _variety(simple_type: Any, steps: tuple[Any, ...]) -> Variety:
    last = steps[-1]
    if _is_list(last):
        return "list"
    if _is_union(last):
        return "union"
    if simple_type.variety in ("list", "union"):
        raise UnsupportedError(f"{simple_type.variety} type {simple_type.prefixed_name or 'without a name'}")
    return "atomic"


def _members(steps: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(steps[-1].member_types)


def _together(steps: tuple[Any, ...]) -> Mapping[str, Any]:
    """Each facet that may stand once, from the nearest step that has it: later steps only narrow earlier ones."""
    found: dict[str, Any] = {}
    for step in steps:
        for name in _SINGLE:
            facet = _facet(step, name)
            if facet is not None:
                found.setdefault(name, facet)
    return found


def _facet(step: Any, name: str) -> Any:
    return (step.facets or {}).get(f"{{{XSD}}}{name}")


def _value_of(facet: Any) -> str:
    text = facet.elem.attrib.get("value") if facet.elem is not None else None
    return str(facet.value) if text is None else str(text)


def _values_of(facet: Any) -> Iterator[str]:
    return (str(element.attrib.get("value", "")) for element in facet)


def _number(facets: Mapping[str, Any], name: str) -> int | None:
    return int(_value_of(facets[name])) if name in facets else None


def _bound(steps: tuple[Any, ...], *names: str) -> Bound | None:
    for step in steps:
        for name in names:
            facet = _facet(step, name)
            if facet is not None:
                return Bound(name, _value_of(facet).strip())
    return None


def _white_space(facets: Mapping[str, Any], variety: Variety, built_in: str) -> WhiteSpace:
    if "whiteSpace" in facets:
        found: WhiteSpace = facets["whiteSpace"].value
        return found
    return "preserve" if variety == "atomic" and built_in in ("string", "anySimpleType", "") else "collapse"


def _namespaces(enumeration: Any) -> tuple[tuple[str, str], ...]:
    """The namespaces of the prefixes that enumerated names may have, where they are enumerated."""
    found = {} if enumeration is None else enumeration.schema.namespaces
    return tuple(sorted((prefix, uri) for prefix, uri in found.items() if uri))
