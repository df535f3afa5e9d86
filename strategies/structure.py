"""Defects of structure: what a schema's content models, names, types and identity constraints forbid, each named.

A breach changes one place of a valid sample. Whether it is one is for a validator to say, after the document has been
written and read again: what is a breach in one schema is legal in another (a repeated element, text in mixed content).

The rules are those of XML Schema part 1, appendix C (cvc-...).
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, pairwise
from typing import Any, Final, TypeAlias, TypeVar
from xml.sax.saxutils import escape, quoteattr

from lxml import etree

from contracts.judge.records import Change
from contracts.names import XSD, XSI, XSI_NIL, XSI_TYPE, local_name, namespace_of
from strategies.identities import Spot
from strategies.key_breaches import dangling, no_key, same_id, same_key
from strategies.settling import Settler
from strategies.sites import Element, Growth, Pick, Scope, Site, changes_for, find_in, tracked
from strategies.specimens import Place, Specimen

FOREIGN: Final = "urn:soapstone:unknown"
"""A namespace that no schema declares."""

UNKNOWN: Final = "SoapstoneUnknown"
"""A name that no schema declares."""

MOST_PLACES: Final = 200
"""Elements, or leaves, each of which is broken in every way: of more, one of each name and type is."""

T = TypeVar("T")

Make: TypeAlias = Callable[[Element], object]
"""Breaks an element that stands in a tree."""

Made: TypeAlias = Iterator[tuple[str | Spot, str | None, str | None, Make]]
"""Ways to break one element: what is broken (its place below the element, or another's in the tree), before, after,
and how."""

Clauses: TypeAlias = Mapping[str, frozenset[str]]
"""Clauses that a defect may break, the likeliest first, each with what lxml calls its errors."""


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of breach: the clauses that it may break, and the ways to break an element so.

    Which of them it is depends on the declaration: an attribute may break its element's simple type or its complex one.
    A document that has errors of other clauses alone breaks another rule.
    """

    clauses: Clauses
    says: str
    ways: Callable[[Element, Place], Made]


@dataclass(frozen=True, slots=True, eq=False)
class Breach:
    """One way to break a sample: the record of it, and the alternatives that have to stand for it.

    `clauses` are those that it may break; `naming` makes the one that is found part of the record.
    """

    name: str
    change: Change
    scope: Scope
    place: Place
    make: Make
    clauses: Clauses
    settler: Settler | None = None

    def naming(self, clause: str) -> "Breach":
        """The same, its record naming the clause that is broken."""
        return replace(self, change=naming(self.change, clause))

    @property
    def changes(self) -> tuple[Change, ...]:
        """What puts the place there, and then the record of the breach."""
        return (*changes_for(self.scope), self.change)

    def broken(self, root: Element, picks: Iterable[Pick] = ()) -> Element:
        """A sample varied by picks (made-up values, say), and broken."""
        growth = Growth([*((branch.site, branch.option) for branch in self.scope), *picks])
        (grown,) = growth.grow([root])
        if self.settler is not None:
            self.settler.settle(grown, growth.touched)
        holder = etree.Element("holder")
        roots = growth.roots[tracked(self.scope)]
        element = find_in(roots, self.place.at)
        if element.getparent() is None:
            holder.append(grown)
            self.make(element)
            return holder[0]
        self.make(element)
        return grown


def naming(change: Change, clause: str) -> Change:
    """The record of a defect with the clause that is broken; of a value the facet or type is named, and no clause."""
    return replace(change, rule=f"{change.rule} ({clause})") if clause else change


def breaches(specimen: Specimen) -> Iterator[Breach]:
    """Every way to break a sample or one of its alternatives that is worth trying, rule by rule.

    Their records name no clause yet: that is for a validator to find. Where items of a list repeat a place, the first
    is broken; where there are very many places, the first of each element name and type.
    """
    places = firsts(specimen.places, lambda place: (place.path, tracked(place.scope)))
    if len(places) > MOST_PLACES:
        places = firsts(places, lambda place: (place.declaration.name, id(place.type)))
    grown = {scope: _grown(specimen, scope) for scope in {place.scope for place in places}}
    for name, rule in RULES.items():
        for place in places:
            element = find_in(grown[place.scope], place.at)
            for below, before, after, make in rule.ways(element, place):
                where = _where(specimen, grown[place.scope], place, below)
                change = Change("structure", where, f"{name}: {rule.says}", before, after)
                yield Breach(name, change, place.scope, place, make, rule.clauses, specimen.settler)
    yield from _second_branches(specimen)
    yield from _wrong_numbers(specimen)


def firsts(found: Iterable[T], likeness: Callable[[T], Hashable]) -> list[T]:
    """The first of those that are alike, in order."""
    by_likeness: dict[Hashable, T] = {}
    for each in found:
        by_likeness.setdefault(likeness(each), each)
    return list(by_likeness.values())


def _where(specimen: Specimen, roots: list[Element], place: Place, below: str | Spot) -> str:
    """The place of what is broken, as changes carry it: an element has a place of its own, whatever it stands in."""
    if isinstance(below, str):
        return f"{place.where}/{below}".strip("/")
    element, attribute = below
    alike = (each for each in specimen.places if tracked(each.scope) == tracked(place.scope))
    known = (each.where for each in alike if find_in(roots, each.at) is element)
    where = next(known, None) or _way(find_in(roots, place.at), element, place.where)
    return where if attribute is None else f"{where}/@{local_name(attribute)}".strip("/")


def _way(above: Element, element: Element, where: str) -> str:
    """The place of an element below one whose place is given, for those of a long list that have no sites."""
    steps: list[str] = []
    while element is not above:
        parent = element.getparent()
        assert parent is not None
        alike = parent.findall(str(element.tag))
        steps.append(f"{local_name(str(element.tag))}[{alike.index(element) + 1}]")
        element = parent
    return "/".join(filter(None, (where, *reversed(steps))))


def _grown(specimen: Specimen, scope: Scope) -> list[Element]:
    _, growth, _ = specimen.settled((branch.site, branch.option) for branch in scope)
    return growth.roots[tracked(scope)]


# --- elements ---------------------------------------------------------------------------------------------------------


def _children(element: Element) -> Iterator[tuple[int, str]]:
    """The first child of each name, by index."""
    seen: set[str] = set()
    for index, child in enumerate(element):
        if child.tag not in seen:
            seen.add(str(child.tag))
            yield index, local_name(str(child.tag))


def _missing(element: Element, _: Place) -> Made:
    for index, name in _children(element):
        yield name, _content(element[index]), None, partial(_cut_child, index)


def _repeated(element: Element, _: Place) -> Made:
    for index, name in _children(element):
        yield name, name, f"{name} {name}", partial(_double_child, index)


def _content(element: Element) -> str:
    """What stands in an element: its text, or the names of its children."""
    return " ".join(local_name(str(child.tag)) for child in element) or element.text or ""


def _swapped(element: Element, _: Place) -> Made:
    neighbours = enumerate(pairwise(element))
    for index, (one, two) in firsts(neighbours, lambda each: (each[1][0].tag, each[1][1].tag)):
        if one.tag != two.tag:
            first, second = (local_name(str(each.tag)) for each in (one, two))
            if first == second:
                first, second = str(one.tag), str(two.tag)
            yield local_name(second), f"{first} {second}", f"{second} {first}", partial(_swap_children, index)


def _unknown_first(element: Element, place: Place) -> Made:
    if not _is_leaf(place):
        yield "", None, UNKNOWN, _insert_unknown


def _unknown_last(element: Element, place: Place) -> Made:
    if not _is_leaf(place):
        yield "", None, f"{{{FOREIGN}}}{UNKNOWN}", _append_unknown


def _in_value(element: Element, place: Place) -> Made:
    if _is_leaf(place):
        yield "", element.text, UNKNOWN, _insert_unknown


def _text_between(_: Element, place: Place) -> Made:
    if not _is_leaf(place) and not place.type.mixed:
        yield "", None, "text", _add_text


def _foreign(parent: Element, *, in_foreign: bool) -> Element:
    uri = FOREIGN if in_foreign else namespace_of(str(parent.tag))
    child = etree.Element(f"{{{uri}}}{UNKNOWN}" if uri else UNKNOWN, nsmap={"u": FOREIGN} if in_foreign else None)
    child.text = "text"
    return child


def _insert_unknown(element: Element) -> None:
    element.insert(0, _foreign(element, in_foreign=False))


def _append_unknown(element: Element) -> None:
    element.append(_foreign(element, in_foreign=True))


def _cut_child(index: int, element: Element) -> None:
    element.remove(element[index])


def _double_child(index: int, element: Element) -> None:
    element.insert(index, deepcopy(element[index]))


def _swap_children(index: int, element: Element) -> None:
    element.insert(index, element[index + 1])


def _add_text(element: Element) -> None:
    if len(element):
        element[-1].tail = f"{element[-1].tail or ''}text"
    else:
        element.text = "text"


def _cut(element: Element) -> None:
    parent = element.getparent()
    assert parent is not None
    parent.remove(element)


# --- names ------------------------------------------------------------------------------------------------------------


def _in_foreign_namespace(element: Element, _: Place) -> Made:
    name = local_name(str(element.tag))
    yield "", str(element.tag), f"{{{FOREIGN}}}{name}", partial(_rename, tag=f"{{{FOREIGN}}}{name}")


def _without_namespace(element: Element, _: Place) -> Made:
    tag = str(element.tag)
    if namespace_of(tag):
        yield "", tag, local_name(tag), partial(_rename, tag=local_name(tag))


def _with_namespace(element: Element, place: Place) -> Made:
    """An element that is in no namespace put into its schema's, as if local names were qualified."""
    tag, uri = str(element.tag), str(place.declaration.schema.target_namespace or "")
    if uri and not namespace_of(tag):
        yield "", tag, f"{{{uri}}}{tag}", partial(_rename, tag=f"{{{uri}}}{tag}")


def _in_other_case(element: Element, _: Place) -> Made:
    tag = str(element.tag)
    name = local_name(tag).swapcase()
    renamed = f"{{{namespace_of(tag)}}}{name}" if namespace_of(tag) else name
    if renamed != tag:
        yield "", tag, renamed, partial(_rename, tag=renamed)


def _head(element: Element, place: Place) -> Made:
    """The abstract head in the place of a member of its substitution group."""
    head = place.declaration.substitution_group
    known = place.declaration.maps.elements
    while head is not None and head in known:
        name = str(head)
        if known[head].abstract:
            yield "", str(element.tag), name, partial(_rename, tag=name)
        head = known[head].substitution_group


def _rename(element: Element, tag: str) -> None:
    """The element under another name, with prefixes of its own so that its children keep their names."""
    uri = namespace_of(tag)
    parent = element.getparent()
    assert parent is not None
    if not uri and None in element.nsmap:
        parent.replace(element, unqualified(element, tag))
        return
    nsmap = {prefix: each for prefix, each in element.nsmap.items() if prefix}
    other = etree.Element(tag, nsmap={**nsmap, "renamed": uri} if uri else nsmap)
    for name, value in element.attrib.items():
        other.set(name, value)
    other.text, other.tail = element.text, element.tail
    other.extend([_plainly(child) for child in element])
    parent.replace(element, other)


def unqualified(element: Element, name: str) -> Element:
    """The element under a name in no namespace, to stand where a default namespace is declared.

    Made from text: only there can a default namespace be taken back (Namespaces in XML 1.0, section 6.2), and each
    child declares its own again.
    """
    declared = "".join(f" xmlns:{prefix}={quoteattr(uri)}" for prefix, uri in element.nsmap.items() if prefix)
    children = b"".join(etree.tostring(child, encoding="utf-8") for child in element)
    start = f'<{name} xmlns=""{declared}>{escape(element.text or "")}'.encode()
    other = etree.fromstring(b"".join((start, children, f"</{name}>".encode())))
    for attribute, value in element.attrib.items():
        other.set(attribute, value)
    other.tail = element.tail
    return other


def _plainly(element: Element) -> Element:
    """The element without a default namespace, so that it can stand below one in no namespace."""
    nsmap = {prefix: uri for prefix, uri in element.nsmap.items() if prefix}
    uri = namespace_of(str(element.tag))
    if uri and uri not in nsmap.values():
        nsmap[f"p{len(nsmap)}"] = uri
    other = etree.Element(element.tag, nsmap=nsmap)
    for name, value in element.attrib.items():
        other.set(name, value)
    other.text, other.tail = element.text, element.tail
    other.extend([_plainly(child) for child in element])
    return other


# --- attributes -------------------------------------------------------------------------------------------------------


def _unknown_attribute(_: Element, __: Place) -> Made:
    yield f"@{UNKNOWN}", None, "1", partial(_set, UNKNOWN, "1")


def _foreign_attribute(_: Element, __: Place) -> Made:
    yield f"@{UNKNOWN}", None, f"{{{FOREIGN}}}{UNKNOWN}", partial(_set, f"{{{FOREIGN}}}{UNKNOWN}", "1")


def _missing_attribute(element: Element, place: Place) -> Made:
    for name, use in _uses(place):
        if use.use == "required" and name in element.attrib:
            yield f"@{local_name(name)}", element.get(name), None, partial(_drop, name)


def _prohibited_attribute(element: Element, place: Place) -> Made:
    """What a restriction prohibits, or its base had and it has not; with the value that the base allows."""
    base = getattr(place.type, "base_type", None)
    attributes = getattr(base, "attributes", None) or {}
    own = {name for name, use in _uses(place) if use.use != "prohibited"}
    for name in attributes:
        if name is not None and name not in own:
            yield f"@{local_name(name)}", None, "1", partial(_set, name, "1")


def _attribute_renamed(element: Element, place: Place) -> Made:
    """An attribute in the namespace of the schema where it has to have none, or the reverse."""
    target = str(place.declaration.schema.target_namespace or "")
    for name, _ in _uses(place):
        if name in element.attrib and (namespace_of(name) or target):
            other = local_name(name) if namespace_of(name) else f"{{{target}}}{name}"
            yield (
                f"@{local_name(name)}",
                name,
                other,
                partial(_rename_attribute, name=name, other=other),
            )


def _set(name: str, value: str, element: Element) -> None:
    element.set(name, value)


def _drop(name: str, element: Element) -> None:
    element.attrib.pop(name, None)


def _rename_attribute(element: Element, name: str, other: str) -> None:
    element.set(other, str(element.attrib.pop(name)))


def _uses(place: Place) -> list[tuple[str, Any]]:
    attributes = getattr(place.type, "attributes", None) or {}
    return [(name, use) for name, use in attributes.items() if name is not None and namespace_of(name) != XSI]


# --- nil, types, fixed values -----------------------------------------------------------------------------------------


def _nil(element: Element, place: Place) -> Made:
    if not place.declaration.nillable:
        yield "", _content(element), "xsi:nil", _make_nil


def _nil_with_content(element: Element, place: Place) -> Made:
    if place.declaration.nillable and (len(element) or element.text):
        yield "", _content(element), "xsi:nil with content", partial(_set, XSI_NIL, "true")


def _nil_misspelled(_: Element, __: Place) -> Made:
    yield "@xsi:nil", None, "maybe", partial(_set, XSI_NIL, "maybe")


def _make_nil(element: Element) -> None:
    element[:] = []
    element.text = None
    element.set(XSI_NIL, "true")


def _unknown_type(element: Element, __: Place) -> Made:
    yield "@xsi:type", element.get(XSI_TYPE), UNKNOWN, partial(_set, XSI_TYPE, UNKNOWN)


def _wrong_type(element: Element, place: Place) -> Made:
    """A type of XML Schema that is not derived from the declared one."""
    if place.type.name == f"{{{XSD}}}anyType" or place.declaration.type.name == f"{{{XSD}}}anyType":
        return
    for name in ("gMonthDay", "boolean"):
        yield (
            "@xsi:type",
            element.get(XSI_TYPE),
            f"xsd:{name}",
            partial(_retype, uri=XSD, name=name),
        )


def _abstract_type(element: Element, place: Place) -> Made:
    declared = place.declaration.type
    if getattr(declared, "abstract", False) and declared.name:
        uri, name = namespace_of(declared.name), local_name(declared.name)
        yield "@xsi:type", element.get(XSI_TYPE), name, partial(_retype, uri=uri, name=name)
        yield "@xsi:type", element.get(XSI_TYPE), None, partial(_drop, XSI_TYPE)


def _retype(element: Element, uri: str, name: str) -> None:
    """Names a type, with a prefix declared on the element: which is made anew, since declarations come at birth."""
    parent = element.getparent()
    assert parent is not None
    known = next((prefix for prefix, each in element.nsmap.items() if prefix and each == uri), None)
    prefix = known or ("xsd" if uri == XSD else "typed")
    nsmap = {**element.nsmap, prefix: uri} if uri and known is None else element.nsmap
    other = etree.Element(element.tag, nsmap=nsmap)
    for key, value in element.attrib.items():
        other.set(key, value)
    other.set(XSI_TYPE, f"{prefix}:{name}" if uri else name)
    other.text, other.tail = element.text, element.tail
    other.extend(list(element))
    parent.replace(element, other)


def _not_fixed(element: Element, place: Place) -> Made:
    if place.declaration.fixed is not None:
        yield "", element.text, f"{element.text}7", _lengthen_text
    for name, use in _uses(place):
        if use.fixed is not None and name in element.attrib:
            value = f"{element.get(name)}7"
            yield (
                f"@{local_name(name)}",
                element.get(name),
                value,
                partial(_set, name, value),
            )


def _lengthen_text(element: Element) -> None:
    element.text = f"{element.text}7"


# --- choices and numbers ----------------------------------------------------------------------------------------------


def _second_branches(specimen: Specimen) -> Iterator[Breach]:
    """Two branches of a choice, one after the other."""
    for site in specimen.sites:
        if site.kind != "choice" or site.span is None or site.span[0] == site.span[1]:
            continue
        for option in site.options[:1]:
            if site.alternatives[option.after]:
                after, make = f"{site.before} {option.after}", _inserting(site, option.after)
                yield from _at_site(specimen, site, "two-branches", "one branch of a choice, and another", after, make)


def _inserting(site: Site, option: str) -> Callable[[Element], object]:
    def insert(parent: Element) -> None:
        assert site.span is not None
        parent[site.span[1] : site.span[1]] = [deepcopy(each) for each in site.alternatives[option]]

    return insert


def _wrong_numbers(specimen: Specimen) -> Iterator[Breach]:
    """One occurrence fewer than the least number, one more than the greatest."""
    for site in specimen.sites:
        if site.kind != "count" or not site.items:
            continue
        least, most = site.bounds
        numbers = {"too-few": least - 1, "too-many": -1 if most is None else most + 1}
        for name, number in numbers.items():
            if 0 <= number <= len(site.items) + TOO_MANY:
                says = f"{number} where {least} to {most or 'any number of'} may be"
                yield from _at_site(specimen, site, name, says, str(number), _recounting(site, number))


TOO_MANY: Final = 1_000
"""Occurrences more than the sample has, at most, that a breach of maxOccurs is worth."""


def _recounting(site: Site, number: int) -> Callable[[Element], object]:
    def recount(parent: Element) -> None:
        assert site.span is not None
        items = [parent[first:last] for first, last in site.items]
        copies = [[deepcopy(each) for each in items[-1]] for _ in range(number - len(items))]
        parent[site.span[0] : site.span[1]] = [each for item in (*items[:number], *copies) for each in item]

    return recount


def _at_site(specimen: Specimen, site: Site, name: str, says: str, after: str, make: Make) -> Iterator[Breach]:
    """The breach of a content model at a site, by what is made of the element that the site's children stand in."""
    scope = tracked(site.scope)
    change = Change("structure", site.where, f"{name}: {says}", site.before, after)
    around = (place for place in specimen.places if place.at == site.at and tracked(place.scope) == scope)
    for place in islice(around, 1):
        yield Breach(name, change, site.scope, place, make, CONTENT, specimen.settler)


def _is_leaf(place: Place) -> bool:
    return bool(place.type.is_simple() or place.type.has_simple_content())


_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "cvc-au": ("CVC_AU",),
    "cvc-complex-type.2.1": ("CVC_COMPLEX_TYPE_2_1",),
    "cvc-complex-type.2.2": ("CVC_COMPLEX_TYPE_2_2",),
    "cvc-complex-type.2.3": ("CVC_COMPLEX_TYPE_2_3",),
    "cvc-complex-type.2.4": ("ELEMENT_CONTENT",),
    "cvc-complex-type.3.2": ("CVC_COMPLEX_TYPE_3_2_1", "CVC_COMPLEX_TYPE_3_2_2", "CVC_WILDCARD"),
    "cvc-complex-type.4": ("CVC_COMPLEX_TYPE_4",),
    "cvc-elt.1": ("CVC_ELT_1",),
    "cvc-elt.2": ("CVC_ELT_2",),
    "cvc-elt.3": ("CVC_DATATYPE_VALID_1_2_1",),
    "cvc-elt.3.1": ("CVC_ELT_3_1",),
    "cvc-elt.3.2.1": ("CVC_ELT_3_2_1",),
    "cvc-elt.4.2": ("CVC_ELT_4_2",),
    "cvc-elt.4.3": ("CVC_ELT_4_3",),
    "cvc-elt.5.2.2.2": ("CVC_ELT_5_2_2_2_1", "CVC_ELT_5_2_2_2_2"),
    "cvc-id.2": ("CVC_DATATYPE_VALID_1_2_1", "CVC_DATATYPE_VALID_1_2_3"),
    "cvc-identity-constraint.4.1": ("CVC_IDC: unique",),
    "cvc-identity-constraint.4.2.1": ("CVC_IDC: not all fields",),
    "cvc-identity-constraint.4.2.2": ("CVC_IDC: key",),
    "cvc-identity-constraint.4.3": ("CVC_IDC: no match",),
    "cvc-type.2": ("CVC_TYPE_2",),
    "cvc-type.3.1.1": ("CVC_TYPE_3_1_1",),
    "cvc-type.3.1.2": ("CVC_TYPE_3_1_2",),
    "": (
        "CVC_DATATYPE_VALID_1_2_1", "CVC_DATATYPE_VALID_1_2_2", "CVC_DATATYPE_VALID_1_2_3", "CVC_FACET_VALID",
        "CVC_ENUMERATION_VALID", "CVC_PATTERN_VALID", "CVC_LENGTH_VALID", "CVC_MINLENGTH_VALID", "CVC_MAXLENGTH_VALID",
        "CVC_TOTALDIGITS_VALID", "CVC_FRACTIONDIGITS_VALID", "CVC_MININCLUSIVE_VALID", "CVC_MAXINCLUSIVE_VALID",
        "CVC_MINEXCLUSIVE_VALID", "CVC_MAXEXCLUSIVE_VALID",
    ),
}  # fmt: skip
"""What libxml2 calls the errors of a clause, without what all begin with; of values under no clause's name."""


def _clauses(*clauses: str) -> Clauses:
    """The clauses with what libxml2 calls their errors."""
    return {clause: frozenset(f"SCHEMAV_{name}" for name in _NAMES[clause]) for clause in clauses}


CONTENT: Final = _clauses("cvc-complex-type.2.4")
NAME: Final = _clauses("cvc-elt.1", "cvc-complex-type.2.4")
UNKNOWN_NAME: Final = _clauses("cvc-complex-type.2.4", "cvc-complex-type.2.1", "cvc-elt.1")
TEXT: Final = _clauses("cvc-complex-type.2.3", "cvc-complex-type.2.1")
ATTRIBUTE: Final = _clauses("cvc-complex-type.3.2", "cvc-type.3.1.1")
VALUE: Final = _clauses("")
"""What may be broken by content, names, text, attributes, and values of simple types."""

RULES: Final[Mapping[str, Rule]] = {
    "missing-element": Rule(
        CONTENT, "an element that has to be there is not", _missing
    ),
    "repeated-element": Rule(
        CONTENT, "an element stands once more than it may", _repeated
    ),
    "swapped-elements": Rule(
        CONTENT, "two elements stand in the wrong order", _swapped
    ),
    "unknown-element-first": Rule(
        UNKNOWN_NAME, "an element that nothing declares", _unknown_first
    ),
    "unknown-element-last": Rule(
        UNKNOWN_NAME, "an element of a namespace that none knows", _unknown_last
    ),
    "element-in-value": Rule(
        _clauses("cvc-type.3.1.2", "cvc-complex-type.2.2"), "an element stands where a value belongs", _in_value
    ),
    "text-between-elements": Rule(
        TEXT, "text stands where elements belong", _text_between
    ),
    "element-in-foreign-namespace": Rule(
        NAME, "an element is in another namespace", _in_foreign_namespace
    ),
    "element-without-namespace": Rule(
        NAME, "an element is in no namespace", _without_namespace
    ),
    "element-in-target-namespace": Rule(
        NAME, "an unqualified element is qualified", _with_namespace
    ),
    "element-in-other-case": Rule(
        NAME, "an element's name is in another case", _in_other_case
    ),
    "abstract-element": Rule(
        _clauses("cvc-elt.2"), "the head of a substitution group is abstract", _head
    ),
    "unknown-attribute": Rule(
        ATTRIBUTE, "an attribute that nothing declares", _unknown_attribute
    ),
    "foreign-attribute": Rule(
        ATTRIBUTE, "an attribute of an unknown namespace", _foreign_attribute
    ),
    "missing-attribute": Rule(
        _clauses("cvc-complex-type.4"), "a required attribute is not there", _missing_attribute
    ),
    "prohibited-attribute": Rule(
        ATTRIBUTE, "a prohibited attribute is there", _prohibited_attribute
    ),
    "attribute-renamed": Rule(
        ATTRIBUTE, "an attribute is in another namespace", _attribute_renamed
    ),
    "nil-not-nillable": Rule(
        _clauses("cvc-elt.3.1"), "the declaration is not nillable", _nil
    ),
    "nil-with-content": Rule(
        _clauses("cvc-elt.3.2.1"), "an element is nil and has content", _nil_with_content
    ),
    "nil-misspelled": Rule(
        _clauses("cvc-elt.3"), "xsi:nil is no boolean", _nil_misspelled
    ),
    "unknown-type": Rule(
        _clauses("cvc-elt.4.2"), "xsi:type names no type", _unknown_type
    ),
    "wrong-type": Rule(
        _clauses("cvc-elt.4.3"), "xsi:type names a type that is not derived from the declared one", _wrong_type
    ),
    "abstract-type": Rule(
        _clauses("cvc-type.2"), "the type is abstract", _abstract_type
    ),
    "not-the-fixed-value": Rule(
        _clauses("cvc-elt.5.2.2.2", "cvc-au"), "the value is not the fixed one", _not_fixed
    ),
    "same-key": Rule(
        _clauses("cvc-identity-constraint.4.2.2", "cvc-identity-constraint.4.1"),
        "two keys have the same value",
        same_key,
    ),
    "no-key": Rule(
        _clauses("cvc-identity-constraint.4.2.1"), "a field of a key is not there", no_key
    ),
    "dangling-reference": Rule(
        _clauses("cvc-identity-constraint.4.3"), "a keyref refers to no key", dangling
    ),
    "same-id": Rule(
        _clauses("cvc-id.2"), "two ids are the same", same_id
    ),
}  # fmt: skip
"""By name, in the order in which they are tried."""
