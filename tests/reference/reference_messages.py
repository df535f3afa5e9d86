"""Requests to the reference, written by hand from the pages, for the tests to send."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from reference import app, ecgridos, mobileconnect, partstream, studebaker, utws
from reference.http import Request, Response
from reference.state import State

SOAP11 = "http://schemas.xmlsoap.org/soap/envelope/"
SOAP12 = "http://www.w3.org/2003/05/soap-envelope"
UTWS = "http://smarttech.com/webservices/UsageTracking/UTWS/v1"
ECGRIDOS = "https://os.ecgrid.io/"
TYPES = "http://schemas.servicestack.net/types"
SPIRIT = "http://schemas.datacontract.org/2004/07/Spirit.Server.Common.Message.Sessions"
SSI = "http://schemas.datacontract.org/2004/07/SSIAccountServices.Api.Authentication.Requests"
ENCODING = "http://schemas.xmlsoap.org/soap/encoding/"

MEDIA_TYPES = {"soap11": "text/xml; charset=utf-8", "soap12": "application/soap+xml; charset=utf-8"}
SOAP_ACTIONS = {"utws": f'"{UTWS}/logsAvailable"', "ecgridos": f'"{ECGRIDOS}ReportInstantStats"'}
PATHS = {
    "utws": utws.PATH,
    "ecgridos": ecgridos.PATH,
    "mobileconnect": mobileconnect.PATH,
    "studebaker": studebaker.REPLY_PATH,
    "partstream": partstream.PATH,
}


def envelope(body: str, version: str = "soap11", header: str = "", *, attributes: str = "") -> str:
    namespace = SOAP12 if version == "soap12" else SOAP11
    header = f"<soap:Header>{header}</soap:Header>" if header else ""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><soap:Envelope xmlns:soap="{namespace}"{attributes}>'
        f"{header}<soap:Body>{body}</soap:Body></soap:Envelope>"
    )


def session_info(**values: str) -> str:
    members = {
        "productID": "5",
        "version": "11.0",
        "osPlatform": "2",
        "osVersion": "1000",
        "servicePack": "1",
        "osBits": "64",
        "architecture": "9",
        "langID": "en",
        "country": "CA",
        "locale": "en-CA",
    } | values
    return f"<SessionInfo>{''.join(f'<{name}>{text}</{name}>' for name, text in members.items())}</SessionInfo>"


def logs_available(*sessions: str) -> str:
    items = "".join(sessions or (session_info(),))
    return f'<logsAvailable xmlns="{UTWS}"><apiVersion>1</apiVersion><sessions>{items}</sessions></logsAvailable>'


def report_instant_stats(session: str, first: str = "5", second: str = "60") -> str:
    return (
        f'<ReportInstantStats xmlns="{ECGRIDOS}"><SessionID>{session}</SessionID>'
        f"<Minutes1>{first}</Minutes1><Minutes2>{second}</Minutes2></ReportInstantStats>"
    )


def session_log(state: State, **values: str) -> str:
    members = {
        "DeviceSerialNumber": state.device_serial_number,
        "GeneratedAt": "2026-01-01T00:00:00",
        "SessionUid": state.session_uid,
        "PageRequestIndex": "0",
        "RecordsPerPage": "0",
        "ClientReferUid": "",
        "OpenSessionsOnly": "false",
        "StartedAfter": "0001-01-01T00:00:00",
        "StartedBefore": "0001-01-01T00:00:00",
        "UserReferUid": "00000000-0000-0000-0000-000000000000",
    } | values
    base = tuple(members)[:5]
    written = "".join(
        f'<{name} xmlns="{TYPES}">{text}</{name}>' if name in base else f"<{name}>{text}</{name}>"
        for name, text in members.items()
    )
    return f'<UserClientSessionLogRequest xmlns="{SPIRIT}">{written}</UserClientSessionLogRequest>'


def login(username: str, password: str, *, address: str = "127.0.0.1", password_hash: str = "x") -> str:
    return (
        f'<Login xmlns="{SSI}"><Password>{password}</Password><PasswordHash>{password_hash}</PasswordHash>'
        f"<RequestIpAddress>{address}</RequestIpAddress><Username>{username}</Username></Login>"
    )


def logout(session: str, secure: str = "off") -> str:
    return envelope(
        f"<interfaceparameters><secure>{secure}</secure></interfaceparameters>",
        header=f"<interfacename>SWServiceLogout</interfacename><sessionid>{session}</sessionid>",
        attributes=f' soap:encodingStyle="{ENCODING}"',
    )


def post(service: str, binding: str, body: str | bytes, **fields: str) -> Request:
    """The request with the documented header fields, and others in place of them."""
    named = {"content-type": MEDIA_TYPES.get(binding, "application/xml")}
    if binding == "soap11":
        named["soapaction"] = SOAP_ACTIONS.get(service, '""')
    encoded = body.encode() if isinstance(body, str) else body
    sent = {**named, **{key.replace("_", "-"): value for key, value in fields.items()}}
    return Request("POST", PATHS[service], "", sent, encoded)


def form(binding: str, query: str, **fields: str) -> Request:
    if binding == "http_get":
        return Request("GET", ecgridos.FORM_PATH, query, {"content-type": ""}, b"")
    sent = {"content-type": "application/x-www-form-urlencoded", **{k.replace("_", "-"): v for k, v in fields.items()}}
    return Request("POST", ecgridos.FORM_PATH, "", sent, query.encode())


# The probes: what a run would send, and more, to see a fault or a variant at work.

DEFECTS: tuple[Callable[[str], str], ...] = (
    lambda text: text,
    lambda text: text[:-3],
    lambda text: text.replace("?>", "?><!DOCTYPE a>"),
    lambda text: "\ufeff" + text,
    lambda text: re.sub('xmlns="([^"]*)"', r"xmlns='\1'", text),
    lambda text: re.sub("<soap:Body>.*</soap:Body>", "", text),
    lambda text: re.sub("<soap:Body>.*</soap:Body>", "<soap:Body/>", text),
    lambda text: text.replace(SOAP11, "urn:none").replace(SOAP12, "urn:none"),
    lambda text: text.replace("xmlns:soap", "xmlns").replace("soap:encodingStyle", "a").replace("soap:", ""),
)
"""Whole messages made wrong, or spelled otherwise."""


def _variously(service: str, binding: str, text: str) -> Iterator[Request]:
    for defect in DEFECTS:
        yield post(service, binding, defect(text))
    yield post(service, binding, text, content_type="text/plain")
    request = post(service, binding, text)
    yield Request("PUT", request.path, "", request.fields, request.body)


HEADER_BLOCKS = (
    '<n:Note xmlns:n="urn:n" soap:mustUnderstand="1">a</n:Note>',
    '<n:Note xmlns:n="urn:n" soap:mustUnderstand="true">a</n:Note>',
    '<n:Note xmlns:n="urn:n">a</n:Note>',
)


def _asmx(service: str, binding: str, payload: str) -> Iterator[Request]:
    yield from _variously(service, binding, envelope(payload, binding))
    for block in HEADER_BLOCKS:
        yield post(service, binding, envelope(payload, binding, block))
    yield post(service, binding, envelope(payload, binding), soapaction='"urn:other"')
    name = re.match(r"<(\w+)", payload)
    assert name
    unknown = payload.replace(f"<{name[1]} ", "<NoSuch ").replace(f"</{name[1]}>", "</NoSuch>")
    yield post(service, binding, envelope(unknown, binding))
    prefixed = re.sub(r"<(/?)(\w)", r"<\1p:\2", payload).replace("xmlns=", "xmlns:p=")
    yield post(service, binding, envelope(prefixed, binding))


INTS = ("-2147483648", "2147483647", "2147483648", "+5", " 5 ", "abc", "", "5.0", "-7", "1000000")
TEXTS = ("", " a ", "x" * 5_000, "\U0001f600", "e\u0301", "\u00e9", "&amp;", "&lt;", "a\tb", "<![CDATA[c]]>")


def _utws(binding: str) -> Iterator[Request]:
    yield from _asmx("utws", binding, logs_available())
    for number in INTS:
        sent = logs_available(session_info(productID=number, osPlatform=number))
        yield post("utws", binding, envelope(sent, binding))
    for text in TEXTS:
        yield post("utws", binding, envelope(logs_available(session_info(version=text)), binding))
    for count in (0, 1, 2, 5):
        sessions = [session_info(productID=str(place)) for place in range(count)]
        sent = logs_available(*sessions) if sessions else logs_available(" ")
        yield post("utws", binding, envelope(sent, binding))


SHORTS = ("-32768", "32767", "32768", "+5", "abc", "", "5.0")


def _ecgridos(binding: str, session: str) -> Iterator[Request]:
    yield from _asmx("ecgridos", binding, report_instant_stats(session))
    for number in SHORTS:
        yield post("ecgridos", binding, envelope(report_instant_stats(session, number), binding))
    for named in ("unknown", f"<![CDATA[{session}]]>"):
        yield post("ecgridos", binding, envelope(report_instant_stats(named), binding))


def _ecgridos_form(binding: str, session: str) -> Iterator[Request]:
    known = {"SessionID": session, "Minutes1": "5", "Minutes2": "60"}
    yield form(binding, urlencode(known))
    yield form(binding, urlencode(dict(reversed(known.items()))))
    yield form(binding, urlencode({"SessionID": session, "Minutes1": "5"}))
    yield form(binding, urlencode(known | {"SessionID": "unknown"}))
    yield form(binding, urlencode(known), content_type="text/plain")
    for number in SHORTS:
        yield form(binding, urlencode(known | {"Minutes1": number}))


def _mobileconnect(state: State) -> Iterator[Request]:
    def sent(payload: str, **fields: str) -> Request:
        return post("mobileconnect", "soap12", envelope(payload, "soap12"), **fields)

    known = session_log(state)
    yield from _variously("mobileconnect", "soap12", envelope(known, "soap12"))
    yield sent(known, content_type="text/xml; charset=utf-8")
    yield sent(known.replace("<Client", "<!-- a --><Client"))
    yield sent(known.replace("UserClientSessionLogRequest", "NoSuch"))
    for member, values in MOBILECONNECT_VALUES.items():
        for value in values:
            yield sent(session_log(state, **{member: value}))
    yield sent(session_log(state, SessionUid=state.session_uid.upper()))


MOBILECONNECT_VALUES: Mapping[str, tuple[str, ...]] = {
    "DeviceSerialNumber": ("unknown",),
    "PageRequestIndex": ("1", "-1"),
    "RecordsPerPage": ("7",),
    "ClientReferUid": ("CLIENT-0002", "\U0001f600"),
    "OpenSessionsOnly": ("true", "1", "yes"),
    "StartedAfter": ("2023-01-01T00:00:00", "2023-01-01T00:00:00+02:00", "2019-02-29T00:00:00"),
    "StartedBefore": ("2021-01-01T00:00:00", "2100-01-01T00:00:00Z"),
    "UserReferUid": (mobileconnect.uid("Anna Berg"), "xyz"),
}


def _studebaker(state: State) -> Iterator[Request]:
    known = f'<?xml version="1.0"?>{login(state.username, state.password)}'
    yield from _variously("studebaker", "xml", known)
    yield post("studebaker", "xml", login("nobody", "a wrong password"))
    yield post("studebaker", "xml", known.replace("<Login ", "<Other ").replace("</Login>", "</Other>"))
    for address in (*TEXTS, "&#x41;"):
        yield post("studebaker", "xml", login(state.username, state.password, address=address))


def _partstream(state: State) -> Iterator[Request]:
    sessions = state.partstream_sessions
    for defect in DEFECTS:
        yield post("partstream", "soap11", defect(logout(sessions.mint())))
    for secure in (*TEXTS, "on"):
        yield post("partstream", "soap11", logout(sessions.mint(), secure))
    yield post("partstream", "soap11", logout("unknown"))
    yield post("partstream", "soap11", logout(sessions.mint()).replace("interfaceparameters", "NoSuch"))
    yield Request("PUT", partstream.PATH, "", {}, b"")


def probes(binding: str, state: State) -> Iterator[Request]:
    """The requests to one of the nine bindings."""
    service, _, kind = binding.partition("/")
    session = state.ecgridos_sessions.mint()
    makers: Mapping[str, Callable[[], Iterator[Request]]] = {
        "utws": lambda: _utws(kind),
        "ecgridos": lambda: _ecgridos_form(kind, session) if kind.startswith("http") else _ecgridos(kind, session),
        "mobileconnect": lambda: _mobileconnect(state),
        "studebaker": lambda: _studebaker(state),
        "partstream": lambda: _partstream(state),
    }
    return makers[service]()


@dataclass(frozen=True)
class Seen:
    """What a client sees of an answer, without that which is new each time."""

    status_code: int
    content_type: str
    fields: tuple[tuple[str, str], ...]
    body: bytes
    chunked: bool
    wire: str


_FRESH = re.compile(rb"(?<=LoginToken>)[\w-]+|\b[0-9a-f]{32}\b")


def seen(response: Response) -> Seen:
    body = _FRESH.sub(b"fresh", response.body)
    return Seen(response.status_code, response.content_type, response.fields, body, response.chunked, response.wire)


def known_good(binding: str, state: State) -> Request:
    return next(probes(binding, state))


BINDINGS = app.BINDINGS
