"""What the clean reference answers: the documented successes, legal spellings, refusals by family, relations."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import urlencode

import pytest
from lxml import etree
from reference_messages import (
    BINDINGS,
    ECGRIDOS,
    HEADER_BLOCKS,
    SOAP11,
    SOAP12,
    UTWS,
    envelope,
    form,
    known_good,
    login,
    logout,
    logs_available,
    post,
    report_instant_stats,
    session_info,
    session_log,
)

from reference import mobileconnect
from reference.app import Application
from reference.http import Request, Response
from reference.names import ADDRESSING
from reference.state import State

XSD = "http://www.w3.org/2001/XMLSchema"
DIFFGRAM = "urn:schemas-microsoft-com:xml-diffgram-v1"
SUCCESSES = {
    "utws/soap11": (SOAP11, f"{{{UTWS}}}logsAvailableResponse"),
    "utws/soap12": (SOAP12, f"{{{UTWS}}}logsAvailableResponse"),
    "ecgridos/soap11": (SOAP11, f"{{{ECGRIDOS}}}ReportInstantStatsResponse"),
    "ecgridos/soap12": (SOAP12, f"{{{ECGRIDOS}}}ReportInstantStatsResponse"),
    "ecgridos/http_get": ("", f"{{{ECGRIDOS}}}DataSet"),
    "ecgridos/http_post": ("", f"{{{ECGRIDOS}}}DataSet"),
    "mobileconnect/soap12": (SOAP12, mobileconnect.RESPONSE.tag),
    "studebaker/xml": (
        "",
        "{http://schemas.datacontract.org/2004/07/SSIAccountServices.Api.Authentication.Responses}LoginResponse",
    ),
    "partstream/soap11": (SOAP11, "sessionid"),
}
SOAP_BINDINGS = [binding for binding, (namespace, _) in SUCCESSES.items() if namespace]
ASMX = [binding for binding in SOAP_BINDINGS if binding.startswith(("utws", "ecgridos"))]
XML_BINDINGS = [*SOAP_BINDINGS, "studebaker/xml"]
MEDIA_TYPES = {
    SOAP11: "text/xml; charset=utf-8",
    SOAP12: "application/soap+xml; charset=utf-8",
}


def is_success(response: Response, binding: str) -> bool:
    if response.status_code != 200 or not response.body:
        return False
    root = etree.fromstring(response.body)
    namespace, name = SUCCESSES[binding]
    payload = root.find(f"{{{namespace}}}Body/*") if namespace else root
    flat_error = root.find(".//faultcode") is not None
    return payload is not None and payload.tag == name and not flat_error and not empty_login(root)


def empty_login(root: etree._Element) -> bool:
    return root.tag.endswith("LoginResponse") and root.find("{*}LoginToken") is None


def with_body(request: Request, change: Callable[[bytes], bytes], **fields: str) -> Request:
    named = {key.replace("_", "-"): value for key, value in fields.items()}
    return Request(request.method, request.path, request.query, {**request.fields, **named}, change(request.body))


# Successes


@pytest.mark.parametrize("binding", BINDINGS)
def test_documented_request_succeeds(binding: str, state: State, clean: Application) -> None:
    response = clean.answer(known_good(binding, state))
    assert is_success(response, binding)
    if binding == "mobileconnect/soap12":
        assert response.content_type == "application/soap+xml"
    elif binding == "studebaker/xml":
        assert response.content_type == "application/xml"
    else:
        assert response.content_type == MEDIA_TYPES[SUCCESSES[binding][0] or SOAP11]


@pytest.mark.parametrize("taken", ["gzip", "deflate, GZIP;q=0.5"])
@pytest.mark.parametrize("binding", BINDINGS)
def test_answer_is_compressed_for_clients_that_take_it(
    binding: str, taken: str, state: State, clean: Application
) -> None:
    plain = clean.answer(known_good(binding, state))
    asked = known_good(binding, state)
    coded = clean.answer(replace(asked, fields={**asked.fields, "accept-encoding": taken}))
    assert ("Content-Encoding", "gzip") in coded.fields
    assert ("Vary", "Accept-Encoding") in coded.fields
    assert is_success(replace(coded, body=gzip.decompress(coded.body)), binding)
    assert is_success(plain, binding)


@pytest.mark.parametrize("taken", ["", "identity", "gzip;q=0", "deflate", "*;q=0, gzip; q=0.0"])
def test_answer_is_plain_for_all_others(taken: str, state: State, clean: Application) -> None:
    asked = known_good("utws/soap11", state)
    answer = clean.answer(replace(asked, fields={**asked.fields, "accept-encoding": taken}))
    assert is_success(answer, "utws/soap11")
    assert "Content-Encoding" not in dict(answer.fields)


def _utf16(body: bytes) -> bytes:
    return re.sub(r"^<\?.*?\?>", "", body.decode()).encode("utf-16")


LEGAL: dict[str, Callable[[bytes], bytes]] = {
    "no declaration": lambda body: re.sub(rb"^<\?.*?\?>", b"", body),
    "standing alone": lambda body: re.sub(
        rb"^<\?.*?\?>", b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>', body
    ),
    "byte order mark": lambda body: b"\xef\xbb\xbf" + body,
    "utf-16": _utf16,
    "latin-1 declared": lambda body: b'<?xml version="1.0" encoding="iso-8859-1"?>' + re.sub(rb"^<\?.*?\?>", b"", body),
    "line ends": lambda body: body.replace(b"><", b">\r\n<"),
    "comments": lambda body: re.sub(rb"(?<=[a-zA-Z\"]>)<", b"<!-- c --><", body),
    "processing instruction after the root": lambda body: body + b"<?pi x?>",
    "other prefix": lambda body: body.replace(b"soap:", b"S:").replace(b":soap", b":S"),
    "unused declaration": lambda body: body.replace(b"xmlns", b'xmlns:u="urn:u" xmlns', 1),
    "single quotes": lambda body: re.sub(rb'="([^"]*)"', rb"='\1'", body),
    "character references": lambda body: re.sub(
        rb"(?<=>)([A-Za-z0-9])(?=[^<>]*</)", lambda m: b"&#x%x;" % ord(m[1]), body
    ),
    "CDATA": lambda body: re.sub(rb">([^<>\s][^<>]*)</", rb"><![CDATA[\1]]></", body),
    "comment in a value": lambda body: re.sub(rb">([^<>\s])([^<>]+)</", rb">\1<!-- c -->\2</", body),
}


@pytest.mark.parametrize("spelling", LEGAL)
@pytest.mark.parametrize("binding", XML_BINDINGS)
def test_legal_spelling_is_accepted(binding: str, spelling: str, state: State, clean: Application) -> None:
    # No charset: what is declared in the document, or marked by its first bytes, is what counts.
    content_type = known_good(binding, state).fields["content-type"].partition(";")[0]
    request = with_body(known_good(binding, state), LEGAL[spelling], content_type=content_type)
    assert is_success(clean.answer(request), binding), clean.answer(request)


@pytest.mark.parametrize("charset", ["utf-8", '"UTF-8"', "utf-16", "iso-8859-1", "x-none"])
def test_charset_of_the_header_is_read(charset: str, clean: Application) -> None:
    encoding = {"utf-16": "utf-16", "iso-8859-1": "iso-8859-1"}.get(charset, "utf-8")
    body = envelope(logs_available(session_info(version="Größe"))).partition("?>")[2].encode(encoding)
    request = with_body(post("utws", "soap11", ""), lambda _: body, content_type=f"text/xml; charset={charset}")
    assert "Größe" in clean.answer(request).body.decode()


TEXTS = ("", " ", "x" * 65_536, "\u05e9\u05dc\u05d5\u05dd", "e\u0301", "\U0001f600", "a\tb\nc", "]]>", "<&>\"'")


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
@pytest.mark.parametrize("version", ["soap11", "soap12"])
def test_text_comes_back_intact(text: str, version: str, clean: Application) -> None:
    escaped = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    sent = envelope(logs_available(session_info(version=escaped)), version)
    root = etree.fromstring(clean.answer(post("utws", version, sent)).body)
    assert root.findtext(f".//{{{UTWS}}}version") == text


@pytest.mark.parametrize("number", ["-2147483648", "2147483647", "0", "-0", "+7", " 7\n", "0" * 5_000 + "7"])
def test_int_is_read_in_all_its_spellings(number: str, clean: Application) -> None:
    sent = envelope(logs_available(session_info(productID=number)))
    root = etree.fromstring(clean.answer(post("utws", "soap11", sent)).body)
    assert int(root.findtext(f".//{{{UTWS}}}productID") or "none") == int(number.strip()[-20:])


@pytest.mark.parametrize("count", [0, 1, 2, 300])
def test_each_session_asked_about_is_published_once(count: int, clean: Application) -> None:
    asked = [session_info(productID=str(place)) for place in range(count)]
    sent = envelope(f'<logsAvailable xmlns="{UTWS}"><sessions>{"".join(asked)}</sessions></logsAvailable>')
    root = etree.fromstring(clean.answer(post("utws", "soap11", sent)).body)
    assert [item.text for item in root.iter(f"{{{UTWS}}}productID")] == [str(place) for place in range(count)]
    assert {item.text for item in root.iter(f"{{{UTWS}}}publish")} <= {"Discard", "SummaryOnly", "Details"}


# The DataSet


def _dataset(response: Response) -> tuple[etree._Element, etree._Element]:
    root = etree.fromstring(response.body)
    (schema,) = root.iter(f"{{{XSD}}}schema")
    (diffgram,) = root.iter(f"{{{DIFFGRAM}}}diffgram")
    assert schema.getnext() is diffgram
    return schema, diffgram


@pytest.mark.parametrize("binding", [binding for binding in BINDINGS if binding.startswith("ecgridos")])
def test_rows_are_valid_against_the_inline_schema(binding: str, state: State, clean: Application) -> None:
    schema, diffgram = _dataset(clean.answer(known_good(binding, state)))
    compiled = etree.XMLSchema(etree.fromstring(etree.tostring(schema)))
    data = etree.fromstring(etree.tostring(diffgram[0]))
    for element in data.iter():
        for name in [name for name in element.attrib if "schemas-microsoft-com" in name]:
            del element.attrib[name]
    compiled.assertValid(data)
    assert len(data.findall("Table")) == 1
    assert len(data[0]) == 8


def test_all_bindings_tell_the_same_statistics(state: State, clean: Application) -> None:
    told = {
        etree.tostring(_dataset(clean.answer(known_good(binding, state)))[1], method="c14n", exclusive=True)
        for binding in BINDINGS
        if binding.startswith("ecgridos")
    }
    assert len(told) == 1


# Refusals of ASMX


@pytest.mark.parametrize("binding", ASMX)
@pytest.mark.parametrize("broken", [b"", b"<", b"x", b"<a><b></a>", b'<a x="1" x="2"/>', b"<a>&nope;</a>", b"<p:a/>"])
def test_asmx_refuses_what_is_not_well_formed(binding: str, broken: bytes, state: State, clean: Application) -> None:
    response = clean.answer(with_body(known_good(binding, state), lambda _: broken))
    assert response.status_code == (500 if not broken and binding.endswith("12") else 400)


@pytest.mark.parametrize("binding", ASMX)
def test_asmx_refuses_media_types_and_methods(binding: str, state: State, clean: Application) -> None:
    good = known_good(binding, state)
    for media_type in ("text/plain", "application/xml", "application/json", ""):
        response = clean.answer(with_body(good, bytes, content_type=media_type))
        assert (response.status_code, response.body) == (415, b"")
    for method in ("PUT", "DELETE", "PATCH", "HEAD", "BREW"):
        response = clean.answer(Request(method, good.path, "", good.fields, good.body))
        assert response.status_code == 405
        assert "POST" in dict(response.fields)["Allow"]


@pytest.mark.parametrize("binding", BINDINGS)
def test_options_tell_what_may_be_done(binding: str, state: State, clean: Application) -> None:
    response = clean.answer(Request("OPTIONS", known_good(binding, state).path, "", {}, b""))
    assert (response.status_code, response.body, response.content_type) == (204, b"", "")
    assert dict(response.fields)["Allow"].split(", ")[-1] == "POST"


def _naming_itself(text: bytes) -> bytes:
    block = b'<a:MessageID xmlns:a="http://www.w3.org/2005/08/addressing">urn:uuid:1</a:MessageID></soap:Header>'
    if b"</soap:Header>" in text:
        return text.replace(b"</soap:Header>", block)
    return text.replace(b"<soap:Body>", b"<soap:Header>" + block + b"<soap:Body>")


@pytest.mark.parametrize("binding", SOAP_BINDINGS)
def test_answers_say_which_message_they_are_about_where_it_named_itself(
    binding: str, state: State, clean: Application
) -> None:
    namespace, _ = SUCCESSES[binding]
    assert b"RelatesTo" not in clean.answer(known_good(binding, state)).body
    response = clean.answer(with_body(known_good(binding, state), _naming_itself))
    (block,) = etree.fromstring(response.body).iterfind(f"{{{namespace}}}Header/{{{ADDRESSING}}}RelatesTo")
    assert (response.status_code, block.text, block.get(f"{{{namespace}}}mustUnderstand")) == (200, "urn:uuid:1", "0")


def _code(response: Response) -> str:
    root = etree.fromstring(response.body)
    found = root.findtext(".//faultcode") or root.findtext(f".//{{{SOAP12}}}Value") or ""
    return found.rpartition(":")[2]


def _as_unknown_version(text: bytes) -> bytes:
    return text.replace(SOAP11.encode(), b"urn:x").replace(SOAP12.encode(), b"urn:x")


@pytest.mark.parametrize("binding", ASMX)
def test_asmx_faults(binding: str, state: State, clean: Application) -> None:
    good = known_good(binding, state)
    soap12 = binding.endswith("12")
    sender = "Sender" if soap12 else "Client"
    for change, code in (
        (lambda body: re.sub(rb"<soap:Body>.*</soap:Body>", b"", body), sender),
        (lambda body: body.replace(b"Envelope", b"Envelop"), sender),
        (lambda body: re.sub(rb">5<", b">abc<", body), sender),
        (_as_unknown_version, "VersionMismatch"),
    ):
        response = clean.answer(with_body(good, change))
        assert (response.status_code, _code(response)) == (500, code)
    mismatch = clean.answer(with_body(good, _as_unknown_version))
    assert mismatch.content_type.startswith("text/xml")
    supported = etree.fromstring(mismatch.body).findall(f".//{{{SOAP12}}}Upgrade/{{{SOAP12}}}SupportedEnvelope")
    offered = {item.nsmap[item.get("qname", "").partition(":")[0]] for item in supported}
    assert offered == {SOAP11, SOAP12}


@pytest.mark.parametrize("binding", ASMX)
@pytest.mark.parametrize("block", HEADER_BLOCKS)
def test_asmx_must_understand(binding: str, block: str, state: State, clean: Application) -> None:
    def change(body: bytes) -> bytes:
        return body.replace(b"<soap:Body>", f"<soap:Header>{block}</soap:Header><soap:Body>".encode())

    response = clean.answer(with_body(known_good(binding, state), change))
    if "mustUnderstand" not in block:
        assert is_success(response, binding)
        return
    assert (response.status_code, _code(response)) == (500, "MustUnderstand")
    named = etree.fromstring(response.body).find(f".//{{{SOAP12}}}NotUnderstood")
    assert (named is not None) == binding.endswith("12")
    if named is not None:
        prefix, _, local = named.get("qname", "").partition(":")
        assert (named.nsmap[prefix], local) == ("urn:n", "Note")


def test_asmx_routes_soap11_by_soap_action(state: State, clean: Application) -> None:
    good = envelope(logs_available())
    assert clean.answer(post("utws", "soap11", good, soapaction='"urn:x"')).status_code == 500
    assert clean.answer(post("utws", "soap11", good, soapaction='""')).status_code == 500
    without = post("utws", "soap11", good)
    fields = {"content-type": without.fields["content-type"]}
    assert is_success(clean.answer(Request("POST", without.path, "", fields, without.body)), "utws/soap11")
    other = envelope(f'<other xmlns="{UTWS}"/>')
    assert is_success(clean.answer(post("utws", "soap11", other)), "utws/soap11")
    other = envelope(f'<other xmlns="{UTWS}"/>', "soap12")
    assert _code(clean.answer(post("utws", "soap12", other))) == "Sender"


def test_envelope_decides_the_version(clean: Application) -> None:
    twelve = clean.answer(post("utws", "soap11", envelope(logs_available(), "soap12"), content_type="text/xml"))
    assert is_success(twelve, "utws/soap12")
    eleven = clean.answer(post("utws", "soap12", envelope(logs_available())))
    assert (eleven.status_code, eleven.body) == (415, b"")


@pytest.mark.parametrize("version", ["soap11", "soap12"])
def test_unknown_session_is_a_fault_of_the_service(version: str, clean: Application) -> None:
    response = clean.answer(post("ecgridos", version, envelope(report_instant_stats("unknown"), version)))
    assert (response.status_code, _code(response)) == (500, "Receiver" if version == "soap12" else "Server")


FORM_ERRORS = (
    {"Minutes1": None},
    {"SessionID": None},
    {"Minutes1": "abc"},
    {"Minutes1": ""},
    {"Minutes1": "32768"},
    {"Minutes2": "5.0"},
    {"SessionID": "<script>"},
    {"SessionID": "unknown"},
)


@pytest.mark.parametrize("binding", ["http_get", "http_post"])
@pytest.mark.parametrize("wrong", FORM_ERRORS, ids=str)
def test_form_error_is_one_line_of_text(
    binding: str, wrong: dict[str, str | None], state: State, clean: Application
) -> None:
    known = {"SessionID": state.ecgridos_sessions.mint(), "Minutes1": "5", "Minutes2": "60"}
    query = urlencode({name: value for name, value in (known | wrong).items() if value is not None})
    response = clean.answer(form(binding, query))
    assert (response.status_code, response.content_type) == (500, "text/plain; charset=utf-8")
    assert len(response.body.splitlines()) == 1


@pytest.mark.parametrize("query", ["{}&Minutes1=6", "{}&a=%zz", "{}&Minutes1", "&{}&&x=1"])
def test_form_oddities(query: str, state: State, clean: Application) -> None:
    known = urlencode({"sessionid": state.ecgridos_sessions.mint(), "MINUTES1": " +5 ", "Minutes2": "-1"})
    response = clean.answer(form("http_get", query.format(known)))
    assert response.status_code == (500 if "Minutes1=6" in query or "%zz" in query else 200)


# Refusals of the others


def test_mobileconnect_refusals(state: State, clean: Application) -> None:
    good = envelope(session_log(state), "soap12")
    for broken in (good[:-3], good.replace(SOAP12, SOAP11), ""):
        assert clean.answer(post("mobileconnect", "soap12", broken)) == Response(500)
    for broken in (good.replace("LogRequest", "LogRequests"), good.replace("soap:Body", "soap:Corpus")):
        response = clean.answer(post("mobileconnect", "soap12", broken))
        assert (response.status_code, _code(response)) == (400, "Sender")
    for member, text in (("SessionUid", "x"), ("GeneratedAt", ""), ("OpenSessionsOnly", "yes")):
        sent = envelope(session_log(state, **{member: text}), "soap12")
        assert clean.answer(post("mobileconnect", "soap12", sent)) == Response(500)


@pytest.mark.parametrize("values", [{"DeviceSerialNumber": "SN-0"}, {"PageRequestIndex": "-1"}], ids=str)
def test_mobileconnect_business_error(values: dict[str, str], state: State, clean: Application) -> None:
    response = clean.answer(post("mobileconnect", "soap12", envelope(session_log(state, **values), "soap12")))
    assert response.status_code == 200
    assert dict(response.fields) == {"X-Status": "401"}
    assert b"<ErrorResponse" in response.body


DATE_TIMES = (
    "0001-01-01T00:00:00",
    "9999-12-31T23:59:59.9999999",
    "9999-12-31T24:00:00",
    "2020-02-29T12:00:00Z",
    "2020-02-29T12:00:00.123456789+14:00",
    " 2020-02-29T12:00:00-05:30 ",
)


@pytest.mark.parametrize("date_time", DATE_TIMES)
def test_date_time_is_read_in_all_its_spellings(date_time: str, state: State, clean: Application) -> None:
    for member in ("GeneratedAt", "StartedAfter", "StartedBefore"):
        sent = envelope(session_log(state, **{member: date_time}), "soap12")
        assert is_success(clean.answer(post("mobileconnect", "soap12", sent)), "mobileconnect/soap12")


def _entries(clean: Application, state: State, **values: str) -> list[etree._Element]:
    sent = envelope(session_log(state, RecordsPerPage="100", **values), "soap12")
    root = etree.fromstring(clean.answer(post("mobileconnect", "soap12", sent)).body)
    return root.findall(".//{*}UserClientSessionLog")


def test_mobileconnect_filters_and_windows(state: State, clean: Application) -> None:
    assert len(_entries(clean, state)) == 60
    assert len(_entries(clean, state, OpenSessionsOnly="true")) == 12
    assert len(_entries(clean, state, UserReferUid=mobileconnect.uid("Anna Berg").upper())) == 15
    assert len(_entries(clean, state, ClientReferUid="CLIENT-0003")) == 20
    wide = _entries(clean, state, StartedAfter="2021-01-01T00:00:00")
    narrow = _entries(clean, state, StartedAfter="2021-01-01T00:00:00", StartedBefore="2022-01-01T00:00:00Z")
    assert 0 < len(narrow) < len(wide) < 60
    assert all((entry.findtext("{*}SessionStart") or "").startswith("2021") for entry in narrow)


def test_mobileconnect_pages(state: State, clean: Application) -> None:
    uids: list[str | None] = []
    for index in range(9):
        sent = envelope(session_log(state, RecordsPerPage="7", PageRequestIndex=str(index)), "soap12")
        root = etree.fromstring(clean.answer(post("mobileconnect", "soap12", sent)).body)
        assert root.findtext(".//{*}PageIndex") == str(index)
        assert root.findtext(".//{*}TotalPageCount") == "9"
        page = [item.text for item in root.iter("{*}ReferUid")]
        assert len(page) <= 7
        uids += page
    assert len(set(uids)) == len(uids) == 60


def test_studebaker_refusals(state: State, clean: Application) -> None:
    good = login(state.username, state.password)
    for broken in (good[:-3], f"<!DOCTYPE a>{good}", good.replace("Login", "Logon"), envelope(good)):
        response = clean.answer(post("studebaker", "xml", broken))
        assert response.status_code == 400
        assert b"<ErrorResponse" in response.body
        assert state.password.encode() not in response.body
    for wrong in ("", login(state.username, "wrong"), login("nobody", state.password), login("", "")):
        response = clean.answer(post("studebaker", "xml", wrong))
        assert response.status_code == 200
        assert empty_login(etree.fromstring(response.body))


def test_studebaker_tokens_are_fresh(state: State, clean: Application) -> None:
    request = known_good("studebaker/xml", state)
    tokens = {etree.fromstring(clean.answer(request).body).findtext("{*}LoginToken") for _ in range(3)}
    assert len(tokens) == 3


@pytest.mark.parametrize("path", ["/studebaker/login", "/studebaker/login/", "/studebaker/login.xml"])
def test_studebaker_routes_take_every_verb(path: str, state: State, clean: Application) -> None:
    query = urlencode({"username": state.username, "Password": state.password, "format": "xml"})
    for method in ("GET", "POST", "PUT"):
        response = clean.answer(Request(method, path, query, {}, b""))
        assert is_success(response, "studebaker/xml")


def test_partstream_session_ends_once(state: State, clean: Application) -> None:
    request = post("partstream", "soap11", logout(state.partstream_sessions.mint()))
    assert is_success(clean.answer(request), "partstream/soap11")
    again = clean.answer(request)
    assert again.status_code == 200
    root = etree.fromstring(again.body)
    assert root.findtext(f"{{{SOAP11}}}Body/faultcode") == "1004"
    assert root.findtext(f"{{{SOAP11}}}Body/faultstring")


def test_partstream_faults(state: State, clean: Application) -> None:
    good = logout(state.partstream_sessions.mint())
    block = '<n:a xmlns:n="urn:n" soap:mustUnderstand="1" soap:actor="{}"/>'
    heard, passed_by = block.format("http://schemas.xmlsoap.org/soap/actor/next"), block.format("urn:other")
    for broken, code in (
        (good[:-3], "Client"),
        (re.sub("<soap:Body>.*</soap:Body>", "<soap:Body/>", good), "Client"),
        (good.replace("interfaceparameters", "other"), "Client"),
        (good.replace(SOAP11, SOAP12), "VersionMismatch"),
        (good.replace("<soap:Header>", f"<soap:Header>{heard}"), "MustUnderstand"),
    ):
        response = clean.answer(post("partstream", "soap11", broken))
        assert (response.status_code, _code(response)) == (500, code)
    tolerated = good.replace("<soap:Header>", f"<soap:Header>{passed_by}")
    assert is_success(clean.answer(post("partstream", "soap11", tolerated)), "partstream/soap11")
