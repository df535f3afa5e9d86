"""Faults in the Fault that tells of an error, one part of it at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference import names, soap
from reference.calls import ENVELOPE, RESPONSE, Call, at
from reference.http import Response
from reference.names import Name
from reference.planted.envelopes import in_fault, without
from reference.planted.making import is_fault
from reference.tree import Element, changed, leaf
from reference.writing import Style, write

# Codes


def _recoded(change: Callable[[Name], Name | str]) -> Callable[[Element], tuple[Element, ...]]:
    """Changes the qualified name that an element holds."""

    def apply(element: Element) -> tuple[Element, ...]:
        parts = tuple(change(part) if isinstance(part, Name) else part for part in element.children)
        return (replace(element, children=parts),)

    return apply


def _renamed(**others: str) -> Callable[[Name], Name]:
    return lambda code: Name(code.namespace, others.get(code.local, code.local))


def _refined(code: Name) -> Name:
    """A dot and a word after the codes that SOAP 1.1 lets be refined so."""
    refinable = code.local in ("Client", "Server", "Sender", "Receiver")
    return Name(code.namespace, f"{code.local}.Validation") if refinable else code


at(ENVELOPE, "faultcode_of_soap12")(in_fault("faultcode", _recoded(_renamed(Client="Sender", Server="Receiver"))))
at(ENVELOPE, "faultcode_refined_with_a_dot")(in_fault("faultcode", _recoded(_refined)))
at(ENVELOPE, "faultcode_blank")(in_fault("faultcode", lambda part: (replace(part, children=(" ",)),)))
at(ENVELOPE, "faultcode_is_a_number")(in_fault("faultcode", lambda part: (leaf(part.name, "500"),)))
at(ENVELOPE, "server_blamed_for_the_message")(in_fault("faultcode", _recoded(_renamed(Client="Server"))))
at(ENVELOPE, "receiver_blamed_for_the_message")(in_fault("Value", _recoded(_renamed(Sender="Receiver"))))
at(ENVELOPE, "fault_code_refined_with_a_dot")(in_fault("Value", _recoded(_refined)))
at(ENVELOPE, "fault_code_blank")(in_fault("Value", lambda part: (replace(part, children=()),)))
at(ENVELOPE, "fault_code_of_the_service")(
    in_fault("Value", _recoded(lambda code: Name("urn:service", "InvalidMessage")))
)
at(ENVELOPE, "fault_code_without_prefix")(in_fault("Value", _recoded(lambda code: code.local)))


def _with_subcode(*parts: Element, first: bool = False) -> Callable[[Element], tuple[Element, ...]]:
    subcode = Element(Name(names.SOAP12, "Subcode"), parts)

    def apply(code: Element) -> tuple[Element, ...]:
        children = (subcode, *code.children) if first else (*code.children, subcode)
        return (replace(code, children=children),)

    return apply


def _value(content: Name | str) -> Element:
    return Element(Name(names.SOAP12, "Value"), (content,))


at(ENVELOPE, "subcode_before_value")(
    in_fault("Code", _with_subcode(_value(Name("urn:service", "Invalid")), first=True))
)
at(ENVELOPE, "subcode_with_undeclared_prefix")(in_fault("Code", _with_subcode(_value("v:Invalid"))))
at(ENVELOPE, "subcode_with_two_values")(
    in_fault("Code", _with_subcode(_value(Name("urn:service", "Invalid")), _value(Name("urn:service", "Short"))))
)

# Members


def _twice(part: Element) -> tuple[Element, ...]:
    return (part, part)


at(ENVELOPE, "faultcode_twice")(in_fault("faultcode", _twice))
at(ENVELOPE, "faultstring_twice")(in_fault("faultstring", _twice))
at(ENVELOPE, "reason_twice")(in_fault("Reason", _twice))
at(ENVELOPE, "fault_without_reason")(in_fault("Fault", without("Reason")))
at(ENVELOPE, "fault_detail_capitalised")(in_fault("detail", lambda part: (replace(part, name=Name("", "Detail")),)))
at(ENVELOPE, "detail_in_no_namespace")(in_fault("Detail", lambda part: (replace(part, name=Name("", "detail")),)))
at(ENVELOPE, "reason_text_blank")(in_fault("Text", lambda text: (replace(text, children=(" ",)),)))


def _in_no_namespace(fault: Element) -> tuple[Element, ...]:
    children = tuple(replace(part, name=Name("", part.name.local)) for part in fault.elements)
    return (replace(fault, children=children),)


at(ENVELOPE, "fault_children_unqualified")(in_fault("Fault", _in_no_namespace))


@at(ENVELOPE)
def faultstring_before_faultcode(root: Element, call: Call) -> Element:
    def change(fault: Element) -> tuple[Element, ...]:
        code, text, *rest = fault.elements
        return (replace(fault, children=(text, code, *rest)),)

    return changed(root, "Fault", change)


@at(ENVELOPE)
def node_after_detail(root: Element, call: Call) -> Element:
    node = leaf(Name(names.SOAP12, "Node"), "http://example.com/service")

    def change(fault: Element) -> tuple[Element, ...]:
        present = {part.name.local for part in fault.elements}
        detail = () if "Detail" in present else (Element(Name(names.SOAP12, "Detail")),)
        return (replace(fault, children=(*fault.children, *detail, node)),)

    return changed(root, "Fault", change) if root.name.namespace == names.SOAP12 else root


@at(ENVELOPE)
def two_faults_in_body(root: Element, call: Call) -> Element:
    if root.find("Fault") is None:
        return root
    return changed(root, "Body", lambda body: (replace(body, children=(*body.children, *body.children)),))


# Header blocks that go with a Fault

at(ENVELOPE, "not_understood_absent")(lambda root, call: changed(root, "NotUnderstood", lambda block: ()))
at(ENVELOPE, "upgrade_absent")(lambda root, call: changed(root, "Upgrade", lambda block: ()))


def _with_qname(value: Name | str) -> Callable[[Element], tuple[Element, ...]]:
    return lambda block: (replace(block, attributes=((Name("", "qname"), value),)),)


at(ENVELOPE, "not_understood_names_another_block")(
    lambda root, call: changed(root, "NotUnderstood", _with_qname(Name("urn:other", "Other")))
)
at(ENVELOPE, "not_understood_with_undeclared_prefix")(
    lambda root, call: changed(root, "NotUnderstood", _with_qname("t:Block"))
)
at(ENVELOPE, "upgrade_lists_no_envelope")(
    lambda root, call: changed(root, "Upgrade", lambda block: (replace(block, children=()),))
)


# The whole Fault in the words of the other version


def _fault_of(namespace: str, media_type: str) -> Callable[[Response, Call], Response]:
    """Answers what is refused for its content with a Fault of that version, labelled as such."""
    fault = soap.fault_element(namespace, soap.Fault("Sender", "The request was refused."))
    body = write(soap.envelope(namespace, (fault,)), Style())

    def change(response: Response, call: Call) -> Response:
        if not is_fault(response) or b"VersionMismatch<" in response.body:
            return response
        return replace(response, body=body, content_type=f"{media_type}; charset=utf-8")

    return change


at(RESPONSE, "fault_of_soap12_for_soap11")(_fault_of(names.SOAP12, "application/soap+xml"))
at(RESPONSE, "fault_of_soap11_for_soap12")(_fault_of(names.SOAP11, "text/xml"))


# The status of a Fault


def _business(status_code: int) -> Callable[[Response, Call], Response]:
    """The status of a Fault that lays no blame on the message."""

    def change(response: Response, call: Call) -> Response:
        receiver = is_fault(response) and (b":Receiver<" in response.body or b":Server<" in response.body)
        return replace(response, status_code=status_code) if receiver else response

    return change


at(RESPONSE, "receiver_fault_with_status_503")(_business(503))
at(RESPONSE, "server_fault_with_status_503")(_business(503))


@at(RESPONSE)
def fault_with_status_404(response: Response, call: Call) -> Response:
    return replace(response, status_code=404) if is_fault(response) else response


@at(RESPONSE)
def fault_with_status_202(response: Response, call: Call) -> Response:
    return replace(response, status_code=202) if is_fault(response) else response


# What stands in the place of a Fault

HTML = b"<html><head><title>Runtime Error</title></head><body><h1>Server Error in '/' Application.</h1></body></html>"


def _in_place_of_fault(other: Response) -> Callable[[Response, Call], Response]:
    return lambda response, call: other if is_fault(response) else response


at(RESPONSE, "faults_without_body")(_in_place_of_fault(Response(500)))
at(RESPONSE, "faults_as_empty_success")(_in_place_of_fault(Response(200)))
at(RESPONSE, "faults_as_html")(_in_place_of_fault(Response(500, HTML, "text/html; charset=utf-8")))
at(RESPONSE, "faults_as_text")(
    _in_place_of_fault(Response(500, b"The message cannot be processed.\r\n", "text/plain; charset=utf-8"))
)
at(RESPONSE, "faults_as_redirect")(_in_place_of_fault(Response(302, fields=(("Location", "/error.aspx"),))))


@at(RESPONSE)
def fault_called_error(response: Response, call: Call) -> Response:
    body = response.body.replace(b"soap:Fault>", b"soap:Error>")
    return replace(response, body=body) if is_fault(response) else response


@at(RESPONSE)
def fault_in_header(response: Response, call: Call) -> Response:
    """Moves the Fault to a Header, and leaves Body empty."""
    head, found, rest = response.body.partition(b"<soap:Body><soap:Fault>")
    fault, end, tail = rest.partition(b"</soap:Fault></soap:Body>")
    if not found or not end or b"<soap:Header>" in head:
        return response
    moved = b"<soap:Header><soap:Fault>" + fault + b"</soap:Fault></soap:Header><soap:Body />"
    return replace(response, body=head + moved + tail)
