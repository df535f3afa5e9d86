"""Defects of structure: each is one, says which, and both validators refuse it but where they are known to disagree."""

from functools import cache

import pytest
import xmlschema
from coverage_table import TABLE, listed, rendered
from lxml import etree
from schema_corpus import ELEMENTS, IDS, disagreements, file_of, rule_of, taken_by_xmlschema

import strategies
from strategies.compiling import compile_schema
from strategies.draws import draw
from strategies.schemas import InvalidCase
from strategies.sites import SiteKind
from strategies.structure import RULES

over_the_corpus = pytest.mark.parametrize("name, element", ELEMENTS, ids=IDS)
OTHER_RULES = {"two-branches", "too-few", "too-many", "lexical"}


@cache
def cases(name: str, element: str) -> tuple[InvalidCase, ...]:
    return tuple(strategies.invalid_cases(file_of(name), element))


def structural(name: str, element: str) -> list[InvalidCase]:
    return [case for case in cases(name, element) if case.change.kind == "structure"]


@over_the_corpus
def test_lxml_refuses_every_defect_and_xmlschema_but_those_listed(name: str, element: str) -> None:
    compiled = compile_schema(file_of(name))
    fast = compiled.validators.fast
    assert fast is not None
    for case in structural(name, element):
        root = case.element
        assert not fast.validate(etree.fromstring(etree.tostring(root))), case.change
        if taken_by_xmlschema(compiled, root):
            assert any(rule_of(case) in row["rules"] for row in disagreements()), case.change


def test_what_breaks_another_rule_than_the_one_recorded_is_no_case() -> None:
    of_authors = [
        case for case in structural("identities", "{urn:example:identities}library") if case.change.where == "author"
    ]
    assert {rule_of(case) for case in of_authors}.isdisjoint({"missing-element", "repeated-element"})


@over_the_corpus
def test_defects_say_what_is_broken_where_and_how(name: str, element: str) -> None:
    for case in cases(name, element):
        change = case.change
        assert rule_of(case) in RULES or rule_of(case) in OTHER_RULES or change.kind == "lexical"
        assert change.before != change.after
        if change.kind == "structure":
            assert "(cvc-" in change.rule


def test_every_disagreement_listed_is_one() -> None:
    found = {
        rule_of(case)
        for name, element in ELEMENTS
        if name in ("derivation", "substitution", "wildcards", "no-namespace")
        for case in structural(name, element)
        if taken_by_xmlschema(compile_schema(file_of(name)), case.element)
    }
    assert found == {rule for row in disagreements() for rule in row["rules"]}


@pytest.mark.parametrize("row", listed()["construct"], ids=lambda row: row["name"])
def test_every_construct_of_the_coverage_table_is_generated_and_broken(row: dict[str, list[str]]) -> None:
    name, local = row["shown"]
    compiled = compile_schema(file_of(name))
    element = compiled.name_of(local)
    kinds: set[SiteKind] = {site.kind for site in compiled.specimen(element).sites}
    assert set(row["sites"]) <= kinds
    broken = {"lexical" if case.change.kind == "lexical" else rule_of(case) for case in cases(name, element)}
    assert set(row["breaks"]) <= broken


def test_every_rule_is_broken_by_some_construct() -> None:
    broken = {rule for row in listed()["construct"] for rule in row["breaks"]}
    assert broken == set(RULES) | OTHER_RULES


def test_the_coverage_page_is_the_table() -> None:
    assert TABLE.read_text("utf-8") == rendered(), "write it again: python tests/strategies/coverage_table.py"


def test_invalid_documents_are_drawn_and_none_is_valid() -> None:
    file, element = file_of("derivation"), "drawing"
    fast = compile_schema(file).validators.fast
    assert fast is not None
    for case in draw(strategies.invalid_from_schema(file, element), 30, 1):
        assert not fast.validate(etree.fromstring(etree.tostring(case.element)))


def test_a_defect_that_heals_itself_is_never_a_case() -> None:
    text = (
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="r"><xs:complexType mixed="true">'
        '<xs:sequence><xs:any minOccurs="0" maxOccurs="unbounded" processContents="skip"/></xs:sequence>'
        '<xs:anyAttribute processContents="skip"/></xs:complexType></xs:element></xs:schema>'
    )
    found = {rule_of(case) for case in strategies.invalid_cases(xmlschema.XMLSchema10(text), "r")}
    assert found.isdisjoint({"unknown-attribute", "foreign-attribute", "unknown-element-first", "unknown-element-last"})
    assert {"element-in-other-case", "nil-not-nillable", "wrong-type"} <= found


def test_a_defect_of_an_alternative_says_how_to_get_there() -> None:
    (case, *_) = [
        case for case in structural("derivation", "{urn:example:derivation}drawing")
        if "(ring)" in case.change.where and rule_of(case) == "missing-element"
    ]  # fmt: skip
    assert [change.after for change in case.changes[:-1]] == ["ring"]
