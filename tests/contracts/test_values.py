"""Configured values stand where their placeholders stood, and mean the same there."""

from dataclasses import replace
from urllib.parse import parse_qs

import pytest
from lxml import etree

from contracts.judge.records import Headers, Request
from contracts.values import fill, names_in, placeholder, supplied

AWKWARD = "a<b>&\"c' d+%é€\r\n]]>"
FORM: Headers = (("Content-Type", "application/x-www-form-urlencoded"),)


def request(body: str | None, *, path: str = "", headers: Headers = (), encoding: str = "utf-8") -> Request:
    return Request("POST", path, headers, None if body is None else body.encode(encoding), encoding)


def test_placeholders_are_found_in_path_body_and_headers() -> None:
    planned = request("<a>{{One}}</a>", path="/x?b={{Two}}", headers=(("Cookie", "{{Three}}"),))
    assert names_in(planned) == {"One", "Two", "Three"}
    assert names_in(request(None)) == frozenset()


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1", "utf-16", "us-ascii"])
def test_value_in_xml_is_read_back_as_it_is(encoding: str) -> None:
    planned = request(f'<?xml version="1.0" encoding="{encoding}"?><a>{{{{V}}}}</a>', encoding=encoding)
    body = fill(planned, {"V": AWKWARD}).body
    assert body is not None
    assert etree.fromstring(body).text == AWKWARD


def test_value_in_xml_means_the_same_in_whatever_charset_it_is_read() -> None:
    body = fill(request("<a>{{V}}</a>"), {"V": "pässwörd€"}).body
    assert body is not None
    assert {etree.fromstring(body, etree.XMLParser(encoding=each)).text for each in ("utf-8", "iso-8859-1")} == {
        "pässwörd€"
    }


def test_value_in_form_and_query_is_read_back_as_it_is() -> None:
    filled = fill(request("A={{V}}", path="/x?B={{V}}", headers=FORM), {"V": AWKWARD})
    assert filled.body is not None
    assert parse_qs(filled.body.decode())["A"] == [AWKWARD]
    assert parse_qs(filled.path.partition("?")[2])["B"] == [AWKWARD]


def test_media_type_of_a_form_has_no_case() -> None:
    filled = fill(request("A={{V}}", headers=(("Content-Type", FORM[0][1].upper()),)), {"V": AWKWARD})
    assert parse_qs((filled.body or b"").decode())["A"] == [AWKWARD]


def test_value_in_a_header_field_is_put_as_it_is() -> None:
    assert fill(request(None, headers=(("Cookie", "s={{V}}"),)), {"V": "a b"}).headers == (("Cookie", "s=a b"),)


def test_placeholder_inside_a_value_is_not_filled() -> None:
    """One value may not draw another, which may be a secret, to where it was never meant to stand."""
    values = {"One": placeholder("Two"), "Two": "secret"}
    filled = fill(request("<a><b>{{One}}</b><c>{{Two}}</c></a>", path="/?x={{One}}"), values)
    assert filled.body == b"<a><b>{{Two}}</b><c>secret</c></a>"
    assert "secret" not in filled.path


def test_unknown_placeholder_stays() -> None:
    planned = request("<a>{{One}}{{Two}}</a>")
    assert fill(planned, {"Two": "2", "Three": "3"}).body == b"<a>{{One}}2</a>"
    assert fill(planned, {"Three": "3"}) is planned
    assert fill(request(None), {"V": "v"}).body is None


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_values_that_were_filled_in_are_found_again(encoding: str) -> None:
    planned = replace(
        request("<a b='{{W}}'>{{V}}</a><!-- (.*) -->", encoding=encoding), path="/x?v={{V}}", headers=(("X", "{{U}}"),)
    )
    values = {"V": AWKWARD, "W": "w", "U": "u & u"}
    assert supplied(planned, fill(planned, values)) == values
    assert supplied(planned, request("<b/>")) == {}
