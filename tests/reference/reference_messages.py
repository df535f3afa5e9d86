"""Requests to the reference, written by hand from the pages, for the tests to send."""

from __future__ import annotations

import gzip
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

ROLE_BLOCKS = tuple(
    f'<n:Note xmlns:n="urn:n" {attributes}>a</n:Note>'
    for attributes in (
        'soap:mustUnderstand="0"',
        'soap:mustUnderstand="1"',
        'soap:actor="http://schemas.xmlsoap.org/soap/actor/next" soap:mustUnderstand="1"',
        'soap:role="http://www.w3.org/2003/05/soap-envelope/role/next" soap:mustUnderstand="1"',
        'soap:actor="urn:somebody" soap:mustUnderstand="1"',
        'soap:role="http://www.w3.org/2003/05/soap-envelope/role/ultimateReceiver"',
    )
)
SUBSETS = ('[<!ENTITY e "expanded">]', '[<!ENTITY e SYSTEM "file:///etc/passwd">]')


def _in_header(text: str, block: str) -> str:
    if "<soap:Header>" in text:
        return text.replace("<soap:Header>", f"<soap:Header>{block}")
    return text.replace("<soap:Body>", f"<soap:Header>{block}</soap:Header><soap:Body>")


def _in_first_value(text: str, content: str) -> str:
    """The message with something before the first text of an element in its Body."""
    head, found, rest = text.partition("<soap:Body>")
    changed = re.sub("(>)([^<>]+)(</)", rf"\1{content}\2\3", rest or head, count=1)
    return head + found + changed if found else changed


def _with_subset(text: str, subset: str) -> str:
    declared = text.replace("?>", f"?><!DOCTYPE a {subset}>", 1)
    head, found, rest = declared.partition("<soap:Body>")
    changed = re.sub(r"(?<=[^\]]>)([^<>]+)(</)", r"&e;\2", rest or head, count=1)
    return head + found + changed if found else changed


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
    lambda text: text.partition("?>")[2] or text,
    lambda text: text.replace("><", ">\r\n<"),
    lambda text: re.sub(r"(<\w+)([ >])", r"\1 b='1' b='1'\2", text, count=1),
    lambda text: text + "trailing",
    lambda text: re.sub("(>)([^<]+)(</)", r"\1\2&#1;\3", text, count=1),
    lambda text: re.sub("(>)([^<]+)(</)", r"\1\2&unknown;\3", text, count=1),
    lambda text: re.sub("(>)([^<]+)(</)", r"\1\2 & \3", text, count=1),
    lambda text: "",
    lambda text: re.sub("(<\\w+ )", r'\1xmlns:unused="urn:unused" ', text, count=1),
    lambda text: text.replace("<soap:Body>", "<soap:Header/><soap:Body>"),
    lambda text: re.sub('xmlns="[^"]*"', 'xmlns="urn:another"', text, count=1),
    *(lambda text, block=block: _in_header(text, block) for block in ROLE_BLOCKS),
    *(lambda text, subset=subset: _with_subset(text, subset) for subset in SUBSETS),
    lambda text: _in_first_value(
        text, "<x:include xmlns:x='http://www.w3.org/2001/XInclude' href='file:///etc/passwd'/>"
    ),
    lambda text: re.sub("(</[^>]+>)(<[^/])", r"\1text\2", text, count=1),
    lambda text: _in_first_value(text, "<a>" * 150 + "</a>" * 150),
    lambda text: text.replace("<soap:Body>", f"<soap:Body><!--{'x' * 70_000}-->"),
    lambda text: re.sub(r"^<\?.*?\?>", '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', text),
)
"""Whole messages made wrong, or spelled otherwise."""


def _variously(service: str, binding: str, text: str) -> Iterator[Request]:
    for defect in DEFECTS:
        yield post(service, binding, defect(text))
    media_type = MEDIA_TYPES.get(binding, "application/xml").partition(";")[0]
    for label in (
        "text/plain",
        f'{media_type}; charset="utf-8"',
        f"{media_type}; charset=UTF-8",
        f"{media_type.title()}; charset=utf-8",
        f'{media_type}; charset=utf-8; action="urn:a"',
    ):
        yield post(service, binding, text, content_type=label)
    yield post(service, binding, text.encode("utf-16"), content_type=f"{media_type}; charset=utf-16")
    yield post(service, binding, text, accept_encoding="gzip")
    request = post(service, binding, text)
    for method in ("PUT", "GET", "HEAD", "NONSUCH"):
        yield Request(method, request.path, "", request.fields, request.body)


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
    cased = payload.replace(f"<{name[1]} ", f"<{name[1].upper()} ").replace(f"</{name[1]}>", f"</{name[1].upper()}>")
    yield post(service, binding, envelope(cased, binding))
    prefixed = re.sub(r"<(/?)(\w)", r"<\1p:\2", payload).replace("xmlns=", "xmlns:p=")
    yield post(service, binding, envelope(prefixed, binding))


INTS = (
    *("-2147483648", "2147483647", "2147483648", "+5", " 5 ", "abc", "", "5.0", "-7", "1000000", "1"),
    *("0", "007", "5abc", "1e2", "0x10", "5,000", "\u0665", "40000", "99999999999"),
)
TEXTS = (
    *("", " a ", "x" * 5_000, "\U0001f600", "e\u0301", "\u00e9", "&amp;", "&lt;", "a\tb", "<![CDATA[c]]>"),
    *("   ", "a\n\nb", "a  b", "it's", "&lt;b&gt;", "\u05d0", "\u4e2d", "a]]&gt;b", "a&#13;b", "' or '1'='1"),
    "a&#13;&#10;X-Injected: yes",
)


def _utws(binding: str) -> Iterator[Request]:
    yield from _asmx("utws", binding, logs_available())
    for number in INTS:
        sent = logs_available(session_info(productID=number, osPlatform=number, osVersion=number))
        yield post("utws", binding, envelope(sent, binding))
    for text in TEXTS:
        yield post("utws", binding, envelope(logs_available(session_info(version=text)), binding))
    for count in (0, 1, 2, 5):
        sessions = [session_info(productID=str(place), version=f"v{place}") for place in range(count)]
        sent = logs_available(*sessions) if sessions else logs_available(" ")
        yield post("utws", binding, envelope(sent, binding))
    known = logs_available()
    for changed in (
        known.replace("<version>11.0</version>", ""),
        known.replace("<version>11.0</version>", "").replace("<osBits>64</osBits>", ""),
        re.sub("(</?)(osBits|country)(?=>)", r"\1q:\2", known).replace(
            "<logsAvailable ", f'<logsAvailable xmlns:q="{UTWS}" '
        ),
        known.replace("<osBits>", f'<osBits xmlns:i="{XSI}" i:type="Unknown">'),
        known.replace("<servicePack>1<", "<servicePack/><osBits>0</osBits><w>1<").replace("</servicePack>", "</w>"),
        known.replace("<architecture>9<", "<architecture>0<").replace("<osBits>64<", "<osBits>0<"),
    ):
        yield post("utws", binding, envelope(changed, binding))
    for _ in range(6):
        yield post("utws", binding, envelope(known.replace(">5<", ">five<"), binding))
    yield post("utws", binding, envelope(known, binding))


XSI = "http://www.w3.org/2001/XMLSchema-instance"
SHORTS = (*("-32768", "32767", "32768", "+5", "abc", "", "5.0", "-3"), *INTS[11:])


def _ecgridos(binding: str, session: str) -> Iterator[Request]:
    yield from _asmx("ecgridos", binding, report_instant_stats(session))
    for number in SHORTS:
        yield post("ecgridos", binding, envelope(report_instant_stats(session, number), binding))
    for named in ("unknown", f"<![CDATA[{session}]]>", "' or '1'='1", "it's", f"{session}&amp;"):
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
    yield form(binding, urlencode({**known, "Other": "1"}))
    yield form(binding, urlencode(known).replace("Minutes1=5", "Minutes1=%35"))
    for named in ("' or '1'='1", "a\r\nX-Injected: yes"):
        yield form(binding, urlencode(known | {"SessionID": named}))
    request = form(binding, urlencode(known))
    for method in ("PUT", "NONSUCH", "HEAD"):
        yield Request(method, request.path, request.query, request.fields, request.body)
    yield Request(request.method, f"{ecgridos.PATH}/NoSuch", request.query, request.fields, request.body)
    yield Request(
        request.method, request.path, request.query, {**request.fields, "accept-encoding": "gzip"}, request.body
    )


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
    uid = state.session_uid
    for spelt in (uid.upper(), uid.replace(uid[0], uid[0].upper()) + "0", uid[:8].upper() + uid[8:], uid.title()):
        yield sent(session_log(state, SessionUid=spelt))
    yield sent(session_log(state, StartedAfter="2021-01-01T00:00:00", StartedBefore="2023-01-01T00:00:00"))
    yield sent(_in_reverse(known))
    for _ in range(6):
        yield sent(session_log(state, DeviceSerialNumber="unknown"))
    yield sent(known)


def _in_reverse(text: str) -> str:
    """The payload with its members the other way round."""
    begin, members, end = re.fullmatch("(<[^>]+>)(.*)(<[^>]+>)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    return begin + "".join(reversed(re.findall("<(?:[^<]|<(?=/))*>", members))) + end


MOBILECONNECT_VALUES: Mapping[str, tuple[str, ...]] = {
    "DeviceSerialNumber": ("unknown", "it's"),
    "PageRequestIndex": ("1", "-1"),
    "RecordsPerPage": ("7",),
    "ClientReferUid": ("CLIENT-0002", *TEXTS),
    "OpenSessionsOnly": ("true", "1", "yes", "True", "7"),
    "StartedAfter": (
        *("2023-01-01T00:00:00", "2023-01-01T00:00:00+02:00", "2019-02-29T00:00:00", "2020-02-29T00:00:00"),
        *("31/12/2020", "1600000000", "2020-01-01 00:00:00", "", "1066-10-14T00:00:00", "2020-01-01T00:00:00.5"),
        *("2020-01-01", "2020-01-01T24:00:00"),
    ),
    "StartedBefore": ("2021-01-01T00:00:00", "2100-01-01T00:00:00Z"),
    "UserReferUid": (mobileconnect.uid("Anna Berg"), "xyz", "0123456789", f"{mobileconnect.uid('Anna Berg')}00", ""),
}


def _studebaker(state: State) -> Iterator[Request]:
    known = f'<?xml version="1.0"?>{login(state.username, state.password)}'
    yield from _variously("studebaker", "xml", known)
    yield post("studebaker", "xml", login("nobody", "a wrong password"))
    yield post("studebaker", "xml", known.replace("<Login ", "<Other ").replace("</Login>", "</Other>"))
    for address in (*TEXTS, "&#x41;", "x" * 70_000):
        yield post("studebaker", "xml", login(state.username, state.password, address=address))
    yield post("studebaker", "xml", login("' or '1'='1", "x"))
    yield post("studebaker", "xml", login("nobody", "", password_hash=""))
    yield post("studebaker", "xml", login(state.username, ""))
    yield post("studebaker", "xml", _in_reverse(login(state.username, state.password)))
    asked = post("studebaker", "xml", known)
    yield Request("POST", "/studebaker/login.xml", "", asked.fields, asked.body)
    yield Request("POST", asked.path, "format=xml", asked.fields, asked.body)
    yield Request("POST", "/studebaker/login", "", {**asked.fields, "accept": "application/xml"}, asked.body)


def _partstream(state: State) -> Iterator[Request]:
    sessions = state.partstream_sessions
    for defect in DEFECTS:
        yield post("partstream", "soap11", defect(logout(sessions.mint())))
    for secure in (*TEXTS, "on"):
        yield post("partstream", "soap11", logout(sessions.mint(), secure))
    for named in ("unknown", "' or '1'='1", "it's", "&lt;b&gt;", *TEXTS):
        yield post("partstream", "soap11", logout(named))
    once = sessions.mint()
    for _ in range(2):
        yield post("partstream", "soap11", logout(once))
    for label in ("text/plain", "Text/XML"):
        yield post("partstream", "soap11", logout(sessions.mint()), content_type=label)
    yield post("partstream", "soap11", logout(sessions.mint()), accept_encoding="gzip")
    twelve = logout(sessions.mint()).replace(SOAP11, SOAP12).replace(f' soap:encodingStyle="{ENCODING}"', "")
    yield post("partstream", "soap11", twelve, content_type=MEDIA_TYPES["soap12"])
    for _ in range(6):
        yield post("partstream", "soap11", logout("unknown"))
    yield post("partstream", "soap11", logout(sessions.mint()))
    yield post("partstream", "soap11", logout(sessions.mint()).replace("interfaceparameters", "NoSuch"))
    for method in ("PUT", "GET"):
        yield Request(method, partstream.PATH, "", {}, b"")


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


def again_and_again(binding: str, state: State) -> Iterator[Request]:
    """The known-good request 110 times."""
    for _ in range(110):
        yield known_good(binding, state)


@dataclass(frozen=True)
class Seen:
    """What a client sees of an answer, without that which is new each time."""

    status_code: int
    content_type: str
    fields: tuple[tuple[str, str], ...]
    body: bytes
    chunked: bool
    wire: str


GZIP = b"\x1f\x8b"
_FRESH = re.compile(rb"(?<=LoginToken>)[\w-]+|\b[0-9a-f]{32}\b")


def seen(response: Response) -> Seen:
    """What tells an answer from another: what is new each time apart, in gzip too."""
    coded = response.body.startswith(GZIP)
    body = _FRESH.sub(b"fresh", gzip.decompress(response.body) if coded else response.body)
    return Seen(response.status_code, response.content_type, response.fields, body, response.chunked, response.wire)


def known_good(binding: str, state: State) -> Request:
    return next(probes(binding, state))


BINDINGS = app.BINDINGS
