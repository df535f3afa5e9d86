"""Content against its XSD: lxml decides, xmlschema explains, the schema's own notes give the basis."""

from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from itertools import islice
from typing import cast

import xmlschema
from lxml import etree
from xmlschema.validators import XsdAnyElement

from contracts.judge.datatypes import base_type
from contracts.judge.trees import Element, chain_to, children, is_nil, local, text_of, with_namespaces, xpath_of
from contracts.model import Basis, Content
from contracts.names import SERIALIZATION, SOAP11_ENVELOPE, SOAP12_ENVELOPE, SOURCE, XSD, XSI_TYPE
from contracts.schema import Component, Schema, component_of

MAX_ERRORS = 5
"""Errors kept per message: those of a component or basis that no error before had come first."""

MAX_EXPLAINED = 50
"""Errors looked at per message: each costs time in a message that its sender may make as long as they like."""

NOT_CONTENT = (f"{{{SOAP11_ENVELOPE}}}*", f"{{{SOAP12_ENVELOPE}}}*", f"{{{SERIALIZATION}}}*")
"""Attributes that may stand on content and are no part of it: SOAP's own belong to SOAP (encodingStyle on any element,
SOAP 1.1 section 4.1.1), and DataContractSerializer's number the objects that it writes (Id, Ref, Size)."""


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One way in which content is not valid. `component` is the local name of the element that is wrong or missing,
    `path` the local names that lead to it from below the root; `line` counts from 1 in the body; `source` is a page
    position.
    """

    component: str
    path: tuple[str, ...]
    reason: str
    expected: str
    actual: str
    where: str
    line: int | None
    basis: Basis
    source: str


def validate(schema: Schema, content: Content, element: Element) -> Sequence[SchemaError]:
    """What is wrong with an element (a global element, or the holder of content of a named type); empty if valid."""
    try:
        root = _as_declared(schema, content, element)
        if schema.fast.validate(root):
            return ()
        plain = _plain(root, keep_types=content.type_name is None)
        if schema.fast.validate(plain) or schema.fast.validate(_collapsed(schema, plain)):
            return ()
        is_only_of_other_types = schema.fast.validate(_without_unknown_types(schema, plain))
    except (etree.XMLSchemaValidateError, etree.XMLSyntaxError) as error:  # entities stay references: none may be read
        return [_not_validated(element, str(error))]
    explained = islice(_explained(schema, plain, element), MAX_EXPLAINED)
    errors = _worth_keeping(explained) or [_unexplained(schema, element)]
    return [replace(each, basis="inferred") for each in errors] if is_only_of_other_types else errors


def _without_unknown_types(schema: Schema, root: Element) -> Element:
    """A copy without xsi:type where it names a type that no page could have shown: pages print no names of types.

    So a class may be derived from the one that the page shows; a value may not. A type of XML Schema's own is known.
    """
    copied = deepcopy(root)
    for each in copied.iter("*"):
        prefix, colon, name = str(each.get(XSI_TYPE, "")).strip().rpartition(":")
        namespace = each.nsmap.get(prefix if colon else None)
        has_members = next(children(each), None) is not None
        if has_members and namespace and namespace != XSD and f"{{{namespace}}}{name}" not in schema.exact.maps.types:
            each.attrib.pop(XSI_TYPE, None)
    return copied


def _worth_keeping(errors: Iterator[SchemaError]) -> list[SchemaError]:
    """A few of many errors, so that no component and no basis is hidden by many errors of another."""
    found = list(errors)
    first = list({(error.component, error.basis): error for error in reversed(found)}.values())[::-1]
    return [*first, *(error for error in found if error not in first)][: max(MAX_ERRORS, len(first))]


def disagreement(schema: Schema, content: Content, element: Element) -> str | None:
    """What xmlschema holds against content that lxml passed; None where both agree or the difference is a known one."""
    try:
        root = _plain(_as_declared(schema, content, element), keep_types=content.type_name is None)
        error = next(schema.errors(root), None)
    except Exception as raised:  # the cross-check may not end a run, whatever the library does
        complaint = f"{type(raised).__name__}: {raised}"
        return None if _is_known(complaint) else complaint
    return None if error is None or _is_known(str(error.reason)) else str(error.reason)


KNOWN_DISAGREEMENTS = {
    "anyURI": "xmlschema and libxml2 draw the line of xs:anyURI differently; both are stricter than XSD 1.0",
    "year is out of range": "xmlschema's dateTime overflows on years that Python's datetime cannot hold",
    "Overflow": "xmlschema's dateTime overflows on years that Python's datetime cannot hold",
}
"""Words in xmlschema's complaint by which a known disagreement is recognised, and the reason."""


def _is_known(complaint: str) -> bool:
    return any(words in complaint for words in KNOWN_DISAGREEMENTS)


def _as_declared(schema: Schema, content: Content, element: Element) -> Element:
    """An element that the schema declares: the element itself, or what it holds below the driver's for its type."""
    if content.type_name is None:
        return element
    return with_namespaces(element, schema.wrapper(content.type_name))


def _plain(root: Element, *, keep_types: bool) -> Element:
    """A copy without comments, processing instructions and attributes that are no part of the content.

    xsi:type stays where an element is declared: it has to fit the declaration (XML Schema part 1 section 3.3.4). Where
    only names and texts are documented, rpc stacks such as SOAP::Lite write the type that they guess.
    """
    copied = with_namespaces(root)
    etree.strip_tags(copied, etree.Comment, etree.ProcessingInstruction)
    etree.strip_attributes(copied, *NOT_CONTENT, *(() if keep_types else (XSI_TYPE,)))
    return copied


def _collapsed(schema: Schema, root: Element) -> Element:
    """The content without white space around values of types that collapse it (XML Schema part 2 section 4.3.6).

    libxml2 does so for numbers and not for dates and times. Only asked for where it refused the content as it is.
    """
    for each in root.iter("*"):
        text = each.text
        if text and not len(each) and text != text.strip(_WHITE_SPACE):
            declared = schema.element(chain_to(each, root), str(root.tag))
            if declared is not None and base_type(declared.type) not in ("string", "normalizedString", "anyType"):
                each.text = text.strip(_WHITE_SPACE)
    return root


_WHITE_SPACE = " \t\r\n"
"""White space of XML (XML 1.0 section 2.3); Unicode has more."""


def _explained(schema: Schema, root: Element, shown: Element) -> Iterator[SchemaError]:
    """xmlschema's errors, with the basis of the component that each is about. Nothing if the explainer itself fails."""
    try:
        for error in schema.errors(root):
            if error.elem is not None:
                yield _explain(schema, root, shown, error)
    except Exception:  # an explainer that stumbles on hostile content must not hide that lxml refused it
        return


def _explain(schema: Schema, root: Element, shown: Element, error: xmlschema.XMLSchemaValidationError) -> SchemaError:
    at = cast("Element", error.elem)
    if isinstance(error, xmlschema.XMLSchemaChildrenValidationError):
        return _explain_children(schema, root, shown, at)
    component = schema.component(chain_to(at, root), str(root.tag))
    if is_nil(at) and not _is_empty(at):
        return replace(
            _error(
                root, shown, at, component, "xsi:nil on an element with content", repr(text_of(at)[:120]), "standard"
            ),
            expected=_NO_CONTENT,
        )
    actual = "xsi:nil" if is_nil(at) else repr(text_of(at)[:120])
    if is_nil(at):
        basis = component.nil_basis if component else "documented"
    elif next(children(at), None) is None:
        basis = component.type_basis if component else "documented"
    else:
        basis, actual = component.type_basis if component else "documented", f"element {local(at)}"
    return _error(root, shown, at, component, _in_our_words(str(error.reason)), actual, basis)


_NO_CONTENT = (
    "no content beside xsi:nil, whether null is allowed here or not (XML Schema part 1 section 3.3.4, clause 3)"
)


def _is_empty(element: Element) -> bool:
    return next(children(element), None) is None and not text_of(element).strip()


def _in_our_words(reason: str) -> str:
    """A reason without what Python's own conversions say of a literal."""
    is_conversion = any(words in reason for words in ("invalid literal for", "<class '"))
    return "not a literal of its type" if is_conversion else reason


_UNKNOWN, _MISSING = "unknown element", "missing element"


def _explain_children(schema: Schema, root: Element, shown: Element, parent: Element) -> SchemaError:
    """A child that is missing, unknown, repeated or out of place; each rests on another aspect of the schema."""
    chain = chain_to(parent, root)
    owner = schema.component(chain, str(root.tag))
    declared = _declared(schema.element(chain, str(root.tag)))
    present = list(children(parent))
    unknown = next((each for each in present if not any(one.admits(each) for one in declared)), None)
    if unknown is not None:
        wildcard = next((one for one in reversed(declared) if one.component is None), None)
        basis = wildcard.type_basis if wildcard else owner.basis if owner else None
        return _error(root, shown, unknown, owner, _UNKNOWN, str(unknown.tag), basis)
    missing = next((one for one in declared if one.required and not any(map(one.admits, present))), None)
    if missing is not None:
        actual = f"no {missing.shown} in {local(parent)}"
        return _error(root, shown, parent, missing.component or owner, _MISSING, actual, missing.min_basis)
    order = ", ".join(map(local, present))[:200]
    return _error(root, shown, parent, owner, "order or number of elements", order, owner.basis if owner else None)


@dataclass(frozen=True, slots=True)
class _Declared:
    """An element or a wildcard that may stand below a parent; a wildcard has no component."""

    particle: xmlschema.XsdElement | XsdAnyElement
    component: Component | None
    required: bool
    min_basis: str
    type_basis: str
    shown: str

    def admits(self, child: Element) -> bool:
        """Whether an element may stand for it."""
        return bool(self.particle.is_matching(str(child.tag)))


def _declared(parent: xmlschema.XsdElement | None) -> list[_Declared]:
    """What a parent may hold; nothing for one that the schema does not declare."""
    return [_declaration(each) for each in (() if parent is None else parent)]


def _declaration(particle: xmlschema.XsdElement | XsdAnyElement) -> _Declared:
    required = particle.min_occurs > 0
    if isinstance(particle, xmlschema.XsdElement):
        component = component_of(particle)
        return _Declared(particle, component, required, component.min_basis, component.type_basis, particle.local_name)
    basis = particle.elem.get(f"{{{SOURCE}}}basis", "documented")
    least, kind = (particle.elem.get(f"{{{SOURCE}}}{aspect}-basis", basis) for aspect in ("min", "type"))
    return _Declared(particle, None, required, least, kind, f"element in {' or '.join(particle.namespace)}")


def _error(
    root: Element, shown: Element, at: Element, component: Component | None, reason: str, actual: str, basis: str | None
) -> SchemaError:
    """An error that points into the message as received: what is explained is a copy of the content."""
    received = _as_received(at, root, shown)
    name = component.name if component else local(at)
    holder = chain_to(at, root)[: -1 if reason == _UNKNOWN else None]
    return SchemaError(
        component=name,
        path=(*holder, name) if reason == _MISSING or not holder else holder,
        reason=reason,
        expected=component.described if component else "what the page shows",
        actual=actual,
        where=xpath_of(received),
        line=received.sourceline,
        basis=basis or "documented",  # type: ignore[arg-type]  # the XSDs' notes are checked when they are loaded
        source=str(component.source) if component and component.source else "",
    )


def _as_received(at: Element, root: Element, shown: Element) -> Element:
    """The element of the message that one in a copy of its content was made from: it stands at the same place."""
    places = []
    while at is not root:
        places.append(sum(1 for _ in at.itersiblings("*", preceding=True)))
        at = cast("Element", at.getparent())
    for place in reversed(places):
        shown = next(islice(children(shown), place, None))
    return shown


def _not_validated(shown: Element, why: str) -> SchemaError:
    """What cannot be validated is not known to be invalid."""
    return SchemaError(
        component=local(shown),
        path=(local(shown),),
        reason="cannot be validated",
        expected="content without references to entities",
        actual=why,
        where=xpath_of(shown),
        line=shown.sourceline,
        basis="inferred",
        source="",
    )


def _unexplained(schema: Schema, shown: Element) -> SchemaError:
    """lxml's own words, where xmlschema has none."""
    first = schema.fast.error_log[0] if len(schema.fast.error_log) else None
    return SchemaError(
        component=local(shown),
        path=(local(shown),),
        reason="not valid",
        expected="valid content",
        actual=first.message if first is not None else "invalid content",
        where=xpath_of(shown),
        line=first.line if first is not None else shown.sourceline,
        basis="documented",
        source="",
    )
