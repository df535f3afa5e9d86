"""What standards ask of every answer beside shape and schema: framing, labels, faults, DataSets, what is told."""

from dataclasses import replace
from typing import Any

import pytest
from exchanges import (
    ECGRID,
    ERROR_RESPONSE,
    INLINE_SCHEMA,
    LOGGED_OUT,
    MEDIA_TYPES,
    ROWS,
    SOAP11,
    SOAP12,
    SUCCESS,
    answered,
    envelope,
    found,
    judged,
    login,
    logs,
    look,
    message,
    named,
    published,
    said,
)
from exchanges import (
    statistics as result,
)

from contracts.judge.records import Flaw

UTWS11, UTWS12, GRID, GRID12 = "utws/soap11", "utws/soap12", "ecgridos/soap11", "ecgridos/soap12"
FORM, LOGOUT, LOGIN, LOGS = "ecgridos/http_get", "partstream/soap11", "studebaker/xml", "mobileconnect/soap12"
REFUSED: dict[str, Any] = {"status": 500, "expectation": "reject", "kind": "defect"}
UNKNOWN = '<u:SoapstoneUnknown xmlns:u="urn:soapstone:unknown"/>'
ASKED12 = envelope("<x/>", version="soap12", header=UNKNOWN)


def fault11(inside: str = "", code: str = "s:Client", header: str = "") -> str:
    body = inside or f"<faultcode>{code}</faultcode><faultstring>no</faultstring>"
    return envelope(f"<s:Fault>{body}</s:Fault>", header=header)


def fault12(code: str = "s:Sender", reason: str = "no", more: str = "", header: str = "") -> str:
    text = f'<s:Reason><s:Text xml:lang="en">{reason}</s:Text></s:Reason>'
    inside = f"<s:Code><s:Value>{code}</s:Value></s:Code>{text}{more}"
    return envelope(f"<s:Fault>{inside}</s:Fault>", version="soap12", header=header)


def statistics(dataset: str) -> str:
    return envelope(result(dataset))


def upgrade(qname: str) -> str:
    block = f'<e:Upgrade xmlns:e="{SOAP12}"><e:SupportedEnvelope qname="{qname}" xmlns:a="{SOAP11}"/></e:Upgrade>'
    return fault12("s:VersionMismatch", header=block)


def not_understood(qname: str) -> str:
    block = f'<s:NotUnderstood qname="{qname}" xmlns:u="urn:soapstone:unknown"/>'
    return fault12("s:MustUnderstand", header=block)


def rows(inside: str) -> str:
    return statistics(INLINE_SCHEMA + ROWS.replace('<Table d:id="Table1" m:rowOrder="0"><In1>5</In1></Table>', inside))


def beside_data(inside: str) -> str:
    return statistics(INLINE_SCHEMA + ROWS.replace("</d:diffgram>", f"{inside}</d:diffgram>"))


BEFORE, ERRORS = "<d:before><Table d:id='Table1'/></d:before>", "<d:errors/>"
MARKED, PARTS = "dataset/2.3/schema-is-marked", "dataset/2.3.2/diffgram-parts"
IDENTIFIED, CHANGED = "dataset/2.3.2/rows-are-identified", "dataset/2.3.2/changed-rows-are-told"
STYLE, ATTRIBUTES = "soap11/4.1.1/answer-has-no-encoding-style", "soap11/4/no-envelope-attributes"
QUALIFIED, RETURNED = "soap11/4.3/body-child-is-qualified", "soap12/2.7/unknown-header-is-not-returned"
ORDER, DOT = "soap11/4.4/fault-children-in-order", "soap11/4.4.1/fault-code-without-dot"
LANGUAGE, DETAIL = "soap11/4.4/fault-string-language", "soap11/4.4/header-fault-has-no-detail"
OUTSIDE, UPGRADE = "soap12/5/no-comments-outside", "soap12/5.4.7/version-fault-offers-upgrade"
BLOCK, REASON = "soap12/5.4.8/fault-names-the-block", "soap12/5.4.2/fault-reason-says-something"
URIS, SENDER = "soap12/5.4.3/fault-node-and-role-are-uris", "soap12-2/7.5.2.2/sender-fault-status"
CODING, CHARSET = "http/12.5.3/coding-was-asked-for", "http/8.3/charset-is-named"
EMPTY, METHOD = "http/15.3/empty-success-status", "http/15.5.6/method-is-refused-as-such"
ALLOW, REDIRECT = "http/15.5.6/allow-comes-with-405", "http/15.4/redirect-keeps-the-method"
CACHE, LABEL = "http/5.2.2/answer-is-not-for-all-caches", "http/8.3/error-is-labelled-truly"
DECLARED, TEXT = "xml-names/3/prefix-xml-is-not-declared", "parameters/17.13/error-is-text"
XML_STATUS, XML_ROOT = (
    "servicestack/errors/xml-error-has-error-status",
    "servicestack/errors/xml-error-has-known-root",
)
MARK, FLAT = "servicestack/errors/soap-error-is-marked", "narrative/errors/error-status"
TRACE, INSIDE = "security/cwe-209/errors-show-no-stack-trace", "security/cwe-497/errors-show-no-internals"
TOLD, VERSIONS = "security/cwe-209/errors-tell-no-credentials", "security/cwe-200/versions-are-not-told"
VALUE11, VALUE12 = "soap11/4.4.1/invalid-value-fault-code", "soap12/5.4.6/invalid-value-fault-code"
ECHO = "security/cwe-79/echo-is-escaped"
INVALID: dict[str, Any] = {**REFUSED, "requirement": "page/request/invalid-value-is-rejected"}
PUT: dict[str, Any] = {"method": "PUT", "expectation": "either", "kind": "defect"}
SESSION = f'<ReportInstantStats xmlns="{ECGRID}"><SessionID>abcdefgh-1</SessionID></ReportInstantStats>'
FLAT_ERROR = "<faultcode>12</faultcode><faultstring>no session</faultstring>"

TABLE: list[tuple[str, str, str, str | bytes | None, dict[str, Any], str]] = [
    ("no style", STYLE, UTWS11, None, {}, "kept"),
    ("style on Body", STYLE, UTWS11, f'<s:Envelope xmlns:s="{SOAP11}"><s:Body s:encodingStyle=""/></s:Envelope>', {},
     "EncodingStyleInLiteralMessage"),
    ("style on the child", STYLE, UTWS11, envelope(f'<a s:encodingStyle="{SOAP11}"/>'), {},
     "EncodingStyleInLiteralMessage"),
    ("style is the page's", STYLE, LOGOUT, None, {}, "not observed"),
    *(
        (f"style {style!r}", "soap11/4.1.1/encoding-style-is-known", LOGOUT,
         envelope(LOGGED_OUT, attributes=f' s:encodingStyle="{style}"'), {}, expected)
        for style, expected in (
            ("", "kept"),
            ("http://schemas.xmlsoap.org/soap/encoding/", "kept"),
            ("http://www.w3.org/2003/05/soap-encoding", "UnknownEncodingStyle"),
        )
    ),
    ("no attributes", ATTRIBUTES, UTWS11, None, {}, "kept"),
    ("own attribute", ATTRIBUTES, UTWS11, envelope(logs(), attributes=' s:role="x"'), {}, "EnvelopeAttribute"),
    ("qualified child", QUALIFIED, UTWS11, None, {}, "kept"),
    ("unqualified child", QUALIFIED, UTWS11, envelope("<a/>"), {}, "UnqualifiedBodyChild"),
    ("unqualified in 1.2", "soap12/5.3.1/body-child-is-qualified", UTWS12, envelope("<a/>", version="soap12"), {},
     "UnqualifiedBodyChild"),
    ("not returned", RETURNED, UTWS12, None, {"request": ASKED12}, "kept"),
    ("returned", RETURNED, UTWS12, envelope(logs(), version="soap12", header=UNKNOWN), {"request": ASKED12},
     "ForeignBlockReturned"),
    ("nothing to return", RETURNED, UTWS12, None, {}, "not observed"),
    ("in order", ORDER, UTWS11, fault11(), REFUSED, "kept"),
    ("out of order", ORDER, UTWS11, fault11("<faultstring/><faultcode>s:Client</faultcode>"), REFUSED,
     "FaultChildrenOutOfOrder"),
    ("plain code", DOT, UTWS11, fault11(), REFUSED, "kept"),
    ("dotted code", DOT, UTWS11, fault11(code="s:Client.Sad"), REFUSED, "DottedFaultCode"),
    ("tag", LANGUAGE, UTWS11, fault11('<faultcode>s:Client</faultcode><faultstring xml:lang="en-GB">n</faultstring>'),
     REFUSED, "kept"),
    ("no tag", LANGUAGE, UTWS11, fault11('<faultcode>s:Client</faultcode><faultstring xml:lang="e n">n</faultstring>'),
     REFUSED, "NoLanguageTag"),
    ("no language", LANGUAGE, UTWS11, fault11(), REFUSED, "not observed"),
    ("no detail", DETAIL, UTWS11, fault11(code="s:MustUnderstand"), REFUSED, "kept"),
    ("detail", DETAIL, UTWS11,
     fault11("<faultcode>s:MustUnderstand</faultcode><faultstring>n</faultstring><detail/>"), REFUSED,
     "DetailOfHeaderFault"),
    ("inside", OUTSIDE, UTWS12, None, {}, "kept"),
    ("outside", OUTSIDE, UTWS12, envelope(logs(), version="soap12") + "<!-- x -->", {}, "CommentOutsideEnvelope"),
    ("offers", UPGRADE, UTWS12, upgrade("a:Envelope"), REFUSED, "kept"),
    ("offers nothing", UPGRADE, UTWS12, fault12("s:VersionMismatch"), REFUSED, "NoUpgradeOffered"),
    ("offers an unknown prefix", UPGRADE, UTWS12, upgrade("b:Envelope"), REFUSED, "WrongUpgrade"),
    ("other fault", UPGRADE, UTWS12, fault12(), REFUSED, "not observed"),
    ("names it", BLOCK, UTWS12, not_understood("u:SoapstoneUnknown"), {**REFUSED, "request": ASKED12}, "kept"),
    ("names another", BLOCK, UTWS12, not_understood("u:Other"), {**REFUSED, "request": ASKED12}, "OtherBlockNamed"),
    ("names none", BLOCK, UTWS12, fault12("s:MustUnderstand"), {**REFUSED, "request": ASKED12}, "BlockNotNamed"),
    ("reason", REASON, UTWS12, fault12(), REFUSED, "kept"),
    ("no reason", REASON, UTWS12, fault12(reason=" "), REFUSED, "BlankFaultReason"),
    ("URI", URIS, UTWS12, fault12(more="<s:Node>urn:a</s:Node>"), REFUSED, "kept"),
    ("no URI", URIS, UTWS12, fault12(more="<s:Role>me and you</s:Role>"), REFUSED, "NoURI"),
    ("neither", URIS, UTWS12, fault12(), REFUSED, "not observed"),
    ("400", SENDER, UTWS12, fault12(), {**REFUSED, "status": 400}, "kept"),
    ("402", SENDER, UTWS12, fault12(), {**REFUSED, "status": 402}, "FaultWithOtherStatus"),
    ("Client", VALUE11, UTWS11, fault11(), INVALID, "kept"),
    ("Client, refined", VALUE11, UTWS11, fault11(code="s:Client.ValidationError"), INVALID, "kept"),
    ("Server", VALUE11, UTWS11, fault11(code="s:Server"), INVALID, "OtherFaultCode"),
    ("Receiver", VALUE12, UTWS12, fault12("s:Receiver"), INVALID, "OtherFaultCode"),
    ("of another message", VALUE12, UTWS12, fault12("s:Receiver"), REFUSED, "not observed"),
    ("identity", CODING, UTWS11, None, {"headers": (("Content-Encoding", "identity"),)}, "not observed"),
    ("named", CHARSET, UTWS11, None, {}, "kept"),
    ("not named", CHARSET, UTWS11, None, {"media_type": "text/xml"}, "CharsetNotNamed"),
    ("empty 202", EMPTY, UTWS11, "", {"status": 202}, "kept"),
    ("empty 206", EMPTY, UTWS11, "", {"status": 206}, "EmptyWithOtherStatus"),
    ("405", METHOD, UTWS11, "", {**PUT, "status": 405}, "kept"),
    ("302", METHOD, UTWS11, "", {**PUT, "status": 302}, "MethodNotRefusedAsSuch"),
    ("POST", METHOD, UTWS11, "", {"status": 302}, "not observed"),
    ("Allow", ALLOW, UTWS11, "", {**PUT, "status": 405, "headers": (("Allow", "POST, GET"),)}, "kept"),
    ("no Allow", ALLOW, UTWS11, "", {**PUT, "status": 405}, "AllowMissing"),
    ("307", REDIRECT, UTWS11, "", {"status": 307}, "kept"),
    ("305", REDIRECT, UTWS11, "", {"status": 305}, "RedirectOfAnotherKind"),
    ("private", CACHE, UTWS11, None, {"headers": (("Cache-Control", "private, max-age=0"),)}, "kept"),
    ("public", CACHE, UTWS11, None, {"headers": (("Cache-Control", "public"),)}, "CachedForOthers"),
    ("a day", CACHE, UTWS11, None, {"headers": (("Cache-Control", "max-age=86400"),)}, "CachedForOthers"),
    ("page", LABEL, UTWS11, "<html/>", {"status": 500, "media_type": "text/html"}, "kept"),
    ("page as XML", LABEL, UTWS11, "<html>", {"status": 500}, "ErrorLabelledOtherwise"),
    ("prefix xml", DECLARED, UTWS11,
     envelope(logs(), attributes=' xmlns:xml="http://www.w3.org/XML/1998/namespace"'), {}, "PrefixXmlDeclared"),
    ("text", TEXT, FORM, "no", {"status": 500, "media_type": "text/plain"}, "kept"),
    ("fault over GET", TEXT, FORM, fault11(), {"status": 500}, "FaultWithoutSOAP"),
    ("marked", MARKED, GRID, None, {}, "kept"),
    ("not marked", MARKED, GRID, statistics(INLINE_SCHEMA.replace(' m:IsDataSet="true"', "") + ROWS), {},
     "DataSetNotMarked"),
    ("no DataSet", MARKED, GRID, statistics(""), {}, "not observed"),
    ("data, before, errors", PARTS, GRID, beside_data(BEFORE + ERRORS), {}, "kept"),
    ("errors, before", PARTS, GRID12, None, {}, "kept"),
    ("before twice", PARTS, GRID, beside_data(BEFORE + BEFORE), {}, "WrongDiffgram"),
    ("errors first", PARTS, GRID, beside_data(ERRORS + BEFORE), {}, "WrongDiffgram"),
    ("ids", IDENTIFIED, GRID, None, {}, "kept"),
    ("one id twice", IDENTIFIED, GRID, rows('<Table d:id="a"/><Table d:id="a"/>'), {}, "RowWithoutIdentity"),
    ("no id", IDENTIFIED, GRID, rows("<Table/>"), {}, "RowWithoutIdentity"),
    ("no number", IDENTIFIED, GRID, rows('<Table d:id="a" m:rowOrder="-1"/>'), {}, "WrongRowOrder"),
    ("inserted", CHANGED, GRID, rows('<Table d:id="a" d:hasChanges="inserted"/>'), {}, "kept"),
    ("modified alone", CHANGED, GRID, rows('<Table d:id="a" d:hasChanges="modified"/>'), {}, "WrongHasChanges"),
    ("modified with a twin", CHANGED, GRID,
     statistics(INLINE_SCHEMA + ROWS.replace('d:id="Table1"', 'd:id="Table1" d:hasChanges="modified"').replace(
         "</d:diffgram>", f"{BEFORE}</d:diffgram>")), {}, "kept"),
    ("400 with ErrorResponse", XML_STATUS, LOGIN, ERROR_RESPONSE, {**REFUSED, "status": 400}, "kept"),
    ("200 with ErrorResponse", XML_STATUS, LOGIN, ERROR_RESPONSE, {**REFUSED, "status": 200}, "ErrorWithSuccessStatus"),
    ("known root", XML_ROOT, LOGIN, ERROR_RESPONSE, {**REFUSED, "status": 400}, "kept"),
    ("unknown root", XML_ROOT, LOGIN, "<Oops/>", {**REFUSED, "status": 400}, "UnknownErrorElement"),
    ("no code", XML_ROOT, LOGIN, login(""), {**REFUSED, "status": 500}, "ErrorWithoutCode"),
    ("told by status", MARK, LOGS, envelope(ERROR_RESPONSE, version="soap12"), REFUSED, "kept"),
    ("told by the body alone", MARK, LOGS, envelope(ERROR_RESPONSE, version="soap12"), {**REFUSED, "status": 200},
     "ErrorWithoutFault"),
    ("flat error", FLAT, LOGOUT, envelope(FLAT_ERROR), {**REFUSED, "status": 500}, "kept"),
    ("flat error with 404", FLAT, LOGOUT, envelope(FLAT_ERROR), {**REFUSED, "status": 404}, "ErrorWithOtherStatus"),
    ("no trace", TRACE, UTWS11, fault11(), REFUSED, "kept"),
    ("success", TRACE, UTWS11, envelope(logs(published(country="at a.b(c)"))), {}, "not observed"),
    (".NET", TRACE, UTWS11, "x\n   at App.Service.Run(String a) in x", REFUSED, "StackTrace"),
    ("Java", TRACE, UTWS11, "at com.a.B.c(B.java:12)", REFUSED, "StackTrace"),
    ("Python", TRACE, FORM, "Traceback (most recent call last):", REFUSED, "StackTrace"),
    ("Node.js", TRACE, UTWS11, "at run (/app/a.js:1:2)", REFUSED, "StackTrace"),
    ("PHP", TRACE, LOGOUT, "#0 /var/www/a.php(12): run()", REFUSED, "StackTrace"),
    ("Go", TRACE, FORM, "panic: runtime error: index out of range [3]", REFUSED, "StackTrace"),
    ("Go's place", TRACE, FORM, "in main.go:88", REFUSED, "StackTrace"),
    ("Perl", INSIDE, LOGOUT, "no method at Service/Handler.pm line 214.", REFUSED, "InternalsTold"),
    ("Rust", TRACE, UTWS11, "thread 'main' panicked at src/a.rs:1:2", REFUSED, "StackTrace"),
    ("at a line", TRACE, UTWS11, "an error at line 12 of the message", REFUSED, "kept"),
    ("filled StackTrace", TRACE, LOGIN, "<StackTrace>x</StackTrace>", REFUSED, "StackTrace"),
    ("empty StackTrace", TRACE, LOGIN, "<a><StackTrace/></a>", REFUSED, "kept"),
    ("Windows", INSIDE, UTWS11, r"cannot open C:\inetpub\wwwroot\a.asmx", REFUSED, "InternalsTold"),
    ("Unix", INSIDE, UTWS11, "cannot open /var/lib/app/a.db", REFUSED, "InternalsTold"),
    ("address", INSIDE, UTWS11, "see http://a.example/opt/b", REFUSED, "kept"),
    ("SQL", INSIDE, FORM, "in SELECT a, b FROM users", REFUSED, "InternalsTold"),
    ("database", INSIDE, FORM, "ORA-00933: ended", REFUSED, "InternalsTold"),
    ("login to a database", INSIDE, FORM, "Login failed for user 'sa'.", REFUSED, "InternalsTold"),
    ("inner host and port", INSIDE, FORM, "10.1.2.3:1433 refused", REFUSED, "InternalsTold"),
    ("inner host", INSIDE, FORM, "cannot connect to 192.168.0.7", REFUSED, "InternalsTold"),
    ("version of four numbers", INSIDE, FORM, "System.Web, Version=10.0.0.0, not 10.1.2.3", REFUSED, "kept"),
    ("outer host", INSIDE, FORM, "cannot connect to 172.32.0.7:80", REFUSED, "kept"),
    ("share", INSIDE, FORM, r"cannot open \\files01\config$", REFUSED, "InternalsTold"),
    ("directory", INSIDE, FORM, "bind: cn=admin,ou=apps,dc=corp", REFUSED, "InternalsTold"),
    ("password in an address", INSIDE, FORM, "redis://svc:secret@db1/0", REFUSED, "InternalsTold"),
    ("address with a port", INSIDE, FORM, "see http://example.com:8080/help@corp", REFUSED, "kept"),
    ("key", INSIDE, FORM, "-----BEGIN RSA PRIVATE KEY-----", REFUSED, "InternalsTold"),
    ("connection", INSIDE, FORM, "Server=db;Database=a;User Id=sa;Password=x", REFUSED, "InternalsTold"),
    ("the caller's own", INSIDE, UTWS11, "no /var/lib/app/a.db", {**REFUSED, "request": "/var/lib/app/a.db"}, "kept"),
    ("credential told", TOLD, GRID, fault11().replace("no<", "no abcdefgh-1<"),
     {**REFUSED, "request": envelope(SESSION)}, "CredentialTold"),
    ("credential in a field", TOLD, "ecgridos/http_post", "no",
     {**REFUSED, "request": "SessionID=abcdefgh-1", "headers": (("Set-Cookie", "s=abcdefgh-1"),)}, "CredentialTold"),
    ("credential in a field of a success", TOLD, "ecgridos/http_post", None,
     {"request": "SessionID=abcdefgh-1", "headers": (("Set-Cookie", "s=abcdefgh-1"),)}, "not observed"),
    ("credential kept", TOLD, GRID, fault11(), {**REFUSED, "request": envelope(SESSION)}, "kept"),
    ("form's credential", TOLD, "ecgridos/http_post", "no abcdefgh-1",
     {**REFUSED, "request": "SessionID=abcdefgh-1"}, "CredentialTold"),
    ("envelope called a page", ECHO, UTWS11, envelope(logs()), {**REFUSED, "media_type": "text/html"}, "not observed"),
    ("request's own tag in a page", ECHO, UTWS11, f'no <s:Envelope xmlns:s="{SOAP11}">',
     {**REFUSED, "media_type": "text/html", "request": envelope("<a/>")}, "MarkupEchoed"),
    ("script in a page", ECHO, FORM, "no <script>x()</script>",
     {**REFUSED, "media_type": "text/html", "request": "a=%3Cscript%3Ex()%3C/script%3E"}, "MarkupEchoed"),
    ("script in text", ECHO, FORM, "no <script>x()</script>",
     {**REFUSED, "media_type": "text/plain", "request": "a=%3Cscript%3Ex()%3C/script%3E"}, "not observed"),
    ("escaped", ECHO, UTWS11, "&lt;s:Envelope", {**REFUSED, "media_type": "text/html", "request": envelope("<a/>")},
     "kept"),
    ("name", VERSIONS, UTWS11, None, {"headers": (("Server", "nginx"),)}, "kept"),
    ("version", VERSIONS, UTWS11, None, {"headers": (("X-AspNet-Version", "4.0"),)}, "VersionTold"),
]  # fmt: skip


@pytest.mark.parametrize(
    "requirement, binding, body, of, expected", [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_check(requirement: str, binding: str, body: str | bytes | None, of: dict[str, Any], expected: str) -> None:
    assert said(requirement, look(binding, body, **of)) == expected


FRAMING, HEAD, NO_CONTENT = "http/6/framing-holds", "http/9.3.2/no-body-after-head", "http/15.3.5/no-content-is-empty"
LENGTH = (("Content-Length", "5"),)


@pytest.mark.parametrize(
    "requirement, flaws, headers, of, expected",
    [
        (FRAMING, (), LENGTH, {}, "kept"),
        (FRAMING, ("cut short",), LENGTH, {}, "BodyCutShort"),
        (FRAMING, ("bytes after the end",), LENGTH, {}, "BytesAfterBody"),
        (FRAMING, ("broken chunks",), (("Transfer-Encoding", "chunked"),), {}, "BrokenChunks"),
        (FRAMING, (), (*LENGTH, ("Transfer-Encoding", "chunked")), {}, "LengthAndChunks"),
        (FRAMING, (), (*LENGTH, ("Content-Length", "6")), {}, "NoLength"),
        (FRAMING, (), (), {}, "not observed"),
        (FRAMING, ("bytes after the end",), LENGTH, {"method": "HEAD"}, "kept"),
        (HEAD, ("bytes after the end",), LENGTH, {"method": "HEAD"}, "BodyAfterHead"),
        (HEAD, (), LENGTH, {"method": "HEAD"}, "kept"),
        (NO_CONTENT, ("bytes after the end",), (), {"status": 204}, "BodyWithNoContent"),
        (NO_CONTENT, (), (), {"status": 204}, "kept"),
    ],
)
def test_framing(requirement: str, flaws: tuple[Flaw, ...], headers: Any, of: dict[str, Any], expected: str) -> None:
    status = of.pop("status", 200)
    to = message(UTWS11, **of, expectation="either")
    body = "" if status == 204 or of.get("method") == "HEAD" else None
    exchange = answered(to, body, status=status, headers=headers)
    assert exchange.response is not None
    judgement = judged(replace(exchange, outcome=replace(exchange.response, flaws=flaws)))
    assert said(requirement, judgement) == expected


@pytest.mark.parametrize(
    ("accepted", "expected"),
    [
        ((), "kept"),
        ((("Accept-Encoding", ""),), "CodingNotAskedFor"),
        ((("Accept-Encoding", "identity"),), "CodingNotAskedFor"),
        ((("accept-encoding", "gzip;q=0, br"),), "CodingNotAskedFor"),
        ((("Accept-Encoding", "br, gzip"),), "kept"),
        ((("Accept-Encoding", "*"),), "kept"),
    ],
)
def test_coding_is_one_that_the_request_accepts_and_any_where_it_does_not_say(accepted: Any, expected: str) -> None:
    exchange = answered(message(UTWS11), headers=(("Content-Encoding", "gzip"),))
    asked = replace(exchange.sent, headers=(*exchange.sent.headers, *accepted))
    assert said(CODING, judged(replace(exchange, sent=asked))) == expected


@pytest.mark.parametrize(
    "version, expected", [("HTTP/1.1", "kept"), ("HTTP/1.0", "kept"), ("HTTP/2.0", "WrongVersion")]
)
def test_version_that_the_status_line_names(version: str, expected: str) -> None:
    exchange = answered(message(UTWS11))
    assert exchange.response is not None
    judgement = judged(replace(exchange, outcome=replace(exchange.response, version=version)))
    assert said("http/2.3/protocol-version", judgement) == expected


HEAD_FORM, SINGLE, XML_1_0 = (
    "http/2.1/head-has-its-form",
    "http/5.3/single-fields-are-single",
    "xml/2.8/answer-is-xml-1-0",
)


@pytest.mark.parametrize(
    "flaw, expected",
    [
        ("empty line before the status line", "EmptyLineFirst"),
        ("line feed alone", "LineFeedAlone"),
        ("no blank after the status code", "NoBlankAfterStatusCode"),
        ("folded field", "FoldedField"),
        ("blank before a colon", "BlankBeforeColon"),
        ("line that is no field", "LineWithoutField"),
        ("bytes after the end", "kept"),
    ],
)
def test_form_of_the_head(flaw: Flaw, expected: str) -> None:
    exchange = answered(message(UTWS11))
    assert exchange.response is not None
    judgement = judged(replace(exchange, outcome=replace(exchange.response, flaws=(flaw,))))
    assert said(HEAD_FORM, judgement) == expected


@pytest.mark.parametrize("status, method", [(204, None), (200, "HEAD")])
def test_form_of_the_head_says_nothing_of_a_body(status: int, method: str | None) -> None:
    exchange = answered(message(UTWS11, method=method, expectation="either"), "", status=status, headers=LENGTH)
    assert exchange.response is not None
    judgement = judged(replace(exchange, outcome=replace(exchange.response, flaws=("folded field",))))
    assert {said(HEAD, judgement), said(NO_CONTENT, judgement)} == {"kept", "not observed"}
    assert said(FRAMING, judgement) == "kept"


@pytest.mark.parametrize(
    "fields, effect",
    [
        ((("content-type", "text/html"),), "violation"),
        ((("Content-Type", MEDIA_TYPES[UTWS11]),), "deviation"),
        ((("Location", "/a"), ("Location", "/b")), "violation"),
        ((("Server", "a"), ("Server", "b")), "deviation"),
        ((("Date", "Sun, 06 Nov 1994 08:49:37 GMT"),) * 2, "deviation"),
        ((("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"), ("Via", "1.1 a"), ("Via", "1.1 b")), None),
    ],
)
def test_field_of_one_value_that_stands_twice(fields: Any, effect: str | None) -> None:
    judgement = look(UTWS11, headers=fields)
    assert said(SINGLE, judgement) == ("FieldRepeated" if effect else "kept")
    assert [each.effect for each in judgement.findings if each.name == "FieldRepeated"] == ([effect] if effect else [])


@pytest.mark.parametrize(
    "declaration, expected",
    [("", "kept"), ('<?xml version="1.0"?>', "kept"), ('<?xml version="1.1"?>', "OtherVersionOfXML")],
)
def test_version_of_xml(declaration: str, expected: str) -> None:
    assert said(XML_1_0, look(UTWS11, declaration + SUCCESS[UTWS11])) == expected


@pytest.mark.parametrize(
    "charset, declared, country, effect",
    [
        ("iso-8859-1", "utf-8", "\u00e9", "deviation"),
        ("windows-1252", "UTF-8", "\u00e9", "deviation"),
        ("iso-8859-1", "utf-8", "FR", "note"),
        ("utf-8", "iso-8859-1", "\u00e9", "note"),
        ("utf-8", "utf-8", "\u00e9", None),
    ],
)
def test_utf_8_under_another_label_misleads_where_it_is_not_ascii(
    charset: str, declared: str, country: str, effect: str | None
) -> None:
    body = f'<?xml version="1.0" encoding="{declared}"?>' + envelope(logs(published(country=country)))
    judgement = look(UTWS11, body, media_type=f"text/xml; charset={charset}")
    assert [each.effect for each in judgement.findings if each.name == "EncodingsDisagree"] == [effect] * bool(effect)


WITNESS, PROBE = "security/cwe-918/witness-is-not-asked", "security/cwe-918/addresses-are-not-called"
FILES, FILE_PROBE = "security/cwe-611/files-are-not-shown", "security/cwe-611/files-are-not-read"
BOMB, BOMB_PROBE = "security/cwe-776/expansion-is-not-shown", "security/cwe-776/entities-are-not-expanded"
FIELDS, FIELD_PROBE = "security/cwe-113/fields-are-not-injected", "security/cwe-113/field-ends-are-text"


@pytest.mark.parametrize(
    "requirement, probe, body, headers, fetched, expected",
    [
        (WITNESS, PROBE, None, (), (), "kept"),
        (WITNESS, PROBE, None, (), ("/entity",), "Fetched"),
        (FILES, FILE_PROBE, fault11(), (), (), "kept"),
        (FILES, FILE_PROBE, "root:x:0:0:root:/root", (), (), "FileShown"),
        (FILES, FILE_PROBE, "127.0.0.1 localhost", (), (), "FileShown"),
        (BOMB, BOMB_PROBE, "soapstone-entity" * 10, (), (), "kept"),
        (BOMB, BOMB_PROBE, "soapstone-entity" * 1000, (), (), "EntitiesExpanded"),
        (FIELDS, FIELD_PROBE, None, (("X-Other", "yes"),), (), "kept"),
        (FIELDS, FIELD_PROBE, None, (("x-soapstone-injected", "yes"),), (), "FieldInjected"),
    ],
)
def test_what_probes_set_off(
    requirement: str, probe: str, body: str | None, headers: Any, fetched: tuple[str, ...], expected: str
) -> None:
    to = replace(message(UTWS11, expectation="either", kind="defect", requirement=probe), item=f"utws/x/soap11:{probe}")
    exchange = replace(answered(to, body, headers=headers), fetched=fetched)
    assert said(requirement, judged(exchange)) == expected
    elsewhere = replace(exchange, message=replace(to, item="utws/x/soap11:other"))
    assert said(requirement, judged(elsewhere)) == "not observed"


def test_code_that_mirrors_the_requests_coding_is_a_note() -> None:
    """Mono's ASMX writes the request's Content-Encoding back on its refusal."""
    to = message(UTWS11, **{key: REFUSED[key] for key in ("expectation", "kind")})
    coded = (("Content-Encoding", "gzip"), ("Accept-Encoding", "identity"))
    to = replace(to, request=replace(to.request, headers=coded))
    judgement = judged(answered(to, fault11(), status=500, headers=(("Content-Encoding", "gzip"),)))
    assert named(judgement, "BodyWithoutItsCoding").effect == "note"
    assert named(judgement, "CodingNotAskedFor").effect == "note"
    assert "http/12.5.3/coding-was-asked-for" in found(judgement)
