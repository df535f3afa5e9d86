"""Sources: the places of standards that they name, and how the catalogue was compared with their text."""

import pytest

from contracts.citations import DOCUMENTS, citations, documents
from contracts.errors import ContractError
from contracts.requirements import catalogue, duty_of
from reports.words import DUTIES, READINGS

ROWS = {row["id"]: row for row in catalogue()}

CITED: dict[str, tuple[str, ...]] = {
    "SOAP 1.1 section 6.2": ("SOAP 1.1 section 6.2, SOAP HTTP Response",),
    "SOAP 1.1 sections 2, 4.2.2 and 4.2.3": (
        "SOAP 1.1 section 2, The SOAP Message Exchange Model",
        "SOAP 1.1 section 4.2.2, SOAP actor Attribute",
        "SOAP 1.1 section 4.2.3, SOAP mustUnderstand Attribute",
    ),
    "the page's sample request; Basic Profile 1.2 R1025, R2725": (
        "Basic Profile 1.2 R1025, mandatory blocks are checked before anything is processed",
        "Basic Profile 1.2 R2725, VersionMismatch, MustUnderstand and Client are checked in this order",
    ),
    "CWE-611 and CWE-918; OWASP ASVS 4.0 section 5.5": (
        "CWE-611, Improper Restriction of XML External Entity Reference",
        "CWE-918, Server-Side Request Forgery",
        "OWASP ASVS 4.0 section 5.5, Deserialization Prevention",
    ),
    "SOAP 1.2 part 1 section 5.4.6, table 4": ("SOAP 1.2 part 1 section 5.4.6, SOAP Fault Codes",),
    "Namespaces in XML 1.0 section 7": ("Namespaces in XML 1.0 section 7, Conformance of Documents",),
    "XML Schema part 1, as two implementations read it": (),
    "how ASP.NET binds parameters": (),
}


@pytest.mark.parametrize(("source", "expected"), CITED.items(), ids=CITED)
def test_places_of_a_source_are_found_in_its_order(source: str, expected: tuple[str, ...]) -> None:
    assert tuple(str(each) for each in citations(source)) == expected


@pytest.mark.parametrize("source", ["SOAP 1.1 section 4.1", "RFC 9110 sections 15.3 and 99.9", "CWE-611 and CWE-1"])
def test_place_that_the_list_of_standards_lacks_is_an_error(source: str) -> None:
    with pytest.raises(ContractError) as raised:
        citations(source)
    assert raised.value.place.file == DOCUMENTS
    assert str(raised.value.value) in source
    assert "Known: " in str(raised.value)


def test_every_row_on_a_standard_names_a_place_in_it() -> None:
    assert [id_ for id_, row in ROWS.items() if row["basis"] == "standard" and not citations(row["source"])] == []


def test_every_row_that_names_a_standard_says_what_its_text_says() -> None:
    assert {id_ for id_, row in ROWS.items() if citations(row["source"])} == {
        id_ for id_, row in ROWS.items() if "duty" in row
    }
    assert {row["duty"] for row in ROWS.values() if "duty" in row} == set(DUTIES)


def test_no_must_rests_on_a_standard_that_obliges_nobody() -> None:
    binding = {"must", "defined", "weakness"}
    musts = [row for row in ROWS.values() if row["level"] == "must" and row["basis"] == "standard"]
    assert [row["id"] for row in musts if row["duty"] not in binding] == []


def test_no_must_rests_on_words_that_nobody_saw() -> None:
    musts = {row["id"]: citations(row["source"]) for row in ROWS.values() if row["level"] == "must"}
    assert [id_ for id_, found in musts.items() if found and {each.reading for each in found} == {"unread"}] == []


def test_weaknesses_are_those_of_lists_of_weaknesses() -> None:
    lists = {"CWE", "OWASP ASVS 4.0"}
    weak = {id_: citations(row["source"]) for id_, row in ROWS.items() if row.get("duty") == "weakness"}
    assert [id_ for id_, found in weak.items() if not lists & {each.document.name for each in found}] == []


def test_list_of_standards_holds_what_sources_name_and_nothing_else() -> None:
    named = {(each.document.name, each.place) for row in ROWS.values() for each in citations(row["source"])}
    assert {(each.name, place) for each in documents() for place in each.places} == named


def test_what_was_not_seen_is_listed_place_by_place() -> None:
    for each in documents():
        assert set(each.unread) < set(each.places)
        assert {each.reading(place) for place in each.unread} <= {"unread"}
    assert {each.reading(place) for each in documents() for place in each.places} == set(READINGS)


def test_duty_of_what_rests_on_the_page_alone_is_unknown() -> None:
    assert duty_of("page/sample/known-good-is-answered") is None
    assert duty_of("soap11/6.2/fault-status") == "must"
    assert duty_of("no/such/requirement") is None
