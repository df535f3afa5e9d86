"""Defects of structure: each is one, says which, and both validators refuse it but where they are known to disagree."""

from functools import cache

import pytest
import xmlschema
from coverage_table import TABLE, listed, rendered
from hypothesis import given, settings
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


ERRORS = {
    "cvc-au": {"CVC_AU"},
    "cvc-complex-type.2.1": {"CVC_COMPLEX_TYPE_2_1"},
    "cvc-complex-type.2.2": {"CVC_COMPLEX_TYPE_2_2"},
    "cvc-complex-type.2.3": {"CVC_COMPLEX_TYPE_2_3"},
    "cvc-complex-type.2.4": {"ELEMENT_CONTENT"},
    "cvc-complex-type.3.2": {"CVC_COMPLEX_TYPE_3_2_1", "CVC_COMPLEX_TYPE_3_2_2", "CVC_WILDCARD"},
    "cvc-complex-type.4": {"CVC_COMPLEX_TYPE_4"},
    "cvc-elt.1": {"CVC_ELT_1"},
    "cvc-elt.2": {"CVC_ELT_2"},
    "cvc-elt.3": {"CVC_DATATYPE_VALID_1_2_1"},
    "cvc-elt.3.1": {"CVC_ELT_3_1"},
    "cvc-elt.3.2.1": {"CVC_ELT_3_2_1"},
    "cvc-elt.4.2": {"CVC_ELT_4_2"},
    "cvc-elt.4.3": {"CVC_ELT_4_3"},
    "cvc-elt.5.2.2.2": {"CVC_ELT_5_2_2_2_1", "CVC_ELT_5_2_2_2_2"},
    "cvc-id.2": {"CVC_DATATYPE_VALID_1_2_1"},
    "cvc-identity-constraint.4.1": {"CVC_IDC"},
    "cvc-identity-constraint.4.2.1": {"CVC_IDC"},
    "cvc-identity-constraint.4.2.2": {"CVC_IDC"},
    "cvc-identity-constraint.4.3": {"CVC_IDC"},
    "cvc-type.2": {"CVC_TYPE_2"},
    "cvc-type.3.1.1": {"CVC_TYPE_3_1_1"},
    "cvc-type.3.1.2": {"CVC_TYPE_3_1_2"},
}
"""What libxml2 calls the errors of the clauses that records may name."""


def errors_of(name: str, case: InvalidCase) -> set[str]:
    fast = compile_schema(file_of(name)).validators.fast
    assert fast is not None
    assert not fast.validate(etree.fromstring(etree.tostring(case.element)))
    return {error.type_name.removeprefix("SCHEMAV_") for error in fast.error_log}


@over_the_corpus
def test_records_name_a_clause_that_lxml_finds_broken(name: str, element: str) -> None:
    for case in structural(name, element):
        clause = case.change.rule.rpartition("(")[2].removesuffix(")")
        assert not ERRORS[clause].isdisjoint(errors_of(name, case)), case


@over_the_corpus
def test_records_of_values_name_every_facet_that_lxml_finds_broken(name: str, element: str) -> None:
    for case in cases(name, element):
        _, _, named = case.change.rule.partition(": ")
        if case.change.kind == "lexical" and not named.startswith("xs:"):
            facets = {f"CVC_{facet.upper()}_VALID" for facet in named.split(", ")}
            types = {error for error in errors_of(name, case) if error.endswith("_VALID") and error.startswith("CVC_")}
            assert types == facets, case


CLAUSES = {
    ("not-the-fixed-value", "empty/@set"): "cvc-au",
    ("not-the-fixed-value", "plain"): "cvc-elt.5.2.2.2",
    ("unknown-attribute", "plain/@SoapstoneUnknown"): "cvc-type.3.1.1",
    ("unknown-attribute", "priced/@SoapstoneUnknown"): "cvc-complex-type.3.2",
    ("element-in-value", "plain"): "cvc-type.3.1.2",
    ("element-in-value", "priced"): "cvc-complex-type.2.2",
    ("text-between-elements", ""): "cvc-complex-type.2.3",
    ("text-between-elements", "empty"): "cvc-complex-type.2.1",
    ("unknown-element-last", ""): "cvc-complex-type.2.4",
    ("unknown-element-last", "empty"): "cvc-complex-type.2.1",
    ("element-in-other-case", ""): "cvc-elt.1",
    ("element-in-other-case", "plain"): "cvc-complex-type.2.4",
    ("element-in-foreign-namespace", ""): "cvc-elt.1",
    ("element-in-foreign-namespace", "plain"): "cvc-complex-type.2.4",
}


def small_schema(members: str, more: str = "") -> xmlschema.XMLSchema10:
    return xmlschema.XMLSchema10(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="r"><xs:complexType><xs:sequence>'
        f"{members}</xs:sequence></xs:complexType>{more}</xs:element></xs:schema>"
    )


def test_the_clause_is_that_of_the_declaration() -> None:
    schema = small_schema(
        '<xs:element name="plain" type="xs:int" fixed="7"/><xs:element name="priced"><xs:complexType><xs:simpleContent>'
        '<xs:extension base="xs:int"><xs:attribute name="in"/></xs:extension></xs:simpleContent></xs:complexType>'
        '</xs:element><xs:element name="empty"><xs:complexType><xs:attribute name="set" fixed="on"/></xs:complexType>'
        "</xs:element>"
    )
    found = {
        (rule_of(case), case.change.where): case.change.rule.rpartition("(")[2].removesuffix(")")
        for case in strategies.invalid_cases(schema, "r")
    }
    assert {key: found[key] for key in CLAUSES} == CLAUSES


def test_defects_of_keys_and_ids_tell_the_leaf_and_its_values() -> None:
    schema = small_schema(
        '<xs:element name="k" maxOccurs="2"><xs:complexType><xs:attribute name="no" type="xs:int" use="required"/>'
        '<xs:attribute name="id" type="xs:ID" use="required"/></xs:complexType></xs:element>'
        '<xs:element name="f" type="xs:int"/>',
        '<xs:key name="K"><xs:selector xpath="k"/><xs:field xpath="@no"/></xs:key>'
        '<xs:keyref name="F" refer="K"><xs:selector xpath="f"/><xs:field xpath="."/></xs:keyref>',
    )
    sample = strategies.edge_cases(schema, "r")[0].element
    one, two, refers = sample
    found = {rule_of(case): case for case in reversed(strategies.invalid_cases(schema, "r"))}
    changes = {name: (case.change.where, case.change.before, case.change.after) for name, case in found.items()}
    assert changes["same-key"] == ("k[2]/@no", two.get("no"), one.get("no"))
    assert changes["no-key"] == ("k[2]/@no", two.get("no"), None)
    assert changes["dangling-reference"] == ("f", refers.text, found["dangling-reference"].element[2].text)
    assert changes["dangling-reference"][2] not in (None, one.get("no"), two.get("no"))
    assert changes["same-id"][1:] == (one.get("id"), two.get("id"))
    assert found["same-key"].element[1].get("no") == one.get("no")


def test_defects_of_nil_and_type_are_told_from_attributes_of_these_names() -> None:
    schema = small_schema(
        '<xs:element name="a"><xs:complexType><xs:attribute name="nil" type="xs:boolean" use="required"/>'
        '<xs:attribute name="type" type="xs:int" use="required"/></xs:complexType></xs:element>'
    )
    found = strategies.invalid_cases(schema, "r")
    assert {case.change.where for case in found if rule_of(case) == "missing-attribute"} == {"a/@nil", "a/@type"}
    assert {case.change.where for case in found if rule_of(case) in ("unknown-type", "wrong-type")} == {
        "@xsi:type", "a/@xsi:type",
    }  # fmt: skip
    assert {case.change.where for case in found if rule_of(case) == "nil-misspelled"} == {"@xsi:nil", "a/@xsi:nil"}


def test_a_missing_element_was_what_stood_there_and_is_nothing() -> None:
    schema = small_schema('<xs:element name="a" type="xs:int"/>')
    (case,) = [case for case in strategies.invalid_cases(schema, "r") if rule_of(case) == "missing-element"]
    sample = strategies.edge_cases(schema, "r")[0].element
    assert (case.change.where, case.change.before, case.change.after) == ("a", sample.findtext("a"), None)


def test_a_failing_test_shows_the_record_and_little_more() -> None:
    @settings(database=None, derandomize=True, max_examples=5)
    @given(strategies.invalid_from_schema(file_of("derivation"), "drawing"))
    def fails(case: InvalidCase) -> None:
        raise AssertionError(case.change)

    with pytest.raises(AssertionError) as caught:
        fails()
    shown = "\n".join(caught.value.__notes__)
    assert "(cvc-" in shown
    assert len(shown) < 2_000
    assert all(len(repr(case)) < 2_000 for case in strategies.edge_cases(file_of("derivation"), "drawing"))


def test_what_is_left_out_for_one_cause_is_listed_once() -> None:
    named = "".join(f'<xs:element name="{name}" type="xs:ENTITY" minOccurs="0"/>' for name in "abc")
    schema = small_schema(f'{named}<xs:element name="f" type="xs:string"/>')
    found = [str(each) for each in strategies.left_out(schema, "r")]
    assert len(found) == 1
    assert "and 2 more for this cause" in found[0]


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
        if name in ("derivation", "substitution", "wildcards", "no-namespace", "constraints")
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
