"""Paths of rulings lead to what the contract's messages have, or are errors with their line."""

from dataclasses import replace
from pathlib import Path

import pytest

from contracts.documents import parse_document
from contracts.errors import ContractError
from contracts.loader import SERVICES, load_services
from contracts.model import Content, MessageShape
from contracts.names import XSD
from contracts.ruled_paths import require_agreeing, require_leading
from contracts.schema import Schema

SCHEMA = f"""<xs:schema xmlns:xs="{XSD}" xmlns="urn:s" targetNamespace="urn:s" elementFormDefault="qualified">
  <xs:element name="Ask"><xs:complexType><xs:sequence>
    <xs:element name="page" type="xs:int"/><xs:element name="filter" type="Filter"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:element name="Answer"><xs:complexType><xs:sequence>
    <xs:element name="items"><xs:complexType><xs:sequence>
      <xs:element ref="item"/>
    </xs:sequence></xs:complexType></xs:element>
    <xs:element name="extra"/>
    <xs:group ref="rest"/>
  </xs:sequence></xs:complexType></xs:element>
  <xs:group name="rest"><xs:choice><xs:element name="token" type="xs:string"/><xs:sequence>
    <xs:element name="note"><xs:complexType><xs:sequence><xs:any/></xs:sequence></xs:complexType></xs:element>
  </xs:sequence></xs:choice></xs:group>
  <xs:element name="item" type="Item"/>
  <xs:element name="special" type="Item" substitutionGroup="item"/>
  <xs:complexType name="Base"><xs:sequence><xs:element name="id" type="xs:int"/></xs:sequence></xs:complexType>
  <xs:complexType name="Item"><xs:complexContent><xs:extension base="Base"><xs:sequence>
    <xs:element name="start" type="xs:dateTime"/>
  </xs:sequence></xs:extension></xs:complexContent></xs:complexType>
  <xs:complexType name="Filter"><xs:sequence>
    <xs:element name="inner" type="Filter" minOccurs="0"/>
  </xs:sequence></xs:complexType>
  <xs:complexType name="Wide"><xs:complexContent><xs:extension base="Filter"><xs:sequence>
    <xs:element name="width" type="xs:int"/>
  </xs:sequence></xs:extension></xs:complexContent></xs:complexType>
</xs:schema>"""
HEAD = 'format = 1\nservice = "s"\ntitle = "S"\nfamily = "asmx"\n\n[[operation]]\nname = "Ask"\neffect = "read"\n'
RELATION = (
    '[[operation.relation]]\nkind = "{kind}"\nid = "s/Ask/r"\nlevel = "must"\nbasis = "inferred"\nat = "1:1"\n'
    'does = "d"\n'
    'requires = "r"\naccepts = ["a"]\nreason = "z"\n{keys}\n'
)


def relation(kind: str, **keys: object) -> str:
    lines = "\n".join(f"{key} = {str(value).replace(chr(39), chr(34))!s}" for key, value in keys.items())
    return RELATION.format(kind=kind, keys=lines)


def leading(tmp_path: Path, rows: str) -> None:
    """Holds rulings against an operation of our own; its bindings are a shipped one's with other contents."""
    (tmp_path / "schema.xsd").write_text(SCHEMA, "utf-8")
    (binding, *_) = load_services()["utws"].operations["logsAvailable"].bindings
    asked, answered = (MessageShape(Content(element=f"{{urn:s}}{name}")) for name in ("Ask", "Answer"))
    mine = replace(binding, request=asked, response=answered)
    text = HEAD + rows
    row = parse_document(text, Path("service.toml"), "service")["operation"][0]
    require_leading(Path("service.toml"), text, 0, row, Schema(tmp_path), [mine])


SECRET = '[[operation.secret]]\npath = "{}"\nreason = "r"\n'
LEAF = '[[operation.leaf]]\npath = "{}"\nvalue = "1"\nreason = "r"\n'
ERROR = '[[operation.business_error]]\nkind = "filled"\npath = "{}"\nreason = "r"\n'
CODE = '[[operation.business_error]]\nkind = "fault_code"\npath = "{}"\ntext_path = "{}"\nreason = "r"\n'
IN_ITEMS = {"response_items": "'items/item'"}


@pytest.mark.parametrize("rows", [
    SECRET.format("token"), SECRET.format("page"), SECRET.format("extra/whatever/there"), SECRET.format("note/x"),
    SECRET.format("items/item/id"), SECRET.format("items/special/start"), SECRET.format("detail/Token"),
    LEAF.format("filter/inner/inner/inner"), LEAF.format("filter/width"), ERROR.format("token"),
    CODE.format("faultcode", "faultstring"), 'success_needs = "items/item/start"\n',
    relation("within", member="'start'", lower="'page'", **IN_ITEMS),
    relation("equals", request_leaf="'page'", response_leaf="'token'"),
])  # fmt: skip
def test_path_that_leads_somewhere_is_taken(rows: str, tmp_path: Path) -> None:
    leading(tmp_path, rows)


@pytest.mark.parametrize("rows, line, said", [
    (SECRET.format("tokne"), 10, "secret.0.path: no such element in any message"),
    (SECRET.format("items/item/tokne"), 10, "below items/item is id, start"),
    (SECRET.format("token") + SECRET.format("page/x"), 13, "below page is nothing"),
    (LEAF.format("token"), 10, "leaf.0.path: no such element in any request"),
    (LEAF.format("detail"), 10, "no such element in any request"),
    (ERROR.format("page"), 11, "business_error.0.path: no such element in any answer"),
    (CODE.format("faultcode", "text"), 12, "business_error.0.text_path"),
    ('success_needs = "page"\n', 9, "success_needs: no such element in any answer"),
    (relation("equals", request_leaf="'token'", response_leaf="'token'"), 19, "relation.0.request_leaf"),
    (relation("equals", request_leaf="'page'", response_leaf="'page'"), 20, "relation.0.response_leaf"),
    (relation("at_most", request_leaf="'page'", response_items="'items/itme'"), 20, "relation.0.response_items"),
    (relation("within", member="'strat'", lower="'page'", **IN_ITEMS), 19, "relation.0.member"),
    (relation("within", member="'start'", upper="'tpage'", **IN_ITEMS), 20, "relation.0.upper"),
    (relation("within", member="'start'", lower="'tpage'", **IN_ITEMS), 20, "relation.0.lower"),
    (relation("ordered", first="'start'", then="'end'", **IN_ITEMS), 20, "relation.0.then"),
    (relation("ordered", first="'begin'", then="'start'", **IN_ITEMS), 19, "relation.0.first"),
    (relation("echo", request_items="'filter/inner'", members="['width', 'id']", response_items="'items/item'"), 20,
     "relation.0.members"),
    (relation("monotonic", narrower="['page', 'pgae']", **IN_ITEMS), 19, "relation.0.narrower"),
    (relation("pages", page="'page'", size="'size'", **IN_ITEMS), 20, "relation.0.size"),
    (relation("pages", page="'pages'", size="'page'", **IN_ITEMS), 19, "relation.0.page"),
    (relation("pages", page="'page'", size="'page'", page_count="'count'", **IN_ITEMS), 21, "relation.0.page_count"),
])  # fmt: skip
def test_path_that_leads_nowhere_is_an_error_with_its_line(rows: str, line: int, said: str, tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        leading(tmp_path, rows)
    assert said in str(caught.value)
    assert caught.value.place.line == line


def test_shipped_services_name_what_is_there() -> None:
    assert len(load_services(SERVICES)) == 5


COMPONENT = '[[operation.component]]\npath = "filter"\n{}\nreason = "r"\n'


@pytest.mark.parametrize("rows, line, said", [
    (LEAF.format("page") + LEAF.format("page"), 14, "leaf.1.path: contradicts the ruling on page in line 10"),
    (COMPONENT.format('type = "int"') + COMPONENT.format('type = "long"'), 15, "component.1.type: contradicts"),
    (COMPONENT.format('values = ["1"]') + COMPONENT.format('type = "int"'), 15, "on filter in line 10 (found 'int')"),
    (COMPONENT.format("open = true") + COMPONENT.format('values = ["1"]'), 15, "component.1.values"),
    (COMPONENT.format("nillable = true") + COMPONENT.format("nillable = false"), 15, "component.1.nillable"),
    (COMPONENT.format("min_occurs = 0") + COMPONENT.format("min_occurs = 1"), 15, "component.1.min_occurs"),
])  # fmt: skip
def test_rulings_of_which_one_alone_can_hold_are_an_error_with_both_lines(rows: str, line: int, said: str) -> None:
    with pytest.raises(ContractError) as caught:
        agreeing(rows)
    assert said in str(caught.value)
    assert caught.value.place.line == line


@pytest.mark.parametrize("rows", [
    COMPONENT.format('messages = ["request"]\ntype = "int"') + COMPONENT.format('messages = ["error"]\ntype = "long"'),
    COMPONENT.format('type = "int"') + COMPONENT.format('values = ["1"]'),
    COMPONENT.format("min_occurs = 0") + COMPONENT.format("max_occurs = 1") + COMPONENT.format("min_occurs = 0"),
])  # fmt: skip
def test_rulings_that_add_to_each_other_agree(rows: str) -> None:
    agreeing(rows)


def agreeing(rows: str) -> None:
    text = HEAD + rows
    row = parse_document(text, Path("service.toml"), "service")["operation"][0]
    require_agreeing(Path("service.toml"), text, 0, row)
