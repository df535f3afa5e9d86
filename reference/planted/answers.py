"""Faults in HTTP, in encoding and in well-formedness, made to the answer when it is otherwise finished."""

from __future__ import annotations

import re
from dataclasses import replace

from reference.calls import RESPONSE, Call, at
from reference.http import Response
from reference.planted.making import is_fault, is_success, labelled, on_fault, on_success, with_body, with_status

# Status

at(RESPONSE, "fault_with_status_200")(on_fault(with_status(200)))
at(RESPONSE, "fault_with_status_400")(on_fault(with_status(400)))
at(RESPONSE, "success_with_status_201")(on_success(with_status(201)))


@at(RESPONSE)
def must_understand_fault_with_status_400(response: Response, call: Call) -> Response:
    mandatory = is_fault(response) and b"MustUnderstand<" in response.body
    return replace(response, status_code=400) if mandatory else response


@at(RESPONSE)
def error_with_status_200(response: Response, call: Call) -> Response:
    """Tells of an error in a 200, as XML of another root."""
    if response.status_code != 500:
        return response
    text = response.body.decode().strip().replace("&", "&amp;").replace("<", "&lt;")
    document = f'<string xmlns="https://os.ecgrid.io/">{text}</string>'
    return Response(200, document.encode(), "text/xml; charset=utf-8")


# Media type and charset

at(RESPONSE, "success_labelled_text_html")(on_success(labelled("text/html; charset=utf-8")))
at(RESPONSE, "success_labelled_text_plain")(on_success(labelled("text/plain; charset=utf-8")))
at(RESPONSE, "soap12_labelled_text_xml")(on_success(labelled("text/xml; charset=utf-8")))
at(RESPONSE, "fault_labelled_text_html")(on_fault(labelled("text/html; charset=utf-8")))
at(RESPONSE, "soap12_fault_labelled_text_xml")(on_fault(labelled("text/xml; charset=utf-8")))
at(RESPONSE, "charset_label_lies")(
    on_success(lambda response: replace(response, content_type="text/xml; charset=utf-16"))
)
at(RESPONSE, "latin1_bytes_labelled_utf8")(
    on_success(with_body(lambda body: body.decode().encode("latin-1", "xmlcharrefreplace")))
)
at(RESPONSE, "content_coding_lies")(
    on_success(lambda response: replace(response, fields=(*response.fields, ("Content-Encoding", "gzip"))))
)

# Well-formedness

at(RESPONSE, "unescaped_ampersand")(on_success(with_body(lambda body: body.replace(b"&amp;", b"&"))))
at(RESPONSE, "unescaped_less_than")(on_success(with_body(lambda body: body.replace(b"&lt;", b"<"))))
at(RESPONSE, "success_without_content")(on_success(with_body(lambda body: b"")))
at(RESPONSE, "undeclared_prefix")(on_success(with_body(lambda body: re.sub(rb' xmlns:d2p1="[^"]*"', b"", body))))
at(RESPONSE, "answer_cut_short")(on_success(with_body(lambda body: body[:-8])))
at(RESPONSE, "second_document_element")(on_success(with_body(lambda body: body + b"<trace />")))
at(RESPONSE, "document_type_declaration")(
    on_success(with_body(lambda body: body.replace(b"?>", b"?><!DOCTYPE soap:Envelope>", 1)))
)
at(RESPONSE, "control_character_for_tab")(on_success(with_body(lambda body: body.replace(b"\t", b"&#x1F;"))))

# Answers to valid messages that are none


def _is_about_less_than_nothing(call: Call) -> bool:
    """Whether the request holds a number below zero: few do, and every service has to read them."""
    return b">-" in (call.request.body or b"")


@at(RESPONSE)
def empty_answer_for_negative_numbers(response: Response, call: Call) -> Response:
    return replace(response, body=b"") if is_success(response) and _is_about_less_than_nothing(call) else response


@at(RESPONSE)
def not_found_for_negative_numbers(response: Response, call: Call) -> Response:
    """As a proxy in front of the service may answer."""
    if not (is_success(response) and _is_about_less_than_nothing(call)):
        return response
    return Response(404, b"<html><body>Not Found</body></html>", "text/html; charset=utf-8")


# What instances say of themselves (XML Schema part 1 section 2.6)

at(RESPONSE, "number_said_to_be_a_string")(
    on_success(
        with_body(
            lambda body: body.replace(
                b"<osBits>", b'<osBits xmlns:xsd="http://www.w3.org/2001/XMLSchema" xsi:type="xsd:string">'
            )
        )
    )
)
at(RESPONSE, "nil_session_with_members")(
    on_success(with_body(lambda body: body.replace(b"<SessionsToPublish>", b'<SessionsToPublish xsi:nil="true">')))
)

# Codes of faults

at(RESPONSE, "subcode_without_value")(
    on_fault(with_body(lambda body: body.replace(b"</soap:Code>", b"<soap:Subcode /></soap:Code>")))
)
at(RESPONSE, "faultcode_in_no_namespace")(
    on_fault(with_body(lambda body: body.replace(b"<faultcode>soap:", b"<faultcode>")))
)
at(RESPONSE, "mandatory_header_refused_as_client")(
    on_fault(with_body(lambda body: body.replace(b":MustUnderstand<", b":Client<")))
)
at(RESPONSE, "mandatory_header_refused_as_sender")(
    on_fault(with_body(lambda body: body.replace(b":MustUnderstand<", b":Sender<")))
)
at(RESPONSE, "unknown_version_refused_as_client")(
    on_fault(with_body(lambda body: body.replace(b":VersionMismatch<", b":Client<")))
)
at(RESPONSE, "header_must_be_understood_perhaps")(
    on_success(
        with_body(
            lambda body: body.replace(
                b"<soap:Body>",
                b'<soap:Header><t:trace xmlns:t="urn:trace" soap:mustUnderstand="perhaps" /></soap:Header><soap:Body>',
            )
        )
    )
)

# The bytes on the wire


@at(RESPONSE)
def content_length_counts_characters(response: Response, call: Call) -> Response:
    marked = is_success(response) and not response.body.isascii()
    return replace(response, wire="content_length_counts_characters") if marked else response


@at(RESPONSE)
def content_length_too_small(response: Response, call: Call) -> Response:
    return replace(response, wire="content_length_too_small") if is_fault(response) else response


# What an element that is nil holds all the same (XML Schema part 1 section 3.3.4)

at(RESPONSE, "number_nil_and_told")(
    on_success(with_body(lambda body: body.replace(b"<osBits>", b'<osBits xsi:nil="true">')))
)
at(RESPONSE, "dataset_nil_and_told")(
    on_success(
        with_body(
            lambda body: body.replace(
                b"<DataSet ", b'<DataSet n:nil="true" xmlns:n="http://www.w3.org/2001/XMLSchema-instance" ', 1
            )
        )
    )
)

# What the schema of an envelope has no place for

at(RESPONSE, "text_in_body")(on_success(with_body(lambda body: body.replace(b"<soap:Body>", b"<soap:Body>OK"))))
at(RESPONSE, "relay_of_perhaps")(
    on_success(
        with_body(
            lambda body: body.replace(
                b"<soap:Body>",
                b'<soap:Header><t:trace xmlns:t="urn:trace" soap:relay="perhaps" /></soap:Header><soap:Body>',
            )
        )
    )
)
at(RESPONSE, "faultstring_with_markup")(
    on_fault(with_body(lambda body: body.replace(b"<faultstring>", b"<faultstring><b>Error:</b> ")))
)
at(RESPONSE, "reason_with_markup")(
    on_fault(with_body(lambda body: re.sub(rb"(<soap:Text[^>]*>)", rb"\1<b>Error:</b> ", body)))
)
at(RESPONSE, "attribute_on_fault")(
    on_fault(with_body(lambda body: body.replace(b"<soap:Fault>", b'<soap:Fault id="f1">')))
)
at(RESPONSE, "detail_of_text")(
    on_fault(with_body(lambda body: re.sub(rb"<soap:Detail ?/>", b"<soap:Detail>see the log</soap:Detail>", body)))
)
at(RESPONSE, "faultactor_in_words")(
    on_fault(
        with_body(
            lambda body: body.replace(
                b"</faultstring>", b"</faultstring><faultactor>the server in the cellar</faultactor>"
            )
        )
    )
)
at(RESPONSE, "language_with_an_underscore")(
    on_fault(with_body(lambda body: body.replace(b'xml:lang="en"', b'xml:lang="en_US"')))
)


@at(RESPONSE)
def error_told_by_a_field_alone(response: Response, call: Call) -> Response:
    """Leaves Body empty where ServiceStack writes an ErrorResponse."""
    body = re.sub(rb"<(\w+:)?ErrorResponse.*</(\w+:)?ErrorResponse>", b"", response.body, flags=re.DOTALL)
    return replace(response, body=body) if response.status_code == 200 else response


at(RESPONSE, "header_block_that_soap_does_not_define")(
    on_success(
        with_body(lambda body: body.replace(b"<soap:Body>", b"<soap:Header><soap:Trace /></soap:Header><soap:Body>"))
    )
)


@at(RESPONSE)
def form_error_as_fault(response: Response, call: Call) -> Response:
    """As a framework answers that knows of SOAP alone."""
    if response.status_code != 500:
        return response
    fault = b"<soap:Fault><faultcode>soap:Client</faultcode><faultstring>No.</faultstring></soap:Fault>"
    envelope = b'<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body>%s</soap:Body></soap:Envelope>'
    return replace(response, body=envelope % fault, content_type="text/xml; charset=utf-8")
