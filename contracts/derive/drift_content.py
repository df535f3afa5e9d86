"""Content models of two schemas compared: what one allows or asks for and the other does not.

Both sides are read as xmlschema compiled them. A model becomes a list of members: what stands below an element, with
how often it may stand; groups within groups count by what they allow as a whole. Source: XML Schema 1.0 part 1,
sections 3.3, 3.4, 3.8 and 3.9.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from xmlschema import XsdElement, XsdType
from xmlschema.validators import XsdAnyElement, XsdGroup

from contracts.model import Content
from contracts.names import XSD, local_name, namespace_of
from contracts.schema import Component, Schema, component_of
from contracts.sources import Source

Direction: TypeAlias = Literal["narrower", "wider", "other"]
"""What the second side allows, against the first: less, more, or something else."""

Aspect: TypeAlias = Literal[
    "missing", "extra", "type", "min", "max", "nillable", "order", "wildcard", "text", "attribute", "derived", "hidden"
]
MAX_DEPTH: Final = 40

_DERIVED_FROM: Mapping[str, str] = {
    "byte": "short", "short": "int", "int": "long", "long": "integer", "integer": "decimal",
    "unsignedByte": "unsignedShort", "unsignedShort": "unsignedInt", "unsignedInt": "unsignedLong",
    "unsignedLong": "nonNegativeInteger", "positiveInteger": "nonNegativeInteger", "nonNegativeInteger": "integer",
    "negativeInteger": "nonPositiveInteger", "nonPositiveInteger": "integer",
    "normalizedString": "string", "token": "normalizedString", "language": "token", "NMTOKEN": "token",
    "Name": "token", "NCName": "Name", "ID": "NCName", "IDREF": "NCName", "ENTITY": "NCName",
}  # fmt: skip
"""Each built-in type derived from another, and that other (part 2, section 3). All are also strings of characters."""


@dataclass(frozen=True, slots=True)
class Member:
    """What may stand below an element: how often at least and at most (None: no bound), and its declaration."""

    name: str
    least: int
    most: int | None
    element: XsdElement

    @property
    def noted(self) -> Component:
        """Where its declaration comes from."""
        return component_of(self.element)


@dataclass(frozen=True, slots=True)
class Model:
    """The content of an element. `ordered` says that its members stand in their order; `wild` that more may."""

    members: tuple[Member, ...] = ()
    ordered: bool = True
    wild: tuple[str, ...] = ()
    mixed: bool = False

    @property
    def by_name(self) -> Mapping[str, Member]:
        """The members by their name in Clark notation."""
        return {member.name: member for member in self.members}


@dataclass(frozen=True, slots=True)
class Unlike:
    """One way in which two sides differ. `ours` and `theirs` say what each has; `basis` is that of our side."""

    path: str
    aspect: Aspect
    direction: Direction
    ours: str
    theirs: str
    basis: str
    our_source: Source | None
    their_source: Source | None


def model_of_content(schema: Schema, content: Content) -> Model:
    """What a Header, a Body or a document holds."""
    if content.element is not None:
        return Model((Member(content.element, 1, 1, schema.exact.elements[content.element]),))
    if content.type_name is not None:
        return _model(schema.exact.types[content.type_name])
    return Model()


def model_of_element(element: XsdElement) -> Model:
    """What stands below an element."""
    return _model(element.type)


def compare(ours: Model, theirs: Model, path: str = "") -> Iterator[Unlike]:
    """How two contents differ, in our order."""
    yield from _Comparison().models(ours, theirs, path, None, None)


class _Comparison:
    """A walk down both sides at once; a pair of types that is being compared is not entered again."""

    def __init__(self) -> None:
        self._entered: set[tuple[int, int]] = set()

    def models(
        self, ours: Model, theirs: Model, path: str, our_owner: XsdElement | None, their_owner: XsdElement | None
    ) -> Iterator[Unlike]:
        mine, yours = ours.by_name, theirs.by_name
        for name, member in mine.items():
            here = f"{path}/{local_name(name)}".lstrip("/")
            if name in yours:
                yield from self._members(member, yours[name], here)
            elif not theirs.wild:
                said = f"{_occurrence(member)}{_namespace(name, yours)}"
                yield _unlike(here, "missing", "other", said, "not there", member.element, their_owner)
        for name, member in yours.items():
            if name not in mine and not ours.wild:
                direction: Direction = "other" if member.least else "wider"
                here = f"{path}/{local_name(name)}".lstrip("/")
                said = f"{_occurrence(member)}{_namespace(name, mine)}"
                yield _unlike(here, "extra", direction, "not there", said, our_owner, member.element)
        yield from self._whole(ours, theirs, path, our_owner, their_owner)

    def _whole(
        self, ours: Model, theirs: Model, path: str, our_owner: XsdElement | None, their_owner: XsdElement | None
    ) -> Iterator[Unlike]:
        """Differences between the contents as wholes: order, wildcards, text between members."""
        shared = [
            [m.name for m in side.members if m.name in other.by_name]
            for side, other in ((ours, theirs), (theirs, ours))
        ]
        if ours.ordered != theirs.ordered and len(shared[0]) > 1:
            direction: Direction = "narrower" if theirs.ordered else "wider"
            said = ["in this order" if side.ordered else "in any order" for side in (ours, theirs)]
            yield _unlike(path, "order", direction, said[0], said[1], our_owner, their_owner)
        elif ours.ordered and theirs.ordered and shared[0] != shared[1]:
            told = [", ".join(map(local_name, names)) for names in shared]
            yield _unlike(path, "order", "other", told[0], told[1], our_owner, their_owner)
        if bool(ours.wild) != bool(theirs.wild):
            said = [
                f"any element of {', '.join(side.wild)}" if side.wild else "nothing more" for side in (ours, theirs)
            ]
            direction = "wider" if theirs.wild else "narrower"
            yield _unlike(path, "wildcard", direction, said[0], said[1], our_owner, their_owner)
        if ours.mixed != theirs.mixed:
            said = ["text between members" if side.mixed else "no text" for side in (ours, theirs)]
            yield _unlike(
                path, "text", "wider" if theirs.mixed else "narrower", said[0], said[1], our_owner, their_owner
            )

    def _members(self, ours: Member, theirs: Member, path: str) -> Iterator[Unlike]:
        one, other = ours.element, theirs.element
        if ours.least != theirs.least:
            narrower = theirs.least > ours.least
            yield _unlike(path, "min", "narrower" if narrower else "wider", ours.least, theirs.least, one, other)
        if ours.most != theirs.most:
            narrower = theirs.most is not None and (ours.most is None or theirs.most < ours.most)
            said = ["unbounded" if each.most is None else each.most for each in (ours, theirs)]
            yield _unlike(path, "max", "narrower" if narrower else "wider", said[0], said[1], one, other)
        if one.nillable != other.nillable:
            said = ["nillable" if each.nillable else "not nillable" for each in (one, other)]
            yield _unlike(path, "nillable", "wider" if other.nillable else "narrower", said[0], said[1], one, other)
        yield from self._types(one, other, path)

    def _types(self, one: XsdElement, other: XsdElement, path: str) -> Iterator[Unlike]:
        pair = (id(one.type), id(other.type))
        if pair in self._entered or path.count("/") > MAX_DEPTH:
            return
        self._entered.add(pair)
        if _is_open(one.type) and not _is_open(other.type):
            yield _unlike(path, "hidden", "narrower", "any content", _described(other.type), one, other)
            return
        if _holds_text(one.type) != _holds_text(other.type):
            yield _unlike(path, "type", "other", _described(one.type), _described(other.type), one, other)
            return
        if _holds_text(one.type):
            yield from _simple(one, other, path)
        else:
            yield from self.models(_model(one.type), _model(other.type), path, one, other)
        yield from _attributes(one, other, path)
        names = sorted(_derived_names(other) - _derived_names(one))
        if names:
            yield _unlike(path, "derived", "wider", "this type alone", f"also {', '.join(names)}", one, other)


def _unlike(
    path: str,
    aspect: Aspect,
    direction: Direction,
    ours: object,
    theirs: object,
    one: XsdElement | None,
    other: XsdElement | None,
) -> Unlike:
    mine = None if one is None else component_of(one)
    yours = None if other is None else component_of(other)
    basis = "documented" if mine is None else str(getattr(mine, _BASES.get(aspect, "basis")))
    return Unlike(
        path or "the content",
        aspect,
        direction,
        str(ours),
        str(theirs),
        basis,
        None if mine is None else mine.source,
        None if yours is None else yours.source,
    )


_BASES: Mapping[str, str] = {
    "min": "min_basis",
    "max": "min_basis",
    "nillable": "nil_basis",
    "type": "type_basis",
    "hidden": "type_basis",
}
"""Which of a component's notes speaks of an aspect; its own basis speaks of all others."""


# --- models -----------------------------------------------------------------------------------------------------------


def _model(kind: XsdType) -> Model:
    group = None if kind.is_simple() or kind.has_simple_content() else getattr(kind, "content", None)
    if not isinstance(group, XsdGroup):
        return Model(mixed=bool(getattr(kind, "mixed", False)))
    found: dict[str, Member] = {}
    for member in _members_of(group, 1, 1, is_alternative=False):
        before = found.get(member.name)
        found[member.name] = member if before is None else _joined(before, member)
    wild = tuple(dict.fromkeys(_shown(each) for each in group.iter_elements() if isinstance(each, XsdAnyElement)))
    return Model(tuple(found.values()), _is_ordered(group), wild, bool(getattr(kind, "mixed", False)))


def _members_of(group: XsdGroup, least: int, most: int | None, *, is_alternative: bool) -> Iterator[Member]:
    """The members of a group that stands between `least` and `most` times."""
    is_alternative = is_alternative or (group.model == "choice" and len(group) > 1)
    low = 0 if is_alternative else least * group.min_occurs
    high = _times(most, group.max_occurs)
    for particle in group:
        if isinstance(particle, XsdGroup):
            yield from _members_of(particle, low, high, is_alternative=is_alternative)
        elif isinstance(particle, XsdElement) and particle.max_occurs != 0:
            most_of_it = _times(high, particle.max_occurs)
            yield Member(particle.name, low * particle.min_occurs, most_of_it, particle)


def _times(one: int | None, other: int | None) -> int | None:
    return None if one is None or other is None else one * other


def _joined(one: Member, other: Member) -> Member:
    """One member that stands in two places of a model."""
    most = None if one.most is None or other.most is None else one.most + other.most
    return Member(one.name, one.least + other.least, most, one.element)


def _is_ordered(group: XsdGroup) -> bool:
    """Whether members stand in one order: not in xs:all, nor where a choice or group of several may stand again."""
    many = group.max_occurs is None or group.max_occurs > 1
    if group.model == "all" or (many and len(group) > 1):
        return len(group) < 2
    return all(_is_ordered(each) for each in group if isinstance(each, XsdGroup))


def _shown(wildcard: XsdAnyElement) -> str:
    return " or ".join(name or "no namespace" for name in wildcard.namespace) or "any namespace"


def _is_open(kind: XsdType) -> bool:
    """Whether a type says nothing of its content: xs:anyType, or wildcards and nothing else."""
    if kind.is_simple() or kind.has_simple_content():
        return False
    model = _model(kind)
    return not model.members and any("##any" in each or "any namespace" in each for each in model.wild)


def _holds_text(kind: XsdType) -> bool:
    return bool(kind.is_simple() or kind.has_simple_content())


def _namespace(name: str, others: Iterable[str]) -> str:
    """The namespace of a name, where one of the same local name in another stands on the other side; else nothing."""
    is_alike = any(local_name(other) == local_name(name) for other in others)
    return f" in namespace {namespace_of(name) or 'none'}" if is_alike else ""


def _occurrence(member: Member) -> str:
    return f"{member.least} to {'unbounded' if member.most is None else member.most}"


def _derived_names(element: XsdElement) -> set[str]:
    """The named types that an instance may name with xsi:type in place of the declared one."""
    kind = element.type
    if kind.name is None or kind.name.startswith(f"{{{XSD}}}"):
        return set()
    types: Iterable[Any] = element.maps.types.values()
    named = (each for each in types if each.name != kind.name and not each.name.startswith(f"{{{XSD}}}"))
    return {local_name(each.name) for each in named if _is_derived(each, kind)}


def _is_derived(kind: XsdType, base: XsdType) -> bool:
    current, steps = kind.base_type, 0
    while current is not None and steps < MAX_DEPTH:
        if current is base:
            return True
        current, steps = current.base_type, steps + 1
    return False


# --- simple types and attributes --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Signature:
    """A simple type by what matters of it: its built-in base, its list of values, whether it is a list, its facets."""

    base: str
    values: tuple[str, ...]
    is_list: bool
    facets: tuple[tuple[str, str], ...]

    def __str__(self) -> str:
        told = " or ".join(self.values) if self.values else self.base
        limits = ", ".join(f"{name} {value}" for name, value in self.facets)
        return ("list of " if self.is_list else "") + told + (f" with {limits}" if limits else "")


_GUIDS: Final = ("0f8fad5b-d9cb-469f-a165-70867728950e", "7C9E6679-7425-40DE-944B-E07FC1F90AE7")
_NO_GUIDS: Final = ("", "guid", "0f8fad5bd9cb469fa16570867728950e", "0f8fad5b-d9cb-469f-a165-70867728950", "{0}")


def _is_guid(simple: Any) -> bool:
    """Whether a type allows GUIDs and nothing else: patterns that say so are spelled in many ways."""
    if not getattr(simple, "patterns", None):
        return False
    return all(map(simple.is_valid, _GUIDS)) and not any(map(simple.is_valid, _NO_GUIDS))


def _signature(kind: Any) -> _Signature:
    simple = kind if kind.is_simple() else kind.content
    if _is_guid(simple):
        return _Signature("guid", (), False, ())
    if getattr(simple, "is_list", lambda: False)():
        item = _signature(simple.item_type if hasattr(simple, "item_type") else simple.base_type.item_type)
        return _Signature(item.base, item.values, True, item.facets)
    values = tuple(str(each) for each in (getattr(simple, "enumeration", None) or ()))
    return _Signature(_built_in(simple), values, False, tuple(_facets(simple)))


def _built_in(simple: Any) -> str:
    current = simple
    while current is not None:
        if current.name is not None and current.name.startswith(f"{{{XSD}}}"):
            return local_name(current.name)
        current = current.base_type
    return "anySimpleType"


def _facets(simple: Any) -> Iterator[tuple[str, str]]:
    """The facets that a type adds to its built-in base, enumeration and white space left out."""
    if simple.name is not None and simple.name.startswith(f"{{{XSD}}}"):
        return
    for name, facet in sorted((getattr(simple, "facets", None) or {}).items(), key=lambda each: str(each[0])):
        local = local_name(str(name))
        if local not in ("enumeration", "whiteSpace", "None"):
            given = getattr(facet, "value", None)
            yield local, str(given if given is not None else getattr(facet, "regexps", ""))


def _simple(one: XsdElement, other: XsdElement, path: str) -> Iterator[Unlike]:
    ours, theirs = _signature(one.type), _signature(other.type)
    if ours != theirs:
        yield _unlike(path, "type", _way(ours, theirs), ours, theirs, one, other)


def _way(ours: _Signature, theirs: _Signature) -> Direction:
    """Whether the second type allows less than the first, more, or something else."""
    if ours.is_list != theirs.is_list:
        return "wider" if theirs.is_list else "narrower"
    bases = _base_way(ours.base, theirs.base)
    values = _value_way(ours.values, theirs.values)
    facets = _facet_way(ours.facets, theirs.facets)
    found = {each for each in (bases, values, facets) if each != "same"}
    return found.pop() if len(found) == 1 else "other"  # type: ignore[return-value]


_WIDTHS: Final[Mapping[str, int]] = {"byte": 8, "short": 16, "int": 32, "long": 64}


def _base_way(ours: str, theirs: str) -> str:
    if ours == theirs:
        return "same"
    if ours == "string" or _is_within(theirs, ours):
        return "narrower"
    return "wider" if theirs == "string" or _is_within(ours, theirs) else "other"


def _is_within(one: str, other: str) -> bool:
    """Whether all values of one built-in type are values of another: derived from it, or within its range."""
    if other in _ancestors(one):
        return True
    return (
        one in _RANGES
        and other in _RANGES
        and _RANGES[one] != _RANGES[other]
        and (_RANGES[other][0] <= _RANGES[one][0] and _RANGES[one][1] <= _RANGES[other][1])
    )


_RANGES: Final[Mapping[str, tuple[int, int]]] = {
    **{name: (-(2**bits) // 2, 2**bits // 2 - 1) for name, bits in _WIDTHS.items()},
    **{f"unsigned{name.capitalize()}": (0, 2**bits - 1) for name, bits in _WIDTHS.items()},
}
"""Least and greatest value of integers, which are not all derived from each other (part 2, section 3.3)."""


def _ancestors(base: str) -> Iterator[str]:
    while base in _DERIVED_FROM:
        base = _DERIVED_FROM[base]
        yield base


def _value_way(ours: Sequence[str], theirs: Sequence[str]) -> str:
    if set(ours) == set(theirs):
        return "same"
    if not ours or not theirs:
        return "narrower" if theirs else "wider"
    return "narrower" if set(theirs) < set(ours) else "wider" if set(ours) < set(theirs) else "other"


def _facet_way(ours: Sequence[tuple[str, str]], theirs: Sequence[tuple[str, str]]) -> str:
    if ours == theirs:
        return "same"
    return "narrower" if set(ours) < set(theirs) else "wider" if set(theirs) < set(ours) else "other"


def _attributes(one: XsdElement, other: XsdElement, path: str) -> Iterator[Unlike]:
    ours, theirs = _attributes_of(one), _attributes_of(other)
    for name in dict.fromkeys([*ours, *theirs]):
        here = f"{path}/@{local_name(name)}"
        if name not in theirs:
            if None not in other.attributes:
                yield _unlike(here, "attribute", "other", ours[name], "not there", one, other)
        elif name not in ours:
            if None not in one.attributes:
                is_needed = theirs[name].startswith("required")
                yield _unlike(
                    here, "attribute", "other" if is_needed else "wider", "not there", theirs[name], one, other
                )
        elif ours[name] != theirs[name]:
            loosened = ours[name].startswith("required") and not theirs[name].startswith("required")
            same_type = ours[name].partition(" ")[2] == theirs[name].partition(" ")[2]
            way: Direction = "other" if not same_type else "wider" if loosened else "narrower"
            yield _unlike(here, "attribute", way, ours[name], theirs[name], one, other)


def _attributes_of(element: XsdElement) -> Mapping[str, str]:
    """Use and type of each attribute of an element, by name."""
    named = {str(name): each for name, each in element.attributes.items() if name is not None}
    return {
        name: f"{each.use or 'optional'} {_signature(each.type)}"
        for name, each in named.items()
        if each.use != "prohibited"
    }


def _described(kind: XsdType) -> str:
    if _holds_text(kind):
        return str(_signature(kind))
    model = _model(kind)
    names = [*(local_name(each.name) for each in model.members), *(f"any of {each}" for each in model.wild)]
    return f"({', '.join(names)})" if names else "no content"
