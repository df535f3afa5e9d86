"""Help pages of a WSDL's operations, as the .NET Framework's own help page would print them.

Facts about that page, each of which a deriver has to know: what may repeat is printed twice; complex content four
levels below the operation's element is cut off as xsi:nil="true"; nillable simple types print as their word; a derived
type prints its own members and not those of its base; simple content prints no text; enumerations are joined by "or";
members of a choice or all are sorted by name, and groups within groups are left out; xs:any is the word xml.
This is written from those facts on the WSDL's tree alone, and shares nothing with what derives contracts.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

XSD = "http://www.w3.org/2001/XMLSchema"
WSDL = "http://schemas.xmlsoap.org/wsdl/"
HTTP = "http://schemas.xmlsoap.org/wsdl/http/"
MICROSOFT_TYPES = "http://microsoft.com/wsdl/types/"
DIFFGRAM = "urn:schemas-microsoft-com:xml-diffgram-v1"
SAMPLE_NAMESPACE = "http://tempuri.org/SampleNamespace"
MAX_ARRAY_SIZE = 2
MAX_DEPTH = 4

Element = etree._Element
Name = tuple[str, str]
"""Namespace and local name."""


@dataclass(frozen=True)
class Soap:
    """One of the two SOAP bindings as the page prints it."""

    wsdl: str
    envelope: str
    prefix: str
    title: str
    media_type: str


SOAP11 = Soap(
    "http://schemas.xmlsoap.org/wsdl/soap/", "http://schemas.xmlsoap.org/soap/envelope/", "soap", "SOAP 1.1", "text/xml"
)
SOAP12 = Soap(
    "http://schemas.xmlsoap.org/wsdl/soap12/",
    "http://www.w3.org/2003/05/soap-envelope",
    "soap12",
    "SOAP 1.2",
    "application/soap+xml",
)
INTRODUCTION = (
    "The following is a sample {} request and response. The placeholders shown need to be replaced with actual values."
)


def pages(wsdl: bytes) -> dict[str, str]:
    """The page of each operation, by the name of its request message, as text."""
    return {name: _Page(_Wsdl(wsdl), name).text() for name in _Wsdl(wsdl).operation_names()}


class _Wsdl:
    """A WSDL's tree, and the little of its structure that the page needs."""

    def __init__(self, content: bytes) -> None:
        self.root = etree.fromstring(content)
        self.schemas = {each.get("targetNamespace", ""): each for each in self.root.iter(f"{{{XSD}}}schema")}

    def operation_names(self) -> Sequence[str]:
        """The operations of the first port type, overloaded ones by the name of their message."""
        port_type = self.root.find(f"{{{WSDL}}}portType")
        return [_message_name(each) for each in port_type.iterfind(f"{{{WSDL}}}operation")]

    def bound(self, extension: str, name: str, verb: str | None = None) -> tuple[Element, str] | None:
        """The binding's operation of that name for a kind of binding, and the address of its port."""
        for binding in self.root.iterfind(f"{{{WSDL}}}binding"):
            kind = binding.find(f"{{{extension}}}binding")
            if kind is None or verb not in (None, kind.get("verb")):
                continue
            for operation in binding.iterfind(f"{{{WSDL}}}operation"):
                http = operation.find(f"{{{HTTP}}}operation")
                bound_name = _message_name(operation) if http is None else http.get("location").lstrip("/")
                if bound_name == name:
                    return operation, self._address(binding.get("name"), extension)
        return None

    def _address(self, binding: str, extension: str) -> str:
        for port in self.root.iter(f"{{{WSDL}}}port"):
            if port.get("binding").rpartition(":")[2] == binding:
                return port.find(f"{{{extension}}}address").get("location")
        raise AssertionError(binding)

    def message(self, bound: Element, role: str) -> Element | None:
        """The message of a binding's operation in one direction."""
        binding = bound.getparent()
        port_type = self._named("portType", binding.get("type"))
        for operation in port_type.iterfind(f"{{{WSDL}}}operation"):
            if operation.get("name") == bound.get("name") and self._matches(operation, bound):
                direction = operation.find(f"{{{WSDL}}}{role}")
                return None if direction is None else self._named("message", direction.get("message"))
        raise AssertionError(bound.get("name"))

    def _matches(self, operation: Element, bound: Element) -> bool:
        http = bound.find(f"{{{HTTP}}}operation")
        wanted = _message_name(bound) if http is None else http.get("location").lstrip("/")
        return _message_name(operation) == wanted

    def _named(self, kind: str, qname: str) -> Element:
        local = qname.rpartition(":")[2]
        return next(each for each in self.root.iterfind(f"{{{WSDL}}}{kind}") if each.get("name") == local)

    def part(self, qname: str, part: str) -> Element:
        """A part of a message."""
        return next(each for each in self._named("message", qname) if each.get("name") == part)

    def find(self, kind: str, name: Name) -> Element | None:
        """A top-level component of the schemas: `element`, `complexType`, `simpleType`, `group`."""
        schema = self.schemas.get(name[0])
        found = () if schema is None else schema.iterfind(f"{{{XSD}}}{kind}")
        return next((each for each in found if each.get("name") == name[1]), None)


def _message_name(operation: Element) -> str:
    given = operation.find(f"{{{WSDL}}}input").get("name")
    return given or operation.get("name")


def _qname(element: Element, attribute: str) -> Name | None:
    value = element.get(attribute)
    if value is None:
        return None
    prefix, _, local = value.rpartition(":")
    return element.nsmap.get(prefix or None) or "", local


class _Writer:
    """Writes XML as System.Xml.XmlTextWriter does, indented by two."""

    def __init__(self) -> None:
        self._text: list[str] = []
        self._open: list[tuple[str, dict[str, str]]] = []
        self._has_content = True
        self._mixed = [False]

    def start(self, local: str, namespace: str, prefix: str | None = None) -> None:
        """A start tag: with a prefix that is in scope for the namespace, else with the default one."""
        self._close_tag()
        if not self._mixed[-1]:
            self._text.append(("\n" if self._text else "") + "  " * len(self._open))
        scope = dict(self._open[-1][1]) if self._open else {"": ""}
        known = next((each for each, uri in scope.items() if uri == namespace and each), None)
        prefix = prefix or (known if scope[""] != namespace else None)
        name = f"{prefix}:{local}" if prefix else local
        self._text.append(f"<{name}")
        self._open.append((name, scope))
        self._mixed.append(False)
        self._has_content = False
        if prefix and scope.get(prefix) != namespace:
            self.declare(prefix, namespace)
        elif not prefix and scope[""] != namespace:
            self._text.append(f' xmlns="{namespace}"')
            scope[""] = namespace

    def declare(self, prefix: str, namespace: str) -> None:
        """A namespace declaration on the element just started."""
        self.attribute(f"xmlns:{prefix}", namespace)
        self._open[-1][1][prefix] = namespace

    def attribute(self, name: str, value: str) -> None:
        """An attribute of the element just started."""
        self._text.append(f' {name}="{value}"')

    def write(self, text: str) -> None:
        """Text; what follows in this element is not indented any more."""
        self._close_tag()
        self._text.append(text)
        self._mixed[-1] = True

    def end(self) -> None:
        """An end tag; an element without content is closed at once."""
        name, _ = self._open.pop()
        is_mixed = self._mixed.pop()
        if not self._has_content:
            self._text.append(" />")
        else:
            indent = "" if is_mixed else "\n" + "  " * len(self._open)
            self._text.append(f"{indent}</{name}>")
        self._has_content = True

    def _close_tag(self) -> None:
        if not self._has_content:
            self._text.append(">")
            self._has_content = True

    def text(self) -> str:
        """What was written, after an XML declaration."""
        return '<?xml version="1.0" encoding="utf-8"?>\n' + "".join(self._text)


class _Sample:
    """Samples of elements, written from their declarations."""

    def __init__(self, wsdl: _Wsdl, writer: _Writer) -> None:
        self._wsdl, self._writer = wsdl, writer

    def top_level(self, name: Name, depth: int = 0) -> None:
        """A global element."""
        element = self._wsdl.find("element", name)
        if element is not None:
            self._element(element, name[0], True, depth)

    def _element(self, element: Element, namespace: str, is_qualified: bool, depth: int) -> None:
        for _ in range(MAX_ARRAY_SIZE if element.get("maxOccurs", "1") not in ("0", "1") else 1):
            reference = _qname(element, "ref")
            if reference == (XSD, "schema"):
                self._writer.start("schema", XSD)
                self._writer.write("schema")
                self._writer.end()
            elif reference is not None:
                self.top_level(reference, depth)
            else:
                self._writer.start(element.get("name"), namespace if is_qualified else "")
                self._content(element, namespace, depth)
                self._writer.end()

    def _content(self, element: Element, namespace: str, depth: int) -> None:
        name = _qname(element, "type")
        simple = None if name is None else self._wsdl.find("simpleType", name)
        named = None if name is None else self._wsdl.find("complexType", name)
        kind = named if named is not None else element.find(f"{{{XSD}}}complexType")
        if name is not None and name[0] in (XSD, MICROSOFT_TYPES) and name[1] != "anyType":
            if name == (XSD, "QName"):
                self._writer.declare("q1", SAMPLE_NAMESPACE)
            self._writer.write("q1:QName" if name == (XSD, "QName") else name[1])
        elif simple is not None:
            self._enumeration(simple)
        elif kind is not None and depth >= MAX_DEPTH:
            self._writer.attribute("xsi:nil", "true")
        elif kind is not None:
            home = name[0] if named is not None and name is not None else namespace
            self._complex(kind, home, depth)
        elif element.find(f"{{{XSD}}}simpleType") is not None:
            self._writer.write("bytes")
        elif name == (XSD, "anyType"):
            self._writer.attribute("xsi:type", "type")

    def _enumeration(self, simple: Element) -> None:
        values = [each.get("value") for each in simple.iter(f"{{{XSD}}}enumeration")]
        if values:
            self._writer.write(" or ".join(values))

    def _complex(self, kind: Element, namespace: str, depth: int) -> None:
        holder = kind
        for step in ("complexContent", "simpleContent"):
            content = kind.find(f"{{{XSD}}}{step}")
            if content is not None:
                holder = next(each for each in content if each.tag in (f"{{{XSD}}}extension", f"{{{XSD}}}restriction"))
        for attribute in holder.iterfind(f"{{{XSD}}}attribute"):
            self._attribute(attribute)
        for item in self._items(holder):
            if item.tag == f"{{{XSD}}}element":
                self._element(item, namespace, self._is_qualified(item), depth + 1)
            elif item.get("namespace") == XSD:  # Mono's way to declare a DataSet; .NET refers to xs:schema itself
                self._writer.start("schema", XSD)
                self._writer.write("schema")
                self._writer.end()
            else:
                self._writer.write("xml")

    def _attribute(self, attribute: Element) -> None:
        name = _qname(attribute, "type")
        simple = None if name is None else self._wsdl.find("simpleType", name)
        values = [] if simple is None else [each.get("value") for each in simple.iter(f"{{{XSD}}}enumeration")]
        is_primitive = name is not None and name[0] in (XSD, MICROSOFT_TYPES)
        self._writer.attribute(attribute.get("name"), name[1] if is_primitive and name else " or ".join(values))

    def _items(self, holder: Element) -> Iterator[Element]:
        """Elements and wildcards of a content model; not those of groups within it."""
        for group in holder.iterchildren(f"{{{XSD}}}sequence", f"{{{XSD}}}choice", f"{{{XSD}}}all"):
            items = [each for each in group if each.tag in (f"{{{XSD}}}element", f"{{{XSD}}}any")]
            if group.tag != f"{{{XSD}}}sequence":
                items.sort(key=lambda each: each.get("name") or "*")
            yield from items

    def _is_qualified(self, element: Element) -> bool:
        schema = next(element.iterancestors(f"{{{XSD}}}schema"))
        return element.get("form", schema.get("elementFormDefault", "unqualified")) == "qualified"


class _Page:
    """One operation's page."""

    def __init__(self, wsdl: _Wsdl, name: str) -> None:
        self._wsdl, self._name = wsdl, name

    def text(self) -> str:
        """All of it."""
        service = self._wsdl.root.find(f"{{{WSDL}}}service").get("name")
        head = [service, "", "", "Click here for a complete list of operations.", "", self._name, "", "Test", ""]
        head += ["The test form is only available for requests from the local machine.", ""]
        blocks = [
            block
            for each in (self._soap(SOAP11), self._soap(SOAP12), self._form("GET"), self._form("POST"))
            for block in each
        ]
        return "\n".join(head) + "\n".join(blocks)

    def _section(self, title: str, request: str, response: str) -> list[str]:
        return [f"\n{title}\n", f"{INTRODUCTION.format(title)}\n", request, f"{response}\n"]

    def _soap(self, soap: Soap) -> list[str]:
        found = self._wsdl.bound(soap.wsdl, self._name)
        if found is None:
            return []
        bound, address = found
        where = urlsplit(address)
        content_type = f"Content-Type: {soap.media_type}; charset=utf-8\nContent-Length: length"
        lines = [f"POST {where.path} HTTP/1.1", f"Host: {where.hostname}", content_type]
        if soap is SOAP11:
            lines.append(f'SOAPAction: "{bound.find(f"{{{soap.wsdl}}}operation").get("soapAction")}"')
        request = "\n".join([*lines, "", self._envelope(soap, bound, "input")])
        if self._wsdl.message(bound, "output") is None:
            return self._section(soap.title, request, "HTTP/1.1 202 Accepted")
        response = "\n".join(["HTTP/1.1 200 OK", content_type, "", self._envelope(soap, bound, "output")])
        return self._section(soap.title, request, response)

    def _envelope(self, soap: Soap, bound: Element, role: str) -> str:
        writer = _Writer()
        sample = _Sample(self._wsdl, writer)
        writer.start("Envelope", soap.envelope, soap.prefix)
        # XmlTextWriter keeps declarations in the order of their attributes: the element's own prefix comes last.
        writer._text[-1:] = []
        for prefix, uri in (("xsi", f"{XSD}-instance"), ("xsd", XSD), (soap.prefix, soap.envelope)):
            writer.declare(prefix, uri)
        headers = list(bound.find(f"{{{WSDL}}}{role}").iterfind(f"{{{soap.wsdl}}}header"))
        if headers:
            writer.start("Header", soap.envelope, soap.prefix)
            for header in headers:
                part = self._wsdl.part(header.get("message"), header.get("part"))
                sample.top_level(_qname(part, "element") or ("", ""))
            writer.end()
        writer.start("Body", soap.envelope, soap.prefix)
        message = self._wsdl.message(bound, role)
        for part in () if message is None else message.iterfind(f"{{{WSDL}}}part"):
            sample.top_level(_qname(part, "element") or ("", ""))
        writer.end()
        writer.end()
        return writer.text()

    def _form(self, verb: str) -> list[str]:
        found = self._wsdl.bound(HTTP, self._name, verb)
        if found is None:
            return []
        bound, address = found
        where = urlsplit(address)
        path = f"{where.path}{bound.find(f'{{{HTTP}}}operation').get('location')}"
        message = self._wsdl.message(bound, "input")
        pairs = "&".join(self._pairs(message))
        if verb == "GET":
            request = f"GET {path}?{pairs} HTTP/1.1\nHost: {where.hostname}"
        else:
            head = "Content-Type: application/x-www-form-urlencoded\nContent-Length: length"
            request = f"POST {path} HTTP/1.1\nHost: {where.hostname}\n{head}\n\n{pairs}"
        return self._section(f"HTTP {verb}", request, self._form_response(bound))

    def _pairs(self, message: Element | None) -> Iterator[str]:
        for part in () if message is None else message.iterfind(f"{{{WSDL}}}part"):
            namespace, local = _qname(part, "type") or ("", "")
            is_array = namespace not in (XSD, MICROSOFT_TYPES) and "Array" in local
            word = local[: local.index("Array")] if is_array else local
            word = word[:1].lower() + word[1:]
            yield from [f"{part.get('name')}={word}"] * (MAX_ARRAY_SIZE if is_array else 1)

    def _form_response(self, bound: Element) -> str:
        message = self._wsdl.message(bound, "output")
        parts: Mapping[int, Element] = dict(enumerate(() if message is None else message.iterfind(f"{{{WSDL}}}part")))
        if not parts:
            return "HTTP/1.1 200 OK"
        writer = _Writer()
        _Sample(self._wsdl, writer).top_level(_qname(parts[0], "element") or ("", ""))
        head = "HTTP/1.1 200 OK\nContent-Type: text/xml; charset=utf-8\nContent-Length: length"
        return f"{head}\n\n{writer.text()}"
