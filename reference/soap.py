"""SOAP 1.1 and 1.2: reading envelopes, writing envelopes and faults."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from lxml import etree

from reference import names
from reference.calls import ENVELOPE, MESSAGE, Call, Message
from reference.http import Response
from reference.names import XML_LANG, Name
from reference.reading import child, children, local_name, name_of, text_of
from reference.refusals import Kind, Refusal
from reference.tree import Element, leaf

BINDINGS = {names.SOAP11: "soap11", names.SOAP12: "soap12"}
NAMESPACES = {binding: namespace for namespace, binding in BINDINGS.items()}
MEDIA_TYPES = {names.SOAP11: "text/xml", names.SOAP12: "application/soap+xml"}


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault in the words of SOAP 1.2, which both versions are written from."""

    code: str
    reason: str
    detail: tuple[Element, ...] | None = None
    header: tuple[Element, ...] = field(default=())


SOAP11_CODES = {"Sender": "Client", "Receiver": "Server"}
"""The faultcodes of SOAP 1.1 that are called otherwise in SOAP 1.2."""


def read_message(root: etree._Element, call: Call, *, supported: Collection[str]) -> Message:
    """The parts of the envelope."""
    name = name_of(root)
    if name.local == "Envelope" and name.namespace not in supported:
        raise Refusal(Kind.VERSION)
    if name.local != "Envelope":
        raise Refusal(Kind.ENVELOPE, "the document element is no Envelope")
    header = child(root, Name(name.namespace, "Header"))
    message = Message(
        soap_namespace=name.namespace,
        header_blocks=tuple(children(header)) if header is not None else (),
        body=child(root, Name(name.namespace, "Body")),
    )
    return call.through(MESSAGE, message)


def body_of(message: Message) -> etree._Element:
    if message.body is None:
        raise Refusal(Kind.ENVELOPE, "the Envelope has no Body")
    return message.body


def refuse_mandatory_blocks(message: Message, *, understood: Collection[str] = (), any_actor: bool) -> None:
    """Refuses a header block that must be understood and is not.

    ASMX looks at every block, whomever it is meant for; SOAP itself only at those for this node.
    """
    for block in message.header_blocks:
        mandatory = (block.get(Name(message.soap_namespace, "mustUnderstand").tag) or "").strip()
        targeted = any_actor or _targeted(block, message)
        if mandatory in ("1", "true") and targeted and local_name(block) not in understood:
            raise Refusal(Kind.MUST_UNDERSTAND, header_block=name_of(block))


def relating(message: Message) -> tuple[Element, ...]:
    """The header block that says which message is answered, where that one named itself.

    Source: Web Services Addressing 1.0, core, section 3.4. It need not be understood.
    """
    named = [block for block in message.header_blocks if name_of(block) == Name(names.ADDRESSING, "MessageID")]
    optional = ((Name(message.soap_namespace, "mustUnderstand"), "0"),)
    relates_to = Name(names.ADDRESSING, "RelatesTo")
    return tuple(Element(relates_to, (text_of(block),), optional) for block in named[:1])


def _targeted(block: etree._Element, message: Message) -> bool:
    return block.get(Name(message.soap_namespace, "actor").tag, "") in ("", names.SOAP11_NEXT)


def envelope(
    soap_namespace: str,
    body: tuple[Element, ...],
    *,
    header: tuple[Element, ...] = (),
    attributes: tuple[tuple[Name, Name | str], ...] = (),
) -> Element:
    parts = [Element(Name(soap_namespace, "Header"), header)] if header else []
    parts.append(Element(Name(soap_namespace, "Body"), body))
    return Element(Name(soap_namespace, "Envelope"), tuple(parts), attributes)


def respond(call: Call, root: Element, *, status_code: int = 200, name_charset: bool = True) -> Response:
    """The answer that carries the envelope, in the media type of its version."""
    media_type = MEDIA_TYPES[root.name.namespace]
    passed = call.through(ENVELOPE, root)
    return call.written(passed, media_type, status_code=status_code, name_charset=name_charset)


def fault_element(soap_namespace: str, fault: Fault) -> Element:
    if soap_namespace == names.SOAP12:
        return _fault12(fault)
    return _fault11(fault)


def _fault11(fault: Fault) -> Element:
    """Children in no namespace, in the order of the schema: SOAP 1.1 section 4.4, Basic Profile 1.2 R1001."""
    code = Name(names.SOAP11, SOAP11_CODES.get(fault.code, fault.code))
    parts = [Element(Name("", "faultcode"), (code,)), leaf(Name("", "faultstring"), fault.reason)]
    if fault.detail is not None:
        parts.append(Element(Name("", "detail"), fault.detail))
    return Element(Name(names.SOAP11, "Fault"), tuple(parts))


def _fault12(fault: Fault) -> Element:
    """SOAP 1.2 part 1 section 5.4."""
    value = Element(Name(names.SOAP12, "Value"), (Name(names.SOAP12, fault.code),))
    text = Element(Name(names.SOAP12, "Text"), (fault.reason,), ((XML_LANG, "en"),))
    parts = [Element(Name(names.SOAP12, "Code"), (value,)), Element(Name(names.SOAP12, "Reason"), (text,))]
    if fault.detail is not None:
        parts.append(Element(Name(names.SOAP12, "Detail"), fault.detail))
    return Element(Name(names.SOAP12, "Fault"), tuple(parts))


def not_understood(block: Name) -> Element:
    """The header block that names a block which is not understood: SOAP 1.2 part 1 section 5.4.8."""
    return Element(Name(names.SOAP12, "NotUnderstood"), attributes=((Name("", "qname"), block),))


def upgrade() -> Element:
    """The header block that lists the envelopes which are supported: SOAP 1.2 part 1 section 5.4.7."""
    supported = tuple(
        Element(
            Name(names.SOAP12, "SupportedEnvelope"),
            attributes=((Name("", "qname"), Name(namespace, "Envelope")),),
        )
        for namespace in (names.SOAP12, names.SOAP11)
    )
    return Element(Name(names.SOAP12, "Upgrade"), supported)
