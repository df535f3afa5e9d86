"""What a contract derived from a WSDL demands of answers that no shipped service gives: declared faults, no answer."""

from pathlib import Path

import pytest
from wsdl_samples import ECHO, Op, element_op, schema, wsdl

from contracts.derive.deriving import Wanted, derive
from contracts.judge.judge import judge
from contracts.judge.records import Exchange, Finding, Group, Message, Request, Response
from contracts.loader import load_service
from contracts.model import Expectation, Operation, Protocol
from contracts.names import SOAP11_ENVELOPE, SOAP12_ENVELOPE


def derived(folder: Path, text: str) -> Operation:
    """The only operation of a WSDL, derived, written and loaded."""
    (folder / "a.wsdl").write_text(text, "utf-8")
    made = derive([str(folder / "a.wsdl")], Wanted("orders"), folder / "services")
    return next(iter(load_service(made.folder).operations.values()))


def findings_on(
    operation: Operation,
    protocol: Protocol,
    answer: bytes,
    *,
    status: int,
    media_type: str | None = None,
    expectation: Expectation = "accept",
    requirement: str = "page/sample/known-good-is-answered",
) -> list[Finding]:
    """What is found on an answer; the binding's own media type unless another is given, none for the empty text."""
    binding = operation.bindings_by_protocol[protocol]
    request = Request(binding.method, binding.path, (), b"<x/>")
    message = Message(
        item="item",
        index=0,
        service="orders",
        operation=operation.name,
        protocol=protocol,
        requirement=requirement,
        kind="defect" if expectation == "reject" else "sample",
        expectation=expectation,
        request=request,
    )
    named = f"{binding.request_media_type}; charset=utf-8" if media_type is None else media_type
    fields = (("Content-Type", named),) if named else ()
    exchange = Exchange(1, message, request, Response(status, "", fields, answer), 0.0, 0.1)
    return list(judge(Group((exchange,)), operation).findings)


FULL = """<xs:element name="Full"><xs:complexType><xs:sequence><xs:element name="limit" type="xs:int"/></xs:sequence>
</xs:complexType></xs:element>
"""
FAULT = (
    '<e:Envelope xmlns:e="{uri}"><e:Body><e:Fault>{code}<{detail}>{entry}</{detail}></e:Fault></e:Body></e:Envelope>'
)


@pytest.mark.parametrize(
    "protocol, uri, code, detail",
    [
        ("soap11", SOAP11_ENVELOPE, "<faultcode>e:Server</faultcode><faultstring>full</faultstring>", "detail"),
        (
            "soap12",
            SOAP12_ENVELOPE,
            "<e:Code><e:Value>e:Receiver</e:Value></e:Code><e:Reason><e:Text>full</e:Text></e:Reason>",
            "e:Detail",
        ),
    ],
)
@pytest.mark.parametrize(
    "entry, findings",
    [
        ('<Full xmlns="http://orders.example/"><limit>9</limit></Full>', 0),
        ('<Full xmlns="http://orders.example/"><limit>nine</limit></Full>', 1),
        ('<Full xmlns="http://orders.example/"/>', 1),
        ('<Other xmlns="urn:other">anything</Other>', 0),
        ("", 0),
    ],
)
def test_details_of_declared_faults_are_judged(
    tmp_path: Path, protocol: Protocol, uri: str, code: str, detail: str, entry: str, findings: int
) -> None:
    op = element_op(
        "Echo",
        faults='<fault name="Full" message="t:FullFault"/>',
        bound_faults='<fault name="Full"><{p}:fault name="Full" use="literal"/></fault>',
    )
    messages = '<message name="FullFault"><part name="detail" element="t:Full"/></message>\n'
    text = wsdl(schema(ECHO + FULL), [op], messages=messages, protocols=("soap", "soap12"))
    answer = FAULT.format(uri=uri, code=code, detail=detail, entry=entry).encode()
    found = findings_on(derived(tmp_path, text), protocol, answer, status=500, expectation="either")
    ours = [each for each in found if each.requirement == "orders/Echo/declared-fault-details"]
    assert len(ours) == findings
    assert {(each.level, each.basis) for each in ours} <= {("must", "documented")}


# --- one-way calls ---

ONE_WAY = wsdl(ops=[Op("Tell", '<part name="p" element="t:Echo"/>', None)])


@pytest.mark.parametrize("status, media_type", [(202, ""), (200, "text/html"), (204, "")])
def test_one_way_call_is_acknowledged_by_an_empty_success(tmp_path: Path, status: int, media_type: str) -> None:
    operation = derived(tmp_path, ONE_WAY)
    found = findings_on(operation, "soap11", b"", status=status, media_type=media_type)
    assert [each for each in found if each.effect != "note"] == []


def test_one_way_call_has_no_content_in_return(tmp_path: Path) -> None:
    found = findings_on(derived(tmp_path, ONE_WAY), "soap11", b"<Echo/>", status=200)
    assert "violation" in {each.effect for each in found}


def test_one_way_call_that_fails_is_found(tmp_path: Path) -> None:
    found = findings_on(derived(tmp_path, ONE_WAY), "soap11", b"", status=500, media_type="text/plain")
    assert "page/sample/known-good-is-answered" in {each.requirement for each in found}


def test_acknowledging_a_defect_of_a_one_way_call_shows_nothing(tmp_path: Path) -> None:
    operation = derived(tmp_path, ONE_WAY)
    requirement = "xml/2.1/ill-formed-is-rejected"
    assert (
        findings_on(operation, "soap11", b"", status=200, media_type="", expectation="reject", requirement=requirement)
        == []
    )


# --- messages without parts ---

NOTHING_BACK = wsdl(ops=[Op("Tell", '<part name="p" element="t:Echo"/>', "")])
EMPTY = '<e:Envelope xmlns:e="{}"><e:Body>{}</e:Body></e:Envelope>'


@pytest.mark.parametrize("content, effects", [("", set()), ("<Echo xmlns='urn:other'/>", {"violation"})])
def test_answer_without_parts_is_an_empty_body(tmp_path: Path, content: str, effects: set[str]) -> None:
    answer = EMPTY.format(SOAP11_ENVELOPE, content).encode()
    found = findings_on(derived(tmp_path, NOTHING_BACK), "soap11", answer, status=200)
    assert {each.effect for each in found} & {"violation"} == effects
