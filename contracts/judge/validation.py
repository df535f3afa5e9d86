"""Content against its XSD: lxml decides, xmlschema explains, the schema's own notes give the basis."""

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import xmlschema
from lxml import etree

from contracts.judge.trees import Element, chain_to, children, is_nil, local, text_of, xpath_of
from contracts.model import Basis, Content
from contracts.names import XSI_NIL
from contracts.schema import Component, Schema, children_of, component_of

MAX_ERRORS = 5
"""Errors explained per message; more of them say nothing new about the target."""


@dataclass(frozen=True, slots=True)
class SchemaError:
    """One way in which content is not valid. `component` is the local name of the element that is wrong or missing;
    `line` counts from 1 in the body; `source` is a page position.
    """

    component: str
    reason: str
    expected: str
    actual: str
    where: str
    line: int | None
    basis: Basis
    source: str


def validate(schema: Schema, content: Content, element: Element) -> Sequence[SchemaError]:
    """What is wrong with an element (a global element, or the holder of content of a named type); empty if valid."""
    root = element if content.element is not None else _wrapped(schema, content.type_name or "", element)
    if schema.fast.validate(root):
        return ()
    return list(_explained(schema, root, element))[:MAX_ERRORS] or [_unexplained(schema, element)]


def disagreement(schema: Schema, content: Content, element: Element) -> str | None:
    """What xmlschema holds against content that lxml passed; None where both agree or the difference is a known one."""
    root = element if content.element is not None else _wrapped(schema, content.type_name or "", element)
    try:
        error = next(schema.errors(root), None)
    except Exception as raised:  # the cross-check may not end a run, whatever the library does
        return None if _is_known(str(raised)) else f"{type(raised).__name__}: {raised}"
    return None if error is None or _is_known(str(error.reason)) else str(error.reason)


KNOWN_DISAGREEMENTS = {
    "anyURI": "xmlschema and libxml2 draw the line of xs:anyURI differently; both are stricter than XSD 1.0",
    "year is out of range": "xmlschema's dateTime overflows on years that Python's datetime cannot hold",
    "Overflow": "xmlschema's dateTime overflows on years that Python's datetime cannot hold",
}
"""Words in xmlschema's complaint by which a known disagreement is recognised, and the reason."""


def _is_known(complaint: str) -> bool:
    return any(words in complaint for words in KNOWN_DISAGREEMENTS)


def _wrapped(schema: Schema, type_name: str, holder: Element) -> Element:
    """The children of a Header or Body below the driver's element for their type."""
    wrapper = etree.Element(schema.wrapper(type_name), nsmap=holder.nsmap)
    wrapper.text = holder.text
    wrapper.extend(copy.deepcopy(node) for node in holder)
    return wrapper


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
        return _explain_children(schema, root, shown, error)
    component = schema.component(chain_to(at, root), str(root.tag))
    actual = "xsi:nil" if is_nil(at) else repr(text_of(at)[:120])
    if XSI_NIL in at.attrib and "nil" in str(error.reason):
        basis = component.nil_basis if component else "documented"
    elif next(children(at), None) is None:
        basis = component.type_basis if component else "documented"
    else:
        basis, actual = component.basis if component else "documented", f"element {local(at)}"
    return _error(root, shown, at, component, str(error.reason), actual, basis)


def _explain_children(
    schema: Schema, root: Element, shown: Element, error: xmlschema.XMLSchemaChildrenValidationError
) -> SchemaError:
    """A child that is missing, unknown, repeated or out of place; each rests on another aspect of the schema."""
    parent = cast("Element", error.elem)
    declared = _declared(schema, chain_to(parent, root), str(root.tag))
    present = [str(each.tag) for each in children(parent)]
    unknown = next((each for each in children(parent) if str(each.tag) not in declared), None)
    missing = next((tag for tag, note in declared.items() if note.required and tag not in present), None)
    if unknown is not None:
        owner = schema.component(chain_to(parent, root), str(root.tag))
        return _error(root, shown, unknown, owner, "unknown element", str(unknown.tag), owner.basis if owner else None)
    if missing is not None:
        note = declared[missing].component
        actual = f"no {missing.rpartition('}')[2]} in {local(parent)}"
        return _error(root, shown, parent, note, "missing element", actual, note.min_basis)
    order = ", ".join(map(local, children(parent)))
    child = parent[error.index] if error.index < len(parent) else parent
    note_of_child = declared.get(str(child.tag))
    component = note_of_child.component if note_of_child else None
    return _error(
        root,
        shown,
        child,
        component,
        "order or number of elements",
        order[:200],
        component.basis if component else None,
    )


@dataclass(frozen=True, slots=True)
class _Declared:
    component: Component
    required: bool


def _declared(schema: Schema, chain: Sequence[str], root: str) -> dict[str, _Declared]:
    """The children that a parent may have, by name in Clark notation."""
    parent = schema.element(chain, root)
    return {
        str(each.name): _Declared(component_of(each), each.min_occurs > 0)
        for each in (() if parent is None else children_of(parent))
    }


def _error(
    root: Element, shown: Element, at: Element, component: Component | None, reason: str, actual: str, basis: str | None
) -> SchemaError:
    """An error that points into the message as received, even where a copy of the content was validated."""
    below = xpath_of(at).removeprefix(xpath_of(root))
    return SchemaError(
        component=component.name if component else local(at),
        reason=reason,
        expected=component.described if component else "what the page shows",
        actual=actual,
        where=xpath_of(shown) + below if root is not shown else xpath_of(at),
        line=at.sourceline,
        basis=basis or "documented",  # type: ignore[arg-type]  # the XSDs' notes are checked when they are loaded
        source=f"page.txt line {component.line}, column {component.column}" if component and component.line else "",
    )


def _unexplained(schema: Schema, shown: Element) -> SchemaError:
    """lxml's own words, where xmlschema has none."""
    first = schema.fast.error_log[0] if len(schema.fast.error_log) else None
    return SchemaError(
        component=local(shown),
        reason="not valid",
        expected="valid content",
        actual=first.message if first is not None else "invalid content",
        where=xpath_of(shown),
        line=first.line if first is not None else shown.sourceline,
        basis="documented",
        source="",
    )
