"""MobileConnect UserClientSessionLogRequest: a log of sessions, with filters, windows and pages."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from reference import names, reading, servicestack, soap
from reference.calls import OPERATION, OUTCOME, PAYLOAD, Call, Message, Outcome
from reference.http import Response
from reference.lexical import (
    DEFAULT_GUID,
    DEFAULT_INSTANT,
    TICKS_PER_SECOND,
    Value,
    read_date_time,
    write_date_time,
)
from reference.names import SERVICESTACK, SPIRIT_MESSAGES, SPIRIT_SESSIONS, Name
from reference.reading import DATA_CONTRACT, members, number, read_members, string, written_members
from reference.refusals import Kind, Refusal
from reference.soap import Fault
from reference.tree import Element

ROOT = "/mobileconnect"
PATH = f"{ROOT}/soap12"
REQUEST = Name(SPIRIT_MESSAGES, "UserClientSessionLogRequest")
RESPONSE = Name(SPIRIT_MESSAGES, "UserClientSessionLogResponse")
MEDIA_TYPES = ("text/xml", "application/soap+xml", "application/xml", "")
"""What the page and SOAP 1.2 label a request with; ServiceStack reads any XML, and what has no label."""

REQUEST_MEMBERS = (
    *members(
        SERVICESTACK,
        DeviceSerialNumber="string",
        GeneratedAt="dateTime",
        SessionUid="guid",
        PageRequestIndex="long",
        RecordsPerPage="long",
    ),
    *members(
        SPIRIT_MESSAGES,
        ClientReferUid="string",
        OpenSessionsOnly="boolean",
        StartedAfter="dateTime",
        StartedBefore="dateTime",
        UserReferUid="guid",
    ),
)
RESPONSE_MEMBERS = members(
    SERVICESTACK,
    ProcessedAt="dateTime",
    Result="string",
    Server="string",
    ServerErrorDetails="string",
    PageIndex="long",
    RecordsPerPage="long",
    TotalPageCount="long",
)
ENTRY_MEMBERS = members(
    SPIRIT_SESSIONS,
    ClientReferUid="string",
    ReferUid="guid",
    SessionEnd="dateTime",
    SessionStart="dateTime",
    User="string",
    UserReferUid="guid",
)

DEFAULT_PAGE = 20
"""Entries on a page when the request names no number."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A session in the log. `end` is the default instant while it is open."""

    client: str
    uid: str
    start: int
    end: int
    user: str
    user_uid: str

    @property
    def is_open(self) -> bool:
        return self.end == DEFAULT_INSTANT


_NAMESPACE = uuid.UUID("6f1d2c3b-4a59-4687-9a0b-1c2d3e4f5a6b")
_USERS = ("Anna Berg", "Žofie Nováková", "محمد علي", "Lee & Søn")
_DAY = 86_400 * TICKS_PER_SECOND


def uid(name: str) -> str:
    """A GUID that is the same in every run."""
    return str(uuid.uuid5(_NAMESPACE, name))


def _entry(place: int) -> Entry:
    start = read_date_time("2020-01-06T07:30:00") + place * (37 * _DAY + 11 * 60 * TICKS_PER_SECOND)
    return Entry(
        client=f"CLIENT-{place % 3 + 1:04}",
        uid=uid(f"session {place}"),
        start=start,
        end=DEFAULT_INSTANT if place % 5 == 4 else start + 45 * 60 * TICKS_PER_SECOND,
        user=_USERS[place % len(_USERS)],
        user_uid=uid(_USERS[place % len(_USERS)]),
    )


LOG = tuple(_entry(place) for place in range(60))


@dataclass(frozen=True, slots=True)
class Page:
    index: int
    size: int
    total: int
    entries: Sequence[Entry]


def answer(arrived: Call) -> Response:
    call = arrived.received()
    header: tuple[Element, ...] = ()
    outcome: Outcome
    try:
        message = _message(call)
        header = soap.relating(message)
        element = _operation(soap.body_of(message), call)
        outcome = (_run(read_members(element, REQUEST_MEMBERS, call, laxity=DATA_CONTRACT), call),)
    except Refusal as refusal:
        outcome = refusal
    outcome = call.through(OUTCOME, outcome)
    if isinstance(outcome, Refusal):
        return _refused(call, outcome)
    payload = call.through(PAYLOAD, outcome)
    return soap.respond(call, soap.envelope(names.SOAP12, payload, header=header), name_charset=False)


def _refused(call: Call, refusal: Refusal) -> Response:
    if refusal.kind is Kind.METHOD:
        return Response(405, fields=(("Allow", "POST"),))
    if refusal.kind is Kind.MEDIA_TYPE:
        return Response(415)
    if refusal.kind is Kind.BUSINESS:
        return servicestack.refused_by_service(call, refusal, status_code=401, error_code="Unauthorized")
    if refusal.kind in (Kind.ENVELOPE, Kind.OPERATION):
        fault = soap.fault_element(names.SOAP12, Fault("Sender", refusal.reason))
        return soap.respond(call, soap.envelope(names.SOAP12, (fault,)), status_code=400)
    return Response(500)


def _message(call: Call) -> Message:
    if call.request.method != "POST":
        raise Refusal(Kind.METHOD)
    if call.request.media_type not in MEDIA_TYPES:
        raise Refusal(Kind.MEDIA_TYPE)
    root = reading.parse(call)
    reading.refuse_document_type(root)
    return soap.read_message(root, call, supported=(names.SOAP12,))


def _operation(body: etree._Element, call: Call) -> etree._Element:
    element = next(reading.children(body), None)
    if element is not None:
        element = call.through(OPERATION, element)
    if element is None or reading.name_of(element) != REQUEST:
        raise Refusal(Kind.OPERATION)
    return element


def _run(values: Mapping[str, Value], call: Call) -> Element:
    state = call.state
    known = (state.device_serial_number, state.session_uid)
    if (string(values, "DeviceSerialNumber"), string(values, "SessionUid")) != known:
        raise Refusal(Kind.BUSINESS, "The device or the session is unknown.")
    return _response(page_of([entry for entry in LOG if _wanted(entry, values)], values))


def _wanted(entry: Entry, values: Mapping[str, Value]) -> bool:
    """Whether the entry passes the filters. A member at the default of its type filters nothing."""
    client, user = string(values, "ClientReferUid"), string(values, "UserReferUid")
    after, before = number(values, "StartedAfter"), number(values, "StartedBefore")
    return (
        (not client or entry.client == client)
        and (user == DEFAULT_GUID or entry.user_uid == user)
        and (not values["OpenSessionsOnly"] or entry.is_open)
        and (after == DEFAULT_INSTANT or entry.start > after)
        and (before == DEFAULT_INSTANT or entry.start < before)
    )


def page_of(entries: Sequence[Entry], values: Mapping[str, Value]) -> Page:
    """The page asked for, counted from 0."""
    index, size = number(values, "PageRequestIndex"), number(values, "RecordsPerPage") or DEFAULT_PAGE
    if index < 0 or size < 0:
        raise Refusal(Kind.BUSINESS, "A page can be neither before the first nor smaller than one record.")
    return Page(index, size, -(-len(entries) // size), entries[index * size : (index + 1) * size])


def _response(page: Page) -> Element:
    told = {
        "ProcessedAt": "2026-01-01T00:00:00",
        "Result": "Success",
        "Server": "MobileConnect",
        "PageIndex": str(page.index),
        "RecordsPerPage": str(page.size),
        "TotalPageCount": str(page.total),
    }
    entries = tuple(_written(entry) for entry in page.entries)
    log = Element(Name(SPIRIT_MESSAGES, "LogEntries"), entries)
    return Element(RESPONSE, (*written_members(RESPONSE_MEMBERS, told), log))


def first_entry() -> Element:
    """The first entry of the log, as it is answered."""
    return _written(LOG[0])


def _written(entry: Entry) -> Element:
    values = {
        "ClientReferUid": entry.client,
        "ReferUid": entry.uid,
        "SessionEnd": write_date_time(entry.end),
        "SessionStart": write_date_time(entry.start),
        "User": entry.user,
        "UserReferUid": entry.user_uid,
    }
    return Element(Name(SPIRIT_SESSIONS, "UserClientSessionLog"), written_members(ENTRY_MEMBERS, values))
