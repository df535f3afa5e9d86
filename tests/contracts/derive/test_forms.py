"""One page in every form that people save it in gives one contract, apart from where things stand."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from page_samples import (
    FORMS,
    VALUES,
    Element,
    asmx_forms,
    asmx_page,
    described,
    filled,
    one,
    samples,
    schema_of,
    servicestack_page,
    without_places,
)

from contracts.derive.text import normalised, read_text
from contracts.derive.writing import contract_files

NAMES = st.sampled_from(["id", "Name", "order_no", "Total-Sum", "address", "lines", "Item", "état", "x1", "List"])
WORDS = st.sampled_from([*VALUES, "Red or Green", "Dark blue or Light blue or None"])


def _elements(children: st.SearchStrategy[Sequence[Element]]) -> st.SearchStrategy[Sequence[Element]]:
    """Lists of elements of different names, each with a word or with children, some printed twice."""
    leaf = st.builds(Element, NAMES, WORDS, twice=st.booleans())
    branch = st.builds(
        lambda name, inner, twice: Element(name, "", tuple(inner), twice), NAMES, children, st.booleans()
    )
    return st.lists(leaf | branch, min_size=1, max_size=4, unique_by=lambda element: element.name)


ELEMENTS = _elements(_elements(_elements(st.builds(Element, NAMES, WORDS).map(lambda leaf: [leaf]))))
PAGES = st.builds(asmx_page, st.sampled_from(["PlaceOrder", "get_it"]), ELEMENTS, ELEMENTS)
few = settings(max_examples=20, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@few
@given(PAGES, st.sampled_from(sorted(FORMS)))
def test_every_form_of_a_page_gives_the_same_contract(page: str, form: str) -> None:
    assert without_places(one(FORMS[form](page))) == without_places(one(page))


@few
@given(PAGES)
def test_deriving_twice_changes_nothing(page: str) -> None:
    assert contract_files("shop", one(page)) == contract_files("shop", one(page))


@settings(few, max_examples=10)
@given(PAGES)
def test_samples_are_valid_once_their_placeholders_are_replaced(
    tmp_path_factory: pytest.TempPathFactory, page: str
) -> None:
    schema = schema_of(one(page), tmp_path_factory.mktemp("derived"))
    payloads = [sample.payload for sample in samples(page)]
    assert len(payloads) == 4
    for payload in payloads:
        assert payload is not None
        element = filled(payload)
        assert (schema.fast.validate(element), schema.exact.is_valid(element)) == (True, True)


@few
@given(PAGES, st.sampled_from(sorted(FORMS)))
def test_places_lead_to_the_element_in_the_form_as_given(page: str, form: str) -> None:
    given_text = FORMS[form](page)
    lines = given_text.replace("\r\n", "\n").split("\n")
    for schema in one(given_text).schemas:
        for component in schema.root.iter("{http://www.w3.org/2001/XMLSchema}element"):
            line, column = map(int, component.get("{urn:soapstone:source}at", "").split(":"))
            there = lines[line - 1][column - 1 :]
            assert re.match(rf"(<|&(amp;)?lt;|\\u003c){re.escape(component.get('name', ''))}\b", there)


CALL = '<Find xmlns:i="http://www.w3.org/2001/XMLSchema-instance" xmlns="urn:shop">\n  <Name>String</Name>\n</Find>'
ANSWER = '<FindResponse xmlns="urn:shop">\n  <Found>false</Found>\n  <When>0001-01-01T00:00:00</When>\n</FindResponse>'
OTHER_PAGES = {
    "servicestack": servicestack_page("Find", CALL, ANSWER),
    "get and post": "Orders\n\nClick here for a complete list of operations.\n\n"
    + asmx_forms("Count", ["from", "to"], '<int xmlns="http://example.com/orders">int</int>'),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("page", OTHER_PAGES.values(), ids=OTHER_PAGES)
def test_other_kinds_of_pages_have_the_same_forms(page: str, form: str) -> None:
    assert described(FORMS[form](page)).family == described(page).family
    assert without_places(one(FORMS[form](page))) == without_places(one(page))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252", "utf-32", "utf-16-le", "utf-16-be"])
def test_encodings_of_a_page_give_the_same_contract(encoding: str) -> None:
    page = asmx_page("Lire", [Element("été", "string")], [Element("LireResult", "int")])
    assert without_places(one(page.encode(encoding))) == without_places(one(page))


def test_characters_that_json_escapes_are_those_of_names() -> None:
    page = asmx_page("Lire", [Element("\u00e9t\u00e9", "string")], [Element("LireResult", "int")])
    assert without_places(one(json.dumps(page))) == without_places(one(page))


def test_page_that_declares_its_encoding_is_read_in_it() -> None:
    page = asmx_page("Find", [Element("имя", "string")], [Element("FindResult", "int")])
    saved = f'<html><head><meta charset="windows-1251"></head><body><pre>{FORMS["escaped"](page)}</pre></body></html>'
    assert without_places(one(saved.encode("cp1251"))) == without_places(one(page))


@pytest.mark.parametrize("name", ["page.txt"])
def test_text_knows_the_place_of_every_character(name: str) -> None:
    content = b"<html><body><p>a&nbsp;&lt;b</p>\n<pre>\n  &lt;x&gt;</pre></body></html>"
    text = normalised(read_text(content, name))
    assert (text.place(text.content.index("<b")).note, text.place(text.content.index("<x")).note) == ("1:23", "3:3")


def test_file_is_read_as_it_is_given(tmp_path: Path) -> None:
    """The kept page is the given one, byte for byte, whatever its form."""
    page = FORMS["windows newlines"](asmx_page("Find", [Element("id", "int")], [Element("FindResult", "int")])).encode()
    assert contract_files("shop", one(page))["page.txt"] == page
