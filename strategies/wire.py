"""A payload as an HTTP request of a binding, spelled as the pages print it.

SOAP over HTTP: SOAP 1.1 section 6, SOAP 1.2 part 2 section 7. Forms: HTML 4.01 section 17.13.4.
"""

from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

from lxml import etree

from contracts.judge.records import Headers, Request
from contracts.model import Binding, Content
from contracts.names import ENVELOPE_NAMESPACE, XSD, XSI, local_name
from strategies.templates import Element, Payload, Template, tag_of

DECLARATION: Final = '<?xml version="1.0" encoding="utf-8"?>\n'
FORM: Final = "application/x-www-form-urlencoded"

_PREFIXES: Final[Mapping[str, str]] = {"soap11": "soap", "soap12": "soap12"}

Pairs = list[tuple[str, str]]


def request(template: Template, payload: Payload) -> Request:
    """The request that carries a payload over the template's binding."""
    binding = template.binding
    if binding.is_form:
        return form(binding, pairs(payload))
    return post(binding, serialised(document(binding, payload)))


def document(binding: Binding, payload: Payload) -> Element:
    """The document that carries a payload: an Envelope or the payload's own root. The payload is used up."""
    if not binding.is_soap:
        return payload.body
    uri = ENVELOPE_NAMESPACE[binding.protocol]
    envelope = etree.Element(f"{{{uri}}}Envelope", nsmap={"xsi": XSI, "xsd": XSD, _PREFIXES[binding.protocol]: uri})
    for name, value in binding.envelope_attributes.items():
        envelope.set(name, value)
    if payload.header is not None and binding.request.header is not None:
        _move(payload.header, binding.request.header, etree.SubElement(envelope, f"{{{uri}}}Header"))
    _move(payload.body, binding.request.body, etree.SubElement(envelope, f"{{{uri}}}Body"))
    return envelope


def serialised(root: Element) -> bytes:
    """A document as bytes: XML declaration, UTF-8, no white space of its own."""
    return DECLARATION.encode() + etree.tostring(root, encoding="utf-8", xml_declaration=False)


def post(binding: Binding, body: bytes | None, *, headers: Mapping[str, str | None] | None = None) -> Request:
    """A request with the binding's documented fields; `headers` replaces some of them, or drops those given as None."""
    fields: dict[str, str | None] = {"Content-Type": binding.request_content_type, **soap_action(binding)}
    fields |= {"Accept": binding.accept, **(headers or {})}
    return Request(binding.method, binding.path, _present(fields), body)


def soap_action(binding: Binding, value: str | None = None) -> dict[str, str | None]:
    """The SOAPAction field of a binding (SOAP 1.1 section 6.1.1); none where the binding has no such field."""
    if value is None and binding.soap_action is None and binding.protocol != "soap11":
        return {}
    return {"SOAPAction": f'"{binding.soap_action or "" if value is None else value}"'}


def form(binding: Binding, parameters: Iterable[tuple[str, str]]) -> Request:
    """The request that carries parameters, in its query or as its form; placeholders stand as they are."""
    return encoded_form(binding, "&".join(f"{name}={_quoted(value)}" for name, value in parameters))


def encoded_form(binding: Binding, text: str) -> Request:
    """As `form`, from text that is encoded already."""
    if binding.protocol == "http_get":
        fields = _present({"Accept": binding.accept})
        return Request(binding.method, f"{binding.path}?{text}" if text else binding.path, fields, None)
    return post(binding, text.encode("ascii"))


def read(template: Template, sent: Request) -> Payload:
    """The payload of a request that carries a document, as its receiver reads it. Placeholders stand as they are.

    Raises XMLSyntaxError for what is no document, ValueError for one without an Envelope's parts.
    """
    binding = template.binding
    root = etree.fromstring(sent.body or b"", _READER)
    if not binding.is_soap:
        return Payload(root)
    uri, shape = ENVELOPE_NAMESPACE[binding.protocol], binding.request
    header = None if shape.header is None else _content(template, root.find(f"{{{uri}}}Header"), shape.header)
    return Payload(_content(template, root.find(f"{{{uri}}}Body"), shape.body), header)


_READER: Final = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def _content(template: Template, part: Element | None, content: Content) -> Element:
    """What a part of an envelope holds: its one element or, where a type rules, its children below the wrapper.

    By way of text, which keeps the prefixes that the envelope declares and values use.
    """
    if part is None or (content.element is not None and not len(part)):
        raise ValueError("the envelope lacks what the binding documents")
    written = [etree.tostring(child, encoding="utf-8", with_tail=content.element is None) for child in part]
    if content.element is not None:
        return etree.fromstring(written[0], _READER)
    name = template.operation.schema.wrapper(content.type_name or "")
    text = escape(part.text or "")
    return etree.fromstring(b"".join((f"<{name}>{text}".encode(), *written, f"</{name}>".encode())), _READER)


def pairs(payload: Payload) -> Pairs:
    """A payload's leaves as parameters, in document order."""
    return [(local_name(tag_of(child)), child.text or "") for child in payload.body]


def _quoted(value: str) -> str:
    """A value encoded for a form. Placeholders keep their braces, which are never drawn in pairs."""
    return value if value.startswith("{{") else quote_plus(value)


def _present(fields: Mapping[str, str | None]) -> Headers:
    return tuple((name, value) for name, value in fields.items() if value is not None)


def _move(root: Element, content: Content, target: Element) -> None:
    """Puts a payload's part into the envelope: its root if that is documented, else the root's children."""
    if content.element is not None:
        target.append(root)
    else:
        target.extend(list(root))
