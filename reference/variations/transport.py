"""What HTTP leaves open: framing, labels, statuses of refusals."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import replace

from reference import names, servicestack, soap
from reference.calls import COMPRESSED, RESPONSE, Call, at
from reference.http import Response
from reference.writing import Style, write

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


# Framing and fields


def _on_the_wire(action: str) -> Callable[[Response, Call], Response]:
    return lambda response, call: replace(response, wire=action)


at(RESPONSE, "answers_of_http_1_0")(_on_the_wire("answers_of_http_1_0"))
at(RESPONSE, "body_until_the_end_of_the_connection")(_on_the_wire("body_until_the_end_of_the_connection"))
at(RESPONSE, "chunks_with_extensions_and_trailers")(_on_the_wire("chunks_with_extensions_and_trailers"))
at(RESPONSE, "field_names_in_lower_case")(_on_the_wire("field_names_in_lower_case"))
at(RESPONSE, "blanks_around_field_values")(_on_the_wire("blanks_around_field_values"))
at(RESPONSE, "another_reason_phrase")(_on_the_wire("another_reason_phrase"))
at(RESPONSE, "no_reason_phrase")(_on_the_wire("no_reason_phrase"))
at(RESPONSE, "interim_answer_first")(_on_the_wire("interim_answer_first"))
at(RESPONSE, "early_hints_first")(_on_the_wire("early_hints_first"))
at(RESPONSE, "closes_after_each_answer")(_on_the_wire("closes_after_each_answer"))
at(RESPONSE, "answers_in_pieces")(_on_the_wire("answers_in_pieces"))

USUAL_FIELDS = (
    ("Server", "Microsoft-IIS/8.5"),
    ("X-Powered-By", "ASP.NET"),
    ("X-AspNet-Version", "4.0.30319"),
    ("Cache-Control", "private, max-age=0"),
    ("Vary", "Accept"),
    ("X-Content-Type-Options", "nosniff"),
    ("P3P", 'CP="NON DSP COR"'),
)


@at(RESPONSE)
def usual_fields_of_servers(response: Response, call: Call) -> Response:
    return replace(response, fields=(*USUAL_FIELDS, *response.fields))


@at(RESPONSE)
def hands_out_cookies(response: Response, call: Call) -> Response:
    cookies = (("Set-Cookie", "ASP.NET_SessionId=abc; path=/; HttpOnly"), ("Set-Cookie", "lb=3"))
    return replace(response, fields=(*response.fields, *cookies))


@at(COMPRESSED)
def plain_where_gzip_is_taken(asked: bool, call: Call) -> bool:
    """Compresses nothing, whatever the client takes."""
    return False


@at(RESPONSE)
def serves_one_call_at_a_time(response: Response, call: Call) -> Response:
    """Keeps other calls waiting for a moment, as a server with one thread does."""
    with call.state.memory.alone():
        time.sleep(0.002)
    return response


# Labels


def _relabelled(change: Callable[[str], str]) -> Callable[[Response, Call], Response]:
    return lambda response, call: replace(response, content_type=change(response.content_type))


at(RESPONSE, "charset_in_quotes")(_relabelled(lambda label: re.sub("charset=([^;]+)", r'charset="\1"', label)))
at(RESPONSE, "charset_in_upper_case")(
    _relabelled(lambda label: re.sub("charset=([^;]+)", lambda match: match[0].upper(), label))
)
at(RESPONSE, "media_type_in_other_case")(
    _relabelled(lambda label: label.replace("text/xml", "Text/XML").replace("application/", "Application/"))
)
at(RESPONSE, "no_blank_before_charset")(_relabelled(lambda label: label.replace("; ", ";")))
at(RESPONSE, "no_charset_named")(_relabelled(lambda label: label.partition(";")[0]))
at(RESPONSE, "charset_named")(_relabelled(lambda label: f"{label}; charset=utf-8" if label.endswith("xml") else label))
at(RESPONSE, "action_named_in_the_label")(
    _relabelled(lambda label: f'{label}; action="urn:answer"' if label.startswith("application/soap+xml") else label)
)

# Refusals


def _refusing(*statuses: int) -> Callable[[Callable[[Response], Response]], Callable[[Response, Call], Response]]:
    """Answers with those statuses changed."""

    def made_by(change: Callable[[Response], Response]) -> Callable[[Response, Call], Response]:
        return lambda response, call: change(response) if response.status_code in statuses else response

    return made_by


PROBLEM = b'{"title":"Bad Request","status":400,"detail":"The message cannot be processed."}'
_refused = _refusing(400, 415, 500)
at(RESPONSE, "refuses_with_empty_400")(_refused(lambda response: Response(400)))
at(RESPONSE, "refuses_with_html")(_refused(lambda response: Response(500, HTML, "text/html; charset=utf-8")))
at(RESPONSE, "refuses_with_text")(
    _refused(lambda response: Response(500, b"The message cannot be processed.\r\n", "text/plain; charset=utf-8"))
)
at(RESPONSE, "refuses_with_problem_details")(
    _refused(lambda response: Response(422, PROBLEM, "application/problem+json"))
)
at(RESPONSE, "closes_connection_on_any_refusal")(
    _refused(lambda response: replace(response, wire="closes_connection_on_any_refusal"))
)
at(RESPONSE, "form_errors_as_html")(_refused(lambda response: Response(500, HTML, "text/html; charset=utf-8")))
at(RESPONSE, "form_errors_without_body")(_refused(lambda response: Response(500)))


@at(RESPONSE)
def form_errors_as_faults(response: Response, call: Call) -> Response:
    """Answers with a Fault whatever the binding, as a gateway does."""
    if response.status_code != 500:
        return response
    fault = soap.fault_element(names.SOAP11, soap.Fault("Sender", "The request was refused."))
    body = write(soap.envelope(names.SOAP11, (fault,)), Style())
    return Response(500, body, "text/xml; charset=utf-8")


@at(RESPONSE)
def no_content_on_unreadable_message(response: Response, call: Call) -> Response:
    return Response(204) if response.status_code == 500 else response


@at(RESPONSE)
def description_for_get(response: Response, call: Call) -> Response:
    """Answers a GET with a description of the service."""
    if call.request.method != "GET":
        return response
    body = b'<?xml version="1.0"?><definitions xmlns="http://schemas.xmlsoap.org/wsdl/" name="Service"/>'
    return Response(200, body, "text/xml")


@at(RESPONSE)
def empty_page_for_get(response: Response, call: Call) -> Response:
    """Answers what is no POST with an empty page, as PHP does."""
    return Response(200, b"", "text/html; charset=utf-8") if call.request.method != "POST" else response


# What stands before a service


def _once(number: int, response: Response) -> Callable[[Response, Call], Response]:
    """Answers one request in the service's stead."""

    def change(own: Response, call: Call) -> Response:
        return response if call.state.memory.count(f"{call.binding} requests") == number else own

    return change


SOON = (("Retry-After", "0"),)
BAD_GATEWAY = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
at(RESPONSE, "limits_one_request")(_once(5, Response(429, fields=SOON)))
at(RESPONSE, "unavailable_for_a_moment")(_once(6, Response(503, fields=SOON)))
at(RESPONSE, "bad_gateway_once")(_once(7, Response(502, BAD_GATEWAY, "text/html")))
at(RESPONSE, "closes_connection_once")(_once(8, Response(502, wire="closes_connection_once")))


@at(RESPONSE)
def fields_of_caches(response: Response, call: Call) -> Response:
    told = (
        ("ETag", 'W/"5f3a91"'),
        ("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT"),
        ("Vary", "Accept, Accept-Charset"),
        ("Expires", "-1"),
        ("Age", "0"),
    )
    return replace(response, fields=(*response.fields, *told))


@at(RESPONSE)
def media_type_with_a_quoted_charset(response: Response, call: Call) -> Response:
    quoted = re.sub(r"charset=([\w-]+)", r'charset="\1" ;', response.content_type)
    return replace(response, content_type=quoted)
