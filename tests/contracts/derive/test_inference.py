"""What samples show becomes declarations by the conventions of each family, each with its basis."""

from collections.abc import Callable
from pathlib import Path

import pytest
from lxml import etree
from page_samples import (
    NAMESPACE,
    NARRATIVE_PAGE,
    Element,
    asmx_forms,
    asmx_page,
    asmx_soap,
    declarations,
    described,
    facts,
    in_namespace,
    one,
    schema_of,
    servicestack_page,
    soap,
)

from contracts.names import DIFFGRAM, SOURCE, XSD, XSI

RESULT = [Element("EchoResult", "string")]
ARRAYS = "http://schemas.microsoft.com/2003/10/Serialization/Arrays"


def asmx(*request: Element, header: str = "") -> dict[str, etree._Element]:
    return declarations(one(asmx_page("Echo", request, RESULT, header=header)))


def note(element: etree._Element, name: str) -> str | None:
    return element.get(f"{{{SOURCE}}}{name}")


VALUE = {"type": "xs:{}"}
REFERENCE = {"type": "xs:{}", "minOccurs": "0"}


@pytest.mark.parametrize("word, expected", [
    *((word, VALUE) for word in (
        "boolean", "byte", "unsignedByte", "short", "unsignedShort", "int", "unsignedInt", "long", "unsignedLong",
        "float", "double", "decimal", "dateTime", "date", "time",
    )),
    *((word, REFERENCE) for word in (
        "string", "base64Binary", "hexBinary", "anyURI", "duration", "integer", "positiveInteger", "NMTOKEN",
        "language", "gYear", "normalizedString",
    )),
    ("guid", {"type": "tns:guid"}),
    ("char", {"type": "tns:char"}),
    ("q1:QName", {"type": "xs:QName", "minOccurs": "0"}),
    ("**int**", {"type": "xs:int"}),
    ("[string]", {"type": "xs:string", "minOccurs": "0"}),
    ("Int", {"type": "xs:int"}),
])  # fmt: skip
def test_placeholder_word_gives_the_type_and_the_type_the_occurrence(word: str, expected: dict[str, str]) -> None:
    element = asmx(Element("x", word))["x"]
    assert facts(element) == {key: value.format(word) for key, value in expected.items()}
    assert (note(element, "basis"), note(element, "min-basis")) == ("documented", "convention")
    assert note(element, "type-basis") is None


def test_unknown_word_is_a_string_and_said_to_be_one() -> None:
    page = asmx_page("Echo", [Element("x", "banana")], RESULT, protocols=["soap11"])
    element = declarations(one(page))["x"]
    assert facts(element) == {"type": "xs:string", "minOccurs": "0"}
    assert note(element, "type-basis") == "inferred"
    (caution,) = described(page).cautions
    line = next(number for number, text in enumerate(page.splitlines(), 1) if "banana" in text)
    assert (caution.source.line, "'banana' in x is no placeholder word" in caution.problem) == (line, True)


@pytest.mark.parametrize("text, words", [
    ("Discard or Details", ["Discard", "Details"]),
    ("Dark blue or Light blue or None", ["Dark blue", "Light blue", "None"]),
    ("Rot oder Blau", ["Rot", "Blau"]),
    ("A or B or A", ["A", "B"]),
])  # fmt: skip
def test_listed_words_close_an_enumeration(text: str, words: list[str]) -> None:
    element = asmx(Element("x", text))["x"]
    assert [each.get("value") for each in element.iter(f"{{{XSD}}}enumeration")] == words
    assert facts(element) == {}
    columns = [int(note(each, "at").split(":")[1]) for each in element.iter(f"{{{XSD}}}enumeration")]
    assert columns == sorted(set(columns))


def test_what_stands_twice_repeats_and_is_nillable_if_it_can_be_null() -> None:
    found = asmx(
        Element("numbers", children=(Element("int", "int", twice=True),)),
        Element("names", children=(Element("string", "string", twice=True),)),
        Element("rows", children=(Element("Row", children=(Element("id", "int"),), twice=True),)),
        Element("matrix", children=(Element("Line", children=(Element("cell", "double", twice=True),), twice=True),)),
    )
    unbounded = {"minOccurs": "0", "maxOccurs": "unbounded"}
    assert facts(found["numbers"]) == {"minOccurs": "0"}
    assert facts(found["int"]) == {"type": "xs:int", **unbounded}
    assert facts(found["string"]) == {"type": "xs:string", "nillable": "true", **unbounded}
    assert facts(found["Row"]) == {"nillable": "true", **unbounded}
    assert facts(found["Line"]) == {"nillable": "true", **unbounded}
    assert facts(found["cell"]) == {"type": "xs:double", **unbounded}


def test_an_ellipsis_after_an_element_stands_for_more_like_it() -> None:
    page = asmx_page("Echo", [Element("ids", children=(Element("id", "int"),))], RESULT)
    page = page.replace("<id>int</id>", "<id>int</id>\n        ...")
    assert facts(declarations(one(page))["id"])["maxOccurs"] == "unbounded"


def test_attributes_are_declared_and_those_of_value_types_required() -> None:
    found = asmx(
        Element("price", attributes='currency="string" vat="decimal" band="Low or High"'),
        Element("box", attributes='number="int"', children=(Element("size", "int"),)),
    )
    uses = {
        each.get("name"): (each.get("type"), each.get("use")) for each in found["price"].iter(f"{{{XSD}}}attribute")
    }
    assert uses == {"currency": ("xs:string", None), "vat": ("xs:decimal", "required"), "band": (None, "required")}
    assert [each.get("base") for each in found["price"].iter(f"{{{XSD}}}extension")] == ["xs:string"]
    assert [each.get("name") for each in found["box"].iter(f"{{{XSD}}}attribute")] == ["number"]


def test_element_of_a_type_that_is_shown_around_it_has_that_type() -> None:
    """The help page cuts types off at a depth, with xsi:nil; it is how recursion ends."""
    inner = Element("Node", attributes='xsi:nil="true"')
    tree = Element("Node", children=(Element("name", "string"), Element("children", children=(inner,))))
    page = asmx_page("Echo", [Element("Root", children=(tree,))], RESULT)
    nodes = [each for each in one(page).schemas[0].root.iter(f"{{{XSD}}}element") if each.get("name") == "Node"]
    assert {each.get("type") for each in nodes} == {"tns:Node"}
    assert note(nodes[-1], "type-basis") == "inferred"


def test_element_cut_off_everywhere_is_open(tmp_path: Path) -> None:
    page = asmx_page("Echo", [Element("Deep", attributes='xsi:nil="true"'), Element("object")], RESULT)
    operation = one(page)
    found = declarations(operation)
    assert facts(found["Deep"]) == {"type": "xs:anyType", "minOccurs": "0", "nillable": "true"}
    assert facts(found["object"]) == {"type": "xs:anyType", "minOccurs": "0"}
    message = f'<Echo xmlns="{NAMESPACE}" xmlns:i="{XSI}"><Deep i:nil="true"/><object><a>1</a></object></Echo>'
    assert schema_of(operation, tmp_path).fast.validate(etree.fromstring(message))


def test_data_set_and_any_content(tmp_path: Path) -> None:
    dataset = "<xsd:schema>schema</xsd:schema>xml"
    page = asmx_page("Echo", [Element("doc", "xml")], [Element("EchoResult", dataset)])
    operation = one(page)
    schema = schema_of(operation, tmp_path)
    inner = f'<s:schema xmlns:s="{XSD}"/><d:diffgram xmlns:d="{DIFFGRAM}"/>'
    for message, valid in (
        (f"<Echo xmlns='{NAMESPACE}'><doc>text <b xmlns=''>any</b></doc></Echo>", True),
        (f"<EchoResponse xmlns='{NAMESPACE}'><EchoResult>{inner}</EchoResult></EchoResponse>", True),
        (f"<EchoResponse xmlns='{NAMESPACE}'><EchoResult>xml</EchoResult></EchoResponse>", False),
        (f"<EchoResponse xmlns='{NAMESPACE}'/>", True),
    ):
        assert schema.fast.validate(etree.fromstring(message)) is valid
    found = {each.id.rpartition("/")[2]: (each.level, each.basis) for each in operation.requirements[2:]}
    assert found == {
        "dataset-has-schema-and-xml": ("must", "documented"),
        "dataset-has-schema-and-diffgram": ("must", "convention"),
        "dataset-schema-compiles": ("must", "documented"),
        "dataset-data-is-valid": ("should", "convention"),
    }


def test_header_blocks_are_elements_of_their_own_and_may_carry_soap_attributes(tmp_path: Path) -> None:
    header = Element("Ticket", children=(Element("user", "string"),), attributes=f'xmlns="{NAMESPACE}"').printed(2)
    trace = Element("Trace", "int", attributes='xmlns="urn:trace"').printed(2)
    operation = one(asmx_page("Echo", [Element("x", "int")], RESULT, header=f"{header}\n{trace}"))
    for binding in operation.bindings:
        assert binding.request.header is not None
        assert binding.request.header.type_name == "RequestHeader"
        assert binding.response.header is None
    schema = schema_of(operation, tmp_path)
    blocks = (
        f"<Trace xmlns='urn:trace' xmlns:s='http://schemas.xmlsoap.org/soap/envelope/' s:mustUnderstand='1'>5</Trace>"
        f"<Ticket xmlns='{NAMESPACE}'><user>u</user></Ticket>"
    )
    for content, valid in ((blocks, True), ("", True), ("<Ticket xmlns='urn:other'/>", False)):
        holder = etree.fromstring(f"<content-of-RequestHeader>{content}</content-of-RequestHeader>")
        assert schema.fast.validate(holder) is valid


def test_children_in_other_namespaces_and_in_none(tmp_path: Path) -> None:
    inner = "\n".join([
        '      <order xmlns="">\n        <id>int</id>\n      </order>',
        '      <Ship xmlns="urn:ship"><Code>string</Code></Ship>',
        '      <Parts>\n        <Part xmlns="urn:part"><Code>string</Code></Part>\n      </Parts>',
    ])  # fmt: skip
    request = f'    <Echo xmlns="{NAMESPACE}">\n{inner}\n    </Echo>'
    page = asmx_soap("soap11", "Echo", request, in_namespace("EchoResponse", RESULT))
    operation = one(page)
    assert {schema.namespace for schema in operation.schemas} == {NAMESPACE, "urn:ship", "urn:part"}
    schema = schema_of(operation, tmp_path)
    message = (
        f"<Echo xmlns='{NAMESPACE}'><order xmlns=''><id>1</id></order><Ship xmlns='urn:ship'><Code>a</Code></Ship>"
        "<Parts><Part xmlns='urn:part'><Code>b</Code></Part></Parts></Echo>"
    )
    for text, valid in ((message, True), (message.replace("urn:part", "urn:ship"), False)):
        element = etree.fromstring(text)
        assert (schema.fast.validate(element), schema.exact.is_valid(element)) == (valid, valid)


# --- bindings ---------------------------------------------------------------------------------------------------------


def test_get_and_post_take_their_types_from_the_soap_samples() -> None:
    soap_part = asmx_page(
        "Count", [Element("from", "dateTime"), Element("to", "dateTime")], [Element("CountResult", "int")]
    )
    operation = one(soap_part + "\n" + asmx_forms("Count", ["from", "to"], f'<int xmlns="{NAMESPACE}">int</int>'))
    bodies = {binding.protocol: binding.request.body.element for binding in operation.bindings}
    assert set(bodies.values()) == {f"{{{NAMESPACE}}}Count"}
    assert [(each.protocol, each.method, each.path) for each in operation.bindings[2:]] == [
        ("http_get", "GET", "/Count"),
        ("http_post", "POST", "/Count"),
    ]
    assert operation.bindings[2].response.body.element == f"{{{NAMESPACE}}}int"
    assert facts(declarations(operation)["from"]) == {"type": "xs:dateTime"}


def test_page_of_get_and_post_alone_has_parameters_of_text() -> None:
    words = {"ids": "string&ids=string"}
    operation = one(
        "Orders.asmx\n" + asmx_forms("Count", ["from", "ids"], f'<int xmlns="{NAMESPACE}">int</int>', words)
    )
    assert [binding.request.body.type_name for binding in operation.bindings] == ["Parameters", "Parameters"]
    found = declarations(operation)
    assert facts(found["from"]) == {"type": "xs:string"}
    assert facts(found["ids"]) == {"type": "xs:string", "minOccurs": "0", "maxOccurs": "unbounded"}
    assert note(found["from"], "type-basis") == "inferred"


def test_void_and_one_way_answers_are_empty() -> None:
    request = in_namespace("Notify", [Element("text", "string")])
    page = asmx_soap("soap11", "Notify", request, None) + "\n" + asmx_forms("Notify", ["text"], "")
    found = {each.protocol: each for each in one(page).bindings}
    assert found["soap11"].status_code == 202
    assert found["http_get"].status_code == 200
    assert all(each.response.body.is_empty and each.response_media_types == () for each in found.values())


def test_binding_repeats_the_head_of_its_sample() -> None:
    soap11, soap12 = one(asmx_page("Echo", [Element("x", "int")], RESULT)).bindings
    assert (soap11.soap_action, soap12.soap_action) == (f"{NAMESPACE}/Echo", None)
    assert (soap11.documented_path, soap11.documented_host) == ("/shop/orders.asmx", "shop.example.com")
    assert (soap11.path, soap11.method, soap11.status_code) == ("", "POST", 200)
    assert (soap12.request_media_type, soap12.request_charset) == ("application/soap+xml", "utf-8")
    assert soap12.response_media_types == ("application/soap+xml",)


def test_page_without_a_response_promises_nothing_of_it() -> None:
    page = asmx_page("Echo", [Element("x", "int")], RESULT, protocols=["soap11"])
    page = page[: page.index("HTTP/1.1 200")]
    operation = one(page)
    assert operation.bindings[0].response.body.type_name == "AnyContent"
    assert "no response to this request over soap11 is shown" in described(page).cautions[0].problem


# --- ServiceStack -----------------------------------------------------------------------------------------------------


def find(*members: str, name: str = "Find") -> str:
    inner = "\n  ".join(members)
    return f'<{name} xmlns:i="{XSI}" xmlns="urn:shop">\n  {inner}\n</{name}>'


@pytest.mark.parametrize("value, expected, basis", [
    ("String", {"type": "xs:string", "nillable": "true"}, None),
    ("0", {"type": "xs:long"}, "inferred"),
    ("-1", {"type": "xs:long"}, "inferred"),
    ("1.5", {"type": "xs:decimal"}, "inferred"),
    ("false", {"type": "xs:boolean"}, None),
    ("0001-01-01T00:00:00", {"type": "xs:dateTime"}, None),
    ("0001-01-01T00:00:00Z", {"type": "xs:dateTime"}, None),
    ("00000000-0000-0000-0000-000000000000", {"type": "tns:guid"}, None),
    ("PT0S", {"type": "xs:duration"}, None),
    ("AA==", {"type": "xs:base64Binary", "nillable": "true"}, None),
    ("http://tempuri.org/", {"type": "xs:anyURI", "nillable": "true"}, "inferred"),
    ("Unknown", {"type": "tns:OpenEnumeration"}, "inferred"),
    ("some free text", {"type": "xs:string", "nillable": "true"}, "inferred"),
])  # fmt: skip
def test_sample_values_give_types(value: str, expected: dict[str, str], basis: str | None) -> None:
    page = servicestack_page("Find", find(f"<x>{value}</x>"), find("<Id>0</Id>", name="FindResponse"))
    element = declarations(one(page))["x"]
    assert facts(element) == {"minOccurs": "0", **expected}
    assert note(element, "type-basis") == basis


def test_collections_are_told_by_their_item() -> None:
    response = find(
        f'<Tags xmlns:d="{ARRAYS}"><d:string>String</d:string></Tags>',
        "<Rows><Row><Id>0</Id></Row></Rows>",
        "<Address><City>String</City></Address>",
        f'<Map xmlns:d="{ARRAYS}"><d:KeyValueOfstringstring><d:Key>String</d:Key></d:KeyValueOfstringstring></Map>',
        name="FindResponse",
    )
    found = declarations(one(servicestack_page("Find", find("<Id>0</Id>"), response)))
    repeats = {name for name, element in found.items() if element.get("maxOccurs") == "unbounded"}
    assert repeats == {"string", "Row", "KeyValueOfstringstring", "ResponseError"}


def test_members_keep_their_order_and_namespaces_base_class_first(tmp_path: Path) -> None:
    request = find('<Base xmlns="urn:base">String</Base>', "<A>0</A>", "<B>false</B>")
    operation = one(servicestack_page("Find", request, find("<Id>0</Id>", name="FindResponse")))
    schema = schema_of(operation, tmp_path)
    for text, valid in (
        ("<Base xmlns='urn:base'>x</Base><A>1</A><B>true</B>", True),
        ("<A>1</A><Base xmlns='urn:base'>x</Base>", False),
        ("<B>true</B>", True),
        ("<Base>x</Base>", False),
    ):
        assert schema.fast.validate(etree.fromstring(f"<Find xmlns='urn:shop'>{text}</Find>")) is valid


def test_nil_and_empty_members_are_open_and_recursion_is_recognised() -> None:
    request = find('<Parent i:nil="true" />', "<Any />", '<Node><Name>String</Name><Node i:nil="true"/></Node>')
    found = declarations(one(servicestack_page("Find", request, find("<Id>0</Id>", name="FindResponse"))))
    assert facts(found["Parent"]) == {"type": "xs:anyType", "minOccurs": "0", "nillable": "true"}
    assert facts(found["Any"]) == {"type": "xs:anyType", "minOccurs": "0", "nillable": "true"}
    assert found["Node"].get("type") == "tns:Node"


def test_page_of_a_route_is_called_by_the_path_that_the_stack_gives_every_service() -> None:
    response = find("<Id>0</Id>", name="FindResponse")
    page = servicestack_page("Find", find("<Id>0</Id>"), response, line="PUT /things/{Id} HTTP/1.1")
    (binding,) = one(page).bindings
    assert (binding.method, binding.path, binding.documented_path) == ("PUT", "/xml/reply/Find", "/things/{Id}")
    got = servicestack_page("Find", "", response, line="GET /things/all HTTP/1.1").replace(
        "Host: shop.example.com \n", "Host: shop.example.com\nAccept: application/xml\n"
    )
    (binding,) = one(got).bindings
    assert (binding.protocol, binding.path, binding.accept) == ("http_get", "/things/all", "application/xml")


def test_soap12_of_servicestack_may_be_answered_as_its_standard_says() -> None:
    body = soap("soap12", find("<Id>0</Id>"))
    answer = soap("soap12", find("<Id>0</Id>", name="FindResponse"))
    page = servicestack_page("Find", body, answer, line="POST /soap12 HTTP/1.1").replace(
        "Content-Type: application/xml", "Content-Type: text/xml; charset=utf-8", 1
    )
    (binding,) = one(page).bindings
    assert (binding.protocol, binding.path, binding.request_media_type) == ("soap12", "/soap12", "text/xml")
    assert binding.response_media_types == ("application/soap+xml", "application/xml")
    assert binding.noted_media_types == ("text/xml",)


# --- narrative pages --------------------------------------------------------------------------------------------------


def test_narrative_page_promises_names_in_any_order(tmp_path: Path) -> None:
    operation = one(NARRATIVE_PAGE)
    (binding,) = operation.bindings
    assert (binding.protocol, binding.method, binding.path, binding.soap_action) == ("soap11", "POST", "", None)
    assert binding.error is not None
    assert binding.error.body.element == "{urn:users}problem"
    schema = schema_of(operation, tmp_path)
    for text, valid in (
        ("<u:getUsersResponse xmlns:u='urn:users'><total>2</total><user>A</user></u:getUsersResponse>", True),
        ("<u:getUsersResponse xmlns:u='urn:users'/>", True),
        ("<u:getUsersResponse xmlns:u='urn:users'><other/></u:getUsersResponse>", False),
    ):
        assert schema.fast.validate(etree.fromstring(text)) is valid


def test_table_of_parameters_gives_types_where_the_samples_have_them() -> None:
    found = declarations(one(NARRATIVE_PAGE))
    assert facts(found["limit"])["type"] == "xs:int"
    assert note(found["limit"], "type-basis") is None
    assert facts(found["since"])["type"] == "xs:string"
    assert (facts(found["name"])["type"], note(found["name"], "type-basis")) == ("xs:string", "inferred")


def test_types_that_samples_name_are_declared(tmp_path: Path) -> None:
    user = '<item xsi:type="u:User"><id xsi:type="xsd:int">1</id><friend xsi:type="u:User"><x>a</x></friend></item>'
    page = NARRATIVE_PAGE.replace("<total>2</total>", f'<total xsi:type="xsd:int">2</total>{user}').replace(
        "<s:Envelope ", f'<s:Envelope xmlns:xsd="{XSD}" xmlns:xsi="{XSI}" '
    )
    operation = one(page)
    found = declarations(operation)
    assert facts(found["total"])["type"] == "xs:int"
    assert found["item"].get("type") == found["friend"].get("type") == "tns:User"
    schema = schema_of(operation, tmp_path)
    response = (
        f'<u:getUsersResponse xmlns:u="urn:users" xmlns:xsd="{XSD}" xmlns:xsi="{XSI}">{user}</u:getUsersResponse>'
    )
    assert schema.fast.validate(etree.fromstring(response))


@pytest.mark.parametrize("said, request_first", [
    (("Requête", "Réponse"), True),
    (("Anfrage", "Antwort"), True),
    (("Solicitud", "Respuesta"), True),
    (("请求示例", "响应示例"), True),
    (("Sample response", "Sample request"), False),
])  # fmt: skip
def test_words_before_samples_without_a_head_tell_requests_from_responses(
    said: tuple[str, str], request_first: bool
) -> None:
    body = '<s:Body><a:{} xmlns:a="urn:a"/></s:Body>'
    envelope = f'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">{body}</s:Envelope>'
    page = f"Title\n\n{said[0]}\n\n{envelope.format('first')}\n\n{said[1]}\n\n{envelope.format('second')}\n"
    (binding,) = one(page).bindings
    names = ("first", "second") if request_first else ("second", "first")
    assert (binding.request.body.element, binding.response.body.element) == tuple(f"{{urn:a}}{name}" for name in names)


def test_request_and_response_of_one_root_share_a_declaration(tmp_path: Path) -> None:
    page = (
        "Add\n\nSample XML request\n\n<?xml version='1.0'?>\n<API><name>a</name></API>\n\n"
        "Sample XML response\n\n<?xml version='1.0'?>\n<API><result><ok>1</ok></result></API>\n"
    )
    schema = schema_of(one(page), tmp_path)
    for text in ("<API><name>b</name></API>", "<API><result><ok>0</ok></result></API>"):
        assert schema.fast.validate(etree.fromstring(text))


# --- what real pages do -----------------------------------------------------------------------------------------------


def test_bare_operation_is_named_by_its_heading_and_soap_action() -> None:
    page = asmx_page("Find", [Element("id", "int")], [Element("FindResult", "int")])
    page = page.replace("<Find ", "<FindRequest ").replace("</Find>", "</FindRequest>")
    operation = one(page)
    assert (operation.name, len(operation.bindings)) == ("Find", 2)
    assert operation.bindings[1].request.body.element == f"{{{NAMESPACE}}}FindRequest"


def test_list_over_get_and_post_is_a_parameter_given_several_times() -> None:
    numbers = Element("numbers", children=(Element("int", "int", twice=True),))
    soap_part = asmx_page("Sum", [numbers], [Element("SumResult", "int")], protocols=["soap11"])
    forms = asmx_forms("Sum", ["numbers"], f'<int xmlns="{NAMESPACE}">int</int>', {"numbers": "string&numbers=string"})
    operation = one(f"{soap_part}\n{forms}")
    assert operation.bindings[1].request.body.type_name == "Parameters"
    bare = next(each.root for each in operation.schemas if each.namespace is None)
    (declared,) = bare.iter(f"{{{XSD}}}element")
    assert facts(declared) == {"type": "xs:int", "minOccurs": "0", "maxOccurs": "unbounded"}


SHOWN = {
    "true": "xs:boolean", "0": "xs:long", "94042": "xs:long", "-7": "xs:long", "1.50": "xs:decimal",
    "2024-02-29T10:00:00": "xs:dateTime", "00441": "xs:string", "33123456789": "xs:string", "2024-02-29": "xs:string",
    "6f9619ff-8b86-4011-b42d-00c04fc964ff": "xs:string", "Ann": "xs:string", "1,5": "xs:string",
}  # fmt: skip


@pytest.mark.parametrize("value", SHOWN)
def test_page_with_values_in_the_place_of_words_shows_what_they_look_like(value: str) -> None:
    page = asmx_page("Find", [Element("x", value), Element("name", "Bob")], [Element("FindResult", "Anna")])
    operation = one(page)
    found = declarations(operation)["x"]
    assert facts(found) == {"type": SHOWN[value], "minOccurs": "0"}
    assert found.get(f"{{{SOURCE}}}type-basis") == "inferred"
    assert {leaf.path: leaf.value for leaf in operation.leaves} == {"x": value, "name": "Bob"}
    assert any(f"{value!r} in x is no placeholder word" in each.problem for each in described(page).cautions)


def test_values_of_several_kinds_are_text_and_words_beside_words_stay_text() -> None:
    twice = asmx_page("Find", [Element("x", "5"), Element("name", "Bob")], [Element("FindResult", "Anna")])
    other = twice.replace("<x>5</x>", "<x>five</x>", 1)
    assert facts(declarations(one(other))["x"])["type"] == "xs:string"
    worded = asmx_page("Find", [Element("x", "5"), Element("y", "int"), Element("z", "string")], RESULT)
    assert facts(declarations(one(worded))["x"])["type"] == "xs:string"


IN_FORMS = {
    "char": {"type": "character"},
    "base64Binary": {"type": "xs:unsignedByte", "minOccurs": "0", "maxOccurs": "unbounded"},
}


@pytest.mark.parametrize("word", IN_FORMS)
def test_form_has_characters_and_bytes_as_its_stack_reads_them(word: str, tmp_path: Path) -> None:
    soap_part = asmx_page("Put", [Element("x", word)], [Element("PutResult", "int")], protocols=["soap11"])
    page = soap_part + "\n" + asmx_forms("Put", ["x"], f'<int xmlns="{NAMESPACE}">int</int>')
    operation = one(page)
    assert [binding.protocol for binding in operation.bindings] == ["soap11", "http_get", "http_post"]
    assert {binding.request.body.type_name for binding in operation.bindings[1:]} == {"Parameters"}
    bare = next(each.root for each in operation.schemas if each.namespace is None)
    (declared,) = bare.iter(f"{{{XSD}}}element")
    assert facts(declared) == IN_FORMS[word]
    assert declared.get(f"{{{SOURCE}}}type-basis") == "convention"
    assert [f"how x ({word}) is written in a form" in each.problem for each in described(page).cautions] == [True, True]
    schema = schema_of(operation, tmp_path).exact
    assert schema is not None


def test_narrative_page_has_bytes_in_a_form_as_over_soap() -> None:
    soap_part = asmx_page("Put", [Element("x", "base64Binary")], [Element("PutResult", "int")], protocols=["soap11"])
    page = soap_part + "\n" + asmx_forms("Put", ["x"], f'<int xmlns="{NAMESPACE}">int</int>')
    operation = one(page, family="narrative")
    assert [binding.protocol for binding in operation.bindings] == ["soap11", "http_get", "http_post"]
    bare = next(each.root for each in operation.schemas if each.namespace is None)
    (declared,) = bare.iter(f"{{{XSD}}}element")
    assert (facts(declared), declared.get(f"{{{SOURCE}}}type-basis")) == ({"type": "xs:base64Binary"}, "inferred")
    assert any("read as over SOAP" in each.problem for each in described(page, family="narrative").cautions)


@pytest.mark.parametrize("uri, protocol", [
    ("http://www.w3.org/2001/12/soap-envelope", "soap12"),
    ("http://schemas.xmlsoap.org/soap/envelope", "soap11"),
    ("https://schemas.xmlsoap.org/soap/envelope/", "soap11"),
])  # fmt: skip
def test_envelopes_of_drafts_and_with_slips_are_read_as_meant(uri: str, protocol: str) -> None:
    page = NARRATIVE_PAGE.replace("http://schemas.xmlsoap.org/soap/envelope/", uri)
    assert [binding.protocol for binding in one(page).bindings] == [protocol]
    assert f"an envelope in {uri}: read as SOAP" in described(page).cautions[0].problem


QUOTED = {
    "a string of a program": lambda text: 'String page = "' + text.replace('"', '\\"').replace("\n", '\\n') + '";',
    "links that Markdown made of tags": lambda text: text.replace("<soap:Body>", "soap:Body"),
    "links that Markdown made of names": lambda text: text.replace(
        f'xmlns="{NAMESPACE}"', f'xmlns="[{NAMESPACE}]({NAMESPACE})"'
    ),
    "escaped underscores": lambda text: text.replace("order_id", "order\\_id"),
    "words in bold": lambda text: text.replace(">int<", ">**int**<"),
    "coloured words": lambda text: text.replace(">int<", '><font class="value">int</font><'),
    "soft hyphens": lambda text: text.replace("order_id", "or\u00adder_id"),
    "request lines without a version": lambda text: text.replace(".asmx HTTP/1.1", ".asmx"),
    "an older version of HTTP": lambda text: text.replace("HTTP/1.1", "HTTP/1.0"),
}  # fmt: skip


@pytest.mark.parametrize("quote", QUOTED.values(), ids=QUOTED)
def test_page_is_read_through_what_others_made_of_it(quote: Callable[[str], str]) -> None:
    page = asmx_page("Find", [Element("order_id", "int")], [Element("FindResult", "int")], protocols=["soap11"])
    assert quote(page) != page
    operation = one(quote(page))
    assert [binding.response.body.element for binding in operation.bindings] == [f"{{{NAMESPACE}}}FindResponse"]
    assert {name: facts(each) for name, each in declarations(operation).items()} == {
        name: facts(each) for name, each in declarations(one(page)).items()
    }


@pytest.mark.parametrize("word, values", [
    ("either this or that one, or nothing", []), ("one of Red or Green", []),
    ("either or neither", ["either", "neither"]),
    ("Red or Green", ["Red", "Green"]),
])  # fmt: skip
def test_prose_is_no_documented_list(word: str, values: list[str]) -> None:
    (operation,) = described(asmx_page("Echo", [Element("x", word)], [Element("EchoResult", "string")])).operations
    found = declarations(operation)["x"].iter(f"{{{XSD}}}enumeration")
    assert [each.get("value") for each in found] == values
