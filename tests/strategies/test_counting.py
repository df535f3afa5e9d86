"""Groups that repeat, recursion, wildcards and lists of ids: what is valid is drawn, and both validators accept it."""

from pathlib import Path

import pytest
import xmlschema
from lxml import etree
from planned_messages import SEED
from test_schema_constructs import operation_of

import strategies
from contracts.names import local_name
from strategies.compiling import compile_schema
from strategies.draws import draw
from strategies.payloads import payloads
from strategies.templates import template_of
from strategies.validators import Validators

MISCOUNTED = {
    "choice of what may be empty": '<xs:choice minOccurs="2" maxOccurs="4"><xs:element name="a" minOccurs="0"/>'
    '<xs:element name="b" minOccurs="0" maxOccurs="3"/></xs:choice>',
    "sequence in a sequence": '<xs:sequence maxOccurs="unbounded"><xs:sequence minOccurs="2" maxOccurs="4">'
    '<xs:element name="a" minOccurs="0" maxOccurs="unbounded"/><xs:element name="c" minOccurs="0"/></xs:sequence>'
    "</xs:sequence>",
    "group in a sequence": '<xs:sequence maxOccurs="unbounded"><xs:sequence minOccurs="2" maxOccurs="4">'
    '<xs:element name="a" minOccurs="0" maxOccurs="unbounded"/><xs:sequence minOccurs="0"><xs:element name="c"/>'
    '<xs:element name="d"/></xs:sequence></xs:sequence></xs:sequence>',
    "three lists at their most": '<xs:choice minOccurs="0" maxOccurs="20"><xs:element name="a" minOccurs="0" '
    'maxOccurs="20"/><xs:sequence minOccurs="0" maxOccurs="20"><xs:element name="b" minOccurs="0" maxOccurs="20"/>'
    '<xs:element name="c"/></xs:sequence><xs:element name="d" minOccurs="0" maxOccurs="20"/></xs:choice>',
}
"""Contents of which one validator or the other refuses some that are valid, each change of which it takes."""

over_what_is_miscounted = pytest.mark.parametrize("content", MISCOUNTED.values(), ids=MISCOUNTED)


def schema_with(content: str) -> xmlschema.XMLSchema10:
    """A schema of one element, `r`, with a content model."""
    return xmlschema.XMLSchema10(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="r"><xs:complexType>{content}'
        "</xs:complexType></xs:element></xs:schema>"
    )


@over_what_is_miscounted
def test_both_validators_accept_what_groups_that_repeat_make_together(content: str) -> None:
    schema = schema_with(content)
    validators = compile_schema(schema).validators
    drawn = list(draw(strategies.from_schema(schema, "r"), 100, SEED))
    for root in (*drawn, *(case.element for case in strategies.edge_cases(schema, "r"))):
        assert validators.complaint(root) is None, etree.tostring(root)
    assert len({etree.tostring(root) for root in drawn}) > 20


@over_what_is_miscounted
def test_what_may_vary_in_a_group_that_repeats_is_accepted_by_itself(content: str) -> None:
    schema = schema_with(content)
    specimen, validators = compile_schema(schema).specimen("r"), compile_schema(schema).validators
    for site in specimen.sites:
        for option in site.options:
            root = specimen.vary([*site.needs, site.change(option)])
            assert validators.complaint(root) is None, (site, option)


def test_edges_that_do_not_go_together_are_taken_one_by_one() -> None:
    schema = schema_with(MISCOUNTED["three lists at their most"])
    specimen = compile_schema(schema).specimen("r")
    most = {site.path for site in specimen.sites if not site.scope and "20" in [each.after for each in site.options]}
    changes = [change for case in strategies.edge_cases(schema, "r") for change in case.changes]
    assert len(most) >= 3
    assert most <= {change.where.partition("#")[0] for change in changes if change.after == "20"}


@over_what_is_miscounted
def test_both_validators_accept_payloads_in_which_groups_repeat(content: str, tmp_path: Path) -> None:
    declared = f'<xs:element name="r"><xs:complexType>{content}</xs:complexType></xs:element>'
    operation = operation_of(tmp_path, declared)
    template, validators = template_of(operation, "xml"), Validators(operation.schema.exact, operation.schema.fast)
    together = 0
    for payload in draw(payloads(operation, "xml"), 60, SEED):
        assert validators.complaint(payload.body) is None, etree.tostring(payload.body)
        together += [local_name(str(each.tag)) for each in payload.body] != [
            local_name(str(each.tag)) for each in template.payload.body
        ]
    assert together > 10


# --- what can be satisfied --------------------------------------------------------------------------------------------

STRICT = '<xs:element name="{}"><xs:complexType><xs:sequence>{}<xs:any{}/></xs:sequence></xs:complexType></xs:element>'
ENDLESS = STRICT.format("endless", "", "")
X = '<xs:element name="x" type="xs:string"/>'

SATISFIABLE = {
    "a candidate that has an end": STRICT.format("r", "", "")
    + f'<xs:element name="q"><xs:complexType><xs:sequence>{X}</xs:sequence></xs:complexType></xs:element>',
    "a candidate with an optional wildcard": STRICT.format("r", "", "")
    + STRICT.format("q", X, ' minOccurs="0"'),
    "an optional wildcard": STRICT.format("r", X, ' minOccurs="0"') + ENDLESS,
    "a lax wildcard beside what has no end": STRICT.format("r", "", ' processContents="lax"') + ENDLESS,
    "a member that stands beside it": STRICT.format("r", '<xs:element ref="q"/>', "") + '<xs:element name="q"/>',
    "a group that requires what it recurs in": '<xs:element name="r"><xs:complexType><xs:sequence>'
    '<xs:element ref="q"/></xs:sequence></xs:complexType></xs:element><xs:element name="q"><xs:complexType>'
    '<xs:sequence minOccurs="0"><xs:element ref="q"/><xs:element ref="r" minOccurs="0"/></xs:sequence>'
    "</xs:complexType></xs:element>",
    "two turns of each": '<xs:element name="r"><xs:complexType><xs:sequence minOccurs="0"><xs:element ref="q"/>'
    '<xs:element ref="r"/></xs:sequence></xs:complexType></xs:element><xs:element name="q"><xs:complexType>'
    '<xs:choice minOccurs="2" maxOccurs="2"><xs:element ref="q"/><xs:element ref="r"/></xs:choice></xs:complexType>'
    "</xs:element>",
    "a member whose head blocks it": '<xs:element name="head" type="t" block="substitution"/><xs:complexType name="t">'
    '<xs:sequence><xs:element name="a" type="xs:int"/></xs:sequence></xs:complexType>'
    '<xs:element name="r" substitutionGroup="head"/>',
    "XML Schema's own names": STRICT.format("r", "", ' namespace="http://www.w3.org/2001/XMLSchema" '
    'processContents="lax"'),
    "XML's own names": STRICT.format("r", "", ' namespace="http://www.w3.org/XML/1998/namespace" '
    'processContents="skip"'),
}  # fmt: skip
"""Schemas of which `r` has a message, though something in or beside it recurs or has no end."""


@pytest.mark.parametrize("declared", SATISFIABLE.values(), ids=SATISFIABLE)
def test_what_can_be_satisfied_is_drawn(declared: str) -> None:
    schema = xmlschema.XMLSchema10(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{declared}</xs:schema>')
    validators = compile_schema(schema).validators
    cases = strategies.edge_cases(schema, "r")
    assert cases
    for root in (*draw(strategies.from_schema(schema, "r"), 10, SEED), *(case.element for case in cases[:60])):
        assert validators.complaint(root) is None, etree.tostring(root)


def refusal(declared: str) -> strategies.UnsupportedError:
    schema = xmlschema.XMLSchema10(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{declared}</xs:schema>')
    with pytest.raises(strategies.UnsupportedError) as refused:
        strategies.from_schema(schema, "r")
    return refused.value


def test_a_strict_wildcard_that_nothing_satisfies_is_named_with_its_place() -> None:
    inner = '<xs:complexType name="t"><xs:sequence><xs:any/></xs:sequence></xs:complexType>'
    holder = '<xs:element name="r"><xs:complexType><xs:sequence><xs:element name="part" type="t"/></xs:sequence>'
    refused = refusal(f"{inner}{holder}</xs:complexType></xs:element>{ENDLESS}")
    assert isinstance(refused, strategies.UnsatisfiableError)
    assert refused.construct.startswith("strict xs:any that no declared element satisfies (endless, r")
    assert refused.where == "part"


def test_what_the_validators_refuse_is_named_with_its_place() -> None:
    refused = refusal(
        '<xs:element name="r"><xs:complexType><xs:sequence><xs:element name="part"><xs:complexType>'
        '<xs:choice minOccurs="2" maxOccurs="2"><xs:element ref="none" minOccurs="0"/></xs:choice></xs:complexType>'
        '</xs:element></xs:sequence></xs:complexType></xs:element><xs:element name="none" abstract="true"/>'
    )
    assert refused.construct.startswith("element part, of which no message passes both validators (lxml: ")
    assert refused.where == "part"


# --- ids --------------------------------------------------------------------------------------------------------------

LISTS_OF_IDS = {
    "enumeration": '<xs:enumeration value="a b"/><xs:enumeration value="c"/>',
    "pattern of two": '<xs:pattern value="a[a-z]{3} a[a-z]{3}"/>',
    "pattern of five": f'<xs:pattern value="{" ".join(["b[a-z]{3}"] * 5)}"/>',
}


@pytest.mark.parametrize("facets", LISTS_OF_IDS.values(), ids=LISTS_OF_IDS)
def test_a_list_of_ids_is_what_its_type_says_of_the_whole(facets: str) -> None:
    schema = xmlschema.XMLSchema10(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:simpleType name="l"><xs:list itemType="xs:ID"/>'
        f'</xs:simpleType><xs:simpleType name="s"><xs:restriction base="l">{facets}</xs:restriction></xs:simpleType>'
        '<xs:element name="r"><xs:complexType><xs:sequence><xs:element name="e" type="s" maxOccurs="3"/>'
        "</xs:sequence></xs:complexType></xs:element></xs:schema>"
    )
    validators = compile_schema(schema).validators
    drawn = list(draw(strategies.from_schema(schema, "r"), 20, SEED))
    for root in (*drawn, *(case.element for case in strategies.edge_cases(schema, "r"))):
        assert validators.complaint(root) is None, etree.tostring(root)
        ids = [word for each in root for word in (each.text or "").split()]
        assert len(ids) == len(set(ids))
    assert len({etree.tostring(root) for root in drawn}) > 1


def test_the_default_of_a_reference_that_is_absent_names_an_id() -> None:
    schema = xmlschema.XMLSchema10(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="r"><xs:complexType>'
        '<xs:attribute name="i" type="xs:ID" use="required"/><xs:attribute name="to" type="xs:IDREF" '
        'default="nowhere"/></xs:complexType></xs:element></xs:schema>'
    )
    cases = strategies.edge_cases(schema, "r")
    roots = [*draw(strategies.from_schema(schema, "r"), 20, SEED), *(case.element for case in cases)]
    assert all(root.get("to", "nowhere") == root.get("i") for root in roots)
    assert {root.get("to") is None for root in roots} == {True, False}
