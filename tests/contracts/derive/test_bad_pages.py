"""Pages that are wrong: one clear message with line and reason where nothing derives, warnings where something does."""

from pathlib import Path

import pytest
from page_samples import (
    FORMS,
    NAMESPACE,
    Element,
    asmx_page,
    asmx_soap,
    declarations,
    described,
    facts,
    in_namespace,
    one,
    samples,
    schema_of,
    servicestack_page,
    soap,
    without_places,
)

from contracts.derive.deriving import Wanted, derive
from contracts.errors import ContractError
from contracts.names import XSD

PAGE = asmx_page("Echo", [Element("x", "int")], [Element("EchoResult", "string")])
CSV = servicestack_page("Find", "", "").replace("HTTP + XML", "HTTP + CSV").replace("/xml/reply", "/csv/reply")
JSON = (
    "HTTP + JSON\n\nPOST /json/reply/Find HTTP/1.1\nHost: h.example.com\nContent-Type: application/json\n"
    'Content-Length: length\n\n{"id":0}\n'
)
LIST = "Orders\n\nThe following operations are supported.\n\n* Find\n* Place\n"
SOAP_13 = soap("soap11", in_namespace("Echo", [])).replace("http://schemas.xmlsoap.org/soap/envelope/", "urn:soap:1.3")

NOTHING = {
    "empty": ("", None, "is empty"),
    "blank": (" \n\u00a0\n", None, "is empty"),
    "another kind of page": ("<html><body><h1>Welcome</h1><p>to our shop</p></body></html>", 1, "no sample request"),
    "a list of operations": (LIST, 1, "save the page of one operation"),
    "only a response": (PAGE[PAGE.index("HTTP/1.1 200") : PAGE.index("SOAP 1.2")], 1, "shows responses and no request"),
    "csv": (CSV, 9, "documents messages in CSV only"),
    "json": (JSON, 1, "documents messages in JSON only"),
    "an unknown version of soap": (f"Echo\n\n{SOAP_13}", 3, "no version of SOAP has"),
}


@pytest.mark.parametrize("page, line, said", NOTHING.values(), ids=NOTHING)
def test_page_that_yields_nothing_is_refused(page: str, line: int | None, said: str) -> None:
    with pytest.raises(ContractError, match=said) as caught:
        described(page)
    assert (caught.value.place.file, caught.value.place.line) == (Path("given.txt"), line)


MAIL = b"From: <Saved by Browser>\nMIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\n<html>"


@pytest.mark.parametrize(
    "content, said",
    [
        (b"%PDF-1.7\n%\xe2", "a PDF file"),
        (b"PK\x03\x04\x14", "office document"),
        (MAIL, "a web archive"),
        (bytes(range(256)) * 20, "a binary file"),
        (bytes(3000), "a binary file"),
    ],
)
def test_file_that_is_no_text_is_named(content: bytes, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        described(content)


def cautions(page: str) -> list[str]:
    return [f"{each.source.line}:{each.source.column} {each.problem}" for each in described(page).cautions]


def place(page: str, text: str, occurrence: int = 1) -> str:
    """Line and column of the given occurrence of a text."""
    index = -1
    for _ in range(occurrence):
        index = page.index(text, index + 1)
    return f"{page.count(chr(10), 0, index) + 1}:{index - page.rfind(chr(10), 0, index)}"


MENDED = {
    "a missing quote": ('version="1.0"', 'version="1.0', "", 0),
    "an attribute without quotes": (f'<Echo xmlns="{NAMESPACE}">', f"<Echo xmlns={NAMESPACE}>", "without quotes", 1),
    "a tag without its end": ("</Echo>", "</Echo", "the end tag </Echo is not closed", 1),
    "an end tag in another case": ("</Echo>", "</echo>", "</echo> closes <Echo>", 1),
    "an undeclared prefix": (' xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"', "", "prefix soap is not", 1),
}


@pytest.mark.parametrize("before, after, said, count", MENDED.values(), ids=MENDED)
def test_what_can_only_be_meant_in_one_way_is_read_so(before: str, after: str, said: str, count: int) -> None:
    broken = PAGE.replace(before, after, 1)
    assert broken != PAGE
    assert [each for each in cautions(broken) if said in each][:count] == cautions(broken)[:count]
    assert bool(cautions(broken)) == bool(count)
    root = f"{{{NAMESPACE}}}Echo"
    assert [binding.request.body.element for binding in one(broken).bindings] == [root, root]
    assert set(declarations(one(broken))) >= {"Echo", "x", "EchoResponse", "EchoResult"}


def test_ill_formed_sample_is_named_with_its_place_and_the_other_binding_decides() -> None:
    broken = PAGE.replace("<x>int</x>", "<x>int</y>", 1)
    said = cautions(broken)
    assert any(each.startswith(place(broken, "</y>")) and "</y> closes nothing" in each for each in said)
    assert facts(declarations(one(broken))["x"]) == {"type": "xs:int"}


def test_page_that_was_cut_off_is_derived_as_far_as_it_goes() -> None:
    cut = PAGE[: PAGE.rindex("string</EchoResult>")]
    assert any("is never closed" in each for each in cautions(cut))
    assert len(one(cut).bindings) == 2


def test_samples_that_contradict_each_other_are_reported_with_both_places() -> None:
    head, rest = PAGE.split("SOAP 1.2\n", 1)
    page = head + "SOAP 1.2\n" + rest.replace("<x>int</x>", "<x>string</x>")
    (said,) = cautions(page)
    assert said.startswith(place(page, "string</x>"))
    assert f"is 'string' here and 'int' at {place(page, 'int</x>')}" in said
    assert facts(declarations(one(page))["x"]) == {"type": "xs:int"}


def test_member_that_only_one_binding_shows_is_optional_and_reported() -> None:
    page = PAGE.replace("<x>int</x>", "<x>int</x>\n      <y>int</y>", 1)
    assert facts(declarations(one(page))["y"])["minOccurs"] == "0"
    assert any("y is printed in one sample of Echo and not in another" in each for each in cautions(page))


def test_operation_that_is_documented_twice_is_reported() -> None:
    section = asmx_soap("soap11", "Echo", in_namespace("Echo", [Element("z", "long")]), None)
    page = f"{PAGE}\n{section}"
    assert any("is documented over soap11 a second time" in each for each in cautions(page))
    assert set(declarations(one(page))) >= {"x", "z"}


def test_samples_in_other_forms_are_passed_over_by_name() -> None:
    page = f"{PAGE}\n{JSON}"
    assert any("JSON, CSV or another form than XML is passed over" in each for each in cautions(page))
    assert [binding.protocol for binding in one(page).bindings] == ["soap11", "soap12"]


def test_several_operations_of_one_page_share_it() -> None:
    page = PAGE + "\n" + asmx_page("Count", [Element("n", "int")], [Element("CountResult", "int")])
    assert [operation.name for operation in described(page).operations] == ["Echo", "Count"]
    assert one(page, operation="Count").name == "Count"
    with pytest.raises(ContractError, match="Documented there: Echo, Count"):
        described(page, operation="Find")


def test_deep_nesting_is_told_once_for_each_sample() -> None:
    deep = "".join(f"<a{n}>" for n in range(1000)) + "int" + "".join(f"</a{n}>" for n in reversed(range(1000)))
    said = [each for each in cautions(PAGE.replace("<x>int</x>", deep)) if "no placeholder" not in each]
    assert len(said) == 2
    assert all("elements are nested more than 100 deep: deeper ones are passed over" in each for each in said)


LOST = {
    "text between members": ("<x>int</x>", "hello <x>int</x>", "hello", "text between the members of Echo is passed"),
    "a section": ("<x>int</x>", "<x><![CDATA[int]]></x>", "<![", "a CDATA section in x: read as its text"),
    "markup in a section": ("<x>int</x>", "<x><![CDATA[<a/>]]></x>", "<![", "a CDATA section in x: the markup in it"),
    "a document type": (
        "<soap:Env",
        "<!DOCTYPE a [<!ENTITY b 'c'>]>\n<soap:Env",
        "<!DOC",
        "a document type declaration",
    ),
}


@pytest.mark.parametrize("printed, instead, where, said", LOST.values(), ids=LOST)
def test_what_no_contract_takes_up_is_told_with_its_place(printed: str, instead: str, where: str, said: str) -> None:
    page = PAGE.replace(printed, instead, 1)
    assert any(each.startswith(f"{place(page, where)} {said[:5]}") and said in each for each in cautions(page))
    assert not any("not well-formed" in each for each in cautions(page))
    assert {"x", "Echo"} <= set(declarations(one(page)))


def test_unknown_family_is_refused_and_a_known_one_overrides() -> None:
    with pytest.raises(ContractError, match="Known: asmx, narrative, servicestack"):
        described(PAGE, family="corba")
    assert described(PAGE, family="narrative").family == "narrative"


def test_pages_of_two_families_are_no_service(tmp_path: Path) -> None:
    files = {"a.txt": PAGE, "b.txt": servicestack_page("Find", '<Find xmlns="urn:f"><Id>0</Id></Find>', "")}
    for name, text in files.items():
        (tmp_path / name).write_text(text, "utf-8")
    with pytest.raises(ContractError, match=r"a\.txt is asmx, .*b\.txt is servicestack|b\.txt.*a\.txt"):
        derive([str(tmp_path / name) for name in files], Wanted("shop"), tmp_path / "out")
    assert not (tmp_path / "out" / "shop").exists()


@pytest.mark.parametrize("form", ["html", "flattened", "pipes"])
def test_cautions_name_places_in_the_form_as_given(form: str) -> None:
    page = FORMS[form](PAGE.replace("<x>int</x>", "<x>banana</x>", 1))
    said = next(each for each in described(page).cautions if "banana" in each.problem)
    line = page.split("\n")[(said.source.line or 0) - 1]
    assert line[(said.source.column or 0) - 1 :].startswith("banana")


# --- pages as people write them ---------------------------------------------------------------------------------------

ENVELOPE = (
    '<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/">\n<soap:Body>\n'
    '<Track xmlns="urn:parcels">\n<code>abc</code>\n</Track>\n</soap:Body>\n</soap:Envelope>\n'
)


@pytest.mark.parametrize("page", [
    f"The response:\n\ncat > it.xml <<END\n{ENVELOPE}END\ncurl -H 'SOAPAction: \"urn:parcels/Track\"' -d @it.xml\n",
    f"const track = () => {{\n  return `{ENVELOPE}`;\n}};\n",
    f"# Track\n\n**----- picture -----**<br>\n{ENVELOPE.replace('>' + chr(10), '><br>')}\n",
], ids=["a command that records the response", "code that returns it", "line breaks of HTML in Markdown"])  # fmt: skip
def test_request_is_told_by_more_than_the_words_before_it(page: str) -> None:
    assert one(page).name == "Track"
    assert set(declarations(one(page))) == {"Track", "code"}


def test_requests_under_headings_of_their_own_are_no_answers_to_each_other() -> None:
    page = f"# Parcels\n\n## Track\n{ENVELOPE}\n## Cancel\n{ENVELOPE.replace('Track', 'Cancel')}"
    assert [each.name for each in described(page).operations] == ["Track", "Cancel"]


def test_envelope_whose_content_is_left_out_is_no_operation() -> None:
    elided = "\nPOST /track HTTP/1.1\nContent-Type: text/xml\n\n<soap:Envelope>...</soap:Envelope>\n"
    assert one(ENVELOPE + elided).name == "Track"
    assert any("content is left out" in each for each in cautions(ENVELOPE + elided))


UNDECLARABLE = {
    "a character of XML's fifth edition": ("<a\u2070b>int</a\u2070b>", "<a\u2070b> has a character"),
    "an attribute with such a character": ('<y a\u2070b="int">int</y>', "attribute a\u2070b has a character"),
    "the namespace of XML": ("<xml:y>int</xml:y>", "no element can be declared in http://www.w3.org/XML"),
    "the namespace of instances": ("<xsi:y>int</xsi:y>", "no element can be declared in http://www.w3.org/2001"),
}


@pytest.mark.parametrize("printed, said", UNDECLARABLE.values(), ids=UNDECLARABLE)
def test_what_no_schema_can_declare_is_named_and_the_rest_compiles(printed: str, said: str, tmp_path: Path) -> None:
    page = PAGE.replace("<x>int</x>", f"<x>int</x>{printed}")
    assert any(said in each and each.startswith(place(page, printed).partition(":")[0]) for each in cautions(page))
    assert schema_of(one(page), tmp_path).fast is not None
    assert "x" in declarations(one(page))


@pytest.mark.parametrize("name", ["Gr\u00f6\u00dfe", "\u540d\u524d", "e\u0301"])
def test_names_in_other_scripts_are_declared(name: str, tmp_path: Path) -> None:
    operation = one(PAGE.replace("<x>int</x>", f"<{name}>int</{name}>"))
    assert name in declarations(operation)
    assert schema_of(operation, tmp_path).fast is not None


@pytest.mark.parametrize("printed, meant", {
    "doubled apostrophes": ('xmlns="urn:parcels"', "xmlns=''urn:parcels''"),
    "doubled apostrophes of print": ('xmlns="urn:parcels"', "xmlns=\u2019\u2019urn:parcels\u2019\u2019"),
    "a blank for a colon": ("<soap:Envelope ", "<soap Envelope "),
}.values())  # fmt: skip
def test_slip_of_the_pen_is_read_as_meant(printed: str, meant: str) -> None:
    assert printed in ENVELOPE
    operation = one(ENVELOPE.replace(printed, meant))
    assert without_places(operation) == without_places(one(ENVELOPE))


def test_empty_attribute_in_apostrophes_is_empty() -> None:
    page = ENVELOPE.replace("<code>", "<code a='' b='x'>")
    assert [each.get("name") for each in declarations(one(page))["code"].iter(f"{{{XSD}}}attribute")] == ["a", "b"]


def test_sample_that_is_saved_as_a_list_is_read_without_its_marks() -> None:
    answer = ENVELOPE.replace("Track", "TrackResponse")
    page = f"POST /track HTTP/1.1\nHost: parcels.example.com\n\n{ENVELOPE}HTTP/1.1 200 OK\n\n{answer}"
    listed = "Track\n" + "\n".join(f"- {line}" for line in page.splitlines())
    assert without_places(one(listed)) == without_places(one(f"Track\n{page}"))
    assert cautions(listed) == []


UNNAMED = ENVELOPE.replace(' xmlns="urn:parcels"', "")
HEADED = (
    'Parcels\n\nfindParcels\n\nPOST /p HTTP/1.1\nHost: p.example.com\nSOAPAction: "urn:parcels/findParcels"\n\n'
    f"{ENVELOPE}\nHTTP/1.1 200 OK\n\n{ENVELOPE.replace('Track', 'TrackResponse')}"
)
NAMED = {
    "no title": (UNNAMED, "Track"),
    "a title": (f"findParcels\n\n{UNNAMED}", "findParcels"),
    "a prefix that is not declared": (
        f"findParcels\n\n{UNNAMED.replace('<Track', '<p:Track').replace('</Track', '</p:Track')}", "Track"
    ),
    "a SOAPAction and a heading": (HEADED, "findParcels"),
    "a SOAPAction and a heading in one line with all else": (FORMS["flattened"](HEADED), "findParcels"),
    "a SOAPAction and the words of a sentence": (HEADED.replace("findParcels\n", "We call findParcels\n"), "Track"),
}  # fmt: skip


@pytest.mark.parametrize("page, name", NAMED.values(), ids=NAMED)
def test_operation_is_named_by_what_says_most(page: str, name: str) -> None:
    assert one(page).name == name


def test_sample_that_is_cut_off_ends_where_the_next_begins() -> None:
    cut = ENVELOPE[: ENVELOPE.index("</Track>")] + "...\n\n## Cancel\n\n"
    page = cut + ENVELOPE.replace("Track", "Cancel").replace("code", "reason")
    operations = {each.name: each for each in described(page).operations}
    assert {name: set(declarations(each)) for name, each in operations.items()} == {
        "Track": {"Track", "code"},
        "Cancel": {"Cancel", "reason"},
    }
    assert any("the sample ends where the next one begins" in each for each in cautions(page))


ATTRIBUTES = """\
# insert

Request:
<insert>
  <code>abc</code>
</insert>
Result:
{answer}
"""


@pytest.mark.parametrize("answer", ['<done error="0" count="1"/>', '<p:done error="0" count="1">\n</p:done>'])
def test_announced_message_of_attributes_alone_is_the_answer(answer: str) -> None:
    operation = one(ATTRIBUTES.format(answer=answer))
    (binding,) = operation.bindings
    assert (binding.protocol, binding.response.body.element) == ("xml", "done")
    root = next(
        root for each in operation.schemas if (root := each.root.find(f"{{{XSD}}}element[@name='done']")) is not None
    )
    assert [each.get("name") for each in root.iter(f"{{{XSD}}}attribute")] == ["error", "count"]


def test_tag_with_attributes_in_the_words_of_a_page_is_no_answer() -> None:
    page = ATTRIBUTES.format(answer='see <a href="more.html"/> for more')
    assert any("no response to this request" in each for each in cautions(page))


ADDRESS = """\
# Track

Format of the message:

{address}

Format of the answer:

HTTP/1.1 200 OK
Content-Type: text/xml

<?xml version="1.0"?>
<parcel xmlns="urn:parcels"><code>abc</code></parcel>
"""


@pytest.mark.parametrize("address", [
    "/parcels.asmx/Track?code=abc&lang=en", "http://parcels.example.com/parcels.asmx/Track?code=abc&amp;lang=en",
    '/parcels.asmx/Track?code="abc"&lang="English (any)"',
])  # fmt: skip
def test_address_with_a_query_is_the_request_where_answers_alone_are_shown(address: str) -> None:
    operation = one(ADDRESS.format(address=address))
    (binding,) = operation.bindings
    assert (operation.name, binding.protocol) == ("Track", "http_get")
    assert binding.response.body.element == "{urn:parcels}parcel"
    bare = next(each.root for each in operation.schemas if each.namespace is None)
    assert [each.get("name") for each in bare.iter(f"{{{XSD}}}element")] == ["code", "lang"]


@pytest.mark.parametrize(
    "address", ["/parcels.asmx?op=Track", "see /parcels.asmx/Track?code=abc", "/parcels.asmx?WSDL"]
)
def test_link_is_no_request(address: str) -> None:
    with pytest.raises(ContractError, match="no request"):
        described(ADDRESS.format(address=address))


ANSWER = "<TrackResponse xmlns='urn:parcels'>\n<state>sent</state>\n</TrackResponse>\n"
OPEN = ENVELOPE.replace("Track", "TrackResponse").replace('envelope/">', 'envelope/"/>')
BODY = '<soap:Body>\n<Track xmlns="urn:parcels">\n<code>abc</code>\n</Track>\n</soap:Body>\n'
ANSWERED = BODY.replace("Track", "TrackResponse")
MEANT = {
    "an envelope that ends at once and goes on": (f"{ENVELOPE}\nResponse:\n\n{OPEN}", "is empty and yet goes on"),
    "a Body without an envelope": (f"Request\n\n{BODY}\nResponse\n\n{ANSWERED}", "read as that of one"),
    "an answer without an envelope": (f"{ENVELOPE}\nResponse:\n\n{ANSWER}", "read as what the Body holds"),
}


@pytest.mark.parametrize("page, said", MEANT.values(), ids=MEANT)
def test_message_that_is_printed_in_part_is_read_as_meant(page: str, said: str) -> None:
    operation = one(page)
    assert any(said in each for each in cautions(page))
    (binding,) = operation.bindings
    assert (binding.protocol, binding.request.body.element) == ("soap11", "{urn:parcels}Track")
    assert binding.response.body.element == "{urn:parcels}TrackResponse"


FORMS_AND_SOAP = f"""# Track

## Response

<parcel state="sent"><code>abc</code></parcel>

## Requests

GET /parcels.asmx/Track
  ?code=abc
  &lang=en
HTTP/1.1

POST /parcels.asmx/Track HTTP/1.1
Content-Type: application/x-www-form-urlencoded

code=abc
&lang=en

{ENVELOPE}
"""


def test_forms_are_told_from_the_envelope_after_them_and_share_an_answer() -> None:
    bindings = {each.protocol: each for each in one(FORMS_AND_SOAP).bindings}
    assert set(bindings) == {"soap11", "http_get", "http_post"}
    assert {bindings[name].response.body.element for name in ("http_get", "http_post")} == {"parcel"}
    assert all([each.name for each in sample.parameters] == ["code", "lang"] for sample in samples(FORMS_AND_SOAP)[1:3])


def test_placeholder_in_a_header_field_is_no_message() -> None:
    head = "POST /track HTTP/1.1\nHost: h.example.com\nX-Key: <YOUR_KEY>\nContent-Type: text/xml\n\n"
    assert one(head + ENVELOPE).bindings[0].request.body.element == "{urn:parcels}Track"


WORDS = """# Track

Endpoint: `https://parcels.example.com/soap/track.php`

Headers

- Content-Type: text/xml
- SOAPAction: "urn:parcels/Track"

"""


def test_address_and_action_in_the_words_around_a_sample_are_noted() -> None:
    (binding,) = one(WORDS + ENVELOPE).bindings
    assert (binding.documented_host, binding.soap_action) == ("parcels.example.com", "urn:parcels/Track")
    assert one(ENVELOPE).bindings[0].documented_host is None


LITERALS = {
    "operators at the end": ('xml = "', '" +\n    "', '";'),
    "operators at the beginning": ("$xml = '", "'\n    . '", "';"),
    "statements that add": ('sb.append("', '");\n    sb.append("', '");'),
    "lines that go on": ("xml = '", "\\\n    ", "'"),
    "line breaks as literals write them": ("xml = '", "\\r\\n", "'"),
}


@pytest.mark.parametrize("start, between, end", LITERALS.values(), ids=LITERALS)
@pytest.mark.parametrize("quote", ['"', '\\"'])
def test_sample_in_literals_of_source_code_is_one_message(start: str, between: str, end: str, quote: str) -> None:
    code = start + between.join(ENVELOPE.replace('"', quote).strip().splitlines()) + f"{end}\n"
    assert [each for each in cautions(code) if "well-formed" in each or "text between" in each] == []
    assert set(declarations(one(code))) == {"Track", "code"}


def test_tags_in_bold_are_tags() -> None:
    bold = ENVELOPE.replace("<soap:Body>", "**<soap:Body>**").replace("<soap:Envelope ", "**<soap:Envelope** ")
    assert set(declarations(one(bold))) == {"Track", "code"}
    assert not any("well-formed" in each or "text between" in each for each in cautions(bold))


def test_page_of_another_family_than_its_service_is_told() -> None:
    rulings = {"family": "asmx", "title": "Shop", "operation": []}
    page = servicestack_page("Find", '<Find xmlns="urn:f"><Id>0</Id></Find>', "")
    said = [each.problem for each in described(page, rulings=rulings).cautions]
    assert any("looks like a page of the family servicestack; it is read as asmx" in each for each in said)
    assert not any("looks like" in each.problem for each in described(PAGE, rulings=rulings).cautions)


def test_request_that_is_shown_twice_is_no_answer_to_itself() -> None:
    page = f"{ENVELOPE}\nNote the other code:\n\n{ENVELOPE.replace('abc', 'def')}"
    (binding,) = one(page).bindings
    assert binding.response.body.element is None
