"""Envelopes and faults against the schema of their version of SOAP, and what of faults no schema says."""

import pytest
from exchanges import SUCCESS, envelope, logs, look, named, said

V11, V12 = "soap11/4/envelope-is-valid", "soap12/5/envelope-is-valid"
XSI = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:xsd="http://www.w3.org/2001/XMLSchema"'
CODE12 = "<s:Code><s:Value>s:Sender</s:Value></s:Code>"
TEXT12 = '<s:Text xml:lang="en">no</s:Text>'


def fault11(
    code: str = "<faultcode>s:Client</faultcode>", string: str = "<faultstring>no</faultstring>", after: str = ""
) -> str:
    return envelope(f"<s:Fault>{code}{string}{after}</s:Fault>")


def fault12(text: str = TEXT12, after: str = "", attributes: str = "") -> str:
    return envelope(f"<s:Fault{attributes}>{CODE12}<s:Reason>{text}</s:Reason>{after}</s:Fault>", version="soap12")


FAULTS11 = {
    "plain": (fault11(), "kept"),
    "as SOAP::Lite types it": (
        fault11(f'<faultcode {XSI} xsi:type="xsd:string">s:Client</faultcode>'),
        "kept",
    ),
    "language": (fault11(string='<faultstring xml:lang="en">no</faultstring>'), "kept"),
    "actor and detail": (fault11(after='<faultactor/><detail><x/><y xmlns="urn:y"/></detail>'), "kept"),
    "qualified child more": (fault11(after='<x xmlns="urn:x"/>'), "kept"),
    "markup in the string": (fault11(string="<faultstring><b>no</b></faultstring>"), "InvalidEnvelope"),
    "markup in the code": (fault11("<faultcode>s:Client<b/></faultcode>"), "InvalidEnvelope"),
    "text in the detail": (fault11(after="<detail>no</detail>"), "InvalidEnvelope"),
    "attribute": (fault11("<faultcode id='1'>s:Client</faultcode>"), "InvalidEnvelope"),
}
FAULTS12 = {
    "plain": (fault12(), "kept"),
    "two languages": (fault12(TEXT12 + '<s:Text xml:lang="de-CH">nein</s:Text>'), "kept"),
    "detail with entries": (fault12(after='<s:Detail><x xmlns="urn:x"/></s:Detail>'), "kept"),
    "markup in the text": (fault12('<s:Text xml:lang="en"><b>no</b></s:Text>'), "InvalidEnvelope"),
    "text in the detail": (fault12(after="<s:Detail>no</s:Detail>"), "InvalidEnvelope"),
    "attribute": (fault12(attributes=' id="1"'), "InvalidEnvelope"),
}


@pytest.mark.parametrize("body, expected", FAULTS11.values(), ids=FAULTS11)
def test_fault_of_1_1_is_valid(body: str, expected: str) -> None:
    assert said(V11, look("utws/soap11", body, status=500)) == expected


@pytest.mark.parametrize("body, expected", FAULTS12.values(), ids=FAULTS12)
def test_fault_of_1_2_is_valid(body: str, expected: str) -> None:
    assert said(V12, look("utws/soap12", body, status=500)) == expected


def test_text_beside_the_content_of_body_is_found() -> None:
    finding = named(look("utws/soap11", envelope(f"OK{logs()}")), "InvalidEnvelope")
    assert (finding.requirement, finding.effect) == (V11, "deviation")


def test_content_of_body_is_another_matter() -> None:
    assert said(V11, look("utws/soap11", envelope('<x y="z">text<a/></x>'))) == "kept"


def test_entries_without_a_namespace_are_another_matter() -> None:
    assert said(V11, look("partstream/soap11", SUCCESS["partstream/soap11"])) == "kept"


def test_answer_without_a_known_envelope_says_nothing_of_its_schema() -> None:
    assert said(V11, look("utws/soap11", "<Envelope><Body/></Envelope>")) == "not observed"
    assert said(V11, look("utws/soap11", fault12("<s:Text>no</s:Text>"), status=500)) == "not observed"
    assert said(V11, look("utws/soap11", "no", status=500, media_type="text/plain")) == "not observed"


@pytest.mark.parametrize(
    "block, version, expected",
    [
        ("<s:Trace/>", "soap11", "UnknownBlockOfSOAP"),
        ("<s:Upgrade/>", "soap11", "UnknownBlockOfSOAP"),
        ("<s:Trace/>", "soap12", "UnknownBlockOfSOAP"),
        ("<s:Upgrade/>", "soap12", "not observed"),
        ('<s:NotUnderstood qname="s:x"/>', "soap12", "not observed"),
        ('<t:Trace xmlns:t="urn:t"/>', "soap11", "not observed"),
    ],
)
def test_blocks_of_the_namespace_of_soap_are_those_that_it_defines(block: str, version: str, expected: str) -> None:
    section = {"soap11": "soap11/4.4/fault-is-alone", "soap12": "soap12/5.4/fault-is-alone"}[version]
    assert said(section, look(f"utws/{version}", envelope(logs(), header=block, version=version))) == expected


# Faults

PARTS, ACTOR = "soap11/4.4/fault-children", "soap11/4.4/fault-actor-is-a-uri"


@pytest.mark.parametrize(
    "inner, name, effect",
    [
        ("<s:faultcode>s:Client</s:faultcode><s:faultstring>no</s:faultstring>", "QualifiedFaultChildren", "deviation"),
        (
            '<faultcode>s:Client</faultcode><faultstring>no</faultstring><x xmlns="urn:x"/>',
            "QualifiedFaultChildren",
            "deviation",
        ),
        ("<faultcode>s:Client</faultcode><faultstring>no</faultstring><x/>", "WrongFaultChildren", "violation"),
        ("<faultcode>s:Client</faultcode><s:faultcode>s:Client</s:faultcode>", "WrongFaultChildren", "violation"),
        ("<s:Code><s:Value>s:Client</s:Value></s:Code>", "WrongFaultChildren", "violation"),
    ],
    ids=["in SOAP's namespace", "qualified one more", "unqualified one more", "twice in two namespaces", "as in 1.2"],
)
def test_qualified_children_of_a_fault_deviate_and_unknown_ones_violate(inner: str, name: str, effect: str) -> None:
    judgement = look("utws/soap11", envelope(f"<s:Fault>{inner}</s:Fault>"), status=500)
    assert [(each.name, each.effect) for each in judgement.findings if each.requirement == PARTS] == [(name, effect)]


@pytest.mark.parametrize(
    "actor, expected",
    [
        ("http://example.com/service", "kept"),
        ("../service", "kept"),
        ("", "kept"),
        ("the server room", "NoURI"),
        ("<x/>a>b", "kept"),
    ],
)
def test_faultactor_is_a_uri(actor: str, expected: str) -> None:
    escaped = actor.replace("<x/>", "").replace(">", "%3E")
    body = fault11(after=f"<faultactor>{escaped}</faultactor>")
    assert said(ACTOR, look("utws/soap11", body, status=500)) == expected


def test_fault_without_an_actor_says_nothing_of_it() -> None:
    assert said(ACTOR, look("utws/soap11", fault11(), status=500)) == "not observed"


def test_language_of_a_text_is_a_tag() -> None:
    judgement = look("utws/soap12", fault12('<s:Text xml:lang="en_US">no</s:Text>'), status=500)
    finding = named(judgement, "NoLanguageTag")
    assert (finding.requirement, finding.effect) == ("soap12/5.4.2/fault-reason-text", "deviation")


@pytest.mark.parametrize("value, expected", [("true", "kept"), ("0", "kept"), ("maybe", "WrongRelay")])
def test_relay_is_a_boolean(value: str, expected: str) -> None:
    block = f'<t:x xmlns:t="urn:t" s:relay="{value}"/>'
    judgement = look("utws/soap12", envelope(logs(), header=block, version="soap12"))
    assert said("soap12/5.2.3/must-understand-values", judgement) == expected
