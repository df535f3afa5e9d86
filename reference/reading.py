"""Reading XML: safely, and by tables of members.

The parser loads no DTD, resolves no entity and reaches no network. A document with a document type
declaration is refused after it was read, so that nothing in it has an effect.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from reference.calls import DOCUMENT, LEAF, VALUES, Call, Leaf
from reference.lexical import DEFAULTS, READERS, LexicalError, Value
from reference.names import XSI_NIL, Name
from reference.refusals import Kind, Refusal
from reference.tree import Element, leaf

_BYTE_ORDER_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


@dataclass(frozen=True, slots=True)
class Member:
    """A row of a table made from a page: an element of simple type."""

    name: Name
    type_name: str


@dataclass(frozen=True, slots=True)
class Laxity:
    """What a family of stacks lets pass where the page's schema does not."""

    text_between_members: bool
    nil_beside_a_value: bool
    nil_of_any_text: bool


ASMX = Laxity(text_between_members=True, nil_beside_a_value=True, nil_of_any_text=True)
DATA_CONTRACT = Laxity(text_between_members=False, nil_beside_a_value=False, nil_of_any_text=False)


def members(namespace: str, **types: str) -> tuple[Member, ...]:
    """A table of members in one namespace, in the order printed."""
    return tuple(Member(Name(namespace, local), type_name) for local, type_name in types.items())


def parse(call: Call) -> etree._Element:
    """The document element of the request."""
    request = call.request
    if not request.body:
        raise Refusal(Kind.EMPTY)
    root = _parsed(request.body, _encoding(request.body, request.charset))
    return call.through(DOCUMENT, root)


def _encoding(body: bytes, charset: str | None) -> str | None:
    """The encoding to read in, or None where the document tells. A byte order mark wins over a charset."""
    if charset is None or body.startswith(_BYTE_ORDER_MARKS):
        return None
    try:
        return codecs.lookup(charset).name
    except LookupError:
        # ASP.NET falls back where it does not know a charset; so do we, on what the document says.
        return None


def _parsed(body: bytes, encoding: str | None) -> etree._Element:
    parser = etree.XMLParser(
        encoding=encoding, resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False
    )
    try:
        return etree.fromstring(body, parser)
    except etree.XMLSyntaxError as error:
        raise Refusal(Kind.MALFORMED, f"the body is not well-formed XML: {error.msg}") from error
    except LookupError as error:
        raise Refusal(Kind.MALFORMED, "the encoding is unknown") from error


def refuse_document_type(root: etree._Element) -> None:
    if root.getroottree().docinfo.internalDTD is not None:
        raise Refusal(Kind.DOCUMENT_TYPE)


def children(element: etree._Element) -> Iterator[etree._Element]:
    """The child elements, without comments and processing instructions."""
    return (child for child in element if isinstance(child.tag, str))


def child(element: etree._Element, name: Name) -> etree._Element | None:
    return next((found for found in children(element) if found.tag == name.tag), None)


def is_nil(element: etree._Element) -> bool:
    return (element.get(XSI_NIL.tag) or "").strip() in ("true", "1")


def text_of(element: etree._Element) -> str:
    """The characters of an element of simple type; comments within it do not count."""
    if len(element) == 0:
        return element.text or ""
    if any(True for _ in children(element)):
        raise Refusal(Kind.VALUE, f"there is an element in {local_name(element)}")
    return "".join((element.text or "", *(node.tail or "" for node in element)))


def local_name(element: etree._Element) -> str:
    return etree.QName(element).localname


def name_of(element: etree._Element) -> Name:
    name = etree.QName(element)
    return Name(name.namespace or "", name.localname)


def read_members(parent: etree._Element, table: Sequence[Member], call: Call, *, laxity: Laxity) -> Mapping[str, Value]:
    """The values by local name. Of a repeated member the first counts; what the table lacks is skipped."""
    if not laxity.text_between_members:
        _refuse_text_between(parent)
    first: dict[str, etree._Element] = {}
    for element in children(parent):
        first.setdefault(str(element.tag), element)
    if not laxity.nil_of_any_text:
        known = (first[member.name.tag] for member in table if member.name.tag in first)
        _refuse_nil_of_other_text((parent, *known))
    values = {member.name.local: _value(first.get(member.name.tag), member, call, laxity) for member in table}
    return call.through(VALUES, values)


def _refuse_nil_of_other_text(elements: Iterable[etree._Element]) -> None:
    for element in elements:
        if (element.get(XSI_NIL.tag) or "0").strip() not in ("true", "false", "1", "0"):
            raise Refusal(Kind.VALUE, f"xsi:nil of {local_name(element)} is no boolean")


def _refuse_text_between(parent: etree._Element) -> None:
    if (parent.text or "").strip() or any((node.tail or "").strip() for node in parent):
        raise Refusal(Kind.VALUE, f"there is text between the members of {local_name(parent)}")


def _value(element: etree._Element | None, member: Member, call: Call, laxity: Laxity) -> Value:
    if element is None:
        return DEFAULTS[member.type_name]
    text = text_of(element)
    if is_nil(element):
        if member.type_name == "string":
            return None
        if not laxity.nil_beside_a_value:
            raise Refusal(Kind.VALUE, f"{member.name.local} cannot be nil")
    return read_leaf(Leaf(member.name.local, member.type_name, text), call)


def read_leaf(sent: Leaf, call: Call) -> Value:
    """The value of a literal."""
    passed = call.through(LEAF, sent)
    try:
        return READERS[passed.type_name](passed.text)
    except LexicalError as error:
        raise Refusal(Kind.VALUE, f"{passed.member}: {error}") from error


def written_members(table: Sequence[Member], values: Mapping[str, str | None]) -> tuple[Element, ...]:
    """The members in the order of the table, those without a value left out."""
    return tuple(leaf(member.name, text) for member in table if (text := values.get(member.name.local)) is not None)


def number(values: Mapping[str, Value], member: str) -> int:
    """The value of a member whose type is a number or a dateTime."""
    value = values[member]
    assert isinstance(value, int)
    return value


def string(values: Mapping[str, Value], member: str) -> str:
    """The value of a member of type string or guid; null reads as empty."""
    value = values[member]
    assert value is None or isinstance(value, str)
    return value or ""
