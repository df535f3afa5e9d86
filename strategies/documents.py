"""Variations of XML documents: declarations, encodings, markup beside the message, and attributes of XML Schema.

Sources: XML 1.0 sections 2 and 4.3, Namespaces in XML 1.0, RFC 7303 section 3, XML Schema part 1 section 2.6.
"""

import re
from collections.abc import Callable
from typing import Final

from lxml import etree

from contracts.judge.records import Request
from contracts.names import XSD, XSI, XSI_TYPE, local_name, namespace_of
from strategies.defects import FOREIGN, UNKNOWN, Sample
from strategies.structure import unqualified
from strategies.templates import Element, Site, find
from strategies.variations import Maker, Variation, Variations
from strategies.wire import DECLARATION, document, post, serialised

NON_ASCII: Final = "\u00e9\u0416\u6f22\U0001f600"
"""Latin, Cyrillic, Chinese, and a character past U+FFFF."""

_ROOT_TAG = re.compile(r"<[^?!][^\s/>]*")


def _rewritten(change: Callable[[str], str]) -> Maker:
    """The sample's document as other text."""

    def make(sample: Sample) -> Request:
        return sample.with_text(change(sample.text))

    return make


def _encoded(text: str, codec: str, sample: Sample, *, charset: str | None, declared: str) -> Request:
    """A document in another encoding: as its declaration names it, and as the charset parameter does."""
    body = text.replace(DECLARATION, f'<?xml version="1.0" encoding="{declared}"?>\n', 1)
    media_type = sample.binding.request_media_type
    content_type = media_type if charset is None else f"{media_type}; charset={charset}"
    known = post(sample.binding, body.encode(codec, "xmlcharrefreplace"), headers={"Content-Type": content_type})
    return Request(known.method, known.path, known.headers, known.body, codec)


def text_leaf(sample: Sample) -> Site | None:
    """A leaf that takes any text; None where there is none."""
    return next((site for site in sample.template.leaves if _takes(sample, site, NON_ASCII)), None)


def _takes(sample: Sample, site: Site, text: str) -> bool:
    """Whether a leaf takes a text: none that the owner configures, that is secret, or that can only have one value."""
    if site.is_configured or site.constant or (site.leaf is not None and site.leaf.secret):
        return False
    return sample.template.is_valid(sample.template.with_values({site.where: text}))


def with_text_in_leaf(sample: Sample, value: str) -> str:
    """The sample's document with other text in a leaf that takes any; where there is none, in a member that nobody
    knows, before the others, and in a comment where the Body is empty.
    """
    site = text_leaf(sample)
    if site is not None:
        return serialised(document(sample.binding, sample.template.with_values({site.where: value}))).decode()
    root = sample.envelope
    if sample.holds_nothing:
        root[-1].insert(0, etree.Comment(re.sub(r"-(?=-|$)", "- ", value)))
        return serialised(root).decode()
    operation = _operation(root, sample)
    uri = namespace_of(str(operation.tag))
    member = etree.Element(f"{{{uri}}}{UNKNOWN}" if uri else UNKNOWN)
    member.text = value
    operation.insert(0, member)
    return serialised(root).decode()


def _non_ascii(codec: str, *, charset: str | None, declared: str) -> Maker:
    """Text beyond ASCII in a leaf, in an encoding that charset and declaration may or may not name."""

    def make(sample: Sample) -> Request:
        text = with_text_in_leaf(sample, NON_ASCII)
        return _encoded(text, codec, sample, charset=charset, declared=declared)

    return make


def _without_charset(sample: Sample) -> Request | None:
    """Text beyond ASCII in a leaf, or in a comment where no leaf takes any, under a media type alone."""
    if text_leaf(sample) is not None:
        return _non_ascii("utf-8", charset=None, declared="utf-8")(sample)
    commented = _within_root(f"<!-- {NON_ASCII} -->")(sample)
    return post(sample.binding, commented.body, headers={"Content-Type": sample.binding.request_media_type})


def _in_utf_16(codec: str, mark: str) -> Maker:
    def make(sample: Sample) -> Request:
        return _encoded(mark + sample.text, codec, sample, charset="utf-16", declared="utf-16")

    return make


def _ill_encoded(sample: Sample) -> Request:
    """A byte that no UTF-8 has, within a value."""
    mark = "soapstonemark"
    text = with_text_in_leaf(sample, mark)
    return post(sample.binding, text.encode().replace(mark.encode(), b"soap\xffstone"))


def _after_root(what: str) -> Maker:
    return _rewritten(lambda text: text + what)


def _within_root(what: str) -> Callable[[Sample], Request]:
    """Markup before the first child of what names the operation."""

    def make(sample: Sample) -> Request:
        root = sample.envelope
        (root[-1] if sample.holds_nothing else _operation(root, sample)).insert(0, etree.Comment(UNKNOWN))
        return sample.with_text(serialised(root).decode().replace(f"<!--{UNKNOWN}-->", what, 1))

    return make


def _in_root_tag(what: str) -> Maker:
    return _rewritten(lambda text: _ROOT_TAG.sub(lambda found: found.group() + what, text, count=1))


def _undeclared_prefix(sample: Sample) -> Request:
    return _within_root("<undeclared:soapstone/>")(sample)


def _typed(name: Callable[[Sample, Site], str | None]) -> Maker:
    """xsi:type on the first leaf with a built-in type."""

    def make(sample: Sample) -> Request | None:
        leaves = (each for each in sample.template.leaves if not each.scope)  # what stands in the sample itself
        site = next((each for each in leaves if each.type_names and not each.is_credential), None)
        named = None if site is None else name(sample, site)
        if site is None or named is None:
            return None
        payload = sample.template.with_values({})
        element = find(payload, site)
        element.set(XSI_TYPE, named)
        return sample.with_root(_declaring(document(sample.binding, payload)))

    return make


def _declaring(root: Element) -> Element:
    """The document with the prefixes that values of xsi:type use."""
    wanted: dict[str | None, str] = {"xsd": XSD, "xsi": XSI, "u": FOREIGN}
    if all(root.nsmap.get(prefix) == uri for prefix, uri in wanted.items()):
        return root
    other = etree.Element(str(root.tag), attrib=dict(root.attrib), nsmap={**root.nsmap, **wanted})
    other.text = root.text
    other.extend(list(root))
    return other


def _own_type(_: Sample, site: Site) -> str | None:
    """The type that the leaf has anyway, if it is one of XML Schema's own."""
    name = site.type_names[0]
    return f"xsd:{name}" if name in _BUILT_IN else None


_BUILT_IN = frozenset(
    {"int", "short", "long", "string", "boolean", "dateTime", "decimal", "double", "float", "integer"}
)


def _operation(root: Element, sample: Sample) -> Element:
    return root[-1][0] if sample.binding.is_soap else root


def _members(change: Callable[[Element], bool]) -> Maker:
    """The sample with the members of its operation changed in place; None where there are none to change."""

    def make(sample: Sample) -> Request | None:
        root = sample.envelope
        is_changed = not sample.holds_nothing and change(_operation(root, sample))
        return sample.with_root(root) if is_changed else None

    return make


def _with_unknown_member(operation: Element) -> bool:
    uri = namespace_of(str(operation.tag))
    etree.SubElement(operation, f"{{{uri}}}{UNKNOWN}" if uri else UNKNOWN).text = "1"
    return True


def _swapped(operation: Element) -> bool:
    """The last member before the first; nothing where two credentials could change places."""
    names = {local_name(str(each.tag)) for each in operation}
    if len(names) < 2 or sum("{{" in (each.text or "") for each in operation.iter()) > 1:
        return False
    operation.insert(0, operation[-1])
    return True


def _without_first(operation: Element) -> bool:
    first = next((each for each in operation if "{{" not in (each.text or "") and not len(each)), None)
    if first is None:
        return False
    operation.remove(first)
    return True


def _unqualified(operation: Element) -> bool:
    first = next((each for each in operation if "{{" not in (each.text or "") and not len(each)), None)
    if first is None or not namespace_of(str(first.tag)):
        return False
    operation.replace(first, unqualified(first, local_name(str(first.tag))))
    return True


def _in_other_case(sample: Sample) -> Request | None:
    """The element that names the operation, in the other case; None where the page names none."""
    if sample.binding.request.body.element is None:
        return None
    root = sample.envelope
    element = _operation(root, sample)
    uri, name = namespace_of(str(element.tag)), local_name(str(element.tag)).swapcase()
    element.tag = f"{{{uri}}}{name}" if uri else name
    return sample.with_root(root)


OPERATION_CASE: Final[Variations] = {
    "operation-name-in-other-case": Variation(
        "operation", "names have a case", _in_other_case, "reject", "defect"
    ),
}  # fmt: skip
LINE_ENDS: Final[Variations] = {
    "carriage-returns": Variation(
        "document",
        "lines may end with CR LF",
        _rewritten(lambda text: re.sub(r"><(?!/)", ">\r\n<", text.replace("\n", "\r\n"))),
        "accept",
    ),
}
UNUSED_DECLARATION: Final[Variations] = {
    "unused-declaration": Variation(
        "document", "a namespace may be declared and not used", _in_root_tag(f' xmlns:unused="{FOREIGN}"'), "accept"
    ),
}
UTF_16: Final[Variations] = {
    "utf-16-little-endian": Variation(
        "encoding", "every processor reads UTF-16", _in_utf_16("utf-16-le", "\ufeff"), "accept"
    ),
    "utf-16-big-endian": Variation("encoding", "in either byte order", _in_utf_16("utf-16-be", "\ufeff"), "accept"),
}
OTHER_ENCODINGS: Final[Variations] = {
    "iso-8859-1": Variation(
        "encoding", "ISO-8859-1, named everywhere",
        _non_ascii("iso-8859-1", charset="iso-8859-1", declared="iso-8859-1"), kind="defect",
    ),
    "unknown-charset": Variation(
        "encoding", "a charset that there is not", _non_ascii("utf-8", charset="x-soapstone", declared="utf-8"),
        kind="defect",
    ),
}  # fmt: skip
CHARSET_CONFLICT: Final[Variations] = {
    "charset-against-declaration": Variation(
        "encoding", "the charset parameter wins over the declaration",
        _non_ascii("utf-8", charset="utf-8", declared="iso-8859-1"), kind="defect",
    ),
}  # fmt: skip
NO_CHARSET: Final[Variations] = {
    "no-charset": Variation("encoding", "without a charset parameter XML's own rules hold", _without_charset, "accept"),
}
ILL_ENCODED: Final[Variations] = {
    "ill-formed-utf-8": Variation("encoding", "a byte that no UTF-8 has", _ill_encoded, kind="defect"),
}
LATE_DECLARATION: Final[Variations] = {
    "white-space-before-declaration": Variation(
        "document", "the XML declaration does not come first", _rewritten(lambda text: "\n" + text), "reject", "defect"
    ),
}
XML_1_1: Final[Variations] = {
    "xml-1-1": Variation(
        "document", "another version of XML",
        _rewritten(lambda text: text.replace('version="1.0"', 'version="1.1"', 1)), kind="defect",
    ),
}  # fmt: skip
PROCESSING_INSTRUCTIONS: Final[Variations] = {
    "processing-instruction": Variation(
        "document", "a processing instruction", _within_root("<?soapstone nothing?>"), kind="defect"
    ),
}
MARKUP_BEYOND: Final[Variations] = {
    "text-after-root": Variation("document", "text follows the root element", _after_root("soapstone"), kind="defect"),
    "undeclared-prefix": Variation("document", "a prefix is not declared", _undeclared_prefix, kind="defect"),
}
TYPES: Final[Variations] = {
    "own-xsi-type": Variation("xsi:type", "names the type that the member has", _typed(_own_type), "accept"),
}
OTHER_TYPES: Final[Variations] = {
    "unknown-xsi-type": Variation(
        "xsi:type", "names a type that there is not", _typed(lambda *_: f"u:{UNKNOWN}"), kind="defect"
    ),
    "unrelated-xsi-type": Variation(
        "xsi:type", "names a type that the member has not", _typed(lambda *_: "xsd:date"), kind="defect"
    ),
}
UNKNOWN_MEMBERS: Final[Variations] = {
    "unknown-member": Variation("members", "one that is not documented", _members(_with_unknown_member), kind="defect"),
}
MEMBER_ORDER: Final[Variations] = {
    "members-out-of-order": Variation("members", "the last comes first", _members(_swapped), kind="defect"),
}
MISSING_MEMBERS: Final[Variations] = {
    "member-missing": Variation("members", "the first is absent", _members(_without_first), kind="defect"),
}
UNQUALIFIED_MEMBERS: Final[Variations] = {
    "member-in-no-namespace": Variation("members", "one is in no namespace", _members(_unqualified), kind="defect"),
}
