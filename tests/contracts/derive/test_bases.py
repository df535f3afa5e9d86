"""What conclusions rest on: nothing is documented that the page does not print, or prints two ways."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree
from page_samples import (
    NAMESPACE,
    NARRATIVE_PAGE,
    Element,
    asmx_forms,
    asmx_page,
    declarations,
    described,
    facts,
    one,
    schema_of,
    servicestack_page,
    soap,
)

from contracts.derive.deriving import Wanted, derive
from contracts.derive.description import OperationDescription, RequirementDescription
from contracts.judge.judge import judge
from contracts.judge.records import Exchange, Group, Message, Request, Response
from contracts.loader import load_service
from contracts.names import SOURCE, XSD

RESULT = [Element("EchoResult", "string")]


def note(element: etree._Element, name: str) -> str | None:
    return element.get(f"{{{SOURCE}}}{name}")


def bases(operation: OperationDescription, name: str) -> dict[str, str | None]:
    element = declarations(operation)[name]
    return {
        aspect: note(element, f"{aspect}basis") for aspect in ("", "type-", "min-") if note(element, f"{aspect}basis")
    }


def requirement(operation: OperationDescription, slug: str) -> RequirementDescription:
    (found,) = [each for each in operation.requirements if each.id.endswith(f"/{slug}")]
    return found


def said(page: str, words: str) -> str:
    """The only caution with some words."""
    (found,) = [str(each) for each in described(page).cautions if words in each.problem]
    return found


def lines_of(caution: str) -> list[int]:
    """The lines that a caution names: that of its place first."""
    first = re.findall(r"line (\d+)", caution)
    return [int(line) for line in [*first, *re.findall(r"(\d+):\d+", caution)]]


def line(page: str, text: str, occurrence: int = 1) -> int:
    return [number for number, each in enumerate(page.split("\n"), 1) if text in each][occurrence - 1]


# --- XML that is not well-formed --------------------------------------------------------------------------------------

BRANCH = Element("order", children=(Element("id", "int"), Element("part", "string"), Element("note", "string")))
WHOLE = asmx_page("Echo", [Element("before", "int"), BRANCH, Element("after", "int")], RESULT, protocols=["soap11"])


def test_members_below_an_element_that_is_never_closed_are_a_guess() -> None:
    page = WHOLE.replace("<id>int</id>", "<id>int", 1)
    operation = one(page)
    assert {name: bases(operation, name)[""] for name in ("before", "order", "id", "after")} == {
        "before": "documented", "order": "documented", "id": "documented", "after": "documented",
    }  # fmt: skip
    assert bases(operation, "id")["type-"] == "inferred"
    assert bases(operation, "part")[""] == bases(operation, "note")[""] == "inferred"


def test_members_before_an_end_tag_without_a_start_are_a_guess() -> None:
    page = WHOLE.replace("<note>string</note>", "</lost><note>string</note>", 1)
    operation = one(page)
    assert bases(operation, "order") == {"": "documented", "type-": "inferred", "min-": "convention"}
    assert [bases(operation, name)[""] for name in ("id", "part", "note")] == ["inferred", "inferred", "documented"]
    assert bases(operation, "after")[""] == "documented"


def test_what_another_sample_shows_whole_is_no_guess() -> None:
    both = asmx_page("Echo", [BRANCH], RESULT)
    operation = one(both.replace("<id>int</id>", "<id>int", 1))
    assert {bases(operation, name)[""] for name in ("order", "id", "part", "note")} == {"documented"}
    assert bases(operation, "id").get("type-") is None


@pytest.mark.parametrize("before, after", [
    ("</Echo>", "</echo>"),
    (f'<Echo xmlns="{NAMESPACE}">', f"<Echo xmlns={NAMESPACE}>"),
    ("</id>", "</id"),
])  # fmt: skip
def test_slips_that_leave_no_doubt_weaken_nothing(before: str, after: str) -> None:
    operation = one(WHOLE.replace(before, after, 1))
    assert {bases(operation, name)[""] for name in ("order", "id", "part", "note", "after")} == {"documented"}
    assert bases(operation, "id").get("type-") is None


# --- samples that contradict each other -------------------------------------------------------------------------------


def in_second(page: str, before: str, after: str) -> str:
    """A page with something changed in the last place where it stands."""
    head, _, tail = page.rpartition(before)
    return f"{head}{after}{tail}"


TWO = asmx_page("Echo", [Element("x", "int"), Element("y", children=(Element("z", "string"),))], RESULT)
CONTRADICTIONS = {
    "types": ("<x>int</x>", "<x>string</x>", "x", {"": "documented", "type-": "inferred"}, "<x>int", "<x>string"),
    "lists": ("<x>int</x>", "<x>A or B</x>", "x", {"": "documented", "type-": "inferred"}, "<x>int", "<x>A or B"),
    "members": ("<x>int</x>", "", "x", {"": "inferred", "min-": "inferred"}, "<x>int", "<Echo xmlns"),
    "levels": ("<z>string</z>", "string", "y", {"": "documented", "type-": "inferred"}, "<y>", "      string"),
    "numbers": (
        "<z>string</z>", "<z>string</z><z>string</z>", "z", {"": "documented", "min-": "inferred"},
        "<z>string</z>", "<z>string</z><z>string</z>",
    ),
}  # fmt: skip


@pytest.mark.parametrize("before, after, name, expected, first, second", CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_what_bindings_contradict_is_not_documented_and_both_lines_are_named(
    before: str, after: str, name: str, expected: dict[str, str], first: str, second: str
) -> None:
    page = in_second(TWO, before, after)
    found = bases(one(page), name)
    assert {aspect: found.get(aspect) for aspect in expected} == expected
    assert all(found.get(aspect) != "inferred" for aspect in ("", "type-", "min-") if aspect not in expected)
    (caution,) = described(page).cautions
    named = set(lines_of(str(caution)))
    texts = [page.split("\n")[number - 1] for number in named]
    assert len(named) == 2
    assert any(first in text for text in texts)
    assert any(second in text for text in texts)


def test_another_order_in_another_binding_is_told_with_both_lines() -> None:
    swapped = asmx_page("Echo", [Element("x", "int"), Element("w", "int")], RESULT)
    page = in_second(swapped, "<x>int</x>\n      <w>int</w>", "<w>int</w>\n      <x>int</x>")
    assert page != swapped
    assert lines_of(said(page, "differ in the order")) == [line(page, "<Echo xmlns", 2), line(page, "<Echo xmlns", 1)]


def test_values_that_bindings_print_two_ways_are_text() -> None:
    part = servicestack_page("Find", '<Find xmlns="urn:f"><Id>0</Id></Find>', '<Found xmlns="urn:f"><N>0</N></Found>')
    other = part.replace("/xml/reply/Find", "/xml/reply/Find ").replace("<Id>0</Id>", "<Id>String</Id>")
    page = f"{part}\n{other}"
    assert facts(declarations(one(page))["Id"])["type"] == "xs:string"
    assert bases(one(page), "Id")["type-"] == "inferred"
    assert lines_of(said(page, "Id is 'String' here")) == [line(page, "<Id>String"), line(page, "<Id>0")]


def test_parameters_that_soap_types_otherwise_are_told_with_both_lines() -> None:
    over_soap = asmx_page("Sum", [Element("a", "int")], [Element("SumResult", "int")], protocols=["soap11"])
    page = over_soap + "\n" + asmx_forms("Sum", ["a"], f'<int xmlns="{NAMESPACE}">int</int>', {"a": "decimal"})
    operation = one(page)
    assert {each.request.body.type_name for each in operation.bindings[1:]} == {"Parameters"}
    bare = next(each.root for each in operation.schemas if each.namespace is None)
    (declared,) = bare.iter(f"{{{XSD}}}element")
    assert note(declared, "type-basis") == "inferred"
    assert lines_of(next(str(each) for each in described(page).cautions)) == [
        line(page, "a=decimal"),
        line(page, "<a>int"),
    ]


def test_parameters_and_members_of_different_names_are_told() -> None:
    over_soap = asmx_page("Sum", [Element("a", "int")], [Element("SumResult", "int")], protocols=["soap11"])
    page = over_soap + "\n" + asmx_forms("Sum", ["a", "b"], f'<int xmlns="{NAMESPACE}">int</int>')
    assert {lines_of(str(each))[1] for each in described(page).cautions if "and not in both" in each.problem} == {
        line(page, "<Sum xmlns")
    }


# --- lists of words ---------------------------------------------------------------------------------------------------


def lists(operation: OperationDescription) -> dict[str, tuple[tuple[str, ...], object, str]]:
    return {
        each.id.rpartition("/")[2]: (each.accepts, each.parameters["component"], each.basis)
        for each in operation.requirements
        if "component" in each.parameters
    }


SHIPPING = Element("shipping", children=(Element("state", "Sent or Lost"),))
PAYMENT = Element("payment", children=(Element("state", "Open or Paid"), Element("by", "Card or Cash")))


def test_lists_of_one_name_at_different_places_are_promises_of_their_own() -> None:
    page = asmx_page("Echo", [Element("x", "int")], [Element("EchoResult", children=(SHIPPING, PAYMENT))])
    operation = one(page)
    assert lists(operation) == {
        "shipping.state-is-listed": (("Sent", "Lost"), "shipping/state", "documented"),
        "payment.state-is-listed": (("Open", "Paid"), "payment/state", "documented"),
        "by-is-listed": (("Card", "Cash"), "by", "documented"),
    }
    places = {slug: requirement(operation, slug).at["soap12"].line for slug in lists(operation)}
    assert places["shipping.state-is-listed"] == line(page, "Sent or Lost", 2)
    assert places["payment.state-is-listed"] == line(page, "Open or Paid", 2)


def test_equal_lists_at_different_places_have_a_promise_and_a_place_each() -> None:
    twin = Element("payment", children=(Element("state", "Sent or Lost"),))
    page = asmx_page("Echo", [Element("x", "int")], [Element("EchoResult", children=(SHIPPING, twin))])
    slugs = ["shipping.state-is-listed", "payment.state-is-listed"]
    assert list(lists(one(page))) == slugs
    assert [requirement(one(page), slug).at["soap11"].line for slug in slugs] == [
        line(page, "Sent or Lost", 1),
        line(page, "Sent or Lost", 2),
    ]


def test_one_list_over_several_bindings_is_one_promise() -> None:
    over_soap = asmx_page("Echo", [Element("x", "int")], [Element("EchoResult", children=(SHIPPING,))])
    form = Element("Parcel", children=(SHIPPING,), attributes=f'xmlns="{NAMESPACE}"').printed()
    operation = one(f"{over_soap}\n{asmx_forms('Echo', ['x'], form)}")
    assert list(lists(operation)) == ["state-is-listed"]
    assert list(requirement(operation, "state-is-listed").at) == ["soap11", "soap12", "http_get", "http_post"]


def test_list_of_text_with_attributes_is_promised_too() -> None:
    page = asmx_page("Echo", [Element("x", "int")], [Element("EchoResult", "Sent or Lost", attributes='by="string"')])
    assert list(lists(one(page))) == ["EchoResult-is-listed"]


def test_list_of_a_table_is_promised_at_the_place_of_the_table() -> None:
    page = NARRATIVE_PAGE.replace(
        "Sample SOAP Response", "Return values\n\n* user (string): one of: Ann, Bob\n\nSample SOAP Response"
    )
    listed = requirement(one(page), "user-is-listed")
    assert (listed.accepts, listed.basis) == (("Ann", "Bob"), "documented")
    assert listed.at["soap11"].line == line(page, "one of: Ann")


def test_values_of_samples_close_no_list() -> None:
    """One value shows a member of a list, and never that there are no others."""
    for page in (
        NARRATIVE_PAGE,
        servicestack_page("Find", "<Find><Mode>Fast</Mode></Find>", "<Found><N>0</N></Found>"),
    ):
        assert not [each for each in _everything(one(page)) if each.tag == f"{{{XSD}}}enumeration"]


def _everything(operation: OperationDescription) -> Iterator[etree._Element]:
    for schema in operation.schemas:
        yield from schema.root.iter(f"{{{XSD}}}*")


def test_type_that_elements_share_has_the_places_of_all() -> None:
    page = servicestack_page(
        "Find",
        '<Find xmlns="urn:f"><Mode>Fast</Mode><Id>00000000-0000-0000-0000-000000000000</Id><Kind>Small</Kind></Find>',
        '<Found xmlns="urn:f"><State>Open</State></Found>',
    )
    types = {
        each.get("name"): note(each, "at") for each in _everything(one(page)) if each.tag == f"{{{XSD}}}simpleType"
    }
    texts = [
        page.split("\n")[int(row) - 1][int(column) - 1 :].partition("<")[0]
        for row, column in (place.split(":") for place in (types["OpenEnumeration"] or "").split())
    ]
    assert texts == ["Fast", "Small", "Open"]
    assert len((types["guid"] or "").split()) == 1


@pytest.mark.parametrize("shipping, payment, expected", [
    ("Sent", "Open", {}),
    ("Open", "Paid", {"shipping.state-is-listed": "violation"}),
    ("Lost", "Lost", {"payment.state-is-listed": "violation"}),
    ("x", "y", {"shipping.state-is-listed": "violation", "payment.state-is-listed": "violation"}),
])  # fmt: skip
def test_each_list_is_judged_at_its_own_place(
    shipping: str, payment: str, expected: dict[str, str], tmp_path: Path
) -> None:
    state = (Element("state", "Sent or Lost"),), (Element("state", "Open or Paid"),)
    parts = [Element(name, children=each) for name, each in zip(("shipping", "payment"), state, strict=True)]
    file = tmp_path / "page.txt"
    file.write_text(asmx_page("Echo", [Element("x", "int")], [Element("EchoResult", children=tuple(parts))]), "utf-8")
    operation = load_service(derive([str(file)], Wanted("shop"), tmp_path / "out").folder).operations["Echo"]
    inner = f"<shipping><state>{shipping}</state></shipping><payment><state>{payment}</state></payment>"
    answer = soap("soap11", f'<EchoResponse xmlns="{NAMESPACE}"><EchoResult>{inner}</EchoResult></EchoResponse>')
    request = Request("POST", "", (), b"<x/>")
    sent = Message(
        "item", 1, "shop", "Echo", "soap11", "page/sample/known-good-is-answered", "sample", "accept", request
    )
    fields = (("Content-Type", "text/xml; charset=utf-8"),)
    exchange = Exchange(1, sent, request, Response(200, "OK", fields, answer.encode()), 0.0, 0.1, "planned")
    found = judge(Group((exchange,)), operation).findings
    assert {each.requirement.rpartition("/")[2]: each.effect for each in found} == expected


# --- what requirements say --------------------------------------------------------------------------------------------


def test_narrative_answers_are_promised_neither_order_nor_types() -> None:
    promised = requirement(one(NARRATIVE_PAGE), "response-matches-schema").requires
    assert promised.endswith("names, namespaces; members stand in any order")


def test_order_and_types_are_promised_where_pages_print_them() -> None:
    page = asmx_page("Echo", [], [Element("a", "int"), Element("b", "string")])
    assert requirement(one(page), "response-matches-schema").requires.endswith("names, namespaces, order, types")
    answer = "<Found><Who>String</Who><Many>0</Many></Found>"
    mixed = servicestack_page("Find", "<Find><Id>0</Id></Find>", answer)
    assert requirement(one(mixed), "response-matches-schema").requires.endswith(
        "order, types where the page shows them"
    )


def test_members_of_headers_are_none_of_the_body() -> None:
    page = NARRATIVE_PAGE
    for name in ("getUsers", "getUsersResponse", "problem"):
        page = re.sub(rf"</?u:{name}[^>]*>", "", page)
    head = "<s:Header><trace>1</trace></s:Header>\n  <s:Body>"
    operation = one(page.replace("<s:Body>", head))
    assert requirement(operation, "response-element").accepts == ("user, total",)
    (form, _) = requirement(operation, "error-is-documented-shape").accepts
    assert form.startswith("trace in Header; code in Body, as documented")


def test_explanation_names_the_place_of_each_aspect(tmp_path: Path) -> None:
    page = NARRATIVE_PAGE.replace("| limit | int | How", "| limit | int | required. How")
    file = tmp_path / "page.txt"
    file.write_text(page, "utf-8")
    derived = derive([str(file)], Wanted("shop"), tmp_path / "out").description.operations[0]
    places = {each.concluded: each.source for each in derived.inferences if each.subject == "request limit"}
    assert places["type int"] is not None
    assert places["type int"].line == line(page, "| limit | int")


def test_wildcards_of_a_dataset_say_what_is_printed_and_what_is_custom(tmp_path: Path) -> None:
    dataset = "<xsd:schema>schema</xsd:schema>xml"
    operation = one(asmx_page("Echo", [Element("x", "int")], [Element("EchoResult", dataset)]))
    schema, data = (each for each in _everything(operation) if each.tag == f"{{{XSD}}}any")
    assert (note(schema, "basis"), note(schema, "type-basis")) == ("documented", None)
    assert (note(data, "basis"), note(data, "type-basis"), note(data, "min-basis")) == (
        "documented", "convention", "documented",
    )  # fmt: skip
    assert schema_of(operation, tmp_path).fast is not None
