"""The operations of a WSDL, read with xmlschema's WSDL reader and resolved: one call for each port and operation.

xmlschema reads messages, port types, bindings and services. Of the bindings' extension elements it knows those of
SOAP 1.1 alone, and keeps them on the port type, where those of another binding overwrite them; so they are read here,
from the elements that it hands out. Source: WSDL 1.1 sections 2 to 5; the WSDL 1.1 binding for SOAP 1.2.
"""

import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, cast
from urllib.parse import urlsplit

import xmlschema
from lxml import etree
from xmlschema.extras.wsdl import (
    Wsdl11Document,
    WsdlBinding,
    WsdlComponent,
    WsdlMessage,
    WsdlMessageReference,
    WsdlOperation,
    WsdlPort,
    WsdlPortType,
)
from xmlschema.locations import SCHEMAS_DIR

from contracts.derive.description import Caution
from contracts.derive.wsdl_documents import WSDL, Bundle, Loaded
from contracts.derive.wsdl_schemas import SCHEMA_ELEMENT, SchemaSet
from contracts.errors import ContractError, Place
from contracts.model import Protocol
from contracts.names import SOURCE, XSD, local_name, namespace_of
from contracts.sources import Source

SOAP11_WSDL: Final = "http://schemas.xmlsoap.org/wsdl/soap/"
SOAP12_WSDL: Final = "http://schemas.xmlsoap.org/wsdl/soap12/"
HTTP_WSDL: Final = "http://schemas.xmlsoap.org/wsdl/http/"
MIME_WSDL: Final = "http://schemas.xmlsoap.org/wsdl/mime/"
SOAP_NAMESPACES: Final[Mapping[Protocol, str]] = {"soap11": SOAP11_WSDL, "soap12": SOAP12_WSDL}

_HTTP_TRANSPORTS = frozenset(
    {"http://schemas.xmlsoap.org/soap/http", "http://www.w3.org/2003/05/soap/bindings/HTTP/", "", None}
)
"""What names SOAP over HTTP; none at all is read as it, which the schema of WSDL 1.1 forbids and some WSDLs do."""

_STUMBLES = (AttributeError, KeyError, TypeError, ValueError)
"""What xmlschema raises where it stumbles over components that refer to nothing."""

_PARTS = ("message", "portType", "binding", "service")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message: `element` or `type_name` in Clark notation; exactly one is set."""

    name: str
    element: str | None
    type_name: str | None
    at: etree._Element = field(repr=False)


@dataclass(frozen=True, slots=True)
class Block:
    """A header block or a fault detail: the part that says what it holds."""

    name: str
    part: Part


@dataclass(frozen=True, slots=True)
class Direction:
    """What a message holds in one direction. `use` is `literal` or `encoded`; None over HTTP GET and POST."""

    parts: tuple[Part, ...]
    headers: tuple[Block, ...]
    use: str | None
    namespace: str
    at: etree._Element = field(repr=False)
    media_type: str | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """One way to call an operation: what a binding says of it. `output` is None for a one-way operation.

    `location` is what follows the port's address (HTTP GET and POST), `address` the URL of the port, if there is one.
    `port_type` is in Clark notation: operations of two port types are two, whatever they are called.
    """

    name: str
    port_type: str
    protocol: Protocol
    style: str
    soap_action: str | None
    location: str
    address: str | None
    input: Direction
    output: Direction | None
    faults: tuple[Block, ...]
    at: etree._Element = field(repr=False)


@dataclass(frozen=True)
class Structure:
    """The calls of a WSDL, in its order, and what could not be read of it.

    `schema_cautions` are what xmlschema holds against schema components, whether anything reaches them or not.
    """

    service: str
    calls: tuple[Call, ...]
    cautions: tuple[Caution, ...]
    schema_cautions: tuple[Caution, ...]


class Refusal(Exception):  # noqa: N818 - it says what is the case with an operation
    """One operation of a binding cannot be derived. Carries the element to blame."""

    def __init__(self, at: etree._Element, problem: str) -> None:
        self.at, self.problem = at, problem
        super().__init__(problem)


def read_structure(bundle: Bundle, schemas: SchemaSet) -> Structure:
    """The calls that a WSDL describes. Raises ContractError where it describes none."""
    return _Reader(bundle, schemas).read()


class _BareBinding(WsdlComponent):
    """A binding of which only the element is known."""

    port_type = None


class _Document(Wsdl11Document):
    """xmlschema's reader on documents that are loaded already: it opens none itself."""

    def __init__(self, loaded: Loaded, bundle: Bundle, schemas: SchemaSet, main: "_Document | None" = None) -> None:
        self._bundle, self._schemas = bundle, schemas
        self._main = main or self
        self._imported: set[str] = {loaded.location} if main is None else main._imported
        settings: dict[str, Any] = {"validation": "skip", "use_location_hints": False, "allow": "local"}
        if main is None:
            own = xmlschema.XMLSchema10(str(SCHEMAS_DIR.joinpath("WSDL", "wsdl.xsd")), validation="lax", allow="local")
            super().__init__(loaded.root, schema=own, **settings)  # type: ignore[no-untyped-call]
        else:
            super().__init__(loaded.root, maps=main.maps, **settings)  # type: ignore[no-untyped-call]

    def _parse_imports(self) -> None:
        if self._main is self:
            self._build_schemas()
        for child in self.root.iterfind(f"{{{WSDL}}}import"):
            target = self._bundle.referred.get(cast("Any", child))
            if target is None or target.root.tag == SCHEMA_ELEMENT or target.location in self._imported:
                continue
            self._imported.add(target.location)
            _Document(target, self._bundle, self._schemas, self._main)

    def _parse_types(self) -> None:
        """Nothing: all schemas are built at once, before anything refers to them."""

    def _parse_bindings(self) -> None:
        """As xmlschema does; one that binds a message which the port type lacks makes it stumble, and is kept bare."""
        for child in self.root.iterfind(f"{{{WSDL}}}binding"):
            binding: WsdlComponent
            try:
                binding = WsdlBinding(child, self)  # type: ignore[no-untyped-call]
            except AttributeError:
                binding = _BareBinding(child, self)  # type: ignore[no-untyped-call]
            self.maps.bindings.setdefault(binding.name, binding)

    def _build_schemas(self) -> None:
        """Has xmlschema build the schemas of all documents together: they refer to one another."""
        documents = self._schemas.whole()
        for document in documents:
            for other in documents:
                if other is not document:
                    named = {} if other.namespace is None else {"namespace": other.namespace}
                    document.root.insert(0, etree.Element(f"{{{XSD}}}import", named))
            text = etree.tostring(document.root, encoding="unicode")
            self.schema.__class__(text, global_maps=self.schema.maps, build=False, validation="lax", loglevel=50)
        self.schema.maps.build()


class _Reader:
    """Turns what xmlschema read into calls, with the place of whatever is wrong."""

    def __init__(self, bundle: Bundle, schemas: SchemaSet) -> None:
        self._bundle = bundle
        self._cautions: list[Caution] = [Caution(each.source, str(each)) for each in bundle.missing]
        self._document = self._opened(bundle, schemas)

    def _opened(self, bundle: Bundle, schemas: SchemaSet) -> _Document:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", xmlschema.XMLSchemaImportWarning)
                return _Document(bundle.main, bundle, schemas)
        except ContractError:
            raise
        except (xmlschema.XMLSchemaException, etree.LxmlError, RecursionError, *_STUMBLES) as error:
            reason = str(error).strip().partition("\n")[0]
            raise ContractError(Place(bundle.main.location), f"cannot be read as WSDL 1.1: {reason}") from error

    # --- all of it ---

    def read(self) -> Structure:
        self._caution_of_duplicates()
        calls: list[Call] = []
        for port, binding in self._ports():
            calls += self._calls(port, binding)
        services = list(self._document.services.values())
        first = cast("etree._Element", services[0].elem if services else self._document.root)
        return Structure(
            service=first.get("name") or "",
            calls=tuple(calls),
            cautions=tuple(self._cautions),
            schema_cautions=tuple(self._schema_cautions()),
        )

    def _ports(self) -> Iterator[tuple[WsdlPort | None, WsdlBinding]]:
        """Every port with its binding; where no port leads to one, the bindings alone."""
        bindings = self._document.bindings
        if not bindings:
            raise self._without_binding()
        is_any = False
        for port in (port for service in self._document.services.values() for port in service.ports.values()):
            binding = port.binding or self._named(port.elem, "binding", self._document.bindings)
            if binding is None:
                self._caution(port.elem, f"port {port.local_name!r} names a binding that there is not")
            else:
                is_any = True
                yield port, binding
        if not is_any:
            yield from ((None, binding) for binding in bindings.values())

    def _without_binding(self) -> ContractError:
        """Why a WSDL has no binding: it imports what cannot be had, or is the abstract part of another."""
        problem = "has no binding: nothing says how its operations are called"
        if self._bundle.missing:
            lost = self._bundle.missing[0]
            told = f"{problem}, and {lost}"
            return ContractError(lost.place, told, hint="Save what it imports beside it, under the names that it uses")
        return ContractError(Place(self._bundle.main.location), problem, hint="Take the WSDL that has bindings")

    def _named(self, element: etree._Element, attribute: str, found: Mapping[str, Any]) -> Any:
        """What an attribute names. xmlschema looks while it reads, and misses what stands in a document that imports
        the one that it reads. A name without a prefix is often meant to be of the WSDL's own target namespace, where
        the default namespace is that of WSDL itself.
        """
        try:
            name = _clark(element, element.get(attribute) or "")
        except Refusal:
            return None
        home = next(element.iterancestors(f"{{{WSDL}}}definitions")).get("targetNamespace")
        return found.get(name) or found.get(f"{{{home}}}{local_name(name)}" if namespace_of(name) == WSDL else "")

    def _caution(self, at: etree._Element, problem: str) -> None:
        caution = Caution(self._bundle.source(at), problem)
        if caution not in self._cautions:
            self._cautions.append(caution)

    def _caution_of_duplicates(self) -> None:
        """Says which parts of the WSDL stand twice; the first of each is read."""
        for loaded in self._bundle.documents:
            for tag in _PARTS:
                found = list(loaded.root.iterchildren(f"{{{WSDL}}}{tag}"))
                counted = Counter(each.get("name") for each in found)
                seen: set[str | None] = set()
                for each in found:
                    name = each.get("name")
                    if counted[name] > 1 and name in seen:
                        self._caution(each, f"{tag} {name!r} stands twice; the first is read")
                    seen.add(name)

    def _schema_cautions(self) -> Iterator[Caution]:
        """What xmlschema holds against the schemas, each at the component that it names."""
        for schema in self._document.schema.maps.schemas:
            for error in schema.all_errors:
                source = _noted(error.elem)
                if source is not None:
                    yield Caution(source, f"schema: {str(error).strip().partition(chr(10))[0].rstrip(':')}")

    # --- one binding ---

    def _calls(self, port: WsdlPort | None, binding: WsdlBinding) -> Iterator[Call]:
        protocol = self._protocol(binding)
        port_type = binding.port_type or self._named(binding.elem, "type", self._document.port_types)
        if protocol is None or port_type is None:
            if port_type is None:
                self._caution(binding.elem, f"binding {binding.local_name!r} names a port type that there is not")
            return
        for element in binding.elem.iterchildren(f"{{{WSDL}}}operation"):
            try:
                yield self._call(port, binding, port_type, element, protocol)
            except Refusal as refusal:
                name = element.get("name")
                self._caution(refusal.at, f"{name} over {protocol} is left out: {refusal.problem}")

    def _protocol(self, binding: WsdlBinding) -> Protocol | None:
        """The protocol of a binding; None, with a caution, for one that is not judged."""
        for protocol, namespace in SOAP_NAMESPACES.items():
            soap = binding.elem.find(f"{{{namespace}}}binding")
            if soap is not None:
                if soap.get("transport") in _HTTP_TRANSPORTS:
                    return protocol
                self._caution(soap, f"binding {binding.local_name!r} is not over HTTP and is left out")
                return None
        http = binding.elem.find(f"{{{HTTP_WSDL}}}binding")
        verb = "" if http is None else (http.get("verb") or "").upper()
        if verb in ("GET", "POST"):
            return "http_get" if verb == "GET" else "http_post"
        what = f"HTTP {verb}" if http is not None else "neither SOAP 1.1, SOAP 1.2, HTTP GET nor HTTP POST"
        self._caution(binding.elem, f"binding {binding.local_name!r} is {what} and is left out")
        return None

    def _call(
        self,
        port: WsdlPort | None,
        binding: WsdlBinding,
        port_type: WsdlPortType,
        element: etree._Element,
        protocol: Protocol,
    ) -> Call:
        operation, name = self._operation(binding, port_type, element)
        if operation.input is None:
            raise Refusal(element, "it has no input: the server calls its clients, which is not judged")
        namespace = SOAP_NAMESPACES.get(protocol, HTTP_WSDL)
        extension = element.find(f"{{{namespace}}}operation")
        said: Mapping[str, Any] = {} if extension is None else dict(extension.attrib)
        outer = binding.elem.find(f"{{{namespace}}}binding")
        assert outer is not None
        return Call(
            name=name,
            port_type=str(port_type.name),
            protocol=protocol,
            style=str(said.get("style") or outer.get("style") or "document"),
            soap_action=None if said.get("soapAction") is None else str(said.get("soapAction")),
            location=str(said.get("location") or ""),
            address=None if port is None else self._address(port, namespace),
            input=self._direction(operation.input, element.find(f"{{{WSDL}}}input"), protocol, element),
            output=self._output(operation, element, protocol),
            faults=tuple(self._faults(operation)),
            at=element,
        )

    def _operation(
        self, binding: WsdlBinding, port_type: WsdlPortType, element: etree._Element
    ) -> tuple[WsdlOperation, str]:
        """The port type's operation, and its name; overloaded ones go by the name of their input (WSDL 1.1, 2.5)."""
        name = element.get("name") or ""
        alike = [each for each in port_type.operations.values() if each.local_name == name]
        if not alike:
            raise Refusal(element, "the port type has no operation of that name")
        if len(alike) == 1:
            return alike[0], name
        same = [each for each in binding.elem.iterchildren(f"{{{WSDL}}}operation") if each.get("name") == name]
        wanted = _name_of(element.find(f"{{{WSDL}}}input"))
        found = [each for each in alike if _name_of(each.elem.find(f"{{{WSDL}}}input")) == wanted]
        if len(found) != 1 or sum(_name_of(each.find(f"{{{WSDL}}}input")) == wanted for each in same) > 1:
            raise Refusal(element, "it is overloaded, and the binding does not say which of its messages is meant")
        return found[0], wanted or name

    def _address(self, port: WsdlPort, namespace: str) -> str | None:
        address = port.elem.find(f"{{{namespace}}}address")
        location = None if address is None else address.get("location")
        return str(location) if location and urlsplit(str(location)).scheme in ("http", "https") else None

    def _output(self, operation: WsdlOperation, element: etree._Element, protocol: Protocol) -> Direction | None:
        if operation.output is None:
            return None
        return self._direction(operation.output, element.find(f"{{{WSDL}}}output"), protocol, element)

    def _direction(
        self,
        reference: WsdlMessageReference,
        bound: etree._Element | None,
        protocol: Protocol,
        operation: etree._Element,
    ) -> Direction:
        message = self._message(reference)
        parts = self._parts(message)
        at = operation if bound is None else bound
        if protocol not in SOAP_NAMESPACES:
            return Direction(parts, (), None, "", at, None if bound is None else _mime_type(bound))
        namespace = SOAP_NAMESPACES[protocol]
        if bound is not None and bound.find(f"{{{MIME_WSDL}}}multipartRelated") is not None:
            raise Refusal(bound, "it has attachments (mime:multipartRelated), which are not judged")
        body = None if bound is None else bound.find(f"{{{namespace}}}body")
        headers = () if bound is None else tuple(self._headers(bound, namespace))
        chosen = parts
        if body is not None and body.get("parts") is not None:
            names = (body.get("parts") or "").split()
            chosen = tuple(part for part in parts if part.name in names)
        elif body is not None and headers:
            own = {block.part.at for block in headers}
            chosen = tuple(part for part in parts if part.at not in own)
        use = "literal" if body is None else str(body.get("use") or "literal")
        return Direction(chosen, headers, use, "" if body is None else str(body.get("namespace") or ""), at)

    def _message(self, reference: WsdlMessageReference) -> WsdlMessage:
        message = reference.message or self._named(reference.elem, "message", self._document.messages)
        if message is None:
            raise Refusal(reference.elem, f"it names a message that there is not: {reference.elem.get('message')!r}")
        return cast("WsdlMessage", message)

    def _parts(self, message: WsdlComponent) -> tuple[Part, ...]:
        return tuple(self._part(each) for each in message.elem.iterchildren(f"{{{WSDL}}}part"))

    def _part(self, element: etree._Element) -> Part:
        named = {name: element.get(name) for name in ("element", "type")}
        if (named["element"] is None) == (named["type"] is None):
            raise Refusal(element, f"part {element.get('name')!r} names neither or both of an element and a type")
        clark = {name: None if value is None else _clark(element, value) for name, value in named.items()}
        return Part(element.get("name") or "", clark["element"], clark["type"], element)

    def _headers(self, bound: etree._Element, namespace: str) -> Iterator[Block]:
        for header in bound.iterchildren(f"{{{namespace}}}header"):
            name = _clark(header, header.get("message") or "")
            message = self._document.messages.get(name)
            parts = (
                [] if message is None else [each for each in self._parts(message) if each.name == header.get("part")]
            )
            if not parts:
                raise Refusal(header, f"a header names a message or part that there is not: {header.get('message')!r}")
            if parts[0].element is None:
                raise Refusal(header, f"header {parts[0].name!r} is of a type; only an element names a header block")
            yield Block(parts[0].name, parts[0])

    def _faults(self, operation: WsdlOperation) -> Iterator[Block]:
        """The declared faults whose detail is an element, which is the only form that a detail entry can have."""
        for name, fault in operation.faults.items():
            parts = self._parts(self._message(fault))
            if len(parts) == 1 and parts[0].element is not None:
                yield Block(str(name), parts[0])
            else:
                self._caution(fault.elem, f"fault {name!r} is left out: its message is not one part with an element")


def _name_of(element: etree._Element | None) -> str | None:
    return None if element is None else element.get("name")


def _mime_type(bound: etree._Element) -> str | None:
    """What the binding says of the form of a message over HTTP: a media type, or the kind of extension element."""
    for child in bound.iterchildren("*"):
        tag = str(child.tag)
        if tag == f"{{{MIME_WSDL}}}content":
            return child.get("type") or "*/*"
        if tag == f"{{{MIME_WSDL}}}mimeXml":
            return "text/xml"
        if tag.startswith(f"{{{HTTP_WSDL}}}"):
            return tag.partition("}")[2]
        if tag.startswith(f"{{{MIME_WSDL}}}"):
            return "multipart"
    return None


def _clark(element: etree._Element, qname: str) -> str:
    prefix, _, local = qname.strip().rpartition(":")
    uri = element.nsmap.get(prefix or None)
    if prefix and uri is None:
        raise Refusal(element, f"it has a prefix that nothing declares: {qname!r}")
    return f"{{{uri}}}{local}" if uri else local


def _noted(element: Any) -> Source | None:
    """The place that a component of ours notes; that of its nearest ancestor is not known here."""
    for each in () if element is None else element.iter():
        note = each.get(f"{{{SOURCE}}}at")
        if note:
            return Source.of(note)
    return None
