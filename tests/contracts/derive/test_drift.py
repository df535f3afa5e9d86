"""A contract against a WSDL: what differs, how much it matters, and nothing where nothing differs."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest
from wsdl_samples import NAMESPACE, Op, element_op, schema, wsdl

from contracts.derive.deriving import Wanted, derive
from contracts.derive.description import OperationDescription, ServiceDescription
from contracts.derive.drift import Drift, Side, compare_sides, drift, drift_lines, is_broken
from contracts.derive.writing import schema_files
from contracts.derive.wsdl import describe_wsdl
from contracts.loader import SERVICES, load_service, load_services
from contracts.names import SOURCE, XSD
from contracts.schema import Schema

SHARED = """<xs:complexType name="Order"><xs:sequence>
<xs:element name="number" type="xs:int"/>
<xs:element name="note" type="xs:string" minOccurs="0"/>
<xs:element name="line" type="xs:decimal" minOccurs="0" maxOccurs="unbounded"/>
<xs:element name="kind" type="t:Kind"/>
</xs:sequence><xs:attribute name="id" type="xs:int" use="required"/></xs:complexType>
<xs:simpleType name="Kind"><xs:restriction base="xs:string"><xs:enumeration value="A"/><xs:enumeration value="B"/>
</xs:restriction></xs:simpleType>
<xs:element name="Put"><xs:complexType><xs:sequence><xs:element name="order" type="t:Order"/></xs:sequence>
</xs:complexType></xs:element>
<xs:element name="PutResponse"><xs:complexType><xs:sequence><xs:element name="order" type="t:Order"/></xs:sequence>
</xs:complexType></xs:element>
"""
PUT = wsdl(schema(SHARED), [element_op("Put")])


def described(folder: Path, text: str) -> ServiceDescription:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "a.wsdl").write_text(text, "utf-8")
    return describe_wsdl(str(folder / "a.wsdl"), service="orders")


def side(folder: Path, operation: OperationDescription) -> Side:
    for name, text in schema_files(operation.schemas).items():
        (folder / name).write_text(text, "utf-8")
    return Side(operation.name, {each.protocol: each for each in operation.bindings}, Schema(folder))


Compare = Callable[[str, str], list[Drift]]


@pytest.fixture
def compared(tmp_path: Path) -> Compare:
    """How a WSDL taken for the contract differs from another."""

    def compare(ours: str, theirs: str) -> list[Drift]:
        folders = tmp_path / "ours", tmp_path / "theirs"
        sides = [
            side(folder, described(folder, text).operations[0])
            for folder, text in zip(folders, (ours, theirs), strict=True)
        ]
        return list(compare_sides(*sides))

    return compare


def told(found: list[Drift]) -> list[tuple[str, str]]:
    """Grade and place of each difference."""
    return [(each.grade, each.where) for each in found]


def test_same_wsdl_does_not_drift(compared: Compare) -> None:
    assert compared(PUT, PUT) == []


def test_layout_prefixes_and_order_of_components_are_no_drift(compared: Compare) -> None:
    parts = SHARED.split("<xs:simpleType")
    moved = (
        "<xs:simpleType"
        + parts[1].split('<xs:element name="Put">')[0]
        + parts[0]
        + SHARED[SHARED.index('<xs:element name="Put">') :]
    )
    other = wsdl(schema(moved), [element_op("Put")]).replace("t:", "u:").replace("xmlns:t=", "xmlns:u=")
    assert compared(PUT, other.replace("\n<", "<")) == []


REQUEST, ANSWER = "request Put/order", "answer PutResponse/order"


@pytest.mark.parametrize(
    "old, new, expected",
    [
        pytest.param(
            'name="note" type="xs:string" minOccurs="0"',
            'name="note" type="xs:string"',
            [("breaking", f"{REQUEST}/note min"), ("compatible", f"{ANSWER}/note min")],
            id="optional-becomes-required",
        ),
        pytest.param(
            'name="number" type="xs:int"',
            'name="number" type="xs:int" minOccurs="0"',
            [("compatible", f"{REQUEST}/number min"), ("breaking", f"{ANSWER}/number min")],
            id="required-becomes-optional",
        ),
        pytest.param(
            'name="number" type="xs:int"',
            'name="number" type="xs:short"',
            [("breaking", f"{REQUEST}/number type"), ("compatible", f"{ANSWER}/number type")],
            id="type-becomes-narrower",
        ),
        pytest.param(
            'name="number" type="xs:int"',
            'name="number" type="xs:long"',
            [("compatible", f"{REQUEST}/number type"), ("breaking", f"{ANSWER}/number type")],
            id="type-becomes-wider",
        ),
        pytest.param(
            'name="number" type="xs:int"',
            'name="number" type="xs:date"',
            [("breaking", f"{REQUEST}/number type"), ("breaking", f"{ANSWER}/number type")],
            id="type-becomes-another",
        ),
        pytest.param(
            '<xs:enumeration value="B"/>',
            '<xs:enumeration value="B"/><xs:enumeration value="C"/>',
            [("compatible", f"{REQUEST}/kind type"), ("breaking", f"{ANSWER}/kind type")],
            id="enumeration-gains-a-value",
        ),
        pytest.param(
            'maxOccurs="unbounded"',
            'maxOccurs="9"',
            [("breaking", f"{REQUEST}/line max"), ("compatible", f"{ANSWER}/line max")],
            id="fewer-items",
        ),
        pytest.param(
            'name="number" type="xs:int"',
            'name="number" type="xs:int" nillable="true"',
            [("compatible", f"{REQUEST}/number nillable"), ("breaking", f"{ANSWER}/number nillable")],
            id="becomes-nillable",
        ),
        pytest.param(
            '<xs:element name="note" type="xs:string" minOccurs="0"/>\n',
            "",
            [("breaking", f"{REQUEST}/note"), ("breaking", f"{ANSWER}/note")],
            id="member-is-gone",
        ),
        pytest.param(
            '<xs:element name="kind"',
            '<xs:element name="more" type="xs:int" minOccurs="0"/><xs:element name="kind"',
            [("compatible", f"{REQUEST}/more"), ("breaking", f"{ANSWER}/more")],
            id="optional-member-is-new",
        ),
        pytest.param(
            '<xs:element name="kind"',
            '<xs:element name="more" type="xs:int"/><xs:element name="kind"',
            [("breaking", f"{REQUEST}/more"), ("breaking", f"{ANSWER}/more")],
            id="required-member-is-new",
        ),
        pytest.param(
            '<xs:element name="number" type="xs:int"/>\n<xs:element name="note" type="xs:string" minOccurs="0"/>',
            '<xs:element name="note" type="xs:string" minOccurs="0"/>\n<xs:element name="number" type="xs:int"/>',
            [("breaking", f"{REQUEST} order"), ("breaking", f"{ANSWER} order")],
            id="order-changes",
        ),
        pytest.param(
            'use="required"',
            'use="optional"',
            [("compatible", f"{REQUEST}/@id attribute"), ("breaking", f"{ANSWER}/@id attribute")],
            id="attribute-becomes-optional",
        ),
        pytest.param(
            '<xs:attribute name="id" type="xs:int" use="required"/>',
            "",
            [("breaking", f"{REQUEST}/@id attribute"), ("breaking", f"{ANSWER}/@id attribute")],
            id="attribute-is-gone",
        ),
        pytest.param(
            f'soapAction="{NAMESPACE}Put"', 'soapAction="other"', [("breaking", "SOAPAction")], id="action-changes"
        ),
        pytest.param(
            "http://orders.example/svc/orders.asmx",
            "http://orders.example/new/orders.asmx",
            [("note", "documented path")],
            id="deployed-elsewhere",
        ),
    ],
)
def test_change_is_graded_by_whom_it_breaks(
    compared: Compare, old: str, new: str, expected: list[tuple[str, str]]
) -> None:
    assert PUT.count(old) == 1
    assert told(compared(PUT, PUT.replace(old, new))) == expected


def test_namespace_that_changes_breaks_everything(compared: Compare) -> None:
    changed = PUT.replace(
        f'xmlns:t="{NAMESPACE}" targetNamespace="{NAMESPACE}"', 'xmlns:t="urn:new" targetNamespace="urn:new"'
    )
    changed = changed.replace(f'<xs:schema targetNamespace="{NAMESPACE}"', '<xs:schema targetNamespace="urn:new"')
    assert {("breaking", "request Put"), ("breaking", "answer PutResponse")} <= set(told(compared(PUT, changed)))


def test_other_namespaces_are_told_and_places_bear_the_name_that_was_given(tmp_path: Path) -> None:
    changed = PUT.replace(NAMESPACE, "urn:new")
    (tmp_path / "ours.wsdl").write_text(PUT, "utf-8")
    derive([str(tmp_path / "ours.wsdl")], Wanted("orders"), tmp_path)
    lines = list(drift_lines(drift(load_service(tmp_path / "orders"), described(tmp_path / "theirs", changed))))
    (gone,) = [each for each in lines if "request Put:" in each and "WSDL has not there" in each]
    (come,) = [each for each in lines if "request Put:" in each and "contract has not there" in each]
    assert f"contract has 1 to 1 in namespace {NAMESPACE}" in gone
    assert "WSDL has 1 to 1 in namespace urn:new" in come
    assert f"[{tmp_path / 'theirs' / 'a.wsdl'} line " in come


def test_what_rests_on_a_convention_is_a_note(tmp_path: Path) -> None:
    ours = described(tmp_path / "ours", PUT).operations[0]
    for document in ours.schemas:
        for element in document.root.iter(f"{{{XSD}}}element"):
            element.set(f"{{{SOURCE}}}min-basis", "convention")
    theirs = described(tmp_path / "theirs", PUT.replace('"xs:string" minOccurs="0"', '"xs:string"')).operations[0]
    found = list(compare_sides(side(tmp_path / "ours", ours), side(tmp_path / "theirs", theirs)))
    assert told(found) == [("note", f"{REQUEST}/note min"), ("compatible", f"{ANSWER}/note min")]
    assert "the contract rests on a convention there" in str(found[0])


def test_recursive_types_are_compared_once(compared: Compare) -> None:
    node = (
        '<xs:complexType name="Node"><xs:sequence><xs:element name="label" type="xs:string"/>'
        '<xs:element name="next" type="t:Node" minOccurs="0"/></xs:sequence></xs:complexType>'
        '<xs:element name="Walk" type="t:Node"/><xs:element name="WalkResponse" type="xs:int"/>'
    )
    text = wsdl(schema(node), [element_op("Walk")])
    assert told(compared(text, text.replace('name="label" type="xs:string"', 'name="label" type="xs:token"'))) == [
        ("breaking", "request Walk/label type")
    ]


def test_answer_that_is_no_more_given_is_breaking(compared: Compare) -> None:
    one_way = wsdl(schema(SHARED), [Op("Put", '<part name="p" element="t:Put"/>', None)])
    assert ("breaking", "status") in told(compared(PUT, one_way))


def test_operations_and_bindings_of_one_side_alone(tmp_path: Path) -> None:
    contract = load_services(SERVICES)["utws"]
    ours = contract.operations["logsAvailable"]
    text = wsdl(ops=[element_op("Echo")])
    found = drift(contract, described(tmp_path, text))
    assert [(each.grade, each.operation, each.theirs) for each in found] == [
        ("breaking", "logsAvailable", "no such operation"),
        ("compatible", "Echo", "this operation"),
    ]
    fewer = dataclasses.replace(ours, bindings=ours.bindings[:1])
    both = [Side(each.name, each.bindings_by_protocol, each.schema) for each in (ours, fewer)]
    assert told(list(compare_sides(*both))) == [("breaking", "")]
    assert told(list(compare_sides(*reversed(both)))) == [("compatible", "")]


def test_lines_put_the_worst_first_and_count(compared: Compare) -> None:
    found = compared(PUT, PUT.replace('name="number" type="xs:int"', 'name="number" type="xs:long"'))
    lines = list(drift_lines(found))
    assert [line.split()[0] for line in lines[:-1]] == ["breaking", "compatible"]
    assert "contract has int, WSDL has long" in lines[0]
    assert lines[-1] == "1 breaking, 1 compatible, 0 note differences"
    assert is_broken(found)
    assert not is_broken([each for each in found if each.grade != "breaking"])


@pytest.mark.parametrize(
    "pattern",
    ["[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", r"[\da-fA-F]{8}(-[\da-fA-F]{4}){3}-[\da-fA-F]{12}"],
)
def test_patterns_of_a_guid_are_alike_however_they_are_written(compared: Compare, pattern: str) -> None:
    guid = '<xs:simpleType name="Kind"><xs:restriction base="xs:string"><xs:pattern value="{}"/></xs:restriction>'
    guid += "</xs:simpleType>"
    start, end = SHARED.index("<xs:simpleType"), SHARED.index("</xs:simpleType>") + len("</xs:simpleType>")
    hyphens = "-".join(f"[0-9a-fA-F]{{{n}}}" for n in (8, 4, 4, 4, 12))
    texts = [
        wsdl(schema(SHARED[:start] + guid.format(each) + SHARED[end:]), [element_op("Put")])
        for each in (hyphens, pattern)
    ]
    assert compared(*texts) == []


@pytest.mark.parametrize("ours, theirs, expected", [
    ("xs:unsignedByte", "xs:int", [("compatible", "request"), ("breaking", "answer")]),
    ("xs:int", "xs:unsignedByte", [("breaking", "request"), ("compatible", "answer")]),
    ("xs:unsignedInt", "xs:long", [("compatible", "request"), ("breaking", "answer")]),
    ("xs:unsignedInt", "xs:int", [("breaking", "request"), ("breaking", "answer")]),
])  # fmt: skip
def test_integers_are_compared_by_their_range(
    compared: Compare, ours: str, theirs: str, expected: list[tuple[str, str]]
) -> None:
    number = 'name="number" type="xs:int"'
    found = compared(
        PUT.replace(number, f'name="number" type="{ours}"'), PUT.replace(number, f'name="number" type="{theirs}"')
    )
    assert [(grade, where.split()[0]) for grade, where in told(found)] == expected
