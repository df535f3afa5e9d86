"""Checks on the structure of SOAP envelopes, faults apart."""

from collections.abc import Iterator, Sequence
from functools import cache
from typing import Literal

from lxml import etree

from contracts.families import STANDARDS
from contracts.judge.answer import Answer
from contracts.judge.checks import KEPT, Problem, few
from contracts.judge.trees import Element, children, descend, local, text_of, with_namespaces, xpath_of
from contracts.model import Requirement
from contracts.names import (
    ENVELOPE_NAMESPACE,
    SOAP11_ACTOR_NEXT,
    SOAP11_ENCODING,
    SOAP11_ENVELOPE,
    SOAP12_ENVELOPE,
    XSI_TYPE,
    local_name,
    namespace_of,
)


def root_is_envelope(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The document element is Envelope in the namespace of the binding's SOAP version.

    Answers of 400 and more may be anything but an Envelope of no known version. A request whose version the target
    need not know may be answered in either version (SOAP 1.2 part 1, appendix A). A method that the page does not
    show asks for something else: ServiceStack answers GET with its WSDL.
    """
    root = answer.root
    if answer.exchange.sent.method != answer.binding.method and answer.envelope is None:
        return None
    if root is None or (answer.response.status_code >= 400 and answer.envelope is None) or _is_html(root):
        return None
    wanted = f"{{{ENVELOPE_NAMESPACE[answer.binding.protocol]}}}Envelope"
    if root.tag == wanted or (answer.soap_version and answer.version_is_open):
        return KEPT
    return [Problem("WrongDocumentElement", wanted, str(root.tag), xpath_of(root), root.sourceline)]


def envelope_children(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An Envelope holds at most one Header, then exactly one Body, both in its own namespace."""
    if answer.envelope is None:
        return None
    namespace = answer.envelope_namespace
    header, body = f"{{{namespace}}}Header", f"{{{namespace}}}Body"
    tags = [str(each.tag) for each in children(answer.envelope)]
    while len(tags) > 1 and _is_trailer(tags[-1], namespace) and body in tags[:-1]:
        tags.pop()
    if tags in ([body], [header, body]):
        return KEPT
    found = ", ".join(tags) or "nothing"
    return [Problem("WrongEnvelopeChildren", f"an optional Header, then one Body, in {namespace}", found, "/Envelope")]


def no_trailers(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Nothing follows the Body. SOAP 1.1 section 4 permits qualified elements there; SOAP 1.2 part 1 section 5.1 and
    the Basic Profile do not.
    """
    if answer.envelope is None or answer.body is None:
        return None
    return [
        Problem("ElementAfterBody", "no element after Body", str(each.tag), xpath_of(each), each.sourceline)
        for each in answer.body.itersiblings("*")
    ][:1]


def qualified_attributes(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Attributes of Envelope, Header and Body are in a namespace."""
    if answer.envelope is None:
        return None
    return few(
        Problem("UnqualifiedAttribute", "attributes in a namespace only", str(name), xpath_of(part), part.sourceline)
        for part in _parts(answer)
        for name in part.attrib
        if not namespace_of(str(name))
    )


def encoding_style_in_place(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """encodingStyle stands on none of SOAP's own elements. Source: SOAP 1.2 part 1 section 5.1.1."""
    if answer.envelope is None or answer.soap_version != "soap12":
        return None
    namespace = answer.envelope_namespace
    own = [*_parts(answer), *([] if answer.fault is None else answer.fault.iter(f"{{{namespace}}}*"))]
    return few(
        Problem("EncodingStyleOutOfPlace", "no encodingStyle", f"on {local(each)}", xpath_of(each), each.sourceline)
        for each in own
        if f"{{{namespace}}}encodingStyle" in each.attrib
    )


def no_envelope_attributes(answer: Answer, requirement: Requirement) -> Sequence[Problem] | None:
    """Envelope, Header and Body have no attribute of SOAP's namespace. Source: Basic Profile 1.2 and 2.0 R1032.

    encodingStyle has a requirement of its own.
    """
    if answer.envelope is None:
        return None
    namespace = answer.envelope_namespace
    return few(
        Problem("EnvelopeAttribute", "none of SOAP's namespace", str(name), xpath_of(part), part.sourceline)
        for part in _parts(answer)
        for name in part.attrib
        if namespace_of(str(name)) == namespace and local_name(str(name)) != "encodingStyle"
    )


def no_encoding_style(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """encodingStyle stands neither on SOAP's own elements nor on children of Body. Source: Basic Profile 1.2 R1005,
    R1006: it belongs to encoded messages, and the pages document literal ones.
    """
    if answer.envelope is None or answer.body is None:
        return None
    name = f"{{{answer.envelope_namespace}}}encodingStyle"
    own = answer.envelope.iter(f"{{{answer.envelope_namespace}}}*")
    found = dict.fromkeys((*own, *children(answer.body)))
    return few(
        Problem("EncodingStyleInLiteralMessage", "no encodingStyle", f"on {local(each)}", xpath_of(each))
        for each in found
        if name in each.attrib
    )


def known_encoding_style(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """encodingStyle of a SOAP 1.1 envelope names SOAP 1.1's own rules, those below them, or none.

    Source: SOAP 1.1 section 4.1.1. Other rules may be named by agreement; no page shows one.
    """
    if answer.envelope is None or answer.soap_version != "soap11":
        return None
    name = f"{{{SOAP11_ENVELOPE}}}encodingStyle"
    named = [(each, str(each.get(name))) for each in answer.envelope.iter("*") if each.get(name) is not None]
    if not named:
        return None
    return few(
        Problem("UnknownEncodingStyle", SOAP11_ENCODING, style, xpath_of(each), each.sourceline)
        for each, style in named
        if not all(rules.startswith(SOAP11_ENCODING) for rules in style.split())
    )


def qualified_body_child(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """The children of Body are in a namespace. Source: SOAP 1.2 part 1 section 5.3.1, Basic Profile 1.2 R1014."""
    return _in_no_namespace(answer.body, "UnqualifiedBodyChild")


def _in_no_namespace(holder: Element | None, name: str) -> Sequence[Problem] | None:
    """The children of an element that are in no namespace; None if it has none, or is not there."""
    found = [] if holder is None else list(children(holder))
    if not found:
        return None
    return few(
        Problem(name, "a namespace", f"{local(each)} in none", xpath_of(each), each.sourceline)
        for each in found
        if not namespace_of(str(each.tag))
    )


def no_foreign_block_returned(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An answer does not send back header blocks of the request that nobody knows: they were not meant for it.

    Source: SOAP 1.2 part 1 section 2.7.
    """
    sent = answer.request_root
    asked = None if sent is None else next(iter(descend(sent, "Header")), None)
    if asked is None or answer.envelope is None:
        return None
    known = {str(each.tag) for each in ([] if answer.header is None else children(answer.header))}
    unknown = [str(each.tag) for each in children(asked) if namespace_of(str(each.tag)) == UNKNOWN_NAMESPACE]
    if not unknown:
        return None
    return [
        Problem("ForeignBlockReturned", "none of the request's unknown blocks", tag, "Header")
        for tag in dict.fromkeys(unknown)
        if tag in known
    ]


UNKNOWN_NAMESPACE = "urn:soapstone:unknown"
"""The namespace of what messages carry that no service knows."""


def no_stray_text(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Elements of SOAP's own that hold elements hold no characters but white space beside them: in a SOAP 1.2 fault,
    Code, Subcode and Reason too.
    """
    if answer.envelope is None:
        return None
    fault = answer.fault
    inner = () if fault is None or answer.soap_version != "soap12" else fault.iter(*_HOLDERS)
    found = ((part, text_of(part).strip()) for part in dict.fromkeys((*_parts(answer), *inner)))
    return [
        Problem("TextBetweenElements", "white space only", text[:80], xpath_of(part), part.sourceline)
        for part, text in found
        if text
    ]


def qualified_header_blocks(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Every child of Header is in a namespace. Source: SOAP 1.1 section 4.2, SOAP 1.2 part 1 section 5.2."""
    return _in_no_namespace(answer.header, "UnqualifiedHeaderBlock")


def must_understand_is_boolean(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """mustUnderstand on a header block of an answer is 0 or 1; in SOAP 1.2 true and false too, and relay likewise.

    Source: SOAP 1.1 section 4.2.3, SOAP 1.2 part 1 sections 5.2.3 and 5.2.4.
    """
    blocks = [] if answer.header is None else list(children(answer.header))
    is_11 = answer.soap_version == "soap11"
    allowed = ("0", "1") if is_11 else ("0", "1", "true", "false")
    names = [f"{{{answer.envelope_namespace}}}{name}" for name in ("mustUnderstand", *(() if is_11 else ("relay",)))]
    marked = [(each, name) for each in blocks for name in names if name in each.attrib]
    if not marked:
        return None
    return few(
        Problem(f"Wrong{_capital(name)}", " or ".join(allowed), str(each.get(name)), xpath_of(each), each.sourceline)
        for each, name in marked
        if str(each.get(name)).strip() not in allowed
    )


def _capital(name: str) -> str:
    local = local_name(name)
    return local[:1].upper() + local[1:]


def no_unknown_mandatory_block(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """An answer has no header block that its receiver has to understand and cannot know: neither does the page show
    header blocks of its namespace nor has the request one.

    A receiver that does not understand such a block must not process the message: SOAP 1.1 section 4.2.3, SOAP 1.2
    part 1 section 5.2.3. Blocks for another actor are not the receiver's.
    """
    blocks = [] if answer.header is None else list(children(answer.header))
    if not blocks:
        return None
    asked = () if answer.request_root is None else descend(answer.request_root, "Header")
    known = {namespace_of(str(each.tag)) for header in asked for each in children(header)} | {answer.envelope_namespace}
    known.add(SOAP12_ENVELOPE)  # Upgrade and NotUnderstood, in whatever version
    if answer.binding.response.header is not None:
        known |= {"", namespace_of(answer.binding.response.body.element or "")}
    return few(
        Problem("UnknownMandatoryBlock", "mustUnderstand on known blocks alone", str(each.tag), xpath_of(each))
        for each in blocks
        if _is_mandatory(each, answer.envelope_namespace) and namespace_of(str(each.tag)) not in known
    )


def _is_mandatory(block: Element, namespace: str) -> bool:
    """Whether a block is marked, for whoever receives the message."""
    actor = block.get(f"{{{namespace}}}actor") or block.get(f"{{{namespace}}}role") or ""
    return actor in _RECEIVERS and (block.get(f"{{{namespace}}}mustUnderstand") or "").strip() in ("1", "true")


_RECEIVERS = frozenset(
    {"", SOAP11_ACTOR_NEXT, f"{SOAP12_ENVELOPE}/role/next", f"{SOAP12_ENVELOPE}/role/ultimateReceiver"}
)
"""Who receives an answer. Source: SOAP 1.1 section 4.2.2; SOAP 1.2 part 1 section 2.2."""


def single_body_child(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Body holds at most one element. Source: Basic Profile 1.2 R9981."""
    if answer.body is None:
        return None
    names = [local(each) for each in children(answer.body)]
    if len(names) <= 1:
        return KEPT
    return [Problem("SeveralBodyChildren", "at most one element", ", ".join(names), xpath_of(answer.body))]


def envelope_is_valid(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """Envelope and Fault are valid by the schema of their version of SOAP; what Body, Header and detail hold is not
    looked at. It finds what no other rule names: attributes, text and markup where the schema has none.

    It speaks of the binding's version. Types that stacks name for SOAP's own elements are passed over: SOAP::Lite calls
    a faultcode a string.
    """
    version = answer.soap_version
    if answer.envelope is None or version is None or version != answer.binding.protocol:
        return None
    parts = [part for part in (answer.envelope, answer.fault) if part is not None]
    return few(problem for part in parts for problem in _against_schema(version, part))


def _against_schema(version: Literal["soap11", "soap12"], part: Element) -> Iterator[Problem]:
    schema = _schema_of(version)
    try:
        if schema.validate(part):
            return
        plain = with_namespaces(part)
        etree.strip_attributes(plain, XSI_TYPE)
        if schema.validate(plain):
            return
    except (etree.XMLSchemaValidateError, etree.XMLSyntaxError):  # references to entities: nothing may read them
        return
    first = schema.error_log[0]
    yield Problem("InvalidEnvelope", f"a {local(part)} by the schema of SOAP", first.message[:200], xpath_of(part))


@cache
def _schema_of(version: Literal["soap11", "soap12"]) -> etree.XMLSchema:
    return etree.XMLSchema(file=str(STANDARDS / "envelopes" / f"{version}-envelope.xsd"))


_HOLDERS = tuple(f"{{{SOAP12_ENVELOPE}}}{name}" for name in ("Fault", "Code", "Subcode", "Reason"))


def no_comments_outside(answer: Answer, _: Requirement) -> Sequence[Problem] | None:
    """No comment stands before or after the document element. Source: SOAP 1.2 part 1 section 5."""
    if answer.envelope is None:
        return None
    beside = (*answer.envelope.itersiblings(preceding=True), *answer.envelope.itersiblings())
    found = [str(each.text) for each in beside if isinstance(each, etree._Comment)]
    return [Problem("CommentOutsideEnvelope", "none", each[:80], "body") for each in found[:1]]


def _parts(answer: Answer) -> Iterator[Element]:
    """Envelope, Header and Body, as far as they are there."""
    yield from (part for part in (answer.envelope, answer.header, answer.body) if part is not None)


def _is_trailer(tag: str, namespace: str) -> bool:
    """Whether an element may be one that SOAP 1.1 permits after the Body: qualified, and not SOAP's own."""
    return namespace_of(tag) not in ("", namespace)


def _is_html(root: Element) -> bool:
    """Whether a help or error page happens to be well-formed XML."""
    return local(root).lower() == "html"
