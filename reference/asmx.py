"""How ASP.NET ASMX serves an operation: over SOAP 1.1 and 1.2, and over GET and form POST."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import unquote_plus

from lxml import etree

from reference import names, reading, soap
from reference.calls import OPERATION, OUTCOME, PARAMETERS, PAYLOAD, VALUES, Call, Leaf, Message, Outcome
from reference.http import Response
from reference.lexical import Value
from reference.names import Name
from reference.reading import Member
from reference.refusals import Kind, Refusal
from reference.soap import Fault
from reference.tree import Element, leaf

P = TypeVar("P")


@dataclass(frozen=True, slots=True)
class Operation(Generic[P]):
    """An operation of an ASMX service."""

    name: Name
    soap_action: str
    read: Callable[[etree._Element, Call], P]
    """The parameters, from the operation's element."""
    run: Callable[[P, Call], tuple[Element, ...]]
    """The content of the response element. Raises `Refusal` of the kind BUSINESS."""


@dataclass(frozen=True, slots=True)
class FormOperation:
    """An operation that takes its parameters from a query or a form."""

    members: tuple[Member, ...]
    run: Callable[[Mapping[str, Value], Call], Element]
    """The document element of the response."""


HELP = b"<!DOCTYPE html><html><head><title>Web service</title></head><body><p>SOAP only.</p></body></html>"
XML_MEDIA_TYPES = tuple(soap.MEDIA_TYPES.values())


def binding_of(media_type: str) -> str:
    """The SOAP binding that a request's media type points to."""
    return "soap12" if media_type == soap.MEDIA_TYPES[names.SOAP12] else "soap11"


def answer_soap(arrived: Call, operation: Operation[P]) -> Response:
    call = arrived.received()
    if call.request.method == "GET":
        return Response(200, HELP, "text/html; charset=utf-8")
    header: tuple[Element, ...] = ()
    outcome: Outcome
    try:
        call, root = _addressed(call)
        reading.refuse_document_type(root)
        message = soap.read_message(root, call, supported=soap.BINDINGS)
        header = soap.relating(message)
        outcome = _outcome(call, message, operation)
    except Refusal as refusal:
        outcome = refusal
    outcome = call.through(OUTCOME, outcome)
    if isinstance(outcome, Refusal):
        return refused(call, outcome)
    response = Element(Name(operation.name.namespace, f"{operation.name.local}Response"), outcome)
    payload = call.through(PAYLOAD, (response,))
    return soap.respond(call, soap.envelope(_soap_namespace(call), payload, header=header))


def _soap_namespace(call: Call) -> str:
    return soap.NAMESPACES[call.binding.partition("/")[2]]


def _addressed(call: Call) -> tuple[Call, etree._Element]:
    """The call under the binding of its envelope, and the document element.

    A SOAP 1.2 envelope is served as such even when it is labelled text/xml; the reverse is not.
    """
    _refuse_transport(call)
    root = reading.parse(call)
    namespace = reading.name_of(root).namespace
    if namespace == names.SOAP12:
        return call.bound_to("soap12"), root
    if namespace == names.SOAP11 and call.request.media_type == soap.MEDIA_TYPES[names.SOAP12]:
        raise Refusal(Kind.MEDIA_TYPE)
    return call, root


def _refuse_transport(call: Call) -> None:
    if call.request.method != "POST":
        raise Refusal(Kind.METHOD)
    if call.request.media_type not in XML_MEDIA_TYPES:
        raise Refusal(Kind.MEDIA_TYPE)


def _outcome(call: Call, message: Message, operation: Operation[P]) -> tuple[Element, ...]:
    body = soap.body_of(message)
    soap.refuse_mandatory_blocks(message, any_actor=True)
    element = _operation_element(body, call, operation)
    return operation.run(operation.read(element, call), call)


def _operation_element(body: etree._Element, call: Call, operation: Operation[P]) -> etree._Element:
    """The element with the parameters.

    SOAP 1.1 is routed by SOAPAction: with the right one any element is the operation's, and what it does not
    hold has its default. SOAP 1.2 is routed by the element, SOAP 1.1 without a SOAPAction too.
    """
    element = next(reading.children(body), None)
    if element is not None:
        element = call.through(OPERATION, element)
    if _routed_by_action(call, operation):
        matches = element is not None and reading.name_of(element) == operation.name
        return element if matches and element is not None else etree.Element(operation.name.tag)
    if element is None or reading.name_of(element) != operation.name:
        raise Refusal(Kind.OPERATION)
    return element


def _routed_by_action(call: Call, operation: Operation[P]) -> bool:
    soap_action = call.request.fields.get("soapaction")
    if call.binding.endswith("/soap12") or soap_action is None:
        return False
    if soap_action.strip().strip('"') != operation.soap_action:
        raise Refusal(Kind.ACTION, "Server did not recognize the value of HTTP Header SOAPAction.")
    return True


_EMPTY_ANSWERS = {Kind.MEDIA_TYPE: 415, Kind.MALFORMED: 400}
"""Refusals that are answered without a body, in both versions."""
_CODES = {
    Kind.VERSION: "VersionMismatch",
    Kind.MUST_UNDERSTAND: "MustUnderstand",
    Kind.BUSINESS: "Receiver",
}
"""The fault codes that do not lay the blame on the sender."""


def refused(call: Call, refusal: Refusal) -> Response:
    if refusal.kind is Kind.METHOD:
        return Response(405, fields=(("Allow", "GET, POST"),))
    if refusal.kind in _EMPTY_ANSWERS:
        return Response(_EMPTY_ANSWERS[refusal.kind])
    if refusal.kind in (Kind.EMPTY, Kind.DOCUMENT_TYPE) and call.binding.endswith("/soap11"):
        return Response(400)
    if refusal.kind is Kind.VERSION:
        return _version_mismatch(call, refusal)
    return soap.respond(call, _fault(call, refusal), status_code=500)


def _fault(call: Call, refusal: Refusal) -> Element:
    namespace = _soap_namespace(call)
    header: tuple[Element, ...] = ()
    if refusal.header_block is not None and namespace == names.SOAP12:
        header = (soap.not_understood(refusal.header_block),)
    detail = None if refusal.kind is Kind.MUST_UNDERSTAND else _detail(refusal)
    unread = "Server was unable to read request. ---> " if refusal.kind is Kind.VALUE else ""
    fault = Fault(_CODES.get(refusal.kind, "Sender"), unread + refusal.reason, detail)
    return soap.envelope(namespace, (soap.fault_element(namespace, fault),), header=header)


def _detail(refusal: Refusal) -> tuple[Element, ...]:
    """Empty, but for what the service itself refuses."""
    if refusal.kind is not Kind.BUSINESS:
        return ()
    told = {
        "ErrorCode": "8",
        "ErrorString": "Session",
        "ErrorItem": "",
        "ErrorMessage": refusal.reason,
    }
    entries = tuple(leaf(Name("", local), text) for local, text in told.items())
    return (Element(Name("", "details"), entries),)


def _version_mismatch(call: Call, refusal: Refusal) -> Response:
    """Always in SOAP 1.1, with the versions that are supported: SOAP 1.2 part 1 appendix A."""
    fault = soap.fault_element(names.SOAP11, Fault("VersionMismatch", refusal.reason, ()))
    root = soap.envelope(names.SOAP11, (fault,), header=(soap.upgrade(),))
    return soap.respond(call, root, status_code=500)


def answer_form(arrived: Call, operation: FormOperation) -> Response:
    """The answer to GET, or to POST of a form."""
    call = arrived.received()
    outcome: Outcome
    try:
        outcome = (operation.run(_form_values(call, operation.members), call),)
    except Refusal as refusal:
        outcome = refusal
    outcome = call.through(OUTCOME, outcome)
    if isinstance(outcome, Refusal):
        return _refused_form(outcome)
    (root,) = call.through(PAYLOAD, outcome)
    return call.written(root, "text/xml")


def _refused_form(refusal: Refusal) -> Response:
    if refusal.kind is Kind.METHOD:
        return Response(405, fields=(("Allow", "GET, POST"),))
    # One line whatever the request had in it.
    line = " ".join(refusal.reason.split())
    return Response(500, f"{line}\r\n".encode(errors="replace"), "text/plain; charset=utf-8")


def unknown_operation() -> Response:
    return _refused_form(Refusal(Kind.OPERATION, "Web Service method name is not valid."))


def _form_values(call: Call, members: tuple[Member, ...]) -> Mapping[str, Value]:
    parameters = call.through(PARAMETERS, _parameters(_encoded_form(call)))
    given: dict[str, str] = {}
    for name, value in parameters:
        key = name.lower()
        given[key] = f"{given[key]},{value}" if key in given else value
    values = {member.name.local: _parameter(given, member, call) for member in members}
    return call.through(VALUES, values)


def _parameter(given: Mapping[str, str], member: Member, call: Call) -> Value:
    local = member.name.local
    if local.lower() not in given:
        raise Refusal(Kind.VALUE, f"Missing parameter: {local}.")
    text = given[local.lower()]
    if "<" in text and member.type_name == "string":
        raise Refusal(Kind.VALUE, f"A potentially dangerous value was detected in {local}.")
    return reading.read_leaf(Leaf(local, member.type_name, text), call)


def _encoded_form(call: Call) -> str:
    request = call.request
    if request.method == "GET":
        return request.query
    if request.method != "POST":
        raise Refusal(Kind.METHOD)
    if request.media_type != "application/x-www-form-urlencoded":
        raise Refusal(Kind.MEDIA_TYPE, "Request format is invalid.")
    return request.body.decode(errors="replace")


_BROKEN_ESCAPE = re.compile("%(?![0-9a-fA-F]{2})")


def _parameters(encoded: str) -> tuple[tuple[str, str], ...]:
    """The pairs in order. A parameter without an equals sign has no name, as in ASP.NET."""
    if _BROKEN_ESCAPE.search(encoded):
        raise Refusal(Kind.VALUE, "Request format is invalid: a percent sign is not followed by two digits.")
    pairs = (part.partition("=") for part in encoded.split("&") if "=" in part)
    return tuple((unquote_plus(name), unquote_plus(value)) for name, _, value in pairs)
