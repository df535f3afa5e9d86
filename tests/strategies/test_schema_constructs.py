"""Schema constructs: what is supported is drawn and valid, what is not is refused by name before anything is drawn."""

from pathlib import Path

import pytest
from lxml import etree

from contracts.errors import ContractError
from contracts.model import Binding, Content, Leaf, MessageShape, Operation, Source
from contracts.schema import Schema
from strategies.draws import draw
from strategies.payloads import changes, messages
from strategies.templates import deepcopy_of, template_of
from strategies.wire import request


def operation_of(folder: Path, schema: str, *leaves: Leaf) -> Operation:
    """An operation whose request is the element `r` of a schema in no namespace."""
    (folder / "schema.xsd").write_text(
        f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t">{schema}</xs:schema>', "utf-8"
    )
    shape = MessageShape(body=Content(element="r"))
    binding = Binding(
        protocol="xml",
        source=Source("page.txt", 1, 1),
        method="POST",
        path="",
        documented_path=None,
        documented_host=None,
        request=shape,
        response=shape,
        error=None,
        request_media_type="application/xml",
        request_charset=None,
        response_media_types=("application/xml",),
        noted_media_types=(),
        soap_action=None,
        status_code=200,
    )
    return Operation(
        service="s",
        name="o",
        family="servicestack",
        effect="read",
        title="",
        folder=folder,
        bindings=(binding,),
        schema=Schema(folder),
        leaves=leaves,
        response_secrets=(),
        relations=(),
        business_errors=(),
        success_needs=None,
        consumes=(),
        requirements_by_protocol={},
        digest=str(folder),
    )


def root(content: str, types: str = "") -> str:
    return f'{types}<xs:element name="r"><xs:complexType>{content}</xs:complexType></xs:element>'


def sequence(members: str, types: str = "") -> str:
    return root(f"<xs:sequence>{members}</xs:sequence>", types)


SUPPORTED = {
    "integer with limits": sequence(
        '<xs:element name="a" type="small"/>',
        '<xs:simpleType name="small"><xs:restriction base="xs:short"><xs:minInclusive value="5"/>'
        '<xs:maxExclusive value="900"/></xs:restriction></xs:simpleType>',
    ),
    "string with lengths": sequence(
        '<xs:element name="a" type="code"/>',
        '<xs:simpleType name="code"><xs:restriction base="xs:string"><xs:minLength value="2"/><xs:maxLength value="4"/>'
        "</xs:restriction></xs:simpleType>",
    ),
    "string of a length": sequence(
        '<xs:element name="a" type="code"/>',
        '<xs:simpleType name="code"><xs:restriction base="xs:string"><xs:length value="3"/>'
        "</xs:restriction></xs:simpleType>",
    ),
    "pattern": sequence(
        '<xs:element name="a" type="code"/>',
        '<xs:simpleType name="code"><xs:restriction base="xs:string"><xs:pattern value="[A-Z]{2}[0-9]+"/>'
        "</xs:restriction></xs:simpleType>",
    ),
    "enumeration": sequence(
        '<xs:element name="a"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="on"/>'
        '<xs:enumeration value="off"/></xs:restriction></xs:simpleType></xs:element>',
    ),
    "choice": root(
        '<xs:choice><xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:string"/></xs:choice>'
    ),
    "all": root(
        '<xs:all><xs:element name="a" type="xs:int"/><xs:element name="b" minOccurs="0" type="xs:long"/></xs:all>'
    ),
    "bounded list": sequence('<xs:element name="a" type="xs:boolean" minOccurs="1" maxOccurs="3"/>'),
    "longer list": sequence('<xs:element name="a" type="xs:dateTime" minOccurs="3" maxOccurs="unbounded"/>'),
    "nested sequence": sequence('<xs:sequence><xs:element name="a" type="xs:byte" nillable="true"/></xs:sequence>'),
    "list in a list": sequence(
        '<xs:element name="a" maxOccurs="unbounded"><xs:complexType><xs:sequence>'
        '<xs:element name="b" type="xs:unsignedByte" minOccurs="0" maxOccurs="unbounded" nillable="true"/>'
        "</xs:sequence></xs:complexType></xs:element>"
    ),
    "simple content": sequence(
        '<xs:element name="a"><xs:complexType><xs:simpleContent><xs:extension base="xs:int"><xs:attribute name="b"/>'
        "</xs:extension></xs:simpleContent></xs:complexType></xs:element>"
    ),
    "fixed value": sequence('<xs:element name="a" type="xs:int" fixed="7"/><xs:element name="b" type="xs:token"/>'),
    "date-time": sequence('<xs:element name="a" type="xs:dateTime"/>'),
    "decimal": sequence('<xs:element name="a" type="xs:decimal"/>'),
    "base64Binary": sequence('<xs:element name="a" type="xs:base64Binary"/>'),
    "list": sequence('<xs:element name="a"><xs:simpleType><xs:list itemType="xs:int"/></xs:simpleType></xs:element>'),
    "union": sequence(
        '<xs:element name="a"><xs:simpleType><xs:union memberTypes="xs:int xs:boolean"/></xs:simpleType></xs:element>'
    ),
}

STRUCTURED = {
    "wildcard": sequence('<xs:any processContents="lax"/>'),
    "mixed content": '<xs:element name="r"><xs:complexType mixed="true"/></xs:element>',
    "required attribute": root('<xs:attribute name="b" type="xs:int" use="required"/>'),
    "repeated sequence": sequence('<xs:sequence maxOccurs="2"><xs:element name="a" type="xs:int"/></xs:sequence>'),
    "choice in a sequence": sequence(
        '<xs:choice><xs:element name="a" type="xs:int"/><xs:element name="b" type="xs:int"/></xs:choice>'
    ),
    "choice of lists": root(
        '<xs:choice><xs:element name="a" type="xs:int" maxOccurs="2"/><xs:element name="b" type="xs:int"/></xs:choice>'
    ),
    "recursion": '<xs:element name="r" type="t"/><xs:complexType name="t"><xs:sequence>'
    '<xs:element name="a" type="t" minOccurs="0"/></xs:sequence></xs:complexType>',
    "xsi:type": '<xs:element name="r" type="t"/><xs:complexType name="t" abstract="true"/>'
    '<xs:complexType name="u"><xs:complexContent><xs:extension base="t"><xs:sequence>'
    '<xs:element name="a" type="xs:int"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>',
}

REFUSED = {
    "simple type xs:ENTITY": sequence('<xs:element name="a" type="xs:ENTITY"/>'),
    "element a, which holds itself": '<xs:element name="r" type="t"/><xs:complexType name="t"><xs:sequence>'
    '<xs:element name="a" type="t"/></xs:sequence></xs:complexType>',
    "abstract type of element r": '<xs:element name="r" type="t"/><xs:complexType name="t" abstract="true">'
    "<xs:sequence/></xs:complexType>",
}


RULED = {"pattern": [Leaf(path="a", value="AB1")]}


@pytest.mark.parametrize("construct, schema", {**SUPPORTED, **STRUCTURED}.items(), ids=[*SUPPORTED, *STRUCTURED])
def test_supported_constructs_give_valid_payloads(tmp_path: Path, construct: str, schema: str) -> None:
    template = template_of(operation_of(tmp_path, schema, *RULED.get(construct, [])), "xml")
    assert template.is_valid(template.payload)
    for site in template.sites:
        for option in site.options:
            payload = template.vary([*site.needs, site.change(option)])
            assert template.is_valid(payload), (site.where, option, etree.tostring(payload.body))
    for drawn in draw(changes(template), 60, 1):
        payload = template.vary(drawn)
        assert template.is_valid(payload), (drawn, etree.tostring(payload.body))


@pytest.mark.parametrize("construct, schema", REFUSED.items(), ids=REFUSED)
def test_what_nothing_satisfies_is_refused_by_name_when_built(tmp_path: Path, construct: str, schema: str) -> None:
    with pytest.raises(ContractError, match=construct) as caught:
        template_of(operation_of(tmp_path, schema), "xml")
    assert caught.value.place.file.name == "schema.xsd"


def test_prefixes_are_written_where_some_elements_have_no_namespace(tmp_path: Path) -> None:
    (tmp_path / "t.xsd").write_text(
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t">'
        '<xs:element name="q"><xs:complexType><xs:sequence><xs:element name="a" type="xs:int"/></xs:sequence>'
        "</xs:complexType></xs:element></xs:schema>",
        "utf-8",
    )
    schema = '<xs:import namespace="urn:t" schemaLocation="t.xsd"/>' + sequence('<xs:element ref="t:q"/>')
    template = template_of(operation_of(tmp_path, schema), "xml")
    written = etree.tostring(template.payload.body)
    assert b'xmlns="' not in written
    assert template.operation.schema.fast.validate(etree.fromstring(written))


def test_a_change_inside_an_alternative_goes_when_the_alternative_does(tmp_path: Path) -> None:
    template = template_of(operation_of(tmp_path, STRUCTURED["choice in a sequence"]), "xml")
    (inner,) = [site for site in template.sites if site.scope]
    made = (*inner.needs, inner.change(inner.options[0]))
    assert [child.tag for child in template.vary(made).body] == ["b"]
    assert template.standing(made) == made
    assert template.standing(made[1:]) == ()


def test_known_good_values_that_make_no_valid_message_are_refused(tmp_path: Path) -> None:
    schema = sequence('<xs:element name="a" type="xs:int"/>')
    with pytest.raises(ContractError, match="no valid message"):
        template_of(operation_of(tmp_path, schema, Leaf(path="a", value="many")), "xml")


def test_a_request_without_anything_to_vary_is_the_only_message(tmp_path: Path) -> None:
    operation = operation_of(tmp_path, '<xs:element name="r"><xs:complexType/></xs:element>')
    template = template_of(operation, "xml")
    assert {len(drawn) for drawn in draw(changes(template), 5, 1)} == {0}
    (body,) = {each.request.body for each in draw(messages(operation, "xml"), 5, 1)}
    assert body == request(template, deepcopy_of(template.payload)).body


def test_numbers_of_unknown_width_are_drawn_where_every_width_holds_them(tmp_path: Path) -> None:
    leaf = Leaf(path="a", value="0", process_range=(0, 127))
    template = template_of(operation_of(tmp_path, sequence('<xs:element name="a" type="xs:long"/>'), leaf), "xml")
    (site,) = template.sites
    assert {option.name for option in site.options if option.because} >= {"at-maximum", "minus-one"}
    assert all(0 <= int(change.after or "") <= 127 for (change,) in draw(changes(template), 50, 1))
