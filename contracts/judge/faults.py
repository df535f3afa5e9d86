"""Checks on SOAP faults, by version. A fault is judged by the rules of the version that its envelope is in."""

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import cast

from contracts.judge.answer import Answer
from contracts.judge.checks import KEPT, Problem
from contracts.judge.presence import is_from_gateway
from contracts.judge.trees import Element, child, children, descend, local, text_of, xpath_of
from contracts.judge.xml import is_xml_type
from contracts.model import Level, Requirement
from contracts.names import SOAP11_ENVELOPE, SOAP12_ENVELOPE, XML_LANG, local_name, namespace_of

FAULT_CODES_11 = frozenset({"VersionMismatch", "MustUnderstand", "Client", "Server"})
"""Source: SOAP 1.1 section 4.4.1."""

FAULT_CODES_12 = frozenset({"VersionMismatch", "MustUnderstand", "DataEncodingUnknown", "Sender", "Receiver"})
"""Source: SOAP 1.2 part 1 section 5.4.6."""

_QNAME = re.compile(r"(?:([^\W\d][^\s:]*):)?([^\W\d][^\s:]*)")
"""A qualified name, as far as its first characters tell one from a number."""

_CHILDREN_11 = ("faultcode", "faultstring", "faultactor", "detail")
_CHILDREN_12 = ("Code", "Reason", "Node", "Role", "Detail")


def fault_is_alone(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A Fault is the only child of Body, and all that SOAP's namespace has to put there; it stands nowhere else.

    Source: SOAP 1.1 section 4.4, SOAP 1.2 part 1 section 5.4.
    """
    displaced = [*_faults_in_header(answer), *_unknown_in_header(answer), *_other_names_for_fault(answer)]
    if answer.fault is None or answer.body is None:
        return displaced or None
    names = [local(each) for each in children(answer.body)]
    if len(names) == 1:
        return displaced
    return [*displaced, _problem("FaultWithCompany", "Fault alone", ", ".join(names), answer.body)]


def _faults_in_header(answer: Answer) -> list[Problem]:
    blocks = [] if answer.header is None else answer.header.iterchildren(f"{{{answer.envelope_namespace}}}Fault")
    return [_problem("FaultInHeader", "Fault in Body", "a Fault in Header", each) for each in blocks]


def _unknown_in_header(answer: Answer) -> list[Problem]:
    """Header blocks in the envelope's namespace, which defines none for SOAP 1.1, and two for SOAP 1.2.

    Source: SOAP 1.2 part 1 sections 5.4.7 and 5.4.8.
    """
    defined = ("Fault",) if answer.soap_version == "soap11" else ("Fault", "Upgrade", "NotUnderstood")
    blocks = [] if answer.header is None else answer.header.iterchildren(f"{{{answer.envelope_namespace}}}*")
    return [
        replace(_problem("UnknownBlockOfSOAP", "blocks of other namespaces", local(each), each), level="should")
        for each in blocks
        if local(each) not in defined
    ]


def _other_names_for_fault(answer: Answer) -> list[Problem]:
    """Children of Body that are in the envelope's namespace, which defines Fault alone for that place."""
    entries = [] if answer.body is None else list(children(answer.body))
    return [
        _problem("UnknownElementOfSOAP", "Fault, or an element of another namespace", local(each), each)
        for each in entries
        if namespace_of(str(each.tag)) == answer.envelope_namespace and local(each) != "Fault"
    ]


def refusal_is_fault(answer: Answer, requirement: Requirement) -> Sequence[Problem] | None:
    """A message that the stack reads before it refuses it is refused with a fault. Source: SOAP 1.1 section 6.2.

    The parameter `messages_of` names the requirements whose messages every genuine stack of the family so refuses. A
    status of 4xx says that HTTP had refused the request before SOAP came to it; what stands before the service may
    answer in its stead. A documented error, and another envelope of success, are the business of others.
    """
    message, read = answer.exchange.message, requirement.parameters["messages_of"]
    assert isinstance(read, list | tuple)
    if message.requirement not in read or message.expectation != "reject":
        return None
    status = answer.response.status_code
    is_envelope = answer.envelope is not None and answer.fault is None
    is_told = answer.outcome == "success" or answer.error_text is not None or (is_envelope and status < 300)
    if is_told or 400 <= status < 500 or is_from_gateway(answer):
        return None
    return KEPT if answer.fault is not None else [Problem("RefusalWithoutFault", "a fault", answer.described, "body")]


def fault_has_version_of_request(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A fault is in the SOAP version of the request, unless the request's version was the fault."""
    if answer.fault is None or answer.version_is_open:
        return None
    if answer.soap_version == answer.binding.protocol:
        return KEPT
    return [_problem("FaultInOtherVersion", answer.binding.protocol, str(answer.soap_version), answer.fault)]


def fault_has_faultcode(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A SOAP 1.1 fault has a faultcode that is a qualified name. Source: SOAP 1.1 section 4.4."""
    fault = _fault(answer, "soap11")
    if fault is None:
        return None
    code = _member(fault, "faultcode")
    if code is None:
        return [_problem("FaultWithoutCode", "a faultcode child", _names(fault), fault)]
    if _resolve(code) is None:
        return [_problem("FaultCodeNotQualifiedName", "a QName with a declared prefix", text_of(code), code)]
    return KEPT


def fault_code_is_known(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A faultcode in the envelope's namespace is one that SOAP 1.1 defines, with or without a dotted refinement.

    One in no namespace should be in one: Basic Profile 1.2 R1004.
    """
    fault = _fault(answer, "soap11")
    code = None if fault is None else _member(fault, "faultcode")
    resolved = None if code is None else _resolve(code)
    if code is None or resolved is None:
        return None
    if not resolved[0]:
        return [replace(_problem("FaultCodeInNoNamespace", "a qualified name", text_of(code), code), level="should")]
    if resolved[0] != SOAP11_ENVELOPE:
        return None
    if resolved[1].partition(".")[0] in FAULT_CODES_11:
        return KEPT
    return [_problem("UnknownFaultCode", " or ".join(sorted(FAULT_CODES_11)), text_of(code), code)]


def fault_has_faultstring(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A SOAP 1.1 fault has a faultstring, which should explain something. Source: SOAP 1.1 section 4.4."""
    fault = _fault(answer, "soap11")
    if fault is None:
        return None
    said = _member(fault, "faultstring")
    if said is None:
        return [_problem("FaultWithoutString", "a faultstring child", _names(fault), fault)]
    if text_of(said).strip():
        return KEPT
    return [replace(_problem("BlankFaultString", "some explanation", "nothing", said), level="should")]


def fault_children_11(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A SOAP 1.1 fault's children are faultcode, faultstring, faultactor and detail, each once, in no namespace.

    Qualified ones deviate: SOAP 1.1 allows others that are (section 4.4), and would have its own in its namespace
    (section 3), against its own examples and schema; the Basic Profile wants none (R1000, R1001).
    """
    fault = _fault(answer, "soap11")
    if fault is None:
        return None
    tags = [str(each.tag) for each in children(fault)]
    own = [local_name(tag) for tag in tags if namespace_of(tag) in ("", SOAP11_ENVELOPE)]
    if not set(own) <= set(_CHILDREN_11) or len(set(own)) < len(own):
        return [_problem("WrongFaultChildren", ", ".join(_CHILDREN_11), ", ".join(tags), fault)]
    if own == tags:
        return KEPT
    return [
        replace(_problem("QualifiedFaultChildren", "children in no namespace", _names(fault), fault), level="should")
    ]


def fault_children_12(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A SOAP 1.2 fault holds Code, Reason, then optionally Node, Role and Detail. Source: part 1 section 5.4."""
    fault = _fault(answer, "soap12")
    if fault is None:
        return None
    tags = [_name_in(SOAP12_ENVELOPE, each) for each in children(fault)]
    in_order = sorted(set(tags), key=lambda tag: _CHILDREN_12.index(tag) if tag in _CHILDREN_12 else -1)
    if tags[:2] == ["Code", "Reason"] and tags == in_order and set(tags) <= set(_CHILDREN_12):
        return KEPT
    return [_problem("WrongFaultChildren", ", ".join(_CHILDREN_12), ", ".join(tags) or "nothing", fault)]


def fault_code_value(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Code holds a Value that is one of the five fault codes. Source: SOAP 1.2 part 1 sections 5.4.1.1 and 5.4.6."""
    fault = _fault(answer, "soap12")
    code = None if fault is None else child(fault, f"{{{SOAP12_ENVELOPE}}}Code")
    if code is None:
        return None
    value = child(code, f"{{{SOAP12_ENVELOPE}}}Value")
    if value is None:
        return [_problem("FaultCodeWithoutValue", "a Value child", _names(code), code)]
    resolved = _resolve(value)
    if resolved is not None and resolved[0] == SOAP12_ENVELOPE and resolved[1] in FAULT_CODES_12:
        return KEPT
    expected = f"{' or '.join(sorted(FAULT_CODES_12))} in the envelope's namespace"
    return [_problem("UnknownFaultCode", expected, text_of(value), value)]


def fault_code_children(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Code, and each Subcode in it, holds a Value and then at most one Subcode; a Subcode's Value is a qualified name.

    Source: SOAP 1.2 part 1 sections 5.4.1, 5.4.1.2 and 5.4.1.3.
    """
    fault = _fault(answer, "soap12")
    code = None if fault is None else child(fault, f"{{{SOAP12_ENVELOPE}}}Code")
    if code is None:
        return None
    value, subcode = f"{{{SOAP12_ENVELOPE}}}Value", f"{{{SOAP12_ENVELOPE}}}Subcode"
    problems = []
    for level in (code, *islice(code.iter(subcode), MAX_SUBCODES)):
        if [str(each.tag) for each in children(level)] not in ([value], [value, subcode]):
            problems.append(_problem("WrongFaultCodeChildren", "Value, then an optional Subcode", _names(level), level))
        said = child(level, value)
        if level is not code and said is not None and _resolve(said) is None:
            problems.append(_problem("FaultSubcodeNotQualifiedName", "a declared prefix", text_of(said), said))
    return problems


MAX_SUBCODES = 10
"""Subcodes that are looked at; the standard sets no limit."""


def fault_code_fits_refusal(answer: Answer, requirement: Requirement) -> Sequence[Problem] | None:
    """A message that a standard names a code for is refused with a fault of that code, if with a fault.

    The parameters say which requirement's messages (`refusing`), and the code; a dotted refinement is its first part.
    """
    message, said = answer.exchange.message, requirement.parameters
    refused = message.requirement == said["refusing"] and message.expectation == "reject"
    if answer.fault is None or not refused:
        return None
    wanted, found = str(said["code"]), fault_code_of(answer) or "none"
    if found.partition(".")[0] == wanted:
        return KEPT
    return [_problem("OtherFaultCode", wanted, found, answer.fault)]


def fault_code_without_dot(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A faultcode of the envelope's namespace has no dotted refinement. Source: Basic Profile 1.2 R1031."""
    fault = _fault(answer, "soap11")
    code = None if fault is None else _member(fault, "faultcode")
    resolved = None if code is None else _resolve(code)
    if code is None or resolved is None:
        return None
    return [_problem("DottedFaultCode", "a code without dots", resolved[1], code)] if "." in resolved[1] else KEPT


def fault_children_in_order(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A SOAP 1.1 fault's children stand in the order of the envelope's schema."""
    fault = _fault(answer, "soap11")
    if fault is None:
        return None
    names = [local(each) for each in children(fault) if local(each) in _CHILDREN_11]
    wanted = sorted(names, key=_CHILDREN_11.index)
    return (
        KEPT if names == wanted else [_problem("FaultChildrenOutOfOrder", ", ".join(wanted), ", ".join(names), fault)]
    )


def fault_string_language(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """xml:lang of a faultstring is a language tag. Source: Basic Profile 1.2 R1016, XML 1.0 section 2.12."""
    fault = _fault(answer, "soap11")
    said = None if fault is None else _member(fault, "faultstring")
    language = None if said is None else said.get(XML_LANG)
    if said is None or language is None:
        return None
    return KEPT if _LANGUAGE.fullmatch(language) else [_problem("NoLanguageTag", "a language tag", language, said)]


_LANGUAGE = re.compile(r"(?:[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)?")
"""A language tag, or none. Source: XML Schema part 2 section 3.3.3, XML 1.0 section 2.12."""


def header_fault_without_detail(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A fault about a header has no detail, which speaks of the Body. Source: SOAP 1.1 section 4.4."""
    fault = _fault(answer, "soap11")
    if fault is None or fault_code_of(answer) != "MustUnderstand":
        return None
    detail = _member(fault, "detail")
    return KEPT if detail is None else [_problem("DetailOfHeaderFault", "no detail", "a detail", detail)]


def fault_reason_says_something(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A Text of Reason is not blank: it is there to be read. Source: SOAP 1.2 part 1 section 5.4.2."""
    fault = _fault(answer, "soap12")
    reason = None if fault is None else child(fault, f"{{{SOAP12_ENVELOPE}}}Reason")
    texts = [] if reason is None else list(reason.iterchildren(f"{{{SOAP12_ENVELOPE}}}Text"))
    if reason is None or not texts:
        return None
    is_told = any(text_of(each).strip() for each in texts)
    return KEPT if is_told else [_problem("BlankFaultReason", "some explanation", "nothing", reason)]


def fault_actor_is_uri(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The faultactor of a SOAP 1.1 fault is a URI, relative or not. Source: SOAP 1.1 section 4.4, RFC 3986 (4.1)."""
    fault = _fault(answer, "soap11")
    actor = None if fault is None else _member(fault, "faultactor")
    if actor is None:
        return None
    said = text_of(actor).strip()
    return KEPT if _URI_REFERENCE.fullmatch(said) else [_problem("NoURI", "a URI", said, actor)]


def fault_node_and_role(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Node and Role of a fault are URIs. Source: SOAP 1.2 part 1 sections 5.4.3 and 5.4.4."""
    fault = _fault(answer, "soap12")
    named = [] if fault is None else list(fault.iterchildren(*(f"{{{SOAP12_ENVELOPE}}}{name}" for name in _URIS)))
    if not named:
        return None
    return [
        _problem("NoURI", "an absolute URI", text_of(each), each)
        for each in named
        if not _URI.fullmatch(text_of(each).strip())
    ]


_URIS = ("Node", "Role")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]+")
"""A URI with its scheme. Source: RFC 3986 section 3."""
_URI_REFERENCE = re.compile(r"[^\s<>\"{}|\\^`]*")
"""Characters that a URI or a relative reference may be of. Source: RFC 3986 section 2."""


def version_fault_offers_upgrade(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A VersionMismatch fault says in an Upgrade block which envelopes would do.

    Source: SOAP 1.2 part 1 section 5.4.7. Its names are qualified names in scope.
    """
    if answer.fault is None or fault_code_of(answer) != "VersionMismatch":
        return None
    blocks = [] if answer.header is None else list(answer.header.iterchildren(f"{{{SOAP12_ENVELOPE}}}Upgrade"))
    offered = [each for block in blocks for each in block.iterchildren(f"{{{SOAP12_ENVELOPE}}}SupportedEnvelope")]
    if not offered:
        return [_problem("NoUpgradeOffered", "an Upgrade block with SupportedEnvelope", "none", answer.fault)]
    return [
        _problem("WrongUpgrade", "the qualified name of an Envelope", each.get("qname") or "none", each)
        for each in offered
        if (_resolved_name(each, each.get("qname") or "") or ("", ""))[1] != "Envelope"
    ]


def fault_names_block(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A MustUnderstand fault names each block that was not understood in a NotUnderstood block.

    Source: SOAP 1.2 part 1 section 5.4.8. The names resolve to those of blocks of the request.
    """
    if _fault(answer, "soap12") is None or fault_code_of(answer) != "MustUnderstand" or answer.request_root is None:
        return None
    blocks = [] if answer.header is None else list(answer.header.iterchildren(f"{{{SOAP12_ENVELOPE}}}NotUnderstood"))
    assert answer.fault is not None
    if not blocks:
        return [_problem("BlockNotNamed", "a NotUnderstood block", "none", answer.fault)]
    sent = {str(each.tag) for header in descend(answer.request_root, "Header") for each in children(header)}
    named = [(each, _resolved_name(each, each.get("qname") or "")) for each in blocks]
    return [
        _problem("OtherBlockNamed", " or ".join(sorted(sent)), each.get("qname") or "no qname", each)
        for each, name in named
        if name is None or f"{{{name[0]}}}{name[1]}" not in sent
    ]


def fault_reason_text(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Reason holds one or more Text, each with xml:lang, which should differ, and be a language tag.

    Source: SOAP 1.2 part 1 section 5.4.2; XML 1.0 section 2.12.
    """
    fault = _fault(answer, "soap12")
    reason = None if fault is None else child(fault, f"{{{SOAP12_ENVELOPE}}}Reason")
    if reason is None:
        return None
    texts = list(reason.iterchildren(f"{{{SOAP12_ENVELOPE}}}Text"))
    if not texts:
        return [_problem("FaultReasonWithoutText", "one or more Text children", _names(reason), reason)]
    unnamed = [each for each in texts if each.get(XML_LANG) is None]
    if unnamed:
        return [_problem("FaultTextWithoutLanguage", "an xml:lang attribute", "none", each) for each in unnamed]
    languages = [str(each.get(XML_LANG)).lower() for each in texts]
    others = [each for each in languages if not _LANGUAGE.fullmatch(each)]
    wrong = [_problem("NoLanguageTag", "a language tag", each, reason) for each in others[:1]]
    if len(set(languages)) < len(languages):
        wrong.append(_problem("FaultTextsInOneLanguage", "a language each", ", ".join(languages), reason))
    return [replace(each, level="should") for each in wrong]


def fault_status_is_500(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A SOAP 1.1 fault travels with status 500. Source: SOAP 1.1 section 6.2.

    It speaks of answers to requests: to a method that carries none, gSOAP answers 405 with a fault, as HTTP has it.
    """
    status = answer.response.status_code
    if _fault(answer, "soap11") is None or (status == 405 and answer.exchange.sent.method != answer.binding.method):
        return None
    return KEPT if status == 500 else [Problem("FaultWithWrongStatus", "500", str(status), "status code")]


def fault_status_fits_code(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A SOAP 1.2 fault travels with 500; a Sender fault with an error status, 400 by the letter.

    Genuine stacks send Sender faults with 500, hence any error status there. Source: SOAP 1.2 part 2 section 7.5.2.2,
    table 20.
    """
    if _fault(answer, "soap12") is None:
        return None
    status = answer.response.status_code
    is_fitting = status >= 400 if fault_code_of(answer) == "Sender" else status == 500
    wanted = "400 or 500" if fault_code_of(answer) == "Sender" else "500"
    return KEPT if is_fitting else [Problem("FaultWithWrongStatus", wanted, str(status), "status code")]


def sender_fault_status(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """A Sender fault travels with status 400; with 500 it is worth a note.

    Source: SOAP 1.2 part 2 section 7.5.2.2, table 20.
    """
    status = answer.response.status_code
    is_of_method = status == 405 and answer.exchange.sent.method != answer.binding.method
    if _fault(answer, "soap12") is None or fault_code_of(answer) != "Sender" or is_of_method:
        return None
    problem = Problem("FaultWithOtherStatus", "400", str(status), "status code")
    return KEPT if status == 400 else [replace(problem, level="inform") if status == 500 else problem]


def flat_fault_status(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An error whose code stands beside the documented members travels with 500, or, as such services do, with 200.

    Source: SOAP 1.1 section 6.2, for faults proper.
    """
    if answer.error_text is None or answer.fault is not None or answer.envelope is None:
        return None
    status = answer.response.status_code
    problem = Problem("ErrorWithOtherStatus", "500", str(status), "status code")
    return KEPT if status == 500 else [replace(problem, level="inform") if status == 200 else problem]


def fault_media_type(answer: Answer, requirement: Requirement) -> Sequence[Problem] | None:
    """A fault travels as the media type of its SOAP version. Source: SOAP 1.1 section 6; SOAP 1.2 part 2 section 7.1.4.

    SOAP 1.2 permits others that can carry an envelope: where the parameter `other_xml` gives a level, a media type of
    XML breaks that level.
    """
    version = "soap11" if answer.binding.protocol == "soap11" else "soap12"
    if _fault(answer, version) is None:
        return None
    wanted = str(requirement.parameters["media_type"])
    if answer.media_type == wanted:
        return KEPT
    level = cast("Level | None", requirement.parameters.get("other_xml")) if is_xml_type(answer.media_type) else None
    return [Problem("FaultWithWrongMediaType", wanted, answer.media_type or "none", "Content-Type", level=level)]


def _member(fault: Element, name: str) -> Element | None:
    """A child of a SOAP 1.1 fault, in no namespace or in the envelope's."""
    found = child(fault, name)
    return child(fault, f"{{{SOAP11_ENVELOPE}}}{name}") if found is None else found


def _fault(answer: Answer, version: str) -> Element | None:
    """The fault, if the envelope is of that version."""
    return answer.fault if answer.soap_version == version else None


def _resolve(element: Element) -> tuple[str, str] | None:
    """Namespace and local name of an element's QName value; None if it is none or its prefix is not declared."""
    return _resolved_name(element, text_of(element))


def _resolved_name(element: Element, text: str) -> tuple[str, str] | None:
    """As `_resolve`, of any text in the scope of an element."""
    found = _QNAME.fullmatch(text.strip())
    if found is None:
        return None
    prefix, name = found.groups()
    if prefix is not None and prefix not in element.nsmap:
        return None
    return element.nsmap.get(prefix) or "", name


def _name_in(namespace: str, element: Element) -> str:
    """The local name of an element of a namespace; the full name, braces included, of any other."""
    return local(element) if namespace_of(str(element.tag)) == namespace else "{}" + str(element.tag)


def _names(element: Element) -> str:
    tags = [str(each.tag) for each in children(element)]
    return ", ".join(tags if any(namespace_of(tag) for tag in tags) else map(local, children(element))) or "nothing"


def _problem(name: str, expected: str, actual: str, element: Element) -> Problem:
    return Problem(name, expected, actual[:200], xpath_of(element), element.sourceline)


def fault_text_of(answer: Answer) -> str:
    """What the answer's fault says to a human, in every language it does; empty without a fault.

    Source: SOAP 1.1 section 4.4 (faultstring); SOAP 1.2 part 1 section 5.4.2 (Reason).
    """
    if answer.fault is None:
        return ""
    told = (child(answer.fault, name) for name in ("faultstring", f"{{{SOAP12_ENVELOPE}}}Reason"))
    return " ".join("".join(each.itertext()) for each in told if each is not None)


def fault_code_of(answer: Answer) -> str | None:
    """Local name of the answer's fault code, whatever its version; None without a fault or a readable code."""
    if answer.fault is None:
        return None
    code = _member(answer.fault, "faultcode")
    if code is None:
        code = next(answer.fault.iterfind(f"{{{SOAP12_ENVELOPE}}}Code/{{{SOAP12_ENVELOPE}}}Value"), None)
    resolved = None if code is None else _resolve(code)
    return None if resolved is None else resolved[1]
