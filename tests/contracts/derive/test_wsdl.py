"""What is derived of a WSDL: operations, bindings, and schemas that hold what an operation reaches and no more."""

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from lxml import etree
from wsdl_samples import ECHO, NAMESPACE, Op, element_op, large_wsdl, schema, wsdl

from contracts.derive.description import OperationDescription, ServiceDescription
from contracts.derive.writing import schema_files
from contracts.derive.wsdl import describe_wsdl, family_of
from contracts.derive.wsdl_documents import Files, gather
from contracts.derive.wsdl_rulings import RulingsFile
from contracts.errors import ContractError
from contracts.model import Content
from contracts.names import DIFFGRAM, SOURCE, XSD
from contracts.schema import Schema
from contracts.sources import Source

Describe = Callable[..., ServiceDescription]


@pytest.fixture
def describe(tmp_path: Path) -> Describe:
    """Describes a WSDL given as text; more files by name stand beside it."""

    def described(text: str | bytes, **files: str) -> ServiceDescription:
        for name, content in files.items():
            path = tmp_path / name.replace("__", "/").replace("_", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_text(content, "utf-8")
        main = tmp_path / "orders.wsdl"
        main.write_bytes(text.encode() if isinstance(text, str) else text)
        return describe_wsdl(str(main), service="orders")

    return described


def written(operation: OperationDescription, folder: Path) -> Schema:
    """An operation's schemas as files, compiled by both validators."""
    folder.mkdir(exist_ok=True)
    for name, text in schema_files(operation.schemas).items():
        (folder / name).write_text(text, "utf-8")
    shapes = [shape for each in operation.bindings for shape in (each.request, each.response)]
    names = [content.type_name for shape in shapes for content in (shape.header, shape.body) if content]
    compiled = Schema(folder, [name for name in names if name])
    assert compiled.fast is not None
    assert compiled.exact is not None
    return compiled


def accepts(schema: Schema, xml: str) -> bool:
    """Whether both validators accept a document; they must be of one mind."""
    root = etree.fromstring(xml)
    verdicts = {schema.fast.validate(root), not list(schema.errors(root))}
    assert len(verdicts) == 1, xml
    return verdicts.pop()


def components(operation: OperationDescription) -> set[str]:
    """The names of the top-level components of an operation's schemas."""
    return {each.get("name", "") for document in operation.schemas for each in document.root}


def only(description: ServiceDescription) -> OperationDescription:
    assert len(description.operations) == 1
    return description.operations[0]


# --- bindings ---


def test_document_literal_operation_has_its_bindings(describe: Describe) -> None:
    operation = only(describe(wsdl(ops=[element_op("Echo")], protocols=("soap", "soap12"))))
    soap11, soap12 = operation.bindings
    assert (soap11.protocol, soap11.method, soap11.path, soap11.soap_action) == (
        "soap11",
        "POST",
        "",
        f"{NAMESPACE}Echo",
    )
    assert (soap11.request_content_type, soap11.response_media_types) == ("text/xml; charset=utf-8", ("text/xml",))
    assert (soap12.protocol, soap12.soap_action) == ("soap12", None)
    assert soap12.request_content_type == "application/soap+xml; charset=utf-8"
    assert {soap11.request.body, soap12.request.body} == {Content(element=f"{{{NAMESPACE}}}Echo")}
    assert {soap11.response.body, soap12.response.body} == {Content(element=f"{{{NAMESPACE}}}EchoResponse")}
    assert (soap11.documented_path, soap11.documented_host) == ("/svc/orders.asmx", "orders.example")


def test_binding_stands_where_its_note_says(describe: Describe) -> None:
    text = wsdl(ops=[element_op("Echo")])
    source = only(describe(text)).bindings[0].source
    assert source.line is not None
    assert source.column is not None
    assert text.split("\n")[source.line - 1][source.column - 1 :].startswith('<operation name="Echo">')


def test_rpc_literal_body_is_a_wrapper_of_unqualified_parts(describe: Describe, tmp_path: Path) -> None:
    op = Op(
        "Add",
        '<part name="a" type="xs:int"/><part name="b" type="t:Kind"/>',
        '<part name="sum" type="xs:long"/>',
        input_body='<{p}:body use="literal" namespace="urn:rpc"/>',
        output_body='<{p}:body use="literal" namespace="urn:rpc"/>',
        style="rpc",
    )
    kind = (
        '<xs:simpleType name="Kind"><xs:restriction base="xs:string"><xs:enumeration value="X"/></xs:restriction>'
        "</xs:simpleType>"
    )
    operation = only(describe(wsdl(schema(kind), [op])))
    assert operation.bindings[0].request.body == Content(element="{urn:rpc}Add")
    assert operation.bindings[0].response.body == Content(element="{urn:rpc}AddResponse")
    compiled = written(operation, tmp_path / "out")
    assert accepts(compiled, '<r:Add xmlns:r="urn:rpc"><a>1</a><b>X</b></r:Add>')
    assert accepts(compiled, '<AddResponse xmlns="urn:rpc"><sum xmlns="">3</sum></AddResponse>')
    assert not accepts(compiled, '<Add xmlns="urn:rpc"><a>1</a><b>X</b></Add>')
    assert not accepts(compiled, '<r:Add xmlns:r="urn:rpc"><a>1</a><b>Y</b></r:Add>')


def test_rpc_encoded_is_refused_by_name_and_the_rest_is_derived(describe: Describe) -> None:
    encoded = Op("Old", '<part name="a" type="xs:int"/>', "", input_body='<{p}:body use="encoded"/>', style="rpc")
    description = describe(wsdl(ops=[encoded, element_op("Echo")]))
    assert [operation.name for operation in description.operations] == ["Echo"]
    assert any("Old over soap11" in str(each) and "SOAP encoding" in str(each) for each in description.cautions)


def test_nothing_but_encoded_operations_is_an_error_that_names_them(describe: Describe) -> None:
    encoded = Op("Old", '<part name="a" type="xs:int"/>', "", input_body='<{p}:body use="encoded"/>', style="rpc")
    with pytest.raises(ValueError, match=r"nothing can be derived.*Old over soap11 is left out.*SOAP encoding"):
        describe(wsdl(ops=[encoded]))


def test_one_way_operation_is_accepted_without_an_answer(describe: Describe) -> None:
    one_way = Op("Echo", '<part name="p" element="t:Echo"/>', None)
    binding = only(describe(wsdl(ops=[one_way]))).bindings[0]
    assert (binding.status_code, binding.response.body, binding.response_media_types) == (202, Content(), ())


def test_answer_without_parts_is_an_empty_body(describe: Describe) -> None:
    binding = only(describe(wsdl(ops=[Op("Tell", '<part name="p" element="t:Echo"/>', "")]))).bindings[0]
    assert (binding.response.body, binding.status_code) == (Content(), 200)


def test_request_without_parts_is_an_empty_body(describe: Describe, tmp_path: Path) -> None:
    operation = only(describe(wsdl(ops=[Op("Ping", "", '<part name="p" element="t:EchoResponse"/>')])))
    body = operation.bindings[0].request.body
    compiled = written(operation, tmp_path / "out")
    assert accepts(compiled, f"<{compiled.wrapper(body.type_name or '')}/>")
    assert not accepts(compiled, f"<{compiled.wrapper(body.type_name or '')}><a/></{compiled.wrapper('RequestBody')}>")


def test_several_parts_are_children_of_the_body(describe: Describe, tmp_path: Path) -> None:
    both = Op("Two", '<part name="a" element="t:Echo"/><part name="b" element="t:EchoResponse"/>', "")
    operation = only(describe(wsdl(ops=[both])))
    body = operation.bindings[0].request.body
    assert body == Content(type_name="RequestBody")
    compiled = written(operation, tmp_path / "out")
    wrapper = compiled.wrapper("RequestBody")
    inner = f'<Echo xmlns="{NAMESPACE}"><count>1</count></Echo><EchoResponse xmlns="{NAMESPACE}"/>'
    assert accepts(compiled, f"<{wrapper}>{inner}</{wrapper}>")
    assert not accepts(compiled, f"<{wrapper}><Echo xmlns='{NAMESPACE}'><count>1</count></Echo></{wrapper}>")


def test_part_attribute_chooses_what_the_body_holds(describe: Describe) -> None:
    chosen = Op(
        "Pick",
        '<part name="a" element="t:Echo"/><part name="b" element="t:EchoResponse"/>',
        "",
        input_body='<{p}:body use="literal" parts="b"/>',
    )
    assert only(describe(wsdl(ops=[chosen]))).bindings[0].request.body == Content(
        element=f"{{{NAMESPACE}}}EchoResponse"
    )


def test_document_part_of_a_type_is_refused_by_name(describe: Describe) -> None:
    typed = Op("Typed", '<part name="body" type="xs:string"/>', "")
    with pytest.raises(ValueError, match="part 'body' is of a type"):
        describe(wsdl(ops=[typed]))


def test_headers_are_blocks_in_any_order(describe: Describe, tmp_path: Path) -> None:
    header = "".join(f'<{{p}}:header message="t:Heads" part="{each}" use="literal"/>' for each in ("key", "hop"))
    op = element_op(
        "Echo", input_body=header + '<{p}:body use="literal"/>', output_body='<{p}:body use="literal"/>' + header
    )
    heads = '<xs:element name="Key" type="xs:string"/><xs:element name="Hop" type="xs:int"/>'
    messages = '<message name="Heads"><part name="key" element="t:Key"/><part name="hop" element="t:Hop"/></message>\n'
    operation = only(describe(wsdl(schema(ECHO + heads), [op], messages=messages)))
    binding = operation.bindings[0]
    assert binding.request.header == Content(type_name="RequestHeader")
    assert binding.response.header == Content(type_name="ResponseHeader")
    compiled = written(operation, tmp_path / "out")
    key, hop = f'<Key xmlns="{NAMESPACE}">k</Key>', f'<Hop xmlns="{NAMESPACE}">1</Hop>'
    request, response = compiled.wrapper("RequestHeader"), compiled.wrapper("ResponseHeader")
    assert accepts(compiled, f"<{request}>{hop}{key}</{request}>")
    assert not accepts(compiled, f"<{request}>{hop}</{request}>")
    assert accepts(compiled, f"<{response}>{hop}</{response}>")
    assert not accepts(compiled, f"<{response}>{hop.replace('1', 'one')}</{response}>")


def test_header_that_names_no_message_is_refused_with_its_place(describe: Describe) -> None:
    op = element_op("Echo", input_body='<{p}:header message="t:None" part="x" use="literal"/><{p}:body use="literal"/>')
    with pytest.raises(ValueError, match="header names a message or part that there is not: 't:None'"):
        describe(wsdl(ops=[op]))


def test_declared_faults_bring_their_details(describe: Describe) -> None:
    op = element_op(
        "Echo",
        faults='<fault name="Full" message="t:FullFault"/>',
        bound_faults='<fault name="Full"><{p}:fault name="Full" use="literal"/></fault>',
    )
    detail = '<xs:element name="Full" type="xs:string"/><xs:element name="Unused" type="xs:string"/>'
    messages = '<message name="FullFault"><part name="detail" element="t:Full"/></message>\n'
    operation = only(describe(wsdl(schema(ECHO + detail), [op], messages=messages)))
    assert "Full" in components(operation)
    assert "Unused" not in components(operation)


def test_overloaded_operations_go_by_the_names_of_their_inputs(describe: Describe) -> None:
    first = element_op("Echo", input_name="EchoOnce")
    second = Op("Echo", '<part name="p" element="t:EchoResponse"/>', "", input_name="EchoTwice")
    description = describe(wsdl(ops=[first, second]))
    assert [(each.name, each.bindings[0].soap_action) for each in description.operations] == [
        ("EchoOnce", f"{NAMESPACE}EchoOnce"),
        ("EchoTwice", f"{NAMESPACE}EchoTwice"),
    ]


def test_ports_of_different_paths_share_what_they_have_in_common(describe: Describe) -> None:
    ports = {"soap": "http://orders.example/svc/basic", "soap12": "http://orders.example/svc/v12"}
    operation = only(describe(wsdl(ops=[element_op("Echo")], protocols=("soap", "soap12"), ports=ports)))
    assert [each.path for each in operation.bindings] == ["/basic", "/v12"]


def test_binding_over_another_transport_is_left_out(describe: Describe) -> None:
    text = wsdl(ops=[element_op("Echo")], protocols=("soap", "soap12"))
    text = text.replace(
        '<soap12:binding transport="http://schemas.xmlsoap.org/soap/http"/>', '<soap12:binding transport="urn:jms"/>'
    )
    description = describe(text)
    assert [each.protocol for each in only(description).bindings] == ["soap11"]
    assert any("not over HTTP" in str(each) for each in description.cautions)


# --- HTTP GET and POST ---

FORMS = """<message name="EchoGetIn"><part name="text" type="xs:string"/><part name="count" type="xs:string"/></message>
<message name="EchoGetOut"><part name="Body" element="t:string"/></message>
<portType name="GetPort"><operation name="Echo"><input message="t:EchoGetIn"/><output message="t:EchoGetOut"/>
</operation></portType>
<binding name="httpBinding" type="t:GetPort"><http:binding verb="{verb}"/>
<operation name="Echo"><http:operation location="/Echo"/>
<input>{input}</input><output><mime:mimeXml part="Body"/></output></operation></binding>
"""
GET = FORMS.format(verb="GET", input="<http:urlEncoded/>")
POST = FORMS.format(verb="POST", input='<mime:content type="application/x-www-form-urlencoded"/>')
STRING = '<xs:element name="string" type="xs:string" nillable="true"/>'
ADDRESS = "http://orders.example/svc/orders.asmx"


@pytest.mark.parametrize("more, protocol, method", [(GET, "http_get", "GET"), (POST, "http_post", "POST")])
def test_form_parameters_take_their_types_from_soap(
    describe: Describe, tmp_path: Path, more: str, protocol: str, method: str
) -> None:
    text = wsdl(schema(ECHO + STRING), [element_op("Echo")], more=more, ports={"soap": ADDRESS, "http": ADDRESS})
    operation = only(describe(text))
    binding = {each.protocol: each for each in operation.bindings}[protocol]  # type: ignore[index]
    assert (binding.method, binding.path) == (method, "/Echo")
    assert binding.request.body == Content(element=f"{{{NAMESPACE}}}Echo")
    assert binding.response.body == Content(element=f"{{{NAMESPACE}}}string")
    compiled = written(operation, tmp_path / "out")
    assert not accepts(compiled, f'<Echo xmlns="{NAMESPACE}"><count>many</count></Echo>')


def test_form_parameters_alone_have_the_types_of_their_parts(describe: Describe, tmp_path: Path) -> None:
    more = GET.replace('name="count" type="xs:string"', 'name="count" type="xs:short"')
    text = wsdl(schema(STRING), [], more=more, protocols=(), ports={"http": ADDRESS})
    operation = only(describe(text))
    compiled = written(operation, tmp_path / "out")
    assert accepts(compiled, f'<Echo xmlns="{NAMESPACE}"><text>a</text><count>7</count></Echo>')
    assert not accepts(compiled, f'<Echo xmlns="{NAMESPACE}"><text>a</text><count>70000</count></Echo>')


def test_array_over_a_form_is_a_repeated_parameter(describe: Describe, tmp_path: Path) -> None:
    array = (
        '<xs:complexType name="Texts"><xs:sequence><xs:element name="string" type="xs:string" minOccurs="0" '
        'maxOccurs="unbounded"/></xs:sequence></xs:complexType>'
    )
    more = GET.replace('<part name="text" type="xs:string"/>', '<part name="text" type="t:Texts"/>')
    operation = only(describe(wsdl(schema(array + STRING), [], more=more, protocols=(), ports={"http": ADDRESS})))
    compiled = written(operation, tmp_path / "out")
    assert accepts(compiled, f'<Echo xmlns="{NAMESPACE}"><text>a</text><text>b</text><count>7</count></Echo>')


MICROSOFT = "http://microsoft.com/wsdl/types/"
SPELLED = (
    f'<xs:element name="Echo" xmlns:m="{MICROSOFT}"><xs:complexType><xs:sequence>'
    '<xs:element name="text" type="m:char"/><xs:element name="count" type="xs:base64Binary" minOccurs="0"/>'
    '</xs:sequence></xs:complexType></xs:element><xs:element name="EchoResponse"/>'
)
CHAR = '<xs:simpleType name="char"><xs:restriction base="xs:unsignedShort"/></xs:simpleType>'


def test_characters_and_bytes_stand_otherwise_in_a_form_than_in_xml(describe: Describe, tmp_path: Path) -> None:
    types = schema(SPELLED + STRING) + schema(CHAR, namespace=MICROSOFT)
    text = wsdl(types, [element_op("Echo")], more=GET, ports={"soap": ADDRESS, "http": ADDRESS})
    operation = only(describe(text))
    form = {each.protocol: each for each in operation.bindings}["http_get"].request.body
    assert form == Content(element=f"{{{NAMESPACE}}}EchoParameters")
    compiled = written(operation, tmp_path / "out")
    there = f'<EchoParameters xmlns="{NAMESPACE}"><text>{{}}</text>{{}}</EchoParameters>'
    assert accepts(compiled, there.format("a", "<count>1</count><count>255</count>"))
    assert not accepts(compiled, there.format("65", ""))
    assert not accepts(compiled, there.format("a", "<count>AQID</count>"))
    assert accepts(compiled, f'<Echo xmlns="{NAMESPACE}"><text>65</text><count>AQID</count></Echo>')


def test_operations_of_two_port_types_are_two(describe: Describe) -> None:
    more = (
        '<portType name="Other"><operation name="Echo"><input message="t:OtherIn"/></operation></portType>\n'
        '<message name="OtherIn"><part name="p" element="t:EchoResponse"/></message>\n'
        '<binding name="otherBinding" type="t:Other"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>'
        '<operation name="Echo"><input><soap:body use="literal"/></input></operation></binding>'
    )
    port = '<port name="O" binding="t:otherBinding"><soap:address location="http://orders.example/other"/></port>'
    description = describe(wsdl(ops=[element_op("Echo")], more=more).replace("</service>", f"{port}</service>"))
    found = {each.name: each.bindings[0].request.body.element for each in description.operations}
    assert found == {"Echo": f"{{{NAMESPACE}}}Echo", "Echo.Other": f"{{{NAMESPACE}}}EchoResponse"}
    assert [each.bindings[0].path for each in description.operations] == ["/svc/orders.asmx", "/other"]


def test_parameters_in_the_path_are_refused_by_name(describe: Describe) -> None:
    more = GET.replace("<http:urlEncoded/>", "<http:urlReplacement/>")
    with pytest.raises(ValueError, match="parameters are bound as urlReplacement"):
        describe(wsdl(schema(STRING), [], more=more, protocols=(), ports={"http": ADDRESS}))


# --- schemas ---


def test_slice_holds_what_the_operation_reaches_and_no_more(describe: Describe) -> None:
    description = describe(large_wsdl(12))
    for n, operation in enumerate(description.operations):
        assert components(operation) == {"Base", "Address", f"Kind{n}", f"Order{n}", f"Op{n}", f"Op{n}Response"}


SHAPES = """<xs:complexType name="Shape"><xs:sequence><xs:element name="name" type="xs:string"/></xs:sequence>
</xs:complexType>
<xs:complexType name="Circle"><xs:complexContent><xs:extension base="t:Shape"><xs:sequence>
<xs:element name="radius" type="xs:double"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>
<xs:complexType name="Square"><xs:complexContent><xs:extension base="t:Shape"/></xs:complexContent></xs:complexType>
<xs:element name="Draw" type="t:Shape"/><xs:element name="DrawResponse" type="t:Circle"/>
<xs:element name="Roll" type="t:Circle"/><xs:element name="RollResponse" type="t:Circle"/>
"""


def test_types_that_an_instance_may_name_come_along(describe: Describe, tmp_path: Path) -> None:
    draw, roll = describe(wsdl(schema(SHAPES), [element_op("Draw"), element_op("Roll")])).operations
    assert {"Circle", "Square"} <= components(draw)
    compiled = written(draw, tmp_path / "out")
    xsi = "http://www.w3.org/2001/XMLSchema-instance"
    circle = f'<Draw xmlns="{NAMESPACE}" xmlns:i="{xsi}" i:type="Circle"><name>a</name><radius>1.5</radius></Draw>'
    assert accepts(compiled, circle)
    assert "Square" not in components(roll), "a base is no declared type: what else extends it is not reached"


def test_members_of_a_substitution_group_come_along(describe: Describe, tmp_path: Path) -> None:
    group = (
        '<xs:element name="Pay" type="xs:string" abstract="true"/>'
        '<xs:element name="Card" type="xs:string" substitutionGroup="t:Pay"/>'
        '<xs:element name="Order"><xs:complexType><xs:sequence><xs:element ref="t:Pay"/></xs:sequence></xs:complexType>'
        '</xs:element><xs:element name="OrderResponse" type="xs:string"/>'
    )
    operation = only(describe(wsdl(schema(group), [element_op("Order")])))
    compiled = written(operation, tmp_path / "out")
    assert accepts(compiled, f'<Order xmlns="{NAMESPACE}"><Card>1</Card></Order>')


@pytest.mark.parametrize("form", ["qualified", "unqualified"])
def test_form_defaults_of_a_schema_are_kept(describe: Describe, tmp_path: Path, form: str) -> None:
    operation = only(describe(wsdl(schema(ECHO, f'elementFormDefault="{form}"'), [element_op("Echo")])))
    compiled = written(operation, tmp_path / "out")
    qualified = accepts(compiled, f'<Echo xmlns="{NAMESPACE}"><count>1</count></Echo>')
    unqualified = accepts(compiled, f'<t:Echo xmlns:t="{NAMESPACE}"><count>1</count></t:Echo>')
    assert (qualified, unqualified) == (form == "qualified", form == "unqualified")


def test_constructs_of_every_kind_survive_slicing(describe: Describe, tmp_path: Path) -> None:
    every = """<xs:attribute name="lang" type="xs:language"/>
<xs:attributeGroup name="Marks"><xs:attribute ref="t:lang"/><xs:attribute ref="xml:lang"/>
<xs:attribute name="n" type="xs:int" use="required"/></xs:attributeGroup>
<xs:group name="Pair"><xs:choice><xs:element name="a" type="xs:int"/><xs:element name="b" type="t:Sizes"/></xs:choice>
</xs:group>
<xs:simpleType name="Size"><xs:restriction base="xs:token"><xs:enumeration value="S"/><xs:enumeration value="L"/>
</xs:restriction></xs:simpleType>
<xs:simpleType name="Sizes"><xs:list itemType="t:Size"/></xs:simpleType>
<xs:simpleType name="Either"><xs:union memberTypes="t:Size xs:int"/></xs:simpleType>
<xs:complexType name="Money"><xs:simpleContent><xs:extension base="xs:decimal"><xs:attributeGroup ref="t:Marks"/>
</xs:extension></xs:simpleContent></xs:complexType>
<xs:element name="All"><xs:complexType><xs:sequence><xs:group ref="t:Pair" maxOccurs="2"/>
<xs:element name="money" type="t:Money" minOccurs="0"/><xs:element name="either" type="t:Either"/>
<xs:any minOccurs="0" namespace="##other"/></xs:sequence></xs:complexType>
<xs:unique name="OneA"><xs:selector xpath="t:a"/><xs:field xpath="."/></xs:unique></xs:element>
<xs:element name="AllResponse" type="t:Money"/>"""
    operation = only(describe(wsdl(schema(every), [element_op("All")])))
    compiled = written(operation, tmp_path / "out")
    good = (
        f'<All xmlns="{NAMESPACE}"><a>1</a><b>S L</b><money n="1" xml:lang="en">2.5</money><either>L</either>'
        '<x xmlns="urn:o"/></All>'
    )
    assert accepts(compiled, good)
    for wrong in (
        good.replace("S L", "S M"),
        good.replace(' n="1"', ""),
        good.replace("<either>L</either>", "<either>x</either>"),
        good.replace("<b>S L</b>", "<a>1</a>"),  # both a's alike: the unique constraint
    ):
        assert not accepts(compiled, wrong), wrong


def test_every_note_leads_to_its_component(describe: Describe) -> None:
    text = large_wsdl(2)
    lines = text.split("\n")
    for operation in describe(text).operations:
        for document in operation.schemas:
            for element in document.root.iter(f"{{{XSD}}}*"):
                note = element.get(f"{{{SOURCE}}}at")
                if note is not None:
                    source = Source.of(note)
                    assert source.document == "../service.wsdl"
                    assert source.line is not None
                    assert source.column is not None
                    there = lines[source.line - 1][source.column - 1 :]
                    named = element.get("name") or element.get("value")
                    assert re.match(rf'<xs:{etree.QName(element).localname} (name|value)="{named}"', there), note


def test_strict_wildcards_become_lax_because_a_slice_holds_few_declarations(describe: Describe, tmp_path: Path) -> None:
    wild = (
        '<xs:element name="W"><xs:complexType><xs:sequence><xs:any/></xs:sequence></xs:complexType></xs:element>'
        '<xs:element name="WResponse" type="xs:int"/>'
    )
    operation = only(describe(wsdl(schema(wild), [element_op("W")])))
    assert accepts(written(operation, tmp_path / "out"), f'<W xmlns="{NAMESPACE}"><other xmlns="urn:x">1</other></W>')


DATASET = (
    '<xs:element name="Rows"><xs:complexType/></xs:element>'
    '<xs:element name="RowsResponse"><xs:complexType><xs:sequence>'
    '<xs:element name="RowsResult" minOccurs="0"><xs:complexType><xs:sequence><xs:element ref="xs:schema"/><xs:any/>'
    "</xs:sequence></xs:complexType></xs:element></xs:sequence></xs:complexType></xs:element>"
)


def test_dataset_is_a_schema_and_a_diffgram(describe: Describe, tmp_path: Path) -> None:
    operation = only(describe(wsdl(schema(DATASET), [element_op("Rows")])))
    assert [each.check for each in operation.requirements] == [
        "payload_root",
        "payload_schema",
        "dataset_shape",
        "dataset_schema",
        "dataset_data",
    ]
    compiled = written(operation, tmp_path / "out")
    inline = f'<xs:schema xmlns:xs="{XSD}"/><d:diffgram xmlns:d="{DIFFGRAM}"/>'
    assert accepts(compiled, f'<RowsResponse xmlns="{NAMESPACE}"><RowsResult>{inline}</RowsResult></RowsResponse>')


def test_requirement_ids_stay_when_operations_are_added(describe: Describe) -> None:
    few = [each.id for op in describe(large_wsdl(2)).operations for each in op.requirements]
    many = [each.id for op in describe(large_wsdl(4)).operations for each in op.requirements]
    assert few == many[: len(few)]


def test_describing_twice_gives_the_same_files(describe: Describe) -> None:
    def files(description: ServiceDescription) -> list[Mapping[str, str]]:
        return [schema_files(each.schemas) for each in description.operations]

    assert files(describe(large_wsdl(3))) == files(describe(large_wsdl(3)))


def test_leaves_of_a_request_are_listed_by_path(describe: Describe) -> None:
    operation = describe(large_wsdl(1)).operations[0]
    assert [(each.path, each.type_name) for each in operation.leaves] == [
        ("order/id", "int"),
        ("order/m0", "string"),
        ("order/m1", "long"),
        ("order/m2", "dateTime"),
        ("order/m3", "boolean"),
        ("order/m4", "decimal"),
        ("order/kind", "Kind0"),
        ("order/address/street", "string"),
        ("order/address/town", "string"),
    ]


def test_leaves_of_a_recursive_request_end(describe: Describe) -> None:
    node = (
        '<xs:complexType name="Node"><xs:sequence><xs:element name="label" type="xs:string"/>'
        '<xs:element name="next" type="t:Node" minOccurs="0"/></xs:sequence></xs:complexType>'
        '<xs:element name="Walk" type="t:Node"/><xs:element name="WalkResponse" type="t:Node"/>'
    )
    operation = only(describe(wsdl(schema(node), [element_op("Walk")])))
    assert [each.path for each in operation.leaves] == ["label"]


# --- families ---


@pytest.mark.parametrize(
    "extra, family",
    [
        ('xmlns:tm="http://microsoft.com/wsdl/mime/textMatching/"', "asmx"),
        ('xmlns:ss="http://schemas.servicestack.net/types"', "servicestack"),
        ("", "narrative"),
    ],
)
def test_family_is_told_by_what_the_wsdl_declares(tmp_path: Path, extra: str, family: str) -> None:
    file = tmp_path / "a.wsdl"
    file.write_text(wsdl(ops=[element_op("Echo")]).replace("<definitions ", f"<definitions {extra} "), "utf-8")
    assert family_of(gather(str(file), Files())) == family


# --- rulings ---

RULINGS = """
[[operation]]
name = "Echo"
effect = "read"
does = "has a text sent back"
{more}
"""
PROMISE = """
[[operation.requirement]]
slug = "no-secrets"
level = "must"
basis = "inferred"
at.{protocol} = "../service.wsdl:30:1"
sends = "invalid_credentials"
requires = "a stranger gets nothing"
accepts = ["a fault"]
reason = "Nobody would have it otherwise."
"""


def component(path: str, said: str) -> str:
    """A ruling on an element."""
    return f'[[operation.component]]\npath = "{path}"\n{said}\nreason = "r"\n'


def rulings(folder: Path, more: str) -> RulingsFile:
    """A service's file with one operation."""
    text = RULINGS.format(more=more)
    return RulingsFile(tomllib.loads(text), folder / "service.toml", text)


def test_rulings_add_words_and_promises(tmp_path: Path) -> None:
    file = tmp_path / "a.wsdl"
    file.write_text(wsdl(ops=[element_op("Echo")]), "utf-8")
    own = rulings(tmp_path, PROMISE.format(protocol="soap11"))
    operation = only(describe_wsdl(str(file), service="orders", rulings=own))
    assert {each.does for each in operation.requirements} == {"has a text sent back"}
    added = operation.requirements[-1]
    assert (added.id, added.sends, added.at["soap11"].line) == ("orders/Echo/no-secrets", "invalid_credentials", 30)


@pytest.mark.parametrize(
    "more, said",
    [
        (PROMISE.format(protocol="soap12"), "requirement: names a binding that the WSDL lacks (found 'soap12')"),
        (component("title", "nillable = true"), "component.path: no such element in any message (found 'title')"),
        (component("text", 'nillable = true\nmessages = ["response"]'), "component.path: no such element in response"),
        (component("text", 'type = "colour"'), "component.type: is no type that is known (found 'colour')"),
        (component("text", "min_occurs = 2"), "component: min_occurs is more than max_occurs (found 2)"),
    ],
)
def test_ruling_that_cannot_hold_is_an_error_with_its_line(tmp_path: Path, more: str, said: str) -> None:
    file = tmp_path / "a.wsdl"
    file.write_text(wsdl(ops=[element_op("Echo")]), "utf-8")
    with pytest.raises(ContractError) as caught:
        describe_wsdl(str(file), service="orders", rulings=rulings(tmp_path, more))
    assert said in str(caught.value)
    assert caught.value.place.line is not None


NESTED = schema(
    '<xs:complexType name="Base"><xs:sequence><xs:element name="id" type="xs:string"/></xs:sequence></xs:complexType>'
    '<xs:complexType name="Line"><xs:complexContent><xs:extension base="t:Base"><xs:sequence>'
    '<xs:element ref="t:state"/></xs:sequence></xs:extension></xs:complexContent></xs:complexType>'
    '<xs:element name="state" type="xs:string"/>'
    '<xs:element name="Echo"><xs:complexType><xs:sequence><xs:element name="line" type="t:Line"/></xs:sequence>'
    '</xs:complexType></xs:element><xs:element name="EchoResponse" type="xs:string"/>'
)


@pytest.mark.parametrize(
    "path, said, taken, refused",
    [
        (
            "line/id",
            'type = "int"',
            "<line><id>5</id><state>a</state></line>",
            "<line><id>a</id><state>a</state></line>",
        ),
        ("line/id", "min_occurs = 0", "<line><state>a</state></line>", "<line><id>5</id></line>"),
        (
            "line/state",
            'values = ["a", "b"]',
            "<line><id>5</id><state>b</state></line>",
            "<line><id/><state>c</state></line>",
        ),
        (
            "line/state",
            'max_occurs = "unbounded"',
            "<line><id/><state>a</state><state>b</state></line>",
            "<line><id/></line>",
        ),
        ("line", "nillable = true", '<line xsi:nil="true"/>', "<line/>"),
        ("line", 'type = "any"', "<line><other/></line>", "<lines/>"),
    ],
)
def test_ruling_on_an_element_of_a_wsdl_holds(tmp_path: Path, path: str, said: str, taken: str, refused: str) -> None:
    file = tmp_path / "a.wsdl"
    file.write_text(wsdl(NESTED, ops=[element_op("Echo")]), "utf-8")
    own = rulings(tmp_path, component(path, said))
    compiled = written(only(describe_wsdl(str(file), service="orders", rulings=own)), tmp_path / "out")
    holding = f'<Echo xmlns="{NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{{}}</Echo>'
    assert accepts(compiled, holding.format(taken))
    assert not accepts(compiled, holding.format(refused))


@pytest.mark.parametrize("said, basis", [('type = "string"', None), ('type = "token"', "inferred")])
def test_ruling_that_repeats_the_wsdl_leaves_it_documented(tmp_path: Path, said: str, basis: str | None) -> None:
    file = tmp_path / "a.wsdl"
    file.write_text(wsdl(ops=[element_op("Echo")]), "utf-8")
    operation = only(describe_wsdl(str(file), service="orders", rulings=rulings(tmp_path, component("text", said))))
    found = [
        each for one in operation.schemas for each in one.root.iter(f"{{{XSD}}}element") if each.get("name") == "text"
    ]
    assert [each.get(f"{{{SOURCE}}}type-basis") for each in found] == [basis]


def test_values_that_are_none_of_the_ruled_type_are_an_error_in_a_wsdl_too(tmp_path: Path) -> None:
    file = tmp_path / "a.wsdl"
    file.write_text(wsdl(ops=[element_op("Echo")]), "utf-8")
    more = component("text", 'type = "int"\nvalues = ["1", "two"]')
    with pytest.raises(ContractError, match=r"component\.values: is no int, the type of text \(found 'two'\)"):
        describe_wsdl(str(file), service="orders", rulings=rulings(tmp_path, more))
