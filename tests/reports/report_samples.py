"""A made-up service, its run and its log, for the tests of the log and the reports."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from contracts.judge.records import Change, Exchange, Failure, Finding, Group, Judgement, Message, Request, Response
from contracts.model import Binding, Content, Leaf, MessageShape, Operation, Protocol, Requirement, Source
from contracts.schema import Schema
from reports.evidence import EvidenceLog
from reports.header import BindingRow, RequirementRow, RunHeader, requirement_rows
from reports.redaction import Redactor

SESSION = "7b1f3c52-9d0e-4a66-8c1b-2f5e6a7d8c90"
SHAPE = MessageShape(body=Content(element="{urn:depot}Lookup"))


def requirement(slug: str, **fields: Any) -> Requirement:
    """A requirement of the page, passive unless told otherwise."""
    described: dict[str, Any] = {
        "id": slug if "/" in slug else f"depot/Lookup/{slug}",
        "level": "must",
        "basis": "documented",
        "source": Source("page.txt", 12, 5),
        "does": "asks for a part",
        "requires": f"the answer keeps {slug}",
        "accepts": ("the documented form",),
        "check": "payload_schema",
    }
    if "sends" in fields:
        described["check"] = None
    return Requirement(**{**described, **fields})


REQUIREMENTS = (
    requirement("response-matches-schema", needs_observation=True),
    requirement("soap11/4.4/fault-has-faultcode", basis="standard", source=Source("SOAP 1.1 section 4.4")),
    requirement("accepts-the-sample", sends="sample"),
    requirement("part-is-echoed", basis="inferred"),
    requirement("soap11/6.1.1/charset-matches-bytes", level="should", basis="standard", source=Source("RFC 3023")),
    requirement("names-the-difference", level="inform", basis="convention"),
    requirement("rejects-unknown-operation", sends="unknown_operation", level="should"),
)
ID = {each.id.rpartition("/")[2]: each.id for each in REQUIREMENTS}


def binding(protocol: Protocol = "soap11") -> Binding:
    """One documented way to call the operation."""
    return Binding(
        protocol=protocol,
        source=Source("page.txt", 3, 1),
        method="GET" if protocol == "http_get" else "POST",
        path="/Lookup" if protocol.startswith("http") else "",
        documented_path="/depot.asmx",
        documented_host="depot.example",
        request=SHAPE,
        response=SHAPE,
        error=None,
        request_media_type=None if protocol == "http_get" else "text/xml",
        request_charset="utf-8",
        response_media_types=("text/xml",),
        noted_media_types=(),
        soap_action=None,
        status_code=200,
    )


def operation(*protocols: Protocol, requirements: tuple[Requirement, ...] = REQUIREMENTS) -> Operation:
    """The operation, with a credential, a short secret and a token in its answers."""
    bindings = tuple(binding(each) for each in protocols or ("soap11",))
    return Operation(
        service="depot",
        name="Lookup",
        family="asmx",
        effect="read",
        title="Depot (parts on stock)",
        folder=Path("depot/Lookup"),
        bindings=bindings,
        schema=Schema(Path("depot/Lookup")),
        leaves=(
            Leaf(path="SessionID", value=None, credential=True),
            Leaf(path="card/Pin", value=None, credential=True),
            Leaf(path="Part", value="1"),
        ),
        response_secrets=("LookupResult/Token",),
        relations=(),
        business_errors=(),
        success_needs=None,
        consumes=(),
        requirements_by_protocol={each.protocol: requirements for each in bindings},
        digest="c0ffee" * 10 + "abcd",
    )


OPERATION = operation("soap11", "http_get")


def header(*operations: Operation, rows: Iterable[RequirementRow] | None = None, **fields: Any) -> RunHeader:
    """The header of a run of the operations."""
    tested = operations or (OPERATION,)
    pairs = [(each, bound) for each in tested for bound in each.bindings]
    described: dict[str, Any] = {
        "tool": "soapstone",
        "version": "0.1.0",
        "tool_digest": "5eed" * 16,
        "versions": {"python": "3.11.9", "lxml": "5.2.1"},
        "contracts": {each.key: each.digest for each in tested},
        "rulings": {each.service: "4d1e" * 16 for each in tested},
        "standards": "57a2" * 16,
        "clock": {"source": "clock_gettime(CLOCK_REALTIME)", "resolution": "1e-09 s", "zone": "UTC"},
        "targets": {"depot": "http://owner:hunter2@127.0.0.1:8080/depot.asmx"},
        "seed": 0,
        "profile": "standard",
        "strict": False,
        "scope": {"services": "depot", "messages": "valid, defects"},
        "started": "2024-05-01T09:30:00+00:00",
        "bindings": tuple(BindingRow.of(*pair) for pair in pairs),
        "requirements": tuple(rows)
        if rows is not None
        else tuple(row for each, bound in pairs for row in requirement_rows(each, bound.protocol)),
    }
    return RunHeader(**{**described, **fields})


def envelope(content: str) -> bytes:
    """A SOAP 1.1 message that holds the content."""
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{soap}"><soap:Body>{content}</soap:Body>'
        "</soap:Envelope>"
    ).encode()


def message(protocol: Protocol = "soap11", **fields: Any) -> Message:
    """A planned message of the operation."""
    body = envelope('<Lookup xmlns="urn:depot"><SessionID>{{SessionID}}</SessionID><Part>7</Part></Lookup>')
    described: dict[str, Any] = {
        "item": f"depot/Lookup/{protocol}/sample",
        "index": 0,
        "service": "depot",
        "operation": "Lookup",
        "protocol": protocol,
        "requirement": ID["accepts-the-sample"],
        "kind": "sample",
        "expectation": "accept",
        "request": Request("POST", "", (("Content-Type", "text/xml; charset=utf-8"),), body),
        "changes": (Change("edge", "Part", "xs:int", "1", "7"),),
        "because": "the page prints it",
    }
    return Message(**{**described, **fields})


def exchange(number: int = 1, *, answer: bytes | None = None, sent: bytes | None = None, **fields: Any) -> Exchange:
    """An exchange that carries the session id, answered unless told otherwise."""
    planned = fields.pop("message", None) or message()
    body = sent if sent is not None else (planned.request.body or b"").replace(b"{{SessionID}}", SESSION.encode())
    answered = envelope('<LookupResponse xmlns="urn:depot"><Stock>3</Stock></LookupResponse>')
    headers = (("Content-Type", "text/xml; charset=utf-8"), ("Server", "Depot/1.0"))
    described: dict[str, Any] = {
        "number": number,
        "message": planned,
        "sent": replace(planned.request, body=body),
        "outcome": Response(200, "OK", headers, answered if answer is None else answer),
        "started": 1_714_555_800.0 + number,
        "elapsed": 0.0123,
    }
    return Exchange(**{**described, **fields})


def silence(number: int = 1) -> Exchange:
    """An exchange that nobody answered."""
    return exchange(number, outcome=Failure("timeout", "no answer within 10 s"))


def finding(slug: str = "response-matches-schema", **fields: Any) -> Finding:
    """A violation of a documented requirement."""
    described: dict[str, Any] = {
        "requirement": ID[slug],
        "service": "depot",
        "operation": "Lookup",
        "protocol": "soap11",
        "name": "PayloadNotInSchema",
        "expected": "xs:int",
        "actual": "'three'",
        "level": "must",
        "basis": "documented",
        "effect": "violation",
        "exchange": 1,
        "where": "/soap:Envelope/soap:Body/LookupResponse/Stock",
        "line": 1,
        "source": "page.txt line 12, column 5",
    }
    return Finding(**{**described, **fields})


CLEAN = Judgement(observed=(ID["response-matches-schema"], ID["accepts-the-sample"]), findings=())


def write_log(
    path: Path,
    judged: Iterable[tuple[Exchange, Judgement]],
    *,
    head: RunHeader | None = None,
    redactor: Redactor | None = None,
    complete: bool = True,
) -> Path:
    """A log of single-exchange groups."""
    log = EvidenceLog(path, head or header(), redactor or Redactor([SESSION], key=b"k" * 32))
    for each, judgement in judged:
        log.exchange(each, OPERATION)
        log.group(Group((each,)), judgement)
    if complete:
        log.close()
    else:
        log.abandon("interrupted")
    return path
