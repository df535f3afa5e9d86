"""Faults on the wire: the framing of answers, and the first line. What is done stands in `reference.wire`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference.calls import RESPONSE, Call, at
from reference.http import Response
from reference.planted.making import (
    is_error,
    is_success,
    labelled,
    on_fault,
    on_success,
    on_the_wire,
    with_field,
    with_status,
)

at(RESPONSE, "content_length_too_large")(on_success(on_the_wire("content_length_too_large")))
at(RESPONSE, "length_beside_chunks")(on_success(on_the_wire("length_beside_chunks")))
at(RESPONSE, "last_chunk_missing")(on_success(on_the_wire("last_chunk_missing")))
at(RESPONSE, "chunk_size_not_hexadecimal")(on_success(on_the_wire("chunk_size_not_hexadecimal")))
at(RESPONSE, "status_line_of_http_3")(on_success(on_the_wire("status_line_of_http_3")))
at(RESPONSE, "status_line_without_version")(on_success(on_the_wire("status_line_without_version")))
at(RESPONSE, "empty_lines_before_status_line")(on_success(on_the_wire("empty_lines_before_status_line")))
at(RESPONSE, "two_content_lengths")(on_success(on_the_wire("two_content_lengths")))
at(RESPONSE, "another_content_type_behind")(on_success(on_the_wire("another_content_type_behind")))
at(RESPONSE, "content_type_folded")(on_success(on_the_wire("content_type_folded")))
at(RESPONSE, "blank_before_colon")(on_success(on_the_wire("blank_before_colon")))


@at(RESPONSE)
def body_after_head(response: Response, call: Call) -> Response:
    return replace(response, wire="body_after_head") if call.request.method == "HEAD" else response


@at(RESPONSE)
def no_content_with_body(response: Response, call: Call) -> Response:
    empty_login = response.status_code == 200 and b"LoginToken" not in response.body
    return replace(response, wire="no_content_with_body") if empty_login else response


# Status

at(RESPONSE, "success_with_status_202")(on_success(with_status(202)))
at(RESPONSE, "success_with_status_206")(on_success(with_status(206)))
at(RESPONSE, "success_with_status_500")(on_success(with_status(500)))


@at(RESPONSE)
def method_refused_without_allow(response: Response, call: Call) -> Response:
    kept = tuple(field for field in response.fields if field[0] != "Allow")
    return replace(response, fields=kept) if response.status_code == 405 else response


@at(RESPONSE)
def redirects_without_slash(response: Response, call: Call) -> Response:
    """Sends every success elsewhere first, as a proxy does that adds a slash to the path."""
    if not is_success(response):
        return response
    return Response(302, fields=(("Location", f"{call.request.path}/"),))


at(RESPONSE, "answers_publicly_cacheable")(on_success(with_field("Cache-Control", "public, max-age=86400")))


# Fields

at(RESPONSE, "charset_named_twice")(on_success(labelled("text/xml; charset=utf-8; charset=iso-8859-1")))


@at(RESPONSE)
def charset_with_blanks_within(response: Response, call: Call) -> Response:
    media_type = response.content_type.partition(";")[0]
    return replace(response, content_type=f"{media_type}; charset = utf-8") if is_success(response) else response


at(RESPONSE, "charset_called_utf8")(on_success(labelled("text/xml; charset=utf8")))
at(RESPONSE, "cache_control_with_semicolons")(on_success(with_field("Cache-Control", "private; max-age=0")))
at(RESPONSE, "tag_without_quotes")(on_success(with_field("ETag", "5f3a91")))
at(RESPONSE, "last_modified_in_iso_form")(on_success(with_field("Last-Modified", "2026-01-01T00:00:00Z")))
at(RESPONSE, "retry_after_in_words")(on_fault(with_field("Retry-After", "in a minute")))
at(RESPONSE, "date_of_another_weekday")(on_success(on_the_wire("date_of_another_weekday")))
at(RESPONSE, "carriage_return_in_field")(on_success(on_the_wire("carriage_return_in_field")))


def _on_error(change: Callable[[Response], Response]) -> Callable[[Response, Call], Response]:
    """Changes what tells of an error, and the empty answer to a login that is refused."""

    def apply(response: Response, call: Call) -> Response:
        empty_login = response.status_code == 200 and b"LoginResponse" in response.body
        is_refused = is_error(response) or (empty_login and b"LoginToken" not in response.body)
        return change(response) if is_refused and response.status_code != 405 else response

    return apply


at(RESPONSE, "unauthorised_without_challenge")(_on_error(with_status(401)))
at(RESPONSE, "sees_other_without_place")(_on_error(lambda response: Response(303)))
at(RESPONSE, "refused_by_redirect")(_on_error(lambda response: Response(302, fields=(("Location", "/login"),))))
at(RESPONSE, "errors_in_json")(
    _on_error(
        lambda response: replace(
            response, body=b'{"ResponseStatus":{"ErrorCode":"Error"}}', content_type="application/json"
        )
    )
)


@at(RESPONSE)
def wrong_password_sent_elsewhere(response: Response, call: Call) -> Response:
    empty_login = response.status_code == 200 and b"LoginToken" not in response.body
    return Response(302, fields=(("Location", "/signin.html"),)) if empty_login else response
