"""Faults in what is taken for a message: legal spellings refused, and what is no message served."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from lxml import etree

from reference import asmx, ecgridos, names, soap, utws
from reference.calls import (
    DOCUMENT,
    MESSAGE,
    OPERATION,
    OUTCOME,
    PARAMETERS,
    REQUEST,
    RESPONSE,
    UNROUTED,
    Call,
    Message,
    Outcome,
    at,
)
from reference.http import Request, Response
from reference.names import Name
from reference.planted.making import is_success
from reference.planted.requests import OPERATIONS, Parameters
from reference.reading import name_of
from reference.refusals import Kind, Refusal

# Spellings that are refused

Document = Callable[[etree._Element, Call], etree._Element]


def _refusing(is_spelt: Callable[[Request], bool], kind: Kind = Kind.MALFORMED) -> Document:
    """Refuses a request by its bytes or its fields, once the document in it has been read."""

    def change(root: etree._Element, call: Call) -> etree._Element:
        if is_spelt(call.request):
            raise Refusal(kind)
        return root

    return change


def _matching(pattern: bytes) -> Callable[[Request], bool]:
    compiled = re.compile(pattern, re.DOTALL)
    return lambda request: compiled.search(request.body) is not None


def _labelled(pattern: str) -> Callable[[Request], bool]:
    compiled = re.compile(pattern)
    return lambda request: compiled.search(request.fields.get("content-type", "")) is not None


at(DOCUMENT, "refuses_missing_declaration")(_refusing(lambda request: not request.body.lstrip().startswith(b"<?xml")))
at(DOCUMENT, "refuses_standalone_documents")(_refusing(_matching(rb"standalone=")))
at(DOCUMENT, "refuses_encoding_in_capitals")(_refusing(_matching(rb"encoding=[\"']UTF-8")))
at(DOCUMENT, "refuses_white_space_between_elements")(_refusing(_matching(rb">\s+<(?!\?)(?!/?\w*:?Envelope)")))
at(DOCUMENT, "refuses_empty_element_tags")(_refusing(_matching(rb"<[\w:]+\s*/>")))
at(DOCUMENT, "refuses_carriage_returns")(_refusing(_matching(rb"\r\n")))
at(DOCUMENT, "refuses_entity_references")(_refusing(_matching(rb"&(amp|lt|gt|quot|apos);")))
at(DOCUMENT, "refuses_cdata_sections")(_refusing(_matching(rb"<!\[CDATA\[")))
at(DOCUMENT, "refuses_utf16")(_refusing(lambda request: request.body.startswith((b"\xff\xfe", b"\xfe\xff"))))
at(DOCUMENT, "refuses_quoted_charset")(_refusing(_labelled('charset="'), Kind.MEDIA_TYPE))
at(DOCUMENT, "refuses_charset_in_upper_case")(_refusing(_labelled('charset="?[A-Z]'), Kind.MEDIA_TYPE))
at(DOCUMENT, "refuses_media_type_in_upper_case")(_refusing(_labelled("^[A-Z]"), Kind.MEDIA_TYPE))
at(DOCUMENT, "refuses_action_parameter")(_refusing(_labelled(";\\s*action="), Kind.MEDIA_TYPE))


@at(DOCUMENT)
def refuses_unused_declarations(root: etree._Element, call: Call) -> etree._Element:
    known = {names.SOAP11, names.SOAP12, names.XSI, names.XSD, names.UTWS, names.ECGRIDOS}
    if any(set(element.nsmap.values()) - known for element in root.iter(etree.Element)):
        raise Refusal(Kind.MALFORMED)
    return root


@at(DOCUMENT)
def refuses_empty_header(root: etree._Element, call: Call) -> etree._Element:
    header = root.find(Name(name_of(root).namespace, "Header").tag)
    if header is not None and len(header) == 0:
        raise Refusal(Kind.ENVELOPE)
    return root


def _loses(element: etree._Element, lost: Callable[[etree._Element], bool]) -> etree._Element:
    """Removes the members for which that holds, however deep."""
    for child in [each for each in element.iter(etree.Element) if each is not element and lost(each)]:
        parent = child.getparent()
        if parent is not None:
            parent.remove(child)
    return element


@at(OPERATION)
def loses_prefixed_members(element: etree._Element, call: Call) -> etree._Element:
    return _loses(element, lambda member: member.prefix is not None)


@at(OPERATION)
def loses_members_in_single_quotes(element: etree._Element, call: Call) -> etree._Element:
    """Finds no member where the namespace is declared in single quotes: read by regular expression."""
    quoted = re.search(rb"xmlns='", call.request.body)
    return _loses(element, lambda member: True) if quoted else element


@at(OPERATION)
def reads_members_by_position(element: etree._Element, call: Call) -> etree._Element:
    """Takes the members of a session one after another, whatever their names."""
    order = [member.name.tag for member in utws.SESSION_INFO]
    for session in element.iter(Name(names.UTWS, "SessionInfo").tag):
        for member, tag in zip(session.iterchildren(etree.Element), order, strict=False):
            member.tag = tag
    return element


# Header blocks


def _attribute(message: Message, local: str) -> str:
    return Name(message.soap_namespace, local).tag


def _must_be_understood(block: etree._Element, message: Message) -> bool:
    return (block.get(_attribute(message, "mustUnderstand")) or "").strip() in ("1", "true")


@at(MESSAGE)
def refuses_must_understand_that_is_false(message: Message, call: Call) -> Message:
    for block in message.header_blocks:
        if (block.get(_attribute(message, "mustUnderstand")) or "").strip() in ("0", "false"):
            raise Refusal(Kind.MUST_UNDERSTAND, header_block=name_of(block))
    return message


NEXT = (names.SOAP11_NEXT, f"{names.SOAP12}/role/next")


@at(MESSAGE)
def ignores_mandatory_header_for_next(message: Message, call: Call) -> Message:
    def for_next(block: etree._Element) -> bool:
        return block.get(_attribute(message, "actor")) in NEXT or block.get(_attribute(message, "role")) in NEXT

    return replace(message, header_blocks=tuple(block for block in message.header_blocks if not for_next(block)))


@at(MESSAGE)
def minds_headers_for_others(message: Message, call: Call) -> Message:
    """Refuses a mandatory block that is addressed to another node."""
    for block in message.header_blocks:
        actor = block.get(_attribute(message, "actor"), "")
        if actor not in ("", names.SOAP11_NEXT) and _must_be_understood(block, message):
            raise Refusal(Kind.MUST_UNDERSTAND, header_block=name_of(block))
    return message


@at(MESSAGE)
def refuses_role_of_ultimate_receiver(message: Message, call: Call) -> Message:
    for block in message.header_blocks:
        if block.get(_attribute(message, "role")) == f"{names.SOAP12}/role/ultimateReceiver":
            raise Refusal(Kind.ENVELOPE)
    return message


@at(MESSAGE)
def logs_out_despite_mandatory_header(message: Message, call: Call) -> Message:
    return replace(
        message,
        header_blocks=tuple(block for block in message.header_blocks if not _must_be_understood(block, message)),
    )


# What is no message, and is served


def _tolerating(*errors: int) -> Callable[[Request, Call], Request]:
    """Repairs a document that is not well-formed, where nothing else is wrong with it than that."""

    def change(request: Request, call: Call) -> Request:
        strict = etree.XMLParser(resolve_entities=False, no_network=True)
        try:
            etree.fromstring(request.body, strict)
        except etree.XMLSyntaxError:
            if not {entry.type for entry in strict.error_log} <= set(errors):
                return request
            lenient = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
            repaired = etree.fromstring(request.body, lenient)
            return request if repaired is None else replace(request, body=_mended(repaired))
        return request

    return change


def _mended(root: etree._Element) -> bytes:
    """The document with each attribute once, and without references to entities that nobody declared."""
    etree.strip_tags(root, etree.Entity)
    for element in root.iter(etree.Element):
        attributes = dict(element.attrib)
        element.attrib.clear()
        element.attrib.update(attributes)
    return etree.tostring(root)


_ERRORS = etree.ErrorTypes
at(REQUEST, "accepts_repeated_attribute")(_tolerating(_ERRORS.ERR_ATTRIBUTE_REDEFINED))
at(REQUEST, "accepts_text_after_the_document")(_tolerating(_ERRORS.ERR_DOCUMENT_END))
at(REQUEST, "reads_no_further_than_the_document_element")(_tolerating(_ERRORS.ERR_DOCUMENT_END))
at(REQUEST, "accepts_forbidden_character_reference")(_tolerating(_ERRORS.ERR_INVALID_CHAR))
at(REQUEST, "accepts_unclosed_document")(
    _tolerating(
        _ERRORS.ERR_TAG_NOT_FINISHED,
        _ERRORS.ERR_TAG_NAME_MISMATCH,
        _ERRORS.ERR_GT_REQUIRED,
        _ERRORS.ERR_LTSLASH_REQUIRED,
        _ERRORS.ERR_DOCUMENT_END,
        _ERRORS.ERR_DOCUMENT_EMPTY,
    )
)
at(REQUEST, "accepts_unknown_entity")(_tolerating(_ERRORS.ERR_UNDECLARED_ENTITY, _ERRORS.WAR_UNDECLARED_ENTITY))


@at(REQUEST)
def accepts_raw_ampersand(request: Request, call: Call) -> Request:
    return replace(request, body=re.sub(rb"&(?!#?\w+;)", b"&amp;", request.body))


@at(REQUEST)
def serves_an_empty_request(request: Request, call: Call) -> Request:
    """Runs the operation with its defaults where nothing was sent."""
    if request.body or request.method != "POST":
        return request
    service, _, binding = call.binding.partition("/")
    operation = OPERATIONS[service]
    element = f'<{operation.local} xmlns="{operation.namespace}" />'
    body = f'<e:Envelope xmlns:e="{soap.NAMESPACES[binding]}"><e:Body>{element}</e:Body></e:Envelope>'
    return replace(request, body=body.encode())


@at(OPERATION)
def ignores_namespace_of_operation(element: etree._Element, call: Call) -> etree._Element:
    wanted = OPERATIONS[call.binding.partition("/")[0]]
    found = name_of(element)
    if found.local == wanted.local and found.namespace != wanted.namespace:
        for each in element.iter(etree.Element):
            if name_of(each).namespace == found.namespace:
                each.tag = Name(wanted.namespace, name_of(each).local).tag
    return element


@at(OPERATION)
def ignores_case_of_operation(element: etree._Element, call: Call) -> etree._Element:
    wanted = OPERATIONS[call.binding.partition("/")[0]]
    if name_of(element).local.lower() == wanted.local.lower():
        element.tag = wanted.tag
    return element


@at(UNROUTED)
def serves_unknown_operation_path(response: Response, call: Call) -> Response:
    """Takes any name below the service's address for the operation's."""
    if call.request.method not in ("GET", "POST"):
        return response
    return asmx.answer_form(call, ecgridos.REPORT_INSTANT_STATS_BY_FORM)


@at(REQUEST)
def serves_any_method(request: Request, call: Call) -> Request:
    """Runs the operation under any method that may carry a body, made-up ones included."""
    return request if request.method in ("GET", "HEAD", "OPTIONS") else replace(request, method="POST")


# Parameters of GET and POST


@at(PARAMETERS)
def refuses_unknown_parameter(parameters: Parameters, call: Call) -> Parameters:
    known = {member.name.local.lower() for member in ecgridos.PARAMETERS}
    if any(name.lower() not in known for name, _ in parameters):
        raise Refusal(Kind.VALUE, "A parameter is unknown.")
    return parameters


@at(REQUEST)
def leaves_percent_signs_alone(request: Request, call: Call) -> Request:
    """Takes parameters as they stand, without decoding what is percent-encoded."""
    encoded = b"%25"
    return replace(
        request, query=request.query.replace("%", encoded.decode()), body=request.body.replace(b"%", encoded)
    )


@at(PARAMETERS)
def joins_missing_parameters_from_the_next(parameters: Parameters, call: Call) -> Parameters:
    """Uses the first number for the second where there is none."""
    given = dict(parameters)
    if "Minutes2" not in given and "Minutes1" in given:
        return (*parameters, ("Minutes2", given["Minutes1"]))
    return parameters


# The client


@at(OUTCOME)
def requires_its_cookie(outcome: Outcome, call: Call) -> Outcome:
    """Serves the first call, and then only who brings back the cookie that it handed out."""
    if "cookie" in call.request.fields or call.state.memory.count("cookie") == 1:
        return outcome
    return Refusal(Kind.BUSINESS, "The session of this client is unknown.")


@at(RESPONSE, "requires_its_cookie")
def _with_cookie(response: Response, call: Call) -> Response:
    return replace(response, fields=(*response.fields, ("Set-Cookie", "affinity=1; Path=/")))


@at(OUTCOME)
def refuses_unknown_clients(outcome: Outcome, call: Call) -> Outcome:
    """Serves browsers only, told by their User-Agent."""
    if call.request.fields.get("user-agent", "").startswith("Mozilla"):
        return outcome
    return Refusal(Kind.BUSINESS, "This client is not supported.")


@at(RESPONSE)
def known_user_gets_an_empty_response(response: Response, call: Call) -> Response:
    return Response(204) if is_success(response) else response
