"""3DPartStream SWServiceLogout: ends a session, which is named in a header block."""

from __future__ import annotations

from collections.abc import Mapping

from reference import names, reading, soap
from reference.calls import OPERATION, OUTCOME, PAYLOAD, VALUES, Call, Message, Outcome
from reference.http import Response
from reference.lexical import Value
from reference.names import Name
from reference.reading import Member, string
from reference.refusals import Kind, Refusal
from reference.soap import Fault
from reference.tree import Element, leaf

PATH = "/3dpartstream/service"
INTERFACE_NAME = "SWServiceLogin"
"""The interface that responses name, as the page prints it; it is a slip for SWServiceLogout."""
UNDERSTOOD = ("interfacename", "sessionid")
ENCODING_STYLE = (Name(names.SOAP11, "encodingStyle"), names.SOAP11_ENCODING)
UNKNOWN_SESSION = "1004"


def answer(arrived: Call) -> Response:
    call = arrived.received()
    session = ""
    related: tuple[Element, ...] = ()
    outcome: Outcome
    try:
        message = _message(call)
        related = soap.relating(message)
        values = _read(call, message)
        session = string(values, "sessionid")
        outcome = _run(session, call)
    except Refusal as refusal:
        outcome = refusal
    outcome = call.through(OUTCOME, outcome)
    if not isinstance(outcome, Refusal):
        return _respond(call, call.through(PAYLOAD, outcome), header=related)
    if outcome.kind is Kind.METHOD:
        return Response(405, fields=(("Allow", "POST"),))
    if outcome.kind is Kind.BUSINESS:
        named = leaf(Name("", "sessionid"), session)
        return _respond(call, flat_error(session, outcome.reason), header=(named, *related))
    return faulted(call, outcome)


def _message(call: Call) -> Message:
    if call.request.method != "POST":
        raise Refusal(Kind.METHOD)
    root = reading.parse(call)
    reading.refuse_document_type(root)
    return soap.read_message(root, call, supported=(names.SOAP11,))


def _read(call: Call, message: Message) -> Mapping[str, Value]:
    body = soap.body_of(message)
    soap.refuse_mandatory_blocks(message, understood=UNDERSTOOD, any_actor=False)
    element = next(reading.children(body), None)
    if element is not None:
        element = call.through(OPERATION, element)
    if element is None or reading.local_name(element) != "interfaceparameters":
        raise Refusal(Kind.OPERATION)
    values = {**_header_values(message), **reading.read_members(element, _SECURE, call, laxity=reading.ASMX)}
    return call.through(VALUES, values)


_SECURE = (Member(Name("", "secure"), "string"),)


def _header_values(message: Message) -> Mapping[str, Value]:
    """The header blocks that are parameters, in any namespace. Of one that is repeated the first counts."""
    values: dict[str, Value] = dict.fromkeys(UNDERSTOOD)
    for block in reversed(message.header_blocks):
        if reading.local_name(block) in UNDERSTOOD:
            values[reading.local_name(block)] = reading.text_of(block)
    return values


def _run(session: str, call: Call) -> tuple[Element, ...]:
    if not call.state.partstream_sessions.consume(session.strip()):
        raise Refusal(Kind.BUSINESS, "The session is not active.")
    return logged_out(session)


def logged_out(session: str) -> tuple[Element, ...]:
    return (
        leaf(Name("", "sessionid"), session),
        leaf(Name("", "returnval"), "0"),
        leaf(Name("", "success"), "The session was ended."),
    )


def flat_error(session: str, reason: str) -> tuple[Element, ...]:
    """The documented form of an error: flat beside the other children of Body, in no namespace."""
    return (
        leaf(Name("", "sessionid"), session),
        leaf(Name("", "returnval"), ""),
        leaf(Name("", "faultcode"), UNKNOWN_SESSION),
        leaf(Name("", "faultstring"), reason),
    )


def _respond(call: Call, body: tuple[Element, ...], *, header: tuple[Element, ...] = ()) -> Response:
    blocks = (leaf(Name("", "interfacename"), INTERFACE_NAME), *header)
    root = soap.envelope(names.SOAP11, body, header=blocks, attributes=(ENCODING_STYLE,))
    return soap.respond(call, root)


def faulted(call: Call, refusal: Refusal) -> Response:
    """A genuine Fault, for what never gets as far as the service."""
    codes = {Kind.VERSION: "VersionMismatch", Kind.MUST_UNDERSTAND: "MustUnderstand"}
    fault = Fault(codes.get(refusal.kind, "Sender"), refusal.reason)
    root = soap.envelope(names.SOAP11, (soap.fault_element(names.SOAP11, fault),))
    return soap.respond(call, root, status_code=500)
