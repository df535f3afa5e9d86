"""Exchanges made by hand: every test of the judge says what was sent, what came back, and what is to be found."""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from contracts.judge.judge import judge
from contracts.judge.records import (
    Exchange,
    Failure,
    FailureKind,
    Finding,
    Group,
    Headers,
    Judgement,
    Message,
    MessageKind,
    Purpose,
    Request,
    Response,
)
from contracts.loader import load_services
from contracts.model import Expectation, Operation, Protocol
from contracts.names import DIFFGRAM, SOAP11_ENVELOPE, SOAP12_ENVELOPE, XSD, XSI

SOAP11, SOAP12 = SOAP11_ENVELOPE, SOAP12_ENVELOPE
UTWS = "http://smarttech.com/webservices/UsageTracking/UTWS/v1"
ECGRID = "https://os.ecgrid.io/"
SPIRIT = "http://schemas.datacontract.org/2004/07/Spirit.Server.Common.Message.Sessions"
DOMAIN = "http://schemas.datacontract.org/2004/07/Spirit.Server.Common.DomainModel.Sessions"
TYPES = "http://schemas.servicestack.net/types"
LOGIN = "http://schemas.datacontract.org/2004/07/SSIAccountServices.Api.Authentication.Responses"
REQUESTS = "http://schemas.datacontract.org/2004/07/SSIAccountServices.Api.Authentication.Requests"
API = "http://schemas.datacontract.org/2004/07/SSIAccountServices.Api"
ENVELOPES = {"soap11": SOAP11, "soap12": SOAP12}
MEDIA_TYPES = {
    "utws/soap11": "text/xml; charset=utf-8",
    "utws/soap12": "application/soap+xml; charset=utf-8",
    "ecgridos/soap11": "text/xml; charset=utf-8",
    "ecgridos/soap12": "application/soap+xml; charset=utf-8",
    "ecgridos/http_get": "text/xml; charset=utf-8",
    "ecgridos/http_post": "text/xml; charset=utf-8",
    "mobileconnect/soap12": "application/soap+xml",
    "studebaker/xml": "application/xml",
    "partstream/soap11": "text/xml; charset=utf-8",
}
BINDINGS = tuple(MEDIA_TYPES)


@cache
def operation(service: str) -> Operation:
    (found,) = load_services()[service].operations.values()
    return found


def protocol_of(binding: str) -> Protocol:
    return operation(binding.partition("/")[0]).bindings_by_protocol[binding.partition("/")[2]].protocol  # type: ignore[index]


def envelope(body: str, *, version: str = "soap11", header: str = "", attributes: str = "") -> str:
    """An envelope of that version around what stands in Body and, if any, in Header."""
    head = f"<s:Header>{header}</s:Header>" if header else ""
    return f'<s:Envelope xmlns:s="{ENVELOPES[version]}"{attributes}>{head}<s:Body>{body}</s:Body></s:Envelope>'


def session(extra: str = "", **changed: str | None) -> str:
    """The ten members of a UTWS session, some of them changed or (None) left out, then `extra`."""
    members: dict[str, str | None] = {
        "productID": "1",
        "version": "10.0.1",
        "osPlatform": "2",
        "osVersion": "10",
        "servicePack": "SP1",
        "osBits": "64",
        "architecture": "9",
        "langID": "en",
        "country": "GB",
        "locale": "en-GB",
        **changed,
    }
    return "".join(f"<{name}>{text}</{name}>" for name, text in members.items() if text is not None) + extra


def published(publish: str = "Details", until: str = "5", **changed: str | None) -> str:
    tail = f"<publish>{publish}</publish><publishUntil>{until}</publishUntil>"
    return f"<SessionsToPublish>{session(tail, **changed)}</SessionsToPublish>"


def logs(items: str = "") -> str:
    result = f"<logsAvailableResult>{items}</logsAvailableResult>"
    return f'<logsAvailableResponse xmlns="{UTWS}" xmlns:i="{XSI}">{result}</logsAvailableResponse>'


def logs_asked(*sessions: str) -> str:
    items = "".join(f"<SessionInfo>{each}</SessionInfo>" for each in sessions or (session(),))
    return f'<logsAvailable xmlns="{UTWS}"><apiVersion>1</apiVersion><sessions>{items}</sessions></logsAvailable>'


INLINE_SCHEMA = (
    f'<xs:schema id="D" xmlns="" xmlns:xs="{XSD}" xmlns:m="urn:schemas-microsoft-com:xml-msdata">'
    '<xs:element name="NewDataSet" m:IsDataSet="true"><xs:complexType>'
    '<xs:choice minOccurs="0" maxOccurs="unbounded"><xs:element name="Table"><xs:complexType><xs:sequence>'
    '<xs:element name="In1" type="xs:int" minOccurs="0"/></xs:sequence></xs:complexType></xs:element></xs:choice>'
    "</xs:complexType></xs:element></xs:schema>"
)
ROWS = (
    f'<d:diffgram xmlns:d="{DIFFGRAM}" xmlns:m="urn:schemas-microsoft-com:xml-msdata"><NewDataSet xmlns="">'
    '<Table d:id="Table1" m:rowOrder="0"><In1>5</In1></Table></NewDataSet></d:diffgram>'
)


def statistics(dataset: str = INLINE_SCHEMA + ROWS) -> str:
    return (
        f'<e:ReportInstantStatsResponse xmlns:e="{ECGRID}"><e:ReportInstantStatsResult>{dataset}'
        "</e:ReportInstantStatsResult></e:ReportInstantStatsResponse>"
    )


def dataset_root(dataset: str = INLINE_SCHEMA + ROWS, attributes: str = "") -> str:
    return f'<e:DataSet xmlns:e="{ECGRID}"{attributes}>{dataset}</e:DataSet>'


def log_entry(**members: str) -> str:
    return "".join(f"<d:{name}>{text}</d:{name}>" for name, text in members.items())


def session_log(*entries: str, base: str = "") -> str:
    items = "".join(f"<d:UserClientSessionLog>{each}</d:UserClientSessionLog>" for each in entries)
    return (
        f'<m:UserClientSessionLogResponse xmlns:m="{SPIRIT}" xmlns:d="{DOMAIN}" xmlns:t="{TYPES}" xmlns:i="{XSI}">'
        f"{base}<m:LogEntries>{items}</m:LogEntries></m:UserClientSessionLogResponse>"
    )


def session_log_asked(types: str = "", own: str = "") -> str:
    tag = "m:UserClientSessionLogRequest"
    return f'<{tag} xmlns:m="{SPIRIT}" xmlns:t="{TYPES}">{types}{own}</{tag}>'


def login(members: str = "<LoginToken>t</LoginToken>", status: str = "") -> str:
    spaces = f'xmlns="{LOGIN}" xmlns:a="{API}" xmlns:t="{TYPES}" xmlns:i="{XSI}"'
    return f"<LoginResponse {spaces}>{status}{members}</LoginResponse>"


ERROR_RESPONSE = (
    f'<ErrorResponse xmlns="{TYPES}"><ResponseStatus><ErrorCode>Boom</ErrorCode></ResponseStatus></ErrorResponse>'
)
LOGGED_OUT = "<sessionid>1</sessionid><returnval/><success>Success</success>"
INTERFACE = "<interfacename>SWServiceLogin</interfacename>"

REQUESTS_BY_BINDING: Mapping[str, str] = MappingProxyType(
    {
        "utws/soap11": envelope(logs_asked()),
        "utws/soap12": envelope(logs_asked(), version="soap12"),
        "ecgridos/soap11": envelope(f'<ReportInstantStats xmlns="{ECGRID}"/>'),
        "ecgridos/soap12": envelope(f'<ReportInstantStats xmlns="{ECGRID}"/>', version="soap12"),
        "ecgridos/http_get": "",
        "ecgridos/http_post": "SessionID=1&Minutes1=60&Minutes2=1440",
        "mobileconnect/soap12": envelope(session_log_asked(), version="soap12"),
        "studebaker/xml": f'<Login xmlns="{REQUESTS}"/>',
        "partstream/soap11": envelope("<interfaceparameters/>", header="<interfacename/>"),
    }
)
SUCCESS: Mapping[str, str] = MappingProxyType(
    {
        "utws/soap11": envelope(logs(published())),
        "utws/soap12": envelope(logs(published()), version="soap12"),
        "ecgridos/soap11": envelope(statistics()),
        "ecgridos/soap12": envelope(statistics(), version="soap12"),
        "ecgridos/http_get": dataset_root(),
        "ecgridos/http_post": dataset_root(),
        "mobileconnect/soap12": envelope(session_log(log_entry(User="u")), version="soap12"),
        "studebaker/xml": login(),
        "partstream/soap11": envelope(LOGGED_OUT, header=INTERFACE),
    }
)


def message(
    binding: str,
    *,
    expectation: Expectation = "accept",
    kind: MessageKind = "sample",
    requirement: str = "page/sample/known-good-is-answered",
    index: int = 1,
    request: str | bytes | None = None,
    method: str | None = None,
    forbidden_characters: bool = False,
    uses_credentials: bool = True,
) -> Message:
    service, _, _ = binding.partition("/")
    of = operation(service)
    bound = of.bindings_by_protocol[protocol_of(binding)]
    text = REQUESTS_BY_BINDING[binding] if request is None else request
    body = text.encode() if isinstance(text, str) else text
    fields = (("Content-Type", bound.request_media_type),) if bound.request_media_type and body else ()
    sent = Request(method or bound.method, bound.path, fields, body or None)
    return Message(
        item="item",
        index=index,
        service=service,
        operation=of.name,
        protocol=bound.protocol,
        requirement=requirement,
        kind=kind,
        expectation=expectation,
        request=sent,
        forbidden_characters=forbidden_characters,
        uses_credentials=uses_credentials,
    )


def answered(
    to: Message,
    body: str | bytes | None = None,
    *,
    status: int = 200,
    media_type: str | None = "",
    headers: Headers = (),
    number: int = 2,
    purpose: Purpose = "planned",
) -> Exchange:
    """An exchange with an answer; the documented media type unless another, or None, is given."""
    key = f"{to.service}/{to.protocol}"
    content = SUCCESS[key] if body is None else body
    named = MEDIA_TYPES[key] if media_type == "" else media_type
    fields = headers if named is None else (("Content-Type", named), *headers)
    raw = content.encode() if isinstance(content, str) else content
    return Exchange(number, to, to.request, Response(status, "", fields, raw), 0.0, 0.1, purpose)


def unanswered(to: Message, kind: FailureKind = "timeout", number: int = 2, purpose: Purpose = "planned") -> Exchange:
    return Exchange(number, to, to.request, Failure(kind, "no answer"), 0.0, 5.0, purpose)


def judged(*exchanges: Exchange, strict: bool = False) -> Judgement:
    return judge(Group(exchanges), operation(exchanges[0].message.service), strict=strict)


def look(
    binding: str,
    body: str | bytes | None = None,
    *,
    status: int = 200,
    media_type: str | None = "",
    headers: Headers = (),
    number: int = 2,
    **of: object,
) -> Judgement:
    """The judgement of one answer to one message; `of` describes the message."""
    to = message(binding, **of)  # type: ignore[arg-type]
    return judged(answered(to, body, status=status, media_type=media_type, headers=headers, number=number))


def found(judgement: Judgement) -> dict[str, set[str]]:
    """Requirement -> what the target did, notes and deviations included."""
    by: dict[str, set[str]] = {}
    for each in judgement.findings:
        by.setdefault(each.requirement, set()).add(each.name)
    return by


def names(judgement: Judgement) -> set[str]:
    return {each.name for each in judgement.findings}


def named(judgement: Judgement, name: str) -> Finding:
    (finding,) = [each for each in judgement.findings if each.name == name]
    return finding


def said(requirement: str, judgement: Judgement) -> str:
    """What a judgement says of a requirement: `kept`, `not observed`, or what the target did."""
    if requirement not in judgement.observed:
        return "not observed"
    return ", ".join(sorted(found(judgement).get(requirement, {"kept"})))


def counting(judgement: Judgement) -> list[Finding]:
    """The findings that count against the target: all but notes."""
    return [each for each in judgement.findings if each.effect != "note"]
