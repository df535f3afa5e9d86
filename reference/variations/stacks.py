"""What genuine stacks of a family tolerate beyond their pages: nothing that a service on them may be blamed for."""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree

from reference import mobileconnect, names, soap, studebaker
from reference.calls import DOCUMENT, LEAF, OPERATION, REQUEST, RESPONSE, Call, Leaf, at
from reference.http import Request, Response
from reference.names import Name
from reference.reading import name_of
from reference.refusals import Kind, Refusal

MEMBERS = {"mobileconnect/soap12": mobileconnect.REQUEST_MEMBERS, "studebaker/xml": studebaker.REQUEST_MEMBERS}


TOLERATED = {
    etree.ErrorTypes.ERR_TAG_NAME_MISMATCH,
    etree.ErrorTypes.ERR_DOCUMENT_END,
    etree.ErrorTypes.ERR_INVALID_CHAR,
    etree.ErrorTypes.ERR_UNDECLARED_ENTITY,
    etree.ErrorTypes.WAR_UNDECLARED_ENTITY,
}
"""What gSOAP reads over; it closes the connection on a raw ampersand, a repeated attribute and a missing end."""


@at(REQUEST)
def reads_broken_documents_as_gsoap(request: Request, call: Call) -> Request:
    """Minds neither end-tags that do not match nor what follows the document, but a document without its end."""
    strict = etree.XMLParser(resolve_entities=False, no_network=True)
    try:
        etree.fromstring(request.body, strict)
    except etree.XMLSyntaxError:
        if b"Envelope>" not in request.body or not {entry.type for entry in strict.error_log} <= TOLERATED:
            return request
        lenient = etree.XMLParser(recover=True, resolve_entities=False, no_network=True)
        repaired = etree.fromstring(request.body, lenient)
        return request if repaired is None else replace(request, body=etree.tostring(repaired))
    return request


@at(REQUEST, "passes_over_document_type_as_gsoap", "passes_over_document_type_as_servicestack")
def passes_over_document_type(request: Request, call: Call) -> Request:
    """Reads on after a document type declaration that declares no entity."""
    match = re.search(rb"<!DOCTYPE[^\[>]*(\[.*?\]\s*)?>", request.body, re.DOTALL)
    if match is None or b"<!ENTITY" in match[0]:
        return request
    return replace(request, body=request.body.replace(match[0], b"", 1))


@at(REQUEST)
def takes_any_method_as_servicestack(request: Request, call: Call) -> Request:
    return request if request.method in ("GET", "HEAD", "OPTIONS") else replace(request, method="POST")


@at(LEAF)
def reads_dates_as_data_contract(leaf: Leaf, call: Call) -> Leaf:
    """Takes a day or a month for the instant that it begins with."""
    text = leaf.text.strip()
    if leaf.type_name == "dateTime" and re.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2})?Z?", text):
        day = text.rstrip("Z") + ("-01" if len(text.rstrip("Z")) == 7 else "")
        return replace(leaf, text=f"{day}T00:00:00")
    return leaf


@at(LEAF)
def refuses_end_of_day_as_data_contract(leaf: Leaf, call: Call) -> Leaf:
    """Has no hour 24, and no year of five digits."""
    if leaf.type_name == "dateTime" and re.search(r"T24:|^\s*-|^\s*[0-9]{5}|^\s*0000", leaf.text):
        raise Refusal(Kind.VALUE, f"{leaf.member} cannot be read.")
    return leaf


@at(OPERATION)
def loses_members_out_of_order_as_data_contract(element: etree._Element, call: Call) -> etree._Element:
    """Reads on from the member it was at: one that stands too early or too late counts as unknown."""
    order = [member.name.tag for member in MEMBERS[call.binding]]
    place = 0
    for member in [each for each in element if isinstance(each.tag, str)]:
        if member.tag not in order[place:]:
            element.remove(member)
        else:
            place = order.index(member.tag)
    return element


@at(DOCUMENT)
def answers_soap12_in_kind(root: etree._Element, call: Call) -> etree._Element:
    """Serves an envelope of SOAP 1.2 as well, as the three stacks of the page do."""
    if name_of(root).namespace == names.SOAP12:
        for element in root.iter(etree.Element):
            if name_of(element).namespace == names.SOAP12:
                element.tag = Name(names.SOAP11, name_of(element).local).tag
    return root


@at(RESPONSE, "answers_soap12_in_kind")
def _in_kind(response: Response, call: Call) -> Response:
    if names.SOAP12.encode() not in call.request.body or b"<soap:Envelope" not in response.body:
        return response
    if b"Fault>" in response.body:
        fault = soap.fault_element(names.SOAP12, soap.Fault("Sender", "The request was refused."))
        root = soap.envelope(names.SOAP12, (fault,))
        return call.written(root, "application/soap+xml", status_code=500)
    body = re.sub(rb' soap:encodingStyle="[^"]*"', b"", response.body)
    body = body.replace(names.SOAP11.encode(), names.SOAP12.encode())
    return replace(response, body=body, content_type="application/soap+xml; charset=utf-8")
