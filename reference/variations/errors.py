"""How faults and errors may be told."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from reference import mobileconnect, names, servicestack, studebaker
from reference.calls import ENVELOPE, OUTCOME, RESPONSE, Call, Outcome, at
from reference.http import Response
from reference.names import SERVICESTACK, XML_LANG, Name
from reference.refusals import Kind, Refusal
from reference.tree import Element, changed, leaf

Payload = tuple[Element, ...]


@at(ENVELOPE)
def fault_texts_in_german(root: Element, call: Call) -> Element:
    text = "Die Nachricht konnte nicht verarbeitet werden: ungültig."
    in_soap11 = changed(root, "faultstring", lambda part: (leaf(part.name, text),))
    return changed(in_soap11, "Text", lambda part: (Element(part.name, (text,), ((XML_LANG, "de"),)),))


@at(ENVELOPE)
def fault_with_actor(root: Element, call: Call) -> Element:
    actor = leaf(Name("", "faultactor"), "http://example.com/service")
    return _with_after_the_second(root, actor)


def _with_after_the_second(root: Element, *more: Element) -> Element:
    """Puts elements into a Fault after those that tell the code and the reason."""

    def change(fault: Element) -> tuple[Element, ...]:
        code, reason, *rest = fault.elements
        return (replace(fault, children=(code, reason, *more, *rest)),)

    return changed(root, "Fault", change)


@at(ENVELOPE)
def fault_with_node_and_role(root: Element, call: Call) -> Element:
    if root.name.namespace != names.SOAP12:
        return root
    node = leaf(Name(names.SOAP12, "Node"), "http://example.com/service")
    role = leaf(Name(names.SOAP12, "Role"), f"{names.SOAP12}/role/ultimateReceiver")
    return _with_after_the_second(root, node, role)


@at(OUTCOME)
def genuine_fault_for_unknown_session(outcome: Outcome, call: Call) -> Outcome:
    business = isinstance(outcome, Refusal) and outcome.kind is Kind.BUSINESS
    return Refusal(Kind.VALUE, str(outcome)) if business else outcome


@at(RESPONSE)
def flat_error_with_status_500(response: Response, call: Call) -> Response:
    flat = response.status_code == 200 and b"<faultcode>" in response.body
    return replace(response, status_code=500) if flat else response


@at(ENVELOPE)
def flat_error_as_printed(root: Element, call: Call) -> Element:
    """Puts the printed code and a success beside the error's text."""
    if root.find("Fault") is not None:
        return root
    success = leaf(Name("", "success"), "Success Description")
    return changed(root, "faultcode", lambda code: (success, leaf(code.name, "0000")))


def _is_empty_login(response: Response) -> bool:
    return response.status_code == 200 and b"LoginToken" not in response.body


@at(RESPONSE)
def no_content_for_invalid_credentials(response: Response, call: Call) -> Response:
    return Response(204) if _is_empty_login(response) else response


@at(RESPONSE)
def empty_200_for_invalid_credentials(response: Response, call: Call) -> Response:
    return Response(200) if _is_empty_login(response) else response


# Parts of a Fault that are free


def _in_fault(local: str, change: Callable[[Element], tuple[Element, ...]]) -> Callable[[Element, Call], Element]:
    """Changes the elements of that name within a Fault."""
    return lambda root, call: changed(root, "Fault", lambda fault: (changed(fault, local, change),))


def _with_text_in_german(reason: Element) -> tuple[Element, ...]:
    text = Element(Name(reason.name.namespace, "Text"), ("Die Anfrage ist ungültig.",), ((XML_LANG, "de-CH"),))
    return (replace(reason, children=(*reason.children, text)),)


def _with_subcode(code: Element) -> tuple[Element, ...]:
    def named(local: str) -> Name:
        return Name(code.name.namespace, local)

    inner = Element(named("Subcode"), (Element(named("Value"), (Name("urn:service", "NotANumber"),)),))
    value = Element(named("Value"), (Name("urn:service", "Validation"),))
    return (replace(code, children=(*code.children, Element(named("Subcode"), (value, inner)))),)


def _with_entries(detail: Element) -> tuple[Element, ...]:
    entry = leaf(Name("urn:service", "reference"), "4711")
    attributes = ((Name("urn:service", "level"), "low"),)
    return (replace(detail, children=(entry, entry), attributes=attributes),)


at(ENVELOPE, "reasons_in_two_languages")(_in_fault("Reason", _with_text_in_german))
at(ENVELOPE, "reason_in_american_english")(
    _in_fault("Text", lambda text: (replace(text, attributes=((XML_LANG, "en-US"),)),))
)
at(ENVELOPE, "subcodes_of_the_service")(_in_fault("Code", _with_subcode))
at(ENVELOPE, "detail_with_entries")(_in_fault("detail", _with_entries))
at(ENVELOPE, "detail_with_blocks")(_in_fault("Detail", _with_entries))
at(ENVELOPE, "fault_without_detail")(_in_fault("detail", lambda detail: ()))
at(ENVELOPE, "fault_without_details")(_in_fault("Detail", lambda detail: ()))
at(ENVELOPE, "faultstring_with_language")(
    _in_fault("faultstring", lambda part: (replace(part, attributes=((XML_LANG, "en"),)),))
)


@at(ENVELOPE)
def faultcode_of_the_service(root: Element, call: Call) -> Element:
    """A code in a namespace of the service's own, for what the service itself refuses."""

    def change(code: Element) -> tuple[Element, ...]:
        server = any(isinstance(part, Name) and part.local == "Server" for part in code.children)
        return (replace(code, children=(Name("urn:service:errors", "InvalidSession"),)) if server else code,)

    return _in_fault("faultcode", change)(root, call)


# MobileConnect


@at(RESPONSE)
def error_without_status_fields(response: Response, call: Call) -> Response:
    """Tells an error in Body alone."""
    if b"<ErrorResponse" not in response.body:
        return response
    kept = tuple(field for field in response.fields if field[0] != "X-Status")
    body = re.sub(rb"<soap:Header>.*?</soap:Header>", b"", response.body)
    return replace(response, body=body, fields=kept)


@at(RESPONSE)
def error_with_status_401(response: Response, call: Call) -> Response:
    challenge = ("WWW-Authenticate", 'Basic realm="service"')
    refused = replace(response, status_code=401, fields=(*response.fields, challenge))
    return refused if b"<ErrorResponse" in response.body else response


@at(OUTCOME)
def error_told_in_the_response(outcome: Outcome, call: Call) -> Outcome:
    """A response whose ServerErrorDetails have a Code, as the page prints it."""
    if not (isinstance(outcome, Refusal) and outcome.kind is Kind.BUSINESS):
        return outcome
    details = Element(
        Name(SERVICESTACK, "ServerErrorDetails"),
        (
            leaf(Name(SERVICESTACK, "Code"), "ClientDataSubmissionFailure"),
            leaf(Name(SERVICESTACK, "Description"), outcome.reason),
        ),
    )
    return (Element(mobileconnect.RESPONSE, (leaf(Name(SERVICESTACK, "Result"), "Failure"), details)),)


# Studebaker


@at(RESPONSE)
def login_error_in_the_response(response: Response, call: Call) -> Response:
    """A LoginResponse with a ResponseStatus, as for what a service throws."""
    if response.status_code != 400:
        return response
    status = servicestack.response_status(studebaker.STATUS, "SerializationException", "No.")
    root = Element(studebaker.LOGIN_RESPONSE, (status,))
    return call.written(root, "application/xml", status_code=500, name_charset=False)


@at(RESPONSE)
def invalid_credentials_with_status_401(response: Response, call: Call) -> Response:
    empty = response.status_code == 200 and b"LoginToken" not in response.body
    return Response(401, fields=(("WWW-Authenticate", 'Basic realm="service"'),)) if empty else response


# 3DPartStream


@at(ENVELOPE)
def flat_error_in_another_order(root: Element, call: Call) -> Element:
    if root.find("Fault") is not None or root.find("faultcode") is None:
        return root
    return changed(root, "Body", lambda body: (replace(body, children=body.elements[::-1]),))


@at(ENVELOPE)
def flat_error_alone(root: Element, call: Call) -> Element:
    """The code and the text of an error without the members of a success."""
    if root.find("Fault") is not None or root.find("faultcode") is None:
        return root

    def change(body: Element) -> tuple[Element, ...]:
        told = tuple(part for part in body.elements if part.name.local.startswith("fault"))
        return (replace(body, children=told),)

    return changed(root, "Body", change)


# SOAP 1.1


@at(RESPONSE)
def fault_members_typed(response: Response, call: Call) -> Response:
    """As SOAP::Lite writes them: a code is a string too."""
    if b"Fault>" not in response.body:
        return response
    types = rb'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns:d="http://www.w3.org/2001/XMLSchema"'
    body = re.sub(rb"<(faultcode|faultstring)>", rb"<\1 " + types + rb' i:type="d:string">', response.body)
    return replace(response, body=body)


@at(ENVELOPE)
def actor_named_from_here(root: Element, call: Call) -> Element:
    return _with_after_the_second(root, leaf(Name("", "faultactor"), "../service?part=2"))
