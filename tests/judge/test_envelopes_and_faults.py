"""Checks on the structure of envelopes and faults, by SOAP version."""

from typing import Any

import pytest
from exchanges import ENVELOPES, INTERFACE, LOGGED_OUT, SUCCESS, envelope, logs, logs_asked, look, named, names, said

S11, S12 = ENVELOPES["soap11"], ENVELOPES["soap12"]
UTWS11, UTWS12, LOGOUT = "utws/soap11", "utws/soap12", "partstream/soap11"
OTHER = '<o:Other xmlns:o="urn:o"/>'
REFUSED: dict[str, Any] = {"status": 500}
SUBCODE, VALUE_OF_OURS = "<s:Subcode>{}</s:Subcode>", "<s:Value>s:Ours</s:Value>"
FOR_MANDATORY: dict[str, Any] = {
    "status": 500,
    "requirement": "soap11/4.2.3/mandatory-header-is-rejected",
    "expectation": "reject",
}


def fault11(inner: str = "<faultcode>s:Server</faultcode><faultstring>no</faultstring>", after: str = "") -> str:
    return envelope(f"<s:Fault>{inner}</s:Fault>{after}")


def fault12(
    code: str = "<s:Code><s:Value>s:Receiver</s:Value></s:Code>",
    reason: str = '<s:Reason><s:Text xml:lang="en">no</s:Text></s:Reason>',
    after: str = "",
) -> str:
    return envelope(f"<s:Fault>{code}{reason}{after}</s:Fault>", version="soap12")


def code12(value: str) -> str:
    return fault12(code=f"<s:Code><s:Value>{value}</s:Value></s:Code>")


def code11(value: str) -> str:
    return fault11(f"<faultcode>s:{value}</faultcode><faultstring>no</faultstring>")


def subcode12(inner: str) -> str:
    return fault12(code=f"<s:Code><s:Value>s:Sender</s:Value>{SUBCODE.format(inner)}</s:Code>")


def marked(mark: str, version: str = "soap11") -> str:
    block = f'<o:Trace xmlns:o="urn:o" s:mustUnderstand="{mark}"/>'
    return envelope(logs(), header=block, version=version)


def raw(inner: str, version: str = "soap11") -> str:
    return f'<s:Envelope xmlns:s="{ENVELOPES[version]}">{inner}</s:Envelope>'


ROOT, CHILDREN, AFTER = "soap11/4/document-element", "soap11/4/envelope-children", "soap11/4/nothing-after-body"
CODE, KNOWN, STRING = (
    "soap11/4.4/fault-has-faultcode",
    "soap11/4.4.1/fault-code-is-known",
    "soap11/4.4/fault-has-faultstring",
)
PARTS, ALONE, STATUS = "soap11/4.4/fault-children", "soap11/4.4/fault-is-alone", "soap11/6.2/fault-status"
PARTS12, VALUE12, TEXT12 = (
    "soap12/5.4/fault-children",
    "soap12/5.4.1/fault-code-value",
    "soap12/5.4.2/fault-reason-text",
)
INSIDE12, MANDATORY = "soap12/5.4.1/fault-code-children", "soap11/4.4.1/mandatory-header-fault-code"
MARKED, MARKED12 = "soap11/4.2.3/must-understand-values", "soap12/5.2.3/must-understand-values"
STATUS12, TYPE12 = "soap12-2/7.5.2.2/fault-status", "soap12-2/7.1.4/fault-media-type"

TABLE: list[tuple[str, str, str, str | None, dict[str, Any], str]] = [
    ("root", ROOT, UTWS11, None, {}, "kept"),
    ("other version", ROOT, UTWS11, envelope(logs(), version="soap12"), {}, "WrongDocumentElement"),
    ("no namespace", ROOT, UTWS11, "<Envelope><Body/></Envelope>", {}, "WrongDocumentElement"),
    ("bare element", ROOT, UTWS11, logs(), {}, "WrongDocumentElement"),
    ("bare refusal", ROOT, UTWS11, "<error/>", REFUSED, "not observed"),
    ("other version in a refusal", ROOT, UTWS11, fault12(), REFUSED, "WrongDocumentElement"),
    ("XHTML", ROOT, UTWS11, "<html/>", {"media_type": "text/html"}, "not observed"),
    (
        "request of another version",
        ROOT,
        UTWS11,
        fault12(),
        {"request": raw("", "soap12"), "expectation": "either"},
        "kept",
    ),
    ("request not well-formed", ROOT, UTWS11, fault12(), {"request": "<a", "expectation": "reject"}, "kept"),
    ("header and body", CHILDREN, UTWS11, envelope(logs(), header=OTHER), {}, "kept"),
    ("body first", CHILDREN, UTWS11, raw("<s:Body/><s:Header/>"), {}, "WrongEnvelopeChildren"),
    ("two bodies", CHILDREN, UTWS11, raw("<s:Body/><s:Body/>"), {}, "WrongEnvelopeChildren"),
    ("no body", CHILDREN, UTWS11, raw(""), {}, "WrongEnvelopeChildren"),
    ("body in no namespace", CHILDREN, UTWS11, raw("<Body/>"), {}, "WrongEnvelopeChildren"),
    ("unknown child", CHILDREN, UTWS11, raw("<s:Other/><s:Body/>"), {}, "WrongEnvelopeChildren"),
    ("trailer", CHILDREN, UTWS11, raw(f"<s:Body/>{OTHER}"), {}, "kept"),
    ("unqualified trailer", CHILDREN, UTWS11, raw("<s:Body/><x/>"), {}, "WrongEnvelopeChildren"),
    ("no envelope", CHILDREN, UTWS11, "<a/>", {}, "not observed"),
    ("trailer by the profile", AFTER, UTWS11, raw(f"<s:Body/>{OTHER}"), {}, "ElementAfterBody"),
    ("nothing after", AFTER, UTWS11, None, {}, "kept"),
    ("no body at all", AFTER, UTWS11, raw(""), {}, "not observed"),
    (
        "trailer in 1.2",
        "soap12/5.1/nothing-after-body",
        UTWS12,
        raw(f"<s:Body/>{OTHER}", "soap12"),
        {},
        "ElementAfterBody",
    ),
    (
        "attribute",
        "soap11/4/attributes-are-qualified",
        UTWS11,
        envelope(logs(), attributes=' a="1"'),
        {},
        "UnqualifiedAttribute",
    ),
    (
        "qualified attribute",
        "soap11/4/attributes-are-qualified",
        UTWS11,
        envelope(logs(), attributes=' s:a="1"'),
        {},
        "kept",
    ),
    ("no envelope to look at", "soap11/4/attributes-are-qualified", UTWS11, "", {}, "not observed"),
    ("text", "soap12/5/white-space-only", UTWS12, raw("<s:Body>x</s:Body>", "soap12"), {}, "TextBetweenElements"),
    ("blanks", "soap12/5/white-space-only", UTWS12, raw(" \n<s:Body> <!-- x --> </s:Body>", "soap12"), {}, "kept"),
    (
        "encodingStyle on Body",
        "soap12/5.1.1/encoding-style-place",
        UTWS12,
        raw('<s:Body s:encodingStyle="x"/>', "soap12"),
        {},
        "EncodingStyleOutOfPlace",
    ),
    ("no encodingStyle", "soap12/5.1.1/encoding-style-place", UTWS12, None, {}, "kept"),
    (
        "unqualified entry",
        "soap11/4.2/header-blocks-are-qualified",
        UTWS11,
        envelope(logs(), header="<h/>"),
        {},
        "UnqualifiedHeaderBlock",
    ),
    ("qualified entry", "soap11/4.2/header-blocks-are-qualified", UTWS11, envelope(logs(), header=OTHER), {}, "kept"),
    ("no entry", "soap11/4.2/header-blocks-are-qualified", UTWS11, None, {}, "not observed"),
    ("the page rules", "soap11/4.2/header-blocks-are-qualified", LOGOUT, None, {}, "not observed"),
    ("two children", "soap11/4.3/one-body-child", UTWS11, envelope(logs() + OTHER), {}, "SeveralBodyChildren"),
    ("one child", "soap11/4.3/one-body-child", UTWS11, None, {}, "kept"),
    (
        "DTD",
        "soap11/3/answer-has-no-document-type",
        UTWS11,
        f"<!DOCTYPE x>{SUCCESS[UTWS11]}",
        {},
        "DocumentTypeInAnswer",
    ),
    ("no DTD", "soap11/3/answer-has-no-document-type", UTWS11, None, {}, "kept"),
    (
        "PI",
        "soap11/3/answer-has-no-processing-instructions",
        UTWS11,
        f"<?x y?>{SUCCESS[UTWS11]}",
        {},
        "ProcessingInstructionInAnswer",
    ),
    (
        "no PI",
        "soap11/3/answer-has-no-processing-instructions",
        UTWS11,
        f"<?xml version='1.0'?>{SUCCESS[UTWS11]}",
        {},
        "kept",
    ),
    ("alone", ALONE, UTWS11, fault11(), REFUSED, "kept"),
    ("in company", ALONE, UTWS11, fault11(after=OTHER), REFUSED, "FaultWithCompany"),
    ("no fault", ALONE, UTWS11, None, {}, "not observed"),
    ("code", CODE, UTWS11, fault11(), REFUSED, "kept"),
    ("refined code", CODE, UTWS11, fault11("<faultcode>s:Client.ValidationError</faultcode>"), REFUSED, "kept"),
    ("no code", CODE, UTWS11, fault11("<faultstring>no</faultstring>"), REFUSED, "FaultWithoutCode"),
    (
        "code in the envelope's namespace",
        CODE,
        UTWS11,
        fault11("<s:faultcode>s:Server</s:faultcode>"),
        REFUSED,
        "kept",
    ),
    (
        "undeclared prefix",
        CODE,
        UTWS11,
        fault11("<faultcode>soap:Server</faultcode>"),
        REFUSED,
        "FaultCodeNotQualifiedName",
    ),
    ("number for a code", CODE, UTWS11, fault11("<faultcode>500</faultcode>"), REFUSED, "FaultCodeNotQualifiedName"),
    ("blank code", CODE, UTWS11, fault11("<faultcode> </faultcode>"), REFUSED, "FaultCodeNotQualifiedName"),
    ("code without prefix", CODE, UTWS11, fault11("<faultcode>MyError</faultcode>"), REFUSED, "kept"),
    ("known code", KNOWN, UTWS11, fault11("<faultcode> s:Client.Authentication </faultcode>"), REFUSED, "kept"),
    ("code of 1.2", KNOWN, UTWS11, fault11("<faultcode>s:Sender</faultcode>"), REFUSED, "UnknownFaultCode"),
    ("own code", KNOWN, UTWS11, fault11('<faultcode xmlns:x="urn:x">x:Sender</faultcode>'), REFUSED, "not observed"),
    ("string", STRING, UTWS11, fault11(), REFUSED, "kept"),
    ("no string", STRING, UTWS11, fault11("<faultcode>s:Server</faultcode>"), REFUSED, "FaultWithoutString"),
    (
        "blank string",
        STRING,
        UTWS11,
        fault11("<faultcode>s:Server</faultcode><faultstring/>"),
        REFUSED,
        "BlankFaultString",
    ),
    (
        "children",
        PARTS,
        UTWS11,
        fault11("<faultcode>s:Server</faultcode><faultstring/><faultactor/><detail/>"),
        REFUSED,
        "kept",
    ),
    ("child twice", PARTS, UTWS11, fault11("<detail/><detail/>"), REFUSED, "WrongFaultChildren"),
    ("children of 1.2", PARTS, UTWS11, fault11("<s:Code/>"), REFUSED, "WrongFaultChildren"),
    ("500", STATUS, UTWS11, fault11(), REFUSED, "kept"),
    ("200", STATUS, UTWS11, fault11(), {}, "FaultWithWrongStatus"),
    (
        "405 to GET",
        STATUS,
        LOGOUT,
        fault11(),
        {"status": 405, "method": "GET", "expectation": "either"},
        "not observed",
    ),
    ("405 to POST", STATUS, LOGOUT, fault11(), {"status": 405}, "FaultWithWrongStatus"),
    ("fault type", "soap11/6/fault-media-type", UTWS11, fault11(), REFUSED, "kept"),
    (
        "other fault type",
        "soap11/6/fault-media-type",
        UTWS11,
        fault11(),
        {"status": 500, "media_type": "text/html"},
        "FaultWithWrongMediaType",
    ),
    ("version of request", "soap11/4.4/fault-is-in-version-of-request", UTWS11, fault11(), REFUSED, "kept"),
    (
        "other than of request",
        "soap11/4.4/fault-is-in-version-of-request",
        UTWS11,
        fault12(),
        REFUSED,
        "FaultInOtherVersion",
    ),
    (
        "request of no version",
        "soap11/4.4/fault-is-in-version-of-request",
        UTWS11,
        fault12(),
        {"request": raw("").replace(S11, "urn:x"), "status": 500},
        "not observed",
    ),
    ("1.2 for 1.2", "soap12/2.8/fault-is-in-version-of-request", UTWS12, fault12(), REFUSED, "kept"),
    ("1.1 for 1.2", "soap12/2.8/fault-is-in-version-of-request", UTWS12, fault11(), REFUSED, "FaultInOtherVersion"),
    (
        "1.2 children",
        PARTS12,
        UTWS12,
        fault12(after="<s:Node>urn:n</s:Node><s:Role>urn:r</s:Role><s:Detail/>"),
        REFUSED,
        "kept",
    ),
    ("1.2 order", PARTS12, UTWS12, fault12(after="<s:Detail/><s:Node>urn:n</s:Node>"), REFUSED, "WrongFaultChildren"),
    ("1.2 no reason", PARTS12, UTWS12, fault12(reason=""), REFUSED, "WrongFaultChildren"),
    (
        "1.2 in no namespace",
        PARTS12,
        UTWS12,
        fault12(code="<Code/>", reason="<Reason/>"),
        REFUSED,
        "WrongFaultChildren",
    ),
    ("1.2 empty", PARTS12, UTWS12, fault12("", ""), REFUSED, "WrongFaultChildren"),
    ("1.2 code", VALUE12, UTWS12, code12("s:DataEncodingUnknown"), REFUSED, "kept"),
    ("1.2 dotted code", VALUE12, UTWS12, code12("s:Sender.Bad"), REFUSED, "UnknownFaultCode"),
    ("1.2 code of 1.1", VALUE12, UTWS12, code12("s:Client"), REFUSED, "UnknownFaultCode"),
    ("1.2 code in no namespace", VALUE12, UTWS12, code12("Sender"), REFUSED, "UnknownFaultCode"),
    ("1.2 no value", VALUE12, UTWS12, fault12(code="<s:Code/>"), REFUSED, "FaultCodeWithoutValue"),
    ("1.2 no code", VALUE12, UTWS12, fault12(code=""), REFUSED, "not observed"),
    ("1.2 code alone", INSIDE12, UTWS12, fault12(), REFUSED, "kept"),
    ("1.2 subcodes", INSIDE12, UTWS12, subcode12(VALUE_OF_OURS + SUBCODE.format(VALUE_OF_OURS)), REFUSED, "kept"),
    ("1.2 subcode empty", INSIDE12, UTWS12, subcode12(""), REFUSED, "WrongFaultCodeChildren"),
    (
        "1.2 inner subcode empty",
        INSIDE12,
        UTWS12,
        subcode12(VALUE_OF_OURS + SUBCODE.format("")),
        REFUSED,
        "WrongFaultCodeChildren",
    ),
    (
        "1.2 subcode with an undeclared prefix",
        INSIDE12,
        UTWS12,
        subcode12("<s:Value>nope:x</s:Value>"),
        REFUSED,
        "FaultSubcodeNotQualifiedName",
    ),
    (
        "1.2 other child in code",
        INSIDE12,
        UTWS12,
        fault12(code=f"<s:Code>{OTHER}</s:Code>"),
        REFUSED,
        "WrongFaultCodeChildren",
    ),
    ("no fault code", INSIDE12, UTWS12, None, {}, "not observed"),
    (
        "1.1 code in no namespace",
        KNOWN,
        UTWS11,
        fault11("<faultcode>Client</faultcode><faultstring>x</faultstring>"),
        REFUSED,
        "FaultCodeInNoNamespace",
    ),
    ("mandatory header named", MANDATORY, UTWS11, code11("MustUnderstand"), FOR_MANDATORY, "kept"),
    ("mandatory header as Client", MANDATORY, UTWS11, code11("Client"), FOR_MANDATORY, "OtherFaultCode"),
    (
        "mandatory header refused without a fault",
        MANDATORY,
        UTWS11,
        "",
        {**FOR_MANDATORY, "media_type": None},
        "not observed",
    ),
    ("Client for something else", MANDATORY, UTWS11, code11("Client"), REFUSED, "not observed"),
    ("must understand 1", MARKED, UTWS11, marked("1"), {}, "kept"),
    ("must understand true", MARKED, UTWS11, marked("true"), {}, "WrongMustUnderstand"),
    ("must understand true in 1.2", MARKED12, UTWS12, marked("true", "soap12"), {}, "kept"),
    ("must understand perhaps", MARKED12, UTWS12, marked("perhaps", "soap12"), {}, "WrongMustUnderstand"),
    ("no mark", MARKED, UTWS11, None, {}, "not observed"),
    ("1.2 text", TEXT12, UTWS12, fault12(), REFUSED, "kept"),
    ("1.2 no text", TEXT12, UTWS12, fault12(reason="<s:Reason/>"), REFUSED, "FaultReasonWithoutText"),
    (
        "1.2 no language",
        TEXT12,
        UTWS12,
        fault12(reason="<s:Reason><s:Text>x</s:Text></s:Reason>"),
        REFUSED,
        "FaultTextWithoutLanguage",
    ),
    (
        "1.2 one language twice",
        TEXT12,
        UTWS12,
        fault12(reason="<s:Reason>" + '<s:Text xml:lang="en">x</s:Text>' * 2 + "</s:Reason>"),
        REFUSED,
        "FaultTextsInOneLanguage",
    ),
    ("1.2 500", STATUS12, UTWS12, code12("s:Sender"), REFUSED, "kept"),
    ("1.2 400", STATUS12, UTWS12, code12("s:Sender"), {"status": 400}, "kept"),
    ("1.2 400 for Receiver", STATUS12, UTWS12, fault12(), {"status": 400}, "FaultWithWrongStatus"),
    ("1.2 200", STATUS12, UTWS12, code12("s:Sender"), {}, "FaultWithWrongStatus"),
    ("1.2 type", TYPE12, UTWS12, fault12(), REFUSED, "kept"),
    (
        "1.2 as text/xml",
        TYPE12,
        UTWS12,
        fault12(),
        {"status": 500, "media_type": "text/xml"},
        "FaultWithWrongMediaType",
    ),
    (
        "1.2 as text/html",
        TYPE12,
        UTWS12,
        fault12(),
        {"status": 500, "media_type": "text/html"},
        "FaultWithWrongMediaType",
    ),
    (
        "mismatch as 1.1",
        TYPE12,
        UTWS12,
        fault11(),
        {"status": 500, "media_type": "text/xml", "request": raw("").replace(S11, "urn:x")},
        "not observed",
    ),
]


@pytest.mark.parametrize(
    "requirement, binding, body, of, expected", [row[1:] for row in TABLE], ids=[row[0] for row in TABLE]
)
def test_check(requirement: str, binding: str, body: str | None, of: dict[str, Any], expected: str) -> None:
    assert said(requirement, look(binding, body, **of)) == expected


def test_missing_faultcode_is_reported_with_its_xpath() -> None:
    finding = named(look(UTWS11, fault11("\n<faultstring/>"), status=500), "FaultWithoutCode")
    assert (finding.where, finding.line) == ("/Envelope/Body/Fault", 1)
    assert finding.actual == "faultstring"
    assert finding.source == "SOAP 1.1 section 4.4"


def test_encoding_style_is_clean_with_or_without() -> None:
    styled = envelope(
        LOGGED_OUT, header=INTERFACE, attributes=' s:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"'
    )
    assert look(LOGOUT, styled).findings == look(LOGOUT).findings == ()


@pytest.mark.parametrize(
    "body, status, media_type",
    [
        ("", 400, None),
        ("", 415, None),
        ("<html><br></html>", 500, "text/html"),
        (
            fault11("<faultcode>s:Client</faultcode><faultstring>x</faultstring><detail />"),
            500,
            "text/xml; charset=utf-8",
        ),
        (
            fault11("<faultcode>s:VersionMismatch</faultcode><faultstring>x</faultstring>").replace(
                "<s:Body>", f'<s:Header><u:Upgrade xmlns:u="{S12}"/></s:Header><s:Body>'
            ),
            500,
            "text/xml; charset=utf-8",
        ),
    ],
)
def test_rejections_of_genuine_asmx_are_clean(body: str, status: int, media_type: str | None) -> None:
    judgement = look(
        UTWS11,
        body,
        status=status,
        media_type=media_type,
        expectation="reject",
        kind="defect",
        requirement="http/8.3/unsupported-media-type-is-rejected",
    )
    assert names(judgement) == set()
    assert "http/8.3/unsupported-media-type-is-rejected" in judgement.observed


REFUSED11, REFUSED12 = "soap11/6.2/refusal-is-a-fault", "soap12-2/7.5.2.2/refusal-is-a-fault"
VALUE, MANDATORY = "page/request/invalid-value-is-rejected", "soap11/4.2.3/mandatory-header-is-rejected"
PAGE = "<html><body>Server Error</body></html>"


@pytest.mark.parametrize(
    "binding, requirement, body, status, media_type, expected",
    [
        (
            UTWS11,
            VALUE,
            fault11("<faultcode>s:Client</faultcode><faultstring>x</faultstring>"),
            500,
            "text/xml",
            "kept",
        ),
        (UTWS11, VALUE, "", 500, None, "RefusalWithoutFault"),
        (UTWS11, VALUE, "", 200, None, "RefusalWithoutFault"),
        (UTWS11, MANDATORY, PAGE, 500, "text/html", "RefusalWithoutFault"),
        (UTWS11, MANDATORY, "", 302, None, "RefusalWithoutFault"),
        (LOGOUT, MANDATORY, "no", 500, "text/plain", "RefusalWithoutFault"),
        (
            LOGOUT,
            MANDATORY,
            envelope("<faultcode>12</faultcode><faultstring>no</faultstring>"),
            500,
            "",
            "not observed",
        ),
        ("utws/soap12", VALUE, PAGE, 500, "text/html", "RefusalWithoutFault"),
        (UTWS11, VALUE, "", 400, None, "not observed"),
        (UTWS11, VALUE, PAGE, 503, "text/html", "not observed"),
        (UTWS11, VALUE, None, 200, "", "not observed"),
        (UTWS11, VALUE, envelope(OTHER), 200, "text/xml", "not observed"),
        (UTWS11, VALUE, PAGE, 200, "text/html", "RefusalWithoutFault"),
        (UTWS11, "xml/2.1/ill-formed-is-rejected", "", 500, None, "not observed"),
    ],
)
def test_message_that_was_read_is_refused_with_a_fault(
    binding: str, requirement: str, body: str | None, status: int, media_type: str | None, expected: str
) -> None:
    refused: dict[str, Any] = {"expectation": "reject", "kind": "defect", "requirement": requirement}
    judgement = look(binding, body, status=status, media_type=media_type, **refused)
    assert said(REFUSED12 if binding.endswith("12") else REFUSED11, judgement) == expected
    assert {each.effect for each in judgement.findings if each.name == "RefusalWithoutFault"} <= {"deviation"}


@pytest.mark.parametrize(
    "binding, body, expected",
    [
        (UTWS11, envelope("<s:Error>no</s:Error>"), "UnknownElementOfSOAP"),
        ("utws/soap12", envelope("<s:fault/>", version="soap12"), "UnknownElementOfSOAP"),
        (UTWS11, envelope("", header="<s:Fault><faultcode>s:Client</faultcode></s:Fault>"), "FaultInHeader"),
        (UTWS11, None, "not observed"),
    ],
)
def test_fault_stands_in_body_under_its_own_name(binding: str, body: str | None, expected: str) -> None:
    judgement = look(binding, body, status=500, expectation="reject", kind="defect", requirement=VALUE)
    assert said("soap12/5.4/fault-is-alone" if binding.endswith("12") else ALONE, judgement) == expected


BLOCK = '<t:Transaction xmlns:t="urn:t"{}>5</t:Transaction>'


@pytest.mark.parametrize(
    "binding, marks, asked, expected",
    [
        (UTWS11, ' s:mustUnderstand="1"', "", "UnknownMandatoryBlock"),
        ("utws/soap12", ' s:mustUnderstand="true"', "", "UnknownMandatoryBlock"),
        ("utws/soap12", f' s:mustUnderstand="1" s:role="{S12}/role/next"', "", "UnknownMandatoryBlock"),
        (UTWS11, ' s:mustUnderstand="0"', "", "kept"),
        (UTWS11, "", "", "kept"),
        (UTWS11, ' s:mustUnderstand="1" s:actor="urn:another"', "", "kept"),
        (UTWS11, ' s:mustUnderstand="1"', '<a xmlns="urn:t"/>', "kept"),
    ],
)
def test_answer_has_no_mandatory_block_that_nobody_can_know(
    binding: str, marks: str, asked: str, expected: str
) -> None:
    version = binding.partition("/")[2]
    answer = SUCCESS[binding].replace("<s:Body>", f"<s:Header>{BLOCK.format(marks)}</s:Header><s:Body>", 1)
    judgement = look(binding, answer, request=envelope(logs_asked(), version=version, header=asked))
    id_ = f"{version}/{'4.2.3' if version == 'soap11' else '5.2.3'}/unknown-block-is-not-mandatory"
    assert said(id_, judgement) == expected
    assert not [each for each in judgement.findings if each.effect == "violation"]


def test_mandatory_block_of_the_documented_header_is_known() -> None:
    marked = envelope(LOGGED_OUT, header=INTERFACE.replace(">", ' s:mustUnderstand="1">', 1))
    assert said("soap11/4.2.3/unknown-block-is-not-mandatory", look(LOGOUT, marked)) == "kept"
