"""Declarations as XML Schema: one document for each namespace, every component with its notes of origin.

Content stands in its element. A type gets a name where it has to have one: where children stand in another namespace
than their parent, where another element shares the type, where an `xsi:type` names it. Children in several namespaces
make a chain of extensions, one type for each run of children in one namespace: that is how classes that derive from
each other are written, and it needs no global elements, which would be messages of their own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from lxml import etree

from contracts.derive.declarations import (
    OPEN,
    AnyContent,
    AttributeMember,
    Complex,
    DataSet,
    Extra,
    Member,
    SameType,
    Simple,
)
from contracts.derive.description import SchemaDocument
from contracts.derive.writing import REFERRING, file_names
from contracts.model import Basis
from contracts.names import DIFFGRAM, SOURCE, XSD, local_name, namespace_of
from contracts.sources import Source

ONE_CHARACTER: Final = "[!-\ud7ff\ue000-\ufffd]"
"""What .NET takes for a character: one unit of UTF-16, of those that XML allows and that are no white space."""
_OWN_TYPES: Final = {
    "guid": ("string", "pattern", "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"),
    "char": ("unsignedShort", None, ""),
    "character": ("string", "pattern", ONE_CHARACTER),
    OPEN: ("token", "minLength", "1"),
}
"""Types that are not built in: base, facet and its value."""


@dataclass
class _Document:
    """The document of one namespace while it grows: global elements first, then types, by name."""

    namespace: str | None
    elements: dict[str, etree._Element] = field(default_factory=dict)
    types: dict[str, etree._Element] = field(default_factory=dict)


class SchemaBuilder:
    """Collects the declarations of an operation's messages. QNames stand in Clark notation until the end."""

    def __init__(self) -> None:
        self._documents: dict[str | None, _Document] = {}
        self._named: dict[str, str] = {}

    def element(self, member: Member) -> str:
        """Declares a message's root, once; its name in Clark notation."""
        document = self._document(namespace_of(member.tag) or None)
        name = local_name(member.tag)
        if name not in document.elements:
            element = _component("element", name=name)
            document.elements[name] = element
            self._type(element, member, document)
            if member.nillable:
                element.set("nillable", "true")
            _note_member(element, member)
            if member.nillable:
                _note(element, nil_basis=member.nil_basis, nil_source=member.nil_source)
        return member.tag

    def content_type(self, name: str, members: Sequence[Member], *, model: str = "all") -> str:
        """Declares the content of a Header or a Body as a type of the entry schema; its name."""
        document = self._document(None)
        if name not in document.types:
            made = _component("complexType", name=name)
            document.types[name] = made
            self._group(made, model, members, document)
        return name

    def open_type(self, name: str, content: AnyContent) -> None:
        """Declares a type of the entry schema that lets in anything."""
        made = _any_content(content)
        made.set("name", name)
        self._document(None).types.setdefault(name, made)

    def convention(self, namespace: str, elements: Iterable[etree._Element]) -> None:
        """Adds components that no page prints."""
        document = self._document(namespace)
        for element in elements:
            kind = document.elements if local_name(str(element.tag)) == "element" else document.types
            kind.setdefault(element.get("name", ""), element)

    def documents(self) -> tuple[SchemaDocument, ...]:
        """The finished documents, in the order in which their namespaces were first met."""
        names = file_names(uri for uri in self._documents if uri is not None)
        self._resolve()
        return tuple(_finished(document, names) for document in self._documents.values())

    def _document(self, namespace: str | None) -> _Document:
        return self._documents.setdefault(namespace, _Document(namespace))

    # --- types --------------------------------------------------------------------------------------------------------

    def _type(self, element: etree._Element, member: Member, document: _Document) -> None:
        """Gives an element its type: by name, or in place."""
        content = member.content
        match content:
            case Simple():
                self._simple(element, content, document)
            case AnyContent(is_xml=False):
                element.set("type", self._open_type(content))
            case AnyContent():
                element.append(_any_content(content))
            case DataSet():
                element.append(_dataset(content))
            case SameType():
                element.set("type", f"same:{content.key}")
            case Complex():
                self._complex(element, content, document, local_name(member.tag))

    def _open_type(self, content: AnyContent) -> str:
        """The name of a type that lets in anything: XML Schema's own, or one under the name that a sample uses."""
        if content.type_name is None:
            return f"{{{XSD}}}anyType"
        made = _any_content(content)
        made.set("name", local_name(content.type_name))
        self._document(namespace_of(content.type_name) or None).types.setdefault(local_name(content.type_name), made)
        return content.type_name

    def _simple(self, element: etree._Element, simple: Simple, document: _Document, attribute: str = "type") -> None:
        if simple.words:
            element.append(_enumeration(simple))
        else:
            element.set(attribute, self._simple_name(simple, document))

    def _simple_name(self, simple: Simple, document: _Document) -> str:
        """The name of a simple type, in Clark notation; one that is not built in is declared where it is needed."""
        if simple.base not in _OWN_TYPES:
            return f"{{{XSD}}}{simple.base}"
        name = simple.base
        _note_place(document.types.setdefault(name, _own_type(name, simple)), simple)
        return f"{{{document.namespace}}}{name}" if document.namespace else name

    def _complex(self, element: etree._Element, content: Complex, document: _Document, name: str) -> None:
        named = content.key is not None or content.type_name is not None
        if content.text is not None:
            element.append(self._text_with_attributes(content, document))
            return
        runs = _runs(content, document.namespace)
        if not named and (content.model != "sequence" or {space for space, _ in runs} <= {document.namespace}):
            made = _component("complexType")
            element.append(made)
            self._fill(made, content, content.members, document)
            return
        element.set("type", self._chain(content, runs or [(document.namespace, ())], name))

    def _chain(self, content: Complex, runs: Sequence[tuple[str | None, Sequence[Member]]], name: str) -> str:
        """The name of the last of the types that extend each other, one for each run of children.

        The last stands in the namespace of the name that an `xsi:type` gives it.
        """
        declared = content.type_name and self._named.get(content.type_name)
        if declared:
            return declared
        home = runs[-1][0] if content.type_name is None else namespace_of(content.type_name) or None
        if content.model != "sequence":
            runs = [(home, content.members)]
        elif runs[-1][0] != home:
            runs = [*runs, (home, ())]
        last = _type_name(content, name)
        base: str | None = None
        for index, (namespace, members) in enumerate(runs):
            is_last = index == len(runs) - 1
            document = self._document(namespace)
            own = _free(last if is_last else f"{last}Base", document)
            made = _component("complexType", name=own)
            document.types[own] = made
            clark = f"{{{namespace}}}{own}" if namespace else own
            if is_last:
                self._named |= {key: clark for key in (content.key, content.type_name) if key is not None}
            holder = made
            if base is not None:
                holder = etree.SubElement(etree.SubElement(made, _tag("complexContent")), _tag("extension"), base=base)
            self._fill(holder, content if is_last else Complex(content.model, tuple(members)), members, document)
            base = clark
        assert base is not None
        return base

    def _fill(self, made: etree._Element, content: Complex, members: Sequence[Member], document: _Document) -> None:
        """Gives a complex type, or an extension, its group and attributes."""
        if members or content.trailing:
            self._group(made, content.model, members, document, content.trailing)
        self._attributes(made, content, document)

    def _group(
        self,
        made: etree._Element,
        model: str,
        members: Sequence[Member],
        document: _Document,
        trailing: Sequence[Extra] = (),
    ) -> None:
        group = etree.SubElement(made, _tag(model))
        if model == "choice":
            group.set("minOccurs", "0")
            group.set("maxOccurs", "unbounded")
        for member in members:
            self._particle(group, member, document, counted=model != "choice")
        for extra in trailing:
            group.append(_extra(extra))

    def _particle(self, group: etree._Element, member: Member, document: _Document, *, counted: bool) -> None:
        namespace = namespace_of(member.tag) or None
        element = etree.SubElement(group, _tag("element"))
        if namespace not in (document.namespace, None):
            element.set("ref", self.element(member))
        else:
            element.set("name", local_name(member.tag))
            if namespace is None and document.namespace is not None:
                element.set("form", "unqualified")
            self._type(element, member, document)
        if counted:
            if member.low != 1:
                element.set("minOccurs", str(member.low))
            if member.high != 1:
                element.set("maxOccurs", "unbounded" if member.high is None else str(member.high))
        if member.nillable and element.get("ref") is None:
            element.set("nillable", "true")
        _note_member(element, member)
        if counted:
            _note(element, min_basis=member.min_basis, min_source=member.min_source)
        else:  # a choice asks for nothing
            _note(element, min_basis="convention")
        _note(element, nil_basis=member.nil_basis, nil_source=member.nil_source)

    def _text_with_attributes(self, content: Complex, document: _Document) -> etree._Element:
        """A complex type with simple content."""
        assert content.text is not None
        made = _component("complexType")
        extension = etree.SubElement(etree.SubElement(made, _tag("simpleContent")), _tag("extension"))
        if content.text.words:
            name = _free("Value", document)
            document.types[name] = _enumeration(content.text)
            document.types[name].set("name", name)
            extension.set("base", f"{{{document.namespace}}}{name}" if document.namespace else name)
        else:
            extension.set("base", self._simple_name(content.text, document))
        self._attributes(extension, content, document)
        return made

    def _attributes(self, made: etree._Element, content: Complex, document: _Document) -> None:
        for attribute in content.attributes.named:
            made.append(self._attribute(attribute, document))
        if content.attributes.is_open:
            etree.SubElement(made, _tag("anyAttribute"), processContents="skip")
        elif content.attributes.namespaces:
            namespaces = " ".join(content.attributes.namespaces)
            etree.SubElement(made, _tag("anyAttribute"), namespace=namespaces, processContents="skip")

    def _attribute(self, attribute: AttributeMember, document: _Document) -> etree._Element:
        made = _component("attribute", name=attribute.name)
        self._simple(made, attribute.content, document)
        if attribute.is_required:
            made.set("use", "required")
        _note(made, source=attribute.source, basis="documented")
        if attribute.content.basis != "documented":
            _note(made, type_basis=attribute.content.basis)
        _note(made, min_basis="convention")
        return made

    def _resolve(self) -> None:
        """Puts names in the place of references to types of other elements, which may stand anywhere."""
        for document in self._documents.values():
            for root in (*document.elements.values(), *document.types.values()):
                for element in root.iter(_tag("element")):
                    key = element.get("type", "")
                    if key.startswith("same:"):
                        element.set("type", self._named.get(key.removeprefix("same:"), f"{{{XSD}}}anyType"))


# --- parts ------------------------------------------------------------------------------------------------------------


def _tag(name: str) -> str:
    return f"{{{XSD}}}{name}"


def _component(kind: str, **attributes: str) -> etree._Element:
    return etree.Element(_tag(kind), attributes)


def _note(
    element: etree._Element,
    *,
    source: Source | None = None,
    basis: Basis | None = None,
    type_basis: Basis | None = None,
    min_basis: Basis | None = None,
    nil_basis: Basis | None = None,
    type_source: Source | None = None,
    min_source: Source | None = None,
    nil_source: Source | None = None,
) -> None:
    """Notes of origin on a component, as far as they are given."""
    notes = {
        "at": source.note if source else None,
        "basis": basis,
        "type-basis": type_basis,
        "min-basis": min_basis,
        "nil-basis": nil_basis,
        "type-at": type_source.note if type_source else None,
        "min-at": min_source.note if min_source else None,
        "nil-at": nil_source.note if nil_source else None,
    }
    for name, value in notes.items():
        if value is not None:
            element.set(f"{{{SOURCE}}}{name}", value)


def _note_member(element: etree._Element, member: Member) -> None:
    """Notes where an element's name and type come from."""
    _note(element, source=member.source, basis=member.basis, type_source=member.type_source)
    if member.type_basis != member.basis:
        _note(element, type_basis=member.type_basis)


def _note_place(made: etree._Element, simple: Simple) -> None:
    """Adds a place to those of a type that several elements share; what rests on the weakest of them is no better."""
    at, basis = f"{{{SOURCE}}}at", f"{{{SOURCE}}}basis"
    places = [*made.get(at, "").split(), simple.source.note]
    made.set(at, " ".join(dict.fromkeys(places)))
    if simple.basis != "documented":
        made.set(basis, simple.basis)


def _enumeration(simple: Simple) -> etree._Element:
    made = _component("simpleType")
    _note(made, source=simple.source, basis=simple.basis)
    restriction = etree.SubElement(made, _tag("restriction"), base=f"{{{XSD}}}{simple.base}")
    for word in simple.words:
        _note(
            etree.SubElement(restriction, _tag("enumeration"), value=word.value), source=word.source, basis=word.basis
        )
    return made


def _own_type(name: str, simple: Simple) -> etree._Element:
    base, facet, value = _OWN_TYPES[simple.base]
    made = _component("simpleType", name=name)
    _note(made, source=simple.source, basis=simple.basis)
    restriction = etree.SubElement(made, _tag("restriction"), base=f"{{{XSD}}}{base}")
    if facet is not None:
        etree.SubElement(restriction, _tag(facet), value=value)
    return made


def _any_content(content: AnyContent) -> etree._Element:
    """Whatever stands for a placeholder for XML: elements, text, or neither."""
    made = _component("complexType", mixed="true")
    wildcard = etree.SubElement(
        etree.SubElement(made, _tag("sequence")),
        _tag("any"),
        processContents="skip",
        minOccurs="0",
        maxOccurs="unbounded",
    )
    _note(wildcard, source=content.source, basis=content.basis, min_basis="convention")
    etree.SubElement(made, _tag("anyAttribute"), processContents="skip")
    return made


def _dataset(dataset: DataSet) -> etree._Element:
    """A schema, then a diffgram: neither placeholder is valid as printed, and what they hold is judged elsewhere."""
    made = _component("complexType")
    sequence = etree.SubElement(made, _tag("sequence"))
    schema = etree.SubElement(sequence, _tag("any"), namespace=XSD, processContents="skip")
    _note(schema, source=dataset.schema, basis="documented", min_basis="documented")
    data = etree.SubElement(sequence, _tag("any"), namespace=DIFFGRAM, processContents="skip")
    _note(data, source=dataset.data, basis="documented", type_basis="convention", min_basis="documented")
    return made


def _extra(extra: Extra) -> etree._Element:
    element = _component("element", name=extra.name, minOccurs="0", nillable="true")
    _note(element, basis="convention")
    sequence = etree.SubElement(etree.SubElement(element, _tag("complexType")), _tag("sequence"))
    wildcard = etree.SubElement(
        sequence,
        _tag("any"),
        namespace=extra.namespace,
        processContents="skip",
        minOccurs="0",
        maxOccurs="unbounded",
    )
    _note(wildcard, basis="convention")
    return element


def _runs(content: Complex, home: str | None) -> list[tuple[str | None, tuple[Member, ...]]]:
    """The children by runs in one namespace. Those in none belong to the run before them, or to where they stand."""
    spaces: list[str | None] = []
    for member in content.members:
        spaces.append(namespace_of(member.tag) or (spaces[-1] if spaces else home))
    pairs = zip(spaces, content.members, strict=True)
    return [(space, tuple(member for _, member in run)) for space, run in groupby(pairs, key=lambda pair: pair[0])]


def _type_name(content: Complex, name: str) -> str:
    """What a named type is called: as an `xsi:type` calls it, after the items of a list, or after its element."""
    if content.type_name is not None:
        return local_name(content.type_name)
    if len(content.members) == 1 and content.members[0].high is None:
        return f"ArrayOf{_capitalised(local_name(content.members[0].tag))}"
    return _capitalised(name)


def _capitalised(name: str) -> str:
    return name[:1].upper() + name[1:]


def _free(name: str, document: _Document) -> str:
    """A name for a type that the document has not given yet."""
    number = 1
    while (name if number == 1 else f"{name}{number}") in document.types:
        number += 1
    return name if number == 1 else f"{name}{number}"


def convention_components() -> tuple[etree._Element, ...]:
    """ServiceStack's own error answer, which its pages do not print: the members of its ResponseStatus."""
    error = _component("element", name="ErrorResponse")
    _note(error, basis="convention")
    status = _conventional(_sequence(error), "ResponseStatus")
    members = _sequence(status)
    for name in ("ErrorCode", "Message", "StackTrace"):
        _conventional(members, name, f"{{{XSD}}}string")
    of_item = _sequence(_conventional(_sequence(_conventional(members, "Errors")), "ResponseError", repeats=True))
    for name in ("ErrorCode", "FieldName", "Message"):
        _conventional(of_item, name, f"{{{XSD}}}string")
    for holder in (of_item, members):
        holder.append(_extra(META))
    return (error,)


META: Final = Extra(
    "Meta", "http://schemas.microsoft.com/2003/10/Serialization/Arrays", "later versions of ServiceStack write it"
)


def _sequence(element: etree._Element) -> etree._Element:
    return etree.SubElement(etree.SubElement(element, _tag("complexType")), _tag("sequence"))


def _conventional(
    group: etree._Element, name: str, type_name: str | None = None, *, repeats: bool = False
) -> etree._Element:
    """A member that the stack writes and no page prints: absent, nil or filled."""
    element = etree.SubElement(group, _tag("element"), name=name)
    if type_name is not None:
        element.set("type", type_name)
    element.set("minOccurs", "0")
    if repeats:
        element.set("maxOccurs", "unbounded")
    element.set("nillable", "true")
    _note(element, basis="convention")
    return element


# --- documents --------------------------------------------------------------------------------------------------------


def _finished(document: _Document, names: dict[str, str]) -> SchemaDocument:
    """A document with its prefixes declared and its QNames written with them."""
    components = [*document.elements.values(), *document.types.values()]
    prefixes = {"xs": XSD, "s": SOURCE}
    if document.namespace is not None:
        prefixes["tns"] = document.namespace
    for uri in sorted({namespace_of(name) for name in _names_in(components)} - {*prefixes.values(), ""}):
        stem = names[uri].removesuffix(".xsd")
        prefix = (
            stem if stem[0].isalpha() and stem not in prefixes and not stem.startswith("xml") else f"ns{len(prefixes)}"
        )
        prefixes[prefix] = uri
    root = etree.Element(_tag("schema"), nsmap=dict(prefixes))
    if document.namespace is not None:
        root.set("targetNamespace", document.namespace)
        root.set("elementFormDefault", "qualified")
    by_uri = {uri: prefix for prefix, uri in prefixes.items()}
    for component in components:
        for element in component.iter(_tag("*")):
            for attribute in REFERRING:
                if attribute in element.attrib:
                    element.set(attribute, _prefixed(element.get(attribute, ""), by_uri))
        root.append(component)
    etree.cleanup_namespaces(root, keep_ns_prefixes=list(prefixes))
    return SchemaDocument(document.namespace, root)


def _names_in(components: Iterable[etree._Element]) -> Iterable[str]:
    for component in components:
        for element in component.iter(_tag("*")):
            yield from (element.get(name, "") for name in REFERRING if name in element.attrib)


def _prefixed(clark: str, by_uri: dict[str, str]) -> str:
    uri = namespace_of(clark)
    return f"{by_uri[uri]}:{local_name(clark)}" if uri else clark
