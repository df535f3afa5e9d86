"""What a schema lets stand where: its components (of xmlschema's model) read once, so that messages can be built.

A particle is an element declaration, a wildcard or a model group with its occurrence (XML Schema part 1, section 3.9).
Sizes are counted in elements: they find what has no finite message, and the shortest way out of a recursion.
"""

import math
from collections.abc import Iterable, Iterator
from functools import cached_property, lru_cache
from typing import Any, Final, TypeAlias

from xmlschema import XMLSchemaBase
from xmlschema.validators import XsdAnyElement, XsdElement, XsdGroup

from contracts.names import XML, XSD, XSI, namespace_of
from strategies.errors import UnsupportedError
from strategies.values import ValueSpace, value_space

Declaration: TypeAlias = Any
"""An element declaration: xmlschema's XsdElement, or its use in a content model."""

Type: TypeAlias = Any
"""A simple or complex type of xmlschema's model."""

Particle: TypeAlias = Any
"""XsdElement, XsdAnyElement or XsdGroup."""

NO_END: Final = math.inf
"""The size of what has no finite message."""

FROM_WILDCARD: Final = 4
"""Declared elements or attributes that stand for a wildcard at most: it admits as many as the schema has."""

BUILT_IN: Final = frozenset({XSD, XSI, XML})

UNKNOWN_NAMESPACE: Final = "urn:soapstone:any"
"""A namespace that no schema declares: of what stands for a wildcard that validates nothing."""


class Grammar:
    """The components of one schema. Use `grammar_of`, which reads each schema once."""

    def __init__(self, schema: XMLSchemaBase) -> None:
        self.schema = schema
        self._maps: Any = schema.maps
        self._sizes: dict[int, float] = {}
        self._kept: list[Any] = []
        self._types: dict[tuple[int, str], tuple[Type, ...]] = {}
        self._spaces: dict[tuple[int, tuple[int, int] | None], ValueSpace | UnsupportedError] = {}
        self._admitted: dict[tuple[str, ...], list[Declaration]] = {}

    @cached_property
    def namespaces(self) -> tuple[str, ...]:
        """The namespaces that the schema declares something in, built-in ones apart, in a fixed order."""
        tables = (self._elements, self._attributes, self._global_types, self._maps.namespaces)
        declared = {namespace_of(name) for table in tables[:3] for name in table} | set(tables[3])
        return tuple(sorted(declared - BUILT_IN - {""}))

    @cached_property
    def mixes_qualified_and_not(self) -> bool:
        """Whether elements with and without a namespace are declared, so that no default namespace can be used."""
        local = {each.name for each in self.schema.iter_components(XsdElement) if each.name}
        return len({bool(namespace_of(name)) for name in local}) > 1

    # --- alternatives -------------------------------------------------------------------------------------------------

    def candidates(self, particle: Declaration) -> list[Declaration]:
        """The element declarations that may stand for one: itself unless abstract, and its substitution group.

        In a fixed order. Source: part 1, sections 3.3.6 (Substitution Group OK) and 3.3.4.
        """
        own = [] if particle.abstract else [particle]
        if particle.parent is not None and particle.ref is None:
            return own
        members = {each.name: each for each in particle.iter_substitutes() if _may_substitute(each, particle)}
        return own + [members[name] for name in sorted(members)]

    def types(self, declaration: Declaration) -> list[Type]:
        """The types that an element may have: its own unless abstract, and named ones derived from it (xsi:type)."""
        own = type_of(declaration)
        blocked = _words(declaration.block) | _words(getattr(own, "block", ""))
        key = (id(own), " ".join(sorted(blocked)))
        if key not in self._types:
            self._kept.append(own)
            derived = [each for each in self._derived.get(id(own), ()) if not methods(each, own) & blocked]
            found = [each for each in (own, *derived) if not getattr(each, "abstract", False)]
            self._types[key] = tuple(found)
        return list(self._types[key])

    def elements_for(self, wildcard: Any) -> list[Declaration]:
        """Some declared elements that a wildcard admits, the smallest first."""
        sized = sorted((self.element_size(each), each.name) for each in self._matching(wildcard))
        return [self._elements[name] for size, name in sized[:FROM_WILDCARD] if size < NO_END]

    def _matching(self, wildcard: Any) -> list[Declaration]:
        """The declared elements that a wildcard admits, abstract ones apart."""
        key = (wildcard.target_namespace, *sorted(wildcard.namespace))
        if key not in self._admitted:
            named = ((name, each) for name, each in self._elements.items() if wildcard.is_matching(name))
            self._admitted[key] = [each for _, each in named if not each.abstract]
        return self._admitted[key]

    def attributes_for(self, wildcard: Any, taken: Iterable[str]) -> list[Any]:
        """Some declared attributes that a wildcard admits, those in `taken` apart."""
        admitted = (name for name in sorted(self._attributes) if wildcard.is_matching(name) and name not in set(taken))
        return [self._attributes[name] for name in admitted][:FROM_WILDCARD]

    def unknown_name(self, wildcard: Any) -> str | None:
        """A name that nothing declares and that a wildcard admits; None if it admits no such name.

        Of XML Schema's own namespaces only where it admits no other; attributes of xsi are what that namespace has.
        """
        named = sorted(wildcard.namespace - {"##any", "##other", "", XSI}, key=lambda uri: (uri in BUILT_IN, uri))
        own = [uri for uri in named if uri in BUILT_IN]
        for uri in (UNKNOWN_NAMESPACE, *named[: len(named) - len(own)], "", *own):
            name = f"{{{uri}}}SoapstoneAny" if uri else "SoapstoneAny"
            if name not in self._elements and name not in self._attributes and wildcard.is_matching(name):
                return name
        return None

    @cached_property
    def _elements(self) -> dict[str, Declaration]:
        return {name: each for name, each in self._maps.elements.items() if namespace_of(name) not in BUILT_IN}

    @cached_property
    def _attributes(self) -> dict[str, Any]:
        return {name: each for name, each in self._maps.attributes.items() if namespace_of(name) not in BUILT_IN}

    @cached_property
    def _global_types(self) -> dict[str, Type]:
        return {name: each for name, each in self._maps.types.items() if namespace_of(name) != XSD}

    @cached_property
    def _derived(self) -> dict[int, list[Type]]:
        """By each type, the named complex types derived from it, directly or not; none for the types of XSD itself."""
        found: dict[int, list[Type]] = {}
        for _, each in sorted(self._global_types.items()):
            if each.is_simple():
                continue
            for base in _bases(each):
                found.setdefault(id(base), []).append(each)
        return found

    # --- sizes --------------------------------------------------------------------------------------------------------

    def element_size(self, declaration: Declaration) -> float:
        """Elements in the smallest message that an element declaration allows; NO_END if there is none."""
        self._measure(declaration)
        return self._element_size(declaration)

    def type_size(self, xsd_type: Type) -> float:
        """Elements in the smallest content of a type, with the element around it."""
        self._measure_types([xsd_type])
        return self._type_size(xsd_type)

    def size_of_any(self, declaration: Declaration) -> float:
        """As `element_size`, of the declaration or of what may stand for it."""
        return min((self.element_size(each) for each in self.candidates(declaration)), default=NO_END)

    def obstacle(self, particle: Particle) -> tuple[str, str]:
        """What keeps every message of a particle from being finite, and where: a path that begins with the particle's
        own name, where that is an element."""
        path: list[str] = []
        seen: list[Type] = []
        at: Particle = self._endless(particle) if isinstance(particle, XsdGroup) else particle
        while isinstance(at, XsdElement):
            if not self.candidates(at):
                return f"abstract element {at.local_name}", "/".join(path)
            types = self.types(self.candidates(at)[0])
            if not types:
                return f"abstract type of element {at.local_name}", "/".join(path)
            if any(types[0] is each for each in seen):
                return f"element {at.local_name}, which holds itself", "/".join(path)
            seen.append(types[0])
            path.append(at.local_name)
            at = self._endless(types[0].content)
        if isinstance(at, XsdAnyElement):
            return self._obstacle_of_wildcard(at), "/".join(path)
        return "xs:choice without a branch that a message can have", "/".join(path)

    def _obstacle_of_wildcard(self, wildcard: Any) -> str:
        admitted = sorted(each.local_name for each in self._matching(wildcard))
        if not admitted:
            return "xs:any that admits no element"
        shown = ", ".join([*admitted[:FROM_WILDCARD], *(["..."] if len(admitted) > FROM_WILDCARD else [])])
        return f"strict xs:any that no declared element satisfies ({shown}: none has a finite message)"

    def _endless(self, group: Any) -> Particle:
        """The first particle that has to be there and has no finite occurrence; the choice that has none to offer."""
        group = unwrapped(group)
        members = [each for each in group if each.max_occurs != 0 and each.min_occurs and self.size(each) == NO_END]
        if not members:
            return group
        return self._endless(members[0]) if isinstance(members[0], XsdGroup) else members[0]

    def values(self, simple_type: Any, within: tuple[int, int] | None) -> ValueSpace:
        """The value space of a simple type. Raises UnsupportedError for one that no value is made of."""
        key = (id(simple_type), within)
        if key not in self._spaces:
            self._kept.append(simple_type)
            try:
                self._spaces[key] = value_space(simple_type, within)
            except UnsupportedError as error:
                self._spaces[key] = error
        found = self._spaces[key]
        if isinstance(found, UnsupportedError):
            raise found
        return found

    def size(self, particle: Particle) -> float:
        """Elements in the smallest single occurrence of a particle."""
        if isinstance(particle, XsdElement):
            return min((self._element_size(each) for each in self.candidates(particle)), default=NO_END)
        if isinstance(particle, XsdAnyElement):
            return self._wildcard_size(particle)
        sizes = [self._least(each) for each in particle if each.max_occurs != 0]
        if particle.model == "choice":
            return min(sizes, default=NO_END)
        return sum(sizes)

    def _least(self, particle: Particle) -> float:
        return particle.min_occurs * self.size(particle) if particle.min_occurs else 0

    def _wildcard_size(self, wildcard: Any) -> float:
        if self._admits_unknown(wildcard):
            return 1
        return min(map(self._element_size, self._matching(wildcard)), default=NO_END)

    def _admits_unknown(self, wildcard: Any) -> bool:
        return wildcard.process_contents != "strict" and self.unknown_name(wildcard) is not None

    def _element_size(self, declaration: Declaration) -> float:
        return min((self._type_size(each) for each in self.types(declaration)), default=NO_END)

    def _type_size(self, xsd_type: Type) -> float:
        return 1.0 if _is_flat(xsd_type) else self._sizes.get(id(xsd_type), NO_END)

    def _measure(self, declaration: Declaration) -> None:
        self._measure_types(self.types(declaration))

    def _measure_types(self, start: list[Type]) -> None:
        """Fixes the sizes of all types within reach: from the leaves up, until nothing gets smaller."""
        order = self._reachable(start)
        changed = bool(order)
        while changed:
            changed = False
            for each in order:
                size = 1 + self._least(each.content)
                if size < self._sizes.get(id(each), NO_END):
                    self._sizes[id(each)] = size
                    changed = True
        for each in order:
            self._sizes.setdefault(id(each), NO_END)

    def _reachable(self, start: list[Type]) -> list[Type]:
        """Complex types not measured yet that stand in or below the given ones, the deepest first."""
        seen: set[int] = set()
        order: list[Type] = []
        stack: list[tuple[Type, Iterator[Type]]] = []

        def visit(xsd_type: Type) -> None:
            if not _is_flat(xsd_type) and id(xsd_type) not in seen and id(xsd_type) not in self._sizes:
                seen.add(id(xsd_type))
                self._kept.append(xsd_type)
                stack.append((xsd_type, self._types_in(xsd_type.content)))

        for each in start:
            visit(each)
            while stack:
                xsd_type, inner = stack[-1]
                below = next(inner, None)
                if below is None:
                    order.append(xsd_type)
                    stack.pop()
                else:
                    visit(below)
        return order

    def _types_in(self, group: Any) -> Iterator[Type]:
        for particle in leaves_of(group):
            if isinstance(particle, XsdElement):
                candidates = self.candidates(particle)
            else:
                candidates = [] if self._admits_unknown(particle) else self._matching(particle)
            for candidate in candidates:
                yield from self.types(candidate)


KEPT: Final = 64
"""Schemas that are kept compiled: more than anyone works with at a time, and few enough for memory to stay flat."""


@lru_cache(maxsize=KEPT)
def grammar_of(schema: XMLSchemaBase) -> Grammar:
    """The grammar of a schema, read once while it is kept."""
    return Grammar(schema)


def leaves_of(group: Any) -> Iterator[Particle]:
    """The element and wildcard particles of a group and of those in it; what may not occur is left out."""
    for particle in group:
        if particle.max_occurs == 0:
            continue
        if isinstance(particle, XsdGroup):
            yield from leaves_of(particle)
        else:
            yield particle


def type_of(declaration: Declaration) -> Type:
    """The type of an element: of a member of a substitution group that names none, the head's (part 1, section 3.3.2).

    Where the head blocks substitution, xmlschema takes xs:anyType for the member's.
    """
    declared = declaration.ref or declaration
    own = declaration.type
    if own.name != f"{{{XSD}}}anyType" or "type" in declared.elem.attrib:
        return own
    named = declared.elem.attrib.get("substitutionGroup")
    head = declared.maps.elements.get(declared.schema.resolve_qname(named)) if named else None
    return own if head is None else type_of(head)


def unwrapped(group: Any) -> Any:
    """The group that one stands for which holds nothing but another, as references to named groups do."""
    while len(group) == 1 and isinstance(group[0], XsdGroup) and (group[0].min_occurs, group[0].max_occurs) == (1, 1):
        group = group[0]
    return group


def methods(derived: Type, base: Type) -> set[str]:
    """The methods (extension, restriction) by which a type is derived from another, step by step."""
    found = set()
    at = derived
    while at is not None and at is not base:
        found.add(at.derivation or "restriction")
        at = at.base_type if at.base_type is not at else None
    return found


def _bases(xsd_type: Type) -> Iterator[Type]:
    at = xsd_type.base_type
    while at is not None and namespace_of(at.name or "") != XSD:
        yield at
        at = at.base_type if at.base_type is not at else None


def _is_flat(xsd_type: Type) -> bool:
    """Whether a type allows no child elements."""
    return bool(xsd_type.is_simple() or xsd_type.has_simple_content())


def _may_substitute(member: Declaration, head: Declaration) -> bool:
    """Whether a member may stand for the head in a message: no step of its type's derivation is blocked."""
    blocked = _words(head.block) | _words(getattr(head.type, "block", ""))
    return "substitution" not in blocked and not methods(member.type, head.type) & blocked


def _words(value: str) -> set[str]:
    words = set((value or "").split())
    return {"extension", "restriction", "substitution"} if "#all" in words else words
