"""What a WSDL says of messages, as content of bindings: elements of its schemas, and components made for the rest.

Document style names elements; rpc style, several parts and Headers need components that no schema of the WSDL has: a
wrapper, a type for the children of a Header or Body. Sources: WSDL 1.1 sections 3.5 to 3.7, 4 and 5; WS-I Basic
Profile 1.1, R2201 to R2211 (parts of a Body) and R2735 (rpc accessors have no namespace).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from lxml import etree

from contracts.derive.schemas import ONE_CHARACTER
from contracts.derive.wsdl_documents import Bundle, is_namespace
from contracts.derive.wsdl_schemas import ANY_TYPE, Key, Made, SchemaSet
from contracts.derive.wsdl_structure import SOAP_NAMESPACES, Block, Call, Direction, Part, Refusal
from contracts.model import Content, MessageShape
from contracts.names import SOURCE, XSD, namespace_of
from contracts.sources import Source

FORM: Final = "application/x-www-form-urlencoded"

_CHARACTER: Final = "{http://microsoft.com/wsdl/types/}char"
_BYTES: Final = frozenset({f"{{{XSD}}}base64Binary", f"{{{XSD}}}hexBinary"})
"""Types that ASMX reads otherwise from a form: a character as itself and not as its number, bytes one by one."""
_FORMS = {"http_get": "urlEncoded", "http_post": FORM}
_XML_TYPES = frozenset({"text/xml", "application/xml"})


@dataclass(slots=True)
class Slice:
    """What an operation's schemas are to hold: the components reached from `roots`, and those made for it."""

    roots: dict[Key, None] = field(default_factory=dict)
    made: dict[str, Made] = field(default_factory=dict)

    def add(self, made: Made, name: str) -> None:
        """Takes up a component made for the operation."""
        self.made[f"{{{made.namespace}}}{name}"] = made

    def copy(self) -> "Slice":
        """The same, to be changed on trial."""
        return Slice(dict(self.roots), dict(self.made))


@dataclass(frozen=True, slots=True)
class _Parameter:
    """A parameter over HTTP GET or POST: its simple type, and whether it may stand several times."""

    type_name: str
    many: bool


class Messages:
    """Finds the shapes of calls, and puts what they need into the slice of their operation."""

    def __init__(self, bundle: Bundle, schemas: SchemaSet) -> None:
        self._bundle, self._schemas = bundle, schemas

    def shapes(self, call: Call, calls: Sequence[Call], slice_: Slice) -> tuple[MessageShape, MessageShape]:
        """Request and answer of a call; `calls` are those of its operation over every protocol.

        Raises Refusal for what is not judged.
        """
        make = self._soap_shapes if call.protocol in SOAP_NAMESPACES else self._form_shapes
        return make(call, calls, slice_)

    # --- SOAP ---

    def _soap_shapes(self, call: Call, _: Sequence[Call], slice_: Slice) -> tuple[MessageShape, MessageShape]:
        request = self._soap_shape(call, call.input, slice_, answers=False)
        if call.output is None:
            return request, MessageShape(body=Content())
        response = self._soap_shape(call, call.output, slice_, answers=True)
        for block in call.faults:
            slice_.roots["element", self._declared(block.part)] = None
        return request, response

    def _soap_shape(self, call: Call, direction: Direction, slice_: Slice, *, answers: bool) -> MessageShape:
        if direction.use != "literal":
            raise Refusal(direction.at, f"use={direction.use!r} (SOAP encoding) is not judged, only literal is")
        body = self._rpc_body if call.style == "rpc" else self._document_body
        header = self._header(direction.headers, slice_, answers=answers) if direction.headers else None
        return MessageShape(body=body(call, direction, slice_, answers=answers), header=header)

    def _declared(self, part: Part) -> str:
        """The name of a part's element. Raises Refusal if no schema has it."""
        assert part.element is not None
        if ("element", part.element) not in self._schemas:
            missing = [each for each in self._bundle.missing if each.namespace in (namespace_of(part.element), None)]
            why = f"; {missing[0].location} (line {missing[0].source.line}) cannot be read" if missing else ""
            raise Refusal(part.at, f"part {part.name!r} names an element that no schema has: {part.element}{why}")
        return part.element

    def _document_body(self, call: Call, direction: Direction, slice_: Slice, *, answers: bool) -> Content:
        """Document style: the parts are the Body's children; one of them as a rule, none for an empty Body."""
        typed = next((part for part in direction.parts if part.element is None), None)
        if typed is not None:
            raise Refusal(typed.at, f"part {typed.name!r} is of a type, which in document style names no element")
        names = [self._declared(part) for part in direction.parts]
        slice_.roots.update({("element", name): None for name in names})
        if len(names) == 1:
            return Content(element=names[0])
        if not names and answers:
            return Content()
        return self._content_type("ResponseBody" if answers else "RequestBody", direction.parts, slice_, "sequence")

    def _rpc_body(self, call: Call, direction: Direction, slice_: Slice, *, answers: bool) -> Content:
        """Rpc style: a wrapper named after the operation, with an element without namespace for each part."""
        wrapper = f"{call.at.get('name')}{'Response' if answers else ''}"
        name = f"{{{direction.namespace}}}{wrapper}" if direction.namespace else wrapper
        if ("element", name) in self._schemas:
            raise Refusal(direction.at, f"its rpc wrapper {name} is also an element of the schemas")
        for part in direction.parts:
            if part.type_name is None:
                raise Refusal(part.at, f"part {part.name!r} names an element, which rpc style does not allow")
            self._require_type(part, part.type_name)
        if direction.namespace and not is_namespace(direction.namespace):
            raise Refusal(direction.at, f"its namespace is no URI: {direction.namespace!r}")
        slice_.roots.update({("type", part.type_name): None for part in direction.parts if part.type_name})
        rows = [(part.name, part.type_name or "", self._bundle.source(part.at)) for part in direction.parts]
        made = self._wrapper(direction.namespace, wrapper, rows, self._bundle.source(direction.at), form="unqualified")
        slice_.add(made, wrapper)
        return Content(element=name)

    def _require_type(self, part: Part, name: str) -> None:
        """Raises Refusal for a part of a type that no schema has."""
        if namespace_of(name) != XSD and ("type", name) not in self._schemas:
            raise Refusal(part.at, f"part {part.name!r} is of a type that no schema has: {name}")

    def _wrapper(
        self,
        namespace: str,
        name: str,
        rows: Iterable[tuple[str, str, Source]],
        at: Source,
        *,
        form: str | None = None,
        many: frozenset[str] = frozenset(),
        basis: str = "documented",
    ) -> Made:
        """An element declaration whose children are given by name, type and place; `many` may stand any number of
        times.
        """
        element, sequence = _element_of_sequence(name, at)
        called: set[str] = set()
        for child, type_name, source in rows:
            made = etree.SubElement(sequence, f"{{{XSD}}}element", name=child)
            if type_name == _CHARACTER:
                _give_one_character(made)
            else:
                called.add(namespace_of(type_name))
                made.set("type", self._schemas.qname(type_name))
            if child in many:
                made.set("minOccurs", "0")
                made.set("maxOccurs", "unbounded")
            if form is not None and namespace:
                made.set("form", form)
            note(made, source)
            if basis != "documented":
                made.set(f"{{{SOURCE}}}type-basis", basis)
        return Made(namespace, element, frozenset(called))

    def _header(self, blocks: Sequence[Block], slice_: Slice, *, answers: bool) -> Content:
        """The content of a Header: its blocks in any order. An answer may leave a block out; a request has them all."""
        for block in blocks:
            slice_.roots["element", self._declared(block.part)] = None
        unique = tuple({block.part.element: block.part for block in blocks}.values())
        return self._content_type("ResponseHeader" if answers else "RequestHeader", unique, slice_, "all")

    def _content_type(self, name: str, parts: Sequence[Part], slice_: Slice, group: str) -> Content:
        """A type, in no namespace, whose content is the parts' elements."""
        made = self._content(name, parts, group)
        number = 1
        while (taken := slice_.made.get(f"{{}}{name}")) is not None or ("type", name) in self._schemas:
            if taken is not None and _unnamed(taken.element) == _unnamed(made.element):
                return Content(type_name=name)
            number += 1
            name = f"{name.rstrip('0123456789')}{number}"
        made.element.set("name", name)
        slice_.add(made, name)
        return Content(type_name=name)

    def _content(self, name: str, parts: Sequence[Part], group: str) -> Made:
        kind = etree.Element(f"{{{XSD}}}complexType", {"name": name}, nsmap={"xs": XSD, "s": SOURCE})
        holder = etree.SubElement(kind, f"{{{XSD}}}{group}")
        for part in parts:
            assert part.element is not None
            each = etree.SubElement(holder, f"{{{XSD}}}element", ref=self._schemas.qname(part.element))
            if name.startswith("ResponseHeader"):
                each.set("minOccurs", "0")
            component = self._schemas.find("element", part.element)
            assert component is not None
            note(each, component.document.source(component.element))
            if name.startswith("ResponseHeader"):
                each.set(f"{{{SOURCE}}}min-basis", "convention")
        return Made("", kind, frozenset(namespace_of(part.element or "") for part in parts))

    # --- HTTP GET and POST ---

    def _form_shapes(self, call: Call, calls: Sequence[Call], slice_: Slice) -> tuple[MessageShape, MessageShape]:
        expected = _FORMS[call.protocol]
        if call.input.media_type != expected:
            what = call.input.media_type or "nothing"
            raise Refusal(call.input.at, f"its parameters are bound as {what}, only {expected} is judged")
        request = self._form_request(call, calls, slice_)
        return MessageShape(body=request), MessageShape(body=self._form_response(call, slice_))

    def _form_request(self, call: Call, calls: Sequence[Call], slice_: Slice) -> Content:
        """The parameters as children of an element. Where the same operation over SOAP has them too, it has their
        types: forms print most of them as strings.
        """
        soap = next((each for each in calls if each.protocol in SOAP_NAMESPACES and each.input.use == "literal"), None)
        known = self._soap_parameters(soap)
        is_spelled_alike = not any(each.type_name in _BYTES | {_CHARACTER} for each in (known or {}).values())
        names = [part.name for part in call.input.parts]
        if (
            soap is not None
            and known is not None
            and list(known) == names
            and is_spelled_alike
            and not any(each.many for each in known.values())
        ):
            element = self._declared(soap.input.parts[0])
            slice_.roots["element", element] = None
            return Content(element=element)
        rows, many = [], set()
        for part in call.input.parts:
            parameter = (known or {}).get(part.name) or self._plain_parameter(part)
            if parameter is None:
                raise Refusal(part.at, f"parameter {part.name!r} is not of a simple type")
            parameter = _in_forms(parameter)
            rows.append((part.name, parameter.type_name, self._bundle.source(part.at)))
            many |= {part.name} if parameter.many else set()
            if parameter.type_name != _CHARACTER:
                self._require_type(part, parameter.type_name)
                slice_.roots["type", parameter.type_name] = None
        namespace = self._bundle.main.root.get("targetNamespace") or ""
        name = self._fresh_name(call, namespace)
        basis = "documented" if known is None else "convention"
        made = self._wrapper(
            namespace, name, rows, self._bundle.source(call.input.at), many=frozenset(many), basis=basis
        )
        slice_.add(made, name)
        return Content(element=f"{{{namespace}}}{name}" if namespace else name)

    def _fresh_name(self, call: Call, namespace: str) -> str:
        names = (call.name, f"{call.name}Parameters", *(f"{call.name}Parameters{n}" for n in range(2, 99)))
        free = (name for name in names if ("element", f"{{{namespace}}}{name}") not in self._schemas)
        return next(free)

    def _plain_parameter(self, part: Part) -> "_Parameter | None":
        """A parameter as its part has it: of a simple type, or an array of one."""
        name = part.type_name
        if name is None:
            return None
        if namespace_of(name) == XSD:
            return _Parameter(name, many=False)
        component = self._schemas.find("type", name)
        if component is None:
            return None
        if component.element.tag == f"{{{XSD}}}simpleType":
            return _Parameter(name, many=False)
        item = next(component.element.iter(f"{{{XSD}}}element"), None)
        if item is None or item.get("type") is None:
            return None
        item_type = component.name_of(item.get("type", ""), item)
        return _Parameter(item_type, many=True) if self._is_simple(item_type) else None

    def _is_simple(self, name: str) -> bool:
        if namespace_of(name) == XSD:
            return name != ANY_TYPE
        found = self._schemas.find("type", name)
        return found is not None and found.element.tag == f"{{{XSD}}}simpleType"

    def _soap_parameters(self, call: Call | None) -> "Mapping[str, _Parameter] | None":
        """The members of an operation's wrapper over SOAP, by name; None where it is no plain list of members."""
        part = call.input.parts[0] if call is not None and len(call.input.parts) == 1 else None
        component = None if part is None or part.element is None else self._schemas.find("element", part.element)
        if component is None:
            return None
        found: dict[str, _Parameter] = {}
        for element in component.element.iterfind(f"{{{XSD}}}complexType/{{{XSD}}}sequence/{{{XSD}}}element"):
            qname = element.get("type")
            if qname is None or element.get("name") is None:
                continue
            type_name = component.name_of(qname, element)
            many = element.get("maxOccurs", "1") not in ("0", "1")
            if self._is_simple(type_name):
                found[element.get("name", "")] = _Parameter(type_name, many=many)
            elif (item := self._item_of(type_name)) is not None:
                found[element.get("name", "")] = _Parameter(item, many=True)
        return found

    def _item_of(self, type_name: str) -> str | None:
        """The type of an array's items; None where the type is no array (one repeated element) of simple ones."""
        component = self._schemas.find("type", type_name)
        items = [] if component is None else list(component.element.iterfind(f"{{{XSD}}}sequence/{{{XSD}}}element"))
        if component is None or len(items) != 1 or items[0].get("type") is None:
            return None
        item = component.name_of(items[0].get("type", ""), items[0])
        return item if items[0].get("maxOccurs", "1") not in ("0", "1") and self._is_simple(item) else None

    def _form_response(self, call: Call, slice_: Slice) -> Content:
        if call.output is None or not call.output.parts:
            return Content()
        if call.output.media_type not in _XML_TYPES:
            what = call.output.media_type or "nothing"
            raise Refusal(call.output.at, f"its answer is bound as {what}, only XML is judged")
        part = call.output.parts[0]
        if part.element is None:
            raise Refusal(part.at, f"part {part.name!r} of its answer names no element")
        slice_.roots["element", self._declared(part)] = None
        return Content(element=part.element)


def _in_forms(parameter: _Parameter) -> _Parameter:
    """A parameter as ASMX takes it from a form: bytes are given one by one, as numbers."""
    return _Parameter(f"{{{XSD}}}unsignedByte", many=True) if parameter.type_name in _BYTES else parameter


def _give_one_character(element: etree._Element) -> None:
    """Gives a parameter the type of a character in a form, which no schema of a WSDL has."""
    kind = etree.SubElement(element, f"{{{XSD}}}simpleType")
    restriction = etree.SubElement(kind, f"{{{XSD}}}restriction", base="xs:string")
    etree.SubElement(restriction, f"{{{XSD}}}pattern", value=ONE_CHARACTER)


def note(element: etree._Element, at: Source, basis: str = "documented") -> None:
    """Notes where a component comes from."""
    element.set(f"{{{SOURCE}}}at", at.note)
    element.set(f"{{{SOURCE}}}basis", basis)


def is_empty(body: Content) -> bool:
    """Whether there is no content: an empty Body, or no body at all."""
    return body.element is None and body.type_name is None


def _element_of_sequence(name: str, at: Source) -> tuple[etree._Element, etree._Element]:
    element = etree.Element(f"{{{XSD}}}element", {"name": name}, nsmap={"xs": XSD, "s": SOURCE})
    note(element, at)
    kind = etree.SubElement(element, f"{{{XSD}}}complexType")
    return element, etree.SubElement(kind, f"{{{XSD}}}sequence")


def _unnamed(element: etree._Element) -> bytes:
    copy = etree.fromstring(etree.tostring(element, encoding="utf-8"))
    copy.attrib.pop("name", None)
    return etree.tostring(copy, encoding="utf-8")
