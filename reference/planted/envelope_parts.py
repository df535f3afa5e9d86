"""Faults in the envelope around a success: what it is called, what it holds, and what it lacks."""

from __future__ import annotations

from dataclasses import replace

from reference import names
from reference.calls import ENVELOPE, PAYLOAD, RESPONSE, Call, at
from reference.http import Response
from reference.names import Name
from reference.planted.envelopes import in_success
from reference.planted.making import Payload, attributed, is_success
from reference.tree import Element, changed, leaf
from reference.writing import Style, write

DRAFT12 = "http://www.w3.org/2001/12/soap-envelope"


def _respelled(response: Response, before: bytes, after: bytes) -> Response:
    return replace(response, body=response.body.replace(before, after)) if is_success(response) else response


@at(RESPONSE)
def envelope_in_draft_namespace(response: Response, call: Call) -> Response:
    return _respelled(response, names.SOAP12.encode(), DRAFT12.encode())


@at(RESPONSE)
def envelope_namespace_without_slash(response: Response, call: Call) -> Response:
    return _respelled(response, names.SOAP11.encode(), names.SOAP11.rstrip("/").encode())


@at(RESPONSE)
def envelope_in_lower_case(response: Response, call: Call) -> Response:
    return _respelled(response, b"soap:Envelope", b"soap:envelope")


@at(RESPONSE)
def body_in_lower_case(response: Response, call: Call) -> Response:
    return _respelled(response, b"soap:Body", b"soap:body")


@at(RESPONSE)
def answers_soap11_in_soap12(response: Response, call: Call) -> Response:
    """Writes a success over SOAP 1.1 in the namespace of SOAP 1.2, under the label of SOAP 1.1."""
    return _respelled(response, names.SOAP11.encode(), names.SOAP12.encode())


@at(RESPONSE)
def success_without_envelope(response: Response, call: Call) -> Response:
    """Answers with what Body holds and nothing around it."""
    if not is_success(response):
        return response
    head, _, rest = response.body.partition(b"<soap:Body>")
    content, _, _ = rest.partition(b"</soap:Body>")
    return replace(response, body=head.partition(b"?>")[0] + b"?>" + content)


@at(ENVELOPE)
def envelope_in_an_envelope(root: Element, call: Call) -> Element:
    if root.find("Fault") is not None:
        return root
    namespace = root.name.namespace
    return Element(Name(namespace, "Envelope"), (Element(Name(namespace, "Body"), (root,)),))


@at(PAYLOAD)
def response_as_escaped_text(payload: Payload, call: Call) -> Payload:
    """Puts the content of the response into it as text, as a service does that builds strings."""
    (root,) = payload
    style = Style(declaration=False)
    text = "".join(write(part, style).decode() for part in root.elements)
    return (replace(root, children=(text,)),)


at(ENVELOPE, "version_attribute_on_envelope")(
    in_success(lambda root: replace(root, attributes=(*root.attributes, (Name("", "version"), "1.0"))))
)
at(ENVELOPE, "envelope_attribute_on_body")(
    in_success(
        lambda root: changed(
            root,
            "Body",
            lambda body: (replace(body, attributes=((Name(root.name.namespace, "mustUnderstand"), "0"),)),),
        )
    )
)
at(ENVELOPE, "text_beside_the_response")(
    in_success(lambda root: changed(root, "Body", lambda body: (replace(body, children=("OK", *body.children)),)))
)
at(ENVELOPE, "two_headers")(
    in_success(
        lambda root: replace(
            root,
            children=(*(Element(Name(root.name.namespace, "Header")) for _ in range(2)), *root.elements[-1:]),
        )
    )
)
at(ENVELOPE, "encoding_style_on_header")(
    in_success(
        lambda root: replace(
            root,
            children=(
                Element(
                    Name(root.name.namespace, "Header"),
                    attributes=((Name(names.SOAP12, "encodingStyle"), f"{names.SOAP12}/encoding"),),
                ),
                *root.elements[-1:],
            ),
        )
    )
)
at(ENVELOPE, "header_entry_in_no_namespace")(
    in_success(
        lambda root: replace(
            root,
            children=(
                Element(Name(root.name.namespace, "Header"), (leaf(Name("", "requestid"), "1"),)),
                *root.elements[-1:],
            ),
        )
    )
)
at(PAYLOAD, "encoding_style_on_response")(
    attributed("logsAvailableResponse", Name(names.SOAP11, "encodingStyle"), names.SOAP11_ENCODING)
)


@at(ENVELOPE, "unknown_block_is_mandatory")
@in_success
def unknown_block_is_mandatory(root: Element) -> Element:
    """Has whoever reads a success understand a block of the service's own."""
    mark = (Name(root.name.namespace, "mustUnderstand"), "1")
    block = replace(leaf(Name("urn:trace", "transaction"), "5"), attributes=(mark,))
    return replace(root, children=(Element(Name(root.name.namespace, "Header"), (block,)), *root.elements[-1:]))
