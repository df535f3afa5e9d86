"""Checks on how an answer begins: the form of fields, and those that a status comes with."""

from typing import Any

import pytest
from exchanges import BINDINGS, answered, judged, look, message, named, said

from contracts.judge.fields import is_http_date
from contracts.judge.records import Headers

FORM, OF_STATUS, HEAD = "http/2.2/fields-have-their-form", "http/15/status-has-its-field", "http/2.1/head-has-its-form"
DATE = "Sun, 06 Nov 1994 08:49:37 GMT"

FIELDS = [
    ("ETag", '"5f3a91"', "kept"),
    ("ETag", 'W/"5f3a91"', "kept"),
    ("ETag", "5f3a91", "FieldOfAnotherForm"),
    ("Last-Modified", DATE, "kept"),
    ("Last-Modified", "1994-11-06T08:49:37Z", "FieldOfAnotherForm"),
    ("Retry-After", "120", "kept"),
    ("Retry-After", DATE, "kept"),
    ("Retry-After", "soon", "FieldOfAnotherForm"),
    ("Retry-After", "-1", "FieldOfAnotherForm"),
    ("Age", "0", "kept"),
    ("Age", "1.5", "FieldOfAnotherForm"),
    ("Vary", "*", "kept"),
    ("Vary", "Accept, , accept-encoding ,", "kept"),
    ("Vary", "Accept Encoding", "FieldOfAnotherForm"),
    ("Connection", "", "kept"),
    ("Content-Encoding", "gzip deflate", "FieldOfAnotherForm"),
    ("Cache-Control", 'private, max-age=0, no-cache="Set-Cookie, Age"', "kept"),
    ("Cache-Control", "private; max-age=0", "FieldOfAnotherForm"),
    ("Content-Language", "de-CH, en", "kept"),
    ("Content-Language", "english (US)", "FieldOfAnotherForm"),
    ("Accept-Ranges", "none", "kept"),
    ("Location", "/login?next=%2F#top", "kept"),
    ("Location", "/log in", "FieldOfAnotherForm"),
    ("Expires", "-1", "kept"),
    ("X-Anything", "a b, c;;", "kept"),
]
MEDIA_TYPES = [
    ("text/xml", "kept"),
    ("text/xml;charset=utf-8", "kept"),
    ('text/xml ; charset="utf-8" ;; x="a;b=\\"c\\""', "kept"),
    ("text/xml; charset=utf-8;", "kept"),
    ("text/xml; charset = utf-8", "FieldOfAnotherForm"),
    ("text/xml; charset=", "FieldOfAnotherForm"),
    ("text/xml charset=utf-8", "FieldOfAnotherForm"),
    ("text/xml, charset=utf-8", "FieldOfAnotherForm"),
    ("xml", "FieldOfAnotherForm"),
    ("text/xml; charset=utf-8; Charset=utf-8", "ParameterRepeated"),
    ('text/xml; charset=utf-8; x="; charset=a"', "kept"),
]


@pytest.mark.parametrize("name, value, expected", FIELDS)
def test_field_is_of_its_grammar(name: str, value: str, expected: str) -> None:
    assert said(FORM, look("utws/soap11", headers=((name, value),))) == expected


@pytest.mark.parametrize("value, expected", MEDIA_TYPES)
def test_media_type_is_of_its_grammar(value: str, expected: str) -> None:
    assert said(FORM, look("utws/soap11", media_type=value)) == expected


def test_answer_without_such_fields_says_nothing_of_them() -> None:
    assert said(FORM, look("utws/soap11", "", status=500, media_type=None)) == "not observed"


def test_long_run_of_blanks_and_semicolons_is_matched_in_no_time() -> None:
    assert said(FORM, look("utws/soap11", media_type="text/xml" + " ; " * 20_000 + "!")) == "FieldOfAnotherForm"


@pytest.mark.parametrize(
    "text, expected",
    [
        (DATE, True),
        ("Mon, 06 Nov 1994 08:49:37 GMT", False),
        ("Sun, 06 Nov 1994 25:49:37 GMT", False),
        ("Thu, 31 Nov 1994 08:49:37 GMT", False),
        ("Sun, 6 Nov 1994 08:49:37 GMT", False),
        ("Sun, 06 Nov 1994 08:49:37 +0000", False),
        ("Sun, 06 Nov 1994 09:49:37 +0100", False),
        ("Sunday, 06-Nov-94 08:49:37 GMT", False),
        ("Sun Nov  6 08:49:37 1994", False),
        ("", False),
        ("now", False),
    ],
)
def test_http_date_is_of_a_day_that_there_is(text: str, expected: bool) -> None:
    assert is_http_date(text) is expected


@pytest.mark.parametrize(
    "status, field, other",
    [
        (401, ("WWW-Authenticate", "Basic"), ("Proxy-Authenticate", "Basic")),
        (407, ("Proxy-Authenticate", "Basic"), ("WWW-Authenticate", "Basic")),
        (302, ("Location", "/"), ("Content-Location", "/")),
        (426, ("Upgrade", "TLS/1.0"), ("Connection", "upgrade")),
        (206, ("Content-Range", "bytes 0-1/2"), ("Accept-Ranges", "bytes")),
    ],
)
def test_status_comes_with_its_field(status: int, field: tuple[str, str], other: tuple[str, str]) -> None:
    def of(headers: Headers) -> str:
        return said(OF_STATUS, look("utws/soap11", "", status=status, media_type=None, headers=headers))

    assert of((field,)) == "kept"
    assert of((other,)) == "FieldOfStatusMissing"


def test_parts_have_ranges_of_their_own() -> None:
    judgement = look("utws/soap11", "x", status=206, media_type="multipart/byteranges; boundary=x")
    assert said(OF_STATUS, judgement) == "kept"


def test_other_statuses_need_no_field() -> None:
    assert said(OF_STATUS, look("utws/soap11")) == "not observed"


@pytest.mark.parametrize("value, effect", [("a\rb", "violation"), ("a\0b", "violation"), ("a\x01b", "deviation")])
def test_control_character_in_a_field_is_found(value: str, effect: str) -> None:
    assert named(look("utws/soap11", headers=(("X-Served", value),)), "ControlInField").effect == effect


@pytest.mark.parametrize("value", ["a\tb", "caf\xe9", "a, b"])
def test_other_characters_may_stand_in_a_field(value: str) -> None:
    assert said(HEAD, look("utws/soap11", headers=(("X-Served", value),))) == "kept"


# Errors

JSON, ERRORS = "http/8.3/error-is-no-json", "http/15/error-has-error-status"
REFUSED: dict[str, Any] = {
    "expectation": "reject",
    "kind": "defect",
    "requirement": "page/request/invalid-value-is-rejected",
}


@pytest.mark.parametrize("binding", BINDINGS)
@pytest.mark.parametrize(
    "body, expected",
    [
        ('{"error": "no"}', "ErrorInJSON"),
        ("\ufeff [1]", "ErrorInJSON"),
        ("[1", "kept"),
        ("{0} is no number", "kept"),
        ("no", "kept"),
        ("", "not observed"),
        ("[" * 100_000, "kept"),
    ],
    ids=["object", "list behind a mark", "cut short", "text in braces", "text", "nothing", "too deep"],
)
def test_error_is_not_in_json(binding: str, body: str, expected: str) -> None:
    judgement = look(binding, body, status=500, media_type="text/plain", **REFUSED)
    assert said(JSON, judgement) == expected


def test_error_may_be_in_json_where_the_request_is() -> None:
    asked = message("utws/soap11", **REFUSED)
    object.__setattr__(asked.request, "headers", (("Accept", "application/json"),))
    judgement = judged(answered(asked, "{}", status=500, media_type="application/json"))
    assert said(JSON, judgement) == "not observed"


@pytest.mark.parametrize(
    "status, name, effect", [(200, "ErrorWithSuccessStatus", "violation"), (302, "ErrorByRedirect", "deviation")]
)
def test_refusal_by_redirect_deviates_and_one_as_success_violates(status: int, name: str, effect: str) -> None:
    headers = (("Location", "/login"),)
    judgement = look("ecgridos/http_get", "no", status=status, media_type="text/plain", headers=headers, **REFUSED)
    assert [each.effect for each in judgement.findings if (each.requirement, each.name) == (ERRORS, name)] == [effect]
