"""Checks on status, media type, charset, coding and well-formedness of answers."""

import gzip
import zlib
from typing import Any

import pytest
from exchanges import (
    BINDINGS,
    ERROR_RESPONSE,
    SUCCESS,
    envelope,
    found,
    login,
    logs,
    look,
    message,
    named,
    names,
    published,
    said,
)

GOOD = SUCCESS["utws/soap11"]
ACCENTED = envelope(logs(published(country="é")))
DECLARED = '<?xml version="1.0" encoding="{}"?>'
FAULT = envelope("<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault>")
IGNORED: dict[str, Any] = {
    "expectation": "reject",
    "kind": "defect",
    "requirement": "soap11/4.3/missing-body-is-rejected",
}
OTHER_METHOD: dict[str, Any] = {
    "expectation": "either",
    "kind": "defect",
    "requirement": "http/9.1/undocumented-method-is-rejected",
}

TABLE: list[tuple[str, str, str, str | bytes | None, dict[str, Any], str]] = [
    ("200", "http/15.3/success-status", "utws/soap11", None, {}, "kept"),
    ("202", "http/15.3/success-status", "utws/soap11", None, {"status": 202}, "SuccessWithWrongStatus"),
    ("500", "http/15.3/success-status", "utws/soap11", None, {"status": 500}, "SuccessWithWrongStatus"),
    ("500 to a defect", "http/15.3/success-status", "utws/soap11", None, {"status": 500, **IGNORED}, "not observed"),
    ("fault", "http/15.3/success-status", "utws/soap11", FAULT, {"status": 500}, "not observed"),
    ("login refused by 401", "http/15.3/success-status", "studebaker/xml", login(""), {"status": 401}, "not observed"),
    ("documented type", "http/8.3/success-media-type", "utws/soap11", None, {}, "kept"),
    (
        "case and blanks",
        "http/8.3/success-media-type",
        "utws/soap11",
        None,
        {"media_type": "TEXT/XML ; Charset=UTF-8"},
        "kept",
    ),
    (
        "other type",
        "http/8.3/success-media-type",
        "utws/soap11",
        None,
        {"media_type": "text/html"},
        "SuccessWithWrongMediaType",
    ),
    ("no type", "http/8.3/success-media-type", "utws/soap11", None, {"media_type": None}, "SuccessWithWrongMediaType"),
    (
        "refusal",
        "http/8.3/success-media-type",
        "utws/soap11",
        "no",
        {"status": 400, "media_type": "text/plain"},
        "not observed",
    ),
    (
        "both types are clean",
        "http/8.3/success-media-type",
        "mobileconnect/soap12",
        None,
        {"media_type": "application/xml"},
        "kept",
    ),
    (
        "noted",
        "http/8.3/unusual-media-type",
        "mobileconnect/soap12",
        None,
        {"media_type": "text/xml"},
        "SuccessWithUnusualMediaType",
    ),
    ("not noted", "http/8.3/unusual-media-type", "mobileconnect/soap12", None, {}, "kept"),
    ("nothing to note", "http/8.3/unusual-media-type", "mobileconnect/soap12", "", {}, "not observed"),
    ("alias", "http/8.3/success-media-type", "ecgridos/http_get", None, {"media_type": "application/xml"}, "kept"),
    (
        "alias, noted",
        "http/8.3/alias-of-media-type",
        "studebaker/xml",
        None,
        {"media_type": "text/xml"},
        "SuccessWithUnusualMediaType",
    ),
    ("no alias", "http/8.3/alias-of-media-type", "ecgridos/http_post", None, {}, "kept"),
    (
        "no alias in SOAP",
        "http/8.3/success-media-type",
        "utws/soap11",
        None,
        {"media_type": "application/xml"},
        "SuccessWithWrongMediaType",
    ),
    ("true charset", "http/8.3.2/charset-is-true", "utws/soap11", ACCENTED, {}, "kept"),
    (
        "latin-1",
        "http/8.3.2/charset-is-true",
        "utws/soap11",
        ACCENTED.encode("latin-1"),
        {"media_type": "text/xml; charset=iso-8859-1"},
        "kept",
    ),
    (
        "false charset",
        "http/8.3.2/charset-is-true",
        "utws/soap11",
        ACCENTED.encode("latin-1"),
        {},
        "BytesOutsideCharset",
    ),
    (
        "unknown charset",
        "http/8.3.2/charset-is-true",
        "utws/soap11",
        None,
        {"media_type": "text/xml; charset=x-none"},
        "UnknownCharset",
    ),
    (
        "charset in apostrophes",
        "http/8.3.2/charset-is-true",
        "utws/soap11",
        None,
        {"media_type": "text/xml; charset='utf-8'"},
        "UnknownCharset",
    ),
    *(
        (
            f"date {date}",
            "http/6.6.1/date-is-imf-fixdate",
            "utws/soap11",
            None,
            {"headers": (("Date", date),)},
            expected,
        )
        for date, expected in (
            ("Sun, 06 Nov 1994 08:49:37 GMT", "kept"),
            ("Sunday, 06-Nov-94 08:49:37 GMT", "DateInOtherForm"),
            ("Sun Nov  6 08:49:37 1994", "DateInOtherForm"),
            ("1994-11-06T08:49:37Z", "DateInOtherForm"),
        )
    ),
    ("no date", "http/6.6.1/date-is-imf-fixdate", "utws/soap11", None, {}, "not observed"),
    (
        "no text encoding",
        "http/8.3.2/charset-is-true",
        "utws/soap11",
        None,
        {"media_type": "text/xml; charset=hex"},
        "UnknownCharset",
    ),
    (
        "codec that never decodes",
        "http/8.3.2/charset-is-true",
        "utws/soap11",
        None,
        {"media_type": "text/xml; charset=undefined"},
        "UnknownCharset",
    ),
    ("declaration agrees", "http/8.3.2/charset-is-true", "utws/soap11", DECLARED.format("UTF-8") + GOOD, {}, "kept"),
    (
        "declaration disagrees",
        "http/8.3.2/charset-is-true",
        "utws/soap11",
        DECLARED.format("iso-8859-1") + ACCENTED,
        {},
        "EncodingsDisagree",
    ),
    ("no charset", "http/8.3.2/charset-is-true", "utws/soap11", None, {"media_type": "text/xml"}, "not observed"),
    ("no content", "http/15.3.5/no-content-is-empty", "studebaker/xml", "", {"status": 204}, "kept"),
    (
        "content after all",
        "http/15.3.5/no-content-is-empty",
        "studebaker/xml",
        None,
        {"status": 204},
        "BodyWithNoContent",
    ),
    ("another status", "http/15.3.5/no-content-is-empty", "studebaker/xml", None, {}, "not observed"),
    (
        "error status",
        "http/15/error-has-error-status",
        "ecgridos/http_get",
        "no",
        {"status": 500, "media_type": "text/plain"},
        "kept",
    ),
    (
        "error in a 200",
        "http/15/error-has-error-status",
        "ecgridos/http_post",
        "<Error/>",
        {"expectation": "reject"},
        "ErrorWithSuccessStatus",
    ),
    (
        "empty 200",
        "http/15/error-has-error-status",
        "ecgridos/http_post",
        "",
        {"expectation": "reject"},
        "ErrorWithSuccessStatus",
    ),
    (
        "other content for a valid message",
        "http/15/error-has-error-status",
        "ecgridos/http_post",
        "<Error/>",
        {},
        "not observed",
    ),
    ("success", "http/15/error-has-error-status", "ecgridos/http_get", None, {}, "not observed"),
    (
        "OPTIONS",
        "http/15/error-has-error-status",
        "ecgridos/http_get",
        "",
        {"method": "OPTIONS", "status": 204, **OTHER_METHOD},
        "not observed",
    ),
    (
        "coding kept",
        "http/8.4/content-coding-is-true",
        "utws/soap11",
        gzip.compress(GOOD.encode()),
        {"headers": (("Content-Encoding", "gzip"),)},
        "kept",
    ),
    (
        "coding not there",
        "http/8.4/content-coding-is-true",
        "utws/soap11",
        None,
        {"headers": (("Content-Encoding", "gzip"),)},
        "BodyWithoutItsCoding",
    ),
    (
        "gzip in two members",
        "http/8.4/content-coding-is-true",
        "utws/soap11",
        gzip.compress(GOOD[:50].encode()) + gzip.compress(GOOD[50:].encode()),
        {"headers": (("Content-Encoding", "gzip"),)},
        "kept",
    ),
    (
        "zlib called gzip",
        "http/8.4/content-coding-is-true",
        "utws/soap11",
        zlib.compress(GOOD.encode()),
        {"headers": (("Content-Encoding", "gzip"),)},
        "BodyWithoutItsCoding",
    ),
    (
        "zlib called deflate",
        "http/8.4/content-coding-is-true",
        "utws/soap11",
        zlib.compress(GOOD.encode()),
        {"headers": (("Content-Encoding", "deflate"),)},
        "kept",
    ),
    (
        "second member cut short",
        "http/8.4/content-coding-is-true",
        "utws/soap11",
        gzip.compress(GOOD[:50].encode()) + gzip.compress(GOOD[50:].encode())[:-9],
        {"headers": (("Content-Encoding", "gzip"),)},
        "BodyWithoutItsCoding",
    ),
    ("no coding", "http/8.4/content-coding-is-true", "utws/soap11", None, {}, "not observed"),
    ("well-formed", "xml/2.1/answer-is-well-formed", "utws/soap11", None, {}, "kept"),
    ("cut off", "xml/2.1/answer-is-well-formed", "utws/soap11", GOOD[:-9], {}, "IllFormedAnswer"),
    ("undeclared prefix", "xml/2.1/answer-is-well-formed", "studebaker/xml", "<x:a/>", {}, "IllFormedAnswer"),
    (
        "control character",
        "xml/2.1/answer-is-well-formed",
        "studebaker/xml",
        login("<Name>\x01</Name>"),
        {},
        "IllFormedAnswer",
    ),
    (
        "two roots",
        "xml/2.1/answer-is-well-formed",
        "studebaker/xml",
        "<a/><a/>",
        {"media_type": "application/problem+xml"},
        "IllFormedAnswer",
    ),
    (
        "html",
        "xml/2.1/answer-is-well-formed",
        "utws/soap11",
        "<html><br></html>",
        {"media_type": "text/html", "status": 500},
        "not observed",
    ),
    ("empty", "xml/2.1/answer-is-well-formed", "utws/soap11", " \r\n", {"status": 400}, "not observed"),
    ("no type", "xml/2.1/answer-is-well-formed", "utws/soap11", "text", {"media_type": None}, "not observed"),
]


@pytest.mark.parametrize(
    "requirement, binding, body, of, expected", [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_check(requirement: str, binding: str, body: str | bytes | None, of: dict[str, Any], expected: str) -> None:
    assert said(requirement, look(binding, body, **of)) == expected


@pytest.mark.parametrize("binding", BINDINGS)
def test_documented_answer_is_clean(binding: str) -> None:
    judgement = look(binding)
    assert judgement.findings == ()
    assert judgement.observed
    assert not judgement.inconclusive


def test_unknown_charset_deviates_a_disagreeing_one_is_noted_and_false_bytes_violate() -> None:
    unknown = look("utws/soap11", media_type="text/xml; charset=x-none")
    disagreeing = look("utws/soap11", DECLARED.format("iso-8859-1") + GOOD)
    false = look("utws/soap11", ACCENTED.encode("latin-1"))
    assert named(unknown, "UnknownCharset").effect == "deviation"
    assert named(disagreeing, "EncodingsDisagree").effect == "note"
    assert named(false, "BytesOutsideCharset").effect == "violation"
    assert "0xE9" in named(false, "BytesOutsideCharset").actual


@pytest.mark.parametrize("forbidden, effect", [(True, "deviation"), (False, "violation")])
def test_ill_formed_echo_of_forbidden_characters_is_only_a_deviation(forbidden: bool, effect: str) -> None:
    judgement = look("studebaker/xml", login("<Name>\x01</Name>"), expectation="either", forbidden_characters=forbidden)
    finding = named(judgement, "IllFormedAnswer")
    assert finding.effect == effect
    assert finding.line == 1


def test_type_that_echoes_the_action_is_clean() -> None:
    judgement = look("mobileconnect/soap12", media_type='application/soap+xml; charset=utf-8; action="XResponse"')
    assert judgement.findings == ()


@pytest.mark.parametrize("answer", ["<t:LoginResponse/>", ERROR_RESPONSE])
def test_secret_in_an_answer_is_reported(answer: str) -> None:
    request = (
        '<Login xmlns="http://schemas.datacontract.org/2004/07/SSIAccountServices.Api.Authentication.Requests">'
        "<Password>correct&amp;horse</Password></Login>"
    )
    id_ = "security/cwe-200/secrets-are-not-returned"
    leaking = look("studebaker/xml", login("<LoginToken>t</LoginToken><Name>correct&amp;horse</Name>"), request=request)
    assert said(id_, leaking) == "SecretReturned"
    assert "correct" not in named(leaking, "SecretReturned").actual
    assert said(id_, look("studebaker/xml", answer, request=request)) == "kept"
    assert said(id_, look("studebaker/xml", answer)) == "not observed"
    for cookie in ("pw=correct&horse", "pw=correct%26Horse; Path=/"):
        in_a_field = look("studebaker/xml", answer, request=request, headers=(("Set-Cookie", cookie),))
        assert named(in_a_field, "SecretReturned").where == "Set-Cookie"


def test_method_that_the_page_does_not_show_may_be_answered_with_a_wsdl() -> None:
    """ServiceStack answers GET with its WSDL."""
    wsdl = '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"/>'
    answered = look("mobileconnect/soap12", wsdl, method="GET", request="", media_type="text/xml", **OTHER_METHOD)
    assert found(answered) == {}
    assert "WrongDocumentElement" in names(look("mobileconnect/soap12", wsdl))


def test_message_helper_sends_what_it_says() -> None:
    assert message("utws/soap11").request.method == "POST"
