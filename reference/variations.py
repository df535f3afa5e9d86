"""The neutral variants: what a service is free to do otherwise. Why each is legal is told in `variants.toml`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference import mobileconnect, names, partstream, servicestack, studebaker
from reference.calls import ENVELOPE, OUTCOME, PAYLOAD, RESPONSE, STYLE, Call, Outcome, at
from reference.http import Response
from reference.names import SERVICESTACK, SPIRIT_SESSIONS, XML_LANG, Name
from reference.refusals import Kind, Refusal
from reference.tree import Element, changed, leaf, nil, rewritten
from reference.writing import Style

Payload = tuple[Element, ...]

# The spelling of XML

OTHER_PREFIXES = {
    names.SOAP11: "SOAP-ENV",
    names.SOAP12: "env",
    names.XSI: "i",
    names.XSD: "xsd",
    names.MSDATA: "m",
    names.DIFFGR: "d",
    names.UTWS: "tns",
    names.ECGRIDOS: "tns",
    names.SERVICESTACK: "st",
    names.SPIRIT_MESSAGES: "ns0",
    names.SPIRIT_SESSIONS: "ns1",
    names.SSI_API: "ns0",
    names.SSI_RESPONSES: "ns1",
}


def _styled(**choices: object) -> Callable[[Style, Call], Style]:
    return lambda style, call: replace(style, **choices)  # type: ignore[arg-type]


at(STYLE, "other_prefixes")(_styled(prefixes=OTHER_PREFIXES))
at(STYLE, "default_namespaces")(_styled(prefixes={}))
at(STYLE, "redundant_declarations")(_styled(redundant_declarations=True))
at(STYLE, "byte_order_mark")(_styled(byte_order_mark=True))
at(STYLE, "utf16_answers")(_styled(encoding="utf-16"))
at(STYLE, "latin1_answers")(_styled(encoding="iso-8859-1"))
at(STYLE, "no_xml_declaration")(_styled(declaration=False))
at(STYLE, "cdata_sections")(_styled(cdata=True))
at(STYLE, "comments_between_elements")(_styled(comments=True))
at(STYLE, "indented_answers")(_styled(indented=True))
at(STYLE, "attributes_reversed")(_styled(attributes_reversed=True))
at(STYLE, "single_quoted_attributes")(_styled(quote="'"))
at(STYLE, "empty_elements_in_full")(_styled(empty_in_full=True))

# HTTP

HTML = b"<html><head><title>Error</title></head><body><h1>Bad Request</h1><br></body></html>"


@at(RESPONSE)
def chunked_answers(response: Response, call: Call) -> Response:
    return replace(response, chunked=bool(response.body))


@at(RESPONSE)
def documented_media_type(response: Response, call: Call) -> Response:
    return replace(response, content_type="application/xml") if response.content_type else response


@at(RESPONSE)
def sender_fault_with_status_400(response: Response, call: Call) -> Response:
    return replace(response, status_code=400) if b":Sender<" in response.body else response


@at(RESPONSE)
def refusals_with_html_body(response: Response, call: Call) -> Response:
    if response.status_code < 400 or response.body:
        return response
    return replace(response, body=HTML, content_type="text/html; charset=utf-8")


@at(RESPONSE)
def form_errors_with_status_400(response: Response, call: Call) -> Response:
    return replace(response, status_code=400) if response.status_code == 500 else response


@at(RESPONSE)
def closes_connection_on_unreadable_message(response: Response, call: Call) -> Response:
    unreadable = response.status_code == 500
    return replace(response, wire="closes_connection_on_unreadable_message") if unreadable else response


@at(RESPONSE)
def keeps_silent_on_unreadable_message(response: Response, call: Call) -> Response:
    unreadable = response.status_code == 500
    return replace(response, wire="keeps_silent_on_unreadable_message") if unreadable else response


@at(RESPONSE)
def empty_200_on_unreadable_message(response: Response, call: Call) -> Response:
    unreadable = response.status_code == 500
    return Response(200, content_type="text/html; charset=utf-8") if unreadable else response


@at(RESPONSE)
def bare_error_response(response: Response, call: Call) -> Response:
    if response.status_code != 500:
        return response
    root = servicestack.error_response("SerializationException", "The message cannot be read.")
    return call.written(root, "text/xml", status_code=500, name_charset=False)


# Faults and errors


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


# Content


NILLABLE = {
    mobileconnect.RESPONSE: (mobileconnect.RESPONSE_MEMBERS, (Name(names.SPIRIT_MESSAGES, "LogEntries"),)),
    studebaker.LOGIN_RESPONSE: (studebaker.RESPONSE_MEMBERS, ()),
}
"""The members of each response by their table, then those of complex type."""


@at(PAYLOAD)
def nil_instead_of_absent(payload: Payload, call: Call) -> Payload:
    (root,) = payload
    table, complex_members = NILLABLE[root.name]
    order = [*(member.name for member in table), *complex_members]
    present = {part.name for part in root.elements}
    absent = [row.name for row in table if row.type_name == "string" and row.name not in present]
    parts = [*root.elements, *(nil(name) for name in absent)]
    parts.sort(key=lambda part: order.index(part.name))
    return (replace(root, children=tuple(parts)),)


@at(PAYLOAD)
def leaves_out_discarded_sessions(payload: Payload, call: Call) -> Payload:
    def change(session: Element) -> tuple[Element, ...]:
        publish = session.find("publish")
        return () if publish is not None and publish.text == "Discard" else (session,)

    return tuple(changed(root, "SessionsToPublish", change) for root in payload)


@at(PAYLOAD)
def empty_dataset(payload: Payload, call: Call) -> Payload:
    return tuple(changed(root, "diffgram", lambda part: (Element(part.name),)) for root in payload)


@at(PAYLOAD)
def null_result(payload: Payload, call: Call) -> Payload:
    """Over SOAP there is no result at all, over GET and POST one that is nil: as ASMX has it."""
    (root,) = payload
    return (nil(root.name),) if root.name.local == "DataSet" else (replace(root, children=()),)


DATE_TIMES = ("ProcessedAt", "SessionEnd", "SessionStart", "LastLogin", "LastLoginUtc")


@at(PAYLOAD)
def date_times_in_utc(payload: Payload, call: Call) -> Payload:
    def change(element: Element) -> tuple[Element, ...]:
        dated = element.name.local in DATE_TIMES and not element.text.startswith("0001")
        return (leaf(element.name, f"{element.text}Z"),) if dated else (element,)

    return tuple(rewritten(root, change) for root in payload)


@at(PAYLOAD)
def guids_in_upper_case(payload: Payload, call: Call) -> Payload:
    def change(element: Element) -> tuple[Element, ...]:
        of_type_guid = element.name in (Name(SPIRIT_SESSIONS, "ReferUid"), Name(SPIRIT_SESSIONS, "UserReferUid"))
        return (leaf(element.name, element.text.upper()),) if of_type_guid else (element,)

    return tuple(rewritten(root, change) for root in payload)


@at(PAYLOAD)
def result_as_printed(payload: Payload, call: Call) -> Payload:
    printed = leaf(Name(SERVICESTACK, "Result"), "Unknown")
    return tuple(changed(root, "Result", lambda _: (printed,)) for root in payload)


@at(ENVELOPE)
def interface_name_of_logout(root: Element, call: Call) -> Element:
    return changed(root, "interfacename", lambda part: (leaf(part.name, "SWServiceLogout"),))


@at(ENVELOPE)
def encoding_style_absent(root: Element, call: Call) -> Element:
    kept = tuple(attribute for attribute in root.attributes if attribute != partstream.ENCODING_STYLE)
    return replace(root, attributes=kept)


@at(ENVELOPE)
def body_children_in_reverse(root: Element, call: Call) -> Element:
    if root.find("Fault") is not None:
        return root
    return changed(root, "Body", lambda body: (replace(body, children=body.elements[::-1]),))


@at(PAYLOAD)
def booleans_as_digits(payload: Payload, call: Call) -> Payload:
    def change(element: Element) -> tuple[Element, ...]:
        return (leaf(element.name, "1" if element.text == "true" else "0"),)

    return tuple(changed(root, "NewPasswordRequired", change) for root in payload)
