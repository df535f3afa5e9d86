"""Records to and from the JSON objects of a log."""

import base64
import dataclasses
import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from contracts.judge.codings import decoded_body, encoded_body
from contracts.judge.records import (
    Change,
    Exchange,
    Failure,
    Finding,
    Group,
    Judgement,
    Message,
    Request,
    Response,
)
from contracts.model import Operation, Requirement, Source
from reports.header import BindingRow, RequirementRow, RunHeader
from reports.redaction import Redactor
from reports.waivers import Waiver

FORMAT = 2
"""Version of the log's format. A reader refuses any other."""

Json = dict[str, Any]

_SEPARATOR = "\x1f"


def header_to_json(header: RunHeader) -> Json:
    """The header record."""
    fields = {each.name: getattr(header, each.name) for each in dataclasses.fields(header)}
    return {
        "type": "header",
        "format": FORMAT,
        **fields,
        "bindings": [dataclasses.asdict(row) for row in header.bindings],
        "requirements": [_requirement_row_to_json(row) for row in header.requirements],
        "waivers": [dataclasses.asdict(each) for each in header.waivers],
    }


def header_from_json(record: Json) -> RunHeader:
    """The header of a record. KeyError, TypeError or ValueError where it is not one."""
    datetime.fromisoformat(record["started"])
    fields = {each.name: record[each.name] for each in dataclasses.fields(RunHeader)}
    fields["bindings"] = tuple(BindingRow(**row) for row in record["bindings"])
    fields["requirements"] = tuple(_requirement_row_from_json(row) for row in record["requirements"])
    fields["parts"] = tuple(record["parts"])
    fields["waivers"] = tuple(Waiver(**each) for each in record["waivers"])
    return RunHeader(**fields)


_REQUIREMENT_FIELDS = (
    "id", "level", "basis", "does", "requires", "accepts", "check", "sends", "needs_observation", "depends_on",
)  # fmt: skip


def _requirement_row_to_json(row: RequirementRow) -> Json:
    requirement = row.requirement
    return {
        "service": row.service,
        "operation": row.operation,
        "protocol": row.protocol,
        **{name: getattr(requirement, name) for name in _REQUIREMENT_FIELDS},
        "source": dataclasses.asdict(requirement.source),
        "not_applicable": row.not_applicable,
        "out_of_scope": row.out_of_scope,
        "not_exercised": row.not_exercised,
    }


def _requirement_row_from_json(row: Json) -> RequirementRow:
    described = {name: row[name] for name in _REQUIREMENT_FIELDS}
    lists = {name: tuple(row[name]) for name in ("accepts", "depends_on")}
    return RequirementRow(
        service=row["service"],
        operation=row["operation"],
        protocol=row["protocol"],
        requirement=Requirement(**{**described, **lists}, source=Source(**row["source"])),
        not_applicable=row["not_applicable"],
        out_of_scope=row["out_of_scope"],
        not_exercised=row["not_exercised"],
    )


def exchange_to_json(exchange: Exchange, operation: Operation, redactor: Redactor) -> Json:
    """The record of an exchange, redacted. The planned request is left out: what was sent tells more."""
    return {
        "type": "exchange",
        "number": exchange.number,
        "purpose": exchange.purpose,
        "message": _message_to_json(exchange.message, redactor),
        "request": _request_to_json(exchange.sent, operation, redactor),
        **_outcome_to_json(exchange.outcome, operation, redactor),
        "started": round(exchange.started, 6),
        "elapsed": round(exchange.elapsed, 6),
        **({"fetched": list(exchange.fetched)} if exchange.fetched else {}),
    }


class _Withholding(Redactor):
    """Lets nothing through, and cannot fail."""

    def redact_text(self, text: str) -> str:
        return ""

    def redact_path(self, path: str, operation: Operation) -> str:
        return ""

    def redact_request(self, body: bytes, operation: Operation) -> bytes:
        return b""

    def redact_response(self, body: bytes, operation: Operation) -> bytes:
        return b""


def withheld_to_json(exchange: Exchange, operation: Operation, redactor: Redactor) -> Json:
    """The record of an exchange that cannot be redacted: what the plan says of it, and how long the bodies were."""
    request, outcome = exchange.sent, exchange.outcome
    bare = dataclasses.replace(
        exchange,
        message=dataclasses.replace(exchange.message, changes=()),
        sent=Request(request.method, "", (), None if request.body is None else b"", request.encoding),
        outcome=Failure(outcome.kind, "")
        if isinstance(outcome, Failure)
        else Response(outcome.status_code, "", (), b"", outcome.version),
        fetched=(),
    )
    record = exchange_to_json(bare, operation, _Withholding())
    for part, body in (("request", request.body), ("response", getattr(outcome, "body", None))):
        if body is not None:
            record[part].update(length=len(body), redacted=True, digest=redactor.digest(body))
    return record


def exchange_from_json(record: Json) -> Exchange:
    """The exchange of a record, redacted as it is. Its message's planned request is the one that was sent."""
    sent = _request_from_json(record["request"])
    message = record["message"]
    changes = tuple(Change(**change) for change in message["changes"])
    return Exchange(
        number=record["number"],
        message=Message(**{**message, "changes": changes, "request": sent}),
        sent=sent,
        outcome=_outcome_from_json(record),
        started=record["started"],
        elapsed=record["elapsed"],
        purpose=record["purpose"],
        fetched=tuple(record.get("fetched", ())),
    )


def _message_to_json(message: Message, redactor: Redactor) -> Json:
    return {
        "item": message.item,
        "index": message.index,
        "service": message.service,
        "operation": message.operation,
        "protocol": message.protocol,
        "requirement": message.requirement,
        "kind": message.kind,
        "expectation": message.expectation,
        "changes": [_change_to_json(change, redactor) for change in message.changes],
        "forbidden_characters": message.forbidden_characters,
        "uses_credentials": message.uses_credentials,
        "because": message.because,
    }


def _change_to_json(change: Change, redactor: Redactor) -> Json:
    return {
        "kind": change.kind,
        "where": change.where,
        "rule": change.rule,
        "before": None if change.before is None else redactor.redact_text(change.before),
        "after": None if change.after is None else redactor.redact_text(change.after),
    }


def _request_to_json(request: Request, operation: Operation, redactor: Redactor) -> Json:
    record: Json = {
        "method": request.method,
        "path": redactor.redact_path(request.path, operation),
        "headers": _redact_headers(request.headers, redactor),
        "encoding": request.encoding,
    }
    if request.body is not None:
        _put_body(record, request.body, redactor.redact_request(request.body, operation), redactor)
    return record


def _request_from_json(record: Json) -> Request:
    return Request(
        method=record["method"],
        path=record["path"],
        headers=_headers(record),
        body=body_of(record),
        encoding=record["encoding"],
    )


def _outcome_to_json(outcome: Response | Failure, operation: Operation, redactor: Redactor) -> Json:
    if isinstance(outcome, Failure):
        return {"failure": {"kind": outcome.kind, "detail": redactor.redact_text(outcome.detail)}}
    record: Json = {
        "status": outcome.status_code,
        "reason": redactor.redact_text(outcome.reason),
        "headers": _redact_headers(outcome.headers, redactor),
        **({"version": outcome.version} if outcome.version != "HTTP/1.1" else {}),
        **({"flaws": list(outcome.flaws)} if outcome.flaws else {}),
    }
    _put_body(record, outcome.body, _redacted_answer(outcome, operation, redactor), redactor)
    return {"response": record}


def _redacted_answer(response: Response, operation: Operation, redactor: Redactor) -> bytes:
    """The body without secrets, those under a content coding included; coded anew only if there were any."""
    plain = decoded_body(response)
    if plain is None or plain is response.body:
        return redactor.redact_response(response.body, operation)
    redacted = redactor.redact_response(plain, operation)
    return response.body if redacted == plain else encoded_body(response, redacted)


def _outcome_from_json(record: Json) -> Response | Failure:
    if "failure" in record:
        return Failure(**record["failure"])
    response = record["response"]
    return Response(
        status_code=response["status"],
        reason=response["reason"],
        headers=_headers(response),
        body=body_of(response) or b"",
        version=response.get("version", "HTTP/1.1"),
        flaws=tuple(response.get("flaws", ())),
    )


def _redact_headers(headers: tuple[tuple[str, str], ...], redactor: Redactor) -> list[list[str]]:
    """Names and values, redacted in one pass: many small passes would cost several times as much."""
    joined = _SEPARATOR.join(text for pair in headers for text in pair)
    texts = redactor.redact_text(joined).split(_SEPARATOR)
    if len(texts) != 2 * len(headers):
        texts = [redactor.redact_text(text) for pair in headers for text in pair]
    return [list(pair) for pair in zip(texts[::2], texts[1::2], strict=True)]


def _headers(record: Json) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in record["headers"])


def _put_body(record: Json, original: bytes, body: bytes, redactor: Redactor) -> None:
    """The redacted body as text where it is valid UTF-8, else in base64, and what redaction hides of the original.

    `length` is the original's, `digest` keyed and the original's, `sha256` that of the redacted bytes.
    """
    record["length"] = len(original)
    record["redacted"] = body != original
    record["digest"] = redactor.digest(original)
    record["sha256"] = hashlib.sha256(body).hexdigest()
    try:
        record["text"] = body.decode()
    except UnicodeDecodeError:
        record["base64"] = base64.b64encode(body).decode()


def body_of(record: Json) -> bytes | None:
    """The redacted body of a request's or response's record; None if there was none."""
    if "text" in record:
        return str(record["text"]).encode()
    return base64.b64decode(record["base64"], validate=True) if "base64" in record else None


def group_to_json(group: Group, judgement: Judgement, rows: Mapping[str, int], redactor: Redactor) -> Json:
    """The record of a judged group; requirements stand as their rows in the header's table.

    `rows` gives the row of each requirement id on the group's binding.
    """
    message = group.subject.message
    return {
        "type": "group",
        "service": message.service,
        "operation": message.operation,
        "protocol": message.protocol,
        "exchanges": [exchange.number for exchange in group.exchanges],
        "observed": [rows[each] for each in judgement.observed],
        "inconclusive": [rows[each] for each in judgement.inconclusive],
        "findings": [_finding_to_json(finding, rows, redactor) for finding in judgement.findings],
        "observations": [],
    }


_REDACTED_OF_FINDING = ("expected", "actual", "where", "source")


def _finding_to_json(finding: Finding, rows: Mapping[str, int], redactor: Redactor) -> Json:
    return {
        "requirement": rows[finding.requirement],
        "name": finding.name,
        "level": finding.level,
        "basis": finding.basis,
        "effect": finding.effect,
        "exchange": finding.exchange,
        "line": finding.line,
        **{name: redactor.redact_text(getattr(finding, name)) for name in _REDACTED_OF_FINDING},
    }


@dataclasses.dataclass(frozen=True, slots=True)
class LoggedGroup:
    """A group as its record tells it: exchanges by number.

    `observations` says, by requirement id, what the original bytes showed and what the redacted ones show instead.
    """

    service: str
    operation: str
    protocol: Any
    exchanges: tuple[int, ...]
    judgement: Judgement
    observations: Mapping[str, tuple[str, str]]


def group_from_json(record: Json, table: tuple[RequirementRow, ...]) -> LoggedGroup:
    """The group of a record. IndexError where it speaks of a row that the table lacks."""
    place = {name: record[name] for name in ("service", "operation", "protocol")}
    findings = [
        Finding(**{**place, **found, "requirement": table[found["requirement"]].requirement.id})
        for found in record["findings"]
    ]
    judgement = Judgement(
        observed=tuple([table[row].requirement.id for row in record["observed"]]),
        findings=tuple(findings),
        inconclusive=tuple([table[row].requirement.id for row in record["inconclusive"]]),
    )
    observations = {
        table[each["requirement"]].requirement.id: (each["original"], each["redacted"])
        for each in record["observations"]
    }
    exchanges = tuple(record["exchanges"])
    return LoggedGroup(**place, exchanges=exchanges, judgement=judgement, observations=observations)
