"""Faults in what the service makes of a request: accepting what it must refuse, refusing what is legal."""

from __future__ import annotations

import codecs
import re
from dataclasses import replace

from lxml import etree

from reference import ecgridos, mobileconnect, names, soap, studebaker, utws
from reference.calls import DOCUMENT, MESSAGE, OPERATION, PARAMETERS, REQUEST, Call, Message, at
from reference.http import Request
from reference.names import Name
from reference.reading import children, name_of
from reference.refusals import Kind, Refusal

OPERATIONS = {
    "utws": utws.LOGS_AVAILABLE.name,
    "ecgridos": ecgridos.REPORT_INSTANT_STATS.name,
    "mobileconnect": mobileconnect.REQUEST,
    "studebaker": studebaker.LOGIN,
    "partstream": Name("", "interfaceparameters"),
}
SOAP_ACTIONS = {
    "utws": utws.LOGS_AVAILABLE.soap_action,
    "ecgridos": ecgridos.REPORT_INSTANT_STATS.soap_action,
}
CONTENT_TYPES = {"soap11": "text/xml; charset=utf-8", "http_post": "application/x-www-form-urlencoded"}


def _service(call: Call) -> str:
    return call.binding.partition("/")[0]


def _with_field(request: Request, name: str, value: str) -> Request:
    return replace(request, fields={**request.fields, name: value})


@at(REQUEST)
def accepts_malformed_xml(request: Request, call: Call) -> Request:
    """Repairs what is not well-formed instead of refusing it."""
    try:
        etree.fromstring(request.body, etree.XMLParser(resolve_entities=False, no_network=True))
    except etree.XMLSyntaxError:
        lenient = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
        repaired = etree.fromstring(request.body, lenient) if request.body.strip() else None
        return request if repaired is None else replace(request, body=etree.tostring(repaired))
    return request


@at(REQUEST)
def accepts_document_type_declaration(request: Request, call: Call) -> Request:
    declaration = re.compile(rb"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", re.DOTALL)
    return replace(request, body=declaration.sub(b"", request.body))


@at(REQUEST)
def ignores_soap_action(request: Request, call: Call) -> Request:
    return _with_field(request, "soapaction", f'"{SOAP_ACTIONS[_service(call)]}"')


@at(REQUEST)
def accepts_any_media_type(request: Request, call: Call) -> Request:
    wanted = CONTENT_TYPES[call.binding.partition("/")[2]]
    same = request.media_type == wanted.partition(";")[0]
    return request if same else _with_field(request, "content-type", wanted)


@at(REQUEST)
def answers_put_as_post(request: Request, call: Call) -> Request:
    return replace(request, method="POST") if request.method in ("PUT", "DELETE", "PATCH") else request


@at(REQUEST)
def drops_cdata_sections(request: Request, call: Call) -> Request:
    return replace(request, body=re.sub(rb"<!\[CDATA\[.*?\]\]>", b"", request.body, flags=re.DOTALL))


@at(DOCUMENT)
def accepts_unknown_envelope_namespace(root: etree._Element, call: Call) -> etree._Element:
    """Takes any Envelope for one of the version that the binding has."""
    foreign = name_of(root).namespace
    if foreign not in soap.BINDINGS:
        for element in (root, *children(root)):
            name = name_of(element)
            if name.namespace == foreign:
                element.tag = Name(soap.NAMESPACES[call.binding.partition("/")[2]], name.local).tag
    return root


@at(DOCUMENT)
def refuses_byte_order_mark(root: etree._Element, call: Call) -> etree._Element:
    if call.request.body.startswith(codecs.BOM_UTF8):
        raise Refusal(Kind.MALFORMED)
    return root


@at(DOCUMENT)
def refuses_comments(root: etree._Element, call: Call) -> etree._Element:
    if any(True for _ in root.iter(etree.Comment)):
        raise Refusal(Kind.MALFORMED)
    return root


@at(DOCUMENT)
def refuses_single_quoted_attributes(root: etree._Element, call: Call) -> etree._Element:
    if re.search(rb"<[^>]*='", call.request.body):
        raise Refusal(Kind.MALFORMED)
    return root


@at(DOCUMENT)
def refuses_character_references(root: etree._Element, call: Call) -> etree._Element:
    if re.search(rb"&#x?[0-9a-fA-F]+;", call.request.body):
        raise Refusal(Kind.MALFORMED)
    return root


@at(DOCUMENT)
def refuses_application_soap_xml(root: etree._Element, call: Call) -> etree._Element:
    if call.request.media_type == soap.MEDIA_TYPES[names.SOAP12]:
        raise Refusal(Kind.MEDIA_TYPE)
    return root


@at(DOCUMENT)
def refuses_envelope_in_default_namespace(root: etree._Element, call: Call) -> etree._Element:
    if root.prefix is None:
        raise Refusal(Kind.ENVELOPE)
    return root


@at(MESSAGE)
def ignores_must_understand(message: Message, call: Call) -> Message:
    return replace(message, header_blocks=())


@at(MESSAGE)
def knows_must_understand_only_as_digit(message: Message, call: Call) -> Message:
    attribute = Name(message.soap_namespace, "mustUnderstand").tag
    kept = tuple(block for block in message.header_blocks if block.get(attribute) != "true")
    return replace(message, header_blocks=kept)


@at(MESSAGE)
def refuses_optional_header_block(message: Message, call: Call) -> Message:
    for block in message.header_blocks:
        raise Refusal(Kind.MUST_UNDERSTAND, header_block=name_of(block))
    return message


@at(MESSAGE)
def accepts_envelope_without_body(message: Message, call: Call) -> Message:
    if message.body is not None:
        return message
    body = etree.Element(Name(message.soap_namespace, "Body").tag)
    etree.SubElement(body, OPERATIONS[_service(call)].tag)
    return replace(message, body=body)


@at(MESSAGE)
def accepts_empty_body(message: Message, call: Call) -> Message:
    if message.body is not None and next(children(message.body), None) is None:
        etree.SubElement(message.body, OPERATIONS[_service(call)].tag)
    return message


@at(OPERATION, "runs_unknown_operation", "accepts_any_root_element")
def takes_any_element(element: etree._Element, call: Call) -> etree._Element:
    """Takes whatever element is there for the operation's."""
    element.tag = OPERATIONS[_service(call)].tag
    return element


@at(OPERATION)
def refuses_prefixed_payload(element: etree._Element, call: Call) -> etree._Element:
    if element.prefix is not None:
        raise Refusal(Kind.OPERATION)
    return element


Parameters = tuple[tuple[str, str], ...]


@at(PARAMETERS)
def defaults_missing_parameter(parameters: Parameters, call: Call) -> Parameters:
    given = {name.lower() for name, _ in parameters}
    return (*parameters, *((name, "0") for name in ("Minutes1", "Minutes2") if name.lower() not in given))


@at(PARAMETERS)
def reads_parameters_by_position(parameters: Parameters, call: Call) -> Parameters:
    names_in_order = tuple(member.name.local for member in ecgridos.PARAMETERS)
    return tuple(zip(names_in_order, (value for _, value in parameters), strict=False))


@at(OPERATION)
def accepts_text_between_members(operation: etree._Element, call: Call) -> etree._Element:
    """Passes over what stands between the members of an operation."""
    for parent in operation.iter():
        if len(parent):
            parent.text = None
            for member in parent:
                member.tail = None
    return operation


@at(OPERATION)
def accepts_elements_in_values(operation: etree._Element, call: Call) -> etree._Element:
    """Reads the text of a value around the elements that stand in it."""
    for member in operation:
        text = "".join((member.text or "", *(each.tail or "" for each in member)))
        member[:] = []
        member.text = text
    return operation
