"""Faults in the envelope around a success, and in the Fault inside one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from reference import names, soap
from reference.calls import ENVELOPE, Call, at
from reference.names import Name
from reference.tree import Change, Element, changed, leaf, rewritten

Envelope = Callable[[Element, Call], Element]


def _body(root: Element) -> Element:
    return next(part for part in root.elements if part.name.local == "Body")


def _header(root: Element) -> Element | None:
    return next((part for part in root.elements if part.name.local == "Header"), None)


def in_success(change: Callable[[Element], Element]) -> Envelope:
    return lambda root, call: root if root.find("Fault") is not None else change(root)


def in_fault(local: str, change: Change) -> Envelope:
    """Makes the change to the elements of that name within a Fault."""

    def within(fault: Element) -> tuple[Element, ...]:
        return change(fault) if local == "Fault" else (changed(fault, local, change),)

    return lambda root, call: changed(root, "Fault", within)


# The envelope


@at(ENVELOPE)
def answers_in_the_other_version(root: Element, call: Call) -> Element:
    """Writes SOAP 1.2 in the namespace of SOAP 1.1."""

    def moved(element: Element) -> Element:
        own = element.name.namespace == names.SOAP12
        return replace(element, name=Name(names.SOAP11, element.name.local)) if own else element

    return moved(rewritten(root, lambda element: (moved(element),)))


at(ENVELOPE, "success_without_body")(in_success(lambda root: replace(root, children=_body(root).children)))
at(ENVELOPE, "success_in_two_bodies")(in_success(lambda root: replace(root, children=(*root.children, _body(root)))))
at(ENVELOPE, "element_after_body")(
    in_success(lambda root: replace(root, children=(*root.children, Element(Name("urn:trailer", "Trailer")))))
)
at(ENVELOPE, "header_after_body")(
    in_success(lambda root: replace(root, children=(*root.children, Element(Name(root.name.namespace, "Header")))))
)
at(ENVELOPE, "two_children_in_body")(
    in_success(
        lambda root: changed(root, "Body", lambda body: (replace(body, children=(*body.children, *body.children)),))
    )
)


@at(ENVELOPE)
def header_block_in_no_namespace(root: Element, call: Call) -> Element:
    header = Element(Name(root.name.namespace, "Header"), (leaf(Name("", "requestid"), "1"),))
    return root if _header(root) else replace(root, children=(header, *root.children))


@at(ENVELOPE)
def encoding_style_on_envelope(root: Element, call: Call) -> Element:
    attribute = (Name(root.name.namespace, "encodingStyle"), f"{names.SOAP12}/encoding")
    return replace(root, attributes=(*root.attributes, attribute))


# Faults of SOAP 1.1


def without(local: str) -> Change:
    return lambda fault: (replace(fault, children=tuple(part for part in fault.elements if part.name.local != local)),)


at(ENVELOPE, "fault_without_faultcode")(in_fault("Fault", without("faultcode")))
at(ENVELOPE, "fault_without_faultstring")(in_fault("Fault", without("faultstring")))
at(ENVELOPE, "fault_with_blank_faultstring")(in_fault("faultstring", lambda part: (replace(part, children=(" ",)),)))
at(ENVELOPE, "faultcode_with_undeclared_prefix")(
    in_fault("faultcode", lambda part: (replace(part, children=("env:Client",)),))
)


def _with_qualified_children(fault: Element) -> tuple[Element, ...]:
    children = (replace(part, name=Name(names.SOAP11, part.name.local)) for part in fault.elements)
    return (replace(fault, children=tuple(children)),)


at(ENVELOPE, "fault_children_qualified")(in_fault("Fault", _with_qualified_children))
at(ENVELOPE, "undocumented_child_in_fault")(
    in_fault("Fault", lambda fault: (replace(fault, children=(*fault.children, leaf(Name("", "errorcode"), "1"))),))
)


@at(ENVELOPE)
def fault_of_soap12_in_soap11(root: Element, call: Call) -> Element:
    """Writes Code and Reason into a Fault of SOAP 1.1."""

    def change(fault: Element) -> tuple[Element, ...]:
        twelve = soap.fault_element(names.SOAP12, soap.Fault("Sender", "The request was refused."))
        moved = rewritten(twelve, lambda part: (replace(part, name=Name(names.SOAP11, part.name.local)),))
        return (replace(fault, children=moved.children),)

    return changed(root, "Fault", change)


@at(ENVELOPE)
def fault_beside_result(root: Element, call: Call) -> Element:
    """Answers with a Fault and an empty result in one Body."""
    if root.find("Fault") is None:
        return root
    result = Element(Name(names.ECGRIDOS, "ReportInstantStatsResponse"))
    return changed(root, "Body", lambda body: (replace(body, children=(*body.children, result)),))


# Faults of SOAP 1.2


@at(ENVELOPE)
def fault_of_soap11_in_soap12(root: Element, call: Call) -> Element:
    """Writes faultcode and faultstring into a Fault of SOAP 1.2."""

    def change(fault: Element) -> tuple[Element, ...]:
        code, reason = Name(names.SOAP12, "Sender"), "The request was refused."
        children = (Element(Name("", "faultcode"), (code,)), leaf(Name("", "faultstring"), reason))
        return (replace(fault, children=children),)

    return changed(root, "Fault", change) if root.name.namespace == names.SOAP12 else root


at(ENVELOPE, "fault_code_of_soap11")(
    in_fault("Value", lambda value: (replace(value, children=(Name(names.SOAP12, "Client"),)),))
)
at(ENVELOPE, "fault_without_code")(in_fault("Fault", without("Code")))


def _reversed(fault: Element) -> tuple[Element, ...]:
    return (replace(fault, children=tuple(reversed(fault.elements))),)


at(ENVELOPE, "fault_children_in_reverse")(in_fault("Fault", _reversed))
at(ENVELOPE, "reason_text_without_language")(in_fault("Text", lambda text: (replace(text, attributes=()),)))
at(ENVELOPE, "reason_texts_in_one_language")(in_fault("Text", lambda text: (text, text)))
at(ENVELOPE, "reason_without_text")(
    in_fault("Reason", lambda reason: (replace(reason, children=(reason.elements[0].text,)),))
)
