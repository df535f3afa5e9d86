"""Tables and lists of parameters give types, occurrence and words, in whatever layout, with the places of its cells."""

import re

import pytest
from lxml import etree
from page_samples import FORMS, declarations, described, facts, one, without_places

from contracts.names import SOURCE, XSD

SAMPLES = """\
Sample SOAP Request

<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
  <s:Body>
    <findParcels xmlns="urn:parcels">
      <depot>12</depot><since>2024-02-29</since><state>lost</state><label>0007</label>
    </findParcels>
  </s:Body>
</s:Envelope>

Sample SOAP Response

<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">
  <s:Body>
    <findParcelsResponse xmlns="urn:parcels"><label>0007</label><weight>1.5</weight></findParcelsResponse>
  </s:Body>
</s:Envelope>
"""
HEAD = "findParcels\n\nFinds what was sent.\n\nParameters\n\n"

TABLES = {
    "pipes": """\
| Name | Type | Required | Description |
|---|---|---|---|
| depot | int | yes | Which depot |
| since | date | no | Since when |
| state | string | no | one of: lost, found |
| label | string(20) | yes | What is printed on it |
""",
    "pipes within alone": """\
Name | Type | Mandatory | Description
---|---|---|---
depot | int | Y | Which depot
since | date | N | Since when
state | string | N | one of: lost, found
label | string(20) | Y | What is printed on it
""",
    "columns of spaces": """\
Parameter  Type        Required  Description
depot      int         yes       Which depot
since      date        no        Since when
state      string      no        one of: lost, found
label      string(20)  yes       What is printed on it
""",
    "tabs": """\
Field\tData type\tRequired?\tDescription
depot\tint\tyes\tWhich depot
since\tdate\tno\tSince when
state\tstring\tno\tone of: lost, found
label\tstring(20)\tyes\tWhat is printed on it
""",
    "occurrence last": """\
Field\tType\tDescription\tOptional
depot\tint\tWhich depot\tno
since\tdate\tSince when\tyes
state\tstring\tone of: lost, found\tyes
label\tstring(20)\tWhat is printed on it\tno
""",
    "cardinality and values": """\
| Element | Cardinality | Type | Allowed values |
|:--|--|:-:|--|
| depot | 1..1 | int | any number |
| since | 0..1 | date | 2000 and later |
| state | 0..1 | string | lost, found |
| label | 1 | string(20) | anything else |
""",
    "numbered, with headings of its own": """\
| # | Field name | Data type (length) | Schlüssel | Required (Y/N) | Remarks |
|---|---|---|---|---|---|
| 1 | depot | int | PK | Y | Which depot |
| 2 | since | date | - | N | Since when |
| 3 | state | string | - | N | one of: lost, found |
| 4 | label | string(20) | - | Y | What is printed on it |
""",
    "a list": """\
* `depot` (int, required): Which depot
* `since` (date, optional): Since when
* `state` (string, optional): one of: lost, found
* `label` - What is printed on it *(string, mandatory)*
""",
    "one cell below the other": """\
<depot>
int
required
Which depot
<since>
date
optional
Since when
<state>
optional
one of: lost, found
<label>
string
required
What is printed on it
""",
    "types before names": """\
| Type | Name | Required | Description |
|---|---|---|---|
| int | depot | yes | Which depot |
| date | since | no | Since when |
| string | state | no | one of: lost, found |
| string | label | yes | What is printed on it |
""",
    "labels below names": """\
depot
Type: int
Required: yes
Description: Which depot

since
Type: date
Required: no
Description: Since when

state
Type: string
Required: no
Allowed values: lost, found

label
Type: string
Required: yes
Description: What is printed on it
""",
    "labels in a list of lists": """\
* **depot**
  * Type: int
  * Required: yes
* **since**
  * Type: date
  * Required: no
* **state**
  * Type: string
  * Required: no
  * Description: one of: lost, found
* **label**
  * Type: string
  * Required: yes
""",
    "a table of two columns for each": """\
| Parameter | depot |
| Type | int |
| Required | yes |
| Parameter | since |
| Type | date |
| Required | no |
| Parameter | state |
| Type | string |
| Required | no |
| Values | lost, found |
| Parameter | label |
| Type | string |
| Required | yes |
""",
    "definitions": """\
depot
(int, required) Which depot
since
(date, optional) Since when
state
(string, optional) one of: lost, found
label
(string, required) What is printed on it
""",
    "a signature in each line": """\
int depot (required) - Which depot
date since (optional) - Since when
string state (optional) - one of: lost, found
string label (required) - What is printed on it
""",
}
HTML = """\
<table>
  <thead><tr>
    <th>Name</th>
    <th>Type</th>
    <th>Required</th>
    <th>Description</th>
  </tr></thead>
  <tr>
    <td><code>depot</code></td>
    <td>int</td>
    <td>yes</td>
    <td>Which depot</td>
  </tr>
  <tr><td>since</td><td>date</td><td>no</td><td></td></tr>
  <tr><td>state</td><td>string</td><td>no</td><td>one of: lost, found</td></tr>
  <tr><td>label</td><td>string(20)</td><td>yes</td><td>What is printed on it</td></tr>
</table>
"""


def page_of(table: str) -> str:
    return f"{HEAD}{table}\n{SAMPLES}"


def request_of(page: str) -> dict[str, etree._Element]:
    """The declarations of the request's members."""
    root = declarations(one(page))["findParcels"]
    return {each.get("name", ""): each for each in root.iter(f"{{{XSD}}}element") if each is not root}


def note(element: etree._Element, name: str) -> str | None:
    return element.get(f"{{{SOURCE}}}{name}")


def at(page: str, place: str | None, document: str = "page.txt") -> str:
    """What stands on a page from a noted place on."""
    line, column = map(int, (place or "").removeprefix(f"{document}:").split(":"))
    return page.split("\n")[line - 1][column - 1 :]


def words_of(element: etree._Element) -> list[str | None]:
    return [each.get("value") for each in element.iter(f"{{{XSD}}}enumeration")]


EXPECTED = {
    "depot": {"type": "xs:int"},
    "since": {"type": "xs:date", "minOccurs": "0"},
    "state": {"minOccurs": "0"},
    "label": {"type": "xs:string"},
}


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_table_gives_types_occurrence_and_words(table: str) -> None:
    found = request_of(page_of(table))
    assert words_of(found["state"]) == ["lost", "found"]
    assert {name: facts(each) for name, each in found.items()} == EXPECTED
    for element in found.values():
        assert (note(element, "basis"), note(element, "min-basis")) == ("documented", "documented")


@pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
def test_what_a_table_says_has_the_place_of_its_cell(table: str) -> None:
    page = page_of(table)
    found = request_of(page)
    row = next(line for line in page.split("\n") if re.search(r"\bdepot\b", line) and "<depot>12" not in line)
    below = page.index(row)
    assert at(page, note(found["depot"], "type-at")).startswith("int")
    said = ("yes", "Y", "no", "required", "1..1")
    assert at(page, note(found["depot"], "min-at")).startswith(said)
    for aspect in ("type-at", "min-at"):
        line = int((note(found["depot"], aspect) or "").split(":")[0])
        assert 0 <= line - page.count("\n", 0, below) - 1 <= 2
    assert at(page, note(found["depot"], "at")).startswith("<depot>12")


FLATTENED = [(name, form) for name in TABLES for form in sorted(FORMS)]
GLUED = {
    "pipes within alone", "columns of spaces", "tabs", "occurrence last", "a list", "one cell below the other",
    "labels below names", "labels in a list of lists", "definitions", "a signature in each line",
}  # fmt: skip
"""Layouts of which nothing is left to tell a cell from the next where lines are joined without even a space."""


UNTOLD = {("numbered, with headings of its own", form) for form in ("flattened", "run together")}
"""Without its line's end, nobody can tell where a header ends of which a heading is none that is known."""


@pytest.mark.parametrize(
    "name, form",
    [each for each in FLATTENED if each not in UNTOLD and (each[1] != "run together" or each[0] not in GLUED)],
)
def test_every_form_of_a_table_gives_the_same_contract(name: str, form: str) -> None:
    page = page_of(TABLES[name])
    assert without_places(one(FORMS[form](page), operation="find")) == without_places(one(page, operation="find"))


@pytest.mark.parametrize("form", ["html", "flattened", "pipes", "block quote"])
def test_places_are_those_of_the_form_as_given(form: str) -> None:
    page = FORMS[form](page_of(TABLES["pipes"]))
    found = request_of(page)
    assert at(page, note(found["since"], "type-at")).startswith("date")
    assert at(page, note(found["since"], "min-at")).startswith("no")


def test_table_of_a_saved_page_is_read_through_its_markup() -> None:
    escaped = SAMPLES.replace("<", "&lt;")
    page = f"<html><body><h1>findParcels</h1><h2>Parameters</h2>\n{HTML}<pre>{escaped}</pre></body></html>"
    found = request_of(page)
    assert words_of(found["state"]) == ["lost", "found"]
    assert {name: facts(each) for name, each in found.items()} == EXPECTED
    assert at(page, note(found["depot"], "min-at")).startswith("yes</td>")
    assert without_places(one(page.replace("\n", " "))) == without_places(one(page))


HEADINGS = {
    "Spanish": ("Campo | Tipo | Obligatorio | Descripci\u00f3n", "entero", "fecha", "cadena", "S\u00ed", "No"),
    "Portuguese": (
        "Campo | Tipo | Obrigat\u00f3rio | Descri\u00e7\u00e3o",
        "inteiro",
        "date",
        "texto",
        "Sim",
        "N\u00e3o",
    ),
    "French": ("Champ | Type | Obligatoire | Description", "entier", "date", "cha\u00eene", "Oui", "Non"),
    "German": ("Feld | Typ | Pflicht | Beschreibung", "Ganzzahl", "Datum", "Zeichenkette", "Ja", "Nein"),
    "Italian": ("Parametro | Tipo | Obbligatorio | Descrizione", "intero", "date", "stringa", "Si", "No"),
    "Chinese": (
        "\u53c2\u6570 | \u7c7b\u578b | \u5fc5\u586b | \u8bf4\u660e",
        "int",
        "date",
        "string",
        "\u662f",
        "\u5426",
    ),
    "types first, in Spanish": (
        "Tipo | Requerido | Identificador | Descripci\u00f3n",
        "entero",
        "fecha",
        "texto",
        "SI",
        "NO",
    ),
}


@pytest.mark.parametrize("language", HEADINGS)
@pytest.mark.parametrize("form", [None, "html", "pipes"])
def test_headings_are_known_in_the_languages_of_such_pages(language: str, form: str | None) -> None:
    heading, number, day, text, yes, no = HEADINGS[language]
    columns = heading.split(" | ")
    rows = [("depot", number, yes), ("since", day, no), ("state", text, no), ("label", text, yes)]
    kinds = {"Tipo": 1, "Requerido": 2, "Identificador": 0}
    order = [kinds[each] for each in columns[:3]] if columns[0] == "Tipo" else [0, 1, 2]
    lines = [f"| {' | '.join([*(row[place] for place in order), '...'])} |" for row in rows]
    table = "\n".join([f"| {heading} |", "|---|---|---|---|", *lines])
    page = page_of(table) if form is None else FORMS[form](page_of(table))
    found = request_of(page)
    wanted = EXPECTED["depot"] if number == "int" else {"type": "xs:integer"}
    assert facts(found["depot"]) == wanted
    assert facts(found["since"]) == EXPECTED["since"]
    assert (facts(found["state"])["minOccurs"], facts(found["label"])) == ("0", EXPECTED["label"])


@pytest.mark.parametrize("name", ["pipes", "columns of spaces", "tabs", "a list", "one cell below the other"])
@pytest.mark.parametrize("form", [None, "flattened"])
def test_element_with_the_name_of_a_type_is_told_from_it(name: str, form: str | None) -> None:
    page = page_of(TABLES[name].replace("label", "date")).replace("<label>0007</label>", "<date>0007</date>", 1)
    found = request_of(page if form is None else FORMS[form](page))
    assert facts(found["since"]) == EXPECTED["since"]
    assert facts(found["date"]) == EXPECTED["label"]


def test_occurrence_is_that_of_the_messages_that_the_heading_names() -> None:
    """The response has a label, too, which a table of parameters says nothing of."""
    operation = one(page_of(TABLES["pipes"]))
    (label,) = declarations(operation)["findParcelsResponse"].iterfind(f".//{{{XSD}}}element[@name='label']")
    assert (facts(label)["minOccurs"], note(label, "min-basis")) == ("0", "convention")
    assert note(label, "type-basis") == "inferred"
    returned = page_of("Return Values\n\n| Name | Type | Required |\n|---|---|---|\n| weight | decimal | yes |\n")
    weight = declarations(one(returned))["weight"]
    assert (facts(weight), note(weight, "min-basis")) == ({"type": "xs:decimal"}, "documented")


@pytest.mark.parametrize("signature", [
    "findParcels(int depot, date since, string state, string label)",
    "public string[] findParcels(int depot, date since, string state, string label);",
    "Call findParcels (int depot , date since , string state , string label) as often as you like.",
])  # fmt: skip
@pytest.mark.parametrize("form", [None, "html", "flattened"])
def test_signature_gives_types(signature: str, form: str | None) -> None:
    page = page_of(signature)
    found = request_of(page if form is None else FORMS[form](page))
    types = {name: facts(each)["type"] for name, each in found.items()}
    assert types == {"depot": "xs:int", "since": "xs:date", "state": "xs:string", "label": "xs:string"}
    assert note(found["depot"], "type-basis") is None


def test_heading_after_labels_is_that_of_the_next_table() -> None:
    page = page_of(
        f"{TABLES['labels below names']}\nResponse parameters\n\nlabel\nType: string\n\nweight\nType: decimal\n"
    )
    operation = one(page)
    (label,) = declarations(operation)["findParcelsResponse"].iterfind(f".//{{{XSD}}}element[@name='label']")
    assert note(label, "type-basis") is None
    weight = declarations(operation)["weight"]
    assert (facts(weight)["type"], note(weight, "type-basis")) == ("xs:decimal", None)
    assert facts(request_of(page)["label"]) == EXPECTED["label"]


def test_required_members_stay_required_beside_one_that_repeats() -> None:
    page = page_of(TABLES["pipes"]).replace(
        "<label>0007</label>\n", "<label>0007</label><note>a</note><note>b</note>\n"
    )
    found = request_of(page)
    assert facts(found["depot"]) == {"type": "xs:int"}
    assert facts(found["note"])["maxOccurs"] == "unbounded"


def test_parameters_of_a_query_take_what_tables_say() -> None:
    page = (
        "Parameters\n\n| Name | Type | Required |\n|---|---|---|\n| depot | int | yes |\n| state | string | no |\n\n"
        "GET /parcels/find?depot=12&state=lost HTTP/1.1\nHost: parcels.example.com\n\n"
        "HTTP/1.1 200 OK\nContent-Type: text/xml\n\n<parcels><label>0007</label></parcels>\n"
    )
    found = declarations(one(page))
    assert (facts(found["depot"]), note(found["depot"], "min-basis")) == ({"type": "xs:int"}, "documented")
    assert facts(found["state"]) == {"type": "xs:string", "minOccurs": "0"}


# --- tables that samples, or each other, contradict -------------------------------------------------------------------

ROW = "| Name | Type | Occurrence | Description |\n|---|---|---|---|\n| {} |\n"
CONTRADICTIONS = {
    "a type": ("label | date | 0..1 | When", "label", "type-basis", "label is '0007' here and date at"),
    "a list of words": ("state | string | 0..1 | One of: sent, paid", "state", "type-basis", "'lost' here and one of"),
    "words side by side": ("state | string | 0..1 | sent/paid", "state", "type-basis", "one of sent, paid at"),
    "two lists": (
        "state | string | 0..1 | One of: lost, found |\n| state | string | 0..1 | One of: lost, sent", "state",
        "type-basis", "state is one of lost, sent here and one of lost, found at",
    ),
    "a presence": ("colour | int | 1 | x", "colour", "min-basis", "is required here and a sample goes without it"),
    "a number": ("state | string | 2..3 | x", "state", "min-basis", "stands 2 times at least here and fewer times at"),
    "two rows": ("depot | int | 0..1 | x |\n| depot | string | 0..1 | y", "depot", "type-basis", "string here and int"),
}  # fmt: skip


@pytest.mark.parametrize("row, name, aspect, said", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_table_that_is_contradicted_is_told_with_both_places_and_documents_nothing(
    row: str, name: str, aspect: str, said: str
) -> None:
    page = page_of(ROW.format(row))
    if name == "colour":  # a second sample of the request has what the first goes without
        first = SAMPLES[: SAMPLES.index("Sample SOAP Response")]
        page = page.replace(
            "Sample SOAP Response", f"{first.replace('<depot>', '<colour>1</colour><depot>')}\nSample SOAP Response"
        )
    element = request_of(page)[name]
    assert note(element, aspect) == "inferred"
    (caution,) = [each for each in described(page).cautions if said in each.problem]
    places = [f"{caution.source.line}:{caution.source.column}", *re.findall(r"\d+:\d+", caution.problem)]
    assert len(set(places)) == 2
    assert all(
        name in page.split("\n")[int(place.split(":")[0]) - 1] or "<findParcels" in at(page, place) for place in places
    )


def test_sample_validates_where_its_table_is_wrong() -> None:
    element = request_of(page_of(ROW.format("state | string | 0..1 | One of: sent, paid")))["state"]
    assert (facts(element)["type"], words_of(element)) == ("xs:string", [])


def test_words_side_by_side_are_no_list_where_the_type_is_another() -> None:
    page = page_of(ROW.format("depot | int | 0..1 | Warehouse/Office"))
    assert facts(request_of(page)["depot"]) == {"type": "xs:int", "minOccurs": "0"}
    assert described(page).cautions == ()


def test_list_that_two_tables_repeat_is_documented() -> None:
    row = "state | string | 0..1 | One of: lost, found"
    assert words_of(request_of(page_of(ROW.format(f"{row} |\n| {row}")))["state"]) == ["lost", "found"]


@pytest.mark.parametrize("value", ["?", "...", "[a number]", "{depot}", "xxx"])
def test_what_stands_in_the_place_of_a_value_contradicts_no_table(value: str) -> None:
    page = page_of(TABLES["pipes"]).replace("<depot>12<", f"<depot>{value}<")
    assert facts(request_of(page)["depot"]) == {"type": "xs:int"}
    assert described(page).cautions == ()


@pytest.mark.parametrize(
    "words", ["This finds the depot number of a label.", "The label: text on a parcel", "label string"]
)
def test_prose_is_no_table(words: str) -> None:
    found = request_of(page_of(words))
    assert {note(each, "type-basis") for each in found.values()} == {"inferred"}
    assert {note(each, "min-basis") for each in found.values()} == {"convention"}


def test_name_that_stands_at_several_places_is_documented_at_none() -> None:
    page = page_of(TABLES["pipes"]).replace("<since>", "<from><depot>13</depot></from><since>")
    both = [
        each
        for each in one(page).schemas
        for each in each.root.iter(f"{{{XSD}}}element")
        if each.get("name") == "depot"
    ]
    assert [(note(each, "type-basis"), note(each, "min-basis")) for each in both] == [("inferred", "convention")] * 2


def test_tables_of_other_operations_are_not_this_ones() -> None:
    other = page_of(ROW.format("depot | string | 0..1 | x")).replace("findParcels", "loseParcels").replace(HEAD, "")
    page = f"{page_of(TABLES['pipes'])}\n\n{other}"
    find, lose = described(page).operations
    assert [facts(declarations(each)["depot"]) for each in (find, lose)] == [
        {"type": "xs:int"},
        {"type": "xs:string", "minOccurs": "0"},
    ]


RESPONSE_TABLE = """Find

POST /find HTTP/1.1
Content-Type: text/xml

<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>
<Find xmlns="urn:f"><q>a</q></Find></s:Body></s:Envelope>

Response

<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><FindResponse xmlns="urn:f">
<total>1</total><hit>a</hit></FindResponse></s:Body></s:Envelope>

Response parameters

| Name | Type | Cardinality |
|---|---|---|
| total | int | 1..1 |
| hit | string | {} |
"""


@pytest.mark.parametrize("cardinality, least", [("0..1", "1"), ("0..n", "0")])
def test_occurrence_that_members_which_repeat_take_away_is_told(cardinality: str, least: str) -> None:
    description = described(RESPONSE_TABLE.format(cardinality))
    element = next(each for each in declarations(description.operations[0]).values() if each.get("name") == "total")
    group = element.getparent()
    assert group is not None
    choice = group.tag == f"{{{XSD}}}choice"
    assert choice is (least == "0")
    warned = [each.problem for each in description.cautions if "any number is clean" in each.problem]
    assert [each.split()[0] for each in warned] == (["total"] if choice else [])
    told = [each.concluded for each in description.operations[0].inferences if each.subject == "response total"]
    assert ("occurs 0 to unbounded" in told, "occurs 1 to 1" in told) == (choice, not choice)


def test_row_that_no_sample_shows_is_a_warning() -> None:
    more = RESPONSE_TABLE.format("0..1") + "| source | string | 0..1 |\n\n| Code | Type |\n|---|---|\n| E1 | string |\n"
    told = [(each.source.line, each.problem) for each in described(more).cautions]
    line = more[: more.index("| source")].count("\n") + 1
    assert told == [(line, "source stands in a table and in no sample: the contract has no such member")]


@pytest.mark.parametrize("said, action", [
    ("Send it by HTTP POST to\nhttps://ws.example.com/f with SOAPAction `urn:f:Find`.", "urn:f:Find"),
    ("The SOAPAction header must be urn:f:Find. The address is https://ws.example.com/f .", "urn:f:Find"),
    ("Post to https://ws.example.com/f, and mind the SOAPAction that is needed", None),
])  # fmt: skip
def test_soap_action_and_address_in_the_words_around_a_sample_are_noted(said: str, action: str | None) -> None:
    head, _, rest = RESPONSE_TABLE.format("0..1").partition("POST /find HTTP/1.1\nContent-Type: text/xml\n")
    (binding,) = one(f"{head}{said}\n\n{'Words about it.' * 100}\n{rest}").bindings
    assert (binding.documented_host, binding.soap_action) == ("ws.example.com", action)
