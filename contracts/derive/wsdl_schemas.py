"""The XML Schema components of a WSDL, and slices of them: what one operation's messages reach, and no more.

A component is reached by name (`type`, `ref`, `base`, ...), and through what an instance may name by itself: types
that extend or restrict the declared one (`xsi:type`), and members of a substitution group. Slices keep time and size
linear over the operations of a WSDL. Source: XML Schema 1.0 part 1, sections 3.3 (substitution), 3.4.4 (derived
types), 4.2.1 (chameleon include).
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path
from typing import Final, Literal, TypeAlias

from lxml import etree

from contracts.derive.description import SchemaDocument
from contracts.derive.wsdl_documents import WSDL, Bundle, Loaded
from contracts.errors import ContractError
from contracts.names import SOAP_ENCODINGS, SOURCE, XML, XSD, local_name, namespace_of

Kind: TypeAlias = Literal["element", "type", "attribute", "group", "attributeGroup"]
Key: TypeAlias = tuple[Kind, str]
"""Kind and name, in Clark notation, of a component."""

ANY_TYPE: Final = f"{{{XSD}}}anyType"
SCHEMA_ELEMENT: Final = f"{{{XSD}}}schema"

_KINDS: Mapping[str, Kind] = {
    f"{{{XSD}}}element": "element",
    f"{{{XSD}}}complexType": "type",
    f"{{{XSD}}}simpleType": "type",
    f"{{{XSD}}}attribute": "attribute",
    f"{{{XSD}}}group": "group",
    f"{{{XSD}}}attributeGroup": "attributeGroup",
}

_REFERRING: Mapping[tuple[str, str], Kind] = {
    ("element", "type"): "type",
    ("element", "ref"): "element",
    ("element", "substitutionGroup"): "element",
    ("attribute", "type"): "type",
    ("attribute", "ref"): "attribute",
    ("group", "ref"): "group",
    ("attributeGroup", "ref"): "attributeGroup",
    ("extension", "base"): "type",
    ("restriction", "base"): "type",
    ("list", "itemType"): "type",
    ("union", "memberTypes"): "type",
}
"""What the attributes that hold QNames name, by element and attribute; `memberTypes` holds a list of them."""

_NOTED = frozenset({"element", "attribute", "any", "anyAttribute", "enumeration"})
_DEFAULTS = (
    ("elementFormDefault", "form", ("element",)),
    ("attributeFormDefault", "form", ("attribute",)),
    ("blockDefault", "block", ("element", "complexType")),
    ("finalDefault", "final", ("element", "complexType", "simpleType")),
)
"""Defaults of a schema document, the attribute that each stands for, and the elements that have it."""

_XML_NAMESPACE = Path(__file__).parents[1] / "standards" / "envelopes" / "xml.xsd"


class Unreachable(ContractError):  # noqa: N818 - it says what is the case with a component
    """An operation reaches a component that no slice can hold: a missing one, or a construct that is refused."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What a component names. `kept` is False for a base and a head: what stands for them does not come along."""

    key: Key
    kept: bool
    at: etree._Element


@dataclass(frozen=True, eq=False)
class Component:
    """One top-level component. `namespace` is the one it has, which for a chameleon is not in its document."""

    key: Key
    element: etree._Element = field(repr=False)
    document: Loaded = field(repr=False)
    namespace: str
    schema: etree._Element = field(repr=False)

    @property
    def is_chameleon(self) -> bool:
        """Whether its document has no target namespace and took that of the document that includes it."""
        return bool(self.namespace) and self.schema.get("targetNamespace") is None

    def name_of(self, qname: str, element: etree._Element) -> str:
        """A QName of this component in Clark notation. Raises Unreachable for a prefix that nothing declares."""
        prefix, _, local = qname.rpartition(":")
        uri = XML if prefix == "xml" else element.nsmap.get(prefix or None)
        if uri is None and prefix:
            raise Unreachable(self.document.place(element), "has a prefix that nothing declares", value=qname)
        if uri is None and self.is_chameleon:
            uri = self.namespace
        return f"{{{uri}}}{local}" if uri else local

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """What it names, in document order."""
        return tuple(self._references())

    def _references(self) -> Iterator[Reference]:
        for element in self.element.iter(f"{{{XSD}}}*"):
            tag = local_name(str(element.tag))
            for (owner, attribute), kind in _REFERRING.items():
                if owner == tag and (value := element.get(attribute)) is not None:
                    kept = attribute not in ("base", "substitutionGroup")
                    for qname in value.split():
                        yield Reference((kind, self.name_of(qname, element)), kept, element)
            if tag == "element" and _has_any_type(element):
                yield Reference(("type", ANY_TYPE), True, element)


def _has_any_type(element: etree._Element) -> bool:
    """Whether an element declaration names no type at all, which leaves it any content (part 1, section 3.3.2)."""
    named = any(element.get(name) is not None for name in ("type", "ref", "substitutionGroup"))
    return not named and all(element.find(f"{{{XSD}}}{each}") is None for each in ("complexType", "simpleType"))


class SchemaSet:
    """Every component of a WSDL's schemas, by kind and name."""

    def __init__(self, bundle: Bundle) -> None:
        self._bundle = bundle
        self._components: dict[Key, Component] = {}
        self._refused: dict[Key, tuple[etree._Element, Loaded, str]] = {}
        self._seen: set[tuple[etree._Element, str]] = set()
        for document in bundle.documents:
            for schema in _schemas_of(document):
                self._add(schema, document, schema.get("targetNamespace") or "")
        self._order = {key: index for index, key in enumerate(self._components)}
        self._copies: dict[Key, Made] = {}
        self._prefixes: dict[str, str] = {bundle.main.root.get("targetNamespace", ""): "tns"}
        for component in self._components.values():
            self.prefix(component.namespace)

    # --- reading ---

    def _add(self, schema: etree._Element, document: Loaded, namespace: str) -> None:
        """Takes up the components of a schema document, and of those it includes, for a namespace."""
        if (schema, namespace) in self._seen:
            return
        self._seen.add((schema, namespace))
        for child in schema.iterchildren(f"{{{XSD}}}*"):
            tag = local_name(str(child.tag))
            if tag in ("include", "redefine"):
                self._include(child, document, namespace, refused=tag == "redefine")
            elif child.tag in _KINDS and child.get("name"):
                self._take(Component(_key(child, namespace), child, document, namespace, schema))

    def _include(self, reference: etree._Element, document: Loaded, namespace: str, *, refused: bool) -> None:
        for child in reference.iterchildren(*_KINDS) if refused else ():
            why = "is redefined (xs:redefine), which no slice can hold"
            self._refused.setdefault(_key(child, namespace), (child, document, why))
        target = self._bundle.referred.get(reference)
        if target is None:
            return
        own = target.root.get("targetNamespace")
        if own is not None and own != namespace:
            problem = f"includes a schema document of another namespace, {own!r}; only xs:import may bring that"
            raise ContractError(document.place(reference), problem, value=reference.get("schemaLocation"))
        self._add(target.root, target, namespace)

    def _take(self, component: Component) -> None:
        """Adds a component; one that stands twice is no matter if both are alike, and refused where it is reached."""
        first = self._components.setdefault(component.key, component)
        if first is not component and _canonical(first.element) != _canonical(component.element):
            line = first.document.source(first.element)
            why = f"stands twice, with other content each time (first at {line})"
            self._refused[component.key] = (component.element, component.document, why)

    # --- asking ---

    def __contains__(self, key: Key) -> bool:
        return key in self._components

    def find(self, kind: Kind, name: str) -> Component | None:
        """The component of a kind and name, in Clark notation; None if there is none."""
        return self._components.get((kind, name))

    @cached_property
    def _broken(self) -> frozenset[Key]:
        """The components that are refused, or that name what there is not."""
        named = {key for key, component in self._components.items() if self._names_nothing(component)}
        return frozenset(named | self._refused.keys())

    @cached_property
    def _whole(self) -> Sequence[Component]:
        return [component for key, component in self._components.items() if key not in self._broken]

    @cached_property
    def _derived(self) -> Mapping[str, Sequence[Key]]:
        """The types that extend or restrict a type, by its name."""
        found: dict[str, list[Key]] = {}
        for component in self._whole:
            if component.key[0] == "type":
                for base in _bases(component):
                    found.setdefault(base, []).append(component.key)
        return found

    @cached_property
    def _members(self) -> Mapping[str, Sequence[Key]]:
        """The elements that may stand for an element, by its name."""
        found: dict[str, list[Key]] = {}
        for component in self._whole:
            head = component.element.get("substitutionGroup") if component.key[0] == "element" else None
            if head is not None:
                found.setdefault(component.name_of(head, component.element), []).append(component.key)
        return found

    @cached_property
    def _types(self) -> Sequence[Key]:
        return [key for key in self._components if key[0] == "type"]

    @cached_property
    def _unsound(self) -> frozenset[Key]:
        """The components that name, directly or not, what there is not or what is refused."""
        found = set(self._broken)
        users: dict[Key, list[Key]] = {}
        for component in self._whole:
            for reference in component.references:
                users.setdefault(reference.key, []).append(component.key)
        waiting = list(found)
        while waiting:
            more = set(users.get(waiting.pop(), ())) - found
            found |= more
            waiting += more
        return frozenset(found)

    def _names_nothing(self, component: Component) -> bool:
        try:
            for reference in component.references:
                self._require(reference, component)
        except Unreachable:
            return True
        return False

    def reach(self, roots: Iterable[Key]) -> tuple[Component, ...]:
        """The components that messages with these roots can need, in the order of the documents.

        Raises Unreachable for a name that no component has, and for a construct that is refused, with its place.
        """
        found: dict[Key, Component] = {}
        substituted: set[Key] = set()
        waiting: list[tuple[Key, bool]] = [(key, True) for key in roots]
        while waiting:
            key, kept = waiting.pop()
            if kept and key not in substituted:
                substituted.add(key)
                waiting += [(each, True) for each in self._instead_of(key)]
            if key in found or namespace_of(key[1]) in (XSD, XML):
                continue
            found[key] = self._reached(key)
            for reference in found[key].references:
                self._require(reference, found[key])
                waiting.append((reference.key, reference.kept))
        return tuple(sorted(found.values(), key=lambda each: self._order[each.key]))

    def _instead_of(self, key: Key) -> Iterable[Key]:
        """What an instance may have in place of what is declared: derived types, members of substitution groups.

        Those that no slice can hold are left out: the declared one may still stand for itself.
        """
        return (each for each in self._named_instead_of(key) if each not in self._unsound)

    def _named_instead_of(self, key: Key) -> Sequence[Key]:
        kind, name = key
        if kind == "type":
            if namespace_of(name) == XSD:  # an xs:string may be of every simple type there is: nobody writes that
                return self._types if name == ANY_TYPE else ()
            return self._derived.get(name, ())
        return self._members.get(name, ()) if kind == "element" else ()

    def _reached(self, key: Key) -> Component:
        if key in self._refused:
            element, document, why = self._refused[key]
            raise Unreachable(document.place(element), why, value=local_name(key[1]))
        return self._components[key]

    def _require(self, reference: Reference, component: Component) -> None:
        """Raises Unreachable where a component names one that there is not."""
        kind, name = reference.key
        namespace = namespace_of(name)
        if namespace in (XSD, XML) or reference.key in self._components or reference.key in self._refused:
            return
        if namespace in SOAP_ENCODINGS:
            why = "is of SOAP encoding (SOAP 1.1 section 5), whose arrays and references no schema describes"
            raise Unreachable(component.document.place(reference.at), why, value=name)
        absent = next((each for each in self._bundle.missing if each.namespace in (namespace, None)), None)
        hint = f"{absent.place} refers to {absent.location}, which cannot be read" if absent else ""
        described = f"names a {kind} that no schema of the WSDL has"
        raise Unreachable(component.document.place(reference.at), described, value=name, hint=hint)

    # --- slices ---

    def slice_of(self, roots: Iterable[Key], made: Sequence["Made"] = ()) -> tuple[SchemaDocument, ...]:
        """What messages with these roots need, as schema documents with their notes, one for each namespace.

        `made` are components of ours that stand with them. Raises Unreachable as `reach` does.
        """
        return self.documents(self.reach(roots), made)

    def whole(self) -> tuple[SchemaDocument, ...]:
        """Every component that a slice can hold, as schema documents."""
        return self.documents([each for key, each in self._components.items() if key not in self._unsound])

    def documents(self, components: Sequence[Component], made: Sequence["Made"] = ()) -> tuple[SchemaDocument, ...]:
        """Components as schema documents, one for each namespace, in the order of the components."""
        copies: dict[str, list[Made]] = {}
        for component in components:
            copies.setdefault(component.namespace, []).append(self._copied(component))
        for each in made:
            copies.setdefault(each.namespace, []).append(each)
        documents = [self._document(namespace, found) for namespace, found in copies.items()]
        if any(XML in each.called for found in copies.values() for each in found):
            documents.append(SchemaDocument(XML, _xml_namespace()))
        return tuple(documents)

    def _document(self, namespace: str, copies: Sequence["Made"]) -> SchemaDocument:
        root = self.schema_root(namespace, {uri for each in copies for uri in each.called})
        root.extend(deepcopy(each.element) for each in copies)
        return SchemaDocument(namespace or None, root)

    def schema_root(self, namespace: str, called: Iterable[str] = ()) -> etree._Element:
        """An empty schema document of a namespace that declares prefixes for itself and for the namespaces called."""
        wanted = {namespace, *called} - {"", XML}
        nsmap = {"xs": XSD, "s": SOURCE} | {self.prefix(uri): uri for uri in self._prefixes if uri in wanted}
        nsmap |= {self.prefix(uri): uri for uri in sorted(wanted - set(self._prefixes))}
        root = etree.Element(SCHEMA_ELEMENT, nsmap=nsmap)
        if namespace:
            root.set("targetNamespace", namespace)
            root.set("elementFormDefault", "qualified")
        return root

    def prefix(self, namespace: str) -> str:
        """The prefix that schema documents of ours have for a namespace: the same everywhere."""
        return {XSD: "xs", XML: "xml"}.get(namespace) or self._prefixes.setdefault(
            namespace, f"ns{len(self._prefixes)}"
        )

    def qname(self, name: str) -> str:
        """A name in Clark notation as a QName with our prefix."""
        uri = namespace_of(name)
        return f"{self.prefix(uri)}:{local_name(name)}" if uri else name

    def _copied(self, component: Component) -> "Made":
        if component.key not in self._copies:
            self._copies[component.key] = _Copier(component, self.qname).copy()
        return self._copies[component.key]


@dataclass(frozen=True, slots=True)
class Made:
    """A component of a namespace as documents of ours have it, and the namespaces that its QNames need prefixes for."""

    namespace: str
    element: etree._Element
    called: frozenset[str]


class _Copier:
    """Rewrites a component: our prefixes, explicit defaults, notes of origin; no annotations, no foreign attributes."""

    def __init__(self, component: Component, qname: Callable[[str], str]) -> None:
        self._component = component
        self._qname = qname
        self._called: set[str] = set()
        self._defaults = [(attribute, tags, component.schema.get(default)) for default, attribute, tags in _DEFAULTS]

    def copy(self) -> Made:
        """The rewritten component."""
        holder = etree.Element(SCHEMA_ELEMENT, nsmap={"xs": XSD, "s": SOURCE})
        self._append(holder, self._component.element)
        return Made(self._component.namespace, holder[0], frozenset(self._called))

    def _append(self, parent: etree._Element, element: etree._Element) -> None:
        tag = local_name(str(element.tag))
        if tag == "annotation" or namespace_of(str(element.tag)) != XSD:
            return
        if tag == "element" and element.get("ref") is not None and self._name("ref", element) == SCHEMA_ELEMENT:
            self._append_schema_wildcard(parent, element)
            return
        made = etree.SubElement(parent, f"{{{XSD}}}{tag}")
        for name, value in element.attrib.items():
            if "{" not in str(name) and name != "id":
                made.set(str(name), self._value(tag, str(name), str(value), element))
        self._explain(made, tag, is_global=element is self._component.element)
        self._note(made, tag, element)
        for child in element.iterchildren("*"):
            self._append(made, child)

    def _append_schema_wildcard(self, parent: etree._Element, element: etree._Element) -> None:
        """`ref="xs:schema"` as ASMX writes it for a DataSet: what follows is any schema document."""
        made = etree.SubElement(parent, f"{{{XSD}}}any", namespace=XSD, processContents="skip")
        for name in ("minOccurs", "maxOccurs"):
            if (value := element.get(name)) is not None:
                made.set(name, value)
        self._note(made, "any", element)

    def _value(self, tag: str, name: str, value: str, element: etree._Element) -> str:
        if (tag, name) in _REFERRING:
            return " ".join(self._called_by(self._component.name_of(each, element)) for each in value.split())
        if name == "xpath":
            return _PREFIXED.sub(lambda found: self._called_by(self._component.name_of(found[0], element)), value)
        if tag == "enumeration" and name == "value" and _lists_qnames(self._component, element):
            return self._called_by(self._component.name_of(value, element))
        return value

    def _name(self, attribute: str, element: etree._Element) -> str:
        return self._component.name_of(element.get(attribute, ""), element)

    def _called_by(self, name: str) -> str:
        self._called.add(namespace_of(name))
        return self._qname(name)

    def _explain(self, made: etree._Element, tag: str, *, is_global: bool) -> None:
        """Writes out what a component has by default: ours and its document's defaults may differ.

        A wildcard that is strict becomes lax: it asks for a declaration, and a slice does not hold them all.
        """
        if tag in ("any", "anyAttribute") and made.get("processContents", "strict") == "strict":
            made.set("processContents", "lax")
        if made.get("ref") is not None:
            return
        for attribute, tags, default in self._defaults:
            if tag not in tags or made.get(attribute) is not None:
                continue
            if attribute == "form":
                ours = "qualified" if tag == "element" else "unqualified"
                if not is_global and self._component.namespace and (default or "unqualified") != ours:
                    made.set("form", default or "unqualified")
            elif is_global or (tag, attribute) == ("element", "block"):
                words = _kept_words(tag, attribute, default or "")
                if words:
                    made.set(attribute, words)

    def _note(self, made: etree._Element, tag: str, element: etree._Element) -> None:
        is_global = element is self._component.element
        if tag in _NOTED or is_global:
            made.set(f"{{{SOURCE}}}at", self._component.document.source(element).note)
            made.set(f"{{{SOURCE}}}basis", "documented")


_PREFIXED = re.compile(r"[A-Za-z_][\w.-]*:(?!:)[A-Za-z_][\w.-]*")


_WORDS: Mapping[tuple[str, str], frozenset[str]] = {
    ("element", "block"): frozenset({"extension", "restriction", "substitution"}),
    ("element", "final"): frozenset({"extension", "restriction"}),
    ("complexType", "block"): frozenset({"extension", "restriction"}),
    ("complexType", "final"): frozenset({"extension", "restriction"}),
    ("simpleType", "final"): frozenset({"list", "union", "restriction"}),
}
"""What `block` and `final` may name, which is less than the defaults of a document may (part 1, section 3.15.2)."""


def _kept_words(tag: str, attribute: str, default: str) -> str:
    if default.strip() == "#all":
        return "#all"
    return " ".join(word for word in default.split() if word in _WORDS[tag, attribute])


def _lists_qnames(component: Component, element: etree._Element) -> bool:
    """Whether an enumeration is one of QNames, whose prefixes have a meaning."""
    parent = element.getparent()
    base = None if parent is None else parent.get("base")
    return parent is not None and base is not None and component.name_of(base, parent) == f"{{{XSD}}}QName"


def _schemas_of(document: Loaded) -> Iterator[etree._Element]:
    """The schemas that belong to the WSDL without being included: those under wsdl:types, and imported documents."""
    if document.root.tag == SCHEMA_ELEMENT:
        if document.root.get("targetNamespace") is not None:
            yield document.root
        return
    yield from document.root.iterfind(f"{{{WSDL}}}types/{SCHEMA_ELEMENT}")


def _key(element: etree._Element, namespace: str) -> Key:
    name = element.get("name", "")
    return _KINDS[str(element.tag)], f"{{{namespace}}}{name}" if namespace else name


def _bases(component: Component) -> Iterator[str]:
    """The types that a type definition derives from by its own content; a simple type's list or union is none."""
    for step in ("complexContent", "simpleContent", None):
        holder = component.element if step is None else component.element.find(f"{{{XSD}}}{step}")
        if holder is None:
            continue
        for way in ("extension", "restriction"):
            found = holder.find(f"{{{XSD}}}{way}")
            if found is not None and found.get("base") is not None:
                yield component.name_of(found.get("base", ""), found)


def _canonical(element: etree._Element) -> bytes:
    """A component's content, however it is laid out."""
    copy = deepcopy(element)
    for each in copy.iter():
        each.tail = None
        if each.text is not None and not each.text.strip():
            each.text = None
    return etree.tostring(copy, method="c14n", exclusive=True)


@cache
def _xml_namespace_text() -> bytes:
    return _XML_NAMESPACE.read_bytes()


def _xml_namespace() -> etree._Element:
    """The schema of the attributes xml:lang, xml:space and xml:base."""
    return etree.fromstring(_xml_namespace_text())
