"""UTWS logsAvailable: says of each session asked about what to publish of it, and until when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from lxml import etree

from reference import asmx, reading
from reference.calls import Call
from reference.lexical import Value
from reference.names import UTWS, Name
from reference.reading import ASMX, members, number, read_members
from reference.tree import Element, leaf

PATH = "/usagetracking/utws.asmx"

API_VERSION = members(UTWS, apiVersion="int")
SESSION_INFO = members(
    UTWS,
    productID="int",
    version="string",
    osPlatform="int",
    osVersion="int",
    servicePack="string",
    osBits="int",
    architecture="int",
    langID="string",
    country="string",
    locale="string",
)
PUBLISH = ("Discard", "SummaryOnly", "Details")
PUBLISHED_FROM = 1_767_225_600
"""2026-01-01 in seconds of Unix time: the earliest time until which something is published."""


Session = Mapping[str, Value]
"""What is known of one session, by the names of SESSION_INFO."""


def _read(element: etree._Element, call: Call) -> Sequence[Session]:
    """The sessions asked about. The version of the API must be a number, and changes nothing."""
    read_members(element, API_VERSION, call, laxity=ASMX)
    sessions = reading.child(element, Name(UTWS, "sessions"))
    return [] if sessions is None else _read_sessions(sessions, call)


def _read_sessions(sessions: etree._Element, call: Call) -> Sequence[Session]:
    """The sessions in order. An item that is nil asks about none."""
    return [
        read_members(item, SESSION_INFO, call, laxity=ASMX)
        for item in reading.children(sessions)
        if item.tag == Name(UTWS, "SessionInfo").tag and not reading.is_nil(item)
    ]


def _run(sessions: Sequence[Session], call: Call) -> tuple[Element, ...]:
    return (Element(Name(UTWS, "logsAvailableResult"), tuple(_to_publish(session) for session in sessions)),)


def _to_publish(session: Session) -> Element:
    """The session as it was asked about, then what to publish of it."""
    product_id = number(session, "productID")
    echoed = {local: None if value is None else str(value) for local, value in session.items()}
    publish = PUBLISH[product_id % len(PUBLISH)]
    # Wide apart, so that the answers reach far into the range of a long.
    publish_until = PUBLISHED_FROM + product_id * 1_000_000_007
    return Element(
        Name(UTWS, "SessionsToPublish"),
        (
            *reading.written_members(SESSION_INFO, echoed),
            leaf(Name(UTWS, "publish"), publish),
            leaf(Name(UTWS, "publishUntil"), str(publish_until)),
        ),
    )


LOGS_AVAILABLE = asmx.Operation(
    name=Name(UTWS, "logsAvailable"), soap_action=f"{UTWS}/logsAvailable", read=_read, run=_run
)
