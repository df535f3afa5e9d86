"""Bad and awkward WSDLs: one clear message each, that says where and what; what can be derived of the rest is."""

from pathlib import Path

import pytest
from wsdl_samples import ECHO, HEAD, NAMESPACE, SOAP11, Op, element_op, large_wsdl, schema, wsdl

from contracts.derive.description import ServiceDescription
from contracts.derive.writing import contract_files, schema_files
from contracts.derive.wsdl import describe_wsdl
from contracts.errors import ContractError
from contracts.schema import Schema

ECHO_WSDL = wsdl(ops=[element_op("Echo")])


def described(folder: Path, files: dict[str, str | bytes]) -> ServiceDescription:
    """What the first of some files describes."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    return describe_wsdl(str(folder / next(iter(files))), service="orders")


def refusal(folder: Path, content: str | bytes) -> str:
    """The message about a WSDL that yields nothing, without the folder's name."""
    with pytest.raises(ContractError) as caught:
        described(folder, {"a.wsdl": content})
    assert "\n" not in str(caught.value)
    return str(caught.value).replace(f"{folder}/", "")


@pytest.mark.parametrize(
    "content, said",
    [
        (b"", "a.wsdl: is empty"),
        (b" \n ", "a.wsdl: is empty"),
        (b"<!DOCTYPE html>\n<html><body>hello</body></html>", "a.wsdl: is an HTML page, not a WSDL"),
        (b"\xef\xbb\xbf<HTML></HTML>", "a.wsdl: is an HTML page, not a WSDL"),
        (b"not xml at all", "a.wsdl:1: is not well-formed XML: syntax error, column 1"),
        (b"<definitions>\n<types>\n</definitions>", "a.wsdl:3: is not well-formed XML: mismatched tag, column 3"),
        (b"<a/>", "a.wsdl:1: is no WSDL (found 'a')"),
        (b"<?xml version='1.0' encoding='nonsense'?><a/>", "a.wsdl:1: declares an encoding that nobody knows"),
        (
            b"<description xmlns='http://www.w3.org/ns/wsdl'/>",
            "a.wsdl:1: is WSDL 2.0, of which nothing is derived: only WSDL 1.1 is read",
        ),
        (
            b"<xs:schema xmlns:xs='http://www.w3.org/2001/XMLSchema'/>",
            "a.wsdl:1: is an XML Schema, which has no operations",
        ),
        (
            b"<definitions xmlns='http://schemas.xmlsoap.org/wsdl/'/>",
            "a.wsdl: has no binding: nothing says how its operations are called",
        ),
    ],
)
def test_what_is_no_wsdl_is_told_in_one_line(tmp_path: Path, content: bytes, said: str) -> None:
    assert refusal(tmp_path, content).startswith(said)


@pytest.mark.parametrize("declared", ["<!ENTITY x 'y'>", "<!ENTITY x SYSTEM 'file:///etc/hostname'>", ""])
def test_document_type_declaration_is_refused_with_its_line(tmp_path: Path, declared: str) -> None:
    head, rest = ECHO_WSDL.split("\n", 1)
    said = refusal(tmp_path, f"{head}\n<!DOCTYPE definitions [{declared}]>\n{rest}")
    assert said.startswith("a.wsdl:2: has a document type declaration, which is never read")


def test_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(ContractError, match=r"none\.wsdl: cannot be read: No such file"):
        describe_wsdl(str(tmp_path / "none.wsdl"), service="orders")


def test_port_type_without_operations_in_the_binding_yields_nothing(tmp_path: Path) -> None:
    assert "nothing can be derived from it: it has no operation" in refusal(tmp_path, wsdl(ops=[]))


# --- imports ---

ABSTRACT = (
    f'<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:t="{NAMESPACE}" targetNamespace="{NAMESPACE}">\n'
    '<import namespace="urn:types" location="types.xsd"/>\n'
    "<types>{types}</types>\n"
    '<message name="EchoIn"><part name="p" element="t:Echo"/></message>\n'
    '<message name="EchoOut"><part name="p" element="t:EchoResponse"/></message>\n'
    '<portType name="Port"><operation name="Echo"><input message="t:EchoIn"/><output message="t:EchoOut"/></operation>'
    "</portType></definitions>"
)
CONCRETE = (
    '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:a="http://orders.example/" xmlns:b="urn:binding" '
    f'xmlns:soap="{SOAP11}" targetNamespace="urn:binding">\n'
    '<import namespace="http://orders.example/" location="abstract/port.wsdl"/>\n'
    '<binding name="B" type="a:Port"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>\n'
    '<operation name="Echo"><soap:operation soapAction="echo"/><input><soap:body use="literal"/></input>\n'
    '<output><soap:body use="literal"/></output></operation></binding>\n'
    '<service name="S"><port name="P" binding="b:B"><soap:address location="http://o.example/s"/></port></service>\n'
    "</definitions>"
)
XSD_HEAD = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"'
IMPORTING = (
    f'{XSD_HEAD} xmlns:u="urn:types" targetNamespace="{NAMESPACE}"><xs:import namespace="urn:types"/>'
    '<xs:include schemaLocation="../chameleon.xsd"/>'
    '<xs:element name="Echo" type="u:Text"/></xs:schema>'
)
TYPES = (
    f'{XSD_HEAD} targetNamespace="urn:types"><xs:simpleType name="Text"><xs:restriction base="xs:string">'
    '<xs:maxLength value="9"/></xs:restriction></xs:simpleType></xs:schema>'
)
CHAMELEON = (
    f'{XSD_HEAD}><xs:element name="EchoResponse" type="Answer"/>'
    '<xs:simpleType name="Answer"><xs:restriction base="xs:string"/></xs:simpleType></xs:schema>'
)


def imported(**replaced: str) -> dict[str, str | bytes]:
    """A WSDL in parts: its bindings, its port type, a schema imported and one included without a namespace."""
    files = {
        "service.wsdl": CONCRETE,
        "abstract/port.wsdl": ABSTRACT.format(types=IMPORTING),
        "abstract/types.xsd": TYPES,
        "chameleon.xsd": CHAMELEON,
    }
    return {name: content for name, content in files.items() if replaced.get(name) != ""}


def test_imports_and_includes_are_followed_by_file(tmp_path: Path) -> None:
    description = described(tmp_path, imported())
    operation = description.operations[0]
    assert description.cautions == ()
    assert {document.namespace: [each.get("name") for each in document.root] for document in operation.schemas} == {
        NAMESPACE: ["EchoResponse", "Answer", "Echo"],
        "urn:types": ["Text"],
    }
    assert [each.name for each in operation.documents] == [
        "../service.wsdl",
        "../imported/port.wsdl",
        "../imported/types.xsd",
        "../imported/chameleon.xsd",
        "../imported/catalogue.xml",
    ]


def test_what_a_contract_keeps_derives_the_same_again(tmp_path: Path) -> None:
    first = described(tmp_path / "there", imported())
    for document in first.operations[0].documents:
        path = tmp_path / "here" / "Echo" / document.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.resolve().parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document.content)
    again = describe_wsdl(str(tmp_path / "here" / "service.wsdl"), service="orders")
    for one, other in zip(first.operations, again.operations, strict=True):
        assert contract_files("orders", one) == contract_files("orders", other)


def test_missing_import_is_told_with_file_and_line_where_it_is_needed(tmp_path: Path) -> None:
    with pytest.raises(ContractError) as caught:
        described(tmp_path, imported(**{"chameleon.xsd": ""}))
    said = str(caught.value)
    assert "nothing can be derived" in said
    assert "abstract/port.wsdl:3: ../chameleon.xsd cannot be read: No such file" in said
    assert "EchoResponse" in said


def test_missing_import_that_would_bring_the_bindings_is_named(tmp_path: Path) -> None:
    head = '<import namespace="urn:gone" location="gone.wsdl"/>\n'
    with pytest.raises(ContractError) as caught:
        described(tmp_path, {"a.wsdl": f"{HEAD}{head}</definitions>"})
    assert caught.value.place.line == HEAD.count("\n") + 1
    assert "has no binding: nothing says how its operations are called, and gone.wsdl cannot be read" in str(
        caught.value
    )


RPC = Op("Echo", '<part name="p" type="t:Nope"/>', "", style="rpc")
BROKEN = {
    "a part of a type that no schema has": (wsdl(ops=[RPC]), "part 'p' is of a type that no schema has"),
    "a namespace that is no URI": (
        wsdl().replace(f'targetNamespace="{NAMESPACE}"', 'targetNamespace="\u00e9"'),
        "no URI",
    ),
}


@pytest.mark.parametrize("text, said", BROKEN.values(), ids=BROKEN)
def test_what_no_schema_can_hold_is_told_in_one_line(tmp_path: Path, text: str, said: str) -> None:
    assert said in refusal(tmp_path, text)


def test_missing_import_that_nothing_needs_is_a_caution(tmp_path: Path) -> None:
    text = wsdl(schema('<xs:import namespace="urn:gone" schemaLocation="gone.xsd"/>\n' + ECHO), [element_op("Echo")])
    description = described(tmp_path, {"a.wsdl": text})
    assert [operation.name for operation in description.operations] == ["Echo"]
    assert [str(each) for each in description.cautions] == [
        "../service.wsdl line 7, column 1: gone.xsd cannot be read: No such file or directory"
    ]


def test_only_the_operations_that_need_a_missing_import_are_left_out(tmp_path: Path) -> None:
    gone = (
        '<xs:import namespace="urn:gone" schemaLocation="gone.xsd"/>\n'
        '<xs:element name="Lost" xmlns:g="urn:gone" type="g:Type"/><xs:element name="LostResponse" type="xs:int"/>\n'
    )
    text = wsdl(schema(gone + ECHO), [element_op("Echo"), element_op("Lost")])
    description = described(tmp_path, {"a.wsdl": text})
    assert [operation.name for operation in description.operations] == ["Echo"]
    said = [str(each) for each in description.cautions]
    assert any(
        "Lost over soap11 is left out" in each and "{urn:gone}Type" in each and "gone.xsd" in each for each in said
    )


def test_nothing_is_fetched_for_a_file(tmp_path: Path) -> None:
    text = wsdl(
        schema('<xs:import namespace="urn:far" schemaLocation="http://far.example/types.xsd"/>\n' + ECHO),
        [element_op("Echo")],
    )
    description = described(tmp_path, {"a.wsdl": text})
    assert "nothing is fetched for a WSDL that is one" in str(description.cautions[0])


def test_include_of_another_namespace_is_an_error_with_its_line(tmp_path: Path) -> None:
    files = {
        "a.wsdl": wsdl(schema('<xs:include schemaLocation="b.xsd"/>\n' + ECHO), [element_op("Echo")]),
        "b.xsd": TYPES,
    }
    with pytest.raises(ContractError, match=r"a\.wsdl:7: includes a schema document of another namespace, 'urn:types'"):
        described(tmp_path, files)


def test_documents_that_include_each_other_are_read_once(tmp_path: Path) -> None:
    loop = f'{XSD_HEAD} targetNamespace="{NAMESPACE}"><xs:include schemaLocation="b.xsd"/></xs:schema>'
    files = {
        "a.wsdl": wsdl(schema('<xs:include schemaLocation="b.xsd"/>\n'), [element_op("Echo")]),
        "b.xsd": f'{XSD_HEAD} targetNamespace="{NAMESPACE}"><xs:include schemaLocation="c.xsd"/>{ECHO}</xs:schema>',
        "c.xsd": loop,
    }
    assert described(tmp_path, files).cautions == ()


def test_redefinition_is_refused_where_it_is_reached(tmp_path: Path) -> None:
    redefined = (
        '<xs:redefine schemaLocation="b.xsd"><xs:simpleType name="Text"><xs:restriction base="t:Text">'
        '<xs:maxLength value="3"/></xs:restriction></xs:simpleType></xs:redefine>\n'
        '<xs:element name="Say" type="t:Text"/><xs:element name="SayResponse" type="xs:int"/>\n'
    )
    files = {
        "a.wsdl": wsdl(schema(redefined + ECHO), [element_op("Echo"), element_op("Say")]),
        "b.xsd": TYPES.replace("urn:types", NAMESPACE),
    }
    description = described(tmp_path, files)
    assert [operation.name for operation in description.operations] == ["Echo"]
    assert any("xs:redefine" in str(each) for each in description.cautions)


# --- things that stand twice, or not at all ---


def test_component_that_stands_twice_alike_is_no_matter(tmp_path: Path) -> None:
    description = described(tmp_path, {"a.wsdl": wsdl(schema(ECHO) + schema(ECHO), [element_op("Echo")])})
    assert description.cautions == ()


def test_component_that_stands_twice_otherwise_is_refused_with_both_places(tmp_path: Path) -> None:
    twice = schema(ECHO) + schema(ECHO.replace('type="xs:int"', 'type="xs:long"'))
    said = refusal(tmp_path, wsdl(twice, [element_op("Echo")]))
    assert "stands twice, with other content each time (first at ../service.wsdl line 7" in said


def test_message_that_stands_twice_is_told_and_the_first_is_read(tmp_path: Path) -> None:
    again = '<message name="EchoIn"><part name="other" element="t:EchoResponse"/></message>\n'
    text = ECHO_WSDL.replace("<portType", f"{again}<portType")
    description = described(tmp_path, {"a.wsdl": text})
    assert [str(each).split(": ", 1)[1] for each in description.cautions] == [
        "message 'EchoIn' stands twice; the first is read"
    ]
    assert description.operations[0].bindings[0].request.body.element == f"{{{NAMESPACE}}}Echo"


def test_operation_that_stands_twice_is_told(tmp_path: Path) -> None:
    description = described(tmp_path, {"a.wsdl": wsdl(ops=[element_op("Echo")], protocols=("soap",))})
    again = ECHO_WSDL.replace("</service>", '<port name="More" binding="t:soapBinding"/></service>')
    more = described(tmp_path, {"a.wsdl": again})
    assert [each.name for each in more.operations] == [each.name for each in description.operations]
    assert ["an earlier port has it too" in str(each) for each in more.cautions] == [True]


@pytest.mark.parametrize(
    "old, new, said",
    [
        ('message="t:EchoIn"', 'message="t:None"', "names a message that there is not: 't:None'"),
        ('element="t:Echo"', 'element="t:None"', "names an element that no schema has: {http://orders.example/}None"),
        ('element="t:Echo"', 'element="q:Echo"', "has a prefix that nothing declares: 'q:Echo'"),
        ('element="t:Echo"', "", "names neither or both of an element and a type"),
        ('<operation name="Echo">\n<soap:', '<operation name="Ecco">\n<soap:', "no operation of that name"),
        ('type="t:Port"', 'type="t:None"', "names a port type that there is not"),
        ('type="xs:int"', 'type="t:None"', "names a type that no schema of the WSDL has (found '{http://orders"),
        ('type="xs:int"', 'type="q:int"', "has a prefix that nothing declares (found 'q:int')"),
    ],
)
def test_name_that_leads_nowhere_is_told_with_its_place(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert ECHO_WSDL.count(old) == 1
    told = refusal(tmp_path, ECHO_WSDL.replace(old, new))
    assert told.startswith("a.wsdl: nothing can be derived from it: a.wsdl:")
    assert said in told


def test_schema_that_is_wrong_where_an_operation_reaches_it_is_told(tmp_path: Path) -> None:
    wrong = ECHO.replace('type="xs:int"', 'type="xs:int" minOccurs="many"')
    description = described(tmp_path, {"a.wsdl": wsdl(schema(wrong), [element_op("Echo")])})
    assert any("schema:" in str(each) and "minOccurs" in str(each) for each in description.cautions)


# --- encodings and size ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1", "windows-1252", "gb2312"])
def test_wsdl_may_have_any_encoding(tmp_path: Path, encoding: str) -> None:
    text = ECHO_WSDL.replace('encoding="utf-8"', f'encoding="{encoding}"')
    description = described(tmp_path, {"a.wsdl": text.encode(encoding)})
    place = description.operations[0].bindings[0].source
    assert place.line is not None
    assert text.split("\n")[place.line - 1].startswith('<operation name="Echo">')


def test_wsdl_on_one_line_has_true_columns(tmp_path: Path) -> None:
    text = ECHO_WSDL.replace("\n", " ")
    place = described(tmp_path, {"a.wsdl": text}).operations[0].bindings[0].source
    assert (place.line, place.column) == (1, text.index('<operation name="Echo"> <soap:') + 1)


def test_thousand_operations_are_derived(tmp_path: Path) -> None:
    operations = [
        Op(f"Op{n}", f'<part name="p" element="t:Echo{n}"/>', f'<part name="p" element="t:Echo{n}"/>')
        for n in range(1000)
    ]
    types = schema("".join(f'<xs:element name="Echo{n}" type="xs:string"/>\n' for n in range(1000)))
    description = described(tmp_path, {"a.wsdl": wsdl(types, operations)})
    assert len(description.operations) == 1000
    assert all(len(list(document.root)) == 1 for each in description.operations for document in each.schemas)


def test_types_of_a_large_wsdl_are_told_apart(tmp_path: Path) -> None:
    description = described(tmp_path, {"a.wsdl": large_wsdl(30)})
    assert {len(list(document.root)) for each in description.operations for document in each.schemas} == {6}


# --- as found in the wild ---


def test_comments_and_instructions_before_the_root_change_nothing(tmp_path: Path) -> None:
    head, rest = ECHO_WSDL.split("\n", 1)
    before = '<?xml-stylesheet type="text/xsl" href="a.xsl"?>\n<!-- (c) somebody -->\n'
    description = described(tmp_path, {"a.wsdl": f"{head}\n{before}{rest}<!-- the end -->"})
    assert [operation.name for operation in description.operations] == ["Echo"]
    assert description.operations[0].bindings[0].source.line == 2 + next(
        number for number, line in enumerate(ECHO_WSDL.split("\n"), 1) if line == '<operation name="Echo">'
    )


def test_wsdls_that_import_each_other_are_resolved(tmp_path: Path) -> None:
    files = imported()
    port = str(files["abstract/port.wsdl"])
    files["abstract/port.wsdl"] = port.replace(
        '<import namespace="urn:types"',
        '<import namespace="urn:binding" location="../service.wsdl"/>\n<import namespace="urn:types"',
    )
    for main in ("service.wsdl", "abstract/port.wsdl"):
        ordered = {main: files[main], **files}
        assert [operation.name for operation in described(tmp_path, ordered).operations] == ["Echo"]


def test_bindings_count_where_no_port_leads_to_one(tmp_path: Path) -> None:
    text = ECHO_WSDL.replace('binding="t:soapBinding"', 'binding="t:Other"')
    description = described(tmp_path, {"a.wsdl": text})
    assert [str(each).split(": ", 1)[1] for each in description.cautions] == [
        "port 'soapPort' names a binding that there is not"
    ]
    binding = description.operations[0].bindings[0]
    assert (binding.path, binding.documented_path) == ("", None)


def test_name_without_prefix_may_mean_the_target_namespace(tmp_path: Path) -> None:
    text = ECHO_WSDL.replace('type="t:Port"', 'type="Port"').replace('message="t:EchoIn"', 'message="EchoIn"')
    assert described(tmp_path, {"a.wsdl": text}).cautions == ()


@pytest.mark.parametrize("default", ["#all", "extension restriction substitution", "extension list union"])
def test_defaults_of_block_and_final_stand_where_they_may(tmp_path: Path, default: str) -> None:
    content = (
        '<xs:element name="Put"><xs:complexType><xs:sequence><xs:element ref="t:Part"/>'
        '<xs:element name="own" type="t:Kind"/><xs:element name="inner"><xs:simpleType><xs:list itemType="xs:int"/>'
        "</xs:simpleType></xs:element></xs:sequence></xs:complexType></xs:element>"
        '<xs:element name="Part" type="xs:int"/><xs:element name="PutResponse" type="t:Big"/>'
        '<xs:simpleType name="Kind"><xs:restriction base="xs:string"/></xs:simpleType>'
        '<xs:complexType name="Big"><xs:sequence/></xs:complexType>'
    )
    block = default.replace(" list union", "")
    final = default.replace(" substitution", "")
    types = schema(content, f'elementFormDefault="qualified" blockDefault="{block}" finalDefault="{final}"')
    operation = described(tmp_path, {"a.wsdl": wsdl(types, [element_op("Put")])}).operations[0]
    for name, text in schema_files(operation.schemas).items():
        (tmp_path / name).write_text(text, "utf-8")
    compiled = Schema(tmp_path)
    assert compiled.fast is not None
    assert compiled.exact.elements[f"{{{NAMESPACE}}}Part"].block


def test_binding_of_an_answer_that_the_port_type_lacks_is_passed_over(tmp_path: Path) -> None:
    text = ECHO_WSDL.replace('<output message="t:EchoOut"/>', "")
    binding = described(tmp_path, {"a.wsdl": text}).operations[0].bindings[0]
    assert (binding.status_code, binding.soap_action) == (202, f"{NAMESPACE}Echo")


CIRCLES = {
    "type": '<xs:complexType name="A"><xs:complexContent><xs:extension base="t:A"/></xs:complexContent>'
    "</xs:complexType>",
    "group": '<xs:group name="A"><xs:sequence><xs:group ref="t:A"/></xs:sequence></xs:group>',
    "attributes": '<xs:attributeGroup name="A"><xs:attributeGroup ref="t:A"/></xs:attributeGroup>',
    "simple": '<xs:simpleType name="A"><xs:restriction base="t:A"/></xs:simpleType>',
    "union": '<xs:simpleType name="A"><xs:union memberTypes="t:A xs:int"/></xs:simpleType>',
    "element": '<xs:element name="A" substitutionGroup="t:A"/>',
}
USES = {"group": '<xs:group ref="t:A"/>', "attributes": '<xs:attributeGroup ref="t:A"/>'}


@pytest.mark.parametrize("kind", CIRCLES)
def test_circle_in_a_schema_ends(tmp_path: Path, kind: str) -> None:
    content = f"<xs:complexType>{USES[kind]}</xs:complexType>" if kind in USES else ""
    named = ' type="t:A"' if kind in ("type", "simple", "union") else ""
    echo = f'<xs:element name="Echo"{named}>{content}</xs:element><xs:element name="EchoResponse" type="xs:int"/>'
    files: dict[str, str | bytes] = {"a.wsdl": wsdl(schema(CIRCLES[kind] + echo), [element_op("Echo")])}
    try:
        description = described(tmp_path, files)
    except ContractError as error:
        assert "a.wsdl" in str(error)  # noqa: PT017 - whether it is refused or told as a caution is xmlschema's choice
    else:
        assert [operation.name for operation in description.operations] == ["Echo"]
